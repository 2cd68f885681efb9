"""Outliers of an indicator: whether it has any, and what is done to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from geo_bosoc.models.index.spec import Treatment

Array = npt.NDArray[np.float64]
Did = Literal["nothing", "winsorised", "log", "could not"]


@dataclass(frozen=True)
class Treated:
    """A column after treatment, what was done, and how many values were winsorised."""

    values: Array
    did: Did
    winsorised: int


def skew(values: Array) -> float:
    """Sample skewness with the usual bias correction (type 2): g1 sqrt(n(n-1))/(n-2)."""
    present = values[~np.isnan(values)]
    n = present.size
    off = present - present.mean() if n else present
    second = float((off**2).mean()) if n else 0.0
    if n < 3 or second == 0:
        return float("nan")
    return float((off**3).mean()) / float(second**1.5) * float(np.sqrt(n * (n - 1))) / (n - 2)


def kurtosis(values: Array) -> float:
    """Sample excess kurtosis, bias-corrected (type 2): ((n+1) g2 + 6)(n-1)/((n-2)(n-3))."""
    present = values[~np.isnan(values)]
    n = present.size
    off = present - present.mean() if n else present
    second = float((off**2).mean()) if n else 0.0
    if n < 4 or second == 0:
        return float("nan")
    plain = float((off**4).mean()) / second**2 - 3.0
    return ((n + 1) * plain + 6.0) * (n - 1) / ((n - 2) * (n - 3))


def has_outliers(values: Array, max_skew: float = 2.0, max_kurtosis: float = 3.5) -> bool:
    """Whether both absolute skew and kurtosis pass their limits."""
    return abs(skew(values)) > max_skew and kurtosis(values) > max_kurtosis


def treat(
    values: Array,
    treatment: Treatment = "winsorise_then_log",
    *,
    max_winsorised: int = 5,
    max_skew: float = 2.0,
    max_kurtosis: float = 3.5,
) -> Treated:
    """Treat one column, if its skew and kurtosis say that it has outliers.

    The most extreme value (the highest where skew is positive, else the lowest) takes the value of the next,
    one after another, until the test passes or `max_winsorised` have been moved. If that does not do, the
    untreated values are logged: ln(x - min + 0.01 (max - min)), for negative skew of the mirrored values.
    """
    if treatment == "none" or not has_outliers(values, max_skew, max_kurtosis):
        return Treated(values.copy(), "nothing", 0)
    moved, count = winsorise(values, max_winsorised, max_skew, max_kurtosis)
    if not has_outliers(moved, max_skew, max_kurtosis):
        return Treated(moved, "winsorised", count)
    if treatment == "winsorise":
        return Treated(moved, "could not", count)
    logged = log_shifted(values)
    return Treated(logged, "could not" if has_outliers(logged, max_skew, max_kurtosis) else "log", 0)


def winsorise(
    values: Array, most: int = 5, max_skew: float = 2.0, max_kurtosis: float = 3.5
) -> tuple[Array, int]:
    """The values with up to `most` of the most extreme ones drawn in to the next, and how many were."""
    moved = values.copy()
    ordered = np.sort(values[~np.isnan(values)])
    distinct = np.unique(ordered).size
    count = 0
    while count < most and has_outliers(moved, max_skew, max_kurtosis):
        count += 1
        if skew(moved) > 0:
            limit = ordered[-1 - count]
            moved = np.where(moved > limit, limit, moved)
        else:
            limit = ordered[count]
            moved = np.where(moved < limit, limit, moved)
        if distinct <= count:
            break
    return moved, count


def log_shifted(values: Array) -> Array:
    """ln(x - min + 0.01 (max - min)); with negative skew the mirrored values, turned back so that order is kept."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    edge = 0.01 * (high - low)
    if skew(values) >= 0:
        return np.asarray(np.log(values - low + edge), dtype=float)
    return np.asarray(-np.log(high - values + edge), dtype=float)
