"""Ways to join flagged homes into places, compared on made-up cities with places planted in them.

    python benchmarks/bench_joined_places.py [--seeds 20]

Each city (5,000 residents) is looked through once, and its flagged homes are joined in every way: single threshold,
DBSCAN and HDBSCAN, at several distances and least sizes. Five kinds of cities: none planted; one place of 60, 250 or
800 residents; two of 250 whose centres lie some 300 m apart; one of 500 that a railway cuts in two, which are two
places to those who walk. A figure is the mean, over planted places, of the Jaccard with the found place most alike, in
residents: 1 where one found place is exactly the planted one, less where it is cut up, run together with others or
missed. Behind it stands how many places are found a city; of cities with none planted, how many have a false one.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_bosoc.bottom_up import core_addresses, false_discovery, join_places, local_statistic
from geo_bosoc.problems import Report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "bottom_up"))
from planted_city import City, city

KINDS = ("none", "60", "250", "800", "two of 250", "railway")
METHODS = ("single", "dbscan", "hdbscan")
DISTANCES = (50.0, 75.0, 100.0, 150.0)
LEAST = (0, 25, 50, 100)
SMALL = {"residents": 5_000}


def made_up(kind: str, seed: int) -> tuple[City, list[frozenset[str]], gpd.GeoDataFrame | None]:
    """A city of a kind, its planted places, and its barrier."""
    if kind == "none":
        return city(seed, **SMALL), [], None
    if kind == "two of 250":
        two = city(seed, place=250, share=0.5, away=300.0, **SMALL)
        return two, list(two.places), None
    if kind != "railway":
        made_up_city = city(seed, place=int(kind), share=0.8 if kind == "60" else 0.5, **SMALL)
        return made_up_city, list(made_up_city.places), None
    made_up_city = city(seed, place=500, share=0.5, **SMALL)
    homes = made_up_city.addresses[
        made_up_city.addresses["address_id"].isin(made_up_city.planted)
    ].sort_values("x")
    middle = float(homes["x"].iloc[len(homes) // 2]) - 0.01
    south, north = made_up_city.addresses["y"].min() - 500, made_up_city.addresses["y"].max() + 500
    railway = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(middle, south), (middle, north)])], crs="EPSG:25832"
    )
    west = frozenset(homes.loc[homes["x"] < middle, "address_id"])
    return made_up_city, [west, made_up_city.planted - west], railway


def flagged(made_up_city: City, barriers: gpd.GeoDataFrame | None) -> pd.DataFrame:
    local = local_statistic(
        made_up_city.addresses,
        made_up_city.units,
        (60, 200),
        permutations=39,
        barriers=barriers,
        report=Report(),
    )
    return made_up_city.addresses[core_addresses(local, false_discovery(local["p"], 0.05))]


def alike(planted: frozenset[str], joined: pd.DataFrame, residents: pd.Series) -> float:
    """The highest Jaccard of a planted place with a found one, in residents."""
    best = 0.0
    for _, part in joined.groupby("place_id")["address_id"]:
        homes = set(part)
        best = max(best, residents[list(homes & planted)].sum() / residents[list(homes | planted)].sum())
    return best


def settings() -> Iterator[tuple[str, float, int, bool]]:
    """Every method at every distance with the default's least size, every least size at 75 m, and over the railway."""
    yield from ((method, distance, 50, True) for method, distance in itertools.product(METHODS, DISTANCES))
    yield from (
        (method, 75.0, least, True) for method, least in itertools.product(METHODS, LEAST) if least != 50
    )
    yield "dbscan", 75.0, 50, False


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    seeds = range(parser.parse_args().seeds)
    rows = []
    for kind, seed in itertools.product(KINDS, seeds):
        made_up_city, planted, barriers = made_up(kind, seed)
        homes = flagged(made_up_city, barriers)
        residents = made_up_city.addresses.set_index("address_id")["residents"]
        for method, distance, least, respected in settings():
            joined = join_places(
                homes,
                distance=distance,
                method=method,
                least_residents=least,
                barriers=barriers if respected else None,
                report=Report(),
            )
            likeness = np.mean([alike(place, joined, residents) for place in planted]) if planted else np.nan
            name = method if respected else f"{method}, across barriers"
            rows.append((kind, name, distance, least, likeness, joined["place_id"].nunique()))
    table = pd.DataFrame(rows, columns=["kind", "method", "distance", "least", "likeness", "places"])
    print("| method | metres | least | " + " | ".join(KINDS) + " | mean |")
    print("|---|---|---|" + "---|" * (len(KINDS) + 1))
    for (method, distance, least), part in table.groupby(["method", "distance", "least"], sort=False):
        by_kind = part.groupby("kind")
        cells = [f"{(by_kind.get_group('none')['places'] > 0).sum()} of {len(seeds)}"]
        for kind in KINDS[1:]:
            group = by_kind.get_group(kind)
            cells.append(f"{group['likeness'].mean():.2f} / {group['places'].mean():.1f}")
        mean = np.mean([by_kind.get_group(kind)["likeness"].mean() for kind in KINDS[1:]])
        print(f"| {method} | {distance:.0f} | {least} | {' | '.join(cells)} | {mean:.3f} |", flush=True)


if __name__ == "__main__":
    main()
