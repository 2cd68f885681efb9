"""Geometry for a page: degrees as whole steps of a millionth, written once and small.

A step is 0.11 m northwards and about 0.06 m eastwards in Denmark; areas of very many vertices have a coarser one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, log2
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo_bosoc.outputs.context import LINES, context_parts
from geo_bosoc.outputs.page.page_model import Overlay
from geo_bosoc.outputs.page.shared_borders import METRES_PER_DEGREE, shared_borders, simplified

STEP: Final = 1e-6
"""Degrees."""
DEEPEST_ZOOM: Final = 18
"""Of a map of few vertices: a third of a metre a dot."""
LEAST_ZOOM: Final = 15
"""The deepest zoom of a map of very many vertices: 2.7 m a dot."""
TOLERANCE: Final = 0.25
"""Metres that a border may lie from its place where `DEEPEST_ZOOM` is offered; twice as many for each zoom less."""
VERTICES: Final = 250_000
"""Of all areas, each by itself, that `DEEPEST_ZOOM` is offered for."""
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


def encode_points(geometries: Sequence[Any]) -> list[int]:
    """Points of geometries in EPSG:4326, one after the other as in `encode`; points in the same place once."""
    points = [part.coords[0] for each in geometries for part in _parts(each, "Point")]
    return _differences(np.asarray(points)[:, :2]) if points else []


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


def encode_areas(areas: gpd.GeoDataFrame) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Borders of areas, each line once, and of each area which lines go round it.

    Lines are rounded and thinned out so that none lies farther from its place than three quarters of a screen's dot
    where the map is seen from nearest. That is zoom `DEEPEST_ZOOM`, and one less for each time that the areas have
    twice as many vertices as `VERTICES`, down to `LEAST_ZOOM`.

    Parameters
    ----------
    areas : GeoDataFrame
        In metres.

    Returns
    -------
    borders : dict
        ``step`` (degrees), ``zoom`` (the deepest that the lines are good for) and ``lines``, each
        ``[dx, dy, ...]``: the first pair is the way from the end of the line before, each further pair from the
        vertex before.
    outlines : list of dict
        In the order of `areas`: ``rings`` (``[polygon [ring [line]]]`` as in `Borders`), ``inside``
        (``[latitude, longitude]`` of a point surely inside), ``bounds`` (``[[south, west], [north, east]]``) and
        ``size`` (square metres, whole).
    """
    degrees = areas.geometry.to_crs(4326)
    zoom = deepest_zoom(int(shapely.get_num_coordinates(degrees.to_numpy()).sum()))
    coarser = 2 ** (DEEPEST_ZOOM - zoom)
    borders = shared_borders(degrees.to_numpy(), STEP * coarser)
    rounding = borders.step * METRES_PER_DEGREE / 2**0.5
    borders = simplified(borders, TOLERANCE * coarser - rounding)
    inside = gpd.GeoSeries(areas.geometry.representative_point(), crs=areas.crs).to_crs(4326)
    outlines = [
        {
            "rings": polygons,
            "inside": None if point.is_empty else [round(point.y, 6), round(point.x, 6)],
            "bounds": bounds(geometry),
            "size": round(size),
        }
        for polygons, geometry, point, size in zip(
            borders.areas, degrees, inside, areas.geometry.area, strict=True
        )
    ]
    return {"step": borders.step, "zoom": zoom, "lines": _chained(borders.lines)}, outlines


def deepest_zoom(vertices: int) -> int:
    """How near a map of so many vertices is seen from.

    >>> [deepest_zoom(vertices) for vertices in (1_000, 250_000, 250_001, 1_000_000, 9_000_000)]
    [18, 18, 17, 16, 15]
    """
    doublings = ceil(log2(max(vertices / VERTICES, 1)))
    return max(DEEPEST_ZOOM - doublings, LEAST_ZOOM)


def _chained(lines: Sequence[NDArray[np.int64]]) -> list[list[int]]:
    """Lines as moves: to the first vertex from the end of the line before, to each further one from the one before."""
    ends = np.array([(0, 0), *(line[-1] for line in lines)])
    return [
        np.diff(line, axis=0, prepend=end[np.newaxis]).ravel().tolist()
        for line, end in zip(lines, ends, strict=False)
    ]


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


def bounds_of(encoded_areas: Sequence[Mapping[str, Any]]) -> list[list[float]] | None:
    """``[[south, west], [north, east]]`` of all outlines (`encode_areas`), None where all are empty.

    >>> bounds_of([{"bounds": [[55.1, 9.2], [55.3, 9.3]]}, {"bounds": None}, {"bounds": [[55.2, 9.1], [55.4, 9.3]]}])
    [[55.1, 9.1], [55.4, 9.3]]
    """
    ends = [each["bounds"] for each in encoded_areas if each["bounds"] is not None]
    if not ends:
        return None
    corners = np.array(ends)
    return [corners[:, 0].min(axis=0).tolist(), corners[:, 1].max(axis=0).tolist()]


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
                "visible": overlay.visible,
                "count": len(features) if overlay.count is None else overlay.count,
                "features": features,
            }
        )
    return encoded


def overlay_words(overlays: Sequence[Overlay]) -> list[dict[str, Any]]:
    """The words of overlays: ``label, note, counted`` and ``features``, each with ``title`` and ``lines``."""
    return [
        {
            "label": overlay.label,
            "note": overlay.note,
            "counted": overlay.counted,
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
