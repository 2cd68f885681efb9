"""The language in which the program speaks: of the command, of the project, or of the machine."""

from __future__ import annotations

import locale
import os
import re
import tomllib
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, cast, get_args

from geo_bosoc.problems.messages import Message, as_message, phrase
from geo_bosoc.text.catalogue import Language
from geo_bosoc.text.messages import in_language

VARIABLE: Final = "GEO_BOSOC_LANG"
"""The environment variable that decides where ``--lang`` does not: the language of the program, not of its outputs."""

PROJECT_LANGUAGE: Final[Language] = "da"
"""The language of a project that names none."""

SPOKEN: Final[ContextVar[Language]] = ContextVar("spoken", default="en")
"""The language of this process."""


def spoken(text: str) -> str:
    """A message in the language in which the program speaks.

    >>> spoken("there is no such file.")
    'there is no such file.'
    """
    return in_language(text, SPOKEN.get())


def language_of(arguments: Sequence[str]) -> Language:
    """The language of a command: ``--lang``, the environment's, the project's, else the machine's.

    Parameters
    ----------
    arguments : sequence of str
        What stands after the program's name.

    Returns
    -------
    {"da", "en"}
        English where the machine speaks neither.

    Examples
    --------
    >>> language_of(["check", "--lang", "da"]), language_of(["check", "--lang=en"])
    ('da', 'en')
    """
    for language in (_option(arguments, "--lang"), os.environ.get(VARIABLE)):
        if language in get_args(Language):
            return cast(Language, language)
    project = Path(_option(arguments, "--project", "-p") or "bosoc.toml")
    return project_language(project) or _machine_language()


def speak(command: Any, language: Language) -> None:
    """The command line speaks a language: its help, and the boxes in it.

    Parameters
    ----------
    command : click.Command
        The command and those under it; their help texts are changed.
    language : {"da", "en"}
        The language.
    """
    SPOKEN.set(language)
    if language != "en":
        _translate_panels()
        _translate_help(command)


def _option(arguments: Sequence[str], *names: str) -> str | None:
    """The value that an option has on the command line."""
    for number, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name in names:
            return value or next(iter(arguments[number + 1 :]), None)
    return None


def project_language(project: Path) -> Language | None:
    """The language that a project file, or the one in a folder, names, as far as it can be read."""
    path = project / "bosoc.toml" if project.is_dir() else project
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return None
    table = document.get("project")
    language = table.get("language", PROJECT_LANGUAGE) if isinstance(table, dict) else None
    return cast(Language, language) if language in get_args(Language) else None


def _machine_language() -> Language:
    name = locale.getlocale()[0] or ""
    return "da" if re.match(r"da(nish)?(_|$)", name, re.IGNORECASE) else "en"


def usage_error(error: Any) -> Message:
    """What is wrong in how a command was written, as Typer found it, as a message of ours.

    Parameters
    ----------
    error : click.UsageError
        Typer's.

    Returns
    -------
    Message
        The text.
    """
    name = getattr(error, "option_name", None)
    if name is not None and type(error).__name__ == "NoSuchOption":
        return phrase("there is no option {name}.", name=name)
    parameter = getattr(error, "param_hint", None) or _parameter_name(error)
    if parameter is not None and type(error).__name__ == "MissingParameter":
        return phrase("{name} is missing.", name=parameter)
    if parameter is not None:
        return phrase("{name}: {reason}", name=parameter, reason=_reason(error.message))
    if error.message.startswith("Missing command"):
        return phrase("the name of a command is missing.")
    if match := re.search(r"No such command '(.*?)'", error.message):
        return phrase('there is no command "{name}".', name=match.group(1))
    if match := re.search(r"unexpected extra arguments?(?:\(s\))? \((.*)\)", error.message):
        return phrase("too much is given: {arguments}.", arguments=match.group(1))
    return as_message(error.message)


def _reason(text: str) -> Message:
    """Why a value is refused: in our words where they are ours, and of a bound."""
    if match := re.fullmatch(r"Input should be greater than or equal to (\S+)", text):
        return phrase("it must be {bound} at least.", bound=match.group(1))
    return as_message(text)


def _parameter_name(error: Any) -> str | None:
    parameter = getattr(error, "param", None)
    return None if parameter is None else "/".join(parameter.opts) or str(parameter.name)


def _translate_help(command: Any, parent: Any = None) -> None:
    """The help of a command, of its options and of the commands under it."""
    context = command.context_class(command, parent=parent, **command.context_settings)
    for name in ("help", "short_help", "epilog"):
        if text := getattr(command, name, None):
            setattr(command, name, spoken(in_paragraphs(text)))
    for parameter in (*command.params, command.get_help_option(context)):
        if text := getattr(parameter, "help", None):
            parameter.help = spoken(text)
    for each in getattr(command, "commands", {}).values():
        _translate_help(each, context)


def in_paragraphs(text: str) -> str:
    """A text with each paragraph on a line, as the catalogue of messages has it; a message stays as it is.

    >>> in_paragraphs("One line\\nof two.\\n\\n    Another.")
    'One line of two.\\n\\nAnother.'
    """
    if isinstance(text, Message):
        return text
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _translate_panels() -> None:
    """The heads of the boxes in Typer's help."""
    import typer.rich_utils as panels

    for name, text in vars(panels).items():
        if name.endswith(("_TITLE", "_STRING")) and isinstance(text, str):
            setattr(panels, name, spoken(text))
