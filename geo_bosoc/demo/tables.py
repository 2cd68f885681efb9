"""The made-up municipality as the tables that analysts work with (columns as the presets expect) and planners keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo_bosoc.demo.dwellings import DwellingStock
from geo_bosoc.demo.estates import Estate
from geo_bosoc.demo.geography import ORIGIN, SCHOOLS
from geo_bosoc.demo.people import LEVELS, ORIGINS, People, days_to
from geo_bosoc.demo.shapes import Ints
from geo_bosoc.demo.statuses import LABOUR, PLACES, SERVICES, Statuses

_PLAN_ROWS: Final[Sequence[tuple[Any, ...]]] = (
    # project, name, area, years from now, action, tenure, kind, to tenure, to kind, dwellings, m2, chance
    ("P01", "Rækkehuse ved stien", "U1", 1, "build", "owner_occupied", "", "", "", 90, 0, 1.0),
    ("P02", "Punkthuse ved torvet", "U1", 2, "build", "private_rental", "", "", "", 220, 1500, 0.8),
    ("P03", "To blokke rives ned", "U1", 3, "demolish", "social", "family", "", "", 160, 0, 0.7),
    ("P04", "Ungdomsboliger", "U1", 3, "convert", "social", "family", "social", "youth", 90, 0, 0.4),
    ("P05", "Andelsboliger", "U1", 4, "build", "cooperative", "", "", "", 160, 600, 0.6),
    ("P06", "Tagboliger", "U2", 2, "build", "private_rental", "", "", "", 24, 0, 0.5),
    ("P07", "Salg af en blok", "U2", 4, "convert", "social", "family", "owner_occupied", "", 40, 0, 0.3),
    ("P08", "Havnekvarteret, første etape", "D1", 2, "build", "owner_occupied", "", "", "", 180, 2500, 1.0),
    ("P08", "Havnekvarteret, første etape", "D1", 2, "build", "social", "family", "", "", 60, 0, 1.0),
    ("P09", "Havnekvarteret, anden etape", "D1", 5, "build", "private_rental", "", "", "", 140, 0, 0.6),
    ("P09", "Havnekvarteret, anden etape", "D1", 5, "build", "social", "elderly", "", "", 36, 0, 0.6),
)
_PLAN_COLUMNS: Final = (
    "project_id", "name", "area_id", "year", "action", "tenure", "kind", "to_tenure", "to_kind", "dwellings", "m2",
    "probability",
)  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """One status date: the people, their statuses, and who answered the survey (None without one)."""

    year: int
    people: People
    statuses: Statuses
    survey: tuple[Ints, Ints] | None


def _ids(letter: str, numbers: Ints, digits: int) -> pl.Series:
    """Ids such as ``P0001234``: a letter, so that no number is taken for a person number."""
    return letter + pl.Series(numbers, dtype=pl.Int64).cast(pl.String).str.zfill(digits)


def _words(codes: Ints, words: Sequence[str]) -> pl.Series:
    """Codes as words; -1 is null."""
    return pl.Series([*words, None], dtype=pl.String).gather(
        pl.Series(np.where(codes < 0, len(words), codes))
    )


def _without_gaps(values: Ints | NDArray[np.float64], dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """Numbers with -1 as null."""
    series = pl.Series(values)
    return series.to_frame("v").select(pl.when(pl.col("v") >= 0).then(pl.col("v")).cast(dtype)).to_series()


def _dates(days: Ints) -> pl.Series:
    return pl.Series(days.astype(np.int32), dtype=pl.Int32).cast(pl.Date)


def address_ids(numbers: Ints) -> pl.Series:
    """The ids of addresses numbered from 0."""
    return _ids("A", numbers + 1, 5)


def persons_table(snapshot: Snapshot, dwellings: DwellingStock) -> pl.DataFrame:
    """One row a person on 1 January, sorted by address, dwelling and person.

    Columns as in the contract of the demo, and `dwelling_id`. Shares of the year are decimals
    (`outside_fte`), absence is per cent, income whole kroner; what is not known or does not apply is null.
    """
    people, status = snapshot.people, snapshot.statuses
    frame = pl.DataFrame(
        {
            "person_id": _ids("P", people.id, 7),
            "period": pl.repeat(str(snapshot.year), len(people), dtype=pl.String, eager=True),
            "address_id": address_ids(dwellings.home[people.home]),
            "dwelling_id": _ids("D", people.home + 1, 5),
            "birth_date": _dates(people.birth),
            "age": pl.Series(status.age, dtype=pl.Int64).cast(pl.Int16),
            "sex": _words(people.female.astype(np.int64), ("m", "f")),
            "origin": _words(people.origin, ORIGINS),
            "labour": _words(status.labour, LABOUR),
            "outside_fte": (_without_gaps(status.fte, pl.Float64) / 12).round(4),
            "education": _words(status.education, LEVELS),
            "in_education": pl.Series(status.in_education),
            "gross_income": _without_gaps(status.income, pl.Int32),
            "student": pl.Series(status.labour == LABOUR.index("student")),
            "charged": pl.Series(status.charged),
            "convicted": pl.Series(status.convicted),
            "measures": pl.Series(status.measures),
            "free_place": _words(status.free_place, PLACES),
            "absence_pct": (_without_gaps(status.absence, pl.Float64) / 10).round(1),
            "health_measure": _without_gaps(status.health, pl.Int8).cast(pl.Boolean),
            "moved_in": _dates(people.moved),
        }
    )
    return frame.sort("address_id", "dwelling_id", "person_id")


def deaths_table(dead: People, year: int, rng: np.random.Generator) -> pl.DataFrame:
    """One row a person who died in the year before 1 January of `year`, with the day."""
    days = days_to(year) - 1 - rng.integers(0, 365, len(dead))
    return pl.DataFrame({"person_id": _ids("P", dead.id, 7), "died": _dates(days)}).sort("person_id")


def addresses_table(dwellings: DwellingStock, estates: list[Estate]) -> pl.DataFrame:
    """One row an address: where its door is (EPSG:25832, metres), street, number, and its estate."""
    east, north = (np.round(dwellings.xy + np.array(ORIGIN), 1)).T
    of_site = np.array([site.estate for site in dwellings.sites], dtype=np.int64)
    return pl.DataFrame(
        {
            "address_id": address_ids(np.arange(len(dwellings.xy))),
            "x": pl.Series(east),
            "y": pl.Series(north),
            "street": pl.Series(list(dwellings.street), dtype=pl.String),
            "number": pl.Series(dwellings.number, dtype=pl.Int64).cast(pl.String),
            "estate_id": _words(of_site[dwellings.site], [estate.area_id for estate in estates]),
        }
    )


def dwellings_table(dwellings: DwellingStock, year: int) -> pl.DataFrame:
    """One row a dwelling that stands on 1 January of the year, with BBR codes of use and ownership.

    `dwelling_type` (family, youth, elderly, care; ordinary elsewhere) is what an organisation's estate list
    tells and BBR does not.
    """
    standing = np.flatnonzero((dwellings.built < year) & (dwellings.gone > year))
    return pl.DataFrame(
        {
            "dwelling_id": _ids("D", standing + 1, 5),
            "address_id": address_ids(dwellings.home[standing]),
            "period": pl.repeat(str(year), len(standing), dtype=pl.String, eager=True),
            "bbr_use": pl.Series(dwellings.use[standing]).cast(pl.Int16),
            "bbr_ownership": pl.Series(dwellings.owner[standing]).cast(pl.Int16),
            "dwelling_type": pl.Series(list(dwellings.type[standing]), dtype=pl.String),
            "m2": pl.Series(dwellings.m2[standing]).cast(pl.Int16),
            "built": pl.Series(dwellings.built[standing]).cast(pl.Int16),
        }
    )


def survey_table(snapshots: Sequence[Snapshot], dwellings: DwellingStock) -> pl.DataFrame:
    """One row a respondent of a year's safety survey: 1 (safe) to 7 (unsafe), null for no answer."""
    parts = []
    for snapshot in snapshots:
        if snapshot.survey is None:
            continue
        respondents, answer = snapshot.survey
        parts.append(
            pl.DataFrame(
                {
                    "respondent_id": _ids(
                        f"R{snapshot.year % 100:02d}", np.arange(1, len(respondents) + 1), 5
                    ),
                    "period": pl.repeat(str(snapshot.year), len(respondents), dtype=pl.String, eager=True),
                    "address_id": address_ids(dwellings.home[snapshot.people.home[respondents]]),
                    "safety": _without_gaps(answer, pl.Int8),
                }
            )
        )
    return pl.concat(parts)


def cases_table(
    snapshots: Sequence[Snapshot], dwellings: DwellingStock, rng: np.random.Generator
) -> pl.DataFrame:
    """One row a case and status date on which it runs; a case that goes on keeps its id and its start.

    `ended` is null where the case still runs at the last status date.
    """
    parts = []
    for snapshot in snapshots:
        for service in (snapshot.statuses.service, snapshot.statuses.second_service):
            cases = np.flatnonzero(service >= 0)
            home = dwellings.home[snapshot.people.home[cases]]
            parts.append(
                (snapshot.people.id[cases], service[cases], np.full(len(cases), snapshot.year), home)
            )
    person, service, year, home = (np.concatenate(column) for column in zip(*parts, strict=True))
    years = [snapshot.year for snapshot in snapshots]
    return case_rows(person, service, year, home, years=years, rng=rng)


def case_rows(
    person: Ints,
    service: Ints,
    year: Ints,
    home: Ints,
    *,
    years: Sequence[int],
    rng: np.random.Generator,
    cases_before: int = 0,
) -> pl.DataFrame:
    """The cases table of persons with a service on a status date, who live at the address `home`.

    The ids go on from `cases_before`.
    """
    order = np.lexsort((year, service, person))
    person, service, year, home = person[order], service[order], year[order], home[order]
    opens = np.ones(len(person), dtype=bool)
    opens[1:] = (np.diff(person) != 0) | (np.diff(service) != 0) | (np.diff(year) != 1)
    case = np.cumsum(opens) - 1
    begins, ends = np.flatnonzero(opens), np.append(np.flatnonzero(opens)[1:], len(person)) - 1
    new_year = np.array([days_to(int(y)) for y in range(years[0], years[-1] + 2)])
    first = years[0]
    back = np.where(
        year[begins] == first, rng.exponential(420, len(begins)), rng.uniform(1, 365, len(begins))
    )
    started = (new_year[year[begins] - first] - 1 - back).astype(np.int64)
    over = new_year[year[ends] - first] + rng.integers(1, 360, len(begins))
    ended = np.where(year[ends] == years[-1], -1, over)
    frame = pl.DataFrame(
        {
            "case_id": _ids("C", case + 1 + cases_before, 6),
            "address_id": address_ids(home),
            "person_id": _ids("P", person, 7),
            "period": pl.Series(year).cast(pl.String),
            "service": _words(service, SERVICES),
            "started": _dates(started[case]),
            "ended": _without_gaps(ended[case], pl.Int32).cast(pl.Date),
        }
    )
    return frame.sort("period", "address_id", "case_id")


def schools_table(snapshots: Sequence[Snapshot], dwellings: DwellingStock) -> pl.DataFrame:
    """One row a municipal school and year: where it lies, its pupils and their mean absence (per cent).

    Pupils go to the nearest school; each school lies in the middle of the homes that are nearest to it.
    """
    count = min(len(SCHOOLS), 2 + len(dwellings.xy) // 2000)
    middles = dwellings.xy[np.linspace(0, len(dwellings.xy) - 1, count).astype(np.int64)]
    for _ in range(12):  # each school moves to the middle of those who go there
        near = cKDTree(middles).query(dwellings.xy)[1]
        size = np.maximum(np.bincount(near, minlength=count), 1)
        middles = np.column_stack(
            [np.bincount(near, weights=dwellings.xy[:, k], minlength=count) / size for k in (0, 1)]
        )
    spots = np.round(middles + np.array(ORIGIN), 1)
    nearest = cKDTree(middles).query(dwellings.xy)[1]
    parts = []
    for snapshot in snapshots:
        pupil = snapshot.statuses.absence >= 0
        school = nearest[dwellings.home[snapshot.people.home[pupil]]]
        pupils = np.bincount(school, minlength=count)
        total = np.bincount(school, weights=snapshot.statuses.absence[pupil], minlength=count)
        parts.append(
            pl.DataFrame(
                {
                    "school_id": _ids("S", np.arange(1, count + 1), 2),
                    "name": list(SCHOOLS[:count]),
                    "period": [str(snapshot.year)] * count,
                    "x": spots[:, 0],
                    "y": spots[:, 1],
                    "pupils": pupils,
                    "absence_pct": np.round(total / np.maximum(pupils, 1) / 10, 1),
                }
            )
        )
    return pl.concat(parts)


def goal_tables(area_ids: Sequence[str], years: Sequence[int]) -> dict[str, pl.DataFrame]:
    """Goals of a made-up agreement, and registrations of its own that two of them are about.

    Parameters
    ----------
    area_ids : sequence of str
        The areas; the first three have goals.
    years : sequence of int
        The first is the baselines', and the goals lie a few years after the last.

    Returns
    -------
    dict of str to DataFrame
        ``goals`` and ``registrations``.
    """
    first, second, third = (sorted(area_ids)[index % len(area_ids)] for index in range(3))
    start, end = str(years[0]), years[-1]
    leisure, damage, worst = (
        "børn i fritidsaktiviteter",
        "konto 115420, hærværk",
        "severely_deprived|deprived",
    )
    goals = [
        ("work", "Færre uden for arbejdsmarkedet", first, "outside_labour_market", "15 % færre", end + 2),
        ("health", "Helbred som i kommunen", second, "health", "nå kommunen", end + 2),
        ("safety", "Tryghed nærmere kommunens", third, "safety", "nærme sig kommunen", end + 2),
        (
            "crime",
            "Færre sigtede unge i hele byen",
            "@municipality",
            "youth_crime",
            "25 % færre",
            max(end, years[0] + 1),
        ),
        ("areas", "Halvt så mange udsatte områder", "@areas", None, "halveres", end + 3),
        ("leisure", "Flere børn i fritidsaktiviteter", first, leisure, "+25 %", end + 1),
        ("damage", "Halvt så meget hærværk", second, damage, "halveres", end + 1),
    ]
    columns = ["goal_id", "label", "area_id", "indicator", "target", "target_period"]
    more: dict[str, list[Any]] = {
        "category": [None] * 4 + [worst, None, None],
        "baseline": [None] * 6 + [712],
        "baseline_period": [start] * 5 + [f"{start}H2", start],
        "baseline_mean_of": [1] * 5 + [2, 1],
        "unit": [None] * 5 + ["personer", "t.kr."],
    }
    rows: list[tuple[str, str, str, int, str, str | None]] = []
    for number, year in enumerate(years):
        for half, later in ((1, 0), (2, 5)):
            rows.append((first, f"{year}H{half}", leisure, 38 + 3 * number + later, "personer", None))
            rows.append((second, f"{year}H{half}", leisure, 2 + number + later, "personer", None))
        note = None if number else "opgjort ved årets slutning"
        rows.append((second, str(year), damage, 712 - 61 * number, "t.kr.", note))
    names = ["area_id", "period", "measure", "value", "unit", "note"]
    return {
        "goals": pl.DataFrame(goals, schema=columns, orient="row").with_columns(
            pl.Series(name, values) for name, values in more.items()
        ),
        "registrations": pl.DataFrame(rows, schema=names, orient="row"),
    }


def plan_tables(
    boundaries: Mapping[str, gpd.GeoDataFrame],
    registers: Mapping[str, pl.DataFrame],
    last_year: int,
    rng: np.random.Generator,
) -> dict[str, pl.DataFrame]:
    """The projects, the facts of the development plans and the estates' vacancies."""
    districts = boundaries["districts"].sort_values("area_id", kind="stable").reset_index(drop=True)
    area_ids = {"D1": str(districts["area_id"].iloc[min(1, len(districts) - 1)])}
    estates = boundaries["areas"].sort_values("area_id", kind="stable").geometry.iloc[[1, 3]]
    for plan, shape in zip(("U1", "U2"), estates, strict=True):
        nearest = districts.geometry.distance(shape.representative_point()).idxmin()
        area_ids[plan] = f"{plan}+{districts['area_id'].iloc[nearest]}"
    rows = [
        (project, name, area_ids[area], last_year + after, *rest)
        for project, name, area, after, *rest in _PLAN_ROWS
    ]
    plans = pl.DataFrame(rows, schema=list(_PLAN_COLUMNS), orient="row")
    facts = pl.DataFrame(
        {
            "area_id": ["U1", "U2"],
            "demolished": [46, 0],
            "business_m2": [3900, 700],
            "new_building_suffices": ["nej", "ja"],
            "sale_at_a_loss": ["", "nej"],
            "residents": [None, None],
            "conviction_met": ["", "ja"],
        },
        schema_overrides={"residents": pl.Int64},
    )
    social = (
        registers[f"dwellings_{last_year}"]
        .filter(pl.col("dwelling_type") == "family")
        .join(registers["addresses"].select("address_id", "estate_id"), on="address_id")
        .drop_nulls("estate_id")
        .group_by("estate_id")
        .len("homes")
        .sort("estate_id")
    )
    turnover = rng.uniform(0.06, 0.11, len(social))
    vacancy_counts = np.rint(social["homes"].to_numpy() * turnover).astype(np.int64)
    listed = [""] * len(social)
    for index, mark in ((0, "listed"), (4, "newly")):
        if index < len(listed):
            listed[index] = mark
    vacancies = social.select("estate_id").with_columns(
        pl.Series("vacancies", vacancy_counts), pl.Series("listed", listed), pl.lit("nej").alias("banned")
    )
    return {"plans": plans, "development_facts": facts, "vacancies": vacancies}
