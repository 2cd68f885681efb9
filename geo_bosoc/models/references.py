"""What a criterion compares an area with: a reference area, the rest of the municipality, or a dated parameter."""

from __future__ import annotations

import math
from fractions import Fraction

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY, REST
from geo_bosoc.models.criteria import Criterion, exact
from geo_bosoc.models.exact_values import ABSENT, Cell, Cells, Reading, read, shift
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import UNIT_PARTS


def read_reference(
    model: Model,
    exact_cells: Cells,
    period: str,
    criterion: Criterion,
    *,
    area: str | None = None,
    averaged: bool = False,
) -> Reading:
    """What the area is compared with: a reference area row if there is one, else the model's dated parameter.

    A criterion that is compared with the rest of the municipality has another reference for each area: without `area`
    it has none.
    """
    if criterion.reference_area == REST:
        rest = {} if area is None else _rest_cells(exact_cells, area, period, criterion)
        return read(rest, REST, period, criterion, averaged=averaged)
    reading = read(exact_cells, criterion.reference_area, period, criterion, averaged=averaged)
    name = criterion.reference.parameter if criterion.reference else None
    if reading.value is not None or name is None:
        return reading
    for parameter in model.parameter:
        dated = parameter.values.get(period) if parameter.id == name else None
        if dated is not None:
            value = exact(dated.value) / exact(dated.times) / UNIT_PARTS[parameter.unit]
            return Reading(value, value, value, Cell(value, "ok"), "ok")
    return reading


def _rest_cells(
    exact_cells: Cells, area: str, period: str, criterion: Criterion
) -> dict[tuple[str, str, str], Cell]:
    periods = {shift(period, years) for years in (0, *criterion.window)}
    return {
        (REST, year, criterion.indicator): rest_cell(
            exact_cells.get((MUNICIPALITY, year, criterion.indicator), ABSENT),
            exact_cells.get((area, year, criterion.indicator), ABSENT),
        )
        for year in periods
    }


def rest_cell(municipality: Cell, cell: Cell) -> Cell:
    """The figure of the rest of the municipality: its counts less the area's.

    Examples
    --------
    >>> municipality, area = Cell(Fraction(1, 10), "ok", 100, 1000), Cell(Fraction(2, 5), "ok", 40, 100)
    >>> rest_cell(municipality, area).value
    Fraction(1, 15)
    >>> rest_cell(municipality, Cell(None, "protected")).status
    'protected'
    """
    statuses = [each.status for each in (cell, municipality) if each.value is None]
    if statuses:
        return Cell(None, statuses[0])
    if cell.numerator is None or cell.denominator is None:
        return Cell(None, "missing")  # without counts nothing can be subtracted
    if municipality.numerator is None or municipality.denominator is None:
        return Cell(None, "missing")
    scale = math.lcm(municipality.scale, cell.scale)
    numerator = municipality.numerator * (scale // municipality.scale) - cell.numerator * (
        scale // cell.scale
    )
    denominator = municipality.denominator - cell.denominator
    if denominator == 0:
        return Cell(None, "no_base")
    if denominator < 0 or numerator < 0:
        return Cell(None, "missing")  # the area is not a part of the municipality
    unknown = max(municipality.unknown - cell.unknown, 0)
    return Cell(Fraction(numerator, denominator * scale), "ok", numerator, denominator, scale, unknown)
