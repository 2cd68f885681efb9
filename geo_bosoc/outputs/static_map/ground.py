"""What lies beneath the areas of a map, and how far a map reaches: worked out once for all maps of the same areas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from geo_bosoc.outputs.context import Role, context_parts

Box = tuple[float, float, float, float]
"""West, south, east and north."""

_MARGIN: Final = 0.06
"""Share of the areas' extent that stays free on each side."""
_MUNICIPALITY: Final = 1.6
"""The municipality is shown as a whole where it is at most so many times as wide and high as its areas lie."""
_ISLAND: Final = 0.03
"""Parts of the municipality under this share of its area may lie off the map."""
_SEEN: Final = 0.08
"""Millimetres on paper that a line of the context may move when it is thinned out."""


class Ground:
    """The layers of context beneath areas, for any number of maps of these.

    Parameters
    ----------
    areas : GeoDataFrame
        The areas.
    context : mapping of str to GeoDataFrame
        Layers by name.
    """

    def __init__(self, areas: gpd.GeoDataFrame, context: Mapping[str, gpd.GeoDataFrame]) -> None:
        self._areas, self._context = areas, context
        self._on_paper: dict[tuple[float, float, float, Box], list[tuple[Role, Any]]] = {}

    @cached_property
    def extent(self) -> Box:
        """What a map shows, in the areas' coordinates: the areas with a margin, or the municipality they fill."""
        shapes = self._areas.geometry[self._areas.geometry.notna() & ~self._areas.geometry.is_empty]
        if shapes.empty:
            return (0.0, 0.0, 1000.0, 1000.0)
        west, south, east, north = (float(each) for each in shapes.total_bounds)
        wide, high = max(east - west, 200.0), max(north - south, 200.0)
        for role, layer in context_parts(self._context, self._areas, 0.0):
            if role == "land":
                parts = shapely.get_parts(layer.to_numpy())
                parts = parts[shapely.area(parts) >= _ISLAND * shapely.area(parts).sum()]
                land = tuple(float(each) for each in shapely.total_bounds(parts))
                if land[2] - land[0] <= _MUNICIPALITY * wide and land[3] - land[1] <= _MUNICIPALITY * high:
                    west, south = min(west, land[0]), min(south, land[1])
                    east, north = max(east, land[2]), max(north, land[3])
                    wide, high = max(east - west, 200.0), max(north - south, 200.0)
        middle, margin = ((west + east) / 2, (south + north) / 2), 1 + 2 * _MARGIN
        return (
            middle[0] - wide / 2 * margin,
            middle[1] - high / 2 * margin,
            middle[0] + wide / 2 * margin,
            middle[1] + high / 2 * margin,
        )

    def on_paper(self, scale: float, start: tuple[float, float], frame: Box) -> list[tuple[Role, Any]]:
        """The layers of context in millimetres, thinned out to what can be seen and cut at a frame.

        Parameters
        ----------
        scale : float
            Millimetres of a metre.
        start : (float, float)
            Where on paper the coordinates' origin would lie.
        frame : tuple of float
            West, south, east and north, in millimetres.

        Returns
        -------
        list of (Role, ndarray)
            How each is drawn, and its geometries; those that lie lowest first.
        """
        key = (scale, *start, frame)
        if key not in self._on_paper:
            parts = context_parts(self._context, self._areas, _SEEN / scale)
            self._on_paper[key] = [
                (role, cut_on_paper(shapes.to_numpy(), scale, start, frame)) for role, shapes in parts
            ]
        return self._on_paper[key]


def cut_on_paper(geometries: Any, scale: float, start: tuple[float, float], frame: Box) -> Any:
    """Geometries in millimetres, cut at a frame.

    >>> square = cut_on_paper([shapely.box(0, 0, 400, 400)], 0.01, (1.0, 1.0), (0.0, 0.0, 4.0, 4.0))
    >>> shapely.bounds(square).tolist()
    [[1.0, 1.0, 4.0, 4.0]]
    """
    moved = shapely.transform(np.asarray(geometries), lambda positions: positions * scale + np.array(start))
    return shapely.clip_by_rect(shapely.make_valid(moved), *frame)
