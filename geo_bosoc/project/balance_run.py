"""The balance's files, written together: alone by `run_balance`, or as part of a yearly run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo_bosoc.atomic_write.write import OutputFolder
from geo_bosoc.balance.outputs.tables import write_balance_csv, write_balance_years_csv
from geo_bosoc.balance.outputs.texts import value_word
from geo_bosoc.balance.outputs.workbook import write_balance_workbook
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.disclosure.results import OutputSet
from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress
from geo_bosoc.project.balance import study_balance
from geo_bosoc.project.inputs import check_output
from geo_bosoc.project.spec import Project, load_project

BALANCE_FILES: Final = (
    "balance.html", "balance.gpkg", "balance.xlsx", "balance.csv", "balance_years.csv",
    "balance_mix.svg", "balance_mix.png", "balance_rule.svg", "balance_rule.png", "balance_scales.svg",
    "balance_scales.png",
)  # fmt: skip


BALANCE_FACTS: Final = ("tenure_mix", "estate_list", "residents_by_tenure", "letting")
"""What a run's manifest tells of the balance: what could not be placed, and the load that shifts."""


@dataclass(frozen=True)
class BalanceOutcome:
    """What was found and written."""

    findings: BalanceResults
    folder: Path
    files: tuple[Path, ...]

    def summary(self) -> str:
        """A few lines for the person who ran it."""
        found = self.findings
        now = found.inside["verdict"].value_counts()
        told = ", ".join(
            f"{count} {value_word('verdict', str(name), found.language)}" for name, count in now.items()
        )
        lines = [f"{len(found.areas)} areas, {found.period}: {told}."]
        for row in found.compliance[found.compliance["variant"] == "all"].itertuples(index=False):
            name = found.area_names.get(str(row.area_id), str(row.area_id))
            when = "not kept" if str(row.kept_from) == "<NA>" else f"kept from 1 January {row.kept_from}"
            lines.append(f"{name}, {found.rule.id}, all projects: {when} (to {found.horizon}).")
        if found.report.warnings:
            lines.append(f"{len(found.report.warnings)} warning(s): above.")
        lines.append(
            f"Wrote {', '.join(path.name for path in self.files)} to {os.path.relpath(self.folder)}."
        )
        return "\n".join(lines)


def run_balance(
    project: str | Path | Project,
    *,
    period: str | None = None,
    output: str | Path | None = None,
    language: str | None = None,
    internal: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> BalanceOutcome:
    """Study the balance of a project and write map, GeoPackage, workbook, tables and plots to its output folder.

    Parameters
    ----------
    internal : write the internal workbook too, in the subfolder ``internal``: with chances, the "if" indicators,
        letting and residents by tenure.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files; nothing is written then.
    OutputInUse
        A file of the last run is open in another program. The old set is kept whole.
    """
    loaded = project if isinstance(project, Project) else load_project(project)
    place = Report()
    check_output(loaded, None if output is None else Path(output), place)
    place.raise_errors()
    found = study_balance(loaded, period=period, language=language, report=report, progress=progress)
    folder = Path(output) if output is not None else loaded.output
    sets: list[tuple[OutputSet, str]] = [("public", "")]
    if internal:
        sets.append(("internal", "internal/"))
    owned = [f"{prefix}{name}" for _, prefix in sets for name in BALANCE_FILES]
    with OutputFolder(folder, owned=owned) as out:
        for output_set, prefix in sets:
            write_balance_set(found, out, output_set, prefix=prefix, minimum=loaded.spec.protect.minimum)
    return BalanceOutcome(found, folder, tuple(folder / name for name in owned if (folder / name).exists()))


def write_balance_set(
    results: BalanceResults, out: OutputFolder, output_set: OutputSet, *, prefix: str = "", minimum: int = 5
) -> None:
    """Every file of one set. The internal one is its workbook: the other files would tell nothing more."""
    write_balance_workbook(results, out.path(prefix + "balance.xlsx"), output_set, minimum=minimum)
    if output_set == "internal":
        return
    # Folium is slow to load, and so is matplotlib.
    from geo_bosoc.balance.outputs.page import write_balance_geopackage, write_balance_map
    from geo_bosoc.balance.outputs.plots import write_balance_plots

    write_balance_map(results, out.path(prefix + "balance.html"), output_set)
    write_balance_geopackage(results, out.path(prefix + "balance.gpkg"), output_set)
    write_balance_csv(results, out.path(prefix + "balance.csv"))
    write_balance_years_csv(results, out.path(prefix + "balance_years.csv"))
    write_balance_plots(results, lambda name: out.path(prefix + name))
