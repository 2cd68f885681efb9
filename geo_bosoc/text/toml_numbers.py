"""Numbers in project, indicator and model files that nothing can be meant by, told with their key."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

LARGEST: Final = 10**12
"""No setting is larger than this, whatever it counts."""

Key = tuple[str | int, ...]


def absurd_numbers(data: Any, at: Key = ()) -> Iterator[tuple[Key, str]]:
    """The keys of numbers that are infinite, no numbers or beyond `LARGEST`, each with what is wrong.

    >>> list(absurd_numbers({"protect": {"minimum": 10**30}, "band": [float("inf"), 1.5]}))
    [(('protect', 'minimum'), 'this number is too large'), (('band', 0), 'this number must be finite')]
    """
    if isinstance(data, dict):
        for name, value in data.items():
            yield from absurd_numbers(value, (*at, str(name)))
    elif isinstance(data, list | tuple):
        for place, value in enumerate(data):
            yield from absurd_numbers(value, (*at, place))
    elif isinstance(data, float) and not math.isfinite(data):
        yield at, "this number must be finite"
    elif isinstance(data, int | float) and not isinstance(data, bool) and abs(data) > LARGEST:
        yield at, "this number is too large"
