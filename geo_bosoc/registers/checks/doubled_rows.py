"""All rows of a file in several copies: an export that was appended to itself, or joined to a list of doubles.

A key in several rows may be meant (a person with two places); every row in the same number of copies is not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.sources import ROW
from geo_bosoc.registers.spec import RegisterSpec

LEAST_ROWS: Final = 5
"""Fewer different rows than these may be alike by chance."""

_IN_TURN: Final = 200_000
"""Of more rows than these, one share of the hashes tells it: each copy of a row has the same hash."""


def tell_doubled_rows(
    frame: pl.LazyFrame, file: str | Path, spec: RegisterSpec, report: Report, *, height: int, keys: int = 0
) -> bool:
    """Whether every row stands in the same number of copies, which is told.

    With a key it is an error, since one key has one row; without one a warning, since rows of few columns may be alike.

    Parameters
    ----------
    height : the number of all rows.
    keys : the number of different keys, where they are in the columns; 0 without a key.
    """
    columns = sorted(name for name in frame.collect_schema().names() if name != ROW)
    if height > _IN_TURN and not keys and _is_single(frame.select(columns)):
        return False
    copies = _copies(frame.select(pl.struct(columns).hash().alias("hash")), height)
    if copies < 2 or height % copies or height // copies < LEAST_ROWS or (keys and height // copies != keys):
        return False
    times = "twice" if copies == 2 else f"{copies} times"
    if keys:
        report.error(
            f"all rows are in the file {times}: {height:,} rows of {keys:,} keys.",
            file=file,
            column=spec.columns.get(spec.id or "", spec.id),
            count=height,
            hint="Take the copies out of the file. If the rows are different ones, name the column that tells them "
            "apart as id.",
        )
    else:
        report.warn(
            f"all rows are in the file {times}: {height:,} rows, of which {height // copies:,} are different. Each is "
            "counted.",
            file=file,
            count=height,
            hint="Take the copies out of the file, or name the column with the rows' own key as id.",
        )
    return True


def _is_single(rows: pl.LazyFrame) -> bool:
    """Whether the first row has no copy: cheaper to see than what all rows are."""
    first = rows.head(1).collect()
    same = [pl.col(each.name).eq_missing(pl.lit(each[0], dtype=each.dtype)) for each in first]
    return rows.filter(pl.all_horizontal(same)).head(2).collect(engine="streaming").height < 2


def _copies(hashes: pl.LazyFrame, height: int) -> int:
    """How many copies each row has; 0 where they differ."""
    turns = max(1, height // _IN_TURN)
    share = hashes.filter(pl.col("hash") % turns == 0) if turns > 1 else hashes
    ordered = np.sort(share.collect(engine="streaming")["hash"].to_numpy())
    if not len(ordered):
        return 0
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    counts = np.diff(np.append(starts, len(ordered)))
    return int(counts[0]) if (counts == counts[0]).all() else 0
