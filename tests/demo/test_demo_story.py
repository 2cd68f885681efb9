"""The demo's story of places from below, by its committed files: named, confirmed, helped; found by services."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from geo_bosoc.bottom_up import municipal_service_rates
from geo_bosoc.bottom_up.history.place_tables import read_actions, read_forums
from geo_bosoc.problems import Report

ROOT = Path(__file__).parents[2]
REGISTERS = ROOT / "data" / "registers"
YEARS = ("2022", "2023", "2024")


def table(name: str) -> pd.DataFrame:
    frame = pl.read_parquet(REGISTERS / f"{name}.parquet")
    return pd.DataFrame({column: frame[column].to_list() for column in frame.columns})


def rows(name: str) -> pd.DataFrame:
    return pd.read_csv(REGISTERS / f"{name}.csv", sep=";", dtype=str, encoding="utf-8-sig")


@pytest.fixture(scope="module")
def shelter() -> str:
    project = tomllib.loads((ROOT / "bosoc.toml").read_text(encoding="utf-8"))
    (address,) = project["bottom_up"]["exclude_addresses"]
    return str(address)


@pytest.fixture(scope="module")
def rates(shelter: str) -> pd.DataFrame:
    """Services, expected ones and kinds of the named street and of the quarter round the shelter, by year."""
    addresses = table("addresses")
    street = rows("forums")["place"].iloc[0]
    door = addresses[addresses["address_id"] == shelter].iloc[0]
    near = (addresses["x"] - door["x"]).abs().lt(100) & (addresses["y"] - door["y"]).abs().lt(100)
    homes = pd.concat(
        [
            addresses[addresses["street"] == street].assign(place_id="street"),
            addresses[near & (addresses["address_id"] != shelter)].assign(place_id="quarter"),
        ]
    )[["place_id", "address_id"]]
    cases = table("cases")
    parts = []
    for year in YEARS:
        of_year = cases[cases["period"] == year].reset_index(drop=True)
        persons = table(f"persons_{year}")[["person_id", "address_id", "age", "labour"]]
        places = municipal_service_rates(of_year, persons, homes, report=Report()).places
        adults = homes.merge(persons[persons["age"].between(18, 64)], on="address_id")
        outside = (adults["labour"] == "outside").groupby(adults["place_id"]).mean().rename("outside")
        parts.append(places.merge(outside, left_on="place_id", right_index=True).assign(year=year))
    return pd.concat(parts).set_index(["place_id", "year"])


def test_the_named_street_has_many_services_until_it_has_been_helped(rates: pd.DataFrame) -> None:
    beyond = (rates["services"] / rates["expected"])["street"]
    assert beyond["2022"] > 4
    assert beyond["2022"] > beyond["2023"]
    assert beyond["2024"] < 1.5
    forum = rows("forums")
    status = forum[forum["place"] == forum["place"].iloc[0]].set_index("year")["status"].to_dict()
    assert status == {"2022": "aktiv", "2023": "aktiv", "2024": "afsluttet"}


def test_the_quarter_stands_out_by_services_alone(rates: pd.DataFrame) -> None:
    quarter = rates.loc["quarter"]
    assert quarter.loc["2024", "services"] > 4 * quarter.loc["2024", "expected"]
    assert quarter.loc["2024", "service_kinds"] >= 4
    assert quarter.loc["2022", "services"] < 2 * quarter.loc["2022", "expected"]
    assert (quarter["outside"] < 0.15).all()


def test_the_street_is_named_in_the_first_autumn_and_others_later(shelter: str) -> None:
    nominations, street = rows("nominations"), rows("forums")["place"].iloc[0]
    autumns = nominations["date"].str[:4]
    assert sorted(set(autumns)) == ["2021", "2022", "2023"]
    assert set(autumns[nominations["name"].fillna("").str.casefold() == street.casefold()]) == {"2021"}
    addresses = table("addresses").set_index("address_id")
    assert addresses.loc[shelter, "street"] not in set(nominations["name"])
    assert addresses["estate_id"].isna()[shelter]


def test_forums_and_actions_are_read_without_a_fault() -> None:
    report = Report()
    forums = read_forums(REGISTERS / "forums.csv", report)
    actions = read_actions(REGISTERS / "actions.csv", report)
    assert not report.problems
    assert (len(forums), len(actions)) == (len(rows("forums")), len(rows("actions")))
    assert set(forums["status"]) == {"active", "closed", "planned"}


def test_assignments_stay_within_the_right_of_the_agreements() -> None:
    every = rows("agreements").set_index("organisation")["every"].astype(int)
    vacancies = rows("estate_vacancies")
    joint = vacancies.merge(rows("assignments"), on=["estate_id", "year"], validate="one_to_one")
    assert (
        joint["assigned"].astype(int) <= joint["vacancies"].astype(int) // joint["organisation"].map(every)
    ).all()
    now = vacancies[vacancies["year"] == "2024"].set_index("estate_id")["vacancies"]
    assert now.to_dict() == rows("vacancies").set_index("estate_id")["vacancies"].to_dict()
