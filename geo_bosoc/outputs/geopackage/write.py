"""``categories.gpkg``: the areas with categories and figures, a layer a period, styled for QGIS."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_bosoc.disclosure.results import RESIDENTS, PublishedResults
from geo_bosoc.models.provenance import PROVENANCE_COLUMNS, provenance_by_figure
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.columns import FLAG, beside_category, column_words
from geo_bosoc.outputs.figure_classes import variable_classes
from geo_bosoc.outputs.geopackage.layers_file import FeatureLayer, Style, write_layers
from geo_bosoc.outputs.geopackage.qgis_style import StyleClass, categories_style, rules_style
from geo_bosoc.outputs.layers import category_layer
from geo_bosoc.outputs.texts import category_classes, criterion_labels, possible_of
from geo_bosoc.outputs.thematic_map import Class, Classification, ThematicMap, Variable, published_map
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import UNIT_FACTOR

FIGURES: Final = (
    "value", "low", "high", "numerator", "denominator", "unknown", "reference", "ratio", "status",
)  # fmt: skip


_COUNTS: Final = ("numerator", "denominator", "unknown")


_OF_DIFFERENCE: Final = ("value", "low", "high", "reference", "status")
"""The figures of a variable that is a difference."""


VARIABLES: Final = "indicators"
"""What the names of the variables' layers begin with."""


_OF_MODEL: Final = (
    "model_version", "category", "points", "points_min", "points_max", "undetermined_by", "category_before",
    "points_before", "moved_by",
)  # fmt: skip


_HANDLED: Final = ("period", "model", "model_version", "category")


_NUMBERS: Final = ("points", "points_min", "points_max", "points_before")


_DATES: Final = PROVENANCE_COLUMNS[:2]


_STYLE_NAME: Final = 100


_CLASS: Final = """CASE WHEN "category" = 'range' THEN 'range:' || "possible" ELSE "category" END"""
"""The class of a feature in QGIS's language (`geo_bosoc.outputs.texts.category_class`): each range has its own."""


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
    OutputInUse
        The file is open in another program; it is left as it was.
    """
    run_map = published_map(published)
    classifications = tuple(
        replace(classification, rows=_with_extras(published, model, classification.rows))
        for model, classification in zip(published.models, run_map.classifications, strict=True)
    )
    labels = criterion_labels(published) | {
        f"is_{category.id}": category.label(published.language)
        for model in published.models
        for category in model.category
    }
    write_map_geopackage(replace(run_map, classifications=classifications), path, labels)


def write_map_geopackage(
    thematic_map: ThematicMap,
    path: str | Path,
    labels: Mapping[str, str] | None = None,
    *,
    tables: Mapping[str, str] | None = None,
    notice: str = "",
) -> None:
    """Write a thematic map as `write_geopackage` writes the yearly run's.

    Parameters
    ----------
    thematic_map : ThematicMap
        What is drawn.
    path : str or Path
        The file.
    labels : mapping, optional
        Words for further columns of the classifications' rows (``is_<category>``), or for what they begin with
        (``<criterion>_points``).
    tables : mapping, optional
        What the names of layers begin with, by the id of a classification, and of `VARIABLES`; left out,
        ``categories`` and ``indicators``. A period that a classification named here has no row of has no layer.
    notice : str, optional
        What the descriptions of the variables' layers end with.
    """
    labels = {**{variable.id: variable.label for variable in thematic_map.variables}, **(labels or {})}
    layers: list[FeatureLayer] = []
    names, begun = dict(tables or {}), set[str]()
    for classification in thematic_map.classifications:
        table = names.get(classification.id, "categories")
        suffix = f"_{_table_name(classification.id)}" if table in begun else ""
        begun.add(table)
        periods = set(classification.rows["period"]) if classification.id in names else None
        layers += _category_layers(thematic_map, classification, labels, (table, suffix), periods)
    layers += _variable_layers(thematic_map, labels, names.get(VARIABLES, VARIABLES), notice)
    variables = {RESIDENTS: column_words([RESIDENTS], {}, thematic_map.language)[RESIDENTS]}
    variables |= {variable.id: variable.label for variable in thematic_map.variables}
    write_layers(layers, path, thematic_map, thematic_map.sources, variables, thematic_map.file_date)


def _category_layers(
    thematic_map: ThematicMap,
    classification: Classification,
    labels: Mapping[str, str],
    ends: tuple[str, str],
    periods: Collection[str] | None = None,
) -> Iterator[FeatureLayer]:
    """A layer of a classification for each period, or of some; its name begins and ends with `ends`."""
    names = list(thematic_map.areas["name"].astype(str))
    layer, classes, _ = category_layer(thematic_map, classification, names)
    for period, legend in zip(thematic_map.periods, layer["legend"], strict=True):
        if periods is not None and period not in periods:
            continue
        features = category_features(thematic_map, classification, period, classes)
        entries = [
            StyleClass(each.id, f"{each.label} ({count})", each.fill)
            for each, count in zip(classes, legend["counts"], strict=True)
            if count or (each.assessed and not each.is_range)
        ]
        has_ranges = any(possible_of(entry.test) is not None for entry in entries)
        column = _CLASS if has_ranges and "possible" in features.columns else "category"
        qml = categories_style(column, entries, _aliases(features, labels, thematic_map.language))
        yield FeatureLayer(
            f"{ends[0]}_{_table_name(period)}{ends[1]}",
            f"{classification.label} {period}",
            features,
            (Style(classification.label[:_STYLE_NAME], qml),),
            classification.notice,
        )


def _variable_layers(
    thematic_map: ThematicMap, labels: Mapping[str, str], table: str, notice: str
) -> Iterator[FeatureLayer]:
    """A layer of all variables for each period, whose styles are the same in every period."""
    units = [variable.unit for variable in thematic_map.variables]
    default = next((rank for rank, unit in enumerate(units) if unit != "count"), 0)
    styles: tuple[Style, ...] = ()
    for period in thematic_map.periods:
        features = variable_features(thematic_map, period)
        aliases = _aliases(features, labels, thematic_map.language)
        styles = styles or tuple(
            Style(name, qml, rank == default)
            for rank, (name, qml) in enumerate(_variable_styles(thematic_map, aliases))
        )
        name = f"{table}_{_table_name(period)}"
        yield FeatureLayer(name, f"{thematic_map.name} {period}", features, styles, notice)


def category_features(
    thematic_map: ThematicMap, classification: Classification, period: str, classes: Sequence[Class]
) -> gpd.GeoDataFrame:
    """The areas with their categories in a period; an area without a row has an empty one.

    Returns
    -------
    GeoDataFrame
        ``area_id, name, kind, period, model, model_version, category, category_label, points, points_min,
        points_max, undetermined_by, category_before, points_before, moved_by, residents``, then the further columns of
        the classification's rows. Those of a model are the points of each criterion as ``<criterion>_points``, and
        where there is any ``possible, socioeconomic, socioeconomic_label, assumed, held, change_by_chance, small_base``
        (``smallest_change`` in the internal set) and of rules ``is_<category>`` (met | not_met | undetermined).
    """
    rows = classification.rows[classification.rows["period"] == period].drop_duplicates("area_id")
    areas = _areas(thematic_map).assign(period=period, model=classification.id)
    columns = [name for name in _OF_MODEL if name in rows.columns]
    areas = areas.merge(rows[["area_id", *columns]], on="area_id", how="left")
    areas["category"] = areas["category"].fillna("").astype(str)
    class_by_area = dict(zip(rows["area_id"], category_classes(rows), strict=True))
    label_by_class = {each.id: each.label for each in classes}
    words = [label_by_class.get(class_by_area.get(area, "")) for area in areas["area_id"]]
    areas.insert(areas.columns.get_loc("category") + 1, "category_label", words)
    for column in {"undetermined_by", "category_before", "moved_by", "model_version"} & set(columns):
        areas[column] = areas[column].astype(object).where(areas[column].notna(), "").astype(str)
    for column in set(_NUMBERS) & set(columns):
        areas[column] = areas[column].astype("Float64").astype("float64")
    people = thematic_map.residents.loc[thematic_map.residents["period"] == period, ["area_id", "residents"]]
    areas = areas.merge(people, on="area_id", how="left")
    areas["residents"] = areas["residents"].astype("Int64")
    further = [name for name in rows.columns if name not in {*areas.columns, *_HANDLED}]
    return _marked(areas.merge(rows[["area_id", *further]], on="area_id", how="left"), thematic_map)


def variable_features(thematic_map: ThematicMap, period: str) -> gpd.GeoDataFrame:
    """The areas with every variable's figures in a period, as ``<indicator>_value``, ``_low`` ...
    ``_status``; ``_note`` for a percentage without base, which has a value and no counts; and the figures'
    ``_data_period`` and ``_status_date``. A difference has no counts, and ``period_before`` where the table has it."""
    areas = _areas(thematic_map).assign(period=period)
    sources = provenance_by_figure(thematic_map.sources).set_index(["indicator", "period"])
    table = thematic_map.table.loc[thematic_map.table["period"] == period]
    dtypes: dict[str, Any] = {name: "Int64" if name in _COUNTS else "float64" for name in FIGURES}
    figures = table[list(FIGURES)].fillna({"status": "missing"}).astype({**dtypes, "status": "str"})
    arrays = {name: figures[name].array for name in FIGURES}
    if "reference_area" in table.columns:
        arrays["reference_area"] = table["reference_area"].astype("str").array
    if "period_before" in table.columns and len(table):
        areas = areas.assign(period_before=table["period_before"].iloc[0])
    rows_by_variable = table.groupby("indicator", sort=False).indices
    area_positions = pd.Index(areas["area_id"]).get_indexer(table["area_id"])
    columns: dict[str, Any] = {}
    for variable in thematic_map.variables:
        rows = rows_by_variable.get(variable.id, np.empty(0, np.int64))[
            ::-1
        ]  # of two rows of an area the first stays
        positions = np.full(len(areas) + 1, -1)  # the last position is for areas that are not on the map
        positions[area_positions[rows]] = rows
        for name in arrays if not variable.is_difference else _OF_DIFFERENCE:
            cell = arrays[name].take(positions[:-1], allow_fill=True)
            columns[f"{variable.id}_{name}"] = pd.Series(cell).fillna("missing") if name == "status" else cell
        if not variable.base_known:
            columns[f"{variable.id}_note"] = word("common", "without_base", thematic_map.language)
        for name in _DATES if (variable.id, period) in sources.index else ():
            columns[f"{variable.id}_{name}"] = str(sources.at[(variable.id, period), name])
    return _marked(pd.concat([areas, pd.DataFrame(columns, index=areas.index)], axis=1), thematic_map)


def _with_extras(published: PublishedResults, model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """A model's rows with the points of each criterion, and with what it tells beside its category."""
    criteria = published.criteria[published.criteria["model"] == model.id]
    key = "criterion" if "criterion" in criteria.columns else "indicator"
    rows = rows[["area_id", "period", *(name for name in _OF_MODEL if name in rows.columns)]]
    for criterion in model.criterion:
        points = criteria.loc[criteria[key] == criterion.key, ["area_id", "period", "points"]]
        points = points.drop_duplicates(["area_id", "period"]).astype({"points": "Float64"})
        points = points.astype({"points": "float64"}).rename(columns={"points": f"{criterion.key}_points"})
        rows = rows.merge(points, on=["area_id", "period"], how="left")
    extras = [beside_category(published, model, period).assign(period=period) for period in published.periods]
    if not extras:
        return rows
    return rows.merge(pd.concat(extras, ignore_index=True), on=["area_id", "period"], how="left")


def _variable_styles(thematic_map: ThematicMap, aliases: Mapping[str, str]) -> list[tuple[str, str]]:
    """For each variable the name of its style and a graduated style."""
    styles: list[tuple[str, str]] = []
    columns = thematic_map.table[["indicator", "area_id", "period", "value", "status"]]
    rows_by_variable = {str(key): part for key, part in columns.groupby("indicator", sort=False)}
    for variable in thematic_map.variables:
        rows = rows_by_variable.get(variable.id, columns.iloc[:0])
        limits, classes = variable_classes(thematic_map, variable, rows)
        entries = [
            StyleClass(
                _range(variable, limits, index)
                if each.assessed
                else f"\"{variable.id}_status\" = '{each.id}'",
                each.label,
                each.fill,
            )
            for index, each in enumerate(classes)
        ]
        label = variable.label[:_STYLE_NAME]
        name = variable.id[:_STYLE_NAME] if label in dict(styles) else label
        styles.append((name, rules_style(entries, aliases)))
    return styles


def _range(variable: Variable, limits: list[float], index: int) -> str:
    """The expression of a class: a value on a limit belongs above it."""
    value = f'"{variable.id}_value" * {UNIT_FACTOR[variable.unit]:g}'
    parts = [f"\"{variable.id}_status\" = 'ok'"]
    parts += [f"{value} >= {limits[index - 1]!r}"] if index > 0 else []
    parts += [f"{value} < {limits[index]!r}"] if index < len(limits) else []
    return " AND ".join(parts)


def _aliases(features: gpd.GeoDataFrame, labels: Mapping[str, str], language: str) -> dict[str, str]:
    """What the columns are called in QGIS's tables; the feature's own id comes first there."""
    columns = [column for column in features.columns if column != "geometry"]
    words = column_words(columns, labels, language)
    flags = [column for column in columns if column.startswith(FLAG) and column in labels]
    return {"fid": "", **words, **{column: labels[column] for column in flags}}


def _areas(thematic_map: ThematicMap) -> gpd.GeoDataFrame:
    areas = thematic_map.areas[["area_id", "name", "kind", "geometry"]].reset_index(drop=True)
    texts = {name: areas[name].fillna("").astype(str) for name in ("area_id", "name", "kind")}
    return areas.assign(**texts)


def _marked(areas: gpd.GeoDataFrame, thematic_map: ThematicMap) -> gpd.GeoDataFrame:
    """With the set that the features belong to, where it is not the public one."""
    edition = thematic_map.edition
    return areas.assign(output_set=edition.mark) if edition.internal else areas


def _table_name(text: str) -> str:
    """A part of a table's name: letters, digits and underscores only.

    >>> _table_name("national-2018"), _table_name("2024K1")
    ('national_2018', '2024K1')
    """
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text)
