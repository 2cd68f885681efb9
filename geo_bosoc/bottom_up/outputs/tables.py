"""The bottom-up study's table of doubtful matches, and its surface of shares on the Danish square grid."""

from __future__ import annotations

from pathlib import Path

from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import source_notes
from geo_bosoc.disclosure.results import stamp_texts
from geo_bosoc.outputs.csv_tables import write_csv
from geo_bosoc.rasters.grid import write_grid


def write_unsettled_csv(results: BottomUpResults, path: str | Path) -> None:
    """Write the doubtful matches, one row a candidate; nothing where there is none."""
    if len(results.unsettled):
        table = results.unsettled.assign(output_set=results.edition.mark)
        write_csv(table, path, results.language)


def write_surface(results: BottomUpResults, path: str | Path) -> None:
    """Write the cells of the surface that have a share (a plain fraction) as a GeoTIFF; nothing where none has."""
    if not len(results.surface) or results.surface["value"].isna().all():
        return
    tags = {
        "stamp": " ".join(stamp_texts(results)),
        "period": results.period,
        "nearest_residents": str(results.k),
        "sources": " ".join(source_notes(results)),
    }
    cells = results.surface[results.surface["value"].notna()]
    write_grid(cells, path, name=results.indicator.label(results.language), tags=tags)
