"""Tables of cells of the square grid as GeoTIFF and back, without loss; and means over the residents of each cell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from rasterio.crs import CRS as RasterCRS
from rasterio.transform import from_origin

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.boundaries.geometry import CRS
from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.rasters.raster_files import Raster, coordinates, open_raster
from geo_bosoc.rasters.square_grid import SIZES, cell_corners, cell_ids, size_name
from geo_bosoc.rasters.values import block_windows, data_bands, read_values

_MOST_CELLS: Final = 50_000_000
_KEYS: Final = ("cell", "east", "north")


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

    Examples
    --------
    >>> homes = pd.DataFrame({"x": [574_910, 574_990], "y": [6_223_610, 6_223_690], "residents": [3, 1]})
    >>> grid_means(homes, np.array([50.0, 58.0])).values.tolist()
    [[574900.0, 6223600.0, 4.0, 52.0]]
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
    bands: Mapping[str, str] | None = None,
    size: int = 100,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write cells of the square grid as a GeoTIFF in EPSG:25832, a band for each figure.

    Parameters
    ----------
    grid : DataFrame
        One row a cell: its id in ``cell``, or its lower left corner in ``east`` and ``north``; and figures.
    path : str or Path
        The file.
    bands : mapping of str to str, optional
        The columns with figures, and what their bands are called; left out, all with numbers but those that say
        the cell.
    size : int, optional
        Metres a cell, where corners say where it lies; ids say their size.
    tags : Mapping of str to str, optional
        Metadata of the file, such as a stamp.

    Raises
    ------
    InputError
        There is no cell, ids or corners do not lie on the grid or are of several sizes, a cell is duplicated, or the
        cells lie so far apart that the raster would have more than 50 million of them.
    geo_bosoc.atomic_write.errors.OutputInUse
        The file is open in another program; it is left as it was.

    Notes
    -----
    Figures are written as they are: in 32 bits where these hold all of them exactly, else in 64. What has no figure is
    NaN, which is the file's nodata, so that no number can be taken for it.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "residents.tif"
    >>> cells = pd.DataFrame({"cell": ["100m_62236_5749", "100m_62236_5751"], "residents": [0, 34]})
    >>> write_grid(cells, file)
    >>> read_grid(file)[["cell", "residents"]].values.tolist()
    [['100m_62236_5749', 0.0], ['100m_62236_5751', 34.0]]
    """
    report = Report()
    numeric = [name for name in grid.columns if pd.api.types.is_numeric_dtype(grid[name])]
    names = bands or {str(name): str(name) for name in numeric if name not in _KEYS}
    needed = [*(["cell"] if "cell" in grid.columns else ["east", "north"]), *names]
    for column in needed:
        if column not in grid.columns:
            report.error("is not there.", file="cells", column=column)
    report.raise_errors()
    if grid.empty or not names:
        report.error("there is no cell to write.", file="cells")
    report.raise_errors()
    if "cell" in grid.columns:
        corners = cell_corners(grid["cell"], column="cell", report=report)
        report.raise_errors()
        size = int(corners["size"].iloc[0])
        if (corners["size"] != size).any():
            report.error("the cells are of several sizes.", file="cells", column="cell")
    else:
        corners = grid[["east", "north"]].reset_index(drop=True)
        if ((corners["east"] % size != 0) | (corners["north"] % size != 0)).any():
            report.error(phrase("corners are no multiples of {size} m.", size=size), file="cells")
    if corners.duplicated(["east", "north"]).any():
        report.error("a cell is duplicated.", file="cells")
    report.raise_errors()
    east, north = corners["east"].to_numpy(np.int64), corners["north"].to_numpy(np.int64)
    west, top = int(east.min()), int(north.max()) + size
    width, height = (int(east.max()) - west) // size + 1, (top - int(north.min())) // size
    if width * height > _MOST_CELLS:
        report.error(
            "the cells lie so far apart that the raster has no bounds.", file="cells", hint="Check x and y."
        )
    report.raise_errors()
    figures = grid[list(names)].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    figures[~np.isfinite(figures)] = np.nan
    with np.errstate(over="ignore"):
        narrow = figures.astype(np.float32)
    dtype = "float32" if np.array_equal(narrow.astype(np.float64), figures, equal_nan=True) else "float64"
    with (
        atomic_file(path) as draft,
        rasterio.open(
            draft,
            "w",
            driver="GTiff",
            width=width,
            height=height,
            count=len(names),
            dtype=dtype,
            crs=CRS,
            transform=from_origin(west, top, size, size),
            nodata=float("nan"),
            compress="deflate",
            predictor=3,
        ) as raster,
    ):
        for number, name in enumerate(names.values(), 1):
            band = np.full((height, width), np.nan, dtype)
            band[(top - size - north) // size, (east - west) // size] = figures[:, number - 1]
            raster.write(band, number)
            raster.set_band_description(number, name)
        raster.update_tags(**dict(tags or {}))


def read_grid(path: str | Path) -> pd.DataFrame:
    """Read a raster on the square grid as a table of its cells: what `write_grid` wrote, or another program.

    Parameters
    ----------
    path : str or Path
        A raster in EPSG:25832 whose cells are those of the square grid.

    Returns
    -------
    DataFrame
        ``cell`` (id), ``east, north`` (lower left corner, metres, int64), and a column of float64 for each band, called
        by its description or ``band_1``: NaN where the band has no data, which is never 0. Cells without data in any
        band are left out. Sorted from north to south, then from west to east.

    Raises
    ------
    InputError
        The raster cannot be opened, or its cells are not those of the square grid: other coordinates, another size,
        turned, or off the grid.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "heat.tif"
    >>> write_grid(pd.DataFrame({"east": [574_000], "north": [6_223_000], "degrees": [31.5]}), file, size=1000)
    >>> read_grid(file).values.tolist()
    [['1km_6223_574', 574000, 6223000, 31.5]]
    """
    file, report = Path(path), Report()
    frame = None
    try:
        with open_raster(file) as raster:
            frame = _cells_of(raster)
    except UnreadableError as error:
        report.error(error.args[0], file=file, hint=error.hint)
    report.raise_errors()
    assert frame is not None
    return frame


def _cells_of(raster: Raster) -> pd.DataFrame:
    """The cells of a raster that lies on the square grid."""
    size = _size_on_grid(raster)
    numbers = data_bands(raster)
    names = [raster.dataset.descriptions[number - 1] or f"band_{number}" for number in numbers]
    doubled = sorted({name for name in [*names, *_KEYS] if [*names, *_KEYS].count(name) > 1})
    if doubled:
        raise UnreadableError(
            phrase(
                "bands of the raster cannot be told apart by their names: {names}.", names=joined(doubled)
            ),
            "Give each band a description of its own.",
        )
    tables = []
    for window in block_windows(raster):
        bands = [read_values(raster, window, number) for number in numbers]
        rows, columns = np.nonzero(np.any([has_data for _, has_data in bands], axis=0))
        x, y = coordinates(
            raster.dataset.transform, columns + window.col_off + 0.5, rows + window.row_off + 0.5
        )
        table: dict[str, Any] = {
            "cell": cell_ids(x, y, size),
            "east": np.floor(x / size).astype(np.int64) * size,
            "north": np.floor(y / size).astype(np.int64) * size,
        }
        for name, (values, has_data) in zip(names, bands, strict=True):
            table[name] = np.where(has_data, values, np.nan)[rows, columns].astype(np.float64)
        tables.append(pd.DataFrame(table).astype({"cell": "str"}))
    frame = pd.concat(tables, ignore_index=True)
    return frame.sort_values(["north", "east"], ascending=[False, True], ignore_index=True)


def _size_on_grid(raster: Raster) -> int:
    """The size of a raster's cells, which are those of the square grid.

    Raises
    ------
    UnreadableError
        They are not.
    """
    transform = raster.dataset.transform
    hint = "Resample it to the grid in a GIS first."
    if raster.crs != RasterCRS.from_user_input(CRS):
        raise UnreadableError("the square grid is in EPSG:25832, and the raster is not.", hint)
    size: int = round(abs(transform.a))
    is_square = (transform.b, transform.d) == (0, 0) and abs(transform.a) == abs(transform.e) == size
    if not is_square or size_name(size) is None:
        raise UnreadableError(
            phrase(
                "the raster's cells are no squares of a size that the square grid has ({sizes}).",
                sizes=joined(SIZES),
            ),
            hint,
        )
    if transform.c % size or transform.f % size:
        raise UnreadableError("the raster's cells lie beside those of the square grid.", hint)
    return size
