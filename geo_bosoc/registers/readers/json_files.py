"""JSON rows: a list of objects, one a row, as open data portals publish them; and rows of files of any size, streamed.

What is in memory of a streamed file is a piece of the text and the row at hand.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import ijson
import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.files import ROW, Source
from geo_bosoc.registers.readers.csv_files import find_encoding
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
    return pl.Series([text if text is None else _without_surrogates(text) for text in texts], dtype=pl.String)


def _without_surrogates(text: str) -> str:
    """The text, half letters (lone surrogates) replaced: no file can hold them."""
    return text.encode("utf-8", "replace").decode("utf-8")


_PIECE: Final = 1 << 18
_LONGEST: Final = 1 << 26
"""The longest row, in bytes: what is longer is no row but a fault, such as rows in an object of their own."""
_DEEPEST: Final = 100
"""How deep lists and objects of a row may stand in one another; those of the registers stand one or two deep."""
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class NoJsonError(ValueError):
    """The text is no JSON, or none that can be read; the words say so."""


class NoRowsError(ValueError):
    """The text is JSON, and does not hold rows."""


def json_rows(file: Path, lists: Collection[str]) -> Iterator[Mapping[str, Any]] | None:
    """The rows of an array, of an object with a list named among `lists` (in lower case), or one object a line.

    None where the file is an object that holds lists, and none of those.

    Raises
    ------
    NoJsonError
        The text is no JSON, not written in UTF-8, or nested too deeply; raised here or as the rows are read.
    NoRowsError
        Rows are something else than objects.
    """
    rows = _rows(file, frozenset(lists))
    return rows if next(rows) is not None else None


def _rows(file: Path, lists: frozenset[str]) -> Iterator[Any]:
    """First whether there are any (an empty row, or None), then the rows."""
    with file.open("rb") as stream:
        if stream.read(len(_BYTE_ORDER_MARK)) != _BYTE_ORDER_MARK:
            stream.seek(0)
        try:
            yield from _parsed_rows(_Events(stream), lists)
        except ijson.JSONError as error:
            if "overflow" in str(error):  # more than 64 bits in a whole number, more than a float in another
                raise NoJsonError("a number in this JSON is too large to be read.") from None
            raise _no_json() from None
        except UnicodeDecodeError:
            raise _no_json() from None


def _no_json() -> NoJsonError:
    return NoJsonError("this is no JSON file.")


def _parsed_rows(events: _Events, lists: frozenset[str]) -> Iterator[Any]:
    for event, value in events:
        if event == "start_array":
            yield {}
            yield from _elements(events)
            for _ in events:
                raise _no_json()  # something stands behind the list
        elif event == "start_map":
            yield from _of_object(events, lists)
        else:
            raise NoRowsError(type(value).__name__)


def _of_object(events: _Events, lists: frozenset[str]) -> Iterator[Any]:
    """The rows of the lists that an object holds; an object without any is a row itself, and others follow it."""
    first: dict[str, Any] = {}
    name = ""
    holds_lists = holds_rows = False
    for event, value in events:
        if event == "map_key":
            name = value
        elif event == "end_map":
            break
        elif event == "start_array":
            holds_lists = True
            has_name = name.lower() in lists
            if has_name and not holds_rows:
                holds_rows = True
                yield {}
            for row in _elements(events):
                if has_name:
                    yield row
        else:
            first[name] = _value(event, value, events)
    if holds_lists:
        for _ in events:  # rows with lists in them, an object a line: nothing is skipped in silence
            raise _no_json()
        if not holds_rows:
            yield None
        return
    yield {}
    yield first
    for event, _ in events:
        yield _row(event, events)


def _elements(events: _Events) -> Iterator[Mapping[str, Any]]:
    """The rows of a list that has begun."""
    for event, _ in events:
        if event == "end_array":
            return
        yield _row(event, events)


def _row(event: str, events: _Events) -> Mapping[str, Any]:
    if event != "start_map":
        raise NoRowsError(event)
    row = _object(events, 1)
    events.bytes_of_row = 0
    return row


def _value(event: str, value: Any, events: _Events, depth: int = 1) -> Any:
    """The value that an event is, or that begins with it."""
    if event in ("start_map", "start_array"):
        if depth >= _DEEPEST:
            raise NoJsonError("the JSON is nested too deeply.")
        return _object(events, depth + 1) if event == "start_map" else _list(events, depth + 1)
    return value


def _object(events: _Events, depth: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    name = ""
    for event, value in events:
        if event == "map_key":
            name = value
        elif event == "string":
            row[name] = value
        elif event == "end_map":
            break
        else:
            row[name] = _value(event, value, events, depth)
    return row


def _list(events: _Events, depth: int) -> list[Any]:
    values: list[Any] = []
    for event, value in events:
        if event == "end_array":
            break
        values.append(_value(event, value, events, depth))
    return values


class _Events:
    """What a JSON text holds, in turn (`ijson.basic_parse`), and how much of it the row at hand is.

    A text that ends too early is an error of ijson: whatever begins has an end.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.bytes_of_row = stream, 0
        self.events = ijson.basic_parse(self, multiple_values=True, use_float=True, buf_size=_PIECE)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.events)

    def read(self, size: int) -> bytes:
        """The next piece of the text, for ijson."""
        self.bytes_of_row += size
        if self.bytes_of_row > _LONGEST + _PIECE:
            raise _no_json()
        return self.stream.read(size)
