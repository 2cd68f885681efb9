"""The made-up people as a population extract: stays, person numbers that nobody has, and everything that goes wrong.

The numbers have months from 13 on, so that no living person has one. Which row has which wart follows from the
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


@dataclass(frozen=True)
class RawPeople:
    """`rows` are the ready tables' rows, one a person and year, with ``pnr`` and ``wart``; `stays` the extract."""

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
    """Rows with person number and wart, and the stays that they come from.

    Parameters
    ----------
    persons : the ready tables of all years, one below the other.
    doors : ``dwelling_id, street_code, house, floor, door`` of each dwelling.
    """
    one = persons.sort("person_id", "period").unique("person_id", keep="first", maintain_order=True)
    numbers = one.select(
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
    wart = (
        pl.when(pl.col("person_id").is_in(crowd.implode())).then(pl.lit("too_many_at_one_point"))
        .when(pl.col("person_id").is_in(shelter.implode())).then(pl.lit("not_a_home"))
        .when(person % 997 == 5).then(pl.lit("protected_address"))
        .when(person % 1201 == 7).then(pl.lit("placeless_street_code"))
        .when(old_street & (dwelling % 2 == 0)).then(pl.lit("address_not_known"))
        .when(old_street).then(pl.lit("settled_by_hand"))
    )  # fmt: skip
    rows = rows.with_columns(wart.alias("wart")).sort("person_id", "year")
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
            pl.col("person_id", "pnr", "birth_date", "dwelling_id", "wart").first(),
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
        pl.col("wart")
        .is_in(["too_many_at_one_point", "not_a_home", "placeless_street_code"])
        .fill_null(False)
    )
    old = pl.col("wart").is_in(["address_not_known", "settled_by_hand"]).fill_null(False)
    street = (
        pl.when(pl.col("wart") == "too_many_at_one_point").then(pl.lit(hall))
        .when(pl.col("wart") == "not_a_home").then(pl.lit(shelter))
        .when(pl.col("wart") == "placeless_street_code").then(pl.lit("9901"))
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
    homeless = pl.col("wart") == "placeless_street_code"
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
        pl.when(pl.col("wart") == "protected_address")
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
