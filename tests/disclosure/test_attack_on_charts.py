"""Lines of bands in the charts of a page: the attack finds one that no published reference puts there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from page_data import html_data, tampered
from small_results import published_results
from written_sets import World, write_set

from geo_bosoc.disclosure.attack import read_set
from geo_bosoc.models import load_model
from geo_bosoc.outputs.csv_tables import write_categories_csv, write_criteria_csv
from geo_bosoc.outputs.manifest import write_manifest
from geo_bosoc.outputs.page.risk_map import write_risk_map

COUNTS = {
    ("1", "2024", "crime"): (3, 20),
    ("1", "2024", "safety"): (17, 40),
    ("2", "2024", "crime"): (0, 30),
    ("2", "2024", "safety"): (12, 100),
}


def written(folder: Path, crime: int) -> tuple[Path, Path]:
    """A set in which `crime` of the municipality's thousand count, and its model."""
    model = write_set(World(COUNTS, {("2024", name): 1 for name in ("crime", "safety")}), folder / "model")
    shown = published_results(COUNTS, load_model(model), {"crime": crime, "safety": 150})
    page = folder / "set" / "risk_map.html"
    page.parent.mkdir()
    write_categories_csv(shown, page.with_name("categories.csv"))
    write_criteria_csv(shown, page.with_name("criteria.csv"))
    write_manifest(shown, page.with_name("run.json"))
    write_risk_map(shown, page)
    return page, model


def leaks(page: Path, model: Path) -> set[tuple[str, str]]:
    """What the attack finds in the page: rows and fields."""
    every = read_set(page.parent, models=[model]).leaks
    return {(leak.row, leak.field) for leak in every if leak.file == page.name}


def plant(page: Path, value: int) -> None:
    """Put the first line of crime elsewhere."""

    def change(figures: dict[str, Any], words: dict[str, Any]) -> None:
        figures["indicators"][0]["cuts"][0]["values"] = [value]

    page.write_text(tampered(page.read_text(encoding="utf-8"), change), encoding="utf-8")


def test_a_line_on_a_suppressed_figure_is_found(tmp_path: Path) -> None:
    page, model = written(tmp_path, 100)
    cuts = html_data(page.read_text(encoding="utf-8"))["indicators"][0]["cuts"]
    assert [cut["values"] for cut in cuts] == [[125], [175], [250]]  # of 10.0 %
    assert leaks(page, model) == set()
    plant(page, 150)  # 3 of 20
    assert leaks(page, model) == {("2024, crime", "cuts")}


def test_there_is_no_line_of_a_hidden_reference_and_a_planted_one_is_found(tmp_path: Path) -> None:
    page, model = written(tmp_path, 3)
    cuts = html_data(page.read_text(encoding="utf-8"))["indicators"][0]["cuts"]
    assert [cut["values"] for cut in cuts] == [[None]] * 3
    assert leaks(page, model) == set()
    plant(page, 4)  # 1.25 times 3 of 1,000
    assert leaks(page, model) == {("2024, crime", "cuts")}
