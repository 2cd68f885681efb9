"""Which categories may be told: those from which an outsider who knows the rules works out no suppressed count.

An outsider sees of a suppressed figure its base and the mark, and knows the model: each count that the mark leaves open
gives points, and together with the points of the figures that are shown a category. A *world* is one choice of
points for every suppressed figure of an area. The category is told only where the worlds that are told alike leave
enough counts of each figure open; all others are told as a range, which itself must leave enough open. What is told is
worked out for every world, not for the true one alone: so it tells nothing that a category was not told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_WORLDS: Final = 20_000
"""From more worlds on, every category of the area is told as a range."""

_Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CountClass:
    """The counts of a suppressed figure that give the same points everywhere.

    Attributes
    ----------
    points : tuple of float
        What they give in each of the sums that the figure goes into (0 in the others).
    counts : int
        Bits of the counts among the promised ones (see `OpenFigure.promised`).
    """

    points: tuple[float, ...]
    counts: int


@dataclass(frozen=True, slots=True)
class OpenFigure:
    """A suppressed figure, as an outsider sees it before any category is told.

    Attributes
    ----------
    classes : tuple of CountClass
        All that the mark and the base leave open, in order of the points.
    promised : tuple of int
        Bits of the counts of each side (1 to 4, or all but 1 to 4): of each side that stays possible at all, enough
        counts must. Empty for a figure of which nothing is promised.
    is_secondary : bool
        Whether it is suppressed for another figure's sake (a part of one base, an area of a total), which a category
        would narrow by narrowing this one: all that it goes into are then ranges that tell nothing of it.
    """

    classes: tuple[CountClass, ...]
    promised: tuple[int, ...]
    is_secondary: bool = False

    def joined(self) -> OpenFigure:
        """The same figure with one class for all counts that give the same points, in order of the points."""
        counts: dict[tuple[float, ...], int] = {}
        for each in self.classes:
            counts[each.points] = counts.get(each.points, 0) | each.counts
        classes = tuple(CountClass(*each) for each in sorted(counts.items()))
        return OpenFigure(classes, self.promised, self.is_secondary)


@dataclass(frozen=True, slots=True)
class PointsSum:
    """A sum of points that becomes a category: one model in one period.

    Attributes
    ----------
    period : int
        Which of the periods that are told it belongs to, from 0.
    least, most : float
        Points of all other criteria (they differ where a figure is missing).
    cutoffs : tuple of float
        Least points of each category but the mildest, falling: the worst category is 0.
    """

    period: int
    least: float
    most: float
    cutoffs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Between which categories a sum may lie, as it is told: from the worst to the mildest, in the model's order.

    `exact` is False where that is a range for the sake of suppressed figures.
    """

    worst: int
    mildest: int
    exact: bool


@dataclass(frozen=True)
class Publication:
    """What is told of one area in each of its worlds.

    Attributes
    ----------
    ranges : tuple of tuple of Range
        For each different thing that may be told: the range of each sum.
    by_world : array of int
        By world, which of them. Worlds are numbered in the order of the figures' classes, the last figure fastest.
    left : tuple of tuple of int
        For each different thing that may be told: the bits of each figure's counts that stay possible.
    """

    ranges: tuple[tuple[Range, ...], ...]
    by_world: _Integers
    left: tuple[tuple[int, ...], ...]
    shape: tuple[int, ...]

    def of_world(self, classes: Sequence[int]) -> tuple[tuple[Range, ...], tuple[int, ...]]:
        """What is told where the figures are in these classes, and which counts it leaves open."""
        if not self.shape:
            return self.ranges[0], self.left[0]
        number = (
            int(self.by_world[int(np.ravel_multi_index(tuple(classes), self.shape))])
            if len(self.by_world)
            else 0
        )
        return self.ranges[number], self.left[number]


@lru_cache(maxsize=1_000)
def publication(figures: tuple[OpenFigure, ...], sums: tuple[PointsSum, ...], least: int) -> Publication:
    """What is told of an area, for each of its worlds.

    Parameters
    ----------
    figures : tuple of OpenFigure
        Its suppressed figures, in a fixed order.
    sums : tuple of PointsSum
        The sums of points that they go into.
    least : int
        How many of a side's counts must stay possible.

    Returns
    -------
    Publication
        In which each thing that may be told leaves at least `least` counts of every side that it leaves possible.

    Examples
    --------
    A figure of 1 to 4 where 1 to 3 give no points and 4 gives one, and a category from one point on: to tell the
    category would tell the 4.

    >>> figure = OpenFigure((CountClass((0.0,), 0b0111), CountClass((1.0,), 0b1000)), (0b1111,))
    >>> both = publication((figure,), (PointsSum(0, 0.0, 0.0, (1.0,)),), 2)
    >>> both.of_world([1])
    ((Range(worst=0, mildest=1, exact=False),), (15,))
    """
    shape = tuple(len(figure.classes) for figure in figures)
    if math.prod(shape) > MOST_WORLDS or any(figure.is_secondary for figure in figures):
        return _all_ranges(figures, sums)
    worlds = _Worlds(figures, sums, shape)
    while worlds.widen(least):
        pass
    return worlds.publication()


class _Worlds:
    """The worlds of one area, and in which periods each is told as it is (the others are ranges)."""

    def __init__(
        self, figures: tuple[OpenFigure, ...], sums: tuple[PointsSum, ...], shape: tuple[int, ...]
    ) -> None:
        self.figures, self.sums, self.shape = figures, sums, shape
        count = math.prod(shape)
        self.classes = np.indices(shape, dtype=np.int64).reshape(len(shape), count)
        self.worst, self.mildest = np.empty((len(sums), count), int), np.empty((len(sums), count), int)
        for number, each in enumerate(sums):
            points = np.zeros(count)
            for figure, chosen in zip(figures, self.classes, strict=True):
                points += np.array([one_class.points[number] for one_class in figure.classes])[chosen]
            self.worst[number] = _categories(each.most + points, each.cutoffs)
            self.mildest[number] = _categories(each.least + points, each.cutoffs)
        self.periods = 1 + max((each.period for each in sums), default=-1)
        self.is_told = np.ones((self.periods, count), dtype=bool)
        self.exact_code = np.zeros((self.periods, count), dtype=np.int64)
        for number, each in enumerate(sums):
            size = len(each.cutoffs) + 1
            code = self.worst[number] * size + self.mildest[number]
            self.exact_code[each.period] = self.exact_code[each.period] * size * size + code
        self.counts = [
            np.array([one_class.counts for one_class in figure.classes], dtype=np.int64)[chosen]
            for figure, chosen in zip(figures, self.classes, strict=True)
        ]

    def groups(self) -> _Integers:
        """By world the number of what is told: worlds with the same number look the same from outside."""
        code = np.zeros(self.classes.shape[1], dtype=np.int64)
        for is_told, exact in zip(self.is_told, self.exact_code, strict=True):
            part = np.unique(np.where(is_told, exact, -1), return_inverse=True)[1].reshape(-1)
            code = code * (int(part.max(initial=0)) + 1) + part
            code = np.unique(code, return_inverse=True)[1].reshape(-1)
        return code

    def left(self, figure: int, groups: _Integers) -> _Integers:
        """By group, the bits of the figure's counts that it leaves possible."""
        bits = np.zeros(int(groups.max(initial=0)) + 1, dtype=np.int64)
        np.bitwise_or.at(bits, groups, self.counts[figure])
        return bits

    def widen(self, least: int) -> bool:
        """Make ranges where something told leaves too few counts; False where nothing does."""
        groups = self.groups()
        changed = False
        for number, figure in enumerate(self.figures):
            left = self.left(number, groups)
            for side in figure.promised:
                possible = _count_bits(left & side)
                needed = min(least, side.bit_count())
                for group in np.flatnonzero((possible > 0) & (possible < needed)):
                    members = (groups == group) & (self.counts[number] & side > 0)
                    self._widen_group(number, side & ~int(left[group]), members)
                    changed = True
            if changed:
                return True
        return False

    def _widen_group(self, figure: int, lost: int, members: NDArray[np.bool_]) -> None:
        periods = self._periods_of(figure)
        for period in periods:  # the latest is told longest
            if self.is_told[period, members].any():
                self.is_told[period, members] = False
                return
        nearest = self._nearest_told(figure, lost, members, periods)
        for period in periods:
            self.is_told[period, nearest] = False

    def _periods_of(self, figure: int) -> list[int]:
        """The periods that a figure goes into."""
        points = [one_class.points for one_class in self.figures[figure].classes]
        return sorted(
            {
                each.period
                for number, each in enumerate(self.sums)
                if len({of_class[number] for of_class in points}) > 1
            }
        )

    def _nearest_told(
        self, figure: int, lost: int, members: NDArray[np.bool_], periods: Sequence[int]
    ) -> int:
        """The world nearest to a range that has a count the range lacks: one figure changed, the fewest points away."""
        figure_classes = self.figures[figure].classes
        stride = math.prod(self.shape[figure + 1 :])
        is_told: NDArray[np.bool_] = self.is_told[list(periods)].max(axis=0)
        candidates: list[tuple[float, int]] = []
        worlds = np.flatnonzero(members)
        for other, one_class in enumerate(figure_classes):
            if not one_class.counts & lost:
                continue
            moved = worlds + (other - self.classes[figure][worlds]) * stride
            for world, before in zip(moved[is_told[moved]], worlds[is_told[moved]], strict=True):
                old = figure_classes[self.classes[figure][before]].points
                distance = sum(abs(a - b) for a, b in zip(old, one_class.points, strict=True))
                candidates.append((distance, int(world)))
        if candidates:
            return min(candidates)[1]
        # Another range, apart by what is told of other periods: those become ranges too.
        further = np.flatnonzero(self.is_told.max(axis=0) & members)
        self.is_told[:, members] = False
        if len(further):
            return int(further[0])
        self.is_told[:] = False
        return int(worlds[0])

    def publication(self) -> Publication:
        """The end of it: what is told, by world."""
        spans = [self._span(number) for number in range(len(self.sums))]
        by_group: dict[tuple[Range, ...], int] = {}
        groups = self.groups()
        firsts = np.unique(groups, return_index=True)[1]
        renamed = np.empty(len(firsts), dtype=np.int64)
        for group, world in enumerate(firsts):
            ranges = tuple(self._range(number, int(world), spans[number]) for number in range(len(self.sums)))
            renamed[group] = by_group.setdefault(ranges, len(by_group))
        by_world = renamed[groups]
        left = [self.left(figure, by_world).tolist() for figure in range(len(self.figures))]
        left_by_group = tuple(tuple(bits[number] for bits in left) for number in range(len(by_group)))
        return Publication(tuple(by_group), by_world, left_by_group, self.shape)

    def _span(self, number: int) -> tuple[int, int]:
        ranged = ~self.is_told[self.sums[number].period]
        if not ranged.any():
            return 0, 0
        return int(self.worst[number][ranged].min()), int(self.mildest[number][ranged].max())

    def _range(self, number: int, world: int, span: tuple[int, int]) -> Range:
        if self.is_told[self.sums[number].period, world]:
            return Range(int(self.worst[number, world]), int(self.mildest[number, world]), True)
        return Range(*span, exact=span[0] == span[1])


def _all_ranges(figures: tuple[OpenFigure, ...], sums: tuple[PointsSum, ...]) -> Publication:
    """Every category as a range from the least to the most points that the figures may have."""
    ranges = []
    for number, each in enumerate(sums):
        points = [[one_class.points[number] for one_class in figure.classes] for figure in figures]
        most = each.most + sum(max(of_figure) for of_figure in points)
        least = each.least + sum(min(of_figure) for of_figure in points)
        worst, mildest = (int(_categories(np.array([end]), each.cutoffs)[0]) for end in (most, least))
        ranges.append(Range(worst, mildest, exact=worst == mildest))
    left = tuple(
        sum({1 << bit for one_class in figure.classes for bit in _bits(one_class.counts)})
        for figure in figures
    )
    return Publication(
        (tuple(ranges),), np.empty(0, np.int64), (left,), tuple(len(f.classes) for f in figures)
    )


def _count_bits(numbers: _Integers) -> _Integers:
    """How many bits are set in each number."""
    bits = range(int(numbers.max(initial=0)).bit_length())
    return np.sum([numbers >> bit & 1 for bit in bits], axis=0, dtype=np.int64) if bits else 0 * numbers


def _bits(counts: int) -> list[int]:
    return [bit for bit in range(counts.bit_length()) if counts >> bit & 1]


def _categories(points: NDArray[np.float64], cutoffs: tuple[float, ...]) -> _Integers:
    """The category of each sum of points: the first whose least points it reaches."""
    return (
        np.sum([points < cutoff for cutoff in cutoffs], axis=0, dtype=np.int64)
        if cutoffs
        else np.zeros(len(points), np.int64)
    )
