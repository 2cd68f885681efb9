"""Indicators on one scale, fitted on a reference and applied to it or to others; outliers before that, and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from geo_bosoc.models.index_spec import RANKED, Normalisation, Ties, Treatment

Array = npt.NDArray[np.float64]
UK_SHAPE = 23.0

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


def ranks(values: Array, ties: Ties = "average") -> Array:
    """Ranks from 1 (smallest), missing values left out; equal values by `ties`, ``ordinal`` in the order given.

    >>> ranks(np.array([10.0, 20.0, 20.0, np.nan]))
    array([1. , 2.5, 2.5, nan])
    """
    result = np.full(values.shape, np.nan)
    present = ~np.isnan(values)
    result[present] = _ranks_within(values[present], np.sort(values[present]), ties)
    if ties == "ordinal":
        order = np.argsort(values[present], kind="stable")
        position = np.empty(order.size)
        position[order] = np.arange(1, order.size + 1)
        result[present] = position
    return result


def _ranks_within(values: Array, reference: Array, ties: Ties) -> Array:
    """Ranks that values take among sorted reference values (of which they may be some)."""
    less = np.searchsorted(reference, values, side="left").astype(float)
    upto = np.searchsorted(reference, values, side="right").astype(float)
    if ties == "max":
        position = np.maximum(upto, 1.0)
    elif ties == "min":
        position = np.minimum(less + 1.0, float(reference.size))
    else:
        position = np.clip((less + upto + 1.0) / 2.0, 1.0, float(reference.size))
    return np.asarray(position, dtype=float)


def uk_exponential(rank_proportion: Array) -> Array:
    """The transform of the UK deprivation indices: X = -23 ln(1 - R (1 - exp(-100/23))), 0 to 100.

    R is the rank over the number of areas, 1 for the most deprived.

    >>> uk_exponential(np.array([0.0, 1.0])).round(9) + 0.0
    array([  0., 100.])
    """
    spread = -np.expm1(-100.0 / UK_SHAPE)
    return np.asarray(-UK_SHAPE * np.log1p(-np.asarray(rank_proportion) * spread), dtype=float)


def _spread(values: Array, ddof: int) -> float:
    """The standard deviation; none where all values are the same, whatever adding them up says."""
    if values.size <= ddof or values.min() == values.max():
        return float("nan")
    return float(values.std(ddof=ddof))


class Normaliser(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Columns of a matrix on one scale, by one rule; `fit` on a reference year, `transform` that or another.

    Parameters
    ----------
    method : {"none", "minmax", "z", "rank", "percentile", "goalposts", "distance", "uk_exponential"}
        ``rank`` (1 is the smallest), ``percentile`` ((rank - 1) / (n - 1)), ``goalposts`` (min-max between given
        ends, cut off there), ``distance`` ((x - ref) / |ref|), ``uk_exponential`` (of rank / n).
    ddof : int, optional
        Of the standard deviation of ``z``.
    to : (float, float), optional
        Ends of the scale of ``minmax``, ``percentile`` and ``goalposts``.
    directions : sequence of int, optional
        -1 turns a column (high is good) so that high is bad, 1 leaves it; one for each column.
    goalposts : sequence of (float, float), optional
        (low, high) of each column, for ``goalposts``; in the column's own direction.
    reference : sequence of float, optional
        One value a column, for ``distance``; the column's mean where it is left out.
    ties : str or sequence of str, optional
        Rule for equal values in ranks (``average``, ``min``, ``max`` or ``ordinal``), for all columns or for each; of
        the values as they are given, before a column is turned.
    capped : bool, optional
        Whether values beyond their goalposts stop at the ends.

    Notes
    -----
    Values outside the reference's range pass the ends of ``minmax``: they are not cut. A column whose values
    are all equal has no scale under ``minmax`` and ``z``, and every value of it is missing.
    """

    def __init__(
        self,
        method: Normalisation = "minmax",
        *,
        ddof: int = 1,
        to: tuple[float, float] = (0.0, 100.0),
        directions: Sequence[int] | None = None,
        goalposts: Sequence[tuple[float, float] | None] | None = None,
        reference: Sequence[float] | None = None,
        ties: Ties | Sequence[Ties] = "average",
        capped: bool = True,
    ) -> None:
        self.method = method
        self.ddof = ddof
        self.to = to
        self.directions = directions
        self.goalposts = goalposts
        self.reference = reference
        self.ties = ties
        self.capped = capped

    def fit(self, X: Any, y: Any = None) -> Normaliser:
        """Learn each column's ends, mean and spread, or ranks; missing values are left out."""
        values = self._turned(X)
        self.n_features_in_ = values.shape[1]
        columns = [column[~np.isnan(column)] for column in values.T]
        signs = self._signs(values.shape[1])
        self.sorted_ = [np.sort(column * sign) for column, sign in zip(columns, signs, strict=True)]
        self.low_ = np.array([column.min() if column.size else np.nan for column in columns])
        self.high_ = np.array([column.max() if column.size else np.nan for column in columns])
        self.mean_ = np.array([column.mean() if column.size else np.nan for column in columns])
        self.spread_ = np.array([_spread(column, self.ddof) for column in columns])
        return self

    def transform(self, X: Any) -> Array:
        """The columns on the learned scale."""
        check_is_fitted(self, "sorted_")
        values = self._turned(X)
        if values.shape[1] != self.n_features_in_:
            raise ValueError(f"{values.shape[1]} columns given, fitted on {self.n_features_in_}")
        if self.method == "none":
            return values
        if self.method in RANKED:
            return np.column_stack(
                [self._ranked(column, position) for position, column in enumerate(values.T)]
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.method == "z":
                scaled = (values - self.mean_) / np.where(self.spread_ > 0, self.spread_, np.nan)
            elif self.method == "distance":
                signs = self._signs(values.shape[1])
                middle = self.mean_ if self.reference is None else signs * np.asarray(self.reference, float)
                scaled = (values - middle) / np.where(middle != 0, np.abs(middle), np.nan)
            else:
                scaled = self._between(values)
        return np.asarray(scaled, dtype=float)

    def _between(self, values: Array) -> Array:
        low, high = self.low_, self.high_
        if self.method == "goalposts":
            posts = self.goalposts or ()
            if len(posts) != values.shape[1] or any(post is None for post in posts):
                raise ValueError("goalposts must be given for every column")
            ends = np.array([post for post in posts if post is not None], dtype=float)
            signs = self._signs(values.shape[1])
            low, high = np.sort(np.vstack([ends[:, 0] * signs, ends[:, 1] * signs]), axis=0)
        share = (values - low) / np.where(high > low, high - low, np.nan)
        if self.method == "goalposts" and self.capped:
            share = np.clip(share, 0.0, 1.0)
        return np.asarray(self.to[0] + share * (self.to[1] - self.to[0]), dtype=float)

    def _ranked(self, turned: Array, position: int) -> Array:
        """Ranks of a column by its figures as they are given, then turned."""
        sign = self._signs(self.n_features_in_)[position]
        column = turned * sign
        ties = self.ties if isinstance(self.ties, str) else self.ties[position]
        present = ~np.isnan(column)
        reference = self.sorted_[position]
        result = np.full(column.shape, np.nan)
        same = np.array_equal(np.sort(column[present]), reference)
        column_ranks = (
            ranks(column, ties)[present]
            if same
            else _ranks_within(column[present], reference, "average" if ties == "ordinal" else ties)
        )
        if sign < 0:
            column_ranks = reference.size + 1 - column_ranks
        if self.method == "rank":
            result[present] = column_ranks
        elif self.method == "uk_exponential":
            result[present] = uk_exponential(column_ranks / reference.size)
        elif reference.size > 1:
            result[present] = self.to[0] + (column_ranks - 1) / (reference.size - 1) * (
                self.to[1] - self.to[0]
            )
        return result

    def _signs(self, columns: int) -> Array:
        return np.ones(columns) if self.directions is None else np.asarray(self.directions, dtype=float)

    def _turned(self, X: Any) -> Array:
        values = np.asarray(X, dtype=float)
        if values.ndim != 2:
            raise ValueError("a matrix is needed: one row an area, one column an indicator")
        return values * self._signs(values.shape[1])
