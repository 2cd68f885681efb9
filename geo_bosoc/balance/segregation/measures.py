"""Measures of mix and segregation on counts: units (areas, blocks, cells) by groups (tenures, kinds).

Every function takes whole numbers and gives a plain float, NaN where the measure is not defined. Units without anybody
count for nothing.

With few dwellings a unit, an index is far above 0 though nothing sorts anybody (small-unit bias). Here the expected
value is computed exactly, not simulated: units keep their sizes, groups their totals, and the dwellings are dealt out
without replacement, so that a group's number in a unit is hypergeometric. The corrected index

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
    """Each group's share of its unit (units by groups); NaN in units without anybody."""
    total = counts.sum(axis=-1, keepdims=True).astype(float)
    result: Floats = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
    return result


def entropy(counts: Counts, *, relative: bool = False) -> Floats:
    """Shannon's entropy of each unit, -sum p ln p: 0 with one group alone, ln G with G groups alike.

    Parameters
    ----------
    counts : units by groups, or one unit.
    relative : divided by ln G (G = number of columns), so that it lies between 0 and 1.

    Source: C. E. Shannon (1948); H. Theil, Statistical Decomposition Analysis (1972).
    """
    result: Floats = 0.0 - _plogp(shares(counts)).sum(axis=-1)
    result = np.where(counts.sum(axis=-1) > 0, result, np.nan)
    if relative:
        groups = counts.shape[-1]
        result = result / np.log(groups) if groups > 1 else np.full_like(result, np.nan)
    return result


def simpson(counts: Counts, *, corrected: bool = True) -> Floats:
    """Simpson's diversity of each unit: the chance that two of its dwellings are of different groups.

    `corrected` draws the two without putting the first back, 1 - sum n(n-1)/(N(N-1)), which has no small-unit bias;
    else 1 - sum p^2. NaN in units with fewer than two (or none). Source: E. H. Simpson, Nature 163 (1949) 688.
    """
    counts = np.asarray(counts, dtype=np.int64)
    total = counts.sum(axis=-1).astype(float)
    if not corrected:
        plain: Floats = np.where(total > 0, 1.0 - (shares(counts) ** 2).sum(axis=-1), np.nan)
        return plain
    pairs = (counts * (counts - 1)).sum(axis=-1).astype(float)
    every = total * (total - 1)
    result: Floats = 1.0 - np.divide(pairs, every, out=np.full(np.shape(pairs), np.nan), where=every > 0)
    return result


def dissimilarity(group: Counts, rest: Counts) -> float:
    """D = 1/2 sum |x/X - y/Y|: the share of either group that would have to move for all units to be alike.

    Source: O. D. Duncan and B. Duncan, American Sociological Review 20 (1955) 210-217.
    """
    ours, theirs = int(group.sum()), int(rest.sum())
    if not ours or not theirs:
        return NAN
    return float(np.abs(group / ours - rest / theirs).sum() / 2)


def exposure(group: Counts, other: Counts, total: Counts) -> float:
    """xPy = sum (x/X)(y/t): the share of `other` where an average member of `group` lives.

    With ``other = group`` it is isolation, xPx. Source: W. Bell (1954); S. Lieberson (1981).
    """
    ours = int(group.sum())
    if not ours:
        return NAN
    there = total > 0
    return float((group[there] / ours * other[there] / total[there]).sum())


def isolation(group: Counts, total: Counts) -> float:
    """xPx: the share of its own group where an average member lives."""
    return exposure(group, group, total)


def information(counts: Counts) -> float:
    """Theil's multigroup H = sum t_i (E - E_i) / (T E): 0 where all units are alike, 1 where each has one group.

    Source: H. Theil (1972); S. F. Reardon and G. Firebaugh, Sociological Methodology 32 (2002) 33-67.
    """
    total = counts.sum(axis=1)
    whole = float(entropy(counts.sum(axis=0)))
    if not total.sum() or not whole > 0:
        return NAN
    there = total > 0
    return float((total[there] * (whole - entropy(counts[there]))).sum() / (total.sum() * whole))


def spatial_dissimilarity(group: Counts, total: Counts, around: Counts, around_total: Counts) -> float:
    """D of surroundings: sum t_i |p~_i - P| / (2 T P (1 - P)), p~ the group's share of each unit's surroundings.

    Equals `dissimilarity` where every unit is its own surroundings. Source: S. F. Reardon and D. O'Sullivan,
    Sociological Methodology 34 (2004) 121-162.
    """
    people, ours = int(total.sum()), int(group.sum())
    if not ours or ours == people:
        return NAN
    there = (total > 0) & (around_total > 0)
    share = ours / people
    gap = np.abs(around[there] / around_total[there] - share)
    return float((total[there] * gap).sum() / (2 * people * share * (1 - share)))


def spatial_exposure(group: Counts, around: Counts, around_total: Counts) -> float:
    """xP~y: the share of `around`'s group in the surroundings of an average member of `group` (same source)."""
    ours = int(group.sum())
    if not ours:
        return NAN
    there = around_total > 0
    return float((group[there] / ours * around[there] / around_total[there]).sum())


def spatial_information(counts: Counts, around: Counts) -> float:
    """H~ = 1 - sum t_i E~_i / (T E), E~ the entropy of each unit's surroundings (same source).

    May fall below 0 where surroundings hold more variety than the whole.
    """
    total = counts.sum(axis=1)
    whole = float(entropy(counts.sum(axis=0)))
    if not total.sum() or not whole > 0:
        return NAN
    there = (total > 0) & (around.sum(axis=1) > 0)
    return float(1 - (total[there] * entropy(around[there])).sum() / (total.sum() * whole))


def corrected(value: float, expected: float) -> float:
    """The index with 0 at what chance gives and 1 where it was 1; NaN where chance alone gives 1.

    >>> corrected(0.75, 0.5), corrected(0.25, 0.25)
    (0.5, 0.0)
    """
    return (value - expected) / (1 - expected) if expected < 1 else NAN


def expected_dissimilarity(group: int, total: Counts) -> float:
    """E[D] of a group of so many, dealt out over units of the sizes `total`.

    Uses the mean absolute deviation of the hypergeometric law in closed form, 2 m (N - K - n + m) / N * P(m) with
    m = floor(nK/N) + 1 (the hypergeometric case of De Moivre's formula; P. Diaconis and S. Zabell, Statistical Science
    6 (1991) 284-302).
    """
    from scipy import stats  # takes a third of a second to load, and most commands do without

    people = int(total.sum())
    if not 0 < group < people:
        return NAN
    sizes, many = np.unique(total[total > 0], return_counts=True)
    least = sizes * group // people + 1
    chance = stats.hypergeom.pmf(least, people, group, sizes)
    deviation = 2.0 * least * (people - group - sizes + least) / people * chance
    return float((many * deviation).sum() / (2 * people * (group / people) * (1 - group / people)))


def expected_exposure(group: int, other: int | None, total: Counts) -> float:
    """E[xPy] of two different groups, or E[xPx] (isolation) with ``other = None``.

    From E[x(x-1)] and E[xy] of the hypergeometric law: with U units that have anybody and T dwellings,
    E[xPy] = Y (T - U) / (T (T - 1)) and E[xPx] = (X - 1)(T - U) / (T (T - 1)) + U / T.
    """
    people, units = int(total.sum()), int((total > 0).sum())
    if not group or people < 2:
        return NAN
    pairs = (people - units) / (people * (people - 1))
    return other * pairs if other is not None else (group - 1) * pairs + units / people


def expected_information(groups: Counts, total: Counts) -> float:
    """E[H] of groups of these totals, dealt out over units of the sizes `total`.

    Sums -p ln p over the hypergeometric law of each group in each size of unit (values further than 12 standard
    deviations from the mean are left out: together under 1e-15).
    """
    people = int(total.sum())
    whole = float(entropy(groups))
    if not people or not whole > 0:
        return NAN
    sizes, many = np.unique(total[total > 0], return_counts=True)
    inside = 0.0
    for size, count in zip(sizes.tolist(), many.tolist(), strict=True):
        for group in groups.tolist():
            inside += count * size * _mean_entropy_part(people, group, size)
    return 1 - inside / (people * whole)


def _mean_entropy_part(people: int, group: int, size: int) -> float:
    """E[-p ln p] with p = x / size and x hypergeometric."""
    if not group or people == group:
        return 0.0
    share = group / people
    spread = 12 * np.sqrt(size * share * (1 - share)) + 12
    low = max(0, size - (people - group), int(size * share - spread))
    high = min(size, group, int(size * share + spread) + 1)
    values = np.arange(low, high + 1)
    logs = (
        _log_choose(group, values)
        + _log_choose(people - group, size - values)
        - _log_choose(people, np.array(size))
    )
    shares = values / size
    parts = np.where(values > 0, shares * np.log(np.maximum(shares, 1e-300)), 0.0)
    return float(-(np.exp(logs) * parts).sum())


def _log_choose(of: int, some: Counts) -> Floats:
    from scipy import special  # slow to import, and few runs have a study of balance

    result: Floats = special.gammaln(of + 1) - special.gammaln(some + 1) - special.gammaln(of - some + 1)
    return result
