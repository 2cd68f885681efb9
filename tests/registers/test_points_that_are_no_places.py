"""Points at 0, 0, far outside Denmark, or half of one: told with the first row, in every format; made-up rows."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import polars as pl
import pyproj
import pytest

from geo_bosoc.boundaries.municipal_bounds import BOUNDS, warn_far_areas, warn_far_points
from geo_bosoc.problems import Report
from geo_bosoc.registers.read import read_register

X, Y = 575_000.0, 6_220_000.0
FORMATS = ["csv", "xlsx", "json", "parquet"]
Points = list[tuple[float | None, float | None]]


def write(points: Points, path: Path) -> Path:
    rows = [{"id": f"a{number}", "x": x, "y": y} for number, (x, y) in enumerate(points)]
    frame = pl.DataFrame(rows, schema={"id": pl.String, "x": pl.Float64, "y": pl.Float64})
    if path.suffix == ".csv":
        frame.write_csv(path)
    elif path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        book.active.append(["id", "x", "y"])
        for row in rows:
            book.active.append(list(row.values()))
        book.save(path)
    return path


def read(path: Path, unit: str = "case", crs: str = "EPSG:25832") -> tuple[pl.DataFrame, Report]:
    report = Report()
    frame = read_register(path, unit=unit, id="id", x="x", y="y", crs=crs, period="2024", report=report)
    return frame.collect(), report


def first_row(path: Path) -> int:
    """The number that the user's program gives the first row of data."""
    return 2 if path.suffix in (".csv", ".xlsx") else 1


@pytest.mark.parametrize("unit", ["case", "address"])
@pytest.mark.parametrize("crs", ["EPSG:25832", "EPSG:4326"])
@pytest.mark.parametrize("form", FORMATS)
def test_a_single_point_at_null_island_has_no_place(tmp_path: Path, form: str, crs: str, unit: str) -> None:
    move = pyproj.Transformer.from_crs("EPSG:25832", crs, always_xy=True).transform
    path = write([move(X, Y), move(X + 10, Y), (0.0, 0.0)], tmp_path / f"p.{form}")
    frame, report = read(path, unit, crs)
    (problem,) = report.problems
    assert problem.level == "warning"
    assert problem.count == 1
    assert problem.row == first_row(path) + 2
    assert "0, 0" in problem.message
    assert frame["x"].is_null().to_list() == frame["y"].is_null().to_list() == [False, False, True]
    assert frame["x"][0] == pytest.approx(X, abs=0.01)


@pytest.mark.parametrize("form", FORMATS)
def test_most_points_at_null_island_are_told_and_no_error(tmp_path: Path, form: str) -> None:
    frame, report = read(write([(0.0, 0.0)] * 8 + [(X, Y)] * 2, tmp_path / f"p.{form}"))
    assert not report.errors
    assert report.warnings[0].count == 8
    assert frame["x"].null_count() == 8


def test_all_points_at_null_island_are_an_error(tmp_path: Path) -> None:
    _, report = read(write([(0.0, 0.0)] * 3, tmp_path / "p.csv"))
    assert len(report.errors) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_points_far_outside_are_told_from_the_first(tmp_path: Path, form: str) -> None:
    path = write([(X, Y)] * 20 + [(10.2, 56.1), (Y, X)], tmp_path / f"p.{form}")
    frame, report = read(path)
    (problem,) = report.problems
    assert problem.level == "warning"
    assert (problem.row, problem.count) == (first_row(path) + 20, 2)
    assert "1 row x and y look swapped" in str(problem)
    assert frame["x"].null_count() == 0


def test_points_with_one_coordinate_are_told(tmp_path: Path) -> None:
    _, report = read(write([(X, Y), (X, None), (None, None)], tmp_path / "p.parquet"))
    (problem,) = report.problems
    assert (problem.row, problem.count) == (2, 1)


def test_the_file_is_named_of_several(tmp_path: Path) -> None:
    write([(X, Y)] * 12, tmp_path / "p_2023.csv")
    write([(X, Y)] * 4 + [(10.2, 56.1)] * 8, tmp_path / "p_2024.csv")
    report = Report()
    read_register(tmp_path / "p_{period}.csv", unit="case", x="x", y="y", report=report)
    (problem,) = report.errors
    assert problem.file == "p_2024.csv"


# ---- the municipality that a project is of


def points(code: str, spread: float) -> pl.LazyFrame:
    """A cross of points around the middle of a municipality."""
    _, west, south, east, north = BOUNDS[code]
    x, y = 500.0 * (west + east), 500.0 * (south + north)
    steps = [(-spread, 0.0), (spread, 0.0), (0.0, spread), (0.0, -spread), (0.0, 0.0)]
    return pl.LazyFrame([(x + dx, y + dy) for dx, dy in steps], schema=["x", "y"], orient="row")


def warned(frame: pl.LazyFrame, code: str | None) -> list[str]:
    report = Report()
    warn_far_points(frame, code, "p.csv", report, key="registers.p")
    assert not report.errors
    return [str(problem) for problem in report.warnings]


@pytest.mark.parametrize("code", BOUNDS)
def test_points_of_the_municipality_itself_are_not_told(code: str) -> None:
    assert not warned(points(code, 1_000.0), code)


def test_bornholm_in_zone_33_called_32_is_told() -> None:
    right = points("0400", 5_000.0).collect()
    move = pyproj.Transformer.from_crs(25832, 25833, always_xy=True).transform
    x, y = move(right["x"].to_numpy(), right["y"].to_numpy())
    (told,) = warned(pl.LazyFrame({"x": x, "y": y}), "0400")
    assert "5 of 5 points" in told
    assert "0400 (Bornholm)" in told
    assert "registers.p.crs" in told
    assert not warned(pl.LazyFrame({"x": x, "y": y}), None)
    assert not warned(pl.LazyFrame({"x": x, "y": y}), "0999")


def test_a_register_of_the_whole_country_is_not_told() -> None:
    country = pl.concat([points(code, 1_000.0) for code in BOUNDS])
    for code in BOUNDS:
        assert not warned(country, code)


def test_most_of_a_town_elsewhere_is_told() -> None:
    mixed = pl.concat([points("0751", 2_000.0)] * 3 + [points("0730", 100.0)])
    assert len(warned(mixed, "0730")) == 1
    assert not warned(mixed, "0751")


def test_areas_that_lie_around_the_municipality_are_not_told(tmp_path: Path) -> None:
    import numpy as np

    report = Report()
    country = np.array([[400_000.0, 6_000_000.0, 900_000.0, 6_450_000.0]])
    warn_far_areas(country, "0400", tmp_path / "coast.gpkg", report, key="boundaries.coast")
    assert not report.problems


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("nowhere", [(0.0, 0.0), (None, None)])
@pytest.mark.parametrize("last", [True, False])
def test_a_row_without_a_place_beside_the_true_one_does_not_count(
    tmp_path: Path, form: str, nowhere: tuple[float | None, float | None], last: bool
) -> None:
    points: Points = [(X, Y), nowhere] if last else [nowhere, (X, Y)]
    path = write([*points, (X + 10, Y)], tmp_path / f"p.{form}")
    renamed = tmp_path / f"q.{form}"
    if form in ("csv", "json"):
        renamed.write_text(path.read_text(encoding="utf-8").replace("a1", "a0"), encoding="utf-8")
    elif form == "parquet":
        pl.read_parquet(path).with_columns(pl.col("id").replace("a1", "a0")).write_parquet(renamed)
    else:
        book = openpyxl.load_workbook(path)
        book.active["A3"] = "a0"
        book.save(renamed)
    frame, report = read(renamed, "address")
    assert not report.errors
    assert frame.sort("address_id").select("address_id", "x", "y").rows() == [("a0", X, Y), ("a2", X + 10, Y)]
    messages = [problem.message for problem in report.warnings]
    assert any(
        "1 address in several rows, always at the same place (1 row of them without one)" in text
        for text in messages
    )
    assert any("at 0, 0" in text for text in messages) == (nowhere == (0.0, 0.0))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_two_true_places_are_refused_still(tmp_path: Path, form: str) -> None:
    rows = pl.DataFrame({"id": ["a", "a", "a"], "x": [X, 0.0, X + 500], "y": [Y, 0.0, Y]})
    path = tmp_path / f"p.{form}"
    rows.write_parquet(path) if form == "parquet" else rows.write_csv(path)
    _, report = read(path, "address")
    assert ["with two places" in problem.message for problem in report.errors] == [True]
