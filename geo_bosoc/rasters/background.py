"""A raster as the background of the map page: cut to where the areas lie, in web mercator, within a size budget."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds
from rasterio.warp import reproject, transform, transform_bounds
from rasterio.windows import Window

from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.problems import NonPersonal, Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.rasters.backdrop import Background, text_size
from geo_bosoc.rasters.raster_files import Pixels, Raster, coordinates, open_raster, read_colours

MERCATOR: Final = CRS.from_epsg(3857)
"""What map pages are drawn in."""

MARGIN: Final = 0.1
"""What is cut out reaches so far beyond the outline, as a share of its longer side."""

MOST_PIXELS: Final = 3000
"""Of the longer side of a picture."""

LEAST_PIXELS: Final = 256
"""A picture of fewer is none to find one's way by."""

_STEP: Final = 0.75
_QUALITIES: Final = (85, 70, 55)
_FEW_COLOURS: Final = 256
_MEGABYTE: Final = 1_000_000


def read_background(
    path: str | Path,
    around: gpd.GeoDataFrame,
    *,
    attribution: str,
    crs: str | None = None,
    budget: float = 2.0,
    visible: bool = True,
    opacity: float = 0.6,
    key: str = "map.background",
    report: Report | None = None,
) -> Background | None:
    """Read a raster, cut it to what lies around a layer, and encode it for a map page.

    Parameters
    ----------
    path : str or Path
        Any raster that `geo_bosoc.rasters.raster_files.open_raster` opens.
    around : GeoDataFrame
        What the picture has to show, with a margin of a tenth of its longer side.
    attribution : str
        Who made it.
    crs : str, optional
        The CRS of the raster's coordinates, where it states none or a wrong one.
    budget : float, optional
        Megabytes that it may add to a page. Larger pictures and higher qualities are given up for smaller ones until it
        fits.
    visible : bool, optional
        Whether it is drawn when the page opens.
    opacity : float, optional
        How strongly it is drawn then, 0-1.
    key : str, optional
        Where the project file names it, for messages.
    report : Report, optional
        Takes problems, and what became of the raster; without it errors raise.

    Returns
    -------
    Background or None
        The same bytes for the same file. None where `report` took errors.

    Raises
    ------
    InputError
        The raster cannot be opened, does not say where it lies, lies elsewhere, or does not fit into the budget.

    Notes
    -----
    Colours are reprojected (bilinear, `rasterio.warp.reproject`) with their alpha multiplied in, so that what is
    see-through gives no colour to its neighbours.

    Examples
    --------
    >>> read_background("ortofoto.tif", areas, attribution="Klimadatastyrelsen").format  # doctest: +SKIP
    'WEBP'
    """
    file, problems = Path(path), Report()
    background = None
    try:
        with open_raster(file, crs) as raster:
            cut = _cut(raster, around)
            fitting = _largest_fitting(cut, budget)
            if fitting is not None:
                background = Background(*fitting, cut.degrees, attribution, visible, opacity)
    except UnreadableError as error:
        problems.error(error.args[0], file=file, key=key, hint=error.hint)
    if background is None and not problems.errors:
        problems.error(
            phrase(
                "the background does not fit into {budget} MB, not even with {pixels} pixels.",
                budget=f"{budget:g}", pixels=LEAST_PIXELS,
            ),
            file=file, key=f"{key}.budget", hint="Allow more.",
        )  # fmt: skip
    if background is not None:
        _tell(background, cut, budget, file, key, problems)
    problems.hand_over(report)
    return background


def _tell(background: Background, cut: _Cut, budget: float, file: Path, key: str, report: Report) -> None:
    """What became of the raster."""
    middle = math.radians((background.bounds[1] + background.bounds[3]) / 2)
    metres = (cut.bounds[2] - cut.bounds[0]) * math.cos(middle) / background.width
    report.note(
        phrase(
            "the background is {width} x {height} pixels of {metres} m ({format}), {size} MB of at most {budget} MB.",
            width=background.width,
            height=background.height,
            metres=f"{metres:.3g}",
            format=background.format,
            size=f"{text_size(background.picture) / _MEGABYTE:.2f}",
            budget=f"{budget:g}",
        ),
        file=file,
        key=key,
    )
    report.facts["background"] = NonPersonal(
        format=background.format,
        width=background.width,
        height=background.height,
        metres_per_pixel=round(metres, 3),
        bytes=text_size(background.picture),
    )


@dataclass(frozen=True)
class _Cut:
    """What was read of a raster, and the part of the map that it is for.

    `colours` have their alpha multiplied in; `bounds` are web mercator's, and `longest` is the most pixels that the
    longer side of a picture gets.
    """

    colours: Pixels
    transform: Any
    crs: CRS
    bounds: tuple[float, float, float, float]
    longest: int
    has_few_colours: bool

    @property
    def degrees(self) -> tuple[float, float, float, float]:
        west, south, east, north = transform_bounds(MERCATOR, "EPSG:4326", *self.bounds)
        return (west, south, east, north)


def _cut(raster: Raster, around: gpd.GeoDataFrame) -> _Cut:
    """Read what lies around the layer, with no more pixels than a picture needs."""
    bounds = _bounds_in_common(raster, around)
    window = _window(raster, bounds)
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    size = math.sqrt(width * height / (window.width * window.height))  # of a cell, in web mercator
    longest = max(1, min(MOST_PIXELS, math.ceil(max(width, height) / size - 0.01)))
    # Read one and a half times as fine as drawn, so that what is picked of a palette is still averaged.
    thinning = max(1.0, max(width, height) / longest / size / 1.5)
    shape = (max(1, math.ceil(window.height / thinning)), max(1, math.ceil(window.width / thinning)))
    colours = read_colours(raster, window, shape)
    has_few_colours = _count_colours(colours) <= _FEW_COLOURS
    alpha = colours[3].astype(np.uint16)
    colours[:3] = (colours[:3] * alpha + 127) // 255
    return _Cut(colours, raster.transform_of(window, shape), raster.crs, bounds, longest, has_few_colours)


def _count_colours(colours: Pixels) -> int:
    """How many colours there are in every eighth row and column."""
    some = np.ascontiguousarray(colours[:, ::8, ::8].reshape(4, -1).T)
    return len(np.unique(some.view(np.uint32)))


def _bounds_in_common(raster: Raster, around: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """What of the layer's surroundings the raster shows, in web mercator."""
    west, south, east, north = around.to_crs(3857).total_bounds
    margin = MARGIN * max(east - west, north - south)
    xs, ys = _corners(raster)
    bounds = (
        float(max(west - margin, xs.min())),
        float(max(south - margin, ys.min())),
        float(min(east + margin, xs.max())),
        float(min(north + margin, ys.max())),
    )
    if not (bounds[0] < bounds[2] and bounds[1] < bounds[3]):
        raise UnreadableError(
            "the raster lies elsewhere: it shows nothing of the areas and what is around them.",
            'See whether it is the right file, and in the coordinate system that it says; crs = "..." gives another.',
        )
    return bounds


def _corners(raster: Raster) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points along the raster's edges, in web mercator."""
    along = np.linspace(0, 1, 21)
    ends = np.concatenate([np.zeros(21), np.ones(21)])
    columns = np.concatenate([np.tile(along, 2), ends]) * raster.dataset.width
    rows = np.concatenate([ends, np.tile(along, 2)]) * raster.dataset.height
    xs, ys = coordinates(raster.dataset.transform, columns, rows)
    placed = np.array(transform(raster.crs, MERCATOR, xs.tolist(), ys.tolist()))
    placed = placed[:, np.isfinite(placed).all(axis=0)]
    if placed.size == 0:
        placed = np.array([[np.inf, -np.inf], [np.inf, -np.inf]])
    return placed[0], placed[1]


def _window(raster: Raster, bounds: tuple[float, float, float, float]) -> Window:
    """The cells of a raster, turned whichever way, that lie within bounds in web mercator."""
    along = np.linspace(0, 1, 21)
    ends = np.concatenate([np.zeros(21), np.ones(21)])
    xs = bounds[0] + np.concatenate([np.tile(along, 2), ends]) * (bounds[2] - bounds[0])
    ys = bounds[1] + np.concatenate([ends, np.tile(along, 2)]) * (bounds[3] - bounds[1])
    placed = np.array(transform(MERCATOR, raster.crs, xs.tolist(), ys.tolist()))
    columns, rows = coordinates(~raster.dataset.transform, placed[0], placed[1])
    ranges = []
    for cells, count in ((columns, raster.dataset.width), (rows, raster.dataset.height)):
        inside = cells[np.isfinite(cells)]
        first = min(max(math.floor(inside.min()) - 1, 0), count - 1)
        ranges.append((first, max(min(math.ceil(inside.max()) + 1, count), first + 1)))
    (left, right), (top, bottom) = ranges
    return Window(left, top, right - left, bottom - top)


def _largest_fitting(cut: _Cut, budget: float) -> tuple[bytes, str, int, int] | None:
    """The largest picture that fits, its format, width and height; None where not even a small one does."""
    width, height = cut.bounds[2] - cut.bounds[0], cut.bounds[3] - cut.bounds[1]
    longest = cut.longest
    while True:
        columns = max(1, round(longest * min(1.0, width / height)))
        rows = max(1, round(longest * min(1.0, height / width)))
        encoded, name = _encode(_in_mercator(cut, rows, columns), cut.has_few_colours, budget)
        share = budget * _MEGABYTE / text_size(encoded)
        if share >= 1:
            return encoded, name, columns, rows
        if longest <= LEAST_PIXELS:
            return None
        longest = max(LEAST_PIXELS, int(longest * min(_STEP, 0.95 * math.sqrt(share))))


def _in_mercator(cut: _Cut, rows: int, columns: int) -> Pixels:
    """Colours on web mercator's grid, alpha divided out again."""
    picture = np.zeros((4, rows, columns), np.uint8)
    reproject(
        cut.colours,
        picture,
        src_transform=cut.transform,
        src_crs=cut.crs,
        dst_transform=from_bounds(*cut.bounds, columns, rows),
        dst_crs=MERCATOR,
        resampling=Resampling.bilinear,
        num_threads=1,
    )
    alpha = picture[3].astype(np.uint16)
    colours = (picture[:3].astype(np.uint16) * 255 + alpha // 2) // np.maximum(alpha, 1)
    picture[:3] = np.minimum(colours, 255).astype(np.uint8)
    return picture


def _encode(picture: Pixels, few_colours: bool, budget: float) -> tuple[bytes, str]:
    """The best encoding of a picture that fits, or the smallest, with its format.

    Without loss where there are few colours; else as WebP. A GDAL that has no WebP gives JPEG, or PNG where a part is
    see-through.
    """
    is_opaque = bool((picture[3] == 255).all())
    bands = picture[:3] if is_opaque else picture
    with rasterio.Env() as environment:
        has_webp = "WEBP" in environment.drivers()
    tries: list[tuple[str, dict[str, str]]] = []
    if few_colours or not (has_webp or is_opaque):
        tries.append(("WEBP", {"LOSSLESS": "TRUE"}) if has_webp else ("PNG", {"ZLEVEL": "9"}))
    if has_webp or is_opaque:
        name = "WEBP" if has_webp else "JPEG"
        # The smallest first: where it does not fit, nothing of this size does.
        tries += [(name, {"QUALITY": str(quality)}) for quality in (_QUALITIES[-1], *_QUALITIES[:-1])]
    smallest: tuple[bytes, str] | None = None
    for name, options in tries:
        encoded = _encoded(bands, name, **options)
        is_least = options.get("QUALITY") == str(_QUALITIES[-1])
        fits = text_size(encoded) <= budget * _MEGABYTE
        if fits and not is_least:
            return encoded, name
        if smallest is None or len(encoded) < len(smallest[0]):
            smallest = encoded, name
        if is_least and not fits:
            break
    assert smallest is not None
    return smallest


def _encoded(bands: Pixels, driver: str, **options: str) -> bytes:
    """The bytes of a picture's file."""
    count, rows, columns = bands.shape
    with warnings.catch_warnings(), MemoryFile() as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open(
            driver=driver, width=columns, height=rows, count=count, dtype="uint8", **options
        ) as file:
            file.write(bands)
        return bytes(memory.read())
