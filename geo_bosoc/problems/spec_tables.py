"""The tables of a TOML file as its specification has them: their headers, their keys, and where a key belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel

from geo_bosoc.problems.messages import Message, as_message, listed, phrase

ANY_NAME: Final = "NAME"
"""Stands in a header for a name that the user gives, as in ``[registers.NAME]``."""
_MOST_HEADERS: Final = 3
"""A key that more tables know than this (``label_da``) says nothing of where it belongs."""


@dataclass(frozen=True)
class SpecTable:
    """A table that a specification knows.

    Attributes
    ----------
    path : tuple of str
        The names that lead to it; `ANY_NAME` where the user gives one.
    spec : type of pydantic.BaseModel
        What it is checked by.
    is_array : bool
        Whether it is an array of tables, ``[[indicator]]``.
    is_former : bool
        Whether it goes by another name today.
    """

    path: tuple[str, ...]
    spec: type[BaseModel]
    is_array: bool = False
    is_former: bool = False

    @property
    def header(self) -> str:
        """The table as a file writes it; empty for the keys that stand above all tables.

        >>> SpecTable(("registers", "NAME"), BaseModel).header, SpecTable(("criterion",), BaseModel, True).header
        ('[registers.NAME]', '[[criterion]]')
        """
        name = ".".join(self.path)
        return name and (f"[[{name}]]" if self.is_array else f"[{name}]")


def key_types(spec: type[BaseModel]) -> dict[str, Any]:
    """The keys of a specification as files write them, each with its type."""
    return {info.alias or name: info.annotation for name, info in spec.model_fields.items()}


def is_spec(kind: Any) -> bool:
    """Whether a type is a specification, and so a table."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def branches(kind: Any) -> Iterator[Any]:
    """The types that a type may be: those of a union, or itself."""
    if get_origin(kind) is Annotated:
        yield from branches(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for branch in get_args(kind):
            yield from branches(branch)
    else:
        yield kind


def is_mapping(kind: Any) -> bool:
    """Whether a type is a mapping, whose names the user gives."""
    return isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Mapping)


def spec_tables(spec: type[BaseModel]) -> tuple[SpecTable, ...]:
    """Every table of a file, the file's own keys first, and each table before those within it.

    Parameters
    ----------
    spec : type of pydantic.BaseModel
        What the file is checked by.

    Returns
    -------
    tuple of SpecTable

    Examples
    --------
    >>> from pydantic import create_model
    >>> Run = create_model("Run", periods=(tuple[str, ...], ()))
    >>> Project = create_model("Project", name=(str, ""), run=(Run, Run()), layers=(dict[str, Run], {}))
    >>> [table.header for table in spec_tables(Project)]
    ['', '[run]', '[layers.NAME]']
    """
    return tuple(_within(SpecTable((), spec)))


def _within(table: SpecTable) -> Iterator[SpecTable]:
    yield table
    for name, info in table.spec.model_fields.items():
        extra = info.json_schema_extra
        is_former = table.is_former or (isinstance(extra, dict) and bool(extra.get("deprecated")))
        path = (*table.path, info.alias or name)
        for kind in branches(info.annotation):
            if is_spec(kind):
                yield from _within(SpecTable(path, kind, False, is_former))
            elif get_origin(kind) is tuple and (
                arrayed := list(filter(is_spec, branches(get_args(kind)[0])))
            ):
                yield from _within(SpecTable(path, arrayed[0], True, is_former))
            elif is_mapping(kind):
                for value in filter(is_spec, branches(get_args(kind)[1])):
                    yield from _within(SpecTable((*path, ANY_NAME), value, False, is_former))


def headers_with(name: str, spec: type[BaseModel]) -> list[str]:
    """The headers of the tables of today that know a key.

    >>> from pydantic import create_model
    >>> Run = create_model("Run", periods=(tuple[str, ...], ()))
    >>> Project = create_model("Project", run=(Run, Run()))
    >>> headers_with("periods", Project), headers_with("period", Project)
    (['[run]'], [])
    """
    tables = [table for table in spec_tables(spec) if not table.is_former]
    return list(dict.fromkeys(table.header for table in tables if name in key_types(table.spec)))


def belongs_in(
    name: str, spec: type[BaseModel], other_files: Mapping[str, type[BaseModel]]
) -> Message | None:
    """The hint for a key that stands in the wrong table or file; None where no table has it, or too many.

    Parameters
    ----------
    name : str
        The key.
    spec : type of pydantic.BaseModel
        What the file in which it stands is checked by.
    other_files : mapping of str to type
        What other files are called (a message), and are checked by.

    Examples
    --------
    >>> from pydantic import create_model
    >>> Run = create_model("Run", periods=(tuple[str, ...], ()))
    >>> Project = create_model("Project", run=(Run, Run()))
    >>> belongs_in("periods", Project, {}), belongs_in("run", Run, {"a project file": Project})
    ('It belongs in [run].', 'It belongs in a project file.')
    """
    headers = headers_with(name, spec)
    if headers:
        return _belongs(headers)
    for file, other in other_files.items():
        if headers := headers_with(name, other):
            name_of_file = as_message(file)
            return _belongs(
                [
                    phrase("{header} of {file}", header=header, file=name_of_file) if header else name_of_file
                    for header in headers
                ]
            )
    return None


def _belongs(headers: Iterable[str]) -> Message | None:
    named = [header or phrase("the top of the file, above all tables") for header in headers]
    return (
        phrase("It belongs in {tables}.", tables=listed(named, "or")) if len(named) <= _MOST_HEADERS else None
    )
