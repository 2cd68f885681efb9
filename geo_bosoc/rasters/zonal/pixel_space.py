"""Areas in the columns and rows of a raster, and what a cell of it measures.

Whichever way a raster lies, north-up, south-up or rotated, its cells are unit squares in its own columns and rows, and
what share of a cell an area covers does not change by going there.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.windows import Window

from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.rasters.raster_files import Raster, coordinates

Polygons = NDArray[Any]
Metres = NDArray[np.float64]

_EDGE: Final = 100.0
"""Metres: an edge that is straight in one CRS bends in another one, by less than a millimetre over so much."""

_DECIMALS: Final = 9
"""Of a cell, which coordinates are rounded to: what lies on a cell's edge stays on it."""

_SAMPLES: Final = 9
"""So many cells in each direction are measured where sizes change over a raster; those between are interpolated."""


def same_crs(raster: Raster, crs: CRS) -> bool:
    """Whether a raster's coordinates are those of another CRS."""
    return bool(CRS.from_wkt(raster.crs.to_wkt()).equals(crs, ignore_axis_order=True))


def to_pixels(polygons: Polygons, crs: CRS, raster: Raster) -> Polygons:
    """Polygons in columns (x) and rows (y, downwards) of a raster.

    Parameters
    ----------
    polygons : ndarray of Polygon or MultiPolygon, shape (n,)
        Valid.
    crs : pyproj.CRS
        Theirs.
    raster : Raster
        Open.

    Raises
    ------
    UnreadableError
        The raster's CRS does not reach to where the polygons lie.
    """
    if not same_crs(raster, crs):
        to_raster = Transformer.from_crs(crs, raster.crs.to_wkt(), always_xy=True)
        bends = shapely.segmentize(polygons, _EDGE / CRS(crs).axis_info[0].unit_conversion_factor)
        polygons = shapely.transform(bends, lambda points: np.column_stack(to_raster.transform(*points.T)))
        if not np.isfinite(shapely.get_coordinates(polygons)).all():
            raise UnreadableError(
                "the coordinate system of the raster does not reach to the areas.",
                'See whether it says the right one; crs = "..." gives another.',
            )
    cell = raster.dataset.transform

    def pixels(points: NDArray[np.float64]) -> NDArray[np.float64]:
        # Divided last, so that whole cells come out whole.
        x, y = points[:, 0] - cell.c, points[:, 1] - cell.f
        across = (cell.e * x - cell.b * y) / cell.determinant
        down = (cell.a * y - cell.d * x) / cell.determinant
        return np.column_stack([across, down]).round(_DECIMALS)

    return np.asarray(shapely.make_valid(shapely.transform(polygons, pixels)))


def cell_m2(raster: Raster, window: Window, crs: CRS) -> Metres:
    """What each cell of a window measures on the map of another CRS.

    Parameters
    ----------
    raster : Raster
        Open.
    window : rasterio.windows.Window
        The cells.
    crs : pyproj.CRS
        Of the areas, in metres.

    Returns
    -------
    ndarray of float, shape (n, m) or (1, 1)
        m2; one figure where all cells measure the same.
    """
    if same_crs(raster, crs):
        return (
            np.array([[abs(raster.dataset.transform.determinant)]])
            * CRS(crs).axis_info[0].unit_conversion_factor ** 2
        )
    columns = np.unique(np.linspace(0, window.width - 1, _SAMPLES).round())
    rows = np.unique(np.linspace(0, window.height - 1, _SAMPLES).round())
    left, top = (axis.ravel() for axis in np.meshgrid(window.col_off + columns, window.row_off + rows))
    to_map = Transformer.from_crs(raster.crs.to_wkt(), crs, always_xy=True)
    corners = [
        to_map.transform(*coordinates(raster.dataset.transform, left + across, top + down))
        for across, down in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    with np.errstate(invalid="ignore"):  # beyond the reach of the CRS there is no size
        measured = np.abs((x2 - x0) * (y3 - y1) - (x3 - x1) * (y2 - y0)) / 2  # a quadrangle by its diagonals
    measured = measured.reshape(len(rows), len(columns))
    by_row = np.array([np.interp(np.arange(window.width), columns, line) for line in measured])
    each_row = np.arange(window.height)
    after = np.clip(np.searchsorted(rows, each_row), 1, max(len(rows) - 1, 1))
    if len(rows) == 1:
        return by_row
    share = ((each_row - rows[after - 1]) / (rows[after] - rows[after - 1]))[:, None]
    return np.asarray(by_row[after - 1] * (1 - share) + by_row[after] * share)
