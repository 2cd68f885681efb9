"""Options of the policy that no named policy sets: models that are blind, zeros, and the least base. All made up."""

from __future__ import annotations

import pandas as pd
from rule_aware import canonical
from small_results import model_of, results_of

import geo_bosoc as gb
from geo_bosoc.disclosure.attack import attack_sets
from geo_bosoc.disclosure.attack.results import published_set
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import PublishedResults

MODEL = model_of((3, 1), (1.25, 1.75, 2.5))


def published(policy: Policy, crime: int, of: int = 20) -> PublishedResults:
    """One area of 90 and one that has so many charged of so many; of the municipality a tenth is."""
    counts = {
        ("a", "2024", "crime"): (crime, of),
        ("a", "2024", "safety"): (9, of),
        ("b", "2024", "crime"): (30, 90),
        ("b", "2024", "safety"): (30, 90),
    }
    return gb.suppress(results_of(counts, MODEL, {"crime": 100, "safety": 200}), policy=policy)


def category(results: PublishedResults) -> str:
    return str(results.categories.set_index("area_id").loc["a", "category"])


def statuses(results: PublishedResults) -> dict[tuple[str, str], str]:
    rows = results.table[["area_id", "indicator", "status"]].itertuples(index=False, name=None)
    return {(area, indicator): status for area, indicator, status in rows}


def test_a_blind_model_takes_each_small_count_for_the_same() -> None:
    """1 to 4 of 20 have no point, none, one and two, and two for safety; a blind model sees 2.5 of 20, which is one."""
    blind = [published(Policy(blind=True), count) for count in (1, 4)]
    assert len({canonical(each) for each in blind}) == 1
    assert {category(each) for each in blind} == {"red"}
    assert [category(published(Policy(), count)) for count in (1, 2, 3, 4)] == [
        "yellow",
        "yellow",
        "red",
        "red",
    ]
    assert attack_sets([published_set(blind[0])]).promise_holds


def test_zeros_and_all_are_hidden_where_that_is_asked() -> None:
    for count in (0, 20):
        assert statuses(published(Policy(), count))["a", "crime"] == "ok"
        hidden = published(Policy(zeros="hide"), count)
        assert statuses(hidden)["a", "crime"] == "protected"
        assert hidden.table.set_index(["area_id", "indicator"]).loc[("a", "crime"), "denominator"] == 20
        assert pd.isna(hidden.table.set_index(["area_id", "indicator"]).loc[("a", "crime"), "numerator"])
    zeros_hidden = published(Policy(zeros="hide"), 2)
    assert statuses(zeros_hidden)["a", "crime"] == "protected"
    assert attack_sets([published_set(zeros_hidden)]).promise_holds


def test_figures_of_a_smaller_base_are_hidden_with_it() -> None:
    for of, status in ((24, "protected"), (25, "ok")):
        results = published(Policy(minimum_base=25), 8, of)
        assert {statuses(results)["a", name] for name in ("crime", "safety")} == {status}
        assert statuses(results)["b", "crime"] == "ok"
        rows = results.table[results.table["area_id"] == "a"]
        assert rows["denominator"].isna().all() == (status == "protected")
        assert attack_sets([published_set(results)]).promise_holds
