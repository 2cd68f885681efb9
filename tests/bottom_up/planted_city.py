"""A made-up city in which a place may be planted: homes where more people are met by an indicator than elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_bosoc.bottom_up import Service


@dataclass(frozen=True)
class City:
    addresses: pd.DataFrame
    units: pd.DataFrame
    planted: frozenset[str]
    places: tuple[frozenset[str], ...] = ()


def city(
    seed: int,
    *,
    residents: int = 12_000,
    place: int = 0,
    share: float = 0.5,
    base: float = 0.15,
    away: float = 0.0,
) -> City:
    """Villa roads, blocks of flats, and one place of about `place` residents where `share` of the adults are met.

    With `away` there is a second place like it, of the homes nearest to a point so many metres east of the first.

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
    places = []
    if place:
        seat = addresses.iloc[int(rng.integers(len(addresses)))]
        for east in (0.0, away) if away else (0.0,):
            metres = np.hypot(addresses["x"] - seat["x"] - east, addresses["y"] - seat["y"])
            near = np.lexsort((addresses.index, metres))
            near = near[~planted[near]]
            near = near[: int(np.searchsorted(np.cumsum(people[near]), place)) + 1]
            planted[near] = True
            places.append(frozenset(addresses["address_id"].iloc[near]))
    chance = np.where(planted[home], share, base)
    first = rng.random(home.size) < chance
    second = np.where(rng.random(home.size) < 0.3, first, rng.random(home.size) < chance)
    cases = first.astype(np.int64) + np.where(adults == 2, second, 0)
    units = pd.DataFrame(
        {"address_id": addresses["address_id"].to_numpy()[home], "at_risk": adults, "cases": cases}
    )
    return City(addresses, units, frozenset(addresses["address_id"][planted]), tuple(places))


@dataclass(frozen=True)
class ServedCity:
    """A city whose residents are given services, and meet an indicator of the labour market that has nothing to do with
    them. `units` are those of the indicator, `persons` have `person_id, address_id, home, age`, `cases` `person_id,
    service`."""

    city: City
    persons: pd.DataFrame
    cases: pd.DataFrame


KINDS = (
    Service(id="work", label_da="Job", label_en="Work", eligible="age >= 18 AND age < 67"),
    Service(id="family", label_da="Familie", label_en="Family", eligible="age < 18"),
    Service(id="care", label_da="Pleje", label_en="Care", eligible="age >= 67"),
)
RATES = {"work": 0.08, "family": 0.06, "care": 0.25}


def served_city(
    seed: int, *, residents: int = 6_000, place: int = 0, times: float = 1.0, share: float = 0.15
) -> ServedCity:
    """`city`, in which residents of the planted place are given `times` as many services as others of their age, and
    `share` of its adults meet the indicator (elsewhere 15 %).

    One street in five is for old people, where care alone makes many services. What a household is given comes
    together: its rate varies (gamma of shape 2).
    """
    made_up = city(seed, residents=residents, place=place, share=share)
    rng = np.random.default_rng([seed, 7])
    homes = made_up.units
    street = homes["address_id"].map(made_up.addresses.set_index("address_id")["street"])
    old = street.isin(rng.choice(street.unique(), max(1, street.nunique() // 5), replace=False)).to_numpy()
    children = np.where(old, 0, rng.choice([0, 0, 1, 2], len(homes)))
    adult = np.repeat(np.arange(len(homes)), homes["at_risk"])
    child = np.repeat(np.arange(len(homes)), children)
    home = np.concatenate([adult, child])
    age = np.concatenate(
        [np.where(old[adult], rng.integers(67, 95, adult.size), rng.integers(18, 75, adult.size)),
         rng.integers(0, 18, child.size)]
    )  # fmt: skip
    address = homes["address_id"].to_numpy()[home]
    persons = pd.DataFrame(
        {"person_id": np.arange(home.size), "address_id": address, "home": home, "age": age}
    )
    factor = rng.gamma(2, 0.5, len(homes)) * np.where(homes["address_id"].isin(made_up.planted), times, 1.0)
    kind = np.where(age < 18, "family", np.where(age < 67, "work", "care"))
    chance = pd.Series(kind).map(RATES).to_numpy() * factor[home]
    given = rng.random(home.size) < chance
    cases = pd.DataFrame({"person_id": persons["person_id"][given], "service": kind[given]}).reset_index(
        drop=True
    )
    living = persons.groupby("address_id").size()
    counted = made_up.addresses["address_id"].map(living).fillna(0).astype("int64")
    lived_in = City(made_up.addresses.assign(residents=counted), homes, made_up.planted)
    return ServedCity(lived_in, persons, cases)


def found_and_right(city: City, homes: set[str]) -> tuple[float, float]:
    """Recall and precision in residents: how many of the planted are found, how many of the found are planted."""
    residents = city.addresses.set_index("address_id")["residents"]
    both = int(residents[list(homes & city.planted)].sum())
    planted, found = int(residents[list(city.planted)].sum()), int(residents[list(homes)].sum())
    return both / planted if planted else float("nan"), both / found if found else float("nan")
