"""How often places come back in draws of what they were detected with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.bottom_up.detection.clusters import core_addresses, worst_share_by_k
from geo_bosoc.bottom_up.detection.joining import LEAST_RESIDENTS, WALK, JoinMethod, join_places
from geo_bosoc.bottom_up.detection.scan import check_units, sum_by_home
from geo_bosoc.neighbourhoods import nearest_sums
from geo_bosoc.problems import Report

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
    distance: float = WALK,
    least_homes: int = 3,
    least_residents: int = LEAST_RESIDENTS,
    method: JoinMethod = "dbscan",
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
    distance, least_homes, least_residents, method : float, int, int, str
        As of `join_places`.
    worst : float, optional
        Where places were detected as the worst share (`worst_share`), that share; it is what is moved then.
    barriers : GeoDataFrame, optional
        As of `local_statistic` and `join_places`.
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
    >>> addresses = pd.DataFrame({"address_id": range(40), "x": np.arange(40) * 50.0, "y": 0.0, "residents": 20})
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
        problems = Report()
        checked = check_units(addresses, units, problems)
        problems.raise_errors()
        assert checked is not None
        by_address = addresses[["address_id", "x", "y", "residents"]].reset_index(drop=True)
        for offset, factor in enumerate(k_factors):
            batch = range(offset, draws, len(k_factors))
            if not len(batch):
                continue
            columns: dict[str, NDArray[np.int64]] = {}
            for draw in batch:
                weight = np.bincount(random.integers(0, len(units), len(units)), minlength=len(units))
                drawn = {"risk": checked.at_risk, "case": checked.cases}
                if checked.poisson:
                    drawn["exposure"] = checked.exposure
                for name, figures in drawn.items():
                    columns[f"{name}_{draw}"] = sum_by_home(checked.home, weight * figures, len(by_address))
            scaled_ks = sorted({max(1, round(k * factor)) for k in ks})
            by_draw = by_address.assign(**columns)
            sums = nearest_sums(by_draw, scaled_ks, values=list(columns), barriers=barriers, report=Report())
            for draw in batch:
                factor = float(random.uniform(1 - threshold_shift, 1 + threshold_shift))
                exposure = "exposure" if checked.poisson else "risk"
                totals = (int(columns[f"case_{draw}"].sum()), int(columns[f"{exposure}_{draw}"].sum()))
                at_risk_around, cases_around, exposure_around = (
                    sums[f"{name}_{draw}"].to_numpy(np.int64) for name in ("risk", "case", exposure)
                )
                if worst is None:
                    tested = at_risk_around >= max(1, least_at_risk)
                    statistic = np.where(tested, checked.root(cases_around, exposure_around, *totals), 0.0)
                    flagged_in_draw = (statistic >= least_statistic * factor) & (statistic > 0)
                else:
                    flagged_in_draw = worst_share_by_k(
                        sums.assign(exposure=exposure_around, cases=cases_around),
                        by_address,
                        min(1.0, worst * factor),
                    )
                expected = exposure_around * (totals[0] / totals[1] if totals[1] else 0.0)
                surroundings = sums[["address_id", "k"]].assign(cases=cases_around, expected=expected)
                core = core_addresses(surroundings, flagged_in_draw)
                members = join_places(
                    by_address[core],
                    distance=distance,
                    method=method,
                    least_homes=least_homes,
                    least_residents=least_residents,
                    barriers=barriers,
                    report=Report(),
                )
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
