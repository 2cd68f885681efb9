"""Rasters from local files as colours: whatever a file's bands mean, four bands of red, green, blue and alpha.

Opened are formats that hold their own cells, and mosaics (VRT) of such files beside them: nothing that a file may point
to on a network.
"""

from __future__ import annotations

import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import CRSError, NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from geo_bosoc.boundaries.local_files import UnreadableError, must_be_file
from geo_bosoc.problems.messages import phrase
from geo_bosoc.problems.person_number_forms import holds_person_number

FORMATS: Final = (
    "GTiff", "COG", "PNG", "JPEG", "WEBP", "JP2OpenJPEG", "GIF", "BIGGIF", "BMP", "GPKG", "MBTiles", "HFA", "AAIGrid",
    "EHdr", "ENVI", "ERS", "GSAG", "GSBG", "GS7BG", "ILWIS", "NITF", "PCIDSK", "PNM", "RMF", "RST", "SAGA", "SGI",
    "TGA", "USGSDEM", "DTED", "XPM", "netCDF",
)  # fmt: skip
"""GDAL's formats of files that hold their cells themselves."""

_SETTINGS: Final = {"CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none", "GDAL_CACHEMAX": 256}
"""Nothing is fetched. 256 MB of blocks are enough where each is read once; GDAL would take a 20th of all memory."""

_EXPORT: Final = "Export it as GeoTIFF: GeoTIFF, PNG, JPEG, JPEG 2000 and GeoPackage are read."
_STRETCH: Final = (2.0, 98.0)
"""Percentiles of values that become black and white, where a band holds other numbers than 0-255."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Raster:
    """A raster that is open, and where it lies.

    Attributes
    ----------
    dataset : rasterio.DatasetReader
        Open.
    crs : rasterio.crs.CRS
        What its coordinates mean.
    """

    dataset: Any
    crs: CRS

    @property
    def has_palette(self) -> bool:
        """Whether its cells are numbers of colours."""
        return self.dataset.count in (1, 2) and self.dataset.colorinterp[0] == ColorInterp.palette

    def transform_of(self, window: Window, shape: tuple[int, int]) -> Affine:
        """From pixels of a window that was read in another shape to coordinates."""
        cell = self.dataset.transform
        x, y = coordinates(cell, window.col_off, window.row_off)
        across, down = window.width / shape[1], window.height / shape[0]
        return Affine(cell.a * across, cell.b * down, x, cell.d * across, cell.e * down, y)


def coordinates(transform: Affine, columns: Any, rows: Any) -> tuple[Any, Any]:
    """Coordinates of pixels, or with the inverse transform pixels of coordinates.

    >>> [round(each) for each in coordinates(Affine(10, 0, 500, 0, -10, 900), 3, 4)]
    [530, 860]
    """
    x = transform.a * columns + transform.b * rows + transform.c
    return x, transform.d * columns + transform.e * rows + transform.f


class OpenRasters:
    """Raster files that stay open between uses, so that a run opens each once; the last user closes them."""

    def __init__(self) -> None:
        self._datasets: dict[Path, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"_datasets": {}}  # another process opens its own

    def opened(self, file: Path) -> Any:
        """The open file; None where it is not."""
        dataset = self._datasets.get(file)
        return None if dataset is None or dataset.closed else dataset

    def hold(self, file: Path, dataset: Any) -> None:
        """Keep a file open."""
        self._datasets[file] = dataset

    def close(self) -> None:
        """Close all."""
        for dataset in self._datasets.values():
            dataset.close()
        self._datasets.clear()


@contextmanager
def open_raster(file: Path, crs: str | None = None, keeper: OpenRasters | None = None) -> Iterator[Raster]:
    """Open a raster file.

    Parameters
    ----------
    file : Path
        The file.
    crs : str, optional
        The CRS of its coordinates, where it states none or a wrong one.
    keeper : OpenRasters, optional
        Has the file where it is open already, and holds it open.

    Raises
    ------
    UnreadableError
        It cannot be opened, names sources that are no files here, or does not say where it lies.
    """
    if keeper is not None and (dataset := keeper.opened(file)) is not None:
        with rasterio.Env(**_SETTINGS):
            yield Raster(dataset, _crs_of(dataset, crs))
        return
    must_be_file(file)
    if holds_person_number(file.name):
        raise UnreadableError(
            phrase(
                "the name of {what} holds what looks like a person number (CPR).", what=phrase("the file")
            ),
            "Give it another name.",
        )
    is_mosaic = file.suffix.lower() == ".vrt"
    if is_mosaic:
        _must_name_files(file)
    with rasterio.Env(**_SETTINGS), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            dataset = DatasetReader(file, driver=["VRT"] if is_mosaic else list(FORMATS))
        except RasterioError:
            raise UnreadableError("the file cannot be opened as a raster.", _EXPORT) from None
        if keeper is not None:
            keeper.hold(file, dataset)
            yield Raster(dataset, _crs_of(dataset, crs))
            return
        with dataset:
            yield Raster(dataset, _crs_of(dataset, crs))


def _must_name_files(mosaic: Path) -> None:
    """Refuse a mosaic of anything but files of known formats here."""
    try:
        root = ET.fromstring(mosaic.read_text(encoding="utf-8"))
    except (ET.ParseError, UnicodeDecodeError):
        raise UnreadableError("this is no mosaic (VRT) that can be read.", _EXPORT) from None
    sources = [each for each in root.iter() if each.tag in ("SourceFilename", "SourceDataset")]
    for source in sources:
        name = (source.text or "").strip()
        file = mosaic.parent / name if source.get("relativeToVRT") == "1" else Path(name)
        if file.suffix.lower() == ".vrt" or not _is_raster(file):
            raise UnreadableError(
                "the mosaic (VRT) names a source that is no raster file here.",
                "Build it again of the files themselves, or export it as GeoTIFF.",
            )


def _is_raster(file: Path) -> bool:
    try:
        if not file.is_file():
            return False
        with DatasetReader(file, driver=list(FORMATS)):
            return True
    except (RasterioError, OSError, ValueError):
        return False


def _crs_of(dataset: Any, given: str | None) -> CRS:
    """The CRS that was given, or else the file's."""
    if dataset.transform.is_identity or dataset.transform.determinant == 0:
        raise UnreadableError(
            "the raster does not say where it lies.",
            "Georeference it in the GIS program and export it as GeoTIFF, or put its world file (.pgw) beside it.",
        )
    try:
        crs = CRS.from_user_input(given) if given else dataset.crs
    except CRSError:
        raise UnreadableError(phrase('"{crs}" is no coordinate system.', crs=given or "")) from None
    if not crs:
        raise UnreadableError(
            "the raster does not say which coordinate system it is in.", 'Give it: crs = "EPSG:25832".'
        )
    return crs


def read_colours(raster: Raster, window: Window, shape: tuple[int, int]) -> Pixels:
    """A window of a raster as colours.

    One band is grey, or a palette's colours; of several bands those that say that they are red, green and blue, or else
    the first three. What has no data, or is see-through, becomes alpha. Numbers that are no bytes are stretched from
    the 2nd to the 98th percentile of what is read.

    Parameters
    ----------
    raster : Raster
        Open.
    window : rasterio.windows.Window
        What is read.
    shape : tuple of int
        Rows and columns of the result: of fewer pixels, values are averaged (a palette's are picked).

    Returns
    -------
    ndarray of int, shape (4, m, n)
        Bytes (uint8): red, green, blue and alpha.

    Raises
    ------
    UnreadableError
        A part of the file is damaged, or its cells are complex numbers.
    """
    dataset = raster.dataset
    pick = Resampling.nearest if raster.has_palette else Resampling.average
    bands = _colour_bands(dataset)
    if any(np.dtype(dataset.dtypes[band - 1]).kind not in "iuf" for band in bands):
        raise UnreadableError("the cells of the raster are no plain numbers.", _EXPORT)
    try:
        values = dataset.read(bands, window=window, out_shape=(len(bands), *shape), resampling=pick)
        alpha = dataset.dataset_mask(window=window, out_shape=shape, resampling=pick).astype(np.uint8)
    except RasterioError:
        raise UnreadableError("a part of the raster is damaged.", "Fetch or export it again.") from None
    if raster.has_palette:
        colours = _palette(dataset)[values[0]]
        return np.concatenate([colours[..., :3].transpose(2, 0, 1), np.minimum(alpha, colours[..., 3])[None]])
    has_value = np.isfinite(values).all(axis=0)
    alpha[~has_value] = 0
    if values.dtype != np.uint8:
        values = _stretched(values, alpha > 0)
    return np.concatenate([np.broadcast_to(values, (3, *shape)), alpha[None]]).astype(np.uint8)


def _colour_bands(dataset: Any) -> list[int]:
    """The numbers of the bands that make the colours: one or three."""
    meanings = list(dataset.colorinterp)
    rgb = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]
    if all(each in meanings for each in rgb):
        return [meanings.index(each) + 1 for each in rgb]
    bands = [index for index, each in enumerate(meanings, 1) if each != ColorInterp.alpha]
    return bands[:3] if len(bands) >= 3 else bands[:1]


def _palette(dataset: Any) -> Pixels:
    """The colours by number; numbers that have none are see-through."""
    table = np.zeros((np.iinfo(dataset.dtypes[0]).max + 1, 4), np.uint8)
    for number, colour in dataset.colormap(1).items():
        table[number] = colour
    return table


def _stretched(values: NDArray[Any], shown: NDArray[np.bool_]) -> Pixels:
    """Values as bytes, all bands by the same two percentiles."""
    inside = values[:, shown].astype(np.float64)
    if inside.size == 0:
        return np.zeros(values.shape, np.uint8)
    low, high = np.percentile(inside, _STRETCH)
    share = (np.nan_to_num(values.astype(np.float64)) - low) / max(high - low, np.finfo(np.float64).tiny)
    stretched: Pixels = np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
    return stretched
