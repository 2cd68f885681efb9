"""The same measures at several scales: areas, square grid cells, nearest residents; and between neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_bosoc.balance.segregation.indices import segregation_indices
from geo_bosoc.neighbourhoods import nearest_sums
from geo_bosoc.problems import Report

_NAMES: Final = {10_000: "10km", 1_000: "1km", 500: "500m", 250: "250m", 100: "100m"}


def square_grid_ids(x: NDArray[np.float64], y: NDArray[np.float64], size: int = 100) -> list[str | None]:
    """Ids of the Danish square grid (kvadratnet): size, north, east of the lower left corner, in cells.

    Parameters
    ----------
    x, y : metres, EPSG:25832.
    size : metres: 100, 250, 500, 1000 or 10000.

    Returns
    -------
    One id a point; None without coordinates. A point on a border belongs to the cell north and east of it.

    >>> square_grid_ids(np.array([574_999.0]), np.array([6_223_600.0]), 1000)
    ['1km_6223_574']
    """
    if size not in _NAMES:
        raise ValueError(f"cells are {', '.join(str(one) for one in sorted(_NAMES))} m wide, not {size}")
    there = np.isfinite(x) & np.isfinite(y)
    east = np.floor(np.where(there, x, 0.0) / size).astype(np.int64)
    north = np.floor(np.where(there, y, 0.0) / size).astype(np.int64)
    return [f"{_NAMES[size]}_{n}_{e}" if ok else None for n, e, ok in zip(north, east, there, strict=True)]


def segregation_at_scales(
    homes: pd.DataFrame,
    groups: Sequence[str],
    *,
    cells: Sequence[int] = (100, 1000),
    ks: Sequence[int] = (200, 1000),
    barriers: gpd.GeoDataFrame | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """All indices over areas, addresses, square grid cells and each address's nearest residents.

    Parameters
    ----------
    homes : one row an address: ``address_id, x, y`` (EPSG:25832), ``area_id`` (missing = in none), the groups' counts
        of dwellings, and ``residents`` where they are known (else each dwelling counts as one resident).
    cells : sizes of grid cells in metres.
    ks : how many nearest residents.
    barriers : see `geo_bosoc.neighbourhoods.nearest_sums`.

    Returns
    -------
    The columns of `segregation` after ``scale`` (areas, address, grid, nearest) and ``size`` (metres, or residents).
    """
    parts = []
    placed = homes[homes["area_id"].notna()]
    if len(placed):
        parts.append(_at_scale(placed.groupby("area_id", sort=True)[list(groups)].sum(), groups, "areas", 0))
    parts.append(_at_scale(homes, groups, "address", 0))
    known = homes[np.isfinite(homes["x"].to_numpy(float)) & np.isfinite(homes["y"].to_numpy(float))]
    for size in cells:
        ids = square_grid_ids(known["x"].to_numpy(float), known["y"].to_numpy(float), size)
        summed = known.assign(cell=ids).groupby("cell", sort=True)[list(groups)].sum()
        parts.append(_at_scale(summed, groups, "grid", size))
    if ks and len(known):
        people = known["residents"] if "residents" in known else known[list(groups)].sum(axis=1)
        points = known[["address_id", "x", "y", *groups]].assign(residents=people.astype("int64"))
        near = nearest_sums(points, list(ks), values=list(groups), barriers=barriers, report=report)
        for k in ks:
            around = near[near["k"] == k].reset_index(drop=True)
            index = segregation_indices(points.reset_index(drop=True), groups, around=around)
            parts.append(index.assign(scale="nearest", size=k))
    frame = pd.concat(parts, ignore_index=True)
    return frame[["scale", "size", *[name for name in frame.columns if name not in ("scale", "size")]]]


def neighbour_contrast(
    areas: gpd.GeoDataFrame,
    counts: pd.DataFrame,
    group: str,
    groups: Sequence[str],
    *,
    distance: float = 100.0,
) -> pd.DataFrame:
    """Each area's share of a group beside that of its neighbours together.

    Parameters
    ----------
    areas : ``area_id`` and polygons, EPSG:25832.
    counts : ``area_id`` and the groups' counts.
    distance : metres: areas no further apart are neighbours (a road between two areas parts no neighbours, which a
        rule of shared borders would miss).

    Returns
    -------
    ``area_id, share, neighbours, neighbour_share, contrast`` (share - neighbour_share); an area without neighbours (an
    isolate) has 0 neighbours and no contrast.
    """
    table = counts.set_index("area_id")[list(groups)].reindex(areas["area_id"], fill_value=0)
    own = table[group].to_numpy(dtype=np.int64)
    total = table.sum(axis=1).to_numpy(dtype=np.int64)
    shapes = np.asarray(areas.geometry.array, dtype=object)
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=distance)
    apart = left != right
    near_own, near_total, many = (np.zeros(len(areas), np.int64) for _ in range(3))
    np.add.at(near_own, left[apart], own[right[apart]])
    np.add.at(near_total, left[apart], total[right[apart]])
    np.add.at(many, left[apart], 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, own / total, np.nan)
        around = np.where(near_total > 0, near_own / near_total, np.nan)
    return pd.DataFrame(
        {
            "area_id": areas["area_id"].to_numpy(),
            "share": share,
            "neighbours": many,
            "neighbour_share": around,
            "contrast": share - around,
        }
    )


def _at_scale(counts: pd.DataFrame, groups: Sequence[str], scale: str, size: int) -> pd.DataFrame:
    return segregation_indices(counts.reset_index(drop=True), groups).assign(scale=scale, size=size)
