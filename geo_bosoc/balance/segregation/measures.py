"""Measures of mix and segregation on counts, and their expected values under randomness.

Counts are of units (areas, blocks, cells) by groups (tenures, kinds). Every function takes whole numbers and gives a
float, NaN where the measure is not defined. Empty units count for nothing.

With few dwellings a unit, an index is far above 0 though nothing sorts anybody (small-unit bias). Its expected value
under randomness is computed exactly, not simulated: units keep their sizes, groups their totals, and the dwellings are
dealt out without replacement, so that a group's number in a unit is hypergeometric. The corrected index

    I* = (I - E[I]) / (1 - E[I])

is Carrington and Troske's (W. J. Carrington and K. R. Troske, Journal of Business & Economic Statistics 15 (1997)
402-409), with this exact E[I] for D, for isolation and for H alike: 0 is what chance gives, 1 is all apart, below 0 is
more even than chance.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Counts: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
NAN = float("nan")


def _plogp(shares: Floats) -> Floats:
    """p ln p, 0 where p is 0."""
    result: Floats = np.where(shares > 0, shares * np.log(np.where(shares > 0, shares, 1.0)), 0.0)
    return result


def shares(counts: Counts) -> Floats:
    """Each group's share of its unit (units by groups); NaN in empty units."""
    total = counts.sum(axis=-1, keepdims=True).astype(float)
    result: Floats = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
    return result


def entropy(counts: Counts, *, relative: bool = False) -> Floats:
    """Shannon's entropy of each unit, -sum p ln p: 0 with a single group, ln G with G groups alike.

    Parameters
    ----------
    counts : ndarray of int
        Units by groups, or a unit.
    relative : bool, optional
        Divided by ln G (G = number of columns), so that it lies between 0 and 1.

    Returns
    -------
    ndarray of float
        By unit.

    Notes
    -----
    C. E. Shannon (1948); H. Theil, Statistical Decomposition Analysis (1972).

    Examples
    --------
    >>> entropy(np.array([[5, 5], [9, 0]]), relative=True).tolist()
    [1.0, 0.0]
    """
    result: Floats = 0.0 - _plogp(shares(counts)).sum(axis=-1)
    result = np.where(counts.sum(axis=-1) > 0, result, np.nan)
    if relative:
        groups = counts.shape[-1]
        result = result / np.log(groups) if groups > 1 else np.full_like(result, np.nan)
    return result


def simpson(counts: Counts, *, corrected: bool = True) -> Floats:
    """Simpson's diversity of each unit: the probability that two of its dwellings are of different groups.

    Source: E. H. Simpson, Nature 163 (1949) 688.

    Parameters
    ----------
    counts : ndarray of int
        Units by groups, or a unit.
    corrected : bool, optional
        Draws the two without putting the first back, 1 - sum n(n-1)/(N(N-1)), which has no small-unit bias; else
        1 - sum p^2.

    Returns
    -------
    ndarray of float
        By unit; NaN in units with fewer than two (or none).

    Examples
    --------
    >>> simpson(np.array([[2, 2], [4, 0]]), corrected=False).tolist()
    [0.5, 0.0]
    """
    counts = np.asarray(counts, dtype=np.int64)
    total = counts.sum(axis=-1).astype(float)
    if not corrected:
        uncorrected: Floats = np.where(total > 0, 1.0 - (shares(counts) ** 2).sum(axis=-1), np.nan)
        return uncorrected
    pairs = (counts * (counts - 1)).sum(axis=-1).astype(float)
    all_pairs = total * (total - 1)
    result: Floats = 1.0 - np.divide(
        pairs, all_pairs, out=np.full(np.shape(pairs), np.nan), where=all_pairs > 0
    )
    return result


def dissimilarity(group: Counts, rest: Counts) -> float:
    """D = 1/2 sum |x/X - y/Y|: the share of either group that would have to move for all units to be alike.

    Source: O. D. Duncan and B. Duncan, American Sociological Review 20 (1955) 210-217.

    Parameters
    ----------
    group, rest : ndarray of int
        By unit.

    Returns
    -------
    float

    Examples
    --------
    >>> dissimilarity(np.array([3, 1]), np.array([1, 3]))
    0.5
    """
    group_total, rest_total = int(group.sum()), int(rest.sum())
    if not group_total or not rest_total:
        return NAN
    return float(np.abs(group / group_total - rest / rest_total).sum() / 2)


def exposure(group: Counts, other: Counts, total: Counts) -> float:
    """xPy = sum (x/X)(y/t): the share of `other` where an average member of `group` lives.

    Source: W. Bell (1954); S. Lieberson (1981).

    Parameters
    ----------
    group, other, total : ndarray of int
        By unit. With ``other = group`` it is isolation, xPx.

    Returns
    -------
    float

    Examples
    --------
    >>> exposure(np.array([5, 5]), np.array([0, 5]), np.array([5, 10]))
    0.25
    """
    group_total = int(group.sum())
    if not group_total:
        return NAN
    inhabited = total > 0
    return float((group[inhabited] / group_total * other[inhabited] / total[inhabited]).sum())


def isolation(group: Counts, total: Counts) -> float:
    """xPx: the share of the group itself where an average member lives.

    Parameters
    ----------
    group, total : ndarray of int
        By unit.

    Returns
    -------
    float

    Examples
    --------
    >>> isolation(np.array([5, 5]), np.array([5, 10]))
    0.75
    """
    return exposure(group, group, total)


def information(counts: Counts) -> float:
    """Theil's multigroup H = sum t_i (E - E_i) / (T E): 0 where all units are alike, 1 where each has a single group.

    Source: H. Theil (1972); S. F. Reardon and G. Firebaugh, Sociological Methodology 32 (2002) 33-67.

    Parameters
    ----------
    counts : ndarray of int
        Units by groups.

    Returns
    -------
    float

    Examples
    --------
    >>> information(np.array([[5, 0], [0, 5]])), information(np.array([[5, 5], [2, 2]]))
    (1.0, 0.0)
    """
    total = counts.sum(axis=1)
    entropy_in_all = float(entropy(counts.sum(axis=0)))
    if not total.sum() or not entropy_in_all > 0:
        return NAN
    inhabited = total > 0
    return float(
        (total[inhabited] * (entropy_in_all - entropy(counts[inhabited]))).sum()
        / (total.sum() * entropy_in_all)
    )


def spatial_dissimilarity(group: Counts, total: Counts, around: Counts, around_total: Counts) -> float:
    """D of surroundings: sum t_i |p~_i - P| / (2 T P (1 - P)), p~ the group's share of each unit's surroundings.

    Equals `dissimilarity` where every unit is its own surroundings. Source: S. F. Reardon and D. O'Sullivan,
    Sociological Methodology 34 (2004) 121-162.
    """
    population, group_total = int(total.sum()), int(group.sum())
    if not group_total or group_total == population:
        return NAN
    inhabited = (total > 0) & (around_total > 0)
    share = group_total / population
    deviation = np.abs(around[inhabited] / around_total[inhabited] - share)
    return float((total[inhabited] * deviation).sum() / (2 * population * share * (1 - share)))


def spatial_exposure(group: Counts, around: Counts, around_total: Counts) -> float:
    """xP~y: the share of `around`'s group in the surroundings of an average member of `group` (same source)."""
    group_total = int(group.sum())
    if not group_total:
        return NAN
    inhabited = around_total > 0
    return float((group[inhabited] / group_total * around[inhabited] / around_total[inhabited]).sum())


def spatial_information(counts: Counts, around: Counts) -> float:
    """H~ = 1 - sum t_i E~_i / (T E), E~ the entropy of each unit's surroundings (same source).

    May fall below 0 where surroundings have more variety than the whole.
    """
    total = counts.sum(axis=1)
    entropy_in_all = float(entropy(counts.sum(axis=0)))
    if not total.sum() or not entropy_in_all > 0:
        return NAN
    inhabited = (total > 0) & (around.sum(axis=1) > 0)
    return float(1 - (total[inhabited] * entropy(around[inhabited])).sum() / (total.sum() * entropy_in_all))


def corrected(value: float, expected: float) -> float:
    """The index with 0 at what chance gives and 1 where it was 1; NaN where chance alone gives 1.

    Parameters
    ----------
    value, expected : float
        The index, and its expected value under randomness.

    Returns
    -------
    float

    Examples
    --------
    >>> corrected(0.75, 0.5), corrected(0.25, 0.25)
    (0.5, 0.0)
    """
    return (value - expected) / (1 - expected) if expected < 1 else NAN


def expected_dissimilarity(group: int, total: Counts) -> float:
    """E[D] of a group of so many, dealt out over units of the sizes `total`.

    Parameters
    ----------
    group : int
        The group's total.
    total : ndarray of int
        Size of each unit.

    Returns
    -------
    float

    Notes
    -----
    The mean absolute deviation of the hypergeometric law in closed form, 2 m (N - K - n + m) / N * P(m) with
    m = floor(nK/N) + 1 (the hypergeometric case of De Moivre's formula; P. Diaconis and S. Zabell, Statistical Science
    6 (1991) 284-302).

    Examples
    --------
    >>> round(expected_dissimilarity(2, np.array([2, 2])), 6)
    0.333333
    """
    from scipy import stats  # takes a third of a second to load, and most commands do without

    population = int(total.sum())
    if not 0 < group < population:
        return NAN
    sizes, units = np.unique(total[total > 0], return_counts=True)
    cutoff = sizes * group // population + 1
    probability = stats.hypergeom.pmf(cutoff, population, group, sizes)
    deviation = 2.0 * cutoff * (population - group - sizes + cutoff) / population * probability
    return float(
        (units * deviation).sum() / (2 * population * (group / population) * (1 - group / population))
    )


def expected_exposure(group: int, other: int | None, total: Counts) -> float:
    """E[xPy] of two different groups, or E[xPx] (isolation) with ``other = None``.

    Parameters
    ----------
    group : int
        The group's total.
    other : int or None
        The other group's total.
    total : ndarray of int
        Size of each unit.

    Returns
    -------
    float

    Notes
    -----
    From E[x(x-1)] and E[xy] of the hypergeometric law: with U units that are not empty and T dwellings,
    E[xPy] = Y (T - U) / (T (T - 1)) and E[xPx] = (X - 1)(T - U) / (T (T - 1)) + U / T.

    Examples
    --------
    >>> round(expected_exposure(2, 2, np.array([2, 2])), 6)
    0.333333
    """
    population, units = int(total.sum()), int((total > 0).sum())
    if not group or population < 2:
        return NAN
    pair_rate = (population - units) / (population * (population - 1))
    return other * pair_rate if other is not None else (group - 1) * pair_rate + units / population


def expected_information(groups: Counts, total: Counts) -> float:
    """E[H] of groups of these totals, dealt out over units of the sizes `total`.

    Parameters
    ----------
    groups : ndarray of int
        Total of each group.
    total : ndarray of int
        Size of each unit.

    Returns
    -------
    float

    Notes
    -----
    Sums -p ln p over the hypergeometric law of each group in each size of unit (values further than 12 standard
    deviations from the mean are left out: together under 1e-15).

    Examples
    --------
    >>> round(expected_information(np.array([2, 2]), np.array([2, 2])), 6)
    0.333333
    """
    population = int(total.sum())
    entropy_in_all = float(entropy(groups))
    if not population or not entropy_in_all > 0:
        return NAN
    sizes, units = np.unique(total[total > 0], return_counts=True)
    within = 0.0
    for size, count in zip(sizes.tolist(), units.tolist(), strict=True):
        for group in groups.tolist():
            within += count * size * _mean_entropy_part(population, group, size)
    return 1 - within / (population * entropy_in_all)


def _mean_entropy_part(population: int, group: int, size: int) -> float:
    """E[-p ln p] with p = x / size and x hypergeometric."""
    if not group or population == group:
        return 0.0
    share = group / population
    half_width = 12 * np.sqrt(size * share * (1 - share)) + 12
    low = max(0, size - (population - group), int(size * share - half_width))
    high = min(size, group, int(size * share + half_width) + 1)
    values = np.arange(low, high + 1)
    logs = (
        _log_choose(group, values)
        + _log_choose(population - group, size - values)
        - _log_choose(population, np.array(size))
    )
    shares = values / size
    parts = np.where(values > 0, shares * np.log(np.maximum(shares, 1e-300)), 0.0)
    return float(-(np.exp(logs) * parts).sum())


def _log_choose(of: int, chosen: Counts) -> Floats:
    from scipy import special  # slow to import, and few runs have a study of balance

    result: Floats = special.gammaln(of + 1) - special.gammaln(chosen + 1) - special.gammaln(of - chosen + 1)
    return result
