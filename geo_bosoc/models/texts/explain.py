"""A category in words: why, what is certain, what would settle it, and what moved it."""

from __future__ import annotations

from typing import Final

import pandas as pd

from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.category import RANGE, UNDETERMINED
from geo_bosoc.models.texts.sentences import (
    assumed_text,
    category_labels,
    category_words,
    criterion_sentences,
    figure_label,
    figure_labels,
    points_text,
    range_text,
)
from geo_bosoc.models.uncertainty.minimal_change import smallest_change
from geo_bosoc.problems import InputError, Problem, did_you_mean
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import number, protected_word

_SHOWN: Final = 8
"""So many names are told where none is like the one that was given."""


def explain(
    categorisation: Categorisation,
    area: str,
    *,
    areas: pd.DataFrame | None = None,
    period: str | None = None,
    language: Language = "da",
    name: str | None = None,
    internal: bool = False,
    minimum: int = 5,
) -> str:
    """Say in sentences why an area has its category.

    Parameters
    ----------
    categorisation : Categorisation
        What `categorise` gave.
    area : str
        The area's id; with `areas` its name will do, in small letters or capitals.
    areas : DataFrame, optional
        The areas with their names: columns ``area_id`` and ``name``, as `read_areas` gives them.
    period : str, optional
        The period; the last one of the area where it is left out.
    language : {"da", "en"}, optional
        Danish or English.
    name : str, optional
        The area's name, put before its id; the one in `areas` where it is left out.
    internal : bool, optional
        With how many persons fewer or more would change each criterion, and the smallest set of changes that would
        change the category. Those belong to the internal set.
    minimum : int, optional
        Counts and complements of 1 to ``minimum - 1`` persons are called hidden; 0 or 1 hides nothing.

    Returns
    -------
    str
        One line for the category, one a criterion, then what is certain, what moved since the period before,
        assumptions, and the notice where the model uses residents' origin.

    Raises
    ------
    InputError
        There is no such area, several have that name, or the categorisation does not hold it in that period.

    Examples
    --------
    >>> from geo_bosoc.models import categorise_table, load_model
    >>> row = {"area": "Parken", "year": 2024, "residents": 1400, "outside_labour_pct": 41.0, "convicted_pct": 2.5,
    ...        "basic_edu_pct": 55.0, "income_pct_region": 50.0, "non_western_pct": 30.0}
    >>> done = categorise_table(pd.DataFrame([row]), load_model("national-2021"))
    >>> explain(done, "Parken", language="en").splitlines()[0]
    'Parken, 2024: Vulnerable housing area. The national lists since 2021, version 2021-12-01.'
    """
    if areas is None:
        ids = categorisation.categories["area_id"].drop_duplicates()
        area_id, _ = find_area(pd.DataFrame({"area_id": ids, "name": None}), area)
    else:
        area_id, name_of_area = find_area(areas, area)
        name = name or name_of_area
    row = _row(categorisation, area_id, period)
    year = str(row["period"])
    criteria = categorisation.criteria
    area_criteria = criteria[(criteria["area_id"] == area_id) & (criteria["period"] == year)]
    texts = criterion_sentences(
        categorisation,
        area_criteria.to_dict("records"),
        language=language,
        internal=internal,
        minimum=minimum,
    )
    lines = [_head(categorisation, row, f"{name} ({area_id})" if name else area_id, language)]
    lines += [f"- {text}" for text in texts]
    if any(text.endswith(f": {protected_word(language)}.") for text in texts):
        lines.append(word("common", "suppressed_why", language))
    lines += [_certain(categorisation, row, language), _without_origin(categorisation, row, language)]
    if internal:
        change = smallest_change(categorisation, area_id, year)
        lines.append(change.text(categorisation.model, language) if change else "")
    lines.append(_moved(categorisation, row, language))
    assumption = categorisation.model.assumption_text(language)
    if assumption:
        lines.append(f"{word('sentences', 'assumptions', language)}: {assumption}")
    lines.append(categorisation.model.notice(language))
    return "\n".join(line for line in lines if line)


def sentences(
    categorisation: Categorisation, *, language: Language = "da", internal: bool = False, minimum: int = 5
) -> pd.DataFrame:
    """The criteria with a column `sentence`, one row a criterion as before.

    Parameters
    ----------
    categorisation : Categorisation
        What `categorise` gave.
    language : {"da", "en"}, optional
        Danish or English.
    internal : bool, optional
        With the least change in persons that would change each criterion, which belongs to the internal set.
    minimum : int, optional
        Counts and complements of 1 to ``minimum - 1`` persons are called hidden; 0 or 1 hides nothing.

    Returns
    -------
    DataFrame
        ``categorisation.criteria`` and its sentences.

    Examples
    --------
    >>> from geo_bosoc.models import categorise_table, load_model
    >>> row = {"area": "Parken", "year": 2024, "residents": 1400, "outside_labour_pct": 41.0, "convicted_pct": 2.5,
    ...        "basic_edu_pct": 55.0, "income_pct_region": 50.0, "non_western_pct": 30.0}
    >>> done = categorise_table(pd.DataFrame([row]), load_model("national-2021"))
    >>> sentences(done, language="en")["sentence"].iloc[3]
    'Gross income: 50.0%; met (under 55%).'
    """
    criteria = categorisation.criteria
    names = [str(name) for name in criteria.columns]
    columns = zip(*(criteria[name].tolist() for name in criteria.columns), strict=True)
    rows = (dict(zip(names, values, strict=True)) for values in columns)
    texts = criterion_sentences(categorisation, rows, language=language, internal=internal, minimum=minimum)
    return criteria.assign(sentence=pd.Series(texts, dtype="object", index=criteria.index))


def find_area(areas: pd.DataFrame, area: str) -> tuple[str, str | None]:
    """The id and the name of an area that is named by either; capitals do not matter in a name.

    Parameters
    ----------
    areas : DataFrame
        With ``area_id`` and ``name``.
    area : str
        An id or a name.

    Returns
    -------
    tuple of str and (str or None)
        Its id and its name.

    Raises
    ------
    InputError
        There is no such area (names like it are told), or several have that name (their ids are told).

    Examples
    --------
    >>> find_area(pd.DataFrame({"area_id": ["0001", "0002"], "name": ["Parken", "Toften"]}), "parken")
    ('0001', 'Parken')
    """
    rows = areas[areas["area_id"] == area]
    if rows.empty:
        rows = areas[areas["name"].astype("string").str.casefold() == area.casefold()]
    rows = rows.drop_duplicates("area_id")
    if len(rows) == 1:
        name = rows["name"].iloc[0]
        return str(rows["area_id"].iloc[0]), str(name) if pd.notna(name) else None
    if len(rows) > 1:
        wrong = phrase('{count} areas are called "{name}".', count=len(rows), name=area)
        hint: str | None = phrase("Give an id: {ids}.", ids=joined(rows["area_id"]))
    else:
        names = [*areas["area_id"].astype(str), *areas["name"].dropna().astype(str)]
        wrong = phrase('there is no area "{name}".', name=area)
        hint = did_you_mean(area, names, count=3, cutoff=0.5) or phrase(
            "There are: {names}.", names=joined([*dict.fromkeys(reversed(names))][:_SHOWN])
        )
    raise InputError([Problem("error", wrong, hint=hint)])


def _row(categorisation: Categorisation, area_id: str, period: str | None) -> pd.Series:
    rows = categorisation.categories
    area_rows = rows[rows["area_id"] == area_id]
    periods = area_rows["period"].tolist()
    if period is not None:
        area_rows = area_rows[area_rows["period"] == period]
    if area_rows.empty:
        wrong = (
            phrase('the area "{area}" has no category in {period}.', area=area_id, period=period)
            if period is not None
            else phrase('the area "{area}" has no category.', area=area_id)
        )
        hint = phrase("It has one in {periods}.", periods=joined(periods)) if periods else None
        raise InputError([Problem("error", wrong, hint=hint)])
    return area_rows.iloc[-1]


def _head(categorisation: Categorisation, row: pd.Series, name: str, language: Language) -> str:
    model = categorisation.model
    label = category_words(model, str(row["category"]), row["possible"], language)
    text = f"{name}, {row['period']}: {label}"
    if model.kind == "points":
        most = number(model.max_points, language)
        if pd.notna(row["points"]):
            points = _points(float(row["points"]), language)
            text += f" ({word('sentences', 'points_of', language, points=points, most=most)})"
        elif pd.notna(row["points_min"]):
            low, high = (_points(float(row[column]), language) for column in ("points_min", "points_max"))
            text += f" ({word('sentences', 'points_between', language, low=low, high=high, most=most)})"
    elif model.kind == "index" and pd.notna(row["points"]):
        points = number(float(row["points"]), language, 2)
        text += f" ({word('sentences', 'index_of', language, points=points)})"
    text += f". {model.label(language)}, {word('sentences', 'version', language)} {model.version}."
    if isinstance(row["assumed"], str):
        text += f" {assumed_text(model, row['assumed'], language)}"
    return text


def _certain(categorisation: Categorisation, row: pd.Series, language: Language) -> str:
    """What holds whatever the missing values are, what it can be, and what would settle it; why it is a range."""
    if row["category"] == RANGE:
        return range_text(row["possible"], language)
    if row["category"] != UNDETERMINED:
        return ""
    model, parts = categorisation.model, []
    flags = categorisation.flags
    here = (flags["area_id"] == row["area_id"]) & (flags["period"] == row["period"])
    met = flags.loc[here & (flags["met"] == "met"), "category"]
    if not met.empty:
        labels = [model.category_label(str(name), language) for name in met]
        head = word("sentences", "certain", language)
        parts.append(f"{head}: {', '.join(labels)}.")
    if isinstance(row["possible"], str):
        head = word("sentences", "possible", language)
        parts.append(f"{head}: {', '.join(category_labels(model, row['possible'], language))}.")
    if isinstance(row["undetermined_by"], str):
        head = word("sentences", "settled_by", language)
        parts.append(f"{head}: {', '.join(figure_labels(model, row['undetermined_by'], language))}.")
    return " ".join(parts)


def _without_origin(categorisation: Categorisation, row: pd.Series, language: Language) -> str:
    social = row["socioeconomic"]
    if not isinstance(social, str):
        return ""
    label = categorisation.model.category_label(social, language)
    return word("sentences", "without_origin", language, label=label)


def _points(value: float, language: Language) -> str:
    return number(value, language, 0 if value.is_integer() else 1)


def _moved(categorisation: Categorisation, row: pd.Series, language: Language) -> str:
    before = row["category_before"]
    if not isinstance(before, str):
        return ""
    model = categorisation.model
    label = model.category_label(before, language)
    points = ""
    if pd.notna(row["points_before"]) and model.kind == "points":
        points = f" ({points_text(float(row['points_before']), language)})"
    changes = []
    moved_by = row["moved_by"] if isinstance(row["moved_by"], str) else ""
    for part in filter(None, moved_by.split(", ")):
        key, change = part.rsplit(" ", 1)
        changes.append(f"{figure_label(model, key, language)} {change}")
    same = before == row["category"]
    text = f"{word('sentences', 'before_same' if same else 'before', language)}: {label}{points}."
    if not changes:
        return text
    return f"{text} {word('sentences', 'changed', language)}: {', '.join(changes)}."
