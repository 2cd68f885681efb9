"""Mutants by name: what each does to a clean project, in which dress it makes sense, and in which class it is."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Literal

from clean_project import DRESSES, Clean

Class = Literal["in the file", "beside another period"]
Change = Callable[[Clean, random.Random], None]

TEXT: Final = ("csv", "xlsx", "json")
SHEETS: Final = ("csv", "xlsx")
TABLES: Final = ("people", "police", "income")


@dataclass(frozen=True)
class Mutant:
    """A change that somebody's file may have.

    Attributes
    ----------
    also : registers other than the changed one whose problem names the place as well: persons, where their addresses
        were changed.
    """

    name: str
    change: Change
    dresses: tuple[str, ...]
    kind: Class
    also: tuple[str, ...] = ()


MUTANTS: dict[str, Mutant] = {}


def mutant(
    name: str,
    dresses: Collection[str] = DRESSES,
    kind: Class = "in the file",
    also: Collection[str] = (),
) -> Callable[[Change], Change]:
    """Add the function below as a mutant."""

    def add(change: Change) -> Change:
        assert name not in MUTANTS
        MUTANTS[name] = Mutant(name, change, tuple(dresses), kind, tuple(also))
        return change

    return add
