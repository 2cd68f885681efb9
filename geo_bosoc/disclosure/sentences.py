"""What is told in words of guarded figures: made from what is shown alone, so that no hidden number gets into it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import pandas as pd

from geo_bosoc.disclosure.results import Edition, PublishedResults, Results
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.exact_values import Cells, pool, read, read_cells
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.borders import border_texts
from geo_bosoc.models.texts.cut_lines import CutLine, cut_lines
from geo_bosoc.models.texts.explain import sentences
from geo_bosoc.models.uncertainty.minimal_change import smallest_change
from geo_bosoc.models.uncertainty.robustness import SMALL_BASE
from geo_bosoc.text.catalogue import Language

NEEDED = ("criterion", "measure", "operator", "threshold", "met", "points", "status")


def publish_texts(
    results: Results,
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    *,
    edition: Edition,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Criteria with a sentence each, and categories with what rests on few persons.

    A sentence is made of what is published alone: where its figure is suppressed it says so, and tells what the other
    columns tell.

    Parameters
    ----------
    results : Results
        Categories and criteria as they are published; the other tables with true counts.
    table, reference_areas : DataFrame
        As they are published.
    edition : Edition
        The policy that these were put under.

    Returns
    -------
    criteria : DataFrame
        With the column ``sentence``. Rows of models that are not among those of `results` stay as they are.
    categories : DataFrame
        With ``small_base``: the criteria, ", " between them, whose figure rests on fewer than `SMALL_BASE` persons;
        that it does is told though the base be suppressed.
    """
    criteria = results.criteria
    models = results.models if set(NEEDED) <= set(criteria.columns) else ()
    if not models:
        return criteria, results.categories
    only = {indicator for model in models for indicator in model.indicators}
    counted = read_cells(results.table, indicators=results.indicators, only=only)
    small = [
        _on_few(model, criteria[criteria["model"] == model.id], pool(counted, model.pool_years))
        for model in models
    ]
    worded = _with_sentences(results, models, table, reference_areas, edition)
    return worded, _with_small_bases(results.categories, pd.concat(small))


def _with_sentences(
    results: Results | PublishedResults,
    models: Sequence[Model],
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    edition: Edition,
) -> pd.DataFrame:
    """The criteria with a sentence each; those of models that are not among `models` stay as they are."""
    criteria = results.criteria
    if not models or not set(NEEDED) <= set(criteria.columns):
        return criteria
    only = {indicator for model in models for indicator in model.indicators}
    cells = _cells(table, reference_areas, results.indicators, only)
    least = edition.policy.minimum if edition.policy.suppresses else 0
    parts = []
    for model in models:
        shown = Categorisation(
            results.categories,
            criteria[criteria["model"] == model.id],
            _named(model, results.indicators),
            cells=pool(cells, model.pool_years),
        )
        parts.append(sentences(shown, language=results.language, internal=edition.internal, minimum=least))
    sentence = pd.concat([part["sentence"] for part in parts])
    before = criteria["sentence"] if "sentence" in criteria.columns else pd.Series(None, index=criteria.index)
    return criteria.assign(sentence=sentence.reindex(criteria.index).combine_first(before.astype("object")))


def published_categorisation(published: PublishedResults, model: Model) -> Categorisation:
    """A model's categorisation as it may be told: on the figures that are shown, every other one hidden."""
    cells = _cells(published.table, published.reference_areas, published.indicators, set(model.indicators))
    categories, criteria, flags = (
        frame[frame["model"] == model.id]
        for frame in (published.categories, published.criteria, published.flags)
    )
    named, pooled = _named(model, published.indicators), pool(cells, model.pool_years)
    return Categorisation(categories, criteria, named, flags=flags, cells=pooled)


def published_borders(published: PublishedResults, model: Model) -> dict[tuple[str, str], str]:
    """By area and period the nearest border of its category in words (`border_texts`), of what is shown alone."""
    return border_texts(
        model,
        *(
            frame[frame["model"] == model.id]
            for frame in (published.categories, published.criteria, published.flags)
        ),
        history=published.histories.get(model.id),
        language=published.language,
        labels={spec.id: spec.label(published.language) for spec in published.indicators},
    )


def published_cut_lines(
    published: PublishedResults,
) -> dict[tuple[str, str, str], tuple[CutLine, ...]]:
    """By model, indicator and period where bands and thresholds lie (`cut_lines`), of what is shown."""
    lines: dict[tuple[str, str, str], tuple[CutLine, ...]] = {}
    units = {spec.id: spec.unit for spec in published.indicators}
    for model in published.models:
        cells = read_cells(
            published.reference_areas,
            indicators=published.indicators,
            only=model.indicators,
            name="reference_areas",
        )
        of_model = cut_lines(model, pool(cells, model.pool_years), published.periods, units=units)
        lines |= {(model.id, *key): each for key, each in of_model.items()}
    return lines


def _cells(
    table: pd.DataFrame, reference_areas: pd.DataFrame, indicators: Sequence[Indicator], only: Collection[str]
) -> Cells:
    """The figures of areas and reference areas together, of the indicators that are asked for."""
    cells = dict(read_cells(table, indicators=indicators, only=only))
    return cells | dict(read_cells(reference_areas, indicators=indicators, only=only, name="reference_areas"))


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
    small_bases: dict[tuple[str, str], list[str]] = {}
    for criterion in model.criterion:
        rows = criteria.loc[criteria["criterion"] == criterion.key, columns].drop_duplicates()
        for area, period, _ in rows.itertuples(index=False, name=None):
            base = read(cells, str(area), str(period), criterion).cell.denominator
            if base is not None and base < SMALL_BASE:
                small_bases.setdefault((area, period), []).append(criterion.key)
    records = [(area, period, model.id, ", ".join(keys)) for (area, period), keys in small_bases.items()]
    return pd.DataFrame(records, columns=[*columns, "small_base"], dtype="object")


def _with_small_bases(categories: pd.DataFrame, small_cells: pd.DataFrame) -> pd.DataFrame:
    columns = ["area_id", "period", "model"]
    names = small_cells.set_index(columns)["small_base"]
    keys = pd.MultiIndex.from_frame(categories[columns])
    small_base = pd.Series(names.reindex(keys).to_numpy(), index=categories.index, dtype="object")
    return categories.assign(small_base=small_base.where(small_base.notna(), None))


def in_language(
    published: PublishedResults,
    language: Language,
    sentences_of: Collection[str] | None = None,
    *,
    labels_alone: bool = False,
) -> PublishedResults:
    """The same published results in words of another language.

    Texts that came in one language with registers and models stay as they are.

    Parameters
    ----------
    published : PublishedResults
        As `suppress` gives them.
    language : {"da", "en"}
        Of the words.
    sentences_of : collection of str, optional
        The models whose criteria are read with their sentences, all if left out. Criteria of others have none.
    labels_alone : bool, optional
        Whether labels alone are read: the sentences stay as they are.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> published = gb.suppress(gb.analyse("bosoc.toml"))  # doctest: +SKIP
    >>> in_language(published, "en").language  # doctest: +SKIP
    'en'
    """
    if published.language == language:
        return published
    other = replace(published, language=language)
    if labels_alone:
        return other
    if "sentence" in other.criteria.columns:
        without = pd.Series(None, index=other.criteria.index, dtype="object")
        other = replace(other, criteria=other.criteria.assign(sentence=without))
    models = [model for model in other.models if sentences_of is None or model.id in sentences_of]
    criteria = _with_sentences(other, models, other.table, other.reference_areas, published.edition)
    return replace(other, criteria=criteria, categories=_smallest_changes(other))


def _smallest_changes(published: PublishedResults) -> pd.DataFrame:
    """The categories with the sentence of the smallest change in the results' language, where they have one."""
    categories = published.categories
    if "smallest_change" not in categories.columns or not published.edition.internal:
        return categories
    worded = categories["smallest_change"].astype("object")
    for model in published.models:
        rows = categories.index[(categories["model"] == model.id) & categories["smallest_change"].notna()]
        categorisation = published_categorisation(published, model) if len(rows) else None
        for row in rows:
            area, period = str(categories.at[row, "area_id"]), str(categories.at[row, "period"])
            change = smallest_change(categorisation, area, period) if categorisation is not None else None
            worded[row] = change.text(model, published.language) if change is not None else None
    return categories.assign(smallest_change=worded)
