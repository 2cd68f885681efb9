"""Rows of JSON files of any size, one at a time: what is in memory is a piece of the text and the row at hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import ijson

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

    Returns
    -------
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
            yield from _rows_of(_Events(stream), lists)
        except ijson.JSONError as error:
            if "overflow" in str(error):  # more than 64 bits in a whole number, more than a float in another
                raise NoJsonError("a number in this JSON is too large to be read.") from None
            raise _no_json() from None
        except UnicodeDecodeError:
            raise _no_json() from None


def _no_json() -> NoJsonError:
    return NoJsonError("this is no JSON file.")


def _rows_of(events: _Events, lists: frozenset[str]) -> Iterator[Any]:
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
