"""Cells of the Danish square grid (Det Danske Kvadratnet): from coordinates to ids, and from ids to squares.

An id such as ``100m_62236_5749`` is the cell's size, then the northing and the easting of its lower left corner
(EPSG:25832, metres) without the zeros that all corners of that size end with: two for 100 m, three for 1 km, one for
250 m. Statistics Denmark and the mapping agency call the columns ``KN100mDK``, ``KN1kmDK`` and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import shapely

from geo_bosoc.boundaries.geometry import CRS, DENMARK
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import Message, count_text, joined, phrase
from geo_bosoc.registers.tables.text import ranges

SIZES: Final = {
    "10m": 10,
    "50m": 50,
    "100m": 100,
    "250m": 250,
    "500m": 500,
    "1km": 1_000,
    "2km": 2_000,
    "5km": 5_000,
    "10km": 10_000,
    "50km": 50_000,
    "100km": 100_000,
}
"""Metres of a cell's side, by the first part of its id."""

_FARTHEST: Final = 10_000_000
"""No coordinate in metres is larger."""
_FORM: Final = r"^(\d+k?m)_([1-9]\d*)_([1-9]\d*)$"
_OTHER_GRID: Final = r"(?i)^CRS\d+RES|^\d+k?m[NE]\d+[NE]\d+$"


def _step(size: int) -> int:
    """What a corner is divided by in an id: the largest power of ten that all corners of a size are multiples of.

    >>> [_step(size) for size in (100, 250, 1000, 50_000)]
    [100, 10, 1000, 10000]
    """
    step = 1
    while size % (10 * step) == 0:
        step *= 10
    return step


def cell_ids(x: npt.ArrayLike, y: npt.ArrayLike, size: int = 100) -> npt.NDArray[np.object_]:
    """The ids of the cells that points lie in.

    Parameters
    ----------
    x, y : array-like of float, shape (n,)
        Coordinates in EPSG:25832, metres; NaN for a point without a place.
    size : int, optional
        Metres of a cell's side: one of `SIZES`.

    Returns
    -------
    ndarray of object, shape (n,)
        Ids; None for a point without a place. A point on a border belongs to the cell north and east of it.

    Raises
    ------
    InputError
        There are no cells of that size, or a point lies far from Denmark.

    Examples
    --------
    >>> cell_ids([574_912.0], [6_223_601.0]).tolist(), cell_ids([574_912.0], [6_223_601.0], 1000).tolist()
    (['100m_62236_5749'], ['1km_6223_574'])
    """
    name, report = size_name(size), Report()
    if name is None:
        report.error(_no_such_size(size), hint=_sizes_hint())
    xs, ys = np.asarray(x, np.float64), np.asarray(y, np.float64)
    placed = np.isfinite(xs) & np.isfinite(ys)
    report.raise_errors()
    within = placed & (np.abs(xs) < _FARTHEST) & (np.abs(ys) < _FARTHEST)
    east, north = (
        np.floor(np.where(within, values, 0.0) / size).astype(np.int64) * size for values in (xs, ys)
    )
    within &= _in_denmark(east, north, size)
    outside = int((placed & ~within).sum())
    if outside:
        report.error(
            phrase(
                "{points} outside Denmark: x and y have to be metres in EPSG:25832.",
                points=count_text(outside, "point lies", "points lie"),
            )
        )
    report.raise_errors()
    east, north = (values // _step(size) for values in (east, north))
    ids = pl.select(pl.format("{}_{}_{}", pl.lit(name), pl.Series(north), pl.Series(east))).to_series()
    result = np.array(ids.to_list(), dtype=object).reshape(xs.shape)
    result[~placed] = None
    return result


def cell_corners(
    ids: Iterable[str | None],
    *,
    rows: Sequence[int] | None = None,
    file: str | Path = "cells",
    column: str | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """The lower left corners and the sizes of cells.

    Parameters
    ----------
    ids : iterable of str
        Ids, in the order of the result.
    rows : sequence of int, optional
        Their rows in a file, for messages; left out, they are counted from 1.
    file : str or Path, optional
        What messages call the file.
    column : str, optional
        What messages call the column.
    report : Report, optional
        Takes the errors; without it they raise.

    Returns
    -------
    DataFrame
        ``east, north, size`` in metres (int64), a row for each id; empty where `report` took errors.

    Raises
    ------
    InputError
        Ids that are none of the square grid, of a size that it does not have, off the grid, or outside Denmark: all of
        them, with their rows.

    Examples
    --------
    >>> cell_corners(["100m_62236_5749", "250m_622350_57475", "1km_6223_574"]).values.tolist()
    [[574900, 6223600, 100], [574750, 6223500, 250], [574000, 6223000, 1000]]
    """
    texts = pl.Series("id", list(ids), dtype=pl.String)
    numbers = np.arange(1, len(texts) + 1) if rows is None else np.asarray(rows, np.int64)
    parts = pl.DataFrame({"id": texts}).with_columns(
        pl.col("id").str.extract(_FORM, 1).alias("name"),
        pl.col("id").str.extract(_FORM, 2).cast(pl.Int64, strict=False).alias("north"),
        pl.col("id").str.extract(_FORM, 3).cast(pl.Int64, strict=False).alias("east"),
    )
    sizes = parts["name"].replace_strict(SIZES, default=None, return_dtype=pl.Int64)
    steps = parts["name"].replace_strict(
        {name: _step(size) for name, size in SIZES.items()}, default=None, return_dtype=pl.Int64
    )
    formed = parts.select(
        pl.col("name").is_not_null() & pl.col("north").is_not_null() & pl.col("east").is_not_null()
    ).to_series()
    size, step = (values.fill_null(1).to_numpy() for values in (sizes, steps))
    north, east = (
        np.minimum(parts[name].fill_null(0).to_numpy(), _FARTHEST) * step for name in ("north", "east")
    )
    known_size = sizes.is_not_null().to_numpy()
    is_id = formed.to_numpy()
    on_grid = (north % size == 0) & (east % size == 0)
    inside = _in_denmark(east, north, size)
    problems = Report()
    faults: tuple[tuple[npt.NDArray[np.bool_], Message, Message | str], ...] = (
        (
            ~is_id,
            phrase("ids that are no cells of the Danish square grid"),
            _form_hint(texts.filter(~formed)),
        ),
        (
            is_id & ~known_size,
            phrase("ids of cells of a size that the square grid does not have"),
            _sizes_hint(),
        ),
        (
            is_id & known_size & ~on_grid,
            phrase("ids whose corner is no multiple of the cell's size"),
            "A cell of 250 m is written 250m_622350_57475: its corner without the last zero.",
        ),
        (
            is_id & known_size & on_grid & ~inside,
            phrase("ids of cells outside Denmark"),
            "The northing comes first: 100m_62236_5749.",
        ),
    )
    for mask, fault, hint in faults:
        if mask.any():
            problems.error(
                phrase("{fault} in {rows}.", fault=fault, rows=rows_text(numbers[mask])),
                file=file, column=column, count=int(mask.sum()), hint=hint,
            )  # fmt: skip
    failed = bool(problems.errors)
    problems.hand_over(report)
    frame = pd.DataFrame({"east": east, "north": north, "size": size}).astype(np.int64)
    return frame.iloc[:0] if failed else frame


def cell_polygons(ids: Iterable[str], *, report: Report | None = None) -> gpd.GeoDataFrame:
    """Cells as squares: areas, as `geo_bosoc.read_areas` gives them.

    Parameters
    ----------
    ids : iterable of str
        Ids, in the order of the result.
    report : Report, optional
        Takes the errors; without it they raise.

    Returns
    -------
    GeoDataFrame
        ``area_id, name, kind, geometry`` in EPSG:25832, a row for each id; id and name are the cell's id.

    Raises
    ------
    InputError
        As `cell_corners`.

    Examples
    --------
    >>> cell_polygons(["100m_62236_5749"]).total_bounds.tolist()
    [574900.0, 6223600.0, 575000.0, 6223700.0]
    """
    names = list(ids)
    corners = cell_corners(names, report=report)
    return squares(names[: len(corners)], corners)


def _in_denmark(
    east: npt.NDArray[np.int64], north: npt.NDArray[np.int64], size: int | npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Where a cell shares land or sea with the box around Denmark."""
    west, south, far_east, far_north = DENMARK
    return (east + size > west) & (north + size > south) & (east <= far_east) & (north <= far_north)


def squares(
    names: Sequence[str], corners: pd.DataFrame, kind_by_cell: Sequence[str] | None = None
) -> gpd.GeoDataFrame:
    """Areas of cells whose corners are there already (`cell_corners`); of kind ``area`` where nothing else is given."""
    east, north, size = (corners[name].to_numpy(np.float64) for name in ("east", "north", "size"))
    columns: dict[str, Any] = {
        "area_id": pd.Series(names, dtype="str"),
        "name": pd.Series(names, dtype="str"),
        "kind": pd.Series(["area"] * len(names) if kind_by_cell is None else kind_by_cell, dtype="str"),
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.box(east, north, east + size, north + size), crs=CRS)


def size_name(size: int) -> str | None:
    """How a size is written in ids; None where there are no cells of it.

    >>> size_name(1000)
    '1km'
    """
    return next((name for name, metres in SIZES.items() if metres == size), None)


def rows_text(rows: npt.NDArray[np.int64]) -> Message:
    """Rows as text: ``row 7``, ``rows 3-5, 9``."""
    noun = "row {rows}" if len(rows) == 1 else "rows {rows}"
    return phrase(noun, rows=ranges(int(row) for row in rows))


def _no_such_size(size: int) -> Message:
    return phrase("the square grid has no cells of {size} m.", size=size)


def _sizes_hint() -> Message:
    return phrase("It has cells of {sizes}.", sizes=joined(SIZES))


def _form_hint(ids: pl.Series) -> Message | str:
    if ids.str.contains(_OTHER_GRID).any():
        return (
            "Ids of the European grid (EPSG:3035) are read as polygons alone: give a map file with the cells."
        )
    return "They are written 100m_62236_5749: size, northing, easting."
