"""`geo-bosoc check`: everything that a project names is read, and every problem of every file is told at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

from geo_bosoc.problems import InputError, Report
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.balance_inputs import check_balance
from geo_bosoc.project.custody import check_custody
from geo_bosoc.project.inputs import Inputs, id_columns, read_inputs
from geo_bosoc.project.municipal_rows import tell_missing_rows
from geo_bosoc.project.spec import Project, load_project


def check_project(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    report: Report | None = None,
    progress: Progress | None = None,
) -> Inputs:
    """Read and check everything that a project names; write nothing.

    Raises
    ------
    InputError
        Anything is wrong: all problems of all files.
    """
    own = report if report is not None else Report()
    steps = progress or Silent()
    steps.step("project file", 1, 2)
    loaded = project if isinstance(project, Project) else load_project(project)
    check_custody(loaded.spec.registers, own, today=date.today(), made_up=loaded.spec.project.made_up)
    steps.step("boundaries and registers", 2, 2)
    try:
        inputs = read_inputs(loaded, own, periods=tuple(periods or ()))
        told = tuple(periods or loaded.spec.run.periods)
        ids = id_columns(inputs.specs)
        tell_missing_rows(inputs.registers, inputs.specs, inputs.indicators, inputs.uses, told, ids, own)
        check_balance(loaded, inputs, own)
    except InputError as error:
        _check_from_below(loaded, None, own)
        raise InputError(
            [*error.problems, *(one for one in own.errors if one not in error.problems)]
        ) from None
    _check_from_below(loaded, inputs, own)
    own.raise_errors()
    return inputs


def _check_from_below(project: Project, inputs: Inputs | None, report: Report) -> None:
    """What [bottom_up] names, where the project has one; its problems join the report."""
    if project.spec.bottom_up is not None:
        from geo_bosoc.project.bottom_up_inputs import (
            check_bottom_up,
        )  # slow to import, and not in every project

        check_bottom_up(project, inputs, report)
