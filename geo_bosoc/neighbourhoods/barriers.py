"""Barriers: which side of the water and the motorways a location lies on.

The land within the bounding box of the locations is cut along the barrier lines and the barrier polygons are taken out;
what is left falls apart into pieces, and two locations can be neighbours only on the same piece.
"""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo_bosoc.boundaries.geometry import CRS
from geo_bosoc.neighbourhoods.inputs import Ints
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

_MARGIN: Final = 1.0
"""Metres of land outside the outermost locations."""
_GRID: Final = 0.01
"""Metres: barriers are cut against each other in whole centimetres, as locations are told apart."""

_LINES: Final = ("LineString", "MultiLineString", "LinearRing")
_POLYGONS: Final = ("Polygon", "MultiPolygon")


def barrier_parts(barriers: gpd.GeoDataFrame, report: Report) -> tuple[NDArray[Any], NDArray[Any]]:
    """The barriers' lines and valid polygons in EPSG:25832; what is neither is an error, what is empty a warning."""
    shapes = np.asarray(barriers.geometry.array, dtype=object)
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not usable.all():
        report.warn("barriers without geometry are left out.", file="barriers", count=int((~usable).sum()))
    if barriers.crs is None:
        report.warn(
            phrase("the barriers tell no CRS; they are taken to be in {crs}.", crs=CRS), file="barriers"
        )
    elif not pyproj.CRS(barriers.crs).to_2d().equals(pyproj.CRS(CRS), ignore_axis_order=True):
        move = pyproj.Transformer.from_crs(barriers.crs, CRS, always_xy=True)
        shapes = shapely.transform(shapes, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    parts = shapely.get_parts(shapely.make_valid(shapely.force_2d(shapes[usable])))
    while "GeometryCollection" in (kinds := np.array([part.geom_type for part in parts], dtype=object)):
        parts = shapely.get_parts(parts)
    lines, polygons = np.isin(kinds, _LINES), np.isin(kinds, _POLYGONS)
    if not (lines | polygons).all():
        report.error(
            "a barrier is a line or a polygon; points are neither.",
            hint="Leave them out.",
            file="barriers",
            count=int((~(lines | polygons)).sum()),
        )
    return parts[lines], parts[polygons]


def sides(x: Ints, y: Ints, barriers: gpd.GeoDataFrame, report: Report) -> Ints:
    """The piece of land each location lies on, as a number; the order of locations and barriers does not matter.

    Parameters
    ----------
    x, y : ndarray of int
        Coordinates of the locations in whole centimetres (EPSG:25832).
    barriers : GeoDataFrame
        Lines and polygons.
    report : Report
        Takes how many locations lie on or in a barrier. They (a houseboat, a house that the outline of a lake runs
        through) go with the nearest piece of land, the westernmost and southernmost one where several are as near.

    Returns
    -------
    ndarray of int
        The piece of land of each location.
    """
    lines, polygons = barrier_parts(barriers, report)
    if not x.size or report.errors:
        return np.zeros(x.size, np.int64)
    frame = shapely.box(
        x.min() / 100 - _MARGIN, y.min() / 100 - _MARGIN, x.max() / 100 + _MARGIN, y.max() / 100 + _MARGIN
    )
    lines = lines[shapely.intersects(lines, frame)]
    polygons = polygons[shapely.intersects(polygons, frame)]
    cuts = shapely.union_all([*lines, *shapely.boundary(polygons), shapely.boundary(frame)], grid_size=_GRID)
    faces = shapely.get_parts(shapely.polygonize([cuts]))
    faces = faces[_is_land(faces, frame, polygons)]
    if not faces.size:
        report.error("the barriers cover all of the land.", file="barriers")
        return np.zeros(x.size, np.int64)
    faces = faces[np.lexsort((shapely.area(faces), *shapely.bounds(faces).T[::-1]))]
    side, touched = _first_face(x, y, faces)
    astray = np.flatnonzero(side < 0)
    if astray.size:
        points = shapely.points(x[astray] / 100, y[astray] / 100)
        point, face = shapely.STRtree(faces).query_nearest(points, all_matches=True)
        nearest = np.full(astray.size, faces.size, np.int64)
        np.minimum.at(nearest, point, face)
        side[astray] = nearest
    touching = int(astray.size + (touched > 1).sum())
    if touching:
        report.warn(
            "places on or in a barrier are counted with the nearest land.", file="barriers", count=touching
        )
    return side


def _is_land(faces: NDArray[Any], frame: shapely.Geometry, polygons: NDArray[Any]) -> NDArray[np.bool_]:
    """The faces inside the frame that no barrier polygon covers."""
    inner = shapely.point_on_surface(faces)
    land = np.asarray(shapely.intersects(inner, frame), dtype=bool)
    if polygons.size:
        wet, _ = shapely.STRtree(polygons).query(inner, predicate="intersects")
        land[wet] = False
    return land


def _first_face(x: Ints, y: Ints, faces: NDArray[Any]) -> tuple[Ints, Ints]:
    """The first face that each location lies in or on (-1 where there is none), and how many it touches."""
    side = np.full(x.size, -1, np.int64)
    touched = np.zeros(x.size, np.int64)
    order = np.argsort(x, kind="stable")
    east = x[order]
    bounds = shapely.bounds(faces) * 100
    shapely.prepare(faces)
    for number, (low_x, low_y, high_x, high_y) in enumerate(bounds):
        near = order[np.searchsorted(east, np.floor(low_x)) : np.searchsorted(east, np.ceil(high_x), "right")]
        near = near[(y[near] >= np.floor(low_y)) & (y[near] <= np.ceil(high_y))]
        if not near.size:
            continue
        here = near[shapely.intersects_xy(faces[number], x[near] / 100, y[near] / 100)]
        touched[here] += 1
        side[here[side[here] < 0]] = number
    return side, touched
