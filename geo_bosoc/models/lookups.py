"""What a criterion reads of an area: one period's figure, a mean over a window, or pooled counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from geo_bosoc.models.exact_values import ABSENT, Cell, Cells
from geo_bosoc.models.measures import UNIT_PARTS
from geo_bosoc.models.spec import Criterion, Model, exact
from geo_bosoc.problems import InputError, Problem


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
