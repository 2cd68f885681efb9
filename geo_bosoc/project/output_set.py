"""One set of output: every file of the yearly run, and the manifest that names them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo_bosoc.atomic_write.write import OutputFolder
from geo_bosoc.disclosure.results import PublishedResults, Results
from geo_bosoc.outputs.csv_tables import categories_table, write_categories_csv, write_criteria_csv
from geo_bosoc.outputs.manifest import write_manifest
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.balance_run import BALANCE_FILES
from geo_bosoc.project.inputs import input_files
from geo_bosoc.project.spec import Project
from geo_bosoc.project.worker import Worker

WORKBOOKS: Final = "geo_bosoc.outputs.workbook.write"
"""The module that writes workbooks, here or in a worker process."""

FILES: Final = (
    "risk_map.html",
    "categories.gpkg",
    "categories.csv",
    "criteria.csv",
    "categories.xlsx",
    "run.json",
)


@dataclass(frozen=True)
class Outcome:
    """What a run found and wrote."""

    findings: Results
    folder: Path
    files: tuple[Path, ...]

    def summary(self) -> str:
        """A few lines for the person who ran it; no figure that is hidden elsewhere."""
        found = self.findings
        lines = [f"{len(found.areas)} areas, {', '.join(found.periods)}, {len(found.indicators)} indicators."]
        last = found.periods[-1] if found.periods else ""
        for model in found.models:
            rows = found.categories[
                (found.categories["model"] == model.id) & (found.categories["period"] == last)
            ]
            counts = rows["category"].value_counts()
            known = [(c.id, c.label(found.language)) for c in model.categories]
            told = [f"{counts[name]} {label}" for name, label in known if name in counts.index]
            lines.append(f"{model.id} {last}: {', '.join(told)}.")
        warned = len(found.report.warnings)
        if warned:
            lines.append(f"{warned} warning{'' if warned == 1 else 's'}: above, and in run.json.")
        names = [path.name for path in self.files if path.parent == self.folder]
        below = len(self.files) - len(names)
        also = f" and {below} files of the internal set" if below else ""
        lines.append(f"Wrote {', '.join(names)}{also} to {_from_here(self.folder)}.")
        return "\n".join(lines)


def _from_here(folder: Path) -> str:
    """A folder as seen from the working directory; on another Windows drive, whole."""
    try:
        return os.path.relpath(folder)
    except ValueError:
        return str(folder)


def write_set(
    published: PublishedResults,
    out: OutputFolder,
    project: Project,
    *,
    worker: Worker,
    prefix: str = "",
    progress: Progress | None = None,
) -> None:
    """Every file of one set of output, the workbook beside the others."""
    steps = progress or Silent()
    table = categories_table(published)
    workbook = worker.call("write_workbook", published, out.path(prefix + "categories.xlsx"), table=table)
    # Folium is slow to load: the workbook is begun first.
    from geo_bosoc.outputs.geopackage.write import write_geopackage
    from geo_bosoc.outputs.page.risk_map import write_risk_map

    write_risk_map(published, out.path(prefix + "risk_map.html"))
    steps.part(0.3, 1)  # shares of the time that a city's files take
    write_geopackage(published, out.path(prefix + "categories.gpkg"))
    steps.part(0.6, 1)
    write_categories_csv(published, out.path(prefix + "categories.csv"), table=table)
    if published.models:
        write_criteria_csv(published, out.path(prefix + "criteria.csv"))
    steps.part(0.7, 1)
    workbook()
    every = (*FILES, *BALANCE_FILES)
    written = {name: out.path(prefix + name) for name in every if out.path(prefix + name).exists()}
    custody = {name: spec.custody() for name, spec in project.spec.registers.items()}
    write_manifest(
        published,
        out.path(prefix + "run.json"),
        inputs=input_files(project, periods=published.periods),
        outputs=written,
        root=project.root,
        more={"registers": custody},
    )
