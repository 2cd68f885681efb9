"""Rows keyed by person take their homes from the population: small files checked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geo_bosoc.linkage import AddressBook, link_registers
from geo_bosoc.problems import InputError, Report
from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.spec import RegisterSpec

# Person numbers of a 13th to 19th month: nobody has one.
ANE, BO, CARL, DORTE, EVA = "0113501111", "0214602222", "1115703333", "2216804444", "3117905555"

POPULATION = f"""PNR;STATUS;ADRESSE;TILFLYDTO;FRAFLYDTO;FOEDSELSDATO
{ANE[:6]}-{ANE[6:]};01;A1;01-05-2010;31-12-9999;01-01-2006
{BO[1:]};01;A1;20150101;20230701;20000229
{BO};1;A2;2023-07-01;;29-02-2000
{CARL};01;A1;2022-01-01;2023-01-01;1990-06-01
{CARL};01;A2;2024-02-01;;1990-06-01
{DORTE};01;A1;2020-01-01;;1950-01-01
{DORTE};01;A2;2021-01-01;;1950-01-01
{EVA};70;A1;2020-01-01;;1980-01-01
"""

PERSONS: dict[str, Any] = {
    "unit": "person",
    "role": "population",
    "id": "PNR",
    "place": "address",
    "address": "ADRESSE",
    "status": "STATUS",
    "spell": {"from": "TILFLYDTO", "to": "FRAFLYDTO"},
    "birth_date": "FOEDSELSDATO",
    "status_date": "{year}-01-01",
}
ADDRESSES = pl.DataFrame({"address_id": ["A1", "A2"], "x": [570000.0, 570100.0], "y": [6220000.0, 6220000.0]})


def linked(
    folder: Path,
    specs: Mapping[str, dict[str, Any]],
    files: Mapping[str, str],
    periods: tuple[str, ...] = ("2023", "2024"),
    report: Report | None = None,
    book: AddressBook | None = None,
) -> dict[str, pl.DataFrame]:
    """Read the files as the registers say, link them, and collect each."""
    made = {}
    for name, text in files.items():
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="cp1252")
        made[name] = RegisterSpec(path=str(path), **specs[name])
    frames = {
        name: read_register(spec, name=name, report=report or Report(), periods=periods)
        for name, spec in made.items()
    }
    done = link_registers(frames, made, periods=periods, book=book or AddressBook(ADDRESSES), report=report)
    return {name: frame.collect() for name, frame in done.registers.items()}


def test_the_stay_on_the_status_date_is_the_home(tmp_path: Path) -> None:
    report = Report()
    people = linked(tmp_path, {"persons": PERSONS}, {"persons": POPULATION}, report=report)["persons"]
    assert not report.errors
    homes = people.group_by("period", "address_id").len().sort("period", "address_id").rows()
    # 1 January 2023: Ane and Bo in A1 (Bo moves in July), Carl left on that very day, Dorte's last stay is A2.
    # 1 January 2024: Ane A1, Bo A2, Carl between two stays, Dorte A2. Eva is inactive.
    assert homes == [("2023", "A1", 2), ("2023", "A2", 1), ("2024", "A1", 1), ("2024", "A2", 2)]
    assert report.facts["stays"]["persons"] == {
        "several": {"2023": 1, "2024": 1},
        "gaps": {"2023": 1, "2024": 1},
    }
    told = report.facts["homes"]["persons"]
    assert told["2024"] == {"placed": {"rows": 3, "persons": 3}}
    assert told["left_out"] == {"status_70": {"rows": 1}}
    lost = [p for p in report.problems if "leading zero" in p.message]
    assert [p.count for p in lost] == [1]
    assert people.sort("period", "age")["age"].to_list() == [16 + 1, 22, 73, 18, 23, 74]


def test_numbers_are_gone_after_reading(tmp_path: Path) -> None:
    people = linked(tmp_path, {"persons": PERSONS}, {"persons": POPULATION}, report=Report())["persons"]
    text = str(people.to_dicts())
    for number in (ANE, BO, CARL, DORTE):
        assert number not in text and number[1:] not in text


CHARGES = f"""cpr;dato;lov
{ANE};2023-03-01;straffelov
{BO[1:]};2023-03-01;straffelov
{BO[:6]}-{BO[6:]};2023-08-01;straffelov
{CARL};2023-06-01;straffelov
9919999999;2023-06-01;straffelov
;2023-06-01;straffelov
"""
BY_EVENT: dict[str, Any] = {"unit": "case", "person": "cpr", "event": "dato", "take": ("age",)}


def test_the_home_on_the_status_date_or_on_the_day(tmp_path: Path) -> None:
    specs = {"persons": PERSONS, "charges": BY_EVENT}
    files = {"persons": POPULATION, "charges": CHARGES}
    report = Report()
    charges = linked(tmp_path, specs, files, report=report)["charges"]
    assert sorted(charges["address_id"].to_list()) == ["A1", "A1", "A1"]  # all of 2023: Bo still in A1
    assert report.facts["homes"]["charges"]["2023"] == {
        "home_found": {"rows": 3, "persons": 2},
        "not_in_population": {"rows": 2, "persons": 2},  # Carl had moved out, and one nobody knows
        "without_key": {"rows": 1, "persons": 0},
    }
    assert [p.count for p in report.warnings if "belong to nobody" in p.message] == [3]
    specs["charges"] = {**BY_EVENT, "home_on": "event"}
    charges = linked(tmp_path, specs, files, report=Report())["charges"].sort("dato", "address_id", "age")
    assert charges["address_id"].to_list() == ["A1", "A1", "A2"]
    assert charges["age"].to_list() == [17, 23, 23]


def test_a_status_date_of_its_own(tmp_path: Path) -> None:
    specs = {
        "persons": PERSONS,
        "education": {"unit": "person", "person": "cpr", "period": "2023", "status_date": "{year}-10-01"},
    }
    files = {"persons": POPULATION, "education": f"cpr;niveau\n{BO};grundskole\n{CARL};grundskole\n"}
    education = linked(tmp_path, specs, files, report=Report())["education"]
    assert education["address_id"].to_list() == ["A2"]  # Bo moved in July; Carl is away in October


def test_a_year_of_data_stands_for_a_later_list(tmp_path: Path) -> None:
    specs = {"persons": PERSONS, "charges": {**BY_EVENT, "period_shift": 1}}
    charges = linked(tmp_path, specs, {"persons": POPULATION, "charges": CHARGES}, report=Report())["charges"]
    assert set(charges["period"]) == {"2024"}
    assert sorted(charges["address_id"].to_list()) == ["A1", "A2", "A2"]  # Bo lives in A2 on 1 January 2024


def test_running_cases_count_on_each_status_date(tmp_path: Path) -> None:
    specs = {
        "persons": PERSONS,
        "measures": {
            "unit": "case",
            "person": "cpr",
            "spell": {"from": "start", "to": "slut", "to_included": True},
        },
    }
    measures = (
        "cpr;start;slut\n"
        f"{ANE};01-06-2022;31-12-9999\n"  # both
        f"{ANE};01-09-2022;01-01-2023\n"  # its last day is the first status date
        f"{BO};01-01-2024;\n"  # begins on the second
        f"{BO};01-02-2023;31-12-2023\n"  # neither
    )
    found = linked(tmp_path, specs, {"persons": POPULATION, "measures": measures}, report=Report())[
        "measures"
    ]
    assert found.group_by("period").len().sort("period").rows() == [("2023", 2), ("2024", 2)]
    persons = found.group_by("period").agg(pl.col("person_id").n_unique()).sort("period").rows()
    assert persons == [("2023", 1), ("2024", 2)]


def test_stays_without_an_end_hold_until_the_next(tmp_path: Path) -> None:
    spec = {**PERSONS, "spell": {"from": "TILFLYDTO"}}
    people = linked(tmp_path, {"persons": spec}, {"persons": POPULATION}, report=Report())["persons"]
    carl_gone = people.filter(pl.col("period") == "2023")
    assert carl_gone.height == 4  # nothing says that Carl left
    assert people.filter(pl.col("period") == "2024").sort("age")["address_id"].to_list() == [
        "A1",
        "A2",
        "A1",
        "A2",
    ]


def test_places_that_are_no_homes_are_told(tmp_path: Path) -> None:
    rows = "PNR;STATUS;ADRESSE;BESK\n" + "".join(f"01135{n:05d};01;A1;\n" for n in range(8))
    rows += "0213500001;01;A2;J\n0213500002;03;A2;\n0213500003;01;;\n0213500004;01;A9;\n0213500005;01;A2;\n"
    spec = {"unit": "person", "role": "population", "id": "PNR", "address": "ADRESSE", "status": "STATUS"}
    spec |= {"period": "2024", "protection": "BESK"}
    report = Report()
    book = AddressBook(ADDRESSES, most_residents=7)
    people = linked(tmp_path, {"persons": spec}, {"persons": rows}, ("2024",), report, book)["persons"]
    told = {reason: counts["persons"] for reason, counts in report.facts["homes"]["persons"]["2024"].items()}
    assert told == {
        "placed": 1,
        "too_many_at_one_point": 8,
        "protected_address": 1,
        "placeless_street_code": 1,
        "no_address": 1,
        "address_not_known": 1,
    }
    assert people.height == 13 and people["address_id"].null_count() == 12
    assert any("more than 7 residents" in p.message for p in report.warnings)
    spec["protected_addresses"] = "placed"
    book = AddressBook(ADDRESSES, not_homes=("A1",))
    report = Report()
    linked(tmp_path, {"persons": spec}, {"persons": rows}, ("2024",), report, book)
    told = {reason: counts["persons"] for reason, counts in report.facts["homes"]["persons"]["2024"].items()}
    assert told["not_a_home"] == 8 and told["placed"] == 2 and "protected_address" not in told


@pytest.mark.parametrize(
    ("specs", "key"),
    [
        ({"charges": BY_EVENT}, "registers.charges.person"),
        ({"persons": {**PERSONS, "id": None}, "charges": BY_EVENT}, "registers.persons.id"),
        ({"persons": {**PERSONS, "status_date": None}, "charges": BY_EVENT}, "registers.persons.status_date"),
        (
            {
                "persons": {**PERSONS, "spell": None, "period": "2023", "birth_date": None},
                "charges": {**BY_EVENT, "take": (), "home_on": "event"},
            },
            "registers.persons.spell",
        ),
        ({"persons": PERSONS, "charges": {**BY_EVENT, "take": ("income",)}}, "registers.charges.take"),
    ],
)
def test_what_is_forgotten_is_one_error_with_its_key(tmp_path: Path, specs: dict[str, Any], key: str) -> None:
    files = {name: POPULATION if name == "persons" else CHARGES for name in specs}
    with pytest.raises(InputError) as wrong:
        linked(tmp_path, specs, files)
    assert [problem.key for problem in wrong.value.problems] == [key]


def test_a_missing_list_of_benefits_is_told_by_its_key() -> None:
    with pytest.raises(ValueError, match="benefits is missing"):
        RegisterSpec(path="b.csv", unit="case", person="cpr", full_time={"benefit": "ydelse", "week": "uge"})
    with pytest.raises(ValueError, match=r'needs person = "..."'):
        RegisterSpec(path="b.csv", unit="case", place="person")
