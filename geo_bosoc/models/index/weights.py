"""What an index owes to its weights: all of them drawn, thousands of times, over thousands of areas."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from geo_bosoc.memory import THREADS
from geo_bosoc.models.index_spec import Edges

Array = npt.NDArray[np.float64]
CHUNK = 64


@dataclass(frozen=True)
class WeightDraws:
    """Categories and ranks of areas under many sets of weights.

    Attributes
    ----------
    weights : the sets drawn, one row a draw, each summing to one; `scores_of(values, draw)` gives that draw's
        scores.
    frequencies : share of draws in which each area (row) falls in each category (column), worst first.
    baseline : each area's category (0 is the worst) with the weights as given.
    held : share of draws in which each area keeps its baseline category.
    rank_low, rank_median, rank_high : each area's rank (1 is the worst) at the 5th, 50th and 95th per cent of
        the draws that were ranked.
    """

    weights: Array
    frequencies: Array
    baseline: npt.NDArray[np.int64]
    held: Array
    rank_low: Array
    rank_median: Array
    rank_high: Array

    def scores_of(self, values: Array, draw: int) -> Array:
        """The areas' scores in one draw."""
        return np.asarray(values @ self.weights[draw], dtype=float)


def draw_weights(
    weights: Sequence[float], draws: int, *, concentration: float | None = None, seed: int = 0
) -> Array:
    """Sets of weights that sum to one, drawn round the given ones (Dirichlet).

    `concentration` is how firmly: the sum of the Dirichlet's parameters. Left out, it is the number of
    weights, which for equal weights makes every set equally likely.
    """
    given = np.asarray(weights, dtype=float)
    if (given < 0).any() or given.sum() <= 0:
        raise ValueError("weights must not be negative, nor all zero")
    size = float(given.size) if concentration is None else concentration
    alpha = np.maximum(given / given.sum() * size, 1e-9)
    return np.random.default_rng(seed).dirichlet(alpha, draws)


def weight_draws(
    values: Array,
    shares: Sequence[float],
    *,
    weights: Sequence[float] | None = None,
    draws: int = 10_000,
    concentration: float | None = None,
    edges: Edges = "ceil",
    rank_draws: int = 500,
    seed: int = 0,
) -> WeightDraws:
    """Draw weights, score every area each time, and cut the scores into categories by their shares.

    Parameters
    ----------
    values : normalised values, one row an area, one column a part; high is worse; nothing missing.
    shares : share of the areas in each category, worst first.
    rank_draws : how many of the draws are ranked in full for the rank intervals.

    Notes
    -----
    Time grows with areas x draws: a matrix product and one selection of order statistics a draw; memory with
    areas x 128 + draws x parts. Areas that tie at a cut all fall in the worse category.
    """
    areas, parts = values.shape
    if not np.isfinite(values).all():
        raise ValueError("weights can only be drawn over areas whose values are all known")
    given = [1.0] * parts if weights is None else list(weights)
    drawn = draw_weights(given, draws, concentration=concentration, seed=seed)
    across = np.ascontiguousarray(values.T, dtype=float)
    from geo_bosoc.models.index.classes import worst_counts  # scikit-learn is slow to load

    ends = worst_counts(shares, areas, edges)[:-1]
    base = np.asarray(given, dtype=float) / float(np.sum(given))
    baseline = _categories(base[None, :] @ across, ends)[0]
    bounds = np.linspace(0, draws, THREADS + 1).astype(int)
    spans = [(int(low), int(high)) for low, high in pairwise(bounds)]
    with threadpool_limits(1), ThreadPoolExecutor(THREADS) as pool:
        sums = list(pool.map(lambda span: _reach(drawn[span[0] : span[1]], across, ends), spans))
    reached = np.sum(sums, axis=0) / draws
    full = np.vstack([np.zeros((1, areas)), reached, np.ones((1, areas))])
    frequencies = np.diff(full, axis=0).T
    low, middle, high = _rank_bounds(drawn[: min(rank_draws, draws)], across)
    held = frequencies[np.arange(areas), baseline]
    return WeightDraws(drawn, frequencies, baseline, held, low, middle, high)


def _reach(weights: Array, across: Array, ends: Sequence[int]) -> Array:
    """How often each area is among the worst `end` areas, for each end."""
    areas = across.shape[1]
    count = np.zeros((len(ends), areas), dtype=np.int64)
    kth = sorted({areas - end for end in ends if 0 < end < areas})
    for start in range(0, len(weights), CHUNK):
        scores = weights[start : start + CHUNK] @ across
        cut = np.partition(scores, kth, axis=1) if kth else scores
        for place, end in enumerate(ends):
            if end <= 0:
                continue
            if end >= areas:
                count[place] += len(scores)
                continue
            worse = scores >= cut[:, areas - end][:, None]
            count[place] += np.add.reduce(worse.view(np.uint8), axis=0, dtype=np.uint16)
    return np.asarray(count, dtype=float)


def _categories(scores: Array, ends: Sequence[int]) -> npt.NDArray[np.int64]:
    areas = scores.shape[1]
    milder = np.zeros(scores.shape, dtype=np.int64)
    ordered = np.sort(scores, axis=1)
    for end in ends:
        if end <= 0:
            milder += 1
        elif end < areas:
            milder += scores < ordered[:, areas - end][:, None]
    return milder


def _rank_bounds(weights: Array, across: Array) -> tuple[Array, Array, Array]:
    areas = across.shape[1]
    ranks = np.empty((len(weights), areas), dtype=np.int32)
    for start in range(0, len(weights), CHUNK):
        scores = weights[start : start + CHUNK] @ across
        order = np.argsort(-scores, axis=1, kind="stable")
        np.put_along_axis(
            ranks[start : start + CHUNK], order, np.arange(1, areas + 1, dtype=np.int32)[None, :], axis=1
        )
    low, middle, high = np.quantile(ranks, [0.05, 0.5, 0.95], axis=0, method="inverted_cdf")
    return np.asarray(low, float), np.asarray(middle, float), np.asarray(high, float)
