"""Areas that may be at risk: on the demo, by closed forms, and by a twin with other counts that publishes the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from geo_bosoc.bottom_up.at_risk.chances import category_chances, unassessed_areas, worse_half
from geo_bosoc.bottom_up.at_risk.part import AtRiskPart
from geo_bosoc.bottom_up.outputs.page import area_page
from geo_bosoc.disclosure.policy import UNSUPPRESSED
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.follow_up.ahead.early_warning import CATEGORY
from geo_bosoc.follow_up.spec import WarningPart
from geo_bosoc.models import load_model
from geo_bosoc.project.analysis import Analysis, analyse_project
from geo_bosoc.project.spec import Project, load_project
from geo_bosoc.project.studies.bottom_up.at_risk import with_areas_at_risk
from geo_bosoc.project.studies.follow_up_ahead import warning_frames
from geo_bosoc.project.studies.runs import BottomUpOutcome

ROOT = Path(__file__).parents[2]
MODEL = "aarhus-2018"
LAYER = f"at-risk-{MODEL}"


@dataclass(frozen=True)
class Places:
    """As much of the study's results as the part asks for."""

    period: str = "2024"
    parts: tuple[AtRiskPart, ...] = ()
    within: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"place_id": ["P001"], "area_id": ["0047"]})
    )
    place_counts: None = None


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(ROOT / "bosoc.toml")


@pytest.fixture(scope="module")
def analysis(project: Project) -> Analysis:
    return analyse_project(project)


@pytest.fixture(scope="module")
def guarded(analysis: Analysis) -> PublishedResults:
    return suppress(analysis.results, "internal")


@pytest.fixture(scope="module")
def part_of(project: Project, analysis: Analysis) -> Callable[[PublishedResults, pd.DataFrame], AtRiskPart]:
    def make(published: PublishedResults, warning: pd.DataFrame) -> AtRiskPart:
        results = with_areas_at_risk(project, Places(), analysis, published, warning)  # type: ignore[arg-type]
        part = results.parts[-1]
        assert isinstance(part, AtRiskPart)
        return part

    return make


@pytest.fixture(scope="module")
def warning(analysis: Analysis, guarded: PublishedResults) -> pd.DataFrame:
    return warning_frames(WarningPart(years=(1,)), analysis, guarded)["warning"]


def test_on_the_demo_the_areas_with_13_and_12_points_come_first(analysis: Analysis):
    published = suppress(analysis.results, "internal", UNSUPPRESSED)
    areas = category_chances(published, published.models[0], "2024")
    settled = areas[areas["points_min"] == areas["points_max"]]
    assert settled[["area_id", "points_min"]].head(2).values.tolist() == [["0047", 13.0], ["0057", 12.0]]
    assert settled["points_min"].iloc[2:].max() == 10
    # Before them alone an area that a figure is missing of, with 13 points at the least.
    before = areas.loc[: areas.index[areas["area_id"] == "0047"][0] - 1]
    assert before[["area_id", "points_min"]].values.tolist() == [["0037", 13.0]]
    assert areas["area_id"].tolist()[:3] == ["0037", "0047", "0057"]
    assert set(areas["reason"]) == {"too_small"} and len(areas) == 20


def test_with_small_numbers_hidden_both_are_among_the_first_three(guarded: PublishedResults):
    areas = category_chances(guarded, guarded.models[0], "2024")
    assert areas["area_id"].iloc[0] == "0047" and "0057" in areas["area_id"].tolist()[:3]


def test_chances_add_up_and_are_the_same_each_time(guarded: PublishedResults):
    model = guarded.models[0]
    areas = category_chances(guarded, model, "2024", seed=3)
    chances = areas.filter(like="chance_")
    assert list(chances) == [f"chance_{each.id}" for each in model.category] + ["chance_undetermined"]
    assert chances.sum(axis=1).round(6).eq(1).all() and (chances >= 0).all().all()
    assert areas["severity"].is_monotonic_decreasing
    pd.testing.assert_frame_equal(areas, category_chances(guarded, model, "2024", seed=3))


def test_areas_with_a_category_or_a_range_are_not_scored(guarded: PublishedResults):
    rows = guarded.categories[guarded.categories["period"] == "2024"].set_index("area_id")["category"]
    listed = unassessed_areas(guarded, guarded.models[0], "2024")
    assert set(listed) == {"too_small"} and set(listed.index) == set(rows.index[rows == "too_small"])
    assert (rows == "range").any()


def test_other_counts_that_publish_the_same_give_the_same(
    analysis: Analysis,
    guarded: PublishedResults,
    part_of: Callable[[PublishedResults, pd.DataFrame], AtRiskPart],
    warning: pd.DataFrame,
):
    """Every suppressed count of 2 or 3 in an area that is not assessed becomes the other of the two."""
    table = analysis.results.table
    small = unassessed_areas(guarded, guarded.models[0], "2024").index
    hidden = guarded.table.loc[guarded.table["status"] == "protected", ["area_id", "period", "indicator"]]
    is_hidden = pd.MultiIndex.from_frame(table[["area_id", "period", "indicator"]]).isin(
        pd.MultiIndex.from_frame(hidden)
    )
    swapped = table["numerator"].isin([2, 3]) & table["area_id"].isin(small) & is_hidden
    assert swapped.sum() > 20
    numerator = table["numerator"].mask(swapped, 5 - table["numerator"])
    value = table["value"].mask(swapped, (numerator / table["denominator"]).astype("float64"))
    twin = suppress(
        replace(analysis.results, table=table.assign(numerator=numerator, value=value)), "internal"
    )
    pd.testing.assert_frame_equal(twin.table, guarded.table)
    parts = [part_of(published, warning) for published in (guarded, twin)]
    for language in ("da", "en"):
        first, second = (part.show(language, 5) for part in parts)  # type: ignore[arg-type]
        pd.testing.assert_frame_equal(first.sheets["sheet_at_risk"], second.sheets["sheet_at_risk"])
        assert first.area_lines == second.area_lines and first.lines == second.lines
        assert first.notes == second.notes and first.summary == second.summary


def test_what_is_hidden_drives_nothing_in_words_and_points_are_not_told(
    guarded: PublishedResults,
    part_of: Callable[[PublishedResults, pd.DataFrame], AtRiskPart],
    warning: pd.DataFrame,
):
    part = part_of(guarded, warning)
    frame = part.unassessed[MODEL]
    indicator_of = {each.key: each.indicator for each in guarded.models[0].criterion}
    hidden = guarded.table[(guarded.table["status"] == "protected") & (guarded.table["period"] == "2024")]
    pairs = set(hidden[["area_id", "indicator"]].itertuples(index=False, name=None))
    named = [
        (row.area_id, indicator_of[key])
        for row in frame.itertuples()
        for key in str(row.drivers).split(",")
        if key
    ]
    assert len(named) > 30 and not set(named) & pairs
    assert "points" not in part.show("da", 5).sheets["sheet_at_risk"]
    assert "points" in part.show("da", 1).sheets["sheet_at_risk"]


def test_assessed_areas_are_those_that_early_warning_tells_of(
    project: Project,
    guarded: PublishedResults,
    part_of: Callable[[PublishedResults, pd.DataFrame], AtRiskPart],
    warning: pd.DataFrame,
):
    part = part_of(guarded, warning)
    categories = warning[warning["criterion"] == CATEGORY]
    likely = (
        categories[categories["chance"] >= 0.25].set_index("area_id")["chance"].sort_values(ascending=False)
    )
    assert part.worse[MODEL].set_index("area_id")["chance"].to_dict() == likely.to_dict()
    assert part.untold[MODEL] == (categories["status"] != "ok").sum() > 0
    assert not set(likely.index) & set(part.unassessed[MODEL]["area_id"])
    ranges = guarded.categories[
        (guarded.categories["period"] == "2024") & (guarded.categories["category"] == "range")
    ]
    assert not set(part.worse[MODEL]["area_id"]) & set(ranges["area_id"])


def test_it_is_told_as_a_chance_and_never_as_a_category(
    guarded: PublishedResults,
    part_of: Callable[[PublishedResults, pd.DataFrame], AtRiskPart],
    warning: pd.DataFrame,
):
    shown = part_of(guarded, warning).show("da", 5)
    model = load_model(MODEL)
    labels = {each.label_da for each in model.category}
    sheet = shown.sheets["sheet_at_risk"]
    assert not any(sheet[name].isin(labels).any() for name in sheet)
    assert not labels & {each.label for each in shown.area_layers[0].categories}
    assert all(lines[-1].endswith("ikke en kategori.") for lines in shown.area_lines.values())
    assert shown.lines["P001"][0].startswith("0047 Klitrosebo: For lille til")
    assert worse_half(model) == ("severely_deprived", "deprived")
    assert len(shown.layers[0].features) == len(sheet) == len(shown.area_layers[0].rows)


def test_the_files_of_the_study_have_it(outcome: BottomUpOutcome, town: Path):
    folder = town / "maps-internal"
    book = openpyxl.load_workbook(folder / "bottom_up.xlsx", read_only=True)
    assert "Kan være på vej" in book.sheetnames
    features = gpd.read_file(folder / "bottom_up.gpkg", layer="at_risk")
    assert len(features) and set(features["output_set"]) == {"internal"}
    page = area_page(outcome.results, "en")
    assert page is not None and LAYER in [layer.id for layer in page.classifications]
    of_layer = page.explanations[LAYER]
    assert all(lines.criteria[-1].endswith("no category.") for lines in of_layer.values())
