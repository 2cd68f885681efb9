"""What the commands share: exit codes, options, and how they speak to the person."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from geo_bosoc.problems import InputError, Problem, Report

EXIT_INPUT = 1
EXIT_USAGE = 2
EXIT_FAULT = 3
EXIT_INTERRUPTED = 130

console = Console(stderr=True, highlight=False)

ProjectOption = Annotated[
    Path, typer.Option("--project", "-p", help="The project file, or the folder that holds bosoc.toml.")
]
PeriodOption = Annotated[
    list[str] | None,
    typer.Option("--period", help="Only this period (2024 or 2024K1); may be given several times."),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write here instead of the project's output folder.")
]
ModelOption = Annotated[
    str | None, typer.Option("--model", "-m", help="This model instead of the project's: an id or a file.")
]
LanguageOption = Annotated[
    str | None, typer.Option("--lang", help="da or en, instead of the project's language.")
]


def say(text: str) -> None:
    """One line to the person (standard error: standard output is for results)."""
    console.print(escape(text), soft_wrap=True)


def show_problems(problems: list[Problem]) -> None:
    """Each problem on a line (standard error), its level in a colour."""
    for problem in problems:
        colour = {"error": "red", "warning": "yellow", "note": "dim"}[problem.level]
        console.print(f"[{colour}]{problem.level}[/]  {escape(str(problem))}", soft_wrap=True)


@contextlib.contextmanager
def warnings_first(report: Report) -> Iterator[None]:
    """Where a command stops for errors, its warnings are shown before these."""
    try:
        yield
    except InputError as error:
        show_problems([each for each in report.warnings if each not in error.problems])
        raise


def check_language(value: str | None) -> None:
    """Refuse a language that there is none of."""
    if value not in (None, "da", "en"):
        raise typer.BadParameter("write da or en", param_hint="--lang")


def one_period(periods: list[str] | None, reason: str) -> str | None:
    """The period given, for a command that takes one; where several are given, they are refused for that reason."""
    if periods is not None and len(periods) > 1:
        raise typer.BadParameter(reason, param_hint="--period")
    return periods[0] if periods else None
