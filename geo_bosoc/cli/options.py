"""What the commands share: options, how they speak to the person, and how they end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from geo_bosoc.atomic_write.errors import plain_errors
from geo_bosoc.atomic_write.private_folder import sweep_private_folders
from geo_bosoc.cli.language import SPOKEN, language_of, speak, spoken, usage_error
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.messages import Message, count_text, listed, phrase, with_values
from geo_bosoc.problems.person_number_forms import without_person_numbers
from geo_bosoc.text.catalogue import LANGUAGES, Language, as_language

EXIT_INPUT = 1
EXIT_USAGE = 2
EXIT_FAULT = 3
EXIT_INTERRUPTED = 130

USAGE_ERROR: Any = typer.BadParameter.__bases__[0]
"""Typer's base of every wrong usage; it lives in click or in Typer itself, depending on the version."""

console = Console(stderr=True, highlight=False)

ProjectOption = Annotated[
    Path, typer.Option("--project", "-p", help="The project file, or the folder that holds bosoc.toml.")
]
PeriodOption = Annotated[
    list[str] | None,
    typer.Option("--period", help="Only this period (2024 or 2024K1); may be given several times."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", readable=False, help="Write here instead of the project's output folder."),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", "-m", help="This model instead of the project's: an id or a file.")
]
LanguageOption = Annotated[
    str | None, typer.Option("--lang", help="da or en, instead of the project's language.")
]

SpokenOption = Annotated[
    str | None, typer.Option("--lang", help="da or en: the language in which the program speaks.")
]


def example(command: str) -> Message:
    """The line that ends a command's help: how it is written.

    >>> example("geo-bosoc demo my-demo")
    'Example: geo-bosoc demo my-demo'
    """
    return phrase("Example: {command}", command=command)


def say(text: str) -> None:
    """One line to the person, in their language (standard error: standard output is for results)."""
    console.print(escape(without_person_numbers(spoken(text))), soft_wrap=True)


def show_problems(problems: list[Problem]) -> None:
    """Each problem on a line (standard error), its level in a colour."""
    for problem in problems:
        colour = {"error": "red", "warning": "yellow", "note": "dim"}[problem.level]
        console.print(
            f"[{colour}]{spoken(problem.level)}[/]  {escape(spoken(problem.text()))}", soft_wrap=True
        )


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
    if value is not None and value not in LANGUAGES:
        raise typer.BadParameter(
            phrase("write {languages}", languages=listed(LANGUAGES, "or")), param_hint="--lang"
        )


def output_language(value: str | None) -> Language:
    """The language of what a command without a project prints: as asked for, else as the program speaks."""
    check_language(value)
    return SPOKEN.get() if value is None else as_language(value)


def write_new_file(file: Path, content: str) -> None:
    """Write a file that people go on with; one that is there is an error, and stays as it is."""
    with plain_errors(file):
        try:
            with file.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(content)
        except FileExistsError:
            wrong = phrase("{file} is there already and is not written over.", file=file.name)
            raise InputError([Problem("error", wrong, hint="Give another name.")]) from None


def one_period(periods: list[str] | None, reason: str) -> str | None:
    """The period given, for a command that takes one; where several are given, they are refused for that reason."""
    if periods is not None and len(periods) > 1:
        raise typer.BadParameter(reason, param_hint="--period")
    return periods[0] if periods else None


@contextlib.contextmanager
def signals_as_interrupt() -> Iterator[None]:
    """A process that is told to end (SIGTERM), or whose terminal is closed, ends as at Ctrl-C: it cleans up first."""
    numbers = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP", "SIGBREAK")]
    changed = [
        number for number in numbers if number is not None and signal.getsignal(number) == signal.SIG_DFL
    ]
    for number in changed:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def run_and_exit(app: typer.Typer) -> NoReturn:
    """Run the command that the arguments name, and end the process with an exit code that means something.

    What killed runs left of registers is swept first.
    """
    sweep_private_folders()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console in cp1252 must not fail on an arrow
            stream.reconfigure(errors="replace")
    try:
        command = typer.main.get_command(app)
        speak(command, language_of(sys.argv[1:]))
        with signals_as_interrupt():
            code = command(standalone_mode=False)
    except InputError as error:
        show_problems(list(error.problems))
        number = len(error.problems)
        say(phrase("{problems} to fix; nothing was written.", problems=count_text(number, "problem")))
        sys.exit(EXIT_INPUT)
    except USAGE_ERROR as error:
        error.message = with_values(error.message, without_person_numbers)
        _show_usage(error)
        sys.exit(EXIT_USAGE)
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except BaseException as error:
        from geo_bosoc.registers.checks.file_faults import is_damage

        if is_damage(error):
            say(
                "A Parquet file that a register names is damaged: it cannot be read to the end. Fetch it again."
            )
            sys.exit(EXIT_INPUT)
        if not isinstance(error, Exception):
            raise
        _report_fault(error)
        sys.exit(EXIT_FAULT)
    if code == EXIT_INTERRUPTED:  # Typer catches Ctrl-C itself and returns this code
        with contextlib.suppress(OSError):  # the terminal may be closed
            say("interrupted; nothing was left half-written.")
    sys.exit(code if isinstance(code, int) else 0)


def _show_usage(error: Any) -> None:
    """What is wrong in how a command was written, and where its help is; without a command the help itself."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return
    say(phrase("{level}: {wrong}", level=phrase("error"), wrong=usage_error(error)))
    if error.ctx is not None:
        say(phrase("'{command} -h' says how it is written.", command=error.ctx.command_path))


def _report_fault(error: Exception) -> None:
    """A fault of ours: where it happened, without the message, which may hold somebody's data."""
    if os.environ.get("GEO_BOSOC_DEBUG"):
        traceback.print_exc()
        return
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "geo_bosoc" in frame.filename]
    location = (
        phrase("{module}, line {line}", module=Path(frames[-1].filename).name, line=frames[-1].lineno)
        if frames
        else phrase("unknown place")
    )
    say(
        phrase(
            "A fault in geo_bosoc, not in your input: {kind} at {location}.",
            kind=type(error).__name__,
            location=location,
        )
    )
    say(
        "Its message is held back because it may quote your data. GEO_BOSOC_DEBUG=1 shows it, on your own screen."
    )
