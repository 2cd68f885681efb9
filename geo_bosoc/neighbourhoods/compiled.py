"""The compiled way: a balanced tree over the locations; queries that lie together share the locations that decide.

The locations are put in the order of a balanced k-d tree, so that those near each other lie near each other in memory
and a node is a range of them. Each node knows its bounding box and its sums. A query then

1. shares with the queries next to it the ring of locations that can decide: with r(q) the distance at which k residents
   are reached, ``|r(q) - r(q')| <= |q - q'|``, since the circle of radius ``r(q') + |q - q'|`` round q holds the circle
   round q'. Nodes inside the ring add their residents whole, nodes outside add nothing, and among the locations of the
   ring the one where the k-th resident lives is found by guessing, counting and, at last, selecting;
2. adds up the sums of the nodes that lie wholly within that radius and of the locations of the nodes that the circle
   cuts.

So no list of neighbours outlives its query, and the cost of a query grows with the circle's edge (the square root of
k), not with k. Everything is integers: squared distances in square centimetres and int64 sums. The result depends on
no order, chunk or thread; a ring that rounding had made too narrow would be noticed, and stop the computation.

The functions are compiled by numba at first use and kept in numba's cache folder; where no folder can be written, they
are compiled once in each process. They run without Python's lock, so that plain threads share the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo_bosoc.neighbourhoods.inputs import Centimetres, Column, Ints, Locations
from geo_bosoc.neighbourhoods.kd_tree import Kernel, arrange, bounds, boxes, node_sums, ring
from geo_bosoc.neighbourhoods.radii import radii

_LEAF: Final = 12
"""Places in a leaf at least; fewer than twice as many."""

_GROUP: Final = 12
"""Queries that share a ring of locations, at least; fewer than twice as many."""

_CHUNK: Final = 512
"""Groups of queries that a thread takes at a time, at most."""

_FEWEST: Final = 128
"""Times that threads take some, at least: so they end together, and the first, which may compile, does little alone."""

_NARROW: Final = (np.int16, np.int32, np.int64)
"""What the locations' own figures are kept as: the narrowest that holds them. They are added up as int64."""


def _sums(
    qx: Centimetres,
    qy: Centimetres,
    groups: Ints,
    square_radius: Ints,
    x: Centimetres,
    y: Centimetres,
    starts: Ints,
    box: Ints,
    table: NDArray[Any],
    of_node: NDArray[Any],
    point: Ints,
    row_starts: Ints,
    rows: Ints,
    out: Ints,
    block: int,
) -> None:
    """Add up what lies within each query's radius and write it to the query's rows of `out[:, block]`.

    The nodes that lie within the circles of all queries of a group are added up once for the group; what remains to be
    told for each query is the leaves that some circle may cut.
    """
    leaves = starts.size - 1
    width = table.shape[1]
    nodes = np.empty(leaves, np.int64)
    undecided = np.empty(leaves, np.int64)
    cut = np.empty(4096, np.int64)
    largest = 0
    for leaf in range(leaves):
        largest = max(largest, starts[leaf + 1] - starts[leaf])
    most = 0
    for group in range(groups.size - 1):
        most = max(most, groups[group + 1] - groups[group])
    shared = np.empty(width, np.int64)
    sums = np.empty((most, width), np.int64)
    for group in range(groups.size - 1):
        begin = groups[group]
        query_count = groups[group + 1] - begin
        west, east, south, north = bounds(qx, qy, begin, groups[group + 1])
        low = high = square_radius[begin]
        for q in range(begin + 1, groups[group + 1]):
            low = min(low, square_radius[q])
            high = max(high, square_radius[q])
        within, undecided_count = ring(west, east, south, north, low, high, leaves, box, nodes, undecided)
        shared[:] = 0
        for i in range(within):
            for c in range(width):
                shared[c] += of_node[nodes[i], c]
        if undecided_count * largest > cut.size:
            cut = np.empty(2 * undecided_count * largest, np.int64)
        for number in range(query_count):
            q = begin + number
            query_sums = sums[number]
            query_sums[:] = shared
            cut_count = 0
            for i in range(undecided_count):
                leaf = undecided[i]
                node = leaves + leaf
                dx = max(box[node, 0] - qx[q], qx[q] - box[node, 1], 0)
                dy = max(box[node, 2] - qy[q], qy[q] - box[node, 3], 0)
                if dx * dx + dy * dy > square_radius[q]:
                    continue
                dx = max(qx[q] - box[node, 0], box[node, 1] - qx[q])
                dy = max(qy[q] - box[node, 2], box[node, 3] - qy[q])
                if dx * dx + dy * dy <= square_radius[q]:
                    for c in range(width):
                        query_sums[c] += of_node[node, c]
                    continue
                for location in range(starts[leaf], starts[leaf + 1]):
                    dx = np.int64(np.int32(x[location] - qx[q]))
                    dy = np.int64(np.int32(y[location] - qy[q]))
                    cut[cut_count] = location
                    cut_count += 1 if dx * dx + dy * dy <= square_radius[q] else 0
            four = cut_count - cut_count % 4
            for i in range(0, four, 4):
                a = table[cut[i]]
                b = table[cut[i + 1]]
                c4 = table[cut[i + 2]]
                d = table[cut[i + 3]]
                for c in range(width):
                    query_sums[c] += np.int64(a[c]) + np.int64(b[c]) + np.int64(c4[c]) + np.int64(d[c])
            for i in range(four, cut_count):
                for c in range(width):
                    query_sums[c] += np.int64(table[cut[i], c])
        for c in range(width + 1):  # column by column, as the memory lies
            for number in range(query_count):
                q = begin + number
                value = square_radius[q] if c == 0 else sums[number, c - 1]
                for i in range(row_starts[point[q]], row_starts[point[q] + 1]):
                    out[c, block, rows[i]] = value


_SUMS: Final = Kernel(_sums)


@dataclass(frozen=True, slots=True)
class _Tree:
    """Places in the tree's order (`point` is where each stood before), and the tree's nodes."""

    x: Centimetres
    y: Centimetres
    point: Ints
    starts: Ints
    box: Ints
    residents: Ints
    weight: Ints
    table: NDArray[Any]
    sums: NDArray[Any]


def add_up(
    locations: Locations,
    figures: Sequence[Column],
    queries: Locations,
    ks: Sequence[int],
    out: Ints,
    nearer: Ints | None = None,
    *,
    n_jobs: int,
) -> None:
    """Fill `out` (1 + figures, ks, rows): squared radius in cm2 and the sums of `figures` within it, at the rows of
    `queries`; and `nearer`, where it is given, with the sums of what lies nearer than that.

    The first of `figures` is the number of residents; the locations hold at least the largest of `ks` of them.
    """
    tree = _plant(locations, figures)
    qx, qy, point = (tree.x, tree.y, tree.point) if queries is locations else _in_order(queries)
    ends = _cuts(qx.size, _levels(qx.size, _GROUP))

    step = max(1, min(_CHUNK, (ends.size - 1) // _FEWEST))

    def chunk(first: int) -> None:
        groups = ends[first : first + step + 1]
        part = slice(int(groups[0]), int(groups[-1]))
        part_xy = (qx[part], qy[part])
        leaves = (tree.starts, tree.box)
        for block, k in enumerate(ks):
            square = np.empty(part_xy[0].size, np.int64)
            radii(
                k, *part_xy, groups - groups[0], tree.x, tree.y, tree.weight, *leaves, tree.residents, square
            )
            if square.min() < 0:
                raise ArithmeticError("a radius lies outside its bracket")
            tables = (tree.table, tree.sums, point[part], queries.starts, queries.rows)
            for filled, within in ((out, square), (nearer, square - 1)):
                if filled is not None:
                    _SUMS(
                        *part_xy, groups - groups[0], within, tree.x, tree.y, *leaves, *tables, filled, block
                    )

    chunk(0)  # the first one compiles, in this thread
    with ThreadPoolExecutor(n_jobs) as pool:
        for _ in pool.map(chunk, range(step, ends.size - 1, step)):
            pass


def _levels(count: int, least: int) -> int:
    """How often locations can be halved so that each part holds at least so many."""
    return max(0, (count // least).bit_length() - 1)


def _cuts(count: int, levels: int) -> Ints:
    """Where the nodes of a level begin, and the end: the same cuts as `_arrange` makes."""
    return np.arange((1 << levels) + 1, dtype=np.int64) * count >> levels


def _in_order(locations: Locations) -> tuple[Centimetres, Centimetres, Ints]:
    x, y = locations.x.astype(np.int32), locations.y.astype(np.int32)
    point = np.arange(x.size, dtype=np.int64)
    arrange(x, y, point, _levels(x.size, min(_LEAF, _GROUP)))
    return x, y, point


def _plant(locations: Locations, figures: Sequence[Column]) -> _Tree:
    x, y, point = _in_order(locations)
    starts = _cuts(x.size, _levels(x.size, _LEAF))
    leaves = starts.size - 1
    table = np.empty((x.size, len(figures)), _NARROW[0])
    weight = np.empty(0, np.int64)
    most = 0
    for c, figure in enumerate(figures):
        column = figure()[point]
        if c == 0:
            weight = column
        most = max(most, int(np.abs(column).sum()))
        fits = next(kind for kind in _NARROW if _within(column, kind))
        if np.dtype(fits).itemsize > table.dtype.itemsize:
            table = table.astype(fits)
        table[:, c] = column
    box = np.empty((2 * leaves, 4), np.int64)
    residents = np.zeros(2 * leaves, np.int64)
    boxes(x, y, weight, starts, box, residents)
    sums = np.zeros((2 * leaves, len(figures)), np.int32 if most < 2**31 else np.int64)
    node_sums(table, starts, sums)
    return _Tree(x, y, point, starts, box, residents, weight, table, sums)


def _within(column: Ints, kind: type[np.signedinteger[Any]]) -> bool:
    limits = np.iinfo(kind)
    return int(column.min()) >= limits.min and int(column.max()) <= limits.max
