"""What the columns of a register of persons, dwellings or cases can hold: ages, percentages, dates of birth, codes.

A file is checked by one aggregation of a few sums a column, which Parquet files mostly answer from their own
statistics; rows are looked at only where something is wrong. No message holds a value of a row.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import as_message, joined, phrase
from geo_bosoc.registers.checks.bounds import (
    MOST_CODES,
    missing_codes,
    missing_line,
    rows_text,
)
from geo_bosoc.registers.files import ROW, RegisterFile
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.text import fold_name

Frames = Sequence[tuple[RegisterFile, pl.LazyFrame]]

OLDEST: Final = 120
FIRST_BIRTH: Final = date(1890, 1, 1)
MOST_STRANGE: Final = 0.01
"""Above this share of a column's rows, ages that nobody reaches are an error and no more a warning."""

_AGE: Final = re.compile(r"(age|alder)( (in )?(years|year|aar|i aar))?")
_PER_CENT: Final = re.compile(
    r"(^|[^a-z])(pct|percent|per cent|procent|percentage)([^a-z]|$)|(procent|percent|pct)$"
)
_AMOUNT: Final = re.compile(
    r"(^|[^a-z])(dage|days|uger|weeks|timer|hours|maaneder|months|antal|number|m2|areal|vaerelser|rooms)([^a-z]|$)"
    r"|frav(ae|æ)r|absence"
)


@dataclass(frozen=True)
class Span:
    """A column in a file: its smallest and largest value, and how many rows have none."""

    least: Any
    most: Any
    empty: int


Statistics = Mapping[Path, tuple[int, Mapping[str, Span]]]
"""By file, how many rows it has and what its own statistics say of columns, where it has any."""


def is_age(name: str) -> bool:
    """Whether a column holds ages in years, by its name.

    >>> is_age("age"), is_age("Alder"), is_age("aldersgruppe"), is_age("age_years")
    (True, True, False, True)
    """
    return _AGE.fullmatch(fold_name(name)) is not None


def is_per_cent(name: str) -> bool:
    """Whether a column holds percentages, by its name.

    >>> is_per_cent("absence_pct"), is_per_cent("Fravær, pct."), is_per_cent("fraværsprocent"), is_per_cent("pctr")
    (True, True, True, False)
    """
    return _PER_CENT.search(fold_name(name)) is not None


def is_amount(name: str) -> bool:
    """Whether a column holds amounts of which nobody has less than nothing, by its name.

    >>> is_amount("Fravær"), is_amount("absence_days"), is_amount("antal værelser"), is_amount("indkomst")
    (True, True, True, False)
    """
    return _AMOUNT.search(fold_name(name)) is not None


def check_rows(
    frames: Frames,
    spec: RegisterSpec,
    report: Report,
    *,
    used: Collection[str],
    conditions: Collection[str] = (),
    statistics: Statistics | None = None,
    today: date | None = None,
) -> None:
    """What no person can be is reported of each file; codes for missing values are asked about.

    Parameters
    ----------
    frames : sequence of tuple
        The standardised rows of each file.
    spec : RegisterSpec
        The register's.
    report : Report
        Takes what is wrong.
    used : collection of str
        The columns that indicators read.
    conditions : collection of str
        The indicators' predicates, which say where an empty column is meant.
    statistics : mapping of Path to tuple, optional
        What files say themselves of their columns.
    today : date, optional
        No date of birth is later.
    """
    now = today or date.today()
    for file, frame in frames:
        schema = dict(frame.collect_schema())
        height, file_spans = (statistics or {}).get(file.path, (0, {}))
        names = [
            name
            for name in dict.fromkeys([*used, spec.birth_date or ""])
            if name in schema
            and not (name in file_spans and _is_sound(name, file_spans[name], height, spec, now))
        ]
        bounded = [name for name in names if schema[name].is_numeric() or name == spec.birth_date]
        rows, spans = _spans(frame, names, schema) if names else (0, {})
        if not rows:
            continue
        for name in names:
            span = spans[name]
            if span.empty == rows and not _meant_empty(name, conditions):
                report.warn(
                    "the column is empty in every row: indicators that need it count nobody there.",
                    file=file.path,
                    column=spec.columns.get(name, name),
                    hint="Is it the right column, and did the export hold it?",
                )
        for name in bounded:
            span = spans[name]
            if span.least is None:
                continue
            if name == spec.birth_date and schema[name] == pl.Date:
                _check_births(frame, file, name, span, spec, report, now)
            elif schema[name].is_numeric():
                _check_numbers(frame, file, name, span, rows, spec, report)


def _check_numbers(
    frame: pl.LazyFrame,
    file: RegisterFile,
    name: str,
    span: Span,
    rows: int,
    spec: RegisterSpec,
    report: Report,
) -> None:
    value = pl.col(name)
    age, per_cent = is_age(name), is_per_cent(name)
    if span.least < 0 and name not in spec.negative:
        wrong = value < 0
        counted = frame.filter(wrong).group_by(value.cast(pl.Float64)).len().head(MOST_CODES + 1).collect()
        codes = missing_codes(counted[name].to_list())
        if codes:
            named = ", ".join(map(str, codes))
            hint = phrase("If so, write {line} under the register", line=missing_line(codes))
            hint += (
                "."
                if age or per_cent
                else phrase('; if they are values, write negative = ["{name}"].', name=name)
            )
            _tell(
                frame, file, name, wrong, spec, report, hint, error=True,
                message=phrase("the only values under 0 are {codes}: codes for missing values?", codes=named),
            )  # fmt: skip
        elif (age or per_cent) and not counted.is_empty():
            hint = phrase('Correct the file, or leave the rows out: where = "{name} >= 0".', name=name)
            _tell(
                frame,
                file,
                name,
                wrong,
                spec,
                report,
                hint,
                message="an age is under 0" if age else "a percentage is under 0",
                error=True,
            )
        elif not counted.is_empty() and (is_amount(name) or span.most <= 0):
            hint = phrase('If such values can be, write negative = ["{name}"] under the register.', name=name)
            _tell(frame, file, name, wrong, spec, report, hint, message="values are under 0", error=False)
    if per_cent and span.most > 100:
        hint = phrase('Correct the file, or leave the rows out: where = "{name} <= 100".', name=name)
        _tell(
            frame, file, name, value > 100, spec, report, hint, message="a percentage is over 100", error=True
        )
    if age and isinstance(span.least, float):
        wrong = value.round() != value
        hint = phrase("Is it the column of ages? Ages are whole years.")
        _tell(frame, file, name, wrong, spec, report, hint, message="ages have decimals", error=False)
    if age and span.most > OLDEST:
        hint = phrase("Correct the file, or name the code for a missing age under missing.")
        wrong = value > OLDEST
        count = int(frame.select(wrong.sum()).collect(engine="streaming").item())
        error = count > max(1, MOST_STRANGE * rows)
        _tell(
            frame,
            file,
            name,
            wrong,
            spec,
            report,
            hint,
            message=phrase("an age is over {oldest}", oldest=OLDEST),
            error=error,
        )


def _check_births(
    frame: pl.LazyFrame,
    file: RegisterFile,
    name: str,
    span: Span,
    spec: RegisterSpec,
    report: Report,
    today: date,
) -> None:
    value = pl.col(name)
    hint = "Correct the file, or name the date that stands for a missing one under missing."
    if span.most > today:
        _tell(
            frame,
            file,
            name,
            value > today,
            spec,
            report,
            hint,
            message="a date of birth is in the future",
            error=True,
        )
    if span.least < FIRST_BIRTH:
        message = phrase("a date of birth is before {year}", year=FIRST_BIRTH.year)
        _tell(frame, file, name, value < FIRST_BIRTH, spec, report, hint, message=message, error=False)


def _tell(
    frame: pl.LazyFrame,
    file: RegisterFile,
    name: str,
    wrong: pl.Expr,
    spec: RegisterSpec,
    report: Report,
    hint: str,
    *,
    message: str,
    error: bool,
) -> None:
    rows = frame.filter(wrong).select(ROW).collect(engine="streaming")[ROW].sort()
    if rows.is_empty():
        return
    report.add(
        "error" if error else "warning",
        joined([as_message(message), rows_text(rows)], " " if message.endswith("?") else ": "),
        file=file.path,
        column=spec.columns.get(name, name),
        row=int(rows[0]),
        count=rows.len(),
        hint=hint,
    )


def _meant_empty(name: str, conditions: Collection[str]) -> bool:
    """Whether a predicate asks for the rows in which the column is empty."""
    test = re.compile(rf'(?i)(\b|"){re.escape(name)}"?\s+IS\s+NULL|COALESCE\s*\(\s*"?{re.escape(name)}\b')
    return any(test.search(condition) for condition in conditions)


def _is_sound(name: str, span: Span, rows: int, spec: RegisterSpec, today: date) -> bool:
    """Whether a column's smallest and largest value leave nothing to look at."""
    if span.empty == rows:
        return False
    if name == spec.birth_date:
        dates = isinstance(span.least, date) and isinstance(span.most, date)
        return dates and span.least >= FIRST_BIRTH and span.most <= today
    if not isinstance(span.least, int | float):
        return isinstance(span.least, str | bytes | date)
    if is_age(name) and isinstance(span.least, float):
        return False
    return (
        (span.least >= 0 or name in spec.negative)
        and not (is_per_cent(name) and span.most > 100)
        and not (is_age(name) and span.most > OLDEST)
    )


def _spans(
    frame: pl.LazyFrame, names: Sequence[str], schema: Mapping[str, Any]
) -> tuple[int, dict[str, Span]]:
    """The rows of a file and each column's span, in one reading."""
    expressions = [pl.len().alias("@rows")]
    for name in names:
        ordered = schema[name].is_numeric() or schema[name] == pl.Date
        value = pl.col(name)
        expressions += [
            (value.min() if ordered else pl.lit(None)).alias(f"{name}@least"),
            (value.max() if ordered else pl.lit(None)).alias(f"{name}@most"),
            value.null_count().alias(f"{name}@empty"),
        ]
    row = frame.select(expressions).collect(engine="streaming").row(0, named=True)
    spans = {
        name: Span(row[f"{name}@least"], row[f"{name}@most"], int(row[f"{name}@empty"])) for name in names
    }
    return int(row["@rows"]), spans
