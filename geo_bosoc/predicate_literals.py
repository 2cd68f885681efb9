"""Which values a predicate compares a column with: ``labour = 'outside'``, ``code IN (1, 2)``, ``name LIKE 'A%'``.

A value that no row has makes a comparison false for everybody without a word, so each is listed with a test that says
whether a row has it (see `geo_bosoc.literals_met`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from geo_bosoc.predicates import Columns, Parameters, column_names, predicate_tree
from geo_bosoc.sql_parts import Builder, RefusedError, comparable, listed_values

_EQUAL: Final = ("Eq", "EqValidity")
_UNEQUAL: Final = ("NotEq", "NotEqValidity")
_PATTERNS: Final = {
    "StartsWith": "text that begins with",
    "EndsWith": "text that ends with",
    "Contains": "text with",
}


@dataclass(frozen=True)
class Literal:
    """A value that a column, or a function of it, is compared with.

    Attributes
    ----------
    value : what is compared.
    test : true in a row that has the value (or fits the pattern, or lies in the range).
    words : the value as a person reads it.
    text : the value itself, where it is one text; None for numbers, patterns and ranges.
    negated : the predicate leaves such rows out.
    of : how many values its list has; 1 where it stands alone.
    """

    column: str
    value: pl.Expr
    test: pl.Expr
    words: str
    text: str | None = None
    number: bool = False
    negated: bool = False
    of: int = 1


def predicate_literals(
    predicate: str, columns: Columns, parameters: Parameters | None = None
) -> tuple[Literal, ...]:
    """The texts and whole numbers that a predicate looks for in its columns; none where it cannot be read.

    >>> schema = {"labour": pl.String, "age": pl.Int64}
    >>> [one.words for one in predicate_literals("age > 17 AND labour IN ('outside', 'pension')", schema)]
    ["'outside'", "'pension'"]
    """
    try:
        return tuple(_Walk(Builder(columns)).literals(predicate_tree(predicate, parameters), negated=False))
    except RefusedError:
        return ()


class _Walk:
    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def literals(self, node: Any, *, negated: bool) -> list[Literal]:
        if isinstance(node, list):
            return [one for part in node for one in self.literals(part, negated=negated)]
        if not isinstance(node, dict):
            return []
        if "BinaryExpr" in node:
            body = node["BinaryExpr"]
            return self._binary(node, body["op"], body["left"], body["right"], negated)
        if "Function" in node:
            name = _function(node["Function"]["function"])
            given = node["Function"]["input"]
            if name == "Not":
                return self.literals(given, negated=not negated)
            if name == "IsIn":
                return self._listed(given[0], given[1], negated)
            if name in _PATTERNS and len(given) > 1:
                return self._pattern(name, node, given, negated)
        return [
            one
            for name, part in node.items()
            if name != "Series"
            for one in self.literals(part, negated=negated)
        ]

    def _binary(self, node: Any, op: str, left: Any, right: Any, negated: bool) -> list[Literal]:
        if op in _EQUAL or op in _UNEQUAL:
            turned = negated != (op in _UNEQUAL)
            for one, other in ((left, right), (right, left)):
                value = _literal(self._builder, other)
                if value is not None and "Ternary" not in one:
                    return self._compared(one, [value], turned)
        if op in ("And", "Or"):
            between = self._between(node, op, left, right, negated)
            if between is not None:
                return between
        return self.literals([left, right], negated=negated)

    def _compared(self, node: Any, values: list[Any], negated: bool) -> list[Literal]:
        column, expr, kind = self._looked_at(node)
        if column is None or expr is None:
            return []
        made = []
        for value in values:
            if kind == "text" and isinstance(value, str):
                words = "'" + value.replace("'", "''") + "'"
                made.append(
                    Literal(column, expr, expr == value, words, value, negated=negated, of=len(values))
                )
            elif kind == "integer" and isinstance(value, int | float) and not isinstance(value, bool):
                words = str(int(value)) if value == int(value) else str(value)
                made.append(
                    Literal(column, expr, expr == value, words, number=True, negated=negated, of=len(values))
                )
        return made

    def _listed(self, node: Any, listed: Any, negated: bool) -> list[Literal]:
        values = listed_values(listed)
        return self._compared(node, values, negated) if values is not None else []

    def _pattern(self, name: str, node: Any, given: list[Any], negated: bool) -> list[Literal]:
        column, expr, kind = self._looked_at(given[0])
        sought = _literal(self._builder, given[1])
        if column is None or expr is None or kind != "text" or not isinstance(sought, str):
            return []
        test = self._builder.condition(node)
        plain = name != "Contains" or node["Function"]["function"]["StringExpr"]["Contains"]["literal"]
        words = f"{_PATTERNS[name]} '{sought}'" if plain else "text that fits LIKE"
        return [Literal(column, expr, test, words, negated=negated)]

    def _between(self, node: Any, op: str, left: Any, right: Any, negated: bool) -> list[Literal] | None:
        """A range of texts as one value: ``grade BETWEEN 'A' AND 'C'``, or NOT BETWEEN."""
        ends = []
        for side, wanted in ((left, ("GtEq", "Lt")), (right, ("LtEq", "Gt"))):
            body = side.get("BinaryExpr") if isinstance(side, dict) else None
            if body is None or body["op"] != wanted[op == "Or"]:
                return None
            ends.append((body["left"], _literal(self._builder, body["right"])))
        (one, low), (other, high) = ends
        if one != other or not isinstance(low, str) or not isinstance(high, str):
            return None
        column, expr, kind = self._looked_at(one)
        if column is None or expr is None or kind != "text":
            return None
        inside = expr.is_between(pl.lit(low), pl.lit(high))
        words = f"text from '{low}' to '{high}'"
        return [Literal(column, expr, inside, words, negated=negated != (op == "Or"))]

    def _looked_at(self, node: Any) -> tuple[str | None, pl.Expr | None, str]:
        """The one column that a node looks at, its expression and its kind."""
        names = column_names(node)
        if len(names) != 1:
            return None, None, ""
        built = self._builder.build(node)
        return names[0], comparable(built), built.kind


def _literal(builder: Builder, node: Any) -> Any:
    if not (isinstance(node, dict) and "Literal" in node):
        return None
    return builder.build(node).literal


def _function(function: Any) -> str:
    """The name of a function, its family left aside."""
    pick: Callable[[Any], Any] = lambda one: next(iter(one.items())) if isinstance(one, dict) else (one, None)  # noqa: E731
    name, inner = pick(function)
    if name in ("Boolean", "StringExpr", "Sql"):
        name, _ = pick(inner)
    return str(name)
