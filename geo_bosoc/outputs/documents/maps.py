"""Maps of papers: small ones in documents, with one area or more in a thick outline; sheets as files of their own."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from geo_bosoc.outputs.documents.document import Picture
from geo_bosoc.outputs.documents.papers import Papers
from geo_bosoc.outputs.plots.style import DPI
from geo_bosoc.outputs.static_map.content import MapContent
from geo_bosoc.outputs.static_map.files import write_map
from geo_bosoc.outputs.static_map.ground import Ground
from geo_bosoc.outputs.static_map.map_frame import MapFrame, has_dots
from geo_bosoc.outputs.static_map.multiples import draw_series, series_contents
from geo_bosoc.outputs.static_map.panel import Panel, legend_lines, movement_lines
from geo_bosoc.outputs.static_map.paper import STYLE, Paper
from geo_bosoc.outputs.static_map.sheet import Size, draw_sheet
from geo_bosoc.outputs.static_map.themes import main_themes, map_content
from geo_bosoc.outputs.static_map.words import some_names
from geo_bosoc.text.catalogue import word

_LEGEND: Final = 46.0
"""Millimetres of the legend's column."""
_LETTERS: Final = 6.5


@dataclass(frozen=True)
class _DrawnMap:
    """A map that is drawn once, and then marked.

    Attributes
    ----------
    frame : MapFrame
        The map.
    background : object
        What is drawn of it, as dots.
    """

    frame: MapFrame
    background: Any


def map_picture(
    papers: Papers,
    theme: str,
    period: str,
    *,
    marked: Sequence[str] = (),
    width_cm: float = 16.0,
) -> Picture:
    """A small map for a document.

    It is drawn once for a theme and a period, and marked anew for each area, so that sixty profiles take seconds.

    Parameters
    ----------
    papers : Papers
        Whose document it is for.
    theme : str
        The id of a model or an indicator.
    period : str
        One of the results' periods.
    marked : sequence of str, optional
        Ids of areas that get a thick outline, and alone a name. Left out, all names stand on the map, and the signs
        of what moved.
    width_cm : float, optional
        The picture's.

    Raises
    ------
    InputError
        There is no such theme or period.
    """
    with mpl.rc_context(STYLE):
        base = _drawn_map(papers, theme, period, not marked, width_cm)
        content, paper = base.frame.content, base.frame.paper
        positions = content.places_of(marked)
        canvas: Any = paper.figure.canvas
        if positions:
            before = set(paper.axes.get_children())
            base.frame.mark(positions)
            base.frame.draw_names(positions, with_moves=False, bold=True)
            canvas.restore_region(base.background)
            drawn = [each for each in paper.axes.get_children() if each not in before]
            for artist in sorted(drawn, key=lambda each: each.get_zorder()):
                paper.axes.draw_artist(artist)
                artist.remove()
        png = _png(np.asarray(canvas.buffer_rgba()))
        if positions:
            canvas.restore_region(base.background)
    return Picture(png, _alt(content, positions), caption=content.title, width=width_cm)


def _drawn_map(papers: Papers, theme: str, period: str, with_names: bool, width_cm: float) -> _DrawnMap:
    """The map without marks, drawn where it is not there yet."""
    key = ("map", theme, period, with_names, width_cm)
    if key not in papers.drawings:
        content = map_content(papers.published, theme, period, papers.by_chance, _ground(papers))
        papers.drawings[key] = _draw(content, with_names, width_cm * 10)
    base = papers.drawings[key]
    assert isinstance(base, _DrawnMap)
    return base


def _ground(papers: Papers) -> Ground:
    """What lies beneath the areas, for all maps of the papers."""
    ground = papers.drawings.setdefault("ground", Ground(papers.published.areas, papers.published.context))
    assert isinstance(ground, Ground)
    return ground


def _draw(content: MapContent, with_names: bool, width: float) -> _DrawnMap:
    """Draw a map with its legend at the right."""
    room = width - _LEGEND - 4.0
    west, south, east, north = content.ground.extent
    height = min(max(room * (north - south) / (east - west), 0.45 * width), 0.9 * width)
    paper = Paper(width, height)
    paper.figure.set_dpi(DPI)
    frame = MapFrame(paper, content, (0.3, 0.3, room, height - 0.3), _LETTERS)
    frame.draw_ground()
    frame.draw_areas()
    frame.draw_scale(_LETTERS)
    if with_names:
        frame.draw_names(content.order)
    frame.draw_border()
    lines = legend_lines(
        content, with_dots=has_dots(content, room - 0.3, height - 0.6), with_counts=with_names
    )
    lines += movement_lines(content) if with_names else []
    size = 7.5
    panel = Panel(paper, lines, _LEGEND, size)
    while panel.height > height and size > 5.5:
        size -= 0.5
        panel = Panel(paper, lines, _LEGEND, size)
    panel.draw(width - _LEGEND, height - 0.5)
    canvas: Any = paper.figure.canvas
    canvas.draw()
    return _DrawnMap(frame, canvas.copy_from_bbox(paper.figure.bbox))


def _png(dots: Any) -> bytes:
    """A picture's dots as PNG, which says how large it is."""
    out = io.BytesIO()
    picture = Image.fromarray(dots).convert("RGB")
    picture.save(out, "PNG", dpi=(DPI, DPI), compress_level=6)
    return out.getvalue()


def _alt(content: MapContent, positions: Sequence[int]) -> str:
    """What the picture shows: of marked areas their class, else all of it."""
    if not positions:
        return content.alt
    names = [str(content.areas["name"].iloc[position]) for position in positions]
    labels = {content.classes[content.drawn[position]].label for position in positions}
    marked = (
        f"{some_names(names, content.language)}: {labels.pop()}"
        if len(labels) == 1
        else some_names(names, content.language)
    )
    return word("static_map", "alt_marked", content.language, title=content.title, marked=marked)


def write_static_maps(papers: Papers, folder: Path) -> None:
    """Write the maps that `[documents.maps]` asks for into a folder."""
    part, published = papers.part.maps, papers.published
    if part is None:
        return

    def write(content: MapContent, periods: str, draw: Callable[[Size], Figure]) -> None:
        for size in part.sizes:
            stem = f"{content.theme}_{periods}_{size.lower()}"
            write_map(draw(size), content, [folder / f"{stem}.{ending}" for ending in part.formats])

    with mpl.rc_context(STYLE):
        for theme in part.themes or main_themes(published):
            for period in part.periods or published.periods[-1:]:
                content = map_content(published, theme, period, papers.by_chance, _ground(papers))
                write(content, period, partial(draw_sheet, content, font=part.font))
            periods = part.periods or published.periods
            if part.small_multiples and len(periods) > 1:
                contents = series_contents(published, theme, periods, _ground(papers))
                name = f"{contents[0].period}-{contents[-1].period}"
                write(contents[-1], name, partial(draw_series, contents, font=part.font))
