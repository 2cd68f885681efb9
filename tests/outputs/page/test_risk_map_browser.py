"""The risk map in a real browser: no network, no error, and it does what it shows."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from geo_bosoc.outputs.page.risk_map import write_risk_map

pytestmark = pytest.mark.browser

HOSTILE = {
    "A01": "</script><script>alert(1)</script>",
    "A02": "{{7*7}} {% raw %}",
    "A03": "\"quotes\" 'and' `ticks`",
    "A04": "${x} <!-- <img src=x onerror=alert(2)>",
    "A05": "&lt;b&gt; \u2028 \\u003c",
}


@pytest.fixture(scope="module")
def danish_map(small_shown, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "risk map æøå.html"
    write_risk_map(small_shown("public", "da"), path)
    return path


@pytest.fixture(scope="module")
def english_map(small_shown, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "risk_map.html"
    write_risk_map(small_shown("internal", "en"), path)
    return path


def fills(page) -> list[str]:
    """The class each area is drawn in, in the order of the areas."""
    told = page.eval_on_selector_all(
        "path.area", "paths => paths.map(path => [Number(path.dataset.area), path.getAttribute('fill')])"
    )
    return [fill for _, fill in sorted(told)]


def colour_of(page, area: int) -> str:
    """The colour beneath the lines of an area's class."""
    return page.evaluate(
        """area => {
            const fill = document.querySelector(`path.area[data-area='${area}']`).getAttribute('fill');
            return document.querySelector(fill.slice(4, -1)).querySelector('rect').getAttribute('fill');
        }""",
        area,
    )


def press(page, area: int) -> None:
    """Click an area on the map where its shape is."""
    inside = page.evaluate(
        """area => {
            const at = geoBosoc.map.latLngToContainerPoint(geoBosoc.unit().areas[area].inside);
            const box = document.getElementById('map_risk').getBoundingClientRect();
            return [box.left + at.x, box.top + at.y];
        }""",
        area,
    )
    page.mouse.click(*inside)


@pytest.mark.parametrize("phone", [False, True])
def test_it_asks_for_nothing_and_logs_no_error(open_page, danish_map, phone):
    opened = open_page(danish_map, phone=phone)
    page = opened.page
    for layer in range(page.evaluate("geoBosoc.unit().layers.length")):
        page.select_option("#layer", str(layer))
    page.get_by_label("2022", exact=True).check()
    page.evaluate("geoBosoc.map.setZoom(16, {animate: false})")
    page.click("#open-about")
    page.wait_for_timeout(200)
    assert opened.requests == [danish_map.as_uri()]
    assert opened.errors == []


def test_colours_change_with_the_year_and_the_layer(open_page, danish_map):
    page = open_page(danish_map).page
    now = fills(page)
    assert colour_of(page, 1) == "#ef8a3c"
    page.get_by_label("2022", exact=True).check()
    assert fills(page) != now
    assert colour_of(page, 1) == "#f6d55c"
    assert page.locator("#key-layer").inner_text().endswith("2022")
    page.select_option("#layer", label="Ungdomskriminalitet")
    assert colour_of(page, 0) == "#3c357c"
    assert "Skjult" in page.locator("#key-list").inner_text()


def test_the_year_is_changed_by_keyboard(open_page, danish_map):
    page = open_page(danish_map).page
    page.locator("input[name=period]").nth(2).focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#page-subtitle").inner_text().endswith("2023")


def test_a_click_tells_the_area_and_why(open_page, danish_map):
    page = open_page(danish_map).page
    press(page, 2)
    told = page.locator("#panel").inner_text()
    for words in ("Havneøen", "Risikoområde", "3 af 12 point", "1.220 beboere", "2023", "Udsat", "7 point"):
        assert words in told
    assert re.search(r"Ungdomskriminalitet\s+[\d,]+.* → [\d,]+.*\s+−1", told)
    assert "201 af 749, 7 uden oplysning" in told
    assert re.search(r"Kommunen\s+19,0 %", told) and re.search(r"Alle områder samlet\s+\d\d,\d %", told)
    press(page, 0)
    assert "Særligt udsat" in page.locator("#panel").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#panel h2").inner_text() == "Områder"


def test_a_guarded_figure_is_a_word(open_page, danish_map):
    page = open_page(danish_map).page
    page.evaluate("geoBosoc.choose(5)")
    crime = page.locator(".indicator", has_text="Ungdomskriminalitet").inner_text()
    assert "skjult" in crime and "1-4" not in crime and "61 i grundlaget" in crime
    assert page.locator(".indicator", has_text="Ungdomskriminalitet").locator(".strip").count() == 0


def test_hovering_names_the_area_and_its_category(open_page, danish_map):
    page = open_page(danish_map).page
    page.locator("path.area[data-area='4']").hover()
    tip = page.locator(".leaflet-tooltip.tip")
    assert tip.inner_text().split("\n") == ["Møllevangen", "Uden for risiko", "0 point"]


@pytest.mark.parametrize(
    ("typed", "found"), [("bakke", "Bakkegårdsparken"), ("aabr", "Åbrinken"), ("ØE", "Havneøen")]
)
def test_search_finds_an_area(open_page, danish_map, typed, found):
    page = open_page(danish_map).page
    page.fill("#search", typed)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#panel h2").inner_text() == found
    assert page.locator("#search-list").is_hidden()


def test_search_says_when_there_is_nothing(open_page, danish_map):
    page = open_page(danish_map).page
    page.fill("#search", "xyz")
    assert page.locator("#search-list").inner_text() == "Intet område med det navn"


def test_the_list_leads_to_an_area(open_page, danish_map):
    page = open_page(danish_map).page
    before = page.evaluate("geoBosoc.map.getZoom()")
    page.locator(".row", has_text="Nørreparken").click()
    assert page.locator("#panel h2").inner_text() == "Nørreparken"
    page.wait_for_timeout(400)
    assert page.evaluate("geoBosoc.map.getZoom()") > before
    page.get_by_role("button", name="Hele kortet").click()
    page.wait_for_timeout(400)
    assert page.evaluate("geoBosoc.map.getZoom()") == before


def test_it_prints_the_whole_map_on_one_page(open_page, danish_map):
    opened = open_page(danish_map)
    page = opened.page
    before = page.evaluate("[geoBosoc.map.getZoom(), geoBosoc.map.getSize().x]")
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") == 1
    assert page.evaluate("[geoBosoc.map.getZoom(), geoBosoc.map.getSize().x]") == before
    assert opened.errors == []


def test_about_tells_sources_and_assumptions(open_page, danish_map):
    page = open_page(danish_map).page
    page.click("#open-about")
    told = page.locator("#about").inner_text()
    for words in (
        "01.01.2024",
        "Opdigtet politiudtræk",
        "aarhus-2018, version 2024-01-01",
        "Antagelse: Pointgrænserne er vores antagelse.",
        "12 addresses lie in no area",
        "færre end 5 personer",
    ):
        assert words in told
    page.keyboard.press("Escape")
    assert page.locator("#about").is_hidden()


def test_english_internal_edition(open_page, english_map):
    page = open_page(english_map).page
    assert page.get_attribute("html", "lang") == "en"
    assert page.title() == "Category map · Eksempelkommune · 2024"
    notices = page.locator("#notices").inner_text()
    assert "INTERNAL" in notices and "WITHOUT PROTECTION" in notices and "Made-up data" in notices
    page.evaluate("geoBosoc.choose(0)")
    assert "of 1,487, 7 without information" in page.locator("#panel").inner_text()


def test_danish_edition_says_what_it_is(open_page, danish_map):
    page = open_page(danish_map).page
    assert page.get_attribute("html", "lang") == "da"
    assert page.locator("h1").inner_text() == "Kategorikort · Eksempelkommune"
    assert page.locator("#notices").inner_text().startswith("Opdigtede data")


def test_hostile_names_stay_text(open_page, small_shown, tmp_path):
    path = tmp_path / "hostile.html"
    write_risk_map(small_shown("public", "da", names=HOSTILE), path)
    opened = open_page(path)
    page = opened.page
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for index, name in enumerate(HOSTILE.values()):
        page.evaluate("index => geoBosoc.choose(index)", index)
        assert page.locator("#panel h2").evaluate("node => node.textContent") == name
        page.locator(f"path.area[data-area='{index}']").hover(force=True)
        page.fill("#search", name[:8])
    page.evaluate("geoBosoc.choose(null)")
    page.wait_for_timeout(200)
    assert dialogs == [] and opened.errors == []
    assert page.locator("#panel img, .area-name img, .area-name script").count() == 0


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_phone_shows_everything_without_scrolling_sideways(open_page, danish_map, english_map, language):
    page = open_page(danish_map if language == "da" else english_map, phone=True).page
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) == 390
    assert page.locator("#map_risk").bounding_box()["height"] > 250
    press(page, 2)
    sheet = page.locator("#panel").bounding_box()
    assert "Havneøen" in page.locator("#panel-content").inner_text()
    assert sheet["y"] > 300 and sheet["y"] + sheet["height"] <= 845
    assert page.evaluate(width) == 390
    page.click("#open-about")
    assert page.evaluate(width) == 390


def test_touch_targets_are_large_enough(open_page, danish_map):
    page = open_page(danish_map, phone=True).page
    for selector in (
        "#open-about",
        "#search",
        "#layer",
        ".choice",
        ".leaflet-control-zoom-in",
        "#panel-handle",
    ):
        assert page.locator(selector).first.bounding_box()["height"] >= 40, selector


def test_controls_do_not_cover_each_other(open_page, danish_map):
    page = open_page(danish_map).page
    boxes = [page.locator(name).bounding_box() for name in (".controls", ".centre", ".panel")]
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] <= right["x"] + 0.5


def test_without_a_model_it_maps_indicators(open_page, small_shown, tmp_path):
    path = tmp_path / "plain.html"
    write_risk_map(small_shown("public", "da", with_model=False), path)
    opened = open_page(path)
    assert colour_of(opened.page, 0) == "#3c357c"
    press(opened.page, 0)
    assert "Søndervang" in opened.page.locator("#panel").inner_text()
    assert opened.errors == []


TRIES = """async () => {
    const blocked = [];
    document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
    const add = (tag, attributes) => document.body.append(Object.assign(document.createElement(tag), attributes));
    const host = "https://example.org/";
    await fetch(host + "a").catch(() => null);
    navigator.sendBeacon(host + "b", "x");
    try { new WebSocket("wss://example.org/c"); } catch (error) { /* refused at once */ }
    try { new EventSource(host + "d"); } catch (error) { /* refused at once */ }
    add("img", { src: host + "e.png" });
    add("script", { src: host + "f.js" });
    add("link", { rel: "stylesheet", href: host + "g.css" });
    add("iframe", { src: host + "h" });
    add("video", { src: host + "i.mp4" });
    add("object", { data: host + "j.svg" });
    const form = Object.assign(document.createElement("form"), { action: host + "k", method: "post" });
    document.body.append(form);
    form.submit();
    const isDone = () => ["object-src", "form-action"].every((each) => blocked.includes(each));
    for (let turn = 0; turn < 100 && (turn < 3 || !isDone()); turn++)
        await new Promise((resolve) => setTimeout(resolve, 100));
    return blocked;
}"""


def test_the_policy_stops_whatever_a_page_might_ask_for(open_page, danish_map):
    opened = open_page(danish_map)
    failures = []
    opened.page.on("requestfailed", lambda request: failures.append((request.url, request.failure)))
    blocked = set(opened.page.evaluate(TRIES))
    assert {
        "connect-src",
        "img-src",
        "script-src-elem",
        "style-src-elem",
        "frame-src",
        "media-src",
    } <= blocked
    assert {"object-src", "form-action"} <= blocked
    # What the browser tells of as a request it refused by the policy, before anything was sent.
    asked_for = [address for address in opened.requests if address != danish_map.as_uri()]
    assert {why for _, why in failures} <= {"csp"}
    assert sorted(address for address, _ in failures) == sorted(asked_for)
