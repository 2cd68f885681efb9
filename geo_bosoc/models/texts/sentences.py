"""Criteria and results in words: what was counted, compared with what, and what that gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.category import RANGE
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.exact_values import Cell, Reading, read
from geo_bosoc.models.references import read_reference
from geo_bosoc.models.spec import Model
from geo_bosoc.text.catalogue import Language, word, words
from geo_bosoc.text.numbers import either, in_unit, number, protected_word


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
            label = criterion.label(language)
            return labels.get(label, label)
    if key.startswith("history "):
        year = key.removeprefix("history ")
        return word("sentences", "list_of_year", language, year=year)
    if key == "residents":
        return word("sentences", "residents", language)
    return labels.get(key, key)


def figure_labels(
    model: Model, keys: Any, language: str, labels: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """The words for ids with ", " between them, each once; none for a missing cell."""
    return list(dict.fromkeys(figure_label(model, key, language, labels) for key in _parts(keys)))


def category_labels(model: Model, ids: Any, language: str) -> list[str]:
    """The words for category ids with ", " between them; none for a missing cell."""
    return [model.category_label(name, language) for name in _parts(ids)]


def category_words(model: Model, category: str, possible: Any, language: str) -> str:
    """The words of a row of categories: of a range those that it lies between, the mildest first.

    Parameters
    ----------
    model : Model
        Whose category it is.
    category, possible : str
        As the columns of that name; `possible` may be missing.
    language : {"da", "en"}
        Of the words.

    Examples
    --------
    >>> from geo_bosoc.models.load import load_model
    >>> category_words(load_model("aarhus-2018"), "range", "severely_deprived, deprived", "en")
    'Deprived or Severely deprived'
    """
    if category != RANGE:
        return model.category_label(category, language)
    return either(category_labels(model, possible, language)[::-1], language) or protected_word(language)


def range_text(possible: Any, language: str) -> str:
    """Why a category is shown as several, in one sentence."""
    return word("sentences", "range_of_two" if len(_parts(possible)) == 2 else "range_of_several", language)


def assumed_text(
    model: Model, assumed: Any, language: str, labels: Mapping[str, str] = MappingProxyType({})
) -> str:
    """What was taken as passed, or that the category is held; empty where nothing was assumed."""
    if assumed == "held":
        return word("sentences", "category_held", language)
    names = ", ".join(figure_labels(model, assumed, language, labels))
    return word("sentences", "taken_as_passed", language, names=names) if names else ""


def origin_notices(models: Iterable[Model], language: str) -> list[str]:
    """The notice on models that use residents' origin; with several models, which of them it is about."""
    every = list(models)
    using = [model for model in every if model.uses_origin]
    if not using:
        return []
    named = ", ".join(model.label(language) for model in using)
    return [using[0].notice(language) if len(every) == 1 else f"{named}: {using[0].notice(language)}"]


def _parts(ids: Any) -> list[str]:
    return [part for part in ids.split(", ") if part] if isinstance(ids, str) else []


NOT_PUBLISHED: Final = "not_published"
"""The status of a criterion whose register may not be published, where its answer may be."""


def criterion_sentences(
    categorisation: Categorisation,
    criterion_rows: Iterable[Mapping[Any, Any]],
    *,
    language: Language = "da",
    internal: bool = False,
    minimum: int = 5,
) -> list[str]:
    """Each row of ``categorisation.criteria`` in words.

    Counts and complements of 1 to ``minimum - 1`` persons are called hidden, and with them everything that
    would disclose them (value, margin). With `internal` the least change in persons is stated.
    """
    model, cells, averaged = categorisation.model, categorisation.cells, categorisation.averaged
    criteria = {criterion.key: criterion for criterion in model.criterion}
    references: dict[tuple[str, str, str], Reading] = {}
    texts = []
    for row in criterion_rows:
        period, criterion = str(row["period"]), criteria[row["criterion"]]
        area = str(row["area_id"])
        reading = read(cells, area, period, criterion, averaged=averaged)
        key = (area if criterion.compared_with_rest else "", period, criterion.key)
        if key not in references:
            references[key] = read_reference(model, cells, period, criterion, area=area, averaged=averaged)
        text = _sentence(model, criterion, row, reading, references[key], language, minimum)
        persons = row.get("margin_persons")
        shown = reading.value is not None and not hidden(reading.cell, minimum)
        if internal and shown and persons is not None and pd.notna(persons):
            text += " " + _persons(int(persons), model, row, language)
        texts.append(text)
    return texts


def _sentence(
    model: Model,
    criterion: Criterion,
    row: Mapping[Any, Any],
    reading: Reading,
    reference_area: Reading,
    language: Language,
    minimum: int,
) -> str:
    label = criterion.label(language)
    is_told = model.kind == "index" or pd.notna(row["met"])
    is_suppressed = "protected" in (reading.cell.status, row["status"])
    if hidden(reading.cell, minimum) or (is_suppressed and not is_told):
        return f"{label}: {protected_word(language)}."
    result = f"; {_result(model, criterion, row, language)}" if is_told else ""
    if reading.value is None:
        withheld = row["status"] == NOT_PUBLISHED
        status = NOT_PUBLISHED if withheld else reading.status
        if status == "protected":
            return f"{label}: {protected_word(language)}{result}.{_next_figure(criterion, reading, row, language)}"
        missing = word("common", "missing", language)
        why = words("sentences", language).get(f"status_{status}", missing)
        return f"{label}: {why}{result}.{_next_figure(criterion, reading, row, language)}"
    text = f"{label}: {figure(criterion, reading, language)}"
    comparison = _comparison(criterion, row, reference_area, language)
    text += f"; {comparison}" if comparison else ""
    if row["status"] == "no_reference":
        text += f"; {word('sentences', 'status_no_reference', language)}"
    return f"{text}{result}."


def hidden(cell: Cell, minimum: int) -> bool:
    """Whether a figure is not for showing: its count or complement is 1 to ``minimum - 1`` persons."""
    if cell.numerator is None or cell.denominator is None:
        return False
    rest = cell.denominator * cell.scale - cell.numerator
    small = minimum * cell.scale
    return 0 < cell.numerator < small or 0 < rest < small


def figure(criterion: Criterion, reading: Reading, language: Language) -> str:
    """The area's figure with its counts: "37 of the 912 residents aged 18-64 are outside ... (4.1%)"."""
    cell = reading.cell
    assert reading.value is not None
    value = in_unit(float(reading.value), criterion.unit, language)
    base = criterion.base_da if language == "da" else criterion.base_en
    met = criterion.met_da if language == "da" else criterion.met_en
    if cell.numerator is None or cell.denominator is None or criterion.unit in ("mean", "count"):
        if cell.denominator is not None and base:
            of = f" ({number(cell.denominator, language)} {base})"
        elif base and met:
            of = f" {word('sentences', 'of_base_are', language, base=base, met=met)}"
        else:
            of = ""
        return f"{value}{of}{_mean(reading, language)}"
    count = number(float(cell.numerator / cell.scale), language, 0 if cell.scale == 1 else 1)
    persons = number(cell.denominator, language)
    text = word(
        "sentences",
        "count_of" if met else "count_of_base",
        language,
        count=count,
        persons=persons,
        base=base or word("sentences", "in_the_base", language),
        met=met,
    )
    unknown = ""
    if cell.unknown:
        unknown = f", {word('sentences', 'unknown', language, count=number(cell.unknown, language))}"
    if reading.parts == 1:
        return f"{text} ({value}{unknown})"
    return word(
        "sentences",
        "latest_and_mean",
        language,
        text=text,
        unknown=unknown,
        years=reading.parts,
        value=value,
    )


def _mean(reading: Reading, language: Language) -> str:
    if reading.parts == 1:
        return ""
    return f", {word('sentences', 'mean_of_years', language, years=reading.parts)}"


def size_text(criterion: Criterion, measure: str, size: float, language: Language) -> str:
    """A measure as text: a ratio in times, a value or difference in the criterion's unit."""
    if measure == "ratio":
        return word("sentences", "times", language, size=number(size, language, 2))
    if measure == "z":
        return f"z = {number(size, language, 2)}"
    factor = 100 if criterion.unit == "percent" else 1
    plain = size * factor
    decimals = 0 if abs(plain - round(plain)) < 1e-9 else (2 if criterion.unit == "percent" else 1)
    return in_unit(size, criterion.unit, language, decimals)


def condition(criterion: Criterion, measure: str, threshold: float, language: Language) -> str:
    """A rule's condition in words: "over 40 %", "at least 3 times the whole country's"."""
    operator = word("operators", criterion.operator, language)
    if measure == "ratio":
        size = number(threshold, language, 0 if threshold.is_integer() else 2)
        whose = word("reference_genitives", criterion.reference_area, language)
        return word("sentences", "times_whose", language, operator=operator, size=size, whose=whose)
    return f"{operator} {size_text(criterion, measure, threshold, language)}"


def points_text(points: float, language: Language) -> str:
    """Points in words: "1 point", "3 points", "3 point"."""
    text = number(points, language, 0 if points.is_integer() else 1)
    return word("sentences", "point" if points == 1 else "points", language, points=text)


def _result(model: Model, criterion: Criterion, row: Mapping[Any, Any], language: Language) -> str:
    if model.kind == "index":
        normalised = row["points"]
        if normalised is None or pd.isna(normalised):
            return word("common", "missing", language)
        return word("sentences", "normalised", language, value=number(float(normalised), language, 2))
    if model.kind == "rules":
        answer = word("sentences", f"answer_{row['met']}", language)
        if pd.isna(row["threshold"]):
            return answer
        return f"{answer} ({condition(criterion, str(row['measure']), float(row['threshold']), language)})"
    points = row["points"]
    if points is None or pd.isna(points):
        most = number(max(criterion.steps, default=0.0), language)
        return word("sentences", "between_0_and", language, most=most)
    text = points_text(float(points), language)
    if pd.isna(row["threshold"]):
        return text
    limit = size_text(criterion, criterion.measure, float(row["threshold"]), language)
    start = "points_from" if row["met"] == "met" else "points_first_from"
    return word("sentences", start, language, points=text, limit=limit)


def _comparison(
    criterion: Criterion, row: Mapping[Any, Any], reference_area: Reading, language: Language
) -> str:
    if reference_area.value is None or row["measure"] == "value":
        return ""
    value = in_unit(float(reference_area.value), criterion.unit, language)
    text = f"{word('reference_areas', criterion.reference_area, language)} {value}"
    margin = row.get("margin")
    if margin is None or pd.isna(margin):
        return text
    size = size_text(criterion, str(row["measure"]), float(margin) + float(row["threshold"]), language)
    return f"{text}, {size}"


def _next_figure(criterion: Criterion, reading: Reading, row: Mapping[Any, Any], language: Language) -> str:
    needed = row.get("needed")
    if needed is None or pd.isna(needed) or reading.parts == 1 or len(reading.missing) != 1:
        return ""
    limit = size_text(criterion, "value", float(needed), language)
    limit = f"{word('operators', criterion.operator, language)} {limit}"
    return f" {word('sentences', 'met_if', language, year=reading.missing[0], limit=limit)}"


def _persons(change: int, model: Model, row: Mapping[Any, Any], language: Language) -> str:
    size = number(abs(change), language)
    persons = word("sentences", "fewer" if change < 0 else "more", language, size=size)
    part = "criterion" if model.kind == "rules" else "band"
    outcome = "not_met" if row["met"] == "met" else "met"
    return word("sentences", f"change_{part}_{outcome}", language, change=persons)
