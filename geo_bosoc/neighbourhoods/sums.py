"""Sums over each address's k nearest residents (`nearest_sums`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_bosoc.memory import THREADS
from geo_bosoc.neighbourhoods.barriers import sides
from geo_bosoc.neighbourhoods.inputs import (
    Column,
    GivenPoints,
    Ints,
    Locations,
    check_figures,
    check_ks,
    check_points,
    merge,
)
from geo_bosoc.problems import NonPersonal, Report
from geo_bosoc.problems.messages import phrase

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Method = Literal["auto", "compiled", "tree"]

_WORTH_COMPILING = 20_000_000
"""Neighbours to be listed in all. Fewer take the scipy way about as long as loading the compiled one."""
_NEIGHBOURS_AT_A_TIME: Final = 1_000_000
"""Neighbours that the scipy way lists at a time."""


def nearest_sums(
    addresses: pd.DataFrame,
    k: int | Sequence[int],
    *,
    values: Sequence[str] = (),
    queries: pd.DataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    share_furthest: bool = False,
    method: Method = "auto",
    n_jobs: int = THREADS,
    report: Report | None = None,
) -> pd.DataFrame:
    """Sum each address's surroundings: its k nearest residents, and all that lies no further away than they.

    Coordinates are rounded to whole centimetres and distances compared as whole square centimetres, so there is no
    rounding: the radius of an address is the smallest distance within which at least k residents live, and every
    address at that distance or nearer is in, with all its residents. The own address is always in. Ids and the order of
    rows decide nothing; the same input gives the same bytes by either method.

    Parameters
    ----------
    addresses : DataFrame
        One row an address: `address_id` (each once), `x`, `y` (metres, EPSG:25832), `residents` (how many persons
        count towards k; 0 is allowed) and the columns of `values`. Addresses without coordinates are left out with a
        warning.
    k : int or sequence of int
        How many residents make a neighbourhood, or several such numbers (the addresses are merged, ordered and summed
        into a tree once for all of them).
    values : sequence of str, optional
        Columns to sum: an indicator's numerator, denominator and unknown, whole numbers (fixed point for weights and
        sums) without gaps. Sums are int64 and exact.
    queries : DataFrame, optional
        Other locations to sum around, `address_id, x, y`; only `addresses` are summed. By default the addresses.
    barriers : GeoDataFrame, optional
        Lines and polygons (any CRS; water, motorways, railways) that no neighbourhood reaches across. The land within
        the bounding box of all locations is cut along the lines, the polygons are taken out, and an address reaches
        the addresses on its own piece of land only, by straight distance. So a barrier counts where it divides the
        land: a lake that one can walk round divides nothing, nor does a line with a gap or one that ends in the middle
        of the land; a bridge or an underpass is a gap to be left in the barrier; distance is not measured round a
        barrier. What lies outside the bounding box joins nothing. Addresses on or in a barrier go with the nearest
        land, with a warning.
    share_furthest : bool, optional
        Of the addresses at the radius only the share is counted that makes up k residents, the same of each and of all
        their figures: `residents` is k, and the sums of `values` are floats.
    method : {"auto", "compiled", "tree"}, optional
        "compiled" (a tree compiled by numba, which ``pip install geo-bosoc[fast]`` brings), "tree" (scipy's cKDTree,
        nothing to compile; slower by far from some 20,000 addresses on) or "auto", which takes the first where numba
        is installed and worth loading.
    n_jobs : int, optional
        Threads.
    report : Report, optional
        Where warnings go; without one they are issued as `BosocWarning`.

    Returns
    -------
    DataFrame
        One row an address (a query) and k, by k and then in the order given: `address_id`, `k`, `radius` (metres; the
        square root of a whole number of square centimetres), `reached` (False where the address's piece of land has
        fewer than k residents: then everything there is in, and `radius` is the distance to the furthest address),
        `residents`, `addresses` (how many of each are in), and the sums of `values`.

    Raises
    ------
    InputError
        Listing every fault: columns that are missing or hold gaps or no whole numbers, ids that occur twice, negative
        residents, a k below 1, barriers that are points, "compiled" where numba is not installed.

    Notes
    -----
    The neighbourhood of the k nearest is the egocentric one of the Danish socio-economic neighbourhood index
    (k = 1,000 residents of each dwelling). Time grows with the number of addresses and the square root of k; memory
    with the number of addresses times the number of values (the input, the result, and a copy in the narrowest type
    that holds the figures), not with k.

    Examples
    --------
    >>> frame = pd.DataFrame({"address_id": ["A", "B", "C"], "x": [0.0, 3.0, 3.0], "y": [0.0, 4.0, 12.0]})
    >>> frame = frame.assign(residents=[2, 3, 4], outside=[1, 1, 0])
    >>> nearest_sums(frame, 5, values=["outside"])[["address_id", "radius", "residents", "outside"]].values.tolist()
    [['A', 5.0, 5, 2], ['B', 5.0, 5, 2], ['C', 8.0, 7, 1]]
    """
    input_report = Report()
    ks = check_ks(k, input_report)
    points, x, y = check_points(addresses, "addresses", input_report)
    check_figures(addresses, values, input_report)
    query_points: GivenPoints = points
    query_xy: tuple[Ints, Ints] | None = None
    if queries is not None:
        query_points, *xy = check_points(queries, "queries", input_report)
        query_xy = (xy[0], xy[1])
    if method not in {"auto", "compiled", "tree"}:
        input_report.error('is "auto", "compiled" or "tree".', key="method")
    if method == "compiled" and not _can_compile():
        input_report.error(
            '"compiled" needs numba, which is not installed.',
            hint='pip install "geo-bosoc[fast]", or method="auto": the same figures, in more time.',
            key="method",
        )
    if n_jobs < 1:
        input_report.error("is 1 or more.", key="n_jobs")
    input_report.raise_errors()

    columns = ["residents", *values]
    groups = list(_groups(x, y, query_xy, barriers, input_report))
    input_report.raise_errors()
    del x, y, query_xy
    out = np.zeros((1 + 1 + len(columns), len(ks), len(query_points.ids)), np.int64)
    nearer = np.zeros_like(out) if share_furthest else None
    residents = points.integers(addresses["residents"])
    reached = np.zeros((len(ks), len(query_points.ids)), bool)
    compiled = method == "compiled" or (
        method == "auto" and _work(groups, residents, ks) > _WORTH_COMPILING and _can_compile()
    )
    for locations, query_locations in groups:
        figures = _figures(locations, points, addresses, columns)
        resident_total = int(figures[0]().sum())
        enough = [size for size in ks if size <= resident_total]
        reached[: len(enough), query_locations.rows] = True
        if enough and compiled:
            from geo_bosoc.neighbourhoods import compiled as compiled_way

            compiled_way.add_up(locations, figures, query_locations, enough, out, nearer, n_jobs=n_jobs)
        elif enough:
            _add_up_by_tree(locations, figures, query_locations, enough, out, nearer, n_jobs=n_jobs)
        if len(enough) < len(ks):
            _all_in(locations, figures, query_locations, out[:, len(enough) :])
    for number, size in enumerate(ks):
        short = int((~reached[number]).sum())
        if short:
            input_report.warn(
                phrase(
                    "addresses reach fewer than {size} residents: everything on their piece of land is in.",
                    size=size,
                ),
                count=short,
            )
    input_report.hand_over(report)
    shared = None if nearer is None else _shared(out, nearer, ks, reached)
    frame = _frame(query_points, ks, columns, out, reached)
    if shared is not None:
        frame["residents"] = np.where(reached, np.array(ks)[:, None], out[1]).ravel()
        for name, sums in zip(values, shared, strict=True):
            frame[name] = sums.ravel()
    return frame


def _shared(
    out: Ints, nearer: Ints, ks: Sequence[int], reached: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """The sums of the values, of the addresses at the radius the share that makes up k residents."""
    at_radius = np.maximum(out[1] - nearer[1], 1)
    share = np.where(reached, (np.array(ks)[:, None] - nearer[1]) / at_radius, 1.0)
    return nearer[3:] + (out[3:] - nearer[3:]) * share


def _groups(
    x: Ints, y: Ints, positions: tuple[Ints, Ints] | None, barriers: gpd.GeoDataFrame | None, report: Report
) -> Iterator[tuple[Locations, Locations]]:
    """The locations of each piece of land and the queries there (the same object where none are named)."""
    if barriers is None:
        locations = merge(x, y)
        yield locations, locations if positions is None else merge(*positions)
        return
    all_locations = (
        merge(x, y)
        if positions is None
        else merge(np.concatenate([x, positions[0]]), np.concatenate([y, positions[1]]))
    )
    side = np.empty(all_locations.rows.size, np.int64)
    side[all_locations.rows] = np.repeat(
        sides(all_locations.x, all_locations.y, barriers, report), all_locations.row_counts()
    )
    rows_by_side, query_rows_by_side = _by_side(side[: x.size]), _by_side(side[x.size :])
    report.facts["nearest"] = NonPersonal({"pieces_of_land": len(rows_by_side)})
    no_rows = np.empty(0, np.int64)
    for number in sorted(rows_by_side if positions is None else query_rows_by_side):
        locations = merge(x, y, rows_by_side.get(number, no_rows))
        yield locations, locations if positions is None else merge(*positions, query_rows_by_side[number])


def _by_side(side: Ints) -> dict[int, Ints]:
    order = np.argsort(side, kind="stable")
    numbers, starts = np.unique(side[order], return_index=True)
    return dict(zip(numbers.tolist(), np.split(order, starts[1:]), strict=True)) if side.size else {}


def _figures(
    locations: Locations, points: GivenPoints, addresses: pd.DataFrame, columns: Sequence[str]
) -> list[Column]:
    """Residents, addresses and values of each location, each added up when it is called for."""

    def summed(name: str) -> Column:
        return lambda: locations.total(points.integers(addresses[name]))

    return [summed(columns[0]), locations.row_counts, *(summed(name) for name in columns[1:])]


def _can_compile() -> bool:
    """Whether numba is installed; looking for it does not load it."""
    return find_spec("numba") is not None


def _work(groups: Sequence[tuple[Locations, Locations]], residents: Ints, ks: Sequence[int]) -> int:
    """About how many neighbours the scipy way would list."""
    return sum(
        query_locations.x.size * _neighbours(locations.x.size, int(residents[locations.rows].sum()), ks[-1])
        for locations, query_locations in groups
    )


def _add_up_by_tree(
    locations: Locations,
    figures: Sequence[Column],
    queries: Locations,
    ks: Sequence[int],
    out: Ints,
    nearer: Ints | None,
    *,
    n_jobs: int,
) -> None:
    """Fill `out` and `nearer` the scipy way, as `compiled.add_up` does: neighbours listed in chunks, a sparse product.

    `cKDTree` only proposes neighbours by floating-point distance, and each query's list is lengthened until the last
    proposed lies certainly beyond the radius; who is in is decided by squared distances in whole square centimetres.
    """
    from scipy.spatial import cKDTree  # slow to import, and few runs look at neighbours

    matrix = np.column_stack([figure() for figure in figures])
    residents = matrix[:, 0]
    west, south = locations.x.min(), locations.y.min()
    tree = cKDTree(np.column_stack([locations.x - west, locations.y - south]).astype(np.float64))
    query_xy = np.column_stack([queries.x - west, queries.y - south]).astype(np.float64)
    size = _neighbours(locations.x.size, int(residents.sum()), max(ks))
    pending = np.arange(queries.x.size)
    while pending.size:
        size = min(size, locations.x.size)
        width = max(1, _NEIGHBOURS_AT_A_TIME // size)
        unfinished = []
        for first in range(0, pending.size, width):
            part = pending[first : first + width]
            unfinished.append(
                part[~_chunk(locations, matrix, queries, part, tree, query_xy, size, ks, out, nearer, n_jobs)]
            )
        pending = np.concatenate(unfinished)
        size *= 2


def _neighbours(location_count: int, residents: int, k: int) -> int:
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
    ks: Sequence[int],
    out: Ints,
    nearer: Ints | None,
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
    enough = reached[:, -1] >= ks[-1]
    if size < locations.x.size:
        furthest = np.take_along_axis(square, (reached < ks[-1]).sum(axis=1).clip(max=size - 1)[:, None], 1)
        enough &= guess[:, -1] * (1 - 1e-9) > np.sqrt(furthest[:, 0].astype(np.float64))
    square, near, reached, part = square[enough], near[enough], reached[enough], part[enough]
    counts = queries.row_counts()[part]
    rows = np.concatenate([queries.rows[queries.starts[p] : queries.starts[p + 1]] for p in part] or [part])
    for block, k in enumerate(ks):
        radius = np.take_along_axis(square, (reached < k).sum(axis=1)[:, None], axis=1)
        out[0, block, rows] = np.repeat(radius[:, 0], counts)
        for filled, is_inside in ((out, square <= radius), (nearer, square < radius)):
            if filled is not None:
                ends = np.concatenate(([0], np.cumsum(is_inside.sum(axis=1))))
                chosen = csr_array(
                    (np.ones(int(ends[-1]), np.int64), near[is_inside], ends), (part.size, locations.x.size)
                )
                filled[1:, block, rows] = np.repeat(chosen @ matrix, counts, axis=0).T
    return enough


def _all_in(locations: Locations, figures: Sequence[Column], query_locations: Locations, out: Ints) -> None:
    """Every location is in; the radius is the distance to the furthest, which is a corner of their convex hull."""
    if not locations.x.size:
        return
    hull = shapely.convex_hull(
        shapely.multipoints(np.column_stack([locations.x, locations.y]).astype(np.float64))
    )
    furthest = np.zeros(query_locations.x.size, np.int64)
    for x, y in shapely.get_coordinates(hull).astype(np.int64):
        np.maximum(furthest, (query_locations.x - x) ** 2 + (query_locations.y - y) ** 2, out=furthest)
    for block in range(out.shape[1]):
        out[0, block, query_locations.rows] = np.repeat(furthest, query_locations.row_counts())
        for number, figure in enumerate(figures, start=1):
            out[number, block, query_locations.rows] = figure().sum()


def _frame(
    query_points: GivenPoints,
    ks: Sequence[int],
    columns: Sequence[str],
    out: Ints,
    reached: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
) -> pd.DataFrame:
    names = [columns[0], "addresses", *columns[1:]]
    result = pd.DataFrame(out[1:].reshape(len(names), -1).T, columns=names, copy=False)
    ids = query_points.ids if len(ks) == 1 else pd.concat([query_points.ids] * len(ks), ignore_index=True)
    result.insert(0, "address_id", ids)
    result.insert(1, "k", np.repeat(np.array(ks, np.int64), len(query_points.ids)))
    radius = out[0].view(np.float64)  # in the same memory: for a country that is worth it
    np.divide(np.sqrt(out[0].astype(np.float64)), 100, out=radius)
    result.insert(2, "radius", radius.ravel())
    result.insert(3, "reached", reached.ravel())
    return result
