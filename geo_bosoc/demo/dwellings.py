"""The made-up housing stock: addresses, the dwellings behind them, and how hard life is in each quarter and year."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geo_bosoc.demo.estates import ROAD, Estate
from geo_bosoc.demo.geography import Land, street_names
from geo_bosoc.demo.shapes import PATTERN, Floats, Ints, Kind, Pattern, Spots, largest, lay_out

PERSONS: Final = {
    "estate": 2.02, "city": 1.5, "villa": 2.55, "terrace": 2.08, "block": 1.85, "village": 2.5, "farm": 2.5,
    "harbour": 1.75, "hall": 1.0, "care": 1.0,
}  # fmt: skip
"""Persons a household expects, by kind of quarter."""
OCCUPIED: Final = 0.975
_FORM_PERSONS: Final = {"rows": 2.03, "courts": 1.78, "towers": 2.0, "terraces": 1.93}
STRENGTH: Final[dict[str, tuple[float, float]]] = {
    "outside": (0.154, 1.03),
    "health": (0.078, 0.98),
    "charged_young": (0.021, 1.55),
    "charged_adult": (0.012, 1.25),
    "convicted": (0.0085, 1.30),
    "measure": (0.027, 1.30),
    "free_place": (0.145, 1.12),
    "absence": (6.2, 0.52),
    "basic_final": (0.115, 1.30),
    "basic_older": (0.21, 1.30),
    "unsafe": (0.068, 1.45),
    "non_western": (0.06, 2.35),
    "presence": (0.050, 1.00),
}
"""For each chance (for absence: mean per cent) its level at score 0, and the log ratio to that at score 1."""
_LADDER: Final = (
    (0.0, 1.08),
    (0.03, 1.03),
    (0.06, 0.86),
    (0.30, 0.77),
    (0.33, 0.66),
    (0.86, 0.56),
    (0.89, 0.12),
    (1.0, -0.08),
)
"""Score by rank of disadvantage among the larger estates (0 is the worst)."""


@dataclass(frozen=True)
class Site:
    """A plot with one kind of housing. `estate` is the estate's number in the list of estates, or -1."""

    kind: Kind
    estate: int
    built: int
    spots: Spots
    homes: Ints
    worry: float
    form: str = ""
    old_centre: bool = False

    @property
    def dwellings(self) -> int:
        return int(self.homes.sum())


@dataclass(frozen=True)
class DwellingStock:
    """Addresses and dwellings, numbered from 0 in the order of their ids.

    Attributes
    ----------
    sites : tuple of Site
        The plots that the dwellings stand on.
    xy : ndarray of float, shape (a, 2)
        Where each address is (local metres).
    site, number : ndarray of int, shape (a,)
        The site and the house number of each address.
    street : ndarray of str, shape (a,)
        The name of each address's street.
    home : ndarray of int, shape (d,)
        The address of each dwelling.
    use, owner, m2, built, gone : ndarray of int, shape (d,)
        BBR codes of use and ownership, size, year of building, and the first year without it (9999 for never).
    type : ndarray of str, shape (d,)
        ``family, youth, elderly, care``, and ``ordinary`` elsewhere.
    """

    sites: tuple[Site, ...]
    xy: Floats
    site: Ints
    street: np.ndarray[tuple[int], np.dtype[np.object_]]
    number: Ints
    home: Ints
    use: Ints
    owner: Ints
    type: np.ndarray[tuple[int], np.dtype[np.object_]]
    m2: Ints
    built: Ints
    gone: Ints

    @property
    def dwelling_site(self) -> Ints:
        return self.site[self.home]


def _estate_site(estate: Estate, number: int, rng: np.random.Generator) -> Site:
    form = estate.plan.form
    dwelling_target = estate.plan.residents / _FORM_PERSONS[form] / OCCUPIED
    spots = lay_out(estate.shape, form, estate.turn, rng)
    if len(spots) == 0:  # too narrow a plot for the pattern
        spots = lay_out(estate.shape, "single", estate.turn, rng)
    if form == "terraces":
        spots = spots.first(min(len(spots), round(dwelling_target)))
        homes = np.ones(len(spots), dtype=np.int64)
        homes[: max(0, round(dwelling_target) - len(spots))] = 2  # an upper and a lower home in some
    else:
        wide = 4 if form == "towers" else 2
        floors = max(2 if form != "towers" else 6, math.ceil(dwelling_target / wide / max(1, len(spots))))
        spots = spots.first(min(len(spots), math.ceil(dwelling_target / wide / floors)))
        homes = np.full(len(spots), wide * floors, dtype=np.int64)
        homes[-1] = max(1, homes[-1] - (int(homes.sum()) - round(dwelling_target)))
    return Site("estate", number, estate.plan.built, spots, homes, 0.0, form)


def _private_site(kind: Kind, plot: BaseGeometry, reach: float, rng: np.random.Generator) -> Site | None:
    pattern: Pattern = PATTERN[kind]
    spots = lay_out(plot, pattern, rng.uniform(0, math.pi), rng, margin=8.0 if kind != "city" else 4.0)
    if kind == "block":
        spots = spots.first(int(len(spots) * 0.7))
    if kind == "city":  # the other doors lead to shops and offices
        spots = spots.some(rng.random(len(spots)) < 0.13)
    if kind in ("hall", "harbour"):
        spots = spots.first(8)
    if len(spots) == 0:
        return None
    per = {"city": 6, "block": 6, "harbour": 26, "hall": 30, "care": 46}.get(kind, 1)
    homes = np.full(len(spots), per, dtype=np.int64)
    if kind == "city":
        homes = rng.choice([4, 6, 8, 10], size=len(spots), p=[0.2, 0.4, 0.3, 0.1]).astype(np.int64)
    age = {
        "city": 1905 + int(rng.integers(-30, 40)),
        "block": int(rng.integers(1938, 1975)),
        "terrace": int(rng.integers(1975, 2018)),
        "harbour": int(rng.integers(2020, 2024)),
        "hall": int(rng.integers(1968, 2016)),
        "care": int(rng.integers(1985, 2015)),
        "village": int(rng.integers(1890, 1995)),
    }.get(kind, int(np.clip(1915 + (reach - 900) / 28 + rng.normal(0, 9), 1900, 2017)))
    worry = {"city": -0.06, "block": 0.14, "harbour": -0.14, "hall": 0.02, "care": 0.0}.get(kind, -0.30)
    return Site(kind, -1, age, spots, homes, worry + rng.normal(0, 0.05), old_centre=kind in ("city", "hall"))


def _kind(reach: float, village: bool, rng: np.random.Generator) -> Kind | None:
    """What is built in a cell: denser near the centre, here and there nothing to live in."""
    draw = rng.random()
    if village:
        return "village" if draw < 0.8 else None
    if reach < 850:
        return "city" if draw < 0.86 else None
    if reach < 1500:
        return "city" if draw < 0.3 else "villa" if draw < 0.8 else "block" if draw < 0.92 else None
    if draw < 0.15:
        return None
    return "terrace" if draw < 0.24 else "block" if draw < 0.255 else "villa"


def build_sites(
    land: Land, estates: list[Estate], left: dict[int, BaseGeometry], residents: int, rng: np.random.Generator
) -> list[Site]:
    """The estates' sites and enough private ones, from the centre outwards, to house `residents` people."""
    scale = residents / 100_000
    sites = [_estate_site(estate, i, rng) for i, estate in enumerate(estates)]
    unhoused = residents - sum(estate.plan.residents for estate in estates)
    shrink = max(0.25, math.sqrt(min(1.0, scale)))

    def add(site: Site | None) -> None:
        nonlocal unhoused
        if site is not None:
            sites.append(site)
            unhoused -= site.dwellings * PERSONS[site.kind] * OCCUPIED * (site.built < 2020)

    for estate in estates:
        if estate.plan.hole:  # a nursing home stands in it
            for ring in largest(estate.shape).interiors:
                add(_private_site("care", Polygon(ring), 2000, rng))
    farms = _farms(land, round(620 * scale), rng)
    if farms is not None:
        add(farms)
    cells = [i for i in np.argsort(land.reach, kind="stable") if land.reach[i] < 4400 or land.village[i] >= 0]
    cells.sort(key=lambda i: land.village[i] < 0)  # villages first, then outwards
    special: list[Kind] = ["hall", "care", "harbour", "hall", "care", "harbour", "care"]
    special = special[: max(2, round(7 * scale))]
    villages = 0
    for i in cells:
        if unhoused <= 0:
            break
        village = bool(land.village[i] >= 0 and land.reach[i] > 3900)
        if village:
            villages += 1
            if villages > max(1, round(52 * scale)):
                continue
        plot = left.get(int(i), land.ground[i].buffer(-ROAD))
        if plot.area < 4000:
            continue
        reach = float(land.reach[i])
        kind = _kind(reach / shrink, village, rng)
        if kind in ("villa", "block") and special and reach / shrink > 1000 and rng.random() < 0.12:
            kind = special.pop(0)
        if kind is not None:
            add(_private_site(kind, plot, reach, rng))
    return sites


def _farms(land: Land, count: int, rng: np.random.Generator) -> Site | None:
    """Farms and lone houses in the open country, along its tracks."""
    rural = [
        i
        for i in range(len(land.ground))
        if land.reach[i] > 4400 and land.village[i] < 0 and land.ground[i].area > 0
    ]
    spots: list[tuple[float, float]] = []
    for i in rng.choice(rural, size=count * 3) if rural and count else []:
        shape = land.ground[i].buffer(-40)
        if not isinstance(shape, Polygon) or shape.is_empty:
            continue
        point = shape.exterior.interpolate(rng.random(), normalized=True)
        spots.append((round(point.x + rng.normal(0, 8), 1), round(point.y + rng.normal(0, 8), 1)))
    if not spots:
        return None
    inside = [xy for xy in dict.fromkeys(spots) if land.municipality.contains(shapely.Point(xy))][:count]
    size = len(inside)
    street = np.arange(size, dtype=np.int64) // 9
    number = np.arange(size, dtype=np.int64) % 9 * 7 + 3
    return Site(
        "farm", -1, 1895, Spots(np.array(inside), street, number), np.ones(size, dtype=np.int64), -0.2
    )


def _ownership(site: Site, rng: np.random.Generator) -> tuple[int, int]:
    """BBR use and ownership of a site's dwellings (one code a site; the old centre has one a building)."""
    if site.kind == "estate":
        return (131 if site.form == "terraces" else 140), 20
    if site.kind == "terrace":
        return 131, int(rng.choice([10, 41, 30], p=[0.5, 0.32, 0.18]))
    fixed = {
        "villa": (120, 10),
        "village": (120, 10),
        "farm": (110, 10),
        "hall": (150, 40),
        "care": (160, 50),
        "harbour": (140, 30),
    }
    return fixed.get(site.kind, (140, int(rng.choice([30, 41, 10], p=[0.6, 0.25, 0.15]))))


def build_stock(sites: list[Site], rng: np.random.Generator) -> DwellingStock:
    """Addresses and dwellings of the sites, with streets, BBR codes, size and year of building."""
    sizes = np.array([len(site.spots) for site in sites])
    address_site = np.repeat(np.arange(len(sites)), sizes)
    centre_names = street_names(
        sum(len(np.unique(s.spots.street)) for s in sites if s.old_centre), rng, old_centre=True
    )
    other_names = street_names(sum(len(np.unique(s.spots.street)) for s in sites if not s.old_centre), rng)
    street: list[str] = []
    parts: dict[str, list[np.ndarray[tuple[int], np.dtype[np.int64]]]] = {
        k: [] for k in ("use", "owner", "m2", "built", "gone")
    }
    kinds: list[np.ndarray[tuple[int], np.dtype[np.object_]]] = []
    worst = next(
        (i for i, s in enumerate(sites) if s.kind == "estate" and s.dwellings > 700 and s.form == "rows"),
        None,
    )
    for i, site in enumerate(sites):
        pool = centre_names if site.old_centre else other_names
        names = {int(s): pool.pop() for s in np.unique(site.spots.street)}
        street += [names[int(s)] for s in site.spots.street]
        count = site.dwellings
        entrance = np.repeat(np.arange(len(site.spots)), site.homes)
        use, owner = _ownership(site, rng)
        uses, owners = np.full(count, use), np.full(count, owner)
        if site.kind == "city":
            owners = rng.choice([90, 30, 41, 10, 40], size=len(site.spots), p=[0.4, 0.25, 0.2, 0.12, 0.03])[
                entrance
            ]
        if site.kind == "villa":
            uses = np.where(rng.random(count) < 0.06, 132, uses)
        middle, spread = {
            "estate": (76, 16), "city": (74, 22), "villa": (142, 34), "village": (138, 38), "farm": (178, 44),
            "terrace": (98, 16), "block": (70, 13), "harbour": (88, 20), "hall": (32, 6), "care": (40, 3),
        }[site.kind]  # fmt: skip
        m2 = np.clip(rng.normal(middle, spread, count), 24, 390)
        built = np.full(count, site.built)
        if site.kind in ("villa", "village", "city", "farm"):
            built = built + rng.integers(-6, 12, len(site.spots))[entrance]
        kind = np.full(count, "ordinary", dtype=object)
        if site.kind == "estate":
            draw = rng.random(len(site.spots))[entrance]
            kind = np.where(draw < 0.06, "youth", np.where(draw < 0.16, "elderly", "family")).astype(object)
            m2 = np.where(
                kind == "youth",
                np.clip(m2 - 36, 26, 50),
                np.where(kind == "elderly", np.clip(m2 - 8, 45, 80), m2),
            )
        if site.kind == "care":
            kind[:] = "care"
        gone = np.full(count, 9999)
        if i == worst:  # one block is taken down during 2022
            gone[entrance >= len(site.spots) - 5] = 2023
        built = np.where(
            built >= 2020,
            np.minimum(np.maximum(built, 2020), 2023) if site.kind == "harbour" else 2019,
            built,
        )
        for name, values in (
            ("use", uses),
            ("owner", owners),
            ("m2", np.rint(m2)),
            ("built", built),
            ("gone", gone),
        ):
            parts[name].append(np.asarray(values).astype(np.int64))
        kinds.append(kind)
    homes = np.concatenate([site.homes for site in sites])
    columns = {name: np.concatenate(values) for name, values in parts.items()}
    return DwellingStock(
        tuple(sites),
        np.concatenate([site.spots.xy for site in sites]),
        address_site,
        np.array(street, dtype=object),
        np.concatenate([site.spots.number for site in sites]),
        np.repeat(np.arange(len(homes)), homes),
        columns["use"],
        columns["owner"],
        np.concatenate(kinds),
        columns["m2"],
        columns["built"],
        columns["gone"],
    )


@dataclass(frozen=True)
class Scores:
    """How hard life is in each quarter and year, and the probabilities that follow from it.

    `value` is (sites, years): 0 where the municipality's average lies, 1 in the worst estate, below 0 among detached
    houses. Every share follows it with a strength of its own, and each quarter departs from that in its own way
    (`deviation`, of the same shape by share), so that disadvantages go together without being the same eight times.
    """

    years: tuple[int, ...]
    value: Floats
    deviation: dict[str, Floats]

    def probability(self, name: str, year: int, site: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
        """The chance (or mean) `name` in a year, for each of the given site numbers."""
        level, strength = STRENGTH[name]
        column = self.years.index(year)
        out: Floats = (
            level * np.exp(strength * (self.value[:, column] + self.deviation[name][:, column]))[site]
        )
        return out if name == "absence" else np.minimum(out, 0.9)


def score_sites(
    sites: list[Site], estates: list[Estate], years: tuple[int, ...], rng: np.random.Generator
) -> Scores:
    """Scores of all sites over the years: estates by their planned rank, others by kind; all drift."""
    large = [i for i, e in enumerate(estates) if e.plan.residents > 500]
    ranks = {
        number: place / max(1, len(large) - 1)
        for place, number in enumerate(sorted(large, key=lambda i: estates[i].plan.rank))
    }
    knots = np.array(_LADDER)
    start = np.array([site.worry for site in sites])
    for i, site in enumerate(sites):
        if site.estate >= 0:
            rank = ranks.get(site.estate, float(rng.uniform(0.1, 1.0)))
            start[i] = np.interp(rank, knots[:, 0], knots[:, 1])
    blocks = [i for i, site in enumerate(sites) if site.kind == "block" and site.dwellings > 40]
    for i in blocks[:2]:  # hard places that are on nobody's list
        start[i] = 0.85
    middle, count = np.mean(years), len(sites)
    slope = rng.normal(-0.005, 0.022, (count, 1))
    steps = rng.normal(0, 0.025, (count, len(years))).cumsum(axis=1)
    value = start[:, None] + slope * (np.array(years) - middle) + steps - steps[:, -1:]
    deviation = {
        name: rng.normal(0, 0.08, (count, 1)) + rng.normal(0, 0.03, (count, len(years))).cumsum(axis=1)
        for name in STRENGTH
    }
    return Scores(years, value, deviation)
