"""`geo-bosoc check`: a run that stops before it writes, so that it tells all that the run would."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.project.study import Study, study_project


def check_project(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    model: str | None = None,
    report: Report | None = None,
    progress: Progress | None = None,
) -> Study:
    """Go through every stage of the run of both sets, and write nothing: the problems are those that the run tells.

    What [bottom_up] names is looked at too, which a run of the public set alone does not ask for; it is told last.

    Raises
    ------
    InputError
        Anything is wrong: all problems of all files.
    """
    return study_project(
        load_project(project),
        periods=periods,
        model=model,
        internal=True,
        report=report or Report(),
        progress=progress,
    )
