"""The balance or the bottom-up study by itself, from a project file to its files; a yearly run writes the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from geo_bosoc.balance.outputs.texts import value_word
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.bottom_up.outputs import UNSETTLED
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import verdict_word
from geo_bosoc.disclosure.results import Edition, OutputSet
from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress
from geo_bosoc.project.analysis import analyse_project
from geo_bosoc.project.sets.for_each_set import published_balance
from geo_bosoc.project.sets.output_set import check_output, file_lines, open_project, write_outputs
from geo_bosoc.project.spec import Project
from geo_bosoc.project.studies.balance import study_balance
from geo_bosoc.project.studies.bottom_up import study_bottom_up
from geo_bosoc.project.studies.bottom_up_inputs import read_bottom_up_lists


def _checked_output(
    project: Project, output: str | Path | None, results: str, sets: tuple[OutputSet, ...]
) -> Path:
    """The folder that a study's files go to, checked before anything is read."""
    folder = Path(output) if output is not None else project.output
    report = Report()
    check_output(project, None if output is None else folder, report, results=(results,), sets=sets)
    report.raise_errors()
    return folder


def _warning_lines(report: Report) -> list[str]:
    """What a summary says of the warnings, which stand above it."""
    return [f"{len(report.warnings)} warning(s): above."] if report.warnings else []


@dataclass(frozen=True)
class BalanceOutcome:
    """The results of the study, and the files that were written.

    Attributes
    ----------
    results : BalanceResults
        On true counts.
    folder : Path
        The output folder.
    files : tuple of Path
        In the order of the list of outputs.
    notes : tuple of str
        What was taken away of earlier runs, and why.
    """

    results: BalanceResults
    folder: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """A few lines for the person who ran it."""
        results = self.results
        counts = results.inside["verdict"].value_counts()
        verdicts = [
            f"{count} {value_word('verdict', str(verdict), results.language)}"
            for verdict, count in counts.items()
        ]
        lines = [f"{len(results.areas)} areas, {results.period}: {', '.join(verdicts)}."]
        for row in results.compliance[results.compliance["variant"] == "all"].itertuples(index=False):
            name = results.area_names.get(str(row.area_id), str(row.area_id))
            when = "not kept" if str(row.kept_from) == "<NA>" else f"kept from 1 January {row.kept_from}"
            lines.append(f"{name}, {results.rule.id}, all projects: {when} (to {results.horizon}).")
        lines += _warning_lines(results.report)
        return "\n".join([*lines, *file_lines(self.files, self.folder), *self.notes])


def run_balance(
    project: str | Path | Project,
    *,
    period: str | None = None,
    output: str | Path | None = None,
    language: str | None = None,
    internal: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> BalanceOutcome:
    """Study the balance of a project and write map, GeoPackage, workbook, tables and plots to its output folder.

    Parameters
    ----------
    project : str, Path or Project
        A project file, its folder, or a loaded `Project`.
    period : str, optional
        Instead of the last one.
    output : str or Path, optional
        A folder instead of the project's.
    language : {"da", "en"}, optional
        Instead of the project's.
    internal : bool
        Write the internal workbook too, beside the output folder (``maps-internal``): with chances, the
        "if" indicators, letting and residents by tenure.
    report : Report, optional
        Takes the warnings and the facts of the study.
    progress : Progress, optional
        Shows how far the study is.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files; nothing is written then.
    OutputInUse
        A file of the last run is open in another program. All old files stay as they were.
    """
    project = open_project(project, output)
    sets: tuple[OutputSet, ...] = ("public", "internal") if internal else ("public",)
    folder = _checked_output(project, output, "balance", sets)
    results = study_balance(project, period=period, language=language, report=report, progress=progress)
    published = {
        output_set: {
            "balance": published_balance(results, Edition(output_set, project.spec.disclosure.rules))
        }
        for output_set in sets
    }
    written = write_outputs(published, folder, project)
    return BalanceOutcome(results, folder, written.files, written.notes)


@dataclass(frozen=True)
class BottomUpOutcome:
    """The results of the study, and the files that were written.

    Attributes
    ----------
    results : BottomUpResults
        On true counts.
    folder : Path
        The output folder.
    files : tuple of Path
        In the order of the list of outputs.
    notes : tuple of str
        What was taken away of earlier runs, and why.
    """

    results: BottomUpResults
    folder: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """A few lines for the person who ran it."""
        results = self.results
        counts = results.verdicts["verdict"].value_counts()
        verdicts = [
            f"{count} {verdict_word(str(verdict), results.language)}" for verdict, count in counts.items()
        ]
        if verdicts:
            lines = [f"{len(results.places)} places, {results.period}: {', '.join(verdicts)}."]
        else:
            lines = [f"No places, {results.period}."]
        if len(results.unsettled):
            doubtful = results.unsettled["row"].nunique()
            subject = "1 nomination is" if doubtful == 1 else f"{doubtful} nominations are"
            lines.append(f"{subject} in doubt: settle them in {UNSETTLED}.")
        lines += _warning_lines(results.report)
        return "\n".join([*lines, *file_lines(self.files, self.folder), *self.notes])


def run_bottom_up(
    project: str | Path | Project,
    *,
    period: str | None = None,
    output: str | Path | None = None,
    language: str | None = None,
    unguarded: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> BottomUpOutcome:
    """Nominations and registers to places that are verified, and the steering group's files, of the internal set.

    Parameters
    ----------
    project : str, Path or Project
        A project file with a table ``[bottom_up]``, its folder, or a loaded `Project`.
    period : str, optional
        Instead of the last one.
    output : str or Path, optional
        A folder instead of the project's.
    language : {"da", "en"}, optional
        Instead of the project's.
    unguarded : bool
        Show small numbers; every file then says so.
    report : Report, optional
        Takes the warnings and the facts of the study.
    progress : Progress, optional
        Shows how far the study is.

    Raises
    ------
    InputError
        The project has no ``[bottom_up]``, or anything is wrong with it or its files; nothing is written then.
    OutputInUse
        A file of the last run is open in another program. All old files stay as they were.
    """
    report = report if report is not None else Report()
    project = open_project(project, output)
    folder = _checked_output(project, output, "bottom_up", ("internal",))
    periods = (period,) if period else None
    lists = read_bottom_up_lists(project)
    requests = (lists.request(project),)
    analysis = analyse_project(
        project, periods=periods, language=language, requests=requests, report=report, progress=progress
    )
    results = study_bottom_up(
        project,
        analysis.results,
        inputs=analysis.inputs,
        lists=lists,
        unguarded=unguarded,
        report=report,
        progress=progress,
    )
    written = write_outputs({"internal": {"bottom_up": results}}, folder, project)
    return BottomUpOutcome(results, folder, written.files, written.notes)
