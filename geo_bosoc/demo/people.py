"""The made-up people: households in dwellings, and what happens to them in a year.

Each year some die, some are born, the young leave home, couples part, households move within the
municipality, away from it and into it. Everybody lives in one dwelling at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from geo_bosoc.demo.dwellings import OCCUPIED, DwellingStock, Scores
from geo_bosoc.demo.shapes import Floats, Ints

Flags = NDArray[np.bool_]
TRAITS: Final = (
    "labour",
    "health",
    "crime",
    "measure",
    "free_place",
    "absence",
    "income",
    "school",
    "service",
)
"""What a person is prone to, each a standard normal number that stays with them."""
ORIGINS: Final = ("danish", "western", "non_western")
LEVELS: Final = ("basic", "upper_secondary", "vocational", "higher")

_KINDS: Final[dict[str, tuple[float, ...]]] = {
    # single young, single, single old, couple, older couple, couple with children, one parent with
    # children, sharers
    "rows": (0.09, 0.15, 0.14, 0.07, 0.09, 0.25, 0.19, 0.02),
    "towers": (0.09, 0.16, 0.14, 0.08, 0.09, 0.23, 0.19, 0.02),
    "courts": (0.15, 0.23, 0.15, 0.10, 0.08, 0.15, 0.13, 0.01),
    "terraces": (0.04, 0.13, 0.21, 0.07, 0.15, 0.22, 0.18, 0.00),
    "city": (0.27, 0.24, 0.16, 0.16, 0.06, 0.06, 0.04, 0.01),
    "villa": (0.01, 0.06, 0.11, 0.06, 0.30, 0.41, 0.05, 0.00),
    "terrace": (0.04, 0.15, 0.20, 0.10, 0.21, 0.19, 0.11, 0.00),
    "block": (0.15, 0.22, 0.18, 0.12, 0.10, 0.13, 0.10, 0.00),
    "harbour": (0.20, 0.20, 0.10, 0.20, 0.20, 0.07, 0.03, 0.00),
    "youth": (0.86, 0.02, 0.00, 0.08, 0.00, 0.00, 0.02, 0.02),
    "elderly": (0.00, 0.06, 0.66, 0.00, 0.28, 0.00, 0.00, 0.00),
    "care": (0.00, 0.00, 0.97, 0.00, 0.03, 0.00, 0.00, 0.00),
}


@dataclass(frozen=True)
class People:
    """One entry a person. `birth` and `moved` are days since 1970-01-01; `home` is a dwelling's number.

    `child` lives as somebody's child; `final` is the education they will have (-1 unknown); `traits` is (n,
    len(TRAITS)).
    """

    id: Ints
    birth: Ints
    female: Flags
    origin: Ints
    home: Ints
    child: Flags
    moved: Ints
    final: Ints
    traits: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.id)

    def take(self, keep: Flags | Ints) -> People:
        return People(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})

    def age(self, year: int) -> Ints:
        """Full years on 1 January of `year`."""
        born = self.birth.astype("datetime64[D]")
        years = born.astype("datetime64[Y]").astype(np.int64) + 1970
        first = (born - born.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64) == 0
        out: Ints = year - years - 1 + first
        return out


def concat_people(parts: list[People]) -> People:
    """Several groups of people as one."""
    return People(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(People)})


def days_to(year: int) -> int:
    """Days from 1970-01-01 to 1 January of a year."""
    return (date(year, 1, 1) - date(1970, 1, 1)).days


def household_kind(dwellings: DwellingStock, homes: Ints) -> NDArray[np.object_]:
    """The row of the household table that each dwelling follows."""
    of_site = np.array(
        [
            s.form
            if s.kind == "estate"
            else {"village": "villa", "farm": "villa", "hall": "youth"}.get(s.kind, s.kind)
            for s in dwellings.sites
        ],
        dtype=object,
    )
    kinds = of_site[dwellings.dwelling_site[homes]]
    dwelling_type = dwellings.type[homes]
    return np.where(
        (dwelling_type == "youth") | (dwelling_type == "elderly") | (dwelling_type == "care"),
        dwelling_type,
        kinds,
    )


def new_households(
    dwellings: DwellingStock,
    homes: Ints,
    scores: Scores,
    year: int,
    first_id: int,
    rng: np.random.Generator,
    arriving: bool,
) -> People:
    """A household for each dwelling; `arriving` ones are younger and moved in during the year before."""
    table = np.array([_KINDS[kind] for kind in _KINDS])
    if arriving:
        table = table * (1.4, 1.1, 0.85, 1.4, 0.8, 1.6, 1.3, 1.0)
    limits = (table / table.sum(axis=1, keepdims=True)).cumsum(axis=1)
    names = household_kind(dwellings, homes)
    row = np.array([list(_KINDS).index(name) for name in names], dtype=np.int64)
    kind = np.minimum((rng.random(len(homes))[:, None] > limits[row]).sum(axis=1), 7)
    size = len(homes)
    old = np.select([names == "care"], [rng.normal(85, 6, size)], rng.gamma(4.5, 4.2, size) + 59)
    smallest = rng.uniform(0, 18.5 if not arriving else 11, size)
    adult = np.select(
        [kind == 0, kind == 1, kind == 2, kind == 3, kind == 4, kind == 7],
        [
            rng.uniform(18.5, 29, size),
            rng.uniform(29, 60, size),
            old,
            rng.uniform(20, 36, size),
            rng.uniform(52, 86, size),
            rng.uniform(18.5, 27, size),
        ],
        smallest + np.clip(rng.normal(30.5, 4.6, size), 18.5, 43),
    )
    adult = np.clip(
        np.where(names == "youth", np.minimum(adult, 29 + rng.uniform(0, 3, size)), adult), 18.1, 101
    )
    pair = np.isin(kind, (3, 4, 5, 7))
    children = np.where(
        kind == 5,
        rng.choice([1, 2, 3, 4], size=size, p=[0.33, 0.46, 0.16, 0.05]),
        np.where(kind == 6, rng.choice([1, 2, 3], size=size, p=[0.54, 0.33, 0.13]), 0),
    )
    households = [np.arange(size), np.flatnonzero(pair)]
    ages = [adult, np.clip(adult + rng.normal(1.8, 3.0, size), 18.1, 101)[pair]]
    young = [np.zeros(size, dtype=bool), np.zeros(int(pair.sum()), dtype=bool)]
    for n in range(1, 5):
        families = np.flatnonzero(children >= n)
        age = smallest[families] + (n - 1) * rng.uniform(1.8, 3.4, len(families))
        fits = (age < 21) & (age < adult[families] - 17.5)
        households.append(families[fits])
        ages.append(age[fits])
        young.append(np.ones(int(fits.sum()), dtype=bool))
    household, age, child = np.concatenate(households), np.concatenate(ages), np.concatenate(young)
    count = len(household)
    single_woman = rng.random(size) < np.select([kind == 6, kind == 2], [0.84, 0.66], 0.5)
    female = np.where(np.arange(count) < size, single_woman[household], rng.random(count) < 0.487)
    partner = (np.arange(count) >= size) & ~child
    female = np.where(partner & (kind[household] != 7), ~single_woman[household], female)
    site = dwellings.dwelling_site[homes]
    foreign = rng.random(size) < scores.probability("non_western", year, site)
    origins = np.where(foreign, 2, np.where(rng.random(size) < 0.05, 1, 0))
    mixed = partner & (rng.random(count) < 0.14)
    origin = np.where(mixed, rng.choice([0, 1, 2], size=count, p=[0.75, 0.1, 0.15]), origins[household])
    common = rng.normal(size=(size, len(TRAITS)))[household]
    traits = np.sqrt(0.35) * common + np.sqrt(0.65) * rng.normal(size=(count, len(TRAITS)))
    traits[:, TRAITS.index("free_place")] = common[:, TRAITS.index("free_place")]
    start = days_to(year)
    stayed = np.minimum(rng.exponential(np.where(pair, 4200, 2600)), 12_000 + 0 * adult)
    moved = (
        start
        - 1
        - (
            rng.integers(0, 365, size)
            if arriving
            else np.minimum(stayed, (adult - 18) * 365).astype(np.int64)
        )
    )
    birth = start - np.ceil(age * 365.2425).astype(np.int64)
    people = People(
        first_id + np.arange(count),
        birth,
        female,
        origin.astype(np.int64),
        homes[household],
        child,
        np.maximum(moved[household], np.where(child, birth, -40_000)).astype(np.int64),
        np.zeros(count, dtype=np.int64),
        traits.astype(np.float32),
    )
    people = replace(people, final=_final_education(people, site[household], scores, year, rng))
    order = np.lexsort((-age, child, household))
    return replace(people.take(order), id=first_id + np.arange(count))


def _final_education(people: People, site: Ints, scores: Scores, year: int, rng: np.random.Generator) -> Ints:
    """The education each ends with: more basic school among the old and in hard quarters; some unknown."""
    age = people.age(year)
    basic = np.where(
        age > 45,
        scores.probability("basic_older", year, site) * (1 + 0.02 * np.clip(age - 60, 0, 30)),
        scores.probability("basic_final", year, site),
    )
    basic = np.where(people.origin == 2, 1.25 * basic, basic)
    none = people.traits[:, TRAITS.index("school")] > normal_above(np.clip(basic, 0.01, 0.9))
    hard = scores.value[site, scores.years.index(year)]
    lift = np.clip(0.5 - 0.35 * hard, 0.1, 0.75)
    draw = rng.random(len(people))
    level = np.select([draw < 0.10, draw < 0.72 - 0.62 * lift], [1, 2], 3)
    unknown = rng.random(len(people)) < np.where((people.origin > 0) & (age > 24), 0.10, 0.006)
    out: Ints = np.where(unknown, -1, np.where(none, 0, level)).astype(np.int64)
    return out


def normal_above(share: Floats) -> Floats:
    """The limit that a standard normal number exceeds with the given chance."""
    out: Floats = -ndtri(share)
    return out


def first_year(dwellings: DwellingStock, scores: Scores, year: int, rng: np.random.Generator) -> People:
    """The people on 1 January of the first year: nearly every dwelling that stands has a household."""
    standing = np.flatnonzero((dwellings.built < year) & (dwellings.gone > year))
    homes = standing[rng.random(len(standing)) < OCCUPIED]
    people = new_households(dwellings, homes, scores, year, 0, rng, arriving=False)
    order = np.argsort(people.home, kind="stable")
    return replace(people.take(order), id=np.arange(1, len(people) + 1))


def who_dies(people: People, year: int, rng: np.random.Generator) -> Flags:
    """Who of the people of the year before dies before 1 January of `year`."""
    frail = 3.5e-5 * np.exp(0.092 * people.age(year)) * np.where(people.female, 0.85, 1.15)
    dies: Flags = rng.random(len(people)) < np.minimum(frail, 0.6)
    return dies


def next_year(
    people: People,
    dwellings: DwellingStock,
    scores: Scores,
    year: int,
    last_id: int,
    rng: np.random.Generator,
) -> People:
    """The people on 1 January of `year`, from the survivors of the year before; ids above `last_id` go to the new."""
    people = _orphans_leave(people, dwellings)
    people, group, outside = _movers(people, dwellings, year, rng)
    people = people.take(~outside)
    group = group[~outside]
    people, vacant = _rehouse(people, group, dwellings, year, rng)
    babies = _births(people, year, last_id + 1, rng)
    start = max(last_id, int(babies.id.max(initial=0))) + 1
    arrived = new_households(dwellings, vacant, scores, year, start, rng, arriving=True)
    residents = concat_people([people, babies, arrived])
    fresh = _final_education(residents, dwellings.dwelling_site[residents.home], scores, year, rng)
    turned = residents.age(year) == 15  # what school will lead to is decided where they grow up
    residents = replace(residents, final=np.where(turned & residents.child, fresh, residents.final))
    return residents.take(np.lexsort((residents.id, residents.home)))


def _orphans_leave(people: People, dwellings: DwellingStock) -> People:
    """Children whose home has no adult any more go to somebody elsewhere."""
    adults = np.bincount(people.home[~people.child], minlength=len(dwellings.home))
    return people.take(~people.child | (adults[people.home] > 0))


def _movers(
    people: People, dwellings: DwellingStock, year: int, rng: np.random.Generator
) -> tuple[People, Ints, Flags]:
    """Who moves: a group number for each (-1 stays), and who leaves the municipality."""
    age, size = people.age(year), len(people)
    homes = len(dwellings.home)
    head = np.zeros(homes, dtype=np.int64)
    np.maximum.at(head, people.home[~people.child], age[~people.child])
    flat = np.isin(dwellings.use, (140, 150))
    restless = np.interp(
        head, [18, 24, 30, 40, 55, 75, 100], [0.30, 0.27, 0.18, 0.09, 0.04, 0.02, 0.01]
    ) * np.where(flat, 1.15, 0.75)
    lost = dwellings.gone == year
    household_moves = (rng.random(homes) < restless) | lost
    away = rng.random(homes) < np.where(lost, 0.1, 0.49)
    group = np.where(household_moves[people.home], people.home, -1)
    outside = household_moves[people.home] & away[people.home]
    leave = (
        people.child
        & (group < 0)
        & (rng.random(size) < np.interp(age, [17, 18, 20, 23, 27, 28], [0, 0.12, 0.32, 0.42, 0.6, 1.0]))
    )
    couple = np.bincount(people.home[~people.child], minlength=homes) == 2
    part = couple & (rng.random(homes) < np.where(head < 60, 0.018, 0.002)) & ~household_moves
    fathers = part[people.home] & ~people.child & ~people.female
    alone = np.flatnonzero(leave | fathers)
    group[alone] = homes + np.arange(len(alone))
    gone = rng.random(len(alone)) < np.where(leave[alone], 0.45, 0.25)
    outside[alone] = gone
    seekers = alone[~gone & (age[alone] < 45)]
    seekers = seekers[np.argsort(age[seekers], kind="stable")]
    for left, right in zip(seekers[0::3], seekers[1::3], strict=False):  # some find each other
        group[right] = group[left]
    child = people.child.copy()
    child[alone] = False
    return replace(people, child=child), group, outside


def _rehouse(
    people: People, group: Ints, dwellings: DwellingStock, year: int, rng: np.random.Generator
) -> tuple[People, Ints]:
    """Movers find dwellings that are vacant, larger ones for larger households; the rest leave.

    Returns the people and the vacant dwellings that newcomers will take.
    """
    standing = (dwellings.built < year) & (dwellings.gone > year)
    taken = np.zeros(len(dwellings.home), dtype=bool)
    taken[people.home[group < 0]] = True
    vacant = np.flatnonzero(standing & ~taken)
    fill = max(0, len(vacant) - round((1 - OCCUPIED) * int(standing.sum())))
    vacant = np.sort(rng.permutation(vacant)[:fill])
    closed = np.isin(dwellings.type[vacant], ("care", "youth")) | (dwellings.use[vacant] == 150)
    open_homes = vacant[~closed]
    movers = np.flatnonzero(group >= 0)
    numbers, first, group_index, size = np.unique(
        group[movers], return_index=True, return_inverse=True, return_counts=True
    )
    estate_site = np.array([site.estate >= 0 for site in dwellings.sites])
    in_estate = estate_site[dwellings.dwelling_site]
    from_estate = in_estate[people.home[movers[first]]]
    wants = rng.random(len(numbers)) < np.where(from_estate, 0.62, 0.28)
    target = np.full(len(numbers), -1, dtype=np.int64)
    for social in (True, False):
        pool = open_homes[in_estate[open_homes] == social]
        seekers = np.flatnonzero(wants == social)
        seekers = seekers[rng.permutation(len(seekers))[: len(pool)]]
        pool = pool[rng.permutation(len(pool))[: len(seekers)]]
        by_size = seekers[np.argsort(size[seekers] + rng.normal(0, 0.9, len(seekers)), kind="stable")]
        by_room = pool[np.argsort(dwellings.m2[pool] / 30 + rng.normal(0, 0.9, len(pool)), kind="stable")]
        target[by_size] = by_room
    home, moved = people.home.copy(), people.moved.copy()
    home[movers] = target[group_index]
    moving_day = (days_to(year) - 1 - rng.integers(0, 365, len(numbers)))[group_index]
    moved[movers] = np.where(home[movers] == people.home[movers], moved[movers], moving_day)
    used = np.zeros(len(dwellings.home), dtype=bool)
    used[target[target >= 0]] = True
    stayed = replace(people, home=home, moved=moved)
    stayed = stayed.take(home >= 0)
    return replace(stayed, moved=np.maximum(stayed.moved, stayed.birth)), vacant[~used[vacant]]


def _births(people: People, year: int, first_id: int, rng: np.random.Generator) -> People:
    """Children born during the year before `year`, at their mothers' homes."""
    age = people.age(year)
    rate = (
        0.185
        * np.exp(-(((age - 30.5) / 5.2) ** 2))
        * (people.female & ~people.child & (age >= 18) & (age < 46))
    )
    mothers = people.take(np.flatnonzero(rng.random(len(people)) < rate))
    count = len(mothers)
    birth = days_to(year) - 1 - rng.integers(0, 365, count)
    traits = np.sqrt(0.35) * mothers.traits + np.sqrt(0.65) * rng.normal(size=mothers.traits.shape)
    traits[:, TRAITS.index("free_place")] = mothers.traits[:, TRAITS.index("free_place")]
    return replace(
        mothers,
        id=first_id + np.arange(count),
        birth=birth,
        female=rng.random(count) < 0.487,
        child=np.ones(count, dtype=bool),
        moved=np.maximum(birth, mothers.moved),
        traits=traits.astype(np.float32),
    )
