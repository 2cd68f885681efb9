"""What is told in words of guarded figures: made from what is shown alone, so that no hidden number gets into it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from geo_bosoc.findings import Findings, OutputSet, Shown
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.cells import Cells, read_cells
from geo_bosoc.models.explain import sentences
from geo_bosoc.models.readings import pool, read
from geo_bosoc.models.result_words import SMALL_BASE
from geo_bosoc.models.spec import Model

NEEDED = ("criterion", "measure", "operator", "threshold", "met", "points", "status")


def told_in_words(
    findings: Findings,
    table: pd.DataFrame,
    yardsticks: pd.DataFrame,
    criteria: pd.DataFrame,
    *,
    output_set: OutputSet,
    minimum: int,
    guard: bool,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Criteria with a sentence each, and categories with what rests on few persons.

    Parameters
    ----------
    table, yardsticks, criteria : as they are shown. A sentence is made from these alone: where its figure is hidden
        it says so, and tells what the other columns tell.
    minimum, guard : the guard these were put under.

    Returns
    -------
    criteria, categories
        `criteria` with the column ``sentence``; `findings.categories` with ``small_base``: the criteria, ", " between
        them, whose figure rests on fewer than `SMALL_BASE` persons; that it does is told though the base be hidden.
        Rows of models that are not among `findings.models` stay as they are.
    """
    only = {indicator for model in findings.models for indicator in model.indicators}
    counted = read_cells(findings.table, indicators=findings.indicators, only=only)
    cells = _cells(table, yardsticks, findings.indicators, only)
    parts, small = [], []
    for model in findings.models if set(NEEDED) <= set(criteria.columns) else ():
        own = criteria[criteria["model"] == model.id]
        pooled = pool(cells, model.pool_years)
        shown = Categorisation(findings.categories, own, _named(model, findings.indicators), cells=pooled)
        least = minimum if guard else 0
        parts.append(
            sentences(shown, language=findings.language, internal=output_set == "internal", minimum=least)
        )
        small.append(_on_few(model, own, pool(counted, model.pool_years)))
    if not parts:
        return criteria, findings.categories
    told = pd.concat([part["sentence"] for part in parts])
    before = criteria["sentence"] if "sentence" in criteria.columns else pd.Series(None, index=criteria.index)
    spoken = criteria.assign(sentence=told.reindex(criteria.index).combine_first(before.astype("object")))
    return spoken, _with_small_bases(findings.categories, pd.concat(small))


def categorisation_shown(shown: Shown, model: Model) -> Categorisation:
    """A model's categorisation as it may be told: on the figures that are shown, every other one hidden."""
    cells = _cells(shown.table, shown.yardsticks, shown.indicators, set(model.indicators))
    categories, criteria, flags = (
        frame[frame["model"] == model.id] for frame in (shown.categories, shown.criteria, shown.flags)
    )
    named, pooled = _named(model, shown.indicators), pool(cells, model.pool_years)
    return Categorisation(categories, criteria, named, flags=flags, cells=pooled)


def _cells(
    table: pd.DataFrame, yardsticks: pd.DataFrame, indicators: Sequence[Indicator], only: Collection[str]
) -> Cells:
    """The figures of areas and yardsticks together, of the indicators that are asked for."""
    cells = dict(read_cells(table, indicators=indicators, only=only))
    return cells | dict(read_cells(yardsticks, indicators=indicators, only=only, name="yardsticks"))


def _named(model: Model, indicators: Sequence[Indicator]) -> Model:
    """The model with the indicators' own words for the criteria that it gives none."""
    specs = {spec.id: spec for spec in indicators}
    criteria = tuple(
        each.model_copy(
            update={
                "label_da": each.label_da or specs[each.indicator].label("da"),
                "label_en": each.label_en or specs[each.indicator].label("en"),
            }
        )
        if each.indicator in specs
        else each
        for each in model.criterion
    )
    return model.model_copy(update={"criterion": criteria})


def _on_few(model: Model, criteria: pd.DataFrame, cells: Cells) -> pd.DataFrame:
    """The criteria that rest on few persons: ``area_id, period, model, small_base`` (their keys, in order)."""
    columns = ["area_id", "period", "model"]
    few: dict[tuple[str, str], list[str]] = {}
    for criterion in model.criterion:
        rows = criteria.loc[criteria["criterion"] == criterion.key, columns].drop_duplicates()
        for area, period, _ in rows.itertuples(index=False, name=None):
            base = read(cells, str(area), str(period), criterion).cell.base
            if base is not None and base < SMALL_BASE:
                few.setdefault((area, period), []).append(criterion.key)
    told = [(area, period, model.id, ", ".join(keys)) for (area, period), keys in few.items()]
    return pd.DataFrame(told, columns=[*columns, "small_base"], dtype="object")


def _with_small_bases(categories: pd.DataFrame, few: pd.DataFrame) -> pd.DataFrame:
    columns = ["area_id", "period", "model"]
    names = few.set_index(columns)["small_base"]
    keys = pd.MultiIndex.from_frame(categories[columns])
    told = pd.Series(names.reindex(keys).to_numpy(), index=categories.index, dtype="object")
    return categories.assign(small_base=told.where(told.notna(), None))
