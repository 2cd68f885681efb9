"""From raw counts to the counts of each area and period: what needs all rows to have been counted.

Sides from different registers are put together, years pooled, surveys carried forward, and areas without
rows get their zeros.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd
import polars as pl

from geo_bosoc.indicators.count_frames import (
    KEYS,
    NUMBERS,
    STATUSES,
    added,
    coded,
    empty,
    to_pandas,
    to_polars,
)
from geo_bosoc.indicators.periods import basis
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
    return to_pandas(settled(to_polars(raw), indicators, areas=areas, periods=periods, report=report))


def settled(
    raw: pl.DataFrame,
    indicators: Sequence[Indicator],
    *,
    areas: Areas | None,
    periods: Collection[str] | None,
    report: Report | None,
) -> pl.DataFrame:
    """`settle_counts` on Polars frames."""
    available = _available(raw, indicators)
    targets = sorted(set(periods)) if periods is not None else _own_periods(available, indicators)
    listed = (
        _area_ids(areas) if areas is not None else raw["area_id"].cast(pl.String).unique().sort().to_list()
    )
    moves: list[tuple[str, str, str]] = []
    rests: list[tuple[str, str, str]] = []
    carried: dict[str, dict[str, str]] = {}
    for indicator in indicators:
        for period in targets:
            data = basis(period, indicator, available[indicator.id])
            if data.text is None:
                continue
            moves += [(indicator.id, period, one) for one in data.periods]
            rests.append((indicator.id, period, data.text))
            if data.carried:
                carried.setdefault(indicator.id, {})[period] = data.text
    if report is not None and carried:
        report.facts["carried_forward"] = carried
    grid = _grid(listed, targets, [indicator.id for indicator in indicators])
    basis_of = _text_frame(rests, ["indicator", "period", "data_period"])
    grid = grid.join(basis_of, on=["indicator", "period"], how="left", maintain_order="left")
    grid, moved = _coded_keys(grid, _moved(raw, moves))
    result = grid.join(moved, on=list(KEYS), how="left", maintain_order="left")
    tables = [indicator.id for indicator in indicators if indicator.denominator.sum is not None]
    unlisted = pl.col("denominator").is_null() & pl.col("indicator").cast(pl.String).is_in(tables)
    missing = pl.col("data_period").is_null() | unlisted
    return result.select(
        *KEYS,
        *[pl.col(name).fill_null(0) for name in NUMBERS],
        pl.when(missing)
        .then(pl.lit("missing", dtype=STATUSES))
        .otherwise(pl.col("status").fill_null(pl.lit("ok", dtype=STATUSES)))
        .alias("status"),
        "data_period",
    )


def _coded_keys(grid: pl.DataFrame, moved: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames with the keys as codes of the same lists."""
    first, second = coded([grid.select(KEYS), moved.select(KEYS)])
    return grid.with_columns(first.get_columns()), moved.with_columns(second.get_columns())


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


def _text_frame(
    rows: list[tuple[str, ...]] | list[tuple[str, str, str]], columns: Sequence[str]
) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _grid(areas: Sequence[str], periods: Sequence[str], indicators: Sequence[str]) -> pl.DataFrame:
    """A row for each area, period and indicator."""
    frames = [
        pl.DataFrame({name: list(values)}, schema={name: pl.String})
        for name, values in zip(KEYS, (areas, periods, indicators), strict=True)
    ]
    return frames[0].join(frames[1], how="cross").join(frames[2], how="cross")


def _moved(raw: pl.DataFrame, moves: list[tuple[str, str, str]]) -> pl.DataFrame:
    """Raw counts under the period that they stand for, summed over data periods and sides."""
    plan = _text_frame(moves, ["indicator", "target", "period"])
    if raw.is_empty() or plan.is_empty():
        return empty(settled=True).drop("data_period")
    keys = {name: raw[name].dtype for name in ("indicator", "period")}
    plan = plan.with_columns([pl.col(name).cast(dtype) for name, dtype in keys.items()])
    columns = [*KEYS, *NUMBERS, "status"]
    moved = raw.join(plan, on=list(keys), how="inner").with_columns(pl.col("target").alias("period"))
    once = (
        moved["side"].cast(pl.String).eq("both").all()
        and not plan.select("indicator", "target").is_duplicated().any()
    )
    return moved.select(columns) if once else added([moved.select(columns)])
