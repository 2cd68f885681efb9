"""One sheet of a workbook: cells with a look, a head that is frozen and filtered, ready to print on A4."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import pandas as pd
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from geo_bosoc.outputs.workbook.looks import (
    HEAD,
    HEADING,
    HEADLINE,
    INDENTED_PLAIN,
    NOTE,
    STAMP,
    TEXT,
    WRAPPED_PLAIN,
    Look,
)
from geo_bosoc.outputs.workbook.printed_page import (
    LETTERS,
    LINE,
    head_lines,
    printed_page,
    set_up,
    text_lines,
    widest_word,
)

_HIGHEST_ROW: Final = 409.0
"""Points of the highest row that Excel takes."""
LAST_ROW: Final = 1_048_576
"""Rows of a sheet."""
_LONGEST: Final = 32_000
_PLAIN_LENGTH: Final = 16_000
"""Up to so many letters no text is too long for a cell, whatever the letters."""
_LOWEST, _HIGHEST = float("-inf"), float("inf")


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


@dataclass
class Book:
    """A workbook being written: its formats, and what stands on every sheet.

    Attributes
    ----------
    book : xlsxwriter.Workbook
        The file.
    title : str
        What stands at the head of every page.
    stamps : sequence of str
        What the file must say of itself: on every sheet and every page.
    page : str
        The right of each page's foot, in Excel's codes.
    source : str, optional
        The left of it: where the figures come from.
    """

    book: Any
    title: str
    stamps: Sequence[str]
    page: str
    source: str = ""
    _formats: dict[Look, Any] = field(default_factory=dict)
    _seen: dict[int, tuple[Look, Any, str]] = field(default_factory=dict)
    _wrapped: dict[int, tuple[Look, Look]] = field(default_factory=dict)
    _heights: dict[int, float] = field(default_factory=dict)
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
        """Write a row as one text, but for cells that are seldom met; how many lines its deepest text takes.

        Text that is wider than its column is wrapped: it never stands over the next cell, nor is it cut.
        """
        deepest, first, last = 1, 0, -1
        widths = [column.width for column in columns]
        run: list[str] = []
        for place, (value, look) in enumerate(cells):
            kind = type(value)
            if (
                kind is str
                and len(value) > 0.8 * widths[place]
                and not look.wrap
                and (lines_in(value, widths[place], look) > 1)
            ):
                look = self._wrapping(look)
            if kind is str and 0 < len(value) <= _PLAIN_LENGTH:
                index = sheet.str_table._get_shared_string_index(_writable(value))
                content = f'" t="s"><v>{index}</v></c>'
                if look.wrap:
                    deepest = max(deepest, lines_in(value, widths[place], look))
            elif (kind is float or kind is int) and _LOWEST < value < _HIGHEST:
                content = f'"><v>{value:.16G}</v></c>'
            elif missing(value) or value == "":
                if not look.border and not look.fill:
                    continue
                content = '"/>'
            else:
                if look.wrap and kind is str:
                    deepest = max(deepest, lines_in(value, widths[place], look))
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

    def _wrapping(self, look: Look) -> Look:
        """The same look, in as many lines as the text needs."""
        if id(look) not in self._wrapped:
            self._wrapped[id(look)] = (look, replace(look, wrap=True))
        return self._wrapped[id(look)][1]

    def _add(self, name: str, heading: str, notes: Sequence[str], widths: Sequence[float]) -> tuple[Any, int]:
        """A new sheet with its heading, stamps and notes across its columns; the first row beneath them."""
        sheet = self.book.add_worksheet(self._free_name(name), _Sheet)
        sheet.hide_gridlines(2)
        self._heights = {}
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        lines = [
            (heading, HEADING),
            *((stamp, STAMP) for stamp in self.stamps),
            *((note, NOTE) for note in notes),
        ]
        for row, (text, look) in enumerate(lines):
            across = sum(widths) * LETTERS / look.size
            deep = text_lines(text, across)
            if deep > 1 and len(widths) > 1:
                sheet.merge_range(row, 0, row, len(widths) - 1, "", self.look(self._wrapping(look)))
            self.put(sheet, row, 0, (text, self._wrapping(look) if deep > 1 else look))
            self._set_height(sheet, row, LINE * deep * look.size / LETTERS + 1)
        return sheet, len(lines)

    def _set_height(self, sheet: Any, row: int, points: float) -> None:
        """Make a row of the sheet that is being written higher than others."""
        self._heights[row] = min(points, _HIGHEST_ROW)
        sheet.set_row(row, self._heights[row])

    def _print(
        self,
        sheet: Any,
        widths: Sequence[float],
        rows: int,
        *,
        repeated: int = 0,
        single: bool = False,
        heading: str = "",
        top: int = 0,
        first: int = 0,
    ) -> None:
        """Set up the printing of a sheet of so many rows, from `first` on.

        Of one that is several pages across, or begins further down, `heading` stands at the head of each page, in the
        place of the rows above `top`.
        """
        stamps = [stamp.partition(". ")[0] for stamp in self.stamps]
        heights = [height for row, height in self._heights.items() if row >= first]
        height = sum(heights) + LINE * (rows - first - len(heights))
        page = printed_page(widths, height, repeated, single=single, lines_above=1 + len(stamps))
        is_headed = bool(heading and (page.breaks or first))
        head = [heading if is_headed else self.title, *stamps]
        set_up(sheet, page, head, (f" · {self.source}" if self.source else "", self.page), repeated)
        sheet.print_area(first or (top if is_headed else 0), 0, max(rows - 1, 0), len(widths) - 1)

    def text_sheet(self, name: str, heading: str, lines: Iterable[tuple[str, str, bool]]) -> None:
        """A sheet of text: what stands to the left and right of each line, and whether the left is a heading.

        Parameters
        ----------
        name, heading : str
            Of the sheet.
        lines : iterable of (str, str, bool)
            The lines, in order.
        """
        lines = list(lines)
        widths = (26.0 if any(left for left, *_ in lines) else 2.0, 88.0)
        sheet, top = self._add(name, heading, (), widths)
        row = top
        for row, (left, right, bold) in enumerate(lines, start=top + 1):
            self.put(sheet, row, 0, (left, HEADLINE if bold else WRAPPED_PLAIN))
            self.put(sheet, row, 1, (right, INDENTED_PLAIN))
            deep = max(
                1 if bold else lines_in(left, widths[0], WRAPPED_PLAIN),
                lines_in(right, widths[1], INDENTED_PLAIN),
            )
            if deep > 1:
                self._set_height(sheet, row, LINE * deep)
        self._print(sheet, widths, row + 1)

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
        single: bool = False,
        unprinted: int = 0,
    ) -> None:
        """A sheet with one table: head frozen, filtered and repeated on every printed page.

        Columns are as wide as the longest word of their heads, so that none is broken.

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
            How many columns stay in sight, and begin each page where there are several across.
        single : bool, optional
            Whether it should print on one page, if letters can still be read.
        unprinted : int, optional
            How many of the first rows are not printed.
        """
        columns = [Column(column.head, max(column.width, widest_word(column.head))) for column in columns]
        widths = [column.width for column in columns]
        sheet, top = self._add(name, heading, notes, widths)
        for place, column in enumerate(columns):
            self.put(sheet, top, place, (column.head, HEAD))
        deepest = max((head_lines(column.head, column.width) for column in columns), default=1)
        self._set_height(sheet, top, LINE * deepest + 3)
        last, letters = top, [xl_col_to_name(place) for place in range(len(columns))]
        for last, cells in enumerate(rows, start=top + 1):
            deepest = self._put_row(sheet, last, cells, columns, letters)
            if deepest > 1:
                self._set_height(sheet, last, LINE * deepest)
        if last > top:
            sheet.autofilter(top, 0, last, len(columns) - 1)
        for last, cells in enumerate(foot, start=last + 2):  # noqa: B020
            deepest = self._put_row(sheet, last, cells, columns, letters)
            if deepest > 1:
                self._set_height(sheet, last, LINE * deepest)
        sheet.freeze_panes(top + 1, freeze)
        sheet.repeat_rows(top)
        self._print(
            sheet,
            widths,
            last + 1,
            repeated=freeze,
            single=single,
            heading=heading,
            top=top,
            first=top + 1 + unprinted if unprinted else 0,
        )

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


def lines_in(text: str, width: float, look: Look) -> int:
    """The lines that a text takes in a column."""
    return text_lines(text, width - 0.6 - 1.3 * look.indent)


def _writable(text: str) -> str:
    """Text as a file can hold it, no longer than a cell takes."""
    return (text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8"))[:_LONGEST]


def missing(value: Any) -> bool:
    """Whether there is no value: None, NaN or pandas' NA."""
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)
