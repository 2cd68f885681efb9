"""Is ``2010-11`` November 2010 or the school year 2010/11? Decided from a period column as a whole, or asked.

``2012-13`` is no month and ``2010-01`` no school year: one such value among the others says what all of them are.
Where each could be both, the register must say it (``period_by``); a year with a slash, ``2010/11``, is then a school
year.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.files import RegisterFile
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.values.text import stripped

Pairs = Literal["usual", "months", "school_years"]
"""What a year and two digits are: with a hyphen months and with a slash school years, or both one of them."""

_PAIR: Final = r"^(\d{4})[-/](\d{2})$"


def settle_pairs(
    frames: Iterable[tuple[RegisterFile, pl.LazyFrame]],
    column: str | None,
    spec: RegisterSpec,
    report: Report,
    key: str | None,
) -> Pairs:
    """What ``2010-11`` means in a register's period column; where that cannot be told, an error asks for the key.

    Parameters
    ----------
    frames : the rows of each file; a file without the column, or where it is no text, is left aside.
    """
    if spec.period_by == "school_year":
        return "school_years"
    pairs, file = _pairs(frames, column)
    if column is None or file is None:
        return "usual"
    row = pairs.select(
        every_school=pl.col("school").all(),
        every_month=pl.col("month").all(),
        hyphen=pl.col("v").str.contains("-", literal=True).any(),
        rows=pl.col("rows").sum(),
    ).row(0, named=True)
    where = {"file": file.path, "column": spec.columns.get(column, column)}
    if not row["every_school"]:
        return "months" if row["every_month"] else "usual"
    if not row["every_month"]:
        if row["hyphen"]:
            last = pairs.filter(~pl.col("month"))["v"].sort().item(0)
            report.note(
                f"{last} is no month: such periods are school years, read as the year in which each ends.",
                **where,
            )
        return "school_years"
    if "period_by" in spec.model_fields_set or not row["hyphen"]:
        return "usual"
    first = pairs["v"].sort().item(0)
    year = int(first[:4])
    report.error(
        f"{first} may be a school year (it ends in {year + 1}) or a month (of {year}).",
        key=f"{key}.period_by" if key else "period_by",
        count=int(row["rows"]),
        hint='Say which: period_by = "school_year", or period_by = "year" (or "quarter") if these are months.',
        **where,
    )
    return "usual"


def _pairs(
    frames: Iterable[tuple[RegisterFile, pl.LazyFrame]], column: str | None
) -> tuple[pl.DataFrame, RegisterFile | None]:
    """The distinct pairs of a year and two digits with their ``rows``, and whether each may be a month or a school
    year; and the first file that has any."""
    found: list[pl.DataFrame] = []
    first: RegisterFile | None = None
    for file, frame in frames:
        if column is None or frame.collect_schema().get(column) != pl.String:
            continue
        each = frame.select(stripped(column).alias("v")).filter(pl.col("v").str.contains(_PAIR))
        counted = each.group_by("v").agg(pl.len().alias("rows")).collect(engine="streaming")
        if counted.height:
            first = first or file
            found.append(counted)
    if not found:
        return pl.DataFrame(), None
    year, second = (
        pl.col("v").str.extract_groups(_PAIR).struct.field(name).cast(pl.Int32) for name in ("1", "2")
    )
    return pl.concat(found).with_columns(
        school=(year + 1).mod(100) == second, month=second.is_between(1, 12)
    ), first
