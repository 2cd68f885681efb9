"""Criteria and results in words: what was counted, compared with what, and what that gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import pandas as pd

from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.exact_values import Cell, Reading, read, read_reference
from geo_bosoc.models.spec import Criterion, Model
from geo_bosoc.text.numbers import MISSING, in_unit, number, protected_word

RESIDENTS: Final = {"da": "antal beboere", "en": "number of residents"}


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


Language = Literal["da", "en"]
Words = Mapping[str, str]

NOT_PUBLISHED: Final = "not_published"
"""The status of a criterion whose register may not be published, where its answer may be."""
STATUS: Final[Mapping[str, Words]] = {
    "missing": MISSING,
    "no_base": {"da": "ingen i målgruppen", "en": "nobody in the base"},
    "no_reference": {"da": "intet tal at sammenligne med", "en": "no figure to compare with"},
    "not_applicable": {"da": "ikke relevant", "en": "not applicable"},
    NOT_PUBLISHED: {"da": "må ikke offentliggøres", "en": "not for publication"},
}
OPERATORS: Final[Mapping[str, Words]] = {
    ">": {"da": "over", "en": "over"},
    ">=": {"da": "mindst", "en": "at least"},
    "<": {"da": "under", "en": "under"},
    "<=": {"da": "højst", "en": "at most"},
}
REFERENCE_AREAS: Final[Mapping[str, Words]] = {
    "@municipality": {"da": "kommunen", "en": "the municipality"},
    "@region": {"da": "regionen", "en": "the region"},
    "@national": {"da": "hele landet", "en": "the whole country"},
}
REFERENCE_GENITIVES: Final[Mapping[str, Words]] = {
    "@municipality": {"da": "kommunens", "en": "the municipality's"},
    "@region": {"da": "regionens", "en": "the region's"},
    "@national": {"da": "hele landets", "en": "the whole country's"},
}
ANSWERS: Final[Mapping[str, Words]] = {
    "met": {"da": "opfyldt", "en": "met"},
    "not_met": {"da": "ikke opfyldt", "en": "not met"},
    "undetermined": {"da": "uafklaret", "en": "undetermined"},
}


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
    references: dict[tuple[str, str], Reading] = {}
    texts = []
    for row in criterion_rows:
        period, criterion = str(row["period"]), criteria[row["criterion"]]
        reading = read(cells, str(row["area_id"]), period, criterion, averaged=averaged)
        if (period, criterion.key) not in references:
            references[period, criterion.key] = read_reference(
                model, cells, period, criterion, averaged=averaged
            )
        text = _sentence(model, criterion, row, reading, references[period, criterion.key], language, minimum)
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
    label, result = criterion.label(language), _result(model, criterion, row, language)
    concealed = hidden(reading.cell, minimum)
    if concealed or reading.value is None:
        if concealed or reading.cell.status == "protected":
            why = protected_word(language, max(minimum, 2))
        else:
            withheld = row["status"] == NOT_PUBLISHED
            why = STATUS.get(NOT_PUBLISHED if withheld else reading.status, MISSING)[language]
        return f"{label}: {why}; {result}.{_next_figure(criterion, reading, row, language)}"
    text = f"{label}: {figure(criterion, reading, language)}"
    comparison = _comparison(criterion, row, reference_area, language)
    text += f"; {comparison}" if comparison else ""
    if row["status"] == "no_reference":
        text += f"; {STATUS['no_reference'][language]}"
    return f"{text}; {result}."


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
            of = f" {'af' if language == 'da' else 'of'} {base} {'er' if language == 'da' else 'are'} {met}"
        else:
            of = ""
        return f"{value}{of}{_mean(reading, language)}"
    count = number(float(cell.numerator / cell.scale), language, 0 if cell.scale == 1 else 1)
    persons = number(cell.denominator, language)
    if language == "da":
        words = f"{count} af de {persons} {base or 'i målgruppen'}" + (f" er {met}" if met else "")
    else:
        words = f"{count} of the {persons} {base or 'in the base'}" + (f" are {met}" if met else "")
    unknown_text = ""
    if cell.unknown:
        unknown = number(cell.unknown, language)
        unknown_text = f", {unknown} uoplyst" if language == "da" else f", {unknown} unknown"
    if reading.parts == 1:
        return f"{words} ({value}{unknown_text})"
    if language == "da":
        return f"{words} i det seneste år{unknown_text}; gennemsnittet af {reading.parts} år er {value}"
    return f"{words} in the latest year{unknown_text}; the mean of {reading.parts} years is {value}"


def _mean(reading: Reading, language: Language) -> str:
    if reading.parts == 1:
        return ""
    return f", gennemsnit af {reading.parts} år" if language == "da" else f", mean of {reading.parts} years"


def size_text(criterion: Criterion, measure: str, size: float, language: Language) -> str:
    """A measure as text: a ratio in times, a value or difference in the criterion's unit."""
    if measure == "ratio":
        return f"{number(size, language, 2)} {'gange' if language == 'da' else 'times'}"
    if measure == "z":
        return f"z = {number(size, language, 2)}"
    factor = 100 if criterion.unit == "percent" else 1
    plain = size * factor
    decimals = 0 if abs(plain - round(plain)) < 1e-9 else (2 if criterion.unit == "percent" else 1)
    return in_unit(size, criterion.unit, language, decimals)


def condition(criterion: Criterion, measure: str, threshold: float, language: Language) -> str:
    """A rule's condition in words: "over 40 %", "at least 3 times the whole country's"."""
    word = OPERATORS[criterion.operator][language]
    if measure == "ratio":
        size = number(threshold, language, 0 if threshold.is_integer() else 2)
        whose = REFERENCE_GENITIVES[criterion.reference_area][language]
        return f"{word} {size} {'gange' if language == 'da' else 'times'} {whose}"
    return f"{word} {size_text(criterion, measure, threshold, language)}"


def points_text(points: float, language: Language) -> str:
    """Points in words: "1 point", "3 points", "3 point"."""
    text = number(points, language, 0 if points.is_integer() else 1)
    return f"{text} point" if language == "da" or points == 1 else f"{text} points"


def _result(model: Model, criterion: Criterion, row: Mapping[Any, Any], language: Language) -> str:
    if model.kind == "index":
        normalised = row["points"]
        if normalised is None or pd.isna(normalised):
            return STATUS["missing"][language]
        word = "normaliseret" if language == "da" else "normalised"
        return f"{word} {number(float(normalised), language, 2)}"
    if model.kind == "rules":
        answer = ANSWERS[str(row["met"])][language]
        if pd.isna(row["threshold"]):
            return answer
        return f"{answer} ({condition(criterion, str(row['measure']), float(row['threshold']), language)})"
    points = row["points"]
    if points is None or pd.isna(points):
        most = number(max(criterion.steps, default=0.0), language)
        return f"mellem 0 og {most} point" if language == "da" else f"between 0 and {most} points"
    text = points_text(float(points), language)
    if pd.isna(row["threshold"]):
        return text
    limit = size_text(criterion, criterion.measure, float(row["threshold"]), language)
    if row["met"] == "met":
        return f"{text} (fra {limit})" if language == "da" else f"{text} (from {limit})"
    return f"{text} (det første fra {limit})" if language == "da" else f"{text} (the first from {limit})"


def _comparison(
    criterion: Criterion, row: Mapping[Any, Any], reference_area: Reading, language: Language
) -> str:
    if reference_area.value is None or row["measure"] == "value":
        return ""
    value = in_unit(float(reference_area.value), criterion.unit, language)
    text = f"{REFERENCE_AREAS[criterion.reference_area][language]} {value}"
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
    word, year = OPERATORS[criterion.operator][language], reading.missing[0]
    if language == "da":
        return f" Opfyldt, hvis tallet for {year} er {word} {limit}."
    return f" Met if the figure for {year} is {word} {limit}."


def _persons(change: int, model: Model, row: Mapping[Any, Any], language: Language) -> str:
    size, fewer, met = number(abs(change), language), change < 0, row["met"] == "met"
    if language == "da":
        what = "kriteriet" if model.kind == "rules" else "grænsen"
        done = "opfyldt" if model.kind == "rules" else "nået"
        return f"{size} {'færre' if fewer else 'flere'}, og {what} er {'ikke ' if met else ''}{done}."
    what, done = ("criterion", "met") if model.kind == "rules" else ("band", "reached")
    return f"{size} {'fewer' if fewer else 'more'}, and the {what} is {'not ' if met else ''}{done}."
