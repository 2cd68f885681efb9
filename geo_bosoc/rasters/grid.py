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
from geo_bosoc.boundaries.geometry import CRS
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

NODATA: Final = -9999.0
_MOST_CELLS: Final = 50_000_000


def grid_means(
    addresses: pd.DataFrame, values: NDArray[np.float64], *, size: int = 100, least: int = 1
) -> pd.DataFrame:
    """The mean of a figure over the residents of each cell of the square grid.

    Parameters
    ----------
    addresses : DataFrame
        One row an address: `x`, `y` (metres, EPSG:25832), `residents`.
    values : ndarray of float, shape (n,)
        The figure at each address; NaN where there is none.
    size : int, optional
        Metres a cell. Its lower left corner lies at a multiple of that, as in the Danish square grid; an address on a
        border belongs to the cell north and east of it.
    least : int, optional
        Residents of a cell; with fewer it is left out.

    Returns
    -------
    DataFrame
        `east, north` (lower left corner, metres, int64), `residents`, `value`; sorted from north to south, then from
        west to east.
    """
    xy = addresses[["x", "y"]].to_numpy(np.float64)
    people = addresses["residents"].to_numpy(np.int64)
    counted = np.isfinite(xy).all(axis=1) & np.isfinite(values) & (people > 0)
    corner = np.floor(xy[counted] / size).astype(np.int64) * size
    frame = pd.DataFrame(
        {
            "east": corner[:, 0],
            "north": corner[:, 1],
            "residents": people[counted],
            "weighed": values[counted] * people[counted],
        }
    )
    cells = frame.groupby(["north", "east"], sort=True)[["residents", "weighed"]].sum().reset_index()
    cells = cells[cells["residents"] >= least]
    cells = cells.assign(value=cells["weighed"] / cells["residents"])
    order = cells.sort_values(["north", "east"], ascending=[False, True])
    return order[["east", "north", "residents", "value"]].reset_index(drop=True)


def write_grid(
    grid: pd.DataFrame,
    path: str | Path,
    *,
    size: int = 100,
    name: str = "value",
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write cells of the square grid as a GeoTIFF: one band of float32, EPSG:25832, nodata where there is no cell.

    Parameters
    ----------
    grid : DataFrame
        `east`, `north` (lower left corners, multiples of `size`), `value`: one row a cell.
    path : str or Path
        The file.
    size : int, optional
        Metres a cell.
    name : str, optional
        What the band is called in QGIS.
    tags : Mapping of str to str, optional
        Metadata of the file, such as a stamp.

    Raises
    ------
    InputError
        There is no cell, corners do not lie on the grid, a cell is duplicated, or the cells lie so far apart that
        the raster would have more than 50 million of them.
    geo_bosoc.atomic_write.errors.OutputInUse
        The file is open in another program; it is left as it was.
    """
    grid_report = Report()
    for column in ("east", "north", "value"):
        if column not in grid.columns:
            grid_report.error("is not there.", file="cells", column=column)
    grid_report.raise_errors()
    if grid.empty:
        grid_report.error("there is no cell to write.", file="cells")
    elif ((grid["east"] % size != 0) | (grid["north"] % size != 0)).any():
        grid_report.error(phrase("corners are no multiples of {size} m.", size=size), file="cells")
    elif grid.duplicated(["east", "north"]).any():
        grid_report.error("a cell is duplicated.", file="cells")
    grid_report.raise_errors()
    east, north = grid["east"].to_numpy(np.int64), grid["north"].to_numpy(np.int64)
    west, top = int(east.min()), int(north.max()) + size
    width, height = (int(east.max()) - west) // size + 1, (top - int(north.min())) // size
    if width * height > _MOST_CELLS:
        grid_report.error(
            "the cells lie so far apart that the raster has no bounds.", file="cells", hint="Check x and y."
        )
    grid_report.raise_errors()
    band = np.full((height, width), NODATA, np.float32)
    band[(top - size - north) // size, (east - west) // size] = np.where(
        np.isfinite(grid["value"].to_numpy(np.float64)), grid["value"].to_numpy(np.float64), NODATA
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
