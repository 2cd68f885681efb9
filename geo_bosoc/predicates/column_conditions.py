"""What a predicate asks of each column, part by part: ``age BETWEEN 18 AND 64`` asks that age is from 18 to 64.

Of a predicate that combines its parts in any way, the parts are listed as they stand; how they are combined is in its
text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlglot import exp

from geo_bosoc.predicates.expressions import column_name
from geo_bosoc.predicates.parse import read_predicate

Relation = Literal[
    "equal", "unequal", "under", "at_most", "over", "at_least", "between", "outside", "like", "unlike",
    "filled", "empty", "true", "false", "other",
]  # fmt: skip

_OPPOSITE: Final[Mapping[Relation, Relation]] = {
    "equal": "unequal", "unequal": "equal", "under": "at_least", "at_least": "under", "over": "at_most",
    "at_most": "over", "between": "outside", "outside": "between", "like": "unlike", "unlike": "like",
    "filled": "empty", "empty": "filled", "true": "false", "false": "true", "other": "other",
}  # fmt: skip
_MIRRORED: Final[Mapping[Relation, Relation]] = {
    "under": "over", "over": "under", "at_most": "at_least", "at_least": "at_most",
}  # fmt: skip
_COMPARISONS: Final[Mapping[type[exp.Expr], Relation]] = {
    exp.EQ: "equal", exp.NullSafeEQ: "equal", exp.NEQ: "unequal", exp.NullSafeNEQ: "unequal",
    exp.LT: "under", exp.LTE: "at_most", exp.GT: "over", exp.GTE: "at_least",
}  # fmt: skip
_JOINING: Final = (exp.And, exp.Or, exp.Paren)


@dataclass(frozen=True)
class ColumnCondition:
    """What one part of a predicate asks of a column.

    Attributes
    ----------
    column : str
        The column.
    relation : str
        How it must stand to the values; ``other`` for a part that compares more than a column with values, whose SQL is
        the only value.
    values : tuple of str
        As the predicate writes them, texts in quotes; none for ``filled``, ``empty``, ``true`` and ``false``, two for
        ``between``, any number for ``equal`` and ``unequal``.
    """

    column: str
    relation: Relation
    values: tuple[str, ...] = ()


def column_conditions(predicate: str) -> tuple[ColumnCondition, ...]:
    """The parts of a predicate, each with the column that it looks at, in the order of the text.

    Parameters
    ----------
    predicate : str
        An SQL condition.

    Returns
    -------
    tuple of ColumnCondition
        A part that looks at several columns is listed for each of them.

    Raises
    ------
    RefusedError
        It cannot be read as SQL.

    Examples
    --------
    >>> for part in column_conditions("in_education = FALSE AND age > 17 AND labour NOT IN ('employed', 'student')"):
    ...     print(part.column, part.relation, *part.values)
    in_education false
    age over 17
    labour unequal 'employed' 'student'
    """
    parsed = read_predicate(predicate)
    return tuple(_parts(parsed.tree, parsed.lists, negated=False))


def _parts(
    node: exp.Expr, lists: Mapping[str, tuple[Any, ...]], *, negated: bool
) -> Iterator[ColumnCondition]:
    if isinstance(node, _JOINING):
        for part in node.iter_expressions():
            yield from _parts(part, lists, negated=negated)
    elif isinstance(node, exp.Not):
        yield from _parts(node.this, lists, negated=not negated)
    else:
        column, relation, values = _read(node, lists)
        if column is not None:
            yield ColumnCondition(column, _OPPOSITE[relation] if negated else relation, values)
        else:
            text = f"NOT {node.sql()}" if negated else node.sql()
            for name in dict.fromkeys(column_name(each) for each in node.find_all(exp.Column)):
                yield ColumnCondition(name, "other", (text,))


def _read(
    node: exp.Expr, lists: Mapping[str, tuple[Any, ...]]
) -> tuple[str | None, Relation, tuple[str, ...]]:
    """The column, relation and values of one part; no column where it is of another make."""
    column = _column(node.this) if isinstance(node.this, exp.Expr) else None
    match node:
        case exp.Column():
            return column_name(node), "true", ()
        case exp.Is() if isinstance(node.expression, exp.Null):
            return column, "empty", ()
        case exp.In() if node.expressions:
            return column, "equal", _listed(node, lists)
        case exp.Between() if _is_value(node.args["low"]) and _is_value(node.args["high"]):
            return column, "between", (_written(node.args["low"]), _written(node.args["high"]))
        case exp.Like() | exp.ILike() if _is_value(node.expression):
            return column, "unlike" if node.args.get("negate") else "like", (_written(node.expression),)
    relation = _COMPARISONS.get(type(node))
    if relation is None:
        return None, "other", ()
    if column is not None and _is_value(node.expression):
        return column, *_truth(relation, node.expression)
    column = _column(node.expression)
    if column is not None and _is_value(node.this):
        return column, *_truth(_MIRRORED.get(relation, relation), node.this)
    return None, "other", ()


def _truth(relation: Relation, value: exp.Expr) -> tuple[Relation, tuple[str, ...]]:
    """A comparison with TRUE or FALSE says that the column is true or false."""
    if isinstance(value, exp.Boolean) and relation in ("equal", "unequal"):
        return "true" if bool(value.this) == (relation == "equal") else "false", ()
    return relation, (_written(value),)


def _listed(node: exp.In, lists: Mapping[str, tuple[Any, ...]]) -> tuple[str, ...]:
    first = node.expressions[0]
    if isinstance(first, exp.Placeholder) and str(first.this) in lists:
        return tuple(exp.convert(value).sql() for value in lists[str(first.this)])
    return tuple(_written(each) for each in node.expressions)


def _written(value: exp.Expr) -> str:
    """A value as the predicate writes it; of a date no more than the day."""
    if isinstance(value, exp.Cast) and isinstance(value.this, exp.Literal):
        return str(value.this.name)
    return value.sql()


def _column(node: exp.Expr) -> str | None:
    while isinstance(node, exp.Paren):
        node = node.this
    return column_name(node) if isinstance(node, exp.Column) else None


def _is_value(node: exp.Expr) -> bool:
    """Whether it is a value that stands in the text, or a parameter."""
    return node.find(exp.Column) is None
