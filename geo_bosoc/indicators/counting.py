"""Counting: from registers with areas to whole numbers of numerator, denominator and unknown.

Two steps. `count_rows` runs over the rows and gives *raw* counts, which are additive: over files, over
partitions on many workers (`add_counts`), and over periods. `settle_counts` then does what needs all of
them: sides from different registers are put together, years pooled, surveys carried forward, areas without
rows given their zeros. `count_indicators` is both in one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd
import polars as pl

from geo_bosoc.indicators.periods import basis
from geo_bosoc.indicators.plan import (
    PLACE,
    STATUS_RANK,
    Ids,
    Part,
    check_part,
    count_part_rows,
    make_parts,
    part_totals,
)
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.predicates import Parameters, predicate_columns
from geo_bosoc.problems import Report

KEYS: Final = ("area_id", "period", "indicator")
NUMBERS: Final = ("numerator", "denominator", "unknown")
_RAW: Final = {
    "area_id": pl.String,
    "period": pl.String,
    "indicator": pl.String,
    "side": pl.String,
    **dict.fromkeys(NUMBERS, pl.Int64),
    "status": pl.String,
}
_STATUS: Final = {rank: status for status, rank in STATUS_RANK.items()}


def count_indicators(
    registers: Mapping[str, pl.LazyFrame],
    indicators: Sequence[Indicator],
    *,
    parameters: Parameters | None = None,
    areas: Collection[str] | pd.DataFrame | None = None,
    periods: Collection[str] | None = None,
    ids: Ids | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Count each indicator in each area and period: one streaming pass over each register.

    Parameters
    ----------
    registers : by name, frames with ``area_id`` (null: in no area, not counted) and ``period`` besides the
        columns that the indicators name. Where areas overlap a person has a row in each.
    parameters : values for ``:name`` in the predicates (`compute_parameters`).
    areas : the areas to tell, ids or a frame with ``area_id``; one without rows gets zeros. Left out: those
        that occur.
    periods : the periods to tell. Left out: those of the registers, surveys that are carried forward left
        aside.
    ids : the columns that tell persons, households and dwellings apart, by register; ``person_id`` and so
        on by default.
    report : takes the problems, and under ``facts["counting"]`` for each indicator how many rows could not
        be counted (``denominator_unknown``, ``numerator_unknown``, ``without_id``) and which periods were
        carried forward.

    Returns
    -------
    DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown`` (int64), ``status`` (ok, missing,
        protected or not_applicable) and ``data_period``: the data that the figure rests on ("2022-2024"
        where pooled, an earlier period where carried forward). Sorted by area and period, indicators in
        their own order.

    Raises
    ------
    InputError
        An indicator names a register, column or parameter that is not there, or a predicate that is not
        allowed.

    Notes
    -----
    The denominator counts rows whose denominator predicate is true; unknown are those of them whose
    numerator predicate (or summed value) is missing. With ``distinct`` a person counts once an area and
    period: as met if met in any row, else as unknown if unknown in any. Where numerator and denominator
    come from different registers their rows cannot be linked: unknown is then 0 and the numerator's own
    unknown rows are told in the report. A finished table's cell with a mark gives its status to the count
    (the worst one, where several are added).
    """
    found = Report()
    raw = count_rows(registers, indicators, parameters=parameters, periods=periods, ids=ids, report=found)
    if found.errors:
        found.settle(report)  # raises where nobody collects
        return _pandas(pl.DataFrame(schema={**_RAW, "data_period": pl.String}).drop("side"))
    counts = settle_counts(raw, indicators, areas=areas, periods=periods, report=found)
    found.settle(report)
    return counts


def count_rows(
    registers: Mapping[str, pl.LazyFrame],
    indicators: Sequence[Indicator],
    *,
    parameters: Parameters | None = None,
    periods: Collection[str] | None = None,
    ids: Ids | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Raw counts of some rows: what a worker does with its partition. Parameters as in `count_indicators`.

    Raw counts of disjoint sets of rows may be added (`add_counts`) and equal the raw counts of all rows; for
    indicators that count persons once, the rows of a person must not be spread over the sets.

    Returns
    -------
    DataFrame
        ``area_id, period, indicator, side, numerator, denominator, unknown, status``; side is ``both``, or
        ``numerator`` and ``denominator`` apart where they come from different registers.
    """
    found = Report()
    parts = make_parts(indicators, registers, ids, found)
    by_register: dict[str, list[Part]] = {}
    for part in parts:
        by_register.setdefault(part.register, []).append(part)
    for name in by_register:
        _check_place(name, registers[name], found)
    frames: list[pl.DataFrame] = []
    facts: dict[str, dict[str, int]] = {indicator.id: {} for indicator in indicators}
    if found.errors:  # go on to list what else is wrong
        for part in parts:
            check_part(part, registers[part.register].collect_schema(), parameters or {}, found)
    else:
        for name, several in by_register.items():
            rows = _wanted_rows(registers[name], several, periods)
            for one in count_part_rows(rows, several, parameters or {}, found):
                frames += _long(one, several, facts)
    if found.errors:
        frames = []
    found.facts["counting"] = {name: told for name, told in facts.items() if told}
    found.settle(report)
    return _pandas(_added(frames))


def add_counts(*counts: pd.DataFrame) -> pd.DataFrame:
    """Add counts of disjoint rows, raw or settled: numbers are summed, the worst status is kept.

    Settled counts may be added where they rest on the same data periods.
    """
    frames = [_polars(frame) for frame in counts]
    if not frames:
        return _pandas(pl.DataFrame(schema=_RAW))
    return _pandas(_added(frames))


def settle_counts(
    raw: pd.DataFrame,
    indicators: Sequence[Indicator],
    *,
    areas: Collection[str] | pd.DataFrame | None = None,
    periods: Collection[str] | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Counts from raw counts: sides together, years pooled, surveys carried forward, a row for each area.

    Parameters and result as in `count_indicators`. A period without data in any area has the status
    ``missing``, and so has an area that a finished table does not list; an area without rows in a register
    of persons has zeros.
    """
    found = Report()
    frame = _polars(raw)
    available = _available(frame, indicators)
    targets = sorted(periods) if periods is not None else _own_periods(available, indicators)
    listed = _area_ids(areas) if areas is not None else sorted(frame["area_id"].unique())
    carried: dict[str, dict[str, str]] = {}
    sources: list[tuple[str, str, str, str]] = []
    for indicator in indicators:
        for period in targets:
            data = basis(period, indicator, available[indicator.id])
            sources += [(indicator.id, period, one, data.text or "") for one in data.periods]
            if data.carried:
                carried.setdefault(indicator.id, {})[period] = data.text or ""
    for name, told in carried.items():
        facts = found.facts.setdefault("carried_forward", {})
        facts[name] = told
    result = _grid(listed, targets, indicators).join(
        pl.DataFrame(sources, schema=["indicator", "period", "source", "data_period"], orient="row")
        .select("indicator", "period", "data_period")
        .unique(maintain_order=True)
        .cast(pl.String),
        on=["indicator", "period"],
        how="left",
        maintain_order="left",
    )
    result = result.join(_moved(frame, sources), on=list(KEYS), how="left", maintain_order="left")
    tables = [indicator.id for indicator in indicators if indicator.denominator.sum is not None]
    absent = pl.col("data_period").is_null() | (
        pl.col("denominator").is_null() & pl.col("indicator").is_in(tables)
    )
    result = result.with_columns(
        *[pl.col(name).fill_null(0) for name in NUMBERS],
        pl.when(absent).then(pl.lit("missing")).otherwise(pl.col("status").fill_null("ok")).alias("status"),
    )
    found.settle(report)
    return _pandas(result.select(*KEYS, *NUMBERS, "status", "data_period"))


def check_indicators(
    registers: Mapping[str, pl.LazyFrame],
    indicators: Sequence[Indicator],
    *,
    parameters: Parameters | None = None,
    ids: Ids | None = None,
    report: Report | None = None,
) -> None:
    """Check every register, column, type and predicate that the indicators name, without reading a row.

    Raises
    ------
    InputError
        As `count_indicators` would, with every problem at once.
    """
    found = Report()
    for part in make_parts(indicators, registers, ids, found):
        check_part(part, registers[part.register].collect_schema(), parameters or {}, found)
    found.settle(report)


def needed_columns(
    indicators: Sequence[Indicator],
    registers: Iterable[str],
    *,
    ids: Ids | None = None,
    report: Report | None = None,
) -> dict[str, tuple[str, ...]]:
    """The columns that the indicators read of each register (marks, place and period left aside), sorted."""
    columns: dict[str, set[str]] = {}
    for part in make_parts(indicators, registers, ids, report):
        here = columns.setdefault(part.register, set())
        for side in (part.base, part.top):
            if side is not None:
                here.update(predicate_columns(side.where) if side.where else ())
                here.update({side.sum} if side.sum else ())
        single = (part.id_column, part.indicator.mean_of, part.indicator.weight)
        here.update(name for name in single if name is not None)
    return {name: tuple(sorted(here)) for name, here in sorted(columns.items())}


def everybody(
    registers: Mapping[str, pl.LazyFrame], area_id: str = "@municipality"
) -> dict[str, pl.LazyFrame]:
    """The same registers with everybody in one area: counted like the areas they give the yardstick.

    Give registers as they were before areas were joined, so that each person has one row.
    """
    return {name: frame.with_columns(pl.lit(area_id).alias("area_id")) for name, frame in registers.items()}


def _check_place(name: str, register: pl.LazyFrame, found: Report) -> None:
    schema = register.collect_schema()
    for column in PLACE:
        if column not in schema:
            hint = "Join the areas first (join_areas)." if column == "area_id" else None
            found.error(f"The register {name} has no column {column}.", hint=hint, key=f"registers.{name}")


def _wanted_rows(
    register: pl.LazyFrame, parts: Sequence[Part], periods: Collection[str] | None
) -> pl.LazyFrame:
    """Rows in an area; and of the periods asked for, where no earlier ones are needed."""
    rows = register.filter(pl.col("area_id").is_not_null())
    only = all(part.indicator.pool_years == 1 and not part.indicator.carry_forward for part in parts)
    if periods is not None and only:
        rows = rows.filter(pl.col("period").cast(pl.String).is_in(sorted(periods)))
    return rows


def _long(wide: pl.DataFrame, parts: Sequence[Part], facts: dict[str, dict[str, int]]) -> list[pl.DataFrame]:
    """A raw frame for each part of one pass; what could not be counted goes to the facts."""
    frames = []
    place = wide.select(pl.col(*PLACE).cast(pl.String))
    for totals in part_totals(wide, parts):
        part: Part = totals["part"]
        told = facts[part.indicator.id]
        name = "numerator_unknown" if part.side == "numerator" else "denominator_unknown"
        unplaced = int(totals["b"].sum())
        if unplaced:
            told[name] = told.get(name, 0) + unplaced
        without = int(wide["rows_without_id"].sum()) if part.id_column else 0
        if without:
            told["without_id"] = told.get("without_id", 0) + without
        none = pl.lit(0, pl.Int64)
        frames.append(
            place.with_columns(
                pl.lit(part.indicator.id).alias("indicator"),
                pl.lit(part.side).alias("side"),
                (none if part.side == "denominator" else totals["n"]).alias("numerator"),
                (none if part.side == "numerator" else totals["d"]).alias("denominator"),
                (totals["u"] if part.side == "both" else none).alias("unknown"),
                totals["s"].replace_strict(_STATUS, return_dtype=pl.String).alias("status"),
            )
        )
    return frames


def _added(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Sum over equal keys, the worst status, sorted by the keys."""
    if not frames:
        return pl.DataFrame(schema=_RAW)
    together = pl.concat(frames, how="diagonal")
    keys = [name for name in (*KEYS, "side", "data_period") if name in together.columns]
    return (
        together.with_columns(_rank())
        .group_by(keys)
        .agg(*[pl.col(name).sum() for name in NUMBERS], pl.col("rank").max())
        .with_columns(pl.col("rank").replace_strict(_STATUS, return_dtype=pl.String).alias("status"))
        .drop("rank")
        .sort(keys, nulls_last=True)
        .select(
            [
                name
                for name in (*KEYS, "side", *NUMBERS, "status", "data_period")
                if name in (*keys, *NUMBERS, "status")
            ]
        )
    )


def _rank() -> pl.Expr:
    return pl.col("status").replace_strict(STATUS_RANK, return_dtype=pl.Int8).alias("rank")


def _available(raw: pl.DataFrame, indicators: Sequence[Indicator]) -> dict[str, list[str]]:
    """For each indicator the periods for which there are data, on both sides where they come apart."""
    seen = raw.select("indicator", "period", "side").unique()
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


def _area_ids(areas: Collection[str] | pd.DataFrame) -> list[str]:
    listed = areas["area_id"].tolist() if isinstance(areas, pd.DataFrame) else list(areas)
    return sorted({str(area) for area in listed})


def _grid(areas: Sequence[str], periods: Sequence[str], indicators: Sequence[Indicator]) -> pl.DataFrame:
    """A row for each area, period and indicator."""
    columns: list[tuple[str, Sequence[str]]] = [
        ("area_id", areas),
        ("period", periods),
        ("indicator", [indicator.id for indicator in indicators]),
    ]
    frames = [pl.DataFrame({name: list(values)}, schema={name: pl.String}) for name, values in columns]
    return frames[0].join(frames[1], how="cross").join(frames[2], how="cross")


def _moved(raw: pl.DataFrame, sources: list[tuple[str, str, str, str]]) -> pl.DataFrame:
    """Raw counts summed over the data periods that stand for each period, sides together."""
    moves = pl.DataFrame(
        [(name, source, period) for name, period, source, _ in sources],
        schema={"indicator": pl.String, "period": pl.String, "target": pl.String},
        orient="row",
    )
    moved = raw.join(moves, on=["indicator", "period"], how="inner").with_columns(
        pl.col("target").alias("period")
    )
    return _added([moved.select(*KEYS, *NUMBERS, "status")])


def _polars(frame: pd.DataFrame) -> pl.DataFrame:
    columns: dict[str, Any] = {**_RAW, "data_period": pl.String}
    return pl.DataFrame(
        {
            name: pl.Series(frame[name].tolist(), dtype=columns[name])
            for name in frame.columns
            if name in columns
        }
    )


def _pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """As pandas holds it: text as its own text type, whole numbers as int64."""
    columns = {
        name: frame[name].to_numpy().copy() if name in NUMBERS else frame[name].to_list()
        for name in frame.columns
    }
    return pd.DataFrame(columns, columns=list(frame.columns)).astype(dict.fromkeys(NUMBERS, "int64"))
