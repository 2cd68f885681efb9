"""What a result says beside its category, in words: what would settle it, what was assumed, how sure it is."""

from __future__ import annotations

from typing import Any, Final

from geo_bosoc.models.spec import Model
from geo_bosoc.wording import number

RESIDENTS: Final = {"da": "antal beboere", "en": "number of residents"}
SMALL_BASE: Final = 50
"""Persons in the base beneath which a figure is told as resting on few: there one person more or less moves a share
by over two percentage points.
"""


def figure_label(model: Model, key: str, language: str) -> str:
    """The word for a criterion, an indicator, a gate, or an earlier year's list (``history 2014``).

    >>> from geo_bosoc.models.load import load_model
    >>> figure_label(load_model("national-2021"), "history 2020", "en")
    'the list of 2020'
    """
    for criterion in model.criterion:
        if key in (criterion.key, criterion.indicator):
            return criterion.label(language)
    if key.startswith("history "):
        year = key.removeprefix("history ")
        return f"listen for {year}" if language == "da" else f"the list of {year}"
    return RESIDENTS["da" if language == "da" else "en"] if key == "residents" else key


def figure_labels(model: Model, keys: Any, language: str) -> list[str]:
    """The words for ids with ", " between them, each once; none for a missing cell."""
    return list(dict.fromkeys(figure_label(model, key, language) for key in _parts(keys)))


def category_labels(model: Model, ids: Any, language: str) -> list[str]:
    """The words for category ids with ", " between them; none for a missing cell."""
    return [model.category_label(name, language) for name in _parts(ids)]


def assumed_text(model: Model, assumed: Any, language: str) -> str:
    """What was taken as passed, or that the category is held; empty where nothing was assumed."""
    if assumed == "held":
        if language == "da":
            return "Kategorien er holdt: point har ikke flyttet sig nok til at ændre den."
        return "The category is held: points have not moved enough to change it."
    names = ", ".join(figure_labels(model, assumed, language))
    if not names:
        return ""
    return f"Antaget opfyldt: {names}." if language == "da" else f"Taken as passed: {names}."


def held_text(held: Any, by_chance: Any, language: str) -> str:
    """How often the category held in the draws, and how likely it is to change by chance alone.

    >>> held_text(0.94, float("nan"), "da")
    'Kategorien holdt i 94 % af trækningerne.'
    """
    parts = []
    if _is_number(held):
        share = number(100 * float(held), language)
        parts.append(
            f"Kategorien holdt i {share} % af trækningerne."
            if language == "da"
            else f"The category held in {share}% of draws."
        )
    if _is_number(by_chance):
        share = number(100 * float(by_chance), language)
        parts.append(
            f"Tilfældig variation ved små tal: {share} % sandsynlighed for en anden kategori året efter, selv om intet "
            "har ændret sig."
            if language == "da"
            else f"Chance in small numbers: {share}% likely to be in another category the year after though nothing "
            "has changed."
        )
    return " ".join(parts)


def _parts(ids: Any) -> list[str]:
    return [part for part in ids.split(", ") if part] if isinstance(ids, str) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and value == value
