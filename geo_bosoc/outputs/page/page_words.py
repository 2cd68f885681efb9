"""The words of a page in one language: labels, what is said of each area, and what is said about the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import stamps, threshold_sentences
from geo_bosoc.outputs.columns import column_words
from geo_bosoc.outputs.layers import text
from geo_bosoc.outputs.page.figure_columns import RESIDENTS
from geo_bosoc.outputs.page.page_model import Page
from geo_bosoc.outputs.thematic_map import LAYER_GROUPS, Class, Classification, Variable
from geo_bosoc.text.catalogue import Language, word, word_or_key, words
from geo_bosoc.text.numbers import day, protected_word


def page_words(page: Page) -> dict[str, Any]:
    """What stands on a page whatever unit is shown: title, stamps, and the words that its scripts use.

    Returns
    -------
    dict
        ``title, name, notices, words, suffixes`` (what follows a figure of each unit).
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
            "ratio_of": word("comparisons", "ratio_of", language),
            **{f"group_{name}": word("map", f"group_{name}", language) for name in LAYER_GROUPS},
        },
        "suffixes": dict(words("unit_suffixes", language)),
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
    low_is_bad = variable.direction == "low_is_bad"
    unit = "" if variable.unit == "percent" else word("unit_suffixes", variable.unit, language).strip()
    return {
        "label": variable.label,
        "classes": [each.label for each in classes],
        "order_note": word("map", "darker_low" if low_is_bad else "darker_high", language),
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
    language = page.language
    return {
        "indicators": [
            {
                "label": variable.label,
                "definition": variable.definition,
                "assumption": variable.assumption,
                "source": variable.source,
            }
            for variable in page.variables
        ],
        "sources": [_sources(page, period) for period in page.periods],
        "models": [_about_classification(each, language) for each in page.classifications],
        "notes": list(page.notes),
        "protection": _protection(page.edition.policy, language),
    }


def _protection(policy: Policy, language: Language) -> str:
    """What is not shown, of figures and of areas."""
    if not policy.suppresses:
        return ""
    rule = word("map", "protection", language, minimum=policy.minimum)
    return " ".join([rule, *threshold_sentences(policy, language)])


def _about_classification(classification: Classification, language: str) -> dict[str, Any]:
    return {
        "label": classification.label,
        "version": f"{classification.id}, {word('map', 'version', language)} {classification.version}",
        "notice": " ".join(filter(None, (classification.notice, classification.case_state))),
        "source": classification.source,
        "gates": list(classification.gates),
        "assumptions": [list(pair) for pair in classification.assumptions],
    }


def _sources(page: Page, period: str) -> list[list[str]]:
    labels = {variable.id: variable.label for variable in page.variables}
    labels.setdefault(RESIDENTS, column_words([RESIDENTS], {}, page.language)[RESIDENTS])
    order = {key: index for index, key in enumerate(labels)}
    rows = page.sources[page.sources["period"].astype(str) == period].to_dict("records")
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
