"""What a workbook's sheet says besides its values: hidden rows and columns, merged cells, errors, cells in per cent.

Read from the XML in the zip of ``.xlsx`` and ``.xlsm`` files, and of ``.ods`` files what is shown in per cent; other
workbooks (``.xls``, ``.xlsb``) tell nothing of it. A file is opened once, and a sheet that holds nothing of the kind is
not parsed.

A spreadsheet's user sees what the number format makes of a value (0.25 in the file, 25 % on the screen), and that is
what they mean. The library that reads the values does not tell the formats.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Self
from xml.etree import ElementTree
from xml.parsers import expat

from geo_bosoc.registers.tables.text import PercentFormat

_XLSX: Final = (".xlsx", ".xlsm")
_ODS: Final = ".ods"
_CHUNK: Final = 1 << 20
_SPEAKS: Final = re.compile(rb"hidden\s*=|mergeCell[\s>]|t\s*=\s*[\"']e[\"']|<(?:\w+:)?f[\s/>]")
"""What a sheet's XML holds where there is something to tell besides number formats."""
_OVERLAP: Final = 32
_BROKEN_BYTES: Final = (zipfile.BadZipFile, zlib.error, EOFError)
_UNREADABLE: Final = (
    *(ElementTree.ParseError, expat.ExpatError, KeyError, IndexError, OSError, ValueError),
    *(NotImplementedError, RuntimeError),  # ways of packing that the standard library does not know
)

_PERCENT_FORMATS: Final = (9, 10)
"""Excel's own formats ``0%`` and ``0.00%``."""
_QUOTED: Final = re.compile(r'"[^"]*"')
_ESCAPED: Final = re.compile(r"\\.|_.|\*.")
_MOST_REPEATS: Final = 20_000
"""More cells than these that a spreadsheet writes as one are its empty rest."""


@dataclass
class SheetLayout:
    """What a sheet tells of its cells. Row numbers are the sheet's, from 1; columns are counted from 0.

    Attributes
    ----------
    hidden_rows : list of int
        Their numbers.
    hidden_columns : list of tuple of int
        First and last column of each range.
    merged : list of tuple of int
        Ranges of cells that are one: first row, first column, last row, last column.
    errors : list of tuple
        Row, column and word (``#DIV/0!``) of cells that hold an error.
    unsaved : list of tuple of int
        Row and column of formulas whose value the file does not hold.
    percent : dict of int to dict
        By column, the row numbers of cells that are shown in per cent, and how each is shown.
    """

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    unsaved: list[tuple[int, int]] = field(default_factory=list)
    percent: dict[int, dict[int, PercentFormat]] = field(default_factory=dict)

    def counted_from(self, first: int) -> SheetLayout:
        """The same with columns counted from another one than the sheet's first."""
        return SheetLayout(
            self.hidden_rows,
            [(start - first, end - first) for start, end in self.hidden_columns],
            [(top, left - first, bottom, right - first) for top, left, bottom, right in self.merged],
            [(row, column - first, word) for row, column, word in self.errors],
            [(row, column - first) for row, column in self.unsaved],
            {column - first: formats for column, formats in self.percent.items()},
        )

    def hides(self, column: int) -> bool:
        """Whether a column is hidden."""
        return any(start <= column <= end for start, end in self.hidden_columns)

    def merged_down(self, column: int) -> list[tuple[int, int]]:
        """First and last row of each range of several rows that begins in a column."""
        return [(top, bottom) for top, left, bottom, _ in self.merged if left == column and bottom > top]


class WorkbookXml:
    """The XML of a workbook, opened once; to be used in a ``with`` statement.

    Attributes
    ----------
    hidden : dict of str to bool, or None
        The sheets by name, in order, and whether each is hidden; None where the file does not tell.

    Raises
    ------
    zipfile.BadZipFile
        The file's bytes are not those that were written.
    """

    def __init__(self, file: Path) -> None:
        self.hidden: dict[str, bool] | None = None
        self._kind = file.suffix.lower()
        self._parts: dict[str, str] = {}
        self._zip: zipfile.ZipFile | None = None
        if self._kind not in (*_XLSX, _ODS):
            return
        try:
            self._zip = zipfile.ZipFile(file)
            if self._kind in _XLSX:
                sheets = _sheets(self._zip)
                self.hidden = {name: hidden for name, (hidden, _) in sheets.items()}
                self._parts = {name: part for name, (_, part) in sheets.items()}
        except _BROKEN_BYTES as error:
            self._close()
            if self._kind in _XLSX:
                raise zipfile.BadZipFile from error
        except _UNREADABLE:
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._zip is not None:
            self._zip.close()
            self._zip = None

    def layout(self, sheet: str, *, percent: bool) -> SheetLayout:
        """What the file tells of a sheet; nothing where it does not tell.

        Parameters
        ----------
        sheet : str
            Its name.
        percent : bool
            Whether to look for cells that are shown in per cent as well.

        Raises
        ------
        zipfile.BadZipFile
            The sheet's bytes are not those that were written.
        """
        if self._zip is None:
            return SheetLayout()
        try:
            if self._kind == _ODS:
                return SheetLayout(percent=_ods_percent_cells(self._zip, sheet) if percent else {})
            part = self._parts[sheet]
            styles: dict[str, PercentFormat] = {}
            if percent:
                with contextlib.suppress(*_BROKEN_BYTES, *_UNREADABLE):  # formats that are no reason to stop
                    styles = _percent_styles(self._zip)
            if not styles and not any(_SPEAKS.search(piece) for piece in _overlapping(self._zip, part)):
                return SheetLayout()
            parser = _SheetParser(styles)
            with self._zip.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    parser.parse(chunk)
            return parser.layout
        except _BROKEN_BYTES as error:
            if self._kind in _XLSX:
                raise zipfile.BadZipFile from error
            return SheetLayout()
        except _UNREADABLE:
            return SheetLayout()


def percent_format(code: str) -> PercentFormat | None:
    """What a format makes of a number: ``times_100`` where it is shown as 25 for 0.25, ``as_is`` where a per cent sign
    stands behind the value itself.

    >>> percent_format("0.0%"), percent_format('0.0" %"'), percent_format("#,##0"), percent_format("0%;[Red]-0%")
    ('times_100', 'as_is', None, 'times_100')
    """
    bare = _ESCAPED.sub("", _QUOTED.sub("", code))
    if "%" in bare:
        return "times_100"
    return "as_is" if "%" in code else None


def _sheets(book: zipfile.ZipFile) -> dict[str, tuple[bool, str]]:
    """Whether each sheet is hidden, and the part of the file that holds it."""
    targets = {}
    for relation in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels")):
        target = relation.get("Target", "")
        absolute = target.startswith("/")
        targets[relation.get("Id")] = target.lstrip("/") if absolute else posixpath.normpath(f"xl/{target}")
    sheets = {}
    for element in ElementTree.fromstring(book.read("xl/workbook.xml")).iter():
        if _name(element.tag) == "sheet":
            hidden = element.get("state", "visible").lower() != "visible"
            sheets[element.get("name", "")] = hidden, targets[_attribute(element, "id")]
    return sheets


def _percent_styles(book: zipfile.ZipFile) -> dict[str, PercentFormat]:
    """The numbers of cell styles that show per cent."""
    root = ElementTree.fromstring(book.read("xl/styles.xml"))
    formats: dict[int, PercentFormat] = dict.fromkeys(_PERCENT_FORMATS, "times_100")
    for element in root.iter():
        if _name(element.tag) == "numFmt":
            percent = percent_format(element.get("formatCode") or "")
            number = int(element.get("numFmtId") or -1)
            formats.pop(number, None)
            if percent is not None:
                formats[number] = percent
    cell_styles = next((element for element in root if _name(element.tag) == "cellXfs"), None)
    styles: dict[str, PercentFormat] = {}
    for style, element in enumerate(cell_styles if cell_styles is not None else ()):
        number = int(element.get("numFmtId") or 0)
        if number in formats:
            styles[str(style)] = formats[number]
    return styles


def _overlapping(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The part's bytes in pieces, each with the end of the piece before."""
    end = b""
    with book.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            yield end + chunk
            end = chunk[-_OVERLAP:]


class _SheetParser:
    """Takes a sheet's elements, each as it comes; `percent_styles` are the numbers of styles that show per cent."""

    def __init__(self, percent_styles: Mapping[str, PercentFormat]) -> None:
        self.layout = SheetLayout()
        self._percent_styles = percent_styles
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._row = self._column = 0
        self._kind = self._style = self._value = ""
        self._has_formula = self._has_value = self._in_value = False

    def parse(self, chunk: bytes) -> None:
        """The next piece of the sheet's XML."""
        self._parser.Parse(chunk, False)

    def _start(self, tag: str, attributes: dict[str, Any]) -> None:
        name = _name(tag)
        if name == "c":
            reference = attributes.get("r")
            self._column = _column(reference) if reference else self._column + 1
            self._kind, self._style, self._value = attributes.get("t", "n"), attributes.get("s", "0"), ""
            self._has_formula = self._has_value = False
        elif name in ("v", "is"):
            self._in_value = self._has_value = True
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.layout.hidden_rows.append(self._row)
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            self.layout.hidden_columns.append((int(attributes["min"]) - 1, int(attributes["max"]) - 1))
        elif name == "mergeCell":
            start, _, end = attributes["ref"].partition(":")
            end = end or start
            self.layout.merged.append((_row(start), _column(start), _row(end), _column(end)))

    def _text(self, text: str) -> None:
        if self._in_value:
            self._value += text

    def _end(self, tag: str) -> None:
        name = _name(tag)
        if name in ("v", "is"):
            self._in_value = False
        elif name == "c":
            if self._kind == "e":
                self.layout.errors.append((self._row, self._column, self._value.strip()))
            elif self._has_formula and not self._value and self._kind not in ("str", "s", "inlineStr"):
                self.layout.unsaved.append((self._row, self._column))
            if self._has_value and self._kind == "n" and self._style in self._percent_styles:
                formats = self.layout.percent.setdefault(self._column, {})
                formats[self._row] = self._percent_styles[self._style]


def _ods_percent_cells(book: zipfile.ZipFile, sheet: str) -> dict[int, dict[int, PercentFormat]]:
    """The cells of an OpenDocument sheet that are shown in per cent, as in `SheetLayout`."""
    cells: dict[int, dict[int, PercentFormat]] = {}
    with book.open("content.xml") as stream:
        for table in _elements(stream, "table"):
            if _attribute(table, "name") != sheet:
                continue
            row = 0
            for line in table.iter():
                if _name(line.tag) != "table-row":
                    continue
                repeats = int(_attribute(line, "number-rows-repeated") or 1)
                first = 0
                for cell in line:
                    if _name(cell.tag) not in ("table-cell", "covered-table-cell"):
                        continue
                    across = int(_attribute(cell, "number-columns-repeated") or 1)
                    if _attribute(cell, "value-type") == "percentage" and across * repeats <= _MOST_REPEATS:
                        for column in range(first, first + across):
                            formats = cells.setdefault(column, {})
                            formats.update((row + repeat, "times_100") for repeat in range(1, repeats + 1))
                    first += across
                row += repeats
    return cells


def _name(tag: str) -> str:
    """An XML tag without its namespace, which differs between dialects."""
    return tag.rpartition("}")[2]


def _attribute(element: ElementTree.Element, name: str) -> str | None:
    return next((value for key, value in element.attrib.items() if _name(key) == name), None)


def _elements(stream: IO[bytes], name: str) -> Iterator[ElementTree.Element]:
    """The elements of this name, each forgotten when the next is asked for."""
    for _, element in ElementTree.iterparse(stream):
        if _name(element.tag) == name:
            yield element
            element.clear()


def _column(reference: str) -> int:
    """The column of a cell's reference, from 0.

    >>> _column("A1"), _column("AB12")
    (0, 27)
    """
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = 26 * number + ord(letter.upper()) - 64
    return number - 1


def _row(reference: str) -> int:
    return int(re.sub(r"\D", "", reference))
