"""Workbooks: a sheet's table below its header row; types as the workbook has them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import fastexcel
import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.layout.cell_errors import tell_cells_without_figure
from geo_bosoc.registers.layout.hidden import choose_sheet, tell_hidden_cells
from geo_bosoc.registers.layout.number_formats import as_shown
from geo_bosoc.registers.layout.reshape import joined_head
from geo_bosoc.registers.layout.sheets import SheetLayout, hidden_sheets, sheet_layout
from geo_bosoc.registers.sources import ROW, Source
from geo_bosoc.registers.spec import RegisterSpec


def open_workbook(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    """Open a workbook's sheet; what is wrong is an error in `report`."""
    try:
        return _open(file, spec, report)
    except (fastexcel.FastExcelError, zipfile.BadZipFile, pl.exceptions.PanicException):
        _unreadable(file, report)
        return None


def _unreadable(file: Path, report: Report) -> None:
    report.error(
        "the workbook cannot be read.",
        file=file,
        hint="Is it open in another program, locked by a password, or damaged? Save it again as .xlsx.",
    )


def _open(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    book = fastexcel.read_excel(file)
    name = choose_sheet(_hidden(file, book), spec.sheet, file, report)
    if name is None:
        return None
    first_rows = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=60, dtypes="string")
    top = first_rows.to_polars().rows()
    left = min((column.absolute_index for column in first_rows.available_columns()), default=0)
    layout = (sheet_layout(file, name) or SheetLayout()).counted_from(left)
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
        tell_hidden_cells(layout, header, positions, last_row + 1, file, report)
        marks = {*spec.missing, *spec.protected}
        tell_cells_without_figure(layout, header, positions, last_row + 1, marks, file, report)
        try:
            loaded = book.load_sheet(
                name,
                header_row=None,
                skip_rows=last_row,
                use_columns=[left + position for position in positions],
                schema_sample_rows=None,
            ).to_polars()
        except fastexcel.FastExcelError:
            _unreadable(file, report)
            return
        order = sorted(positions)
        loaded = loaded.rename(dict(zip(loaded.columns, [f"c{p}" for p in order], strict=True)))
        frame = loaded.with_row_index(ROW, offset=last_row + 1).with_columns(pl.col(ROW).cast(pl.Int64))
        yield as_shown(frame, file, name, spec, left=left)

    def hint(names: Sequence[str]) -> str | None:
        for number, row in enumerate(top, 1):
            cells = {(cell or "").strip() for cell in row}
            if number != header_row and all(name in cells for name in names):
                return f"Row {number} holds these names: set header_row = {number}."
        return None

    return Source(
        header,
        batches,
        both_marks=True,
        header_hint=hint,
        ends_at_blank=True,
        merged_down=layout.merged_down,
    )


def _hidden(file: Path, book: fastexcel.ExcelReader) -> dict[str, bool]:
    """The sheets by name, and whether each is hidden; other formats than .xlsx are asked only where there are many."""
    told = hidden_sheets(file)
    if told is not None and list(told) == list(book.sheet_names):
        return told
    if len(book.sheet_names) == 1:
        return {book.sheet_names[0]: False}
    return {name: book.load_sheet(name, n_rows=0).visible != "visible" for name in book.sheet_names}
