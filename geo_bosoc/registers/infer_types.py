"""Column types settled over all files of a register, doubts about them told, and the rows read so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
import pyproj

from geo_bosoc.problems import Report
from geo_bosoc.registers.files import ACROSS, ROW, RegisterFile, new_private_file
from geo_bosoc.registers.ingest import Part
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import transformed
from geo_bosoc.registers.tables import text
from geo_bosoc.registers.tables.columns import (
    MARK_SUFFIX,
    Doubt,
    Kind,
    Reading,
    Tally,
    decide,
    dtype_of,
    evidence,
)
from geo_bosoc.text.days import danish_day, why_no_date

_NO_DATE: Final = {
    "month_first": "Some have the month first. Dates are read with the day first (03-04-2024 is 3 April), so the "
    "others of this file would be wrong too: write all of them as 2024-04-03.",
    "short_year": "Years have four digits here.",
    "no_such_day": "The calendar has no such day.",
}
"""What is said of texts that are written as dates and are none, by reason (see `why_no_date`)."""


@dataclass(frozen=True)
class Plan:
    """How each column is read in each file (`readings`: one a file), or the types that a file has itself."""

    readings: Mapping[str, Sequence[Reading]] = field(default_factory=dict)
    types: Mapping[str, pl.DataType] = field(default_factory=dict)
    file: str | None = None

    @classmethod
    def of_schema(cls, schema: Mapping[str, Any]) -> Plan:
        """The plan for columns that have their types already."""
        return cls(types={name: dtype for name, dtype in schema.items() if name not in (ROW, ACROSS)})

    def schema(self) -> dict[str, pl.DataType]:
        """The type of each column, by our own name."""
        settled = {name: dtype_of(readings[0].kind) for name, readings in self.readings.items()}
        return {**settled, **self.types}


def settle_types(parts: Sequence[Part], keys: set[str], spec: RegisterSpec, report: Report) -> Plan:
    """Each column's type over all files; values that do not fit and decimal marks in doubt go to `report`."""
    names = list(dict.fromkeys(name for part in parts for name in part.tallies))
    shown = [evidence(list(part.tallies.values())) for part in parts]
    readings: dict[str, list[Reading]] = {}
    for name in names:
        tallies = [part.tallies.get(name, Tally()) for part in parts]
        readings[name], doubts = decide(
            tallies,
            [part.source.decimal for part in parts],
            [part.source.both_marks for part in parts],
            spec,
            as_text=name in keys,
            file_evidence=shown,
        )
        for doubt in doubts:
            _report_doubt(parts[doubt.file], name, doubt, spec, report)
    return Plan(readings, file=parts[0].file.name if parts else None)


def _report_doubt(part: Part, name: str, doubt: Doubt, spec: RegisterSpec, report: Report) -> None:
    where: dict[str, Any] = {
        "file": part.file.path,
        "column": spec.columns.get(name, name),
        "count": doubt.count,
    }
    if doubt.what in ("bad_number", "bad_date"):
        frames = [
            batch.filter(is_bad(name, doubt.reading, spec))
            .select(
                ROW, *([why_no_date(text.stripped(name)).alias("why")] if doubt.what == "bad_date" else [])
            )
            .collect()
            for batch in part.batches()
        ]
        bad = pl.concat(frames)
        rows = bad[ROW].head(5).to_list()
        noun = "number" if doubt.what == "bad_number" else "date"
        first = ", ".join(str(row) for row in rows)
        reasons = set(bad["why"].drop_nulls().to_list()) if doubt.what == "bad_date" else set()
        report.error(
            f"nearly all values are {noun}s, and {doubt.count:,} {'is' if doubt.count == 1 else 'are'} not: "
            f"row{'' if doubt.count == 1 else 's'} {first}{' ...' if doubt.count > 5 else '.'}",
            row=rows[0] if rows else None,
            hint=" ".join(
                [
                    *(hint for why, hint in _NO_DATE.items() if why in reasons),
                    f'Correct the file, name the mark under missing, or keep it as text: text = ["{name}"].',
                ]
            ),
            **where,
        )
    elif doubt.what == "both_marks":
        report.error("numbers with a decimal comma and others with a decimal point are mixed.", **where)
    elif doubt.what == "ask_comma":
        report.error(
            "a number such as 1,234 may be one and a bit or more than a thousand.",
            hint='Say which: decimal = "." (it is a thousand) or decimal = "," (it is one and a bit).',
            **where,
        )
    elif doubt.what == "ask_decimal":
        report.error(
            "a number such as 1.234 may be one and a bit or more than a thousand.",
            hint='Say which: decimal = "," (it is a thousand) or decimal = "." (it is one and a bit).',
            **where,
        )
    else:
        report.warn(
            f"numbers such as 1.234 ({doubt.count:,} here) are read as more than a thousand.",
            hint='If the point is the decimal mark, set decimal = ".".',
            **where,
        )


def read_parts(
    parts: Sequence[Part],
    plan: Plan,
    spec: RegisterSpec,
    finished: Callable[[pl.LazyFrame, RegisterFile], pl.LazyFrame],
    crs: pyproj.CRS | None = None,
) -> Iterator[tuple[Part, pl.LazyFrame]]:
    """The rows of each file, typed and finished; files that were spooled are written once more, typed.

    The raw rows are dropped on the way. `crs` is that of x and y where they are to be transformed.
    """
    marked = {name: any(reading.marked for reading in readings) for name, readings in plan.readings.items()}
    for position, part in enumerate(parts):
        typed = []
        on_disk = bool(part.spooled)
        for batch in part.batches():
            schema = batch.collect_schema()
            expressions = [pl.col(ROW), *([pl.col(ACROSS)] if ACROSS in schema else [])]
            for name, readings in plan.readings.items():
                if name in schema:
                    expressions += read_column(name, schema[name], readings[position], spec)
                else:
                    expressions.append(pl.lit(None, dtype_of(readings[position].kind)).alias(name))
                    if marked[name]:
                        expressions.append(pl.lit("missing").alias(name + MARK_SUFFIX))
            frame = finished(batch.select(expressions), part.file)
            if crs is not None:
                frame = transformed(frame.collect(), crs).lazy()
            if on_disk:
                path = new_private_file()
                frame.sink_parquet(path, compression="lz4")
                typed.append(pl.scan_parquet(path))
            else:
                typed.append(frame.collect().lazy())
        part.forget()
        yield part, pl.concat(typed, how="vertical")


def read_column(name: str, dtype: pl.DataType, reading: Reading, spec: RegisterSpec) -> list[pl.Expr]:
    """Expressions that turn a raw column into its values and, where it has marks, its ``<name>__mark``."""
    target = dtype_of(reading.kind)
    mark_name = name + MARK_SUFFIX
    if dtype != pl.String:
        value = _native(pl.col(name), dtype, reading.kind)
        if reading.kind in ("whole", "decimal"):
            value = text.without_codes(value, spec.missing)
        elif reading.kind == "text" and spec.missing:
            value = pl.when(~text.is_missing(value, spec.missing, figures=False)).then(value)
        marks = [_mark(value, pl.lit(None, pl.String), mark_name)] if reading.marked else []
        return [value.alias(name), *marks]
    raw = text.stripped(name)
    figures = reading.kind != "text"
    missing = text.is_missing(raw, spec.missing, figures=figures)
    protected = text.is_protected(raw, spec.protected, figures=figures)
    if reading.kind == "text":
        value = pl.when(~(missing | protected)).then(raw)
    elif reading.kind in ("whole", "decimal"):
        value = _number(raw, reading)
        if spec.unit == "count" and reading.kind == "whole":
            value = pl.when(text.is_dash(raw)).then(0).otherwise(value)
        value = text.without_codes(value, spec.missing)
    elif reading.kind == "date":
        value = text.to_date(raw)
    elif reading.kind == "truth":
        value = pl.when(text.is_truth(raw)).then(text.to_truth(raw))
    else:
        value = pl.lit(None)
    value = value.cast(target)
    if not reading.marked:
        return [value.alias(name)]
    applies = text.is_not_applicable(raw) if figures else pl.lit(False)
    why = pl.when(protected).then(pl.lit("protected")).when(applies).then(pl.lit("not_applicable"))
    return [value.alias(name), _mark(value, why, mark_name)]


def _mark(value: pl.Expr, why: pl.Expr, name: str) -> pl.Expr:
    return pl.when(value.is_null()).then(pl.coalesce(why, pl.lit("missing"))).alias(name)


def _number(raw: pl.Expr, reading: Reading) -> pl.Expr:
    whole = reading.kind == "whole"
    if reading.decimal == "either":
        comma = text.to_number(raw, ",", integer=whole)
        return (
            pl.when(raw.str.contains(",", literal=True))
            .then(comma)
            .otherwise(text.to_number(raw, ".", integer=whole))
        )
    return text.to_number(raw, reading.decimal, integer=whole)


def is_bad(name: str, reading: Reading, spec: RegisterSpec) -> pl.Expr:
    """TRUE for a text value that is neither a mark nor what the column holds."""
    raw = text.stripped(name)
    mark = (
        text.is_missing(raw, spec.missing, figures=True)
        | text.is_protected(raw, spec.protected, figures=True)
        | text.is_not_applicable(raw)
        | text.is_dash(raw)
    )
    value = text.to_date(raw) if reading.kind == "date" else _number(raw, reading)
    return ~mark & value.is_null()


def _native(value: pl.Expr, dtype: pl.DataType, kind: Kind) -> pl.Expr:
    """A column whose format gave it a type, in the type that the whole register has."""
    if kind == "text":
        if dtype.is_float():
            whole = (value == value.floor()) & (value.abs() < 2**53)
            return (
                pl.when(whole)
                .then(value.cast(pl.Int64, strict=False).cast(pl.String))
                .otherwise(value.cast(pl.String))
            )
        return danish_day(value, dtype).cast(pl.String) if dtype == pl.Datetime else value.cast(pl.String)
    if kind == "date" and dtype == pl.Datetime:
        return danish_day(value, dtype)
    if kind == "date" and dtype.is_numeric():
        return text.to_date(value.cast(pl.Int64).cast(pl.String))
    return value.cast(dtype_of(kind))
