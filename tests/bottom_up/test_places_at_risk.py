"""Places outside the assessed areas by the models of areas: by closed forms on the demo's areas taken for places, and
by a twin with other small counts that shows the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geo_bosoc.bottom_up.at_risk.chances import category_chances
from geo_bosoc.bottom_up.at_risk.part import AtRiskPart
from geo_bosoc.bottom_up.at_risk.place_scores import (
    PlaceCounts,
    pairs_of_homes,
    place_chances,
    shown_figures,
)
from geo_bosoc.bottom_up.results import places_within
from geo_bosoc.disclosure.policy import UNSUPPRESSED
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.project.analysis import Analysis, analyse_project
from geo_bosoc.project.requests import Request
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.project.studies.bottom_up.at_risk import count_places, with_areas_at_risk

ROOT = Path(__file__).parents[2]
MODEL = "aarhus-2018"
PERIOD = "2024"
COUNTS = ["indicator", "numerator", "denominator", "unknown"]


@dataclass(frozen=True)
class StudyResults:
    """As much of the study's results as the part reads."""

    place_counts: PlaceCounts
    period: str = PERIOD
    parts: tuple[AtRiskPart, ...] = ()
    within: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"place_id": [], "area_id": []}))


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(ROOT / "bosoc.toml")


@pytest.fixture(scope="module")
def analysis(project: Project) -> Analysis:
    return analyse_project(project, periods=["2023", "2024"], requests=(Request(),))


@pytest.fixture(scope="module")
def homes_of_areas(analysis: Analysis) -> pd.DataFrame:
    labels = analysis.labels["persons"]
    rows = labels.points.join(labels.areas, on="label").select("area_id", "address_id")
    return pd.DataFrame(rows.to_dict(as_series=False))


@pytest.fixture(scope="module")
def count(analysis: Analysis, homes_of_areas: pd.DataFrame) -> Callable[..., PlaceCounts]:
    """The homes of areas counted as those of places, with the areas' ids or others; the areas are not there then."""

    def counted(areas: list[str], more: dict[str, list[str]] | None = None) -> PlaceCounts:
        homes = homes_of_areas[homes_of_areas["area_id"].isin(areas)].rename(columns={"area_id": "place_id"})
        for place, members in (more or {}).items():
            homes = pd.concat([homes, pd.DataFrame({"place_id": place, "address_id": members})])
        names = sorted(set(homes["place_id"]))
        shapes = analysis.results.areas.set_index("area_id").geometry
        places = gpd.GeoDataFrame(
            {"place_id": names, "name": names, "named": [n % 2 == 0 for n in range(len(names))],
             "residents": 200, "households": 100},
            geometry=[shapes.get(name) for name in names], crs=25832,
        )  # fmt: skip
        nothing = pd.DataFrame({"place_id": [], "area_id": []})
        result = count_places(
            analysis.results, analysis.inputs, places, homes, homes_of_areas.iloc[:0], nothing
        )
        assert result is not None
        return result

    return counted


@pytest.fixture(scope="module")
def guarded(analysis: Analysis) -> PublishedResults:
    return suppress(analysis.results, "internal")


@pytest.fixture(scope="module")
def too_small(guarded: PublishedResults) -> list[str]:
    frame = category_chances(guarded, guarded.models[0], PERIOD)
    return sorted(frame["area_id"].tolist())


def test_a_place_with_an_areas_people_has_its_counts_points_and_chances(
    analysis: Analysis, count: Callable[..., PlaceCounts], too_small: list[str]
):
    published = suppress(analysis.results, "internal", UNSUPPRESSED)
    counted = count(too_small)
    model = published.models[0]
    indicators = [criterion.indicator for criterion in model.criterion]
    table = published.table
    areas = table[
        table["area_id"].isin(too_small)
        & (table["period"] == PERIOD)
        & table["indicator"].isin(indicators)
        & (table["status"] == "ok")
    ]
    figures = shown_figures(counted, published, analysis.results.table)
    keys = ["area_id", *COUNTS, "value"]
    both = areas[keys].merge(figures[keys], on=["area_id", "indicator"], suffixes=("", "_place"))
    assert len(both) == len(areas) > 100
    for name in [*COUNTS[1:], "value"]:
        assert (both[name].astype(float) == both[f"{name}_place"].astype(float)).all(), name
    of_areas = category_chances(published, model, PERIOD, seed=1)
    of_places = place_chances(figures, counted.places, published, model, PERIOD, seed=1)
    assert set(of_places["reason"]) == {"named_place", "found_place"}
    pd.testing.assert_frame_equal(
        of_places.drop(columns="reason"), of_areas.drop(columns="reason"), check_dtype=False
    )


def test_of_a_place_that_is_an_area_the_same_is_hidden_but_for_totals_and_neighbours(
    analysis: Analysis, guarded: PublishedResults, count: Callable[..., PlaceCounts], too_small: list[str]
):
    figures = shown_figures(count(too_small), guarded, analysis.results.table).set_index(
        ["area_id", "indicator"]
    )
    true = analysis.results.table
    true = true[(true["period"] == PERIOD) & true["area_id"].isin(too_small)]
    few = true[true["numerator"].between(1, 4)].set_index(["area_id", "indicator"]).index
    few = few.intersection(figures.index)
    assert len(few) > 20
    hidden = figures.loc[few]
    assert set(hidden["status"]) == {"protected"}
    assert hidden[["numerator", "unknown", "value", "low", "high", "ratio"]].isna().all().all()


def test_other_small_counts_give_the_same_sheet_lines_and_layer(
    project: Project,
    analysis: Analysis,
    guarded: PublishedResults,
    count: Callable[..., PlaceCounts],
    too_small: list[str],
):
    """Every count of 2 or 3 becomes the other of the two: nothing that is shown moves."""
    counted = count(too_small)
    swapped = counted.counts["numerator"].isin([2, 3]) & (counted.counts["denominator"] > 10)
    assert swapped.sum() > 20
    numerator = counted.counts["numerator"].mask(swapped, 5 - counted.counts["numerator"])
    twin = replace(counted, counts=counted.counts.assign(numerator=numerator))
    warning = pd.DataFrame({"model": ["none"], "horizon": [1]})
    shown = []
    for each in (counted, twin):
        results = with_areas_at_risk(project, StudyResults(each), analysis, guarded, warning)  # type: ignore[arg-type]
        part = results.parts[-1]
        assert isinstance(part, AtRiskPart)
        shown.append([part.show(language, 5) for language in ("da", "en")])
    for first, second in zip(*shown, strict=True):
        pd.testing.assert_frame_equal(first.sheets["sheet_at_risk"], second.sheets["sheet_at_risk"])
        assert first.lines == second.lines and first.notes == second.notes
        assert (
            first.layers[0]
            .features.drop(columns="geometry")
            .equals(second.layers[0].features.drop(columns="geometry"))
        )
    danish, english = shown[0]
    sheet = english.sheets["sheet_at_risk"]
    places = sheet[sheet["listed_as"] == "place"]
    assert len(places) == len(too_small) == len(danish.lines) and "points" not in sheet
    assert set(places["reason"]) == {
        "Named place, not an area of the model",
        "Detected place, not an area of the model",
    }
    assert all(lines[-1].endswith("ikke en kategori.") for lines in danish.lines.values())
    assert all(lines[-1].endswith("no category.") for lines in english.lines.values())
    labels = {each.label_en for each in guarded.models[0].category}
    assert not any(sheet[name].isin(labels).any() for name in sheet)


def test_a_place_around_another_does_not_tell_the_few_between(
    analysis: Analysis,
    guarded: PublishedResults,
    count: Callable[..., PlaceCounts],
    homes_of_areas: pd.DataFrame,
):
    """A place that is an area and one home more: figures whose difference is small go with one of them."""
    areas = homes_of_areas.groupby("area_id")["address_id"].agg(list)
    area = areas.map(len).idxmax()
    inner = areas[area]
    counted = count([], {"N001": inner[:-1], "N002": inner})
    assert counted.pairs.containments.values.tolist() == [["N002", "N001"]]
    figures = shown_figures(counted, guarded, analysis.results.table)
    true = counted.counts.pivot(index="indicator", columns="area_id", values="numerator")
    status = figures.pivot(index="indicator", columns="area_id", values="status")
    apart = (true["N002"] - true["N001"]).between(1, 4) & (status["N001"] == "ok")
    means = {each.id for each in guarded.indicators if each.mean_of is not None or each.unit == "mean"}
    apart &= ~apart.index.isin(means)
    assert apart.any() and (status.loc[apart, "N002"] == "protected").all()


def test_what_no_register_counts_by_address_is_told_and_widens_the_chances(
    project: Project, analysis: Analysis, guarded: PublishedResults, count: Callable[..., PlaceCounts],
    too_small: list[str],
):  # fmt: skip
    counted = count(too_small[:1])
    rows = counted.counts[counted.counts["indicator"] != "safety"]
    without = replace(counted, counts=rows, uncounted=("safety",))
    figures = shown_figures(without, guarded, analysis.results.table)
    assert figures.loc[figures["indicator"] == "safety", "status"].tolist() == ["missing"]
    warning = pd.DataFrame({"model": ["none"], "horizon": [1]})
    results = with_areas_at_risk(project, StudyResults(without), analysis, guarded, warning)  # type: ignore[arg-type]
    part = results.parts[-1]
    assert isinstance(part, AtRiskPart)
    label = next(each.label("da") for each in guarded.models[0].criterion if each.indicator == "safety")
    assert any(
        label in line and line.startswith("Kan ikke tælles")
        for line in part.show("da", 5).lines[too_small[0]]
    )
    nothing = replace(without, counts=rows.assign(status="missing"))
    figures = shown_figures(nothing, guarded, analysis.results.table)
    chances = place_chances(figures, nothing.places, guarded, guarded.models[0], PERIOD)
    assert chances[f"chance_{UNDETERMINED}"].tolist() == [1.0]


def test_places_in_areas_are_not_counted_and_pairs_hold_the_areas_within(homes_of_areas: pd.DataFrame):
    homes = homes_of_areas.rename(columns={"area_id": "place_id"})
    within = places_within(homes, homes_of_areas)
    assert set(within["place_id"]) == set(homes["place_id"])
    pairs = pairs_of_homes(homes[homes["place_id"] == "0001"], homes_of_areas)
    assert ["0001", "area:0001"] in pairs.containments.values.tolist()
