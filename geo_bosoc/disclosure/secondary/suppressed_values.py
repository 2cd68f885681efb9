"""Suppressed counts of a table: of which kind each is, and which values it may have.

Kinds are few, all but few, both (of a base so small that the two meet), of a small base, and not small. To ask whether
other values *of the same kind* fit what is published is stricter than what an outsider knows, who cannot tell the kinds
apart. But what is suppressed and shown is then the same in all the cases that are compared, so that the rules
themselves tell nothing more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.disclosure.primary import CELL, COUNTS, MOST_WEIGHT
from geo_bosoc.disclosure.secondary.sums import UNBOUNDED, Runs, Summand, runs_of
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.exact_values import distinct_texts

Cell = tuple[str, str, str]
"""Area id, period and indicator."""

FIGURES: Final = ("numerator", "unknown", "denominator")
"""What may have to go of a cell: its count with all that tells it, its unknown, its base."""

NO_NUMBER: Final = -(2**62)
"""A count that is missing, in arrays."""


@lru_cache(maxsize=100_000)
def values_like(numerator: int | None, denominator: int | None, minimum: int, scale: int = 1) -> Summand:
    """The values that a suppressed count shares its kind with, and whether they are promised.

    Of a count that is not small, 0 and all are of the same kind as those between.

    Parameters
    ----------
    numerator : int or None
        The true count, in fixed point where `scale` is above 1. None: suppressed at its source, few or all but few.
    denominator : int or None
        Those whose status is known; None for a plain count without a base.
    minimum : int
        The least count that is not small (5 persons).
    scale : int
        What numerators are multiplied by. Above 1 the values are one run.

    Returns
    -------
    Summand
        Promised unless the count is not small.

    Examples
    --------
    >>> values_like(3, 40, 5), values_like(38, 40, 5).runs, values_like(3, 4, 5).runs
    (Summand(runs=(range(1, 5),), promised=True), (range(36, 40),), (range(0, 5),))
    >>> values_like(20, 40, 5)
    Summand(runs=(range(0, 1), range(5, 36), range(40, 41)), promised=False)
    """
    small = minimum * scale
    most = UNBOUNDED if denominator is None else denominator * scale
    if denominator is not None and 0 < denominator < minimum:
        return Summand((range((minimum - 1) * scale + 1),), True)
    low, high = range(1, min(small, most)), range(max(most - small + 1, 1), most)
    if low and high.start <= low.stop and denominator is not None:
        low = high = range(1, most)
    if numerator is None:
        return Summand((low,) if low == high else (low, high), True)
    if numerator in low:
        return Summand((low,), True)
    if denominator is not None and numerator in high:
        return Summand((high,), True)
    middle = range(small, most - small + 1) if denominator is not None else range(small, most)
    runs = tuple(run for run in (range(1), middle, range(most, most + 1)) if len(run))
    if denominator is None:
        runs = (range(1), middle)
    if most == 0:
        runs = (range(1),)
    if scale > 1:
        runs = tuple(run for run in runs if numerator in run)
    return Summand(runs, False)


def possible_values(
    table: pd.DataFrame, suppressed: pd.Series, indicators: Sequence[Indicator] = (), minimum: int = 5
) -> dict[Cell, Runs]:
    """The values that suppressed cells may have, of the same kind as the true ones.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts.
    suppressed : Series of bool
        On the index of `table`.
    indicators : sequence of Indicator
        What the figures are; others are judged as shares.
    minimum : int
        Persons.

    Returns
    -------
    dict of tuple to Runs
        By area, period and indicator, for `unsafe_totals`; to be narrowed by what categories tell.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"area_id": ["a", "b"], "period": "2024", "indicator": "i", "numerator": [3, 9], "denominator": 50,
    ...      "unknown": 0}
    ... )
    >>> possible_values(table, table["area_id"] == "a")
    {('a', '2024', 'i'): (range(1, 5),)}
    """
    rows = table[suppressed.to_numpy(bool)]
    frame = CountTable(rows, {indicator.id: indicator for indicator in indicators}, minimum)
    return {cell: frame.summand(number).runs for number, cell in enumerate(frame.cells)}


class CountKind(NamedTuple):
    """How an indicator's counts are judged.

    Attributes
    ----------
    minimum : int
        The least base that is not small, in units of the base (weighted: as if each person weighed `MOST_WEIGHT`).
    scale : int
        What numerators are multiplied by.
    is_mean : bool
        Whether the numerator is a sum of values, of which only the base counts.
    is_tally : bool
        Whether it is a plain count, with nothing above a line.
    unknown : {"exclude", "met", "not_met"}
        What becomes of the unknown.
    """

    minimum: int
    scale: int
    is_mean: bool
    is_tally: bool
    unknown: str


def count_kind(spec: Indicator | None, minimum: int) -> CountKind:
    """How the counts of an indicator are judged; those of none as shares."""
    if spec is None:
        return CountKind(minimum, 1, False, False, "exclude")
    weight = MOST_WEIGHT * spec.weight_scale if spec.weight is not None else 1
    is_tally = spec.unit == "count" and spec.numerator is None and spec.mean_of is None
    is_mean = spec.mean_of is not None or spec.unit == "mean"
    return CountKind(minimum * weight, spec.scale, is_mean, is_tally, spec.unknown)


class CountTable:
    """Counts as arrays, with what their indicators are."""

    def __init__(self, table: pd.DataFrame, specs: Mapping[str, Indicator], minimum: int) -> None:
        keys = (distinct_texts(table[name]) for name in CELL)
        self.cells: list[Cell] = list(zip(*keys, strict=True))
        numbers: dict[str, NDArray[np.int64]] = {
            name: np.asarray(table[name].astype("Int64").to_numpy(dtype=np.int64, na_value=NO_NUMBER))
            for name in COUNTS
        }
        self.specs, self.minimum = specs, minimum
        self._kinds: dict[str, CountKind] = {}
        self.numerator, self.unknown = numbers["numerator"], numbers["unknown"]
        self.unknown[self.unknown == NO_NUMBER] = 0
        self.base: NDArray[np.int64] = np.where(
            numbers["denominator"] == NO_NUMBER, NO_NUMBER, numbers["denominator"] - self.unknown
        )

    def kind(self, row: int) -> CountKind:
        """What the figure of a row is."""
        name = self.cells[row][2]
        if name not in self._kinds:
            self._kinds[name] = count_kind(self.specs.get(name), self.minimum)
        return self._kinds[name]

    def summand(self, row: int) -> Summand:
        """The values of the kind of a row's count."""
        kind, numerator, base = self.kind(row), int(self.numerator[row]), int(self.base[row])
        if base == NO_NUMBER:
            return Summand((), False)
        true = None if numerator == NO_NUMBER else numerator
        return values_like(true, None if kind.is_tally else base, kind.minimum, kind.scale)


def count_groups(totals: CountTable, parts: CountTable) -> Iterator[tuple[list[int], list[int]]]:
    """The rows of totals and of parts for each period and indicator, sorted."""
    rows: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
    for number, (_, period, indicator) in enumerate(totals.cells):
        rows.setdefault((period, indicator), ([], []))[0].append(number)
    for number, (_, period, indicator) in enumerate(parts.cells):
        if (period, indicator) in rows:
            rows[period, indicator][1].append(number)
    for key in sorted(rows):
        yield rows[key]


class PartGroup:
    """The parts of one period and indicator."""

    def __init__(
        self,
        table: CountTable,
        rows: Sequence[int],
        possible: Mapping[Cell, Collection[int] | Runs],
        promised: Collection[Cell] = (),
    ) -> None:
        self.table, self.promised = table, promised
        self.rows = [row for row in rows if table.base[row] != NO_NUMBER]
        self.areas = {table.cells[row][0]: position for position, row in enumerate(self.rows)}
        self.numerator, self.base, self.unknown = (
            column[self.rows] for column in (table.numerator, table.base, table.unknown)
        )
        self.summands: dict[int, Summand] = {}
        self.is_hidden = np.zeros(len(self.rows), dtype=bool)
        for position, row in enumerate(self.rows):
            cell = table.cells[row]
            if cell in possible or table.numerator[row] == NO_NUMBER:
                runs = runs_of(possible[cell]) if cell in possible else None
                self.hide(position, runs)

    def hide(self, position: int, runs: Runs | None = None) -> None:
        """Count a part as suppressed."""
        like = self.table.summand(self.rows[position])
        is_promised = like.promised or self.table.cells[self.rows[position]] in self.promised
        self.summands[position] = Summand(like.runs if runs is None else runs, is_promised)
        self.is_hidden[position] = True

    def show(self, position: int) -> None:
        """Undo `hide`."""
        del self.summands[position]
        self.is_hidden[position] = False
