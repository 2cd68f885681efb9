"""The grammar of claims: "youth_crime in 0012 > 2 x rest" as a figure, an operator, and what it is held against.

    INDICATOR in AREA [PERIOD] OPERATOR NUMBER [%]
    INDICATOR in AREA [PERIOD] OPERATOR [NUMBER x] REFERENCE

INDICATOR is an id or a label; AREA an area's id or name, or a group; PERIOD a year or quarter; OPERATOR one of > >= <
<= or its words; REFERENCE one of rest, municipality, outside, areas, region, national, twins, or another area or group.
The words may be Danish: "i", "over", "mindst", "gange", "resten af kommunen".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from geo_bosoc.boundaries.reference_areas import (
    ALL_AREAS,
    MUNICIPALITY,
    NATIONAL,
    OUTSIDE,
    REGION,
    REST,
    TWINS,
    group_area,
)
from geo_bosoc.models.criteria import Operator
from geo_bosoc.models.typed_numbers import typed_number
from geo_bosoc.problems import InputError, Problem, did_you_mean
from geo_bosoc.problems.messages import Message, listed, phrase

OPERATORS: Final[Mapping[str, Operator]] = {
    ">=": ">=", "<=": "<=", "≥": ">=", "≤": "<=", ">": ">", "<": "<",
    "at least": ">=", "mindst": ">=", "at most": "<=", "højst": "<=",
    "more than": ">", "mere end": ">", "less than": "<", "mindre end": "<",
    "over": ">", "above": ">", "under": "<", "below": "<",
}  # fmt: skip
"""The operators and their words."""
REFERENCES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("rest", "the rest", "resten", "resten af kommunen", REST), REST),
    **dict.fromkeys(("the rest of the municipality", "rest of the municipality"), REST),
    **dict.fromkeys(("municipality", "the municipality", "kommunen", MUNICIPALITY), MUNICIPALITY),
    **dict.fromkeys(("outside", "uden for områderne", "kommunen uden for områderne", OUTSIDE), OUTSIDE),
    **dict.fromkeys(("areas", "all areas", "alle områder", "områderne under ét", ALL_AREAS), ALL_AREAS),
    **dict.fromkeys(("region", "the region", "regionen", REGION), REGION),
    **dict.fromkeys(("national", "the whole country", "hele landet", "landet", NATIONAL), NATIONAL),
    **dict.fromkeys(("twins", "tvillingerne", "tvillinger", TWINS), TWINS),
}
"""What reference areas are called in a claim."""
_OPERATOR: Final = re.compile(
    r"\s*(>=|<=|≥|≤|>|<)\s*|\s+(?:is\s+|er\s+)?("
    + "|".join(sorted((name for name in OPERATORS if name[0].isalpha()), key=len, reverse=True))
    + r")\s+",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    r"(?P<number>[\d.,]+)\s*(?:(?P<times>x|×|\*|times|gange)(?=\s|$)|(?P<percent>%|percent|per cent|procent|pct\.?))?",
    re.IGNORECASE,
)
_IN: Final = re.compile(r"\s+(?:in|i)\s+", re.IGNORECASE)
_PERIOD: Final = re.compile(r"(?:,?\s+(?:in|i)\s+|,?\s+|\s*\()(\d{4}(?:K[1-4])?)\)?$")
_HINT: Final = phrase('Write it as "youth_crime in 0012 > 2 x rest" or "health in 0012 2024 over 10 %".')


@dataclass(frozen=True)
class Names:
    """What a claim may name: indicators and areas by id, each with its labels; groups.

    Attributes
    ----------
    indicators, areas : mapping of str to collection of str
        By id the other names.
    groups : collection of str
        By name.
    periods : collection of str
        Those that there are figures of.
    """

    indicators: Mapping[str, Collection[str]]
    areas: Mapping[str, Collection[str]]
    groups: Collection[str]
    periods: Collection[str]


@dataclass(frozen=True)
class ClaimText:
    """A claim as it was read.

    Attributes
    ----------
    indicator : str
        Its id.
    area_id : str
        The area's, or the reference area's id of a group.
    period : str or None
        The year or quarter; None for the latest that has a figure.
    operator : {">", ">=", "<", "<="}
        How the two are compared.
    number : Fraction
        The number, or how many times the reference.
    is_percent : bool
        Whether the number was written in per cent.
    reference : str or None
        Another area's id or a reference area; None where a number alone is named.
    """

    indicator: str
    area_id: str
    period: str | None
    operator: Operator
    number: Fraction
    is_percent: bool = False
    reference: str | None = None


def read_claim(text: str, names: Names) -> ClaimText:
    """Read a claim.

    Parameters
    ----------
    text : str
        As it was written.
    names : Names
        What it may name.

    Raises
    ------
    InputError
        It is no claim, or names something that is not there: with what was probably meant.

    Examples
    --------
    >>> names = Names({"youth_crime": ["Sigtede unge"]}, {"0012": ["Parken"]}, ["West"], ["2023", "2024"])
    >>> claim = read_claim("youth_crime in 0012 > 2 x rest", names)
    >>> claim.indicator, claim.area_id, claim.operator, str(claim.number), claim.reference
    ('youth_crime', '0012', '>', '2', '@rest')
    >>> read_claim("sigtede unge i Parken 2023 mindst 12,5 %", names).number
    Fraction(25, 2)
    """
    plain = " ".join(text.split())
    match = _OPERATOR.search(plain)
    if match is None or not match.start():
        raise _wrong(phrase("there is no operator in the claim."), _HINT)
    operator = OPERATORS[(match[1] or match[2]).casefold()]
    left, right = plain[: match.start()].strip(), plain[match.end() :].strip()
    if not right:
        raise _wrong(phrase("nothing stands after the operator."), _HINT)
    indicator, place = _indicator_and_place(left, names)
    area_id, period = _place_and_period(place, names)
    number, is_percent, reference = _right_side(right, names)
    return ClaimText(indicator, area_id, period, operator, number, is_percent, reference)


def _wrong(message: Message, hint: str | None) -> InputError:
    return InputError([Problem("error", message, key="claim", hint=hint)])


def _named(text: str, names: Mapping[str, Collection[str]]) -> list[str]:
    """The ids that a text names: as an id, else as a label whatever its capitals."""
    if text in names:
        return [text]
    folded = text.casefold()
    ids = [key for key, labels in names.items() if folded in {each.casefold() for each in (key, *labels)}]
    return sorted(ids)


def _every_name(names: Mapping[str, Collection[str]]) -> list[str]:
    return [*names, *(label for labels in names.values() for label in labels if label)]


def _indicator_and_place(left: str, names: Names) -> tuple[str, str]:
    """The indicator's id, and what stands behind "in"; labels may hold that word themselves."""
    splits = [(left[: each.start()].strip(), left[each.end() :].strip()) for each in _IN.finditer(left)]
    if not splits:
        raise _wrong(phrase('"in" is missing between the indicator and the area.'), _HINT)
    for first, place in splits:
        ids = _named(first, names.indicators)
        if len(ids) == 1:
            return ids[0], place
        if ids:
            message = phrase('several indicators are called "{name}": {ids}.', name=first, ids=listed(ids))
            raise _wrong(message, phrase("Name it by its id."))
    first = splits[0][0]
    message = phrase('there is no indicator "{name}".', name=first)
    raise _wrong(message, did_you_mean(first, _every_name(names.indicators)))


def _area(text: str, names: Names) -> str | None:
    """The id of an area or group; None where there is none."""
    ids = _named(text, names.areas)
    if len(ids) > 1:
        message = phrase('several areas are called "{name}": {ids}.', name=text, ids=listed(ids))
        raise _wrong(message, phrase("Name it by its id."))
    if ids:
        return ids[0]
    groups = [name for name in names.groups if name.casefold() == text.casefold()]
    return group_area(groups[0]) if groups else None


def _place_and_period(place: str, names: Names) -> tuple[str, str | None]:
    area_id, period, text = _area(place, names), None, place
    match = _PERIOD.search(place)
    if area_id is None and match is not None:
        period, text = match[1], place[: match.start()].strip()
        area_id = _area(text, names)
    if area_id is None:
        area_id = {MUNICIPALITY: MUNICIPALITY, ALL_AREAS: ALL_AREAS}.get(REFERENCES.get(text.casefold(), ""))
    if area_id is None:
        message = phrase('no area has the id or name "{area}".', area=text)
        raise _wrong(message, did_you_mean(text, [*_every_name(names.areas), *names.groups]))
    if period is not None and period not in names.periods:
        message = phrase("there are no figures of {period}.", period=period)
        raise _wrong(
            message, phrase("There are figures of {periods}.", periods=listed(sorted(names.periods)))
        )
    return area_id, period


def _right_side(right: str, names: Names) -> tuple[Fraction, bool, str | None]:
    """The number, whether it is in per cent, and the reference."""
    reference = _reference(right, names)
    if reference is not None:
        return Fraction(1), False, reference
    match = _NUMBER.match(right)
    number = typed_number(match["number"], match["number"]) if match is not None else None
    if match is None or number is None:
        message = phrase('"{text}" is neither a number nor a reference.', text=right)
        raise _wrong(message, _near_reference(right, names))
    rest = right[match.end() :].strip()
    if match["times"] is None:
        if rest:
            message = phrase('"{text}" is neither a number nor a reference.', text=right)
            raise _wrong(message, _HINT)
        return number, match["percent"] is not None, None
    reference = _reference(rest, names)
    if reference is None:
        message = phrase('"{name}" is no reference, area or group.', name=rest)
        raise _wrong(message, _near_reference(rest, names))
    return number, False, reference


def _reference(text: str, names: Names) -> str | None:
    return _area(text, names) or REFERENCES.get(text.casefold())


def _near_reference(text: str, names: Names) -> str:
    words = [name for name in REFERENCES if not name.startswith("@")]
    return did_you_mean(text, [*words, *_every_name(names.areas), *names.groups]) or _HINT
