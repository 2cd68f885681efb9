"""What a model says of a finished table, as one table a person can read: category, why, and what would settle it."""

from __future__ import annotations

import pandas as pd

from geo_bosoc.disclosure.results import Language
from geo_bosoc.models import Categorisation
from geo_bosoc.text.catalogue import word


def finished_table(done: Categorisation, language: Language) -> pd.DataFrame:
    """One row an area and period.

    Returns
    -------
    DataFrame
        ``area_id, period, model, model_version, category, category_label``; ``points, points_min, points_max`` where
        the model gives points; ``possible, undetermined_by`` (what it can still be, and the figures that would
        settle it), ``socioeconomic`` (the result without residents' origin) and ``assumed`` where they say
        anything; then for a model of rules a column ``is_<category>`` for each of its categories (yes, no or
        undetermined: areas may be in several).
    """
    rows = done.categories
    label = rows["category"].map(lambda name: done.model.category_label(str(name), language))
    keys = ["area_id", "period", "model", "model_version", "category"]
    table = rows[keys].assign(category_label=label)
    said = ("points", "points_min", "points_max", "possible", "undetermined_by", "socioeconomic", "assumed")
    for name in said:
        if name in rows.columns and rows[name].replace("", None).notna().any():
            table[name] = rows[name]
    if done.flags.empty:
        return table
    met = done.flags.assign(met=done.flags["met"].map(lambda state: word("tables", f"met_{state}", language)))
    wide = met.set_index(["area_id", "period", "category"])["met"].unstack("category")  # noqa: PD010
    order = [category.id for category in done.model.category if category.id in wide.columns]
    wide = wide[order].add_prefix("is_").reset_index()
    return table.merge(wide, on=["area_id", "period"], how="left", validate="one_to_one")
