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
    point, area : the pairs.
    several : the number of points in several areas that overlap: they count in each.
    disputed : the number of points that several areas held and that not all of them got.
    slivers : the number of pairs of areas that overlap by less than `SLIVER_WIDTH`, where a point lay.
    overlapping : the pairs of areas that overlap by more, where a point lay; not looked for if `overlap`
        was given.
    """

    point: Ints
    area: Codes
    several: int
    disputed: int
    slivers: int
    overlapping: tuple[tuple[int, int], ...] = ()


def settle(hits: Hits, areas: NDArray[Any], overlap: bool | None) -> Assigned:
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
    more_point, more_area = hits.more_point, hits.more_area
    known: dict[int, tuple[bool, bool]] = {}
    if overlap is False:
        more_point, more_area = more_point[:0], more_area[:0]
    elif overlap is None and len(more_point):
        more_point, more_area, known = _overlapping(hits, areas)
    held, got = (np.unique(owner, return_counts=True) for owner in (hits.more_point, more_point))
    disputed = len(held[0]) - int((got[1] == held[1][np.searchsorted(held[0], got[0])]).sum())
    point = np.flatnonzero(hits.first >= 0)
    area = hits.first if len(point) == len(hits.first) else hits.first[point]
    if len(more_point):
        at = np.searchsorted(point, more_point, side="right")  # behind the first area of the point
        point, area = np.insert(point, at, more_point), np.insert(area, at, more_area)
    slivers = sum(thin for _, thin in known.values())
    broad = tuple(divmod(pair, len(areas)) for pair, (wide, _) in sorted(known.items()) if wide)
    return Assigned(point, area, len(np.unique(more_point)), disputed, slivers, broad)


def _overlapping(hits: Hits, areas: NDArray[Any]) -> tuple[Ints, Codes, dict[int, tuple[bool, bool]]]:
    """The further areas that keep their points, taken in order; what was found of each pair of areas."""
    several = np.unique(hits.more_point)
    point = np.concatenate([several, hits.more_point])
    area = np.concatenate([hits.first[several], hits.more_area])
    order = np.lexsort((area, point))
    point, area = point[order], area[order]
    begins = np.flatnonzero(np.concatenate([[True], point[1:] != point[:-1]]))
    rank = np.arange(len(point)) - np.repeat(begins, np.diff(np.concatenate([begins, [len(point)]])))
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
    stays = keep & (rank > 0)
    return point[stays], area[stays], known


def _overlaps(areas: NDArray[Any], pairs: Ints) -> list[tuple[bool, bool]]:
    """For pairs of areas (first * n + second): whether they overlap broadly, and whether only by a sliver."""
    first, second = areas[pairs // len(areas)], areas[pairs % len(areas)]
    wide, thin = np.zeros(len(pairs), dtype=bool), np.zeros(len(pairs), dtype=bool)
    # That two areas only touch is seen more quickly than that they have no face in common.
    # Copies: no geometry is in two threads at once, whatever its owner has prepared.
    with ThreadPoolExecutor(THREADS) as pool:
        halves = (np.array_split(shapely.force_2d(each), THREADS) for each in (first, second))
        touching = np.concatenate(list(pool.map(shapely.touches, *halves)))
    inside = np.flatnonzero(~touching)
    common = shapely.intersection(first[inside], second[inside])
    faces, _ = only_polygons(np.asarray(common, dtype=object))
    parts, owner = shapely.get_parts(faces, return_index=True)
    broad = mean_width(parts) >= SLIVER_WIDTH
    wide[inside[owner[broad]]] = True
    thin[inside[owner[~broad]]] = True
    return list(zip(wide.tolist(), (thin & ~wide).tolist(), strict=True))
