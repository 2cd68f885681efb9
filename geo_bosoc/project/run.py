"""A project's commands: run (every output file, or none), check (all that a run says) and explain (a category)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from geo_bosoc.disclosure.results import PublishedResults, Results, stamp_texts
from geo_bosoc.disclosure.sentences import published_borders, published_categorisation
from geo_bosoc.memory import rare_collection
from geo_bosoc.models import Categorisation, explain
from geo_bosoc.models.provenance import source_lines
from geo_bosoc.models.texts.explain import find_area
from geo_bosoc.models.uncertainty.robustness import stability_text
from geo_bosoc.outputs.registry import YEARLY
from geo_bosoc.outputs.texts import category_counts, class_word, reference_lines
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.analysis import analyse_project
from geo_bosoc.project.sets.for_each_set import suppressed_set
from geo_bosoc.project.sets.open_project import open_project
from geo_bosoc.project.sets.outcome import WrittenResults, warning_lines
from geo_bosoc.project.sets.output_folders import OUTPUTS
from geo_bosoc.project.sets.output_set import SetsWriting
from geo_bosoc.project.sets.previous_set import read_previous
from geo_bosoc.project.spec import Project
from geo_bosoc.project.study import Study, study_project
from geo_bosoc.project.worker import Worker
from geo_bosoc.text.catalogue import word


@dataclass(frozen=True)
class Outcome(WrittenResults[Results]):
    """The results of a run, and the files that were written.

    Attributes
    ----------
    published : PublishedResults
        Of the public set.
    """

    published: PublishedResults = field(kw_only=True)

    def result_lines(self) -> list[str]:
        """What the summary says of the results and the warnings."""
        results = self.results
        lines: list[str] = [
            phrase(
                "{areas}, {periods}, {indicators}.",
                areas=count_text(len(results.areas), "area"),
                periods=joined(results.periods),
                indicators=count_text(len(results.indicators), "indicator"),
            )
        ]
        last = results.periods[-1] if results.periods else ""
        for model in results.models:
            counts = category_counts(self.published)[model.id].get(last, {})
            parts = [
                f"{count} {class_word(model, name, results.language)}"
                for name, count in counts.items()
                if count
            ]
            lines.append(f"{model.id} {last}: {', '.join(parts)}.")
        return lines + warning_lines(results.report)


@rare_collection()
def run_project(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    output: str | Path | None = None,
    model: str | None = None,
    language: str | None = None,
    internal: bool = False,
    unguarded: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Run a project from its files to the maps, tables and workbook in its output folder.

    Parameters
    ----------
    project : str, Path or Project
        A project file, its folder, or a loaded `Project`.
    periods : collection of str, optional
        Instead of the project file's.
    output : str or Path, optional
        A folder instead of the project's.
    model : str, optional
        The id or the file of a model instead of the project's.
    language : {"da", "en"}, optional
        Instead of the project's.
    internal : bool
        Write the internal set too, stamped, to a folder beside the output folder (``maps-internal``).
    unguarded : bool
        Show small numbers in the internal set (and say so in every file); never in the public one.
    report : Report, optional
        Takes the warnings and the facts of the run.
    progress : Progress, optional
        Shows how far the run is.

    Returns
    -------
    Outcome
        The results, the folder and the files in it.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files. Nothing is written then.
    OutputNotWritten
        A file of the last run is open in another program, or the disk is full. The old set stays as it was.

    Examples
    --------
    >>> outcome = run_project("bosoc.toml", periods=["2024"])  # doctest: +SKIP
    >>> len(outcome.files)  # doctest: +SKIP
    6
    """
    report, progress = report or Report(), progress or Silent()
    project = open_project(project, output)
    folder = Path(output) if output is not None else project.output
    modules = dict.fromkeys(
        output.writer.partition(":")[0]
        for output in OUTPUTS
        if output.in_worker
        and (output.results == YEARLY or getattr(project.spec, output.results) is not None)
    )
    with Worker(*modules) as worker, SetsWriting(folder, project, worker=worker) as writing:
        study = study_project(
            project,
            periods=periods,
            output=folder if output is not None else None,
            model=model,
            language=language,
            internal=internal,
            unguarded=unguarded,
            report=report,
            progress=progress,
            worker=worker,
            take_set=writing.begin,
        )
        progress.step("writing maps and tables", 6, 6)
        written = writing.end(progress)
    return Outcome(study.results, folder, written.files, written.notes, published=study.published["public"])


def check_project(
    project: str | Path | Project,
    *,
    periods: Collection[str] | None = None,
    model: str | None = None,
    internal: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> Study:
    """Go through every stage of a run, and write nothing: the problems are those that the run tells.

    `internal` checks the run of the internal set too, and so what [bottom_up] names.

    Raises
    ------
    InputError
        Anything is wrong: all problems of all files.
    """
    return study_project(
        open_project(project),
        periods=periods,
        model=model,
        internal=internal,
        report=report or Report(),
        progress=progress,
    )


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
    """Explain an area, named by its id or its name, under each of the project's models; then tell period, status date
    and source of each figure, and its figures beside other references than the municipality, where any are chosen.

    What the public set hides is hidden in the text. `internal` tells what its registers hold back too, small numbers
    hidden, and adds how many persons it would take to change a criterion.

    Raises
    ------
    InputError
        The area is not there, several have that name, or the project has no model.
    """
    loaded = open_project(project)
    analysis = analyse_project(
        loaded,
        periods=periods,
        model=model,
        language=language,
        uncertainty=True,
        report=report,
        progress=progress,
    )
    results, categorisations = analysis.results, analysis.categorisations
    area_id, name = find_area(results.areas, area)
    if not categorisations:
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
    published = suppressed_set(
        loaded,
        results,
        "internal" if internal else "public",
        before=read_previous(loaded),
        report=report if report is not None else Report(),
    )
    texts = stamp_texts(published)
    for categorisation in categorisations:
        published_one = published_categorisation(published, categorisation.model)
        last = str(
            categorisation.categories.loc[categorisation.categories["area_id"] == area_id, "period"].max()
        )
        text = explain(
            published_one,
            area_id,
            language=results.language,
            name=name,
            internal=internal,
            minimum=published.policy.minimum,
        )
        sources = source_lines(published_one.model, last, published.sources, results.language)
        heading = [f"{word('common', 'sources', results.language)}:"] if sources else []
        lines = [
            text,
            _stability(published, categorisation, area_id, last),
            *heading,
            *(f"- {line}" for line in sources),
        ]
        texts.append("\n".join(line for line in lines if line))
    compared = reference_lines(published, area_id, published.periods[-1])
    if compared:
        heading_of_others = f"{word('comparisons', 'beside_others', results.language)}:"
        texts.append("\n".join([heading_of_others, *(f"- {line}" for line in compared)]))
    return "\n\n".join(texts)


def _stability(published: PublishedResults, done: Categorisation, area_id: str, period: str) -> str:
    """One line of what is shown: the nearest border, how often the category held, and its chance of changing."""
    rows = published.categories
    row = rows[(rows["model"] == done.model.id) & (rows["area_id"] == area_id) & (rows["period"] == period)]
    if row.empty:
        return ""
    border = published_borders(published, done.model).get((area_id, period), "")
    stability = stability_text(row["held"].iloc[0], row["change_by_chance"].iloc[0], published.language)
    return f"{border} {stability}".strip()
