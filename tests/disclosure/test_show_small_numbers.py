"""The guard on small numbers: what may be shown, and that nothing shown gives a hidden cell away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.primary import small, small_cells
from geo_bosoc.disclosure.results import (
    ALL_AREAS,
    MUNICIPALITY,
    PublishedResults,
    Results,
)
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.models import categorise, parse_model
from geo_bosoc.problems import Report

GONE = ["numerator", "unknown", "value", "low", "high", "ratio"]


def spec(name: str, **told: Any) -> Indicator:
    plain: dict[str, Any] = {
        "denominator": Side(register="persons"),
        "numerator": Side(register="persons", where="x"),
        "label_da": name,
        "label_en": name,
    }
    return Indicator(id=name, **{**plain, **told})


SHARE = spec("share")
FULL_TIME = spec("full_time", scale=10_000)
MEAN = spec("mean", numerator=None, mean_of="absence", unit="mean", scale=100)
MONTHS = spec("months", numerator=None, mean_of="absence", unit="mean", weight="months")
SPECS = (SHARE, FULL_TIME, MEAN, MONTHS)


def cell(area: str, indicator: str, n: int, d: int, u: int = 0, reference: float = 0.2) -> dict[str, Any]:
    value = n / (d - u) if d > u else float("nan")
    return {
        "area_id": area, "period": "2024", "indicator": indicator,
        "numerator": n, "denominator": d, "unknown": u, "value": value,
        "low": value * 0.9, "high": value * 1.1, "reference": reference,
        "ratio": value / reference, "status": "ok" if d > u else "no_base",
    }  # fmt: skip


def findings(
    cells: list[dict[str, Any]],
    template: PublishedResults,
    *,
    reference_areas: list[dict[str, Any]] | None = None,
    specs: tuple[Indicator, ...] = (SHARE,),
) -> Results:
    """Findings with these cells, a criterion for each, and residents for each area."""
    table = pd.DataFrame(cells)
    ids = sorted(table["indicator"].unique())
    yards = reference_areas or [cell(MUNICIPALITY, indicator, 20_000, 100_000) for indicator in ids]
    references = pd.DataFrame(yards).reindex(columns=table.columns)
    model = parse_model(
        {
            "id": "m", "version": "2024-01-01", "kind": "points",
            "criterion": [{"indicator": indicator, "bands": [1.2, 1.9]} for indicator in ids],
            "category": [
                {"id": "risk", "label_da": "Risiko", "label_en": "Risk", "colour": "#2a0f52", "min_points": 2},
                {"id": "other", "label_da": "Andre", "label_en": "Other", "colour": "#cfd6de"},
            ],
        }
    )  # fmt: skip
    done = categorise(table, model, reference_areas=references, indicators=specs)
    residents = table[["area_id", "period"]].drop_duplicates().assign(residents=600)
    same = {each.name: getattr(template, each.name) for each in fields(Results)}
    changed = {
        "models": (done.model,),
        "categories": done.categories,
        "flags": done.flags,
        "table": table,
        "indicators": specs,
        "criteria": done.criteria,
        "residents": residents,
        "reference_areas": references,
        "report": Report(),
    }
    return Results(**{**same, **changed})


@pytest.fixture(scope="module")
def template(small_shown: Callable[..., PublishedResults]) -> PublishedResults:
    return small_shown()


def status_of(
    n: int, d: int, u: int, template: PublishedResults, one: Indicator = SHARE, minimum: int = 5
) -> str:
    shown = suppress(
        findings([cell("A", one.id, n, d, u)], template, specs=(one,)), policy=Policy(minimum=minimum)
    )
    return str(shown.table.at[0, "status"])


@pytest.mark.parametrize(
    ("n", "d", "u", "expected"),
    [
        (0, 100, 0, "ok"),
        (1, 100, 0, "protected"),
        (4, 100, 0, "protected"),
        (5, 100, 0, "ok"),
        (100, 100, 0, "ok"),
        (99, 100, 0, "protected"),
        (96, 100, 0, "protected"),
        (95, 100, 0, "ok"),
        (50, 100, 1, "ok"),
        (50, 100, 5, "ok"),
        (90, 100, 6, "protected"),
        (90, 100, 5, "ok"),
        (0, 4, 0, "protected"),
        (3, 3, 0, "protected"),
        (0, 0, 0, "no_base"),
        (0, 100, 100, "no_base"),
        (0, 3, 3, "protected"),
    ],
)
def test_counts_complements_and_base_of_1_to_4_are_hidden(
    n: int, d: int, u: int, expected: str, template: PublishedResults
) -> None:
    assert status_of(n, d, u, template) == expected


@pytest.mark.parametrize(
    ("n", "d", "expected"),
    [(0, 100, "ok"), (2_500, 100, "protected"), (49_999, 100, "protected"), (50_000, 100, "ok"),
     (950_001, 100, "protected"), (950_000, 100, "ok"), (1_000_000, 100, "ok")],
)  # fmt: skip
def test_full_time_persons_are_judged_in_persons(
    n: int, d: int, expected: str, template: PublishedResults
) -> None:
    assert status_of(n, d, 0, template, FULL_TIME) == expected


def test_a_mean_is_judged_by_its_base_and_a_weighted_one_by_most_weight(template: PublishedResults) -> None:
    assert status_of(3, 100, 0, template, MEAN) == "ok"
    assert status_of(900, 4, 0, template, MEAN) == "protected"
    assert status_of(900, 100, 98, template, MEAN) == "protected"
    assert status_of(900, 59, 0, template, MONTHS) == "protected"
    assert status_of(900, 60, 0, template, MONTHS) == "ok"


def test_a_mean_over_few_gives_their_exact_sum_and_the_policy_says_how_few(
    template: PublishedResults,
) -> None:
    cells = [cell("A", "mean", 2350, 5, 0), cell("B", "mean", 9000, 20, 0), cell("A", "share", 40, 90, 0)]
    results = findings(cells, template, specs=(MEAN, SHARE))
    reader = suppress(results).table.set_index(["area_id", "indicator"])
    row = reader.loc[("A", "mean")]
    assert row["value"] * row["denominator"] == pytest.approx(2350)  # what five pupils have together
    policy = Policy(minimum_mean_base=20)
    shown = suppress(results, "internal", policy)
    table = shown.table.set_index(["area_id", "indicator"])
    assert table["status"].to_dict() == {
        ("A", "mean"): "protected",
        ("B", "mean"): "ok",
        ("A", "share"): "ok",
    }
    assert table.loc[("A", "mean"), ["numerator", "value"]].isna().all()
    assert shown.reasons == {("A", "2024", "mean"): "minimum_base"}


@pytest.mark.parametrize(("rule", "n", "d"), [("exclude", 50, 97), ("met", 53, 100), ("not_met", 50, 100)])
def test_a_small_unknown_alone_goes_into_the_count_beside_it(
    rule: str, n: int, d: int, template: PublishedResults
) -> None:
    one = spec("share", unknown=rule)
    told = cell("A", "share", 50, 100, 3) | {"value": n / d}
    shown = suppress(findings([told], template, specs=(one,))).table.loc[0]
    assert (shown["numerator"], shown["denominator"], shown["status"]) == (n, d, "ok")
    assert pd.isna(shown["unknown"]) and shown["value"] == shown["numerator"] / shown["denominator"]


def test_another_minimum(template: PublishedResults) -> None:
    assert status_of(3, 100, 0, template, minimum=3) == "ok"
    assert status_of(9, 100, 0, template, minimum=10) == "protected"
    with pytest.raises(ValueError, match="at least 3"):
        status_of(3, 100, 0, template, minimum=2)


def test_a_hidden_cell_loses_everything_that_tells_it_and_its_points(template: PublishedResults) -> None:
    cells = [cell("A", "share", 3, 100), cell("B", "share", 40, 100), cell("C", "share", 0, 3)]
    true = findings(cells, template)
    before = true.table.copy(), true.criteria.copy()
    shown = suppress(true)
    table, criteria = shown.table.set_index("area_id"), shown.criteria.set_index("area_id")
    assert table.loc["A", GONE].isna().all() and table.at["A", "denominator"] == 100
    assert pd.isna(table.at["C", "denominator"])
    assert table.loc["B", GONE].notna().all()
    derived = ["value", "threshold", "met", "margin", "margin_persons", "points"]
    assert criteria.loc["A", derived].isna().all() and criteria.at["A", "status"] == "protected"
    assert criteria.at["A", "sentence"] == "share: skjult." and "40 af de 100" in criteria.at["B", "sentence"]
    assert criteria.at["B", "points"] == 2 and criteria.at["B", "met"] == "met"
    assert table["numerator"].dtype == "Int64"
    categories = shown.categories.set_index("area_id")
    assert categories["points"].isna().to_dict() == {"A": True, "B": False, "C": True}
    assert categories.loc["A", ["points_min", "points_max"]].tolist() == [0, 2]
    pd.testing.assert_frame_equal(true.table, before[0])
    pd.testing.assert_frame_equal(true.criteria, before[1])
    protection = shown.report.facts["protection"]
    assert protection["suppressed_cells"] == 2 and protection["suppressed_by_indicator"] == {"share": 2}
    assert (
        protection["policy"]["policy"] == "five"
        and protection["ranges"] == (categories["category"] == "range").sum()
    )


def test_persons_to_the_threshold_are_internal_and_no_guard_is_internal_only(
    template: PublishedResults,
) -> None:
    true = findings([cell("A", "share", 3, 100), cell("B", "share", 40, 100)], template)
    assert suppress(true).criteria["margin_persons"].isna().all()
    inside = suppress(true, "internal").criteria.set_index("area_id")
    assert pd.notna(inside.at["B", "margin_persons"]) and pd.isna(inside.at["A", "margin_persons"])
    open_ = suppress(true, "internal", "unsuppressed")
    assert open_.table["numerator"].tolist() == [3, 40] and not open_.policy.suppresses
    with pytest.raises(ValueError, match="internal"):
        suppress(true, policy="unsuppressed")


def test_a_mean_over_years_is_hidden_when_one_of_its_years_is(template: PublishedResults) -> None:
    cells = [
        cell("A", "share", count, 100) | {"period": str(year)}
        for year, count in ((2020, 40), (2021, 3), (2022, 40), (2023, 40), (2024, 40))
    ]
    yards = [cell(MUNICIPALITY, "share", 200, 1000) | {"period": str(year)} for year in range(2018, 2025)]
    true = findings(cells, template, reference_areas=yards)
    over_years = true.models[0].criterion[0].model_copy(update={"window": (-2, -1)})
    model = true.models[0].model_copy(update={"criterion": (over_years,)})
    done = categorise(true.table, model, reference_areas=true.reference_areas, indicators=(SHARE,))
    true = replace(true, models=(model,), categories=done.categories, criteria=done.criteria)
    criteria = suppress(true).criteria.set_index("period")
    assert criteria["value"].isna().to_dict() == {
        "2020": True, "2021": True, "2022": True, "2023": True, "2024": False
    }  # fmt: skip


def test_few_residents_are_hidden(template: PublishedResults) -> None:
    true = findings([cell("A", "share", 40, 100), cell("B", "share", 40, 100)], template)
    true = replace(true, residents=true.residents.assign(residents=[3, 0]))
    people = suppress(true).residents["residents"]
    assert people.isna().tolist() == [True, False] and people[1] == 0


def test_a_small_municipal_figure_is_hidden_as_every_areas_reference(template: PublishedResults) -> None:
    yard = [cell(MUNICIPALITY, "share", 4, 900), cell(ALL_AREAS, "share", 50, 200)]
    true = findings([cell("A", "share", 0, 100), cell("B", "share", 50, 100)], template, reference_areas=yard)
    shown = suppress(true)
    assert shown.table[["reference", "ratio"]].isna().all(axis=None)
    assert shown.table.at[1, "value"] == 0.5
    assert shown.reference_areas.set_index("area_id").loc[MUNICIPALITY, GONE].isna().all()
    assert shown.criteria[["reference", "margin", "points"]].isna().all(axis=None)


def test_a_total_does_not_give_the_one_hidden_area_away(template: PublishedResults) -> None:
    cells = [cell("A", "share", 3, 100), cell("B", "share", 40, 100), cell("C", "share", 30, 100)]
    yard = [cell(MUNICIPALITY, "share", 500, 9_000), cell(ALL_AREAS, "share", 73, 300)]
    hidden = suppress(findings(cells, template, reference_areas=yard)).reference_areas.set_index("area_id")[
        "status"
    ]
    assert hidden.to_dict() == {MUNICIPALITY: "ok", ALL_AREAS: "protected"}
    two = [cell("A", "share", 1, 100), cell("B", "share", 1, 100), cell("C", "share", 30, 100)]
    yard[1] = cell(ALL_AREAS, "share", 32, 300)
    assert (
        suppress(findings(two, template, reference_areas=yard)).reference_areas.at[1, "status"] == "protected"
    )
    two[0] = cell("A", "share", 4, 100)
    yard[1] = cell(ALL_AREAS, "share", 35, 300)
    assert suppress(findings(two, template, reference_areas=yard)).reference_areas.at[1, "status"] == "ok"


def test_overlapping_areas_cannot_be_subtracted(template: PublishedResults) -> None:
    cells = [cell("A", "share", 3, 100), cell("B", "share", 40, 100)]
    yard = [cell(ALL_AREAS, "share", 41, 150)]
    assert suppress(findings(cells, template, reference_areas=yard)).reference_areas.at[0, "status"] == "ok"


def test_a_cell_withheld_by_its_publisher_stays_so(template: PublishedResults) -> None:
    told = cell("A", "share", 0, 100) | dict.fromkeys(["numerator", "value", "ratio"])
    told["status"] = "protected"
    shown = suppress(findings([told, cell("B", "share", 40, 100)], template))
    assert shown.table["status"].tolist() == ["protected", "ok"]


cells_of_any_kind = st.lists(
    st.tuples(
        st.sampled_from(SPECS),
        st.integers(0, 30),
        st.integers(0, 12),
        st.integers(0, 12),
        st.integers(0, 9_999),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=14, deadline=None)
@given(cells_of_any_kind, st.sampled_from([3, 5, 10]), st.sampled_from(["public", "internal"]))
def test_nothing_small_is_shown_and_nothing_hidden_can_be_computed(
    template: PublishedResults,
    drawn: list[tuple[Indicator, int, int, int, int]],
    minimum: int,
    output_set: Any,
) -> None:
    cells = []
    for number, (one, met, rest, unknown, part) in enumerate(drawn):
        n = met * one.scale + (part if one.scale > 1 and rest > 0 else 0)
        cells.append(cell(f"A{number:02d}", one.id, n, met + rest + unknown, unknown))
    shown = suppress(findings(cells, template, specs=SPECS), output_set, Policy(minimum=minimum))
    scale = shown.table["indicator"].map({one.id: one.scale for one in SPECS})
    means = shown.table["indicator"].isin(["mean", "months"])
    seen = shown.table["status"] != "protected"
    assert shown.table.loc[~seen, GONE].isna().all(axis=None)
    complement = (shown.table["denominator"] - shown.table["unknown"].fillna(0)) * scale - shown.table[
        "numerator"
    ]
    few = range(1, minimum)
    for counts in (shown.table["numerator"] / scale, complement / scale):
        judged = counts[seen & ~means]
        assert not ((judged > 0) & (judged < minimum)).any()
    for counts in (shown.table["unknown"], shown.table["denominator"]):
        assert not counts.isin(few).any()
    true = pd.DataFrame(cells)
    hidden = true.loc[~seen.to_numpy(), ["area_id", "indicator"]]
    lost = shown.criteria.merge(hidden, on=["area_id", "indicator"])
    assert lost[["value", "margin", "margin_persons", "points", "met"]].isna().all(axis=None)
    assert shown.table["area_id"].tolist() == true["area_id"].tolist()
    expected = small_cells(true, SPECS, minimum)
    assert (~seen).tolist() == expected.tolist()


def test_small_knows_nothing_of_missing_counts() -> None:
    counts = pd.Series([None, 0, 1, 4, 5], dtype="Int64")
    assert small(counts, 5).tolist() == [False, False, True, True, False]
