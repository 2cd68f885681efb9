"""What each register contributes to each indicator: sums over rows, one streaming pass for all of them.

A *part* is one register's share in one indicator: both sides of the fraction where they come from the same
register and count the same thing, or one side alone (charged persons over residents, evictions over
dwellings).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import polars as pl

from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.predicates import Parameters, parse_predicate
from geo_bosoc.problems import Report

SideName = Literal["both", "numerator", "denominator"]
Ids = Mapping[str, Mapping[str, str]]
"""Register name to {"person": column, "household": column, "dwelling": column}; ``<kind>_id`` where nothing
is said."""

PLACE: Final = ("area_id", "period")
STATUS_RANK: Final = {"ok": 0, "not_applicable": 1, "missing": 2, "protected": 3}
"""Statuses of a count from best to worst; adding counts keeps the worst."""

_TOTALS: Final = ("n", "d", "u", "s")
"""A part's sums: numerator, denominator, unknown, worst mark."""


@dataclass(frozen=True, slots=True)
class Part:
    """One register's share in one indicator. `id_column` is what is counted once, None where rows are
    counted."""

    indicator: Indicator
    side: SideName
    register: str
    id_column: str | None = None

    @property
    def base(self) -> Side:
        """Which rows belong to the part at all: the denominator's, or every row of a lone numerator."""
        return Side() if self.side == "numerator" else self.indicator.denominator

    @property
    def top(self) -> Side | None:
        return None if self.side == "denominator" else self.indicator.numerator

    def key(self, side: str, field: str) -> str:
        """Where a mistake stands in the indicator's file."""
        return f"indicator.{self.indicator.id}.{side}.{field}"


def make_parts(
    indicators: Sequence[Indicator],
    registers: Iterable[str],
    ids: Ids | None = None,
    report: Report | None = None,
) -> tuple[Part, ...]:
    """Split indicators into parts, one for each register that they read.

    Raises
    ------
    InputError
        An indicator names a register that is not there, or names none and there are several without
        ``persons``.
    """
    found = Report()
    names = list(registers)
    parts: list[Part] = []
    for indicator in indicators:
        base, top = indicator.denominator, indicator.numerator
        register = _register(base.register_name, None, names, indicator, "denominator", found)
        above = (
            _register(top.register_name, register, names, indicator, "numerator", found) if top else register
        )
        if register is None or above is None:
            continue
        base_kind = base.distinct or indicator.distinct
        top_kind = (top.distinct if top else None) or indicator.distinct
        base_id, top_id = _id_column(register, base_kind, ids), _id_column(above, top_kind, ids)
        if register == above and (base_id == top_id or top is None):
            parts.append(Part(indicator, "both", register, base_id))
        else:
            parts += [
                Part(indicator, "denominator", register, base_id),
                Part(indicator, "numerator", above, top_id),
            ]
    found.settle(report)
    return tuple(parts)


def _register(
    name: str | None, otherwise: str | None, names: list[str], indicator: Indicator, side: str, found: Report
) -> str | None:
    name = name or otherwise or ("persons" if "persons" in names else names[0] if len(names) == 1 else None)
    if name in names:
        return name
    message = f"There is no register {name}." if name else "It is not said which register this counts in."
    near = difflib.get_close_matches(name or "", names, 1, 0.6)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(names)) or 'none'}."
    found.error(message, hint=hint, key=f"indicator.{indicator.id}.{side}.register")
    return None


def _id_column(register: str, kind: str, ids: Ids | None) -> str | None:
    if kind == "none":
        return None
    return (ids or {}).get(register, {}).get(kind, f"{kind}_id")


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass over a register gave.

    Attributes
    ----------
    frame : ``area_id, period`` and a column ``<number of the part>:<n|d|u|s>`` for each sum.
    unplaced : by number of the part, the rows of which it cannot be said whether they belong to it.
    without_id : rows of which it is not known whose they are.
    """

    frame: pl.DataFrame
    unplaced: Mapping[int, int]
    without_id: int = 0


def count_part_rows(
    register: pl.LazyFrame,
    parts: Sequence[Part],
    parameters: Parameters,
    report: Report,
    *,
    period: str | None = None,
) -> list[Pass]:
    """Run the passes that some parts of one register need: one for rows, one for each column of ids.

    `period` is that of all rows, where they have one. Empty where `report` has errors.
    """
    schema = register.collect_schema()
    rows: list[tuple[int, _Rows]] = []
    once: dict[str, list[tuple[int, _Rows]]] = {}
    for number, part in enumerate(parts):
        made = _rows(part, schema, parameters, report)
        (rows if part.id_column is None else once.setdefault(part.id_column, [])).append((number, made))
    if report.errors:
        return []
    passes = []
    if rows:
        passes.append(_row_pass(register, rows, period))
    for column, several in once.items():
        passes.append(_id_pass(register, column, several))
    return passes


def _row_pass(register: pl.LazyFrame, several: Sequence[tuple[int, _Rows]], period: str | None) -> Pass:
    """Sums over rows. Each distinct condition is worked out once a row, and each distinct sum once a group."""
    conditions, sums = _Once("@c"), _Once("@s")
    wanted: list[tuple[str, pl.Expr]] = []
    unplaced: dict[int, pl.Expr] = {}
    for number, rows in several:
        named = rows.named(conditions)
        wanted += [(f"{number}:{name}", sums(expr)) for name, expr in _sums(named).items()]
        lost = _unplaced(named)
        if lost is not None:
            unplaced[number] = lost
    if unplaced:  # rarely any: told apart only where there are
        sums(pl.any_horizontal(_distinct(unplaced.values())).any(), "@unplaced")
    keys = [name for name in PLACE if name != "period" or period is None]
    schema = register.collect_schema()
    listed = {name: dtype for name in keys if isinstance(dtype := schema[name], pl.Enum)}
    places = [pl.col(name).to_physical() if name in listed else pl.col(name) for name in keys]
    worked_out = register.select(*places, *conditions.columns())
    wide = worked_out.group_by(keys).agg(sums.columns()).collect(engine="streaming")
    told = {}
    if unplaced and wide["@unplaced"].any():
        counted = worked_out.select(expr.sum().alias(str(number)) for number, expr in unplaced.items())
        found = counted.collect(engine="streaming").row(0, named=True)
        told = {number: int(found[str(number)] or 0) for number in unplaced}
    frame = wide.select(
        *(_of_list(wide[name], listed[name]) if name in listed else wide[name] for name in keys),
        *([pl.lit(period).alias("period")] if period is not None else []),
        *(column.alias(name) for name, column in wanted),
    )
    return Pass(frame, told)


def _of_list(codes: pl.Series, dtype: pl.Enum) -> pl.Series:
    """Values of a list from their places in it."""
    return pl.Series(codes.name, dtype.categories, dtype=dtype).gather(codes)


def _id_pass(register: pl.LazyFrame, column: str, several: Sequence[tuple[int, _Rows]]) -> Pass:
    """Sums over what a column of ids tells apart."""
    first = [expr for number, made in several for expr in _any(made, number)]
    known = pl.col(column).is_not_null()
    sums = [expr for number, made in several for expr in _once(made, number, known)]
    persons = register.group_by(*PLACE, column).agg(pl.len().alias("rows"), *first)
    without = pl.col("rows").filter(~known).sum().alias("rows_without_id")
    wide = persons.group_by(*PLACE).agg(*sums, without).collect(engine="streaming")
    lost = [f"{number}:b" for number, _ in several]
    told = {number: int(wide[name].sum()) for (number, _), name in zip(several, lost, strict=True)}
    return Pass(wide.drop(*lost, "rows_without_id"), told, int(wide["rows_without_id"].sum()))


class _Once:
    """Expressions, each distinct one under a name of its own."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._known: dict[bytes, pl.Expr] = {}

    def __call__(self, expr: pl.Expr, name: str | None = None) -> pl.Expr:
        """The column that holds the expression's values."""
        key = expr.meta.serialize()
        if key not in self._known:
            self._known[key] = expr.alias(name or f"{self._prefix}{len(self._known)}")
        return pl.col(self._known[key].meta.output_name())

    def columns(self) -> list[pl.Expr]:
        """All of them, named."""
        return list(self._known.values())


def _distinct(exprs: Iterable[pl.Expr]) -> list[pl.Expr]:
    return list({expr.meta.serialize(): expr for expr in exprs}.values())


def check_part(part: Part, schema: pl.Schema, parameters: Parameters, report: Report) -> None:
    """Everything that is wrong with a part's columns and predicates, without reading a row."""
    _rows(part, schema, parameters, report)


@dataclass(frozen=True, slots=True)
class _Rows:
    """A part as expressions a row. None stands for "every row" (base, met) and for one (weight, value)."""

    base: pl.Expr | None
    met: pl.Expr | None
    weight: pl.Expr | None
    value: pl.Expr | None
    mark: pl.Expr | None
    times: int
    """What a row without a value contributes to the numerator: the indicator's scale."""
    lone: bool
    """A numerator alone: its own unknowns cannot be told from the base's."""

    def named(self, columns: _Once) -> _Rows:
        """The same, each expression as the column of `columns` that holds its values."""

        def column(expr: pl.Expr | None) -> pl.Expr | None:
            return None if expr is None else columns(expr)

        return replace(
            self,
            base=column(self.base),
            met=column(self.met),
            weight=column(self.weight),
            value=column(self.value),
            mark=column(self.mark),
        )


def _rows(part: Part, schema: pl.Schema, parameters: Parameters, report: Report) -> _Rows:
    indicator, top = part.indicator, part.top
    base = _where(part.base, part, "denominator", schema, parameters, report)
    met = _where(top, part, "numerator", schema, parameters, report) if top else None
    if part.id_column is not None:
        _check_column(
            part.id_column,
            schema,
            part.key("numerator" if part.side == "numerator" else "denominator", "distinct"),
            report,
            numeric=False,
        )
    weights: list[tuple[str | None, str]] = [(part.base.sum, part.key("denominator", "sum"))]
    values: list[tuple[str | None, str]] = [(top.sum if top else None, part.key("numerator", "sum"))]
    if part.side != "numerator":
        weights.append((indicator.weight, f"indicator.{indicator.id}.weight"))
    if part.side != "denominator":
        values += [
            (indicator.mean_of, f"indicator.{indicator.id}.mean_of"),
            (indicator.weight, f"indicator.{indicator.id}.weight"),
        ]
    if top is None and indicator.mean_of is None:
        values = weights  # a count without a numerator: the base itself
    weight = _product(weights, indicator.weight_scale, schema, report)
    value = _product(values, indicator.weight_scale * indicator.scale, schema, report)
    times = indicator.scale if value is None else 1
    return _Rows(base, met, weight, value, _mark(part, schema), times, part.side == "numerator")


def _where(
    side: Side, part: Part, name: str, schema: pl.Schema, parameters: Parameters, report: Report
) -> pl.Expr | None:
    if side.where is None:
        return None
    return parse_predicate(side.where, schema, parameters, key=part.key(name, "where"), report=report)


def _check_column(name: str, schema: pl.Schema, key: str, report: Report, *, numeric: bool = True) -> bool:
    if name not in schema:
        near = difflib.get_close_matches(name, list(schema), 2, 0.6)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(sorted(schema))}."
        report.error(f"There is no column {name}.", hint=hint, column=name, key=key)
        return False
    if numeric and not (schema[name].is_numeric() or schema[name] in (pl.Boolean, pl.Null)):
        report.error(f"The column {name} does not hold numbers.", column=name, key=key)
        return False
    return True


def _whole(dtype: Any) -> bool:
    """Whole numbers; true and false count 1 and 0; a column without any value is no less whole."""
    return bool(dtype.is_integer()) or dtype in (pl.Boolean, pl.Null)


def _product(
    columns: list[tuple[str | None, str]], scale: int, schema: pl.Schema, report: Report
) -> pl.Expr | None:
    """The columns' product times the scale as a whole number, rounded once, halves away from zero; None for
    one.

    Numbers that are no numbers (NaN, infinite) are unknown.
    """
    given = [(name, key) for name, key in columns if name is not None]
    sound = [_check_column(name, schema, key, report) for name, key in given]
    if not all(sound):
        return None
    if not given:
        return None
    factors = []
    for name, _ in given:
        column = pl.col(name)
        whole = _whole(schema[name])
        factors.append(
            column.cast(pl.Int64) if whole else pl.when(column.is_finite()).then(column.cast(pl.Float64))
        )
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    if all(_whole(schema[name]) for name, _ in given):
        return product * scale if scale != 1 else product
    return (product * scale).round(mode="half_away_from_zero").cast(pl.Int64, strict=False)


def _mark(part: Part, schema: pl.Schema) -> pl.Expr | None:
    """The worst mark of a finished table's cells (``<column>__mark``) as a rank."""
    columns = [part.base.sum, part.top.sum if part.top else None, part.indicator.mean_of]
    marks = [
        pl.col(f"{name}__mark")
        .cast(pl.String)
        .replace_strict(STATUS_RANK, default=None, return_dtype=pl.Int8)
        for name in columns
        if name is not None and f"{name}__mark" in schema
    ]
    return pl.max_horizontal(*marks) if marks else None


def _both(*conditions: pl.Expr | None) -> pl.Expr | None:
    """All of the conditions; None where there is none."""
    result: pl.Expr | None = None
    for condition in conditions:
        if condition is not None:
            result = condition if result is None else result & condition
    return result


def _either(conditions: Sequence[pl.Expr]) -> pl.Expr | None:
    """Any of the conditions; None where there is none."""
    if len(conditions) == 1:
        return conditions[0]
    return pl.any_horizontal(*conditions) if conditions else None


def _total(condition: pl.Expr | None, value: pl.Expr | None) -> pl.Expr:
    """The sum of `value` (one, if None) over rows where the condition (every row, if None) is true."""
    if value is None:
        return pl.len() if condition is None else condition.sum()
    if condition is None:
        return value.sum()
    return pl.when(condition).then(value).sum()


def _unknown(rows: _Rows) -> pl.Expr | None:
    """True where it cannot be said what the row contributes to the numerator; None where it always can."""
    conditions = [rows.met.is_null()] if rows.met is not None else []
    if rows.value is not None:
        missing = rows.value.is_null()
        conditions.append(missing if rows.met is None else rows.met & missing)
    return _either(conditions)


def _unplaced(rows: _Rows) -> pl.Expr | None:
    """True where it cannot be said whether the row belongs to the base (or to a lone numerator)."""
    if rows.lone:
        return _unknown(rows)
    conditions = [rows.base.is_null()] if rows.base is not None else []
    if rows.weight is not None:
        missing = rows.weight.is_null()
        conditions.append(missing if rows.base is None else rows.base & missing)
    return _either(conditions)


def _sums(rows: _Rows) -> dict[str, pl.Expr]:
    unknown = _unknown(rows)
    made = {"n": _total(_both(rows.base, rows.met), rows.value)}
    if rows.times != 1:
        made["n"] = made["n"] * rows.times
    if not rows.lone:
        made["d"] = _total(rows.base, rows.weight)
        if unknown is not None:
            made["u"] = _total(_both(rows.base, unknown), rows.weight)
    if rows.mark is not None:
        made["s"] = (rows.mark if rows.base is None else pl.when(rows.base).then(rows.mark)).max()
    return made


def _any(rows: _Rows, number: int) -> list[pl.Expr]:
    """Over one person's rows: any in the base, any that is met, any unknown."""
    hit, unplaced = _both(rows.base, rows.met), _unplaced(rows)
    unknown = None if rows.met is None else _both(rows.base, rows.met.is_null())
    always = pl.len() > 0
    made = {
        "n": always if hit is None else hit.any(),
        "d": always if rows.base is None else rows.base.any(),
        "u": pl.lit(False) if unknown is None else unknown.any(),
        "b": pl.lit(False) if unplaced is None else unplaced.any(),
    }
    return [expr.alias(f"{number}:{name}") for name, expr in made.items()]


def _once(rows: _Rows, number: int, known: pl.Expr) -> list[pl.Expr]:
    """Over persons: who is met in any row is met; who is not, and unknown in any, is unknown."""
    met, base, unknown, unplaced = (pl.col(f"{number}:{name}") for name in "ndub")
    made = {"n": met, "d": base, "u": unknown & ~met, "b": unplaced & ~(met if rows.lone else base)}
    return [
        ((expr & known).sum() * (rows.times if name == "n" else 1)).alias(f"{number}:{name}")
        for name, expr in made.items()
    ]


def part_totals(frame: pl.DataFrame, parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Split one pass's wide result into a dict of columns for each part that it holds, whole numbers all."""
    result = []
    for number, part in enumerate(parts):
        held = {name: f"{number}:{name}" for name in _TOTALS if f"{number}:{name}" in frame.columns}
        if held:
            zero = pl.Series([0] * frame.height, dtype=pl.Int64)
            columns = {
                name: frame[held[name]].fill_null(0).cast(pl.Int64) if name in held else zero
                for name in _TOTALS
            }
            result.append({"part": part, "number": number, **columns})
    return result
