"""The bottom-up study by itself, from a project file to its files; a yearly run's internal set has the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from geo_bosoc.bottom_up.outputs import UNSETTLED
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import verdict_word
from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress
from geo_bosoc.project.analysis import analyse_project
from geo_bosoc.project.bottom_up import study_bottom_up
from geo_bosoc.project.bottom_up_inputs import read_bottom_up_lists
from geo_bosoc.project.inputs import check_output
from geo_bosoc.project.output_set import from_here, write_outputs
from geo_bosoc.project.spec import Project, load_project


@dataclass(frozen=True)
class BottomUpOutcome:
    """The results of the study, and the files that were written.

    Attributes
    ----------
    findings : BottomUpResults
        On true counts.
    folder : Path
        The output folder.
    files : tuple of Path
        In the order of the list of outputs.
    """

    findings: BottomUpResults
    folder: Path
    files: tuple[Path, ...]

    def summary(self) -> str:
        """A few lines for the person who ran it."""
        results = self.findings
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
        if results.report.warnings:
            lines.append(f"{len(results.report.warnings)} warning(s): above.")
        lines.append(
            f"Wrote {len(self.files)} files of the internal set to {from_here(self.folder)}: not for publication."
        )
        return "\n".join(lines)


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
    """Nominations and registers to places that are verified, and the steering group's files in ``internal``.

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
    project = load_project(project)
    folder = Path(output) if output is not None else project.output
    output_report = Report()
    check_output(project, None if output is None else folder, output_report)
    output_report.raise_errors()
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
        guard=not unguarded,
        report=report,
        progress=progress,
    )
    files = write_outputs({"internal": {"bottom_up": results}}, folder, project)
    return BottomUpOutcome(results, folder / "internal", files)
