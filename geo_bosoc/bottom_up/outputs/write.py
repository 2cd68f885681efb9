"""Every file of the bottom-up study, written together; all of them are internal."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from geo_bosoc.atomic_write.write import OutputFolder
from geo_bosoc.bottom_up.outputs.geopackage import edition, write_bottom_up_geopackage
from geo_bosoc.bottom_up.outputs.page import write_bottom_up_map
from geo_bosoc.bottom_up.outputs.sheets import sheet_name, write_place_sheet
from geo_bosoc.bottom_up.outputs.workbook import write_bottom_up_workbook
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import source_notes, stamps
from geo_bosoc.outputs.csv_tables import write_csv
from geo_bosoc.rasters.grid import write_grid

SETTLE: Final = "nominations_to_settle.csv"
"""The written table of doubtful matches."""
BOTTOM_UP_FILES: Final = (
    "bottom_up.html", "bottom_up.gpkg", "bottom_up.xlsx", "bottom_up_risk.tif", SETTLE,
)  # fmt: skip
SHEETS: Final = "places"
"""The folder of the sheets, one a place, below the internal set."""
PREFIX: Final = "internal/"


def bottom_up_names(results: BottomUpResults, folder: Path) -> list[str]:
    """The files of the set, and the sheets of an earlier run, which this one replaces."""
    sheets = {sheet_name(str(place)) for place in results.places["place_id"]}
    sheets |= {path.name for path in (folder / "internal" / SHEETS).glob("*.html")}
    return [PREFIX + name for name in (*BOTTOM_UP_FILES, *(f"{SHEETS}/{name}" for name in sorted(sheets)))]


def write_bottom_up_set(results: BottomUpResults, out: OutputFolder, *, minimum: int = 5) -> None:
    """Every file of the set; all of it is internal and stamped. Without the guard no count is too small to show."""
    minimum = minimum if results.guard else 1
    write_bottom_up_map(results, out.path(PREFIX + "bottom_up.html"), minimum=minimum)
    write_bottom_up_geopackage(results, out.path(PREFIX + "bottom_up.gpkg"), minimum=minimum)
    write_bottom_up_workbook(results, out.path(PREFIX + "bottom_up.xlsx"), minimum=minimum)
    known = results.surface[results.surface["value"].notna()] if len(results.surface) else pd.DataFrame()
    if len(known):
        tags = {
            "stamp": " ".join(stamps(results)),
            "period": results.period,
            "nearest_residents": str(results.k),
        }
        tags["sources"] = " ".join(source_notes(results))
        name = results.indicator.label(results.language)
        write_grid(known, out.path(PREFIX + "bottom_up_risk.tif"), name=name, tags=tags)
    if len(results.unsettled):
        write_csv(
            results.unsettled.assign(output_set=edition(results)), out.path(PREFIX + SETTLE), results.language
        )
    for place in results.places["place_id"].astype(str):
        path = out.path(f"{PREFIX}{SHEETS}/{sheet_name(place)}")
        write_place_sheet(results, place, path, minimum=minimum)
