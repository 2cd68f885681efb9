"""Cells that hold a spreadsheet's error (``#DIV/0!``) or a formula without its value: told with row and column."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.layout.hidden import ranges
from geo_bosoc.registers.layout.sheets import SheetLayout
from geo_bosoc.registers.values import text

NOT_AVAILABLE: Final = ("#N/A", "#I/T")
"""What stands for a missing figure, and is told as that."""

ERRORS: Final = (
    *(
        "#DIV/0!",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
        "#FIELD!",
    ),
    *(
        "#DIVISION/0!",
        "#REFERENCE!",
        "#VÆRDI!",
        "#NAVN?",
        "#NUL!",
        "#OVERLØB!",
        "#BEREGN!",
        "#TAL!",
        "#SPILD!",
    ),
)
"""The words of programs in English and Danish."""


def tell_cells_without_figure(
    layout: SheetLayout,
    header: Sequence[str],
    positions: Collection[int],
    first_row: int,
    marks: Collection[str],
    file: Path,
    report: Report,
) -> None:
    """Errors and formulas without a value in the columns that are read.

    Parameters
    ----------
    marks : what the specification names as missing or protected: no errors.
    """
    for column in sorted(positions):
        by_word: dict[str, list[int]] = {}
        for row, place, word in layout.errors:
            if place == column and row >= first_row and word not in marks:
                by_word.setdefault(word, []).append(row)
        _tell(by_word, header[column], file, report)
        unsaved = [row for row, place in layout.unsaved if place == column and row >= first_row]
        if unsaved:
            report.error(
                f"{len(unsaved):,} formula{'' if len(unsaved) == 1 else 's'} without a saved value: "
                f"row{'' if len(unsaved) == 1 else 's'} {ranges(unsaved)}.",
                file=file,
                row=unsaved[0],
                column=header[column],
                count=len(unsaved),
                hint="Open the workbook in Excel or LibreOffice and save it, or paste the values.",
            )


def error_words(frame: pl.DataFrame, row: str, marks: Collection[str]) -> dict[str, dict[str, list[int]]]:
    """By text column, the rows of each error word in a batch; ``#N/A`` is not among them.

    Parameters
    ----------
    row : the column with the rows' numbers.
    marks : words that the specification names as missing or protected.
    """
    columns = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    if not columns:
        return {}
    words = [word for word in ERRORS if word not in marks]
    starts = frame.select(pl.col(name).str.contains("#", literal=True).any() for name in columns).row(0)
    found: dict[str, dict[str, list[int]]] = {}
    for name in [name for name, may in zip(columns, starts, strict=True) if may]:
        cell = pl.col(name).str.strip_chars(text.BLANKS).str.to_uppercase()
        for word, number in frame.filter(cell.is_in(words)).select(cell, row).iter_rows():
            found.setdefault(name, {}).setdefault(word, []).append(number)
    return found


def tell_error_words(
    rows: Mapping[str, Mapping[str, list[int]]], columns: Mapping[str, str], file: Path, report: Report
) -> None:
    """What `error_words` found, column by column, as problems; `columns` says how the file names each."""
    for name, by_word in rows.items():
        _tell(by_word, columns.get(name, name), file, report)


def _tell(by_word: Mapping[str, list[int]], column: str, file: Path, report: Report) -> None:
    for word, rows in by_word.items():
        many = f"{len(rows):,} cell{' holds' if len(rows) == 1 else 's hold'}"
        place = {"file": file, "row": rows[0], "column": column, "count": len(rows)}
        told = f"{many} {word}: row{'' if len(rows) == 1 else 's'} {ranges(rows)}."
        if word in NOT_AVAILABLE:
            report.warn(f"{told} It is read as missing.", **place)
        else:
            report.error(
                told,
                hint=f'Correct the formula; if the figure is missing, say so: missing = ["{word}"].',
                **place,
            )
