"""The words of a page in one language: labels, what is said of each area, and what is said about the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import stamps, threshold_sentences
from geo_bosoc.outputs.columns import column_words
from geo_bosoc.outputs.layers import Rows, points_text
from geo_bosoc.outputs.page.backdrop_encoding import backdrop_words
from geo_bosoc.outputs.page.figure_columns import RESIDENTS
from geo_bosoc.outputs.page.page_model import Explanation, Page
from geo_bosoc.outputs.texts import text
from geo_bosoc.outputs.thematic_map import LAYER_GROUPS, Class, Classification, Variable, category_label
from geo_bosoc.text.catalogue import Language, word, word_or_key, words
from geo_bosoc.text.numbers import day, protected_word

CriterionLines = list[list[list[str] | None]]
"""By period and area what the criteria on an indicator gave, as lines of text; None where there are none."""


def page_words(page: Page) -> dict[str, Any]:
    """What stands on a page whatever unit is shown: title, stamps, and the words that its scripts use.

    Returns
    -------
    dict
        ``title, name, notices, words, suffixes`` (what follows a figure of each unit), and ``named_layers``.
    """
    language = page.language
    return {
        "title": page.title,
        "name": page.name,
        "notices": notices(page),
        "words": {
            **words("map", language),
            "suppressed": protected_word(language),
            "missing": word("common", "missing", language),
            "without_base": word("common", "without_base", language),
            "suppressed_why": word("common", "suppressed_why", language),
            "new_definition": word("documents", "new_definition", language),
            "ratio_of": word("comparisons", "ratio_of", language),
            **{f"group_{name}": word("map", f"group_{name}", language) for name in LAYER_GROUPS},
        },
        "suffixes": dict(words("unit_suffixes", language)),
        **backdrop_words(page),
    }


def category_layer_words(
    classification: Classification, classes: Sequence[Class], page: Page
) -> dict[str, Any]:
    """The words of a classification's layer.

    Returns
    -------
    dict
        ``label``, ``classes`` (their words), ``share_note`` with ``{count}``, and ``notes`` where its rows have any: by
        period and area what stands with the area.
    """
    data: dict[str, Any] = {
        "label": classification.label,
        "classes": [each.label for each in classes],
        "share_note": classification.share_note or word("map", "share_note", page.language),
    }
    if "note" in classification.rows.columns:
        columns = (classification.rows[name].tolist() for name in ("area_id", "period", "note"))
        notes = {(str(area), str(period)): text(note) for area, period, note in zip(*columns, strict=True)}
        data["notes"] = [[notes.get((area, period), "") for area in page.area_ids] for period in page.periods]
    return data


def variable_layer_words(variable: Variable, classes: Sequence[Class], language: Language) -> dict[str, Any]:
    """The words of a variable's layer.

    Returns
    -------
    dict
        ``label, classes, order_note, unit`` (what its figures are in, where the classes don't say so).
    """
    darker = "darker_low" if variable.direction == "low_is_bad" else "darker_high"
    unit = "" if variable.unit == "percent" else word("unit_suffixes", variable.unit, language).strip()
    return {
        "label": variable.label,
        "classes": [each.label for each in classes],
        "order_note": "" if variable.colours else word("map", darker, language),
        "unit": unit,
    }


def goals_words(page: Page) -> list[dict[str, Any]]:
    """The goals with how they stand in each period; ``area`` is the place among the areas, or None."""
    positions = {area: index for index, area in enumerate(page.area_ids)}
    return [
        {
            "area": positions.get(goal.area_id),
            "place": goal.place,
            "label": goal.label,
            "indicator": goal.indicator,
            "standings": [
                None if standing is None else asdict(standing)
                for standing in map(goal.standings.get, page.periods)
            ],
        }
        for goal in page.goals
    ]


def notices(page: Page) -> list[dict[str, str]]:
    """What must be said on the page: made-up data, internal use, small numbers shown, the use of origin."""
    stamped = [{"kind": stamp.kind, "text": stamp.text} for stamp in stamps(page)]
    return stamped + [{"kind": "origin", "text": notice} for notice in page.origin_notices]


def about(page: Page) -> dict[str, Any]:
    """The page's "About the figures".

    Returns
    -------
    dict
        ``indicators`` (label, definition, assumption, source), ``sources`` (by period, one row a variable:
        ``[label, register, period, status date, source]``), ``models`` with their assumptions, ``notes`` and
        ``protection`` (what is not shown).
    """
    language, labels = page.language, _labels(page)
    return {
        "indicators": [
            {
                "label": labels[variable.id],
                "definition": variable.definition,
                "assumption": variable.assumption,
                "source": variable.source,
            }
            for variable in page.variables
            if variable.id in labels
            and not (variable.id in page.without_card and variable.group != "indicators")
        ],
        "sources": [_sources(page, period) for period in page.periods],
        "models": [_about_classification(each, language) for each in page.classifications],
        "notes": list(page.notes),
        "protection": _protection(page.edition.policy, language)
        if page.protection is None
        else page.protection,
    }


def _labels(page: Page) -> dict[str, str]:
    """The variables' words; variables that stand side by side have one, of their row."""
    labels = {variable.id: variable.label for variable in page.variables}
    for label, (first, *others) in page.side_by_side.rows if page.side_by_side is not None else ():
        labels = {name: each for name, each in labels.items() if name == first or name not in others}
        labels[first] = label
    return labels


def _protection(policy: Policy, language: Language) -> str:
    """What is not shown, of figures and of areas."""
    if not policy.suppresses:
        return ""
    rule = word("map", "protection", language, minimum=policy.minimum)
    return " ".join([rule, *threshold_sentences(policy, language)])


def _shown_id(classification: Classification) -> str:
    """A model is known by its id; the layers of a study are not."""
    return "" if classification.group == "balance" else f"{classification.id}, "


def _about_classification(classification: Classification, language: str) -> dict[str, Any]:
    return {
        "label": classification.label,
        "version": f"{_shown_id(classification)}{word('map', 'version', language)} {classification.version}",
        "notice": " ".join(filter(None, (classification.notice, classification.case_state))),
        "source": classification.source,
        "gates": list(classification.gates),
        "assumptions": [list(pair) for pair in classification.assumptions],
    }


def _sources(page: Page, period: str) -> list[list[str]]:
    labels = _labels(page)
    unnamed = {variable.id for variable in page.variables} - set(labels)
    labels.setdefault(RESIDENTS, column_words([RESIDENTS], {}, page.language)[RESIDENTS])
    order = {key: index for index, key in enumerate(labels)}
    of_period = page.sources["period"].astype(str) == period
    rows = page.sources[of_period & ~page.sources["indicator"].isin(unnamed)].to_dict("records")
    rows = sorted(rows, key=lambda row: order.get(str(row["indicator"]), len(order)))
    return [
        [
            labels.get(str(row["indicator"]), str(row["indicator"])),
            word_or_key("registers", text(row.get("register")), page.language),
            text(row.get("data_period")),
            day(row.get("status_date"), page.language),
            text(row.get("source")),
        ]
        for row in rows
    ]


def classification_panel(
    page: Page, classification: Classification, rows: Rows, positions: Mapping[str, int]
) -> dict[str, Any]:
    """A classification's part of the side panel: by period and area what is said of the category."""
    explanations = page.explanations.get(classification.id, {})

    @cache
    def label_and_class(category: str) -> dict[str, Any]:
        label = category_label(classification, category, page.language)
        return {"label": label, "class": positions.get(category)}

    panel = []
    for period in page.periods:
        line = []
        for area in page.area_ids:
            explanation = explanations.get((area, period), Explanation())
            points = explanation.points or points_text(
                rows.get((area, period), {}), page.language, classification.kind
            )
            line.append(_explained(explanation, points, label_and_class))
        panel.append(line)
    return {"label": classification.label, "panel": panel}


def _explained(
    explanation: Explanation, points: str, label_and_class: Callable[[str], dict[str, Any]]
) -> dict[str, Any]:
    data: dict[str, Any] = {"points": points}
    if explanation.before is not None:
        before = explanation.before
        data["before"] = {
            **label_and_class(before.category),
            "points": before.points,
            "moved": [list(move) for move in before.moves],
        }
        if not before.is_complete:
            data["before"]["part"] = True
    if explanation.socioeconomic:
        data["apart"] = label_and_class(explanation.socioeconomic)
    parts = {
        "possible": explanation.possible,
        "unsettled": explanation.unsettled,
        "notes": explanation.notes,
        "sure": explanation.stability,
        "flags": explanation.flags,
        "criteria": explanation.criteria,
    }
    if explanation.flags_heading:
        data["flags_heading"] = explanation.flags_heading
    return data | {name: list(part) for name, part in parts.items() if part}


def results_of(page: Page) -> dict[str, CriterionLines]:
    """What the criteria on each indicator gave; of those alone that have any."""
    periods = {period: place for place, period in enumerate(page.periods)}
    areas = {area: place for place, area in enumerate(page.area_ids)}
    results: dict[str, CriterionLines] = {}
    for (area, period, indicator), lines in page.points.items():
        if lines and area in areas and period in periods:
            of_indicator = results.get(indicator)
            if of_indicator is None:
                of_indicator = results[indicator] = [[None] * len(areas) for _ in periods]
            of_indicator[periods[period]][areas[area]] = list(lines)
    return results


def twin_places(page: Page) -> list[list[list[int]]] | None:
    """The twins of each area: by period and area their places among the areas; None where the page tells no twins."""
    if page.profile is None or page.nearest.empty:
        return None
    places = {area: place for place, area in enumerate(page.area_ids)}
    alike: dict[tuple[str, str], list[int]] = {}
    for area, period, twin in zip(
        *(page.nearest[name] for name in ("area_id", "period", "twin")), strict=True
    ):
        alike.setdefault((str(area), str(period)), []).append(places[str(twin)])
    return [[alike.get((area, period), []) for area in page.area_ids] for period in page.periods]


def twins_by(page: Page) -> str:
    """In words what is alike in twins."""
    labels = {variable.id: variable.label for variable in page.variables}
    by = page.profile.by if page.profile is not None else ()
    names = ", ".join(labels[name] for name in by if name in labels)
    return word("map", "twins_by", page.language, names=names)
