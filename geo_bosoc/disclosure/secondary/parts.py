"""Indicators of one base that add up: a single suppressed part is the base less the others.

Of parts that add up (20 - 12 - 5 = 3) a single suppressed one is known to all: the next goes with it, or the breakdown
is withheld in that area and period. Where parts add up to an indicator that is suppressed itself, those whom it leaves
out are one more part of the base.

What decisions tell. That a second part is suppressed follows from how many there are; which one, from last year's
choice or from the counts: only values with which it would have been chosen too count as possible. A breakdown that is
withheld tells that its small parts lie near the ends of what the others leave. Where more than two values are promised
that is too much: parts then go in an order that all know, until every value fits with what that order tells.

A part that came suppressed from its source counts as what the others leave of the base.

Not covered: unknowns (`secondary.within_area`); parts that add up in some areas or periods only, unless they
are declared; two breakdowns that together say more than each; means and plain counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import pandas as pd

from geo_bosoc.disclosure.primary import CELL
from geo_bosoc.disclosure.secondary.breakdowns import Breakdown
from geo_bosoc.disclosure.secondary.sums import Runs, Summand, keeps_every_value, runs_of, values_left
from geo_bosoc.disclosure.secondary.suppressed_values import NO_NUMBER, Cell, CountTable, values_like
from geo_bosoc.indicators.spec import Indicator

FEWEST_VALUES: Final = 2
"""The least promise, which needs no order that all know."""


def cells_to_add_in_breakdowns(
    table: pd.DataFrame,
    breakdowns: Sequence[Breakdown],
    possible: Mapping[Cell, Collection[int] | Runs],
    *,
    previous: Collection[Cell] = (),
    indicators: Sequence[Indicator] = (),
    spared: Collection[str] = (),
    minimum: int = 5,
    least: int = 2,
) -> pd.DataFrame:
    """The parts of breakdowns that are suppressed with suppressed ones.

    Where a single part is suppressed, one more is, if there is one that is not `spared`: that of the period before,
    else the smallest of the others that is not 0, or the first of them by size whose next is so much larger that its
    own value is not plain from that. Where a suppressed part then has fewer than `least` values left, or had with
    more suppressed ones, all parts are withheld.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts.
    breakdowns : sequence of Breakdown
        From `secondary.breakdowns.find_breakdowns`. Where a total is suppressed, those whom it lacks are a part too.
    possible : mapping of (str, str, str) to collection of int
        The suppressed cells and the values that each may have, as in `secondary.totals.unsafe_totals`.
    previous : collection of (str, str, str)
        Cells that an earlier publication suppressed, for the same choice again.
    indicators : sequence of Indicator
        What the figures are; others count as shares.
    spared : collection of str
        Indicators that go last, since categories rest on them. Everybody knows which, so that it tells nothing.
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
    >>> breakdowns = [Breakdown(("x", "y", "z"))]
    >>> cells_to_add_in_breakdowns(table, breakdowns, {("a", "2024", "z"): range(1, 5)}).values.tolist()
    [['a', '2024', 'y', False]]
    """
    counts, row_of, hidden = _counts_of(table, breakdowns, possible, indicators, minimum)
    chosen_before = {(area_id, indicator): period for area_id, period, indicator in sorted(previous)}
    places = sorted({(period, area_id) for area_id, period, _ in row_of})
    is_open = {each: _is_open(each, counts, row_of, places) for each in breakdowns}
    _count_protected(breakdowns, counts, row_of, places, hidden, is_open)
    added: dict[Cell, bool] = {}
    for period, area_id in (
        places if any(is_open.values()) else sorted({(cell[1], cell[0]) for cell in hidden})
    ):
        changed = True
        while changed:
            changed = False
            for breakdown in breakdowns:
                part = _Row(breakdown, area_id, period, counts, row_of, hidden, is_open[breakdown])
                for cell, (summand, is_withheld) in part.additions(chosen_before, least, spared).items():
                    hidden[cell], added[cell] = summand, is_withheld
                    chosen_before[area_id, cell[2]] = period
                    changed = True
    columns = [(*cell, is_withheld) for cell, is_withheld in added.items()]
    return pd.DataFrame(columns, columns=[*CELL, "withheld"])


def values_beside_small_parts(
    table: pd.DataFrame,
    breakdowns: Sequence[Breakdown],
    possible: Mapping[Cell, Collection[int] | Runs],
    *,
    indicators: Sequence[Indicator] = (),
    minimum: int = 5,
) -> dict[Cell, Runs]:
    """The values that parts must be able to have, so that small ones which they are suppressed with keep theirs.

    Parameters
    ----------
    table : DataFrame
        As in `cells_to_add_in_breakdowns`.
    breakdowns : sequence of Breakdown
        As in `cells_to_add_in_breakdowns`.
    possible : mapping of (str, str, str) to collection of int
        Everything that is suppressed.
    indicators : sequence of Indicator
        What the figures are; others count as shares.
    minimum : int
        Persons.

    Returns
    -------
    dict of tuple to Runs
        By area, period and indicator, of parts that are not small: what the others can leave of their sum.

    Examples
    --------
    >>> rows = [("a", "2024", name, n, 20, 0) for name, n in [("x", 12), ("y", 5), ("z", 3)]]
    >>> table = pd.DataFrame(rows, columns=[*CELL, "numerator", "denominator", "unknown"])
    >>> suppressed = {("a", "2024", "y"): range(5, 16), ("a", "2024", "z"): range(1, 5)}
    >>> values_beside_small_parts(table, [Breakdown(("x", "y", "z"))], suppressed)
    {('a', '2024', 'y'): (range(5, 8),)}
    """
    counts, row_of, hidden = _counts_of(table, breakdowns, possible, indicators, minimum)
    places = sorted({(period, area_id) for area_id, period, _ in row_of})
    is_open = {each: _is_open(each, counts, row_of, places) for each in breakdowns}
    _count_protected(breakdowns, counts, row_of, places, hidden, is_open)
    values: dict[Cell, Runs] = {}
    for breakdown in breakdowns:
        for period, area_id in sorted({(cell[1], cell[0]) for cell in hidden}):
            row = _Row(breakdown, area_id, period, counts, row_of, hidden, is_open[breakdown])
            values = {**row.values_beside_small(), **values}
    return values


def _counts_of(
    table: pd.DataFrame,
    breakdowns: Sequence[Breakdown],
    possible: Mapping[Cell, Collection[int] | Runs],
    indicators: Sequence[Indicator],
    minimum: int,
) -> tuple[CountTable, dict[Cell, int], dict[Cell, Summand]]:
    """The counts of breakdowns, the row of each cell, and those that are suppressed."""
    names = sorted({name for each in breakdowns for name in (*each.indicators, each.total) if name})
    rows = table[table["indicator"].isin(names)]
    counts = CountTable(rows, {indicator.id: indicator for indicator in indicators}, minimum)
    row_of = {cell: row for row, cell in enumerate(counts.cells)}
    hidden = {
        cell: Summand(runs_of(possible[cell]), counts.summand(row).promised)
        for cell, row in row_of.items()
        if cell in possible
    }
    return counts, row_of, hidden


def _is_open(
    breakdown: Breakdown, counts: CountTable, row_of: Mapping[Cell, int], places: Sequence[tuple[str, str]]
) -> bool:
    """Whether the parts do not add up everywhere, so that there are others besides."""
    rows = [_Row(breakdown, area_id, period, counts, row_of, {}, False) for period, area_id in places]
    return any(row.is_complete and row.others() for row in rows)


def _count_protected(
    breakdowns: Sequence[Breakdown],
    counts: CountTable,
    row_of: Mapping[Cell, int],
    places: Sequence[tuple[str, str]],
    hidden: dict[Cell, Summand],
    is_open: Mapping[Breakdown, bool],
) -> None:
    """Count the parts that came suppressed from their source as what the others leave of the base, and so in `hidden`.

    Of several only what they are together is known, and matters: each counts as its share. With others besides it is as
    much as can be small.
    """
    for breakdown in breakdowns:
        for period, area_id in places if breakdown.total is None else ():
            cells = [(area_id, period, name) for name in breakdown.indicators]
            rows = [row_of[cell] for cell in cells if cell in row_of]
            without = [row for row in rows if counts.numerator[row] == NO_NUMBER]
            others = [row for row in rows if counts.numerator[row] != NO_NUMBER]
            bases = {int(counts.base[row]) for row in others}
            if len(rows) < len(cells) or not without or len(bases) != 1:
                continue
            kind, base = counts.kind(others[0]), bases.pop()
            rest = base * kind.scale - int(counts.numerator[others].sum())
            if is_open[breakdown]:
                rest = min(rest, len(without) * (kind.minimum * kind.scale - 1))
            for number, row in enumerate(without):
                if rest >= 0 and counts.cells[row] in hidden:
                    counts.base[row] = base
                    counts.numerator[row] = rest // len(without) + (number < rest % len(without))
                    hidden[counts.cells[row]] = counts.summand(row)


class _Row:
    """A breakdown in one area and period, of which some cells are hidden."""

    def __init__(
        self,
        breakdown: Breakdown,
        area_id: str,
        period: str,
        counts: CountTable,
        row_of: Mapping[Cell, int],
        hidden: Mapping[Cell, Summand],
        is_open: bool,
    ) -> None:
        self.counts, self.row_of, self.is_open = counts, row_of, is_open
        cells = [(area_id, period, name) for name in breakdown.indicators]
        self.cells = [
            cell for cell in cells if cell in row_of and counts.numerator[row_of[cell]] != NO_NUMBER
        ]
        self.suppressed = {cell: hidden[cell] for cell in self.cells if cell in hidden}
        self.shown = [cell for cell in self.cells if cell not in hidden]
        total = None if breakdown.total is None else (area_id, period, breakdown.total)
        self.is_of_hidden_total = total in hidden
        self.is_complete = len(self.cells) == len(cells) and (total is None or total in row_of)
        self.is_complete &= len({int(counts.base[row_of[cell]]) for cell in self.cells}) == 1
        if self.is_complete:
            row = row_of[self.cells[0]]
            self.kind, self.base = counts.kind(row), int(counts.base[row])
            of_base = total is None or self.is_of_hidden_total
            self.goal = self.base * self.kind.scale if of_base else self.count(total)

    def count(self, cell: Cell | None) -> int:
        """The true count of a cell."""
        return 0 if cell is None else int(self.counts.numerator[self.row_of[cell]])

    def additions(
        self, chosen_before: Mapping[tuple[str, str], str], least: int, spared: Collection[str] = ()
    ) -> dict[Cell, tuple[Summand, bool]]:
        """The cells to suppress too, with their values and whether all are withheld."""
        if not self.is_complete or self.others() < 0:
            return {}
        if not (self.suppressed or self.is_open or self.is_of_hidden_total):
            return {}
        candidates = [cell for cell in self.shown if self.count(cell) > 0]
        if least > FEWEST_VALUES:
            chosen = self.in_known_order(candidates)
            if chosen is not None:
                return {cell: (self.counts.summand(self.row_of[cell]), False) for cell in chosen}
        elif self.keeps(self.suppressed, least):
            return {}
        elif len(self.suppressed) + self.is_of_hidden_total <= 1 and candidates:
            others = [cell for cell in candidates if cell[2] not in spared]
            cell, summand = self.second(others or candidates, chosen_before)
            if self.keeps({**self.suppressed, cell: summand}, least):
                return {cell: (summand, False)}
        return {cell: (self.counts.summand(self.row_of[cell]), True) for cell in self.shown}

    def second(
        self, candidates: Sequence[Cell], chosen_before: Mapping[tuple[str, str], str]
    ) -> tuple[Cell, Summand]:
        """The part that goes with a single one, and the values with which it would have been chosen too."""
        kind, base = self.kind, self.base
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
        """What the parts lack of what they should add up to: all others, where their total is hidden too."""
        return self.goal - sum(self.count(cell) for cell in self.cells)

    def follows(self, number: int) -> bool:
        """Whether a count follows exactly where so many parts are hidden, be it small or gone for others' sake."""
        return number + self.is_of_hidden_total == 1 and not self.is_open

    def keeps(self, hidden: Mapping[Cell, Summand], least: int) -> bool:
        """Whether no count follows, and each small one has enough values left, if these cells are suppressed."""
        summands = list(hidden.values())
        rest = sum(self.count(cell) for cell in hidden)
        if self.is_open or self.is_of_hidden_total:
            rest += self.others()
            summands.append(self.like_others())
        if self.follows(len(hidden)) or self.is_one_of_many(least):
            return False
        if self.kind.scale > 1:  # any fraction of a person goes with any other
            return len(summands) != 1 or not summands[0].promised
        return all(
            len(values) >= min(least, sum(map(len, summand.runs)))
            for values, summand in zip(values_left(rest, summands), summands, strict=True)
            if summand.promised
        )

    def is_one_of_many(self, least: int) -> bool:
        """Whether nearly all are in one part, and the others in so many that with one more too few values were left.

        All is withheld already then: else a breakdown that is withheld would tell of that one more.
        """
        small = self.kind.minimum * self.kind.scale
        counts = [*map(self.count, self.cells), self.others()]
        is_large = any(0 < self.goal - count < small for count in counts)
        return is_large and sum(count > 0 for count in counts) > self.kind.minimum - least

    def values_beside_small(self) -> dict[Cell, Runs]:
        """The values that suppressed parts which are not small may have, given the others: none where none is small."""
        if not self.is_complete or self.others() < 0:
            return {}
        counts = {cell: self.counts.summand(self.row_of[cell]) for cell in self.suppressed}
        summands = list(counts.values())
        together = sum(map(self.count, counts))
        if self.is_open or self.is_of_hidden_total:
            summands.append(self.like_others())
            together += self.others()
        if not any(summand.promised for summand in summands):
            return {}
        least = sum(summand.runs[0].start for summand in summands)
        most = sum(summand.runs[-1].stop - 1 for summand in summands)
        values: dict[Cell, Runs] = {}
        for cell, summand in counts.items():
            first, last = summand.runs[0].start, summand.runs[-1].stop - 1
            low, high = together - most + last, together - least + first
            runs = [range(max(run.start, low), min(run.stop, high + 1)) for run in summand.runs]
            if not summand.promised:
                values[cell] = runs_of(tuple(runs))
        return values

    def like_others(self) -> Summand:
        """The values of the kind of the others' count."""
        return values_like(self.others(), self.base, self.kind.minimum, self.kind.scale)

    def in_known_order(self, candidates: Sequence[Cell]) -> list[Cell] | None:
        """The parts to suppress too so that each small count keeps every value; None where all are withheld.

        They are taken in an order that says nothing of counts: the last of the indicator file first. A part of nearly
        all withholds all, so that any small count beside a large one may be what is withheld.
        """
        small = self.kind.minimum * self.kind.scale
        counts = [(self.count(cell), self.counts.summand(self.row_of[cell])) for cell in self.suppressed]
        if self.is_open or self.is_of_hidden_total:
            counts.append((self.others(), self.like_others()))
        promised = [summand for _, summand in counts if summand.promised]
        takers = [count for count, summand in counts if not summand.promised and 0 < count < self.goal]
        together = sum(takers) + sum(count for count, summand in counts if summand.promised)
        if promised and (
            self.goal < 2 * small - 1 or any(summand.runs != (range(1, small),) for summand in promised)
        ):
            return None
        position = {name: number for number, name in enumerate(self.counts.specs)}
        ordered = sorted(candidates, key=lambda cell: (-position.get(cell[2], -1), cell[2]))
        most = min(self.base * self.kind.scale, self.goal) - small
        for number in range(len(ordered) + 1):
            sums = together + sum(self.count(cell) for cell in ordered[:number])
            if not promised:
                keeps = not self.follows(len(self.suppressed) + number)
            else:
                keeps = keeps_every_value(len(promised), len(takers) + number, sums, small, most)
            if keeps:
                return ordered[:number]
        return None
