"""Rules models: the law's own operators, k of n, persistence over earlier years, categories in order and as flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import pandas as pd

from geo_bosoc.models.criteria import Criterion, exact
from geo_bosoc.models.exact_values import Cells, Reading, read, shift
from geo_bosoc.models.measures import Spread, bad_side, limit_value, persons_to_cross
from geo_bosoc.models.references import read_reference
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import Persistence, Rule
from geo_bosoc.models.three_valued import (
    FigureAnswers,
    Met,
    PossibleOutcomes,
    ThresholdTest,
    criteria_met,
    decide,
    possible_answers,
)


@dataclass(frozen=True)
class History:
    """Which areas were in which category in which period.

    Attributes
    ----------
    members : Mapping of (str, str) to Mapping of str to bool
        For each period and category, what is known of areas: in it (True) or not (False).
    complete : frozenset of (str, str)
        Periods and categories whose list is complete, so that an area it does not name was not in it. A period that
        is not here at all is unknown, not "not listed".
    """

    members: Mapping[tuple[str, str], Mapping[str, bool]] = field(default_factory=dict)
    complete: frozenset[tuple[str, str]] = frozenset()

    def was(self, area: str, period: str, categories: Iterable[str]) -> bool | None:
        """Whether an area was in any of the categories; None where that is not known."""
        answers = [self._was_in(area, period, category) for category in categories]
        if any(answers):
            return True
        # One of the names settles the period: they change from regime to regime and never stand together.
        return None if all(answer is None for answer in answers) else False

    def _was_in(self, area: str, period: str, category: str) -> bool | None:
        member = self.members.get((period, category), {}).get(area)
        if member is None and (period, category) in self.complete:
            return False
        return member


def from_lists(lists: pd.DataFrame, *, category: str, area: str = "area", period: str = "year") -> History:
    """History from complete lists: one row an area and year it was listed in.

    Every year that occurs is taken as the complete list of that year.

    Parameters
    ----------
    lists : DataFrame
        One row an area and year.
    category : str
        The category that the lists are of.
    area, period : str, optional
        The columns with the area and the year.
    """
    members: dict[tuple[str, str], dict[str, bool]] = {}
    for area_id, year in zip(lists[area].astype(str), lists[period].astype(str), strict=True):
        members.setdefault((year, category), {})[area_id] = True
    return History(members, frozenset(members))


def from_flags(flags: pd.DataFrame) -> History:
    """History from the `flags` of earlier categorisations: what was undetermined stays unknown."""
    members: dict[tuple[str, str], dict[str, bool]] = {}
    rows = flags.loc[flags["met"] != "undetermined", ["area_id", "period", "category", "met"]]
    for area, period, category, state in rows.itertuples(index=False, name=None):
        members.setdefault((str(period), str(category)), {})[str(area)] = state == "met"
    return History(members)


def merge_histories(first: History, second: History) -> History:
    """Both histories; where both know something of an area, the first is believed."""
    members = {key: dict(areas) for key, areas in second.members.items()}
    for key, areas in first.members.items():
        members[key] = {**members.get(key, {}), **areas}
    return History(members, first.complete | second.complete)


def years_before(
    persistence: Persistence, area: str, period: str, history: History
) -> dict[str, bool | None]:
    """For each earlier year that persistence asks of, whether the area was in one of its categories."""
    periods = [shift(period, -back) for back in range(persistence.years - 1, 0, -1)]
    return {year: history.was(area, year, persistence.categories) for year in periods}


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """What one criterion says of one area.

    `limit` is the area value (bad side) at the threshold; `persons` the least signed change in persons, in
    the last period read, that changes the answer; `needed` the figure that the missing period would have to
    pass.
    """

    criterion: Criterion
    reading: Reading
    reference: Fraction | None
    limit: Fraction | None
    met: Met
    persons: int | None
    needed: Fraction | None
    status: str


@dataclass(frozen=True, slots=True)
class CategoryOutcome:
    """What comes of one pattern of known and unknown answers.

    `flags` says of each category by itself whether it holds; `category` is what the first that holds in
    order can be; `flags_settled_by` names the figures that decide a flag ("history 2014" for a year whose list is not
    known).
    """

    category: PossibleOutcomes[str]
    flags: Mapping[str, Met]
    flags_settled_by: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RulesResult(CategoryOutcome):
    """What a rules model says of one area and period: its categories, and each criterion."""

    criteria: tuple[CriterionResult, ...]


OutcomeCache = dict[tuple[FigureAnswers, ...], CategoryOutcome]
"""Outcomes of one model met before: thousands of areas share few patterns."""


@dataclass(frozen=True, slots=True)
class PeriodTests:
    """What a model asks in one period: by criterion the test and the reference it compares with, and its persistences.

    The same for every area.
    """

    by_criterion: Mapping[str, tuple[ThresholdTest, Fraction | None]]
    persistences: tuple[Persistence, ...]


def period_tests(model: Model, exact_cells: Cells, period: str, *, averaged: bool = False) -> PeriodTests:
    """The tests of a model's criteria in a period, on the references of that period.

    Criteria that are compared with the rest of the municipality have none until `tests_of_area`.
    """
    by_criterion = {}
    for criterion in model.criterion:
        reference_area = read_reference(model, exact_cells, period, criterion, averaged=averaged)
        by_criterion[criterion.key] = criterion_test(criterion, reference_area)
    return PeriodTests(by_criterion, persistences_of(model))


def persistences_of(model: Model) -> tuple[Persistence, ...]:
    """What a model asks of earlier years, each once."""
    every = {rule.persistence for category in model.category for rule in category.rule if rule.persistence}
    return tuple(sorted(every, key=lambda p: (p.categories, p.years)))


def tests_of_area(
    model: Model,
    exact_cells: Cells,
    area: str,
    period: str,
    tests: PeriodTests | None = None,
    *,
    averaged: bool = False,
) -> PeriodTests:
    """The period's tests with those that are compared with the rest of the municipality on the area's own rest."""
    tests = tests or period_tests(model, exact_cells, period, averaged=averaged)
    of_rest = {
        criterion.key: criterion_test(
            criterion, read_reference(model, exact_cells, period, criterion, area=area, averaged=averaged)
        )
        for criterion in model.criterion
        if criterion.compared_with_rest
    }
    return replace(tests, by_criterion={**tests.by_criterion, **of_rest}) if of_rest else tests


def criterion_test(criterion: Criterion, reference_area: Reading) -> tuple[ThresholdTest, Fraction | None]:
    """The question a criterion asks of a figure, and the reference it compares with."""
    limit = criterion.limit
    assert limit is not None
    measure, size = limit
    reference = None if reference_area.value is None else bad_side(reference_area.value, criterion)
    edge = limit_value(criterion, measure, size, reference, Spread(None))
    exact_edge = edge if isinstance(edge, Fraction) else None
    scale = exact(size) if measure == "ratio" else None
    return ThresholdTest(criterion.key, criterion.operator, exact_edge, scale), reference


def evaluate_area(
    model: Model,
    exact_cells: Cells,
    area: str,
    period: str,
    history: History,
    *,
    averaged: bool = False,
    tests: PeriodTests | None = None,
    cache: OutcomeCache | None = None,
) -> RulesResult:
    """Evaluate one area in one period, three-valued throughout.

    Parameters
    ----------
    model : Model
        A rules model.
    exact_cells : Cells
        The figures of the area and, where `tests` are left out, of its reference areas.
    area, period : str
        Which area, in which period.
    history : History
        What is known of earlier years.
    averaged : bool, optional
        Whether the figures are means over the model's windows already.
    tests : PeriodTests, optional
        The period's tests of the same model (see `period_tests`, `tests_of_area`), where they are made for all areas
        at once.
    cache : dict, optional
        Outcomes of the same model, remembered between areas.
    """
    tests = tests or tests_of_area(model, exact_cells, area, period, averaged=averaged)
    figures, readings = area_answers(model, exact_cells, area, period, history, tests, averaged=averaged)
    answers = criteria_met(figures)
    criteria = tuple(
        _criterion_result(
            criterion,
            readings[criterion.key],
            *tests.by_criterion[criterion.key],
            answers[criterion.key],
        )
        for criterion in model.criterion
    )
    outcome = category_outcome(model, figures, cache)
    return RulesResult(outcome.category, outcome.flags, outcome.flags_settled_by, criteria)


def category_outcome(
    model: Model, figures: Sequence[FigureAnswers], cache: OutcomeCache | None = None
) -> CategoryOutcome:
    """What comes of an area's answers: its category, and each category's flag."""
    pattern = tuple(figures)
    outcome = cache.get(pattern) if cache is not None else None
    if outcome is None:
        outcome = _category_outcome(model, pattern)
        if cache is not None:
            cache[pattern] = outcome
    return outcome


def _category_outcome(model: Model, figures: Sequence[FigureAnswers]) -> CategoryOutcome:
    holding: dict[tuple[bool, ...], dict[str, bool]] = {}

    def categories(truth: Mapping[str, bool]) -> dict[str, bool]:
        key = tuple(truth.values())  # completions come with the same keys in the same order
        if key not in holding:
            holding[key] = evaluate(model, truth)
        return holding[key]

    combined = decide(figures, lambda truth: tuple(categories(truth).values()))
    flags: dict[str, Met] = {}
    settled: dict[str, tuple[str, ...]] = {}
    for position, category in enumerate(model.category):
        states = {outcome[position] for outcome in combined.outcomes}
        flags[category.id] = "undetermined" if len(states) > 1 else ("met" if states.pop() else "not_met")
        settled[category.id] = ()
        if flags[category.id] == "undetermined":
            flag = decide(figures, lambda truth, name=category.id: categories(truth)[name])  # type: ignore[misc]
            settled[category.id] = flag.settled_by
    return CategoryOutcome(decide(figures, lambda truth: first_met(model, categories(truth))), flags, settled)


def unknown_figures(figures: Sequence[FigureAnswers]) -> list[FigureAnswers]:
    """What is not known of an area, and every earlier year that a rule asks of, known or not."""
    return [figure for figure in figures if figure.open or figure.name.startswith("history ")]


def area_answers(
    model: Model,
    exact_cells: Cells,
    area: str,
    period: str,
    history: History,
    tests: PeriodTests,
    *,
    averaged: bool = False,
) -> tuple[list[FigureAnswers], dict[str, Reading]]:
    """How the tests of one area can come out, by figure with earlier years last, and each criterion's reading."""
    tests_by_figure: dict[tuple[str, tuple[int, ...], bool], list[ThresholdTest]] = {}
    readings: dict[str, Reading] = {}
    for criterion in model.criterion:
        readings[criterion.key] = read(exact_cells, area, period, criterion, averaged=averaged)
        figure = (criterion.indicator, criterion.window, criterion.complement)
        tests_by_figure.setdefault(figure, []).append(tests.by_criterion[criterion.key][0])
    figures = []
    for (indicator, _, complement), figure_tests in tests_by_figure.items():
        reading = readings[figure_tests[0].key]
        low, high = reading.low, reading.high
        if complement:
            low, high = (1 - high if high is not None else Fraction(0)), 1 - low
        figures.append(possible_answers(indicator, figure_tests, low, high))
    return figures + earlier_answers(tests.persistences, area, period, history), readings


def earlier_answers(
    persistences: Iterable[Persistence], area: str, period: str, history: History
) -> list[FigureAnswers]:
    """What is known of an area's earlier years, as far as a model asks of them."""
    figures = []
    for persistence in persistences:
        for year, answer in years_before(persistence, area, period, history).items():
            options = (False, True) if answer is None else (answer,)
            key = f"{persistence_key(persistence)} {year}"
            figures.append(FigureAnswers(f"history {year}", tuple(((key, option),) for option in options)))
    return figures


def evaluate(model: Model, truth: Mapping[str, bool]) -> dict[str, bool]:
    """Of each category whether it holds, given which criteria are met; from the last category upwards."""
    holds: dict[str, bool] = {}
    for category in reversed(model.category[:-1]):
        holds[category.id] = any(_rule_holds(rule, truth, holds) for rule in category.rule)
    if model.exclusive:
        plain = dict(holds)
        for category in model.category[:-1]:
            holds[category.id] = plain[category.id] and not any(
                plain.get(name, False) for name in category.unless
            )
    ordered = {category.id: holds[category.id] for category in model.category[:-1]}
    return ordered | {model.category[-1].id: not any(ordered.values())}


def first_met(model: Model, flags: Mapping[str, bool]) -> str:
    """The first category in the model's order that holds."""
    return next(category.id for category in model.category if flags[category.id])


def persistence_key(persistence: Persistence) -> str:
    """What the keys of earlier years' answers begin with; the year follows."""
    return f"history {'/'.join(persistence.categories)} {persistence.years}"


def _rule_holds(rule: Rule, truth: Mapping[str, bool], holds: Mapping[str, bool]) -> bool:
    if not all(truth[name] for name in rule.requires):
        return False
    if rule.of and sum(truth[name] for name in rule.of) < rule.at_least:
        return False
    if not all(holds[name] for name in rule.categories):
        return False
    if rule.persistence is None:
        return True
    now = [holds[name] for name in rule.persistence.categories if name in holds]
    past = [truth[key] for key in truth if key.startswith(f"{persistence_key(rule.persistence)} ")]
    return (any(now) if now else True) and all(past)


def _criterion_result(
    criterion: Criterion, reading: Reading, test: ThresholdTest, reference: Fraction | None, answer: Met
) -> CriterionResult:
    limit, persons, needed = test.limit, None, None
    status = reading.status
    if limit is None and reading.value is not None:
        status = "no_reference"
    if limit is not None:
        edge = limit
        if reading.parts > 1:  # what the last period's figure would have to be
            others = reading.others
            if criterion.complement:
                others = (reading.parts - len(reading.missing) - (not reading.missing)) - others
            edge = limit * reading.parts - others
        if reading.value is not None and criterion.unit not in ("mean", "count"):
            persons = persons_to_cross(
                reading.cell, edge, criterion.operator, complement=criterion.complement
            )
        if len(reading.missing) == 1 and answer == "undetermined":
            needed = 1 - edge if criterion.complement else edge
    return CriterionResult(criterion, reading, reference, limit, answer, persons, needed, status)
