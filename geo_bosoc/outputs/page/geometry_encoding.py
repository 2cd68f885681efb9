"""Geometry for a page: degrees as whole steps of a millionth, written once and small.

A step is 0.11 m northwards and about 0.06 m eastwards in Denmark. Every vertex is rounded for itself and
none is left out of an area's outline, so that a border two areas share stays the same line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geo_bosoc.outputs.context import LINES, context_parts
from geo_bosoc.outputs.page.page_model import Overlay

STEP: Final = 1e-6
"""Degrees."""
CONTEXT_TOLERANCE: Final = 2.0
"""Metres that the lines of a context layer may move when it is thinned out."""


def encode(geometry: Any) -> list[list[list[int]]]:
    """Polygons of a geometry in EPSG:4326 as ``[polygon [ring [x, y, dx, dy, ...]]]`` in steps of `STEP`.

    The first pair of a ring is its place, each further pair the way from the one before. The closing point is
    left out.
    """
    return [
        [_differences(np.asarray(ring.coords)[:-1, :2]) for ring in (part.exterior, *part.interiors)]
        for part in _parts(geometry, "Polygon")
    ]


def encode_lines(geometry: Any) -> list[list[int]]:
    """Lines of a geometry in EPSG:4326, each as in `encode`."""
    return [_differences(np.asarray(part.coords)[:, :2]) for part in _parts(geometry, "LineString")]


def _parts(geometry: Any, kind: str) -> list[Any]:
    if geometry is None or geometry.is_empty:
        return []
    if geometry.geom_type == kind:
        return [geometry]
    if hasattr(geometry, "geoms"):
        return [part for each in geometry.geoms for part in _parts(each, kind)]
    return []


def _differences(points: NDArray[np.float64]) -> list[int]:
    steps = np.rint(points / STEP).astype(np.int64)
    moves = np.diff(steps, axis=0)
    steps_taken = moves[(moves != 0).any(axis=1)]
    return [int(number) for number in np.vstack([steps[:1], steps_taken]).ravel()]


def area_outlines(areas: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Outline, a point surely inside, bounds and size of each area, in the order of `areas`.

    Returns
    -------
    list of dict
        ``rings`` (see `encode`), ``inside`` (``[latitude, longitude]``), ``bounds`` (``[[south, west],
        [north, east]]``) and ``size`` (square metres, whole).
    """
    degrees = areas.geometry.to_crs(4326)
    inside = gpd.GeoSeries(areas.geometry.representative_point(), crs=areas.crs).to_crs(4326)
    outlines = []
    for geometry, point, size in zip(degrees, inside, areas.geometry.area, strict=True):
        outlines.append(
            {
                "rings": encode(geometry),
                "inside": None if point.is_empty else [round(point.y, 6), round(point.x, 6)],
                "bounds": bounds(geometry),
                "size": round(size),
            }
        )
    return outlines


def bounds(geometry: Any) -> list[list[float]] | None:
    """``[[south, west], [north, east]]`` of a geometry in EPSG:4326, None where it is empty."""
    if geometry is None or geometry.is_empty:
        return None
    west, south, east, north = geometry.bounds
    return [[round(south, 6), round(west, 6)], [round(north, 6), round(east, 6)]]


def context_layers(context: Mapping[str, gpd.GeoDataFrame], areas: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Layers drawn quietly beneath the areas, those that lie lowest first (`geo_bosoc.outputs.context`).

    Returns
    -------
    list of dict
        ``role``, and ``polygons`` or ``lines`` (see `encode`).
    """
    layers: list[dict[str, Any]] = []
    for role, shapes in context_parts(context, areas, CONTEXT_TOLERANCE):
        degrees = shapes.to_crs(4326)
        if role in LINES:
            layers.append({"role": role, "lines": [line for each in degrees for line in encode_lines(each)]})
        else:
            layers.append({"role": role, "polygons": [part for each in degrees for part in encode(each)]})
    return [layer for layer in layers if layer.get("polygons") or layer.get("lines")]


def bounds_of(areas: gpd.GeoDataFrame) -> list[list[float]] | None:
    """``[[south, west], [north, east]]`` of all areas in degrees, None where all are empty."""
    degrees = areas.geometry.to_crs(4326)
    if degrees.is_empty.all():
        return None
    west, south, east, north = degrees.total_bounds
    return [[round(south, 6), round(west, 6)], [round(north, 6), round(east, 6)]]


def overlay_data(overlays: Sequence[Overlay], areas: Sequence[str]) -> list[dict[str, Any]]:
    """Overlays as plain data for the page.

    Parameters
    ----------
    overlays : sequence of Overlay
        The page's.
    areas : sequence of str
        Ids in the order of the page's areas.

    Returns
    -------
    list of dict
        ``id, colour, dash, pattern, count`` and ``features``, each with ``rings`` (see `encode`), ``corner``
        (``[latitude, longitude]``: the north-western corner of its largest part's bounds, where the badge stands),
        ``count`` and ``area`` (its place among the areas, or None).
    """
    positions = {str(area): index for index, area in enumerate(areas)}
    encoded = []
    for overlay in overlays:
        shapes = _drawn_features(overlay)
        degrees = shapes.geometry.to_crs(4326)
        features = []
        for row, shape in zip(shapes.drop(columns="geometry").to_dict("records"), degrees, strict=True):
            parts = shape.geoms if hasattr(shape, "geoms") else [shape]
            ends = bounds(max(parts, key=lambda part: part.area))
            features.append(
                {
                    "rings": encode(shape),
                    "corner": [ends[1][0], ends[0][1]] if ends else None,
                    "count": int(row["count"]),
                    "area": positions.get(str(row["area"])),
                }
            )
        encoded.append(
            {
                "id": overlay.id,
                "colour": overlay.colour,
                "dash": overlay.dash,
                "pattern": overlay.pattern,
                "count": len(features) if overlay.count is None else overlay.count,
                "features": features,
            }
        )
    return encoded


def overlay_words(overlays: Sequence[Overlay]) -> list[dict[str, Any]]:
    """The words of overlays: ``label, note`` and ``features``, each with ``title`` and ``lines``."""
    return [
        {
            "label": overlay.label,
            "note": overlay.note,
            "features": [
                {"title": str(row["title"]), "lines": [str(line) for line in row["lines"]]}
                for row in _drawn_features(overlay).drop(columns="geometry").to_dict("records")
            ],
        }
        for overlay in overlays
    ]


def _drawn_features(overlay: Overlay) -> gpd.GeoDataFrame:
    """The features that have a shape."""
    return overlay.features[overlay.features.geometry.notna() & ~overlay.features.geometry.is_empty]
