"""``categories.gpkg``: the areas with categories and figures, a layer a period, styled for QGIS."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import PublishedResults, stamp_texts
from geo_bosoc.disclosure.suppress import RESIDENTS
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.provenance import PROVENANCE_COLUMNS, SOURCE_COLUMNS, provenance_by_figure
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.columns import beside_category, column_words
from geo_bosoc.outputs.geopackage.qgis_style import StyleClass, categories_style, rules_style
from geo_bosoc.outputs.layers import Class, category_layer, indicator_classes
from geo_bosoc.text.numbers import (
    SOURCES_TABLE,
    UNIT_FACTOR,
    WITHOUT_BASE,
)

FIGURES: Final = (
    "value", "low", "high", "numerator", "denominator", "unknown", "reference", "ratio", "status",
)  # fmt: skip
_COUNTS: Final = ("numerator", "denominator", "unknown")
_OF_MODEL: Final = (
    "model_version", "category", "points", "points_min", "points_max", "undetermined_by", "category_before",
    "points_before", "moved_by",
)  # fmt: skip
_NUMBERS: Final = ("points", "points_min", "points_max", "points_before")
SOURCES: Final = "sources"
"""The table of a GeoPackage that tells where its layers' figures come from."""
_DATES: Final = PROVENANCE_COLUMNS[:2]
_STYLE_NAME: Final = 100
_STYLES: Final = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(100), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME
)"""


@dataclass(frozen=True)
class Style:
    """A style of a layer as `layer_styles` keeps it; a layer opens in QGIS with its default one."""

    layer: str
    name: str
    qml: str
    default: bool


def write_geopackage(published: PublishedResults, path: str | Path) -> None:
    """Write the areas to a GeoPackage that opens in QGIS with its colours, hatching, words and names.

    Layers ``categories_<period>`` (of the first model; further models' have the model's id at the end) and
    ``indicators_<period>``: MultiPolygon, EPSG:25832, shares as plain fractions, counts in the indicator's
    fixed point. Table ``sources`` tells period, status date and source of every indicator, a row for each register it
    counts in. Table ``layer_styles`` holds the styles: one of categories, and one an indicator, of which
    the first that is not a mere number is the default. A hidden figure is NULL and its status says
    ``protected``. The same input gives the same bytes.

    Raises
    ------
    geo_bosoc.atomic_write.write.OutputInUse
        The file is open in another program; it is left as it was.
    """
    moment = published.file_date.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    styles: list[Style] = []
    with atomic_file(path) as draft:
        with _dated(moment):
            for number, model in enumerate(published.models):
                told, classes, _ = category_layer(published, model, list(published.areas["name"].astype(str)))
                labels = {each.id: each.label for each in classes}
                for step, period in enumerate(published.periods):
                    name = f"categories_{_table_name(period)}"
                    name += "" if number == 0 else f"_{_table_name(model.id)}"
                    layer = category_features(published, model, period, labels)
                    title = f"{model.label(published.language)} {period}"
                    _write(layer, draft, name, title, published, model.notice(published.language))
                    qml = _category_qml(
                        published, classes, told["legend"][step]["counts"], list(layer.columns)
                    )
                    styles.append(Style(name, model.label(published.language)[:_STYLE_NAME], qml, True))
            drawn: list[tuple[str, str]] = []
            first = next((rank for rank, spec in enumerate(published.indicators) if spec.unit != "count"), 0)
            for period in published.periods:
                name = f"indicators_{_table_name(period)}"
                layer = indicator_features(published, period)
                _write(layer, draft, name, f"{published.name} {period}", published)
                drawn = drawn or _indicator_qml(published, list(layer.columns))
                styles += [Style(name, told, qml, rank == first) for rank, (told, qml) in enumerate(drawn)]
            write_sources(published, draft)
        _write_styles(draft, styles, moment)


def write_sources(published: PublishedResults, path: Path) -> None:
    """Add the table ``sources`` to a GeoPackage: `SOURCE_COLUMNS`, with the indicator's word as ``label``."""
    labels = dict(column_words([RESIDENTS], {}, published.language))
    labels |= {spec.id: spec.label(published.language) for spec in published.indicators}
    told = published.sources[list(SOURCE_COLUMNS)].astype(object)
    told = told.where(told.notna(), None)
    told.insert(1, "label", [labels.get(name, name) for name in told["indicator"]])
    if published.output_set == "internal":
        told = told.assign(output_set=published.edition.mark)
    pyogrio.write_dataframe(
        told.astype("string"),
        path,
        layer=SOURCES,
        driver="GPKG",
        layer_options={
            "IDENTIFIER": SOURCES,
            "DESCRIPTION": " ".join([SOURCES_TABLE[published.language], *stamp_texts(published)]),
        },
    )


def category_features(
    published: PublishedResults, model: Model, period: str, labels: Mapping[str, str]
) -> gpd.GeoDataFrame:
    """The areas with a model's categories in a period; an area that the model has no row for has an empty
    one.

    Returns
    -------
    GeoDataFrame
        ``area_id, name, kind, period, model, model_version, category, category_label, points, points_min,
        points_max, undetermined_by, category_before, points_before, moved_by, residents``, then the points
        of each criterion as ``<criterion>_points``; then what the model tells beside its category: ``possible,
        socioeconomic, socioeconomic_label, assumed, held, change_by_chance, small_base`` (and
        ``smallest_change`` in the internal set) where there is any, and of rules ``is_<category>`` (met | not_met |
        undetermined).
    """
    rows = _of(published.categories, model, period).drop_duplicates("area_id")
    areas = _areas(published).assign(period=period, model=model.id)
    areas = areas.merge(rows.reindex(columns=["area_id", *_OF_MODEL]), on="area_id", how="left")
    areas["category"] = areas["category"].fillna("").astype(str)
    areas.insert(areas.columns.get_loc("category") + 1, "category_label", areas["category"].map(dict(labels)))
    for column in ("undetermined_by", "category_before", "moved_by", "model_version"):
        areas[column] = areas[column].fillna("").astype(str)
    for column in _NUMBERS:
        areas[column] = areas[column].astype("Float64").astype("float64")
    people = published.residents.loc[published.residents["period"] == period, ["area_id", "residents"]]
    areas = areas.merge(people, on="area_id", how="left")
    areas["residents"] = areas["residents"].astype("Int64")
    scores = _of(published.criteria, model, period)
    key = "criterion" if "criterion" in scores.columns else "indicator"
    for criterion in model.criterion:
        own = (
            scores.loc[scores[key] == criterion.key].drop_duplicates("area_id").set_index("area_id")["points"]
        )
        areas[f"{criterion.key}_points"] = areas["area_id"].map(own.astype("Float64").astype("float64"))
    beside = beside_category(published, model, period)
    return _marked(areas.merge(beside, on="area_id", how="left"), published)


def indicator_features(published: PublishedResults, period: str) -> gpd.GeoDataFrame:
    """The areas with every indicator's figures in a period, as ``<indicator>_value``, ``_low`` ...
    ``_status``; ``_note`` for a percentage without base, which has a value and no counts; and the figures'
    ``_data_period`` and ``_status_date``."""
    areas = _areas(published).assign(period=period)
    sources = provenance_by_figure(published.sources).set_index(["indicator", "period"])
    own = published.table.loc[published.table["period"] == period]
    kinds: dict[str, Any] = {name: "Int64" if name in _COUNTS else "float64" for name in FIGURES}
    figures = own[list(FIGURES)].fillna({"status": "missing"}).astype({**kinds, "status": "str"})
    rows_of = own.groupby("indicator", sort=False).indices
    at = pd.Index(areas["area_id"]).get_indexer(own["area_id"])
    columns: dict[str, Any] = {}
    for spec in published.indicators:
        rows = rows_of.get(spec.id, np.empty(0, np.int64))[::-1]  # of two rows of an area the first one stays
        place = np.full(len(areas) + 1, -1)  # the last place is for areas that are not there
        place[at[rows]] = rows
        for name in FIGURES:
            cell = figures[name].array.take(place[:-1], allow_fill=True)
            columns[f"{spec.id}_{name}"] = pd.Series(cell).fillna("missing") if name == "status" else cell
        if not spec.base_known:
            columns[f"{spec.id}_note"] = WITHOUT_BASE[published.language]
        for name in _DATES if (spec.id, period) in sources.index else ():
            columns[f"{spec.id}_{name}"] = str(sources.at[(spec.id, period), name])
    return _marked(pd.concat([areas, pd.DataFrame(columns, index=areas.index)], axis=1), published)


def _category_qml(
    published: PublishedResults, classes: Sequence[Class], counts: Sequence[int], columns: list[str]
) -> str:
    """Each category in its colour and hatching, with its word and how many areas have it in the period."""
    entries = [
        StyleClass(each.id, f"{each.label} ({count})", each.fill)
        for each, count in zip(classes, counts, strict=True)
        if each.assessed or count
    ]
    return categories_style("category", entries, _aliases(published, columns))


def _indicator_qml(published: PublishedResults, columns: list[str]) -> list[tuple[str, str]]:
    """For each indicator the name of its style and a graduated style, the same in every period."""
    drawn: list[tuple[str, str]] = []
    aliases = _aliases(published, columns)
    for spec in published.indicators:
        limits, classes = indicator_classes(published, spec)
        entries = [
            StyleClass(
                _range(spec, limits, index) if each.assessed else f"\"{spec.id}_status\" = '{each.id}'",
                each.label,
                each.fill,
            )
            for index, each in enumerate(classes)
        ]
        label = spec.label(published.language)[:_STYLE_NAME]
        name = spec.id[:_STYLE_NAME] if label in dict(drawn) else label
        drawn.append((name, rules_style(entries, aliases)))
    return drawn


def _range(spec: Indicator, limits: list[float], index: int) -> str:
    """The expression of a class: a value on a limit belongs above it."""
    value = f'"{spec.id}_value" * {UNIT_FACTOR[spec.unit]:g}'
    parts = [f"\"{spec.id}_status\" = 'ok'"]
    parts += [f"{value} >= {limits[index - 1]!r}"] if index > 0 else []
    parts += [f"{value} < {limits[index]!r}"] if index < len(limits) else []
    return " AND ".join(parts)


def _aliases(published: PublishedResults, columns: list[str]) -> dict[str, str]:
    """What the columns are called in QGIS's tables; the feature's own id comes first there."""
    labels = {spec.id: spec.label(published.language) for spec in published.indicators}
    for model in published.models:
        labels |= {each.key: labels.get(each.key, each.label(published.language)) for each in model.criterion}
    fields = [column for column in columns if column != "geometry"]
    flags = {
        f"is_{each.id}": each.label(published.language)
        for model in published.models
        for each in model.category
    }
    return {"fid": "", **column_words(fields, labels, published.language), **_only(flags, fields)}


def _only(words: Mapping[str, str], columns: Sequence[str]) -> dict[str, str]:
    return {column: words[column] for column in columns if column in words}


def _areas(published: PublishedResults) -> gpd.GeoDataFrame:
    areas = published.areas[["area_id", "name", "kind", "geometry"]].reset_index(drop=True)
    texts = {name: areas[name].fillna("").astype(str) for name in ("area_id", "name", "kind")}
    return areas.assign(**texts)


def _of(frame: pd.DataFrame, model: Model, period: str) -> pd.DataFrame:
    return frame.loc[(frame["model"] == model.id) & (frame["period"] == period)]


def _marked(areas: gpd.GeoDataFrame, published: PublishedResults) -> gpd.GeoDataFrame:
    """With the set that the features belong to, where it is not the public one."""
    if published.output_set == "internal":
        return areas.assign(output_set=published.edition.mark)
    return areas


def _write(
    layer: gpd.GeoDataFrame, path: Path, name: str, title: str, published: PublishedResults, notice: str = ""
) -> None:
    pyogrio.write_dataframe(
        layer,
        path,
        layer=name,
        driver="GPKG",
        promote_to_multi=True,
        geometry_type="MultiPolygon",
        layer_options={
            "IDENTIFIER": name,
            "DESCRIPTION": " ".join(part for part in (f"{title}.", *stamp_texts(published), notice) if part),
        },
    )


def _write_styles(path: Path, styles: list[Style], moment: str) -> None:
    """The table of styles as QGIS keeps it, named in the GeoPackage's contents; then the file is packed."""
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute(_STYLES)
        file.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
            "styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
            "VALUES ('', '', ?, 'geom', ?, ?, '', ?, ?, '', NULL, ?)",
            [(style.layer, style.name, style.qml, style.default, style.name, moment) for style in styles],
        )
        file.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            (moment,),
        )
        file.execute("INSERT INTO gpkg_ogr_contents VALUES ('layer_styles', ?)", (len(styles),))
        file.commit()
        file.execute("VACUUM")


@contextlib.contextmanager
def _dated(moment: str) -> Iterator[None]:
    """While GDAL writes, `moment` is the date it puts into files."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": moment})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _table_name(text: str) -> str:
    """A part of a table's name: letters, digits and underscores only.

    >>> _table_name("national-2018"), _table_name("2024K1")
    ('national_2018', '2024K1')
    """
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text)
