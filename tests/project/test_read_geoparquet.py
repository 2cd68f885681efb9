"""Boundaries in GeoParquet give the same run and the same list of problems; and what was looked up of a part's
rows goes when it is counted, though the register's frame stays."""

from __future__ import annotations

import gc
import shutil
import weakref
from pathlib import Path

import geopandas as gpd
import numpy as np
import polars as pl
import pytest

from geo_bosoc.locate.labels import label_points
from geo_bosoc.locate.match_report import LabelledRows, match_rows
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse, run_project


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
    one, two = analyse(town, report=Report()), analyse(in_geoparquet(other), report=Report())
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


def test_labels_go_when_their_part_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "persons.parquet"
    pl.DataFrame({"address_id": ["a", "b", "c"], "period": ["2024"] * 3, "age": [1, 2, 3]}).write_parquet(
        file
    )
    register = pl.scan_parquet(file)
    register.collect_schema()
    points = pl.DataFrame({"address_id": ["a", "b"], "x": [1.0, 2.0], "y": [1.0, 2.0]})
    located = pl.DataFrame({"address_id": ["a"], "area_id": ["A1"]})
    rows = LabelledRows.of(register, label_points(["address_id"], points, located, None), "2024")
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
    rows = LabelledRows.of(register, label_points(["address_id"], points, located, None), period)
    assert not len(rows.labels)
    assert match_rows(rows, "person_id", unique=False) == {}
    assert not rows.person_like()
    assert rows.labelled().collect().is_empty()
