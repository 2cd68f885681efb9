"""Put the public set aside as it is published, so that later runs can be made consistent with it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from geo_bosoc.atomic_write.checks import check_output_folder
from geo_bosoc.atomic_write.errors import plain_errors
from geo_bosoc.atomic_write.write import OutputFolder
from geo_bosoc.outputs.manifest import WrittenSet, written_set
from geo_bosoc.outputs.registry import MANIFEST, edited_by_people, set_folder
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.project.sets.open_project import from_here, open_project
from geo_bosoc.project.sets.output_folders import OUTPUTS
from geo_bosoc.project.spec import Project


@dataclass(frozen=True)
class Publication:
    """What was put aside.

    Attributes
    ----------
    folder : Path
        The copy.
    files : tuple of str
        Its files.
    periods : tuple of str
        The periods of the set.
    previous : str
        The folder as the project file names it.
    """

    folder: Path
    files: tuple[str, ...]
    periods: tuple[str, ...]
    previous: str

    def summary(self) -> str:
        """What was done, and what to write in the project file."""
        copied = phrase(
            "Copied {files} ({periods}) to {folder}.",
            files=count_text(len(self.files), "file"),
            periods=joined(self.periods),
            folder=from_here(self.folder),
        )
        return joined(
            [
                copied,
                phrase("Once this set has really been published, write in bosoc.toml:"),
                "[disclosure]",
                f'previous = "{self.previous}"',
                phrase(
                    "Later runs then leave its periods as they were published, and let nothing follow from both sets."
                ),
            ],
            "\n",
        )


def publish_project(project: str | Path | Project, folder: str | Path) -> Publication:
    """Copy the public set in a project's output folder to a folder of its own: all of it, as it is.

    Parameters
    ----------
    project : str, Path or Project
        A project file, its folder, or a loaded `Project`.
    folder : str or Path
        Where the copy is to lie: a folder that does not exist yet, or is empty, outside of the output folder.

    Returns
    -------
    Publication
        The copy, and what to write in the project file.

    Raises
    ------
    InputError
        There is no whole public set in the output folder, or the folder holds something or lies inside the output.
    OutputNotWritten
        The disk is full, or may not be written to.

    Examples
    --------
    >>> publish_project("bosoc.toml", "archive/2024").previous  # doctest: +SKIP
    'archive/2024'
    """
    project = open_project(project)
    target = Path(folder)
    written = whole_public_set(project.output)
    _check_target(target, project)
    names = tuple(name for name in written.names if (project.output / name).is_file())
    with OutputFolder(target, marks=MANIFEST.names) as out:
        for name in names:
            shutil.copyfile(project.output / name, out.path(name))
    periods = tuple(map(str, written.manifest.get("periods", ())))
    return Publication(target, names, periods, _named_from(project.root, target))


def whole_public_set(folder: Path) -> WrittenSet:
    """What the manifest in a folder says, where all files of a public set are there as a run wrote them.

    Documents are people's to change and to move: what later runs are compared with are maps and tables.

    Raises
    ------
    InputError
        There is no set, it is an internal one, or files of it are missing or were changed.
    """
    written = written_set(folder, *MANIFEST.names)
    if not written.names or "periods" not in written.manifest:
        raise _error(
            phrase('there is no public set in "{folder}".', folder=folder.name),
            hint='Make one with "geo-bosoc run".',
        )
    if written.manifest.get("output_set") != "public":
        raise _error(
            phrase('the set in "{folder}" is internal: it must not be published.', folder=folder.name)
        )
    documents = edited_by_people(OUTPUTS, written.names)
    names_of_run = [name for name in written.names if name not in documents]
    missing = [name for name in names_of_run if not (folder / name).is_file()]
    changed = written.changed(folder, names_of_run)
    for names, text in (
        (missing, 'the set in "{folder}" is not whole: this file{further} is missing.'),
        (changed, 'the set in "{folder}" is not whole: this file{further} is not as the run wrote it.'),
    ):
        if names:
            further = phrase(" (and {count} more)", count=len(names) - 1) if len(names) > 1 else ""
            raise _error(
                phrase(text, folder=folder.name, further=further),
                file=names[0],
                hint="Put back the set as it was written, or run again.",
            )
    return written


def _check_target(target: Path, project: Project) -> None:
    report = Report()
    check_output_folder(target, report)
    report.raise_errors()
    with plain_errors(target):
        if target.is_dir() and any(target.iterdir()):
            raise _error(
                phrase(
                    'the folder "{folder}" is not empty: what is there would be mixed up.', folder=target.name
                ),
                hint='Name a new folder, such as "archive/2024".',
            )
    check_outside_output(target, project)


def check_outside_output(folder: Path, project: Project) -> None:
    """Refuse a folder that lies in the output folder, which a run replaces, or holds it.

    Raises
    ------
    InputError
        It does.
    """
    resolved = folder.resolve()
    for output in (project.output.resolve(), set_folder("internal", project.output).resolve()):
        if resolved == output or output in resolved.parents or resolved in output.parents:
            raise _error(
                phrase(
                    '"{folder}" is the output folder, or lies in it or around it: the next run would change it.',
                    folder=folder.name,
                ),
                hint='A published set needs a folder of its own, such as "archive/2024".',
            )


def _named_from(root: Path, folder: Path) -> str:
    """A folder as the project file names it."""
    try:
        return Path(os.path.relpath(folder.resolve(), root)).as_posix()
    except ValueError:  # on another drive
        return folder.resolve().as_posix()


def _error(message: str, *, hint: str | None = None, file: str | None = None) -> InputError:
    return InputError([Problem("error", message, hint=hint, file=file)])
