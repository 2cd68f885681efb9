"""The map page for everybody: axe finds nothing serious, and nothing is lost on small or zoomed screens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import axe_playwright_python
import pandas as pd
import pytest

from geo_bosoc.outputs.page.risk_map import write_risk_map

pytestmark = pytest.mark.browser

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
SERIOUS = ("serious", "critical")
ZOOMED = ((1400, 900), (700, 450), (640, 512), (390, 844), (320, 256))
"""A window, the same at 200 %, another at 200 %, a phone, and 1280 by 1024 at 400 %."""


@pytest.fixture(scope="module")
def danish_map(small_shown, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "access.html"
    write_risk_map(small_shown("public", "da"), path)
    return path


def violations(page) -> list[tuple[str, str, str]]:
    """What axe calls serious or critical."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        (rule["id"], rule["impact"], node["html"][:200])
        for rule in result["violations"]
        for node in rule["nodes"]
        if rule["impact"] in SERIOUS or rule["id"] in ("heading-order", "region", "landmark-unique")
    ]


@pytest.mark.parametrize("phone", [False, True])
def test_axe_finds_nothing_serious_in_any_state(open_page, danish_map, phone):
    opened = open_page(danish_map, phone=phone)
    page = opened.page
    assert violations(page) == []
    page.evaluate("geoBosoc.choose(2)")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('.key-line').click()")
    page.evaluate("geoBosoc.change({ compare: 0 })")
    assert violations(page) == []
    page.evaluate("document.getElementById('open-table').click()")
    assert violations(page) == []
    page.evaluate("document.getElementById('open-table').click()")
    page.evaluate("geoBosoc.change({ compare: null })")
    page.select_option("#layer", label="Ungdomskriminalitet")
    page.fill("#search", "a")
    assert page.locator("#search-list").is_visible()
    assert violations(page) == []
    page.locator("#search").blur()
    page.click("#open-about")
    assert violations(page) == []
    assert page.evaluate("document.activeElement.closest('dialog')?.id") == "about"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "open-about"
    page.get_by_role("button", name="English").click()
    page.wait_for_selector("html[lang='en']", state="attached")
    assert violations(page) == []
    assert opened.errors == []


def test_zoomed_in_everything_is_there_without_scrolling_sideways(open_page, danish_map):
    opened = open_page(danish_map)
    page = opened.page
    for width, height in ZOOMED:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, height)
        for selector in ("#search", "#layer", "#period-choices", "#map_risk", "#key-list", "#open-about"):
            page.locator(selector).scroll_into_view_if_needed()
            box = page.locator(selector).bounding_box()
            seen = page.viewport_size["height"]
            assert box["width"] > 60 and box["height"] > 20, (selector, width)
            assert box["x"] >= -1 and box["x"] + box["width"] <= width + 1, (selector, width)
            assert box["y"] < seen and box["y"] + box["height"] > 0, (selector, width)
        assert page.locator("#map_risk").bounding_box()["height"] >= 170
        page.evaluate("geoBosoc.choose(2)")
        page.wait_for_timeout(100)
        assert page.locator("#panel h2").first.bounding_box()["y"] < height
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, height)
        page.evaluate("geoBosoc.choose(null); geoBosoc.openPanel(false)")
    assert opened.errors == []


def test_the_legend_folds_on_a_small_screen(open_page, danish_map):
    page = open_page(danish_map, phone=True).page
    before = page.locator("#map_risk").bounding_box()["height"]
    fold = page.get_by_role("button", name="Signaturforklaring")
    fold.click()
    assert fold.get_attribute("aria-expanded") == "false"
    assert page.locator("#key-list").is_hidden()
    assert page.locator("#map_risk").bounding_box()["height"] > before
    fold.click()
    assert page.locator("#key-list").is_visible()


def test_many_periods_are_a_list_on_a_phone_and_a_slider_elsewhere(open_page, small_shown, tmp_path):
    shown = small_shown("public", "da")
    years = [str(year) for year in range(2013, 2025)]

    def drawn_out(table: pd.DataFrame) -> pd.DataFrame:
        periods = sorted(table["period"].unique())
        parts = [
            table[table["period"] == periods[number % len(periods)]].assign(period=year)
            for number, year in enumerate(years)
        ]
        return pd.concat(parts, ignore_index=True)

    names = ("table", "residents", "categories", "criteria", "reference_areas", "sources")
    path = tmp_path / "years.html"
    write_risk_map(replace(shown, **{name: drawn_out(getattr(shown, name)) for name in names}), path)
    page = open_page(path, phone=True).page
    assert page.locator("#period").bounding_box()["height"] < 60
    page.select_option("#period-list", label="2014")
    assert page.evaluate("geoBosoc.period()") == "2014"
    page.set_viewport_size({"width": 1400, "height": 900})
    slider = page.locator("#period-slider")
    assert slider.get_attribute("aria-valuetext") == "2014"
    slider.press("ArrowRight")
    assert page.evaluate("geoBosoc.period()") == "2015"
    assert violations(page) == []
