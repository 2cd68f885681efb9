"""The made-up people as systems give them: an extract of stays, cases keyed by person, and everything that goes wrong.

The numbers have months from 13 on, so that no living person has one. Which row has which fault follows from the
person's and dwelling's number alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

NOWHERE: Final = 4000
"""Added to a street code: the code that the street had before, which no address register knows any more."""
FOREVER: Final = date(9999, 12, 31)
_STRANGER = "3119509999"


@dataclass(frozen=True)
class RawPeople:
    """`rows` are the ready tables' rows, one a person and year, with ``pnr`` and ``fault``; `stays` the extract."""

    rows: pl.DataFrame
    stays: pl.DataFrame
    most_residents: int


def number_of(column: str) -> pl.Expr:
    """The number in an id such as ``P0001234``."""
    return pl.col(column).str.slice(1).cast(pl.Int64)


def person_numbers(person: pl.Expr, birth: pl.Expr) -> pl.Expr:
    """Ten digits DDMMYYSSSS with a month from 13 to 19: unique, and impossible."""
    day = (1 + person // 10_000).cast(pl.String).str.zfill(2)
    month = (13 + person % 7).cast(pl.String)
    year = (birth.dt.year() % 100).cast(pl.String).str.zfill(2)
    serial = (person % 10_000).cast(pl.String).str.zfill(4)
    return pl.concat_str(day, month, year, serial)


def raw_people(persons: pl.DataFrame, doors: pl.DataFrame, years: Sequence[int]) -> RawPeople:
    """Rows with person number and fault, and the stays that they come from.

    Parameters
    ----------
    persons : DataFrame
        The ready tables of all years, one below the other.
    doors : DataFrame
        ``dwelling_id, street_code, house, floor, door`` of each dwelling.
    years : sequence of int
        The years of the tables.
    """
    people = persons.sort("person_id", "period").unique("person_id", keep="first", maintain_order=True)
    numbers = people.select(
        "person_id", person_numbers(number_of("person_id"), pl.col("birth_date")).alias("pnr")
    )
    rows = persons.join(numbers, on="person_id", how="left").with_columns(
        year=pl.col("period").cast(pl.Int64)
    )
    most = int(rows.group_by("period", "address_id").len()["len"].to_numpy().max()) + 20
    always = rows.group_by("person_id").len().filter(pl.col("len") == len(years)).sort("person_id")
    order = (number_of("person_id") * 7919) % 100_003
    crowd = always.with_columns(order.alias("o")).sort("o", "person_id")["person_id"].head(most + 25)
    rest = (
        always.filter(~pl.col("person_id").is_in(crowd.implode()))
        .with_columns(order.alias("o"))
        .sort("o", "person_id")
    )
    shelter = rest["person_id"].head(15)
    person = number_of("person_id")
    dwelling = number_of("dwelling_id")
    old_street = dwelling % 701 == 3
    fault = (
        pl.when(pl.col("person_id").is_in(crowd.implode())).then(pl.lit("too_many_at_one_point"))
        .when(pl.col("person_id").is_in(shelter.implode())).then(pl.lit("not_a_home"))
        .when(person % 997 == 5).then(pl.lit("protected_address"))
        .when(person % 1201 == 7).then(pl.lit("placeless_street_code"))
        .when(old_street & (dwelling % 2 == 0)).then(pl.lit("address_not_known"))
        .when(old_street).then(pl.lit("settled_by_hand"))
    )  # fmt: skip
    rows = rows.with_columns(fault.alias("fault")).sort("person_id", "year")
    return RawPeople(rows, _stays(rows, doors, min(years), max(years)), most)


def _stays(rows: pl.DataFrame, doors: pl.DataFrame, first_year: int, last_year: int) -> pl.DataFrame:
    """One row a person and stay: half-open, holding on each 1 January on which the ready table has the person there."""
    same = (
        (pl.col("person_id") == pl.col("person_id").shift())
        & (pl.col("dwelling_id") == pl.col("dwelling_id").shift())
        & (pl.col("year") == pl.col("year").shift() + 1)
    )
    runs = (
        rows.with_columns(run=(~same.fill_null(False)).cum_sum())
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("person_id", "pnr", "birth_date", "dwelling_id", "fault").first(),
            pl.col("moved_in").first(),
            pl.col("year").first().alias("first"),
            pl.col("year").last().alias("last"),
        )
    )
    new_year = pl.date(pl.col("first"), 1, 1)
    fits = (pl.col("moved_in") <= new_year) & (
        (pl.col("first") == first_year) | (pl.col("moved_in") > pl.date(pl.col("first") - 1, 1, 1))
    )
    runs = runs.with_columns(
        start=pl.when(fits).then(pl.col("moved_in")).otherwise(pl.date(pl.col("first") - 1, 7, 1))
    )
    follows = pl.col("first").shift(-1).over("person_id") == pl.col("last") + 1
    gone = pl.date(pl.col("last"), 8, 15)
    end = (
        pl.when(follows.fill_null(False)).then(pl.col("start").shift(-1).over("person_id"))
        .when(pl.col("last") == last_year).then(pl.lit(FOREVER))
        .otherwise(gone)
    )  # fmt: skip
    return runs.with_columns(end=end).join(doors, on="dwelling_id", how="left", maintain_order="left")


def written_number(pnr: pl.Expr, person: pl.Expr) -> pl.Expr:
    """A person number as systems write it: with a hyphen, in one, or without its leading zero."""
    hyphen = pl.concat_str(pnr.str.slice(0, 6), pl.lit("-"), pnr.str.slice(6))
    lost = pl.when(pnr.str.starts_with("0")).then(pnr.str.slice(1)).otherwise(pnr)
    return pl.when(person % 3 == 0).then(hyphen).when(person % 3 == 1).then(lost).otherwise(pnr)


def population_extract(people: RawPeople, code: str, hall: str, shelter: str) -> pl.DataFrame:
    """The extract's rows as text: `hall` and `shelter` are the street codes of the points where nobody lives."""
    person = number_of("person_id")
    special = (
        pl.col("fault")
        .is_in(["too_many_at_one_point", "not_a_home", "placeless_street_code"])
        .fill_null(False)
    )
    old = pl.col("fault").is_in(["address_not_known", "settled_by_hand"]).fill_null(False)
    street = (
        pl.when(pl.col("fault") == "too_many_at_one_point").then(pl.lit(hall))
        .when(pl.col("fault") == "not_a_home").then(pl.lit(shelter))
        .when(pl.col("fault") == "placeless_street_code").then(pl.lit("9901"))
        .when(old).then((pl.col("street_code") + NOWHERE).cast(pl.String))
        .otherwise(pl.when(person % 2 == 0).then(pl.col("street_code").cast(pl.String).str.zfill(4))
                   .otherwise(pl.col("street_code").cast(pl.String)))
    )  # fmt: skip
    house = pl.col("house").str.extract(r"(\d+)").str.zfill(3) + pl.col("house").str.extract(r"([A-Z]*)$")
    floor = pl.col("floor").str.to_uppercase()
    floor = (
        pl.when((person % 2 == 0) & floor.str.contains(r"^\d$")).then(pl.lit("0") + floor).otherwise(floor)
    )
    door = pl.col("door").str.to_uppercase()
    door = pl.when(person % 5 == 1).then(door.str.to_lowercase() + ".").otherwise(door)
    homeless = pl.col("fault") == "placeless_street_code"
    blank = pl.lit("")
    dates = [pl.col(name).dt.strftime("%d-%m-%Y") for name in ("start", "end", "birth_date")]
    end = pl.when((pl.col("end") == FOREVER) & (person % 2 == 0)).then(blank).otherwise(dates[1])
    status = pl.when(homeless.fill_null(False)).then(pl.lit("03")).when(person % 4 == 0).then(pl.lit("1"))
    return people.stays.select(
        written_number(pl.col("pnr"), person).alias("PNR"),
        status.otherwise(pl.lit("01")).alias("STATUS"),
        pl.when(person % 2 == 0).then(pl.lit(code)).otherwise(pl.lit(code.lstrip("0"))).alias("KOMKOD"),
        street.alias("VEJKOD"),
        pl.when(homeless.fill_null(False))
        .then(blank)
        .when(special)
        .then(pl.lit("001"))
        .otherwise(house)
        .alias("HUSNR"),
        pl.when(special).then(blank).otherwise(floor).alias("ETAGE"),
        pl.when(special | (pl.col("door") == "")).then(blank).otherwise(door).alias("SIDEDOER"),
        dates[0].alias("TILFLYDTO"),
        end.alias("FRAFLYDTO"),
        dates[2].alias("FOEDSELSDATO"),
        pl.when(pl.col("fault") == "protected_address")
        .then(pl.lit("J"))
        .otherwise(blank)
        .alias("BESKYTTELSE"),
    )


def moved_away(count: int) -> pl.DataFrame:
    """Rows of people who are dead or abroad (status 80 and 90): they are in every extract, and nobody counts them."""
    serial = pl.int_range(count, eager=True).cast(pl.String).str.zfill(4)
    return pl.DataFrame(
        {
            "PNR": "31" + pl.Series(["19"] * count) + "40" + serial,
            "STATUS": ["90" if n % 2 else "80" for n in range(count)],
            "KOMKOD": [""] * count,
            "VEJKOD": [""] * count,
            "HUSNR": [""] * count,
            "ETAGE": [""] * count,
            "SIDEDOER": [""] * count,
            "TILFLYDTO": ["01-01-1990"] * count,
            "FRAFLYDTO": ["31-12-9999"] * count,
            "FOEDSELSDATO": ["01-01-1940"] * count,
            "BESKYTTELSE": [""] * count,
        }
    )


_NUMBER = written_number(pl.col("pnr"), number_of("person_id")).alias("CPR")


def _comma(value: pl.Expr) -> pl.Expr:
    return value.round(1).cast(pl.String).str.replace(".", ",", literal=True)


def _with_repeats(rows: pl.DataFrame, test: pl.Expr) -> pl.DataFrame:
    """Some of the rows again, after all of them."""
    return pl.concat([rows, rows.filter(test)])


def support_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """What each adult lives on, one row a person and year; an empty cell is not known."""
    words = {
        "employed": "Beskæftigelse",
        "student": "SU",
        "early_retirement": "Efterløn",
        "pension": "Folkepension",
        "outside": "Uden for arbejdsmarkedet",
    }
    adults = rows.filter(pl.col("age") >= 16)
    health = (
        pl.when(pl.col("health_measure"))
        .then(pl.lit("ja"))
        .when(~pl.col("health_measure"))
        .then(pl.lit("nej"))
    )
    return adults.select(
        _NUMBER,
        pl.col("period").alias("AAR"),
        pl.col("labour").replace_strict(words, default=None).fill_null("").alias("FORSØRGELSE"),
        health.otherwise(pl.lit("")).alias("HELBRED"),
    )


def education_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Education completed and whether one is going on, one row a person from 15 years and year."""
    words = {
        "basic": "grundskole",
        "upper_secondary": "gymnasial",
        "vocational": "erhvervsfaglig",
        "higher": "videregående",
    }
    return rows.filter(pl.col("age") >= 15).select(
        _NUMBER,
        pl.col("period").alias("AAR"),
        pl.col("education").replace_strict(words, default=None).fill_null("").alias("NIVEAU"),
        pl.when(pl.col("in_education")).then(pl.lit("ja")).otherwise(pl.lit("nej")).alias("IGANG"),
    )


def charge_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Charges of the year before each status date: several a person, traffic among them, and strangers."""
    person = number_of("person_id")
    law = pl.when(person % 3 == 0).then(pl.lit("våbenloven")).otherwise(pl.lit("straffeloven"))
    charged = rows.filter(pl.col("charged")).with_columns(law.alias("LOV"))
    traffic = rows.filter((pl.col("age") >= 10) & (person % 29 == 3)).with_columns(
        pl.lit("færdselsloven").alias("LOV")
    )
    both = pl.concat([charged, charged.filter(person % 4 == 1), traffic])
    day = (1 + person % 28).cast(pl.Int64)
    when = pl.date(pl.col("period").cast(pl.Int64) - 1, 1 + person % 12, day)
    charges = both.select(_NUMBER, when.dt.strftime("%d-%m-%Y").alias("SIGTELSESDATO"), "LOV")
    year = int(str(rows["period"].max())) - 1
    strangers = pl.DataFrame(
        {
            "CPR": [_STRANGER] * 3,
            "SIGTELSESDATO": [f"0{n}-03-{year}" for n in (1, 2, 3)],
            "LOV": ["straffeloven"] * 3,
        }
    )
    return pl.concat([charges, strangers])


def measure_rows(rows: pl.DataFrame, last_year: int) -> pl.DataFrame:
    """Measures as spells with open ends: a child may have two at a time."""
    on = rows.filter(pl.col("measures")).sort("person_id", "year")
    follows = (pl.col("person_id") == pl.col("person_id").shift()) & (
        pl.col("year") == pl.col("year").shift() + 1
    )
    runs = (
        on.with_columns(run=(~follows.fill_null(False)).cum_sum())
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("person_id", "pnr").first(),
            pl.col("year").first().alias("first"),
            pl.col("year").last().alias("last"),
        )
    )
    start = pl.date(pl.col("first") - 1, 9, 15).dt.strftime("%d-%m-%Y")
    over = pl.date(pl.col("last"), 6, 15).dt.strftime("%d-%m-%Y")
    end = pl.when(pl.col("last") == last_year).then(pl.lit("31-12-9999")).otherwise(over)
    spells = runs.select(
        _NUMBER,
        pl.when(number_of("person_id") % 2 == 0)
        .then(pl.lit("§ 32"))
        .otherwise(pl.lit("§ 47"))
        .alias("PARAGRAF"),
        start.alias("START"),
        end.alias("SLUT"),
    )
    return _with_repeats(spells, pl.int_range(pl.len()) % 6 == 0)


def childcare_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Places in day care and after-school care with their subsidy in per cent; some children have two places."""
    inside = rows.filter(pl.col("free_place").is_not_null())
    subsidy = pl.col("free_place").replace_strict(
        {"none": 0, "partial": 45, "full": 100}, return_dtype=pl.Int64
    )
    places = inside.select(
        _NUMBER,
        pl.when(pl.col("age") < 6).then(pl.lit("Dagtilbud")).otherwise(pl.lit("SFO")).alias("PLADS"),
        pl.date(pl.col("year") - 1, 10, 1).dt.strftime("%d-%m-%Y").alias("START"),
        pl.date(pl.col("year"), 7, 31).dt.strftime("%d-%m-%Y").alias("SLUT"),
        subsidy.alias("FRIPLADS_PCT"),
    )
    return _with_repeats(places, pl.int_range(pl.len()) % 9 == 0)


def absence_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Absence by pupil and school in a school year: one pupil in eleven has gone to two."""
    pupils = rows.filter(pl.col("absence_pct").is_not_null()).with_columns(
        two_schools=number_of("person_id") % 11 == 0,
        difference=pl.min_horizontal(pl.col("absence_pct"), pl.lit(0.7), 100 - pl.col("absence_pct")),
    )
    year = pl.col("year")
    school_year = pl.concat_str(
        (year - 1).cast(pl.String), pl.lit("/"), (year % 100).cast(pl.String).str.zfill(2)
    )

    def part(frame: pl.DataFrame, school: str, months: int, pct: pl.Expr) -> pl.DataFrame:
        return frame.select(
            _NUMBER,
            pl.lit(school).alias("INSTNR"),
            school_year.alias("SKOLEAAR"),
            pl.lit(months).alias("MAANEDER"),
            _comma(pct).alias("FRAVAER_PCT"),
        )

    one_school, two_schools = pupils.filter(~pl.col("two_schools")), pupils.filter("two_schools")
    pct, difference = pl.col("absence_pct"), pl.col("difference")
    return pl.concat(
        [
            part(one_school, "999101", 10, pct),
            part(two_schools, "999101", 5, pct + difference),
            part(two_schools, "999102", 5, pct - difference),
        ]
    )


def benefit_rows(rows: pl.DataFrame, years: Sequence[int]) -> pl.DataFrame:
    """Benefits by week of the year before each status date, some of them overlapping."""
    drawn = rows.filter((pl.col("outside_fte") > 0) & (pl.col("year") == max(years)))
    weeks = (pl.col("outside_fte") * 52).round(0).cast(pl.Int64)
    spells = drawn.with_columns(weeks=weeks).select(
        "person_id", "pnr", "year", pl.int_ranges(1, pl.col("weeks") + 1).alias("w")
    )
    long = spells.explode("w")
    week = ((pl.col("year") - 1) * 100 + pl.col("w")).cast(pl.String)
    person = number_of("person_id")
    kind = pl.when(person % 3 == 0).then(pl.lit("Førtidspension")).otherwise(pl.lit("Kontanthjælp"))
    table = long.select(_NUMBER, week.alias("UGE"), kind.alias("YDELSE"))
    return pl.concat(
        [
            table,
            table.filter(pl.int_range(pl.len()) % 7 == 0).with_columns(pl.lit("Dagpenge").alias("YDELSE")),
        ]
    )
