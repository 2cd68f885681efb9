"""Sums over the rows of a register, in one streaming pass.

Each distinct condition is worked out once a row, and each distinct sum once a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from geo_bosoc.indicators.counting.row_expressions import PartRows, both
from geo_bosoc.indicators.plan import PLACE

_ROWS: Final = "@rows"


@dataclass(frozen=True)
class _Sum:
    """How many rows meet a condition (every row, if None), or the sum of `value` over them, times a whole number."""

    condition: pl.Expr | None
    value: pl.Expr | None = None
    times: int = 1


def row_pass(
    register: pl.LazyFrame, several: Sequence[tuple[int, PartRows]], period: str | None
) -> tuple[pl.DataFrame, dict[int, int]]:
    """The sums of some parts, by number, as `geo_bosoc.indicators.counting.aggregate.Pass` has them; and its
    `unplaced`.

    `period` is that of all rows, where they have one.
    """
    conditions, truths, sums = _Once("@c"), _Once("@t"), _Once("@s")
    wanted: list[tuple[str, pl.Expr]] = []
    # by the columns whose missing values it comes from
    unplaced: dict[frozenset[str], dict[int, pl.Expr]] = {}
    for number, rows in several:
        named = rows.without_unknowns(conditions)
        for name, one in _sums(named).items():
            if one.value is None:
                column = pl.col(_ROWS) if one.condition is None else truths(one.condition)
            else:
                column = sums(_total(one.condition, one.value))
            column = column * one.times if one.times != 1 else column
            if name == "d" and named.base_mark is not None:  # a base of which a part is hidden is not known
                hidden = named.base_mark if named.base is None else pl.when(named.base).then(named.base_mark)
                column = pl.when(sums(hidden.max()).fill_null(0) == 0).then(column)
            wanted.append((f"{number}:{name}", column))
        if named.mark is not None:
            mark = named.mark if named.base is None else pl.when(named.base).then(named.mark)
            wanted.append((f"{number}:s", sums(mark.max())))
        lost, named_lost = rows.unplaced, named.unplaced
        if lost is not None and named_lost is not None:
            unplaced.setdefault(frozenset(lost.meta.root_names()), {})[number] = named_lost
    flags = [truths(_flag(list(exprs.values()))).meta.output_name() for exprs in unplaced.values()]
    keys = [name for name in PLACE if name != "period" or period is None]
    schema = register.collect_schema()
    listed = {name: dtype for name in keys if isinstance(dtype := schema[name], pl.Enum)}
    places = [pl.col(name).to_physical() if name in listed else pl.col(name) for name in keys]
    worked_out = register.select(*places, *conditions.columns())
    wide = _wide(worked_out, keys, truths.columns(), sums.columns())
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
    return frame, told


def _wide(rows: pl.LazyFrame, keys: list[str], truths: list[pl.Expr], sums: list[pl.Expr]) -> pl.DataFrame:
    """A row for each of the keys' groups: `_ROWS`, how often each of `truths` is true, and `sums`.

    Counts are of 64 bits, since they may be multiplied by a scale and added up further.
    """
    height = pl.len().cast(pl.Int64).alias(_ROWS)
    counted = [
        each.meta.undo_aliases().sum().cast(pl.Int64).alias(each.meta.output_name()) for each in truths
    ]
    return rows.group_by(keys).agg(height, *counted, *sums).collect(engine="streaming")


def _of_list(codes: pl.Series, dtype: pl.Enum) -> pl.Series:
    """Values of a list from their places in it."""
    return pl.Series(codes.name, dtype.categories, dtype=dtype).gather(codes)


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
    """The expression, where they are all the same; true where any of them is, where not."""
    return exprs[0] if _only_one(exprs) else pl.any_horizontal(*exprs)


def _only_one(exprs: Sequence[pl.Expr]) -> bool:
    return len({expr.meta.serialize() for expr in exprs}) == 1


def _sums(rows: PartRows) -> dict[str, _Sum]:
    """A part's numerator, denominator and unknown."""
    made = {"n": _Sum(rows.hit, rows.value, rows.times)}
    if not rows.lone:
        made["d"] = _Sum(rows.base, rows.weight)
        if rows.unknown is not None:
            made["u"] = _Sum(both(rows.base, rows.unknown), rows.weight)
    return made


def _total(condition: pl.Expr | None, value: pl.Expr) -> pl.Expr:
    """The sum of `value` over rows where the condition (every row, if None) is true."""
    return value.sum() if condition is None else pl.when(condition).then(value).sum()
