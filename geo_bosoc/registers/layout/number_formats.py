"""Which cells of a workbook are shown in per cent: 0.25 in the file, 25 % on the screen.

A spreadsheet's user sees what the number format makes of a value, and that is what they mean. The library that reads
the values does not tell the formats; they are read here from the workbook's own parts (``.xlsx``, ``.xlsm``, ``.ods``).
Of other kinds (``.xls``, ``.xlsb``) nothing is known, and a column that might be either is asked about.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Literal
from xml.etree import ElementTree

import polars as pl

from geo_bosoc.registers.layout.percent import PublishedResults, with_signs
from geo_bosoc.registers.sources import ROW
from geo_bosoc.registers.spec import RegisterSpec

_BUILT_IN: Final = (9, 10)
"""Excel's own formats ``0%`` and ``0.00%``."""

_QUOTED: Final = re.compile(r'"[^"]*"')
_ESCAPED: Final = re.compile(r"\\.|_.|\*.")
_CELL: Final = re.compile(r"([A-Z]+)(\d+)")
_MOST_REPEATS: Final = 20_000


@dataclass
class PercentCells:
    """Cells that are shown in per cent.

    Attributes
    ----------
    cells : by column (from 0, column A), the row numbers and how each is shown.
    """

    cells: dict[int, dict[int, PublishedResults]] = field(default_factory=dict)


def as_shown(
    frame: pl.DataFrame, file: Path, sheet: str, spec: RegisterSpec, *, left: int = 0
) -> pl.DataFrame:
    """A sheet's columns (``c0``, ``c1`` ...), cells that are shown in per cent as text with the sign.

    ``c0`` is the sheet's column `left` (from 0, column A), where its table begins. Sheets of registers that name no
    percentages and no shares stay as they are.
    """
    if not spec.fractions:
        return frame
    cells = percent_cells(file, sheet).cells
    columns = [
        with_signs(frame[name], frame[ROW], cells[left + int(name[1:])])
        for name in frame.columns
        if name != ROW and left + int(name[1:]) in cells
    ]
    return frame.with_columns(columns)


def percent_cells(file: Path, sheet: str) -> PercentCells:
    """The cells with numbers in a sheet that are shown in per cent; none where the kind of file does not tell."""
    try:
        if file.suffix.lower() in (".xlsx", ".xlsm"):
            return _of_xlsx(file, sheet)
        if file.suffix.lower() == ".ods":
            return _of_ods(file, sheet)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile, ElementTree.ParseError):
        return PercentCells()  # the values could be read: a format that cannot is no reason to stop
    return PercentCells()


def percent_format(code: str) -> PublishedResults | None:
    """What a format makes of a number: ``times_100`` where it is shown as 25 for 0.25, ``as_is`` where a per cent sign
    stands behind the value itself.

    >>> percent_format("0.0%"), percent_format('0.0" %"'), percent_format("#,##0"), percent_format("0%;[Red]-0%")
    ('times_100', 'as_is', None, 'times_100')
    """
    bare = _ESCAPED.sub("", _QUOTED.sub("", code))
    if "%" in bare:
        return "times_100"
    return "as_is" if "%" in code else None


def _name(tag: str) -> str:
    """An XML tag without its namespace, which differs between dialects."""
    return tag.rpartition("}")[2]


def _attribute(element: ElementTree.Element, name: str) -> str | None:
    return next((value for key, value in element.attrib.items() if _name(key) == name), None)


def _elements(stream: IO[bytes], *names: str) -> Iterator[ElementTree.Element]:
    """The elements of these names, each forgotten when the next is asked for."""
    for _, element in ElementTree.iterparse(stream):
        if _name(element.tag) in names:
            yield element
            element.clear()


def _of_xlsx(file: Path, sheet: str) -> PercentCells:
    with zipfile.ZipFile(file) as book:
        styles = _percent_styles(book)
        if not styles:
            return PercentCells()
        found = PercentCells()
        row = at = 0
        with book.open(_sheet_part(book, sheet)) as stream:
            for event, element in ElementTree.iterparse(stream, events=("start", "end")):
                name = _name(element.tag)
                if event == "start" and name == "row":
                    row, at = int(element.get("r") or row + 1), 0
                if event == "end" and name == "c":
                    place = _CELL.fullmatch(element.get("r") or "")
                    at = _column(place[1]) + 1 if place else at + 1
                    line = int(place[2]) if place else row
                    filled = any(_name(part.tag) in ("v", "is") for part in element)
                    shown = styles.get(element.get("s") or "0")
                    if filled and shown is not None and element.get("t") in (None, "n"):
                        found.cells.setdefault(at - 1, {})[line] = shown
                if event == "end" and name == "row":
                    element.clear()
    return found


def _percent_styles(book: zipfile.ZipFile) -> dict[str, PublishedResults]:
    """The numbers of cell styles that show per cent."""
    if "xl/styles.xml" not in book.namelist():
        return {}
    with book.open("xl/styles.xml") as stream:
        root = ElementTree.parse(stream).getroot()
    formats: dict[int, PublishedResults] = dict.fromkeys(_BUILT_IN, "times_100")
    for element in root.iter():
        if _name(element.tag) == "numFmt":
            shown = percent_format(element.get("formatCode") or "")
            number = int(element.get("numFmtId") or -1)
            formats.pop(number, None)
            if shown is not None:
                formats[number] = shown
    cell_styles = next((element for element in root if _name(element.tag) == "cellXfs"), None)
    styles: dict[str, PublishedResults] = {}
    for at, element in enumerate(cell_styles if cell_styles is not None else ()):
        number = int(element.get("numFmtId") or 0)
        if number in formats:
            styles[str(at)] = formats[number]
    return styles


def _sheet_part(book: zipfile.ZipFile, sheet: str) -> str:
    """The part of the package that holds a sheet."""
    with book.open("xl/workbook.xml") as stream:
        sheets = {
            element.get("name"): _attribute(element, "id")
            for element in ElementTree.parse(stream).getroot().iter()
            if _name(element.tag) == "sheet"
        }
    with book.open("xl/_rels/workbook.xml.rels") as stream:
        targets = {
            element.get("Id"): element.get("Target") or "" for element in ElementTree.parse(stream).getroot()
        }
    target = targets[sheets[sheet]]
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def _column(letters: str) -> int:
    """A column's number from 0.

    >>> _column("A"), _column("Z"), _column("AA")
    (0, 25, 26)
    """
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def _of_ods(file: Path, sheet: str) -> PercentCells:
    found: dict[int, dict[int, PublishedResults]] = {}
    with zipfile.ZipFile(file) as book, book.open("content.xml") as stream:
        for table in _elements(stream, "table"):
            if _attribute(table, "name") != sheet:
                continue
            row = 0
            for line in table.iter():
                if _name(line.tag) != "table-row":
                    continue
                repeats = int(_attribute(line, "number-rows-repeated") or 1)
                at = 0
                for cell in line:
                    if _name(cell.tag) not in ("table-cell", "covered-table-cell"):
                        continue
                    kind = _attribute(cell, "value-type")
                    across = int(_attribute(cell, "number-columns-repeated") or 1)
                    if kind == "percentage" and across * repeats <= _MOST_REPEATS:
                        for column in range(at, at + across):
                            lines: dict[int, Literal["times_100", "as_is"]] = dict.fromkeys(
                                range(row + 1, row + repeats + 1), "times_100"
                            )
                            found.setdefault(column, {}).update(lines)
                    at += across
                row += repeats
    return PercentCells(found)
