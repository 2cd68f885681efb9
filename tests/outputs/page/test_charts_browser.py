"""The charts of the side panel in a real browser: what is drawn is what is shown, and what is hidden is a gap."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest

from geo_bosoc.indicators.spec import Reform, Side
from geo_bosoc.outputs.page.risk_map import write_risk_map

pytestmark = pytest.mark.browser

CRIME = "Ungdomskriminalitet"


@pytest.fixture(scope="module")
def danish_map(small_shown, tmp_path_factory):
    path = tmp_path_factory.mktemp("charts") / "risk_map.html"
    write_risk_map(small_shown("public", "da"), path)
    return path


def open_chart(page: Any, area: int, indicator: str) -> Any:
    """Choose an area, open an indicator's chart if it is closed, and wait till it is drawn."""
    page.evaluate("area => geoBosoc.choose(area)", area)
    part = page.locator(".indicator", has=page.locator("h4", has_text=indicator))
    if part.locator("details.series[open]").count() == 0:
        part.locator("summary").click()
    part.locator(".chart svg").wait_for()
    return part


def test_a_line_has_the_figures_that_are_shown_and_breaks_where_one_is_hidden(open_page, danish_map):
    opened = open_page(danish_map)
    page = opened.page
    names = page.evaluate("geoBosoc.unit().indicators.map(each => each.label)")
    drawn = gaps = 0
    for area in range(page.evaluate("geoBosoc.unit().areas.length")):
        place = names.index(CRIME)
        status = page.evaluate(
            "([i, a]) => geoBosoc.unit().periods.map((_, p) => geoBosoc.statusOf(geoBosoc.unit().indicators[i], p, a))",
            [place, area],
        )
        part = open_chart(page, area, CRIME)
        assert part.locator(".chart-dot").count() == status.count("ok")
        words = part.locator(".chart-hidden").all_text_contents()
        assert words == ["skjult" for each, _ in groupby(status) if each == "protected"]
        runs = [len(list(run)) for each, run in groupby(status) if each == "ok"]
        assert part.locator(".chart-area").count() == sum(run > 1 for run in runs)
        drawn, gaps = drawn + status.count("ok"), gaps + status.count("protected")
    assert (drawn, gaps) == (14, 10)
    assert opened.errors == []


def test_the_table_behind_a_chart_says_what_it_shows(open_page, danish_map):
    page = open_page(danish_map).page
    part = open_chart(page, 2, "Uden for arbejdsmarkedet")
    heads = part.locator("th[scope=col]").all_inner_texts()
    assert heads == ["Periode", "Området", "95 %-interval", "Kommunen", "Alle områder samlet"]
    rows = part.locator("tbody tr").all_inner_texts()
    assert [row.split()[0] for row in rows] == ["2022", "2023", "2024"]
    value = part.locator(".figure.own dd").inner_text()
    assert value in rows[-1]
    assert part.locator(".chart svg").get_attribute("aria-hidden") == "true"
    assert part.locator(".chart [tabindex], .chart a, .chart button").count() == 0


def test_bands_are_named_in_the_language_that_is_read(open_page, danish_map):
    opened = open_page(danish_map)
    page = opened.page
    part = open_chart(page, 2, "Uden for arbejdsmarkedet")
    assert "mindst 1,20 gange kommunens" in part.locator(".cut-list").inner_text()
    drawn = part.locator(".chart-cut").count()
    assert 0 < drawn <= 3 and part.locator(".chart-note").count() == drawn
    page.get_by_role("button", name="English").click()
    part = page.locator(".indicator", has=page.locator("h4", has_text="Outside the labour market"))
    part.locator(".chart svg").wait_for()
    assert "at least 1.20 times the municipality's" in part.locator(".cut-list").inner_text()
    assert part.locator("th[scope=col]").all_inner_texts()[:2] == ["Period", "The area"]
    assert page.locator(".points-chart h3").inner_text() == "Points 2022–2024"
    assert opened.errors == []


def test_a_chart_stays_open_and_that_of_the_map_is_opened(open_page, danish_map):
    page = open_page(danish_map).page
    open_chart(page, 2, CRIME)
    page.evaluate("geoBosoc.choose(4)")
    assert page.locator("details.series[open]").count() == 1
    page.select_option("#layer", label="Skolefravær (procent)")
    assert page.locator("details.series[open]").count() == 2
    page.locator(".chart-column[data-period='0']").first.click()
    assert page.evaluate("geoBosoc.period()") == "2022"


def test_points_are_drawn_over_the_categories(open_page, danish_map):
    page = open_page(danish_map).page
    page.evaluate("geoBosoc.choose(2)")
    page.locator(".points-chart svg").wait_for()
    assert page.locator(".points-band").count() == 4
    assert page.locator(".points-dot").count() == 3
    rows = page.locator(".points-chart tbody tr").all_inner_texts()
    assert rows[-1].split("\t") == ["2024", "3 point", "Risikoområde"]
    assert re.search(r"Ungdomskriminalitet\s+\d+,\d .* → \d+,\d .*\s+−1", page.locator(".moves").inner_text())


def test_a_new_definition_breaks_the_lines(open_page, small_shown, tmp_path):
    shown = small_shown()
    first, *others = shown.indicators
    reform = Reform(valid_from="2023", numerator=Side(where="outside"))
    reformed = replace(shown, indicators=(first.model_copy(update={"reform": (reform,)}), *others))
    write_risk_map(reformed, tmp_path / "map.html")
    page = open_page(tmp_path / "map.html").page
    part = open_chart(page, 2, "Uden for arbejdsmarkedet")
    assert part.locator(".chart-break").count() == 1
    assert "ny opgørelse fra 2023" in part.locator(".chart-note").all_text_contents()
    assert part.locator(".chart-area").count() == 1  # 2022 stands alone: a dot
    assert part.locator(".chart-dot").count() == 3


def test_a_chart_fits_a_phone_and_follows_its_width(open_page, danish_map):
    opened = open_page(danish_map, phone=True)
    page = opened.page
    part = open_chart(page, 2, "Uden for arbejdsmarkedet")
    chart = part.locator(".chart svg")
    assert chart.bounding_box()["width"] <= 358
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_viewport_size({"width": 700, "height": 450})
    part.locator(".chart svg[width='560']").wait_for()
    sizes = page.evaluate(
        "[...document.querySelectorAll('.chart text')].map(each => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert min(sizes) >= 11
    assert opened.errors == []


def test_one_period_keeps_the_strip(open_page, small_shown, tmp_path):
    shown = small_shown()
    frames = ("table", "reference_areas", "residents", "categories", "criteria", "sources")
    last = {name: (frame := getattr(shown, name))[frame["period"] == "2024"] for name in frames}
    write_risk_map(replace(shown, **last), tmp_path / "map.html")
    page = open_page(tmp_path / "map.html").page
    page.evaluate("geoBosoc.choose(2)")
    assert page.locator(".strip").count() > 0 and page.locator(".series, .chart").count() == 0
