"""Which criteria tipped a category: what it had been with some answers of one period and the rest of another.

An answer is a pair, the least and the most that it can be: points of a points model, 0 or 1 (not met, met) of a rules
model. It is worked out from a published frame of criteria: what is hidden there lies between both ends here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.points import category_between
from geo_bosoc.models.rules import History, evaluate, first_met, persistence_key, years_before
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import Persistence
from geo_bosoc.models.three_valued import FigureAnswers, decide

Answers = Mapping[str, tuple[float, float]]
HISTORY: Final = "history"
"""What stands in the place of a criterion's id where the lists of earlier years tipped a category."""


@dataclass(frozen=True)
class TippingCriteria:
    """Why a category is another one than before.

    Attributes
    ----------
    tipped_by : tuple of str
        Criteria whose answer changed towards the new category, in the model's order; ``history`` for the lists of
        earlier years.
    sufficient : tuple of str
        Those of them that alone, all else as before, would have given the new category (or one beyond it).
    necessary : tuple of str
        Those without which, all else as it is now, the category would not have moved that way.
    alone : mapping of str to str
        Of each, the category had it alone changed; ``undetermined`` where hidden answers leave it open.
    is_explained : bool
        Whether the answers give both categories: else nothing is said of sufficient and necessary ones.
    """

    tipped_by: tuple[str, ...] = ()
    sufficient: tuple[str, ...] = ()
    necessary: tuple[str, ...] = ()
    alone: Mapping[str, str] | None = None
    is_explained: bool = False


def answers_by_area(model: Model, criteria: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Of each area and period the answers of a model's criteria, from a run's frame of criteria.

    Parameters
    ----------
    model : Model
        Of kind points or rules; of an index there are none.
    criteria : DataFrame
        As of `geo_bosoc.disclosure.results.Results`.
    """
    if model.kind == "index" or criteria.empty:
        return {}
    rows = criteria[criteria["model"] == model.id]
    keys = rows["criterion"] if "criterion" in rows.columns else rows["indicator"]
    most = {criterion.key: max(criterion.steps, default=0.0) for criterion in model.criterion}
    given = rows["points" if model.kind == "points" else "met"]
    answers: dict[tuple[str, str], dict[str, Any]] = {}
    for area, period, key, answer in zip(rows["area_id"], rows["period"], keys, given, strict=True):
        if model.kind == "points":
            ends = (0.0, most.get(key, 0.0)) if pd.isna(answer) else (float(answer), float(answer))
        else:
            ends = {"met": (1.0, 1.0), "not_met": (0.0, 0.0)}.get(str(answer), (0.0, 1.0))
        answers.setdefault((str(area), str(period)), {})[str(key)] = ends
    return answers


def earlier_years(model: Model, area: str, period: str, history: History) -> dict[str, tuple[float, float]]:
    """Answers on earlier years that a rules model asks for, by how many years back."""
    answers = {}
    for persistence in persistences(model):
        was = list(years_before(persistence, area, period, history).values())
        for back, answer in enumerate(reversed(was), start=1):
            ends = (0.0, 1.0) if answer is None else (float(answer), float(answer))
            answers[f"{persistence_key(persistence)} {back}"] = ends
    return answers


def persistences(model: Model) -> list[Persistence]:
    """What a model's rules ask of earlier years."""
    every = {rule.persistence for category in model.category for rule in category.rule if rule.persistence}
    return sorted(every, key=lambda each: (each.categories, each.years))


def category_from(model: Model, answers: Answers) -> str:
    """The category that answers give; undetermined where what they leave open decides."""
    if model.kind == "points":
        return category_between(model, *(sum(ends) for ends in zip(*answers.values(), strict=True)))
    figures = [
        FigureAnswers(key, tuple(((key, bool(end)),) for end in sorted(set(ends))))
        for key, ends in answers.items()
    ]
    outcome = decide(figures, lambda truth: first_met(model, evaluate(model, truth)))
    return outcome.outcomes[0] if outcome.certain else UNDETERMINED


def tipping_criteria(
    model: Model, before: Answers, after: Answers, category_before: str, category: str
) -> TippingCriteria:
    """What tipped a category, from the answers of both periods.

    Parameters
    ----------
    model : Model
        The model.
    before, after : mapping
        Answers of both periods; the same keys.
    category_before, category : str
        Two different categories of the model.

    Examples
    --------
    >>> from geo_bosoc.models import parse_model
    >>> model = parse_model({
    ...     "id": "example", "version": "2024-01-01", "kind": "points",
    ...     "criterion": [{"indicator": "crime", "bands": [1.5, 2.0]}, {"indicator": "safety", "bands": [1.5]}],
    ...     "category": [
    ...         {"id": "risk", "label_da": "Risiko", "label_en": "Risk", "colour": "#2a0f52", "min_points": 2},
    ...         {"id": "other", "label_da": "Andre", "label_en": "Other", "colour": "#cfd6de"},
    ...     ],
    ... })
    >>> before, after = {"crime": (0, 0), "safety": (1, 1)}, {"crime": (2, 2), "safety": (1, 1)}
    >>> tipping_criteria(model, before, after, "other", "risk").sufficient
    ('crime',)
    """
    order = {each.id: rank for rank, each in enumerate(model.category)}
    if not before or set(before) != set(after):
        return TippingCriteria()
    towards_worse = order[category] < order[category_before]
    changed = [key for key in before if _is_known(before[key], after[key]) and before[key] != after[key]]
    if model.kind == "points":
        changed = [key for key in changed if (after[key] > before[key]) == towards_worse]
    is_explained = category_from(model, before) == category_before and category_from(model, after) == category
    if not is_explained:
        return TippingCriteria(_names(model, changed))
    alone: dict[str, str] = {}
    sufficient: list[str] = []
    necessary: list[str] = []
    for keys in _by_figure(model, changed):
        only = category_from(model, {**before, **{key: after[key] for key in keys}})
        without = category_from(model, {**after, **{key: before[key] for key in keys}})
        named = _names(model, keys)
        alone |= dict.fromkeys(named, only)
        if _is_as_far(order, only, category, towards_worse):
            sufficient += named
        if without != UNDETERMINED and not _has_moved(order, category_before, without, towards_worse):
            necessary += named
    tipped = _names(model, changed)
    if model.kind == "rules" and (sufficient or necessary):
        tipped = tuple(name for name in tipped if name in sufficient or name in necessary)
    return TippingCriteria(tipped, tuple(sufficient), tuple(necessary), alone, is_explained=True)


def _is_known(*answers: tuple[float, float]) -> bool:
    return all(least == most for least, most in answers)


def _is_as_far(order: Mapping[str, int], moved: str, category: str, towards_worse: bool) -> bool:
    """Whether one category lies at least as far on the way as another."""
    if moved == UNDETERMINED:
        return False
    return order[moved] <= order[category] if towards_worse else order[moved] >= order[category]


def _has_moved(order: Mapping[str, int], category_before: str, moved: str, towards_worse: bool) -> bool:
    return order[moved] < order[category_before] if towards_worse else order[moved] > order[category_before]


def _by_figure(model: Model, changed: Sequence[str]) -> list[list[str]]:
    """Changed answers by the figure that they rest on: two thresholds on one figure move together."""
    figures = {criterion.key: criterion.indicator for criterion in model.criterion}
    groups: dict[str, list[str]] = {}
    for key in changed:
        groups.setdefault(figures.get(key, HISTORY), []).append(key)
    return list(groups.values())


def _names(model: Model, keys: Sequence[str]) -> tuple[str, ...]:
    """Ids of criteria in the model's order; the lists of earlier years as one, last."""
    named = [criterion.key for criterion in model.criterion if criterion.key in keys]
    return (*named, *([HISTORY] if len(named) < len(set(keys)) else []))
