"""Rows that the set published before decides, written as it shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_bosoc.disclosure.primary import COUNTS
from geo_bosoc.disclosure.published_before import PROTECTED, Consistency
from geo_bosoc.disclosure.published_categories import PublishedCategories, by_own_figures
from geo_bosoc.disclosure.results import Results
from geo_bosoc.disclosure.row_copies import copied_rows, equal_numbers, index_of, ratio_of
from geo_bosoc.disclosure.suppressed_tables import RESIDENTS, PublishedTables
from geo_bosoc.models.spec import RANGE

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
    earlier: Consistency, published: PublishedCategories, results: Results, table: pd.DataFrame
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
    """
    keys = index_of(published.categories, _KEYS)
    then = earlier.before.categories.set_index(list(_KEYS))
    is_old = keys.isin(then.index)
    is_copied = is_old & (
        _unchanged(earlier, published.categories, results, table)
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


def _unchanged(earlier: Consistency, categories: pd.DataFrame, results: Results, table: pd.DataFrame) -> Any:
    """Rows of a points model that rest on suppressed figures, and of which every figure is as it was."""
    same = pd.Series(True, index=table.index)
    then = earlier.rows
    for name in ("numerator", "denominator", "value", "reference"):
        same &= equal_numbers(table[name], then[name])
    same &= table["status"] == then["status"]
    rows = table.assign(same=same, suppressed=table["status"] == PROTECTED)
    chosen = np.zeros(len(categories), dtype=bool)
    for model in results.models:
        if not by_own_figures(model):
            continue
        of_model = rows[rows["indicator"].isin(list(model.indicators))]
        grouped = of_model.groupby(["area_id", "period"])
        fits = grouped["same"].all() & grouped["suppressed"].any()
        keys = index_of(categories, ("area_id", "period"))
        is_fit = fits.reindex(keys).fillna(False).to_numpy(bool)
        chosen |= is_fit & (categories["model"] == model.id).to_numpy(bool)
    return chosen


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
