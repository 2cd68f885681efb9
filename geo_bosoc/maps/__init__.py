"""The Folium risk map and the GeoPackage with its QGIS styles."""
