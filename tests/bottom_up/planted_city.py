"""A made-up city in which a place may be planted: homes where more people are met by an indicator than elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class City:
    addresses: pd.DataFrame
    units: pd.DataFrame
    planted: frozenset[str]


def city(
    seed: int, *, residents: int = 12_000, place: int = 0, share: float = 0.5, base: float = 0.15
) -> City:
    """Villa roads, blocks of flats, and one place of about `place` residents where `share` of the adults are met.

    Households of 1 or 2 adults; the second is met with the same chance, or as the first one is in three of ten homes,
    so that cases come together in homes as they do in life.
    """
    rng = np.random.default_rng(seed)
    rows = []
    living = 0
    quarter = 0
    while living < residents:
        centre = rng.uniform(0, 400 * np.sqrt(residents / 1000), 2)
        flats = rng.random() < 0.35
        along = np.arange(24 if flats else 40)
        xy = centre + np.column_stack([along % 8 * (25 if flats else 22), along // 8 * (35 if flats else 45)])
        xy = np.round(xy + rng.normal(size=xy.shape) * 2, 2)
        homes = rng.integers(4, 12, len(xy)) if flats else np.ones(len(xy), int)
        rows.extend((x, y, h, f"Street {quarter}") for (x, y), h in zip(xy, homes, strict=True))
        living += int(homes.sum() * 2.1)
        quarter += 1
    addresses = pd.DataFrame(rows, columns=["x", "y", "households", "street"])
    addresses.insert(0, "address_id", [f"a{i:05d}" for i in range(len(addresses))])
    addresses[["x", "y"]] += [570_000.0, 6_220_000.0]
    home = np.repeat(np.arange(len(addresses)), addresses["households"])
    adults = rng.integers(1, 3, home.size)
    children = rng.choice([0, 0, 1, 2], home.size)
    people = np.bincount(home, adults + children, len(addresses)).astype(np.int64)
    addresses["residents"] = people
    planted = np.zeros(len(addresses), bool)
    if place:
        seat = addresses.iloc[int(rng.integers(len(addresses)))]
        near = np.lexsort((addresses.index, np.hypot(addresses["x"] - seat["x"], addresses["y"] - seat["y"])))
        planted[near[: int(np.searchsorted(np.cumsum(people[near]), place)) + 1]] = True
    chance = np.where(planted[home], share, base)
    first = rng.random(home.size) < chance
    second = np.where(rng.random(home.size) < 0.3, first, rng.random(home.size) < chance)
    cases = first.astype(np.int64) + np.where(adults == 2, second, 0)
    units = pd.DataFrame(
        {"address_id": addresses["address_id"].to_numpy()[home], "at_risk": adults, "cases": cases}
    )
    return City(addresses, units, frozenset(addresses["address_id"][planted]))


def found_and_right(city: City, homes: set[str]) -> tuple[float, float]:
    """Recall and precision in residents: how many of the planted are found, how many of the found are planted."""
    residents = city.addresses.set_index("address_id")["residents"]
    both = int(residents[list(homes & city.planted)].sum())
    planted, found = int(residents[list(city.planted)].sum()), int(residents[list(homes)].sum())
    return both / planted if planted else float("nan"), both / found if found else float("nan")
