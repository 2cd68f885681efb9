"""Where assignments go: by estate per 100 dwellings, and whether that is surely more than in all estates together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from geo_bosoc.bottom_up.detection.clusters import false_discovery
from geo_bosoc.bottom_up.placing.tables import PlacingTables
from geo_bosoc.bottom_up.presence.service_rates import smooth_rates, variance_between_places
from geo_bosoc.indicators.rates import poisson_interval

FALSE_ALARMS: Final = 0.05
"""Expected share of false alarms among the estates that are said to have surely more."""
LOAD_COLUMNS: Final = (
    "estate_id", "dwellings", "assigned", "per_100", "low", "high", "smoothed", "times_all", "share_assigned",
    "share_dwellings", "load",
)  # fmt: skip


def dwellings_of_estates(tables: PlacingTables, in_register: Mapping[str, int]) -> dict[str, int]:
    """By estate its dwellings: the last number in the vacancies' file, else those `in_register` in the register.

    Parameters
    ----------
    tables : PlacingTables
        As they were read.
    in_register : mapping of str to int
        By area the dwellings of the register.

    Returns
    -------
    dict of str to int
        Without the estates whose dwellings nobody knows, or that have none.
    """
    rows = tables.vacancies.dropna(subset=["dwellings"]).sort_values(["estate_id", "year"])
    given = dict(zip(rows["estate_id"].astype(str), rows["dwellings"].astype("int64"), strict=True))
    estates = sorted(
        {*tables.vacancies["estate_id"].astype(str), *tables.assignments["estate_id"].astype(str)}
    )
    every = {name: int(given.get(name, in_register.get(name, 0))) for name in estates}
    return {name: count for name, count in every.items() if count > 0}


def estate_load(
    assigned: pd.Series, dwellings: Mapping[str, int], all_assigned: int, years: int
) -> pd.DataFrame:
    """The load of assignments on estates, beside all estates together.

    Parameters
    ----------
    assigned : Series
        By estate the assigned households of all `years`: those that may be shown.
    dwellings : mapping of str to int
        Of every estate whose dwellings are known, shown or not.
    all_assigned : int
        Assigned households in all of these.
    years : int
        So many years the counts are the sum of.

    Returns
    -------
    DataFrame
        `LOAD_COLUMNS`, an estate of `assigned` a row: ``per_100`` dwellings a year with ``low, high`` (Poisson, 95 %)
        and ``smoothed`` (empirical Bayes), ``times_all`` that of all estates, its shares (0-1) of all assignments and
        dwellings, and ``load``: above, below, as_all.

    Notes
    -----
    With A assignments in all and a share s of the dwellings, an estate that draws as all others do has a binomial
    (A, s) number. It is above where ``P(X >= x)`` passes Benjamini and Hochberg's control of false discoveries at
    `FALSE_ALARMS` over the estates, and below where ``P(X <= x)`` does. Smoothing is that of service rates (Marshall
    1991).

    Examples
    --------
    >>> import pandas as pd
    >>> load = estate_load(pd.Series({"A": 30, "B": 10}), {"A": 100, "B": 300}, 40, 1)
    >>> load[["estate_id", "per_100", "times_all", "load"]].values.tolist()
    [['A', 30.0, 3.0, 'above'], ['B', 3.3333333333333335, 0.3333333333333333, 'below']]
    """
    from scipy.stats import binom  # slow to import

    names = [str(name) for name in assigned.index if str(name) in dwellings]
    events = assigned.loc[names].to_numpy(np.float64)
    stock = np.array([dwellings[name] for name in names], dtype=np.float64)
    all_stock = float(sum(dwellings.values()))
    mean = all_assigned / (all_stock * years) if all_stock else 0.0
    bases, share = stock * years, stock / all_stock if all_stock else stock
    low, high = poisson_interval(events, bases)
    above = false_discovery(binom.sf(events - 1, all_assigned, share), FALSE_ALARMS)
    below = false_discovery(binom.cdf(events, all_assigned, share), FALSE_ALARMS)
    between = variance_between_places(events, bases, mean)
    smoothed = smooth_rates(events, bases, mean, between)
    return pd.DataFrame(
        {
            "estate_id": names,
            "dwellings": stock.astype(np.int64),
            "assigned": events.astype(np.int64),
            "per_100": 100 * events / bases,
            "low": 100 * low,
            "high": 100 * high,
            "smoothed": 100 * smoothed,
            "times_all": events / (bases * mean) if mean else np.full(len(names), np.nan),
            "share_assigned": events / all_assigned if all_assigned else np.full(len(names), np.nan),
            "share_dwellings": share,
            "load": np.where(above, "above", np.where(below, "below", "as_all")),
        },
        columns=list(LOAD_COLUMNS),
    )
