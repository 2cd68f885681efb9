"""Opening a register's files: text (CSV), workbooks and JSON rows, each as a header and batches of rows.

Nothing is interpreted here beyond what the format itself says: text stays text, a workbook's and JSON's own
numbers and dates keep their types. Only the columns that are asked for are handed on. No message holds a
cell's value: the messages of the libraries beneath may, and are never passed on.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import fastexcel
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from geo_bosoc.problems import Report
from geo_bosoc.registers.files import ROWS, WORKBOOK
from geo_bosoc.registers.spec import RegisterSpec

ROW: Final = "@row"
"""Name of the column with each row's number, as the user's own program shows it."""

_CHUNK: Final = 1 << 23
_SEPARATORS: Final = (";", "\t", ",", "|")
_BROKEN_UTF8: Final = (b"\xc3\xa6", b"\xc3\xb8", b"\xc3\xa5", b"\xc3\x86", b"\xc3\x98", b"\xc3\x85")


@dataclass(frozen=True)
class Source:
    """An opened file.

    Attributes
    ----------
    header : the column names as written, blanks around them removed; may hold doubles.
    batches : function from column positions to frames with columns ``c<position>`` and `ROW`.
    decimal : the decimal mark to assume of text when the figures do not tell; None to ask the user.
    both_marks : text may hold numbers with either decimal mark, since the program's own numbers have a point.
    header_hint : what to tell a user who misses columns.
    """

    header: tuple[str, ...]
    batches: Callable[[Sequence[int]], Iterator[pl.DataFrame]]
    decimal: str | None = None
    both_marks: bool = False
    header_hint: Callable[[Sequence[str]], str | None] = field(default=lambda _names: None)


def open_source(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    """Open a text file, workbook or JSON file; what is wrong is an error in `report`, and None returned."""
    before = len(report.errors)
    try:
        if file.suffix.lower() in WORKBOOK:
            return _open_workbook(file, spec, report)
        if file.suffix.lower() in ROWS:
            return _open_rows(file, spec, report)
        return _open_text(file, spec, report)
    except OSError:
        if len(report.errors) == before:
            report.error("the file cannot be opened.", file=file, hint="Is it open in another program?")
        return None


# ---- text files


def find_encoding(file: Path, declared: str | None, report: Report) -> str | None:
    """The encoding of a text file by strict decoding of all its bytes: UTF-8, UTF-16 (by BOM) or cp1252.

    A file that is neither, or that is UTF-8 in one place and something else in another, is an error with its
    row.
    """
    with file.open("rb") as stream:
        start = stream.read(4)
    if declared is None and start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        declared = "utf-16"
    tried = [declared] if declared else ["utf-8", "cp1252"]
    rows = [_first_undecodable_row(file, encoding) for encoding in tried]
    for encoding, row in zip(tried, rows, strict=True):
        if row is None:
            if encoding == "cp1252" and not declared and _holds_utf8(file):
                break
            return encoding
    if declared:
        report.error(
            f"this row is not written in {declared}.",
            file=file,
            row=rows[0],
            hint="Leave encoding out or correct it.",
        )
    else:
        report.error(
            "this row is not written in the encoding of the rest (UTF-8): letters such as æøå would be lost.",
            file=file,
            row=rows[0],
            hint='Save the file again as "CSV UTF-8", or name its encoding.',
        )
    return None


def _first_undecodable_row(file: Path, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line = 1
    with file.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK)
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                broken = error.object[: error.start]
                return line + (broken.count(b"\n") if isinstance(broken, bytes) else 0)
            if not chunk:
                return None


def _holds_utf8(file: Path) -> bool:
    """Does a file that is no UTF-8 as a whole hold Danish letters written in UTF-8 all the same?"""
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if any(letter in chunk for letter in _BROKEN_UTF8):
                return True
    return False


def _find_separator(sample: str) -> str:
    """The separator with which the first lines have the same number of fields, and most of them."""
    best, best_key = ";", (False, 0)
    for separator in _SEPARATORS:
        counts = [len(row) for row in csv.reader(io.StringIO(sample), delimiter=separator) if row]
        if not counts or counts[0] < 2:
            continue
        key = (len(set(counts)) == 1, counts[0])
        if key > best_key:
            best, best_key = separator, key
    return best


def _open_text(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    encoding = find_encoding(file, spec.encoding, report)
    if encoding is None:
        return None
    above = (spec.header_row or 1) - 1
    with file.open("r", encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as stream:
        for _ in range(above):
            stream.readline()
        lines = [stream.readline() for _ in range(40)]
    sample = "".join(lines)
    if "\x00" in sample:
        report.error("this is no text file.", file=file)
        return None
    separator = spec.separator or _find_separator("".join(lines[:-1] if lines[-1] else lines))
    rows = csv.reader(io.StringIO(sample), delimiter=separator)
    header = tuple(name.strip() for name in next(rows, []))
    if not any(header):
        report.error(
            f"row {above + 1} holds no column names.", file=file, hint="Set header_row to the row that does."
        )
        return None
    skip = above + rows.line_num

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        return _text_batches(file, encoding, separator, len(header), skip, positions, report)

    return Source(header, batches, decimal="." if separator == "," else ",")


def _text_batches(
    file: Path,
    encoding: str,
    separator: str,
    width: int,
    skip: int,
    positions: Sequence[int],
    report: Report,
) -> Iterator[pl.DataFrame]:
    """Batches of text columns; ragged rows are errors with their row, blank lines are passed over."""
    names = [f"c{position}" for position in range(width)]
    blank: list[int] = []
    ragged: list[tuple[int, int]] = []

    def judge(row: Any) -> str:
        if row.actual_columns == 1 and not row.text.strip():
            blank.append(row.number)
        else:
            ragged.append((row.number, row.actual_columns))
        return "skip"

    options = {
        "read_options": pa_csv.ReadOptions(
            encoding="utf8" if encoding == "utf-8" else encoding,
            column_names=names,
            skip_rows=skip,
            use_threads=False,
            block_size=_CHUNK,
        ),
        "parse_options": pa_csv.ParseOptions(
            delimiter=separator,
            newlines_in_values=True,
            ignore_empty_lines=width == 1,
            invalid_row_handler=judge,
        ),
        "convert_options": pa_csv.ConvertOptions(
            include_columns=[f"c{position}" for position in positions],
            column_types=dict.fromkeys(names, pa.large_string()),
            strings_can_be_null=False,
        ),
    }
    seen = 0
    try:
        for batch in pa_csv.open_csv(file, **options):
            frame = pl.DataFrame(pl.from_arrow(batch))
            rows = pl.int_range(seen + skip + 1, seen + skip + 1 + frame.height, eager=True).alias(ROW)
            seen += frame.height
            passed = sorted([*blank, *(row for row, _ in ragged)])
            yield frame.with_columns(_past(rows, passed) if passed else rows)
    except pa.ArrowInvalid:
        report.error(
            "the rows cannot be told apart.",
            file=file,
            hint="Look for a quotation mark that opens and never closes.",
        )
    if ragged:
        row, fields = ragged[0]
        others = ", ".join(str(number) for number, _ in ragged[1:5])
        report.error(
            f"the row has {fields} fields and the header {width}"
            + (f"; the same goes for {len(ragged) - 1:,} more rows ({others} ...)." if others else "."),
            file=file,
            row=row,
            count=len(ragged),
            hint=f'The separator is taken to be "{separator}"; a field that holds one needs quotation marks.',
        )


def _past(rows: pl.Series, passed: Sequence[int]) -> pl.Series:
    """Row numbers moved past the rows that were left out before them."""
    thresholds = np.asarray(passed) - np.arange(len(passed))
    numbers = rows.to_numpy()
    return pl.Series(ROW, numbers + np.searchsorted(thresholds, numbers, side="right"), dtype=rows.dtype)


# ---- workbooks


def _open_workbook(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    try:
        book = fastexcel.read_excel(file)
    except fastexcel.FastExcelError:
        report.error(
            "the workbook cannot be read.",
            file=file,
            hint="Is it open in another program, or locked by a password?",
        )
        return None
    sheets = book.sheet_names
    sheet = spec.sheet if spec.sheet is not None else 1
    name = sheets[sheet - 1] if isinstance(sheet, int) and 1 <= sheet <= len(sheets) else sheet
    if name not in sheets:
        report.error(
            f"there is no sheet {sheet}.",
            file=file,
            key="sheet",
            hint=f"The workbook has: {', '.join(sheets)}.",
        )
        return None
    top = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=60, dtypes="string").to_polars().rows()
    filled = [number for number, row in enumerate(top, 1) if any(row)]
    if not filled:
        report.error(f"the sheet {name} is empty.", file=file)
        return None
    header_row = spec.header_row or filled[0]
    header = tuple((cell or "").strip() for cell in top[header_row - 1]) if header_row <= len(top) else ()
    if not any(header):
        report.error(
            f"row {header_row} holds no column names.", file=file, hint="Set header_row to the row that does."
        )
        return None

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        loaded = book.load_sheet(
            name, header_row=None, skip_rows=header_row, use_columns=list(positions), schema_sample_rows=None
        ).to_polars()
        order = sorted(positions)
        loaded = loaded.rename(dict(zip(loaded.columns, [f"c{p}" for p in order], strict=True)))
        frame = loaded.with_row_index(ROW, offset=header_row + 1).with_columns(pl.col(ROW).cast(pl.Int64))
        yield _until_footnotes(frame, spec, file, report)

    def hint(names: Sequence[str]) -> str | None:
        for number, row in enumerate(top, 1):
            cells = {(cell or "").strip() for cell in row}
            if number != header_row and all(name in cells for name in names):
                return f"Row {number} holds these names: set header_row = {number}."
        return None

    return Source(header, batches, both_marks=True, header_hint=hint)


def _until_footnotes(frame: pl.DataFrame, spec: RegisterSpec, file: Path, report: Report) -> pl.DataFrame:
    """A finished table ends at the first empty row below its figures; what stands below are notes."""
    if spec.unit != "count" or frame.is_empty():
        return frame
    empty = frame.select(
        pl.all_horizontal(_is_empty(frame, name) for name in frame.columns if name != ROW)
    ).to_series()
    first = empty.arg_true()
    if first.is_empty():
        return frame
    below = (~empty.slice(first[0])).sum()
    if below:
        report.note(
            f"the table ends at the empty row; {below} rows below it are taken for notes.",
            file=file,
            row=int(frame[ROW][first[0]]),
        )
    return frame.head(first[0])


def _is_empty(frame: pl.DataFrame, name: str) -> pl.Expr:
    value = pl.col(name)
    return (
        value.is_null() | (value.str.strip_chars() == "")
        if frame.schema[name] == pl.String
        else value.is_null()
    )


# ---- JSON rows


def _open_rows(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    encoding = find_encoding(file, spec.encoding, report)
    if encoding is None:
        return None
    text = file.read_text(encoding="utf-8-sig" if encoding == "utf-8" else encoding)
    try:
        rows = json.loads(text)
    except json.JSONDecodeError as error:
        report.error("this is no valid JSON.", file=file, row=error.lineno)
        return None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        report.error("JSON rows are a list of objects, one a row.", file=file)
        return None
    header = tuple(dict.fromkeys(name for row in rows for name in row))
    if not header:
        report.error("the file holds no rows.", file=file)
        return None

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        columns = {}
        for position in positions:
            values = [row.get(header[position]) for row in rows]
            nested = next((i for i, value in enumerate(values, 1) if isinstance(value, (list, dict))), None)
            if nested is not None:
                report.error(
                    "a row's value is itself a list or object.",
                    file=file,
                    row=nested,
                    column=header[position],
                )
                return
            columns[f"c{position}"] = _json_column(values)
        columns[ROW] = pl.int_range(1, len(rows) + 1, eager=True)
        yield pl.DataFrame(columns)

    return Source(header, batches, both_marks=True)


def _json_column(values: list[Any]) -> pl.Series:
    """A column of its rows' own type, or of text where the rows disagree."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool}:
        return pl.Series(values, dtype=pl.Boolean)
    if kinds == {int} and all(value is None or abs(value) < 2**63 for value in values):
        return pl.Series(values, dtype=pl.Int64)
    if kinds <= {int, float}:
        return pl.Series([None if value is None else float(value) for value in values], dtype=pl.Float64)
    texts = [json.dumps(v) if isinstance(v, (bool, int, float)) else v for v in values]
    return pl.Series(texts, dtype=pl.String)
