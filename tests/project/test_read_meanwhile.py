"""Boundaries in GeoParquet are read while the registers are: the same run, and the same list of problems. And what was
found of a part's rows goes when it is counted, though the register's frame stays."""

from __future__ import annotations

import gc
import shutil
import weakref
from pathlib import Path

import geopandas as gpd
import numpy as np
import polars as pl
import pytest
from shapely import box

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import find, run_project
from geo_bosoc.project.layers import Layers
from geo_bosoc.project.located import Kept, place
from geo_bosoc.project.named_rows import NamedRows, match_rows
from geo_bosoc.project.places import make_places, number_points
from geo_bosoc.project.spec import load_project


def in_geoparquet(town: Path) -> Path:
    """The town with every boundary file in GeoParquet."""
    project = town / "bosoc.toml"
    text = project.read_text(encoding="utf-8")
    for file in sorted((town / "data" / "boundaries").glob("*.geojson")):
        gpd.read_file(file).to_parquet(file.with_suffix(".parquet"))
        text = text.replace(file.name, file.with_suffix(".parquet").name)
    project.write_text(text, encoding="utf-8")
    return town


def test_the_run_is_the_same(town: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(town, other)
    one, two = find(town, report=Report()), find(in_geoparquet(other), report=Report())
    assert one.table.equals(two.table)
    assert one.categories.equals(two.categories)
    assert list(one.report.facts) == list(two.report.facts)


def test_problems_of_boundaries_and_registers_are_told_together(town: Path) -> None:
    in_geoparquet(town)
    areas = town / "data" / "boundaries" / "areas.parquet"
    gpd.read_parquet(areas).rename(columns={"area_id": "id"}).to_parquet(areas)
    (town / "data" / "registers" / "survey.parquet").unlink()
    with pytest.raises(InputError) as caught:
        run_project(town, report=Report())
    told = [str(problem) for problem in caught.value.problems]
    assert any("areas.parquet" in line and "area_id" in line for line in told)
    assert any("survey" in line for line in told)
    assert len(told) == len(set(told))
    assert not (town / "maps").exists()


def test_areas_that_cannot_be_read_are_not_located_in(town: Path) -> None:
    in_geoparquet(town)
    (town / "data" / "boundaries" / "areas.parquet").write_bytes(b"not Parquet")
    layers = Layers(load_project(town / "bosoc.toml"))
    with pytest.raises(InputError, match=r"areas\.parquet"):
        layers.to_locate()
    report = Report()
    layers.settle(report)
    assert [problem.file for problem in report.errors] == ["areas.parquet"]


def test_labels_go_when_their_part_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "persons.parquet"
    pl.DataFrame({"address_id": ["a", "b", "c"], "period": ["2024"] * 3, "age": [1, 2, 3]}).write_parquet(
        file
    )
    register = pl.scan_parquet(file)
    register.collect_schema()
    points = pl.DataFrame({"address_id": ["a", "b"], "x": [1.0, 2.0], "y": [1.0, 2.0]})
    located = pl.DataFrame({"address_id": ["a"], "area_id": ["A1"]})
    rows = NamedRows.of(register, make_places(["address_id"], points, located, None), "2024")
    held = weakref.ref(rows.labels)
    labelled = rows.labelled()
    labelled.collect_schema()
    counted = labelled.group_by("area_id").agg(pl.col("age").sum()).collect(engine="streaming")
    assert np.sort(counted["age"]).tolist() == [1, 2, 3]
    del rows, labelled, counted
    gc.collect()
    assert held() is None


@pytest.mark.parametrize("period", [None, "2024"])
def test_a_part_without_rows(period: str | None) -> None:
    points = pl.DataFrame({"address_id": ["a", "b"], "x": [1.0, 2.0], "y": [1.0, 2.0]})
    located = pl.DataFrame({"address_id": ["a"], "area_id": ["A1"]})
    register = pl.LazyFrame(schema={"person_id": pl.String, "address_id": pl.String, "period": pl.String})
    rows = NamedRows.of(register, make_places(["address_id"], points, located, None), period)
    assert not len(rows.labels)
    assert match_rows(rows, "person_id", once=False) == {}
    assert not rows.person_like()
    assert rows.labelled().collect().is_empty()


def test_places_without_their_keys_count_the_same() -> None:
    points = pl.DataFrame({"address_id": ["a", "b"], "x": [1.0, 2.0], "y": [1.0, 2.0]})
    located = pl.DataFrame({"address_id": ["a"], "area_id": ["A1"]})
    places = make_places(["address_id"], points, located, None)
    lean = places.without_keys()
    assert lean.points.columns == ["label"]
    register = pl.DataFrame({"address_id": ["b", "a", None, "x", "a"]}).lazy()
    one, two = (NamedRows.of(register, each, "2024") for each in (places, lean))
    assert one.labels.tolist() == two.labels.tolist()
    assert (one.seen == two.seen).all()
    by_xy = make_places(["x", "y"], points, points.select("x", "y").with_columns(area_id=pl.lit("A1")), None)
    assert by_xy.without_keys() is by_xy


def test_points_told_by_their_rows_get_the_same_labels() -> None:
    """With areas that overlap, an outline, and a point that has no coordinates."""
    points = pl.DataFrame(
        {"address_id": ["c", "a", "b", "e", "d"], "x": [1.0, 5.0, 12.0, None, 30.0], "y": [1.0] * 5}
    )
    squares = gpd.GeoDataFrame(
        {"area_id": ["A1", "A2"]}, geometry=[box(0, 0, 8, 8), box(4, 0, 14, 8)], crs="EPSG:25832"
    )
    outline = gpd.GeoDataFrame({"area_id": ["@"]}, geometry=[box(0, 0, 20, 20)], crs="EPSG:25832")
    numbers = number_points(points, ["address_id"])
    assert numbers is not None
    by_text, by_rows = (
        place(points, ["address_id"], squares, outline, Kept(), Report(), numbers=each).labelled()
        for each in (None, numbers)
    )
    assert by_text.points.equals(by_rows.points)
    assert by_text.labels.equals(by_rows.labels)
    assert by_text.areas.equals(by_rows.areas)
    assert by_rows.keys == ("address_id",)
    assert set(by_rows.areas["area_id"]) == {"A1", "A2"}
