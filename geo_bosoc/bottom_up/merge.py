"""Named and found places in one list: those that are mostly the same homes are one place."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_bosoc.bottom_up.nominations.read import Nominations
from geo_bosoc.bottom_up.outlines import outline_places
from geo_bosoc.problems import Report

SAME: Final = 0.3
"""Jaccard of homes (shared / in either) from which a named and a found place are one: an assumption."""
INSIDE: Final = 0.5
"""Share of a found place's homes within a named place from which it was not found anew: an assumption."""


def merge_places(
    nominations: Nominations | None,
    detected: pd.DataFrame,
    *,
    addresses: pd.DataFrame,
    areas: gpd.GeoDataFrame | None = None,
    exclude: Collection[str] = (),
    least_households: int = 20,
    jaccard: float = SAME,
    inside: float = INSIDE,
    report: Report | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Join named and found places by the homes they share.

    Parameters
    ----------
    nominations : as `read_nominations` gives them; None where nobody named anything.
    detected : homes of found places, `address_id, place_id` (`join_places`).
    addresses : as `outline_places` takes them: `address_id, x, y, residents, households`, and `street`, `estate`.
    areas : the estates (`area_id, name, geometry`): a named estate is drawn as it is and keeps its name.
    exclude : shelters, institutions and protected addresses: no homes of any place, within no outline drawn from homes.
    least_households : of each outline drawn from homes.
    jaccard : a named and a found place with at least this share of their homes in common are one; each found place goes
        to the named one that it shares most with.
    inside : a found place with at least this share of its homes in a named place is that place too: somebody has
        pointed at it.

    Returns
    -------
    places : GeoDataFrame (EPSG:25832; geometry None where nothing may be drawn) sorted by `place_id`: `place_id` (N...
        of named, P... of found places), `name, named, found, nominations` (how many), `geometry`, `found_as` (the found
        places that went into a named one, with commas) and `jaccard` (of the most alike; NaN without one).
    homes : `place_id, address_id`. A named place keeps the homes that staff named, a found one those that were found.

    Raises
    ------
    InputError
        As `outline_places`.
    """
    own = Report()
    barred = set(exclude)
    named = _named_homes(nominations, barred)
    detected = detected[["place_id", "address_id"]]
    detected = detected[~detected["address_id"].isin(barred)]
    match = _matches(named, detected, jaccard, inside)
    alone = detected[~detected["place_id"].isin(match["found_id"])]
    homes = pd.concat([named, alone], ignore_index=True).drop_duplicates()
    homes = homes.sort_values(["place_id", "address_id"], ignore_index=True)
    drawn = outline_places(
        addresses, homes, exclude=exclude, least_households=least_households, report=own
    ).set_index("place_id")
    many = {} if nominations is None else nominations.rows["place_id"].value_counts().to_dict()
    estates = {} if nominations is None else dict(nominations.estates.itertuples(index=False, name=None))
    shapes = {} if areas is None else dict(zip(areas["area_id"], areas.geometry, strict=True))
    names = {} if areas is None else dict(zip(areas["area_id"], areas["name"], strict=True))
    rows = []
    for place in sorted(homes["place_id"].unique()):
        of = match[match["named_id"] == place]
        area = estates.get(place)
        drawn_here = place in drawn.index
        rows.append(
            {
                "place_id": place,
                "name": str(names.get(area, "")) or (str(drawn.loc[place, "name"]) if drawn_here else ""),
                "named": place in many,
                "found": place not in many or not of.empty,
                "nominations": int(many.get(place, 0)),
                "geometry": shapes.get(area, drawn.loc[place, "geometry"] if drawn_here else None),
                "found_as": ",".join(of["found_id"]),
                "jaccard": float(of["jaccard"].max()) if len(of) else float("nan"),
            }
        )
    own.settle(report)
    columns = ["place_id", "name", "named", "found", "nominations", "geometry", "found_as", "jaccard"]
    places = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs="EPSG:25832")
    return places, homes


def _named_homes(nominations: Nominations | None, barred: set[str]) -> pd.DataFrame:
    if nominations is None:
        return pd.DataFrame({"place_id": pd.Series(dtype=object), "address_id": pd.Series(dtype=object)})
    rows = nominations.rows[["nomination_id", "place_id"]]
    homes = nominations.homes.merge(rows[rows["place_id"] != ""], on="nomination_id")
    homes = homes[["place_id", "address_id"]].drop_duplicates()
    return homes[~homes["address_id"].isin(barred)]


def _matches(named: pd.DataFrame, detected: pd.DataFrame, jaccard: float, inside: float) -> pd.DataFrame:
    """`found_id, named_id, jaccard`: the named place that each found one is, where it is one."""
    both = detected.merge(named, on="address_id", suffixes=("_found", "_named"))
    shared = both.groupby(["place_id_found", "place_id_named"]).size().rename("shared").reset_index()
    here = detected.groupby("place_id").size()
    there = named.groupby("place_id").size()
    shared["here"] = shared["place_id_found"].map(here).astype(float)
    shared["jaccard"] = shared["shared"] / (
        shared["here"] + shared["place_id_named"].map(there).astype(float) - shared["shared"]
    )
    same = (shared["jaccard"] >= jaccard) | (shared["shared"] >= inside * shared["here"])
    ranked = shared[same].sort_values(
        ["place_id_found", "jaccard", "shared", "place_id_named"], ascending=[True, False, False, True]
    )
    best = ranked.drop_duplicates("place_id_found")
    return best.rename(columns={"place_id_found": "found_id", "place_id_named": "named_id"})[
        ["found_id", "named_id", "jaccard"]
    ]
