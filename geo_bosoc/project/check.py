"""`geo-bosoc check`: a run that stops before it writes, so that it tells all that the run would."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress
from geo_bosoc.project.run import Study, study_project
from geo_bosoc.project.spec import Project, load_project


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
    own = report if report is not None else Report()
    loaded = project if isinstance(project, Project) else load_project(project)
    return study_project(loaded, periods=periods, model=model, internal=True, report=own, progress=progress)
