"""What a run writes: map page, GeoPackage, workbook, CSV tables, manifest. It takes published results only."""
