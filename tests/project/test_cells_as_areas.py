"""Cells of the square grid as the assessed areas: a table without coordinates, and minima by households. Made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse, load_project, run_project
from geo_bosoc.project.inputs import files_without_persons, input_files
from geo_bosoc.rasters import cell_ids

PROJECT = """
[project]
name = "Prøve"
municipality = "0999"
made_up = true

[boundaries.areas]
path = "cells.csv"
cell = "KN100mDK"

[registers.cells]
path = "cells.csv"
unit = "count"
area = "KN100mDK"
period = "aar"
reference_row = "I alt"

[indicators]
file = "indicators.toml"

[model]
path = "model.toml"

[disclosure]
policy = "map-households"
"""
INDICATORS = """
[[indicator]]
id = "households"
label_da = "Husstande"
unit = "count"
direction = "neutral"
denominator = { register = "cells", sum = "husstande" }

[[indicator]]
id = "benefits"
label_da = "På ydelse"
denominator = { register = "cells", sum = "personer" }
numerator = { register = "cells", sum = "ydelse" }
"""
MODEL = """
id = "small"
version = "1"
kind = "points"

[[criterion]]
indicator = "benefits"
bands = [1.0]

[[category]]
id = "poor"
label_da = "Udsat"
colour = "#aa3333"
min_points = 1

[[category]]
id = "fine"
label_da = "Ikke udsat"
colour = "#33aa33"
"""
SIDE = 17


def cells() -> pd.DataFrame:
    """A square of cells, with 1 to 193 households in a cell, and the table's own total."""
    number = np.arange(SIDE * SIDE)
    households = 1 + (number * 37) % 193
    table = pd.DataFrame(
        {
            "KN100mDK": cell_ids(574_900 + 100 * (number % SIDE), 6_223_600 + 100 * (number // SIDE)),
            "aar": 2024,
            "husstande": households,
            "personer": 2 * households,
            "ydelse": households // 3,
        }
    )
    total = table[["aar", "husstande", "personer", "ydelse"]].sum().to_dict() | {
        "KN100mDK": "I alt",
        "aar": 2024,
    }
    return pd.concat([table, pd.DataFrame([total])], ignore_index=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cells")
    cells().to_csv(folder / "cells.csv", sep=";", index=False)
    for name, text in (("bosoc", PROJECT), ("indicators", INDICATORS), ("model", MODEL)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_table_of_cells_runs_whole_with_minima_by_households(folder: Path) -> None:
    report = Report()
    run_project(folder / "bosoc.toml", report=report)
    assert not report.errors
    maps = folder / "maps"
    table = pd.read_csv(maps / "categories.csv", sep=";", decimal=",", encoding="utf-8-sig")
    table = table[table["area_id"].str.startswith("100m_")]
    truth = cells().set_index("KN100mDK").loc[table["area_id"], "husstande"].to_numpy()
    shown = table["benefits_value"].notna().to_numpy()
    assert len(table) == SIDE**2 and not shown[truth < 50].any() and shown[truth >= 50].mean() > 0.9
    counted = table["households_value"].notna().to_numpy()
    assert not counted[truth < 20].any() and counted[(truth >= 20) & (truth < 50)].mean() > 0.9
    layer = pyogrio.read_dataframe(maps / "categories.gpkg", layer="categories_2024")
    assert (layer.area.round() == 10_000).all() and set(layer["area_id"]) == set(table["area_id"])
    assert {"risk_map.html", "categories.xlsx"} <= {file.name for file in maps.iterdir()}


def test_the_tables_own_total_is_the_municipality(folder: Path) -> None:
    references = analyse(folder / "bosoc.toml", report=Report()).reference_areas
    rows = references[references["indicator"] == "households"].set_index("area_id")["denominator"]
    assert rows["@municipality"] == rows["@areas"] == cells()["husstande"][:-1].sum()


def test_the_file_is_named_once_and_its_size_is_not_public(folder: Path) -> None:
    project = load_project(folder)
    assert input_files(project).count(folder / "cells.csv") == 1
    assert folder / "cells.csv" not in files_without_persons(project)


def test_cells_say_their_coordinates_themselves(folder: Path, tmp_path: Path) -> None:
    text = PROJECT.replace('cell = "KN100mDK"', 'cell = "KN100mDK"\ncrs = "EPSG:25832"')
    (tmp_path / "bosoc.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="leave id and crs out"):
        load_project(tmp_path)


def test_cells_as_a_layer_of_context_and_as_an_outline(folder: Path, tmp_path: Path) -> None:
    for name in ("indicators.toml", "model.toml", "cells.csv"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    layers = '[boundaries.grid]\npath = "cells.csv"\ncell = "KN100mDK"\nwhere = "husstande > 100"\n'
    layers += 'label_da = "Celler"\n\n[boundaries.municipality]\npath = "cells.csv"\ncell = "KN100mDK"\n'
    (tmp_path / "bosoc.toml").write_text(PROJECT + layers, encoding="utf-8")
    results = analyse(tmp_path / "bosoc.toml", report=Report())
    table = cells()[:-1]
    assert len(results.context["grid"]) == (table["husstande"] > 100).sum()
    assert len(results.context["municipality"]) == SIDE**2
