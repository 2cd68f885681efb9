"""Why one area has its category, from the project's own files."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from geo_bosoc.disclosure.results import PublishedResults, Results
from geo_bosoc.disclosure.sentences import published_categorisation
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.models import Categorisation, explain
from geo_bosoc.models.provenance import source_lines
from geo_bosoc.models.uncertainty.robustness import stability_text
from geo_bosoc.problems import InputError, Problem, Report, did_you_mean
from geo_bosoc.progress import Progress
from geo_bosoc.project.analysis import analyse_project
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.text.catalogue import word


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
    and source of each figure.

    What the public set hides is hidden in the text. `internal` tells what its registers hold back too, small numbers
    hidden, and adds how many persons it would take to change a criterion.

    Raises
    ------
    InputError
        The area is not there, several have that name, or the project has no model.
    """
    loaded = project if isinstance(project, Project) else load_project(project)
    analysis = analyse_project(
        loaded, periods=periods, model=model, language=language, doubt=True, report=report, progress=progress
    )
    found, done = analysis.results, analysis.categorisations
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
    minimum = loaded.spec.protect.minimum
    shown = suppress(found, "internal" if internal else "public", minimum)
    texts = [word("common", "internal", found.language)] if internal else []
    for one in done:
        guarded = published_categorisation(shown, one.model)
        told = one if internal else guarded
        last = str(one.categories.loc[one.categories["area_id"] == area_id, "period"].max())
        text = explain(told, area_id, language=found.language, name=name, internal=internal, minimum=minimum)
        sources = source_lines(guarded.model, last, shown.sources, found.language)
        heading = [f"{word('common', 'sources', found.language)}:"] if sources else []
        lines = [text, _how_sure(shown, one, area_id, last), *heading, *(f"- {line}" for line in sources)]
        texts.append("\n".join(line for line in lines if line))
    return "\n\n".join(texts)


def _how_sure(published: PublishedResults, done: Categorisation, area_id: str, period: str) -> str:
    """One line: in how many draws the category held, and the chance of another with nothing changed; as it is shown."""
    rows = published.categories
    own = rows[(rows["model"] == done.model.id) & (rows["area_id"] == area_id) & (rows["period"] == period)]
    if own.empty:
        return ""
    return stability_text(own["held"].iloc[0], own["change_by_chance"].iloc[0], published.language)


def _area(results: Results, id_or_name: str) -> tuple[str, str]:
    areas = results.areas
    rows = areas[areas["area_id"] == id_or_name]
    if rows.empty:
        rows = areas[areas["name"].str.casefold() == id_or_name.casefold()]
    if len(rows) == 1:
        return str(rows["area_id"].iloc[0]), str(rows["name"].iloc[0])
    if len(rows) > 1:
        ids = ", ".join(rows["area_id"])
        raise InputError(
            [Problem("error", f'{len(rows)} areas are called "{id_or_name}".', hint=f"Give an id: {ids}.")]
        )
    known = [*areas["area_id"], *areas["name"].dropna()]
    hint = did_you_mean(id_or_name, known, count=3, cutoff=0.5)
    raise InputError([Problem("error", f'there is no area "{id_or_name}".', hint=hint)])
