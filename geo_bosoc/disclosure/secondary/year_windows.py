"""Counts pooled over years: windows beside each other, whose differences tell the counts of single years.

2020-2022 less 2020-2021 is 2022, and 2021-2023 less 2020-2022 is 2023 less 2020. What windows leave of each year is
worked out exactly: sums over years in a row are differences of running totals, whose bounds are shortest paths, and of
whole numbers each between the bounds is possible.

What decisions tell. A window that is not shown tells that with it, and with those that come before it (windows of the
full length, the latest first), some year would be left with too few values.

Not covered: that no year has more met than people, where the year's base is not shown (counts, their complements and
bases are judged each by itself); windows in models (`Model.pool_years`), which rest on yearly figures that are shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.disclosure.secondary.suppressed_values import FIGURES, NO_NUMBER, CountTable
from geo_bosoc.indicators.plan import quarter_number
from geo_bosoc.indicators.spec import Indicator

_Integers = NDArray[np.int64]
_Flags = NDArray[np.bool_]

NO_BOUND: Final = 2**60
"""More than any count."""

_SPAN: Final = re.compile(r"(\d{4}(?:K[1-4])?)(?:-(\d{4}(?:K[1-4])?))?")


def unsafe_windows(
    table: pd.DataFrame,
    indicators: Sequence[Indicator],
    suppressed: pd.Series,
    *,
    yearly: pd.DataFrame | None = None,
    data_periods: Collection[str] | None = None,
    minimum: int = 5,
    least: int = 2,
) -> pd.DataFrame:
    """What of pooled figures must not be shown, since windows together would tell a small count of one year.

    Indicators of the same definition, pooled or not, are judged together: years that are shown by themselves stay, then
    windows of the full length, the latest first, then shorter ones (the first years' windows), each if with those
    before it every small yearly count keeps `least` of the values from 1 to ``minimum - 1``.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts, and ``data_period`` if it is there
        (the years of each window; else the `pool_years` up to the period).
    indicators : sequence of Indicator
        What the figures are; only those with `pool_years` above 1, and others of the same definition, are looked at.
    suppressed : Series of bool
        On the index of `table`. Of such a cell the base is shown, from `minimum` up.
    yearly : DataFrame, optional
        True counts of single years, as `table`, under the id of any of the indicators that share a definition. A year
        of which nobody says how many there are is taken for small wherever it may be.
    data_periods : collection of str, optional
        The periods that have data. Left out: all from the first to the last.
    minimum : int
        Persons.
    least : int
        How many values of a small yearly count must be left.

    Returns
    -------
    DataFrame of bool
        On the index of `table`: ``numerator``, ``unknown``, ``denominator``.

    Examples
    --------
    >>> from geo_bosoc.indicators.spec import Side
    >>> sides = {"denominator": Side(), "numerator": Side(where="x"), "label_da": "Prøve", "label_en": ""}
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown", "data_period"]
    >>> rows = [("a", "2020", "i", 7, 50, 0, "2020"), ("a", "2021", "i", 10, 100, 0, "2020-2021")]
    >>> table = pd.DataFrame(rows, columns=columns)
    >>> pooled = Indicator(id="i", pool_years=2, **sides)
    >>> unsafe_windows(table, [pooled], table["numerator"] < 5)["numerator"].tolist()
    [True, False]
    """
    flags = np.zeros((len(table), 3), dtype=bool)
    specs = {indicator.id: indicator for indicator in indicators}
    counts = CountTable(table, specs, minimum)
    hidden = suppressed.to_numpy(bool)
    spans = table["data_period"].tolist() if "data_period" in table.columns else [None] * len(table)
    years = CountTable(yearly, specs, minimum) if yearly is not None else CountTable(table.iloc[:0], specs, 1)
    rows_of, years_of = _rows_by_indicator(counts), _rows_by_indicator(years)
    for family in _families(indicators):
        windows = {
            row: window
            for name in sorted(family)
            for row in rows_of.get(name, ())
            if (window := _window(spans[row], counts.cells[row][1], specs[name])) is not None
        }
        if windows:
            year_rows = [row for name in sorted(family) for row in years_of.get(name, ())]
            _judge(_Family(counts, windows, hidden, specs, data_periods), years, year_rows, least, flags)
    return pd.DataFrame(flags, index=table.index, columns=list(FIGURES))


def _rows_by_indicator(counts: CountTable) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, (_, _, name) in enumerate(counts.cells):
        rows.setdefault(name, []).append(row)
    return rows


class _Window(NamedTuple):
    """Periods in a row: the numbers of the first and the last, and how many numbers a period takes (a year 4)."""

    first: int
    last: int
    step: int


def _window(span: object, period: str, spec: Indicator) -> _Window | None:
    """The periods that a figure is pooled over; None where they are no years or quarters."""
    match = _SPAN.fullmatch(span) if isinstance(span, str) else None
    first, last = (match[1], match[2] or match[1]) if match else (period, period)
    start, end = quarter_number(first), quarter_number(last)
    if start is None or end is None:
        return None
    step = 1 if "K" in last else 4
    if match is None:
        start = end - (4 * spec.pool_years - step)
    return _Window(start // step, end // step, step)


def _families(indicators: Sequence[Indicator]) -> list[set[str]]:
    """Indicators of one definition, of which some are pooled."""
    families: dict[str, list[Indicator]] = {}
    for spec in indicators:
        keys = (
            "denominator",
            "numerator",
            "mean_of",
            "weight",
            "weight_scale",
            "scale",
            "distinct",
            "home_on",
        )
        families.setdefault(repr([getattr(spec, key) for key in keys]), []).append(spec)
    return [
        {spec.id for spec in family}
        for family in families.values()
        if any(spec.pool_years > 1 for spec in family)
    ]


class _Family:
    """The figures of one definition: arrays by area and window."""

    def __init__(
        self,
        counts: CountTable,
        windows: Mapping[int, _Window],
        hidden: _Flags,
        specs: Mapping[str, Indicator],
        data_periods: Collection[str] | None,
    ) -> None:
        self.kind = counts.kind(next(iter(windows)))
        self.areas = {area: i for i, area in enumerate(sorted({counts.cells[row][0] for row in windows}))}
        self.rows: dict[tuple[bool, _Window], list[int]] = {}
        for row, window in windows.items():
            is_yearly = specs[counts.cells[row][2]].pool_years == 1
            self.rows.setdefault((is_yearly, window), []).append(row)
        self.first = min(window.first for _, window in self.rows)
        self.number = max(window.last for _, window in self.rows) - self.first + 1
        self.step = max(window.step for _, window in self.rows)
        self.counts, self.hidden = counts, hidden
        with_data = {quarter_number(period) for period in data_periods} if data_periods is not None else None
        self.has_data = [
            with_data is None
            or any(number is not None and number // self.step == year for number in with_data)
            for year in range(self.first, self.first + self.number)
        ]

    def in_order(self) -> list[tuple[bool, _Window]]:
        """Single years, then full windows, the latest first, then shorter ones."""
        return sorted(self.rows, key=lambda each: (not each[0], each[1].first - each[1].last, -each[1].last))


def _judge(family: _Family, years: CountTable, year_rows: Sequence[int], least: int, flags: _Flags) -> None:
    """Set the flags of a family's rows."""
    kind, counts = family.kind, family.counts
    true = _true_years(family, years, year_rows)
    top = {"base": true["base"] * 0 + NO_BOUND, "unknown": true["base"] * 0 + NO_BOUND}
    for each in ("count", "complement"):
        top[each] = top["base"].copy()
    for (is_yearly, window), rows in family.rows.items():
        if is_yearly and window.first == window.last:  # no more met than people, where these are shown
            for row in rows:
                if counts.base[row] != NO_NUMBER:
                    area, year = family.areas[counts.cells[row][0]], window.first - family.first
                    for each in ("count", "complement"):
                        top[each][area, year] = counts.base[row] * kind.scale
    needed = (least - 1) * kind.scale + 1
    systems = {
        name: _RunningTotals(
            np.where(family.has_data, upper, 0),
            true[name],
            kind.minimum * scale,
            needed if scale > 1 else least,
        )
        for name, upper in top.items()
        for scale in [kind.scale if name in ("count", "complement") else 1]
    }
    for is_yearly, window in family.in_order():
        for row_of_area in _distinct(family, family.rows[is_yearly, window]):
            rows, areas = row_of_area
            first, last = window.first - family.first, window.last - family.first
            base, numerator = counts.base[rows], counts.numerator[rows]
            base_is_safe = systems["base"].add(areas, first, last, base, base >= kind.minimum, is_yearly)
            shown = base_is_safe & ~family.hidden[rows] & (numerator != NO_NUMBER) & (base != NO_NUMBER)
            is_safe = base_is_safe.copy()
            if not kind.is_mean and not kind.is_tally:
                complement = base * kind.scale - numerator
                pair = [(systems["count"], numerator), (systems["complement"], complement)]
                is_safe &= np.logical_and.reduce(
                    [system.can_add(areas, first, last, values, shown) for system, values in pair]
                )
                for system, values in pair:
                    system.add(areas, first, last, values, shown & is_safe, True)
            unknown = counts.unknown[rows]
            tells_unknown = shown & is_safe & ((unknown == 0) | (unknown >= kind.minimum))
            unknown_is_safe = systems["unknown"].add(areas, first, last, unknown, tells_unknown, is_yearly)
            if not is_yearly:
                flags[rows, 0] |= ~is_safe
                flags[rows, 1] |= ~is_safe | ~unknown_is_safe
                flags[rows, 2] |= ~base_is_safe


def _distinct(family: _Family, rows: Sequence[int]) -> list[tuple[list[int], _Integers]]:
    """Rows of one window so that each area is in a batch once: a window may stand for several periods."""
    batches: list[dict[int, int]] = []
    for row in rows:
        area = family.areas[family.counts.cells[row][0]]
        batch = next((batch for batch in batches if area not in batch), None)
        if batch is None:
            batch = {}
            batches.append(batch)
        batch[area] = row
    return [(list(batch.values()), np.array(list(batch), dtype=np.int64)) for batch in batches]


def _true_years(family: _Family, years: CountTable, year_rows: Sequence[int]) -> dict[str, _Integers]:
    """The true counts of each area and year, `NO_NUMBER` where nobody says."""
    shape = (len(family.areas), family.number)
    true = {
        name: np.full(shape, NO_NUMBER, dtype=np.int64) for name in ("count", "complement", "base", "unknown")
    }

    def put(counts: CountTable, row: int, year: int) -> None:
        area = family.areas.get(counts.cells[row][0])
        if area is None or not 0 <= year < family.number or counts.base[row] == NO_NUMBER:
            return
        true["base"][area, year], true["unknown"][area, year] = counts.base[row], counts.unknown[row]
        if counts.numerator[row] != NO_NUMBER:
            true["count"][area, year] = counts.numerator[row]
            true["complement"][area, year] = counts.base[row] * family.kind.scale - counts.numerator[row]

    for (_, window), rows in family.rows.items():
        if window.first == window.last:
            for row in rows:
                put(family.counts, row, window.first - family.first)
    numbers = {period: quarter_number(period) for period in {years.cells[row][1] for row in year_rows}}
    for row in year_rows:
        number = numbers[years.cells[row][1]]
        if number is not None:
            put(years, row, number // family.step - family.first)
    return true


@dataclass
class _RunningTotals:
    """Bounds of differences between running totals, by area: entry i, j is the most that total j is above total i.

    Attributes
    ----------
    top : array of int, shape (areas, years)
        The most that a year may have.
    true : array of int, shape (areas, years)
        What it has, `NO_NUMBER` where nobody says.
    small : int
        The least count that is not small.
    least : int
        How many values of a small one must be left.
    """

    top: _Integers
    true: _Integers
    small: int
    least: int

    def __post_init__(self) -> None:
        areas = len(self.top)
        running = np.concatenate(
            [np.zeros((areas, 1), np.int64), np.minimum(self.top, NO_BOUND // 64).cumsum(1)], 1
        )
        ahead = running[:, None, :] - running[:, :, None]
        self.bounds = np.where(ahead > 0, np.where(ahead >= NO_BOUND // 64, NO_BOUND, ahead), 0)

    def _with(self, areas: _Integers, first: int, last: int, values: _Integers) -> _Integers:
        """The bounds of some areas with what a window adds up to."""
        bounds = self.bounds[areas]
        start, end = first, last + 1
        for source, target, length in ((start, end, values), (end, start, -values)):
            through = bounds[:, :, source, None] + length[:, None, None] + bounds[:, None, target, :]
            bounds = np.minimum(bounds, np.minimum(through, NO_BOUND))
        return bounds

    def _is_safe(self, areas: _Integers, bounds: _Integers) -> _Flags:
        """Whether each small year of an area keeps enough values."""
        year = np.arange(self.top.shape[1])
        least, most = -bounds[:, year + 1, year], bounds[:, year, year + 1]
        left = np.minimum(most, self.small - 1) - np.maximum(least, 1) + 1
        true = self.true[areas]
        may_be_small = np.where(true == NO_NUMBER, left > 0, (true > 0) & (true < self.small))
        is_consistent = (np.diagonal(bounds, axis1=1, axis2=2) >= 0).all(axis=1)
        return np.asarray(~(may_be_small & (left < self.least)).any(axis=1) & is_consistent)

    def can_add(
        self, areas: _Integers, first: int, last: int, values: _Integers, published: _Flags
    ) -> _Flags:
        """Whether a window may be shown in each area; True where it is not shown anyhow."""
        values = np.where(published, values, 0)
        return ~published | self._is_safe(areas, self._with(areas, first, last, values))

    def add(
        self, areas: _Integers, first: int, last: int, values: _Integers, published: _Flags, always: bool
    ) -> _Flags:
        """Show a window where it is safe, or always; and whether it was."""
        values = np.where(published, values, 0)
        bounds = self._with(areas, first, last, values)
        safe = ~published | always | self._is_safe(areas, bounds)
        taken = published & safe
        self.bounds[areas[taken]] = bounds[taken]
        return safe
