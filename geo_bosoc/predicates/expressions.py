"""Building a predicate's expression from allowed parts: a branch for each part of SQL that looks at one row.

`geo_bosoc.predicates.parse` is the door; its docstring tells what is allowed and where the meaning is SQL's, not
that of Polars. A node of sqlglot's tree that has no branch here cannot be built and is refused.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import polars as pl
from sqlglot import exp

from geo_bosoc.predicates.functions import FUNCTIONS, like
from geo_bosoc.predicates.operands import (
    ONE_ROW,
    Kind,
    Operand,
    RefusedError,
    calculate,
    common_kind,
    compare,
    is_date,
    is_in,
    literal,
    number_of,
    plain,
)
from geo_bosoc.problems.messages import phrase

_COMPARE: Final[dict[type[exp.Expr], str]] = {
    exp.EQ: "eq",
    exp.NEQ: "ne",
    exp.LT: "lt",
    exp.LTE: "le",
    exp.GT: "gt",
    exp.GTE: "ge",
    exp.NullSafeEQ: "eq_missing",
    exp.NullSafeNEQ: "ne_missing",
}
_SIGNS: Final[dict[type[exp.Expr], str]] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
}
_WHOLE_TYPES: Final = "TINYINT SMALLINT MEDIUMINT INT BIGINT UTINYINT USMALLINT UINT UBIGINT"
_CASTS: Final[dict[str, tuple[Any, Kind]]] = {
    **dict.fromkeys(_WHOLE_TYPES.split(), (pl.Int64, "integer")),
    **dict.fromkeys(("FLOAT", "DOUBLE"), (pl.Float64, "decimal")),
    **dict.fromkeys(("TEXT", "VARCHAR", "CHAR", "NVARCHAR", "NCHAR"), (pl.String, "text")),
    "DATE": (pl.Date, "date"),
    "BOOLEAN": (pl.Boolean, "condition"),
}
_REFUSED_WORDS: Final[dict[type[exp.Expr], str]] = {
    exp.Window: "A window (OVER) is not allowed",
    exp.Subquery: "A subquery is not allowed",
    exp.Select: "A subquery is not allowed",
    exp.Exists: "A subquery is not allowed",
    exp.Columns: "A column pattern is not allowed",
    exp.Star: "A column pattern is not allowed",
    exp.Alias: "A new name (AS) is not allowed",
    exp.Tuple: "A list is not allowed",
    exp.Bracket: "A list is not allowed",
}
_UNREADABLE: Final = (exp.BitwiseXor, exp.Block, exp.Command)

_PARTS: Final = frozenset({"this", "expression", "expressions"})
_EXTRA_PARTS: Final[dict[type[exp.Expr], frozenset[str]]] = {
    exp.Between: frozenset({"low", "high"}),
    exp.Case: frozenset({"ifs", "default"}),
    exp.Cast: frozenset({"to", "_type"}),
    exp.TryCast: frozenset({"to", "_type", "safe"}),
    exp.Coalesce: frozenset({"is_nvl", "is_null"}),
    exp.Column: frozenset({"table", "db", "catalog"}),
    exp.DPipe: frozenset({"safe"}),
    exp.In: frozenset({"query"}),
    exp.Like: frozenset({"negate"}),
    exp.ILike: frozenset({"negate"}),
    exp.Literal: frozenset({"is_string"}),
    exp.Round: frozenset({"decimals"}),
    exp.Substring: frozenset({"start", "length"}),
    exp.Trim: frozenset({"position"}),
}
"""The parts of a node that are read; one with any other could mean something else than what is built."""

Lists = Mapping[str, tuple[Any, ...]]
"""The values of long lists, by the name that stands for each in the tree."""


def column_name(node: exp.Column) -> str:
    """The name of a column.

    Raises
    ------
    RefusedError
        The name has several parts, or Polars would read it as a pattern.
    """
    if isinstance(node.this, exp.Star):
        raise RefusedError("A column pattern is not allowed", ONE_ROW)
    name = str(node.this.name)
    if len(node.parts) > 1:
        dotted = ".".join(part.name for part in node.parts)
        raise RefusedError(
            phrase("{name} is read as a column of a table", name=dotted),
            phrase('A column with a dot in its name is written "{name}".', name=dotted),
        )
    if name == "*" or (name.startswith("^") and name.endswith("$")):
        raise RefusedError("A column pattern is not allowed", ONE_ROW)
    return name


class Builder:
    """Builds the expression from the tree; what has no branch here cannot be built.

    Parameters
    ----------
    columns : Mapping or Collection of str
        The columns, with their Polars types where these are known.
    values : Mapping of str to object
        The parameters' values; a mapping of periods to values stands for the row's own period's value.
    lists : Mapping of str to tuple
        The values of long lists after IN.
    """

    def __init__(
        self,
        columns: Mapping[str, Any] | Collection[str],
        values: Mapping[str, Any] | None = None,
        lists: Lists | None = None,
    ) -> None:
        self.types: Mapping[str, Any] = columns if isinstance(columns, Mapping) else {}
        self.values = values or {}
        self.lists = lists or {}

    def condition(self, node: exp.Expr) -> pl.Expr:
        """A node that must be true, false or unknown."""
        built = self.build(node)
        if built.kind not in ("condition", "nothing", "any"):
            example = {"text": "'...'", "date": "DATE '2024-01-31'"}.get(built.kind, "1")
            hint = phrase(
                "Compare it, for example {column} = {example}.", column=built.column or "...", example=example
            )
            raise RefusedError(
                phrase("There is {operand} where a condition is needed", operand=built.words), hint
            )
        if built.empty:
            return built.expr.cast(pl.Boolean)
        return pl.lit(None, dtype=pl.Boolean) if built.kind == "nothing" else built.expr

    def build(self, node: exp.Expr) -> Operand:
        """A node as an operand: its expression and what kind of value it is."""
        while isinstance(node, exp.Paren):
            node = node.this
        kind = type(node)
        _check_parts(node)
        if node.args.get("negate"):  # NOT LIKE
            positive = node.copy()
            positive.set("negate", False)
            return Operand(~self.condition(positive), "condition")
        if kind in _COMPARE:
            return compare(_COMPARE[kind], self.build(node.this), self.build(node.expression))
        if kind in _SIGNS:
            return calculate(_SIGNS[kind], self.build(node.this), self.build(node.expression))
        if kind in FUNCTIONS:
            return FUNCTIONS[kind](node, self.build)
        branch = _BRANCHES.get(kind)
        if branch is None:
            raise _refused(node)
        return branch(self, node)

    def _column(self, node: exp.Column) -> Operand:
        name = column_name(node)
        dtype = self.types.get(name)
        expr = pl.col(name)
        if dtype is None or dtype == pl.Null:
            return Operand(expr, "any", name, empty=dtype is not None)
        if dtype.is_integer():
            return Operand(expr, "integer", name)
        if dtype.is_float():
            return Operand(expr.fill_nan(None), "decimal", name)
        if dtype.is_decimal():
            return Operand(expr, "decimal", name)
        if dtype in (pl.Date, pl.Datetime):
            return Operand(expr, "date", name)
        if dtype in (pl.Enum, pl.Categorical):
            return Operand(expr, "text", name, coded=True)
        kinds: dict[Any, Kind] = {pl.String: "text", pl.Boolean: "condition"}
        return Operand(expr, kinds.get(dtype, "other"), name)

    def _literal(self, node: exp.Literal) -> Operand:
        return literal(str(node.this) if node.is_string else number_of(str(node.this)))

    def _truth(self, node: exp.Boolean) -> Operand:
        return literal(bool(node.this))

    def _null(self, node: exp.Null) -> Operand:
        return literal(None)

    def _parameter(self, node: exp.Placeholder) -> Operand:
        value = self.values.get(str(node.this))
        if not isinstance(value, Mapping):
            return literal(value)
        period = self.build(exp.column("period"))
        cases = [
            (compare("eq", period, literal(str(name))).expr, literal(period_value))
            for name, period_value in sorted(value.items())
        ]
        return _case(cases, literal(None), phrase("The parameter"))

    def _chain(self, node: exp.And | exp.Or) -> Operand:
        """AND, OR: a chain of any length becomes a tree of little depth."""
        parts = [self.condition(part) for part in _flattened(node)]
        join = operator.and_ if isinstance(node, exp.And) else operator.or_
        while len(parts) > 1:
            pairs = [join(*parts[start : start + 2]) for start in range(0, len(parts) - 1, 2)]
            parts = pairs + parts[len(pairs) * 2 :]
        return Operand(parts[0], "condition")

    def _not(self, node: exp.Not) -> Operand:
        return Operand(~self.condition(node.this), "condition")

    def _is(self, node: exp.Is) -> Operand:
        if not isinstance(node.expression, exp.Null):
            raise RefusedError("IS goes with NULL only", "Write = TRUE, IS NULL or IS NOT NULL.")
        return Operand(self.build(node.this).expr.is_null(), "condition")

    def _between(self, node: exp.Between) -> Operand:
        value = self.build(node.this)
        low = compare("ge", value, self.build(node.args["low"]))
        high = compare("le", value, self.build(node.args["high"]))
        return Operand(low.expr & high.expr, "condition")

    def _in(self, node: exp.In) -> Operand:
        items = node.expressions
        if node.args.get("query") is not None:
            raise RefusedError("A subquery is not allowed", ONE_ROW)
        if not items:
            raise RefusedError(*_CANNOT_BE_READ)
        single = items[0]
        if len(items) == 1 and isinstance(single, exp.Placeholder) and str(single.this) in self.lists:
            return is_in(self.build(node.this), self.lists[str(single.this)])
        operands = [self.build(item) for item in items]
        if any(item.column is not None or not (item.fixed or item.kind == "nothing") for item in operands):
            raise RefusedError(
                "IN takes a list of values", "Write for example: labour IN ('outside', 'pension')."
            )
        return is_in(self.build(node.this), tuple(item.literal for item in operands))

    def _case(self, node: exp.Case) -> Operand:
        subject = self.build(node.this) if node.this is not None else None
        cases = []
        for part in node.args["ifs"]:
            if subject is None:
                when = self.condition(part.this)
            else:
                when = compare("eq", subject, self.build(part.this)).expr
            cases.append((when, self.build(part.args["true"])))
        default = node.args.get("default")
        return _case(cases, literal(None) if default is None else self.build(default), "CASE")

    def _coalesce(self, node: exp.Coalesce) -> Operand:
        parts = [self.build(part) for part in (node.this, *node.expressions)]
        kind = common_kind(parts, "COALESCE")
        return Operand(pl.coalesce(*[plain(part) for part in parts]), kind, empty=_without_value(parts))

    def _nullif(self, node: exp.Nullif) -> Operand:
        value, excluded = self.build(node.this), self.build(node.expression)
        same = compare("eq", value, excluded).expr
        return Operand(pl.when(same.not_().fill_null(True)).then(plain(value)), value.kind)

    def _cast(self, node: exp.Cast) -> Operand:
        inner = self.build(node.this)
        target = str(node.to.this.value if hasattr(node.to.this, "value") else node.to.this).upper()
        if target not in _CASTS:
            raise RefusedError(
                "A CAST to this type is not allowed", "Use BIGINT, DOUBLE, VARCHAR, DATE or BOOLEAN."
            )
        dtype, kind = _CASTS[target]
        if inner.kind == kind and not inner.coded:
            return inner
        if kind == "date" and isinstance(inner.literal, str):
            if not is_date(inner.literal):
                raise RefusedError(
                    "There is a text that is not a date", "Dates are written DATE '2024-01-31'."
                )
            return literal(dt.date.fromisoformat(inner.literal))
        if kind == "condition" and inner.kind == "text":
            raise RefusedError("A CAST of text to BOOLEAN is not allowed", "Compare the text instead.")
        return Operand(inner.expr.cast(dtype, strict=False), kind, inner.column)

    def _negative(self, node: exp.Neg) -> Operand:
        inner = self.build(node.this)
        if isinstance(inner.literal, int | float) and not isinstance(inner.literal, bool):
            return literal(-inner.literal)
        return calculate("-", literal(0), inner)

    def _like(self, node: exp.Like | exp.ILike | exp.Escape) -> Operand:
        escape = None
        if isinstance(node, exp.Escape):
            escape = self.build(node.expression).literal
            node = node.this
            if not isinstance(node, exp.Like | exp.ILike) or not isinstance(escape, str) or len(escape) != 1:
                raise RefusedError("ESCAPE takes one sign and goes with LIKE")
        value, pattern = self.build(node.this), self.build(node.expression)
        return like(value, pattern, escape=escape, fold=isinstance(node, exp.ILike))


_BRANCHES: Final[dict[type[exp.Expr], Callable[[Builder, Any], Operand]]] = {
    exp.Column: Builder._column,
    exp.Literal: Builder._literal,
    exp.Boolean: Builder._truth,
    exp.Null: Builder._null,
    exp.Placeholder: Builder._parameter,
    exp.And: Builder._chain,
    exp.Or: Builder._chain,
    exp.Not: Builder._not,
    exp.Is: Builder._is,
    exp.Between: Builder._between,
    exp.In: Builder._in,
    exp.Case: Builder._case,
    exp.Coalesce: Builder._coalesce,
    exp.Nullif: Builder._nullif,
    exp.Cast: Builder._cast,
    exp.TryCast: Builder._cast,
    exp.Neg: Builder._negative,
    **dict.fromkeys((exp.Like, exp.ILike, exp.Escape), Builder._like),
}

_CANNOT_BE_READ: Final = (
    "This cannot be read as an SQL condition",
    "Write for example: age BETWEEN 18 AND 64 AND labour = 'outside'.",
)


def _refused(node: exp.Expr) -> RefusedError:
    if isinstance(node, _UNREADABLE):
        return RefusedError(*_CANNOT_BE_READ)
    if isinstance(node, exp.AggFunc):
        return RefusedError(
            phrase("An aggregate ({function}) is not allowed", function=node.key.upper()), ONE_ROW
        )
    words = _REFUSED_WORDS.get(type(node), phrase("The part {part} is not allowed", part=node.key.upper()))
    return RefusedError(words, ONE_ROW)


def _check_parts(node: exp.Expr) -> None:
    """Refuse a node with a part that nothing here reads."""
    present = {
        name for name, value in node.args.items() if value is not None and value is not False and value != []
    }
    if present - _PARTS - _EXTRA_PARTS.get(type(node), frozenset()):
        raise _refused(node)


def _flattened(node: exp.Expr) -> list[exp.Expr]:
    """The parts of a chain of the same AND or OR, in order, however long."""
    kind = type(node)
    parts: list[exp.Expr] = []
    stack: list[exp.Expr] = [node]
    while stack:
        part = stack.pop()
        inner = part
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if type(inner) is kind:
            stack += [inner.expression, inner.this]
        else:
            parts.append(part)
    return parts


def _case(cases: Sequence[tuple[pl.Expr, Operand]], default: Operand, what: str) -> Operand:
    kind = common_kind([*(operand for _, operand in cases), default], what)
    expr = plain(default)
    for when, operand in reversed(cases):
        expr = pl.when(when).then(plain(operand)).otherwise(expr)
    return Operand(expr, kind, empty=_without_value([*(operand for _, operand in cases), default]))


def _without_value(parts: Sequence[Operand]) -> bool:
    """Whether none of the parts can hold a value: NULL, or columns without any."""
    return all(part.empty or part.kind == "nothing" for part in parts) and any(part.empty for part in parts)
