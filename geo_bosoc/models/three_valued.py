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

from geo_bosoc.models.measures import holds
from geo_bosoc.models.spec import Operator

Met = Literal["met", "not_met", "undetermined"]
Truth = dict[str, bool]
Outcome = TypeVar("Outcome", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Test:
    """One criterion's question to a figure: ``value operator limit``; `limit` is None where it is not known.

    `scale` orders tests whose limits are multiples of one unknown number: 2 x and 3 x the national rate.
    """

    key: str
    operator: Operator
    limit: Fraction | None
    scale: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Unknowns:
    """One figure and every way its tests can come out, worst known first; a single way where all is known."""

    name: str
    ways: tuple[tuple[tuple[str, bool], ...], ...]

    @property
    def open(self) -> bool:
        return len(self.ways) > 1


def ways(name: str, tests: Sequence[Test], low: Fraction, high: Fraction | None) -> Unknowns:
    """Every way the tests on one figure can come out, when it lies somewhere between `low` and `high` (None:
    open).
    """
    limits = sorted({test.limit for test in tests if test.limit is not None})
    found: dict[tuple[tuple[str, bool], ...], None] = {}
    free = [test for test in tests if test.limit is None]
    for value in _samples(low, high, limits):
        fixed = {t.key: holds(value, t.operator, t.limit) for t in tests if t.limit is not None}
        for guess in product((False, True), repeat=len(free)):
            truth = fixed | {test.key: met for test, met in zip(free, guess, strict=True)}
            if _ordered(free, truth):
                found[tuple((test.key, truth[test.key]) for test in tests)] = None
    return Unknowns(name, tuple(sorted(found)))


def met(unknowns: Iterable[Unknowns]) -> dict[str, Met]:
    """Of each criterion whether it is met in every way, in none, or in some."""
    told: dict[str, Met] = {}
    for group in unknowns:
        for key, _ in group.ways[0]:
            seen = {dict(way)[key] for way in group.ways}
            told[key] = "undetermined" if len(seen) > 1 else ("met" if seen.pop() else "not_met")
    return told


@dataclass(frozen=True, slots=True)
class Verdict(Generic[Outcome]):
    """What can come out, and which of the missing figures make a difference."""

    outcomes: tuple[Outcome, ...]
    settled_by: tuple[str, ...]

    @property
    def certain(self) -> bool:
        return len(self.outcomes) == 1


def decide(unknowns: Sequence[Unknowns], judge: Callable[[Mapping[str, bool]], Outcome]) -> Verdict[Outcome]:
    """Judge every completion of what is missing.

    A figure settles something when two completions that differ in nothing else come out differently.
    """
    closed = {key: value for group in unknowns if not group.open for key, value in group.ways[0]}
    opened = [group for group in unknowns if group.open]
    results: dict[tuple[int, ...], Outcome] = {}
    for choice in product(*(range(len(group.ways)) for group in opened)):
        truth = dict(closed)
        for group, index in zip(opened, choice, strict=True):
            truth.update(group.ways[index])
        results[choice] = judge(truth)
    settling = tuple(
        group.name
        for place, group in enumerate(opened)
        if any(
            results[choice] != results[(*choice[:place], 0, *choice[place + 1 :])]
            for choice in results
            if choice[place]
        )
    )
    return Verdict(tuple(dict.fromkeys(results.values())), settling)


def _samples(low: Fraction, high: Fraction | None, limits: Sequence[Fraction]) -> list[Fraction]:
    """One value from every stretch of [low, high] that the limits cut, the limits themselves included."""
    if low == high:
        return [low]
    top = high if high is not None else max([low, *limits]) + 1
    points = sorted({low, top, *(limit for limit in limits if low <= limit <= top)})
    between = [(left + right) / 2 for left, right in pairwise(points)]
    return sorted({*points, *between})


def _ordered(free: Sequence[Test], truth: Mapping[str, bool]) -> bool:
    """Whether a guess is possible: over three times a rate means over twice it."""
    for one in free:
        for two in free:
            if (
                one.scale is None
                or two.scale is None
                or one.operator != two.operator
                or one.scale >= two.scale
            ):
                continue
            stricter, looser = (two, one) if one.operator in (">", ">=") else (one, two)
            if truth[stricter.key] and not truth[looser.key]:
                return False
    return True
