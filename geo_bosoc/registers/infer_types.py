"""Column types settled over all files of a register, doubts about them told, and the rows read so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
import pyproj

from geo_bosoc.problems import Report
from geo_bosoc.registers.files import RegisterFile, new_private_file
from geo_bosoc.registers.ingest import ACROSS, Part
from geo_bosoc.registers.sources import ROW
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.transform import transformed
from geo_bosoc.registers.values import text
from geo_bosoc.registers.values.columns import (
    MARK_SUFFIX,
    Doubt,
    Reading,
    Tally,
    decide,
    dtype_of,
    evidence,
    is_bad,
    read_column,
)
from geo_bosoc.text.days import why_no_date

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
