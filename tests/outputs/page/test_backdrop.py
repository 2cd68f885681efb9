"""Layers that have a name, and the picture beneath: as plain data, and in a browser where they are switched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_bounds

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.page.page_encoding import encode_page
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.outputs.page.risk_map import write_risk_map
from geo_bosoc.rasters.backdrop import Backdrop, NamedLayer
from geo_bosoc.rasters.background import read_background

Maker = Callable[..., PublishedResults]
HOSTILE = "</script><img src=x onerror=alert(1)> {{7*7}}"


def with_backdrop(shown: PublishedResults, folder: Path) -> PublishedResults:
    """A run's results with schools (points), a bus line, sports grounds that are off at start, and a picture."""
    west, south, east, north = shown.areas.total_bounds
    first = shown.areas.geometry.iloc[0].representative_point()
    corner = shapely.Point(west, south)
    line = shapely.LineString([(west, south), (east, north)])
    layers = {
        "schools": gpd.GeoDataFrame({"name": [HOSTILE, "Skole 2"]}, geometry=[first, corner], crs=shown.areas.crs),
        "bus": gpd.GeoDataFrame({"name": ["1A", "1A"]}, geometry=[line, line.reverse()], crs=shown.areas.crs),
        "sports": gpd.GeoDataFrame(geometry=[corner.buffer(100)], crs=shown.areas.crs),
        "empty": gpd.GeoDataFrame({"name": []}, geometry=[], crs=shown.areas.crs),
    }  # fmt: skip
    file = folder / "picture.tif"
    bounds = (west - 9_000, south - 9_000, east + 9_000, north + 9_000)
    with rasterio.open(
        file, "w", driver="GTiff", width=200, height=200, count=1, dtype="uint8", crs="EPSG:25832",
        transform=from_bounds(*bounds, 200, 200),
    ) as raster:  # fmt: skip
        raster.write(np.full((1, 200, 200), 90, np.uint8))
    named = {
        "schools": NamedLayer("Skoler", "Schools"),
        "bus": NamedLayer("", "Bus lines", colour="#0b5394"),
        "sports": NamedLayer("Idrætsanlæg", visible=False),
        "empty": NamedLayer("Tomt"),
        "elsewhere": NamedLayer("Ikke på denne side"),
    }
    background = read_background(file, shown.areas, attribution=HOSTILE, opacity=0.5)
    return replace(shown, context={**shown.context, **layers}, backdrop=Backdrop(named, background))


def test_named_layers_are_data_in_the_language_and_not_drawn_twice(
    small_shown: Maker, tmp_path: Path
) -> None:
    shown = small_shown("public", "da")
    before = encode_page(published_page(shown))
    data = encode_page(published_page(with_backdrop(shown, tmp_path)))
    assert data["figures"]["context"] == before["figures"]["context"]
    assert not {"named", "background"} & set(before["figures"])
    named = {layer["id"]: layer for layer in data["figures"]["named"]}
    assert list(named) == ["schools", "bus", "sports"]
    assert data["words"]["da"]["named_layers"] == ["Skoler", "Bus lines", "Idrætsanlæg"]
    assert [layer["visible"] for layer in named.values()] == [True, True, False]
    assert named["bus"]["colour"] == "#0b5394"
    assert len({layer["colour"] for layer in named.values()}) == 3
    (line,) = named["bus"]["features"]
    assert line["name"] == "1A" and len(line["lines"]) == 2
    schools = {feature["name"]: feature["points"] for feature in named["schools"]["features"]}
    place = (
        gpd.GeoSeries([shapely.Point(shown.areas.total_bounds[:2])], crs=shown.areas.crs).to_crs(4326).iloc[0]
    )
    assert schools["Skole 2"] == [round(place.x * 1e6), round(place.y * 1e6)]
    assert list(named["sports"]["features"][0]) == ["polygons"]
    assert data["figures"]["background"]["opacity"] == 50


@pytest.mark.browser
@pytest.mark.parametrize("phone", [False, True])
def test_layers_and_the_picture_are_switched_and_nothing_is_fetched(
    small_shown: Maker, open_page: Callable[..., Any], tmp_path: Path, phone: bool
) -> None:
    write_risk_map(with_backdrop(small_shown("public", "da"), tmp_path), tmp_path / "map.html")
    opened = open_page(tmp_path / "map.html", phone)
    page = opened.page
    assert page.locator("#named-layer-list .key-word").all_inner_texts() == [
        "Skoler",
        "Bus lines",
        "Idrætsanlæg",
    ]
    counts = {name: page.locator(f"path.named.{name}") for name in ("schools", "bus", "sports")}
    assert [each.count() for each in counts.values()] == [2, 1, 0]
    page.locator("#show-layer-sports").check()
    page.locator("#show-layer-schools").uncheck()
    assert [each.count() for each in counts.values()] == [0, 1, 1]
    assert "context=bus%2Csports" in page.evaluate("location.hash")

    picture = page.locator(".leaflet-background-pane img")
    made_by = page.locator("#background-made-by")
    assert picture.evaluate("node => [node.naturalWidth > 5, node.style.opacity]") == [True, "0.5"]
    assert made_by.is_visible() and made_by.inner_text() == HOSTILE
    page.locator("#background-strength").fill("80")
    assert picture.evaluate("node => node.style.opacity") == "0.8"
    page.locator("#show-background").uncheck()
    assert picture.count() == 0 and not made_by.is_visible()
    assert not page.locator("#background-strength").is_visible()
    # A reload, or a link that was mailed, shows the same.
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert [each.count() for each in counts.values()] == [0, 1, 1] and picture.count() == 0
    page.locator("#show-background").check()
    assert picture.count() == 1
    # Categories keep their colours: what lies beneath does not shine through.
    assert page.locator("path.area").first.get_attribute("fill-opacity") == "1"
    assert not opened.errors
    assert not [address for address in opened.requests if not address.startswith(("file:", "data:"))]


@pytest.mark.browser
def test_what_lies_over_an_area_tells_its_name_and_lets_it_be_chosen(
    small_shown: Maker, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    write_risk_map(with_backdrop(small_shown("public", "da"), tmp_path), tmp_path / "map.html")
    opened = open_page(tmp_path / "map.html")
    page = opened.page
    page.locator("#show-layer-bus").uncheck()
    school = page.locator("path.named.schools").first
    school.hover()
    tooltip = page.locator(".leaflet-tooltip")
    assert (
        HOSTILE in tooltip.inner_text()
        and "Skoler" in tooltip.inner_text()
        and tooltip.locator("img").count() == 0
    )
    school.click()
    assert page.evaluate("geoBosoc.state.area") == 0
    assert not opened.errors
