"""Twins and their figures are told by what is published alone, so that they give no hidden count away."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import pandas as pd
import pytest
from rule_aware import Counts, Key, all_worlds, broken_in_worlds, canonical
from small_results import SPECS, model_of, results_of

import geo_bosoc as gb
from geo_bosoc.disclosure.attack import attack_sets, published_set
from geo_bosoc.disclosure.results import Results
from geo_bosoc.follow_up import compare
from geo_bosoc.indicators import TwinsPart
from geo_bosoc.indicators.references import with_references
from geo_bosoc.indicators.similar_areas import find_twins, twins_of

BESIDE_TWINS = tuple(spec.model_copy(update={"reference": "@twins"}) for spec in SPECS)
PROFILE = TwinsPart(by=("crime", "safety"), number=2)
MODEL = model_of((1.0, 2.0), (1.25, 2.0))
MUNICIPAL = {"crime": 100, "safety": 300}
SHOWN: Counts = {
    ("1", "2024", "safety"): (20, 40),
    ("2", "2024", "crime"): (9, 60),
    ("2", "2024", "safety"): (14, 40),
    ("3", "2024", "crime"): (12, 50),
    ("3", "2024", "safety"): (21, 45),
    ("4", "2024", "crime"): (6, 70),
    ("4", "2024", "safety"): (30, 60),
}
HIDDEN: dict[Key, int] = {("1", "2024", "crime"): 30}


def results_beside_twins(counts: Counts) -> Results:
    """True results of areas whose indicators are compared with twins, and who these are by the true counts."""
    results = replace(results_of(counts, MODEL, MUNICIPAL, BESIDE_TWINS), profile=PROFILE)
    nearest, of_twins = twins_of(results.table, PROFILE, BESIDE_TWINS)
    table = with_references(results.table, results.reference_areas, BESIDE_TWINS, of_twins=of_twins)
    return replace(results, table=table, nearest=nearest)


def test_twins_are_a_function_of_what_is_published() -> None:
    true = results_beside_twins(SHOWN | {("1", "2024", "crime"): (3, 30)})
    published = gb.suppress(true)
    nearest, of_twins = twins_of(published.table, PROFILE, BESIDE_TWINS)
    assert nearest.equals(published.nearest)
    assert nearest.equals(find_twins(published.table, PROFILE.by, number=2))
    rows = published.table.set_index(["area_id", "indicator"])["reference"]
    expected = of_twins.set_index(["area_id", "indicator"])["value"].astype(float)
    assert rows.to_dict() == pytest.approx(expected.reindex(rows.index).to_dict(), nan_ok=True)
    assert not true.nearest.equals(published.nearest)  # area 1 is told by safety alone, once crime is hidden
    assert published.nearest.set_index(["area_id", "rank"]).loc[("1", 1), "compared_by"] == "safety"


def test_small_worlds_beside_twins_keep_the_promise() -> None:
    def publish(counts: Counts) -> Hashable:
        published = gb.suppress(results_beside_twins(counts))
        return canonical(published), tuple(published.nearest.itertuples(index=False, name=None))

    worlds = [world | SHOWN for world in all_worlds(HIDDEN, small=True)]
    broken = broken_in_worlds(worlds, publish)
    assert not broken, broken[0]


def test_the_attack_finds_nothing_beside_twins() -> None:
    published = gb.suppress(results_beside_twins(SHOWN | {("1", "2024", "crime"): (3, 30)}))
    report = attack_sets([published_set(published)])
    assert report.promise_holds


def test_a_register_that_stays_internal_tells_nobody_s_twins() -> None:
    counts = SHOWN | {("1", "2024", "crime"): (9, 30)}
    results = replace(results_beside_twins(counts), internal_indicators=frozenset({"crime"}))
    public, internal = gb.suppress(results), gb.suppress(results, "internal")
    assert public.profile == TwinsPart(by=("safety",), number=2)
    assert internal.profile == PROFILE
    assert set(public.nearest["compared_by"]) == {"safety"}
    moved = results_beside_twins(counts | {("1", "2024", "crime"): (25, 30)})
    other = gb.suppress(replace(moved, internal_indicators=frozenset({"crime"})))
    assert public.nearest.equals(other.nearest)
    assert public.table["reference"].equals(other.table["reference"])


def test_a_change_is_seen_beside_the_same_twins_in_both_periods() -> None:
    before = {(area, "2023", name): (n + 5 * (area == "3"), d) for (area, _, name), (n, d) in SHOWN.items()}
    ones = {("1", "2024", "crime"): (9, 30), ("1", "2023", "crime"): (8, 30)}
    published = gb.suppress(results_beside_twins(SHOWN | before | ones))
    change = compare(published, "2023", "2024").set_index(["area_id", "indicator"])
    nearest = published.nearest[published.nearest["period"] == "2024"]
    table = published.table.set_index(["area_id", "period", "indicator"])
    for area, group in nearest.groupby("area_id"):
        members = [table.loc[(twin, "2023", "crime")] for twin in group["twin"]]
        value = sum(int(row["numerator"]) for row in members) / sum(
            int(row["denominator"]) for row in members
        )
        assert change.loc[(area, "crime"), "reference_before"] == pytest.approx(value)
    now = pd.Series({area: table.loc[(area, "2024", "crime"), "reference"] for area in nearest["area_id"]})
    assert change.loc[("2", "crime"), "reference"] == pytest.approx(now["2"])
