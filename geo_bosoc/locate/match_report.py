"""The match report: what became of a register's rows, in an area or in none, or without an address that is known."""

from __future__ import annotations

from collections.abc import Sequence

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
from geo_bosoc.locate.labelled_rows import LabelledRows, match_rows
from geo_bosoc.locate.labels import label_points
from geo_bosoc.locate.point_in_polygon import find_areas
from geo_bosoc.problems import Report


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
        ``{period: {status: {"rows": n, "persons": n, "addresses": n}}}``, periods sorted (``"all"`` without
        periods), each of `MATCH_STATUSES` that occurs, in that order. A row has one status, so rows add up to the
        register's; a person or address is counted once under each status that its rows have. ``addresses``
        are distinct keys, ``persons`` is there when `person` is given. An address in an area is never
        counted as outside the municipality.
    """
    keys = [on] if isinstance(on, str) else list(on)
    report = Report()
    schema = register.collect_schema()
    table = register.select(pl.col(keys)).unique().collect(engine="streaming") if points is None else points
    frame = point_columns(table, keys, x, y, report)
    if person is not None and person not in schema:
        report.error(
            f'there is no column "{person}".', column=person, hint=f"There are: {', '.join(schema)}."
        )
    report.raise_errors()
    assert frame is not None
    frame, _, _ = distinct_points(frame, keys, x, y)
    with_keys_of(frame, schema, keys, report)
    report.raise_errors()
    px, py = (frame[name].fill_null(float("nan")) for name in (x, y))
    inside = None
    if outline is not None and len(frame):
        shape = np.array([shapely.union_all(outline.geometry.to_numpy())], dtype=object)
        inside = frame.select(keys).filter(find_areas(px.to_numpy(), py.to_numpy(), shape).first >= 0)
    labels = label_points(keys, frame.select(keys), located, inside, placed=(px.is_finite() & py.is_finite()))
    period = pl.col("period").cast(pl.String) if "period" in schema else pl.lit("all").alias("period")
    columns = [*keys, *((person,) if person is not None and person not in keys else ())]
    # Computed here, once: a frame with a join in it may give its rows in another order each time.
    rows = register.select(*columns, period).collect(engine="streaming").lazy()
    return match_rows(LabelledRows.of(rows, labels), person, once=False)
