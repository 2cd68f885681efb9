"""TOML files of projects, models, indicators and lists: read whole, with the line on which each key stands."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, NoReturn

from geo_bosoc.problems.messages import Message, phrase
from geo_bosoc.problems.person_number_forms import holds_person_number
from geo_bosoc.problems.report import InputError, Problem

Key = tuple[str | int, ...]
"""Where a value stands: names of tables and keys, and positions in arrays counted from 0."""

_HEADER: Final = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
_KEY: Final = re.compile(r'^\s*("?[\w-]+"?(?:\s*\.\s*"?[\w-]+"?)*)\s*=')
_LARGEST: Final = 10**12
"""No setting is larger than this, whatever it counts."""

_NO_TOML: Final = {
    "Expected '='": phrase("after a key stand = and its value"),
    "Expected ']'": phrase("the name of a table is not closed with ]"),
    "Expected ']]'": phrase("the name of a table is not closed with ]"),
    "Expected newline": phrase("something follows on the line that does not belong to the value"),
    "Expected": phrase("a text is not closed with the quotes that it began with"),
    "Unterminated string": phrase("a text is not closed with the quotes that it began with"),
    "Illegal character": phrase("a text is not closed on its line, or holds a sign that cannot be printed"),
    "Found invalid character": phrase(
        "a text is not closed on its line, or holds a sign that cannot be printed"
    ),
    "Invalid value": phrase("this is no value: text stands in quotes, a list in square brackets"),
    "Invalid statement": phrase(
        "a line begins with a key and =, or with the name of a table in square brackets; a key that holds other signs "
        "than a-z, 0-9, _ and - stands in quotes"
    ),
    "Invalid initial character": phrase(
        "a key that holds other signs than a-z, 0-9, _ and - stands in quotes"
    ),
    "Cannot": phrase("this key or table is given twice"),
    "Duplicate": phrase("this key or table is given twice"),
    "Unclosed array": phrase("a list is not closed with ]"),
    "Unclosed inline table": phrase("a table in a line is not closed with }"),
    "Unescaped": phrase("a backslash in double quotes has another meaning"),
    "Invalid hex value": phrase("a backslash in double quotes has another meaning"),
    "Escaped character": phrase("a backslash in double quotes has another meaning"),
    "Invalid date": phrase("the calendar has no such day, or the clock no such time"),
}
"""What `tomllib` says, by how it begins, in plain words; the longest that fits is taken."""


@dataclass(frozen=True, slots=True)
class TomlFile:
    """What a TOML file says, its name (None where it is no file), and the lines of its keys."""

    name: str | None
    data: Mapping[str, Any]
    lines: Mapping[Key, int] = field(default_factory=dict)

    def value(self, key: Key) -> Any:
        """What stands under a key."""
        value: Any = self.data
        for step in key:
            value = value[step]
        return value

    def row(self, key: Iterable[str | int]) -> int | None:
        """The line of a key, or of the nearest table above it; None where that is not known."""
        steps = tuple(key)
        while steps:
            for form in (steps, tuple(step for step in steps if isinstance(step, str))):
                if form in self.lines:
                    return self.lines[form]
            steps = steps[:-1]
        return None

    def key_text(self, key: Iterable[str | int]) -> str:
        """A key as a message names it, positions counted from 1.

        Examples
        --------
        >>> TomlFile("m.toml", {"criterion": [{"id": "safety", "bands": []}]}).key_text(("criterion", 0, "bands"))
        'criterion[1: safety].bands'
        """
        text = ""
        value: Any = self.data
        for step in key:
            if isinstance(step, int):
                value = value[step]
                name = value.get("id") or value.get("indicator") if isinstance(value, dict) else None
                text += f"[{step + 1}: {name}]" if name else f"[{step + 1}]"
            else:
                value = value.get(step)
                text += f".{step}" if text else step
        return text


def read_toml(
    source: Path | Traversable,
    *,
    missing: str = "there is no such file.",
    hint: str | None = None,
    key: str | None = None,
) -> TomlFile:
    """Read a TOML file.

    Parameters
    ----------
    source : Path or Traversable
        A file of the user's, or one that ships with the package.
    missing, hint : str, optional
        What is said, and what to do, where there is no such file.
    key : str, optional
        The key of the project file that names it.

    Raises
    ------
    InputError
        The file is not there, cannot be read, or is no TOML.
    """

    def refuse(message: str, **where: Any) -> NoReturn:
        file = source.name if source.name not in message else None
        raise InputError([Problem("error", message, file=file, key=key, **where)]) from None

    try:
        content = source.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, ValueError):  # a null in the name
        refuse(missing, hint=hint)
    except OSError as error:
        if (
            isinstance(source, Path) and source.is_dir()
        ):  # what Windows says of a folder is that access is denied
            refuse(missing, hint=hint)
        is_refused = isinstance(error, PermissionError)
        refuse("the file may not be read." if is_refused else "the file cannot be read from its disk.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        refuse("the file is not UTF-8 text.", row=row, hint="Save it as UTF-8.")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"line (\d+)", str(error))
        line = int(match.group(1)) if match else None
        advice = None
        if line is not None and "\\" in text.splitlines()[line - 1]:
            advice = "A Windows path wants single quotes ('C:\\data') or forward slashes."
        refuse(_no_toml(str(error)), row=line, hint=advice)
    except (ValueError, RecursionError):  # a number of thousands of digits, tables in tables without end
        refuse("this is not valid TOML: a number or a table is too large.")
    return TomlFile(source.name, data, _key_lines(text))


def _no_toml(said: str) -> Message:
    """What `tomllib` says, in plain words."""
    beginning = max((each for each in _NO_TOML if said.startswith(each)), key=len, default=None)
    if beginning is None:
        return phrase("this is not valid TOML.")
    return phrase("this is not valid TOML: {reason}.", reason=_NO_TOML[beginning])


def _key_lines(text: str) -> dict[Key, int]:
    """The line on which each table and key of a TOML text stands (a plain reading; good enough to point at)."""
    lines: dict[Key, int] = {}
    lengths: dict[Key, int] = {}
    table: Key = ()
    for row, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            *above, last = header.group(2).replace('"', "").replace(" ", "").split(".")
            table = ()
            for name in above:
                table = (*table, name)
                if table in lengths:
                    table = (*table, lengths[table] - 1)
            table = (*table, last)
            if header.group(1) == "[[":
                lines.setdefault(table, row)
                lengths[table] = lengths.get(table, 0) + 1
                table = (*table, lengths[table] - 1)
            lines.setdefault(table, row)
        elif match := _KEY.match(line):
            names = match.group(1).replace('"', "").replace(" ", "").split(".")
            lines.setdefault((*table, *names), row)
    return lines


def absurd_numbers(data: Any, key: Key = ()) -> Iterator[tuple[Key, str]]:
    """The keys of numbers that nothing can be meant by (infinite, no numbers, too large), each with what is wrong.

    Examples
    --------
    >>> list(absurd_numbers({"protect": {"minimum": 10**30}, "band": [float("inf"), 1.5]}))
    [(('protect', 'minimum'), 'this number is too large.'), (('band', 0), 'this number must be finite.')]
    """
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from absurd_numbers(value, (*key, str(name)))
    elif isinstance(data, list | tuple):
        for position, value in enumerate(data):
            yield from absurd_numbers(value, (*key, position))
    elif isinstance(data, float) and not math.isfinite(data):
        yield key, "this number must be finite."
    elif isinstance(data, int | float) and not isinstance(data, bool) and abs(data) > _LARGEST:
        yield key, "this number is too large."


def person_numbers_in(data: Any, key: Key = ()) -> Iterator[tuple[Key, str]]:
    """The keys whose names, texts or whole numbers hold a person number, each with what is wrong.

    Examples
    --------
    >>> list(person_numbers_in({"project": {"name": "CPR 990299-7391"}}))
    [(('project', 'name'), 'this looks like a person number (CPR), and what stands here is published.')]
    """
    wrong = "this looks like a person number (CPR), and what stands here is published."
    if isinstance(data, Mapping):
        for name, value in data.items():
            if holds_person_number(str(name)):
                yield (*key, str(name)), wrong
            yield from person_numbers_in(value, (*key, str(name)))
    elif isinstance(data, list | tuple | set | frozenset):
        for position, value in enumerate(data):
            yield from person_numbers_in(value, (*key, position))
    elif isinstance(data, str | int) and not isinstance(data, bool) and holds_person_number(str(data)):
        yield key, wrong
