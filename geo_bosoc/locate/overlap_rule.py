"""Who gets a point that lies in several areas: a shared border is one thing, areas that overlap another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_bosoc.boundaries.geometry import SLIVER_WIDTH, mean_width, only_polygons
from geo_bosoc.locate.point_in_polygon import Codes, Hits, Ints
from geo_bosoc.memory import THREADS


@dataclass(frozen=True)
class Assigned:
    """Pairs of point and area, sorted by point, then area; and what was decided on the way.

    Attributes
    ----------
    point : ndarray of int
        The point of each pair.
    area : ndarray of int
        The area of each pair.
    several : int
        The number of points in several areas that overlap: they count in each.
    disputed : int
        The number of points that lie in several areas and count in only some of them.
    slivers : int
        The number of pairs of areas that overlap by less than `SLIVER_WIDTH`, where a point lies.
    overlapping : tuple of tuple of int
        The pairs of areas that overlap by more, where a point lies; empty if `overlap` was given.
    """

    point: Ints
    area: Codes
    several: int
    disputed: int
    slivers: int
    overlapping: tuple[tuple[int, int], ...] = ()


def assign_points(hits: Hits, areas: NDArray[Any], overlap: bool | None) -> Assigned:
    """Decide in which of the areas that it lies in a point counts.

    Parameters
    ----------
    hits : Hits
        The areas of each point, in the order of `areas`.
    areas : ndarray of Polygon
        The polygons.
    overlap : bool or None
        True: all of them. False: the first. None: an area gets the point if it overlaps every area before it that gets
        the point by more than a sliver; so the first of those that only share a border, and all of those that overlap.
        Whether two areas overlap depends on the two alone, never on the points.
    """
    more_point, more_area = hits.more_point, hits.more_area
    overlap_of: dict[int, tuple[bool, bool]] = {}
    if overlap is False:
        more_point, more_area = more_point[:0], more_area[:0]
    elif overlap is None and len(more_point):
        more_point, more_area, overlap_of = _overlapping(hits, areas)
    disputed = _fewer_areas(hits.more_point, more_point)
    point = np.flatnonzero(hits.first >= 0)
    area = hits.first if len(point) == len(hits.first) else hits.first[point]
    if len(more_point):
        insert_at = np.searchsorted(point, more_point, side="right")  # behind the first area of the point
        point, area = np.insert(point, insert_at, more_point), np.insert(area, insert_at, more_area)
    slivers = sum(is_sliver for _, is_sliver in overlap_of.values())
    broad = tuple(divmod(pair, len(areas)) for pair, (is_broad, _) in sorted(overlap_of.items()) if is_broad)
    return Assigned(point, area, len(np.unique(more_point)), disputed, slivers, broad)


def _fewer_areas(before: Ints, after: Ints) -> int:
    """How many points have fewer further areas after the rule than before it."""
    points, areas_before = np.unique(before, return_counts=True)
    points_after, areas_after = np.unique(after, return_counts=True)
    unchanged = areas_after == areas_before[np.searchsorted(points, points_after)]
    return len(points) - int(unchanged.sum())


def _overlapping(hits: Hits, areas: NDArray[Any]) -> tuple[Ints, Codes, dict[int, tuple[bool, bool]]]:
    """The further areas that keep their points, taken in order; and for each pair of areas that share a point,
    whether it overlaps broadly, and whether only by a sliver."""
    several = np.unique(hits.more_point)
    point = np.concatenate([several, hits.more_point])
    area = np.concatenate([hits.first[several], hits.more_area])
    order = np.lexsort((area, point))
    point, area = point[order], area[order]
    begins = np.flatnonzero(np.concatenate([[True], point[1:] != point[:-1]]))
    rank = np.arange(len(point)) - np.repeat(begins, np.diff(np.concatenate([begins, [len(point)]])))
    keep = np.ones(len(point), dtype=bool)
    overlap_of: dict[int, tuple[bool, bool]] = {}
    for later_rank in range(1, int(rank.max()) + 1):
        rows = np.flatnonzero(rank == later_rank)
        for earlier_rank in range(later_rank):
            earlier_rows = rows - later_rank + earlier_rank
            still_assigned = keep[earlier_rows]
            code = (
                area[earlier_rows][still_assigned].astype(np.int64) * len(areas) + area[rows][still_assigned]
            )
            pairs, place = np.unique(code, return_inverse=True)
            new = [int(pair) for pair in pairs if int(pair) not in overlap_of]
            overlap_of.update(zip(new, _overlaps(areas, np.array(new, dtype=np.int64)), strict=True))
            overlapping = np.array([overlap_of[int(pair)][0] for pair in pairs], dtype=bool)
            keep[rows[still_assigned]] &= overlapping[place]
    further = keep & (rank > 0)
    return point[further], area[further], overlap_of


def _overlaps(areas: NDArray[Any], pairs: Ints) -> list[tuple[bool, bool]]:
    """For pairs of areas (first * n + second): whether they overlap broadly, and whether only by a sliver."""
    first, second = areas[pairs // len(areas)], areas[pairs % len(areas)]
    overlaps_broadly, sliver_only = np.zeros(len(pairs), dtype=bool), np.zeros(len(pairs), dtype=bool)
    # That two areas only touch is seen more quickly than that they have no face in common.
    # Copies: no geometry is in two threads at once, whatever its owner has prepared.
    with ThreadPoolExecutor(THREADS) as pool:
        halves = (np.array_split(shapely.force_2d(polygons), THREADS) for polygons in (first, second))
        touching = np.concatenate(list(pool.map(shapely.touches, *halves)))
    inside = np.flatnonzero(~touching)
    common = shapely.intersection(first[inside], second[inside])
    faces, _ = only_polygons(np.asarray(common, dtype=object))
    parts, owner = shapely.get_parts(faces, return_index=True)
    broad = mean_width(parts) >= SLIVER_WIDTH
    overlaps_broadly[inside[owner[broad]]] = True
    sliver_only[inside[owner[~broad]]] = True
    return list(zip(overlaps_broadly.tolist(), (sliver_only & ~overlaps_broadly).tolist(), strict=True))
