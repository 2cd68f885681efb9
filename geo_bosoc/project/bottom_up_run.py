"""Where the bottom-up study's run was before; see `geo_bosoc.project.studies.runs`."""

from geo_bosoc.project.studies.runs import BottomUpOutcome, run_bottom_up

__all__ = ["BottomUpOutcome", "run_bottom_up"]
