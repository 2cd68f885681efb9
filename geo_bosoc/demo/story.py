"""The story of places from below that the demo tells: who named what in three autumns, and what became of it.

A street of detached houses is named, confirmed, given a forum, and is like others again at the last status date. A
quarter of detached houses that nobody named is found by the services given there alone: its residents work as others
do. A shelter lies in it, and is left out by the project file. All of it is made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from geo_bosoc.demo.dwellings import DwellingStock
from geo_bosoc.demo.estates import Estate
from geo_bosoc.demo.geography import ORIGIN
from geo_bosoc.demo.shapes import Ints
from geo_bosoc.demo.statuses import SERVICES
from geo_bosoc.demo.tables import Snapshot, address_ids, case_rows

AUTUMNS: Final = 3
"""Autumns with nominations, the last before the last status date."""
_DOORS: Final = 70
"""Houses of the quarter that services find."""
_HOMES_WITH_SERVICES: Final = 0.6
_NOMINATION_COLUMNS: Final = (
    "nomination_id",
    "unit",
    "date",
    "concern",
    "area_id",
    "address",
    "x",
    "y",
    "name",
)
_Nomination = tuple[str, str, str, str, float | None, float | None, str]
_AUTUMN_OF_ROW: Final = (1, 2, 2, 3, 2, 3, 2, 1, 3, 2, 3, 3, 1)
"""In which of the autumns each nomination was made."""
_KINDS_BY_AGE: Final[Sequence[tuple[int, tuple[str, ...]]]] = (
    (67, ("elderly_care", "social_psychiatry")),
    (18, ("social_psychiatry", "substance_abuse")),
    (10, ("school_psychology", "ssp", "family_support")),
    (6, ("family_support", "school_psychology")),
    (0, ("family_support",)),
)
"""Services that members of a household meet, from an age on; none of them follows from being out of work."""


@dataclass(frozen=True)
class StoryPlaces:
    """Where the story takes place.

    Attributes
    ----------
    street : str
        The street that was named, and is named no more.
    street_doors, found_doors : ndarray of int
        The addresses of that street, and of the quarter that services find (the shelter's among them).
    shelter : int or None
        The shelter's address; None in a town without such a quarter.
    """

    street: str
    street_doors: Ints
    found_doors: Ints
    shelter: int | None

    @property
    def excluded(self) -> list[str]:
        """The ids of the addresses that the project file leaves out."""
        return [] if self.shelter is None else address_ids(np.array([self.shelter])).to_list()


def story_places(dwellings: DwellingStock) -> StoryPlaces:
    """The longest street of detached houses, and of other such quarters the one farthest from every estate."""
    street = _streets(dwellings, "villa", 8)[0]
    street_doors = np.flatnonzero(dwellings.street == street).astype(np.int64)
    doors = np.bincount(dwellings.site, minlength=len(dwellings.sites))
    of_estates = np.array([site.estate >= 0 for site in dwellings.sites])[dwellings.site]
    tree = cKDTree(dwellings.xy[of_estates | (dwellings.street == street)])
    distances = {
        number: float(tree.query(dwellings.xy[dwellings.site == number])[0].min())
        for number, site in enumerate(dwellings.sites)
        if site.kind == "villa" and doors[number] >= _DOORS
    }
    if not distances:
        return StoryPlaces(street, street_doors, np.empty(0, dtype=np.int64), None)
    quarter = np.flatnonzero(dwellings.site == max(distances, key=lambda number: (distances[number], number)))
    from_middle = np.hypot(*(dwellings.xy[quarter] - np.median(dwellings.xy[quarter], axis=0)).T)
    nearest = quarter[np.argsort(from_middle, kind="stable")][:_DOORS].astype(np.int64)
    return StoryPlaces(street, street_doors, np.sort(nearest), int(nearest[_DOORS // 2]))


def with_story_services(
    cases: pl.DataFrame,
    story: StoryPlaces,
    snapshots: Sequence[Snapshot],
    dwellings: DwellingStock,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """The cases with those of the story's places: more every year in the quarter, and in the street until it is helped.

    Nothing else follows from them: the residents are who they are, and every other case keeps its row.
    """
    homes = np.isin(dwellings.home, np.concatenate([story.street_doors, story.found_doors]))
    turn = np.ones(len(dwellings.home))
    turn[homes] = rng.random(int(homes.sum())) / _HOMES_WITH_SERVICES
    in_street = np.isin(dwellings.home, story.street_doors)
    shelter = dwellings.home == (-1 if story.shelter is None else story.shelter)
    years = [snapshot.year for snapshot in snapshots]
    persons: dict[int, list[str]] = {}
    rows: list[tuple[int, int, int, int]] = []
    for snapshot in snapshots:
        back = years[-1] - snapshot.year
        limit = np.where(in_street, (0.0, 0.35)[back] if back < 2 else 1.0, (1.0, 0.5, 0.0)[min(back, 2)])
        people, status = snapshot.people, snapshot.statuses
        has_services = (turn < limit) | (shelter & (back < 2))
        for index in np.flatnonzero(has_services[people.home] & homes[people.home]):
            person = int(people.id[index])
            kinds = next(kinds for age, kinds in _KINDS_BY_AGE if status.age[index] >= age)
            if person not in persons:
                persons[person] = list(rng.permutation(kinds)[: int(rng.integers(1, 3))])
            others = {int(status.service[index]), int(status.second_service[index])}
            rows += [
                (person, SERVICES.index(kind), snapshot.year, int(dwellings.home[people.home[index]]))
                for kind in sorted(persons[person])
                if kind in kinds and SERVICES.index(kind) not in others
            ]
    if not rows:
        return cases
    person, service, year, home = np.array(rows, dtype=np.int64).T
    before = int(cases["case_id"].str.slice(1).cast(pl.Int64).max() or 0)  # type: ignore[arg-type]
    further = case_rows(person, service, year, home, years=years, rng=rng, cases_before=before)
    return pl.concat([cases, further]).sort("period", "address_id", "case_id")


def nominations_table(
    estates: Sequence[Estate], dwellings: DwellingStock, story: StoryPlaces, years: Sequence[int]
) -> pl.DataFrame:
    """One row a nomination in the autumns before the last status dates.

    The worst estates are named by several units, each in its own way; one quiet estate, the street of the story, a
    small terrace and an estate in between are named too; one name is spelled so that a person must settle it, and one
    means nothing here. The private blocks where life is hard, and the quarter of the story, are named by nobody.
    """
    ranked = ranked_estates(estates)
    worst, second = ranked[0], ranked[min(1, len(ranked) - 1)]
    middle, quietest = ranked[int(0.45 * (len(ranked) - 1))], ranked[-1]
    inside = _addresses(dwellings, estates.index(worst))
    small = _streets(dwellings, "terrace", 4) or [story.street]
    spot = dwellings.xy[inside[len(inside) // 2]] + np.array(ORIGIN) if inside.size else np.array(ORIGIN)
    rows: list[_Nomination] = [
        ("school", "unrest", worst.area_id, "", None, None, ""),
        ("job_centre", "unemployment", "", "", None, None, f"Boligforeningen {worst.name.upper()}, afd. 2"),
        ("ssp", "youth_outside", "", _address(dwellings, inside), None, None, ""),
        ("social_psychiatry", "loneliness", "", "", round(float(spot[0]), 1), round(float(spot[1]), 1), ""),
        ("day_care", "families", "", "", None, None, _without_danish_letters(second.name)),
        ("school", "absence", second.area_id, "", None, None, ""),
        ("ssp", "rumours", "", "", None, None, quietest.name),
        ("elderly_care", "loneliness", "", "", None, None, story.street),
        ("day_care", "families", "", "", None, None, small[-1]),
        ("job_centre", "unemployment", middle.area_id, "", None, None, ""),
        ("school", "unrest", "", "", None, None, _misspelled(ranked[min(3, len(ranked) - 1)].name)),
        ("ssp", "unrest", "", "", None, None, "bag ved den gamle biograf"),
        ("family_department", "several_services", "", "", None, None, story.street.lower()),
    ]
    last = years[-1]
    autumns = [max(years[0] - 1, last - 1 - AUTUMNS + autumn) for autumn in _AUTUMN_OF_ROW]
    dates = [
        f"{autumn}-{9 + number // 5:02d}-{3 + 5 * (number % 5):02d}" for number, autumn in enumerate(autumns)
    ]
    return pl.DataFrame(
        [
            (f"M{number:02d}", row[0], date, *row[1:])
            for number, (row, date) in enumerate(zip(rows, dates, strict=True), start=1)
        ],
        schema={name: pl.Float64 if name in ("x", "y") else pl.String for name in _NOMINATION_COLUMNS},
        orient="row",
    )


def ranked_estates(estates: Sequence[Estate]) -> list[Estate]:
    """The large estates, the worst first."""
    large = [estate for estate in estates if estate.plan.residents > 500] or list(estates)
    return sorted(large, key=lambda estate: estate.plan.rank)


def forum_tables(
    estates: Sequence[Estate], story: StoryPlaces, years: Sequence[int]
) -> dict[str, pl.DataFrame]:
    """The forums of places, a row a place and year, and what was done there.

    Returns
    -------
    dict of str to DataFrame
        ``forums`` and ``actions``.
    """
    ranked = ranked_estates(estates)
    worst, second = ranked[0], ranked[min(1, len(ranked) - 1)]
    street_units = "Familieafdelingen, Socialpsykiatrien, Hjemmeplejen"
    worst_units = "Skolen, Jobcentret, SSP, Boligorganisationen"
    forums = [
        (story.street, 2, "Hjemmeplejen", street_units, "aktiv"),
        (story.street, 1, "Familieafdelingen", street_units, "aktiv"),
        (story.street, 0, "Familieafdelingen", "Hjemmeplejen", "afsluttet"),
        (worst.area_id, 1, "Skolen", worst_units, "planlagt"),
        (worst.area_id, 0, "Skolen", worst_units, "aktiv"),
        (second.name, 0, "Dagtilbud", "Sundhedsplejen, Skolen", "planlagt"),
    ]
    actions: list[tuple[str, int, str, int | None, int | None, str]] = [
        (story.street, 2, "Opsøgende besøg", 22, 30, "husstande"),
        (story.street, 1, "Opsøgende besøg", 31, 30, "husstande"),
        (story.street, 1, "Beboermøder", 4, 4, "gange"),
        (story.street, 0, "Mødested i beboerhuset", 24, 20, "personer"),
        (worst.area_id, 0, "Lektiehjælp", 26, 40, "personer"),
        (worst.area_id, 0, "Fritidsjob", 18, 20, "personer"),
        (worst.area_id, 0, "Belysning på stierne", None, None, ""),
    ]
    return {
        "forums": pl.DataFrame(
            [(place, str(years[-1] - back), *rest) for place, back, *rest in forums],
            schema=["place", "year", "chair", "members", "status"],
            orient="row",
        ),
        "actions": pl.DataFrame(
            [(place, str(years[-1] - back), *rest) for place, back, *rest in actions],
            schema=["place", "year", "action", "count", "goal", "counted"],
            orient="row",
        ),
    }


def placing_tables(
    estates: Sequence[Estate],
    registers: Mapping[str, pl.DataFrame],
    years: Sequence[int],
    rng: np.random.Generator,
) -> dict[str, pl.DataFrame]:
    """Agreements on every n-th vacancy, vacancies by year, where the municipality assigned, and who waited.

    The vacancies of the last year are those of the table ``vacancies``. What is assigned heaps up in the worst estates.

    Returns
    -------
    dict of str to DataFrame
        ``agreements, estate_vacancies, assignments, need``.
    """
    organisations = ("Mågesund Boligforening", "Boligselskabet Kattegat")
    every = (4, 6)
    agreements: list[tuple[str, int, int, int | None]] = [
        (organisations[0], every[0], years[0], None),
        (organisations[1], every[1], years[0], None),
    ]
    worst = {estate.area_id for estate in ranked_estates(estates)[:3]}
    now = registers["vacancies"].sort("estate_id")
    homes = (
        registers[f"dwellings_{years[-1]}"]
        .join(registers["addresses"].select("address_id", "estate_id"), on="address_id")
        .group_by("estate_id")
        .len("dwellings")
    )
    now = now.join(homes, on="estate_id", how="left", maintain_order="left")
    vacancies: list[tuple[Any, ...]] = []
    assignments: list[tuple[str, int, int]] = []
    need: list[tuple[int, int, int]] = []
    waiting = 8 + 2 * now.height
    for year in years:
        total = 0
        for number, (estate_id, last, dwellings) in enumerate(
            now.select("estate_id", "vacancies", "dwellings").iter_rows()
        ):
            organisation = number % 2
            free = last if year == years[-1] else round(last * rng.uniform(0.85, 1.15))
            right = free // every[organisation]
            assigned = right if estate_id in worst else round(right * rng.uniform(0.0, 0.8))
            vacancies.append((estate_id, year, free, organisations[organisation], dwellings, ""))
            assignments.append((estate_id, year, assigned))
            total += assigned
        waiting = max(0, waiting + round(1.15 * total) - total)
        need.append((year, waiting, total))
    columns = ["estate_id", "year", "vacancies", "organisation", "dwellings", "banned"]
    return {
        "agreements": pl.DataFrame(
            agreements, schema=["organisation", "every", "from_year", "to_year"], orient="row"
        ),
        "estate_vacancies": pl.DataFrame(vacancies, schema=columns, orient="row"),
        "assignments": pl.DataFrame(assignments, schema=["estate_id", "year", "assigned"], orient="row"),
        "need": pl.DataFrame(need, schema=["year", "waiting", "assigned"], orient="row"),
    }


def staff_table(
    estates: Sequence[Estate], registers: Mapping[str, pl.DataFrame], rng: np.random.Generator
) -> dict[str, pl.DataFrame]:
    """Institutions of the municipality with their positions: schools, a job centre, and others where people live.

    The worst estates have clubs and a family house beside day care, so that staff stand where services go.

    Returns
    -------
    dict of str to DataFrame
        ``staff`` with ``kind, full_time, x, y``.
    """
    homes = registers["addresses"].select("x", "y", "estate_id")
    schools = registers["schools"].unique("school_id", keep="last", maintain_order=True)
    rows = [
        ("skole", round(float(pupils) / 9), float(x), float(y))
        for x, y, pupils in schools.select("x", "y", "pupils").iter_rows()
    ]
    kinds = {estate.area_id: ["daginstitution"] for estate in ranked_estates(estates)[::3]}
    for estate in ranked_estates(estates)[:4]:
        kinds[estate.area_id] = ["daginstitution", "fritidsklub", "familiehus"]
    kinds[ranked_estates(estates)[0].area_id] += ["jobcenter"]
    positions = {"daginstitution": (14, 30), "fritidsklub": (5, 12), "familiehus": (6, 14), "jobcenter": (90, 91),
                 "plejehjem": (40, 80)}  # fmt: skip
    sites = [
        (kind, homes.filter(pl.col("estate_id") == estate)) for estate, of in kinds.items() for kind in of
    ]
    sites += [(kind, homes) for kind in ("daginstitution", "plejehjem") for _ in range(12)]
    for kind, near in sites:
        if near.height:
            x, y, _ = near.row(int(rng.integers(near.height)))
            low, high = positions[kind]
            rows.append((kind, int(rng.integers(low, high)), round(x + 12, 1), round(y + 12, 1)))
    return {"staff": pl.DataFrame(rows, schema=["kind", "full_time", "x", "y"], orient="row")}


def _addresses(dwellings: DwellingStock, estate: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    sites = [number for number, site in enumerate(dwellings.sites) if site.estate == estate]
    return np.flatnonzero(np.isin(dwellings.site, sites)).astype(np.int64)


def _address(dwellings: DwellingStock, inside: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
    address = int(inside[0]) if inside.size else 0
    return f"{dwellings.street[address]} {dwellings.number[address]}, 2. tv"


def _streets(dwellings: DwellingStock, kind: str, least: int) -> list[str]:
    """Streets of a kind of quarter with at least so many doors, the longest first."""
    of_kind = np.array([site.kind == kind for site in dwellings.sites])[dwellings.site]
    names, doors = np.unique(dwellings.street[of_kind].astype(str), return_counts=True)
    order = np.lexsort((names, -doors))
    return [str(names[index]) for index in order if doors[index] >= least]


def _without_danish_letters(name: str) -> str:
    """A name as it is typed without Danish letters."""
    for letter, pair in (("æ", "ae"), ("ø", "oe"), ("å", "aa"), ("Æ", "Ae"), ("Ø", "Oe"), ("Å", "Aa")):
        name = name.replace(letter, pair)
    return name


def _misspelled(name: str) -> str:
    """A name with its end taken for another one."""
    return name[: max(4, len(name) - 3)] + "en nord"
