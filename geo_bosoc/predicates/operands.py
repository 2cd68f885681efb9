"""What stands on either side of a sign in a predicate: an expression, and the kind of value that it yields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

import polars as pl

Kind = Literal["integer", "decimal", "text", "condition", "date", "nothing", "other", "any"]

KIND_WORDS: Final = {
    "integer": "a number",
    "decimal": "a number",
    "text": "text",
    "condition": "true or false",
    "date": "a date",
    "nothing": "NULL",
    "other": "neither number, text, date nor true or false",
    "any": "a value",
}
ONE_ROW: Final = (
    "A predicate looks at one row at a time; "
    "give values of the whole register under [parameters] and write :name."
)


class RefusedError(Exception):
    """This part of a predicate is not allowed; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Operand:
    """A part of the expression: what it yields, its column or literal, if it is held as categories, or empty.

    An empty column (Polars' Null type: a register's column without any value) may stand where any kind may.

    Attributes
    ----------
    expr : pl.Expr
    kind : str
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
    def words(self) -> str:
        """What it is, for a message."""
        return f"`{self.column}` ({KIND_WORDS[self.kind]})" if self.column else KIND_WORDS[self.kind]

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
        f"A literal of the type {type(value).__name__} is not allowed",
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
    raise RefusedError(f"There is {operand.words} in a calculation ({what})")


def common_kind(parts: Sequence[Operand], what: str) -> Kind:
    """The one kind of several parts, NULLs aside."""
    kinds = {part.kind for part in parts} - {"nothing", "any"}
    if kinds <= {"integer", "decimal"} and len(kinds) == 2:
        return "decimal"
    if len(kinds) > 1:
        raise RefusedError(f"{what} mixes {' and '.join(sorted({KIND_WORDS[kind] for kind in kinds}))}")
    if not kinds:
        return "any" if any(part.kind == "any" for part in parts) else "nothing"
    return kinds.pop()


def same_kind(left: Operand, right: Operand) -> None:
    """Refuse a comparison of unlike kinds: text with a number, a date with a number."""
    families = {left.family, right.family}
    if "other" in families:
        raise RefusedError(f"There is {left.words} compared with {right.words}")
    families -= {"any", "nothing"}
    if len(families) > 1 and families != {"number", "condition"}:
        hint = None
        if families == {"number", "text"}:
            hint = "Numbers stand without quotes, text in single quotes; codes such as '0751' are text."
        elif "date" in families:
            hint = "Dates are written DATE '2024-01-31'; the year of one is EXTRACT(year FROM column)."
        raise RefusedError(f"There is {left.words} compared with {right.words}", hint)
