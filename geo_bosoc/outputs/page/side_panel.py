"""The side panel of a page in words: what is said of each area's category, what criteria gave, who is most alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo_bosoc.outputs.layers import Rows, points_text
from geo_bosoc.outputs.page.page_model import Explanation, Page
from geo_bosoc.outputs.thematic_map import Classification, category_label
from geo_bosoc.text.catalogue import word


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
    return {"label": classification.label, "panel": panel}


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


def results_of(page: Page, indicator: str) -> list[list[list[str] | None]] | None:
    """By period and area what the criteria on an indicator gave, as lines of text; None where there are none."""
    lines = [
        [
            list(results) if (results := page.points.get((area, period, indicator))) else None
            for area in page.area_ids
        ]
        for period in page.periods
    ]
    return lines if any(each for line in lines for each in line) else None


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
