"""What the study of balance writes: page, GeoPackage, workbook, plots, CSV tables."""
