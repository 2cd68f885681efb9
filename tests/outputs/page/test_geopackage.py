"""categories.gpkg, read back with GDAL and SQLite, and its styles as QGIS reads them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pyogrio
import pytest

from geo_bosoc.disclosure.policy import UNSUPPRESSED
from geo_bosoc.disclosure.results import Edition, PublishedResults
from geo_bosoc.outputs.geopackage.write import write_geopackage

Maker = Callable[..., PublishedResults]


def ask(file: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as opened:
        return opened.execute(question).fetchall()


@pytest.fixture
def file(small_shown: Maker, tmp_path: Path) -> Path:
    write_geopackage(small_shown(), tmp_path / "categories.gpkg")
    return tmp_path / "categories.gpkg"


def test_a_layer_a_period_with_categories_and_figures(file: Path, small_shown: Maker) -> None:
    shown = small_shown()
    names = [name for name, _ in pyogrio.list_layers(file)]
    assert names == [
        *(f"categories_{p}" for p in shown.periods),
        *(f"indicators_{p}" for p in shown.periods),
        "sources",
        "layer_styles",
    ]
    layer = pyogrio.read_dataframe(file, layer="categories_2024")
    assert layer.crs.to_epsg() == 25832 and set(layer.geom_type) == {"MultiPolygon"}
    assert layer["name"].tolist() == shown.areas["name"].tolist()
    assert layer.geometry.normalize().geom_equals(shown.areas.geometry.normalize()).all()
    assert layer.set_index("area_id").at["A01", "category_label"] == "Særligt udsat"
    assert layer.set_index("area_id").at["A08", "undetermined_by"] == "safety"
    figures = pyogrio.read_dataframe(file, layer="indicators_2024").set_index("area_id")
    true = shown.table.loc[(shown.table["period"] == "2024") & (shown.table["indicator"] == "youth_crime")]
    for row in true.itertuples():
        value, status = (
            figures.at[row.area_id, "youth_crime_value"],
            figures.at[row.area_id, "youth_crime_status"],
        )
        assert status == row.status and (value == row.value or (pd.isna(value) and pd.isna(row.value)))
    hidden = figures.loc[figures["youth_crime_status"] == "protected"]
    columns = [f"youth_crime_{name}" for name in ("value", "low", "high", "numerator", "unknown", "ratio")]
    assert len(hidden) and hidden[columns].isna().all(axis=None)


def test_the_reference_system_and_the_styles_are_registered(file: Path) -> None:
    assert set(ask(file, "SELECT srs_id FROM gpkg_geometry_columns")) == {(25832,)}
    system = ask(
        file, "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = 25832"
    )
    assert system == [("EPSG", 25832)]
    assert ask(file, "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'") == [
        ("attributes",)
    ]
    assert set(ask(file, "SELECT last_change FROM gpkg_contents")) == {("2024-01-01T00:00:00.000Z",)}
    columns = [row[1] for row in ask(file, "PRAGMA table_info(layer_styles)")]
    assert columns == [
        "id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML",
        "styleSLD", "useAsDefault", "description", "owner", "ui", "update_time",
    ]  # fmt: skip
    default = ask(
        file, "SELECT f_table_name, count(*) FROM layer_styles WHERE useAsDefault GROUP BY 1 ORDER BY 1"
    )
    assert [name for name, _ in default] == [name for name, _ in pyogrio.list_layers(file)][:-2]
    assert {count for _, count in default} == {1}
    geometry = set(ask(file, "SELECT column_name FROM gpkg_geometry_columns"))
    assert geometry == set(ask(file, "SELECT f_geometry_column FROM layer_styles"))
    assert ask(file, "PRAGMA integrity_check") == [("ok",)]


def test_a_table_tells_where_the_figures_come_from(small_shown: Maker, tmp_path: Path) -> None:
    shown, file = small_shown(), tmp_path / "c.gpkg"
    charges = shown.sources[shown.sources["indicator"] == "youth_crime"].assign(
        register="charges", data_period="2019", status_date=None
    )
    residents = shown.sources.iloc[:3].assign(indicator="residents")
    sources = pd.concat([shown.sources, charges, residents], ignore_index=True)
    write_geopackage(replace(shown, sources=sources), file)
    assert ask(file, "SELECT data_type, identifier FROM gpkg_contents WHERE table_name = 'sources'") == [
        ("attributes", "sources")
    ]
    told = pyogrio.read_dataframe(file, layer="sources")
    assert list(told) == ["indicator", "label", "period", "register", "data_period", "status_date", "source"]
    pd.testing.assert_frame_equal(
        told.drop(columns="label").astype(object).fillna(""), sources.astype(object).fillna("")
    )
    labels = dict(zip(told["indicator"], told["label"], strict=True))
    assert labels["residents"] == "Beboere" and labels["youth_crime"] == shown.indicators[1].label("da")
    layer = pyogrio.read_dataframe(file, layer="indicators_2024")
    assert set(layer["youth_crime_data_period"]) == {"2024; 2019"}
    assert set(layer["youth_crime_status_date"]) == {"2024-01-01; –"}
    ((qml,),) = ask(
        file, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'indicators_2024' AND useAsDefault"
    )
    aliases = {each.get("field"): str(each.get("name")) for each in ElementTree.fromstring(qml).iter("alias")}
    label = shown.indicators[1].label("da")
    assert aliases["youth_crime_status_date"] == f"{label}: statusdato"
    assert aliases["youth_crime_data_period"] == f"{label}: data fra"


def test_a_style_of_categories_has_words_counts_colours_and_hatching(file: Path) -> None:
    ((qml,),) = ask(file, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'categories_2024'")
    root = ElementTree.fromstring(qml)
    renderer = root.find("renderer-v2")
    assert renderer is not None and renderer.get("attr") == "category"
    told = {each.get("value"): each.get("label") for each in root.iter("category")}
    assert told == {
        "severely_deprived": "Særligt udsat (1)", "deprived": "Udsat (1)", "at_risk": "Risikoområde (2)",
        "outside_risk": "Uden for risiko (2)", "too_small": "For lille til at blive vurderet (1)",
        "undetermined": "Uafklaret (1)",
    }  # fmt: skip
    symbols = {each.get("name"): each for each in root.findall("renderer-v2/symbols/symbol")}
    assert set(symbols) == {each.get("symbol") for each in root.iter("category")}
    colour = symbols["0"].find("layer/Option/Option[@name='color']")
    assert colour is not None and colour.get("value") == "178,24,43,255"
    looks = {
        (
            tuple(layer.get("class") for layer in symbol.findall("layer")),
            tuple(o.get("value") for o in symbol.iter("Option") if o.get("name") in ("angle", "color")),
        )
        for symbol in symbols.values()
    }
    assert len(looks) == len(symbols)
    assert {each.get("field"): each.get("name") for each in root.iter("alias")}["residents"] == "Beboere"


def test_a_style_of_an_indicator_puts_every_area_in_one_class(file: Path, small_shown: Maker) -> None:
    for period in small_shown().periods:
        layer = f"indicators_{period}"
        for (qml,) in ask(file, f"SELECT styleQML FROM layer_styles WHERE f_table_name = '{layer}'"):
            rules = [str(rule.get("filter")) for rule in ElementTree.fromstring(qml).iter("rule")]
            found = [
                {fid for (fid,) in ask(file, f"SELECT fid FROM {layer} WHERE {rule}")}
                for rule in rules
                if rule
            ]
            assert sorted(fid for some in found for fid in some) == list(range(1, 9))


def test_the_same_input_gives_the_same_bytes(file: Path, small_shown: Maker, tmp_path: Path) -> None:
    write_geopackage(small_shown(), tmp_path / "again.gpkg")
    assert file.read_bytes() == (tmp_path / "again.gpkg").read_bytes()
    write_geopackage(small_shown(), file)
    assert file.read_bytes() == (tmp_path / "again.gpkg").read_bytes()
    assert sorted(place.name for place in tmp_path.iterdir()) == ["again.gpkg", "categories.gpkg"]
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_internal_english_without_a_model(small_shown: Maker, tmp_path: Path) -> None:
    shown = replace(
        small_shown("internal", "en", with_model=False), edition=Edition("internal", UNSUPPRESSED)
    )
    file = tmp_path / "c.gpkg"
    write_geopackage(shown, file)
    names = [name for name, _ in pyogrio.list_layers(file)]
    assert names == [*(f"indicators_{p}" for p in shown.periods), "sources", "layer_styles"]
    told = pyogrio.read_dataframe(file, layer="sources")
    assert set(told["output_set"]) == {"internal, unguarded"}
    ((described,),) = ask(file, "SELECT description FROM gpkg_contents WHERE table_name = 'sources'")
    assert described.startswith("Sources: period, status date and source") and "INTERNAL" in described
    layer = pyogrio.read_dataframe(file, layer="indicators_2022")
    assert set(layer["output_set"]) == {"internal, unguarded"}
    told = ask(file, "SELECT description FROM gpkg_contents WHERE table_name = 'indicators_2022'")
    assert "INTERNAL" in told[0][0] and "Made-up" in told[0][0]


def test_hostile_names_odd_periods_and_a_second_model(small_shown: Maker, tmp_path: Path) -> None:
    names = {"A01": "Rød'); DROP TABLE layer_styles;--", "A02": '<script>"&', "A03": "[% env('HOME') %]"}
    shown = small_shown(names=names)
    other = shown.models[0].model_copy(update={"id": "national-2018"})
    more = pd.concat([shown.categories, shown.categories.assign(model=other.id)])
    shown = replace(shown, models=(*shown.models, other), categories=more)
    quarters = {frame: getattr(shown, frame).assign(period=getattr(shown, frame)["period"] + "K1") for frame in (
        "table", "reference_areas", "residents", "categories", "criteria", "sources")}  # fmt: skip
    file = tmp_path / "c.gpkg"
    write_geopackage(replace(shown, **quarters), file)
    layers = [name for name, _ in pyogrio.list_layers(file)]
    assert "categories_2024K1" in layers and "categories_2024K1_national_2018" in layers
    read = pyogrio.read_dataframe(file, layer="categories_2024K1_national_2018").set_index("area_id")["name"]
    assert read.loc[list(names)].to_dict() == names
    for (qml,) in ask(file, "SELECT styleQML FROM layer_styles"):
        ElementTree.fromstring(qml)
