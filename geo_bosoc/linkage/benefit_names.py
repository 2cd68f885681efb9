"""The names of benefits that rows have: what each counts as in its week, by the dated lists of a definition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import polars as pl

from geo_bosoc.linkage.benefit_lists import (
    BenefitList,
    code_table,
    decide,
    in_force,
    lists_of_week,
    periods_of,
    plain_code,
)
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import Message, listed, phrase
from geo_bosoc.registers.spec_parts import FullTime
from geo_bosoc.text.listed_names import listed_names

_WEEK: Final = r"^(\d{4})\s*[-/ ]?\s*[UuWwVv]?\s*(\d{1,2})$"
RANK: Final = "@rank"
"""Of a name in a week: its list's order of priority and what it decides in one number; even numbers are outside."""
ROWS: Final = "@rows"
_LAST: Final = 2_000_000
"""The rank of a name that no list knows, behind those of all lists."""


def settled_names(
    weeks: pl.LazyFrame,
    part: FullTime,
    lists: Sequence[BenefitList],
    where: str,
    report: Report,
    key: str,
) -> pl.DataFrame | None:
    """The names that occur, with what each counts as; None with errors in `report`."""
    names = _names(weeks, part, part.week or "@monday", lists)
    names, complete = _with_unknown_names(names, part, lists, where, report)
    if _of_other_periods(names, lists, report, key) or not complete:
        return None
    return names


def list_alone(version: str, lists: Sequence[BenefitList], report: Report, key: str) -> BenefitList | None:
    """The list of a version as if it had always been in force; None with an error in `report`."""
    for benefit_list in lists:
        if benefit_list.version == version:
            name = f"{benefit_list.id}, {version}"
            return benefit_list.model_copy(update={"id": name, "valid_from": None})
    versions = ", ".join(benefit_list.version for benefit_list in lists)
    report.error(
        phrase("there is no list of benefits of {version}.", version=version),
        key=key.replace(".benefits", ".also_by"),
        hint=phrase("There are: {names}.", names=versions),
    )
    return None


def _names(weeks: pl.LazyFrame, part: FullTime, week: str, lists: Sequence[BenefitList]) -> pl.DataFrame:
    """Each name and week that occurs, once: ``<part.benefit>, <week>, @monday, @rows, @code, @rank``.

    The order of priority and what it decides are one number, so that a week's least number says it all: even numbers
    are outside. It is empty where the week's lists don't know the name.
    """
    names = weeks.group_by(part.benefit, week).agg(pl.len().alias(ROWS)).collect(engine="streaming")
    if part.week is not None:
        names = names.with_columns(monday_of(pl.col(week), names.schema[week]).alias("@monday"))
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
    return names.with_columns(pl.Series("@code", codes, pl.String), pl.Series(RANK, ranks, pl.Int64))


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
            count=int(rows[ROWS].sum()),
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
            count=int(open_names[ROWS].sum()),
            hint="Add them under codes in a list of your own, or say in full_time what such names count as: "
            'unknown_names = "inside" (not outside), "outside" or "ignore".',
        )
    rank = pl.when(pl.col("@says") == "outside").then(_LAST).when(pl.col("@says") == "inside").then(_LAST + 1)
    settled = (
        names.join(meaning, on=[part.benefit, names.columns[1]], how="left", nulls_equal=True)
        .filter(pl.col("@says").ne_missing("ignore"))
        .with_columns(pl.coalesce(RANK, rank).alias(RANK))
        .drop("@says")
    )
    return settled, open_names.is_empty()


def _of_list(lists: Sequence[BenefitList], monday: date) -> str | None:
    """What the list of a week says of names that it does not know."""
    listed = in_force(lists, monday)
    return listed.unknown_names if listed is not None else None


def _listed(rows: pl.DataFrame) -> Message:
    return listed_names(dict(rows.group_by("@code").agg(pl.col(ROWS).sum()).rows()))


def _of_other_periods(names: pl.DataFrame, lists: Sequence[BenefitList], report: Report, key: str) -> bool:
    """Whether names occur in weeks in which only the list of another period knows them; each is an error."""
    open_names = names.filter(pl.col(RANK).is_null() & pl.col("@monday").is_not_null()).drop_nulls("@code")
    wrong = False
    for (code,), rows in open_names.group_by("@code", maintain_order=True):
        periods = periods_of(str(code), lists)
        outside = [day for day in rows["@monday"].to_list() if not _dated_by_itself(str(code), day, lists)]
        if not periods or not outside:
            continue
        wrong = True
        count = int(rows.filter(pl.col("@monday").is_in(outside))[ROWS].sum())
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


def weeks_in_year(year: pl.Expr) -> pl.Expr:
    """The ISO weeks of a year: 52 or 53.

    >>> pl.DataFrame({"y": [2020, 2021, 2026]}).select(weeks_in_year(pl.col("y"))).to_series().to_list()
    [53, 52, 53]
    """
    return pl.date(year, 12, 28).dt.week().cast(pl.Int64).alias("weeks")


def monday_of(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The Monday of a week written 202405, 2024-W05, 2024U5, or of the week in which a date lies."""
    if dtype == pl.Date:
        return value.dt.truncate("1w")
    parts = value.cast(pl.String).str.strip_chars().str.extract_groups(_WEEK)
    year, week = (parts.struct.field(i).cast(pl.Int32, strict=False) for i in ("1", "2"))
    start = pl.date(year, 1, 4).dt.truncate("1w") + pl.duration(weeks=week - 1)
    return pl.when((week >= 1) & (week <= weeks_in_year(year))).then(start)
