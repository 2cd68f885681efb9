"""The bottom-up files, written together: alone by `run_bottom_up`, or with the internal set of a yearly run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from geo_bosoc.atomic_write.write import OutputFolder
from geo_bosoc.bottom_up.outputs.write import SETTLE, bottom_up_names, write_bottom_up_set
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import verdict_word
from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress
from geo_bosoc.project.analysis import analyse
from geo_bosoc.project.bottom_up import study_bottom_up
from geo_bosoc.project.inputs import check_output
from geo_bosoc.project.spec import Project, load_project


@dataclass(frozen=True)
class BottomUpOutcome:
    """What was found and written."""

    findings: BottomUpResults
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
    base = analyse(loaded, periods=periods, language=language, report=own, progress=progress)
    found = study_bottom_up(loaded, base, guard=not unguarded, report=own, progress=progress)
    folder = Path(output) if output is not None else loaded.output
    owned = bottom_up_names(found, folder)
    with OutputFolder(folder, owned=owned) as out:
        write_bottom_up_set(found, out, minimum=loaded.spec.protect.minimum)
    return BottomUpOutcome(
        found, folder / "internal", tuple(folder / one for one in owned if (folder / one).exists())
    )
