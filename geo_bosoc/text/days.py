"""The day that a date, a time or an instant stands for.

An instant with a zone (``2023-12-31T23:30:00Z``, ``... 23:30+00``, a Parquet time in UTC) is the day that it is in
Denmark then: 1 January 2024. A time without a zone keeps its day, and so does a date with a zone and no time of day. An
open end (the year 9999) stays the day that is written.

Text is read as ``2024-01-31``, ``31-01-2024`` (each also with dots or slashes), ``20240131``, ``202401311200``, with
or without a time of day behind a T, a blank or ``kl.``. The day comes before the month: ``03-04-2024`` is 3 April.
Years have four digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import polars as pl

ZONE: Final = "Europe/Copenhagen"
OPEN_YEAR: Final = 9999
"""Ends in this year are open: no clock is turned for them."""
_LAST_DAY: Final = date(OPEN_YEAR, 12, 31)

_OFFSET: Final = r"(?:[Zz]|UTC|GMT|[+\-−](?:0\d|1[0-4])(?::?[0-5]\d)?)"
_CLOCK: Final = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?"
_BEFORE_CLOCK: Final = r"(?:[Tt]|,?[ \x{a0}]+)(?:[Kk][Ll]\.?[ \x{a0}]*)?"
_AFTER_CLOCK: Final = r"(?: ?" + _OFFSET + r"(?:\[[^\]]*\])?)?"
_TIME: Final = r"(?:" + _BEFORE_CLOCK + _CLOCK + _AFTER_CLOCK + r"|Z|[+\-](?:0\d|1[0-4]):[0-5]\d)?$"
_COMPACT_TIME: Final = (
    r"(?:[Tt ]?(?:[01]\d|2[0-4]):?[0-5]\d(?::?[0-5]\d(?:[.,]\d+)?)?(?: ?" + _OFFSET + r")?)?$"
)
_YEAR_FIRST: Final = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
_DAY_FIRST: Final = r"^(\d{1,2})[-./](\d{1,2})[-./](\d{4})"
_COMPACT: Final = r"^((?:1[5-9]|20|21|99)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_FORMS: Final = (_YEAR_FIRST + _TIME, _DAY_FIRST + _TIME, _COMPACT + _COMPACT_TIME)
_BEGINS_AS_ONE: Final = r"^(?:\d{1,4}[-./]|\d{8})"
"""What every form begins with; cheap to look for."""
_SHORT_YEAR: Final = r"^\d{1,2}[-./]\d{1,2}[-./]\d{2}" + _TIME
_LIKE: Final = r"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{2}){1,2})" + _TIME
_INSTANTS: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+\-]\d{2}:\d{2})$"
"""As databases and public registries write an instant: millions of them are read by their places in the text."""
_ZONED: Final = r"(?:[Zz]|UTC|GMT|\]|(?:[Tt: ].*|^\d{12,14})[+\-−]\d{2}(?::?\d{2})?)$"
"""What an instant with a zone ends in; cheap to look for."""
_TAIL: Final = r"^(?:\d{8}|\d{1,4}[-./]\d{1,2}[-./]\d{1,4})([^+\-−Z].*)$"
_HOUR_MINUTE: Final = r"^\D*(\d{1,2})[:.]?(\d{2})"
_BEHIND: Final = r"(" + _OFFSET + r")(?:\[[^\]]*\])?$"


def danish_day(value: pl.Expr, dtype: Any) -> pl.Expr:
    """The day of a column of times: in Denmark, where its type has a zone."""
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        far = value.dt.year() >= OPEN_YEAR
        turned = value.dt.convert_time_zone(ZONE).dt.date()
        return pl.when(far).then(pl.min_horizontal(value.dt.date(), pl.lit(_LAST_DAY))).otherwise(turned)
    return value.dt.date()


def to_date(value: pl.Expr) -> pl.Expr:
    """The day that a text says, as a date; null where it is none or the calendar has no such day.

    >>> frame = pl.DataFrame({"t": ["2023-12-31T23:30:00Z", "31.12.2023 kl. 23.30", "29-02-2023", "04/25/2024"]})
    >>> frame.select(to_date(pl.col("t"))).to_series().to_list()
    [datetime.date(2024, 1, 1), datetime.date(2023, 12, 31), None, None]
    """
    return value.map_batches(_days, return_dtype=pl.Date, is_elementwise=True)


def days_as_text(texts: Iterable[str]) -> list[str]:
    """Each text's day as ``2024-01-31``; a text that is no date stays as it is.

    >>> days_as_text(["2023-12-31 23:00:00+00:00", "2024/01/31 00:00:00", "2024-01-31", "", "ukendt"])
    ['2024-01-01', '2024-01-31', '2024-01-31', '', 'ukendt']
    """
    column = pl.Series("text", list(texts), dtype=pl.String)
    days = column.to_frame().select(to_date(pl.col("text")).cast(pl.String)).to_series()
    return [text if day is None else str(day) for day, text in zip(days, column, strict=True)]


def is_like_date(value: pl.Expr) -> pl.Expr:
    """The text is written as a date is, though perhaps of a day that there is not, or with a year of two digits."""
    return value.str.contains(_LIKE)


def why_no_date(value: pl.Expr) -> pl.Expr:
    """Why a text that is written as a date is none: ``month_first``, ``short_year`` or ``no_such_day``; else null."""
    parts = value.str.extract_groups(_DAY_FIRST + _TIME)
    first, second, year = (parts.struct.field(name) for name in "123")
    month_first = pl.concat_str(year, first.str.zfill(2), second.str.zfill(2), separator="-")
    turned = month_first.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    return (
        pl.when(to_date(value).is_not_null() | ~is_like_date(value))
        .then(None)
        .when(turned)
        .then(pl.lit("month_first"))
        .when(value.str.contains(_SHORT_YEAR))
        .then(pl.lit("short_year"))
        .otherwise(pl.lit("no_such_day"))
    )


def _days(texts: pl.Series) -> pl.Series:
    """As `to_date`. Clocks are turned only where any text ends in a zone: the usual column of dates has none."""
    if not texts.str.contains(_BEGINS_AS_ONE).any():
        return pl.Series(texts.name, dtype=pl.Date).extend_constant(None, texts.len())
    value = texts.rename("v").to_frame()
    if texts.null_count() < texts.len() and texts.str.contains(_INSTANTS).all():
        return value.select(_of_instants()).to_series().rename(texts.name)
    groups = [pl.col("v").str.extract_groups(form) for form in _FORMS]

    def part(*names: str) -> pl.Expr:
        return pl.coalesce(group.struct.field(name) for group, name in zip(groups, names, strict=True))

    year, month, day = part("1", "3", "1"), part("2", "2", "2"), part("3", "1", "3")
    written = pl.concat_str(year, month.str.zfill(2), day.str.zfill(2), separator="-")
    days = value.select(written.str.to_date("%Y-%m-%d", strict=False)).to_series()
    zoned = days.is_not_null() & texts.str.contains(_ZONED).fill_null(False) & (days.dt.year() < OPEN_YEAR)
    if zoned.any():
        turned = value.with_columns(days.alias("day")).filter(zoned).select(_in_denmark()).to_series()
        days = days.scatter(zoned.arg_true(), turned)
    return days.rename(texts.name)


def _of_instants() -> pl.Expr:
    """The day in Denmark of the text ``v``, all of which is as `_INSTANTS` says."""
    text = pl.col("v")
    day = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    end = text.str.slice(-6)

    def minutes(part: pl.Expr, first: int, second: int) -> pl.Expr:
        hour, minute = (part.str.slice(start, 2).cast(pl.Int64, strict=False) for start in (first, second))
        return hour * 60 + minute

    ahead = minutes(end, 1, 4) * pl.when(end.str.starts_with("-")).then(-1).otherwise(1)
    ahead = pl.when(end.str.ends_with("Z")).then(0).otherwise(ahead)
    return _turned(day, minutes(text, 11, 14) - ahead)


def _turned(day: pl.Expr, late: pl.Expr) -> pl.Expr:
    """The day in Denmark, so many minutes after midnight of a day in UTC."""
    instant = day.cast(pl.Datetime("ms")) + late.cast(pl.Duration("ms")) * 60_000
    turned = instant.dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE).dt.date()
    return pl.when(day.dt.year() < OPEN_YEAR).then(turned).otherwise(day)


def _in_denmark() -> pl.Expr:
    """The day in Denmark of the text ``v``, which says the day ``day`` at a time and an offset from UTC."""
    tail = pl.col("v").str.extract(_TAIL)
    clock = tail.str.extract_groups(_HOUR_MINUTE)
    offset = tail.str.extract(_BEHIND)
    ahead = offset.str.extract_groups(r"(\d{2}):?(\d{2})?$")

    def minutes(groups: pl.Expr) -> pl.Expr:
        hour, minute = (groups.struct.field(name).cast(pl.Int64).fill_null(0) for name in "12")
        return hour * 60 + minute

    sign = pl.when(offset.str.contains(r"^[\-−]")).then(-1).otherwise(1)
    return pl.coalesce(_turned(pl.col("day"), minutes(clock) - sign * minutes(ahead)), pl.col("day"))
