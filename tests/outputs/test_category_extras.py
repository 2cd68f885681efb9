"""Tables, workbook and manifest with several models: origin told, categories side by side, how sure they are."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.csv_tables import (
    categories_table,
    read_categories_csv,
    write_categories_csv,
    write_criteria_csv,
)
from geo_bosoc.outputs.manifest import write_manifest
from geo_bosoc.outputs.workbook.write import write_workbook

Maker = Callable[..., PublishedResults]


def rows_of(book: Any, name: str, head: str) -> Iterator[dict[str, Any]]:
    rows = [[cell.value for cell in row] for row in book[name].iter_rows()]
    top = next(number for number, row in enumerate(rows) if row[0] == head)
    for row in rows[top + 1 :]:
        if row[0] is None:
            return
        yield dict(zip(rows[top], row, strict=True))


def test_the_new_columns_stand_behind_those_agreed_on(rules_shown: Maker, tmp_path: Path) -> None:
    write_categories_csv(rules_shown(), tmp_path / "c.csv")
    rows = list(
        csv.DictReader((tmp_path / "c.csv").read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    )
    columns = list(rows[0])
    assert columns[columns.index("non_western_status") + 1 :] == [
        "undetermined_by", "possible", "assumed", "small_base", "held", "change_by_chance", "socioeconomic",
        "socioeconomic_label", "is_transformation", "is_parallel", "is_vulnerable", "is_watched",
    ]  # fmt: skip
    told = {(row["area_id"], row["model"]): row for row in rows if row["period"] == "2024"}
    one = told["A01", "national-test"]
    assert one["category_label"] == "Omdannelsesområde" and one["socioeconomic_label"] == "Udsat boligområde"
    assert [one[f"is_{name}"] for name in ("transformation", "parallel", "vulnerable", "watched")] == [
        "ja"
    ] * 4
    assert (
        told["A08", "national-test"]["is_watched"] == "uafklaret"
        and told["A03", "national-test"]["is_vulnerable"] == "nej"
    )
    assert (
        told["A01", "aarhus-2018"]["is_watched"] == "" and told["A01", "aarhus-2018"]["socioeconomic"] == ""
    )


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("output_set", ["public", "internal"])
def test_it_reads_back_the_same(rules_shown: Maker, tmp_path: Path, output_set: str, language: str) -> None:
    shown = rules_shown(output_set, language)
    write_categories_csv(shown, tmp_path / "c.csv")
    pd.testing.assert_frame_equal(read_categories_csv(tmp_path / "c.csv"), categories_table(shown))
    assert ("smallest_change" in categories_table(shown)) is (output_set == "internal")
    write_criteria_csv(shown, tmp_path / "k.csv")
    text = (tmp_path / "k.csv").read_text(encoding="utf-8-sig")
    assert ("af de " if language == "da" else " of the ") in text
    assert ("flere, og" in text or "more, and" in text) is (output_set == "internal")


def test_the_workbook_tells_it(rules_shown: Maker, tmp_path: Path) -> None:
    write_workbook(rules_shown(), tmp_path / "c.xlsx")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    assert book.sheetnames[:8] == [
        "Årets resultat", "Ændringer", "Oversigt", "Kategorier", "Bag kategorien", "Hver kategori for sig",
        "Årets resultat aarhus-2018", "Ændringer aarhus-2018",
    ]  # fmt: skip
    of_origin = ("Læs mig", "Årets resultat", "Ændringer", "Oversigt", "Kategorier", "Bag kategorien")
    for name, expected in (*((name, 1) for name in of_origin), ("Kategorier aarhus-2018", 0)):
        texts = [str(cell.value) for row in book[name].iter_rows() for cell in row]
        assert sum("C-417/23" in text for text in texts) == expected, name
    rows = {row["Område"]: row for row in rows_of(book, "Bag kategorien", "Område")}
    names = dict(zip(rules_shown().areas["area_id"], rules_shown().areas["name"], strict=True))
    first = rows[names["A01"]]
    assert first["Kategori uden herkomst"] == "Udsat boligområde"
    assert first["Kategorien holdt i trækninger"] == 1
    assert rows[names["A08"]]["Kan være"].startswith("Omdannelsesområde, Parallelsamfund")
    assert "Mindste ændring til en anden kategori" not in first
    assert "Point" not in next(rows_of(book, "Kategorier", "Område"))
    flags = [row for row in rows_of(book, "Hver kategori for sig", "Periode") if row["Periode"] == "2024"]
    assert flags[1]["Udsat boligområde"] == "ja" and flags[1]["Parallelsamfund"] == "nej"
    assert flags[-1]["Afgøres af"].startswith("Omdannelsesområde: Utryghed, listen for 2023; ")
    period = next(iter(rows_of(book, "2024", "Område-id")))
    assert (
        period["Kategori national-test"] == "Omdannelsesområde"
        and period["Kategori aarhus-2022"]
        == "Udsat eller Særligt udsat"  # the municipality's figure is hidden
    )
    assert period["Kategori uden herkomst national-test"] == "Udsat boligområde"
    assert "Point aarhus-2018" in period and "Point national-test" not in period
    sentences = [row["Forklaring"] for row in rows_of(book, "Kriterier", "Periode")]
    assert all(sentences) and any(sentence.endswith(": skjult.") for sentence in sentences)


def test_the_internal_workbook_has_the_smallest_changes(rules_shown: Maker, tmp_path: Path) -> None:
    write_workbook(rules_shown("internal", "en"), tmp_path / "c.xlsx")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    name = rules_shown().areas.set_index("area_id").at["A01", "name"]
    rows = {row["Area"]: row for row in rows_of(book, "Behind the category", "Area")}
    assert rows[name]["Smallest change to another category"].startswith(
        "Smallest change to another category ("
    )


def test_the_manifest_holds_the_notice(rules_shown: Maker, small_shown: Maker, tmp_path: Path) -> None:
    write_manifest(rules_shown("public", "en"), tmp_path / "run.json")
    told = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert len(told["notices"]) == 1 and "C-417/23" in told["notices"][0]
    assert ["C-417/23" in (model["notice"] or "") for model in told["models"]] == [True, False, False]
    write_manifest(small_shown(), tmp_path / "run.json")
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["notices"] == []
