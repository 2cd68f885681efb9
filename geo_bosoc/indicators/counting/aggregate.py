"""Sums over the rows of a register: one pass for all parts that count rows, one for each column of ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from geo_bosoc.indicators.counting.row_expressions import PartRows, both, part_rows
from geo_bosoc.indicators.plan import PLACE, Part
from geo_bosoc.predicates.parse import Parameters
from geo_bosoc.problems import Report


def sum_of_all(values: pl.Expr) -> pl.Expr:
    """The sum, empty where any of the values is."""
    return pl.when(values.null_count() == 0).then(values.sum())


_TOTALS: Final = ("n", "d", "u", "s")
"""A part's sums: numerator, denominator, unknown, worst mark."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass over a register gave.

    Attributes
    ----------
    frame : DataFrame
        ``area_id, period`` and a column ``<number of the part>:<n|d|u|s>`` for each sum.
    unplaced : dict of int to int
        By number of the part, the rows of which it cannot be said whether they belong to it.
    without_id : int
        Rows without an id: nothing says whom they count.
    """

    frame: pl.DataFrame
    unplaced: Mapping[int, int]
    without_id: int = 0

    def grouped(self, groups: pl.DataFrame) -> Pass:
        """The same sums over groups of areas.

        Parameters
        ----------
        groups : DataFrame
            ``area_id`` and ``group``, a row for each group that an area belongs to; areas without one are left out.
        """
        joined = (
            self.frame.join(groups, on="area_id", how="inner").drop("area_id").rename({"group": "area_id"})
        )
        sums = [
            pl.col(name).max()
            if name.endswith(":s")
            else sum_of_all(pl.col(name))
            if name.endswith(":d")
            else pl.col(name).sum()
            for name in joined.columns
            if name not in PLACE
        ]
        return replace(self, frame=joined.group_by(*PLACE).agg(sums))


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
    rows: list[tuple[int, PartRows]] = []
    by_id_column: dict[str, list[tuple[int, PartRows]]] = {}
    for number, part in enumerate(parts):
        expressions = part_rows(part, schema, parameters, report)
        (rows if part.id_column is None else by_id_column.setdefault(part.id_column, [])).append(
            (number, expressions)
        )
    if report.errors:
        return []
    passes = []
    if rows:
        passes.append(Pass(*_sum_rows(register, rows, period)))
    for column, id_parts in by_id_column.items():
        passes.append(_id_pass(register, column, id_parts))
    return passes


def _id_pass(register: pl.LazyFrame, column: str, parts: Sequence[tuple[int, PartRows]]) -> Pass:
    """Sums over what a column of ids tells apart."""
    first = [expr for number, rows in parts for expr in _any_row_of_person(rows, number)]
    has_id = pl.col(column).is_not_null()
    sums = [expr for number, rows in parts for expr in _sums_over_persons(rows, number, has_id)]
    persons = register.group_by(*PLACE, column).agg(pl.len().alias("rows"), *first)
    rows_without_id = pl.col("rows").filter(~has_id).sum().alias("rows_without_id")
    wide = persons.group_by(*PLACE).agg(*sums, rows_without_id).collect(engine="streaming")
    unplaced_names = [f"{number}:b" for number, _ in parts]
    unplaced = {
        number: int(wide[name].sum()) for (number, _), name in zip(parts, unplaced_names, strict=True)
    }
    return Pass(wide.drop(*unplaced_names, "rows_without_id"), unplaced, int(wide["rows_without_id"].sum()))


def _any_row_of_person(rows: PartRows, number: int) -> list[pl.Expr]:
    """Over one person's rows: any in the denominator, any that is met, any unknown."""
    hit, unplaced = rows.hit, rows.unplaced
    unknown = both(rows.denominator, rows.met_unknown) if rows.met_unknown is not None else None
    always = pl.len() > 0
    flags = {
        "n": always if hit is None else hit.any(),
        "d": always if rows.denominator is None else rows.denominator.any(),
        "u": pl.lit(False) if unknown is None else unknown.any(),
        "b": pl.lit(False) if unplaced is None else unplaced.any(),
    }
    return [expr.alias(f"{number}:{name}") for name, expr in flags.items()]


def _sums_over_persons(rows: PartRows, number: int, has_id: pl.Expr) -> list[pl.Expr]:
    """Over persons: who is met in any row is met; who is not, and unknown in any, is unknown."""
    met, in_denominator, unknown, unplaced = (pl.col(f"{number}:{name}") for name in "ndub")
    sums = {
        "n": met,
        "d": in_denominator,
        "u": unknown & ~met,
        "b": unplaced & ~(met if rows.lone else in_denominator),
    }
    return [
        ((expr & has_id).sum().cast(pl.Int64) * (rows.times if name == "n" else 1)).alias(f"{number}:{name}")
        for name, expr in sums.items()
    ]


@dataclass(frozen=True)
class Totals:
    """One pass's sums, part after part: n areas for each of `parts` (by number).

    Attributes
    ----------
    parts : dict of int to Part
        The parts, by number.
    numbers : dict of str to ndarray of int
        ``numerator, denominator, unknown``: int64, zero where the part does not count that.
    status : ndarray of int
        The worst mark's rank.
    denominator_known : ndarray of bool
        False where some of the denominator is missing or protected.
    """

    parts: Mapping[int, Part]
    numbers: Mapping[str, npt.NDArray[np.int64]]
    status: npt.NDArray[np.int64]
    denominator_known: npt.NDArray[np.bool_]


def part_totals(frame: pl.DataFrame, parts: Sequence[Part]) -> Totals:
    """Put one pass's wide result below each other, for each part that it holds."""
    parts_in_frame = {
        number: part
        for number, part in enumerate(parts)
        if any(f"{number}:{name}" in frame.columns for name in _TOTALS)
    }
    zeros = np.zeros(frame.height, dtype=np.int64)
    integers = frame.select(pl.exclude(*PLACE).fill_null(0).cast(pl.Int64))
    columns = {column.name: column.to_numpy() for column in integers}

    def column(name: str, counts: bool = True) -> npt.NDArray[np.int64]:
        return columns.get(name, zeros) if counts else zeros

    def below(short: str, *, but: str) -> npt.NDArray[np.int64]:
        return np.concatenate(
            [column(f"{number}:{short}", part.side != but) for number, part in parts_in_frame.items()]
        )

    if not parts_in_frame:
        return Totals({}, {}, zeros, zeros.astype(bool))
    unknown = [column(f"{number}:u", part.side == "both") for number, part in parts_in_frame.items()]
    numbers = {
        "numerator": below("n", but="denominator"),
        "denominator": below("d", but="numerator"),
        "unknown": np.concatenate(unknown),
    }
    all_known = np.ones(frame.height, dtype=bool)
    denominators = [
        (frame.get_column(f"{number}:d", default=None), part) for number, part in parts_in_frame.items()
    ]
    denominator_known = [
        denominator.is_not_null().to_numpy()
        if denominator is not None and part.side != "numerator"
        else all_known
        for denominator, part in denominators
    ]
    return Totals(parts_in_frame, numbers, below("s", but=""), np.concatenate(denominator_known))


_ROWS: Final = "@rows"


@dataclass(frozen=True)
class _Sum:
    """How many rows meet a condition (every row, if None), or the sum of `value` over them, times a whole number."""

    condition: pl.Expr | None
    value: pl.Expr | None = None
    times: int = 1


def _sum_rows(
    register: pl.LazyFrame, parts: Sequence[tuple[int, PartRows]], period: str | None
) -> tuple[pl.DataFrame, dict[int, int]]:
    """The sums of some parts, by number, as `geo_bosoc.indicators.counting.aggregate.Pass` has them; and its
    `unplaced`.

    `period` is that of all rows, where they have one.
    """
    conditions, true_counts, sums = (
        _DistinctExpressions("@c"),
        _DistinctExpressions("@t"),
        _DistinctExpressions("@s"),
    )
    columns: list[tuple[str, pl.Expr]] = []
    # By the columns whose missing values it comes from.
    unplaced: dict[frozenset[str], dict[int, pl.Expr]] = {}
    for number, rows in parts:
        aliased = rows.without_unknowns(conditions)
        for name, row_sum in _sums(aliased).items():
            if row_sum.value is None:
                column = pl.col(_ROWS) if row_sum.condition is None else true_counts(row_sum.condition)
            else:
                column = sums(_total(row_sum.condition, row_sum.value))
            column = column * row_sum.times if row_sum.times != 1 else column
            # A denominator of which some is withheld is unknown.
            if name == "d" and (mark := _where(aliased.denominator, aliased.denominator_mark)) is not None:
                column = pl.when(sums(mark.max()).fill_null(0) == 0).then(column)
            columns.append((f"{number}:{name}", column))
        if (mark := _where(aliased.denominator, aliased.mark)) is not None:
            columns.append((f"{number}:s", sums(mark.max())))
        condition, aliased_condition = rows.unplaced, aliased.unplaced
        if condition is not None and aliased_condition is not None:
            unplaced.setdefault(frozenset(condition.meta.root_names()), {})[number] = aliased_condition
    flags = [true_counts(_flag(list(exprs.values()))).meta.output_name() for exprs in unplaced.values()]
    keys = [name for name in PLACE if name != "period" or period is None]
    schema = register.collect_schema()
    enums = {name: dtype for name in keys if isinstance(dtype := schema[name], pl.Enum)}
    places = [pl.col(name).to_physical() if name in enums else pl.col(name) for name in keys]
    evaluated = register.select(*places, *conditions.columns())
    wide = _wide(evaluated, keys, true_counts.columns(), sums.columns())
    unplaced_rows: dict[int, int] = {}
    uncertain: dict[int, pl.Expr] = {}
    for flag, exprs in zip(flags, unplaced.values(), strict=True):
        flagged = int(wide[flag].sum())
        if flagged and _only_one(list(exprs.values())):
            unplaced_rows |= dict.fromkeys(exprs, flagged)
        elif flagged:  # counted one by one only where there are any
            uncertain |= exprs
    if uncertain:
        counts = evaluated.select(expr.sum().alias(str(number)) for number, expr in uncertain.items())
        unplaced_rows |= dict(
            zip(uncertain, map(int, counts.collect(engine="streaming").row(0)), strict=True)
        )
    frame = wide.select(
        *(_of_list(wide[name], enums[name]) if name in enums else wide[name] for name in keys),
        *([pl.lit(period).alias("period")] if period is not None else []),
        *(column.alias(name) for name, column in columns),
    )
    return frame, unplaced_rows


def _wide(
    rows: pl.LazyFrame, keys: list[str], true_counts: list[pl.Expr], sums: list[pl.Expr]
) -> pl.DataFrame:
    """A row for each of the keys' groups: `_ROWS`, how often each of `truths` is true, and `sums`.

    Counts are of 64 bits, since they may be multiplied by a scale and added up further.
    """
    height = pl.len().cast(pl.Int64).alias(_ROWS)
    counted = [
        each.meta.undo_aliases().sum().cast(pl.Int64).alias(each.meta.output_name()) for each in true_counts
    ]
    return rows.group_by(keys).agg(height, *counted, *sums).collect(engine="streaming")


def _of_list(codes: pl.Series, dtype: pl.Enum) -> pl.Series:
    """Values of a list from their places in it."""
    return pl.Series(codes.name, dtype.categories, dtype=dtype).gather(codes)


class _DistinctExpressions:
    """Expressions, each distinct one under a name of its own."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._aliases: dict[bytes, pl.Expr] = {}

    def __call__(self, expr: pl.Expr) -> pl.Expr:
        """The column that holds the expression's values."""
        key = expr.meta.serialize()
        if key not in self._aliases:
            self._aliases[key] = expr.alias(f"{self._prefix}{len(self._aliases)}")
        return pl.col(self._aliases[key].meta.output_name())

    def columns(self) -> list[pl.Expr]:
        """All of them, named."""
        return list(self._aliases.values())


def _flag(exprs: Sequence[pl.Expr]) -> pl.Expr:
    """The expression, where they are all the same; true where any of them is, where not."""
    return exprs[0] if _only_one(exprs) else pl.any_horizontal(*exprs)


def _only_one(exprs: Sequence[pl.Expr]) -> bool:
    return len({expr.meta.serialize() for expr in exprs}) == 1


def _sums(rows: PartRows) -> dict[str, _Sum]:
    """A part's numerator, denominator and unknown."""
    sums = {"n": _Sum(rows.hit, rows.value, rows.times)}
    if not rows.lone:
        sums["d"] = _Sum(rows.denominator, rows.weight)
        if rows.unknown is not None:
            sums["u"] = _Sum(both(rows.denominator, rows.unknown), rows.weight)
    return sums


def _where(condition: pl.Expr | None, value: pl.Expr | None) -> pl.Expr | None:
    """The value where the condition (every row, if None) is true."""
    return value if condition is None or value is None else pl.when(condition).then(value)


def _total(condition: pl.Expr | None, value: pl.Expr) -> pl.Expr:
    """The sum of `value` over rows where the condition (every row, if None) is true."""
    return value.sum() if condition is None else pl.when(condition).then(value).sum()
