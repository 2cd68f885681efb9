"""Drafts: files that stand beside what they are to become, with their process in the name, and what died of them."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path
from typing import Final

from geo_bosoc.atomic_write.owner import is_left_behind, owner_tag, tag_in

_PREFIX: Final = ".writing-"
_PATTERN: Final = r"\.writing-{tag}-.*"

_numbers: Final = itertools.count()
_swept: Final[set[Path]] = set()
"""Folders in which this process has looked for drafts of dead ones."""


def new_draft(folder: Path, suffix: str = "") -> Path:
    """The path of a file to be made in a folder."""
    numbered = (folder / f"{_PREFIX}{owner_tag()}-{number}{suffix}" for number in _numbers)
    return next(path for path in numbered if not path.exists())


def sweep_drafts(folder: Path) -> None:
    """Remove drafts that dead processes have left in a folder; once in a process."""
    if folder in _swept:
        return
    _swept.add(folder)
    for path in entries(folder):
        tag = tag_in(path.name, _PATTERN)
        if tag is not None and is_left_behind(path, tag):
            with contextlib.suppress(OSError):
                path.unlink()


def entries(folder: Path) -> list[Path]:
    """What lies in a folder; nothing where it is not there or cannot be read."""
    try:
        return sorted(folder.iterdir())
    except (OSError, ValueError):  # a name that no file can have
        return []
