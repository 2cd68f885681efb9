"""Coordinate systems, and polygons made usable: one CRS, valid before and after, no slivers, changes reported."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo_bosoc.memory import THREADS
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import Message, as_message, count_text, joined, listed, phrase

CRS: Final = "EPSG:25832"
"""ETRS89 / UTM zone 32N, metres: the CRS of everything inside."""
DENMARK: Final = (390_000.0, 6_010_000.0, 940_000.0, 6_450_000.0)
"""Bounds of the country in EPSG:25832 (minx, miny, maxx, maxy), with its territorial sea and a margin."""
SLIVER_WIDTH: Final = 0.5
"""Metres. A polygon of a smaller mean width is a slip of the pen, not land that somebody lives on."""
_MANY_VERTICES: Final = 200_000
_LIKELY_BOUNDS: Final = {
    "EPSG:25832": DENMARK,
    "EPSG:4326": (7.5, 54.3, 15.6, 58.0),
    "swapped": (54.3, 7.5, 58.0, 15.6),
}
_REASONS: Final = (
    "Self-intersection",
    "Ring Self-intersection",
    "Hole lies outside shell",
    "Holes are nested",
    "Interior is disconnected",
    "Nested shells",
    "Duplicate Rings",
    "Repeated Point",
    "Too few points in geometry component",
    "Ring is not closed",
    "Invalid Coordinate",
    "Topology Validation Error",
)
"""What GEOS says of an invalid polygon; the last of any other fault."""
Geometries = NDArray[Any]
Mask = NDArray[np.bool_]


def parse_crs(text: Any) -> pyproj.CRS | None:
    """The CRS that a text, or PROJJSON, names; None where there is no such."""
    try:
        return pyproj.CRS.from_user_input(text)
    except (pyproj.exceptions.CRSError, OverflowError, TypeError, ValueError):
        return None


def is_map_crs(crs: pyproj.CRS) -> bool:
    """Whether coordinates in it say where on the Earth a point lies: no drawing, no height alone, no CRS "undefined".

    GDAL gives a layer whose CRS nobody knows (GeoPackage's srs_id -1 and 0, LOCAL_CS in a .prj, MapInfo's NonEarth) one
    of these.

    >>> is_map_crs(pyproj.CRS("EPSG:25832")), is_map_crs(pyproj.CRS("EPSG:5799"))
    (True, False)
    """
    return bool(crs.is_geographic or crs.is_projected) and not str(crs.name).lower().startswith("undefined")


def stated_map_crs(stated: Any) -> pyproj.CRS | None:
    """The CRS that a file states; None where it is none of maps, such as GeoPackage's "undefined"."""
    crs = parse_crs(stated) if stated else None
    return crs if crs is not None and is_map_crs(crs) else None


def leads_to_working_crs(crs: pyproj.CRS) -> bool:
    """Whether it is a CRS of maps that can be transformed to `WORKING_CRS`."""
    if not is_map_crs(crs):
        return False
    try:
        pyproj.Transformer.from_crs(crs, CRS, always_xy=True)
    except pyproj.exceptions.ProjError:
        return False
    return True


def mean_width(polygons: Geometries) -> NDArray[np.float64]:
    """The mean width of each polygon in metres: twice the area over the perimeter, 0 where there is no perimeter.

    A strip of length l and width w, w much less than l, has 2lw / (2l + 2w), nearly w; a square of side s
    has s / 2.
    """
    perimeter = np.asarray(shapely.length(polygons), dtype=float)
    area = np.asarray(shapely.area(polygons), dtype=float)
    width: NDArray[np.float64] = np.divide(
        2 * area, perimeter, out=np.zeros_like(perimeter), where=perimeter > 0
    )
    return width


def feature_list(rows: Iterable[int], limit: int = 8) -> Message:
    """Rows as text: ``feature 3``, ``features 3, 7 and 9``, ``features 1, 2, 3 and 40 more``."""
    numbers = [str(row) for row in rows]
    if len(numbers) == 1:
        return phrase("feature {row}", row=numbers[0])
    if len(numbers) <= limit:
        return phrase("features {rows}", rows=listed(numbers))
    return phrase(
        "features {rows} and {count:,} more", rows=", ".join(numbers[:limit]), count=len(numbers) - limit
    )


def reproject(geometry: Geometries, crs: pyproj.CRS) -> Geometries:
    """Two-dimensional geometries in EPSG:25832; coordinates that have no place there become infinite."""
    if crs.to_2d().equals(pyproj.CRS(CRS), ignore_axis_order=True):
        return geometry
    move = pyproj.Transformer.from_crs(crs, CRS, always_xy=True)

    def moved(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(move.transform(xy[:, 0], xy[:, 1]))

    return np.asarray(shapely.transform(geometry, moved), dtype=object)


def is_finite(geometry: Geometries) -> Mask:
    """Where every coordinate is a number."""
    if np.isfinite(shapely.get_coordinates(geometry)).all():
        return np.ones(len(geometry), dtype=bool)
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    broken = np.unique(owner[~np.isfinite(coordinates).all(axis=1)])
    return ~np.isin(np.arange(len(geometry)), broken)


def in_denmark(geometry: Geometries, *, complete: bool) -> Mask:
    """Where a geometry in EPSG:25832 lies in the box around Denmark: all of it, or some of it."""
    west, south, east, north = shapely.bounds(geometry).T
    if complete:
        west, south, east, north = east, north, west, south
    with np.errstate(invalid="ignore"):
        return np.asarray(
            (west <= DENMARK[2]) & (south <= DENMARK[3]) & (east >= DENMARK[0]) & (north >= DENMARK[1])
        )


def fitting_crs(bounds: NDArray[np.float64]) -> str | None:
    """What a file's bounds look like: ``EPSG:25832``, ``EPSG:4326``, ``swapped`` degrees, or None."""
    west, south, east, north = bounds
    for name, box in _LIKELY_BOUNDS.items():
        if west >= box[0] and south >= box[1] and east <= box[2] and north <= box[3]:
            return name
    return None


def only_polygons(geometry: Geometries) -> tuple[Geometries, Mask]:
    """Each geometry's polygons, and where something else (points, lines) was left out.

    A geometry without polygons becomes None. Collections are taken apart, however deep.
    """
    kinds = shapely.get_type_id(geometry)
    result = geometry.copy()
    with_others: Mask = np.zeros(len(geometry), dtype=bool)
    for index in np.flatnonzero((kinds != 3) & (kinds != 6)):
        parts = _leaves(geometry[index])
        faces = [part for part in parts if part.geom_type == "Polygon"]
        with_others[index] = len(faces) < len(parts)
        result[index] = shapely.multipolygons(faces) if faces else None
    return result, with_others


def _leaves(geometry: Any) -> list[Any]:
    if geometry.geom_type.startswith("Multi") or geometry.geom_type == "GeometryCollection":
        return [leaf for part in geometry.geoms for leaf in _leaves(part)]
    return [] if geometry.is_empty else [geometry]


def repair_polygons(
    geometry: Geometries, rows: NDArray[np.int64], stage: str, file: str, report: Report
) -> tuple[Geometries, Mask]:
    """Invalid polygons made valid (by structure: shells joined, holes cut out), and where that was needed.

    A polygon of which nothing is left becomes None. What was wrong is reported by row, as GEOS names it.
    """
    invalid: Mask = ~_is_valid(geometry) & ~shapely.is_missing(geometry)
    if not invalid.any():
        return geometry, invalid
    texts = [str(text).split("[")[0].strip() for text in shapely.is_valid_reason(geometry[invalid])]
    reasons = sorted({text if text in _REASONS else _REASONS[-1] for text in texts})
    result = geometry.copy()
    result[invalid] = shapely.make_valid(geometry[invalid], method="structure", keep_collapsed=False)
    result[invalid] = only_polygons(result[invalid])[0]
    result[invalid & np.asarray(shapely.is_empty(result))] = None
    report.warn(
        phrase(
            "{count} invalid {stage} ({reasons}) and repaired: {features}.",
            count=count_text(int(invalid.sum()), "polygon"),
            stage=as_message(stage),
            reasons=joined(as_message(reason) for reason in reasons),
            features=feature_list(rows[invalid]),
        ),
        file=file,
        count=int(invalid.sum()),
        hint="Look at them on the map; repair the layer itself when you can.",
    )
    return result, invalid


def _is_valid(geometry: Geometries) -> Mask:
    """`shapely.is_valid`, in threads where there is much to look at: it lets other threads run."""
    if shapely.get_num_coordinates(geometry).sum() < _MANY_VERTICES:
        return np.asarray(shapely.is_valid(geometry), dtype=bool)
    with ThreadPoolExecutor(THREADS) as threads:
        return np.concatenate(list(threads.map(shapely.is_valid, np.array_split(geometry, 16))))


def without_slivers(
    geometry: Geometries, rows: NDArray[np.int64], file: str, report: Report
) -> tuple[Geometries, int]:
    """Parts narrower than `SLIVER_WIDTH` taken out of areas that have wider ones; the number of parts taken out.

    An area that is nothing but slivers is kept, with a warning.
    """
    parts, owner = shapely.get_parts(geometry, return_index=True)
    thin = mean_width(parts) < SLIVER_WIDTH
    if not thin.any():
        return geometry, 0
    wide_parts = np.bincount(owner[~thin], minlength=len(geometry))
    thin_parts = np.bincount(owner[thin], minlength=len(geometry))
    all_thin = (wide_parts == 0) & (thin_parts > 0)
    if all_thin.any():
        report.warn(
            phrase(
                "{count} narrower than {width} m all over: {features}.",
                count=count_text(int(all_thin.sum()), "area"),
                width=SLIVER_WIDTH,
                features=feature_list(rows[all_thin]),
            ),
            file=file,
            count=int(all_thin.sum()),
            hint="Check that they are areas, and that the coordinates are metres.",
        )
    result = geometry.copy()
    cut = np.flatnonzero((wide_parts > 0) & (thin_parts > 0))
    for index in cut:
        wide = parts[(owner == index) & ~thin]
        result[index] = wide[0] if len(wide) == 1 else shapely.multipolygons(wide)
    removed = int(thin_parts[cut].sum())
    if removed:
        report.note(
            phrase(
                "{count}, parts narrower than {width} m, taken out of {features}.",
                count=count_text(removed, "sliver"),
                width=SLIVER_WIDTH,
                features=feature_list(rows[cut]),
            ),
            file=file,
            count=removed,
        )
    return result, removed
