"""Work that keeps one core busy for seconds, done by a Python of its own while this one does the rest."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

from geo_bosoc.collecting import process_of_one_task
from geo_bosoc.problems import InputError

_BEGIN: Final = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from geo_bosoc.own_process import serve; serve()"
)
"""What the other Python is started with: it finds its modules where this one does, and nothing of the caller's own
program is run again."""


class OwnProcess:
    """A second Python that calls functions for this one; used as a context manager.

    It is only ever a matter of time: where there is no second Python to be had (one core, a Python that is built into
    another program), or it ends before its answer, the function is called here instead. What is handed over goes
    through a pipe, never through a file.

    Parameters
    ----------
    module : where the functions are; loaded while the other Python waits for its first call.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the other Python, which takes a second to load its modules; once, and only where it helps."""
        if self._process is not None or (os.cpu_count() or 1) < 2 or not _plain_python():
            return
        with contextlib.suppress(OSError):
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BEGIN],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            with contextlib.suppress(OSError):
                _send(_pipe(self._process.stdin), sys.path, self._module)

    def call(self, name: str, *arguments: Any, **named: Any) -> Callable[[], None]:
        """Begin the call of a function of the module, one at a time; what is returned waits for its end.

        The wait raises what the function raised, where that is an `InputError`. Any other failure of the other Python
        leads to the call being made here, with whatever that raises.
        """

        def here() -> None:
            getattr(import_module(self._module), name)(*arguments, **named)

        process = self._process
        if process is None:
            return here
        answer: list[InputError | None] = []
        talk = threading.Thread(
            target=_ask, args=(process, (name, arguments, named), answer), name="own process", daemon=True
        )
        talk.start()

        def wait() -> None:
            talk.join()
            if not answer:
                self.close()
                here()
            elif answer[0] is not None:
                raise answer[0]

        return wait

    def close(self) -> None:
        """End the other Python, whatever it is doing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                _pipe(stream).close()

    def __enter__(self) -> OwnProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve() -> None:
    """Call what is asked for on standard input until it ends; what functions print goes nowhere near the answers."""
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    process_of_one_task()
    module = import_module(pickle.load(asked))
    while True:
        try:
            name, arguments, named = pickle.load(asked)
        except EOFError:
            return
        told = None
        try:
            getattr(module, name)(*arguments, **named)
        except InputError as error:
            told = error
        _send(answers, told)


def _ask(process: subprocess.Popen[bytes], asked: Any, answer: list[InputError | None]) -> None:
    """Send a call and put its answer into the list; the list stays empty where the other Python does not answer."""
    with contextlib.suppress(OSError, EOFError, ValueError, pickle.PickleError, AttributeError, TypeError):
        _send(_pipe(process.stdin), asked)
        answer.append(pickle.load(_pipe(process.stdout)))


def _send(stream: BinaryIO, *told: Any) -> None:
    for one in told:
        stream.write(pickle.dumps(one, protocol=pickle.HIGHEST_PROTOCOL))
    stream.flush()


def _pipe(stream: Any) -> BinaryIO:
    assert stream is not None
    found: BinaryIO = stream
    return found


def _plain_python() -> bool:
    """Whether this program is a Python that can be started again: not one within QGIS, ArcGIS or an executable."""
    return not getattr(sys, "frozen", False) and Path(sys.executable or "").stem.lower().startswith("python")
