"""Rules models: the law's own operators, k of n, persistence, categories in order and as flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from geo_bosoc.models.exact_values import Cells
from geo_bosoc.models.lookups import Reading, read, read_reference
from geo_bosoc.models.measures import (
    Spread,
    bad_side,
    limit_value,
    persons_to_cross,
)
from geo_bosoc.models.rule_spec import Persistence, Rule
from geo_bosoc.models.rules.history import History, years_before
from geo_bosoc.models.rules.three_valued import (
    Met,
    Test,
    Unknowns,
    Verdict,
    decide,
    met,
    ways,
)
from geo_bosoc.models.spec import (
    Category,
    Criterion,
    Model,
    exact,
)

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


def without_origin(model: Model) -> Model:
    """The model without the criteria that use residents' origin, and without categories that differ by it
    alone.

    Of "3 of 5" with one criterion of origin remains "3 of 4", of "2 of 3" remains "2 of 2": what an area
    meets without looking at where its residents come from.
    """
    if not model.uses_origin:
        return model
    gone = {criterion.key for criterion in model.criterion if criterion.uses_origin}
    dropped = {category.id for category in model.category if category.by_origin}
    categories = [
        _strip(category, gone, dropped) for category in model.category if category.id not in dropped
    ]
    return model.model_copy(
        update={
            "id": f"{model.id}-without-origin",
            "label_da": f"{model.label('da')} uden beboernes herkomst",
            "label_en": f"{model.label('en')} without residents' origin",
            "criterion": tuple(criterion for criterion in model.criterion if criterion.key not in gone),
            "category": tuple(categories),
        }
    )


def _strip(category: Category, gone: set[str], dropped: set[str]) -> Category:
    rules: list[Rule] = []
    for rule in category.rule:
        of = tuple(name for name in rule.of if name not in gone)
        rules.append(
            rule.model_copy(
                update={
                    "requires": tuple(name for name in rule.requires if name not in gone),
                    "of": of,
                    "at_least": min(rule.at_least, len(of)),
                    "categories": tuple(name for name in rule.categories if name not in dropped),
                }
            )
        )
    unless = tuple(name for name in category.unless if name not in dropped)
    return category.model_copy(update={"rule": tuple(rules), "unless": unless})


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
