"""What an index owes to how it is made: normalisation, aggregation and weights drawn together, and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.models.index.aggregate import aggregate
from geo_bosoc.models.index.classes import share_classes
from geo_bosoc.models.index.normalise import Normaliser, ranks
from geo_bosoc.models.index.weights import draw_weights
from geo_bosoc.models.index_spec import Aggregation, IndexSpec, Normalisation

Array = npt.NDArray[np.float64]
METHODS: Final[tuple[Normalisation, ...]] = ("minmax", "z", "rank")
WAYS: Final[tuple[Aggregation, ...]] = ("arithmetic", "geometric")


@dataclass(frozen=True)
class MethodDraws:
    """Categories and ranks of areas when the index is made in other defensible ways.

    Attributes
    ----------
    choices : one row a draw: ``normalise, aggregate``; `weights` the weights of the same draw.
    frequencies : share of draws in which each area (row) falls in each category (column), worst first; `held` the
        share in which it keeps the category it has as the index is specified.
    rank_low, rank_high : each area's rank (1 is the worst) at the 5th and 95th per cent of the draws.
    matters : ``assumption, changed``: share of areas x draws in another category when it alone is moved.
    """

    choices: pd.DataFrame
    weights: Array
    frequencies: Array
    held: Array
    rank_low: Array
    rank_high: Array
    matters: pd.DataFrame


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
    values : one row an area, one column an indicator, nothing missing. `directions` turn them so that high is worse.
    spec : the index as specified: its own normalisation, aggregation, shares, edges and ties.
    methods, ways : the normalisations and aggregations to draw from, each as likely.

    Notes
    -----
    Every column is put between 1 and 100 before it is aggregated geometrically or harmonically, where zero and
    negative values do not exist. Each combination is normalised once; time grows with areas x draws.
    """
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
        scores = _scores(scaled[method], way, part)
        found = share_classes(scores, list(reversed(spec.shares)), edges=spec.edges, ties=spec.ties)
        return scores, len(spec.shares) - found

    now = classes(spec.normalise, spec.aggregate, base)[1]
    counts = np.zeros((len(values), len(spec.shares)))
    places = np.empty((draws, len(values)), dtype=np.int32)
    changed = {"normalisation": 0.0, "aggregation": 0.0, "weights": 0.0}
    rows = np.arange(len(values))
    for at in range(draws):
        method, way = picked[int(choice[at])]
        scores, found = classes(method, way, drawn[at])
        counts[rows, found] += 1
        places[at] = ranks(-scores, "min").astype(np.int32)
        changed["normalisation"] += float(np.mean(classes(method, spec.aggregate, base)[1] != now))
        changed["aggregation"] += float(np.mean(classes(spec.normalise, way, base)[1] != now))
        changed["weights"] += float(np.mean(classes(spec.normalise, spec.aggregate, drawn[at])[1] != now))
    low, high = np.quantile(places, [0.05, 0.95], axis=0, method="inverted_cdf")
    matters = pd.DataFrame(
        {"assumption": list(changed), "changed": [total / draws for total in changed.values()]}
    )
    return MethodDraws(
        pd.DataFrame([picked[int(at)] for at in choice], columns=["normalise", "aggregate"]),
        drawn,
        counts / draws,
        counts[rows, now] / draws,
        np.asarray(low, dtype=float),
        np.asarray(high, dtype=float),
        matters.sort_values(
            ["changed", "assumption"], ascending=[False, True], kind="stable", ignore_index=True
        ),
    )


def _scaled(values: Array, method: Normalisation, spec: IndexSpec, directions: Sequence[int] | None) -> Array:
    made = Normaliser(method, ddof=spec.ddof, to=spec.to, directions=directions, ties=spec.ties)
    return np.asarray(made.fit(values).transform(values), dtype=float)


def _scores(values: Array, way: Aggregation, weights: Array) -> Array:
    if way in ("arithmetic", "sum"):
        return np.asarray(values @ weights, dtype=float)
    low, high = values.min(axis=0), values.max(axis=0)
    positive = 1 + 99 * (values - low) / np.where(high > low, high - low, 1.0)
    return aggregate(positive, weights.tolist(), way, renormalise=True)
