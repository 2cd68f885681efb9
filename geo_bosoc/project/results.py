"""`Results` of a run, put together from its tables and categorisations."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from geo_bosoc.disclosure.results import Language, Results
from geo_bosoc.models import Categorisation
from geo_bosoc.models.categorisation import CATEGORY_COLUMNS, CRITERIA_COLUMNS, FLAG_COLUMNS
from geo_bosoc.problems import Report
from geo_bosoc.project.inputs import RESIDENTS, Inputs
from geo_bosoc.project.models_used import with_doubt
from geo_bosoc.project.sources import internal_indicators, sources_of
from geo_bosoc.project.spec import Project


def make_results(
    project: Project,
    inputs: Inputs,
    counts: pd.DataFrame,
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    categorisations: Sequence[Categorisation],
    *,
    language: str | None,
    doubt: bool,
    internal: bool,
    report: Report,
) -> Results:
    """The results of a run on true counts; of indicators, those that outputs show.

    Parameters
    ----------
    counts : DataFrame
        The areas' counts, for the data's periods.
    table, reference_areas : DataFrame
        Indicator tables of the areas and of the reference areas.
    language : str, optional
        Instead of the project's.
    doubt, internal : bool
        The categories say how sure they are, and hold each area's smallest change too (`with_doubt`).
    """
    spec = project.spec.project
    chosen: Language = "en" if (language or spec.language) == "en" else "da"
    shown = [indicator.id for indicator in inputs.shown]
    categories = [categorisation.categories for categorisation in categorisations]
    if doubt:
        minimum = project.spec.protect.minimum
        categories = [
            with_doubt(
                categorisation,
                chosen,
                internal=internal,
                table=table,
                indicators=inputs.indicators,
                minimum=minimum,
            )
            for categorisation in categorisations
        ]
    outline = {"municipality": inputs.outline} if inputs.outline is not None else {}
    return Results(
        name=spec.name,
        language=chosen,
        made_up=spec.made_up,
        municipality=spec.municipality,
        internal_indicators=internal_indicators(inputs),
        internal_registers=frozenset(
            name for name, register in project.spec.registers.items() if register.publish == "internal"
        ),
        areas=inputs.areas,
        context={**outline, **inputs.context},
        indicators=inputs.shown,
        table=table[table["indicator"].isin(shown)].reset_index(drop=True),
        reference_areas=reference_areas[reference_areas["indicator"].isin(shown)].reset_index(drop=True),
        residents=_residents(table),
        models=tuple(categorisation.model for categorisation in categorisations),
        categories=_stacked(categories, CATEGORY_COLUMNS),
        criteria=_stacked([each.criteria for each in categorisations], CRITERIA_COLUMNS),
        flags=_stacked([each.flags for each in categorisations], FLAG_COLUMNS),
        sources=sources_of(inputs, counts, chosen),
        report=report,
    )


def _stacked(frames: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Frames of several models one below the other; without a model, no rows."""
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))


def _residents(table: pd.DataFrame) -> pd.DataFrame:
    """``area_id, period, residents``."""
    rows = table[(table["indicator"] == RESIDENTS) & (table["status"] == "ok")]
    frame = rows[["area_id", "period", "numerator"]].rename(columns={"numerator": "residents"})
    return frame.astype({"residents": "int64"}).reset_index(drop=True)
