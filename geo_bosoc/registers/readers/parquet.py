"""Parquet registers: read lazily, so that columns that nothing names are never read from the file.

What a file says itself of its columns (smallest and largest value, rows without any) is read from its statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from geo_bosoc.memory import Memory
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.registers.checks.file_faults import tell_unreadable_columns
from geo_bosoc.registers.checks.person_bounds import Span
from geo_bosoc.registers.checks.structure import KeySummary
from geo_bosoc.registers.files import ACROSS, ROW, OpenedFile, RegisterFile, new_private_file
from geo_bosoc.registers.ingest import holds_by_name, report_cut
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables import text
from geo_bosoc.registers.tables.text import is_missing, stripped
from geo_bosoc.text import find_person_numbers, person_numbers
from geo_bosoc.text.days import danish_day, to_date


def parquet_header(file: RegisterFile, report: Report) -> tuple[str, ...] | None:
    """The column names of a Parquet file; None with an error in `report` where it cannot be read."""
    try:
        return tuple(pl.scan_parquet(file.path).collect_schema().names())
    except (pl.exceptions.PolarsError, OSError):
        report.error("this is no readable Parquet file.", file=file.path)
        return None


@dataclass(frozen=True)
class Scan:
    """A Parquet file's rows, and what was seen of them.

    Attributes
    ----------
    frame : LazyFrame
        The rows.
    rows : int
        How many the file has.
    keys : Future or None
        Of the column of ids, where all of it was looked at and it stands as it is.
    deferred_check : callable or None
        Looks for person numbers in the columns that were skipped.
    """

    frame: pl.LazyFrame
    rows: int
    keys: Future[KeySummary] | None
    deferred_check: Callable[[Report], None] | None


def scan(
    opened: OpenedFile,
    keys: set[str],
    spec: RegisterSpec,
    report: Report,
    *,
    memory: Memory,
    executor: ThreadPoolExecutor,
    skipped_columns: Collection[str] = (),
) -> Scan | None:
    """A Parquet file's named columns under our own names, with `ROW`, typed as the file types them.

    Whole numbers become Int64, other numbers Float64, categories text, dates with a time of day dates;
    `keys` are text. Person numbers in the id column are hashed: the file is then converted once, into the
    private folder; in any other column they are errors in `report`.

    Parameters
    ----------
    opened : OpenedFile
        The file.
    keys : set of str
        The columns that are keys or codes and become text.
    spec : RegisterSpec
        The register's.
    report : Report
        Takes what is wrong.
    memory : Memory
        Says of how many keys the hashes may be in memory at a time.
    executor : ThreadPoolExecutor
        Compares the keys while the next file is read.
    skipped_columns : collection of str
        Columns in which person numbers are not looked for here (see `Scan.deferred_check`).

    Returns
    -------
    Scan or None
        None with errors in `report`.
    """
    file, header, positions, across = opened.file, opened.header, opened.positions, opened.across
    table = pl.scan_parquet(file.path)
    columns = {name: header[position] for name, position in {**positions, **across}.items()}
    before = len(report.errors)
    as_text = tell_unreadable_columns(table, columns, file.path, report)
    if len(report.errors) > before:
        return None
    raw = table.select(
        pl.col(column).cast(pl.String).alias(name) if name in as_text else pl.col(column).alias(name)
        for name, column in columns.items()
    )
    types = raw.collect_schema()
    checked = [name for name in columns if name not in {spec.id, *spec.person_keys, *spec.not_person_numbers}]
    deferred = [name for name in checked if name in skipped_columns]
    checked = [name for name in checked if name not in skipped_columns]
    ids = [key for key in dict.fromkeys([spec.id, *spec.person_keys]) if key is not None and key in positions]
    for key in [key for key in ids if types[key] == pl.Float32]:
        report_cut(report, file, header[positions[key]])  # 24 bits hold seven digits
        return None
    texts = {key: _text(pl.col(key), types[key]) for key in ids}
    rows = int(table.select(pl.len()).collect().item())
    if not rows:
        report.error("the file has column names and no rows.", file=file.path)
        return None

    def tell_person_numbers(names: Collection[str], into: Report) -> None:
        named = [name for name in names if holds_by_name(name, spec)]
        for name, count in find_person_numbers.count_person_numbers(raw, names, named).items():
            row = find_person_numbers.first_person_number(raw, name, named=name in named) + 1
            person_numbers.report_person_number(into, file.path, columns[name], row, count)

    before = len(report.errors)
    tell_person_numbers(checked, report)
    if len(report.errors) > before:
        return None
    key_summary: Future[KeySummary] | None = None
    to_hash: list[str] = []
    for key, key_text in texts.items():
        person = key in spec.person_keys or holds_by_name(key, spec)
        if key == spec.id and rows <= memory.keys and not across:
            hashes, without, possible = _key_hashes(raw, key_text)
            key_summary = executor.submit(KeySummary.of, hashes, without)
            del hashes
        else:
            possible = bool(
                find_person_numbers.columns_with_numbers(
                    raw, [person_numbers.any_may_be_hashed(key_text).alias(key)]
                )
            )
        looks = (person_numbers.changed_at_sight, person_numbers.any_is_changed) if possible else ()
        if any(
            find_person_numbers.columns_with_numbers(raw, [look(key_text, person=person).alias(key)])
            for look in looks
        ):
            to_hash.append(key)
    written = [name for name in _date_columns(spec) if types.get(name) == pl.String]
    if written and not _all_dates(raw, written, file, spec, report):
        return None
    typed = raw.select(
        _without_marks(
            _text(pl.col(name), dtype) if name in keys else _plain(pl.col(name), dtype),
            dtype.is_numeric() and name not in keys,
            spec.missing,
        ).alias(name)
        for name, dtype in types.items()
    ).with_columns(to_date(stripped(name)).alias(name) for name in written)
    for key in to_hash:
        typed = _hashed(typed, key, key in spec.person_keys or holds_by_name(key, spec))
    typed = typed.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.Int64))
    if across and spec.years_across:
        others = [name for name in typed.collect_schema().names() if name not in across]
        typed = typed.unpivot(list(across), index=others, variable_name=ACROSS, value_name=spec.years_across)
    deferred_check = (lambda into: tell_person_numbers(deferred, into)) if deferred else None
    return Scan(typed, rows, None if spec.id in to_hash else key_summary, deferred_check)


def _date_columns(spec: RegisterSpec) -> list[str]:
    """The columns that the specification says hold days."""
    ends = (spec.spell.start, spec.spell.to) if spec.spell is not None else ()
    return [name for name in (spec.event, *ends, spec.birth_date) if name is not None]


def _all_dates(
    raw: pl.LazyFrame, columns: list[str], file: RegisterFile, spec: RegisterSpec, report: Report
) -> bool:
    """Whether every text in these columns is a date or a mark for none; those that are not are errors in `report`."""
    bad = {
        name: ~is_missing(stripped(name), spec.missing, figures=True) & to_date(stripped(name)).is_null()
        for name in columns
    }
    counted = raw.select(test.sum().alias(name) for name, test in bad.items()).collect(engine="streaming")
    for name, test in bad.items():
        if counted[name][0]:
            rows = raw.with_row_index(ROW, offset=1).filter(test).select(ROW).head(5).collect()[ROW].to_list()
            report.error(
                phrase(
                    "{values} without a date: {row_word} {rows}.",
                    values=count_text(counted[name][0], "value"),
                    row_word=phrase("row" if len(rows) == 1 else "rows"),
                    rows=", ".join(map(str, rows)),
                ),
                file=file.path,
                column=spec.columns.get(name, name),
                row=rows[0],
                count=counted[name][0],
                hint="Write 2024-01-31 or 31-01-2024.",
            )
    return not counted.sum_horizontal()[0]


def _key_hashes(raw: pl.LazyFrame, key: pl.Expr) -> tuple[npt.NDArray[np.uint64], int, bool]:
    """A column of ids in one reading: hashes of those there are, how many rows lack one, and whether any of them may be
    one that is hashed."""
    hashes = key.hash().alias("hash")
    frame = raw.select(
        hashes, person_numbers.any_may_be_hashed(key).alias("possible"), key.null_count().alias("without")
    ).collect(engine="streaming")
    without, possible = (int(frame["without"][0]), bool(frame["possible"][0])) if frame.height else (0, False)
    if without:
        frame = raw.filter(key.is_not_null()).select(hashes).collect(engine="streaming")
    return frame["hash"].to_numpy(), without, possible


def _plain(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A column in the type that all registers use for its kind."""
    if dtype.is_integer():
        return value.cast(pl.Int64)
    if dtype.is_numeric():
        return value.cast(pl.Float64).fill_nan(None)
    if isinstance(dtype, (pl.Categorical, pl.Enum)):
        return value.cast(pl.String)
    return danish_day(value, dtype) if isinstance(dtype, pl.Datetime) else value


def _without_marks(value: pl.Expr, number: bool, marks: tuple[str, ...]) -> pl.Expr:
    """A column without the register's own marks for missing values."""
    if number or not marks:
        return text.without_codes(value, marks) if number else value
    return pl.when(~value.cast(pl.String).is_in(list(marks))).then(value)


def _text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A key as text: whole numbers without decimals."""
    if dtype.is_float():
        return text.float_as_text(value.fill_nan(None))
    if isinstance(dtype, pl.Datetime):
        return danish_day(value, dtype).cast(pl.String)
    return value.cast(pl.String)


def _hashed(frame: pl.LazyFrame, column: str, person: bool) -> pl.LazyFrame:
    """The frame, converted into the private folder with hashed ids."""
    path = new_private_file()
    frame.with_columns(
        pl.col(column).map_batches(
            lambda ids: person_numbers.hash_ids(ids, person=person)[0],
            return_dtype=pl.String,
            is_elementwise=True,
        )
    ).sink_parquet(path, compression="lz4")
    return pl.scan_parquet(path)


def column_spans(opened: OpenedFile) -> tuple[int, dict[str, Span]]:
    """The rows of a file, and the span of each column, by our own name, that the file has statistics of."""
    columns = {name: opened.header[position] for name, position in opened.positions.items()}
    try:
        with pq.ParquetFile(opened.file.path) as file:
            spans = {name: _span(groups) for name, groups in _sound_statistics(file, columns).items()}
            return int(file.metadata.num_rows), {
                name: span for name, span in spans.items() if span is not None
            }
    except (pa.ArrowException, OSError, ValueError, TypeError):
        return 0, {}


def _span(groups: list[Any]) -> Span | None:
    """Over all row groups; None where one of them says nothing."""
    if any(statistics is None or not statistics.has_null_count for statistics in groups):
        return None
    if not all(statistics.has_min_max for statistics in groups):
        return None
    return Span(
        min(statistics.min for statistics in groups),
        max(statistics.max for statistics in groups),
        sum(statistics.null_count for statistics in groups),
    )


def _sound_statistics(file: pq.ParquetFile, columns: Mapping[str, str]) -> dict[str, list[Any]]:
    """Each column's statistics (our name = the file's), one a row group; None among them where a group has none.

    Columns that the file does not have, or whose parts are of another type than its footer says (a damaged file), are
    left out: Arrow ends the whole process when it is asked for these.
    """
    metadata = file.metadata
    positions = {metadata.schema.column(position).path: position for position in range(metadata.num_columns)}
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    statistics: dict[str, list[Any]] = {}
    for name, column in columns.items():
        if column not in positions:
            continue
        position = positions[column]
        chunks = [group.column(position) for group in groups]
        physical_type = metadata.schema.column(position).physical_type
        if chunks and all(chunk.physical_type == physical_type for chunk in chunks):
            statistics[name] = [chunk.statistics for chunk in chunks]
    return statistics
