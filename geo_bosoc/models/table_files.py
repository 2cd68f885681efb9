"""Files of finished figures, in the formats that registers come in: every cell as it stands, with its row number."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, joined, phrase

if TYPE_CHECKING:
    import polars as pl

AREA_NAMES: Final = ("area", "area_id", "område", "name")
PERIOD_NAMES: Final = ("year", "period", "år")

MARKS: Final = {
    **dict.fromkeys(("", "...", "–", "nan"), "missing"),
    **dict.fromkeys(("..", "*"), "protected"),
    **dict.fromkeys((".", "•"), "not_applicable"),
}
"""What stands in place of a figure, and what it means."""

ROWS_OF: Final = "rows"
"""Key in a frame's `attrs` of the row numbers that the user's own program shows."""

_TITLES: Final = 20
"""The head of a sheet stands in one of so many rows."""

_STARTS: Final = {
    b"PK\x03\x04": phrase("a workbook"),
    b"\xd0\xcf\x11\xe0": phrase("a workbook"),
    b"PAR1": phrase("a Parquet file"),
}


def read_finished(path: str | Path, *, sheet: int | str | None = None, signs: bool = False) -> pd.DataFrame:
    """A table of finished values as it is: CSV as text, a workbook's sheet, Parquet or JSON rows with their types.

    A CSV has ``;`` or ``,`` or tab between fields and is UTF-8 (with or without BOM) or cp1252.

    Parameters
    ----------
    path : str or Path
        The file.
    sheet : int or str, optional
        Of a workbook, by name or number from 1; the first by default.
    signs : bool, optional
        A workbook's cells that are shown in per cent are text, as they are shown: 0.25 becomes ``25%``.

    Returns
    -------
    DataFrame
        Cells as they stand; the row numbers of the file in ``attrs``.

    Raises
    ------
    InputError
        The file is not there, is empty or cannot be read, or a row has more fields than the header.
    """
    from geo_bosoc.registers.files import (
        PARQUET,
        ROWS,
        TEXT,
        WORKBOOK,
    )
    from geo_bosoc.registers.readers.registry import readable_endings

    file = Path(path)
    report = Report()
    if not file.is_file():
        report.error("the file is not there", file=file)
        report.raise_errors()
    kind = file.suffix.lower()
    frame: pd.DataFrame | None
    if kind in PARQUET:
        frame = _parquet(file, report)
    elif kind in WORKBOOK or kind in ROWS:
        frame = _open_source(file, kind in WORKBOOK, sheet, signs, report)
    else:
        with file.open("rb") as stream:
            start = stream.read(4)
        kind_inside = next((what for magic, what in _STARTS.items() if start.startswith(magic)), None)
        if kind_inside is not None:
            ending = phrase("not .csv" if kind in TEXT else "such as .xlsx or .parquet")
            report.error(
                phrase("this is {kind}, and its name does not say so", kind=kind_inside),
                file=file,
                hint=phrase(
                    "Give it the ending of its kind, {ending}, or save it as CSV. Read are: {endings}.",
                    ending=ending,
                    endings=joined(readable_endings()),
                ),
            )
        frame = None if report.errors else _text(file, report)
    report.raise_errors()
    assert frame is not None
    return frame


def _text(file: Path, report: Report) -> pd.DataFrame | None:
    from geo_bosoc.registers.readers.csv_files import find_encoding

    if file.stat().st_size == 0:
        report.error("the file is empty", file=file)
        return None
    encoding = find_encoding(file, None, report)
    if encoding is None:
        return None
    content = file.read_bytes()
    if b"\x00" in content:
        report.error(
            "this is no text file", file=file, hint="Save the table as CSV, or as a workbook (.xlsx)."
        )
        return None
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig" if encoding == "utf-8" else encoding)
    first = text.readline()
    text.seek(0)
    separator = max((";", ",", "\t"), key=first.count)
    lines = csv.reader(text, delimiter=separator, strict=True)
    header: list[str] = []
    columns: list[list[str]] = []
    numbers: list[int] = []
    try:
        for row in lines:
            if not header:
                header = [name.strip() for name in row]
                columns = [[] for _ in header]
                continue
            if len(row) > len(header):
                report.error(
                    phrase(
                        "has {fields}, the header {count}",
                        fields=count_text(len(row), "field"),
                        count=len(header),
                    ),
                    file=file,
                    row=lines.line_num,
                )
            if any(map(str.strip, row)):
                numbers.append(lines.line_num)
                cells = row[: len(header)] + [""] * (len(header) - len(row))
                for column, cell in zip(columns, cells, strict=True):
                    column.append(cell)
    except csv.Error:
        report.error(
            "the rows cannot be told apart from here on",
            file=file,
            row=lines.line_num,
            hint="Look for a quotation mark that opens and never closes.",
        )
        return None
    if not header:
        report.error("the file is empty", file=file)
        return None
    frame = pd.DataFrame(dict(enumerate(columns)), dtype=object).set_axis(header, axis=1)
    frame.attrs[ROWS_OF] = numbers
    return frame


def _open_source(
    file: Path, workbook: bool, sheet: int | str | None, signs: bool, report: Report
) -> pd.DataFrame | None:
    """A workbook or JSON rows, as registers are opened; the head of a sheet is looked for under title rows."""
    import polars as pl

    from geo_bosoc.registers.readers.registry import open_source
    from geo_bosoc.registers.spec import RegisterSpec

    shown = (
        {"shown in per cent": ""} if signs else {}
    )  # a register looks for such cells where it has percentages
    spec = RegisterSpec(path=str(file), unit="count", area="area", sheet=sheet, per_cent=shown)
    source = open_source(file, spec, report)
    if source is None:
        return None
    if workbook and area_column_of(source.header) is None:
        for row in range(1, _TITLES + 1):
            below = open_source(file, spec.model_copy(update={"header_row": row}), Report())
            if below is not None and area_column_of(below.header) is not None:
                source = below
                break
    positions = [position for position, name in enumerate(source.header) if name]
    frames = list(source.batches(positions))
    if report.errors or not frames:
        return None
    return _as_objects(
        pl.concat(frames), [(f"c{position}", source.header[position]) for position in positions]
    )


def _parquet(file: Path, report: Report) -> pd.DataFrame | None:
    import polars as pl

    try:
        frame = pl.read_parquet(file)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        report.error("the Parquet file cannot be read.", file=file, hint="Write it anew.")
        return None
    return _as_objects(frame, [(name, name) for name in frame.columns])


def _as_objects(frame: pl.DataFrame, names: Sequence[tuple[str, str]]) -> pd.DataFrame:
    from geo_bosoc.registers.files import ROW

    columns = [pd.Series(frame[column].to_list(), dtype=object) for column, _ in names]
    table = pd.concat(columns, axis=1) if columns else pd.DataFrame()
    table.columns = pd.Index([name for _, name in names], dtype=object)
    rows = frame[ROW].to_list() if ROW in frame.columns else list(range(1, frame.height + 1))
    table.attrs[ROWS_OF] = rows
    return table


def area_column_of(header: Collection[str]) -> str | None:
    """The column with the area, by its usual names."""
    return _by_name(header, AREA_NAMES)


def period_column_of(header: Collection[str]) -> str | None:
    """The column with the period, by its usual names."""
    return _by_name(header, PERIOD_NAMES)


def _by_name(header: Collection[str], names: Sequence[str]) -> str | None:
    return columns_by_role(header, {"": names}).get("")


def columns_by_role(header: Collection[Any], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """By its role each column that has one of the role's names, the first of them that is there.

    Capitals and blanks around a name do not count; of columns alike the first one is taken.

    Examples
    --------
    >>> columns_by_role(["Område", "År", "Note"], {"area": ("area", "område"), "period": ("period",)})
    {'area': 'Område'}
    """
    written = {str(name).strip().casefold(): str(name) for name in reversed(list(header))}
    return {
        role: next(written[name] for name in spellings if name in written)
        for role, spellings in names.items()
        if any(name in written for name in spellings)
    }


def status_of_text(text: str) -> str:
    """Whether the text of a cell is a figure (``ok``), or a mark in place of one; ``<5`` is there, but not shown.

    >>> [status_of_text(text) for text in ("4,5", "<5", "..", "")]
    ['ok', 'protected', 'protected', 'missing']
    """
    return "protected" if text.startswith("<") else MARKS.get(text.casefold(), "ok")


def row_numbers(frame: pd.DataFrame) -> list[int]:
    """The row numbers that a user sees; of a frame that no file was read into, its rows below a header."""
    rows: Any = frame.attrs.get(ROWS_OF)
    return list(rows) if rows is not None and len(rows) == len(frame) else list(range(2, len(frame) + 2))
