"""The map by keyboard, and what a screen reader is told of it."""

from __future__ import annotations

import pytest

from geo_bosoc.outputs.page.risk_map import write_risk_map

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def danish_map(small_shown, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "keyboard.html"
    write_risk_map(small_shown("public", "da"), path)
    return path


def announced(page) -> str:
    """What was announced last."""
    return page.locator("#announcer").inner_text()


def focused(page) -> str:
    """The id of what has the focus, else its name."""
    return page.evaluate(
        """(({ id, name, ariaLabel, textContent }) => id || name || ariaLabel || textContent)(document.activeElement)"""
    )


def test_the_map_is_one_tab_stop_and_so_is_the_list(open_page, danish_map):
    page = open_page(danish_map).page
    stops = []
    for _ in range(30):
        page.keyboard.press("Tab")
        name = focused(page)
        if name in stops or page.evaluate("document.activeElement === document.body"):
            break
        stops.append(name)
    assert stops[0] == "Til kortet"
    assert stops.index("search") < stops.index("layer") < stops.index("map_risk")
    rows = [stop for stop in stops if "Særligt udsat" in stop or "Risikoområde" in stop]
    assert len(rows) == 2 and rows[0].startswith("Særligt udsat") and rows[1].startswith("Søndervang")
    assert len(stops) < 20
    assert page.locator("#map_risk a[role='button']:not([aria-label])").count() == 0


def test_arrow_keys_go_to_the_nearest_area_in_their_direction_and_each_is_told(open_page, danish_map):
    opened = open_page(danish_map)
    page = opened.page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "map_risk"
    assert announced(page) == "Søndervang, Særligt udsat, 12 point. Område 1 af 8."
    assert page.locator("path.standing").count() == 2
    for key, name in (
        ("ArrowRight", "Nørreparken"),
        ("ArrowRight", "Havneøen"),
        ("ArrowLeft", "Nørreparken"),
        ("ArrowUp", "Møllevangen"),
        ("End", "Kirkebakken"),
        ("PageUp", "Lille Enghave"),
        ("Home", "Søndervang"),
    ):
        page.keyboard.press(key)
        assert announced(page).startswith(f"{name}, "), key
        assert page.locator(".tip strong").inner_text() == name
    zoom = page.evaluate("geoBosoc.map.getZoom()")
    page.keyboard.press("+")
    page.wait_for_timeout(400)
    assert page.evaluate("geoBosoc.map.getZoom()") > zoom
    page.keyboard.press("Tab")
    assert page.locator("path.standing").count() == 0
    page.locator("#map_risk .tip").wait_for(state="detached")
    assert opened.errors == []


def test_every_area_is_reached_in_the_order_of_the_list(open_page, danish_map):
    page = open_page(danish_map).page
    page.focus("#map_risk")
    page.keyboard.press("Home")
    reached = [announced(page).split(",")[0]]
    for _ in range(7):
        page.keyboard.press("PageDown")
        reached.append(announced(page).split(",")[0])
    assert reached == page.locator(".row-name").evaluate_all("rows => rows.map(row => row.firstChild.data)")


def test_enter_opens_the_area_and_escape_comes_back_to_it(open_page, danish_map):
    page = open_page(danish_map).page
    page.focus("#map_risk")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert focused(page) == page.locator("#panel h2").inner_text() == "Nørreparken"
    page.keyboard.press("Escape")
    assert focused(page) == "map_risk"
    assert announced(page).startswith("Nørreparken, Udsat")
    assert page.evaluate("geoBosoc.state.area") is None


def test_the_list_is_gone_through_by_arrow_keys_and_come_back_to(open_page, danish_map):
    page = open_page(danish_map).page
    page.focus(".row >> nth=0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert focused(page) == "Bakkegårdsparken"
    page.keyboard.press("Escape")
    assert focused(page).startswith("Bakkegårdsparken")
    page.keyboard.press("End")
    assert focused(page).startswith("Kirkebakken")


def test_what_is_shown_is_told_when_it_changes(open_page, danish_map):
    page = open_page(danish_map).page
    assert announced(page) == ""
    page.get_by_label("2022", exact=True).check()
    assert announced(page).startswith("Aarhus' kategoriseringsmodel, 2022: 8 områder.")
    assert "Uafklaret: " in announced(page)
    page.evaluate("geoBosoc.choose(0)")
    assert announced(page).startswith("Søndervang, ")
    page.select_option("#layer", label="Ungdomskriminalitet")
    assert announced(page).startswith("Ungdomskriminalitet, 2022: 8 områder.")
    assert "Søndervang, " in announced(page)
