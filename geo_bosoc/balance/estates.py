"""Estates: their dwellings by kind, between bounds where the list does not say, and shared between areas."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_bosoc.balance.dwellings import KINDS
from geo_bosoc.boundaries.geometry import SLIVER_WIDTH, mean_width
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.locate.point_in_polygon import find_areas
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


SHARED_COLUMNS: Final = ("estate_id", "area_id", "by", "share", *KINDS)


def apportion_estates(
    estates: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    homes: pd.DataFrame | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Share each estate's dwellings between the areas it lies in: by its homes where there are any, else by area.

    Parameters
    ----------
    estates : ``estate_id``, the numbers ``family, youth, elderly, care`` (missing = none) and polygons, EPSG:25832; an
        estate may lack its geometry.
    areas : ``area_id`` and polygons that do not overlap, EPSG:25832.
    homes : points ``x, y`` in EPSG:25832, each with ``dwellings`` (1 where the column is left out), and where it is
        known ``estate_id``. Without ``estate_id`` a home belongs to the estate whose polygon holds it.
    report : collects warnings and, as the fact ``shared_estates``, which estates were shared by what.

    Returns
    -------
    DataFrame, one row an estate and area
        ``estate_id, area_id`` (missing where an estate is in no area), ``by`` (``whole``, ``homes``, ``area``,
        ``no_geometry``, ``outside``), ``share`` and the kinds' dwellings (int64). Each kind is shared in whole
        dwellings by largest remainder (ties to the first area by id), so an estate's numbers add up.

    Raises
    ------
    InputError
        Ids are missing or given twice, numbers are no whole numbers, or a layer is not in EPSG:25832.

    Notes
    -----
    Sharing by area assumes that the dwellings lie evenly over the estate's ground. Pieces narrower than
    half a metre are borders drawn twice and get nothing. Ground outside every area gets nothing; an estate that lies
    wholly outside is told.
    """
    own = Report()
    _check(estates, areas, own)
    own.raise_errors() if report is None else None
    if own.errors:
        own.settle(report)
        return pd.DataFrame(columns=list(SHARED_COLUMNS))
    areas = areas.sort_values("area_id", kind="stable").reset_index(drop=True)
    estates = estates.sort_values("estate_id", kind="stable").reset_index(drop=True)
    ids = areas["area_id"].astype(str).to_numpy()
    shapes = np.asarray(areas.geometry.array, dtype=object)
    ground = np.asarray(estates.geometry.array, dtype=object)
    weights = _ground_weights(ground, shapes)
    by_homes = _home_weights(estates, ground, shapes, homes)
    numbers = {kind: estates[kind].fillna(0).astype("int64").to_numpy() for kind in KINDS}
    rows: list[dict[str, Any]] = []
    for number, estate in enumerate(estates["estate_id"].astype(str)):
        here = weights.get(number, {})
        way = "area" if len(here) > 1 else "whole"
        living = by_homes.get(number, {})
        if living and (len(here) > 1 or len(living) > 1):
            here, way = living, "homes" if len(living) > 1 or len(here) > 1 else "whole"
        elif living and not here:
            here, way = living, "homes"
        if not here:
            way = (
                "no_geometry" if shapely.is_missing(ground[number]) or ground[number].is_empty else "outside"
            )
            rows.append({"estate_id": estate, "area_id": None, "by": way, "share": np.nan,
                         **{kind: int(numbers[kind][number]) for kind in KINDS}})  # fmt: skip
            continue
        places = sorted(here)
        parts = np.array([here[place] for place in places], dtype=float)
        given = {kind: apportion(int(numbers[kind][number]), parts) for kind in KINDS}
        for at, place in enumerate(places):
            mine: dict[str, Any] = {kind: int(given[kind][at]) for kind in KINDS}
            portion = float(parts[at] / parts.sum())
            rows.append(
                {"estate_id": estate, "area_id": str(ids[place]), "by": way, "share": portion, **mine}
            )
    frame = pd.DataFrame(rows, columns=list(SHARED_COLUMNS)).astype(dict.fromkeys(KINDS, "int64"))
    _tell(frame, own)
    own.settle(report)
    return frame


def dwelling_types_by_area(shared: pd.DataFrame) -> pd.DataFrame:
    """Social dwellings of each kind by area, and each kind's share of them; the whole as ``@municipality``.

    Returns
    -------
    ``area_id, family, youth, elderly, care, social`` (int64) and ``<kind>_share`` (0-1; missing without any). The
    whole holds also the estates that lie in no area.
    """
    placed = shared[shared["area_id"].notna()]
    sums = placed.groupby("area_id", sort=True)[list(KINDS)].sum().reset_index()
    whole = shared[list(KINDS)].sum().to_frame().T.assign(area_id=MUNICIPALITY)
    frame = pd.concat([sums, whole[["area_id", *KINDS]]], ignore_index=True).astype(
        dict.fromkeys(KINDS, "int64")
    )
    frame["social"] = frame[list(KINDS)].sum(axis=1)
    for kind in KINDS:
        frame[f"{kind}_share"] = frame[kind] / frame["social"].where(frame["social"] > 0)
    return frame


def apportion(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """`total` in whole parts after `weights` by largest remainder; ties to the first.

    >>> apportion(10, np.array([1.0, 1.0, 1.0])).tolist()
    [4, 3, 3]
    """
    if not weights.sum() > 0:
        raise ValueError("the weights must add up to more than nothing")
    exact = total * weights / weights.sum()
    parts: NDArray[np.int64] = np.floor(exact + 1e-9).astype(np.int64)
    short = total - int(parts.sum())
    order = np.argsort(-np.round(exact - parts, 9), kind="stable")
    parts[order[:short]] += 1
    return parts


def _check(estates: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, report: Report) -> None:
    for what, frame, key in (("estates", estates, "estate_id"), ("areas", areas, "area_id")):
        if key not in frame.columns:
            report.error(f"the {what} have no column {key}.", column=key)
        elif frame[key].isna().any() or frame[key].duplicated().any():
            report.error(f"ids of the {what} are missing or given twice.", column=key)
        if frame.crs is None or frame.crs.to_epsg() != 25832:
            report.error(f"the {what} are not in EPSG:25832.", hint='Use to_crs("EPSG:25832").')
    for kind in KINDS:
        if kind not in estates.columns:
            report.error(f'the estates have no column "{kind}".', column=kind)
            continue
        numbers = pd.to_numeric(estates[kind], errors="coerce")
        if ((estates[kind].notna() & numbers.isna()) | (numbers < 0) | (numbers % 1 > 0)).any():
            report.error("numbers of dwellings must be whole numbers.", column=kind)


def _ground_weights(ground: NDArray[Any], shapes: NDArray[Any]) -> dict[int, dict[int, float]]:
    """By estate, square metres in each area."""
    tree = shapely.STRtree(shapes)
    there = np.flatnonzero(~shapely.is_missing(ground))
    estate, area = tree.query(ground[there], predicate="intersects")
    cut = shapely.intersection(ground[there][estate], shapes[area])
    pieces, broad = shapely.area(cut), mean_width(cut) >= SLIVER_WIDTH
    found: dict[int, dict[int, float]] = {}
    for number, place, piece in zip(there[estate][broad], area[broad], pieces[broad], strict=True):
        if piece > 0:
            found.setdefault(int(number), {})[int(place)] = float(piece)
    return found


def _home_weights(
    estates: gpd.GeoDataFrame, ground: NDArray[Any], shapes: NDArray[Any], homes: pd.DataFrame | None
) -> dict[int, dict[int, float]]:
    """By estate, dwellings in each area, of the homes that are known to be the estate's."""
    if homes is None or homes.empty:
        return {}
    x, y = homes["x"].to_numpy(dtype=float), homes["y"].to_numpy(dtype=float)
    many = homes["dwellings"].to_numpy(dtype=float) if "dwellings" in homes else np.ones(len(homes))
    area = find_areas(x, y, shapes).first
    if "estate_id" in homes:
        numbers = {name: index for index, name in enumerate(estates["estate_id"].astype(str))}
        estate = homes["estate_id"].astype(object).map(lambda name: numbers.get(str(name), -1)).to_numpy()
    else:
        there = np.flatnonzero(~shapely.is_missing(ground))
        first = find_areas(x, y, ground[there]).first
        estate = np.where(first >= 0, there[first], -1)
    found: dict[int, dict[int, float]] = {}
    for number, place, count in zip(estate, area, many, strict=True):
        if number >= 0 and place >= 0 and count > 0:
            mine = found.setdefault(int(number), {})
            mine[int(place)] = mine.get(int(place), 0.0) + float(count)
    return found


def _tell(frame: pd.DataFrame, report: Report) -> None:
    ways = {way: sorted(frame.loc[frame["by"] == way, "estate_id"].unique()) for way in
            ("homes", "area", "no_geometry", "outside")}  # fmt: skip
    report.facts["shared_estates"] = {
        "estates": int(frame["estate_id"].nunique()),
        "in_one_area": int(frame.loc[frame["by"] == "whole", "estate_id"].nunique()),
        **ways,
    }
    for way, words, hint in (
        ("no_geometry", "have no geometry: they count in the whole and in no area", "Find their addresses."),
        ("outside", "lie in no area: they count in the whole only", None),
        (
            "area",
            "lie in several areas and were shared by area",
            "Give their homes to share them by dwellings.",
        ),
    ):
        if ways[way]:
            named = ", ".join(ways[way][:5]) + (", ..." if len(ways[way]) > 5 else "")
            report.warn(f"{len(ways[way])} estate(s) {words} ({named}).", count=len(ways[way]), hint=hint)
    if ways["homes"]:
        report.note(f"{len(ways['homes'])} estate(s) in several areas were shared by their homes.")
