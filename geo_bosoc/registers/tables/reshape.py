"""Finished tables as publishers lay them out: heads of several rows, merged cells, areas or years across; per cent.

A head of several rows becomes one name with the rows' words joined (``2023 / Antal``); a merged cell's word stands for
all columns under it. What stands across becomes rows: the years (`years_across`) or the areas (`areas_across`), and
where the head has more to say than a year or an area, each figure becomes a column of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import listed, phrase
from geo_bosoc.registers.files import ROW, Source
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.periods import head_period, tell_marked_heads, without_mark
from geo_bosoc.registers.tables.text import float_as_text

JOIN: Final = " / "
PARTS: Final = 1_000_000
"""Parts in which a percentage without base is counted."""


def joined_head(rows: Sequence[Sequence[str | None]]) -> tuple[str, ...]:
    """One name a column from the head's rows; blank cells of all but the last row take the word on their left."""
    width = max(len(row) for row in rows)
    filled: list[list[str]] = []
    for number, row in enumerate(rows):
        words = [(cell or "").strip() for cell in [*row, *[None] * (width - len(row))]]
        if number < len(rows) - 1:
            last = ""
            for column, word in enumerate(words):
                last = word or last
                words[column] = last
        filled.append(words)
    names = []
    for column in range(width):
        parts = [words[column] for words in filled]
        distinct = [part for part in dict.fromkeys(parts) if part]
        names.append(JOIN.join(distinct) if parts[-1] or len(rows) == 1 else "")
    # a label's word stands in the upper or the lower row alone, above no figure of a merged head
    for column, cell in enumerate(rows[0]):
        names[column] = names[column] or (cell or "").strip()
    return tuple(names)


def needs_reshaping(spec: RegisterSpec) -> bool:
    """Whether areas stand across, or years with several figures each."""
    return spec.areas_across is not None or (spec.years_across is not None and spec.header_rows > 1)


def reshaped(source: Source, spec: RegisterSpec, file: Path, report: Report) -> Source | None:
    """The source with what stands across as rows: label columns, then ``period`` or the area, then the figures."""
    over_areas = spec.areas_across is not None
    figure = spec.areas_across if over_areas else spec.years_across
    assert figure is not None
    file_names = dict(spec.columns)
    label_names = {
        file_names.get(name, name) for name in (spec.period_column, spec.id, *spec.text) if name is not None
    }
    across: dict[int, tuple[str, str]] = {}
    labels: list[int] = []
    marked: list[str] = []
    for position, name in enumerate(source.header):
        parts = name.split(JOIN)
        if over_areas:
            if name in label_names or not name or (spec.period is None and name in ("period", "År", "aar")):
                labels.append(position)
            else:
                across[position] = (parts[0], JOIN.join(parts[1:]) or figure)
        else:
            year = next((part for part in parts if head_period(part) is not None), None)
            if year is None:
                labels.append(position)
            else:
                words = [part for part in parts if part != year and without_mark(f"2024 {part}") != "2024"]
                marked.append(year if len(words) + 1 == len(parts) else f"{year} {parts[-1]}")
                across[position] = (head_period(year) or year, JOIN.join(words) or figure)
    if not over_areas:
        tell_marked_heads(marked, file, report)
    seen: set[tuple[str, str]] = set()
    for position, key_and_figure in across.items():
        if key_and_figure in seen:
            report.error(
                phrase("two columns are of {names}.", names=listed(key_and_figure)),
                file=file,
                column=source.header[position],
                hint="Give one of them another name in the file, or delete it.",
            )
        seen.add(key_and_figure)
    if not across:
        tell_nothing_across(source.header, spec, file, report)
        return None
    figures = list(dict.fromkeys(name for _, name in across.values()))
    key_column = spec.area if over_areas else "period"
    named = [position for position in labels if source.header[position]]
    header = (
        *(source.header[position] for position in named),
        file_names.get(key_column, key_column),
        *figures,
    )

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        parts = [_as_text(batch) for batch in source.batches(sorted([*named, *across]))]
        if not parts:
            return  # a head without rows, which is told by the reader
        raw = pl.concat(parts, how="diagonal")
        blocks = []
        for key in dict.fromkeys(key for key, _ in across.values()):
            figure_columns = {name: position for position, (of, name) in across.items() if of == key}
            columns = [pl.col(f"c{position}").alias(f"c{new}") for new, position in enumerate(named)]
            columns.append(pl.lit(key).alias(f"c{len(named)}"))
            for new, name in enumerate(figures, len(named) + 1):
                has_figure = name in figure_columns
                cell = pl.col(f"c{figure_columns[name]}") if has_figure else pl.lit(None, pl.String)
                columns.append(cell.alias(f"c{new}"))
            blocks.append(raw.select(*columns, ROW))
        yield pl.concat(blocks).select(*(f"c{position}" for position in positions), ROW)

    return Source(header, batches, decimal=source.decimal, both_marks=True, header_hint=source.header_hint)


def tell_nothing_across(header: Sequence[str], spec: RegisterSpec, file: Path, report: Report) -> None:
    """An error: no column of the head is a year, or an area, as `years_across` or `areas_across` says."""
    years = spec.areas_across is None
    names = [name for name in header if name]
    columns = ", ".join(names[:40]) + (", ..." if len(names) > 40 else "") or phrase("none")
    report.error(
        "no column is named by a year or quarter." if years else "no column is named by an area.",
        file=file,
        key="years_across" if years else "areas_across",
        hint=phrase(
            "The columns are: {columns}. If the years stand in another row, give header_row and header_rows; if they "
            'have a column, write period = "its name" in place of years_across.'
            if years
            else "The columns are: {columns}. If the areas stand in another row, give header_row and header_rows; if "
            'they have a column, write area = "its name" in place of areas_across.',
            columns=columns,
        ),
    )


def _as_text(batch: pl.DataFrame) -> pl.DataFrame:
    columns = []
    for name, dtype in batch.schema.items():
        value = pl.col(name)
        if name == ROW or dtype == pl.String:
            columns.append(value)
        elif dtype.is_float():
            columns.append(float_as_text(value).alias(name))
        else:
            columns.append(value.cast(pl.String))
    return batch.select(columns)


def with_percentages(
    frame: pl.LazyFrame, spec: RegisterSpec, report: Report, key: str | None
) -> pl.LazyFrame:
    """Percentages and shares as counts: ``<name>_count`` out of the base, or ``<name>_parts`` of ``<name>_whole``.

    With a base the count is the nearest whole number of persons; without one the share is carried in parts of a
    million, so that it has a value and, in a mean, no interval; that is told.
    """
    schema = frame.collect_schema()
    bare = []
    for name, base in spec.fractions.items():
        for column in (name, base):
            if column and (
                column not in schema or not (schema[column].is_numeric() or schema[column] == pl.Null)
            ):
                report.error(
                    "there is no such column of numbers.", key=fraction_key(spec, name, key), column=column
                )
        if report.errors:
            return frame
        mark_columns = [f"{column}__mark" for column in (name, base) if f"{column}__mark" in schema]
        marks = [pl.coalesce(mark_columns)] if mark_columns else []
        share = pl.col(name).cast(pl.Float64) / (100 if name in spec.per_cent else 1)
        if base:
            count = (
                (share * pl.col(base).cast(pl.Float64)).round(0, mode="half_away_from_zero").cast(pl.Int64)
            )
            frame = frame.with_columns(
                count.alias(f"{name}_count"), *(mark.alias(f"{name}_count__mark") for mark in marks)
            )
        else:
            bare.append(name)
            parts = (share * PARTS).round(0, mode="half_away_from_zero").cast(pl.Int64)
            total = pl.when(pl.col(name).is_not_null()).then(pl.lit(PARTS, pl.Int64))
            frame = frame.with_columns(
                parts.alias(f"{name}_parts"),
                total.alias(f"{name}_whole"),
                *(mark.alias(f"{name}_{end}__mark") for mark in marks for end in ("parts", "whole")),
            )
    if bare:
        report.note(
            phrase(
                "{names}: percentages without base. They have no interval, and all areas together are the "
                "plain mean of the areas.",
                names=", ".join(bare),
            ),
            key=f"{key}.per_cent" if key else "per_cent",
        )
    return frame


def fraction_key(spec: RegisterSpec, name: str, key: str | None) -> str:
    """Where the project file names a column of percentages or shares."""
    field = "per_cent" if name in spec.per_cent else "share"
    return f"{key}.{field}.{name}" if key else f"{field}.{name}"
