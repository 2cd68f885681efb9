"""What a goal and a set of goals are, and the sets that ship."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Final, Literal

from pydantic import Field

from geo_bosoc.follow_up.goals.targets import FACTORS, Direction, Path, Target
from geo_bosoc.problems import load_spec
from geo_bosoc.text.provenance import Labelled, Provenance

_DAY: Final = r"^\d{4}-\d{2}-\d{2}$"


class GoalSetSpec(Labelled, Provenance):
    """A dated file that says whose goals a table holds, and for which years.

    Attributes
    ----------
    id : str
        Its id. Example: ``id = "agreement-2024"``
    valid_from, valid_to : str or None
        The days that the set holds between. Example: ``valid_from = "2024-01-01"`` ``valid_to = "2027-12-31"``
    status : {"H", "M", "A"}
        H from an official source, M from secondary ones, A assumed. Example: ``status = "H"``
    table : str
        The table of goals, from this file's folder. Example: ``table = "goals.csv"``
    rows : {"goals", "indicators"}
        What a row is: a goal, or one of Landsbyggefonden's indicators with the area's figure and the municipality's.
    directions : dict of str to {"up", "down"}
        Which way indicators are meant to go, where the table does not say. Example: ``directions = { turnout = "up" }``
    area : str or None
        The area of goals that name none. Example: ``area = "0012"``
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    valid_from: str | None = Field(default=None, pattern=_DAY)
    valid_to: str | None = Field(default=None, pattern=_DAY)
    status: Literal["H", "M", "A"] = "A"
    table: str
    rows: Literal["goals", "indicators"] = "goals"
    directions: dict[str, Direction] = Field(default_factory=dict)
    area: str | None = None


@dataclass(frozen=True)
class Goal:
    """One goal, as its table says it; figures in the unit inside (a share is a fraction).

    Attributes
    ----------
    goal_id, label, theme : str
        Its id in the set, its name, and what it belongs to.
    area_id : str
        An area, a reference area (``@municipality``, ``@areas``) or a group (``@group:ID``); empty where none is named.
    indicator : str
        An indicator of the run, or a measure of own registrations.
    categories : tuple of str
        Of a goal on a count of areas: the categories that are counted.
    model : str
        Of the categories.
    baseline : float or None
        The frozen baseline; None where it is to be computed from the figures of its period.
    baseline_period : str
        The last period of the baseline.
    baseline_mean_of : int
        How many figures up to that period it is the mean of.
    target : Target
        What is asked for.
    target_text : str
        As it was written.
    target_period : str
        By when; empty where nothing is asked for.
    direction : {"up", "down"} or None
        Which way is better.
    unit : str
        Of the figures; empty: the indicator's.
    path : Path
        The way from baseline to goal.
    path_text : str
        As it was written.
    municipality_baseline : float or None
        The municipality's figure in the period of the baseline.
    long_term : Target
        What is asked for beyond the set.
    long_term_text : str
        As it was written.
    source : str
        Where figures are to come from.
    definition : str
        Fingerprint of the indicator's definition when the baseline was frozen; empty where it was not kept.
    row : int
        Its row in the table.
    """

    goal_id: str
    label: str
    area_id: str
    indicator: str
    theme: str = ""
    categories: tuple[str, ...] = ()
    model: str = ""
    baseline: float | None = None
    baseline_period: str = ""
    baseline_mean_of: int = 1
    target: Target = field(default_factory=lambda: Target("none"))
    target_text: str = ""
    target_period: str = ""
    direction: Direction | None = None
    unit: str = ""
    path: Path = field(default_factory=Path)
    path_text: str = ""
    municipality_baseline: float | None = None
    long_term: Target = field(default_factory=lambda: Target("none"))
    long_term_text: str = ""
    source: str = ""
    definition: str = ""
    row: int = 0


@dataclass(frozen=True)
class GoalSet:
    """Goals that belong together: an agreement's, a committee's, Landsbyggefonden's.

    Attributes
    ----------
    spec : GoalSetSpec
        Its id, names, source and years.
    goals : tuple of Goal
        In the order of the table.
    file : str or None
        The table's name, for messages.
    """

    spec: GoalSetSpec
    goals: tuple[Goal, ...]
    file: str | None = None


def list_goal_sets() -> tuple[GoalSetSpec, ...]:
    """The goal sets that ship, as examples: published goals and baselines.

    Returns
    -------
    tuple of GoalSetSpec
        By id.

    Examples
    --------
    >>> [spec.id for spec in list_goal_sets()]
    ['gellerup-2018', 'lbf-2019-26']
    """
    folder = resources.files("geo_bosoc.follow_up") / "goal_sets"
    files = sorted(
        (item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name
    )
    return tuple(load_spec(GoalSetSpec, item) for item in files)


def in_unit_of(goal: Goal, unit: str) -> Goal:
    """A goal that gives no unit, its figures as those of the unit that they turn out to have.

    Examples
    --------
    >>> in_unit_of(Goal("g", "", "0012", "health", baseline=52.5), "percent").baseline
    0.525
    """
    factor = FACTORS.get(unit, 1)
    if goal.unit or factor == 1:
        return replace(goal, unit=goal.unit or unit)

    def scaled(number: float | None) -> float | None:
        return None if number is None else number / factor

    def scaled_target(target: Target) -> Target:
        in_points = target.kind == "difference" and "point" in goal.target_text.casefold()  # a share already
        in_units = target.kind in ("value", "below", "above", "difference") and not in_points
        return replace(target, number=scaled(target.number)) if in_units else target

    milestones = tuple((period, number / factor) for period, number in goal.path.milestones)
    return replace(
        goal, unit=unit, baseline=scaled(goal.baseline), target=scaled_target(goal.target),
        long_term=scaled_target(goal.long_term), path=Path(goal.path.kind, milestones),
        municipality_baseline=scaled(goal.municipality_baseline),
    )  # fmt: skip
