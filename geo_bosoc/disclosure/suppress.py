"""From true findings to what may be shown: small numbers are taken out before any writer sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pandas as pd

from geo_bosoc.disclosure.facts import (
    guarded_facts,
    guarded_problems,
    publishable_facts,
    publishable_problems,
)
from geo_bosoc.disclosure.primary import (
    CELL,
    COUNTS,
    secondary_cells,
    small,
    small_cells,
    without_small_unknown,
)
from geo_bosoc.disclosure.results import (
    MUNICIPALITY,
    SUPPRESSED,
    Edition,
    OutputSet,
    PublishedResults,
    Results,
)
from geo_bosoc.disclosure.sentences import publish_texts
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.exact_values import shift
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.sentences import NOT_PUBLISHED
from geo_bosoc.problems import InputError, Problem, Report

_HIDDEN = ("numerator", "unknown", "value", "low", "high", "ratio")
_OF_REFERENCE = ("reference", "ratio")
_CRITERIA_KEPT = frozenset(
    {
        *("area_id", "period", "model", "model_version", "criterion", "indicator"),
        *("measure", "reference", "operator", "threshold", "met", "points", "status"),
    }
)
"""What stays of a criterion whose figure is hidden; all else (value, margin, sentence ...) goes."""
_OF_CRITERION = ("area_id", "period", "model", "criterion")
_INTERNAL_ONLY = ("margin_persons", "smallest_change")
"""Columns (by their beginning) that only the internal set shows: figures in persons and smallest changes."""
_OF_DRAWS = ("held", "change_by_chance")
BLIND = "blind"
"""A column of `Results.categories`: whether `held` and `change_by_chance` were drawn without looking at small figures
(`geo_bosoc.models.uncertainty.robustness` with ``hidden``), so that they may be shown beside them."""
RESIDENTS = "residents"


def suppress(
    results: Results, output_set: OutputSet = "public", minimum: int = 5, *, guard: bool = True
) -> PublishedResults:
    """What may be published of results: categories as they are, small numbers suppressed.

    Categories, points and whether a criterion is met stand as computed on true counts. A cell whose
    numerator, complement or base is 1 to `minimum` - 1 persons gets the status ``protected`` and
    loses numerator, unknown, value, interval and ratio (and its denominator where that is what is small);
    in `criteria` all that tells the figure goes too, and in `categories` how sure a category is that rests on
    it (the draws start from the figure). Sentences are made here, of what is left
    (`geo_bosoc.disclosure.sentences`). Where only the unknown is as few, it alone is missing and the counts beside
    it are told without it (`geo_bosoc.disclosure.primary.without_small_unknown`).
    Reference areas are judged alike, and also hidden where subtracting the shown areas from them would give a
    hidden cell away; a municipal figure that is hidden is hidden as every area's reference too.

    Parameters
    ----------
    results : Results
        The true counts of a run; not changed.
    output_set : {"public", "internal"}, optional
        The public set leaves out figures in persons and smallest changes.
    minimum : int, optional
        The least number of persons that is shown (0 is always shown).
    guard : bool, optional
        False shows every number, which only an internal set may do; the writers then say so in every file.

    Returns
    -------
    PublishedResults
        Counts as nullable whole numbers, so that a hidden one is missing and never 0.
        ``report.facts["protection"]`` tells how many cells were hidden, by indicator.

    Raises
    ------
    ValueError
        A public set without guard, or a `minimum` below 3.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> published = gb.suppress(gb.analyse("bosoc.toml"))  # doctest: +SKIP
    >>> set(published.table["status"])  # doctest: +SKIP
    {'ok', 'protected'}
    """
    edition = Edition(output_set, minimum, guard)
    if output_set == "public" and (results.internal_indicators or results.internal_registers):
        results = _publishable(results)
    table, reference_areas = _nullable(results.table), _nullable(results.reference_areas)
    residents, criteria = results.residents.astype({RESIDENTS: "Int64"}), results.criteria
    by_indicator: dict[str, int] = {}
    if guard:
        table, reference_areas, residents, criteria = _guarded(
            results, table, reference_areas, residents, minimum
        )
        counts = table.loc[table["status"] == "protected", "indicator"].value_counts()
        by_indicator = {str(key): int(counts[key]) for key in sorted(counts.index)}
    criteria, categories = publish_texts(results, table, reference_areas, criteria, edition=edition)
    if guard:
        categories = _without_doubt_of_hidden(categories, results.criteria, criteria)
    categories = categories.drop(columns=BLIND, errors="ignore")
    if output_set == "public":
        criteria, categories = _without_internal(criteria), _without_internal(categories)
    protection = {
        "output_set": output_set,
        "guard": guard,
        "minimum": minimum,
        "hidden_cells": sum(by_indicator.values()),
        "hidden_by_indicator": by_indicator,
    }
    facts = guarded_facts(results.report.facts, minimum) if guard else results.report.facts
    problems = results.report.problems
    problems = guarded_problems(problems, minimum) if guard else list(problems)
    changed: dict[str, Any] = {
        "table": table,
        "reference_areas": reference_areas,
        "residents": residents,
        "criteria": criteria,
        "categories": categories,
        "report": Report(problems, {**facts, "protection": protection}),
    }
    same = {each.name: getattr(results, each.name) for each in fields(Results) if each.name not in changed}
    return PublishedResults(**same, **changed, edition=edition, made_by=SUPPRESSED)


def _publishable(results: Results) -> Results:
    """Findings without the indicators that count in a register whose owner lets nothing of it be published.

    Categories and points stand, as they do over hidden cells; of a criterion on such an indicator all that tells its
    figure goes, and of the report all that counts its rows.
    """
    gone = list(results.internal_indicators)
    publishable = tuple(indicator for indicator in results.indicators if indicator.id not in gone)
    if not publishable:
        message = (
            'every indicator counts in a register with publish = "internal": there is nothing to publish.'
        )
        hint = "Leave publish out where the register's owner allows it, or count in another register."
        raise InputError([Problem("error", message, hint=hint, key="registers")])
    criteria = results.criteria
    is_internal = criteria["indicator"].isin(gone)
    hidden = [name for name in criteria.columns if name not in _CRITERIA_KEPT - {"reference"}]
    table, reference_areas, sources = (
        frame[~frame["indicator"].isin(gone)].reset_index(drop=True)
        for frame in (results.table, results.reference_areas, results.sources)
    )
    report, registers = results.report, results.internal_registers
    published_criteria = _emptied(criteria, is_internal, hidden)
    if "status" in published_criteria.columns:
        published_criteria["status"] = published_criteria["status"].mask(is_internal, NOT_PUBLISHED)
    return replace(
        results,
        indicators=publishable,
        residents=results.residents.iloc[:0] if RESIDENTS in gone else results.residents,
        report=Report(
            publishable_problems(report.problems, report.facts, registers),
            publishable_facts(report.facts, registers, gone),
        ),
        table=table,
        reference_areas=reference_areas,
        sources=sources,
        criteria=published_criteria,
    )


def _guarded(
    results: Results,
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    residents: pd.DataFrame,
    minimum: int,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Table, reference areas, residents and criteria without their small numbers."""
    specs = results.indicators
    hide = small_cells(table, specs, minimum)
    hidden = hide | (table["status"] == "protected")
    small_reference = small_cells(reference_areas, specs, minimum)
    small_reference |= secondary_cells(reference_areas, table, hidden, specs, minimum)
    municipal = reference_areas.loc[small_reference & (reference_areas["area_id"] == MUNICIPALITY)]
    without_reference = _among(table, municipal, ("period", "indicator"))
    reference_without = _among(reference_areas, municipal, ("period", "indicator"))
    small_residents = small(residents[RESIDENTS], minimum)
    hidden_residents = residents.loc[small_residents, ["area_id", "period"]].assign(indicator=RESIDENTS)
    cells = pd.concat([table.loc[hidden, list(CELL)], hidden_residents])
    criteria = _guard_criteria(results.criteria, cells)
    for criterion_keys in _windows(results.models, cells):
        criteria = _guard_criteria(criteria, criterion_keys, columns=_OF_CRITERION)
    criteria = _without_municipal(criteria, table.loc[without_reference, list(CELL)], results.models)
    return (
        _emptied(_hide(table, hide, specs, minimum), without_reference, _OF_REFERENCE),
        _emptied(_hide(reference_areas, small_reference, specs, minimum), reference_without, _OF_REFERENCE),
        _emptied(residents, small_residents, [RESIDENTS]),
        criteria,
    )


def _hide(table: pd.DataFrame, cells: pd.Series, specs: tuple[Indicator, ...], minimum: int) -> pd.DataFrame:
    """The table with `cells` protected; a base is hidden only where it is small itself."""
    shown = _emptied(without_small_unknown(table, specs, minimum), cells, _HIDDEN)
    shown = _emptied(shown, small(shown["denominator"], minimum), ["denominator"])
    shown.loc[cells, "status"] = "protected"
    return shown


def _guard_criteria(
    criteria: pd.DataFrame,
    cells: pd.DataFrame,
    columns: tuple[str, ...] = CELL,
) -> pd.DataFrame:
    """Criteria with all that tells a figure missing where the `columns` are those of one of the `cells`."""
    rows = _among(criteria, cells, columns)
    guarded = _emptied(criteria, rows, [name for name in criteria.columns if name not in _CRITERIA_KEPT])
    if "status" in guarded.columns:
        guarded["status"] = guarded["status"].mask(rows, "protected")
    return guarded


def _without_municipal(
    criteria: pd.DataFrame, cells: pd.DataFrame, models: tuple[Model, ...]
) -> pd.DataFrame:
    """Criteria without what tells the municipality's figure, for the `cells` where that is hidden.

    A criterion on the value itself loses its reference only, one that is measured against the municipality all that
    the figure could be worked out from; one against the region or the country loses nothing.
    """
    rows = _among(criteria, cells, CELL)
    if "criterion" in criteria.columns:
        others = [
            (model.id, each.key)
            for model in models
            for each in model.criterion
            if each.reference_area != MUNICIPALITY
        ]
        rows &= ~pd.MultiIndex.from_frame(criteria[["model", "criterion"]].astype(str)).isin(others)
    by_value = criteria["measure"] == "value" if "measure" in criteria.columns else rows & False
    guarded = _emptied(criteria, rows & by_value, ["reference"])
    columns = (_CRITERIA_KEPT | {"value"}) - {"reference", "threshold"}
    measured = rows & ~by_value
    guarded = _emptied(guarded, measured, [name for name in guarded.columns if name not in columns])
    return (
        guarded.assign(status=guarded["status"].mask(measured, "protected"))
        if "status" in guarded.columns
        else guarded
    )


def _windows(models: tuple[Model, ...], cells: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """For each criterion that looks at several years, the areas and periods where a hidden cell goes into it."""
    for model in models:
        for criterion in model.criterion:
            indicator_cells = cells.loc[cells["indicator"] == criterion.indicator]
            shifts = {back - years for years in criterion.window or (0,) for back in range(model.pool_years)}
            for years in sorted(shifts - {0}) if len(indicator_cells) else ():
                periods = [shift(str(period), years) for period in indicator_cells["period"]]
                yield indicator_cells.assign(period=periods, model=model.id, criterion=criterion.key)


def _without_doubt_of_hidden(
    categories: pd.DataFrame, true: pd.DataFrame, shown: pd.DataFrame
) -> pd.DataFrame:
    """Categories without what could be worked back to a figure behind them that is hidden.

    How sure a category is could be drawn again and compared; the smallest change tells how far the figure is from a
    known limit.
    """
    if "status" not in true.columns or not {*_OF_DRAWS, "smallest_change"} & set(categories.columns):
        return categories
    keys = ("area_id", "period", "model")
    made_blind = categories[BLIND].fillna(False).astype(bool) if BLIND in categories.columns else False
    is_hidden = (true["status"] != "protected") & (shown["status"] == "protected")
    hidden = shown.loc[is_hidden, list(keys)]
    rows = _among(categories, hidden, keys)
    kept_back = _among(categories, shown.loc[shown["status"] == NOT_PUBLISHED, list(keys)], keys)
    guarded = _emptied(categories, rows | kept_back, ["smallest_change"])
    return _emptied(guarded, (rows & ~made_blind) | kept_back, _OF_DRAWS)


def _without_internal(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with what only the internal set shows missing."""
    inner = [name for name in frame.columns if name.startswith(_INTERNAL_ONLY)]
    return _emptied(frame, pd.Series(True, index=frame.index), inner)


def _among(frame: pd.DataFrame, keys: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    """Which rows of `frame` have a key that stands in `keys`."""
    names = list(columns)
    index = pd.MultiIndex.from_frame(keys[names].astype(str))
    return pd.Series(pd.MultiIndex.from_frame(frame[names].astype(str)).isin(index), index=frame.index)


def _emptied(frame: pd.DataFrame, rows: pd.Series, columns: Any) -> pd.DataFrame:
    """A copy of `frame` with `columns` missing in `rows`; whole numbers become nullable."""
    names = [name for name in columns if name in frame.columns]
    copy = frame.copy()
    for name in names:
        if pd.api.types.is_bool_dtype(copy[name].dtype):
            copy[name] = copy[name].astype("boolean")
        elif pd.api.types.is_integer_dtype(copy[name].dtype):
            copy[name] = copy[name].astype("Int64")
        copy[name] = copy[name].mask(rows)
    return copy


def _nullable(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its counts as nullable whole numbers and a fresh index."""
    return table.astype(dict.fromkeys(COUNTS, "Int64")).reset_index(drop=True)
