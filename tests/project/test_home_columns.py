"""Further columns of homes in a run: people within 500 m of a school, counted as by any other column."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.transform
from small_projects import write_small_project

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse, load_project
from geo_bosoc.project.run import check_project, run_project

REGISTERS = """
[boundaries.schools]
path = "schools.geojson"
label_da = "Skoler"
label_en = "Schools"

[home_columns.to_school]
layer = "schools"
source = "Opdigtet"

[registers.addresses]
path = "addresses.csv"
unit = "address"
id = "address_id"
x = "x"
y = "y"

[registers.persons]
path = "persons.csv"
unit = "person"
role = "population"
id = "person_id"
source = "CPR"
"""
INDICATORS = """
[[indicator]]
id = "near"
label_da = "Nær skole"
label_en = "Near a school"
denominator = { register = "persons", where = "age < 16" }
numerator = { where = "to_school <= 500" }

[[indicator]]
id = "metres"
label_da = "Meter til skole"
label_en = "Metres to a school"
denominator = { register = "persons" }
mean_of = "to_school"
unit = "mean"
"""


def project(folder: Path, *, registers: str = REGISTERS, indicators: str = INDICATORS) -> Path:
    """Two areas with a school in the corner of the first; ten homes from 100 to 1,001 m east of it."""
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    school = {"type": "Point", "coordinates": [575_000, 6_224_500]}
    features = [{"type": "Feature", "properties": {"name": "Skolen"}, "geometry": school}]
    layer = {"type": "FeatureCollection", "crs": crs, "features": features}
    (folder / "schools.geojson").write_text(json.dumps(layer), encoding="utf-8")
    homes = [f"H{number};{575_000 + 100 * number + number // 10};6224500" for number in range(1, 11)]
    (folder / "addresses.csv").write_text("\n".join(["address_id;x;y", *homes, "H11;;"]), encoding="utf-8")
    # Six children a home, and an adult in every other one; six children live nobody knows where.
    persons = [f"c{home}-{child};2024;H{home};7" for home in range(1, 12) for child in range(6)]
    persons += [f"a{home};2024;H{home};40" for home in range(1, 11, 2)]
    (folder / "persons.csv").write_text(
        "\n".join(["person_id;period;address_id;age", *persons]), encoding="utf-8"
    )
    return write_small_project(folder, registers=registers, indicators=indicators, areas="AB")


def figures(folder: Path, indicator: str) -> dict[str, tuple[int, int, int]]:
    results = analyse(folder, report=Report())
    rows = results.table[results.table["indicator"] == indicator].set_index("area_id")
    return {area: tuple(row[["numerator", "denominator", "unknown"]]) for area, row in rows.iterrows()}  # type: ignore[misc]


def test_people_near_a_school_are_counted_by_their_homes(tmp_path: Path) -> None:
    folder = project(tmp_path)
    near = figures(folder, "near")
    assert near["A"] == (30, 54, 0)  # homes at 100 to 500 m, of those at 100 to 900 m
    assert near["B"] == (0, 6, 0)  # the home that lies beyond the border


def test_the_mean_is_that_of_the_people(tmp_path: Path) -> None:
    results = analyse(project(tmp_path), report=Report())
    row = results.table[(results.table["indicator"] == "metres") & (results.table["area_id"] == "A")].iloc[0]
    people = {100 * home: 6 + home % 2 for home in range(1, 10)}
    assert row["value"] == pytest.approx(sum(m * n for m, n in people.items()) / sum(people.values()))


def test_a_home_without_a_place_is_unknown_in_the_municipality(tmp_path: Path) -> None:
    results = analyse(project(tmp_path), report=Report())
    rows = results.reference_areas[results.reference_areas["indicator"] == "near"].set_index("area_id")
    assert rows.loc["@municipality", ["numerator", "denominator", "unknown"]].tolist() == [30, 66, 6]


def test_the_source_tells_the_straight_line(tmp_path: Path) -> None:
    results = analyse(project(tmp_path), report=Report())
    sources = results.sources[results.sources["indicator"] == "near"]["source"].tolist()
    assert sources == ["CPR; distance in a straight line, no roads: Schools (Opdigtet)"]


def test_small_numbers_are_hidden_as_of_any_count(tmp_path: Path) -> None:
    indicators = INDICATORS.replace("to_school <= 500", "to_school <= 500 AND age < 7")
    folder = project(tmp_path, indicators=indicators)
    text = (folder / "persons.csv").read_text(encoding="utf-8")
    (folder / "persons.csv").write_text(text.replace("c1-0;2024;H1;7", "c1-0;2024;H1;3"), encoding="utf-8")
    outcome = run_project(folder, report=Report())
    rows = outcome.published.table
    row = rows[(rows["indicator"] == "near") & (rows["area_id"] == "A")].iloc[0]
    assert row["status"] == "protected"


def test_rows_with_points_of_their_own_and_rows_with_a_key(tmp_path: Path) -> None:
    registers = (
        REGISTERS
        + """
[registers.cases]
path = "cases.csv"
unit = "case"
x = "x"
y = "y"

[registers.charges]
path = "charges.csv"
unit = "case"
person = "person_id"
"""
    )
    indicators = """
[[indicator]]
id = "cases_near"
label_da = "Sager"
label_en = "Cases"
denominator = { register = "cases" }
numerator = { where = "to_school <= 250" }

[[indicator]]
id = "charges_near"
label_da = "Sigtelser"
label_en = "Charges"
denominator = { register = "charges" }
numerator = { where = "to_school <= 250" }
"""
    dated = 'role = "population"\nstatus_date = "{year}-01-01"'
    registers = registers.replace('role = "population"', dated)
    folder = project(tmp_path, registers=registers, indicators=indicators)
    points = [f"2024;{575_000 + 100 * number};6224500" for number in range(1, 9)]
    (folder / "cases.csv").write_text("\n".join(["period;x;y", *points]), encoding="utf-8")
    charges = [f"2024;c{home}-0" for home in range(1, 7)]
    (folder / "charges.csv").write_text("\n".join(["period;person_id", *charges]), encoding="utf-8")
    assert figures(folder, "cases_near")["A"] == (2, 8, 0)
    assert figures(folder, "charges_near")["A"] == (2, 6, 0)


def errors(folder: Path) -> list[str]:
    with pytest.raises(InputError) as error:
        check_project(load_project(folder), report=Report())
    return [f"{problem.key}: {problem.message}" for problem in error.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('layer = "schools"', 'layer = "skoler"', "there is no [boundaries.skoler]"),
        ("home_columns.to_school", "home_columns.period", "a column that rows have anyhow"),
        (
            'label_en = "Schools"',
            'label_en = "Schools"\nwhere = "name = \'X\'"',
            "no shape that anything could be near to",
        ),
    ],
)
def test_what_cannot_be_measured_is_an_error(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in REGISTERS
    folder = project(tmp_path, registers=REGISTERS.replace(old, new))
    assert any(message in error for error in errors(folder))


def test_a_file_that_has_such_a_column_already(tmp_path: Path) -> None:
    folder = project(tmp_path)
    text = (folder / "persons.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{text[0]};to_school", *(f"{line};9" for line in text[1:])]
    (folder / "persons.csv").write_text("\n".join(rows), encoding="utf-8")
    assert errors(folder) == ["home_columns.to_school: the files have a column to_school already."]


def test_a_finished_table_has_no_homes(tmp_path: Path) -> None:
    table = '\n[registers.table]\npath = "table.csv"\nunit = "count"\n'
    indicators = (
        INDICATORS
        + """
[[indicator]]
id = "of_table"
label_da = "Tabel"
label_en = "Table"
denominator = { register = "table", sum = "number" }
numerator = { where = "to_school <= 500", sum = "number" }
"""
    )
    folder = project(tmp_path, registers=REGISTERS + table, indicators=indicators)
    (folder / "table.csv").write_text("area_id;period;number\nA;2024;10\nB;2024;20\n", encoding="utf-8")
    assert any("these have none" in error for error in errors(folder))


NOISE = """
[home_columns.noise]
raster = "road_noise"

[registers.road_noise]
path = "noise_{period}.tif"
unit = "raster"
source = "Kortet"
"""
LOUD = """
[[indicator]]
id = "loud"
label_da = "Støj"
label_en = "Noise"
denominator = { register = "persons", where = "age < 16" }
numerator = { where = "noise >= 58" }
"""


def with_noise(folder: Path, years: dict[str, float], periods: tuple[str, ...]) -> Path:
    """Cells of 100 m: 60 dB in the western four, as much as the year says in the next three, then no data."""
    indicators = INDICATORS + LOUD
    project(folder, registers=REGISTERS + NOISE, indicators=indicators)
    for year, decibels in years.items():
        row = np.array([[60] * 4 + [decibels] * 3 + [-9] * 33], dtype=np.float32)
        path = folder / f"noise_{year}.tif"
        with rasterio.open(
            path, "w", driver="GTiff", width=40, height=1, count=1, dtype="float32", crs="EPSG:25832",
            transform=rasterio.transform.from_origin(574_950, 6_224_550, 100, 100), nodata=-9,
        ) as raster:  # fmt: skip
            raster.write(row, 1)
    text = (folder / "persons.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.replace(";2024;", f";{period};") for period in periods for line in text[1:]]
    (folder / "persons.csv").write_text("\n".join([text[0], *rows]), encoding="utf-8")
    file = folder / "bosoc.toml"
    named = ", ".join(f'"{period}"' for period in periods)
    file.write_text(
        file.read_text(encoding="utf-8").replace('periods = ["2024"]', f"periods = [{named}]"),
        encoding="utf-8",
    )
    return folder


def test_the_raster_s_value_at_each_home_is_that_of_the_latest_year(tmp_path: Path) -> None:
    folder = with_noise(tmp_path, {"2017": 50, "2022": 58.5}, ("2020", "2024"))
    report = Report()
    results = analyse(folder, report=report)
    rows = results.table[(results.table["indicator"] == "loud") & (results.table["area_id"] == "A")]
    figures = rows.set_index("period")[["numerator", "denominator", "unknown"]]
    # Homes at 100 to 900 m: three lie at 60 dB, three in the cells that changed, and three without data.
    assert figures.loc["2020"].tolist() == [18, 54, 18]
    assert figures.loc["2024"].tolist() == [36, 54, 18]
    notes = [problem.message for problem in report.problems]
    assert "the raster road_noise of 2017 stands for 2020." in notes
    assert "the raster road_noise of 2022 stands for 2024." in notes
    sources = results.sources[results.sources["indicator"] == "loud"].set_index("period")["source"]
    assert sources["2024"] == "CPR; value at the home: road_noise 2022 (Kortet)"


def test_before_the_first_raster_nothing_is_known(tmp_path: Path) -> None:
    folder = with_noise(tmp_path, {"2022": 60}, ("2021", "2022"))
    report = Report()
    results = analyse(folder, report=report)
    rows = results.table[(results.table["indicator"] == "loud") & (results.table["area_id"] == "A")]
    unknown = rows.set_index("period")[["denominator", "unknown"]]
    assert unknown.loc["2021"].tolist() == [54, 54]
    assert unknown.loc["2022"].tolist() == [54, 18]
    assert any("is of 2021 or before" in problem.message for problem in report.warnings)


def test_a_raster_that_is_none(tmp_path: Path) -> None:
    folder = project(tmp_path, registers=REGISTERS + '\n[home_columns.noise]\nraster = "persons"\n')
    assert errors(folder) == ['home_columns.noise.raster: "persons" is no register with unit = "raster".']
