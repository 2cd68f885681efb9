"""What is said of a goal in a period: by its figure, its baseline, the path, and the interval of the change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from geo_bosoc.disclosure.policy import UNSUPPRESSED, Policy
from geo_bosoc.follow_up.goals.goal_series import NAN, Figure, GoalSeries
from geo_bosoc.follow_up.goals.spec import Goal
from geo_bosoc.follow_up.goals.targets import counts_persons, period_end

GoalStatus = Literal["met", "on_course", "behind", "moving_away", "cannot_tell", "no_goal"]


ROUNDING: Final = 1e-12
"""Figures that differ by so little of themselves are the same: a goal of 15 % less is worked out in floating point."""


class Baseline(NamedTuple):
    """Where a goal starts from: the figure, its interval where it was computed from one, and why there is none."""

    value: float
    low: float = NAN
    high: float = NAN
    reason: str = ""


class Answer(NamedTuple):
    """A status, why, and the figures that it was judged by."""

    status: GoalStatus
    reason: str
    goal: float = NAN
    path_value: float = NAN
    low: float = NAN
    high: float = NAN
    within_chance: str = ""


def baseline_of(goal: Goal, series: GoalSeries, policy: Policy = UNSUPPRESSED) -> Baseline:
    """A goal's baseline: the frozen number, or the mean of the figures up to its period.

    Parameters
    ----------
    goal : Goal
        In the unit of its figures.
    series : GoalSeries
        The figures.
    policy : Policy, optional
        A frozen count of persons that is small is suppressed like any other.

    Returns
    -------
    Baseline
        Without value where a figure of its periods is suppressed (even if the table gives a number) or missing.

    Examples
    --------
    >>> figures = {str(year): Figure(value, NAN, NAN, "ok") for year, value in ((2021, 8), (2022, 10), (2023, 12))}
    >>> baseline_of(Goal("g", "", "0012", "meetings", baseline_period="2022", baseline_mean_of=2),
    ...             GoalSeries(figures)).value
    9.0
    """
    if not goal.baseline_period:
        return Baseline(NAN, reason="no_baseline")
    until = period_end(goal.baseline_period)
    earlier = sorted((when for when in series.figures if period_end(when) <= until), key=period_order)
    window = [series.figures[when] for when in earlier[-goal.baseline_mean_of :]]
    current = bool(earlier) and period_end(earlier[-1]) == until
    if any(cell.status == "protected" for cell in window) and (current or goal.baseline is None):
        return Baseline(NAN, reason="baseline_protected")
    if goal.baseline is not None:
        is_count = counts_persons(goal.unit) and not series.bounds
        if is_count and 0 < goal.baseline < policy.least_shown:
            return Baseline(NAN, reason="baseline_protected")
        return Baseline(goal.baseline)
    values = [cell.value for cell in window]
    if not current or len(window) < goal.baseline_mean_of or any(math.isnan(value) for value in values):
        return Baseline(NAN, reason="no_baseline")
    if len(window) == 1:
        return (
            Baseline(values[0], window[0].low, window[0].high) if not series.bounds else Baseline(values[0])
        )
    return Baseline(math.fsum(values) / len(values))


def period_order(period: str) -> tuple[Any, str]:
    """Periods by when they end."""
    return period_end(period), period


@dataclass(frozen=True)
class Judgment:
    """How the figures of a goal are judged; differences are counted so that more is better."""

    goal: Goal
    series: GoalSeries
    baseline: Baseline
    municipality_before: float
    changed: bool

    @property
    def direction(self) -> str | None:
        """As the goal says; else where it lies from the computed baseline, or what is better by definition."""
        number = self.goal.target.number
        if self.goal.direction is not None or number is None:
            return self.goal.direction or self.series.direction
        if self.goal.target.kind in ("change", "difference"):
            return "up" if number > 0 else "down"
        return None if math.isnan(self.baseline.value) else ("up" if number > self.baseline.value else "down")

    def goal_value(self, period: str, municipal: float) -> float:
        """The figure that is asked for."""
        target, base = self.goal.target, self.baseline.value
        if target.kind == "change":
            return base * (1 + (target.number or 0))
        if target.kind == "difference":
            return base + (target.number or 0)
        if target.kind == "reach":
            return municipal
        if target.kind == "approach":
            return base - self.municipality_before + municipal
        if target.kind == "law":
            return self.series.thresholds.get(period, NAN)
        return NAN if target.number is None else target.number

    def meets(self, value: float, kind: str, goal: float) -> bool:
        """Whether a figure is what is asked for: past it where the goal says below or above, else at it or past it."""
        strict = kind in ("below", "above", "approach")
        better = goal - value if self.direction == "down" else value - goal
        slack = ROUNDING * abs(goal)
        return better > slack if strict else better >= -slack

    def answer(self, period: str, figure: Figure, municipal: float) -> Answer:
        """The status of a period."""
        target = self.goal.target
        goal = self.goal_value(period, municipal)
        if not period:
            reason = self.baseline.reason or "no_figure_after_baseline"
            status: GoalStatus = (
                "no_goal" if target.kind == "none" and not self.baseline.reason else "cannot_tell"
            )
            return Answer(status, reason, goal)
        for reason, applies in (
            (figure.status, figure.status != "ok"),
            (self.baseline.reason, bool(self.baseline.reason)),
            ("definition_changed", self.changed),
            ("no_municipality", target.kind in ("reach", "approach") and math.isnan(goal)),
            ("no_threshold", target.kind == "law" and math.isnan(goal)),
            ("no_direction", self.direction is None and target.kind != "none"),
        ):
            if applies:
                return Answer("cannot_tell", reason, goal)
        low, high = self._interval(figure)
        if target.kind == "none":
            return Answer("no_goal", "followed", low=low, high=high)
        if target.kind == "approach":
            return self._approach(period, figure, municipal, goal)
        due = self._due(period, goal)
        if self.series.bounds and math.isnan(figure.value):
            ends = {self._status(period, end, goal, due, NAN, NAN) for end in (figure.low, figure.high)}
            if len({status for status, _ in ends}) > 1:
                return Answer("cannot_tell", "categories_are_ranges", goal, due)
            return Answer(*min(ends), goal, due)
        status, reason = self._status(period, figure.value, goal, due, low, high)
        level = goal if status == "met" or self._is_due(period) else due
        within = (
            "" if self.series.bounds or math.isnan(figure.low) else _yes(figure.low <= level <= figure.high)
        )
        return Answer(status, reason, goal, due, low, high, within)

    def _due(self, period: str, goal: float) -> float:
        start, end = (self.goal.baseline_period, self.baseline.value), (self.goal.target_period, goal)
        return self.goal.path.value(period, start, end)

    def _approach(self, period: str, figure: Figure, municipal: float, goal: float) -> Answer:
        """Whether the distance to the municipality has narrowed, or the municipality is reached."""
        low, high = self._interval(figure)
        if self.meets(figure.value, "reach", municipal):
            return Answer("met", "municipality_reached", goal, low=low, high=high)
        if figure.low < goal < figure.high:
            return Answer("cannot_tell", "change_within_chance", goal, NAN, low, high, "yes")
        within = "" if math.isnan(figure.low) else "no"
        if self.meets(figure.value, "approach", goal):
            status: GoalStatus = "met" if self._is_due(period) else "on_course"
            return Answer(status, "distance_narrowed", goal, NAN, low, high, within)
        if figure.value == goal:
            return Answer("behind", "distance_unchanged", goal, NAN, low, high, within)
        return Answer("moving_away", "distance_widened", goal, NAN, low, high, within)

    def _is_due(self, period: str) -> bool:
        return period_end(period) >= period_end(self.goal.target_period)

    def _interval(self, figure: Figure) -> tuple[float, float]:
        """The 95 % interval of the change since the baseline (R. G. Newcombe 1998, method 10)."""
        if math.isnan(figure.low) or self.series.bounds:
            return NAN, NAN
        base = self.baseline
        change = figure.value - base.value
        below = 0.0 if math.isnan(base.high) else base.high - base.value
        above = 0.0 if math.isnan(base.low) else base.value - base.low
        return change - math.hypot(figure.value - figure.low, below), change + math.hypot(
            figure.high - figure.value, above
        )

    def _status(
        self, period: str, value: float, goal: float, due: float, low: float, high: float
    ) -> tuple[GoalStatus, str]:
        """Status and reason by a figure, what is asked for, and the interval of the change since the baseline."""
        if self.meets(value, self.goal.target.kind, goal):
            return "met", "reached"
        sign = -1.0 if self.direction == "down" else 1.0
        change, step = sign * (value - self.baseline.value), sign * (due - self.baseline.value)
        least, most = sorted((sign * low, sign * high)) if not math.isnan(low) else (change, change)
        if most < 0:
            return "moving_away", "worse_than_baseline"
        if self._is_due(period):
            return "behind", "not_met_in_time"
        if least > 0 or (least == most == 0) or (step <= 0 and change >= step):
            keeps = change >= step - ROUNDING * abs(due)
            return ("on_course", "keeps_the_path") if keeps else ("behind", "short_of_path")
        if most < step:
            return "behind", "surely_short_of_path"
        return "cannot_tell", "change_within_chance"

    def long_term(self, figure: Figure, municipal: float) -> str:
        """Whether what is asked for beyond the set is met."""
        target = self.goal.long_term
        if target.kind == "none" or self.direction is None:
            return ""
        value, goal = figure.value, target.number
        if target.kind == "reach":
            goal = municipal
        elif target.kind == "approach":
            goal = self.baseline.value - self.municipality_before + municipal
        if goal is None or math.isnan(goal) or math.isnan(value):
            return "cannot_tell"
        return "met" if self.meets(value, target.kind, goal) else "not_met"


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"
