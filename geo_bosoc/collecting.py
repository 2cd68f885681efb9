"""How often Python looks for objects that hold each other."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import Final

_RARELY: Final = 1_000_000
"""New objects between two looks; Python's own number is some hundreds."""


@contextlib.contextmanager
def rarely_collected() -> Iterator[None]:
    """While this lasts, Python looks for cycles of objects a thousand times more rarely.

    A run makes millions of cells, rows and words that hold no cycles and go away by themselves; looking through all
    of them again and again took a tenth of its time. Works as a decorator too.
    """
    before = gc.get_threshold()
    if before[0]:
        gc.set_threshold(max(before[0], _RARELY), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
