"""A map page saved as a picture: a PNG of what is seen, drawn in the page and of nothing outside it."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.page.risk_map import write_risk_map

pytestmark = pytest.mark.browser
Maker = Callable[..., PublishedResults]
HOSTILE = {"A01": "</text><script>alert(1)</script>", "A02": "<img src=x onerror=alert(2)> & \u0007"}
COLOURS = """async address => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    const pen = canvas.getContext("2d");
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, image.width, image.height);
    const counts = {};
    for (let i = 0; i < data.length; i += 4) {
        const colour = "#" + [0, 1, 2].map((at) => data[i + at].toString(16).padStart(2, "0")).join("");
        counts[colour] = (counts[colour] || 0) + 1;
    }
    return counts;
}"""


def picture(page: Any) -> tuple[str, bytes]:
    with page.expect_download() as caught:
        page.click("#save-picture")
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def texts(page: Any) -> str:
    """All that is written in the picture."""
    return str(
        page.evaluate(
            "[...geoBosoc.pictureSvg().picture.querySelectorAll('text')].map(each => each.textContent).join(' ')"
        )
    )


@pytest.mark.parametrize("phone", [False, True])
def test_it_is_what_is_seen_at_twice_the_size(
    open_page: Any, small_shown: Maker, tmp_path: Path, phone: bool
) -> None:
    path = tmp_path / "map.html"
    write_risk_map(small_shown("public", "da"), path)
    opened = open_page(path, phone=phone)
    page = opened.page
    page.evaluate("geoBosoc.change({ compare: 1 })")
    page.wait_for_selector("#map_second path.area")
    name, content = picture(page)
    assert name == "kort-aarhus-2018-2024.png" and content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    size = page.evaluate("(({ width, height }) => [width, height])(geoBosoc.pictureSvg())")
    assert [width, height] == [2 * size[0], 2 * size[1]]

    address = "data:image/png;base64," + base64.b64encode(content).decode("ascii")
    pixels = page.evaluate(COLOURS, address)
    assert len(pixels) > 100 and pixels["#ffffff"] < 0.9 * width * height
    for place in set(page.evaluate("geoBosoc.layer().drawn[2]")):
        colour = page.evaluate("place => geoBosoc.layer().classes[place].colour", place)
        assert pixels.get(colour, 0) > 100, colour

    text = texts(page)
    for words in (
        "Kategorikort · Eksempelkommune",
        "2024",
        "2023",
        "Søndervang",
        "Særligt udsat",
        "01.01.2024",
    ):
        assert words in text
    assert "Opdigtede data" in text and "Kilde:" in text
    assert opened.errors == [] and opened.requests == [path.as_uri()]


def test_an_internal_page_says_so_in_the_picture(open_page: Any, small_shown: Maker, tmp_path: Path) -> None:
    path = tmp_path / "internal.html"
    write_risk_map(small_shown("internal", "en", names=HOSTILE), path)
    opened = open_page(path)
    page = opened.page
    page.evaluate("geoBosoc.map.setZoom(geoBosoc.map.getZoom() - 0.25, { animate: false })")
    text = texts(page)
    assert "INTERNAL" in text and "Made-up data" in text
    nodes = "geoBosoc.pictureSvg().picture.querySelectorAll('script, img, foreignObject, style').length"
    assert page.evaluate(nodes) == 0
    picture(page)
    assert opened.errors == []


def test_the_picture_tells_of_the_filter(open_page: Any, small_shown: Maker, tmp_path: Path) -> None:
    path = tmp_path / "filtered.html"
    write_risk_map(small_shown("public", "da"), path)
    page = open_page(path).page
    page.locator("#key-list button", has_text="Risikoområde").click()
    assert page.locator("#filter-told").inner_text() in texts(page)
    fading = """[...geoBosoc.pictureSvg().picture.querySelectorAll('path[data-area]')]
        .filter(each => Number(each.getAttribute('opacity')) < 0.5).length"""
    assert page.evaluate(fading) == page.locator("path.area.faded").count() > 0
