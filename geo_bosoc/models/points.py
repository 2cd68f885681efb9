"""Points models: bands on each indicator's measure, points summed, cut-offs to categories and their calibration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import NamedTuple

import pandas as pd

from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.criteria import TOO_SMALL, Criterion
from geo_bosoc.models.exact_values import Cells, Reading, read
from geo_bosoc.models.measures import (
    FLIPPED,
    Spread,
    bad_side,
    limit_value,
    persons_to_cross,
    reaches,
    spread,
)
from geo_bosoc.models.references import read_reference
from geo_bosoc.models.spec import Model
from geo_bosoc.problems import Report
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import number

NO_SPREAD = Spread(None)


class Score(NamedTuple):
    """What one criterion gives one area: points from `least` to `most` (equal where the value is known).

    `band` is how many bands are reached, None where that is not known; `limits` the area values (bad side) at
    which each is; `persons` the least change in persons that loses the last one reached, or reaches the first.
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
        """Whether the points are known."""
        return self.band is not None


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
    full = max(criterion.steps)
    if any(limit is None for limit in limits):
        status = "no_reference" if reading.value is not None else reading.status
        return Score(criterion, reading, reference, 0.0, full, None, limits, None, status)
    thresholds = [limit for limit in limits if limit is not None]
    low, high = _bad_ends(criterion, reading)
    reached = None if low is None else bands_reached(criterion, low, thresholds)
    if low == high:
        ends = (reached, reached)
    else:
        ends = (reached, None if high is None else bands_reached(criterion, high, thresholds))
    least, most = (full if end is None else points_of(criterion, end) for end in ends)
    band = ends[0] if reading.value is not None else None
    persons = None if band is None else persons_needed(criterion, reading, thresholds[max(band - 1, 0)])
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
    if reading.parts > 1 and isinstance(limit, Fraction):  # what the last period's figure would have to be
        others = (reading.parts - 1) - reading.others if criterion.complement else reading.others
        limit = limit * reading.parts - others
    return persons_to_cross(reading.cell, limit, operator, complement=criterion.complement)


def score_areas(
    model: Model, exact_cells: Cells, areas: Sequence[str], period: str, *, averaged: bool = False
) -> dict[str, tuple[Score, ...]]:
    """Scores of all areas of one period; z takes its spread from the areas given."""
    rows: dict[str, list[Score]] = {area: [] for area in areas}
    for criterion in model.criterion:
        readings = {area: read(exact_cells, area, period, criterion, averaged=averaged) for area in areas}
        scatter = Spread(None)
        if criterion.measure == "z":
            values = [reading.value for reading in readings.values() if reading.value is not None]
            scatter = spread(bad_side(value, criterion) for value in values)
        of_area = criterion.compared_with_rest
        limits_of_areas = {
            area: band_limits(
                criterion,
                read_reference(model, exact_cells, period, criterion, area=area, averaged=averaged),
                scatter,
            )
            for area in (areas if of_area else [None])
        }
        for area, reading in readings.items():
            limits, reference = limits_of_areas[area if of_area else None]
            rows[area].append(score(criterion, reading, limits, reference, scatter))
    return {area: tuple(scores) for area, scores in rows.items()}


def category_of(model: Model, points: float) -> str:
    """The category that a sum of points falls in."""
    for category in model.category[:-1]:
        if category.min_points is not None and points >= category.min_points:
            return category.id
    return model.category[-1].id


def category_between(model: Model, least: float, most: float) -> str:
    """The category when the points lie anywhere between two sums: the one both ends share, or undetermined.

    More points never give a milder category, so that the two ends decide for everything between them.
    """
    low, high = category_of(model, least), category_of(model, most)
    return low if low == high else UNDETERMINED


def possible_categories(model: Model, least: float, most: float) -> tuple[str, ...]:
    """Categories from one end of the points to the other, in the model's order."""
    ids = [category.id for category in model.category]
    return tuple(ids[ids.index(category_of(model, most)) : ids.index(category_of(model, least)) + 1])


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


@dataclass(frozen=True)
class Calibration:
    """Cut-offs, and whether they give the published counts.

    Attributes
    ----------
    cutoffs : dict of str to float
        Least points of each category but the last, which takes the rest.
    ranges : dict of str to (float, float)
        For each cut-off, the open lower and closed upper end between which every number does the same.
    counts, published : dict of str to int
        Areas per category with these cut-offs, and as printed.
    exact : bool
        Whether the two agree.
    ties : tuple of float
        Points on which a cut-off would have to fall although several areas share them.
    left_out : int
        Areas without points (too small, undetermined), which no cut-off places.
    """

    cutoffs: dict[str, float]
    ranges: dict[str, tuple[float, float]]
    counts: dict[str, int]
    published: dict[str, int]
    exact: bool
    ties: tuple[float, ...]
    left_out: int

    def message(self, language: str = "en") -> str:
        """The cut-offs and the counts they give, in one or two plain sentences."""
        areas, published_areas = sum(self.counts.values()), sum(self.published.values())
        got = "/".join(str(n) for n in self.counts.values())
        printed = "/".join(str(n) for n in self.published.values())
        cuts = ", ".join(f"{name} >= {value:g}" for name, value in self.cutoffs.items())
        text = partial(word, "calibration", language=language)
        if self.exact:
            return text("exact", cutoffs=cuts, counts=got)
        parts = [text("none", counts=printed)]
        if areas != published_areas:
            parts.append(text("other_total", areas=areas, published=published_areas))
        if self.ties:
            parts.append(text("ties", points=_list(self.ties, language)))
        parts.append(text("nearest", cutoffs=cuts, counts=got))
        return " ".join(parts)


def calibrate(points_frame: pd.DataFrame, published_counts: Mapping[str, int]) -> Calibration:
    """Find cut-offs that give published counts per category, or the nearest that can be had.

    Parameters
    ----------
    points_frame : DataFrame
        Rows of one period with a column ``points``, such as ``categorisation.categories``; rows without points, and
        those of category ``too_small`` or ``undetermined``, are left out and counted.
    published_counts : Mapping of str to int
        Areas per category, the one with the most points first, all categories named.

    Returns
    -------
    Calibration
        Each cut-off is the lowest number of points in its category. Nearest means the least sum of absolute
        differences in counts; among equals the one with the higher cut-offs.

    Raises
    ------
    InputError
        No areas, fewer than two categories, negative counts, or more than one period in the frame.

    Examples
    --------
    >>> points = pd.DataFrame({"points": [9.0, 7.0, 4.0, 2.0, 1.0]})
    >>> calibration = calibrate(points, {"vulnerable": 2, "watched": 1, "other": 2})
    >>> calibration.exact, calibration.cutoffs
    (True, {'vulnerable': 7.0, 'watched': 4.0})
    """
    report = Report()
    if len(published_counts) < 2:
        report.error("published_counts needs at least two categories", hint="The most points first.")
    if any(count < 0 for count in published_counts.values()):
        report.error("published_counts holds a negative number")
    if "points" not in points_frame.columns:
        report.error("the frame has no column 'points'")
    elif "period" in points_frame.columns and len(points_frame["period"].unique()) > 1:
        report.error(
            "the frame holds several periods", hint="Give the rows of the year that the counts are of."
        )
    report.raise_errors()
    rows = points_frame
    if "category" in rows.columns:
        rows = rows[~rows["category"].isin([TOO_SMALL, UNDETERMINED])]
    points = sorted((float(value) for value in rows["points"].dropna()), reverse=True)
    if not points:
        report.error("no area has points")
    report.raise_errors()
    names = list(published_counts)
    targets = [int(published_counts[name]) for name in names]
    steps = [0, *(i for i in range(1, len(points)) if points[i] != points[i - 1]), len(points)]
    ends = _nearest(steps, targets)
    counts = [after - before for before, after in zip([0, *ends], [*ends, len(points)], strict=True)]
    edges = _edges(points, ends)
    return Calibration(
        cutoffs=dict(zip(names, (high for _, high in edges), strict=False)),
        ranges=dict(zip(names, edges, strict=False)),
        counts=dict(zip(names, counts, strict=True)),
        published=dict(zip(names, targets, strict=True)),
        exact=counts == targets,
        ties=_ties(points, targets),
        left_out=len(points_frame) - len(points),
    )


def with_cutoffs(model: Model, calibration: Calibration, *, version: str) -> Model:
    """The model with calibrated cut-offs, each marked as calibrated.

    Parameters
    ----------
    model : Model
        A points model.
    calibration : Calibration
        What `calibrate` gave; categories that it does not name stay as they are.
    version : str
        The new model's version.

    Returns
    -------
    Model
        A copy of the model.
    """
    note = {
        "assumption": "cut-off calibrated on published counts per category",
        "assumption_da": "Kategorigrænsen er tilpasset det offentliggjorte antal områder i hver kategori.",
    }
    categories = tuple(
        category.model_copy(update={"min_points": calibration.cutoffs[category.id], **note})
        if category.id in calibration.cutoffs
        else category
        for category in model.category
    )
    return Model.model_validate(
        model.model_dump() | {"version": version, "category": [c.model_dump() for c in categories]}
    )


def _nearest(steps: Sequence[int], targets: Sequence[int]) -> list[int]:
    """Ends of all groups but the last, each on a step, with the least sum of absolute differences to `targets`."""
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for size in targets[:-1]:
        following: dict[int, tuple[int, tuple[int, ...]]] = {}
        for end in steps:
            options = [
                (cost + abs(end - start - size), (*path, end))
                for start, (cost, path) in best.items()
                if start <= end
            ]
            following[end] = min(options)
        best = following
    total = steps[-1]
    return list(min((cost + abs(total - end - targets[-1]), path) for end, (cost, path) in best.items())[1])


def _edges(values: Sequence[float], ends: Sequence[int]) -> list[tuple[float, float]]:
    """For each end the pair (low, high): a cut-off above low and up to high puts just the first `end` areas above.

    A category without areas gets a cut-off between its neighbours', where no area's points lie.
    """
    edges: list[tuple[float, float]] = []
    for end in ends:
        low = values[end] if end < len(values) else values[-1] - 1.0
        high = values[end - 1] if end else values[0] + 1.0
        if edges and edges[-1][1] <= high:
            high = (low + edges[-1][1]) / 2
        edges.append((low, high))
    return edges


def _ties(values: Sequence[float], targets: Sequence[int]) -> tuple[float, ...]:
    ties: list[float] = []
    end = 0
    for size in targets[:-1]:
        end += size
        if 0 < end < len(values) and values[end] == values[end - 1]:
            ties.append(values[end])
    return tuple(dict.fromkeys(ties))


def _list(values: Sequence[float], language: str) -> str:
    texts = [number(value, language, 0 if float(value).is_integer() else 1) for value in values]
    if len(texts) == 1:
        return texts[0]
    return f"{', '.join(texts[:-1])} {word('common', 'and', language)} {texts[-1]}"
