"""Homes whose surroundings stand out, joined into places; and whether a place comes back in draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN, HDBSCAN

from geo_bosoc.bottom_up.detection.local import signed_root, sum_by_home
from geo_bosoc.neighbourhoods import nearest_sums
from geo_bosoc.problems import Report


def false_discovery(p: pd.Series | NDArray[np.float64], rate: float = 0.05) -> NDArray[np.bool_]:
    """Which tests to believe, so that the expected share of false ones among them is at most `rate`.

    Parameters
    ----------
    p : Series or ndarray of float
        Of each test.
    rate : float, optional
        The expected share of false ones.

    Returns
    -------
    ndarray of bool
        By test.

    Notes
    -----
    Benjamini and Hochberg (1995): with the p in order, the largest i with ``p_i <= rate x i / m`` and all before it.

    Examples
    --------
    >>> import numpy as np
    >>> from geo_bosoc.bottom_up import false_discovery
    >>> false_discovery(np.array([0.01, 0.02, 0.9]), 0.05).tolist()
    [True, True, False]
    """
    values = np.asarray(p, dtype=np.float64)
    if not values.size:
        return np.zeros(0, bool)
    ordered = np.sort(values)
    passed = np.flatnonzero(ordered <= rate * np.arange(1, values.size + 1) / values.size)
    return values <= ordered[passed[-1]] if passed.size else np.zeros(values.size, bool)


def worst_share(
    numerator: pd.Series | NDArray[np.int64],
    denominator: pd.Series | NDArray[np.int64],
    weight: pd.Series | NDArray[np.int64],
    share: float = 0.05,
) -> NDArray[np.bool_]:
    """The surroundings with the highest share, until `share` of the weight (residents living there) is used.

    Those with the same value are in together or out together; who would exceed the share is out, so that it may come
    to somewhat less. Surroundings without a denominator are not among the worst. Values are compared as fractions,
    not rounded (doubles only put them in order: two that differ by less than a part in 2**50 count as the same).

    Parameters
    ----------
    numerator, denominator, weight : Series or ndarray of int
        Of each of the surroundings.
    share : float, optional
        Of the weight.

    Returns
    -------
    ndarray of bool
        By surroundings.

    Examples
    --------
    >>> import numpy as np
    >>> from geo_bosoc.bottom_up import worst_share
    >>> worst_share(np.array([9, 5, 1]), np.array([10, 10, 10]), np.array([100, 100, 100]), 0.4).tolist()
    [True, False, False]
    """
    numerators, denominators, weights = (
        np.asarray(values, dtype=np.int64) for values in (numerator, denominator, weight)
    )
    value = np.divide(numerators, denominators, out=np.full(numerators.size, -np.inf), where=denominators > 0)
    order = np.argsort(-value, kind="stable")
    used = np.cumsum(weights[order])
    last_of_tie = (
        np.append(value[order][1:] != value[order][:-1], True) if numerators.size else np.zeros(0, bool)
    )
    fits = last_of_tie & (used <= share * int(weights.sum())) & np.isfinite(value[order])
    chosen = np.zeros(numerators.size, bool)
    if fits.any():
        chosen[order[: np.flatnonzero(fits)[-1] + 1]] = True
    return chosen


def worst_share_by_k(local: pd.DataFrame, addresses: pd.DataFrame, share: float = 0.05) -> NDArray[np.bool_]:
    """`worst_share` within each k.

    Parameters
    ----------
    local : DataFrame
        Rows of surroundings: `address_id, k, at_risk, cases`.
    addresses : DataFrame
        `address_id, residents`.
    share : float, optional
        Of the residents.

    Returns
    -------
    ndarray of bool
        (rows,), in the order of `local`.
    """
    residents = local["address_id"].map(addresses.set_index("address_id")["residents"]).to_numpy(np.int64)
    chosen = np.zeros(len(local), bool)
    for k in sorted(set(local["k"])):
        rows = (local["k"] == k).to_numpy()
        surroundings = local[rows]
        chosen[rows] = worst_share(surroundings["cases"], surroundings["at_risk"], residents[rows], share)
    return chosen


def core_addresses(
    local: pd.DataFrame, flagged: NDArray[np.bool_], *, margin: float = 1.3
) -> NDArray[np.bool_]:
    """Of the flagged rows of a local statistic, the addresses whose nearest surroundings are high themselves.

    Large surroundings reach across a place's edge: an address at it is flagged for what its neighbours are. An
    address stays if within its smallest k the share is more than `margin` times what is expected.

    Parameters
    ----------
    local : DataFrame
        See `local_statistic`.
    flagged : ndarray of bool
        By row of `local`.
    margin : float, optional
        Times what is expected.

    Returns
    -------
    ndarray of bool
        By address, in the order of the smallest k's rows.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from geo_bosoc.bottom_up import core_addresses
    >>> local = pd.DataFrame({"address_id": ["a", "b"], "k": 100, "cases": [20, 11], "expected": 10.0})
    >>> core_addresses(local, np.array([True, True])).tolist()
    [True, False]
    """
    ks = local["k"].to_numpy()
    smallest = ks == ks.min() if ks.size else np.zeros(0, bool)
    nearest = local[smallest]
    flagged_by_address = pd.Series(flagged).groupby(local["address_id"].to_numpy()).any()
    is_flagged = flagged_by_address.reindex(nearest["address_id"].to_numpy()).to_numpy(dtype=bool)
    return is_flagged & (nearest["cases"] > margin * nearest["expected"]).to_numpy()


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
    homes : DataFrame
        The flagged homes, `address_id`, `x`, `y` (metres, EPSG:25832), `residents`. Shelters, institutions and excluded
        addresses are to be left out before.
    distance : float, optional
        Metres that two neighbours in a place may lie apart.
    method : {"dbscan", "hdbscan"}, optional
        "dbscan" joins all that lies near enough; "hdbscan" then divides a place again where it has parts of clearly
        different density (and leaves out homes between them).
    least_homes : int, optional
        Addresses in a place at least. There is no least number of residents.
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

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.bottom_up import join_places
    >>> homes = pd.DataFrame({"address_id": list("abcd"), "x": [0.0, 50.0, 100.0, 900.0], "y": 0.0, "residents": 5})
    >>> join_places(homes).values.tolist()
    [['a', 'P001'], ['b', 'P001'], ['c', 'P001']]
    """
    inner_report = Report()
    if method not in {"dbscan", "hdbscan"}:
        inner_report.error('is "dbscan" or "hdbscan".', key="method")
    if distance <= 0:
        inner_report.error("is more than 0.", key="distance")
    if least_homes < 2:
        inner_report.error("is 2 or more: a lone home is no place.", key="least_homes")
    inner_report.raise_errors()
    homes = homes.sort_values(["x", "y", "address_id"], ignore_index=True)
    if len(homes) < least_homes:
        inner_report.hand_over(report)
        return pd.DataFrame({"address_id": pd.Series(dtype=str), "place_id": pd.Series(dtype=str)})
    xy = homes[["x", "y"]].to_numpy(np.float64)
    label = DBSCAN(eps=distance, min_samples=least_homes).fit_predict(xy)
    if method == "hdbscan":
        label = _divide(xy, label, least_homes)
    unclustered = int((label < 0).sum())
    if unclustered:
        inner_report.note("flagged homes stand alone and make no place.", count=unclustered)
    clustered = homes.assign(label=label)[label >= 0]
    sizes = clustered.groupby("label").agg(residents=("residents", "sum"), x=("x", "min"), y=("y", "min"))
    ranked = sizes.sort_values(["residents", "x", "y"], ascending=[False, True, True]).index
    names = {number: f"P{rank:03d}" for rank, number in enumerate(ranked, start=1)}
    result = pd.DataFrame({"address_id": clustered["address_id"], "place_id": clustered["label"].map(names)})
    inner_report.hand_over(report)
    return result.sort_values(["place_id", "address_id"], ignore_index=True)


def _divide(xy: NDArray[np.float64], label: NDArray[np.intp], least_homes: int) -> NDArray[np.intp]:
    """Each cluster divided by density, where that yields any clusters in it."""
    result = np.full(label.size, -1, np.intp)
    clusters = 0
    for number in range(int(label.max()) + 1):
        rows = np.flatnonzero(label == number)
        size = max(least_homes, 2)
        parts = np.zeros(rows.size, np.intp)
        if rows.size >= 2 * size:
            hdbscan = HDBSCAN(min_cluster_size=size, allow_single_cluster=True, copy=True)
            subclusters = hdbscan.fit_predict(xy[rows])
            parts = subclusters if subclusters.max() >= 0 else parts
        result[rows] = np.where(parts >= 0, parts + clusters, -1)
        clusters += int(parts.max()) + 1
    return result


SAME_PLACE_JACCARD = 0.3
"""Jaccard of homes from which a place of a draw is the same place: as places are merged."""


def place_stability(
    addresses: pd.DataFrame,
    units: pd.DataFrame,
    local: pd.DataFrame,
    flagged: NDArray[np.bool_],
    homes: pd.DataFrame,
    *,
    draws: int = 40,
    k_factors: Sequence[float] = (0.8, 0.9, 1.0, 1.1, 1.25),
    threshold_shift: float = 0.1,
    jaccard: float = SAME_PLACE_JACCARD,
    least_at_risk: int = 10,
    distance: float = 75.0,
    least_homes: int = 3,
    method: Literal["dbscan", "hdbscan"] = "dbscan",
    worst: float | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    seed: int = 1,
) -> pd.DataFrame:
    """How often places are detected again in draws of what they were detected with.

    Parameters
    ----------
    addresses, units : DataFrame
        As `local_statistic` took them.
    local : DataFrame
        What it gave.
    flagged : ndarray of bool
        Which of its rows were significant.
    homes : DataFrame
        `place_id, address_id` of the places asked about, detected or nominated (a nominated place may never be
        detected).
    draws : int, optional
        Each draws as many units as there are from the units (bootstrap), takes one of `k_factors` times each k, and
        moves the least significant statistic by up to `threshold_shift`, up or down.
    k_factors : sequence of float, optional
        See `draws`.
    threshold_shift : float, optional
        See `draws`.
    jaccard : float, optional
        Of homes, from which a place of a draw is the place again.
    least_at_risk : int, optional
        As of `local_statistic`.
    distance, least_homes, method : float, int, str
        As of `join_places`.
    worst : float, optional
        Where places were detected as the worst share (`worst_share`), that share; it is what is moved then.
    barriers : GeoDataFrame, optional
        As of `local_statistic`.
    seed : int, optional
        Of the draws.

    Returns
    -------
    DataFrame
        `place_id, back` (share of draws in which it is detected again), `jaccard` (of its homes with those of the most
        alike place, the mean over all draws; 0 where none shares a home), sorted by `place_id`.

    Notes
    -----
    There are no new permutations: a statistic is significant where it reaches the least that was. Where nothing was
    significant nothing comes back.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from geo_bosoc.bottom_up import local_statistic, place_stability
    >>> addresses = pd.DataFrame({"address_id": range(40), "x": np.arange(40) * 50.0, "y": 0.0, "residents": 10})
    >>> units = pd.DataFrame({"address_id": list(range(40)) * 10, "at_risk": 1, "cases": 0})
    >>> units.loc[units["address_id"] < 4, "cases"] = 1
    >>> local = local_statistic(addresses, units, 30, permutations=19)
    >>> homes = pd.DataFrame({"place_id": "P001", "address_id": range(4)})
    >>> place_stability(addresses, units, local, (local["p"] < 0.05).to_numpy(), homes, draws=10)["back"].tolist()
    [1.0]
    """
    ids = homes["place_id"].drop_duplicates().sort_values().tolist()
    homes_by_place = {place: set(homes.loc[homes["place_id"] == place, "address_id"]) for place in ids}
    recurrences, jaccard_sums = dict.fromkeys(ids, 0), dict.fromkeys(ids, 0.0)
    if flagged.any() and len(units):
        least_statistic = float(local["statistic"].to_numpy()[flagged].min())
        ks = sorted({int(k) for k in local["k"]})
        random = np.random.default_rng(seed)
        home = pd.Index(addresses["address_id"]).get_indexer(pd.Index(units["address_id"]))
        at_risk, cases = units["at_risk"].to_numpy(np.int64), units["cases"].to_numpy(np.int64)
        by_address = addresses[["address_id", "x", "y", "residents"]].reset_index(drop=True)
        for offset, factor in enumerate(k_factors):
            batch = range(offset, draws, len(k_factors))
            if not len(batch):
                continue
            columns: dict[str, NDArray[np.int64]] = {}
            for draw in batch:
                weight = np.bincount(random.integers(0, len(units), len(units)), minlength=len(units))
                columns[f"risk_{draw}"] = sum_by_home(home, weight * at_risk, len(by_address))
                columns[f"case_{draw}"] = sum_by_home(home, weight * cases, len(by_address))
            scaled_ks = sorted({max(1, round(k * factor)) for k in ks})
            by_draw = by_address.assign(**columns)
            sums = nearest_sums(by_draw, scaled_ks, values=list(columns), barriers=barriers, report=Report())
            for draw in batch:
                factor = float(random.uniform(1 - threshold_shift, 1 + threshold_shift))
                totals = (int(columns[f"case_{draw}"].sum()), int(columns[f"risk_{draw}"].sum()))
                at_risk_around, cases_around = (
                    sums[f"{name}_{draw}"].to_numpy(np.int64) for name in ("risk", "case")
                )
                if worst is None:
                    tested = at_risk_around >= max(1, least_at_risk)
                    statistic = np.where(tested, signed_root(cases_around, at_risk_around, *totals), 0.0)
                    flagged_in_draw = (statistic >= least_statistic * factor) & (statistic > 0)
                else:
                    flagged_in_draw = worst_share_by_k(
                        sums.assign(at_risk=at_risk_around, cases=cases_around),
                        by_address,
                        min(1.0, worst * factor),
                    )
                expected = at_risk_around * (totals[0] / totals[1] if totals[1] else 0.0)
                surroundings = sums[["address_id", "k"]].assign(cases=cases_around, expected=expected)
                core = core_addresses(surroundings, flagged_in_draw)
                members = join_places(by_address[core], distance=distance, method=method, least_homes=least_homes,
                                     report=Report())  # fmt: skip
                places_of_draw = [set(part) for _, part in members.groupby("place_id")["address_id"]]
                for place in ids:
                    best = _most_alike(homes_by_place[place], places_of_draw)
                    recurrences[place] += best >= jaccard
                    jaccard_sums[place] += best
    return pd.DataFrame(
        {
            "place_id": ids,
            "back": [recurrences[place] / draws for place in ids],
            "jaccard": [jaccard_sums[place] / draws for place in ids],
        }
    )


def _most_alike(homes: set[Any], places: Sequence[set[Any]]) -> float:
    return max((len(homes & other) / len(homes | other) for other in places if homes & other), default=0.0)
