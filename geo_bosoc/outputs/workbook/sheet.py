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
from xlsxwriter.worksheet import Worksheet

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import Stamped, stamp_texts
from geo_bosoc.text.colours import lightness

LAST_ROW: Final = 1_048_576
"""Rows of a sheet."""
_LONGEST: Final = 32_000
_LIGHT_UP: Final = 14
"""Thin stripes from lower left to upper right, among Excel's patterns of fills."""
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
    _seen: dict[int, tuple[Look, Any]] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def look(self, look: Look) -> Any:
        """The workbook's format for a look."""
        drawn = self._seen.get(id(look))
        if drawn is None:
            if look not in self._formats:
                self._formats[look] = self.book.add_format(look.properties())
            drawn = self._seen[id(look)] = (look, self._formats[look])
        return drawn[1]

    def put(self, sheet: Any, row: int, column: int, cell: Drawn) -> None:
        """Write a cell: text as text (never a formula or a link), numbers as numbers, nothing as blank."""
        value, look = cell
        seen = self._seen.get(id(look))
        cell_format = seen[1] if seen is not None else self.look(look)
        if type(value) is str and value:
            text = value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
            _write_string(sheet, row, column, text[:_LONGEST], cell_format)
        elif missing(value) or value == "":
            if look.border or look.fill:
                sheet.write_blank(row, column, None, cell_format)
        else:
            _write_number(sheet, row, column, value, cell_format)

    def add(self, name: str, heading: str) -> tuple[Any, int]:
        """A new sheet with its heading and stamps; the sheet, and the first row beneath them."""
        sheet = self.book.add_worksheet(self._free_name(name))
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
        last = top
        for last, cells in enumerate(rows, start=top + 1):
            deepest = 1
            for place, cell in enumerate(cells):
                value, look = cell
                if type(value) is float:  # most cells by far: without asking what they are
                    if value == value:
                        seen = self._seen.get(id(look))
                        cell_format = seen[1] if seen is not None else self.look(look)
                        _write_number(sheet, last, place, value, cell_format)
                        continue
                    if not look.border and not look.fill:
                        continue
                self.put(sheet, last, place, cell)
                if look.wrap and isinstance(value, str):
                    deepest = max(deepest, _lines(value, columns[place].width + 1))
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
