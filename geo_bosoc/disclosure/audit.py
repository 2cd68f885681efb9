"""The audit: the attack on what is about to be written, and what goes besides where it finds a figure.

It is the last line, behind the rules: where they leave a figure below the promise, the sum of all areas goes, then what
the category says besides shown figures, then the municipality's figure; where that is not enough nothing is published.

What a decision tells. It rests on the attack, which knows published data alone (only on which side a figure is judged,
few or all but few, is by its true count), and the measure is the same whatever the count. What goes bears the same mark
as what goes by the rules, and the public set does not say that anything went for the audit's sake. Of a category
nothing is left but what shown figures say. Where categories are told whatever they tell (``category = "always"``) all
of them are published by the rules instead: a range just where it must be would tell why. Not covered: somebody who
knows where the rules have a gap. A total or category that is gone without a rule then says that it was one of those
that told too much; so a run warns of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.disclosure.attack import Search, published_set, report_of
from geo_bosoc.disclosure.attack.public_set import FigureKey
from geo_bosoc.disclosure.attack.system import PERIODS
from geo_bosoc.disclosure.policy import Policy, as_policy
from geo_bosoc.disclosure.previous.published_before import PublishedBefore
from geo_bosoc.disclosure.results import PublishedResults, Results
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.disclosure.suppressed_tables import FurtherSuppression
from geo_bosoc.models.category import RANGE
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.messages import count_text, phrase

MOST_ATTACKS: Final = 5
"""Attacks in one audit: one more than there are measures against what a figure follows from."""
WORST: Final = 10
"""Rows that are named where a run stops."""


class _Exposed(NamedTuple):
    """What an attack found: rows below the promise, those of them that follow without sums, and empty fields that are
    not."""

    rows: list[FigureKey]
    without_sums: Collection[FigureKey]
    leaks: list[str]


def audited(
    results: Results,
    policy: Policy | str = "five",
    *,
    before: PublishedBefore | None = None,
    report: Report,
) -> PublishedResults:
    """The public set of results, of which the attack finds no figure below the promise.

    Parameters
    ----------
    results : Results
        The true counts of a run.
    policy : Policy or str, optional
        As of `geo_bosoc.suppress`.
    before : PublishedBefore, optional
        As of `geo_bosoc.suppress`.
    report : Report
        Takes a warning of how many totals and categories went for the audit's sake. The public set does not say.

    Returns
    -------
    PublishedResults
        As `geo_bosoc.suppress` makes them, with no more than the attack needs gone besides.

    Raises
    ------
    InputError
        A figure is below the promise all the same: its row is named, never its value.

    Examples
    --------
    >>> from geo_bosoc.disclosure.audit import audited
    >>> from geo_bosoc.problems import Report
    >>> import geo_bosoc as gb
    >>> published = audited(gb.analyse("bosoc.toml"), report=Report())  # doctest: +SKIP
    """
    policy, further = as_policy(policy), FurtherSuppression()
    first = published = suppress(results, "public", policy, before=before)
    for attacks_left in reversed(range(MOST_ATTACKS)):
        exposed = _attacked(published, results)
        if not exposed.rows and not exposed.leaks:
            break
        category, wider = _next_measures(exposed, published, further)
        if not attacks_left or exposed.leaks or (category == policy.category and wider == further):
            raise InputError(list(_problems(exposed)))
        policy, further = policy.model_copy(update={"category": category}), wider
        published = suppress(results, "public", policy, before=before, further=further)
    if published is not first:
        _warn(first, published, report)
    return published


def _attacked(published: PublishedResults, results: Results) -> _Exposed:
    """Attack published results: rows below the promise on each side (few, or all but few), and on the true one."""
    public = published_set(published)
    search = Search.of([public])
    attacked = report_of(search, [public])
    cells = attacked.cells[attacked.cells["below"]]
    rows = {(str(area), str(period), str(name)) for area, period, name in _keys(cells)}
    counts, least = _true_counts(results), published.policy.least
    rows.update(search.below(counts, least))
    early = cells[cells[f"left_{PERIODS}"] < least]
    without_sums = {(str(area), str(period), str(name)) for area, period, name in _keys(early)}
    without_sums.update(search.below(counts, least, PERIODS))
    leaks = sorted({f"{leak.field} ({leak.row})" for leak in attacked.leaks})
    return _Exposed(sorted(rows), without_sums, leaks)


def _keys(cells: pd.DataFrame) -> Iterable[tuple[str, str, str]]:
    return cells[["area_id", "period", "indicator"]].itertuples(index=False, name=None)


def _true_counts(results: Results) -> dict[FigureKey, tuple[int, int]]:
    """Counts and bases of figures of whole persons, as `Search.below` asks for them."""
    specs = {spec.id for spec in results.indicators if spec.scale == 1 and spec.weight is None}
    names = ["numerator", "denominator", "unknown"]
    table = results.table[results.table["indicator"].isin(specs)].dropna(subset=names)
    numbers = (table[name].astype("int64").tolist() for name in names)
    return {
        (str(area), str(period), str(indicator)): (count, base - unknown)
        for (area, period, indicator), count, base, unknown in zip(_keys(table), *numbers, strict=True)
    }


def _next_measures(
    exposed: _Exposed, published: PublishedResults, further: FurtherSuppression
) -> tuple[str, FurtherSuppression]:
    """How categories are told, and what goes besides: against each row the first measure that is not taken yet."""
    totals, categories, category = set(further.totals), set(further.categories), published.policy.category
    shown = published.reference_areas[published.reference_areas["numerator"].notna()]
    shown_totals = set(_keys(shown.astype({"area_id": str, "period": str, "indicator": str})))
    has_categories = len(published.categories) > 0
    rows = published.categories[["area_id", "period"]].astype(str) if has_categories else pd.DataFrame()
    slots = set(rows.itertuples(index=False, name=None))
    for key in exposed.rows:
        area_id, period, indicator = key
        of_all, of_municipality = ((each, period, indicator) for each in (ALL_AREAS, MUNICIPALITY))
        if key not in exposed.without_sums and of_all in shown_totals:
            totals.add(of_all)
        elif published.policy.category == "always":
            category = "safe"
        elif (area_id, period) in slots - further.categories:
            categories.add((area_id, period))
        elif of_municipality in shown_totals:
            totals.add(of_municipality)
    return category, FurtherSuppression(frozenset(totals), frozenset(categories))


def _problems(exposed: _Exposed) -> Iterator[Problem]:
    """Why nothing is published: the rows, never the values."""
    for area_id, period, indicator in exposed.rows[:WORST]:
        yield Problem(
            "error",
            phrase(
                "the suppressed {indicator} of area {area_id} in {period} would follow from the public set.",
                indicator=indicator,
                area_id=area_id,
                period=period,
            ),
            key="disclosure",
            hint='Suppress more: policy = "five-strict", or leave an indicator out.',
        )
    for row in exposed.leaks[:WORST]:
        yield Problem(
            "error",
            phrase("the public set would show {row} beside a suppressed figure.", row=row),
            key="disclosure",
            hint="Please report it as a fault of the program.",
        )


def _warn(first: PublishedResults, published: PublishedResults, report: Report) -> None:
    """Say how many totals and categories went: none of what they were."""
    totals = first.reference_areas["numerator"].count() - published.reference_areas["numerator"].count()
    categories = sum(
        (each.categories["category"] == RANGE).sum() * sign for each, sign in ((published, 1), (first, -1))
    )
    report.warn(
        phrase(
            "not shown for the audit's sake, since suppressed figures would have followed: {totals} of areas "
            "together and {categories}.",
            totals=count_text(int(totals), "total"),
            categories=count_text(int(categories), "category", "categories"),
        ),
        key="disclosure.audit",
        hint="What is written keeps the promise. The public set does not say that anything went for this reason.",
    )
