"""Facts and problems of a report as the manifest tells them: small numbers of persons are not told there either.

A number is taken to count persons unless it stands in a `NonPersonal`: a fact that nobody marked is guarded. The
internal manifest tells small ones as ranges (`guarded_facts`), the public one tells none of them (`public_facts`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_bosoc.problems import NonPersonal, Problem
from geo_bosoc.problems.messages import Message, bilingual
from geo_bosoc.text.messages import in_language

REGISTER: Final = "register:"
"""What the name of a register's own facts begins with: its files, rows and custody, and BBR's rows by reason."""

_TOTALS: Final = frozenset({"units", "addresses"})
"""What BBR's and DAR's counts by reason have among them: with the reasons they add up to the rows of a file."""
_SUBSETS: Final = frozenset({"without_address", "without_ownership", "without_house", "without_point"})
"""What they tell of the rows that stay, which adds up to nothing."""
_UNITS: Final = ("rows", "persons")
"""What reasons are counted in."""

_ROW_FACTS: Final = ("rows", "bbr", "dar")
"""What a register's own facts tell of its rows."""
_OF_HOMES: Final = ("membership", "membership_rows_without_address", "balance")

_INTERNAL: Final = frozenset({*_OF_HOMES[:2], "residents_by_tenure", "letting"})
"""What the public manifest does not tell at all: lists of estates beside outlines, residents' homes, and letting."""

_LAYER: Final = "areas: "
"""What the name of a layer's facts begins with."""

_IN_WORDS: Final = re.compile(r"\b(one|once|two|twice|both|three|four)\b", re.IGNORECASE)
_NUMBER: Final = re.compile(
    r"(?<![\w.-])(?:(?P<time>\d{4}-\d\d-\d\d|(?:19|20)\d\d(?:K[1-4])?(?:-(?:19|20)\d\d(?:K[1-4])?)?(?![,.]\d))"
    r"|\d[\d,.]*\d|\d)(?!\w)"
)
"""A number in a message; a day, year, quarter or span of them is a ``time``."""
_UNTOLD: Final = "…"
"""What stands for a number in messages that may be published."""

_ROW_NUMBERS: Final = re.compile(r":? (?:rows?|række(?:r|rne)?) \d[\d, ]*(\.\.\.|\.)")


def guarded_facts(facts: Mapping[str, Any], minimum: int) -> dict[str, Any]:
    """Facts in which each number from 1 to `minimum` - 1 is a range, but those in a `NonPersonal`.

    Of reasons for leaving rows out, which add up to a known number, never one alone is a range: the next smallest is
    then not told either.

    Examples
    --------
    >>> guarded_facts({"match": {"persons": {"2024": {"address_not_found": {"rows": 3}}}}}, 5)
    {'match': {'persons': {'2024': {'address_not_found': {'rows': '1-4'}}}}}
    >>> guarded_facts({"new": {"rows": 3}, "map": NonPersonal(polygons=3)}, 5)
    {'new': {'rows': '1-4'}, 'map': {'polygons': 3}}
    """
    return {name: _in_ranges(value, minimum) for name, value in facts.items()}


def publishable_facts(
    facts: Mapping[str, Any], registers: Collection[str], indicators: Collection[str]
) -> dict[str, Any]:
    """Facts without any number that is counted in `registers`, or for `indicators`, which nobody may publish.

    A fact that is told by register or indicator loses theirs, whatever it is called. Their files and custody stay:
    that a register is held, and why, is no secret.

    Examples
    --------
    >>> facts = {"register:police": {"files": ["p.csv"], "rows": 9029}, "homes": {"police": {}, "persons": {}}}
    >>> publishable_facts(facts, ["police"], [])
    {'register:police': {'files': ['p.csv']}, 'homes': {'persons': {}}}
    """
    publishable = {}
    for name, value in facts.items():
        if name.startswith(REGISTER) and _register_of(name.removeprefix(REGISTER)) in registers:
            value = {key: fact for key, fact in value.items() if key not in _ROW_FACTS}
        elif name in _OF_HOMES and any(_has_homes(facts.get(REGISTER + key, {})) for key in registers):
            continue
        elif isinstance(value, Mapping) and not isinstance(value, NonPersonal):
            value = {
                key: fact
                for key, fact in value.items()
                if _register_of(str(key)) not in registers and key not in indicators
            }
        publishable[name] = value
    return publishable


def publishable_problems(
    problems: Iterable[Problem], facts: Mapping[str, Any], registers: Collection[str]
) -> list[Problem]:
    """Problems but those of the keys or files of `registers`, which nobody may publish."""
    files = {file for name in registers for file in facts.get(REGISTER + name, {}).get("files", ())}

    def internal(problem: Problem) -> bool:
        key = ".".join((problem.key or "").split(".")[:2])
        of_register = key.startswith("registers.") and _register_of(key) in registers
        return of_register or problem.file in files

    return [problem for problem in problems if not internal(problem)]


def public_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts that anybody may read: what counts no persons (`NonPersonal`), and words. No other number is told.

    Counts by reason add up to the rows of a register, and registers to each other and to the tables: a range for each
    small one would not do, since a small one may follow from large ones.

    Examples
    --------
    >>> facts = {"register:persons": {"rows": 9029, "unit": "person"}, "map": NonPersonal(lakes=3), "homes": {"a": 7}}
    >>> public_facts(facts)
    {'register:persons': {'unit': 'person'}, 'map': {'lakes': 3}}
    """
    publishable = {}
    for name, value in facts.items():
        if name.startswith(REGISTER) and isinstance(value, Mapping):
            value = {key: fact for key, fact in value.items() if key != "files"}  # told as inputs
        words = None if name in _INTERNAL else _words_of(value)
        if words is not None:
            publishable[name] = words
    return publishable


def _words_of(value: Any) -> Any:
    """A fact without its numbers; None where nothing is left."""
    if isinstance(value, NonPersonal | bool):
        return value
    if isinstance(value, Mapping):
        words = {name: _words_of(inner) for name, inner in value.items() if name not in _INTERNAL}
        return {name: inner for name, inner in words.items() if inner is not None} or None
    if isinstance(value, list | tuple | set | frozenset):
        texts = [text for text in (_words_of(inner) for inner in value) if isinstance(text, str)]
        return texts if value and len(texts) == len(value) else None
    return value if isinstance(value, str) and not value.startswith("<") else None


def public_problems(problems: Iterable[Problem], facts: Mapping[str, Any], minimum: int) -> list[Problem]:
    """Problems as anybody may read them: those of layers as they are, all others without their numbers.

    A problem that is about a row, that holds a number under `minimum`, or says it in a word, is left out: its grammar
    ("1 row is") would tell the number that is taken away.

    Parameters
    ----------
    problems : iterable of Problem
        Of a run.
    facts : mapping
        Of the same run: they name the files of registers and layers.
    minimum : int
        The least number of persons that is shown.

    Examples
    --------
    >>> problems = [Problem("note", "37 of 1,204 rows lie in no area since 2021."), Problem("note", "1 row is.")]
    >>> [problem.message for problem in public_problems(problems, {}, 5)]
    ['… of … rows lie in no area since 2021.']
    """
    of_registers = {
        file for name, fact in facts.items() if name.startswith(REGISTER) for file in fact.get("files", ())
    }
    layers = {
        key.removeprefix(_LAYER)
        for name, fact in facts.items()
        if name.startswith("boundaries.")
        for key in fact
    } - of_registers
    public = (
        problem if problem.file in layers else _without_numbers(problem, minimum) for problem in problems
    )
    return [problem for problem in public if problem is not None]


def _without_numbers(problem: Problem, minimum: int) -> Problem | None:
    """A problem with its numbers taken away; None where words would still tell a small one."""
    texts = (problem.message, problem.hint or "")
    matches = [match for text in texts for match in _NUMBER.finditer(text) if match["time"] is None]
    numbers = [
        float(match[0].replace(",", "").rstrip(".") or 0) if match[0].count(".") < 2 else 0
        for match in matches
    ]
    if problem.count is not None:
        numbers.append(problem.count)
    if (
        problem.row is not None
        or _IN_WORDS.search(problem.message)
        or any(number < minimum for number in numbers)
    ):
        return None

    def blank(text: str) -> str:
        return _NUMBER.sub(lambda match: match[0] if match["time"] is not None else _UNTOLD, text)

    hint = None if problem.hint is None else _in_both_languages(problem.hint, blank)
    return replace(problem, message=_in_both_languages(problem.message, blank), hint=hint, count=None)


def _in_both_languages(
    text: str, change: Callable[[str], str], in_danish: Callable[[str], str] | None = None
) -> Message:
    """A message changed in either language: what its English text may not tell, its Danish may not either."""
    return bilingual(change(text), (in_danish or change)(in_language(text, "da")))


def _register_of(name: str) -> str:
    """The register that a fact's or a problem's key stands for: it may have been linked once more on another day
    (``charges@event``), and may be named as in the project file (``registers.charges``)."""
    return name.removeprefix("registers.").partition("@")[0]


def _has_homes(facts: Mapping[str, Any]) -> bool:
    """Whether these are the facts of a register of people or dwellings, which are compared with the estates' lists."""
    return facts.get("unit") in ("person", "dwelling") or "bbr" in facts


def guarded_problems(problems: Iterable[Problem], minimum: int) -> list[Problem]:
    """Problems whose count is 1 to `minimum` - 1, told as fewer than `minimum`, without the rows' numbers.

    The console of a check tells the true count; files that may be published do not.

    Examples
    --------
    >>> guarded_problems([Problem("note", "2 persons moved: rows 3, 9.", row=3, count=2)], 5)[0].message
    'fewer than 5 persons moved.'
    """
    return [_guarded(problem, minimum) for problem in problems]


def _guarded(problem: Problem, minimum: int) -> Problem:
    if problem.count is None or not 0 < problem.count < minimum:
        return problem
    count = re.compile(rf"(?<![\w.,]){problem.count}(?= )( person(?= (?!number)))?")
    in_danish = re.compile(rf"(?<![\w.,]){problem.count}(?![\w]|[.,]\d)( person(?:er)?\b)?")

    def english(text: str) -> str:
        fewer = count.sub(lambda match: f"fewer than {minimum}" + (" persons" if match[1] else ""), text)
        return _ROW_NUMBERS.sub(".", fewer)

    def danish(text: str) -> str:
        without_rows = _ROW_NUMBERS.sub(".", text)
        return in_danish.sub(
            lambda match: f"færre end {minimum}" + (" personer" if match[1] else ""), without_rows
        )

    message = _in_both_languages(problem.message, english, danish)
    return replace(problem, message=message, count=None, row=None)


def _in_ranges(value: Any, minimum: int) -> Any:
    """A fact with ranges in the place of small numbers, however deep they are."""
    if isinstance(value, NonPersonal):
        return value
    if isinstance(value, pd.Series | np.ndarray | np.generic):
        return _in_ranges(value.tolist(), minimum)
    if isinstance(value, Mapping):
        ranges = {name: _in_ranges(inner, minimum) for name, inner in value.items()}
        for unit in _UNITS:
            ranges = _not_one_alone(value, ranges, unit, minimum)
        return _without_unit(value, ranges, minimum) if _TOTALS & set(value) else ranges
    if isinstance(value, list | tuple | set | frozenset):
        return [_in_ranges(inner, minimum) for inner in value]
    if isinstance(value, int | float | Fraction) and not isinstance(value, bool) and 0 < value < minimum:
        return f"1-{minimum - 1}"
    return value


def _without_unit(value: Mapping[str, Any], ranges: dict[str, Any], minimum: int) -> dict[str, Any]:
    """As `_not_one_alone`, for reasons whose counts have no unit."""
    reasons = {name: {"rows": count} for name, count in value.items() if name not in _SUBSETS}
    reason_ranges = {name: {"rows": ranges[name]} for name in reasons}
    secondary = _not_one_alone(reasons, reason_ranges, "rows", minimum)
    return {**ranges, **{name: inner["rows"] for name, inner in secondary.items()}}


def _not_one_alone(
    value: Mapping[str, Any], ranges: dict[str, Any], unit: str, minimum: int
) -> dict[str, Any]:
    """Reasons that add up, the next smallest suppressed too where one alone is a range."""
    counts = {
        name: inner[unit]
        for name, inner in value.items()
        if isinstance(inner, Mapping) and not isinstance(inner, NonPersonal) and unit in inner
    }
    counts = {name: count for name, count in counts.items() if isinstance(count, int) and count > 0}
    primary = [name for name, count in counts.items() if count < minimum]
    others = sorted((count, name) for name, count in counts.items() if count >= minimum)
    if len(primary) != 1 or not others:
        return ranges
    secondary = others[0][1]
    return {**ranges, secondary: {**ranges[secondary], unit: f"{minimum} or more"}}
