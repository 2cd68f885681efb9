"""The demo's places: one confirmed, one refuted, one found but not named, one undetermined."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from geo_bosoc.bottom_up import (
    core_addresses,
    false_discovery,
    join_places,
    local_statistic,
    merge_places,
    read_nominations,
    verify,
)
from geo_bosoc.boundaries.read import read_areas
from geo_bosoc.problems import Report

DATA = Path(__file__).parents[2] / "data"


def table(name: str, *columns: str) -> pd.DataFrame:
    frame = pl.read_parquet(DATA / "registers" / f"{name}.parquet").select(columns or pl.all())
    return pd.DataFrame({column: frame[column].to_list() for column in frame.columns})


@pytest.fixture(scope="module")
def told() -> pd.DataFrame:
    persons = table("persons_2024", "person_id", "address_id", "dwelling_id", "age")
    cases = table("cases")
    cases = cases[cases["period"] == "2024"]
    addresses = table("addresses")
    areas = read_areas(DATA / "boundaries" / "areas.geojson", report=Report())
    dwellings = table("dwellings_2024", "address_id", "bbr_use")
    homes = persons.groupby("address_id").agg(
        residents=("person_id", "size"), households=("dwelling_id", "nunique")
    )
    addresses = addresses.merge(homes, left_on="address_id", right_index=True, how="left")
    addresses[["residents", "households"]] = addresses[["residents", "households"]].fillna(0).astype("int64")
    institutions = set(dwellings.loc[dwellings["bbr_use"].isin([150, 160]), "address_id"])
    working = persons[(persons["age"] < 67) & ~persons["address_id"].isin(institutions)]
    met = working["person_id"].isin(cases["person_id"]).astype("int64")
    units = working.assign(cases=met).groupby(["address_id", "dwelling_id"])["cases"].agg(["size", "sum"])
    units = (
        units.reset_index().rename(columns={"size": "at_risk", "sum": "cases"}).drop(columns="dwelling_id")
    )
    open_ones = addresses[~addresses["address_id"].isin(institutions)].reset_index(drop=True)
    local = local_statistic(open_ones, units, (100, 300, 1000), permutations=19, report=Report())
    found = join_places(open_ones[core_addresses(local, false_discovery(local["p"]))], report=Report())
    named = read_nominations(
        DATA / "registers" / "nominations.csv", areas=areas, addresses=addresses, report=Report()
    )
    assert set(named.rows["match"]) == {"sure", "doubtful", "none"}
    places, at = merge_places(
        named, found, addresses=addresses, areas=areas, exclude=institutions, report=Report()
    )
    estates = addresses.dropna(subset=["estate_id"]).rename(columns={"estate_id": "place_id"})
    verdicts = verify(places, at, cases, persons, references=estates, draws=200, report=Report()).verdicts
    outside = (
        at.merge(addresses, on="address_id")
        .groupby("place_id")["estate_id"]
        .apply(lambda e: e.isna().mean() > 0.8)
    )
    return places.merge(verdicts, on="place_id").set_index("place_id").assign(private=outside)


def test_all_four_verdicts_occur(told: pd.DataFrame) -> None:
    named = told[told["named"]]
    assert {"confirmed", "not_seen", "undetermined"} <= set(named["verdict"])
    assert "found_not_named" in set(told.loc[~told["named"], "verdict"])


def test_several_names_are_one_confirmed_place(told: pd.DataFrame) -> None:
    worst = told.loc["N001"]
    assert worst["nominations"] == 4 and worst["verdict"] == "confirmed" and worst["found"]


def test_private_blocks_that_are_on_no_list_are_found(told: pd.DataFrame) -> None:
    assert ((told["verdict"] == "found_not_named") & told["private"]).any()
