"""What a run knows of a finished table before it is read: the areas' ids, and which of its rows are added up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from geo_bosoc.predicates.parse import predicate_columns
from geo_bosoc.problems import InputError


@dataclass(frozen=True)
class Sum:
    """Rows that are added up: those that meet each of `conditions`; `column` is the figure (None: rows are counted)."""

    conditions: tuple[str, ...] = ()
    column: str | None = None


@dataclass(frozen=True)
class Figure:
    """A column that an indicator adds up, and what it can be.

    Attributes
    ----------
    indicator : its id.
    column : the figure; rows that meet each of `conditions` are added up.
    whole : the figures are counts of whole persons or things.
    signed : figures under 0 are possible (kroner, a mean).
    base : the column of the base, where it stands in the same rows and the figure is a part of it.
    strict : the figure can never be over its base; else it is strange.
    """

    indicator: str
    column: str
    conditions: tuple[str, ...] = ()
    whole: bool = True
    signed: bool = False
    base: str | None = None
    strict: bool = True


@dataclass(frozen=True)
class TableUse:
    """What finished tables are read for.

    Attributes
    ----------
    area_ids : gives the ids of all areas; None where they are not known.
    sums : what is added up of the table; None where anything may be.
    figures : the same by indicator, with what each can be.
    conditions : the predicates on the register's rows, of whatever kind it is.
    alone : False where other registers are read beside it: periods that it lacks are told of all of them together.
    """

    area_ids: Callable[[], Collection[str] | None] = field(default=lambda: None)
    sums: tuple[Sum, ...] | None = None
    figures: tuple[Figure, ...] = ()
    conditions: tuple[str, ...] = ()
    alone: bool = True

    @property
    def used_columns(self) -> frozenset[str]:
        """The columns that conditions of what is added up name."""
        columns: set[str] = set()
        for condition in {condition for each in self.sums or () for condition in each.conditions}:
            with contextlib.suppress(InputError):  # told where the indicators are checked
                columns |= predicate_columns(condition)
        return frozenset(columns)
