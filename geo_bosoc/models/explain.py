"""A category in words: what was counted, against what, what it gave, and what moved it."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from geo_bosoc.models.categorise import Categorisation
from geo_bosoc.models.cells import ABSENT, Cell
from geo_bosoc.models.spec import Criterion
from geo_bosoc.problems import InputError, Problem
from geo_bosoc.wording import MISSING, in_unit, number, protected_word

Language = Literal["da", "en"]

STATUS = {
    "missing": MISSING,
    "no_base": {"da": "ingen i målgruppen", "en": "nobody in the base"},
    "no_reference": {
        "da": "intet tal for kommunen at sammenligne med",
        "en": "no figure for the municipality to compare with",
    },
    "not_applicable": {"da": "ikke relevant", "en": "not applicable"},
}


def explain(
    categorisation: Categorisation,
    area_id: str,
    *,
    period: str | None = None,
    language: Language = "da",
    name: str | None = None,
    internal: bool = False,
    minimum: int = 5,
) -> str:
    """Tell in sentences why an area has its category.

    Parameters
    ----------
    period : the period; the last one of the area where it is left out.
    name : the area's name, put before its id.
    internal : with how many persons fewer or more would change each criterion (the internal set).
    minimum : counts and complements of 1 to ``minimum - 1`` persons are told as hidden; 0 or 1 hides nothing.

    Returns
    -------
    str
        One line for the category, one a criterion, one for what moved since the period before, one for
        assumptions.

    Raises
    ------
    InputError
        The area or period is not in the categorisation.
    """
    row = _row(categorisation, area_id, period)
    told = str(row["period"])
    criteria = categorisation.criteria
    own = criteria[(criteria["area_id"] == area_id) & (criteria["period"] == told)]
    lines = [_head(categorisation, row, f"{name} ({area_id})" if name else area_id, language)]
    for _, criterion in own.iterrows():
        lines.append(
            "- " + sentence(categorisation, criterion, language=language, internal=internal, minimum=minimum)
        )
    moved = _moved(categorisation, row, language)
    if moved:
        lines.append(moved)
    if categorisation.model.assumption:
        word = "Antagelser i modellen" if language == "da" else "Assumptions of the model"
        lines.append(f"{word}: {categorisation.model.assumption}")
    return "\n".join(lines)


def sentence(
    categorisation: Categorisation,
    criterion_row: pd.Series,
    *,
    language: Language = "da",
    internal: bool = False,
    minimum: int = 5,
) -> str:
    """One criterion of one area in words; `criterion_row` is a row of ``categorisation.criteria``."""
    area, period = str(criterion_row["area_id"]), str(criterion_row["period"])
    criterion = next(c for c in categorisation.model.criterion if c.key == criterion_row["criterion"])
    cell = categorisation.cells.get((area, period, criterion.indicator), ABSENT)
    yardstick = categorisation.yardsticks.get((period, criterion.indicator), ABSENT)
    label = criterion.label(language)
    if cell.value is None or hidden(cell, minimum):
        word = protected_word(language, max(minimum, 2))
        why = (
            word
            if cell.value is not None or cell.status == "protected"
            else STATUS.get(cell.status, MISSING)[language]
        )
        if cell.value is not None and pd.notna(criterion_row["points"]):
            return f"{label}: {why}; {_points(float(criterion_row['points']), language)}."
        return f"{label}: {why}; {_span(criterion, language)}."
    text = f"{label}: {_figure(criterion, cell, language)}"
    against = _against(criterion, criterion_row, yardstick, language)
    if against:
        text += f"; {against}"
    if pd.isna(criterion_row["points"]):
        return f"{text}; {STATUS['no_reference'][language]}; {_span(criterion, language)}."
    text += f"; {_band(criterion, criterion_row, language)}."
    if internal and pd.notna(criterion_row["margin_persons"]):
        text += " " + _persons(int(criterion_row["margin_persons"]), criterion_row, language)
    return text


def sentences(
    categorisation: Categorisation, *, language: Language = "da", internal: bool = False, minimum: int = 5
) -> pd.DataFrame:
    """The criteria with a column `sentence`, one row a criterion as before."""
    texts = [
        sentence(categorisation, row, language=language, internal=internal, minimum=minimum)
        for _, row in categorisation.criteria.iterrows()
    ]
    return categorisation.criteria.assign(
        sentence=pd.Series(texts, dtype="object", index=categorisation.criteria.index)
    )


def hidden(cell: Cell, minimum: int) -> bool:
    """Whether a figure is not for showing: its count or complement is 1 to ``minimum - 1`` persons."""
    if cell.count is None or cell.base is None:
        return False
    rest = cell.base * cell.scale - cell.count
    small = minimum * cell.scale
    return 0 < cell.count < small or 0 < rest < small


def _row(categorisation: Categorisation, area_id: str, period: str | None) -> pd.Series:
    rows = categorisation.categories
    own = rows[rows["area_id"] == area_id]
    if period is not None:
        own = own[own["period"] == period]
    if own.empty:
        areas = ", ".join(sorted(rows["area_id"].unique())[:5])
        place = f"area {area_id!r}" + (f" in period {period}" if period else "")
        raise InputError(
            [Problem("error", f"{place} is not in the categorisation", hint=f"It holds {areas} ...")]
        )
    return own.iloc[-1]


def _head(categorisation: Categorisation, row: pd.Series, name: str, language: Language) -> str:
    model = categorisation.model
    category = model.category_label(str(row["category"]), language)
    text = f"{name}, {row['period']}: {category}"
    most = number(model.max_points, language)
    if pd.notna(row["points"]):
        points = _number(float(row["points"]), language)
        text += f" ({points} af {most} point)" if language == "da" else f" ({points} of {most} points)"
    elif pd.notna(row["points_min"]):
        low, high = (_number(float(row[column]), language) for column in ("points_min", "points_max"))
        text += (
            f" (mellem {low} og {high} af {most} point)"
            if language == "da"
            else f" (between {low} and {high} of {most} points)"
        )
    text += f". {model.label(language)}, {'version' if language == 'en' else 'udgave'} {model.version}."
    if isinstance(row["undetermined_by"], str):
        names = ", ".join(
            _label(categorisation, part, language) for part in str(row["undetermined_by"]).split(", ")
        )
        text += f" Afgøres af: {names}." if language == "da" else f" What would settle it: {names}."
    return text


def _label(categorisation: Categorisation, key: str, language: Language) -> str:
    for criterion in categorisation.model.criterion:
        if key in (criterion.key, criterion.indicator):
            return criterion.label(language)
    return {"residents": {"da": "antal beboere", "en": "number of residents"}}.get(key, {}).get(language, key)


def _figure(criterion: Criterion, cell: Cell, language: Language) -> str:
    assert cell.value is not None
    value = in_unit(float(cell.value), criterion.unit, language)
    base = criterion.base_da if language == "da" else criterion.base_en
    met = criterion.met_da if language == "da" else criterion.met_en
    if cell.count is None or cell.base is None or criterion.unit == "mean":
        told = number(cell.base, language) if cell.base is not None else None
        if told is None or not base:
            return value
        return f"{value} ({told} {base})"
    count = number(float(cell.count / cell.scale), language, 0 if cell.scale == 1 else 1)
    whole = number(cell.base, language)
    if language == "da":
        words = f"{count} af de {whole} {base or 'i målgruppen'}" + (f" er {met}" if met else "")
    else:
        words = f"{count} of the {whole} {base or 'in the base'}" + (f" are {met}" if met else "")
    doubt = ""
    if cell.unknown:
        told = number(cell.unknown, language)
        doubt = f", {told} uoplyst" if language == "da" else f", {told} unknown"
    return f"{words} ({value}{doubt})"


def _against(criterion: Criterion, row: pd.Series, yardstick: Cell, language: Language) -> str:
    if yardstick.value is None or criterion.measure == "value":
        return ""
    value = in_unit(float(yardstick.value), criterion.unit, language)
    text = f"kommunen {value}" if language == "da" else f"the municipality {value}"
    if pd.isna(row["margin"]):
        return text
    size = float(row["margin"]) + float(row["threshold"])
    return f"{text}, {_size(criterion, size, language)}"


def _size(criterion: Criterion, size: float, language: Language) -> str:
    if criterion.measure == "ratio":
        return f"{number(size, language, 2)} {'gange' if language == 'da' else 'times'}"
    if criterion.measure == "z":
        return f"z = {number(size, language, 2)}"
    return in_unit(size, criterion.unit, language)


def _band(criterion: Criterion, row: pd.Series, language: Language) -> str:
    points = _points(float(row["points"]), language)
    limit = _size(criterion, float(row["threshold"]), language)
    if row["met"] == "met":
        return f"{points} (fra {limit})" if language == "da" else f"{points} (from {limit})"
    return f"{points} (det første fra {limit})" if language == "da" else f"{points} (the first from {limit})"


def _persons(change: int, row: pd.Series, language: Language) -> str:
    size, fewer = number(abs(change), language), change < 0
    if language == "da":
        effect = "og grænsen er ikke nået" if row["met"] == "met" else "og grænsen er nået"
        return f"{size} {'færre' if fewer else 'flere'}, {effect}."
    effect = "and the band is not reached" if row["met"] == "met" else "and the band is reached"
    return f"{size} {'fewer' if fewer else 'more'}, {effect}."


def _span(criterion: Criterion, language: Language) -> str:
    most = _number(max(criterion.steps, default=0.0), language)
    return f"mellem 0 og {most} point" if language == "da" else f"between 0 and {most} points"


def _points(points: float, language: Language) -> str:
    text = _number(points, language)
    return f"{text} point" if language == "da" or points == 1 else f"{text} points"


def _number(value: float, language: Language) -> str:
    return number(value, language, 0 if value.is_integer() else 1)


def _moved(categorisation: Categorisation, row: pd.Series, language: Language) -> str:
    before = row["category_before"]
    if before is None or pd.isna(before):
        return ""
    word = categorisation.model.category_label(str(before), language)
    points = "" if pd.isna(row["points_before"]) else f" ({_points(float(row['points_before']), language)})"
    changes = []
    moved = row["moved_by"] if isinstance(row["moved_by"], str) else ""
    for part in filter(None, moved.split(", ")):
        key, change = part.rsplit(" ", 1)
        changes.append(f"{_label(categorisation, key, language)} {change}")
    same = before == row["category"]
    if language == "da":
        text = f"Også perioden før: {word}{points}." if same else f"Perioden før: {word}{points}."
        return text + (f" Ændret: {', '.join(changes)}." if changes else " Ingen point er ændret.")
    text = f"The period before, too: {word}{points}." if same else f"The period before: {word}{points}."
    return text + (f" Changed: {', '.join(changes)}." if changes else " No points changed.")
