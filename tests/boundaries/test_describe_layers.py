"""What is guessed of map files: layers, CRS, and the columns of ids and names."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo_bosoc.boundaries.describe import describe_layers, is_layer_file
from geo_bosoc.problems import Report

SQUARES = [shapely.box(575_000 + 1_000 * k, 6_220_000, 576_000 + 1_000 * k, 6_221_000) for k in range(3)]


def areas(crs: str | None = "EPSG:25832") -> gpd.GeoDataFrame:
    table = {
        "areal": [1.5, 2.5, 3.5],
        "type": ["a", "a", "b"],
        "omraade_nr": ["0017", "0018", "0019"],
        "navn": ["Parken", "Vænget", "Parken"],
    }
    return gpd.GeoDataFrame(table, geometry=SQUARES, crs=crs)


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.fgb", "a.shp", "a.parquet"])
def test_formats(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    if name.endswith(".parquet"):
        areas().to_parquet(file)
    else:
        areas().to_file(file)
    assert is_layer_file(file)
    (layer,) = describe_layers(file, report=Report())
    assert layer.id is not None
    assert layer.id.value.startswith("omraade")
    assert layer.name is not None
    assert layer.name.value == "navn"
    assert layer.ids == {"0017", "0018", "0019"}
    assert (layer.features, layer.polygons) == (3, 3)
    assert layer.crs is not None
    assert layer.states_crs


def test_a_crs_that_is_not_stated_follows_from_the_coordinates(tmp_path: Path) -> None:
    areas(crs=None).to_file(tmp_path / "a.shp")
    (layer,) = describe_layers(tmp_path / "a.shp", report=Report())
    assert not layer.states_crs
    assert layer.crs is not None
    assert layer.crs.value == "EPSG:25832"
    assert layer.crs.reason == "crs_by_coordinates"
    assert layer.geometry is not None
    assert shapely.equals(layer.geometry[0], SQUARES[0])


def test_each_layer_of_a_geopackage(tmp_path: Path) -> None:
    for name in ("bydele", "veje"):
        areas().to_file(tmp_path / "a.gpkg", layer=name)
    assert [layer.layer for layer in describe_layers(tmp_path / "a.gpkg", report=Report())] == [
        "bydele",
        "veje",
    ]


def test_columns_of_person_numbers_are_no_ids(tmp_path: Path) -> None:
    table = areas().drop(columns=["omraade_nr"])
    table = table.assign(cpr_nr=["9902997391", "9903997392", "9904997393"], nr=[1, 2, 3])
    table.to_file(tmp_path / "a.gpkg")
    (layer,) = describe_layers(tmp_path / "a.gpkg", report=Report())
    assert layer.id is not None
    assert layer.id.value == "nr"
    assert "9902997391" not in repr(layer)


def test_what_is_no_layer_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").write_bytes(b"nothing")
    report = Report()
    assert describe_layers(tmp_path / "a.gpkg", report=report) == []
    assert len(report.errors) == 1
    assert not is_layer_file(tmp_path / "a.json")
