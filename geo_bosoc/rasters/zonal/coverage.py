"""Which cells of a window lie in which areas, and with what share: exactly, or by their centres."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import shapely
from exactextract import Operation
from exactextract.feature import Feature, FeatureSource
from exactextract.processor import FeatureSequentialProcessor
from exactextract.raster import RasterSource
from exactextract.writer import Writer
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.features import rasterize
from rasterio.windows import Window

Rule = Literal["exact", "centre"]
"""Whether a cell counts with the share that lies in an area, or wholly where its centre does."""

MOST_ROWS: Final = 4_000_000
"""So many cells of areas are given at a time, and those of one more area."""

_LEAST_OVERLAP: Final = 1e-6
"""Of a cell: neighbours that overlap by less do so in their coordinates' last decimals."""


@dataclass(frozen=True)
class CoveredCells:
    """Cells in areas, a row for each cell and area.

    Attributes
    ----------
    area : ndarray of int, shape (n,)
        The number of the area.
    cell : ndarray of int, shape (n,), or None
        The cell's place in the window, counted row by row; None for all cells in order.
    share : ndarray of float, shape (n,), or None
        What share of the cell lies in the area, over 0 and at most 1; None where each lies in it wholly.
    """

    area: NDArray[np.uint32]
    cell: NDArray[np.int64] | None
    share: NDArray[np.float64] | None


class Zones:
    """Areas in a raster's columns and rows, to be looked up by window.

    Parameters
    ----------
    polygons : ndarray of Polygon or MultiPolygon, shape (n,)
        In columns and rows (`geo_bosoc.rasters.zonal.pixel_space.to_pixels`); they may overlap.
    """

    def __init__(self, polygons: NDArray[Any]) -> None:
        self.polygons = polygons
        self._tree = shapely.STRtree(polygons)

    @cached_property
    def layers(self) -> NDArray[np.int64]:
        """The layer of each area: two of one layer share no more than a border."""
        return _layers(self.polygons, self._tree)

    def window(self, width: int, height: int) -> Window | None:
        """The cells of a raster that the areas lie on; None where there are none."""
        west, north, east, south = shapely.total_bounds(self.polygons)
        left, top = max(0, int(np.floor(west))), max(0, int(np.floor(north)))
        right, bottom = min(width, int(np.ceil(east))), min(height, int(np.ceil(south)))
        return Window(left, top, right - left, bottom - top) if left < right and top < bottom else None

    def off_raster(self, width: int, height: int) -> NDArray[np.float64]:
        """How many cells each area would cover beyond a raster's edges."""
        within = shapely.area(shapely.intersection(self.polygons, shapely.box(0, 0, width, height)))
        return np.maximum(shapely.area(self.polygons) - within, 0.0)

    def numbers_in(self, window: Window) -> NDArray[np.int64]:
        """The numbers of the areas that reach into a window, in order."""
        return np.sort(self._tree.query(_box(window), predicate="intersects"))

    def pieces(self, window: Window) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """The numbers of the areas that reach into a window, and what of them lies in it."""
        numbers = self.numbers_in(window)
        parts = _polygonal(shapely.intersection(self.polygons[numbers], _box(window)))
        filled = shapely.area(parts) > 0
        return numbers[filled], parts[filled]


def _box(window: Window) -> Any:
    left, top = window.col_off, window.row_off
    return shapely.box(left, top, left + window.width, top + window.height)


def _polygonal(parts: NDArray[Any]) -> NDArray[Any]:
    """What is polygon of geometries: where an area touches a border, lines are left as well."""
    mixed = shapely.get_type_id(parts) == shapely.GeometryType.GEOMETRYCOLLECTION
    for number in np.flatnonzero(mixed):
        pieces = shapely.get_parts(shapely.get_parts(parts[number]))
        parts[number] = shapely.multipolygons(
            pieces[shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON]
        )
    return parts


def covered_cells(zones: Zones, window: Window, rule: Rule) -> Iterator[CoveredCells]:
    """The cells of a window that lie in areas, some areas at a time.

    Parameters
    ----------
    zones : Zones
        The areas.
    window : rasterio.windows.Window
        Whole cells of the raster.
    rule : {"exact", "centre"}
        ``exact`` gives each cell that an area touches with the share in it (exactextract), ``centre`` each cell whose
        centre lies in it, as GDAL burns polygons.

    Yields
    ------
    CoveredCells
        By area, and in each by row and column.
    """
    if rule == "centre":
        yield from _by_centre(zones, window)
        return
    numbers, parts = zones.pieces(window)
    if numbers.size:
        yield from _exact(numbers, parts, window)


def _by_centre(zones: Zones, window: Window) -> Iterator[CoveredCells]:
    """Burnt layer by layer, each of areas that do not overlap."""
    numbers = zones.numbers_in(window)
    to_raster = Affine(1, 0, window.col_off, 0, 1, window.row_off)
    for layer in np.unique(zones.layers[numbers]):
        chosen = numbers[zones.layers[numbers] == layer]
        burnt = np.full((window.height, window.width), -1, np.int32)
        rasterize(zip(zones.polygons[chosen], chosen, strict=True), out=burnt, transform=to_raster)
        burnt = burnt.ravel()
        if burnt.min() >= 0:
            yield CoveredCells(burnt.view(np.uint32), None, None)
        elif burnt.max() >= 0:
            cell = np.flatnonzero(burnt >= 0)
            yield CoveredCells(burnt[cell].view(np.uint32), cell, None)


def _layers(polygons: NDArray[Any], tree: shapely.STRtree) -> NDArray[np.int64]:
    first, second = tree.query(polygons, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    overlapping = shapely.area(shapely.intersection(polygons[first], polygons[second])) > _LEAST_OVERLAP
    neighbours: dict[int, set[int]] = {}
    for earlier, later in zip(first[overlapping], second[overlapping], strict=True):
        neighbours.setdefault(int(later), set()).add(int(earlier))
    layers = np.zeros(len(polygons), np.int64)
    for number, others in sorted(neighbours.items()):
        taken = {int(layers[each]) for each in others}
        layers[number] = next(layer for layer in range(len(taken) + 1) if layer not in taken)
    return layers


def _exact(numbers: NDArray[np.int64], parts: NDArray[Any], window: Window) -> Iterator[CoveredCells]:
    """exactextract on a raster whose cells hold their own places, so that it gives place and share of each.

    It counts rows from the top and y upwards.
    """
    left, bottom = window.col_off, window.row_off + window.height
    flipped = shapely.transform(
        parts, lambda points: np.column_stack([points[:, 0] - left, bottom - points[:, 1]])
    )
    numbered = _CellNumbers(
        np.arange(window.height * window.width, dtype=np.int32).reshape(window.height, -1)
    )
    bounds = shapely.bounds(flipped)
    sizes = (bounds[:, 2] - bounds[:, 0] + 1) * (bounds[:, 3] - bounds[:, 1] + 1)
    batch = (np.cumsum(sizes) // MOST_ROWS).astype(np.int64)
    for group in np.unique(batch):
        chosen = np.flatnonzero(batch == group)
        features, results = _Parts(flipped[chosen]), _Results()
        operations = [Operation(name, name, numbered) for name in ("values", "coverage")]
        FeatureSequentialProcessor(features, results, operations).process()
        filled = [number for number, each in enumerate(results.rows) if "values" in each]
        if filled:
            counts = [len(results.rows[number]["values"]) for number in filled]
            yield CoveredCells(
                np.repeat(numbers[chosen[filled]].astype(np.uint32), counts),
                np.concatenate([results.rows[number]["values"] for number in filled]),
                np.concatenate([results.rows[number]["coverage"] for number in filled]),
            )


class _CellNumbers(RasterSource):  # type: ignore[misc]
    """A raster of unit cells, each holding its place."""

    def __init__(self, places: NDArray[np.int32]) -> None:
        super().__init__()
        self._places = places

    def res(self) -> tuple[float, float]:
        return 1.0, 1.0

    def extent(self) -> tuple[float, float, float, float]:
        height, width = self._places.shape
        return 0.0, 0.0, float(width), float(height)

    def nodata_value(self) -> None:
        return None

    def srs_wkt(self) -> None:
        return None

    def read_window(self, x0: int, y0: int, nx: int, ny: int) -> NDArray[np.int32]:
        return self._places[y0 : y0 + ny, x0 : x0 + nx]


@dataclass
class _Part(Feature):  # type: ignore[misc]
    """A polygon that takes figures."""

    polygon: Any = None
    figures: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def geometry(self) -> bytes:
        return bytes(shapely.to_wkb(self.polygon))

    def fields(self) -> list[str]:
        return list(self.figures)

    def get(self, name: str) -> Any:
        return self.figures[name]

    def set(self, name: str, value: Any) -> None:
        self.figures[name] = value

    def set_geometry(self, geometry: Any) -> None:
        """A result needs none."""

    def set_geometry_format(self) -> str:
        return "wkb"


class _Parts(FeatureSource):  # type: ignore[misc]
    """Polygons for exactextract."""

    def __init__(self, polygons: NDArray[Any]) -> None:
        super().__init__()
        self._polygons = polygons

    def count(self) -> int:
        return len(self._polygons)

    def __iter__(self) -> Iterator[_Part]:
        return (_Part(polygon) for polygon in self._polygons)

    def srs_wkt(self) -> None:
        return None


class _Results(Writer):  # type: ignore[misc]
    """Takes each polygon's figures, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []

    def add_operation(self, operation: Any) -> None:
        """Its name comes with each result."""

    def write(self, feature: Any) -> None:
        row = _Part()
        feature.copy_to(row)
        self.rows.append(row.figures)
