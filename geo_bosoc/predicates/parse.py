"""Row-wise SQL predicates: ``age BETWEEN 18 AND 64 AND labour = 'outside'`` as a Polars expression.

sqlglot reads the SQL, once for each text; its tree is then *built* as an expression from a short list of allowed
parts: a node that is not on the list (an aggregate, a window, a subquery, a column pattern, an alias) cannot be built
and is refused. Building gives SQL's meaning where Polars' own differs:

- a missing value makes a comparison *unknown* (NULL), and AND, OR, NOT and IN are three-valued (Kleene);
- a division by zero is unknown, not infinite; a float's NaN is unknown, not the greatest number;
- whole numbers are calculated in 64 bits, so that ``age - 20`` of an 8-bit column does not wrap around;
- a CAST that does not succeed is unknown, and no error message can hold a cell's value;
- text held as categories is compared as text, and ``/`` is the true quotient.

Allowed: ``= <> < <= > >= IN BETWEEN LIKE IS NULL IS DISTINCT FROM AND OR NOT CASE COALESCE NULLIF CAST``,
``+ - * / % ||``, ``lower upper trim length substr left right starts_with ends_with abs round ceil floor``
(halves are rounded away from zero), ``EXTRACT(year FROM day)``, ``DATE '2024-01-31'`` and parameters such as
``:median_income``.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import polars as pl
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from geo_bosoc.predicates.check_text import (
    MOST_NESTED,
    check_text,
    deepest,
    in_order,
    quoted,
    short,
    tokens_of,
    without_long_lists,
)
from geo_bosoc.predicates.expressions import Builder, column_name
from geo_bosoc.predicates.operands import ONE_ROW, RefusedError
from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.problems.messages import Message, phrase

Value = bool | int | float | str | Decimal | dt.date | None
"""What a parameter may be; a mapping of periods to values stands for each row's own period's value."""

Parameters = Mapping[str, Value | Mapping[str, Value]]

Columns = Mapping[str, Any] | Collection[str]
"""Column names, with their Polars types where they are known (a `pl.Schema` is one)."""


_PLAIN: Final = re.compile(r"[^\W\d]\w*")
_REMEMBERED: Final = 4_096

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # what it has to say is in our own errors


@dataclass(frozen=True)
class Predicate:
    """A condition that was read once: it knows its columns, its parameters, and builds itself for any schema.

    Attributes
    ----------
    text : str
        The SQL.
    columns : tuple of str
        The columns it reads, each once, in the order of the text.
    parameters : frozenset of str
        The names of its parameters, without the colon.
    """

    text: str
    columns: tuple[str, ...]
    parameters: frozenset[str]
    tree: exp.Expr = field(repr=False, compare=False)
    lists: Mapping[str, tuple[Any, ...]] = field(repr=False, compare=False, default_factory=dict)

    def expression(self, columns: Columns, parameters: Parameters | None = None) -> pl.Expr:
        """The Polars expression over these columns, with these parameters' values.

        Raises
        ------
        RefusedError
            A part is not allowed, or kinds of values do not fit together.
        """
        try:
            built = Builder(columns, parameters, self.lists).condition(self.tree)
        except RecursionError:
            raise _nested() from None
        _resolve_types(built, columns, self.columns)
        return built


def parse_predicate(
    text: str,
    columns: Columns,
    parameters: Parameters | None = None,
    *,
    key: str | None = None,
    report: Report | None = None,
) -> pl.Expr:
    """Read a row-wise SQL predicate and check it against the columns it may use.

    Parameters
    ----------
    text : str
        The SQL condition, such as ``age >= 18 AND labour IN ('outside', 'pension')``.
    columns : Mapping or Collection of str
        The register's columns; with their Polars types (a mapping or schema) comparisons of unlike kinds are found,
        NaN is made unknown and narrow integers are widened. Without types that is left out.
    parameters : Mapping of str to object, optional
        Values for ``:name`` in the text (numbers, text, dates, true or false, None), or a mapping of periods to such
        values, which takes the value of the row's own ``period``.
    key : str, optional
        The place in a TOML file that problems name, such as ``indicator.health.numerator.where``.
    report : Report, optional
        Collects the problems; without it an `InputError` lists all of them.

    Returns
    -------
    pl.Expr
        A Boolean expression, true, false or null (unknown) a row. Where `report` took errors it is unknown
        for every row, so that the caller can go on and find the rest.

    Raises
    ------
    InputError
        If anything is wrong and no `report` was given.

    Examples
    --------
    >>> frame = pl.DataFrame({"age": [17, 30, None]})
    >>> frame.select(parse_predicate("age >= 18", frame.schema))["age"].to_list()
    [False, True, None]
    """
    problems = Report()
    result = pl.lit(None, dtype=pl.Boolean)
    values = parameters or {}
    check_text(text, values, key, problems)
    if not problems.errors:
        try:
            predicate = read_predicate(text)
            for name in _needed_columns(predicate, values):
                if name not in columns:
                    _unknown_column(name, text, columns, key, problems)
            if not problems.errors:
                result = predicate.expression(columns, values)
        except RefusedError as refused:
            problems.error(
                phrase("{fault} in the predicate {predicate}.", fault=refused.message, predicate=short(text)),
                hint=_needs_quotes(text, columns) or refused.hint,
                key=key,
            )
    problems.hand_over(report)
    return result


@functools.lru_cache(maxsize=_REMEMBERED)
def read_predicate(text: str) -> Predicate:
    """Read a predicate, each text once.

    Raises
    ------
    RefusedError
        It cannot be read as SQL, or is nested too deep.
    """
    tokens = tokens_of(text)
    if any(token.kind == "open" for token in tokens):
        raise RefusedError("A quotation mark is opened and not closed")
    if deepest(tokens) > MOST_NESTED:
        raise _nested()
    shortened, lists = without_long_lists(text, tokens)
    try:
        tree = sqlglot.parse_one(quoted(shortened))
        names = dict.fromkeys(column_name(node) for node in tree.find_all(exp.Column))
        for pattern in tree.find_all(exp.Star):
            raise RefusedError(
                phrase("A column pattern ({pattern}) is not allowed", pattern=pattern.sql()), ONE_ROW
            )
    except SqlglotError:
        raise RefusedError(
            "This cannot be read as an SQL condition",
            "Write for example: age BETWEEN 18 AND 64 AND labour = 'outside'. A column with blanks in its name stands "
            "in double quotes.",
        ) from None
    except RecursionError:
        raise _nested() from None
    parameters = frozenset(token.text[1:] for token in tokens if token.kind == "parameter")
    return Predicate(text, in_order(names, tokens), parameters, tree, lists)


def predicate_columns(text: str) -> frozenset[str]:
    """The columns that a predicate reads, parameters left aside.

    Raises
    ------
    InputError
        If the text cannot be read as SQL.

    Examples
    --------
    >>> sorted(predicate_columns("age BETWEEN 18 AND 64 AND labour = 'outside'"))
    ['age', 'labour']
    """
    try:
        return frozenset(read_predicate(text).columns)
    except RefusedError as refused:
        problems = Report()
        problems.error(
            phrase("{fault} in the predicate {predicate}.", fault=refused.message, predicate=short(text)),
            hint=refused.hint,
        )
        problems.raise_errors()
        raise  # never reached: an error was just added


def _needed_columns(predicate: Predicate, parameters: Parameters) -> tuple[str, ...]:
    """The predicate's columns, and the period where a parameter's value is that of the row's own."""
    by_period = any(isinstance(parameters.get(name), Mapping) for name in predicate.parameters)
    return (*predicate.columns, *(("period",) if by_period and "period" not in predicate.columns else ()))


def _unknown_column(name: str, text: str, columns: Columns, key: str | None, problems: Report) -> None:
    tokens = [token for token in tokens_of(text) if token.kind in ("name", "quoted") and token.name == name]
    quoted = any(token.kind == "quoted" for token in tokens)
    position = phrase(" (at character {position})", position=tokens[0].position) if tokens else ""
    near = _needs_quotes(text, columns) or did_you_mean(name, columns, count=2, cutoff=0.7)
    if quoted and not near:
        hint = phrase("Text stands in single quotes: '{name}'; double quotes name a column.", name=name)
    elif near:
        hint = near + (phrase(" Text stands in single quotes.") if quoted else "")
    else:
        spelled = [column if _PLAIN.fullmatch(column) else f'"{column}"' for column in sorted(columns)[:15]]
        names = ", ".join(spelled) + (", ..." if len(columns) > 15 else "")
        hint = phrase(
            "There are: {names}. If it is text, put it in single quotes: '{name}'.", names=names, name=name
        )
    problems.error(
        phrase("There is no column {name}{position}.", name=name, position=position),
        column=name,
        hint=hint,
        key=key,
    )


def _needs_quotes(text: str, columns: Columns) -> Message | None:
    """The hint for a column whose name holds blanks or signs, and stands in the text without quotation marks."""
    for name in sorted(columns, key=len, reverse=True):
        if not _PLAIN.fullmatch(name) and re.search(rf"(?<![\w\"']){re.escape(name)}(?![\w\"'])", text):
            return phrase(
                'A column with blanks or signs in its name stands in double quotes: "{name}".', name=name
            )
    return None


def _resolve_types(expr: pl.Expr, columns: Columns, used: Iterable[str]) -> None:
    """Let Polars resolve the types once, without data, so that nothing is left to fail while counting."""
    if not isinstance(columns, Mapping):
        return
    schema = {name: columns[name] for name in (*used, "period") if name in columns}
    try:
        resolved = pl.LazyFrame(schema=schema).select(expr.alias("met")).collect_schema()
    except pl.exceptions.PolarsError:
        raise RefusedError(
            "The kinds of values do not fit together",
            "Compare values of one kind, or make them so with CAST.",
        ) from None
    if resolved["met"] not in (pl.Boolean, pl.Null):
        raise RefusedError("This yields a value, not true or false")


def _nested() -> RefusedError:
    return RefusedError(
        "The conditions are nested too deep",
        "Write it flatter: a list after IN, or conditions in a row with AND or OR between them.",
    )
