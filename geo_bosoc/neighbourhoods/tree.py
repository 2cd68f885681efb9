"""The scipy way, for towns too small to be worth compiling for: neighbours listed in chunks, sums by a sparse product.

It gives the same integers as the compiled way: `cKDTree` only proposes neighbours by floating-point distance, and each
query's list is lengthened until the last one proposed lies certainly beyond the radius; who is in is decided by squared
distances in whole square centimetres.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_bosoc.neighbourhoods.locations import Column, Ints, Places

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

_LISTED: Final = 1_000_000
"""Neighbours listed at a time."""


def add_up(places: Places, figures: Sequence[Column], queries: Places, ks: Sequence[int], out: Ints) -> None:
    """Fill `out` as `compiled.add_up` does, with the same bytes."""
    from scipy.spatial import cKDTree  # slow to import, and few runs look at neighbours

    matrix = np.column_stack([figure() for figure in figures])
    residents = matrix[:, 0]
    west, south = places.x.min(), places.y.min()
    tree = cKDTree(np.column_stack([places.x - west, places.y - south]).astype(np.float64))
    at = np.column_stack([queries.x - west, queries.y - south]).astype(np.float64)
    size = neighbours(places.x.size, int(residents.sum()), max(ks))
    todo = np.arange(queries.x.size)
    while todo.size:
        size = min(size, places.x.size)
        width = max(1, _LISTED // size)
        again = []
        for first in range(0, todo.size, width):
            part = todo[first : first + width]
            again.append(part[~_chunk(places, matrix, queries, part, tree, at, size, sorted(ks), ks, out)])
        todo = np.concatenate(again)
        size *= 2


def neighbours(places: int, residents: int, k: int) -> int:
    """How many places a query looks at first: as many as hold k where people live evenly, and a third more."""
    return min(places, places * k // max(residents, 1) * 4 // 3 + 16)


def _chunk(
    places: Places,
    matrix: Ints,
    queries: Places,
    part: Ints,
    tree: cKDTree,
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    size: int,
    ordered: Sequence[int],
    ks: Sequence[int],
    out: Ints,
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Write those queries of the part whose lists were long enough; tell which they are."""
    from scipy.sparse import csr_array

    guess, near = tree.query(points[part], k=np.arange(1, size + 1))
    square = (places.x[near] - queries.x[part, None]) ** 2 + (places.y[near] - queries.y[part, None]) ** 2
    if not np.all(
        square[:, 1:] >= square[:, :-1]
    ):  # equal to the last bit of a double, not to the centimetre
        order = np.argsort(square, axis=1, kind="stable")
        square = np.take_along_axis(square, order, axis=1)
        near = np.take_along_axis(near, order, axis=1)
    reached = np.cumsum(matrix[near, 0], axis=1)
    enough = reached[:, -1] >= ordered[-1]
    if size < places.x.size:
        furthest = np.take_along_axis(
            square, (reached < ordered[-1]).sum(axis=1).clip(max=size - 1)[:, None], 1
        )
        enough &= guess[:, -1] * (1 - 1e-9) > np.sqrt(furthest[:, 0].astype(np.float64))
    square, near, reached, part = square[enough], near[enough], reached[enough], part[enough]
    counts = queries.row_counts()[part]
    rows = np.concatenate([queries.rows[queries.starts[p] : queries.starts[p + 1]] for p in part] or [part])
    for block, k in enumerate(ks):
        radius = np.take_along_axis(square, (reached < k).sum(axis=1)[:, None], axis=1)
        among = square <= radius
        ends = np.concatenate(([0], np.cumsum(among.sum(axis=1))))
        chosen = csr_array((np.ones(int(ends[-1]), np.int64), near[among], ends), (part.size, places.x.size))
        sums = chosen @ matrix
        out[0, block, rows] = np.repeat(radius[:, 0], counts)
        out[1:, block, rows] = np.repeat(sums, counts, axis=0).T
    return enough
