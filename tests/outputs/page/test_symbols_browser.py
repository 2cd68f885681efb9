"""Areas too small to be seen have a symbol that does what their shape does, and goes when one zooms in."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
from shapely.affinity import translate
from shapely.geometry import box

from geo_bosoc.outputs.page.risk_map import write_risk_map

pytestmark = pytest.mark.browser

SYMBOLS = "path.symbol"


@pytest.fixture(scope="module")
def tiny_areas(small_shown, tmp_path_factory):
    """The first area is large; the third and fourth lie 40 m from each other; all but the first are 20 m wide."""
    shown = small_shown("public", "da")
    corners = [(x, 0) for x in range(0, 1200 * len(shown.areas), 1200)]
    corners[3] = (corners[2][0] + 40, 0)
    shapes = [box(x, y, x + 20, y + 20) for x, y in corners]
    shapes[0] = box(0, 1000, 2000, 3000)
    placed = [translate(shape, 576_000, 6_221_000) for shape in shapes]
    areas = shown.areas.set_geometry(gpd.GeoSeries(placed, index=shown.areas.index, crs=25832))
    path = tmp_path_factory.mktemp("map") / "tiny.html"
    write_risk_map(replace(shown, areas=areas), path)
    return path


def areas_with_symbol(page) -> list[int]:
    return page.eval_on_selector_all(SYMBOLS, "paths => paths.map(path => Number(path.dataset.area))")


def test_each_small_area_has_a_symbol_and_the_worst_lies_on_top(open_page, tiny_areas):
    opened = open_page(tiny_areas)
    page = opened.page
    order = page.evaluate("geoBosoc.order(geoBosoc.layer(), geoBosoc.state.period)")
    worse, better = sorted((2, 3), key=order.index)
    drawn = areas_with_symbol(page)
    assert set(drawn) == set(range(1, len(order))) - {better}
    assert [order.index(area) for area in drawn] == sorted(map(order.index, drawn), reverse=True)
    for area in drawn:
        shape, symbol = (
            page.get_attribute(f"path.{kind}[data-area='{area}']", "fill") for kind in ("area", "symbol")
        )
        assert symbol == shape
    page.get_by_label("2022", exact=True).check()
    assert page.get_attribute(f"{SYMBOLS}[data-area='1']", "fill") == page.get_attribute(
        "path.area[data-area='1']", "fill"
    )
    assert opened.errors == []
    assert worse in drawn


def test_a_symbol_is_pointed_at_and_chosen_like_its_area(open_page, tiny_areas):
    page = open_page(tiny_areas).page
    symbol = page.locator(f"{SYMBOLS}[data-area='4']")
    symbol.hover()
    name = page.evaluate("geoBosoc.unit().areas[4].name")
    assert page.locator(".tip strong").inner_text() == name
    symbol.click()
    assert page.locator("#panel h2").inner_text() == name
    assert "chosen" in symbol.get_attribute("class")
    page.keyboard.press("Escape")
    assert "chosen" not in symbol.get_attribute("class")


def test_symbols_go_when_one_zooms_in(open_page, tiny_areas):
    page = open_page(tiny_areas).page
    page.evaluate("geoBosoc.map.setView(geoBosoc.unit().areas[2].inside, 16.5, { animate: false })")
    assert areas_with_symbol(page) == []
    assert page.locator("path.area[data-area='3']").bounding_box()["width"] > 20
    page.evaluate("geoBosoc.showWhole()")
    page.wait_for_timeout(400)
    assert areas_with_symbol(page)
