"""Several models on one map: origin told and kept apart, categories side by side, colours of their own."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from page_data import page_data

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models import list_models
from geo_bosoc.outputs.geopackage.write import write_geopackage
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.outputs.page.risk_map import write_risk_map

Maker = Callable[..., PublishedResults]
NOTICE = {"da": "C-417/23 (18. december 2025)", "en": "case C-417/23 (18 December 2025)"}


def panel(data: dict[str, Any], area: str, model: int = 0) -> dict[str, Any]:
    at = [each["id"] for each in data["areas"]].index(area)
    return data["models"][model]["panel"][-1][at]


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_notice_on_origin_stands_on_the_page_and_names_its_model(
    rules_shown: Maker, language: str
) -> None:
    shown = rules_shown("public", language)
    data = page_data(published_page(shown))
    told = [notice["text"] for notice in data["notices"] if notice["kind"] == "origin"]
    assert (
        len(told) == 1 and NOTICE[language] in told[0] and told[0].startswith(shown.models[0].label(language))
    )
    assert [bool(model["notice"]) for model in data["about"]["models"]] == [True, False, False]


def test_without_a_model_of_origin_there_is_no_notice(small_shown: Maker) -> None:
    assert not [
        notice for notice in page_data(published_page(small_shown()))["notices"] if notice["kind"] == "origin"
    ]


def test_the_panel_tells_what_stands_beside_the_category(rules_shown: Maker) -> None:
    data = page_data(published_page(rules_shown()))
    one = panel(data, "A01")
    assert one["apart"]["label"] == "Udsat boligområde"
    assert data["layers"][0]["classes"][one["apart"]["class"]]["label"] == "Udsat boligområde"
    assert [(flag["label"], flag["met"]) for flag in panel(data, "A02")["flags"]] == [
        ("Omdannelsesområde", "not_met"), ("Parallelsamfund", "not_met"),
        ("Udsat boligområde", "met"), ("Forebyggelsesområde", "met"),
    ]  # fmt: skip
    open_ = panel(data, "A08")
    assert open_["flags"][0]["answer"] == "uafklaret, afgøres af Utryghed, listen for 2023"
    assert open_["possible"] == [
        "Omdannelsesområde",
        "Parallelsamfund",
        "Forebyggelsesområde",
        "Ikke på listen",
    ]
    assert open_["unsettled"] == ["Utryghed", "listen for 2023"]
    assert one["sure"][0] == (
        "Nærmeste grænse: Ikke-vestlig herkomst er 62,24 % (kriteriet: over 50 %); på den anden side er kategorien "
        "Udsat boligområde."
    )
    assert one["sure"][1].startswith(
        "I 100 ud af 100 tænkte gentagelser, hvor tallene svinger, som små tal gør"
    )
    assert "Tilfældig variation ved små tal" in one["sure"][1]
    assert (
        len(one["sure"]) == 2
        and "apart" not in panel(data, "A01", 1)
        and "flags" not in panel(data, "A01", 1)
    )
    assert panel(data, "A07", 1)["notes"] == [
        "Bygger på under 50 personer: Ungdomskriminalitet, Skolefravær (procent)."
    ]
    assert any("opfyldt (over 15 %)" in sentence for sentence in one["criteria"])
    inside = panel(page_data(published_page(rules_shown("internal"))), "A01")
    assert inside["sure"][2].startswith("Mindste ændring til en anden kategori")
    safety = next(each for each in data["indicators"] if each["label"] == "Utrygge beboere")["results"][-1]
    assert safety[0][:2] == [
        "De nationale lister (prøve): opfyldt (over 15 %)", "De nationale lister (prøve): opfyldt (over 10 %)"
    ]  # fmt: skip


def test_the_reader_sees_it(rules_shown: Maker, open_page: Callable[..., Any], tmp_path: Path) -> None:
    write_risk_map(rules_shown(), tmp_path / "map.html")
    for phone in (False, True):
        opened = open_page(tmp_path / "map.html", phone=phone)
        page = opened.page
        assert "C-417/23" in page.inner_text(".notice.origin")
        assert page.locator("#layer option").all_inner_texts()[:3] == [
            "De nationale lister (prøve)", "Aarhus' kategoriseringsmodel", "Aarhus' model, 2022"
        ]  # fmt: skip
        page.evaluate("geoBosoc.choose(0)")
        assert page.locator(".apart b").all_inner_texts() == ["Udsat boligområde"]
        assert page.locator(".flags li").count() == 4 and page.locator(".flags li.met").count() == 4
        assert not page.is_visible(".criteria li >> nth=0")
        page.click(".criteria summary")
        assert "gennemsnittet af 2 år" in page.inner_text(".criteria li >> nth=0")
        page.select_option("#layer", "1")
        assert "Særligt udsat" in page.inner_text("#key-list") and "Parallelsamfund" not in page.inner_text(
            "#key-list"
        )
        if phone:
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            assert page.evaluate("document.getElementById('map_risk').clientHeight") >= 200
        page.click("#open-about")
        assert "C-417/23" in page.inner_text("#about section .assumption >> nth=0")
        assert opened.errors == [] and all(address.startswith("file:") for address in opened.requests)


def test_the_geopackage_tells_it_too(rules_shown: Maker, tmp_path: Path) -> None:
    write_geopackage(rules_shown("public", "en"), tmp_path / "c.gpkg")
    names = [name for name, _ in pyogrio.list_layers(tmp_path / "c.gpkg")]
    assert {"categories_2024", "categories_2024_aarhus_2018", "categories_2024_aarhus_2022"} <= set(names)
    told = pyogrio.read_info(tmp_path / "c.gpkg", layer="categories_2024")["layer_metadata"]["DESCRIPTION"]
    assert NOTICE["en"] in told
    told = pyogrio.read_info(tmp_path / "c.gpkg", layer="categories_2024_aarhus_2018")["layer_metadata"][
        "DESCRIPTION"
    ]
    assert "C-417/23" not in told
    layer = pyogrio.read_dataframe(tmp_path / "c.gpkg", layer="categories_2024").set_index("area_id")
    assert (
        layer.at["A01", "socioeconomic_label"] == "Vulnerable area"
        and layer.at["A01", "is_parallel"] == "met"
    )
    assert layer.at["A08", "is_watched"] == "undetermined" and "smallest_change" not in layer
    assert layer.at["A01", "held"] == 1.0


def test_red_orange_yellow_and_green_are_kept_for_aarhus() -> None:
    for model in list_models():
        for category in model.category if not model.id.startswith("aarhus") else ():
            red, green, blue = (int(category.colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
            hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
            assert saturation < 0.15 or 0.45 <= hue <= 0.95, (model.id, category.id, category.colour)
