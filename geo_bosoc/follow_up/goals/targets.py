"""What a goal asks for, and by when, as people write it: targets, periods, and the path from the baseline."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from geo_bosoc.models.typed_numbers import typed_number

Kind = Literal["value", "below", "above", "change", "difference", "reach", "approach", "law", "none"]
PathKind = Literal["linear", "step", "milestones"]
Direction = Literal["up", "down"]

DIRECTIONS: Final[Mapping[str, Direction]] = {
    **dict.fromkeys(("up", "op", "stige", "stiger", "higher", "more"), "up"),
    **dict.fromkeys(("down", "ned", "falde", "falder", "lower", "fewer"), "down"),
}
"""The ways a figure may be meant to go, as they are written."""

FACTORS: Final[Mapping[str, int]] = {"percent": 100, "per_1000": 1_000, "per_10000": 10_000}
"""What a figure in these units is divided by: shares and rates are plain fractions inside."""

_UNITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("percent", "per cent", "pct", "pct.", "procent", "%"), "percent"),
    **dict.fromkeys(("mark", "karakter", "mean", "gennemsnit"), "mean"),
    **dict.fromkeys(("count", "antal"), "count"),
}
NO_PERSONS: Final = frozenset((
    "percent", "per_1000", "per_10000", "mean", "dkk", "thousand dkk", "million dkk", "kr", "kr.", "kroner", "t.kr.",
    "tkr.", "1.000 kr.", "1000 kr.", "mio. kr.", "meetings", "møder", "activities", "aktiviteter", "events",
    "arrangementer", "hours", "timer", "days", "dage", "m2", "dwellings", "boliger", "areas", "områder",
))  # fmt: skip
"""Units that count no persons; what is counted in any other is taken to be persons: small numbers are suppressed."""

_NUMBER: Final = r"(\d[\d.,]*)"
_SIGNED_CHANGE: Final = re.compile(rf"([+-]){_NUMBER}%")
_SIGNED: Final = re.compile(rf"\+{_NUMBER}")
_POINTS: Final = re.compile(rf"([+-]){_NUMBER}(?:%-?|pct\.?-?|procent|percentage)(?:points?|point)")
_WORDS: Final = re.compile(
    rf"{_NUMBER}(%|pct\.?|procent|percent)?(more|flere|mere|højere|higher|less|fewer|færre|mindre|lavere|lower)(end.*|than.*)?"
)
_DOWNWARDS: Final = frozenset(("less", "fewer", "færre", "mindre", "lavere", "lower"))
_LIMIT: Final = re.compile(rf"(below|under|above|over){_NUMBER}%?")
_LAW: Final = re.compile(r"([a-z0-9][a-z0-9._-]*):([a-z][a-z0-9_]*)")
_PHRASES: Final[Mapping[str, tuple[Kind, float | None]]] = {
    **dict.fromkeys(("halved", "half", "halveret", "halveres", "halvering", "det halve"), ("change", -0.5)),
    **dict.fromkeys(("doubled", "fordoblet", "fordobles", "fordobling"), ("change", 1.0)),
    **dict.fromkeys(("reach the municipality", "nå kommunen", "kommunens niveau"), ("reach", None)),
    **dict.fromkeys(
        ("approach the municipality", "nærme sig kommunen", "tættere på kommunen"), ("approach", None)
    ),
}
_PERIOD: Final = re.compile(r"((?:1[89]|2[01])\d{2})(?:([HKQ])0?([1-4]))?")
_HALF_YEAR: Final = re.compile(r"([12])\.\s*halvår\s*(\d{4})", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """What a goal asks for.

    Attributes
    ----------
    kind : str
        ``value`` (the number), ``below`` and ``above`` (past it), ``change`` (relative to the baseline: 0.25 is 25 %
        more), ``difference`` (so much more than the baseline), ``reach`` and ``approach`` (the municipality),
        ``law`` (a criterion's threshold), ``none`` (followed without a goal).
    number : float or None
        In the unit inside (shares are fractions).
    model, criterion : str
        Of a threshold of law.
    """

    kind: Kind
    number: float | None = None
    model: str = ""
    criterion: str = ""


def plain_unit(text: str) -> str:
    """A unit by its usual name: ``%`` and ``procent`` are ``percent``; any other stays as it is.

    Examples
    --------
    >>> plain_unit("Procent"), plain_unit("thousand DKK")
    ('percent', 'thousand DKK')
    """
    return _UNITS.get(text.strip().casefold(), text.strip())


def counts_persons(unit: str) -> bool:
    """Whether what is counted in a unit is taken to be persons: all but money, meetings and other known things.

    Examples
    --------
    >>> counts_persons("deltagere"), counts_persons("kr.")
    (True, False)
    """
    return unit.casefold() not in NO_PERSONS


def as_number(text: str, unit: str = "") -> float | None:
    """A typed number in the unit inside; None where it is no number.

    Examples
    --------
    >>> as_number("52,9", "percent"), as_number("1.234,5"), as_number("many")
    (0.529, 1234.5, None)
    """
    plain = text.replace(" ", "")
    number = typed_number(plain, plain)
    return None if number is None else float(number / FACTORS.get(unit, 1))


def parse_target(text: str, unit: str = "") -> Target | None:
    """What the text of a goal asks for; None where it cannot be understood.

    Parameters
    ----------
    text : str
        Such as ``45``, ``+25 %``, ``25 % flere``, ``-3 procentpoint``, ``halved``, ``below 40``, ``nå kommunen``,
        ``approach the municipality``, ``national-2021:outside_labour_pct``. Empty: no goal.
    unit : str, optional
        The figure's unit: a number in ``percent`` is divided by 100.

    Returns
    -------
    Target or None

    Examples
    --------
    >>> parse_target("+25 %").number, parse_target("halveres").number, parse_target("45", "percent").number
    (0.25, -0.5, 0.45)
    >>> parse_target("national-2021:convicted_pct").criterion, parse_target("soon")
    ('convicted_pct', None)
    """
    words = " ".join(text.replace("\u2212", "-").replace("\u00a0", " ").split()).casefold().rstrip(".")
    plain = words.replace(" ", "")
    if not words:
        return Target("none")
    if words in _PHRASES:
        return Target(*_PHRASES[words])
    if match := _LAW.fullmatch(words):
        return Target("law", None, match[1], match[2])
    if match := _POINTS.fullmatch(plain):
        return _signed("difference", match[2], match[1] == "-", "percent")
    if match := _SIGNED_CHANGE.fullmatch(plain):
        return _signed("change", match[2], match[1] == "-", "percent")
    if match := _SIGNED.fullmatch(plain):
        return _signed("difference", match[1], False, unit)
    if match := _WORDS.fullmatch(plain):
        relative = match[2] is not None
        return _signed("change" if relative else "difference", match[1], match[3] in _DOWNWARDS,
                       "percent" if relative else unit)  # fmt: skip
    if match := _LIMIT.fullmatch(plain):
        kind: Kind = "below" if match[1] in ("below", "under") else "above"
        return _signed(kind, match[2], False, unit)
    number = as_number(plain, unit)
    return None if number is None else Target("value", number)


def _signed(kind: Kind, digits: str, negative: bool, unit: str) -> Target | None:
    number = as_number(digits, unit)
    return None if number is None else Target(kind, -number if negative else number)


def parse_period(text: str) -> str | None:
    """A period as it is written everywhere: ``2024``, ``2024H1`` (a half-year), ``2024K1`` (a quarter); else None.

    All three are sorted as text. Half-years are periods of goals and of registrations of one's own alone.

    Examples
    --------
    >>> [parse_period(text) for text in ("2024", "2024 h1", "1. halvår 2024", "2024Q3", "2024H3", "24")]
    ['2024', '2024H1', '2024H1', '2024K3', None, None]
    """
    if match := _HALF_YEAR.fullmatch(text.strip()):
        text = f"{match[2]}H{match[1]}"
    match = _PERIOD.fullmatch(text.replace(" ", "").upper().removesuffix(".0"))
    if match is None or (match[2] == "H" and match[3] not in "12"):
        return None
    return match[1] + (f"{'H' if match[2] == 'H' else 'K'}{match[3]}" if match[2] else "")


def period_end(period: str) -> Fraction:
    """When a period ends, in years: a year, its second half and its fourth quarter end together.

    Examples
    --------
    >>> float(period_end("2024")), float(period_end("2024H1")), float(period_end("2024K3"))
    (2025.0, 2024.5, 2024.75)
    """
    year = int(period[:4])
    if len(period) == 4:
        return Fraction(year + 1)
    return year + Fraction(int(period[5]), 2 if period[4] == "H" else 4)


def parts_of(period: str) -> tuple[str, ...]:
    """The shorter periods that lie in a period.

    Examples
    --------
    >>> parts_of("2024"), parts_of("2024H2"), parts_of("2024K1")
    (('2024H1', '2024H2', '2024K1', '2024K2', '2024K3', '2024K4'), ('2024K3', '2024K4'), ())
    """
    year = period[:4]
    if len(period) == 4:
        return tuple(f"{year}{part}" for part in ("H1", "H2", "K1", "K2", "K3", "K4"))
    if period[4] == "H":
        half = int(period[5])
        return f"{year}K{2 * half - 1}", f"{year}K{2 * half}"
    return ()


@dataclass(frozen=True)
class Path:
    """The way from the baseline to the goal.

    Attributes
    ----------
    kind : {"linear", "step", "milestones"}
        A straight line by default; ``step`` asks for nothing but the baseline's level before the goal's period;
        ``milestones`` are joined by straight lines.
    milestones : tuple of (str, float)
        Periods and figures.
    """

    kind: PathKind = "linear"
    milestones: tuple[tuple[str, float], ...] = ()

    def value(self, period: str, baseline: tuple[str, float], goal: tuple[str, float]) -> float:
        """What the path asks for in a period.

        Parameters
        ----------
        period : str
            The period.
        baseline, goal : tuple of (str, float)
            Period and figure.

        Returns
        -------
        float
            From the goal's period on, the goal.

        Examples
        --------
        >>> round(Path().value("2020", ("2017", 52.5), ("2022", 45.0)), 6)
        48.0
        >>> Path("step").value("2020", ("2017", 52.5), ("2022", 45.0))
        52.5
        """
        time = period_end(period)
        if time >= period_end(goal[0]):
            return goal[1]
        points = [(period_end(when), figure) for when, figure in (baseline, *self.milestones, goal)]
        if self.kind == "step" or time <= points[0][0]:
            return baseline[1]
        for (start, before), (end, after) in itertools.pairwise(points):
            if start <= time <= end:
                return before + (after - before) * float((time - start) / (end - start))
        return goal[1]


def parse_path(text: str, unit: str = "") -> Path | None:
    """A path as it is written: ``linear``, ``step`` (``lineær``, ``trin``), or milestones ``2020: 50; 2021: 48``.

    Parameters
    ----------
    text : str
        Empty: a straight line.
    unit : str, optional
        Of the milestones' figures.

    Returns
    -------
    Path or None
        None where it cannot be understood, or the milestones do not follow each other.

    Examples
    --------
    >>> parse_path("2020: 50 | 2021: 48", "percent").milestones
    (('2020', 0.5), ('2021', 0.48))
    """
    plain = text.strip().casefold()
    if plain in ("", "linear", "lineær", "ret linje"):
        return Path()
    if plain in ("step", "trin"):
        return Path("step")
    milestones = []
    for part in re.split(r"[;|]", text):
        when, _, figure = part.replace("=", ":").partition(":")
        period, number = parse_period(when), as_number(figure, unit)
        if period is None or number is None:
            return None
        milestones.append((period, number))
    ends = [period_end(period) for period, _ in milestones]
    return Path("milestones", tuple(milestones)) if ends == sorted(set(ends)) else None
