"""Which problems stop a run and which are told: the two lists, each with the file, the row and the column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from clean_project import Clean, make_clean, write

import geo_bosoc as gb

DRESS = {"a hidden sheet": "xlsx", "a provisional year": "csv"}


@dataclass(frozen=True)
class Expected:
    """One problem: what does it, in which table, and what it must say."""

    change: Callable[[Clean], None]
    table: str
    words: tuple[str, ...]
    row: bool = True
    column: str | None = None


def _cell(table: str, row: int, column: int, value: object) -> Callable[[Clean], None]:
    def change(clean: Clean) -> None:
        clean.sheets[table].rows[row][column] = value

    return change


def _total(clean: Clean) -> None:
    sheet = clean.sheets["people"]
    for at in range(0, 72, 3):
        area, year = sheet.body[at][:2]
        sheet.rows.append([area, year, "I alt", sum(row[3] for row in sheet.body[at : at + 3])])


def _shares(clean: Clean) -> None:
    clean.sheets["income"].change("lav_pct", lambda value: round(value / 100, 4))


def _without_2024(clean: Clean) -> None:
    for name in ("people", "police", "income"):
        sheet = clean.sheets[name]
        sheet.rows = [row for row in sheet.rows if row[1] != 2024]


def _without_area(clean: Clean) -> None:
    clean.sheets["police"].rows[5][0] = None


def _hidden(clean: Clean) -> None:
    clean.sheets["people"].hidden_sheet_before = True


def _provisional(clean: Clean) -> None:
    clean.sheets["police"].change("aar", lambda year: f"{year}*" if year == 2024 else year)


def _other_word(clean: Clean) -> None:
    clean.sheets["people"].change("alder", lambda name: name.replace("0-17", "0-17 år"))


ERRORS = {
    "a numerator over its base": Expected(_cell("police", 5, 3, 900), "police", ("over",), column="sigtede"),
    "a negative count": Expected(_cell("police", 5, 3, -900), "police", ("under 0",), column="sigtede"),
    "a percentage outside 0-100": Expected(
        _cell("income", 5, 3, 140.5), "income", ("over 100",), column="lav_pct"
    ),
    "a negative percentage": Expected(_cell("income", 5, 3, -14.5), "income", ("under 0",), column="lav_pct"),
    "a total beside its parts": Expected(_total, "people", ("I alt",), column="alder"),
    "a unit that is not told": Expected(
        _shares, "income", ("per cent", "share"), row=False, column="lav_pct"
    ),
}
WARNINGS = {
    "a literal that is never met": Expected(
        _other_word, "people", ("'0-17'", "'0-17 år'"), row=False, column="alder"
    ),
    "rows without an area": Expected(_without_area, "police", ("no area", "1 row"), column="omr"),
    "a provisional year": Expected(_provisional, "police", ("2024*",), column="aar"),
    "a hidden sheet": Expected(_hidden, "people", ("hidden", "Gammel"), row=False),
}


def problems(name: str, expected: Expected, folder: Path) -> tuple[list[gb.Problem], bool, Clean]:
    """All problems of the run, and whether it ended with figures."""
    clean = make_clean(DRESS.get(name, "csv"))
    expected.change(clean)
    write(clean, folder)
    report = gb.Report()
    try:
        gb.analyse(folder / "tables.toml", report=report)
    except gb.InputError as error:
        return list(error.problems), False, clean
    return report.problems, True, clean


def matching(every: list[gb.Problem], level: str, expected: Expected, clean: Clean) -> list[gb.Problem]:
    return [
        one
        for one in every
        if one.level == level
        and one.file == clean.file(expected.table)
        and (one.row is not None or not expected.row)
        and (one.column == expected.column)
        and all(word.casefold() in str(one).casefold() for word in expected.words)
    ]


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_right_stops_the_run(name: str, tmp_path: Path) -> None:
    every, figures, clean = problems(name, ERRORS[name], tmp_path)
    assert not figures, every
    assert len(matching(every, "error", ERRORS[name], clean)) == 1, [(one.level, str(one)) for one in every]


@pytest.mark.parametrize("name", WARNINGS)
def test_what_may_be_right_is_told(name: str, tmp_path: Path) -> None:
    every, figures, clean = problems(name, WARNINGS[name], tmp_path)
    assert figures, every
    assert len(matching(every, "warning", WARNINGS[name], clean)) == 1, [
        (one.level, str(one)) for one in every
    ]


def test_a_period_that_is_not_there_stops_the_run(tmp_path: Path) -> None:
    """Nothing in a file has its place: the project asks for it."""
    expected = Expected(_without_2024, "people", ("2024", "2023"))
    every, figures, _ = problems("a period", expected, tmp_path)
    assert not figures
    errors = [one for one in every if one.level == "error"]
    assert [
        one for one in errors if one.key == "run.periods" and one.file == "tables.toml" and "2024" in str(one)
    ]
