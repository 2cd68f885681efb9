"""What is drawn quietly beneath the areas of a map: which layer of context is land, water, wood, a border or a road."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

Role = Literal["land", "water", "wood", "outline", "thin", "line"]

NAMED_COLOURS: Final = ("#1d2126", "#5b2a86", "#00524c", "#7a3b00", "#0b3d91", "#7d1128")
"""Of layers that have a name, in their order: dark, for a white line goes round them."""

LINES: Final[frozenset[Role]] = frozenset({"thin", "line"})
"""The roles of layers of lines."""

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


def context_parts(
    context: Mapping[str, gpd.GeoDataFrame], areas: gpd.GeoDataFrame, tolerance: float
) -> list[tuple[Role, gpd.GeoSeries]]:
    """The shapes of layers of context with how they are drawn, those that lie lowest first.

    What a layer is follows from its geometry first and its name second: lines are roads or borders; one
    polygon that holds most of the areas is land; other polygons are water or wood where the name says so,
    else outlines. Points are left out.

    Parameters
    ----------
    context : mapping of str to GeoDataFrame
        Layers by name.
    areas : GeoDataFrame
        The areas above them.
    tolerance : float
        Metres that lines may move when they are thinned out; 0 leaves them as they are.

    Returns
    -------
    list of (Role, GeoSeries)
        In the areas' CRS. Streets and paths are apart from larger roads where `kind` tells them.
    """
    middles = shapely.union_all(areas.geometry.representative_point().to_numpy())
    parts: list[tuple[Role, gpd.GeoSeries]] = []
    for name, layer in context.items():
        if layer.empty:
            continue
        shapes = layer.to_crs(areas.crs).geometry
        if tolerance > 0:
            shapes = shapes.simplify(tolerance)
        role = _role(name, shapes, middles)
        if role == "line":
            minor = _minor(layer)
            parts += [("thin", shapes[minor]), ("line", shapes[~minor])]
        else:
            parts.append((role, shapes))
    return sorted(parts, key=lambda part: _DRAWN_FIRST[part[0]])


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
