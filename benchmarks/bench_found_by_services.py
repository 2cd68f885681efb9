"""Places found by services and by the labour market, in towns where the municipality's presence was planted.

    python benchmarks/bench_found_by_services.py                   # 20 towns of 6,000 a row
    python benchmarks/bench_found_by_services.py --seeds 5

In each town a place of 300 residents gets two or three times as many services as others of their age do, and its labour
market is as elsewhere; in the last row it is the labour market that is planted. Told are the mean share of the place's
residents that each way finds, and in how many towns with nothing planted it finds something: the rate of false alarms
that both ways hold is the same (5 % of what is flagged).
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "bottom_up"))

from planted_city import KINDS, ServedCity, found_and_right, served_city

from geo_bosoc.bottom_up import core_addresses, false_discovery, join_places, local_statistic, service_units
from geo_bosoc.bottom_up.presence.service_units import half_of_homes
from geo_bosoc.problems import Report

NEAREST: Final = (50, 100, 300)
PLANTED: Final[Mapping[str, dict[str, float]]] = {
    "nothing planted": {},
    "services x 2": {"place": 300, "times": 2.0},
    "services x 3": {"place": 300, "times": 3.0},
    "labour market, 50 %": {"place": 300, "share": 0.5},
}


def by_services(town: ServedCity) -> pd.DataFrame:
    """Households with the services that they get and would be expected to get."""
    return service_units(town.cases, town.persons, KINDS, home="home", report=Report())


def by_half(town: ServedCity) -> pd.DataFrame:
    """The same of the half of the homes that finds places in a run."""
    lives, given = half_of_homes(town.cases, town.persons, home="home", seed=1)
    return service_units(town.cases[given], town.persons[lives], KINDS, home="home", report=Report())


WAYS: Final[Mapping[str, Callable[[ServedCity], pd.DataFrame]]] = {
    "services, all homes": by_services,
    "services, half": by_half,
    "labour market": lambda town: town.city.units,
}


def homes_found(town: ServedCity, units: pd.DataFrame) -> set[str]:
    """The homes of the places that a way finds."""
    addresses = town.city.addresses
    local = local_statistic(addresses, units, NEAREST, permutations=19, report=Report())
    core = core_addresses(local, false_discovery(local["p"], 0.05))
    return set(join_places(addresses[core], report=Report())["address_id"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    seeds = range(parser.parse_args().seeds)
    print(f"{'':22}" + "".join(f"{name:>22}" for name in WAYS))
    for label, plant in PLANTED.items():
        cells = []
        for units_of in WAYS.values():
            towns = [served_city(seed, **plant) for seed in seeds]
            homes = [homes_found(town, units_of(town)) for town in towns]
            if not plant:
                cells.append(f"{sum(map(bool, homes))} of {len(homes)}")
                continue
            recall, right = zip(
                *(found_and_right(town.city, of_town) for town, of_town in zip(towns, homes, strict=True)),
                strict=True,
            )
            shares = [share for share in right if share == share]
            precise = f"{statistics.mean(shares):.2f}" if shares else "-"
            cells.append(f"{statistics.mean(recall):.2f} (right {precise})")
        print(f"{label:22}" + "".join(f"{cell:>22}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
