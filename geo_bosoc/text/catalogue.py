"""The words that people read, in Danish and English: `catalogue.toml`, read once.

A word has a subject (a table of the file) and a key. What is built of words - sentences, numbers, dates - is
built in Python where it is used; the catalogue holds the words alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, get_args

from geo_bosoc.problems import did_you_mean

Language = Literal["da", "en"]
"""The languages of outputs: each is a column of the catalogue."""

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

CATALOGUE: Final = Path(__file__).with_name("catalogue.toml")


def word(subject: str, key: str, language: str, **values: object) -> str:
    """A word or phrase, its placeholders filled with `values`; as it stands where none are given.

    Parameters
    ----------
    subject : str
        A table of the catalogue.
    key : str
        A line of that table.
    language : str
        ``"da"`` or ``"en"``.
    **values : object
        Text or numbers for ``{placeholders}``.

    Raises
    ------
    LookupError
        The catalogue has no such subject, key or language.

    >>> word("map", "residents", "da", count="1.204"), word("map", "residents", "en")
    ('1.204 beboere', '{count} residents')
    >>> word("map", "resident", "da")
    Traceback (most recent call last):
    LookupError: catalogue.toml has no word "resident" under [map]. Did you mean "residents"?
    """
    texts = words(subject, language)
    if key not in texts:
        raise LookupError(
            f'catalogue.toml has no word "{key}" under [{subject}]. {_hint(key, texts)}'.rstrip()
        )
    return texts[key].format(**values) if values else texts[key]


def word_or_key(subject: str, key: str, language: str) -> str:
    """The word for a key, or the key itself where the catalogue has none: a name that the user gave.

    >>> word_or_key("registers", "persons", "da"), word_or_key("registers", "bbr", "da")
    ('personer', 'bbr')
    """
    return words(subject, language).get(key, key)


def as_language(text: str) -> Language:
    """One of the catalogue's languages by its code.

    >>> as_language("en")
    'en'
    """
    for language in LANGUAGES:
        if text == language:
            return language
    raise LookupError(f'catalogue.toml has no language "{text}", only {", ".join(LANGUAGES)}')


@cache
def words(subject: str, language: str) -> Mapping[str, str]:
    """All words of a subject in one language, by key.

    >>> words("unit_suffixes", "da")["per_1000"]
    ' pr. 1.000'
    """
    tables = _tables()
    if subject not in tables:
        raise LookupError(f"catalogue.toml has no table [{subject}]. {_hint(subject, tables)}".rstrip())
    column = as_language(language)
    return MappingProxyType({key: texts[column] for key, texts in tables[subject].items()})


def _hint(name: str, names: Iterable[str]) -> str:
    return did_you_mean(name, names) or ""


@cache
def _tables() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """The catalogue as it stands in the file: subject, key, language."""
    return tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
