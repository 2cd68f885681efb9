"""Time on the map page in a browser: periods played one after another, and two of them side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.page.risk_map import write_risk_map

pytestmark = pytest.mark.browser
Maker = Callable[..., PublishedResults]
PERIODS = ["2022", "2023", "2024"]


@pytest.fixture(scope="module")
def danish_map(small_shown: Maker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compare") / "risk_map.html"
    write_risk_map(small_shown("public", "da"), path)
    return path


def reopened(page: Any, fragment: str) -> None:
    """The page as a mailed link opens it."""
    page.goto(page.url.split("#")[0] + fragment)
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")


def period(page: Any) -> str:
    return str(page.evaluate("geoBosoc.period()"))


def colours(page: Any, frame: str) -> list[str]:
    """The fill of each area on a map, by area."""
    drawn = page.eval_on_selector_all(
        f"{frame} path.area[data-area]",
        "paths => paths.map(path => [Number(path.dataset.area), path.getAttribute('fill')])",
    )
    return [fill for _, fill in sorted(drawn)]


def fills_of(page: Any, year: int) -> list[str]:
    return list(page.evaluate("at => geoBosoc.layer().drawn[at].map(each => geoBosoc.classFill(each))", year))


@pytest.mark.parametrize("calm", [False, True])
def test_play_steps_to_the_end_and_stops(open_page: Any, danish_map: Path, calm: bool) -> None:
    page = open_page(danish_map).page
    page.emulate_media(reduced_motion="reduce" if calm else "no-preference")
    page.clock.install(time=0)
    page.clock.pause_at(3_600_000)
    page.click("#play")  # from the last period it begins with the first
    assert period(page) == "2022"
    moving = "geoBosoc.map.getPane('overlayPane').getAnimations().length"
    assert (page.evaluate(moving) == 0) is calm
    page.clock.run_for(1400)
    seen = [period(page)]
    for _ in range(2):
        page.clock.run_for(1500)
        seen.append(period(page))
    assert seen == PERIODS
    assert page.locator("#play").get_attribute("aria-label") == "Afspil perioderne"
    page.clock.run_for(9000)
    assert period(page) == "2024"


@pytest.mark.parametrize(
    "choose",
    [
        "geoBosoc.choose(2)",
        "geoBosoc.change({ layer: 1 })",
        "geoBosoc.change({ period: 1 })",
        "document.getElementById('play').click()",
    ],
)
def test_any_choice_stops_it(open_page: Any, danish_map: Path, choose: str) -> None:
    page = open_page(danish_map).page
    page.clock.install(time=0)
    page.clock.pause_at(3_600_000)
    page.locator("#play").focus()
    page.keyboard.press("Enter")
    assert page.locator("#play").get_attribute("aria-label") == "Stop afspilning"
    page.evaluate(choose)
    stopped = period(page)
    assert page.locator("#play").get_attribute("aria-label") == "Afspil perioderne"
    page.clock.run_for(9000)
    assert period(page) == stopped


def test_two_periods_lie_side_by_side_and_move_as_one(open_page: Any, danish_map: Path) -> None:
    opened = open_page(danish_map)
    page = opened.page
    before = page.evaluate("geoBosoc.map.getZoom()")
    page.click("#open-compare")
    page.wait_for_selector("#map_second path.area")
    assert colours(page, "#map_risk") == fills_of(page, 2)
    assert colours(page, "#map_second") == fills_of(page, 1)
    assert fills_of(page, 1) != fills_of(page, 2)
    boxes = [page.locator(name).bounding_box() for name in ("#map_risk", "#map_second")]
    assert boxes[0]["y"] == boxes[1]["y"] and abs(boxes[0]["width"] - boxes[1]["width"]) <= 2.5

    page.select_option("#compare-period", label="2022")
    page.wait_for_function(
        "document.querySelector('#map_second').getAttribute('aria-label').endsWith('2022')"
    )
    page.wait_for_timeout(200)
    assert colours(page, "#map_second") == fills_of(page, 0)
    assert "compare=2022" in page.url

    # A pull on the second map moves the first one, and areas lie in the same places of both.
    middle = (boxes[1]["x"] + boxes[1]["width"] / 2, boxes[1]["y"] + boxes[1]["height"] / 2)
    center = page.evaluate("geoBosoc.map.getCenter()")
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 20, steps=4)
    page.mouse.up()
    assert page.evaluate("geoBosoc.map.getCenter()") != center
    page.mouse.wheel(0, -300)
    page.wait_for_function(
        "zoom => geoBosoc.map.getZoom() > zoom", arg=page.evaluate("geoBosoc.map.getZoom()")
    )
    page.wait_for_timeout(300)
    for area in (0, 3):
        first, second = (
            page.evaluate(
                """([frame, area]) => {
                    const box = document.querySelector(frame).getBoundingClientRect();
                    const path = document.querySelector(`${frame} path.area[data-area="${area}"]`);
                    const at = path.getBoundingClientRect();
                    return [at.left - box.left, at.top - box.top];
                }""",
                [frame, area],
            )
            for frame in ("#map_risk", "#map_second")
        )
        assert first == pytest.approx(second, abs=2)

    page.click("#open-compare")
    assert page.locator("#map_second").is_hidden() and "compare" not in page.url.split("#")[1]
    assert opened.errors == [] and opened.requests == [danish_map.as_uri()]
    assert page.evaluate("geoBosoc.map.getZoom()") >= before


def test_the_second_map_tells_its_own_period_and_chooses(open_page: Any, danish_map: Path) -> None:
    page = open_page(danish_map).page
    reopened(page, "#compare=2022")
    page.wait_for_selector("#map_second path.area")
    page.locator("#map_second path.area[data-area='1']").hover()
    tip = page.locator("#map_second .leaflet-tooltip.tip").inner_text()
    layer = "geoBosoc.layer().classes[geoBosoc.layer().drawn[0][1]].label"
    assert page.evaluate(layer) in tip and "Nørreparken" in tip
    assert page.locator("#map_risk path.area[data-area='1']").get_attribute("class").endswith("pointed")
    page.locator("#map_second path.area[data-area='1']").click()
    assert page.locator("#panel h2").inner_text() == "Nørreparken"
    assert "2022 til 2024" in page.locator("#compared").inner_text()


def test_on_a_phone_one_lies_below_the_other(open_page: Any, danish_map: Path) -> None:
    page = open_page(danish_map, phone=True).page
    reopened(page, "#compare=2023")
    page.wait_for_selector("#map_second path.area")
    first, second = (page.locator(name).bounding_box() for name in ("#map_risk", "#map_second"))
    assert first["x"] == second["x"] and second["y"] >= first["y"] + first["height"]
    assert min(first["height"], second["height"]) > 120
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_an_address_with_a_period_that_is_not_there_opens_one_map(open_page: Any, danish_map: Path) -> None:
    opened = open_page(danish_map)
    reopened(opened.page, "#compare=1999&only=nothing&shift=sideways&table=-nothing")
    assert opened.page.locator("#map_second").is_hidden()
    assert opened.page.locator("#filter").is_hidden()
    assert opened.errors == []
