"""Kinds of municipal service: what they are called, who could get them, who is gathered where they meet."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geo_bosoc.problems import Report


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
    return _load(path, Report()).unknown_names


def _load(path: str | Path | None, report: Report | None) -> _Services:
    own = report if report is not None else Report()
    if path is None:
        name = "services.toml"
        text = (resources.files("geo_bosoc.bottom_up") / name).read_text(encoding="utf-8")
    else:
        file = Path(path)
        name = file.name
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            own.error("there is no such file, or it is no UTF-8 text.", file=file)
            own.raise_errors()
    try:
        found = _Services.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as wrong:
        own.error(f"is not valid TOML: {wrong}", file=name)
        own.raise_errors()
    except ValidationError as wrong:
        for problem in wrong.errors():
            key = ".".join(str(step + 1 if isinstance(step, int) else step) for step in problem["loc"])
            own.error(str(problem["msg"]), file=name, key=key)
        own.raise_errors()
    ids = [service.id for service in found.service]
    for twice in sorted({one for one in ids if ids.count(one) > 1}):
        own.error(f"the service {twice!r} stands twice.", file=name)
    own.raise_errors()
    return found
