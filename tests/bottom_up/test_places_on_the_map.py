"""The bottom-up map page: new places before those in assessed areas, counts in words, lines that hide no verdict."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from geo_bosoc.bottom_up.outputs.page import IN_AREA, bottom_up_page
from geo_bosoc.bottom_up.texts import VERDICT_COLOURS, named_times
from geo_bosoc.outputs.layers import category_classes_of
from geo_bosoc.project.studies.runs import BottomUpOutcome
from geo_bosoc.text.colours import lightness


def test_new_places_come_first_and_the_others_are_paler(outcome: BottomUpOutcome) -> None:
    results = outcome.results
    drawn = sorted(bottom_up_page(results).areas["area_id"])
    in_areas = drawn[::2]
    of_areas = pd.DataFrame({"place_id": in_areas, "area_id": "0001"})
    page = bottom_up_page(replace(results, within=of_areas))
    verdicts = page.classifications[0]
    classes, positions, ranks, _ = category_classes_of(page, verdicts)
    rank_of = {area: ranks[position] for area, position in zip(page.area_ids, positions[0], strict=True)}
    assert max(rank_of[area] for area in set(drawn) - set(in_areas)) < min(rank_of[area] for area in in_areas)
    truth = results.verdicts.set_index("place_id")["verdict"]
    for area, position in zip(page.area_ids, positions[0], strict=True):
        assert classes[position].id == f"{IN_AREA if area in in_areas else ''}{truth[area]}"
        assert classes[position].label.startswith("Kendt: " if area in in_areas else "Nyt: ")
    fills = {each.id: each.fill.colour for each in classes}
    for outcome_id in VERDICT_COLOURS:
        if f"{IN_AREA}{outcome_id}" in fills:
            assert lightness(fills[f"{IN_AREA}{outcome_id}"]) > lightness(fills[outcome_id]) + 3
    assert "Kendte steder" in verdicts.share_note
    # The undetermined count in no share, new or not.
    assert all(each.assessed == (not each.id.endswith("undetermined")) for each in classes)


def test_where_no_place_is_known_nothing_is_said_of_that(outcome: BottomUpOutcome) -> None:
    page = bottom_up_page(replace(outcome.results, within=outcome.results.within.iloc[:0]))
    labels = [category.label for category in page.classifications[0].categories]
    assert "Bekræftet" in labels and not [label for label in labels if ":" in label]
    assert page.classifications[0].share_note == ""


def test_counts_stand_as_words(outcome: BottomUpOutcome) -> None:
    page = bottom_up_page(outcome.results)
    nominations = next(each for each in page.classifications if each.id == "bottom-up-nominations")
    counts = outcome.results.places.set_index("place_id")["nominations"].fillna(0).astype(int)
    words = {category.id: category.label for category in nominations.categories}
    assert list(words.values()) == [
        "Nævnt 3 gange eller flere",
        "Nævnt 2 gange",
        "Nævnt én gang",
        "Ikke nævnt",
    ]
    expected = {0: "never", 1: "once", 2: "twice"}
    for row in nominations.rows.itertuples(index=False):
        assert row.category == expected.get(counts[row.area_id], "three_or_more")
    assert [named_times(count, "da") for count in (1, 2, 1200)] == [
        "Nævnt én gang",
        "Nævnt 2 gange",
        "Nævnt 1.200 gange",
    ]
    overlays = {overlay.id: overlay for overlay in page.overlays}
    assert overlays["nominations"].counted == f"{len(outcome.results.nominations)} gange"
    assert overlays["found"].counted == f"{len(overlays['found'].features)} steder"
    words_of_overlay = [lines[0] for lines in overlays["nominations"].features["lines"]]
    assert set(words_of_overlay) <= {"Nævnt én gang", "Nævnt 2 gange", "Nævnt 3 gange"}


def test_layers_are_lines_and_what_is_drawn_already_is_off(outcome: BottomUpOutcome) -> None:
    overlays = bottom_up_page(outcome.results).overlays
    assert [(overlay.id, overlay.pattern, overlay.visible) for overlay in overlays] == [
        ("nominations", "", True), ("overlap", "", True), ("found", "", False),
    ]  # fmt: skip


def test_warnings_are_in_the_language_of_the_page(outcome: BottomUpOutcome) -> None:
    results = outcome.results
    results.report.warn("there is no such file.", file="nominations.csv")
    danish = bottom_up_page(results).notes[-1]
    results.report.problems.pop()
    assert danish.startswith("nominations.csv: ") and "there is no" not in danish
