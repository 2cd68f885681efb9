"""The committed demo: what the generator writes, of the promised size, with all four categories in each year."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import polars as pl
import pytest

from geo_bosoc.demo import Municipality, make_municipality
from geo_bosoc.demo.municipality import CSV_TABLES

ROOT = Path(__file__).parents[2]
YEARS = range(2020, 2025)


@pytest.fixture(scope="module")
def municipality() -> Municipality:
    return make_municipality()


def committed(name: str) -> pl.DataFrame:
    return pl.read_parquet(ROOT / "data" / "registers" / f"{name}.parquet")


def test_committed_tables_are_what_the_generator_makes(municipality: Municipality) -> None:
    for name, table in municipality.registers.items():
        if name not in CSV_TABLES:
            assert committed(name).equals(table), f"{name}: run `geo-bosoc demo .` and commit what it writes"


def test_committed_boundaries_are_what_the_generator_makes(municipality: Municipality) -> None:
    for name, layer in municipality.boundaries.items():
        text = json.loads((ROOT / "data" / "boundaries" / f"{name}.geojson").read_text(encoding="utf-8"))
        assert [f["properties"]["area_id"] for f in text["features"]] == layer["area_id"].tolist()
        assert text["crs"]["properties"]["name"].endswith("25832")


def test_committed_files_are_small() -> None:
    size = sum(path.stat().st_size for path in (ROOT / "data").rglob("*") if path.is_file())
    assert size <= 10_000_000


def test_project_file_names_files_that_are_there() -> None:
    project = tomllib.loads((ROOT / "bosoc.toml").read_text(encoding="utf-8"))
    assert project["project"]["made_up"] is True
    assert project["run"]["periods"] == [str(year) for year in YEARS]
    for part in (*project["boundaries"].values(), *project["registers"].values()):
        if part.get("unit") == "raster":  # mapped every so many years
            assert list(ROOT.glob(part["path"].replace("{period}", "????")))
            continue
        for year in YEARS:
            assert (ROOT / part["path"].replace("{period}", str(year))).exists()
    assert (ROOT / project["indicators"]["file"]).exists()


def test_residents_addresses_and_areas_are_as_promised() -> None:
    addresses = committed("addresses")
    assert 25_000 < addresses.height < 33_000
    for year in YEARS:
        people = committed(f"persons_{year}")
        assert 97_000 < people.height < 103_000
        homes = people.join(addresses, on="address_id").group_by("estate_id").len().drop_nulls("estate_id")
        assert 37 <= homes.filter(pl.col("len") > 500).height <= 42
        assert 18 <= homes.filter(pl.col("len") <= 500).height <= 23
        assert 0.30 < homes["len"].sum() / people.height < 0.38


def test_all_four_categories_occur_in_each_year() -> None:
    from geo_bosoc.indicators import count_indicators, indicator_table, load_indicators
    from geo_bosoc.models import categorise, load_model

    addresses = committed("addresses").select("address_id", area_id="estate_id")
    people = pl.concat([committed(f"persons_{year}") for year in YEARS])
    registers = {"persons": people.lazy(), "survey": committed("survey").lazy()}
    periods = [str(year) for year in YEARS]
    indicators = load_indicators("aarhus")
    placed = {name: frame.join(addresses.lazy(), on="address_id") for name, frame in registers.items()}
    ids = sorted(addresses["area_id"].drop_nulls().unique())
    counts = count_indicators(placed, indicators, areas=ids, periods=periods)
    whole = {name: frame.with_columns(area_id=pl.lit("@municipality")) for name, frame in registers.items()}
    reference = count_indicators(whole, indicators, areas=["@municipality"], periods=periods)
    table = indicator_table(counts, indicators, reference)
    found = categorise(table, load_model("aarhus-2018")).categories
    for period in periods:
        of = found[found["period"] == period]["category"].value_counts().to_dict()
        assert 1 <= of["severely_deprived"] <= 4
        assert 5 <= of["deprived"] <= 14
        assert 13 <= of["at_risk"] <= 23
        assert 5 <= of["outside_risk"] <= 12
    last = found[found["period"] == "2024"]["category"].value_counts().to_dict()
    for category, near in (("severely_deprived", 2), ("deprived", 10), ("at_risk", 19), ("outside_risk", 7)):
        assert abs(last[category] - near) <= 2

    shares = table[(table["indicator"] == "outside_labour_market") & (table["period"] == "2024")]
    assert 0.15 < shares["reference"].iloc[0] < 0.20
    large = set(found[(found["period"] == "2024") & (found["category"] != "too_small")]["area_id"])
    assert 0.40 < shares[shares["area_id"].isin(large)]["value"].max() < 0.56
