"""A predicate's text cut into words and signs, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    """A word, sign or value; `kind` is the name of its group in the expression above."""

    kind: str
    text: str
    at: int  # 1-based


def tokens_of(text: str) -> Iterator[Token]:
    """All but spaces and comments, in order."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind not in ("space", "comment"):
            yield Token(kind, match.group(), match.start() + 1)
