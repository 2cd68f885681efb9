"""Surfaces from where people live: how densely, and which share of the k nearest residents meets an indicator."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from rasterio.crs import CRS as RasterCRS
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds, from_origin
from rasterio.warp import reproject, transform_bounds

from geo_bosoc.boundaries.geometry import CRS
from geo_bosoc.neighbourhoods import nearest_sums
from geo_bosoc.problems import Report

HECTARE: Final = 10_000.0
"""Square metres."""
_COUNTS: Final = ("numerator", "denominator", "unknown")
_CELLS_OF_RESULT: Final = ("east", "north", "residents", "radius", "density")
_FINENESS: Final = 4
"""Pixels of a picture to each side of a cell, so that cells that lie askew in web mercator keep their form."""
_MOST_PIXELS: Final = 3000
_MERCATOR: Final = RasterCRS.from_epsg(3857)


class SurfacesPart(BaseModel):
    """`[surfaces]`: density of residents and rates among the nearest residents, as rasters of the internal set.

    Attributes
    ----------
    indicators : tuple of str
        Shares of persons whose rate among the nearest residents is shown, by their ids.
        Example: ``indicators = ["outside_labour_market"]``
    density : bool
        Whether the density of residents is shown too.
        Example: ``density = false`` ``indicators = ["outside_labour_market"]``
    k : int
        So many nearest residents make the surroundings of a cell: at least four times the least count that is shown.
        Example: ``k = 200``
    size : int
        The side of the cells. Unit: metres. Example: ``size = 250``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicators: tuple[str, ...] = ()
    density: bool = True
    k: int = Field(default=400, ge=1, le=1_000_000)
    size: int = Field(default=100, ge=10, le=10_000)

    @model_validator(mode="after")
    def _shows_something(self) -> SurfacesPart:
        if not self.indicators and not self.density:
            raise ValueError("nothing is to be shown: name indicators, or leave density out.")
        return self


def resident_surface(
    addresses: pd.DataFrame,
    counts: pd.DataFrame | None = None,
    *,
    k: int = 400,
    size: int = 100,
    least: int = 1,
    barriers: gpd.GeoDataFrame | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Look from the middle of each inhabited cell of a square grid at its k nearest residents.

    The nearest addresses count with all their figures; of the furthest ones only the share that makes up k residents.

    Parameters
    ----------
    addresses : DataFrame
        One row an address: `address_id`, `x`, `y` (metres, EPSG:25832), `residents`. Addresses without coordinates are
        left out with a warning.
    counts : DataFrame, optional
        Shares of persons by address: `address_id`, `indicator`, `numerator`, `denominator`, `unknown` (whole numbers).
        An address without a row of an indicator has nobody in it.
    k : int, optional
        How many residents make the surroundings.
    size : int, optional
        Metres a cell. Its lower left corner lies at a multiple of that; an address on a border belongs to the cell
        north and east of it.
    least : int, optional
        Cells with fewer residents are left out, and rates have no value where fewer than so many of the surroundings,
        and not none, meet the indicator, or fail to.
    barriers : GeoDataFrame, optional
        As `geo_bosoc.neighbourhoods.nearest_sums` takes them: a cell sees its own side.
    report : Report, optional
        Takes the warnings.

    Returns
    -------
    DataFrame
        One row a cell, from north to south and from west to east: `east`, `north` (lower left corner, metres, int64),
        `residents` (of the cell), `radius` (metres from the middle of the cell to the k-th resident), `density`
        (residents a hectare), and a column for each indicator with its rate, a plain fraction, of those who are known;
        NaN where nobody is.

    Raises
    ------
    InputError
        A column is not there, an indicator's id is a name that the result uses, or what `nearest_sums` refuses.

    Notes
    -----
    The density is that of the k-th nearest neighbour, ``k / (pi radius^2)`` (Loftsgaarden and Quesenberry 1965, Annals
    of Mathematical Statistics 36). A point has no area and a home does: where k residents live within a circle smaller
    than the cell, it is the residents of the cell, at least k, over the area of the cell.

    Examples
    --------
    >>> homes = pd.DataFrame({"address_id": ["a", "b"], "x": [550.0, 650.0], "y": [50.0, 50.0], "residents": [4, 6]})
    >>> out = pd.DataFrame({"address_id": ["a", "b"], "indicator": "out", "numerator": [1, 3], "denominator": [4, 6]})
    >>> resident_surface(homes, out.assign(unknown=0), k=7)[["east", "residents", "out"]].values.tolist()
    [[500.0, 4.0, 0.35714285714285715], [600.0, 6.0, 0.4642857142857143]]
    """
    inner_report = Report()
    values, names = _with_counts(addresses, counts, inner_report)
    inner_report.raise_errors()
    columns = [f"{name}.{part}" for name in names for part in ("numerator", "known")]
    cells = inhabited_cells(addresses, size=size, least=least)
    middles = pd.DataFrame(
        {
            "address_id": np.arange(len(cells)),
            "x": cells["east"] + size / 2,
            "y": cells["north"] + size / 2,
        }
    )
    around = nearest_sums(
        values,
        k,
        values=columns,
        queries=middles,
        barriers=barriers,
        share_furthest=True,
        report=inner_report,
    )
    inner_report.hand_over(report)
    radius = around["radius"].to_numpy(np.float64)
    residents, area = around["residents"].to_numpy(np.float64), math.pi * radius**2
    of_cell = np.maximum(residents, cells["residents"].to_numpy()) / size**2
    density = np.where(area < size**2, of_cell, residents / np.maximum(area, size**2))
    surface = cells.assign(radius=radius, density=density * HECTARE)
    for name in names:
        numerator, base = (around[f"{name}.{part}"].to_numpy(np.float64) for part in ("numerator", "known"))
        is_small = np.zeros(len(cells), bool)
        for side in (numerator, base - numerator) if least > 1 else ():  # a share of a person hides none
            is_small |= (side > 0) & (side < least)
        is_empty = is_small | (base <= 0)
        surface[name] = np.where(is_empty, np.nan, numerator / np.where(base > 0, base, 1.0))
    return surface


def inhabited_cells(addresses: pd.DataFrame, *, size: int = 100, least: int = 1) -> pd.DataFrame:
    """The cells of a square grid in which people live, from north to south and from west to east.

    Parameters
    ----------
    addresses : DataFrame
        One row an address: `x`, `y` (metres), `residents`.
    size : int, optional
        Metres a cell.
    least : int, optional
        Cells with fewer residents are left out.

    Returns
    -------
    DataFrame
        `east`, `north` (lower left corner, metres), `residents`, all int64.
    """
    xy = addresses[["x", "y"]].to_numpy(np.float64, na_value=np.nan)
    inhabited = np.isfinite(xy).all(axis=1) & (addresses["residents"].to_numpy(np.int64) > 0)
    corners = np.floor(xy[inhabited] / size).astype(np.int64) * size
    frame = pd.DataFrame(
        {
            "east": corners[:, 0],
            "north": corners[:, 1],
            "residents": addresses["residents"].to_numpy(np.int64)[inhabited],
        }
    )
    cells = frame.groupby(["north", "east"], sort=True)["residents"].sum().reset_index()
    cells = cells[cells["residents"] >= max(1, least)]
    order = cells.sort_values(["north", "east"], ascending=[False, True])
    return order[["east", "north", "residents"]].reset_index(drop=True)


def _with_counts(
    addresses: pd.DataFrame, counts: pd.DataFrame | None, report: Report
) -> tuple[pd.DataFrame, list[str]]:
    """The addresses with the numerator of each indicator and who is known of its base, and the indicators' ids."""
    for name in ("address_id", "x", "y", "residents"):
        if name not in addresses.columns:
            report.error("is not there.", file="addresses", column=name)
    if counts is None or report.errors:
        return addresses, []
    for name in ("address_id", "indicator", *_COUNTS):
        if name not in counts.columns:
            report.error("is not there.", file="counts", column=name)
    if report.errors:
        return addresses, []
    names = [str(name) for name in dict.fromkeys(counts["indicator"])]
    for name in names:
        if name in _CELLS_OF_RESULT:
            report.error(
                "is a name that the result uses itself.",
                hint="Give the column another name.",
                file="counts",
                column=name,
            )
    values = addresses[["address_id", "x", "y", "residents"]].reset_index(drop=True)
    for name in names:
        rows = counts[counts["indicator"] == name].groupby("address_id")[list(_COUNTS)].sum()
        sums = rows.reindex(values["address_id"]).fillna(0).astype("int64")
        values[f"{name}.numerator"] = sums["numerator"].to_numpy()
        values[f"{name}.known"] = (sums["denominator"] - sums["unknown"]).to_numpy()
    return values, names


def classes_picture(
    corners: pd.DataFrame, classes: NDArray[np.int64], colours: Sequence[str], *, size: int = 100
) -> tuple[bytes, tuple[float, float, float, float]]:
    """Draw cells in the colours of their classes, in web mercator, see-through where there is none.

    Parameters
    ----------
    corners : DataFrame
        `east`, `north` (lower left corners, metres, EPSG:25832): one row a cell, at least one.
    classes : ndarray of int
        The class of each cell, the place of its colour.
    colours : sequence of str
        ``#rrggbb``, at most 255.
    size : int, optional
        Metres a cell.

    Returns
    -------
    picture : bytes
        A PNG with a palette; the same bytes for the same cells.
    bounds : tuple of float
        West, south, east, north: degrees (EPSG:4326) of edges that are straight in web mercator.
    """
    east, north = (corners[name].to_numpy(np.int64) for name in ("east", "north"))
    west, top = int(east.min()), int(north.max()) + size
    width, height = (int(east.max()) - west) // size + 1, (top - int(north.min())) // size
    grid = np.zeros((height, width), np.uint8)
    grid[(top - size - north) // size, (east - west) // size] = classes + 1
    source = from_origin(west, top, size, size)
    bounds = transform_bounds(CRS, _MERCATOR, west, top - height * size, west + width * size, top)
    longest = min(_MOST_PIXELS, _FINENESS * max(width, height))
    pixel = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / longest
    columns, rows = (max(1, round((bounds[axis + 2] - bounds[axis]) / pixel)) for axis in (0, 1))
    picture = np.zeros((rows, columns), np.uint8)
    reproject(
        grid,
        picture,
        src_transform=source,
        src_crs=CRS,
        dst_transform=from_bounds(*bounds, columns, rows),
        dst_crs=_MERCATOR,
        resampling=Resampling.nearest,
        num_threads=1,
    )
    degrees = transform_bounds(_MERCATOR, "EPSG:4326", *bounds)
    return _palette_png(picture, colours), degrees


def _palette_png(picture: NDArray[np.uint8], colours: Sequence[str]) -> bytes:
    """A PNG whose pixels are places in a palette; 0 is see-through."""
    palette = {0: (0, 0, 0, 0)}
    for number, colour in enumerate(colours, start=1):
        red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
        palette[number] = (red, green, blue, 255)
    rows, columns = picture.shape
    with warnings.catch_warnings(), rasterio.Env(), MemoryFile() as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        profile = {"driver": "PNG", "width": columns, "height": rows, "count": 1, "dtype": "uint8"}
        with memory.open(**profile, nodata=0, ZLEVEL="9") as file:
            file.write(picture, 1)
            file.write_colormap(1, palette)
        return bytes(memory.read())
