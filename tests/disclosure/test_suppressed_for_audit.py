"""What goes for an audit's sake where a rule is switched off: totals, then categories, else nothing is published."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import pandas as pd
import pytest
from rule_aware import Counts, all_worlds, broken_in_worlds, canonical
from small_results import model_of, results_of

import geo_bosoc as gb
from geo_bosoc.disclosure.attack import attack_sets, published_set
from geo_bosoc.disclosure.audit import audited
from geo_bosoc.disclosure.categories.category_ranges import PublicFigures, PublishedRanges
from geo_bosoc.disclosure.categories.worlds import Range
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import ALL_AREAS, MUNICIPALITY, PublishedResults, Results
from geo_bosoc.disclosure.suppressed_tables import PublishedTables, Suppression
from geo_bosoc.problems import InputError, Report

MODEL = model_of((2.0, 4.0), (1.25, 1.75, 2.5))
REFERENCES = {"crime": 100, "safety": 150}
WORLDS = "geo_bosoc.disclosure.suppress.told_ranges"
TOTALS = "geo_bosoc.disclosure.suppress.with_unsafe_totals"


def results(crime: int = 3, of: int = 40) -> Results:
    """Four areas, of which one has a small count."""
    counts = {("1", "2024", "crime"): (crime, of), ("1", "2024", "safety"): (9, 40)}
    for number in (2, 3, 4):
        counts |= {(str(number), "2024", name): (5 + number, 50) for name in ("crime", "safety")}
    return results_of(counts, MODEL, REFERENCES)


def every_total(tables: PublishedTables, suppression: Suppression, *_: object) -> Suppression:
    return suppression


def true_categories(true: Results, figures: PublicFigures, policy: Policy) -> PublishedRanges:
    ids = [each.id for each in MODEL.category]
    rows = true.categories[["area_id", "period", "model", "category"]].itertuples(index=False, name=None)
    ranges = {(a, p, m): Range(ids.index(category), ids.index(category), False) for a, p, m, category in rows}
    return PublishedRanges(ranges, {})


def total(published: PublishedResults, area_id: str, name: str = "crime") -> pd.Series:
    frame = published.reference_areas
    return frame[(frame["area_id"] == area_id) & (frame["indicator"] == name)].iloc[0]


def test_nothing_goes_where_the_rules_are_enough() -> None:
    report = Report()
    assert canonical(audited(results(), report=report)) == canonical(gb.suppress(results()))
    assert not report.problems


def test_the_sum_of_all_areas_goes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TOTALS, every_total)
    assert attack_sets([published_set(gb.suppress(results()))]).below
    report = Report()
    published = audited(results(), report=report)
    assert attack_sets([published_set(published)]).promise_holds
    gone = total(published, ALL_AREAS)
    assert pd.isna(gone["numerator"]) and pd.isna(gone["value"]) and gone["denominator"] == 190
    assert total(published, ALL_AREAS, "safety")["numerator"] == 9 + 7 + 8 + 9
    assert total(published, MUNICIPALITY)["numerator"] == 100
    assert [str(each.message) for each in report.warnings] == [
        "not shown for the audit's sake, since suppressed figures would have followed: 1 total of areas together and "
        "0 categories."
    ]
    assert not published.report.problems  # the public set does not say


def test_a_category_is_then_no_more_than_shown_figures_say(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = gb.suppress(results(4, 25))
    monkeypatch.setattr(WORLDS, true_categories)
    report = Report()
    published = audited(results(4, 25), report=report)
    assert attack_sets([published_set(published)]).promise_holds
    assert (
        dict(zip(published.categories["area_id"], published.categories["category"], strict=True))["1"]
        == "range"
    )
    assert "0 totals of areas together and 1 category" in str(report.warnings[0].message)
    others = [frame.iloc[1:].reset_index(drop=True) for frame in (published.categories, plain.categories)]
    pd.testing.assert_frame_equal(*others)


def test_categories_that_are_always_told_fall_back_to_the_rules_all_of_them() -> None:
    """A range just where it must be would tell why: 4 of 25 alone gives a second point."""
    report = Report()
    published = audited(results(4, 25), Policy(category="always"), report=report)
    by_rules = gb.suppress(results(4, 25))
    for name in ("table", "reference_areas", "categories", "criteria"):
        pd.testing.assert_frame_equal(getattr(published, name), getattr(by_rules, name))
    assert report.warnings and published.policy.category == "safe"


def test_where_neither_helps_nothing_is_published_and_the_row_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    true = results()
    counts = true.table["numerator"].where(true.table["indicator"] == "crime", true.table["denominator"])
    other = true.table["denominator"].where(true.table["indicator"] == "safety", counts)
    parts = true.table.assign(numerator=other)
    others = parts.loc[parts["indicator"] == "crime"].assign(indicator="safety")
    others["numerator"] = others["denominator"] - others["numerator"]
    table = pd.concat([parts[parts["indicator"] == "crime"], others]).sort_values(["area_id", "indicator"])
    true = replace(true, table=table.reset_index(drop=True))
    monkeypatch.setattr("geo_bosoc.disclosure.suppressed_tables.small_cells", of_one_part_alone)
    monkeypatch.setattr("geo_bosoc.disclosure.suppressed_tables.find_breakdowns", lambda *_: ())
    with pytest.raises(InputError, match="crime of area 1 in 2024 would follow") as raised:
        audited(true, report=Report())
    assert "37" not in str(raised.value) and {each.key for each in raised.value.problems} == {"disclosure"}


def of_one_part_alone(table: pd.DataFrame, *_: object) -> pd.Series:
    return (table["indicator"] == "crime") & table["numerator"].between(1, 4)


def test_who_knows_of_the_audit_learns_no_more_from_a_total_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(TOTALS, every_total)

    def published(world: Counts) -> Hashable:
        return canonical(audited(results(*world["1", "2024", "crime"]), report=Report()))

    worlds = list(all_worlds({("1", "2024", "crime"): 40}, small=True))
    assert len(worlds) == 8 and not broken_in_worlds(worlds, published, least=4)
