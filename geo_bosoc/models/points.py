"""Points models: bands on each indicator's measure, points summed, cut-offs to categories and their calibration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from geo_bosoc.models.exact_values import Cells, Reading, read, read_reference
from geo_bosoc.models.measures import (
    FLIPPED,
    Spread,
    bad_side,
    limit_value,
    persons_to_cross,
    reaches,
    spread,
)
from geo_bosoc.models.spec import TOO_SMALL, UNDETERMINED, Criterion, Model
from geo_bosoc.problems import Report
from geo_bosoc.text.numbers import number

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


@dataclass(frozen=True)
class Calibration:
    """Cut-offs found, and whether they give the published counts.

    Attributes
    ----------
    cutoffs : least points of each category but the last, which takes the rest.
    ranges : for each cut-off, the open lower and closed upper end between which every number does the same.
    counts, published : areas per category with these cut-offs, and as printed.
    exact : whether the two agree.
    ties : points on which a cut-off would have to fall although several areas share them.
    left_out : areas without points (too small, undetermined), which no cut-off places.
    """

    cutoffs: dict[str, float]
    ranges: dict[str, tuple[float, float]]
    counts: dict[str, int]
    published: dict[str, int]
    exact: bool
    ties: tuple[float, ...]
    left_out: int

    def message(self, language: str = "en") -> str:
        """What was found, in one or two plain sentences."""
        areas, wanted = sum(self.counts.values()), sum(self.published.values())
        got = "/".join(str(n) for n in self.counts.values())
        printed = "/".join(str(n) for n in self.published.values())
        cuts = ", ".join(f"{name} >= {value:g}" for name, value in self.cutoffs.items())
        if language == "da":
            if self.exact:
                return f"Grænserne {cuts} giver de offentliggjorte antal {got}."
            text = f"Ingen grænser giver de offentliggjorte antal {printed}. "
            if areas != wanted:
                text += f"Der er {areas} områder med point, men tallene gælder {wanted}. "
            if self.ties:
                tied = _list(self.ties, language)
                text += f"Flere områder deler {tied} point, netop hvor en grænse skulle gå. "
            return text + f"Nærmest kommer {cuts}: {got}."
        if self.exact:
            return f"The cut-offs {cuts} give the published counts {got}."
        text = f"No cut-offs give the published counts {printed}. "
        if areas != wanted:
            text += f"{areas} areas have points, but the counts are of {wanted}. "
        if self.ties:
            tied = _list(self.ties, language)
            text += f"Several areas share {tied} points, just where a cut-off would have to go. "
        return text + f"The nearest is {cuts}: {got}."


def calibrate(points_frame: pd.DataFrame, published_counts: Mapping[str, int]) -> Calibration:
    """Find cut-offs that give published counts per category, or the nearest that can be had.

    Parameters
    ----------
    points_frame : rows of one period with a column `points`, such as ``categorisation.categories``; rows
        without points, and those of category ``too_small`` or ``undetermined``, are left out and counted.
    published_counts : areas per category, the one with the most points first, all categories named.

    Returns
    -------
    Calibration
        Each cut-off is the lowest number of points in its category. Nearest means the least sum of absolute
        differences in counts; among equals the one with the higher cut-offs.

    Raises
    ------
    InputError
        No areas, fewer than two categories, negative counts, or more than one period in the frame.
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
    known = sorted((float(p) for p in rows["points"].dropna()), reverse=True)
    if not known:
        report.error("no area has points")
    report.raise_errors()
    names = list(published_counts)
    wanted = [int(published_counts[name]) for name in names]
    steps = [0, *(i for i in range(1, len(known)) if known[i] != known[i - 1]), len(known)]
    ends = _nearest(steps, wanted)
    counts = [after - before for before, after in zip([0, *ends], [*ends, len(known)], strict=True)]
    edges = _edges(known, ends)
    return Calibration(
        cutoffs=dict(zip(names, (high for _, high in edges), strict=False)),
        ranges=dict(zip(names, edges, strict=False)),
        counts=dict(zip(names, counts, strict=True)),
        published=dict(zip(names, wanted, strict=True)),
        exact=counts == wanted,
        ties=_ties(known, wanted),
        left_out=len(points_frame) - len(known),
    )


def with_cutoffs(model: Model, calibration: Calibration, *, version: str) -> Model:
    """The model with calibrated cut-offs, under a version of its own, each marked as calibrated."""
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
    """Ends of all groups but the last, each on a step, with the least sum of absolute differences to
    `targets`.
    """
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
    """For each end the pair (low, high): a cut-off above `low` and up to `high` puts just the first `end`
    areas above.

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
    found: list[float] = []
    end = 0
    for size in targets[:-1]:
        end += size
        if 0 < end < len(values) and values[end] == values[end - 1]:
            found.append(values[end])
    return tuple(dict.fromkeys(found))


def _list(values: Sequence[float], language: str) -> str:
    word = " og " if language == "da" else " and "
    texts = [number(value, language, 0 if float(value).is_integer() else 1) for value in values]
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + word + texts[-1]
