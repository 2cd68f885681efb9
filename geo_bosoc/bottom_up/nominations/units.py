"""Units that name places: known by the words staff use for them, and else shown in the words given, never a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from geo_bosoc.bottom_up.services import Service
from geo_bosoc.problems import load_spec

OTHER: Final[Mapping[str, str]] = {"da": "en anden enhed", "en": "another unit"}
"""What a unit is called of which nothing may be shown: the text may be somebody's name."""
_FOLD: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "é": "e"})
_WORD: Final = re.compile(r"[^\W\d_]+")
_LONGEST: Final = 60


class Unit(BaseModel):
    """A unit and the words it is known by: beginnings of words (or of several), endings, and whole words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    label_da: str
    label_en: str
    gather_da: str
    gather_en: str
    begins: tuple[str, ...] = Field(min_length=1)
    endings: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """The unit's name in ``da`` or ``en``."""
        return self.label_da if language == "da" else self.label_en

    def gather(self, language: str) -> str:
        """Who is asked to the table for it, in ``da`` or ``en``."""
        return self.gather_da if language == "da" else self.gather_en


class _Roles(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    endings: tuple[str, ...]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: tuple[Unit, ...]
    role: tuple[_Roles, ...]


@cache
def _shipped() -> _File:
    return load_spec(_File, resources.files("geo_bosoc.bottom_up") / "units.toml")


def list_units() -> tuple[Unit, ...]:
    """The units that ship with the package."""
    return _shipped().unit


@dataclass(frozen=True)
class _Mark:
    """A way of writing a unit: what it is shown as, and how it stands in a text."""

    shown: str
    pattern: re.Pattern[str]
    length: int


@dataclass(frozen=True)
class UnitWords:
    """How the units of a project are written and shown; made by `unit_words`."""

    language: str
    marks: tuple[_Mark, ...]

    def shown(self, text: str) -> str:
        """What is shown of a unit as it was written: its id or name where it is known, and else the words given.

        Of words that may be somebody's name nothing is shown: they are `OTHER`.
        """
        plain = folded_unit(text)
        best: tuple[int, int, str] | None = None
        for mark in self.marks:
            match = mark.pattern.search(plain)
            if match is not None:
                place = (match.start(), -mark.length, mark.shown)
                best = place if best is None or place[:2] < best[:2] else best
        if best is not None:
            return best[2]
        return _words_given(text) or OTHER[self.language]


def unit_words(services: Iterable[Service], names: Iterable[str], language: str) -> UnitWords:
    """The words by which units are known in a project.

    Parameters
    ----------
    services : the project's kinds of service; a unit that gives one is shown by its id.
    names : names of units that the project allows besides (``[bottom_up] units``), shown as they are written there.
    """
    services = tuple(services)
    marks = [_mark(name, name, "begins") for name in names if folded_unit(name)]
    ids = {service.id for service in services}
    for service in services:
        for text in (service.id, service.label_da, service.label_en):
            marks.append(_mark(service.id, text, "begins"))
    for unit in list_units():
        shown = unit.id if unit.id in ids else unit.label(language)
        for kind in ("begins", "endings", "words"):
            marks += [_mark(shown, text, kind) for text in getattr(unit, kind)]
        marks.append(_mark(shown, unit.id, "begins"))
    return UnitWords(language, tuple(marks))


def gather_words(language: str) -> dict[str, str]:
    """By a unit's name, who is asked to the table for it."""
    return {unit.label(language): unit.gather(language) for unit in list_units()}


def folded_unit(text: str) -> str:
    """A unit as it is compared: small letters, ae, oe and aa, one blank between words.

    >>> folded_unit("SSP-konsulenten"), folded_unit(" Ældreplejen "), folded_unit("day_care")
    ('ssp konsulenten', 'aeldreplejen', 'day care')
    """
    return " ".join(_WORD.findall(text.casefold().translate(_FOLD)))


def _mark(shown: str, text: str, kind: str) -> _Mark:
    plain = re.escape(folded_unit(text)).replace("\\ ", " ")
    # a name of one or two letters is a word of its own: "UU" does not begin "uuddannet"
    whole = kind == "words" or len(plain) < 3
    pattern = rf"\b{plain}\b" if whole else (rf"\b{plain}" if kind == "begins" else rf"\b\w*{plain}\b")
    return _Mark(shown, re.compile(pattern), len(plain) if kind != "endings" else 0)


def _words_given(text: str) -> str:
    """Of the words given those that can be nobody's name; empty without a word that means a unit or a role."""
    if len(text) > _LONGEST:
        return ""
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)
    endings = tuple(folded_unit(ending) for role in _shipped().role for ending in role.endings)
    roles = [at for at, word in enumerate(words) if folded_unit(word).endswith(endings)]
    if not roles:
        return ""
    between = words[roles[0] : roles[-1] + 1]
    return " ".join(
        word for at, word in enumerate(between, start=roles[0]) if at in roles or word[0].islower()
    )
