"""Row-wise SQL predicates: ``age BETWEEN 18 AND 64 AND labour = 'outside'`` as a Polars expression.

Polars reads the SQL. What it understood is then *built anew* from a short list of allowed parts: a node that
is not on the list (an aggregate, a window, a subquery, a column pattern, an alias) cannot be built and is
refused. Building anew also gives SQL's meaning where Polars' own differs:

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
import difflib
import json
import math
import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl

from geo_bosoc.predicate_text import Token, tokens_of
from geo_bosoc.problems import Report
from geo_bosoc.sql_parts import ONE_ROW, Builder, RefusedError, is_date

Value = bool | int | float | str | Decimal | dt.date | None
"""What a parameter may be; a mapping of periods to values stands for each row's own period's value."""

Parameters = Mapping[str, Value | Mapping[str, Value]]

Columns = Mapping[str, Any] | Collection[str]
"""Column names, with their Polars types where they are known (a `pl.Schema` is one)."""

_FUNCTIONS: Final = frozenset(
    re.findall(
        r"\w+",
        "abs ceil ceiling char_length character_length coalesce date_part ends_with extract floor ifnull left"
        " length lower ltrim nullif right round rtrim starts_with substr substring trim try_cast cast upper",
    )
)
_KEYWORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "and or not in is null true false between like ilike case when then else end as from for distinct"
        " date interval over values unknown escape both leading trailing varchar char decimal numeric",
    )
)
_FORBIDDEN: Final = {
    "select": "A subquery",
    "exists": "A subquery",
    "over": "A window (OVER)",
    "columns": "A column pattern (COLUMNS)",
}
_FALSE_ALLIES: Final = ("true", "false", "unknown")


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
    text : the SQL condition, such as ``age >= 18 AND labour IN ('outside', 'pension')``.
    columns : the register's columns; with their Polars types (a mapping or schema) comparisons of unlike
        kinds are found, NaN is made unknown and narrow integers are widened. Without types that is left out.
    parameters : values for ``:name`` in the text (numbers, text, dates, true or false, None), or a mapping of
        periods to such values, which takes the value of the row's own ``period``.
    key : the place in a TOML file that problems name, such as ``indicator.health.numerator.where``.
    report : collects the problems; without it an `InputError` lists all of them.

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
    found = Report()
    result = pl.lit(None, dtype=pl.Boolean)
    tokens = _checked_tokens(text, parameters or {}, key, found)
    if not found.errors:
        try:
            tree = _tree(_with_values(text, parameters or {}))
            names = column_names(tree)
            for name in names:
                if name not in columns:
                    _unknown_column(name, tokens, columns, key, found)
            if not found.errors:
                result = Builder(columns).condition(tree)
                _settle_types(result, columns, names)
        except RefusedError as refused:
            found.error(f"{refused} in the predicate {_short(text)}.", hint=refused.hint, key=key)
            result = pl.lit(None, dtype=pl.Boolean)
    found.settle(report)
    return result


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
    found = Report()
    try:
        names = column_names(_tree(_with_values(text, {})))
    except RefusedError as refused:
        found.error(f"{refused} in the predicate {_short(text)}.", hint=refused.hint)
        found.raise_errors()
        raise  # never reached: an error was just added
    return frozenset(names)


def predicate_parameters(text: str) -> frozenset[str]:
    """The names of the parameters (``:median_income``) in a predicate."""
    return frozenset(token.text[1:] for token in tokens_of(text) if token.kind == "parameter")


def predicate_tree(text: str, parameters: Parameters | None = None) -> Any:
    """What Polars understood of a predicate, as plain data.

    Raises
    ------
    RefusedError
        If the text cannot be read as SQL.
    """
    return _tree(_with_values(text, parameters or {}))


# --- the text


def _checked_tokens(text: str, parameters: Parameters, key: str | None, found: Report) -> list[Token]:
    """Find what the words alone tell, with its position: functions, quotes, parameters, IS TRUE."""
    tokens = list(tokens_of(text))
    if not tokens:
        found.error("The predicate is empty.", hint="Leave the key out to take every row.", key=key)
    for index, token in enumerate(tokens):
        word = token.text.lower()
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        before = tokens[index - 1].text.lower() if index else ""
        where = f"at character {token.at} of the predicate {_short(text)}"
        if token.kind == "open":
            found.error(f"A quotation mark is opened and not closed {where}.", key=key)
            break
        if token.kind == "parameter" and token.text[1:] not in parameters:
            known = ", ".join(f":{name}" for name in sorted(parameters)) or "none"
            found.error(
                f"There is no parameter {token.text} ({where}).",
                hint=f"Give it under [parameters]. There are: {known}.",
                key=key,
            )
        elif token.kind == "parameter" and not _writable(parameters[token.text[1:]]):
            found.error(f"The parameter {token.text} has no usable value ({where}).", key=key)
        elif (
            token.kind == "name"
            and word in _FORBIDDEN
            and (after == "(" or word in ("select", "over", "exists"))
        ):
            found.error(f"{_FORBIDDEN[word]} is not allowed, {where}.", hint=ONE_ROW, key=key)
        elif token.kind == "name" and after == "(" and word not in _FUNCTIONS | _KEYWORDS:
            near = difflib.get_close_matches(word, _FUNCTIONS, 1, 0.75)
            hint = f"Did you mean {near[0]}?" if near else ONE_ROW
            found.error(f"The function {token.text} is not allowed, {where}.", hint=hint, key=key)
        elif (
            token.kind == "name"
            and word in _FALSE_ALLIES
            and before in ("is", "not")
            and _after_is(tokens, index)
        ):
            found.error(
                f"IS {token.text.upper()} is not read here ({where}).",
                hint=f"Write = {token.text.upper()}, or COALESCE(column, FALSE) where unknown is false.",
                key=key,
            )
        elif token.text == ";" or (word == "from" and not _from_belongs(tokens, index)):
            found.error(
                f"This cannot be read as an SQL condition: {token.text} {where}.",
                hint="A predicate is one condition, without SELECT, FROM and semicolon.",
                key=key,
            )
        elif token.kind == "string" and before == "date" and not is_date(token.text[1:-1]):
            found.error(f"This is not a date, {where}.", hint="Dates are written DATE '2024-01-31'.", key=key)
    return tokens


def _from_belongs(tokens: list[Token], index: int) -> bool:
    """Whether this FROM is that of IS DISTINCT FROM, EXTRACT(year FROM day) or SUBSTRING(text FROM 1)."""
    words = [token.text.lower() for token in tokens[:index]]
    if words[-1:] == ["distinct"]:
        return True
    opened = [at for at, word in enumerate(words) if word in ("extract", "substring", "trim")]
    return bool(opened) and words[opened[-1] :].count("(") > words[opened[-1] :].count(")")


def _after_is(tokens: list[Token], index: int) -> bool:
    words = [token.text.lower() for token in tokens[max(0, index - 2) : index]]
    return words[-1:] == ["is"] or words == ["is", "not"]


def _writable(value: object) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and all(_writable(one) and not isinstance(one, Mapping) for one in value.values())
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or (
        isinstance(value, bool | int | str | Decimal | dt.date) and not isinstance(value, dt.datetime)
    )


def _with_values(text: str, parameters: Parameters) -> str:
    """The text with each parameter's value, quoted where it is text, in its place; strings are left alone."""
    parts: list[str] = []
    done = 0
    for token in tokens_of(text):
        if token.kind == "parameter":
            parts += [text[done : token.at - 1], _sql_literal(parameters.get(token.text[1:]))]
            done = token.at - 1 + len(token.text)
    return "".join([*parts, text[done:]])


def _sql_literal(value: Any) -> str:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, Mapping):
        cases = " ".join(
            f"WHEN {_sql_literal(str(period))} THEN {_sql_literal(one)}"
            for period, one in sorted(value.items())
        )
        return f"(CASE period {cases} END)"
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    digits = f"{Decimal(repr(value)) if isinstance(value, float) else Decimal(value):f}"
    # A space in front, so that "x -:p" with a negative value is no comment.
    return f" {digits}" if len(digits) <= 18 else f" CAST('{value}' AS DOUBLE)"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return f"`{text if len(text) <= 80 else text[:77] + '...'}`"


# --- the tree


def _tree(text: str) -> Any:
    """What Polars understood, as plain data."""
    try:
        serialised = pl.sql_expr(text).meta.serialize(format="json")
    except Exception as error:  # Polars raises several kinds, and a Rust panic for some texts
        message = str(error).splitlines()[0]
        known = re.search(r"unsupported function '\w+'|operator \w+ is not currently supported", message)
        raise RefusedError(
            f"This cannot be read as an SQL condition{f' ({known.group()})' if known else ''}",
            "Write for example: age BETWEEN 18 AND 64 AND labour = 'outside'.",
        ) from None
    return json.loads(serialised)


def column_names(node: Any) -> list[str]:
    """Names of all column nodes, each once, in the order of the tree."""
    names: dict[str, None] = {}
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            if isinstance(part.get("Column"), str):
                names[part["Column"]] = None
            stack.extend(value for name, value in reversed(part.items()) if name != "Series")
        elif isinstance(part, list):
            stack.extend(reversed(part))
    return list(names)


def _unknown_column(name: str, tokens: list[Token], columns: Columns, key: str | None, found: Report) -> None:
    quoted = [token for token in tokens if token.kind == "quoted" and token.text[1:-1] == name]
    plain = [token for token in tokens if token.kind == "name" and token.text == name]
    at = next((f" (at character {token.at})" for token in [*plain, *quoted]), "")
    same = [column for column in columns if column.lower() == name.lower()]
    near = same or difflib.get_close_matches(name, list(columns), 2, 0.7)
    if quoted and not near:
        hint = f"Text stands in single quotes: '{name}'; double quotes name a column."
    elif near:
        hint = (
            "Did you mean " + " or ".join(near) + "?" + (" Text stands in single quotes." if quoted else "")
        )
    else:
        listed = ", ".join(sorted(columns)[:15]) + (", ..." if len(columns) > 15 else "")
        hint = f"There are: {listed}. If it is text, put it in single quotes: '{name}'."
    found.error(f"There is no column {name}{at}.", column=name, hint=hint, key=key)


def _settle_types(expr: pl.Expr, columns: Columns, used: Iterable[str]) -> None:
    """Let Polars resolve the types once, without data, so that nothing is left to fail while counting."""
    if not isinstance(columns, Mapping):
        return
    try:
        schema = (
            pl.LazyFrame(schema={name: columns[name] for name in used})
            .select(expr.alias("met"))
            .collect_schema()
        )
    except pl.exceptions.PolarsError as error:
        raise RefusedError(f"The types do not fit together ({str(error).splitlines()[0]})") from None
    if schema["met"] not in (pl.Boolean, pl.Null):
        raise RefusedError("This yields a value, not true or false")
