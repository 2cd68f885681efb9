"""Every stage of a run but the writing: what `check_project` and `run_project` share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo_bosoc.disclosure.results import OutputSet, PublishedResults, Results, Stamped
from geo_bosoc.outputs.documents import DOCUMENTS
from geo_bosoc.outputs.registry import YEARLY
from geo_bosoc.problems import InputError, Report, add_problems, read_or_none
from geo_bosoc.problems.messages import phrase
from geo_bosoc.progress import Progress
from geo_bosoc.project.analysis import Analysis, analyse_project
from geo_bosoc.project.requests import Request, request_of_balance, request_of_link
from geo_bosoc.project.sets.for_each_set import (
    published_balance,
    report_of_public_set,
    suppressed_set,
)
from geo_bosoc.project.sets.output_folders import check_output
from geo_bosoc.project.sets.previous_set import compare_with_previous, read_previous, warn_of_unnamed_set
from geo_bosoc.project.spec import Project, is_period
from geo_bosoc.project.worker import Worker
from geo_bosoc.rasters.surfaces import SurfacesPart
from geo_bosoc.registers.files import check_governance

# Studies are slow to import, and not in every project: each is imported where it is made.
if TYPE_CHECKING:
    from geo_bosoc.balance.results import BalanceResults
    from geo_bosoc.bottom_up.results import BottomUpResults
    from geo_bosoc.follow_up.study import FollowUpResults
    from geo_bosoc.outputs.documents.papers import Papers
    from geo_bosoc.outputs.documents.spec import DocumentsPart
    from geo_bosoc.project.studies.bottom_up.inputs import BottomUpLists
    from geo_bosoc.project.studies.follow_up import ProjectFollowUp

BALANCE_FACTS: Final = ("tenure_mix", "estate_list", "residents_by_tenure", "letting")
"""What a run's manifest tells of the balance: what could not be placed; the internal one, the load that shifts too."""


@dataclass(frozen=True)
class Study:
    """All results of a run, and what of them may be published: what is left to do is to write it.

    Attributes
    ----------
    left_out : tuple of str
        Tables of the project file that are of the internal set alone, in a run of the public one.
    """

    results: Results
    published: Mapping[OutputSet, PublishedResults]
    balance: BalanceResults | None = None
    bottom_up: BottomUpResults | None = None
    follow_up: Mapping[OutputSet, FollowUpResults] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    papers: Mapping[OutputSet, Papers] = field(default_factory=dict)

    def of_set(self, output_set: OutputSet) -> dict[str, Stamped]:
        """The results that a set's outputs take, by their name in the list of outputs."""
        published = self.published[output_set]
        results: dict[str, Stamped] = {YEARLY: published}
        if self.balance is not None:
            results["balance"] = published_balance(self.balance, published.edition, published.table)
        if self.bottom_up is not None:
            results["bottom_up"] = self.bottom_up
        if output_set in self.follow_up:
            results["follow_up"] = self.follow_up[output_set]
        if output_set in self.papers:
            results[DOCUMENTS] = self.papers[output_set]
        return results


def study_project(
    project: Project,
    *,
    periods: Collection[str] | None = None,
    output: Path | None = None,
    model: str | None = None,
    language: str | None = None,
    internal: bool = False,
    unguarded: bool = False,
    report: Report,
    progress: Progress | None = None,
    worker: Worker | None = None,
    take_set: Callable[[OutputSet, Mapping[str, Stamped]], None] | None = None,
    is_written: bool = True,
) -> Study:
    """Every stage of a run but the writing.

    What is wrong is reported in one order: data governance and output folder, the project's files, what was located
    and counted, the studies. A study whose registers cannot be read is checked as far as its other files go.

    Parameters
    ----------
    project : Project
        What is run.
    periods : collection of str, optional
        Years or quarters; those of the project file if left out.
    output : Path, optional
        A folder instead of the project's; it is only checked here.
    model : str, optional
        The id or file of a model, instead of the project's.
    language : {"da", "en"}, optional
        Of labels and texts, instead of the project's.
    internal : bool
        The internal set too, and what goes into it alone: the bottom-up study.
    unguarded : bool
        Nothing is suppressed in the internal set.
    report : Report
        Takes the problems and the facts of the run.
    progress : Progress, optional
        Shows how far the run is.
    worker : Worker, optional
        Started as soon as it is clear that there will be much to write.
    take_set : callable, optional
        Takes each set's results by name as soon as nothing is to be added to them, the public one's before the
        internal set is made.
    is_written : bool
        Whether the sets are meant for the project's output folder, which is checked then.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files: all problems at once.
    """
    spec = project.spec
    check_governance(spec.registers, report, today=date.today(), made_up=spec.project.made_up)
    sets: tuple[OutputSet, ...] = ("public", "internal") if internal else ("public",)
    studies = {
        "balance": spec.balance is not None,
        "bottom_up": internal and spec.bottom_up is not None,
        "follow_up": spec.follow_up is not None,
        DOCUMENTS: spec.documents is not None,
    }
    results_names = (YEARLY, *(name for name, is_run in studies.items() if is_run))
    if spec.protect is not None:
        report.note(
            "[protect] is the former name of [disclosure].",
            key="protect.minimum",
            hint=phrase(
                "Write [disclosure] with minimum = {minimum} in its place.", minimum=spec.protect.minimum
            ),
        )
    if is_written:
        check_output(project, output, report, results=results_names, sets=sets)
    before = read_or_none(lambda: read_previous(project), report)
    lists = None
    if internal and spec.bottom_up is not None:
        from geo_bosoc.project.studies.bottom_up.inputs import read_bottom_up_lists

        lists = read_bottom_up_lists(project)
    public_requests = [] if spec.balance is None else [request_of_balance(project)]
    requests = [*public_requests, *([] if lists is None else [lists.request(project)])]
    if internal and spec.follow_up is not None and spec.follow_up.link.years:
        requests.append(request_of_link(project))
    if internal and spec.surfaces is not None:
        requests.append(Request())  # the addresses are looked at again
    try:
        analysis = analyse_project(
            project,
            periods=periods,
            model=model,
            language=language,
            uncertainty=True,
            internal=internal,
            requests=requests,
            report=report,
            progress=progress,
            worker=worker,
        )
    except InputError as error:
        add_problems(report, error.problems)
        check_studies(project, tuple(periods or spec.run.periods), report, lists)
        raise InputError(report.errors) from None
    results = analysis.results
    if before is not None:
        compare_with_previous(results, before, project, report)
    balance = _study_balance(project, analysis, language, report)
    public_report = report_of_public_set(project, analysis.inputs, report, public_requests, requests)
    bottom_up = (
        None if lists is None else _study_bottom_up(project, analysis, lists, report, unguarded=unguarded)
    )
    report.raise_errors()
    published: dict[OutputSet, PublishedResults] = {}
    followed: dict[OutputSet, FollowUpResults] = {}
    papers: dict[OutputSet, Papers] = {}
    inner = {"bottom_up": spec.bottom_up, "surfaces": spec.surfaces}
    left_out = tuple(name for name, table in inner.items() if table is not None and not internal)
    study = Study(results, published, balance, bottom_up, followed, left_out, papers)
    follow_up, problems_of_papers = _follow_up_of_project(project, analysis, balance), Report()
    if (
        worker is not None and spec.documents is not None
    ):  # papers take seconds, whatever else there is to write
        worker.start()
    for output_set in sets:
        published[output_set] = suppressed_set(
            project,
            _with_link_fact(project, results)
            if output_set == "internal"
            else replace(results, report=public_report),
            output_set,
            unguarded=unguarded,
            before=before,
            report=report,
        )
        if spec.surfaces is not None and output_set == "internal":
            published[output_set] = _with_surfaces(
                analysis, spec.surfaces, published[output_set], report, progress
            )
        if follow_up is not None:
            followed[output_set] = follow_up.of_set(published[output_set])
        if study.bottom_up is not None and output_set == "internal":
            study = _with_parts_of_set(project, study, analysis)
        if spec.documents is not None and (follow_up is None or not follow_up.problems.errors):
            of_set = study.of_set(output_set)
            papers[output_set] = _papers_of_set(project, of_set, spec.documents, problems_of_papers)
        if take_set is not None and output_set != sets[-1]:
            take_set(output_set, study.of_set(output_set))
    if is_written:
        warn_of_unnamed_set(results, output if output is not None else project.output, project, report)
    if follow_up is not None:
        follow_up.problems.hand_over(report)
        report.raise_errors()
    add_problems(report, problems_of_papers.problems)
    report.raise_errors()
    if take_set is not None:
        take_set(sets[-1], study.of_set(sets[-1]))
    return study


def _papers_of_set(
    project: Project, of_set: Mapping[str, Stamped], part: DocumentsPart, report: Report
) -> Papers:
    """The papers of a set, from its other results."""
    from geo_bosoc.project.studies.documents import papers_of_set

    return papers_of_set(project, of_set, part, report)


def _study_balance(
    project: Project, analysis: Analysis, language: str | None, report: Report
) -> BalanceResults | None:
    """The study of balance, where the project has one; its problems join the run's."""
    if project.spec.balance is None:
        return None
    from geo_bosoc.project.studies.balance import study_balance

    periods, problems = analysis.results.periods, Report()
    period = periods[-1] if periods else None
    balance = read_or_none(
        lambda: study_balance(
            project, inputs=analysis.inputs, period=period, language=language, report=problems
        ),
        problems,
    )
    add_problems(report, problems.problems)
    report.facts["balance"] = {name: problems.facts[name] for name in BALANCE_FACTS if name in problems.facts}
    return balance


def _study_bottom_up(
    project: Project, analysis: Analysis, lists: BottomUpLists, report: Report, *, unguarded: bool
) -> BottomUpResults | None:
    """The bottom-up study; its problems join the run's."""
    from geo_bosoc.project.studies.bottom_up.study import study_bottom_up

    problems = Report()
    bottom_up = read_or_none(
        lambda: study_bottom_up(
            project,
            analysis.results,
            inputs=analysis.inputs,
            lists=lists,
            unguarded=unguarded,
            report=problems,
        ),
        problems,
    )
    add_problems(report, problems.problems)
    return bottom_up


def _with_parts_of_set(project: Project, study: Study, analysis: Analysis) -> Study:
    """With areas that may be at risk and types of areas, which are told by what the internal set shows."""
    from geo_bosoc.project.studies.bottom_up.at_risk import with_areas_at_risk
    from geo_bosoc.project.studies.bottom_up.typology import with_area_types

    assert study.bottom_up is not None and project.spec.bottom_up is not None
    followed = study.follow_up.get("internal")
    warning = None if followed is None else followed.frames.get("warning")
    published = study.published["internal"]
    bottom_up = with_areas_at_risk(project, study.bottom_up, analysis, published, warning)
    return replace(study, bottom_up=with_area_types(project.spec.bottom_up, bottom_up, published))


def _with_surfaces(
    analysis: Analysis,
    part: SurfacesPart,
    published: PublishedResults,
    report: Report,
    progress: Progress | None,
) -> PublishedResults:
    """The internal set with its surfaces."""
    from geo_bosoc.project.surfaces import with_surfaces

    if progress is not None:
        progress.step("surfaces of the nearest residents", 5, 6)
    problems = Report()
    published = with_surfaces(part, analysis.inputs, published, problems)
    add_problems(report, problems.problems)
    return published


def _with_link_fact(project: Project, results: Results) -> Results:
    """The results of the internal set; where persons are linked over years, its manifest says why."""
    if project.spec.follow_up is None:
        return results
    from geo_bosoc.project.studies.follow_up import with_link_fact

    return with_link_fact(project, results)


def _follow_up_of_project(
    project: Project, analysis: Analysis, balance: BalanceResults | None
) -> ProjectFollowUp | None:
    """What gives the follow-up of each set, where the project has one; areas of plans are those of the balance."""
    if project.spec.follow_up is None:
        return None
    from geo_bosoc.project.studies.follow_up import ProjectFollowUp

    plans = None if balance is None else balance.areas[balance.areas["plan"]]
    return ProjectFollowUp(project, project.spec.follow_up, analysis, plans=plans)


def check_studies(
    project: Project, periods: Collection[str], report: Report, lists: BottomUpLists | None = None
) -> None:
    """Read what studies name besides registers and boundaries; what is wrong joins the report.

    Of [bottom_up] only where its `lists` are those of the run, which are read for an internal set.
    """
    balance, bottom_up = Report(), Report()
    years = [period for period in periods if is_period(period)]
    if project.spec.balance is not None:
        from geo_bosoc.project.studies.balance_inputs import check_balance_files

        read_or_none(lambda: check_balance_files(project, years, balance), balance)
    if lists is not None:
        from geo_bosoc.project.studies.bottom_up.inputs import check_bottom_up_files

        read_or_none(lambda: check_bottom_up_files(project, bottom_up, lists), bottom_up)
    add_problems(report, [*balance.problems, *bottom_up.problems])
