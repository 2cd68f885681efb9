"""Types of areas: planted profiles come out again, names stay over the years, and where none is stable it is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from geo_bosoc.bottom_up.outputs.page import area_page
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.bottom_up.typology.clustering import Typology, area_types
from geo_bosoc.bottom_up.typology.part import LAYER, AreaTypesPart
from geo_bosoc.bottom_up.typology.partitions import groups_of, partitions_of, spread_left
from geo_bosoc.indicators import Indicator, Side
from geo_bosoc.problems import Report
from geo_bosoc.project.studies.bottom_up.typology import check_typology, profile_indicators
from geo_bosoc.project.studies.runs import BottomUpOutcome

CENTRES = np.array([[3.0, 0.0, 0.0, -1.0], [0.0, 3.0, 0.0, 1.0], [-1.0, 0.0, 3.0, 0.0]])
BY = ["i0", "i1", "i2", "i3"]
COLUMNS = ["area_id", "period", "indicator", "value", "status"]


def table_of(figures: np.ndarray, period: str = "2024") -> pd.DataFrame:
    rows = [
        (f"{area:03}", period, name, figures[area, column], "ok")
        for area in range(len(figures))
        for column, name in enumerate(BY[: figures.shape[1]])
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def planted(seed: int, period: str = "2024", spread: float = 0.5) -> tuple[pd.DataFrame, np.ndarray]:
    """36 areas of three types in turn, so that no type comes first."""
    kinds = np.arange(36) % 3
    noise = spread * np.random.default_rng(seed).standard_normal((36, 4))
    return table_of(CENTRES[kinds] + noise, period), kinds


@dataclass(frozen=True)
class Named:
    """An indicator by id and words."""

    id: str
    words: str = ""

    def label(self, language: str) -> str:
        return f"{self.id} {language}"


def part_of(typology: Typology, *, hides: bool = True) -> AreaTypesPart:
    areas = gpd.GeoDataFrame({"area_id": sorted(typology.areas["area_id"].unique())}).assign(name="By")
    indicators = {name: Named(name) for name in BY}
    within = pd.DataFrame({"place_id": ["P001"], "area_id": ["000"]})
    return AreaTypesPart(typology, areas, indicators, "2024", hides, within)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(4))
def test_planted_types_come_out_again(seed: int):
    table, kinds = planted(seed)
    result = area_types(table, BY)
    assert len(result.types) == 3 and result.lie_apart and result.cannot_tell == ""
    assert adjusted_rand_score(kinds, result.areas["area_type"].to_numpy(int)) == 1
    assert result.types["areas"].tolist() == [12, 12, 12]
    assert (result.areas["came_back"] == 1).all()


def test_each_type_is_driven_by_what_was_planted():
    table, kinds = planted(5)
    result = area_types(table, BY, worse={"i0": 1, "i1": -1})
    kind_of = dict(zip(result.areas["area_type"], kinds, strict=True))
    assert kind_of[1] == 0  # bad by i0; the one that is good by i1 comes last
    assert kind_of[3] == 1
    distances = result.drivers.pivot(index="area_type", columns="indicator", values="distance")
    for kind, planted_kind in kind_of.items():
        assert distances.loc[kind].idxmax() == f"i{planted_kind}"


def test_order_of_rows_and_of_indicators_and_their_units_do_not_matter():
    table, _ = planted(1)
    first = area_types(table, BY)
    mixed = table.sample(frac=1, random_state=3).reset_index(drop=True)
    second = area_types(mixed, BY[::-1])
    for name in ("areas", "types", "drivers", "tried", "years"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name), check_exact=True)
    in_other_units = table.assign(value=table["value"] * 1024 + 8)
    third = area_types(in_other_units, BY)
    assert third.areas["area_type"].tolist() == first.areas["area_type"].tolist()


def test_names_stay_over_the_years():
    """Each year is another draw of the same types, and one area changes its type."""
    years = {str(2021 + seed): planted(seed, str(2021 + seed)) for seed in range(4)}
    table = pd.concat([rows for rows, _ in years.values()], ignore_index=True)
    moved = (table["area_id"] == "000") & (table["period"] == "2024")
    table.loc[moved, "value"] = CENTRES[1]
    result = area_types(table, BY)
    wide = result.areas.pivot(index="area_id", columns="period", values="area_type")
    stays = wide.drop(index="000")
    assert stays.eq(stays["2024"], axis=0).all(axis=None)
    assert wide.loc["000"].nunique() == 2 and wide.loc["000", "2024"] == wide.loc["001", "2024"]
    assert result.years["is_told"].all()
    assert result.years["same_type"].tolist()[1:] == [1, 1, pytest.approx(35 / 36)]
    alone = area_types(table[table["period"] == "2024"], BY)
    assert alone.areas["area_type"].tolist() == wide["2024"].tolist()


def test_a_year_without_stable_types_is_said_and_the_names_reach_across_it():
    noise = table_of(np.random.default_rng(0).standard_normal((36, 4)), "2023")
    table = pd.concat([planted(0, "2022")[0], noise, planted(1, "2024")[0]])
    result = area_types(table, BY)
    assert result.years["is_told"].tolist() == [True, False, True]
    of_year = {period: rows["area_type"].tolist() for period, rows in result.areas.groupby("period")}
    assert of_year["2022"] == of_year["2024"] and result.areas["area_type"].isna().sum() == 36
    notes = " ".join(part_of(result).show("en", 5).notes)
    assert "cannot be told of 2023" in notes


def test_no_stable_number_is_said():
    result = area_types(table_of(np.random.default_rng(0).standard_normal((40, 4))), BY)
    assert result.cannot_tell == "not_stable" and result.types.empty
    assert set(result.areas["cannot_tell"]) == {"not_stable"} and result.areas["area_type"].isna().all()
    shown = part_of(result).show("da", 5)
    assert not shown.sheets and not shown.area_layers and not shown.area_lines
    assert shown.notes[0].startswith("Områdetyper kan ikke siges") and shown.summary == [shown.notes[0]]


def test_an_even_slope_is_said_to_be_one():
    rng = np.random.default_rng(3)
    slope = 0.3 * rng.standard_normal((40, 4)) + rng.standard_normal((40, 1))
    result = area_types(table_of(slope), BY)
    assert len(result.types) and not result.lie_apart
    assert any("even slope" in note for note in part_of(result).show("en", 5).notes)


@pytest.mark.parametrize(("areas", "indicators", "why"), [(11, 4, "few_areas"), (36, 1, "few_indicators")])
def test_too_little_to_tell(areas: int, indicators: int, why: str):
    figures = np.random.default_rng(1).standard_normal((areas, indicators))
    result = area_types(table_of(figures), BY)
    assert result.cannot_tell == why
    assert part_of(result).show("en", 5).notes[0].startswith("Types of areas cannot be told")


def test_no_figures_at_all():
    assert area_types(table_of(np.zeros((0, 4))), BY).cannot_tell == "few_areas"


def test_what_is_hidden_takes_no_part():
    """Whatever stands in a hidden cell, the types are the same; an area with few figures has none."""
    table, _ = planted(2)
    hidden = (table["area_id"] == "004") & table["indicator"].isin(["i0", "i1", "i2"])
    hidden |= (table["area_id"] == "007") & (table["indicator"] == "i3")
    guarded = table.assign(status=table["status"].mask(hidden, "protected"))
    results = [
        area_types(guarded.assign(value=guarded["value"].mask(hidden, value)), BY)
        for value in (np.nan, 0.0, 99.0)
    ]
    for other in results[1:]:
        pd.testing.assert_frame_equal(results[0].areas, other.areas)
        pd.testing.assert_frame_equal(results[0].drivers, other.drivers)
    of_area = results[0].areas.set_index("area_id")
    assert of_area.loc["004", "cannot_tell"] == "few_figures" and pd.isna(of_area.loc["004", "area_type"])
    assert of_area.loc["007", "cannot_tell"] == ""


def test_a_figure_that_few_areas_have_or_that_does_not_differ_is_left_out():
    table, _ = planted(2)
    rare = (table["indicator"] == "i3") & (table["area_id"] >= "017")
    result = area_types(table.assign(status=table["status"].mask(rare, "protected")), BY)
    assert result.indicators == ("i0", "i1", "i2")
    assert any("i3 en" in note for note in part_of(result).show("en", 5).notes)
    same = table.assign(value=table["value"].mask(table["indicator"] == "i3", 7.0))
    assert area_types(same, BY).indicators == ("i0", "i1", "i2")


def test_the_one_of_hand():
    """Two pairs on a line: each group's sum of squares is 0.5 of 101 in all; drawn again they are the same."""
    points = np.array([[0.0], [1.0], [10.0], [11.0]])
    labels = groups_of(points, [2])[2]
    assert labels.tolist() in ([0, 0, 1, 1], [1, 1, 0, 0])
    assert spread_left(points, labels) == pytest.approx(1 / 101)
    partition = partitions_of(np.vstack([points] * 4), [2], 5, 1)[2]
    assert partition.rand == 1 and partition.jaccard.tolist() == [1, 1] and (partition.came_back == 1).all()


def test_words_of_both_languages_and_the_place():
    table, _ = planted(1)
    result = area_types(table, BY, worse={"i0": 1})
    part = part_of(result)
    for language, over in (("da", "over områdernes midte: i0 da"), ("en", "over the areas' middle: i0 en")):
        shown = part.show(language, 5)  # type: ignore[arg-type]
        assert over in shown.area_layers[0].categories[0].label
        assert len(shown.sheets["sheet_types_of_areas"]) == 36
        assert shown.lines["P001"][0].startswith("000: Type 1: ")
        assert shown.area_lines[LAYER, "000"][0] in shown.lines["P001"][0]
    assert len(part.show("da", 5).notes) == len(part_of(result, hides=False).show("da", 5).notes) + 1


def indicator(name: str, where: str = "y", unit: str = "percent") -> Indicator:
    side = Side(where=where)
    return Indicator(id=name, denominator=Side(), numerator=side, label_da=name, unit=unit)  # type: ignore[arg-type]


def test_origin_takes_no_part_and_wrong_names_are_said():
    specs = [
        indicator("work"),
        indicator("abroad", "origin = 'non_western'"),
        indicator("people", unit="count"),
    ]
    assert [spec.id for spec in profile_indicators(BottomUpPart(), specs)] == ["work"]
    named = BottomUpPart.model_validate({"typology": {"indicators": ["wrok", "abroad", "people"]}})
    assert profile_indicators(named, specs[:2]) == []
    report = Report()
    check_typology(named, specs, report)
    texts = [str(problem.message) for problem in report.errors]
    assert len(texts) == 3 and "origin" in texts[1] and "work" in str(report.errors[0].hint)


def test_the_study_says_it_of_a_small_town(outcome: BottomUpOutcome, town: Path):
    part = next(part for part in outcome.results.parts if part.key == "typology")
    assert isinstance(part, AreaTypesPart)
    book = openpyxl.load_workbook(town / "maps-internal" / "bottom_up.xlsx", read_only=True)
    readme = " ".join(str(cell) for row in book["Læs mig"].iter_rows(values_only=True) for cell in row)
    assert "Områdetyper" in readme
    planted_part = part_of(area_types(planted(1)[0], BY))
    results = replace(outcome.results, parts=(planted_part,))
    page = area_page(results, "en")
    assert page is not None and [layer.id for layer in page.classifications] == [LAYER]
    assert len(page.explanations[LAYER]) == 36
