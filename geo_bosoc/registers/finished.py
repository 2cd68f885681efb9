"""What a run knows of a finished table before it is read: the areas' ids, and which of its rows are added up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sum:
    """Rows that are added up: those that meet each of `conditions`; `column` is the figure (None: rows are counted)."""

    conditions: tuple[str, ...] = ()
    column: str | None = None


@dataclass(frozen=True)
class TableUse:
    """What finished tables are read for.

    Attributes
    ----------
    area_ids : gives the ids of all areas; None where they are not known.
    sums : what is added up of the table; None where anything may be.
    """

    area_ids: Callable[[], Collection[str] | None] = field(default=lambda: None)
    sums: tuple[Sum, ...] | None = None
