"""Names on a map: each where it covers no other name and few areas, beside its area or at the end of a thin line.

Names are placed one after the other, the most important first, each in the best of some hundred places near its area.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from rasterio import Affine
from rasterio.features import rasterize

from geo_bosoc.outputs.static_map.paper import polygon_parts

Array = npt.NDArray[np.float64]

_CELL: Final = 0.5
"""Millimetres of a cell of the grid that says what is covered."""
_GAP: Final = 0.9
"""Millimetres between an area and its name."""
_APART: Final = 0.35
"""Millimetres between names."""
_BRIM: Final = 0.3
"""Millimetres round a name that should not lie on areas either."""
_REACH: Final = (2.5, 5.0, 8.0, 12.0, 17.0, 23.0, 30.0, 38.0)
"""Millimetres from an area to a name at the end of a line."""
_ANGLES: Final = np.radians(np.arange(0, 360, 15))
_MOST_CROSSED: Final = (2, 5)
"""So many small areas, its own among them, a line may touch: at best, and where there is no other room."""
_SMALL: Final = 36.0
"""Square millimetres under which an area would be lost beneath a name."""
_ADJACENT: Final = 1.0
"""What a place beside its area costs; within it nothing."""
_LINE: Final = 4.0
"""What a place at the end of a line costs."""
_COVER: Final = 9.0
"""What a place costs that covers areas with all of it."""
_DEAREST: Final = 7.0
"""A name that may be left out is left out where every place costs more."""


@dataclass(frozen=True)
class Label:
    """A box that stands near an area.

    Attributes
    ----------
    position : int
        The area's place among the areas.
    shape : BaseGeometry
        The area as it is drawn, in millimetres.
    width, height : float
        Of the box, in millimetres.
    must : bool
        Whether it may stand at the end of a line, so that it is left out only where there is no room at all.
    """

    position: int
    shape: Any
    width: float
    height: float
    must: bool = True


@dataclass(frozen=True)
class PlacedLabel:
    """Where a box stands.

    Attributes
    ----------
    label : Label
        The box.
    x, y : float
        Its lower left corner, in millimetres.
    leader : tuple of (float, float), optional
        The two ends of the line to its area, the area's first; empty where it stands at the area.
    """

    label: Label
    x: float
    y: float
    leader: tuple[tuple[float, float], ...] = ()

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the box."""
        return self.x, self.y, self.x + self.label.width, self.y + self.label.height


class Placement:
    """Boxes that are placed one after the other within a frame.

    Parameters
    ----------
    frame : tuple of float
        West, south, east and north, in millimetres.
    shapes : sequence of BaseGeometry
        All areas as they are drawn.
    taken : sequence of tuple of float
        Boxes that nothing may stand on: the scale bar, the arrow.
    """

    def __init__(
        self,
        frame: tuple[float, float, float, float],
        shapes: Sequence[Any],
        taken: Sequence[tuple[float, float, float, float]] = (),
    ) -> None:
        self._frame = frame
        self._boxes: list[tuple[float, float, float, float]] = list(taken)
        self._leaders: list[Any] = []
        self._blocks: list[Any] = [shapely.box(*box) for box in taken]  # the boxes, and the leaders
        self._areas = shapely.STRtree([shape for shape in shapes if shape.area < _SMALL])
        self._sums = _covered(frame, shapes)

    def put(self, label: Label) -> PlacedLabel | None:
        """Place a box in the best place that is free; None where there is none."""
        corners, costs, on_line = _candidates(label)
        size = (label.width, label.height)
        boxes = np.hstack([corners, corners + size])
        costs = costs + _COVER * self._share_covered(boxes)
        free = self._is_free(boxes)
        if not label.must:
            free &= ~on_line & (costs <= _DEAREST)
        order = [position for position in np.argsort(costs, kind="stable").tolist() if free[position]]
        for most, position in itertools.product(_MOST_CROSSED, order):
            leader = _leader(label.shape, boxes[position]) if on_line[position] else ()
            if leader and self._is_crossed(leader, most):
                continue
            self._boxes.append(tuple(boxes[position]))
            self._blocks.append(shapely.box(*boxes[position]))
            if leader:
                self._leaders.append(shapely.LineString(leader))
                self._blocks.append(self._leaders[-1])
            x, y = corners[position]
            return PlacedLabel(label, float(x), float(y), leader)
        return None

    def _is_free(self, boxes: Array) -> npt.NDArray[np.bool_]:
        """Which boxes lie within the frame and on nothing that is placed."""
        west, south, east, north = self._frame
        free: npt.NDArray[np.bool_] = (
            (boxes[:, 0] >= west + _APART)
            & (boxes[:, 1] >= south + _APART)
            & (boxes[:, 2] <= east - _APART)
            & (boxes[:, 3] <= north - _APART)
        )
        if self._boxes:
            others = np.array(self._boxes)[None]
            mine = boxes[:, None]
            meets = (
                (mine[..., 0] < others[..., 2] + _APART)
                & (mine[..., 2] > others[..., 0] - _APART)
                & (mine[..., 1] < others[..., 3] + _APART)
                & (mine[..., 3] > others[..., 1] - _APART)
            )
            free &= ~meets.any(axis=1)
        if self._leaders:
            shapes: Any = shapely.box(*boxes.T)
            free &= ~shapely.intersects(shapes[:, None], np.array(self._leaders)[None]).any(axis=1)
        return free

    def _is_crossed(self, leader: Sequence[tuple[float, float]], most: int) -> bool:
        """Whether a line goes through a box or another line, or over several small areas."""
        line = shapely.LineString(leader)
        over = len(self._areas.query(line, predicate="intersects"))
        return over > most or bool(shapely.intersects(line, np.array(self._blocks)).any())

    def _share_covered(self, boxes: Array) -> Array:
        """Which share of each box, with a margin, lies on areas; small ones count more."""
        west, south, _, _ = self._frame
        limits = np.array(self._sums.shape[::-1]) - 1
        low = np.clip(np.floor((boxes[:, :2] - _BRIM - (west, south)) / _CELL).astype(int), 0, limits)
        high = np.clip(np.ceil((boxes[:, 2:] + _BRIM - (west, south)) / _CELL).astype(int), 0, limits)
        (left, bottom), (right, upper) = low.T, high.T
        sums = self._sums
        covered = sums[upper, right] - sums[bottom, right] - sums[upper, left] + sums[bottom, left]
        cells = np.maximum((right - left) * (upper - bottom), 1)
        return np.asarray(covered / cells, dtype=float)


def _covered(frame: tuple[float, float, float, float], shapes: Sequence[Any]) -> Array:
    """Sums over a grid of what areas cover, from the south-western corner to each corner of a cell."""
    west, south, east, north = frame
    columns, rows = (int(np.ceil(size / _CELL)) for size in (east - west, north - south))
    weighted = [
        (shape, 14 if shape.area < _SMALL else 1)
        for shape in shapes
        if shape is not None and not shape.is_empty
    ]
    weighted.sort(key=lambda pair: pair[1])
    sums = np.zeros((rows + 1, columns + 1))
    if weighted:
        transform = Affine(_CELL, 0, west, 0, -_CELL, south + rows * _CELL)
        grid = rasterize(weighted, (rows, columns), transform=transform, all_touched=True, dtype="uint8")
        sums[1:, 1:] = grid[::-1].astype(float).cumsum(axis=0).cumsum(axis=1)
    return sums


def _candidates(label: Label) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    """Corners of boxes, what each costs, and which stand at the end of a line."""
    part = max(polygon_parts(label.shape), key=lambda each: float(each.area))
    point = part.representative_point()
    west, south, east, north = part.bounds
    wide, high = label.width, label.height
    middle = ((west + east) / 2, (south + north) / 2)
    corners = [(point.x - wide / 2, point.y - high / 2)]
    within = shapely.box(*corners[0], corners[0][0] + wide, corners[0][1] + high).within(part)
    costs = [-_COVER if within else 2.0]
    for x, y, cost in (
        (east + _GAP, middle[1] - high / 2, 0.0),
        (west - _GAP - wide, middle[1] - high / 2, 0.2),
        (middle[0] - wide / 2, north + _GAP, 0.3),
        (middle[0] - wide / 2, south - _GAP - high, 0.4),
        (east, north, 0.6),
        (east, south - high, 0.6),
        (west - wide, north, 0.8),
        (west - wide, south - high, 0.8),
    ):
        corners.append((x, y))
        costs.append(_ADJACENT + cost)
    adjacent = len(corners)
    for reach in _REACH:
        x = middle[0] + np.cos(_ANGLES) * ((east - west) / 2 + reach + wide / 2) - wide / 2
        y = middle[1] + np.sin(_ANGLES) * ((north - south) / 2 + reach + high / 2) - high / 2
        corners += list(zip(x.tolist(), y.tolist(), strict=True))
        costs += [_LINE + 0.25 * reach] * len(_ANGLES)
    on_line = np.arange(len(corners)) >= adjacent
    return np.array(corners), np.array(costs), on_line


def _leader(shape: Any, box: Array) -> tuple[tuple[float, float], ...]:
    """The shortest line from an area to a box."""
    line = shapely.shortest_line(shape, shapely.box(*box))
    return tuple((float(x), float(y)) for x, y in shapely.get_coordinates(line))
