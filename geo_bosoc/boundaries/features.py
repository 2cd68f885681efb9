"""A layer's features: those that a predicate chooses, flat, in EPSG:25832, in Denmark; what is left out is reported."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyproj
import shapely
from numpy.typing import NDArray

from geo_bosoc.boundaries.files import VectorLayer, missing_column, open_layer, read_layer
from geo_bosoc.boundaries.geometry import (
    CRS,
    Mask,
    feature_list,
    fitting_crs,
    in_denmark,
    is_finite,
    leads_to_working_crs,
    only_polygons,
    parse_crs,
    repair_polygons,
    reproject,
)
from geo_bosoc.predicates.parse import parse_predicate, predicate_columns
from geo_bosoc.predicates.unmatched_literals import warn_unmatched
from geo_bosoc.problems import InputError, Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.text.person_numbers import check_attributes


def select_features(layer: VectorLayer, keep: Mask) -> VectorLayer:
    """The features that `keep` marks; they keep their numbers in the file."""
    return replace(
        layer,
        table=layer.table[keep].reset_index(drop=True),
        geometry=layer.geometry[keep],
        rows=layer.rows[keep],
    )


def read_features(
    file: Path,
    layer: str | None,
    needed: dict[str, str],
    optional: Sequence[str],
    where: str | None,
    allowed: Collection[str],
    report: Report,
) -> VectorLayer | None:
    """The features that `where` keeps, with the columns needed; missing columns are reported together."""
    opened = open_layer(file, layer=layer, report=report)
    if opened is None:
        return None
    present = opened.columns
    for key, column in needed.items():
        if column not in present:
            report.error(
                phrase('there is no column "{column}" to take the {key} from.', column=column, key=key),
                file=file,
                hint=missing_column(column, present),
            )
    predicate_names: frozenset[str] = frozenset()
    if where is not None:
        try:
            predicate_names = predicate_columns(where)
        except InputError as error:
            report.problems.extend(replace(problem, file=file.name) for problem in error.problems)
        for column in sorted(predicate_names - set(present)):
            report.error(
                phrase('there is no column "{column}", which `where` uses.', column=column),
                file=file,
                hint=missing_column(column, present),
            )
    if report.errors:
        return None
    features = read_layer(opened, columns={*needed.values(), *optional, *predicate_names}, report=report)
    if features is None:
        return None
    check_attributes(features.table, report, file=file, allowed=allowed)
    secret = {column for role, column in needed.items() if role in ("id", "name")}
    return _filtered(features, where, secret, file, report) if where is not None else features


def _filtered(
    features: VectorLayer, where: str, secret: Collection[str], file: Path, report: Report
) -> VectorLayer | None:
    columns = {
        str(name): [None if pd.isna(value) else value for value in features.table[name].tolist()]
        for name in features.table
    }
    table = pl.DataFrame(columns, strict=False, infer_schema_length=None)
    predicate_report = Report()
    is_met = table.select(parse_predicate(where, table.schema, report=predicate_report).alias("met"))["met"]
    report.problems.extend(replace(problem, file=file.name) for problem in predicate_report.problems)
    if predicate_report.errors:
        return None
    warn_unmatched(table, {"where": where}, report, file=file.name, never_shown=secret)
    keep = is_met.fill_null(False).to_numpy()
    if not keep.any():
        report.error(
            phrase("`where` keeps none of the {count:,} features.", count=len(keep)),
            file=file,
            hint="Check the values that it compares with.",
        )
        return None
    unknown = phrase("; for {count:,} the answer was unknown", count=is_met.null_count())
    report.note(
        phrase(
            "`where` keeps {count:,} of {total:,} features{unknown}.",
            count=int(keep.sum()),
            total=len(keep),
            unknown=unknown if is_met.null_count() else "",
        ),
        file=file,
        count=int(keep.sum()),
    )
    return select_features(features, keep)


def normalise_layer(
    layer: VectorLayer, crs: str | None, report: Report, *, polygons: bool = False
) -> VectorLayer | None:
    """The features that have a usable geometry, in EPSG:25832; None, with the reason in `report`, if there are none.

    Parameters
    ----------
    layer : VectorLayer
        As the file holds it.
    crs : str or None
        The CRS to believe instead of the one that the file states, such as ``EPSG:25832``.
    report : Report
        Takes the problems.
    polygons : bool, optional
        The features are areas. Points and lines go, invalid polygons are repaired as they stand (and may be invalid
        again after reprojection: `valid` says so, and the caller repairs), and each area has to lie in Denmark
        whole. Without it a geometry has to reach into Denmark.
    """
    usable = _with_geometry(layer, report)
    if usable is not None and polygons:
        usable = _polygons(usable, report)
    source = _source_crs(usable, crs, report) if usable is not None else None
    if usable is None or source is None:
        return None
    repair_report = Report()
    raw_bounds = shapely.total_bounds(usable.geometry)
    if polygons:
        repaired, invalid = repair_polygons(
            usable.geometry, usable.rows, phrase("as they stand"), usable.file, repair_report
        )
        usable = replace(usable, geometry=repaired, valid=not invalid.any())
        usable = select_features(usable, ~shapely.is_missing(repaired)) if invalid.any() else usable
        if not len(usable.rows):
            report.error(
                "no polygon in it has an area.", file=layer.file, hint="Draw or export the layer again."
            )
            return None
    geometry = reproject(usable.geometry, source)
    inside = in_denmark(geometry, complete=polygons)
    moved = usable
    if geometry is not usable.geometry:
        inside &= is_finite(geometry)
        moved = replace(usable, geometry=geometry, valid=False)
    if not polygons:
        inside &= ~_touches_origin(usable.geometry)
    if not inside.any():
        _not_in_denmark(raw_bounds, source, layer.file, report)
        return None
    if polygons and 2 * inside.sum() < len(inside):
        _mostly_outside(usable, inside, source, report)
        return None
    report.problems.extend(repair_report.problems)
    if not inside.all():
        report.warn(
            phrase(
                "{count} outside Denmark left out: {features}.",
                count=count_text(int((~inside).sum()), "feature"),
                features=feature_list(moved.rows[~inside]),
            ),
            file=layer.file,
            count=int((~inside).sum()),
            hint="Check their coordinates.",
        )
    return moved if inside.all() else select_features(moved, inside)


def _with_geometry(layer: VectorLayer, report: Report) -> VectorLayer | None:
    """Features with a geometry, heights dropped; coordinates that are no numbers are an error."""
    none = shapely.is_missing(layer.geometry) | np.asarray(shapely.is_empty(layer.geometry))
    if none.all():
        report.error(
            "no feature in it has a geometry.",
            file=layer.file,
            hint="Export the layer again, with its geometry.",
        )
        return None
    if none.any():
        report.warn(
            phrase(
                "{count} without geometry left out: {features}.",
                count=count_text(int(none.sum()), "feature"),
                features=feature_list(layer.rows[none]),
            ),
            file=layer.file,
            count=int(none.sum()),
        )
        layer = select_features(layer, ~none)
    if (shapely.has_z(layer.geometry) | shapely.has_m(layer.geometry)).any():
        report.note("heights (Z) or measures (M) were dropped.", file=layer.file)
        layer = replace(layer, geometry=np.asarray(shapely.force_2d(layer.geometry), dtype=object))
    finite = is_finite(layer.geometry)
    if not finite.all():
        report.error(
            phrase(
                "coordinates that are not numbers in {features}.",
                features=feature_list(layer.rows[~finite]),
            ),
            file=layer.file,
            count=int((~finite).sum()),
            hint="Repair or delete them in the GIS program.",
        )
        return None
    return layer


def _polygons(layer: VectorLayer, report: Report) -> VectorLayer | None:
    geometry, with_others = only_polygons(layer.geometry)
    faces = ~shapely.is_missing(geometry)
    kinds = ", ".join(sorted({geometry_part.geom_type for geometry_part in layer.geometry[with_others]}))
    if not faces.any():
        report.error(
            phrase("areas must be polygons, and there are none in it, only {kinds}.", kinds=kinds),
            file=layer.file,
            hint="Points and lines can be drawn as a context layer.",
        )
        return None
    if with_others.any():
        report.warn(
            phrase(
                "points or lines ({kinds}) were left out: {features}.",
                kinds=kinds,
                features=feature_list(layer.rows[with_others]),
            ),
            file=layer.file,
            count=int(with_others.sum()),
        )
    return select_features(replace(layer, geometry=geometry), faces)


def _source_crs(layer: VectorLayer, crs: str | None, report: Report) -> pyproj.CRS | None:
    if crs is not None:
        crs_to_use = parse_crs(crs)
        if crs_to_use is None or not leads_to_working_crs(crs_to_use):
            fault = phrase("is not known" if crs_to_use is None else "is none of maps")
            report.error(
                phrase('the CRS "{crs}" {fault}.', crs=crs, fault=fault),
                file=layer.file,
                hint='Write it as "EPSG:25832".',
            )
            return None
        if layer.crs is not None and not layer.crs.to_2d().equals(crs_to_use.to_2d(), ignore_axis_order=True):
            report.note(
                phrase(
                    "the file states the CRS {stated}; {crs} was given and is used.",
                    stated=_crs_name(layer.crs),
                    crs=crs,
                ),
                file=layer.file,
            )
        return crs_to_use
    if layer.crs is None:
        fits = fitting_crs(shapely.total_bounds(layer.geometry))
        hint = 'Find out which it is (numbers like 575000, 6220000 are EPSG:25832) and give crs = "EPSG:...".'
        if fits in ("EPSG:25832", "EPSG:4326"):
            hint = phrase('The coordinates look like {fits}: give crs = "{fits}" if so.', fits=fits)
        report.error(
            "the file does not state its coordinate reference system (CRS).", file=layer.file, hint=hint
        )
    elif not leads_to_working_crs(layer.crs):
        report.error(
            phrase(
                "the file states the CRS {stated}, from which no way leads to {crs}.",
                stated=_crs_name(layer.crs),
                crs=CRS,
            ),
            file=layer.file,
            hint='Give the one that the coordinates are in: crs = "EPSG:...".',
        )
        return None
    return layer.crs


def _crs_name(crs: pyproj.CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.name)


def _touches_origin(geometry: NDArray[Any]) -> Mask:
    """Where a position is 0, 0, which programs write for "not found"."""
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    touching: Mask = np.zeros(len(geometry), dtype=bool)
    touching[owner[(coordinates == 0).all(axis=1)]] = True
    return touching


def _mostly_outside(layer: VectorLayer, inside: Mask, source: pyproj.CRS, report: Report) -> None:
    report.error(
        phrase(
            "{count} of {total} features lie outside Denmark when read as {crs}: {features}.",
            count=(~inside).sum(),
            total=len(inside),
            crs=_crs_name(source),
            features=feature_list(layer.rows[~inside]),
        ),
        file=layer.file,
        count=int((~inside).sum()),
        hint="Its CRS may be stated wrongly, or the file be damaged: open it over a map in the GIS program,"
        ' and give crs = "EPSG:..." or fetch it again. Leave features of other places out with where = "...".',
    )


def _not_in_denmark(bounds: NDArray[np.float64], source: pyproj.CRS, file: str, report: Report) -> None:
    west, south, east, north = bounds
    fits = fitting_crs(bounds)
    if fits == "swapped":
        hint = "Latitude and longitude look swapped: export it again with longitude (x, 8-15) first."
    elif fits is not None and not pyproj.CRS(fits).equals(source.to_2d(), ignore_axis_order=True):
        hint = phrase('The coordinates look like {fits}: give crs = "{fits}".', fits=fits)
    else:
        hint = (
            "Either it is of another place, or its CRS is stated wrongly: open it over a map in the GIS"
            ' program, and give crs = "EPSG:..." or fetch it again.'
        )
    report.error(
        phrase(
            "the coordinates are not in Denmark when read as {crs} (x from {west:.6g} to {east:.6g}, "
            "y from {south:.6g} to {north:.6g}).",
            crs=_crs_name(source),
            west=west,
            east=east,
            south=south,
            north=north,
        ),
        file=file,
        hint=hint,
    )
