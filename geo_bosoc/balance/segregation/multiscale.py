"""Segregation at several scales: areas, square grid cells, nearest residents; and between neighbours."""

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
    x, y : ndarray of float
        Metres, EPSG:25832.
    size : {100, 250, 500, 1000, 10000}, optional
        Metres.

    Returns
    -------
    list of str or None
        An id a point; None without coordinates. A point on a border belongs to the cell north and east of it.

    Examples
    --------
    >>> import numpy as np
    >>> from geo_bosoc.balance.segregation import square_grid_ids
    >>> square_grid_ids(np.array([574_999.0]), np.array([6_223_600.0]), 1000)
    ['1km_6223_574']
    """
    if size not in _NAMES:
        raise ValueError(
            f"cells are {', '.join(str(metres) for metres in sorted(_NAMES))} m wide, not {size}"
        )
    valid = np.isfinite(x) & np.isfinite(y)
    east = np.floor(np.where(valid, x, 0.0) / size).astype(np.int64)
    north = np.floor(np.where(valid, y, 0.0) / size).astype(np.int64)
    return [
        f"{_NAMES[size]}_{row}_{column}" if is_valid else None
        for row, column, is_valid in zip(north, east, valid, strict=True)
    ]


def segregation_at_scales(
    homes: pd.DataFrame,
    groups: Sequence[str],
    *,
    cell_sizes: Sequence[int] = (100, 1000),
    ks: Sequence[int] = (200, 1000),
    barriers: gpd.GeoDataFrame | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """All indices over areas, addresses, square grid cells and each address's nearest residents.

    Parameters
    ----------
    homes : DataFrame
        One row an address: ``address_id, x, y`` (EPSG:25832), ``area_id`` (missing = in none), the groups' counts of
        dwellings, and ``residents`` where they are known (else each dwelling counts as a resident).
    groups : sequence of str
        Columns.
    cell_sizes : sequence of int, optional
        Sizes of grid cells in metres.
    ks : sequence of int, optional
        How many nearest residents.
    barriers : GeoDataFrame, optional
        See `geo_bosoc.neighbourhoods.nearest_sums`.
    report : Report, optional
        Collects warnings.

    Returns
    -------
    DataFrame
        The columns of `segregation_indices` after ``scale`` (areas, address, grid, nearest) and ``size`` (metres, or
        residents).

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance.segregation import segregation_at_scales
    >>> homes = pd.DataFrame(
    ...     {"address_id": ["a", "b"], "x": [574_050.0, 574_150.0], "y": [6_223_050.0] * 2, "area_id": ["U1", "U1"],
    ...      "social": [10, 0], "other": [0, 10]}
    ... )
    >>> scales = segregation_at_scales(homes, ["social", "other"], cell_sizes=(100, 1000), ks=())
    >>> scales.loc[scales["measure"] == "information", ["scale", "size", "value"]].values.tolist()
    [['areas', 0, 0.0], ['address', 0, 1.0], ['grid', 100, 1.0], ['grid', 1000, 0.0]]
    """
    tables = []
    in_areas = homes[homes["area_id"].notna()]
    if len(in_areas):
        tables.append(
            _at_scale(in_areas.groupby("area_id", sort=True)[list(groups)].sum(), groups, "areas", 0)
        )
    tables.append(_at_scale(homes, groups, "address", 0))
    located = homes[np.isfinite(homes["x"].to_numpy(float)) & np.isfinite(homes["y"].to_numpy(float))]
    for size in cell_sizes:
        ids = square_grid_ids(located["x"].to_numpy(float), located["y"].to_numpy(float), size)
        summed = located.assign(cell=ids).groupby("cell", sort=True)[list(groups)].sum()
        tables.append(_at_scale(summed, groups, "grid", size))
    if ks and len(located):
        residents = located["residents"] if "residents" in located else located[list(groups)].sum(axis=1)
        points = located[["address_id", "x", "y", *groups]].assign(residents=residents.astype("int64"))
        sums = nearest_sums(points, list(ks), values=list(groups), barriers=barriers, report=report)
        for k in ks:
            around = sums[sums["k"] == k].reset_index(drop=True)
            indices = segregation_indices(points.reset_index(drop=True), groups, around=around)
            tables.append(indices.assign(scale="nearest", size=k))
    frame = pd.concat(tables, ignore_index=True)
    return frame[["scale", "size", *[name for name in frame.columns if name not in ("scale", "size")]]]


def neighbour_contrast(
    areas: gpd.GeoDataFrame,
    counts: pd.DataFrame,
    group: str,
    groups: Sequence[str],
    *,
    distance: float = 100.0,
) -> pd.DataFrame:
    """Each area's share of a group, and that of its neighbours together.

    Parameters
    ----------
    areas : GeoDataFrame
        ``area_id`` and polygons, EPSG:25832.
    counts : DataFrame
        ``area_id`` and the groups' counts.
    group : str
        Of `groups`.
    groups : sequence of str
        Columns.
    distance : float, optional
        Metres: areas no further apart are neighbours (a road between two areas parts no neighbours, which a rule of
        shared borders would miss).

    Returns
    -------
    DataFrame
        ``area_id, share, neighbours, neighbour_share, contrast`` (share - neighbour_share); an area without
        neighbours (an isolate) has 0 neighbours and no contrast.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import pandas as pd
    >>> from shapely import box
    >>> from geo_bosoc.balance.segregation import neighbour_contrast
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_id": ["U1", "U2"]}, geometry=[box(0, 0, 9, 9), box(50, 0, 59, 9)], crs="EPSG:25832"
    ... )
    >>> counts = pd.DataFrame({"area_id": ["U1", "U2"], "social": [75, 25], "other": [25, 75]})
    >>> neighbour_contrast(areas, counts, "social", ["social", "other"])["contrast"].tolist()
    [0.5, -0.5]
    """
    table = counts.set_index("area_id")[list(groups)].reindex(areas["area_id"], fill_value=0)
    group_counts = table[group].to_numpy(dtype=np.int64)
    total = table.sum(axis=1).to_numpy(dtype=np.int64)
    shapes = np.asarray(areas.geometry.array, dtype=object)
    tree = shapely.STRtree(shapes)
    area, neighbour = tree.query(shapes, predicate="dwithin", distance=distance)
    other = area != neighbour
    near_group, near_total, neighbours = (np.zeros(len(areas), np.int64) for _ in range(3))
    np.add.at(near_group, area[other], group_counts[neighbour[other]])
    np.add.at(near_total, area[other], total[neighbour[other]])
    np.add.at(neighbours, area[other], 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, group_counts / total, np.nan)
        around = np.where(near_total > 0, near_group / near_total, np.nan)
    return pd.DataFrame(
        {
            "area_id": areas["area_id"].to_numpy(),
            "share": share,
            "neighbours": neighbours,
            "neighbour_share": around,
            "contrast": share - around,
        }
    )


def _at_scale(counts: pd.DataFrame, groups: Sequence[str], scale: str, size: int) -> pd.DataFrame:
    return segregation_indices(counts.reset_index(drop=True), groups).assign(scale=scale, size=size)
