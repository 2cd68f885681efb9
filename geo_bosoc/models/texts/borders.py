"""Where an area lies against the nearest border of its category, in words.

Everything is said of categories, points, criteria and flags as they stand in the frames that are given: on published
frames the words are a function of what is published. Of a category that is a range, and of points that are not shown,
nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Any

import pandas as pd

from geo_bosoc.models.criteria import Criterion, exact
from geo_bosoc.models.measures import bad_side, limit_value
from geo_bosoc.models.points import NO_SPREAD, category_of
from geo_bosoc.models.rules import (
    History,
    OutcomeCache,
    category_outcome,
    earlier_answers,
    from_flags,
    merge_histories,
    persistences_of,
)
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.sentences import condition, figure_label, points_text, size_text
from geo_bosoc.models.three_valued import FigureAnswers
from geo_bosoc.models.uncertainty.robustness import Moves
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import either, number

Key = tuple[str, str]
"""An area and a period."""


def border_texts(
    model: Model,
    categories: pd.DataFrame,
    criteria: pd.DataFrame,
    flags: pd.DataFrame,
    *,
    history: History | None = None,
    language: Language = "da",
    labels: Mapping[str, str] = MappingProxyType({}),
) -> dict[Key, str]:
    """Of each area and period the nearest border of its category, and the category beyond it.

    Of a points model: the nearest sums of points on either side that give another category. Of rules: the criterion
    that lies nearest, in parts of its limit, among those that change the category alone, or among all where none does.
    Of an index: the nearest index of an area in the category on either side. A border is near where the draws of
    `robustness` move it across: a point, a tenth of a limit.

    Parameters
    ----------
    model : Model
        Whose categories they are.
    categories, criteria, flags : DataFrame
        The model's rows, as `Categorisation` has them, or as they are published.
    history : History, optional
        What is known of earlier years beside the flags.
    language : {"da", "en"}, optional
        Of the words.
    labels : mapping of str to str, optional
        The indicators' words, where the model gives none.

    Returns
    -------
    dict of (str, str) to str
        A sentence by area and period; none for an area without a category of the model, for points that are not shown,
        for a model that holds categories, and where nothing gives another category.

    Examples
    --------
    >>> from geo_bosoc.models import categorise_table, load_model
    >>> row = {"area": "Parken", "year": 2023, "residents": 1400, "outside_labour_pct": 41.0, "convicted_pct": 0.5,
    ...        "basic_edu_pct": 64.0, "income_pct_region": 70.0, "non_western_pct": 20.0}
    >>> done = categorise_table(pd.DataFrame([row]), load_model("national-2021"))
    >>> texts = border_texts(done.model, done.categories, done.criteria, done.flags, language="en")
    >>> texts["Parken", "2023"].partition(";")[0]
    'Near the border: Outside the labour market is 41% (the criterion: over 40%)'
    """
    ids = {category.id for category in model.category}
    names = [name for name in ("area_id", "period", "category", "points") if name in categories.columns]
    cells = zip(*(categories[name].tolist() for name in names), strict=True)
    rows = [row for row in (dict(zip(names, each, strict=True)) for each in cells) if row["category"] in ids]
    if model.kind == "points":
        sums = _sums(model)

        @cache
        def of_points(points: float, category: str) -> str:
            return _of_points(model, points, category, sums, language)

        texts = {
            _key(row): of_points(float(row["points"]), row["category"])
            for row in rows
            if row.get("points") is not None and not pd.isna(row["points"])
        }
    elif model.kind == "index":
        texts = _of_index(model, rows, language)
    else:
        every = merge_histories(history or History(), from_flags(flags))
        texts = _of_rules(model, rows, criteria, every, language, labels)
    return {key: text for key, text in texts.items() if text}


def _key(row: Mapping[Any, Any]) -> Key:
    return str(row["area_id"]), str(row["period"])


def _head(is_near: bool, language: Language) -> str:
    return word("sentences", "near_border" if is_near else "nearest_border", language)


def _sums(model: Model) -> list[float]:
    """Every number of points that an area can have, rising."""
    sums = {Fraction(0)}
    for criterion in model.criterion:
        steps = {Fraction(0), *(exact(step) for step in criterion.steps)}
        sums = {total + step for total in sums for step in steps}
    return sorted(float(total) for total in sums)


def _of_points(model: Model, points: float, category: str, sums: Sequence[float], language: Language) -> str:
    if model.hold or category_of(model, points) != category:
        return ""
    others = [total for total in sums if category_of(model, total) != category]
    sides = [
        max((total for total in others if total < points), default=None),
        min((total for total in others if total > points), default=None),
    ]
    nearest = sorted((abs(total - points), total) for total in sides if total is not None)
    if not nearest:
        return ""
    parts = [
        word(
            "sentences",
            "would_give",
            language,
            points=_plain(total, language),
            category=model.category_label(category_of(model, total), language),
        )
        for _, total in nearest
    ]
    head = _head(nearest[0][0] <= Moves().cutoffs, language)
    now = points_text(points, language)
    return word("sentences", "border_points", language, head=head, points=now, others=", ".join(parts))


def _plain(points: float, language: Language) -> str:
    return number(points, language, 0 if points.is_integer() else 1)


def _of_index(model: Model, rows: Iterable[Mapping[Any, Any]], language: Language) -> dict[Key, str]:
    scored = [row for row in rows if row.get("points") is not None and not pd.isna(row["points"])]
    by_period: dict[str, dict[str, list[float]]] = {}
    for row in scored:
        of_category = by_period.setdefault(str(row["period"]), {})
        of_category.setdefault(row["category"], []).append(float(row["points"]))
    texts = {}
    for row in scored:
        points = float(row["points"])
        others = [
            (score, name)
            for name, scores in by_period[str(row["period"])].items()
            if name != row["category"]
            for score in (min(scores), max(scores))
        ]
        sides = [
            max((pair for pair in others if pair[0] < points), default=None),
            min((pair for pair in others if pair[0] > points), default=None),
        ]
        nearest = sorted((abs(pair[0] - points), pair) for pair in sides if pair is not None)
        places = next((n for n in range(2, 6) if all(round(gap, n) for gap, _ in nearest)), 6)
        parts = [
            word(
                "sentences",
                "nearest_in",
                language,
                points=number(score, language, places),
                category=model.category_label(name, language),
            )
            for _, (score, name) in nearest
        ]
        if parts:
            texts[_key(row)] = word(
                "sentences",
                "border_index",
                language,
                head=_head(False, language),
                points=number(points, language, places),
                others=", ".join(parts),
            )
    return texts


@dataclass(frozen=True, slots=True)
class _Answer:
    """A criterion's answer on one area: whether it is met, and how far the area's figure (bad side) is from the limit.

    `upward` says that a higher figure changes the answer; `share` is the distance in parts of the limit.
    """

    criterion: Criterion
    met: bool
    upward: bool
    distance: float
    share: float
    size: float
    threshold: float

    @property
    def figure(self) -> tuple[str, tuple[int, ...], bool]:
        """Criteria that look at one figure change together."""
        return self.criterion.indicator, self.criterion.window, self.criterion.complement


def _of_rules(
    model: Model,
    rows: Iterable[Mapping[Any, Any]],
    criteria: pd.DataFrame,
    history: History,
    language: Language,
    labels: Mapping[str, str],
) -> dict[Key, str]:
    of_area: dict[Key, dict[str, _Answer]] = {}
    by_key = {criterion.key: criterion for criterion in model.criterion}
    for of_criterion in criteria.to_dict("records"):
        answer = _answer(by_key[str(of_criterion["criterion"])], of_criterion)
        if answer is not None:
            of_area.setdefault(_key(of_criterion), {})[answer.criterion.key] = answer
    cache: OutcomeCache = {}
    texts = {}
    for row in rows:
        answers = of_area.get(_key(row), {})
        earlier = earlier_answers(persistences_of(model), *_key(row), history)
        category = row["category"]
        if _outcomes(model, answers, earlier, cache) != (category,):
            continue  # what is shown does not give the category
        beyond = {
            key: _outcomes(model, _crossed(answers, answer), earlier, cache)
            for key, answer in answers.items()
        }
        changing = [key for key, outcomes in beyond.items() if category not in outcomes]
        nearest = min(changing or answers, key=lambda key: answers[key].share, default=None)
        if nearest is None or not math.isfinite(answers[nearest].share):
            continue
        outcomes = beyond[nearest]
        if changing or outcomes == (category,):
            mildest_first = [each.id for each in reversed(model.category) if each.id in outcomes]
            names = [model.category_label(name, language) for name in mildest_first if name != category]
            texts[_key(row)] = _rule_text(model, answers[nearest], names, language, labels)
    return texts


def _answer(criterion: Criterion, row: Mapping[Any, Any]) -> _Answer | None:
    """A row of criteria; None where its answer or its figure is not known."""
    names = ("value", "margin", "threshold")
    if criterion.limit is None or row.get("met") not in ("met", "not_met"):
        return None
    if any(row.get(name) is None or pd.isna(row[name]) for name in names):
        return None
    reference = row.get("reference")
    plain = None if reference is None or pd.isna(reference) else bad_side(Fraction(reference), criterion)
    limit = limit_value(criterion, *criterion.limit, plain, NO_SPREAD)
    if limit is None or math.isinf(limit):
        return None
    met, value = row["met"] == "met", float(bad_side(Fraction(row["value"]), criterion))
    upward = (criterion.operator in (">", ">=")) != met
    distance = abs(value - float(limit))
    share = distance / abs(float(limit)) if limit else math.inf
    threshold = float(row["threshold"])
    return _Answer(criterion, met, upward, distance, share, float(row["margin"]) + threshold, threshold)


def _crossed(answers: Mapping[str, _Answer], crossed: _Answer) -> dict[str, bool]:
    """The answers with the figure just beyond a limit: limits of the same figure on the way there are passed too."""
    return {
        key: each.met
        != (
            each.figure == crossed.figure
            and each.upward == crossed.upward
            and each.distance <= crossed.distance
        )
        for key, each in answers.items()
    }


def _outcomes(
    model: Model,
    answers: Mapping[str, _Answer] | Mapping[str, bool],
    earlier: Sequence[FigureAnswers],
    cache: OutcomeCache,
) -> tuple[str, ...]:
    """The categories that can come of answers, those not known either way."""
    figures = []
    for criterion in model.criterion:
        answer = answers.get(criterion.key)
        met = answer.met if isinstance(answer, _Answer) else answer
        options = (False, True) if met is None else (met,)
        figures.append(FigureAnswers(criterion.key, tuple(((criterion.key, option),) for option in options)))
    return category_outcome(model, [*figures, *earlier], cache).category.outcomes


def _rule_text(
    model: Model,
    answer: _Answer,
    categories: Sequence[str],
    language: Language,
    labels: Mapping[str, str],
) -> str:
    criterion = answer.criterion
    assert criterion.limit is not None
    measure, _ = criterion.limit
    return word(
        "sentences",
        "border_rule" if categories else "border_rule_same",
        language,
        head=_head(answer.share <= Moves().bands, language),
        label=figure_label(model, criterion.key, language, labels),
        size=size_text(criterion, measure, answer.size, language),
        condition=condition(criterion, measure, answer.threshold, language),
        category=either(categories, language),
    )
