"""Code lists: what a register's codes of ownership and use mean for the balance of tenures."""

from __future__ import annotations

from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.problems import load_spec

Tenure = Literal["social", "private_rental", "cooperative", "owner_occupied", "public", "other", "unknown"]
Kind = Literal["family", "youth", "elderly", "care"]

TENURES: Final[tuple[Tenure, ...]] = (
    "social",
    "private_rental",
    "cooperative",
    "owner_occupied",
    "public",
    "other",
    "unknown",
)
KINDS: Final[tuple[Kind, ...]] = ("family", "youth", "elderly", "care")
"""Kinds of social dwelling. Only an estate list tells them apart."""
USES: Final = ("detached", "terraced", "flat", "student", "institution", "other_use", "unknown")

_STATUS = Literal["H", "M", "A"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ownership(_Part):
    """One ownership code. `may_be_social` are the kinds of social dwelling that it may hide."""

    code: int
    label_da: str
    label_en: str
    social: bool = False
    unknown: bool = False
    may_be_social: tuple[Kind, ...] = ()
    status: _STATUS = "A"


class TenureLine(_Part):
    """Which codes of ownership (and use, and letting, where named) give a tenure."""

    tenure: Tenure
    ownership: tuple[int, ...] = Field(min_length=1)
    use: tuple[int, ...] = ()
    letting: tuple[int, ...] = ()
    status: _STATUS = "A"


class Use(_Part):
    """One code of use. `dwelling = false`: counted only where the estate list says that it is a dwelling."""

    code: int
    kind: Literal["detached", "terraced", "flat", "student", "institution", "other_use"]
    label_da: str
    label_en: str
    dwelling: bool = True


class Classes(_Part):
    """Lower limits of the classes of size (m2) and building year, rising; below the first is unknown."""

    size: tuple[int, ...] = Field(min_length=1)
    built: tuple[int, ...] = Field(min_length=1)


class CodeList(_Part):
    """A dated list of a register's codes; `valid_from` and `valid_to` say which years it describes."""

    id: str
    version: str
    valid_from: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    valid_to: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    label_da: str
    label_en: str
    source: str
    assumption_da: str = ""
    assumption_en: str = ""
    ownership: tuple[Ownership, ...] = Field(min_length=1)
    tenure: tuple[TenureLine, ...] = Field(min_length=1)
    use: tuple[Use, ...] = Field(min_length=1)
    classes: Classes

    @model_validator(mode="after")
    def _holds_together(self) -> CodeList:
        wrong = []
        for name, codes in (
            ("ownership", [line.code for line in self.ownership]),
            ("use", [line.code for line in self.use]),
        ):
            twice = sorted({code for code in codes if codes.count(code) > 1})
            wrong += [f"the {name} code {code} is duplicated" for code in twice]
        known = {line.code for line in self.ownership}
        for line in self.tenure:
            wrong += [
                f"a line for {line.tenure} names the unknown ownership code {code}"
                for code in line.ownership
                if code not in known
            ]
        for name, limits in (("size", self.classes.size), ("built", self.classes.built)):
            if list(limits) != sorted(set(limits)):
                wrong.append(f"the class limits of {name} must rise")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def describes(self, year: int) -> bool:
        """Whether the list describes 1 January of that year."""
        day = f"{year:04d}-01-01"
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def load_codes(source: str | Path = "bbr") -> CodeList:
    """A code list: the one that is shipped (``"bbr"``), or a TOML file of the same shape.

    Raises
    ------
    InputError
        There is no such file, it is no TOML, or something in it is wrong (all of it is listed).
    """
    name = str(source)
    shipped = files("geo_bosoc.balance") / "lists" / f"{name}.toml"
    if isinstance(source, str) and name.isidentifier() and shipped.is_file():
        return load_spec(CodeList, shipped)
    return load_spec(CodeList, Path(source))


def class_names(limits: tuple[int, ...]) -> list[str]:
    """The names of the classes that begin at `limits`: ``from-to`` (to excluded), the last one open.

    >>> class_names((1, 40, 60))
    ['1-39', '40-59', '60+']
    """
    inner = [f"{low}-{high - 1}" for low, high in pairwise(limits)]
    return [*inner, f"{limits[-1]}+"]
