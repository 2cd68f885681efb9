"""Nominated and detected places in one list, named and outlined: never round a lone home, nor round a shelter."""

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
from geo_bosoc.problems.messages import phrase

CRS: Final = "EPSG:25832"
SAME_PLACE_JACCARD: Final = 0.3
"""Jaccard of homes (shared / in either) from which a nominated and a detected place are the same: an assumption."""
INSIDE_SHARE: Final = 0.5
"""Share of a detected place's homes within a nominated place from which it is that place: an assumption."""


def merge_places(
    nominations: Nominations | None,
    detected: pd.DataFrame,
    *,
    addresses: pd.DataFrame,
    areas: gpd.GeoDataFrame | None = None,
    exclude: Collection[str] = (),
    least_households: int = 20,
    jaccard: float = SAME_PLACE_JACCARD,
    inside: float = INSIDE_SHARE,
    report: Report | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Merge nominated and detected places by the homes they share.

    Parameters
    ----------
    nominations : Nominations or None
        As `read_nominations` gives them; None where there are none.
    detected : DataFrame
        Homes of detected places, `address_id, place_id` (`join_places`).
    addresses : DataFrame
        As `outline_places` takes them: `address_id, x, y, residents, households`, and `street`, `estate`.
    areas : GeoDataFrame, optional
        The estates (`area_id, name, geometry`): a nominated estate is drawn as it is and keeps its name.
    exclude : collection of str, optional
        Shelters, institutions and protected addresses: no homes of any place, within no outline drawn from homes.
    least_households : int, optional
        Of each outline drawn from homes.
    jaccard : float, optional
        A nominated and a detected place with at least this share of their homes in common are the same; each detected
        place goes to the nominated place that it shares most with.
    inside : float, optional
        A detected place with at least this share of its homes in a nominated place is that place too: somebody has
        pointed at it.
    report : Report, optional
        Collects notes.

    Returns
    -------
    places : GeoDataFrame
        EPSG:25832, sorted by `place_id`; geometry None where nothing may be drawn: `place_id` (N... of nominated,
        P... of detected places), `name, named, found, nominations` (how many), `geometry`, `found_as` (the detected
        places that went into a nominated place, with commas) and `jaccard` (of the most alike; NaN without any).
    homes : DataFrame
        `place_id, address_id`. A nominated place keeps the homes that staff named, a detected place those that were
        detected.

    Raises
    ------
    InputError
        As `outline_places`.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.bottom_up import merge_places
    >>> addresses = pd.DataFrame(
    ...     {"address_id": ["a", "b"], "x": [570_000.0, 570_030.0], "y": [6_220_000.0] * 2}
    ... ).assign(residents=30, households=15, street="Solvej")
    >>> detected = pd.DataFrame({"place_id": ["P001", "P001"], "address_id": ["a", "b"]})
    >>> places, homes = merge_places(None, detected, addresses=addresses)
    >>> places[["place_id", "name", "named", "found"]].values.tolist(), len(homes)
    ([['P001', 'Solvej', False, True]], 2)
    """
    inner_report = Report()
    excluded = set(exclude)
    named = nominated_homes(nominations, excluded)
    detected = detected[["place_id", "address_id"]]
    detected = detected[~detected["address_id"].isin(excluded)]
    matched = most_alike(named, detected, jaccard, inside)
    detected_only = detected[~detected["place_id"].isin(matched["found_id"])]
    homes = pd.concat([named, detected_only], ignore_index=True).drop_duplicates()
    homes = homes.sort_values(["place_id", "address_id"], ignore_index=True)
    outlines = outline_places(
        addresses, homes, exclude=exclude, least_households=least_households, report=inner_report
    ).set_index("place_id")
    nominations_by_place = (
        {} if nominations is None else nominations.rows["place_id"].value_counts().to_dict()
    )
    estates = {} if nominations is None else dict(nominations.estates.itertuples(index=False, name=None))
    shapes = {} if areas is None else dict(zip(areas["area_id"], areas.geometry, strict=True))
    names = {} if areas is None else dict(zip(areas["area_id"], areas["name"], strict=True))
    rows = []
    for place_id in sorted(homes["place_id"].unique()):
        matches = matched[matched["named_id"] == place_id]
        area = estates.get(place_id)
        outlined = place_id in outlines.index
        rows.append(
            {
                "place_id": place_id,
                "name": str(names.get(area, "")) or (str(outlines.loc[place_id, "name"]) if outlined else ""),
                "named": place_id in nominations_by_place,
                "found": place_id not in nominations_by_place or not matches.empty,
                "nominations": int(nominations_by_place.get(place_id, 0)),
                "geometry": shapes.get(area, outlines.loc[place_id, "geometry"] if outlined else None),
                "found_as": ",".join(matches["found_id"]),
                "jaccard": float(matches["jaccard"].max()) if len(matches) else float("nan"),
            }
        )
    inner_report.hand_over(report)
    columns = ["place_id", "name", "named", "found", "nominations", "geometry", "found_as", "jaccard"]
    places = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs="EPSG:25832")
    return places, homes


def nominated_homes(nominations: Nominations | None, excluded: Collection[str]) -> pd.DataFrame:
    """`place_id, address_id` of the nominated places, but for the addresses excluded."""
    if nominations is None:
        return pd.DataFrame({"place_id": pd.Series(dtype=object), "address_id": pd.Series(dtype=object)})
    rows = nominations.rows[["nomination_id", "place_id"]]
    homes = nominations.homes.merge(rows[rows["place_id"] != ""], on="nomination_id")
    homes = homes[["place_id", "address_id"]].drop_duplicates()
    return homes[~homes["address_id"].isin(list(excluded))]


def most_alike(
    named: pd.DataFrame,
    detected: pd.DataFrame,
    jaccard: float = SAME_PLACE_JACCARD,
    inside: float = INSIDE_SHARE,
) -> pd.DataFrame:
    """`found_id, named_id, jaccard`: the nominated place that each detected place is, where it is such.

    `named` and `detected` are ``place_id, address_id``; see `merge_places`.
    """
    pairs = detected.merge(named, on="address_id", suffixes=("_found", "_named"))
    shared = pairs.groupby(["place_id_found", "place_id_named"]).size().rename("shared").reset_index()
    detected_homes = detected.groupby("place_id").size()
    named_homes = named.groupby("place_id").size()
    shared["here"] = shared["place_id_found"].map(detected_homes).astype(float)
    shared["jaccard"] = shared["shared"] / (
        shared["here"] + shared["place_id_named"].map(named_homes).astype(float) - shared["shared"]
    )
    is_same = (shared["jaccard"] >= jaccard) | (shared["shared"] >= inside * shared["here"])
    ranked = shared[is_same].sort_values(
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
    addresses : DataFrame
        All addresses of the municipality: `address_id`, `x`, `y`, `residents`, `households`, and `street` and `estate`
        (names) where they are known.
    members : DataFrame
        `address_id`, `place_id` (`join_places`).
    exclude : collection of str, optional
        Ids of shelters, institutions and protected addresses. None of them is a home of a place, and none lies within
        an outline: the homes round it are drawn in several parts instead (a hole would point at it).
    least_households : int, optional
        Of each part drawn. Parts with fewer are not drawn; a place without a part has no outline, and says so, but it
        is a place.
    ratio : float, optional
        Of the concave hull, 0 (follows every home) to 1 (convex).
    margin : float, optional
        Metres round the homes.
    reach : float, optional
        Metres from a home beyond which nothing is drawn (a field between two blocks), unless that would cut an
        outline in two.
    report : Report, optional
        Collects notes.

    Returns
    -------
    GeoDataFrame
        EPSG:25832, one row a place: `place_id, name, homes, households, residents, drawn_households`, `geometry` (None
        where nothing may be drawn).

    Raises
    ------
    InputError
        Columns are missing, or members are at addresses that are not among the addresses.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.bottom_up import outline_places
    >>> addresses = pd.DataFrame(
    ...     {"address_id": ["a", "b"], "x": [570_000.0, 570_030.0], "y": [6_220_000.0] * 2}
    ... ).assign(residents=30, households=15)
    >>> members = pd.DataFrame({"place_id": ["P001", "P001"], "address_id": ["a", "b"]})
    >>> outlines = outline_places(addresses, members)
    >>> outlines["drawn_households"].tolist(), outlines.geometry.geom_type.tolist()
    ([30], ['Polygon'])
    """
    inner_report = Report()
    for name in ("address_id", "x", "y", "residents", "households"):
        if name not in addresses.columns:
            inner_report.error("is not there.", file="addresses", column=name)
    inner_report.raise_errors()
    is_excluded = addresses["address_id"].isin(list(exclude)).to_numpy()
    excluded_points: NDArray[Any] = np.asarray(
        shapely.points(addresses.loc[is_excluded, ["x", "y"]].to_numpy(np.float64))
    )
    homes = members.merge(addresses, on="address_id", how="left", validate="many_to_one")
    missing = int(homes["x"].isna().sum())
    if missing:
        inner_report.error(
            "names addresses that are not there.", file="members", column="address_id", count=missing
        )
    inner_report.raise_errors()
    homes = homes[~homes["address_id"].isin(list(exclude))]
    rows: list[dict[str, Any]] = []
    for place_id, group in homes.sort_values(["place_id", "x", "y", "address_id"]).groupby("place_id"):
        parts = _parts(
            group[["x", "y"]].to_numpy(np.float64),
            group["households"].to_numpy(np.int64),
            excluded_points,
            (ratio, margin, reach),
        )
        parts_drawn = _without_rings([part for part in parts if part[1] >= least_households], excluded_points)
        rows.append(
            {
                "place_id": place_id,
                "name": place_name(group),
                "homes": len(group),
                "households": int(group["households"].sum()),
                "residents": int(group["residents"].sum()),
                "drawn_households": sum(count for _, count in parts_drawn),
                "geometry": shapely.union_all([shape for shape, _ in parts_drawn]) if parts_drawn else None,
            }
        )
    without_outline = sum(row["geometry"] is None for row in rows)
    if without_outline:
        inner_report.note(
            phrase(
                "places are not drawn: fewer than {least} households.",
                least=least_households,
            ),
            count=without_outline,
        )
    inner_report.hand_over(report)
    columns = ["place_id", "name", "homes", "households", "residents", "drawn_households", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=CRS)


def place_name(homes: pd.DataFrame) -> str:
    """The estate that most residents live in; else the street of most, and the second if a quarter live there."""
    total = int(homes["residents"].sum())
    if "estate" in homes.columns:
        estates = _residents_by_name(homes, "estate")
        if len(estates) and 2 * int(estates.iloc[0]) > total:
            return str(estates.index[0])
    streets = _residents_by_name(homes, "street") if "street" in homes.columns else pd.Series(dtype=np.int64)
    if not len(streets):
        return ""
    names = [str(streets.index[0])]
    if len(streets) > 1 and 4 * int(streets.iloc[1]) >= total:
        names.append(str(streets.index[1]))
    return " / ".join(names)


def _residents_by_name(homes: pd.DataFrame, column: str) -> pd.Series:
    """Residents by name, most first, equal ones by name."""
    named = homes[homes[column].notna() & (homes[column].astype(str) != "")]
    sums = named.groupby(column)["residents"].sum().reset_index()
    return sums.sort_values(["residents", column], ascending=[False, True]).set_index(column)["residents"]


def _without_rings(parts: list[tuple[Any, int]], excluded_points: NDArray[Any]) -> list[tuple[Any, int]]:
    """The parts, less the smallest ones if together they would close a ring round an excluded address."""
    remaining = sorted(parts, key=lambda part: (-part[1], shapely.bounds(part[0]).tolist()))
    while remaining:
        rings = shapely.get_rings(shapely.union_all([shape for shape, _ in remaining]))
        if (
            not excluded_points.size
            or not shapely.intersects(shapely.union_all(shapely.polygons(rings)), excluded_points).any()
        ):
            return remaining
        remaining.pop()
    return remaining


def _parts(
    xy: NDArray[np.float64],
    households: NDArray[np.int64],
    excluded_points: NDArray[Any],
    hull: tuple[float, float, float],
) -> list[tuple[Any, int]]:
    """Outlines without an excluded address, and the households in each: homes are divided until it is so."""
    ratio, margin, reach = hull
    shape: Any = shapely.buffer(shapely.concave_hull(shapely.multipoints(xy), ratio=ratio), margin)
    if not excluded_points.size or not shapely.intersects(shape, excluded_points).any():
        within_reach = shapely.intersection(
            shape, shapely.union_all(shapely.buffer(shapely.points(xy), reach))
        )
        return [(within_reach if within_reach.geom_type == "Polygon" else shape, int(households.sum()))]
    if len(xy) == 1 or (xy == xy[0]).all():
        return []  # the excluded address lies at the very home
    axis = int(np.argmax(np.ptp(xy, axis=0)))
    middle = np.sort(xy[:, axis])[len(xy) // 2]
    first_half = xy[:, axis] < middle
    if not first_half.any():
        first_half = xy[:, axis] <= middle
    return [
        *_parts(xy[first_half], households[first_half], excluded_points, hull),
        *_parts(xy[~first_half], households[~first_half], excluded_points, hull),
    ]
