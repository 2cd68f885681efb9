"""What `nearest_sums` is given: checked before anything is computed, and merged into distinct locations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
import pyarrow
from numpy.typing import NDArray

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

Ints: TypeAlias = NDArray[np.int64]
Centimetres: TypeAlias = NDArray[np.int32]
"""Coordinates as compiled code reads them: half as wide, and nothing on earth lies outside."""
Column: TypeAlias = Callable[[], Ints]
"""A figure of each location, added up from its rows when it is called for (so that not all lie in memory at once)."""

WIDEST: Final = 2_000_000_000
"""Centimetres (20,000 km) between the outermost locations: squared distances then fit in 64 bits."""
RESERVED = ("address_id", "x", "y", "k", "radius", "reached", "residents", "addresses")
"""Names that the result or the input uses itself."""


@dataclass(frozen=True, slots=True)
class Locations:
    """Distinct coordinates in cm, and which rows lie there: ``rows[starts[p] : starts[p + 1]]`` at location p."""

    x: Ints
    y: Ints
    rows: Ints
    starts: Ints

    def total(self, column: Ints) -> Ints:
        """The sum of a column of the rows at each location."""
        return np.add.reduceat(column[self.rows], self.starts[:-1]) if self.x.size else np.empty(0, np.int64)

    def row_counts(self) -> Ints:
        return np.diff(self.starts)


def centimetres(metres: NDArray[np.float64]) -> Ints:
    """Metres as whole centimetres, halves to the even one."""
    return np.rint(metres * 100.0).astype(np.int64)


def merge(x: Ints, y: Ints, rows: Ints | None = None) -> Locations:
    """The locations of the rows (or of some of them), from west to east and from south to north.

    `x` and `y` are of all rows, in cm, and no further apart than `WIDEST`.
    """
    if rows is not None:
        x, y = x[rows], y[rows]
    if not x.size:
        none = np.empty(0, np.int64)
        return Locations(none, none, none, np.zeros(1, np.int64))
    key = (x - x.min()) * (int(y.max()) - int(y.min()) + 1) + (y - y.min())
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    first = order[starts]
    return Locations(
        x[first],
        y[first],
        order if rows is None else rows[order],
        np.append(starts, key.size).astype(np.int64),
    )


@dataclass(frozen=True, slots=True)
class GivenPoints:
    """The rows of a frame that have coordinates: their ids, and which rows they are (None: all)."""

    ids: pd.Series
    rows: Ints | None

    def integers(self, column: pd.Series) -> Ints:
        """A column's figures at these rows."""
        figures: Ints = column.to_numpy(dtype=np.int64)
        return figures if self.rows is None else figures[self.rows]


def check_ks(k: int | Sequence[int], report: Report) -> tuple[int, ...]:
    """The distinct k, smallest first."""
    given = [k] if isinstance(k, (int, np.integer)) else list(k)
    if not given or not all(isinstance(number, (int, np.integer)) and number >= 1 for number in given):
        report.error("k is a whole number of residents, 1 or more, or several such numbers.", key="k")
        return ()
    return tuple(sorted({int(number) for number in given}))


def check_figures(addresses: pd.DataFrame, values: Sequence[str], report: Report) -> None:
    """Residents and values are there, whole numbers without gaps, and small enough to be added up exactly."""
    for name in sorted({name for name in values if list(values).count(name) > 1}):
        report.error("is duplicated in values.", file="addresses", column=name)
    for name in values:
        if name in RESERVED:
            report.error(
                "is a name that the result uses itself.",
                hint="Give the column another name.",
                file="addresses",
                column=name,
            )
    for name in ("residents", *dict.fromkeys(values)):
        if name not in addresses.columns:
            report.error("is not there.", file="addresses", column=name)
            continue
        column = addresses[name]
        empty = int(column.isna().sum())
        if empty:
            report.error(
                "holds empty cells.",
                hint="Whoever is not known belongs in the indicator's column of unknowns; nobody is 0.",
                file="addresses",
                column=name,
                count=empty,
            )
        elif not pd.api.types.is_integer_dtype(column.dtype):
            report.error(
                phrase("holds {dtype}, not whole numbers.", dtype=column.dtype),
                hint="Give counts, and weights and sums in fixed point.",
                file="addresses",
                column=name,
            )
        elif len(column):
            low, high = int(column.min()), int(column.max())
            if name == "residents" and low < 0:
                report.error(
                    "holds negative numbers.", file="addresses", column=name, count=int((column < 0).sum())
                )
            if max(-low, high) * len(column) >= 2**62:
                report.error(
                    "holds numbers too large to be added up exactly.",
                    hint="Use a smaller scale.",
                    file="addresses",
                    column=name,
                )


def check_points(frame: pd.DataFrame, file: str, report: Report) -> tuple[GivenPoints, Ints, Ints]:
    """The frame's points that have coordinates, and these in whole cm; those without are left out with a warning."""
    none = np.empty(0, np.int64)
    ready = True
    for name in ("address_id", "x", "y"):
        if name not in frame.columns:
            report.error("is not there.", file=file, column=name)
            ready = False
        elif name != "address_id" and not pd.api.types.is_numeric_dtype(frame[name].dtype):
            report.error("holds no numbers.", hint="Metres in EPSG:25832.", file=file, column=name)
            ready = False
    if not ready:
        return GivenPoints(pd.Series(dtype=object), None), none, none
    ids = frame["address_id"].reset_index(drop=True)
    doubled = int(ids.duplicated().sum())
    pyarrow.default_memory_pool().release_unused()  # it would keep what that took, for a country 0.25 GB
    if doubled:
        report.error(
            "holds ids more than once.",
            hint="One row an address: add up its residents first.",
            file=file,
            column="address_id",
            count=doubled,
        )
    x, y = (_metres(frame[name]) for name in ("x", "y"))
    placed = np.isfinite(x) & np.isfinite(y)
    rows = None
    if not placed.all():
        report.warn(
            "addresses without coordinates are left out, and their residents with them.",
            file=file,
            count=int((~placed).sum()),
        )
        rows = np.flatnonzero(placed)
        ids, x, y = ids.iloc[rows].reset_index(drop=True), x[rows], y[rows]
    if x.size and max(np.abs(x).max(), np.abs(y).max()) * 100 > WIDEST / 2:
        report.error(
            "coordinates lie outside the earth.", hint="Metres in EPSG:25832.", file=file, column="x, y"
        )
        return GivenPoints(ids, rows), none, none
    return GivenPoints(ids, rows), centimetres(x), centimetres(y)


def _metres(column: pd.Series) -> NDArray[np.float64]:
    return column.to_numpy(dtype=np.float64, na_value=np.nan)
