"""The yearly run from a project file to `Results`: read, label, count, rate, check, categorise - in that order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.disclosure.results import Results
from geo_bosoc.indicators import indicator_table
from geo_bosoc.memory import release_memory
from geo_bosoc.models import Categorisation
from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.count import count_project, label_registers
from geo_bosoc.project.implausible import report_implausible
from geo_bosoc.project.inputs import Inputs, read_inputs
from geo_bosoc.project.models_used import categorise_all
from geo_bosoc.project.requests import Request
from geo_bosoc.project.results import make_results
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.project.worker import Worker

_LARGE_WORKBOOK = 10_000
"""From so many figures on, the workbook is written by a worker process, which takes a second to start."""


def analyse(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    model: str | None = None,
    language: str | None = None,
    report: Report | None = None,
    progress: Progress | None = None,
) -> Results:
    """All results of a run, on true counts, for analysts; no output is written and nothing is suppressed.

    Parameters
    ----------
    project : str, Path or Project
        A project file, its folder, or a loaded `Project`.
    periods, model, language
        Instead of what the project file says.
    report : Report, optional
        Takes the warnings and the facts of the run.
    progress : Progress, optional
        Shows how far the run is.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files: all problems at once.
    """
    analysis = analyse_project(
        project, periods=periods, model=model, language=language, report=report, progress=progress
    )
    return analysis.results


@dataclass(frozen=True)
class Analysis:
    """What a run is made from, and what studies go on with.

    Attributes
    ----------
    results : Results
        On true counts.
    categorisations : tuple of Categorisation
        Each model's, which explanations are made from.
    inputs : Inputs
        What was read; without its address table where no study asked for anything.
    """

    results: Results
    categorisations: tuple[Categorisation, ...]
    inputs: Inputs


def analyse_project(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    model: str | None = None,
    language: str | None = None,
    doubt: bool = False,
    internal: bool = False,
    requests: Sequence[Request] = (),
    report: Report | None = None,
    progress: Progress | None = None,
    worker: Worker | None = None,
) -> Analysis:
    """As `analyse`, with what the results are made from.

    Parameters
    ----------
    doubt : bool
        The categories say how sure they are.
    internal : bool
        And they hold each area's smallest change too.
    requests : sequence of Request
        What studies want read besides.
    worker : Worker, optional
        Started as soon as it is clear that there will be much to write.
    """
    report, progress = report or Report(), progress or Silent()

    progress.step("project file", 1, 6)
    project = load_project(project)
    periods = tuple(periods or project.spec.run.periods)
    minimum = project.spec.protect.minimum

    progress.step("reading boundaries and registers", 2, 6)
    inputs = read_inputs(
        project,
        report,
        model=model,
        periods=periods,
        progress=progress,
        counted_by_address=True,
        requests=requests,
    )

    progress.step("locating addresses", 3, 6)
    labels = label_registers(inputs, report)
    if not requests:
        inputs = replace(inputs, addresses=None)  # labels have taken their place
    report.raise_errors()
    release_memory()

    progress.step("counting", 4, 6)
    _start_worker(worker, len(inputs.areas) * len(inputs.indicators) * len(periods))
    counts, reference_counts = count_project(
        inputs,
        labels,
        periods=periods,
        rows=project.spec.reference.rows,
        report=report,
        executor=project.spec.run.where_counted,
        progress=progress,
    )
    release_memory()

    progress.step("categorising", 5, 6)
    _start_worker(worker, len(counts))  # where the project file names no periods
    municipality = reference_counts[reference_counts["area_id"] == MUNICIPALITY]
    table = indicator_table(counts, inputs.indicators, municipality)
    reference_areas = indicator_table(reference_counts, inputs.indicators, municipality)
    report_implausible(
        inputs, counts, reference_counts, table, reference_areas, report=report, minimum=minimum
    )
    categorisations = categorise_all(table, reference_areas, inputs.uses, inputs.indicators, report)
    report.raise_errors()

    results = make_results(
        project,
        inputs,
        counts,
        table,
        reference_areas,
        categorisations,
        language=language,
        doubt=doubt,
        internal=internal,
        report=report,
    )
    return Analysis(results, categorisations, inputs)


def _start_worker(worker: Worker | None, figures: int) -> None:
    """Start the worker, once, where so many figures are worth it."""
    if worker is not None and figures > _LARGE_WORKBOOK:
        worker.start()
