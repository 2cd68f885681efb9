"""Labels written once a block, rows without an area, blank rows and headings inside a table. Made-up figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from geo_bosoc.problems import Report
from geo_bosoc.registers.read import read_in_parts
from geo_bosoc.registers.tables.table_rows import Sum, TableUse

AREAS = TableUse(area_ids=lambda: {"A", "B", "C"})
NAMES = ["omr", "alder", "n"]
ONCE = [
    ("A", "0-17", 10),
    (None, "18+", 27),
    ("B", "0-17", 30),
    (None, "18+", 70),
    ("C", "0-17", 5),
    (None, "18+", 95),
]
WHOLE = [("A", 10), ("A", 27), ("B", 30), ("B", 70), ("C", 5), ("C", 95)]


def write(
    path: Path, rows: list[tuple[Any, ...]], names: list[str] | None = None, merged: tuple[str, ...] = ()
) -> Path:
    names = names or NAMES
    if path.suffix == ".csv":
        lines = [";".join("" if cell is None else str(cell) for cell in row) for row in [names, *rows]]
        path.write_text("\n".join(lines), encoding="utf-8")
    elif path.suffix == ".json":
        path.write_text(json.dumps([dict(zip(names, row, strict=True)) for row in rows]), encoding="utf-8")
    elif path.suffix == ".parquet":
        pl.DataFrame(rows, schema=names, orient="row", strict=False).write_parquet(path)
    else:
        book = openpyxl.Workbook()
        for row in [names, *rows]:
            book.active.append(list(row))
        for cells in merged:
            book.active.merge_cells(cells)
        book.save(path)
    return path


def read(path: Path, use: TableUse | None = AREAS, **more: Any) -> tuple[list[tuple[Any, ...]], Report]:
    report = Report()
    fields = {"unit": "count", "area": "omr", "period": "2024", **more}
    frame = read_in_parts(path, report=report, table=use, **fields).frame.collect()
    return (frame.select("area_id", "n").rows() if "n" in frame.columns else []), report


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json", "parquet"])
def test_labels_once_a_block_are_filled_down(tmp_path: Path, suffix: str) -> None:
    rows, report = read(write(tmp_path / f"t.{suffix}", ONCE))
    assert rows == WHOLE
    assert not report.errors and not report.warnings
    assert any(problem.count == 3 and "filled down" in problem.message for problem in report.problems)


def test_merged_cells_need_no_pattern(tmp_path: Path) -> None:
    rows = [("A", "0-17", 10), (None, "18-64", 20), (None, "65+", 7), ("B", "0-17", 30), ("C", "0-17", 5)]
    figures, report = read(write(tmp_path / "t.xlsx", rows, merged=("A2:A4",)))
    assert figures == [("A", 10), ("A", 20), ("A", 7), ("B", 30), ("C", 5)] and not report.errors


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json", "parquet"])
def test_blocks_that_differ_are_asked_about(tmp_path: Path, suffix: str) -> None:
    rows = [("A", "0-17", 10), (None, "18-64", 20), (None, "65+", 7), ("B", "0-17", 30), ("C", "0-17", 5)]
    path = write(tmp_path / f"t.{suffix}", rows)
    _, report = read(path)
    assert len(report.errors) == 1
    assert report.errors[0].count == 2 and 'fill_down = ["omr"]' in str(report.errors[0])
    figures, report = read(path, fill_down=["omr"])
    assert figures == [("A", 10), ("A", 20), ("A", 7), ("B", 30), ("C", 5)] and not report.errors
    figures, report = read(path, fill_down=[])
    assert [problem.count for problem in report.warnings] == [2] and figures[1] == (None, 20)


def test_a_class_column_that_is_not_read_is_looked_at_where_labels_are_blank(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", ONCE)
    _, report = read(path, columns=["n"])
    assert ["several rows for one period" in problem.message for problem in report.errors] == [True]


def test_labels_in_two_columns_once_a_block(tmp_path: Path) -> None:
    rows: list[tuple[Any, ...]] = []
    for area in "ABC":
        for number, sex in enumerate("MK"):
            for place, age in enumerate(("0-17", "18+")):
                rows.append(
                    (None if number + place else area, None if place else sex, age, 10 * number + place)
                )
    path = write(tmp_path / "t.csv", rows, ["omr", "kon", "alder", "n"])
    figures, report = read(path)
    assert not report.errors
    assert [area for area, _ in figures] == [area for area in "ABC" for _ in range(4)]


def test_periods_once_a_block(tmp_path: Path) -> None:
    rows = [("2023", "A", 1), (None, "B", 2), ("2024", "A", 3), (None, "B", 4)]
    path = write(tmp_path / "t.xlsx", rows, ["aar", "omr", "n"])
    figures, report = read(path, period="aar")
    assert figures == [("A", 1), ("B", 2), ("A", 3), ("B", 4)] and not report.errors


def test_areas_as_heads_of_their_blocks(tmp_path: Path) -> None:
    rows = [
        ("A", None, None),
        (None, "0-17", 10),
        (None, "18+", 27),
        ("B", None, None),
        (None, "0-17", 30),
        (None, "18+", 70),
    ]
    figures, report = read(write(tmp_path / "t.xlsx", rows))
    assert figures == WHOLE[:4] and not report.errors


def test_rows_of_no_area_are_counted_and_told(tmp_path: Path) -> None:
    rows = [("A", 10), ("B", 20), ("C", 30), (None, 7)]
    figures, report = read(write(tmp_path / "t.csv", rows, ["omr", "n"]))
    assert not report.errors and figures[-1] == (None, 7)
    assert [(problem.row, problem.count) for problem in report.warnings] == [(5, 1)]
    rest = [(area, *more) for area in ("A", "B", None) for more in (("0-17", 3), ("18+", 4))]
    _, report = read(write(tmp_path / "u.csv", rest))
    assert not report.errors and [problem.count for problem in report.warnings] == [2]


def test_a_missing_figure_is_no_heading_and_a_blank_class_no_label(tmp_path: Path) -> None:
    rows = [("A", 10, "x"), ("B", None, None), ("C", 30, "y")]
    figures, report = read(write(tmp_path / "t.xlsx", rows, ["omr", "n", "note"]))
    assert figures == [("A", 10), ("B", None), ("C", 30)] and not report.errors and not report.warnings


def test_blank_rows_and_headings_are_no_end_while_areas_follow(tmp_path: Path) -> None:
    rows = [
        ("A", 10),
        (None, None),
        ("Boligområder i syd:", None),
        ("B", 20),
        ("C", 30),
        (None, None),
        ("Anm.: opdigtet", None),
    ]
    path = write(tmp_path / "t.xlsx", rows, ["omr", "n"])
    figures, report = read(path)
    assert figures == [("A", 10), ("B", 20), ("C", 30)] and not report.errors and not report.warnings
    figures, report = read(path, use=None)  # ids that are not known look like those above
    assert {("A", 10), ("B", 20), ("C", 30)} <= set(figures) and not report.errors


def test_the_municipality_s_row_below_a_blank_one_is_read(tmp_path: Path) -> None:
    rows = [("A", 10), ("B", 20), (None, None), ("Hele kommunen", 500), (None, None), ("I alt", 530)]
    path = write(tmp_path / "t.xlsx", rows, ["omr", "n"])
    figures, _ = read(path, reference_row="Hele kommunen")
    assert figures == [("A", 10), ("B", 20), ("@municipality", 500)]
    figures, _ = read(path)
    assert figures == [("A", 10), ("B", 20)]


def test_a_second_table_below_is_told_and_not_read(tmp_path: Path) -> None:
    rows = [("A", 10), ("B", 20), (None, None), ("omr", "andel"), ("A", 0.5), ("B", 0.1)]
    figures, report = read(write(tmp_path / "t.xlsx", rows, ["omr", "n"]))
    assert figures == [("A", 10), ("B", 20)] and not report.errors
    assert [problem.row for problem in report.warnings] == [5]


def test_totals_of_blocks_are_found_after_filling(tmp_path: Path) -> None:
    rows = [
        (area if place == 0 else None, age, n)
        for area, young, old in (("A", 3, 60), ("B", 30, 70))
        for place, (age, n) in enumerate((("I alt", young + old), ("0-17", young), ("18+", old)))
    ]
    _, report = read(write(tmp_path / "t.xlsx", rows), use=TableUse(lambda: {"A", "B"}, (Sum((), "n"),)))
    assert ['"I alt"' in problem.message for problem in report.errors] == [True]


def test_columns_of_words_that_are_often_blank_are_no_labels(tmp_path: Path) -> None:
    rows = [("A", 10, "x"), ("B", 20, None), ("C", 30, None), ("D", 1, "x"), ("E", 2, None)]
    path = write(tmp_path / "t.csv", rows, ["omr", "n", "note"])
    _, report = read(path, use=None)
    assert not report.problems
    used = TableUse(lambda: set("ABCDE"), (Sum(("note = 'x'",), "n"),))
    _, report = read(path, use=used)
    assert [problem.column for problem in report.errors] == []
