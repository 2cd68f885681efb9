"""What a result says beside its category, in words: what would settle it, what was assumed, how sure it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from geo_bosoc.models.spec import Model
from geo_bosoc.text.numbers import number

RESIDENTS: Final = {"da": "antal beboere", "en": "number of residents"}
SMALL_BASE: Final = 50
"""Persons in the base beneath which a figure is told as resting on few: there one person more or less moves a share
by over two percentage points.
"""


def figure_label(
    model: Model, key: str, language: str, labels: Mapping[str, str] = MappingProxyType({})
) -> str:
    """The word for a criterion, an indicator, a gate, or an earlier year's list (``history 2014``).

    `labels` are the indicators' own words, where a model gives none.

    >>> from geo_bosoc.models.load import load_model
    >>> figure_label(load_model("national-2021"), "history 2020", "en")
    'the list of 2020'
    """
    for criterion in model.criterion:
        if key in (criterion.key, criterion.indicator):
            told = criterion.label(language)
            return labels.get(told, told)
    if key.startswith("history "):
        year = key.removeprefix("history ")
        return f"listen for {year}" if language == "da" else f"the list of {year}"
    if key == "residents":
        return RESIDENTS["da" if language == "da" else "en"]
    return labels.get(key, key)


def figure_labels(
    model: Model, keys: Any, language: str, labels: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """The words for ids with ", " between them, each once; none for a missing cell."""
    return list(dict.fromkeys(figure_label(model, key, language, labels) for key in _parts(keys)))


def category_labels(model: Model, ids: Any, language: str) -> list[str]:
    """The words for category ids with ", " between them; none for a missing cell."""
    return [model.category_label(name, language) for name in _parts(ids)]


def assumed_text(
    model: Model, assumed: Any, language: str, labels: Mapping[str, str] = MappingProxyType({})
) -> str:
    """What was taken as passed, or that the category is held; empty where nothing was assumed."""
    if assumed == "held":
        if language == "da":
            return "Kategorien er holdt: point har ikke flyttet sig nok til at ændre den."
        return "The category is held: points have not moved enough to change it."
    names = ", ".join(figure_labels(model, assumed, language, labels))
    if not names:
        return ""
    return f"Antaget opfyldt: {names}." if language == "da" else f"Taken as passed: {names}."


def stability_text(stability: Any, by_chance: Any, language: str) -> str:
    """How often the category held in the draws, and how likely it is to change by chance alone.

    >>> stability_text(0.94, float("nan"), "da")
    'Kategorien holdt i 94 % af trækningerne.'
    """
    parts = []
    if _is_number(stability):
        share = number(100 * float(stability), language)
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


def origin_notices(models: Iterable[Model], language: str) -> list[str]:
    """What must be told beside the models that use residents' origin; with several models, of which of them."""
    every = list(models)
    using = [model for model in every if model.uses_origin]
    if not using:
        return []
    named = ", ".join(model.label(language) for model in using)
    return [using[0].notice(language) if len(every) == 1 else f"{named}: {using[0].notice(language)}"]


def _parts(ids: Any) -> list[str]:
    return [part for part in ids.split(", ") if part] if isinstance(ids, str) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and value == value
