"""The made-up municipality as rasters: road noise as noise maps give it, and what covers the ground.

Both are drawn from the layers and the addresses alone. Distances are those of a grid of 10 m, so that the same layers
give the same bytes whatever the processor.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import polars as pl
import rasterio
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import Affine, from_origin
from scipy.ndimage import distance_transform_edt

from geo_bosoc.boundaries.geometry import CRS

NOISE_YEARS: Final = ("2017", "2022")
"""Noise is mapped every fifth year."""
COVER_YEAR: Final = "2019"
SEALED, WATER, FARMLAND, GRASS, TREES = 1, 2, 3, 4, 5
"""What covers the ground: houses and asphalt, water, fields, gardens and lawns, trees."""
NO_COVER: Final = 0
NO_NOISE: Final = 255

_CELL: Final = 10
_NOISE_CELLS: Final = 2
"""Cells of the grid along each side of a cell of the noise map, which so has 20 m."""
_LEVELS: Final = {
    "motorway": {"2017": 79, "2022": 75},
    "main": {"2017": 71, "2022": 72},
    "local": {"2017": 60, "2022": 60},
}
"""Decibels (Lden) ten metres from the middle of a road; the motorway got a wall after 2017."""
_LEAST: Final = 40
_STEPS: Final = {"motorway": 1.19, "main": 1.17, "local": 1.12}
"""How much farther a road must be to be a decibel lower: less where houses stand between."""

Cells = NDArray[np.uint8]


class _Grid:
    """The grid of 10 m over the municipality, and what is drawn on it."""

    def __init__(self, municipality: gpd.GeoDataFrame) -> None:
        west, south, east, north = municipality.total_bounds
        side = _CELL * _NOISE_CELLS
        left, top = np.floor(west / side) * side, np.ceil(north / side) * side
        self.shape = (
            int(np.ceil((top - south) / side)) * _NOISE_CELLS,
            int(np.ceil((east - left) / side)) * _NOISE_CELLS,
        )
        self.transform: Affine = from_origin(left, top, _CELL, _CELL)

    def rasterised(self, shapes: gpd.GeoSeries, *, touched: bool = False) -> NDArray[np.bool_]:
        """Which cells have their middle in one of the shapes, or are touched by it."""
        pairs = [(shape, 1) for shape in shapes if shape is not None and not shape.is_empty]
        cells = rasterize(
            pairs, self.shape, transform=self.transform, all_touched=touched, fill=0, dtype="uint8"
        )
        return np.asarray(cells, dtype=bool)

    def around(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """The cells of points."""
        cells = np.zeros(self.shape, dtype=bool)
        column = ((x - self.transform.c) // _CELL).astype(int)
        row = ((self.transform.f - y) // _CELL).astype(int)
        inside = (row >= 0) & (row < self.shape[0]) & (column >= 0) & (column < self.shape[1])
        cells[row[inside], column[inside]] = True
        return cells


def _metres_from(cells: NDArray[np.bool_]) -> NDArray[np.float64]:
    """From each cell's middle to that of the nearest of the cells."""
    metres: NDArray[np.float64] = distance_transform_edt(~cells) * _CELL
    return metres


def _noise(grid: _Grid, layers: Mapping[str, gpd.GeoDataFrame], land: NDArray[np.bool_]) -> dict[str, Cells]:
    """Decibels by year: what the loudest road gives, a decibel less for so much more distance."""
    roads = layers["roads"]
    metres = {
        kind: _metres_from(grid.rasterised(roads.loc[roads["kind"] == kind, "geometry"], touched=True))
        for kind in _STEPS
    }
    noise = {}
    for year in NOISE_YEARS:
        loudest = np.full(grid.shape, _LEAST, dtype=np.int64)
        for kind, step in _STEPS.items():
            level = _LEVELS[kind][year]
            borders = [10 * step**lower for lower in range(level - _LEAST)]
            loudest = np.maximum(loudest, level - np.searchsorted(borders, metres[kind]))
        cells = np.where(land, loudest, NO_NOISE).astype(np.uint8)
        noise[year] = cells[_NOISE_CELLS // 2 :: _NOISE_CELLS, _NOISE_CELLS // 2 :: _NOISE_CELLS]
    return noise


def _cover(
    grid: _Grid, layers: Mapping[str, gpd.GeoDataFrame], addresses: pl.DataFrame, land: NDArray[np.bool_]
) -> Cells:
    """What covers each cell; the later of these where several do."""
    placed = addresses.select("x", "y").drop_nulls()
    metres = _metres_from(grid.around(placed["x"].to_numpy(), placed["y"].to_numpy()))
    roads = layers["roads"]
    is_wide = roads["kind"] != "local"
    cover = np.full(grid.shape, FARMLAND, dtype=np.uint8)
    for cells, kind in (
        (metres < 90, GRASS),
        ((metres > 25) & (metres < 45), TREES),
        (grid.rasterised(layers["woods"].geometry), TREES),
        (grid.rasterised(layers["lakes"].geometry), WATER),
        (metres < 15, SEALED),
        (grid.rasterised(roads.geometry), SEALED),
        (grid.rasterised(roads.loc[is_wide, "geometry"], touched=True), SEALED),
    ):
        cover[cells] = kind
    return np.where(land, cover, NO_COVER).astype(np.uint8)


def _write(cells: Cells, transform: Any, path: Path, *, nodata: int, name: str) -> None:
    """One band of bytes as GeoTIFF, in EPSG:25832."""
    with rasterio.open(
        path, "w", driver="GTiff", width=cells.shape[1], height=cells.shape[0], count=1, dtype="uint8", crs=CRS,
        transform=transform, nodata=nodata, compress="deflate", zlevel=9,
    ) as raster:  # fmt: skip
        raster.write(cells, 1)
        raster.set_band_description(1, name)


def write_rasters(layers: Mapping[str, gpd.GeoDataFrame], addresses: pl.DataFrame, folder: Path) -> None:
    """Write road noise (``road_noise_2017.tif, road_noise_2022.tif``: Lden, decibels, cells of 20 m) and what covers
    the ground (``ground_cover_2019.tif``: 1 houses and asphalt, 2 water, 3 fields, 4 gardens and lawns, 5 trees; cells
    of 10 m), in EPSG:25832, without data beyond the municipality and on the sea.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        ``municipality, sea, lakes, woods, roads``.
    addresses : DataFrame
        ``x, y``.
    folder : Path
        An existing folder.
    """
    grid = _Grid(layers["municipality"])
    land = grid.rasterised(layers["municipality"].geometry) & ~grid.rasterised(layers["sea"].geometry)
    side = _CELL * _NOISE_CELLS
    wide = from_origin(grid.transform.c, grid.transform.f, side, side)
    for year, cells in _noise(grid, layers, land).items():
        _write(cells, wide, folder / f"road_noise_{year}.tif", nodata=NO_NOISE, name="Lden, dB")
    cover = _cover(grid, layers, addresses, land)
    _write(
        cover, grid.transform, folder / f"ground_cover_{COVER_YEAR}.tif", nodata=NO_COVER, name="ground cover"
    )
