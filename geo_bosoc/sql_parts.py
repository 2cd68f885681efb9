"""Building a predicate's expression from allowed parts: a branch for each part of SQL that looks at one row.

`geo_bosoc.predicates` is the door; its docstring tells what is allowed and where the meaning is SQL's, not
that of Polars. The nodes' shapes are those of Polars 1.34 to 2.1.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import operator
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

import polars as pl

Kind = Literal["integer", "decimal", "text", "condition", "date", "nothing", "other", "any"]

_WORDS: Final = {
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
_LISTED: Final = {"number": "numbers", "text": "texts", "date": "dates", "condition": "true and false"}
_FEW: Final = 4
"""So many texts of a list are compared one by one, which is faster than looking each row's up in the list."""
_COMPARE: Final = {"Eq", "NotEq", "Lt", "LtEq", "Gt", "GtEq", "EqValidity", "NotEqValidity"}
_CASTS: Final[dict[str, tuple[Any, Kind]]] = {
    **dict.fromkeys(("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32"), (pl.Int64, "integer")),
    **dict.fromkeys(("Float32", "Float64"), (pl.Float64, "decimal")),
    "String": (pl.String, "text"),
    "Date": (pl.Date, "date"),
    "Boolean": (pl.Boolean, "condition"),
}


@dataclass(frozen=True, slots=True)
class _Built:
    """A part of the expression: what it yields, its column or literal, if it is held as categories, or empty.

    An empty column (Polars' Null type: a register's column without any value) may stand where any kind may.
    """

    expr: pl.Expr
    kind: Kind
    column: str | None = None
    literal: Any = None
    coded: bool = False
    empty: bool = False

    @property
    def words(self) -> str:
        return f"`{self.column}` ({_WORDS[self.kind]})" if self.column else _WORDS[self.kind]


class RefusedError(Exception):
    """This part of a predicate is not allowed; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class Builder:
    """Builds the expression from the tree; what has no branch here cannot be built."""

    def __init__(self, columns: Mapping[str, Any] | Collection[str]) -> None:
        self.types: Mapping[str, Any] = columns if isinstance(columns, Mapping) else {}

    def condition(self, node: Any) -> pl.Expr:
        """A node that must be true, false or unknown."""
        built = self.build(node)
        if built.kind not in ("condition", "nothing", "any"):
            example = (
                "'...'" if built.kind == "text" else "DATE '2024-01-31'" if built.kind == "date" else "1"
            )
            hint = f"Compare it, for example {built.column or '...'} = {example}."
            raise RefusedError(f"There is {built.words} where a condition is needed", hint)
        if built.empty:
            return built.expr.cast(pl.Boolean)
        return pl.lit(None, dtype=pl.Boolean) if built.kind == "nothing" else built.expr

    def build(self, node: Any) -> _Built:
        name, body = _only(node)
        match name:
            case "Column":
                return self._column(body)
            case "Literal":
                return _literal_node(body)
            case "BinaryExpr":
                return self._binary(body["op"], body["left"], body["right"])
            case "Ternary":
                return self._case(body)
            case "Cast":
                return self._cast(body)
            case "Function":
                return self._function(body["function"], body["input"])
        raise RefusedError(f"{_node_words(name, body)} is not allowed", ONE_ROW)

    def _column(self, name: str) -> _Built:
        dtype = self.types.get(name)
        expr = pl.col(name)
        if dtype is None or dtype == pl.Null:
            return _Built(expr, "any", name, empty=dtype is not None)
        if dtype.is_integer():
            return _Built(expr, "integer", name)
        if dtype.is_float():
            return _Built(expr.fill_nan(None), "decimal", name)
        if dtype.is_decimal():
            return _Built(expr, "decimal", name)
        if dtype in (pl.Date, pl.Datetime):
            return _Built(expr, "date", name)
        if dtype in (pl.Enum, pl.Categorical):
            return _Built(expr, "text", name, coded=True)
        kinds: dict[Any, Kind] = {pl.String: "text", pl.Boolean: "condition"}
        return _Built(expr, kinds.get(dtype, "other"), name)

    def _binary(self, op: str, left: Any, right: Any) -> _Built:
        if op in ("And", "Or"):
            a, b = self.condition(left), self.condition(right)
            return _Built(a & b if op == "And" else a | b, "condition")
        if op in _COMPARE:
            return _compare(op, self.build(left), self.build(right))
        return _calculate(op, self.build(left), self.build(right))

    def _case(self, body: Any) -> _Built:
        yes, no = self.build(body["truthy"]), self.build(body["falsy"])
        kind = _common([yes, no], "CASE")
        when = pl.when(self.condition(body["predicate"]))
        return _Built(when.then(comparable(yes)).otherwise(comparable(no)), kind)

    def _cast(self, body: Any) -> _Built:
        wanted = body["dtype"].get("Literal") if isinstance(body["dtype"], dict) else None
        if not isinstance(wanted, str) or wanted not in _CASTS:
            raise RefusedError(
                "A CAST to this type is not allowed", "Use BIGINT, DOUBLE, VARCHAR, DATE or BOOLEAN."
            )
        dtype, kind = _CASTS[wanted]
        inner = self.build(body["expr"])
        if inner.kind == kind and not inner.coded:
            return inner
        if kind == "date" and isinstance(inner.literal, str):
            if not is_date(inner.literal):
                raise RefusedError(
                    "There is a text that is not a date", "Dates are written DATE '2024-01-31'."
                )
            return _Built(pl.lit(dt.date.fromisoformat(inner.literal)), "date")
        if kind == "decimal" and isinstance(inner.literal, str):
            return _literal_node({"Float": inner.literal})
        if kind == "condition" and inner.kind == "text":
            raise RefusedError("A CAST of text to BOOLEAN is not allowed", "Compare the text instead.")
        return _Built(inner.expr.cast(dtype, strict=False), kind, inner.column)

    def _function(self, function: Any, given: list[Any]) -> _Built:
        family, name, options = _function_name(function)
        if name == "Not":
            # Polars puts a cast to Boolean around what NOT negates; a number must not slip through it.
            inner = given[0]
            if "Cast" in inner and inner["Cast"]["dtype"] == {"Literal": "Boolean"}:
                inner = inner["Cast"]["expr"]
            return _Built(~self.condition(inner), "condition")
        if name in ("IsNull", "IsNotNull"):
            expr = self.build(given[0]).expr
            return _Built(expr.is_null() if name == "IsNull" else expr.is_not_null(), "condition")
        if name == "IsIn":
            return _is_in(self.build(given[0]), given[1])
        parts = [self.build(part) for part in given]
        if name == "Binary":
            make = _compare if options in _COMPARE else _calculate
            return make(str(options), parts[0], parts[1])
        if name in ("Coalesce", "FillNull"):
            return _Built(pl.coalesce(*[comparable(part) for part in parts]), _common(parts, "COALESCE"))
        if name in ("Abs", "Round", "Ceil", "Floor"):
            number = _number(parts[0], name.lower())
            places = options["decimals"] if name == "Round" else 0
            made = {
                "Abs": number.abs,
                "Round": lambda: number.round(places, mode="half_away_from_zero"),
                "Ceil": number.ceil,
                "Floor": number.floor,
            }[name]()
            return _Built(made, "integer" if parts[0].kind == "integer" else "decimal")
        if family == "StringExpr":
            return _text_function(name, options, parts)
        if family == "TemporalExpr" and name in ("Year", "Quarter", "Month", "Day"):
            if parts[0].kind not in ("date", "any"):
                raise RefusedError(f"The {name.lower()} is asked of {parts[0].words}, which is not a date")
            day = parts[0].expr.cast(pl.Date) if parts[0].empty else parts[0].expr
            return _Built(getattr(day.dt, name.lower())().cast(pl.Int64), "integer")
        raise RefusedError(f"The function {name} is not allowed", ONE_ROW)


def _only(node: Any) -> tuple[str, Any]:
    """The name and content of a node with one key; a bare word is a node without content."""
    if isinstance(node, dict) and len(node) == 1:
        name, body = next(iter(node.items()))
        return str(name), body
    return str(node), None


def _function_name(function: Any) -> tuple[str, str, Any]:
    """Family, name and options: "Abs", {"StringExpr": "Lowercase"}, {"Sql": {"Round": {...}}} ..."""
    if isinstance(function, str):
        return "", function, None
    family, inner = next(iter(function.items()))
    if family in ("Boolean", "StringExpr", "TemporalExpr", "Sql"):
        if isinstance(inner, str):
            return family, inner, None
        name, options = next(iter(inner.items()))
        return family, name, options
    return "", family, inner


def _node_words(name: str, body: Any) -> str:
    if name == "Agg":
        kind = next(iter(body)) if isinstance(body, dict) else body
        return f"An aggregate ({str(kind).upper()})"
    words = {
        "Over": "A window (OVER)",
        "Rolling": "A window",
        "SubPlan": "A subquery",
        "Selector": "A column pattern",
        "Alias": "A new name (AS)",
        "KeepName": "A new name (AS)",
        "Len": "COUNT(*)",
        "Explode": "A list",
    }
    return words.get(name, f"The part {name}")


def _literal_node(body: Any) -> _Built:
    kind, value = _only(body)
    if kind in ("Dyn", "Scalar"):
        kind, value = _only(value)
    match kind:
        case "Int" | "Int8" | "Int16" | "Int32" | "Int64" | "UInt8" | "UInt16" | "UInt32":
            return _Built(pl.lit(int(value)), "integer", literal=int(value))
        case "Float" | "Float32" | "Float64":
            return _Built(pl.lit(float(value)), "decimal", literal=float(value))
        case "Decimal":
            number = float(Decimal(value[0]).scaleb(-value[2]))
            return _Built(pl.lit(number), "decimal", literal=number)
        case "String" | "StringOwned":
            return _Built(pl.lit(value, dtype=pl.String), "text", literal=value)
        case "Boolean":
            return _Built(pl.lit(value, dtype=pl.Boolean), "condition", literal=value)
        case "Null":
            return _Built(pl.lit(None), "nothing")
        case "Date":
            return _Built(pl.lit(dt.date(1970, 1, 1) + dt.timedelta(days=value)), "date")
    raise RefusedError(
        f"A literal of the type {kind} is not allowed", "Use numbers, 'text' or DATE '2024-01-31'."
    )


def comparable(built: _Built) -> pl.Expr:
    """Text held as categories as text; whole numbers in 64 bits; the rest as it is."""
    if built.coded:
        return built.expr.cast(pl.String)
    if built.kind == "integer" and built.literal is None:
        return built.expr.cast(pl.Int64)
    return built.expr


def _common(parts: list[_Built], what: str) -> Kind:
    """The one kind of several parts, NULLs aside."""
    kinds = {part.kind for part in parts} - {"nothing", "any"}
    if kinds <= {"integer", "decimal"} and len(kinds) == 2:
        return "decimal"
    if len(kinds) > 1:
        raise RefusedError(f"{what} mixes {' and '.join(sorted({_WORDS[kind] for kind in kinds}))}")
    if not kinds:
        return "any" if any(part.kind == "any" for part in parts) else "nothing"
    return kinds.pop()


def _family(built: _Built) -> str:
    return "number" if built.kind in ("integer", "decimal") else built.kind


def _compare(op: str, left: _Built, right: _Built) -> _Built:
    families = {_family(left), _family(right)}
    if "nothing" in families and not op.endswith("Validity") and left.column != right.column:
        raise RefusedError("A comparison with NULL is never true", "Write IS NULL or IS NOT NULL.")
    if "other" in families:
        raise RefusedError(f"There is {left.words} compared with {right.words}")
    known = families - {"any", "nothing"}
    if len(known) > 1 and known != {"number", "condition"}:
        hint = None
        if known == {"number", "text"}:
            hint = "Numbers stand without quotes, text in single quotes; codes such as '0751' are text."
        elif "date" in known:
            hint = "Dates are written DATE '2024-01-31'; the year of one is EXTRACT(year FROM column)."
        raise RefusedError(f"There is {left.words} compared with {right.words}", hint)
    if known == {"number", "condition"}:
        a, b = left.expr.cast(pl.Int64), right.expr.cast(pl.Int64)
        a = left.expr if _family(left) == "number" else a
        b = right.expr if _family(right) == "number" else b
    elif (left.coded or right.coded) and (
        op not in ("Eq", "NotEq") or (left.literal is None and right.literal is None)
    ):
        a, b = comparable(left), comparable(right)  # by the text itself, not by the order of the categories
    else:
        a, b = left.expr, right.expr
    made = {
        "Eq": a.eq,
        "NotEq": a.ne,
        "Lt": a.lt,
        "LtEq": a.le,
        "Gt": a.gt,
        "GtEq": a.ge,
        "EqValidity": a.eq_missing,
        "NotEqValidity": a.ne_missing,
    }[op](b)
    return _Built(made, "condition")


def _number(built: _Built, what: str) -> pl.Expr:
    """As a number wide enough to calculate with; true and false count 1 and 0."""
    if built.empty or (built.kind in ("integer", "condition") and built.literal is None):
        return built.expr.cast(pl.Int64)
    if built.kind in ("integer", "decimal", "any", "condition"):
        return built.expr
    if built.kind == "nothing":
        return pl.lit(None, dtype=pl.Float64)
    raise RefusedError(f"There is {built.words} in a calculation ({what})")


def _calculate(op: str, left: _Built, right: _Built) -> _Built:
    if op == "Plus" and left.kind == right.kind == "text":
        return _Built(comparable(left) + comparable(right), "text")
    signs = {"Plus": "+", "Minus": "-", "Mul": "*", "Multiply": "*", "Div": "/", "Divide": "/", "Rem": "%"}
    sign = signs.get("Rem" if op == "Modulus" else op)
    if sign is None:
        raise RefusedError(f"The operator {op} is not allowed", "Use + - * / %.")
    a, b = _number(left, sign), _number(right, sign)
    whole = {left.kind, right.kind} <= {"integer", "condition"}
    kind: Kind = "integer" if whole and sign != "/" else "decimal"
    if sign in "/%" and not right.literal:
        b = pl.when(b != 0).then(b)
    if sign == "%":
        rest = a.abs() % b.abs()
        return _Built(pl.when(a < 0).then(-rest).otherwise(rest), kind)
    return _Built({"+": a.add, "-": a.sub, "*": a.mul, "/": a.truediv}[sign](b), kind)


def _is_in(built: _Built, listed: Any) -> _Built:
    """`x IN (values)`: unknown where x is missing, and where nothing matches but the list holds a NULL."""
    several = listed_values(listed)
    if several is None:
        raise RefusedError(
            "IN takes a list of values", "Write for example: labour IN ('outside', 'pension')."
        )
    values = [value for value in several if value is not None]
    kinds = {_literal_kind(value) for value in values}
    if len(kinds) > 1 or "other" in kinds:
        raise RefusedError("The list after IN mixes kinds of values")
    kind = kinds.pop() if kinds else "nothing"
    if "any" not in (built.kind, kind) and kind != "nothing" and _family(built) != kind:
        hint = "Numbers stand without quotes, text in single quotes; codes such as '0751' are text."
        raise RefusedError(f"There is {built.words} looked up in a list of {_LISTED[kind]}", hint)
    found = comparable(built)
    wanted: list[Any] = values
    if built.kind == "integer":
        wanted = [int(value) for value in values if value == int(value)]  # no whole number is 2.5
    elif built.kind == "decimal":
        found, wanted = found.cast(pl.Float64), [float(value) for value in values]
    elif kind == "date":
        found = found.cast(pl.Datetime("us"))
        wanted = [dt.datetime.combine(value, dt.time()) for value in values if isinstance(value, dt.date)]
    if built.kind == "text" and 0 < len(wanted) <= _FEW:
        expr = functools.reduce(operator.or_, (found == value for value in wanted))
    elif wanted:
        expr = found.is_in(wanted, nulls_equal=False)
    else:  # no value of the column's kind is left: false, and still unknown where x is missing
        expr = pl.when(found.is_not_null()).then(pl.lit(False))
    if len(values) < len(several):
        expr = expr | pl.lit(None, dtype=pl.Boolean)
    return _Built(expr, "condition")


def listed_values(listed: Any) -> list[Any] | None:
    """The values of the list after IN; None where there is no list of values."""
    body = listed.get("Literal", {}) if isinstance(listed, dict) else {}
    if "Series" not in body:
        return None
    series = pl.select(pl.Expr.deserialize(json.dumps(listed).encode(), format="json")).to_series()
    series = series.explode() if isinstance(series.dtype, pl.List) else series
    return [float(value) if isinstance(value, Decimal) else value for value in series.to_list()]


def _literal_kind(value: Any) -> str:
    if isinstance(value, bool):
        return "condition"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "date" if isinstance(value, dt.date) else "other"


def _text_function(name: str, options: Any, parts: list[_Built]) -> _Built:
    first = parts[0]
    if first.kind not in ("text", "any"):
        raise RefusedError(
            f"A text function or LIKE is used on {first.words}", "CAST(column AS VARCHAR) makes text."
        )
    text = first.expr.cast(pl.String) if first.empty else comparable(first)
    rest = [part.expr for part in parts[1:]]
    match name:
        case "Lowercase":
            return _Built(text.str.to_lowercase(), "text")
        case "Uppercase":
            return _Built(text.str.to_uppercase(), "text")
        case "StripChars":
            return _Built(text.str.strip_chars(*rest), "text")
        case "StripCharsStart":
            return _Built(text.str.strip_chars_start(*rest), "text")
        case "StripCharsEnd":
            return _Built(text.str.strip_chars_end(*rest), "text")
        case "LenChars":
            return _Built(text.str.len_chars().cast(pl.Int64), "integer")
        case "Slice":
            return _Built(text.str.slice(*rest), "text")
        case "StartsWith":
            return _Built(text.str.starts_with(rest[0]), "condition")
        case "EndsWith":
            return _Built(text.str.ends_with(rest[0]), "condition")
        case "Contains":
            return _Built(text.str.contains(rest[0], literal=bool(options["literal"])), "condition")
    raise RefusedError(f"The text function {name} is not allowed")


def is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
