"""Every count of a run, once more by plain joins: files cut into many row groups, years mixed in files, rows that say
less than they should, overlapping areas. All of it made up."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pytest
import shapely

from geo_bosoc.problems import Report
from geo_bosoc.project import analyse

PERIODS = ("2022", "2023", "2024")
GRID = 5
STEP = 100.0
CORNER = (560_000.0, 6_200_000.0)

PROJECT = """[project]
name = "Ingensteds"
municipality = "0999"
output = "maps"
made_up = true

[boundaries.areas]
path = "areas.parquet"
kind = "kind"

[boundaries.municipality]
path = "outline.parquet"

[registers.addresses]
path = "registers/addresses.parquet"
unit = "address"
id = "address_id"
x = "x"
y = "y"
crs = "EPSG:25832"

[registers.persons]
path = "{path}"
unit = "person"
role = "population"
id = "person_id"
place = "address"
status_date = "{{year}}-01-01"
{period}
[indicators]
use = ["residents", "outside_any", "free_place_any", "weekly_hours"]
file = "indicators.toml"

[run]
periods = ["2022", "2023", "2024"]
"""

INDICATORS = """
[[indicator]]
id = "outside_any"
label_da = "Uden for"
label_en = "Outside"
unit = "percent"
direction = "high_is_bad"
source = "made up"
denominator = { register = "persons", where = "age BETWEEN 15 AND 64" }
numerator = { register = "persons", where = "labour = 'outside'" }

[[indicator]]
id = "free_place_any"
label_da = "Friplads"
label_en = "Free place"
unit = "percent"
direction = "high_is_bad"
source = "made up"
denominator = { register = "persons", where = "free_place IS NOT NULL" }
numerator = { register = "persons", where = "free_place <> 'none' OR age > 60" }

[[indicator]]
id = "weekly_hours"
label_da = "Timer"
label_en = "Hours"
unit = "mean"
direction = "low_is_bad"
source = "made up"
scale = 100
denominator = { register = "persons", where = "age >= 18" }
mean_of = "hours"
"""


def _town(folder: Path, random: np.random.Generator) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Boundaries (a grid, and one area across four of its cells), addresses, and the areas of each address."""
    cells = [(i, j) for i in range(GRID) for j in range(GRID)]
    boxes = [
        shapely.box(*(CORNER[k] + STEP * (at + more) for more in (0, 1) for k, at in enumerate(cell)))
        for cell in cells
    ]
    across = shapely.box(*(CORNER[k] + STEP * at for at in (0.5, 1.5) for k in (0, 1)))
    ids = [f"A{number:02d}" for number in range(len(boxes))]
    shapes = gpd.GeoDataFrame(
        {"area_id": [*ids, "B01"], "name": [*ids, "B01"], "kind": ["cell"] * len(ids) + ["across"]},
        geometry=[*boxes, across],
        crs="EPSG:25832",
    )
    shapes.to_parquet(folder / "areas.parquet")
    whole = shapely.box(*CORNER, *(at + STEP * (GRID - 1) for at in CORNER))  # some areas lie outside
    outline = gpd.GeoDataFrame({"area_id": ["0999"], "name": ["I"]}, geometry=[whole], crs="EPSG:25832")
    outline.to_parquet(folder / "outline.parquet")
    count = 600
    xy = np.round(random.uniform(-0.2, GRID + 0.2, (count, 2)) * STEP + np.array(CORNER), 1) + 0.05
    names = [f"adr-{number}" for number in range(count)]
    table = pd.DataFrame({"address_id": names, "x": xy[:, 0], "y": xy[:, 1]})
    pl.from_pandas(table).write_parquet(folder / "registers" / "addresses.parquet")
    points = shapely.points(xy)
    lies = {
        name: [one for one, shape in zip(shapes["area_id"], shapes.geometry, strict=True) if shape.covers(at)]
        for name, at in zip(names, points, strict=True)
    }
    return table, lies


def _persons(addresses: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Persons of all years, one row a person and year, in no order; gaps in every column but id and year."""
    years = []
    for year in PERIODS:
        count = 4_000
        home = random.choice(addresses["address_id"].to_numpy(), count).astype(object)
        home[random.random(count) < 0.02] = None
        home[random.random(count) < 0.02] = "adr-ukendt"

        def gaps(values: np.ndarray) -> np.ndarray:
            return np.where(random.random(len(values)) < 0.05, None, values.astype(object))

        years.append(
            pd.DataFrame(
                {
                    "person_id": [f"P{number}" for number in random.permutation(count)],
                    "period": year,
                    "address_id": home,
                    "age": gaps(random.integers(0, 95, count)),
                    "labour": gaps(random.choice(["outside", "employed", "student"], count)),
                    "free_place": gaps(random.choice(["full", "partial", "none"], count)),
                    "hours": gaps(random.integers(0, 60, count)),
                }
            )
        )
    every = pd.concat(years, ignore_index=True)
    return every.iloc[random.permutation(len(every))].reset_index(drop=True)


def _write(persons: pd.DataFrame, folder: Path, layout: str) -> tuple[str, str]:
    """The register in files; its path and what the project file says of its period."""
    kinds = {"age": pl.Int16, "hours": pl.Int32}
    frame = pl.from_pandas(persons.astype(dict.fromkeys(kinds, "Int64"))).cast(kinds)
    to = folder / "registers"
    if layout == "a file a year":
        for year in PERIODS:
            frame.filter(pl.col("period") == year).drop("period").write_parquet(
                to / f"persons_{year}.parquet", row_group_size=170
            )
        return "registers/persons_{period}.parquet", ""
    frame.write_parquet(to / "persons.parquet", row_group_size=170)
    return "registers/persons.parquet", 'period = "period"\n'


def _by_hand(
    persons: pd.DataFrame, lies: dict[str, list[str]]
) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    """Numerator, denominator and unknown by indicator, area and period, from one joined table."""
    links = pd.DataFrame(
        [(a, area) for a, areas in lies.items() for area in areas], columns=["address_id", "area_id"]
    )
    rows = persons.merge(links, on="address_id")
    age = rows["age"].astype("Float64")
    outside, place, hours = rows["labour"], rows["free_place"], rows["hours"].astype("Float64")
    yes, no = True, False

    def three(known: pd.Series, true: pd.Series) -> pd.Series:
        """True, False or missing."""
        return true.astype("boolean").where(known, pd.NA)

    first = three(age.notna(), age.between(15, 64).fillna(no))
    top1 = three(outside.notna(), outside == "outside")
    second = place.notna().astype("boolean")
    left = three(place.notna(), place != "none")
    right = three(age.notna(), (age > 60).fillna(no))
    third = three(age.notna(), (age >= 18).fillna(no))
    told = {
        "residents": (pd.Series(yes, rows.index, dtype="boolean"), None),
        "outside_any": (first, top1),
        "free_place_any": (second, left | right),
        "weekly_hours": (third, hours),
    }
    result = {}
    for (area, period), places in rows.groupby(["area_id", "period"]).groups.items():
        for name, (base, top) in told.items():
            inside = base.loc[places].fillna(no).to_numpy(bool)
            if top is None:
                result[name, area, period] = (int(inside.sum()), int(inside.sum()), 0)
                continue
            own = top.loc[places][inside]
            known = own.notna()
            amount = own[known].astype("Float64").sum() * (100 if name == "weekly_hours" else 1)
            result[name, area, period] = (int(amount), int(inside.sum()), int((~known).sum()))
    return result


@pytest.mark.parametrize("layout", ["a file a year", "one file"])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_count_is_that_of_a_plain_join(tmp_path: Path, layout: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    (tmp_path / "registers").mkdir()
    addresses, lies = _town(tmp_path, random)
    persons = _persons(addresses, random)
    path, period = _write(persons, tmp_path, layout)
    (tmp_path / "bosoc.toml").write_text(PROJECT.format(path=path, period=period), encoding="utf-8")
    (tmp_path / "indicators.toml").write_text(INDICATORS, encoding="utf-8")
    found = analyse(tmp_path / "bosoc.toml", report=Report())
    expected = _by_hand(persons, lies)
    table = found.table
    keys = zip(table["indicator"], table["area_id"], table["period"], strict=True)
    figures = table[["numerator", "denominator", "unknown"]].fillna(0).astype("int64").itertuples(index=False)
    counted = {key: tuple(row) for key, row in zip(keys, figures, strict=True)}
    differ = {
        key: (counted.get(key), figure) for key, figure in expected.items() if counted.get(key) != figure
    }
    assert not differ
    assert len(expected) > 4 * 3 * GRID * GRID  # every area is lived in
    assert all(not any(figure) for key, figure in counted.items() if key not in expected)
