"""The yearly run from a project file to `Results`: read, label, count, rate, check, categorise - in that order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY, OUTSIDE
from geo_bosoc.disclosure.results import Results
from geo_bosoc.disclosure.secondary.differences import pairs_by_geometry, pairs_by_labels
from geo_bosoc.indicators import indicator_table
from geo_bosoc.indicators.references import given_rows, group_rows, outside_rows, with_references
from geo_bosoc.indicators.similar_areas import TwinsPart, twins_of
from geo_bosoc.locate.labels import Labels
from geo_bosoc.memory import release_memory
from geo_bosoc.models import Categorisation, categorise
from geo_bosoc.models.apply import absent_key
from geo_bosoc.problems import Report, add_problems
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.checks.figures import warn_implausible_figures
from geo_bosoc.project.comparisons import check_overlaps, profile_of_project
from geo_bosoc.project.count import count_project, label_registers
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.layers import note_large_map
from geo_bosoc.project.reading import read_inputs
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
    periods : collection of str, optional
        Years or quarters; those of the project file if left out.
    model : str, optional
        The id or file of a model, instead of the project's.
    language : {"da", "en"}, optional
        Of labels and texts, instead of the project's.
    report : Report, optional
        Takes the warnings and the facts of the run.
    progress : Progress, optional
        Shows how far the run is.

    Returns
    -------
    Results
        Areas, counts and rates, categories and what they rest on.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files: all problems at once.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> results = gb.analyse("bosoc.toml", periods=["2024"])  # doctest: +SKIP
    >>> gb.risk_map(gb.suppress(results)).save("my_map.html")  # doctest: +SKIP
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
        What was read; without its address table where no study requested anything.
    labels : mapping of str to Labels
        By register, where its rows lie.
    """

    results: Results
    categorisations: tuple[Categorisation, ...]
    inputs: Inputs
    labels: Mapping[str, Labels] = field(default_factory=dict)


def analyse_project(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    model: str | None = None,
    language: str | None = None,
    uncertainty: bool = False,
    internal: bool = False,
    requests: Sequence[Request] = (),
    report: Report | None = None,
    progress: Progress | None = None,
    worker: Worker | None = None,
) -> Analysis:
    """As `analyse`, with what the results are made from.

    `uncertainty` adds to the categories how stable they are, and `internal` each area's smallest change too. `requests`
    are what studies want read besides. The `worker` is started as soon as it is clear that there will be much to write.
    """
    report, progress = report or Report(), progress or Silent()
    progress.step("project file", 1, 6)
    project = load_project(project)
    periods = tuple(periods or project.spec.run.periods)
    minimum = project.spec.disclosure.minimum

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

    note_large_map(inputs.areas, report)

    progress.step("locating addresses", 3, 6)
    labels = label_registers(inputs, report)
    pairs = pairs_by_labels(labels) if labels else None
    if project.spec.groups:
        check_overlaps(project.spec.groups, pairs or pairs_by_geometry(inputs.areas), report)
    report.raise_errors()
    shares_out = inputs.earlier.boundaries or any(each.place == "cell" for each in inputs.specs.values())
    if not requests and not shares_out:
        inputs = replace(inputs, addresses=None)  # labels have taken their place
    release_memory()

    progress.step("counting", 4, 6)
    _start_worker(worker, len(inputs.areas) * len(inputs.indicators) * len(periods))
    counts, reference_counts, yearly, recounted = count_project(
        inputs,
        labels,
        periods=periods,
        rows=project.spec.reference.rows,
        report=report,
        executor=project.spec.run.where_counted,
        progress=progress,
    )
    release_memory()
    _start_worker(worker, len(counts))  # where the project file names no periods

    progress.step("categorising", 5, 6)
    table, references = rate_counts(inputs, counts, reference_counts)
    warn_implausible_figures(
        inputs, counts, reference_counts, table, references, report=report, minimum=minimum
    )
    profile = profile_of_project(project, inputs.shown)
    table, references, nearest = compared(inputs, table, references, project.spec.groups, profile)
    categorisations = categorise_models(inputs, table, references, report)
    report.raise_errors()

    results = make_results(
        project,
        inputs,
        counts,
        table,
        references,
        categorisations,
        yearly=yearly,
        recounted=recounted,
        pairs=pairs,
        profile=profile,
        nearest=nearest,
        language=language,
        uncertainty=uncertainty,
        internal=internal,
        report=report,
    )
    return Analysis(results, categorisations, inputs, labels)


def rate_counts(
    inputs: Inputs, counts: pd.DataFrame, reference_counts: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The indicator tables of the areas and of the reference areas, each beside the municipality's figures."""
    municipality = reference_counts[reference_counts["area_id"] == MUNICIPALITY]
    table = indicator_table(counts, inputs.indicators, municipality)
    return table, indicator_table(reference_counts, inputs.indicators, municipality)


def compared(
    inputs: Inputs,
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    groups: Mapping[str, tuple[str, ...]],
    profile: TwinsPart | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The areas' table beside the references that are chosen, all reference areas: given and added up as well, and
    which areas are alike."""
    municipality = reference_areas[reference_areas["area_id"] == MUNICIPALITY]
    frames = [reference_areas]
    of_models = {each.reference_area for use in inputs.uses for each in use.model.criterion}
    if OUTSIDE in of_models | {spec.reference_area for spec in inputs.indicators}:
        frames.append(outside_rows(reference_areas, inputs.indicators))
    if len(inputs.references):
        frames.append(given_rows(inputs.references, inputs.indicators, municipality))
    if groups:
        frames.append(group_rows(table, groups, inputs.indicators, municipality))
    if len(frames) > 1:
        reference_areas = pd.concat(frames, ignore_index=True)
    nearest, of_twins = twins_of(table, profile, inputs.indicators)
    table = with_references(table, reference_areas, inputs.indicators, of_twins=of_twins)
    return table, reference_areas, nearest


def categorise_models(
    inputs: Inputs, table: pd.DataFrame, reference_areas: pd.DataFrame, report: Report
) -> tuple[Categorisation, ...]:
    """The areas' categories by each of the project's models, from the indicator tables of areas and reference areas.

    What a model misses has been said as the project was read.
    """
    counted = {indicator.id for indicator in inputs.indicators}
    categorisations = []
    for use in inputs.uses:
        problems = Report()
        categorisations.append(
            categorise(
                table,
                use.model,
                reference_areas=reference_areas,
                indicators=inputs.indicators,
                history=use.history,
                origin=use.origin,
                report=problems,
            )
        )
        known_keys = {absent_key(name) for name in use.needed if name not in counted}
        add_problems(report, [each for each in problems.problems if each.key not in known_keys])
        report.facts.update(problems.facts)
    return tuple(categorisations)


def _start_worker(worker: Worker | None, figures: int) -> None:
    """Start the worker, once, where so many figures are worth it."""
    if worker is not None and figures > _LARGE_WORKBOOK:
        worker.start()
