"""In which parts values with decimals are counted: no value is rounded without a word.

Counts are whole numbers, so a value with decimals is counted in parts of one: ``scale = 10`` for one decimal. Where an
indicator does not say its scale, it is that of the column's own decimals, or is asked for where these have no end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any, Final, Literal

import pandas as pd
import polars as pl

from geo_bosoc.indicators.plan import Ids, Part, make_parts
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import Level, Report

MOST_DECIMALS: Final = 6
"""A column whose values have more decimals than these was computed, not written: its scale is asked for."""

_ROOM: Final = float(2**62)
"""No sum of parts may be larger."""

_NOTICED: Final = 1e-3
"""Where values were computed, rounding that changes them by a smaller share of their mean is a note."""

_NOISE: Final[dict[Any, float]] = {pl.Float32: 2e-7}
"""Of its own size, how far a number of a type may lie from the decimal that was meant; any other: `_TINY`."""

_TINY: Final = 1e-12

Setting = Literal["scale", "weight_scale"]


@dataclass(frozen=True)
class _Use:
    """An indicator's use of a column: which setting says in what parts its values are counted; None where they are
    counted as whole numbers, whatever is said."""

    part: Part
    column: str
    setting: Setting | None

    @property
    def scale(self) -> int | None:
        """The parts, where somebody said so."""
        indicator = self.part.indicator
        if self.setting is None:
            return 1
        return int(getattr(indicator, self.setting)) if self.setting in indicator.model_fields_set else None

    @property
    def key(self) -> str:
        return f"indicator.{self.part.indicator.id}.{self.setting or 'denominator.sum'}"


@dataclass(frozen=True)
class _Decimals:
    """What was seen of a column: its values, how many decimals they have (None: no end), the sum of their sizes; and by
    scale how many are rounded, and by how much together."""

    values: int
    decimals: int | None
    size: float
    rounded: Mapping[int, tuple[int, float]]


def with_scales(
    registers: Mapping[str, pl.LazyFrame],
    indicators: Sequence[Indicator],
    *,
    ids: Ids | None = None,
    made: Mapping[str, Collection[str]] | None = None,
    report: Report | None = None,
) -> tuple[Indicator, ...]:
    """The indicators with the scale that their columns' decimals ask for, where they do not say one themselves.

    Parameters
    ----------
    registers : as in `count_indicators`; of columns with decimals that are summed or averaged every value is read.
    made : by register, columns that were computed from others, which may be rounded without a word.

    Raises
    ------
    InputError
        Values have decimals without end (33.333...) and no scale is given: the error holds the line to write. A scale
        that is given and rounds values away is a warning with how many.
    """
    found = Report()
    settings: dict[str, dict[str, int]] = {}
    uses = [use for part in make_parts(indicators, registers, ids, Report()) for use in _uses(part)]
    for name in sorted({use.part.register for use in uses}):
        mine = [use for use in uses if use.part.register == name]
        mine = [use for use in mine if use.scale is None or use.column not in (made or {}).get(name, ())]
        for use, seen in _seen(registers[name], mine):
            parts = _parts(use, seen, found)
            if use.setting is not None and parts is not None:
                chosen = settings.setdefault(use.part.indicator.id, {})
                chosen[use.setting] = max(parts, chosen.get(use.setting, 1))
    found.settle(report)
    return tuple(
        each.model_copy(update=settings[each.id]) if each.id in settings else each for each in indicators
    )


def ask_for_scales(parts: Iterable[Part], registers: Mapping[str, pl.LazyFrame], report: Report) -> None:
    """An error for each indicator that does not say the scale of values with decimals, with the line to write."""
    uses = [use for part in parts for use in _uses(part) if use.scale is None]
    for name in sorted({use.part.register for use in uses}):
        for use, seen in _seen(registers[name], [use for use in uses if use.part.register == name]):
            if seen.decimals:
                _ask(use, seen, report)
            elif seen.decimals is None:
                _parts(use, seen, report)


def _uses(part: Part) -> list[_Use]:
    """The columns whose values a part adds up."""
    indicator, top = part.indicator, part.top
    uses: list[tuple[str | None, Setting | None]] = []
    alone = top is None and indicator.mean_of is None  # a count without a numerator: the base itself
    if part.side != "denominator":
        uses += [(indicator.mean_of, "scale"), (top.sum if top else None, "scale")]
    if part.side != "numerator":
        uses.append((indicator.denominator.sum, "scale" if alone else None))
    uses.append((indicator.weight, "weight_scale"))
    return [_Use(part, column, setting) for column, setting in uses if column is not None]


def _seen(register: pl.LazyFrame, uses: Sequence[_Use]) -> list[tuple[_Use, _Decimals]]:
    """What the columns with decimals hold, read in one pass."""
    schema = register.collect_schema()
    uses = [use for use in uses if _may_have_decimals(schema.get(use.column))]
    columns = list(dict.fromkeys(use.column for use in uses))
    if not columns:
        return []
    asked: list[pl.Expr] = []
    for at, column in enumerate(columns):
        mine = [use for use in uses if use.column == column]
        value, noise = _value(schema, column)
        asked += [value.len().alias(f"{at}:values"), value.abs().sum().alias(f"{at}:size")]
        if any(use.scale is None for use in mine):
            asked += _by_decimals(value, noise, f"{at}:")
        for scale in sorted({use.scale for use in mine if use.scale is not None}):
            off = _off(value, scale, noise)
            change = (value - (value * scale).round(mode="half_away_from_zero") / scale).abs()
            asked += [off.sum().alias(f"{at}:n{scale}"), change.filter(off).sum().alias(f"{at}:c{scale}")]
    row = register.select(asked).collect(engine="streaming").row(0, named=True)
    seen: dict[str, _Decimals] = {}
    for at, column in enumerate(columns):
        scales = [int(name.partition(":n")[2]) for name in row if name.startswith(f"{at}:n")]
        rounded = {scale: (int(row[f"{at}:n{scale}"]), float(row[f"{at}:c{scale}"])) for scale in scales}
        ends = row
        if f"{at}:d0" not in row and any(count for count, _ in rounded.values()):
            more = _by_decimals(*_value(schema, column), f"{at}:")
            ends = register.select(more).collect(engine="streaming").row(0, named=True)
        places = [one for one in range(MOST_DECIMALS + 1) if ends.get(f"{at}:d{one}") is False]
        size = float(row[f"{at}:size"])
        seen[column] = _Decimals(int(row[f"{at}:values"]), min(places, default=None), size, rounded)
    return list({(use.key, use.column): (use, seen[use.column]) for use in uses}.values())


def _value(schema: pl.Schema, column: str) -> tuple[pl.Expr, float]:
    """A column's values that are numbers, and how near to a decimal they are taken for it."""
    value = pl.col(column).cast(pl.Float64)
    noise = _NOISE.get(schema[column].base_type(), _TINY)
    return pl.when(value.is_finite()).then(value).drop_nulls(), noise


def _by_decimals(value: pl.Expr, noise: float, prefix: str) -> list[pl.Expr]:
    """For each number of decimals whether any value has more."""
    return [
        _off(value, 10**decimals, noise).any().alias(f"{prefix}d{decimals}")
        for decimals in range(MOST_DECIMALS + 1)
    ]


def _may_have_decimals(dtype: pl.DataType | None) -> bool:
    return dtype is not None and (dtype.is_float() or dtype.is_decimal())


def _off(value: pl.Expr, scale: int, noise: float) -> pl.Expr:
    """True where a value is no whole number of parts, the noise of binary numbers aside (0.1 + 0.2 is 0.3)."""
    parts = value * scale
    return (parts - parts.round()).abs() > parts.abs() * noise + 1e-9


def _parts(use: _Use, seen: _Decimals, report: Report) -> int | None:
    """The scale that a column's decimals ask for, where none is given; what cannot be told or is rounded is told."""
    given = use.scale
    if given is not None:
        _tell_rounded(use, seen, given, report)
        return None
    if seen.decimals is None or seen.size * 10**seen.decimals > _ROOM:
        _ask(use, seen, report)
        return None
    return int(10**seen.decimals)


def _ask(use: _Use, seen: _Decimals, report: Report) -> None:
    many = f"more than {MOST_DECIMALS} decimals" if seen.decimals is None else _places(seen.decimals)
    kept = 4 if seen.decimals is None else seen.decimals
    while kept and seen.size * 10**kept > _ROOM:
        kept -= 1
    line = f"{use.setting} = {10**kept}"
    keeps = f" ({_places(kept)} are kept)" if kept != seen.decimals else ""
    report.error(
        f"the values of {use.column} have {many}, and nothing says in which parts they are counted",
        key=use.key,
        column=use.column,
        hint=f"Write {line}{keeps} in [[indicator]] {use.part.indicator.id}.",
    )


def _tell_rounded(use: _Use, seen: _Decimals, scale: int, report: Report) -> None:
    count, change = seen.rounded[scale]
    if not count:
        return
    computed = seen.decimals is None
    level: Level = "note" if computed and change < _NOTICED * seen.size else "warning"
    said = f"{use.setting} = {scale}" if use.setting else "a base is counted in whole numbers, which"
    hint = "Count the base in whole numbers."
    if use.setting:
        more = 10 ** (MOST_DECIMALS if seen.decimals is None else seen.decimals)
        hint = f"Write {use.setting} = {more} to keep {'6 decimals' if computed else 'them all'}."
    report.add(
        level,
        f"{said} rounds {count:,} of {seen.values:,} values of {use.column}",
        key=use.key,
        column=use.column,
        count=count,
        hint=hint,
    )


def _places(decimals: int) -> str:
    return f"{decimals} decimal{'' if decimals == 1 else 's'}"


LEAST: Final = 8
"""Of so few sums chance may be."""


def tell_unused_decimals(table: pd.DataFrame, parts: Sequence[Part], report: Report) -> None:
    """Warn of means with a scale of which every area's sum is a multiple of ten whole ones.

    Parameters
    ----------
    table : the indicator table of the areas.
    parts : which register has what share in each indicator.
    """
    for part in parts:
        indicator = part.indicator
        if indicator.mean_of is None or indicator.scale == 1 or part.side == "numerator":
            continue
        sums = table.loc[
            (table["indicator"] == indicator.id) & (table["status"] == "ok"), "numerator"
        ].dropna()
        whole = {int(value) for value in sums} - {0}
        if len(whole) >= LEAST and gcd(*whole) % (10 * indicator.scale) == 0:
            report.warn(
                f"scale = {indicator.scale} keeps decimals, and every sum of {indicator.mean_of} is a multiple of 10: "
                "the values look multiplied.",
                key=f"registers.{part.register.partition('@')[0]}",
                column=indicator.mean_of,
                hint=f"Look at the column's unit. If the values are whole tens, leave out scale in {indicator.id}.",
            )
