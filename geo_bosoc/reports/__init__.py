"""Tables, workbook and manifest."""

from geo_bosoc.reports.manifest import write_manifest
from geo_bosoc.reports.tables import categories_table, write_categories_csv, write_criteria_csv
from geo_bosoc.reports.workbook import write_workbook

__all__ = [
    "categories_table",
    "write_categories_csv",
    "write_criteria_csv",
    "write_manifest",
    "write_workbook",
]
