"""The models of a project: read, checked against what can be counted here, and applied."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo_bosoc.disclosure.primary import small_cells
from geo_bosoc.disclosure.results import Language
from geo_bosoc.indicators import Indicator
from geo_bosoc.models import (
    Categorisation,
    History,
    Model,
    categorise,
    load_model,
    read_history,
    robustness,
    smallest_change,
)
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project.spec import ModelPart, Project


@dataclass(frozen=True)
class ModelUse:
    """A model, the earlier lists it may look back on, and whether residents' origin takes part."""

    model: Model
    history: History | None = None
    origin: bool = True

    @property
    def needed(self) -> list[str]:
        """The indicators that the model reads, gates included, each once."""
        names = [
            criterion.indicator
            for criterion in self.model.criterion
            if self.origin or not criterion.uses_origin
        ]
        return list(dict.fromkeys([*names, *(gate.indicator for gate in self.model.gates)]))


def read_models(project: Project, source: str | None, report: Report) -> tuple[ModelUse, ...]:
    """The project's models, or the one that was asked for instead; what is wrong with any goes to the report."""
    parts = project.spec.model
    if source:
        own = [part for part in parts if part.id == source]
        parts = tuple(own) or (ModelPart(id=source),)
    uses = []
    for part in parts:
        try:
            model = load_model(part.id if part.id else project.root / str(part.path))
            history = None
            if part.history is not None:
                asked = part.history
                history = read_history(asked if asked == "published" else project.root / asked, model)
            uses.append(ModelUse(model, history, part.origin))
        except InputError as error:
            report.problems.extend(problem for problem in error.problems if problem not in report.problems)
    ids = [use.model.id for use in uses]
    for name in sorted({one for one in ids if ids.count(one) > 1}):
        report.error(
            f"{ids.count(name)} models have the id {name}: outputs could not tell them apart.",
            file=project.file,
            key="model",
            hint='Leave one out, or give the model file an id of its own (id = "...", its first line).',
        )
    return tuple({use.model.id: use for use in uses}.values())


def computable(
    uses: Sequence[ModelUse], countable: Collection[str], project: Path, report: Report
) -> tuple[ModelUse, ...]:
    """The models that can be computed from what is countable here; the others are told, never guessed at.

    A model none of whose criteria can be counted is left out; where no model remains, that is an error.
    """
    kept = []
    for use in uses:
        model = use.model
        criteria = [one for one in model.criterion if one.indicator in use.needed]
        missing = [one for one in criteria if one.indicator not in countable]
        if len(missing) < len(criteria):
            kept.append(use)
            continue
        names = ", ".join(dict.fromkeys(one.indicator for one in missing))
        sources = " ".join(dict.fromkeys(one.needs_text("en") for one in missing if one.needs_text("en")))
        level = report.warn if len(uses) > 1 else report.error
        level(
            f"{model.id} cannot be computed here: none of its figures can be counted in the project's registers "
            f"({names}).{' It needs ' + sources + '.' if sources else ''}",
            file=project,
            key="model",
            hint=f"Add those figures as a finished table with indicators of these names, or use "
            f'"geo-bosoc categorise TABLE.csv --model {model.id}".',
        )
    return tuple(kept)


def categorise_all(
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    uses: Sequence[ModelUse],
    indicators: Sequence[Indicator],
    report: Report,
) -> tuple[Categorisation, ...]:
    """Each model's categorisation of the same table."""
    return tuple(
        categorise(
            table,
            use.model,
            reference_areas=reference_areas,
            indicators=indicators,
            history=use.history,
            origin=use.origin,
            report=report,
        )
        for use in uses
    )


def with_doubt(
    done: Categorisation,
    language: Language,
    *,
    internal: bool,
    table: pd.DataFrame | None = None,
    indicators: Sequence[Indicator] = (),
    minimum: int = 5,
) -> pd.DataFrame:
    """The categories, the last period's with how sure they are.

    The draws do not look at figures of `table` that rest on fewer than `minimum` persons, so that how sure a category
    is can be shown beside them (the column ``blind`` says so). Without `table` they do, and the guard takes it away.

    Returns
    -------
    DataFrame
        `Categorisation.categories` with ``held`` (the share of draws in which the category held) and
        ``change_by_chance`` (the chance of another category the year after with nothing changed), missing for earlier
        periods, areas without a category and index models; with `internal` also ``smallest_change``, a sentence.
    """
    rows = done.categories.assign(held=float("nan"), change_by_chance=float("nan"))
    if rows.empty or done.model.kind == "index":
        return rows
    last = str(rows["period"].max())
    here = rows["period"] == last
    hidden: list[tuple[str, str]] = []
    if table is not None:
        looks_back = done.model.pool_years > 1 or any(criterion.window for criterion in done.model.criterion)
        few = small_cells(table, indicators, minimum) & ((table["period"] == last) | looks_back)
        hidden = list(table.loc[few, ["area_id", "indicator"]].itertuples(index=False, name=None))
    sure = robustness(done, last, hidden=hidden, minimum=minimum).areas.set_index("area_id")
    rows["blind"] = table is not None
    for name in ("held", "change_by_chance"):
        rows.loc[here, name] = rows.loc[here, "area_id"].map(sure[name])
    if internal:
        rows["smallest_change"] = None
        for at, area_id in rows.loc[here, "area_id"].items():
            change = smallest_change(done, str(area_id), last)
            rows.loc[at, "smallest_change"] = (
                change.text(done.model, language) if change is not None else None
            )
    return rows
