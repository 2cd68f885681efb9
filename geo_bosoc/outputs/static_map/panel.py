"""What stands beside a map: the legend with counts now and before, and the signs of what moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely

from geo_bosoc.outputs.plots.style import INK
from geo_bosoc.outputs.static_map.content import MapContent, Movement
from geo_bosoc.outputs.static_map.fills import draw_fill
from geo_bosoc.outputs.static_map.paper import LINE_HEIGHT, POINT, Paper
from geo_bosoc.outputs.static_map.words import CHANCES, DIRECTIONS
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.colours import Fill
from geo_bosoc.text.numbers import number

SWATCH: Final = (7.0, 4.4)
"""Millimetres of a legend's box at letters of 8 points."""
OUTLINE: Final = "#33363b"
SMALL_SIGN: Final = "small"
"""The sign of an area that is drawn as a dot."""


@dataclass(frozen=True)
class Line:
    """A line of the panel.

    Attributes
    ----------
    text : str
        Its words.
    is_heading : bool, optional
        Whether it stands above others, in bold letters.
    fill : Fill, optional
        Of the box before a class.
    signs : tuple of Movement or str, optional
        The signs before their meaning.
    numbers : tuple of str, optional
        At the right, a column each.
    """

    text: str
    is_heading: bool = False
    fill: Fill | None = None
    signs: tuple[Movement | str, ...] = ()
    numbers: tuple[str, ...] = ()


def legend_lines(content: MapContent, *, with_dots: bool, with_counts: bool = True) -> list[Line]:
    """The lines of a map's legend: its classes, with how many areas they have now and had before.

    Parameters
    ----------
    content : MapContent
        What the map shows.
    with_dots : bool
        Whether there are areas that are drawn as dots.
    with_counts : bool, optional
        Whether the numbers of areas stand with the classes.
    """
    language = content.language
    periods = tuple(filter(None, (content.before, content.period))) if with_counts else ()
    lines = [Line(word("static_map", "legend_heading", language), True, numbers=periods)] if periods else []
    for each in content.legend:
        counts = (each.now,) if each.before is None else (each.before, each.now)
        figures = tuple(number(count, language) for count in counts) if with_counts else ()
        lines.append(Line(each.drawn.label, fill=each.drawn.fill, numbers=figures))
    if with_dots:
        lines.append(Line(word("static_map", "small_area", language), signs=(SMALL_SIGN,)))
    return lines


def movement_lines(content: MapContent) -> list[Line]:
    """What the signs of moved areas mean, and how many there are; nothing where none has moved."""
    if not content.moves:
        return []
    language = content.language
    heads = tuple(word("static_map", direction, language) for direction in DIRECTIONS)
    lines = [Line(word("static_map", "moved_heading", language, before=content.before), True, numbers=heads)]
    moves = list(content.moves.values())
    for chance in CHANCES:
        signs = tuple(Movement(direction, chance) for direction in DIRECTIONS)
        if any(sign in moves for sign in signs):
            text = word("static_map", f"chance_{chance}", language)
            counts = tuple(number(moves.count(sign), language) for sign in signs)
            lines.append(Line(text[:1].upper() + text[1:], signs=signs, numbers=counts))
    return lines


class Panel:
    """Lines of a legend below each other.

    Parameters
    ----------
    paper : Paper
        What is drawn on.
    lines : sequence of Line
        What stands in it.
    width : float
        In millimetres.
    size : float
        Of the letters, in points.
    """

    def __init__(self, paper: Paper, lines: Sequence[Line], width: float, size: float) -> None:
        self._paper, self._lines, self._width, self._size = paper, lines, width, size
        self._scale = size / 8
        self._step = size * POINT * LINE_HEIGHT
        every = [text for line in lines for text in line.numbers]
        self._number = max((paper.width_of(text, size, bold=True) for text in every), default=0.0) + 2.0
        self._texts = [self._wrapped(line) for line in lines]

    @property
    def height(self) -> float:
        """Millimetres."""
        return sum(map(self._height_of, range(len(self._lines))))

    def _wrapped(self, line: Line) -> list[str]:
        indent = 0.0 if line.is_heading else (SWATCH[0] + 1.8) * self._scale
        room = self._width - indent - self._number * len(line.numbers)
        return self._paper.wrapped(line.text, self._size, room, bold=line.is_heading)

    def _height_of(self, position: int) -> float:
        least = 0.0 if self._lines[position].is_heading else SWATCH[1] * self._scale
        return max(self._step * len(self._texts[position]), least) + 1.2 * self._scale

    def draw(self, x: float, upper: float) -> None:
        """Draw it, its upper left corner at a place."""
        for position in range(len(self._lines)):
            self._draw_line(position, x, upper)
            upper -= self._height_of(position)

    def _draw_line(self, position: int, x: float, upper: float) -> None:
        line, texts, size = self._lines[position], self._texts[position], self._size
        wide, high = (side * self._scale for side in SWATCH)
        y = upper - size * POINT * 1.02
        if not line.is_heading and len(texts) == 1:
            y -= (high - self._step) / 2
        if line.fill is not None:
            draw_swatch(
                self._paper, shapely.box(x, upper - high, x + wide, upper), line.fill, 0.55 * self._scale
            )
        for step, sign in enumerate(line.signs, 1):
            middle = (x + wide * step / (len(line.signs) + 1), upper - high / 2)
            draw_sign(self._paper, sign, middle, 1.3 * self._scale)
        start = x if line.is_heading else x + wide + 1.8 * self._scale
        for step, text in enumerate(texts):
            self._paper.text(start, y - step * self._step, text, size, bold=line.is_heading)
        for column, figure in enumerate(reversed(line.numbers)):
            right = x + self._width - column * self._number
            latest = line.fill is not None and column == 0
            self._paper.text(right, y, figure, size, bold=line.is_heading or latest, align="right")


def draw_swatch(paper: Paper, shape: Any, fill: Fill, scale: float) -> None:
    """A small shape in the fill of a class."""
    draw_fill(paper, shape, fill, scale, order=6)
    paper.shape(shape, line=OUTLINE, width=0.6, order=6.5)


def draw_sign(
    paper: Paper, sign: Movement | str, middle: tuple[float, float], radius: float, order: float = 11
) -> None:
    """The sign of a movement, a triangle up for worse and down for better, full where it is more than chance.

    Of an area that is drawn as a dot: an empty dot.
    """
    x, y = middle
    if isinstance(sign, str):
        paper.shape(shapely.Point(x, y).buffer(radius * 0.8), "white", OUTLINE, 0.7, order)
        return
    up = 1 if sign.direction == "worse" else -1
    corners = [(x - radius, y - up * radius * 0.8), (x + radius, y - up * radius * 0.8), (x, y + up * radius)]
    fill = {"no": INK, "yes": "white", "cannot_tell": "#9aa0a8"}[sign.chance]
    triangle = shapely.Polygon(corners)
    paper.shape(triangle, "white", "white", 2.2, order)
    paper.shape(triangle, fill, INK, 0.9, order + 0.1)
