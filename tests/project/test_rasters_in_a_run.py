"""Raster registers in a run: read once, counted with the others, in models, outputs and messages as any figure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio
from numpy.typing import NDArray
from page_data import cell, html_data
from rasterio import Affine
from small_projects import points_model, write_small_project

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse, load_project
from geo_bosoc.project.describe_file import describe_file
from geo_bosoc.project.run import check_project, run_project

WEST, SOUTH, SIDE = 575_000, 6_224_000, 1_000
"""Area A is the square of a kilometre from here, B the one east of it."""
CELL = 50
REGISTER = """
[registers.noise]
path = "noise_{period}.tif"
unit = "raster"
status_date = "{year}-06-30"
source = "Opdigtet støj"
"""
NOISE = '{ register = "noise" }'
INDICATORS = f"""
[[indicator]]
id = "noisy"
label_da = "Støj over 58 dB"
label_en = "Noise over 58 dB"
denominator = {NOISE}
numerator = {{ where = "value >= 58" }}
carry_forward = 2

[[indicator]]
id = "noise"
label_da = "Støj"
label_en = "Noise"
denominator = {NOISE}
mean_of = "value"
unit = "mean"
carry_forward = 2

[[indicator]]
id = "loudest"
label_da = "Støj, 90 %"
label_en = "Noise, 90 %"
denominator = {NOISE}
mean_of = "value"
quantile = 0.9
unit = "mean"
carry_forward = 2
"""


def raster(path: Path, band: NDArray[Any], **profile: Any) -> None:
    """A north-up raster from the north-west corner of A."""
    settings = {"driver": "GTiff", "crs": "EPSG:25832", "dtype": band.dtype, "count": 1, **profile}
    settings.setdefault("transform", Affine(CELL, 0, WEST, 0, -CELL, SOUTH + SIDE))
    with rasterio.open(path, "w", height=band.shape[0], width=band.shape[1], **settings) as file:
        file.write(band, 1)


def noise(loud: int) -> NDArray[np.uint8]:
    """60 dB in the `loud` westernmost columns of A, 50 in its others; 70 in B, its last five columns without data."""
    band = np.full((20, 40), 50, np.uint8)
    band[:, :loud], band[:, 20:], band[:, 35:] = 60, 70, 255
    return band


def project(folder: Path, *, registers: str = REGISTER, indicators: str = INDICATORS, **more: Any) -> Path:
    raster(folder / "noise_2022.tif", noise(5), nodata=255)
    raster(folder / "noise_2024.tif", noise(10), nodata=255)
    more.setdefault("periods", ("2023", "2024"))
    return write_small_project(folder, registers=registers, indicators=indicators, areas="AB", **more)


def figures(folder: Path) -> pd.DataFrame:
    return analyse(folder, report=Report()).table.set_index(["indicator", "period", "area_id"])


def test_shares_means_and_quantiles_of_two_years(tmp_path: Path) -> None:
    table = figures(project(tmp_path))
    value = table["value"].to_dict()
    assert value["noisy", "2023", "A"] == 0.25 and value["noisy", "2024", "A"] == 0.5
    assert value["noise", "2023", "A"] == 52.5 and value["noise", "2024", "A"] == 55
    assert value["noise", "2024", "B"] == 70
    assert value["loudest", "2024", "A"] == 60
    assert set(table["data_period"].loc[:, "2023"]) == {"2022"}


def test_what_has_no_data_is_unknown_and_nothing_has_an_interval(tmp_path: Path) -> None:
    table = figures(project(tmp_path))
    row = table.loc[("noisy", "2024", "B")]
    assert row["unknown"] / row["denominator"] == 0.25
    assert table[["low", "high"]].isna().all(axis=None)
    assert table.loc["loudest", ["numerator", "denominator"]].isna().all(axis=None)


def test_outputs_tell_date_and_source_and_the_manifest_lists_the_files(tmp_path: Path) -> None:
    folder = project(tmp_path)
    run_project(folder, report=Report())
    table = pd.read_csv(folder / "maps" / "categories.csv", encoding="utf-8-sig")
    rows = table[table["period"] == 2023]
    assert set(rows["noisy_data_period"]) == {2022} and set(rows["noisy_status_date"]) == {"2022-06-30"}
    assert set(rows["noisy_source"]) == {"Opdigtet støj"}
    manifest = json.loads((folder / "maps" / "run.json").read_text(encoding="utf-8"))
    assert {"noise_2022.tif", "noise_2024.tif"} <= {each["name"] for each in manifest["inputs"]}
    page = html_data((folder / "maps" / "risk_map.html").read_text(encoding="utf-8"))
    in_b = cell(page, 0, 1, 1)  # in whole m2
    assert (in_b["base"], in_b["met"], in_b["unknown"]) == (750_000, 750_000, 250_000)


def test_in_a_points_model_like_any_other(tmp_path: Path) -> None:
    folder = project(
        tmp_path, model=points_model({"noise": [55, 65]}, more='measure = "value"', min_points=2)
    )
    results = analyse(folder, report=Report())
    rows = results.categories[results.categories["period"] == "2024"].set_index("area_id")
    assert rows["category"].to_dict() == {"A": "fine", "B": "poor"}


RULES = """
kind = "rules"
[[criterion]]
indicator = "noise"
measure = "value"
operator = ">="
threshold = 65
"""
INDEX = """
kind = "index"
[index]
normalise = "minmax"
shares = [0.5, 0.5]
[[criterion]]
indicator = "noise"
"""


@pytest.mark.parametrize("kind", [RULES, INDEX])
def test_in_models_of_rules_and_in_an_index(tmp_path: Path, kind: str) -> None:
    rule = '[[category.rule]]\nrequires = ["noise"]\n' if kind is RULES else ""
    labels = 'label_da = "Prøve"\nlabel_en = "Trial"\ncolour = "#111111"\n'
    categories = f'[[category]]\nid = "poor"\n{labels}{rule}[[category]]\nid = "fine"\n{labels}'
    folder = project(tmp_path, model=f'id = "m"\nversion = "1"\n{kind}{categories}')
    results = analyse(folder, report=Report())
    rows = results.categories[results.categories["period"] == "2024"].set_index("area_id")
    assert rows["category"].to_dict() == {"A": "fine", "B": "poor"}


def test_check_tells_what_run_does(tmp_path: Path) -> None:
    folder = project(tmp_path, registers=REGISTER.replace("noise_{period}", "absent_{period}"))
    told: list[list[str]] = []
    for command in (check_project, run_project):
        with pytest.raises(InputError) as error:
            command(folder, report=Report())
        told.append([problem.message for problem in error.value.problems])
    assert told[0] == told[1] and "no file fits this pattern" in told[0][0]


def test_a_damaged_cell_is_told_by_check_too(tmp_path: Path) -> None:
    folder = project(tmp_path)
    content = (folder / "noise_2024.tif").read_bytes()
    (folder / "noise_2024.tif").write_bytes(content[:-400])
    for command in (check_project, run_project):
        with pytest.raises(InputError) as error:
            command(folder, report=Report())
        assert len(error.value.problems) == 1


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('place = "xy"', "leave out place"),
        ('id = "cell"', "leave out id"),
        ('where = "value > 3"', "leave out where"),
        ('missing = ["none"]', "a raster holds numbers"),
        ('rule = "touch"', "rule"),
    ],
)
def test_keys_that_make_no_sense_with_a_raster(tmp_path: Path, line: str, text: str) -> None:
    folder = project(tmp_path, registers=REGISTER + line)
    with pytest.raises(InputError) as error:
        load_project(folder)
    assert [text in str(problem) for problem in error.value.problems] == [True]


def test_keys_of_rasters_belong_to_rasters(tmp_path: Path) -> None:
    registers = '[registers.persons]\npath = "p.csv"\nunit = "person"\nband = 2\n'
    folder = project(tmp_path, registers=registers)
    with pytest.raises(InputError, match="band belongs to rasters"):
        load_project(folder)


@pytest.mark.parametrize(
    ("registers", "indicators", "text"),
    [
        (REGISTER + "band = 2", INDICATORS, 'no band "2"'),
        (REGISTER + 'distance_to = "valu = 3"', INDICATORS, "valu"),
        (REGISTER + 'distance_to = "value = 3"', INDICATORS, "no cell of the raster meets value = 3"),
        (REGISTER, INDICATORS.replace("value >= 58", "value = 'loud'"), "loud"),
        (REGISTER + 'period = "year"', INDICATORS, "is no year or quarter"),
        (REGISTER + 'crs = "EPSG:4326"', INDICATORS, "covers none of the areas"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, registers: str, indicators: str, text: str) -> None:
    folder = project(tmp_path, registers=registers, indicators=indicators)
    with pytest.raises(InputError, match=text):
        analyse(folder, report=Report())


def test_a_raster_without_a_year_stands_for_those_of_the_run(tmp_path: Path) -> None:
    folder = project(tmp_path, registers=REGISTER.replace("noise_{period}", "noise_2024"))
    report = Report()
    value = analyse(folder, report=report).table.set_index(["indicator", "period", "area_id"])["value"]
    assert value["noisy", "2023", "A"] == value["noisy", "2024", "A"] == 0.5
    assert [each for each in report.problems if "stands for every period" in each.message]


def test_a_rasters_square_metres_over_the_people_of_a_table(tmp_path: Path) -> None:
    table = "area_id;period;antal\nA;2024;500\nB;2024;1000\n"
    (tmp_path / "people.csv").write_text(table, encoding="utf-8")
    registers = REGISTER + '[registers.people]\npath = "people.csv"\nunit = "count"\n'
    indicators = """
[[indicator]]
id = "loud_m2"
label_da = "Støjramte m2 pr. beboer"
label_en = "Noisy m2 per resident"
denominator = { register = "people", sum = "antal" }
numerator = { register = "noise", where = "value >= 58" }
unit = "mean"
"""
    table_of_run = figures(project(tmp_path, registers=registers, indicators=indicators, periods=("2024",)))
    assert table_of_run.loc[("loud_m2", "2024", "A"), "value"] == 1000
    assert table_of_run.loc[("loud_m2", "2024", "B"), "value"] == 750


def test_describe_says_bands_and_values(tmp_path: Path) -> None:
    project(tmp_path)
    text = describe_file(tmp_path / "noise_2022.tif").splitlines()
    assert text[0] == "noise_2022.tif: a raster (GTiff), 40 x 20 cells of 50 x 50 m, EPSG:25832"
    assert text[1] == (
        "  band 1: whole numbers; the values 50, 60, 70; 87.5 % of the cells have a value; 255 is no data"
    )
    raster(tmp_path / "turned.tif", np.ones((2, 2)), transform=Affine(8, 6, WEST, 6, -8, SOUTH))
    assert "rotated" in describe_file(tmp_path / "turned.tif").splitlines()[1]
