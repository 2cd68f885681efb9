"""Met, not met, or undetermined: what is certain whatever the missing values are.

Criteria that look at one figure hang together (who is over 40 % is over 30 %), so the missing figure, not the
criterion, is what is filled in: with one value from each stretch between the thresholds, which tries every
case.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from typing import Generic, Literal, TypeVar

from geo_bosoc.models.criteria import Operator
from geo_bosoc.models.measures import holds

Met = Literal["met", "not_met", "undetermined"]
Outcome = TypeVar("Outcome", bound=Hashable)


@dataclass(frozen=True, slots=True)
class ThresholdTest:
    """One criterion's question to a figure: ``value operator limit``; `limit` is None where it is not known.

    `scale` orders tests whose limits are multiples of one unknown number: 2 x and 3 x the national rate.
    """

    key: str
    operator: Operator
    limit: Fraction | None
    scale: Fraction | None = None


@dataclass(frozen=True, slots=True)
class FigureAnswers:
    """One figure and every way its tests can come out, worst known first; a single way where all is known."""

    name: str
    ways: tuple[tuple[tuple[str, bool], ...], ...]

    @property
    def open(self) -> bool:
        """Whether the tests can come out in more than one way."""
        return len(self.ways) > 1


def possible_answers(
    name: str, tests: Sequence[ThresholdTest], low: Fraction, high: Fraction | None
) -> FigureAnswers:
    """Every way the tests on one figure can come out, when it lies between `low` and `high` (None: open)."""
    free = [test for test in tests if test.limit is None]
    if low == high and not free:  # nearly every figure of a city is known, and so is what it is compared with
        answers = tuple(
            (test.key, holds(low, test.operator, test.limit)) for test in tests if test.limit is not None
        )
        return FigureAnswers(name, (answers,))
    limits = sorted({test.limit for test in tests if test.limit is not None})
    ways: dict[tuple[tuple[str, bool], ...], None] = {}
    for value in _samples(low, high, limits):
        fixed = {
            test.key: holds(value, test.operator, test.limit) for test in tests if test.limit is not None
        }
        for guess in product((False, True), repeat=len(free)):
            truth = fixed | {test.key: is_met for test, is_met in zip(free, guess, strict=True)}
            if _ordered(free, truth):
                ways[tuple((test.key, truth[test.key]) for test in tests)] = None
    return FigureAnswers(name, tuple(sorted(ways)))


def criteria_met(figures: Iterable[FigureAnswers]) -> dict[str, Met]:
    """Of each criterion whether it is met in every way, in none, or in some."""
    answers: dict[str, Met] = {}
    for figure in figures:
        if not figure.open:
            answers |= {key: "met" if is_met else "not_met" for key, is_met in figure.ways[0]}
            continue
        for position, (key, first_answer) in enumerate(figure.ways[0]):
            differs = any(way[position][1] != first_answer for way in figure.ways)
            answers[key] = "undetermined" if differs else ("met" if first_answer else "not_met")
    return answers


@dataclass(frozen=True, slots=True)
class PossibleOutcomes(Generic[Outcome]):
    """What can come out, and which of the missing figures make a difference."""

    outcomes: tuple[Outcome, ...]
    settled_by: tuple[str, ...]

    @property
    def certain(self) -> bool:
        """Whether the same comes out whatever the missing figures are."""
        return len(self.outcomes) == 1


def decide(
    figures: Sequence[FigureAnswers], judge: Callable[[Mapping[str, bool]], Outcome]
) -> PossibleOutcomes[Outcome]:
    """Judge every completion of what is missing.

    A figure settles something when two completions that differ in nothing else come out differently.
    """
    closed = {key: is_met for figure in figures if not figure.open for key, is_met in figure.ways[0]}
    opened = [figure for figure in figures if figure.open]
    results: dict[tuple[int, ...], Outcome] = {}
    for choice in product(*(range(len(figure.ways)) for figure in opened)):
        truth = dict(closed)
        for figure, way in zip(opened, choice, strict=True):
            truth.update(figure.ways[way])
        results[choice] = judge(truth)
    settling = tuple(
        figure.name
        for position, figure in enumerate(opened)
        if any(
            results[choice] != results[(*choice[:position], 0, *choice[position + 1 :])]
            for choice in results
            if choice[position]
        )
    )
    return PossibleOutcomes(tuple(dict.fromkeys(results.values())), settling)


def _samples(low: Fraction, high: Fraction | None, limits: Sequence[Fraction]) -> list[Fraction]:
    """One value from every stretch of [low, high] that the limits cut, the limits themselves included."""
    if low == high:
        return [low]
    upper = high if high is not None else max([low, *limits]) + 1
    points = sorted({low, upper, *(limit for limit in limits if low <= limit <= upper)})
    between = [(left + right) / 2 for left, right in pairwise(points)]
    return sorted({*points, *between})


def _ordered(free: Sequence[ThresholdTest], truth: Mapping[str, bool]) -> bool:
    """Whether a guess is possible: over three times a rate means over twice it."""
    for lower, higher in product(free, repeat=2):
        if lower.scale is None or higher.scale is None or lower.operator != higher.operator:
            continue
        if lower.scale >= higher.scale:
            continue
        stricter, looser = (higher, lower) if lower.operator in (">", ">=") else (lower, higher)
        if truth[stricter.key] and not truth[looser.key]:
            return False
    return True
