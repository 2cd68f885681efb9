"""The rows of a categorisation as columns, until frames are made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Row = dict[str, Any]
Array = npt.NDArray[np.float64]

NUMBERS: Final = frozenset((
    "points", "points_min", "points_max", "points_before", "value", "reference", "threshold", "margin",
    "margin_persons", "needed", "rank", "ranked",
))  # fmt: skip


class RowColumns:
    """Rows by column, in pieces until `frame` puts them together; a dictionary a row takes five times the memory."""

    def __init__(self, names: Sequence[str]) -> None:
        self._pieces: dict[str, list[Any]] = {name: [] for name in names}

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows at the end; what a row does not name is None."""
        if rows:
            self.add_columns({name: [row.get(name) for row in rows] for name in self._pieces})

    def add_columns(self, columns: Mapping[str, Sequence[Any] | Array]) -> None:
        """Add rows at the end, given by column and all of one length; what is not named is None."""
        size = len(next(iter(columns.values())))
        for name, pieces in self._pieces.items():
            pieces.append(_piece(columns.get(name), name in NUMBERS, size))

    def frame(self) -> pd.DataFrame:
        """Numbers as floats, everything else as it is, sorted by period and area; the rows are handed over."""
        columns: dict[str, Any] = {}
        for name, pieces in self._pieces.items():
            empty = np.empty(0, dtype="float64" if name in NUMBERS else object)
            columns[name] = pieces[0] if len(pieces) == 1 else np.concatenate([empty, *pieces])
            pieces.clear()
        period, area = columns["period"], columns["area_id"]
        same = period[1:] == period[:-1]
        in_order = bool(np.all((period[1:] > period[:-1]) | (same & (area[1:] >= area[:-1]))))
        frame = pd.DataFrame(
            {name: pd.Series(cells, dtype=cells.dtype) for name, cells in columns.items()},
            copy=False,
        )
        if in_order:
            return frame
        return frame.sort_values(["period", "area_id"], kind="stable", ignore_index=True)


def _piece(cells: Sequence[Any] | Array | None, is_number: bool, size: int) -> npt.NDArray[Any]:
    """A column's cells as they are stored: numbers with nan, other things with None, where there is nothing."""
    if is_number:
        return np.full(size, np.nan) if cells is None else np.asarray(cells, dtype="float64")
    piece = np.full(size, None, dtype=object)
    if cells is not None:
        piece[:] = [None if cell is pd.NA or cell != cell else cell for cell in cells]
    return piece
