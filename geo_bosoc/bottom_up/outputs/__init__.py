"""What the bottom-up study writes: page, GeoPackage, workbook, place sheets. All of it is internal."""
