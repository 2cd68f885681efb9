"""Estates shared between areas: hand-made squares, and Copenhagen's real estates over its real roder."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from geo_bosoc.balance import apportion_estates, dwelling_types_by_area
from geo_bosoc.balance.estates import apportion
from geo_bosoc.boundaries.read import read_areas
from geo_bosoc.problems import InputError, Report

KINDS = ["family", "youth", "elderly", "care"]


def layer(key: str, shapes: dict[str, object], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({key: list(shapes), **columns}, geometry=list(shapes.values()), crs=25832)


AREAS = layer("area_id", {"1": box(0, 0, 100, 100), "2": box(100, 0, 200, 100)})


def estates(**shapes: object) -> gpd.GeoDataFrame:
    many = len(shapes)
    return layer(
        "estate_id", shapes, family=[10] * many, youth=[None] * many, elderly=[3] * many, care=[0] * many
    )


def test_whole_by_area_by_homes_and_without_geometry() -> None:
    report = Report()
    given_estates = estates(
        whole=box(0, 0, 50, 50), split=box(70, 0, 110, 10), lost=None, away=box(900, 0, 910, 9)
    )
    shared = apportion_estates(given_estates, AREAS, report=report).set_index(["estate_id", "area_id"])
    assert shared.loc[("whole", "1"), "family"] == 10 and shared.loc[("whole", "1"), "by"] == "whole"
    assert (
        shared.loc[("split", "1"), "family"] == 8 and shared.loc[("split", "2"), "family"] == 2
    )  # 3/4: 7.5 and 2.5
    assert shared.loc[("split", "1"), "elderly"] == 2 and shared.loc[("split", "2"), "elderly"] == 1
    facts = report.facts["shared_estates"]
    assert facts["no_geometry"] == ["lost"] and facts["outside"] == ["away"] and facts["area"] == ["split"]
    whole = dwelling_types_by_area(shared.reset_index()).set_index("area_id").loc["@municipality"]
    assert whole["family"] == 40 and whole["social"] == 52
    homes = pd.DataFrame({"x": [75.0, 105.0, 106.0], "y": [5.0, 5.0, 5.0], "dwellings": [1, 4, 5]})
    report = Report()
    by_homes = apportion_estates(given_estates, AREAS, homes=homes, report=report).set_index(
        ["estate_id", "area_id"]
    )
    assert by_homes.loc[("split", "2"), "family"] == 9 and by_homes.loc[("split", "2"), "by"] == "homes"
    assert report.facts["shared_estates"]["homes"] == ["split"] and not report.facts["shared_estates"]["area"]
    listed = homes.assign(estate_id="lost")
    found = apportion_estates(given_estates, AREAS, homes=listed, report=Report()).set_index(
        ["estate_id", "area_id"]
    )
    assert found.loc[("lost", "2"), "family"] == 9  # the address list places what has no outline


def test_a_border_drawn_twice_shares_nothing() -> None:
    shared = apportion_estates(estates(e=box(10, 0, 100.3, 90)), AREAS)
    assert shared["area_id"].tolist() == ["1"] and shared["by"].tolist() == ["whole"]


def test_wrong_input_is_told_at_once() -> None:
    wrong = estates(e=box(0, 0, 1, 1)).drop(columns="care").to_crs(4326)
    with pytest.raises(InputError) as caught:
        apportion_estates(wrong, AREAS)
    assert "care" in str(caught.value) and "25832" in str(caught.value)


@given(st.integers(0, 500), st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_apportioned_parts_add_up_and_are_near(total: int, weights: list[int]) -> None:
    parts = apportion(total, np.array(weights, dtype=float))
    assert parts.sum() == total
    exact = total * np.array(weights) / sum(weights)
    assert (np.abs(parts - exact) < 1 + 1e-9).all()


@pytest.fixture(scope="module")
def copenhagen() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Report]:
    data = os.environ.get("GEO_BOSOC_DATA")
    if not data:
        pytest.skip("GEO_BOSOC_DATA is unset: no real estates and roder to share")
    folder = Path(data) / "areas"
    report = Report()
    roder = read_areas(folder / "copenhagen_roder.geojson", id="rode_nr", name="rodenavn", report=report)
    found = gpd.read_file(folder / "copenhagen_social_housing_estates.geojson").to_crs(25832)
    names = ["antal_familie_boliger", "antal_ungdomsboliger", "antal_aeldre_boliger", "antal_plejeboliger"]
    return found.rename(columns={"id": "estate_id", **dict(zip(names, KINDS, strict=True))}), roder, report


def test_copenhagens_507_estates_over_399_roder(
    copenhagen: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Report],
) -> None:
    found, roder, report = copenhagen
    assert (len(found), len(roder)) == (507, 399)
    assert any("2 polygons invalid" in str(problem) for problem in report.problems)  # both invalid roder
    shared = apportion_estates(found, roder, report=report)
    facts = report.facts["shared_estates"]
    assert facts["no_geometry"] == ["almene_boliger_kk.451"] and facts["outside"] == []
    assert any("almene_boliger_kk.451" in str(problem) for problem in report.warnings)
    assert 20 <= len(facts["area"]) <= 25 and facts["homes"] == []
    given_out = shared.groupby("estate_id")[KINDS].sum()
    wanted = found.set_index("estate_id")[KINDS].fillna(0).astype("int64").sort_index()
    pd.testing.assert_frame_equal(given_out, wanted, check_names=False)  # each estate's numbers add up
    whole = dwelling_types_by_area(shared).set_index("area_id").loc["@municipality"]
    assert [int(whole[kind]) for kind in KINDS] == [53285, 6581, 4394, 1892]
    assert whole["family_share"] == pytest.approx(53285 / 66152)
    # with homes, an estate in several roder is shared by them, and the others by area still
    split = facts["area"][0]
    shape = found.set_index("estate_id").geometry[split]
    own_roder = shared.loc[shared["estate_id"] == split, "area_id"].tolist()
    spots = [
        shape.intersection(roder.set_index("area_id").geometry[rode]).representative_point()
        for rode in own_roder
    ]
    homes = pd.DataFrame(
        {"x": [p.x for p in spots], "y": [p.y for p in spots], "dwellings": 1, "estate_id": split}
    )
    again = Report()
    by_homes = apportion_estates(found, roder, homes=homes, report=again)
    assert again.facts["shared_estates"]["homes"] == [split]
    assert split not in again.facts["shared_estates"]["area"] and again.facts["shared_estates"]["area"]
    assert by_homes.loc[by_homes["estate_id"] == split, "share"].tolist() == pytest.approx(
        [1 / len(spots)] * len(spots)
    )
