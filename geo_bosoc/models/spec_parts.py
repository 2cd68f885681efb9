"""Parts of a model file: rules, references, parameters, the index, and the case on residents' origin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from geo_bosoc.indicators.spec import Unit
from geo_bosoc.problems import load_spec
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import day
from geo_bosoc.text.provenance import Provenance

UNIT_PARTS: dict[Unit, int] = {"percent": 100, "per_1000": 1_000, "per_10000": 10_000, "mean": 1, "count": 1}
"""How many parts of a unit make one whole: a threshold of 40 percent is 40/100."""


ReferenceArea = Literal["municipality", "rest", "outside_areas", "region", "national"]


class Column(BaseModel):
    """A column of a finished table that holds an indicator, and the unit its numbers are in.

    Attributes
    ----------
    name : str
        The column's name. Example: ``name = "outside_labour_pct"``
    unit : {"percent", "per_1000", "per_10000", "mean", "count"}
        The unit of its numbers. Example: ``unit = "percent"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    unit: Unit


class Reference(BaseModel):
    """What an area is compared with: ``times = 3, of = "national"`` is three times the national rate.

    Attributes
    ----------
    of : {"municipality", "rest", "outside_areas", "region", "national"}
        Whose figure; ``rest`` is the municipality less the area, ``outside_areas`` the municipality less all
        assessed areas. Example: ``of = "rest"``
    times : float or None
        How many times it is the limit. Example: ``times = 3``
    parameter : str or None
        The dated values to use where no row ``@national`` (or ``@region``) is given.
        Example: ``parameter = "national_convicted"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: ReferenceArea = "municipality"
    times: float | None = None
    parameter: str | None = None

    @field_validator("of", mode="before")
    @classmethod
    def _is_safe(cls, of: Any) -> Any:
        name = of.removeprefix("@") if isinstance(of, str) else ""
        if name == "twins":
            raise ValueError(
                "a model cannot compare with twins: the figures that it judges say who is alike, and an area's "
                "category would tell of others' hidden figures. Compare with rest or outside_areas; for an indicator, "
                'write reference = "@twins".'
            )
        if name.startswith("group:"):
            raise ValueError(
                "a model cannot compare with a group of areas: an area's category would tell of its members' hidden "
                "figures. Compare with rest or outside_areas; for an indicator, write "
                'reference = "@group:" and the name of the group.'
            )
        return of

    @model_validator(mode="after")
    def _has_one_figure(self) -> Reference:
        if self.of in ("rest", "outside_areas") and self.parameter is not None:
            raise ValueError("the rest of the municipality is counted: it goes with no parameter")
        return self


class Dated(BaseModel):
    """A parameter's value in one list year.

    Attributes
    ----------
    value : float
        The number. Example: ``value = 2.35``
    times : float
        The printed number is so many times the value that is meant.
    source : str
        Where it is printed. Example: ``source = "The list of 2023"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    times: float = 1.0
    source: str = ""


class Parameter(Provenance):
    """A figure that differs from year to year and is set outside the area's data, such as a national rate.

    Attributes
    ----------
    id : str
        The name that criteria use. Example: ``id = "national_convicted"``
    unit : {"percent", "per_1000", "per_10000", "mean", "count"}
        The unit of its values.
    label_da, label_en : str
        Its name. Example: ``label_da = "Dømte i hele landet"`` ``label_en = "Convicted, Denmark"``
    values : dict of str to Dated
        By list year.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    unit: Unit = "percent"
    label_da: str = ""
    label_en: str = ""
    values: dict[str, Dated] = Field(default_factory=dict)


class Persistence(BaseModel):
    """Some category the last years in a row, the list year itself among them.

    Attributes
    ----------
    categories : tuple of str
        Any of these. Example: ``categories = ["ghetto"]``
    years : int
        So many years. Unit: years. Example: ``years = 5``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    categories: tuple[str, ...] = Field(min_length=1)
    years: int = Field(ge=2, le=100)


class Rule(BaseModel):
    """One way into a category: everything named here must hold.

    Attributes
    ----------
    requires : tuple of str
        Criteria that must all be met. Example: ``requires = ["outside_40"]``
    at_least : int
        So many of the criteria in `of` must be met. Example: ``at_least = 2`` ``of = ["a", "b", "c"]``
    of : tuple of str
        The criteria that `at_least` counts. Example: ``at_least = 2`` ``of = ["a", "b", "c"]``
    categories : tuple of str
        Categories that the area must be in as well. Example: ``categories = ["vulnerable"]``
    persistence : Persistence or None
        A category that it must have been in for years in a row.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    requires: tuple[str, ...] = ()
    at_least: int = Field(default=0, ge=0)
    of: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    persistence: Persistence | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not (self.requires or self.of or self.categories or self.persistence):
            raise ValueError("a rule must name criteria, categories or persistence")
        if self.of and not 1 <= self.at_least <= len(self.of):
            raise ValueError("at_least must lie between 1 and the number of criteria in `of`")
        if self.at_least and not self.of:
            raise ValueError("at_least needs the criteria it counts in `of`")
        return self


class CaseState(BaseModel):
    """How the case on residents' origin stood on a day.

    Attributes
    ----------
    date : date
        The day. Example: ``date = 2026-03-01``
    mark : {"H", "M"}
        H from an official source, M from secondary ones.
    text_da, text_en : str
        What was so, in Danish and English.
        Example: ``text_da = "Sagen verserer."`` ``text_en = "The case is pending."``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: dt.date
    mark: Literal["H", "M"] = "M"
    text_da: str
    text_en: str


class _States(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    state: tuple[CaseState, ...]


@cache
def list_states() -> tuple[CaseState, ...]:
    """The states that ship with the package, by date."""
    listed = load_spec(_States, resources.files("geo_bosoc.models") / "published" / "origin_case.toml")
    return tuple(sorted(listed.state, key=lambda state: state.date))


def newest_state(language: str, further: Iterable[CaseState] = ()) -> str:
    """The newest text, with its day; `further` are states that a model file adds.

    >>> newest_state("en").split(":")[0]
    'The state of the case on 26 Nov 2026'
    """
    newest = max((*list_states(), *further), key=lambda state: state.date)
    when = day(newest.date, language)
    text = newest.text_da if language == "da" else newest.text_en
    return f"{word('sentences', 'case_state', language, day=when)}: {text}"
