"""Which value of a figure that is not known would settle a category: the widest conditions under which it is certain.

Every way in which the unknown figures can come out is tried, so "not listed if the income is at least 55 per cent"
holds whatever the other unknown figures are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import Final

import numpy as np

from geo_bosoc.models.criteria import TOO_SMALL, Criterion, Gate, exact
from geo_bosoc.models.exact_values import ABSENT, Cells, Reading
from geo_bosoc.models.rules import (
    History,
    PeriodTests,
    area_answers,
    evaluate,
    first_met,
    tests_of_area,
)
from geo_bosoc.models.spec import Model
from geo_bosoc.models.three_valued import FigureAnswers, ThresholdTest

GATE: Final = "gate"
MOST_CONDITIONS: Final = 3
"""Conditions on more figures at once than this are not listed: nobody can read them."""


@dataclass(frozen=True)
class Condition:
    """What one unknown figure must be.

    Attributes
    ----------
    indicator : str
        The figure; ``history 2014`` for an earlier list.
    period : str
        The period whose figure it is about; of a mean of years with one year missing, that year.
    low, high : Fraction or None
        The bounds, in the figure's own terms (the bad side turned back); None where there is none.
    low_open, high_open : bool
        Whether a bound itself is outside.
    listed : bool or None
        Of an earlier list whether the area stood on it.
    of : {"value", "reference", "times"}
        What is bounded: the figure, the reference it is compared with (the national rate), or the figure in terms of
        that reference, where neither is known.
    period_differs : bool
        Whether `period` is another than the list's.
    """

    indicator: str
    period: str
    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False
    listed: bool | None = None
    of: str = "value"
    period_differs: bool = False

    def holds(self, value: Fraction) -> bool:
        """Whether a value keeps the bounds."""
        if self.low is not None and (value < self.low or (value == self.low and self.low_open)):
            return False
        return self.high is None or not (value > self.high or (value == self.high and self.high_open))


@dataclass(frozen=True)
class Determination:
    """Conditions that together make a category certain, whatever else is not known."""

    conditions: tuple[Condition, ...]
    category: str


@dataclass
class Cache:
    """Outcomes of patterns of unknown figures met before, of one model."""

    boxes: dict[tuple[FigureAnswers, ...], list[tuple[tuple[tuple[int, int], ...], str]]] = field(
        default_factory=dict
    )


def determining_conditions(
    model: Model,
    exact_cells: Cells,
    area: str,
    period: str,
    history: History,
    *,
    averaged: bool = False,
    tests: PeriodTests | None = None,
    cache: Cache | None = None,
) -> list[Determination]:
    """What would settle an area's category by a rules model, where figures are missing.

    Parameters
    ----------
    model : Model
        A rules model.
    exact_cells : Cells
        The figures of the area and of the reference areas.
    area, period : str
        Which area, in which period.
    history : History
        What is known of earlier years.
    averaged : bool, optional
        Whether the figures are means over the model's windows already.
    tests : PeriodTests, optional
        The area's tests in the period, where they are made already.
    cache : Cache, optional
        Remembers outcomes between areas of the same model.

    Returns
    -------
    list of Determination
        On one figure first, then on more, up to three at once; of those on the same figures the worst category first.
        Nothing where the category is certain as it is (one without conditions then).

    Examples
    --------
    >>> from geo_bosoc.models import categorise_table, load_model
    >>> import pandas as pd
    >>> row = {"area": "Parken", "year": 2023, "residents": 1400, "outside_labour_pct": 41.0, "convicted_pct": 1.0,
    ...        "basic_edu_pct": 50.0, "non_western_pct": 20.0, "income_pct_region": ""}
    >>> done = categorise_table(pd.DataFrame([row]), load_model("national-2021"))
    >>> key = ("Parken", "2023", done.history)
    >>> for determination in determining_conditions(done.model, done.cells, *key, averaged=True):
    ...     condition = determination.conditions[0]
    ...     print(determination.category, condition.indicator, condition.low, condition.high)
    vulnerable income_pct_region None 11/20
    not_listed income_pct_region 11/20 None
    """
    period_questions = tests or tests_of_area(model, exact_cells, area, period, averaged=averaged)
    figures, figure_readings = area_answers(
        model, exact_cells, area, period, history, period_questions, averaged=averaged
    )
    for gate in model.gates:
        if exact_cells.get((area, period, gate.indicator), ABSENT).value is None:
            key = f"{GATE} {gate.indicator}"
            figures.append(FigureAnswers(key, (((key, False),), ((key, True),))))
    pattern = tuple(figures)
    remembered = cache if cache is not None else Cache()
    if pattern not in remembered.boxes:
        remembered.boxes[pattern] = _certain_boxes(model, pattern)
    determinations = []
    opened = [
        _Opened.of(model, period, figure, period_questions, figure_readings)
        for figure in pattern
        if figure.open
    ]
    for box, category in remembered.boxes[pattern]:
        conditions = tuple(
            figure.condition(low, high)
            for figure, (low, high) in zip(opened, box, strict=True)
            if high - low < len(figure.ways) - 1
        )
        determinations.append(Determination(conditions, category))
    order = {category.id: place for place, category in enumerate(model.category)} | {TOO_SMALL: -1}
    places = {figure.name: place for place, figure in enumerate(opened)}
    return sorted(
        determinations,
        key=lambda each: (
            len(each.conditions),
            [places.get(condition.indicator, 0) for condition in each.conditions],
            order[each.category],
        ),
    )


def _certain_boxes(
    model: Model, figures: tuple[FigureAnswers, ...]
) -> list[tuple[tuple[tuple[int, int], ...], str]]:
    """The widest boxes of ways (a first and a last one a figure) in which one category alone comes out."""
    closed = {key: answer for figure in figures if not figure.open for key, answer in figure.ways[0]}
    ways = [_ordered_ways(model, figure) for figure in figures if figure.open]
    names = [*(category.id for category in model.category), TOO_SMALL]
    judge = _judge(model, closed, names)
    shape = tuple(len(each) for each in ways)
    outcomes = np.empty(shape, dtype=np.int64)
    for choice in np.ndindex(*shape):
        outcomes[choice] = judge([each[way] for each, way in zip(ways, choice, strict=True)])
    ranges = [[(low, high) for low in range(size) for high in range(low, size)] for size in shape]
    certain: list[tuple[tuple[tuple[int, int], ...], str]] = []
    boxes = [
        box
        for box in product(*ranges)
        if sum(high - low < size - 1 for (low, high), size in zip(box, shape, strict=True)) <= MOST_CONDITIONS
    ]
    boxes.sort(key=lambda box: (-int(np.prod([high - low + 1 for low, high in box])), box))
    for box in boxes:  # the wide ones first: a box inside one that is certain says nothing more
        inside = outcomes[tuple(slice(low, high + 1) for low, high in box)]
        outcome = int(inside.flat[0])
        if (inside == outcome).all() and not any(_within(box, wider) for wider, _ in certain):
            certain.append((box, names[outcome]))
    return certain


def _within(box: Sequence[tuple[int, int]], wider: Sequence[tuple[int, int]]) -> bool:
    return all(outer[0] <= inner[0] and inner[1] <= outer[1] for inner, outer in zip(box, wider, strict=True))


def _judge(
    model: Model, closed: Mapping[str, bool], names: Sequence[str]
) -> Callable[[Sequence[tuple[tuple[str, bool], ...]]], int]:
    def judge(chosen: Sequence[tuple[tuple[str, bool], ...]]) -> int:
        truth = dict(closed)
        for way in chosen:
            truth.update(way)
        if not all(answer for key, answer in truth.items() if key.startswith(f"{GATE} ")):
            return names.index(TOO_SMALL)
        return names.index(first_met(model, evaluate(model, truth)))

    return judge


def _ordered_ways(model: Model, figure: FigureAnswers) -> list[tuple[tuple[str, bool], ...]]:
    """A figure's ways in the order of its values: each threshold divides them in two."""
    downwards = {criterion.key for criterion in model.criterion if criterion.operator in ("<", "<=")}
    return sorted(
        figure.ways, key=lambda way: (sum(answer != (key in downwards) for key, answer in way), way)
    )


@dataclass(frozen=True)
class _Opened:
    """An unknown figure: its ways in order, and what they mean for its value."""

    name: str
    period: str
    ways: Sequence[tuple[tuple[str, bool], ...]]
    bounds: Sequence[Condition]

    @classmethod
    def of(
        cls,
        model: Model,
        period: str,
        figure: FigureAnswers,
        tests: PeriodTests,
        figure_readings: Mapping[str, Reading],
    ) -> _Opened:
        ways = _ordered_ways(model, figure)
        if figure.name.startswith("history "):
            year = figure.name.removeprefix("history ")
            return cls(
                figure.name, year, ways, [Condition(figure.name, year, listed=way[0][1]) for way in ways]
            )
        if figure.name.startswith(f"{GATE} "):
            gate = next(each for each in model.gates if f"{GATE} {each.indicator}" == figure.name)
            return cls(gate.indicator, period, ways, [_gate_bounds(gate, period, way[0][1]) for way in ways])
        criteria = {criterion.key: criterion for criterion in model.criterion}
        first = criteria[figure.ways[0][0][0]]
        reading = figure_readings[first.key]
        about = reading.missing[0] if len(reading.missing) == 1 else period
        bounds = [
            replace(
                _bounds(way, criteria, tests, reading, figure.name, about), period_differs=about != period
            )
            for way in ways
        ]
        return cls(figure.name, about, ways, bounds)

    def condition(self, low: int, high: int) -> Condition:
        """The bounds of the ways from one to another."""
        parts = self.bounds[low : high + 1]
        if parts[0].listed is not None:
            return parts[0]
        lows = [(part.low, part.low_open) for part in parts]
        highs = [(part.high, part.high_open) for part in parts]
        known_lows = [(edge, is_open) for edge, is_open in lows if edge is not None]
        known_highs = [(edge, not is_open) for edge, is_open in highs if edge is not None]
        least = min(known_lows) if len(known_lows) == len(parts) else None
        most = max(known_highs) if len(known_highs) == len(parts) else None
        return Condition(
            self.name,
            self.period,
            None if least is None else least[0],
            None if most is None else most[0],
            least is not None and least[1],
            most is not None and not most[1],
            None,
            parts[0].of,
            parts[0].period_differs,
        )


def _gate_bounds(gate: Gate, period: str, passes: bool) -> Condition:
    limit = exact(gate.threshold)
    is_open = (gate.operator in (">", "<")) == passes
    if (gate.operator in (">", ">=")) == passes:
        return Condition(gate.indicator, period, low=limit, low_open=is_open)
    return Condition(gate.indicator, period, high=limit, high_open=is_open)


def _bounds(
    way: Sequence[tuple[str, bool]],
    criteria: Mapping[str, Criterion],
    tests: PeriodTests,
    reading: Reading,
    name: str,
    period: str,
) -> Condition:
    """Between which values a figure lies when its tests come out so; of the reference or in its terms where need be."""
    low: Fraction | None = None
    high: Fraction | None = None
    low_open = high_open = False
    of = "value"
    for key, answer in way:
        criterion = criteria[key]
        test: ThresholdTest = tests.by_criterion[key][0]
        limit, upwards = test.limit, test.operator in (">", ">=")
        if limit is None:
            if test.scale is None:
                continue
            if reading.value is not None:  # value >= 3 x the rate: the rate is at most a third of the value
                of, limit, upwards = "reference", reading.value / test.scale, not upwards
            else:
                of, limit = "times", test.scale
        elif reading.parts > 1 and len(reading.missing) == 1:
            others = (reading.parts - 1) - reading.others if criterion.complement else reading.others
            limit = limit * reading.parts - others
        if criterion.complement:
            limit, upwards = 1 - limit, not upwards
        strict = test.operator in (">", "<")
        if answer == upwards:  # at or above the limit
            is_open = strict if answer else not strict
            if low is None or limit > low or (limit == low and is_open):
                low, low_open = limit, is_open
        else:
            is_open = strict if answer else not strict
            if high is None or limit < high or (limit == high and is_open):
                high, high_open = limit, is_open
    return Condition(name, period, low, high, low_open, high_open, None, of)
