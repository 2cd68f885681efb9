"""Progress on anything that takes a while: steps that a run reports and a console draws."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.status import Status


class Progress(Protocol):
    """What a run reports to: the name of the step that begins, and how many there are."""

    def step(self, name: str, number: int, total: int) -> None: ...


class Silent:
    """Reports to nobody (notebooks and tests)."""

    def step(self, name: str, number: int, total: int) -> None:
        return None


class Steps:
    """Draws steps on a console: a spinner on a terminal, a line a step over two seconds elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._name = ""
        self._began = 0.0

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
        self._name = f"{number}/{total} {name}"
        self._began = time.monotonic()
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status(escape(self._name))
            self._status.start()
        else:
            self._status.update(escape(self._name))

    def _end(self) -> None:
        if self._name:
            seconds = time.monotonic() - self._began
            if seconds > 2:
                self._console.print(f"[dim]{escape(self._name)}: {seconds:.1f} s[/]")
        self._name = ""
