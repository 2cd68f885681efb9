"""Points models: bands on each indicator's measure, points summed, cut-offs to categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from geo_bosoc.models.cells import ABSENT, Cell, Cells
from geo_bosoc.models.measures import Spread, bad_side, band_value, persons_to_cross, reaches, spread
from geo_bosoc.models.spec import UNDETERMINED, Criterion, Model

FLIPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


@dataclass(frozen=True, slots=True)
class Score:
    """What one criterion gives one area: points from `least` to `most` (equal where the value is known)."""

    criterion: Criterion
    cell: Cell
    reference: Fraction | None
    least: float
    most: float
    band: int | None
    limit: Fraction | float | None
    persons: int | None
    status: str

    @property
    def known(self) -> bool:
        return self.band is not None


def score(criterion: Criterion, cell: Cell, yardstick: Cell, scatter: Spread) -> Score:
    """Points of one area on one criterion.

    The band is compared exactly: the area's count against base, yardstick and band as fractions. `band` is
    how many bands are reached; `limit` the area value at the last one reached (the first one where none is);
    `persons` the least change in persons that loses it, or reaches it.
    """
    top = max(criterion.steps)
    reference = None if yardstick.value is None else bad_side(yardstick.value, criterion)
    if cell.value is None:
        return Score(criterion, cell, reference, 0.0, top, None, None, None, cell.status)
    limits = [band_value(criterion, band, reference, scatter) for band in criterion.bands]
    if any(limit is None for limit in limits):
        return Score(criterion, cell, reference, 0.0, top, None, None, None, "no_reference")
    value = bad_side(cell.value, criterion)
    reached = sum(reaches(criterion, value, limit) for limit in limits if limit is not None)
    points = criterion.steps[reached - 1] if reached else 0.0
    limit = limits[max(reached - 1, 0)]
    operator = criterion.operator
    if criterion.direction == "low_is_bad":
        operator = FLIPPED[operator]  # type: ignore[assignment]
    persons = (
        None
        if criterion.unit in ("mean", "count")
        else persons_to_cross(cell, limit, operator, complement=criterion.complement)
    )
    return Score(criterion, cell, reference, points, points, reached, limit, persons, cell.status)


def score_areas(
    model: Model, cells: Cells, yardsticks: Mapping[tuple[str, str], Cell], areas: Sequence[str], period: str
) -> dict[str, tuple[Score, ...]]:
    """Scores of all areas of one period; z takes its spread from the areas given."""
    spreads: dict[str, Spread] = {}
    for criterion in model.criterion:
        if criterion.measure == "z":
            values = (cells.get((area, period, criterion.indicator), ABSENT).value for area in areas)
            spreads[criterion.key] = spread(
                bad_side(value, criterion) for value in values if value is not None
            )
    return {
        area: tuple(
            score(
                criterion,
                cells.get((area, period, criterion.indicator), ABSENT),
                yardsticks.get((period, criterion.indicator), ABSENT),
                spreads.get(criterion.key, Spread(None)),
            )
            for criterion in model.criterion
        )
        for area in areas
    }


def by_points(model: Model, points: float) -> str:
    """The category that a sum of points falls in."""
    for category in model.category[:-1]:
        if category.min_points is not None and points >= category.min_points:
            return category.id
    return model.category[-1].id


def settle(model: Model, least: float, most: float) -> str:
    """The category when the points lie anywhere between two sums: the one both ends share, or undetermined.

    More points never give a milder category, so that the two ends decide for everything between them.
    """
    low, high = by_points(model, least), by_points(model, most)
    return low if low == high else UNDETERMINED
