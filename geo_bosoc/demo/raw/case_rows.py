"""The made-up people's cases as each system gives them: keyed by person, without a home."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from geo_bosoc.demo.raw.people import number_of, written_number

_NUMBER = written_number(pl.col("pnr"), number_of("person_id")).alias("CPR")
_STRANGER = "3119509999"


def _comma(value: pl.Expr) -> pl.Expr:
    return value.round(1).cast(pl.String).str.replace(".", ",", literal=True)


def _spread(rows: pl.DataFrame, test: pl.Expr) -> pl.DataFrame:
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
    known = both.select(_NUMBER, when.dt.strftime("%d-%m-%Y").alias("SIGTELSESDATO"), "LOV")
    year = int(str(rows["period"].max())) - 1
    strangers = pl.DataFrame(
        {
            "CPR": [_STRANGER] * 3,
            "SIGTELSESDATO": [f"0{n}-03-{year}" for n in (1, 2, 3)],
            "LOV": ["straffeloven"] * 3,
        }
    )
    return pl.concat([known, strangers])


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
    return _spread(spells, pl.int_range(pl.len()) % 6 == 0)


def place_rows(rows: pl.DataFrame) -> pl.DataFrame:
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
    return _spread(places, pl.int_range(pl.len()) % 9 == 0)


def absence_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Absence by pupil and school in a school year: one pupil in eleven has gone to two."""
    pupils = rows.filter(pl.col("absence_pct").is_not_null()).with_columns(
        two=number_of("person_id") % 11 == 0,
        apart=pl.min_horizontal(pl.col("absence_pct"), pl.lit(0.7), 100 - pl.col("absence_pct")),
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

    one, two = pupils.filter(~pl.col("two")), pupils.filter("two")
    pct, apart = pl.col("absence_pct"), pl.col("apart")
    return pl.concat(
        [
            part(one, "999101", 10, pct),
            part(two, "999101", 5, pct + apart),
            part(two, "999102", 5, pct - apart),
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
