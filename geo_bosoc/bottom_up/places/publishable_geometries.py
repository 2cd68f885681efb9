"""What may be drawn of nominations, of detected places and of where they overlap: never a lone home, never a shelter.

A nomination is drawn as the estate it means, else as an outline of the homes it means where they are households
enough, else as the smallest square of the Danish grid that holds that many households: somewhere in it is the place
that somebody pointed at. A pin would point at a home.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_bosoc.bottom_up.nominations.read import Nominations
from geo_bosoc.bottom_up.places.merge import CRS, outline_places
from geo_bosoc.problems import Report

SQUARES: Final = (100, 250, 500, 1000, 2500, 5000)
"""Metres: the sides of squares that a nomination is drawn as, the smallest that holds households enough."""
_OF_NOMINATION: Final = (
    "nomination_id", "place_id", "unit", "date", "source_kind", "joined_by", "joined_to",
)  # fmt: skip
_OVERLAP: Final = (
    "place_id", "found_id", "name", "homes", "households", "residents", "jaccard", "same", "geometry",
)  # fmt: skip


def nomination_outlines(
    nominations: Nominations | None,
    *,
    addresses: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    exclude: Collection[str] = (),
    least_households: int = 20,
) -> gpd.GeoDataFrame:
    """Each nomination that means a place, with what may be drawn of it.

    Parameters
    ----------
    nominations : Nominations or None
        As `read_nominations` gives them.
    addresses : DataFrame
        As `outline_places` takes them.
    areas : GeoDataFrame
        The estates, ``area_id, geometry`` (EPSG:25832).
    exclude : collection of str, optional
        Ids of addresses that nothing is drawn round, as `outline_places` takes them.
    least_households : int, optional
        Of each outline drawn.

    Returns
    -------
    GeoDataFrame
        EPSG:25832, one row a nomination, sorted by it: ``nomination_id, place_id, unit, date, source_kind, joined_by,
        joined_to`` (why it is of its place: `Nominations.trail`), ``shown_as`` (estate | homes | square | not_drawn),
        ``side`` (metres of a square, else 0) and ``geometry`` (None where nothing may be drawn: an excluded address, or
        one in whose squares such an address lies).
    """
    columns = [*_OF_NOMINATION, "shown_as", "side", "geometry"]
    if nominations is None or not (nominations.rows["place_id"] != "").any():
        return gpd.GeoDataFrame(pd.DataFrame(columns=columns), geometry="geometry", crs=CRS)
    rows = nominations.rows[nominations.rows["place_id"] != ""]
    rows = rows.merge(nominations.trail.drop(columns="place_id"), on="nomination_id", how="left")
    homes = nominations.homes[~nominations.homes["address_id"].isin(list(exclude))]
    members = homes.rename(columns={"nomination_id": "place_id"})
    outlines = _outlines(addresses, members, exclude, least_households).set_index("place_id")["geometry"]
    estates = dict(zip(areas["area_id"].astype(str), areas.geometry, strict=True))
    estate_of_place = {
        place: estates.get(str(area))
        for place, area in nominations.estates.itertuples(index=False, name=None)
    }
    squares = _Squares(addresses, exclude, least_households)
    points = homes.merge(addresses[["address_id", "x", "y"]], on="address_id")
    point = points.sort_values(["nomination_id", "x", "y"]).groupby("nomination_id")[["x", "y"]].first()
    records = []
    for row in rows.to_dict("records"):
        name = row["nomination_id"]
        shape, shown_as, side = None, "not_drawn", 0
        if row["matched_to"] in estates:
            shape, shown_as = estates[row["matched_to"]], "estate"
        elif (outline := outlines.get(name)) is not None:
            shape, shown_as = outline, "homes"
        elif row["joined_by"] == "inside_estate" and estate_of_place.get(row["place_id"]) is not None:
            shape, shown_as = estate_of_place[row["place_id"]], "estate"
        elif name in point.index:
            shape, side = squares.around(float(point.loc[name, "x"]), float(point.loc[name, "y"]))
            shown_as = "square" if shape is not None else "not_drawn"
        drawn = {"shown_as": shown_as, "side": side, "geometry": shape}
        records.append({**{key: row[key] for key in _OF_NOMINATION}, **drawn})
    frame = pd.DataFrame(records, columns=columns).sort_values("nomination_id", ignore_index=True)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS)


class _Squares:
    """Households and excluded addresses by square of the grid, for every side."""

    def __init__(self, addresses: pd.DataFrame, exclude: Collection[str], least_households: int) -> None:
        located = addresses.dropna(subset=["x", "y"])
        self._xy = located[["x", "y"]].to_numpy(np.float64)
        self._households = located["households"].to_numpy(np.int64)
        self._excluded = located["address_id"].isin(list(exclude)).to_numpy()
        self._least_households = least_households

    def around(self, x: float, y: float) -> tuple[Any, int]:
        """The smallest square around a point with households enough, and its side in metres; None and 0 where there is
        none, or an excluded address lies in it."""
        for side in SQUARES:
            east, north = np.floor(x / side) * side, np.floor(y / side) * side
            inside = (np.floor(self._xy / side) * side == (east, north)).all(axis=1)
            if int(self._households[inside].sum()) >= self._least_households:
                if self._excluded[inside].any():
                    return None, 0
                return shapely.box(east, north, east + side, north + side), side
        return None, 0


def detected_outlines(
    detected: pd.DataFrame,
    merged_places: pd.DataFrame,
    *,
    addresses: pd.DataFrame,
    exclude: Collection[str] = (),
    least_households: int = 20,
) -> gpd.GeoDataFrame:
    """The places as they were detected, before they were merged with the nominated ones.

    Parameters
    ----------
    detected : DataFrame
        Homes of detected places, ``address_id, place_id``.
    merged_places : DataFrame
        As `merge_places` gives them.
    addresses : DataFrame
        As `outline_places` takes them.
    exclude : collection of str, optional
        Ids of addresses that nothing is drawn round.
    least_households : int, optional
        Of each outline drawn.

    Returns
    -------
    GeoDataFrame
        EPSG:25832: ``found_id, place_id`` (the place that it is part of: its own, or a nominated one), ``name, homes,
        households, residents, geometry`` (None where nothing may be drawn).
    """
    outlines = _outlines(addresses, detected, exclude, least_households)
    merged_into = {
        found_id: str(place)
        for place, found_ids in zip(merged_places["place_id"], merged_places["found_as"], strict=True)
        for found_id in str(found_ids).split(",")
        if found_id
    }
    frame = outlines.rename(columns={"place_id": "found_id"}).drop(columns="drawn_households")
    frame.insert(
        1, "place_id", [merged_into.get(str(found_id), str(found_id)) for found_id in frame["found_id"]]
    )
    return frame


def overlap_outlines(
    detected: pd.DataFrame,
    homes: pd.DataFrame,
    merged_places: pd.DataFrame,
    *,
    addresses: pd.DataFrame,
    exclude: Collection[str] = (),
    least_households: int = 20,
) -> gpd.GeoDataFrame:
    """Where nominated and detected places are the same homes: one row a pair that shares any.

    Parameters
    ----------
    detected : DataFrame
        Homes of detected places, ``address_id, place_id``.
    homes, merged_places : DataFrame
        As `merge_places` gives them.
    addresses : DataFrame
        As `outline_places` takes them.
    exclude : collection of str, optional
        Ids of addresses that nothing is drawn round.
    least_households : int, optional
        Of each outline drawn.

    Returns
    -------
    GeoDataFrame
        EPSG:25832: ``place_id`` (the nominated one), ``found_id, name, homes, households, residents`` (shared),
        ``jaccard`` (shared homes of the homes in either), ``same`` (merged into one place) and ``geometry`` (round the
        shared homes; None where nothing may be drawn).
    """
    nominated = set(merged_places.loc[merged_places["named"].astype(bool), "place_id"])
    nominated_homes = homes[homes["place_id"].isin(nominated)][["place_id", "address_id"]].drop_duplicates()
    detected_homes = detected[~detected["address_id"].isin(list(exclude))].rename(
        columns={"place_id": "found_id"}
    )
    shared = nominated_homes.merge(detected_homes[["found_id", "address_id"]], on="address_id")
    pairs = pd.DataFrame(
        {"place_id": shared["place_id"] + "+" + shared["found_id"], "address_id": shared["address_id"]}
    )
    frame = _outlines(addresses, pairs, exclude, least_households)
    ids = [str(pair).split("+") for pair in frame["place_id"]]
    names = dict(zip(merged_places["place_id"], merged_places["name"], strict=True))
    merged = dict(
        zip(merged_places["place_id"], merged_places["found_as"].astype(str).str.split(","), strict=True)
    )
    sizes, detected_sizes = (
        nominated_homes.groupby("place_id").size(),
        detected_homes.groupby("found_id").size(),
    )
    either = [float(sizes[place] + detected_sizes[found_id]) for place, found_id in ids] - frame["homes"]
    frame = frame.assign(
        place_id=[place for place, _ in ids],
        found_id=[found_id for _, found_id in ids],
        name=[str(names.get(place, "")) for place, _ in ids],
        jaccard=frame["homes"] / either,
        same=[found_id in merged.get(place, []) for place, found_id in ids],
    )
    return gpd.GeoDataFrame(frame[list(_OVERLAP)], geometry="geometry", crs=CRS)


def _outlines(
    addresses: pd.DataFrame, members: pd.DataFrame, exclude: Collection[str], least_households: int
) -> gpd.GeoDataFrame:
    """Outlines of places by their members, ``place_id, address_id``; `merge_places` reports what is not drawn."""
    return outline_places(
        addresses, members[["place_id", "address_id"]], exclude=exclude, least_households=least_households,
        report=Report(),
    )  # fmt: skip
