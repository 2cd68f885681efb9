"""Family, youth, elderly and care dwellings: known from an estate list, and between bounds where it does not say."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo_bosoc.balance.codes import KINDS
from geo_bosoc.problems import Report

_KEYS: Final = ["area_id", "period"]


def kind_bounds(
    cells: pd.DataFrame, total: pd.DataFrame, estates: pd.DataFrame | None, report: Report
) -> pd.DataFrame:
    """How many dwellings of each kind every area has, and the bounds where that cannot be told.

    Parameters
    ----------
    cells : counts ``n`` by ``area_id, period, __estate, __kind, tenure`` and the flags ``__may_<kind>``.
    total : the same for the whole, each dwelling once.
    estates : the checked estate list, or None.

    Returns
    -------
    ``area_id, period, dimension, category, dwellings, low, high``; `dwellings` missing where low < high.

    Notes
    -----
    Dwellings whose own row tells the kind are counted. Of an estate with c dwellings of a kind by its list, T by its
    list in all, N without a kind of their own in the register and n of these in the area, the area has

        max(0, c - (max(N, T) - n))  <=  k  <=  min(c + max(0, N - T), n)

    (at most max(N, T) - n of the c stand elsewhere; where the register has more than the list, any of the surplus may
    be of the kind). Dwellings of no listed estate may be of any kind that their code may hide.
    """
    listed = None if estates is None else estates.set_index("estate_id")
    own = cells[cells["__kind"].notna() & (cells["tenure"] == "social")]
    told = own.groupby([*_KEYS, "__kind"], sort=True)["n"].sum()
    loose = cells[cells["__kind"].isna()]
    by_list = (
        loose["__estate"].isin(listed.index) if listed is not None else pd.Series(False, index=loose.index)
    )
    may = np.column_stack([loose[f"__may_{kind}"].astype(bool) for kind in KINDS])
    in_estate = loose[by_list.to_numpy() & np.any(may, axis=1)]
    rest = loose[~by_list]
    bounds: list[pd.DataFrame] = []
    if listed is not None:
        register = total[total["__kind"].isna() & total["__estate"].isin(listed.index)]
        may_total = np.column_stack([register[f"__may_{kind}"].astype(bool) for kind in KINDS]).any(axis=1)
        in_register = register[may_total].groupby(["__estate", "period"])["n"].sum()
        told_of_estate = total[total["__kind"].notna()].groupby(["__estate", "period", "__kind"])["n"].sum()
        bounds.append(_from_list(in_estate, in_register, told_of_estate, listed))
        _compare(total, listed, report)
    for kind in KINDS:
        part = rest[rest[f"__may_{kind}"].astype(bool)].groupby(_KEYS)["n"].sum().reset_index(name="high")
        bounds.append(part.assign(category=kind, low=0))
    frame = pd.concat(
        [
            told.reset_index(name="low")
            .rename(columns={"__kind": "category"})
            .assign(high=lambda f: f["low"]),
            *bounds,
        ],
        ignore_index=True,
    )
    frame = (
        frame.groupby([*_KEYS, "category"], sort=True)[["low", "high"]].sum().astype("int64").reset_index()
    )
    settled = frame["low"].astype("Int64").where(frame["low"] == frame["high"])
    return frame.assign(dimension="kind", dwellings=settled)


def _from_list(
    in_estate: pd.DataFrame, in_register: pd.Series, counts_listed: pd.Series, listed: pd.DataFrame
) -> pd.DataFrame:
    """Bounds of each kind in each area, summed over the estates that have dwellings there."""
    rows = in_estate.groupby([*_KEYS, "__estate"])["n"].sum().reset_index()
    if rows.empty:
        return pd.DataFrame(columns=[*_KEYS, "category", "low", "high"]).astype(
            {"low": "int64", "high": "int64"}
        )
    at = pd.MultiIndex.from_frame(rows[["__estate", "period"]])
    register = in_register.reindex(at).to_numpy().astype("int64")
    left = {}
    for kind in KINDS:
        keys = pd.MultiIndex.from_arrays([rows["__estate"], rows["period"], [kind] * len(rows)])
        known = counts_listed.reindex(keys, fill_value=0).to_numpy().astype("int64")
        left[kind] = np.maximum(listed[kind].reindex(rows["__estate"]).to_numpy() - known, 0)
    together = np.sum(list(left.values()), axis=0)
    here = rows["n"].to_numpy()
    parts = []
    for kind, count in left.items():
        low = np.maximum(0, count - (np.maximum(register, together) - here))
        high = np.minimum(count + np.maximum(0, register - together), here)
        parts.append(rows[_KEYS].assign(category=kind, low=low, high=high))
    return pd.concat(parts, ignore_index=True)


def _compare(total: pd.DataFrame, listed: pd.DataFrame, report: Report) -> None:
    """Tell where the estate list and the register count differently."""
    periods = sorted(total["period"].unique())
    if not periods:
        return
    last = periods[-1]
    of_last = total[(total["period"] == last) & total["__estate"].isin(listed.index)]
    social = of_last[
        (of_last["tenure"] == "social") | of_last["__kind"].notna() | of_last["__may_youth"].astype(bool)
    ]
    counted = social.groupby("__estate")["n"].sum().reindex(listed.index, fill_value=0)
    wanted = listed[list(KINDS)].sum(axis=1)
    absent = int(((counted == 0) & (wanted > 0)).sum())
    differ = int(((counted != wanted) & (counted > 0)).sum())
    report.facts["estate_list"] = {
        "estates": len(listed),
        "dwellings_listed": int(wanted.sum()),
        "dwellings_in_register": int(counted.sum()),
        "estates_without_dwellings_in_register": absent,
        "estates_that_count_differently": differ,
    }
    if absent:
        report.warn(
            f"{absent} estate(s) of the list have no dwelling in the register.",
            count=absent,
            hint="Check their ids.",
        )
    if differ:
        report.note(
            f"{differ} estate(s) have another number of dwellings in the list than in the register; the bounds say so.",
            count=differ,
        )
