"""The map page as text: self-contained, the same bytes twice, nothing in it that is guarded."""

from __future__ import annotations

import html as html_entities
import json
import re
from dataclasses import replace
from importlib import import_module
from importlib.resources import files

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from drawn_borders import drawn_areas
from hypothesis import given, settings
from hypothesis import strategies as st
from page_data import cell, counts, html_data, page_data
from shapely.geometry import Point, Polygon

from geo_bosoc.outputs.class_limits import class_limits
from geo_bosoc.outputs.page.geometry_encoding import TOLERANCE, context_layers, encode
from geo_bosoc.outputs.page.inline_assets import (
    NotSelfContained,
    check_self_contained,
    json_script,
    leaflet,
)
from geo_bosoc.outputs.page.page_words import page_words
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.outputs.page.risk_map import SCRIPTS, risk_map, write_risk_map
from geo_bosoc.text.colours import (
    SEQUENTIAL,
    WITHOUT_FIGURE,
    category_fills,
    lightness,
    steps,
)


def test_it_is_a_folium_map(small_shown):
    assert isinstance(risk_map(small_shown()), folium.Map)


def test_the_same_input_gives_the_same_bytes(small_shown, tmp_path):
    for name in ("one", "two"):
        write_risk_map(small_shown(), tmp_path / name)
    one = (tmp_path / "one").read_bytes()
    assert one == (tmp_path / "two").read_bytes()
    assert b"\r" not in one


def test_nothing_of_foliums_links_is_left(small_shown):
    html = risk_map(small_shown()).get_root().render()
    check_self_contained(html)
    for name in ("cdn.", "jquery", "bootstrap", "awesome", "glyphicon", "sourceMappingURL", "behavior:"):
        assert name not in html.lower(), name
    assert html.startswith('<!DOCTYPE html>\n<html lang="da">')
    assert "<title>Kategorikort · Eksempelkommune · 2024</title>" in html


def test_without_a_model_it_is_called_a_map_of_indicators(small_shown):
    told = {
        language: [
            page_data(published_page(small_shown("public", language, with_model=on)))["title"]
            for on in (True, False)
        ]
        for language in ("da", "en")
    }
    assert told == {"da": ["Kategorikort", "Indikatorkort"], "en": ["Category map", "Indicator map"]}


def test_leaflet_is_whole_and_refers_to_no_file():
    css, script = leaflet()
    assert "1.9.3" in script[:200]
    assert set(re.findall(r"url\((.{5})", css)) == {"data:"}


@pytest.mark.parametrize(
    "part",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<script src="a.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/a.css">',
        "<img src='images/a.png'>",
        '<img srcset="https://a.example/b.png 2x">',
        "<style>.a { background: url(images/a.png) }</style>",
        "<style>@import 'a.css';</style>",
        '<p style="background:url(http://a.example/b.png)"></p>',
        '<iframe src="https://a.example"></iframe>',
        '<object data="a.svg"></object>',
        '<meta http-equiv="refresh" content="0; url=https://a.example">',
        '<script>L.tileLayer("https://tile.example/{z}/{x}/{y}.png")</script>',
        '<script>fetch("https:\\/\\/a.example")</script>',
        '<svg><image xlink:href="https://a.example/b.png"/></svg>',
    ],
)
def test_what_would_be_fetched_is_refused(part):
    with pytest.raises(NotSelfContained):
        check_self_contained(f"<html><body>{part}</body></html>")


def test_what_is_in_the_page_is_let_be():
    check_self_contained(
        '<a href="https://a.example">later</a><img src="data:image/png;base64,AA">'
        "<style>a { fill: url(#x) }</style>"
        '<script type="application/json">{"name":"https://a.example"}</script>'
        '<script>document.createElementNS("http://www.w3.org/2000/svg", "g")</script>'
    )


def test_a_page_that_would_fetch_is_not_written(small_shown, tmp_path, monkeypatch):
    module = import_module("geo_bosoc.outputs.page.risk_map")

    def with_tiles(shown, *others):
        drawn = risk_map(shown)
        folium.TileLayer("OpenStreetMap").add_to(drawn)
        return drawn

    monkeypatch.setattr(module, "risk_map", with_tiles)
    with pytest.raises(NotSelfContained, match="openstreetmap"):
        write_risk_map(small_shown(), tmp_path / "map.html")
    assert list(tmp_path.iterdir()) == []


HOSTILE = "</script><script>alert(1)</script> {{7*7}} {% if x %} \" ' ` ${x} <!-- \u2028 \u2029 &amp; \\"


def test_names_are_data_and_never_markup_or_template(small_shown):
    shown = replace(small_shown("public", "da", names={"A01": HOSTILE}), name=HOSTILE)
    html = risk_map(shown).get_root().render()
    data = html_data(html)
    assert data["areas"][0]["name"] == HOSTILE and data["name"] == HOSTILE
    assert "<script>alert" not in html
    title = re.search(r"<title>(.*?)</title>", html, re.DOTALL).group(1)
    assert HOSTILE in html_entities.unescape(title)
    bodies = re.findall(r'id="page-(?:figures|words-..)">(.*?)</script>', html, re.DOTALL)
    assert len(bodies) == 3
    assert all(re.fullmatch('"[A-Za-z0-9+/=]+"', body) for body in bodies)


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_any_text_survives_as_data(name):
    element = json_script("x", {"name": name})
    assert element.count("<") == 2
    assert json.loads(element.split(">", 1)[1].rsplit("<", 1)[0]) == {"name": name}


def test_our_scripts_never_make_html_of_text():
    for name in SCRIPTS:
        code = files("geo_bosoc.outputs.page").joinpath("assets", name).read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML\s*=|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", code
        )


def test_a_guarded_cell_gives_no_figure_even_where_one_was_left(small_shown):
    shown = small_shown()
    table = shown.table.copy()
    here = (table["area_id"] == "A06") & (table["indicator"] == "youth_crime") & (table["period"] == "2024")
    assert set(table.loc[here, "status"]) == {"protected"}
    table.loc[here, ["numerator", "unknown"]] = [3, 9871]
    table.loc[here, ["value", "low", "high", "ratio"]] = [0.7771234, 0.6661234, 0.8881234, 98.76]
    html = risk_map(replace(shown, table=table)).get_root().render()
    assert html == risk_map(shown).get_root().render()
    hidden = cell(html_data(html), 1, 2, 5)
    assert {name: part for name, part in hidden.items() if name != "results"} == {
        "status": "protected",
        "base": 61,
    }


def test_public_and_internal_differ_in_the_guarded_cells(small_shown):
    public, internal = (page_data(published_page(small_shown(kind, "da"))) for kind in ("public", "internal"))
    crime = [cell(data, 1, 2, 5) for data in (public, internal)]
    assert {name: crime[0].get(name) for name in ("status", "base", "value", "met")} == {
        "status": "protected", "base": 61, "value": None, "met": None,
    }  # fmt: skip
    assert internal["indicators"][1]["unit"] == "per_1000" and crime[1]["base"] == 61
    assert crime[1]["value"] == round(round(1000 * crime[1]["met"] / 61, 1) * 10)
    assert "INTERNT" in internal["notices"][0]["text"] and "internal" not in str(public["notices"])


def test_legend_counts_each_category_and_its_share(small_shown):
    layer = page_data(published_page(small_shown()))["layers"][0]
    assert counts(layer, 2) == {
        "severely_deprived": 1,
        "deprived": 1,
        "at_risk": 2,
        "outside_risk": 2,
        "too_small": 1,
        "undetermined": 1,
    }
    assert [each.get("beside", False) for each in layer["classes"]] == [False] * 4 + [True] * 2
    assert "{count}" in layer["share_note"]


def test_an_area_without_a_row_is_not_assessed(small_shown):
    shown = small_shown()
    categories = shown.categories[shown.categories["area_id"] != "A05"]
    layer = page_data(published_page(replace(shown, categories=categories)))["layers"][0]
    drawn = layer["classes"][layer["drawn"][2][4]]
    assert drawn["label"] == "Ikke vurderet" and drawn["colour"] == WITHOUT_FIGURE[""].colour


def test_periods_without_figures_and_empty_names(small_shown):
    shown = small_shown()
    areas = shown.areas.assign(name=["", None, "Ens", "Ens", *shown.areas["name"][4:]])
    data = page_data(
        published_page(
            replace(shown, areas=areas, context={}, table=shown.table[shown.table["area_id"] != "A05"])
        )
    )
    assert [area["name"] for area in data["areas"][:4]] == ["A01", "A02", "Ens (A03)", "Ens (A04)"]
    assert cell(data, 0, 0, 4) == {"status": "missing", "results": ["0 af 3 point"]}


def test_moved_by_in_words(small_shown):
    drawn_words = page_data(published_page(small_shown()))["models"][0]["panel"]
    assert drawn_words[1][1]["before"]["moved"] == [
        ["Uden for arbejdsmarkedet", "+1"],
        ["Utrygge beboere", "+1"],
    ]
    assert drawn_words[1][1]["before"]["label"] == "Risikoområde"
    assert (
        drawn_words[2][7]["unsettled"] == ["Utrygge beboere"] and drawn_words[2][7]["points"] == "2–5 point"
    )
    assert "before" not in drawn_words[0][0]


def test_full_time_persons_and_unknowns_in_the_counts(small_shown):
    shown = small_shown("internal", "en")
    first = shown.indicators[0]
    for rule, met, base in (("exclude", 738.5, 1487), ("met", 745.5, 1494), ("not_met", 738.5, 1494)):
        table = shown.table.copy()
        here = (table["area_id"] == "A01") & (table["indicator"] == first.id) & (table["period"] == "2024")
        table.loc[here, "numerator"] = 7_385_000
        changed = first.model_copy(update={"scale": 10_000, "unknown": rule})
        data = page_data(
            published_page(replace(shown, table=table, indicators=(changed, *shown.indicators[1:])))
        )
        numbers = cell(data, 0, 2, 0)
        assert (numbers["met"], numbers["base"], numbers["unknown"]) == (met, base, 7)


def test_geometry_keeps_shared_borders_and_its_place(small_shown):
    shown = small_shown()
    data = page_data(published_page(shown))
    drawn = gpd.GeoSeries(drawn_areas(data["borders"], data["areas"]), crs=4326)
    assert shown.areas.hausdorff_distance(drawn.to_crs(25832), align=False).max() <= TOLERANCE
    lines = [{max(each, ~each) for ring in area["rings"][0] for each in ring} for area in data["areas"]]
    assert len(lines[0] & lines[1]) == 1
    assert len(data["areas"][2]["rings"]) == 2


def test_holes_and_closing_points():
    ring = Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (1, 2), (2, 2), (2, 1)]])
    polygons = encode(ring)
    assert [len(numbers) // 2 for numbers in polygons[0]] == [4, 4]
    assert polygons[0][0][:4] == [0, 0, 4_000_000, 0]


def test_context_is_told_apart(small_shown):
    shown = small_shown()
    layers = context_layers(
        {**shown.context, "points": gpd.GeoDataFrame(geometry=[Point(5e5, 6.2e6)], crs=25832)}, shown.areas
    )
    assert [layer["role"] for layer in layers] == ["land", "water", "water", "line"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 100, allow_nan=False), max_size=60), st.integers(0, 1))
def test_every_class_has_a_value(values, decimals):
    limits = class_limits(values, decimals)
    assert limits == sorted(set(limits)) and len(limits) <= 4
    if values:
        taken = np.searchsorted(limits, values, side="right")
        assert set(taken) == set(range(len(limits) + 1))


def test_colours_stay_apart_without_colour():
    drops = np.diff([lightness(colour) for colour in SEQUENTIAL])
    assert (drops < -9).all()
    assert [fill.colour for fill in steps(5, reverse=True)] == list(reversed(SEQUENTIAL))
    hatches = [fill.hatch for fill in category_fills(["#111111"] * 7)]
    assert len(set(hatches)) == 7
    for fill in WITHOUT_FIGURE.values():
        red, green, blue = (int(fill.colour[start : start + 2], 16) for start in (1, 3, 5))
        assert max(red, green, blue) - min(red, green, blue) < 20 and lightness(fill.colour) < 90


def test_the_scripts_use_words_of_the_catalogue(small_shown):
    code = "".join(
        files("geo_bosoc.outputs.page").joinpath("assets", name).read_text(encoding="utf-8")
        for name in SCRIPTS
    )
    spoken = {*page_words(published_page(small_shown()))["words"]}
    assert set(re.findall(r'word\("(\w+)"[),]', code)) <= spoken


def test_dates_of_all_kinds(small_shown):
    shown = small_shown("public", "en")
    sources = shown.sources.assign(status_date=pd.Timestamp("2024-03-05"))
    assert (
        page_data(published_page(replace(shown, sources=sources)))["about"]["sources"][2][0][3]
        == "5 Mar 2024"
    )
