"""Totals over areas: which may be shown beside suppressed parts, and which parts go with them.

A total is shown only if no promised value of a suppressed part is lost by what it adds up to. Its summands are the
suppressed parts and everybody outside all parts, who are one more count that nobody is told.

What decisions tell. A *shown* total was tried with values of the same kind as the true ones
(`secondary.suppressed_values`): in each of these cases the same total, parts and decisions come out, so that
they tell nothing more. A *suppressed* total tells that its sum lies where some value would be lost; of a part with at
least two promised values that excludes none, since with any of them all other parts may be at one end of theirs, and
that sum takes values. Parts that `cells_to_add` suppresses until there are three are chosen by how many there are and
by their base, which are public. Those that it adds because the total would still take something tell just that: their
counts are such that with one part fewer the rest was near one of its ends.

A total beside a shown one around it. There the sum is bounded by what everybody outside may be, and that it lies near
an end might say near which. Where the sums near an end that fit the other total would leave too few values of a part,
the inner total goes, whatever its sum is: that is decided by what is shown alone.

Not covered: totals that overlap without one holding the other's parts, each of which is judged by itself; parts that
overlap, whose sum is only bounded; what somebody knows of single parts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.disclosure.primary import CELL
from geo_bosoc.disclosure.secondary.sums import Runs
from geo_bosoc.disclosure.secondary.suppressed_values import (
    FIGURES,
    Cell,
    CountTable,
    PartGroup,
    count_groups,
)
from geo_bosoc.disclosure.secondary.total_rows import (
    TotalRow,
    loses_count,
    loses_unknown,
    tells_beside,
    total_rows,
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
    least: int | None = None,
    promised: Collection[Cell] = (),
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
    least : int, optional
        How many promised values must be left by *that* a total is suppressed; all of them if left out.
    promised : collection of (str, str, str), optional
        Suppressed parts that are not small and whose values must stay possible all the same.

    Returns
    -------
    DataFrame of bool
        On the index of `totals`: ``numerator`` (the count and all that tells it), ``unknown`` (it is then told without,
        as in `geo_bosoc.disclosure.primary.without_small_unknown`), ``denominator``.

    Notes
    -----
    Where bases of parts are suppressed, a total's base stays only if as many people are outside as would make each
    of these bases ``minimum - 1``; with nobody outside, if each of them keeps its values from 1 up in their sum. Where
    parts overlap, bases add up to more than the total's: the difference between counts is then any from minus as many
    persons to 0.

    Examples
    --------
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]
    >>> parts = pd.DataFrame([("a", "2024", "i", 3, 50, 0), ("b", "2024", "i", 9, 60, 0)], columns=columns)
    >>> total = pd.DataFrame([("@areas", "2024", "i", 12, 110, 0)], columns=columns)
    >>> unsafe_totals(total, parts, {("a", "2024", "i"): range(1, 5)})["numerator"].tolist()
    [True]
    """
    least = minimum if least is None else least
    specs = {indicator.id: indicator for indicator in indicators}
    part_table, total_table = CountTable(parts, specs, minimum), CountTable(totals, specs, minimum)
    flags = np.zeros((len(totals), 3), dtype=bool)
    within = _within({cell[0] for cell in total_table.cells}, members)
    for rows, of_group in count_groups(total_table, part_table):
        group = PartGroup(part_table, of_group, possible, promised)
        nodes = total_rows(total_table, rows, group, members, closed)
        for node, figures in _decide(nodes, group, within, last, least):
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
    least: int = 2,
) -> Additions:
    """Parts that are suppressed too, so that totals may stay: by base, the smallest first, then by area id.

    Where (nearly) nobody is outside the parts, parts are added until `least_parts` of them are suppressed; then, with
    `further`, until the total takes no promised value. Where that is not enough, none is added and the total goes.
    Where every value of a small count is promised, none is added and the total goes at once: that so many parts were
    not enough would exclude one.

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
    least : int
        How many values of a small count must be left.

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
        nodes = {node.area_id: node for node in total_rows(total_table, rows, group, members, closed)}
        for area_id in stay:
            if area_id in nodes:
                may_add = least < minimum - 1
                chosen = _add_parts(nodes[area_id], group, least_parts, further, may_add)
                if chosen is None:
                    lost.append(total_table.cells[nodes[area_id].row])
                else:
                    added += [part_table.cells[group.rows[position]] for position in chosen]
    return Additions(pd.DataFrame(added, columns=list(CELL)), pd.DataFrame(lost, columns=list(CELL)))


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
    nodes: Sequence[TotalRow],
    group: PartGroup,
    within: Mapping[str, Sequence[str]],
    last: Collection[str],
    least: int,
) -> Iterator[tuple[TotalRow, tuple[bool, bool, bool]]]:
    """What must go of each total, those with the fewest parts first: each is judged with those that stay."""
    safe = [node for node in nodes if not loses_count(node, group, (), ())[0]]
    shown: dict[str, TotalRow] = {}
    bases: dict[str, TotalRow] = {}
    gone: dict[str, tuple[bool, bool]] = {}
    for node in nodes:
        loses = loses_count(node, group, _inner(node, shown, within), _inner(node, bases, within))
        if not loses[0] and any(
            tells_beside(node, outer, group, least) for outer in _around(node, safe, within)
        ):
            loses = (True, loses[1] or node.kind.is_tally)
        inner = sorted(_inner(node, shown, within), key=lambda other: (other.base, other.area_id))
        while loses[0] and node.area_id in last and inner:
            other = inner.pop(0)
            del shown[other.area_id]
            if loses[1]:
                bases.pop(other.area_id, None)
            gone[other.area_id] = (True, other.area_id not in bases)
            loses = loses_count(node, group, _inner(node, shown, within), _inner(node, bases, within))
        gone[node.area_id] = loses
        if not loses[0]:
            shown[node.area_id] = node
        if not loses[1]:
            bases[node.area_id] = node
    with_unknown: dict[str, TotalRow] = {}
    for node in nodes:
        count_goes, base_goes = gone[node.area_id]
        unknown_goes = count_goes
        if not count_goes and not 0 < node.unknown < node.kind.minimum:
            unknown_goes = loses_unknown(node, group, _inner(node, with_unknown, within))
            if not unknown_goes:
                with_unknown[node.area_id] = node
        yield node, (count_goes, unknown_goes, base_goes)


def _around(
    node: TotalRow, others: Sequence[TotalRow], within: Mapping[str, Sequence[str]]
) -> list[TotalRow]:
    """Totals among others that hold all parts of a total, and more people."""
    return [
        outer
        for outer in others
        if node.area_id in within[outer.area_id]
        and outer.base >= node.base
        and not (node.positions & ~outer.positions).any()
    ]


def _inner(
    node: TotalRow, shown: Mapping[str, TotalRow], within: Mapping[str, Sequence[str]]
) -> list[TotalRow]:
    """Totals that are shown and whose parts are all among a total's, the largest first, none sharing parts."""
    others = [shown[area_id] for area_id in within[node.area_id] if area_id in shown]
    if len(others) > 1:
        others.sort(key=lambda other: (-other.positions.sum(), -other.base, other.area_id))
    inner: list[TotalRow] = []
    taken = np.zeros_like(node.positions)
    for other in others:
        if other.base <= node.base and not (other.positions & taken).any():
            inner.append(other)
            taken |= other.positions
    return inner


def _add_parts(
    node: TotalRow, group: PartGroup, least_parts: int, further: bool, may_add: bool
) -> list[int] | None:
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
        if enough and not loses_count(node, group, (), ())[0]:
            return chosen
        if not candidates or not may_add or (enough and not further):
            for position in chosen:
                group.show(position)
            return None
        chosen.append(candidates.pop(0)[2])
        group.hide(chosen[-1])
