"""Homes joined into places, by how near they lie to each other."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN, HDBSCAN

from geo_bosoc.problems import Report


def core_of(local: pd.DataFrame, flagged: NDArray[np.bool_], *, margin: float = 1.3) -> NDArray[np.bool_]:
    """Of the flagged rows of a local statistic, the addresses whose nearest surroundings are bad themselves.

    Large surroundings reach across a place's edge: an address beside it is flagged for what its neighbours are. An
    address stays if within its smallest k the share is more than `margin` times what is expected.

    Returns one value an address, in the order of the smallest k's rows.
    """
    ks = local["k"].to_numpy()
    smallest = ks == ks.min() if ks.size else np.zeros(0, bool)
    near = local[smallest]
    bad = pd.Series(flagged).groupby(local["address_id"].to_numpy()).any()
    hit = bad.reindex(near["address_id"].to_numpy()).to_numpy(dtype=bool)
    return hit & (near["cases"] > margin * near["expected"]).to_numpy()


def join_places(
    homes: pd.DataFrame,
    *,
    distance: float = 75.0,
    method: Literal["dbscan", "hdbscan"] = "dbscan",
    least_homes: int = 3,
    report: Report | None = None,
) -> pd.DataFrame:
    """Join homes into places: density clustering on distance, so that a street between two blocks divides nothing.

    Parameters
    ----------
    homes : the flagged ones, `address_id`, `x`, `y` (metres, EPSG:25832), `residents`. Shelters, institutions and
        excluded addresses are to be left out before.
    distance : metres that two neighbours in a place may lie apart.
    method : "dbscan" joins all that lies near enough; "hdbscan" then divides a place again where it holds parts of
        clearly different density (and leaves out homes between them).
    least_homes : addresses in a place at least (the own one included). There is no least number of residents.
    report : told how many homes stand alone.

    Returns
    -------
    DataFrame `address_id, place_id` with the homes that lie in a place; places are numbered P001, P002, ... by
    residents (most first), then from west to east. The order of rows in decides nothing.
    """
    own = Report()
    if method not in {"dbscan", "hdbscan"}:
        own.error('is "dbscan" or "hdbscan".', key="method")
    if distance <= 0:
        own.error("is more than 0.", key="distance")
    if least_homes < 2:
        own.error("is 2 or more: a lone home is no place.", key="least_homes")
    own.raise_errors()
    homes = homes.sort_values(["x", "y", "address_id"], ignore_index=True)
    if len(homes) < least_homes:
        own.settle(report)
        return pd.DataFrame({"address_id": pd.Series(dtype=str), "place_id": pd.Series(dtype=str)})
    xy = homes[["x", "y"]].to_numpy(np.float64)
    label = DBSCAN(eps=distance, min_samples=least_homes).fit_predict(xy)
    if method == "hdbscan":
        label = _divided(xy, label, least_homes)
    alone = int((label < 0).sum())
    if alone:
        own.note("flagged homes stand alone and make no place.", count=alone)
    inside = homes.assign(label=label)[label >= 0]
    sizes = inside.groupby("label").agg(residents=("residents", "sum"), x=("x", "min"), y=("y", "min"))
    ranked = sizes.sort_values(["residents", "x", "y"], ascending=[False, True, True]).index
    names = {number: f"P{rank:03d}" for rank, number in enumerate(ranked, start=1)}
    result = pd.DataFrame({"address_id": inside["address_id"], "place_id": inside["label"].map(names)})
    own.settle(report)
    return result.sort_values(["place_id", "address_id"], ignore_index=True)


def _divided(xy: NDArray[np.float64], label: NDArray[np.intp], least_homes: int) -> NDArray[np.intp]:
    """Each cluster divided by density, where that finds anything in it."""
    result = np.full(label.size, -1, np.intp)
    many = 0
    for number in range(int(label.max()) + 1):
        rows = np.flatnonzero(label == number)
        size = max(least_homes, 2)
        parts = np.zeros(rows.size, np.intp)
        if rows.size >= 2 * size:
            found = HDBSCAN(min_cluster_size=size, allow_single_cluster=True, copy=True).fit_predict(xy[rows])
            parts = found if found.max() >= 0 else parts
        result[rows] = np.where(parts >= 0, parts + many, -1)
        many += int(parts.max()) + 1
    return result
