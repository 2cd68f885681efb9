"""Specifications in: a pydantic model from a TOML file, with every mistake in it by its key, in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from geo_bosoc.problems.messages import as_message, joined, listed, phrase
from geo_bosoc.problems.near_names import did_you_mean
from geo_bosoc.problems.report import InputError, Problem, Report, add_problems
from geo_bosoc.problems.spec_tables import belongs_in, branches, is_mapping, is_spec, key_types
from geo_bosoc.problems.toml_files import Key, TomlFile, absurd_numbers, person_numbers_in, read_toml

Spec = TypeVar("Spec", bound=BaseModel)

PATTERNS: Final = {
    r"^[a-z][a-z0-9_]*$": "an id begins with a small letter and holds a-z, 0-9 and _ only.",
    r"^[a-z0-9][a-z0-9._-]*$": "an id begins with a small letter or a figure and holds a-z, 0-9, ., _ and - only.",
    r"^\d{4}-\d{2}-\d{2}$": "a day is written as year-month-day, such as 2027-01-31.",
    r"^(\d{4}|\{year\})-\d{2}-\d{2}$": "write a day as 2027-01-31, or with the year of each list as {year}-01-01.",
    r"^(\d{4}-\d{2}-\d{2})?$": "a day is written as year-month-day, such as 2027-01-31.",
    r"^#[0-9a-fA-F]{6}$": "write a colour as #a1b2c3: # and six of 0-9 and a-f.",
    r"^(@(municipality|rest|outside_areas|areas|region|national|twins|group:.+))?$": (
        'a reference is "@municipality", "@rest", "@outside_areas", "@areas", "@region", "@national", "@twins", or '
        '"@group:" and the name of a group.'
    ),
    r"^[a-z0-9_+=/-]+$": "a class's id holds a-z, 0-9, _, +, =, / and - only.",
    r"^\d{4}$": 'a municipality\'s code has four digits. Write it in quotes, such as "0751".',
}
"""What the patterns of text fields mean, in words."""

_KINDS: Final = {
    "int": "this must be a whole number.",
    "float": "this must be a number.",
    "bool": "this must be true or false, without quotes.",
    "string_type": 'this must be text in quotes, such as "abc".',
    "tuple_type": "this must be a list in square brackets, such as [1, 2].",
    "list_type": "this must be a list in square brackets, such as [1, 2].",
    "dict": "this must be a table: keys in braces, or under a [heading].",
    "model": "this must be a table: keys in braces, or under a [heading].",
    "date": "a day is written as year-month-day without quotes, such as 2027-01-31.",
}
"""What a value must be, by the beginning of pydantic's name for its being something else."""

_BOUNDS: Final = {
    "greater_than_equal": ("ge", "this must be {bound} or more."),
    "greater_than": ("gt", "this must be over {bound}."),
    "less_than_equal": ("le", "this must be {bound} or less."),
    "less_than": ("lt", "this must be under {bound}."),
    "too_short": ("min_length", "this list must have {bound} or more in it."),
    "too_long": ("max_length", "this list can have {bound} at most in it."),
    "string_too_short": ("min_length", "this text must have {bound} signs or more."),
    "string_too_long": ("max_length", "this text can have {bound} signs at most."),
}
"""How a bound that is passed is told."""


class Faults(ValueError):
    """What does not hold together in a specification: several mistakes, each with its place.

    Parameters
    ----------
    faults : iterable of (tuple, str)
        The keys from the specification that is checked to the one that is wrong, and what is wrong.
    """

    def __init__(self, faults: Iterable[tuple[Key, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__(joined([message for _, message in self.faults], "; "))

    def by_place(self) -> dict[Key, list[str]]:
        """The messages of each place."""
        places: dict[Key, list[str]] = {}
        for place, message in self.faults:
            places.setdefault(place, []).append(message)
        return places


def load_spec(
    spec: type[Spec],
    source: Path | Traversable,
    *,
    missing: str = "there is no such file.",
    hint: str | None = None,
    key: str | None = None,
    report: Report | None = None,
) -> Spec:
    """Read a TOML file as a specification.

    Parameters
    ----------
    spec : type of pydantic.BaseModel
        What the file is checked by.
    source : Path or Traversable
        As in `read_toml`.
    missing, hint, key : str, optional
        As in `read_toml`.
    report : Report, optional
        Collects the problems as well.

    Raises
    ------
    InputError
        The file is not there, is no TOML, or something in it is wrong: all of it, each with its line and key.
    """
    try:
        return validate(spec, read_toml(source, missing=missing, hint=hint, key=key))
    except InputError as error:
        if report is not None:
            add_problems(report, error.problems)
        raise


def validate(
    spec: type[Spec],
    document: TomlFile | Mapping[str, Any],
    key: Key = (),
    *,
    within: str | None = None,
    other_files: Mapping[str, type[BaseModel]] | None = None,
) -> Spec:
    """A specification from what a TOML file holds, or from a mapping of the same shape.

    Parameters
    ----------
    spec : type of pydantic.BaseModel
        What it is checked by.
    document : TomlFile or mapping
        What a file says.
    key : tuple, optional
        The table that is checked, where it is not all of the document.
    within : str, optional
        The key under which the document itself stands in a project file; messages begin with it.
    other_files : mapping of str to type, optional
        What other files are called, and are checked by: an unknown key that is one of theirs is sent there.

    Raises
    ------
    InputError
        Something in it is wrong: all of it, each with its key, and with its line where that is known.
    """
    if not isinstance(document, TomlFile):
        document = TomlFile(None, document)
    value = document.value(key)
    wrong: dict[Key, tuple[str, str | None]] = {
        (*key, *place): (message, None)
        for place, message in (*absurd_numbers(value), *person_numbers_in(value))
    }
    if not wrong:
        try:
            return spec.model_validate(value)
        except ValidationError as error:
            for fault in error.errors():
                raised = fault.get("ctx", {}).get("error")
                if isinstance(raised, Faults):
                    for place, messages in raised.by_place().items():
                        where = _place(document, (*key, *fault["loc"], *place), "missing")
                        wrong.setdefault(where, (joined(messages, "; "), None))
                    continue
                wrong.setdefault(
                    _place(document, (*key, *fault["loc"]), fault["type"]),
                    _plain(fault, spec, other_files or {}),
                )
    problems: dict[str, Problem] = {}
    for place, (message, hint) in wrong.items():
        text = ".".join(part for part in (within, document.key_text(place)) if part)
        row = document.row(place)
        problems.setdefault(
            text, Problem("error", message, hint=hint, file=document.name, row=row, key=text or None)
        )
    raise InputError(problems.values())


def _place(document: TomlFile, place: Iterable[str | int], kind: str) -> Key:
    """Where in the document a problem of pydantic's is: without steps that only name a branch of a union."""
    steps: list[str | int] = []
    value: Any = document.data
    places = tuple(place)
    for number, step in enumerate(places, start=1):
        if isinstance(step, int):
            if isinstance(value, list | tuple) and step < len(value):
                steps.append(step)
                value = value[step]
        elif isinstance(value, Mapping) and (step in value or (kind == "missing" and number == len(places))):
            steps.append(step)
            value = value.get(step)
    return tuple(steps)


def _plain(
    error: Any, spec: type[BaseModel], other_files: Mapping[str, type[BaseModel]]
) -> tuple[str, str | None]:
    """A problem of pydantic's in plain words, and what to do."""
    kind = error["type"]
    if kind == "missing":
        in_list = isinstance(error["loc"][-1], int)
        return "this list must have more in it." if in_list else "this key is needed and is missing.", None
    if kind == "extra_forbidden":
        *tables, name = error["loc"]
        names = _keys(spec, tables)
        hint = belongs_in(str(name), spec, other_files) or did_you_mean(str(name), names)
        keys = phrase("Known here: {names}.", names=joined(names)) if names else None
        return "this key is not known here.", hint or keys
    if kind == "literal_error":
        choices = re.split(r", | or ", error["ctx"]["expected"])
        hint = did_you_mean(str(error["input"]), [choice.strip("'") for choice in choices])
        return phrase("this must be one of {choices}.", choices=listed(choices, "or")), hint
    if kind == "value_error":
        return as_message(error["ctx"]["error"].args[0]), None
    if kind == "string_pattern_mismatch" and error["ctx"]["pattern"] in PATTERNS:
        return PATTERNS[error["ctx"]["pattern"]], None
    if kind in _BOUNDS:
        name, template = _BOUNDS[kind]
        bound = error["ctx"][name]
        return phrase(template, bound=int(bound) if bound == int(bound) else bound), None
    for beginning, text in _KINDS.items():
        if kind.startswith(beginning):
            return text, None
    message = str(error["msg"])
    return message[0].lower() + message[1:] + ".", None


def _keys(spec: type[BaseModel], place: Iterable[str | int]) -> list[str]:
    """The keys that a specification knows in a table of it."""
    types: list[Any] = [spec]
    for step in place:
        types = [part for each in types for part in _step(each, step)]
    return list(dict.fromkeys(name for each in types if is_spec(each) for name in key_types(each)))


def _step(kind: Any, step: str | int) -> Iterator[Any]:
    """The types under a key or a position; the type itself where a step only names a branch of a union."""
    if is_spec(kind) and step in key_types(kind):
        yield from branches(key_types(kind)[str(step)])
    elif is_mapping(kind):
        yield from branches(get_args(kind)[1])
    elif isinstance(step, int) and get_origin(kind) in (tuple, list):
        yield from branches(get_args(kind)[0])
    else:
        yield kind
