"""The fills of classes on paper: colour, and the map page's hatching as lines and dots that end at the area's edge."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely

from geo_bosoc.outputs.static_map.paper import INCH, Paper, line_parts
from geo_bosoc.text.colours import STRIPE, STRIPE_ANGLE, Fill, Hatch

PIXEL: Final = INCH / 96
"""Millimetres of a page's pixel, which hatching is given in."""
_BAND_LINE: Final = "#2b2b2b"
_ALPHA: Final = 0.7


def draw_fill(paper: Paper, shape: Any, fill: Fill, scale: float = 1.0, order: float = 3) -> None:
    """Fill a shape as the map page fills it.

    Parameters
    ----------
    paper : Paper
        What is drawn on.
    shape : BaseGeometry
        Polygons, in millimetres.
    fill : Fill
        Colour, hatching or bands.
    scale : float, optional
        Of the hatching: under 1 where areas are so small that they would hold a line or two.
    order : float, optional
        What lies higher is drawn later.
    """
    if shape.is_empty:
        return
    paper.shape(shape, fill=fill.colour, order=order)
    if fill.stripes:
        _draw_bands(paper, shape, fill, scale, order)
    elif fill.hatch is not None and fill.hatch.dots:
        _draw_dots(paper, shape, fill.hatch, fill.ink, scale, order)
    elif fill.hatch is not None:
        hatch = fill.hatch
        width = hatch.width * PIXEL * scale / INCH * 72
        for angle in (hatch.angle, hatch.angle + 90) if hatch.cross else (hatch.angle,):
            lines = _parallels(shape, angle, hatch.spacing * PIXEL * scale)
            inside = shapely.intersection(lines, shape)
            paper.lines(list(line_parts(inside)), fill.ink, width, alpha=_ALPHA, order=order + 0.1)


def _axes(angle: float) -> tuple[Any, Any]:
    """The direction of lines, clockwise from upright, and the one across them."""
    turn = np.radians(angle)
    return np.array([np.sin(turn), np.cos(turn)]), np.array([np.cos(turn), -np.sin(turn)])


def _steps(shape: Any, direction: Any, spacing: float) -> Any:
    """The whole steps along a direction that a shape's bounds reach over, counted from the paper's corner."""
    west, south, east, north = shape.bounds
    corners = np.array([(west, south), (west, north), (east, south), (east, north)]) @ direction
    return np.arange(np.floor(corners.min() / spacing), np.ceil(corners.max() / spacing) + 1)


def _parallels(shape: Any, angle: float, spacing: float) -> Any:
    """Parallel lines over the bounds of a shape: in the same places whatever the shape."""
    along, across = _axes(angle)
    reach = _steps(shape, along, 1.0)
    ends = np.array([reach[0], reach[-1]])
    offsets = _steps(shape, across, spacing) * spacing
    positions = offsets[:, None, None] * across + ends[None, :, None] * along
    return shapely.multilinestrings(shapely.linestrings(positions))


def _draw_dots(paper: Paper, shape: Any, hatch: Hatch, ink: str, scale: float, order: float) -> None:
    spacing = hatch.spacing * PIXEL * scale
    along, across = _axes(hatch.angle)
    rows, columns = np.meshgrid(_steps(shape, along, spacing), _steps(shape, across, spacing))
    positions = (rows.ravel()[:, None] * along + columns.ravel()[:, None] * across) * spacing
    shapely.prepare(shape)
    inside = positions[shapely.contains_xy(shape, positions[:, 0], positions[:, 1])]
    if len(inside):
        radius = (hatch.width / 2 + 0.3) * PIXEL * scale
        circles = shapely.buffer(shapely.points(inside), radius, quad_segs=3)
        paper.shape(shapely.intersection(shapely.multipolygons(circles), shape), fill=ink, order=order + 0.1)


def _draw_bands(paper: Paper, shape: Any, fill: Fill, scale: float, order: float) -> None:
    """Slanting bands in each colour, with a thin dark line between bands."""
    band = STRIPE * PIXEL * scale
    along, across = _axes(STRIPE_ANGLE)
    reach = _steps(shape, along, 1.0)
    count = len(fill.stripes)
    for position, colour in enumerate(fill.stripes[1:], 1):
        starts = (_steps(shape, across, band * count) * count + position) * band
        ends = np.array([[0.0, reach[0]], [band, reach[0]], [band, reach[-1]], [0.0, reach[-1]]])
        corners = (starts[:, None] + ends[None, :, 0])[..., None] * across + ends[None, :, 1, None] * along
        bands = shapely.multipolygons(shapely.polygons(corners))
        paper.shape(shapely.intersection(bands, shape), fill=colour, order=order + 0.05)
    lines = shapely.intersection(_parallels(shape, STRIPE_ANGLE, band), shape)
    paper.lines(list(line_parts(lines)), _BAND_LINE, 0.75 * scale, order=order + 0.1)
