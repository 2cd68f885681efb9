"""Opening all files of a register and finding the columns to read in each; what is missing or not read is told once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.registers.files import PARQUET, OpenedFile, RegisterFile, Source
from geo_bosoc.registers.readers.parquet import parquet_header
from geo_bosoc.registers.readers.registry import open_source
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import place_columns
from geo_bosoc.registers.tables.periods import head_period, tell_marked_heads
from geo_bosoc.registers.tables.reshape import needs_reshaping, tell_nothing_across
from geo_bosoc.registers.tables.table_rows import TableUse
from geo_bosoc.registers.tables.text import fold_name


@dataclass
class _MissingColumn:
    """A column to read that files do not have."""

    files: list[RegisterFile] = field(default_factory=list)
    header: tuple[str, ...] = ()
    hint: str | None = None


def open_files(
    files: Sequence[RegisterFile],
    spec: RegisterSpec,
    columns: Sequence[str] | None,
    where_columns: Sequence[str],
    report: Report,
    use: TableUse | None = None,
) -> tuple[list[OpenedFile], str | None]:
    """Open all files and find the columns to read in each; what is missing is reported once for all files.

    Besides `columns` (None for all), those are read that the specification and its `where_columns` name. The period
    column is returned with the files.
    """
    headers: list[tuple[RegisterFile, Source | None, tuple[str, ...]]] = []
    for file in files:
        if file.path.suffix.lower() in PARQUET:
            header = parquet_header(file, report)
            if header is not None:
                headers.append((file, None, header))
        else:
            source = open_source(file.path, spec, report, use)
            if source is not None:
                headers.append((file, source, source.header))
    period_column = _period_column(spec, headers)
    roles = [
        *([spec.id] if spec.id is not None else []),
        *place_columns(spec).values(),
        *([period_column] if period_column is not None else []),
        *where_columns,
        *spec.link_columns,
    ]
    roles = list(dict.fromkeys(roles))
    opened: list[OpenedFile] = []
    missing_columns: dict[str, _MissingColumn] = {}
    for file, source, header in headers:
        across = _periods_across(header, spec)
        made = {"period", *place_columns(spec), *([spec.years_across] if spec.years_across else [])} - set(
            roles
        )
        if spec.years_across and not across and not needs_reshaping(spec):
            tell_nothing_across(header, spec, file.path, report)
        if across:
            _tell_heads(file, header, across, spec, report)
        names = None if columns is None else [column for column in columns if column not in made]
        positions, missing, doubled = _choose_columns(
            header, None if names is None else [*roles, *names], spec
        )
        if names is None:
            role_positions, missing_roles, _ = _choose_columns(header, roles, spec)
            positions |= role_positions
            missing += missing_roles
        positions = {
            column: position for column, position in positions.items() if position not in across.values()
        }
        for column in dict.fromkeys(missing):
            absent = missing_columns.setdefault(column, _MissingColumn(header=header))
            absent.files.append(file)
            if source is not None and absent.hint is None:
                absent.hint = source.header_hint([spec.columns.get(name, name) for name in missing])
        for column in dict.fromkeys(doubled):
            report.error(
                "this name stands above several columns.",
                file=file.path,
                column=spec.columns.get(column, column),
                hint="Give each column its own name in the file.",
            )
        opened.append(OpenedFile(file, source, header, positions, across))
    for column, absent in missing_columns.items():
        _report_missing(column, absent, spec, report)
    return opened, period_column


def _period_column(
    spec: RegisterSpec, headers: Sequence[tuple[RegisterFile, Source | None, tuple[str, ...]]]
) -> str | None:
    """The column with the period: the one named, or one called ``period`` where nothing else says it."""
    if spec.years_across is not None and needs_reshaping(spec):
        return "period"
    if spec.period is not None or spec.years_across is not None:
        return spec.period_column
    if all(file.period is not None for file, _, _ in headers):
        return None
    if spec.event is not None:
        return spec.event
    if spec.snapshots:
        return None
    has_period = any("period" in header for _, _, header in headers) or "period" in spec.columns
    return "period" if has_period else None


def _periods_across(header: Sequence[str], spec: RegisterSpec) -> dict[str, int]:
    if spec.years_across is None or needs_reshaping(spec):
        return {}
    across: dict[str, int] = {}
    for position, name in enumerate(header):
        period = head_period(name)
        if period is not None:
            across.setdefault(period, position)
    return across


def _tell_heads(
    file: RegisterFile, header: Sequence[str], across: Mapping[str, int], spec: RegisterSpec, report: Report
) -> None:
    """Columns of years that are marked, that stand for one year twice, or that are read as none."""
    tell_marked_heads((header[position] for position in across.values()), file.path, report)
    named = {spec.area, spec.id, *spec.text, *spec.columns, *spec.columns.values()}
    for position, name in enumerate(header):
        period = head_period(name)
        if period is not None and across[period] != position:
            report.error(
                phrase(
                    "two columns are of {period}: this one and {column}.",
                    period=period,
                    column=header[across[period]],
                ),
                file=file.path,
                column=name,
                hint="Give one of them another name in the file, or delete it.",
            )
        elif period is None and name not in named and re.search(r"(?<!\d)(19|20)\d\d(?!\d)", name):
            report.warn(
                "this column is not read: its name is no year or quarter.",
                file=file.path,
                column=name,
                hint='A head is written 2024 or 2024K1; "2024*" and "2024 (foreløbig)" are understood.',
            )


def _report_missing(column: str, missing: _MissingColumn, spec: RegisterSpec, report: Report) -> None:
    name = spec.columns.get(column, column)
    near = did_you_mean(name, missing.header, cutoff=0.7, fold=fold_name)
    others = len(missing.files) - 1
    hints = (
        [missing.hint]
        if missing.hint
        else [*([near] if near else []), phrase("The file has: {names}.", names=", ".join(missing.header))]
    )
    if not missing.hint and column not in spec.columns:
        hints.append(phrase('Another name is given by columns = {{ {column} = "..." }}.', column=column))
    report.error(
        phrase("there is no such column (nor in {files}).", files=count_text(others, "more file"))
        if others
        else "there is no such column.",
        file=missing.files[0].path,
        column=name,
        hint=joined(hints, " "),
    )


def _choose_columns(
    header: Sequence[str], columns: Sequence[str] | None, spec: RegisterSpec
) -> tuple[dict[str, int], list[str], list[str]]:
    """Positions in a file's header of the columns to read (None for all), by our own name; those that the file does not
    have, and those that it has more than once."""
    file_names = dict(spec.columns)
    renamed = set(file_names.values())
    if columns is None:
        columns = [*file_names, *(name for name in dict.fromkeys(header) if name and name not in renamed)]
    positions: dict[str, int] = {}
    missing, doubled = [], []
    for name in columns:
        matches = [i for i, column in enumerate(header) if column == file_names.get(name, name)]
        if not matches:
            missing.append(name)
        elif len(matches) > 1:
            doubled.append(name)
        else:
            positions[name] = matches[0]
    return positions, missing, doubled


MOST_NAMED: Final = 10

_NAME: Final = re.compile(r"navn|name|betegnelse")
"""Columns with names of areas are no figures."""


def tell_unread_columns(
    opened: Sequence[OpenedFile], spec: RegisterSpec, report: Report, key: str | None
) -> None:
    """A note with the columns that are in a table's files and that no indicator reads; their cells are not looked at.

    `opened` are the files, with the places of the columns that are read; `key` is the register's place in the project
    file.
    """
    used = {spec.reference_row, *spec.text, *spec.columns, *spec.columns.values()}
    unread: dict[str, None] = {}
    for file in opened:
        read = {*file.positions.values(), *file.across.values()}
        unread |= {
            name: None
            for position, name in enumerate(file.header)
            if position not in read
            and name.strip()
            and name not in used
            and not _NAME.search(fold_name(name))
        }
    if not unread:
        return
    names = list(unread)
    unlisted = len(names) - MOST_NAMED
    report.note(
        phrase(
            "no indicator reads the {column_word} {names}{others}.",
            column_word=phrase("column" if len(names) == 1 else "columns"),
            names=", ".join(names[:MOST_NAMED]),
            others=phrase(" and {count:,} more", count=unlisted) if unlisted > 0 else "",
        ),
        file=opened[0].file.path if len(opened) == 1 else None,
        key=key,
        hint="Name a column in an indicator (sum) if its figures are meant to count.",
    )
