"""What criteria, points and categories tell of suppressed counts: the facts of one set's models.

An outsider has the models, their bands and cut-offs, and the references; each state of a suppressed count gives points,
and points that are shown - by criterion, in total, as a category, as a change - leave the states that fit.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Final

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.disclosure.attack.outcomes import (
    RowPoints,
    decimal,
    fits_clues,
    fits_outcome,
    runs,
    shown_cell,
    states_of,
)
from geo_bosoc.disclosure.attack.public_set import CriterionKey, FigureKey, PublicSet, moves
from geo_bosoc.disclosure.attack.system import CATEGORIES, PERIODS, POINTS, Linear, State, System, Table
from geo_bosoc.disclosure.attack.two_definitions import (
    counts_beside,
    goes_with_the_one_in_force,
    is_hidden_base,
)
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.exact_values import ABSENT, Cell, Cells, Reading, periods_read, pool, read
from geo_bosoc.models.measures import Spread, holds
from geo_bosoc.models.points import Limits, band_limits, score
from geo_bosoc.models.references import read_reference
from geo_bosoc.models.rules import (
    History,
    OutcomeCache,
    area_answers,
    category_outcome,
    criterion_test,
    period_tests,
    tests_of_area,
)
from geo_bosoc.models.spec import Model
from geo_bosoc.models.variants import without_origin

COMBINATIONS: Final = 4096
"""Combinations of counts that one criterion or area is worked out for; with more its fact is left out."""
NO_SPREAD: Final = Spread(None)


def reference_of(public: PublicSet, model: Model, criterion: Criterion, period: str) -> Reading:
    """What a set tells of the figure that a criterion compares the areas with.

    Parameters
    ----------
    public : PublicSet
        The set.
    model : Model
        One of its models.
    criterion : Criterion
        One of the model's.
    period : str
        The period of the areas' figures.
    """
    if criterion.compared_with_rest:
        return read_reference(model, {}, period, criterion)  # another one for each area and count
    value = public.references.get((period, model.id, criterion.key))
    if value is None and not criterion.window and criterion.reference_area == MUNICIPALITY:
        value = public.references.get((period, "", criterion.indicator))
    if value is None:
        return read_reference(model, {}, period, criterion)
    return Reading(value, value, value, Cell(value, "ok"), "ok")


@dataclass(frozen=True)
class Term:
    """Points that a criterion gives, by the state of an unknown or constant; at least and at most."""

    unknown: int | None
    least: tuple[Fraction, ...]
    most: tuple[Fraction, ...]


class Criteria:
    """The facts of the models of one set."""

    def __init__(
        self,
        system: System,
        public: PublicSet,
        release: int,
        secondary: Collection[tuple[int, str, str, str]] = (),
    ) -> None:
        self.system, self.public, self.release = system, public, release
        self.cells: dict[FigureKey, Cell] = {
            key: cell
            for key, figure in public.figures.items()
            if (cell := shown_cell(public, key, figure)).value is not None
        }
        for key, figure in sorted(public.suppressed.items()):
            if key in public.withheld or is_hidden_base(public, key):
                continue  # of any base: `links` says what sums tell of it
            scale, counts_all = public.scales.get(key[2], 1), key[2] in public.heads
            others = (release, *key) in secondary or goes_with_the_one_in_force(public, key)
            further = counts_beside(public, key).union(public.by_rest.get(key, ()))
            states = states_of(figure, public.policy, scale, counts_all, others, further)
            system.add((release, *key), states)
        self._terms: dict[CriterionKey, Term] = {}
        self._limits: dict[tuple[str, str, str], tuple[Limits, Fraction | None]] = {}

    def add_facts(self) -> None:
        """Add the facts of steps 2 to 4 that models tell."""
        if self.public.policy.blind:
            return
        specs = {model.id: model for model in self.public.models}
        for (area, period, model_id), row in self.public.area_rows.items():
            model = specs.get(model_id)
            if model is None or model.kind == "index" or not self._concerned(model, area, period):
                continue
            if model.kind == "points":
                self._criterion_clues(model, area, period)
                self._points(model, area, period, row, CATEGORIES)
                if model.uses_origin and row.get("socioeconomic"):
                    plain = without_origin(model)
                    self._points(plain, area, period, {"category": row["socioeconomic"]}, CATEGORIES)
            else:
                self._rules(model, area, period, row)
        self._changes(specs)

    def _unknown(self, area: str, period: str, indicator: str) -> int | None:
        return self.system.index.get((self.release, area, period, indicator))

    def _concerned(self, model: Model, area: str, period: str) -> bool:
        return any(self._scope(model, criterion, area, period) for criterion in model.criterion)

    def _scope(self, model: Model, criterion: Criterion, area: str, period: str) -> list[int]:
        """The unknowns that a criterion looks at."""
        read_periods = periods_read(model, criterion, period)
        unknowns = (self._unknown(area, each, criterion.indicator) for each in read_periods)
        return [unknown for unknown in unknowns if unknown is not None]

    def _cells_in(
        self, model: Model, criterion: Criterion, area: str, period: str, states: Mapping[int, State]
    ) -> Cells:
        """The figures that a criterion reads, and those of the municipality, when unknowns are in these states."""
        cells = self._municipal_cells(model, criterion, period)
        for each in periods_read(model, criterion, period):
            key, unknown = (area, each, criterion.indicator), self._unknown(area, each, criterion.indicator)
            if unknown is not None and unknown in states:
                state = states[unknown]
                cells[key] = Cell(
                    Fraction(state.quarters, 4 * state.base), "ok", state.quarters, state.base, 4
                )
            elif key in self.cells:
                cells[key] = self.cells[key]
        return pool(cells, model.pool_years)

    def _municipal_cells(self, model: Model, criterion: Criterion, period: str) -> dict[FigureKey, Cell]:
        """The municipality's counts, which leave the rest when an area's are taken away."""
        cells: dict[FigureKey, Cell] = {}
        for each in periods_read(model, criterion, period) if criterion.compared_with_rest else ():
            key = (MUNICIPALITY, each, criterion.indicator)
            total = self.public.totals.get(key)
            if total is not None and total.count is not None and total.base:
                count = total.count
                value = count / total.base
                cells[key] = Cell(value, "ok", count.numerator, total.base, count.denominator)
        return cells

    def _band_limits(self, model: Model, criterion: Criterion, period: str) -> tuple[Limits, Fraction | None]:
        key = (period, model.id, criterion.key)
        if key not in self._limits:
            self._limits[key] = band_limits(
                criterion, reference_of(self.public, model, criterion, period), NO_SPREAD
            )
        return self._limits[key]

    def term(self, model: Model, criterion: Criterion, area: str, period: str) -> Term | None:
        """The points of a criterion, or None where too many counts go into it."""
        key = (area, period, model.id, criterion.key)
        if key in self._terms:
            return self._terms[key]
        scope = self._scope(model, criterion, area, period)
        limits, reference = self._band_limits(model, criterion, period)
        choices = [self.system.unknowns[unknown].states for unknown in scope]
        if math.prod(map(len, choices)) > COMBINATIONS:
            return None
        ends: dict[tuple[int, ...], tuple[Fraction, Fraction]] = {}
        for numbers in product(*(range(len(states)) for states in choices)):
            states = {u: c[n] for u, c, n in zip(scope, choices, numbers, strict=True)}
            cells = self._cells_in(model, criterion, area, period, states)
            if criterion.compared_with_rest:
                rest = read_reference(model, cells, period, criterion, area=area)
                if rest.value is None and scope:
                    ends[numbers] = (Fraction(0), Fraction(0))  # counts that `totals` leaves out
                    continue
                limits, reference = band_limits(criterion, rest, NO_SPREAD)
            reading = read(cells, area, period, criterion)
            points = score(criterion, reading, limits, reference, NO_SPREAD)
            ends[numbers] = (decimal(points.least), decimal(points.most))
        if len(scope) <= 1:
            least, most = zip(*ends.values(), strict=True)
            term = Term(scope[0] if scope else None, least, most)
        else:
            term = self._joint_term(key, scope, choices, ends)
        self._terms[key] = term
        return term

    def _joint_term(
        self,
        key: CriterionKey,
        scope: Sequence[int],
        choices: Sequence[Sequence[State]],
        ends: Mapping[tuple[int, ...], tuple[Fraction, Fraction]],
    ) -> Term:
        """A criterion over several suppressed counts: an unknown for its points, and a table that binds it to them."""
        outcomes = sorted(set(ends.values()))
        area, period, model, criterion = key
        states = [State(index, 1, index, frozenset()) for index in range(len(outcomes))]
        unknown = self.system.add(
            (self.release, area, period, f"{model} {criterion}"), states, protected=False
        )
        classes = tuple(tuple(range(len(each))) for each in choices)
        allowed = frozenset((*numbers, outcomes.index(pair)) for numbers, pair in ends.items())
        table = Table((*scope, unknown), (*classes, tuple(range(len(outcomes)))), allowed)
        self.system.facts[POINTS].append(table)
        least, most = zip(*outcomes, strict=True)
        return Term(unknown, least, most)

    def _criterion_clues(self, model: Model, area: str, period: str) -> None:
        """Points, threshold and met of a criterion, where they are shown."""
        for criterion in model.criterion:
            key = (area, period, model.id, criterion.key)
            public = self.public
            if key not in public.points and key not in public.threshold and key not in public.met:
                continue
            term = self.term(model, criterion, area, period)
            if term is None or term.unknown is None:
                continue
            fitting = [
                fits_clues(
                    criterion, least, public.points.get(key), public.met.get(key), public.threshold.get(key)
                )
                for least in term.least
            ]
            classes = (tuple(int(fits) for fits in fitting),)
            self.system.facts[POINTS].append(Table((term.unknown,), classes, frozenset({(1,)})))

    def _points(self, model: Model, area: str, period: str, row: Mapping[str, str], step: int) -> None:
        """Points in total, their bounds, and the category: a sum over the area's suppressed criteria."""
        terms = [self.term(model, criterion, area, period) for criterion in model.criterion]
        open_terms: dict[int, list[Fraction]] = {}
        constant = slack = Fraction(0)
        for term in terms:
            widths = (
                {high - low for low, high in zip(term.least, term.most, strict=True)}
                if term is not None
                else set()
            )
            if term is None or len(widths) > 1:
                return
            slack += next(iter(widths))
            if term.unknown is None:
                constant += term.least[0]
            elif term.unknown in open_terms:
                sums = zip(open_terms[term.unknown], term.least, strict=True)
                open_terms[term.unknown] = [first + second for first, second in sums]
            else:
                open_terms[term.unknown] = list(term.least)
        if not open_terms:
            return
        numbers = [constant, slack, *(points for each in open_terms.values() for points in each)]
        scale = math.lcm(*(number.denominator for number in numbers))
        low = sum((min(each) for each in open_terms.values()), constant) * scale
        high = sum((max(each) for each in open_terms.values()), constant) * scale
        mark = "," if self.public.language == "da" else "."
        said = RowPoints(model, row, mark, self._gates_shown(model, area, period))
        ranges = runs(
            [n for n in range(int(low), int(high) + 1) if said.fits(Fraction(n, scale), slack)],
            int(constant * scale),
        )
        weights = tuple(tuple(int(points * scale) for points in each) for each in open_terms.values())
        self.system.facts[step].append(Linear(tuple(open_terms), weights, ranges))

    def _gates_shown(self, model: Model, area: str, period: str) -> bool:
        return all((area, period, gate.indicator) in self.cells for gate in model.gates)

    def _changes(self, specs: Mapping[str, Model]) -> None:
        """What an area's row tells of the period before, and which points moved."""
        before = dict(zip(self.public.periods[1:], self.public.periods, strict=False))
        for (area, period, model_id), row in self.public.area_rows.items():
            model, earlier = specs.get(model_id), before.get(period)
            if model is None or model.kind != "points" or earlier is None:
                continue
            if row.get("points_before") or row.get("category_before"):
                past = {"points": row.get("points_before", ""), "category": row.get("category_before", "")}
                if self._concerned(model, area, earlier):
                    self._points(model, area, earlier, past, PERIODS)
            changes = moves(row.get("moved_by", ""))
            shown = row.get("points") and row.get("points_before")
            silent = not self.public.by_rules and "moved_by" in row and shown
            for criterion in model.criterion:
                change = changes.get(criterion.key, Fraction(0) if silent else None)
                if change is not None:
                    self._change(model, criterion, area, earlier, period, change)

    def _change(
        self, model: Model, criterion: Criterion, area: str, earlier: str, period: str, change: Fraction
    ) -> None:
        scope: dict[int, tuple[Fraction, ...]] = {}
        constant = -change
        for each, sign in ((earlier, -1), (period, 1)):
            term = self.term(model, criterion, area, each)
            if term is None or term.least != term.most:
                return
            if term.unknown is None:
                constant += sign * term.least[0]
            else:
                scope[term.unknown] = tuple(sign * points for points in term.least)
        if not scope:
            return
        scale = math.lcm(constant.denominator, *(p.denominator for each in scope.values() for p in each))
        weights = tuple(tuple(int(points * scale) for points in each) for each in scope.values())
        goal = int(-constant * scale)
        self.system.facts[PERIODS].append(Linear(tuple(scope), weights, ((goal, goal),)))

    def _rules(self, model: Model, area: str, period: str, row: Mapping[str, str]) -> None:
        """A model of rules: met or not by criterion, and the category that comes of all."""
        scope = sorted({u for c in model.criterion for u in self._scope(model, c, area, period)})
        states = [self.system.unknowns[unknown].states for unknown in scope]
        groups = [self._answer_groups(model, area, period, u) for u in scope]
        if math.prod(len(set(each)) for each in groups) > COMBINATIONS:
            return
        references: dict[FigureKey, Cell] = {}
        for criterion in model.criterion:
            reading = reference_of(self.public, model, criterion, period)
            if reading.value is not None:
                references[criterion.reference_area, period, criterion.indicator] = Cell(reading.value, "ok")
        tests = period_tests(model, references, period, averaged=True)
        around: dict[FigureKey, Cell] = {}
        for criterion in model.criterion:
            around |= self._municipal_cells(model, criterion, period)
            for each in periods_read(model, criterion, period):
                around[area, each, criterion.indicator] = self.cells.get(
                    (area, each, criterion.indicator), ABSENT
                )
        met: set[tuple[int, ...]] = set()
        allowed: set[tuple[int, ...]] = set()
        cache: OutcomeCache = {}
        for combination in product(*(sorted(set(each)) for each in groups)):
            cells: dict[FigureKey, Cell] = dict(around)
            for unknown, choices, numbers, group in zip(scope, states, groups, combination, strict=True):
                state = choices[numbers.index(group)]
                _, *key = self.system.unknowns[unknown].row
                value = Fraction(state.quarters, 4 * state.base)
                cells[key[0], key[1], key[2]] = Cell(value, "ok", state.quarters, state.base, 4)
            pooled = pool(cells, model.pool_years)
            area_tests = tests_of_area(model, pooled, area, period, tests)
            figures, _ = area_answers(model, pooled, area, period, History(), area_tests)
            answers = {key: answer for f in figures if not f.open for key, answer in f.ways[0]}
            clues = {c.key: self.public.met.get((area, period, model.id, c.key)) for c in model.criterion}
            if any(
                clue and key in answers and answers[key] != (clue == "met") for key, clue in clues.items()
            ):
                continue
            met.add(combination)
            if fits_outcome(category_outcome(model, figures, cache), row):
                allowed.add(combination)
        for step, combinations in ((POINTS, met), (CATEGORIES, allowed)):
            self.system.facts[step].append(Table(tuple(scope), tuple(groups), frozenset(combinations)))

    def _answer_groups(self, model: Model, area: str, period: str, unknown: int) -> tuple[int, ...]:
        """States of an unknown in groups that all criteria answer alike; one each where years are averaged."""
        choices = self.system.unknowns[unknown].states
        answers: list[tuple[bool, ...]] = []
        for state in choices:
            cell_value = Fraction(state.quarters, 4 * state.base)
            row: list[bool] = []
            for criterion in model.criterion:
                if unknown not in self._scope(model, criterion, area, period):
                    continue
                if len(periods_read(model, criterion, period)) > 1:
                    return tuple(range(len(choices)))
                cells = self._cells_in(model, criterion, area, period, {unknown: state})
                reference = (
                    read_reference(model, cells, period, criterion, area=area)
                    if criterion.compared_with_rest
                    else reference_of(self.public, model, criterion, period)
                )
                test, _ = criterion_test(criterion, reference)
                value = 1 - cell_value if criterion.complement else cell_value
                row.append(test.limit is not None and holds(value, test.operator, test.limit))
            answers.append(tuple(row))
        number = {answer: index for index, answer in enumerate(dict.fromkeys(answers))}
        return tuple(number[answer] for answer in answers)
