"""Several rows a person become one: weeks on benefits as full-time persons, and the weighted mean of a value.

Full-time persons are those outside the labour market by a dated list of benefits.

A week counts once, however many benefits were drawn in it: the one that comes first in the list's order of priority
decides whether it was a week outside. A person's share is the number of such weeks over the weeks of the year (52 or
53, ISO), so it never exceeds one. A week belongs to the year of its Thursday; a spell with dates holds in the weeks
whose Thursday it covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.linkage.benefit_lists import BenefitList, load_benefits, versions_used
from geo_bosoc.linkage.benefit_names import (
    RANK,
    ROWS,
    list_alone,
    monday_of,
    settled_names,
    weeks_in_year,
)
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import bilingual, count_text, phrase
from geo_bosoc.registers.spec_parts import FullTime, WeightedMean
from geo_bosoc.text.provenance import Provenance

_WEEK_OF: Final = "@week_of"


def to_full_time(
    rows: pl.LazyFrame, part: FullTime, where: str, report: Report, folder: Path | None = None
) -> pl.LazyFrame | None:
    """One row a person and year with `part.name`, the share of the year's weeks outside (0 to 1).

    Each week is read by the list of benefits in force in it, so that a spell across a reform is split by week. A name
    that no list knows is an error, unless the list or `part` says what such names count as; so is a name that only the
    list of another period knows.

    Returns
    -------
    LazyFrame or None
        ``person_id, period, <part.name>``, ``weeks_outside`` and a column for each of `part.also_by`; None with errors
        in `report`.
    """
    assert part.benefits is not None
    key = f"{where}.full_time.benefits"
    lists = load_benefits(part.benefits, report, key, folder)
    if lists is None:
        return None
    weeks = _weeks(rows, part, where, report)
    if weeks is None:
        return None
    versions = {version: list_alone(version, lists, report, key) for version in part.also_by}
    if any(alone is None for alone in versions.values()):
        return None
    names = settled_names(weeks, part, lists, where, report, key)
    if names is None:
        return None
    _report_rows(names, part, where, report)
    shares = _shares(weeks, part, names, part.name)
    for version, alone in versions.items():
        of_version = settled_names(weeks, part, [alone] if alone is not None else [], where, report, key)
        if of_version is None:
            return None
        column = part.column_by(version)
        by_version = _shares(weeks, part, of_version, column).select("person_id", "@year", column)
        shares = shares.join(by_version, on=["person_id", "@year"], how="left").with_columns(
            pl.col(column).fill_null(0.0)
        )
    _report_lists(versions_used(lists, names["@monday"].drop_nulls().unique().to_list()), where, report, key)
    columns = [part.name, "weeks_outside", *map(part.column_by, versions)]
    return shares.select("person_id", pl.col("@year").cast(pl.String).alias("period"), *columns)


def _shares(weeks: pl.LazyFrame, part: FullTime, names: pl.DataFrame, column: str) -> pl.LazyFrame:
    """``person_id, @year, <column>, weeks_outside``: each person's share of a year's weeks that are outside."""
    week = part.week or "@monday"
    ranks = names.select(part.benefit, week, RANK, pl.col("@monday").alias(_WEEK_OF)).lazy()
    by_week = (
        weeks.join(ranks, on=[part.benefit, week], how="left", nulls_equal=True)
        .drop_nulls(_WEEK_OF)
        .group_by("person_id", _WEEK_OF)
        .agg(pl.col(RANK).min())
        .with_columns(pl.col(_WEEK_OF).dt.offset_by("3d").dt.year().alias("@year"))
        .collect(engine="streaming")
    )
    is_outside = (pl.col(RANK) % 2 == 0).fill_null(False)
    weeks_out = is_outside.sum().cast(pl.Int64).alias("weeks_outside")
    per_year = by_week.lazy().group_by("person_id", "@year").agg(weeks_out)
    length = weeks_in_year(pl.col("@year"))
    return per_year.with_columns((pl.col("weeks_outside") / length).alias(column))


def _report_rows(names: pl.DataFrame, part: FullTime, where: str, report: Report) -> None:
    unreadable = int(names.filter(pl.col("@monday").is_null())[ROWS].sum())
    if unreadable:
        report.warn(
            phrase("{rows} with no readable week: counted nowhere.", rows=count_text(unreadable, "row")),
            key=f"{where}.full_time",
            column=part.week or part.start,
            count=unreadable,
        )
    unknown = int(names.filter(pl.col("@monday").is_not_null() & pl.col(RANK).is_null())[ROWS].sum())
    if unknown:
        report.warn(
            phrase(
                "{weeks} without benefit, or with one that was not in force: counted as not outside.",
                weeks=count_text(unknown, "week"),
            ),
            key=f"{where}.full_time.benefits",
            count=unknown,
        )


def _report_lists(used: Sequence[BenefitList], where: str, report: Report, key: str) -> None:
    """Which lists the weeks were read by, what is assumed in them, and where the series breaks."""
    if not used:
        return
    last = used[-1]
    report.facts.setdefault("benefits", {})[where] = {
        "list": last.id,
        "version": ", ".join(benefit_list.version for benefit_list in used),
        **{name: getattr(last, name) for name in Provenance.model_fields if getattr(last, name)},
    }
    for benefit_list in used[1:]:
        report.note(
            phrase(
                "from {day} on the weeks are read by another list of benefits ({list}, {version}): a "
                "series across that day has a break.",
                day=benefit_list.valid_from,
                list=benefit_list.id,
                version=benefit_list.version,
            ),
            key=key,
        )
    for benefit_list in used:
        if benefit_list.assumption:
            report.warn(
                phrase(
                    "the list of benefits {list}, {version}, rests on an assumption: {assumption}",
                    list=benefit_list.id,
                    version=benefit_list.version,
                    assumption=bilingual(benefit_list.assumption, benefit_list.assumption_da or ""),
                ),
                key=key,
                hint="Check it against the benefits of your own register, and keep what you settle in a list of your "
                "own.",
            )


def _weeks(rows: pl.LazyFrame, part: FullTime, where: str, report: Report) -> pl.LazyFrame | None:
    """The rows as they are where they name a week, and else once for each of their weeks, with ``@monday``."""
    schema = rows.collect_schema()
    if part.week is not None:
        return rows
    assert part.start is not None
    if part.to is None:
        report.error("the last day is missing.", key=f"{where}.full_time.to", hint='Write to = "...".')
        return None
    first = _day(pl.col(part.start), schema[part.start], first=True)
    last = _day(pl.col(part.to), schema[part.to], first=False)
    # an open end reaches to the end of the last year that any row names
    latest, without, backwards = (
        rows.select(
            pl.max_horizontal(first.max(), last.filter(last.dt.year() < 9999).max()).alias("latest"),
            first.is_null().sum().alias("without"),
            (first > last).sum().alias("backwards"),
        )
        .collect(engine="streaming")
        .row(0)
    )
    if latest is not None:
        for count, message in (
            (without, "{rows} without a first day that can be read: counted nowhere."),
            (backwards, "{rows} with an end before the beginning: counted nowhere."),
        ):
            if count:
                report.warn(
                    phrase(message, rows=count_text(int(count), "row")),
                    key=f"{where}.full_time",
                    column=part.start,
                    count=int(count),
                )
    if latest is None:
        report.error("these are no dates.", key=f"{where}.full_time.from", column=part.start)
        return None
    horizon = date(latest.year, 12, 31)
    last = pl.min_horizontal(last.fill_null(horizon), pl.lit(horizon))
    thursday = first.dt.offset_by("-3d").dt.truncate("1w").dt.offset_by("10d")
    thursday = (
        pl.when(first.dt.weekday() <= 4).then(first.dt.truncate("1w").dt.offset_by("3d")).otherwise(thursday)
    )
    return (
        rows.with_columns(thursday.alias("@first"), last.alias("@last"))
        .filter(pl.col("@first") <= pl.col("@last"))
        .with_columns(pl.date_ranges("@first", "@last", "1w").alias("@monday"))
        .explode("@monday")
        .with_columns(pl.col("@monday").dt.offset_by("-3d"))
    )


def _day(value: pl.Expr, dtype: pl.DataType, *, first: bool) -> pl.Expr:
    if dtype in (pl.Date, pl.Null):
        return value.cast(pl.Date)
    monday = monday_of(value, dtype)
    return monday if first else monday.dt.offset_by("6d")


def to_weighted_mean(
    rows: pl.LazyFrame, part: WeightedMean, where: str, report: Report
) -> pl.LazyFrame | None:
    """One row a person and period: the mean of `part.value` weighted by `part.weight`.

    A pupil who went to two schools has one per cent of their own, weighted by the months at each. Rows without value
    or with a weight that is not above zero add nothing; who has no other is left with an empty value. Other columns
    are those of the row with the largest weight.

    Returns
    -------
    LazyFrame or None
        ``person_id, period``, ``part.result`` and the other columns; None with errors in `report`.
    """
    schema = rows.collect_schema()
    for name in part.names():
        if not (schema[name].is_numeric() or schema[name] == pl.Null):
            report.error("these are no numbers.", key=f"{where}.weighted_mean", column=name)
    if report.errors:
        return None
    value = pl.col(part.value).cast(pl.Float64)
    weight = pl.col(part.weight).cast(pl.Float64) if part.weight else pl.lit(1.0)
    counts = value.is_not_null() & (weight > 0).fill_null(False)
    keys = ["person_id", "period"]
    others = [name for name in schema if name not in (*keys, *part.names(), part.result)]
    prepared = rows.with_columns(
        pl.when(counts).then(value * weight).alias("@product"), pl.when(counts).then(weight).alias("@weight")
    )
    first = [
        pl.col(name)
        .sort_by([weight.fill_null(0), *others], descending=[True, *[False] * len(others)])
        .first()
        for name in others
    ]
    total = pl.col("@weight").sum()
    # nine decimals: sums of floats differ in the last bit with the order of the rows
    mean = pl.when(total > 0).then((pl.col("@product").sum() / total).round(9)).alias(part.result)
    return prepared.group_by(keys).agg(mean, *first)
