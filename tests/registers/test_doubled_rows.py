"""Files of which every row stands in several copies, and rows that are meant. Made-up rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geo_bosoc.problems import Report
from geo_bosoc.registers.checks import structure as doubled_rows
from geo_bosoc.registers.read import read_register

FORMATS = ["csv", "xlsx", "json", "parquet"]
ROWS = pl.DataFrame(
    {
        "id": [f"p{number}" for number in range(12)],
        "area_id": ["A", "B", "C", "A", "B", "C", "A", "B", "C", "A", "B", "C"],
        "age": [3, 14, 15, 92, 65, 35, 8, 9, 79, 32, 38, 46],
    }
)


def write(rows: pl.DataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        rows.write_parquet(path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows.to_dicts()), encoding="utf-8")
    elif path.suffix == ".xlsx":
        rows.write_excel(path)
    else:
        rows.write_csv(path)
    return path


def read(path: Path, **fields: Any) -> Report:
    report = Report()
    read_register(path, unit="person", area="area_id", period="2024", report=report, **fields)
    return report


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("copies", [2, 3])
@pytest.mark.parametrize("sorted_by_key", [True, False])
def test_every_key_in_copies_is_an_error(tmp_path: Path, form: str, copies: int, sorted_by_key: bool) -> None:
    rows = pl.concat([ROWS] * copies)
    report = read(write(rows.sort("id") if sorted_by_key else rows, tmp_path / f"p.{form}"), id="id")
    (problem,) = report.problems
    assert problem.level == "error"
    assert f"{12 * copies} rows of 12 keys" in problem.message
    assert problem.column == "id"
    assert problem.count == 12 * copies
    assert problem.hint


@pytest.mark.parametrize("form", FORMATS)
def test_every_row_in_copies_without_a_key_is_a_warning(tmp_path: Path, form: str) -> None:
    report = read(write(pl.concat([ROWS, ROWS]).drop("id"), tmp_path / f"p.{form}"), columns=["age"])
    (problem,) = report.problems
    assert problem.level == "warning"
    assert "all rows are in the file twice: 24 rows, of which 12 are different" in problem.message
    assert problem.file == f"p.{form}"


@pytest.mark.parametrize("form", FORMATS)
def test_rows_that_are_meant(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"p.{form}"
    assert not read(write(ROWS, path), id="id").problems
    assert not read(write(ROWS.drop("id"), path), columns=["age"]).problems
    # two places each, and they differ
    both = pl.concat([ROWS, ROWS.with_columns(age=pl.col("age") + 1)])
    (problem,) = read(write(both, path), id="id").problems
    assert "12 persons in several rows of one period" in problem.message
    # one row in two copies
    (problem,) = read(write(pl.concat([ROWS, ROWS[:1]]), path), id="id").problems
    assert problem.level == "warning"
    assert not read(write(pl.concat([ROWS, ROWS[:1]]).drop("id"), path), columns=["age"]).problems


def test_large_files_are_told_by_a_share_of_their_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubled_rows, "_IN_TURN", 100)
    rows = pl.DataFrame({"area_id": ["A"] * 1_000, "age": [n % 100 for n in range(1_000)], "n": range(1_000)})
    path = tmp_path / "p.parquet"
    assert not read(write(rows, path)).problems
    (problem,) = read(write(pl.concat([rows, rows]), path)).problems
    assert "2,000 rows, of which 1,000 are different" in problem.message
