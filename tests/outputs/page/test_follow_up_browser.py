"""The follow-up's map in a real browser: nothing fetched, no error; classes, reasons and goals are seen and reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up import study_follow_up
from geo_bosoc.follow_up.outputs.page import write_follow_up_map
from geo_bosoc.follow_up.spec import DynamicsPart, FollowUpPart
from geo_bosoc.follow_up.spec_parts import GoalsPart

pytestmark = pytest.mark.browser

GOALS = """goal_id;label;area_id;indicator;category;baseline;baseline_period;target;target_period
out;Færre uden for arbejdsmarkedet;A03;outside_labour_market;;55;2022;30;2026
town;Færre sigtede i byen;@municipality;youth_crime;;;2022;halveres;2026
"""


@pytest.fixture
def follow_up_map(small_shown: Callable[..., PublishedResults], tmp_path: Path) -> Path:
    """The map of an internal set, in which one area changed because people moved."""
    (tmp_path / "goals.csv").write_text(GOALS, encoding="utf-8")
    sets: Any = ({"source": "goals.csv"},)
    part = FollowUpPart(dynamics=DynamicsPart(years=1), goals=GoalsPart(sets=sets))
    causes = pd.DataFrame(
        {
            "area_id": ["A03"],
            "model": ["aarhus-2018"],
            "period_before": ["2023"],
            "period": ["2024"],
            "cause": ["moves"],
            "detail": [""],
            "reason": ["Folk flyttede."],
        }
    )
    shown = small_shown("internal", "da")
    results = study_follow_up(shown, part, internal_frames={"category_causes": causes}, folder=tmp_path)
    path = tmp_path / "follow_up æøå.html"
    write_follow_up_map(results, path)
    return path


def press_on_map(page: Any, area: str) -> None:
    """Click an area where its shape is."""
    place = page.evaluate(
        """area => {
            const at = geoBosoc.unit().areas.find(each => each.id === area).inside;
            const point = geoBosoc.map.latLngToContainerPoint(at);
            const box = document.querySelector('#map_risk').getBoundingClientRect();
            return [box.left + point.x, box.top + point.y];
        }""",
        area,
    )
    page.mouse.click(*place)


def test_classes_reasons_and_goals_are_seen_by_click_and_by_keyboard(
    open_page: Callable[..., Any], follow_up_map: Path
) -> None:
    opened = open_page(follow_up_map)
    page = opened.page
    legend = page.inner_text("#key-list")
    assert "Risikoområde, bedre" in legend and "Særligt udsat, dårligere" in legend
    layers = page.locator("#layer option").all_inner_texts()
    assert "Områdernes mål" in layers
    assert any(label.startswith("Hvorfor ny kategori, på 1 år") for label in layers)

    goals = page.locator("#panel-content > .goals")
    assert "Færre sigtede i byen" in goals.inner_text() and "Kommunen" in goals.inner_text()
    assert not goals.locator("dl").is_visible()
    goals.locator("summary").focus()
    page.keyboard.press("Enter")
    assert "Udgangspunkt, 2022" in goals.locator("dl").inner_text()

    press_on_map(page, "A03")
    panel = page.locator("#panel-content")
    assert panel.locator("h2").inner_text() == "Havneøen"
    goal = panel.locator(".goals").inner_text()
    assert "Færre uden for arbejdsmarkedet" in goal and "Mål, 2026" in goal and "30 %" in goal
    assert panel.locator(".goal-status").inner_text().endswith(("Nået", "Bagud", "På vej", "På vej væk"))
    assert "fordi folk flyttede til og fra" in panel.inner_text()
    assert "Der er ingen tidligere periode" not in panel.inner_text()
    assert panel.locator(".model").count() == 2  # goals and causes have no cards of their own

    page.keyboard.press("Escape")
    row = panel.locator(".row").first
    name = row.locator(".row-name").evaluate("node => node.firstChild.textContent")
    row.focus()
    page.keyboard.press("Enter")
    assert panel.locator("h2").inner_text() == name

    page.select_option("#layer", label="Områdernes mål")
    assert "Andel af områder, der har et mål (1)." in page.inner_text("#key-note")
    assert [opened.requests, opened.errors] == [[follow_up_map.as_uri()], []]


def test_a_phone_shows_goals_without_scrolling_sideways(
    open_page: Callable[..., Any], follow_up_map: Path
) -> None:
    opened = open_page(follow_up_map, phone=True)
    page = opened.page
    page.tap("#panel-handle")
    assert page.locator(".goal-status").first.is_visible()
    page.tap(".goal summary")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.eval_on_selector("#panel-content", "node => node.scrollWidth <= node.clientWidth")
    heights = page.eval_on_selector_all(".goal summary", "all => all.map(node => node.offsetHeight)")
    assert min(heights) >= 44
    assert not opened.errors
