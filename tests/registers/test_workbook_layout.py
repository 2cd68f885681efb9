"""What a workbook hides, and cells without a figure: told with sheet, row and column. All figures are made up."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from geo_bosoc.problems import InputError, Report
from geo_bosoc.registers.read import read_register


def book_of(*sheets: tuple[str, list[list[object]]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    return book


OLD = ("Gammel", [["omr", "n"], ["A", 1], ["B", 2]])
NEW = ("Tal 2024", [["omr", "n"], ["A", 100], ["B", 200], ["C", 300]])


def read(path: Path, **more: object) -> tuple[list[object], Report]:
    report = Report()
    frame = read_register(path, unit="count", area="omr", period="2024", report=report, **more).collect()
    return frame.sort("area_id")["n"].to_list() if "n" in frame.columns else [], report


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_the_only_visible_sheet_is_read_and_told(tmp_path: Path, state: str) -> None:
    book = book_of(OLD, NEW)
    book["Gammel"].sheet_state = state
    book.active = 1
    book.save(tmp_path / "t.xlsx")
    figures, report = read(tmp_path / "t.xlsx")
    assert figures == [100, 200, 300]
    assert ["Gammel" in problem.message for problem in report.warnings] == [True]
    figures, report = read(tmp_path / "t.xlsx", sheet="Tal 2024")
    assert figures == [100, 200, 300] and not report.warnings
    figures, report = read(tmp_path / "t.xlsx", sheet=1)
    assert figures == [1, 2] and "hidden" in report.warnings[0].message


def test_several_visible_sheets_behind_a_hidden_one_are_asked_about(tmp_path: Path) -> None:
    book = book_of(OLD, NEW, ("Andet", NEW[1]))
    book["Gammel"].sheet_state = "hidden"
    book.active = 1
    book.save(tmp_path / "t.xlsx")
    _, report = read(tmp_path / "t.xlsx")
    assert [problem.key for problem in report.errors] == ["sheet"]


def test_hidden_rows_and_columns_are_read_and_named(tmp_path: Path) -> None:
    book = book_of(NEW)
    page = book["Tal 2024"]
    page.row_dimensions[3].hidden = True
    page.row_dimensions[4].hidden = True
    page.column_dimensions["B"].hidden = True
    book.save(tmp_path / "t.xlsx")
    figures, report = read(tmp_path / "t.xlsx")
    assert figures == [100, 200, 300]
    assert [(problem.row, problem.count, problem.column) for problem in report.warnings] == [
        (3, 2, None),
        (None, None, "n"),
    ]


def test_columns_are_counted_from_where_the_table_begins(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cell, value in {"C3": "omr", "D3": "n", "E3": "x", "C4": "A", "D4": 1, "E4": "=1/0"}.items():
        book.active[cell] = value
    book.active.column_dimensions["D"].hidden = True
    book.save(tmp_path / "t.xlsx")
    _, report = read(tmp_path / "t.xlsx")
    assert [(problem.level, problem.row, problem.column) for problem in report.problems] == [
        ("warning", None, "n"),
        ("error", 4, "x"),
    ]


def test_formulas_without_values_and_errors_are_errors_with_their_cells(tmp_path: Path) -> None:
    book = book_of(
        ("Ark1", [["omr", "n", "m", "k"], ["A", "=1+1", 1, 1], ["B", 2, "#DIV/0!", 2], ["C", 2, 3, "#N/A"]])
    )
    book["Ark1"]["C3"].data_type = "e"
    book["Ark1"]["D4"].data_type = "e"
    book.save(tmp_path / "t.xlsx")
    _, report = read(tmp_path / "t.xlsx")
    assert [(p.level, p.row, p.column) for p in report.problems] == [
        ("error", 2, "n"),
        ("error", 3, "m"),
        ("warning", 4, "k"),
    ]
    _, report = read(tmp_path / "t.xlsx", columns=["k"])  # nothing else is looked at
    assert not report.errors


@pytest.mark.parametrize("word", ["#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#VÆRDI!"])
@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_words_of_errors_in_text_are_errors(tmp_path: Path, suffix: str, word: str) -> None:
    path = tmp_path / f"t.{suffix}"
    rows = [("A", "1"), ("B", word), ("C", "3")]
    if suffix == "csv":
        path.write_text("omr;n\n" + "\n".join(";".join(row) for row in rows), encoding="utf-8")
    else:
        path.write_text(json.dumps([{"omr": a, "n": n} for a, n in rows]), encoding="utf-8")
    _, report = read(path)
    assert [(problem.column, problem.count) for problem in report.errors] == [("n", 1)]
    figures, report = read(path, missing=[word])
    assert not report.errors and figures == [1, None, 3]


def test_a_damaged_workbook_is_told_as_that(tmp_path: Path) -> None:
    book_of(NEW).save(tmp_path / "t.xlsx")
    whole = (tmp_path / "t.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "t.xlsx") as packed:
        part = packed.getinfo("xl/worksheets/sheet1.xml")
    at = part.header_offset + 30 + len(part.filename) + 20
    for broken in (
        whole[: len(whole) // 2],
        whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :],
        b"PK" + whole,
    ):
        (tmp_path / "t.xlsx").write_bytes(broken)
        try:
            read(tmp_path / "t.xlsx")
        except InputError:
            pytest.fail("with a report nothing is raised")


def test_a_workbook_is_unpacked_once_for_all_that_it_says_besides_its_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = book_of(OLD, ("Tal", [["omr", "n", "p"], ["A", 100, 0.25], ["B", 200, 0.5]]))
    for row in (2, 3):
        book["Tal"].cell(row, 3).number_format = "0%"
    book["Tal"].row_dimensions[3].hidden = True
    path = tmp_path / "t.xlsx"
    book.save(path)
    opened: list[object] = []
    unzip = zipfile.ZipFile
    monkeypatch.setattr(zipfile, "ZipFile", lambda file, *more: opened.append(file) or unzip(file, *more))
    report = Report()
    fields = {"unit": "count", "area": "omr", "period": "2024", "sheet": "Tal", "per_cent": {"p": "n"}}
    frame = read_register(path, report=report, **fields).collect().sort("area_id")
    assert frame["p_count"].to_list() == [25, 100]
    assert ["1 row is hidden" in problem.message for problem in report.warnings] == [True]
    assert opened == [path]
