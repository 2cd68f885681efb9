"""The index engine: treat, normalise, aggregate over levels; fitted on one year, applied to others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from geo_bosoc.models.index.normalise import Normaliser
from geo_bosoc.models.spec_parts import Aggregation, Group, IndexSpec, Transform, Treatment

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


def aggregate(
    values: Array,
    weights: Sequence[float],
    how: Aggregation = "arithmetic",
    *,
    renormalise: bool = False,
    availability: float = 1.0,
) -> Array:
    """One number a row from weighted parts.

    Parameters
    ----------
    values : ndarray
        Rows are areas, columns the parts.
    weights : sequence of float
        One a column. They are used as given: without `renormalise` an ``arithmetic`` aggregate is the plain weighted
        sum, and weights that sum to .999 give results that do. ``sum`` is never divided.
    how : {"arithmetic", "geometric", "harmonic", "sum"}, optional
        How the parts become one.
    renormalise : bool, optional
        Whether the weights are made to sum to one.
    availability : float, optional
        Least share of the weight that must be known in a row. What is missing hands its weight to the parts that are
        known in proportion; below the share the row has no value.

    Returns
    -------
    ndarray
        ``arithmetic`` sum(w x), ``geometric`` prod(x^w), ``harmonic`` 1/sum(w/x), each with w/sum(w) where
        renormalised. Geometric and harmonic means of values that are not above zero do not exist: missing.
    """
    given = np.asarray(weights, dtype=float)
    if given.size != values.shape[1] or (given < 0).any() or given.sum() <= 0:
        raise ValueError("one weight a column is needed, none below zero, not all zero")
    present = ~np.isnan(values)
    available = present @ given
    enough = (available > 0) & (available >= availability * given.sum() * (1 - 1e-12))
    share = given / given.sum() if renormalise and how != "sum" else given
    with np.errstate(divide="ignore", invalid="ignore"):
        full = np.where(present, share, 0.0)
        full *= np.where(enough, share.sum() / full.sum(axis=1), np.nan)[:, None]
        if how in ("arithmetic", "sum"):
            result = np.where(present, values, 0.0) * full
            return np.asarray(np.where(enough, result.sum(axis=1), np.nan), dtype=float)
        safe = np.where(present, values, 1.0)
        bad = (safe <= 0).any(axis=1)
        if how == "geometric":
            result = np.exp((np.log(np.where(safe > 0, safe, 1.0)) * full).sum(axis=1))
        else:
            result = 1.0 / (full / np.where(safe > 0, safe, 1.0)).sum(axis=1)
    return np.asarray(np.where(enough & ~bad, result, np.nan), dtype=float)


TOTAL = "index"


@dataclass(frozen=True)
class Part:
    """One indicator's part in an index: its direction (1: high counts for, -1: against), weight and group."""

    id: str
    direction: int = 1
    weight: float = 1.0
    group: str = ""
    transform: Transform = "none"
    goalposts: tuple[float, float] | None = None
    reference: float | None = None


class CompositeIndex(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A composite index with scikit-learn's interface: `fit` on a reference year, `transform` that or others.

    Parameters
    ----------
    parts : sequence of Part
        The indicators, in the order of the columns where a matrix is given.
    spec : IndexSpec
        Treatment, normalisation, weights by level and aggregation.

    Attributes
    ----------
    treatments_ : dict of str to Treated
        What was done to each indicator while fitting.
    normaliser_ : Normaliser
        The fitted normaliser.

    Notes
    -----
    Treatment changes values of the year that is fitted (by its own outliers); other years are normalised on
    the treated scale, log treatment with the fitted shift, and are not winsorised.
    """

    def __init__(self, parts: Sequence[Part], spec: IndexSpec) -> None:
        self.parts = parts
        self.spec = spec

    def fit(self, X: Any, y: Any = None) -> CompositeIndex:
        """Learn treatment and scale from areas (rows) and indicators (columns)."""
        values = self._transformed(X)
        treated = [self._treated(column) for column in values.T]
        self.treatments_: Mapping[str, Treated] = {
            part.id: treatment for part, treatment in zip(self.parts, treated, strict=True)
        }
        self.normaliser_ = Normaliser(
            self.spec.normalise,
            ddof=self.spec.ddof,
            to=self.spec.to,
            directions=[part.direction for part in self.parts],
            goalposts=[part.goalposts for part in self.parts],
            reference=self._references(),
            ties=self.spec.ties,
        ).fit(np.column_stack([treatment.values for treatment in treated]))
        self.fitted_ = values
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Scores of each group and in total, one row an area; the total is the column ``index``."""
        return self.aggregate(self.normalised(X))

    def normalised(self, X: Any) -> Array:
        """Each indicator treated and on its scale, one column an indicator."""
        check_is_fitted(self, "normaliser_")
        values = self._transformed(X)
        if np.array_equal(values, self.fitted_, equal_nan=True):
            treated = [self.treatments_[part.id].values for part in self.parts]
        else:
            treated = [self._like_fitted(position, column) for position, column in enumerate(values.T)]
        return np.asarray(self.normaliser_.transform(np.column_stack(treated)), dtype=float)

    def aggregate(self, normalised: Array) -> pd.DataFrame:
        """Normalised values up the levels; each group after those it is made of."""
        columns: dict[str, Array] = {}
        for name, part_of, how in self.levels():
            members = [
                (column, part.weight)
                for column, part in zip(normalised.T, self.parts, strict=True)
                if part.group == part_of
            ]
            members += [
                (columns[group.id], group.weight) for group in self.spec.group if group.parent == part_of
            ]
            columns[name] = aggregate(
                np.column_stack([values for values, _ in members]),
                [weight for _, weight in members],
                how.aggregate or self.spec.aggregate,
                renormalise=self.spec.renormalise,
                availability=self.spec.availability,
            )
        index = columns.pop(TOTAL)
        ordered = {group.id: columns[group.id] for group in self.spec.group}
        return pd.DataFrame(ordered | {TOTAL: index})

    def levels(self) -> list[tuple[str, str, Group]]:
        """Groups from the lowest up, the total last: name, the group its parts name, and how it is aggregated."""
        order: list[tuple[str, str, Group]] = []
        waiting = list(self.spec.group)
        done: set[str] = set()
        while waiting:
            ready = [g for g in waiting if all(c.id in done for c in self.spec.group if c.parent == g.id)]
            for group in ready:
                order.append((group.id, group.id, group))
                done.add(group.id)
            waiting = [group for group in waiting if group.id not in done]
        return [*order, (TOTAL, "", Group(id=TOTAL))]

    def _references(self) -> list[float] | None:
        given = [part.reference for part in self.parts]
        return None if any(value is None for value in given) else [float(v) for v in given if v is not None]

    def _treated(self, values: Array) -> Treated:
        spec = self.spec
        return treat(
            values,
            spec.treat,
            max_winsorised=spec.max_winsorised,
            max_skew=spec.max_skew,
            max_kurtosis=spec.max_kurtosis,
        )

    def _like_fitted(self, position: int, values: Array) -> Array:
        """Another year's values on the fitted year's treated scale."""
        done = self.treatments_[self.parts[position].id]
        if done.did != "log" and not (done.did == "could not" and done.winsorised == 0):
            return values
        was = self.fitted_[:, position]
        low, high = float(np.nanmin(was)), float(np.nanmax(was))
        edge = 0.01 * (high - low)
        with np.errstate(invalid="ignore", divide="ignore"):
            if done.values[np.nanargmax(was)] == np.log(high - low + edge):
                shifted = np.where(values - low + edge > 0, values - low + edge, np.nan)
                return np.asarray(np.log(shifted), dtype=float)
            shifted = np.where(high - values + edge > 0, high - values + edge, np.nan)
            return np.asarray(-np.log(shifted), dtype=float)

    def _transformed(self, X: Any) -> Array:
        ids = [part.id for part in self.parts]
        if isinstance(X, pd.DataFrame):
            absent = [name for name in ids if name not in X.columns]
            if absent:
                raise ValueError(f"columns are missing: {', '.join(absent)}")
            X = X[ids]
        values = np.asarray(X, dtype=float)
        if values.ndim != 2 or values.shape[1] != len(ids):
            raise ValueError(f"a matrix with {len(ids)} columns is needed")
        columns = []
        for part, column in zip(self.parts, values.T, strict=True):
            with np.errstate(divide="ignore", invalid="ignore"):
                if part.transform == "log":
                    column = np.where(column > 0, np.log(column), np.nan)
                elif part.transform == "log1p":
                    column = np.where(column > -1, np.log1p(column), np.nan)
            columns.append(column)
        return np.column_stack(columns)
