"""Several rows a person become one: weeks on benefits as full-time persons, and the weighted mean of a value.

Full-time persons are those outside the labour market by a dated list of benefits.

A week counts once, however many benefits were drawn in it: the one that comes first in the list's order of priority
decides whether it was a week outside. A person's share is the number of such weeks over the weeks of the year (52 or
53, ISO), so it never exceeds one. A week belongs to the year of its Thursday; a spell with dates holds in the weeks
whose Thursday it covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.linkage.benefit_lists import (
    BenefitList,
    code_table,
    decide,
    in_force,
    lists_of_week,
    load_benefits,
    periods_of,
    plain_code,
    versions_used,
)
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import Message, bilingual, count_text, listed, phrase
from geo_bosoc.registers.spec_parts import FullTime, WeightedMean
from geo_bosoc.text.listed_names import listed_names
from geo_bosoc.text.provenance import Provenance

_WEEK: Final = r"^(\d{4})\s*[-/ ]?\s*[UuWwVv]?\s*(\d{1,2})$"
_RANK: Final = "@rank"
_ROWS: Final = "@rows"
_WEEK_OF: Final = "@week_of"
_LAST: Final = 2_000_000
"""The rank of a name that no list knows, behind those of all lists."""


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
        ``person_id, period, <part.name>`` and ``weeks_outside``; None with errors in `report`.
    """
    assert part.benefits is not None
    key = f"{where}.full_time.benefits"
    lists = load_benefits(part.benefits, report, key, folder)
    if lists is None:
        return None
    weeks = _weeks(rows, part, where, report)
    if weeks is None:
        return None
    week = part.week or "@monday"
    names = _names(weeks, part, week, lists)
    names, complete = _with_unknown_names(names, part, lists, where, report)
    if _of_other_periods(names, lists, report, key) or not complete:
        return None
    _report_rows(names, part, where, report)
    ranks = names.select(part.benefit, week, _RANK, pl.col("@monday").alias(_WEEK_OF)).lazy()
    by_week = (
        weeks.join(ranks, on=[part.benefit, week], how="left", nulls_equal=True)
        .drop_nulls(_WEEK_OF)
        .group_by("person_id", _WEEK_OF)
        .agg(pl.col(_RANK).min())
        .with_columns(pl.col(_WEEK_OF).dt.offset_by("3d").dt.year().alias("@year"))
        .collect(engine="streaming")
    )
    is_outside = (pl.col(_RANK) % 2 == 0).fill_null(False)
    weeks_out = is_outside.sum().cast(pl.Int64).alias("weeks_outside")
    per_year = by_week.lazy().group_by("person_id", "@year").agg(weeks_out)
    length = weeks_in_year(pl.col("@year"))
    _report_lists(versions_used(lists, names["@monday"].drop_nulls().unique().to_list()), where, report, key)
    return per_year.select(
        "person_id",
        pl.col("@year").cast(pl.String).alias("period"),
        (pl.col("weeks_outside") / length).alias(part.name),
        "weeks_outside",
    )


def _names(weeks: pl.LazyFrame, part: FullTime, week: str, lists: Sequence[BenefitList]) -> pl.DataFrame:
    """Each name and week that occurs, once: ``<part.benefit>, <week>, @monday, @rows, @code, @rank``.

    The order of priority and what it decides are one number, so that a week's least number says it all: even numbers
    are outside. It is empty where the week's lists don't know the name.
    """
    names = weeks.group_by(part.benefit, week).agg(pl.len().alias(_ROWS)).collect(engine="streaming")
    if part.week is not None:
        names = names.with_columns(_monday(pl.col(week), names.schema[week]).alias("@monday"))
    codes, mondays = names[part.benefit].cast(pl.String).to_list(), names["@monday"].to_list()
    plain = {code: plain_code(code) for code in set(codes) if code is not None}
    tables = {benefit_list.valid_from: code_table(benefit_list) for benefit_list in lists}
    by_week = {
        monday: [tables[benefit_list.valid_from] for benefit_list in lists_of_week(lists, monday)]
        for monday in set(mondays)
        if monday is not None
    }
    ranks: list[int | None] = []
    for code, monday in zip(codes, mondays, strict=True):
        readable = code is not None and monday is not None
        decided = decide(plain[code], monday, by_week[monday]) if readable else None
        ranks.append(None if decided is None else 2 * decided[0] + (not decided[1]))
    return names.with_columns(pl.Series("@code", codes, pl.String), pl.Series(_RANK, ranks, pl.Int64))


def _with_unknown_names(
    names: pl.DataFrame, part: FullTime, lists: Sequence[BenefitList], where: str, report: Report
) -> tuple[pl.DataFrame, bool]:
    """The names with what those count as that no list knows; and whether that is said of all of them.

    Those that it is not said of are an error that lists them.
    """
    codes = names["@code"].drop_nulls().unique().to_list()
    unknown = names.filter(pl.col("@monday").is_not_null()).filter(
        pl.col("@code").is_in([code for code in codes if plain_code(code) and not periods_of(code, lists)])
    )
    if unknown.is_empty():
        return names, True
    meanings = [part.unknown_names or _of_list(lists, monday) for monday in unknown["@monday"]]
    meaning = unknown.select(part.benefit, names.columns[1], pl.Series("@says", meanings, pl.String))
    counted = unknown.with_columns(meaning["@says"])
    for word, rows in counted.drop_nulls("@says").group_by("@says", maintain_order=True):
        report.note(
            phrase(
                "rows with names that no list of benefits knows are left out: {names}."
                if word[0] == "ignore"
                else "names that no list of benefits knows count as {meaning}: {names}.",
                meaning=phrase(
                    "outside the labour market" if word[0] == "outside" else "not outside the labour market"
                ),
                names=_listed(rows),
            ),
            key=f"{where}.full_time",
            column=part.benefit,
            count=int(rows[_ROWS].sum()),
        )
    open_names = counted.filter(pl.col("@says").is_null())
    if open_names.height:
        files = report.facts.get(where.replace("registers.", "register:", 1), {}).get("files", ())
        report.error(
            phrase(
                "the list of benefits {list} does not know these names: {names}.",
                list=lists[-1].id,
                names=_listed(open_names),
            ),
            file=str(files[0]) if files else None,
            key=f"{where}.full_time.benefits",
            column=part.benefit,
            count=int(open_names[_ROWS].sum()),
            hint="Add them under codes in a list of your own, or say in full_time what such names count as: "
            'unknown_names = "inside" (not outside), "outside" or "ignore".',
        )
    rank = pl.when(pl.col("@says") == "outside").then(_LAST).when(pl.col("@says") == "inside").then(_LAST + 1)
    settled = (
        names.join(meaning, on=[part.benefit, names.columns[1]], how="left", nulls_equal=True)
        .filter(pl.col("@says").ne_missing("ignore"))
        .with_columns(pl.coalesce(_RANK, rank).alias(_RANK))
        .drop("@says")
    )
    return settled, open_names.is_empty()


def _of_list(lists: Sequence[BenefitList], monday: date) -> str | None:
    """What the list of a week says of names that it does not know."""
    listed = in_force(lists, monday)
    return listed.unknown_names if listed is not None else None


def _listed(rows: pl.DataFrame) -> Message:
    return listed_names(dict(rows.group_by("@code").agg(pl.col(_ROWS).sum()).rows()))


def _of_other_periods(names: pl.DataFrame, lists: Sequence[BenefitList], report: Report, key: str) -> bool:
    """Whether names occur in weeks in which only the list of another period knows them; each is an error."""
    open_names = names.filter(pl.col(_RANK).is_null() & pl.col("@monday").is_not_null()).drop_nulls("@code")
    wrong = False
    for (code,), rows in open_names.group_by("@code", maintain_order=True):
        periods = periods_of(str(code), lists)
        outside = [day for day in rows["@monday"].to_list() if not _dated_by_itself(str(code), day, lists)]
        if not periods or not outside:
            continue
        wrong = True
        count = int(rows.filter(pl.col("@monday").is_in(outside))[_ROWS].sum())
        report.error(
            phrase(
                '"{name}" is the name of a benefit {periods} only, and occurs in the weeks {first} to {last}.',
                name=code,
                periods=listed(periods),
                first=_week(min(outside)),
                last=_week(max(outside)),
            ),
            key=key,
            count=count,
            hint=phrase(
                "Check the weeks, or add the name to a list of your own from the day on which it "
                'holds: full_time.benefits = ["{list}", "own.toml"] (own.toml with valid_from).',
                list=lists[0].id,
            ),
        )
    return wrong


def _dated_by_itself(code: str, monday: date, lists: Sequence[BenefitList]) -> bool:
    """Whether the week's own lists know the name, and date the benefit itself otherwise."""
    plain = plain_code(code)
    return any(plain in benefit_list.codes for benefit_list in lists_of_week(lists, monday))


def _week(monday: date) -> str:
    year, week, _ = (monday + timedelta(days=3)).isocalendar()
    return f"{year}-W{week:02}"


def _report_rows(names: pl.DataFrame, part: FullTime, where: str, report: Report) -> None:
    unreadable = int(names.filter(pl.col("@monday").is_null())[_ROWS].sum())
    if unreadable:
        report.warn(
            phrase("{rows} with no readable week: counted nowhere.", rows=count_text(unreadable, "row")),
            key=f"{where}.full_time",
            column=part.week or part.start,
            count=unreadable,
        )
    unknown = int(names.filter(pl.col("@monday").is_not_null() & pl.col(_RANK).is_null())[_ROWS].sum())
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


def weeks_in_year(year: pl.Expr) -> pl.Expr:
    """The ISO weeks of a year: 52 or 53.

    >>> pl.DataFrame({"y": [2020, 2021, 2026]}).select(weeks_in_year(pl.col("y"))).to_series().to_list()
    [53, 52, 53]
    """
    return pl.date(year, 12, 28).dt.week().cast(pl.Int64).alias("weeks")


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


def _monday(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The Monday of a week written 202405, 2024-W05, 2024U5, or of the week in which a date lies."""
    if dtype == pl.Date:
        return value.dt.truncate("1w")
    parts = value.cast(pl.String).str.strip_chars().str.extract_groups(_WEEK)
    year, week = (parts.struct.field(i).cast(pl.Int32, strict=False) for i in ("1", "2"))
    start = pl.date(year, 1, 4).dt.truncate("1w") + pl.duration(weeks=week - 1)
    return pl.when((week >= 1) & (week <= weeks_in_year(year))).then(start)


def _day(value: pl.Expr, dtype: pl.DataType, *, first: bool) -> pl.Expr:
    if dtype in (pl.Date, pl.Null):
        return value.cast(pl.Date)
    monday = _monday(value, dtype)
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
