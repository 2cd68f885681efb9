"""From true results to what may be published: small numbers go, and what they follow from, before any writer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import chain
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import NATIONAL, REGION
from geo_bosoc.disclosure.categories.published_categories import (
    PublishedCategories,
    public_figures,
    publish_categories,
    told_ranges,
    with_shown,
)
from geo_bosoc.disclosure.facts import (
    guarded_facts,
    guarded_problems,
    public_facts,
    public_problems,
    publishable_facts,
    publishable_problems,
)
from geo_bosoc.disclosure.policy import Policy, as_policy
from geo_bosoc.disclosure.pooled_parts import PooledTables, with_pooled_classes
from geo_bosoc.disclosure.previous.as_published import as_published, categories_as_published, with_small_bases
from geo_bosoc.disclosure.previous.published_before import Consistency, PublishedBefore
from geo_bosoc.disclosure.primary import CELL, COUNTS, suppression_reasons
from geo_bosoc.disclosure.results import (
    MUNICIPALITY,
    RESIDENTS,
    SUPPRESSED,
    Edition,
    OutputSet,
    PublishedResults,
    Results,
    compared_with_rest,
    compares_with_outside,
)
from geo_bosoc.disclosure.secondary.differences import pairs_by_geometry
from geo_bosoc.disclosure.secondary.sums import Runs, runs_of
from geo_bosoc.disclosure.secondary.suppressed_values import Cell
from geo_bosoc.disclosure.sentences import publish_texts
from geo_bosoc.disclosure.suppressed_tables import (
    FurtherSuppression,
    PublishedTables,
    Suppression,
    as_counted,
    publish_tables,
    rows_among,
    suppressed_cells,
    with_unsafe_totals,
    without_values,
)
from geo_bosoc.disclosure.thresholds import Withheld, withheld_figures
from geo_bosoc.indicators.references import group_rows, is_given, outside_rows, with_references
from geo_bosoc.indicators.similar_areas import twins_of
from geo_bosoc.models.category import RANGE
from geo_bosoc.models.texts.sentences import NOT_PUBLISHED
from geo_bosoc.problems import InputError, NonPersonal, Problem, Report

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


def suppress(
    results: Results,
    output_set: OutputSet = "public",
    policy: Policy | str = "five",
    *,
    before: PublishedBefore | None = None,
    further: FurtherSuppression | None = None,
) -> PublishedResults:
    """What may be published of results: small counts suppressed, and all that they would follow from.

    A cell whose numerator, complement or base is 1 to 4 persons gets the status ``protected`` and keeps its base
    (from 5 up, of those whose status is known) and reference alone; points, threshold and met of a criterion on it go
    too. Categories are told where they leave enough of the counts possible, else as a range: ``category`` is then
    ``range``, and `possible` says between which (`categories.worlds`). Sentences are made here, of what is
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
    before : PublishedBefore, optional
        The set that was published before (`geo_bosoc.disclosure.previous.published_before`).
    further : FurtherSuppression, optional
        What goes besides, for the sake of an audit (`geo_bosoc.disclosure.audit`).

    Returns
    -------
    PublishedResults
        Counts as nullable whole numbers, so that a suppressed one is missing and never 0.
        ``report.facts["protection"]`` tells how many cells were suppressed, by indicator, and how many categories are
        ranges. Under a pooled policy the indicators hold the class "Anonymous" of each breakdown too.

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
    results, given = _without_given(results)
    earlier = None
    if before is not None and policy.suppresses:
        earlier = Consistency(results, before, policy.minimum)
        results = earlier.results(results)
    tables = as_counted(results)
    published = PublishedCategories(results.categories, results.criteria, results.flags)
    by_indicator: dict[str, int] = {}
    left: dict[Cell, int] = {}
    withheld = withheld_figures(results, policy)
    if policy.suppresses:
        tables, published, left = _suppressed(
            results, given, tables, policy, withheld, earlier, further or FurtherSuppression()
        )
    results = replace(
        results, categories=published.categories, criteria=published.criteria, flags=published.flags
    )
    results, tables = _with_references(results, tables, given, output_set)
    if output_set == "public" and (results.internal_indicators or results.internal_registers):
        results, tables = _publishable(results, tables)
    if policy.suppresses:
        is_suppressed = tables.table["status"] == "protected"
        counts = tables.table.loc[is_suppressed, "indicator"].value_counts()
        by_indicator = {str(key): int(counts[key]) for key in sorted(counts.index)}
    pooled = PooledTables(results.indicators, tables.table, tables.reference_areas, results.sources)
    if policy.pooled:
        pooled = with_pooled_classes(*pooled[:4])
    criteria, categories = publish_texts(results, tables.table, tables.reference_areas, edition=edition)
    if withheld.slots:
        slots = pd.DataFrame(sorted(withheld.slots), columns=["area_id", "period"])
        of_withheld = rows_among(categories, slots, ("area_id", "period"))
        categories = without_values(categories, of_withheld, ["small_base"])
    if earlier is not None:
        categories = with_small_bases(earlier, categories)
    if output_set == "public":
        criteria, categories = _without_internal(criteria), _without_internal(categories)
    protection = {
        "output_set": output_set,
        "policy": policy.model_dump(),
        "suppressed_cells": sum(by_indicator.values()),
        "suppressed_by_indicator": by_indicator,
        "ranges": int((categories["category"] == RANGE).sum()) if len(categories) else 0,
        "blind_models": list(published.blind),
        "pooled_classes": list(pooled.classes),
    }
    facts, problems = results.report.facts, list(results.report.problems)
    if output_set == "public":
        facts, problems = public_facts(facts), public_problems(problems, facts, policy.minimum)
    elif policy.suppresses:
        facts, problems = guarded_facts(facts, policy.minimum), guarded_problems(problems, policy.minimum)
    changed: dict[str, Any] = {
        "indicators": pooled.indicators,
        "table": pooled.table,
        "reference_areas": pooled.reference_areas,
        "sources": pooled.sources,
        "residents": tables.residents,
        "criteria": criteria,
        "categories": categories,
        "yearly": results.yearly.iloc[:0],
        "households": results.households.iloc[:0],
        "report": Report(problems, {**facts, "protection": NonPersonal(protection)}),
    }
    same = {each.name: getattr(results, each.name) for each in fields(Results) if each.name not in changed}
    inner: dict[str, Any] = {}
    if output_set == "internal" and policy.suppresses:
        inner = {
            "left": left,
            "reasons": suppression_reasons(results, tables.table, policy, withheld.reasons),
        }
    return PublishedResults(**same, **changed, **inner, edition=edition, made_by=SUPPRESSED)


def _without_given(results: Results) -> tuple[Results, pd.DataFrame]:
    """Results without the reference areas that no register counts, and those of them that a table gave.

    Nothing is subtracted from what a table gave; the others are worked out again from what is published.
    """
    names = results.reference_areas["area_id"].astype(str)
    is_other = names.map(is_given).astype(bool)
    if not is_other.any():
        return results, results.reference_areas.iloc[:0]
    of_table = names.isin([REGION, NATIONAL])
    given = results.reference_areas[of_table].astype(dict.fromkeys(COUNTS, "Int64"))
    return replace(results, reference_areas=results.reference_areas[~is_other].reset_index(drop=True)), given


def _with_references(
    results: Results, tables: PublishedTables, given: pd.DataFrame, output_set: OutputSet
) -> tuple[Results, PublishedTables]:
    """The tables with all reference areas, and each indicator beside its own; who is alike is told anew by them."""
    reference_areas = _all_references(results, tables.reference_areas, given)
    if results.groups:
        municipality = tables.reference_areas[tables.reference_areas["area_id"] == MUNICIPALITY]
        groups = group_rows(tables.table, results.groups, results.indicators, municipality)
        reference_areas = pd.concat([reference_areas, groups], ignore_index=True)
    withheld = results.internal_indicators if output_set == "public" else frozenset()
    specs = [spec for spec in results.indicators if spec.id not in withheld]
    profile = None if results.profile is None else results.profile.among(specs)
    nearest, of_twins = twins_of(tables.table, profile, results.indicators)
    table = with_references(tables.table, reference_areas, results.indicators, of_twins=of_twins)
    results = replace(results, profile=profile, nearest=nearest)
    return results, replace(tables, table=table, reference_areas=reference_areas)


def _all_references(results: Results, counted: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """The counted reference areas with those that a table gave, and everybody outside the areas where that is asked."""
    frames = [counted]
    if compares_with_outside(results):
        frames.append(outside_rows(counted, results.indicators))
    frames += [given] if len(given) else []
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else counted


def _suppressed(
    results: Results,
    given: pd.DataFrame,
    tables: PublishedTables,
    policy: Policy,
    withheld: Withheld,
    earlier: Consistency | None,
    further: FurtherSuppression,
) -> tuple[PublishedTables, PublishedCategories, dict[Cell, int]]:
    """Tables and categories as they may be published, and how many counts stay possible of each suppressed one."""
    pairs = results.pairs or pairs_by_geometry(results.areas)
    suppression = suppressed_cells(
        tables,
        pairs,
        results.indicators,
        policy,
        earlier,
        yearly=results.yearly,
        withheld=withheld,
        compared_with_rest=compared_with_rest(results),
        of_models={each.indicator for model in results.models for each in model.criterion},
    )
    if further.totals:
        suppression = further.suppression(tables, suppression)
    withheld_cells = frozenset(
        tables.table.loc[withheld.is_withheld, list(CELL)].astype(str).itertuples(index=False, name=None)
    )
    references = {
        area_id for model in results.models for each in model.criterion for area_id in each.counted_references
    }
    compared = tables.reference_areas["area_id"].isin(list(references))
    decided, frozen = (earlier.slices, earlier.frozen) if earlier is not None else ({}, frozenset())
    complete = replace(results, reference_areas=_all_references(results, results.reference_areas, given))
    figures = public_figures(complete, decided=decided, frozen=frozen, withheld=withheld_cells)
    while True:
        shown = _shown(results, tables, suppression, policy, earlier)
        reference_areas = _all_references(results, shown.reference_areas, given)
        figures = with_shown(figures, results, shown.table, reference_areas, shown.residents)
        ranges = told_ranges(results, figures, policy)
        narrowed = _narrowed(suppression, ranges.left)
        without = with_unsafe_totals(tables, suppression, narrowed, results.indicators, policy, earlier)
        same = (without.references == suppression.references).all(axis=1)
        suppression = without
        if (same | ~compared).all():
            break  # no model compares with a total that goes now: the ranges stand
    if further.categories:
        besides = {key: each for key, each in ranges.ranges.items() if key[:2] not in further.categories}
        ranges = ranges._replace(ranges=besides)
    published = publish_categories(results, figures, ranges, policy)
    if earlier is not None or not same.all():
        shown = _shown(results, tables, suppression, policy, earlier)
    if earlier is not None:
        published = categories_as_published(earlier, published, results, shown.table, policy)
    left = {cell: sum(map(len, narrowed[cell])) for cell in ranges.left if cell in narrowed}
    return shown, published, left


def _shown(
    results: Results,
    tables: PublishedTables,
    suppression: Suppression,
    policy: Policy,
    earlier: Consistency | None,
) -> PublishedTables:
    """The tables as they are published beside the set published before."""
    shown = publish_tables(tables, suppression, results.indicators, policy)
    return shown if earlier is None else as_published(earlier, shown)


def _narrowed(suppression: Suppression, left: Mapping[Cell, frozenset[int]]) -> dict[Cell, Runs]:
    """The possible values of suppressed cells that categories leave, of a figure under whichever id."""

    def figure(cell: Cell) -> Cell:
        return (*cell[:2], suppression.same.get(cell[2], cell[2]))

    left_of = {figure(cell): counts for cell, counts in left.items()}
    return {
        cell: runs_of(set(left_of[figure(cell)]).intersection(chain(*runs)))
        if figure(cell) in left_of
        else runs
        for cell, runs in suppression.possible.items()
    }


def _publishable(results: Results, tables: PublishedTables) -> tuple[Results, PublishedTables]:
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
    criteria = without_values(results.criteria, of_gone, _OF_RESULT)
    if "status" in criteria.columns:
        criteria["status"] = criteria["status"].mask(of_gone, NOT_PUBLISHED)
    keys = ("area_id", "period", "model")
    categories = results.categories
    if set(keys) <= set(criteria.columns):
        rows = rows_among(categories, criteria.loc[of_gone, list(keys)], keys)
        categories = without_values(categories, rows, (*_OF_TOTAL, "smallest_change"))
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
    return published, PublishedTables(table, reference_areas, residents)


def _without_internal(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with what only the internal set shows missing."""
    inner = [name for name in frame.columns if name.startswith(_INTERNAL_ONLY)]
    return without_values(frame, pd.Series(True, index=frame.index), inner)
