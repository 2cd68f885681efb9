"""The specification of a register, and real registers."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.spec import RegisterSpec


def test_the_place_follows_from_what_is_given() -> None:
    assert RegisterSpec(path="p", unit="person").place == "address"
    assert RegisterSpec(path="p", unit="count").place == "area"
    assert RegisterSpec(path="p", unit="person", area="district").place == "area"
    assert RegisterSpec(path="p", unit="person", x="e", y="n").place == "xy"
    assert RegisterSpec(path="p", unit="address", id="id", x="e", y="n").place == "xy"


@pytest.mark.parametrize(
    "fields",
    [
        {"unit": "person", "x": "e"},
        {"unit": "address", "x": "e", "y": "n"},
        {"unit": "person", "place": "area", "x": "e", "y": "n"},
        {"unit": "person", "place": "person"},
        {"unit": "person", "reference_row": "all"},
        {"unit": "person", "status_date": "01-01-2024"},
        {"unit": "person", "unknown_key": 1},
        {"unit": "household"},
        {"unit": "count", "years_across": "n", "period": "2024"},
    ],
)
def test_what_cannot_be_meant_is_refused(fields: dict) -> None:
    with pytest.raises(ValidationError):
        RegisterSpec(path="p", **fields)


def test_periods_and_status_dates() -> None:
    spec = RegisterSpec(path="p", unit="person", period=2024, status_date="{year}-01-01")
    assert (spec.fixed_period, spec.period_column) == ("2024", None)
    assert spec.status_date_of("2024K3") == "2024-01-01"
    assert RegisterSpec(path="p", unit="person", period="aar").period_column == "aar"


@pytest.fixture(scope="module")
def real() -> Path:
    folder = os.environ.get("GEO_BOSOC_DATA")
    if not folder or not (Path(folder) / "registers").is_dir():
        pytest.skip("GEO_BOSOC_DATA is unset: the real registers are not read")
    return Path(folder)


def test_frederiksbergs_nine_tables(real: Path) -> None:
    tables = sorted((real / "registers" / "frederiksberg").glob("*.json"))
    assert len(tables) == 9
    for table in tables:
        frame = read_register(
            table,
            unit="count",
            area="distrikt_id",
            period="udtraek_dato",
            period_by="quarter",
            where="type_id = 12",
        ).collect()
        assert frame["area_id"].n_unique() == 362
        assert frame["period"].n_unique() == 7
        assert frame.height == 362 * 7
        assert "2012K4" in frame["period"]
    people = read_register(
        real / "registers" / "frederiksberg" / "befolkning_18_64.json",
        unit="count",
        area="distrikt_id",
        period="udtraek_dato",
        period_by="quarter",
        where="type_id = 12",
    ).collect()
    first = people.filter((pl.col("area_id") == "1620") & (pl.col("period") == "2012K4"))
    assert first.select("antal", "antal_samlet").row(0) == (1048, 1416)
    assert first["antal"].dtype == pl.Int64


def test_copenhagens_buildings(real: Path) -> None:
    frame = read_register(
        real / "registers" / "copenhagen_buildings_before_1850.csv",
        unit="count",
        area="OMRKK",
        period="TID",
        columns={"buildings": "INDHOLD"},
    ).collect()
    assert frame.height == 4088
    row = frame.filter((pl.col("area_id") == "København i alt") & (pl.col("period") == "1991"))
    assert row["buildings"].to_list() == [1653]


def test_published_tables_and_composites(real: Path) -> None:
    values = read_register(
        real / "published" / "national_list_values.csv", unit="count", area="area", period="year"
    ).collect_schema()
    assert values["outside_labour_pct"] == pl.Float64
    letting = read_register(
        real / "published" / "combined_letting_2024.csv", unit="count", area="area", period="year"
    ).collect()
    assert letting["outside_labour_pct"][0] == 40.7
    census = read_register(
        real / "composite" / "townsend_2011_counts.csv", unit="count", area="GEO_CODE", period="2011"
    ).collect()
    assert census["area_id"][0] == "95AA"
    assert census.height == 404
