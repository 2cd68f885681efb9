"""Comparisons, calculations and IN between operands: the expression, in SQL's meaning."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from geo_bosoc.predicates.operands import Kind, Operand, RefusedError, numeric, plain, same_kind

_LISTED_WORDS: Final = {"number": "numbers", "text": "texts", "date": "dates", "condition": "true and false"}
_COMPARED_SINGLY: Final = 4
"""Up to so many texts of a list are compared each by itself, which is faster than a look-up for each row."""


def compare(operation: str, left: Operand, right: Operand) -> Operand:
    """A comparison by a method of `pl.Expr`: ``eq, ne, lt, le, gt, ge, eq_missing, ne_missing``."""
    families = {left.family, right.family}
    if "nothing" in families and not operation.endswith("missing") and left.column != right.column:
        raise RefusedError("A comparison with NULL is never true", "Write IS NULL or IS NOT NULL.")
    same_kind(left, right)
    a, b = left.expr, right.expr
    if families == {"number", "condition"}:
        a = a if left.family == "number" else a.cast(pl.Int64)
        b = b if right.family == "number" else b.cast(pl.Int64)
    elif (left.coded or right.coded) and (
        operation not in ("eq", "ne") or (left.literal is None and right.literal is None)
    ):
        a, b = plain(left), plain(right)  # by the text itself, not by the order of the categories
    return Operand(getattr(a, operation)(b), "condition")


def calculate(sign: str, left: Operand, right: Operand) -> Operand:
    """A calculation: ``+ - * / %``; of two texts, ``+`` joins them."""
    if sign == "+" and left.kind == right.kind == "text":
        return Operand(plain(left) + plain(right), "text")
    a, b = numeric(left, sign), numeric(right, sign)
    is_whole = {left.kind, right.kind} <= {"integer", "condition"}
    kind: Kind = "integer" if is_whole and sign != "/" else "decimal"
    if sign in "/%" and not right.literal:
        b = pl.when(b != 0).then(b)
    if sign == "%":
        rest = a.abs() % b.abs()
        return Operand(pl.when(a < 0).then(-rest).otherwise(rest), kind)
    return Operand({"+": a.add, "-": a.sub, "*": a.mul, "/": a.truediv}[sign](b), kind)


def is_in(value: Operand, items: Sequence[Any]) -> Operand:
    """``x IN (values)``: unknown where x is missing, and where nothing matches but the list holds a NULL."""
    values = [item for item in items if item is not None]
    families = {literal_family(item) for item in values}
    if len(families) > 1 or "other" in families:
        raise RefusedError("The list after IN mixes kinds of values")
    family = families.pop() if families else "nothing"
    if value.kind == "nothing":
        return Operand(pl.lit(None, dtype=pl.Boolean), "condition")
    if "any" not in (value.kind, family) and family != "nothing" and value.family != family:
        hint = "Numbers stand without quotes, text in single quotes; codes such as '0751' are text."
        raise RefusedError(f"There is {value.words} looked up in a list of {_LISTED_WORDS[family]}", hint)
    searched = plain(value)
    if value.kind == "integer":
        values = [int(item) for item in values if item == int(item)]  # no whole number is 2.5
    elif value.kind == "decimal":
        searched, values = searched.cast(pl.Float64), [float(item) for item in values]
    elif family == "date":
        searched = searched.cast(pl.Datetime("us"))
        values = [dt.datetime.combine(item, dt.time()) for item in values]
    if value.kind == "text" and 0 < len(values) <= _COMPARED_SINGLY:
        expr = functools.reduce(operator.or_, (searched == item for item in values))
    elif values:
        expr = searched.is_in(values, nulls_equal=False)
    else:  # no value of the column's kind is left: false, and still unknown where x is missing
        expr = pl.when(searched.is_not_null()).then(pl.lit(False))
    if len(values) < len(items) and any(item is None for item in items):
        expr = expr | pl.lit(None, dtype=pl.Boolean)
    return Operand(expr, "condition")


def literal_family(value: Any) -> str:
    """Which family of values a literal belongs to: condition, number, text, date or other."""
    if isinstance(value, bool):
        return "condition"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "date" if isinstance(value, dt.date) else "other"
