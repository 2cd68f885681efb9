"""Coordinates of a register brought to EPSG:25832, in Python's own threads.

PROJ holds what it knows by thread, and dies with a thread that Python did not start. So no function of it is handed to
Polars: rows are collected, their coordinates transformed as arrays, and put back.
"""

from __future__ import annotations

import contextlib
from typing import Final

import numpy as np
import polars as pl
import pyproj

from geo_bosoc.boundaries.coordinate_systems import WORKING_CRS
from geo_bosoc.registers.files import new_private_file

AT_A_TIME: Final = 500_000
"""Rows of a Parquet file whose coordinates are transformed together."""


def needs_transforming(crs: pyproj.CRS) -> bool:
    """Whether coordinates in `crs` are something else than EPSG:25832 with x first."""
    return crs.to_epsg() != 25832


def transformed(frame: pl.DataFrame, crs: pyproj.CRS) -> pl.DataFrame:
    """The rows with ``x`` and ``y`` in EPSG:25832; null where a point has no place there.

    Points at 0, 0 stay there: that is how many programs write an address that they did not find.
    """
    transformer = pyproj.Transformer.from_crs(crs, WORKING_CRS, always_xy=True)
    x, y = (frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in ("x", "y"))
    nowhere = (x == 0) & (y == 0)
    columns = []
    for name, values in zip("xy", transformer.transform(x, y), strict=True):
        numbers = np.where(nowhere, 0.0, np.where(np.isfinite(values), values, np.nan))
        columns.append(pl.Series(name, numbers).fill_nan(None))
    return frame.with_columns(columns)


def transformed_by_batch(frame: pl.LazyFrame, crs: pyproj.CRS, at_a_time: int = AT_A_TIME) -> pl.LazyFrame:
    """`transformed` for rows that may be too many to hold: beyond `at_a_time` they go to the private folder."""
    rows = int(frame.select(pl.len()).collect(engine="streaming").item())
    if rows <= at_a_time:
        return transformed(frame.collect(engine="streaming"), crs).lazy()
    source = new_private_file()
    frame.sink_parquet(source, compression="lz4", row_group_size=at_a_time)
    batches = []
    for first in range(0, rows, at_a_time):
        batch = pl.scan_parquet(source).slice(first, at_a_time).collect()
        path = new_private_file()
        transformed(batch, crs).write_parquet(path, compression="lz4")
        batches.append(pl.scan_parquet(path))
    with contextlib.suppress(OSError):  # a file that is still open elsewhere goes with its folder
        source.unlink()
    return pl.concat(batches, how="vertical")
