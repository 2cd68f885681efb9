"""Periods in text and dates: years, quarters, months, school years, and what marks them as provisional.

Is ``2010-11`` November 2010 or the school year 2010/11? Decided from a period column as a whole, or asked. ``2012-13``
is no month and ``2010-01`` no school year: one such value among the others says what all of them are. Where each could
be both, the register must say it (``period_by``); a year with a slash, ``2010/11``, is then a school year.

``2024*``, ``2024 (foreløbig)``, ``2024 p`` and ``2024¹`` are 2024, and are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.registers.files import RegisterFile
from geo_bosoc.registers.spec import PERIOD, RegisterSpec
from geo_bosoc.registers.tables.text import BLANKS, stripped, to_date

YearPairs = Literal["usual", "months", "school_years"]
"""What a year and two digits are: with a hyphen months and with a slash school years, or both one of them."""

_PAIR: Final = r"^(\d{4})[-/](\d{2})$"

FIRST_SCHOOL_MONTH: Final = 8
"""A school year begins on 1 August."""
_YEARS: Final = (1800, 2199)
"""Years that a period may lie in: an open end (9999) and a day and month (1224) are none."""
_PERIOD: Final = r"^(?:1[89]|2[01])\d{2}(?:K[1-4])?$"
_SLASH: Final = r"^(\d{4})/(?:\d{2})?(\d{2})$"
_SLASH_WHOLE: Final = r"^(\d{4})/\d{2}(\d{2})$"
_SLASH_OR_HYPHEN: Final = r"^(\d{4})[/-](?:\d{2})?(\d{2})$"


def to_period(value: pl.Expr, by: str, pairs: str = "usual") -> pl.Expr:
    """The period that a text says: ``2024``, ``2024K1`` (also written Q or with a space), a month or a date.

    Months (``2024M03``, ``2024-03``) and dates become the year or, with ``by="quarter"``, the quarter they
    lie in, with ``by="school_year"`` the year in which their school year (from 1 August) ends. A school year
    (``2023/24``) is the year in which it ends. `pairs` says what a year and two digits are
    (see `infer_year_pairs`). Null where the text is none of these.

    >>> frame = pl.DataFrame({"t": ["2024", "2024 Q1", "2012-10-02", "01-07-2013 09:30", "2024M03", "2023/24"]})
    >>> frame.select(to_period(pl.col("t"), "quarter")).to_series().to_list()
    ['2024', '2024K1', '2012K4', '2013K3', '2024K1', '2024']
    """
    stripped_value = value.str.strip_chars(BLANKS)
    plain = stripped_value.str.replace_all(" ", "", literal=True)
    as_is = plain.str.to_uppercase().str.replace(r"^(\d{4})[KQ]0?([1-4])$", "${1}K${2}")
    as_is = pl.when(as_is.str.contains(_PERIOD)).then(as_is)
    sign = {"usual": "[Mm-]", "months": "[Mm/-]", "school_years": "[Mm]"}[pairs]
    month = plain.str.extract_groups(rf"^(\d{{4}}){sign}(0[1-9]|1[0-2])$")
    first = pl.concat_str(month.struct.field("1"), pl.lit("-"), month.struct.field("2"), pl.lit("-01"))
    dated = pl.coalesce(first.str.to_date("%Y-%m-%d", strict=False), to_date(stripped_value))
    school = {"usual": _SLASH, "months": _SLASH_WHOLE, "school_years": _SLASH_OR_HYPHEN}[pairs]
    return pl.coalesce(as_is, _school_year(plain, school), date_to_period(dated, by))


def _school_year(plain: pl.Expr, form: str) -> pl.Expr:
    """The year in which a school year (2023/24, 2023/2024) ends; null where the text is none."""
    parts = plain.str.extract_groups(form)
    ends = parts.struct.field("1").cast(pl.Int32, strict=False) + 1
    fits = ends.mod(100) == parts.struct.field("2").cast(pl.Int32, strict=False)
    return pl.when(fits & ends.is_between(*_YEARS)).then(ends.cast(pl.String))


def shift_period(period: pl.Expr, years: int) -> pl.Expr:
    """The period so many years later, years and quarters alike."""
    if years == 0:
        return period
    year = period.str.slice(0, 4).cast(pl.Int32, strict=False) + years
    return year.cast(pl.String) + period.str.slice(4)


def date_to_period(date: pl.Expr, by: str) -> pl.Expr:
    """The year, quarter or school year (as the year in which it ends) that a date lies in, as text; null where that is
    no year of a register, such as the open end 9999."""
    year = date.dt.year()
    if by == "school_year":
        year = year + (date.dt.month() >= FIRST_SCHOOL_MONTH).cast(pl.Int32)
    text = year.cast(pl.String)
    text = text + "K" + date.dt.quarter().cast(pl.String) if by == "quarter" else text
    return pl.when(year.is_between(*_YEARS)).then(text)


def infer_year_pairs(
    frames: Iterable[tuple[RegisterFile, pl.LazyFrame]],
    column: str | None,
    spec: RegisterSpec,
    report: Report,
    key: str | None,
) -> YearPairs:
    """What ``2010-11`` means in a register's period column; where that cannot be told, an error asks for the key.

    Parameters
    ----------
    frames : iterable of tuple
        Each file and its rows; a file without the column, or where it is no text, is left aside.
    column : str or None
        The period column, if there is one.
    spec : RegisterSpec
        May say it (`period_by`).
    report : Report
        Takes the error.
    key : str or None
        The register's place in the project file, for messages.

    Returns
    -------
    Pairs
    """
    if spec.period_by == "school_year":
        return "school_years"
    pairs, file = _distinct_pairs(frames, column)
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
                phrase(
                    "{last} is no month: such periods are school years, read as the year in which each ends.",
                    last=last,
                ),
                **where,
            )
        return "school_years"
    if "period_by" in spec.model_fields_set or not row["hyphen"]:
        return "usual"
    first = pairs["v"].sort().item(0)
    year = int(first[:4])
    report.error(
        phrase(
            "{first} may be a school year (it ends in {end}) or a month (of {year}).",
            first=first,
            end=year + 1,
            year=year,
        ),
        key=f"{key}.period_by" if key else "period_by",
        count=int(row["rows"]),
        hint='Say which: period_by = "school_year", or period_by = "year" (or "quarter") if these are months.',
        **where,
    )
    return "usual"


def _distinct_pairs(
    frames: Iterable[tuple[RegisterFile, pl.LazyFrame]], column: str | None
) -> tuple[pl.DataFrame, RegisterFile | None]:
    """The distinct pairs of a year and two digits with their ``rows``, and whether each may be a month or a school
    year; and the first file that has any."""
    counts: list[pl.DataFrame] = []
    first: RegisterFile | None = None
    for file, frame in frames:
        if column is None or frame.collect_schema().get(column) != pl.String:
            continue
        pairs = frame.select(stripped(column).alias("v")).filter(pl.col("v").str.contains(_PAIR))
        counted = pairs.group_by("v").agg(pl.len().alias("rows")).collect(engine="streaming")
        if counted.height:
            first = first or file
            counts.append(counted)
    if not counts:
        return pl.DataFrame(), None
    year, second = (
        pl.col("v").str.extract_groups(_PAIR).struct.field(name).cast(pl.Int32) for name in ("1", "2")
    )
    return pl.concat(counts).with_columns(
        school=(year + 1).mod(100) == second, month=second.is_between(1, 12)
    ), first


_PERIOD_WORDS: Final = (
    r"\d{4}(?:\s*[KkQq]\s*0?[1-4]|\s*[Mm](?:0[1-9]|1[0-2])|-(?:0[1-9]|1[0-2])|/\d{2}(?:\d{2})?)?"
)
_WORD: Final = (
    r"(?:forel(?:øbigt?|øbige|oebigt?|oebige|obigt?|obige)?\.?|prov(?:isional|isorisk|isoriske)?\.?|"
    r"prelim(?:inary)?\.?|rev(?:ideret|iderede|ised)?\.?|p|f|r|e|est(?:imate|imated|imeret)?\.?|"
    r"skøn(?:net)?|endelig|endelige|final)"
)
_NOUN: Final = r"(?:\s+(?:tal|opgørelse|opgoerelse|figures?|data|estimates?|værdier|values))?"
_SIGN: Final = r"(?:\*{1,3}|[¹²³⁴⁵⁶⁷⁸⁹⁰]{1,2}\)?|[†‡#ᵖ]|\d\)|[a-z]\))"
_MARK: Final = (
    rf"(?:(?:\s*[-–,:]?\s*(?:{_SIGN}|[(\[]\s*(?:{_WORD}{_NOUN}|{_SIGN}|\d)\s*[)\]]))+|"
    rf"(?:\s+|\s*[-–,:_]\s*|(?=[pfre]\s*$)){_WORD}{_NOUN}(?:\s*{_SIGN})?)"
)
_AFTER: Final = rf"(?i)^\s*({_PERIOD_WORDS}){_MARK}\s*$"
_BEFORE: Final = rf"(?i)^\s*{_WORD}{_NOUN}\s+({_PERIOD_WORDS})\s*$"
_MARKED: Final = (re.compile(_AFTER), re.compile(_BEFORE))


def without_mark(word: str) -> str:
    """A period as it is written, without what marks it as provisional; any other words as they are.

    >>> [without_mark(w) for w in ("2024*", "2024 (foreløbig)", "2024 p", "2024¹", "2024 foreløbige tal", "20241")]
    ['2024', '2024', '2024', '2024', '2024', '20241']
    """
    for pattern in _MARKED:
        match = pattern.match(word)
        if match:
            return match[1]
    return word


def head_period(word: str) -> str | None:
    """The period that a column's name says, marked or not; None where it says none.

    >>> [head_period(word) for word in ("2024*", "2024 Q1", "2024.0", "Antal")]
    ['2024', '2024K1', '2024', None]
    """
    period = without_mark(word).replace(" ", "").upper().replace("Q", "K").removesuffix(".0")
    period = re.sub(r"K0([1-4])$", r"K\1", period)
    return period if PERIOD.fullmatch(period) else None


def tell_marked_heads(names: Iterable[str], file: Path, report: Report) -> None:
    """Columns whose year has a mark are a warning."""
    for name in dict.fromkeys(names):
        if without_mark(name) != name and (period := head_period(name)) is not None:
            report.warn(
                phrase(
                    "this column is read as {period}; its head marks the year as provisional or explained "
                    "in a note.",
                    period=period,
                ),
                file=file,
                column=name,
                hint="Final figures may differ: read the table again when they are there.",
            )


def without_period_marks(
    frame: pl.LazyFrame, column: str, row: str, file: Path, label: str, report: Report
) -> pl.LazyFrame:
    """The frame, its text column of periods without marks; a warning for each period that had one.

    `row` is the column with the rows' numbers, `label` the name in the file of the column of periods.
    """
    if frame.collect_schema()[column] != pl.String:
        return frame
    firsts = frame.group_by(column).agg(pl.col(row).min(), pl.len().alias("rows")).sort(row).collect()
    plain = {}
    for value, first, rows in firsts.rows():
        period = None if value is None else without_mark(value.strip(BLANKS))
        if period is None or period == value.strip(BLANKS):
            continue
        plain[value] = period
        report.warn(
            phrase(
                '"{value}" ({rows}) is read as {period}; it is marked as provisional or explained in a note.',
                value=value,
                rows=count_text(rows, "row"),
                period=period,
            ),
            file=file,
            row=first,
            column=label,
            count=rows,
            hint="Final figures may differ: read the table again when they are there.",
        )
    return frame.with_columns(pl.col(column).replace(plain)) if plain else frame
