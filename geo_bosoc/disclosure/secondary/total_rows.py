"""One total over parts: whether it takes a promised value of a part that is suppressed.

`geo_bosoc.disclosure.secondary.totals` decides with it which of several totals are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_bosoc.disclosure.secondary.sums import Runs, Summand, loses_value, losing_sums
from geo_bosoc.disclosure.secondary.suppressed_values import (
    NO_NUMBER,
    CountKind,
    CountTable,
    PartGroup,
    values_like,
)


@dataclass
class TotalRow:
    """A total of one period and indicator, with the positions of its parts."""

    row: int
    area_id: str
    kind: CountKind
    numerator: int
    base: int
    unknown: int
    is_closed: bool
    positions: npt.NDArray[np.bool_]


def total_rows(
    totals: CountTable,
    rows: Sequence[int],
    group: PartGroup,
    members: Mapping[str, Collection[str]] | None,
    closed: Collection[str],
) -> list[TotalRow]:
    """The totals that have counts, those with the fewest parts first."""
    nodes = []
    for row in rows:
        area_id = totals.cells[row][0]
        if totals.base[row] == NO_NUMBER or totals.numerator[row] == NO_NUMBER:
            continue
        positions = np.full(len(group.rows), members is None)
        if members is not None:
            areas = [group.areas[area] for area in members.get(area_id, ()) if area in group.areas]
            positions[areas] = True
        if area_id in group.areas:  # a total that stands among the parts is no part of itself
            positions[group.areas[area_id]] = False
        numerator, base, unknown = int(totals.numerator[row]), int(totals.base[row]), int(totals.unknown[row])
        kind, is_closed = totals.kind(row), area_id in closed
        nodes.append(TotalRow(row, area_id, kind, numerator, base, unknown, is_closed, positions))
    return sorted(nodes, key=lambda node: (int(node.positions.sum()), node.base, node.area_id))


def _rest(node: TotalRow, inner: Sequence[TotalRow]) -> npt.NDArray[np.bool_]:
    """The parts of a total that are in none of the inner ones."""
    rest = node.positions.copy()
    for other in inner:
        rest &= ~other.positions
    return rest


def loses_count(
    node: TotalRow, group: PartGroup, inner: Sequence[TotalRow], inner_bases: Sequence[TotalRow]
) -> tuple[bool, bool]:
    """Whether a total's count, and whether its base takes something away.

    Parameters
    ----------
    node : TotalRow
        The total.
    group : PartGroup
        The parts of its period and indicator.
    inner, inner_bases : sequence of TotalRow
        Totals among its parts whose counts, and whose bases, are shown.
    """
    kind = node.kind
    rest = _rest(node, inner_bases)
    outside = node.base - int(group.base[rest].sum()) - sum(other.base for other in inner_bases)
    small_bases = rest & group.is_hidden & (group.base > 0) & (group.base < kind.minimum)
    missing = int((kind.minimum - 1 - group.base[small_bases]).sum())
    adds_up = False
    if not kind.is_tally and small_bases.any():
        bases = [Summand((range(1, kind.minimum),), True)] * int(small_bases.sum())
        adds_up = node.is_closed and outside == 0
        if adds_up and loses_value(int(group.base[small_bases].sum()), bases):
            return True, True
        if not adds_up and (node.is_closed or outside < missing):
            return True, True
    if not kind.is_tally and 0 < outside < kind.minimum:
        return True, True
    rest = _rest(node, inner)
    outside = node.base - int(group.base[rest].sum()) - sum(other.base for other in inner)
    outside -= 0 if adds_up else missing
    hidden = np.flatnonzero(rest & group.is_hidden)
    if kind.is_mean:
        open_base = outside + int(group.base[hidden].sum())
        return bool(len(hidden)) and (len(hidden) + (outside > 0) < 2 or open_base < kind.minimum), False
    is_shown = rest & ~group.is_hidden
    left = node.numerator - int(group.numerator[is_shown].sum()) - sum(other.numerator for other in inner)
    is_complete = bool((group.numerator[hidden] != NO_NUMBER).all())
    count = left - int(group.numerator[hidden].sum()) if is_complete else None
    others = [group.summands[int(position)] for position in hidden if not (adds_up and small_bases[position])]
    others.append(_outside(node, outside, count))
    of_small_bases = [group.summands[int(position)] for position in np.flatnonzero(small_bases & adds_up)]
    loses = _loses_beside_small_bases(left, others, of_small_bases, kind.scale)
    return loses, loses and kind.is_tally


def tells_beside(node: TotalRow, outer: TotalRow, group: PartGroup, least: int) -> bool:
    """Whether it would tell too much that a total is suppressed, beside another one that is shown.

    That a total is suppressed since it takes a value tells that its sum lies near one of its ends. It excludes nothing
    while the sum may lie near either; a total around it that fits but some of these sums may exclude values.

    Parameters
    ----------
    node, outer : TotalRow
        The total, and one that holds all its parts.
    group : PartGroup
        The parts of their period and indicator.
    least : int
        How many values of a promised part must be left.
    """
    hidden = node.positions & group.is_hidden
    rest = outer.positions & ~node.positions
    if node.kind.is_mean or not hidden.any() or (outer.base == node.base and not rest.any()):
        return False  # the last: of the same people, whose sum is the other one's
    counts = np.where(group.numerator == NO_NUMBER, 0, group.numerator)
    inside = [group.summands[int(position)] for position in np.flatnonzero(hidden)]
    outside = node.base - int(group.base[node.positions].sum())
    inside.append(_outside(node, outside, node.numerator - int(counts[node.positions].sum())))
    outside = outer.base - node.base - int(group.base[rest].sum())
    count = outer.numerator - node.numerator - int(counts[rest].sum())
    others = [group.summands[int(position)] for position in np.flatnonzero(rest & group.is_hidden)]
    others.append(_outside(outer, outside, count))
    if not all(summand.runs for summand in (*inside, *others)):
        return True
    shown = outer.positions & ~group.is_hidden
    left = outer.numerator - int(counts[shown].sum())
    losing = losing_sums(inside)
    if losing is None:
        low, high = _ends(inside)
        every = range(low, high + 1)
        return loses_value(left, [Summand((every,), True), *(Summand(each.runs, False) for each in others)])
    low, high = _ends(others)
    besides = others[0].runs if len(others) == 1 else (range(low, high + 1),)
    fitting = [range(left - run.stop + 1, left - run.start + 1) for run in besides]
    both = [_common(sums, fits) for sums in losing for fits in fitting]
    needed = (least - 1) * node.kind.scale + 1 if node.kind.scale > 1 else least
    sums, ends = [run for run in both if len(run)], _ends(inside)
    return any(_leaves_less(summand, ends, sums, needed) for summand in inside)


def _leaves_less(summand: Summand, ends: tuple[int, int], sums: Sequence[range], least: int) -> bool:
    """Whether fewer than `least` promised values are left where everything, which may add up to what lies between the
    ends, adds up to one of these sums, if to any.
    """
    low, high = ends
    first, last = _ends([summand])
    values = [range(run.start - high + last, run.stop - low + first) for run in sums]
    for run in summand.runs if summand.promised and sums else ():
        left = {value for each in values for value in _common(run, each)}
        if 0 < len(left) < min(least, len(run)):
            return True
    return False


def _ends(summands: Sequence[Summand]) -> tuple[int, int]:
    """The least and the greatest sum."""
    ends = [(summand.runs[0].start, summand.runs[-1].stop - 1) for summand in summands]
    return sum(low for low, _ in ends), sum(high for _, high in ends)


def _common(first: range, other: range) -> range:
    """What two runs have in common."""
    return range(max(first.start, other.start), min(first.stop, other.stop))


def _loses_beside_small_bases(
    left: int, others: Sequence[Summand], of_small_bases: Sequence[Summand], scale: int
) -> bool:
    """`loses_value`, where small bases add up to a known sum: of all but one, only 0 and 1 go with any base."""
    safe = [
        Summand(tuple(range(run.start, min(run.stop, scale + 1)) for run in summand.runs), False)
        for summand in of_small_bases
    ]
    safe = [Summand(tuple(run for run in summand.runs if len(run)), False) for summand in safe]
    if loses_value(left, [*others, *safe]):
        return True
    unpromised = [Summand(summand.runs, False) for summand in others]
    tried: set[Runs] = set()
    for number, summand in enumerate(of_small_bases):
        if summand.runs not in tried:
            tried.add(summand.runs)
            if loses_value(left, [summand, *unpromised, *safe[:number], *safe[number + 1 :]]):
                return True
    return False


def _outside(node: TotalRow, base: int, count: int | None) -> Summand:
    """Everybody outside the parts, as one more summand."""
    kind = node.kind
    if kind.is_tally:
        if node.is_closed:
            return Summand((range(min(count or 0, 0), max(count or 0, 0) + 1),), False)
        return values_like(count, None, kind.minimum, kind.scale)
    most = base * kind.scale
    if count is None or not 0 <= count <= most:
        ends = (0, most, count or 0)
        return Summand((range(min(ends), max(ends) + 1),), False)
    return values_like(count, base, kind.minimum, kind.scale)


def loses_unknown(node: TotalRow, group: PartGroup, inner: Sequence[TotalRow]) -> bool:
    """Whether how many are unknown in a total takes a promised value of how many are in a part.

    Parameters
    ----------
    node : TotalRow
        The total.
    group : PartGroup
        The parts of its period and indicator.
    inner : sequence of TotalRow
        Totals among its parts whose unknowns are shown.
    """
    rest = _rest(node, inner)
    minimum, unknown = node.kind.minimum, group.unknown
    hidden = rest & (group.is_hidden | ((unknown > 0) & (unknown < minimum)))
    if not hidden.any():
        return False
    if node.kind.unknown == "met":
        return True
    left = node.unknown - int(unknown[rest & ~hidden].sum()) - sum(other.unknown for other in inner)
    count = left - int(unknown[hidden].sum())
    summands = [values_like(int(number), None, minimum) for number in unknown[hidden]]
    outside = (
        Summand((range(min(count, 0), max(count, 0) + 1),), False)
        if node.is_closed or count < 0
        else values_like(count, None, minimum)
    )
    return loses_value(left, [*summands, outside])
