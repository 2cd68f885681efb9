"""Classes of scores: by shares of the areas, at fixed cuts or deviations, at natural breaks; equal scores alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_bosoc.models.index.normalise import ranks
from geo_bosoc.models.index_spec import NOISE, Classing, Edges, Ties

Array = npt.NDArray[np.float64]
Classes = npt.NDArray[np.int64]

SHARES_MAY_MISS: Final = Fraction(1, 10**6)
"""How far from one shares may sum to, for want of decimals."""


def settled(scores: Array, decimals: int | None = None) -> Array:
    """Scores of which those that are equal but for the last places of a computer's numbers are equal.

    Parameters
    ----------
    scores : ndarray
        The scores, nan where missing.
    decimals : int, optional
        Round to so many decimals, as an index is published.

    Returns
    -------
    ndarray
        The same scores; of those within `NOISE` of each other one stands for all.

    Examples
    --------
    >>> settled(np.array([0.1 + 0.2, 0.3, 0.4])).tolist()
    [0.3, 0.3, 0.4]
    """
    result = scores.astype(float).copy()
    present = np.flatnonzero(~np.isnan(result))
    if not present.size:
        return result
    order = present[np.argsort(result[present], kind="stable")]
    ordered = result[order]
    step = np.diff(ordered) > NOISE * float(np.abs(ordered).max())
    starts = np.concatenate([[0], np.flatnonzero(step) + 1])
    sizes = np.diff(np.concatenate([starts, [ordered.size]]))
    first = ordered[starts]
    mixed = np.flatnonzero(ordered[starts + sizes - 1] != first)
    first[mixed] = [float(f"{value:.11g}") for value in first[mixed]]
    result[order] = np.repeat(first, sizes)
    return result if decimals is None else np.round(result, decimals) + 0.0


def quantile_classes(
    values: Array, classes: int, *, edges: Edges = "ceil", ties: Ties = "average"
) -> Classes:
    """Classes 1 to `classes` from the lowest value to the highest; 0 where the value is missing.

    Parameters
    ----------
    values : ndarray
        The values, nan where missing.
    classes : int
        How many classes.
    edges : {"ceil", "floor", "type7"}, optional
        ``ceil`` is ceil(k rank / N), ``floor`` is floor(k (rank - 1) / N) + 1, ``type7`` cuts at the quantiles that
        interpolate between order statistics (the default of R and numpy), a value on a cut in the lower class.
    ties : {"average", "min", "max", "ordinal"}, optional
        Rule for equal values in ranks.

    Returns
    -------
    ndarray of int
        The class of each value.

    Examples
    --------

    >>> values = np.arange(1.0, 11.0)
    >>> quantile_classes(values, 4).tolist(), quantile_classes(values, 4, edges="floor").tolist()
    ([1, 1, 2, 2, 2, 3, 3, 4, 4, 4], [1, 1, 1, 2, 2, 3, 3, 3, 4, 4])
    """
    return share_classes(values, [Fraction(1, classes)] * classes, edges=edges, ties=ties)


def share_classes(
    values: Array, shares: Sequence[Fraction | float], *, edges: Edges = "ceil", ties: Ties = "average"
) -> Classes:
    """Classes from the lowest value up, each with its share of the areas; 0 where the value is missing.

    The shares are exact fractions (a float is read as the decimal it prints), so that no area falls on the
    wrong side of an edge by rounding. Where they sum to one but for the decimals left out (three times .3333), they are
    taken in proportion: as thirds.
    """
    parts = exact_shares(shares)
    ends = [sum(parts[: last + 1], Fraction(0)) for last in range(len(parts))]
    present = ~np.isnan(values)
    result = np.zeros(values.shape, dtype=np.int64)
    if not present.any():
        return result
    if edges == "type7":
        cuts = np.quantile(values[present], [float(end) for end in ends[:-1]])
        near = NOISE * float(np.abs(values[present]).max())
        result[present] = np.searchsorted(cuts, values[present] - near, side="left") + 1
        return result
    area_ranks = ranks(values, ties)[present]
    cuts = np.array([float(end * area_ranks.size) for end in ends[:-1]])
    if edges == "ceil":  # the first class whose end is at or above rank / N
        result[present] = np.searchsorted(cuts, area_ranks, side="left") + 1
    else:  # the first class whose end is above (rank - 1) / N
        result[present] = np.searchsorted(cuts, area_ranks - 1, side="right") + 1
    return result


def exact_shares(shares: Sequence[Fraction | float]) -> list[Fraction]:
    """Shares as exact fractions that sum to one, where they did but for decimals left out.

    Raises
    ------
    ValueError
        They do not sum to one, or one is below 0.
    """
    parts = [share if isinstance(share, Fraction) else Fraction(repr(share)) for share in shares]
    total = sum(parts, Fraction(0))
    if abs(total - 1) > SHARES_MAY_MISS or any(part < 0 for part in parts):
        raise ValueError("shares must sum to 1, none below 0")
    return [part / total for part in parts]


def worst_counts(shares: Sequence[float], areas: int, edges: Edges) -> list[int]:
    """How many areas, counted from the worst, the classes up to each one hold when no two areas tie.

    Used where draws are many and ranks would be too slow: a class is then a cut between two order statistics.
    """
    parts = exact_shares(shares)
    ends = [sum(parts[: last + 1], Fraction(0)) * areas for last in range(len(parts))]
    if edges == "ceil":
        return [math.floor(end) for end in ends]
    if edges == "floor":
        return [math.ceil(end) for end in ends]
    return [areas - 1 - math.floor(float((1 - Fraction(end, areas)) * (areas - 1))) for end in ends[:-1]] + [
        areas
    ]


def worst_first(
    scores: Array, shares: Sequence[float], edges: Edges, ties: Ties, high_is_good: bool
) -> Classes:
    """Classes of scores from the worst (1) to the mildest, each with its share; 0 where the score is missing."""
    bad = -scores if high_is_good else scores
    if edges != "type7":
        return share_classes(-bad, shares, edges=edges, ties=ties)
    if high_is_good:
        return share_classes(scores, shares, edges=edges)
    milder = share_classes(scores, list(reversed(shares)), edges=edges)
    return np.where(milder > 0, len(shares) + 1 - milder, 0)


def cut_classes(bad: Array, cuts: Sequence[float], worse_on_cut: bool = True) -> Classes:
    """Classes from the worst (1) down, cut at falling values; 0 where the value is missing.

    Parameters
    ----------
    bad : ndarray
        Values, high is worse, nan where missing.
    cuts : sequence of float
        Falling: the first is the worst class's lower end.
    worse_on_cut : bool, optional
        Whether a value on a cut belongs to the worse class.

    Returns
    -------
    ndarray of int
        The class of each value.

    Examples
    --------
    >>> cut_classes(np.array([2.0, 1.0, 0.0, np.nan]), [1.0, -1.0]).tolist()
    [1, 1, 2, 0]
    """
    present = ~np.isnan(bad)
    result = np.zeros(bad.shape, dtype=np.int64)
    if not present.any():
        return result
    values = bad[present]
    near = NOISE * max([float(np.abs(values).max()), *(abs(cut) for cut in cuts)])
    milder = np.zeros(values.shape, dtype=np.int64)
    for cut in cuts:
        milder += values < cut - near if worse_on_cut else values <= cut + near
    result[present] = milder + 1
    return result


def natural_breaks(values: Array, classes: int) -> Array:
    """The values at which classes begin, so that the sum of squares within classes is the least there is.

    Parameters
    ----------
    values : ndarray
        The values, nan where missing.
    classes : int
        How many classes; at most as many as there are distinct values.

    Returns
    -------
    ndarray, shape (classes - 1,)
        The lowest value of each class but the lowest one, rising.

    Notes
    -----
    Fisher's exact solution (1958), by dynamic programming over distinct values; where the best break lies never falls
    as values rise, so that each layer takes n log n steps.

    Examples
    --------
    >>> natural_breaks(np.array([1.0, 2.0, 10.0, 11.0, 30.0]), 3).tolist()
    [10.0, 30.0]
    """
    points, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    classes = min(classes, points.size)
    if classes < 2:
        return np.array([], dtype=float)
    centred = points - float(np.average(points, weights=counts))
    weight, total, squares = (
        np.concatenate([[0.0], np.cumsum(counts * centred**power)]) for power in (0, 1, 2)
    )

    def within(start: npt.NDArray[np.int64], stop: int) -> Array:
        """The sum of squares of the points from each start up to a stop."""
        sums = total[stop] - total[start]
        return np.asarray(squares[stop] - squares[start] - sums**2 / (weight[stop] - weight[start]))

    size = points.size
    least = np.concatenate([[0.0], squares[1:] - total[1:] ** 2 / weight[1:]])
    layers: list[npt.NDArray[np.int64]] = []
    for number in range(2, classes + 1):
        best, start_of = np.full(size + 1, np.inf), np.zeros(size + 1, dtype=np.int64)
        waiting = [(number, size, number - 1, size - 1)]
        while waiting:
            low, high, first, last = waiting.pop()
            if low > high:
                continue
            stop = (low + high) // 2
            starts = np.arange(first, min(last, stop - 1) + 1)
            sums = least[starts] + within(starts, stop)
            chosen = int(np.argmin(sums))
            best[stop], start_of[stop] = sums[chosen], starts[chosen]
            waiting += [
                (low, stop - 1, first, int(starts[chosen])),
                (stop + 1, high, int(starts[chosen]), last),
            ]
        least = best
        layers.append(start_of)
    breaks, stop = [], size
    for start_of in reversed(layers):
        stop = int(start_of[stop])
        breaks.append(float(points[stop]))
    return np.array(breaks[::-1])


def classes_of(scores: Array, classing: Classing, high_is_good: bool, size: int, fitted: Array) -> Classes:
    """Classes of one classing from the worst (1) down; 0 where the score is missing.

    Parameters
    ----------
    scores : ndarray
        The scores, settled.
    classing : Classing
        How they are cut.
    high_is_good : bool
        Whether a high score is good.
    size : int
        How many classes there are.
    fitted : ndarray
        The scores that cuts are taken from: these ones, or those of all periods.
    """
    if classing.by == "shares" and fitted is scores:
        return worst_first(scores, classing.shares, classing.edges, classing.ties, high_is_good)
    sign = -1.0 if high_is_good else 1.0
    bad, of = scores * sign, fitted[~np.isnan(fitted)] * sign
    worse = classing.on_cut == "worse"
    if classing.by == "cuts":
        return cut_classes(bad, [cut * sign for cut in classing.cuts], worse)
    if not of.size:
        return np.zeros(scores.shape, dtype=np.int64)
    if classing.by == "deviations":
        spread = float(of.std(ddof=classing.ddof)) if of.size > classing.ddof and np.ptp(of) > 0 else math.nan
        return cut_classes((bad - of.mean()) / spread, [cut * sign for cut in classing.cuts], worse)
    if classing.by == "natural_breaks":
        return cut_classes(bad, natural_breaks(of, size)[::-1].tolist(), True)
    ends = np.cumsum([float(part) for part in exact_shares(classing.shares)])[:-1]
    return cut_classes(bad, np.quantile(of, 1 - ends).tolist(), worse)
