"""Numbers and recurring words in Danish and English: every output that a person reads takes them here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from geo_bosoc.text.catalogue import word

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

UNIT_FACTOR: Final = {"percent": 100.0, "per_1000": 1_000.0, "per_10000": 10_000.0, "mean": 1.0, "count": 1.0}


def protected_word(language: str) -> str:
    """What stands in a suppressed cell: the same word whatever the reason and whichever side is small.

    >>> protected_word("da"), protected_word("en")
    ('skjult', 'hidden')
    """
    return word("common", "suppressed", language)


def either(names: Sequence[str], language: str) -> str:
    """Names that it is one of: ``A, B eller C``.

    >>> either(["A", "B", "C"], "da"), either(["A", "B"], "en"), either([], "en")
    ('A, B eller C', 'A or B', '')
    """
    *first, last = names or [""]
    return f"{', '.join(first)} {word('common', 'or', language)} {last}" if first else last


def day(value: Any, language: str) -> str:
    """A date as people of the language write it; text that is no ISO date stays as it is.

    >>> day("2024-01-31", "da"), day("2024-01-31", "en"), day("autumn 2024", "da"), day(None, "da")
    ('31.01.2024', '31 Jan 2024', 'autumn 2024', '')
    """
    if isinstance(value, date) and value == value:  # the missing time is not equal to itself
        parsed: date = value
    else:
        text = value if isinstance(value, str) else ""
        try:
            parsed = datetime.fromisoformat(text)
        except ValueError:
            return text
    if language == "da":
        return f"{parsed.day:02d}.{parsed.month:02d}.{parsed.year}"
    return f"{parsed.day} {_MONTHS[parsed.month - 1]} {parsed.year}"


_DANISH = str.maketrans(",.", ".,")


def number(value: float | int | None, language: str, decimals: int = 0) -> str:
    """A number as text: ``1.234,5`` in Danish, ``1,234.5`` in English; an en dash where there is none.

    >>> number(1234.5, "da", 1), number(1234.5, "en", 1), number(None, "da")
    ('1.234,5', '1,234.5', '–')
    """
    if value is None or value != value:
        return "–"
    text = f"{value:,.{decimals}f}"
    if language != "da":
        return text
    return text.translate(_DANISH) if "," in text else text.replace(".", ",")


def in_unit(value: float | None, unit: str, language: str, decimals: int = 1) -> str:
    """An indicator's inner value (a plain fraction, mean or count) as text in its unit.

    >>> in_unit(0.404, "percent", "da"), in_unit(0.0231, "per_1000", "en")
    ('40,4 %', '23.1 per 1,000')
    """
    if value is None or math.isnan(value):
        return "–"
    places = 0 if unit == "count" else decimals
    return number(value * UNIT_FACTOR[unit], language, places) + word("unit_suffixes", unit, language)
