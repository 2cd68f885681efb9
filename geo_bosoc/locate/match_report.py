"""What became of a register's rows: in one area or several, in none, or without an address that is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import polars as pl
import shapely

from geo_bosoc.locate.address_keys import (
    Frame,
    distinct_points,
    point_columns,
    with_keys_of,
)
from geo_bosoc.locate.point_in_polygon import find_areas
from geo_bosoc.problems import Report

MATCH_STATUSES: Final = (
    "in_one_area",
    "in_several_areas",
    "in_no_area",
    "outside_municipality",
    "without_coordinates",
    "address_not_found",
    "without_address",
)
"""What may become of a register's row; each row has exactly one."""


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
        periods), each of `MATCH_STATUSES` that occurs, in that order. A row has one fate, so rows add up to the
        register's; a person or address is counted once under each fate that its rows have. ``addresses``
        are distinct keys, ``persons`` is there when `person` is given. An address in an area is never
        counted as outside the municipality.
    """
    keys = [on] if isinstance(on, str) else list(on)
    report = Report()
    schema = register.collect_schema()
    table = register.select(pl.col(keys)).unique().collect(engine="streaming") if points is None else points
    frame = point_columns(table, keys, x, y, report)
    for name in [] if person is None else [person]:
        if name not in schema:
            report.error(
                f'there is no column "{name}".', column=name, hint=f"There are: {', '.join(schema)}."
            )
    report.raise_errors()
    assert frame is not None
    frame, _, _ = distinct_points(frame, keys, x, y)
    fates = with_keys_of(_fates(frame, located, keys, x, y, outline), schema, keys, report)
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
        fate = MATCH_STATUSES[line["__fate"]]
        counted: dict[str, int] = {
            name: int(line[name]) for name in ("rows", "persons", "addresses") if name in line
        }
        if fate == "without_address":
            counted["addresses"] = 0
        result.setdefault(str(line["__period"]), {})[fate] = counted
    return result


def _with_fate(rows: pl.LazyFrame, fates: pl.DataFrame, keys: list[str]) -> pl.LazyFrame:
    """Each row's fate, by its place in `MATCH_STATUSES`."""
    return rows.join(fates.lazy(), on=keys, how="left").with_columns(
        pl.when(pl.any_horizontal(pl.col(keys).is_null()))
        .then(pl.lit(MATCH_STATUSES.index("without_address"), pl.Int8))
        .otherwise(pl.col("__fate").fill_null(MATCH_STATUSES.index("address_not_found")))
        .alias("__fate")
    )


def _fates(
    frame: pl.DataFrame,
    located: pl.DataFrame,
    keys: list[str],
    x: str,
    y: str,
    outline: gpd.GeoDataFrame | None,
) -> pl.DataFrame:
    """For each address the number of its fate in `MATCH_STATUSES`."""
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
            MATCH_STATUSES.index(f)
            for f in ("in_one_area", "in_several_areas", "without_coordinates", "outside_municipality")
        ],
        MATCH_STATUSES.index("in_no_area"),
    )
    return fates.select(keys).with_columns(pl.Series("__fate", codes, dtype=pl.Int8))
