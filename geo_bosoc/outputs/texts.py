"""The words of tables and workbooks, in Danish and English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import GROUP, MUNICIPALITY
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models.category import NOT_ASSESSED, RANGE, Category
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.sentences import category_words
from geo_bosoc.text.catalogue import Language, word, word_or_key, words
from geo_bosoc.text.numbers import in_unit, number, protected_word

_NA: Final = pd.NA


def absent(value: Any) -> bool:
    """Whether a cell is empty: None, NaN, NA, or text of no length."""
    return value is None or value is _NA or value != value or value == ""


def text(value: Any) -> str:
    """A cell as text, an empty one as ``""``."""
    return "" if absent(value) else str(value)


def column_values(column: pd.Series) -> list[Any]:
    """A column's values (`Series.tolist` takes five times as long on texts of Arrow)."""
    values: list[Any] = column.to_numpy(dtype=object).tolist()
    return values


def status_word(status: str, published: PublishedResults) -> str:
    """What stands in the place of a figure that is not there."""
    if status == "protected":
        return protected_word(published.language)
    if status == "missing":
        return word("common", "missing", published.language)
    return word_or_key("tables", f"status_{status}", published.language)


def reference_word(area_id: str, language: Language) -> str:
    """What a reference area is called within a sentence; a group of areas by its name.

    >>> reference_word("@rest", "da"), reference_word("@group:Aftale Vest", "da")
    ('resten af kommunen', 'Aftale Vest')
    """
    if area_id.startswith(GROUP):
        return area_id.removeprefix(GROUP)
    return word_or_key("reference_areas", area_id, language)


def reference_name(area_id: str, language: Language) -> str:
    """What a reference area is called where areas' names stand.

    >>> reference_name("@municipality", "da"), reference_name("@group:Aftale Vest", "da")
    ('Kommunen', 'Aftale Vest')
    """
    return words("follow_up", language).get(area_id, sentence_case(reference_word(area_id, language)))


def reference_lines(published: PublishedResults, area_id: str, period: str) -> list[str]:
    """An area's figures beside the references that are chosen for them, a line each, and who the area's twins are.

    Parameters
    ----------
    published : PublishedResults
        What may be told.
    area_id, period : str
        Of which area, in which period.

    Returns
    -------
    list of str
        Nothing of figures that are compared with the municipality, or that are hidden.
    """
    language, lines = published.language, []
    if "reference_area" in published.table.columns:
        rows = published.table[
            (published.table["area_id"] == area_id) & (published.table["period"] == period)
        ]
        by_indicator = {str(row["indicator"]): row for row in rows.to_dict("records")}
        for spec in published.indicators:
            row = by_indicator.get(spec.id)
            if row is None or spec.reference_area == MUNICIPALITY or pd.isna(row["ratio"]):
                continue
            value, reference = (
                in_unit(float(row[name]), spec.unit, language) for name in ("value", "reference")
            )
            words_of_line = {
                "indicator": spec.label(language),
                "value": value,
                "whose": reference_word(spec.reference_area, language),
                "reference": reference,
                "ratio": number(float(row["ratio"]), language, 2),
            }
            lines.append(word("comparisons", "line", language, **words_of_line))
    nearest = published.nearest[
        (published.nearest["area_id"] == area_id) & (published.nearest["period"] == period)
    ]
    if len(nearest) and published.profile is not None:
        names = dict(zip(published.areas["area_id"], published.areas["name"], strict=True))
        labels = {spec.id: spec.label(language) for spec in published.indicators}
        alike = ", ".join(str(names.get(twin, twin)) for twin in nearest["twin"])
        by = ", ".join(labels[name] for name in published.profile.by)
        lines.append(
            f"{word('map', 'twins', language)}: {alike}. {word('map', 'twins_by', language, names=by)}"
        )
    return lines


def sentence_case(text: str) -> str:
    """The text with a capital in front.

    >>> sentence_case("resten af kommunen")
    'Resten af kommunen'
    """
    return text[:1].upper() + text[1:]


def within_sentence(text: str) -> str:
    """The text as it stands within a sentence: without a capital in front, unless it begins with an abbreviation.

    >>> within_sentence("Jobcenter"), within_sentence("SSP-konsulenten")
    ('jobcenter', 'SSP-konsulenten')
    """
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def categories_of(model: Model) -> dict[str, Category]:
    """A model's categories by id, the classes that every model has beside its own included."""
    return {category.id: category for category in (*model.category, *NOT_ASSESSED)}


def category_word(model: Model | None, category: str, language: Language, possible: Any = None) -> str:
    """The words for a category, of a range with what it lies between (`possible`, as the column of that name).

    "Not assessed" where the model has no row for the area.
    """
    if not category:
        return word("common", "not_assessed", language)
    return category if model is None else category_words(model, category, possible, language)


def category_class(category: Any, possible: Any) -> str:
    """The class of a row of categories: each range, by what it lies between, is a class of its own.

    >>> category_class("range", "severely_deprived, deprived"), category_class("deprived", None)
    ('range:severely_deprived, deprived', 'deprived')
    """
    if category != RANGE:
        return category if isinstance(category, str) else ""
    return f"{RANGE}:{possible if isinstance(possible, str) else ''}"


def category_classes(rows: pd.DataFrame) -> pd.Series:
    """The class of each row of categories, as `category_class` gives it."""
    possible = (
        rows["possible"] if "possible" in rows.columns else pd.Series(None, index=rows.index, dtype="object")
    )
    pairs = zip(rows["category"], possible, strict=True)
    return pd.Series([category_class(*pair) for pair in pairs], index=rows.index, dtype="object")


def classes_in_order(model: Model, classes: Iterable[str]) -> list[str]:
    """A model's categories, and after them those of `classes` that are none: ranges, the worst first, and the rest."""
    order = {category.id: rank for rank, category in enumerate(model.category)}

    def key(name: str) -> tuple[bool, list[int], str]:
        between = possible_of(name)
        return between is None, [order.get(each, len(order)) for each in between or []], name

    return [*order, *sorted(set(classes) - set(order), key=key)]


def category_counts(published: PublishedResults) -> dict[str, dict[str, dict[str, int]]]:
    """Number of areas by model, period and category; every category of the model, 0 included.

    Ranges are counted by what they lie between: ``range:severely_deprived, deprived``.
    """
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for model in published.models:
        rows = published.categories.loc[published.categories["model"] == model.id]
        classes = category_classes(rows)
        counts[model.id] = {}
        for period, part in classes.groupby(rows["period"], sort=True):
            numbers = part.value_counts()
            names = classes_in_order(model, numbers.index)
            counts[model.id][str(period)] = {name: int(numbers.get(name, 0)) for name in names}
    return counts


def class_word(model: Model | None, name: str, language: Language) -> str:
    """The words of a class (`category_class`)."""
    between = possible_of(name)
    return category_word(model, name if between is None else RANGE, language, ", ".join(between or []))


def possible_of(category: str) -> list[str] | None:
    """The ids of the categories that the class of a range lies between; None of any other class.

    >>> possible_of("range:severely_deprived, deprived"), possible_of("deprived")
    (['severely_deprived', 'deprived'], None)
    """
    start, colon, ids = category.partition(":")
    if start != RANGE or not colon:
        return None
    return [name for name in ids.split(", ") if name]


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
