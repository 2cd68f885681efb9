"""A run of a project: all its stages (`study_project`), and then every output file, or none."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from geo_bosoc.atomic_write.write import OutputFolder
from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.balance_run import BALANCE_FILES, write_balance_set
from geo_bosoc.project.output_set import FILES, WORKBOOKS, Outcome, write_set
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.project.study import Study, study_project
from geo_bosoc.project.worker import Worker


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
    periods, output, model, language
        Instead of what the project file says.
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
    with Worker(WORKBOOKS) as worker:
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
        prefixes = {
            output_set: "" if output_set == "public" else "internal/" for output_set in study.published
        }
        names = [f"{prefix}{name}" for prefix in prefixes.values() for name in _file_names(study)]
        names += _bottom_up_names(study, folder)
        minimum = project.spec.protect.minimum
        # After an error the worker ends before the folder that it writes to is taken away.
        with OutputFolder(folder, owned=names) as out, worker:
            _write_bottom_up(study, out, minimum)
            for output_set, published in study.published.items():
                prefix = prefixes[output_set]
                if study.balance is not None:
                    write_balance_set(study.balance, out, output_set, prefix=prefix, minimum=minimum)
                write_set(published, out, project, prefix=prefix, progress=progress, worker=worker)
    return Outcome(study.results, folder, tuple(folder / name for name in names if (folder / name).exists()))


def _file_names(study: Study) -> tuple[str, ...]:
    """The names of one set's files, the manifest last."""
    return FILES if study.balance is None else (*FILES[:-1], *BALANCE_FILES, FILES[-1])


def _bottom_up_names(study: Study, folder: Path) -> list[str]:
    """The names of the bottom-up files; all of them are internal."""
    if study.bottom_up is None:
        return []
    from geo_bosoc.bottom_up.outputs.write import bottom_up_names

    return bottom_up_names(study.bottom_up, folder)


def _write_bottom_up(study: Study, out: OutputFolder, minimum: int) -> None:
    if study.bottom_up is not None:
        from geo_bosoc.bottom_up.outputs.write import write_bottom_up_set

        write_bottom_up_set(study.bottom_up, out, minimum=minimum)
