"""The index engine: treat, normalise, aggregate over levels; fitted on one year, applied to others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from geo_bosoc.models.index.aggregate import aggregate
from geo_bosoc.models.index.normalise import Normaliser
from geo_bosoc.models.index.treat import Treated, treat
from geo_bosoc.models.index_spec import Group, IndexSpec, Transform

Array = npt.NDArray[np.float64]
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
    """A composite index with scikit-learn's interface: `fit` on a reference year, `transform` that or other
    years.

    Parameters
    ----------
    parts : the indicators, in the order of the columns where a matrix is given.
    spec : treatment, normalisation, weights by level and aggregation (see `IndexSpec`).

    Attributes
    ----------
    treatments_ : what was done to each indicator while fitting.
    normaliser_ : the fitted `Normaliser`.

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
        done = [self._treated(values[:, at]) for at in range(values.shape[1])]
        self.treatments_: Mapping[str, Treated] = {
            part.id: one for part, one in zip(self.parts, done, strict=True)
        }
        self.normaliser_ = Normaliser(
            self.spec.normalise,
            ddof=self.spec.ddof,
            to=self.spec.to,
            directions=[part.direction for part in self.parts],
            goalposts=[part.goalposts for part in self.parts],
            reference=self._references(),
            ties=self.spec.ties,
        ).fit(np.column_stack([one.values for one in done]))
        self.fitted_ = values
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Scores of each group and of the whole, one row an area; the whole is the column ``index``."""
        return self.aggregate(self.normalised(X))

    def normalised(self, X: Any) -> Array:
        """Each indicator treated and on its scale, one column an indicator."""
        check_is_fitted(self, "normaliser_")
        values = self._transformed(X)
        if np.array_equal(values, self.fitted_, equal_nan=True):
            treated = [self.treatments_[part.id].values for part in self.parts]
        else:
            treated = [self._like_fitted(at, values[:, at]) for at in range(values.shape[1])]
        return np.asarray(self.normaliser_.transform(np.column_stack(treated)), dtype=float)

    def aggregate(self, normalised: Array) -> pd.DataFrame:
        """Normalised values up the levels; each group after those it is made of."""
        columns: dict[str, Array] = {}
        for name, part_of, how in self.levels():
            found = [(normalised[:, at], p.weight) for at, p in enumerate(self.parts) if p.group == part_of]
            found += [
                (columns[group.id], group.weight) for group in self.spec.group if group.parent == part_of
            ]
            columns[name] = aggregate(
                np.column_stack([values for values, _ in found]),
                [weight for _, weight in found],
                how.aggregate or self.spec.aggregate,
                renormalise=self.spec.renormalise,
                availability=self.spec.availability,
            )
        index = columns.pop(TOTAL)
        ordered = {group.id: columns[group.id] for group in self.spec.group}
        return pd.DataFrame(ordered | {TOTAL: index})

    def levels(self) -> list[tuple[str, str, Group]]:
        """Groups from the lowest up, the whole last: name, the group its parts name, and how it is
        aggregated.
        """
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

    def _like_fitted(self, axis: int, values: Array) -> Array:
        """Another year's values on the fitted year's treated scale."""
        done = self.treatments_[self.parts[axis].id]
        if done.did != "log" and not (done.did == "could not" and done.winsorised == 0):
            return values
        was = self.fitted_[:, axis]
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
