"""What the columns of a GeoPackage's layers are called in QGIS's tables and forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models.spec import Model
from geo_bosoc.text.catalogue import word_or_key, words

TEXTS: Final = ("possible", "socioeconomic", "assumed", "small_base", "smallest_change")
NUMBERS: Final = ("held", "change_by_chance")


def column_words(columns: Iterable[str], labels: Mapping[str, str], language: str) -> dict[str, str]:
    """A word for each column, in their order.

    Parameters
    ----------
    labels : words of indicators and criteria by id, for columns such as ``<id>_value``.

    Examples
    --------
    >>> column_words(["name", "health_value"], {"health": "Helbred"}, "da")
    {'name': 'Område', 'health_value': 'Helbred: værdi'}
    """
    figures = words("figure_columns", language)
    by_length = sorted(figures, key=len, reverse=True)
    named: dict[str, str] = {}
    for column in columns:
        figure = next((name for name in by_length if column.endswith(f"_{name}")), "")
        start = column.removesuffix(f"_{figure}")
        if start in labels and figure:
            named[column] = f"{labels[start]}: {figures[figure]}"
        else:
            named[column] = word_or_key("columns", column, language)
    return named


def beside_category(published: PublishedResults, model: Model, period: str) -> pd.DataFrame:
    """What a model tells beside its category in a period: `area_id` and the columns that say anything in any period.

    The columns are the same in every period, so that layers can be compared.
    """
    every = published.categories.loc[published.categories["model"] == model.id]
    rows = every.loc[every["period"] == period].drop_duplicates("area_id")
    told = pd.DataFrame({"area_id": rows["area_id"]})
    for name in TEXTS:
        if name in every.columns and every[name].notna().any():
            told[name] = rows[name].fillna("").astype(str)
            if name == "socioeconomic":
                labels = {category.id: category.label(published.language) for category in model.categories}
                told["socioeconomic_label"] = told[name].map(labels).fillna("")
    for name in NUMBERS:
        if name in every.columns and every[name].notna().any():
            told[name] = rows[name].astype("Float64").astype("float64")
    flags = published.flags.loc[
        (published.flags["model"] == model.id) & (published.flags["period"] == period)
    ]
    for category in model.category[:-1] if (published.flags["model"] == model.id).any() else ():
        own = (
            flags.loc[flags["category"] == category.id].drop_duplicates("area_id").set_index("area_id")["met"]
        )
        told[f"is_{category.id}"] = told["area_id"].map(own).fillna("").astype(str)
    return told
