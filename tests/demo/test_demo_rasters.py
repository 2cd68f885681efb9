"""The made-up rasters: what they say of places whose layers tell what must be there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import polars as pl
import pytest
import rasterio

from geo_bosoc.demo import Municipality, make_municipality
from geo_bosoc.demo.rasters import GRASS, NO_COVER, NO_NOISE, SEALED, TREES, WATER, write_rasters

RESIDENTS = 9_000


@pytest.fixture(scope="module")
def town() -> Municipality:
    return make_municipality(residents=RESIDENTS, years=(2023,), seed=5)


@pytest.fixture(scope="module")
def folder(town: Municipality, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rasters")
    write_rasters(town.boundaries, town.registers["addresses"], path)
    return path


def values(file: Path, points: gpd.GeoSeries) -> np.ndarray:
    with rasterio.open(file) as raster:
        return np.array([each[0] for each in raster.sample(zip(points.x, points.y, strict=True))])


def test_rasters_say_where_they_lie_and_what_is_no_data(folder: Path) -> None:
    for name, size, nodata in (
        ("road_noise_2017", 20, NO_NOISE),
        ("road_noise_2022", 20, NO_NOISE),
        ("ground_cover_2019", 10, NO_COVER),
    ):
        with rasterio.open(folder / f"{name}.tif") as raster:
            assert raster.crs.to_epsg() == 25832
            assert raster.res == (size, size)
            assert raster.nodata == nodata


def test_the_sea_has_no_data_and_the_land_has(town: Municipality, folder: Path) -> None:
    sea = town.boundaries["sea"].geometry.iloc[0].representative_point()
    homes = town.registers["addresses"].drop_nulls("x")
    on_land = gpd.GeoSeries(gpd.points_from_xy(homes["x"].to_numpy(), homes["y"].to_numpy()))
    for name, nodata in (("road_noise_2022", NO_NOISE), ("ground_cover_2019", NO_COVER)):
        assert values(folder / f"{name}.tif", gpd.GeoSeries([sea])).tolist() == [nodata]
        assert (values(folder / f"{name}.tif", on_land) != nodata).all()


def test_what_covers_the_ground_is_what_the_layers_say(town: Municipality, folder: Path) -> None:
    file = folder / "ground_cover_2019.tif"
    lakes = town.boundaries["lakes"].geometry.representative_point()
    assert set(values(file, lakes)) == {WATER}
    homes = town.registers["addresses"].drop_nulls("x")
    doors = gpd.GeoSeries(gpd.points_from_xy(homes["x"].to_numpy(), homes["y"].to_numpy()))
    assert set(values(file, doors)) == {SEALED}
    with rasterio.open(file) as raster:
        assert {GRASS, TREES} <= set(np.unique(raster.read(1)))


def test_a_road_is_louder_the_nearer_and_the_wall_of_the_motorway_helps(
    town: Municipality, folder: Path
) -> None:
    roads = town.boundaries["roads"]
    motorway = roads.loc[roads["kind"] == "motorway", "geometry"].iloc[0]
    middle = motorway.interpolate(0.4, normalized=True)
    rings = [middle.buffer(metres).exterior for metres in (60, 600)]
    steps = np.linspace(0, 1, 9)
    points = [gpd.GeoSeries([ring.interpolate(step, normalized=True) for step in steps]) for ring in rings]
    files = {year: folder / f"road_noise_{year}.tif" for year in (2017, 2022)}
    by_year = {year: [values(file, each) for each in points] for year, file in files.items()}
    for near_values, far_values in by_year.values():
        assert near_values.min() > np.median(far_values)
    assert (by_year[2022][0] < by_year[2017][0]).all()


def test_the_same_town_gives_the_same_bytes(town: Municipality, folder: Path, tmp_path: Path) -> None:
    write_rasters(town.boundaries, town.registers["addresses"], tmp_path)
    for file in folder.glob("*.tif"):
        digests = [hashlib.sha256(each.read_bytes()).hexdigest() for each in (file, tmp_path / file.name)]
        assert digests[0] == digests[1]


def test_schools_are_points_of_the_table_of_schools(town: Municipality) -> None:
    schools, table = town.boundaries["schools"], town.registers["schools"]
    assert schools["area_id"].tolist() == sorted(set(table["school_id"]))
    last = table.filter(pl.col("school_id") == schools["area_id"].iloc[0]).row(-1, named=True)
    assert (schools.geometry.iloc[0].x, schools.geometry.iloc[0].y) == (last["x"], last["y"])
