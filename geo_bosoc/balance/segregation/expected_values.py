"""What chance alone would give: the value of each index if dwellings fell on the units at random.

With few dwellings a unit, an index is far above 0 though nothing sorts anybody (small-unit bias). Here the expected
value is computed exactly, not simulated: units keep their sizes, groups their totals, and the dwellings are dealt out
without replacement, so that a group's number in a unit is hypergeometric. The corrected index

    I* = (I - E[I]) / (1 - E[I])

is Carrington and Troske's (W. J. Carrington and K. R. Troske, Journal of Business & Economic Statistics 15 (1997)
402-409), with this exact E[I] for D, for isolation and for H alike: 0 is what chance gives, 1 is all apart, below 0 is
more even than chance.
"""

from __future__ import annotations

import numpy as np

from geo_bosoc.balance.segregation.measures import (
    NAN,
    Counts,
    Floats,
    entropy,
)


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
