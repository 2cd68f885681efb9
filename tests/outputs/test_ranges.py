"""Categories that are told as ranges: in words, counted, striped, and never as the id alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pyogrio
import pytest
from ranges_shown import OF_THREE, OF_TWO, with_ranges

from geo_bosoc.disclosure.policy import UNSUPPRESSED
from geo_bosoc.disclosure.results import Edition, PublishedResults
from geo_bosoc.outputs.csv_tables import (
    categories_table,
    criteria_table,
    read_categories_csv,
    write_categories_csv,
)
from geo_bosoc.outputs.geopackage.write import write_geopackage
from geo_bosoc.outputs.manifest import write_manifest
from geo_bosoc.outputs.texts import category_class, category_counts, class_word, classes_in_order, possible_of
from geo_bosoc.outputs.workbook.write import write_workbook
from geo_bosoc.project.run import Outcome

Maker = Callable[..., PublishedResults]
TWO = {"da": "Udsat eller Særligt udsat", "en": "Deprived or Severely deprived"}
THREE = {
    "da": "Risikoområde, Udsat eller Særligt udsat",
    "en": "Risk area, Deprived or Severely deprived",
}


def words_of(results: PublishedResults, *ids: str) -> str:
    """The words of categories in the model's own labels, mildest first, as a range has them."""
    labels = [results.models[0].category_label(name, results.language) for name in ids]
    last = {"da": "eller", "en": "or"}[results.language]
    return f"{', '.join(labels[:-1])} {last} {labels[-1]}"


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_table_tells_the_words_and_keeps_the_ids(
    small_shown: Maker, tmp_path: Path, language: str
) -> None:
    shown = with_ranges(small_shown("public", language))
    table = categories_table(shown).set_index(["area_id", "period"])
    of_two, of_three = table.loc[("A01", "2024")], table.loc[("A02", "2024")]
    assert of_two["category"] == "range" and of_two["possible"] == OF_TWO
    assert of_two["category_label"] == words_of(shown, "deprived", "severely_deprived")
    assert of_three["category_label"] == words_of(shown, "at_risk", "deprived", "severely_deprived")
    assert list(table.columns).count("possible") == 1
    assert table.at[("A03", "2024"), "category_before"] == ""
    write_categories_csv(shown, tmp_path / "c.csv")
    pd.testing.assert_frame_equal(read_categories_csv(tmp_path / "c.csv"), categories_table(shown))


def test_classes_are_named_and_put_in_order(small_shown: Maker) -> None:
    model = small_shown().models[0]
    two, three = category_class("range", OF_TWO), category_class("range", OF_THREE)
    names = classes_in_order(model, [three, "undetermined", two, "too_small", "at_risk"])
    assert names == [*(each.id for each in model.category), two, three, "too_small", "undetermined"]
    assert class_word(model, two, "da") == TWO["da"]
    assert class_word(model, "too_small", "en") == "Too small to be assessed"
    assert class_word(model, category_class("range", None), "da") == "skjult"
    assert possible_of(two) == OF_TWO.split(", ") and possible_of("deprived") is None
    assert possible_of("range") is None


def test_the_run_counts_ranges_by_what_they_lie_between(small_shown: Maker, tmp_path: Path) -> None:
    shown = with_ranges(small_shown())
    counts = category_counts(shown)["aarhus-2018"]
    assert counts["2024"][f"range:{OF_TWO}"] == 1 and counts["2024"][f"range:{OF_THREE}"] == 1
    assert f"range:{OF_THREE}" not in counts["2023"] and sum(counts["2024"].values()) == 8
    write_manifest(shown, tmp_path / "run.json")
    manifest = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert manifest["categories"]["aarhus-2018"] == counts
    hidden = int((shown.table["status"] == "protected").sum())
    disclosure = {"policy": "five", "minimum": 5, "least": 2, "suppressed_cells": hidden, "ranges": 3}
    assert manifest["disclosure"].items() >= disclosure.items()


def test_the_console_counts_what_is_published(small_shown: Maker, tmp_path: Path) -> None:
    true, shown = small_shown(), with_ranges(small_shown())
    summary = Outcome(true, tmp_path, (), published=shown).summary()
    assert "1 Udsat eller Særligt udsat" in summary and "range" not in summary
    line = next(line for line in summary.splitlines() if line.startswith("aarhus-2018 2024"))
    numbers = [int(part.split()[0]) for part in line.partition(": ")[2].split(", ") if part[0].isdigit()]
    assert sum(numbers) == 8


@pytest.fixture
def book(small_shown: Maker, tmp_path: Path) -> Any:
    write_workbook(with_ranges(small_shown()), tmp_path / "c.xlsx")
    return openpyxl.load_workbook(tmp_path / "c.xlsx")


def cell_of(sheet: Any, text: str) -> Any:
    return next(cell for row in sheet.iter_rows() for cell in row if cell.value == text)


def test_the_workbook_has_words_stripes_and_a_count(book: Any, small_shown: Maker) -> None:
    shown = small_shown()
    colours = {each.id: f"FF{each.colour[1:].upper()}" for each in shown.models[0].category}
    three = words_of(shown, "at_risk", "deprived", "severely_deprived")
    for sheet in ("Oversigt", "Kategorier", "2024"):
        fill = cell_of(book[sheet], TWO["da"]).fill
        assert fill.patternType == "lightUp"
        assert fill.fgColor.rgb == colours["severely_deprived"] and fill.bgColor.rgb == colours["deprived"]
        assert cell_of(book[sheet], three).fill.bgColor.rgb == colours["at_risk"]
        assert not any(cell.value == "range" for row in book[sheet].iter_rows() for cell in row)
    row = cell_of(book["Oversigt"], TWO["da"]).row
    periods = [cell.value for cell in book["Oversigt"][cell_of(book["Oversigt"], "Kategori").row]]
    values = [cell.value for cell in book["Oversigt"][row]]
    assert dict(zip(periods[1:], values[1:], strict=True)) == {"2022": 0, "2023": 1, "2024": 1}
    for sheet in ("Oversigt", "Læs mig"):
        texts = [str(cell.value) for row in book[sheet].iter_rows() for cell in row]
        assert (
            sum(text.startswith("3 af ") and "vises som to eller flere mulige" in text for text in texts) == 1
        )


def test_points_of_a_range_are_a_range_or_nothing(book: Any) -> None:
    cell = cell_of(book["2024"], TWO["da"])
    assert cell.offset(0, 1).value == "7-10"
    assert not any(cell.value == "Kan være" for row in book["Kategorier"].iter_rows() for cell in row), (
        "the word of the category says it already"
    )


def test_a_result_without_ranges_says_nothing_of_them(small_shown: Maker, tmp_path: Path) -> None:
    write_workbook(small_shown(), tmp_path / "c.xlsx")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    texts = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not any("to eller flere mulige" in text for text in texts)
    write_geopackage(small_shown(), tmp_path / "c.gpkg")
    assert 'attr="category"' in style_of(tmp_path / "c.gpkg", "categories_2024")


def style_of(file: Path, layer: str) -> str:
    with sqlite3.connect(file) as base:
        query = "SELECT styleQML FROM layer_styles WHERE f_table_name = ? AND useAsDefault"
        return str(base.execute(query, (layer,)).fetchone()[0])


def test_the_geopackage_draws_each_range_striped(small_shown: Maker, tmp_path: Path) -> None:
    shown, file = with_ranges(small_shown()), tmp_path / "c.gpkg"
    write_geopackage(shown, file)
    layer = pyogrio.read_dataframe(file, layer="categories_2024").set_index("area_id")
    assert layer.at["A01", "category"] == "range" and layer.at["A01", "category_label"] == TWO["da"]
    assert layer.at["A01", "possible"] == OF_TWO and pd.isna(layer.at["A01", "points"])
    style = ElementTree.fromstring(style_of(file, "categories_2024").split("\n", 1)[1])
    renderer = style.find("renderer-v2")
    assert renderer is not None
    labels = {each.get("value"): each.get("label") for each in renderer.iter("category")}
    assert labels[f"range:{OF_TWO}"] == f"{TWO['da']} (1)"
    # The expression gives each feature the value of its class: SQLite reads it as QGIS does.
    with sqlite3.connect(file) as base:
        query = f"SELECT area_id, {renderer.get('attr')} FROM categories_2024"
        classes = dict(base.execute(query).fetchall())
    assert classes["A01"] == f"range:{OF_TWO}" and classes["A02"] == f"range:{OF_THREE}"
    assert set(classes.values()) <= set(labels)
    number = next(
        each.get("symbol") for each in renderer.iter("category") if each.get("value") == classes["A02"]
    )
    symbol = next(each for each in renderer.iter("symbol") if each.get("name") == number)
    bands = [each for each in symbol.findall("layer") if each.get("class") == "LinePatternFill"]
    colours = [
        {each.get("name"): each.get("value") for each in band.find("Option") or ()}["color"] for band in bands
    ]
    model = {each.id: each.colour for each in shown.models[0].category}
    rgb = [
        ",".join(str(int(model[name][i : i + 2], 16)) for i in (1, 3, 5)) + ",255"
        for name in OF_THREE.split(", ")
    ]
    assert colours[:2] == rgb[1:] and len(bands) == 3
    assert f"range:{OF_THREE}" not in style_of(file, "categories_2023")


def test_the_internal_set_tells_why_and_how_many_counts_are_left(small_shown: Maker, tmp_path: Path) -> None:
    cell = ("A01", "2024", "youth_crime")
    inside = replace(
        with_ranges(small_shown("internal")),
        edition=Edition("internal"),
        left={cell: 3},
        reasons={cell: "small_count"},
    )
    rows = criteria_table(inside).set_index(["area_id", "period", "indicator"])
    assert rows.at[cell, "possible_counts"] == 3 and rows.at[cell, "suppressed_because"] == "small_count"
    other = rows.loc[("A02", "2024", "youth_crime")]
    assert pd.isna(other["possible_counts"]) and other["suppressed_because"] == "other_period"
    assert (
        rows.loc[rows["status"] != "protected", ["possible_counts", "suppressed_because"]]
        .isna()
        .all(axis=None)
    )
    write_workbook(inside, tmp_path / "c.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx")["Kriterier"]
    assert cell_of(sheet, "Skjult fordi") and cell_of(sheet, "Mulige værdier for udenforstående")
    assert cell_of(sheet, "tallet eller resten er 1-4").offset(0, 1).value == 3
    for other_set in (with_ranges(small_shown()), replace(inside, edition=Edition("internal", UNSUPPRESSED))):
        assert not {"possible_counts", "suppressed_because"} & set(criteria_table(other_set).columns)
