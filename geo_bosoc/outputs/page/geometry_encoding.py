"""Geometry for a page: degrees as whole steps of a millionth, written once and small.

A step is 0.11 m northwards and about 0.06 m eastwards in Denmark. Every vertex is rounded for itself and
none is left out of an area's outline, so that a border two areas share stays the same line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

STEP: Final = 1e-6
"""Degrees."""
CONTEXT_TOLERANCE: Final = 2.0
"""Metres that the lines of a context layer may move when it is thinned out."""

Role = Literal["land", "water", "wood", "outline", "thin", "line"]

_WATER: Final = re.compile(
    r"sea|coast|lake|water|river|fjord|bay|hav|kyst|sø|soe|vand|å$|bugt", re.IGNORECASE
)
_WOOD: Final = re.compile(r"wood|forest|park|green|skov|grøn", re.IGNORECASE)
_MINOR: Final = re.compile(r"local|street|path|track|residential|lokal|gade|sti\b", re.IGNORECASE)
_DRAWN_FIRST: Final[Mapping[Role, int]] = {
    "land": 0,
    "wood": 1,
    "water": 2,
    "outline": 3,
    "thin": 4,
    "line": 5,
}


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
    """Layers drawn quietly beneath the areas, those that lie lowest first.

    What a layer is follows from its geometry first and its name second: lines are roads or borders; one
    polygon that holds most of the areas is land; other polygons are water or wood where the name says so,
    else outlines. Points are left out.

    Returns
    -------
    list of dict
        ``role``, and ``polygons`` or ``lines`` (see `encode`).
    """
    middles = shapely.union_all(areas.geometry.representative_point().to_numpy())
    layers: list[dict[str, Any]] = []
    for name, layer in context.items():
        if layer.empty:
            continue
        thinned = layer.to_crs(areas.crs).geometry.simplify(CONTEXT_TOLERANCE)
        role = _role(name, thinned, middles)
        degrees = thinned.to_crs(4326)
        if role == "line":
            minor = _minor(layer)
            for part, line_role in ((degrees[minor], "thin"), (degrees[~minor], "line")):
                lines = [line for geometry in part for line in encode_lines(geometry)]
                layers.append({"role": line_role, "lines": lines})
        else:
            polygons = [polygon for geometry in degrees for polygon in encode(geometry)]
            layers.append({"role": role, "polygons": polygons})
    drawn = [layer for layer in layers if layer.get("polygons") or layer.get("lines")]
    return sorted(drawn, key=lambda layer: _DRAWN_FIRST[layer["role"]])


def _minor(lines: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Which lines are drawn thin: those whose `kind` says that they are streets and paths."""
    if "kind" not in lines.columns:
        return np.zeros(len(lines), dtype=bool)
    return np.array([bool(_MINOR.search(str(kind))) for kind in lines["kind"]], dtype=bool)


def _role(name: str, shapes: gpd.GeoSeries, middles: Any) -> Role:
    if not shapes.geom_type.isin(["Polygon", "MultiPolygon", "GeometryCollection"]).any():
        return "line"
    area_count = max(shapely.get_num_geometries(middles), 1)
    areas_inside = shapely.get_num_geometries(
        middles.intersection(shapely.union_all(shapely.make_valid(shapes.to_numpy())))
    )
    if areas_inside * 2 > area_count:
        return "land" if len(shapes) == 1 or _WATER.search(name) else "outline"
    if _WATER.search(name):
        return "water"
    return "wood" if _WOOD.search(name) else "outline"
