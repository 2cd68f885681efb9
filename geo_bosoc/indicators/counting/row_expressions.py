"""A part as expressions on the rows of its register: which rows belong to it, which are met, what each weighs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from geo_bosoc.indicators.plan import STATUS_RANK, Ids, Part, make_parts
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.predicates.parse import Parameters, parse_predicate
from geo_bosoc.problems import Report, add_problems, did_you_mean
from geo_bosoc.problems.messages import joined, phrase


@dataclass(frozen=True, slots=True)
class PartRows:
    """A part as expressions a row. None stands for "every row" (denominator, met) and for one (weight, value)."""

    denominator: pl.Expr | None
    denominator_unknown: pl.Expr | None
    met: pl.Expr | None
    met_unknown: pl.Expr | None
    weight: pl.Expr | None
    value: pl.Expr | None
    mark: pl.Expr | None
    denominator_mark: pl.Expr | None
    times: int
    """What a row without a value contributes to the numerator: the indicator's scale."""
    lone: bool
    """A numerator alone: its own unknowns cannot be told apart from the denominator's."""

    @property
    def hit(self) -> pl.Expr | None:
        """True where the row is met, and counts in the denominator; None where every row is."""
        return both(self.denominator, self.met)

    @property
    def unknown(self) -> pl.Expr | None:
        """True where it cannot be said what the row contributes to the numerator; None where it always can."""
        conditions = [self.met_unknown] if self.met_unknown is not None else []
        if self.value is not None:
            missing = self.value.is_null()
            conditions.append(missing if self.met is None else self.met & missing)
        return _either(conditions)

    @property
    def unplaced(self) -> pl.Expr | None:
        """True where it cannot be said whether the row belongs to the denominator (or to a lone numerator)."""
        if self.lone:
            return self.unknown
        conditions = [self.denominator_unknown] if self.denominator_unknown is not None else []
        if self.weight is not None:
            missing = self.weight.is_null()
            conditions.append(missing if self.denominator is None else self.denominator & missing)
        return _either(conditions)

    def without_unknowns(self, columns: Callable[[pl.Expr], pl.Expr]) -> PartRows:
        """The same, with conditions that are true or false and never unknown; each expression is replaced by what
        `columns` makes of it."""

        def replaced(expr: pl.Expr | None) -> pl.Expr | None:
            return None if expr is None else columns(expr)

        return replace(
            self,
            denominator=replaced(None if self.denominator is None else self.denominator.fill_null(False)),
            denominator_unknown=replaced(self.denominator_unknown),
            met=replaced(None if self.met is None else self.met.fill_null(False)),
            met_unknown=replaced(self.met_unknown),
            weight=replaced(self.weight),
            value=replaced(self.value),
            mark=replaced(self.mark),
            denominator_mark=replaced(self.denominator_mark),
        )


def both(*conditions: pl.Expr | None) -> pl.Expr | None:
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


def part_rows(part: Part, schema: pl.Schema, parameters: Parameters, report: Report) -> PartRows:
    """A part's expressions; what is wrong names the indicator's file."""
    problems = Report()
    rows = _part_rows(part, schema, parameters, problems)
    add_problems(
        report, (replace(problem, file=problem.file or part.indicator.file) for problem in problems.problems)
    )
    return rows


def _part_rows(part: Part, schema: pl.Schema, parameters: Parameters, report: Report) -> PartRows:
    indicator, numerator = part.indicator, part.numerator
    denominator = _where(part.denominator, part, "denominator", schema, parameters, report)
    met = _where(numerator, part, "numerator", schema, parameters, report) if numerator else None
    if part.id_column is not None:
        _check_column(
            part.id_column,
            schema,
            part.key("numerator" if part.side == "numerator" else "denominator", "distinct"),
            report,
            numeric=False,
        )
    weights: list[tuple[str | None, str]] = [(part.denominator.sum, part.key("denominator", "sum"))]
    values: list[tuple[str | None, str]] = [
        (numerator.sum if numerator else None, part.key("numerator", "sum"))
    ]
    if part.side != "numerator":
        weights.append((indicator.weight, f"indicator.{indicator.id}.weight"))
    if part.side != "denominator":
        values += [
            (indicator.mean_of, f"indicator.{indicator.id}.mean_of"),
            (indicator.weight, f"indicator.{indicator.id}.weight"),
        ]
    if numerator is None and indicator.mean_of is None:
        values = weights  # a count without a numerator: the denominator itself
    weight = _product(weights, indicator.weight_scale, schema, report)
    value = _product(values, indicator.weight_scale * indicator.scale, schema, report)
    times = indicator.scale if value is None else 1
    return PartRows(
        denominator=denominator,
        denominator_unknown=None if denominator is None else denominator.is_null(),
        met=met,
        met_unknown=None if met is None else met.is_null(),
        weight=weight,
        value=value,
        mark=_mark(
            [part.denominator.sum, part.numerator.sum if part.numerator else None, part.indicator.mean_of],
            schema,
        ),
        denominator_mark=_mark([part.denominator.sum], schema),
        times=times,
        lone=part.side == "numerator",
    )


def check_part(part: Part, schema: pl.Schema, parameters: Parameters, report: Report) -> None:
    """Everything that is wrong with a part's columns and predicates, without reading a row."""
    part_rows(part, schema, parameters, report)


def check_indicators(
    registers: Mapping[str, pl.LazyFrame],
    indicators: Sequence[Indicator],
    *,
    parameters: Parameters | None = None,
    ids: Ids | None = None,
    report: Report | None = None,
) -> None:
    """Check every register, column, type and predicate that the indicators name, without reading a row.

    Raises
    ------
    InputError
        As `count_indicators` would, with every problem at once.
    """
    inner_report = Report()
    for part in make_parts(indicators, registers, ids, inner_report):
        check_part(part, registers[part.register].collect_schema(), parameters or {}, inner_report)
    inner_report.hand_over(report)


def _where(
    side: Side, part: Part, name: str, schema: pl.Schema, parameters: Parameters, report: Report
) -> pl.Expr | None:
    if side.where is None:
        return None
    return parse_predicate(side.where, schema, parameters, key=part.key(name, "where"), report=report)


def _check_column(name: str, schema: pl.Schema, key: str, report: Report, *, numeric: bool = True) -> bool:
    if name not in schema:
        hint = did_you_mean(name, schema, count=2) or phrase(
            "There are: {names}.", names=joined(sorted(schema))
        )
        report.error(phrase("There is no column {name}.", name=name), hint=hint, column=name, key=key)
        return False
    if numeric and not (schema[name].is_numeric() or schema[name] in (pl.Boolean, pl.Null)):
        report.error(phrase("The column {name} does not hold numbers.", name=name), column=name, key=key)
        return False
    return True


def _is_integer(dtype: Any) -> bool:
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
    usable = [_check_column(name, schema, key, report) for name, key in given]
    if not all(usable):
        return None
    if not given:
        return None
    factors = []
    for name, _ in given:
        column = pl.col(name)
        is_integer = _is_integer(schema[name])
        number = column.cast(pl.Float64)  # of a fixed-point column it cannot be asked whether it is finite
        factors.append(column.cast(pl.Int64) if is_integer else pl.when(number.is_finite()).then(number))
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    if all(_is_integer(schema[name]) for name, _ in given):
        return product * scale if scale != 1 else product
    return (product * scale).round(mode="half_away_from_zero").cast(pl.Int64, strict=False)


def _mark(columns: Sequence[str | None], schema: pl.Schema) -> pl.Expr | None:
    """The worst mark of a finished table's cells (``<column>__mark``) as a rank."""
    marks = [
        pl.col(f"{name}__mark")
        .cast(pl.String)
        .replace_strict(STATUS_RANK, default=None, return_dtype=pl.Int8)
        for name in columns
        if name is not None and f"{name}__mark" in schema
    ]
    return pl.max_horizontal(*marks) if marks else None
