"""Places: the distinct coordinates, in whole centimetres, and the rows that lie at each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Centimetres: TypeAlias = NDArray[np.int32]
"""Coordinates as compiled code reads them: half as wide, and nothing on earth lies outside."""
Column: TypeAlias = Callable[[], Ints]
"""A figure of each place, added up from its rows when it is asked for (so that not all lie in memory at once)."""

WIDEST: Final = 2_000_000_000
"""Centimetres (20,000 km) between the outermost places: squared distances then fit in 64 bits."""


@dataclass(frozen=True, slots=True)
class Places:
    """Distinct coordinates in cm, and which rows lie there: ``rows[starts[p] : starts[p + 1]]`` at place p."""

    x: Ints
    y: Ints
    rows: Ints
    starts: Ints

    def total(self, column: Ints) -> Ints:
        """The sum of a column of the rows at each place."""
        return np.add.reduceat(column[self.rows], self.starts[:-1]) if self.x.size else np.empty(0, np.int64)

    def row_counts(self) -> Ints:
        return np.diff(self.starts)


def centimetres(metres: NDArray[np.float64]) -> Ints:
    """Metres as whole centimetres, halves to the even one."""
    return np.rint(metres * 100.0).astype(np.int64)


def merge(x: Ints, y: Ints, rows: Ints | None = None) -> Places:
    """The places of the rows (or of some of them), from west to east and from south to north.

    `x` and `y` are of all rows, in cm, and no further apart than `WIDEST`.
    """
    if rows is not None:
        x, y = x[rows], y[rows]
    if not x.size:
        none = np.empty(0, np.int64)
        return Places(none, none, none, np.zeros(1, np.int64))
    key = (x - x.min()) * (int(y.max()) - int(y.min()) + 1) + (y - y.min())
    order = np.argsort(key, kind="stable")
    key = key[order]
    new = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    first = order[new]
    return Places(
        x[first],
        y[first],
        order if rows is None else rows[order],
        np.append(new, key.size).astype(np.int64),
    )
