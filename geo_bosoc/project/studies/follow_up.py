"""The study of follow-up from a project file: after suppression, for each set of output from what it publishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.disclosure.results import OutputSet, PublishedResults, Results, stamp_texts
from geo_bosoc.follow_up.changes.claim import Claim, check_claim
from geo_bosoc.follow_up.goals.assess import GoalInputs, read_goal_inputs
from geo_bosoc.follow_up.spec import FollowUpPart
from geo_bosoc.follow_up.spec_parts import GoalsPart
from geo_bosoc.follow_up.study import FollowUpResults, study_follow_up
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.texts import class_word
from geo_bosoc.problems import InputError, Problem, Report, add_problems
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.analysis import Analysis, analyse_project
from geo_bosoc.project.requests import request_of_link
from geo_bosoc.project.sets.for_each_set import suppressed_set
from geo_bosoc.project.sets.open_project import open_project
from geo_bosoc.project.sets.outcome import WrittenResults, warning_lines
from geo_bosoc.project.sets.output_folders import check_output
from geo_bosoc.project.sets.output_set import write_outputs
from geo_bosoc.project.sets.previous_set import read_previous
from geo_bosoc.project.spec import Project


@dataclass(frozen=True)
class FollowUpOutcome(WrittenResults[FollowUpResults]):
    """The results of the follow-up as the public set tells them, and the files that were written.

    Attributes
    ----------
    list_lines : tuple of str
        What the internal set says of the list of 1 December, in a few lines.
    """

    list_lines: tuple[str, ...] = ()

    def result_lines(self) -> list[str]:
        """How many periods are compared, and the warnings."""
        periods = self.results.published.periods
        line = phrase(
            "{areas} followed over {periods}.",
            areas=count_text(len(self.results.published.areas), "area"),
            periods=joined(periods),
        )
        return [line, *self.list_lines, *warning_lines(self.results.report)]


def links_years(project: Project) -> bool:
    """Whether the project has persons linked over years."""
    return project.spec.follow_up is not None and project.spec.follow_up.link.years


def with_link_fact(project: Project, results: Results) -> Results:
    """The results of the internal set, whose manifest says why persons are linked over years, on what ground, and who
    died from which files."""
    if not links_years(project) or project.spec.follow_up is None:
        return results
    part, report = project.spec.follow_up.link, results.report
    fact = {"purpose": part.purpose, "legal_basis": part.legal_basis}
    if part.deaths is not None:
        fact["deaths"] = ", ".join(part.deaths.register.paths)
    return replace(results, report=replace(report, facts={**report.facts, "link": fact}))


class ProjectFollowUp:
    """The follow-up of a project, a set at a time.

    Parameters
    ----------
    project : Project
        Whose it is.
    part : FollowUpPart
        Its ``[follow_up]``, which says what is followed.
    analysis : Analysis
        What the run read and counted, for what goes into the internal set alone: what rests on persons linked over
        years, and what may come.
    plans : GeoDataFrame, optional
        The areas of development plans, where they are read already.

    Attributes
    ----------
    problems : Report
        Of all sets so far, each problem once: files that ``[follow_up]`` names are wrong.
    """

    def __init__(
        self,
        project: Project,
        part: FollowUpPart,
        analysis: Analysis,
        *,
        plans: gpd.GeoDataFrame | None = None,
    ) -> None:
        self._project, self._part, self._analysis, self._plans = project, part, analysis, plans
        self._goals: GoalInputs | None = None
        self.problems = Report()

    def of_set(self, published: PublishedResults) -> FollowUpResults:
        """The follow-up of a set, from what it publishes."""
        project, part = self._project, self._part
        if part.goals is not None and self._goals is None:
            self._goals = self._read_goals(part.goals, published)
        report = Report()
        internal_frames: Mapping[str, pd.DataFrame] = {}
        models: tuple[Model, ...] = ()
        if published.edition.internal and links_years(project):
            from geo_bosoc.project.studies.linked_persons import frames_of_linked_persons  # slow to import

            internal_frames = frames_of_linked_persons(
                project, self._analysis, published, report, plans=self._plans
            )
        if published.edition.internal and (part.warning is not None or part.list_ahead is not None):
            from geo_bosoc.project.studies.follow_up_ahead import study_ahead  # slow to import

            ahead = study_ahead(project, self._analysis, published, report)
            internal_frames, models = {**internal_frames, **ahead.frames}, ahead.models
        results = study_follow_up(
            published,
            part,
            internal_frames=internal_frames,
            further_models=models,
            goals=self._goals,
            folder=project.root,
            report=report,
        )
        add_problems(self.problems, report.problems)
        return results

    def _read_goals(self, part: GoalsPart, published: PublishedResults) -> GoalInputs:
        """The goals, and registrations of the areas that there are."""
        areas = {MUNICIPALITY, ALL_AREAS}
        for results in (published, self._analysis.results):
            areas |= {*results.areas["area_id"], *results.reference_areas["area_id"]}
        return read_goal_inputs(
            part,
            self._project.root,
            sorted(areas),
            groups=self._project.spec.groups,
            report=self.problems,
        )


def check_project_claim(
    project: str | Path | Project,
    text: str,
    *,
    language: str | None = None,
    internal: bool = False,
    unguarded: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> tuple[Claim, tuple[str, ...]]:
    """Hold a claim against what a project publishes.

    Parameters
    ----------
    project : str, Path or Project
        A project file, its folder, or a loaded `Project`.
    text : str
        The claim, such as ``youth_crime in 0012 > 2 x rest`` (`geo_bosoc.follow_up.changes.claim_text`).
    language : {"da", "en"}, optional
        Of the answer, instead of the project's.
    internal : bool
        Hold it against the internal set.
    unguarded : bool
        With nothing suppressed in it.
    report : Report, optional
        Takes the warnings of the run.
    progress : Progress, optional
        Shows how far it is.

    Returns
    -------
    claim : Claim
        The answer, with its sentence.
    stamps : tuple of str
        What the set says of itself: internal, made up.

    Raises
    ------
    InputError
        The claim cannot be read, or anything is wrong with the project or its files.
    """
    loaded = open_project(project)
    before = read_previous(loaded)
    analysis = analyse_project(loaded, language=language, report=report, progress=progress)
    published = suppressed_set(
        loaded,
        analysis.results,
        "internal" if internal else "public",
        unguarded=unguarded,
        before=before,
        report=report if report is not None else Report(),
    )
    return check_claim(published, text), tuple(stamp_texts(published))


def run_follow_up(
    project: str | Path | Project,
    *,
    output: str | Path | None = None,
    language: str | None = None,
    internal: bool = False,
    unguarded: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> FollowUpOutcome:
    """Follow a project's areas from year to year and write workbook, tables and map to its output folder.

    Parameters
    ----------
    project : str, Path or Project
        A project file, its folder, or a loaded `Project`.
    output : str or Path, optional
        A folder instead of the project's.
    language : {"da", "en"}, optional
        Instead of the project's.
    internal : bool
        Write the internal set too, beside the output folder (``maps-internal``): what rests on persons linked over
        years, and what may come.
    unguarded : bool
        Show small numbers in the internal set (and say so in every file).
    report : Report, optional
        Takes the warnings and the facts of the study.
    progress : Progress, optional
        Shows how far the study is.

    Raises
    ------
    InputError
        There is no ``[follow_up]``, or anything is wrong with the project or its files; nothing is written then.
    OutputInUse
        A file of the last run is open in another program. All old files stay as they were.
    """
    study_report, steps = report if report is not None else Report(), progress or Silent()
    loaded = open_project(project, output)
    if loaded.spec.follow_up is None:
        hint = "Add [follow_up]; docs/follow_up.md shows one."
        raise InputError(
            [Problem("error", "the project has no [follow_up].", file=loaded.file.name, hint=hint)]
        )
    folder = Path(output) if output is not None else loaded.output
    sets: tuple[OutputSet, ...] = ("public", "internal") if internal else ("public",)
    output_report = Report()
    check_output(loaded, None if output is None else folder, output_report, results=("follow_up",), sets=sets)
    output_report.raise_errors()
    before = read_previous(loaded)
    analysis = analyse_project(
        loaded,
        language=language,
        uncertainty=True,
        internal=internal,
        requests=[request_of_link(loaded)] if internal and links_years(loaded) else [],
        report=study_report,
        progress=steps,
    )
    follow_up = ProjectFollowUp(loaded, loaded.spec.follow_up, analysis)
    followed = {
        output_set: follow_up.of_set(
            suppressed_set(
                loaded,
                with_link_fact(loaded, analysis.results) if output_set == "internal" else analysis.results,
                output_set,
                unguarded=unguarded,
                before=before,
                report=study_report,
            )
        )
        for output_set in sets
    }
    follow_up.problems.hand_over(study_report)
    study_report.raise_errors()
    written = write_outputs(
        {output_set: {"follow_up": results} for output_set, results in followed.items()}, folder, loaded
    )
    lines = list_lines(followed["internal"]) if internal else ()
    return FollowUpOutcome(followed["public"], folder, written.files, written.notes, lines)


def list_lines(results: FollowUpResults) -> tuple[str, ...]:
    """How many areas would be in each category of the list of 1 December, for the person who ran it.

    Parameters
    ----------
    results : FollowUpResults
        Of the internal set.
    """
    frame = results.frames.get("list_ahead")
    if frame is None:
        return ()
    lines = []
    for name, rows in frame[frame["status"] == "ok"].groupby("model", sort=False):
        model = results.models[str(name)]
        counts = rows["category"].value_counts()
        parts = [
            f"{counts[each.id]} {class_word(model, each.id, results.language)}"
            for each in model.categories
            if each.id in counts
        ]
        year = str(rows["period"].iloc[0])
        list_of = phrase(
            "{model}, {year}: {categories}.",
            model=model.label(results.language),
            year=year,
            categories=joined(parts),
        )
        lines += [list_of, *([model.notice(results.language)] if model.uses_origin else [])]
    return tuple(lines)
