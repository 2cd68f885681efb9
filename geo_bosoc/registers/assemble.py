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
from geo_bosoc.registers.checks import structure
from geo_bosoc.registers.checks.totals import tell_totals
from geo_bosoc.registers.files import ROW, RegisterFile
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import check_places
from geo_bosoc.registers.tables.labels import tell_rows_without_area
from geo_bosoc.registers.tables.table_rows import TableUse


@dataclass(frozen=True)
class RegisterPartition:
    """Some rows of a register, and what is known of all of them.

    Attributes
    ----------
    period : theirs, where they have one.
    """

    frame: pl.LazyFrame
    period: str | None = None


@dataclass(frozen=True)
class ReadRegister:
    """A register as it was read.

    Attributes
    ----------
    frame : all its rows.
    parts : the same rows, apart by file where each file has a period of its own; by period else, where there are
        many. The rows of one period are never in two parts.
    once : each row has a key, and none stands twice in a period; False where it is not known.
    look_again : look for person numbers in the addresses that were passed over (see `read_in_parts`).
    periods : those of its rows; None where rows hold over time.
    """

    frame: pl.LazyFrame
    partitions: tuple[RegisterPartition, ...]
    unique_keys: bool
    deferred_checks: tuple[Callable[[Report], None], ...] = ()
    periods: frozenset[str | None] = frozenset()


def assemble(
    frames: Sequence[tuple[RegisterFile, pl.LazyFrame]],
    spec: RegisterSpec,
    period_column: str | None,
    periods: Collection[str] | None,
    report: Report,
    name: str | None,
    memory: Memory,
    seen: Mapping[Path, tuple[int, structure.KeysSeen]],
    use: TableUse,
) -> ReadRegister | None:
    """All files as one frame, checked; each file by itself where every file has its own period.

    Parameters
    ----------
    frames : the finished rows of each file, with `geo_bosoc.registers.files.ROW`.
    periods : those asked for; one that a column should hold and does not is a warning.
    seen : by path, what is known of a file already: its rows and keys.
    use : what a finished table is read for.
    """
    label = frames[0][0].name if len(frames) == 1 else spec.paths[0]
    if spec.place == "xy":
        placed = check_places([(file.name, frame) for file, frame in frames], spec, report)
        frames = [(file, frame) for (file, _), frame in zip(frames, placed, strict=True)]
    if spec.place == "area":
        keyed = whole_area_ids([(file.name, frame) for file, frame in frames], spec, report)
        frames = [(file, frame) for (file, _), frame in zip(frames, keyed, strict=True)]
    joined = pl.concat([frame for _, frame in frames], how="diagonal_relaxed")
    own_periods = [file.period for file, _ in frames]
    apart = period_column is None and None not in own_periods and len(set(own_periods)) == len(own_periods)
    groups = [(file.name, frame) for file, frame in frames] if apart else [(Path(label).name, joined)]
    by_file = [
        Counter(structure.check_periods(frame, file.name, spec, period_column, report))
        for file, frame in frames
    ]
    counted = sum(by_file, Counter[str | None]())
    heights = [each.total() for each in by_file] if apart else [counted.total()]
    if period_column is not None and periods is not None and spec.unit != "count":
        for period in sorted(set(periods) - set(counted)):
            report.warn(f"there are no rows for {period}.", file=Path(label).name)
    one_period = apart or len(counted) == 1
    keys = [
        structure.check_doubled(
            frame,
            file_name,
            spec,
            report,
            height=height,
            at_once=memory.keys,
            one_file=apart or len(frames) == 1,
            one_period=one_period,
            seen=_of_these(seen, frames[number][0], height)
            if one_period and len(groups) == len(frames)
            else None,
        )
        for number, ((file_name, frame), height) in enumerate(zip(groups, heights, strict=True))
    ]
    rows = counted.total()
    if spec.unit == "count" and spec.place == "area":
        tell_rows_without_area(joined, spec, Path(label).name, report)
        tell_totals(joined, spec, use, Path(label).name, report)
    if rows == 0 and not report.errors:
        report.warn("no row is left" + (" that meets where." if spec.where else "."), file=Path(label).name)
    report.facts[f"register:{name or Path(label).name}"] = {
        "files": [file.name for file, _ in frames],
        "rows": rows,
        "unit": spec.unit,
        **spec.governance(),
    }
    if any(each.same_place for each in keys):
        joined = structure.with_places(joined)
        joined = joined.unique(["address_id", "period"], keep="first", maintain_order=True)
        groups = [(file_name, joined) for file_name, _ in groups[:1]]
    joined = joined.drop("@row")
    once = all(each.once for each in keys)
    if apart and len(groups) == len(frames):
        each = _alike([frame.drop("@row") for _, frame in groups])
        told = [next(iter(periods_of)) if len(periods_of) == 1 else None for periods_of in by_file]
        return ReadRegister(
            joined, tuple(map(RegisterPartition, each, told)), once, periods=frozenset(counted)
        )
    if rows > memory.rows and None not in counted:
        split = [
            RegisterPartition(joined.filter(pl.col("period") == period), period)
            for period in sorted(map(str, counted))
        ]
        return ReadRegister(joined, tuple(split), once, periods=frozenset(counted))
    only = next(iter(counted)) if len(counted) == 1 else None
    return ReadRegister(joined, (RegisterPartition(joined, only),), once, periods=frozenset(counted))


def _of_these(
    seen: Mapping[Path, tuple[int, structure.KeysSeen]], file: RegisterFile, height: int
) -> structure.KeysSeen | None:
    """What was seen of a file's keys, where all of its rows have stayed."""
    rows, keys = seen.get(file.path, (-1, None))
    return keys if rows == height else None


def _alike(frames: Sequence[pl.LazyFrame]) -> tuple[pl.LazyFrame, ...]:
    """Frames with the columns that they have together, in the types that hold all of them."""
    if len(frames) == 1:
        return tuple(frames)
    schemas = [frame.collect_schema() for frame in frames]
    if all(schema == schemas[0] for schema in schemas):
        return tuple(frames)
    whole = [pl.LazyFrame(schema=schema) for schema in schemas]
    return tuple(
        pl.concat([*whole[:number], frame, *whole[number + 1 :]], how="diagonal_relaxed")
        for number, frame in enumerate(frames)
    )


def whole_area_ids(
    frames: Sequence[tuple[str, pl.LazyFrame]], spec: RegisterSpec, report: Report
) -> list[pl.LazyFrame]:
    """The rows with ``751.0`` as ``751`` in files that write all ids so; ids with lost digits are an error.

    Parameters
    ----------
    frames : the files' names and finished rows, with ``area_id``.
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
            f"{LOST_DIGITS} in {seen['lost']:,} row(s), the first in row {seen['first']}.",
            row=seen["first"],
            count=seen["lost"],
            hint=AS_TEXT,
            **where,
        )
    if not seen["decimal"] or seen["codes"] or seen["decimal"] < seen["numbers"]:
        return frame
    report.note(AS_WHOLE, count=seen["decimal"], **where)
    return frame.with_columns(ids.str.replace(WHOLE_AS_DECIMAL, "$1"))
