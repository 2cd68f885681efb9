"""Totals over areas: which may be shown beside suppressed parts, and which parts go with them.

A total is shown only if no promised value of a suppressed part is lost by what it adds up to. Its summands are the
suppressed parts and everybody outside all parts, who are one more count that nobody is told.

What decisions tell. A *shown* total was tried with values of the same kind as the true ones
(`geo_bosoc.disclosure.suppressed_values`): in each of these cases the same total, parts and decisions come out, so that
they tell nothing more. A *suppressed* total tells that its sum lies where some value would be lost; of a part with at
least two promised values that excludes none, since with any of them all other parts may be at one end of theirs, and
that sum takes values. Parts that `cells_to_add` suppresses until there are three are chosen by how many there are and
by their base, which are public. Those that it adds because the total would still take something tell just that: their
counts are such that with one part fewer the rest was near one of its ends.

Not covered: that a total is suppressed beside a shown one that holds its parts, which tells that its sum lies near an
end (it takes values only where bases are a handful); totals that overlap without one holding the other's parts, each
of which is judged by itself; parts that overlap, whose sum is only bounded; what somebody knows of single parts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.disclosure.primary import CELL
from geo_bosoc.disclosure.sums import Runs, Summand, loses_value
from geo_bosoc.disclosure.suppressed_values import (
    FIGURES,
    NO_NUMBER,
    Cell,
    CountKind,
    CountTable,
    PartGroup,
    count_groups,
    values_like,
)
from geo_bosoc.indicators.spec import Indicator


class Additions(NamedTuple):
    """What `cells_to_add` suppresses.

    Attributes
    ----------
    cells : DataFrame
        ``area_id, period, indicator`` of parts, in the order in which they were chosen.
    totals : DataFrame
        The same of totals that must go, since no choice of parts is enough.
    """

    cells: pd.DataFrame
    totals: pd.DataFrame


def unsafe_totals(
    totals: pd.DataFrame,
    parts: pd.DataFrame,
    possible: Mapping[Cell, Collection[int] | Runs],
    *,
    members: Mapping[str, Collection[str]] | None = None,
    indicators: Sequence[Indicator] = (),
    minimum: int = 5,
    closed: Collection[str] = (ALL_AREAS,),
    last: Collection[str] = (MUNICIPALITY,),
) -> pd.DataFrame:
    """What of each total must not be shown, since with the parts it takes a value that was promised.

    A total that holds another one's parts is judged with the other one's total, too: of two that are both shown, what
    is left between them is one more count. Full-time persons are judged in fixed point, each kind as one interval;
    weighted counts as if each person weighed at most `MOST_WEIGHT`; of means only the base counts: at least two means
    stay open, over `minimum` persons.

    Parameters
    ----------
    totals : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts of reference areas, or of areas
        that hold others. Totals without counts are not shown, and no row for a total means the same.
    parts : DataFrame
        The same of all parts, shown or not. One without a base counts as outside the parts.
    possible : mapping of (str, str, str) to collection of int
        The suppressed parts by area, period and indicator, and the values that each may have: those of its own kind
        (`possible_values`), less those that something else that is published excludes. All of them must stay possible
        where the true count is small; other suppressed parts (secondary ones) promise nothing.
    members : mapping of str to collection of str, optional
        The parts of each total, by area id: areas that do not overlap. Left out: all parts are parts of each.
    indicators : sequence of Indicator
        What the figures are; others are judged as shares.
    minimum : int
        Persons.
    closed : collection of str
        Totals of which everybody knows that nobody is outside their parts.
    last : collection of str
        Totals that stay when one of theirs can go instead.

    Returns
    -------
    DataFrame of bool
        On the index of `totals`: ``numerator`` (the count and all that tells it), ``unknown`` (it is then told without,
        as in `geo_bosoc.disclosure.primary.without_small_unknown`), ``denominator``.

    Notes
    -----
    Where bases of parts are suppressed, a total's base stays only if everybody outside could be as few as would make
    each of these bases ``minimum - 1``. Where parts overlap, bases add up to more than the total's: the difference
    between counts is then any from minus as many persons to 0.

    Examples
    --------
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]
    >>> parts = pd.DataFrame([("a", "2024", "i", 3, 50, 0), ("b", "2024", "i", 9, 60, 0)], columns=columns)
    >>> total = pd.DataFrame([("@areas", "2024", "i", 12, 110, 0)], columns=columns)
    >>> unsafe_totals(total, parts, {("a", "2024", "i"): range(1, 5)})["numerator"].tolist()
    [True]
    """
    specs = {indicator.id: indicator for indicator in indicators}
    part_table, total_table = CountTable(parts, specs, minimum), CountTable(totals, specs, minimum)
    flags = np.zeros((len(totals), 3), dtype=bool)
    within = _within({cell[0] for cell in total_table.cells}, members)
    for rows, of_group in count_groups(total_table, part_table):
        group = PartGroup(part_table, of_group, possible)
        nodes = _nodes(total_table, rows, group, members, closed)
        for node, figures in _decide(nodes, group, within, last):
            flags[node.row] = figures
    return pd.DataFrame(flags, index=totals.index, columns=list(FIGURES))


def cells_to_add(
    totals: pd.DataFrame,
    parts: pd.DataFrame,
    possible: Mapping[Cell, Collection[int] | Runs],
    *,
    stay: Collection[str] = (MUNICIPALITY,),
    least_parts: int = 3,
    further: bool = True,
    members: Mapping[str, Collection[str]] | None = None,
    indicators: Sequence[Indicator] = (),
    minimum: int = 5,
    closed: Collection[str] = (ALL_AREAS,),
) -> Additions:
    """Parts that are suppressed too, so that totals may stay: by base, the smallest first, then by area id.

    Where (nearly) nobody is outside the parts, parts are added until `least_parts` of them are suppressed; then, with
    `further`, until the total takes no promised value. Where that is not enough, none is added and the total goes.

    Parameters
    ----------
    totals, parts : DataFrame
        As in `unsafe_totals`.
    possible : mapping of (str, str, str) to collection of int
        As in `unsafe_totals`.
    stay : collection of str
        Area ids of the totals to keep; one after the other, each with the parts that were added for those before it.
    least_parts : int
        The least number of suppressed parts of a total that has any.
    further : bool
        False lets a total go that `least_parts` are not enough for. More parts tell that fewer were not enough.
    members : mapping of str to collection of str, optional
        As in `unsafe_totals`.
    indicators : sequence of Indicator
        As in `unsafe_totals`.
    minimum : int
        Persons.
    closed : collection of str
        As in `unsafe_totals`.

    Returns
    -------
    Additions
        Add `possible_values` of its cells to `possible` before totals are judged.

    Examples
    --------
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]
    >>> rows = [(area, "2024", "i", n, 50, 0) for area, n in [("a", 3), ("b", 9), ("c", 9), ("d", 9)]]
    >>> parts = pd.DataFrame(rows, columns=columns)
    >>> total = pd.DataFrame([("@municipality", "2024", "i", 30, 200, 0)], columns=columns)
    >>> cells_to_add(total, parts, {("a", "2024", "i"): range(1, 5)}).cells["area_id"].tolist()
    ['b', 'c']
    """
    specs = {indicator.id: indicator for indicator in indicators}
    part_table, total_table = CountTable(parts, specs, minimum), CountTable(totals, specs, minimum)
    added: list[Cell] = []
    lost: list[Cell] = []
    for rows, of_group in count_groups(total_table, part_table):
        group = PartGroup(part_table, of_group, possible)
        nodes = {node.area_id: node for node in _nodes(total_table, rows, group, members, closed)}
        for area_id in stay:
            if area_id in nodes:
                chosen = _add_parts(nodes[area_id], group, least_parts, further)
                if chosen is None:
                    lost.append(total_table.cells[nodes[area_id].row])
                else:
                    added += [part_table.cells[group.rows[position]] for position in chosen]
    return Additions(pd.DataFrame(added, columns=list(CELL)), pd.DataFrame(lost, columns=list(CELL)))


@dataclass
class _Node:
    """A total of one period and indicator, with the positions of its parts."""

    row: int
    area_id: str
    kind: CountKind
    numerator: int
    base: int
    unknown: int
    is_closed: bool
    positions: npt.NDArray[np.bool_]


def _nodes(
    totals: CountTable,
    rows: Sequence[int],
    group: PartGroup,
    members: Mapping[str, Collection[str]] | None,
    closed: Collection[str],
) -> list[_Node]:
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
        nodes.append(_Node(row, area_id, kind, numerator, base, unknown, is_closed, positions))
    return sorted(nodes, key=lambda node: (int(node.positions.sum()), node.base, node.area_id))


def _within(totals: Collection[str], members: Mapping[str, Collection[str]] | None) -> dict[str, list[str]]:
    """For each total the others whose parts are all among its own, those with the most parts first."""
    if members is None:
        return {outer: sorted(inner for inner in totals if inner != outer) for outer in totals}
    sets = {total: frozenset(members.get(total, ())) for total in totals}
    ordered = sorted((total for total in totals if sets[total]), key=lambda total: (-len(sets[total]), total))
    return {
        outer: [inner for inner in ordered if inner != outer and sets[inner] <= sets[outer]]
        for outer in totals
    }


def _decide(
    nodes: Sequence[_Node], group: PartGroup, within: Mapping[str, Sequence[str]], last: Collection[str]
) -> Iterator[tuple[_Node, tuple[bool, bool, bool]]]:
    """What must go of each total, those with the fewest parts first: each is judged with those that stay."""
    shown: dict[str, _Node] = {}
    bases: dict[str, _Node] = {}
    gone: dict[str, tuple[bool, bool]] = {}
    for node in nodes:
        loses = _loses(node, group, _inner(node, shown, within), _inner(node, bases, within))
        inner = sorted(_inner(node, shown, within), key=lambda other: (other.base, other.area_id))
        while loses[0] and node.area_id in last and inner:
            other = inner.pop(0)
            del shown[other.area_id]
            if loses[1]:
                bases.pop(other.area_id, None)
            gone[other.area_id] = (True, other.area_id not in bases)
            loses = _loses(node, group, _inner(node, shown, within), _inner(node, bases, within))
        gone[node.area_id] = loses
        if not loses[0]:
            shown[node.area_id] = node
        if not loses[1]:
            bases[node.area_id] = node
    with_unknown: dict[str, _Node] = {}
    for node in nodes:
        count_goes, base_goes = gone[node.area_id]
        unknown_goes = count_goes
        if not count_goes and not 0 < node.unknown < node.kind.minimum:
            unknown_goes = _loses_unknown(node, group, _inner(node, with_unknown, within))
            if not unknown_goes:
                with_unknown[node.area_id] = node
        yield node, (count_goes, unknown_goes, base_goes)


def _inner(node: _Node, shown: Mapping[str, _Node], within: Mapping[str, Sequence[str]]) -> list[_Node]:
    """Totals that are shown and whose parts are all among a total's, the largest first, none sharing parts."""
    others = [shown[area_id] for area_id in within[node.area_id] if area_id in shown]
    if len(others) > 1:
        others.sort(key=lambda other: (-other.positions.sum(), -other.base, other.area_id))
    inner: list[_Node] = []
    taken = np.zeros_like(node.positions)
    for other in others:
        if other.base <= node.base and not (other.positions & taken).any():
            inner.append(other)
            taken |= other.positions
    return inner


def _rest(node: _Node, inner: Sequence[_Node]) -> npt.NDArray[np.bool_]:
    """The parts of a total that are in none of the inner ones."""
    rest = node.positions.copy()
    for other in inner:
        rest &= ~other.positions
    return rest


def _loses(
    node: _Node, group: PartGroup, inner: Sequence[_Node], inner_bases: Sequence[_Node]
) -> tuple[bool, bool]:
    """Whether a total's count, and whether its base takes something away."""
    kind = node.kind
    rest = _rest(node, inner_bases)
    outside = node.base - int(group.base[rest].sum()) - sum(other.base for other in inner_bases)
    few_bases = rest & group.is_hidden & (group.base > 0) & (group.base < kind.minimum)
    missing = int((kind.minimum - 1 - group.base[few_bases]).sum())
    if not kind.is_tally and few_bases.any() and (node.is_closed or outside < missing):
        return True, True
    if not kind.is_tally and 0 < outside < kind.minimum:
        return True, True
    rest = _rest(node, inner)
    summands = [group.summands[int(position)] for position in np.flatnonzero(rest & group.is_hidden)]
    outside = node.base - int(group.base[rest].sum()) - sum(other.base for other in inner) - missing
    if kind.is_mean:
        open_base = outside + int(group.base[rest & group.is_hidden].sum())
        return bool(summands) and (len(summands) + (outside > 0) < 2 or open_base < kind.minimum), False
    is_shown = rest & ~group.is_hidden
    left = node.numerator - int(group.numerator[is_shown].sum()) - sum(other.numerator for other in inner)
    hidden_counts = group.numerator[rest & group.is_hidden]
    is_complete = bool((hidden_counts != NO_NUMBER).all())
    count = left - int(hidden_counts.sum()) if is_complete else None
    loses = loses_value(left, [*summands, _outside(node, outside, count)])
    return loses, loses and kind.is_tally


def _outside(node: _Node, base: int, count: int | None) -> Summand:
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


def _loses_unknown(node: _Node, group: PartGroup, inner: Sequence[_Node]) -> bool:
    """Whether how many are unknown in a total takes a promised value of how many are in a part."""
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


def _add_parts(node: _Node, group: PartGroup, least_parts: int, further: bool) -> list[int] | None:
    """Positions of the parts that are suppressed for a total's sake, which are then suppressed; None where all are not
    enough."""
    outside = node.base - int(group.base[node.positions].sum())
    is_made_up = node.is_closed or outside < node.kind.minimum
    positions = np.flatnonzero(node.positions)
    candidates = sorted(
        (int(group.base[position]), group.table.cells[group.rows[position]][0], int(position))
        for position in positions
        if not group.is_hidden[position] and group.base[position] > 0
    )
    chosen: list[int] = []
    while True:
        number = int(group.is_hidden[positions].sum())
        enough = number == 0 or number >= least_parts or not is_made_up
        if enough and not _loses(node, group, (), ())[0]:
            return chosen
        if not candidates or (enough and not further):
            for position in chosen:
                group.show(position)
            return None
        chosen.append(candidates.pop(0)[2])
        group.hide(chosen[-1])
