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

from geo_bosoc.models.index.classes import settled
from geo_bosoc.models.index.normalise import Normaliser, Treated, treat
from geo_bosoc.models.index_spec import (
    TOTAL,
    Aggregation,
    Group,
    IndexSpec,
    Normalisation,
    Ties,
    Transform,
)
from geo_bosoc.models.spec import Model

Array = npt.NDArray[np.float64]


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


@dataclass(frozen=True)
class Part:
    """One indicator's part in an index: its direction (1: high counts for, -1: against), weight and group.

    Goalposts are figures as they are given: they are transformed as the figures are.
    """

    id: str
    direction: int = 1
    weight: float = 1.0
    group: str = ""
    transform: Transform = "none"
    goalposts: tuple[float, float] | None = None
    reference: float | None = None
    ties: Ties | None = None


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
    normalisers_ : dict of str to Normaliser
        The fitted normalisers, by method, each of the columns that it is for.
    rescalers_ : dict of str to Normaliser
        The fitted scale of each score that is put on a scale again.
    without_scale_ : tuple of str
        The indicators whose figures are all equal, so that they have no scale.

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
        treated = [self._treated(column, part) for column, part in zip(values.T, self.parts, strict=True)]
        self.treatments_: Mapping[str, Treated] = {
            part.id: treatment for part, treatment in zip(self.parts, treated, strict=True)
        }
        matrix = np.column_stack([treatment.values for treatment in treated])
        self.columns_: dict[Normalisation, list[int]] = {}
        for position, part in enumerate(self.parts):
            self.columns_.setdefault(self._group_of(part).normalise or self.spec.normalise, []).append(
                position
            )
        self.normalisers_ = {
            method: self._normaliser(method, [self.parts[each] for each in columns]).fit(matrix[:, columns])
            for method, columns in self.columns_.items()
        }
        self.fitted_ = values
        scaled = self._scaled(matrix)
        self.without_scale_ = tuple(
            part.id
            for part, before, after in zip(self.parts, matrix.T, scaled.T, strict=True)
            if np.isfinite(before).any() and np.isnan(after).all()
        )
        self.rescalers_: dict[str, Normaliser] = {}
        self._climb(scaled, fit=True)
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Scores of each group and in total, one row an area; the total is the column ``index``."""
        return self.aggregate(self.normalised(X))

    def normalised(self, X: Any) -> Array:
        """Each indicator treated and on its scale, one column an indicator."""
        check_is_fitted(self, "normalisers_")
        values = self._transformed(X)
        if np.array_equal(values, self.fitted_, equal_nan=True):
            treated = [self.treatments_[part.id].values for part in self.parts]
        else:
            treated = [self._like_fitted(position, column) for position, column in enumerate(values.T)]
        return self._scaled(np.column_stack(treated))

    def aggregate(self, normalised: Array) -> pd.DataFrame:
        """Normalised values up the levels; each group after those it is made of."""
        check_is_fitted(self, "rescalers_")
        scores = self._climb(normalised, fit=False)
        return pd.DataFrame({name: scores[name] for name in self.spec.scores})

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
        total = [(TOTAL, "", Group(id=TOTAL, rescale=self.spec.rescale))] if self.spec.total else []
        return [*order, *total]

    def _climb(self, normalised: Array, *, fit: bool) -> dict[str, Array]:
        """The score of each level; a group's own scale is fitted, or the one that was fitted is used."""
        scores: dict[str, Array] = {}
        handed_up: dict[str, Array] = {}
        for name, part_of, how in self.levels():
            members = [
                (column, part.weight)
                for column, part in zip(normalised.T, self.parts, strict=True)
                if part.group == part_of
            ]
            members += [
                (handed_up[group.id], group.weight) for group in self.spec.group if group.parent == part_of
            ]
            score = aggregate(
                np.column_stack([values for values, _ in members]),
                [weight for _, weight in members],
                how.aggregate or self.spec.aggregate,
                renormalise=self.spec.renormalise if how.renormalise is None else how.renormalise,
                availability=self.spec.availability,
            )
            scores[name] = handed_up[name] = score
            if how.rescale != "none":
                column = settled(score)[:, None]
                if fit:
                    ties = how.ties or self.spec.ties
                    self.rescalers_[name] = Normaliser(
                        how.rescale, ddof=self.spec.ddof, to=self.spec.to, ties=ties
                    ).fit(column)
                handed_up[name] = np.asarray(self.rescalers_[name].transform(column)[:, 0], dtype=float)
        if self.spec.total:
            scores[TOTAL] = handed_up[TOTAL]
        return scores

    def _scaled(self, treated: Array) -> Array:
        result = np.full(treated.shape, np.nan)
        for method, columns in self.columns_.items():
            result[:, columns] = self.normalisers_[method].transform(treated[:, columns])
        return result

    def _normaliser(self, method: Normalisation, parts: Sequence[Part]) -> Normaliser:
        references = [part.reference for part in parts]
        posts = [
            None
            if part.goalposts is None
            else (
                float(transformed(np.array(part.goalposts), part.transform)[0]),
                float(transformed(np.array(part.goalposts), part.transform)[1]),
            )
            for part in parts
        ]
        return Normaliser(
            method,
            ddof=self.spec.ddof,
            to=self.spec.to,
            directions=[part.direction for part in parts],
            goalposts=posts,
            reference=None
            if any(value is None for value in references)
            else [float(value) for value in references if value is not None],
            ties=[part.ties or self.spec.ties for part in parts],
            capped=self.spec.capped,
        )

    def _group_of(self, part: Part) -> Group:
        return next((group for group in self.spec.group if group.id == part.group), Group(id=TOTAL))

    def _treated(self, values: Array, part: Part) -> Treated:
        spec = self.spec
        return treat(
            values,
            self._group_of(part).treat or spec.treat,
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
        columns = [
            transformed(column, part.transform) for part, column in zip(self.parts, values.T, strict=True)
        ]
        return np.column_stack(columns)


def transformed(values: Array, transform: Transform) -> Array:
    """Values by a transform; nan where it does not exist.

    >>> transformed(np.array([0.0, 1.0]), "log").tolist(), transformed(np.array([0.0]), "log1p").tolist()
    ([nan, 0.0], [0.0])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if transform == "log":
            return np.where(values > 0, np.log(values), np.nan)
        if transform == "log1p":
            return np.where(values > -1, np.log1p(values), np.nan)
    return values


def criteria_of(model: Model, spec: IndexSpec, score: str) -> list[str]:
    """The criteria that a score is made of, through all groups below it."""
    group = "" if score == TOTAL else score
    keys = [criterion.key for criterion in model.criterion if criterion.group == group]
    for each in spec.group:
        if each.parent == group:
            keys += criteria_of(model, spec, each.id)
    return keys
