"""What the manifest tells of matching and counting: small numbers of persons are not told there either."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from geo_bosoc.problems import Problem

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

_WHICH_ROWS: Final = re.compile(r":? rows? \d[\d, ]*(\.\.\.|\.)")


def guarded_facts(facts: Mapping[str, Any], minimum: int) -> dict[str, Any]:
    """Facts in which each number of persons from 1 to `minimum` - 1 is told as a range.

    Of reasons beside each other, which add up to a number that is known, never one alone is a range: the next smallest
    is then not told either.

    >>> guarded_facts({"match": {"persons": {"2024": {"address_not_found": {"rows": 3}}}}}, 5)
    {'match': {'persons': {'2024': {'address_not_found': {'rows': '1-4'}}}}}
    """
    return {name: _told(value, minimum) if name in ABOUT_PERSONS else value for name, value in facts.items()}


def guarded_problems(problems: Iterable[Problem], minimum: int) -> list[Problem]:
    """Problems whose count is 1 to `minimum` - 1, told as fewer than `minimum`, without the rows' numbers.

    The console of a check tells the true count; files that may be published do not.

    >>> guarded_problems([Problem("note", "2 persons moved: rows 3, 9.", row=3, count=2)], 5)[0].message
    'fewer than 5 persons moved.'
    """
    return [_guarded(problem, minimum) for problem in problems]


def _guarded(problem: Problem, minimum: int) -> Problem:
    if problem.count is None or not 0 < problem.count < minimum:
        return problem
    number = re.compile(rf"(?<![\w.,]){problem.count}(?= )( person(?= (?!number)))?")
    told = number.sub(
        lambda found: f"fewer than {minimum}" + (" persons" if found.group(1) else ""), problem.message
    )
    return replace(problem, message=_WHICH_ROWS.sub(".", told), count=None, row=None)


def _told(value: Any, minimum: int) -> Any:
    if isinstance(value, Mapping):
        told = {name: _told(inner, minimum) for name, inner in value.items()}
        for unit in ("rows", "persons"):
            told = _not_one_alone(value, told, unit, minimum)
        return told
    if isinstance(value, list | tuple):
        return [_told(inner, minimum) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < minimum:
        return f"1-{minimum - 1}"
    return value


def _not_one_alone(value: Mapping[str, Any], told: dict[str, Any], unit: str, minimum: int) -> dict[str, Any]:
    """What is told of reasons beside each other, the next smallest not told where one alone is a range."""
    counts = {
        name: inner[unit] for name, inner in value.items() if isinstance(inner, Mapping) and unit in inner
    }
    counts = {name: count for name, count in counts.items() if isinstance(count, int) and count > 0}
    hidden = [name for name, count in counts.items() if count < minimum]
    rest = sorted((count, name) for name, count in counts.items() if count >= minimum)
    if len(hidden) != 1 or not rest:
        return told
    beside = rest[0][1]
    return {**told, beside: {**told[beside], unit: f"{minimum} or more"}}
