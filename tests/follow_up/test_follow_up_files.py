"""The follow-up's files: a workbook and tables that say no more than the set they belong to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from described_columns import undescribed_columns, undescribed_headings
from printed_sheets import misprints
from pydantic import ValidationError

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up import study_follow_up
from geo_bosoc.follow_up.outputs import FRAMES, OUTPUTS
from geo_bosoc.follow_up.outputs.tables import write_follow_up_workbook, write_frame_csv
from geo_bosoc.follow_up.persons.moves import BETWEEN_COLUMNS
from geo_bosoc.follow_up.spec import FollowUpPart, period_pairs
from geo_bosoc.text.catalogue import words


def test_periods_are_held_against_those_so_many_years_before() -> None:
    assert period_pairs(["2020", "2022", "2024"], [1]) == []
    assert period_pairs(["2020", "2022", "2024"], [2, 4]) == [
        ("2020", "2022"),
        ("2022", "2024"),
        ("2020", "2024"),
    ]
    assert period_pairs(["2023K4", "2024K3", "2024K4"], [1]) == [("2023K4", "2024K4")]
    with pytest.raises(ValidationError, match="whole numbers from 1 on"):
        FollowUpPart(years=(0, 1))


def test_residents_change_is_that_of_the_shown_numbers(small_shown: Callable[..., PublishedResults]) -> None:
    rows = small_shown("public").residents.astype({"residents": "Int64"})
    rows.loc[(rows["area_id"] == "A01") & (rows["period"] == "2024"), "residents"] += 241
    rows.loc[(rows["area_id"] == "A02") & (rows["period"] == "2024"), "residents"] = pd.NA
    frame = study_follow_up(replace(small_shown("public"), residents=rows)).frames["residents"]
    last = frame[frame["period"] == "2024"].set_index("area_id")
    assert last.loc["A01", ["residents_before", "residents_difference"]].tolist() == [2410, 241]
    assert last.loc["A01", "growth"] == pytest.approx(0.1)
    assert "A02" not in last.index


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_table_is_a_sheet_and_a_file(
    small_shown: Callable[..., PublishedResults], tmp_path: Path, language: str
) -> None:
    results = study_follow_up(small_shown("internal", language))
    text = words("follow_up", language)
    write_follow_up_workbook(results, tmp_path / "follow_up.xlsx")
    book = openpyxl.load_workbook(tmp_path / "follow_up.xlsx")
    assert misprints(book) == []
    shown = [frame for frame in FRAMES if frame.name in results.frames]
    assert book.sheetnames == [text["sheet_readme"], *(text[f"sheet_{frame.name}"] for frame in shown)]
    for frame in shown:
        if frame.file:
            write_frame_csv(results, tmp_path / frame.file)
            head = (tmp_path / frame.file).read_text(encoding="utf-8-sig").splitlines()[0]
            assert head.endswith("output_set")
            columns = head.split(";" if language == "da" else ",")
            assert not undescribed_columns(columns, "follow_up"), frame.file
    if language == "da":
        assert not undescribed_headings(tmp_path / "follow_up.xlsx")
    assert {frame.file for frame in FRAMES if frame.file} < {
        name for output in OUTPUTS for name in output.names
    }


def test_internal_frames_are_for_an_internal_set_alone(small_shown: Callable[..., PublishedResults]) -> None:
    with pytest.raises(ValueError, match="internal set alone"):
        study_follow_up(small_shown("public"), internal_frames={"moves": pd.DataFrame({"area_id": ["A01"]})})


def test_a_sheet_of_moves_has_those_that_are_shown_and_says_where_the_rest_is(
    small_shown: Callable[..., PublishedResults], tmp_path: Path
) -> None:
    pair = {"period_before": "2023", "period": "2024"}
    between = pd.DataFrame(
        [("A01", "A02", 12, "ok"), ("A01", "@elsewhere", pd.NA, "protected"), ("A02", "@outside", 40, "ok")],
        columns=["origin", "destination", "persons", "status"],
    ).assign(between="areas", **pair)[list(BETWEEN_COLUMNS)]
    parts = pd.DataFrame({"area_id": ["A01"], "indicator": ["residents"], "component": ["arrived"], **pair})
    frames = {"moves_between": between, "components": parts.assign(numerator=7, status="ok")}
    results = study_follow_up(small_shown("internal", "en"), internal_frames=frames)
    write_follow_up_workbook(results, tmp_path / "follow_up.xlsx")
    book = openpyxl.load_workbook(tmp_path / "follow_up.xlsx")
    rows = list(book["Moved from and to"].iter_rows(values_only=True))
    assert [row[-1] for row in rows if row[0] == "2023"] == [12, 40]
    about = {row[0].value: row[1].value for row in book["Read me"] if row[1].value}
    assert about["Moved from and to"].endswith(
        "Rows of hidden numbers are in follow_up_moves_between.csv alone."
    )
    assert about["Parts of the change"].endswith("It is in follow_up_components.csv, not here.")
    assert "Parts of the change" not in book.sheetnames
    write_frame_csv(results, tmp_path / "follow_up_moves_between.csv")
    assert len((tmp_path / "follow_up_moves_between.csv").read_text(encoding="utf-8-sig").splitlines()) == 4
