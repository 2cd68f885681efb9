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
from geo_bosoc.registers.files import ROW, Source
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.periods import head_period, tell_marked_heads, without_mark

JOIN: Final = " / "
WHOLE: Final = 1_000_000
"""Parts in which a percentage without base is counted."""


def joined_head(rows: Sequence[Sequence[str | None]]) -> tuple[str, ...]:
    """One name a column from the head's rows; blank cells of all but the last row take the word on their left."""
    width = max(len(row) for row in rows)
    filled: list[list[str]] = []
    for number, row in enumerate(rows):
        words = [(cell or "").strip() for cell in [*row, *[None] * (width - len(row))]]
        if number < len(rows) - 1:
            last = ""
            for at, word in enumerate(words):
                last = word or last
                words[at] = last
        filled.append(words)
    names = []
    for at in range(width):
        parts = [words[at] for words in filled]
        own = [part for part in dict.fromkeys(parts) if part]
        names.append(JOIN.join(own) if parts[-1] or len(rows) == 1 else "")
    # a label's word stands in the upper or the lower row alone, above no figure of a merged head
    for at in range(width):
        if not names[at] and rows[0] and at < len(rows[0]) and (rows[0][at] or "").strip():
            names[at] = (rows[0][at] or "").strip()
    return tuple(names)


def needs_reshaping(spec: RegisterSpec) -> bool:
    """Whether areas stand across, or years with several figures each."""
    return spec.areas_across is not None or (spec.years_across is not None and spec.header_rows > 1)


def reshaped(source: Source, spec: RegisterSpec, file: Path, report: Report) -> Source | None:
    """The source with what stands across as rows: label columns, then ``period`` or the area, then the figures."""
    over_areas = spec.areas_across is not None
    figure = spec.areas_across if over_areas else spec.years_across
    assert figure is not None
    theirs = dict(spec.columns)
    labels_named = {theirs.get(n, n) for n in (spec.period_column, spec.id, *spec.text) if n is not None}
    across: dict[int, tuple[str, str]] = {}
    labels: list[int] = []
    marked: list[str] = []
    for at, name in enumerate(source.header):
        parts = name.split(JOIN)
        if over_areas:
            if name in labels_named or not name or (spec.period is None and name in ("period", "År", "aar")):
                labels.append(at)
            else:
                across[at] = (parts[0], JOIN.join(parts[1:]) or figure)
        else:
            year = next((p for p in parts if head_period(p) is not None), None)
            if year is None:
                labels.append(at)
            else:
                words = [p for p in parts if p != year and without_mark(f"2024 {p}") != "2024"]
                marked.append(year if len(words) + 1 == len(parts) else f"{year} {parts[-1]}")
                across[at] = (head_period(year) or year, JOIN.join(words) or figure)
    if not over_areas:
        tell_marked_heads(marked, file, report)
    twice = [at for at, what in across.items() if list(across.values()).index(what) != list(across).index(at)]
    for at in twice:
        report.error(
            f"two columns are of {' and '.join(across[at])}.",
            file=file,
            column=source.header[at],
            hint="Give one of them another name in the file, or delete it.",
        )
    if not across:
        tell_nothing_across(source.header, spec, file, report)
        return None
    figures = list(dict.fromkeys(name for _, name in across.values()))
    key = spec.area if over_areas else "period"
    named = [at for at in labels if source.header[at]]
    header = (*(source.header[at] for at in named), theirs.get(key, key), *figures)

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        parts = [_as_text(batch) for batch in source.batches(sorted([*named, *across]))]
        if not parts:
            return  # a head without rows, which is told by the reader
        raw = pl.concat(parts, how="diagonal")
        keys = list(dict.fromkeys(one for one, _ in across.values()))
        blocks = []
        for one in keys:
            own = {name: at for at, (k, name) in across.items() if k == one}
            columns = [pl.col(f"c{at}").alias(f"c{n}") for n, at in enumerate(named)]
            columns.append(pl.lit(one).alias(f"c{len(named)}"))
            for n, name in enumerate(figures, len(named) + 1):
                cell = pl.col(f"c{own[name]}") if name in own else pl.lit(None, pl.String)
                columns.append(cell.alias(f"c{n}"))
            blocks.append(raw.select(*columns, ROW))
        yield pl.concat(blocks).select(*(f"c{at}" for at in positions), ROW)

    return Source(header, batches, decimal=source.decimal, both_marks=True, header_hint=source.header_hint)


def tell_nothing_across(header: Sequence[str], spec: RegisterSpec, file: Path, report: Report) -> None:
    """An error: no column of the head is a year, or an area, as `years_across` or `areas_across` says."""
    years = spec.areas_across is None
    names = [name for name in header if name]
    shown = ", ".join(names[:40]) + (", ..." if len(names) > 40 else "") or "none"
    report.error(
        "no column is named by a year or quarter." if years else "no column is named by an area.",
        file=file,
        key="years_across" if years else "areas_across",
        hint=f"The columns are: {shown}. If the {'years' if years else 'areas'} stand in another row, give header_row "
        "and header_rows; if they have a column, write "
        + (
            'period = "its name" in place of years_across.'
            if years
            else 'area = "its name" in place of areas_across.'
        ),
    )


def _as_text(batch: pl.DataFrame) -> pl.DataFrame:
    columns = []
    for name, dtype in batch.schema.items():
        value = pl.col(name)
        if name == ROW or dtype == pl.String:
            columns.append(value)
        elif dtype.is_float():
            whole = (value == value.floor()) & (value.abs() < 2**53)
            text = (
                pl.when(whole)
                .then(value.cast(pl.Int64, strict=False).cast(pl.String))
                .otherwise(value.cast(pl.String))
            )
            columns.append(text.alias(name))
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
        marks = [f"{column}__mark" for column in (name, base) if f"{column}__mark" in schema]
        mark = [pl.coalesce(marks)] if marks else []
        share = pl.col(name).cast(pl.Float64) / (100 if name in spec.per_cent else 1)
        if base:
            count = (
                (share * pl.col(base).cast(pl.Float64)).round(0, mode="half_away_from_zero").cast(pl.Int64)
            )
            frame = frame.with_columns(
                count.alias(f"{name}_count"), *(m.alias(f"{name}_count__mark") for m in mark)
            )
        else:
            bare.append(name)
            parts = (share * WHOLE).round(0, mode="half_away_from_zero").cast(pl.Int64)
            whole = pl.when(pl.col(name).is_not_null()).then(pl.lit(WHOLE, pl.Int64))
            frame = frame.with_columns(
                parts.alias(f"{name}_parts"),
                whole.alias(f"{name}_whole"),
                *(m.alias(f"{name}_{end}__mark") for m in mark for end in ("parts", "whole")),
            )
    if bare:
        report.note(
            f"{', '.join(bare)}: percentages without base. They have no interval, and all areas together are the plain "
            "mean of the areas.",
            key=f"{key}.per_cent" if key else "per_cent",
        )
    return frame


def fraction_key(spec: RegisterSpec, name: str, key: str | None) -> str:
    """Where the project file names a column of percentages or shares."""
    field = "per_cent" if name in spec.per_cent else "share"
    return f"{key}.{field}.{name}" if key else f"{field}.{name}"
