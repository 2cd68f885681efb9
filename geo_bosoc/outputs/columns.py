"""What the columns of a GeoPackage's layers are called in QGIS's tables and forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models.spec import Model

COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "area_id": ("Område-id", "Area id"),
    "name": ("Område", "Area"),
    "kind": ("Art", "Kind"),
    "period": ("Periode", "Period"),
    "model": ("Model", "Model"),
    "model_version": ("Modelversion", "Model version"),
    "category": ("Kategori (id)", "Category (id)"),
    "category_label": ("Kategori", "Category"),
    "points": ("Point", "Points"),
    "points_min": ("Point, mindst", "Points, least"),
    "points_max": ("Point, højst", "Points, most"),
    "undetermined_by": ("Afhænger af", "Depends on"),
    "category_before": ("Kategori i perioden før", "Category in the period before"),
    "points_before": ("Point i perioden før", "Points in the period before"),
    "moved_by": ("Ændringer i point", "Moved by"),
    "residents": ("Beboere", "Residents"),
    "possible": ("Kan være", "It can be"),
    "socioeconomic": ("Uden herkomst (id)", "Without origin (id)"),
    "socioeconomic_label": ("Kategori uden herkomst", "Category without origin"),
    "assumed": ("Antaget", "Assumed"),
    "held": ("Holdt, andel af trækninger", "Held, share of draws"),
    "change_by_chance": ("Tilfældig variation: chance for skift", "Chance of a change with nothing changed"),
    "small_base": ("Bygger på få personer", "Rests on few persons"),
    "smallest_change": ("Mindste ændring", "Smallest change"),
    "output_set": ("Udgave", "Edition"),
}
TEXTS: Final = ("possible", "socioeconomic", "assumed", "small_base", "smallest_change")
NUMBERS: Final = ("held", "change_by_chance")
FIGURES: Final[Mapping[str, tuple[str, str]]] = {
    "value": ("værdi", "value"),
    "low": ("95 %-interval, fra", "95% interval, from"),
    "high": ("95 %-interval, til", "95% interval, to"),
    "numerator": ("tæller", "numerator"),
    "denominator": ("nævner", "denominator"),
    "unknown": ("uoplyst", "unknown"),
    "reference": ("kommunen", "municipality"),
    "ratio": ("forhold til kommunen", "ratio to the municipality"),
    "status": ("status", "status"),
    "points": ("point", "points"),
    "note": ("bemærkning", "note"),
    "data_period": ("data fra", "data of"),
    "status_date": ("statusdato", "status date"),
}
_BY_LENGTH: Final = sorted(FIGURES, key=len, reverse=True)


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
    side = 0 if language == "da" else 1
    named: dict[str, str] = {}
    for column in columns:
        figure = next((name for name in _BY_LENGTH if column.endswith(f"_{name}")), "")
        start = column.removesuffix(f"_{figure}")
        if start in labels and figure:
            named[column] = f"{labels[start]}: {FIGURES[figure][side]}"
        else:
            named[column] = COLUMNS[column][side] if column in COLUMNS else column
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
