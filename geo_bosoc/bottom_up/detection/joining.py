"""Homes whose surroundings stand out, joined into places by how far people walk between them."""

from __future__ import annotations

from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix
from scipy.sparse.csgraph import connected_components, shortest_path
from scipy.spatial import KDTree
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.neighbors import sort_graph_by_row_values

from geo_bosoc.neighbourhoods.barriers import barrier_parts
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

JoinMethod = Literal["single", "dbscan", "hdbscan"]
WALK: Final = 75.0
"""Metres that two neighbours in a place may lie apart (measured: docs/found_places.md)."""
LEAST_RESIDENTS: Final = 50
"""Of a place (measured: docs/found_places.md)."""
_NEAREST: Final = 0.01
"""Metres between addresses of the same location: a sparse matrix takes 0 for no entry."""
_COPIES: Final = 1_000
"""Residents of a cluster that HDBSCAN looks at: of more, each stands for several, as all distances are in memory."""


def join_places(
    homes: pd.DataFrame,
    *,
    distance: float = WALK,
    method: JoinMethod = "dbscan",
    least_homes: int = 3,
    least_residents: int = LEAST_RESIDENTS,
    barriers: gpd.GeoDataFrame | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Join homes into places: by density along what is walked, so that a street between two blocks divides nothing.

    Parameters
    ----------
    homes : DataFrame
        The flagged homes, `address_id`, `x`, `y` (metres, EPSG:25832), `residents`. Shelters, institutions and excluded
        addresses are to be left out before.
    distance : float, optional
        Metres that two neighbours in a place may lie apart, in a straight line that crosses no barrier.
    method : {"single", "dbscan", "hdbscan"}, optional
        "single" joins all that is near enough (single linkage with one threshold); "dbscan" too, but a home that joins
        others must have `least_homes` within the distance, so that a row of lone homes ties no places together;
        "hdbscan" then divides a place again where it has dense parts with something thinner between them, each of at
        least `least_residents`; homes between them go to the nearest.
    least_homes : int, optional
        Addresses in a place at least.
    least_residents : int, optional
        Residents in a place at least.
    barriers : GeoDataFrame, optional
        Lines and polygons that nobody walks across (`geo_bosoc.neighbourhoods.nearest_sums`). Homes are joined round
        the end of a barrier where others lie near enough there.
    report : Report, optional
        Takes how many homes are in no place.

    Returns
    -------
    DataFrame
        `address_id, place_id` of the homes that lie in a place; places are numbered P001, P002, ... by residents (most
        first), then from west to east. The order of rows in decides nothing.

    Raises
    ------
    InputError
        A setting is out of range.

    Notes
    -----
    Campello, Moulavi and Sander (2013), "Density-based clustering based on hierarchical density estimates", for
    HDBSCAN; its distances are those along the homes of a place (shortest paths), and a home weighs as many as live
    there.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.bottom_up import join_places
    >>> homes = pd.DataFrame({"address_id": list("abcd"), "x": [0.0, 50.0, 100.0, 900.0], "y": 0.0, "residents": 20})
    >>> join_places(homes).values.tolist()
    [['a', 'P001'], ['b', 'P001'], ['c', 'P001']]
    """
    inner_report = Report()
    if method not in {"single", "dbscan", "hdbscan"}:
        inner_report.error('is "single", "dbscan" or "hdbscan".', key="method")
    if distance <= 0:
        inner_report.error("is more than 0.", key="distance")
    if least_homes < 2:
        inner_report.error("is 2 or more: a lone home is no place.", key="least_homes")
    if least_residents < 0:
        inner_report.error("is 0 or more.", key="least_residents")
    inner_report.raise_errors()
    homes = homes.sort_values(["x", "y", "address_id"], ignore_index=True)
    if len(homes) < least_homes:
        inner_report.hand_over(report)
        return pd.DataFrame({"address_id": pd.Series(dtype=str), "place_id": pd.Series(dtype=str)})
    residents = homes["residents"].to_numpy(np.int64)
    near = _near(homes[["x", "y"]].to_numpy(np.float64), distance, barriers, inner_report)
    inner_report.raise_errors()
    if method == "single":
        label = _components(near, least_homes)
    else:
        dbscan = DBSCAN(eps=distance, min_samples=least_homes, metric="precomputed")
        label = dbscan.fit_predict(sort_graph_by_row_values(csr_matrix(near), warn_when_not_sorted=False))
    if method == "hdbscan":
        label = _divide(near, residents, label, least_homes, least_residents)
    joined = pd.Series(residents[label >= 0]).groupby(label[label >= 0]).sum()
    too_few = joined.index[joined < least_residents]
    unclustered = int((label < 0).sum())
    if unclustered:
        inner_report.note("flagged homes stand alone and make no place.", count=unclustered)
    if len(too_few):
        inner_report.note(
            phrase(
                "groups of flagged homes have fewer than {least} residents and make no place.",
                least=least_residents,
            ),
            count=len(too_few),
        )
    clustered = homes.assign(label=label)[(label >= 0) & ~np.isin(label, too_few)]
    sizes = clustered.groupby("label").agg(residents=("residents", "sum"), x=("x", "min"), y=("y", "min"))
    ranked = sizes.sort_values(["residents", "x", "y"], ascending=[False, True, True]).index
    names = {number: f"P{rank:03d}" for rank, number in enumerate(ranked, start=1)}
    result = pd.DataFrame({"address_id": clustered["address_id"], "place_id": clustered["label"].map(names)})
    inner_report.hand_over(report)
    return result.sort_values(["place_id", "address_id"], ignore_index=True)


def _near(
    xy: NDArray[np.float64], distance: float, barriers: gpd.GeoDataFrame | None, report: Report
) -> csr_array:
    """Metres between homes that lie near enough with no barrier between them; symmetric."""
    pairs = KDTree(xy).query_pairs(distance, output_type="ndarray")
    if barriers is not None and len(pairs):
        pairs = pairs[~_parted(xy, pairs, barriers, report)]
    metres = np.maximum(np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T), _NEAREST)
    rows, columns = np.concatenate([pairs, pairs[:, ::-1]]).T
    return csr_array((np.concatenate([metres, metres]), (rows, columns)), shape=(len(xy), len(xy)))


def _parted(
    xy: NDArray[np.float64], pairs: NDArray[np.intp], barriers: gpd.GeoDataFrame, report: Report
) -> NDArray[np.bool_]:
    """Which straight lines cross a barrier; one that a home itself lies on or in (a houseboat) parts it from nobody."""
    shapes: NDArray[Any] = np.concatenate(barrier_parts(barriers, report))
    between = shapely.linestrings(xy[pairs])
    line, barrier = shapely.STRtree(shapes).query(between, predicate="intersects")
    ends = [shapely.intersects(shapely.points(xy[pairs[line, end]]), shapes[barrier]) for end in (0, 1)]
    parted = np.zeros(len(pairs), bool)
    parted[line[~(ends[0] | ends[1])]] = True
    return parted


def _components(near: csr_array, least_homes: int) -> NDArray[np.intp]:
    """Homes that are near each other, directly or over others."""
    _, label = connected_components(near, directed=False)
    alone = np.bincount(label)[label] < least_homes
    return np.asarray(np.where(alone, -1, label), dtype=np.intp)


def _divide(
    near: csr_array,
    residents: NDArray[np.int64],
    label: NDArray[np.intp],
    least_homes: int,
    least_residents: int,
) -> NDArray[np.intp]:
    """Each cluster divided by density, where that yields two clusters or more in it."""
    result = np.full(label.size, -1, np.intp)
    clusters = 0
    for number in range(int(label.max()) + 1):
        rows = np.flatnonzero(label == number)
        grain = max(1, -(-int(residents[rows].sum()) // _COPIES))
        size = max(least_homes, -(-least_residents // grain))
        copies = np.maximum(1, np.rint(residents[rows] / grain).astype(np.int64))
        parts = np.zeros(rows.size, np.intp)
        if copies.sum() >= 2 * size:
            walked = shortest_path(near[rows][:, rows], directed=False)
            of_copy = np.repeat(np.arange(rows.size), copies)
            hdbscan = HDBSCAN(
                min_cluster_size=size, metric="precomputed", allow_single_cluster=True, copy=True
            )
            of_copies = hdbscan.fit_predict(walked[np.ix_(of_copy, of_copy)])
            subclusters = _large_enough(
                of_copies[np.cumsum(copies) - copies], residents[rows], least_residents
            )
            if subclusters.max() >= 1:
                parts = _with_those_between(subclusters, walked)
        result[rows] = parts + clusters
        clusters += int(parts.max()) + 1
    return result


def _large_enough(
    label: NDArray[np.intp], residents: NDArray[np.int64], least_residents: int
) -> NDArray[np.intp]:
    """The clusters of so many residents, numbered anew; homes of the others are in none."""
    clustered = label >= 0
    living = np.bincount(label[clustered], weights=residents[clustered])
    number = np.where(living >= least_residents, np.cumsum(living >= least_residents) - 1, -1)
    return np.asarray(np.append(number, -1)[label], dtype=np.intp)


def _with_those_between(label: NDArray[np.intp], walked: NDArray[np.float64]) -> NDArray[np.intp]:
    """Homes of no cluster go to that of the nearest home in one."""
    clustered = np.flatnonzero(label >= 0)
    nearest = clustered[walked[:, clustered].argmin(axis=1)]
    return np.asarray(np.where(label >= 0, label, label[nearest]), dtype=np.intp)
