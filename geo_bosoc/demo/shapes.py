"""Drawing tools for a made-up landscape: rough lines, a warped mesh of quarters, paths along its edges.

All coordinates are metres in a local frame (x east, y north) until `geography` moves them to EPSG:25832.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Voronoi, cKDTree
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]


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
    kept = np.empty_like(darts)
    count = 0
    for dart, limit in zip(darts, reach, strict=True):
        gap = kept[:count] - dart
        if not (np.einsum("ij,ij->i", gap, gap) < limit * limit).any():
            kept[count] = dart
            count += 1
    return kept[:count]


@dataclass(frozen=True)
class Mesh:
    """Cells that cover the frame, with edges that neighbours share to the last digit.

    Attributes
    ----------
    cells : polygons.
    centres : (n, 2), the points the cells grew about, warped.
    neighbours : for each cell the cells across its edges.
    nodes : (m, 2), where edges meet.
    edges : (e, 2), node numbers; `curves` has the line of each.
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
        tuple(frozenset(item) for item in around),
        nodes,
        np.array(edges, dtype=np.int64),
        tuple(curves),
    )


def _ring(piece: list[int], edges: list[tuple[int, int]], curves: list[Floats]) -> Polygon:
    """A cell's outline put together from its edges, each walked in the right direction."""
    left = dict.fromkeys(piece)
    number = next(iter(left))
    del left[number]
    here = edges[number][1]
    parts = [curves[number][:-1]]
    while left:
        number = next(item for item in left if here in edges[item])
        del left[number]
        forward = edges[number][0] == here
        here = edges[number][1] if forward else edges[number][0]
        parts.append(curves[number][:-1] if forward else curves[number][::-1][:-1])
    return Polygon(np.concatenate(parts))


def along_edges(net: Mesh, stops: Sequence[tuple[float, float]], around: BaseGeometry) -> LineString:
    """The shortest way along the mesh's edges by the given stops (each moved to the nearest node).

    Edges that touch `around` (lakes, the sea) are taken only where there is no other way.
    """
    lines = np.array([LineString(curve) for curve in net.curves], dtype=object)
    length = shapely.length(lines) * np.where(shapely.intersects(lines, around), 50.0, 1.0)
    size = len(net.nodes)
    graph = csr_matrix((length, (net.edges[:, 0], net.edges[:, 1])), shape=(size, size))
    used = np.unique(net.edges)
    _, nearest = cKDTree(net.nodes[used]).query(np.asarray(stops, dtype=np.float64))
    targets = used[nearest]
    lookup = {(int(a), int(b)): i for i, (a, b) in enumerate(net.edges)}
    parts: list[Floats] = []
    for start, end in pairwise(targets):
        before = dijkstra(graph, directed=False, indices=int(start), return_predecessors=True)[1]
        way: list[Floats] = []
        here = int(end)
        while here != int(start):
            previous = int(before[here])
            if previous < 0:
                raise ValueError("The stops of a road are not joined by edges of the mesh.")
            forward = lookup.get((previous, here))
            way.append(
                net.curves[forward] if forward is not None else net.curves[lookup[here, previous]][::-1]
            )
            here = previous
        parts.extend(reversed(way))
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


def joined(shapes: Iterable[BaseGeometry]) -> BaseGeometry:
    """The union of shapes."""
    return shapely.union_all(list(shapes))
