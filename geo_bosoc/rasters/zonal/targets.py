"""What cells are counted in: areas, the municipality, all areas together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.indicators.counting.registers import AREAS

_OVERLAP: Final = 1e-4
"""Of the areas' m2 together: where they share less, all areas together are their sum."""


@dataclass(frozen=True)
class Targets:
    """The polygons that cells are counted in.

    Attributes
    ----------
    polygons : ndarray of Polygon or MultiPolygon, shape (n,)
        The areas; after them the outline of the municipality where it is known, and the union of the areas where they
        overlap.
    crs : pyproj.CRS
        Theirs, in metres.
    groups : mapping of str to DataFrame
        By target (areas, ``@municipality``, ``@areas``), ``area_id`` (the number of a polygon) and ``group`` (the id
        that it counts for).
    """

    polygons: NDArray[Any]
    crs: CRS
    groups: Mapping[str, pl.DataFrame]

    @staticmethod
    def of(areas: gpd.GeoDataFrame, outline: gpd.GeoDataFrame | None = None) -> Targets:
        """From layers of areas and of the municipality's outline.

        >>> areas = gpd.GeoDataFrame({"area_id": ["a"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=25832)
        >>> sorted(Targets.of(areas).groups)
        ['@areas', 'areas']
        """
        polygons = list(areas.geometry)
        numbers, ids = list(range(len(polygons))), [str(each) for each in areas["area_id"]]
        union = shapely.union_all(polygons)
        overlap = sum(polygon.area for polygon in polygons) - union.area > _OVERLAP * union.area
        groups = {AREAS: _group(numbers, ids)}
        if outline is not None:
            groups[MUNICIPALITY] = _group([len(polygons)], [MUNICIPALITY])
            polygons.append(shapely.union_all(list(outline.geometry)))
        if overlap:
            groups[ALL_AREAS] = _group([len(polygons)], [ALL_AREAS])
            polygons.append(union)
        else:
            groups[ALL_AREAS] = _group(numbers, [ALL_AREAS] * len(numbers))
        return Targets(np.array(polygons, dtype=object), CRS.from_user_input(areas.crs), groups)


def _group(numbers: Sequence[int], ids: Sequence[str]) -> pl.DataFrame:
    texts = pl.Series("group", ids, dtype=pl.Enum(sorted(set(ids))))
    return pl.DataFrame({"area_id": pl.Series(numbers, dtype=pl.UInt32), "group": texts})
