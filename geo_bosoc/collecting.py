"""How often Python looks for objects that hold each other and that nothing else holds ("garbage collection")."""

from __future__ import annotations

import atexit
import contextlib
import gc
from collections.abc import Iterator
from typing import Final

_RARELY: Final = 20_000_000
"""New objects between two looks; Python's own number is some hundreds."""


@contextlib.contextmanager
def rarely_collected() -> Iterator[None]:
    """While this lasts, Python looks for cycles of objects some ten thousand times more rarely.

    A run makes millions of cells, rows and words that hold no cycles and go away by themselves; looking through all
    of them again and again took a tenth of its time. Works as a decorator too.
    """
    before = gc.get_threshold()
    _look_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*before)


def process_of_one_task() -> None:
    """Say that this process ends with what it was started for, as a command does: to be called before libraries load.

    Cycles are looked for rarely from then on, which makes loading the libraries a sixth shorter, and not at all at the
    end, when the system takes all memory back: ending took 0.3 s.
    """
    _look_rarely()
    atexit.register(gc.freeze)


def _look_rarely() -> None:
    before = gc.get_threshold()
    if before[0]:
        gc.set_threshold(max(before[0], _RARELY), *before[1:])
