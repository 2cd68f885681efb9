"""Years with a mark: ``2024*``, ``2024 (foreløbig)``, ``2024 p`` and ``2024¹`` are 2024, and are told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.spec import PERIOD
from geo_bosoc.registers.values import text

_PERIOD: Final = r"\d{4}(?:\s*[KkQq]\s*0?[1-4]|\s*[Mm](?:0[1-9]|1[0-2])|-(?:0[1-9]|1[0-2])|/\d{2}(?:\d{2})?)?"
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
_AFTER: Final = rf"(?i)^\s*({_PERIOD}){_MARK}\s*$"
_BEFORE: Final = rf"(?i)^\s*{_WORD}{_NOUN}\s+({_PERIOD})\s*$"
_MARKED: Final = (re.compile(_AFTER), re.compile(_BEFORE))


def without_mark(word: str) -> str:
    """A period's words without what marks it as provisional; any other words as they are.

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
                f"this column is read as {period}; its head marks the year as provisional or explained in a note.",
                file=file,
                column=name,
                hint="Final figures may differ: read the table again when they are there.",
            )


def unmarked_periods(
    frame: pl.LazyFrame, column: str, row: str, file: Path, label: str, report: Report
) -> pl.LazyFrame:
    """The frame, its text column of periods without marks; a warning for each period that had one.

    Parameters
    ----------
    row : the column with the rows' numbers.
    label : the column's name in the file.
    """
    if frame.collect_schema()[column] != pl.String:
        return frame
    firsts = frame.group_by(column).agg(pl.col(row).min(), pl.len().alias("rows")).sort(row).collect()
    plain = {}
    for value, first, rows in firsts.rows():
        period = None if value is None else without_mark(value.strip(text.BLANKS))
        if period is None or period == value.strip(text.BLANKS):
            continue
        plain[value] = period
        report.warn(
            f'"{value}" ({rows:,} row{"" if rows == 1 else "s"}) is read as {period}; it is marked as provisional '
            "or explained in a note.",
            file=file,
            row=first,
            column=label,
            count=rows,
            hint="Final figures may differ: read the table again when they are there.",
        )
    return frame.with_columns(pl.col(column).replace(plain)) if plain else frame
