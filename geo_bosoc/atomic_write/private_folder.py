"""A private folder for what a run holds of registers while it lasts."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from geo_bosoc.atomic_write.owner import STALE_SECONDS, age, is_left_behind, owner_tag, tag_in

PRIVATE: Final = "geo_bosoc_"
"""How the names of private folders begin; the tag of their process follows."""

_PATTERN: Final = f"{PRIVATE}{{tag}}_\\w+"


@functools.cache
def private_folder() -> Path:
    """A folder only this user can read, outside project and synchronised folders, gone when the process ends.

    What is written there holds only the columns that a run names, with hashed person numbers. Folders that a process
    left behind which was killed are swept first.
    """
    sweep_private_folders()
    folder = Path(tempfile.mkdtemp(prefix=f"{PRIVATE}{owner_tag()}_"))
    atexit.register(_remove, folder, os.getpid())
    return folder


def sweep_private_folders(parent: Path | None = None) -> int:
    """Remove private folders whose process has died, and untagged ones that are a day old; how many went."""
    swept = 0
    with contextlib.suppress(OSError):
        for folder in sorted((parent or Path(tempfile.gettempdir())).glob(f"{PRIVATE}*")):
            with contextlib.suppress(OSError):
                if folder.is_dir() and not folder.is_symlink() and _has_died(folder):
                    shutil.rmtree(folder, ignore_errors=True)
                    swept += not folder.exists()
    return swept


def _has_died(folder: Path) -> bool:
    tag = tag_in(folder.name, _PATTERN)
    return age(folder) > STALE_SECONDS if tag is None else is_left_behind(folder, tag)


def _remove(folder: Path, process: int) -> None:
    """Delete the folder, if it is the process that made it which ends (a forked worker ends as well)."""
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
