"""Who died, from files as municipalities have them: each way of writing a number is one person, and faults are told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from geo_bosoc.follow_up.spec_parts import DeathsPart
from geo_bosoc.problems import Report
from geo_bosoc.project.studies.linked_persons import read_deaths
from geo_bosoc.text.person_numbers import pseudonym

ROWS = (
    "PNR;STATUS;DATO\n990181-9999;90;01-02-2023\n9902819998;90;\n9903819997;80;03-02-2023\n;90;04-02-2023\n"
)


def read(folder: Path, report: Report, **part: Any) -> dict[str, dt.date | None] | None:
    (folder / "cpr.csv").write_text(ROWS, encoding="cp1252")
    rows = read_deaths(DeathsPart(**{"path": "cpr.csv", "person": "PNR", **part}), folder, report)
    return None if rows is None else dict(rows.collect().rows())


def test_those_of_status_90_died_on_their_day(tmp_path: Path) -> None:
    report = Report()
    dead = read(tmp_path, report, day="DATO", where="STATUS = 90")
    assert dead == {pseudonym("9901819999"): dt.date(2023, 2, 1), pseudonym("9902819998"): None}
    assert not report.errors


def test_a_list_without_days_and_status_is_of_the_dead(tmp_path: Path) -> None:
    dead = read(tmp_path, Report())
    assert dead is not None
    assert set(dead.values()) == {None}
    assert len(dead) == 3


def test_the_population_s_extracts_of_several_years_are_one_list(tmp_path: Path) -> None:
    for year in ("2023", "2024"):
        (tmp_path / f"cpr_{year}.csv").write_text(ROWS, encoding="cp1252")
    dead = read(tmp_path, Report(), path="cpr_{period}.csv", day="DATO", where="STATUS = 90")
    assert dead == read(tmp_path, Report(), day="DATO", where="STATUS = 90")


@pytest.mark.parametrize(
    ("part", "key", "words"),
    [
        ({"path": "none.csv"}, "follow_up.link.deaths", "there is no such file"),
        ({"day": "DAY"}, "follow_up.link.deaths", "there is no such column"),
        ({"day": "STATUS"}, "follow_up.link.deaths", "these are no dates"),
        ({"where": "STATUS = '9"}, "follow_up.link.deaths.where", "quotation mark"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_key(
    tmp_path: Path, part: dict[str, str], key: str, words: str
) -> None:
    report = Report()
    assert read(tmp_path, report, **part) is None
    (problem,) = report.errors
    assert problem.key == key
    assert words in problem.message
    assert "columns =" not in str(problem.hint)
    assert "9999" not in str(problem)
