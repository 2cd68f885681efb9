"""Functions of text in a predicate, and LIKE."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import polars as pl
from sqlglot import exp

from geo_bosoc.predicates.operands import Operand, RefusedError, plain

TEXT_NODES: Final = frozenset(
    {
        exp.Lower,
        exp.Upper,
        exp.Trim,
        exp.Length,
        exp.Substring,
        exp.Left,
        exp.Right,
        exp.StartsWith,
        exp.EndsWith,
        exp.DPipe,
    }
)


def text_function(node: exp.Expr, build: Callable[[exp.Expr], Operand]) -> Operand:
    """A node of `TEXT_NODES` as an operand."""
    text = _text(build(node.this))
    match node:
        case exp.DPipe():
            return Operand(text + _text(build(node.expression)), "text")
        case exp.Lower():
            return Operand(text.str.to_lowercase(), "text")
        case exp.Upper():
            return Operand(text.str.to_uppercase(), "text")
        case exp.Length():
            return Operand(text.str.len_chars().cast(pl.Int64), "integer")
        case exp.Trim():
            return Operand(_trimmed(node, text, build), "text")
        case exp.StartsWith():
            return Operand(text.str.starts_with(_text(build(node.expression))), "condition")
        case exp.EndsWith():
            return Operand(text.str.ends_with(_text(build(node.expression))), "condition")
        case exp.Left():
            return Operand(text.str.slice(0, _whole_number(build(node.expression), 0, "LEFT")), "text")
        case exp.Right():
            length = _whole_number(build(node.expression), 0, "RIGHT")
            return Operand(text.str.slice(-length) if length else text.str.slice(0, 0), "text")
    start = _whole_number(build(node.args["start"]), 1, "SUBSTR")
    if node.args.get("length") is None:
        return Operand(text.str.slice(start - 1), "text")
    return Operand(text.str.slice(start - 1, _whole_number(build(node.args["length"]), 0, "SUBSTR")), "text")


def like(value: Operand, pattern: Operand, *, escape: str | None, fold: bool) -> Operand:
    """``value LIKE pattern``: ``%`` for any text, ``_`` for one sign; with `fold` letters of both cases alike."""
    text = _text(value)
    if not isinstance(pattern.literal, str):
        raise RefusedError("LIKE takes a text in single quotes", "Write for example: name LIKE 'a%'.")
    signs = _like_signs(pattern.literal, escape)
    inner = [sign for sign, _ in signs]
    wild = [is_wild for _, is_wild in signs]
    if not fold and not any(wild):
        return Operand(text == "".join(inner), "condition")
    if not fold and wild[-1] and inner[-1] == "%" and not any(wild[:-1]):
        return Operand(text.str.starts_with("".join(inner[:-1])), "condition")
    regex = "".join({"%": ".*", "_": "."}[sign] if is_wild else re.escape(sign) for sign, is_wild in signs)
    flags = "(?is)" if fold else "(?s)"
    return Operand(text.str.contains(f"{flags}^{regex}$"), "condition")


def _like_signs(pattern: str, escape: str | None) -> list[tuple[str, bool]]:
    """The signs of a pattern, and whether each is a wild card."""
    signs: list[tuple[str, bool]] = []
    rest = iter(pattern)
    for sign in rest:
        if escape is not None and sign == escape:
            escaped = next(rest, None)
            if escaped is None:
                raise RefusedError("The pattern after LIKE ends with its escape sign")
            signs.append((escaped, False))
        else:
            signs.append((sign, sign in "%_"))
    return signs


def _trimmed(node: exp.Trim, text: pl.Expr, build: Callable[[exp.Expr], Operand]) -> pl.Expr:
    signs = None if node.expression is None else build(node.expression).literal
    if node.expression is not None and not isinstance(signs, str):
        raise RefusedError("TRIM takes a text in single quotes")
    position = str(node.args.get("position") or "BOTH").upper()
    strip = {
        "BOTH": text.str.strip_chars,
        "LEADING": text.str.strip_chars_start,
        "TRAILING": text.str.strip_chars_end,
    }
    return strip[position](signs)


def _text(operand: Operand) -> pl.Expr:
    if operand.kind not in ("text", "any"):
        raise RefusedError(
            f"A text function or LIKE is used on {operand.words}", "CAST(column AS VARCHAR) makes text."
        )
    return operand.expr.cast(pl.String) if operand.empty else plain(operand)


def _whole_number(operand: Operand, least: int, what: str) -> int:
    number = operand.literal
    if not isinstance(number, int) or isinstance(number, bool) or number < least:
        raise RefusedError(f"{what} takes a whole number from {least} up")
    return number
