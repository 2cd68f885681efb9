"""Similar places: the nearest in size and ages, so that a place is not told apart for being large or young."""

from __future__ import annotations

import numpy as np
import pandas as pd


def most_similar(
    persons: pd.DataFrame, homes: pd.DataFrame, others: pd.DataFrame, number: int = 10
) -> dict[str, tuple[str, ...]]:
    """For each place of `homes` the `number` most similar places of `others` that share no home with it.

    Parameters
    ----------
    persons : `address_id`, `age`. Nothing else is looked at.
    homes, others : `place_id, address_id`.
    number : how many; fewer where there are fewer.

    Notes
    -----
    Nearness is the straight distance in three figures, each divided by its standard deviation among `others`: the
    logarithm of residents, the share under 18 and the share of 67 and over. Places without residents are similar to
    none. Ties go by id.
    """
    ages = persons[["address_id"]].assign(
        people=1.0,
        young=(persons["age"] < 18).astype(float),
        old=(persons["age"] >= 67).astype(float),
    )

    def profile(of: pd.DataFrame) -> pd.DataFrame:
        rows = of[["place_id", "address_id"]].drop_duplicates().merge(ages, on="address_id")
        sums = rows.groupby("place_id", sort=True)[["people", "young", "old"]].sum()
        shares = sums[["young", "old"]].div(sums["people"], axis=0)
        return shares.assign(size=np.log(sums["people"]))

    here, there = profile(homes), profile(others)
    if there.empty or here.empty:
        return {}
    spread = there.std(ddof=0).replace(0.0, 1.0).to_numpy()
    at = there.to_numpy() / spread
    shared = homes[["place_id", "address_id"]].merge(others[["place_id", "address_id"]], on="address_id")
    touching = shared.groupby("place_id_x")["place_id_y"].agg(set).to_dict()
    found = {}
    for name, figures in zip(here.index, here.to_numpy() / spread, strict=True):
        distance = ((at - figures) ** 2).sum(axis=1)
        barred = touching.get(name, set()) | {name}
        order = np.argsort(np.round(distance, 12), kind="stable")
        found[str(name)] = tuple(str(there.index[i]) for i in order if there.index[i] not in barred)[:number]
    return found
