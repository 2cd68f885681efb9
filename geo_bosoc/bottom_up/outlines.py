"""Places drawn and named: outlines round the homes in them, never round a lone one, nor round a shelter."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_bosoc.problems import Report

CRS: Final = "EPSG:25832"


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
