"""What may be drawn of nominations, of found places and of where they overlap: never a lone home, never a shelter.

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

from geo_bosoc.bottom_up.merge import CRS, outline_places
from geo_bosoc.bottom_up.nominations.read import Nominations
from geo_bosoc.problems import Report

SQUARES: Final = (100, 250, 500, 1000, 2500, 5000)
"""Metres: the sides of squares that a nomination is drawn as, the smallest that holds households enough."""


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
    nominations : as `read_nominations` gives them.
    addresses, exclude, least_households : as `outline_places` takes them.
    areas : the estates, `area_id, geometry` (EPSG:25832).

    Returns
    -------
    GeoDataFrame (EPSG:25832), one row a nomination, sorted by it: `nomination_id, place_id, unit, date, source_kind,
    joined_by, joined_to` (why it is of its place: `Nominations.trail`), `shown_as` (estate | homes | square |
    not_drawn), `side` (metres of a square, else 0) and `geometry` (None where nothing may be
    drawn: an excluded address, or one in whose squares such an address lies).
    """
    columns = [
        "nomination_id",
        "place_id",
        "unit",
        "date",
        "source_kind",
        "joined_by",
        "joined_to",
        "shown_as",
        "side",
    ]
    if nominations is None or not (nominations.rows["place_id"] != "").any():
        return gpd.GeoDataFrame(pd.DataFrame(columns=[*columns, "geometry"]), geometry="geometry", crs=CRS)
    rows = nominations.rows[nominations.rows["place_id"] != ""]
    rows = rows.merge(nominations.trail.drop(columns="place_id"), on="nomination_id", how="left")
    barred = set(exclude)
    homes = nominations.homes[~nominations.homes["address_id"].isin(barred)]
    drawn = outline_places(
        addresses, homes.rename(columns={"nomination_id": "place_id"}), exclude=exclude,
        least_households=least_households, report=Report(),
    ).set_index("place_id")["geometry"]  # fmt: skip
    estates = dict(zip(areas["area_id"].astype(str), areas.geometry, strict=True))
    of_place = {
        place: estates.get(str(area))
        for place, area in nominations.estates.itertuples(index=False, name=None)
    }
    squares = _Squares(addresses, barred, least_households)
    spots = homes.merge(addresses[["address_id", "x", "y"]], on="address_id").sort_values(
        ["nomination_id", "x", "y"]
    )
    spot = spots.groupby("nomination_id")[["x", "y"]].first()
    told = []
    for row in rows.to_dict("records"):
        name = row["nomination_id"]
        shape, shown, side = None, "not_drawn", 0
        if row["matched_to"] in estates:
            shape, shown = estates[row["matched_to"]], "estate"
        elif (one := drawn.get(name)) is not None:
            shape, shown = one, "homes"
        elif row["joined_by"] == "inside_estate" and of_place.get(row["place_id"]) is not None:
            shape, shown = of_place[row["place_id"]], "estate"
        elif name in spot.index:
            shape, side = squares.round(float(spot.loc[name, "x"]), float(spot.loc[name, "y"]))
            shown = "square" if shape is not None else "not_drawn"
        told.append(
            {**{key: row[key] for key in columns[:7]}, "shown_as": shown, "side": side, "geometry": shape}
        )
    frame = pd.DataFrame(told, columns=[*columns, "geometry"]).sort_values("nomination_id", ignore_index=True)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS)


class _Squares:
    """Households and excluded addresses by square of the grid, for every side."""

    def __init__(self, addresses: pd.DataFrame, barred: Collection[str], least: int) -> None:
        there = addresses.dropna(subset=["x", "y"])
        self._xy = there[["x", "y"]].to_numpy(np.float64)
        self._households = there["households"].to_numpy(np.int64)
        self._barred = there["address_id"].isin(list(barred)).to_numpy()
        self._least = least

    def round(self, x: float, y: float) -> tuple[Any, int]:
        """The smallest square round a spot with households enough, and its side; None and 0 where there is none, or an
        excluded address lies in it."""
        for side in SQUARES:
            east, north = np.floor(x / side) * side, np.floor(y / side) * side
            inside = (np.floor(self._xy / side) * side == (east, north)).all(axis=1)
            if int(self._households[inside].sum()) >= self._least:
                if self._barred[inside].any():
                    return None, 0
                return shapely.box(east, north, east + side, north + side), side
        return None, 0


def found_outlines(
    detected: pd.DataFrame,
    places: pd.DataFrame,
    *,
    addresses: pd.DataFrame,
    exclude: Collection[str] = (),
    least_households: int = 20,
) -> gpd.GeoDataFrame:
    """The places as they were found, before they were joined with the named ones.

    Parameters
    ----------
    detected : homes of found places, `address_id, place_id`. places : as `merge_places` gives them.
    addresses, exclude, least_households : as `outline_places` takes them.

    Returns
    -------
    GeoDataFrame (EPSG:25832): `found_id, place_id` (the place it is told as: its own, or a named one), `name, homes,
    households, residents, geometry` (None where nothing may be drawn).
    """
    drawn = outline_places(
        addresses, detected[["place_id", "address_id"]], exclude=exclude, least_households=least_households,
        report=Report(),
    )  # fmt: skip
    told_as = {one: str(place) for place, ones in zip(places["place_id"], places["found_as"], strict=True)
               for one in str(ones).split(",") if one}  # fmt: skip
    frame = drawn.rename(columns={"place_id": "found_id"}).drop(columns="drawn_households")
    frame.insert(1, "place_id", [told_as.get(str(one), str(one)) for one in frame["found_id"]])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS)


def overlap_outlines(
    detected: pd.DataFrame,
    homes: pd.DataFrame,
    places: pd.DataFrame,
    *,
    addresses: pd.DataFrame,
    exclude: Collection[str] = (),
    least_households: int = 20,
) -> gpd.GeoDataFrame:
    """Where named and found places are the same homes: one row a pair that shares any.

    Parameters
    ----------
    detected : homes of found places. homes, places : as `merge_places` gives them.
    addresses, exclude, least_households : as `outline_places` takes them.

    Returns
    -------
    GeoDataFrame (EPSG:25832): `place_id` (the named one), `found_id, name, homes, households, residents` (shared),
    `jaccard` (shared homes of the homes in either), `same` (joined into one place) and `geometry` (round the shared
    homes; None where nothing may be drawn).
    """
    named = set(places.loc[places["named"].astype(bool), "place_id"])
    told = dict(zip(places["place_id"], places["name"], strict=True))
    joined = dict(zip(places["place_id"], places["found_as"].astype(str).str.split(","), strict=True))
    ours = homes[homes["place_id"].isin(named)][["place_id", "address_id"]].drop_duplicates()
    theirs = detected[~detected["address_id"].isin(list(exclude))].rename(columns={"place_id": "found_id"})
    both = ours.merge(theirs[["found_id", "address_id"]], on="address_id")
    both["pair"] = both["place_id"] + "+" + both["found_id"]
    pairs = both[["pair", "address_id"]].rename(columns={"pair": "place_id"})
    drawn = outline_places(
        addresses, pairs, exclude=exclude, least_households=least_households, report=Report()
    )
    here, there = ours.groupby("place_id").size(), theirs.groupby("found_id").size()
    rows = []
    for one in drawn.to_dict("records"):
        place, other = str(one["place_id"]).split("+")
        shared = int(one["homes"])
        rows.append(
            {
                "place_id": place,
                "found_id": other,
                "name": str(told.get(place, "")),
                "homes": shared,
                "households": int(one["households"]),
                "residents": int(one["residents"]),
                "jaccard": shared / float(here[place] + there[other] - shared),
                "same": other in joined.get(place, []),
                "geometry": one["geometry"],
            }
        )
    columns = [
        "place_id",
        "found_id",
        "name",
        "homes",
        "households",
        "residents",
        "jaccard",
        "same",
        "geometry",
    ]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=CRS)
