"""Columns of a finished table that no indicator reads are named in a note. Everything is made up."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from small_projects import write_small_project

from geo_bosoc.problems import Problem, Report
from geo_bosoc.project import analyse

REGISTER = """
[registers.police]
path = "police.{form}"
unit = "count"
area = "area"
period = "year"
columns = {{ young = "unge 15-29" }}
"""
INDICATOR = """
[[indicator]]
id = "charged"
label_da = "Sigtede"
label_en = "Charged"
denominator = { register = "police", sum = "young" }
numerator = { register = "police", sum = "charged" }
"""
USED = {
    "area": ["A", "B", "C"],
    "year": [2024] * 3,
    "charged": [20, 10, 7],
    "unge 15-29": [100, 100, 50],
}


def notes(folder: Path, form: str, more: dict[str, list[object]]) -> list[Problem]:
    frame = pl.DataFrame(USED | more)
    path = folder / f"police.{form}"
    {"csv": frame.write_csv, "xlsx": frame.write_excel, "parquet": frame.write_parquet}[form](path)
    write_small_project(folder, registers=REGISTER.format(form=form), indicators=INDICATOR)
    report = Report()
    analyse(folder, report=report)
    return [problem for problem in report.problems if "no indicator reads" in problem.message]


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_they_are_named_once(tmp_path: Path, form: str) -> None:
    more: dict[str, list[object]] = {
        "navn": ["a", "b", "c"],
        "convicted": [3, 2, 1],
        "victims": [30, 20, 10],
    }
    (note,) = notes(tmp_path, form, more)
    assert note.level == "note"
    assert note.message == "no indicator reads the columns convicted, victims."
    assert (note.file, note.key) == (f"police.{form}", "registers.police")


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_a_table_of_which_all_is_read_has_no_note(tmp_path: Path, form: str) -> None:
    assert not notes(tmp_path, form, {})
