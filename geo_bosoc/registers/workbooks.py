"""Workbooks: a sheet's table below its header row; types as the workbook has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import fastexcel
import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.reshape import joined_head
from geo_bosoc.registers.sources import ROW, Source
from geo_bosoc.registers.spec import RegisterSpec


def open_workbook(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    """Open a workbook's sheet; what is wrong is an error in `report`."""
    try:
        book = fastexcel.read_excel(file)
    except fastexcel.FastExcelError:
        report.error(
            "the workbook cannot be read.",
            file=file,
            hint="Is it open in another program, or locked by a password?",
        )
        return None
    sheets = book.sheet_names
    sheet = spec.sheet if spec.sheet is not None else 1
    name = sheets[sheet - 1] if isinstance(sheet, int) and 1 <= sheet <= len(sheets) else sheet
    if name not in sheets:
        report.error(
            f"there is no sheet {sheet}.",
            file=file,
            key="sheet",
            hint=f"The workbook has: {', '.join(sheets)}.",
        )
        return None
    top = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=60, dtypes="string").to_polars().rows()
    filled = [number for number, row in enumerate(top, 1) if any(row)]
    if not filled:
        report.error(f"the sheet {name} is empty.", file=file)
        return None
    header_row = spec.header_row or filled[0]
    last_row = header_row + spec.header_rows - 1
    header = joined_head(top[header_row - 1 : last_row]) if last_row <= len(top) else ()
    if not any(header):
        report.error(
            f"row {header_row} holds no column names.", file=file, hint="Set header_row to the row that does."
        )
        return None

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        loaded = book.load_sheet(
            name, header_row=None, skip_rows=last_row, use_columns=list(positions), schema_sample_rows=None
        ).to_polars()
        order = sorted(positions)
        loaded = loaded.rename(dict(zip(loaded.columns, [f"c{p}" for p in order], strict=True)))
        frame = loaded.with_row_index(ROW, offset=last_row + 1).with_columns(pl.col(ROW).cast(pl.Int64))
        yield _until_footnotes(frame, spec, file, report)

    def hint(names: Sequence[str]) -> str | None:
        for number, row in enumerate(top, 1):
            cells = {(cell or "").strip() for cell in row}
            if number != header_row and all(name in cells for name in names):
                return f"Row {number} holds these names: set header_row = {number}."
        return None

    return Source(header, batches, both_marks=True, header_hint=hint)


def _until_footnotes(frame: pl.DataFrame, spec: RegisterSpec, file: Path, report: Report) -> pl.DataFrame:
    """A finished table ends at the first empty row below its figures; what stands below are notes."""
    if spec.unit != "count" or frame.is_empty():
        return frame
    empty = frame.select(
        pl.all_horizontal(_is_empty(frame, name) for name in frame.columns if name != ROW)
    ).to_series()
    first = empty.arg_true()
    if first.is_empty():
        return frame
    below = (~empty.slice(first[0])).sum()
    if below:
        report.note(
            f"the table ends at the empty row; {below} rows below it are taken for notes.",
            file=file,
            row=int(frame[ROW][first[0]]),
        )
    return frame.head(first[0])


def _is_empty(frame: pl.DataFrame, name: str) -> pl.Expr:
    value = pl.col(name)
    return (
        value.is_null() | (value.str.strip_chars() == "")
        if frame.schema[name] == pl.String
        else value.is_null()
    )
