"""Kinds of municipal service: what they are called, who could get them, who is gathered where they meet."""

from __future__ import annotations

from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.problems import Report, load_spec


class Service(BaseModel):
    """One kind. `eligible` is a row-wise predicate over the persons; empty means everybody could get it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label_da: str
    label_en: str
    eligible: str = ""
    gather_da: str = ""
    gather_en: str = ""

    def label(self, language: str) -> str:
        """The kind's name in ``da`` or ``en``."""
        return self.label_da if language == "da" else self.label_en

    def gather(self, language: str) -> str:
        """Who is asked to the table for it, in ``da`` or ``en``."""
        told = self.gather_da if language == "da" else self.gather_en
        return told or self.label(language)


class _Services(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    unknown_names: Literal["ignore"] | None = None
    service: tuple[Service, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> _Services:
        counts = Counter(service.id for service in self.service)
        double = ", ".join(sorted(name for name, count in counts.items() if count > 1))
        if double:
            raise ValueError(f"each service must be listed once, and these are duplicated: {double}.")
        return self


def load_services(path: str | Path | None = None, *, report: Report | None = None) -> tuple[Service, ...]:
    """The kinds of service that ship with the package, or those of a TOML file with the same keys.

    Raises
    ------
    InputError
        The file is not there, is no TOML, or does not hold together; everything wrong is listed.
    """
    return _load(path, report).service


def unknown_services(path: str | Path | None = None) -> Literal["ignore"] | None:
    """What a file of services says of names that it does not know (``unknown_names``); None: they are an error."""
    return _load(path).unknown_names


def _load(path: str | Path | None, report: Report | None = None) -> _Services:
    shipped = resources.files("geo_bosoc.bottom_up") / "services.toml"
    return load_spec(_Services, shipped if path is None else Path(path), report=report)
