"""Numbers and recurring words in Danish and English: every output that a person reads takes them here."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any, Final

from geo_bosoc.text.catalogue import word, word_or_key

NOT_IN_MODEL: Final = {"da": "Ikke vurderet", "en": "Not assessed"}
"""The word for an area that the model has no row for."""

MISSING: Final = {"da": "ingen oplysning", "en": "no data"}
WITHOUT_BASE: Final = {
    "da": "procent uden base: intet interval",
    "en": "a percentage without base has no interval",
}
"""What is told beside a published percentage whose base is not known."""
SOURCES: Final = {"da": "Kilder", "en": "Sources"}
SOURCES_TABLE: Final = {
    "da": "Kilder: periode, statusdato og kilde for hver indikator.",
    "en": "Sources: period, status date and source of every indicator.",
}
"""What the table of sources in a GeoPackage is called."""
HOME_ON_EVENT: Final = {"da": "hjemmet på begivenhedens dag", "en": "the home on the day of the event"}
"""What stands for a status date where each row's home is that of its own day."""

MADE_UP: Final = {
    "da": "Opdigtede data: ingen af personerne, adresserne eller områderne findes.",
    "en": "Made-up data: none of these persons, addresses or areas exist.",
}
INTERNAL: Final = {
    "da": "INTERNT: må ikke offentliggøres. Indeholder oplysninger, der er skjult i den offentlige udgave.",
    "en": "INTERNAL: not for publication. Holds figures that the public edition hides.",
}
UNGUARDED: Final = {
    "da": "UDEN BESKYTTELSE AF SMÅ TAL: tal på 1-4 personer vises, som de er.",
    "en": "WITHOUT PROTECTION OF SMALL NUMBERS: figures of 1-4 persons are shown as they are.",
}
MAP_TITLE: Final = {"da": "Kategorikort", "en": "Category map"}
INDICATOR_MAP_TITLE: Final = {"da": "Indikatorkort", "en": "Indicator map"}
"""The map's title where the project has no model, so that there are no categories to show."""

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

UNIT_FACTOR: Final = {"percent": 100.0, "per_1000": 1_000.0, "per_10000": 10_000.0, "mean": 1.0, "count": 1.0}
UNIT_SUFFIX: Final = {
    "percent": {"da": " %", "en": "%"},
    "per_1000": {"da": " pr. 1.000", "en": " per 1,000"},
    "per_10000": {"da": " pr. 10.000", "en": " per 10,000"},
    "mean": {"da": "", "en": ""},
    "count": {"da": "", "en": ""},
}


def protected_word(language: str, minimum: int | None = None) -> str:
    """What stands in a guarded cell, for a guard with this `minimum`.

    Without `minimum` it is the word for a figure that is hidden though it is not small itself: a total, from
    which a small number could be worked out.

    >>> protected_word("da", 5), protected_word("en", 3), protected_word("da")
    ('skjult (1-4)', 'hidden (1-2)', 'skjult')
    """
    if minimum is None:
        return word("common", "suppressed", language)
    return word("common", "suppressed_small", language, most=minimum - 1)


def register_word(name: str, language: str) -> str:
    """A register of a usual name in words; any other is told by the name that the project gives it.

    >>> register_word("persons", "da"), register_word("bbr", "da")
    ('personer', 'bbr')
    """
    return word_or_key("registers", name, language)


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
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    text = f"{value:,.{decimals}f}"
    return text.translate(_DANISH) if language == "da" else text


def in_unit(value: float | None, unit: str, language: str, decimals: int = 1) -> str:
    """An indicator's inner value (a plain fraction, mean or count) as text in its unit.

    >>> in_unit(0.404, "percent", "da"), in_unit(0.0231, "per_1000", "en")
    ('40,4 %', '23.1 per 1,000')
    """
    if value is None or math.isnan(value):
        return "–"
    places = 0 if unit == "count" else decimals
    return number(value * UNIT_FACTOR[unit], language, places) + word("unit_suffixes", unit, language)
