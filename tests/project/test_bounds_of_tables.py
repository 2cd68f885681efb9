"""Figures of finished tables that can't be right, in every format: refused, asked about or empty. All is made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from small_projects import write_small_project

from geo_bosoc import analyse
from geo_bosoc.problems import InputError, Problem, Report

Row = list[Any]
COLUMNS = ("area_id", "status", "numerator", "denominator")

INDICATOR = """
[[indicator]]
id = "x"
label_da = "Andel"
label_en = "Share"
denominator = {{ register = "t", sum = "{base}" }}
numerator = {{ register = "t", sum = "{top}" }}
{more}
"""


def write_csv(path: Path, header: Row, rows: list[Row]) -> str:
    def written(cell: Any) -> str:
        return "" if cell is None else str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)

    lines = [";".join(map(written, row)) for row in rows]
    (path / "t.csv").write_text("\n".join([";".join(header), *lines]) + "\n", encoding="utf-8")
    return "t.csv"


def write_xlsx(path: Path, header: Row, rows: list[Row]) -> str:
    book = openpyxl.Workbook()
    for row in [header, *rows]:
        book.active.append(row)
    book.save(path / "t.xlsx")
    return "t.xlsx"


def write_json(path: Path, header: Row, rows: list[Row]) -> str:
    named = [dict(zip(header, row, strict=True)) for row in rows]
    (path / "t.json").write_text(json.dumps(named), encoding="utf-8")
    return "t.json"


def write_parquet(path: Path, header: Row, rows: list[Row]) -> str:
    pl.DataFrame(rows, schema=header, orient="row", strict=False).write_parquet(path / "t.parquet")
    return "t.parquet"


WRITERS = (write_csv, write_xlsx, write_json, write_parquet)
Writer = Callable[[Path, Row, list[Row]], str]


def project(
    folder: Path, file: str, keys: str = "", *, base: str = "n", top: str = "m", more: str = ""
) -> Path:
    register = f'[registers.t]\npath = "{file}"\nunit = "count"\narea = "omr"\nperiod = "2024"\n{keys}\n'
    indicator = INDICATOR.format(base=base, top=top, more=more)
    return write_small_project(folder, registers=register, indicators=indicator, areas="ABCD")


def errors(folder: Path) -> list[Problem]:
    with pytest.raises(InputError) as raised:
        analyse(folder)
    return list(raised.value.problems)


def figures(folder: Path) -> list[tuple[Any, ...]]:
    found = analyse(folder, report=Report()).table
    columns = [found[name].astype(object).where(found[name].notna(), None) for name in COLUMNS]
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("rows", "row", "words"),
    [
        ([["A", 100, 20], ["B", 100, -5], ["C", 100, 1]], 3, "under 0"),
        ([["A", 100, 20], ["B", 100, 650], ["C", 100, 1]], 3, "over its base"),
        ([["A", 100, 20], ["B", 100, 12.5], ["C", 100, 1]], 3, "decimals"),
        ([["A", 100, 20], ["B", 100, 2], ["C", -99997, 1]], 4, "-99997"),
    ],
)
def test_counts_that_cannot_be(tmp_path: Path, write: Writer, rows: list[Row], row: int, words: str) -> None:
    file = write(tmp_path, ["omr", "n", "m"], rows)
    (error,) = errors(project(tmp_path, file))
    assert words in error.message
    first = row if write in (write_csv, write_xlsx) else row - 1
    assert (error.file, error.row) == (file, first)
    assert error.column in ("n", "m")


@pytest.mark.parametrize("write", WRITERS)
def test_codes_for_missing_values(tmp_path: Path, write: Writer) -> None:
    file = write(
        tmp_path, ["omr", "n", "m"], [["A", 200, 20], ["B", 100, -99997], ["C", -1, -1], ["D", 300, 60]]
    )
    asked = errors(project(tmp_path, file))
    assert len(asked) == 2
    assert all("missing = [" in (error.hint or "") for error in asked)
    folder = project(tmp_path, file, "missing = [-99997, -1]")
    assert figures(folder) == [
        ("A", "ok", 20, 200),
        ("B", "missing", None, 100),
        ("C", "missing", None, None),
        ("D", "ok", 60, 300),
    ]
    found = analyse(folder, report=Report())
    everyone = found.reference_areas[found.reference_areas["area_id"] == "@areas"]
    assert everyone["value"].tolist() == [80 / 500]


@pytest.mark.parametrize("write", WRITERS)
def test_a_missing_numerator_is_missing(tmp_path: Path, write: Writer) -> None:
    file = write(
        tmp_path, ["omr", "n", "m"], [["A", 100, None], ["B", 100, 65], ["C", 100, 20], ["D", 50, 1]]
    )
    assert figures(project(tmp_path, file))[0] == ("A", "missing", None, 100)


@pytest.mark.parametrize("write", WRITERS[:3])
def test_a_withheld_numerator_is_empty(tmp_path: Path, write: Writer) -> None:
    file = write(
        tmp_path, ["omr", "n", "m"], [["A", 100, "<5"], ["B", 100, 65], ["C", 100, 20], ["D", 50, 1]]
    )
    assert figures(project(tmp_path, file))[0] == ("A", "protected", None, 100)


@pytest.mark.parametrize("write", WRITERS)
def test_units_of_shares_are_asked_about(tmp_path: Path, write: Writer) -> None:
    quarter = [["A", 200, 0.25], ["B", 100, 0.125], ["C", 50, 0.4], ["D", 100, 0.3]]
    file = write(tmp_path, ["omr", "n", "p"], quarter)
    (asked,) = errors(project(tmp_path, file, 'per_cent = { p = "n" }', top="p_count"))
    assert "share = {" in (asked.hint or "")
    right = [("A", "ok", 50, 200), ("B", "ok", 13, 100), ("C", "ok", 20, 50), ("D", "ok", 30, 100)]
    assert figures(project(tmp_path, file, 'share = { p = "n" }', top="p_count")) == right
    small = 'per_cent = { p = "n" }\nper_cent_under_1 = ["p"]'
    assert [top for _, _, top, _ in figures(project(tmp_path, file, small, top="p_count"))] == [1, 0, 0, 0]
    file = write(tmp_path, ["omr", "n", "p"], [[area, n, 100 * share] for area, n, share in quarter])
    assert figures(project(tmp_path, file, 'per_cent = { p = "n" }', top="p_count")) == right
    (asked,) = errors(project(tmp_path, file, 'share = { p = "n" }', top="p_count"))
    assert "per_cent = {" in (asked.hint or "")


@pytest.mark.parametrize("write", WRITERS[:3])
@pytest.mark.parametrize("key", ["per_cent", "share"])
def test_texts_with_a_per_cent_sign(tmp_path: Path, write: Writer, key: str) -> None:
    rows = [["A", 200, "25 %"], ["B", 100, "12,5%"], ["C", 50, "40,0 %"], ["D", 100, "30 pct."]]
    file = write(tmp_path, ["omr", "n", "p"], rows)
    counts = figures(project(tmp_path, file, f'{key} = {{ p = "n" }}', top="p_count"))
    assert [top for _, _, top, _ in counts] == [50, 13, 20, 30]
    rows = [["A", 200, "0,5 %"], ["B", 100, "1,0%"], ["C", 1000, "0,1 %"], ["D", 100, "0 %"]]
    file = write(tmp_path, ["omr", "n", "p"], rows)
    counts = figures(project(tmp_path, file, f'{key} = {{ p = "n" }}', top="p_count"))
    assert [top for _, _, top, _ in counts] == [1, 1, 1, 0], "each cell says that it is per cent"


def percent_book(folder: Path, cells: list[tuple[Any, str]], *, at: str = "A1") -> str:
    """A workbook in which each share has a number format of its own; its table begins at a cell."""
    book = openpyxl.Workbook()
    page = book.active
    corner = page[at]
    for column, name in enumerate(("omr", "n", "p")):
        page.cell(corner.row, corner.column + column, name)
    for row, (area, (value, look)) in enumerate(zip("ABCD", cells, strict=True), corner.row + 1):
        page.cell(row, corner.column, area)
        page.cell(row, corner.column + 1, 200)
        page.cell(row, corner.column + 2, value).number_format = look
    book.save(folder / "t.xlsx")
    return "t.xlsx"


@pytest.mark.parametrize("key", ["per_cent", "share"])
@pytest.mark.parametrize("at", ["A1", "C4"])
def test_the_number_format_of_a_workbook_decides(tmp_path: Path, key: str, at: str) -> None:
    plain = "General" if key == "share" else "0"
    cells = [(0.25, "0.0%"), (0.5, "0%"), (40 if key == "per_cent" else 0.4, plain), (30, '0.0" %"')]
    file = percent_book(tmp_path, cells, at=at)
    head = "" if at == "A1" else "header_row = 4\n"
    folder = project(tmp_path, file, head + f'{key} = {{ p = "n" }}', top="p_count")
    assert [top for _, _, top, _ in figures(folder)] == [50, 100, 80, 60]
    file = percent_book(tmp_path, [(0.004, "0.0%"), (0.01, "0%"), ("<5", "0%"), (0, "0%")], at=at)
    folder = project(tmp_path, file, head + f'{key} = {{ p = "n" }}', top="p_count")
    assert [(status, top) for _, status, top, _ in figures(folder)] == [
        *(("ok", 1), ("ok", 2), ("protected", None), ("ok", 0))
    ]


def test_numbers_under_0_that_are_figures(tmp_path: Path) -> None:
    rows = [["A", 100, -1], ["B", 100, -1], ["C", 100, 20], ["D", 50, 10]]
    file = write_csv(tmp_path, ["omr", "n", "m"], rows)
    mean = 'unit = "mean"'
    (asked,) = errors(project(tmp_path, file, more=mean))
    assert 'negative = ["m"]' in (asked.hint or "")
    assert figures(project(tmp_path, file, 'negative = ["m"]', more=mean))[0] == ("A", "ok", -1, 100)
    file = write_csv(tmp_path, ["omr", "n", "m"], [["A", 100, -120], ["B", 100, 7], ["C", 1, 2], ["D", 5, 1]])
    assert figures(project(tmp_path, file, more=mean))[0] == ("A", "ok", -120, 100)


def test_a_rate_of_events_may_be_over_its_base_and_is_told(tmp_path: Path) -> None:
    rows = [["A", 100, 120], ["B", 100, 7], ["C", 100, 2], ["D", 50, 1]]
    folder = project(tmp_path, write_csv(tmp_path, ["omr", "n", "m"], rows), more='unit = "per_1000"')
    report = Report()
    analyse(folder, report=report)
    assert [one.row for one in report.warnings if "over its base" in one.message] == [2]
