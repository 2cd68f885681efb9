"""What a raster is, in words: cells, coordinates, bands and their values. Every cell is looked at, and no overview."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.problems import Report
from geo_bosoc.rasters.raster_files import Raster, open_raster
from geo_bosoc.rasters.values import block_windows, data_bands, read_values
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import number

ENDINGS: Final = (
    ".tif", ".tiff", ".vrt", ".png", ".jpg", ".jpeg", ".webp", ".jp2", ".gif", ".bmp", ".asc", ".img", ".nc", ".bil",
    ".ers", ".grd", ".rst", ".sdat", ".mbtiles",
)  # fmt: skip
"""Of files that are taken for rasters; of others in `geo_bosoc.rasters.raster_files.FORMATS` the name does not tell."""

_MOST_VALUES: Final = 12
"""Whole numbers are listed where there are no more of them, as of classes."""


@dataclass
class _BandValues:
    """What was seen of a band.

    Attributes
    ----------
    cells : int
        How many hold a value.
    low, high : float
        The smallest value and the largest.
    distinct : set of int or None
        The values; None where they are fractions, or more than a few.
    """

    cells: int = 0
    low: float = np.inf
    high: float = -np.inf
    distinct: set[int] | None = None

    def add(self, values: Any) -> None:
        """Add the values of some cells."""
        if not values.size:
            return
        self.cells += int(values.size)
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))
        if self.distinct is not None:
            self.distinct |= {int(each) for each in np.unique(values)}
            if len(self.distinct) > _MOST_VALUES:
                self.distinct = None


def is_raster_file(path: Path) -> bool:
    """Whether a file's name says that it is a raster.

    >>> is_raster_file(Path("noise_2022.tif")), is_raster_file(Path("persons.csv"))
    (True, False)
    """
    return path.suffix.lower() in ENDINGS


def describe_raster(path: Path, language: Language, report: Report) -> list[str]:
    """Say what a raster is, for who writes it in a project file.

    Parameters
    ----------
    path : Path
        The file.
    language : {"da", "en"}
        Danish or English.
    report : Report
        Takes what keeps it from being read.

    Returns
    -------
    list of str
        A line for the file, and one or more for each band; empty where the file cannot be read.

    Examples
    --------
    >>> describe_raster(Path("noise.tif"), "en", Report())[0]  # doctest: +SKIP
    'noise.tif: a raster (GTiff), 708 x 690 cells of 20 x 20 m, EPSG:25832'
    """
    try:
        with open_raster(path) as raster:
            return [
                _first_line(raster, path, language),
                *_orientation(raster, language),
                *_bands(raster, language),
            ]
    except UnreadableError as error:
        report.error(error.args[0], file=path, hint=error.hint)
        return []


def _first_line(raster: Raster, path: Path, language: Language) -> str:
    dataset, cell = raster.dataset, raster.dataset.transform
    sides = (float(np.hypot(cell.a, cell.d)), float(np.hypot(cell.b, cell.e)))
    unit = (
        "m"
        if raster.crs.is_projected and raster.crs.linear_units_factor[1] == 1
        else raster.crs.units_factor[0]
    )
    size = " x ".join(_plain(side, language) for side in sides)
    epsg = raster.crs.to_epsg()
    crs = raster.crs.to_string() if epsg is None else f"EPSG:{epsg}"
    text = word("file_descriptions", "raster", language, format=dataset.driver)
    cells = f"{number(dataset.width, language)} x {number(dataset.height, language)}"
    return f"{path.name}: {text}, " + word(
        "file_descriptions", "raster_cells", language, cells=cells, size=f"{size} {unit}", crs=crs
    )


def _orientation(raster: Raster, language: Language) -> list[str]:
    """A line where the rows do not go from north to south."""
    cell = raster.dataset.transform
    name = "rotated" if cell.b or cell.d else "south_up" if cell.e > 0 else None
    return [] if name is None else [f"  {word('file_descriptions', f'raster_{name}', language)}"]


def _bands(raster: Raster, language: Language) -> list[str]:
    """A line for each band that holds values."""
    dataset = raster.dataset
    text = partial(word, "file_descriptions", language=language)
    lines = []
    for band in data_bands(raster):
        seen = _look_at(raster, band)
        parts = [
            text("raster_whole" if np.dtype(dataset.dtypes[band - 1]).kind in "iu" else "raster_fractions")
        ]
        if seen.cells:
            values = sorted(seen.distinct or ())
            shown = ", ".join(number(each, language) for each in values)
            low, high = _plain(seen.low, language), _plain(seen.high, language)
            parts.append(
                text("raster_values", values=shown) if values else text("raster_range", low=low, high=high)
            )
        share = 100 * seen.cells / (dataset.width * dataset.height)
        parts.append(text("raster_filled", share=number(share, language, 1)))
        nodata = dataset.nodatavals[band - 1]
        mark = text("raster_all") if nodata is None else text("raster_nodata", value=_plain(nodata, language))
        parts.append(mark)
        scale, offset = dataset.scales[band - 1], dataset.offsets[band - 1]
        if scale != 1 or offset != 0:
            parts.append(
                text("raster_scaled", scale=_plain(scale, language), offset=_plain(offset, language))
            )
        name = dataset.descriptions[band - 1]
        lines.append(
            f"  {text('raster_band', number=band)}{f' ({name})' if name else ''}: {'; '.join(parts)}"
        )
    return lines


def _look_at(raster: Raster, band: int) -> _BandValues:
    """Go through all cells of a band."""
    dataset, index = raster.dataset, band - 1
    is_whole = np.dtype(dataset.dtypes[index]).kind in "iu" and dataset.scales[index] == 1
    seen = _BandValues(distinct=set() if is_whole and dataset.offsets[index] == 0 else None)
    for window in block_windows(raster):
        values, has_data = read_values(raster, window, band)
        seen.add(values[has_data])
    return seen


def _plain(value: float, language: Language) -> str:
    """A number without zeros at its end."""
    text = f"{value:.6g}" if abs(value) < 1e6 else f"{value:g}"
    return text.replace(".", ",") if language == "da" else text
