"""What the columns of a GeoPackage's layers are called in QGIS's tables and forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

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
    "output_set": ("Udgave", "Edition"),
}
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
}


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
        start, _, figure = column.rpartition("_")
        if start in labels and figure in FIGURES:
            named[column] = f"{labels[start]}: {FIGURES[figure][side]}"
        else:
            named[column] = COLUMNS[column][side] if column in COLUMNS else column
    return named
