"""With any one rule of suppression switched off on the demo the attack finds figures, and with all of them on none."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from demo_results import PARTS_BY_ORIGIN, demo_of_two_years, estates, results_with, true_counts

from geo_bosoc.disclosure.attack import Search
from geo_bosoc.disclosure.attack.public_set import FigureKey
from geo_bosoc.disclosure.attack.results import published_set
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import PublishedResults, Results
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.disclosure.suppressed_tables import PublishedTables, Suppression


def below(results: Results, published: PublishedResults) -> list[FigureKey]:
    """Figures of which an outsider has too few counts left on the side where they truly lie."""
    search = Search.of([published_set(published)])
    assert not search.contradictions and not search.unsettled
    return search.below(true_counts(results), published.policy.least)


@functools.cache
def published_demo() -> PublishedResults:
    return suppress(demo_of_two_years())


def given_back(frame: pd.DataFrame, true: pd.DataFrame, rows: pd.Series, *columns: str) -> pd.DataFrame:
    """A published frame with what the rules took away of some rows."""
    keys = [name for name in ("area_id", "period", "model", "criterion") if name in frame]
    assert (frame[keys] == true[keys]).all(axis=None)
    return frame.assign(**{name: frame[name].astype(object).where(~rows, true[name]) for name in columns})


def rows_of(frame: pd.DataFrame, keys: pd.DataFrame) -> pd.Series:
    index = pd.MultiIndex.from_frame(keys[["area_id", "period"]])
    return pd.Series(pd.MultiIndex.from_frame(frame[["area_id", "period"]]).isin(index), index=frame.index)


def test_with_all_rules_on_it_finds_none() -> None:
    assert not below(demo_of_two_years(), published_demo())


@pytest.mark.parametrize("column", ["points", "met"])
@pytest.mark.parametrize("assessed", [True, False], ids=["assessed", "too small"])
def test_what_a_suppressed_criterion_gives(column: str, assessed: bool) -> None:
    """Rule 4; and rule 5, of areas that are not assessed."""
    true, published = demo_of_two_years(), published_demo()
    not_assessed = published.categories[published.categories["category"] == "too_small"]
    suppressed = published.criteria["status"] == "protected"
    rows = suppressed & (rows_of(published.criteria, not_assessed) != assessed)
    criteria = given_back(published.criteria, true.criteria, rows, column)
    assert below(true, replace(published, criteria=criteria))


@pytest.mark.parametrize("column", ["points", "points_before"])
def test_total_points_beside_a_suppressed_criterion(column: str) -> None:
    """Rule 5."""
    true, published = demo_of_two_years(), published_demo()
    rows = rows_of(published.categories, published.criteria[published.criteria["status"] == "protected"])
    categories = given_back(published.categories, true.categories, rows, column)
    assert below(true, replace(published, categories=categories))


def test_parts_of_one_base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Rule 7: residents by origin."""
    results = results_with(estates(), tmp_path, PARTS_BY_ORIGIN)
    assert not below(results, suppress(results))
    monkeypatch.setattr("geo_bosoc.disclosure.suppressed_tables.find_breakdowns", lambda *_: ())
    figures = below(results, suppress(results))
    assert figures and {indicator for _, _, indicator in figures} <= {"danish", "western", "non_western"}


def test_the_true_category_always() -> None:
    """Rule 10."""
    assert below(demo_of_two_years(), suppress(demo_of_two_years(), policy=Policy(category="always")))


def test_totals_whatever_they_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 11."""

    def all_stay(tables: PublishedTables, suppression: Suppression, *_: object) -> Suppression:
        return suppression

    monkeypatch.setattr("geo_bosoc.disclosure.suppress.with_unsafe_totals", all_stay)
    assert below(demo_of_two_years(), suppress(demo_of_two_years()))
