"""Places in their order: new ones first, then by services beyond what is expected, telling nothing that is hidden."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from geo_bosoc.bottom_up.outputs.geopackage import place_features
from geo_bosoc.bottom_up.outputs.sheets import place_sheet
from geo_bosoc.bottom_up.outputs.tables import sheets
from geo_bosoc.bottom_up.places.place_order import (
    excess_services,
    known_places,
    newness_line,
    place_order,
)
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.project.studies.runs import BottomUpOutcome


def in_areas(results: BottomUpResults) -> BottomUpResults:
    """The places in turn in an area with a category, in one without, and in none."""
    areas = ["0001", "0002", ""]
    within = pd.DataFrame(
        [
            (place, areas[row % 3])
            for row, place in enumerate(sorted(results.places["place_id"]))
            if row % 3 < 2
        ],
        columns=["place_id", "area_id"],
    )
    return replace(results, within=within, without_category=frozenset({"0002"}))


def test_new_places_first_then_by_services_and_residents(outcome: BottomUpOutcome) -> None:
    results = in_areas(outcome.results)
    ids = sorted(results.places["place_id"])
    assert known_places(results) == set(ids[::3])
    order = place_order(results)
    assert sorted(order) == ids
    assert [place in known_places(results) for place in order] == sorted(place in ids[::3] for place in ids)
    excess = excess_services(results, results.edition.least_shown)
    for group in (order[: len(ids) - len(ids[::3])], order[len(ids) - len(ids[::3]) :]):
        shown = [int(excess[place]) for place in group if not pd.isna(excess[place])]
        assert shown == sorted(shown, reverse=True)
        assert all(pd.isna(excess[place]) for place in group[len(shown) :])


def test_every_output_has_the_order_and_says_what_is_new(outcome: BottomUpOutcome) -> None:
    results = in_areas(outcome.results)
    order, known_ids = place_order(results), known_places(results)
    tables = sheets(results, results.edition.least_shown)
    places = tables["sheet_places"].set_index("place_id")
    assert list(places.index) == order
    assert set(places.index[places["new"] == ""]) == known_ids
    assert set(places.loc[places["known_estate"].str.contains("uden risikokategori"), "new"]) == {"x"}
    for key in ("sheet_evidence", "sheet_nominations"):
        seen = tables[key]["place_id"].drop_duplicates().tolist()
        assert seen == [place for place in order if place in seen]
    features = place_features(results, results.edition.least_shown)
    assert features["rank"].is_monotonic_increasing
    assert [order[rank - 1] for rank in features["rank"]] == features["place_id"].tolist()
    assert set(features.loc[~features["new"], "place_id"]) <= known_ids
    for place in (order[0], order[-1]):
        page = place_sheet(results, place)
        assert newness_line(results, place).startswith("Kendt: " if place in known_ids else "Nyt: ")
        assert (
            newness_line(results, place) in page and f"nr. {order.index(place) + 1} af {len(order)}" in page
        )
    lines = replace(outcome, results=results).result_lines()
    new = len(order) - len(known_ids)
    assert any("outside every area with a risk category" in line and f"{new} place" in line for line in lines)


def test_excess_is_of_the_kinds_that_are_shown(outcome: BottomUpOutcome) -> None:
    # A sum of all kinds beside the kinds that are shown would tell the kind that is hidden.
    results = outcome.results
    table = sheets(results, 5)["sheet_presence"]
    expected = results.service_rates.kinds
    words = {service.id: service.label("da") for service in results.service_rates.services}
    expected = expected.assign(service=expected["service"].map(words)).set_index(["place_id", "service"])[
        "expected"
    ]
    excess = excess_services(results, 5)
    some_hidden = False
    for place, rows in table.groupby("place_id"):
        if place not in set(results.places["place_id"]):
            continue
        shown = rows[~rows["hidden"].astype(bool)]
        some_hidden |= len(shown) < len(rows)
        sums = sum(int(row.services) - float(expected[place, row.service]) for row in shown.itertuples())
        assert pd.isna(excess[place]) if shown.empty else int(excess[place]) == round(sums)
    assert some_hidden
