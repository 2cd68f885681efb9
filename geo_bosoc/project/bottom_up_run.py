"""The bottom-up files, written together: alone by `run_bottom_up`, or with the internal set of a yearly run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from geo_bosoc.bottom_up.findings import BottomUpFindings
from geo_bosoc.bottom_up.words import source_notes, stamps, verdict_word
from geo_bosoc.grid import write_grid
from geo_bosoc.maps.bottom_up_geopackage import edition, write_bottom_up_geopackage
from geo_bosoc.maps.bottom_up_map import write_bottom_up_map
from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress
from geo_bosoc.project.bottom_up import find_bottom_up
from geo_bosoc.project.bottom_up_inputs import SETTLE
from geo_bosoc.project.inputs import check_output
from geo_bosoc.project.run import find
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.reports.bottom_up_sheets import sheet_name, write_place_sheet
from geo_bosoc.reports.bottom_up_workbook import write_bottom_up_workbook
from geo_bosoc.reports.tables import write_csv
from geo_bosoc.safe_write import OutputFolder

BOTTOM_UP_FILES: Final = (
    "bottom_up.html", "bottom_up.gpkg", "bottom_up.xlsx", "bottom_up_risk.tif", SETTLE,
)  # fmt: skip
SHEETS: Final = "places"
"""The folder of the sheets, one a place, below the internal set."""
PREFIX: Final = "internal/"


@dataclass(frozen=True)
class BottomUpOutcome:
    """What was found and written."""

    findings: BottomUpFindings
    folder: Path
    files: tuple[Path, ...]

    def summary(self) -> str:
        """A few lines for the person who ran it."""
        found = self.findings
        counts = found.verdicts["verdict"].value_counts()
        told = ", ".join(f"{many} {verdict_word(str(key), found.language)}" for key, many in counts.items())
        lines = [
            f"{len(found.places)} places, {found.period}: {told}." if told else f"No places, {found.period}."
        ]
        if len(found.unsettled):
            many = found.unsettled["row"].nunique()
            told = "1 nomination is" if many == 1 else f"{many} nominations are"
            lines.append(f"{told} in doubt: settle them in {SETTLE}.")
        if found.report.warnings:
            lines.append(f"{len(found.report.warnings)} warning(s): above.")
        try:
            folder = os.path.relpath(self.folder)
        except ValueError:
            folder = str(self.folder)
        lines.append(f"Wrote {len(self.files)} files of the internal set to {folder}: not for publication.")
        return "\n".join(lines)


def run_bottom_up(
    project: str | Path | Project,
    *,
    period: str | None = None,
    output: str | Path | None = None,
    language: str | None = None,
    unguarded: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> BottomUpOutcome:
    """Nominations and registers to places that are verified, and the steering group's files in ``internal``.

    With `unguarded` small numbers stand there as they are, and every file says so.

    Raises
    ------
    InputError
        The project has no ``[bottom_up]``, or anything is wrong with it or its files; nothing is written then.
    OutputInUse
        A file of the last run is open in another program. The old set is kept whole.
    """
    own = report if report is not None else Report()
    loaded = project if isinstance(project, Project) else load_project(project)
    place = Report()
    check_output(loaded, None if output is None else Path(output), place)
    place.raise_errors()
    periods = (period,) if period else None
    base = find(loaded, periods=periods, language=language, report=own, progress=progress)
    found = find_bottom_up(loaded, base, guard=not unguarded, report=own, progress=progress)
    folder = Path(output) if output is not None else loaded.output
    owned = bottom_up_names(found, folder)
    with OutputFolder(folder, owned=owned) as out:
        write_bottom_up_set(found, out, minimum=loaded.spec.protect.minimum)
    return BottomUpOutcome(
        found, folder / "internal", tuple(folder / one for one in owned if (folder / one).exists())
    )


def bottom_up_names(found: BottomUpFindings, folder: Path) -> list[str]:
    """The files of the set, and the sheets of an earlier run, which this one replaces."""
    sheets = {sheet_name(str(place)) for place in found.places["place_id"]}
    sheets |= {path.name for path in (folder / "internal" / SHEETS).glob("*.html")}
    return [PREFIX + name for name in (*BOTTOM_UP_FILES, *(f"{SHEETS}/{name}" for name in sorted(sheets)))]


def write_bottom_up_set(found: BottomUpFindings, out: OutputFolder, *, minimum: int = 5) -> None:
    """Every file of the set; all of it is internal and stamped. Without the guard no count is too small to show."""
    minimum = minimum if found.guard else 1
    write_bottom_up_map(found, out.path(PREFIX + "bottom_up.html"), minimum=minimum)
    write_bottom_up_geopackage(found, out.path(PREFIX + "bottom_up.gpkg"), minimum=minimum)
    write_bottom_up_workbook(found, out.path(PREFIX + "bottom_up.xlsx"), minimum=minimum)
    known = found.surface[found.surface["value"].notna()] if len(found.surface) else pd.DataFrame()
    if len(known):
        tags = {"stamp": " ".join(stamps(found)), "period": found.period, "nearest_residents": str(found.k)}
        tags["sources"] = " ".join(source_notes(found))
        name = found.indicator.label(found.language)
        write_grid(known, out.path(PREFIX + "bottom_up_risk.tif"), name=name, tags=tags)
    if len(found.unsettled):
        write_csv(
            found.unsettled.assign(output_set=edition(found)), out.path(PREFIX + SETTLE), found.language
        )
    for place in found.places["place_id"].astype(str):
        path = out.path(f"{PREFIX}{SHEETS}/{sheet_name(place)}")
        write_place_sheet(found, place, path, minimum=minimum)
