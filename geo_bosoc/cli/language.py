"""The language in which the program speaks: of the command, of the project, or of the machine."""

from __future__ import annotations

import gettext
import locale
import os
import re
import sys
import tomllib
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, cast, get_args

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
    return _project_language(project / "bosoc.toml" if project.is_dir() else project) or _machine_language()


def speak(command: Any, language: Language) -> None:
    """The command line speaks a language: its help, and what Typer and Click say.

    Parameters
    ----------
    command : click.Command
        The command and those under it; their help texts are changed.
    language : {"da", "en"}
        The language.
    """
    SPOKEN.set(language)
    if language == "en":
        return
    _translate_libraries()
    _translate_help(command)


def _option(arguments: Sequence[str], *names: str) -> str | None:
    """The value that an option has on the command line."""
    for number, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name in names:
            return value or next(iter(arguments[number + 1 :]), None)
    return None


def _project_language(path: Path) -> Language | None:
    """The language that a project file names, as far as it can be read."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return None
    project = document.get("project")
    language = project.get("language", PROJECT_LANGUAGE) if isinstance(project, dict) else None
    return cast(Language, language) if language in get_args(Language) else None


def _machine_language() -> Language:
    name = locale.getlocale()[0] or ""
    return "da" if re.match(r"da(nish)?(_|$)", name, re.IGNORECASE) else "en"


def _translate_libraries() -> None:
    """What Click and Typer say goes through gettext's `_`: here it goes through the catalogue of messages."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("click", "typer"):
            for attribute in ("_", "gettext"):
                if getattr(module, attribute, None) is gettext.gettext:
                    setattr(module, attribute, spoken)
    styles = sys.modules.get("typer.rich_utils")
    for name, text in vars(styles).items() if styles is not None else ():
        if name.endswith(("_TITLE", "_STRING", "_HELP")) and isinstance(text, str):
            setattr(styles, name, spoken(text))


def _translate_help(command: Any) -> None:
    """The help of a command, of its options and of the commands under it."""
    for name in ("help", "short_help", "epilog"):
        if text := getattr(command, name, None):
            setattr(command, name, spoken(text))
    for parameter in command.params:
        if text := getattr(parameter, "help", None):
            parameter.help = spoken(text)
    for each in getattr(command, "commands", {}).values():
        _translate_help(each)
