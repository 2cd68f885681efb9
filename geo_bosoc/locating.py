"""Addresses to areas, exactly, each distinct one once; and registers to areas by way of their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import shapely

from geo_bosoc.overlaps import Settled, settle
from geo_bosoc.point_in_area import Floats, find_areas
from geo_bosoc.polygons import CRS, SLIVER_WIDTH
from geo_bosoc.problems import Report

Frame = pl.DataFrame | pl.LazyFrame | pd.DataFrame

FATES: Final = (
    "in_one_area",
    "in_several_areas",
    "in_no_area",
    "outside_municipality",
    "without_coordinates",
    "address_not_found",
    "without_address",
)
"""What may become of a register's row; each row has exactly one."""


def locate(
    points: Frame,
    areas: gpd.GeoDataFrame,
    *,
    key: str | Sequence[str] = "address_id",
    x: str = "x",
    y: str = "y",
    overlap: bool | None = None,
    distinct: bool = False,
    report: Report | None = None,
) -> pl.DataFrame:
    """Find the areas that each distinct address lies in.

    Parameters
    ----------
    points : Polars or pandas frame with the key columns and coordinates in EPSG:25832 (metres). The rows of one
        key are one address, located once; rows without a key are left out.
    areas : ``area_id`` and polygons, as `geo_bosoc.areas.read_areas` gives them.
    key : the column or columns that name an address; the coordinates themselves, ``["x", "y"]``, will do.
    x, y : the coordinate columns. Missing, NaN and infinite coordinates lie in no area.
    overlap : who gets a point that several areas hold. True: all of them. False: the first by ``area_id``. None:
        all areas that overlap each other there, and the first by ``area_id`` of those that only share a border.
        Overlaps narrower than half a metre are borders drawn twice, and told.
    distinct : it is known that each row has a key, and no two the same: this need not be looked at.
    report : collects problems and, as the fact ``located``, the counts; without it warnings are issued.

    Returns
    -------
    polars.DataFrame
        The key columns and ``area_id`` (`pl.Enum` of all ids, sorted), one row a point and area it lies in, in the
        order of the points (of the keys, where keys came several times); points in no area have no row.

    Raises
    ------
    InputError
        A column is missing or holds no numbers, ids are missing or doubled, or the areas are not in EPSG:25832.

    Notes
    -----
    Exact: a point lies in an area when shapely's ``intersects`` says so, its boundary (and a hole's) included.
    Nothing depends on the order of rows, or on which other points there are.

    What it costs: operations on whole arrays for each vertex (some 0.1 microseconds) and each point (some 0.1),
    and a geometry test of 1 to 2 microseconds for points near a boundary only: those in grid cells that an edge
    touches. With two cells a point, and 16.8 million cells at most, that is a tenth of the points when 6 million
    are spread evenly over 10,000 areas of 380 vertices. This share grows with the length of all boundaries, so
    with the root of the number of areas that cover the same land, and falls with the root of the number of cells;
    where points crowd into areas hardly larger than a cell it is all of them. More vertices cost their reading;
    the test's own time grows with their logarithm. Beside input and result it takes 4 bytes a point, up to 100 MB
    for the grid, and some 100 bytes a vertex of the areas with points near their boundary. Keys that come several
    times are sorted out first, in the time of a group-by.
    """
    found = Report()
    keys = [key] if isinstance(key, str) else list(key)
    frame = _columns(points, keys, x, y, found)
    order = _checked_areas(areas, found)
    if found.errors or frame is None:
        found.settle(report)
        return pl.DataFrame(schema={**dict.fromkeys(keys, pl.String), "area_id": pl.Enum([])})
    ids = areas["area_id"].to_numpy(dtype=object)[order].tolist()
    shapes = np.asarray(areas.geometry.array, dtype=object)[order]
    frame, keyless, elsewhere = (frame, 0, 0) if distinct else _distinct(frame, keys, x, y)
    if elsewhere:
        found.warn(
            f"{elsewhere} address(es) are given with different coordinates; the westernmost was used.",
            count=elsewhere,
            hint="Check that the key names one address, and one only.",
        )
    px, py = (frame[name].fill_null(float("nan")).to_numpy() for name in (x, y))
    settled = settle(find_areas(px, py, shapes), shapes, overlap)
    codes = pl.Series("area_id", ids, dtype=pl.Enum(ids)).gather(settled.area.astype(np.uint32))
    named = frame.select(keys)
    whole = len(settled.point) == len(named) and settled.several == 0
    located = (named if whole else named[settled.point]).with_columns(codes)
    placed = len(settled.point) if settled.several == 0 else len(np.unique(settled.point))
    blank = int((~(np.isfinite(px) & np.isfinite(py))).sum())
    found.facts["located"] = {
        "addresses": len(frame),
        "in_an_area": placed,
        "in_several_areas": settled.several,
        "without_coordinates": blank,
        "rows_without_address": keyless,
        "on_a_shared_border": settled.disputed,
        "narrow_overlaps": settled.slivers,
    }
    _tell(found, settled, ids, overlap)
    if not placed and len(frame) > blank:
        _none_inside(px, py, shapes, found)
    found.settle(report)
    return located


def join_areas(register: pl.LazyFrame, located: pl.DataFrame, *, on: str | Sequence[str]) -> pl.LazyFrame:
    """Give each row of a register the areas of its address.

    Parameters
    ----------
    register : the rows, read lazily; nothing is computed here.
    located : what `locate` gave.
    on : the key column or columns, of the same name in both.

    Returns
    -------
    polars.LazyFrame
        The register's columns and ``area_id``: null where the address is in no area (or unknown), and one
        row for each area where it is in several.

    Raises
    ------
    InputError
        A key column is missing, is text in one and a number in the other, or there is an ``area_id`` already.
    """
    keys = [on] if isinstance(on, str) else list(on)
    report = Report()
    schema = register.collect_schema()
    if "area_id" in schema:
        report.error(
            "the register has a column area_id already.", column="area_id", hint="Rename or drop it."
        )
    located = _alike(located, schema, keys, report)
    report.raise_errors()
    return register.join(located.lazy(), on=keys, how="left")


def match_report(
    register: pl.LazyFrame,
    located: pl.DataFrame,
    points: Frame | None = None,
    *,
    on: str | Sequence[str] = "address_id",
    x: str = "x",
    y: str = "y",
    person: str | None = None,
    outline: gpd.GeoDataFrame | None = None,
) -> dict[str, dict[str, dict[str, int]]]:
    """Count what became of a register's rows: the first thing to look at when a figure seems wrong.

    Parameters
    ----------
    register : the rows, with the key columns and ``period`` where there is one.
    located : what `locate` gave for `points`.
    points : the address table, with keys and coordinates; None where the key is the register's own
        coordinates.
    on, x, y : the key and coordinate columns.
    person : the column that tells persons apart, where there is one.
    outline : the municipality's polygon (or polygons together) in EPSG:25832, where it is known.

    Returns
    -------
    dict
        ``{period: {fate: {"rows": n, "persons": n, "addresses": n}}}``, periods sorted (``"all"`` without
        periods), each of `FATES` that occurs, in that order. A row has one fate, so rows add up to the
        register's; a person or address is counted once under each fate that its rows have. ``addresses``
        are distinct keys, ``persons`` is there when `person` is given. An address in an area is never
        counted as outside the municipality.
    """
    keys = [on] if isinstance(on, str) else list(on)
    report = Report()
    schema = register.collect_schema()
    table = register.select(pl.col(keys)).unique().collect(engine="streaming") if points is None else points
    frame = _columns(table, keys, x, y, report)
    for name in [] if person is None else [person]:
        if name not in schema:
            report.error(
                f'there is no column "{name}".', column=name, hint=f"There are: {', '.join(schema)}."
            )
    report.raise_errors()
    assert frame is not None
    frame, _, _ = _distinct(frame, keys, x, y)
    fates = _alike(_fates(frame, located, keys, x, y, outline), schema, keys, report)
    report.raise_errors()
    period = pl.col("period").cast(pl.String) if "period" in schema else pl.lit("all")
    places = (
        register.select(*keys, period.alias("__period"))
        .group_by("__period", *keys)
        .agg(pl.len().alias("rows"))
        .pipe(_with_fate, fates, keys)
        .group_by("__period", "__fate")
        .agg(pl.col("rows").sum(), pl.len().alias("addresses"))
    )
    if person is not None:
        persons = (
            register.select(*keys, period.alias("__period"), pl.col(person).alias("__person"))
            .pipe(_with_fate, fates, keys)
            .group_by("__period", "__fate")
            .agg(pl.col("__person").drop_nulls().n_unique().alias("persons"))
        )
        places = places.join(persons, on=["__period", "__fate"], how="left", nulls_equal=True)
    result: dict[str, dict[str, dict[str, int]]] = {}
    for line in places.sort("__period", "__fate").collect(engine="streaming").iter_rows(named=True):
        fate = FATES[line["__fate"]]
        counted: dict[str, int] = {
            name: int(line[name]) for name in ("rows", "persons", "addresses") if name in line
        }
        if fate == "without_address":
            counted["addresses"] = 0
        result.setdefault(str(line["__period"]), {})[fate] = counted
    return result


def _with_fate(rows: pl.LazyFrame, fates: pl.DataFrame, keys: list[str]) -> pl.LazyFrame:
    """Each row's fate, by its place in `FATES`."""
    return rows.join(fates.lazy(), on=keys, how="left").with_columns(
        pl.when(pl.any_horizontal(pl.col(keys).is_null()))
        .then(pl.lit(FATES.index("without_address"), pl.Int8))
        .otherwise(pl.col("__fate").fill_null(FATES.index("address_not_found")))
        .alias("__fate")
    )


def _columns(points: Frame, keys: list[str], x: str, y: str, report: Report) -> pl.DataFrame | None:
    """The columns that are needed, coordinates as float64; what is missing or no number is told."""
    wanted = list(dict.fromkeys([*keys, x, y]))
    if isinstance(points, pd.DataFrame):
        points = pl.from_pandas(pd.DataFrame(points[[name for name in wanted if name in points]]))
    lazy = points.lazy()
    schema = lazy.collect_schema()
    for name in wanted:
        if name not in schema:
            report.error(
                f'the points have no column "{name}".',
                column=name,
                hint=f"There are: {', '.join(schema) or 'none'}.",
            )
        elif name in (x, y) and not schema[name].is_numeric() and schema[name] != pl.Null:
            report.error(
                "coordinates must be numbers.", column=name, hint=f"They are read as {schema[name]}."
            )
        elif name in (x, y) and schema[name] == pl.Float32:
            report.warn(
                "coordinates are stored with single precision, half a metre at best.",
                column=name,
                hint="Store them as double precision (64 bits).",
            )
    if report.errors:
        return None
    numbers = [pl.col(name).cast(pl.Float64).fill_nan(None).alias(name) for name in (x, y)]
    return lazy.select(*(pl.col(name) for name in wanted if name not in (x, y)), *numbers).collect(
        engine="streaming"
    )


def _distinct(frame: pl.DataFrame, keys: list[str], x: str, y: str) -> tuple[pl.DataFrame, int, int]:
    """One row a key; the rows without one; the keys with several positions (the westernmost is taken)."""
    keyed = frame if set(keys) == {x, y} else frame.drop_nulls(keys)
    keyless = len(frame) - len(keyed)
    if all_differ(keyed, keys):
        return keyed, keyless, 0
    once = keyed.lazy().unique().collect(engine="streaming")
    if all_differ(once, keys):
        return once.sort(keys), keyless, 0
    known = once.drop_nulls([x, y])
    elsewhere = len(known) - known.select(keys).unique().height
    once = once.sort([*keys, *(name for name in (x, y) if name not in keys)], nulls_last=True)
    return once.unique(subset=keys, keep="first", maintain_order=True), keyless, elsewhere


def all_differ(frame: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Whether the keys are surely all different: each is greater than the one before, as in a table that is sorted by
    it, or else their hashes are (a clash of hashes costs time, no more)."""
    if len(keys) == 1 and _rises(frame[keys[0]]):
        return True
    hashes = np.sort(frame.select(keys).hash_rows().to_numpy())
    return not (hashes[1:] == hashes[:-1]).any()


def _rises(column: pl.Series) -> bool:
    """Whether there is a value in each row, greater than the one before; most columns that do not rise soon show it."""
    if column.null_count():
        return False
    return all(
        (part.slice(1) > part.slice(0, max(len(part) - 1, 0))).all() for part in (column.head(1_000), column)
    )


def _checked_areas(areas: gpd.GeoDataFrame, report: Report) -> Any:
    """The order of the areas by id; what is wrong with them is told."""
    if "area_id" not in areas:
        report.error("the areas have no column area_id.", hint="Read them with read_areas.")
        return None
    if areas.crs is not None and not areas.crs.to_2d().equals(CRS, ignore_axis_order=True):
        report.error(
            "the areas are not in EPSG:25832.", hint='Read them with read_areas, or use to_crs("EPSG:25832").'
        )
    ids = areas["area_id"]
    if ids.isna().any() or not all(isinstance(value, str) for value in ids):
        report.error("area ids must be text, and none may be missing.", column="area_id")
        return None
    if ids.duplicated().any():
        again = sorted(set(ids[ids.duplicated()]))[:5]
        report.error(
            f"area ids are given several times: {', '.join(again)}.",
            column="area_id",
            hint="Join their rows.",
        )
    return np.argsort(ids.to_numpy(dtype=object), kind="stable")


def _tell(found: Report, settled: Settled, ids: list[str], overlap: bool | None) -> None:
    if settled.disputed:
        where = "in several areas" if overlap is False else "on a border that areas share"
        found.note(
            f"{settled.disputed} address(es) lie {where}; each counts in the first of them by id.",
            count=settled.disputed,
        )
    if settled.slivers:
        found.note(
            f"{settled.slivers} pair(s) of areas overlap by less than {SLIVER_WIDTH} m where addresses lie;"
            " this was taken for a border drawn twice.",
            count=settled.slivers,
        )
    if settled.overlapping:
        pairs = [f"{ids[first]} and {ids[second]}" for first, second in settled.overlapping]
        found.note(
            f"{settled.several} address(es) lie in several areas that overlap, and count in each:"
            f" {'; '.join(pairs[:5])}{f' and {len(pairs) - 5} more pairs' if pairs[5:] else ''}.",
            count=settled.several,
            hint="If these areas should not overlap, correct the layer.",
        )


def _none_inside(x: Floats, y: Floats, shapes: Any, found: Report) -> None:
    there = np.isfinite(x) & np.isfinite(y)
    swapped = find_areas(np.where(there, y, np.nan), np.where(there, x, np.nan), shapes).first >= 0
    hint = (
        "x and y look swapped."
        if swapped.any()
        else "Check that both are of the same place and in EPSG:25832."
    )
    found.warn("none of the addresses lies in any of the areas.", hint=hint)


def _alike(table: pl.DataFrame, schema: pl.Schema, keys: list[str], report: Report) -> pl.DataFrame:
    """The key columns as the register has them, so that they join; what cannot be is told."""
    text = (pl.String, pl.Categorical, pl.Enum)
    casts = []
    for name in keys:
        if name not in schema:
            report.error(
                f'the register has no column "{name}".', column=name, hint=f"There are: {', '.join(schema)}."
            )
        elif name not in table.columns:
            report.error(f'the located addresses have no column "{name}".', column=name)
        elif schema[name] != table.schema[name]:
            if isinstance(schema[name], text) != isinstance(table.schema[name], text):
                kinds = ("text", "a number") if isinstance(schema[name], text) else ("a number", "text")
                report.error(
                    f"this key is {kinds[0]} in the register and {kinds[1]} in the address table.",
                    column=name,
                    hint="Read both as text.",
                )
            else:
                casts.append(pl.col(name).cast(schema[name], strict=False))
    return table.with_columns(casts) if casts else table


def _fates(
    frame: pl.DataFrame,
    located: pl.DataFrame,
    keys: list[str],
    x: str,
    y: str,
    outline: gpd.GeoDataFrame | None,
) -> pl.DataFrame:
    """For each address the number of its fate in `FATES`."""
    per_address = located.group_by(keys).agg(pl.len().alias("__areas"))
    fates = frame.join(per_address, on=keys, how="left").with_columns(pl.col("__areas").fill_null(0))
    px, py = (fates[name].fill_null(float("nan")).to_numpy() for name in (x, y))
    inside = np.ones(len(fates), dtype=bool)
    if outline is not None and len(fates):
        shape = np.array([shapely.union_all(outline.geometry.to_numpy())], dtype=object)
        inside = find_areas(px, py, shape).first >= 0
    many = fates["__areas"].to_numpy()
    codes = np.select(
        [many == 1, many > 1, ~(np.isfinite(px) & np.isfinite(py)), ~inside],
        [
            FATES.index(f)
            for f in ("in_one_area", "in_several_areas", "without_coordinates", "outside_municipality")
        ],
        FATES.index("in_no_area"),
    )
    return fates.select(keys).with_columns(pl.Series("__fate", codes, dtype=pl.Int8))
