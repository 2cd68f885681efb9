"""JSON rows: a list of objects, one a row, as open data portals publish them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.readers.csv_files import find_encoding
from geo_bosoc.registers.sources import ROW, Source
from geo_bosoc.registers.spec import RegisterSpec


def open_rows(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    """Open a file of JSON rows; what is wrong is an error in `report`."""
    encoding = find_encoding(file, spec.encoding, report)
    if encoding is None:
        return None
    text = file.read_text(encoding="utf-8-sig" if encoding == "utf-8" else encoding)
    try:
        rows = json.loads(text)
    except json.JSONDecodeError as error:
        report.error(
            "this is no valid JSON.", file=file, row=error.lineno, hint="Is the file whole? Fetch it again."
        )
        return None
    except (ValueError, RecursionError):  # numbers of thousands of digits; lists in lists in lists
        report.error("this is no JSON of rows.", file=file)
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
    if kinds <= {int, float} and all(value is None or abs(value) < 1e300 for value in values):
        return pl.Series([None if value is None else float(value) for value in values], dtype=pl.Float64)
    texts = [json.dumps(v) if isinstance(v, (bool, int, float)) else v for v in values]
    return pl.Series([text if text is None else _whole_letters(text) for text in texts], dtype=pl.String)


def _whole_letters(text: str) -> str:
    """The text, half letters (lone surrogates) replaced: no file can hold them."""
    return text.encode("utf-8", "replace").decode("utf-8")
