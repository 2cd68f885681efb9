"""Named and detected places in one list, named and outlined: never round a lone home, nor round a shelter."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_bosoc.bottom_up.nominations.read import Nominations
from geo_bosoc.problems import Report

CRS: Final = "EPSG:25832"
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


def outline_places(
    addresses: pd.DataFrame,
    members: pd.DataFrame,
    *,
    exclude: Collection[str] = (),
    least_households: int = 20,
    ratio: float = 0.3,
    margin: float = 12.0,
    reach: float = 50.0,
    report: Report | None = None,
) -> gpd.GeoDataFrame:
    """Outline and name places.

    Parameters
    ----------
    addresses : all addresses of the town: `address_id`, `x`, `y`, `residents`, `households`, and `street` and `estate`
        (names) where they are known.
    members : `address_id`, `place_id` (`join_places`).
    exclude : ids of shelters, institutions and protected addresses. None of them is a home of a place, and none lies
        within an outline: the homes round it are drawn in several parts instead (a hole would point at it).
    least_households : of each part drawn. Parts with fewer are not drawn; a place without a part has no outline, and
        says so, but it is a place.
    ratio : of the concave hull, 0 (follows every home) to 1 (convex).
    margin : metres round the homes.
    reach : metres from a home beyond which nothing is drawn (a field between two blocks), unless that would cut an
        outline in two.

    Returns
    -------
    GeoDataFrame (EPSG:25832), one row a place: `place_id, name, homes, households, residents, drawn_households`,
    `geometry` (None where nothing may be drawn).
    """
    own = Report()
    for name in ("address_id", "x", "y", "residents", "households"):
        if name not in addresses.columns:
            own.error("is not there.", file="addresses", column=name)
    own.raise_errors()
    barred = addresses["address_id"].isin(list(exclude)).to_numpy()
    closed: NDArray[Any] = np.asarray(shapely.points(addresses.loc[barred, ["x", "y"]].to_numpy(np.float64)))
    homes = members.merge(addresses, on="address_id", how="left", validate="many_to_one")
    unknown = int(homes["x"].isna().sum())
    if unknown:
        own.error("names addresses that are not there.", file="members", column="address_id", count=unknown)
    own.raise_errors()
    homes = homes[~homes["address_id"].isin(list(exclude))]
    rows: list[dict[str, Any]] = []
    for place, group in homes.sort_values(["place_id", "x", "y", "address_id"]).groupby("place_id"):
        parts = _parts(
            group[["x", "y"]].to_numpy(np.float64),
            group["households"].to_numpy(np.int64),
            closed,
            (ratio, margin, reach),
        )
        drawn = _without_rings([part for part in parts if part[1] >= least_households], closed)
        rows.append(
            {
                "place_id": place,
                "name": place_name(group),
                "homes": len(group),
                "households": int(group["households"].sum()),
                "residents": int(group["residents"].sum()),
                "drawn_households": sum(count for _, count in drawn),
                "geometry": shapely.union_all([shape for shape, _ in drawn]) if drawn else None,
            }
        )
    undrawn = sum(row["geometry"] is None for row in rows)
    if undrawn:
        own.note(f"places are not drawn: fewer than {least_households} households.", count=undrawn)
    own.settle(report)
    columns = ["place_id", "name", "homes", "households", "residents", "drawn_households", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=CRS)


def place_name(homes: pd.DataFrame) -> str:
    """The estate that most residents live in; else the street of most, and the second if a quarter live there."""
    total = int(homes["residents"].sum())
    if "estate" in homes.columns:
        estates = _most(homes, "estate")
        if len(estates) and 2 * int(estates.iloc[0]) > total:
            return str(estates.index[0])
    streets = _most(homes, "street") if "street" in homes.columns else pd.Series(dtype=np.int64)
    if not len(streets):
        return ""
    names = [str(streets.index[0])]
    if len(streets) > 1 and 4 * int(streets.iloc[1]) >= total:
        names.append(str(streets.index[1]))
    return " / ".join(names)


def _most(homes: pd.DataFrame, column: str) -> pd.Series:
    """Residents by name, most first, equal ones by name."""
    named = homes[homes[column].notna() & (homes[column].astype(str) != "")]
    sums = named.groupby(column)["residents"].sum().reset_index()
    return sums.sort_values(["residents", column], ascending=[False, True]).set_index(column)["residents"]


def _without_rings(parts: list[tuple[Any, int]], closed: NDArray[Any]) -> list[tuple[Any, int]]:
    """The parts, less the smallest ones if together they would close a ring round a closed address."""
    kept = sorted(parts, key=lambda part: (-part[1], shapely.bounds(part[0]).tolist()))
    while kept:
        rings = shapely.get_rings(shapely.union_all([shape for shape, _ in kept]))
        if (
            not closed.size
            or not shapely.intersects(shapely.union_all(shapely.polygons(rings)), closed).any()
        ):
            return kept
        kept.pop()
    return kept


def _parts(
    xy: NDArray[np.float64],
    households: NDArray[np.int64],
    closed: NDArray[Any],
    how: tuple[float, float, float],
) -> list[tuple[Any, int]]:
    """Outlines that hold no closed address, and the households in each: homes are divided until it is so."""
    ratio, margin, reach = how
    shape: Any = shapely.buffer(shapely.concave_hull(shapely.multipoints(xy), ratio=ratio), margin)
    if not closed.size or not shapely.intersects(shape, closed).any():
        near = shapely.intersection(shape, shapely.union_all(shapely.buffer(shapely.points(xy), reach)))
        return [(near if near.geom_type == "Polygon" else shape, int(households.sum()))]
    if len(xy) == 1 or (xy == xy[0]).all():
        return []  # the closed address lies at the very home
    along = int(np.argmax(np.ptp(xy, axis=0)))
    middle = np.sort(xy[:, along])[len(xy) // 2]
    left = xy[:, along] < middle
    if not left.any():
        left = xy[:, along] <= middle
    return [
        *_parts(xy[left], households[left], closed, how),
        *_parts(xy[~left], households[~left], closed, how),
    ]
