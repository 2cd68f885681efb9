"""Ranges on the map page: striped in the colours of all, in the legend where they occur, and explained in the panel."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from page_data import cell, counts, page_data
from ranges_shown import OF_THREE, OF_TWO, with_ranges

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.outputs.page.risk_map import write_risk_map

Maker = Callable[..., PublishedResults]
TWO = "Udsat eller Særligt udsat"


@pytest.fixture
def data(small_shown: Maker) -> dict[str, Any]:
    return page_data(published_page(with_ranges(small_shown())))


def panel(data: dict[str, Any], area: str, period: int = -1) -> dict[str, Any]:
    index = [each["id"] for each in data["areas"]].index(area)
    area_panel: dict[str, Any] = data["models"][0]["panel"][period][index]
    return area_panel


def test_a_range_is_a_class_with_the_colours_of_all(data: dict[str, Any], small_shown: Maker) -> None:
    layer = data["layers"][0]
    classes = {each["id"]: each for each in layer["classes"]}
    colours = {each.id: each.colour for each in small_shown().models[0].category}
    two, three = classes[f"range:{OF_TWO}"], classes[f"range:{OF_THREE}"]
    assert two["label"] == TWO and two["range"] is True and "hatch" not in two
    assert two["stripes"]["colours"] == [colours[name] for name in OF_TWO.split(", ")]
    assert three["stripes"]["colours"] == [colours[name] for name in OF_THREE.split(", ")]
    names = list(classes)
    assert names.index("too_small") > names.index(f"range:{OF_THREE}") > names.index("outside_risk")
    assert [counts(layer, -1)[f"range:{name}"] for name in (OF_TWO, OF_THREE)] == [1, 1]
    assert counts(layer, 0)[f"range:{OF_TWO}"] == 0
    assessed = [counts(layer, -1)[each["id"]] for each in layer["classes"] if not each.get("beside")]
    assert sum(assessed) == 6, "a range is a category; A07 and A08 have none"


def test_ranges_stand_among_the_categories_in_the_list(data: dict[str, Any]) -> None:
    layer = data["layers"][0]
    ranked = sorted(zip(layer["ranks"], (each["id"] for each in layer["classes"]), strict=True))
    ids = [name for _, name in ranked if counts(layer, -1)[name]]
    assert ids[0] == f"range:{OF_TWO}" and ids[1] == f"range:{OF_THREE}"
    assert ids[-2:] == ["too_small", "undetermined"]


def test_the_panel_says_why_and_no_more(data: dict[str, Any]) -> None:
    two, three = panel(data, "A01"), panel(data, "A02")
    assert two["notes"][0] == "Kategorien vises som to mulige, fordi et af tallene bag er skjult."
    assert three["notes"][0] == "Kategorien vises som flere mulige, fordi et af tallene bag er skjult."
    assert "possible" not in two and two["points"] == "7–10 point"
    index = [each["label"] for each in data["indicators"]].index("Ungdomskriminalitet")
    assert cell(data, index, -1, 0).keys() == {"status", "base"}


def test_the_period_before_may_be_a_range(data: dict[str, Any]) -> None:
    before = panel(data, "A03")["before"]
    assert before["label"] == TWO and before["points"] == "" and before["part"] is True
    assert data["layers"][0]["classes"][before["class"]]["id"] == f"range:{OF_TWO}"
    assert "part" not in panel(data, "A04")["before"]


def test_the_reader_sees_stripes_legend_and_reason(
    small_shown: Maker, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    write_risk_map(with_ranges(small_shown()), tmp_path / "map.html")
    opened = open_page(tmp_path / "map.html")
    page = opened.page
    legend = page.locator("#key-list").inner_text()
    assert re.search(rf"{TWO}\s+1\s+17 %", legend)
    page.evaluate("geoBosoc.change({ period: 1 })")
    legend = page.locator("#key-list").inner_text()
    assert TWO in legend and "Risikoområde, Udsat" not in legend
    page.evaluate("geoBosoc.change({ period: 0 })")
    assert "eller" not in page.locator("#key-list").inner_text()
    page.evaluate("geoBosoc.change({ period: 2 })")
    fill = page.locator("path.area[data-area='0']").get_attribute("fill")
    bands = page.evaluate(
        "id => [...document.getElementById(id).querySelectorAll('rect')].map((each) => each.getAttribute('fill'))",
        fill.removeprefix("url(#").removesuffix(")"),
    )
    colours = {each.id: each.colour for each in small_shown().models[0].category}
    assert bands == [colours["severely_deprived"], colours["deprived"]]
    page.locator("path.area[data-area='0']").hover()
    assert page.locator(".leaflet-tooltip.tip").inner_text().split("\n")[1:] == [TWO, "7–10 point"]
    page.evaluate("geoBosoc.choose(0)")
    panel_text = page.locator("#panel").inner_text()
    for words in (TWO, "7–10 point", "Kategorien vises som to mulige", "Skjult: tallet bygger på for få"):
        assert words in panel_text
    assert (
        "Point for skjulte tal er ikke med." in panel_text
        and "Ingen indikator skiftede point" not in panel_text
    )
    page.evaluate("geoBosoc.choose(2)")
    assert TWO in page.locator("#panel .then-now").inner_text()
    page.evaluate("geoBosoc.choose(4)")
    legend = page.locator("#key-note").inner_text()
    assert "6 områder" in legend
    page.evaluate("geoBosoc.change({ period: 2, area: null })")
    classes = page.locator("#panel .row .row-class").all_inner_texts()
    assert classes[0] == TWO and classes[-2:] == ["For lille til at blive vurderet", "Uafklaret"]
    assert not opened.errors and len(opened.requests) == 1
