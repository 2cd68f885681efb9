"""The values of a raster's cells, and which cells hold any.

A cell without a value is never a zero: nodata, a mask, what is see-through, numbers that are none, and a register's own
marks are told apart from values. Cells are read as they are; no overview ever stands for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import RasterioError
from rasterio.windows import Window

from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.rasters.raster_files import Raster, coordinates

Values = NDArray[Any]
HasData = NDArray[np.bool_]

CELLS_AT_ONCE: Final = 4_000_000
"""So many cells are read together, or one row of the file's blocks where that has more."""


def data_bands(raster: Raster) -> list[int]:
    """The numbers of a raster's bands that hold values: all but alpha."""
    meanings = enumerate(raster.dataset.colorinterp, 1)
    return [number for number, meaning in meanings if meaning != ColorInterp.alpha]


def band_number(raster: Raster, band: int | str | None = None) -> int:
    """The number of a band.

    Parameters
    ----------
    raster : Raster
        Open.
    band : int, str or None, optional
        Its number from 1, or its description; None for the only one that holds values.

    Raises
    ------
    UnreadableError
        There is no such band, several have that name, or there are several and none is named.
    """
    dataset = raster.dataset
    bands = data_bands(raster)
    names = {number: dataset.descriptions[number - 1] for number in range(1, dataset.count + 1)}
    if band is None:
        numbers = bands
    elif isinstance(band, int) or band.isdecimal():
        numbers = [int(band)] if int(band) in names else []
    else:
        numbers = [number for number, name in names.items() if name == band]
    if len(numbers) != 1:
        listed = joined([f"{number} ({names[number]})" if names[number] else str(number) for number in names])
        raise UnreadableError(
            phrase("the raster has several bands, and none is named.")
            if band is None
            else phrase('the raster has no band "{band}".', band=band)
            if not numbers
            else phrase('several bands of the raster are called "{band}".', band=band),
            phrase("There are: {names}.", names=listed),
        )
    if np.dtype(dataset.dtypes[numbers[0] - 1]).kind not in "iuf":
        raise UnreadableError("the cells of the raster are no plain numbers.")
    return numbers[0]


def read_values(
    raster: Raster, window: Window, band: int | str | None = None, *, missing: Sequence[float] = ()
) -> tuple[Values, HasData]:
    """The cells of a window, and which of them hold a value.

    Parameters
    ----------
    raster : Raster
        Open.
    window : rasterio.windows.Window
        Whole cells of it.
    band : int, str or None, optional
        Its number or description; None for the only one.
    missing : sequence of float, optional
        Values that stand for none, besides the file's nodata.

    Returns
    -------
    values : ndarray, shape (n, m)
        With the band's scale and offset applied (float64 then, the file's own type without them). What stands where
        there is no value means nothing.
    has_data : ndarray of bool, shape (n, m)
        False for nodata, where a mask says so, where alpha is 0, for NaN and infinite numbers, and for `missing`.

    Raises
    ------
    UnreadableError
        There is no such band, or a part of the file is damaged.

    Examples
    --------
    >>> with open_raster(Path("noise.tif")) as raster:  # doctest: +SKIP
    ...     values, has_data = read_values(raster, Window(0, 0, 100, 100))
    """
    dataset, number = raster.dataset, band_number(raster, band)
    flags = dataset.mask_flag_enums[number - 1]
    alpha = [
        each
        for each, meaning in enumerate(dataset.colorinterp, 1)
        if meaning == ColorInterp.alpha and each != number
    ]
    try:
        values: Values = dataset.read(number, window=window)
        has_data: HasData
        if MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags:
            has_data = dataset.read_masks(number, window=window) != 0
        else:
            has_data = np.ones(values.shape, np.bool_)
        for each in alpha:
            has_data &= dataset.read(each, window=window) != 0
    except RasterioError:
        raise UnreadableError("a part of the raster is damaged.", "Fetch or export it again.") from None
    nodata = dataset.nodatavals[number - 1]
    if nodata is not None and not np.isnan(nodata):
        has_data &= ~_equals(values, nodata)
    if values.dtype.kind == "f":
        has_data &= np.isfinite(values)
    scale, offset = dataset.scales[number - 1], dataset.offsets[number - 1]
    if scale != 1 or offset != 0:
        values = values.astype(np.float64) * scale + offset
    for mark in missing:
        has_data &= ~_equals(values, mark)
    return values, has_data


def _equals(values: Values, mark: float) -> HasData:
    """Where values are a mark, as their type can hold it."""
    if values.dtype.kind == "f":
        margin = abs(mark) * _NEARNESS[values.dtype.itemsize]
        with np.errstate(over="ignore"):  # the lowest number of a type is a common mark
            return np.asarray((values >= mark - margin) & (values <= mark + margin))
    if mark != int(mark) or not np.iinfo(values.dtype).min <= mark <= np.iinfo(values.dtype).max:
        return np.zeros(values.shape, np.bool_)
    return np.asarray(values == values.dtype.type(int(mark)))


_NEARNESS: Final = {2: 1e-3, 4: 5e-7, 8: 1e-12}
"""By bytes of a number with a fraction: how near to a mark, as a share, it is taken for it."""


def block_windows(
    raster: Raster, window: Window | None = None, most_cells: int = CELLS_AT_ONCE
) -> Iterator[Window]:
    """A window in parts that begin and end with the file's own blocks, so that no block is read twice.

    Parameters
    ----------
    raster : Raster
        Open.
    window : rasterio.windows.Window, optional
        The part to go through; left out, all of it.
    most_cells : int, optional
        The most cells of a part, where the blocks allow it.

    Yields
    ------
    rasterio.windows.Window
        Row by row of parts, from the first to the last.
    """
    part = window or Window(0, 0, raster.dataset.width, raster.dataset.height)
    height, width = (max(sides) for sides in zip(*raster.dataset.block_shapes, strict=True))
    if height * min(width, part.width) > 4 * most_cells:
        height, width = 1, raster.dataset.width  # blocks of many rows, as of a file in one piece
    columns = max(1, most_cells // height // width) * width
    rows = max(1, most_cells // min(columns, part.width) // height) * height
    for top, bottom in _cuts(part.row_off, part.height, rows):
        for left, right in _cuts(part.col_off, part.width, columns):
            yield Window(left, top, right - left, bottom - top)


def _cuts(start: int, length: int, step: int) -> Iterator[tuple[int, int]]:
    """A range in parts that end with multiples of a step."""
    stop = start + length
    while start < stop:
        end = min((start // step + 1) * step, stop)
        yield start, end
        start = end


def values_at(
    raster: Raster,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    crs: Any,
    band: int | str | None = None,
    missing: Sequence[float] = (),
) -> NDArray[np.float64]:
    """The values of the cells that points lie in.

    Parameters
    ----------
    raster : Raster
        Open.
    x, y : ndarray of float, shape (n,)
        Coordinates; NaN for a point without a place.
    crs : Any
        What they mean: anything that pyproj takes for a CRS.
    band : int, str or None, optional
        As in `read_values`.
    missing : sequence of float, optional
        As in `read_values`.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where the point lies off the raster, or its cell holds no value. A point on the edge of two cells lies in
        the one of the higher column and row.

    Raises
    ------
    UnreadableError
        As `read_values`.

    Examples
    --------
    >>> with open_raster(Path("noise.tif")) as raster:  # doctest: +SKIP
    ...     values_at(raster, homes["x"], homes["y"], "EPSG:25832")
    array([58.2, 49.7])
    """
    band = band_number(raster, band)
    columns, rows = cells_at(raster, x, y, crs)
    result = np.full(len(columns), np.nan)
    points = np.flatnonzero(columns >= 0)
    if not points.size:
        return result
    columns, rows = columns[points], rows[points]
    order = np.argsort(rows, kind="stable")
    points, columns, rows = points[order], columns[order], rows[order]
    left, right = int(columns.min()), int(columns.max()) + 1
    around = Window(left, int(rows[0]), right - left, int(rows[-1] - rows[0]) + 1)
    for part in block_windows(raster, around):
        first, last = np.searchsorted(rows, [part.row_off, part.row_off + part.height])
        column = columns[first:last] - part.col_off
        inside = (column >= 0) & (column < part.width)
        if not inside.any():
            continue
        values, has_data = read_values(raster, part, band, missing=missing)
        cell = rows[first:last][inside] - part.row_off, column[inside]
        result[points[first:last][inside]] = np.where(has_data[cell], values[cell].astype(np.float64), np.nan)
    return result


def cells_at(
    raster: Raster, x: NDArray[np.float64], y: NDArray[np.float64], crs: Any
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The columns and rows of the cells that points lie in; -1 for those off the raster."""
    to_raster = Transformer.from_crs(crs, raster.crs.to_wkt(), always_xy=True)
    placed = to_raster.transform(np.asarray(x, np.float64), np.asarray(y, np.float64))
    columns, rows = (np.floor(each) for each in coordinates(~raster.dataset.transform, *placed))
    with np.errstate(invalid="ignore"):
        inside = (
            (columns >= 0) & (columns < raster.dataset.width) & (rows >= 0) & (rows < raster.dataset.height)
        )
    return np.where(inside, columns, -1).astype(np.int64), np.where(inside, rows, -1).astype(np.int64)
