"""How far points are from the nearest shape of a layer, in a straight line."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

POINTS_AT_ONCE: Final = 200_000
"""So many points are measured together."""
_FEW_CORNERS: Final = 256
"""A line or an outline with more corners is looked up by its single edges."""


def distance_to_nearest(
    x: ArrayLike, y: ArrayLike, layer: gpd.GeoDataFrame | gpd.GeoSeries
) -> NDArray[np.float64]:
    """How far each point is from the nearest shape of a layer, in a straight line.

    Nobody walks in a straight line: a distance by roads is longer, by a quarter or a third in a town, and by much more
    across a railway or a harbour.

    Parameters
    ----------
    x, y : array-like of float, shape (n,)
        Coordinates of the points in the layer's CRS; NaN for a point without a place.
    layer : GeoDataFrame or GeoSeries
        Points, lines or polygons in a CRS in metres; empty shapes are left out.

    Returns
    -------
    ndarray of float, shape (n,)
        Metres, 0 inside a polygon; NaN for a point without a place, and everywhere where the layer holds no shape.

    Examples
    --------
    >>> schools = gpd.GeoSeries(gpd.points_from_xy([0, 1000], [0, 0]), crs=25832)
    >>> distance_to_nearest([0, 300, 800, float("nan")], [0, 400, 0, 0], schools).tolist()
    [0.0, 500.0, 200.0, nan]
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    metres = np.full(len(xs), np.nan)
    placed = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys))
    shapes = np.asarray(layer.geometry if isinstance(layer, gpd.GeoDataFrame) else layer, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not shapes.size or not placed.size:
        return metres
    nearby, inside = _trees(shapely.get_parts(shapes))
    for start in range(0, len(placed), POINTS_AT_ONCE):
        part = placed[start : start + POINTS_AT_ONCE]
        points = shapely.points(xs[part], ys[part])
        numbers, distances = nearby.query_nearest(points, return_distance=True, all_matches=False)
        metres[part[numbers[0]]] = distances
        metres[part[inside.query(points, predicate="intersects")[0]]] = 0.0
    return metres


def _trees(shapes: NDArray[np.object_]) -> tuple[shapely.STRtree, shapely.STRtree]:
    """What a point may be near to, shapes with many corners by their single edges; and those of them that it may lie
    in."""
    is_long = shapely.get_num_coordinates(shapes) > _FEW_CORNERS
    long = shapes[is_long]
    areas = long[shapely.get_dimensions(long) == 2]
    lines = np.concatenate(
        [long[shapely.get_dimensions(long) == 1], shapely.get_parts(shapely.boundary(areas))]
    )
    shapely.prepare(areas)
    return shapely.STRtree(np.concatenate([shapes[~is_long], _edges(lines)])), shapely.STRtree(areas)


def _edges(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """The single edges of lines."""
    if not lines.size:
        return lines
    corners, number = shapely.get_coordinates(lines, return_index=True)
    follows = number[:-1] == number[1:]
    return np.asarray(
        shapely.linestrings(np.stack([corners[:-1][follows], corners[1:][follows]], axis=1)), dtype=object
    )
