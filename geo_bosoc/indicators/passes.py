"""Sums over the rows of a register: one streaming pass for all parts that count rows, one for each column of ids."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from geo_bosoc.indicators.part_rows import PartRows, part_rows
from geo_bosoc.indicators.plan import PLACE, Part
from geo_bosoc.predicates import Parameters
from geo_bosoc.problems import Report

_TOTALS: Final = ("n", "d", "u", "s")
"""A part's sums: numerator, denominator, unknown, worst mark."""


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

    def grouped(self, groups: pl.DataFrame) -> Pass:
        """The same sums over groups of areas.

        Parameters
        ----------
        groups : ``area_id`` and ``group``, a row for each group that an area belongs to; areas without one are left
            out.
        """
        joined = (
            self.frame.join(groups, on="area_id", how="inner").drop("area_id").rename({"group": "area_id"})
        )
        sums = [
            pl.col(name).max() if name.endswith(":s") else pl.col(name).sum()
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
    filled: Collection[str] = (),
) -> list[Pass]:
    """Run the passes that some parts of one register need: one for rows, one for each column of ids.

    `period` is that of all rows, where they have one; the columns of `filled` miss no value. Empty where `report` has
    errors.
    """
    schema = register.collect_schema()
    rows: list[tuple[int, PartRows]] = []
    once: dict[str, list[tuple[int, PartRows]]] = {}
    for number, part in enumerate(parts):
        made = part_rows(part, schema, parameters, report, filled)
        (rows if part.id_column is None else once.setdefault(part.id_column, [])).append((number, made))
    if report.errors:
        return []
    passes = []
    if rows:
        passes.append(_row_pass(register, rows, period))
    for column, several in once.items():
        passes.append(_id_pass(register, column, several))
    return passes


def _row_pass(register: pl.LazyFrame, several: Sequence[tuple[int, PartRows]], period: str | None) -> Pass:
    """Sums over rows. Each distinct condition is worked out once a row, and each distinct sum once a group."""
    conditions, sums = _Once("@c"), _Once("@s")
    wanted: list[tuple[str, pl.Expr]] = []
    # by the columns whose missing values it comes from
    unplaced: dict[frozenset[str], dict[int, pl.Expr]] = {}
    for number, rows in several:
        named = rows.known(conditions)
        wanted += [(f"{number}:{name}", sums(expr)) for name, expr in _sums(named).items()]
        lost, named_lost = _unplaced(rows), _unplaced(named)
        if lost is not None and named_lost is not None:
            unplaced.setdefault(frozenset(lost.meta.root_names()), {})[number] = named_lost
    flags = [sums(_flag(list(exprs.values()))).meta.output_name() for exprs in unplaced.values()]
    keys = [name for name in PLACE if name != "period" or period is None]
    schema = register.collect_schema()
    listed = {name: dtype for name in keys if isinstance(dtype := schema[name], pl.Enum)}
    places = [pl.col(name).to_physical() if name in listed else pl.col(name) for name in keys]
    worked_out = register.select(*places, *conditions.columns())
    wide = worked_out.group_by(keys).agg(sums.columns()).collect(engine="streaming")
    told: dict[int, int] = {}
    later: dict[int, pl.Expr] = {}
    for flag, exprs in zip(flags, unplaced.values(), strict=True):
        often = int(wide[flag].sum())
        if often and _only_one(list(exprs.values())):
            told |= dict.fromkeys(exprs, often)
        elif often:  # told apart only where there are any
            later |= exprs
    if later:
        asked = worked_out.select(expr.sum().alias(str(number)) for number, expr in later.items())
        told |= dict(zip(later, map(int, asked.collect(engine="streaming").row(0)), strict=True))
    frame = wide.select(
        *(_of_list(wide[name], listed[name]) if name in listed else wide[name] for name in keys),
        *([pl.lit(period).alias("period")] if period is not None else []),
        *(column.alias(name) for name, column in wanted),
    )
    return Pass(frame, told)


def _of_list(codes: pl.Series, dtype: pl.Enum) -> pl.Series:
    """Values of a list from their places in it."""
    return pl.Series(codes.name, dtype.categories, dtype=dtype).gather(codes)


def _id_pass(register: pl.LazyFrame, column: str, several: Sequence[tuple[int, PartRows]]) -> Pass:
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

    def __call__(self, expr: pl.Expr) -> pl.Expr:
        """The column that holds the expression's values."""
        key = expr.meta.serialize()
        if key not in self._known:
            self._known[key] = expr.alias(f"{self._prefix}{len(self._known)}")
        return pl.col(self._known[key].meta.output_name())

    def columns(self) -> list[pl.Expr]:
        """All of them, named."""
        return list(self._known.values())


def _flag(exprs: Sequence[pl.Expr]) -> pl.Expr:
    """How often the expression is true, where they are all the same; whether any of them ever is, where not."""
    return exprs[0].sum() if _only_one(exprs) else pl.any_horizontal(*exprs).any()


def _only_one(exprs: Sequence[pl.Expr]) -> bool:
    return len({expr.meta.serialize() for expr in exprs}) == 1


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
    """The sum of `value` (one, if None) over rows where the condition (every row, if None) is true; in 64 bits, since
    it may be multiplied by a scale and added up further."""
    if value is None:
        return (pl.len() if condition is None else condition.sum()).cast(pl.Int64)
    if condition is None:
        return value.sum()
    return pl.when(condition).then(value).sum()


def _unknown(rows: PartRows) -> pl.Expr | None:
    """True where it cannot be said what the row contributes to the numerator; None where it always can."""
    conditions = [rows.met_unknown] if rows.met_unknown is not None else []
    if rows.value is not None:
        missing = rows.value.is_null()
        conditions.append(missing if rows.met is None else rows.met & missing)
    return _either(conditions)


def _unplaced(rows: PartRows) -> pl.Expr | None:
    """True where it cannot be said whether the row belongs to the base (or to a lone numerator)."""
    if rows.lone:
        return _unknown(rows)
    conditions = [rows.base_unknown] if rows.base_unknown is not None else []
    if rows.weight is not None:
        missing = rows.weight.is_null()
        conditions.append(missing if rows.base is None else rows.base & missing)
    return _either(conditions)


def _sums(rows: PartRows) -> dict[str, pl.Expr]:
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


def _any(rows: PartRows, number: int) -> list[pl.Expr]:
    """Over one person's rows: any in the base, any that is met, any unknown."""
    hit, unplaced = _both(rows.base, rows.met), _unplaced(rows)
    unknown = _both(rows.base, rows.met_unknown) if rows.met_unknown is not None else None
    always = pl.len() > 0
    made = {
        "n": always if hit is None else hit.any(),
        "d": always if rows.base is None else rows.base.any(),
        "u": pl.lit(False) if unknown is None else unknown.any(),
        "b": pl.lit(False) if unplaced is None else unplaced.any(),
    }
    return [expr.alias(f"{number}:{name}") for name, expr in made.items()]


def _once(rows: PartRows, number: int, known: pl.Expr) -> list[pl.Expr]:
    """Over persons: who is met in any row is met; who is not, and unknown in any, is unknown."""
    met, base, unknown, unplaced = (pl.col(f"{number}:{name}") for name in "ndub")
    made = {"n": met, "d": base, "u": unknown & ~met, "b": unplaced & ~(met if rows.lone else base)}
    return [
        ((expr & known).sum().cast(pl.Int64) * (rows.times if name == "n" else 1)).alias(f"{number}:{name}")
        for name, expr in made.items()
    ]


@dataclass(frozen=True)
class Totals:
    """One pass's sums, part after part: n areas for each of `parts` (by number).

    Attributes
    ----------
    numbers : ``numerator, denominator, unknown``: int64, zero where the part does not count that.
    status : the worst mark's rank.
    """

    parts: Mapping[int, Part]
    numbers: Mapping[str, npt.NDArray[np.int64]]
    status: npt.NDArray[np.int64]


def part_totals(frame: pl.DataFrame, parts: Sequence[Part]) -> Totals:
    """Put one pass's wide result below each other, for each part that it holds."""
    held = {
        number: part
        for number, part in enumerate(parts)
        if any(f"{number}:{name}" in frame.columns for name in _TOTALS)
    }
    zeros = np.zeros(frame.height, dtype=np.int64)

    def column(name: str, counts: bool = True) -> npt.NDArray[np.int64]:
        if not counts or name not in frame.columns:
            return zeros
        return frame[name].fill_null(0).cast(pl.Int64).to_numpy()

    def below(short: str, *, but: str) -> npt.NDArray[np.int64]:
        return np.concatenate(
            [column(f"{number}:{short}", part.side != but) for number, part in held.items()]
        )

    if not held:
        return Totals({}, {}, zeros)
    unknown = [column(f"{number}:u", part.side == "both") for number, part in held.items()]
    numbers = {
        "numerator": below("n", but="denominator"),
        "denominator": below("d", but="numerator"),
        "unknown": np.concatenate(unknown),
    }
    return Totals(held, numbers, below("s", but=""))
