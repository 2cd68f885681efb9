"""Names of a code list as a message may show them: words and short codes, never what may be somebody's number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from geo_bosoc.problems.messages import Message, joined, phrase

_SHOWN: Final = 20
_LONGEST: Final = 60
_DIGITS: Final = 5


def listed_names(counts: Mapping[str, int]) -> Message:
    """Names with their numbers of rows as text, the most frequent first.

    >>> listed_names({"ledighed": 3, "9901901234": 7, "barsel": 9})
    '"barsel", "ledighed" and 1 more'
    """
    by_frequency = sorted(counts, key=lambda name: (-counts[name], name))
    plain = [
        name for name in by_frequency if len(name) <= _LONGEST and sum(map(str.isdigit, name)) <= _DIGITS
    ]
    named = joined(f'"{name}"' for name in plain[:_SHOWN])
    unlisted = len(by_frequency) - min(len(plain), _SHOWN)
    if not named:
        return phrase("{count:,} that are not shown", count=unlisted)
    return phrase("{names} and {count:,} more", names=named, count=unlisted) if unlisted else named
