"""What a published sum says of its summands: which of their values it leaves possible.

A summand is a suppressed count with the values that it may have. All is exact: sets of sums are intervals where they
are contiguous, and else bits of Python's integers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

Runs = tuple[range, ...]
"""Whole numbers as runs: ranges with step 1, in order, with gaps between them."""

UNBOUNDED: Final = 10**12
"""More than any count: the end of a run without end."""

MOST_BITS: Final = 2**28
"""Bits times distinct sets up to which sums without a closed form are worked out; above, a value counts as lost."""


class Summand(NamedTuple):
    """A count that is not shown, as one part of a sum.

    Attributes
    ----------
    runs : Runs
        The values that it may have.
    promised : bool
        Whether each of them must stay possible.
    """

    runs: Runs
    promised: bool


def runs_of(values: Collection[int] | Runs) -> Runs:
    """Values as runs.

    Parameters
    ----------
    values : collection of int, or Runs
        Whole numbers; ranges with step 1 that are in order stay as they are.

    Examples
    --------
    >>> runs_of({1, 2, 3, 8, 9})
    (range(1, 4), range(8, 10))
    """
    if isinstance(values, range) and values.step == 1:
        return (values,) if len(values) else ()
    if isinstance(values, tuple) and all(isinstance(run, range) for run in values):
        return tuple(run for run in values if isinstance(run, range) and len(run))
    ordered = sorted({int(value) for value in values if not isinstance(value, range)})
    if not ordered:
        return ()
    breaks = [(before, after) for before, after in pairwise(ordered) if after > before + 1]
    starts = [ordered[0], *(after for _, after in breaks)]
    ends = [*(before for before, _ in breaks), ordered[-1]]
    return tuple(range(start, end + 1) for start, end in zip(starts, ends, strict=True))


def loses_value(total: int, summands: Sequence[Summand]) -> bool:
    """Whether some promised value of a summand cannot be, given what all of them add up to.

    Sums of the others are an interval where gaps in their values are no longer than the sums of the others' runs: then
    the answer is a comparison, for each summand in turn. Where it is not so, sums are bits of an integer.

    Parameters
    ----------
    total : int
        The sum.
    summands : sequence of Summand
        Everything that is added.

    Returns
    -------
    bool
        True too where the sum cannot be at all, or takes too long to work out.

    Examples
    --------
    Two counts of 1 to 4 keep all their values if they add up to 5, and none but 4 if to 8.

    >>> few = Summand((range(1, 5),), True)
    >>> loses_value(5, [few, few]), loses_value(8, [few, few])
    (False, True)
    """
    if not any(summand.promised for summand in summands):
        return False
    if not all(summand.runs for summand in summands):
        return True
    spans = [summand.runs[-1].stop - 1 - summand.runs[0].start for summand in summands]
    rest = total - sum(summand.runs[0].start for summand in summands)
    most = sum(spans)
    for summand, span in zip(summands, spans, strict=True):
        if summand.promised and not span <= rest <= most - span:
            return True
    chain = _Chain(summands, spans)
    undecided = [
        number
        for number, summand in enumerate(summands)
        if summand.promised and not chain.is_contiguous_without(number)
    ]
    if not undecided:
        return False
    mirrored = 2 * rest > most
    shapes = [_offsets(summand.runs, mirrored) for summand in summands]
    return _loses_by_bits(most - rest if mirrored else rest, shapes, undecided)


def losing_sums(summands: Sequence[Summand]) -> Runs | None:
    """The sums with which some promised value cannot be: those near either end.

    Parameters
    ----------
    summands : sequence of Summand
        Everything that is added; each has values.

    Returns
    -------
    Runs or None
        None where gaps between values may let go others as well.

    Examples
    --------
    >>> few = Summand((range(1, 5),), True)
    >>> losing_sums([few, few]), losing_sums([few, few, few])
    ((range(2, 5), range(6, 9)), (range(3, 6), range(10, 13)))
    """
    spans = [summand.runs[-1].stop - 1 - summand.runs[0].start for summand in summands]
    chain = _Chain(summands, spans)
    promised = [number for number, summand in enumerate(summands) if summand.promised]
    if not all(chain.is_contiguous_without(number) for number in promised):
        return None
    first, most = sum(summand.runs[0].start for summand in summands), sum(spans)
    width = min(max((spans[number] for number in promised), default=0), most + 1)
    if 2 * width > most:
        return (range(first, first + most + 1),) if promised else ()
    return runs_of((range(first, first + width), range(first + most - width + 1, first + most + 1)))


def values_left(total: int, summands: Sequence[Summand]) -> list[list[int]]:
    """The values that each summand still may have, given what all of them add up to.

    For short sums: the time grows with the square of their number.

    Parameters
    ----------
    total : int
        The sum.
    summands : sequence of Summand
        Everything that is added.

    Examples
    --------
    >>> values_left(3, [Summand((range(1, 5),), True), Summand((range(0, 1), range(2, 9)), False)])
    [[1, 3], [0, 2]]
    """
    if not all(summand.runs for summand in summands):
        return [[] for _ in summands]
    rest = total - sum(summand.runs[0].start for summand in summands)
    if rest < 0:
        return [[] for _ in summands]
    shapes = [_offsets(summand.runs, mirrored=False) for summand in summands]
    left = []
    for number, summand in enumerate(summands):
        others = 1
        for other, shape in enumerate(shapes):
            if other != number:
                others = _add(others, shape, rest)
        first = summand.runs[0].start
        left.append(
            [
                value
                for run in summand.runs
                for value in run
                if value - first <= rest and others >> (rest - value + first) & 1
            ]
        )
    return left


def keeps_every_value(small_counts: int, others: int, together: int, small: int, most: int) -> bool:
    """Whether each small count may have every value, given what it and hidden others add up to.

    Parameters
    ----------
    small_counts, others : int
        How many counts are 1 to `small` - 1, and how many `small` to `most`.
    together : int
        What they add up to.
    small, most : int
        Ends of the values.

    Returns
    -------
    bool
        The same for each outcome that would leave the same others hidden.

    Notes
    -----
    Where others are hidden, fewer of them were not enough. That excludes sums of the small counts that are enough by
    themselves: two sums besides, between which each value is found, must fit. And it excludes that the others but the
    last are large: they must fit with each of these at `small`, with which they never were enough.

    Examples
    --------
    A count of 1 to 4 and one of 5 to 95 that are 10 together; but not if they are 9.

    >>> keeps_every_value(1, 1, 10, 5, 95), keeps_every_value(1, 1, 9, 5, 95)
    (True, False)
    """
    largest = small - 1
    if not others:
        return small_counts + largest - 1 <= together <= 1 + largest * (small_counts - 1)
    low, high = (
        (1, largest) if small_counts == 1 else (largest + small_counts - 2, 2 + largest * (small_counts - 1))
    )
    last = together - (others - 1) * small
    return last - high > small and last - low <= most


class _Chain:
    """Whether all sums but one's are an interval, by a rule that is enough and quick.

    Each set of values is a smaller one plus a run from 0 as long as its shortest run. The runs add up to an interval;
    to that the smaller sets are added, those with the shortest gaps first, and it stays an interval while no gap is
    longer than it is.
    """

    def __init__(self, summands: Sequence[Summand], spans: Sequence[int]) -> None:
        self.spans = spans
        self.shortest = [min(len(run) for run in summand.runs) - 1 for summand in summands]
        gapped = []
        for number, summand in enumerate(summands):
            if len(summand.runs) > 1:
                gaps = (after.start - before.stop + 1 for before, after in pairwise(summand.runs))
                gapped.append((max(gaps) + self.shortest[number], number))
        gapped.sort()
        length = sum(self.shortest)
        slack = []
        self.position = {number: position for position, (_, number) in enumerate(gapped)}
        for gap, number in gapped:
            slack.append(length + 1 - gap)
            length += spans[number] - self.shortest[number]
        self.slack_before = [UNBOUNDED, *accumulate(slack, min)]
        self.slack_from = [*reversed([*accumulate(reversed(slack), min)]), UNBOUNDED]

    def is_contiguous_without(self, number: int) -> bool:
        """Whether it is certain that the sums of all others are an interval."""
        position = self.position.get(number)
        if position is None:
            return self.slack_from[0] >= self.shortest[number]
        before, after = self.slack_before[position], self.slack_from[position + 1]
        return before >= self.shortest[number] and after >= self.spans[number]


Offsets = tuple[tuple[int, int], ...]
"""Runs as first and last value, counted from the least value (or, mirrored, down from the greatest)."""


def _offsets(runs: Runs, mirrored: bool) -> Offsets:
    first, last = runs[0].start, runs[-1].stop - 1
    if mirrored:
        return tuple((last - run.stop + 1, last - run.start) for run in reversed(runs))
    return tuple((run.start - first, run.stop - 1 - first) for run in runs)


def _loses_by_bits(rest: int, shapes: Sequence[Offsets], undecided: Sequence[int]) -> bool:
    """`loses_value` for some summands, by dynamic programming over sums up to `rest`.

    Summands of the same shape have the same answer. The others are added once, and each distinct shape is left out by
    adding halves: of n shapes each is added log2(n) times.
    """
    distinct = sorted({shapes[number] for number in undecided})
    if (rest + 1) * len(distinct) > MOST_BITS:
        return True
    remaining = list(shapes)
    for shape in distinct:
        remaining.remove(shape)
    bits = _add(1, ((0, sum(shape[-1][1] for shape in remaining if len(shape) == 1)),), rest)
    for shape in remaining:
        if len(shape) > 1:
            bits = _add(bits, shape, rest)

    def loses(others: int, left_out: list[Offsets]) -> bool:
        if len(left_out) == 1:
            return any(
                not others >> (rest - value) & 1
                for first, last in left_out[0]
                for value in range(first, last + 1)
            )
        middle = len(left_out) // 2
        for half, rest_of_them in (
            (left_out[:middle], left_out[middle:]),
            (left_out[middle:], left_out[:middle]),
        ):
            sums = others
            for shape in rest_of_them:
                sums = _add(sums, shape, rest)
            if loses(sums, half):
                return True
        return False

    return loses(bits, distinct)


def _add(bits: int, shape: Offsets, most: int) -> int:
    """The sums (bits) with one more summand, up to `most`."""
    mask = (1 << most + 1) - 1
    added = 0
    for first, last in shape:
        if first > most:
            continue
        length, run = min(last, most) - first + 1, bits
        reach = 1
        while reach < length:
            step = min(reach, length - reach)
            run |= run << step
            reach += step
        added |= run << first
    return added & mask
