"""Rows of JSON files of any size, one at a time: what is in memory is a piece of the text and the row at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

_PIECE: Final = 1 << 20
_LONGEST: Final = 1 << 26
"""The longest row, in characters: what is longer is no row but a fault, such as a quotation mark that is not closed."""
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_BETWEEN_OBJECTS: Final = re.compile(r"[ \t\n\r]*,[ \t\n\r]*(?=\{)")
_DECODER: Final = json.JSONDecoder()


class NoRowsError(ValueError):
    """The text is JSON, and does not hold rows."""


def json_rows(file: Path, lists: Collection[str]) -> Iterator[Mapping[str, Any]] | None:
    """The rows of an array, of an object with a list named among `lists` (in lower case), or one object a line.

    Returns
    -------
    None where the file is an object that holds lists, and none of those.

    Raises
    ------
    json.JSONDecodeError, UnicodeDecodeError
        The text is no JSON, or not written in UTF-8; raised as the rows are read.
    NoRowsError
        Rows are something else than objects.
    """
    rows = _rows(file, frozenset(lists))
    return rows if next(rows) is not None else None


def _rows(file: Path, lists: frozenset[str]) -> Iterator[Any]:
    """First whether there are any (an empty row, or None), then the rows."""
    with file.open(encoding="utf-8-sig") as stream:
        text = _Text(stream)
        if text.next_is("["):
            yield {}
            yield from _elements(text)
        elif text.next_is("{"):
            yield from _of_object(text, lists)
        else:
            yield {}
            value = text.value()
            raise NoRowsError(type(value).__name__)
        if not text.at_end():
            raise text.wrong("Extra data")


def _of_object(text: _Text, lists: frozenset[str]) -> Iterator[Any]:
    """The rows of the lists that an object holds; an object without any is a row itself, and others follow it."""
    text.take("{")
    first: dict[str, Any] = {}
    holds_lists, told = False, False
    while not text.next_is("}"):
        name = text.value()
        text.take(":")
        if text.next_is("["):
            holds_lists = True
            wanted = isinstance(name, str) and name.lower() in lists
            if wanted and not told:
                told = True
                yield {}
            for row in _elements(text):
                if wanted:
                    yield row
        else:
            first[str(name)] = text.value()
        if not text.next_is("}"):
            text.take(",")
    text.take("}")
    if holds_lists:
        if not text.at_end():  # rows with lists in them, an object a line: nothing is passed over in silence
            raise text.wrong("Extra data")
        if not told:
            yield None
        return
    yield {}
    yield first
    while not text.at_end():
        yield _row(text.value())


def _elements(text: _Text) -> Iterator[Mapping[str, Any]]:
    text.take("[")
    while not text.next_is("]"):
        yield from text.objects()
        yield _row(text.value())
        if not text.next_is("]"):
            text.take(",")
    text.take("]")


def _row(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise NoRowsError(type(value).__name__)
    return value


class _Text:
    """The text from where reading stands, a piece at a time."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self.piece, self.at, self.ended = stream, "", 0, False

    def wrong(self, message: str) -> json.JSONDecodeError:
        return json.JSONDecodeError(message, self.piece, self.at)

    def more(self, size: int = _PIECE) -> bool:
        """Read on, letting go of what was read; False, and nothing changed, at the end of the file."""
        read = "" if self.ended else self.stream.read(size)
        self.ended = not read
        if read:
            self.piece, self.at = self.piece[self.at :] + read, 0
        return bool(read)

    def at_end(self) -> bool:
        """Whether nothing but blanks is left; else reading stands at the next character."""
        while True:
            found = _BLANK.match(self.piece, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.piece):
                return False
            if not self.more():
                return True

    def next_is(self, character: str) -> bool:
        return not self.at_end() and self.piece[self.at] == character

    def take(self, character: str) -> None:
        if not self.next_is(character):
            raise self.wrong(f"Expecting '{character}'")
        self.at += 1

    def objects(self) -> Iterator[Mapping[str, Any]]:
        """The objects that stand whole in this piece with another one behind them; what `value` gives, only faster."""
        piece, decode, between = self.piece, _DECODER.raw_decode, _BETWEEN_OBJECTS.match
        while piece.startswith("{", self.at):
            try:
                value, end = decode(piece, self.at)
            except json.JSONDecodeError:
                return
            found = between(piece, end)
            if found is None:
                return
            self.at = found.end()
            yield value

    def value(self) -> Any:
        """The next value whole, however many pieces it stands in."""
        if self.at_end():
            raise self.wrong("Expecting value")
        size = _PIECE
        while True:
            try:
                value, end = _DECODER.raw_decode(self.piece, self.at)
            except json.JSONDecodeError:
                if len(self.piece) - self.at > _LONGEST or not self.more(size):
                    raise
            else:
                if end < len(self.piece) or not self.more(size):  # a number may go on in the next piece
                    self.at = end
                    return value
            size *= 2
