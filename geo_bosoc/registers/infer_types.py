"""Column types inferred over all files of a register, what is in doubt reported, and the rows read in these types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
import pyproj

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.registers.files import ACROSS, ROW, RegisterFile, new_private_file
from geo_bosoc.registers.ingest import IngestedFile
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import transformed
from geo_bosoc.registers.tables import text
from geo_bosoc.registers.tables.columns import (
    MARK_SUFFIX,
    ColumnFormat,
    FormatIssue,
    Kind,
    ValueCounts,
    decimal_mark_of,
    dtype_of,
    infer_formats,
)
from geo_bosoc.text.days import danish_day, why_no_date

_NO_DATE: Final = {
    "month_first": phrase(
        "Some have the month first. Dates are read with the day first (03-04-2024 is 3 April), so the others of this "
        "file would be wrong too: write all of them as 2024-04-03."
    ),
    "short_year": phrase("Years have four digits here."),
    "no_such_day": phrase("The calendar has no such day."),
}
"""The hints for texts that are written as dates and are none, by reason (see `why_no_date`)."""


@dataclass(frozen=True)
class ColumnTypes:
    """How each column is read in each file (`formats`: one a file), or the types that a file has itself."""

    formats: Mapping[str, Sequence[ColumnFormat]] = field(default_factory=dict)
    types: Mapping[str, pl.DataType] = field(default_factory=dict)
    file: str | None = None

    @classmethod
    def of_schema(cls, schema: Mapping[str, Any]) -> ColumnTypes:
        """The types for columns that have their types already."""
        return cls(types={name: dtype for name, dtype in schema.items() if name not in (ROW, ACROSS)})

    def schema(self) -> dict[str, pl.DataType]:
        """The type of each column, by our own name."""
        inferred = {name: dtype_of(formats[0].kind) for name, formats in self.formats.items()}
        return {**inferred, **self.types}


def infer_types(
    parts: Sequence[IngestedFile], keys: set[str], spec: RegisterSpec, report: Report
) -> ColumnTypes:
    """Each column's type over all files; values that do not fit and decimal marks in doubt go to `report`.

    `keys` are the columns that stay text.
    """
    names = list(dict.fromkeys(name for part in parts for name in part.counts))
    file_marks = [decimal_mark_of(list(part.counts.values())) for part in parts]
    formats: dict[str, list[ColumnFormat]] = {}
    for name in names:
        counts_by_file = [part.counts.get(name, ValueCounts()) for part in parts]
        formats[name], issues = infer_formats(
            counts_by_file,
            [part.source.decimal for part in parts],
            [part.source.both_marks for part in parts],
            spec,
            as_text=name in keys,
            file_marks=file_marks,
        )
        for issue in issues:
            _report_issue(parts[issue.file], name, issue, spec, report)
    return ColumnTypes(formats, file=parts[0].file.name if parts else None)


def _report_issue(
    part: IngestedFile, name: str, issue: FormatIssue, spec: RegisterSpec, report: Report
) -> None:
    where: dict[str, Any] = {
        "file": part.file.path,
        "column": spec.columns.get(name, name),
        "count": issue.count,
    }
    if issue.what in ("bad_number", "bad_date"):
        frames = [
            batch.filter(is_bad(name, issue.column_format, spec))
            .select(
                ROW, *([why_no_date(text.stripped(name)).alias("why")] if issue.what == "bad_date" else [])
            )
            .collect()
            for batch in part.batches()
        ]
        bad = pl.concat(frames)
        rows = bad[ROW].head(5).to_list()
        first = ", ".join(str(row) for row in rows)
        reasons = set(bad["why"].drop_nulls().to_list()) if issue.what == "bad_date" else set()
        report.error(
            phrase(
                "nearly all values are numbers, and {count:,} {is_are} not: {row_word} {rows}"
                if issue.what == "bad_number"
                else "nearly all values are dates, and {count:,} {is_are} not: {row_word} {rows}",
                count=issue.count,
                is_are=phrase("is" if issue.count == 1 else "are"),
                row_word=phrase("row" if issue.count == 1 else "rows"),
                rows=first + (" ..." if issue.count > 5 else "."),
            ),
            row=rows[0] if rows else None,
            hint=joined(
                [
                    *(hint for why, hint in _NO_DATE.items() if why in reasons),
                    phrase(
                        'Correct the file, name the mark under missing, or keep it as text: text = ["{name}"].',
                        name=name,
                    ),
                ],
                " ",
            ),
            **where,
        )
    elif issue.what == "both_marks":
        report.error("numbers with a decimal comma and others with a decimal point are mixed.", **where)
    elif issue.what == "ask_comma":
        report.error(
            "a number such as 1,234 may be one and a bit or more than a thousand.",
            hint='Say which: decimal = "." (it is a thousand) or decimal = "," (it is one and a bit).',
            **where,
        )
    elif issue.what == "ask_decimal":
        report.error(
            "a number such as 1.234 may be one and a bit or more than a thousand.",
            hint='Say which: decimal = "," (it is a thousand) or decimal = "." (it is one and a bit).',
            **where,
        )
    else:
        report.warn(
            phrase(
                "numbers such as 1.234 ({count:,} here) are read as more than a thousand.", count=issue.count
            ),
            hint='If the point is the decimal mark, set decimal = ".".',
            **where,
        )


def read_parts(
    parts: Sequence[IngestedFile],
    types: ColumnTypes,
    spec: RegisterSpec,
    standardised: Callable[[pl.LazyFrame, RegisterFile], pl.LazyFrame],
    crs: pyproj.CRS | None = None,
) -> Iterator[tuple[IngestedFile, pl.LazyFrame]]:
    """The rows of each file in their types and with the standard columns; spooled files are written once more so.

    The raw rows are dropped on the way. `standardised` is applied to each file's rows, `crs` is that of x and y where
    they are to be transformed.
    """
    marked = {
        name: any(column_format.marked for column_format in formats)
        for name, formats in types.formats.items()
    }
    for position, part in enumerate(parts):
        typed = []
        on_disk = bool(part.spooled)
        for batch in part.batches():
            schema = batch.collect_schema()
            expressions = [pl.col(ROW), *([pl.col(ACROSS)] if ACROSS in schema else [])]
            for name, formats in types.formats.items():
                if name in schema:
                    expressions += read_column(name, schema[name], formats[position], spec)
                else:
                    expressions.append(pl.lit(None, dtype_of(formats[position].kind)).alias(name))
                    if marked[name]:
                        expressions.append(pl.lit("missing").alias(name + MARK_SUFFIX))
            frame = standardised(batch.select(expressions), part.file)
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


def read_column(
    name: str, dtype: pl.DataType, column_format: ColumnFormat, spec: RegisterSpec
) -> list[pl.Expr]:
    """Expressions that turn a raw column into its values and, where it has marks, its ``<name>__mark``."""
    target = dtype_of(column_format.kind)
    mark_name = name + MARK_SUFFIX
    if dtype != pl.String:
        value = _native(pl.col(name), dtype, column_format.kind)
        if column_format.kind in ("whole", "decimal"):
            value = text.without_codes(value, spec.missing)
        elif column_format.kind == "text" and spec.missing:
            value = pl.when(~text.is_missing(value, spec.missing, figures=False)).then(value)
        marks = [_mark(value, pl.lit(None, pl.String), mark_name)] if column_format.marked else []
        return [value.alias(name), *marks]
    raw = text.stripped(name)
    figures = column_format.kind != "text"
    missing = text.is_missing(raw, spec.missing, figures=figures)
    protected = text.is_protected(raw, spec.protected, figures=figures)
    if column_format.kind == "text":
        value = pl.when(~(missing | protected)).then(raw)
    elif column_format.kind in ("whole", "decimal"):
        value = _number(raw, column_format)
        if spec.unit == "count" and column_format.kind == "whole":
            value = pl.when(text.is_dash(raw)).then(0).otherwise(value)
        value = text.without_codes(value, spec.missing)
    elif column_format.kind == "date":
        value = text.to_date(raw)
    elif column_format.kind == "truth":
        value = pl.when(text.is_truth(raw)).then(text.to_truth(raw))
    else:
        value = pl.lit(None)
    value = value.cast(target)
    if not column_format.marked:
        return [value.alias(name)]
    applies = text.is_not_applicable(raw) if figures else pl.lit(False)
    why = pl.when(protected).then(pl.lit("protected")).when(applies).then(pl.lit("not_applicable"))
    return [value.alias(name), _mark(value, why, mark_name)]


def _mark(value: pl.Expr, why: pl.Expr, name: str) -> pl.Expr:
    return pl.when(value.is_null()).then(pl.coalesce(why, pl.lit("missing"))).alias(name)


def _number(raw: pl.Expr, column_format: ColumnFormat) -> pl.Expr:
    integer = column_format.kind == "whole"
    if column_format.decimal == "either":
        comma = text.to_number(raw, ",", integer=integer)
        return (
            pl.when(raw.str.contains(",", literal=True))
            .then(comma)
            .otherwise(text.to_number(raw, ".", integer=integer))
        )
    return text.to_number(raw, column_format.decimal, integer=integer)


def is_bad(name: str, column_format: ColumnFormat, spec: RegisterSpec) -> pl.Expr:
    """TRUE for a text value that is neither a mark nor what the column holds."""
    raw = text.stripped(name)
    mark = (
        text.is_missing(raw, spec.missing, figures=True)
        | text.is_protected(raw, spec.protected, figures=True)
        | text.is_not_applicable(raw)
        | text.is_dash(raw)
    )
    value = text.to_date(raw) if column_format.kind == "date" else _number(raw, column_format)
    return ~mark & value.is_null()


def _native(value: pl.Expr, dtype: pl.DataType, kind: Kind) -> pl.Expr:
    """A column whose format gave it a type, in the type that the whole register has."""
    if kind == "text":
        if dtype.is_float():
            return text.float_as_text(value)
        return danish_day(value, dtype).cast(pl.String) if dtype == pl.Datetime else value.cast(pl.String)
    if kind == "date" and dtype == pl.Datetime:
        return danish_day(value, dtype)
    if kind == "date" and dtype.is_numeric():
        return text.to_date(value.cast(pl.Int64).cast(pl.String))
    return value.cast(dtype_of(kind))
