"""Borders of areas on a grid: each line once, whichever areas it parts, and simplified once, so that none drifts apart.

The lines are those of TopoJSON: a ring is cut where the areas that share its border change, and what two rings have in
common is one line. Each line is thinned by Douglas and Peucker's rule with its ends fixed, which holds the distance to
the line as it was (`shapely.coverage_simplify` does not, and leaves a quarter to a third more vertices at the same
tolerance); where that would make an area invalid, or two areas of a coverage overlap, their lines stay as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

METRES_PER_DEGREE: Final = 111_700.0
"""Of latitude, at most; of longitude so many times the cosine of the latitude, at most."""

FINER: Final = (1, 4, 20, 100)
"""What a step is divided by, where it is too coarse for an area."""
DRIFT: Final = 2
"""Steps as asked for that an area may lose where rounding it takes more than moving its vertices."""
WORTH_IT: Final = 0.95
"""Lines stay as they are where more than this share of their vertices would stay."""

Grid = NDArray[np.int64]
Polygons = list[list[list[int]]]


@dataclass(frozen=True)
class Borders:
    """Areas as lines on a grid.

    Attributes
    ----------
    step : float
        Of the grid, in degrees.
    lines : list of ndarray of shape (vertices, 2)
        Longitude and latitude in whole steps, with both ends.
    areas : list of list of list of list of int
        Of each area its polygons, of each polygon its rings (the outer one first), of each ring its lines: the place in
        `lines`, or -1 minus it where the line is walked backwards. A line begins where the one before it ends.
    """

    step: float
    lines: list[Grid]
    areas: list[Polygons]

    @property
    def vertices(self) -> int:
        """Of all lines."""
        return sum(map(len, self.lines))

    @cached_property
    def polygons(self) -> NDArray[Any]:
        """A multipolygon for each area, in steps of the grid; empty where an area has no part left."""
        rings = [
            (area, part, self.ring(ring))
            for area, polygons in enumerate(self.areas)
            for part, polygon in enumerate(polygons)
            for ring in polygon
        ]
        return _multipolygons(rings, len(self.areas))

    @cached_property
    def is_valid(self) -> NDArray[np.bool_]:
        """Of each area."""
        return np.asarray(shapely.is_valid(self.polygons))

    @cached_property
    def is_edge_fault(self) -> NDArray[np.bool_]:
        """Which areas have edges that overlap another area, or do not match its edges."""
        shapes = self.polygons.copy()
        shapes[~self.is_valid] = shapely.MultiPolygon()
        return ~np.asarray(shapely.is_empty(shapely.coverage_invalid_edges(shapes)))

    def ring(self, references: Sequence[int]) -> Grid:
        """The vertices of a ring, the first one once more at the end."""
        walked = [self.lines[each] if each >= 0 else self.lines[~each][::-1] for each in references]
        return np.concatenate([line[:-1] for line in walked] + [walked[0][:1]])


def _multipolygons(rings: Sequence[tuple[int, int, Grid]], areas: int) -> NDArray[Any]:
    """Multipolygons of rings with the area and the part that they belong to, each part's outer ring first."""
    shapes = np.full(areas, shapely.MultiPolygon(), dtype=object)
    if not rings:
        return shapes
    points = np.concatenate([ring for _, _, ring in rings]).astype(float)
    lengths = [len(ring) for _, _, ring in rings]
    closed = np.asarray(shapely.linearrings(points, indices=np.repeat(np.arange(len(rings)), lengths)))
    parts = {key: index for index, key in enumerate(dict.fromkeys((area, part) for area, part, _ in rings))}
    members = np.array([parts[area, part] for area, part, _ in rings])
    polygons = np.asarray(shapely.polygons(closed, indices=members))
    owners = np.array([area for area, _ in parts])
    shapes[np.unique(owners)] = shapely.multipolygons(
        polygons, indices=np.unique(owners, return_inverse=True)[1]
    )
    return shapes


def shared_borders(degrees: NDArray[Any], step: float) -> Borders:
    """The lines of areas in EPSG:4326, rounded to a grid.

    Parts and holes that are smaller than a step are gone. Where rounding would make an area invalid, it gets further
    vertices, or loses a neck that is too narrow (`shapely.set_precision`); the grid is finer than asked for where it
    would lose much by that.

    Parameters
    ----------
    degrees : ndarray
        The areas' polygons.
    step : float
        Degrees.

    Examples
    --------
    >>> halves = shared_borders(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]), 1.0)
    >>> halves.areas, len(halves.lines)
    ([[[[0, 1]]], [[[-1, 2]]]], 3)
    """
    was_valid = shapely.is_valid(degrees) & (shapely.area(degrees) > 0)
    for finer in FINER:
        steps = shapely.transform(degrees, partial(np.multiply, finer / step))
        rounded = shapely.transform(steps, np.rint)
        broken = was_valid & ~np.asarray(shapely.is_valid(rounded))
        rounded[broken] = shapely.set_precision(steps[broken], 1.0)
        drift = [
            _outer(steps[each]).hausdorff_distance(_outer(rounded[each])) for each in np.flatnonzero(broken)
        ]
        if all(each <= DRIFT * finer for each in drift):  # NaN where nothing is left
            break
    return _cut_at_nodes(rounded, step / finer)


def _outer(area: Any) -> Any:
    """The outlines of an area's parts, but for those of a few steps."""
    parts = shapely.get_parts(area)
    sizes = shapely.area(parts)
    return shapely.multilinestrings(
        shapely.get_exterior_ring(parts[sizes >= min(DRIFT**2, sizes.max(initial=0))])
    )


def _cut_at_nodes(rounded: NDArray[Any], step: float) -> Borders:
    """Borders of areas whose vertices lie on the grid, in its steps."""
    owner, part, sizes, points = _rings(rounded)
    areas: list[Polygons] = [[] for _ in rounded]
    lines: list[Grid] = []
    if not len(sizes):
        return Borders(step, lines, areas)
    vertex = _vertex_numbers(points)
    ends = np.cumsum(sizes)
    starts = ends - sizes
    is_node = _nodes(vertex, starts, ends)
    numbers: dict[bytes, int] = {}
    before = -1
    for ring, (start, end) in enumerate(zip(starts, ends, strict=True)):
        references = []
        for places in _cuts(vertex, is_node, int(start), int(end)):
            walk = vertex[places]
            forward, backward = walk.tobytes(), walk[::-1].tobytes()
            if backward in numbers and forward not in numbers:
                references.append(~numbers[backward])
                continue
            if forward not in numbers:
                numbers[forward] = len(lines)
                lines.append(points[places])
            references.append(numbers[forward])
        polygons = areas[owner[ring]]
        if part[ring] != before:
            polygons.append([])
            before = part[ring]
        polygons[-1].append(references)
    return Borders(step, lines, areas)


def _rings(rounded: NDArray[Any]) -> tuple[Any, Any, Any, Grid]:
    """Of each ring its area, its part and how many vertices it has; the vertices, no closing ones among them."""
    pieces, owner = shapely.get_parts(rounded, return_index=True)
    inner, index = shapely.get_parts(pieces, return_index=True)  # a collection may hold multipolygons
    parts, owner = inner, owner[index]
    is_polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, owner = parts[is_polygon], owner[is_polygon]
    rings, part = shapely.get_rings(parts, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    points = np.rint(coordinates).astype(np.int64)
    moves = np.ones(len(points), dtype=bool)
    moves[1:] = (np.diff(points, axis=0) != 0).any(axis=1) | (np.diff(ring) != 0)
    points, ring = points[moves], ring[moves]
    is_last = np.ones(len(ring), dtype=bool)
    is_last[:-1] = np.diff(ring) != 0
    points, ring = points[~is_last], ring[~is_last]
    sizes = np.bincount(ring, minlength=len(rings))
    is_outer = np.ones(len(rings), dtype=bool)
    is_outer[1:] = np.diff(part) != 0
    stays = sizes >= 3
    stays &= stays[is_outer][np.cumsum(is_outer) - 1] if len(rings) else stays
    return owner[part[stays]], part[stays], sizes[stays], points[stays[ring]]


def _vertex_numbers(points: Grid) -> Grid:
    x, y = (np.unique(points[:, axis], return_inverse=True)[1].astype(np.int64) for axis in (0, 1))
    numbers: Grid = np.unique(x * (int(y.max()) + 1) + y, return_inverse=True)[1].astype(np.int64)
    return numbers


def _nodes(vertex: Grid, starts: Grid, ends: Grid) -> NDArray[np.bool_]:
    """Where lines end: vertices that rings pass with other neighbours each time."""
    before, after = np.roll(vertex, 1), np.roll(vertex, -1)
    before[starts], after[ends - 1] = vertex[ends - 1], vertex[starts]
    least, most = np.minimum(before, after), np.maximum(before, after)
    order = np.argsort(vertex, kind="stable")
    firsts = np.flatnonzero(np.diff(vertex[order], prepend=-1))
    differs = np.zeros(len(firsts), dtype=bool)
    for neighbour in (least[order], most[order]):
        differs |= np.minimum.reduceat(neighbour, firsts) != np.maximum.reduceat(neighbour, firsts)
    return differs[vertex]


def _cuts(vertex: Grid, is_node: NDArray[np.bool_], start: int, end: int) -> list[Grid]:
    """Places of the vertices of each line of a ring; a ring without nodes is a line from its least vertex on."""
    nodes = np.flatnonzero(is_node[start:end])
    if not len(nodes):
        nodes = np.array([np.argmin(vertex[start:end])])
    size = end - start
    last = np.append(nodes[1:], nodes[0] + size)
    return [
        start + np.arange(first, stop + 1) % size for first, stop in zip(nodes.tolist(), last, strict=True)
    ]


def simplified(borders: Borders, tolerance: float) -> Borders:
    """Lines thinned out so that none lies farther than `tolerance` from where it was.

    An area stays valid where it was, keeps its parts and holes, and overlaps no other area, and leaves no gap to one,
    that it did not before. Lines that hardly get shorter stay as they are.

    Parameters
    ----------
    borders : Borders
        As `shared_borders` gives them.
    tolerance : float
        Metres.
    """
    if not borders.lines:
        return borders
    thinned = _thin(borders, tolerance)
    if sum(map(len, thinned)) > WORTH_IT * borders.vertices:
        return borders
    is_full = np.zeros(len(borders.lines), dtype=bool)
    while True:
        lines = [
            full if stays else thin for full, thin, stays in zip(borders.lines, thinned, is_full, strict=True)
        ]
        drawn = replace(borders, lines=lines)
        broken = _collapsed(drawn) or _broken(borders, drawn)
        restored = {
            line
            for area in broken
            for reference in _references(borders.areas[area])
            if not is_full[line := max(reference, ~reference)]
        }
        if not restored:
            return drawn
        is_full[list(restored)] = True


def _thin(borders: Borders, tolerance: float) -> list[Grid]:
    points = np.concatenate(borders.lines)
    south = np.abs(points[:, 1]).min() * borders.step
    metres = borders.step * METRES_PER_DEGREE * np.array([np.cos(np.radians(min(south, 89.0))), 1.0])
    index = np.repeat(np.arange(len(borders.lines)), [len(line) for line in borders.lines])
    lines = shapely.simplify(
        shapely.linestrings(points * metres, indices=index), tolerance, preserve_topology=False
    )
    coordinates, index = shapely.get_coordinates(lines, return_index=True)
    steps = np.rint(coordinates / metres).astype(np.int64)
    return np.split(steps, np.flatnonzero(np.diff(index)) + 1)


def _collapsed(borders: Borders) -> set[int]:
    """Areas with a ring of fewer than three vertices."""
    return {
        area
        for area, polygons in enumerate(borders.areas)
        for polygon in polygons
        for ring in polygon
        if sum(len(borders.lines[max(each, ~each)]) - 1 for each in ring) < 3
    }


def _broken(before: Borders, after: Borders) -> set[int]:
    """Areas that are no longer valid; where there are none, areas that now overlap, or do not match, another one."""
    invalid = np.flatnonzero(~after.is_valid)
    if len(invalid := invalid[before.is_valid[invalid]] if len(invalid) else invalid):
        return set(invalid.tolist())
    faults = np.flatnonzero(after.is_edge_fault)
    if not len(faults := faults[~before.is_edge_fault[faults]] if len(faults) else faults):
        return set()
    tree = shapely.STRtree(after.polygons)
    return set(tree.query(after.polygons[faults], predicate="intersects")[1].tolist())


def _references(polygons: Polygons) -> list[int]:
    return [reference for polygon in polygons for ring in polygon for reference in ring]
