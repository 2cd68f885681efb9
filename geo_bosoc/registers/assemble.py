"""A register as a whole: its files put together and checked, and its rows in parts that can be counted apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from geo_bosoc.boundaries.attributes import (
    AS_TEXT,
    AS_WHOLE,
    LOST_DIGITS,
    SCIENTIFIC,
    TRUE_DECIMAL,
    WHOLE_AS_DECIMAL,
)
from geo_bosoc.memory import Memory
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.registers.checks import structure
from geo_bosoc.registers.checks.totals import tell_totals
from geo_bosoc.registers.files import ROW, RegisterFile
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import check_coordinates
from geo_bosoc.registers.tables.labels import tell_rows_without_area
from geo_bosoc.registers.tables.table_rows import TableUse


@dataclass(frozen=True)
class RegisterPartition:
    """Some rows of a register, and their period where it is the same for all."""

    frame: pl.LazyFrame
    period: str | None = None


def split_by_period(frame: pl.LazyFrame) -> tuple[RegisterPartition, ...]:
    """Rows in one partition for each period that they have."""
    periods = frame.select(pl.col("period").unique()).collect(engine="streaming")["period"].sort()
    split = [
        RegisterPartition(frame.filter(pl.col("period").eq_missing(period)), period) for period in periods
    ]
    return tuple(split) if split else (RegisterPartition(frame),)


@dataclass(frozen=True)
class ReadRegister:
    """A register as it was read.

    Attributes
    ----------
    frame : LazyFrame
        All its rows.
    partitions : tuple of RegisterPartition
        The same rows, by file where each file has a period of its own; by period else, where rows are many. The rows
        of a period are never in two partitions.
    unique_keys : bool
        Each row has a key, and none is doubled in a period; False where it was not looked for.
    deferred_checks : tuple of callable
        Look for person numbers in the addresses that were skipped (see `read_in_parts`).
    periods : frozenset of str or None
        Those of its rows; None where rows hold over time.
    file_columns : frozenset of str
        All columns that its files have, read or not, as the files call them.
    """

    frame: pl.LazyFrame
    partitions: tuple[RegisterPartition, ...]
    unique_keys: bool
    deferred_checks: tuple[Callable[[Report], None], ...] = ()
    periods: frozenset[str | None] = frozenset()
    file_columns: frozenset[str] = frozenset()


def assemble(
    frames: Sequence[tuple[RegisterFile, pl.LazyFrame]],
    spec: RegisterSpec,
    period_column: str | None,
    periods: Collection[str] | None,
    report: Report,
    name: str | None,
    memory: Memory,
    scanned_keys: Mapping[Path, tuple[int, structure.KeySummary]],
    use: TableUse,
) -> ReadRegister | None:
    """All files as one frame, checked; each file by itself where every file has its own period.

    Parameters
    ----------
    frames : sequence of tuple
        The standardised rows of each file, with `geo_bosoc.registers.files.ROW`.
    spec : RegisterSpec
        The register's.
    period_column : str or None
        The column that says the periods.
    periods : collection of str or None
        Those to read; a period that a column should hold and does not is a warning.
    report : Report
        Takes what is wrong, and the facts.
    name : str or None
        The register's name in the project file.
    memory : Memory
        Bounds the keys that are compared at a time and the rows of a partition.
    scanned_keys : mapping of Path to tuple
        By path, the number of rows and the keys of files that have been looked through already.
    use : TableUse
        What a finished table is read for.

    Returns
    -------
    ReadRegister
    """
    label = frames[0][0].name if len(frames) == 1 else spec.paths[0]
    if spec.place == "xy":
        placed = check_coordinates([(file.name, frame) for file, frame in frames], spec, report)
        frames = [(file, frame) for (file, _), frame in zip(frames, placed, strict=True)]
    if spec.has_areas:
        keyed = with_whole_area_ids([(file.name, frame) for file, frame in frames], spec, report)
        frames = [(file, frame) for (file, _), frame in zip(frames, keyed, strict=True)]
    joined = pl.concat([frame for _, frame in frames], how="diagonal_relaxed")
    file_periods = [file.period for file, _ in frames]
    by_file = period_column is None and None not in file_periods and len(set(file_periods)) == len(frames)
    groups = [(file.name, frame) for file, frame in frames] if by_file else [(Path(label).name, joined)]
    counts_by_file = [
        Counter(structure.check_periods(frame, file.name, spec, period_column, report))
        for file, frame in frames
    ]
    counted = sum(counts_by_file, Counter[str | None]())
    heights = [counts.total() for counts in counts_by_file] if by_file else [counted.total()]
    if period_column is not None and periods is not None and spec.unit != "count":
        for period in sorted(set(periods) - set(counted)):
            report.warn(phrase("there are no rows for {period}.", period=period), file=Path(label).name)
    single_period = by_file or len(counted) == 1
    key_checks = [
        structure.check_doubled(
            frame,
            file_name,
            spec,
            report,
            height=height,
            at_once=memory.keys,
            single_file=by_file or len(frames) == 1,
            single_period=single_period,
            summary=_complete_summary(scanned_keys, frames[number][0], height)
            if single_period and len(groups) == len(frames)
            else None,
        )
        for number, ((file_name, frame), height) in enumerate(zip(groups, heights, strict=True))
    ]
    rows = counted.total()
    if spec.unit == "count" and spec.has_areas:
        tell_rows_without_area(joined, spec, Path(label).name, report)
        tell_totals(joined, spec, use, Path(label).name, report)
    if rows == 0 and not report.errors:
        report.warn(
            "no row is left that meets where." if spec.where else "no row is left.", file=Path(label).name
        )
    report.facts[f"register:{name or Path(label).name}"] = {
        "files": [file.name for file, _ in frames],
        "rows": rows,
        "unit": spec.unit,
        **spec.governance(),
    }
    if any(check.same_place for check in key_checks):
        joined = structure.with_places(joined)
        joined = joined.unique(["address_id", "period"], keep="first", maintain_order=True)
        groups = [(file_name, joined) for file_name, _ in groups[:1]]
    joined = joined.drop(ROW)
    unique_keys = all(check.unique for check in key_checks)
    if by_file and len(groups) == len(frames):
        partitions = _with_common_schema([frame.drop(ROW) for _, frame in groups])
        periods_by_file = [next(iter(counts)) if len(counts) == 1 else None for counts in counts_by_file]
        return ReadRegister(
            joined,
            tuple(map(RegisterPartition, partitions, periods_by_file)),
            unique_keys,
            periods=frozenset(counted),
        )
    if rows > memory.rows and None not in counted:
        split = [
            RegisterPartition(joined.filter(pl.col("period") == period), period)
            for period in sorted(map(str, counted))
        ]
        return ReadRegister(joined, tuple(split), unique_keys, periods=frozenset(counted))
    only = next(iter(counted)) if len(counted) == 1 else None
    return ReadRegister(joined, (RegisterPartition(joined, only),), unique_keys, periods=frozenset(counted))


def _complete_summary(
    scanned_keys: Mapping[Path, tuple[int, structure.KeySummary]], file: RegisterFile, height: int
) -> structure.KeySummary | None:
    """The summary of a file's keys, where none of its rows was left out."""
    rows, keys = scanned_keys.get(file.path, (-1, None))
    return keys if rows == height else None


def _with_common_schema(frames: Sequence[pl.LazyFrame]) -> tuple[pl.LazyFrame, ...]:
    """Frames with the columns that they have together, in the types that hold all of them."""
    if len(frames) == 1:
        return tuple(frames)
    schemas = [frame.collect_schema() for frame in frames]
    if all(schema == schemas[0] for schema in schemas):
        return tuple(frames)
    empty = [pl.LazyFrame(schema=schema) for schema in schemas]
    return tuple(
        pl.concat([*empty[:number], frame, *empty[number + 1 :]], how="diagonal_relaxed")
        for number, frame in enumerate(frames)
    )


def with_whole_area_ids(
    frames: Sequence[tuple[str, pl.LazyFrame]], spec: RegisterSpec, report: Report
) -> list[pl.LazyFrame]:
    """The rows with ``751.0`` as ``751`` in files that write all ids so; ids with lost digits are an error.

    `frames` are the files' names and standardised rows, with ``area_id``.
    """
    return [_area_ids_as_text(file, frame, spec, report) for file, frame in frames]


def _area_ids_as_text(file: str, frame: pl.LazyFrame, spec: RegisterSpec, report: Report) -> pl.LazyFrame:
    if frame.collect_schema()["area_id"] != pl.String:
        return frame
    ids, row = pl.col("area_id"), pl.col(ROW)
    numbers = ids.str.contains(r"^\d")
    decimal, lost = ids.str.contains(WHOLE_AS_DECIMAL), ids.str.contains(SCIENTIFIC)
    seen: dict[str, Any] = (
        frame.select(
            numbers=numbers.sum(),
            decimal=decimal.sum(),
            codes=ids.str.contains(TRUE_DECIMAL).any(),
            lost=lost.sum(),
            first=row.filter(lost).min(),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    where: dict[str, Any] = {"file": file, "column": spec.columns.get(spec.area, spec.area)}
    if seen["lost"]:
        report.error(
            phrase(
                "{fault} in {rows}, the first in row {first}.",
                fault=LOST_DIGITS,
                rows=count_text(seen["lost"], "row"),
                first=seen["first"],
            ),
            row=seen["first"],
            count=seen["lost"],
            hint=AS_TEXT,
            **where,
        )
    if not seen["decimal"] or seen["codes"] or seen["decimal"] < seen["numbers"]:
        return frame
    report.note(AS_WHOLE, count=seen["decimal"], **where)
    return frame.with_columns(ids.str.replace(WHOLE_AS_DECIMAL, "$1"))
