"""Where a predicate may be unknown, as far as its text says it plainly: what need not be looked for in the rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from geo_bosoc.predicate_text import Token, tokens_of

_PLAIN_WORDS: Final = ("and", "or", "not", "between", "in", "is", "true", "false")
_PLAIN_SIGNS: Final = frozenset("(),=<>!")


def never_unknown(text: str, filled: Collection[str]) -> bool:
    """Whether a predicate is true or false in every row, where the columns of `filled` miss no value.

    Only where that is plain to see: comparisons, BETWEEN, IN and IS NULL of such columns and values, with AND, OR and
    NOT between them.

    Examples
    --------
    >>> never_unknown("age BETWEEN 18 AND 64 AND NOT charged", {"age", "charged"})
    True
    >>> never_unknown("age < 18 OR labour = 'outside'", {"age"}), never_unknown("age / 2 > 9", {"age"})
    (False, False)
    """
    before: list[str] = []
    tokens = list(tokens_of(text))
    for number, token in enumerate(tokens):
        word = token.text.lower()
        if token.kind in ("name", "quoted"):
            null = word == "null" and (before[-1:] == ["is"] or before[-2:] == ["is", "not"])
            asked = [one.text.lower() for one in tokens[number + 1 : number + 4]]
            whether = asked[:2] == ["is", "null"] or asked == ["is", "not", "null"]
            if not (_name(token) in filled or word in _PLAIN_WORDS or null or whether):
                return False
        elif token.kind not in ("number", "string") and token.text not in _PLAIN_SIGNS:
            return False
        before.append(word)
    return True


def unknown_by(text: str) -> str | None:
    """The one column that a predicate asks one thing of: it is unknown where that column misses its value, and nowhere
    else.

    Only where that is plain to see: a single comparison or truth value, or the column itself BETWEEN or IN values,
    perhaps with NOT. (``7 BETWEEN age AND 5`` is false whatever the age, and ``3 IN (age, 3)`` true.)

    Examples
    --------
    >>> unknown_by("NOT labour IN ('outside', 'pension')"), unknown_by("age BETWEEN 18 AND 64")
    ('labour', 'age')
    >>> unknown_by("age < 18 OR labour = 'outside'"), unknown_by("labour IS NULL"), unknown_by("age + 1 > 9")
    (None, None, None)
    """
    names: list[str] = []
    words: list[str] = []
    behind: list[str] = []
    tokens = list(tokens_of(text))
    for number, token in enumerate(tokens):
        word = token.text.lower()
        if token.kind in ("name", "quoted"):
            if token.kind == "quoted" or word not in _PLAIN_WORDS:
                names.append(_name(token))
                behind = [one.text.lower() for one in tokens[number + 1 : number + 3]]
            words.append(word)
        elif token.kind not in ("number", "string") and token.text not in _PLAIN_SIGNS:
            return None
    if len(names) != 1 or {"or", "is"} & set(words) or words.count("and") != words.count("between"):
        return None
    among = words.count("between") + words.count("in")
    itself = behind[:1] in (["between"], ["in"]) or behind in (["not", "between"], ["not", "in"])
    return names[0] if among == 0 or (among == 1 and itself) else None


def _name(token: Token) -> str:
    return token.text if token.kind == "name" else token.text[1:-1]
