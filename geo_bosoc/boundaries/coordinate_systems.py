"""Coordinate reference systems: what a text or a file means by one, and whether it is one of maps."""

from __future__ import annotations

from typing import Any, Final

import pyproj

WORKING_CRS: Final = "EPSG:25832"
"""ETRS89 / UTM zone 32N, metres: the CRS of everything inside."""


def known_crs(given: Any) -> pyproj.CRS | None:
    """The CRS that a text, or PROJJSON, names; None where there is no such."""
    try:
        return pyproj.CRS.from_user_input(given)
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


def leads_to_working_crs(crs: pyproj.CRS) -> bool:
    """Whether it is a CRS of maps that can be transformed to `WORKING_CRS`."""
    if not is_map_crs(crs):
        return False
    try:
        pyproj.Transformer.from_crs(crs, WORKING_CRS, always_xy=True)
    except pyproj.exceptions.ProjError:
        return False
    return True
