"""An indicator says which day gives the home; quarters have status dates of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse
from geo_bosoc.project.requests import register_of

# Person numbers of a 14th to 16th month: nobody has one. Bo moves from the west to the east in July.
ANE, BO, EVA = "0114501111", "0215602222", "1116703333"
PROJECT = """
[project]
name = "Prøve"
municipality = "0751"
made_up = true

[boundaries.areas]
path = "areas.geojson"

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
id = "PNR"
address = "ADRESSE"
spell = { from = "FRA", to = "TIL" }
status_date = "@date@"

[registers.charges]
path = "charges.csv"
unit = "case"
person = "CPR"
event = "DATO"
@period_by@

[indicators]
use = ["on_the_date", "on_the_day"]
file = "own.toml"

[run]
periods = [@periods@]
"""
INDICATOR = """
[[indicator]]
id = "{id}"
label_da = "Sigtede"
label_en = "Charged"
denominator = {{ register = "persons" }}
numerator = {{ register = "charges", distinct = "person" }}
{more}
"""


def project(folder: Path, *, date: str = "{year}-01-01", periods: str = '"2023"', more: str = "") -> Path:
    squares = [
        {
            "type": "Feature",
            "properties": {"area_id": name, "name": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, 0], [x + 9, 0], [x + 9, 9], [x, 9], [x, 0]]],
            },
        }
        for name, x in (("west", 570000), ("east", 570010))
    ]
    for square in squares:
        corners = square["geometry"]["coordinates"][0]  # type: ignore[index]
        square["geometry"]["coordinates"] = [[[x, 6220000 + y] for x, y in corners]]  # type: ignore[index]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    layer = {"type": "FeatureCollection", "crs": crs, "features": squares}
    files = {
        "areas.geojson": json.dumps(layer),
        "addresses.csv": "address_id;x;y\nA1;570001;6220001\nA2;570011;6220001\n",
        "persons.csv": f"PNR;ADRESSE;FRA;TIL\n{ANE};A1;2010-01-01;\n{BO};A1;2010-01-01;2023-07-01\n"
        f"{BO};A2;2023-07-01;\n{EVA};A2;2010-01-01;\n",
        "charges.csv": f"CPR;DATO\n{BO};2023-08-15\n{BO};2023-09-01\n{ANE};2023-02-01\n",
        "own.toml": INDICATOR.format(id="on_the_date", more="")
        + INDICATOR.format(id="on_the_day", more='home_on = "event"' + more),
        "bosoc.toml": PROJECT.replace("@date@", date)
        .replace("@periods@", periods)
        .replace("@period_by@", 'period_by = "quarter"' if "K" in periods else ""),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def counts(folder: Path) -> dict[tuple[str, str, str], tuple[int, int]]:
    table = analyse(folder, report=Report()).table
    return {
        (row.indicator, row.period, row.area_id): (row.numerator, row.denominator)
        for row in table.itertuples()
    }


def test_the_same_register_with_homes_on_two_days(tmp_path: Path) -> None:
    report = Report()
    found = analyse(project(tmp_path), report=report)
    told = {(row.indicator, row.area_id): row.numerator for row in found.table.itertuples()}
    # On 1 January both lived in the west; when he was charged Bo lived in the east.
    assert told == {
        ("on_the_date", "west"): 2,
        ("on_the_date", "east"): 0,
        ("on_the_day", "west"): 1,
        ("on_the_day", "east"): 1,
    }
    dates = found.sources[found.sources["register"] == "charges"].set_index("indicator")["status_date"]
    assert dates.to_dict() == {"on_the_date": "2023-01-01", "on_the_day": "hjemmet på begivenhedens dag"}
    assert set(report.facts["homes"]) == {"persons", "charges", "charges@event"}
    assert {register_of(name) for name in report.facts["homes"]} == {"persons", "charges"}


def test_charges_of_the_year_before_at_the_home_on_the_status_date(tmp_path: Path) -> None:
    """The data are last year's, and the homes are looked up on the list's own day: outputs tell both."""
    folder = project(tmp_path, periods='"2024"')
    file = folder / "bosoc.toml"
    file.write_text(
        file.read_text("utf-8").replace('event = "DATO"', 'event = "DATO"\nperiod_shift = 1'), "utf-8"
    )
    found = analyse(folder, report=Report())
    told = {(row.indicator, row.area_id): row.numerator for row in found.table.itertuples()}
    assert (
        told[("on_the_date", "east")] == 1 and told[("on_the_date", "west")] == 1
    )  # Bo had moved by 1 January 2024
    rows = found.sources[found.sources["indicator"] == "on_the_date"].set_index("register")
    assert rows.loc["charges", ["data_period", "status_date"]].tolist() == ["2023", "2024-01-01"]
    assert rows.loc["persons", ["data_period", "status_date"]].tolist() == ["2024", "2024-01-01"]


def test_a_quarter_has_its_own_first_day(tmp_path: Path) -> None:
    told = counts(project(tmp_path, date="{quarter_start}", periods='"2023K1", "2023K3"'))
    assert told[("on_the_date", "2023K1", "west")] == (1, 2)  # Ane, of Ane and Bo
    assert told[("on_the_date", "2023K3", "west")] == (0, 1)
    assert told[("on_the_date", "2023K3", "east")] == (1, 2)  # Bo, who has moved by 1 July


def test_a_day_that_no_register_gives_is_an_error_with_its_key(tmp_path: Path) -> None:
    folder = project(tmp_path)
    file = folder / "bosoc.toml"
    file.write_text(file.read_text("utf-8").replace('event = "DATO"', 'period = "2023"'), "utf-8")
    with pytest.raises(InputError) as wrong:
        analyse(folder, report=Report())
    assert [problem.key for problem in wrong.value.problems] == ["indicator.on_the_day.home_on"]
    own = folder / "own.toml"
    own.write_text(own.read_text("utf-8").replace('"charges", distinct = "person"', '"persons"'), "utf-8")
    with pytest.raises(InputError) as wrong:
        analyse(folder, report=Report())
    assert [problem.key for problem in wrong.value.problems] == ["indicator.on_the_day.home_on"]
