"""The compiled way: a balanced tree over the places, one search per query that starts from the last one's radius.

The places are put in the order of a balanced k-d tree, so that places near each other lie near each other in memory
and a node is a range of them. Each node knows its bounding box and its sums. A query then

1. takes over the bracket of the query before it: with r(q) the distance at which k residents are reached,
   ``|r(q) - r(q')| <= |q - q'|``, since the circle of radius ``r(q') + |q - q'|`` round q holds the circle round q'.
   Nodes inside the bracket add their residents whole, nodes outside add nothing, and only the places between are listed
   and the k-th resident among them selected by squared distance;
2. adds up the sums of the nodes that lie wholly within that radius and of the places of the nodes that the circle cuts.

So no list of neighbours outlives its query, and the cost of a query grows with the circle's edge (the square root of
k), not with k. Everything is integers: squared distances in square centimetres and int64 sums. The result depends on
no order, chunk or thread; a bracket that rounding had made too narrow is noticed and widened.

The functions are compiled by numba at first use and kept in numba's cache folder; where no folder can be written, they
are compiled once in each process. They run without Python's lock, so that plain threads share the work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from geo_bosoc.nearest.places import Column, Ints, Places

_LEAF: Final = 6
"""Places a leaf at least; a leaf holds fewer than twice as many."""

_CHUNK: Final = 8192
"""Queries that a thread takes at a time."""

_SHARE: Final = 0.35
"""How much of the bracket is looked at first: from one query to the next the radius mostly changes by less."""

_NARROW: Final = (np.int16, np.int32, np.int64)
"""What the places' own figures are kept as: the narrowest that holds them. They are added up as int64."""


class Kernel:
    """A function compiled by numba at first use, cached on disk where that is possible."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._compiled = numba.njit(nogil=True)(function)
        try:
            self._compiled.enable_caching()
        except RuntimeError:  # numba finds no folder that it may write to
            self.cached = False
        else:
            self.cached = True

    def __call__(self, *arguments: Any) -> Any:
        try:
            return self._compiled(*arguments)
        except OSError:  # the cache folder was full or was taken away after numba had looked at it
            if not self.cached:
                raise
            self.cached = False
            self._compiled = numba.njit(nogil=True)(self._function)
            return self._compiled(*arguments)


def _arrange(x: Ints, y: Ints, index: Ints, levels: int) -> None:
    """Put the places in the order of a balanced k-d tree, each node cut at the median of its wider side."""
    n = x.size
    for level in range(levels):
        for node in range(1 << level):
            first = (node * n) >> level
            last = ((node + 1) * n) >> level
            middle = ((2 * node + 1) * n) >> (level + 1)
            low_x = high_x = x[first]
            low_y = high_y = y[first]
            for i in range(first + 1, last):
                low_x = min(low_x, x[i])
                high_x = max(high_x, x[i])
                low_y = min(low_y, y[i])
                high_y = max(high_y, y[i])
            along = x if high_x - low_x >= high_y - low_y else y
            left = first
            right = last - 1
            while left < right:
                pivot = along[(left + right) >> 1]
                i = left
                j = right
                while i <= j:
                    while along[i] < pivot:
                        i += 1
                    while pivot < along[j]:
                        j -= 1
                    if i <= j:
                        x[i], x[j] = x[j], x[i]
                        y[i], y[j] = y[j], y[i]
                        index[i], index[j] = index[j], index[i]
                        i += 1
                        j -= 1
                if middle <= j:
                    right = j
                elif middle >= i:
                    left = i
                else:
                    break


def _boxes(x: Ints, y: Ints, weight: Ints, starts: Ints, box: Ints, total: Ints) -> None:
    """Box (x from, x to, y from, y to) and residents of each node; 1 is the root, 2i and 2i + 1 lie under i."""
    leaves = starts.size - 1
    for leaf in range(leaves):
        node = leaves + leaf
        first = starts[leaf]
        box[node, 0] = box[node, 1] = x[first]
        box[node, 2] = box[node, 3] = y[first]
        total[node] = 0
        for i in range(first, starts[leaf + 1]):
            box[node, 0] = min(box[node, 0], x[i])
            box[node, 1] = max(box[node, 1], x[i])
            box[node, 2] = min(box[node, 2], y[i])
            box[node, 3] = max(box[node, 3], y[i])
            total[node] += weight[i]
    for node in range(leaves - 1, 0, -1):
        one = 2 * node
        two = one + 1
        box[node, 0] = min(box[one, 0], box[two, 0])
        box[node, 1] = max(box[one, 1], box[two, 1])
        box[node, 2] = min(box[one, 2], box[two, 2])
        box[node, 3] = max(box[one, 3], box[two, 3])
        total[node] = total[one] + total[two]


def _node_sums(table: NDArray[Any], starts: Ints, sums: NDArray[Any]) -> None:
    """Sums of the places' figures in each node."""
    leaves = starts.size - 1
    width = table.shape[1]
    for leaf in range(leaves):
        for i in range(starts[leaf], starts[leaf + 1]):
            for c in range(width):
                sums[leaves + leaf, c] += np.int64(table[i, c])
    for node in range(leaves - 1, 0, -1):
        for c in range(width):
            sums[node, c] = sums[2 * node, c] + sums[2 * node + 1, c]


def _radii(
    k: int,
    qx: Ints,
    qy: Ints,
    x: Ints,
    y: Ints,
    weight: Ints,
    starts: Ints,
    box: Ints,
    total: Ints,
    found: Ints,
    share: float,
) -> None:
    """The squared distance at which each query has reached k residents. The tree holds at least k."""
    leaves = starts.size - 1
    stack = np.empty(96, np.int64)
    distance = np.empty(4096, np.int64)
    persons = np.empty(4096, np.int64)
    last_radius = -1.0
    for q in range(qx.size):
        at_x = qx[q]
        at_y = qy[q]
        if last_radius < 0:
            # The smallest node on the way to the query that holds k: its furthest corner is far enough.
            node = 1
            while 2 * node < 2 * leaves:
                one = 2 * node
                dx = max(box[one, 0] - at_x, at_x - box[one, 1], 0)
                dy = max(box[one, 2] - at_y, at_y - box[one, 3], 0)
                ex = max(box[one + 1, 0] - at_x, at_x - box[one + 1, 1], 0)
                ey = max(box[one + 1, 2] - at_y, at_y - box[one + 1, 3], 0)
                if dx * dx + dy * dy > ex * ex + ey * ey:
                    one += 1
                if total[one] < k:
                    break
                node = one
            dx = max(at_x - box[node, 0], box[node, 1] - at_x)
            dy = max(at_y - box[node, 2], box[node, 3] - at_y)
            lowest = low = np.int64(-1)
            highest = high = dx * dx + dy * dy
        else:
            dx = at_x - qx[q - 1]
            dy = at_y - qy[q - 1]
            step = np.sqrt(np.float64(dx * dx + dy * dy))
            inner = max(last_radius - step, 0.0)
            outer = last_radius + step
            lowest = np.int64(inner * inner * (1 - 1e-9)) - 1
            highest = np.int64(outer * outer * (1 + 1e-9)) + 1
            # Mostly the radius changes by much less than the step: look there first.
            inner = max(last_radius - share * step, 0.0)
            outer = last_radius + share * step
            low = np.int64(inner * inner) - 1
            high = np.int64(outer * outer) + 1
        while True:
            inside = np.int64(0)
            between = np.int64(0)
            many = 0
            stack[0] = 1
            top = 0
            while top >= 0:
                node = stack[top]
                top -= 1
                dx = max(box[node, 0] - at_x, at_x - box[node, 1], 0)
                dy = max(box[node, 2] - at_y, at_y - box[node, 3], 0)
                if dx * dx + dy * dy > high:
                    continue
                dx = max(at_x - box[node, 0], box[node, 1] - at_x)
                dy = max(at_y - box[node, 2], box[node, 3] - at_y)
                if dx * dx + dy * dy <= low:
                    inside += total[node]
                    continue
                if node < leaves:
                    stack[top + 1] = 2 * node
                    stack[top + 2] = 2 * node + 1
                    top += 2
                    continue
                first = starts[node - leaves]
                last = starts[node - leaves + 1]
                if many + last - first > distance.size:
                    more = np.empty(2 * (many + last - first), np.int64)
                    more[:many] = distance[:many]
                    distance = more
                    more = np.empty(distance.size, np.int64)
                    more[:many] = persons[:many]
                    persons = more
                for i in range(first, last):
                    dx = x[i] - at_x
                    dy = y[i] - at_y
                    square = dx * dx + dy * dy
                    here = weight[i]
                    distance[many] = square
                    persons[many] = here
                    listed = (square > low) & (square <= high) & (here > 0)
                    many += 1 if listed else 0
                    between += here if listed else 0
                    inside += here if square <= low else 0
            if (
                inside >= k
            ):  # further in; the bracket itself is widened only if rounding had made it too narrow
                high = low
                low = lowest if lowest < low else np.int64(-1)
            elif inside + between < k:
                low = high
                high = highest if highest > high else 4 * high + 4
            else:
                break
        # The first squared distance at which the residents listed make up what is wanting.
        wanting = k - inside
        left = 0
        right = many - 1
        while left < right:
            pivot = distance[(left + right) >> 1]
            i = left - 1
            j = right + 1
            while True:
                i += 1
                while distance[i] < pivot:
                    i += 1
                j -= 1
                while distance[j] > pivot:
                    j -= 1
                if i >= j:
                    break
                distance[i], distance[j] = distance[j], distance[i]
                persons[i], persons[j] = persons[j], persons[i]
            below = np.int64(0)
            for i in range(left, j + 1):
                below += persons[i]
            if below >= wanting:
                right = j
            else:
                wanting -= below
                left = j + 1
        found[q] = distance[left]
        last_radius = np.sqrt(np.float64(distance[left]))


def _sums(
    qx: Ints,
    qy: Ints,
    square_radius: Ints,
    x: Ints,
    y: Ints,
    starts: Ints,
    box: Ints,
    table: NDArray[Any],
    node_sums: NDArray[Any],
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
                    sums[c] += node_sums[node, c]
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


_ARRANGE: Final = Kernel(_arrange)
_BOXES: Final = Kernel(_boxes)
_NODE_SUMS: Final = Kernel(_node_sums)
_RADII: Final = Kernel(_radii)
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
    node_sums: NDArray[Any]


def add_up(
    places: Places, figures: Sequence[Column], queries: Places, ks: Sequence[int], out: Ints, *, threads: int
) -> None:
    """Fill `out` (1 + figures, ks, rows): squared radius in cm2 and the sums of `figures` within it, at the rows of
    `queries`.

    The first of `figures` is the number of residents; the places hold at least the largest of `ks` of them.
    """
    tree = _plant(places, figures)
    if queries is places:
        qx, qy, point = tree.x, tree.y, tree.point
    else:
        qx, qy, point = _in_order(queries)

    def chunk(first: int) -> None:
        part = slice(first, first + _CHUNK)
        at = (qx[part], qy[part])
        for block, k in enumerate(ks):
            square = np.empty(at[0].size, np.int64)
            _RADII(k, *at, tree.x, tree.y, tree.weight, tree.starts, tree.box, tree.residents, square, _SHARE)
            _SUMS(
                *at,
                square,
                tree.x,
                tree.y,
                tree.starts,
                tree.box,
                tree.table,
                tree.node_sums,
                point[part],
                queries.starts,
                queries.rows,
                out,
                block,
            )

    chunk(0)  # the first one compiles, in this thread
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(chunk, range(_CHUNK, qx.size, _CHUNK)):
            pass


def _levels(places: int) -> int:
    return max(0, (places // _LEAF).bit_length() - 1)


def _in_order(places: Places) -> tuple[Ints, Ints, Ints]:
    x, y = places.x.copy(), places.y.copy()
    point = np.arange(x.size, dtype=np.int64)
    _ARRANGE(x, y, point, _levels(x.size))
    return x, y, point


def _plant(places: Places, figures: Sequence[Column]) -> _Tree:
    x, y, point = _in_order(places)
    leaves = 1 << _levels(x.size)
    starts = np.arange(leaves + 1, dtype=np.int64) * x.size // leaves
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
    _BOXES(x, y, weight, starts, box, residents)
    sums = np.zeros((2 * leaves, len(figures)), np.int32 if most < 2**31 else np.int64)
    _NODE_SUMS(table, starts, sums)
    return _Tree(x, y, point, starts, box, residents, weight, table, sums)


def _within(column: Ints, kind: type[np.signedinteger[Any]]) -> bool:
    limits = np.iinfo(kind)
    return int(column.min()) >= limits.min and int(column.max()) <= limits.max
