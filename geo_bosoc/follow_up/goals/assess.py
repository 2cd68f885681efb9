"""Goals compared with what came of them: met, on course, behind, moving away, or it cannot be told."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import group_area
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import PublishedResults, Results
from geo_bosoc.follow_up.goals.goal_files import goal_table, load_goals
from geo_bosoc.follow_up.goals.goal_series import NAN, Figure, Figures, GoalSeries, checked_goal
from geo_bosoc.follow_up.goals.goal_texts import goal_sentence
from geo_bosoc.follow_up.goals.judgment import Baseline, Judgment, baseline_of, period_order
from geo_bosoc.follow_up.goals.own_registrations import read_registrations, suppress_registrations
from geo_bosoc.follow_up.goals.spec import Goal, GoalSet, list_goal_sets
from geo_bosoc.follow_up.goals.targets import period_end
from geo_bosoc.follow_up.spec_parts import GoalsPart
from geo_bosoc.problems import Report, read_or_none
from geo_bosoc.problems.messages import phrase
from geo_bosoc.text.catalogue import Language, word

GOAL_COLUMNS: Final = (
    "goal_set", "goal_id", "label", "area_id", "indicator", "unit", "direction", "baseline", "baseline_period",
    "baseline_mean_of", "goal", "goal_text", "goal_period", "path", "period", "value", "low", "high", "path_value",
    "difference", "difference_low", "difference_high", "status", "reason", "within_chance", "municipality_baseline",
    "municipality_value", "ratio", "against_municipality", "long_term", "long_term_status", "fingerprint",
    "definition_changed", "assumption", "sentence",
)  # fmt: skip
_TEXTS: Final = frozenset(GOAL_COLUMNS) - {
    "baseline", "baseline_mean_of", "goal", "value", "low", "high", "path_value", "difference", "difference_low",
    "difference_high", "municipality_baseline", "municipality_value", "ratio", "against_municipality",
}  # fmt: skip


def assess_goals(
    sets: GoalSet | Sequence[GoalSet],
    results: Results | None = None,
    *,
    registrations: pd.DataFrame | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    policy: Policy | None = None,
    language: Language | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Goals with their status in each period after the baseline, from what is published alone.

    A goal is *met* where the figure itself is at or past it. Until then the change since the baseline decides, with its
    95 % interval (Newcombe's, from the intervals of the two figures; from the figure's alone where the baseline is a
    number in the table): *moving away* where it is certainly for the worse; where it is certainly for the better, *on
    course* if the figure is at or past the path and *behind* if not; *behind* too where even the best end of the
    interval falls short of the path. Anything else *cannot be told*: the change may be chance. Without an interval
    (means, money, meetings) the figures alone decide. From the goal's period on a goal that is not met is behind, or
    moving away. Persons who are counted in both periods make the two figures depend on each other, which is not taken
    into account: the interval is then too wide rather than too narrow.

    Parameters
    ----------
    sets : GoalSet or sequence of GoalSet
        What `load_goals` returns.
    results : Results, optional
        Of a run: `PublishedResults` where the goals are to be published.
    registrations : DataFrame, optional
        Own registrations (`read_registrations`); small numbers of persons are suppressed here, by `policy`.
    groups : Mapping of str to sequence of str, optional
        By id the areas of each group, for goals of ``@group:ID``.
    policy : Policy, optional
        Left out: that of published results, else ``five``.
    language : {"da", "en"}, optional
        Of the sentences; left out, the results'.
    report : Report, optional
        Collects every problem; without it errors raise.

    Returns
    -------
    DataFrame
        One row a goal and period, in the order of the sets (`GOAL_COLUMNS`): figures in the unit inside (shares are
        fractions), ``status`` (met, on_course, behind, moving_away, cannot_tell; no_goal where a figure is followed
        without one), ``reason``, ``path_value`` (what the path asks for), ``within_chance`` (yes where the interval
        of the figure lies on both sides of what it was compared with) and ``sentence``. A goal without any figure
        after the baseline has one row without a period. Empty if `report` took errors.

    Raises
    ------
    InputError
        An area, an indicator, a model or a category that is not known: all of them, with row and column.

    Examples
    --------
    >>> from geo_bosoc.follow_up.goals.goal_files import load_goals
    >>> rows = assess_goals(load_goals("gellerup-2018", area="0012"))
    >>> rows["status"].unique().tolist(), rows["reason"].unique().tolist()
    (['cannot_tell'], ['no_figure_after_baseline'])
    """
    checking = Report()
    goal_sets = [sets] if isinstance(sets, GoalSet) else list(sets)
    applied = policy or (results.policy if isinstance(results, PublishedResults) else Policy())
    shown = None if registrations is None else suppress_registrations(registrations, applied)
    figures = Figures(results, shown, groups or {})
    spoken: Language = language or (results.language if results is not None else "da")
    shipped = {spec.id for spec in list_goal_sets()}
    rows: list[dict[str, Any]] = []
    for goal_set in goal_sets:
        must_count = goal_set.spec.id not in shipped and goal_set.spec.rows == "goals"
        assumption = goal_set.spec.assumption_text(spoken)
        for goal in goal_set.goals:
            checked = checked_goal(goal, figures, must_count=must_count, report=checking, file=goal_set.file)
            if checked is not None:
                assumed = assumption or _assumed_path(checked, spoken)
                rows += [
                    {**row, "assumption": assumed}
                    for row in _rows(goal_set, checked, figures.series(checked), applied, checking)
                ]
        _tell_end(goal_set, rows, checking)
    if checking.errors:
        rows = []
    checking.hand_over(report)
    frame = pd.DataFrame(rows, columns=list(GOAL_COLUMNS))
    frame = frame.astype({name: object if name in _TEXTS else "float64" for name in GOAL_COLUMNS})
    frame["baseline_mean_of"] = frame["baseline_mean_of"].astype("int64")
    frame["sentence"] = [goal_sentence(row, spoken) for row in frame.to_dict("records")]
    return frame


@dataclass(frozen=True)
class GoalInputs:
    """What `[follow_up.goals]` names, read.

    Attributes
    ----------
    sets : tuple of GoalSet
        The goals.
    registrations : DataFrame or None
        Registrations of one's own, true figures.
    groups : Mapping of str to sequence of str
        By id the areas of each group.
    """

    sets: tuple[GoalSet, ...]
    registrations: pd.DataFrame | None = None
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def frames(self, results: PublishedResults, report: Report) -> dict[str, pd.DataFrame]:
        """The goals with their status, and the table to freeze them by."""
        options: Any = {"registrations": self.registrations, "groups": self.groups}
        goals = assess_goals(self.sets, results, report=report, **options)
        baselines = frozen_baselines(self.sets, results, report=Report(), **options)
        return {"goals": goals, "goal_baselines": baselines}


def read_goal_inputs(
    part: GoalsPart,
    folder: Path,
    areas: Collection[str] | None = None,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    report: Report,
) -> GoalInputs:
    """Read the goals and registrations that a project names.

    Parameters
    ----------
    part : GoalsPart
        What it names.
    folder : Path
        The project file's, which files are named from.
    areas : collection of str, optional
        The areas that registrations may be of.
    groups : Mapping of str to sequence of str, optional
        By id the areas of each group.
    report : Report
        Takes everything that is wrong.

    Returns
    -------
    GoalInputs
        What could be read.
    """
    sets = [
        load_goals(each.source if each.file is None else folder / each.file, area=each.area, report=report)
        for each in part.sets
    ]
    by_group = dict(groups or {})
    places = None if areas is None else {*areas, *(group_area(name) for name in by_group)}
    tables = []
    for name in part.registrations:
        table = read_or_none(partial(read_registrations, folder / name, places, area=part.area or ""), report)
        if table is not None:
            tables.append(table)
    registrations = pd.concat(tables, ignore_index=True) if tables else None
    if registrations is not None and registrations.duplicated(["measure", "area_id", "period"]).any():
        report.error("a registration stands in two tables.", key="follow_up.goals.registrations",
                     hint="Take it out of one of them.")  # fmt: skip
    return GoalInputs(tuple(sets), registrations, by_group)


def _assumed_path(goal: Goal, language: Language) -> str:
    """That the path is a straight line, where nobody gave one."""
    is_assumed = (
        goal.path.kind == "linear" and not goal.path_text and goal.target.kind not in ("none", "approach")
    )
    return word("goals", "straight_line", language) if is_assumed else ""


def frozen_baselines(
    sets: GoalSet | Sequence[GoalSet],
    results: Results | None = None,
    *,
    registrations: pd.DataFrame | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    policy: Policy | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """The goals as a table to keep: baselines that were computed are written out, with their definition's fingerprint.

    Put it in the place of the table of goals when an agreement is signed: a baseline that stands there is never
    computed again, and a definition that changes later is told.

    Parameters
    ----------
    sets : GoalSet or sequence of GoalSet
        What `load_goals` returns.
    results : Results, optional
        Of a run.
    registrations : DataFrame, optional
        Own registrations; small numbers of persons are suppressed here, by `policy`.
    groups : Mapping of str to sequence of str, optional
        By id the areas of each group.
    policy : Policy, optional
        Left out: that of published results, else ``five``.
    report : Report, optional
        Collects every problem; without it errors raise.

    Returns
    -------
    DataFrame
        The columns of a table of goals, figures in their own unit (52.5 per cent); `load_goals` reads it back. A
        baseline that is suppressed or missing stays empty.

    Raises
    ------
    InputError
        As in `assess_goals`.

    Examples
    --------
    >>> from geo_bosoc.follow_up.goals.goal_files import load_goals
    >>> frozen_baselines(load_goals("gellerup-2018", area="0012"))["target"].tolist()[5]
    '45'
    """
    checking = Report()
    applied = policy or (results.policy if isinstance(results, PublishedResults) else Policy())
    shown = None if registrations is None else suppress_registrations(registrations, applied)
    figures = Figures(results, shown, groups or {})
    frozen = []
    for goal_set in [sets] if isinstance(sets, GoalSet) else sets:
        for goal in goal_set.goals:
            checked = checked_goal(goal, figures, must_count=False, report=checking, file=goal_set.file)
            if checked is not None:
                series = figures.series(checked)
                baseline = baseline_of(checked, series, applied)
                definition = checked.definition or ("" if baseline.reason else series.definition)
                frozen.append((checked, baseline.value, definition))
    checking.hand_over(report)
    return goal_table(frozen)


def _rows(
    goal_set: GoalSet, goal: Goal, series: GoalSeries, policy: Policy, report: Report
) -> list[dict[str, Any]]:
    """A row for each period after the baseline; one without a period where there is none."""
    baseline = baseline_of(goal, series, policy)
    changed = bool(goal.definition and series.definition and goal.definition != series.definition)
    if changed:
        report.warn(
            phrase(
                "{indicator} is no longer defined as when the baseline of goal {goal} was frozen.",
                indicator=goal.indicator or goal.model, goal=goal.goal_id,
            ),
            file=goal_set.file, row=goal.row, column="fingerprint",
            hint="Restore the definition, or agree on a new baseline and freeze it.",
        )  # fmt: skip
    start = period_end(goal.baseline_period) if goal.baseline_period else None
    periods = sorted(
        (when for when in series.figures if start is None or period_end(when) > start), key=period_order
    )
    return [_row(goal_set, goal, series, baseline, changed, period) for period in periods or [""]]


def _row(
    goal_set: GoalSet, goal: Goal, series: GoalSeries, baseline: Baseline, changed: bool, period: str
) -> dict[str, Any]:  # fmt: skip
    figure = series.figures.get(period, Figure(NAN, NAN, NAN, "missing"))
    if figure.status != "ok":
        figure = Figure(NAN, NAN, NAN, figure.status)
    municipal = series.municipality.get(period, Figure(NAN, NAN, NAN, "missing")).value
    before = goal.municipality_baseline
    then = series.municipality.get(goal.baseline_period, Figure(NAN, NAN, NAN, "missing"))
    if before is None or then.status == "protected":
        before = then.value
    judgment = Judgment(goal, series, baseline, before, changed)
    answer = judgment.answer(period, figure, municipal)
    value, difference = figure.value, figure.value - baseline.value
    hidden = figure.status == "protected"
    shown_low, shown_high = (answer.low, answer.high) if not math.isnan(difference) else (NAN, NAN)
    ratio_of = (baseline.value, before) if not period else (value, municipal)
    return {
        "goal_set": goal_set.spec.id, "goal_id": goal.goal_id, "label": goal.label, "area_id": goal.area_id,
        "indicator": goal.indicator or "|".join(goal.categories), "unit": goal.unit,
        "direction": judgment.direction or "", "baseline": baseline.value, "baseline_period": goal.baseline_period,
        "baseline_mean_of": goal.baseline_mean_of, "goal": answer.goal, "goal_text": goal.target_text,
        "goal_period": goal.target_period, "path": goal.path.kind if goal.target.kind != "none" else "",
        "period": period, "value": value, "low": figure.low, "high": figure.high, "path_value": answer.path_value,
        "difference": difference, "difference_low": shown_low, "difference_high": shown_high,
        "status": answer.status, "reason": answer.reason, "within_chance": answer.within_chance,
        "municipality_baseline": before, "municipality_value": NAN if hidden else municipal,
        "ratio": ratio_of[0] / ratio_of[1] if ratio_of[1] else NAN,
        "against_municipality": difference - (municipal - before),
        "long_term": goal.long_term_text, "long_term_status": judgment.long_term(figure, municipal),
        "fingerprint": series.definition, "definition_changed": "yes" if changed else "", "sentence": "",
    }  # fmt: skip


def _tell_end(goal_set: GoalSet, rows: Sequence[Mapping[str, Any]], report: Report) -> None:
    """A set that has ended while its figures go on is told."""
    if goal_set.spec.valid_to is None:
        return
    end = int(goal_set.spec.valid_to[:4])
    later = sorted({row["period"] for row in rows if row["goal_set"] == goal_set.spec.id and row["period"]
                    and period_end(row["period"]) > end + 1})  # fmt: skip
    if later:
        report.note(
            phrase("the goal set {name} ended on {day}; {period} lies after it.", name=goal_set.spec.id,
                   day=goal_set.spec.valid_to, period=later[-1]),
            hint="Name the set that took its place, where there is one.",
        )  # fmt: skip
