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


def finalise_counts(
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
    return finalise(to_polars(raw), indicators, areas=areas, periods=periods, report=report)


def single_periods(
    raw: pl.DataFrame, indicators: Sequence[Indicator], *, areas: Areas | None
) -> pd.DataFrame:
    """The counts of single periods behind pooled figures, from raw counts.

    Parameters
    ----------
    raw : DataFrame
        Raw counts, of each period for itself.
    indicators : sequence of Indicator
        Those with `pool_years` above 1 are counted.
    areas : collection of str or DataFrame, optional
        As in `count_indicators`.

    Returns
    -------
    DataFrame
        As of `finalise_counts`, a row for each area, period with data and pooled indicator.
    """
    alone = {"pool_years": 1, "carry_forward": 0}
    pooled = [each.model_copy(update=alone).as_dated() for each in indicators if each.pool_years > 1]
    counts = finalise(raw, pooled, areas=areas, periods=None, report=None)
    return counts[counts["data_period"].notna()].reset_index(drop=True)


settle_counts = finalise_counts
"""The earlier name of `finalise_counts`."""


def finalise(
    raw: pl.DataFrame,
    indicators: Sequence[Indicator],
    *,
    areas: Areas | None,
    periods: Collection[str] | None,
    report: Report | None,
) -> pd.DataFrame:
    """`finalise_counts` on raw counts as Polars holds them.

    Every area, period and indicator has its place in a row of cells, the last varying first; each raw count
    is added to its cell.
    """
    names = [indicator.id for indicator in indicators]
    available = _available(raw, indicators)
    targets = sorted(set(periods)) if periods is not None else _default_periods(available, indicators)
    area_ids = (
        _area_ids(areas) if areas is not None else raw["area_id"].cast(pl.String).unique().sort().to_list()
    )
    stand_ins: list[tuple[str, str, str]] = []
    basis_texts: dict[tuple[int, int], str] = {}
    carried: dict[str, dict[str, str]] = {}
    elsewhere = np.zeros((len(targets), len(names)), dtype=bool)
    for indicator_number, indicator in enumerate(indicators):
        other = indicator.other_definition
        for period_number, period in enumerate(targets):
            if other is not None and period not in other.periods:
                elsewhere[period_number, indicator_number] = True
                continue
            data = basis(period, indicator, available[indicator.id])
            if data.text is None:
                continue
            stand_ins += [(indicator.id, period, data_period) for data_period in data.periods]
            basis_texts[period_number, indicator_number] = data.text
            if data.carried:
                carried.setdefault(indicator.id, {})[period] = data.text
    if report is not None and carried:
        report.facts["carried_forward"] = carried
    shifted = _under_target_periods(raw, stand_ins)
    shape = (len(area_ids), len(targets), len(names))
    codes = [
        _codes(shifted[name], values) for name, values in zip(KEYS, (area_ids, targets, names), strict=True)
    ]
    inside = np.logical_and.reduce([code >= 0 for code in codes])
    cell = (
        np.ravel_multi_index([code[inside] for code in codes], shape)
        if shifted.height
        else np.zeros(0, np.int64)
    )
    size = int(np.prod(shape))
    numbers = {name: np.zeros(size, dtype=np.int64) for name in NUMBERS}
    empty = {name: np.zeros(size, dtype=bool) for name in NUMBERS}
    for name, sums in numbers.items():
        np.add.at(sums, cell, shifted[name].fill_null(0).to_numpy()[inside])
        empty[name][cell[shifted[name].is_null().to_numpy()[inside]]] = True
    status = np.zeros(size, dtype=np.int64)
    np.maximum.at(status, cell, shifted["status"].to_physical().cast(pl.Int64).to_numpy()[inside])
    counted = np.zeros(size, dtype=bool)
    counted[cell] = True
    texts = sorted(set(basis_texts.values()))
    basis_code = np.full(shape[1:], -1, dtype=np.int64)
    for key, text in basis_texts.items():
        basis_code[key] = texts.index(text)
    basis_of_cell = np.broadcast_to(basis_code, shape).reshape(-1)
    tables = np.array([indicator.denominator.sum is not None for indicator in indicators], dtype=bool)
    finished = np.broadcast_to(tables, shape).reshape(-1)
    without_data = (basis_of_cell < 0) | (~counted & finished)
    status[without_data] = STATUS_RANK["missing"]
    status[np.broadcast_to(elsewhere, shape).reshape(-1)] = STATUS_RANK["not_applicable"]
    empty["denominator"] |= without_data & finished
    for name in ("numerator", "unknown"):  # what a table does not tell is no count, and no zero
        empty[name] |= (status != STATUS_RANK["ok"]) & finished
    area, period_code, name_code = (axis.reshape(-1) for axis in np.indices(shape))
    return pd.DataFrame(
        {
            "area_id": texts_of(area_ids, area),
            "period": texts_of(targets, period_code),
            "indicator": texts_of(names, name_code),
            **{name: whole_numbers(values, empty[name]) for name, values in numbers.items()},
            "status": texts_of(STATUSES.categories.to_list(), status),
            "data_period": texts_of(texts, basis_of_cell),
        }
    )


def _codes(column: pl.Series, values: Sequence[str]) -> npt.NDArray[np.int64]:
    """Places of a coded column's texts in another list of texts; -1 where they are not in it."""
    code_of = {value: code for code, value in enumerate(values)}
    distinct = column.dtype.categories if isinstance(column.dtype, pl.Enum) else column.unique().sort()
    table = np.array([code_of.get(value, -1) for value in distinct.to_list()], dtype=np.int64)
    coded_column = column if isinstance(column.dtype, pl.Enum) else column.cast(pl.Enum(distinct))
    return (
        table[coded_column.to_physical().cast(pl.Int64).to_numpy()]
        if column.len()
        else np.zeros(0, dtype=np.int64)
    )


def _available(raw: pl.DataFrame, indicators: Sequence[Indicator]) -> dict[str, list[str]]:
    """For each indicator the periods for which there are data, on both sides where they come apart."""
    occurring = raw.select("indicator", "period", "side").unique().cast(pl.String)
    sides: dict[tuple[str, str], set[str]] = {}
    for name, period, side in occurring.iter_rows():
        sides.setdefault((name, period), set()).add(side)
    complete = [
        key
        for key, sides_present in sides.items()
        if sides_present in ({"both"}, {"numerator", "denominator"})
    ]
    return {
        indicator.id: sorted(period for name, period in complete if name == indicator.id)
        for indicator in indicators
    }


def _default_periods(available: Mapping[str, list[str]], indicators: Sequence[Indicator]) -> list[str]:
    """Periods of the indicators that are not carried forward; of all, where every one is."""
    periods = [
        period
        for indicator in indicators
        if not indicator.carry_forward
        for period in available[indicator.id]
    ]
    return sorted(
        set(periods)
        or {period for periods_of_indicator in available.values() for period in periods_of_indicator}
    )


def _area_ids(areas: Areas) -> list[str]:
    ids = areas["area_id"].tolist() if isinstance(areas, pd.DataFrame) else list(areas)
    return sorted({str(area) for area in ids})


def _under_target_periods(raw: pl.DataFrame, stand_ins: list[tuple[str, str, str]]) -> pl.DataFrame:
    """Raw counts under the periods that they stand for; the same rows where each stands for its own."""
    plan = pl.DataFrame(
        stand_ins, schema=dict.fromkeys(("indicator", "target", "period"), pl.String), orient="row"
    )
    keys = {name: raw[name].dtype for name in ("indicator", "period")}
    plan = plan.with_columns([pl.col(name).cast(dtype) for name, dtype in keys.items()])
    each_its_own = plan.height == plan.filter(pl.col("target") == pl.col("period").cast(pl.String)).height
    if each_its_own and plan.height == raw.select("indicator", "period").unique().height:
        return raw
    return raw.join(plan, on=list(keys), how="inner").with_columns(pl.col("target").alias("period"))
