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

from geo_bosoc.nearest.jit import Kernel
from geo_bosoc.nearest.kd_tree import arrange, boxes, node_sums
from geo_bosoc.nearest.places import Column, Ints, Places
from geo_bosoc.nearest.radii import radii

_LEAF: Final = 12
"""Places in a leaf at least; fewer than twice as many."""

_GROUP: Final = 24
"""Queries that share a ring of places, at least; fewer than twice as many."""

_CHUNK: Final = 256
"""Groups of queries that a thread takes at a time, at most."""

_FEWEST: Final = 128
"""Times that threads take some, at least: so they end together, and the first, which may compile, does little alone."""

_NARROW: Final = (np.int16, np.int32, np.int64)
"""What the places' own figures are kept as: the narrowest that holds them. They are added up as int64."""


def _sums(
    qx: Ints,
    qy: Ints,
    square_radius: Ints,
    x: Ints,
    y: Ints,
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
    """Add up what lies within each query's radius and write it to the query's rows of `out[:, block]`."""
    leaves = starts.size - 1
    width = table.shape[1]
    stack = np.empty(96, np.int64)
    cut = np.empty(4096, np.int64)
    sums = np.empty(width, np.int64)
    for q in range(qx.size):
        at_x = qx[q]
        at_y = qy[q]
        within = square_radius[q]
        sums[:] = 0
        many = 0
        stack[0] = 1
        top = 0
        while top >= 0:
            node = stack[top]
            top -= 1
            dx = max(box[node, 0] - at_x, at_x - box[node, 1], 0)
            dy = max(box[node, 2] - at_y, at_y - box[node, 3], 0)
            if dx * dx + dy * dy > within:
                continue
            dx = max(at_x - box[node, 0], box[node, 1] - at_x)
            dy = max(at_y - box[node, 2], box[node, 3] - at_y)
            if dx * dx + dy * dy <= within:
                for c in range(width):
                    sums[c] += of_node[node, c]
                continue
            if node < leaves:
                stack[top + 1] = 2 * node
                stack[top + 2] = 2 * node + 1
                top += 2
                continue
            first = starts[node - leaves]
            last = starts[node - leaves + 1]
            if many + last - first > cut.size:
                more = np.empty(2 * (many + last - first), np.int64)
                more[:many] = cut[:many]
                cut = more
            for i in range(first, last):
                dx = x[i] - at_x
                dy = y[i] - at_y
                cut[many] = i
                many += 1 if dx * dx + dy * dy <= within else 0
        four = many - many % 4
        for i in range(0, four, 4):
            a = table[cut[i]]
            b = table[cut[i + 1]]
            c4 = table[cut[i + 2]]
            d = table[cut[i + 3]]
            for c in range(width):
                sums[c] += np.int64(a[c]) + np.int64(b[c]) + np.int64(c4[c]) + np.int64(d[c])
        for i in range(four, many):
            for c in range(width):
                sums[c] += np.int64(table[cut[i], c])
        for i in range(row_starts[point[q]], row_starts[point[q] + 1]):
            row = rows[i]
            out[0, block, row] = within
            for c in range(width):
                out[c + 1, block, row] = sums[c]


_SUMS: Final = Kernel(_sums)


@dataclass(frozen=True, slots=True)
class _Tree:
    """Places in the tree's order (`point` is where each stood before), and the tree's nodes."""

    x: Ints
    y: Ints
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
            _SUMS(*at, square, tree.x, tree.y, *leaves, *given, out, block)

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


def _in_order(places: Places) -> tuple[Ints, Ints, Ints]:
    x, y = places.x.copy(), places.y.copy()
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
