"""Text files: encoding and separator inferred, rows in batches; ragged rows and stray quotation marks are reported."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.registers.files import ROW, Source
from geo_bosoc.registers.spec import RegisterSpec

_CHUNK: Final = 1 << 23

csv.field_size_limit(1 << 30)  # Python's own limit, 131,072 characters, is below a cell with an outline
_SEPARATORS: Final = (";", "\t", ",", "|")
_BROKEN_UTF8: Final = (b"\xc3\xa6", b"\xc3\xb8", b"\xc3\xa5", b"\xc3\x86", b"\xc3\x98", b"\xc3\x85")

_DOS_LETTER: Final = re.compile(
    rb"[A-Za-z][\x86\x8f\x91\x9b\x9d][a-z]|[A-Za-z][\x86\x8f\x9b\x9d]|[\x86\x8f\x9b\x9d][A-Za-z]"
)
"""A byte that is a Danish letter in DOS, where Windows has a sign that stands in no word."""
_WINDOWS_LETTER: Final = re.compile(rb"[A-Za-z][\xe5\xe6\xf8\xc5\xc6\xd8]|[\xe5\xe6\xf8\xc5\xc6\xd8][A-Za-z]")


def find_encoding(file: Path, declared: str | None, report: Report) -> str | None:
    """The encoding of a text file by decoding all its bytes: UTF-8, UTF-16 (by BOM), a DOS code page or cp1252.

    A file that is neither, or that is UTF-8 in one place and something else in another, is an error with its
    row.
    """
    with file.open("rb") as stream:
        start = stream.read(2)
    if declared is None and start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        declared = "utf-16"
    first_encoding = declared or "utf-8"
    row = _first_undecodable_row(file, first_encoding)
    if row is None:
        return first_encoding
    if declared:
        report.error(
            phrase("this row is not written in {encoding}.", encoding=declared),
            file=file,
            row=row,
            hint="Leave encoding out or correct it.",
        )
        return None
    if _is_of_dos(file):
        report.note("the file is written in a DOS code page, and read as such (cp865).", file=file)
        return "cp865"
    if _first_undecodable_row(file, "cp1252") is None and not _holds_utf8(file):
        return "cp1252"
    report.error(
        "this row is not written in the encoding of the rest (UTF-8): letters such as æøå would be lost.",
        file=file,
        row=row,
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
                line += _line_ends(decoder.decode(chunk, final=not chunk))
            except UnicodeDecodeError as error:
                broken = error.object[: error.start]
                return line + (_line_ends(broken.decode("latin-1")) if isinstance(broken, bytes) else 0)
            if not chunk:
                return None


def _line_ends(text: str) -> int:
    """How many lines end in a text; in files of old Macintosh programs they end in carriage returns alone."""
    return text.count("\n") or text.count("\r")


def _holds_utf8(file: Path) -> bool:
    """Does a file that is no UTF-8 as a whole hold Danish letters written in UTF-8 all the same?"""
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if any(letter in chunk for letter in _BROKEN_UTF8):
                return True
    return False


def _is_of_dos(file: Path) -> bool:
    """Whether Danish letters are written as DOS writes them (code pages 850 and 865), and none as Windows does."""
    has_dos_letter = False
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if _WINDOWS_LETTER.search(chunk):
                return False
            has_dos_letter = has_dos_letter or _DOS_LETTER.search(chunk) is not None
    return has_dos_letter


def find_separator(sample: str) -> str:
    """The separator with which the first lines have the same number of fields, and most of them."""
    best, best_key = ";", (False, 0)
    for separator in _SEPARATORS:
        counts = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator) if row]
        if not counts or counts[0] < 2:
            continue
        key = (len(set(counts)) == 1, counts[0])
        if key > best_key:
            best, best_key = separator, key
    return best


def open_text(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    """Open a text file; what is wrong is an error in `report`."""
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
    separator = spec.separator or find_separator("".join(lines[:-1] if lines[-1] else lines))
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    try:
        header = tuple(name.strip() for name in next(rows, []))
    except csv.Error:
        report.error("the rows cannot be told apart.", file=file, row=above + 1)
        return None
    if not any(header):
        report.error(
            phrase("row {row} holds no column names.", row=above + 1),
            file=file,
            hint="Set header_row to the row that does.",
        )
        return None
    skip = above + rows.line_num

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        return _text_batches(file, encoding, separator, len(header), above, skip, positions, report)

    return Source(header, batches, decimal="." if separator == "," else ",")


def _text_batches(
    file: Path,
    encoding: str,
    separator: str,
    width: int,
    above: int,
    skip: int,
    positions: Sequence[int],
    report: Report,
) -> Iterator[pl.DataFrame]:
    """Batches of text columns; ragged rows are errors with their row, blank lines are skipped."""
    names = [f"c{position}" for position in range(width)]
    blank: list[int] = []
    ragged: list[tuple[int, int]] = []

    def note_row(row: Any) -> str:
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
            invalid_row_handler=note_row,
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
            skipped = sorted([*blank, *(row for row, _ in ragged)])
            yield frame.with_columns(_row_numbers(rows, skipped) if skipped else rows)
    except pa.ArrowInvalid:
        report.error(
            "the rows cannot be told apart.",
            file=file,
            hint="Look for a quotation mark that opens and never closes.",
        )
    if not ragged:
        _check_quotes(file, encoding, separator, above, seen + skip + len(blank), report)
    else:
        row, fields = ragged[0]
        others = ", ".join(str(number) for number, _ in ragged[1:5])
        report.error(
            phrase("the row has {fields} fields and the header {columns}", fields=fields, columns=width)
            + (
                phrase(
                    "; the same goes for {count:,} more rows ({rows} ...).",
                    count=len(ragged) - 1,
                    rows=others,
                )
                if others
                else "."
            ),
            file=file,
            row=row,
            count=len(ragged),
            hint=phrase(
                'The separator is taken to be "{separator}"; a field that holds one needs quotation marks.',
                separator=separator,
            ),
        )


def _check_quotes(
    file: Path, encoding: str, separator: str, above: int, records: int, report: Report
) -> None:
    """A quotation mark that never closes swallows the rows below it without a word: look where lines are missing.

    `records` is the number of rows found, with those above and in the header; where the file has more lines than
    that, fields hold line breaks, and the marks must match strictly.
    """
    lines, returns, last = 0, 0, b"\n"
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            lines, last = lines + chunk.count(b"\n"), chunk[-2:]
            returns += 0 if lines else chunk.count(b"\r")
    if (lines or returns) + (b"\n" not in last and b"\r" not in last) <= records:
        return
    row = above
    try:
        with file.open("r", encoding=encoding, newline="") as stream:
            for _ in range(above):
                stream.readline()
            for _ in csv.reader(stream, delimiter=separator, strict=True):
                row += 1
    except csv.Error:
        report.error(
            "a quotation mark opens here and is not closed as it should be, so that rows run together.",
            file=file,
            row=row + 1,
            hint='Inside a field in quotation marks, a quotation mark is written twice ("").',
        )


def _row_numbers(rows: pl.Series, skipped: Sequence[int]) -> pl.Series:
    """Numbers of rows, counted with the rows that were skipped before them."""
    thresholds = np.asarray(skipped) - np.arange(len(skipped))
    numbers = rows.to_numpy()
    return pl.Series(ROW, numbers + np.searchsorted(thresholds, numbers, side="right"), dtype=rows.dtype)
