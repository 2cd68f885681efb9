"""From parts to one: weighted means and sums over levels, with what to do about parts that are missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo_bosoc.models.index_spec import Aggregation

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
    values : rows are areas, columns the parts.
    weights : one a column. They are used as given: without `renormalise` an ``arithmetic`` aggregate is the
        plain weighted sum, and weights that sum to .999 give results that do. ``sum`` is never divided.
    availability : least share of the weight that must be known in a row. What is missing hands its weight to
        the known parts in proportion; below the share the row has no value.

    Returns
    -------
    Array
        ``arithmetic`` sum(w x), ``geometric`` prod(x^w), ``harmonic`` 1/sum(w/x), each with w/sum(w) where
        renormalised. Geometric and harmonic means of values that are not above zero do not exist: missing.
    """
    given = np.asarray(weights, dtype=float)
    if given.size != values.shape[1] or (given < 0).any() or given.sum() <= 0:
        raise ValueError("one weight a column is needed, none below zero, not all zero")
    known = ~np.isnan(values)
    held = known @ given
    enough = (held > 0) & (held >= availability * given.sum() * (1 - 1e-12))
    share = given / given.sum() if renormalise and how != "sum" else given
    with np.errstate(divide="ignore", invalid="ignore"):
        full = np.where(known, share, 0.0)
        full *= np.where(enough, share.sum() / full.sum(axis=1), np.nan)[:, None]
        if how in ("arithmetic", "sum"):
            result = np.where(known, values, 0.0) * full
            return np.asarray(np.where(enough, result.sum(axis=1), np.nan), dtype=float)
        safe = np.where(known, values, 1.0)
        bad = (safe <= 0).any(axis=1)
        if how == "geometric":
            result = np.exp((np.log(np.where(safe > 0, safe, 1.0)) * full).sum(axis=1))
        else:
            result = 1.0 / (full / np.where(safe > 0, safe, 1.0)).sum(axis=1)
    return np.asarray(np.where(enough & ~bad, result, np.nan), dtype=float)
