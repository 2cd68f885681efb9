"""Why one area has its category, from the project's own files."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from pathlib import Path

from geo_bosoc.findings import Findings, Language
from geo_bosoc.models import Categorisation, explain, robustness
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.progress import Progress
from geo_bosoc.project.run import find_and_categorise
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.wording import INTERNAL


def explain_area(
    project: str | Path | Project,
    area: str,
    *,
    periods: Collection[str] | None = None,
    model: str | None = None,
    language: str | None = None,
    internal: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> str:
    """Explain an area, named by its id or its name, under each of the project's models.

    Small numbers are hidden in the text; `internal` adds how many persons it would take to change a criterion.

    Raises
    ------
    InputError
        The area is not there, several have that name, or the project has no model.
    """
    loaded = project if isinstance(project, Project) else load_project(project)
    found, done = find_and_categorise(
        loaded, periods=periods, model=model, language=language, report=report, progress=progress
    )
    area_id, name = _area(found, area)
    if not done:
        raise InputError(
            [
                Problem(
                    "error",
                    "the project has no model to explain.",
                    key="model",
                    hint="Add [model], or give --model.",
                )
            ]
        )
    texts = [INTERNAL[found.language]] if internal else []
    for one in done:
        lines = [
            explain(
                one,
                area_id,
                language=found.language,
                name=name,
                internal=internal,
                minimum=loaded.spec.protect.minimum,
            ),
            _how_sure(one, area_id, found.language),
        ]
        texts.append("\n".join(line for line in lines if line))
    return "\n\n".join(texts)


def _how_sure(done: Categorisation, area_id: str, language: Language) -> str:
    """One line: in how many draws the category held, and the chance of another with nothing changed."""
    if done.model.kind == "index":
        return ""
    return robustness(done).line(area_id, language)


def _area(found: Findings, wanted: str) -> tuple[str, str]:
    areas = found.areas
    rows = areas[areas["area_id"] == wanted]
    if rows.empty:
        rows = areas[areas["name"].str.casefold() == wanted.casefold()]
    if len(rows) == 1:
        return str(rows["area_id"].iloc[0]), str(rows["name"].iloc[0])
    if len(rows) > 1:
        ids = ", ".join(rows["area_id"])
        raise InputError(
            [Problem("error", f'{len(rows)} areas are called "{wanted}".', hint=f"Give an id: {ids}.")]
        )
    known = [*areas["area_id"], *areas["name"].dropna()]
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else None
    raise InputError([Problem("error", f'there is no area "{wanted}".', hint=hint)])
