"""`read_register`: from a register's files to one lazy frame with the columns that a run names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl

from geo_bosoc.memory import Memory
from geo_bosoc.problems import Report, read_or_none, validate
from geo_bosoc.registers.assemble import ReadRegister, RegisterPartition, assemble
from geo_bosoc.registers.checks import structure
from geo_bosoc.registers.checks.figures import check_figures, check_fractions, tell_absent_periods, with_marks
from geo_bosoc.registers.checks.file_faults import READING_FAILED, tell_copies, tell_damaged, tell_same_rows
from geo_bosoc.registers.checks.literals import WhereCondition
from geo_bosoc.registers.checks.person_bounds import check_rows
from geo_bosoc.registers.files import ROW, OpenedFile, RegisterFile, data_periods, find_files
from geo_bosoc.registers.infer_types import ColumnTypes, infer_types, read_parts
from geo_bosoc.registers.ingest import IngestedFile, ingest, report_durations
from geo_bosoc.registers.open import open_files, tell_unread_columns
from geo_bosoc.registers.readers import parquet
from geo_bosoc.registers.readers.parquet import column_spans
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import (
    check_coordinate_columns,
    coordinate_system,
    key_columns,
    needs_transforming,
    place_columns,
    standardise,
    transformed_by_batch,
)
from geo_bosoc.registers.tables.columns import MARK_SUFFIX
from geo_bosoc.registers.tables.labels import LabelColumns, filled_down
from geo_bosoc.registers.tables.periods import infer_year_pairs, without_period_marks
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

    Text files, workbooks and JSON are read once, column types inferred from all values (see
    `geo_bosoc.registers.tables.text`); Parquet is read lazily. Person numbers in the id column become keyed
    hashes; in any other column that is read they stop the run (see `geo_bosoc.text.person_numbers`).

    Parameters
    ----------
    path_or_spec : RegisterSpec, str, PathLike or sequence of str
        A specification, or the path (or paths, or pattern) of a register; `spec_fields` are its other fields.
    columns : iterable of str or mapping of str to str, optional
        The columns to read, by our own names, besides those that the specification names; None for all. No
        other column of a file is read or looked at. A mapping also renames (our name = the file's name).
    folder : str or PathLike, optional
        The folder where relative paths start; by default the working directory.
    periods : iterable of str, optional
        Keep rows of these periods only; files of other periods are not opened. A period without rows is a
        warning.
    report : Report, optional
        Collects problems and facts (``facts["register:NAME"]``: files, rows, governance).
    name : str, optional
        The register's name in the project file, for messages.
    **spec_fields : Any
        Fields of `RegisterSpec`.

    Returns
    -------
    LazyFrame
        The id column, the place (``address_id``; ``area_id``; or ``x, y`` in EPSG:25832), ``period`` (text; null
        only in an address table without periods) and the other columns in the order of the file. A column with
        marks has a companion ``<column>__mark`` (missing, protected, not_applicable; null where there is a value).
        A column without any value has Polars' Null type.

    Raises
    ------
    InputError
        If anything is wrong and no `report` was given; it lists all problems. With a `report`, the errors are
        collected there and the frame has no rows.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "persons_2024.csv").write_text("person_id,address_id,age\\np1,a1,34\\np2,a1,7\\n")
    ...     persons = read_register("persons_{period}.csv", folder=folder, unit="person", id="person_id").collect()
    >>> persons.rows()
    [('p1', 'a1', '2024', 34), ('p2', 'a1', '2024', 7)]
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
    path_or_spec : RegisterSpec, str, PathLike or sequence of str
        As in `read_register`, and so are `columns`, `folder`, `periods`, `report`, `name` and `spec_fields`.
    columns : iterable of str or mapping of str to str, optional
        The columns to read.
    folder : str or PathLike, optional
        Where relative paths start.
    periods : iterable of str, optional
        The periods to read.
    report : Report, optional
        Collects problems and facts.
    name : str, optional
        The register's name.
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
    **spec_fields : Any
        Fields of `RegisterSpec`.

    Returns
    -------
    ReadRegister

    Raises
    ------
    InputError
        As `read_register` does.
    """
    problems = Report()
    key = f"registers.{name}" if name else None
    renamed = dict(columns) if isinstance(columns, Mapping) else {}
    spec = _specification(path_or_spec, spec_fields, renamed, problems, key)
    names = None if columns is None else [column.removesuffix(MARK_SUFFIX) for column in columns]
    read = None
    if spec is not None:
        request = _Request(
            spec=spec,
            columns=names,
            folder=None if folder is None else Path(folder),
            periods=None if periods is None else frozenset(periods),
            name=name,
            memory=memory or Memory(),
            defer_address_check=defer_address_check,
            on_file_read=on_file_read,
            use=table or TableUse(),
        )
        try:
            read = _read(request, problems)
        except READING_FAILED:
            files = find_files(spec, request.folder, None, Report(), None)
            if not tell_damaged((file.path for file in files), problems):
                raise
    problems.hand_over(report)
    if read is None or problems.errors:
        no_rows = _no_rows(spec, names)
        return ReadRegister(no_rows, (RegisterPartition(no_rows),), False)
    return read


@dataclass(frozen=True, kw_only=True)
class _Request:
    """What is read of a register, and how (see `read_in_parts`)."""

    spec: RegisterSpec
    columns: Sequence[str] | None
    folder: Path | None
    periods: frozenset[str] | None
    name: str | None
    memory: Memory
    defer_address_check: bool
    on_file_read: Callable[[Path], None] | None
    use: TableUse

    @property
    def key(self) -> str | None:
        """The register's place in the project file."""
        return f"registers.{self.name}" if self.name else None


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


def _no_rows(spec: RegisterSpec | None, columns: Sequence[str] | None) -> pl.LazyFrame:
    """A frame without rows, for a caller who goes on to find the other problems."""
    names = [*(place_columns(spec) if spec is not None else ()), *(columns or ())]
    if spec is not None and spec.id is not None:
        names.insert(0, spec.id)
    return pl.LazyFrame(schema={"period": pl.String, **dict.fromkeys(names, pl.String())})


def _read(request: _Request, report: Report) -> ReadRegister | None:
    """The register, or None with errors in `report`."""
    spec, key, periods = request.spec, request.key, request.periods
    is_table = spec.unit == "count"
    files = find_files(spec, request.folder, data_periods(spec, periods), report, key)
    tell_copies(files, spec, report, key)
    if not files and not report.errors:
        report.error("there is no file for any of the periods asked for.", key=f"{key}.path" if key else None)
    crs = coordinate_system(spec, report, key) if spec.place == "xy" else None
    where = WhereCondition(spec, key)
    opened_files, period_column = open_files(
        files, spec, request.columns, where.columns(report), report, request.use
    )
    if is_table and request.columns is not None and request.use.sums is not None:
        tell_unread_columns(opened_files, spec, report, key)
    keys = key_columns(spec, period_column)
    ingested, scans = _ingest_files(opened_files, keys, request, report)
    types = infer_types(ingested, keys, spec, report)
    raw_rows = [
        *((part.file, batch) for part in ingested for batch in part.batches()),
        *((file, scanned.frame) for file, scanned in scans),
    ]
    pairs = infer_year_pairs(raw_rows, period_column, spec, report, key)
    if report.errors:
        for part in ingested:
            part.forget()
        return None

    table_periods: set[str] = set()

    def standardised(frame: pl.LazyFrame, file: RegisterFile, condition: pl.Expr | None) -> pl.LazyFrame:
        if is_table and period_column is not None:
            label = spec.columns.get(period_column, period_column)
            frame = without_period_marks(frame, period_column, ROW, file.path, label, report)
        frame = standardise(
            frame,
            spec,
            file_period=file.period,
            period_column=period_column,
            where=condition,
            periods=None if is_table else periods,
            columns=request.columns,
            pairs=pairs,
        )
        if is_table and periods is not None:
            table_periods.update(frame.select(pl.col("period").drop_nulls().unique()).collect()["period"])
            frame = frame.filter(pl.col("period").is_in(sorted(periods)) | pl.col("period").is_null())
        return frame

    other_crs = crs if crs is not None and needs_transforming(crs) else None
    frames: list[tuple[RegisterFile, pl.LazyFrame]] = []
    if ingested:
        condition = where.expression(types.schema(), report)
        check_coordinate_columns(types.schema(), types.file, spec, report)
        if report.errors:
            return None
        typed = read_parts(
            ingested,
            types,
            spec,
            lambda rows, file: standardised(where.watched(rows), file, condition),
            other_crs,
        )
        frames += [(part.file, frame) for part, frame in typed]
    scanned_keys: dict[Path, tuple[int, structure.KeySummary]] = {}
    for file, scanned in scans:
        if scanned.keys is not None:
            scanned_keys[file.path] = scanned.rows, scanned.keys.result()
        schema = ColumnTypes.of_schema(scanned.frame.collect_schema()).schema()
        condition = where.expression(schema, report)
        check_coordinate_columns(schema, None, spec, report)
        if not report.errors:
            frame = standardised(where.watched(scanned.frame, large=True), file, condition)
            frames.append((file, frame if other_crs is None else transformed_by_batch(frame, other_crs)))
    if report.errors:
        return None
    where.tell_unmatched(files, report)
    if is_table:
        check_fractions(frames, spec, {part.file.path: part.signed for part in ingested}, report, key)
        check_figures(frames, spec, request.use.figures, report)
    else:
        _check_rows(frames, opened_files, request, report)
    if report.errors:
        return None
    if is_table:
        frames = with_marks(frames)
    if spec.fractions:
        frames = [(file, with_percentages(frame, spec, report, key)) for file, frame in frames]
    if spec.unit == "address":  # each frame is looked at several times, and is in memory in the end
        frames = [(file, frame.collect(engine="streaming").lazy()) for file, frame in frames]
    if table_periods and periods is not None and request.use.alone:
        label = Path(spec.paths[0]).name
        place = f"{key}.period" if key and spec.period is not None else key
        tell_absent_periods(table_periods, periods, spec, label, report, column=spec.period_column, key=place)
        if report.errors:
            return None
    read = assemble(
        frames, spec, period_column, periods, report, request.name, request.memory, scanned_keys, request.use
    )
    checks = tuple(scanned.deferred_check for _, scanned in scans if scanned.deferred_check is not None)
    header = frozenset(column for opened in opened_files for column in opened.header)
    return read if read is None else replace(read, deferred_checks=checks, file_columns=header)


def _ingest_files(
    opened_files: Sequence[OpenedFile], keys: set[str], request: _Request, report: Report
) -> tuple[list[IngestedFile], list[tuple[RegisterFile, parquet.Scan]]]:
    """The rows of each file; not begun where key columns are missing."""
    spec = request.spec
    deferred = [spec.address] if request.defer_address_check and spec.place == "address" else []
    ingested: list[IngestedFile] = []
    scans: list[tuple[RegisterFile, parquet.Scan]] = []
    with ThreadPoolExecutor(1) as executor:
        for opened in opened_files:
            if not opened.positions or not set(key_columns(spec, None)) <= {*opened.positions, *spec.text}:
                continue
            if opened.source is None:
                scanned = parquet.scan(
                    opened,
                    keys,
                    spec,
                    report,
                    memory=request.memory,
                    executor=executor,
                    skipped_columns=deferred,
                )
                if scanned is not None and spec.unit == "count":
                    names = {name: name for name in opened.positions}
                    labels = LabelColumns(names, keys, {}, spec.fill_down, request.use.used_columns)
                    table = filled_down(scanned.frame.collect(), labels, opened.file.path, report)
                    scanned = replace(scanned, frame=table.lazy())
                if scanned is not None:
                    scans.append((opened.file, scanned))
            else:
                ingested.append(ingest(opened, spec, report, request.memory))
            if request.on_file_read is not None:
                request.on_file_read(opened.file.path)
    if request.columns is not None:
        for part in ingested:
            report_durations(part, spec, report)
    return ingested, scans


def _check_rows(
    frames: Sequence[tuple[RegisterFile, pl.LazyFrame]],
    opened_files: Sequence[OpenedFile],
    request: _Request,
    report: Report,
) -> None:
    """The checks of a register of persons, dwellings, addresses or cases."""
    spec = request.spec
    statistics = {
        opened.file.path: column_spans(opened)
        for opened in opened_files
        if opened.source is None and not opened.across
    }
    means = spec.weighted_mean.names() if spec.weighted_mean is not None else []
    used = [*(request.columns or ()), *means]
    check_rows(frames, spec, report, used=used, conditions=request.use.conditions, statistics=statistics)
    if len(frames) > 1 and spec.unit != "address":
        tell_same_rows(frames, spec, report)
