"""Area ids that a program took for decimals: read as the boundaries' are, in every format; made-up figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from geo_bosoc.problems import Report
from geo_bosoc.registers.read import read_register

FORMATS = ["csv", "xlsx", "json", "parquet"]


def read(folder: Path, form: str, ids: list[Any]) -> tuple[list[str], Report]:
    rows = [{"omr": each, "n": 10 * number} for number, each in enumerate(ids, 1)]
    path = folder / f"t.{form}"
    if form == "csv":
        path.write_text("omr;n\n" + "".join(f"{row['omr']};{row['n']}\n" for row in rows), encoding="utf-8")
    elif form == "json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    elif form == "parquet":
        pl.DataFrame(rows).write_parquet(path)
    else:
        book = openpyxl.Workbook()
        for row in (["omr", "n"], *(list(row.values()) for row in rows)):
            book.active.append(row)
        book.save(path)
    report = Report()
    frame = read_register(path, unit="count", area="omr", period="2024", report=report).collect()
    return (frame["area_id"].to_list() if "area_id" in frame.columns else []), report


@pytest.mark.parametrize("ids", [["751.0", "752.0"], [751.0, 752.0]])
@pytest.mark.parametrize("form", FORMATS)
def test_whole_numbers_written_as_decimals_are_whole(tmp_path: Path, form: str, ids: list[Any]) -> None:
    found, report = read(tmp_path, form, ids)
    assert found == ["751", "752"]
    assert not report.warnings
    assert not report.errors


@pytest.mark.parametrize("form", FORMATS)
def test_codes_of_two_parts_stay(tmp_path: Path, form: str) -> None:
    found, report = read(tmp_path, form, ["1.0", "1.1", "2.0"])
    assert found == ["1.0", "1.1", "2.0"]
    assert not report.problems


@pytest.mark.parametrize("ids", [["7", "1.0081E+16"], ["7", "1,0081E+16"], ["7", "1.0081001000000016e16"]])
@pytest.mark.parametrize("form", FORMATS)
def test_ids_that_lost_their_last_digits_are_an_error(tmp_path: Path, form: str, ids: list[Any]) -> None:
    _, report = read(tmp_path, form, ids)
    (problem,) = report.errors
    assert "last digits are lost" in problem.message
    assert problem.column == "omr"
    assert problem.row == (3 if form in ("csv", "xlsx") else 2)


@pytest.mark.parametrize("form", FORMATS)
def test_long_ids_stored_as_decimals_are_an_error(tmp_path: Path, form: str) -> None:
    _, report = read(tmp_path, form, [10_081_001_000_000_017.0, 10_081_001_000_000_118.0])
    assert len(report.errors) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_ids_with_an_e_are_left_alone(tmp_path: Path, form: str) -> None:
    found, report = read(tmp_path, form, ["2E12", "3E07", "E1"])
    assert found == ["2E12", "3E07", "E1"]
    assert not report.problems
