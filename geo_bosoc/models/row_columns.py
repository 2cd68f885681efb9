"""The rows of a categorisation as columns, until frames are made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

Row = dict[str, Any]

NUMBERS: Final = frozenset((
    "points", "points_min", "points_max", "points_before", "value", "reference", "threshold", "margin",
    "margin_persons", "needed", "rank", "ranked",
))  # fmt: skip


class RowColumns:
    """Rows as lists by column, which take a fifth of the memory of a dictionary a row."""

    def __init__(self, names: Sequence[str]) -> None:
        self.lists: dict[str, list[Any]] = {name: [] for name in names}

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows at the end; what a row does not name is None."""
        for name, cells in self.lists.items():
            cells.extend([row.get(name) for row in rows])

    def add_columns(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Add rows at the end, given by column and all of one length; what is not named is None."""
        size = len(next(iter(columns.values())))
        for name, cells in self.lists.items():
            cells.extend(columns.get(name, [None] * size))

    def frame(self) -> pd.DataFrame:
        """Numbers as floats, everything else as it is, sorted by period and area."""
        columns = {
            name: pd.Series(cells, dtype="float64" if name in NUMBERS else "object")
            for name, cells in self.lists.items()
        }
        for name in columns.keys() - NUMBERS:
            columns[name] = columns[name].where(columns[name].notna(), None)
        return pd.DataFrame(columns).sort_values(["period", "area_id"], kind="stable", ignore_index=True)
