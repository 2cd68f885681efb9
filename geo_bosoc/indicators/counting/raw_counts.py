"""Raw counts: from registers with areas to whole numbers of numerator, denominator and unknown.

Raw counts are additive: over files, over partitions on several workers (`add_counts`), and over periods.
`finalise_counts` then does what needs all of them: sides from different registers are put together, years pooled,
surveys carried forward, areas without rows given their zeros. `geo_bosoc.indicators.count.count_indicators` is both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from geo_bosoc.indicators.counting.aggregate import Pass, count_part_rows, part_totals, sum_of_all
from geo_bosoc.indicators.counting.row_expressions import check_part
from geo_bosoc.indicators.plan import (
    PLACE,
    STATUS_RANK,
    Ids,
    Part,
    make_parts,
)
from geo_bosoc.indicators.scales import ask_for_scales
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.predicates.parse import Parameters
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

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


def no_counts() -> pl.DataFrame:
    """No raw counts, with their columns."""
    return pl.DataFrame(schema=_TYPES).drop("data_period")


def with_common_codes(frames: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
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


def sum_counts(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Sums over equal keys, with the worst status, sorted by the keys."""
    counts = frames[0] if len(frames) == 1 else pl.concat(with_common_codes(frames), how="vertical")
    keys = [name for name in counts.columns if name not in (*NUMBERS, "status")]
    return (
        counts.with_columns(pl.col("status").to_physical())
        .group_by(keys)
        .agg(*[sum_of_all(pl.col(name)) for name in NUMBERS], pl.col("status").max())
        .with_columns(pl.col("status").replace_strict(STATUS_NAMES, return_dtype=STATUSES))
        .sort(keys, nulls_last=True)
        .select(counts.columns)
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
    dtype = series.dtype if isinstance(series.dtype, pl.Enum) else pl.Enum(_texts([series]))
    codes = series.cast(dtype).to_physical().cast(pl.Int64).fill_null(-1)
    return texts_of(dtype.categories.to_list(), codes.to_numpy())


def texts_of(texts: Sequence[str], codes: npt.NDArray[np.int64]) -> Any:
    """A pandas column of text from places in a list, -1 being missing: each distinct text is made once."""
    return pd.Series(list(texts), dtype=str).array.take(codes, allow_fill=True)


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
    raw = raw_counts(registers, indicators, parameters=parameters, periods=periods, ids=ids, report=report)
    return to_pandas(raw.sort(*KEYS, "side"))


def raw_counts(
    registers: Mapping[str, pl.LazyFrame],
    indicators: Sequence[Indicator],
    *,
    parameters: Parameters | None = None,
    periods: Collection[str] | None = None,
    ids: Ids | None = None,
    report: Report | None = None,
) -> pl.DataFrame:
    """`count_rows` as Polars holds it: each key once, in no order, keys in types of their own; cheap to send, to add
    and to finalise. Empty where something is wrong and `report` collects it."""
    inner_report = Report()
    parts, passes = _register_passes(registers, indicators, parameters, periods, ids, inner_report)
    raw = _counts_of_passes(passes, parts, indicators, inner_report)
    inner_report.hand_over(report)
    return raw


def raw_counts_of_groups(
    registers: Mapping[str, pl.LazyFrame],
    indicators: Sequence[Indicator],
    groups: Mapping[str, pl.DataFrame],
    *,
    parameters: Parameters | None = None,
    periods: Collection[str] | None = None,
    ids: Ids | None = None,
    period: str | None = None,
    report: Report | None = None,
) -> dict[str, pl.DataFrame]:
    """`raw_counts` of groups of areas, for several ways of grouping at once; the rows are read once.

    Parameters
    ----------
    registers : mapping of str to LazyFrame
        As in `count_rows`.
    indicators : sequence of Indicator
        Such as count rows. Counts of distinct persons cannot be added up over areas.
    groups : mapping of str to DataFrame
        By name, ``area_id, group`` (see `geo_bosoc.indicators.counting.aggregate.Pass.grouped`).
    parameters, periods, ids, report : optional
        As in `count_indicators`.
    period : str, optional
        The period of all rows, where they have one: the column is not looked at then.
    """
    inner_report = Report()
    parts, passes = _register_passes(registers, indicators, parameters, periods, ids, inner_report, period)
    counts_by_name = {
        name: _counts_of_passes(
            [(register, register_pass.grouped(frame)) for register, register_pass in passes],
            parts,
            indicators,
            inner_report,
        )
        for name, frame in groups.items()
    }
    inner_report.hand_over(report)
    return counts_by_name


_Parts = Mapping[str, Sequence[Part]]
"""By register."""


def _register_passes(
    registers: Mapping[str, pl.LazyFrame],
    indicators: Sequence[Indicator],
    parameters: Parameters | None,
    periods: Collection[str] | None,
    ids: Ids | None,
    report: Report,
    period: str | None = None,
) -> tuple[_Parts, list[tuple[str, Pass]]]:
    """The passes over each register; none where `report` has errors."""
    parts = make_parts(indicators, registers, ids, report)
    by_register: dict[str, list[Part]] = {}
    for part in parts:
        by_register.setdefault(part.register, []).append(part)
    for name in by_register:
        _check_key_columns(name, registers[name], report)
    if report.errors:  # go on to list what else is wrong
        for part in parts:
            check_part(part, registers[part.register].collect_schema(), parameters or {}, report)
        return by_register, []
    ask_for_scales(parts, registers, report)
    wide: list[tuple[str, Pass]] = []
    for name, parts_of_register in by_register.items():
        rows = _rows_to_count(registers[name], parts_of_register, periods, period)
        passes = count_part_rows(rows, parts_of_register, parameters or {}, report, period=period)
        wide += [(name, register_pass) for register_pass in passes]
    return by_register, [] if report.errors else wide


def _counts_of_passes(
    passes: Sequence[tuple[str, Pass]], parts: _Parts, indicators: Sequence[Indicator], report: Report
) -> pl.DataFrame:
    """A row for each sum of the passes; what could not be counted goes to the facts of `report`."""
    if not passes:
        return no_counts()
    facts: dict[str, dict[str, int]] = {indicator.id: {} for indicator in indicators}
    names = pl.Enum(sorted(facts))
    keys_of_passes = with_common_codes([register_pass.frame.select(PLACE) for _, register_pass in passes])
    frames: list[pl.DataFrame] = []
    for (name, register_pass), keys in zip(passes, keys_of_passes, strict=True):
        frames += _counts_of_pass(register_pass, keys, parts[name], names, facts)
    report.facts["counting"] = {
        name: rows_by_reason for name, rows_by_reason in facts.items() if rows_by_reason
    }
    return pl.concat(frames)


def add_counts(*counts: pd.DataFrame) -> pd.DataFrame:
    """Add counts of disjoint rows, raw or finalised: numbers are summed, the worst status is kept.

    Finalised counts may be added where they rest on the same data periods.

    Parameters
    ----------
    *counts : DataFrame
        From `geo_bosoc.count_indicators`, or `count_rows`.

    Returns
    -------
    DataFrame
        A row for each key that any of them has.

    Examples
    --------
    >>> from geo_bosoc.indicators import Indicator, Side, count_indicators
    >>> residents = Indicator(id="residents", label_da="Prøve", label_en="", unit="count", denominator=Side())
    >>> rows = pl.LazyFrame({"area_id": ["a", "b"], "period": ["2024", "2024"]})
    >>> counts = count_indicators({"persons": rows}, [residents])
    >>> add_counts(counts, counts)["denominator"].tolist()
    [2, 2]
    """
    return to_pandas(sum_counts([to_polars(frame) for frame in counts]) if counts else no_counts())


def _check_key_columns(name: str, register: pl.LazyFrame, report: Report) -> None:
    schema = register.collect_schema()
    for column in PLACE:
        if column not in schema:
            hint = "Join the areas first (join_areas)." if column == "area_id" else None
            report.error(
                phrase("The register {name} has no column {column}.", name=name, column=column),
                hint=hint,
                key=f"registers.{name}",
            )


def _rows_to_count(
    register: pl.LazyFrame, parts: Sequence[Part], periods: Collection[str] | None, period: str | None
) -> pl.LazyFrame:
    """Rows in an area; and of the periods asked for, where no earlier ones are needed. `period` is that of all rows,
    where they have one."""
    rows = register.filter(pl.col("area_id").is_not_null())
    only = all(part.indicator.pool_years == 1 and not part.indicator.carry_forward for part in parts)
    if periods is not None and only and period not in periods:
        rows = rows.filter(pl.col("period").cast(pl.String).is_in(sorted(periods)))
    return rows


def _counts_of_pass(
    register_pass: Pass,
    keys: pl.DataFrame,
    parts: Sequence[Part],
    names: pl.Enum,
    facts: dict[str, dict[str, int]],
) -> list[pl.DataFrame]:
    """The raw rows of one pass; what could not be counted goes to the facts."""
    totals = part_totals(register_pass.frame, parts)
    for number, part in totals.parts.items():
        rows_by_reason = facts[part.indicator.id]
        name = "numerator_unknown" if part.side == "numerator" else "denominator_unknown"
        unplaced = register_pass.unplaced.get(number, 0)
        if unplaced:
            rows_by_reason[name] = rows_by_reason.get(name, 0) + unplaced
        if register_pass.without_id:
            rows_by_reason["without_id"] = rows_by_reason.get("without_id", 0) + register_pass.without_id
    part_count = len(totals.parts)
    if not part_count:
        return []

    def repeat_per_part(values: Sequence[str], dtype: pl.Enum) -> pl.Series:
        """A value for each part, one after the other, `height` times each."""
        codes = pl.Series(values, dtype=dtype)
        return codes.gather(np.repeat(np.arange(part_count), register_pass.frame.height))

    parts_in_order = list(totals.parts.values())
    columns = keys.select(pl.all().gather(np.tile(np.arange(keys.height), part_count)))
    statuses = pl.Series(STATUSES.categories, dtype=STATUSES)
    return [
        columns.with_columns(
            repeat_per_part([part.indicator.id for part in parts_in_order], names).alias("indicator"),
            repeat_per_part([part.side for part in parts_in_order], pl.Enum(SIDES)).alias("side"),
            *(
                _null_where_unknown(pl.Series(name, values), totals.denominator_known)
                if name == "denominator"
                else pl.Series(name, values)
                for name, values in totals.numbers.items()
            ),
            statuses.gather(totals.status).alias("status"),
        )
    ]


def _null_where_unknown(values: pl.Series, is_known: npt.NDArray[np.bool_]) -> pl.Series:
    """The values, empty where they are not known."""
    return values if is_known.all() else values.set(pl.Series(~is_known), None)
