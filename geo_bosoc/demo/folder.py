"""Where a demo is written: all of it or nothing, and never over somebody's own files."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from geo_bosoc.atomic_write.write import OutputFolder
from geo_bosoc.problems import InputError, Problem
from geo_bosoc.problems.messages import phrase

SUMS: Final = "data/SHA256SUMS"
"""The files of a demo with their sums, as ``sha256sum`` writes them: what somebody changed since is told by it."""


def check_folder(folder: Path) -> None:
    """Refuse a folder with a project file that no demo has written, and a place where no folder can be."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISDIR(folder.stat().st_mode):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))
    _refuse_foreign(folder, ["bosoc.toml"], "demo my-demo")


@contextlib.contextmanager
def demo_folder(folder: Path, *, command: str = "demo my-demo") -> Iterator[Path]:
    """A folder for the files of a demo, which take their places below `folder` when all are written.

    Files of an earlier demo that this one does not write are taken away. `command` is what messages say to type.

    Raises
    ------
    InputError
        Files of these names are there that no demo has written, or that somebody has changed.
    """
    check_folder(folder)
    with OutputFolder(folder, owned=[*_unchanged(folder), SUMS], marks=["bosoc.toml"]) as out:
        draft = out.path("")
        yield draft
        names = out.names()
        _refuse_foreign(folder, names, command)
        text = "".join(f"{_sum(draft / name)}  {name}\n" for name in names)
        out.path(SUMS).write_text(text, encoding="utf-8", newline="\n")


def _refuse_foreign(folder: Path, names: Iterable[str], command: str) -> None:
    ours = set(_unchanged(folder))
    problems = [
        Problem(
            "error",
            "this file is here already and was not written by a demo, or was changed since: it is kept as it is.",
            file=name,
            hint=phrase(
                "Name another folder for the made-up municipality: geo-bosoc {command}.", command=command
            ),
        )
        for name in names
        if name not in ours and os.path.lexists(folder / name)
    ]
    if problems:
        raise InputError(problems)


def _unchanged(folder: Path) -> list[str]:
    """The files of an earlier demo that are as it wrote them."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
    entries = [line.partition("  ") for line in lines]
    return [
        name for digest, _, name in entries if (folder / name).is_file() and _sum(folder / name) == digest
    ]


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
