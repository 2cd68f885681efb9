"""Surfaces on the map page: one at a time beneath the areas, by mouse and keyboard, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.page.page_encoding import encode_page
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.outputs.page.risk_map import write_risk_map
from geo_bosoc.outputs.surfaces import surface_classes
from geo_bosoc.rasters.backdrop import Surface

Maker = Callable[..., PublishedResults]
HOSTILE = "<b>Andel</b> {{7*7}}"


def with_surfaces(shown: PublishedResults) -> PublishedResults:
    """A run's results with a density and a rate in cells around the areas' south-west corner."""
    west, south = (int(each // 100 * 100) for each in shown.areas.total_bounds[:2])
    steps = np.arange(20)
    east, north = (100 * each.ravel() for each in np.meshgrid(steps, steps))
    cells = pd.DataFrame({"east": west + east, "north": south + north})
    more = {"size": 100, "k": 400, "period": "2024"}
    surfaces = (
        Surface(
            "residents-per-hectare", "Beboere pr. hektar", "Residents per hectare", "count", "neutral",
            cells.assign(value=(east / 100 + 1).astype("float32")), **more,
        ),
        Surface(
            "outside", HOSTILE, "", "percent", "low_is_bad",
            cells.assign(value=(north / 4_000).astype("float32")), **more,
        ),
    )  # fmt: skip
    return replace(shown, backdrop=replace(shown.backdrop, surfaces=surfaces))


def test_surfaces_are_data_with_words_in_the_language(small_shown: Maker) -> None:
    shown = with_surfaces(small_shown("internal", "en"))
    data = encode_page(published_page(shown))
    density, rate = data["figures"]["surfaces"]
    assert (density["id"], rate["id"]) == ("residents-per-hectare", "outside")
    assert density["colours"] == rate["colours"][::-1]  # what is low is drawn dark where low is bad
    (south, west), (north, east) = density["bounds"]
    assert 54 < south < north < 58 and 8 < west < east < 13
    words = data["words"]["en"]["surface_words"]
    assert [each["label"] for each in words] == ["Residents per hectare", HOSTILE]
    assert words[0]["classes"][0].startswith("under") and len(words[0]["classes"]) == 5
    assert "400 nearest" in words[0]["note"] and "2024" in words[0]["note"]
    assert "surfaces" not in encode_page(published_page(small_shown("internal", "en")))["figures"]
    made = surface_classes(shown.backdrop.surfaces[0], "da")
    assert made.limits == [
        5,
        9,
        12,
        16,
    ]  # quantiles as round as they are told; a figure on a limit lies above
    assert np.bincount(made.of_cells).tolist() == [80, 80, 60, 80, 100]


@pytest.mark.browser
@pytest.mark.parametrize("phone", [False, True])
def test_a_surface_is_switched_on_and_areas_are_outlines_then(
    small_shown: Maker, open_page: Callable[..., Any], tmp_path: Path, phone: bool
) -> None:
    write_risk_map(with_surfaces(small_shown("internal", "da")), tmp_path / "map.html")
    opened = open_page(tmp_path / "map.html", phone)
    page = opened.page
    pictures = page.locator(".leaflet-surfaces-pane img")
    area = page.locator("path.area").first
    opacity = "node => getComputedStyle(node).fillOpacity"
    assert pictures.count() == 0 and area.evaluate(opacity) == "1"
    assert page.locator("#show-surface-none").is_checked() and not page.locator("#surface-key").is_visible()
    assert page.locator("#surface-list .key-word").all_inner_texts() == [
        "Ingen flade", "Beboere pr. hektar", HOSTILE,
    ]  # fmt: skip

    page.locator("#show-surface-none").focus()
    page.keyboard.press("ArrowDown")
    assert pictures.count() == 1 and area.evaluate(opacity) == "0"
    assert pictures.evaluate("node => [node.naturalWidth > 50, getComputedStyle(node).imageRendering]") == [
        True, "pixelated",
    ]  # fmt: skip
    assert page.locator("#surface-classes li").count() == 5
    assert "400 nærmeste beboere" in page.locator("#surface-note").inner_text()
    page.keyboard.press("ArrowDown")
    assert "surface=outside" in page.evaluate("location.hash")
    assert pictures.count() == 1 and page.locator("#show-surface-outside").is_checked()
    # An area is chosen all the same, and what is saved as a picture says what the surface is.
    bosoc = "const text = window.geoBosoc.pictureSvg().picture.textContent;"
    assert page.evaluate(f"() => {{ {bosoc} return text.includes('{HOSTILE}') }}")
    page.evaluate(
        "document.querySelector('path.area').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    assert page.evaluate("window.geoBosoc.state.area") is not None

    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.locator("#show-surface-outside").is_checked() and pictures.count() == 1
    page.evaluate("window.geoBosoc.speak('en').then(() => window.geoBosoc.change({language: 'en'}))")
    page.wait_for_function("document.getElementById('surfaces-title').textContent === 'Surfaces'")
    assert "400 nearest residents" in page.locator("#surface-note").inner_text()
    page.locator("#show-surface-none").check()
    assert pictures.count() == 0 and area.evaluate(opacity) == "1"
    assert not opened.errors and all(url.startswith(("file:", "data:", "blob:")) for url in opened.requests)
