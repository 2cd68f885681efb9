"""Drawing tools for a made-up landscape: rough lines, a warped mesh, paths along its edges, entrances in a plot.

All coordinates are metres in a local frame (x east, y north) until `geography` moves them to EPSG:25832.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Voronoi, cKDTree
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Kind = Literal["estate", "city", "villa", "terrace", "block", "village", "farm", "harbour", "hall", "care"]
Pattern = Literal["rows", "courts", "towers", "terraces", "houses", "city", "single"]
PATTERN: Final[dict[str, Pattern]] = {
    "city": "city",
    "villa": "houses",
    "terrace": "terraces",
    "block": "rows",
    "village": "houses",
    "harbour": "towers",
    "hall": "towers",
    "care": "single",
}


def smooth(points: Sequence[tuple[float, float]] | Floats, rounds: int = 2, closed: bool = False) -> Floats:
    """Corners cut off (Chaikin's scheme), `rounds` times; shape (n, 2) in and (m, 2) out.

    >>> smooth([(0, 0), (4, 0), (4, 4)], rounds=1).tolist()
    [[0.0, 0.0], [3.0, 0.0], [4.0, 1.0], [4.0, 4.0]]
    """
    line = np.asarray(points, dtype=np.float64)
    for _ in range(rounds):
        ahead = np.roll(line, -1, axis=0) if closed else line[1:]
        here = line if closed else line[:-1]
        cut = np.stack([0.75 * here + 0.25 * ahead, 0.25 * here + 0.75 * ahead], axis=1).reshape(-1, 2)
        line = cut if closed else np.concatenate([line[:1], cut[1:-1], line[-1:]])
    return line


def rough(line: Floats, rng: np.random.Generator, depth: int = 3, amplitude: float = 0.12) -> Floats:
    """A line made uneven as coasts and old boundaries are: midpoints moved sideways, again and again.

    `amplitude` is the greatest shift as a share of the segment's length; ends stay where they are.
    """
    for _ in range(depth):
        step = np.diff(line, axis=0)
        shift = rng.uniform(-amplitude, amplitude, size=(len(step), 1))
        middle = (line[:-1] + line[1:]) / 2 + shift * np.column_stack([-step[:, 1], step[:, 0]])
        out = np.empty((2 * len(line) - 1, 2))
        out[0::2], out[1::2] = line, middle
        line = out
    return line


def blob(
    x: float, y: float, width: float, height: float, rng: np.random.Generator, turn: float = 0.0
) -> Polygon:
    """A rounded, uneven outline about a point: a lake, a wood, a built-over plot (metres; `turn` in
    radians).
    """
    angle = np.linspace(0, 2 * math.pi, 28, endpoint=False)
    radius = np.ones_like(angle)
    for wave in (2, 3, 5):
        radius += rng.uniform(0.04, 0.13) * np.cos(wave * angle + rng.uniform(0, 2 * math.pi))
    u, v = radius * np.cos(angle) * width / 2, radius * np.sin(angle) * height / 2
    ring = np.column_stack([u * math.cos(turn) - v * math.sin(turn), u * math.sin(turn) + v * math.cos(turn)])
    return Polygon(smooth(ring + np.array([x, y]), rounds=2, closed=True))


def box(x: float, y: float, width: float, height: float, turn: float) -> Polygon:
    """A turned rectangle about a point (metres, radians)."""
    c, s = math.cos(turn), math.sin(turn)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    return Polygon(corners @ np.array([[c, s], [-s, c]]) + (x, y))


def warp(points: Floats) -> Floats:
    """A gentle bending of the plane, (n, 2) to (n, 2): straight edges become curves, neighbours stay
    neighbours.

    The bend is a sum of waves whose slopes add up to less than one, so no two places fall together.
    """
    x, y = points[:, 0], points[:, 1]
    dx = 34 * np.sin(y / 173 + 0.4) + 60 * np.sin(y / 641 + x / 1900 + 1.1) + 12 * np.sin(y / 61 + x / 240)
    dy = 34 * np.sin(x / 191 + 2.0) + 60 * np.sin(x / 702 - y / 1700) + 12 * np.sin(x / 67 - y / 260 + 1.7)
    return np.column_stack([x + dx, y + dy])


def scatter(
    rng: np.random.Generator,
    frame: tuple[float, float, float, float],
    radius: Callable[[Floats], Floats],
    tries: int,
) -> Floats:
    """Points no two of which are nearer than the radius at the later one, thrown like darts; shape (n, 2)."""
    west, south, east, north = frame
    darts = rng.uniform((west, south), (east, north), size=(tries, 2))
    reach = radius(darts)
    accepted = np.empty_like(darts)
    count = 0
    for dart, limit in zip(darts, reach, strict=True):
        gap = accepted[:count] - dart
        if not (np.einsum("ij,ij->i", gap, gap) < limit * limit).any():
            accepted[count] = dart
            count += 1
    return accepted[:count]


@dataclass(frozen=True)
class Mesh:
    """Cells that cover the frame, with edges that neighbours share to the last digit.

    Attributes
    ----------
    cells : ndarray of Polygon, shape (n,)
        The cells.
    centres : ndarray of float, shape (n, 2)
        The points the cells grew about, warped.
    neighbours : tuple of frozenset of int
        For each cell the cells across its edges.
    nodes : ndarray of float, shape (m, 2)
        Where edges meet.
    edges : ndarray of int, shape (e, 2)
        The two nodes of each edge.
    curves : tuple of ndarray
        The line of each edge.
    """

    cells: NDArray[np.object_]
    centres: Floats
    neighbours: tuple[frozenset[int], ...]
    nodes: Floats
    edges: NDArray[np.int64]
    curves: tuple[Floats, ...]


def mesh(points: Floats, spacing: float = 28.0) -> Mesh:
    """Voronoi cells of the points, their edges cut in steps of some `spacing` metres and warped."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = (high - low).max() * 3
    middle = (low + high) / 2
    far = [
        middle + span * np.array(way)
        for way in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1))
    ]
    diagram = Voronoi(np.vstack([points, far]))
    nodes = np.round(warp(diagram.vertices), 2)
    count = len(points)
    curves: list[Floats] = []
    edges: list[tuple[int, int]] = []
    around: list[set[int]] = [set() for _ in range(count)]
    pieces: list[list[int]] = [[] for _ in range(count)]
    for (left, right), (first, last) in zip(diagram.ridge_points, diagram.ridge_vertices, strict=True):
        if first < 0 or (left >= count and right >= count):
            continue
        start, end = diagram.vertices[first], diagram.vertices[last]
        steps = min(max(1, round(math.dist(start, end) / spacing)), 200)
        straight = start + np.linspace(0, 1, steps + 1)[:, None] * (end - start)
        curve = np.round(warp(straight), 2)
        curve[0], curve[-1] = nodes[first], nodes[last]
        for cell in (left, right):
            if cell < count:
                pieces[cell].append(len(edges))
        if left < count and right < count:
            around[left].add(int(right))
            around[right].add(int(left))
        edges.append((int(first), int(last)))
        curves.append(curve)
    cells = np.array([_ring(piece, edges, curves) for piece in pieces], dtype=object)
    cells = np.where(shapely.is_valid(cells), cells, shapely.buffer(cells, 0))  # far outside the frame only
    return Mesh(
        cells,
        warp(points),
        tuple(frozenset(cells_around) for cells_around in around),
        nodes,
        np.array(edges, dtype=np.int64),
        tuple(curves),
    )


def _ring(piece: list[int], edges: list[tuple[int, int]], curves: list[Floats]) -> Polygon:
    """A cell's outline put together from its edges, each walked in the right direction."""
    remaining = dict.fromkeys(piece)
    number = next(iter(remaining))
    del remaining[number]
    here = edges[number][1]
    parts = [curves[number][:-1]]
    while remaining:
        number = next(edge for edge in remaining if here in edges[edge])
        del remaining[number]
        forward = edges[number][0] == here
        here = edges[number][1] if forward else edges[number][0]
        parts.append(curves[number][:-1] if forward else curves[number][::-1][:-1])
    return Polygon(np.concatenate(parts))


def along_edges(net: Mesh, stops: Sequence[tuple[float, float]], avoid: BaseGeometry) -> LineString:
    """The shortest way along the mesh's edges by the given stops (each moved to the nearest node).

    Edges that touch `avoid` (lakes, the sea) are taken only where there is no other way.
    """
    lines = np.array([LineString(curve) for curve in net.curves], dtype=object)
    length = shapely.length(lines) * np.where(shapely.intersects(lines, avoid), 50.0, 1.0)
    size = len(net.nodes)
    graph = csr_matrix((length, (net.edges[:, 0], net.edges[:, 1])), shape=(size, size))
    used = np.unique(net.edges)
    _, nearest = cKDTree(net.nodes[used]).query(np.asarray(stops, dtype=np.float64))
    targets = used[nearest]
    lookup = {(int(a), int(b)): i for i, (a, b) in enumerate(net.edges)}
    parts: list[Floats] = []
    for start, end in pairwise(targets):
        before = dijkstra(graph, directed=False, indices=int(start), return_predecessors=True)[1]
        path: list[Floats] = []
        here = int(end)
        while here != int(start):
            previous = int(before[here])
            if previous < 0:
                raise ValueError("The stops of a road are not joined by edges of the mesh.")
            forward = lookup.get((previous, here))
            path.append(
                net.curves[forward] if forward is not None else net.curves[lookup[here, previous]][::-1]
            )
            here = previous
        parts.extend(reversed(path))
    line = np.concatenate([part[:-1] for part in parts] + [parts[-1][-1:]])
    return LineString(line)


def largest(shape: BaseGeometry) -> Polygon:
    """The largest polygon of a shape (an empty polygon where it has none)."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area, default=Polygon())


def cut_to(
    shape: Polygon, target: float, angle: float, rng: np.random.Generator
) -> tuple[Polygon, BaseGeometry]:
    """A shape cut by an uneven line across `angle` so that the first part has some `target` square metres.

    Returns the part and what is left over (empty where the shape is not larger than the target).
    """
    if shape.area <= target * 1.08:
        return shape, Polygon()
    centre = np.array(shape.centroid.coords[0])
    along, across = (
        np.array([math.cos(angle), math.sin(angle)]),
        np.array([-math.sin(angle), math.cos(angle)]),
    )
    reach = math.hypot(shape.bounds[2] - shape.bounds[0], shape.bounds[3] - shape.bounds[1])
    wave = rng.uniform(0, 6.28)
    steps = np.linspace(-reach, reach, 60)
    low, high = -reach, reach
    part = shape
    for _ in range(24):
        middle = (low + high) / 2
        shift = middle + 9 * np.sin(steps / 55 + wave)
        edge = centre + steps[:, None] * across + shift[:, None] * along
        side = Polygon(np.concatenate([edge, [edge[-1] - 3 * reach * along, edge[0] - 3 * reach * along]]))
        part = largest(shape.intersection(side))
        low, high = (middle, high) if part.area < target else (low, middle)
    return part, shape.difference(part.buffer(0.01))


def union(shapes: Iterable[BaseGeometry]) -> BaseGeometry:
    """The union of shapes."""
    return shapely.union_all(list(shapes))


@dataclass(frozen=True)
class Spots:
    """Entrances in a plot: `xy` (n, 2) local metres, `street` (which of the plot's streets, from 0),
    `number`.
    """

    xy: Floats
    street: Ints
    number: Ints

    def __len__(self) -> int:
        return len(self.xy)

    def first(self, count: int) -> Spots:
        """The first `count` of them, whole streets before parts."""
        return Spots(self.xy[:count], self.street[:count], self.number[:count])

    def some(self, keep: NDArray[np.bool_]) -> Spots:
        """Those that `keep` says."""
        return Spots(self.xy[keep], self.street[keep], self.number[keep])


def _turned(u: Floats, v: Floats, turn: float, middle: Floats) -> Floats:
    c, s = np.cos(turn), np.sin(turn)
    return np.column_stack([u * c - v * s, u * s + v * c]) + middle


def _pattern(pattern: Pattern, reach: float, rng: np.random.Generator) -> tuple[Floats, Floats, Ints, Ints]:
    """Points (u along the street, v across), street and number over a square of half-width `reach`."""
    if pattern in ("houses", "rows", "terraces"):
        step, rows, gap = {"houses": (23.5, 76.0, 0), "rows": (16.5, 88.0, 5), "terraces": (8.8, 58.0, 7)}[
            pattern
        ]
        setback = {"houses": 18.0, "rows": 21.0, "terraces": 13.0}[pattern]
        columns = np.arange(-int(reach / step), int(reach / step) + 1)
        streets = np.arange(-int(reach / rows) - 1, int(reach / rows) + 2)
        column, street, side = (a.ravel() for a in np.meshgrid(columns, streets, [0, 1], indexing="ij"))
        keep = np.ones(len(column), dtype=bool) if gap == 0 else (column + street * 2 + side) % gap != gap - 1
        shift = rng.uniform(-step, step, len(streets))[street - streets[0]]
        u = column * step + shift
        v = street * rows + np.where(side == 0, -setback, setback)
        if pattern == "houses":
            u, v = u + rng.normal(0, 2.2, len(u)), v + rng.normal(0, 2.0, len(v))
            keep &= rng.random(len(u)) > 0.04
        number = 2 * (column - columns[0]) + side + 1
        return u[keep], v[keep], (street - streets[0])[keep].astype(np.int64), number[keep].astype(np.int64)
    if pattern == "towers":
        side = np.arange(-int(reach / 64), int(reach / 64) + 1)
        i, j = (a.ravel() for a in np.meshgrid(side, side, indexing="ij"))
        return (
            (i * 64.0 + 18.0 * (j % 2)).astype(np.float64),
            (j * 64.0).astype(np.float64),
            np.zeros(len(i), dtype=np.int64),
            np.arange(1, len(i) + 1, dtype=np.int64),
        )
    # Blocks about a court: entrances along the four sides of each.
    wide, deep, road = (74.0, 48.0, 20.0) if pattern == "courts" else (62.0, 44.0, 15.0)
    along, across = np.arange(6.0, wide, 14.5), np.arange(8.0, deep, 14.5)
    ring_u = np.concatenate([along, along, np.full(len(across), 0.0), np.full(len(across), wide)])
    ring_v = np.concatenate([np.full(len(along), 0.0), np.full(len(along), deep), across, across])
    blocks_u = np.arange(-int(reach / (wide + road)) - 1, int(reach / (wide + road)) + 2)
    blocks_v = np.arange(-int(reach / (deep + road)) - 1, int(reach / (deep + road)) + 2)
    i, j, k = (a.ravel() for a in np.meshgrid(blocks_u, blocks_v, np.arange(len(ring_u)), indexing="ij"))
    street = (j - blocks_v[0]).astype(np.int64)
    number = ((i - blocks_u[0]) * len(ring_u) + k + 1).astype(np.int64)
    return i * (wide + road) + ring_u[k], j * (deep + road) + ring_v[k], street, number


def lay_out(
    plot: BaseGeometry, pattern: Pattern, turn: float, rng: np.random.Generator, margin: float = 7.0
) -> Spots:
    """Entrances of a pattern that stand inside the plot, at least `margin` metres from its edge, by street.

    House numbers start at 1 on each side of each street and leave no holes but those of odd and even sides.
    """
    middle = np.array(plot.centroid.coords[0])
    if pattern == "single":
        inside = np.array(plot.representative_point().coords[0])
        return Spots(inside[None, :], np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64))
    west, south, east, north = plot.bounds
    reach = 0.5 * float(np.hypot(east - west, north - south)) + 60
    u, v, street, number = _pattern(pattern, reach, rng)
    xy = np.round(_turned(u, v, turn, middle), 1)
    inner = plot.buffer(-margin)
    shapely.prepare(inner)
    keep = shapely.contains_xy(inner, xy[:, 0], xy[:, 1])
    xy, street, number = xy[keep], street[keep], number[keep]
    order = np.lexsort((number, street))
    xy, street, number = xy[order], street[order], number[order]
    streets, street = np.unique(street, return_inverse=True)
    out = number.copy()
    for i in range(len(streets)):
        for odd in (0, 1):
            side = np.flatnonzero((street == i) & (number % 2 == odd))
            out[side] = 2 * np.arange(len(side)) + (1 if odd else 2)
    order = np.lexsort((out, street))
    return Spots(xy[order], street[order].astype(np.int64), out[order])
