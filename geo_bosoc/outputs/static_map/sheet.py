"""A map as a sheet of A4 or A3: title, stamps, map, legend, and what must be said with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from matplotlib.figure import Figure

from geo_bosoc.outputs.plots.style import INK
from geo_bosoc.outputs.static_map.content import MapContent
from geo_bosoc.outputs.static_map.ground import Box
from geo_bosoc.outputs.static_map.map_frame import MapFrame, fitting_scale, has_dots
from geo_bosoc.outputs.static_map.panel import Panel, legend_lines, movement_lines
from geo_bosoc.outputs.static_map.paper import LINE_HEIGHT, POINT, Paper
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import number

Size = Literal["A4", "A3"]
SIZES: Final[dict[Size, tuple[float, float]]] = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
"""Width and height upright, in millimetres."""
STAMP: Final = "#9c2b00"
SOFT: Final = "#50555c"
_LETTERS: Final[dict[Size, float]] = {"A4": 1.0, "A3": 1.25}
_MARGIN: Final = 11.0
_PANEL: Final = 62.0
"""Millimetres of the legend's column beside the map."""


class Sheet:
    """The parts of a sheet round its map.

    Parameters
    ----------
    content : MapContent
        What the map shows.
    size : {"A4", "A3"}
        Of the paper.
    font : str, optional
        The letters.
    upright : bool, optional
        Whether it stands; left out, it lies or stands as the map is larger.
    """

    def __init__(
        self,
        content: MapContent,
        size: Size = "A4",
        font: str | None = None,
        *,
        upright: bool | None = None,
    ) -> None:
        self.content = content
        self.letters = _LETTERS[size]
        self.small = 7 * self.letters
        self.step = self.small * POINT * LINE_HEIGHT
        self.margin = _MARGIN * self.letters
        short, long = SIZES[size]
        self.is_upright = self._fits_upright(short, long) if upright is None else upright
        self.paper = Paper(*((short, long) if self.is_upright else (long, short)), font)
        self.width = self.paper.width - 2 * self.margin

    def _fits_upright(self, short: float, long: float) -> bool:
        """Whether the map is larger on a sheet that stands, with its legend below."""
        extent, margins, words = self.content.ground.extent, 2 * self.margin, 48 * self.letters
        upright = fitting_scale(extent, short - margins, long - margins - words - 45 * self.letters)
        adjacent = long - margins - (_PANEL + 5) * self.letters
        return upright > fitting_scale(extent, adjacent, short - margins - words)

    def draw_head(self) -> float:
        """Write title and stamps; returns where they end."""
        paper, scale = self.paper, self.letters
        y = paper.height - self.margin
        for text, size, bold, colour in (
            (self.content.title, 15 * scale, True, INK),
            (self.content.subtitle, 9 * scale, False, SOFT),
            *((stamp.text, 9 * scale, True, STAMP) for stamp in self.content.stamps),
        ):
            for line in paper.wrapped(text, size, self.width, bold):
                y -= size * POINT * 1.0
                paper.text(self.margin, y, line, size, bold=bold, colour=colour)
                y -= size * POINT * (LINE_HEIGHT - 1.0) + 0.4
        return y - 2.0 * scale

    def note_lines(self, notes: Sequence[str], width: float) -> list[str]:
        """Notes in lines, with an empty one between them where they stand in a column."""
        gap = [""] if width < self.width else []
        lines = [line for note in notes for line in (*self.paper.wrapped(note, self.small, width), *gap)]
        return lines[:-1] if gap else lines

    def draw_notes(self, lines: Sequence[str], x: float, upper: float) -> None:
        """Write small lines, the first one's upper left corner at a place."""
        for position, line in enumerate(lines):
            y = upper - (0.8 + LINE_HEIGHT * position) * self.small * POINT
            self.paper.text(x, y, line, self.small, colour=SOFT)

    def draw_around(self, upper: float) -> Box:
        """Draw legend and notes beside and below the map; returns what is left for the map."""
        scale, size, step = self.letters, 8.5 * self.letters, self.step
        left, right, bottom = self.margin, self.margin + self.width, self.margin + step
        legend = legend_lines(self.content, with_dots=has_dots(self.content, *self._rough_size()))
        moves = movement_lines(self.content)
        if self.is_upright:
            gap = 6.0 * scale
            width = (self.width - 2 * gap) / 3
            notes = self.note_lines(self.content.notes, width)
            panels = [Panel(self.paper, lines, width, size) for lines in (legend, moves)]
            high = max(*(panel.height for panel in panels), len(notes) * step)
            for position, panel in enumerate(panels):
                panel.draw(left + position * (width + gap), bottom + high)
            self.draw_notes(notes, left + (2 if moves else 1) * (width + gap), bottom + high)
            return (left, bottom + high + 3 * scale, right, upper)
        notes = self.note_lines(self.content.notes, self.width)
        bottom += len(notes) * step
        self.draw_notes(notes, left, bottom)
        bottom += 2 * scale
        width, panels = _PANEL * scale, []
        while not panels or (sum(panel.height for panel in panels) > upper - bottom - 5 and size > 6):
            panels = [Panel(self.paper, lines, width, size) for lines in (legend, moves)]
            size -= 0.5
        panels[0].draw(right - width, upper)
        panels[1].draw(right - width, upper - panels[0].height - 4 * scale)
        return (left, bottom, right - width - 5 * scale, upper)

    def _rough_size(self) -> tuple[float, float]:
        """About how large the map is, before it is clear how much room the words need."""
        wide = self.width if self.is_upright else self.width - (_PANEL + 5) * self.letters
        return wide, self.paper.height - 5 * self.margin

    def draw_map(self, frame: Box) -> int:
        """Draw the map into a frame; returns how many areas have their name on it."""
        drawn = MapFrame(self.paper, self.content, frame, self.small)
        drawn.draw_ground()
        drawn.draw_areas()
        drawn.draw_scale(self.small)
        named = drawn.draw_names(self.content.order)
        drawn.draw_border()
        return named

    def draw_last_line(self, named: int) -> None:
        """Say at the foot how many areas have no name on the map, where that is so."""
        total, language = len(self.content.areas), self.content.language
        if named < total:
            counts = {"shown": number(named, language), "total": number(total, language)}
            text = word("static_map", "names_left_out", language, **counts)
            self.paper.text(self.margin, self.margin, text, self.small, colour=SOFT)


def draw_sheet(content: MapContent, size: Size = "A4", font: str | None = None) -> Figure:
    """A map as a sheet of paper.

    Parameters
    ----------
    content : MapContent
        What it shows (`geo_bosoc.outputs.static_map.themes.map_content`).
    size : {"A4", "A3"}, optional
        Of the paper; it lies or stands as the map is larger.
    font : str, optional
        The letters, where they are installed.

    Returns
    -------
    Figure
        Of that size.
    """
    sheet = Sheet(content, size, font)
    named = sheet.draw_map(sheet.draw_around(sheet.draw_head()))
    sheet.draw_last_line(named)
    return sheet.paper.figure
