"""Layers over the areas: as plain data, and in a browser where they are switched on and off."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from page_data import page_data

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.page.geometry_encoding import overlay_data, overlay_words
from geo_bosoc.outputs.page.page_model import Overlay
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.outputs.page.risk_map import write_risk_map

Maker = Callable[..., PublishedResults]
HOSTILE = "</script><img src=x onerror=alert(1)> {{7*7}}"


def overlays(shown: PublishedResults) -> tuple[Overlay, ...]:
    """A layer with a badge over the first area and one over nothing, and a dotted one without badges."""
    first = shown.areas.geometry.iloc[0]
    away = shapely.box(571_000, 6_221_000, 571_100, 6_221_100)
    named = gpd.GeoDataFrame(
        {"title": [HOSTILE, "Øst"], "lines": [[HOSTILE, "skole"], []], "count": [2, 1], "area": ["A01", ""]},
        geometry=[shapely.union_all([first, away]), away], crs=shown.areas.crs,
    )  # fmt: skip
    plain = gpd.GeoDataFrame(
        {"title": ["P1", "P2"], "lines": [[], []], "count": 0, "area": ""},
        geometry=[first, None],
        crs=shown.areas.crs,
    )
    return (
        Overlay("both", "Begge dele", "Prikket.", plain, "#8c1c5c", pattern="dots"),
        Overlay("named", "Nævnt", "Stiplet.", named, "#15171a", "6 5", count=3),
    )


def test_overlays_as_plain_data(small_shown: Maker) -> None:
    shown = small_shown("internal", "da")
    both, named = overlay_data(overlays(shown), shown.areas["area_id"].astype(str).tolist())
    assert [len(both["features"]), both["count"], named["count"]] == [
        1,
        1,
        3,
    ]  # what has no outline is left out
    assert [one["area"] for one in named["features"]] == [0, None]
    assert overlay_words(overlays(shown))[1]["features"][0]["lines"] == [HOSTILE, "skole"]
    # The badge stands at the north-western corner of the largest part, which is the area and not the square.
    west, _, _, north = gpd.GeoSeries([shown.areas.geometry.iloc[0]], crs=25832).to_crs(4326).total_bounds
    assert named["features"][0]["corner"] == pytest.approx([north, west], abs=2e-6)
    json.dumps([both, named])
    assert "overlays" not in page_data(published_page(shown))


@pytest.mark.browser
@pytest.mark.parametrize("phone", [False, True])
def test_a_layer_is_switched_off_and_on(
    small_shown: Maker, open_page: Callable[..., Any], tmp_path: Path, phone: bool
) -> None:
    shown = small_shown("internal", "da")
    write_risk_map(shown, tmp_path / "map.html", overlays(shown))
    opened = open_page(tmp_path / "map.html", phone)
    page = opened.page
    assert page.locator("#overlays").is_visible()
    assert page.locator("#overlay-list .key-word").all_inner_texts() == ["Begge dele", "Nævnt"]
    assert page.locator("#overlay-list .key-count").all_inner_texts() == ["1", "3"]
    lines = page.locator("path.overlay.named")
    badges = page.locator(".badge-count")
    assert lines.count() == 2 and badges.all_inner_texts() == ["2", "1"]
    assert lines.first.get_attribute("stroke-dasharray") == "6 5"
    assert page.locator("path.overlay.both").get_attribute("fill") == "url(#overlay-both)"
    page.locator("#show-named").uncheck()
    assert lines.count() == 0 and badges.count() == 0 and page.locator("path.overlay.both").count() == 1
    page.locator("#show-named").check()
    assert lines.count() == 2
    # An area beneath a layer is pressed as before, and a badge chooses its area.
    badges.first.dispatch_event("click")
    assert page.evaluate("geoBosoc.state.area") == 0
    if not phone:
        badges.first.hover()
        told = page.locator(".leaflet-tooltip").inner_text()
        assert HOSTILE in told and "skole" in told and page.locator(".leaflet-tooltip img").count() == 0
    assert not opened.errors and not [
        one for one in opened.requests if not one.startswith(("file:", "data:"))
    ]


@pytest.mark.browser
def test_a_map_without_layers_says_nothing_of_them(
    small_shown: Maker, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    write_risk_map(small_shown("public", "da"), tmp_path / "map.html")
    opened = open_page(tmp_path / "map.html")
    assert not opened.page.locator("#overlays").is_visible() and not opened.errors
