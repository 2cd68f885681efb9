"""What the bottom-up study writes for the steering group; all of it is internal."""

from __future__ import annotations

from typing import Final

from geo_bosoc.outputs.registry import Output

_HERE: Final = "geo_bosoc.bottom_up.outputs"
UNSETTLED: Final = "nominations_to_settle.csv"
"""The table of doubtful matches, which a person settles."""

OUTPUTS: Final = (
    Output(("bottom_up.html",), f"{_HERE}.page:write_bottom_up_map", ("internal",), "bottom_up"),
    Output(("bottom_up.gpkg",), f"{_HERE}.geopackage:write_bottom_up_geopackage", ("internal",), "bottom_up"),
    Output(("bottom_up.xlsx",), f"{_HERE}.tables:write_bottom_up_workbook", ("internal",), "bottom_up"),
    Output(("bottom_up_risk.tif",), f"{_HERE}.tables:write_surface", ("internal",), "bottom_up"),
    Output((UNSETTLED,), f"{_HERE}.tables:write_unsettled_csv", ("internal",), "bottom_up"),
    Output(("places/*.html",), f"{_HERE}.sheets:write_place_sheets", ("internal",), "bottom_up"),
)
"""The lines of the list of outputs."""
