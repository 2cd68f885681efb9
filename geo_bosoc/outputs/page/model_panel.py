"""A model's part of the side panel: for each area its category, what else holds, why, what moved it, how sure it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.sentences import assumed_text, category_labels, condition, figure_labels
from geo_bosoc.models.uncertainty.robustness import SMALL_BASE, stability_text
from geo_bosoc.outputs.layers import (
    Class,
    Rows,
    absent,
    plain_number,
    points_text,
    text,
)
from geo_bosoc.outputs.map_texts import word

Provenance = dict[str, Any]
_ANSWER: Final = {"met": "flag_met", "not_met": "flag_not_met", "undetermined": "flag_undetermined"}
_MOVE: Final = re.compile(r"^([a-z][a-z0-9_]*)\s+(\?|[+-]\d+(?:\.\d+)?)$")


def model_panel(
    published: PublishedResults, model: Model, classes: Sequence[Class], rows: Rows
) -> Provenance:
    """By period and area what the model says.

    Parameters
    ----------
    classes, rows : the classes of the model's layer, and the rows of `shown.categories` behind it.

    Returns
    -------
    dict
        ``label``, ``kind`` and ``panel``; of each area ``points``, and where there is anything to tell ``before``
        (category, points and what moved), ``apart`` (the socio-economic result), ``possible``, ``unsettled``,
        ``flags`` (each category by itself), ``criteria`` (sentences), ``notes`` (assumed, small bases) and ``sure``.
    """
    language = published.language
    at = {each.id: index for index, each in enumerate(classes)}
    most = plain_number(model.max_points, language) if model.kind == "points" else ""
    labels = _labels(published)
    flags, criteria = _flags(published, model), _criteria(published, model)
    panel = []
    for period in published.periods:
        line = []
        for area in published.areas["area_id"]:
            key = (str(area), period)
            row = rows.get(key, {})
            told: Provenance = {"points": points_text(row, language, model.kind)}
            if most and not absent(row.get("points")):
                points = plain_number(row["points"], language)
                told["points"] = word("points_of", language, points=points, most=most)
            told |= _before(published, model, at, row)
            told |= _extras(model, at, row, language, labels)
            told |= {"flags": flags[key]} if key in flags else {}
            told |= {"criteria": criteria[key]} if key in criteria else {}
            line.append(told)
        panel.append(line)
    return {"label": model.label(language), "kind": model.kind, "panel": panel}


def _extras(
    model: Model,
    positions: Mapping[str, int],
    row: Mapping[str, Any],
    language: str,
    labels: Mapping[str, str],
) -> Provenance:
    """What stands beside the category: the result without origin, what it can be, what is assumed, how sure it is."""
    told: Provenance = {}
    social = text(row.get("socioeconomic"))
    if social:
        told["apart"] = {"label": _label(model, social, language), "class": positions.get(social)}
    possible = category_labels(model, row.get("possible"), language)
    if possible:
        told["possible"] = possible
    unsettled = figure_labels(model, row.get("undetermined_by"), language, labels)
    if unsettled:
        told["unsettled"] = unsettled
    small = ", ".join(figure_labels(model, row.get("small_base"), language, labels))
    notes = [
        assumed_text(model, row.get("assumed"), language, labels),
        word("small_base", language, base=SMALL_BASE, names=small) if small else "",
    ]
    if any(notes):
        told["notes"] = [note for note in notes if note]
    sure = stability_text(row.get("held"), row.get("change_by_chance"), language)
    change = text(row.get("smallest_change"))
    if sure or change:
        told["sure"] = [line for line in (sure, change) if line]
    return told


def _flags(published: PublishedResults, model: Model) -> dict[tuple[str, str], list[Provenance]]:
    """Of models with several categories side by side: each one's answer, and what would settle it."""
    if len(model.category) <= 2 or published.flags.empty:
        return {}
    language = published.language
    told: dict[tuple[str, str], list[Provenance]] = {}
    for row in published.flags[published.flags["model"] == model.id].to_dict("records"):
        answer = word(_ANSWER[str(row["met"])], language)
        settled = ", ".join(figure_labels(model, row.get("settled_by"), language, _labels(published)))
        if settled:
            answer = f"{answer}, {word('settled_by', language, names=settled)}"
        flag = {
            "label": _label(model, str(row["category"]), language),
            "met": str(row["met"]),
            "answer": answer,
        }
        told.setdefault((str(row["area_id"]), str(row["period"])), []).append(flag)
    return told


def _criteria(published: PublishedResults, model: Model) -> dict[tuple[str, str], list[str]]:
    """Of a model with rules, each criterion's sentence: its threshold and mean stand nowhere else in the panel."""
    if model.kind != "rules" or "sentence" not in published.criteria.columns:
        return {}
    told: dict[tuple[str, str], list[str]] = {}
    for row in published.criteria[published.criteria["model"] == model.id].to_dict("records"):
        if text(row["sentence"]):
            told.setdefault((str(row["area_id"]), str(row["period"])), []).append(text(row["sentence"]))
    return told


def _before(
    published: PublishedResults, model: Model, positions: Mapping[str, int], row: Mapping[str, Any]
) -> Provenance:
    before = text(row.get("category_before"))
    if not before:
        return {}
    language = published.language
    labels = _labels(published)
    labels |= {each.key: each.label(language) for each in model.criterion if each.key not in labels}
    return {
        "before": {
            "label": _label(model, before, language),
            "class": positions.get(before),
            "points": points_text({"points": row.get("points_before")}, language, model.kind),
            "moved": _moves(text(row.get("moved_by")), labels, language),
        }
    }


def _labels(published: PublishedResults) -> dict[str, str]:
    return {each.id: each.label(published.language) for each in published.indicators}


def _label(model: Model, category: str, language: str) -> str:
    return model.category_label(category, language)


def _moves(text: str, labels: Mapping[str, str], language: str) -> list[list[str]]:
    """``"health +1, safety ?"`` as pairs of an indicator's name and its signed points."""
    moves = []
    for part in re.split(r"[,;]\s*", text):
        match = _MOVE.match(part)
        if match:
            key, size = match.groups()
            if size != "?":
                size = ("−" if size[0] == "-" else "+") + plain_number(abs(float(size)), language)
            moves.append([labels.get(key, key), size])
        elif part:
            moves.append([labels.get(part, part), ""])
    return moves


def criterion_lines(published: PublishedResults) -> dict[tuple[str, str, str], list[str]]:
    """By area, period and indicator: what each model's criteria gave, as lines of text."""
    language = published.language
    models = {model.id: model for model in published.models}
    lines: dict[tuple[str, str, str], list[str]] = {}
    for row in published.criteria.to_dict("records"):
        model = models.get(text(row.get("model")))
        if model is None:
            continue
        name = f"{model.label(language)}: " if len(models) > 1 else ""
        points, met = row.get("points"), text(row.get("met"))
        if model.kind == "points" and not absent(points):
            most = _most_points(model, row)
            shown_points = plain_number(points, language)
            told = (
                word("points_of", language, points=shown_points, most=plain_number(most, language))
                if most
                else word("points", language, points=shown_points)
            )
        elif model.kind == "rules" and met in ("met", "not_met"):
            told = _answer(model, row, met, language)
        else:
            continue
        key = (str(row["area_id"]), str(row["period"]), str(row["indicator"]))
        lines.setdefault(key, []).append(name + told)
    return lines


def _answer(model: Model, row: Mapping[Any, Any], met: str, language: Any) -> str:
    """Whether a rule's criterion is met, with what it asks: "met (over 40%)"."""
    criterion = next((each for each in model.criterion if each.key == text(row.get("criterion"))), None)
    if criterion is None or absent(row.get("threshold")) or absent(row.get("measure")):
        return word(met, language)
    asked = condition(criterion, str(row["measure"]), float(row["threshold"]), language)
    return f"{word(_ANSWER[met], language)} ({asked})"


def _most_points(model: Model, row: Mapping[Any, Any]) -> float:
    key = text(row.get("criterion")) or text(row.get("indicator"))
    return next((max(each.steps, default=0.0) for each in model.criterion if each.key == key), 0.0)
