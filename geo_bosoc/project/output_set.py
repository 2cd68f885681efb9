"""Writing: the outputs of the yearly run and of the studies in one list, walked once a set; all files or none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from geo_bosoc.atomic_write.write import OutputFolder, folders_left_behind, recover
from geo_bosoc.balance.outputs import OUTPUTS as BALANCE_OUTPUTS
from geo_bosoc.bottom_up.outputs import OUTPUTS as BOTTOM_UP_OUTPUTS
from geo_bosoc.disclosure.results import OutputSet, PublishedResults, Stamped
from geo_bosoc.outputs.registry import FOLDERS, MANIFEST, YEARLY, Output, files_of, outputs_of
from geo_bosoc.outputs.registry import OUTPUTS as YEARLY_OUTPUTS
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.inputs import input_files
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.project.worker import Worker

OUTPUTS: Final = (*YEARLY_OUTPUTS, *BALANCE_OUTPUTS, *BOTTOM_UP_OUTPUTS)
"""Every output."""

Published = Mapping[OutputSet, Mapping[str, Stamped]]
"""What is to be written: for each set the results of the yearly run and of studies, by their name in the list."""


def open_project(project: str | Path | Project, output: str | Path | None = None) -> Project:
    """Load a project, after what a killed run left half written is made whole, even where the file cannot be read.

    Parameters
    ----------
    project : str, Path or Project
        The file, or its folder.
    output : str or Path, optional
        A folder instead of the project's.

    Raises
    ------
    InputError
        The project file is missing or holds mistakes.
    OutputNotWritten
        A file that the killed run should have replaced is open in another program.
    """
    if not isinstance(project, Project):
        root = _folder_of(Path(project))
        for name in folders_left_behind(root):
            recover(root / name)
    loaded = load_project(project)
    recover(loaded.output if output is None else Path(output))
    return loaded


def _folder_of(project: Path) -> Path:
    try:
        return project if project.is_dir() else project.parent
    except (OSError, ValueError):  # a name that no file can have
        return Path()


def write_outputs(
    published: Published,
    folder: Path,
    project: Project,
    *,
    worker: Worker | None = None,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write every output that there are results for, and a manifest of each set that has the yearly run's.

    Parameters
    ----------
    published : mapping
        By set the results, by their name in the list of outputs.
    folder : Path
        The output folder. Files of an earlier run that this one does not write are taken away.
    project : Project
        Whose input files the manifests name.
    worker : Worker, optional
        Writes what the list gives it.
    progress : Progress, optional
        Shows how much is written.

    Returns
    -------
    tuple of Path
        The written files.

    Raises
    ------
    OutputInUse
        A file of an earlier run is open in another program. All old files stay as they were.
    """
    worker, progress = worker or Worker(), progress or Silent()
    lines = {
        output_set: outputs_of(OUTPUTS, results, output_set) for output_set, results in published.items()
    }
    names = [name for output_set in lines for name in files_of(lines[output_set], output_set, folder)]
    total = sum(map(len, lines.values()))
    marks = [FOLDERS[output_set] + name for output_set in lines for name in MANIFEST.names]
    # After an error the worker ends before the folder that it writes to is taken away.
    with OutputFolder(folder, owned=names, marks=marks) as out, worker:
        done = 0
        fingerprints: dict[Path, dict[str, Any]] = {}  # of the inputs, which all sets share
        for output_set, results in published.items():
            # What the worker writes is begun first: other writers are slow to load.
            ordered = sorted(lines[output_set], key=lambda output: not output.in_worker)
            waits = []
            for output in ordered:
                arguments = (results[output.results], *output.paths(out.path, output_set))
                if output.in_worker:
                    waits.append(worker.call(output.writer, *arguments))
                elif output != MANIFEST:
                    output.function(*arguments)
                done += 1
                progress.part(done, total)
            for wait in waits:
                wait()
            if MANIFEST in ordered:  # it names the others, so that it comes last
                _write_manifest(results[YEARLY], lines[output_set], output_set, out, project, fingerprints)
    written = [
        folder / name for output_set in lines for name in files_of(lines[output_set], output_set, folder)
    ]
    return tuple(path for path in written if path.exists())


def _write_manifest(
    results: Stamped,
    outputs: list[Output],
    output_set: OutputSet,
    out: OutputFolder,
    project: Project,
    fingerprints: dict[Path, dict[str, Any]],
) -> None:
    """The manifest of a set, whose other files are written."""
    assert isinstance(results, PublishedResults)
    (path,) = MANIFEST.paths(out.path, output_set)
    root = out.path("")
    files = {name: root / name for name in files_of(outputs, output_set, root)}
    folder = FOLDERS[output_set]
    MANIFEST.function(
        results,
        path,
        inputs=input_files(project, periods=results.periods),
        outputs={name.removeprefix(folder): file for name, file in files.items() if file.exists()},
        root=project.root,
        more={"registers": {name: spec.governance() for name, spec in project.spec.registers.items()}},
        fingerprints=fingerprints,
    )


def from_here(folder: Path) -> str:
    """A folder as seen from the working directory; on another Windows drive, its full path."""
    try:
        return os.path.relpath(folder)
    except ValueError:
        return str(folder)
