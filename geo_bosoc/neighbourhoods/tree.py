"""The scipy way, for towns too small to be worth compiling for, and where numba is not installed: neighbours listed in
chunks, sums by a sparse product.

It gives the same integers as the compiled way: `cKDTree` only proposes neighbours by floating-point distance, and each
query's list is lengthened until the last one proposed lies certainly beyond the radius; who is in is decided by squared
distances in whole square centimetres.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_bosoc.neighbourhoods.inputs import Column, Ints, Locations

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

_NEIGHBOURS_AT_A_TIME: Final = 1_000_000
"""Neighbours listed at a time."""


def add_up(
    locations: Locations,
    figures: Sequence[Column],
    queries: Locations,
    ks: Sequence[int],
    out: Ints,
    *,
    n_jobs: int = 1,
) -> None:
    """Fill `out` as `compiled.add_up` does, with the same bytes."""
    from scipy.spatial import cKDTree  # slow to import, and few runs look at neighbours

    matrix = np.column_stack([figure() for figure in figures])
    residents = matrix[:, 0]
    west, south = locations.x.min(), locations.y.min()
    tree = cKDTree(np.column_stack([locations.x - west, locations.y - south]).astype(np.float64))
    query_xy = np.column_stack([queries.x - west, queries.y - south]).astype(np.float64)
    size = neighbours(locations.x.size, int(residents.sum()), max(ks))
    pending = np.arange(queries.x.size)
    while pending.size:
        size = min(size, locations.x.size)
        width = max(1, _NEIGHBOURS_AT_A_TIME // size)
        unfinished = []
        for first in range(0, pending.size, width):
            part = pending[first : first + width]
            unfinished.append(
                part[
                    ~_chunk(
                        locations, matrix, queries, part, tree, query_xy, size, sorted(ks), ks, out, n_jobs
                    )
                ]
            )
        pending = np.concatenate(unfinished)
        size *= 2


def neighbours(location_count: int, residents: int, k: int) -> int:
    """How many locations a query looks at first: as many as hold k where people live evenly, and a third more."""
    return min(location_count, location_count * k // max(residents, 1) * 4 // 3 + 16)


def _chunk(
    locations: Locations,
    matrix: Ints,
    queries: Locations,
    part: Ints,
    tree: cKDTree,
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    size: int,
    ordered: Sequence[int],
    ks: Sequence[int],
    out: Ints,
    n_jobs: int,
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Write those queries of the part whose lists were long enough; tell which they are."""
    from scipy.sparse import csr_array

    guess, near = tree.query(points[part], k=np.arange(1, size + 1), workers=n_jobs)
    square = (locations.x[near] - queries.x[part, None]) ** 2 + (
        locations.y[near] - queries.y[part, None]
    ) ** 2
    if not np.all(
        square[:, 1:] >= square[:, :-1]
    ):  # equal to the last bit of a double, not to the centimetre
        order = np.argsort(square, axis=1, kind="stable")
        square = np.take_along_axis(square, order, axis=1)
        near = np.take_along_axis(near, order, axis=1)
    reached = np.cumsum(matrix[near, 0], axis=1)
    enough = reached[:, -1] >= ordered[-1]
    if size < locations.x.size:
        furthest = np.take_along_axis(
            square, (reached < ordered[-1]).sum(axis=1).clip(max=size - 1)[:, None], 1
        )
        enough &= guess[:, -1] * (1 - 1e-9) > np.sqrt(furthest[:, 0].astype(np.float64))
    square, near, reached, part = square[enough], near[enough], reached[enough], part[enough]
    counts = queries.row_counts()[part]
    rows = np.concatenate([queries.rows[queries.starts[p] : queries.starts[p + 1]] for p in part] or [part])
    for block, k in enumerate(ks):
        radius = np.take_along_axis(square, (reached < k).sum(axis=1)[:, None], axis=1)
        is_inside = square <= radius
        ends = np.concatenate(([0], np.cumsum(is_inside.sum(axis=1))))
        chosen = csr_array(
            (np.ones(int(ends[-1]), np.int64), near[is_inside], ends), (part.size, locations.x.size)
        )
        sums = chosen @ matrix
        out[0, block, rows] = np.repeat(radius[:, 0], counts)
        out[1:, block, rows] = np.repeat(sums, counts, axis=0).T
    return enough
