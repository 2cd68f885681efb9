"""The whole made-up municipality from one seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import polars as pl

from geo_bosoc.demo.dwellings import Stock, build_sites, build_stock
from geo_bosoc.demo.estates import Estate, lay_estates, plan_estates
from geo_bosoc.demo.geography import make_land
from geo_bosoc.demo.nominations import nominations_table
from geo_bosoc.demo.people import first_year, next_year
from geo_bosoc.demo.plans import development_plans, plan_tables
from geo_bosoc.demo.scores import score_sites
from geo_bosoc.demo.statuses import safety_answers, statuses
from geo_bosoc.demo.tables import (
    Year,
    addresses_table,
    boundary_layers,
    cases_table,
    dwellings_table,
    persons_table,
    schools_table,
    survey_table,
)

SEED: Final = 2
RESIDENTS: Final = 100_000
YEARS: Final = (2020, 2021, 2022, 2023, 2024)
SURVEY_EVERY: Final = 2
"""Years between safety surveys; those between carry the last one forward."""


@dataclass(frozen=True)
class Town:
    """The made-up municipality as frames.

    Attributes
    ----------
    boundaries : layers by name, EPSG:25832 (``areas, municipality, districts, sea, lakes, woods, roads,
        development_plans``).
    registers : tables by file name without suffix (``persons_2024``, ``addresses``, ``dwellings_2024``,
        ``survey``,
        ``cases``, ``schools``, ``nominations``, ``plans``, ``development_facts``, ``vacancies``).
    estates, stock : what they were drawn from.
    """

    boundaries: Mapping[str, gpd.GeoDataFrame]
    registers: Mapping[str, pl.DataFrame]
    estates: tuple[Estate, ...]
    stock: Stock


def make_town(*, residents: int = RESIDENTS, years: Sequence[int] = YEARS, seed: int = SEED) -> Town:
    """Make up a municipality of about `residents` people over the given years (status 1 January).

    A third live in social-housing estates. The land is the same for every size; a smaller town fills less
    of it. The same arguments give the same frames.

    Parameters
    ----------
    residents : from 3,000 to 200,000.
    years : at least one, in order and without gaps.
    seed : any whole number from 0.

    Raises
    ------
    ValueError
        For residents or years that no town can be made of.
    """
    if not 3_000 <= residents <= 200_000:
        raise ValueError(f"residents must lie between 3,000 and 200,000, not {residents:,}.")
    years = tuple(years)
    if not years or list(years) != list(range(years[0], years[0] + len(years))):
        raise ValueError("years must follow each other, for example 2020, 2021, 2022.")

    def draw(*stage: int) -> np.random.Generator:
        return np.random.default_rng([seed, *stage])

    land = make_land(draw(1))
    estates, left = lay_estates(land, plan_estates(residents, draw(2)), draw(3))
    sites = build_sites(land, estates, left, residents, draw(4))
    stock = build_stock(sites, draw(5))
    scores = score_sites(sites, estates, years, draw(6))
    people = first_year(stock, scores, years[0], draw(7))
    last = len(people)
    told: list[Year] = []
    for number, year in enumerate(years):
        if number:
            people = next_year(people, stock, scores, year, last, draw(8, year))
            last = max(last, int(people.id.max()))
        status = statuses(people, stock, scores, year, draw(9, year))
        asked = None
        if number % SURVEY_EVERY == 0:
            asked = safety_answers(people, status.age, stock, scores, year, draw(10, year))
        told.append(Year(year, people, status, asked))
    registers = {
        "addresses": addresses_table(stock, estates),
        **{f"persons_{of.year}": persons_table(of, stock) for of in told},
        **{f"dwellings_{of.year}": dwellings_table(stock, of.year) for of in told},
        "survey": survey_table(told, stock),
        "cases": cases_table(told, stock, draw(11)),
        "schools": schools_table(told, stock),
        "nominations": nominations_table(estates, stock, years[-1]),
    }
    boundaries = boundary_layers(land, estates)
    boundaries = {**boundaries, "development_plans": development_plans(boundaries)}
    registers |= plan_tables(boundaries, registers, years[-1], draw(12))
    return Town(boundaries, registers, tuple(estates), stock)
