"""Measures of an area against its reference area, exactly, and the least change in persons that crosses a limit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from geo_bosoc.models.criteria import Criterion, Measure, Operator, exact
from geo_bosoc.models.exact_values import Cell
from geo_bosoc.models.spec_parts import UNIT_PARTS

FLIPPED: dict[Operator, Operator] = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean-free spread of the areas' values, for z: the variance (ddof 1), exact."""

    variance: Fraction | None


def holds(left: Fraction, operator: Operator, right: Fraction) -> bool:
    """Compare as the law writes: ``overstiger`` is ``>``, ``mindst`` is ``>=``, ``mindre end`` is ``<``."""
    (above, below), (limit_above, limit_below) = left.as_integer_ratio(), right.as_integer_ratio()
    first, second = above * limit_below, limit_above * below  # whole numbers: half the time of fractions
    if operator == ">":
        return first > second
    if operator == ">=":
        return first >= second
    if operator == "<":
        return first < second
    return first <= second


def spread(values: Iterable[Fraction]) -> Spread:
    """Variance of some values with ddof 1; None with fewer than two or where all are equal."""
    listed = list(values)
    if len(listed) < 2:
        return Spread(None)
    mean = sum(listed, Fraction(0)) / len(listed)
    variance = sum(((value - mean) ** 2 for value in listed), Fraction(0)) / (len(listed) - 1)
    return Spread(variance or None)


def bad_side(value: Fraction, criterion: Criterion) -> Fraction:
    """The value itself, or its complement where a good share is turned."""
    return 1 - value if criterion.complement else value


def limit_value(
    criterion: Criterion, measure: Measure, size: float, reference: Fraction | None, scatter: Spread
) -> Fraction | float | None:
    """The area value (bad side) at a threshold; infinite where nothing reaches it, None where it is not known.

    For ``high_is_bad`` a value at or above it reaches a band, for ``low_is_bad`` one at or below it.
    """
    number = exact(size)
    if measure == "value":
        return number / UNIT_PARTS[criterion.unit]
    if reference is None:
        return None
    sign = 1 if criterion.direction == "high_is_bad" else -1
    if measure == "difference":
        return reference + sign * number / UNIT_PARTS[criterion.unit]
    if measure == "ratio":
        if reference == 0:
            return None
        if sign > 0:
            return reference * number
        return reference / number if number > 0 else math.inf
    if scatter.variance is None:
        return None
    return float(reference) + sign * float(number) * math.sqrt(scatter.variance)


def reaches(criterion: Criterion, value: Fraction, limit: Fraction | float) -> bool:
    """Whether a value (bad side) reaches a band whose `limit_value` is given."""
    operator = criterion.operator
    if criterion.direction == "low_is_bad":
        operator = FLIPPED[operator]
    if isinstance(limit, float):
        if math.isinf(limit):
            return holds(Fraction(0), operator, Fraction(1 if limit > 0 else -1))
        limit = Fraction(limit)
    return holds(value, operator, limit)


def measured(
    criterion: Criterion, measure: Measure, value: Fraction, reference: Fraction | None, scatter: Spread
) -> float | None:
    """The measure as a number for people: value, difference, ratio or z. Never compared with a band."""
    if measure == "value":
        return float(value)
    if reference is None:
        return None
    sign = 1 if criterion.direction == "high_is_bad" else -1
    if measure == "difference":
        return float(sign * (value - reference))
    if measure == "ratio":
        above, below = (value, reference) if sign > 0 else (reference, value)
        return None if below == 0 else float(above / below)
    if scatter.variance is None:
        return None
    return sign * float(value - reference) / math.sqrt(scatter.variance)


def persons_to_cross(
    cell: Cell, limit: Fraction | float | None, operator: Operator, *, complement: bool = False
) -> int | None:
    """The least change in the numerator, in whole persons and signed, that changes ``value operator limit``.

    Everything else stays as it is: the base, the reference area, the other areas. None where there are no counts, or
    where no change within 0 and the base does it.

    >>> cell = Cell(Fraction(37, 912), "ok", 37, 912)
    >>> persons_to_cross(cell, Fraction(4, 100), ">")
    -1
    """
    if cell.numerator is None or cell.denominator is None or limit is None or cell.value is None:
        return None
    if isinstance(limit, float):
        if math.isinf(limit):
            return None
        limit = Fraction(limit)
    full = cell.denominator * cell.scale
    count = full - cell.numerator if complement else cell.numerator
    edge, remainder = divmod(limit.numerator * full, limit.denominator)  # limit x full, rounded down
    least = edge + 1 if operator in (">", "<=") or remainder else edge
    target = least if count < least else least - 1
    if not 0 <= target <= full:
        return None
    change = target - count
    persons = -(-abs(change) // cell.scale) * (1 if change > 0 else -1)
    if not 0 <= count + persons * cell.scale <= full:
        return None
    return -persons if complement else persons
