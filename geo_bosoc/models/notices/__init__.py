"""What is told with models that use residents' origin: the state of case C-417/23, a dated text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

from geo_bosoc.problems import load_spec
from geo_bosoc.text.numbers import day


class CaseState(BaseModel):
    """How a case stood on a day, in Danish and English; `mark` is H (official) or M (secondary sources)."""

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
    listed = load_spec(_States, resources.files("geo_bosoc.models.notices") / "origin.toml")
    return tuple(sorted(listed.state, key=lambda state: state.date))


def newest_state(language: str, more: Iterable[CaseState] = ()) -> str:
    """The newest text, with its day; `more` are states that a model file adds.

    >>> newest_state("en").split(":")[0]
    'The state of the case on 26 Nov 2026'
    """
    newest = max((*list_states(), *more), key=lambda state: state.date)
    when = day(newest.date, language)
    if language == "da":
        return f"Sagens stand den {when}: {newest.text_da}"
    return f"The state of the case on {when}: {newest.text_en}"
