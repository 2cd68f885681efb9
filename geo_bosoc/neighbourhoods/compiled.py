"""The compiled way: a balanced tree over the places; queries that lie together share the places that decide.

The places are put in the order of a balanced k-d tree, so that places near each other lie near each other in memory
and a node is a range of them. Each node knows its bounding box and its sums. A query then

1. shares with the queries next to it the ring of places that can decide: with r(q) the distance at which k residents
   are reached, ``|r(q) - r(q')| <= |q - q'|``, since the circle of radius ``r(q') + |q - q'|`` round q holds the circle
   round q'. Nodes inside the ring add their residents whole, nodes outside add nothing, and among the places of the
   ring the one where the k-th resident lives is found by guessing, counting and, at last, selecting;
2. adds up the sums of the nodes that lie wholly within that radius and of the places of the nodes that the circle cuts.

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

from geo_bosoc.neighbourhoods.kd_tree import arrange, bounds, boxes, node_sums, ring
from geo_bosoc.neighbourhoods.locations import Centimetres, Column, Ints, Places
from geo_bosoc.neighbourhoods.numba_cache import Kernel
from geo_bosoc.neighbourhoods.radii import radii

_LEAF: Final = 12
"""Places in a leaf at least; fewer than twice as many."""

_GROUP: Final = 12
"""Queries that share a ring of places, at least; fewer than twice as many."""

_CHUNK: Final = 512
"""Groups of queries that a thread takes at a time, at most."""

_FEWEST: Final = 128
"""Times that threads take some, at least: so they end together, and the first, which may compile, does little alone."""

_NARROW: Final = (np.int16, np.int32, np.int64)
"""What the places' own figures are kept as: the narrowest that holds them. They are added up as int64."""


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
        many_queries = groups[group + 1] - begin
        west, east, south, north = bounds(qx, qy, begin, groups[group + 1])
        low = high = square_radius[begin]
        for q in range(begin + 1, groups[group + 1]):
            low = min(low, square_radius[q])
            high = max(high, square_radius[q])
        within, some = ring(west, east, south, north, low, high, leaves, box, nodes, undecided)
        shared[:] = 0
        for i in range(within):
            for c in range(width):
                shared[c] += of_node[nodes[i], c]
        if some * largest > cut.size:
            cut = np.empty(2 * some * largest, np.int64)
        for number in range(many_queries):
            q = begin + number
            own = sums[number]
            own[:] = shared
            many = 0
            for i in range(some):
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
                        own[c] += of_node[node, c]
                    continue
                for place in range(starts[leaf], starts[leaf + 1]):
                    dx = np.int64(np.int32(x[place] - qx[q]))
                    dy = np.int64(np.int32(y[place] - qy[q]))
                    cut[many] = place
                    many += 1 if dx * dx + dy * dy <= square_radius[q] else 0
            four = many - many % 4
            for i in range(0, four, 4):
                a = table[cut[i]]
                b = table[cut[i + 1]]
                c4 = table[cut[i + 2]]
                d = table[cut[i + 3]]
                for c in range(width):
                    own[c] += np.int64(a[c]) + np.int64(b[c]) + np.int64(c4[c]) + np.int64(d[c])
            for i in range(four, many):
                for c in range(width):
                    own[c] += np.int64(table[cut[i], c])
        for c in range(width + 1):  # column by column, as the memory lies
            for number in range(many_queries):
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
    places: Places, figures: Sequence[Column], queries: Places, ks: Sequence[int], out: Ints, *, threads: int
) -> None:
    """Fill `out` (1 + figures, ks, rows): squared radius in cm2 and the sums of `figures` within it, at the rows of
    `queries`.

    The first of `figures` is the number of residents; the places hold at least the largest of `ks` of them.
    """
    tree = _plant(places, figures)
    qx, qy, point = (tree.x, tree.y, tree.point) if queries is places else _in_order(queries)
    ends = _cuts(qx.size, _levels(qx.size, _GROUP))

    step = max(1, min(_CHUNK, (ends.size - 1) // _FEWEST))

    def chunk(first: int) -> None:
        groups = ends[first : first + step + 1]
        part = slice(int(groups[0]), int(groups[-1]))
        at = (qx[part], qy[part])
        leaves = (tree.starts, tree.box)
        for block, k in enumerate(ks):
            square = np.empty(at[0].size, np.int64)
            radii(k, *at, groups - groups[0], tree.x, tree.y, tree.weight, *leaves, tree.residents, square)
            if square.min() < 0:
                raise ArithmeticError("a radius lies outside its bracket")
            given = (tree.table, tree.sums, point[part], queries.starts, queries.rows)
            _SUMS(*at, groups - groups[0], square, tree.x, tree.y, *leaves, *given, out, block)

    chunk(0)  # the first one compiles, in this thread
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(chunk, range(step, ends.size - 1, step)):
            pass


def _levels(places: int, least: int) -> int:
    """How often places can be halved so that each part holds at least so many."""
    return max(0, (places // least).bit_length() - 1)


def _cuts(places: int, levels: int) -> Ints:
    """Where the nodes of a level begin, and the end: the same cuts as `_arrange` makes."""
    return np.arange((1 << levels) + 1, dtype=np.int64) * places >> levels


def _in_order(places: Places) -> tuple[Centimetres, Centimetres, Ints]:
    x, y = places.x.astype(np.int32), places.y.astype(np.int32)
    point = np.arange(x.size, dtype=np.int64)
    arrange(x, y, point, _levels(x.size, min(_LEAF, _GROUP)))
    return x, y, point


def _plant(places: Places, figures: Sequence[Column]) -> _Tree:
    x, y, point = _in_order(places)
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
