"""`read_register`: from a register's files to one lazy frame with the columns that a run names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl

from geo_bosoc.memory import Memory
from geo_bosoc.predicates.parse import parse_predicate, predicate_columns
from geo_bosoc.problems import InputError, Problem, Report, read_or_none, validate
from geo_bosoc.registers.assemble import ReadRegister, RegisterPartition, assemble
from geo_bosoc.registers.checks import structure
from geo_bosoc.registers.checks.figures import check_figures, check_fractions, tell_absent_periods, with_marks
from geo_bosoc.registers.checks.file_faults import READING_FAILED, tell_copies, tell_damaged, tell_same_rows
from geo_bosoc.registers.checks.literals import LookedFor
from geo_bosoc.registers.checks.person_bounds import check_rows
from geo_bosoc.registers.files import ROW, RegisterFile, find_files
from geo_bosoc.registers.infer_types import Plan, read_parts, settle_types
from geo_bosoc.registers.ingest import Part, report_durations, take_in
from geo_bosoc.registers.open import Opened, open_files, tell_unread_columns
from geo_bosoc.registers.readers import parquet
from geo_bosoc.registers.readers.parquet import column_spans
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import (
    coordinate_system,
    finish,
    key_columns,
    needs_transforming,
    place_columns,
    transformed_by_batch,
)
from geo_bosoc.registers.tables.columns import MARK_SUFFIX
from geo_bosoc.registers.tables.labels import LabelColumns, filled_down
from geo_bosoc.registers.tables.periods import settle_pairs, unmarked_periods
from geo_bosoc.registers.tables.reshape import with_percentages
from geo_bosoc.registers.tables.table_rows import TableUse


def read_register(
    path_or_spec: str | PathLike[str] | Sequence[str | PathLike[str]] | RegisterSpec,
    *,
    columns: Iterable[str] | Mapping[str, str] | None = None,
    folder: str | PathLike[str] | None = None,
    periods: Iterable[str] | None = None,
    report: Report | None = None,
    name: str | None = None,
    **spec_fields: Any,
) -> pl.LazyFrame:
    """Read a register: rows about persons, dwellings, addresses or cases, or finished counts for areas.

    Text files, workbooks and JSON are read once, column types told from all values (see
    `geo_bosoc.registers.tables.text`); Parquet is read lazily. Person numbers in the id column become keyed
    hashes; in any other column that is read they stop the run (see `geo_bosoc.text.person_numbers`).

    Parameters
    ----------
    path_or_spec
        A specification, or the path (or paths, or pattern) of one; `spec_fields` are its other fields.
    columns
        The columns to read, by our own names, besides those that the specification names; None for all. No
        other column of a file is read or looked at. A mapping also renames (our name = the file's name).
    folder
        The folder where relative paths start; by default the working directory.
    periods
        Keep rows of these periods only; files of other periods are not opened. A period without rows is a
        warning.
    report
        Collects problems and facts (``facts["register:NAME"]``: files, rows, custody).
    name
        The register's name in the project file, for messages.

    Returns
    -------
    LazyFrame with the id column, the place (``address_id``; ``area_id``; or ``x, y`` in EPSG:25832),
    ``period`` (text; null only in an address table without periods) and the other columns in the order of
    the file. A column with marks has a companion ``<column>__mark`` (missing, protected, not_applicable;
    null beside a value). A column without any value has Polars' Null type.

    Raises
    ------
    InputError
        If anything is wrong and no `report` was given; it lists all that was found. With a `report`, the
        errors are collected there and the frame has no rows.

    Examples
    --------
    >>> read_register("persons_{period}.csv", unit="person", id="person_id")  # doctest: +SKIP
    """
    return read_in_parts(
        path_or_spec, columns=columns, folder=folder, periods=periods, report=report, name=name, **spec_fields
    ).frame


def read_in_parts(
    path_or_spec: str | PathLike[str] | Sequence[str | PathLike[str]] | RegisterSpec,
    *,
    columns: Iterable[str] | Mapping[str, str] | None = None,
    folder: str | PathLike[str] | None = None,
    periods: Iterable[str] | None = None,
    report: Report | None = None,
    name: str | None = None,
    memory: Memory | None = None,
    defer_address_check: bool = False,
    on_file_read: Callable[[Path], None] | None = None,
    table: TableUse | None = None,
    **spec_fields: Any,
) -> ReadRegister:
    """`read_register`, and its rows in partitions that can be worked on one after the other, or by many workers.

    Parameters
    ----------
    path_or_spec, columns, folder, periods, report, name, **spec_fields
        See `read_register`.
    memory : Memory, optional
        Bounds what is in memory at a time: from so many rows on, a register that is not in files by period is split
        by period.
    defer_address_check : bool
        Whether person numbers are not looked for in the addresses of Parquet files: the caller finds each address in
        a table that was looked through, and calls `ReadRegister.deferred_checks` for what is not there.
    on_file_read : callable, optional
        Called with each file's path when it has been looked through.
    table : TableUse, optional
        What a finished table is read for.

    Returns
    -------
    ReadRegister

    Raises
    ------
    InputError
        As `read_register` does.
    """
    found = Report()
    key = f"registers.{name}" if name else None
    renamed = dict(columns) if isinstance(columns, Mapping) else {}
    spec = _specification(path_or_spec, spec_fields, renamed, found, key)
    shown = None if columns is None else [column.removesuffix(MARK_SUFFIX) for column in columns]
    kept = None if periods is None else set(periods)
    read = None
    if spec is not None:
        root = None if folder is None else Path(folder)
        use = table or TableUse()
        try:
            read = _read(
                spec,
                shown,
                root,
                kept,
                found,
                key,
                name,
                memory or Memory(),
                on_file_read,
                defer_address_check,
                use,
            )
        except READING_FAILED:
            if not tell_damaged((file.path for file in find_files(spec, root, None, Report(), None)), found):
                raise
    found.settle(report)
    if read is None or found.errors:
        nothing = _nothing(spec, shown)
        return ReadRegister(nothing, (RegisterPartition(nothing),), False)
    return read


def _specification(
    path_or_spec: Any, fields: dict[str, Any], renamed: dict[str, str], report: Report, key: str | None
) -> RegisterSpec | None:
    if isinstance(path_or_spec, RegisterSpec):
        given = {**path_or_spec.model_dump(exclude_unset=True), **fields}
    elif isinstance(path_or_spec, (str, PathLike)):
        given = {"path": str(path_or_spec), **fields}
    else:
        given = {"path": [str(path) for path in path_or_spec], **fields}
    if renamed:
        given["columns"] = {**given.get("columns", {}), **renamed}
    return read_or_none(lambda: validate(RegisterSpec, given, within=key), report)


def _nothing(spec: RegisterSpec | None, shown: Sequence[str] | None) -> pl.LazyFrame:
    """A frame without rows, for a caller who goes on to find the other problems."""
    names = [*(place_columns(spec) if spec is not None else ()), *(shown or ())]
    if spec is not None and spec.id is not None:
        names.insert(0, spec.id)
    return pl.LazyFrame(schema={"period": pl.String, **dict.fromkeys(names, pl.String())})


def _read(
    spec: RegisterSpec,
    shown: Sequence[str] | None,
    folder: Path | None,
    periods: Collection[str] | None,
    report: Report,
    key: str | None,
    name: str | None,
    memory: Memory,
    on_file_read: Callable[[Path], None] | None,
    defer_address_check: bool,
    use: TableUse,
) -> ReadRegister | None:
    files = find_files(spec, folder, data_periods(spec, periods), report, key)
    tell_copies(files, spec, report, key)
    if not files and not report.errors:
        report.error("there is no file for any of the periods asked for.", key=f"{key}.path" if key else None)
    crs = coordinate_system(spec, report, key) if spec.place == "xy" else None
    where_columns = _where_columns(spec, report, key)
    opened, period_column = open_files(files, spec, shown, where_columns, report, use)
    if spec.unit == "count" and shown is not None and use.sums is not None:
        tell_unread_columns(opened, spec, report, key)
    keys = key_columns(spec, period_column)
    skipped_columns = [spec.address] if defer_address_check and spec.place == "address" else []
    parts, scans = _take_in(opened, keys, spec, report, memory, on_file_read, skipped_columns, use)
    for part in parts if shown is not None else ():
        for column in sorted(part.durations):
            report_durations(report, part.file, spec.columns.get(column, column))
    plan = settle_types(parts, keys, spec, report)
    raw_rows = [
        *((part.file, batch) for part in parts for batch in part.batches()),
        *((file, scanned.frame) for file, scanned in scans),
    ]
    pairs = settle_pairs(raw_rows, period_column, spec, report, key)
    if report.errors:
        for part in parts:
            part.forget()
        return None

    periods_held: set[str] = set()

    def finished(frame: pl.LazyFrame, file: RegisterFile, where: pl.Expr | None) -> pl.LazyFrame:
        table = spec.unit == "count"
        if table and period_column is not None:
            label = spec.columns.get(period_column, period_column)
            frame = unmarked_periods(frame, period_column, ROW, file.path, label, report)
        frame = finish(
            frame,
            spec,
            file_period=file.period,
            period_column=period_column,
            where=where,
            periods=None if table else periods,
            shown=shown,
            pairs=pairs,
        )
        if table and periods is not None:
            periods_held.update(frame.select(pl.col("period").drop_nulls().unique()).collect()["period"])
            frame = frame.filter(pl.col("period").is_in(sorted(periods)) | pl.col("period").is_null())
        return frame

    moved_from = crs if crs is not None and needs_transforming(crs) else None
    frames: list[tuple[RegisterFile, pl.LazyFrame]] = []
    looked_for = LookedFor(spec, f"{key}.where" if key else "where")
    if parts:
        where = _where(spec, plan, report, key)
        _check_coordinates(plan, spec, report)
        if report.errors:
            return None
        frames += [
            (part.file, frame)
            for part, frame in read_parts(
                parts,
                plan,
                spec,
                lambda rows, file: finished(looked_for.through(rows), file, where),
                moved_from,
            )
        ]
    seen: dict[Path, tuple[int, structure.KeysSeen]] = {}
    for file, scanned in scans:
        if scanned.keys is not None:
            seen[file.path] = scanned.rows, scanned.keys.result()
        schema = scanned.frame.collect_schema()
        scan_plan = Plan.of_schema(schema)
        where = _where(spec, scan_plan, report, key)
        _check_coordinates(scan_plan, spec, report)
        if not report.errors:
            frame = finished(looked_for.through(scanned.frame, large=True), file, where)
            frames.append((file, frame if moved_from is None else transformed_by_batch(frame, moved_from)))
    if report.errors:
        return None
    looked_for.tell(files, report)
    if spec.unit == "count":
        signed = {part.file.path: part.signed for part in parts}
        check_fractions(frames, spec, signed, report, key)
        check_figures(frames, spec, use.figures, report)
        if report.errors:
            return None
        frames = with_marks(frames)
    else:
        statistics = {
            each.file.path: column_spans(
                each.file.path, {name: each.header[at] for name, at in each.positions.items()}
            )
            for each in opened
            if each.source is None and not each.across
        }
        means = spec.weighted_mean.names() if spec.weighted_mean is not None else []
        check_rows(
            frames,
            spec,
            report,
            used=[*(shown or ()), *means] if shown is not None else means,
            conditions=use.conditions,
            statistics=statistics,
        )
        if len(frames) > 1 and spec.unit != "address":
            tell_same_rows(frames, spec, report)
        if report.errors:
            return None
    if spec.fractions:
        frames = [(file, with_percentages(frame, spec, report, key)) for file, frame in frames]
    if spec.unit == "address":  # each is looked at several times, and held in the end
        frames = [(file, frame.collect(engine="streaming").lazy()) for file, frame in frames]
    if periods_held and periods is not None and use.alone:
        label = Path(spec.paths[0]).name
        place = f"{key}.period" if key and spec.period is not None else key
        tell_absent_periods(periods_held, periods, spec, label, report, column=spec.period_column, key=place)
        if report.errors:
            return None
    read = assemble(frames, spec, period_column, periods, report, name, memory, seen, use)
    deferred = tuple(scanned.deferred_check for _, scanned in scans if scanned.deferred_check is not None)
    return read if read is None else replace(read, deferred_checks=deferred)


# ---- which files and columns


def data_periods(spec: RegisterSpec, periods: Collection[str] | None) -> set[str] | None:
    """The periods of the files themselves that stand for `periods` (see `period_shift`)."""
    if periods is None:
        return None
    return {f"{int(period[:4]) - spec.period_shift}{period[4:]}" for period in periods}


def _where_columns(spec: RegisterSpec, report: Report, key: str | None) -> list[str]:
    if spec.where is None:
        return []
    try:
        return sorted(predicate_columns(spec.where))
    except InputError as error:
        place = f"{key}.where" if key else "where"
        report.problems.extend(
            Problem("error", problem.message, hint=problem.hint, key=place) for problem in error.problems
        )
        return []


def _where(spec: RegisterSpec, plan: Plan, report: Report, key: str | None) -> pl.Expr | None:
    if spec.where is None:
        return None
    return parse_predicate(spec.where, plan.schema(), key=f"{key}.where" if key else "where", report=report)


# ---- rows


def _take_in(
    opened: Sequence[Opened],
    keys: set[str],
    spec: RegisterSpec,
    report: Report,
    memory: Memory,
    on_file_read: Callable[[Path], None] | None,
    skipped_columns: Collection[str],
    use: TableUse,
) -> tuple[list[Part], list[tuple[RegisterFile, parquet.Scan]]]:
    """The rows of each file; not begun where key columns are missing."""
    parts: list[Part] = []
    scans: list[tuple[RegisterFile, parquet.Scan]] = []
    with ThreadPoolExecutor(1) as beside:
        for each in opened:
            if not each.positions or not set(key_columns(spec, None)) <= {*each.positions, *spec.text}:
                continue
            if each.source is None:
                scanned = parquet.scan(
                    each.file,
                    each.header,
                    each.positions,
                    each.across,
                    keys,
                    spec,
                    report,
                    memory=memory,
                    executor=beside,
                    skipped_columns=skipped_columns,
                )
                if scanned is not None and spec.unit == "count":
                    columns = LabelColumns(
                        {name: name for name in each.positions}, keys, {}, spec.fill_down, use.used_columns
                    )
                    filled = filled_down(scanned.frame.collect(), columns, each.file.path, report)
                    scanned = replace(scanned, frame=filled.lazy())
                if scanned is not None:
                    scans.append((each.file, scanned))
            else:
                before = len(report.errors)
                part = take_in(each.file, each.source, each.positions, each.across, spec, report, memory)
                if not part.rows and len(report.errors) == before:
                    report.error("the file has column names and no rows.", file=each.file.path)
                parts.append(part)
            if on_file_read is not None:
                on_file_read(each.file.path)
    return parts, scans


def _check_coordinates(plan: Plan, spec: RegisterSpec, report: Report) -> None:
    if spec.place != "xy":
        return
    for column in (spec.x, spec.y):
        dtype = plan.schema().get(column or "", pl.Null())
        if column is not None and not (dtype.is_numeric() or dtype == pl.Null):
            report.error("these are no coordinates.", file=plan.file, column=spec.columns.get(column, column))
