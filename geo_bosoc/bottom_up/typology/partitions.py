"""Points in groups, and whether the groups come back: among draws of the points, and beside points without groups.

Points are drawn without replacement (`DRAWN` of them) and put in groups anew; the two partitions are compared by the
adjusted Rand index (Hubert and Arabie 1985; stability by subsamples: Ben-Hur, Elisseeff and Guyon 2002), each group by
its best Jaccard index (Hennig 2007, who takes 0.75 for a stable one). Figures that go together divide a steady slope of
points in much the same halves each time: groups must therefore also be denser than those of points without groups,
drawn from a normal distribution with the same covariances (SigClust: Liu, Hayes, Nobel and Marron 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

DRAWN: Final = 0.8
STABLE_RAND: Final = 0.8
STABLE_GROUP: Final = 0.75
LEAST_IN_GROUP: Final = 3
"""Points of a group at the fewest: fewer are points by themselves."""
REFERENCES: Final = 99
"""Sets of points without groups: what is denser than all of them would by chance be so in one of 100."""
FARTHEST: Final = 3.0
"""Interquartile ranges that a figure counts as at the most, on either side of the median."""


@dataclass(frozen=True)
class Partition:
    """Types of a period as 0, 1, ..., and how they come back."""

    labels: Labels
    rand: float
    jaccard: Floats
    came_back: Floats
    is_named: bool = False

    @property
    def groups(self) -> int:
        return len(self.jaccard)

    @property
    def least_points(self) -> int:
        return int(np.bincount(self.labels).min())

    @property
    def comes_back(self) -> bool:
        return (
            self.rand >= STABLE_RAND
            and float(self.jaccard.min()) >= STABLE_GROUP
            and self.least_points >= LEAST_IN_GROUP
        )


def groups_of(points: Floats, numbers: Sequence[int]) -> dict[int, Labels]:
    """By number of types the groups: k-means (Lloyd) from the centres of Ward's groups, nothing drawn."""
    tree = cut_tree(linkage(points, method="ward"), n_clusters=list(numbers))
    groups: dict[int, Labels] = {}
    for column, number in enumerate(numbers):
        start = tree[:, column]
        centres = np.stack([points[start == group].mean(axis=0) for group in range(number)])
        fitted = KMeans(number, init=centres, n_init=1, random_state=0).fit(points)
        groups[number] = np.unique(fitted.labels_, return_inverse=True)[1].astype(np.int64)
    return groups


def partitions_of(points: Floats, numbers: Sequence[int], draws: int, seed: int) -> dict[int, Partition]:
    """By number of types the types, and how they come back among areas drawn without replacement."""
    numbers = list(numbers)
    if not numbers:
        return {}
    groups = groups_of(points, numbers)
    size = len(points)
    rng = np.random.default_rng(seed)
    rand: dict[int, list[float]] = {number: [] for number in numbers}
    jaccard: dict[int, list[Floats]] = {number: [] for number in numbers}
    back = {number: np.zeros(size) for number in numbers}
    times = np.zeros(size)
    for _ in range(draws):
        drawn = np.sort(rng.choice(size, size=max(round(DRAWN * size), max(numbers)), replace=False))
        times[drawn] += 1
        for number, again in groups_of(points[drawn], numbers).items():
            before = groups[number][drawn]
            rand[number].append(float(adjusted_rand_score(before, again)))
            shared, types = _shared(before, again, int(groups[number].max()) + 1)
            unions = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
            best = (shared / np.maximum(unions, 1)).max(axis=1)
            jaccard[number].append(np.where(shared.sum(axis=1) > 0, best, np.nan))
            back[number][drawn] += types == before
    return {
        number: Partition(
            groups[number],
            float(np.mean(rand[number])),
            _mean_by_type(jaccard[number]),
            back[number] / np.maximum(times, 1),
        )
        for number in numbers
    }


def _mean_by_type(draws: Sequence[Floats]) -> Floats:
    """The means of the draws that have areas of the type."""
    stacked = np.stack(draws)
    has = np.isfinite(stacked)
    return np.asarray(np.where(has, stacked, 0.0).sum(axis=0) / np.maximum(has.sum(axis=0), 1))


def _shared(before: Labels, again: Labels, types: int) -> tuple[Floats, Labels]:
    """How many areas each type and each group of the draw share, and the type that each area's group stands for."""
    counts = contingency_matrix(
        np.append(before, np.arange(types)), np.append(again, np.zeros(types, np.int64))
    )
    shared = counts.astype(np.float64)
    shared[:, 0] -= 1  # the areas that made sure that each type has a row
    rows, columns = linear_sum_assignment(shared, maximize=True)
    stands_for = np.full(shared.shape[1], -1, dtype=np.int64)
    stands_for[columns] = rows
    return shared, stands_for[again]


def spread_left(points: Floats, labels: Labels) -> float:
    """The part of the points' sum of squares that is left within the groups (the cluster index of Liu and others)."""
    total = float(((points - points.mean(axis=0)) ** 2).sum())
    centres = np.stack([points[labels == group].mean(axis=0) for group in range(int(labels.max()) + 1)])
    return float(((points - centres[labels]) ** 2).sum()) / total if total > 0 else 1.0


def least_spread_left(points: Floats, missing: npt.NDArray[np.bool_], number: int, seed: int) -> float:
    """The least that so many groups leave in `REFERENCES` sets of points without groups, of the same covariances."""
    spread, directions = np.linalg.eigh(np.cov(points, rowvar=False))
    root = (directions * np.sqrt(np.clip(spread, 0.0, None))) @ directions.T
    rng = np.random.default_rng([seed, number])
    left = []
    for _ in range(REFERENCES):
        without = np.clip(rng.standard_normal(points.shape) @ root, -FARTHEST, FARTHEST)
        without[missing] = 0.0
        left.append(spread_left(without, groups_of(without, [number])[number]))
    return min(left)


def renamed(partition: Partition, names: Labels) -> Partition:
    """The same groups by their new numbers."""
    jaccard = np.empty_like(partition.jaccard)
    jaccard[names] = partition.jaccard
    return Partition(names[partition.labels], partition.rand, jaccard, partition.came_back, is_named=True)
