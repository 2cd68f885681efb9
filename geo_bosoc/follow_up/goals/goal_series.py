"""The figures that a goal is about, by period: of an indicator, a registration, a count of areas, a criterion."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, GROUP, MUNICIPALITY, group_area
from geo_bosoc.disclosure.results import Results
from geo_bosoc.follow_up.goals.spec import Goal, in_unit_of
from geo_bosoc.follow_up.goals.targets import FACTORS, Direction, Kind, Target
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.load import list_models, load_model
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import UNIT_PARTS
from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.problems.messages import joined, phrase

_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
_WORDS_ONLY: Final = {"label_da", "label_en", "definition_da", "definition_en", "source", "source_da", "assumption",
                      "assumption_da", "direction"}  # fmt: skip
"""What an indicator says of itself that does not change what is counted."""
_NOT_ADDED: Final = (*FACTORS, "mean")  # cannot be added over areas
_BETTER: Final[Mapping[str, Direction]] = {"high_is_bad": "down", "low_is_bad": "up"}
_LAW: Final[Mapping[str, tuple[Kind, Direction]]] = {
    ">": ("value", "down"), ">=": ("below", "down"), "<": ("value", "up"), "<=": ("above", "up"),
}  # fmt: skip
"""By a criterion's operator, when it is not met, and which way that lies."""


class Figure(NamedTuple):
    """A figure of a period with its 95 % interval, or the least and most that it can be; NaN where there is none."""

    value: float
    low: float
    high: float
    status: str


Series = Mapping[str, Figure]
NAN: Final = float("nan")


@dataclass(frozen=True)
class GoalSeries:
    """What there is to compare a goal with.

    Attributes
    ----------
    figures, municipality : Mapping of str to Figure
        By period, of the area and of the municipality.
    unit : str
        Of the figures.
    definition : str
        Fingerprint of what is counted today; empty for registrations.
    thresholds : Mapping of str to float
        By period, of a criterion of law whose model is run.
    bounds : bool
        Whether low and high are the least and most that a count of areas can be.
    direction : {"up", "down"} or None
        Which way is better, by the indicator's definition.
    """

    figures: Series = field(default_factory=dict)
    municipality: Series = field(default_factory=dict)
    unit: str = ""
    definition: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    bounds: bool = False
    direction: Direction | None = None


def definition_fingerprint(what: Indicator | Model) -> str:
    """A short mark of what an indicator counts, or a model decides: it changes when the definition does, not its words.

    Parameters
    ----------
    what : Indicator or Model
        The definition.

    Returns
    -------
    str
        Twelve hexadecimal digits.

    Examples
    --------
    >>> from geo_bosoc.indicators import load_indicators
    >>> before, = load_indicators("health")
    >>> definition_fingerprint(before) == definition_fingerprint(before.model_copy(update={"label_da": "Andet"}))
    True
    >>> definition_fingerprint(before) == definition_fingerprint(before.model_copy(update={"pool_years": 3}))
    False
    """
    content = _without_words(what.model_dump(mode="json", exclude_defaults=True))  # a new key changes nothing
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:12]


def _without_words(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_words(value) for key, value in content.items() if key not in _WORDS_ONLY}
    return [_without_words(value) for value in content] if isinstance(content, list) else content


class Figures:
    """All figures that goals may refer to, looked up by area and name.

    Parameters
    ----------
    results : Results or None
        Of a run; what is published of it, where goals are published.
    registrations : DataFrame or None
        Own registrations, suppressed as the set is.
    groups : Mapping of str to sequence of str
        By id the areas of each group.
    """

    def __init__(
        self, results: Results | None, registrations: pd.DataFrame | None, groups: Mapping[str, Sequence[str]]
    ) -> None:
        self.results, self.groups = results, groups
        self.indicators = {each.id: each for each in results.indicators} if results is not None else {}
        self.models = {model.id: model for model in results.models} if results is not None else {}
        self._indices = _rows_by_area(results)
        self._tables: dict[str, dict[str, dict[str, Figure]]] = {}
        self._fingerprints: dict[str, str] = {}
        self._registered: dict[tuple[str, str], dict[str, Figure]] = {}
        self._units: dict[str, str] = {}
        for row in registrations.to_dict("records") if registrations is not None else ():
            self._units[row["measure"]] = row["unit"]
            cell = Figure(_float(row["value"]), _float(row["low"]), _float(row["high"]), str(row["status"]))
            self._registered.setdefault((row["area_id"], row["measure"]), {})[row["period"]] = cell

    @property
    def areas(self) -> set[str]:
        """Every area that a goal may be for."""
        ids = {MUNICIPALITY, ALL_AREAS, *(group_area(name) for name in self.groups)}
        if self.results is None:
            return ids
        return ids | {*self.results.areas["area_id"], *self.results.reference_areas["area_id"]}

    @property
    def measures(self) -> Collection[str]:
        """What is registered."""
        return self._units.keys()

    def series(self, goal: Goal) -> GoalSeries:
        """The figures of a goal (`checked_goal` has checked it)."""
        if goal.categories:
            return self._count_of_areas(goal)
        if goal.target.kind == "law":
            return self._criterion(goal)
        if goal.indicator in self._units:
            unit = self._units[goal.indicator]
            return GoalSeries(
                self._registrations(goal.area_id, goal.indicator, unit),
                self._registrations(MUNICIPALITY, goal.indicator, unit),
                unit,
            )
        indicator = self.indicators.get(goal.indicator)
        if indicator is None:
            return GoalSeries(unit=goal.unit)
        return GoalSeries(
            self._area(goal.area_id).get(goal.indicator, {}),
            self._area(MUNICIPALITY).get(goal.indicator, {}),
            indicator.unit,
            self._fingerprint(indicator),
            direction=_BETTER.get(indicator.direction),
        )

    def _area(self, area: str) -> dict[str, dict[str, Figure]]:
        """An area's figures by indicator and period; what is carried forward from an earlier survey is no figure."""
        if area not in self._tables:
            table: dict[str, dict[str, Figure]] = {}
            for frame, positions in self._indices.get(area, ()):
                for row in frame.iloc[positions].to_dict("records"):
                    indicator, of = str(row["indicator"]), row.get("data_period")
                    spec = self.indicators.get(indicator)
                    if (
                        spec is not None
                        and spec.carry_forward
                        and isinstance(of, str)
                        and of != row["period"]
                    ):
                        continue
                    value, low, high = (_float(row[name]) for name in ("value", "low", "high"))
                    cell = Figure(value, low, high, str(row["status"]))
                    table.setdefault(indicator, {})[row["period"]] = cell
            self._tables[area] = table
        return self._tables[area]

    def _fingerprint(self, what: Indicator | Model) -> str:
        if what.id not in self._fingerprints:
            self._fingerprints[what.id] = definition_fingerprint(what)
        return self._fingerprints[what.id]

    def _registrations(self, area: str, measure: str, unit: str) -> Series:
        """Of a group without rows of its own, the sum of its areas where each has one and none is suppressed."""
        figures = self._registered.get((area, measure))
        members = self.groups.get(area.removeprefix(GROUP)) if area.startswith(GROUP) else None
        if figures is not None or not members or unit in _NOT_ADDED:
            return figures or {}
        parts = [self._registered.get((member, measure), {}) for member in members]
        sums = {}
        for period in sorted({period for part in parts for period in part}):
            cells = [part.get(period, Figure(NAN, NAN, NAN, "missing")) for part in parts]
            statuses = {cell.status for cell in cells} - {"ok"}
            status = "protected" if "protected" in statuses else min(statuses, default="ok")
            total = sum(cell.value for cell in cells) if status == "ok" else NAN
            sums[period] = Figure(total, NAN, NAN, status)
        return sums

    def _count_of_areas(self, goal: Goal) -> GoalSeries:
        """How many areas are in the categories: a range of categories makes a range of counts."""
        assert self.results is not None
        model = self.models[goal.model]
        rows = self.results.categories
        rows = rows[rows["model"] == model.id]
        if goal.area_id.startswith(GROUP):
            rows = rows[rows["area_id"].isin(self.groups.get(goal.area_id.removeprefix(GROUP), ()))]
        elif not goal.area_id.startswith("@"):
            rows = rows[rows["area_id"] == goal.area_id]
        counts: dict[str, tuple[int, int]] = {}
        for row in rows.to_dict("records"):
            least, most = _counted(row, goal.categories)
            before = counts.get(row["period"], (0, 0))
            counts[row["period"]] = before[0] + least, before[1] + most
        figures = {
            period: Figure(float(least) if least == most else NAN, float(least), float(most), "ok")
            for period, (least, most) in counts.items()
        }
        return GoalSeries(figures, unit="count", definition=self._fingerprint(model), bounds=True)

    def _criterion(self, goal: Goal) -> GoalSeries:
        """The figures that a criterion of a model of the run looks at, and its thresholds."""
        assert self.results is not None
        rows = self.results.criteria
        rows = rows[(rows["model"] == goal.target.model) & (rows["area_id"] == goal.area_id)]
        rows = rows[
            (rows["criterion"] == goal.target.criterion) | (rows["indicator"] == goal.target.criterion)
        ]
        figures, thresholds = {}, {}
        for row in rows.to_dict("records"):
            figures[row["period"]] = Figure(_float(row["value"]), NAN, NAN, str(row["status"]))
            times = _float(row["reference"]) if row["measure"] == "ratio" else 1.0
            thresholds[row["period"]] = _float(row["threshold"]) * times
        criterion = _criterion_of(self.models[goal.target.model], goal.target.criterion)
        definition = self._fingerprint(self.models[goal.target.model])
        return GoalSeries(figures, {}, criterion.unit, definition, thresholds)


def _rows_by_area(results: Results | None) -> dict[str, list[tuple[pd.DataFrame, Any]]]:
    """By area the rows that it has in the indicator table or among the reference areas."""
    rows: dict[str, list[tuple[pd.DataFrame, Any]]] = {}
    for frame in (results.table, results.reference_areas) if results is not None else ():
        for area, positions in frame.groupby("area_id").indices.items():
            rows.setdefault(str(area), []).append((frame, positions))
    return rows


def _counted(row: Mapping[Any, Any], categories: Sequence[str]) -> tuple[int, int]:
    """The least and most that an area counts: 0 or 1 each."""
    possible = row.get("possible")
    names = possible.split("|") if isinstance(possible, str) and possible else [row["category"]]
    if row["category"] not in ("range", "undetermined"):
        names = [row["category"]]
    hits = [name in categories for name in names]
    if names in (["range"], ["undetermined"]):
        return 0, 1
    return int(all(hits)), int(any(hits))


def _float(value: Any) -> float:
    return NAN if value is None or pd.isna(value) else float(value)


def _criterion_of(model: Model, name: str) -> Any:
    return next((each for each in model.criterion if name in (each.id, each.indicator)), None)


def checked_goal(
    goal: Goal, figures: Figures, *, must_count: bool, report: Report, file: str | None = None
) -> Goal | None:
    """A goal with its figures in the unit that they are counted in; None where something in it is not known.

    Parameters
    ----------
    goal : Goal
        As its table says it.
    figures : Figures
        What there is.
    must_count : bool
        Whether an indicator that nothing counts is an error: not of published examples, which wait for figures.
    report : Report
        Takes every fault.
    file : str, optional
        The table.
    """
    wrong = len(report.errors)

    def fault(column: str, message: str, hint: str | None = None) -> None:
        report.error(message, file=file, row=goal.row, column=column, hint=hint)

    areas = figures.areas
    if figures.results is not None and goal.area_id and goal.area_id not in areas:
        fault(
            "area_id",
            phrase('there is no area "{area}".', area=goal.area_id),
            did_you_mean(goal.area_id, areas),
        )
    if goal.target.kind == "law":
        goal = _with_law(goal, figures, fault)
    if goal.categories:
        return None if len(report.errors) > wrong else _with_categories(goal, figures, fault, report, wrong)
    names = {*figures.indicators, *figures.measures}
    if (
        goal.target.kind != "law"
        and goal.indicator in figures.indicators
        and goal.indicator in figures.measures
    ):
        fault("indicator", phrase('"{name}" is both an indicator and a registration.', name=goal.indicator),
              "Call the registration something else.")  # fmt: skip
    if (
        goal.target.kind != "law"
        and goal.indicator not in names
        and must_count
        and _ID.fullmatch(goal.indicator)
    ):
        fault("indicator", phrase('nothing is counted as "{name}".', name=goal.indicator),
              did_you_mean(goal.indicator, names)
              or phrase("Counted are: {names}.", names=joined(sorted(names))))  # fmt: skip
    elif goal.target.kind != "law" and goal.indicator not in names and must_count:
        report.warn(phrase('nothing is counted as "{name}": the goal cannot be told.', name=goal.indicator),
                    file=file, row=goal.row, column="indicator",
                    hint=did_you_mean(goal.indicator, names))  # fmt: skip
    unit = figures.series(goal).unit if len(report.errors) == wrong else goal.unit
    if goal.target.kind == "value" and "%" in goal.target_text and (goal.unit or unit) not in ("", "percent"):
        fault("target", "a percentage is no goal in this unit.",
              'Write "25 % more" or "25 % less": workbooks make a number of +25 %.')  # fmt: skip
    if goal.unit and unit and goal.unit.casefold() != unit.casefold():
        fault("unit", phrase("{name} is counted in {unit}.", name=goal.indicator, unit=unit))
    return None if len(report.errors) > wrong else in_unit_of(goal, unit)


def _with_categories(goal: Goal, figures: Figures, fault: Any, report: Report, wrong: int) -> Goal | None:
    models = figures.models
    name = goal.model or (next(iter(models)) if len(models) == 1 else "")
    if name not in models:
        text = phrase('the run has no model "{name}".', name=name) if name else "the goal names no model."
        fault(
            "model", text, phrase("There are: {names}.", names=joined(models) if models else phrase("none"))
        )
        return None
    of_model = [category.id for category in models[name].categories]
    for category in goal.categories:
        if category not in of_model:
            fault("category", phrase('model {model} has no category "{name}".', model=name, name=category),
                  did_you_mean(category, of_model)
                  or phrase("There are: {names}.", names=joined(of_model)))  # fmt: skip
    return None if len(report.errors) > wrong else replace(goal, model=name, unit="count")


def _with_law(goal: Goal, figures: Figures, fault: Any) -> Goal:
    """The criterion of a model of the run; of another model a threshold that is a number, and the goal's indicator."""
    model_id, name = goal.target.model, goal.target.criterion
    model = figures.models.get(model_id)
    shipped = [each.id for each in list_models()]
    if model is None and model_id not in shipped:
        fault("target", phrase('there is no model "{name}".', name=model_id),
              did_you_mean(model_id, [*figures.models, *shipped]))  # fmt: skip
        return goal
    loaded = model or load_model(model_id)
    criterion = _criterion_of(loaded, name)
    if criterion is None:
        names = [each.id or each.indicator for each in loaded.criterion]
        fault("target", phrase('model {model} has no criterion "{name}".', model=model_id, name=name),
              did_you_mean(name, names) or phrase("There are: {names}.", names=joined(names)))  # fmt: skip
        return goal
    kind, direction = _LAW[criterion.operator]
    if model is not None and goal.indicator in ("", name):
        return replace(in_unit_of(goal, criterion.unit), direction=direction, unit=criterion.unit)
    if criterion.threshold is None or criterion.reference is not None or criterion.measure != "value":
        fault("target", phrase("the threshold of {name} in model {model} is no number by itself.", name=name,
                               model=model_id), phrase("Run model {model}, too.", model=model_id))  # fmt: skip
        return goal
    number = criterion.threshold / float(UNIT_PARTS[criterion.unit])
    scaled = in_unit_of(goal, criterion.unit)
    return replace(scaled, target=Target(kind, number), direction=direction)
