"""A project opened by a command, and its folders as the person at the keyboard sees them."""

from __future__ import annotations

import os
from pathlib import Path

from geo_bosoc.atomic_write.write import folders_left_behind, recover
from geo_bosoc.outputs.registry import set_folder
from geo_bosoc.project.spec import Project, load_project


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
            _recover(root / name)
    loaded = load_project(project)
    _recover(loaded.output if output is None else Path(output))
    return loaded


def _recover(folder: Path) -> None:
    recover(folder, others=[set_folder("internal", folder), folder / "internal"])


def _folder_of(project: Path) -> Path:
    try:
        return project if project.is_dir() else project.parent
    except (OSError, ValueError):  # a name that no file can have
        return Path()


def from_here(folder: Path) -> str:
    """A folder as seen from the working directory; on another Windows drive, its full path.

    Examples
    --------
    >>> from_here(Path("maps").absolute())
    'maps'
    """
    try:
        return os.path.relpath(folder)
    except ValueError:
        return str(folder)
