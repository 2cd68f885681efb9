"""Counts pooled over years: windows beside each other, whose differences tell the counts of single years.

2020-2022 less 2020-2021 is 2022, and 2021-2023 less 2020-2022 is 2023 less 2020. What windows leave of each year is
worked out exactly: sums over years in a row are differences of running totals, whose bounds are shortest paths, and of
whole numbers each between the bounds is possible.

The rule. Where no year of an area is small, all its windows are shown. Else windows of the first years, which are
shorter than the others, are not; those of the full length all are if that would leave enough values of *every* year
that may be small as far as anybody can see; and where it would not, only windows that share no year are, the latest
first.

What decisions tell. An area whose windows are all shown, the short ones too, has no small year. Of the others, whether
all full windows are shown follows from what they would show, not from which years are small. Windows that share no year
leave each small year all its values: another year of its window may make up for it. So nothing follows from what is
missing either (a window that is small itself counts as known to be).

Not covered: that no year has more met than people, where the year's base is not shown (counts, their complements and
bases are judged each by itself); windows in models (`Model.pool_years`), which rest on yearly figures that are shown;
figures of single years that are shown for some of the years only.
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

    Indicators of the same definition, pooled or not, are judged together. Years that are shown by themselves stay, and
    windows with a year go that is not shown by itself where such figures are. Where any year is small, windows shorter
    than `pool_years` (the first years') go too, and those of the full length unless with all of them every year that
    may be small keeps `least` of the values from 1 to ``minimum - 1``; then some that share no year stay.

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
        True counts of single years, as `table`, under the id of any of the indicators that share a definition
        (`Results.yearly`). A year of which nobody says how many there are is taken for small.
    data_periods : collection of str, optional
        The periods that have data. Left out: those of `yearly`, or all from the first to the last.
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
    families = _families(indicators)
    if not families:
        return pd.DataFrame(flags, index=table.index, columns=list(FIGURES))
    specs = {indicator.id: indicator for indicator in indicators}
    counts = CountTable(table, specs, minimum)
    hidden = suppressed.to_numpy(bool)
    spans = table["data_period"].tolist() if "data_period" in table.columns else [None] * len(table)
    years = CountTable(yearly, specs, minimum) if yearly is not None else CountTable(table.iloc[:0], specs, 1)
    rows_of, years_of = _rows_by_indicator(counts), _rows_by_indicator(years)
    for family in families:
        windows = {
            row: window
            for name in sorted(family)
            for row in rows_of.get(name, ())
            if (window := _window(spans[row], counts.cells[row][1], specs[name])) is not None
        }
        if windows:
            year_rows = [row for name in sorted(family) for row in years_of.get(name, ())]
            periods = data_periods
            if periods is None and year_rows:
                periods = {years.cells[row][1] for row in year_rows if years.base[row] != NO_NUMBER}
            _judge(_Family(counts, windows, hidden, specs, periods), years, year_rows, least, flags)
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
        self.years: dict[_Window, list[int]] = {}
        self.windows: dict[_Window, list[int]] = {}
        full: set[_Window] = set()
        for row, window in windows.items():
            pooled = specs[counts.cells[row][2]].pool_years
            (self.years if pooled == 1 else self.windows).setdefault(window, []).append(row)
            if (window.last - window.first + 1) * window.step >= 4 * pooled > 4:
                full.add(window)
        self.first = min(window.first for window in windows.values())
        self.number = max(window.last for window in windows.values()) - self.first + 1
        self.step = max(window.step for window in windows.values())
        self.full = sorted(full, key=lambda window: (window.first - window.last, -window.last))
        self.apart: list[_Window] = []
        for window in self.full:
            if all(window.last < other.first or other.last < window.first for other in self.apart):
                self.apart.append(window)
        self.counts, self.hidden = counts, hidden
        numbers = [quarter_number(period) for period in data_periods or ()]
        with_data = {number // self.step for number in numbers if number is not None}
        every_year = range(self.first, self.first + self.number)
        self.has_data = np.array([data_periods is None or year in with_data for year in every_year])


def _judge(family: _Family, years: CountTable, year_rows: Sequence[int], least: int, flags: _Flags) -> None:
    """Set the flags of a family's rows."""
    kind, counts = family.kind, family.counts
    true = _true_years(family, years, year_rows)
    incomplete = _with_hidden_year(family)
    shown = (counts.base != NO_NUMBER) & (counts.numerator != NO_NUMBER) & ~family.hidden
    for window, rows in family.windows.items():
        shown[[row for row in rows if (family.areas[counts.cells[row][0]], window) in incomplete]] = False
    base_level = _level(
        family, "base", true, least, _bounds(counts.base, kind.minimum, counts.base != NO_NUMBER)
    )
    level = base_level
    if not kind.is_mean and not kind.is_tally:
        every = counts.base * kind.scale
        count = _bounds(counts.numerator, kind.minimum * kind.scale, shown, family.hidden)
        complement = _bounds(every - counts.numerator, kind.minimum * kind.scale, shown, family.hidden)
        for name, bounds, others in (("count", count, complement), ("complement", complement, count)):
            both = _Bounds(
                np.where(bounds.is_given, bounds.low, every - others.high),
                np.where(bounds.is_given, bounds.high, every - others.low),
                bounds.is_given | others.is_given,
            )
            level = np.maximum(level, _level(family, name, true, least, both))
    unknown = _bounds(counts.unknown, kind.minimum, shown)
    unknown_level = np.maximum(level, _level(family, "unknown", true, least, unknown))
    for window, rows in family.windows.items():
        last_level = 2 if window in family.apart else 1 if window in family.full else 0
        for row in rows:
            area = family.areas[counts.cells[row][0]]
            gone = level[area] > last_level or (area, window) in incomplete
            flags[row] |= (gone, gone or unknown_level[area] > last_level, base_level[area] > last_level)


class _Bounds(NamedTuple):
    """Between which numbers everybody knows the figures of a table to lie, by row, where anything is known."""

    low: _Integers
    high: _Integers
    is_given: _Flags


def _bounds(values: _Integers, small: int, shown: _Flags, hidden: _Flags | None = None) -> _Bounds:
    """What is `shown`; of small numbers (where `hidden`, if that is given) that they are small."""
    is_small = (values > 0) & (values < small) & (shown if hidden is None else hidden)
    return _Bounds(np.where(is_small, 1, values), np.where(is_small, small - 1, values), shown | is_small)


def _with_hidden_year(family: _Family) -> set[tuple[int, _Window]]:
    """By area the windows with a year that is not shown by itself, where figures of single years are."""
    return {
        (family.areas[family.counts.cells[row][0]], window)
        for year, rows in family.years.items()
        for row in rows
        if family.hidden[row]
        for window in family.windows
        if window.first <= year.last and year.first <= window.last
    }


def _level(
    family: _Family, name: str, true: Mapping[str, _Integers], least: int, bounds: _Bounds
) -> _Integers:
    """How many windows each area shows of one kind of numbers: 0 all, 1 full ones, 2 some apart, 3 none."""
    scale = family.kind.scale if name in ("count", "complement") else 1
    small = family.kind.minimum * scale
    needed = (least - 1) * scale + 1 if scale > 1 else least
    any_small = (true[name] == NO_NUMBER) | ((true[name] > 0) & (true[name] < small))
    level = np.where(any_small[:, family.has_data].any(axis=1), 3, 0)
    for number, windows in ((2, family.apart), (1, family.full)):
        if number == 1 and least >= family.kind.minimum - 1:
            needed = small  # each value is promised: windows share no year where one may be small
        totals = _RunningTotals(_most(family, name, scale), small, needed)
        shown = [*family.years.items(), *((window, family.windows[window]) for window in windows)]
        for window, every_row in shown:
            for rows, areas in _distinct(family, every_row):
                of_rows = _Bounds(bounds.low[rows], bounds.high[rows], bounds.is_given[rows])
                totals.add(areas, window.first - family.first, window.last - family.first, of_rows)
        level = np.where((level > 0) & totals.is_safe(~_by_itself(family)), number, level)
    return level


def _by_itself(family: _Family) -> _Flags:
    """The years of each area that have a figure of their own, so that no window with a small one of them is shown."""
    by_itself = np.zeros((len(family.areas), family.number), dtype=bool)
    for window, rows in family.years.items():
        if window.first == window.last:
            areas = [family.areas[family.counts.cells[row][0]] for row in rows]
            by_itself[areas, window.first - family.first] = True
    return by_itself


def _most(family: _Family, name: str, scale: int) -> _Integers:
    """The most that each year of an area may have: no more met than people, where these are shown."""
    most = np.full((len(family.areas), family.number), NO_BOUND, dtype=np.int64)
    if name in ("count", "complement"):
        for window, rows in family.years.items():
            for row in rows:
                if window.first == window.last and family.counts.base[row] != NO_NUMBER:
                    area = family.areas[family.counts.cells[row][0]]
                    most[area, window.first - family.first] = family.counts.base[row] * scale
    return np.where(family.has_data, most, 0)


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

    for window, rows in [*family.windows.items(), *family.years.items()]:
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
    small : int
        The least count that is not small.
    needed : int
        How many values of a small one must be left.
    """

    top: _Integers
    small: int
    needed: int

    def __post_init__(self) -> None:
        areas = len(self.top)
        running = np.concatenate(
            [np.zeros((areas, 1), np.int64), np.minimum(self.top, NO_BOUND // 64).cumsum(1)], 1
        )
        ahead = running[:, None, :] - running[:, :, None]
        self.bounds = np.where(ahead > 0, np.where(ahead >= NO_BOUND // 64, NO_BOUND, ahead), 0)

    def add(self, areas: _Integers, first: int, last: int, sums: _Bounds) -> None:
        """Add what is known of the sums of a window's years."""
        areas = areas[sums.is_given]
        bounds = self.bounds[areas]
        start, end = first, last + 1
        for source, target, length in ((start, end, sums.high), (end, start, -sums.low)):
            through = (
                bounds[:, :, source, None] + length[sums.is_given, None, None] + bounds[:, None, target, :]
            )
            bounds = np.minimum(bounds, np.minimum(through, NO_BOUND))
        self.bounds[areas] = bounds

    def is_safe(self, judged: _Flags) -> _Flags:
        """Whether in each area all years that are `judged` and may be small keep enough values."""
        year = np.arange(self.top.shape[1])
        least, most = -self.bounds[:, year + 1, year], self.bounds[:, year, year + 1]
        left = np.minimum(most, self.small - 1) - np.maximum(least, 1) + 1
        is_consistent = (np.diagonal(self.bounds, axis1=1, axis2=2) >= 0).all(axis=1)
        too_few = judged & (left > 0) & (left < self.needed)
        return np.asarray(~too_few.any(axis=1) & is_consistent)
