"""The side panel of a page as plain data: what is said of each area's category, and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY, REST, TWINS
from geo_bosoc.outputs.layers import Rows, absent, has_value, points_text, status_word, text
from geo_bosoc.outputs.page.page_model import Explanation, Page
from geo_bosoc.outputs.texts import reference_word, sentence_case
from geo_bosoc.outputs.thematic_map import Classification, Variable, category_label, plain_number
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import in_unit, number

RESIDENTS: Final = "residents"
"""The variable that counts everybody; the panel tells it in its heading."""
STRIP: Final = 1000
"""Length of the small scale that shows an area beside its reference areas."""


def classification_panel(
    page: Page, classification: Classification, rows: Rows, positions: Mapping[str, int]
) -> dict[str, Any]:
    """A classification's part of the side panel: by period and area what is said of the category."""
    explanations = page.explanations.get(classification.id, {})
    panel = []
    for period in page.periods:
        line = []
        for area in page.area_ids:
            explanation = explanations.get((area, period), Explanation())
            points = explanation.points or points_text(
                rows.get((area, period), {}), page.language, classification.kind
            )
            line.append(_explained(explanation, points, classification, positions, page))
        panel.append(line)
    return {"label": classification.label, "kind": classification.kind, "panel": panel}


def _explained(
    explanation: Explanation,
    points: str,
    classification: Classification,
    positions: Mapping[str, int],
    page: Page,
) -> dict[str, Any]:
    data: dict[str, Any] = {"points": points}
    if explanation.before is not None:
        before = explanation.before
        data["before"] = {
            **_label_and_class(before.category, classification, positions, page),
            "points": before.points,
            "moved": [list(move) for move in before.moves],
        }
        if not before.is_complete:
            data["before"]["part"] = True
    if explanation.socioeconomic:
        data["apart"] = _label_and_class(explanation.socioeconomic, classification, positions, page)
    parts = {
        "possible": explanation.possible,
        "unsettled": explanation.unsettled,
        "notes": explanation.notes,
        "sure": explanation.stability,
        "flags": explanation.flags,
        "criteria": explanation.criteria,
    }
    return data | {name: list(part) for name, part in parts.items() if part}


def _label_and_class(
    category: str, classification: Classification, positions: Mapping[str, int], page: Page
) -> dict[str, Any]:
    label = category_label(classification, category, page.language)
    return {"label": label, "class": positions.get(category)}


def variable_panel(page: Page, variable: Variable, rows: Rows, reference_areas: Rows) -> dict[str, Any]:
    """A variable's part of the panel: by period and area its figures, by period the two reference areas.

    Where it is compared with a third one, ``chosen`` is what that is called; its figure stands by period as ``chosen``,
    or where each area has its own, by area as ``beside``.
    """
    every = [*rows.values(), *reference_areas.values()]
    ends = [float(row[key]) for row in every if has_value(row) for key in ("value", "high") if _is(row, key)]
    chosen = _chosen_reference(variable, rows)
    longest = max((end for end in ends if end > 0), default=0.0)
    references = {
        period: row.get("reference")
        for (_, period), row in rows.items()
        if _is(row, "reference") and row.get("reference_area", MUNICIPALITY) == MUNICIPALITY
    }
    cells, figures_by_period = [], []
    for period in page.periods:
        line = []
        for area in page.areas["area_id"]:
            row = rows.get((str(area), period))
            cell = _cell(page, variable, row, longest)
            if row is not None and chosen in (REST, TWINS) and has_value(row) and _is(row, "reference"):
                cell["beside"] = _reference_figure(page, variable, None, longest, row["reference"])
            points = page.points.get((str(area), period, variable.id))
            line.append(cell | {"points": list(points)} if points else cell)
        cells.append(line)
        of_period: dict[str, Any] = {}
        if chosen and chosen not in (REST, TWINS):
            figure = reference_areas.get((chosen, period))
            of_period["chosen"] = _reference_figure(page, variable, figure, longest, None)
        figures_by_period.append(
            {
                "municipality": _reference_figure(
                    page,
                    variable,
                    reference_areas.get((MUNICIPALITY, period)),
                    longest,
                    references.get(period),
                ),
                "all_areas": _reference_figure(
                    page, variable, reference_areas.get((ALL_AREAS, period)), longest, None
                ),
                **of_period,
            }
        )
    named = {"chosen": sentence_case(reference_word(chosen, page.language))} if chosen else {}
    return {
        "label": variable.label,
        "in_heading": variable.id == RESIDENTS and not variable.is_difference,
        "cells": cells,
        "references": figures_by_period,
        **named,
    }


def _chosen_reference(variable: Variable, rows: Rows) -> str:
    """The reference area that a variable is compared with, where it has no place of its own in the panel."""
    chosen = {str(row.get("reference_area", MUNICIPALITY)) for row in rows.values()}
    others = sorted(chosen - {MUNICIPALITY, ALL_AREAS})
    return others[0] if others and variable.unit != "count" else ""


def twins_panel(page: Page) -> dict[str, Any] | None:
    """The twins of each area: by period and area their places among the areas, and in words what is alike in them.

    Returns
    -------
    dict or None
        ``by`` and ``areas``; None where nothing on the page is about twins.
    """
    if page.profile is None or page.nearest.empty:
        return None
    labels = {variable.id: variable.label for variable in page.variables}
    names = ", ".join(labels[name] for name in page.profile.by if name in labels)
    places = {area: place for place, area in enumerate(page.area_ids)}
    alike: dict[tuple[str, str], list[int]] = {}
    for area, period, twin in zip(
        *(page.nearest[name] for name in ("area_id", "period", "twin")), strict=True
    ):
        alike.setdefault((str(area), str(period)), []).append(places[str(twin)])
    areas = [[alike.get((area, period), []) for area in page.area_ids] for period in page.periods]
    return {"by": word("map", "twins_by", page.language, names=names), "areas": areas}


def _is(row: Mapping[str, Any], key: str) -> bool:
    return not absent(row.get(key))


def _cell(page: Page, variable: Variable, row: Mapping[str, Any] | None, longest: float) -> dict[str, Any]:
    language = page.language
    if row is None or not has_value(row):
        status = "missing" if row is None or text(row["status"]) in ("", "ok") else text(row["status"])
        withheld = {"value": status_word(status, language), "status": status}
        if row is not None and _is(row, "denominator") and status == "protected":
            withheld["counts"] = word(
                "map", "base", language, count=number(int(row["denominator"]), language)
            )
        return withheld
    data: dict[str, Any] = {"value": _value(row["value"], variable, language)}
    counts = _counts(variable, row, language)
    if counts:
        data["counts"] = counts
    if _is(row, "low") and _is(row, "high"):
        low, high = (_value(row[end], variable, language) for end in ("low", "high"))
        low = low.removesuffix(word("unit_suffixes", variable.unit, language))
        key = "interval_of_difference" if variable.is_difference else "interval"
        data["interval"] = word("map", key, language, low=low, high=high)
    if _is(row, "ratio"):
        data["ratio"] = _ratio(row, language)
    if variable.unit != "count" and not variable.is_difference:
        data["strip"] = _strip(row, longest)
    return data


def _value(value: Any, variable: Variable, language: Language) -> str:
    """A figure in its unit; a difference with its sign."""
    figure = in_unit(float(value), variable.unit, language)
    if not variable.is_difference:
        return figure
    size = figure.removeprefix("-")
    if not any(digit in size for digit in "123456789"):
        return size
    return ("−" if float(value) < 0 else "+") + size


def _ratio(row: Mapping[str, Any], language: Language) -> str:
    """The ratio to the municipality, or to another reference area."""
    ratio = number(float(row["ratio"]), language, 2)
    reference_area = row.get("reference_area", MUNICIPALITY)
    if reference_area == MUNICIPALITY:
        return word("map", "ratio", language, ratio=ratio)
    whose = reference_word(str(reference_area), language)
    return word("comparisons", "ratio_of", language, ratio=ratio, whose=whose)


def _counts(variable: Variable, row: Mapping[str, Any], language: str) -> str:
    """Count and base behind a value, and how many could not be told; a mean has its base alone."""
    if not variable.base_known:
        return word("common", "without_base", language)
    if variable.unit == "count" or not _is(row, "denominator"):
        return ""
    unknown = int(row["unknown"]) if _is(row, "unknown") else 0
    base = number(int(row["denominator"]) - (unknown if variable.unknown == "exclude" else 0), language)
    line = word("map", "base", language, count=base)
    if variable.unit != "mean" and _is(row, "numerator"):
        met = unknown if variable.unknown == "met" else 0
        count = int(row["numerator"]) / variable.scale + met
        line = word("map", "counts", language, n=plain_number(count, language), d=base)
    if unknown > 0:
        line += ", " + word("map", "unknown", language, count=number(unknown, language))
    return line


def _strip(row: Mapping[str, Any], longest: float) -> list[int]:
    """Where value, low and high lie on a scale from 0 to `STRIP`."""
    keys = ("value", "low", "high") if _is(row, "low") and _is(row, "high") else ("value",)
    if longest <= 0:
        return [0 for _ in keys]
    return [min(STRIP, max(0, round(STRIP * float(row[key]) / longest))) for key in keys]


def _reference_figure(
    page: Page,
    variable: Variable,
    row: Mapping[str, Any] | None,
    longest: float,
    reference: Any,
) -> dict[str, Any] | None:
    """A reference area's figure; the table's own reference where no reference area row was counted."""
    if variable.unit == "count":
        return None
    if row is None:
        if absent(reference):
            return None
        row = {"value": float(reference), "status": "ok"}
    if not has_value(row):
        return {"value": status_word(text(row["status"]), page.language)}
    data: dict[str, Any] = {"value": _value(row["value"], variable, page.language)}
    counts = _counts(variable, row, page.language)
    if counts:
        data["counts"] = counts
    return data if variable.is_difference else data | {"at": _strip({"value": row["value"]}, longest)[0]}
