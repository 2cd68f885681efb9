"""The Folium risk map and the GeoPackage with its QGIS styles."""

from geo_bosoc.maps.geopackage import write_geopackage
from geo_bosoc.maps.risk_map import risk_map, write_risk_map

__all__ = ["risk_map", "write_geopackage", "write_risk_map"]
