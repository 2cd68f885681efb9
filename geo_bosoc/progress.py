"""Progress on anything that takes a while: steps that a run reports and a console draws."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from geo_bosoc.problems.messages import phrase

_SLOW: Final = 2.0
"""Seconds after which a step is worth a line."""

_BETWEEN: Final = 10.0
"""Seconds between two lines about one step, where there is no terminal to draw on."""


class Progress(Protocol):
    """What a run reports to.

    `step` names the step that begins, and how many there are; `part` says how much of it is done (in files, rows,
    whatever measures it), from which the time left is told.
    """

    def step(self, name: str, number: int, total: int) -> None: ...

    def part(self, done: float, total: float) -> None: ...


class Silent:
    """Reports to nobody (notebooks and tests)."""

    def step(self, name: str, number: int, total: int) -> None:
        return None

    def part(self, done: float, total: float) -> None:
        return None


class Steps:
    """Draws steps on a console: a spinner on a terminal; elsewhere a line a step over two seconds, and one every ten
    seconds within it. Both tell how much is done and how long it will take.

    Parameters
    ----------
    console : Console
        Where they are drawn.
    say : callable, optional
        Gives a message in the language of the console.
    """

    def __init__(self, console: Console, say: Callable[[str], str] = str) -> None:
        self._console = console
        self._say = say
        self._status: Status | None = None
        self._name = ""
        self._began = 0.0
        self._last_printed = 0.0

    def __enter__(self) -> Steps:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        if self._status is not None:
            self._status.stop()

    def step(self, name: str, number: int, total: int) -> None:
        self._end()
        self._name = f"{number}/{total} {self._say(name)}"
        self._began = self._last_printed = time.monotonic()
        self._draw(self._name)

    def part(self, done: float, total: float) -> None:
        now = time.monotonic()
        left = time_left(done, total, now - self._began)
        if left is None or now - self._began < _SLOW:
            return
        share = phrase("{percent:.0f} %, about {time} left", percent=100 * done / total, time=in_words(left))
        line = f"{self._name}: {self._say(share)}"
        self._draw(line)
        if not self._console.is_terminal and now - self._last_printed >= _BETWEEN:
            self._last_printed = now
            self._console.print(f"[dim]{escape(line)}[/]")

    def _draw(self, line: str) -> None:
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status(escape(line))
            self._status.start()
        else:
            self._status.update(escape(line))

    def _end(self) -> None:
        if self._name:
            seconds = time.monotonic() - self._began
            if seconds > _SLOW:
                taken = self._say(phrase("{seconds:.1f} s", seconds=seconds))
                self._console.print(f"[dim]{escape(self._name)}: {taken}[/]")
        self._name = ""


def time_left(done: float, total: float, seconds: float) -> float | None:
    """Seconds that the rest takes at the pace so far; None where nothing is done, or all.

    >>> time_left(2, 10, 3.0)
    12.0
    """
    return seconds * (total - done) / done if 0 < done < total else None


def in_words(seconds: float) -> str:
    """A time that is an estimate: seconds, from two minutes on minutes.

    >>> in_words(0.4), in_words(41.2), in_words(312)
    ('1 s', '41 s', '5 min')
    """
    return f"{max(1, round(seconds))} s" if seconds < 120 else f"{round(seconds / 60)} min"


def bytes_read(files: Iterable[Path], progress: Progress) -> Callable[[Path], None]:
    """What to call with each file that was read: shows how many of all bytes that makes."""
    sizes = {file: file.stat().st_size for file in files}
    seen: set[Path] = set()

    def done(file: Path) -> None:
        seen.add(file)
        progress.part(sum(sizes.get(each, 0) for each in seen), max(1, sum(sizes.values())))

    return done
