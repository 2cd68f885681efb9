"""A run over a reform and over boundaries that move: what the files say of it. Made-up people in eight squares."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from small_projects import write_small_project

from geo_bosoc.problems import Report
from geo_bosoc.project import run_project

REGISTER = """
[registers.persons]
path = "persons_{period}.csv"
unit = "person"
role = "population"
id = "person_id"
x = "x"
y = "y"
crs = "EPSG:25832"
source = "made up"
"""
INDICATORS = """
[[indicator]]
id = "measures"
label_en = "Measures"
denominator = { where = "age < 18" }
numerator = { where = "paragraph IN ('52', '66')" }

[[indicator.reform]]
valid_from = "2024"
numerator = { where = "paragraph IN ('32', '66')" }
overlap = ["2024"]
"""
AREAS = "ABCDEFGH"
YEARS = {
    # children by area and paragraph; D to H have a difference of nobody or of many
    "2023": {
        "A": {"52": 20, "66": 10, "no": 70},
        "B": {"52": 30, "no": 70},
        **{area: {"66": 9, "no": 60} for area in "CDEFGH"},
    },
    "2024": {
        "A": {"52": 8, "32": 30, "66": 10, "no": 50},
        "B": {"52": 12, "32": 14, "no": 70},
        **{area: {"66": 9, "32": 6 * (area > "C"), "no": 60} for area in "CDEFGH"},
    },
}


def write_persons(folder: Path) -> None:
    for period, areas in YEARS.items():
        rows = [
            (
                f"{period}-{area}-{paragraph}-{number}",
                575_100 + 1_000 * AREAS.index(area) + 7 * number,
                6_224_400,
                9,
                paragraph,
            )
            for area, counts in areas.items()
            for paragraph, count in counts.items()
            for number in range(count)
        ]
        with (folder / f"persons_{period}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows([("person_id", "x", "y", "age", "paragraph"), *rows])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reform")
    write_persons(folder)
    write_small_project(
        folder, registers=REGISTER, indicators=INDICATORS, periods=("2023", "2024"), areas=AREAS
    )
    with (folder / "bosoc.toml").open("a", encoding="utf-8") as file:
        file.write("\n[follow_up]\nchained = true\n")
    report = Report()
    run_project(folder / "bosoc.toml", report=report)
    assert not [problem for problem in report.warnings if "measures" in problem.text()]
    return folder / "maps"


def table(run: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(
        run / name, dtype={"area_id": str, "period": str, "definition": str}, encoding="utf-8-sig"
    )


def test_the_series_breaks_and_says_what_the_reform_is(run: Path) -> None:
    """A: 30 of 100 by the old list, 40 of 98 by the new, 18 of 98 by the old one in the same year."""
    frame = table(run, "follow_up_series.csv").set_index(["area_id", "period"])
    assert set(frame["indicator"]) == {"measures"}
    row = frame.loc[("A", "2024")]
    assert (row["definition"], bool(row["is_break"])) == ("2024", True)
    assert row["value"] == pytest.approx(40 / 98)
    assert row["reform_change"] == pytest.approx(22 / 98)
    assert row["other_change"] == pytest.approx(18 / 98 - 30 / 100)
    assert frame.loc[("A", "2023"), "chained_value"] == pytest.approx(0.3 * 40 / 18)
    assert frame.loc[("A", "2023"), "assumption"] == "chained"


def test_a_difference_of_two_persons_is_in_no_file(run: Path) -> None:
    """B: 14 by the new list and 12 by the old. Who is told both knows that it is two."""
    frame = table(run, "follow_up_series.csv").set_index(["area_id", "period"])
    row = frame.loc[("B", "2024")]
    assert row["value"] == pytest.approx(14 / 96)
    assert row["note"] == "hidden_overlap" and pd.isna(row["other_value"]) and pd.isna(row["reform_change"])
    assert pd.isna(frame.loc[("B", "2023"), "chained_value"])
    figures = table(run, "categories.csv").set_index(["area_id", "period"])
    assert figures.loc[("B", "2024"), "measures_before_2024_status"] == "protected"
    assert pd.isna(figures.loc[("B", "2024"), "measures_before_2024_numerator"])
    assert figures.loc[("B", "2024"), "measures_numerator"] == 14


def test_the_other_definition_is_a_figure_of_the_overlap_alone(run: Path) -> None:
    figures = table(run, "categories.csv").set_index(["area_id", "period"])
    assert figures.loc[("A", "2024"), "measures_before_2024_numerator"] == 18
    assert figures.loc[("A", "2023"), "measures_before_2024_status"] == "not_applicable"
    assert pd.isna(figures.loc[("A", "2023"), "measures_before_2024_numerator"])
