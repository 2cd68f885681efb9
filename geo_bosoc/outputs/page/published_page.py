"""The page of a yearly run: its models' categories with why, what moved them and how sure they are; its indicators."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.disclosure.sentences import published_borders
from geo_bosoc.models.category import RANGE
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.sentences import (
    assumed_text,
    category_labels,
    condition,
    figure_labels,
    origin_notices,
    range_text,
)
from geo_bosoc.models.uncertainty.robustness import SMALL_BASE, stability_text
from geo_bosoc.outputs.layers import points_text, rows_of
from geo_bosoc.outputs.page.charts import charts_of
from geo_bosoc.outputs.page.further_layers import with_own_layers
from geo_bosoc.outputs.page.page_model import Before, Explanation, Overlay, Page
from geo_bosoc.outputs.texts import absent, category_class, column_values, text
from geo_bosoc.outputs.thematic_map import (
    classification_of,
    map_parts,
    plain_number,
)
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.messages import problem_in_language

_ANSWER: Final = {"met": "flag_met", "not_met": "flag_not_met", "undetermined": "flag_undetermined"}
_MOVE: Final = re.compile(r"^([a-z][a-z0-9_]*)\s+(\?|[+-]\d+(?:\.\d+)?)$")


def published_page(published: PublishedResults, overlays: Sequence[Overlay] = ()) -> Page:
    """The page of what may be shown of a yearly run.

    Parameters
    ----------
    published : PublishedResults
        As `suppress` gives them.
    overlays : sequence of Overlay, optional
        Layers that the reader can switch on and off over the areas.
    """
    title = "map_title" if published.models else "indicator_map_title"
    page = Page(
        **map_parts(published),
        title=word("common", title, published.language),
        context=published.context,
        backdrop=published.backdrop,
        overlays=tuple(overlays),
        origin_notices=tuple(origin_notices(published.models, published.language)),
        explanations={model.id: explanations_of(published, model) for model in published.models},
        points=criterion_lines(published),
        notes=tuple(
            problem_in_language(problem, published.language) for problem in published.report.warnings
        ),
        profile=published.profile,
        nearest=published.nearest,
        charts=charts_of(published),
    )
    return with_own_layers(page, published)


def explanations_of(published: PublishedResults, model: Model) -> dict[tuple[str, str], Explanation]:
    """By area and period what a model says: points, what moved them, what else holds, why, and how sure it is."""
    language = published.language
    most = plain_number(model.max_points, language) if model.kind == "points" else ""
    labels = {indicator.id: indicator.label(language) for indicator in published.indicators}
    flags, criteria = _flags(published, model, labels), _criteria(published, model)
    suppressed = _with_suppressed(published, model)
    rows = rows_of(classification_of(published, model))
    borders = published_borders(published, model)
    of_moves = {each.key: each.label(language) for each in model.criterion} | labels
    before_of = cache(partial(_before, model, language, of_moves))
    stability_of = cache(partial(stability_text, language=language))

    @cache
    def names_of(keys: str) -> list[str]:
        return figure_labels(model, keys, language, labels)

    explanations = {}
    for key in {**rows, **flags, **criteria}:
        row = rows.get(key, {})
        points = ""
        if most and not absent(row.get("points")):
            points = word(
                "map", "points_of", language, points=plain_number(row["points"], language), most=most
            )
        is_range = row.get("category") == RANGE
        earlier = _period_before(published, key)
        was = rows.get(earlier, {})
        before = before_of(
            category_class(RANGE, was.get("possible"))
            if was.get("category") == RANGE
            else text(row.get("category_before")),
            None if absent(row.get("points_before")) else float(row["points_before"]),
            text(row.get("moved_by")),
        )
        if before is not None and suppressed & {key, earlier}:
            before = replace(before, is_complete=False)
        small_bases = ", ".join(names_of(text(row.get("small_base"))))
        notes = (
            range_text(row.get("possible"), language) if is_range else "",
            assumed_text(model, row.get("assumed"), language, labels),
            word("map", "small_base", language, base=SMALL_BASE, names=small_bases) if small_bases else "",
        )
        stability = (
            borders.get(key, ""),
            stability_of(
                *(None if absent(row.get(name)) else row[name] for name in ("held", "change_by_chance"))
            ),
            text(row.get("smallest_change")),
        )
        explanations[key] = Explanation(
            points=points,
            before=before,
            socioeconomic=text(row.get("socioeconomic")),
            possible=[] if is_range else category_labels(model, row.get("possible"), language),
            unsettled=names_of(text(row.get("undetermined_by"))),
            notes=[note for note in notes if note],
            stability=[line for line in stability if line],
            flags=flags.get(key, ()),
            criteria=criteria.get(key, ()),
        )
    return explanations


def _period_before(published: PublishedResults, key: tuple[str, str]) -> tuple[str, str]:
    """The same area in the period before; no period where there is none."""
    area, period = key
    position = published.periods.index(period) if period in published.periods else 0
    return area, published.periods[position - 1] if position else ""


def _with_suppressed(published: PublishedResults, model: Model) -> set[tuple[str, str]]:
    """Areas and periods where a figure behind a criterion is suppressed."""
    criteria = published.criteria.reindex(columns=["area_id", "period", "model", "status"])
    rows = criteria[(criteria["model"] == model.id) & (criteria["status"] == "protected")]
    return set(zip(rows["area_id"].astype(str), rows["period"].astype(str), strict=True))


def _flags(
    published: PublishedResults, model: Model, labels: Mapping[str, str]
) -> dict[tuple[str, str], list[dict[str, str]]]:
    """Of models with several categories side by side: each one's answer, and what would settle it."""
    if len(model.category) <= 2 or published.flags.empty:
        return {}
    language = published.language
    flags: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in published.flags[published.flags["model"] == model.id].to_dict("records"):
        answer = word("map", _ANSWER[str(row["met"])], language)
        settled = ", ".join(figure_labels(model, row.get("settled_by"), language, labels))
        if settled:
            answer = f"{answer}, {word('map', 'settled_by', language, names=settled)}"
        label = model.category_label(str(row["category"]), language)
        flag = {"label": label, "met": str(row["met"]), "answer": answer}
        flags.setdefault((str(row["area_id"]), str(row["period"])), []).append(flag)
    return flags


def told_by_sentences(published: PublishedResults) -> list[str]:
    """The models whose criteria stand on the page as sentences: threshold and mean of a rule stand nowhere else."""
    return [model.id for model in published.models if model.kind == "rules"]


def _criteria(published: PublishedResults, model: Model) -> dict[tuple[str, str], list[str]]:
    """Each criterion's sentence, of a model that has them on the page."""
    if model.id not in told_by_sentences(published) or "sentence" not in published.criteria.columns:
        return {}
    sentences: dict[tuple[str, str], list[str]] = {}
    for row in published.criteria[published.criteria["model"] == model.id].to_dict("records"):
        if text(row["sentence"]):
            sentences.setdefault((str(row["area_id"]), str(row["period"])), []).append(text(row["sentence"]))
    return sentences


def _before(
    model: Model,
    language: str,
    labels: Mapping[str, str],
    category: str,
    points: float | None,
    moved_by: str,
) -> Before | None:
    """The period before: category (a range as its own row tells it), points, and what moved them."""
    if not category:
        return None
    moves = tuple(_moves(moved_by, labels, language))
    return Before(category, points_text({"points": points}, language, model.kind), moves)


def _moves(moved_by: str, labels: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """``"health +1, safety ?"`` as pairs of an indicator's name and its signed points."""
    moves = []
    for part in re.split(r"[,;]\s*", moved_by):
        match = _MOVE.match(part)
        if match:
            key, size = match.groups()
            if size != "?":
                size = ("−" if size[0] == "-" else "+") + plain_number(abs(float(size)), language)
            moves.append((labels.get(key, key), size))
        elif part:
            moves.append((labels.get(part, part), ""))
    return moves


def criterion_lines(published: PublishedResults) -> dict[tuple[str, str, str], list[str]]:
    """By area, period and indicator: what each model's criteria gave, as lines of text."""
    language = published.language
    models = {model.id: model for model in published.models}
    most_points = {model.id: _most_points(model, language) for model in published.models}
    names = ("area_id", "period", "indicator", "model", "points", "met", "criterion", "threshold", "measure")
    criteria = published.criteria.reindex(columns=list(names))

    @cache
    def line_of(
        of_model: str, points: float | None, met: str, key: str, threshold: float | None, measure: str | None
    ) -> str:
        model = models.get(of_model)
        if model is not None and model.kind == "points" and points is not None:
            most = most_points[model.id].get(key)
            points_word = plain_number(points, language)
            line = (
                word("map", "points_of", language, points=points_word, most=most)
                if most
                else word("map", "points", language, points=points_word)
            )
        elif model is not None and model.kind == "rules" and met in ("met", "not_met"):
            line = _answer(model, key, met, threshold, measure, language)
        else:
            return ""
        return f"{model.label(language)}: {line}" if len(models) > 1 else line

    lines: dict[tuple[str, str, str], list[str]] = {}
    columns = [_with_none(criteria[name]) for name in names]
    for area, period, indicator, of_model, points, met, criterion, threshold, measure in zip(
        *columns, strict=True
    ):
        line = line_of(of_model, points, met, criterion or indicator, threshold, measure)
        if line:
            lines.setdefault((area, period, indicator), []).append(line)
    return lines


def _with_none(column: pd.Series) -> list[Any]:
    """A column's values; None where there is none, or text of no length."""
    values = np.array(column_values(column), dtype=object)
    values[column.isna().to_numpy(dtype=bool) | (values == "")] = None
    return list(values)


def _answer(model: Model, key: str, met: str, threshold: Any, measure: Any, language: Any) -> str:
    """Whether a rule's criterion is met, with what it asks: "met (over 40%)"."""
    criterion = next((each for each in model.criterion if each.key == key), None)
    if criterion is None or absent(threshold) or absent(measure):
        return word("map", met, language)
    limit = condition(criterion, str(measure), float(threshold), language)
    return f"{word('map', _ANSWER[met], language)} ({limit})"


def _most_points(model: Model, language: str) -> dict[str, str]:
    """The most points that each criterion of a model gives, where it gives any, in words."""
    most = {each.key: max(each.steps, default=0.0) for each in reversed(model.criterion)}
    return {key: plain_number(points, language) for key, points in most.items() if points}
