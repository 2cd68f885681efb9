"""Boundaries in: read, checked, repaired, and every change reported.

An area is a row of a `GeoDataFrame` in EPSG:25832 with ``area_id`` (text, leading zeros kept), ``name``,
``kind`` and a valid polygon. Areas may overlap and need not cover the land.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_bosoc.boundaries.attributes import ids_as_text, texts
from geo_bosoc.boundaries.features import normalise_layer, read_features, select_features
from geo_bosoc.boundaries.files import VectorLayer
from geo_bosoc.boundaries.geometry import CRS, feature_list, repair_polygons, without_slivers
from geo_bosoc.problems import NonPersonal, Report
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.text.days import days_as_text

OPTIONAL: Final = ("municipality", "region", "valid_from", "valid_to")
"""Columns that are kept where a boundary file has them."""


def read_areas(
    path: str | Path,
    *,
    layer: str | None = None,
    id: str = "area_id",  # noqa: A002 - the key that a project file uses
    name: str | None = "name",
    kind: str | None = None,
    where: str | None = None,
    crs: str | None = None,
    not_person_numbers: Collection[str] = (),
    report: Report | None = None,
) -> gpd.GeoDataFrame:
    """Read areas from a GeoPackage, GeoJSON, Shapefile, FlatGeobuf, GeoParquet or another map file.

    Parameters
    ----------
    path : str or Path
        The file.
    layer : str, optional
        Its layer, where it has several.
    id : str, optional
        The column whose values become ``area_id``, as text: blanks around it stripped, leading zeros kept, ``1.0``
        of a numeric column as ``1``; zeros are never invented.
    name : str or None, optional
        The column with the areas' names; None takes the ids.
    kind : str, optional
        The column with the areas' kinds; left out, a column ``kind`` if there is one, else all are ``area``.
    where : str, optional
        A row-wise SQL predicate on the file's columns, such as ``udsat = 'ja' AND areal > 1000``; rows for which it
        is unknown are left out too.
    crs : str, optional
        The CRS of the file's coordinates where it states none or a wrong one, such as ``EPSG:25832``.
    not_person_numbers : collection of str, optional
        Columns whose ten-digit numbers are known to be something else than person numbers, which stop the reading
        wherever they stand in a column that is read (see `geo_bosoc.text.person_numbers`).
    report : Report, optional
        Collects problems; without it errors raise and warnings are issued.

    Returns
    -------
    GeoDataFrame
        ``area_id, name, kind, geometry`` in EPSG:25832, and ``municipality, region, valid_from, valid_to``
        (text) where the file has them; one row an area, sorted by ``area_id``. Empty if `report` took errors.

    Raises
    ------
    InputError
        Everything that is wrong at once: no such file, layer or column, a damaged file, no CRS, coordinates
        that are not in Denmark, ids that are missing or given to different areas.

    Notes
    -----
    Rows without geometry, points and lines are left out, heights dropped, invalid polygons repaired (checked
    before and after reprojection), parts narrower than half a metre taken out. An area may be given in
    several rows that agree in everything but geometry; they are joined. All of this is in the report.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "areas.gpkg"
    >>> square = shapely.box(575_000, 6_220_000, 575_200, 6_220_200)
    >>> gpd.GeoDataFrame({"nr": ["0017"], "navn": ["Parken"]}, geometry=[square], crs="EPSG:25832").to_file(file)
    >>> areas = read_areas(file, id="nr", name="navn")
    >>> areas[["area_id", "name", "kind"]].values.tolist()
    [['0017', 'Parken', 'area']]
    """
    file, problems = Path(path), Report()
    features = _read_area_columns(file, layer, id, name, kind, where, not_person_numbers, problems)
    areas = None if features is None else _areas(file, features, id, name, kind, crs, problems)
    problems.hand_over(report)
    return areas if areas is not None and not problems.errors else empty_areas()


def read_context_layer(
    path: str | Path,
    *,
    layer: str | None = None,
    name: str | None = None,
    kind: str | None = None,
    where: str | None = None,
    crs: str | None = None,
    not_person_numbers: Collection[str] = (),
    report: Report | None = None,
) -> gpd.GeoDataFrame:
    """Read a layer to draw with the areas (coast, lakes, roads) or an outline: any geometry, EPSG:25832.

    Points and lines are kept, and ids are not needed; repairs are those of `read_areas`.

    Parameters
    ----------
    path : str or Path
        The file.
    layer : str, optional
        Its layer, where it has several.
    name, kind : str, optional
        The columns with the features' names and kinds.
    where : str, optional
        A row-wise SQL predicate on the file's columns; rows for which it is unknown are left out too.
    crs : str, optional
        The CRS of the file's coordinates where it states none or a wrong one.
    not_person_numbers : collection of str, optional
        Columns whose ten-digit numbers are known to be something else than person numbers.
    report : Report, optional
        Collects problems; without it errors raise and warnings are issued.

    Returns
    -------
    GeoDataFrame
        ``name`` and ``kind`` (empty text unless a column is named) and ``geometry``, in the file's order.

    Raises
    ------
    InputError
        As `read_areas`, ids apart.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "roads.gpkg"
    >>> road = shapely.LineString([(575_000, 6_220_000), (576_000, 6_221_000)])
    >>> gpd.GeoDataFrame({"navn": ["Ringvej"]}, geometry=[road], crs="EPSG:25832").to_file(file)
    >>> read_context_layer(file, name="navn")["name"].tolist()
    ['Ringvej']
    """
    file, problems = Path(path), Report()
    columns = {role: column for role, column in (("name", name), ("kind", kind)) if column is not None}
    features = read_features(file, layer, columns, (), where, not_person_numbers, problems)
    result = _context_layer(features, columns, crs, problems)
    problems.hand_over(report)
    return result


def read_areas_and_layer(
    path: str | Path,
    *,
    layer: str | None = None,
    id: str = "area_id",  # noqa: A002 - the key that a project file uses
    name: str | None = "name",
    kind: str | None = None,
    where: str | None = None,
    crs: str | None = None,
    not_person_numbers: Collection[str] = (),
    report: Report | None = None,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """A layer that is both assessed and drawn, read once: what `read_areas` gives, and the layer to draw.

    Parameters and errors are those of `read_areas`; what is drawn has no names.

    Returns
    -------
    areas, context : GeoDataFrame
        Both empty if `report` took errors.
    """
    file, problems = Path(path), Report()
    features = _read_area_columns(file, layer, id, name, kind, where, not_person_numbers, problems)
    areas = None if features is None else _areas(file, features, id, name, kind, crs, problems)
    context = _context_layer(features, {} if kind is None else {"kind": kind}, crs, Report())
    problems.hand_over(report)
    if areas is None or problems.errors:
        return empty_areas(), context.iloc[:0]
    return areas, context


def _context_layer(
    features: VectorLayer | None, columns: dict[str, str], crs: str | None, report: Report
) -> gpd.GeoDataFrame:
    """``name, kind, geometry`` of the features that were read; none where nothing was."""
    normalised = None if features is None else normalise_layer(features, crs, report)
    if features is None or normalised is None:
        return gpd.GeoDataFrame({"name": [], "kind": [], "geometry": []}, geometry="geometry", crs=CRS)
    geometry = normalised.geometry.copy()
    faces = np.isin(shapely.get_type_id(geometry), (3, 6))
    geometry[faces], _ = repair_polygons(
        geometry[faces], normalised.rows[faces], phrase("after reprojection"), features.file, report
    )
    blank = pd.Series([""] * len(geometry))
    texts_by_role = {
        role: texts(normalised.table[columns[role]] if role in columns else blank)
        for role in ("name", "kind")
    }
    layer = gpd.GeoDataFrame({**texts_by_role, "geometry": geometry}, geometry="geometry", crs=CRS)
    return layer[~shapely.is_missing(geometry)].reset_index(drop=True)


def empty_areas() -> gpd.GeoDataFrame:
    """No areas, in the shape that `read_areas` gives."""
    columns: dict[str, Any] = {column: pd.Series([], dtype="str") for column in ("area_id", "name", "kind")}
    return gpd.GeoDataFrame({**columns, "geometry": []}, geometry="geometry", crs=CRS)


def _read_area_columns(
    file: Path,
    layer: str | None,
    id_column: str,
    name: str | None,
    kind: str | None,
    where: str | None,
    allowed: Collection[str],
    report: Report,
) -> VectorLayer | None:
    """The features with the columns that areas are made of."""
    roles = {"id": id_column, "name": name, "kind": kind}
    needed = {key: column for key, column in roles.items() if column is not None}
    return read_features(
        file, layer, needed, (*OPTIONAL, *([] if kind else ["kind"])), where, allowed, report
    )


def _areas(
    file: Path,
    features: VectorLayer,
    id_column: str,
    name: str | None,
    kind: str | None,
    crs: str | None,
    report: Report,
) -> gpd.GeoDataFrame | None:
    if id_column in features.lists:
        report.error(
            "the ids are lists or records, not one value an area.",
            file=file,
            column=id_column,
            hint="Choose another id column.",
        )
        return None
    feature_count = len(features.table)
    normalised = normalise_layer(features, crs, report, polygons=True)
    if normalised is None:
        return None
    repaired = np.zeros(len(normalised.rows), dtype=bool)
    if not normalised.valid:
        geometry, repaired = repair_polygons(
            normalised.geometry, normalised.rows, phrase("after reprojection"), file.name, report
        )
        normalised = select_features(replace(normalised, geometry=geometry), ~shapely.is_missing(geometry))
    geometry, slivers = without_slivers(normalised.geometry, normalised.rows, file.name, report)
    ids = ids_as_text(normalised.table[id_column], normalised.rows, id_column, file, report)
    if ids is None:
        return None
    kinds = normalised.table[kind or "kind"] if (kind or "kind") in normalised.table else ["area"] * len(ids)
    frame = pd.DataFrame(
        {
            "area_id": ids,
            "name": texts(normalised.table[name]) if name is not None else ids,
            "kind": texts(pd.Series(kinds)),
            **{
                column: _as_texts(normalised.table[column])
                for column in OPTIONAL
                if column in normalised.table
            },
        }
    )
    nameless = frame["name"] == ""
    if nameless.any():
        report.note(
            phrase(
                "{count} without a name, called by the id.", count=count_text(int(nameless.sum()), "area")
            ),
            file=file,
            count=int(nameless.sum()),
        )
        frame["name"] = frame["name"].where(~nameless, frame["area_id"])
    areas = _join_rows(frame, geometry, normalised.rows, file, report)
    if areas is not None:
        report.facts[f"areas: {file.name}"] = NonPersonal(
            {
                "features": feature_count,
                "areas": len(areas),
                "repaired_after_reprojection": int(repaired.sum()),
                "slivers_removed": slivers,
            }
        )
    return areas


def _as_texts(values: pd.Series[Any]) -> list[str]:
    """Texts, dates as ``2024-01-31`` however the format stores them."""
    values_as_text = texts(values)
    return days_as_text(values_as_text) if str(values.name).startswith("valid_") else values_as_text


@dataclass(frozen=True)
class _Duplicate:
    area_id: str
    rows: NDArray[np.int64]
    agree: bool


def _join_rows(
    frame: pd.DataFrame, geometry: NDArray[Any], rows: NDArray[np.int64], file: Path, report: Report
) -> gpd.GeoDataFrame | None:
    """One row an area: rows of one id that agree in everything else are joined, others are an error."""
    is_duplicate = frame["area_id"].duplicated(keep=False).to_numpy()
    duplicates = []
    for area_id, group in frame[is_duplicate].groupby("area_id", sort=True):
        duplicates.append(
            _Duplicate(str(area_id), rows[group.index.to_numpy()], len(group.drop_duplicates()) == 1)
        )
    for duplicate in duplicates:
        if not duplicate.agree:
            report.error(
                phrase(
                    'the id "{area_id}" is given to areas that differ in name, kind or validity: {features}.',
                    area_id=duplicate.area_id,
                    features=feature_list(duplicate.rows),
                ),
                file=file,
                hint="Give each its own id, choose another id column, or choose a version with where = ...",
            )
    if any(not duplicate.agree for duplicate in duplicates):
        return None
    if duplicates:
        report.warn(
            phrase(
                "{count} given in several rows, which were joined: {features}.",
                count=count_text(len(duplicates), "area"),
                features=joined([feature_list(duplicate.rows) for duplicate in duplicates[:5]], "; ")
                + (" ..." if duplicates[5:] else ""),
            ),
            file=file,
            count=len(duplicates),
        )
        first = ~frame["area_id"].duplicated().to_numpy()
        pieces = {
            area_id: shapely.union_all(geometry[group.index.to_numpy()])
            for area_id, group in frame[is_duplicate].groupby("area_id")
        }
        geometry = np.array(
            [pieces.get(area_id, shape) for area_id, shape in zip(frame["area_id"], geometry, strict=True)],
            dtype=object,
        )[first]
        frame = frame[first]
    areas = gpd.GeoDataFrame(frame.reset_index(drop=True), geometry=geometry, crs=CRS)
    areas = areas.sort_values("area_id", kind="stable").reset_index(drop=True)
    optional = [column for column in OPTIONAL if column in areas]
    return areas[["area_id", "name", "kind", *optional, "geometry"]]
