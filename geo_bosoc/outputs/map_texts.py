"""The words on the map page, in Danish and English."""

from __future__ import annotations

from geo_bosoc.text import catalogue


def kind_word(kind: str, language: str) -> str:
    """The kind of an area in words.

    >>> kind_word("social_housing", "da"), kind_word("city block", "da")
    ('alment boligområde', 'city block')
    """
    return catalogue.word_or_key("area_kinds", kind, language)


def word(key: str, language: str, **values: object) -> str:
    """A word or phrase, its braces filled with `values`.

    >>> word("residents", "da", count="1.204")
    '1.204 beboere'
    """
    return catalogue.word("map", key, language, **values)


def all_words(language: str) -> dict[str, str]:
    """Every word in one language, for the page's scripts."""
    return dict(catalogue.words("map", language))
