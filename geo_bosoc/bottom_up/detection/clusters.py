"""Homes joined into places, and whether a place comes back when what it was found with is drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN, HDBSCAN

from geo_bosoc.bottom_up.detection.local import signed_root, worst_share_by_k
from geo_bosoc.neighbourhoods import nearest_sums
from geo_bosoc.problems import Report


def core_addresses(
    local: pd.DataFrame, flagged: NDArray[np.bool_], *, margin: float = 1.3
) -> NDArray[np.bool_]:
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


SAME_AGAIN = 0.3
"""Jaccard of homes from which a place found in a draw is the same place: as named and found places are joined."""


def place_stability(
    addresses: pd.DataFrame,
    units: pd.DataFrame,
    local: pd.DataFrame,
    flagged: NDArray[np.bool_],
    homes: pd.DataFrame,
    *,
    draws: int = 40,
    k_moved: Sequence[float] = (0.8, 0.9, 1.0, 1.1, 1.25),
    moved: float = 0.1,
    jaccard: float = SAME_AGAIN,
    least_at_risk: int = 10,
    distance: float = 75.0,
    least_homes: int = 3,
    method: Literal["dbscan", "hdbscan"] = "dbscan",
    worst: float | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    seed: int = 1,
) -> pd.DataFrame:
    """How often places are found again when what they were found with is drawn anew.

    Parameters
    ----------
    addresses, units : as `local_statistic` took them. local, flagged : what it gave, and which rows were believed.
    homes : `place_id, address_id` of the places asked about, found or named (a named one may never be found).
    draws : each draws as many units as there are from the units (bootstrap), takes one of `k_moved` times each k, and
        moves the least believed statistic by up to `moved`, up or down.
    jaccard : of homes, from which a place of a draw is the place again.
    distance, least_homes, method : of `join_places`. seed : of the draws.
    worst : where places were found as the worst share (`worst_share`), that share; it is what is moved then.

    Returns
    -------
    DataFrame `place_id, back` (share of draws in which it is found again), `jaccard` (of its homes with those of the
    most alike place, the mean over all draws; 0 where none shares a home), sorted by `place_id`.

    Notes
    -----
    No permutations are drawn anew: a statistic is believed where it reaches the least one that was believed. Where
    nothing was believed nothing comes back.
    """
    ids = homes["place_id"].drop_duplicates().sort_values().tolist()
    sets = {place: set(homes.loc[homes["place_id"] == place, "address_id"]) for place in ids}
    again, alike = dict.fromkeys(ids, 0), dict.fromkeys(ids, 0.0)
    if flagged.any() and len(units):
        edge = float(local["statistic"].to_numpy()[flagged].min())
        ks = sorted({int(k) for k in local["k"]})
        random = np.random.default_rng(seed)
        home = pd.Index(addresses["address_id"]).get_indexer(pd.Index(units["address_id"]))
        at_risk, cases = units["at_risk"].to_numpy(np.int64), units["cases"].to_numpy(np.int64)
        base = addresses[["address_id", "x", "y", "residents"]].reset_index(drop=True)
        for step, factor in enumerate(k_moved):
            own = range(step, draws, len(k_moved))
            if not len(own):
                continue
            columns: dict[str, NDArray[np.int64]] = {}
            for draw in own:
                weight = np.bincount(random.integers(0, len(units), len(units)), minlength=len(units))
                columns[f"risk_{draw}"] = _at_homes(home, weight * at_risk, len(base))
                columns[f"case_{draw}"] = _at_homes(home, weight * cases, len(base))
            near = sorted({max(1, round(k * factor)) for k in ks})
            sums = nearest_sums(
                base.assign(**columns), near, values=list(columns), barriers=barriers, report=Report()
            )
            for draw in own:
                factor = float(random.uniform(1 - moved, 1 + moved))
                whole = (int(columns[f"case_{draw}"].sum()), int(columns[f"risk_{draw}"].sum()))
                risk, case = (sums[f"{name}_{draw}"].to_numpy(np.int64) for name in ("risk", "case"))
                if worst is None:
                    tested = risk >= max(1, least_at_risk)
                    statistic = np.where(tested, signed_root(case, risk, *whole), 0.0)
                    believed = (statistic >= edge * factor) & (statistic > 0)
                else:
                    believed = worst_share_by_k(
                        sums.assign(at_risk=risk, cases=case), base, min(1.0, worst * factor)
                    )
                share = whole[0] / whole[1] if whole[1] else 0.0
                core = core_addresses(
                    sums[["address_id", "k"]].assign(cases=case, expected=risk * share), believed
                )
                joined = join_places(base[core], distance=distance, method=method, least_homes=least_homes,
                                     report=Report())  # fmt: skip
                found = [set(part) for _, part in joined.groupby("place_id")["address_id"]]
                for place in ids:
                    best = _most_alike(sets[place], found)
                    again[place] += best >= jaccard
                    alike[place] += best
    return pd.DataFrame(
        {
            "place_id": ids,
            "back": [again[place] / draws for place in ids],
            "jaccard": [alike[place] / draws for place in ids],
        }
    )


def _at_homes(home: NDArray[np.intp], figures: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    summed = np.zeros(size, np.int64)
    np.add.at(summed, home, figures)
    return summed


def _most_alike(homes: set[Any], places: Sequence[set[Any]]) -> float:
    return max((len(homes & other) / len(homes | other) for other in places if homes & other), default=0.0)
