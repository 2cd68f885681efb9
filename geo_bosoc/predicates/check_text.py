"""A predicate as text: cut into tokens, and what its words say before SQL is read (mistakes, quotes, long lists)."""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from geo_bosoc.predicates.operands import ONE_ROW, is_date, number_of
from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.problems.messages import Message, phrase

_TOKEN: Final = re.compile(
    r"(?P<string>'(?:[^']|'')*')|(?P<quoted>\"(?:[^\"]|\"\")*\"|`[^`]*`)|(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"|(?P<cast>::)|(?P<parameter>:[^\W\d]\w*)|(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[^\W\d]\w*)"
    r"|(?P<space>\s+)|(?P<open>['\"`])|(?P<other>.)",
    re.DOTALL,
)
_LIST_NAME: Final = "geo_bosoc_list_"
"""Begins the name that stands in the tree for a long list after IN; no parameter's name does."""
MOST_NESTED: Final = 40
"""So many parentheses may be open at once."""
_LONG_LIST: Final = 30
"""From so many values on, a list after IN is read by its tokens alone, fifty times as fast as by the tree."""
_FUNCTIONS: Final = frozenset(
    re.findall(
        r"\w+",
        "abs ceil ceiling char_length character_length coalesce date_part ends_with extract floor ifnull left"
        " length lower ltrim nullif right round rtrim starts_with substr substring trim try_cast cast upper",
    )
)
_KEYWORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "and or not in is null true false between like ilike case when then else end as from for distinct"
        " date interval over values unknown escape both leading trailing varchar char decimal numeric",
    )
)
_FORBIDDEN: Final = {
    "select": phrase("A subquery"),
    "exists": phrase("A subquery"),
    "over": phrase("A window (OVER)"),
    "columns": phrase("A column pattern (COLUMNS)"),
}
_ALWAYS_KEYWORDS: Final = frozenset(
    ("and", "or", "not", "in", "is", "null", "true", "false", "between", "like", "ilike", "distinct", "as")
)
_FALSE_ALLIES: Final = ("true", "false", "unknown")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, sign or value; `kind` is the name of its group in the expression above, `position` its place from 1."""

    kind: str
    text: str
    position: int

    @property
    def name(self) -> str:
        """The column's name, where the token is one: without its quotation marks."""
        if self.kind != "quoted":
            return self.text
        return self.text[1:-1].replace('""', '"') if self.text.startswith('"') else self.text[1:-1]


@functools.lru_cache(maxsize=1_024)
def tokens_of(text: str) -> tuple[Token, ...]:
    """All but spaces and comments, in order."""
    return tuple(
        Token(match.lastgroup or "other", match.group(), match.start() + 1)
        for match in _TOKEN.finditer(text)
        if match.lastgroup not in ("space", "comment")
    )


def check_text(text: str, parameters: Mapping[str, Any], key: str | None, problems: Report) -> None:
    """Report what the words alone say, with its position: functions, quotes, parameters, IS TRUE."""
    tokens = tokens_of(text)
    if not tokens:
        problems.error("The predicate is empty.", hint="Leave the key out to take every row.", key=key)
    for index, token in enumerate(tokens):
        if token.kind in ("number", "quoted") or (token.kind == "other" and token.text != ";"):
            continue
        mistake = _mistake(tokens, index, parameters, text)
        if mistake is not None:
            message, hint = mistake
            problems.error(message, hint=hint, key=key)
        if token.kind == "open":
            break


def _where(token: Token, text: str) -> Message:
    return phrase(
        "at character {position} of the predicate {predicate}", position=token.position, predicate=short(text)
    )


def _mistake(
    tokens: Sequence[Token], index: int, parameters: Mapping[str, Any], text: str
) -> tuple[str, str | None] | None:
    """What is wrong with a word of the text, and what to write instead; None where nothing is."""
    token = tokens[index]
    word = token.text.lower()
    after = tokens[index + 1].text if index + 1 < len(tokens) else ""
    before = tokens[index - 1].text.lower() if index else ""
    if token.kind == "open":
        return phrase("A quotation mark is opened and not closed {where}.", where=_where(token, text)), None
    if token.kind == "string":
        if before == "date" and not is_date(token.text[1:-1]):
            hint = "Dates are written DATE '2024-01-31'."
            return phrase("This is not a date, {where}.", where=_where(token, text)), hint
        return None
    if token.kind == "parameter":
        if token.text[1:] not in parameters:
            names = ", ".join(f":{name}" for name in sorted(parameters)) or phrase("none")
            return (
                phrase("There is no parameter {name} ({where}).", name=token.text, where=_where(token, text)),
                phrase("Give it under [parameters]. There are: {names}.", names=names),
            )
        if not _usable(parameters[token.text[1:]]):
            return (
                phrase(
                    "The parameter {name} has no usable value ({where}).",
                    name=token.text,
                    where=_where(token, text),
                ),
                None,
            )
        return None
    if token.kind == "name" and word in _FORBIDDEN and (after == "(" or word in ("select", "over", "exists")):
        what = _FORBIDDEN[word]
        return phrase("{what} is not allowed, {where}.", what=what, where=_where(token, text)), ONE_ROW
    if token.kind == "name" and after == "(" and word not in _FUNCTIONS | _KEYWORDS:
        return (
            phrase(
                "The function {name} is not allowed, {where}.", name=token.text, where=_where(token, text)
            ),
            did_you_mean(word, _FUNCTIONS, cutoff=0.75) or ONE_ROW,
        )
    if word in _FALSE_ALLIES and before in ("is", "not") and _after_is(tokens, index):
        return (
            phrase(
                "IS {value} is not read here ({where}).", value=token.text.upper(), where=_where(token, text)
            ),
            phrase(
                "Write = {value}, or COALESCE(column, FALSE) where unknown is false.",
                value=token.text.upper(),
            ),
        )
    if token.text == ";" or (word == "from" and not _from_belongs(tokens, index)):
        return (
            phrase(
                "This cannot be read as an SQL condition: {word} {where}.",
                word=token.text,
                where=_where(token, text),
            ),
            "A predicate is one condition, without SELECT, FROM and semicolon.",
        )
    return None


def _from_belongs(tokens: Sequence[Token], index: int) -> bool:
    """Whether this FROM is that of IS DISTINCT FROM, EXTRACT(year FROM day) or SUBSTRING(text FROM 1)."""
    words = [token.text.lower() for token in tokens[:index]]
    if words[-1:] == ["distinct"]:
        return True
    opened = [number for number, word in enumerate(words) if word in ("extract", "substring", "trim")]
    return bool(opened) and words[opened[-1] :].count("(") > words[opened[-1] :].count(")")


def _after_is(tokens: Sequence[Token], index: int) -> bool:
    words = [token.text.lower() for token in tokens[max(0, index - 2) : index]]
    return words[-1:] == ["is"] or words == ["is", "not"]


def _usable(value: object) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and all(_usable(part) and not isinstance(part, Mapping) for part in value.values())
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or (
        isinstance(value, bool | int | str | Decimal | dt.date) and not isinstance(value, dt.datetime)
    )


def deepest(tokens: Iterable[Token]) -> int:
    """How many parentheses are open at once, at most."""
    depth = deepest = 0
    for token in tokens:
        if token.kind == "other":
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            deepest = max(deepest, depth)
    return deepest


def without_long_lists(text: str, tokens: Sequence[Token]) -> tuple[str, dict[str, tuple[Any, ...]]]:
    """The text with a name for each long list of plain values after IN, and the lists' values."""
    lists: dict[str, tuple[Any, ...]] = {}
    pieces: list[str] = []
    done = index = 0
    while index < len(tokens) - 1:
        if tokens[index].text.lower() == "in" and tokens[index + 1].text == "(":
            end, values = _list_values(tokens, index + 2)
            if len(values) >= _LONG_LIST:
                name = f"{_LIST_NAME}{len(lists)}"
                lists[name] = tuple(values)
                pieces += [text[done : tokens[index + 1].position - 1], f"(:{name})"]
                done = tokens[end].position
                index = end
        index += 1
    return "".join([*pieces, text[done:]]), lists


def _list_values(tokens: Sequence[Token], start: int) -> tuple[int, list[Any]]:
    """Where a list that is made of texts or of numbers alone ends, and its values; none where it is of other make."""
    values: list[Any] = []
    for index in range(start, len(tokens) - 1, 2):
        token, following = tokens[index], tokens[index + 1]
        if token.kind == "string":
            values.append(token.text[1:-1].replace("''", "'"))
        elif token.kind == "number":
            values.append(number_of(token.text))
        else:
            return start, []
        if following.text == ")":
            return index + 1, values
        if following.text != ",":
            return start, []
    return start, []


def quoted(text: str) -> str:
    """The text with each column's name in double quotes, so that a name such as ``order`` or ``when`` is no keyword."""
    tokens = tokens_of(text)
    words = [token.text.lower() if token.kind == "name" else token.text for token in tokens]
    has_case = "case" in words and "end" in words
    pieces: list[str] = []
    done = 0
    for index, token in enumerate(tokens):
        if token.kind == "quoted" or (
            token.kind == "name" and not _is_keyword(words, tokens, index, has_case)
        ):
            pieces += [text[done : token.position - 1], '"' + token.name.replace('"', '""') + '"']
            done = token.position - 1 + len(token.text)
    return "".join([*pieces, text[done:]])


def _is_keyword(words: list[str], tokens: Sequence[Token], index: int, has_case: bool) -> bool:
    """Whether a word is a part of SQL where it stands, and not a column's name."""
    word, before = words[index], words[index - 1] if index else ""
    after = words[index + 1] if index + 1 < len(words) else ""
    if before in ("as", "::") or (after == "(" and word not in ("then", "else")):
        return True  # a type, a new name, a function
    if word in ("case", "when", "then", "else", "end"):
        return has_case
    if word in ("date", "interval", "escape"):
        return index + 1 < len(tokens) and tokens[index + 1].kind == "string"
    if word == "from":
        return _from_belongs(tokens, index)
    if word == "for":
        return "substring" in words[:index]
    return word in _ALWAYS_KEYWORDS or (
        before == "(" and index > 1 and words[index - 2] in ("extract", "trim")
    )


def in_order(names: Iterable[str], tokens: Iterable[Token]) -> tuple[str, ...]:
    """Names in the order in which the text has them."""
    positions: dict[str, int] = {}
    for token in tokens:
        if token.kind in ("name", "quoted"):
            positions.setdefault(token.name, token.position)
    return tuple(sorted(names, key=lambda name: positions.get(name, 0)))


def short(text: str) -> str:
    """A predicate's text on one line for a message, cut after 80 characters."""
    text = " ".join(text.split())
    return f"`{text if len(text) <= 80 else text[:77] + '...'}`"
