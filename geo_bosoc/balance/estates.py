"""Estates: their dwellings by kind, between bounds where the list does not say, and apportioned to areas."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_bosoc.balance.code_lists import KINDS
from geo_bosoc.boundaries.geometry import SLIVER_WIDTH, mean_width
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.locate.point_in_polygon import find_areas
from geo_bosoc.problems import NonPersonal, Report
from geo_bosoc.problems.messages import count_text, joined, phrase

_KEYS: Final = ["area_id", "period"]


def kind_bounds(
    counts: pd.DataFrame, total: pd.DataFrame, estates: pd.DataFrame | None, report: Report
) -> pd.DataFrame:
    """How many dwellings of each kind every area has, and the bounds where that cannot be told.

    Parameters
    ----------
    counts : DataFrame
        Counts ``n`` by ``area_id, period, __estate, __kind, tenure`` and the flags ``__may_<kind>``.
    total : DataFrame
        The same for the municipality, each dwelling once.
    estates : DataFrame or None
        The checked estate list.
    report : Report
        Takes the fact ``estate_list`` and where the list and the register differ.

    Returns
    -------
    DataFrame
        ``area_id, period, dimension, category, dwellings, low, high``; `dwellings` missing where low < high.

    Notes
    -----
    Dwellings whose own row has the kind are counted. Of an estate with c dwellings of a kind by its list, T by its
    list in all, N without a kind of their own in the register and n of these in the area, the area has

        max(0, c - (max(N, T) - n))  <=  k  <=  min(c + max(0, N - T), n)

    (at most max(N, T) - n of the c stand elsewhere; where the register has more than the list, any of the surplus may
    be of the kind). Dwellings of no listed estate may be of any kind that their code may hide.
    """
    estate_list = None if estates is None else estates.set_index("estate_id")
    with_kind = counts[counts["__kind"].notna() & (counts["tenure"] == "social")]
    counts_by_kind = with_kind.groupby([*_KEYS, "__kind"], sort=True)["n"].sum()
    without_kind = counts[counts["__kind"].isna()]
    by_list = (
        without_kind["__estate"].isin(estate_list.index)
        if estate_list is not None
        else pd.Series(False, index=without_kind.index)
    )
    may_be_kind = np.column_stack([without_kind[f"__may_{kind}"].astype(bool) for kind in KINDS])
    in_estate = without_kind[by_list.to_numpy() & np.any(may_be_kind, axis=1)]
    rest = without_kind[~by_list]
    bounds: list[pd.DataFrame] = []
    if estate_list is not None:
        register = total[total["__kind"].isna() & total["__estate"].isin(estate_list.index)]
        may_be_social = np.column_stack([register[f"__may_{kind}"].astype(bool) for kind in KINDS]).any(
            axis=1
        )
        in_register = register[may_be_social].groupby(["__estate", "period"])["n"].sum()
        counts_in_estates = (
            total[total["__kind"].notna()].groupby(["__estate", "period", "__kind"])["n"].sum()
        )
        bounds.append(_from_list(in_estate, in_register, counts_in_estates, estate_list))
        _report_differences(total, estate_list, report)
    for kind in KINDS:
        part = rest[rest[f"__may_{kind}"].astype(bool)].groupby(_KEYS)["n"].sum().reset_index(name="high")
        bounds.append(part.assign(category=kind, low=0))
    frame = pd.concat(
        [
            counts_by_kind.reset_index(name="low")
            .rename(columns={"__kind": "category"})
            .assign(high=lambda f: f["low"]),
            *bounds,
        ],
        ignore_index=True,
    )
    frame = (
        frame.groupby([*_KEYS, "category"], sort=True)[["low", "high"]].sum().astype("int64").reset_index()
    )
    exact = frame["low"].astype("Int64").where(frame["low"] == frame["high"])
    return frame.assign(dimension="kind", dwellings=exact)


def _from_list(
    in_estate: pd.DataFrame, in_register: pd.Series, counts_listed: pd.Series, listed: pd.DataFrame
) -> pd.DataFrame:
    """Bounds of each kind in each area, summed over the estates that have dwellings there."""
    rows = in_estate.groupby([*_KEYS, "__estate"])["n"].sum().reset_index()
    if rows.empty:
        return pd.DataFrame(columns=[*_KEYS, "category", "low", "high"]).astype(
            {"low": "int64", "high": "int64"}
        )
    keys = pd.MultiIndex.from_frame(rows[["__estate", "period"]])
    register = in_register.reindex(keys).to_numpy().astype("int64")
    remaining = {}
    for kind in KINDS:
        kind_keys = pd.MultiIndex.from_arrays([rows["__estate"], rows["period"], [kind] * len(rows)])
        with_kind = counts_listed.reindex(kind_keys, fill_value=0).to_numpy().astype("int64")
        remaining[kind] = np.maximum(listed[kind].reindex(rows["__estate"]).to_numpy() - with_kind, 0)
    remaining_in_all = np.sum(list(remaining.values()), axis=0)
    in_area = rows["n"].to_numpy()
    parts = []
    for kind, count in remaining.items():
        low = np.maximum(0, count - (np.maximum(register, remaining_in_all) - in_area))
        high = np.minimum(count + np.maximum(0, register - remaining_in_all), in_area)
        parts.append(rows[_KEYS].assign(category=kind, low=low, high=high))
    return pd.concat(parts, ignore_index=True)


def _report_differences(total: pd.DataFrame, listed: pd.DataFrame, report: Report) -> None:
    """Report where the estate list and the register count differently."""
    periods = sorted(total["period"].unique())
    if not periods:
        return
    last_period = periods[-1]
    of_last = total[(total["period"] == last_period) & total["__estate"].isin(listed.index)]
    social = of_last[
        (of_last["tenure"] == "social") | of_last["__kind"].notna() | of_last["__may_youth"].astype(bool)
    ]
    counted = social.groupby("__estate")["n"].sum().reindex(listed.index, fill_value=0)
    expected = listed[list(KINDS)].sum(axis=1)
    absent = int(((counted == 0) & (expected > 0)).sum())
    differ = int(((counted != expected) & (counted > 0)).sum())
    report.facts["estate_list"] = NonPersonal(
        {
            "estates": len(listed),
            "dwellings_listed": int(expected.sum()),
            "dwellings_in_register": int(counted.sum()),
            "estates_without_dwellings_in_register": absent,
            "estates_that_count_differently": differ,
        }
    )
    if absent:
        estates = count_text(absent, "estate")
        wrong = phrase("{estates} of the list without a dwelling in the register.", estates=estates)
        report.warn(wrong, count=absent, hint="Check their ids.")
    if differ:
        text = (
            "{estates} with another number of dwellings in the list than in the register; the bounds say so."
        )
        report.note(phrase(text, estates=count_text(differ, "estate")), count=differ)


SHARED_COLUMNS: Final = ("estate_id", "area_id", "by", "share", *KINDS)


def apportion_estates(
    estates: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    homes: pd.DataFrame | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Apportion each estate's dwellings to the areas it lies in: by its homes where there are any, else by area.

    Parameters
    ----------
    estates : GeoDataFrame
        ``estate_id``, the numbers ``family, youth, elderly, care`` (missing = none) and polygons, EPSG:25832; an
        estate may lack its geometry.
    areas : GeoDataFrame
        ``area_id`` and polygons that do not overlap, EPSG:25832.
    homes : DataFrame, optional
        Points ``x, y`` in EPSG:25832, each with ``dwellings`` (1 where the column is left out), and where it is known
        ``estate_id``. Without ``estate_id`` a home belongs to the estate whose polygon holds it.
    report : Report, optional
        Collects warnings and, as the fact ``shared_estates``, which estates were apportioned by what; without it errors
        raise.

    Returns
    -------
    DataFrame
        One row an estate and area: ``estate_id, area_id`` (missing where an estate is in no area), ``by`` (``whole``,
        ``homes``, ``area``, ``no_geometry``, ``outside``), ``share`` and the kinds' dwellings (int64). Each kind is
        apportioned in whole dwellings by largest remainder (ties to the first area by id), so an estate's numbers add
        up.

    Raises
    ------
    InputError
        Ids are missing or given twice, numbers are no whole numbers, or a layer is not in EPSG:25832.

    Notes
    -----
    Apportioning by area assumes that the dwellings lie evenly over the estate's ground. Pieces narrower than
    half a metre are borders drawn twice and get nothing. Ground outside every area gets nothing; an estate that lies
    entirely outside is reported.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> from geo_bosoc import Report
    >>> from geo_bosoc.balance import apportion_estates
    >>> estates = gpd.GeoDataFrame(
    ...     {"estate_id": ["E"], "family": [10], "youth": [0], "elderly": [0], "care": [0]},
    ...     geometry=[box(0, 0, 100, 100)], crs="EPSG:25832",
    ... )
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_id": ["U1", "U2"]}, geometry=[box(0, 0, 30, 100), box(30, 0, 100, 100)], crs="EPSG:25832"
    ... )
    >>> apportion_estates(estates, areas, report=Report())[["area_id", "by", "share", "family"]].values.tolist()
    [['U1', 'area', 0.3, 3], ['U2', 'area', 0.7, 7]]
    """
    inner_report = Report()
    _check_layers(estates, areas, inner_report)
    inner_report.raise_errors() if report is None else None
    if inner_report.errors:
        inner_report.hand_over(report)
        return pd.DataFrame(columns=list(SHARED_COLUMNS))
    areas = areas.sort_values("area_id", kind="stable").reset_index(drop=True)
    estates = estates.sort_values("estate_id", kind="stable").reset_index(drop=True)
    ids = areas["area_id"].astype(str).to_numpy()
    shapes = np.asarray(areas.geometry.array, dtype=object)
    footprints = np.asarray(estates.geometry.array, dtype=object)
    weights = _ground_weights(footprints, shapes)
    by_homes = _home_weights(estates, footprints, shapes, homes)
    numbers = {kind: estates[kind].fillna(0).astype("int64").to_numpy() for kind in KINDS}
    rows: list[dict[str, Any]] = []
    for number, estate in enumerate(estates["estate_id"].astype(str)):
        weights_by_area = weights.get(number, {})
        method = "area" if len(weights_by_area) > 1 else "whole"
        homes_by_area = by_homes.get(number, {})
        if homes_by_area and (len(weights_by_area) > 1 or len(homes_by_area) > 1):
            method = "homes"
            weights_by_area = homes_by_area
        elif homes_by_area and not weights_by_area:
            weights_by_area, method = homes_by_area, "homes"
        if not weights_by_area:
            method = (
                "no_geometry"
                if shapely.is_missing(footprints[number]) or footprints[number].is_empty
                else "outside"
            )
            rows.append({"estate_id": estate, "area_id": None, "by": method, "share": np.nan,
                         **{kind: int(numbers[kind][number]) for kind in KINDS}})  # fmt: skip
            continue
        area_numbers = sorted(weights_by_area)
        parts = np.array([weights_by_area[area] for area in area_numbers], dtype=float)
        counts = {kind: apportion(int(numbers[kind][number]), parts) for kind in KINDS}
        for position, area in enumerate(area_numbers):
            kinds: dict[str, Any] = {kind: int(counts[kind][position]) for kind in KINDS}
            share = float(parts[position] / parts.sum())
            rows.append(
                {"estate_id": estate, "area_id": str(ids[area]), "by": method, "share": share, **kinds}
            )
    frame = pd.DataFrame(rows, columns=list(SHARED_COLUMNS)).astype(dict.fromkeys(KINDS, "int64"))
    _report_methods(frame, inner_report)
    inner_report.hand_over(report)
    return frame


def dwelling_types_by_area(shared: pd.DataFrame) -> pd.DataFrame:
    """Social dwellings of each kind by area, and each kind's share of them; the municipality as ``@municipality``.

    Parameters
    ----------
    shared : DataFrame
        See `apportion_estates`.

    Returns
    -------
    DataFrame
        ``area_id, family, youth, elderly, care, social`` (int64) and ``<kind>_share`` (0-1; missing without any). The
        municipality has also the estates that lie in no area.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance import dwelling_types_by_area
    >>> shared = pd.DataFrame(
    ...     {"area_id": ["U1", None], "family": [6, 1], "youth": [2, 0], "elderly": [0, 0], "care": [0, 0]}
    ... )
    >>> dwelling_types_by_area(shared)[["area_id", "family", "social", "family_share"]].values.tolist()
    [['U1', 6, 8, 0.75], ['@municipality', 7, 9, 0.7777777777777778]]
    """
    in_areas = shared[shared["area_id"].notna()]
    sums = in_areas.groupby("area_id", sort=True)[list(KINDS)].sum().reset_index()
    municipality = shared[list(KINDS)].sum().to_frame().T.assign(area_id=MUNICIPALITY)
    table = pd.concat([sums, municipality[["area_id", *KINDS]]], ignore_index=True).astype(
        dict.fromkeys(KINDS, "int64")
    )
    table["social"] = table[list(KINDS)].sum(axis=1)
    for kind in KINDS:
        table[f"{kind}_share"] = table[kind] / table["social"].where(table["social"] > 0)
    return table


def apportion(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """`total` in whole parts by `weights` and largest remainder; ties to the first.

    >>> apportion(10, np.array([1.0, 1.0, 1.0])).tolist()
    [4, 3, 3]
    """
    if not weights.sum() > 0:
        raise ValueError("the weights must add up to more than nothing")
    exact = total * weights / weights.sum()
    parts: NDArray[np.int64] = np.floor(exact + 1e-9).astype(np.int64)
    remainder = total - int(parts.sum())
    order = np.argsort(-np.round(exact - parts, 9), kind="stable")
    parts[order[:remainder]] += 1
    return parts


def _check_layers(estates: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, report: Report) -> None:
    layers = ((phrase("the estates"), estates, "estate_id"), (phrase("the areas"), areas, "area_id"))
    for what, frame, key in layers:
        if key not in frame.columns:
            report.error(phrase("{layer} have no column {column}.", layer=what, column=key), column=key)
        elif frame[key].isna().any() or frame[key].duplicated().any():
            report.error(phrase("ids of {layer} are missing or given twice.", layer=what), column=key)
        if frame.crs is None or frame.crs.to_epsg() != 25832:
            report.error(
                phrase("{layer} are not in EPSG:25832.", layer=what), hint='Use to_crs("EPSG:25832").'
            )
    for kind in KINDS:
        if kind not in estates.columns:
            report.error(phrase('the estates have no column "{column}".', column=kind), column=kind)
            continue
        numbers = pd.to_numeric(estates[kind], errors="coerce")
        if ((estates[kind].notna() & numbers.isna()) | (numbers < 0) | (numbers % 1 > 0)).any():
            report.error("numbers of dwellings must be whole numbers.", column=kind)


def _ground_weights(footprints: NDArray[Any], shapes: NDArray[Any]) -> dict[int, dict[int, float]]:
    """By estate, square metres in each area."""
    tree = shapely.STRtree(shapes)
    present = np.flatnonzero(~shapely.is_missing(footprints))
    estate, area = tree.query(footprints[present], predicate="intersects")
    cut = shapely.intersection(footprints[present][estate], shapes[area])
    pieces, broad = shapely.area(cut), mean_width(cut) >= SLIVER_WIDTH
    weights: dict[int, dict[int, float]] = {}
    for estate_number, area_number, piece in zip(
        present[estate][broad], area[broad], pieces[broad], strict=True
    ):
        if piece > 0:
            weights.setdefault(int(estate_number), {})[int(area_number)] = float(piece)
    return weights


def _home_weights(
    estates: gpd.GeoDataFrame, footprints: NDArray[Any], shapes: NDArray[Any], homes: pd.DataFrame | None
) -> dict[int, dict[int, float]]:
    """By estate, dwellings in each area, of the homes that belong to the estate."""
    if homes is None or homes.empty:
        return {}
    x, y = homes["x"].to_numpy(dtype=float), homes["y"].to_numpy(dtype=float)
    dwellings = homes["dwellings"].to_numpy(dtype=float) if "dwellings" in homes else np.ones(len(homes))
    area = find_areas(x, y, shapes).first
    if "estate_id" in homes:
        numbers = {name: index for index, name in enumerate(estates["estate_id"].astype(str))}
        estate = homes["estate_id"].astype(object).map(lambda name: numbers.get(str(name), -1)).to_numpy()
    else:
        present = np.flatnonzero(~shapely.is_missing(footprints))
        first_estate = find_areas(x, y, footprints[present]).first
        estate = np.where(first_estate >= 0, present[first_estate], -1)
    weights: dict[int, dict[int, float]] = {}
    for estate_number, area_number, count in zip(estate, area, dwellings, strict=True):
        if estate_number >= 0 and area_number >= 0 and count > 0:
            by_area = weights.setdefault(int(estate_number), {})
            by_area[int(area_number)] = by_area.get(int(area_number), 0.0) + float(count)
    return weights


def _report_methods(frame: pd.DataFrame, report: Report) -> None:
    estates_by_method = {method: sorted(frame.loc[frame["by"] == method, "estate_id"].unique()) for method in
            ("homes", "area", "no_geometry", "outside")}  # fmt: skip
    report.facts["shared_estates"] = NonPersonal(
        {
            "estates": int(frame["estate_id"].nunique()),
            "in_one_area": int(frame.loc[frame["by"] == "whole", "estate_id"].nunique()),
            **estates_by_method,
        }
    )
    for method, message, hint in (
        ("no_geometry", "{estates} without geometry count in no area ({names}).", "Find their addresses."),
        ("outside", "{estates} in no area count in the whole only ({names}).", None),
        ("area", "{estates} in several areas, shared by extent ({names}).", "Give their homes to share by dwellings."),
    ):  # fmt: skip
        if ids := estates_by_method[method]:
            names = joined([*ids[:5], *(["..."] if len(ids) > 5 else [])])
            estates = count_text(len(ids), "estate")
            report.warn(phrase(message, estates=estates, names=names), count=len(ids), hint=hint)
    if estates_by_method["homes"]:
        estates = count_text(len(estates_by_method["homes"]), "estate")
        report.note(phrase("{estates} in several areas, shared by their homes.", estates=estates))
