"""A worker process (loky) for what keeps a core busy for seconds while this process does the rest."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import BrokenProcessPool

from geo_bosoc.memory import rare_collection
from geo_bosoc.problems import InputError

_TRIES: Final = 200
_PAUSE: Final = 0.01
"""Seconds between two looks whether the last call has begun."""


class Worker:
    """Calls functions in a process of its own, one after the other; used as a context manager.

    What it has not come to when somebody waits for it is called here: two processes then share the calls, one from
    the first on and one from the last. It is only ever a matter of time: where no worker is to be had (one core, a
    Python that is built into another program), or it dies, the function is called here instead.

    Parameters
    ----------
    modules : str
        Where the functions are; loaded while the worker waits for its first call.
    """

    def __init__(self, *modules: str) -> None:
        self._modules = modules
        self._pool: ProcessPoolExecutor | None = None
        self._giver: ThreadPoolExecutor | None = None
        self._latest: Future[None] | None = None
        self._giving = threading.Lock()
        self._last: Future[Any] | None = None

    def start(self) -> None:
        """Start the worker, which takes a second to load its modules; once, and only where it helps."""
        if self._pool is None and (os.cpu_count() or 1) > 1 and _plain_python():
            with contextlib.suppress(OSError):
                self._pool = ProcessPoolExecutor(max_workers=1)
                for module in self._modules:
                    self._last = self._pool.submit(_load, module)
                # loky takes several calls at a time, which nobody else can make then: a thread gives it one.
                self._giver = ThreadPoolExecutor(1)

    def call(self, function: str | Callable[..., None], *arguments: Any, **named: Any) -> Callable[[], None]:
        """Have a function called (``module:name``, or itself where it is loaded); what is returned waits for its end.

        Where the worker has not begun it by then, it is called here. The wait raises what the function raised, where
        that is an `InputError`. Any other failure of the worker leads to the call being made here, with whatever that
        raises.
        """

        def call_here() -> None:
            _call(function, arguments, named)

        if self._giver is None:
            return call_here
        before, answer = self._latest, self._giver.submit(self._call_there, function, arguments, named)
        self._latest = answer
        if before is None or before.done():  # nothing else is to be done there: it begins now
            while not (answer.running() or answer.done()):
                time.sleep(_PAUSE / 10)

        def wait() -> None:
            if answer.cancel():
                call_here()
                return
            try:
                answer.result()
            except InputError:
                raise
            except Exception:  # the worker's own trouble: what is the program's is met again here
                call_here()

        return wait

    def close(self) -> None:
        """End the worker, whatever it is doing."""
        giver, self._giver = self._giver, None
        if giver is not None:
            giver.shutdown(wait=False, cancel_futures=True)
        with self._giving:
            pool, self._pool = self._pool, None
        if pool is not None:
            for _ in range(_TRIES):  # loky's own thread stumbles over a call that it has not handed over yet
                if self._last is None or self._last.running() or self._last.done():
                    break
                time.sleep(_PAUSE)
            pool.shutdown(wait=True, kill_workers=True)

    def _call_there(
        self, function: str | Callable[..., None], arguments: tuple[Any, ...], named: dict[str, Any]
    ) -> None:
        """Give the worker a call, and wait for its end."""
        with self._giving:
            if self._pool is None:
                raise BrokenProcessPool("closed")
            answer = self._last = self._pool.submit(_call, function, arguments, named)
        answer.result()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@rare_collection()
def _load(module: str) -> None:
    """What the worker does while it waits."""
    import_module(module)


@rare_collection()
def _call(function: str | Callable[..., None], arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    """A function, called where this is."""
    if isinstance(function, str):
        module, _, name = function.partition(":")
        function = getattr(import_module(module), name)
    assert callable(function)
    function(*arguments, **named)


def _plain_python() -> bool:
    """Whether this program is a Python that can be started again: not one within QGIS, ArcGIS or an executable."""
    return not getattr(sys, "frozen", False) and Path(sys.executable or "").stem.lower().startswith("python")
