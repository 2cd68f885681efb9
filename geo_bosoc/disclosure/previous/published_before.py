"""Consistent with the set that was published before: an outsider has both.

A period of that set is *frozen*: its rows are taken as they were published, whatever the registers say today, and so
are figures of other periods that rest on the data of one of its periods (a survey behind two years). With `revise` its
rows are made anew, and old and new count as two areas with the same people: what was suppressed stays so, and a figure
whose count, complement or base is 1 to ``minimum - 1`` persons from the published one stays as it was published.

What decisions tell. That a period is frozen is no secret, and tells nothing. That a revised figure is as it was tells
that it has changed by fewer than `minimum` persons or not at all. A category of a new or revised period that rests on a
suppressed figure of the earlier set is told as far as shown figures alone tell it, or as it was told where every shown
figure gives the points that it gave and every possible count of a suppressed one would.

Not covered: periods of the earlier set that the run leaves out, for figures pooled over years; areas of another id that
hold nearly the same people, for a revised period.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.disclosure.previous.row_copies import (
    copied_rows,
    equal_numbers,
    equals_any,
    index_of,
    known_base,
    ratio_of,
)
from geo_bosoc.disclosure.primary import CELL, COUNTS
from geo_bosoc.disclosure.results import Results
from geo_bosoc.disclosure.secondary.suppressed_values import FIGURES
from geo_bosoc.disclosure.suppressed_tables import Suppression
from geo_bosoc.indicators.rates import indicator_table
from geo_bosoc.models.provenance import provenance_by_figure

PROTECTED: Final = "protected"
_DATA: Final = ("data_period", "status_date")
"""What says that figures of two periods are of the same people."""

Slice = tuple[str, str]
"""Indicator and period."""


@dataclass(frozen=True)
class PublishedBefore:
    """A set that was published before, as its files tell it.

    Attributes
    ----------
    periods : tuple of str
        Its periods.
    areas, indicators : frozenset of str
        Ids.
    models : mapping of str to str
        Version by id.
    table : DataFrame
        ``area_id, period, indicator, value, numerator, denominator, unknown, reference, status``.
    categories, criteria : DataFrame
        The columns of ``categories.csv`` that are none of a figure's, and of ``criteria.csv``; missing texts are None.
    sources : DataFrame
        As `Results.sources`.
    totals : mapping
        By reference area, period and indicator: the count in persons and the base, where they were shown.
    revise : bool
        Whether the rows of its periods are made anew.
    """

    periods: tuple[str, ...]
    areas: frozenset[str]
    indicators: frozenset[str]
    models: Mapping[str, str]
    table: pd.DataFrame
    categories: pd.DataFrame
    criteria: pd.DataFrame
    sources: pd.DataFrame
    totals: Mapping[tuple[str, str, str], tuple[Fraction, int]]
    revise: bool = False


class Consistency:
    """What the set published before means for a run: which rows are as they were, and which stay suppressed.

    Parameters
    ----------
    results : Results
        True counts.
    before : PublishedBefore
        The earlier set.
    minimum : int
        The least number of persons that is shown.
    """

    def __init__(self, results: Results, before: PublishedBefore, minimum: int) -> None:
        self.before, self.minimum = before, minimum
        self.specs = {spec.id: spec for spec in results.indicators}
        self.frozen = frozenset() if before.revise else frozenset(before.periods) & set(results.periods)
        self.slices = self._slices(results)
        self._today = results.table.reset_index(drop=True)
        self._references = results.reference_areas.reset_index(drop=True)

    def _slices(self, results: Results) -> dict[Slice, str]:
        """The figures that the earlier set decides, by indicator and period: with the period in it that they are of."""
        published = set(zip(self.before.table["indicator"], self.before.table["period"], strict=True))
        by_data = {key: period for (key, period) in _data_keys(self.before.sources) if key[1]}
        data_of = {(key[0], period): key for key, period in _data_keys(results.sources)}
        slices = {}
        for spec in results.indicators:
            for period in results.periods:
                if (spec.id, period) in published:
                    slices[spec.id, period] = period
                elif (key := data_of.get((spec.id, period))) in by_data:
                    slices[spec.id, period] = by_data[key]
        return slices

    def _published(self, table: pd.DataFrame) -> pd.DataFrame:
        """The earlier set's rows for the rows of a table; `is_decided` says which it has a say in at all."""
        slices = list(zip(table["indicator"], table["period"], strict=True))
        periods = [self.slices.get(each, "") for each in slices]
        keys = pd.MultiIndex.from_arrays([table["area_id"].astype(str), periods, table["indicator"]])
        rows = self.before.table.set_index(list(CELL)).reindex(keys).set_axis(table.index)
        return rows.assign(is_decided=[each in self.slices for each in slices])

    @cached_property
    def rows(self) -> pd.DataFrame:
        """By row of the table: what was published, and whether it is `gone`, `copied`, or has `changed` since."""
        now, then = self._today, self._published(self._today)
        numbers = now[list(COUNTS)].astype("Int64")
        scale = now["indicator"].map({key: spec.scale for key, spec in self.specs.items()}).fillna(1)
        scale = scale.astype("Int64")
        unknown = numbers["unknown"].fillna(0)
        is_absent = then["status"].isna()
        gone = then["is_decided"] & (is_absent | (then["status"] == PROTECTED))
        # unknowns of few persons are published as part of the count beside them
        bases = (numbers["denominator"], numbers["denominator"] - unknown)
        counts = (numbers["numerator"], numbers["numerator"] + unknown * scale)
        same_base = equals_any(then["denominator"], bases)
        same = (
            equals_any(then["numerator"], counts)
            & same_base
            & equal_numbers(now["value"], then["value"])
            & (now["status"] == then["status"])
        )
        is_known = then["is_decided"] & ~gone
        changed = (is_known & ~same) | (gone & ~is_absent & then["denominator"].notna() & ~same_base)
        then["gone"], then["changed"] = gone, changed
        then["copied"] = is_known if not self.before.revise else is_known & ~same & self._little(now, then)
        then["old_base"] = gone
        if self.before.revise:  # a base that was small, and nobody now, is not told either
            little = (known_base(now) - known_base(then)).abs().lt(self.minimum)
            was_small = then["denominator"].isna() & (known_base(now) == 0)
            then["old_base"] &= ~same_base & (little | was_small).fillna(False).astype(bool)
        return then

    def _little(self, now: pd.DataFrame, then: pd.DataFrame) -> pd.Series:
        """Whether count, complement or base of a figure has changed by few persons."""
        scale = now["indicator"].map({key: spec.scale for key, spec in self.specs.items()}).fillna(1)
        scale = scale.astype("Int64")
        base = (known_base(now) - known_base(then)).abs()
        numerator = now["numerator"].astype("Int64") - then["numerator"].astype("Int64")
        complement = ((known_base(now) - known_base(then)) * scale - numerator).abs()
        little = pd.Series(False, index=now.index)
        for difference, unit in ((base, 1), (numerator.abs(), scale), (complement, scale)):
            little |= ((difference > 0) & (difference < self.minimum * unit)).fillna(False).astype(bool)
        return little

    def changes(self) -> dict[str, int]:
        """By period, how many published figures are another today."""
        periods = self._today.loc[self.rows["changed"], "period"].astype(str).tolist()
        return {period: periods.count(period) for period in sorted(set(periods))}

    def results(self, results: Results) -> Results:
        """Results with published figures in place of today's, where those stand."""
        table, references = self._today, self._references
        copied = self.rows["copied"] & self.rows["changed"]
        table = self._with_figures(table, self.rows, copied)
        table = table.assign(reference=self._reference_values(table))
        table = table.assign(ratio=ratio_of(table))
        references = self._with_figures(references, self._totals, self._totals["copied"])
        references = references.assign(reference=self._reference_values(references))
        references = references.assign(ratio=ratio_of(references))
        sources = results.sources
        if self.frozen:
            by = ["indicator", "period", "register"]
            published = self.before.sources.drop_duplicates(by).set_index(by)
            keys = index_of(sources, by)
            rows = keys.isin(published.index) & sources["period"].isin(self.frozen).to_numpy(bool)
            sources = copied_rows(sources, published, keys, rows, [*_DATA, "source"])
        criteria = results.criteria
        if "points" in criteria.columns:  # of figures that may not be those of today
            slices = zip(criteria["indicator"], criteria["period"], strict=True)
            decided = pd.Series([each in self.slices for each in slices], index=criteria.index, dtype=bool)
            criteria = criteria.assign(points=criteria["points"].mask(decided))
        return replace(results, table=table, reference_areas=references, sources=sources, criteria=criteria)

    def _with_figures(self, table: pd.DataFrame, then: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
        """A table with the published figures in some rows, and their intervals."""
        if not rows.any():
            return table
        table = table.astype(dict.fromkeys(COUNTS, "Int64"))
        for name in (*COUNTS, "value", "status"):
            table[name] = table[name].mask(rows, then[name].astype(table[name].dtype))
        table["unknown"] = table["unknown"].mask(
            rows & table["denominator"].notna(), table["unknown"].fillna(0)
        )
        counted = table[rows & table["numerator"].notna() & table["denominator"].notna()]
        again = indicator_table(counted, list(self.specs.values())).set_axis(counted.index)
        for name in ("low", "high"):
            table[name] = table[name].mask(rows, again[name].reindex(table.index))
        return table

    @cached_property
    def _totals(self) -> pd.DataFrame:
        """By row of the reference areas: the published figure, and whether it is `copied` or `gone`."""
        now = self._references
        municipal = self._municipal
        suspect = self._suspect_slices
        records = []
        for row in now.to_dict("records"):
            records.append(self._total(row, municipal, suspect))
        columns = [*COUNTS, "value", "status", "copied", "gone", "is_decided"]
        return pd.DataFrame(records, columns=columns, index=now.index)

    @cached_property
    def _municipal(self) -> dict[Slice, float]:
        """The reference of the areas that the earlier set shows, by indicator and period of this run."""
        shown = self.before.table.dropna(subset=["reference"]).drop_duplicates(["indicator", "period"])
        values = dict(
            zip(zip(shown["indicator"], shown["period"], strict=True), shown["reference"], strict=True)
        )
        return {
            (indicator, period): float(values[indicator, then])
            for (indicator, period), then in self.slices.items()
            if (indicator, then) in values
        }

    @cached_property
    def _suspect_slices(self) -> set[Slice]:
        """Revised figures of which some area's is suppressed or as it was, or has changed."""
        rows = self.rows["copied"] | self.rows["gone"] | self.rows["changed"]
        return set(zip(self._today.loc[rows, "indicator"], self._today.loc[rows, "period"], strict=True))

    @cached_property
    def _renewed_slices(self) -> set[Slice]:
        """Revised figures of which some area shows another one than was published."""
        rows = self.rows["changed"] & ~self.rows["copied"] & ~self.rows["gone"]
        return set(zip(self._today.loc[rows, "indicator"], self._today.loc[rows, "period"], strict=True))

    def _total(
        self, row: Mapping[Any, Any], municipal: Mapping[Slice, float], suspect: Collection[Slice]
    ) -> tuple[Any, ...]:
        """A reference area's published numbers, value and status; whether it is copied, gone, and decided here."""
        key = (str(row["indicator"]), str(row["period"]))
        nothing = (None, None, None, None, row["status"])
        if key not in self.slices:
            return *nothing, False, False, False
        spec = self.specs[key[0]]
        published = self.before.totals.get((str(row["area_id"]), self.slices[key], key[0]))
        is_municipal = row["area_id"] == MUNICIPALITY
        value = municipal.get(key) if is_municipal else None
        count, base = (None, None) if published is None else (round(published[0] * spec.scale), published[1])
        now_base = None if pd.isna(row["denominator"]) else int(row["denominator"])
        if now_base is not None and not pd.isna(row["unknown"]):
            now_base -= int(row["unknown"])
        now_count = None if pd.isna(row["numerator"]) else int(row["numerator"])
        same = published is not None and (count, base) == (now_count, now_base)
        same |= published is None and value is not None and _same(value, row["value"])
        if same and (is_municipal or key not in self._renewed_slices):
            return *nothing, False, False, True
        if published is None and value is None:
            return *nothing, False, True, True
        if self.before.revise:
            if not is_municipal:
                return *nothing, False, key in suspect, key in suspect
            if not self._is_little(count, base, now_count, now_base, spec.scale):
                return *nothing, False, False, False
        if published is not None and spec.unknown == "exclude" and base:
            figure = value if value is not None else float(Fraction(int(count or 0), base * spec.scale))
            figure = float(count or 0) / spec.scale if spec.unit == "count" else figure
            return count, base, 0, figure, "ok", True, False, True
        if value is not None:
            return None, None, None, value, "ok", True, False, True
        return *nothing, False, True, True

    def _is_little(
        self, count: int | None, base: int | None, now_count: int | None, now_base: int | None, scale: int
    ) -> bool:
        """Whether two figures of the municipality are so near that the difference would be a small number."""
        if count is None or base is None or now_count is None or now_base is None:
            return True
        numbers = (now_base - base) * scale, now_count - count
        return any(0 < abs(each) < self.minimum * scale for each in (*numbers, numbers[0] - numbers[1]))

    def _reference_values(self, table: pd.DataFrame) -> pd.Series:
        """The municipality's value beside each row: as published, where that stands."""
        rows = self._references["area_id"] == MUNICIPALITY
        copied = self._totals[rows & self._totals["copied"]]
        slices = self._references.loc[copied.index, ["indicator", "period"]].itertuples(
            index=False, name=None
        )
        values = dict(zip(slices, copied["value"], strict=True))
        if self.frozen:
            values |= {key: each for key, each in self._municipal.items() if key[1] in self.frozen}
        keys = list(zip(table["indicator"], table["period"], strict=True))
        counts = {key for key, spec in self.specs.items() if spec.unit == "count"}
        today = table["reference"].to_numpy(float, na_value=np.nan)
        return pd.Series(
            [
                values.get(key, now) if key[0] not in counts else np.nan
                for key, now in zip(keys, today, strict=True)
            ],
            index=table.index,
            dtype="float64",
        )

    # ---- what is suppressed

    def suppressed(self, small: pd.Series) -> pd.Series:
        """Which figures are suppressed: those that the earlier set decides, as it did."""
        if self.before.revise:
            return (small & ~self.rows["copied"]) | self.rows["gone"]
        return small.where(~self.rows["is_decided"], self.rows["gone"])

    def windows(self, unsafe: pd.Series) -> pd.Series:
        """Windows of years that must go: where one that is published would have to, all new ones of the area do."""
        conflicts = unsafe & self.rows["is_decided"] & ~self.rows["gone"]
        if not conflicts.any():
            return unsafe
        pooled = self._today["indicator"].isin([s.id for s in self.specs.values() if s.pool_years > 1])
        areas = self._today["area_id"].isin(set(self._today.loc[conflicts, "area_id"]))
        return unsafe | (areas & pooled & ~self.rows["is_decided"])

    def suppression(self, suppression: Suppression) -> Suppression:
        """The suppression, with what the earlier set decides as it did."""
        cells, references = suppression.cells.copy(), suppression.references.copy()
        as_it_was = self.rows["copied"]
        cells["numerator"] = self.suppressed(cells["numerator"])
        for name in FIGURES[1:]:
            cells[name] &= ~as_it_was
        decided = self._totals["is_decided"]
        references.loc[decided, :] = False
        for name in FIGURES if self.before.revise else FIGURES[:1]:  # bases tell who came and went
            references[name] |= self._totals["gone"]
        return replace(suppression, cells=cells, references=references)


def _data_keys(sources: pd.DataFrame) -> list[tuple[tuple[str, str, str], str]]:
    """By figure and period: indicator, period and day of the data; with the period."""
    rows = provenance_by_figure(sources)
    columns = [rows[name] for name in ("indicator", *_DATA, "period")]
    return [((name, data, day), period) for name, data, day, period in zip(*columns, strict=True)]


def _same(first: Any, second: Any) -> bool:
    return bool(first == second) or bool(pd.isna(first) and pd.isna(second))
