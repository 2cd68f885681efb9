"""Rows of a workbook's tables are in the file as xlsxwriter writes their cells one by one."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from geo_bosoc.outputs.workbook.book_file import new_book
from geo_bosoc.outputs.workbook.looks import INTEGER, PERCENT, PLAIN, QUIET, TEXT, Look
from geo_bosoc.outputs.workbook.sheet import Book, Cell, Column, Drawn, lines_in

FIGURE = Look(PERCENT, border=False)
COUNT = Look(INTEGER)
NAN = float("nan")
WIDTH = 5
ROWS: list[list[Drawn]] = [
    [Cell("0001"), Cell("Søndervang & Vestergård <1>"), (0.40404040404040403, FIGURE), (1204.0, COUNT), (7, COUNT)],
    [(NAN, FIGURE), Cell("", PLAIN), (None, PLAIN), (pd.NA, PLAIN), (-0.0, FIGURE)],
    [Cell(""), Cell(None), (NAN, COUNT), (1e-7, FIGURE), Cell("skjult", QUIET)],
    [],
    [Cell("", PLAIN)] * WIDTH,
    [Cell("=1+1"), Cell("x" * 20_000, PLAIN), (np.int64(12), COUNT), (True, COUNT), (12345678901234567890, COUNT)],
    [(2.0, FIGURE), (np.float64(0.1), FIGURE), Cell("tab\tand\x02control"), Cell(" x "), Cell("😀" * 17_000)],
    [Cell("", PLAIN), Cell("half a \ud83d sign"), Cell("Søndervang"), Cell("", TEXT), Cell("", PLAIN)],
]  # fmt: skip
ROWS += [[(float(row * 100 + place), FIGURE) for place in range(row % WIDTH + 1)] for row in range(40)]


class CellByCell(Book):
    """A book that has the library write each cell."""

    def _put_row(
        self, sheet: Any, row: int, cells: Iterable[Drawn], columns: Sequence[Column], letters: Sequence[str]
    ) -> int:
        deepest = 1
        for place, (value, look) in enumerate(cells):
            lines = lines_in(value, columns[place].width, look) if type(value) is str else 1
            self.put(sheet, row, place, (value, self._wrapping(look) if lines > 1 else look))
            deepest = max(deepest, lines)
        return deepest


def parts(kind: type[Book], path: Path, rows: Sequence[Sequence[Drawn]]) -> dict[str, bytes]:
    """What is in the file, by name."""
    file = new_book(str(path), {})
    book = kind(file, "Tal", [], "&P")
    for name in ("Tal", "Flere"):
        columns = [Column(f"Kolonne {place}") for place in range(WIDTH)]
        book.table(name, name, columns, rows, notes=["En note"], foot=[[Cell("I alt", Look(bold=True))]])
    file.close()
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith("xl/")}


def test_rows_are_written_as_the_library_writes_cells(tmp_path: Path) -> None:
    ours, theirs = parts(Book, tmp_path / "a.xlsx", ROWS), parts(CellByCell, tmp_path / "b.xlsx", ROWS)
    assert ours.keys() == theirs.keys()
    for name in ours:
        assert ours[name] == theirs[name], name


def test_an_endless_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="INF"):
        parts(Book, tmp_path / "a.xlsx", [[(float("inf"), FIGURE)]])


def test_rows_are_as_high_as_their_wrapped_text_needs(tmp_path: Path) -> None:
    wrapped = Look(wrap=True)
    texts = ["kort", "et par ord der fylder mere end en linje", "x " * 9_000]
    parts(Book, tmp_path / "a.xlsx", [[Cell(text, wrapped)] for text in texts])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Tal"]
    single, several, very_long = (sheet.row_dimensions[number].height for number in (4, 5, 6))
    assert single is None and several == 45 and very_long == pytest.approx(409, abs=1)


def test_the_process_that_writes_tables_loads_no_more_than_it_needs() -> None:
    program = "import geo_bosoc.outputs.workbook.write, sys; print([*sys.modules])"
    command = [sys.executable, "-c", program]
    modules = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout
    assert "'xlsxwriter'" in modules
    for slow in ("polars", "sqlglot", "scipy", "folium"):
        assert f"'{slow}'" not in modules, slow
