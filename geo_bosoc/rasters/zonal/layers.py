"""A band of a raster as a layer of values: the file's own, or metres to the nearest cell that meets a condition."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rasterio.windows import Window
from scipy.ndimage import distance_transform_edt

from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.predicates.parse import parse_predicate
from geo_bosoc.problems.messages import phrase
from geo_bosoc.rasters.raster_files import OpenRasters, Raster, open_raster
from geo_bosoc.rasters.values import (
    HasData,
    Values,
    band_number,
    block_windows,
    cells_at,
    read_values,
    values_at,
)
from geo_bosoc.registers.spec import RegisterSpec

MOST_CELLS_OF_DISTANCE: Final = 60_000_000
"""Of a raster in which distances are measured: it is in memory in one piece."""


@dataclass(frozen=True)
class LayerSpec:
    """Which values of which file.

    Attributes
    ----------
    file : Path
        The raster.
    band : int, str or None
        Its band's number or description; None for the only one.
    crs : str or None
        The CRS of its coordinates, where it states none or a wrong one.
    missing : tuple of float
        Values that stand for none, besides its nodata.
    distance_to : str or None
        A condition on ``value``: a cell's value is then the distance in metres to the nearest cell that meets it.
    keeper : OpenRasters or None
        Where the file stays open between uses.
    """

    file: Path
    band: int | str | None = None
    crs: str | None = None
    missing: tuple[float, ...] = ()
    distance_to: str | None = None
    keeper: OpenRasters | None = field(default=None, compare=False, repr=False)

    @staticmethod
    def of(spec: RegisterSpec, file: Path, keeper: OpenRasters | None = None) -> LayerSpec:
        """As a register's specification says."""
        return LayerSpec(file, spec.band, spec.raster_crs, spec.missing_numbers, spec.distance_to, keeper)


class RasterLayer:
    """A layer that is open.

    Attributes
    ----------
    raster : Raster
        The file.
    band : int
        The number of its band.
    """

    def __init__(self, raster: Raster, spec: LayerSpec) -> None:
        self.raster = raster
        self.spec = spec
        self.band = band_number(raster, spec.band)
        self._distances: tuple[Values, HasData] | None = None

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.raster.dataset.width)

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.raster.dataset.height)

    @property
    def is_whole_numbers(self) -> bool:
        """Whether its values have no fractions."""
        dataset, index = self.raster.dataset, self.band - 1
        plain = dataset.scales[index] == 1 and dataset.offsets[index] == 0
        return plain and np.dtype(dataset.dtypes[index]).kind in "iu" and self.spec.distance_to is None

    def read(self, window: Window) -> tuple[Values, HasData]:
        """The values of a window, and which of its cells hold any (`geo_bosoc.rasters.values.read_values`)."""
        if self.spec.distance_to is None:
            return read_values(self.raster, window, self.band, missing=self.spec.missing)
        if self._distances is None:
            self._distances = self._measure()
        distances, has_data = (each[window.toslices()] for each in self._distances)
        return distances, has_data

    def values_at(self, x: NDArray[np.float64], y: NDArray[np.float64], crs: Any) -> tuple[Values, HasData]:
        """The values of the cells that points lie in (`geo_bosoc.rasters.values.values_at`)."""
        if self.spec.distance_to is None:
            values = values_at(self.raster, x, y, crs, self.band, self.spec.missing)
            return values, ~np.isnan(values)
        columns, rows = cells_at(self.raster, x, y, crs)
        distances, has_data = self.read(Window(0, 0, self.width, self.height))
        inside = columns >= 0
        present = np.zeros(len(columns), np.bool_)
        present[inside] = has_data[rows[inside], columns[inside]]
        return np.where(present, distances[rows, columns], np.nan), present

    def _measure(self) -> tuple[Values, HasData]:
        """The distances of all cells; a cell without data has none, and none is a distance to it."""
        across, down = _cell_sides(self.raster)
        if self.width * self.height > MOST_CELLS_OF_DISTANCE:
            raise UnreadableError(
                phrase(
                    "the raster has {count:,} cells: distances are measured in at most {most:,}.",
                    count=self.width * self.height,
                    most=MOST_CELLS_OF_DISTANCE,
                ),
                "Cut it to the municipality and its surroundings, or make its cells larger.",
            )
        meets = np.zeros((self.height, self.width), np.bool_)
        has_data = np.zeros((self.height, self.width), np.bool_)
        for window in block_windows(self.raster):
            values, present = read_values(self.raster, window, self.band, missing=self.spec.missing)
            meets[window.toslices()] = met_cells(str(self.spec.distance_to), values, present)
            has_data[window.toslices()] = present
        if not meets.any():
            raise UnreadableError(
                phrase("no cell of the raster meets {condition}.", condition=self.spec.distance_to),
                "See which values it has: geo-bosoc describe names their range.",
            )
        return distance_transform_edt(~meets, sampling=(down, across)), has_data


def met_cells(condition: str, values: Values, has_data: HasData) -> NDArray[np.bool_]:
    """Where a condition on ``value`` is true.

    >>> met_cells("value >= 2", np.array([[1, 2, 3]]), np.array([[True, True, False]])).tolist()
    [[False, True, False]]
    """
    frame = value_frame(values.ravel(), has_data.ravel())
    expression = parse_predicate(condition, frame.schema)
    return frame.select(expression.fill_null(False)).to_series().to_numpy().reshape(values.shape)


def value_frame(values: Values, has_data: HasData) -> pl.DataFrame:
    """A column ``value``, null where there is none."""
    value = pl.Series("value", values).to_frame().with_columns(pl.Series("has_data", has_data))
    return value.select(pl.when("has_data").then("value").alias("value"))


def _cell_sides(raster: Raster) -> tuple[float, float]:
    """The sides of a cell in metres, along its columns and its rows."""
    cell = raster.dataset.transform
    across, down = float(np.hypot(cell.a, cell.d)), float(np.hypot(cell.b, cell.e))
    is_square_on = abs(cell.a * cell.b + cell.d * cell.e) <= 1e-9 * across * down
    if not (raster.crs.is_projected and is_square_on):
        raise UnreadableError(
            "distances need a raster in metres, with cells that are rectangles.",
            "Reproject it to EPSG:25832.",
        )
    metres = float(raster.crs.linear_units_factor[1])
    return across * metres, down * metres


@contextmanager
def open_layer(spec: LayerSpec) -> Iterator[RasterLayer]:
    """Open a layer.

    Raises
    ------
    UnreadableError
        The file cannot be opened as a raster, does not say where it lies, or has no such band.
    """
    with open_raster(spec.file, spec.crs, spec.keeper) as raster:
        yield RasterLayer(raster, spec)
