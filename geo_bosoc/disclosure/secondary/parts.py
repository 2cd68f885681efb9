"""Indicators of one base that add up: a single suppressed part is the base less the others.

Of parts that add up (20 - 12 - 5 = 3) a single suppressed one is known to all: the next goes with it, or the breakdown
is withheld in that area and period. Parts are declared in the indicator file (`breakdown`), or are found because they
add up everywhere.

What decisions tell. That a second part is suppressed follows from how many there are; which one, from last year's
choice or from the counts: only values with which it would have been chosen too count as possible. A breakdown that is
withheld tells that its small parts lie near the ends of what the others leave.

Totals over areas would tell a part that is suppressed with a small one, and so the small one: `totals_over_parts` names
those that go.

Not covered: unknowns (`secondary.within_area`); parts that add up in some areas or periods only, unless they
are declared; two breakdowns that together say more than each; means and plain counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.disclosure.primary import CELL
from geo_bosoc.disclosure.secondary.same_figures import same_figures
from geo_bosoc.disclosure.secondary.sums import Runs, Summand, runs_of, values_left
from geo_bosoc.disclosure.secondary.suppressed_values import NO_NUMBER, Cell, CountTable, values_like
from geo_bosoc.indicators.spec import Indicator

_Integers = npt.NDArray[np.int64]

MOST_STEPS: Final = 5_000
"""Sums that are tried in the search for parts that add up to a base; then it ends with those that it has."""


class Breakdown(NamedTuple):
    """Indicators that add up in each area and period.

    Attributes
    ----------
    indicators : tuple of str
        Ids of the parts, sorted.
    total : str or None
        The indicator that they add up to; None for all of the base whose status is known.
    """

    indicators: tuple[str, ...]
    total: str | None = None


def find_breakdowns(table: pd.DataFrame, indicators: Sequence[Indicator] = ()) -> tuple[Breakdown, ...]:
    """The breakdowns that indicators declare, and those whose parts add up in every area and period.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts.
    indicators : sequence of Indicator
        What the figures are; others count as shares.

    Returns
    -------
    tuple of Breakdown
        Two or more parts of one base, no other way than in every row: sorted, those of the base first. Of indicators
        that are one figure (`same_figures`) the first stands for all.

    Examples
    --------
    >>> rows = [("a", "2024", "owned", 12, 20, 0), ("a", "2024", "rented", 8, 20, 0), ("a", "2024", "young", 5, 20, 0)]
    >>> find_breakdowns(pd.DataFrame(rows, columns=[*CELL, "numerator", "denominator", "unknown"]))
    (Breakdown(indicators=('owned', 'rented'), total=None),)
    """
    declared: dict[str, list[str]] = {}
    for indicator in indicators:
        if indicator.breakdown:
            declared.setdefault(indicator.breakdown, []).append(indicator.id)
    same = same_figures(table, indicators)
    parts = [sorted({same.get(name, name) for name in names}) for names in declared.values()]
    breakdowns = {Breakdown(tuple(names)) for names in parts if len(names) > 1}
    others = [name for name, first in same.items() if name != first]
    for names, base, numerators in _same_bases(table[~table["indicator"].isin(others)], indicators):
        counted = [name for name in names if numerators[name].any()]
        for total in (None, *counted):
            goal = base if total is None else numerators[total]
            candidates = [(name, numerators[name]) for name in counted if name != total]
            breakdowns |= {Breakdown(parts, total) for parts in _adding_up(goal, candidates)}
    return tuple(
        sorted(breakdowns, key=lambda each: (each.total is not None, each.total or "", each.indicators))
    )


def _same_bases(
    table: pd.DataFrame, indicators: Sequence[Indicator]
) -> Iterator[tuple[list[str], _Integers, dict[str, _Integers]]]:
    """Indicators with the same known base in every row: their ids, the base in numerators' units, the numerators."""
    counts = CountTable(table, {indicator.id: indicator for indicator in indicators}, 1)
    rows: dict[str, dict[tuple[str, str], int]] = {}
    for row, (area_id, period, indicator) in enumerate(counts.cells):
        if counts.base[row] != NO_NUMBER and counts.numerator[row] != NO_NUMBER:
            rows.setdefault(indicator, {})[area_id, period] = row
    groups: dict[tuple[int, tuple[tuple[str, str], ...], bytes], list[str]] = {}
    for name, row_of in sorted(rows.items()):
        kind = counts.kind(next(iter(row_of.values())))
        if not kind.is_mean and not kind.is_tally:
            keys = tuple(sorted(row_of))
            base = counts.base[[row_of[key] for key in keys]] * kind.scale
            groups.setdefault((kind.scale, keys, base.tobytes()), []).append(name)
    for (_, keys, key_base), names in groups.items():
        if len(names) > 1:
            numerators: dict[str, _Integers] = {
                name: counts.numerator[[rows[name][key] for key in keys]] for name in names
            }
            yield names, np.frombuffer(key_base, dtype=np.int64), numerators


def _adding_up(goal: _Integers, candidates: Sequence[tuple[str, _Integers]]) -> Iterator[tuple[str, ...]]:
    """Sets of at least two candidates that add up to `goal` in every row, as sorted ids."""
    steps = 0

    def search(
        rest: _Integers, free: list[tuple[str, _Integers]], chosen: tuple[str, ...]
    ) -> Iterator[tuple[str, ...]]:
        nonlocal steps
        steps += 1
        if not rest.any():
            if len(chosen) > 1:
                yield tuple(sorted(chosen))
            return
        fitting = [(name, numbers) for name, numbers in free if (numbers <= rest).all()]
        if steps > MOST_STEPS or (sum(numbers for _, numbers in fitting) < rest).any():
            return
        row = int(rest.argmax())
        for name, numbers in fitting:
            if numbers[row]:  # one of them must be in
                others = [(other, values) for other, values in fitting if other != name]
                yield from search(rest - numbers, others, (*chosen, name))
                fitting = others

    yield from search(goal, list(candidates), ())


def cells_to_add_in_breakdowns(
    table: pd.DataFrame,
    breakdowns: Sequence[Breakdown],
    possible: Mapping[Cell, Collection[int] | Runs],
    *,
    previous: Collection[Cell] = (),
    indicators: Sequence[Indicator] = (),
    minimum: int = 5,
    least: int = 2,
) -> pd.DataFrame:
    """The parts of breakdowns that are suppressed with suppressed ones.

    Where a single part is suppressed, one more is: that of the period before, else the smallest of the others that is
    not 0, or the first of them by size whose next is so much larger that its own value is not plain from that. Where a
    suppressed part then has fewer than `least` values left, or had with more suppressed ones, all parts are withheld.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts.
    breakdowns : sequence of Breakdown
        From `find_breakdowns`. One whose total is suppressed itself adds up to nothing that is known.
    possible : mapping of (str, str, str) to collection of int
        The suppressed cells and the values that each may have, as in `secondary.totals.unsafe_totals`.
    previous : collection of (str, str, str)
        Cells that an earlier publication suppressed, for the same choice again.
    indicators : sequence of Indicator
        What the figures are; others count as shares.
    minimum : int
        Persons.
    least : int
        How many values of a small count must be left.

    Returns
    -------
    DataFrame
        ``area_id, period, indicator, withheld``: the cells to suppress too, in order of period and area; `withheld`
        where it is the breakdown in that area and period.

    Examples
    --------
    >>> rows = [("a", "2024", name, n, 20, 0) for name, n in [("x", 12), ("y", 5), ("z", 3)]]
    >>> table = pd.DataFrame(rows, columns=[*CELL, "numerator", "denominator", "unknown"])
    >>> breakdowns = find_breakdowns(table)
    >>> cells_to_add_in_breakdowns(table, breakdowns, {("a", "2024", "z"): range(1, 5)}).values.tolist()
    [['a', '2024', 'y', False]]
    """
    names = sorted({name for each in breakdowns for name in (*each.indicators, each.total) if name})
    rows = table[table["indicator"].isin(names)]
    counts = CountTable(rows, {indicator.id: indicator for indicator in indicators}, minimum)
    row_of = {cell: row for row, cell in enumerate(counts.cells)}
    hidden = {
        cell: Summand(runs_of(possible[cell]), counts.summand(row).promised)
        for cell, row in row_of.items()
        if cell in possible
    }
    chosen_before = {(area_id, indicator): period for area_id, period, indicator in sorted(previous)}
    places = sorted({(period, area_id) for area_id, period, _ in row_of})
    is_open = {each: _is_open(each, counts, row_of, places) for each in breakdowns}
    added: dict[Cell, bool] = {}
    for period, area_id in (
        places if any(is_open.values()) else sorted({(cell[1], cell[0]) for cell in hidden})
    ):
        changed = True
        while changed:
            changed = False
            for breakdown in breakdowns:
                part = _Row(breakdown, area_id, period, counts, row_of, is_open[breakdown])
                for cell, (summand, is_withheld) in part.additions(hidden, chosen_before, least).items():
                    hidden[cell], added[cell] = summand, is_withheld
                    chosen_before[area_id, cell[2]] = period
                    changed = True
    columns = [(*cell, is_withheld) for cell, is_withheld in added.items()]
    return pd.DataFrame(columns, columns=[*CELL, "withheld"])


def totals_over_parts(
    totals: pd.DataFrame,
    table: pd.DataFrame,
    breakdowns: Sequence[Breakdown],
    suppressed: pd.Series,
    *,
    minimum: int = 5,
    closed: Collection[str] = (ALL_AREAS,),
) -> pd.Series:
    """The totals whose counts go since a part of a breakdown that they add up is suppressed in some area.

    A part that is suppressed with a small one is any number, and nothing keeps a total from telling it: with the base
    it would tell the small one. Only a total with people outside of the areas leaves it open.

    Parameters
    ----------
    totals, table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts of reference areas and of areas.
    breakdowns : sequence of Breakdown
        From `find_breakdowns`.
    suppressed : Series of bool
        On the index of `table`.
    minimum : int
        Persons outside of all areas with whom a total is more than their sum.
    closed : collection of str
        Totals of which everybody knows that nobody is outside.

    Returns
    -------
    Series of bool
        On the index of `totals`.
    """
    names = {name for each in breakdowns for name in (*each.indicators, each.total) if name}
    rows = table[table["indicator"].isin(names)]
    keys = [rows[name].astype(str) for name in ("period", "indicator")]
    base = (rows["denominator"].astype("Int64") - rows["unknown"].astype("Int64").fillna(0)).groupby(keys)
    of_areas = pd.DataFrame({"base": base.sum(), "gone": suppressed[rows.index].groupby(keys).any()})
    slots = pd.MultiIndex.from_frame(totals[["period", "indicator"]].astype(str))
    of_areas = of_areas.reindex(slots).set_axis(totals.index)
    outside = totals["denominator"].astype("Int64") - totals["unknown"].astype("Int64").fillna(0)
    outside -= of_areas["base"]
    is_sum = ((outside >= 0) & (outside < minimum)).fillna(False).astype(bool) | totals["area_id"].isin(
        closed
    )
    return is_sum & of_areas["gone"].eq(True)


def _is_open(
    breakdown: Breakdown, counts: CountTable, row_of: Mapping[Cell, int], places: Sequence[tuple[str, str]]
) -> bool:
    """Whether the parts do not add up everywhere, so that there are others besides."""
    rows = [_Row(breakdown, area_id, period, counts, row_of, False) for period, area_id in places]
    return any(row.is_complete and row.others() for row in rows)


class _Row:
    """A breakdown in one area and period."""

    def __init__(
        self,
        breakdown: Breakdown,
        area_id: str,
        period: str,
        counts: CountTable,
        row_of: Mapping[Cell, int],
        is_open: bool,
    ) -> None:
        self.counts, self.row_of, self.is_open = counts, row_of, is_open
        cells = [(area_id, period, name) for name in breakdown.indicators]
        self.cells = [
            cell for cell in cells if cell in row_of and counts.numerator[row_of[cell]] != NO_NUMBER
        ]
        self.total = None if breakdown.total is None else (area_id, period, breakdown.total)
        self.is_complete = len(self.cells) == len(cells) and (self.total is None or self.total in row_of)
        self.is_complete &= len({int(counts.base[row_of[cell]]) for cell in self.cells}) == 1

    def count(self, cell: Cell) -> int:
        """The true count of a cell."""
        return int(self.counts.numerator[self.row_of[cell]])

    def additions(
        self,
        hidden: Mapping[Cell, Summand],
        chosen_before: Mapping[tuple[str, str], str],
        least: int,
    ) -> dict[Cell, tuple[Summand, bool]]:
        """The cells to suppress too, with their values and whether all are withheld."""
        suppressed = [cell for cell in self.cells if cell in hidden]
        if not self.is_complete or self.total in hidden or not (suppressed or self.is_open):
            return {}
        if self.others() < 0:
            return {}
        summands = {cell: hidden[cell] for cell in suppressed}
        if self.keeps(summands, least):
            return {}
        candidates = [cell for cell in self.cells if cell not in hidden and self.count(cell) > 0]
        if len(suppressed) <= 1 and len(candidates) > 0:
            second = self.second(candidates, chosen_before)
            added = {second[0]: second[1]}
            if self.keeps(summands | added, least):
                return {cell: (summand, False) for cell, summand in added.items()}
        shown = [cell for cell in self.cells if cell not in hidden]
        return {cell: (self.counts.summand(self.row_of[cell]), True) for cell in shown}

    def second(
        self, candidates: Sequence[Cell], chosen_before: Mapping[tuple[str, str], str]
    ) -> tuple[Cell, Summand]:
        """The part that goes with a single one, and the values with which it would have been chosen too."""
        row = self.row_of[candidates[0]]
        kind, base = self.counts.kind(row), int(self.counts.base[row])
        small, most = kind.minimum * kind.scale, (base - kind.minimum) * kind.scale
        again = [cell for cell in candidates if chosen_before.get((cell[0], cell[2]), cell[1]) < cell[1]]
        if again:
            cell = max(again, key=lambda each: (chosen_before[each[0], each[2]], each[2]))
        else:
            ordered = sorted(candidates, key=lambda each: (self.count(each), each[2]))
            sizes = [self.count(each) for each in ordered]
            limit = small + kind.minimum * kind.scale
            chosen = next((i for i, size in enumerate(sizes[1:]) if size >= limit), len(sizes) - 1)
            cell = ordered[chosen]
            if chosen + 1 < len(sizes):
                most = min(most, sizes[chosen + 1] - (ordered[chosen + 1][2] < cell[2]))
            if chosen > 0:
                small = sizes[chosen - 1] + (ordered[chosen - 1][2] > cell[2])
                most = min(most, limit - 1)
        return cell, Summand((range(small, most + 1),) if small <= most else (), False)

    def others(self) -> int:
        """What the parts lack of what they should add up to."""
        row = self.row_of[self.cells[0]]
        if self.total is not None:
            goal = self.count(self.total)
        else:
            goal = int(self.counts.base[row]) * self.counts.kind(row).scale
        return goal - sum(self.count(cell) for cell in self.cells)

    def keeps(self, hidden: Mapping[Cell, Summand], least: int) -> bool:
        """Whether no count follows, and each small one has enough values left, if these cells are suppressed."""
        row = self.row_of[self.cells[0]]
        kind, summands = self.counts.kind(row), list(hidden.values())
        rest = sum(self.count(cell) for cell in hidden)
        if self.is_open:
            others = self.others()
            rest += others
            summands.append(values_like(others, int(self.counts.base[row]), kind.minimum, kind.scale))
        if len(hidden) == 1 and not self.is_open:
            return False  # it follows exactly, be it small or gone for another area's sake
        if kind.scale > 1:  # any fraction of a person goes with any other
            return len(summands) != 1 or not summands[0].promised
        return all(
            len(values) >= min(least, sum(map(len, summand.runs)))
            for values, summand in zip(values_left(rest, summands), summands, strict=True)
            if summand.promised
        )
