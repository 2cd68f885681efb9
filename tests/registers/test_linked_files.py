"""DAR and BBR as the Datafordeler gives them: closed, superseded and doubled rows, checked by hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import polars as pl
import pytest
from shapely.geometry import box

from geo_bosoc.problems import Report
from geo_bosoc.project.run import check_project
from geo_bosoc.registers.readers.bbr import read_bbr
from geo_bosoc.registers.readers.dar import read_dar
from geo_bosoc.registers.readers.entities import day_of

T = "T00:00:00.000000+01:00"

TIMES = "status,virkningFra,virkningTil,registreringFra,registreringTil"
ADRESSE = f"""id_lokalId,husnummer,etagebetegnelse,doerbetegnelse,{TIMES}
a1,h1,st,tv,3,2010-01-01{T},,2010-01-01{T},
a1,h1,st,tv,2,2009-01-01{T},2010-01-01{T},2009-01-01{T},
a1,h9,st,tv,3,2010-01-01{T},,2010-01-01{T},2012-01-01{T}
a2,h1,1,th,3,2010-01-01{T},2023-06-01{T},2010-01-01{T},
a3,h2,,,4,2010-01-01{T},,2010-01-01{T},
a4,h2,,,3,2023-12-31T23:00:00.000000Z,,2023-12-01{T},
a5,h7,,,3,2010-01-01{T},,2010-01-01{T},
"""
HUSNUMMER = f"""id_lokalId;husnummertekst;adgangspunkt;jordstykke;navngivenVej;status;virkningFra;virkningTil
h1;12B;p1;1234;v1;3;2010-01-01{T};
h1;12A;p1;1234;v1;3;2005-01-01{T};2010-01-01{T}
h2;14;p2;1235;v1;3;2010-01-01{T};
"""
PUNKT = [
    {
        "id_lokalId": "p1",
        "position": "POINT (533640.58 6152135.2)",
        "status": "3",
        "virkningFra": f"2010-01-01{T}",
        "virkningTil": None,
    },
    {
        "id_lokalId": "p1",
        "position": "POINT (1 2)",
        "status": "3",
        "virkningFra": f"2005-01-01{T}",
        "virkningTil": f"2010-01-01{T}",
    },
    {
        "id_lokalId": "p2",
        "position": None,
        "status": "3",
        "virkningFra": f"2010-01-01{T}",
        "virkningTil": None,
    },
]
VEJ = "kommune,vejkode,navngivenVej,status\n0265,0023,v1,3\n0751,0101,v1,3\n"


def dar(folder: Path) -> list[Path]:
    (folder / "Adresse.csv").write_text(ADRESSE, encoding="utf-8")
    (folder / "DAR_Husnummer.csv").write_text(HUSNUMMER, encoding="utf-8")
    (folder / "Adressepunkt.json").write_text(json.dumps({"AdressepunktList": PUNKT}), encoding="utf-8")
    (folder / "NavngivenVejKommunedel.csv").write_text(VEJ, encoding="utf-8")
    return sorted(folder.iterdir())


def test_addresses_in_force_on_the_day(tmp_path: Path) -> None:
    files = dar(tmp_path)
    report = Report()
    found = read_dar(files, [date(2024, 1, 1)], report, municipality="0751")
    assert not report.problems
    assert found.rows() == [
        ("a1", 533640.58, 6152135.2, "h1", "1234", "0751-0101-12B-st-tv"),
        ("a4", None, None, "h2", "1235", "0751-0101-14--"),  # in force from midnight, Danish time
        ("a5", None, None, "h7", None, None),
    ]
    told = report.facts["dar"]["2024-01-01"]
    assert (
        told["Adresse: superseded"] == 1
        and told["Adresse: not_in_force"] == 2
        and told["Adresse: not_live"] == 1
    )
    assert told["without_house"] == 1 and told["without_point"] == 2 and told["addresses"] == 3
    before = read_dar(files, [date(2023, 1, 1)], Report(), municipality="0751")
    assert before["address_id"].to_list() == ["a1", "a2", "a5"]
    both = read_dar(files, [date(2023, 1, 1), date(2024, 1, 1)], Report(), municipality="0751")
    assert both["address_id"].to_list() == ["a1", "a2", "a4", "a5"]


def test_files_and_columns_that_are_missing_are_told(tmp_path: Path) -> None:
    (tmp_path / "Adresse.csv").write_text("id_lokalId,hus\na,b\n", encoding="utf-8")
    (tmp_path / "Husnummer.csv").write_text(HUSNUMMER, encoding="utf-8")
    report = Report()
    read_dar(sorted(tmp_path.iterdir()), [date(2024, 1, 1)], report, key="registers.addresses")
    assert [(p.file, p.column, p.key) for p in report.errors] == [
        ("Adresse.csv", "husnummer", None),
        (None, None, "registers.addresses.path"),
    ]


UNITS = "enh020EnhedensAnvendelse;enh023Boligtype;enh026EnhedensSamledeAreal;enh031AntalVaerelser"
ENHED = f"""id_lokalId;bygning;adresseIdentificerer;status;virkningFra;virkningTil;{UNITS}
e1;b1;a1;7;2010-01-01T00:00:00+01:00;2020-05-01T00:00:00+02:00;140;1;60;2
e1;b1;a1;7;2020-05-01T00:00:00+02:00;;140;1;75;3
e2;b1;a2;7;2010-01-01T00:00:00+01:00;;140;1;80;3
e3;b1;;7;2010-01-01T00:00:00+01:00;;140;1;80;3
e4;b2;a4;7;2010-01-01T00:00:00+01:00;;140;1;90;4
e5;b1;a5;10;2010-01-01T00:00:00+01:00;;140;1;90;4
"""
BYGNING = """id_lokalId;husnummer;grund;status;virkningFra;virkningTil;byg021BygningensAnvendelse;byg026Opfoerelsesaar
b1;h1;g1;6;2010-01-01T00:00:00+01:00;;140;1968
b2;h2;g1;10;2010-01-01T00:00:00+01:00;;140;1968
"""
GRUND = "id_lokalId;bestemtFastEjendom\ng1;f1\n"
EJENDOM = "id_lokalId;bfeNummer;ejendommensEjerforholdskode;ejendomstype\nf1;100;90;1\nf2;200;10;2\n"
FLATS = "id_lokalId;enhed;ejerlejlighed\nr1;e2;f2\n"


@pytest.mark.parametrize("form", ["csv", "json"])
def test_each_dwelling_is_counted_once(tmp_path: Path, form: str) -> None:
    tables = {
        "Enhed": ENHED,
        "Bygning": BYGNING,
        "Grund": GRUND,
        "Ejendomsrelation": EJENDOM,
        "EnhedEjendomsrelation": FLATS,
    }
    if form == "csv":
        for name, text in tables.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="cp1252")
    else:
        rows = {
            f"{name}List": pl.read_csv(text.encode(), separator=";", infer_schema=False).to_dicts()
            for name, text in tables.items()
        }
        (tmp_path / "bbr_total.json").write_text(json.dumps(rows), encoding="utf-8")
    report = Report()
    days = {"2020": date(2020, 1, 1), "2024": date(2024, 1, 1)}
    found = read_bbr(sorted(tmp_path.iterdir()), days, report)
    assert not report.problems
    columns = [
        "dwelling_id",
        "period",
        "address_id",
        "bfe",
        "bbr_ownership",
        "m2",
        "rooms",
        "built",
        "access_address_id",
    ]
    assert found.select(columns).rows() == [
        ("e1", "2020", "a1", "100", 90, 60, 2, 1968, "h1"),
        ("e2", "2020", "a2", "200", 10, 80, 3, 1968, "h1"),
        ("e3", "2020", None, "100", 90, 80, 3, 1968, "h1"),
        ("e1", "2024", "a1", "100", 90, 75, 3, 1968, "h1"),
        ("e2", "2024", "a2", "200", 10, 80, 3, 1968, "h1"),
        ("e3", "2024", None, "100", 90, 80, 3, 1968, "h1"),
    ]
    told = report.facts["bbr"]["2024"]
    assert told == {
        "Enhed: not_in_force": 1,
        "Enhed: not_live": 1,
        "Bygning: not_live": 1,
        "units": 3,
        "without_building": 1,
        "without_address": 1,
        "without_ownership": 0,
    }


def test_timestamps_are_danish_days() -> None:
    written = [
        "2023-12-31T23:30:00Z",
        "2024-01-01T00:30:00+01:00",
        "2024-07-01T22:30:00.123456Z",
        "2024-01-01",
        "9999-12-31T00:00:00Z",
        "",
    ]
    days = pl.DataFrame({"t": written}).select(day_of(pl.col("t")))["t"].to_list()
    assert days == [
        date(2024, 1, 1),
        date(2024, 1, 1),
        date(2024, 7, 2),
        date(2024, 1, 1),
        date(9999, 12, 31),
        None,
    ]


def test_points_that_are_no_places_are_told_with_the_first_row(tmp_path: Path) -> None:
    dar(tmp_path)
    wrong = [{**PUNKT[0], "position": "POINT (0 0)"}, {**PUNKT[2], "position": "POINT (12.5 55.7)"}]
    (tmp_path / "Adressepunkt.json").write_text(json.dumps({"AdressepunktList": wrong}), encoding="utf-8")
    report = Report()
    found = read_dar(sorted(tmp_path.iterdir()), [date(2024, 1, 1)], report, municipality="0751")
    assert found["x"].to_list() == [None, 12.5, None]
    assert [(problem.level, problem.row, problem.count) for problem in report.problems] == [
        ("warning", 1, 1),
        ("warning", 2, 1),
    ]


BOSOC = """
[project]
name = "Prøve"
municipality = "0751"
made_up = true
[boundaries.areas]
path = "areas.geojson"
id = "area_id"
name = "name"
[registers.addresses]
path = "dar/*"
format = "dar"
status_date = "{year}-01-01"
WHERE
[registers.persons]
path = "p.csv"
unit = "person"
id = "nr"
period = "2024"
[indicators]
file = "indicators.toml"
use = ["alle"]
[run]
periods = ["2024"]
"""


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("where = \"plot = '1234' OR plot = '9'\"", "'9' never occurs"),
        ("where = \"plot IS NULL OR plot <> '1235'\"", None),
    ],
)
def test_values_that_the_linked_files_do_not_have_are_told(
    tmp_path: Path, where: str, words: str | None
) -> None:
    (tmp_path / "dar").mkdir()
    dar(tmp_path / "dar")
    project = BOSOC.replace("WHERE", where)
    (tmp_path / "bosoc.toml").write_text(project, encoding="utf-8")
    area = box(533_000, 6_152_000, 534_000, 6_153_000)
    gpd.GeoDataFrame({"area_id": ["A"], "name": ["A"]}, geometry=[area], crs=25832).to_file(
        tmp_path / "areas.geojson", driver="GeoJSON"
    )
    (tmp_path / "p.csv").write_text("nr;address_id;age\nn1;a1;20\nn2;a1;30\n", encoding="utf-8")
    (tmp_path / "indicators.toml").write_text(
        '[[indicator]]\nid = "alle"\nlabel_da = "A"\nlabel_en = "A"\nunit = "count"\n'
        'denominator = { register = "persons" }\n',
        encoding="utf-8",
    )
    report = Report()
    check_project(tmp_path, report=report)
    met = [
        one for one in report.problems if one.key == "registers.addresses.where" and "never" in one.message
    ]
    assert [one.level for one in met] == (["warning"] if words else [])
    assert all(words in one.message and "1234" not in str(one) and one.column == "plot" for one in met)
