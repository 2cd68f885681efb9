"""What an index owes to how it is made: weights, normalisation and aggregation drawn, together and one by one.

scikit-learn is slow to load, and most runs draw nothing here: what needs it is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from geo_bosoc.memory import THREADS
from geo_bosoc.models.index_spec import NOISE, Aggregation, Edges, IndexSpec, Normalisation

Array = npt.NDArray[np.float64]
CHUNK = 64


@dataclass(frozen=True)
class WeightDraws:
    """Categories and ranks of areas under many sets of weights.

    Attributes
    ----------
    weights : ndarray
        The sets drawn, one row a draw, each summing to one; ``scores_of(values, draw)`` gives that draw's scores.
    frequencies : ndarray
        Share of draws in which each area (row) falls in each category (column), worst first.
    baseline : ndarray of int
        Each area's category (0 is the worst) with the weights as given.
    stability : ndarray
        Share of draws in which each area keeps its baseline category.
    rank_low, rank_median, rank_high : ndarray
        Each area's rank (1 is the worst) at the 5th, 50th and 95th per cent of the draws that were ranked.
    """

    weights: Array
    frequencies: Array
    baseline: npt.NDArray[np.int64]
    stability: Array
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
    values : ndarray
        Normalised values, one row an area, one column a part; high is worse; nothing missing.
    shares : sequence of float
        Share of the areas in each category, worst first.
    weights : sequence of float, optional
        The weights that draws lie round; equal ones where they are left out.
    draws : int, optional
        How many sets of weights.
    concentration : float, optional
        How firmly they lie round the given ones (see `draw_weights`).
    edges : {"ceil", "floor", "type7"}, optional
        Where classes are cut.
    rank_draws : int, optional
        How many of the draws are ranked in full for the rank intervals.
    seed : int, optional
        Where the random numbers start.

    Returns
    -------
    WeightDraws
        Frequencies of categories, and intervals of ranks.

    Notes
    -----
    Time grows with areas x draws: a matrix product and one selection of order statistics a draw; memory with
    areas x 128 + draws x parts. Areas that tie at a cut all fall in the worse category.
    """
    from geo_bosoc.models.index.classes import worst_counts

    areas, parts = values.shape
    if not np.isfinite(values).all():
        raise ValueError("weights can only be drawn over areas whose values are all known")
    given = [1.0] * parts if weights is None else list(weights)
    drawn = draw_weights(given, draws, concentration=concentration, seed=seed)
    across = np.ascontiguousarray(values.T, dtype=float)
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
    stability = frequencies[np.arange(areas), baseline]
    return WeightDraws(drawn, frequencies, baseline, stability, low, middle, high)


def _reach(weights: Array, across: Array, ends: Sequence[int]) -> Array:
    """How often each area is among the worst `end` areas, for each end."""
    areas = across.shape[1]
    count = np.zeros((len(ends), areas), dtype=np.int64)
    kth = sorted({areas - end for end in ends if 0 < end < areas})
    for start in range(0, len(weights), CHUNK):
        scores = weights[start : start + CHUNK] @ across
        cut = np.partition(scores, kth, axis=1) if kth else scores
        near = NOISE * float(np.abs(scores).max())
        for position, end in enumerate(ends):
            if end <= 0:
                continue
            if end >= areas:
                count[position] += len(scores)
                continue
            worse = scores >= (cut[:, areas - end] - near)[:, None]
            count[position] += np.add.reduce(worse.view(np.uint8), axis=0, dtype=np.uint16)
    return np.asarray(count, dtype=float)


def _categories(scores: Array, ends: Sequence[int]) -> npt.NDArray[np.int64]:
    areas = scores.shape[1]
    milder = np.zeros(scores.shape, dtype=np.int64)
    ordered = np.sort(scores, axis=1)
    near = NOISE * float(np.abs(scores).max())
    for end in ends:
        if end <= 0:
            milder += 1
        elif end < areas:
            milder += scores < (ordered[:, areas - end] - near)[:, None]
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


METHODS: Final[tuple[Normalisation, ...]] = ("minmax", "z", "rank")
WAYS: Final[tuple[Aggregation, ...]] = ("arithmetic", "geometric")


@dataclass(frozen=True)
class MethodDraws:
    """Categories and ranks of areas when the index is made in other defensible ways.

    Attributes
    ----------
    choices : DataFrame
        One row a draw: ``normalise, aggregate``.
    weights : ndarray
        The weights of the same draws.
    frequencies : ndarray
        Share of draws in which each area (row) falls in each category (column), worst first.
    stability : ndarray
        Share of draws in which each area keeps the category it has as the index is specified.
    rank_low, rank_high : ndarray
        Each area's rank (1 is the worst) at the 5th and 95th per cent of the draws.
    sensitivity : DataFrame
        ``assumption, changed``: share of areas x draws in another category when it alone is moved.
    """

    choices: pd.DataFrame
    weights: Array
    frequencies: Array
    stability: Array
    rank_low: Array
    rank_high: Array
    sensitivity: pd.DataFrame


def method_draws(
    values: Array,
    spec: IndexSpec,
    *,
    directions: Sequence[int] | None = None,
    weights: Sequence[float] | None = None,
    methods: Sequence[Normalisation] = METHODS,
    ways: Sequence[Aggregation] = WAYS,
    draws: int = 1_000,
    concentration: float | None = None,
    seed: int = 0,
) -> MethodDraws:
    """Make an index of one level over and over, each time with another normalisation, aggregation and weights.

    Parameters
    ----------
    values : ndarray
        One row an area, one column an indicator, nothing missing.
    spec : IndexSpec
        The index as specified: its own normalisation, aggregation, shares, edges and ties.
    directions : sequence of int, optional
        -1 turns a column so that high is worse, 1 leaves it; one for each column.
    weights : sequence of float, optional
        The weights that draws lie round; equal ones where they are left out.
    methods : sequence of str, optional
        The normalisations to draw from, each as likely.
    ways : sequence of str, optional
        The aggregations to draw from, each as likely.
    draws : int, optional
        How many draws.
    concentration : float, optional
        How firmly weights lie round the given ones (see `draw_weights`).
    seed : int, optional
        Where the random numbers start.

    Returns
    -------
    MethodDraws
        Frequencies of categories, intervals of ranks, and what each choice does alone.

    Notes
    -----
    Every column is put between 1 and 100 before it is aggregated geometrically or harmonically, where zero and
    negative values do not exist. Each combination is normalised once; time grows with areas x draws.
    """
    from geo_bosoc.models.index.classes import settled, worst_first
    from geo_bosoc.models.index.normalise import ranks

    if not np.isfinite(values).all():
        raise ValueError("draws need values that are all known")
    given = [1.0] * values.shape[1] if weights is None else list(weights)
    base = np.asarray(given, dtype=float) / float(np.sum(given))
    scaled = {name: _scaled(values, name, spec, directions) for name in {*methods, spec.normalise}}
    rng = np.random.default_rng([seed, 1])
    drawn = draw_weights(given, draws, concentration=concentration, seed=seed)
    picked = list(product(methods, ways))
    choice = rng.integers(len(picked), size=draws)

    def classes(method: Normalisation, way: Aggregation, part: Array) -> tuple[Array, npt.NDArray[np.int64]]:
        scores = settled(_scores(scaled[method], way, part))
        return scores, worst_first(scores, spec.shares, spec.edges, spec.class_ties, False) - 1

    now = classes(spec.normalise, spec.aggregate, base)[1]
    counts = np.zeros((len(values), len(spec.shares)))
    area_ranks = np.empty((draws, len(values)), dtype=np.int32)
    changed = {"normalisation": 0.0, "aggregation": 0.0, "weights": 0.0}
    rows = np.arange(len(values))
    for draw in range(draws):
        method, way = picked[int(choice[draw])]
        scores, categories = classes(method, way, drawn[draw])
        counts[rows, categories] += 1
        area_ranks[draw] = ranks(-scores, "min").astype(np.int32)
        changed["normalisation"] += float(np.mean(classes(method, spec.aggregate, base)[1] != now))
        changed["aggregation"] += float(np.mean(classes(spec.normalise, way, base)[1] != now))
        changed["weights"] += float(np.mean(classes(spec.normalise, spec.aggregate, drawn[draw])[1] != now))
    low, high = np.quantile(area_ranks, [0.05, 0.95], axis=0, method="inverted_cdf")
    sensitivity = pd.DataFrame(
        {"assumption": list(changed), "changed": [total / draws for total in changed.values()]}
    )
    return MethodDraws(
        pd.DataFrame([picked[int(number)] for number in choice], columns=["normalise", "aggregate"]),
        drawn,
        counts / draws,
        counts[rows, now] / draws,
        np.asarray(low, dtype=float),
        np.asarray(high, dtype=float),
        sensitivity.sort_values(
            ["changed", "assumption"], ascending=[False, True], kind="stable", ignore_index=True
        ),
    )


def _scaled(values: Array, method: Normalisation, spec: IndexSpec, directions: Sequence[int] | None) -> Array:
    from geo_bosoc.models.index.normalise import Normaliser

    made = Normaliser(method, ddof=spec.ddof, to=spec.to, directions=directions, ties=spec.ties)
    return np.asarray(made.fit(values).transform(values), dtype=float)


def _scores(values: Array, way: Aggregation, weights: Array) -> Array:
    from geo_bosoc.models.index.engine import aggregate

    if way in ("arithmetic", "sum"):
        return np.asarray(values @ weights, dtype=float)
    low, high = values.min(axis=0), values.max(axis=0)
    positive = 1 + 99 * (values - low) / np.where(high > low, high - low, 1.0)
    return aggregate(positive, weights.tolist(), way, renormalise=True)
