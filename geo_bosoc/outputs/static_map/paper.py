"""A sheet of paper that is drawn on in millimetres from its lower left corner: text that is measured, shapes, lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import matplotlib as mpl
import matplotlib.patheffects
import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from geo_bosoc.outputs.plots.style import INK, RC

INCH: Final = 25.4
"""Millimetres."""
POINT: Final = INCH / 72
"""Millimetres."""
PLAIN_FONT: Final = "DejaVu Sans"
"""The font that comes with matplotlib."""
STYLE: Final[Any] = {**RC, "pdf.fonttype": 42}
"""Matplotlib's settings while a map is drawn and written."""
LINE_HEIGHT: Final = 1.28
"""Of a line of text, times the size of its letters."""
_PER_INCH: Final = 288
"""Pixels that text is measured in."""
_SAFE: Final = 1.02
"""Letters are set a little wider in some kinds of files."""

Align = Literal["left", "center", "right"]


def is_installed(font: str) -> bool:
    """Whether matplotlib finds a font of that name.

    >>> is_installed("DejaVu Sans"), is_installed("No Such Letters")
    (True, False)
    """
    return font.casefold() in {each.name.casefold() for each in fontManager.ttflist}


class Paper:
    """A sheet that is drawn on in millimetres.

    Parameters
    ----------
    width, height : float
        Millimetres.
    font : str, optional
        The letters; the signs that it lacks are taken from the plain font.
    """

    def __init__(self, width: float, height: float, font: str | None = None) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / INCH, height / INCH), facecolor="white")
        FigureCanvasAgg(self.figure)
        self.axes: Any = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(0, height)
        self.axes.set_axis_off()
        self._families = [font, PLAIN_FONT] if font and is_installed(font) else [PLAIN_FONT]
        self._renderer: Any = RendererAgg(8, 8, _PER_INCH)  # type: ignore[no-untyped-call]
        self._widths: dict[tuple[str, float, bool], float] = {}
        self._fonts: dict[tuple[float, bool], FontProperties] = {}

    def _font(self, size: float, bold: bool) -> FontProperties:
        key = (size, bold)
        if key not in self._fonts:
            weight = "bold" if bold else "normal"
            self._fonts[key] = FontProperties(family=self._families, size=size, weight=weight)
        return self._fonts[key]

    def width_of(self, text: str, size: float, bold: bool = False) -> float:
        """How wide a line of text is, in millimetres; its size is in points."""
        key = (text, size, bold)
        if key not in self._widths:
            font = self._font(size, bold)
            pixels, _, _ = self._renderer.get_text_width_height_descent(text, font, False)
            self._widths[key] = pixels / _PER_INCH * INCH * _SAFE
        return self._widths[key]

    def wrapped(self, text: str, size: float, width: float, bold: bool = False) -> list[str]:
        """Text in lines of at most a width; a word that is longer is broken."""
        lines: list[str] = []
        line = ""
        for word in text.split():
            longer = f"{line} {word}" if line else word
            if self.width_of(longer, size, bold) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            *full, line = self._broken(word, size, width, bold)
            lines += full
        return [*lines, line] if line else lines

    def _broken(self, word: str, size: float, width: float, bold: bool) -> list[str]:
        parts = [""]
        for letter in word:
            if parts[-1] and self.width_of(parts[-1] + letter, size, bold) > width:
                parts.append("")
            parts[-1] += letter
        return parts

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: str = INK,
        align: Align = "left",
        halo: float = 0,
        order: float = 10,
    ) -> Any:
        """A line of text on its baseline at `y`; a white halo of so many points round its letters."""
        drawn = self.axes.text(
            x,
            y,
            text,
            fontproperties=self._font(size, bold),
            color=colour,
            ha=align,
            va="baseline",
            zorder=order,
            parse_math=False,
        )
        if halo:
            stroke = mpl.patheffects.withStroke(linewidth=halo, foreground="white", capstyle="round")
            drawn.set_path_effects([stroke])
        return drawn

    def shape(
        self,
        geometry: Any,
        fill: str | None = None,
        line: str | None = None,
        width: float = 0,
        order: float = 1,
    ) -> Any:
        """A polygon, or several as one; the line's width is in points."""
        path = path_of(geometry)
        if path is None:
            return None
        patch = PathPatch(
            path,
            facecolor=fill or "none",
            edgecolor=line or "none",
            linewidth=width if line else 0,
            joinstyle="round",
            zorder=order,
        )
        return self.axes.add_artist(patch)

    def lines(
        self, lines: Sequence[Any], colour: str, width: float, *, alpha: float = 1, order: float = 1
    ) -> None:
        """Lines, each of places as an array of n x 2; the width is in points."""
        if len(lines):
            made = LineCollection(
                lines,
                colors=colour,
                linewidths=width,
                alpha=alpha,
                capstyle="butt",
                joinstyle="round",
                zorder=order,
            )
            self.axes.add_collection(made, autolim=False)


def line_parts(geometry: Any) -> Iterator[Any]:
    """The lines of a geometry as arrays of places; other parts are left out."""
    for part in shapely.get_parts(geometry):
        if part.geom_type in ("LineString", "LinearRing"):
            yield shapely.get_coordinates(part)
        elif part.geom_type == "MultiLineString":
            yield from line_parts(part)


def polygon_parts(geometry: Any) -> Iterator[Any]:
    """The polygons of a geometry; other parts are left out."""
    if geometry is None or geometry.is_empty:
        return
    if geometry.geom_type == "Polygon":
        yield geometry
    elif hasattr(geometry, "geoms"):
        for part in geometry.geoms:
            yield from polygon_parts(part)


def path_of(geometry: Any) -> Path | None:
    """The polygons of a geometry as one path, outer rings one way round and holes the other."""
    positions, codes = [], []
    for part in polygon_parts(geometry):
        turned = shapely.orient_polygons(part)
        for ring in (turned.exterior, *turned.interiors):
            corners = shapely.get_coordinates(ring)
            code = np.full(len(corners), Path.LINETO, dtype=Path.code_type)
            code[0], code[-1] = Path.MOVETO, Path.CLOSEPOLY
            positions.append(corners)
            codes.append(code)
    return Path(np.concatenate(positions), np.concatenate(codes)) if positions else None
