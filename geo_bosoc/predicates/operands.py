"""Operands of a predicate, the kind of value that each yields, comparisons and calculations, in SQL's meaning."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

import polars as pl

from geo_bosoc.problems.messages import Message, as_message, listed, phrase

Kind = Literal["integer", "decimal", "text", "condition", "date", "nothing", "other", "any"]

KIND_WORDS: Final = {
    "integer": phrase("a number"),
    "decimal": phrase("a number"),
    "text": phrase("text"),
    "condition": phrase("true or false"),
    "date": phrase("a date"),
    "nothing": phrase("NULL"),
    "other": phrase("neither number, text, date nor true or false"),
    "any": phrase("a value"),
}
ONE_ROW: Final = (
    "A predicate looks at one row at a time; "
    "give values of the whole register under [parameters] and write :name."
)
_LISTED_WORDS: Final = {
    "number": phrase("numbers"),
    "text": phrase("texts"),
    "date": phrase("dates"),
    "condition": phrase("true and false"),
}
_COMPARED_SINGLY: Final = 4
"""Up to so many texts of a list are compared each by itself, which is faster than a look-up for each row."""


class RefusedError(Exception):
    """This part of a predicate is not allowed; `message` names it, `hint` says what to write instead."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = as_message(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Operand:
    """A part of the expression: what it yields, its column or literal, whether it is stored as categories or empty.

    An empty column (Polars' Null type: a register's column without any value) may stand where any kind may.

    Attributes
    ----------
    expr : pl.Expr
        What it yields.
    kind : str
        The kind of value, see `KIND_WORDS`.
    column : str or None
        The column's name, where the operand is a column.
    literal : object
        The value, where `fixed`.
    coded : bool
        Text held as categories.
    empty : bool
        A column without any value.
    fixed : bool
        A value that stands in the text, or a parameter's.
    """

    expr: pl.Expr
    kind: Kind
    column: str | None = None
    literal: Any = None
    coded: bool = False
    empty: bool = False
    fixed: bool = False

    @property
    def words(self) -> Message:
        """What it is, for a message."""
        kind = KIND_WORDS[self.kind]
        return phrase("`{column}` ({kind})", column=self.column, kind=kind) if self.column else kind

    @property
    def family(self) -> str:
        """Its kind, whole and decimal numbers alike."""
        return "number" if self.kind in ("integer", "decimal") else self.kind


def literal(value: Any) -> Operand:
    """A value as an operand: a number, text, a date, true or false, or None for NULL.

    Raises
    ------
    RefusedError
        It is none of them.
    """
    value = value.item() if hasattr(value, "item") else value
    if value is None:
        return Operand(pl.lit(None), "nothing")
    if isinstance(value, bool):
        return Operand(pl.lit(value, dtype=pl.Boolean), "condition", literal=value, fixed=True)
    if isinstance(value, int):
        if abs(value) >= 2**63:
            return literal(float(value))
        return Operand(pl.lit(value), "integer", literal=value, fixed=True)
    if isinstance(value, float | Decimal):
        return Operand(pl.lit(float(value)), "decimal", literal=float(value), fixed=True)
    if isinstance(value, str):
        return Operand(pl.lit(value, dtype=pl.String), "text", literal=value, fixed=True)
    if isinstance(value, dt.date):
        return Operand(pl.lit(value), "date", literal=value, fixed=True)
    raise RefusedError(
        phrase("A literal of the type {type} is not allowed", type=type(value).__name__),
        "Use numbers, 'text' or DATE '2024-01-31'.",
    )


def plain(operand: Operand) -> pl.Expr:
    """Text held as categories as text; whole numbers in 64 bits; the rest as it is."""
    if operand.coded:
        return operand.expr.cast(pl.String)
    if operand.kind == "integer" and operand.literal is None:
        return operand.expr.cast(pl.Int64)
    return operand.expr


def numeric(operand: Operand, what: str) -> pl.Expr:
    """As a number wide enough to calculate with; true and false count 1 and 0."""
    if operand.empty or operand.kind == "condition" or (operand.kind == "integer" and not operand.fixed):
        return operand.expr.cast(pl.Int64)
    if operand.kind in ("integer", "decimal", "any", "condition"):
        return operand.expr
    if operand.kind == "nothing":
        return pl.lit(None, dtype=pl.Float64)
    raise RefusedError(
        phrase("There is {operand} in a calculation ({sign})", operand=operand.words, sign=what)
    )


def common_kind(parts: Sequence[Operand], what: str) -> Kind:
    """The one kind of several parts, NULLs aside."""
    kinds = {part.kind for part in parts} - {"nothing", "any"}
    if kinds <= {"integer", "decimal"} and len(kinds) == 2:
        return "decimal"
    if len(kinds) > 1:
        words = sorted({KIND_WORDS[kind] for kind in kinds})
        raise RefusedError(phrase("{what} mixes {kinds}", what=what, kinds=listed(words)))
    if not kinds:
        return "any" if any(part.kind == "any" for part in parts) else "nothing"
    return kinds.pop()


def same_kind(left: Operand, right: Operand) -> None:
    """Refuse a comparison of unlike kinds: text with a number, a date with a number."""
    families = {left.family, right.family}
    if "other" in families:
        raise RefusedError(_compared(left, right))
    families -= {"any", "nothing"}
    if len(families) > 1 and families != {"number", "condition"}:
        hint = None
        if families == {"number", "text"}:
            hint = "Numbers stand without quotes, text in single quotes; codes such as '0751' are text."
        elif "date" in families:
            hint = "Dates are written DATE '2024-01-31'; the year of one is EXTRACT(year FROM column)."
        raise RefusedError(_compared(left, right), hint)


def _compared(left: Operand, right: Operand) -> Message:
    return phrase("There is {left} compared with {right}", left=left.words, right=right.words)


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
        listed_words = _LISTED_WORDS[family]
        raise RefusedError(
            phrase(
                "There is {value} looked up in a list of {values}", value=value.words, values=listed_words
            ),
            hint,
        )
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


def number_of(text: str) -> int | float:
    """A number as it is written in SQL; one of more digits than 64 bits hold is a decimal number.

    >>> number_of("12"), number_of("1.5e1"), number_of("9" * 20)
    (12, 15.0, 1e+20)
    """
    if text.isdigit() and abs(int(text)) < 2**63:
        return int(text)
    return float(text)


def is_date(text: str) -> bool:
    """Whether a text is a day as ``DATE '2024-01-31'`` takes it."""
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
