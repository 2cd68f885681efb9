"""Models of points and suppressed figures as worlds: what is told of each category, and what that leaves open."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress, product
from typing import Final, NamedTuple

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.disclosure.categories.possible_counts import PossibleCounts, counts_left, possible_counts
from geo_bosoc.disclosure.categories.worlds import CountClass, OpenFigure, PointsSum, Range, publication
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.apply import gate_state
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.exact_values import ABSENT, Cell, Cells, Reading, read
from geo_bosoc.models.measures import bad_side
from geo_bosoc.models.points import (
    NO_SPREAD,
    Limits,
    band_limits,
    bands_reached,
    points_of,
    score,
)
from geo_bosoc.models.references import read_reference, rest_cell
from geo_bosoc.models.spec import Model

PROTECTED: Final = "protected"
SPLIT_WORLDS: Final = 2_000
"""Up to so many worlds each count is a world of its own; beyond, counts that give the same points share one."""

IMPOSSIBLE: Final = math.inf
"""What counts give that leave fewer than nobody in the rest of the municipality: everybody sees that they are not."""
UNBOUNDED: Final = -math.inf
"""What counts give of which nobody is told how they compare with the rest."""

Key = tuple[str, str, str]
"""Area, period and indicator."""


class PublicFigures(NamedTuple):
    """The figures of a run as they are published, beside the true ones.

    `shown` and `true` hold the same areas, reference areas, periods and indicators; `bases` the number of persons whose
    status is known, for suppressed figures that still tell it; `data_periods` of which periods the figures of an
    indicator and period really are; `points` what criteria on known figures give (area, period, model, criterion);
    `decided` indicators and periods of whose figures a set published before tells something, and `frozen` the periods
    that are told as there; `withheld` the figures of areas below a threshold, of which categories tell nothing;
    `same` the indicators that are one figure, by the first of them.
    """

    shown: Cells
    true: Cells
    bases: Mapping[Key, int]
    data_periods: Mapping[tuple[str, str], str]
    points: Mapping[tuple[str, str, str, str], float]
    decided: Collection[tuple[str, str]] = frozenset()
    frozen: Collection[str] = frozenset()
    withheld: Collection[Key] = frozenset()
    same: Mapping[str, str] = {}

    def suppressed(self, key: Key) -> bool:
        """Whether a figure is in the tables of the run and not shown (its publisher may have suppressed it before)."""
        return self.shown[key].status == PROTECTED and self.true[key].status != PROTECTED

    def count_key(self, key: Key) -> tuple[str, str, int | None]:
        """What makes a figure the same one in two periods or under two ids: data of one period, and the same base."""
        _, period, indicator = key
        indicator = self.same.get(indicator, indicator)
        return indicator, self.data_periods.get((indicator, period), period), self.bases.get(key)


class PublishedRanges(NamedTuple):
    """What is told: by area, period and model the range, and by figure the counts that stay possible."""

    ranges: dict[Key, Range]
    left: dict[Key, frozenset[int]]


def tell(
    models: Sequence[Model], indicators: Sequence[Indicator], figures: PublicFigures, policy: Policy
) -> PublishedRanges:
    """The category, or the range of categories, of each area, period and model that has suppressed figures.

    Parameters
    ----------
    models : sequence of Model
        Of points, whose categories rest on the area's own figures of the period alone.
    indicators : sequence of Indicator
        What the figures are.
    figures : PublicFigures
        Shown and true.
    policy : Policy
        How many counts must stay possible.

    Returns
    -------
    PublishedRanges
        Nothing of areas that the shown figures leave out of the assessment, nor where a reference is not shown: there
        only what follows from shown figures may be published.
    """
    used = {criterion.indicator for model in models for criterion in model.criterion}
    by_area: dict[str, list[Key]] = {}
    for key in sorted(figures.shown):
        if key in figures.withheld:
            continue
        if key[2] in used and not key[0].startswith("@") and figures.suppressed(key):
            by_area.setdefault(key[0], []).append(key)
    worlds = _AreaWorlds(models, {indicator.id: indicator for indicator in indicators}, figures, policy)
    published = PublishedRanges({}, {})
    for keys in by_area.values():
        for component in _components(keys, figures):
            worlds.tell(component, published)
    return published


def _components(keys: Sequence[Key], figures: PublicFigures) -> list[list[Key]]:
    """The suppressed figures of an area, those of periods that share one (a survey behind two years) together."""
    periods_of: dict[tuple[str, str, int | None], list[str]] = {}
    for key in keys:
        periods_of.setdefault(figures.count_key(key), []).append(key[1])
    joined = {key[1]: {key[1]} for key in keys}
    for periods in periods_of.values():
        together = set().union(*(joined[period] for period in periods))
        for period in together:
            joined[period] = together
    components: dict[str, list[Key]] = {}
    for key in keys:
        components.setdefault(min(joined[key[1]]), []).append(key)
    return [components[first] for first in sorted(components)]


@dataclass(frozen=True, slots=True)
class _Use:
    """A criterion that a figure goes into: which sum of points, and where its bands lie.

    Where it is compared with the rest, its bands lie elsewhere for each count: `municipality` then has the figure that
    the counts are taken from, and `base` the persons of the suppressed one, None where nobody is told how many.
    """

    number: int
    criterion: Criterion
    limits: tuple[Fraction | float, ...]
    municipality: Cell | None = None
    base: int | None = None

    def points(self, value: Fraction) -> float:
        """The points that a value gives; `IMPOSSIBLE` or `UNBOUNDED` where it leaves no rest to compare with."""
        limits: Iterable[Fraction | float | None] = self.limits
        if self.municipality is not None:
            if self.base is None:
                return UNBOUNDED
            count = value * self.base
            cell = Cell(value, "ok", count.numerator, self.base, count.denominator)
            rest = rest_cell(self.municipality, cell)
            if rest.value is None or (self.criterion.unit == "percent" and rest.value > 1):
                return IMPOSSIBLE
            limits, _ = band_limits(
                self.criterion, Reading(rest.value, rest.value, rest.value, rest, "ok"), NO_SPREAD
            )
        thresholds = [limit for limit in limits if limit is not None]
        if len(thresholds) < len(self.criterion.bands):
            return UNBOUNDED
        return points_of(
            self.criterion, bands_reached(self.criterion, bad_side(value, self.criterion), thresholds)
        )


class _AreaWorlds:
    """Turns an area's figures into `publication`'s, and its answer back."""

    def __init__(
        self,
        models: Sequence[Model],
        specs: Mapping[str, Indicator],
        figures: PublicFigures,
        policy: Policy,
    ) -> None:
        self.models, self.specs, self.figures, self.policy = models, specs, figures, policy
        self._limits: dict[tuple[str, str, str], list[tuple[Limits, Fraction | None]]] = {}
        self._figures: dict[object, tuple[PossibleCounts, OpenFigure]] = {}

    def limits(self, model: Model, area: str, period: str) -> list[tuple[Limits, Fraction | None]]:
        """For each criterion the limits of its bands and the reference, as an outsider works them out."""
        of_rest = any(each.compared_with_rest for each in model.criterion)
        key = (model.id, period, area if of_rest else "")
        if key not in self._limits:
            shown = self.figures.shown
            self._limits[key] = [
                band_limits(each, read_reference(model, shown, period, each, area=area), NO_SPREAD)
                for each in model.criterion
            ]
        return self._limits[key]

    def tell(self, keys: Sequence[Key], published: PublishedRanges) -> None:
        """Add what is told of an area in periods that hang together."""
        if any((indicator, period) in self.figures.decided for _, period, indicator in keys) and not all(
            period in self.figures.frozen for _, period, _ in keys
        ):
            return  # what the earlier set tells of them and what this one would tell were not judged together
        if any(self.figures.true[key].value is None for key in keys):
            return  # all of so few are unknown: an outsider cannot tell that from a small count
        area = keys[0][0]
        periods = sorted({key[1] for key in keys})
        sums: list[PointsSum] = []
        names: list[Key] = []
        uses: dict[Key, list[_Use]] = {key: [] for key in keys}
        for number, period in enumerate(periods):
            for model in self.models:
                added = self._sum(model, area, period, number, len(sums), uses)
                if added is not None:
                    sums.append(added)
                    names.append((area, period, model.id))
        same: dict[tuple[str, str, int | None], list[Key]] = {}
        for key in keys:
            if uses[key]:
                same.setdefault(self.figures.count_key(key), []).append(key)
        open_figures, classes, members = [], [], []
        for group in same.values():
            all_uses = [use for key in group for use in uses[key]]
            figure, number = self._figure(group[0], all_uses, len(sums))
            open_figures.append(figure)
            classes.append(number)
            members.append(group)
        if not open_figures:
            return
        joined, classes = _joined(open_figures, classes)
        ranges, left = publication(joined, tuple(sums), self.policy.least).of_world(classes)
        published.ranges.update(zip(names, ranges, strict=True))
        for figure, group, bits in zip(open_figures, members, left, strict=True):
            for key in group if figure.promised else ():
                counts = counts_left(self.specs.get(key[2]), self.figures.bases.get(key), bits, self.policy)
                if counts is not None:
                    published.left[key] = counts

    def _sum(
        self,
        model: Model,
        area: str,
        period: str,
        number: int,
        position: int,
        uses: dict[Key, list[_Use]],
    ) -> PointsSum | None:
        """The points of the shown figures; `uses` gets the suppressed ones. None where nothing is to be published."""
        if gate_state(model.gates, self.figures.shown, area, period).category is not None:
            return None
        least = most = 0.0
        new_uses: list[tuple[Key, _Use]] = []
        of_area = self.limits(model, area, period)
        for criterion, (limits, reference) in zip(model.criterion, of_area, strict=True):
            key = (area, period, criterion.indicator)
            if key in uses and criterion.compared_with_rest:
                municipality = self.figures.shown.get((MUNICIPALITY, *key[1:]), ABSENT)
                if municipality.numerator is None:
                    return None
                base = self.figures.bases.get(key)
                new_uses.append((key, _Use(position, criterion, (), municipality, base)))
            elif key in uses:
                thresholds = tuple(limit for limit in limits if limit is not None)
                if len(thresholds) < len(limits):
                    return None
                new_uses.append((key, _Use(position, criterion, thresholds)))
            elif (area, period, model.id, criterion.key) in self.figures.points and None not in limits:
                points_of_shown = self.figures.points[area, period, model.id, criterion.key]
                least, most = least + points_of_shown, most + points_of_shown
            else:
                reading = read(self.figures.shown, area, period, criterion)
                points = score(criterion, reading, limits, reference, NO_SPREAD)
                least, most = least + points.least, most + points.most
        for key, use in new_uses:
            uses[key].append(use)
        cutoffs = tuple(float(each.min_points or 0.0) for each in model.category[:-1])
        return PointsSum(number, least, most, cutoffs) if new_uses else None

    def _figure(self, key: Key, uses: Sequence[_Use], sums: int) -> tuple[OpenFigure, int]:
        """A suppressed figure, a class for each count that is possible, and the class of the true one."""
        base, value = self.figures.bases.get(key), self.figures.true[key].value
        assert value is not None
        of_uses = tuple(
            (use.number, use.criterion.key, use.limits, use.municipality, use.base) for use in uses
        )
        signature = (key[2], base, of_uses, sums)
        if signature not in self._figures:

            def points_of_value(value: Fraction) -> tuple[float, ...]:
                return _vector(uses, [value] * len(uses), sums)

            counts = possible_counts(self.specs.get(key[2]), base, self.policy, points_of_value)
            classes = tuple(CountClass(points_of_value(each), bits) for each, bits in counts.values)
            possible = [IMPOSSIBLE not in each.points for each in classes]
            counts = counts._replace(values=tuple(compress(counts.values, possible)))
            self._figures[signature] = counts, OpenFigure(tuple(compress(classes, possible)), counts.promised)
        counts, figure = self._figures[signature]
        number = counts.position(value)
        unbounded = any(UNBOUNDED in each.points for each in figure.classes)
        if number is not None and not unbounded:
            return figure, number
        every = sorted(
            {_sum_up(uses, points, sums) for points in product(*((0.0, *u.criterion.steps) for u in uses))}
        )
        points = _vector(uses, [value] * len(uses), sums)
        classes = tuple(CountClass(each, 0) for each in every)
        if points not in every:  # nobody is told how it compares: a range, the same for each position
            return OpenFigure(classes, (), is_secondary=True), 0
        return OpenFigure(classes, (), is_secondary=unbounded or bool(counts.values)), every.index(points)


def _joined(
    figures: Sequence[OpenFigure], classes: Sequence[int]
) -> tuple[tuple[OpenFigure, ...], list[int]]:
    """The figures with counts that give the same points in one class, where a class each would make many worlds."""
    joined = [figure.joined() for figure in figures]
    size = math.prod(len(figure.classes) for figure in joined)
    chosen: list[OpenFigure] = []
    numbers: list[int] = []
    for figure, small, number in zip(figures, joined, classes, strict=True):
        split = size // len(small.classes) * len(figure.classes)
        if len(small.classes) > 1 and split <= SPLIT_WORLDS:
            size = split
            chosen.append(figure)
            numbers.append(number)
        else:
            points = figure.classes[number].points
            chosen.append(small)
            numbers.append(next(i for i, each in enumerate(small.classes) if each.points == points))
    return tuple(chosen), numbers


def _vector(uses: Sequence[_Use], values: Iterable[Fraction], sums: int) -> tuple[float, ...]:
    """Points in each sum, for one value in each use."""
    return _sum_up(uses, [use.points(value) for use, value in zip(uses, values, strict=True)], sums)


def _sum_up(uses: Sequence[_Use], points: Iterable[float], sums: int) -> tuple[float, ...]:
    vector = [0.0] * sums
    for use, each in zip(uses, points, strict=True):
        vector[use.number] += each
    return tuple(vector)
