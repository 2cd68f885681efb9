"""Addresses to areas, exactly, each distinct one once; registers to areas by way of their addresses; and how far it is
from points to the nearest of something."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import polars as pl
import shapely
from numpy.typing import ArrayLike, NDArray

from geo_bosoc.boundaries.geometry import CRS, SLIVER_WIDTH
from geo_bosoc.locate.address_keys import (
    Frame,
    distinct_points,
    key_columns,
    point_columns,
    with_keys_of,
)
from geo_bosoc.locate.overlap_rule import Assigned, assign_points
from geo_bosoc.locate.point_in_polygon import Floats, find_areas
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, joined, listed, phrase

POINTS_AT_ONCE: Final = 200_000
"""So many points are measured together."""
_FEW_CORNERS: Final = 256
"""A line or an outline with more corners is looked up by its single edges."""


def locate(
    points: Frame,
    areas: gpd.GeoDataFrame,
    *,
    on: str | Sequence[str] = "address_id",
    x: str = "x",
    y: str = "y",
    overlap: bool | None = None,
    distinct: bool = False,
    report: Report | None = None,
    key: str | Sequence[str] | None = None,
) -> pl.DataFrame:
    """Find the areas that each distinct address lies in.

    Parameters
    ----------
    points : polars.DataFrame, polars.LazyFrame or pandas.DataFrame
        The key columns and coordinates in EPSG:25832 (metres). The rows of one key are one address, located once; rows
        without a key are left out.
    areas : GeoDataFrame
        ``area_id`` and polygons, as `geo_bosoc.read_areas` gives them.
    on : str or sequence of str
        The key: the column or columns that name an address; the coordinates themselves, ``["x", "y"]``, will do.
    x, y : str
        The coordinate columns. Missing, NaN and infinite coordinates lie in no area.
    overlap : bool or None, optional
        Who gets a point that lies in several areas. True: all of them. False: the first by ``area_id``. None: all areas
        that overlap each other there, and the first by ``area_id`` of those that only share a border. Overlaps narrower
        than half a metre are borders drawn twice, and noted in the report.
    distinct : bool
        True says that each row has a key, and no two the same: this is not checked then.
    report : Report, optional
        Collects problems and, as the fact ``located``, the counts; without it warnings are issued.
    key : str or sequence of str, optional
        The earlier name of `on`; deprecated.

    Returns
    -------
    polars.DataFrame
        The key columns and ``area_id`` (`pl.Enum` of all ids, sorted), one row a point and area it lies in, in the
        order of the points (of the keys, where keys came several times); points in no area have no row.

    Raises
    ------
    InputError
        A column is missing or holds no numbers, ids are missing or doubled, or the areas are not in EPSG:25832.

    Notes
    -----
    Exact: a point lies in an area when shapely's ``intersects`` says so, its boundary (and a hole's) included.
    Nothing depends on the order of rows, or on which other points there are.

    What it costs: operations on whole arrays for each vertex (some 0.1 microseconds) and each point (some 0.1),
    and a geometry test of 1 to 2 microseconds for points near a boundary only: those in grid cells that an edge
    touches. With two cells a point, and 16.8 million cells at most, that is a tenth of the points when 6 million
    are spread evenly over 10,000 areas of 380 vertices. This share grows with the length of all boundaries, so
    with the root of the number of areas that cover the same land, and falls with the root of the number of cells;
    where points crowd into areas hardly larger than a cell it is all of them. More vertices cost their reading;
    the test's own time grows with their logarithm. Beside input and result it takes 4 bytes a point, up to 100 MB
    for the grid, and some 100 bytes a vertex of the areas with points near their boundary. Keys that come several
    times are sorted out first, in the time of a group-by.

    Examples
    --------
    >>> import shapely
    >>> square = gpd.GeoDataFrame({"area_id": ["a"]}, geometry=[shapely.box(0, 0, 100, 100)], crs=25832)
    >>> addresses = pl.DataFrame({"address_id": ["1", "2"], "x": [50.0, 500.0], "y": [50.0, 50.0]})
    >>> locate(addresses, square, report=Report()).rows()
    [('1', 'a')]
    """
    if key is not None:
        warnings.warn("locate(key=...) is now locate(on=...).", DeprecationWarning, stacklevel=2)
        on = key
    inner_report = Report()
    keys = key_columns(on)
    frame = point_columns(points, keys, x, y, inner_report)
    order = _checked_areas(areas, inner_report)
    if inner_report.errors or frame is None:
        inner_report.hand_over(report)
        return pl.DataFrame(schema={**dict.fromkeys(keys, pl.String), "area_id": pl.Enum([])})
    ids = areas["area_id"].to_numpy(dtype=object)[order].tolist()
    shapes = np.asarray(areas.geometry.array, dtype=object)[order]
    frame, keyless, several_positions = (frame, 0, 0) if distinct else distinct_points(frame, keys, x, y)
    if several_positions:
        inner_report.warn(
            phrase(
                "{addresses} given with different coordinates; the westernmost was used.",
                addresses=count_text(several_positions, "address", "addresses"),
            ),
            count=several_positions,
            hint="Check that the key names one address, and one only.",
        )
    px, py = (frame[name].fill_null(float("nan")).to_numpy() for name in (x, y))
    assigned = assign_points(find_areas(px, py, shapes), shapes, overlap)
    codes = pl.Series("area_id", ids, dtype=pl.Enum(ids)).gather(assigned.area.astype(np.uint32))
    addresses = frame.select(keys)
    one_area_each = len(assigned.point) == len(addresses) and assigned.several == 0
    located = (addresses if one_area_each else addresses[assigned.point]).with_columns(codes)
    placed = len(assigned.point) if assigned.several == 0 else len(np.unique(assigned.point))
    blank = int((~(np.isfinite(px) & np.isfinite(py))).sum())
    inner_report.facts["located"] = {
        "addresses": len(frame),
        "in_an_area": placed,
        "in_several_areas": assigned.several,
        "without_coordinates": blank,
        "rows_without_address": keyless,
        "on_a_shared_border": assigned.disputed,
        "narrow_overlaps": assigned.slivers,
    }
    _report_overlaps(inner_report, assigned, ids, overlap)
    if not placed and len(frame) > blank:
        _report_none_inside(px, py, shapes, inner_report)
    inner_report.hand_over(report)
    return located


def join_areas(register: pl.LazyFrame, located: pl.DataFrame, *, on: str | Sequence[str]) -> pl.LazyFrame:
    """Give each row of a register the areas of its address.

    Parameters
    ----------
    register : polars.LazyFrame
        The rows, read lazily; nothing is computed here.
    located : polars.DataFrame
        What `locate` gave.
    on : str or sequence of str
        The key column or columns, of the same name in both.

    Returns
    -------
    polars.LazyFrame
        The register's columns and ``area_id``: null where the address is in no area (or unknown), and one
        row for each area where it is in several.

    Raises
    ------
    InputError
        A key column is missing, is text in one and a number in the other, or there is an ``area_id`` already.

    Examples
    --------
    >>> located = pl.DataFrame({"address_id": ["1"], "area_id": ["a"]})
    >>> persons = pl.LazyFrame({"person_id": ["p", "q"], "address_id": ["1", "2"]})
    >>> join_areas(persons, located, on="address_id").collect()["area_id"].to_list()
    ['a', None]
    """
    keys = key_columns(on)
    report = Report()
    schema = register.collect_schema()
    if "area_id" in schema:
        report.error(
            "the register has a column area_id already.", column="area_id", hint="Rename or drop it."
        )
    located = with_keys_of(located, schema, keys, report)
    report.raise_errors()
    return register.join(located.lazy(), on=keys, how="left", maintain_order="left")


def _checked_areas(areas: gpd.GeoDataFrame, report: Report) -> Any:
    """The order of the areas by id; what is wrong with them goes to the report."""
    if "area_id" not in areas:
        report.error("the areas have no column area_id.", hint="Read them with read_areas.")
        return None
    if areas.crs is not None and not areas.crs.to_2d().equals(CRS, ignore_axis_order=True):
        report.error(
            "the areas are not in EPSG:25832.", hint='Read them with read_areas, or use to_crs("EPSG:25832").'
        )
    ids = areas["area_id"]
    if ids.isna().any() or not all(isinstance(value, str) for value in ids):
        report.error("area ids must be text, and none may be missing.", column="area_id")
        return None
    if ids.duplicated().any():
        duplicated = sorted(set(ids[ids.duplicated()]))[:5]
        report.error(
            phrase("area ids are given several times: {names}.", names=", ".join(duplicated)),
            column="area_id",
            hint="Join their rows.",
        )
    return np.argsort(ids.to_numpy(dtype=object), kind="stable")


def _report_overlaps(report: Report, assigned: Assigned, ids: list[str], overlap: bool | None) -> None:
    if assigned.disputed:
        where = phrase("in several areas" if overlap is False else "on a border that areas share")
        report.note(
            phrase(
                "{addresses} {where}, counted in the first of them by id.",
                addresses=count_text(assigned.disputed, "address", "addresses"),
                where=where,
            ),
            count=assigned.disputed,
        )
    if assigned.slivers:
        report.note(
            phrase(
                "{pairs} of areas overlapping by less than {width} m where addresses lie: taken for a border "
                "drawn twice.",
                pairs=count_text(assigned.slivers, "pair"),
                width=SLIVER_WIDTH,
            ),
            count=assigned.slivers,
        )
    if assigned.overlapping:
        pairs = [listed([ids[first], ids[second]]) for first, second in assigned.overlapping]
        others = len(pairs) - 5
        report.note(
            phrase(
                "{addresses} in several areas that overlap, counted in each: {pairs}.",
                addresses=count_text(assigned.several, "address", "addresses"),
                pairs=joined(pairs[:5], "; ")
                + (phrase(" and {count:,} more pairs", count=others) if others > 0 else ""),
            ),
            count=assigned.several,
            hint="If these areas should not overlap, correct the layer.",
        )


def _report_none_inside(x: Floats, y: Floats, shapes: Any, report: Report) -> None:
    has_coordinates = np.isfinite(x) & np.isfinite(y)
    swapped = (
        find_areas(np.where(has_coordinates, y, np.nan), np.where(has_coordinates, x, np.nan), shapes).first
        >= 0
    )
    hint = (
        "x and y look swapped."
        if swapped.any()
        else "Check that both are of the same place and in EPSG:25832."
    )
    report.warn("none of the addresses lies in any of the areas.", hint=hint)


def distance_to_nearest(
    x: ArrayLike, y: ArrayLike, layer: gpd.GeoDataFrame | gpd.GeoSeries
) -> NDArray[np.float64]:
    """How far each point is from the nearest shape of a layer, in a straight line.

    Nobody walks in a straight line: a distance by roads is longer, by a quarter or a third in a town, and by much more
    across a railway or a harbour.

    Parameters
    ----------
    x, y : array-like of float, shape (n,)
        Coordinates of the points in the layer's CRS; NaN for a point without a place.
    layer : GeoDataFrame or GeoSeries
        Points, lines or polygons in a CRS in metres; empty shapes are left out.

    Returns
    -------
    ndarray of float, shape (n,)
        Metres, 0 inside a polygon; NaN for a point without a place, and everywhere where the layer holds no shape.

    Examples
    --------
    >>> schools = gpd.GeoSeries(gpd.points_from_xy([0, 1000], [0, 0]), crs=25832)
    >>> distance_to_nearest([0, 300, 800, float("nan")], [0, 400, 0, 0], schools).tolist()
    [0.0, 500.0, 200.0, nan]
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    metres = np.full(len(xs), np.nan)
    placed = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys))
    shapes = np.asarray(layer.geometry if isinstance(layer, gpd.GeoDataFrame) else layer, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not shapes.size or not placed.size:
        return metres
    nearby, inside = _trees(shapely.get_parts(shapes))
    for start in range(0, len(placed), POINTS_AT_ONCE):
        part = placed[start : start + POINTS_AT_ONCE]
        points = shapely.points(xs[part], ys[part])
        numbers, distances = nearby.query_nearest(points, return_distance=True, all_matches=False)
        metres[part[numbers[0]]] = distances
        metres[part[inside.query(points, predicate="intersects")[0]]] = 0.0
    return metres


def _trees(shapes: NDArray[np.object_]) -> tuple[shapely.STRtree, shapely.STRtree]:
    """What a point may be near to, shapes with many corners by their single edges; and those of them that it may lie
    in."""
    is_long = shapely.get_num_coordinates(shapes) > _FEW_CORNERS
    long = shapes[is_long]
    areas = long[shapely.get_dimensions(long) == 2]
    lines = np.concatenate(
        [long[shapely.get_dimensions(long) == 1], shapely.get_parts(shapely.boundary(areas))]
    )
    shapely.prepare(areas)
    return shapely.STRtree(np.concatenate([shapes[~is_long], _edges(lines)])), shapely.STRtree(areas)


def _edges(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """The single edges of lines."""
    if not lines.size:
        return lines
    corners, number = shapely.get_coordinates(lines, return_index=True)
    follows = number[:-1] == number[1:]
    return np.asarray(
        shapely.linestrings(np.stack([corners[:-1][follows], corners[1:][follows]], axis=1)), dtype=object
    )
