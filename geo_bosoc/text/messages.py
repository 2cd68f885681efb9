"""Messages of the program in the project's language: problems, progress, summaries, help.

Messages are written in English where they arise (`geo_bosoc.problems.messages`); ``danish/`` has the Danish of each, a
file a room: ``"English template" = "dansk skabelon"``, with the same placeholders in both.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from geo_bosoc.problems import Problem
from geo_bosoc.problems.messages import Message, fill_template, has_words
from geo_bosoc.problems.person_number_forms import INSTEAD
from geo_bosoc.text.catalogue import Language
from geo_bosoc.text.numbers import day

DANISH: Final = Path(__file__).with_name("danish")

_SEPARATORS: Final = str.maketrans(",.", ".,")


def in_language(text: str, language: Language) -> str:
    """A message in a language; one that the catalogue does not have stays English.

    Parameters
    ----------
    text : str
        A message, or a text without values that is its own template.
    language : {"da", "en"}
        The language.

    Returns
    -------
    str
        The text, with numbers and dates in the language's form.

    Examples
    --------
    >>> from geo_bosoc.problems.messages import count_text
    >>> in_language(count_text(1204, "row"), "da"), in_language(count_text(1204, "row"), "en")
    ('1.204 rækker', '1,204 rows')
    """
    if language == "en":
        return str(text)
    if not isinstance(text, Message):
        return danish_templates().get(text, text)
    if text.danish is not None:
        return text.danish
    template = danish_templates().get(text.template, text.template)
    return fill_template(template, text.values, _in_danish)


def problem_in_language(problem: Problem, language: Language) -> str:
    """A problem with its place in a language.

    Parameters
    ----------
    problem : Problem
        What is wrong.
    language : {"da", "en"}
        The language.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> problem_in_language(Problem("error", "there is no such file.", file="areas.gpkg", row=3), "da")
    'areas.gpkg, række 3: filen findes ikke.'
    """
    return in_language(problem.text(), language)


def problem_as_dict(problem: Problem, language: Language) -> dict[str, object]:
    """A problem as plain data, what is said in the language.

    Parameters
    ----------
    problem : Problem
        What is wrong.
    language : {"da", "en"}
        The language.

    Returns
    -------
    dict
        The fields that are not empty.
    """
    return {
        name: in_language(value, language) if name in ("message", "hint") else value
        for name, value in problem.as_dict().items()
    }


def is_said_in_danish(text: str) -> bool:
    """Whether the catalogue has the Danish of a message and of every message in it.

    >>> is_said_in_danish("there is no such file."), is_said_in_danish("there is a file.")
    (True, False)
    """
    if isinstance(text, Message) and text.danish is not None:
        return True
    template = text.template if isinstance(text, Message) else text
    if has_words(text) and template not in danish_templates():
        return False
    values = text.values.values() if isinstance(text, Message) else ()
    return all(is_said_in_danish(value) for value in values if isinstance(value, Message))


@cache
def danish_templates() -> Mapping[str, str]:
    """The Danish of every template.

    Raises
    ------
    LookupError
        Two files say the same otherwise.
    """
    templates: dict[str, str] = {}
    for path in sorted(DANISH.glob("*.toml")):
        for english, danish in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if templates.setdefault(english, danish) != danish:
                raise LookupError(f'{path.name} says "{english}" otherwise than another file of danish/')
    return templates


def _in_danish(value: object, spec: str) -> str:
    """A value of a template in Danish."""
    if isinstance(value, Message):
        return in_language(value, "da")
    if isinstance(value, date):
        return day(value, "da")
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and "," in spec):
        return format(value, spec).translate(_SEPARATORS)
    return format(value, spec).replace(INSTEAD, "[personnummer]")
