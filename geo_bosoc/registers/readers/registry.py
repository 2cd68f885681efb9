"""The registry of readers: which one opens which kind of file. A new format is a module here and a line in `READERS`.

Parquet files are not opened as rows of text: they are scanned (`geo_bosoc.registers.readers.parquet`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.registers.files import PARQUET, ROWS, TEXT, WORKBOOK, Source
from geo_bosoc.registers.readers.csv_files import open_text
from geo_bosoc.registers.readers.json_files import open_rows
from geo_bosoc.registers.readers.map_layers import LAYERS, open_map_layer
from geo_bosoc.registers.readers.workbooks import open_workbook
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.reshape import needs_reshaping, reshaped
from geo_bosoc.registers.tables.table_rows import TableUse, tidied


class Reader(Protocol):
    """Opens a file: its header, and its rows in batches. What is wrong is an error in `report`, and None returned."""

    def __call__(self, file: Path, spec: RegisterSpec, report: Report, /) -> Source | None: ...


READERS: Final[dict[str, Reader]] = {
    **dict.fromkeys(TEXT, open_text),
    **dict.fromkeys(WORKBOOK, open_workbook),
    **dict.fromkeys(ROWS, open_rows),
    **dict.fromkeys(LAYERS, open_map_layer),
}
"""By the end of the file's name, in lower case."""


def readable_endings() -> tuple[str, ...]:
    """The ends of the names of files that can be read as registers."""
    return (*TEXT, *PARQUET, *(ending for ending in READERS if ending not in TEXT))


def open_source(file: Path, spec: RegisterSpec, report: Report, use: TableUse | None = None) -> Source | None:
    """Open a file by its reader, as a table whose labels and areas stand in columns.

    Parameters
    ----------
    file : Path
        The file.
    spec : RegisterSpec
        The register's.
    report : Report
        Takes what is wrong; None is returned then.
    use : TableUse, optional
        What a finished table is read for.
    """
    before = len(report.errors)
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        hint = phrase("Known are {names}.", names=", ".join(readable_endings()))
        report.error("this kind of file cannot be read as a register.", file=file, hint=hint)
        return None
    try:
        source = reader(file, spec, report)
        if source is not None and spec.unit == "count":
            source = tidied(source, spec, use or TableUse(), file, report)
        if source is None or not needs_reshaping(spec):
            return source
        return reshaped(source, spec, file, report)
    except OSError:
        if len(report.errors) == before:
            report.error("the file cannot be opened.", file=file, hint="Is it open in another program?")
        return None
