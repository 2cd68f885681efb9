"""A look into a register's file: its format, its head, its columns, and what each of them is taken for.

Everything that is guessed has a reason (`geo_bosoc.text.guesses`). The readers of registers do the reading, so that
what is described is what a run would read. Of what stands in the rows nothing is shown.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import fastexcel
import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.column_roles import ColumnDescription, describe_columns, numbers_of
from geo_bosoc.registers.files import PARQUET, TEXT, WORKBOOK, RegisterFile
from geo_bosoc.registers.readers.csv_files import find_encoding, find_separator
from geo_bosoc.registers.readers.parquet import parquet_header
from geo_bosoc.registers.readers.registry import open_source, readable_endings
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.periods import head_period
from geo_bosoc.registers.tables.reshape import JOIN
from geo_bosoc.text.guesses import Guess, guess

MOST_ROWS: Final = 200_000
"""So many first rows of a file are looked at."""
_HEAD_ROWS: Final = 40
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class TableDescription:
    """A file of a register.

    Attributes
    ----------
    file : Path
        The file.
    format : str
        The end of its name without the point: ``csv``, ``xlsx``, ``parquet``, ``json``.
    rows : int
        How many rows were looked at; with `is_complete`, all there are.
    is_complete : bool
        False where the file has more rows than were looked at.
    encoding, separator, decimal : Guess or None
        Of text files.
    sheet : Guess or None
        Of workbooks, the sheet that is read.
    sheets : tuple of str
        All sheets of a workbook.
    header_row : Guess or None
        The row with the column names, where it is not the first.
    header_rows : Guess or None
        How many rows the head has, where it has several.
    periods_across : tuple of str
        The years and quarters that stand in the head.
    columns : tuple of ColumnDescription
        In the file's order.
    sample : DataFrame
        The rows that were looked at, texts as they stand in the file, under the columns' names.
    """

    file: Path
    format: str
    rows: int
    is_complete: bool
    encoding: Guess | None
    separator: Guess | None
    decimal: Guess | None
    sheet: Guess | None
    sheets: tuple[str, ...]
    header_row: Guess | None
    header_rows: Guess | None
    periods_across: tuple[str, ...]
    columns: tuple[ColumnDescription, ...]
    sample: pl.DataFrame = field(repr=False, compare=False)

    def column(self, role: str) -> ColumnDescription | None:
        """The first column that is taken for something; None where none is.

        Parameters
        ----------
        role : str
            What it is taken for.
        """
        return next(
            (each for each in self.columns if each.role is not None and each.role.value == role), None
        )

    def numbers(self, name: str) -> pl.Series:
        """A column's figures in the rows that were looked at; null where there is none.

        Parameters
        ----------
        name : str
            The column.
        """
        return numbers_of(self.sample[name], None if self.decimal is None else self.decimal.value)


def describe_table(path: str | Path, *, report: Report) -> TableDescription | None:
    """Look into a file of a register: CSV, Parquet, a workbook or JSON rows.

    Parameters
    ----------
    path : str or Path
        The file.
    report : Report
        Takes what keeps it from being read.

    Returns
    -------
    TableDescription or None
        None, with the reason in `report`, where it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "borgere.csv"
    >>> _ = file.write_text("borger_id;alder;oest;nord\\nQ1;34;575010,5;6220010\\nQ2;7;575020,0;6220031\\n", "utf-8")
    >>> table = describe_table(file, report=Report())
    >>> [(column.name, column.type, column.role.value) for column in table.columns]  # doctest: +NORMALIZE_WHITESPACE
    [('borger_id', 'text', 'person'), ('alder', 'whole', 'age'), ('oest', 'decimal', 'x'), ('nord', 'whole', 'y')]
    >>> table.separator.value, table.separator.why()
    (';', 'the first lines have equally many fields where it separates them')
    """
    file, problems = Path(path), Report()
    described = _described(file, problems)
    report.problems.extend(problems.errors)
    return None if problems.errors else described


def _described(file: Path, report: Report) -> TableDescription | None:
    suffix = file.suffix.lower()
    if not file.is_file():
        report.error("there is no such file.", file=file)
        return None
    if suffix not in readable_endings():
        report.error("this kind of file cannot be read as a register.", file=file)
        return None
    if not file.stat().st_size:
        report.error("the file is empty.", file=file)
        return None
    if suffix in PARQUET:
        return _described_parquet(file, report)
    head = _head(file, report)
    if head is None:
        return None
    spec = RegisterSpec.model_validate(
        {
            "path": str(file),
            "unit": "case",
            "place": "area",
            "header_row": head.row + 1,
            "header_rows": head.rows,
            "separator": head.separator,
            "encoding": head.encoding,
            "sheet": head.sheet,
        }
    )
    source = open_source(file, spec, report)
    if source is None:
        return None
    named = [position for position, name in enumerate(source.header) if name]
    frames, rows, is_complete = [], 0, True
    for batch in source.batches(named):
        frames.append(batch.head(MOST_ROWS - rows))
        rows += frames[-1].height
        if rows >= MOST_ROWS:
            is_complete = False
            break
    if report.errors:
        return None
    names = _distinct_names([source.header[position] for position in named])
    no_rows = pl.DataFrame(schema={f"c{position}": pl.String for position in named})
    frame = pl.concat(frames, how="vertical_relaxed") if frames else no_rows
    frame = frame.select(
        pl.col(f"c{position}").alias(name) for position, name in zip(named, names, strict=True)
    )
    if source.ends_at_blank:
        frame = _without_notes(frame)
    columns, decimal = describe_columns(frame, spec)
    across = tuple(dict.fromkeys(filter(None, (_period_of_head(name) for name in names))))
    return TableDescription(
        file,
        suffix[1:],
        frame.height,
        is_complete,
        None if head.encoding is None else guess(head.encoding, "encoding"),
        None if head.separator is None else guess(head.separator, "separator"),
        None if decimal is None or head.separator is None else guess(decimal, "decimal"),
        None if head.sheet is None else guess(head.sheet, "sheet"),
        head.sheets,
        guess(str(head.row + 1), "header_row") if head.is_below else None,
        guess(str(head.rows), "header_rows") if head.rows > 1 else None,
        across if len(across) > 1 else (),
        columns,
        frame,
    )


def _described_parquet(file: Path, report: Report) -> TableDescription | None:
    if parquet_header(RegisterFile(file), report) is None:
        return None
    lazy = pl.scan_parquet(file)
    try:
        frame = lazy.head(MOST_ROWS + 1).collect()
    except pl.exceptions.PolarsError:
        report.error("the file is damaged: it cannot be read to the end.", file=file)
        return None
    simple = [
        name
        for name, dtype in frame.schema.items()
        if not dtype.is_nested() and dtype not in (pl.Binary, pl.Object)
    ]
    integers = [name for name in simple if frame.schema[name].is_integer()]
    sample = frame.select(simple).head(MOST_ROWS).with_columns(pl.col(integers).cast(pl.Int64, strict=False))
    spec = RegisterSpec(path=str(file), unit="case", place="area")
    nothing = (None,) * 4
    return TableDescription(
        file, "parquet", sample.height, frame.height <= MOST_ROWS, *nothing, (), None, None, (),
        describe_columns(sample, spec)[0], sample,
    )  # fmt: skip


@dataclass(frozen=True)
class _Head:
    """Where the column names stand: the first row (from 0), how many rows, and whether others stand above them."""

    row: int
    rows: int
    is_below: bool = False
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()


def _head(file: Path, report: Report) -> _Head | None:
    """The head of a text file or a workbook; JSON rows have none to look for."""
    suffix = file.suffix.lower()
    if suffix in TEXT:
        return _text_head(file, report)
    if suffix in WORKBOOK:
        return _sheet_head(file, report)
    return _Head(0, 1)


def _text_head(file: Path, report: Report) -> _Head | None:
    encoding = find_encoding(file, None, report)
    if encoding is None:
        return None
    with file.open("r", encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as stream:
        lines = [stream.readline() for _ in range(_HEAD_ROWS)]
    lines = [line for line in lines if line]
    if "\x00" in "".join(lines):
        report.error("this is no text file.", file=file)
        return None
    # titles above a table have no separators: the rows that follow each other to the end say what separates them
    separator = find_separator("".join(lines[len(lines) // 2 :] or lines))
    if len(lines) < 4:
        separator = find_separator("".join(lines))
    rows = [next(csv.reader(io.StringIO(line, newline=""), delimiter=separator), []) for line in lines]
    first, _ = find_head(rows)
    return _Head(first, 1, first > 0, encoding, separator)


def _sheet_head(file: Path, report: Report) -> _Head | None:
    try:
        book = fastexcel.read_excel(file)
        names = tuple(map(str, book.sheet_names))
        visible = [name for name in names if book.load_sheet(name, n_rows=0).visible == "visible"] or list(
            names
        )
        if not visible:
            report.error("the workbook has no sheet.", file=file)
            return None
        sample = book.load_sheet(visible[0], header_row=None, skip_rows=0, n_rows=_HEAD_ROWS, dtypes="string")
        rows = sample.to_polars().rows()
    except (fastexcel.FastExcelError, pl.exceptions.PanicException):
        report.error(
            "the workbook cannot be read.",
            file=file,
            hint="Is it open in another program, locked by a password, or damaged? Save it again as .xlsx.",
        )
        return None
    first, height = find_head(rows)
    blank_before = first == next((number for number, row in enumerate(rows) if any(row)), 0)
    return _Head(first, height, not blank_before, None, None, visible[0], names)


def find_head(rows: Sequence[Sequence[str | None]]) -> tuple[int, int]:
    """Where the head of a table stands among its first rows: its first row, from 0, and how many rows it has.

    The head is the first row of words (or years) above several columns; titles fill one cell. A row of years with
    blanks between them above a row of words is a head of two rows.

    >>> find_head([["Ledige i 2023"], [], ["Område", "Antal"], ["0001", "12"]])
    (2, 1)
    >>> find_head([["", "2022", "", "2023", ""], ["Omr.", "Antal", "Pct.", "Antal", "Pct."], ["A", "3", "1", "2", "1"]])
    (0, 2)
    """
    filled = [sum(1 for cell in row if (cell or "").strip()) for row in rows]
    widest = max(filled, default=0)
    least = 2 if widest > 1 else 1
    for number, row in enumerate(rows):
        if filled[number] < least:
            continue
        below = rows[number + 1] if number + 1 < len(rows) else ()
        gaps = filled[number] < (filled[number + 1] if below else 0)
        if gaps and _is_head_row(below) and any(_year_of_head(cell or "") for cell in row):
            return number, 2
        if _is_head_row(row) and 2 * filled[number] >= widest:
            return number, 1
    return next((number for number, count in enumerate(filled) if count), 0), 1


def _is_head_row(row: Sequence[str | None]) -> bool:
    """Whether the cells are words, years, or codes with a leading zero, and no figures."""
    cells = [word for word in ((cell or "").strip() for cell in row) if word]
    figures = [
        cell
        for cell in cells
        if _year_of_head(cell) is None
        and cell.replace(",", "").replace(".", "").replace("-", "").isdigit()
        and not (cell.startswith("0") and len(cell) > 1 and cell.isdigit())
    ]
    return bool(cells) and not figures and any(_year_of_head(cell) is None for cell in cells)


def _period_of_head(name: str) -> str | None:
    return next(filter(None, (_year_of_head(part) for part in name.split(JOIN))), None)


def _year_of_head(word: str) -> str | None:
    """The year or quarter that a cell of a head says; codes of four digits are none."""
    period = head_period(word.strip())
    return period if period is not None and _FIRST_YEAR <= int(period[:4]) <= _LAST_YEAR else None


def _without_notes(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a sheet with more than one cell: titles between rows and notes below a table fill one."""
    if frame.width < 3:
        return frame
    cells = [
        pl.col(name).str.strip_chars() != "" if dtype == pl.String else pl.col(name).is_not_null()
        for name, dtype in frame.schema.items()
    ]
    return frame.filter(pl.sum_horizontal(cell.fill_null(False).cast(pl.Int32) for cell in cells) > 1)


def _distinct_names(names: Sequence[str]) -> list[str]:
    """The names, later ones of the same name with a number: a frame needs names that differ."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct
