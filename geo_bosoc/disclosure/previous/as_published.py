"""Rows that the set published before decides, written as it shows them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.disclosure.categories.possible_counts import possible_counts
from geo_bosoc.disclosure.categories.published_categories import PublishedCategories, by_own_figures
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.previous.published_before import PROTECTED, Consistency
from geo_bosoc.disclosure.previous.row_copies import copied_rows, index_of, ratio_of
from geo_bosoc.disclosure.primary import CELL, COUNTS
from geo_bosoc.disclosure.results import RESIDENTS, Results
from geo_bosoc.disclosure.suppressed_tables import PublishedTables
from geo_bosoc.models.category import RANGE
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.exact_values import Cell, Reading
from geo_bosoc.models.measures import bad_side
from geo_bosoc.models.points import NO_SPREAD, band_limits, bands_reached
from geo_bosoc.models.spec import Model

_KEYS: Final = ("area_id", "period", "model")
_OF_CRITERION: Final = (
    *("value", "reference", "threshold", "met", "margin", "points", "status", "needed", "missing_periods"),
)
"""Columns of `Results.criteria` that are taken from a frozen period's."""
_OF_OTHERS: Final = ("small_base", "model_version")
"""Columns of categories that are written elsewhere (`with_small_bases`), or say nothing of an area."""


def as_published(earlier: Consistency, tables: PublishedTables) -> PublishedTables:
    """The tables as they are to be published, with the rows that the earlier set decides as it shows them."""
    then = earlier.rows
    table = tables.table.copy()
    for name in (*COUNTS, "value", "status"):
        table[name] = table[name].mask(then["copied"], then[name].astype(table[name].dtype))
    base = then["denominator"].astype("Int64")
    table["denominator"] = table["denominator"].mask(then["old_base"], base)
    is_frozen = table["period"].isin(earlier.frozen)
    table["reference"] = table["reference"].mask(is_frozen, then["reference"].astype("float64"))
    is_empty = table["value"].isna()
    for name in ("low", "high"):
        table[name] = table[name].mask(is_empty)
    table["ratio"] = table["ratio"].mask(is_frozen, ratio_of(table))
    return PublishedTables(table, tables.reference_areas, _residents(earlier, tables.residents))


def _residents(earlier: Consistency, residents: pd.DataFrame) -> pd.DataFrame:
    published = earlier.before.categories.drop_duplicates(["area_id", "period"])
    keys = ["area_id", "period"]
    then = published.set_index(keys)[RESIDENTS].astype("Int64")
    index = pd.MultiIndex.from_frame(residents[keys].astype(str))
    numbers = then.reindex(index).set_axis(residents.index)
    now = residents[RESIDENTS].astype("Int64")
    decided = pd.Series(index.isin(then.index), index=residents.index)
    if earlier.before.revise:
        little = (now - numbers).abs().lt(earlier.minimum).fillna(False).astype(bool)
        decided &= little | numbers.isna()
    return residents.assign(**{RESIDENTS: now.mask(decided, numbers)})


def categories_as_published(
    earlier: Consistency,
    published: PublishedCategories,
    results: Results,
    table: pd.DataFrame,
    policy: Policy,
) -> PublishedCategories:
    """Categories and criteria, with those that the earlier set decides as it shows them.

    Parameters
    ----------
    earlier : Consistency
        What the earlier set decides.
    published : PublishedCategories
        As shown figures tell them.
    results : Results
        Of which the models are taken.
    table : DataFrame
        As it is published.
    policy : Policy
        What is small.
    """
    keys = index_of(published.categories, _KEYS)
    then = earlier.before.categories.set_index(list(_KEYS))
    is_old = keys.isin(then.index)
    is_copied = is_old & (
        _unchanged(earlier, published, results, table, policy)
        if earlier.before.revise
        else published.categories["period"].isin(earlier.frozen).to_numpy(bool)
    )
    names = [n for n in published.categories.columns if n in then.columns and n not in _OF_OTHERS]
    categories = copied_rows(published.categories, then, keys, is_copied, names)
    categories = _follow(categories, is_copied)
    criteria = published.criteria
    by = [*_KEYS, "criterion"]
    if earlier.frozen and set(by) <= set(criteria.columns) and len(earlier.before.criteria):
        old = earlier.before.criteria.set_index(by)
        row_keys = index_of(criteria, by)
        rows = row_keys.isin(old.index) & criteria["period"].isin(earlier.frozen).to_numpy(bool)
        names = [name for name in _OF_CRITERION if name in criteria.columns and name in old.columns]
        criteria = copied_rows(criteria, old, row_keys, rows, names)
    return replace(published, categories=categories, criteria=criteria)


def _unchanged(
    earlier: Consistency,
    published: PublishedCategories,
    results: Results,
    table: pd.DataFrame,
    policy: Policy,
) -> Any:
    """Ranges of points models whose area would get the same category as it did for each count that stays possible.

    So it is where every shown criterion gives the points that it gave, and every count of a suppressed one would: to
    tell the category again tells no more than it did. All of that can be seen from what is shown.
    """
    tests = {
        model.id: _SamePoints(earlier, published, results, table, policy, model)
        for model in results.models
        if by_own_figures(model)
    }
    rows = published.categories[[*_KEYS, "category"]].itertuples(index=False, name=None)
    return np.array(
        [
            category == RANGE and model in tests and tests[model].holds(area, period)
            for area, period, model, category in rows
        ],
        dtype=bool,
    )


class _SamePoints:
    """Whether a model gives an area the same points as it did, whatever a suppressed figure is."""

    def __init__(
        self,
        earlier: Consistency,
        published: PublishedCategories,
        results: Results,
        table: pd.DataFrame,
        policy: Policy,
        model: Model,
    ) -> None:
        self.model, self.policy = model, policy
        self.specs = {spec.id: spec for spec in results.indicators}
        of_model = table["indicator"].isin(list(model.indicators))
        columns = ["status", "denominator", "reference"]
        keys = list(table.loc[of_model, list(CELL)].astype(str).itertuples(index=False, name=None))
        self.now, self.then = (
            dict(zip(keys, frame.loc[of_model, columns].itertuples(index=False, name=None), strict=True))
            for frame in (table, earlier.rows)
        )
        self.points_now, self.points_then = (
            _points(frame, model.id) for frame in (published.criteria, earlier.before.criteria)
        )

    def holds(self, area: str, period: str) -> bool:
        """Whether it is so for an area and period."""
        return all(self._same(criterion, area, period) for criterion in self.model.criterion)

    def _same(self, criterion: Criterion, area: str, period: str) -> bool:
        key = (area, period, criterion.indicator)
        if key not in self.now or criterion.reference_area != MUNICIPALITY:
            return False
        (status, base, reference), (old_status, old_base, old_reference) = self.now[key], self.then[key]
        if status != old_status:
            return False
        if status != PROTECTED:
            name = (area, period, criterion.key)
            points = self.points_now.get(name)
            return points is not None and points == self.points_then.get(name)
        persons, old_persons = (None if pd.isna(each) else int(each) for each in (base, old_base))
        if persons != old_persons:
            return False
        if reference == old_reference:
            return True
        spec = self.specs.get(criterion.indicator)
        if spec is not None and spec.scale != 1:
            return False  # of full-time persons a count may be any fraction
        counts = possible_counts(spec, persons, self.policy, lambda value: None).values
        if not counts or pd.isna(reference) or pd.isna(old_reference):
            return False
        maps = []
        for each in (reference, old_reference):
            value = Fraction(float(each))
            reading = Reading(value, value, value, Cell(value, "ok"), "ok")
            limits = [limit for limit in band_limits(criterion, reading, NO_SPREAD)[0] if limit is not None]
            maps.append([bands_reached(criterion, bad_side(count, criterion), limits) for count, _ in counts])
        return maps[0] == maps[1]


def _points(criteria: pd.DataFrame, model: str) -> dict[tuple[str, str, str], float]:
    """The points that are shown, by area, period and criterion."""
    if not {*_KEYS, "criterion", "points"} <= set(criteria.columns):
        return {}
    rows = criteria[(criteria["model"] == model) & criteria["points"].notna()]
    keys = rows[["area_id", "period", "criterion"]].astype(str).itertuples(index=False, name=None)
    return dict(zip(keys, rows["points"].astype(float), strict=True))


def _follow(categories: pd.DataFrame, is_copied: Any) -> pd.DataFrame:
    """What other rows say of the period before, where that is as it was published."""
    if not is_copied.any():
        return categories
    changes: dict[str, dict[Any, Any]] = {"category_before": {}, "points_before": {}}
    last: dict[tuple[str, str], tuple[Any, Any, bool]] = {}
    names = [*_KEYS, "category", "points"]
    rows = zip(categories.index, is_copied, categories[names].itertuples(index=False, name=None), strict=True)
    for row, copied, (area, _, model, category, points) in sorted(rows, key=lambda each: str(each[2][1])):
        before = last.get((area, model), (None, None, False))
        if before[2] and not copied:
            changes["category_before"][row] = None if before[0] == RANGE else before[0]
            changes["points_before"][row] = before[1]
        last[area, model] = (category, points, bool(copied))
    frame = categories.copy()
    for name, by_row in changes.items():
        cells = [by_row.get(row, cell) for row, cell in frame[name].items()]
        frame[name] = pd.Series(cells, index=frame.index, dtype=frame[name].dtype)
    return frame


def with_small_bases(earlier: Consistency, categories: pd.DataFrame) -> pd.DataFrame:
    """Categories whose frozen rows say as they did which figures rest on few persons."""
    then = earlier.before.categories.set_index(list(_KEYS))
    if "small_base" not in categories.columns or "small_base" not in then.columns:
        return categories
    keys = index_of(categories, _KEYS)
    rows = keys.isin(then.index) & categories["period"].isin(earlier.frozen).to_numpy(bool)
    return copied_rows(categories, then, keys, rows, ["small_base"])
