"""Points models: bands on each indicator's measure, points summed, cut-offs to categories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from geo_bosoc.models.exact_values import Cells
from geo_bosoc.models.lookups import Reading, read, read_reference
from geo_bosoc.models.measures import (
    FLIPPED,
    Spread,
    bad_side,
    limit_value,
    persons_to_cross,
    reaches,
    spread,
)
from geo_bosoc.models.spec import UNDETERMINED, Criterion, Model

NO_SPREAD = Spread(None)


@dataclass(frozen=True, slots=True)
class Score:
    """What one criterion gives one area: points from `least` to `most` (equal where the value is known).

    `band` is how many bands are reached, None where that is not known; `limits` the area values (bad side) at
    which each is; `limit` the one last reached, or the first where none is; `persons` the least change in
    persons that loses it, or reaches it.
    """

    criterion: Criterion
    reading: Reading
    reference: Fraction | None
    least: float
    most: float
    band: int | None
    limits: tuple[Fraction | float | None, ...]
    persons: int | None
    status: str
    scatter: Spread = NO_SPREAD

    @property
    def decided(self) -> bool:
        return self.band is not None

    @property
    def limit(self) -> Fraction | float | None:
        return self.limits[max((self.band or 0) - 1, 0)] if self.limits else None


Limits = tuple[Fraction | float | None, ...]


def band_limits(
    criterion: Criterion, reference_area: Reading, scatter: Spread
) -> tuple[Limits, Fraction | None]:
    """The area values (bad side) at which the bands are reached, and the reference (bad side)."""
    reference = None if reference_area.value is None else bad_side(reference_area.value, criterion)
    sizes = criterion.bands
    return tuple(limit_value(criterion, criterion.measure, b, reference, scatter) for b in sizes), reference


def score(
    criterion: Criterion, reading: Reading, limits: Limits, reference: Fraction | None, scatter: Spread
) -> Score:
    """Points of one area on one criterion, given `band_limits`; each band is compared with exact fractions.

    While the value is missing the points lie between those of its bounds, because more on the bad side never
    gives fewer points.
    """
    top = max(criterion.steps)
    told = [limit for limit in limits if limit is not None]
    if len(told) < len(limits):
        status = "no_reference" if reading.value is not None else reading.status
        return Score(criterion, reading, reference, 0.0, top, None, limits, None, status)
    low, high = _bad_ends(criterion, reading)
    reached = None if low is None else bands_reached(criterion, low, told)
    ends = (
        (reached, reached)
        if low == high
        else (reached, None if high is None else bands_reached(criterion, high, told))
    )
    least, most = (top if end is None else points_of(criterion, end) for end in ends)
    band = ends[0] if reading.value is not None else None
    limit = told[max((band or 0) - 1, 0)]
    persons = None if band is None else persons_needed(criterion, reading, limit)
    return Score(criterion, reading, reference, least, most, band, limits, persons, reading.status, scatter)


def bands_reached(criterion: Criterion, value: Fraction, limits: Iterable[Fraction | float]) -> int:
    """How many bands a value (bad side) reaches."""
    return sum(reaches(criterion, value, limit) for limit in limits)


def points_of(criterion: Criterion, band: int) -> float:
    """Points for having reached so many bands."""
    return criterion.steps[band - 1] if band else 0.0


def persons_needed(criterion: Criterion, reading: Reading, limit: Fraction | float) -> int | None:
    """Least signed change in persons, in the last period read, that crosses an area value (bad side)."""
    if criterion.unit in ("mean", "count"):
        return None
    operator = FLIPPED[criterion.operator] if criterion.direction == "low_is_bad" else criterion.operator
    others = reading.others
    if criterion.complement:
        others = (reading.parts - 1) - others
    if isinstance(limit, Fraction):
        limit = limit * reading.parts - others
    return persons_to_cross(reading.cell, limit, operator, complement=criterion.complement)


def score_areas(
    model: Model, cells: Cells, areas: Sequence[str], period: str, *, finished: bool = False
) -> dict[str, tuple[Score, ...]]:
    """Scores of all areas of one period; z takes its spread from the areas given."""
    rows: dict[str, list[Score]] = {area: [] for area in areas}
    for criterion in model.criterion:
        readings = {area: read(cells, area, period, criterion, finished=finished) for area in areas}
        reference_area = read_reference(model, cells, period, criterion, finished=finished)
        scatter = Spread(None)
        if criterion.measure == "z":
            known = (reading.value for reading in readings.values() if reading.value is not None)
            scatter = spread(bad_side(value, criterion) for value in known)
        limits, reference = band_limits(criterion, reference_area, scatter)
        for area, reading in readings.items():
            rows[area].append(score(criterion, reading, limits, reference, scatter))
    return {area: tuple(scores) for area, scores in rows.items()}


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


def possible(model: Model, least: float, most: float) -> tuple[str, ...]:
    """Categories from one end of the points to the other, in the model's order."""
    ids = [category.id for category in model.category]
    return tuple(ids[ids.index(by_points(model, most)) : ids.index(by_points(model, least)) + 1])


def _bad_ends(criterion: Criterion, reading: Reading) -> tuple[Fraction | None, Fraction | None]:
    """The mildest and the worst value (bad side) left open; None where nothing bounds the worst."""
    low, high = reading.low, reading.high
    if criterion.complement:
        return (1 - high if high is not None else Fraction(0)), 1 - low
    if criterion.direction == "high_is_bad":
        return low, high
    return (high if high is not None else _FAR), low


_FAR = Fraction(10**18)
"""A value far beyond any figure: the mildest end of an open range where low is bad."""
