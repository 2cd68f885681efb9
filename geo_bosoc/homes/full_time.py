"""Weeks on benefits to full-time persons outside the labour market, by a dated list of benefits.

A week counts once, however many benefits were drawn in it: the one that comes first in the list's order of priority
decides whether it was a week outside. A person's share is the number of such weeks over the weeks of the year (52 or
53, ISO), so it never exceeds one. A week belongs to the year of its Thursday; a spell with dates holds in the weeks
whose Thursday it covers.
"""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geo_bosoc.problems import Report
from geo_bosoc.registers.spec_parts import FullTime
from geo_bosoc.told import Told

_WEEK: Final = r"^(\d{4})\s*[-/ ]?\s*[UuWwVv]?\s*(\d{1,2})$"


class Benefit(BaseModel):
    """A benefit: the codes it has in the register, and whether it counts as outside, from a day to another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    codes: tuple[str, ...] = Field(min_length=1)
    outside: bool
    label_da: str = ""
    mark: Literal["fact", "assumption"] = "assumption"
    valid_from: date | None = None
    valid_to: date | None = None


class BenefitList(Told):
    """A definition of "outside the labour market": its benefits in order of priority, the first wins.

    What is assumed in it is a warning of every run that uses it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: str
    label_da: str
    label_en: str
    benefit: tuple[Benefit, ...] = Field(min_length=1)


def list_benefit_lists() -> tuple[str, ...]:
    """The names of the lists that ship."""
    folder = resources.files("geo_bosoc.homes") / "benefits"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load_benefits(name: str, report: Report, key: str, base: Path | None = None) -> BenefitList | None:
    """A list by name, or from a TOML file; None with an error in `report`."""
    if name in list_benefit_lists():
        text = (resources.files("geo_bosoc.homes") / "benefits" / f"{name}.toml").read_text(encoding="utf-8")
    else:
        path = (base or Path()) / name
        if not path.is_file():
            report.error(
                f'there is no list of benefits "{name}".',
                key=key,
                hint=f"There are: {', '.join(list_benefit_lists())}; or name a TOML file.",
            )
            return None
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            report.error("the file is not UTF-8 text.", file=path, key=key)
            return None
    try:
        return BenefitList.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        report.error(f"this is not valid TOML: {error}.", file=Path(name).name, key=key)
    except ValidationError as error:
        for item in error.errors():
            place = ".".join(str(step) for step in item["loc"])
            report.error(f"{item['msg']}.", file=Path(name).name, key=place)
    return None


def to_full_time(
    rows: pl.LazyFrame, part: FullTime, where: str, report: Report, base: Path | None = None
) -> pl.LazyFrame | None:
    """One row a person and year with `part.name`, the share of the year's weeks outside (0 to 1).

    Weeks with codes that the list does not know count as not outside, and are told with their number of rows.

    Returns
    -------
    ``person_id, period, <part.name>`` and ``weeks_outside``; None with errors in `report`.
    """
    assert part.benefits is not None
    listed = load_benefits(part.benefits, report, f"{where}.full_time.benefits", base)
    if listed is None:
        return None
    weeks = _weeks(rows, part, where, report)
    if weeks is None:
        return None
    table = _table(listed)
    code = pl.col(part.benefit).cast(pl.String).str.strip_chars().str.to_lowercase().alias("@code")
    coded = weeks.with_columns(code).join(table.lazy(), on="@code", how="left")
    monday = pl.col("@monday")
    valid = (pl.col("@valid_from").is_null() | (pl.col("@valid_from") <= monday)) & (
        pl.col("@valid_to").is_null() | (pl.col("@valid_to") > monday)
    )
    known = pl.col("@priority").is_not_null() & valid
    # the order of priority and what it decides in one number, so that a week's least number says it all
    rank = pl.when(known).then(2 * pl.col("@priority") + (~pl.col("@outside")).cast(pl.Int64)).alias("@rank")
    found = coded.select("person_id", "@year", "@monday", "@row", rank)
    if table["@code"].is_duplicated().any():
        found = found.group_by("@row").agg(
            pl.col("person_id", "@year", "@monday").first(), pl.col("@rank").min()
        )
    counted = found.drop_nulls(["@year", "@monday"])
    by_week = (
        counted.group_by("person_id", "@year", "@monday")
        .agg(pl.col("@rank").min(), pl.col("@rank").null_count().alias("unknown"))
        .collect(engine="streaming")
    )
    unknown = int(by_week["unknown"].sum())
    if unknown:
        report.warn(
            f"{unknown:,} weeks have a benefit that the list {listed.id} does not know; they count as not outside.",
            key=f"{where}.full_time.benefits",
            count=unknown,
        )
    out = (pl.col("@rank") % 2 == 0).fill_null(False)
    weeks_out = out.sum().cast(pl.Int64).alias("weeks_outside")
    per_year = by_week.lazy().group_by("person_id", "@year").agg(weeks_out)
    length = weeks_in_year(pl.col("@year"))
    report.facts.setdefault("benefits", {})[where] = {
        "list": listed.id,
        "version": listed.version,
        **{name: getattr(listed, name) for name in Told.model_fields if getattr(listed, name)},
    }
    if listed.assumption:
        report.warn(
            f"the list of benefits {listed.id}, {listed.version}, rests on an assumption: {listed.assumption}",
            key=f"{where}.full_time.benefits",
            hint="Check it against the benefits of your own register, and keep what you settle in a list of your own.",
        )
    return per_year.select(
        "person_id",
        pl.col("@year").cast(pl.String).alias("period"),
        (pl.col("weeks_outside") / length).alias(part.name),
        "weeks_outside",
    )


def weeks_in_year(year: pl.Expr) -> pl.Expr:
    """The ISO weeks of a year: 52 or 53.

    >>> pl.DataFrame({"y": [2020, 2021, 2026]}).select(weeks_in_year(pl.col("y"))).to_series().to_list()
    [53, 52, 53]
    """
    return pl.date(year, 12, 28).dt.week().cast(pl.Int64).alias("weeks")


def _table(listed: BenefitList) -> pl.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "@code": code.strip().lower(),
            "@priority": rank,
            "@outside": benefit.outside,
            "@valid_from": benefit.valid_from,
            "@valid_to": benefit.valid_to,
        }
        for rank, benefit in enumerate(listed.benefit)
        for code in benefit.codes
    ]
    kinds = {
        "@code": pl.String,
        "@priority": pl.Int64,
        "@outside": pl.Boolean,
        "@valid_from": pl.Date,
        "@valid_to": pl.Date,
    }
    return pl.DataFrame(rows, schema=kinds)


def _weeks(rows: pl.LazyFrame, part: FullTime, where: str, report: Report) -> pl.LazyFrame | None:
    """The rows once for each week: ``@monday``, ``@year`` (ISO) and ``@row``, the row's number and week."""
    schema = rows.collect_schema()
    if part.week is not None:
        known = (
            rows.select(part.week).unique().collect(engine="streaming")
        )  # some hundred weeks, millions of rows
        known = known.with_columns(_monday(pl.col(part.week), schema[part.week]).alias("@monday"))
        weekly = rows.join(known.lazy(), on=part.week, how="left", nulls_equal=True)
    else:
        assert part.start is not None
        if part.to is None:
            report.error("the last day is missing.", key=f"{where}.full_time.to", hint='Write to = "...".')
            return None
        first = _day(pl.col(part.start), schema[part.start], first=True)
        last = _day(pl.col(part.to), schema[part.to], first=False)
        # an open end reaches to the end of the last year that any row names
        latest = (
            rows.select(pl.max_horizontal(first.max(), last.filter(last.dt.year() < 9999).max()))
            .collect()
            .item()
        )
        if latest is None:
            report.error("these are no dates.", key=f"{where}.full_time.from", column=part.start)
            return None
        horizon = date(latest.year, 12, 31)
        last = pl.min_horizontal(last.fill_null(horizon), pl.lit(horizon))
        thursday = first.dt.offset_by("-3d").dt.truncate("1w").dt.offset_by("10d")
        thursday = (
            pl.when(first.dt.weekday() <= 4)
            .then(first.dt.truncate("1w").dt.offset_by("3d"))
            .otherwise(thursday)
        )
        weekly = (
            rows.with_columns(thursday.alias("@first"), last.alias("@last"))
            .filter(pl.col("@first") <= pl.col("@last"))
            .with_columns(pl.date_ranges("@first", "@last", "1w").alias("@monday"))
            .explode("@monday")
            .with_columns(pl.col("@monday").dt.offset_by("-3d"))
        )
    bad = weekly.select(pl.col("@monday").is_null().sum()).collect(engine="streaming").item()
    if bad:
        report.warn(
            f"{bad:,} rows have no week that can be read; they count nowhere.",
            key=f"{where}.full_time",
            column=part.week or part.start,
            count=int(bad),
        )
    year = pl.col("@monday").dt.offset_by("3d").dt.year()
    return weekly.with_columns(year.cast(pl.Int32).alias("@year")).with_row_index("@row")


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
