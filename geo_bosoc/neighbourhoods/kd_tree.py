"""A balanced k-d tree that is nothing but an order: compiled functions that put locations in it and describe its nodes.

Level l cuts n locations into ``2**l`` nodes, the j-th holding those from ``j * n >> l`` up to ``(j + 1) * n >> l``.
Nodes are numbered from the root, 1; those under node i are 2i and 2i + 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from geo_bosoc.neighbourhoods.inputs import Centimetres, Ints

Int: TypeAlias = Any
"""An int64 within compiled code (an int to Python, a numpy integer to the type checker)."""


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


def _arrange(x: Centimetres, y: Centimetres, index: Ints, levels: int) -> None:
    """Put the locations in the order of a balanced k-d tree, each node cut at the median of its wider side."""
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


def _boxes(x: Centimetres, y: Centimetres, weight: Ints, starts: Ints, box: Ints, total: Ints) -> None:
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
        left = 2 * node
        right = left + 1
        box[node, 0] = min(box[left, 0], box[right, 0])
        box[node, 1] = max(box[left, 1], box[right, 1])
        box[node, 2] = min(box[left, 2], box[right, 2])
        box[node, 3] = max(box[left, 3], box[right, 3])
        total[node] = total[left] + total[right]


def _node_sums(table: NDArray[Any], starts: Ints, sums: NDArray[Any]) -> None:
    """Sums of the locations' figures in each node."""
    leaves = starts.size - 1
    width = table.shape[1]
    for leaf in range(leaves):
        for i in range(starts[leaf], starts[leaf + 1]):
            for c in range(width):
                sums[leaves + leaf, c] += np.int64(table[i, c])
    for node in range(leaves - 1, 0, -1):
        for c in range(width):
            sums[node, c] = sums[2 * node, c] + sums[2 * node + 1, c]


def _bounds(x: Centimetres, y: Centimetres, first: Int, last: Int) -> tuple[Int, Int, Int, Int]:
    """West, east, south and north of some locations, one at least."""
    west = east = np.int64(x[first])
    south = north = np.int64(y[first])
    for i in range(first + 1, last):
        west = min(west, np.int64(x[i]))
        east = max(east, np.int64(x[i]))
        south = min(south, np.int64(y[i]))
        north = max(north, np.int64(y[i]))
    return west, east, south, north


def _ring(
    west: Int,
    east: Int,
    south: Int,
    north: Int,
    low: Int,
    high: Int,
    leaves: Int,
    box: Ints,
    inside: Ints,
    undecided: Ints,
) -> tuple[Int, Int]:
    """List the nodes that lie within `low` (a squared distance) wherever one stands in a rectangle, and the leaves that
    do not, yet may hold something within `high` of somewhere in it. Returns how many are listed of each.

    `inside` and `undecided` have room for every leaf: a list that grew in this loop would cost ten times the search.
    """
    stack = np.empty(96, np.int64)
    inside_count = 0
    undecided_count = 0
    stack[0] = 1
    top = 0
    while top >= 0:
        node = stack[top]
        top -= 1
        dx = max(box[node, 0] - east, west - box[node, 1], 0)
        dy = max(box[node, 2] - north, south - box[node, 3], 0)
        if dx * dx + dy * dy > high:
            continue
        dx = max(east - box[node, 0], box[node, 1] - west)
        dy = max(north - box[node, 2], box[node, 3] - south)
        if dx * dx + dy * dy <= low:
            inside[inside_count] = node
            inside_count += 1
        elif node < leaves:
            stack[top + 1] = 2 * node
            stack[top + 2] = 2 * node + 1
            top += 2
        else:
            undecided[undecided_count] = node - leaves
            undecided_count += 1
    return inside_count, undecided_count


arrange: Final = Kernel(_arrange)
boxes: Final = Kernel(_boxes)
node_sums: Final = Kernel(_node_sums)
bounds: Final = numba.njit(nogil=True)(_bounds)
ring: Final = numba.njit(nogil=True)(_ring)
"""For compiled code to call (numba keeps what calls it: touch `radii.py` and `compiled.py` too when it changes)."""
