"""The figures of an indicator table as exact numbers, and what a criterion reads of them.

No threshold is met or missed by rounding.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.spec import Model
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.messages import count_text, phrase

KEYS: Final = ("area_id", "period", "indicator")
NEEDED: Final = (*KEYS, "value", "status")


class Cell(NamedTuple):
    """One area's figure for one indicator and period.

    Attributes
    ----------
    value : Fraction or None
        The exact value (a plain fraction for shares), None where it is missing, protected or has no denominator.
    status : str
        ``"ok"``, or why there is no value: ``"missing"``, ``"protected"``, ``"no_base"`` ...
    numerator, denominator : int or None
        Whole-number numerator (fixed point) and the denominator it is taken of, where the table has them.
    scale : int
        Fixed-point scale of `numerator` (1 for persons, 10000 for full-time persons).
    unknown : int
        Persons whose status is missing.
    """

    value: Fraction | None
    status: str
    numerator: int | None = None
    denominator: int | None = None
    scale: int = 1
    unknown: int = 0


ABSENT: Final = Cell(None, "missing")
_RULES: Final = ("exclude", "met", "not_met")
"""What unknowns may count as."""
Cells = Mapping[tuple[str, str, str], Cell]
"""Cells by area, period and indicator."""


def read_cells(
    table: pd.DataFrame,
    *,
    indicators: Sequence[Indicator] = (),
    only: Collection[str] | None = None,
    name: str = "",
    report: Report | None = None,
) -> dict[tuple[str, str, str], Cell]:
    """Cells of an indicator table, keyed by area, period and indicator.

    Parameters
    ----------
    table : DataFrame
        Columns ``area_id, period, indicator, value, status`` and, where known, ``numerator, denominator, unknown``.
    indicators : sequence of Indicator, optional
        What the figures are; decides fixed-point scale and what unknowns count as. Without them the reading that
        agrees with `value` is taken.
    only : collection of str, optional
        The indicators whose cells are read; all of them if left out.
    name : str, optional
        What messages call the table, where there are several.
    report : Report, optional
        Where problems go; they are raised either way.

    Returns
    -------
    dict of (str, str, str) to Cell
        By area, period and indicator.

    Raises
    ------
    InputError
        A column is missing, or an area has two rows for the same period and indicator.
    """
    table_report = report if report is not None else Report()
    called = phrase("the table {name}", name=name) if name else phrase("the table")
    for column in NEEDED:
        if column not in table.columns:
            table_report.error(
                phrase("{table} has no column '{column}'", table=called, column=column),
                hint="It is what indicator_table() returns.",
            )
    table_report.raise_errors()
    doubled = table.duplicated(list(KEYS))
    if doubled.any():
        first = table.loc[doubled, list(KEYS)].iloc[0]
        table_report.error(
            phrase(
                "{table} has {rows} too many, first for area {area}, period {period}, indicator {indicator}",
                table=called,
                rows=count_text(int(doubled.sum()), "row"),
                area=first["area_id"],
                period=first["period"],
                indicator=first["indicator"],
            ),
            hint="Give one row an area, period and indicator.",
            count=int(doubled.sum()),
        )
        table_report.raise_errors()
    if only is not None:
        table = table[table["indicator"].isin(list(only))]
    specs = {indicator.id: indicator for indicator in indicators}
    columns: list[Iterable[Any]] = [distinct_texts(table[column]) for column in KEYS]
    columns += [_with_none(table["value"]), distinct_texts(table["status"])]
    columns += [_integers(table, column) for column in ("numerator", "denominator", "unknown")]
    return {
        (area, period, indicator): exact_cell(value, status, n, d, u, specs.get(indicator))
        for area, period, indicator, value, status, n, d, u in zip(*columns, strict=True)
    }


def distinct_texts(column: pd.Series) -> list[str]:
    """A column as text, each distinct one a single object: a table repeats few of them in very many rows.

    >>> texts = distinct_texts(pd.Series([2024, 2025, 2024]))
    >>> texts, texts[0] is texts[2]
    (['2024', '2025', '2024'], True)
    """
    codes, values = pd.factorize(column, use_na_sentinel=False)
    texts: list[str] = np.array([str(value) for value in values], dtype=object)[codes].tolist()
    return texts


def decimal(value: float) -> Fraction:
    """A finished value as the decimal it was typed as: 12 significant digits, so that 40.7/100 is 407/1000.

    >>> decimal(40.7 / 100) == Fraction(407, 1000)
    True
    """
    return Fraction(f"{value:.12g}")


def quotient_cells(
    numerators: Sequence[Sequence[Cell]], denominators: Sequence[Sequence[Cell]]
) -> list[Cell]:
    """Sums of some columns over sums of others, row by row; no value where one is missing or nothing is divided by.

    >>> cell = Cell(Fraction(1), "ok")
    >>> quotient_cells([[cell], [cell]], [[Cell(Fraction(8), "ok")]])[0].value
    Fraction(1, 4)
    """
    cells = []
    for row in zip(*numerators, *denominators, strict=True):
        unknown = next((cell for cell in row if cell.value is None), None)
        if unknown is not None:
            cells.append(Cell(None, unknown.status))
            continue
        values = [cell.value or Fraction(0) for cell in row]
        above, below = (
            sum(values[: len(numerators)], Fraction(0)),
            sum(values[len(numerators) :], Fraction(0)),
        )
        cells.append(Cell(above / below, "ok") if below else Cell(None, "no_base"))
    return cells


def _integers(table: pd.DataFrame, column: str) -> list[int | None]:
    if column not in table.columns:
        return [None] * len(table)
    return [None if number is None else int(number) for number in _with_none(table[column])]


def _with_none(column: pd.Series) -> list[Any]:
    """A column's values; None for whatever pandas takes for missing."""
    pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
    return [None if missing else value for value, missing in pairs]


def exact_cell(
    value: Any,
    state: str,
    numerator: int | None,
    denominator: int | None,
    unknown: int | None,
    spec: Indicator | None,
) -> Cell:
    """The cell of one figure: a value (or None), its status, and its counts where it has them.

    Without the indicator's `spec` the reading of the unknowns that agrees with the value is taken.
    """
    number = None if value is None or not math.isfinite(float(value)) else float(value)
    if state != "ok" or (number is None and numerator is None):
        return Cell(None, state if state != "ok" else "missing")
    unknown = unknown or 0
    if spec is not None and spec.unit == "count":
        return Cell(
            Fraction(numerator, spec.scale) if numerator is not None else decimal(number or 0.0), state
        )
    if numerator is None or denominator is None or (spec is not None and spec.is_of_raster):
        return Cell(decimal(number) if number is not None else Fraction(numerator or 0), state)
    scale = spec.scale if spec is not None else 1
    for rule in _RULES if spec is None else (spec.unknown,):
        above = numerator + unknown * scale if rule == "met" else numerator
        below = denominator - unknown if rule == "exclude" else denominator
        if below <= 0:
            continue
        exact_value = Fraction(above, below * scale)
        if (
            spec is not None
            or number is None
            or math.isclose(float(exact_value), number, rel_tol=1e-9, abs_tol=1e-12)
        ):
            return Cell(exact_value, state, above, below, scale, unknown)
    if number is None or spec is not None:
        return Cell(None, "no_base")
    return Cell(decimal(number), state)


class Reading(NamedTuple):
    """An exact value, or the bounds it lies between while something is missing.

    Attributes
    ----------
    value : Fraction or None
        The value; None where it is not known.
    low : Fraction
        Lower bound, equal to the value where it is known.
    high : Fraction or None
        Upper bound, equal to the value where it is known; None where nothing bounds it.
    cell : Cell
        The figure of the last period read, whose counts say what a person more or less does.
    status : str
        ``"ok"``, or why a figure is missing.
    others : Fraction
        Sum of the other known values of the window.
    parts : int
        How many periods are averaged.
    missing : tuple of str
        Periods of the window without a figure.
    """

    value: Fraction | None
    low: Fraction
    high: Fraction | None
    cell: Cell
    status: str
    others: Fraction = Fraction(0)
    parts: int = 1
    missing: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def shift(period: str, years: int) -> str:
    """A period some years away: ``shift("2024K1", -2)`` is ``"2022K1"``."""
    if years == 0:
        return period
    match = re.fullmatch(r"(\d{4})(.*)", period)
    if match is None:
        hint = "A window over years needs periods that begin with the year, such as 2024 or 2024K1."
        raise InputError(
            [Problem("error", phrase("the period '{period}' has no year", period=period), hint=hint)]
        )
    return f"{int(match[1]) + years:04d}{match[2]}"


def periods_read(model: Model, criterion: Criterion, period: str) -> tuple[str, ...]:
    """The periods whose figures a criterion looks at: its window's, with the years that the model pools.

    >>> from geo_bosoc.models import load_model
    >>> model = load_model("aarhus-2018")
    >>> periods_read(model, model.criterion[0], "2024")
    ('2024',)
    """
    away = {ahead - back for ahead in criterion.window or (0,) for back in range(model.pool_years)}
    return tuple(shift(period, years) for years in sorted(away))


def read(
    exact_cells: Cells, area: str, period: str, criterion: Criterion, *, averaged: bool = False
) -> Reading:
    """The figure a criterion looks at, for an area or a reference area.

    A window's value is the mean of the yearly values, every year weighing the same. `averaged` figures are
    taken as they are: whoever published them has averaged already.
    """
    window = () if averaged else criterion.window
    if not window:
        cell = exact_cells.get((area, period, criterion.indicator), ABSENT)
        if cell.value is not None:  # nearly every figure of a city: nothing to average
            return Reading(cell.value, cell.value, cell.value, cell, "ok")
    periods = [shift(period, years) for years in sorted(window)] or [period]
    cells = [exact_cells.get((area, year, criterion.indicator), ABSENT) for year in periods]
    missing = tuple(year for year, cell in zip(periods, cells, strict=True) if cell.value is None)
    total = sum((cell.value for cell in cells if cell.value is not None), Fraction(0))
    parts, last = len(periods), cells[-1]
    if not missing:
        value = total / parts
        return Reading(value, value, value, last, "ok", total - (last.value or 0), parts)
    share = criterion.bounded and criterion.unit in ("percent", "per_10000")
    high = (total + len(missing)) / parts if share else None
    status = next(cell.status for cell in cells if cell.value is None)
    return Reading(None, total / parts, high, last, status, total, parts, missing)


def pool(exact_cells: Cells, years: int) -> Cells:
    """Counts summed over each period and the years before it that the table holds.

    A year inside the table whose figure is missing, protected or has no counts makes the pooled figure
    missing too: a sum without it would be of something else. Counts of residents and the like are never
    summed.
    """
    if years <= 1:
        return exact_cells
    first: dict[str, str] = {}
    for _, period, indicator in exact_cells:
        first[indicator] = min(period, first.get(indicator, period))
    pooled: dict[tuple[str, str, str], Cell] = {}
    for (area, period, indicator), cell in exact_cells.items():
        if cell.numerator is None and cell.value is not None:
            pooled[area, period, indicator] = cell
            continue
        periods = [shift(period, -back) for back in range(years)]
        parts = [
            exact_cells.get((area, year, indicator), ABSENT) for year in periods if year >= first[indicator]
        ]
        counted = [part for part in parts if part.numerator is not None and part.denominator is not None]
        if len(counted) < len(parts) or len({part.scale for part in counted}) > 1:
            status = next((part.status for part in parts if part.status != "ok"), "missing")
            pooled[area, period, indicator] = Cell(None, status)
            continue
        numerator = sum(part.numerator or 0 for part in counted)
        denominator = sum(part.denominator or 0 for part in counted)
        scale, unknown = counted[0].scale, sum(part.unknown for part in counted)
        value = Fraction(numerator, denominator * scale)
        pooled[area, period, indicator] = Cell(value, "ok", numerator, denominator, scale, unknown)
    return pooled
