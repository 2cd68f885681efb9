"""What a workbook's sheet says besides its values: hidden rows and columns, merged cells, errors, formulas unsaved.

Read from the XML in the zip of ``.xlsx`` and ``.xlsm`` files; other workbooks tell nothing of it. A sheet that holds
none of these words is not parsed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree
from xml.parsers import expat

_ZIPPED: Final = (".xlsx", ".xlsm")
_CHUNK: Final = 1 << 20
_SPEAKS: Final = re.compile(rb"hidden\s*=|mergeCell[\s>]|t\s*=\s*[\"']e[\"']|<(?:\w+:)?f[\s/>]")
_OVERLAP: Final = 32
_BROKEN_BYTES: Final = (zipfile.BadZipFile, zlib.error, EOFError)
_UNREADABLE: Final = (
    *(ElementTree.ParseError, expat.ExpatError, KeyError, IndexError, OSError, ValueError),
    *(NotImplementedError, RuntimeError),  # ways of packing that the standard library does not know
)


@dataclass
class SheetLayout:
    """Row numbers are the sheet's, from 1; columns are counted from 0.

    Attributes
    ----------
    hidden_columns : first and last column of each range.
    merged : ranges of cells that are one: first row, first column, last row, last column.
    errors : row, column and word (``#DIV/0!``) of cells that hold an error.
    unsaved : row and column of formulas whose value the file does not hold.
    """

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    unsaved: list[tuple[int, int]] = field(default_factory=list)

    def counted_from(self, first: int) -> SheetLayout:
        """The same with columns counted from another one than the sheet's first."""
        return SheetLayout(
            self.hidden_rows,
            [(start - first, end - first) for start, end in self.hidden_columns],
            [(top, left - first, bottom, right - first) for top, left, bottom, right in self.merged],
            [(row, column - first, word) for row, column, word in self.errors],
            [(row, column - first) for row, column in self.unsaved],
        )

    def hides(self, column: int) -> bool:
        """Whether a column is hidden."""
        return any(start <= column <= end for start, end in self.hidden_columns)

    def merged_down(self, column: int) -> list[tuple[int, int]]:
        """First and last row of each range of several rows that begins in a column."""
        return [(top, bottom) for top, left, bottom, _ in self.merged if left == column and bottom > top]


def hidden_sheets(file: Path) -> dict[str, bool] | None:
    """The sheets by name, in order, and whether each is hidden; None where the file does not tell."""
    if file.suffix.lower() not in _ZIPPED:
        return None
    try:
        with zipfile.ZipFile(file) as book:
            return {name: hidden for name, (hidden, _) in _sheets(book).items()}
    except (*_BROKEN_BYTES, *_UNREADABLE):
        return None


def sheet_layout(file: Path, sheet: str) -> SheetLayout | None:
    """A sheet's layout; None where the file does not tell.

    Raises
    ------
    zipfile.BadZipFile
        The sheet's bytes are not those that were written.
    """
    if file.suffix.lower() not in _ZIPPED:
        return None
    try:
        with zipfile.ZipFile(file) as book:
            _, part = _sheets(book)[sheet]
            if not any(_SPEAKS.search(piece) for piece in _overlapping(book, part)):
                return SheetLayout()
            reader = _Reader()
            with book.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    reader.parser.Parse(chunk, False)
            return reader.found
    except _BROKEN_BYTES as error:
        raise zipfile.BadZipFile from error
    except _UNREADABLE:
        return None


def _sheets(book: zipfile.ZipFile) -> dict[str, tuple[bool, str]]:
    """Whether each sheet is hidden, and the part of the file that holds it."""
    targets = {}
    for relation in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels")):
        target = relation.get("Target", "")
        targets[relation.get("Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    sheets = {}
    for item in ElementTree.fromstring(book.read("xl/workbook.xml")).iter():
        if item.tag.rpartition("}")[2] == "sheet":
            link = next((value for key, value in item.attrib.items() if key.endswith("}id")), None)
            hidden = item.get("state", "visible").lower() != "visible"
            sheets[item.get("name", "")] = hidden, targets[link]
    return sheets


def _overlapping(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The part's bytes in pieces, each with the end of the one before."""
    end = b""
    with book.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            yield end + chunk
            end = chunk[-_OVERLAP:]


class _Reader:
    """Takes a sheet's elements one by one."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.found = SheetLayout()
        self.row = self.column = 0
        self.kind = ""
        self.formula = self.in_value = False
        self.value = ""

    def _start(self, tag: str, attributes: dict[str, Any]) -> None:
        name = tag.rpartition("}")[2]
        if name == "c":
            reference = attributes.get("r")
            self.column = _column(reference) if reference else self.column + 1
            self.kind, self.formula, self.value = attributes.get("t", "n"), False, ""
        elif name in ("v", "is"):
            self.in_value = True
        elif name == "f":
            self.formula = True
        elif name == "row":
            self.row = int(attributes.get("r") or self.row + 1)
            self.column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.found.hidden_rows.append(self.row)
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            self.found.hidden_columns.append((int(attributes["min"]) - 1, int(attributes["max"]) - 1))
        elif name == "mergeCell":
            start, _, end = attributes["ref"].partition(":")
            end = end or start
            self.found.merged.append((_row(start), _column(start), _row(end), _column(end)))

    def _text(self, text: str) -> None:
        if self.in_value:
            self.value += text

    def _end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if name in ("v", "is"):
            self.in_value = False
        elif name == "c":
            if self.kind == "e":
                self.found.errors.append((self.row, self.column, self.value.strip()))
            elif self.formula and not self.value and self.kind not in ("str", "s", "inlineStr"):
                self.found.unsaved.append((self.row, self.column))


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
