"""A predicate's text cut into words and signs, each with its place."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"(?P<string>'(?:[^']|'')*')|(?P<quoted>\"(?:[^\"]|\"\")*\"|`[^`]*`)|(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"|(?P<cast>::)|(?P<parameter>:[^\W\d]\w*)|(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[^\W\d]\w*)"
    r"|(?P<space>\s+)|(?P<open>['\"`])|(?P<other>.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, sign or value; `kind` is the name of its group in the expression above, `at` its place from 1."""

    kind: str
    text: str
    at: int

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
