"""Numerators over their bases in another register, by `run` and by `check`. Everything is made up."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_projects import write_small_project

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import check_project, run_project

REGISTERS = """
[registers.residents]
path = "residents.csv"
unit = "count"
area = "omr"
period = "2024"
reference_row = "Kommunen"

[registers.ledige]
path = "ledige.csv"
unit = "count"
area = "omr"
period = "2024"
reference_row = "Kommunen"
"""
INDICATOR = """
[[indicator]]
id = "unemployed"
label_da = "Ledige"
label_en = "Unemployed"
unit = "{unit}"
numerator = {{ register = "ledige", sum = "ledige" }}
denominator = {{ register = "residents", sum = "borgere" }}
"""


def project(folder: Path, unemployed: dict[str, int], unit: str = "percent") -> Path:
    base = {"A": 100, "B": 200, "C": 300, "Kommunen": 1_000}
    for name, column, figures in (("residents", "borgere", base), ("ledige", "ledige", base | unemployed)):
        lines = [f"omr;{column}", *(f"{area};{figure}" for area, figure in figures.items())]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return write_small_project(folder, registers=REGISTERS, indicators=INDICATOR.format(unit=unit))


@pytest.mark.parametrize("look", [run_project, check_project])
def test_a_share_over_its_base_stops_run_and_check(tmp_path: Path, look: object) -> None:
    report = Report()
    with pytest.raises(InputError):
        look(project(tmp_path, {"B": 201, "C": 900}), report=report)  # type: ignore[operator]
    [problem] = report.errors
    assert "unemployed" in problem.message
    assert "register ledige over register residents" in problem.message
    assert "areas B, C (2024)" in problem.message
    assert problem.file == "ledige.csv"
    assert problem.hint


def test_a_rate_of_the_municipality_is_a_warning(tmp_path: Path) -> None:
    report = Report()
    run_project(project(tmp_path, {"Kommunen": 1_500}, "per_1000"), report=report)
    assert [p.message for p in report.warnings if "over its base" in p.message] == [
        "unemployed: the numerator is over its base (register ledige over register residents) in the municipality"
        " (2024): more events than the base has persons or dwellings."
    ]


def test_as_many_as_the_base_is_right(tmp_path: Path) -> None:
    report = Report()
    run_project(project(tmp_path, {}), report=report)
    assert not [p for p in report.problems if "over its base" in p.message]
