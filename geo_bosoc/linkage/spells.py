"""Rows that hold from a day to another: which of them hold on a date, and who has several or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.spec_parts import Spell

FROM: Final = "@from"
TO: Final = "@to"
FOREVER: Final = date(9999, 1, 1)


@dataclass(frozen=True)
class SpellFaults:
    """What was found of persons' rows on the status dates, by period."""

    several: dict[str, int]
    gaps: dict[str, int]


def with_bounds(
    frame: pl.LazyFrame, spell: Spell, key: str | None, report: Report, where: str
) -> pl.LazyFrame | None:
    """The rows with `FROM` (first day; null: ever since) and `TO` (first day no more; null: open).

    Rows that end before they begin, or on the same day, hold on no day: they stay, and no date finds them.
    """
    schema = frame.collect_schema()
    for end, name in (("from", spell.start), ("to", spell.to)):
        if name is not None and schema[name] not in (pl.Date, pl.Null):
            report.error(
                "these are no dates.",
                key=f"{where}.spell.{end}",
                column=name,
                hint="Write 2024-01-31 or 31-01-2024.",
            )
            return None
    start = pl.col(spell.start).cast(pl.Date)
    if spell.to is None:
        if key is None:
            return frame.with_columns(start.alias(FROM), pl.lit(None, pl.Date).alias(TO))
        ordered = frame.with_columns(start.alias(FROM))
        later = pl.col(FROM).sort().unique(maintain_order=True)
        nexts = ordered.group_by(key).agg(later.alias(FROM), later.shift(-1).alias(TO)).explode(FROM, TO)
        return ordered.join(nexts, on=[key, FROM], how="left", nulls_equal=True)
    last = pl.col(spell.to).cast(pl.Date)
    until = pl.when(last < FOREVER).then(last.dt.offset_by("1d") if spell.to_included else last)
    return frame.with_columns(start.alias(FROM), until.alias(TO))


def holds_on(day: date | pl.Expr) -> pl.Expr:
    """Does the row hold on the day? (``FROM <= day < TO``)"""
    at = pl.lit(day) if isinstance(day, date) else day
    return (pl.col(FROM).is_null() | (pl.col(FROM) <= at)) & (pl.col(TO).is_null() | (pl.col(TO) > at))


def on_dates(frame: pl.LazyFrame, days: Mapping[str, date]) -> pl.LazyFrame:
    """The rows that hold on each period's day, with that ``period``; a row stands once for each such period."""
    parts = [
        frame.filter(holds_on(day)).with_columns(pl.lit(period).alias("period"))
        for period, day in sorted(days.items())
    ]
    return pl.concat(parts)


def one_each(frame: pl.DataFrame, key: str, days: Mapping[str, date]) -> tuple[pl.DataFrame, dict[str, int]]:
    """One row a person and period, of those that hold on its day: that which began last (then ends last, then the
    first by all other columns).

    Returns the rows with their ``period``, and by period how many persons had several. The same row in two extracts
    is one row.
    """
    parts, several = [], {}
    for period, day in sorted(days.items()):
        found = frame.filter(holds_on(day))
        if found[key].n_unique() != found.height:
            often = found.filter(pl.col(key).is_duplicated()).unique(maintain_order=True)
            counted = often.filter(pl.col(key).is_duplicated())[key].n_unique()
            if counted:
                several[period] = counted
            others = sorted(set(often.columns) - {key, FROM, TO})
            order = [pl.col(FROM), pl.col(TO).fill_null(FOREVER), *others]
            down = [True, True, *[False] * len(others)]
            kept = often.sort(order, descending=down, nulls_last=True).unique(
                key, keep="first", maintain_order=True
            )
            found = pl.concat([found.filter(~pl.col(key).is_duplicated()), kept])
        parts.append(found.with_columns(pl.lit(period).alias("period")))
    return pl.concat(parts), several


def gaps(frame: pl.DataFrame, present: pl.DataFrame, key: str, days: Mapping[str, date]) -> dict[str, int]:
    """By period, how many persons have rows before its day and after it, and none that holds on it."""
    told = {}
    bounds = frame.group_by(key).agg(
        pl.col(FROM).min().alias("first"), pl.col(TO).fill_null(FOREVER).max().alias("last")
    )
    for period, day in sorted(days.items()):
        around = bounds.filter((pl.col("first") <= day) & (pl.col("last") > day)).select(key)
        missing = around.join(
            present.filter(pl.col("period") == period).select(key), on=key, how="anti"
        ).height
        if missing:
            told[period] = missing
    return told
