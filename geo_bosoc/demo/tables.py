"""The made-up municipality as the tables that analysts work with (columns as the presets expect)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from geo_bosoc.demo.dwellings import Stock
from geo_bosoc.demo.estates import Estate
from geo_bosoc.demo.geography import ORIGIN, Land, to_25832
from geo_bosoc.demo.layout import Ints
from geo_bosoc.demo.names import (
    MUNICIPALITY,
    MUNICIPALITY_CODE,
    REGION_CODE,
    SCHOOLS,
)
from geo_bosoc.demo.people import (
    LEVELS,
    ORIGINS,
    People,
    day,
)
from geo_bosoc.demo.statuses import (
    LABOUR,
    PLACES,
    SERVICES,
    Statuses,
)

CRS: Final = "EPSG:25832"


@dataclass(frozen=True)
class Year:
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


def persons_table(of: Year, stock: Stock) -> pl.DataFrame:
    """One row a person on 1 January, sorted by address, dwelling and person.

    Columns as in the contract of the demo, and `dwelling_id`. Shares of the year are decimals
    (`outside_fte`), absence is per cent, income whole kroner; what is not known or does not apply is null.
    """
    people, status = of.people, of.statuses
    frame = pl.DataFrame(
        {
            "person_id": _ids("P", people.id, 7),
            "period": pl.repeat(str(of.year), len(people), dtype=pl.String, eager=True),
            "address_id": address_ids(stock.home[people.home]),
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


def addresses_table(stock: Stock, estates: list[Estate]) -> pl.DataFrame:
    """One row an address: where its door is (EPSG:25832, metres), street, number, and its estate."""
    east, north = (np.round(stock.xy + np.array(ORIGIN), 1)).T
    of_site = np.array([site.estate for site in stock.sites], dtype=np.int64)
    return pl.DataFrame(
        {
            "address_id": address_ids(np.arange(len(stock.xy))),
            "x": pl.Series(east),
            "y": pl.Series(north),
            "street": pl.Series(list(stock.street), dtype=pl.String),
            "number": pl.Series(stock.number, dtype=pl.Int64).cast(pl.String),
            "estate_id": _words(of_site[stock.site], [estate.area_id for estate in estates]),
        }
    )


def dwellings_table(stock: Stock, year: int) -> pl.DataFrame:
    """One row a dwelling that stands on 1 January of the year, with BBR codes of use and ownership.

    `dwelling_type` (family, youth, elderly, care; ordinary elsewhere) is what an organisation's estate list
    tells and BBR does not.
    """
    keep = np.flatnonzero((stock.built < year) & (stock.gone > year))
    return pl.DataFrame(
        {
            "dwelling_id": _ids("D", keep + 1, 5),
            "address_id": address_ids(stock.home[keep]),
            "period": pl.repeat(str(year), len(keep), dtype=pl.String, eager=True),
            "bbr_use": pl.Series(stock.use[keep]).cast(pl.Int16),
            "bbr_ownership": pl.Series(stock.owner[keep]).cast(pl.Int16),
            "dwelling_type": pl.Series(list(stock.type[keep]), dtype=pl.String),
            "m2": pl.Series(stock.m2[keep]).cast(pl.Int16),
            "built": pl.Series(stock.built[keep]).cast(pl.Int16),
        }
    )


def survey_table(years: Sequence[Year], stock: Stock) -> pl.DataFrame:
    """One row a respondent of a year's safety survey: 1 (safe) to 7 (unsafe), null for no answer."""
    parts = []
    for of in years:
        if of.survey is None:
            continue
        who, answer = of.survey
        parts.append(
            pl.DataFrame(
                {
                    "respondent_id": _ids(f"R{of.year % 100:02d}", np.arange(1, len(who) + 1), 5),
                    "period": pl.repeat(str(of.year), len(who), dtype=pl.String, eager=True),
                    "address_id": address_ids(stock.home[of.people.home[who]]),
                    "safety": _without_gaps(answer, pl.Int8),
                }
            )
        )
    return pl.concat(parts)


def cases_table(years: Sequence[Year], stock: Stock, rng: np.random.Generator) -> pl.DataFrame:
    """One row a case and status date on which it runs; a case that goes on keeps its id and its start.

    `ended` is null where the case still runs at the last status date.
    """
    parts = []
    for of in years:
        for service in (of.statuses.service, of.statuses.more):
            at = np.flatnonzero(service >= 0)
            home = stock.home[of.people.home[at]]
            parts.append((of.people.id[at], service[at], np.full(len(at), of.year), home))
    person, service, year, home = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((year, service, person))
    person, service, year, home = person[order], service[order], year[order], home[order]
    opens = np.ones(len(person), dtype=bool)
    opens[1:] = (np.diff(person) != 0) | (np.diff(service) != 0) | (np.diff(year) != 1)
    case = np.cumsum(opens) - 1
    begins, ends = np.flatnonzero(opens), np.append(np.flatnonzero(opens)[1:], len(person)) - 1
    new_year = np.array([day(int(y)) for y in range(years[0].year, years[-1].year + 2)])
    first = years[0].year
    back = np.where(
        year[begins] == first, rng.exponential(420, len(begins)), rng.uniform(1, 365, len(begins))
    )
    started = (new_year[year[begins] - first] - 1 - back).astype(np.int64)
    over = new_year[year[ends] - first] + rng.integers(1, 360, len(begins))
    ended = np.where(year[ends] == years[-1].year, -1, over)
    frame = pl.DataFrame(
        {
            "case_id": _ids("C", case + 1, 6),
            "address_id": address_ids(home),
            "person_id": _ids("P", person, 7),
            "period": pl.Series(year).cast(pl.String),
            "service": _words(service, SERVICES),
            "started": _dates(started[case]),
            "ended": _without_gaps(ended[case], pl.Int32).cast(pl.Date),
        }
    )
    return frame.sort("period", "address_id", "case_id")


def schools_table(years: Sequence[Year], stock: Stock) -> pl.DataFrame:
    """One row a municipal school and year: where it lies, its pupils and their mean absence (per cent).

    Pupils go to the nearest school; each school lies in the middle of the homes that are nearest to it.
    """
    count = min(len(SCHOOLS), 2 + len(stock.xy) // 2000)
    middles = stock.xy[np.linspace(0, len(stock.xy) - 1, count).astype(np.int64)]
    for _ in range(12):  # each school moves to the middle of those who go there
        near = cKDTree(middles).query(stock.xy)[1]
        size = np.maximum(np.bincount(near, minlength=count), 1)
        middles = np.column_stack(
            [np.bincount(near, weights=stock.xy[:, k], minlength=count) / size for k in (0, 1)]
        )
    spots = np.round(middles + np.array(ORIGIN), 1)
    nearest = cKDTree(middles).query(stock.xy)[1]
    parts = []
    for of in years:
        pupil = of.statuses.absence >= 0
        school = nearest[stock.home[of.people.home[pupil]]]
        pupils = np.bincount(school, minlength=count)
        total = np.bincount(school, weights=of.statuses.absence[pupil], minlength=count)
        parts.append(
            pl.DataFrame(
                {
                    "school_id": _ids("S", np.arange(1, count + 1), 2),
                    "name": list(SCHOOLS[:count]),
                    "period": [str(of.year)] * count,
                    "x": spots[:, 0],
                    "y": spots[:, 1],
                    "pupils": pupils,
                    "absence_pct": np.round(total / np.maximum(pupils, 1) / 10, 1),
                }
            )
        )
    return pl.concat(parts)


def _layer(rows: Sequence[tuple[str, str, str, BaseGeometry]], **more: str) -> gpd.GeoDataFrame:
    """A layer of rows (area_id, name, kind, shape in local metres) in EPSG:25832."""
    columns = {
        "area_id": [row[0] for row in rows],
        "name": [row[1] for row in rows],
        "kind": [row[2] for row in rows],
        **{name: [value] * len(rows) for name, value in more.items()},
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=[to_25832(row[3]) for row in rows], crs=CRS)


def boundary_layers(land: Land, estates: Sequence[Estate]) -> dict[str, gpd.GeoDataFrame]:
    """The boundary layers by file name: areas, municipality, districts, sea, lakes, woods, roads
    (EPSG:25832).
    """
    place = {"municipality": MUNICIPALITY_CODE, "region": REGION_CODE}
    return {
        "areas": _layer([(e.area_id, e.name, "social_housing", e.shape) for e in estates], **place),
        "municipality": _layer(
            [(MUNICIPALITY_CODE, MUNICIPALITY, "municipality", land.municipality)], **place
        ),
        "districts": _layer(
            [(f"{i:02d}", name, "district", shape) for i, (name, shape) in enumerate(land.districts, 1)],
            **place,
        ),
        "sea": _layer([("H1", "Mågesund", "sea", land.sea)]),
        "lakes": _layer([(f"L{i}", name, "lake", shape) for i, (name, shape) in enumerate(land.lakes, 1)]),
        "woods": _layer([(f"W{i}", name, "wood", shape) for i, (name, shape) in enumerate(land.woods, 1)]),
        "roads": _layer(
            [(f"V{i:02d}", name, kind, shape) for i, (kind, name, shape) in enumerate(land.roads, 1)]
        ),
    }
