"""Which values a predicate compares a column with: ``labour = 'outside'``, ``code IN (1, 2)``, ``name LIKE 'A%'``.

A value that no row has makes a comparison false for everybody without a word, so each is listed with a test that says
whether a row has it (see `geo_bosoc.predicates.unmatched_literals`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from sqlglot import exp

from geo_bosoc.predicates.expressions import Builder
from geo_bosoc.predicates.operands import RefusedError, plain
from geo_bosoc.predicates.parse import Columns, Parameters, read_predicate
from geo_bosoc.problems.messages import phrase

_UNEQUAL: Final = (exp.NEQ, exp.NullSafeNEQ)
_BEGINS: Final = "text that begins with '{sought}'"
_ENDS: Final = "text that ends with '{sought}'"
_HAS: Final = "text with '{sought}'"
_FITS: Final = "text that fits LIKE"


@dataclass(frozen=True)
class Literal:
    """A value that a column, or a function of it, is compared with.

    Attributes
    ----------
    column : str
        The column's name.
    value : pl.Expr
        What is compared.
    test : pl.Expr
        True in a row that has the value (or fits the pattern, or lies in the range).
    words : str
        The value as a person reads it: as it is written, or a message.
    text : str or None
        The value itself, where it is one text; None for numbers, patterns and ranges.
    number : bool
        It is a number.
    negated : bool
        The predicate leaves such rows out.
    of : int
        How many values its list has; 1 where it stands alone.
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
    >>> [each.words for each in predicate_literals("age > 17 AND labour IN ('outside', 'pension')", schema)]
    ["'outside'", "'pension'"]
    """
    try:
        parsed = read_predicate(predicate)
        walker = _Walker(Builder(columns, parameters, parsed.lists))
        return tuple(walker.literals(parsed.tree, negated=False))
    except RefusedError:
        return ()


class _Walker:
    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def literals(self, node: exp.Expr, *, negated: bool) -> list[Literal]:
        match node:
            case exp.Not():
                return self.literals(node.this, negated=not negated)
            case exp.EQ() | exp.NullSafeEQ() | exp.NEQ() | exp.NullSafeNEQ():
                return self._comparison(node, negated != isinstance(node, _UNEQUAL))
            case exp.In():
                return self._compared(node.this, self._listed(node), negated)
            case exp.Between():
                return self._between(node, negated)
            case exp.Like() | exp.ILike() if isinstance(self._fixed(node.expression), str):
                return self._like(node, negated != bool(node.args.get("negate")))
            case exp.StartsWith() | exp.EndsWith():
                template = _BEGINS if isinstance(node, exp.StartsWith) else _ENDS
                return self._pattern(node, template, self._fixed(node.expression), negated)
        return self._inside(node, negated)

    def _inside(self, node: exp.Expr, negated: bool) -> list[Literal]:
        return [
            literal for part in node.iter_expressions() for literal in self.literals(part, negated=negated)
        ]

    def _comparison(self, node: exp.Expr, negated: bool) -> list[Literal]:
        for side, other in ((node.this, node.expression), (node.expression, node.this)):
            value = self._fixed(other)
            if value is not None and not isinstance(_bare(side), exp.Case):
                return self._compared(side, [value], negated)
        return self._inside(node, negated)

    def _compared(self, node: exp.Expr, values: Sequence[Any], negated: bool) -> list[Literal]:
        column, expr, kind = self._subject(node)
        if column is None or expr is None:
            return []
        literals = []
        for value in values:
            if kind == "text" and isinstance(value, str):
                words = "'" + value.replace("'", "''") + "'"
                literals.append(
                    Literal(column, expr, expr == value, words, value, negated=negated, of=len(values))
                )
            elif kind == "integer" and isinstance(value, int | float) and not isinstance(value, bool):
                words = str(int(value)) if value == int(value) else str(value)
                literals.append(
                    Literal(column, expr, expr == value, words, number=True, negated=negated, of=len(values))
                )
        return literals

    def _listed(self, node: exp.In) -> list[Any]:
        """The values of a list after IN."""
        items = node.expressions
        if len(items) == 1 and isinstance(items[0], exp.Placeholder):
            name = str(items[0].this)
            if name in self._builder.lists:
                return list(self._builder.lists[name])
        return [self._builder.build(item).literal for item in items]

    def _like(self, node: exp.Expr, negated: bool) -> list[Literal]:
        pattern = str(self._fixed(node.expression))
        bare = pattern.strip("%")
        template = _FITS
        if bare and "%" not in bare and "_" not in bare:
            ends = (pattern.startswith("%"), pattern.endswith("%"))
            template = {(False, True): _BEGINS, (True, False): _ENDS, (True, True): _HAS}.get(ends, _FITS)
        positive = node.copy()
        positive.set("negate", False)
        return self._pattern(positive, template, bare, negated)

    def _pattern(self, node: exp.Expr, template: str, sought: Any, negated: bool) -> list[Literal]:
        column, expr, kind = self._subject(node.this)
        if column is None or expr is None or kind != "text" or not isinstance(sought, str):
            return []
        test = self._builder.condition(node)
        return [Literal(column, expr, test, phrase(template, sought=sought), negated=negated)]

    def _between(self, node: exp.Between, negated: bool) -> list[Literal]:
        """A range of texts as one value: ``grade BETWEEN 'A' AND 'C'``."""
        low, high = self._fixed(node.args["low"]), self._fixed(node.args["high"])
        column, expr, kind = self._subject(node.this)
        if not isinstance(low, str) or not isinstance(high, str):
            return self._inside(node, negated)
        if column is None or expr is None or kind != "text":
            return []
        test = expr.is_between(pl.lit(low), pl.lit(high))
        words = phrase("text from '{low}' to '{high}'", low=low, high=high)
        return [Literal(column, expr, test, words, negated=negated)]

    def _fixed(self, node: exp.Expr) -> Any:
        """The value that stands in the text, or a parameter's; None for all else."""
        if node.find(exp.Column) is not None:
            return None
        return self._builder.build(node).literal

    def _subject(self, node: exp.Expr) -> tuple[str | None, pl.Expr | None, str]:
        """The one column that a node looks at, its expression and its kind."""
        names = {column.name for column in node.find_all(exp.Column)}
        if len(names) != 1:
            return None, None, ""
        built = self._builder.build(node)
        return names.pop(), plain(built), built.kind


def _bare(node: exp.Expr) -> exp.Expr:
    """A node out of its parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node
