"""The table beneath the map, its filters, and what leaves the page: text for a spreadsheet, and paper."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from page_data import page_data

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.outputs.page.risk_map import write_risk_map

pytestmark = pytest.mark.browser
Maker = Callable[..., PublishedResults]
HOSTILE = {
    "A01": '=HYPERLINK("http://x";"y")',
    "A02": "@SUM(1)",
    "A03": "</script><img src=x onerror=alert(1)>",
    "A04": "-2+3",
    "A05": 'a;b "c"',
    "A06": "+1",
}


@pytest.fixture(scope="module")
def danish_map(small_shown: Maker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("table") / "risk_map.html"
    write_risk_map(small_shown("public", "da"), path)
    return path


def opened_at(open_page: Any, path: Path, fragment: str, **how: Any) -> Any:
    opened = open_page(path, **how)
    opened.page.evaluate("hash => { window.location.hash = hash; }", fragment)
    opened.page.reload()
    opened.page.wait_for_selector("html[data-ready]", state="attached")
    return opened


def rows(page: Any) -> list[list[str]]:
    """The table's cells as they are read."""
    return list(
        page.eval_on_selector_all(
            "#table tbody tr", "all => all.map(row => [...row.children].map(cell => cell.textContent))"
        )
    )


def saved(page: Any, button: str = "#table-save") -> tuple[str, bytes]:
    with page.expect_download() as caught:
        page.click(button)
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def parsed(content: bytes, delimiter: str) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf") and content.endswith(b"\r\n")
    return list(csv.reader(content.decode("utf-8-sig").splitlines(keepends=True), delimiter=delimiter))


def test_the_csv_has_the_figures_of_the_page(open_page: Any, danish_map: Path, small_shown: Maker) -> None:
    opened = opened_at(open_page, danish_map, "table=name&layer=youth_crime&period=2024")
    page = opened.page
    name, content = saved(page)
    assert name == "tabel-youth-crime-2024.csv"
    head, *lines = parsed(content, ";")
    assert head[:2] == ["Område-id", "Område"]
    assert head[-2:] == ["Ungdomskriminalitet (pr. 1.000) 2024", "Ungdomskriminalitet (pr. 1.000) 2023"]
    assert [line[1:4] for line in lines] == [row[:3] for row in rows(page)]

    data = page_data(published_page(small_shown("public", "da")))
    indicator = next(each for each in data["indicators"] if each["id"] == "youth_crime")
    hidden = 0
    for line in lines:
        area = next(place for place, each in enumerate(data["areas"]) if each["id"] == line[0])
        for period, cell in ((2, line[-2]), (1, line[-1])):
            value = indicator["columns"]["value"][period][area]
            if value is None:
                hidden += cell == "skjult"
            else:
                assert float(cell.replace(",", ".")) == value / 10 ** indicator["decimals"]
    assert hidden > 0
    assert opened.requests[-1] == danish_map.as_uri() and opened.errors == []


def test_in_english_commas_and_points_and_an_internal_set_is_stamped(
    open_page: Any, small_shown: Maker, tmp_path: Path
) -> None:
    path = tmp_path / "internal.html"
    write_risk_map(small_shown("internal", "en"), path)
    page = opened_at(open_page, path, "table=order").page
    head, *lines = parsed(saved(page)[1], ",")
    assert head[-1] == "Stamp" and all(line[-1].startswith("INTERNAL") for line in lines)
    assert len(lines) == 8


def test_hostile_names_are_text_in_the_table_and_for_a_spreadsheet(
    open_page: Any, small_shown: Maker, tmp_path: Path
) -> None:
    path = tmp_path / "hostile.html"
    write_risk_map(small_shown("public", "da", names=HOSTILE), path)
    opened = opened_at(open_page, path, "table=order")
    page = opened.page
    assert set(HOSTILE.values()) <= {row[0] for row in rows(page)}
    names = {line[0]: line[1] for line in parsed(saved(page)[1], ";")[1:]}
    # A plain number is no formula.
    guarded = {key: f"'{name}" if name[0] in "=@-" else name for key, name in HOSTILE.items()}
    assert {key: names[key] for key in HOSTILE} == guarded
    copied = page.evaluate("geoBosoc.copyText()").split("\n")
    assert {line.split("\t")[1] for line in copied} >= set(guarded.values())
    assert page.locator("#table img").count() == 0 and opened.errors == []


def test_columns_sort_by_keyboard(open_page: Any, danish_map: Path) -> None:
    page = opened_at(open_page, danish_map, "table=order").page
    header = page.locator("#table th", has_text="Point 2024")
    header.locator("button").focus()
    page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "descending" and "table=-points" in page.url
    points = [row[2] for row in rows(page)]
    numbers = [float(each.split("–")[-1].replace(",", ".")) for each in points if each]
    assert numbers == sorted(numbers, reverse=True) and all(points[: len(numbers)])
    page.locator("#table tbody tr").nth(1).locator("button").focus()
    page.keyboard.press("Enter")
    chosen = page.locator("#table tr[aria-current]")
    assert chosen.count() == 1
    assert page.locator("#panel h2").inner_text() == chosen.locator("button").inner_text()
    page.select_option("#layer", label="Ungdomskriminalitet")
    assert "Ungdomskriminalitet" in page.locator("#table thead").inner_text()
    page.get_by_label("2022", exact=True).check()
    assert "2021" not in page.locator("#table thead").inner_text()
    page.click("#table-close")
    assert page.locator("#table").is_hidden() and "table" not in page.url.split("#")[1]
    assert page.evaluate("document.activeElement.id") == "open-table"


def test_without_a_clipboard_the_text_stands_selected(open_page: Any, danish_map: Path) -> None:
    page = opened_at(open_page, danish_map, "table=order").page
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error()) } })"
    )
    page.click("#table-copy")
    selected = page.evaluate(
        """() => {
            const { id, value, selectionStart, selectionEnd } = document.activeElement;
            return [id, value.slice(selectionStart, selectionEnd)];
        }"""
    )
    assert selected == ["table-text", page.evaluate("geoBosoc.copyText()")]
    assert "Ctrl+C" in page.locator("#table-said").inner_text()


def test_a_line_of_the_legend_shows_its_areas_alone(open_page: Any, danish_map: Path) -> None:
    opened = opened_at(open_page, danish_map, "table=order")
    page = opened.page
    line = page.locator("#key-list button", has_text="Risikoområde")
    line.focus()
    page.keyboard.press("Enter")
    assert line.get_attribute("aria-pressed") == "true"
    assert page.evaluate("document.activeElement.closest('li').dataset.class") is not None
    count = int(line.locator(".key-count").inner_text())
    faded = page.locator("#map_risk path.area.faded").count()
    assert faded == 8 - count > 0
    assert page.locator("#filter-told").inner_text() == f"Viser {count} af 8 områder"
    assert len(rows(page)) == count == page.locator(".rows li").count()
    assert {row[1] for row in rows(page)} == {"Risikoområde"}
    assert "only=" in page.url
    page.keyboard.press("ArrowDown")  # the legend is one tab stop
    assert page.locator("#key-list button[tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    assert (
        page.locator("#key-list button", has_text="Uden for risiko").get_attribute("aria-pressed") == "true"
    )
    assert len(rows(page)) > count
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.locator("#key-list button[aria-pressed='true']").count() == 2
    page.select_option("#layer", label="Ungdomskriminalitet")
    assert page.locator("#filter").is_hidden() and page.locator("path.faded").count() == 0
    assert opened.errors == []


def test_only_areas_whose_category_has_changed(open_page: Any, danish_map: Path, small_shown: Maker) -> None:
    page = opened_at(open_page, danish_map, "table=order").page
    data = page_data(published_page(small_shown("public", "da")))
    layer = data["layers"][0]
    certain = [not (each.get("range") or each.get("beside")) for each in layer["classes"]]
    then, now = layer["drawn"][1], layer["drawn"][2]
    names = [each["name"] for each in data["areas"]]
    both = [area for area in range(8) if certain[then[area]] and certain[now[area]]]
    worse = {names[area] for area in both if layer["ranks"][now[area]] < layer["ranks"][then[area]]}
    better = {names[area] for area in both if layer["ranks"][now[area]] > layer["ranks"][then[area]]}
    assert worse | better
    for choice, expected in (("worse", worse), ("better", better), ("any", worse | better)):
        page.select_option("#shift", choice)
        assert {row[0] for row in rows(page)} == expected
        assert f"shift={choice}" in page.url
    page.get_by_label("2022", exact=True).check()
    assert len(rows(page)) == 8 and "ingen tidligere periode" in page.locator("#shift-note").inner_text()
    page.get_by_label("2024", exact=True).check()
    page.click("#filter-clear")
    assert (
        len(rows(page)) == 8
        and page.locator("path.faded").count() == 0
        and "shift" not in page.url.split("#")[1]
    )


def test_paper_has_source_date_and_stamp_and_no_tooltip(open_page: Any, danish_map: Path) -> None:
    page = opened_at(open_page, danish_map, "table=order&layer=youth_crime").page
    page.locator("path.area[data-area='4']").hover()
    assert page.locator(".leaflet-tooltip").is_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    paper = page.locator("#paper-sources").inner_text()
    assert "Opdigtet politiudtræk" in paper and "01.01.2024" in paper
    assert page.locator("#notices").inner_text().startswith("Opdigtede data")
    assert page.locator("#key-list").is_visible()
    for gone in (".leaflet-tooltip", "#table", ".bar", "#play", "#panel", "#languages"):
        assert page.locator(gone).is_hidden(), gone
    # Names lie where the areas are on paper, at once.
    label = page.locator(".area-label", has_text="Søndervang").bounding_box()
    area = page.locator("path.area[data-area='0']").bounding_box()
    assert abs(label["x"] - area["x"]) < 200 and abs(label["y"] - area["y"]) < 200
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#paper-sources").is_hidden() and page.locator("#table").is_visible()


def test_on_a_phone_the_table_takes_the_place_of_the_map(open_page: Any, danish_map: Path) -> None:
    page = opened_at(open_page, danish_map, "table=order", phone=True).page
    assert page.locator("#table-scroll").bounding_box()["height"] > 250
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for button in ("#table-copy", "#table-save", "#table-close"):
        assert page.locator(button).bounding_box()["height"] >= 40
