"""Whether areas are mixed today, as two answers: the share of social dwellings, and whether the blocks lie apart.

An area may be mixed on average and be made of one-sided blocks all the same. One verdict of both would say no of every
area of a town that is built so, and nothing of how they differ.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.balance.segregation.indices import SEPARATED, in_band

PLACES: Final = ("over", "under", "within")
"""Where a share of social dwellings may lie, seen from the band."""
BLOCKS: Final = ("apart", "alike", "only")
"""Whether an area's blocks lie apart; ``only`` where there is nothing to be apart: no social dwellings, or no other."""


def mixed_today(results: BalanceResults) -> pd.DataFrame:
    """Both answers for each area with dwellings.

    Parameters
    ----------
    results : BalanceResults
        Of one set of output.

    Returns
    -------
    DataFrame
        ``area_id, total, social, share, place`` (`PLACES`), ``blocks`` (their number), ``apart`` (`BLOCKS`),
        ``one_sided`` (dwellings in blocks where all or none are social), ``one_sided_share, inner`` (D between the
        blocks, chance taken out).

    Examples
    --------
    >>> mixed_today(results)[["area_id", "place", "apart"]].values.tolist()  # doctest: +SKIP
    [['01', 'within', 'apart'], ['02', 'over', 'alike']]
    """
    rows = results.inside[results.inside["verdict"] != "no_dwellings"]
    total = rows["total"].astype("int64")
    social = (rows["share"] * total).round().astype("int64")
    inner = rows["inner_d_corrected"].astype("float64")
    return pd.DataFrame(
        {
            "area_id": rows["area_id"].astype(str),
            "total": total,
            "social": social,
            "share": rows["share"].astype("float64"),
            "place": [
                place_in_band(count, dwellings, results.band)
                for count, dwellings in zip(social, total, strict=True)
            ],
            "blocks": rows["blocks"].astype("int64"),
            "apart": [
                "only" if count in (0, dwellings) else "apart" if each >= SEPARATED else "alike"
                for count, dwellings, each in zip(social, total, inner, strict=True)
            ],
            "one_sided": (rows["one_sided_share"] * total).round().astype("int64"),
            "one_sided_share": rows["one_sided_share"].astype("float64"),
            "inner": inner,
        }
    ).reset_index(drop=True)


def place_in_band(count: int, total: int, band: tuple[float, float]) -> str:
    """Where a share lies, compared exactly; a share on either end is within.

    >>> [place_in_band(count, 100, (20, 40)) for count in (19, 20, 40, 41)]
    ['under', 'within', 'within', 'over']
    """
    if in_band(count, total, band):
        return "within"
    return "over" if in_band(count, total, (band[0], 100.0)) else "under"
