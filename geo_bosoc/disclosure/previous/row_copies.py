"""Rows of an earlier set beside those of a run: found by their keys, compared and copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd


def index_of(frame: pd.DataFrame, columns: Sequence[str]) -> pd.MultiIndex:
    """Columns as the key of each row."""
    return pd.MultiIndex.from_frame(frame[list(columns)].astype(str))


def copied_rows(
    frame: pd.DataFrame, then: pd.DataFrame, keys: pd.MultiIndex, rows: Any, names: Sequence[str]
) -> pd.DataFrame:
    """A frame with columns of published rows in some of its own."""
    if not rows.any():
        return frame
    published = then[~then.index.duplicated()].reindex(keys)
    frame = frame.copy()
    for name in names:
        column = published[name].set_axis(frame.index)
        if pd.api.types.is_numeric_dtype(frame[name].dtype):
            column = pd.to_numeric(column)
        else:
            column = column.astype(object).where(column.notna(), None)
        column = frame[name].mask(rows, column)
        is_text = column.dtype == object
        frame[name] = column.where(column.notna(), None) if is_text else column
    return frame


def known_base(rows: pd.DataFrame) -> pd.Series:
    """Those whose status is known."""
    return rows["denominator"].astype("Int64") - rows["unknown"].astype("Int64").fillna(0)


def ratio_of(table: pd.DataFrame) -> pd.Series:
    """Values as multiples of the reference."""
    value, reference = (table[name].to_numpy(float, na_value=np.nan) for name in ("value", "reference"))
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.Series(np.where(reference > 0, value / reference, np.nan), index=table.index)


def equal_numbers(first: pd.Series, second: pd.Series) -> pd.Series:
    """Whether numbers are the same, or both missing."""
    pairs = [each.to_numpy(float, na_value=np.nan) for each in (first, second)]
    same = (pairs[0] == pairs[1]) | (np.isnan(pairs[0]) & np.isnan(pairs[1]))
    return pd.Series(same, index=first.index)


def equals_any(published: pd.Series, numbers: Sequence[pd.Series]) -> pd.Series:
    """Whether numbers are the same as any of several."""
    same = pd.Series(False, index=published.index)
    for each in numbers:
        same |= equal_numbers(each, published)
    return same
