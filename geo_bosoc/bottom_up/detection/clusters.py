"""Homes whose surroundings stand out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def false_discovery(p: pd.Series | NDArray[np.float64], rate: float = 0.05) -> NDArray[np.bool_]:
    """Which tests to believe, so that the expected share of false ones among them is at most `rate`.

    Parameters
    ----------
    p : Series or ndarray of float
        Of each test.
    rate : float, optional
        The expected share of false ones.

    Returns
    -------
    ndarray of bool
        By test.

    Notes
    -----
    Benjamini and Hochberg (1995): with the p in order, the largest i with ``p_i <= rate x i / m`` and all before it.

    Examples
    --------
    >>> import numpy as np
    >>> from geo_bosoc.bottom_up import false_discovery
    >>> false_discovery(np.array([0.01, 0.02, 0.9]), 0.05).tolist()
    [True, True, False]
    """
    values = np.asarray(p, dtype=np.float64)
    if not values.size:
        return np.zeros(0, bool)
    ordered = np.sort(values)
    passed = np.flatnonzero(ordered <= rate * np.arange(1, values.size + 1) / values.size)
    return values <= ordered[passed[-1]] if passed.size else np.zeros(values.size, bool)


def worst_share(
    numerator: pd.Series | NDArray[np.int64],
    denominator: pd.Series | NDArray[np.int64],
    weight: pd.Series | NDArray[np.int64],
    share: float = 0.05,
) -> NDArray[np.bool_]:
    """The surroundings with the highest share, until `share` of the weight (residents living there) is used.

    Those with the same value are in together or out together; who would exceed the share is out, so that it may come
    to somewhat less. Surroundings without a denominator are not among the worst. Values are compared as fractions,
    not rounded (doubles only put them in order: two that differ by less than a part in 2**50 count as the same).

    Parameters
    ----------
    numerator, denominator, weight : Series or ndarray of int
        Of each of the surroundings.
    share : float, optional
        Of the weight.

    Returns
    -------
    ndarray of bool
        By surroundings.

    Examples
    --------
    >>> import numpy as np
    >>> from geo_bosoc.bottom_up import worst_share
    >>> worst_share(np.array([9, 5, 1]), np.array([10, 10, 10]), np.array([100, 100, 100]), 0.4).tolist()
    [True, False, False]
    """
    numerators, denominators, weights = (
        np.asarray(values, dtype=np.int64) for values in (numerator, denominator, weight)
    )
    value = np.divide(numerators, denominators, out=np.full(numerators.size, -np.inf), where=denominators > 0)
    order = np.argsort(-value, kind="stable")
    used = np.cumsum(weights[order])
    last_of_tie = (
        np.append(value[order][1:] != value[order][:-1], True) if numerators.size else np.zeros(0, bool)
    )
    fits = last_of_tie & (used <= share * int(weights.sum())) & np.isfinite(value[order])
    chosen = np.zeros(numerators.size, bool)
    if fits.any():
        chosen[order[: np.flatnonzero(fits)[-1] + 1]] = True
    return chosen


def worst_share_by_k(local: pd.DataFrame, addresses: pd.DataFrame, share: float = 0.05) -> NDArray[np.bool_]:
    """`worst_share` within each k.

    Parameters
    ----------
    local : DataFrame
        Rows of surroundings: `address_id, k, exposure, cases`, as `local_statistic` gives them.
    addresses : DataFrame
        `address_id, residents`.
    share : float, optional
        Of the residents.

    Returns
    -------
    ndarray of bool
        (rows,), in the order of `local`.
    """
    residents = local["address_id"].map(addresses.set_index("address_id")["residents"]).to_numpy(np.int64)
    chosen = np.zeros(len(local), bool)
    for k in sorted(set(local["k"])):
        rows = (local["k"] == k).to_numpy()
        surroundings = local[rows]
        chosen[rows] = worst_share(surroundings["cases"], surroundings["exposure"], residents[rows], share)
    return chosen


def core_addresses(
    local: pd.DataFrame, flagged: NDArray[np.bool_], *, margin: float = 1.3
) -> NDArray[np.bool_]:
    """Of the flagged rows of a local statistic, the addresses whose nearest surroundings are high themselves.

    Large surroundings reach across a place's edge: an address at it is flagged for what its neighbours are. An
    address stays if within its smallest k the share is more than `margin` times what is expected.

    Parameters
    ----------
    local : DataFrame
        See `local_statistic`.
    flagged : ndarray of bool
        By row of `local`.
    margin : float, optional
        Times what is expected.

    Returns
    -------
    ndarray of bool
        By address, in the order of the smallest k's rows.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from geo_bosoc.bottom_up import core_addresses
    >>> local = pd.DataFrame({"address_id": ["a", "b"], "k": 100, "cases": [20, 11], "expected": 10.0})
    >>> core_addresses(local, np.array([True, True])).tolist()
    [True, False]
    """
    ks = local["k"].to_numpy()
    smallest = ks == ks.min() if ks.size else np.zeros(0, bool)
    nearest = local[smallest]
    flagged_by_address = pd.Series(flagged).groupby(local["address_id"].to_numpy()).any()
    is_flagged = flagged_by_address.reindex(nearest["address_id"].to_numpy()).to_numpy(dtype=bool)
    return is_flagged & (nearest["cases"] > margin * nearest["expected"]).to_numpy()
