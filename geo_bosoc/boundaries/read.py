"""Boundaries in: read, checked, repaired, and every change told.

An area is a row of a `GeoDataFrame` in EPSG:25832 with ``area_id`` (text, leading zeros kept), ``name``,
``kind`` and a valid polygon. Areas may overlap and need not cover the land.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import shapely
from numpy.typing import NDArray

from geo_bosoc.boundaries.area_ids import ids_as_text, texts
from geo_bosoc.boundaries.files import VectorLayer, layer_columns, missing_column, read_layer
from geo_bosoc.boundaries.normalise import placed, select_features
from geo_bosoc.boundaries.repair import CRS, mend, named_rows, without_slivers
from geo_bosoc.predicates.literals_met import tell_never_met
from geo_bosoc.predicates.parse import parse_predicate, predicate_columns
from geo_bosoc.problems import InputError, Report
from geo_bosoc.text.days import days_as_text
from geo_bosoc.text.person_numbers import check_attributes

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
    path : the file.
    layer : its layer, where it has several.
    id : the column whose values become ``area_id``, as text: blanks around it stripped, leading zeros kept,
        ``1.0`` of a numeric column as ``1``; zeros are never invented.
    name : the column with the areas' names; None takes the ids.
    kind : the column with the areas' kinds; left out, a column ``kind`` if there is one, else all are
        ``area``.
    where : a row-wise SQL predicate on the file's columns, such as ``udsat = 'ja' AND areal > 1000``; rows
        for which it is unknown are left out too.
    crs : the CRS of the file's coordinates where it states none or a wrong one, such as ``EPSG:25832``.
    not_person_numbers : columns whose ten-digit numbers are known to be something else than person numbers,
        which stop the reading wherever they stand in a column that is read (see `geo_bosoc.text.person_numbers`).
    report : collects problems; without it errors raise and warnings are issued.

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
    several rows that agree in everything but geometry; they are joined. All of this is told in the report.
    """
    found = Report()
    areas = _areas(Path(path), layer, id, name, kind, where, crs, not_person_numbers, found)
    found.settle(report)
    return areas if areas is not None and not found.errors else empty_areas()


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
    """Read a layer to draw beside the areas (coast, lakes, roads) or an outline: any geometry, EPSG:25832.

    Parameters, repairs and errors as `read_areas`; points and lines are kept, ids are not needed.

    Returns
    -------
    GeoDataFrame
        ``name`` and ``kind`` (empty text unless a column is named) and ``geometry``, in the file's order.
    """
    file, found = Path(path), Report()
    result = gpd.GeoDataFrame({"name": [], "kind": [], "geometry": []}, geometry="geometry", crs=CRS)
    columns = {role: column for role, column in (("name", name), ("kind", kind)) if column is not None}
    read = _read(file, layer, columns, (), where, not_person_numbers, found)
    if read is not None:
        at = placed(read, crs, found)
        if at is not None:
            geometry = at.geometry.copy()
            faces = np.isin(shapely.get_type_id(geometry), (3, 6))
            geometry[faces], _ = mend(geometry[faces], at.rows[faces], "after reprojection", file.name, found)
            nothing = pd.Series([""] * len(geometry))
            told = {
                role: texts(at.table[columns[role]] if role in columns else nothing)
                for role in ("name", "kind")
            }
            result = gpd.GeoDataFrame({**told, "geometry": geometry}, geometry="geometry", crs=CRS)
            result = result[~shapely.is_missing(geometry)].reset_index(drop=True)
    found.settle(report)
    return result


def empty_areas() -> gpd.GeoDataFrame:
    """No areas, in the shape that `read_areas` gives."""
    columns: dict[str, Any] = {column: pd.Series([], dtype="str") for column in ("area_id", "name", "kind")}
    return gpd.GeoDataFrame({**columns, "geometry": []}, geometry="geometry", crs=CRS)


def _areas(
    file: Path,
    layer: str | None,
    id_column: str,
    name: str | None,
    kind: str | None,
    where: str | None,
    crs: str | None,
    allowed: Collection[str],
    report: Report,
) -> gpd.GeoDataFrame | None:
    named = {"id": id_column, "name": name, "kind": kind}
    needed = {key: column for key, column in named.items() if column is not None}
    read = _read(file, layer, needed, (*OPTIONAL, *([] if kind else ["kind"])), where, allowed, report)
    if read is None:
        return None
    if id_column in read.lists:
        report.error(
            "the ids are lists or records, not one value an area.",
            file=file,
            column=id_column,
            hint="Choose another id column.",
        )
        return None
    in_file = len(read.table)
    at = placed(read, crs, report, polygons=True)
    if at is None:
        return None
    repaired = np.zeros(len(at.rows), dtype=bool)
    if not at.valid:
        geometry, repaired = mend(at.geometry, at.rows, "after reprojection", file.name, report)
        at = select_features(replace(at, geometry=geometry), ~shapely.is_missing(geometry))
    geometry, slivers = without_slivers(at.geometry, at.rows, file.name, report)
    ids = ids_as_text(at.table[id_column], at.rows, id_column, file, report)
    if ids is None:
        return None
    kinds = at.table[kind or "kind"] if (kind or "kind") in at.table else ["area"] * len(ids)
    frame = pd.DataFrame(
        {
            "area_id": ids,
            "name": texts(at.table[name]) if name is not None else ids,
            "kind": texts(pd.Series(kinds)),
            **{column: _optional(at.table[column]) for column in OPTIONAL if column in at.table},
        }
    )
    nameless = frame["name"] == ""
    if nameless.any():
        report.note(
            f"{nameless.sum()} area(s) have no name and are called by their id.",
            file=file,
            count=int(nameless.sum()),
        )
        frame["name"] = frame["name"].where(~nameless, frame["area_id"])
    areas = _joined(frame, geometry, at.rows, file, report)
    if areas is not None:
        report.facts[f"areas: {file.name}"] = {
            "features": in_file,
            "areas": len(areas),
            "repaired_after_reprojection": int(repaired.sum()),
            "slivers_removed": slivers,
        }
    return areas


def _read(
    file: Path,
    layer: str | None,
    needed: dict[str, str],
    optional: Sequence[str],
    where: str | None,
    allowed: Collection[str],
    report: Report,
) -> VectorLayer | None:
    """The features that `where` keeps, with the columns needed; missing columns are told together."""
    head = layer_columns(file, layer=layer, report=report)
    if head is None:
        return None
    present = head[1]
    for key, column in needed.items():
        if column not in present:
            report.error(
                f'there is no column "{column}" to take the {key} from.',
                file=file,
                hint=missing_column(column, present),
            )
    asked: frozenset[str] = frozenset()
    if where is not None:
        try:
            asked = predicate_columns(where)
        except InputError as error:
            report.problems.extend(replace(problem, file=file.name) for problem in error.problems)
        for column in sorted(asked - set(present)):
            report.error(
                f'there is no column "{column}", which `where` uses.',
                file=file,
                hint=missing_column(column, present),
            )
    if report.errors:
        return None
    read = read_layer(file, layer=layer, columns=[*needed.values(), *optional, *asked], report=report)
    if read is None:
        return None
    check_attributes(read.table, report, file=file, allowed=allowed)
    never_shown = {column for role, column in needed.items() if role in ("id", "name")}
    return _where(read, where, never_shown, file, report) if where is not None else read


def _where(
    read: VectorLayer, where: str, never_shown: Collection[str], file: Path, report: Report
) -> VectorLayer | None:
    columns = {
        str(name): [None if pd.isna(value) else value for value in read.table[name].tolist()]
        for name in read.table
    }
    table = pl.DataFrame(columns, strict=False, infer_schema_length=None)
    checked = Report()
    met = table.select(parse_predicate(where, table.schema, report=checked).alias("met"))["met"]
    report.problems.extend(replace(problem, file=file.name) for problem in checked.problems)
    if checked.errors:
        return None
    tell_never_met(table, {"where": where}, report, file=file.name, never_shown=never_shown)
    keep = met.fill_null(False).to_numpy()
    if not keep.any():
        report.error(
            f"`where` keeps none of the {len(keep)} features.",
            file=file,
            hint="Check the values that it compares with.",
        )
        return None
    unknown = f"; for {met.null_count()} the answer was unknown" if met.null_count() else ""
    report.note(
        f"`where` keeps {keep.sum()} of {len(keep)} features{unknown}.", file=file, count=int(keep.sum())
    )
    return select_features(read, keep)


def _optional(values: pd.Series[Any]) -> list[str]:
    """Texts, dates as ``2024-01-31`` however the format stores them."""
    values_as_text = texts(values)
    return days_as_text(values_as_text) if str(values.name).startswith("valid_") else values_as_text


@dataclass(frozen=True)
class _Doubled:
    area_id: str
    rows: NDArray[np.int64]
    agree: bool


def _joined(
    frame: pd.DataFrame, geometry: NDArray[Any], rows: NDArray[np.int64], file: Path, report: Report
) -> gpd.GeoDataFrame | None:
    """One row an area: rows of one id that agree in everything else are joined, others are an error."""
    again = frame["area_id"].duplicated(keep=False).to_numpy()
    doubled = []
    for area_id, group in frame[again].groupby("area_id", sort=True):
        doubled.append(
            _Doubled(str(area_id), rows[group.index.to_numpy()], len(group.drop_duplicates()) == 1)
        )
    for item in doubled:
        if not item.agree:
            report.error(
                f'the id "{item.area_id}" is given to areas that differ in name, kind or validity:'
                f" {named_rows(item.rows)}.",
                file=file,
                hint="Give each its own id, choose another id column, or choose a version with where = ...",
            )
    if any(not item.agree for item in doubled):
        return None
    if doubled:
        report.warn(
            f"{len(doubled)} area(s) are given in several rows, which were joined:"
            f" {'; '.join(named_rows(item.rows) for item in doubled[:5])}{' ...' if doubled[5:] else ''}.",
            file=file,
            count=len(doubled),
        )
        first = ~frame["area_id"].duplicated().to_numpy()
        pieces = {
            area_id: shapely.union_all(geometry[group.index.to_numpy()])
            for area_id, group in frame[again].groupby("area_id")
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
