"""The rules of balance as data: limits on shares, legal bans on assignment, and agreements' ladders of steps."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.problems import InputError, Problem, load_spec

Status = Literal["H", "M", "A"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShareRule(_Part):
    """The most that a kind of dwelling may be of all dwellings.

    `m2_per_dwelling`: so much business floor space counts as one dwelling (0: none counts); `demolished_since`: the
    year after which demolished dwellings may be counted (missing: none may). `check_*` is told wherever the rule is
    shown.
    """

    id: str
    label_da: str
    label_en: str
    limit_pct: float = Field(gt=0, lt=100)
    counts: Literal["family", "social"]
    deadline: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    m2_per_dwelling: int = Field(default=0, ge=0)
    demolished_since: int | None = None
    valid_from: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    valid_to: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    status: Status
    source: str
    assumption_da: str = ""
    assumption_en: str = ""
    check_da: str = ""
    check_en: str = ""


class Ban(_Part):
    """A legal ban on assigning households to areas of some categories."""

    id: str
    label_da: str
    label_en: str
    categories: tuple[str, ...] = Field(min_length=1)
    status: Status


class Step(_Part):
    """A ladder's step: above `over_pct` (missing: everybody else) the municipality gets every so-manieth vacancy.

    `every` 0: none. `flexible_pct`: of the vacancies left, so many per cent are let by priority (flexible letting).
    """

    over_pct: float | None = Field(default=None, ge=0, lt=100)
    every: int = Field(ge=0)
    flexible_pct: float = Field(default=0.0, ge=0, le=100)
    status: Status
    assumption_da: str = ""
    assumption_en: str = ""


class Ladder(_Part):
    """An agreement's table of steps, from the highest threshold down; the last one takes the rest.

    `listed_exempt`: an area on the state's list is exempt whatever its share; one newly on it only if it also lies
    above by the municipality's own measurement, where `newly_listed_needs_own_measure` says so.
    """

    id: str
    label_da: str
    label_en: str
    indicator_da: str
    indicator_en: str
    source: str
    listed_exempt: bool = False
    newly_listed_needs_own_measure: bool = False
    step: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _falls(self) -> Ladder:
        *upper, last = [step.over_pct for step in self.step]
        if last is not None or any(one is None for one in upper):
            raise ValueError("every step but the last has over_pct")
        if upper != sorted(upper, key=lambda one: -(one or 0.0)) or len(set(upper)) < len(upper):
            raise ValueError("steps go from the highest over_pct down")
        return self


class RuleLists(_Part):
    """A dated file of rules."""

    version: str
    share: tuple[ShareRule, ...] = ()
    ban: tuple[Ban, ...] = ()
    ladder: tuple[Ladder, ...] = ()

    def rule(self, name: str) -> ShareRule:
        """The share rule of this id."""
        return _by_id(self.share, name, "share rule")

    def ladder_of(self, name: str) -> Ladder:
        """The ladder of this id."""
        return _by_id(self.ladder, name, "ladder")


Line = TypeVar("Line", ShareRule, Ladder)


def _by_id(lines: tuple[Line, ...], name: str, what: str) -> Line:
    found = next((line for line in lines if line.id == name), None)
    if found is None:
        known = ", ".join(line.id for line in lines)
        raise InputError([Problem("error", f'there is no {what} "{name}".', hint=f"There are: {known}.")])
    return found


def load_rules(source: str | Path = "rules") -> RuleLists:
    """The rules that are shipped (``"rules"``), or a TOML file of the same shape.

    Raises
    ------
    InputError
        There is no such file, it is no TOML, or something in it is wrong (all of it is listed).
    """
    shipped = files("geo_bosoc.balance") / "lists" / "rules.toml"
    return load_spec(RuleLists, shipped if source == "rules" else Path(source))
