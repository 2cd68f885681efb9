"""The cells of an indicator table as exact numbers: no threshold is met or missed by rounding."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import Report

KEYS: Final = ("area_id", "period", "indicator")
NEEDED: Final = (*KEYS, "value", "status")


@dataclass(frozen=True, slots=True)
class Cell:
    """One area's figure for one indicator and period.

    Attributes
    ----------
    value : the exact value (a plain fraction for shares), None where it is missing, protected or has no base.
    count, base : whole-number numerator (fixed point) and the base it is taken of, where the table has them.
    scale : fixed-point scale of `count` (1 for persons, 10000 for full-time persons).
    unknown : persons whose status is missing.
    """

    value: Fraction | None
    status: str
    count: int | None = None
    base: int | None = None
    scale: int = 1
    unknown: int = 0


ABSENT: Final = Cell(None, "missing")
Cells = Mapping[tuple[str, str, str], Cell]
"""Cells by area, period and indicator."""


def read_cells(
    table: pd.DataFrame,
    *,
    indicators: Sequence[Indicator] = (),
    only: Collection[str] | None = None,
    name: str = "table",
    report: Report | None = None,
) -> dict[tuple[str, str, str], Cell]:
    """Cells of an indicator table, keyed by area, period and indicator.

    Parameters
    ----------
    table : ``area_id, period, indicator, value, status`` and, where known, ``numerator, denominator,
        unknown``.
    indicators : what the figures are; decides fixed-point scale and what unknowns count as. Without them the
        reading that agrees with `value` is taken.
    only : the indicators whose cells are wanted; all of them if left out.

    Raises
    ------
    InputError
        A column is missing, or an area has two rows for the same period and indicator.
    """
    own = report if report is not None else Report()
    for column in NEEDED:
        if column not in table.columns:
            own.error(f"the {name} has no column {column!r}", hint="It is what indicator_table() returns.")
    own.raise_errors()
    doubled = table.duplicated(list(KEYS))
    if doubled.any():
        first = table.loc[doubled, list(KEYS)].iloc[0]
        own.error(
            f"the {name} has {int(doubled.sum())} rows too many, first for area {first['area_id']}, "
            f"period {first['period']}, indicator {first['indicator']}",
            hint="Give one row an area, period and indicator.",
            count=int(doubled.sum()),
        )
        own.raise_errors()
    if only is not None:
        table = table[table["indicator"].isin(list(only))]
    specs = {indicator.id: indicator for indicator in indicators}
    columns: list[Iterable[Any]] = [table[column].tolist() for column in KEYS]
    columns += [_with_none(table["value"]), table["status"].tolist()]
    columns += [_integers(table, column) for column in ("numerator", "denominator", "unknown")]
    return {
        (str(area), str(period), str(indicator)): _cell(value, status, n, d, u, specs.get(str(indicator)))
        for area, period, indicator, value, status, n, d, u in zip(*columns, strict=True)
    }


def decimal(value: float) -> Fraction:
    """A finished value as the decimal it was typed as: 12 significant digits, so that 40.7/100 is 407/1000.

    >>> decimal(40.7 / 100) == Fraction(407, 1000)
    True
    """
    return Fraction(f"{value:.12g}")


def _integers(table: pd.DataFrame, column: str) -> list[int | None]:
    if column not in table.columns:
        return [None] * len(table)
    return [None if number is None else int(number) for number in _with_none(table[column])]


def _with_none(column: pd.Series) -> list[Any]:
    """A column's values; None for whatever pandas takes for missing."""
    return [
        None if gone else value for value, gone in zip(column.tolist(), column.isna().tolist(), strict=True)
    ]


def _cell(
    value: Any, status: Any, count: int | None, base: int | None, unknown: int | None, spec: Indicator | None
) -> Cell:
    told = str(status)
    number = None if value is None or not math.isfinite(float(value)) else float(value)
    if told != "ok" or (number is None and count is None):
        return Cell(None, told if told != "ok" else "missing")
    doubt = unknown or 0
    if spec is not None and spec.unit == "count":
        return Cell(Fraction(count, spec.scale) if count is not None else decimal(number or 0.0), told)
    if count is None or base is None:
        return Cell(decimal(number) if number is not None else Fraction(count or 0), told)
    scale = spec.scale if spec is not None else 1
    readings = {
        "exclude": (count, base - doubt),
        "met": (count + doubt * scale, base),
        "not_met": (count, base),
    }
    for top, bottom in [readings[spec.unknown]] if spec is not None else readings.values():
        if bottom <= 0:
            continue
        reading = Fraction(top, bottom * scale)
        if (
            spec is not None
            or number is None
            or math.isclose(float(reading), number, rel_tol=1e-9, abs_tol=1e-12)
        ):
            return Cell(reading, told, top, bottom, scale, doubt)
    if number is None or spec is not None:
        return Cell(None, "no_base")
    return Cell(decimal(number), told)
