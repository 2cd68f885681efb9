"""The words of tables and workbooks, in Danish and English."""

from __future__ import annotations

import re
from collections.abc import Mapping

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models.spec import NOT_ASSESSED, Category, Model
from geo_bosoc.text.catalogue import Language, word, word_or_key
from geo_bosoc.text.numbers import protected_word


def status_word(status: str, published: PublishedResults) -> str:
    """What stands in the place of a figure that is not there."""
    if status == "protected":
        return protected_word(published.language)
    if status == "missing":
        return word("common", "missing", published.language)
    return word_or_key("tables", f"status_{status}", published.language)


def categories_of(model: Model) -> dict[str, Category]:
    """A model's categories by id, the classes that every model has beside its own included."""
    return {category.id: category for category in (*model.category, *NOT_ASSESSED)}


def category_word(model: Model | None, category: str, language: Language) -> str:
    """The word for a category; "not assessed" where the model has no row for the area."""
    if not category:
        return word("common", "not_assessed", language)
    categories = categories_of(model) if model is not None else {}
    return categories[category].label(language) if category in categories else category


def readable(ids: str, labels: Mapping[str, str]) -> str:
    """A list of ids in a cell with labels in their place: "health +1, safety -1" becomes "Helbred +1, ...".

    >>> readable("health +1; safety ?", {"health": "Helbred"})
    'Helbred +1, safety ?'
    """
    parts = [part for part in re.split(r"[;,]\s*", ids) if part]
    named = []
    for part in parts:
        key, _, rest = part.partition(" ")
        named.append(f"{labels.get(key, key)} {rest}".strip())
    return ", ".join(named)


def criterion_labels(published: PublishedResults) -> dict[str, str]:
    """Labels of indicators and of the models' criteria, by id."""
    labels = {each.id: each.label(published.language) for each in published.indicators}
    for model in published.models:
        for criterion in model.criterion:
            labels.setdefault(criterion.key, criterion.label(published.language))
    return labels
