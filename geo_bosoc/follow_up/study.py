"""The follow-up of a set of output and its results: frames by name, functions of what the set publishes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from geo_bosoc.disclosure.results import OfPublished, PublishedResults
from geo_bosoc.follow_up.changes.category_changes import category_changes, transitions, turnover
from geo_bosoc.follow_up.changes.change import compare
from geo_bosoc.follow_up.changes.series import series
from geo_bosoc.follow_up.changes.status_dynamics import status_dynamics
from geo_bosoc.follow_up.goals.assess import GoalInputs, read_goal_inputs
from geo_bosoc.follow_up.safety import safety_of_results
from geo_bosoc.follow_up.schemes import Scheme, load_scheme
from geo_bosoc.follow_up.spec import FollowUpPart, PeriodPair, period_pairs
from geo_bosoc.indicators.similar_areas import TwinsPart, find_twins, twin_rows
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.texts import reference_name
from geo_bosoc.problems import Report, read_or_none


@dataclass(frozen=True)
class FollowUpResults(OfPublished):
    """What the follow-up gives for one set of output.

    Attributes
    ----------
    published : PublishedResults
        The yearly results of the same set, which everything here is a function of, but for the internal frames.
    frames : mapping of str to DataFrame
        The tables by name (`geo_bosoc.follow_up.outputs.FRAMES`), those with rows alone. ``area_id`` may be a
        reference area. Docs: columns of outputs.
    report : Report
        What was noticed on the way.
    part : FollowUpPart
        What was followed, and how.
    scheme : Scheme or None
        That of status and dynamics.
    further_models : tuple of Model
        Models that tables are about and the yearly results are not, such as that of a list ahead.
    """

    published: PublishedResults
    frames: Mapping[str, pd.DataFrame]
    report: Report = field(default_factory=Report)
    part: FollowUpPart = field(default_factory=FollowUpPart)
    scheme: Scheme | None = None
    further_models: tuple[Model, ...] = ()

    @cached_property
    def area_names(self) -> dict[str, str]:
        """Names by id, those of reference areas among them."""
        areas = self.published.areas
        names = dict(zip(areas["area_id"].astype(str), areas["name"].astype(str), strict=True))
        references = {
            str(area_id)
            for frame in self.frames.values()
            for column in ("area_id", "area_id_to")
            if column in frame.columns
            for area_id in frame[column].dropna().unique()
            if str(area_id).startswith("@")
        }
        return names | {key: reference_name(key, self.language) for key in sorted(references)}

    @cached_property
    def labels(self) -> dict[str, str]:
        """Words of the indicators by id."""
        further = {
            criterion.indicator: criterion.label(self.language)
            for model in self.further_models
            for criterion in model.criterion
        }
        return further | {
            indicator.id: indicator.label(self.language) for indicator in self.published.indicators
        }

    @cached_property
    def models(self) -> dict[str, Model]:
        """The models that tables are about, by id."""
        return {model.id: model for model in (*self.further_models, *self.published.models)}


def study_follow_up(
    published: PublishedResults,
    part: FollowUpPart | None = None,
    *,
    internal_frames: Mapping[str, pd.DataFrame] | None = None,
    goals: GoalInputs | None = None,
    folder: str | Path = ".",
    further_models: tuple[Model, ...] = (),
    report: Report | None = None,
) -> FollowUpResults:
    """What became of the areas from year to year, as far as a set of output may tell.

    Parameters
    ----------
    published : PublishedResults
        What is published in the set (`geo_bosoc.suppress`).
    part : FollowUpPart, optional
        What is followed, and how; by default each period against the year before.
    internal_frames : mapping of str to DataFrame, optional
        What rests on persons linked over years or on true counts, with small numbers suppressed: for an internal set
        alone.
    goals : GoalInputs, optional
        The goals and registrations of ``part.goals``, where they are read already.
    folder : str or Path, optional
        What ``part`` names files from: the project file's.
    further_models : tuple of Model, optional
        Models that these are about and the yearly results are not.
    report : Report, optional
        Takes what is noticed.

    Returns
    -------
    FollowUpResults
        The tables by name.

    Raises
    ------
    ValueError
        Internal frames for a public set.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> published = gb.suppress(gb.analyse("bosoc.toml"))  # doctest: +SKIP
    >>> sorted(gb.follow_up.study_follow_up(published).frames)  # doctest: +SKIP
    ['category_changes', 'change', 'dynamics', 'residents', 'series', 'transitions', 'turnover']
    """
    part = part or FollowUpPart()
    study_report = report if report is not None else Report()
    if internal_frames and not published.edition.internal:
        raise ValueError("frames of linked persons and true counts are for an internal set alone")
    pairs = period_pairs(published.periods, part.years)
    frames = {"residents": residents_change(published.residents, pairs)}
    frames["series"] = series(published, chained=part.chained)
    if part.twins is not None or published.profile is not None:
        frames |= _twins(published, part.twins, study_report)
    if pairs:
        frames |= _changes(published, part, pairs, study_report)
    scheme = _scheme(part, Path(folder), study_report)
    if scheme is not None:
        frames["dynamics"] = status_dynamics(
            published, scheme, years=part.dynamics.years, models=part.dynamics.models or None
        ).drop(columns="name")
    if part.goals is not None:
        goals = goals or read_goal_inputs(part.goals, Path(folder), report=study_report)
        frames |= goals.frames(published, study_report)
    if part.safety is not None:
        frames["safety"] = safety_of_results(published, part.safety, folder=folder, report=study_report)
    frames |= internal_frames or {}
    if {"category_changes", "category_causes"} <= set(frames) and len(frames["category_causes"]):
        from geo_bosoc.follow_up.persons.linked_study import with_causes  # slow to import

        frames["category_changes"] = with_causes(
            frames["category_changes"], frames["category_causes"], published.language
        )
    shown = {name: frame for name, frame in frames.items() if len(frame)}
    return FollowUpResults(published, shown, study_report, part, scheme, further_models)


def _scheme(part: FollowUpPart, folder: Path, report: Report) -> Scheme | None:
    """The scheme of status and dynamics, from the package or a file of the project; its problems join the report."""
    source = part.dynamics.file
    problems = Report()
    scheme = read_or_none(
        lambda: load_scheme(part.dynamics.scheme if source is None else folder / source), problems
    )
    for problem in problems.problems:
        named = problem if problem.key else replace(problem, key="follow_up.dynamics.scheme")
        report.error(named.message, key=named.key, hint=named.hint, file=named.file, row=named.row)
    return scheme


def _changes(
    published: PublishedResults, part: FollowUpPart, pairs: Sequence[PeriodPair], report: Report
) -> dict[str, pd.DataFrame]:
    """Change of indicators and categories, with the ids that tables put words in the place of."""
    settings, problems = part.change, Report()
    change = read_or_none(
        lambda: compare(
            published,
            pairs=pairs,
            against=settings.against,
            correlation=settings.correlation,
            overlap=settings.overlap,
        ),
        problems,
    )
    for problem in problems.problems:
        report.error(problem.message, key="follow_up.change", hint=problem.hint)
    frames = {} if change is None else {"change": change.drop(columns=["name", "label", "unit"])}
    changes = category_changes(published, pairs, change=change)
    labels = ["category_before_label", "category_label"]
    frames["category_changes"] = changes.drop(columns=["name", *labels])
    frames["turnover"] = turnover(changes, published.models).drop(columns="category_label")
    frames["transitions"] = transitions(changes, published.models).drop(columns=labels)
    return frames


def _twins(published: PublishedResults, part: TwinsPart | None, report: Report) -> dict[str, pd.DataFrame]:
    """Each area's twins, and its figures beside theirs taken together; those that the yearly results name, if any."""
    nearest = published.nearest
    if published.profile is None and part is not None:
        problems = Report()
        checked = part.checked(published.indicators, problems)
        problems.hand_over(report)
        if problems.errors:
            return {}
        nearest = find_twins(published.table, checked.by, number=checked.number)
    together = twin_rows(published.table, nearest, published.indicators)
    keys = ["area_id", "period", "indicator"]
    counted = [spec.id for spec in published.indicators if spec.unit == "count"]
    is_shown = (published.table["status"] == "ok") & ~published.table["indicator"].isin(counted)
    shown = published.table[is_shown]
    compared = shown[[*keys, "value"]].merge(
        together.loc[together["status"] == "ok", [*keys, "value", "low", "high", "twins"]],
        on=keys,
        suffixes=("", "_of_twins"),
    )
    compared["ratio"] = compared["value"] / compared["value_of_twins"].where(compared["value_of_twins"] > 0)
    order = ["area_id", "period", "indicator", "value", "value_of_twins", "low", "high", "ratio", "twins"]
    return {"twins": nearest, "beside_twins": compared[order]}


def residents_change(residents: pd.DataFrame, pairs: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """How many lived in each area, then and now.

    Parameters
    ----------
    residents : DataFrame
        ``area_id, period, residents``, as published: a suppressed number is missing.
    pairs : iterable of (str, str)
        Periods: before, and now.

    Returns
    -------
    DataFrame
        ``area_id, period_before, period, residents_before, residents, residents_difference`` (Int64) and ``growth``
        (a fraction of those before; missing where there were none), where both numbers are told.

    Examples
    --------
    >>> residents = pd.DataFrame({"area_id": ["a", "a"], "period": ["2023", "2024"], "residents": [200, 190]})
    >>> residents_change(residents, [("2023", "2024")])["growth"].tolist()
    [-0.05]
    """
    counts = residents.dropna(subset="residents").astype({"residents": "Int64"})
    parts = []
    for before, period in pairs:
        both = counts[counts["period"] == before].merge(
            counts[counts["period"] == period], on="area_id", suffixes=("_before", "")
        )
        parts.append(both)
    columns = ["area_id", "period_before", "period", "residents_before", "residents"]
    frame = pd.concat(parts)[columns] if parts else counts.iloc[:0].reindex(columns=columns)
    difference = frame["residents"] - frame["residents_before"]
    before_counts = frame["residents_before"].astype("Float64")
    frame = frame.assign(
        residents_difference=difference,
        growth=(difference / before_counts.mask(before_counts == 0)).astype("Float64"),
    )
    return frame.sort_values(["period", "period_before", "area_id"], kind="stable", ignore_index=True)
