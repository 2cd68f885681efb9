"""In which parts values with decimals are counted: no value is rounded without a warning.

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
from geo_bosoc.problems.messages import count_text, phrase

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
    places: int | None
    size: float
    rounded: Mapping[int, tuple[int, float]]


def with_scales(
    registers: Mapping[str, pl.LazyFrame],
    indicators: Sequence[Indicator],
    *,
    ids: Ids | None = None,
    computed_columns: Mapping[str, Collection[str]] | None = None,
    report: Report | None = None,
) -> tuple[Indicator, ...]:
    """The indicators with the scale that their columns' decimals ask for, where they do not say one themselves.

    Parameters
    ----------
    registers : mapping of str to LazyFrame
        As in `count_indicators`; of columns with decimals that are summed or averaged every value is read.
    indicators : sequence of Indicator
        The indicators.
    ids : mapping of str to mapping of str to str, optional
        As in `count_indicators`.
    computed_columns : mapping of str to collection of str, optional
        By register, columns that were computed from others, which may be rounded without a warning.
    report : Report, optional
        Takes the problems; without it errors are raised.

    Returns
    -------
    tuple of Indicator
        In the order of `indicators`.

    Raises
    ------
    InputError
        Values have decimals without end (33.333...) and no scale is given: the error holds the line to write. A scale
        that is given and rounds values away is a warning with how many.
    """
    inner_report = Report()
    settings: dict[str, dict[str, int]] = {}
    uses = [use for part in make_parts(indicators, registers, ids, Report()) for use in _uses(part)]
    for name in sorted({use.part.register for use in uses}):
        uses_of_register = [use for use in uses if use.part.register == name]
        uses_of_register = [
            use
            for use in uses_of_register
            if use.scale is None or use.column not in (computed_columns or {}).get(name, ())
        ]
        for use, decimals in _column_decimals(registers[name], uses_of_register):
            parts = _parts(use, decimals, inner_report)
            if use.setting is not None and parts is not None:
                chosen = settings.setdefault(use.part.indicator.id, {})
                chosen[use.setting] = max(parts, chosen.get(use.setting, 1))
    inner_report.hand_over(report)
    return tuple(
        indicator.model_copy(update=settings[indicator.id]) if indicator.id in settings else indicator
        for indicator in indicators
    )


def ask_for_scales(parts: Iterable[Part], registers: Mapping[str, pl.LazyFrame], report: Report) -> None:
    """An error for each indicator that does not say the scale of values with decimals, with the line to write."""
    uses = [use for part in parts for use in _uses(part) if use.scale is None]
    for name in sorted({use.part.register for use in uses}):
        for use, decimals in _column_decimals(
            registers[name], [use for use in uses if use.part.register == name]
        ):
            if decimals.places:
                _ask_for_scale(use, decimals, report)
            elif decimals.places is None:
                _parts(use, decimals, report)


def _uses(part: Part) -> list[_Use]:
    """The columns whose values a part adds up."""
    indicator, numerator = part.indicator, part.numerator
    uses: list[tuple[str | None, Setting | None]] = []
    # A count without a numerator is the denominator itself.
    denominator_only = numerator is None and indicator.mean_of is None
    if part.side != "denominator":
        uses += [(indicator.mean_of, "scale"), (numerator.sum if numerator else None, "scale")]
    if part.side != "numerator":
        uses.append((indicator.denominator.sum, "scale" if denominator_only else None))
    uses.append((indicator.weight, "weight_scale"))
    return [_Use(part, column, setting) for column, setting in uses if column is not None]


def _column_decimals(register: pl.LazyFrame, uses: Sequence[_Use]) -> list[tuple[_Use, _Decimals]]:
    """What the columns with decimals hold, read in one pass."""
    schema = register.collect_schema()
    uses = [use for use in uses if _may_have_decimals(schema.get(use.column))]
    columns = list(dict.fromkeys(use.column for use in uses))
    if not columns:
        return []
    statistics: list[pl.Expr] = []
    for number, column in enumerate(columns):
        uses_of_column = [use for use in uses if use.column == column]
        value, noise = _value(schema, column)
        statistics += [value.len().alias(f"{number}:values"), value.abs().sum().alias(f"{number}:size")]
        if any(use.scale is None for use in uses_of_column):
            statistics += _by_decimals(value, noise, f"{number}:")
        for scale in sorted({use.scale for use in uses_of_column if use.scale is not None}):
            off = _off(value, scale, noise)
            change = (value - (value * scale).round(mode="half_away_from_zero") / scale).abs()
            statistics += [
                off.sum().alias(f"{number}:n{scale}"),
                change.filter(off).sum().alias(f"{number}:c{scale}"),
            ]
    row = register.select(statistics).collect(engine="streaming").row(0, named=True)
    by_column: dict[str, _Decimals] = {}
    for number, column in enumerate(columns):
        scales = [int(name.partition(":n")[2]) for name in row if name.startswith(f"{number}:n")]
        rounded = {
            scale: (int(row[f"{number}:n{scale}"]), float(row[f"{number}:c{scale}"])) for scale in scales
        }
        decimals_row = row
        if f"{number}:d0" not in row and any(count for count, _ in rounded.values()):
            by_decimals = _by_decimals(*_value(schema, column), f"{number}:")
            decimals_row = register.select(by_decimals).collect(engine="streaming").row(0, named=True)
        enough = [
            decimals
            for decimals in range(MOST_DECIMALS + 1)
            if decimals_row.get(f"{number}:d{decimals}") is False
        ]
        size = float(row[f"{number}:size"])
        by_column[column] = _Decimals(int(row[f"{number}:values"]), min(enough, default=None), size, rounded)
    return list({(use.key, use.column): (use, by_column[use.column]) for use in uses}.values())


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


def _parts(use: _Use, decimals: _Decimals, report: Report) -> int | None:
    """The scale that a column's decimals ask for, where none is given; what cannot be decided or is rounded goes to the
    report."""
    stated_scale = use.scale
    if stated_scale is not None:
        _report_rounded(use, decimals, stated_scale, report)
        return None
    if decimals.places is None or decimals.size * 10**decimals.places > _ROOM:
        _ask_for_scale(use, decimals, report)
        return None
    return int(10**decimals.places)


def _ask_for_scale(use: _Use, decimals: _Decimals, report: Report) -> None:
    decimals_text = (
        phrase("more than {most} decimals", most=MOST_DECIMALS)
        if decimals.places is None
        else count_text(decimals.places, "decimal")
    )
    places = 4 if decimals.places is None else decimals.places
    while places and decimals.size * 10**places > _ROOM:
        places -= 1
    line = f"{use.setting} = {10**places}"
    if places != decimals.places:
        line = phrase("{line} ({decimals} are kept)", line=line, decimals=count_text(places, "decimal"))
    report.error(
        phrase(
            "the values of {column} have {decimals}, and nothing says in which parts they are counted",
            column=use.column,
            decimals=decimals_text,
        ),
        key=use.key,
        column=use.column,
        hint=phrase("Write {line} in [[indicator]] {indicator}.", line=line, indicator=use.part.indicator.id),
    )


def _report_rounded(use: _Use, decimals: _Decimals, scale: int, report: Report) -> None:
    count, change = decimals.rounded[scale]
    if not count:
        return
    computed = decimals.places is None
    level: Level = "note" if computed and change < _NOTICED * decimals.size else "warning"
    rounds = phrase("a base is counted in whole numbers, which rounds")
    hint = "Count the base in whole numbers."
    if use.setting:
        finest = 10 ** (MOST_DECIMALS if decimals.places is None else decimals.places)
        rounds = phrase("{line} rounds", line=f"{use.setting} = {scale}")
        line = f"{use.setting} = {finest}"
        hint = (
            phrase(
                "Write {line} to keep {decimals}.", line=line, decimals=count_text(MOST_DECIMALS, "decimal")
            )
            if computed
            else phrase("Write {line} to keep them all.", line=line)
        )
    report.add(
        level,
        phrase(
            "{rounds} {count:,} of {values:,} values of {column}",
            rounds=rounds,
            count=count,
            values=decimals.values,
            column=use.column,
        ),
        key=use.key,
        column=use.column,
        count=count,
        hint=hint,
    )


LEAST: Final = 8
"""Of so few sums chance may be."""


def report_unused_decimals(table: pd.DataFrame, parts: Sequence[Part], report: Report) -> None:
    """Warn of means with a scale of which every area's sum is a multiple of ten whole ones.

    Parameters
    ----------
    table : DataFrame
        The indicator table of the areas.
    parts : sequence of Part
        Which register has what share in each indicator.
    report : Report
        Takes the warnings.
    """
    for part in parts:
        indicator = part.indicator
        if indicator.mean_of is None or indicator.scale == 1 or part.side == "numerator":
            continue
        sums = table.loc[
            (table["indicator"] == indicator.id) & (table["status"] == "ok"), "numerator"
        ].dropna()
        distinct_sums = {int(value) for value in sums} - {0}
        if len(distinct_sums) >= LEAST and gcd(*distinct_sums) % (10 * indicator.scale) == 0:
            report.warn(
                phrase(
                    "scale = {scale} keeps decimals, and every sum of {column} is a multiple of 10: the values look "
                    "multiplied.",
                    scale=indicator.scale,
                    column=indicator.mean_of,
                ),
                key=f"registers.{part.register.partition('@')[0]}",
                column=indicator.mean_of,
                hint=phrase(
                    "Look at the column's unit. If the values are whole tens, leave out scale in {indicator}.",
                    indicator=indicator.id,
                ),
            )
