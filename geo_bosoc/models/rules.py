"""Rules models: the law's own operators, k of n, persistence over earlier years, categories in order and as flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import pandas as pd

from geo_bosoc.models.exact_values import Cells, Reading, read, read_reference, shift
from geo_bosoc.models.measures import Spread, bad_side, limit_value, persons_to_cross
from geo_bosoc.models.spec import Criterion, Model, exact
from geo_bosoc.models.spec_parts import Persistence, Rule
from geo_bosoc.models.three_valued import Met, Test, Unknowns, Verdict, decide, met, ways


@dataclass(frozen=True)
class History:
    """Which areas were in which category in which period.

    Attributes
    ----------
    members : for each period and category, what is known of areas: in it (True) or not (False).
    complete : periods and categories whose list is whole, so that an area it does not name was not in it. A
        period that is not here at all is unknown, not "not listed".
    """

    members: Mapping[tuple[str, str], Mapping[str, bool]] = field(default_factory=dict)
    complete: frozenset[tuple[str, str]] = frozenset()

    def was(self, area: str, period: str, categories: Iterable[str]) -> bool | None:
        """Whether an area was in any of the categories; None where that is not known."""
        told = list(categories)
        answers = [self._one(area, period, category) for category in told]
        if any(answers):
            return True
        # One of the names settles the period: they change from regime to regime and never stand together.
        return None if all(answer is None for answer in answers) else False

    def _one(self, area: str, period: str, category: str) -> bool | None:
        found = self.members.get((period, category), {}).get(area)
        if found is None and (period, category) in self.complete:
            return False
        return found


def from_lists(lists: pd.DataFrame, *, category: str, area: str = "area", period: str = "year") -> History:
    """History from lists that are whole: one row an area and year it was listed in.

    Every year that occurs is taken as the complete list of that year.
    """
    members: dict[tuple[str, str], dict[str, bool]] = {}
    for name, told in zip(lists[area].astype(str), lists[period].astype(str), strict=True):
        members.setdefault((told, category), {})[name] = True
    return History(members, frozenset(members))


def from_flags(flags: pd.DataFrame) -> History:
    """History from the `flags` of earlier categorisations: what was undetermined stays unknown."""
    members: dict[tuple[str, str], dict[str, bool]] = {}
    rows = flags.loc[flags["met"] != "undetermined", ["area_id", "period", "category", "met"]]
    for area, told, category, state in rows.itertuples(index=False):
        members.setdefault((str(told), str(category)), {})[str(area)] = state == "met"
    return History(members)


def merge(first: History, second: History) -> History:
    """Both histories; where both know something of an area, the first is believed."""
    members: dict[tuple[str, str], dict[str, bool]] = {
        key: dict(told) for key, told in second.members.items()
    }
    for key, told in first.members.items():
        members[key] = {**members.get(key, {}), **told}
    return History(members, first.complete | second.complete)


def years_before(
    persistence: Persistence, area: str, period: str, history: History
) -> dict[str, bool | None]:
    """For each earlier year that persistence asks of, whether the area was in one of its categories."""
    periods = [shift(period, -back) for back in range(persistence.years - 1, 0, -1)]
    return {told: history.was(area, told, persistence.categories) for told in periods}


Figure = tuple[str, tuple[int, ...], bool]
"""What tells one figure from another: indicator, window, turned or not."""


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
class RulesResult:
    """What a rules model says of one area and period.

    `flags` tells of each category by itself whether it holds; `category` is what the first that holds in
    order can be; `settled_by` names the figures that decide it ("history 2014" for a year whose list is not
    known).
    """

    rulings: tuple[CriterionResult, ...]
    category: Verdict[str]
    flags: Mapping[str, Met]
    flags_settled_by: Mapping[str, tuple[str, ...]]


def rule_of(criterion: Criterion, reference_area: Reading) -> tuple[Test, Fraction | None]:
    """The question a criterion asks of a figure, and the reference it is asked against."""
    limit = criterion.limit
    assert limit is not None
    measure, size = limit
    reference = None if reference_area.value is None else bad_side(reference_area.value, criterion)
    edge = limit_value(criterion, measure, size, reference, Spread(None))
    exactly = edge if isinstance(edge, Fraction) else None
    return Test(
        criterion.key, criterion.operator, exactly, exact(size) if measure == "ratio" else None
    ), reference


Readings = dict[str, tuple[Reading, Fraction | None, Test]]
Asked = dict[str, tuple[Test, Fraction | None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of one pattern of known and unknown answers."""

    category: Verdict[str]
    flags: Mapping[str, Met]
    flags_settled_by: Mapping[str, tuple[str, ...]]


Memory = dict[tuple[Unknowns, ...], Outcome]
"""Outcomes met before: thousands of areas share few patterns."""


def judge(
    model: Model,
    cells: Cells,
    area: str,
    period: str,
    history: History,
    *,
    finished: bool = False,
    rules: Asked | None = None,
    memory: Memory | None = None,
) -> RulesResult:
    """Judge one area in one period, three-valued throughout.

    `rules` are the period's questions (see `questions`), for areas of one period; `memory` keeps outcomes between
    areas. Both must be of the same model.
    """
    put = rules if rules is not None else questions(model, cells, period, finished=finished)
    unknowns, readings = _unknowns(model, cells, area, period, history, finished, put)
    answers = met(unknowns)
    rulings = tuple(_ruling(c, *readings[c.key], answers[c.key]) for c in model.criterion)
    pattern = tuple(unknowns)
    found = memory.get(pattern) if memory is not None else None
    if found is None:
        found = _outcome(model, pattern)
        if memory is not None:
            memory[pattern] = found
    return RulesResult(rulings, found.category, found.flags, found.flags_settled_by)


def _outcome(model: Model, unknowns: Sequence[Unknowns]) -> Outcome:
    whole = decide(unknowns, lambda truth: tuple(evaluate(model, truth).values()))
    flags: dict[str, Met] = {}
    settled: dict[str, tuple[str, ...]] = {}
    for place, category in enumerate(model.category):
        seen = {outcome[place] for outcome in whole.outcomes}
        flags[category.id] = "undetermined" if len(seen) > 1 else ("met" if seen.pop() else "not_met")
        settled[category.id] = ()
        if flags[category.id] == "undetermined":
            one = decide(unknowns, lambda truth, name=category.id: evaluate(model, truth)[name])  # type: ignore[misc]
            settled[category.id] = one.settled_by
    verdict = decide(unknowns, lambda truth: first(model, evaluate(model, truth)))
    return Outcome(verdict, flags, settled)


def open_figures(
    model: Model, cells: Cells, area: str, period: str, history: History, *, finished: bool = False
) -> list[Unknowns]:
    """What is not known of an area, and every earlier year that a rule asks of, known or not."""
    put = questions(model, cells, period, finished=finished)
    unknowns, _ = _unknowns(model, cells, area, period, history, finished, put)
    return [group for group in unknowns if group.open or group.name.startswith("history ")]


def questions(model: Model, cells: Cells, period: str, *, finished: bool = False) -> Asked:
    """What each criterion asks in a period, and the reference it is asked against: the same for every area."""
    asked: Asked = {}
    for criterion in model.criterion:
        reference_area = read_reference(model, cells, period, criterion, finished=finished)
        asked[criterion.key] = rule_of(criterion, reference_area)
    return asked


def _unknowns(
    model: Model, cells: Cells, area: str, period: str, history: History, finished: bool, rules: Asked
) -> tuple[list[Unknowns], Readings]:
    tests: dict[Figure, list[Test]] = {}
    readings: Readings = {}
    for criterion in model.criterion:
        test, reference = rules[criterion.key]
        readings[criterion.key] = (read(cells, area, period, criterion, finished=finished), reference, test)
        tests.setdefault((criterion.indicator, criterion.window, criterion.complement), []).append(test)
    unknowns = [_figure(name, group, readings) for name, group in tests.items()]
    return unknowns + _past(model, area, period, history), readings


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


def first(model: Model, flags: Mapping[str, bool]) -> str:
    """The first category in the model's order that holds."""
    return next(category.id for category in model.category if flags[category.id])


def past_key(persistence: Persistence, period: str) -> str:
    """The name under which an earlier year's answer stands among the truths."""
    return f"{_past_stem(persistence)} {period}"


def _past_stem(persistence: Persistence) -> str:
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
    lasting = rule.persistence
    now = [holds[name] for name in lasting.categories if name in holds]
    past = [truth[key] for key in truth if key.startswith(f"{_past_stem(lasting)} ")]
    return (any(now) if now else True) and all(past)


def _figure(
    name: Figure, tests: Sequence[Test], readings: Mapping[str, tuple[Reading, Fraction | None, Test]]
) -> Unknowns:
    reading = readings[tests[0].key][0]
    low, high = reading.low, reading.high
    if name[2]:
        low, high = (1 - high if high is not None else Fraction(0)), 1 - low
    return ways(name[0], tests, low, high)


def _past(model: Model, area: str, period: str, history: History) -> list[Unknowns]:
    asked = {rule.persistence for category in model.category for rule in category.rule if rule.persistence}
    found: list[Unknowns] = []
    for persistence in sorted(asked, key=lambda p: (p.categories, p.years)):
        for told, answer in years_before(persistence, area, period, history).items():
            key = past_key(persistence, told)
            options = (False, True) if answer is None else (answer,)
            found.append(Unknowns(f"history {told}", tuple(((key, option),) for option in options)))
    return found


def _ruling(
    criterion: Criterion, reading: Reading, reference: Fraction | None, test: Test, answer: Met
) -> CriterionResult:
    limit, persons, needed = test.limit, None, None
    status = reading.status
    if limit is None and reading.value is not None:
        status = "no_reference"
    if limit is not None:
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
