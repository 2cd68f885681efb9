"""What the manifest tells of matching and counting: small numbers of persons are not told there either."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
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
"""The facts of a report that count persons, dwellings or their rows; what `REGISTER` begins does so too."""

REGISTER: Final = "register:"
"""What the name of a register's own facts begins with: its files, rows and custody, and BBR's rows by reason."""

_WHOLES: Final = frozenset({"units", "addresses"})
"""What BBR's and DAR's counts by reason have among them: with the reasons they add up to the rows of a file."""
_PARTS: Final = frozenset({"without_address", "without_ownership", "without_house", "without_point"})
"""What they tell of those that were kept, which adds up to nothing."""

BALANCE: Final = "balance"
_OF_RESIDENTS: Final = ("residents_by_tenure", "letting")
"""What the facts of the balance tell of people; the rest of them counts dwellings and estates."""

_BY_REGISTER: Final = ("match", "homes", "stays")
_BY_INDICATOR: Final = ("counting", "carried_forward")
_OF_HOMES: Final = ("membership", "membership_rows_without_address", BALANCE)

_WHICH_ROWS: Final = re.compile(r":? rows? \d[\d, ]*(\.\.\.|\.)")


def guarded_facts(facts: Mapping[str, Any], minimum: int) -> dict[str, Any]:
    """Facts in which each number of persons from 1 to `minimum` - 1 is told as a range.

    Of reasons beside each other, which add up to a number that is known, never one alone is a range: the next smallest
    is then not told either.

    >>> guarded_facts({"match": {"persons": {"2024": {"address_not_found": {"rows": 3}}}}}, 5)
    {'match': {'persons': {'2024': {'address_not_found': {'rows': '1-4'}}}}}
    """
    told = {
        name: _in_ranges(value, minimum) if name in ABOUT_PERSONS or name.startswith(REGISTER) else value
        for name, value in facts.items()
    }
    if BALANCE in told:
        inner = told[BALANCE]
        told[BALANCE] = {
            name: _in_ranges(value, minimum) if name in _OF_RESIDENTS else value
            for name, value in inner.items()
        }
    return told


def publishable_facts(
    facts: Mapping[str, Any], registers: Collection[str], indicators: Collection[str]
) -> dict[str, Any]:
    """Facts without any number that is counted in `registers`, or for `indicators`, which nobody may publish.

    Their files and custody stay: that a register is held, and why, is no secret.

    >>> facts = {"register:police": {"files": ["p.csv"], "rows": 9029}, "homes": {"police": {}, "persons": {}}}
    >>> publishable_facts(facts, ["police"], [])
    {'register:police': {'files': ['p.csv']}, 'homes': {'persons': {}}}
    """
    told = {}
    for name, value in facts.items():
        if name.startswith(REGISTER) and _without_twin(name.removeprefix(REGISTER)) in registers:
            value = {key: each for key, each in value.items() if key not in ("rows", "bbr", "dar")}
        elif name in _BY_REGISTER:
            value = {key: each for key, each in value.items() if _without_twin(key) not in registers}
        elif name in _BY_INDICATOR:
            value = {key: each for key, each in value.items() if key not in indicators}
        elif name in _OF_HOMES and any(_places(facts.get(REGISTER + each, {})) for each in registers):
            continue
        told[name] = value
    return told


def publishable_problems(
    problems: Iterable[Problem], facts: Mapping[str, Any], registers: Collection[str]
) -> list[Problem]:
    """Problems but those that are told of the keys or files of `registers`, which nobody may publish."""
    files = {file for name in registers for file in facts.get(REGISTER + name, {}).get("files", ())}
    keys = {f"registers.{name}" for name in registers}

    def hidden(problem: Problem) -> bool:
        key = ".".join((problem.key or "").split(".")[:2])
        return _without_twin(key) in keys or problem.file in files

    return [problem for problem in problems if not hidden(problem)]


def _without_twin(name: str) -> str:
    """The register that a name stands for, which may be linked once more on another day (``charges@event``)."""
    return name.partition("@")[0]


def _places(facts: Mapping[str, Any]) -> bool:
    """Whether these are the facts of a register of people or dwellings, which are compared with the estates' lists."""
    return facts.get("unit") in ("person", "dwelling") or "bbr" in facts


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


def _in_ranges(value: Any, minimum: int) -> Any:
    if isinstance(value, Mapping):
        ranges = {name: _in_ranges(inner, minimum) for name, inner in value.items()}
        for unit in ("rows", "persons"):
            ranges = _not_one_alone(value, ranges, unit, minimum)
        return _next_too(value, ranges, minimum) if _WHOLES & set(value) else ranges
    if isinstance(value, list | tuple):
        return [_in_ranges(inner, minimum) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < minimum:
        return f"1-{minimum - 1}"
    return value


def _next_too(value: Mapping[str, Any], ranges: dict[str, Any], minimum: int) -> dict[str, Any]:
    """As `_not_one_alone`, for reasons whose counts stand there without a unit."""
    reasons = {name: {"rows": count} for name, count in value.items() if name not in _PARTS}
    reason_ranges = {name: {"rows": ranges[name]} for name in reasons}
    settled = _not_one_alone(reasons, reason_ranges, "rows", minimum)
    return {**ranges, **{name: inner["rows"] for name, inner in settled.items()}}


def _not_one_alone(
    value: Mapping[str, Any], ranges: dict[str, Any], unit: str, minimum: int
) -> dict[str, Any]:
    """What is told of reasons beside each other, the next smallest not told where one alone is a range."""
    counts = {
        name: inner[unit] for name, inner in value.items() if isinstance(inner, Mapping) and unit in inner
    }
    counts = {name: count for name, count in counts.items() if isinstance(count, int) and count > 0}
    hidden = [name for name, count in counts.items() if count < minimum]
    rest = sorted((count, name) for name, count in counts.items() if count >= minimum)
    if len(hidden) != 1 or not rest:
        return ranges
    beside = rest[0][1]
    return {**ranges, beside: {**ranges[beside], unit: f"{minimum} or more"}}
