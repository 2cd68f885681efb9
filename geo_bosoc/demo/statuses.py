"""What the registers say of the made-up people: work, school, health, crime, children's lives, income.

A chance that belongs to a quarter and year (`scores`) is met by those who are most prone to it; being prone
lasts for most of a person's life and shifts a little each year, so that yearly figures move as real ones
do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_bosoc.demo.dwellings import DwellingStock, Scores
from geo_bosoc.demo.people import TRAITS, People, normal_above
from geo_bosoc.demo.shapes import Floats, Ints

Flags = NDArray[np.bool_]
LABOUR = ("employed", "student", "early_retirement", "pension", "outside")
PLACES = ("none", "partial", "full")
SERVICES = (
    "job_centre",
    "social_psychiatry",
    "substance_abuse",
    "family_support",
    "school_psychology",
    "ssp",
    "elderly_care",
)


@dataclass(frozen=True)
class Statuses:
    """One entry a person; -1 where it is not known or does not apply (codes index LABOUR, LEVELS, PLACES).

    `fte` is the share of the year outside work and school in twelfths, `income` kroner, `absence` tenths of
    a per cent, `service` and `second_service` codes of SERVICES: the municipal services a person has cases with.
    """

    age: Ints
    labour: Ints
    fte: Ints
    education: Ints
    in_education: Flags
    income: Ints
    charged: Flags
    convicted: Flags
    measures: Flags
    free_place: Ints
    absence: Ints
    health: Ints
    service: Ints
    second_service: Ints


def _prone(people: People, trait: str, rng: np.random.Generator, lasting: float = 0.85) -> Floats:
    """This year's standard normal number of a trait: mostly the person's own, a little of the year."""
    trait_score = people.traits[:, TRAITS.index(trait)].astype(np.float64)
    mixed: Floats = np.sqrt(lasting) * trait_score + np.sqrt(1 - lasting) * rng.normal(size=len(people))
    return mixed


def _school(people: People, age: Ints, rng: np.random.Generator) -> tuple[Ints, Flags]:
    """Education completed by now, and who is in education: of those bound for basic school only, few."""
    final = people.final
    through = np.select([final == 1, final == 2, final == 3], [19, 22, 25], 16) + people.id % 3
    done = np.where(
        final >= 0, np.where(age >= through, final, np.where((final == 3) & (age >= 20), 1, 0)), -1
    )
    staying = np.interp(age, [16, 17, 19, 22, 25, 40, 50], [0.8, 0.6, 0.3, 0.14, 0.10, 0.03, 0.0])
    late = np.interp(age, [16, 25, 32, 45, 50], [0.0, 0.16, 0.07, 0.02, 0.0])
    draw = rng.random(len(people))
    studying = np.where(final <= 0, draw < staying, np.where(age < through, draw < 0.93, draw < late))
    enrolled: Flags = ((age >= 6) & (age < 16)) | ((age >= 16) & (age < 50) & studying)
    return np.where(age < 15, -1, done).astype(np.int64), enrolled


def statuses(
    people: People, dwellings: DwellingStock, scores: Scores, year: int, rng: np.random.Generator
) -> Statuses:
    """The statuses of everybody on 1 January of `year` (those that cover a year: the year before)."""
    size = len(people)
    site = dwellings.dwelling_site[people.home]
    hard = scores.value[site, scores.years.index(year)]
    age = people.age(year)

    def met(name: str, trait: str, factor: Floats | float = 1.0) -> Flags:
        limit = normal_above(np.clip(scores.probability(name, year, site) * factor, 1e-6, 0.9))
        return _prone(people, trait, rng) > limit

    education, enrolled = _school(people, age, rng)
    adult = (age >= 16) & (age < 67)
    by_age = np.interp(age, [18, 22, 30, 40, 50, 58, 64], [0.55, 0.95, 1.0, 0.92, 1.0, 1.2, 1.15])
    taught = np.select(
        [education == 0, education == 1, education == 2, education == 3], [1.42, 1.0, 0.86, 0.62], 1.25
    )
    out = met("outside", "labour", by_age * taught * np.where(enrolled, 0.22, 1.08)) & adult & (age >= 18)
    grant = enrolled & ~out & (rng.random(size) < np.where(people.final == 2, 0.45, 0.88)) & (age < 40)
    efterloen = ~out & (age >= 63) & (age < 67) & (rng.random(size) < 0.22)
    idle = (age < 18) & ~enrolled & (rng.random(size) < 0.3)
    labour = np.select([age < 16, age >= 67, out | idle, grant, efterloen], [-1, 3, 4, 1, 2], 0)
    unknown = (rng.random(size) < np.where(people.origin == 0, 0.009, 0.02)) & adult
    labour = np.where(unknown, -1, labour)

    # Health-related support: most of it outside work, flex jobs in it.
    ill = met(
        "health",
        "health",
        np.interp(age, [18, 30, 45, 64], [0.45, 0.75, 1.1, 1.5]) * np.where(out, 2.6, 0.55),
    )
    health = np.where(unknown, -1, ill & (age >= 18) & (age < 67))

    draw = rng.random(size)
    part = np.select([draw < 0.62, draw < 0.76, draw < 0.9], [12, 9, 8], 7)
    brief = np.where(draw < 0.045 + 0.05 * np.clip(hard, 0, 1), 3, np.where(draw > 0.988, 2, 0))
    fte = np.where(labour == 4, part, np.where(labour == 0, brief, 0))
    fte = np.where((labour < 0) | (age < 16), -1, fte)

    youth = (age >= 10) & (age < 18)
    boys = np.where(people.female, 0.45, 1.52)
    charged = np.where(
        youth,
        met("charged_young", "crime", boys * np.interp(age, [10, 13, 15, 17], [0.25, 0.6, 1.4, 1.9])),
        met(
            "charged_adult", "crime", boys * np.interp(age, [18, 25, 40, 65, 80], [3.0, 2.0, 0.9, 0.25, 0.05])
        )
        & (age >= 18),
    ).astype(bool)
    convicted = met(
        "convicted", "crime", boys * np.interp(age, [18, 25, 40, 65, 80], [3.0, 2.0, 0.9, 0.25, 0.05])
    ) & (age >= 18)
    measures = met("measure", "measure", np.interp(age, [0, 5, 10, 15, 17], [0.35, 0.7, 1.1, 1.5, 1.5])) & (
        age < 18
    )

    enrolling = np.interp(age, [0, 1, 2, 5, 6, 9, 10], [0.15, 0.9, 0.94, 0.95, 0.88, 0.78, 0.0])
    cared = (age < 10) & (rng.random(size) < enrolling)
    full = met("free_place", "free_place")
    some = met("free_place", "free_place", 1.9)
    place = np.where(cared, np.where(full, 2, np.where(some, 1, 0)), -1)

    pupil = (age >= 6) & (age < 17) & (people.id % 100 < 84)
    mean = scores.probability("absence", year, site) * np.interp(age, [6, 9, 13, 16], [0.78, 0.85, 1.1, 1.4])
    spread = 0.62
    absence = mean * np.exp(spread * _prone(people, "absence", rng, 0.6) - spread * spread / 2)
    absence = np.where(pupil, np.clip(np.rint(absence * 10), 0, 1000), -1)

    level = np.select(
        [education == 0, education == 1, education == 2, education == 3], [0.84, 0.93, 1.0, 1.24], 0.86
    )
    career = np.interp(age, [15, 18, 25, 35, 50, 66], [0.06, 0.3, 0.66, 0.97, 1.12, 1.04])
    base = np.choose(
        np.clip(labour, -1, 4) + 1, [170e3, 425e3 * level * career, 118e3, 238e3, 236e3 * level, 186e3]
    )
    base = np.where(age < 16, 6e3, base) * np.exp(-0.33 * hard * (labour != 4))
    income = base * np.exp(0.27 * _prone(people, "income", rng))
    income = np.where(age < 15, -1, np.rint(income / 5000) * 5000)

    service = _services(people, age, met)
    return Statuses(
        age,
        labour.astype(np.int64),
        fte.astype(np.int64),
        education,
        enrolled,
        income.astype(np.int64),
        charged,
        convicted.astype(bool),
        measures.astype(bool),
        place.astype(np.int64),
        absence.astype(np.int64),
        health.astype(np.int64),
        service,
        _second_services(people, age, service, hard),
    )


def _services(people: People, age: Ints, met: Callable[[str, str, Floats], Flags]) -> Ints:
    """The municipal service a person has a case with: by age, and more of them where life is hard."""
    has_case = met(
        "presence", "service", np.interp(age, [0, 6, 17, 18, 66, 67, 85], [0.5, 1.1, 1.4, 1.0, 0.8, 1.4, 6.0])
    )
    turn = people.id % 7
    kind = np.select(
        [age >= 67, age >= 18, age >= 13, age >= 6],
        [6, np.choose(turn % 4, [0, 0, 1, 2]), np.choose(turn % 3, [3, 4, 5]), np.choose(turn % 2, [3, 4])],
        3,
    )
    return np.where(has_case, kind, -1).astype(np.int64)


def _second_services(people: People, age: Ints, service: Ints, hard: Floats) -> Ints:
    """A second service of some who have one, the same from year to year: the more of them the harder life is."""
    prone = people.id * 7919 % 1009 / 1009 < np.clip(0.14 * np.exp(1.1 * hard), 0.0, 0.6)
    adult = np.select([service == 0, service == 1], [1 + people.id % 2, 2], 0)
    kind = np.select(
        [age >= 67, age >= 18, service != 3, age >= 13, age >= 6], [1, adult, 3, 5, 4], default=-1
    )
    return np.where((service >= 0) & prone, kind, -1).astype(np.int64)


def safety_answers(
    people: People, age: Ints, dwellings: DwellingStock, scores: Scores, year: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Who of the adults answers the safety survey (positions), and their answer 1-7 (-1 for none)."""
    respondents = np.flatnonzero((age >= 18) & (rng.random(len(people)) < 0.115))
    site = dwellings.dwelling_site[people.home[respondents]]
    unsafe = scores.probability("unsafe", year, site)
    neither = np.minimum(0.03 + 0.6 * unsafe, 0.2)
    draw = rng.random(len(respondents))
    shade = rng.random(len(respondents))
    bad = np.select([shade < 0.6, shade < 0.88], [5, 6], 7)
    good = np.select([shade < 0.52, shade < 0.85], [1, 2], 3)
    answer = np.where(draw < unsafe, bad, np.where(draw < unsafe + neither, 4, good))
    return respondents, np.where(rng.random(len(respondents)) < 0.015, -1, answer).astype(np.int64)
