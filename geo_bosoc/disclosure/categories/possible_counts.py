"""The counts that a suppressed figure's mark and base leave open, as bits, for `categories.worlds`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.indicators.spec import Indicator

_SIDE_BITS: Final = 20
"""Bits of one side's counts; with a higher minimum, neighbouring counts share a bit and count as one."""
_BASE_BITS: Final = 2 * _SIDE_BITS
"""Bits of a base that is small itself stand from here on."""

PointsOf = Callable[[Fraction], Hashable]


class PossibleCounts(NamedTuple):
    """The values of a figure that are possible, and which of them are promised to stay so.

    Attributes
    ----------
    values : tuple of (Fraction, int)
        Each with the bits of its counts, in order. Of full-time persons a value stands for those from it to the next
        that give the same points.
    promised : tuple of int
        Bits of the counts of each side, of which enough must stay possible.
    small : tuple of (Fraction, Fraction)
        Of full-time persons, between which values (exclusive) the figure is small; empty where `values` are all.
    """

    values: tuple[tuple[Fraction, int], ...] = ()
    promised: tuple[int, ...] = ()
    small: tuple[tuple[Fraction, Fraction], ...] = ()

    def position(self, value: Fraction) -> int | None:
        """Which of the values a true one is, or stands behind; None for one that is suppressed for another's sake."""
        number = bisect_right(self.values, value, key=lambda each: each[0]) - 1
        if number >= 0 and self.values[number][0] == value:
            return number
        return number if any(low < value < high for low, high in self.small) else None


def possible_counts(
    spec: Indicator | None, persons: int | None, policy: Policy, points_of: PointsOf
) -> PossibleCounts:
    """The values that a mark and a base leave open.

    None are given where a figure may have any value and nothing is promised: of a mean, of a weighted share, and where
    unknowns count as met, of whom nobody is told how many they are.

    Parameters
    ----------
    spec : Indicator or None
        What the figure is; a share where it is None.
    persons : int or None
        Its base, None where that is suppressed.
    policy : Policy
        What is small.
    points_of : callable
        The points that a value gives: full-time persons are told apart by them.

    Examples
    --------
    >>> counts = possible_counts(None, 20, Policy(), lambda value: 0)
    >>> [str(value * 20) for value, _ in counts.values], [bin(side) for side in counts.promised]
    (['1', '2', '3', '4', '16', '17', '18', '19'], ['0b11110', '0b1111000000000000000000000'])
    """
    if spec is not None and (
        spec.unit == "mean" or spec.mean_of is not None or spec.weight is not None or spec.unknown == "met"
    ):
        return PossibleCounts()
    small = range(0 if policy.zeros == "hide" else 1, policy.minimum)
    if spec is not None and spec.unit == "count":
        values = tuple((Fraction(count), _bit(count, policy)) for count in small)
        return PossibleCounts(values, (_side(small, policy),))
    if persons is None:
        return _of_hidden_base(small, policy)
    if spec is not None and spec.scale != 1:
        return _of_full_time(persons, spec.scale, policy, points_of)
    low = {count: _bit(count, policy) for count in small if count <= persons}
    high = {persons - count: bit << _SIDE_BITS for count, bit in low.items()}
    side = _side(low, policy)
    return PossibleCounts(
        tuple(
            (Fraction(count, persons), low.get(count, 0) | high.get(count, 0)) for count in sorted(low | high)
        ),
        (side, side << _SIDE_BITS),
    )


def counts_left(
    spec: Indicator | None, persons: int | None, bits: int, policy: Policy
) -> frozenset[int] | None:
    """The counts behind some bits; None for full-time persons, whose counts are no whole numbers.

    >>> sorted(counts_left(None, 20, 0b110, Policy()))
    [1, 2]
    """
    if spec is not None and spec.scale != 1:
        return None
    if persons is None and not (spec is not None and spec.unit == "count"):
        return frozenset(count for count in range(policy.minimum) if _bit(count, policy) & bits)
    values = possible_counts(spec, persons, policy, lambda value: 0).values
    return frozenset(int(value * (persons or 1)) for value, counts in values if counts & bits)


def _of_hidden_base(small: range, policy: Policy) -> PossibleCounts:
    """Any count of a base under `minimum`, and of the larger ones that `minimum_base` hides the small counts."""
    bits: dict[Fraction, int] = {}

    def add(count: int, size: int, counts: int) -> None:
        bits[Fraction(count, size)] = bits.get(Fraction(count, size), 0) | counts

    for size in range(1, policy.minimum):
        for count in range(size + 1):
            add(count, size, _bit(count, policy) | _bit(size, policy) << _BASE_BITS)
    for size in range(policy.minimum, policy.minimum_base):
        for count in small:
            add(count, size, _bit(count, policy))
            add(size - count, size, _bit(count, policy) << _SIDE_BITS)
    every, side = _side(range(policy.minimum), policy), _side(small, policy)
    promised: tuple[int, ...] = (every, (every & ~1) << _BASE_BITS)
    if policy.minimum_base > policy.minimum:
        promised += (side, side << _SIDE_BITS)
    return PossibleCounts(tuple(sorted(bits.items())), tuple(dict.fromkeys(promised)))


def _of_full_time(persons: int, scale: int, policy: Policy, points_of: PointsOf) -> PossibleCounts:
    """Full-time persons under `minimum` or all but so many: by whole persons, and by points within each."""
    most, small = persons * scale, min(policy.minimum, persons)
    first = 0 if policy.zeros == "hide" else 1
    starts = {max(count * scale, first) for count in range(small + 1)}
    edges = sorted(
        {edge for edge in starts | {most - start + 1 for start in starts} if 0 <= edge <= most + 1}
    )

    def bits_of(numerator: int) -> int:
        sides = ((numerator, 0), (most - numerator, _SIDE_BITS))
        return sum(
            _bit(count // scale, policy) << side for count, side in sides if first <= count < small * scale
        )

    values = [
        (Fraction(numerator, most), bits_of(numerator))
        for start, end in pairwise(edges)
        if bits_of(start)
        for numerator in _starts(start, end - 1, lambda n: points_of(Fraction(n, most)))
    ]
    every, limit = _side(range(small), policy), Fraction(small, persons)
    between = ((Fraction(0), limit), (1 - limit, Fraction(1)))
    return PossibleCounts(tuple(values), (every, every << _SIDE_BITS), between)


def _starts(low: int, high: int, points_of: Callable[[int], Hashable]) -> Iterator[int]:
    """The first whole number of each run with the same points; points only rise or only fall on the way."""
    while low <= high:
        yield low
        same, other = low, high + 1
        while other - same > 1:
            middle = (same + other) // 2
            if points_of(middle) == points_of(low):
                same = middle
            else:
                other = middle
        low = other


def _bit(count: int, policy: Policy) -> int:
    return 1 << (count if policy.minimum <= _SIDE_BITS else count * _SIDE_BITS // policy.minimum)


def _side(counts: Iterable[int], policy: Policy) -> int:
    bits = 0
    for count in counts:
        bits |= _bit(count, policy)
    return bits
