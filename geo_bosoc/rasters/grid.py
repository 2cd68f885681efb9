"""Rasters on the Danish square grid (Det Danske Kvadratnet): written here, cells of 100 m in EPSG:25832."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_origin

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.problems import Report

CRS: Final = "EPSG:25832"
NODATA: Final = -9999.0
_MOST_CELLS: Final = 50_000_000


def grid_means(
    homes: pd.DataFrame, values: NDArray[np.float64], *, size: int = 100, least: int = 1
) -> pd.DataFrame:
    """The mean of a figure over the residents of each cell of the square grid.

    Parameters
    ----------
    homes : one row an address: `x`, `y` (metres, EPSG:25832), `residents`.
    values : the figure at each address; NaN where there is none.
    size : metres a cell. Its lower left corner lies at a multiple of that, as in the Danish square grid; a home on a
        border belongs to the cell north and east of it.
    least : residents of a cell; with fewer it is left out.

    Returns
    -------
    DataFrame `east, north` (lower left corner, metres, int64), `residents`, `value`; sorted from north to south, then
    from west to east.
    """
    xy = homes[["x", "y"]].to_numpy(np.float64)
    people = homes["residents"].to_numpy(np.int64)
    known = np.isfinite(xy).all(axis=1) & np.isfinite(values) & (people > 0)
    corner = np.floor(xy[known] / size).astype(np.int64) * size
    frame = pd.DataFrame(
        {
            "east": corner[:, 0],
            "north": corner[:, 1],
            "residents": people[known],
            "weighed": values[known] * people[known],
        }
    )
    cells = frame.groupby(["north", "east"], sort=True)[["residents", "weighed"]].sum().reset_index()
    cells = cells[cells["residents"] >= least]
    cells = cells.assign(value=cells["weighed"] / cells["residents"])
    order = cells.sort_values(["north", "east"], ascending=[False, True])
    return order[["east", "north", "residents", "value"]].reset_index(drop=True)


def write_grid(
    cells: pd.DataFrame,
    path: str | Path,
    *,
    size: int = 100,
    name: str = "value",
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write cells of the square grid as a GeoTIFF: one band of float32, EPSG:25832, nodata where there is no cell.

    Parameters
    ----------
    cells : `east`, `north` (lower left corners, multiples of `size`), `value`.
    name : what the band is called in QGIS.
    tags : told in the file, such as a stamp.

    Raises
    ------
    InputError
        There is no cell, corners do not lie on the grid, a cell is there twice, or the cells lie so far apart that
        the raster would have more than 50 million of them.
    geo_bosoc.atomic_write.write.OutputInUse
        The file is open in another program; it is left as it was.
    """
    own = Report()
    for column in ("east", "north", "value"):
        if column not in cells.columns:
            own.error("is not there.", file="cells", column=column)
    own.raise_errors()
    if cells.empty:
        own.error("there is no cell to write.", file="cells")
    elif ((cells["east"] % size != 0) | (cells["north"] % size != 0)).any():
        own.error(f"corners are no multiples of {size} m.", file="cells")
    elif cells.duplicated(["east", "north"]).any():
        own.error("a cell is there twice.", file="cells")
    own.raise_errors()
    east, north = cells["east"].to_numpy(np.int64), cells["north"].to_numpy(np.int64)
    west, top = int(east.min()), int(north.max()) + size
    width, height = (int(east.max()) - west) // size + 1, (top - int(north.min())) // size
    if width * height > _MOST_CELLS:
        own.error(
            "the cells lie so far apart that the raster has no bounds.", file="cells", hint="Check x and y."
        )
    own.raise_errors()
    band = np.full((height, width), NODATA, np.float32)
    band[(top - size - north) // size, (east - west) // size] = np.where(
        np.isfinite(cells["value"].to_numpy(np.float64)), cells["value"].to_numpy(np.float64), NODATA
    )
    with (
        atomic_file(path) as draft,
        rasterio.open(
            draft,
            "w",
            driver="GTiff",
            width=width,
            height=height,
            count=1,
            dtype="float32",
            crs=CRS,
            transform=from_origin(west, top, size, size),
            nodata=NODATA,
            compress="deflate",
            predictor=3,
        ) as raster,
    ):
        raster.write(band, 1)
        raster.set_band_description(1, name)
        raster.update_tags(**dict(tags or {}))
