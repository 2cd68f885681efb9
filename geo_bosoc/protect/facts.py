"""What the manifest tells of matching and counting: small numbers of persons are not told there either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

ABOUT_PERSONS: Final = (
    "match",
    "homes",
    "stays",
    "benefits",
    "counting",
    "corrections",
    "membership",
    "membership_rows_without_address",
)
"""The facts of a report that count persons, dwellings or their rows."""


def guarded_facts(facts: Mapping[str, Any], minimum: int) -> dict[str, Any]:
    """Facts in which each number of persons from 1 to `minimum` - 1 is told as a range.

    >>> guarded_facts({"match": {"persons": {"2024": {"address_not_found": {"rows": 3}}}}}, 5)
    {'match': {'persons': {'2024': {'address_not_found': {'rows': '1-4'}}}}}
    """
    return {name: _told(value, minimum) if name in ABOUT_PERSONS else value for name, value in facts.items()}


def _told(value: Any, minimum: int) -> Any:
    if isinstance(value, Mapping):
        return {name: _told(inner, minimum) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_told(inner, minimum) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < minimum:
        return f"1-{minimum - 1}"
    return value
