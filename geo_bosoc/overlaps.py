"""Who gets a point that lies in several areas: a shared border is one thing, areas that overlap another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_bosoc.point_in_area import Bools, Codes, Hits, Ints
from geo_bosoc.polygons import SLIVER_WIDTH, mean_width, only_polygons


@dataclass(frozen=True)
class Settled:
    """Pairs of point and area, sorted by point, then area; and what was decided on the way.

    Attributes
    ----------
    point, area : the pairs.
    several : the number of points in several areas that overlap: they count in each.
    disputed : the number of points that several areas held and that not all of them got.
    slivers : the number of pairs of areas that overlap by less than `SLIVER_WIDTH`, where a point lay.
    """

    point: Ints
    area: Codes
    several: int
    disputed: int
    slivers: int


def settle(hits: Hits, areas: NDArray[Any], overlap: bool | None) -> Settled:
    """Decide which of the areas that hold a point it counts in.

    Parameters
    ----------
    hits : the areas of each point, in the order of `areas`.
    areas : the polygons.
    overlap : True: all of them. False: the first. None: an area gets the point if it overlaps every area
        before it that gets the point by more than a sliver; so the first of those that only share a border,
        and all of those that overlap. Whether two areas overlap depends on the two alone, never on the
        points.
    """
    if overlap is False:
        point = np.flatnonzero(hits.first >= 0)
        disputed = len(np.unique(hits.more_point))
        return Settled(point, hits.first[point], 0, disputed, 0)
    point, area, rank = _all_pairs(hits)
    slivers = 0
    if overlap is None and len(hits.more_point):
        keep, slivers = _kept(point, area, rank, areas)
        lost = np.unique(point[~keep])
        point, area = point[keep], area[keep]
    else:
        lost = np.empty(0, dtype=np.int64)
    several = (
        int((np.diff(np.flatnonzero(np.r_[True, point[1:] != point[:-1], True])) > 1).sum())
        if len(point)
        else 0
    )
    return Settled(point, area, several, len(lost), slivers)


def _all_pairs(hits: Hits) -> tuple[Ints, Codes, Ints]:
    """Every pair of point and area, and its place among the areas of the point."""
    if not len(hits.more_point):
        point = np.flatnonzero(hits.first >= 0)
        return point, hits.first[point], np.zeros(len(point), dtype=np.int64)
    times = (hits.first >= 0).astype(np.int64)
    np.add.at(times, hits.more_point, 1)
    point = np.repeat(np.arange(len(times)), times)
    start = np.cumsum(times) - times
    rank = np.arange(len(point)) - start[point]
    area = np.empty(len(point), dtype=np.int32)
    area[rank == 0] = hits.first[hits.first >= 0]
    area[rank > 0] = hits.more_area
    return point, area, rank


def _kept(point: Ints, area: Codes, rank: Ints, areas: NDArray[Any]) -> tuple[Bools, int]:
    """The pairs that stay, taken area by area within each point; how many pairs of areas share a sliver."""
    keep = np.ones(len(point), dtype=bool)
    known: dict[int, tuple[bool, bool]] = {}
    for later in range(1, int(rank.max()) + 1):
        at = np.flatnonzero(rank == later)
        for earlier in range(later):
            before = at - later + earlier
            asked = keep[before]
            code = area[before][asked].astype(np.int64) * len(areas) + area[at][asked]
            pairs, place = np.unique(code, return_inverse=True)
            new = [int(pair) for pair in pairs if int(pair) not in known]
            known.update(zip(new, _overlaps(areas, np.array(new, dtype=np.int64)), strict=True))
            overlapping = np.array([known[int(pair)][0] for pair in pairs], dtype=bool)
            keep[at[asked]] &= overlapping[place]
    return keep, sum(sliver for _, sliver in known.values())


def _overlaps(areas: NDArray[Any], pairs: Ints) -> list[tuple[bool, bool]]:
    """For pairs of areas (first * n + second): whether they overlap broadly, and whether only by a sliver."""
    common = shapely.intersection(areas[pairs // len(areas)], areas[pairs % len(areas)])
    faces, _ = only_polygons(np.asarray(common, dtype=object))
    parts, owner = shapely.get_parts(faces, return_index=True)
    wide, thin = np.zeros(len(pairs), dtype=bool), np.zeros(len(pairs), dtype=bool)
    broad = mean_width(parts) >= SLIVER_WIDTH
    wide[owner[broad]] = True
    thin[owner[~broad]] = True
    return list(zip(wide.tolist(), (thin & ~wide).tolist(), strict=True))
