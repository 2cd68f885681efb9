"""Danish numbers, dates, truth values and missing marks in text: what a value is, and what it says.

Everything here is a Polars expression on a text column whose surrounding blanks are gone.

Marks (a cell that says why it holds no figure)
    empty, ``...``, ``NULL``      no data (``missing``); ``NA``, ``N/A`` and ``NaN`` among numbers and dates
    ``..``, ``*``, ``<5``         there, but not shown (``protected``)
    ``.``, ``•``                  does not apply (``not_applicable``)
    ``-``                         zero among the whole numbers of a finished count, otherwise no data
In a text column ``-``, ``.``, ``*``, ``•`` and ``<5`` are kept: there they may be codes or age bands.

Numbers
    ``1.234,5`` and ``1 234,5`` where the decimal mark is a comma; ``1,234.5`` and ``1e-05`` where it is a
    point.
    A number with leading zeros (``0751``) is a code and makes its column text.

Dates
    ``2024-01-01``, ``01-01-2024`` (also with dots or slashes), ``20240101``, ``202401011200``, each also
    with a time of day; with a zone they are the day in Denmark (see `geo_bosoc.text.days`). The open end
    ``31-12-9999`` is the date that it says.

Truth values
    ``true``/``false`` and Excel's ``SAND``/``FALSK`` become truth values (``charged`` or ``charged = TRUE``
    in a predicate); ``ja``/``nej`` stay text (``charged = 'ja'``) and ``0``/``1`` numbers (``charged = 1``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from geo_bosoc.text.days import to_date as to_date

BLANKS: Final = " \t\r\n\u00a0\u202f\ufeff"
MISSING_ANYWHERE: Final = ("", "...", "…", "NULL")
MISSING_AMONG_FIGURES: Final = ("NA", "N/A", "NaN", "nan", "#N/A", "#I/T")
PROTECTED_ANYWHERE: Final = ("..", "‥")
PROTECTED_AMONG_FIGURES: Final = ("*",)
NOT_APPLICABLE: Final = (".", "•")
DASHES: Final = ("-", "–", "—")

_BELOW: Final = r"^<\s*\d+$"
_SIGN: Final = r"^[+\-−]?"
_INTEGER: Final = _SIGN + r"\d{1,18}$"
_LEADING_ZERO: Final = _SIGN + r"0\d+([.,]\d*)?$"
_COMMA: Final = _SIGN + r"(\d{1,18}|[1-9]\d{0,2}([. \x{a0}\x{202f}]\d{3}){1,5})(,\d+)?([eE][+\-]?\d{1,3})?$"
_POINT: Final = _SIGN + r"((\d{1,18}|[1-9]\d{0,2}(,\d{3}){1,5})(\.\d+)?|\.\d+|\d+(\.\d+)?[eE][+\-]?\d{1,3})$"
FIRST_SCHOOL_MONTH: Final = 8
"""A school year begins on 1 August."""
_TRUTH: Final = r"^(?i:true|false|sand|falsk)$"


def stripped(column: str) -> pl.Expr:
    """The column's text without surrounding blanks."""
    return pl.col(column).str.strip_chars(BLANKS)


def is_missing(value: pl.Expr, extra: Sequence[str], *, figures: bool) -> pl.Expr:
    marks = [*MISSING_ANYWHERE, *extra, *(MISSING_AMONG_FIGURES if figures else ())]
    return value.is_null() | value.is_in(marks)


def number_codes(marks: Sequence[str]) -> list[float]:
    """The numbers among marks for missing values: ``-99997``, ``-1,0``."""
    numbers = []
    for mark in marks:
        try:
            numbers.append(float(mark.strip().replace("−", "-").replace(",", ".")))
        except ValueError:
            continue
    return numbers


def without_codes(value: pl.Expr, marks: Sequence[str]) -> pl.Expr:
    """Numbers, those that are codes for missing values taken out."""
    codes = number_codes(marks)
    return pl.when(~value.cast(pl.Float64).is_in(codes)).then(value) if codes else value


def is_protected(value: pl.Expr, extra: Sequence[str], *, figures: bool) -> pl.Expr:
    marks = [*PROTECTED_ANYWHERE, *extra, *(PROTECTED_AMONG_FIGURES if figures else ())]
    return (value.is_in(marks) | value.str.contains(_BELOW)) if figures else value.is_in(marks)


def is_not_applicable(value: pl.Expr) -> pl.Expr:
    return value.is_in(list(NOT_APPLICABLE))


def is_dash(value: pl.Expr) -> pl.Expr:
    return value.is_in(list(DASHES))


def is_integer(value: pl.Expr) -> pl.Expr:
    return value.str.contains(_INTEGER)


def has_leading_zero(value: pl.Expr) -> pl.Expr:
    """A number written with leading zeros: a code."""
    return value.str.contains(_LEADING_ZERO)


def is_number(value: pl.Expr, decimal: str) -> pl.Expr:
    """The value is a number when the decimal mark is `decimal` (``,`` or ``.``)."""
    return value.str.contains(_COMMA if decimal == "," else _POINT)


def has_fraction(value: pl.Expr, decimal: str) -> pl.Expr:
    """A number (see `is_number`) that is written with decimals or an exponent."""
    return value.str.contains(r"[,eE]" if decimal == "," else r"[.eE]")


def is_truth(value: pl.Expr) -> pl.Expr:
    return value.str.contains(_TRUTH)


def to_truth(value: pl.Expr) -> pl.Expr:
    return value.str.to_lowercase().is_in(["true", "sand"])


def to_number(value: pl.Expr, decimal: str, *, integer: bool) -> pl.Expr:
    """The number that a text says: Int64 if `integer`, else Float64; null where it is none (see `is_number`).

    Texts with a decimal comma are read to the nearest double, as Polars reads those with a point.
    """
    plain = value.str.replace("−", "-", literal=True).str.replace(r"^\+", "")
    if decimal == ",":
        plain = plain.str.replace_all(r"[. \x{a0}\x{202f}]", "").str.replace(",", ".", literal=True)
    else:
        plain = plain.str.replace_all(",", "", literal=True)
    number = plain.cast(pl.Int64 if integer else pl.Float64, strict=False)
    return pl.when(is_number(value, decimal)).then(number)


def to_period(value: pl.Expr, by: str, pairs: str = "usual") -> pl.Expr:
    """The period that a text says: ``2024``, ``2024K1`` (also written Q or with a space), a month or a date.

    Months (``2024M03``, ``2024-03``) and dates become the year or, with ``by="quarter"``, the quarter they
    lie in, with ``by="school_year"`` the year in which their school year (from 1 August) ends. A school year
    (``2023/24``) is the year in which it ends. `pairs` says what a year and two digits are
    (see `geo_bosoc.registers.values.school_years`). Null where the text is none of these.

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


_YEARS: Final = (1800, 2199)
"""Years that a period may lie in: an open end (9999) and a day and month (1224) are none."""
_PERIOD: Final = r"^(?:1[89]|2[01])\d{2}(?:K[1-4])?$"
_SLASH: Final = r"^(\d{4})/(?:\d{2})?(\d{2})$"
_SLASH_WHOLE: Final = r"^(\d{4})/\d{2}(\d{2})$"
_SLASH_OR_HYPHEN: Final = r"^(\d{4})[/-](?:\d{2})?(\d{2})$"


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
