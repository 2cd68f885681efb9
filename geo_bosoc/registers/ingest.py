"""Ingesting a file: its named columns only, person numbers hashed or stopped, values counted by sort, in batches.

Its rows stay in memory or, from a certain size on, in the private folder.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from geo_bosoc.memory import Memory
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.registers.files import ACROSS, ROW, OpenedFile, RegisterFile, Source, new_private_file
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables import text
from geo_bosoc.registers.tables.columns import ValueCounts
from geo_bosoc.registers.tables.text import FractionUnit, error_words, report_error_words, without_signs
from geo_bosoc.text import find_person_numbers, float_ids, person_numbers


@dataclass
class IngestedFile:
    """A file ingested: raw columns under our own names, and what they hold.

    `frames` are batches in memory, `spooled` those that were written to the private folder, in order. `signed` are the
    rows of percentages or shares, by column, in which a per cent sign stands; `durations` the columns of durations.
    """

    file: RegisterFile
    source: Source
    counts: dict[str, ValueCounts]
    frames: list[pl.DataFrame] = field(default_factory=list)
    spooled: list[Path] = field(default_factory=list)
    rows: int = 0
    signed: dict[str, set[int]] = field(default_factory=dict)
    durations: set[str] = field(default_factory=set)

    def batches(self) -> list[pl.LazyFrame]:
        """All rows in the order of the file."""
        return [*(pl.scan_parquet(path) for path in self.spooled), *(frame.lazy() for frame in self.frames)]

    def forget(self) -> None:
        """Drop the raw rows: they have been read."""
        self.frames.clear()
        for path in self.spooled:
            with contextlib.suppress(OSError):  # a file that is still open elsewhere goes with its folder
                path.unlink()
        self.spooled.clear()


def ingest(
    opened: OpenedFile, spec: RegisterSpec, report: Report, memory: Memory | None = None
) -> IngestedFile:
    """Read a file's columns.

    Parameters
    ----------
    opened : OpenedFile
        The file, with the source that its reader gives.
    spec : RegisterSpec
        The register's.
    report : Report
        Takes what is wrong.
    memory : Memory, optional
        Says from how many bytes of text on a file's rows go to the private folder.

    Returns
    -------
    IngestedFile
    """
    assert opened.source is not None
    file, source, positions, across = opened.file, opened.source, opened.positions, opened.across
    before = len(report.errors)
    most_bytes = (memory or Memory()).text
    ingested = IngestedFile(file, source, {name: ValueCounts() for name in positions})
    if across and spec.years_across:
        ingested.counts[spec.years_across] = ValueCounts()
    person_number_rows: dict[str, tuple[int, int]] = {}
    error_rows: dict[str, dict[str, list[int]]] = {}
    hashed = lost = bytes_in_memory = empty = 0
    cut: dict[str, int] = {}
    names = {f"c{position}": name for name, position in positions.items()} | {
        f"c{position}": period for period, position in across.items()
    }
    # a column may be asked for under our name and under the file's
    copies = {
        name: names[f"c{position}"] for name, position in positions.items() if names[f"c{position}"] != name
    }
    for raw in source.batches(sorted({*positions.values(), *across.values()})):
        frame = _without_empty_rows(raw)
        empty += raw.height - frame.height
        frame = frame.rename({name: names[name] for name in frame.columns if name != ROW})
        frame = frame.with_columns(pl.col(name).alias(copy) for copy, name in copies.items())
        if across and spec.years_across:
            frame = _years_to_rows(frame, list(across), spec.years_across)
        for key in dict.fromkeys([spec.id, *spec.person_keys]):
            if key is not None and key in positions:
                cut[key] = cut.get(key, 0) + float_ids.count_cut(frame[key])
                ids, new_hashed, new_lost = person_numbers.hash_ids(
                    frame[key], person=key in spec.person_keys or holds_by_name(key, spec)
                )
                frame = frame.with_columns(ids)
                hashed, lost = hashed + new_hashed, lost + new_lost
        frame = _without_durations(_without_signs(frame, ingested, spec), ingested)
        _find_person_numbers(frame, spec, person_number_rows)
        for name, rows_by_word in error_words(frame, ROW, {*spec.missing, *spec.protected}).items():
            for word, numbers in rows_by_word.items():
                error_rows.setdefault(name, {}).setdefault(word, []).extend(numbers)
        if person_number_rows:
            continue  # the file's rows go no further, but the rest of it is looked through
        for name, value_counts in ingested.counts.items():
            value_counts.add(frame[name], spec)
        ingested.rows += frame.height
        ingested.frames.append(frame)
        bytes_in_memory += int(frame.estimated_size())
        if bytes_in_memory > most_bytes:
            path = new_private_file()
            pl.concat(ingested.frames, how="vertical").write_parquet(path, compression="lz4")
            ingested.spooled.append(path)
            ingested.frames.clear()
            bytes_in_memory = 0
    for column, (row, count) in person_number_rows.items():
        person_numbers.report_person_number(report, file.path, spec.columns.get(column, column), row, count)
    report_error_words(error_rows, spec.columns, file.path, report)
    if person_number_rows:
        ingested.forget()
    for key in [key for key, count in cut.items() if count]:
        report_cut(report, file, spec.columns.get(key, key), cut[key])
    if lost:
        report.note(
            phrase(
                "the leading zero of {numbers} was lost, and put back.",
                numbers=count_text(lost, "person number"),
            ),
            file=file.path,
            column=next(iter(spec.person_keys), spec.id),
            count=lost,
        )
    if hashed and not spec.person_keys:
        report.note(
            phrase("{ids} that look like person numbers: hashed.", ids=count_text(hashed, "id")),
            file=file.path,
            column=spec.id,
            count=hashed,
        )
    if empty:
        report.note(
            phrase("{rows} skipped.", rows=count_text(empty, "empty row was", "empty rows were")),
            file=file.path,
            count=empty,
        )
    if not ingested.rows and len(report.errors) == before:
        report.error("the file has column names and no rows.", file=file.path)
    return ingested


def _without_signs(frame: pl.DataFrame, ingested: IngestedFile, spec: RegisterSpec) -> pl.DataFrame:
    """The batch, per cent signs taken off its columns of percentages and shares, and their rows noted in `ingested`."""
    for name in spec.fractions:
        if name in frame.columns and frame.schema[name] == pl.String:
            unit: FractionUnit = "percent" if name in spec.per_cent else "share"
            values, signed = without_signs(frame[name], unit, spec.decimal or ingested.source.decimal)
            ingested.signed.setdefault(name, set()).update(frame[ROW].filter(signed).to_list())
            frame = frame.with_columns(values.alias(name))
    return frame


def _without_durations(frame: pl.DataFrame, ingested: IngestedFile) -> pl.DataFrame:
    """The batch, durations and times of day as text: they are no figures."""
    names = [name for name, dtype in frame.schema.items() if dtype in (pl.Duration, pl.Time)]
    ingested.durations |= set(names)
    return frame.with_columns(
        pl.when(pl.col(name).is_not_null()).then(pl.lit("a duration")).alias(name) for name in names
    )


def report_durations(ingested: IngestedFile, spec: RegisterSpec, report: Report) -> None:
    """An error for each column that holds durations where figures, texts or dates are needed."""
    for column in sorted(ingested.durations):
        report.error(
            "the column holds durations or times of day, which cannot be counted.",
            file=ingested.file.path,
            column=spec.columns.get(column, column),
            hint="Format it as a number in the workbook, or name another column.",
        )


def report_cut(report: Report, file: RegisterFile, column: str, count: int | None = None) -> None:
    """The error that keys have lost digits: persons would be taken for one another."""
    report.error(
        phrase("keys are written as rounded numbers (2,9E+09), and their last digits are gone")
        + (phrase(": {rows}.", rows=count_text(count, "row")) if count is not None else "."),
        file=file.path,
        column=column,
        count=count,
        hint="Export the file again with the column as text.",
    )


def _without_empty_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that hold anything at all in the columns that are read."""
    tests = []
    for name, dtype in frame.schema.items():
        if name != ROW:
            value = pl.col(name)
            tests.append(
                value.str.strip_chars(text.BLANKS) != "" if dtype == pl.String else value.is_not_null()
            )
    return frame.filter(pl.any_horizontal(tests)) if tests else frame


def _years_to_rows(frame: pl.DataFrame, periods: list[str], figure: str) -> pl.DataFrame:
    """One row a period instead of one column a period."""
    kinds = {frame.schema[name] for name in periods}
    if len(kinds) > 1 and pl.String in kinds:
        frame = frame.with_columns(_number_as_text(frame, name) for name in periods)
    others = [name for name in frame.columns if name not in periods]
    return frame.unpivot(periods, index=others, variable_name=ACROSS, value_name=figure)


def _number_as_text(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column of the format's own numbers as text with a decimal point; text as it is."""
    if not frame.schema[name].is_float():
        return pl.col(name).cast(pl.String)
    return text.float_as_text(pl.col(name)).alias(name)


def _find_person_numbers(frame: pl.DataFrame, spec: RegisterSpec, rows: dict[str, tuple[int, int]]) -> None:
    """Add to `rows` the first row and the number of person numbers of each column that may not hold any."""
    columns = [
        name
        for name in frame.columns
        if name not in {ROW, ACROSS, spec.id, *spec.person_keys, *spec.not_person_numbers}
    ]
    lazy = frame.lazy()
    named = [name for name in columns if holds_by_name(name, spec)]
    for column, count in find_person_numbers.count_person_numbers(lazy, columns, named).items():
        if column in rows:
            row, before = rows[column]
            rows[column] = row, before + count
        else:
            position = find_person_numbers.first_person_number(lazy, column, named=column in named)
            rows[column] = int(frame[ROW][position]), count


def holds_by_name(column: str, spec: RegisterSpec) -> bool:
    """Whether a column's name, ours or the file's, says that it holds person numbers."""
    return any(find_person_numbers.names_person_numbers(name) for name in (column, spec.columns.get(column)))
