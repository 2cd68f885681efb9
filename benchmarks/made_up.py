"""Made-up cities and countries for the benchmarks: boundaries, addresses and yearly registers of persons, seeded.

Nothing in them is about anybody. A year is made at a time, so that a country needs no more memory than a year of it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import numpy as np
import polars as pl
import shapely
from bench_locate import ORIGIN, SIZE, coverage

CORNER = (560_000.0, 6_200_000.0)
"""South-west corner of a city."""

OWN_INDICATORS: tuple[tuple[str, str, str], ...] = (
    ("outside_15_64", "age BETWEEN 15 AND 64", "labour = 'outside'"),
    ("outside_or_early", "age BETWEEN 16 AND 66", "labour IN ('outside', 'early_retirement')"),
    ("outside_young", "age BETWEEN 18 AND 29", "labour = 'outside'"),
    ("pensioners", "age >= 18", "labour = 'pension'"),
    ("charged_young", "age BETWEEN 15 AND 29", "charged = TRUE"),
    ("charged_adults", "age >= 18", "charged = TRUE"),
    ("measures_small", "age BETWEEN 0 AND 9", "measures = TRUE"),
    ("free_place_any", "free_place IS NOT NULL", "free_place <> 'none'"),
    ("absence_high", "age BETWEEN 6 AND 16", "absence_pct > 10"),
    ("basic_education", "age BETWEEN 30 AND 59", "education = 'basic'"),
    ("higher_education", "age BETWEEN 30 AND 59", "education = 'higher'"),
    ("low_income", "age BETWEEN 15 AND 64 AND labour <> 'student'", "gross_income < 150000"),
)
"""Indicators beside the presets of the Aarhus model: id, denominator, numerator."""

PRESETS = (
    "residents",
    "outside_labour_market",
    "health",
    "youth_crime",
    "exposed_children",
    "low_income_families",
    "child_wellbeing",
    "youth_education",
)
"""With the safety survey's, that the model counts by itself, and the twelve above: twenty and the residents."""


def make_project(
    folder: Path,
    *,
    persons: int,
    years: int,
    areas: int,
    vertices: int = 100,
    addresses: int | None = None,
    indicators: int = len(OWN_INDICATORS),
    model: bool = True,
    country: bool = False,
) -> Path:
    """Write a project with all its input; the project file's path.

    Parameters
    ----------
    persons : rows a year. Some of them move between two years, and some have no address.
    years : yearly files, the last 2024.
    addresses : a third of the persons if left out, half of them in blocks that share few addresses.
    country : 300 km wide instead of 15 km.
    """
    random = np.random.default_rng(7)
    registers = folder / "registers"
    registers.mkdir(parents=True, exist_ok=True)
    wide = SIZE if country else 15_000.0
    corner = ORIGIN if country else CORNER
    shapes = coverage(areas, vertices)
    shapes = shapely.transform(shapes, lambda xy: (xy - ORIGIN) * (wide / SIZE) + corner)
    ids = [f"{number:05d}" for number in range(areas)]
    layer = gpd.GeoDataFrame(
        {"area_id": ids, "name": [f"Område {name}" for name in ids], "kind": "district"},
        geometry=shapes,
        crs="EPSG:25832",
    )
    layer.to_parquet(folder / "areas.parquet")
    outline = shapely.box(corner[0], corner[1], corner[0] + wide, corner[1] + wide)
    gpd.GeoDataFrame(
        {"area_id": ["0999"], "name": ["Ingensteds"]}, geometry=[outline], crs="EPSG:25832"
    ).to_parquet(folder / "outline.parquet")
    count = addresses or max(1, persons // 3)
    towns = random.random((40, 2)) * wide
    spread = towns[random.integers(0, len(towns), count)] + random.normal(0, wide / 25, (count, 2))
    even = random.random((count, 2)) * wide
    places = np.where(random.random((count, 1)) < 0.6, spread, even).clip(1, wide - 1) + corner
    names = (pl.Series(np.arange(count)).cast(pl.String).str.zfill(8) + "-a").rename("address_id")
    pl.DataFrame(
        [names, pl.Series("x", places[:, 0].round(1)), pl.Series("y", places[:, 1].round(1))]
    ).write_parquet(registers / "addresses.parquet")
    periods = [str(2024 - back) for back in reversed(range(years))]
    for number, period in enumerate(periods):
        _persons(registers / f"persons_{period}.parquet", persons, names, number)
    if model:
        size = max(400, persons // 40)
        surveys = [
            pl.DataFrame(
                {
                    "respondent_id": pl.Series(np.arange(size)).cast(pl.String).str.zfill(7) + f"-{period}",
                    "period": [period] * size,
                    "address_id": names.gather(random.integers(0, count, size)),
                    "safety": random.integers(1, 8, size),
                }
            )
            for period in periods[::2]
        ]
        pl.concat(surveys).write_parquet(registers / "survey.parquet")
    own = OWN_INDICATORS[:indicators]
    (folder / "indicators.toml").write_text(
        "\n".join(
            f'[[indicator]]\nid = "{name}"\nlabel_da = "{name}"\nlabel_en = "{name}"\nunit = "percent"\n'
            f'direction = "high_is_bad"\nsource = "made up"\n'
            f'denominator = {{ register = "persons", where = "{base}" }}\n'
            f'numerator = {{ register = "persons", where = "{top}" }}\n'
            for name, base, top in own
        ),
        encoding="utf-8",
    )
    file = folder / "bosoc.toml"
    file.write_text(
        _project_file(periods, [*PRESETS, *(name for name, _, _ in own)], model), encoding="utf-8"
    )
    return file


def _persons(path: Path, rows: int, addresses: pl.Series, year: int) -> None:
    random = np.random.default_rng(1000 + year)
    home = np.random.default_rng(5).integers(0, len(addresses), rows)
    moved = random.random(rows) < 0.1
    home = np.where(moved, random.integers(0, len(addresses), rows), home).astype(np.uint32)
    age = (np.random.default_rng(6).integers(0, 90, rows) + year) % 95

    def words(values: tuple[str | None, ...], weights: tuple[float, ...]) -> pl.Series:
        picked = random.choice(len(values), rows, p=weights).astype(np.uint32)
        return pl.Series(values, dtype=pl.String).gather(picked)

    frame = pl.DataFrame(
        {
            "person_id": "P" + pl.Series(np.arange(rows)).cast(pl.String).str.zfill(8),
            "address_id": addresses.gather(home),
            "age": pl.Series(age).cast(pl.Int16),
            "labour": words(
                ("employed", "outside", "student", "early_retirement", "pension", None),
                (0.52, 0.14, 0.1, 0.03, 0.19, 0.02),
            ),
            "education": words(
                ("basic", "upper_secondary", "vocational", "higher", None), (0.25, 0.1, 0.3, 0.3, 0.05)
            ),
            "in_education": random.random(rows) < 0.3,
            "charged": random.random(rows) < 0.02,
            "measures": random.random(rows) < 0.04,
            "health_measure": random.random(rows) < 0.08,
            "absence_pct": (random.random(rows) * 200).round() / 10,
            "gross_income": random.integers(0, 600_000, rows).astype(np.int32),
            "free_place": words(("full", "partial", "none"), (0.2, 0.15, 0.65)),
        }
    )
    child, pupil = pl.col("age") < 11, pl.col("age").is_between(6, 16)
    lost = pl.Series(random.random(rows) < 0.003)
    frame.with_columns(
        pl.when(child).then(pl.col("free_place")).alias("free_place"),
        pl.when(pupil).then(pl.col("absence_pct")).alias("absence_pct"),
        pl.when(~lost).then(pl.col("address_id")).alias("address_id"),
    ).write_parquet(path)


def _project_file(periods: list[str], use: list[str], model: bool) -> str:
    survey = """
[registers.survey]
path = "registers/survey.parquet"
unit = "person"
id = "respondent_id"
place = "address"

[model]
id = "aarhus-2018"
"""
    named = ", ".join(f'"{name}"' for name in use)
    years = ", ".join(f'"{period}"' for period in periods)
    return f"""[project]
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
path = "registers/persons_{{period}}.parquet"
unit = "person"
role = "population"
id = "person_id"
place = "address"
status_date = "{{year}}-01-01"
{survey if model else ""}
[indicators]
use = [{named}]
file = "indicators.toml"

[run]
periods = [{years}]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--persons", type=int, default=370_000)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--areas", type=int, default=200)
    parser.add_argument("--vertices", type=int, default=100)
    parser.add_argument("--addresses", type=int, default=None)
    parser.add_argument("--country", action="store_true")
    given = parser.parse_args()
    print(make_project(model=not given.country, **vars(given)))


if __name__ == "__main__":
    main()
