"""Kinds of municipal service and the units that give them: their names, who could get them, who is gathered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.outputs.texts import within_sentence
from geo_bosoc.predicates.parse import parse_predicate, predicate_columns
from geo_bosoc.problems import InputError, Report, load_spec
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.provenance import Labelled, in_language


class Service(Labelled):
    """A kind of service.

    Attributes
    ----------
    id : str
        Its id. Example: ``id = "home_care"``
    eligible : str
        Who could get it: a row-wise predicate over the persons; left out, everybody.
        Example: ``eligible = "age >= 65"``
    gather_da, gather_en : str
        Who is asked to the table for it; left out, its name. Example: ``gather_da = "Hjemmeplejen"``
        ``gather_en = "Home care"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    eligible: str = ""
    gather_da: str = ""
    gather_en: str = ""

    def gather(self, language: str) -> str:
        """Who is asked to the table for it, in ``da`` or ``en``."""
        return in_language(self.gather_en, self.gather_da, language) or self.label(language)


class ServiceFile(BaseModel):
    """A file of kinds of service.

    Attributes
    ----------
    unknown_names : {"ignore"} or None
        ``ignore`` counts no cases of kinds that the file does not list; left out, they are an error.
    service : tuple of Service
        The kinds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unknown_names: Literal["ignore"] | None = None
    service: tuple[Service, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> ServiceFile:
        number_by_id = Counter(service.id for service in self.service)
        duplicates = sorted(name for name, count in number_by_id.items() if count > 1)
        if duplicates:
            raise ValueError(
                phrase(
                    "each service must be listed once, and these are duplicated: {names}.",
                    names=joined(duplicates),
                )
            )
        return self


def load_services(path: str | Path | None = None, *, report: Report | None = None) -> tuple[Service, ...]:
    """The kinds of service that ship with the package, or those of a TOML file with the same keys.

    Parameters
    ----------
    path : str or Path, optional
        The file.
    report : Report, optional
        Takes keys that the file should not have; without it they raise.

    Returns
    -------
    tuple of Service

    Raises
    ------
    InputError
        The file is not there, is no TOML, or is inconsistent; everything wrong is listed.

    Examples
    --------
    >>> from geo_bosoc.bottom_up import load_services
    >>> [service.label("en") for service in load_services()][:2]
    ['Job centre', 'Social psychiatry']
    """
    return _load(path, report).service


def unknown_services(path: str | Path | None = None) -> Literal["ignore"] | None:
    """What a file of services says of names that it does not know (``unknown_names``); None: they are an error."""
    return _load(path).unknown_names


def _load(path: str | Path | None, report: Report | None = None) -> ServiceFile:
    shipped = resources.files("geo_bosoc.bottom_up.presence") / "services.toml"
    return load_spec(ServiceFile, shipped if path is None else Path(path), report=report)


def eligible_services(
    persons: pd.DataFrame, services: Sequence[Service], report: Report
) -> NDArray[np.int64]:
    """(persons, kinds): 1 who could get it. Where that is not known, the person is not counted."""
    named = {name for service in services if service.eligible for name in _columns(service)}
    columns = [name for name in persons.columns if name in named]
    frame = pl.DataFrame({name: _series(name, persons[name]) for name in columns})
    result = np.ones((len(persons), len(services)), np.int64)
    for position, service in enumerate(services):
        if service.eligible:
            predicate = parse_predicate(
                service.eligible, frame.schema, key=f"service.{service.id}.eligible", report=report
            )
            if not report.errors:
                result[:, position] = frame.select(
                    predicate.fill_null(False).cast(pl.Int64).alias("eligible")
                )["eligible"].to_numpy()
    return result


def _columns(service: Service) -> frozenset[str]:
    """The columns that a predicate names; none where it cannot be read (parsing reports it)."""
    try:
        return predicate_columns(service.eligible)
    except InputError:
        return frozenset()


def _series(name: str, values: pd.Series[Any]) -> pl.Series:
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_extension_array_dtype(
        values.dtype
    ):
        return pl.Series(name, values.to_numpy())
    return pl.Series(name, [None if pd.isna(value) else value for value in values], strict=False)


_FOLD: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "é": "e"})
_WORD: Final = re.compile(r"[^\W\d_]+")
_LONGEST: Final = 60
ANOTHER_UNIT: Final = "another_unit"
"""What stands for a unit whose words may be somebody's name."""


class Unit(BaseModel):
    """A unit and the words it is known by: beginnings of words (or of several), endings, and entire words."""

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
    return load_spec(_File, resources.files("geo_bosoc.bottom_up.presence") / "units.toml")


def list_units() -> tuple[Unit, ...]:
    """The units that ship with the package."""
    return _shipped().unit


@dataclass(frozen=True)
class _Mark:
    """A way of writing a unit: its label, and how it stands in a text."""

    label: str
    pattern: re.Pattern[str]
    length: int


@dataclass(frozen=True)
class UnitWords:
    """How the units of a project are written; made by `unit_words`."""

    project_marks: tuple[_Mark, ...]
    marks: tuple[_Mark, ...]

    def publishable_unit(self, text: str) -> str:
        """What may be shown of a unit as it was written: the id of a unit or kind of service (`unit_labels` has its
        name), one of the names that the project allows, or the words given.

        Of words that may be somebody's name nothing is shown: they are `ANOTHER_UNIT`.
        """
        folded = folded_unit(text)
        return (
            _first_mark(self.project_marks, folded)
            or _first_mark(self.marks, folded)
            or _role_words(text)
            or ANOTHER_UNIT
        )


def _first_mark(marks: Iterable[_Mark], folded: str) -> str:
    """The label of what stands first in a folded text, of several there the longest; empty where nothing does."""
    first: tuple[int, int, str] | None = None
    for mark in marks:
        match = mark.pattern.search(folded)
        if match is not None:
            rank = (match.start(), -mark.length, mark.label)
            first = rank if first is None or rank[:2] < first[:2] else first
    return first[2] if first is not None else ""


def unit_words(
    services: Iterable[Service],
    names: Iterable[str],
    names_of_units: Mapping[str, str] = MappingProxyType({}),
) -> UnitWords:
    """The words by which units are known in a project.

    Parameters
    ----------
    services : iterable of Service
        The project's kinds of service; a unit that gives one of them is shown by its id.
    names : iterable of str
        Names of units that the project allows besides (``[bottom_up] units``), shown as they are written there.
    names_of_units : mapping of str to str, optional
        What the project calls its units, each with the id of the unit or service that it is
        (``[bottom_up.unit_names]``): shown and gathered as that one. They go before all other words.

    Returns
    -------
    UnitWords

    Examples
    --------
    >>> words = unit_words((), (), {"Ungehuset": "youth_club"})
    >>> words.publishable_unit("Lederen af Ungehuset, Anne Jensen")
    'youth_club'
    """
    first = [_mark(unit, name, "begins") for name, unit in names_of_units.items() if folded_unit(name)]
    marks = [_mark(name, name, "begins") for name in names if folded_unit(name)]
    for service in services:
        for text in (service.id, service.label_da, service.label_en):
            marks.append(_mark(service.id, text, "begins"))
    for unit in list_units():
        for kind in ("begins", "endings", "words"):
            marks += [_mark(unit.id, text, kind) for text in getattr(unit, kind)]
        marks.append(_mark(unit.id, unit.id, "begins"))
    return UnitWords(tuple(first), tuple(marks))


def unit_labels(services: Iterable[Service], language: str) -> dict[str, str]:
    """By id what units and kinds of service are called within a sentence, `ANOTHER_UNIT` too.

    Examples
    --------
    >>> labels = unit_labels(load_services(), "da")
    >>> [labels[unit] for unit in ("job_centre", "school", "another_unit")]
    ['jobcenter', 'skole', 'en anden enhed']
    """
    labels = {unit.id: unit.label(language) for unit in list_units()}
    labels |= {service.id: service.label(language) for service in services}
    labels[ANOTHER_UNIT] = word("bottom_up_map", ANOTHER_UNIT, language)
    return {name: within_sentence(label) for name, label in labels.items()}


def gather_words(language: str) -> dict[str, str]:
    """By a unit's id, who is asked to the table for it."""
    return {unit.id: unit.gather(language) for unit in list_units()}


def folded_unit(text: str) -> str:
    """A unit as it is compared: small letters, ae, oe and aa, one blank between words.

    >>> folded_unit("SSP-konsulenten"), folded_unit(" Ældreplejen "), folded_unit("day_care")
    ('ssp konsulenten', 'aeldreplejen', 'day care')
    """
    return " ".join(_WORD.findall(text.casefold().translate(_FOLD)))


def _mark(label: str, text: str, kind: str) -> _Mark:
    folded = re.escape(folded_unit(text)).replace("\\ ", " ")
    # a name of one or two letters is a word of its own: "UU" does not begin "uuddannet"
    is_word = kind == "words" or len(folded) < 3
    pattern = rf"\b{folded}\b" if is_word else (rf"\b{folded}" if kind == "begins" else rf"\b\w*{folded}\b")
    return _Mark(label, re.compile(pattern), len(folded) if kind != "endings" else 0)


def _role_words(text: str) -> str:
    """Of the words given those that can be nobody's name, as within a sentence; empty without
    one that means a unit or a role."""
    if len(text) > _LONGEST:
        return ""
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)
    endings = tuple(folded_unit(ending) for role in _shipped().role for ending in role.endings)
    role_positions = [position for position, word in enumerate(words) if folded_unit(word).endswith(endings)]
    if not role_positions:
        return ""
    role_words = words[role_positions[0] : role_positions[-1] + 1]
    shown = " ".join(
        word
        for position, word in enumerate(role_words, start=role_positions[0])
        if position in role_positions or word[0].islower()
    )
    return within_sentence(shown)
