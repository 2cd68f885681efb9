"""Names on the map: the worst class first, over nothing but their own area, in whole words."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import pytest
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, box

from geo_bosoc.outputs.page.risk_map import write_risk_map

pytestmark = pytest.mark.browser

LONG = "Boligforeningen Nordre Strandpark og Søndre Havebyggeri"
APART = 320


@pytest.fixture(scope="module")
def crowded_areas(small_shown, tmp_path_factory):
    """Eight squares in three rows, too near each other for names between them; the second lies in two parts."""
    shown = small_shown("public", "da", names={"A01": LONG})
    corners = [(APART * (number % 3), APART * (number // 3)) for number in (4, 0, 1, 2, 3, 5, 6, 7)]
    shapes = [box(x, y, x + 290, y + 290) for x, y in corners]
    shapes[1] = MultiPolygon([box(0, 0, 100, 290), box(200, 0, 290, 290)])
    placed = [translate(shape, 576_000, 6_221_000) for shape in shapes]
    areas = shown.areas.set_geometry(gpd.GeoSeries(placed, index=shown.areas.index, crs=25832))
    path = tmp_path_factory.mktemp("map") / "crowded.html"
    write_risk_map(replace(shown, areas=areas, context={}), path)
    return path


def boxes(page, selector: str) -> list[tuple[int, float, float, float, float]]:
    """Area, left, top, right and bottom of what is on the map."""
    return page.eval_on_selector_all(
        selector,
        """nodes => nodes.map(node => {
            const { left, top, right, bottom } = node.getBoundingClientRect();
            return [Number(node.dataset.area ?? -1), left, top, right, bottom];
        })""",
    )


def overlap(box_a, box_b) -> bool:
    """Whether two boxes share more than the square that is left to what is next to a name."""
    return (
        min(box_a[3], box_b[3]) - max(box_a[1], box_b[1]) > 1
        and min(box_a[4], box_b[4]) - max(box_a[2], box_b[2]) > 1
    )


@pytest.mark.parametrize("phone", [False, True])
def test_names_stand_over_nothing_but_their_own_area(open_page, crowded_areas, phone):
    opened = open_page(crowded_areas, phone=phone)
    page = opened.page
    page.evaluate("geoBosoc.map.setZoom(geoBosoc.map.getZoom() - 1, { animate: false })")
    page.wait_for_timeout(100)
    labels = boxes(page, ".area-label")
    assert len(labels) >= 3
    areas = boxes(page, "path.area")
    for label in labels:
        for area in areas:
            assert area[0] == label[0] or area[0] == 1 or not overlap(label, area), (label, area)
        for control in boxes(page, ".leaflet-control"):
            assert not overlap(label, control)
    assert not any(overlap(*pair) for pair in combinations(labels, 2))
    assert opened.errors == []


def test_the_worst_is_named_wherever_it_lies_and_what_is_not_assessed_comes_last(open_page, crowded_areas):
    page = open_page(crowded_areas, phone=True).page
    page.evaluate("geoBosoc.map.setZoom(geoBosoc.map.getZoom() - 2, { animate: false })")
    page.wait_for_timeout(100)
    named = [area for area, *_ in boxes(page, ".area-label")]
    assert named[:2] == [0, 1]
    assert page.get_attribute("path.name-line", "d").startswith("M")
    classes = page.evaluate("areas => areas.map(geoBosoc.classIndex)", named)
    assert classes == sorted(classes, key=lambda position: (position >= 4, position))
    page.get_by_label("2022", exact=True).check()
    page.wait_for_timeout(100)
    assert [area for area, *_ in boxes(page, ".area-label")] != named


def test_a_long_name_is_broken_between_words_and_parts_have_one_name(open_page, crowded_areas):
    page = open_page(crowded_areas).page
    lines = page.locator(".area-label[data-area='0'] .area-name").all_inner_texts()
    assert len(lines) > 1 and " ".join(lines) == LONG
    assert page.locator(".area-label[data-area='1']").count() == 1
    assert page.locator("path.join").count() == 1
    page.uncheck("#show-names")
    assert page.locator(".area-label").first.is_hidden()
    page.check("#show-names")
    assert page.locator(".area-label").first.is_visible()
