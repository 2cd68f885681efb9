"""Sentences and doubt are made of what is shown: which small number is hidden changes nothing that anybody sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from geo_bosoc.disclosure.results import PublishedResults, Results
from geo_bosoc.disclosure.sentences import published_borders, published_cut_lines
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.models import categorise, robustness
from geo_bosoc.text.numbers import UNIT_FACTOR

AREA, CRIME = "A06", "youth_crime"


def with_crimes(found: Results, count: int, pool_years: int = 1) -> tuple[Results, Any]:
    """The findings with another number of charged young people in one area, categorised anew by the points model."""
    table = found.table.copy()
    at = (table["area_id"] == AREA) & (table["indicator"] == CRIME) & (table["period"] == "2024")
    base = int(table.loc[at, "denominator"].iloc[0])
    reference = float(table.loc[at, "reference"].iloc[0])
    table.loc[at, ["numerator", "value", "ratio"]] = [count, count / base, count / base / reference]
    table["value"] = table["value"].astype(float)
    model = found.models[1].model_copy(update={"pool_years": pool_years, "gates": ()})
    done = categorise(table, model, reference_areas=found.reference_areas, indicators=found.indicators)
    told = replace(
        found,
        table=table,
        models=(model,),
        categories=done.categories,
        criteria=done.criteria,
        flags=done.flags,
    )
    return told, done


def seen(shown: PublishedResults) -> dict[str, pd.DataFrame]:
    return {
        name: getattr(shown, name) for name in ("table", "reference_areas", "categories", "criteria", "flags")
    }


def test_the_hidden_number_changes_nothing_that_is_shown(rules_findings: Results) -> None:
    one, two = (with_crimes(rules_findings, count)[0] for count in (1, 2))
    first, second = suppress(one), suppress(two)
    hidden = first.criteria[(first.criteria["area_id"] == AREA) & (first.criteria["indicator"] == CRIME)]
    now = hidden.set_index("period").loc["2024"]
    assert now["sentence"] == "Ungdomskriminalitet: skjult."
    for name, frame in seen(first).items():
        pd.testing.assert_frame_equal(frame, seen(second)[name], obj=name)


def test_pooled_years_are_hidden_when_one_of_them_is(rules_findings: Results) -> None:
    one, two = (with_crimes(rules_findings, count, pool_years=2)[0] for count in (1, 2))
    first, second = suppress(one), suppress(two)
    pd.testing.assert_frame_equal(first.criteria, second.criteria)
    gone = first.criteria[(first.criteria["area_id"] == AREA) & (first.criteria["indicator"] == CRIME)]
    assert gone["value"].isna().all()


def test_how_sure_other_areas_are_does_not_hang_on_a_suppressed_figure(rules_findings: Results) -> None:
    """A reader who runs the program with each count could else compare: every area has random numbers of its own."""
    tables = [
        robustness(with_crimes(rules_findings, count)[1], "2024", draws=60).areas.set_index("area_id")
        for count in (1, 2, 3, 4)
    ]
    columns = ["held", "change_by_chance"]
    others = [table.loc[table.index != AREA, columns] for table in tables]
    assert all(table.equals(others[0]) for table in others) and (others[0]["change_by_chance"] > 0).any()
    assert (
        len({tuple(table.loc[AREA, columns]) for table in tables}) > 1
    )  # its own would tell: it is not shown


def test_doubt_that_was_drawn_from_hidden_figures_is_taken_away(rules_findings: Results) -> None:
    results = with_crimes(rules_findings, 2)[0]
    sure = results.categories.assign(
        held=0.9, change_by_chance=0.1, smallest_change="Ungdomskriminalitet: 1 flere."
    )
    shown = suppress(replace(results, categories=sure), "internal")
    rows = shown.categories[shown.categories["period"] == "2024"].set_index("area_id")
    assessed = rows[rows["held"].notna()]
    assert len(assessed) and (assessed["held"] == 0.9).all() and assessed["smallest_change"].notna().all()
    assert "range" not in set(assessed["category"])
    gone = rows.loc[AREA, ["held", "change_by_chance", "smallest_change", "points"]]
    assert gone.isna().all()
    public = suppress(replace(results, categories=sure))
    assert public.categories["smallest_change"].isna().all()
    open_ = suppress(replace(results, categories=sure), "internal", "unsuppressed").categories
    assert open_["held"].notna().all()


def test_the_nearest_border_is_a_function_of_what_is_shown(rules_findings: Results) -> None:
    sets = [suppress(with_crimes(rules_findings, count)[0]) for count in (1, 2)]
    first, second = (published_borders(shown, shown.models[0]) for shown in sets)
    assert first == second
    rows = sets[0].categories.set_index(["area_id", "period"])
    silent = rows[rows["points"].isna() | rows["category"].isin(["range", "undetermined", "too_small"])]
    assert (AREA, "2024") in silent.index and not set(silent.index) & set(first)
    assert set(first) == set(rows.index) - set(silent.index) and first


def test_lines_of_bands_are_multiples_of_shown_references(rules_findings: Results) -> None:
    """A figure in its chart gets the points that the lines below it say; a suppressed reference moves no line."""
    shown = suppress(with_crimes(rules_findings, 2)[0])
    lines, model = published_cut_lines(shown), shown.models[0]
    rows = shown.criteria[shown.criteria["points"].notna() & shown.criteria["value"].notna()]
    factors = {each.id: UNIT_FACTOR[each.unit] for each in shown.indicators}
    for row in rows.to_dict("records"):
        value = row["value"] * factors[row["indicator"]]
        reached = [
            line.points
            for line in lines[model.id, row["indicator"], row["period"]]
            if line.value is not None and line.value <= value + 1e-9
        ]
        assert max((points for points in reached if points is not None), default=0.0) == row["points"]
    assert len(rows) > 20
    hidden = shown.reference_areas.assign(value=None, numerator=None, status="protected")
    moved = published_cut_lines(replace(shown, reference_areas=hidden))
    assert all(line.value is None for each in moved.values() for line in each)


@pytest.mark.parametrize("output_set", ["public", "internal"])
def test_the_nearest_border_names_no_suppressed_figure(rules_findings: Results, output_set: str) -> None:
    """Of rules too: neither the criterion nor its figure, and nothing of a range."""
    shown = suppress(rules_findings, output_set)  # type: ignore[arg-type]
    (model,) = (each for each in shown.models if each.kind == "rules")
    texts = published_borders(shown, model)
    criteria = shown.criteria[shown.criteria["model"] == model.id]
    hidden = criteria[criteria["status"] == "protected"]
    labels = {each.id: each.label(shown.language) for each in shown.indicators}
    named = [
        (area, period)
        for area, period, indicator in hidden[["area_id", "period", "indicator"]].itertuples(
            index=False, name=None
        )
        if f": {labels[indicator]} er " in texts.get((area, period), "")
    ]
    assert len(hidden) and texts and not named
    rows = shown.categories[shown.categories["model"] == model.id].set_index(["area_id", "period"])
    assert "range" not in set(rows.loc[list(texts), "category"])


def test_few_unknown_are_not_told_in_a_sentence(rules_findings: Results) -> None:
    table = rules_findings.table.copy()
    at = (table["area_id"] == "A01") & (table["indicator"] == "outside_labour_market")
    table.loc[at, "unknown"] = 3
    for output_set, expected in (("public", False), ("internal", False)):
        shown = suppress(replace(rules_findings, table=table), output_set)
        rows = shown.criteria[
            (shown.criteria["area_id"] == "A01") & shown.criteria["criterion"].eq("outside_labour_market")
        ]
        told = rows["sentence"].tolist()
        assert told and any("uoplyst" in sentence for sentence in told) is expected
    shown = suppress(replace(rules_findings, table=table), "internal", "unsuppressed")
    assert shown.criteria["sentence"].str.contains("3 uoplyst").any()


def test_a_hidden_municipal_figure_is_in_no_sentence(rules_findings: Results) -> None:
    reference_areas = rules_findings.reference_areas.copy()
    at = (reference_areas["indicator"] == CRIME) & (reference_areas["area_id"] == "@municipality")
    reference_areas.loc[at, "numerator"] = 3
    shown = suppress(replace(rules_findings, reference_areas=reference_areas))
    told = shown.criteria.loc[shown.criteria["indicator"] == CRIME, "sentence"]
    assert told.notna().all() and not told.str.contains(r"kommunen \d|, \d+,\d+ gange").any()


def test_persons_are_in_the_sentences_of_the_internal_set_only(
    rules_shown: Callable[..., PublishedResults],
) -> None:
    for output_set, expected in (("public", False), ("internal", True)):
        sentences = rules_shown(output_set).criteria["sentence"]
        assert sentences.str.contains("færre, og|flere, og").any() == expected
    hidden = rules_shown("internal").criteria
    hidden = hidden[hidden["status"] == "protected"]
    assert len(hidden) and not hidden["sentence"].str.contains("færre, og|flere, og").any()


def test_criteria_on_few_persons_are_named(rules_shown: Callable[..., PublishedResults]) -> None:
    rows = rules_shown().categories
    rows = rows[(rows["period"] == "2024") & (rows["model"] == "aarhus-2018")].set_index("area_id")
    assert rows.at["A07", "small_base"] == "youth_crime, child_wellbeing"
    assert rows["small_base"].notna().sum() == 1


@pytest.mark.parametrize("language", ["da", "en"])
def test_sentences_are_in_the_sets_language(
    rules_shown: Callable[..., PublishedResults], language: str
) -> None:
    told = rules_shown("public", language).criteria["sentence"]
    word = "kommunen" if language == "da" else "the municipality"
    assert told.notna().all() and told.str.contains(word).any()
    assert told.str.contains(" of the | af de ").any()


def test_a_criterion_on_the_value_itself_outlives_a_hidden_municipal_figure(rules_findings: Results) -> None:
    reference_areas = rules_findings.reference_areas.copy()
    at = (reference_areas["indicator"] == "safety") & (reference_areas["area_id"] == "@municipality")
    reference_areas.loc[at, "numerator"] = 3
    criteria = suppress(replace(rules_findings, reference_areas=reference_areas)).criteria
    rows = criteria[(criteria["indicator"] == "safety") & (criteria["area_id"] == "A01")]
    rules = rows[rows["model"] == "national-test"]
    assert rules["reference"].isna().all() and rules[["value", "threshold", "margin"]].notna().all(axis=None)
    assert (rules["status"] == "ok").all()
    measured = rows[rows["model"] == "aarhus-2018"]
    assert (
        measured[["reference", "threshold", "margin"]].isna().all(axis=None)
        and measured["value"].notna().all()
    )


@pytest.mark.parametrize("count", [2, 40])
def test_a_gate_on_residents_that_no_indicator_tells(rules_findings: Results, count: int) -> None:
    """Where [indicators] does not name the residents, their own column answers the gate as the indicator does."""
    results = with_crimes(rules_findings, count)[0]
    gated = tuple(
        model.model_copy(update={"gates": rules_findings.models[0].gates}) for model in results.models
    )
    done = categorise(
        results.table, gated[0], reference_areas=results.reference_areas, indicators=results.indicators
    )
    results = replace(results, models=gated, categories=done.categories, criteria=done.criteria)
    unlisted = replace(
        results,
        indicators=tuple(each for each in results.indicators if each.id != "residents"),
        table=results.table[results.table["indicator"] != "residents"].reset_index(drop=True),
    )
    listed, without = suppress(results).categories, suppress(unlisted).categories
    assert {"too_small", "undetermined"} < set(listed["category"])
    pd.testing.assert_frame_equal(listed, without)
