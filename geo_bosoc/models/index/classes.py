"""Classes of areas by rank: every edge rule and tie rule that is in use, and none of them silently."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_bosoc.models.index.normalise import ranks
from geo_bosoc.models.index_spec import Edges, Ties

Array = npt.NDArray[np.float64]
Classes = npt.NDArray[np.int64]
SHARES_MAY_MISS: Final = Fraction(1, 10**6)
"""How far from one shares may sum to, for want of decimals."""


def quantile_classes(
    values: Array, classes: int, *, edges: Edges = "ceil", ties: Ties = "average"
) -> Classes:
    """Classes 1 to `classes` from the lowest value to the highest; 0 where the value is missing.

    Parameters
    ----------
    edges : ``ceil`` is ceil(k rank / N), ``floor`` is floor(k (rank - 1) / N) + 1, ``type7`` cuts at the
        quantiles that interpolate between order statistics (the default of R and numpy), a value on a cut in
        the lower class.

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
    parts = [share if isinstance(share, Fraction) else Fraction(repr(share)) for share in shares]
    total = sum(parts, Fraction(0))
    if abs(total - 1) > SHARES_MAY_MISS or any(part < 0 for part in parts):
        raise ValueError("shares must sum to 1, none below 0")
    parts = [part / total for part in parts]
    ends = [sum(parts[: place + 1], Fraction(0)) for place in range(len(parts))]
    known = ~np.isnan(values)
    result = np.zeros(values.shape, dtype=np.int64)
    if not known.any():
        return result
    if edges == "type7":
        cuts = np.quantile(values[known], [float(end) for end in ends[:-1]])
        result[known] = np.searchsorted(cuts, values[known], side="left") + 1
        return result
    place = ranks(values, ties)[known]
    count = int(known.sum())
    if edges == "ceil":  # the first class whose end is at or above rank / N
        limits = [float(end * count) for end in ends[:-1]]
        result[known] = np.searchsorted(np.array(limits), place, side="left") + 1
    else:  # the first class whose end is above (rank - 1) / N
        limits = [float(end * count) for end in ends[:-1]]
        result[known] = np.searchsorted(np.array(limits), place - 1, side="right") + 1
    return result


def worst_counts(shares: Sequence[float], areas: int, edges: Edges) -> list[int]:
    """How many areas, counted from the worst, the classes up to each one hold when no two areas tie.

    Used where draws are many and ranks would be too slow: a class is then a cut between two order statistics.
    """
    ends = [
        sum((Fraction(repr(s)) for s in shares[: place + 1]), Fraction(0)) * areas
        for place in range(len(shares))
    ]
    if edges == "ceil":
        return [math.ceil(end) for end in ends]
    if edges == "floor":
        return [math.floor(end) for end in ends]
    return [areas - 1 - math.floor(float((1 - Fraction(end, areas)) * (areas - 1))) for end in ends[:-1]] + [
        areas
    ]
