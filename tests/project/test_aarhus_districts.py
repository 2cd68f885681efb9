"""A run from configuration alone: a person register of our making over Aarhus's 96 real districts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_bosoc.problems import Report
from geo_bosoc.project import run_project

DATA = os.environ.get("GEO_BOSOC_DATA") or None
pytestmark = pytest.mark.skipif(
    DATA is None, reason="GEO_BOSOC_DATA is not set: Aarhus's districts are not here"
)

PERSONS = 60_000
PERIODS = ("2023", "2024")


def districts() -> gpd.GeoDataFrame:
    return gpd.read_file(Path(str(DATA)) / "areas" / "aarhus_statistics_districts.geojson")


def register(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Made-up persons at points strewn over the districts and beyond, some without coordinates."""
    draw = np.random.default_rng(8000)
    west, south, east, north = areas.total_bounds
    rows = []
    for period in PERIODS:
        x, y = draw.uniform(west, east, PERSONS), draw.uniform(south, north, PERSONS)
        x[:50] = np.nan
        labour = draw.choice(["employed", "outside", "student", None], PERSONS, p=[0.7, 0.2, 0.08, 0.02])
        rows.append(
            pd.DataFrame(
                {
                    "person": [f"Q{number:06d}" for number in range(PERSONS)],
                    "aar": period,
                    "oest": x.round(2),
                    "nord": y.round(2),
                    "alder": draw.integers(0, 95, PERSONS),
                    "arbejde": labour,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def write_danish_csv(frame: pd.DataFrame, path: Path) -> None:
    """As a Danish spreadsheet writes it: semicolons, decimal comma, cp1252."""
    frame.rename(columns={"oest": "øst"}).to_csv(path, sep=";", decimal=",", index=False, encoding="cp1252")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, gpd.GeoDataFrame, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("aarhus med mellemrum æøå")
    areas = districts()
    people = register(areas)
    for period in PERIODS:
        write_danish_csv(people[people["aar"] == period], folder / f"borgere_{period}.csv")
    id_column, name_column = "prog_distrikt_nr", "prog_distrikt_navn"
    (folder / "bosoc.toml").write_text(
        f"""
[project]
name = "Aarhus, opdigtede borgere"
municipality = "0751"
made_up = true

[boundaries.areas]
path = '{Path(str(DATA)) / "areas" / "aarhus_statistics_districts.geojson"}'
id = "{id_column}"
name = "{name_column}"

[registers.persons]
path = "borgere_{{period}}.csv"
unit = "person"
role = "population"
id = "person"
x = "øst"
y = "nord"
crs = "EPSG:25832"
columns = {{ age = "alder", labour = "arbejde" }}
status_date = "{{year}}-01-01"

[indicators]
use = ["outside_labour_market"]

[run]
periods = ["2023", "2024"]
""",
        encoding="utf-8",
    )
    run_project(folder / "bosoc.toml", internal=True, report=Report())
    areas = areas.assign(area_id=areas[id_column].astype(str))
    return folder / "maps", areas, people


def test_counts_are_those_of_a_plain_overlay(made: tuple[Path, gpd.GeoDataFrame, pd.DataFrame]) -> None:
    """Against shapely, person by person; random points do not lie on borders."""
    folder, areas, people = made
    ours = pd.read_csv(
        folder / "categories.csv",
        sep=";",
        decimal=",",
        encoding="utf-8-sig",
        dtype={"area_id": str, "period": str},
    ).set_index(["area_id", "period"])
    assert len(ours) == 96 * len(PERIODS)
    adult = people["alder"].between(18, 64)
    known = people["arbejde"].notna()
    for row in areas.to_crs("EPSG:25832").itertuples():
        inside = shapely.contains_xy(row.geometry, people["oest"].to_numpy(), people["nord"].to_numpy())
        for period in PERIODS:
            here = people[inside & adult & (people["aar"] == period)]
            line = ours.loc[(row.area_id, period)]
            outside = int((here["arbejde"] == "outside").sum())
            if line["outside_labour_market_status"] == "protected":
                unknown = int((~known[here.index]).sum())
                least = [outside, unknown, len(here) - unknown - outside, len(here)]
                assert any(0 < number < 5 for number in least)
                continue
            told = here if pd.notna(line["outside_labour_market_unknown"]) else here[known[here.index]]
            assert line["outside_labour_market_denominator"] == len(told)
            assert line["outside_labour_market_numerator"] == outside


def test_everybody_is_accounted_for(made: tuple[Path, gpd.GeoDataFrame, pd.DataFrame]) -> None:
    folder, _, _ = made
    internal = folder.with_name("maps-internal") / "run.json"
    match = json.loads(internal.read_text(encoding="utf-8"))["facts"]["match"]["persons"]
    for period in PERIODS:
        assert sum(fate["rows"] for fate in match[period].values()) == PERSONS
        assert match[period]["without_coordinates"]["rows"] == 50
