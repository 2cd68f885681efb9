"""A lock on an output folder: one run at a time writes to it, and a dead one's lock is taken over."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
import uuid
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from geo_bosoc.atomic_write.drafts import new_draft
from geo_bosoc.atomic_write.errors import OutputBusy
from geo_bosoc.atomic_write.owner import age, is_left_behind, owner_tag, tag_in
from geo_bosoc.problems.messages import phrase

WAIT: Final = 60.0
"""Seconds to wait for another run to be done with its writing."""

_PAUSE: Final = 0.1
_BLANK_SECONDS: Final = 10
"""A lock without its owner's name, a moment after it was made, is one whose maker died in between."""


class FolderLock:
    """A file that one process at a time can make; used as a context manager.

    Parameters
    ----------
    path : Path
        The file; its folder must be there.
    name : str
        What is locked, for messages.
    wait : float, optional
        Seconds to wait for another process that holds it.

    Raises
    ------
    OutputBusy
        Another process holds it still.
    """

    def __init__(self, path: Path, name: str, *, wait: float = WAIT) -> None:
        self._path, self._name, self._wait = path, name, wait
        self._token = ""

    def __enter__(self) -> FolderLock:
        deadline = time.monotonic() + self._wait
        while not self._make():
            holder = _read(self._path)
            if holder is not None and _has_died(self._path, holder):
                self._take_away(holder)
            elif time.monotonic() > deadline:
                raise OutputBusy(self._name, *_words(holder or {}, self._path))
            else:
                time.sleep(_PAUSE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _ in range(50):
            if not self.is_ours():
                return
            try:
                self._path.unlink()
                return
            except PermissionError:  # on Windows while another reads it
                time.sleep(_PAUSE / 10)
            except OSError:
                return

    def is_ours(self) -> bool:
        """Whether no other process has taken it over."""
        return bool(self._token) and (_read(self._path) or {}).get("token") == self._token

    def refresh(self) -> None:
        """Say that the process is alive, to those on other computers."""
        with contextlib.suppress(OSError):
            os.utime(self._path)

    def _make(self) -> bool:
        """Make the file, if there is none."""
        token = uuid.uuid4().hex
        entry = {
            "owner": owner_tag(),
            "token": token,
            "process": os.getpid(),
            "computer": platform.node(),
            "since": datetime.now().astimezone().isoformat(timespec="seconds"),
        }
        try:
            handle = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            return False
        except PermissionError:
            if self._path.exists():  # Windows, while the former one is being deleted
                return False
            raise
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(json.dumps(entry))
        except BaseException:
            with contextlib.suppress(OSError):
                self._path.unlink()
            raise
        self._token = token
        return True

    def _take_away(self, dead: dict[str, Any]) -> None:
        """Remove a dead process's lock: only one process can rename it, and it looks at what it has renamed."""
        aside = new_draft(self._path.parent)
        try:
            self._path.replace(aside)
        except OSError:  # another was quicker, or reads it
            time.sleep(_PAUSE / 10)
            return
        if _read(aside) != dead:  # another had taken it over already: it is its own again
            with contextlib.suppress(OSError):
                aside.replace(self._path)
            return
        aside.unlink(missing_ok=True)


def lock_is_dead(path: Path) -> bool:
    """Whether there is a lock that a dead process has left."""
    holder = _read(path)
    return holder is not None and _has_died(path, holder)


def _read(path: Path) -> dict[str, Any] | None:
    """What a lock says; empty where it says nothing, None where there is none or it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    try:
        entry = json.loads(text)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _has_died(path: Path, holder: dict[str, Any]) -> bool:
    tag = tag_in(str(holder.get("owner")), "{tag}")
    return age(path) > _BLANK_SECONDS if tag is None else is_left_behind(path, tag)


def _words(holder: dict[str, Any], path: Path) -> tuple[str, str]:
    """Who holds it and since when, and what to do."""
    computer = str(holder.get("computer", ""))
    place = phrase("this computer") if computer == platform.node() else f'"{computer}"'
    who = (
        phrase("process {process} on {computer}", process=holder.get("process", "?"), computer=place)
        if computer
        else phrase("another process")
    )
    since = str(holder.get("since", ""))[:16].replace("T", " ")
    words = phrase("{who}, since {since}", who=who, since=since) if since else who
    hint = phrase("Wait until it has ended, and run again.")
    if computer != platform.node():
        hint += phrase(" If it has ended already, delete {file}.", file=path.name)
    return words, hint
