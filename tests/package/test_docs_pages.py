"""Generated pages of the documentation: every key, every command, every column of the files that a run writes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pyogrio
import pytest
import typer

import geo_bosoc
from geo_bosoc import balance, bottom_up, follow_up, rasters
from geo_bosoc.cli import app
from geo_bosoc.project.reference.keys import FILES, tables_of

HOOKS = Path(__file__).parents[2] / "docs" / "hooks"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    sys.path.insert(0, str(HOOKS))
    from generated import pages as generated

    return generated()


@pytest.fixture(scope="module")
def run_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a run, both sets, on the project that `init` writes."""
    from geo_bosoc.demo.start import write_start
    from geo_bosoc.project import run_project

    folder = tmp_path_factory.mktemp("columns") / "town"
    write_start(folder)
    run_project(folder, internal=True)
    return folder


def test_every_key_of_every_file_is_on_a_page(pages: dict[str, str]) -> None:
    for file, spec in FILES.items():
        for table in tables_of(spec):
            start = table.name.split(".")[0]
            if file == "bosoc" and not start:
                continue
            page = pages[f"reference/bosoc/{start}.md" if file == "bosoc" else f"reference/{file}.md"]
            assert f"`{table.header or 'above all tables'}`" in page
            for key in table.keys:
                if key.example:
                    heading = re.search(rf"^### `{re.escape(key.name)}` .*$", page, re.MULTILINE)
                    assert heading, f"{table.header} {key.name}"
                    assert f"```toml\n{key.example}\n```" in page
                    about = page[heading.end() :].partition("\n### ")[0]
                    assert "*Type:* " in about and ("Default: " in about or "It must be given." in about)
                    assert "*Where it is wrong:* " in about
                else:
                    assert f"[`{key.name}`](#" in page or not table.name, f"{table.header} {key.name}"


def test_every_command_and_option_is_on_a_page(pages: dict[str, str]) -> None:
    root = typer.main.get_command(app.app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        page = pages[f"commands/{name}.md"]
        for parameter in command.params:
            assert all(f"`{option}`" in page for option in parameter.opts if option.startswith("-")), name


def test_every_model_and_indicator_is_on_a_page(pages: dict[str, str]) -> None:
    for model in geo_bosoc.list_models():
        assert all(each.label("da") in pages[f"presets/{model.id}.md"] for each in (model, *model.category))
    for indicator in geo_bosoc.list_indicators():
        assert f"{{#{indicator.id}}}" in pages["presets/indicators.md"]


@pytest.mark.parametrize(
    "namespace", [geo_bosoc, balance, bottom_up, follow_up, rasters, geo_bosoc.segregation]
)
def test_every_public_name_is_in_the_api_reference(namespace: object, pages: dict[str, str]) -> None:
    text = "".join(page for path, page in pages.items() if path.startswith("api/"))
    for name in namespace.__all__:  # type: ignore[attr-defined]
        assert name in ("balance", "bottom_up", "follow_up", "rasters", "segregation") or re.search(
            rf"^::: geo_bosoc\.[\w.]+\.{name}$", text, re.M
        ), name


def without_id(column: str, figures: set[str]) -> str:
    """`health_value` as the page has it, ``<id>_value``."""
    if column.startswith("is_"):
        return "is_<kategori>"
    for figure in sorted(figures, key=len, reverse=True):
        if column.endswith(f"_{figure}"):
            return f"<id>_{figure}"
    return column


def test_every_column_of_a_run_is_on_the_page(pages: dict[str, str], run_files: Path) -> None:
    page = pages["outputs.md"]
    named = set(re.findall(r"`([^`]+)`", page))
    figures = {name.removeprefix("<id>_") for name in named if name.startswith("<id>_")}
    for output_set in ("maps", "maps-internal"):
        folder = run_files / output_set
        assert {path.name for path in folder.iterdir()} <= named
        for name in ("categories.csv", "criteria.csv"):
            for column in pd.read_csv(folder / name, sep=";", encoding="utf-8-sig", nrows=1).columns:
                assert column in named or without_id(column, figures) in named, f"{name}: {column}"
        for layer, _ in pyogrio.list_layers(folder / "categories.gpkg"):
            if layer != "layer_styles":
                for column in pyogrio.read_info(folder / "categories.gpkg", layer=layer)["fields"]:
                    assert column in named or without_id(column, figures) in named, f"{layer}: {column}"


def test_every_sheet_and_heading_of_the_workbook_is_on_the_page(
    pages: dict[str, str], run_files: Path
) -> None:
    page = pages["outputs.md"]
    headings = {
        cell for row in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE) for cell in [row.strip("` ")]
    }
    workbook = openpyxl.load_workbook(run_files / "maps-internal" / "categories.xlsx", read_only=True)
    labels = {row[0] for row in workbook["Indikatorer"].iter_rows(min_row=4, max_col=1, values_only=True)}
    for sheet in workbook:
        if sheet.title == "Læs mig":
            continue
        assert f"### Arket {re.sub(r'^20[0-9]{2}$', '2024', sheet.title)}" in page
        rows = [
            [str(cell) for cell in row if cell is not None]
            for row in sheet.iter_rows(min_row=1, max_row=8, values_only=True)
        ]
        head = next(row for row in rows if len(row) > 1)
        for heading in head:
            plain = re.sub(r"\b20\d\d\b", "2024", heading)
            names = {heading, re.sub(r" \(.*\)$", "", heading)}
            assert plain in headings or names & labels, f"{sheet.title}: {heading}"


def test_what_a_page_would_fetch_is_seen() -> None:
    pytest.importorskip("mkdocs")
    sys.path.insert(0, str(HOOKS))
    from site_checks import fetches

    assert fetches('<script src="https://unpkg.com/x"></script>')
    assert fetches("<link rel='stylesheet' href='//fonts.example/css'>")
    assert fetches("<style>@import 'https://x.example/y.css'</style>")
    assert not fetches(
        '<a href="https://example.org">x</a><script src="assets/a.js"></script><img src="data:,">'
    )
