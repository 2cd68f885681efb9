"""Which areas hold each point: exact, in little more than the time of reading the points.

The test itself is shapely's (`shapely.intersects_xy` on prepared polygons: GEOS decides the side of an edge
with exact arithmetic, and a point on a boundary, a hole's included, is in). What is done here is to need it
seldom.

A grid of cells is laid over the areas, and every cell that the bounding box of an edge touches is marked.
No boundary runs through the other cells, so all points of a patch of unmarked cells that hang together lie
in the same areas, and testing one of them is enough; points in marked cells are tested one by one. This is
exact, not nearly so: a coordinate's cell is ``trunc((x - x0) * s)``, and rounding keeps the order of
numbers, so no point between an edge's ends in x and y can come out in a cell that the edge's box did not
mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_bosoc.memory import THREADS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Bools = NDArray[np.bool_]

_CHUNK: Final = 1 << 19
"""Points (or vertices) that one step takes at a time: what bounds the memory beyond input and result."""
_MOST_CELLS: Final = 1 << 24
_FEWEST_FOR_GRID: Final = 300_000
"""Points. Fewer are tested one by one in less time than it takes to import what numbers the patches of a grid."""
_SHORT: Final = 4
"""Cells. An edge that spans more is cut into pieces before its cells are marked."""


@dataclass(frozen=True)
class Hits:
    """The areas of each point.

    Attributes
    ----------
    first : ndarray of int
        For each point the first area (by its position in the given order) that it lies in, -1 where in none.
    more_point : ndarray of int
        The points that lie in several areas, once for each further area; sorted by point, then area.
    more_area : ndarray of int
        The further area of each of `more_point`.
    """

    first: Codes
    more_point: Ints
    more_area: Codes


def find_areas(x: Floats, y: Floats, areas: NDArray[Any], *, grid: bool | None = None) -> Hits:
    """Find the areas that each point lies in or on the boundary of.

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        Coordinates; a point with a NaN or infinite coordinate lies in no area.
    areas : ndarray of Polygon
        Valid polygons in the same CRS; missing and empty ones hold no point.
    grid : bool, optional
        Whether to lay a grid; left out, where it pays. The result is the same.

    Returns
    -------
    Hits
        Independent of the order of the points, and for each point in the order of `areas`.
    """
    first = np.full(len(x), -1, dtype=np.int32)
    usable = np.flatnonzero(~(shapely.is_missing(areas) | shapely.is_empty(areas)))
    none = Hits(first, np.empty(0, np.int64), np.empty(0, np.int32))
    if not len(x) or not len(usable):
        return none
    # Copies, so that nobody else's geometry is prepared.
    polygons = np.asarray(shapely.force_2d(areas[usable]), dtype=object)
    bounds = shapely.total_bounds(polygons)
    vertices = int(shapely.get_num_coordinates(polygons).sum())
    use_grid = len(x) > max(vertices // 8, _FEWEST_FOR_GRID) if grid is None else grid
    layout = _Layout.of(bounds, len(x)) if use_grid else None
    with ThreadPoolExecutor(THREADS) as pool:
        patches, count = _patches(polygons, layout, pool) if layout else (None, 0)
        label = _labels(x, y, bounds, layout, patches, pool)
        del patches
        # One point of each patch; the first place is for points that are tested, the last for those outside.
        sample = np.full(count + 2, -1, dtype=np.int64)
        for part in _slices(len(x)):
            sample[label[part]] = np.arange(part.start, part.stop)
        sample[[0, -1]] = -1
        sampled = np.flatnonzero(sample >= 0)
        single = np.flatnonzero(label == 0)
        tested = np.concatenate([sample[sampled], single])
        point, area = _test(x, y, tested, polygons, pool)
    order_area = usable.astype(np.int32)[area]
    of_patch = point < len(sampled)
    patch_first = np.full(count + 2, -1, dtype=np.int32)
    further_patch, further_patch_area = _first_and_further(
        patch_first, sampled[point[of_patch]], order_area[of_patch]
    )
    for part in _slices(len(x)):
        first[part] = patch_first[label[part]]
    more_point, more_area = _first_and_further(
        first, single[point[~of_patch] - len(sampled)], order_area[~of_patch]
    )
    if len(further_patch):
        spread = _spread(label, further_patch, further_patch_area, count)
        more_point = np.concatenate([more_point, spread[0]])
        more_area = np.concatenate([more_area, spread[1]])
    order = np.lexsort((more_area, more_point))
    return Hits(first, more_point[order], more_area[order])


@dataclass(frozen=True)
class _Layout:
    """A grid's place: cell (i, j) holds the points with ``trunc((x - west) * across) == i``, and so for y."""

    west: float
    south: float
    across: float
    up: float
    columns: int
    rows: int

    @classmethod
    def of(cls, bounds: Floats, points: int) -> _Layout | None:
        """A grid of about two cells a point, square cells; None where the areas' extent is too small for
        one."""
        west, south, east, north = (float(value) for value in bounds)
        width, height = east - west, north - south
        cells = min(2 * points, _MOST_CELLS)
        if not (width > 0 and height > 0):
            return None
        columns = int(min(max((cells * width / height) ** 0.5, 1), cells))
        rows = max(cells // columns, 1)
        finest = 1e4 * np.spacing(max(abs(value) for value in bounds))
        if width / columns < finest or height / rows < finest:
            return None
        return cls(west, south, columns / width, rows / height, columns, rows)

    def column(self, x: Floats) -> Codes:
        """The column of coordinates that lie within the bounds."""
        return np.minimum(((x - self.west) * self.across).astype(np.int32), np.int32(self.columns - 1))

    def row(self, y: Floats) -> Codes:
        """The row of coordinates that lie within the bounds."""
        return np.minimum(((y - self.south) * self.up).astype(np.int32), np.int32(self.rows - 1))


def _slices(length: int, step: int = _CHUNK) -> Iterator[slice]:
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def _patches(areas: NDArray[Any], layout: _Layout, pool: ThreadPoolExecutor) -> tuple[Codes, int]:
    """For each cell (row by row) the number of its patch from 1, 0 where an edge may run; the number of
    patches."""
    marked = np.zeros(layout.rows * layout.columns, dtype=bool)
    ends = np.cumsum(shapely.get_num_coordinates(areas))
    cuts = np.searchsorted(ends, np.arange(_CHUNK, ends[-1], _CHUNK))
    rings = [part for part in np.split(areas, np.unique(cuts)) if len(part)]
    list(pool.map(lambda part: _mark(part, layout, marked), rings))
    free = np.logical_not(marked, out=marked).reshape(layout.rows, layout.columns)
    label = np.empty(free.shape, dtype=np.int32)
    from scipy import ndimage  # slow to import, and not needed without a grid

    count = int(ndimage.label(free, output=label))
    return label.reshape(-1), count


def _mark(areas: NDArray[Any], layout: _Layout, marked: Bools) -> None:
    """Mark the cells that the boxes of these areas' edges touch."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(areas)), return_index=True)
    column, row = layout.column(xy[:, 0]), layout.row(xy[:, 1])
    marked[row * np.int32(layout.columns) + column] = True
    edge = np.flatnonzero((ring[1:] == ring[:-1]) & ((column[1:] != column[:-1]) | (row[1:] != row[:-1])))
    left = np.minimum(column[edge], column[edge + 1])
    low = np.minimum(row[edge], row[edge + 1])
    wide = np.abs(column[edge + 1] - column[edge])
    high = np.abs(row[edge + 1] - row[edge])
    long = (wide >= _SHORT) | (high >= _SHORT)
    _mark_boxes(left[~long], low[~long], wide[~long], high[~long], layout, marked)
    if long.any():
        _mark_long(xy, edge[long], np.maximum(wide, high)[long], layout, marked)


def _mark_boxes(left: Codes, low: Codes, wide: Codes, high: Codes, layout: _Layout, marked: Bools) -> None:
    corner = low * np.int32(layout.columns) + left
    for up in range(int(high.max(initial=0)) + 1):
        for right in range(int(wide.max(initial=0)) + 1):
            inside = (high >= up) & (wide >= right)
            marked[corner[inside] + np.int32(up * layout.columns + right)] = True


def _mark_long(xy: Floats, edge: Ints, span: Codes, layout: _Layout, marked: Bools) -> None:
    """Cut long edges into pieces of about a cell. A cut may be off by rounding, so a cell more is marked
    all round."""
    owner, nth = _repeated(span.astype(np.int64))
    start, step = xy[edge[owner]], (xy[edge + 1] - xy[edge])[owner]
    a = start + step * (nth / span[owner])[:, None]
    b = start + step * ((nth + 1) / span[owner])[:, None]
    east, north = layout.west + layout.columns / layout.across, layout.south + layout.rows / layout.up
    low, high = [layout.west, layout.south], [east, north]
    a, b = np.clip(a, low, high), np.clip(b, low, high)
    columns = np.stack([layout.column(a[:, 0]), layout.column(b[:, 0])])
    rows = np.stack([layout.row(a[:, 1]), layout.row(b[:, 1])])
    left = np.maximum(columns.min(axis=0) - 1, 0)
    below = np.maximum(rows.min(axis=0) - 1, 0)
    wide = np.minimum(columns.max(axis=0) + 1, layout.columns - 1) - left
    tall = np.minimum(rows.max(axis=0) + 1, layout.rows - 1) - below
    _mark_boxes(left, below, wide, tall, layout, marked)


def _labels(
    x: Floats,
    y: Floats,
    bounds: Floats,
    layout: _Layout | None,
    patches: Codes | None,
    pool: ThreadPoolExecutor,
) -> Codes:
    """For each point its patch, 0 where it has to be tested, -1 where it lies outside the bounds or
    nowhere."""
    label = np.zeros(len(x), dtype=np.int32)
    west, south, east, north = bounds

    def fill(part: slice) -> None:
        here_x, here_y = x[part], y[part]
        outside = ~((here_x >= west) & (here_x <= east) & (here_y >= south) & (here_y <= north))
        if layout is not None and patches is not None:
            if outside.any():
                here_x, here_y = np.where(outside, west, here_x), np.where(outside, south, here_y)
            cell = layout.row(here_y) * np.int32(layout.columns) + layout.column(here_x)
            np.take(patches, cell, out=label[part], mode="clip")
        label[part][outside] = -1

    list(pool.map(fill, _slices(len(x))))
    return label


@dataclass(frozen=True)
class _CandidateAreas:
    """Which areas a point may lie in: those whose bounds reach into its bin of a coarse grid."""

    layout: _Layout
    bounds: Floats
    start: Ints
    area: Codes

    @classmethod
    def of(cls, areas: NDArray[Any]) -> _CandidateAreas:
        bounds = np.asarray(shapely.bounds(areas), dtype=np.float64)
        total_bounds = shapely.total_bounds(areas)
        layout = _Layout.of(total_bounds, 2 * len(areas)) or _Layout(
            float(total_bounds[0]), float(total_bounds[1]), 0.0, 0.0, 1, 1
        )
        left, right = (layout.column(bounds[:, side]).astype(np.int64) for side in (0, 2))
        low, high = (layout.row(bounds[:, side]).astype(np.int64) for side in (1, 3))
        wide = right - left + 1
        owner, nth = _repeated(wide * (high - low + 1))
        cell = (low[owner] + nth // wide[owner]) * layout.columns + left[owner] + nth % wide[owner]
        order = np.argsort(cell, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=layout.rows * layout.columns))])
        return cls(layout, bounds, start, owner[order].astype(np.int32))

    def bins(self, x: Floats, y: Floats) -> Codes:
        """The bins of points that lie within the bounds of all areas."""
        return self.layout.row(y) * np.int32(self.layout.columns) + self.layout.column(x)

    def pair_count(self, cell: Codes) -> int:
        """How many pairs there are to look at."""
        return int((self.start[cell + 1] - self.start[cell]).sum())

    def pairs(self, x: Floats, y: Floats, cell: Codes, pool: ThreadPoolExecutor) -> tuple[Ints, Codes]:
        """Pairs of point and area whose bounds hold the point; those of each thread's share of the points are sorted by
        area."""
        shares = list(_slices(len(x), max(1, -(-len(x) // THREADS))))
        pairs_by_share = list(pool.map(lambda share: self._pairs(x[share], y[share], cell[share]), shares))
        if not pairs_by_share:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        points = [point + share.start for share, (point, _) in zip(shares, pairs_by_share, strict=True)]
        return np.concatenate(points), np.concatenate([area for _, area in pairs_by_share])

    def _pairs(self, x: Floats, y: Floats, cell: Codes) -> tuple[Ints, Codes]:
        """Pairs of point and area whose bounds hold the point, sorted by area."""
        point, nth = _repeated(self.start[cell + 1] - self.start[cell])
        area = self.area[self.start[cell[point]] + nth]
        px, py = x[point], y[point]
        west, south, east, north = self.bounds.T
        near = np.flatnonzero(
            (px >= west[area]) & (px <= east[area]) & (py >= south[area]) & (py <= north[area])
        )
        point, area = point[near], area[near]
        narrow = (
            np.uint16 if len(self.bounds) <= np.iinfo(np.uint16).max else np.int32
        )  # 16 bits: a radix sort
        order = np.argsort(area.astype(narrow), kind="stable")
        return point[order], area[order]


def _test(
    x: Floats, y: Floats, tested: Ints, areas: NDArray[Any], pool: ThreadPoolExecutor
) -> tuple[Ints, Codes]:
    """Pairs (place in `tested`, area) of points that lie in areas, tested one by one."""
    candidates = _CandidateAreas.of(areas)
    shapely.prepare(areas)
    points_inside, areas_inside = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int32)]
    waiting = list(_slices(len(tested)))[::-1]
    while waiting:
        part = waiting.pop()
        px, py = x[tested[part]], y[tested[part]]
        cell = candidates.bins(px, py)
        if len(cell) > 1 and candidates.pair_count(cell) > 4 * _CHUNK:  # areas upon areas: in smaller steps
            half_way = (part.start + part.stop) // 2
            waiting += [slice(half_way, part.stop), slice(part.start, half_way)]
            continue
        point, area = candidates.pairs(px, py, cell, pool)
        inside = _inside(px, py, point, area, areas, pool)
        points_inside.append(point[inside] + part.start)
        areas_inside.append(area[inside])
    return np.concatenate(points_inside), np.concatenate(areas_inside)


def _inside(
    x: Floats, y: Floats, point: Ints, area: Codes, areas: NDArray[Any], pool: ThreadPoolExecutor
) -> Ints:
    """The pairs whose point lies in the area. Areas are fastest to ask that are asked one after the other."""
    # GEOS builds a prepared polygon's index when it is first asked, so no area may be in two threads at once.
    cut = area[len(area) // (2 * THREADS)] if len(area) else 0  # the middle one of the first sorted share
    shares = [np.flatnonzero(area < cut), np.flatnonzero(area >= cut)]

    def hits(share: Ints) -> Ints:
        points = point[share]
        inside: Ints = share[shapely.intersects_xy(areas[area[share]], x[points], y[points])]
        return inside

    return np.concatenate(list(pool.map(hits, shares)))


def _repeated(times: Ints) -> tuple[Ints, Ints]:
    """Each place as often as `times` says, and which of its repetitions it is, from 0."""
    owner = np.repeat(np.arange(len(times)), times)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(times) - times, times)


def _first_and_further(first: Codes, owner: Ints, area: Codes) -> tuple[Ints, Codes]:
    """Write each owner's least area into `first`; the pairs that are left over."""
    order = np.argsort(area, kind="stable")[::-1]
    owner, area = owner[order], area[order]
    first[owner] = area  # of several writes to one place the last one stays: the least area
    further = first[owner] != area
    return owner[further], area[further]


def _spread(label: Codes, patch: Ints, area: Codes, count: int) -> tuple[Ints, Codes]:
    """The further areas of patches, for each point of these patches."""
    order = np.argsort(patch, kind="stable")
    patch, area = patch[order], area[order]
    areas_per_patch = np.bincount(patch, minlength=count + 2)
    start = np.cumsum(areas_per_patch) - areas_per_patch
    point = np.flatnonzero(areas_per_patch[label] > 0)
    times = areas_per_patch[label[point]]
    owner, nth = _repeated(times)
    return point[owner], area[start[label[point[owner]]] + nth]
