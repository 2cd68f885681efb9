"""The map within a frame on paper: what lies beneath, areas in their fills, names, scale bar and north arrow."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import shapely

from geo_bosoc.outputs.context import LINES, Role
from geo_bosoc.outputs.plots.style import INK
from geo_bosoc.outputs.static_map.content import MapContent
from geo_bosoc.outputs.static_map.fills import draw_fill
from geo_bosoc.outputs.static_map.ground import Box, cut_on_paper
from geo_bosoc.outputs.static_map.names import Label, PlacedLabel, Placement
from geo_bosoc.outputs.static_map.panel import OUTLINE, draw_sign
from geo_bosoc.outputs.static_map.paper import LINE_HEIGHT, POINT, Paper, polygon_parts
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import number

_DOTS: Final = ((150, 2.0, 1.2), (10**9, 1.5, 0.85))
"""Up to so many areas, those that are smaller than a square of this side, in millimetres, are dots of this radius."""
_WIDE: Final = 120.0
"""Millimetres: on a map that is narrower, dots are smaller."""
_FINE: Final = ((9.0, 1.0), (5.0, 0.75), (0.0, 0.5))
"""From which side of an area, in millimetres, how large its hatching is drawn."""
_OUTSIDE: Final = "#eeedea"
_STYLES: Final[dict[Role, tuple[str | None, str | None, float]]] = {
    "land": ("#f8f6f1", "#8d897f", 0.9),
    "wood": ("#e8eae1", None, 0.0),
    "water": ("#d3e0e8", "#a9bfcc", 0.5),
    "outline": (None, "#b5b2a8", 0.5),
    "thin": (None, "#dedbd1", 0.5),
    "line": (None, "#cdc7b8", 1.2),
}
_SIGN: Final = 2.6
"""Millimetres of the sign behind a name."""
_NAME_WIDTH: Final = 27.0
"""Millimetres that a name in letters of 7 points is broken at."""


def fitting_scale(extent: Box, width: float, height: float) -> float:
    """Millimetres on paper of a metre, where an extent just fits into a frame."""
    return min(width / (extent[2] - extent[0]), height / (extent[3] - extent[1]))


def _dot_size(count: int, width: float) -> tuple[float, float]:
    """Beneath which side an area is drawn as a dot on a map of so many, and the dot's radius, in millimetres."""
    smaller = min(max(math.sqrt(width / _WIDE), 0.6), 1.0)
    return next((least * smaller, radius * smaller) for most, least, radius in _DOTS if count <= most)


def has_dots(content: MapContent, width: float, height: float) -> bool:
    """Whether some areas are drawn as dots on a map of so many millimetres."""
    least, _ = _dot_size(len(content.areas), width)
    scale = fitting_scale(content.ground.extent, width, height)
    sizes = [_largest_part(shape) for shape in content.areas.geometry]
    return any(0 < math.sqrt(size) * scale < least for size in sizes)


def _largest_part(shape: Any) -> float:
    """The area of the largest part of a shape: one of many small parts is as hard to see as a small one."""
    return max((float(part.area) for part in polygon_parts(shape)), default=0.0)


def _as_dot(shape: Any, least: float, radius: float) -> Any:
    """A dot on the largest part of a shape; where many small parts make a large area, these too."""
    part = max(polygon_parts(shape), key=lambda each: float(each.area))
    dot = part.representative_point().buffer(radius, quad_segs=10)
    return dot if math.sqrt(shape.area) < least else shapely.union(dot, shape)


class MapFrame:
    """A map within a frame.

    Parameters
    ----------
    paper : Paper
        What is drawn on.
    content : MapContent
        What the map shows.
    frame : tuple of float
        West, south, east and north, in millimetres.
    letters : float
        Points of the names' letters.
    """

    def __init__(self, paper: Paper, content: MapContent, frame: Box, letters: float = 7.0) -> None:
        self.paper, self.content, self.frame, self._letters = paper, content, frame, letters
        extent = content.ground.extent
        self.scale = fitting_scale(extent, frame[2] - frame[0], frame[3] - frame[1])
        self._start = (
            (frame[0] + frame[2]) / 2 - self.scale * (extent[0] + extent[2]) / 2,
            (frame[1] + frame[3]) / 2 - self.scale * (extent[1] + extent[3]) / 2,
        )
        self.shapes = self._area_shapes()
        self._taken: list[Box] = []

    def _area_shapes(self) -> list[Any]:
        """Each area as it is drawn: small ones as dots, and none beneath another; empty ones without an outline."""
        geometries = self.content.areas.geometry.to_numpy()
        cut = cut_on_paper(geometries, self.scale, self._start, self.frame)
        shapes = [shapely.Polygon() if each is None else each for each in cut]
        least, radius = _dot_size(len(shapes), self.frame[2] - self.frame[0])
        small = [0 < math.sqrt(_largest_part(shape)) < least for shape in shapes]
        shapes = [
            _as_dot(shape, least, radius) if dot else shape for shape, dot in zip(shapes, small, strict=True)
        ]
        rank = {position: step for step, position in enumerate(self.content.order)}
        order = sorted(
            range(len(shapes)),
            key=lambda position: (
                small[position],
                -rank[position] if small[position] else -shapes[position].area,
                position,
            ),
        )
        height = {position: step for step, position in enumerate(order)}
        if not shapes:
            return []
        tree = shapely.STRtree(shapes)
        lower, upper = tree.query(shapes, predicate="intersects")
        above: dict[int, list[int]] = {}
        for below, over in zip(lower.tolist(), upper.tolist(), strict=True):
            if height[below] < height[over]:
                above.setdefault(below, []).append(over)
        uncut = list(shapes)
        for position, others in above.items():
            rest = uncut[position].difference(shapely.union_all([uncut[each] for each in others]))
            shapes[position] = rest
        return shapes

    def draw_ground(self) -> None:
        """Draw what lies beneath the areas."""
        context = self.content.ground.on_paper(self.scale, self._start, self.frame)
        land = any(role == "land" for role, _ in context)
        self.paper.shape(shapely.box(*self.frame), _OUTSIDE if land else "#f8f6f1", order=0)
        for step, (role, cut) in enumerate(context):
            fill, line, width = _STYLES[role]
            if role in LINES:
                lines = shapely.get_coordinates
                parts = [lines(part) for part in shapely.get_parts(cut) if part.geom_type == "LineString"]
                self.paper.lines(parts, str(line), width, order=0.1 + step / 100)
            else:
                self.paper.shape(shapely.geometrycollections(cut), fill, line, width, order=0.1 + step / 100)
        for role, cut in context:
            if role == "land":
                outline = shapely.geometrycollections(cut)
                self.paper.shape(outline, None, str(_STYLES[role][1]), 1.1, order=2)

    def draw_areas(self) -> None:
        """Draw the areas in the fills of their classes."""
        groups: dict[tuple[int, float], list[Any]] = {}
        for shape, drawn in zip(self.shapes, self.content.drawn, strict=True):
            side = math.sqrt(shape.area)
            fine = next(scale for least, scale in _FINE if side >= least)
            groups.setdefault((drawn, fine), []).append(shape)
        for (drawn, fine), shapes in sorted(groups.items(), key=lambda item: item[0]):
            draw_fill(self.paper, shapely.union_all(shapes), self.content.classes[drawn].fill, fine, order=3)
        self.paper.shape(shapely.geometrycollections(self.shapes), None, OUTLINE, 0.55, order=4)

    def mark(self, positions: Collection[int]) -> None:
        """Draw a thick line round areas, so that their fill is seen within."""
        for position in positions:
            around = shapely.clip_by_rect(self.shapes[position].buffer(0.6), *self.frame)
            self.paper.shape(around, None, "white", 4.4, order=5)
            self.paper.shape(around, None, "#0b0d10", 2.4, order=5.1)

    def draw_names(self, positions: Sequence[int], *, with_moves: bool = True, bold: bool = False) -> int:
        """Write the names of areas, those first that come first, and the signs of what moved.

        Returns
        -------
        int
            How many names there was room for.
        """
        placement = Placement(self.frame, self.shapes, self._taken)
        room = (self.frame[2] - self.frame[0]) * (self.frame[3] - self.frame[1]) / 330
        worst = self.content.drawn[positions[0]] if positions else -1
        is_dense = len(positions) > room
        if is_dense:
            drawn, moves = self.content.drawn, self.content.moves
            positions = sorted(positions, key=lambda each: (drawn[each] != worst, each not in moves))
        named = 0
        for position in positions:
            if self.shapes[position].is_empty:
                continue
            moved = with_moves and position in self.content.moves
            must = not is_dense or self.content.drawn[position] == worst
            area = self.content.areas.iloc[position]
            lines = self._name_lines(str(area["name"]), bold) or [str(area["area_id"])]
            sign = _SIGN + 0.6 if moved else 0.0
            widths = [self.paper.width_of(line, self._letters, bold) for line in lines]
            width = max(widths[0] + sign, *widths)
            height = self._letters * POINT * (LINE_HEIGHT * (len(lines) - 1) + 1.0)
            placed = placement.put(Label(position, self.shapes[position], width, height, must))
            if placed is None and moved and not is_dense:
                lines = []
                placed = placement.put(Label(position, self.shapes[position], _SIGN, _SIGN))
            if placed is not None:
                named += bool(lines)
                self._draw_name(placed, lines, sign, bold)
        return named

    def _name_lines(self, name: str, bold: bool) -> list[str]:
        """A name in lines that break no word, unless it is a very long one."""
        larger = self._letters / 7
        longest = max((self.paper.width_of(part, self._letters, bold) for part in name.split()), default=0.0)
        return self.paper.wrapped(
            name, self._letters, max(_NAME_WIDTH * larger, min(longest, 45.0 * larger)), bold
        )

    def _draw_name(self, placed: PlacedLabel, lines: Sequence[str], sign: float, bold: bool) -> None:
        paper, size = self.paper, self._letters
        west, _, _, north = placed.bounds
        if placed.leader:
            ends = np.array(placed.leader)
            paper.lines([ends], "white", 1.6, order=8)
            paper.lines([ends], INK, 0.55, order=8.1)
        if sign:
            end = paper.width_of(lines[0], size, bold) + 0.6 if lines else 0.0
            middle = (west + end + _SIGN / 2, north - (size * POINT * 0.5 if lines else _SIGN / 2))
            draw_sign(paper, self.content.moves[placed.label.position], middle, _SIGN / 2)
        for step, line in enumerate(lines):
            y = north - size * POINT * (0.8 + LINE_HEIGHT * step)
            paper.text(west, y, line, size, bold=bold, halo=2.2, order=12)

    def draw_border(self) -> None:
        """Draw the line round the map."""
        self.paper.shape(shapely.box(*self.frame), None, "#6d7178", 0.7, order=20)

    def draw_scale(self, letters: float) -> None:
        """Draw scale bar and north arrow in the corner where fewest areas lie."""
        language = self.content.language
        metres = _round_length(min(36.0, 0.3 * (self.frame[2] - self.frame[0])) / self.scale)
        length = metres * self.scale
        text = f"{number(metres / 1000, language)} km" if metres >= 1000 else f"{number(metres, language)} m"
        wide = 11.5 + length + self.paper.width_of(text, letters) / 2
        box = self._free_corner(wide, 12.0)
        west, south, _, _ = box
        paper = self.paper
        paper.shape(shapely.box(*box), "#ffffffd9", order=9)
        x, y = west + 9.5, south + 3.2
        for part in range(4):
            piece = shapely.box(x + part * length / 4, y, x + (part + 1) * length / 4, y + 1.3)
            paper.shape(piece, INK if part % 2 == 0 else "white", INK, 0.5, order=9.5)
        paper.text(x, y + 2.6, "0", letters, align="center")
        paper.text(x + length, y + 2.6, text, letters, align="center")
        tip = west + 4.2
        arrow = shapely.Polygon(
            [(tip, south + 7.6), (tip - 1.7, south + 1.6), (tip, south + 3), (tip + 1.7, south + 1.6)]
        )
        paper.shape(arrow, INK, order=9.5)
        paper.text(
            tip, south + 8.3, word("static_map", "north", language), letters, bold=True, align="center"
        )
        self._taken.append(box)

    def _free_corner(self, wide: float, high: float) -> Box:
        """A box in the corner of the frame that covers least of the areas."""
        west, south, east, north = self.frame
        corners = [(west, south), (east - wide, south), (east - wide, north - high), (west, north - high)]
        boxes = [(x, y, x + wide, y + high) for x, y in corners]
        shapes = np.array(self.shapes)
        return min(
            boxes, key=lambda box: float(shapely.area(shapely.intersection(shapes, shapely.box(*box))).sum())
        )


def _round_length(metres: float) -> int:
    """The largest 1, 2 or 5 times a power of ten metres that is not longer.

    >>> [_round_length(metres) for metres in (730, 2600, 14_999)]
    [500, 2000, 10000]
    """
    power = 10 ** math.floor(math.log10(max(metres, 1.0)))
    return int(max(step * power for step in (1, 2, 5) if step * power <= max(metres, 1.0)))
