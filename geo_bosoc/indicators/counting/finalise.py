"""From raw counts to the counts of each area and period: what needs all rows to have been counted.

Sides from different registers are put together, years pooled, surveys carried forward, and areas without
rows get their zeros.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from geo_bosoc.indicators.counting.raw_counts import (
    KEYS,
    NUMBERS,
    STATUSES,
    texts_of,
    to_polars,
    whole_numbers,
)
from geo_bosoc.indicators.plan import STATUS_RANK, basis
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import Report

Areas = Collection[str] | pd.DataFrame
"""Ids of areas, or a frame with ``area_id``."""


def settle_counts(
    raw: pd.DataFrame,
    indicators: Sequence[Indicator],
    *,
    areas: Areas | None = None,
    periods: Collection[str] | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Counts from raw counts (`count_rows`, `add_counts`), with a row for each area, period and indicator.

    Parameters and result as in `count_indicators`. A period without data in any area has the status
    ``missing``, and so has an area that a finished table does not list; an area without rows in a register
    of persons has zeros.
    """
    return settled(to_polars(raw), indicators, areas=areas, periods=periods, report=report)


def settled(
    raw: pl.DataFrame,
    indicators: Sequence[Indicator],
    *,
    areas: Areas | None,
    periods: Collection[str] | None,
    report: Report | None,
) -> pd.DataFrame:
    """`settle_counts` on raw counts as Polars holds them.

    Every area, period and indicator has its place in a row of cells, the last varying first; each raw count
    is added to its cell.
    """
    names = [indicator.id for indicator in indicators]
    available = _available(raw, indicators)
    targets = sorted(set(periods)) if periods is not None else _own_periods(available, indicators)
    listed = (
        _area_ids(areas) if areas is not None else raw["area_id"].cast(pl.String).unique().sort().to_list()
    )
    moves: list[tuple[str, str, str]] = []
    rests: dict[tuple[int, int], str] = {}
    carried: dict[str, dict[str, str]] = {}
    for place, indicator in enumerate(indicators):
        for at, period in enumerate(targets):
            data = basis(period, indicator, available[indicator.id])
            if data.text is None:
                continue
            moves += [(indicator.id, period, one) for one in data.periods]
            rests[at, place] = data.text
            if data.carried:
                carried.setdefault(indicator.id, {})[period] = data.text
    if report is not None and carried:
        report.facts["carried_forward"] = carried
    moved = _moved(raw, moves)
    shape = (len(listed), len(targets), len(names))
    codes = [_codes(moved[name], words) for name, words in zip(KEYS, (listed, targets, names), strict=True)]
    inside = np.logical_and.reduce([code >= 0 for code in codes])
    cell = (
        np.ravel_multi_index([code[inside] for code in codes], shape)
        if moved.height
        else np.zeros(0, np.int64)
    )
    size = int(np.prod(shape))
    numbers = {name: np.zeros(size, dtype=np.int64) for name in NUMBERS}
    empty = {name: np.zeros(size, dtype=bool) for name in NUMBERS}
    for name, sums in numbers.items():
        np.add.at(sums, cell, moved[name].fill_null(0).to_numpy()[inside])
        empty[name][cell[moved[name].is_null().to_numpy()[inside]]] = True
    status = np.zeros(size, dtype=np.int64)
    np.maximum.at(status, cell, moved["status"].to_physical().cast(pl.Int64).to_numpy()[inside])
    counted = np.zeros(size, dtype=bool)
    counted[cell] = True
    texts = sorted(set(rests.values()))
    basis_code = np.full(shape[1:], -1, dtype=np.int64)
    for key, text in rests.items():
        basis_code[key] = texts.index(text)
    data_period = np.broadcast_to(basis_code, shape).reshape(-1)
    tables = np.array([indicator.denominator.sum is not None for indicator in indicators], dtype=bool)
    finished = np.broadcast_to(tables, shape).reshape(-1)
    nothing = (data_period < 0) | (~counted & finished)
    status[nothing] = STATUS_RANK["missing"]
    empty["denominator"] |= nothing & finished
    for name in ("numerator", "unknown"):  # what a table does not tell is no count, and no zero
        empty[name] |= (status != STATUS_RANK["ok"]) & finished
    area, period_code, name_code = (axis.reshape(-1) for axis in np.indices(shape))
    return pd.DataFrame(
        {
            "area_id": texts_of(listed, area),
            "period": texts_of(targets, period_code),
            "indicator": texts_of(names, name_code),
            **{name: whole_numbers(values, empty[name]) for name, values in numbers.items()},
            "status": texts_of(STATUSES.categories.to_list(), status),
            "data_period": texts_of(texts, data_period),
        }
    )


def _codes(column: pl.Series, words: Sequence[str]) -> npt.NDArray[np.int64]:
    """Places of a coded column's texts in another list of texts; -1 where they are not in it."""
    places = {word: at for at, word in enumerate(words)}
    listed = column.dtype.categories if isinstance(column.dtype, pl.Enum) else column.unique().sort()
    table = np.array([places.get(word, -1) for word in listed.to_list()], dtype=np.int64)
    held = column if isinstance(column.dtype, pl.Enum) else column.cast(pl.Enum(listed))
    return (
        table[held.to_physical().cast(pl.Int64).to_numpy()] if column.len() else np.zeros(0, dtype=np.int64)
    )


def _available(raw: pl.DataFrame, indicators: Sequence[Indicator]) -> dict[str, list[str]]:
    """For each indicator the periods for which there are data, on both sides where they come apart."""
    seen = raw.select("indicator", "period", "side").unique().cast(pl.String)
    sides: dict[tuple[str, str], set[str]] = {}
    for name, period, side in seen.iter_rows():
        sides.setdefault((name, period), set()).add(side)
    whole = [key for key, have in sides.items() if have in ({"both"}, {"numerator", "denominator"})]
    return {
        indicator.id: sorted(period for name, period in whole if name == indicator.id)
        for indicator in indicators
    }


def _own_periods(available: Mapping[str, list[str]], indicators: Sequence[Indicator]) -> list[str]:
    """Periods of the indicators that are not carried forward; of all, where every one is."""
    own = [one for indicator in indicators if not indicator.carry_forward for one in available[indicator.id]]
    return sorted(set(own) or {one for several in available.values() for one in several})


def _area_ids(areas: Areas) -> list[str]:
    listed = areas["area_id"].tolist() if isinstance(areas, pd.DataFrame) else list(areas)
    return sorted({str(area) for area in listed})


def _moved(raw: pl.DataFrame, moves: list[tuple[str, str, str]]) -> pl.DataFrame:
    """Raw counts under the periods that they stand for; the same rows where each stands for its own."""
    plan = pl.DataFrame(
        moves, schema=dict.fromkeys(("indicator", "target", "period"), pl.String), orient="row"
    )
    keys = {name: raw[name].dtype for name in ("indicator", "period")}
    plan = plan.with_columns([pl.col(name).cast(dtype) for name, dtype in keys.items()])
    own = plan.height == plan.filter(pl.col("target") == pl.col("period").cast(pl.String)).height
    if own and plan.height == raw.select("indicator", "period").unique().height:
        return raw
    return raw.join(plan, on=list(keys), how="inner").with_columns(pl.col("target").alias("period"))
