"""What the study of follow-up writes: a map, also for QGIS, a workbook with a sheet for each table, and CSV files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geo_bosoc.disclosure.results import OutputSet
from geo_bosoc.outputs.registry import BOTH, Output

_HERE: Final = "geo_bosoc.follow_up.outputs"


@dataclass(frozen=True)
class FollowUpFrame:
    """A table of the follow-up: its sheet and its CSV file.

    Attributes
    ----------
    name : str
        In `FollowUpResults.frames`; the sheet is called by the word ``sheet_<name>`` of the catalogue's
        ``[follow_up]``.
    file : str, optional
        The CSV file; "" for a sheet alone.
    sets : tuple of {"public", "internal"}, optional
        The sets that have it.
    is_sheet : bool, optional
        Whether the workbook has it: not those of tens of thousands of rows, which are for other programs.
    has_hidden_rows : bool, optional
        Whether its sheet has the rows whose numbers are not shown; without them it has what can be read, and says where
        the rest is.
    """

    name: str
    file: str = ""
    sets: tuple[OutputSet, ...] = BOTH
    is_sheet: bool = True
    has_hidden_rows: bool = True


INTERNAL: Final[tuple[OutputSet, ...]] = ("internal",)

FRAMES: Final[tuple[FollowUpFrame, ...]] = (
    FollowUpFrame("category_changes", "follow_up_categories.csv"),
    FollowUpFrame("dynamics", "follow_up_dynamics.csv"),
    FollowUpFrame("turnover", "follow_up_turnover.csv"),
    FollowUpFrame("transitions", "follow_up_transitions.csv"),
    FollowUpFrame("change", "follow_up_change.csv"),
    FollowUpFrame("series", "follow_up_series.csv"),
    FollowUpFrame("residents", "follow_up_residents.csv"),
    FollowUpFrame("goals", "follow_up_goals.csv"),
    FollowUpFrame("goal_baselines", "follow_up_goal_baselines.csv"),
    FollowUpFrame("safety", "follow_up_safety.csv"),
    FollowUpFrame("category_causes", "follow_up_category_causes.csv", INTERNAL),
    FollowUpFrame("components", "follow_up_components.csv", INTERNAL, is_sheet=False),
    FollowUpFrame("linked_change", "follow_up_linked_change.csv", INTERNAL),
    FollowUpFrame("moves", "follow_up_moves.csv", INTERNAL),
    FollowUpFrame("moves_between", "follow_up_moves_between.csv", INTERNAL, has_hidden_rows=False),
    FollowUpFrame("move_profiles", "follow_up_move_profiles.csv", INTERNAL, is_sheet=False),
    FollowUpFrame("destinations", "follow_up_destinations.csv", INTERNAL),
    FollowUpFrame("warning", "follow_up_warning.csv", INTERNAL),
    FollowUpFrame("warning_calibration", "follow_up_warning_calibration.csv", INTERNAL),
    FollowUpFrame("warning_bins", "follow_up_warning_bins.csv", INTERNAL),
    FollowUpFrame("list_ahead", "follow_up_list.csv", INTERNAL),
    FollowUpFrame("list_margins", "follow_up_list_margins.csv", INTERNAL),
    FollowUpFrame("list_conditions", "follow_up_list_conditions.csv", INTERNAL),
    FollowUpFrame("list_obligations", "follow_up_list_obligations.csv", INTERNAL),
    FollowUpFrame("twins", "follow_up_twins.csv"),
    FollowUpFrame("beside_twins", "follow_up_beside_twins.csv"),
)
"""The public ones first. Each is left out where there is nothing to tell."""

OUTPUTS: Final = (
    Output(
        ("follow_up.xlsx",),
        f"{_HERE}.tables:write_follow_up_workbook",
        results="follow_up",
        in_worker=True,
    ),
    Output(("follow_up.html",), f"{_HERE}.page:write_follow_up_map", results="follow_up"),
    Output(("follow_up.gpkg",), f"{_HERE}.page:write_follow_up_geopackage", results="follow_up"),
    *(
        Output((frame.file,), f"{_HERE}.tables:write_frame_csv", frame.sets, "follow_up")
        for frame in FRAMES
        if frame.file
    ),
)
"""The lines of the list of outputs."""
