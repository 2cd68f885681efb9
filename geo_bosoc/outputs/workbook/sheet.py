"""One sheet of a workbook: cells with a look, a head that is frozen and filtered, ready to print on A4."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import Stamped, stamp_texts
from geo_bosoc.text.colours import lightness

LAST_ROW: Final = 1_048_576
"""Rows of a sheet."""
_LONGEST: Final = 32_000
_PLAIN_LENGTH: Final = 16_000
"""Up to so many letters no text is too long for a cell, whatever the letters."""
_LIGHT_UP: Final = 14
"""Thin stripes from lower left to upper right, among Excel's patterns of fills."""
_LOWEST, _HIGHEST = float("-inf"), float("inf")
_A4: Final = 9
_GREY: Final = "#5f6368"
NOT_ASSESSED_FILL: Final = "#e1e3e6"
PERCENT: Final = r"0.0\ %"
WHOLE_PERCENT: Final = r"0\ %"
INTEGER: Final = "#,##0"
ONE_DECIMAL: Final = "#,##0.0"
TWO_DECIMALS: Final = "#,##0.00"
UNIT_FORMAT: Final = {
    "percent": PERCENT,
    "per_1000": ONE_DECIMAL,
    "per_10000": ONE_DECIMAL,
    "mean": TWO_DECIMALS,
    "count": INTEGER,
}
"""How a value in each unit is shown; Excel puts comma and point as the reader's own language has them."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell is drawn; cells with the same look share one format."""

    number: str = "General"
    fill: str | None = None
    stripes: str | None = None
    bold: bool = False
    quiet: bool = False
    wrap: bool = False
    size: int = 11
    align: str | None = None
    ink: str | None = None
    border: bool = True
    indent: int = 0

    def properties(self) -> dict[str, Any]:
        """The look in xlsxwriter's words; the ink is dark on a light fill and light on a dark one."""
        properties: dict[str, Any] = {"num_format": self.number, "font_size": self.size, "valign": "top"}
        properties |= {"bold": self.bold, "italic": self.quiet, "text_wrap": self.wrap}
        if self.border:
            properties |= {"border": 1, "border_color": "#d0d3d8"}
        if self.align:
            properties["align"] = self.align
        if self.indent:
            properties |= {"align": "left", "indent": self.indent}
        if self.quiet:
            properties["font_color"] = _GREY
        if self.ink:
            properties["font_color"] = self.ink
        if self.fill:
            properties |= {
                "bg_color": self.fill,
                "font_color": "#ffffff" if lightness(self.fill) < 52 else "#1f1f1f",
            }
        if self.stripes:
            properties |= {"pattern": _LIGHT_UP, "fg_color": self.stripes}
        return properties


TEXT: Final = Look()
PLAIN: Final = Look(border=False)
PLAIN_QUIET: Final = Look(border=False, quiet=True, align="right")
HEAD: Final = Look(bold=True, wrap=True, fill="#e3e6ec")
QUIET: Final = Look(quiet=True, align="right")
STAMP: Final = Look(bold=True, ink="#9c2b00", border=False)


class _Sheet(Worksheet):  # type: ignore[misc]
    """A worksheet that also takes cells as the text that they are in the file.

    A row of a long table is then one text and not an object a cell.
    """

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        if type(cell) is str:
            self.fh.write(cell)
        else:
            super()._write_cell(row, col, cell)


# Positions are numbers here: written without asking of each cell whether it is a name such as "A1".
_write_string: Final = inspect.unwrap(Worksheet.write_string)
_write_number: Final = inspect.unwrap(Worksheet.write_number)


class Cell(NamedTuple):
    """A value and its look: text, a number, or nothing."""

    value: str | float | int | None
    look: Look = TEXT


Drawn = tuple[Any, Look]
"""What a `Cell` is, for tables of hundreds of thousands: a value (NaN for no number) and its look."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head and its width in characters."""

    head: str
    width: float = 12


class BookResults(Stamped, Protocol):
    """Results that workbooks are made of."""

    @property
    def file_date(self) -> datetime: ...


@dataclass
class Book:
    """A workbook being written: its formats, and what stands on every sheet."""

    book: Any
    title: str
    stamps: Sequence[str]
    page: str
    _formats: dict[Look, Any] = field(default_factory=dict)
    _seen: dict[int, tuple[Look, Any, str]] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def look(self, look: Look) -> Any:
        """The workbook's format for a look."""
        if look not in self._formats:
            self._formats[look] = self.book.add_format(look.properties())
        return self._formats[look]

    def put(self, sheet: Any, row: int, column: int, cell: Drawn) -> None:
        """Write a cell: text as text (never a formula or a link), numbers as numbers, nothing as blank."""
        value, look = cell
        if type(value) is str and value:
            _write_string(sheet, row, column, _writable(value), self._numbered(look)[1])
        elif not (missing(value) or value == ""):
            _write_number(sheet, row, column, value, self._numbered(look)[1])
        elif look.border or look.fill:
            sheet.write_blank(row, column, None, self._numbered(look)[1])

    def _numbered(self, look: Look) -> tuple[Look, Any, str]:
        """A look with its format and the format's number in the file: the order of their first cells."""
        numbered = self._seen.get(id(look))
        if numbered is None:
            drawn = self.look(look)
            numbered = self._seen[id(look)] = (look, drawn, str(drawn._get_xf_index()))
        return numbered

    def _put_row(
        self, sheet: Any, row: int, cells: Iterable[Drawn], columns: Sequence[Column], letters: Sequence[str]
    ) -> int:
        """Write a row as one text, but for cells that are seldom met; how many lines its deepest text takes."""
        deepest, first, last = 1, 0, -1
        run: list[str] = []
        for place, (value, look) in enumerate(cells):
            kind = type(value)
            if kind is str and 0 < len(value) <= _PLAIN_LENGTH:
                index = sheet.str_table._get_shared_string_index(_writable(value))
                content = f'" t="s"><v>{index}</v></c>'
                if look.wrap:
                    deepest = max(deepest, _lines(value, columns[place].width + 1))
            elif (kind is float or kind is int) and _LOWEST < value < _HIGHEST:
                content = f'"><v>{value:.16G}</v></c>'
            elif missing(value) or value == "":
                if not look.border and not look.fill:
                    continue
                content = '"/>'
            else:
                if look.wrap and kind is str:
                    deepest = max(deepest, _lines(value, columns[place].width + 1))
                if run:
                    sheet.table[row][first] = "".join(run)
                    run = []
                self.put(sheet, row, place, (value, look))
                continue
            if not run:
                first = place
            last = place
            numbered = self._seen.get(id(look)) or self._numbered(look)
            run.append(f'<c r="{letters[place]}{row + 1}" s="{numbered[2]}{content}')
        if last >= 0:
            if run:
                sheet.table[row][first] = "".join(run)
            sheet.table[row].setdefault(last, "")  # how far the row goes
            sheet._check_dimensions(row, min(sheet.table[row]))
            sheet._check_dimensions(row, last)
        return deepest

    def add(self, name: str, heading: str) -> tuple[Any, int]:
        """A new sheet with its heading and stamps; the sheet, and the first row beneath them."""
        sheet = self.book.add_worksheet(self._free_name(name), _Sheet)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.set_header(f"&L{_ampersands(self.title)}&R&B{_ampersands(' '.join(self.stamps)[:150])}")
        sheet.set_footer(f"&L&A&R{self.page}")
        sheet.hide_gridlines(2)
        self.put(sheet, 0, 0, Cell(heading, Look(bold=True, size=14, border=False)))
        for row, stamp in enumerate(self.stamps, start=1):
            self.put(sheet, row, 0, Cell(stamp, STAMP))
        return sheet, 1 + len(self.stamps)

    def table(
        self,
        name: str,
        heading: str,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Drawn]],
        *,
        notes: Sequence[str] = (),
        foot: Sequence[Sequence[Drawn]] = (),
        freeze: int = 2,
    ) -> None:
        """A sheet with one table: head frozen, filtered and repeated on every printed page.

        Parameters
        ----------
        name, heading : str
            Of the sheet.
        columns : sequence of Column
            Heads and widths.
        rows : iterable of sequence of Cell
            The cells; taken a row at a time.
        notes : sequence of str, optional
            Lines between the heading and the table.
        foot : sequence of sequence of Cell, optional
            Rows beneath the table, outside the filter.
        freeze : int, optional
            How many columns stay in sight.
        """
        sheet, top = self.add(name, heading)
        for note in notes:
            self.put(sheet, top, 0, Cell(note, Look(quiet=True, border=False)))
            top += 1
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            self.put(sheet, top, place, Cell(column.head, HEAD))
        deepest = max((_lines(column.head, column.width) for column in columns), default=1)
        sheet.set_row(top, 15 * min(deepest, 6) + 3)
        last, letters = top, [xl_col_to_name(place) for place in range(len(columns))]
        for last, cells in enumerate(rows, start=top + 1):
            deepest = self._put_row(sheet, last, cells, columns, letters)
            if deepest > 1:
                sheet.set_row(last, 15 * deepest)
        if last > top:
            sheet.autofilter(top, 0, last, len(columns) - 1)
        for number, cells in enumerate(foot, start=last + 2):
            for place, cell in enumerate(cells):
                self.put(sheet, number, place, cell)
        sheet.freeze_panes(top + 1, freeze)
        sheet.repeat_rows(top)

    def frame(
        self,
        name: str,
        heading: str,
        frame: pd.DataFrame,
        heads: Mapping[str, str],
        cell: Callable[[str, Mapping[Hashable, Any]], Cell],
        width: Callable[[str, list[Cell]], float],
    ) -> None:
        """A sheet with the rows of a frame.

        Parameters
        ----------
        name, heading : str
            Of the sheet.
        frame : DataFrame
            Its rows are the sheet's.
        heads : mapping
            The columns that are shown, and their words.
        cell : callable
            The cell of a column in a row.
        width : callable
            The width of a column by its cells.
        """
        rows = [[cell(column, row) for column in heads] for row in frame.to_dict("records")]
        columns = [
            Column(head, width(column, [row[place] for row in rows]))
            for place, (column, head) in enumerate(heads.items())
        ]
        self.table(name, heading, columns, rows)

    def _free_name(self, name: str) -> str:
        """A name that Excel takes: 31 characters, none of ``[]:*?/\\``, unlike every other."""
        clean = "".join("-" if letter in "[]:*?/\\" else letter for letter in name).strip("'")[:31] or "-"
        number, free = 2, clean
        while free.lower() in self._names:
            tail = f" {number}"
            free, number = clean[: 31 - len(tail)] + tail, number + 1
        self._names.add(free.lower())
        return free


@contextlib.contextmanager
def open_book(results: BookResults, path: str | Path, title: str, page: str = "&P / &N") -> Iterator[Book]:
    """A workbook to write sheets to, which takes the place of `path` when the block ends without an error.

    Parameters
    ----------
    results : BookResults
        Whose stamps stand on every sheet, and whose date the file carries.
    path : str or Path
        The file.
    title : str
        What stands at the head of every page.
    page : str, optional
        The foot of each printed page, in Excel's codes.

    Raises
    ------
    OutputInUse
        The file is open in another program; it is left as it was.
    """
    stamped = stamp_texts(results)
    with atomic_file(path) as draft:
        properties = {"title": title, "created": results.file_date, "comments": " ".join(stamped)}
        file = new_book(str(draft), properties)
        yield Book(file, title, stamped, page)
        file.close()


def new_book(path: str, properties: Mapping[str, Any]) -> Any:
    """A workbook that keeps text as text and carries no date but the one in `properties`."""
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(path, options)
    book.set_properties(dict(properties))
    return book


def _writable(text: str) -> str:
    """Text as a file can hold it, no longer than a cell takes."""
    return (text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8"))[:_LONGEST]


def missing(value: Any) -> bool:
    """Whether there is no value: None, NaN or pandas' NA."""
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


@functools.cache
def category_look(colour: str, stripes: str | None = None) -> Look:
    """The look of a category's word on the model's colour, with slanting stripes in another one or none."""
    return Look(fill=colour, stripes=stripes, wrap=True, indent=1)


def width_of(texts: Sequence[str], least: float = 8, most: float = 40) -> float:
    """A width that shows the longest of `texts`, within bounds."""
    return min(max([least, *(len(text) + 2 for text in texts)]), most)


def _lines(text: str, width: float) -> int:
    """About how many lines a wrapped text takes in a column, its filter button counted."""
    lines, room = 1, 0.0
    for part in text.split():
        if room and room + 1 + len(part) > width - 2:
            lines, room = lines + 1, float(len(part))
        else:
            room += len(part) + (1 if room else 0)
    return lines


def _ampersands(text: str) -> str:
    return text.replace("&", "&&")
