"""Workbooks: a sheet's table below its header row; types as the workbook has them, cells in per cent as they are shown.

What a workbook hides is told: which sheet is read where some are hidden, rows and columns that nobody sees, errors, and
formulas without a value.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import fastexcel
import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.registers.files import ROW, Source
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.reshape import joined_head
from geo_bosoc.registers.tables.sheets import SheetLayout, WorkbookXml
from geo_bosoc.registers.tables.text import ranges, report_error_words, with_signs

_FIRST_ROWS: Final = 60
"""The head stands among so many first rows."""


def open_workbook(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    """Open a workbook's sheet; what is wrong is an error in `report`."""
    try:
        return _open(file, spec, report)
    except (fastexcel.FastExcelError, zipfile.BadZipFile, pl.exceptions.PanicException):
        _report_unreadable(file, report)
        return None


def _open(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    book = fastexcel.read_excel(file)
    with WorkbookXml(file) as xml:
        name = choose_sheet(_hidden_by_sheet(xml, book), spec.sheet, file, report)
        if name is None:
            return None
        layout = xml.layout(name, percent=bool(spec.fractions))
    sample = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=_FIRST_ROWS, dtypes="string")
    first_rows = sample.to_polars().rows()
    left = min((column.absolute_index for column in sample.available_columns()), default=0)
    layout = layout.counted_from(left)
    filled = [number for number, row in enumerate(first_rows, 1) if any(row)]
    if not filled:
        report.error(phrase("the sheet {sheet} is empty.", sheet=name), file=file)
        return None
    header_row = spec.header_row or filled[0]
    last_row = header_row + spec.header_rows - 1
    header = joined_head(first_rows[header_row - 1 : last_row]) if last_row <= len(first_rows) else ()
    if not any(header):
        report.error(
            phrase("row {row} holds no column names.", row=header_row),
            file=file,
            hint="Set header_row to the row that does.",
        )
        return None

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        report_hidden_cells(layout, header, positions, last_row + 1, file, report)
        marks = {*spec.missing, *spec.protected}
        report_cells_without_value(layout, header, positions, last_row + 1, marks, file, report)
        try:
            sheet = book.load_sheet(
                name,
                header_row=None,
                skip_rows=last_row,
                use_columns=[left + position for position in positions],
                schema_sample_rows=None,
            ).to_polars()
        except fastexcel.FastExcelError:
            _report_unreadable(file, report)
            return
        names = [f"c{position}" for position in sorted(positions)]
        sheet = sheet.rename(dict(zip(sheet.columns, names, strict=True)))
        frame = sheet.with_row_index(ROW, offset=last_row + 1).with_columns(pl.col(ROW).cast(pl.Int64))
        yield frame.with_columns(
            with_signs(frame[f"c{position}"], frame[ROW], layout.percent[position])
            for position in positions
            if position in layout.percent
        )

    def hint(names: Sequence[str]) -> str | None:
        for number, row in enumerate(first_rows, 1):
            cells = {(cell or "").strip() for cell in row}
            if number != header_row and all(name in cells for name in names):
                return phrase("Row {row} holds these names: set header_row = {row}.", row=number)
        return None

    return Source(
        header,
        batches,
        both_marks=True,
        header_hint=hint,
        ends_at_blank=True,
        merged_down=layout.merged_down,
    )


def _report_unreadable(file: Path, report: Report) -> None:
    report.error(
        "the workbook cannot be read.",
        file=file,
        hint="Is it open in another program, locked by a password, or damaged? Save it again as .xlsx.",
    )


def _hidden_by_sheet(xml: WorkbookXml, book: fastexcel.ExcelReader) -> dict[str, bool]:
    """The sheets by name, and whether each is hidden; other formats than .xlsx are asked only where there are many."""
    if xml.hidden is not None and list(xml.hidden) == list(book.sheet_names):
        return xml.hidden
    if len(book.sheet_names) == 1:
        return {book.sheet_names[0]: False}
    return {name: book.load_sheet(name, n_rows=0).visible != "visible" for name in book.sheet_names}


def choose_sheet(
    hidden: Mapping[str, bool], given: int | str | None, file: Path, report: Report
) -> str | None:
    """The sheet to read; None with an error in `report` where the user must say which.

    Parameters
    ----------
    hidden : dict of str to bool
        The sheets by name, in order, and whether each is hidden.
    given : int or str, optional
        The sheet that the specification names, or its number from 1.
    file : Path
        For messages.
    report : Report
        Takes what is wrong, and which sheets are not read.
    """
    names = list(hidden)
    listed = joined(
        phrase("{sheet} (hidden)", sheet=name) if hidden[name] else joined([name]) for name in names
    )
    if given is not None:
        name = names[given - 1] if isinstance(given, int) and 1 <= given <= len(names) else str(given)
        if name not in names:
            report.error(
                phrase("there is no sheet {sheet}.", sheet=given),
                file=file,
                key="sheet",
                hint=phrase("The workbook has: {sheets}.", sheets=listed),
            )
            return None
        if hidden[name] and not all(hidden.values()):
            report.warn(
                phrase('the sheet "{sheet}" is hidden in the workbook, and is read.', sheet=name),
                file=file,
                key="sheet",
            )
        return name
    visible = [name for name in names if not hidden[name]]
    out_of_sight = ", ".join(f'"{name}"' for name in names if hidden[name])
    if not names or (visible and names[0] == visible[0]) or not visible:
        if visible and out_of_sight:
            report.note(
                phrase("hidden sheets are not read: {sheets}.", sheets=out_of_sight),
                file=file,
                key="sheet",
            )
        if not names:
            report.error("the workbook has no sheet.", file=file)
        return names[0] if names else None
    if len(visible) == 1:
        report.warn(
            phrase(
                'the first sheet is hidden ({sheets}); "{sheet}" is read, the only one to be seen.',
                sheets=out_of_sight,
                sheet=visible[0],
            ),
            file=file,
            key="sheet",
            hint=phrase('Say which: sheet = "{sheet}".', sheet=visible[0]),
        )
        return visible[0]
    report.error(
        "the first sheet is hidden, and several are not: say which is to be read.",
        file=file,
        key="sheet",
        hint=phrase('sheet = "{sheet}"; the workbook has: {sheets}.', sheet=visible[0], sheets=listed),
    )
    return None


def report_hidden_cells(
    layout: SheetLayout,
    header: Sequence[str],
    positions: Collection[int],
    first_row: int,
    file: Path,
    report: Report,
) -> None:
    """Warnings for hidden rows below the head, and for hidden columns that are read (`positions`).

    `first_row` is the first below the head.
    """
    rows = [row for row in layout.hidden_rows if row >= first_row]
    if rows:
        single = len(rows) == 1
        report.warn(
            phrase(
                "{rows} {is_are} hidden in the sheet, and {is_are} read: {row_word} {ranges}.",
                rows=count_text(len(rows), "row"),
                is_are=phrase("is" if single else "are"),
                row_word=phrase("row" if single else "rows"),
                ranges=ranges(rows),
            ),
            file=file,
            row=rows[0],
            count=len(rows),
            hint="Clear the filter or show the rows; delete what is not to count, or leave it out with where.",
        )
    for column in filter(layout.hides, sorted(positions)):
        report.warn("this column is hidden in the sheet, and is read.", file=file, column=header[column])


def report_cells_without_value(
    layout: SheetLayout,
    header: Sequence[str],
    positions: Collection[int],
    first_row: int,
    marks: Collection[str],
    file: Path,
    report: Report,
) -> None:
    """Errors and formulas without a value in the columns that are read.

    Words that the specification names as missing or protected (`marks`) are no errors.
    """
    for column in sorted(positions):
        rows_by_word: dict[str, list[int]] = {}
        for row, cell_column, word in layout.errors:
            if cell_column == column and row >= first_row and word not in marks:
                rows_by_word.setdefault(word, []).append(row)
        report_error_words({header[column]: rows_by_word}, {}, file, report)
        unsaved = [row for row, cell_column in layout.unsaved if cell_column == column and row >= first_row]
        if unsaved:
            report.error(
                phrase(
                    "{formulas} without a saved value: {row_word} {ranges}.",
                    formulas=count_text(len(unsaved), "formula"),
                    row_word=phrase("row" if len(unsaved) == 1 else "rows"),
                    ranges=ranges(unsaved),
                ),
                file=file,
                row=unsaved[0],
                column=header[column],
                count=len(unsaved),
                hint="Open the workbook in Excel or LibreOffice and save it, or paste the values.",
            )
