"""`geo-bosoc init --from`: a project that reads a user's own files where they lie.

Everything in them is made up, but for the public tables and outlines of `GEO_BOSOC_DATA`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import polars as pl
import pytest
import rasterio
import shapely
import xlsxwriter

from geo_bosoc.demo import make_municipality
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import load_project, run_project
from geo_bosoc.project.start.guessed_project import start_from_files

DATA = os.environ.get("GEO_BOSOC_DATA") or None
needs_data = pytest.mark.skipif(
    DATA is None, reason="GEO_BOSOC_DATA is not set: the public files are not here"
)
SQUARES = [shapely.box(575_000 + 1_000 * k, 6_224_000, 576_000 + 1_000 * k, 6_225_000) for k in range(4)]
IDS = ["0101", "0102", "0103", "0104"]


def started(folder: Path, files: Sequence[Path], *, warned: int = 0) -> dict[str, Any]:
    """The project file as it was written and run."""
    report = Report()
    start_from_files(folder, files, report=report)
    assert len(report.warnings) == warned
    assert report.errors == []
    ran = Report()
    run_project(folder, report=ran)
    assert ran.errors == []
    return tomllib.loads((folder / "bosoc.toml").read_text(encoding="utf-8"))


def write_areas(folder: Path) -> Path:
    table = {"omraade_nr": IDS, "navn": ["Parken", "Vænget", "Møllen", "Åsen"], "areal": [1.5, 2.5, 3.5, 4.5]}
    file = folder / "omraader.gpkg"
    gpd.GeoDataFrame(table, geometry=SQUARES, crs="EPSG:25832").to_file(file)
    return file


def write_cp1252(frame: pl.DataFrame, file: Path) -> Path:
    file.write_bytes(
        frame.write_csv(separator=";", decimal_comma=True, line_terminator="\r\n").encode("cp1252")
    )
    return file


@needs_data
def test_the_tables_of_frederiksberg(tmp_path: Path) -> None:
    """Two of its nine tables: blocks are told from cells, dates are quarters, percentages say what is over what."""
    source = Path(str(DATA)) / "registers" / "frederiksberg"
    files = [
        source / name for name in ("karre_4326.geojson", "befolkning_0_5.json", "boligkvm_per_person.json")
    ]
    project = started(tmp_path, files)
    children = project["registers"]["befolkning_0_5"]
    assert children["unit"] == "count"
    assert children["area"] == "distrikt_id"
    assert children["where"] == "type_id = 12"
    assert (children["period"], children["period_by"]) == ("udtraek_dato", "quarter")
    assert project["project"]["municipality"] == "0147"
    assert "model" not in project
    indicators = tomllib.loads((tmp_path / "indicators.toml").read_text(encoding="utf-8"))["indicator"]
    shares, means = indicators
    assert shares["numerator"] == {"register": "befolkning_0_5", "sum": "antal"}
    assert shares["denominator"] == {"register": "befolkning_0_5", "sum": "antal_samlet"}
    assert means["numerator"]["sum"] == "sum_areal"
    assert (means["denominator"]["sum"], means["unit"]) == ("antal_borger", "mean")


@needs_data
def test_the_districts_of_aarhus_with_a_register_of_persons(tmp_path: Path) -> None:
    layer = Path(str(DATA)) / "areas" / "aarhus_statistics_districts.geojson"
    west, south, east, north = gpd.read_file(layer).total_bounds
    draw = np.random.default_rng(17)
    files = [layer]
    for year in (2023, 2024):
        persons = pl.DataFrame(
            {
                "person": [f"Q{number:05d}" for number in range(4_000)],
                "aar": [year] * 4_000,
                "øst": draw.uniform(west, east, 4_000).round(2),
                "nord": draw.uniform(south, north, 4_000).round(2),
                "alder": draw.integers(0, 95, 4_000),
                "arbejde": draw.choice(["i job", "ledig"], 4_000),
            }
        )
        files.append(write_cp1252(persons, tmp_path / f"borgere_{year}.csv"))
    project = started(tmp_path / "projekt", files)
    persons_table = project["registers"]["persons"]
    assert persons_table["path"] == "../borgere_{period}.csv"
    assert (persons_table["x"], persons_table["y"], persons_table["crs"]) == ("øst", "nord", "EPSG:25832")
    assert persons_table["id"] == "person"
    assert persons_table["role"] == "population"
    assert persons_table["columns"]["age"] == "alder"
    assert project["boundaries"]["areas"]["id"] == "prog_distrikt_nr"
    assert project["boundaries"]["areas"]["name"] == "prog_distrikt_navn"
    assert project["project"]["municipality"] == "0751"
    assert project["run"]["periods"] == ["2023", "2024"]
    assert "residents" in project["indicators"]["use"]
    text = (tmp_path / "projekt" / "bosoc.toml").read_text(encoding="utf-8")
    assert "outside_labour_market" in text  # its column is there, and its codes are the user's own
    for value in ("ledig", "i job", "Q00001"):
        assert value not in text


def test_codes_of_ones_own_are_a_draft_to_be_finished(tmp_path: Path) -> None:
    """A column of yes and no is not true and false: the indicator is off, and runs once the codes are written."""
    persons = pl.DataFrame(
        {
            "x": [575_500.5 + 1_000 * (number % 4) for number in range(400)],
            "y": [6_224_500.5] * 400,
            "alder": [number % 90 for number in range(400)],
            "sigtet": ["nej" if number % 7 else "ja" for number in range(400)],
            "fravær i procent": [number % 9 + 0.5 for number in range(400)],
        }
    )
    files = [write_areas(tmp_path), write_cp1252(persons, tmp_path / "borgere_2024.csv")]
    project = started(tmp_path / "p", files)
    assert project["indicators"]["use"] == ["residents", "child_wellbeing"]
    file = tmp_path / "p" / "indicators.toml"
    shipped, _, draft = file.read_text(encoding="utf-8").partition("# <- ret: youth_crime: ")
    lines = [line.removeprefix("# ") for line in draft.splitlines()[1:]]
    finished = "\n".join(lines).replace("charged = TRUE", "charged = 'ja'")
    file.write_text(shipped + finished, encoding="utf-8")
    run_project(tmp_path / "p", report=Report())
    with (tmp_path / "p" / "maps" / "categories.csv").open(encoding="utf-8-sig") as table:
        assert "youth_crime_value" in table.readline()


@needs_data
def test_the_estates_of_copenhagen(tmp_path: Path) -> None:
    """A map layer alone: the figures in its attributes are mapped."""
    project = started(tmp_path, [Path(str(DATA)) / "areas" / "copenhagen_social_housing_estates.geojson"])
    (register,) = project["registers"].values()
    assert register["area"] == project["boundaries"]["areas"]["id"]
    assert project["project"]["name"] == "Københavns Kommune"
    indicators = tomllib.loads((tmp_path / "indicators.toml").read_text(encoding="utf-8"))["indicator"]
    assert [each["denominator"]["sum"] for each in indicators] == [
        "antal_familie_boliger", "antal_ungdomsboliger", "antal_aeldre_boliger", "antal_plejeboliger",
    ]  # fmt: skip


def test_persons_addresses_and_a_workbook_are_joined(tmp_path: Path) -> None:
    """Persons point to addresses by id; a workbook with titles has the areas by name, and the municipality's row."""
    draw = np.random.default_rng(5)
    areas = write_areas(tmp_path)
    addresses = pl.DataFrame(
        {
            "adgangsadresse_id": [f"A{number:04d}" for number in range(400)],
            "x": draw.uniform(575_010, 578_990, 400).round(1),
            "y": draw.uniform(6_224_010, 6_224_990, 400).round(1),
        }
    )
    persons = pl.DataFrame(
        {
            "cpr": [f"99{1 + number % 12:02d}99{number:04d}" for number in range(2_000)],
            "adr": [f"A{number % 400:04d}" for number in range(2_000)],
            "alder": draw.integers(0, 90, 2_000),
            "opgoerelsesaar": [2024] * 2_000,
        }
    )
    with xlsxwriter.Workbook(str(tmp_path / "ledige.xlsx")) as book:
        sheet = book.add_worksheet("Tal")
        sheet.write(0, 0, "Ledige (opdigtet)")
        sheet.write_row(2, 0, ["Område", "År", "Ledige", "Arbejdsstyrke", "Pct."])
        names = ["Parken", "Vænget", "Møllen", "Åsen", "Kommunen i alt"]
        for row, name in enumerate(names):
            count, force = 20 + 3 * row, 200 + 10 * row
            sheet.write_row(3 + row, 0, [name, 2024, count, force, round(100 * count / force, 1)])
    files = [
        areas,
        write_cp1252(addresses, tmp_path / "adresser.csv"),
        write_cp1252(persons, tmp_path / "udtraek.csv"),
        tmp_path / "ledige.xlsx",
    ]
    project = started(tmp_path / "p", files)
    registers = project["registers"]
    assert registers["adresser"]["id"] == "adgangsadresse_id"
    assert registers["persons"]["address"] == "adr"
    assert registers["persons"]["id"] == "cpr"
    unemployed = registers["ledige"]
    assert (unemployed["header_row"], unemployed["area"]) == (3, "Område")
    assert unemployed["reference_row"] == "Kommunen i alt"
    assert project["boundaries"]["areas"]["id"] == "navn"  # the table has names, not numbers
    text = (tmp_path / "p" / "bosoc.toml").read_text(encoding="utf-8")
    assert persons["cpr"][0] not in text
    assert "A0001" not in text
    (share,) = [
        each
        for each in tomllib.loads((tmp_path / "p" / "indicators.toml").read_text(encoding="utf-8"))[
            "indicator"
        ]
        if each.get("numerator", {}).get("sum") == "Ledige"
    ]
    assert share["denominator"]["sum"] == "Arbejdsstyrke"


def test_the_demo_is_read_as_its_own_project_file_reads_it(tmp_path: Path) -> None:
    """Persons and answers point to addresses, cases to persons, and the figures of the model are there."""
    municipality = make_municipality(residents=3_000, years=(2023, 2024))
    for name in (
        "addresses",
        "persons_2023",
        "persons_2024",
        "survey",
        "dwellings_2023",
        "dwellings_2024",
        "cases",
    ):
        municipality.registers[name].write_parquet(tmp_path / f"{name}.parquet")
    municipality.registers["schools"].write_csv(tmp_path / "schools.csv", separator=";", decimal_comma=True)
    municipality.boundaries["areas"].to_file(tmp_path / "estates.gpkg")
    project = started(tmp_path / "p", [tmp_path])
    registers = project["registers"]
    assert {name: part["unit"] for name, part in registers.items()} == {
        "addresses": "address", "cases": "case", "dwellings": "dwelling", "persons": "person", "survey": "person",
        "schools": "case",
    }  # fmt: skip
    assert registers["persons"]["address"] == registers["survey"]["address"] == "address_id"
    assert registers["cases"]["person"] == "person_id"
    assert "person" not in registers["survey"]
    assert project["model"]["id"] == "aarhus-2018"
    assert project["run"]["periods"] == ["2023", "2024"]


def test_files_that_cannot_be_used_are_a_line_each_and_the_others_are_used(tmp_path: Path) -> None:
    areas = write_areas(tmp_path)
    table = pl.DataFrame({"omraade_nr": IDS, "aar": ["2024"] * 4, "beboere": [100, 200, 300, 400]})
    good = write_cp1252(table, tmp_path / "beboere.csv")
    broken = [
        tmp_path / name for name in ("notat.docx", "ødelagt.xlsx", "tom.csv", "findes_ikke.csv", "rå.gpkg")
    ]
    for file in broken:
        if file.stem != "findes_ikke":
            file.write_bytes(b"" if file.stem == "tom" else b"PK\x03\x04 nothing")
    project = started(tmp_path / "p", [*broken, areas, good], warned=5)
    assert list(project["registers"]) == ["beboere"]
    numbered = tmp_path / "CPR 9901901234.csv"
    numbered.write_bytes(good.read_bytes())
    with pytest.raises(InputError, match="none of the files can be used"):
        start_from_files(tmp_path / "q", [*broken, numbered], report=(report := Report()))
    assert "9901901234" not in "".join(map(str, report.problems))
    with pytest.raises(InputError, match="already"):
        start_from_files(tmp_path / "p", [areas, good], report=Report())


def test_a_register_whose_rows_lie_nowhere_is_written_and_off(tmp_path: Path) -> None:
    areas = write_areas(tmp_path)
    lonely = write_cp1252(pl.DataFrame({"emne": ["a", "b"], "tal": [1, 2]}), tmp_path / "andet.csv")
    report = Report()
    start_from_files(tmp_path / "p", [areas, lonely], report=report)
    text = (tmp_path / "p" / "bosoc.toml").read_text(encoding="utf-8")
    assert "# <- ret: andet: det kan ikke ses, hvad en række er\n# [registers.andet]" in text
    assert "[registers]\n" in text
    with pytest.raises(InputError, match="no register is named"):
        load_project(tmp_path / "p")


def test_a_layer_without_crs_is_given_one_and_years_may_stand_across(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"nr": IDS}, geometry=SQUARES).to_file(tmp_path / "omr.shp")
    across = pl.DataFrame({"nr": IDS, "2023": [10, 20, 30, 40], "2024": [11, 21, 31, 41]})
    project = started(tmp_path / "p", [tmp_path / "omr.shp", write_cp1252(across, tmp_path / "boliger.csv")])
    assert project["boundaries"]["areas"]["crs"] == "EPSG:25832"
    assert project["registers"]["boliger"]["years_across"] == "boliger"
    assert project["run"]["periods"] == ["2023", "2024"]


def test_a_model_is_chosen_where_all_its_figures_are_there(tmp_path: Path) -> None:
    areas = write_areas(tmp_path)
    figures = {
        name: [4.5, 30.0, 62.5, 12.0] for name in ("outside_labour_pct", "non_western_pct", "convicted_pct")
    }
    figures |= {name: [55.5, 61.0, 70.5, 40.0] for name in ("basic_edu_pct", "income_pct_region")}
    table = pl.DataFrame(
        {"omraade_nr": IDS, "aar": ["2024"] * 4, "residents": [1500, 1200, 900, 2000], **figures}
    )
    project = started(tmp_path / "p", [areas, write_cp1252(table, tmp_path / "liste.csv")])
    assert project["model"]["id"].startswith("national")
    without = started(tmp_path / "q", [areas, write_cp1252(table.drop("residents"), tmp_path / "uden.csv")])
    assert "model" not in without
    assert "# [model]" in (tmp_path / "q" / "bosoc.toml").read_text(encoding="utf-8")


def test_the_command_takes_files_after_from_and_says_each_guess(tmp_path: Path) -> None:
    areas = write_areas(tmp_path)
    table = pl.DataFrame({"omraade_nr": IDS, "aar": ["2024"] * 4, "beboere": [100, 200, 300, 400]})
    good = write_cp1252(table, tmp_path / "beboere.csv")
    command = [
        sys.executable,
        "-m",
        "geo_bosoc.cli.app",
        "init",
        "p",
        "--lang",
        "en",
        "--from",
        areas.name,
        good.name,
    ]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert said.returncode == 0, said.stderr
    assert "its values are ids in omraader.gpkg: 4 of 4 areas" in said.stderr
    assert load_project(tmp_path / "p").spec.registers["beboere"].area == "omraade_nr"
    both = [*command[:4], "q", "--with", "raw", "--from", areas.name]
    assert subprocess.run(both, cwd=tmp_path, capture_output=True, check=False).returncode == 2


def write_cells(folder: Path) -> Path:
    """A table of 40 cells in the squares, with their total, and no coordinates."""
    ids = [f"100m_622{40 + k // 20}_57{50 + k % 20}" for k in range(40)]
    people = [60 + 7 * k for k in range(40)]
    table = {"KN100mDK": [*ids, "I alt"], "aar": [2024] * 41, "personer": [*people, sum(people)]}
    return write_cp1252(pl.DataFrame(table), folder / "celler.csv")


def test_a_table_of_cells_is_a_map_of_its_own(tmp_path: Path) -> None:
    project = started(tmp_path / "project", [write_cells(tmp_path)])
    assert project["boundaries"] == {"areas": {"path": "../celler.csv", "cell": "KN100mDK"}}
    register = project["registers"]["celler"]
    assert (register["area"], register["reference_row"]) == ("KN100mDK", "I alt")


def test_a_table_of_cells_beside_areas_is_shared_out_to_them(tmp_path: Path) -> None:
    project = started(tmp_path / "project", [write_cells(tmp_path), write_areas(tmp_path)])
    assert project["boundaries"]["areas"]["id"] == "omraade_nr"
    register = project["registers"]["celler"]
    assert (register["cell"], register["unit"], register["reference_row"]) == ("KN100mDK", "count", "I alt")


def test_rasters_are_registers_with_the_mean_of_each_area(tmp_path: Path) -> None:
    """Those that differ in a year alone are one; what is no raster is left out, and said."""
    files = tmp_path / "files"
    files.mkdir()
    write_areas(files)
    write_cp1252(pl.DataFrame({"nr": IDS, "beboere": [100, 200, 300, 400]}), files / "tal_2024.csv")
    for year, value in ((2022, 50), (2024, 60)):
        with rasterio.open(
            files / f"Støj_{year}.tif", "w", driver="GTiff", width=40, height=10, count=1, dtype="uint8",
            crs="EPSG:25832", transform=rasterio.Affine(100, 0, 575_000, 0, -100, 6_225_000),
        ) as file:  # fmt: skip
            file.write(np.full((10, 40), value, np.uint8), 1)
    (files / "brudt.tif").write_bytes(b"II*\0 no raster")
    project = started(tmp_path / "project", [files], warned=1)
    (name,) = (name for name, each in project["registers"].items() if each["unit"] == "raster")
    assert project["registers"][name]["path"] == "../files/Støj_{period}.tif"
    indicators = tomllib.loads((tmp_path / "project" / "indicators.toml").read_text(encoding="utf-8"))
    (mean,) = (each for each in indicators["indicator"] if each.get("mean_of") == "value")
    table = pl.read_csv(tmp_path / "project" / "maps" / "categories.csv", separator=";", decimal_comma=True)
    column = table.filter(pl.col("period").cast(pl.String) == "2024")[f"{mean['id']}_value"]
    assert column.to_list() == [60.0] * 4
