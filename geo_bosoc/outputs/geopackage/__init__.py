"""The GeoPackage with its QGIS styles."""
