"""From true results to what may be published: small numbers go, and what they follow from, before any writer."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import pandas as pd

from geo_bosoc.disclosure.facts import (
    guarded_facts,
    guarded_problems,
    publishable_facts,
    publishable_problems,
)
from geo_bosoc.disclosure.policy import Policy, as_policy
from geo_bosoc.disclosure.primary import (
    COUNTS,
    secondary_cells,
    small,
    small_cells,
    without_small_unknown,
)
from geo_bosoc.disclosure.published_categories import PublishedCategories, publish_categories
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
from geo_bosoc.models.spec import RANGE
from geo_bosoc.models.texts.sentences import NOT_PUBLISHED
from geo_bosoc.problems import InputError, NonPersonal, Problem, Report

_SUPPRESSED_COLUMNS: Final = ("numerator", "unknown", "value", "low", "high", "ratio")
_OF_REFERENCE: Final = ("reference", "ratio")
_OF_RESULT: Final = ("threshold", "met", "margin", "margin_persons", "points", "needed", "value")
"""What of a criterion is not told where its register may not be published."""
_OF_TOTAL: Final = (
    "points",
    "points_min",
    "points_max",
    "points_before",
    "moved_by",
    "held",
    "change_by_chance",
)
"""What of a category would tell the points of a criterion that may not be published."""
_INTERNAL_ONLY: Final = ("margin_persons", "smallest_change")
"""Columns (by their beginning) that only the internal set shows: figures in persons and smallest changes."""
BLIND: Final = "blind"
"""A column of `Results.categories` that no file has: how the draws of its stability were made."""
RESIDENTS: Final = "residents"


def suppress(
    results: Results, output_set: OutputSet = "public", policy: Policy | str = "five"
) -> PublishedResults:
    """What may be published of results: small counts suppressed, and all that they would follow from.

    A cell whose numerator, complement or base is 1 to 4 persons gets the status ``protected`` and keeps its base
    (from 5 up, of those whose status is known) and reference alone; points, threshold and met of a criterion on it go
    too. Categories are told where they leave enough of the counts possible, else as a range: ``category`` is then
    ``range``, and `possible` says between which (`geo_bosoc.disclosure.worlds`). Sentences are made here, of what is
    left (`geo_bosoc.disclosure.sentences`). Where only the unknown is as few, it alone is missing and the counts beside
    it are told without it (`geo_bosoc.disclosure.primary.without_small_unknown`). Reference areas are judged alike, and
    also suppressed where subtracting the shown areas from them would give a suppressed cell away; a municipal figure
    that is suppressed is no longer every area's reference either.

    Parameters
    ----------
    results : Results
        The true counts of a run; not changed.
    output_set : {"public", "internal"}, optional
        The public set leaves out figures in persons, smallest changes, and registers that may not be published.
    policy : Policy or str, optional
        What is small, and how much of a suppressed count may follow: a policy or its name. ``"unsuppressed"`` shows
        every number, which only an internal set may do; the writers then say so in every file.

    Returns
    -------
    PublishedResults
        Counts as nullable whole numbers, so that a suppressed one is missing and never 0.
        ``report.facts["protection"]`` tells how many cells were suppressed, by indicator, and how many categories are
        ranges.

    Raises
    ------
    ValueError
        A public set that is not to be suppressed.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> published = gb.suppress(gb.analyse("bosoc.toml"), policy="five-strict")  # doctest: +SKIP
    >>> set(published.table["status"])  # doctest: +SKIP
    {'ok', 'protected'}
    """
    policy = as_policy(policy)
    edition = Edition(output_set, policy)
    tables = _Tables(_nullable(results.table), _nullable(results.reference_areas), _residents(results))
    published = PublishedCategories(results.categories, results.criteria, results.flags, {})
    by_indicator: dict[str, int] = {}
    if policy.suppresses:
        tables = _suppressed_tables(results, tables, policy)
        published = publish_categories(results, tables.table, tables.reference_areas, policy)
    results = replace(
        results, categories=published.categories, criteria=published.criteria, flags=published.flags
    )
    if output_set == "public" and (results.internal_indicators or results.internal_registers):
        results, tables = _publishable(results, tables)
    if policy.suppresses:
        is_suppressed = tables.table["status"] == "protected"
        counts = tables.table.loc[is_suppressed, "indicator"].value_counts()
        by_indicator = {str(key): int(counts[key]) for key in sorted(counts.index)}
    criteria, categories = publish_texts(results, tables.table, tables.reference_areas, edition=edition)
    categories = categories.drop(columns=BLIND, errors="ignore")
    if output_set == "public":
        criteria, categories = _without_internal(criteria), _without_internal(categories)
    protection = {
        "output_set": output_set,
        "policy": policy.model_dump(),
        "suppressed_cells": sum(by_indicator.values()),
        "suppressed_by_indicator": by_indicator,
        "ranges": int((categories["category"] == RANGE).sum()) if len(categories) else 0,
        "blind_models": list(published.blind),
    }
    facts, problems = results.report.facts, list(results.report.problems)
    if policy.suppresses:
        facts, problems = guarded_facts(facts, policy.minimum), guarded_problems(problems, policy.minimum)
    changed: dict[str, Any] = {
        "table": tables.table,
        "reference_areas": tables.reference_areas,
        "residents": tables.residents,
        "criteria": criteria,
        "categories": categories,
        "report": Report(problems, {**facts, "protection": NonPersonal(protection)}),
    }
    same = {each.name: getattr(results, each.name) for each in fields(Results) if each.name not in changed}
    left = published.left if output_set == "internal" and policy.suppresses else {}
    return PublishedResults(**same, **changed, edition=edition, left=left, made_by=SUPPRESSED)


@dataclass(frozen=True)
class _Tables:
    """Indicator tables of areas and reference areas, and the residents, on their way to being published."""

    table: pd.DataFrame
    reference_areas: pd.DataFrame
    residents: pd.DataFrame


def _publishable(results: Results, tables: _Tables) -> tuple[Results, _Tables]:
    """Results without the indicators that count in a register whose owner lets nothing of it be published.

    Categories stand; of a criterion on such an indicator all that tells its figure or its points goes, and of the
    report all that counts its rows.
    """
    gone = list(results.internal_indicators)
    publishable = tuple(indicator for indicator in results.indicators if indicator.id not in gone)
    if not publishable:
        message = (
            'every indicator counts in a register with publish = "internal": there is nothing to publish.'
        )
        hint = "Leave publish out where the register's owner allows it, or count in another register."
        raise InputError([Problem("error", message, hint=hint, key="registers")])
    table, reference_areas, sources = (
        frame[~frame["indicator"].isin(gone)].reset_index(drop=True)
        for frame in (tables.table, tables.reference_areas, results.sources)
    )
    report, registers = results.report, results.internal_registers
    of_gone = results.criteria["indicator"].isin(gone)
    criteria = _emptied(results.criteria, of_gone, _OF_RESULT)
    if "status" in criteria.columns:
        criteria["status"] = criteria["status"].mask(of_gone, NOT_PUBLISHED)
    keys = ("area_id", "period", "model")
    categories = results.categories
    if set(keys) <= set(criteria.columns):
        rows = _among(categories, criteria.loc[of_gone, list(keys)], keys)
        categories = _emptied(categories, rows, (*_OF_TOTAL, "smallest_change"))
    published = replace(
        results,
        indicators=publishable,
        report=Report(
            publishable_problems(report.problems, report.facts, registers),
            publishable_facts(report.facts, registers, gone),
        ),
        sources=sources,
        criteria=criteria,
        categories=categories,
    )
    residents = tables.residents.iloc[:0] if RESIDENTS in gone else tables.residents
    return published, _Tables(table, reference_areas, residents)


def _suppressed_tables(results: Results, tables: _Tables, policy: Policy) -> _Tables:
    """The tables without their small numbers, and without what those follow from."""
    specs, minimum = results.indicators, policy.minimum
    table, reference_areas, residents = tables.table, tables.reference_areas, tables.residents
    cells = _primary(table, specs, policy)
    suppressed = cells | (table["status"] == "protected")
    references = _primary(reference_areas, specs, policy)
    references |= secondary_cells(reference_areas, table, suppressed, specs, minimum)
    municipal = reference_areas.loc[references & (reference_areas["area_id"] == MUNICIPALITY)]
    without_reference = _among(table, municipal, ("period", "indicator"))
    reference_without = _among(reference_areas, municipal, ("period", "indicator"))
    return _Tables(
        _emptied(_suppress_cells(table, cells, specs, policy), without_reference, _OF_REFERENCE),
        _emptied(
            _suppress_cells(reference_areas, references, specs, policy), reference_without, _OF_REFERENCE
        ),
        _emptied(residents, small(residents[RESIDENTS], minimum), [RESIDENTS]),
    )


def _primary(table: pd.DataFrame, specs: tuple[Indicator, ...], policy: Policy) -> pd.Series:
    """The cells that are small themselves, by the policy."""
    cells = small_cells(table, specs, policy.minimum)
    if policy.zeros == "show" and not policy.minimum_base:
        return cells
    numerator, denominator = table["numerator"].astype("Int64"), table["denominator"].astype("Int64")
    base = denominator - table["unknown"].astype("Int64").fillna(0)
    scale = table["indicator"].map({spec.id: spec.scale for spec in specs}).fillna(1).astype("Int64")
    counts = [spec.id for spec in specs if spec.unit == "count"]
    means = [spec.id for spec in specs if spec.unit == "mean" or spec.mean_of is not None]
    shares = ~table["indicator"].isin([*counts, *means])
    if policy.zeros == "hide":
        none_or_all = ((numerator == 0) | (numerator == base * scale)) & (base > 0)
        cells |= none_or_all.fillna(False).astype(bool) & shares
    is_small = (base > 0) & (base < policy.minimum_base)
    return cells | (is_small.fillna(False).astype(bool) & ~table["indicator"].isin(counts))


def _suppress_cells(
    table: pd.DataFrame, cells: pd.Series, specs: tuple[Indicator, ...], policy: Policy
) -> pd.DataFrame:
    """The table with `cells` suppressed: their base is that of those whose status is known, and small ones go too.

    Figures that their publisher had suppressed, or that may not be published, are empty as well, never 0.
    """
    shown = without_small_unknown(table, specs, policy.minimum)
    excluding = [spec.id for spec in specs if spec.unknown == "exclude"]
    known_base = shown["denominator"] - shown["unknown"].fillna(0)
    shown["denominator"] = shown["denominator"].mask(cells & shown["indicator"].isin(excluding), known_base)
    withheld = shown["status"].isin(["protected", NOT_PUBLISHED])
    shown = _emptied(shown, cells | withheld, _SUPPRESSED_COLUMNS)
    least_base = max(policy.minimum, policy.minimum_base)
    is_small = small(shown["denominator"], policy.minimum) | (cells & small(shown["denominator"], least_base))
    shown = _emptied(shown, is_small, ["denominator"])
    shown.loc[cells, "status"] = "protected"
    return shown


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


def _residents(results: Results) -> pd.DataFrame:
    """The residents as nullable whole numbers."""
    return results.residents.astype({RESIDENTS: "Int64"})
