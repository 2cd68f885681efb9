"""A category in words: why, what is certain, what would settle it, and what moved it."""

from __future__ import annotations

import pandas as pd

from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.spec import UNDETERMINED
from geo_bosoc.models.texts.sentences import (
    Language,
    assumed_text,
    category_labels,
    figure_label,
    figure_labels,
    points_text,
    sentence,
)
from geo_bosoc.models.uncertainty.minimal_change import smallest_change
from geo_bosoc.problems import InputError, Problem
from geo_bosoc.text.numbers import number


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
    internal : with how many persons fewer or more would change each criterion, and the smallest set of
        changes that would change the category. Those belong to the internal set.
    minimum : counts and complements of 1 to ``minimum - 1`` persons are told as hidden; 0 or 1 hides nothing.

    Returns
    -------
    str
        One line for the category, one a criterion, then what is certain, what moved since the period before,
        assumptions, and the notice where the model uses residents' origin.

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
        text = sentence(categorisation, criterion, language=language, internal=internal, minimum=minimum)
        lines.append(f"- {text}")
    lines += [_certain(categorisation, row, language), _apart(categorisation, row, language)]
    if internal:
        change = smallest_change(categorisation, area_id, told)
        lines.append(change.text(categorisation.model, language) if change else "")
    lines.append(_moved(categorisation, row, language))
    assumption = categorisation.model.assumption_text(language)
    if assumption:
        word = "Antagelser i modellen" if language == "da" else "Assumptions of the model"
        lines.append(f"{word}: {assumption}")
    lines.append(categorisation.model.notice(language))
    return "\n".join(line for line in lines if line)


def sentences(
    categorisation: Categorisation, *, language: Language = "da", internal: bool = False, minimum: int = 5
) -> pd.DataFrame:
    """The criteria with a column `sentence`, one row a criterion as before."""
    criteria = categorisation.criteria
    names = [str(name) for name in criteria.columns]
    texts = [
        sentence(
            categorisation,
            dict(zip(names, values, strict=True)),
            language=language,
            internal=internal,
            minimum=minimum,
        )
        for values in zip(*(criteria[name].tolist() for name in criteria.columns), strict=True)
    ]
    index = categorisation.criteria.index
    return categorisation.criteria.assign(sentence=pd.Series(texts, dtype="object", index=index))


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
    text = f"{name}, {row['period']}: {model.category_label(str(row['category']), language)}"
    if model.kind == "points":
        most = number(model.max_points, language)
        if pd.notna(row["points"]):
            points = _points(float(row["points"]), language)
            text += f" ({points} af {most} point)" if language == "da" else f" ({points} of {most} points)"
        elif pd.notna(row["points_min"]):
            low, high = (_points(float(row[column]), language) for column in ("points_min", "points_max"))
            text += (
                f" (mellem {low} og {high} af {most} point)"
                if language == "da"
                else f" (between {low} and {high} of {most} points)"
            )
    elif model.kind == "index" and pd.notna(row["points"]):
        text += f" (indeks {number(float(row['points']), language, 2)})".replace("indeks", _index(language))
    text += f". {model.label(language)}, {'version' if language == 'en' else 'udgave'} {model.version}."
    if isinstance(row["assumed"], str):
        text += f" {assumed_text(model, row['assumed'], language)}"
    return text


def _index(language: Language) -> str:
    return "indeks" if language == "da" else "index"


def _certain(categorisation: Categorisation, row: pd.Series, language: Language) -> str:
    """What holds whatever the missing values are, what it can be, and what would settle it."""
    if row["category"] != UNDETERMINED:
        return ""
    model, parts = categorisation.model, []
    flags = categorisation.flags
    own = flags[(flags["area_id"] == row["area_id"]) & (flags["period"] == row["period"])]
    held = [model.category_label(str(name), language) for name in own.loc[own["met"] == "met", "category"]]
    if held:
        word = "Sikkert, uanset hvad der mangler" if language == "da" else "Certain, whatever is missing"
        parts.append(f"{word}: {', '.join(held)}.")
    if isinstance(row["possible"], str):
        word = "Kan være" if language == "da" else "It can be"
        parts.append(f"{word}: {', '.join(category_labels(model, row['possible'], language))}.")
    if isinstance(row["undetermined_by"], str):
        word = "Afgøres af" if language == "da" else "What would settle it"
        parts.append(f"{word}: {', '.join(figure_labels(model, row['undetermined_by'], language))}.")
    return " ".join(parts)


def _apart(categorisation: Categorisation, row: pd.Series, language: Language) -> str:
    social = row["socioeconomic"]
    if not isinstance(social, str):
        return ""
    label = categorisation.model.category_label(social, language)
    if language == "da":
        return f"Uden beboernes herkomst, alene efter de socioøkonomiske kriterier: {label}."
    return f"Without residents' origin, by the socio-economic criteria alone: {label}."


def _points(value: float, language: Language) -> str:
    return number(value, language, 0 if value.is_integer() else 1)


def _moved(categorisation: Categorisation, row: pd.Series, language: Language) -> str:
    before = row["category_before"]
    if not isinstance(before, str):
        return ""
    model = categorisation.model
    word = model.category_label(before, language)
    points = ""
    if pd.notna(row["points_before"]) and model.kind == "points":
        points = f" ({points_text(float(row['points_before']), language)})"
    changes = []
    told = row["moved_by"] if isinstance(row["moved_by"], str) else ""
    for part in filter(None, told.split(", ")):
        key, change = part.rsplit(" ", 1)
        changes.append(f"{figure_label(model, key, language)} {change}")
    same = before == row["category"]
    if language == "da":
        text = f"Også perioden før: {word}{points}." if same else f"Perioden før: {word}{points}."
    else:
        text = f"The period before, too: {word}{points}." if same else f"The period before: {word}{points}."
    if not changes:
        return text
    return f"{text} {'Ændret' if language == 'da' else 'Changed'}: {', '.join(changes)}."
