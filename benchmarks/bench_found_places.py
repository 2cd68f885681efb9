"""Places planted in made-up cities: what is found, by ours and by three plain ways, at the same rate of false alarms.

    python benchmarks/bench_found_places.py [--seeds 20]

Ours is used as it is, with its promise of 5 %. The plain ways promise nothing: each gets the threshold that 95 % of the
cities without a planted place stay below (calibrated on seeds of their own), so that all are compared at the same rate.
Recall and precision are in residents; "hits" are cities where at least half of the planted residents were found.

(a) the share met in each area (a street's quarter of some 25 addresses); (b) HDBSCAN on the homes with cases alone,
scored by cases; (c) local Moran on the shares of a 100 m grid, scored by the local statistic of high cells.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from esda.moran import Moran_Local
from libpysal.weights import DistanceBand
from sklearn.cluster import HDBSCAN

from geo_bosoc.bottom_up import (
    core_addresses,
    false_discovery,
    join_places,
    local_statistic,
)
from geo_bosoc.problems import Report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "bottom_up"))
from planted_city import City, city, found_and_right

SIZES = (30, 100, 300, 1000, 2000)
SHARES = (0.3, 0.5, 0.8)
CALIBRATION = 10_000
Scored = list[tuple[float, set[str]]]
"""Groups of homes that a way proposes, each with its score."""


def ours(made_up: City) -> set[str]:
    local = local_statistic(made_up.addresses, made_up.units, (50, 100, 300), report=Report())
    core = core_addresses(local, false_discovery(local["p"], 0.05))
    return set(join_places(made_up.addresses[core], report=Report())["address_id"])


def at_homes(made_up: City) -> pd.DataFrame:
    sums = made_up.units.groupby("address_id")[["at_risk", "cases"]].sum()
    return made_up.addresses.join(sums, on="address_id").fillna({"at_risk": 0, "cases": 0})


def raw_rates(made_up: City) -> Scored:
    homes = at_homes(made_up)
    areas = homes.groupby("street").agg(at_risk=("at_risk", "sum"), cases=("cases", "sum"))
    share = areas["cases"] / areas["at_risk"].clip(lower=1)
    return [(float(share[name]), set(group["address_id"])) for name, group in homes.groupby("street")]


def case_points(made_up: City) -> Scored:
    homes = at_homes(made_up)
    cases = homes.loc[homes.index.repeat(homes["cases"].astype(int))]
    label = HDBSCAN(min_cluster_size=10, copy=True).fit_predict(cases[["x", "y"]].to_numpy())
    groups = cases.assign(label=label)[label >= 0].groupby("label")
    return [(float(len(group)), set(group["address_id"])) for _, group in groups]


def grid_moran(made_up: City) -> Scored:
    homes = at_homes(made_up)
    homes["cell"] = (
        (homes["x"] // 100).astype(int).astype(str) + "_" + (homes["y"] // 100).astype(int).astype(str)
    )
    cells = homes.groupby("cell").agg(
        at_risk=("at_risk", "sum"), cases=("cases", "sum"), x=("x", "min"), y=("y", "min")
    )
    cells = cells[cells["at_risk"] > 0]
    at = np.column_stack([cells["x"] // 100, cells["y"] // 100])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weights = DistanceBand(at, 1.5, silence_warnings=True)
        moran = Moran_Local((cells["cases"] / cells["at_risk"]).to_numpy(), weights, permutations=0)
    score = pd.Series(np.where(moran.q == 1, moran.Is, -np.inf), index=cells.index)
    groups = homes.groupby("cell")["address_id"]
    return [(float(score[cell]), set(group)) for cell, group in groups if cell in score.index]


PLAIN: dict[str, Callable[[City], Scored]] = {
    "(a) raw rates": raw_rates,
    "(b) case points": case_points,
    "(c) grid Moran": grid_moran,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    seeds = range(parser.parse_args().seeds)
    limit = {}
    for name, way in PLAIN.items():
        highest = [
            max((score for score, _ in way(city(CALIBRATION + s))), default=-np.inf)
            for s in range(2 * len(seeds))
        ]
        limit[name] = float(np.quantile(highest, 0.95, method="higher"))

    def plain(name: str, made_up: City) -> set[str]:
        groups = [group for score, group in PLAIN[name](made_up) if score > limit[name]]
        return set().union(*groups)

    ways: dict[str, Callable[[City], set[str]]] = {"ours": ours}
    ways |= {name: (lambda made_up, name=name: plain(name, made_up)) for name in PLAIN}
    alarms = {name: sum(bool(way(city(s))) for s in seeds) for name, way in ways.items()}
    print("| planted residents | share met (elsewhere 15 %) | " + " | ".join(ways) + " |")
    print("|---|---|" + "---|" * len(ways))
    told = " | ".join(f"{alarms[name]} of {len(seeds)} cities" for name in ways)
    print(f"| none: false alarms | | {told} |")
    for place in SIZES:
        for share in SHARES:
            cells = []
            for way in ways.values():
                pairs = []
                for s in seeds:
                    made_up = city(s, place=place, share=share)
                    pairs.append(found_and_right(made_up, way(made_up)))
                recall, right = np.array(pairs).T
                precise = f"{np.nanmean(right):.2f}" if np.isfinite(right).any() else "-"
                cells.append(f"{recall.mean():.2f} / {precise} / {(recall >= 0.5).sum()}")
            print(f"| {place} | {100 * share:.0f} % | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
