"""Years with a mark are read and told, in heads and in columns, in every format; what is no year is told too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from geo_bosoc.problems import InputError, Report
from geo_bosoc.registers.read import read_register

MARKED = [
    "2024*",
    "2024 (foreløbig)",
    "2024 p",
    "2024¹",
    "2024 foreløbige tal",
    "2024 (provisional)",
    "Foreløbig 2024",
]


def write(path: Path, names: list[str], rows: list[tuple[Any, ...]]) -> Path:
    if path.suffix == ".csv":
        lines = [";".join(map(str, row)) for row in [names, *rows]]
        path.write_text("\n".join(lines), encoding="utf-8")
    elif path.suffix == ".json":
        path.write_text(json.dumps([dict(zip(names, row, strict=True)) for row in rows]), encoding="utf-8")
    elif path.suffix == ".parquet":
        pl.DataFrame(rows, schema=names, orient="row", strict=False).write_parquet(path)
    else:
        book = openpyxl.Workbook()
        for row in [names, *rows]:
            book.active.append(list(row))
        book.save(path)
    return path


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json", "parquet"])
@pytest.mark.parametrize("year", MARKED)
def test_a_head_with_a_mark_is_its_year(tmp_path: Path, suffix: str, year: str) -> None:
    path = write(tmp_path / f"t.{suffix}", ["omr", "2023", year], [("A", 10, 30), ("B", 40, 60)])
    report = Report()
    frame = read_register(path, unit="count", area="omr", years_across="n", report=report).collect()
    assert not report.errors
    assert frame.filter(pl.col("period") == "2024")["n"].sort().to_list() == [30, 60]
    assert [problem.column for problem in report.warnings] == [year]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json", "parquet"])
@pytest.mark.parametrize("year", MARKED)
def test_a_cell_with_a_mark_is_its_year(tmp_path: Path, suffix: str, year: str) -> None:
    rows = [("A", "2023", 10), ("A", year, 30), ("B", "2023", 40), ("B", year, 60)]
    path = write(tmp_path / f"t.{suffix}", ["omr", "aar", "n"], rows)
    report = Report()
    frame = read_register(path, unit="count", area="omr", period="aar", report=report).collect()
    assert frame.filter(pl.col("period") == "2024")["n"].sort().to_list() == [30, 60]
    assert [(each.count, each.column) for each in report.warnings] == [(2, "aar")]


def test_marks_under_merged_heads(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["", "2023", None, "2024 (p)", None],
        ["omr", "Antal", "Andre", "Antal", "Andre"],
        ["A", 1, 2, 3, 4],
    ):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    report = Report()
    frame = read_register(
        tmp_path / "t.xlsx", unit="count", area="omr", years_across="n", header_rows=2, report=report
    ).collect()
    assert frame.sort("period").select("period", "Antal", "Andre").rows() == [("2023", 1, 2), ("2024", 3, 4)]
    assert [problem.column for problem in report.warnings] == ["2024 (p)"]


def test_a_year_in_two_columns_is_an_error_and_a_budget_is_no_year(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", ["omr", "2024", "2024*"], [("A", 1, 2)])
    with pytest.raises(InputError, match="two columns are of 2024"):
        read_register(path, unit="count", area="omr", years_across="n")
    report = Report()
    path = write(tmp_path / "t.csv", ["omr", "2024", "2025 budget"], [("A", 1, 2)])
    read_register(path, unit="count", area="omr", years_across="n", report=report)
    assert [problem.column for problem in report.warnings] == ["2025 budget"]


def test_a_period_that_a_table_does_not_hold_is_told_as_that(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", ["omr", "aar", "n"], [("A", "2020K1", 1), ("A", "2020K2", 1)])
    with pytest.raises(
        InputError, match=r'no rows for 2020; it holds 2020K1, 2020K2.*\["2020K1", "2020K2"\]'
    ):
        read_register(path, unit="count", area="omr", period="aar", periods=["2020"])
    report = Report()
    read_register(path, unit="count", area="omr", period="aar", periods=["2020K1", "2021K1"], report=report)
    assert ["no rows for 2021K1" in str(problem) for problem in report.problems] == [True]
    across = write(tmp_path / "a.csv", ["omr", "2022", "2023"], [("A", 1, 2)])
    report = Report()
    read_register(across, unit="count", area="omr", years_across="n", periods=["2023", "2024"], report=report)
    assert ["no rows for 2024" in str(problem) for problem in report.problems] == [True]
