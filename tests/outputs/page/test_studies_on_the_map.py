"""What studies show on the map of the yearly run: layers of the same areas, and units with areas of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import shapely
from page_data import cell, counts, html_data, page_data, tampered
from ranges_shown import with_ranges

from geo_bosoc.disclosure.attack import published_set
from geo_bosoc.disclosure.attack.pages import read_page
from geo_bosoc.disclosure.results import CHANGE, PublishedResults
from geo_bosoc.follow_up.outputs.page import follow_up_page
from geo_bosoc.follow_up.study import study_follow_up
from geo_bosoc.outputs.page.further_layers import with_studies
from geo_bosoc.outputs.page.page_model import Page
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.outputs.page.risk_map import write_risk_map
from geo_bosoc.text.catalogue import Language

Maker = Callable[..., PublishedResults]


def squares(shown: PublishedResults, language: Language = "da") -> Page:
    """Two districts of the same town with figures of their own."""
    page = published_page(replace(shown, language=language))
    ids = page.area_ids[:2]
    areas = page.areas.iloc[:2].assign(name=["Nord", "Syd"], kind="district")
    areas["geometry"] = [shapely.box(*bounds) for bounds in areas.bounds.to_numpy()]
    table = page.table[page.table["area_id"].isin(ids) & (page.table["period"] == "2024")]
    return replace(page, areas=areas, table=table, title="Bydele", opens_on="2024")


def test_layers_of_the_same_areas_stand_in_groups_and_not_in_the_panel_once_more(small_shown: Maker) -> None:
    shown = small_shown("public", "da")
    followed = study_follow_up(shown)
    page = published_page(shown)
    change = follow_up_page(followed)
    assert change is not None
    data = page_data(with_studies(page, {"follow_up": change}))
    groups = [layer["group"] for layer in data["layers"]]
    assert {"categories", "indicators", "change"} <= set(groups)
    ids = [each["id"] for each in data["indicators"]]
    assert ids == [each.id for each in page.variables] + [f"{each.id}{CHANGE}" for each in change.variables]
    changes = [each for each in data["indicators"] if each["id"].endswith(CHANGE)]
    assert all(each["difference"] and each["card"] is False for each in changes)
    before = page_data(page)
    assert data["layers"][0] == before["layers"][0]
    assert data["indicators"][: len(before["indicators"])] == before["indicators"]
    period, place = data["periods"].index("2024"), ids.index(f"{change.variables[0].id}{CHANGE}")
    of_change = page_data(change)
    for area in range(len(page.area_ids)):
        numbers = cell(data, place, period, area)
        assert numbers == cell(of_change, 0, of_change["periods"].index("2024"), area)
    assert cell(data, place, 0, 0) == {"status": "missing"}  # the first period has no earlier one


def test_a_study_of_other_areas_is_a_unit(small_shown: Maker) -> None:
    shown = small_shown("public", "da")
    page = with_studies(published_page(shown), {"districts": squares(shown)})
    unit = page_data(page, 1)
    assert (unit["id"], unit["label"], unit["periods"], unit["opens"]) == ("districts", "Bydele", ["2024"], 0)
    assert [area["name"] for area in unit["areas"]] == ["Nord", "Syd"]
    assert page_data(page)["areas"] == page_data(published_page(shown))["areas"]


def test_the_attack_reads_changes_on_the_map(small_shown: Maker, tmp_path: Path) -> None:
    shown = small_shown("public", "da")
    followed = study_follow_up(shown)
    write_risk_map(shown, tmp_path / "map.html", studies={"follow_up": partial(follow_up_page, followed)})
    public = published_set(shown)
    public.labels = {each.label("da"): each.id for each in shown.indicators}
    before = set(public.leaks)
    read_page(public, tmp_path / "map.html")
    intact = public.leaks - before
    hidden = shown.table[(shown.table["status"] == "protected") & (shown.table["period"] == "2024")].iloc[0]

    def with_value(figures: dict[str, Any], words: dict[str, Any]) -> None:
        place = [each["id"] for each in figures["indicators"]].index(f"{hidden['indicator']}{CHANGE}")
        area = [each["id"] for each in figures["areas"]].index(hidden["area_id"])
        figures["indicators"][place]["columns"]["value"][figures["periods"].index("2024")][area] = 30

    html = (tmp_path / "map.html").read_text(encoding="utf-8")
    (tmp_path / "map.html").write_text(tampered(html, with_value), encoding="utf-8")
    read_page(public, tmp_path / "map.html")
    assert {leak.field for leak in public.leaks - before - intact} == {"columns"}


def test_the_attack_reads_sentences_in_the_other_language(rules_shown: Maker, tmp_path: Path) -> None:
    shown = rules_shown("public", "da")
    write_risk_map(shown, tmp_path / "map.html")
    public = published_set(shown)
    public.labels = {each.label("da"): each.id for each in shown.indicators}
    read_page(public, tmp_path / "map.html")
    intact = set(public.leaks)
    hidden = shown.table[(shown.table["status"] == "protected") & (shown.table["period"] == "2024")].iloc[0]
    label = next(each.label("en") for each in shown.indicators if each.id == hidden["indicator"])

    def with_sentence(figures: dict[str, Any], words: dict[str, Any]) -> None:
        if words["label"] == "Areas":
            area = [each["id"] for each in figures["areas"]].index(hidden["area_id"])
            words["models"][0]["panel"][-1][area]["criteria"] = [f"{label}: 3 of 30, met"]

    html = (tmp_path / "map.html").read_text(encoding="utf-8")
    (tmp_path / "map.html").write_text(tampered(html, with_sentence), encoding="utf-8")
    read_page(public, tmp_path / "map.html")
    assert {leak.field for leak in public.leaks - intact} == {"sentence"}


@pytest.mark.browser
def test_the_reader_switches_unit_layer_and_language_and_the_address_remembers(
    small_shown: Maker, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    shown = small_shown("public", "da")
    followed = study_follow_up(shown)
    studies = {"follow_up": partial(follow_up_page, followed), "districts": partial(squares, shown)}
    write_risk_map(shown, tmp_path / "map.html", studies=studies)
    assert html_data((tmp_path / "map.html").read_text(encoding="utf-8"), 1)["label"] == "Bydele"
    opened = open_page(tmp_path / "map.html")
    page = opened.page
    assert page.locator("#layer optgroup").evaluate_all("all => all.map(each => each.label)")[:2] == [
        "Kategorier", "Indikatorer"
    ]  # fmt: skip
    page.select_option("#unit", label="Bydele")
    assert page.locator("path.area").count() == 2
    page.select_option("#layer", index=1)
    page.evaluate("geoBosoc.choose(1)")
    assert page.locator("#panel-content h2").first.inner_text() == "Syd"
    page.get_by_role("button", name="English").click()
    page.wait_for_selector("html[lang=en]")
    assert page.inner_text("#open-about") == "About the figures"
    address = page.url
    assert "unit=districts" in address and "language=en" in address and "area=A02" in address
    again = open_page(tmp_path / "map.html", address=address.partition("#")[2])
    assert again.page.locator("#panel-content h2").first.inner_text() == "Syd"
    assert again.page.locator("path.area").count() == 2
    assert again.page.inner_text("#open-about") == "About the figures"
    assert opened.errors == again.errors == []
    assert all(request.startswith("file:") for request in opened.requests + again.requests)


def test_points_are_a_layer_and_hidden_ones_say_so(small_shown: Maker) -> None:
    shown = with_ranges(small_shown("public", "da"))
    data = page_data(published_page(shown))
    (place,) = [index for index, each in enumerate(data["indicators"]) if each["id"].endswith("-points")]
    rows = shown.categories[shown.categories["period"] == "2024"].set_index("area_id")
    for index, area in enumerate(each["id"] for each in data["areas"]):
        numbers, row = cell(data, place, -1, index), rows.loc[area]
        if row["category"] == "range":
            assert numbers == {"status": "protected"}
        elif row["points"] == row["points"]:
            assert numbers == {"value": row["points"]}
        else:
            assert "value" not in numbers
    layer = next(each for each in data["layers"] if each.get("indicator") == place)
    assert layer["group"] == "categories"
    assert data["indicators"][place]["card"] is False


def test_groups_are_a_layer(small_shown: Maker) -> None:
    shown = replace(small_shown("public", "da"), groups={"Nord": ("A01", "A02"), "Aftalen": ("A02",)})
    data = page_data(published_page(shown))
    (layer,) = [each for each in data["layers"] if each["group"] == "groups"]
    drawn = [layer["classes"][place]["label"] for place in layer["drawn"][-1]]
    assert drawn[:3] == ["Nord", "I flere grupper", "I ingen gruppe"]
    assert layer["notes"][-1][1] == "Aftalen · Nord"
    assert counts(layer, -1)["Aftalen"] == 0
