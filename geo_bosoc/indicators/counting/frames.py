"""Counts as frames: their columns, adding them, and their way from Polars to pandas and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from geo_bosoc.indicators.plan import STATUS_RANK

KEYS: Final = ("area_id", "period", "indicator")
NUMBERS: Final = ("numerator", "denominator", "unknown")
SIDES: Final = ("both", "denominator", "numerator")
STATUSES: Final = pl.Enum(sorted(STATUS_RANK, key=STATUS_RANK.__getitem__))
"""From best to worst, so that the physical value is the rank."""

STATUS_NAMES: Final = {rank: status for status, rank in STATUS_RANK.items()}

_TYPES: Final[dict[str, Any]] = {
    **dict.fromkeys(KEYS, pl.String),
    "side": pl.Enum(SIDES),
    **dict.fromkeys(NUMBERS, pl.Int64),
    "status": STATUSES,
    "data_period": pl.String,
}


def empty() -> pl.DataFrame:
    """No raw counts, with their columns."""
    return pl.DataFrame(schema=_TYPES).drop("data_period")


def coded(frames: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    """Frames with their keys as codes of one common, sorted list for each key: joins and sums are then
    cheap."""
    keys = [name for name in (*KEYS, "data_period") if all(name in frame.columns for frame in frames)]
    types = {name: pl.Enum(_texts(frame[name] for frame in frames)) for name in keys}
    return [
        frame.with_columns([pl.col(name).cast(dtype) for name, dtype in types.items()]) for frame in frames
    ]


def _texts(columns: Iterable[pl.Series]) -> pl.Series:
    parts = [column.unique().drop_nulls().cast(pl.String) for column in columns]
    return pl.concat(parts).unique().sort() if parts else pl.Series([], dtype=pl.String)


def sum_of_all(values: pl.Expr) -> pl.Expr:
    """The sum, empty where any of the values is."""
    return pl.when(values.null_count() == 0).then(values.sum())


def added(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Sums over equal keys, with the worst status, sorted by the keys."""
    together = frames[0] if len(frames) == 1 else pl.concat(coded(frames), how="vertical")
    keys = [name for name in together.columns if name not in (*NUMBERS, "status")]
    return (
        together.with_columns(pl.col("status").to_physical())
        .group_by(keys)
        .agg(*[sum_of_all(pl.col(name)) for name in NUMBERS], pl.col("status").max())
        .with_columns(pl.col("status").replace_strict(STATUS_NAMES, return_dtype=STATUSES))
        .sort(keys, nulls_last=True)
        .select(together.columns)
    )


def to_polars(frame: pd.DataFrame) -> pl.DataFrame:
    """Counts from pandas, the columns that belong to them in their order."""
    columns = [name for name in _TYPES if name in frame.columns]
    return pl.DataFrame({name: pl.Series(_values(frame[name]), dtype=_plain(name)) for name in columns}).cast(
        {name: _TYPES[name] for name in columns}
    )


def _values(column: pd.Series) -> list[Any]:
    """A column's values, None where one is missing."""
    return column.astype(object).where(column.notna(), None).tolist()


def _plain(name: str) -> Any:
    return pl.Int64 if name in NUMBERS else pl.String


def to_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """As pandas holds it: text as its own text type, whole numbers as int64, or Int64 where one is missing."""
    columns = {
        name: _whole_numbers(frame[name]) if name in NUMBERS else _text(frame[name]) for name in frame.columns
    }
    return pd.DataFrame(columns, columns=list(frame.columns))


def _whole_numbers(series: pl.Series) -> Any:
    empty = series.is_null().to_numpy()
    return whole_numbers(series.fill_null(0).cast(pl.Int64).to_numpy().copy(), empty)


def whole_numbers(numbers: npt.NDArray[np.int64], empty: npt.NDArray[np.bool_]) -> Any:
    """Whole numbers as pandas holds them: int64, or nullable Int64 where any is empty."""
    return pd.arrays.IntegerArray(numbers, empty) if empty.any() else numbers


def _text(series: pl.Series) -> Any:
    listed = series.dtype if isinstance(series.dtype, pl.Enum) else pl.Enum(_texts([series]))
    codes = series.cast(listed).to_physical().cast(pl.Int64).fill_null(-1)
    return texts_of(listed.categories.to_list(), codes.to_numpy())


def texts_of(words: Sequence[str], codes: npt.NDArray[np.int64]) -> Any:
    """A pandas column of text from places in a list, -1 being missing: each distinct text is made once."""
    return pd.Series(list(words), dtype=str).array.take(codes, allow_fill=True)
