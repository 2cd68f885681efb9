"""The rows of a raster register: its cells in areas, each with its value and how much of it lies there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.windows import Window

from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.rasters.raster_files import coordinates
from geo_bosoc.rasters.values import HasData, Values, block_windows
from geo_bosoc.rasters.zonal.coverage import CoveredCells, Rule, Zones, covered_cells
from geo_bosoc.rasters.zonal.layers import RasterLayer, value_frame
from geo_bosoc.rasters.zonal.pixel_space import cell_m2, to_pixels

VALUE: Final = "value"
AREA: Final = "area"
SHARE: Final = "@share"
"""The column with the share of a cell that lies in the area; no name that a file has."""

_HAS_DATA: Final = "@has_data"

_LEAST_OFF: Final = 1e-6
"""Of a cell: what of an area lies off the raster by less is a matter of the coordinates' last decimals."""


@dataclass(frozen=True)
class Weighting:
    """Another raster by which cells are weighed: how many people live in each.

    Attributes
    ----------
    name : str
        Of its column.
    layer : RasterLayer
        Open; its values are counts.
    """

    name: str
    layer: RasterLayer


def rows_in_areas(
    layer: RasterLayer,
    polygons: NDArray[Any],
    crs: CRS,
    rule: Rule = "exact",
    *,
    weighting: Weighting | None = None,
) -> Iterator[pl.LazyFrame]:
    """The cells of a layer in areas, some at a time.

    Rows are put together only where they are collected: in another thread, while the next cells are measured here.

    Parameters
    ----------
    layer : RasterLayer
        Open.
    polygons : ndarray of Polygon or MultiPolygon, shape (n,)
        The areas; they may overlap.
    crs : pyproj.CRS
        Theirs, in metres.
    rule : {"exact", "centre"}, optional
        As in `geo_bosoc.rasters.zonal.coverage.covered_cells`.
    weighting : Weighting, optional
        A raster of counts. Rows are then the cells of the finer one of both, and have the value of the other one at
        their centre; a count is spread evenly over its cell.

    Yields
    ------
    LazyFrame
        ``area_id`` (the number of the area), ``value`` (null where there is none), ``area`` (m2 of the cell in the
        area; whole numbers where all are), ``@share`` (of the cell in the area), and the weighting's column. What of an
        area lies off the raster is one row without a value.

    Raises
    ------
    UnreadableError
        A part of a file is damaged, or the raster covers none of the areas.
    """
    base, other = layer, None if weighting is None else weighting.layer
    if other is not None and _middle_m2(other, crs) < _middle_m2(layer, crs):
        base, other = other, layer
    zones = Zones(to_pixels(polygons, crs, base.raster))
    window = zones.window(base.width, base.height)
    if window is None:
        raise UnreadableError(
            "the raster lies elsewhere: it covers none of the areas.",
            'See whether it is the right file, and in the coordinate system that it says; crs = "..." gives another.',
        )
    other_m2 = None if other is None else _middle_m2(other, crs)
    for part, values, has_data in _read_ahead(base, list(block_windows(base.raster, window))):
        measured = cell_m2(base.raster, part, crs)
        for covered in covered_cells(zones, part, rule):
            yield _frame(base, other, other_m2, weighting, part, values, has_data, measured, covered)
    off = zones.off_raster(base.width, base.height)
    beyond = np.flatnonzero(off > _LEAST_OFF)
    if beyond.size:
        yield _rows_off_raster(beyond, off[beyond] * _middle_m2(base, crs), values.dtype, weighting).lazy()


def _read_ahead(layer: RasterLayer, windows: Sequence[Window]) -> Iterator[tuple[Window, Values, HasData]]:
    """Each window with what it holds; the next one is read meanwhile."""
    with ThreadPoolExecutor(1, thread_name_prefix="raster") as thread:
        upcoming: Future[tuple[Values, HasData]] = thread.submit(layer.read, windows[0])
        for number, window in enumerate(windows):
            values, has_data = upcoming.result()
            if number + 1 < len(windows):
                upcoming = thread.submit(layer.read, windows[number + 1])
            yield window, values, has_data


def _frame(
    base: RasterLayer,
    other: RasterLayer | None,
    other_m2: float | None,
    weighting: Weighting | None,
    window: Window,
    values: Values,
    has_data: HasData,
    measured: NDArray[np.float64],
    covered: CoveredCells,
) -> pl.LazyFrame:
    """Rows of covered cells."""
    cell = covered.cell
    if measured.size == 1:
        m2 = pl.lit(_plain(float(measured[0, 0])) if covered.share is None else float(measured[0, 0]))
    else:
        of_cells = slice(None) if cell is None else cell
        m2 = pl.lit(pl.Series(np.broadcast_to(measured, values.shape).ravel()[of_cells]))
    share = pl.lit(1.0) if covered.share is None else pl.lit(pl.Series(covered.share))
    area = m2 if covered.share is None else m2 * share
    area_ids = pl.Series("area_id", covered.area)
    columns = [pl.lit(area_ids), area.alias(AREA), share.alias(SHARE)]
    in_window = pl.LazyFrame({VALUE: values.ravel(), _HAS_DATA: has_data.ravel()})
    of_base = in_window if cell is None else in_window.select(pl.all().gather(pl.lit(pl.Series(cell))))
    value = pl.when(_HAS_DATA).then(VALUE).alias(VALUE)
    if weighting is None or other is None:
        return of_base.select(value, *columns)
    of_other = value_frame(*_at_centres(other, base, window, cell)).to_series()
    if base is weighting.layer:
        counts = value.cast(pl.Float64) * share
        return of_base.select(of_other, counts.alias(weighting.name), *columns)
    counts = pl.lit(of_other) * area / other_m2
    return of_base.select(value, counts.alias(weighting.name), *columns)


def _plain(m2: float) -> int | float:
    """A whole number as one: it is counted faster, and the same."""
    return int(m2) if float(m2).is_integer() else float(m2)


def _at_centres(
    layer: RasterLayer, base: RasterLayer, window: Window, cells_of_window: NDArray[np.int64] | None
) -> tuple[Values, HasData]:
    """A layer's values at the centres of another one's cells."""
    if cells_of_window is None:
        cells_of_window = np.arange(window.height * window.width)
    rows, columns = np.divmod(cells_of_window, window.width)
    x, y = coordinates(
        base.raster.dataset.transform, window.col_off + columns + 0.5, window.row_off + rows + 0.5
    )
    return layer.values_at(x, y, base.raster.crs.to_wkt())


def _middle_m2(layer: RasterLayer, crs: CRS) -> float:
    """What the cell in the middle measures."""
    return float(cell_m2(layer.raster, Window(layer.width // 2, layer.height // 2, 1, 1), crs)[0, 0])


def _rows_off_raster(
    numbers: NDArray[np.int64], m2: NDArray[np.float64], dtype: Any, weighting: Weighting | None
) -> pl.DataFrame:
    """One row without a value for each area that reaches beyond the raster."""
    nothing = value_frame(np.zeros(len(numbers), dtype), np.zeros(len(numbers), np.bool_))
    weights = [] if weighting is None else [pl.lit(None, pl.Float64).alias(weighting.name)]
    return nothing.with_columns(
        *weights,
        pl.Series("area_id", numbers.astype(np.uint32)),
        pl.Series(AREA, m2),
        pl.lit(1.0).alias(SHARE),
    )
