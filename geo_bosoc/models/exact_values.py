"""The figures of an indicator table as exact numbers, and what a criterion reads of them.

No threshold is met or missed by rounding.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.spec import Criterion, Model, exact
from geo_bosoc.models.spec_parts import UNIT_PARTS
from geo_bosoc.problems import InputError, Problem, Report

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


@dataclass(frozen=True, slots=True)
class Reading:
    """An exact value, or the bounds it lies between while something is missing.

    Attributes
    ----------
    value : the value; None where it is not known.
    low, high : bounds, equal to the value where it is known; `high` is None where nothing bounds it.
    cell : the figure of the last period read, whose counts tell what a person more or less does.
    others : sum of the other known values of the window; `parts` is how many periods are averaged.
    missing : periods of the window without a figure.
    """

    value: Fraction | None
    low: Fraction
    high: Fraction | None
    cell: Cell
    status: str
    others: Fraction = Fraction(0)
    parts: int = 1
    missing: tuple[str, ...] = ()


def shift(period: str, years: int) -> str:
    """A period some years away: ``shift("2024K1", -2)`` is ``"2022K1"``."""
    if years == 0:
        return period
    found = re.fullmatch(r"(\d{4})(.*)", period)
    if found is None:
        hint = "A window over years needs periods that begin with the year, such as 2024 or 2024K1."
        raise InputError([Problem("error", f"the period {period!r} has no year", hint=hint)])
    return f"{int(found[1]) + years:04d}{found[2]}"


def periods_read(model: Model, criterion: Criterion, period: str) -> tuple[str, ...]:
    """The periods whose figures a criterion looks at: its window's, with the years that the model pools.

    >>> from geo_bosoc.models import load_model
    >>> model = load_model("aarhus-2018")
    >>> periods_read(model, model.criterion[0], "2024")
    ('2024',)
    """
    away = {ahead - back for ahead in criterion.window or (0,) for back in range(model.pool_years)}
    return tuple(shift(period, years) for years in sorted(away))


def read(cells: Cells, area: str, period: str, criterion: Criterion, *, finished: bool = False) -> Reading:
    """The figure a criterion looks at, for an area or a reference area.

    A window's value is the mean of the yearly values, every year weighing the same. ``finished`` figures are
    taken as they are: whoever published them has averaged already.
    """
    window = () if finished else criterion.window
    if not window:
        cell = cells.get((area, period, criterion.indicator), ABSENT)
        if cell.value is not None:  # nearly every figure of a city: nothing to average
            return Reading(cell.value, cell.value, cell.value, cell, "ok")
    periods = [shift(period, years) for years in sorted(window)] or [period]
    found = [cells.get((area, told, criterion.indicator), ABSENT) for told in periods]
    known = [cell.value for cell in found if cell.value is not None]
    missing = tuple(told for told, cell in zip(periods, found, strict=True) if cell.value is None)
    total, parts = sum(known, Fraction(0)), len(periods)
    last = found[-1]
    if not missing:
        value = total / parts
        others = total - (last.value or 0)
        return Reading(value, value, value, last, "ok", others, parts)
    share = criterion.bounded and criterion.unit in ("percent", "per_10000")
    high = (total + len(missing)) / parts if share else None
    status = next(cell.status for cell in found if cell.value is None)
    return Reading(None, total / parts, high, last, status, total, parts, missing)


def read_reference(
    model: Model, cells: Cells, period: str, criterion: Criterion, *, finished: bool = False
) -> Reading:
    """What the area is compared with: a reference area row if there is one, else the model's dated parameter."""
    reading = read(cells, criterion.reference_area, period, criterion, finished=finished)
    named = criterion.reference.parameter if criterion.reference else None
    if reading.value is not None or named is None:
        return reading
    for parameter in model.parameter:
        dated = parameter.values.get(period) if parameter.id == named else None
        if dated is not None:
            value = exact(dated.value) / exact(dated.times) / UNIT_PARTS[parameter.unit]
            return Reading(value, value, value, Cell(value, "ok"), "ok")
    return reading


def pool(cells: Cells, years: int) -> Mapping[tuple[str, str, str], Cell]:
    """Counts summed over each period and the years before it that the table holds.

    A year inside the table whose figure is missing, protected or has no counts makes the pooled figure
    missing too: a sum without it would be of something else. Counts of residents and the like are never
    summed.
    """
    if years <= 1:
        return cells
    first: dict[str, str] = {}
    for _, period, indicator in cells:
        first[indicator] = min(period, first.get(indicator, period))
    pooled: dict[tuple[str, str, str], Cell] = {}
    for (area, period, indicator), cell in cells.items():
        if cell.count is None and cell.value is not None:
            pooled[area, period, indicator] = cell
            continue
        told = [shift(period, -back) for back in range(years)]
        parts = [cells.get((area, p, indicator), ABSENT) for p in told if p >= first[indicator]]
        counts = [part for part in parts if part.count is not None and part.base is not None]
        if len(counts) < len(parts) or len({part.scale for part in counts}) > 1:
            status = next((part.status for part in parts if part.status != "ok"), "missing")
            pooled[area, period, indicator] = Cell(None, status)
            continue
        count, base = sum(c.count or 0 for c in counts), sum(c.base or 0 for c in counts)
        scale, unknown = counts[0].scale, sum(c.unknown for c in counts)
        value = Fraction(count, base * scale)
        pooled[area, period, indicator] = Cell(value, "ok", count, base, scale, unknown)
    return pooled
