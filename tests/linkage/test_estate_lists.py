"""Estates as lists: the list decides, the outline is drawn, and the differences are told. Checked by hand."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse, check_project, run_project

# Six addresses on a line, 100 m apart; estate 01 is drawn around 1-3, 02 around 4-5, the district D around all.
ADDRESSES = "address_id;x;y;kvhx;plot\n" + "".join(
    f"A{i};{570000 + 100 * i};6220000;0999{101:04d}{i:03d}       ;m{(i + 1) // 2}\n" for i in range(1, 7)
)
PERSONS = "person_id;period;address_id\n" + "".join(
    f"P{i}{n};{year};A{i}\n" for year in (2023, 2024) for i in range(1, 7) for n in range(i)
)  # i persons at address i
DWELLINGS = "dwelling_id;period;address_id;bfe\n" + "".join(
    f"D{i};{year};A{i};{1000 + i}\n" for year in (2023, 2024) for i in range(1, 7)
)
PROJECT = """
[project]
name = "Opdigtet"
language = "en"
made_up = true
[boundaries.areas]
path = "areas.gpkg"
[registers.addresses]
path = "addresses.csv"
unit = "address"
id = "address_id"
x = "x"
y = "y"
kvhx = "kvhx"
[registers.persons]
path = "persons.csv"
unit = "person"
role = "population"
id = "person_id"
[registers.dwellings]
path = "dwellings.csv"
unit = "dwelling"
id = "dwelling_id"
[indicators]
use = ["residents"]
[membership]
path = "list.csv"
"""


def project(folder: Path, listed: str, membership: str) -> Path:
    areas = gpd.GeoDataFrame(
        {"area_id": ["01", "02", "D"], "name": ["Et", "To", "Distrikt"], "kind": "x"},
        geometry=[
            box(570050, 6219950, 570350, 6220050),
            box(570360, 6219950, 570550, 6220050),
            box(570000, 6219900, 570700, 6220100),
        ],
        crs=25832,
    )
    areas.to_file(folder / "areas.gpkg", driver="GPKG")
    files = {"addresses": ADDRESSES, "persons": PERSONS, "dwellings": DWELLINGS, "list": listed}
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    (folder / "bosoc.toml").write_text(PROJECT + membership, encoding="utf-8")
    return folder


def residents(folder: Path, report: Report | None = None) -> dict[tuple[str, str], int]:
    table = analyse(folder, report=report or Report()).table
    return {(a, p): int(n) for a, p, n in table[["area_id", "period", "numerator"]].itertuples(index=False)}


def test_the_list_decides_and_differences_are_told(tmp_path: Path) -> None:
    # Address 3 stands inside the outline of 01 and is a private terrace; 6 is listed and lies outside.
    listed = "area_id;address_id;boliger\n01;A1;9\n01;A2;9\n01;A6;9\n02;A4;2\n02;A5;2\n"
    folder = project(tmp_path, listed, 'dwellings = "boliger"\nsource = "The organisation"\n')
    report = Report()
    found = residents(folder, report)
    assert found[("01", "2024")] == 1 + 2 + 6
    assert found[("02", "2024")] == 4 + 5
    assert found[("D", "2024")] == 21  # no list names the district: its polygon counts
    told = report.facts["membership"]
    assert told["total"]["2024"]["inside_not_listed_persons"] == 3
    assert told["total"]["2024"]["listed_outside_persons"] == 6
    assert told["total"]["2024"]["inside_not_listed_dwellings"] == 1
    assert told["areas"]["2024"]["01"]["inside_not_listed_persons"] == "<5"
    assert told["areas"]["2024"]["01"]["listed_outside_persons"] == 6
    assert told["organisations_own_dwellings"] == {
        "01": {"listed": 3, "own": 9},
        "02": {"listed": 2, "own": 2},
    }
    assert [problem.count for problem in report.warnings if problem.key == "membership.dwellings"] == [1]


@pytest.mark.parametrize(
    ("by", "listed"),
    [
        ("kvhx", "area_id;kvhx\n01;09990101001 ST\n01;0999-101-2--\n"),
        ("plot", "area_id;plot\n01;m1\n"),
        ("bfe", "area_id;bfe\n01;1001\n01;1002\n"),
    ],
)
def test_other_keys(tmp_path: Path, by: str, listed: str) -> None:
    if by == "kvhx":
        listed = listed.replace(" ST", "")
    found = residents(project(tmp_path, listed, f'by = "{by}"\n'))
    assert found[("01", "2024")] == 1 + 2
    assert found[("02", "2024")] == 4 + 5  # not on the list: its polygon counts


def test_estates_merge_and_are_renamed_by_dates(tmp_path: Path) -> None:
    listed = (
        "afdeling;address_id;fra;til\n"
        "01;A1;01-01-2000;01-07-2023\n"  # the half of 01 that 02 took over
        "Afdeling 2;A1;01-07-2023;31-12-9999\n"
        "01;A2;01-01-2000;\n"
        "Afdeling 2;A4;01-01-2000;\n"
        "Nedlagt;A5;01-01-2000;01-01-2023\n"
    )
    more = 'area = "afdeling"\nvalid_from = "fra"\nvalid_to = "til"\nrenamed = { "Afdeling 2" = "02" }\n'
    report = Report()
    found = residents(project(tmp_path, listed, more), report)
    assert (found[("01", "2023")], found[("02", "2023")]) == (3, 4)
    assert (found[("01", "2024")], found[("02", "2024")]) == (2, 5)
    assert found[("D", "2023")] == found[("D", "2024")] == 21
    assert any("Nedlagt" in problem.message for problem in report.warnings)
    match = report.facts["match"]["persons"]["2024"]
    assert sum(fate["rows"] for fate in match.values()) == 21


def test_an_entrance_names_all_its_doors(tmp_path: Path) -> None:
    folder = project(tmp_path, "area_id;kvhx\n01;0999-101-1--\n", 'by = "kvhx"\n')
    doors = ADDRESSES.replace(
        "A1;570100;6220000;09990101001       ;m1", "A1;570100;6220000;0999-0101-1-2-tv;m1"
    )
    assert doors != ADDRESSES
    (folder / "addresses.csv").write_text(doors, encoding="utf-8")
    assert residents(folder)[("01", "2024")] == 1


def test_rows_that_name_no_address_and_a_key_that_nothing_has(tmp_path: Path) -> None:
    report = Report()
    residents(project(tmp_path, "area_id;address_id\n01;A1\n01;A99\n", ""), report)
    assert report.facts["membership_rows_without_address"] == {"01": 1}
    with pytest.raises(InputError, match="building_id"):
        check_project(project(tmp_path, "area_id;building_id\n01;b1\n", 'by = "building_id"\n'))


def test_the_manifest_tells_and_the_map_draws_the_outline(tmp_path: Path) -> None:
    folder = project(tmp_path, "area_id;address_id\n01;A1\n01;A2\n01;A6\n", 'source = "The organisation"\n')
    run_project(folder, internal=True, report=Report())
    public, internal = (
        (folder / name / "run.json").read_text(encoding="utf-8") for name in ("maps", "maps-internal")
    )
    # Totals less the areas that are told would give the others: the public manifest tells neither.
    assert "listed_outside_persons" in internal and "listed_outside_persons" not in public
    assert "membership" not in json.loads(public)["facts"]
    entry = next(entry for entry in json.loads(public)["inputs"] if entry["name"] == "list.csv")
    assert entry == {"name": "list.csv"}
    rows = pd.read_csv(folder / "maps" / "categories.csv", sep=",", encoding="utf-8-sig", dtype=str)
    assert set(rows["area_id"]) == {"01", "02", "D"}
