"""Functions in a predicate: of text, LIKE, rounding, and the parts of a date."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import polars as pl
from sqlglot import exp

from geo_bosoc.predicates.operands import ONE_ROW, Operand, RefusedError, numeric, plain
from geo_bosoc.problems.messages import phrase

Build = Callable[[exp.Expr], Operand]
"""Builds the operand of a node."""

_DAY_PARTS: Final = ("YEAR", "QUARTER", "MONTH", "DAY")
_TEXT_NODES: Final = frozenset(
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


def text_function(node: exp.Expr, build: Build) -> Operand:
    """A function of text."""
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


def _trimmed(node: exp.Trim, text: pl.Expr, build: Build) -> pl.Expr:
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
            phrase("A text function or LIKE is used on {operand}", operand=operand.words),
            "CAST(column AS VARCHAR) makes text.",
        )
    return operand.expr.cast(pl.String) if operand.empty else plain(operand)


def _whole_number(operand: Operand, least: int, what: str) -> int:
    number = operand.literal
    if not isinstance(number, int) or isinstance(number, bool) or number < least:
        raise RefusedError(
            phrase("{function} takes a whole number from {least} up", function=what, least=least)
        )
    return number


def rounded(node: exp.Expr, build: Build) -> Operand:
    """ABS, ROUND, CEIL and FLOOR."""
    value = build(node.this)
    number = numeric(value, node.key)
    decimals: Any = 0
    if isinstance(node, exp.Round) and node.args.get("decimals") is not None:
        decimals = build(node.args["decimals"]).literal
        if not isinstance(decimals, int) or not 0 <= decimals <= 15:
            raise RefusedError("ROUND takes a whole number of decimals from 0 to 15")
    makers: dict[type[exp.Expr], Callable[[], pl.Expr]] = {
        exp.Abs: number.abs,
        exp.Round: lambda: number.round(decimals, mode="half_away_from_zero"),
        exp.Ceil: number.ceil,
        exp.Floor: number.floor,
    }
    return Operand(makers[type(node)](), "integer" if value.kind == "integer" else "decimal")


def day_part(node: exp.Expr, build: Build) -> Operand:
    """``EXTRACT(year FROM day)`` and ``date_part('year', day)``."""
    if isinstance(node, exp.Anonymous):
        if str(node.this).lower() != "date_part" or len(node.expressions) != 2:
            raise RefusedError(phrase("The part {part} is not allowed", part=node.key.upper()), ONE_ROW)
        name, value = node.expressions
        part, day = str(name.name).upper(), build(value)
    else:
        part, day = str(node.this.name).upper(), build(node.expression)
    if part not in _DAY_PARTS:
        raise RefusedError(
            phrase("The part {part} of a date is not allowed", part=part), "Use year, quarter, month or day."
        )
    if day.kind not in ("date", "any"):
        raise RefusedError(
            phrase("EXTRACT({part}) is used on {operand}, which is not a date", part=part, operand=day.words)
        )
    expr = day.expr.cast(pl.Date) if day.empty else day.expr
    return Operand(getattr(expr.dt, part.lower())().cast(pl.Int64), "integer")


FUNCTIONS: Final[Mapping[type[exp.Expr], Callable[[exp.Expr, Build], Operand]]] = {
    **dict.fromkeys(_TEXT_NODES, text_function),
    **dict.fromkeys((exp.Abs, exp.Round, exp.Ceil, exp.Floor), rounded),
    **dict.fromkeys((exp.Extract, exp.Anonymous), day_part),
}
"""What builds each function's operand, given what builds its parts'."""
