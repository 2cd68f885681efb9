"""A run of a project: all its stages (`study_project`), and then every output file, or none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from geo_bosoc.disclosure.results import Results
from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.output_set import OUTPUTS, from_here, write_outputs
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.project.study import study_project
from geo_bosoc.project.worker import Worker


@dataclass(frozen=True)
class Outcome:
    """The results of a run, and the files that were written.

    Attributes
    ----------
    findings : Results
        On true counts.
    folder : Path
        The output folder.
    files : tuple of Path
        In the order of the list of outputs.
    """

    findings: Results
    folder: Path
    files: tuple[Path, ...]

    def summary(self) -> str:
        """A few lines for the person who ran it; no figure that is hidden elsewhere."""
        results = self.findings
        lines = [
            f"{len(results.areas)} areas, {', '.join(results.periods)}, {len(results.indicators)} indicators."
        ]
        last = results.periods[-1] if results.periods else ""
        for model in results.models:
            rows = results.categories[
                (results.categories["model"] == model.id) & (results.categories["period"] == last)
            ]
            counts = rows["category"].value_counts()
            labels = [(category.id, category.label(results.language)) for category in model.categories]
            parts = [f"{counts[name]} {label}" for name, label in labels if name in counts.index]
            lines.append(f"{model.id} {last}: {', '.join(parts)}.")
        warned = len(results.report.warnings)
        if warned:
            lines.append(f"{warned} warning{'' if warned == 1 else 's'}: above, and in run.json.")
        names = [path.name for path in self.files if path.parent == self.folder]
        below = len(self.files) - len(names)
        also = f" and {below} files of the internal set" if below else ""
        lines.append(f"Wrote {', '.join(names)}{also} to {from_here(self.folder)}.")
        return "\n".join(lines)


def run_project(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    output: str | Path | None = None,
    model: str | None = None,
    language: str | None = None,
    internal: bool = False,
    unguarded: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Run a project from its files to the maps, tables and workbook in its output folder.

    Parameters
    ----------
    project : str, Path or Project
        A project file, its folder, or a loaded `Project`.
    periods : collection of str, optional
        Instead of the project file's.
    output : str or Path, optional
        A folder instead of the project's.
    model : str, optional
        The id or the file of a model instead of the project's.
    language : {"da", "en"}, optional
        Instead of the project's.
    internal : bool
        Write the internal set too, stamped, in the subfolder ``internal``.
    unguarded : bool
        Show small numbers in the internal set (and say so in every file); never in the public one.
    report : Report, optional
        Takes the warnings and the facts of the run.
    progress : Progress, optional
        Shows how far the run is.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files. Nothing is written then.
    OutputNotWritten
        A file of the last run is open in another program, or the disk is full. The old set stays as it was.
    """
    report, progress = report or Report(), progress or Silent()
    project = load_project(project)
    folder = Path(output) if output is not None else project.output
    modules = dict.fromkeys(output.writer.partition(":")[0] for output in OUTPUTS if output.in_worker)
    with Worker(*modules) as worker:
        study = study_project(
            project,
            periods=periods,
            output=folder if output is not None else None,
            model=model,
            language=language,
            internal=internal,
            unguarded=unguarded,
            report=report,
            progress=progress,
            worker=worker,
        )
        progress.step("writing maps and tables", 6, 6)
        files = write_outputs(study.of_sets(), folder, project, worker=worker, progress=progress)
    return Outcome(study.results, folder, files)
