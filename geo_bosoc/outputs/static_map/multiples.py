"""A theme over the years on one sheet: a small map for each period, and one legend with the counts of all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from matplotlib.figure import Figure

from geo_bosoc.disclosure.results import PublishedResults, stamp_texts
from geo_bosoc.outputs.static_map.content import MapContent
from geo_bosoc.outputs.static_map.ground import Box, Ground
from geo_bosoc.outputs.static_map.map_frame import MapFrame, fitting_scale, has_dots
from geo_bosoc.outputs.static_map.panel import SMALL_SIGN, Line, Panel
from geo_bosoc.outputs.static_map.paper import POINT
from geo_bosoc.outputs.static_map.sheet import Sheet, Size
from geo_bosoc.outputs.static_map.themes import map_content
from geo_bosoc.outputs.static_map.words import series_title
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import number

_GAP: Final = 3.0
"""Millimetres between maps."""
_CAPTION: Final = 5.0
"""Millimetres above each map for its period."""


def series_contents(
    published: PublishedResults, theme: str | None, periods: Sequence[str], ground: Ground | None = None
) -> list[MapContent]:
    """What each map of a series shows, all with the title and the text of the series.

    Parameters
    ----------
    published : PublishedResults
        What may be shown.
    theme : str or None
        The id of a model or an indicator; None for the first.
    periods : sequence of str
        The results' periods that are wanted, in any order.
    ground : Ground, optional
        What lies beneath the areas, where other maps have it too.

    Raises
    ------
    InputError
        There is no such theme or period.
    """
    ground = ground or Ground(published.areas, published.context)
    contents = [map_content(published, theme, period, ground=ground) for period in sorted(set(periods))]
    last = contents[-1]
    title = series_title(published, last.theme, contents[0].period, last.period)
    shown = word(
        "static_map", "alt_series", last.language, periods=", ".join(each.period for each in contents)
    )
    lines = (f"{line.text}: {'; '.join(line.numbers)}." for line in _legend(contents, with_dots=False)[1:])
    alt = " ".join([*stamp_texts(published), f"{title}.", shown, *lines])
    return [replace(content, title=title, alt=alt) for content in contents]


def draw_series(contents: Sequence[MapContent], size: Size = "A4", font: str | None = None) -> Figure:
    """Small maps of several periods on one sheet.

    Parameters
    ----------
    contents : sequence of MapContent
        As `series_contents` gives them.
    size : {"A4", "A3"}, optional
        Of the paper.
    font : str, optional
        The letters, where they are installed.
    """
    last = contents[-1]
    sheet = Sheet(last, size, font, upright=False)
    paper, scale = sheet.paper, sheet.letters
    upper = sheet.draw_head()
    notes = sheet.note_lines(last.notes, sheet.width)
    lower = sheet.margin + len(notes) * sheet.step
    sheet.draw_notes(notes, sheet.margin, lower)
    column = 58.0 * scale + 7.0 * scale * len(contents)
    frames = _grid(
        (sheet.margin, lower + 2 * scale, sheet.margin + sheet.width - column, upper), last, len(contents)
    )
    for frame, content in zip(frames, contents, strict=True):
        drawn = MapFrame(paper, content, frame, sheet.small)
        drawn.draw_ground()
        drawn.draw_areas()
        if content is contents[0]:
            drawn.draw_scale(sheet.small * 0.85)
        drawn.draw_border()
        paper.text(frame[0], frame[3] + 9 * scale * POINT * 0.4, content.period, 9 * scale, bold=True)
    wide, high = frames[0][2] - frames[0][0], frames[0][3] - frames[0][1]
    dots = has_dots(last, wide, high)
    panel = Panel(paper, _legend(contents, with_dots=dots), column - 5 * scale, 8 * scale)
    panel.draw(sheet.margin + sheet.width - column + 5 * scale, upper - 1.0)
    return paper.figure


def _grid(room: Box, content: MapContent, count: int) -> list[Box]:
    """Frames for so many maps, in rows, as large as may be."""
    west, south, east, north = room
    extent = content.ground.extent

    def sides(columns: int) -> tuple[float, float]:
        rows = math.ceil(count / columns)
        wide = (east - west - _GAP * (columns - 1)) / columns
        high = (north - south - _GAP * (rows - 1)) / rows - _CAPTION
        return wide, high

    columns = max(range(1, count + 1), key=lambda each: (fitting_scale(extent, *sides(each)), -each))
    wide, high = sides(columns)
    shape = (extent[3] - extent[1]) / (extent[2] - extent[0])
    wide, high = min(wide, high / shape), min(high, wide * shape)
    frames = []
    for place in range(count):
        row, column = divmod(place, columns)
        left, upper = west + column * (wide + _GAP), north - row * (high + _GAP + _CAPTION) - _CAPTION
        frames.append((left, upper - high, left + wide, upper))
    return frames


def _legend(contents: Sequence[MapContent], *, with_dots: bool) -> list[Line]:
    """Every class that has areas in some period, or is a model's own, with its counts in each."""
    language = contents[-1].language
    heading = word("static_map", "legend_heading", language)
    lines = [Line(heading, True, numbers=tuple(content.period for content in contents))]
    for drawn in contents[-1].classes:
        counts = [next((line.now for line in each.legend if line.drawn == drawn), None) for each in contents]
        if any(count is not None for count in counts):
            figures = tuple(number(count or 0, language) for count in counts)
            lines.append(Line(drawn.label, fill=drawn.fill, numbers=figures))
    if with_dots:
        lines.append(Line(word("static_map", "small_area", language), signs=(SMALL_SIGN,)))
    return lines
