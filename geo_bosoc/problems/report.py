"""Problems as data: what is wrong or worth knowing, where it is, and what to do about it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from geo_bosoc.problems.messages import Message, as_message, count_text, joined, phrase, with_values
from geo_bosoc.problems.person_number_forms import holds_person_number, without_person_numbers

Level = Literal["error", "warning", "note"]

_T = TypeVar("_T")


class BosocWarning(UserWarning):
    """A warning about input, issued when no report was given to collect it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or worth knowing, where it is, and what to do about it.

    Parameters
    ----------
    level : {"error", "warning", "note"}
        An error stops what was begun; a warning may change a figure; a note says what was done.
    message : str
        What is wrong.
    hint : str, optional
        What to do.
    file : str, optional
        The file's name, without its folders.
    row : int, optional
        1-based as the user's own program shows it (a spreadsheet's or a text file's line).
    column : str, optional
        The column.
    key : str, optional
        A place in ``bosoc.toml`` or a model file, such as ``registers.persons.path``.
    count : int, optional
        How many rows, areas or persons it is about.

    Examples
    --------
    >>> print(Problem("error", "there is no such column.", hint="Check its name.", file="areas.gpkg", column="nr"))
    areas.gpkg, column nr: there is no such column. Check its name.
    """

    level: Level
    message: str
    hint: str | None = None
    file: str | None = None
    row: int | None = None
    column: str | None = None
    key: str | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        """Person numbers in names and quoted text are blanked out: a problem is printed, and ends in ``run.json``."""
        for name in ("message", "hint", "file", "column", "key"):
            text = getattr(self, name)
            if isinstance(text, str) and holds_person_number(text):
                text = with_values(
                    text, without_person_numbers
                )  # a message stays one where its template holds none
                object.__setattr__(
                    self, name, without_person_numbers(text) if holds_person_number(text) else text
                )

    def __str__(self) -> str:
        return str(self.text())

    def text(self) -> Message:
        """Place, message and hint as one message, which can be said in another language; it ends with a full stop."""
        location = [
            text
            for text in (
                self.file,
                phrase("row {row}", row=self.row) if self.row is not None else None,
                phrase("column {column}", column=self.column) if self.column is not None else None,
                f"[{self.key}]" if self.key is not None else None,
            )
            if text
        ]
        wrong = as_message(self.message)
        said = [joined([joined(location), wrong], ": ") if location else wrong]
        if self.hint:
            said.append(as_message(self.hint))
        text = joined(said, " " if self.message.endswith((".", "!", "?", ":")) else ". ")
        return text if text.endswith((".", "!", "?", ":")) else phrase("{text}.", text=text)

    def as_dict(self) -> dict[str, Any]:
        """The problem as plain data, empty fields left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class InputError(ValueError):
    """Input or configuration is wrong; `problems` lists every one that was found.

    Parameters
    ----------
    problems : iterable of Problem
        What is wrong.

    Examples
    --------
    >>> InputError([Problem("error", "there is no such file.", file="areas.gpkg")]).problems[0].file
    'areas.gpkg'
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        lines = [f"- {problem}" for problem in self.problems]
        count = count_text(len(self.problems), "problem")
        super().__init__(f"{count} found:\n" + "\n".join(lines))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)


class NonPersonal(dict[str, Any]):
    """Facts that count no persons, nor rows or homes of them: polygons, files, dwellings of the building register.

    Every other number among the facts of a report is taken to count persons, and a small one is suppressed where it is
    published (`geo_bosoc.disclosure`).

    >>> report = Report()
    >>> report.facts["areas"] = NonPersonal(polygons=2)
    """


@dataclass(slots=True)
class Report:
    """What was found while reading, matching and counting: problems in order, and named tables of facts.

        Parameters
    ----------
    problems : list of Problem, optional
        The problems so far.
    facts : dict of str to object, optional
        Plain data (numbers, strings, lists, dicts) under a stage's name, for ``run.json``. A number in it is guarded
        like a count of persons unless it is in a `NonPersonal`.

    Examples
    --------
    >>> report = Report()
    >>> report.warn("3 rows have no address.", file="persons.csv", count=3)
    >>> [problem.message for problem in report.warnings], report.errors
    (['3 rows have no address.'], [])
    """

    problems: list[Problem] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, level: Level, message: str, **where: Any) -> None:
        """Add one problem; `where` are the fields of `Problem`. A `Path` as file is kept by its name."""
        file = where.get("file")
        if isinstance(file, Path):
            where["file"] = file.name
        self.problems.append(Problem(level, message, **where))

    def error(self, message: str, **where: Any) -> None:
        self.add("error", message, **where)

    def warn(self, message: str, **where: Any) -> None:
        self.add("warning", message, **where)

    def note(self, message: str, **where: Any) -> None:
        self.add("note", message, **where)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.level == "error"]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.level == "warning"]

    def raise_errors(self) -> None:
        """Raise one `InputError` with every error so far, if there is any."""
        if self.errors:
            raise InputError(self.errors)

    def hand_over(self, into: Report | None) -> None:
        """Hand over to the caller: pass everything on to `into`; without it raise the errors, or issue the warnings.

        Errors are passed to `into` as well when one is given, so that the caller can go on and list all of them.

        Parameters
        ----------
        into : Report or None
            The caller's report.

        Raises
        ------
        InputError
            There are errors, and no `into`.
        """
        if into is not None:
            into.problems.extend(self.problems)
            into.facts.update(self.facts)
            return
        self.raise_errors()
        for problem in self.warnings:
            warnings.warn(str(problem), BosocWarning, stacklevel=3)


def refuse_names(names: Iterable[str], report: Report, what: str, **where: Any) -> None:
    """An error where a name holds a person number: names are printed, and stand in what is published.

    Parameters
    ----------
    names : iterable of str
        The names.
    report : Report
        Takes the error, which does not quote them.
    what : str
        What they are the names of, such as ``the file``: a message.
    **where : Any
        Fields of `Problem`.
    """
    count = sum(holds_person_number(name) for name in names)
    if count:
        report.error(
            phrase("the name of {what} holds what looks like a person number (CPR).", what=as_message(what)),
            hint="Give it another name.",
            **where,
        )


def add_problems(report: Report, problems: Iterable[Problem]) -> None:
    """Problems join a report, each once."""
    report.problems += [problem for problem in dict.fromkeys(problems) if problem not in report.problems]


def read_or_none(read: Callable[[], _T], report: Report) -> _T | None:
    """What is read, or None where it cannot be: what is wrong joins the report, each problem once."""
    try:
        return read()
    except InputError as error:
        add_problems(report, error.problems)
        return None
