"""Totals beside their parts in finished tables: told by their figures or their words, and never without need."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from geo_bosoc.problems import Report
from geo_bosoc.registers.checks.totals import leaving_out
from geo_bosoc.registers.read import read_in_parts
from geo_bosoc.registers.tables.table_rows import Sum, TableUse

PARTS = {"A": (3, 6), "B": (30, 70), "C": (3, 47)}


def rows(total: str, classes: tuple[str, str] = ("0-17", "18+")) -> list[tuple[str, str, int]]:
    table = []
    for area, (young, old) in PARTS.items():
        table += [(area, total, young + old), (area, classes[0], young), (area, classes[1], old)]
    return table


def write(path: Path, table: list[tuple[str, str, int]]) -> Path:
    names = ("omr", "alder", "n")
    if path.suffix == ".csv":
        path.write_text("\n".join(";".join(map(str, row)) for row in [names, *table]), encoding="utf-8")
    elif path.suffix == ".json":
        path.write_text(json.dumps([dict(zip(names, row, strict=True)) for row in table]), encoding="utf-8")
    elif path.suffix == ".parquet":
        pl.DataFrame(table, schema=list(names), orient="row").write_parquet(path)
    else:
        book = openpyxl.Workbook()
        for row in [names, *table]:
            book.active.append(row)
        book.save(path)
    return path


def problems(path: Path, use: TableUse | None = None, **more: object) -> list[str]:
    report = Report()
    fields = {"unit": "count", "area": "omr", "period": "2024", **more}
    read_in_parts(path, report=report, table=use, **fields)
    return [str(problem) for problem in report.errors]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json", "parquet"])
@pytest.mark.parametrize("word", ["I alt", "TOT", "Begge køn", "Alle", "Alder i alt", "All ages", "99"])
def test_a_total_is_named_with_the_line_that_leaves_it_out(tmp_path: Path, suffix: str, word: str) -> None:
    told = problems(write(tmp_path / f"t.{suffix}", rows(word)))
    assert len(told) == 1
    assert f'"{word}"' in told[0] and "column alder" in told[0]
    assert f"where = \"alder <> '{word}'\"" in told[0]
    assert not problems(tmp_path / f"t.{suffix}", where=f"alder <> '{word}'")


def test_a_total_of_which_a_part_is_hidden_is_told_by_its_word(tmp_path: Path) -> None:
    lines = ["omr;alder;n", "A;I alt;9", "A;0-17;<5", "A;18+;6", "B;I alt;9", "B;0-17;*", "B;18+;7"]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    assert "total beside its parts" in problems(tmp_path / "t.csv")[0]
    lines = [line.replace("I alt", "X") for line in lines]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    assert not problems(tmp_path / "t.csv")  # what is hidden proves nothing


def test_sums_that_take_either_the_total_or_its_parts_count_nothing_twice(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", rows("I alt"))
    apart = (Sum(("alder = 'I alt'",), "n"), Sum(("alder = '0-17'",), "n"))
    assert not problems(path, TableUse(sums=apart))
    assert problems(path, TableUse(sums=(*apart, Sum((), "n"))))


def test_figures_that_agree_by_chance_are_no_total(tmp_path: Path) -> None:
    table = [("A", "x", 1), ("A", "y", 1), ("A", "z", 2), ("B", "x", 0), ("B", "y", 1), ("B", "z", 1)]
    assert not problems(write(tmp_path / "t.csv", table))


@pytest.mark.parametrize("word", ["I alt", "Hele kommunen", "Total", "999"])
def test_a_row_that_is_the_sum_of_the_areas_is_told(tmp_path: Path, word: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"omr;n\nA;10\nB;20\nC;30\n{word};60\n", encoding="utf-8")
    use = TableUse(area_ids=lambda: {"A", "B", "C"})
    told = problems(path, use)
    assert len(told) == 1 and "row 5" in told[0] and f'reference_row = "{word}"' in told[0]
    assert not problems(path, use, reference_row=word)
    assert not problems(path, use, where=f"omr <> '{word}'")


def test_an_area_that_is_the_sum_of_others_is_an_area(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("omr;n\nA;10\nB;20\nC;30\n", encoding="utf-8")
    assert not problems(path, TableUse(area_ids=lambda: {"A", "B", "C"}))
    assert not problems(path)


def test_the_line_that_leaves_out_keeps_what_was_left_out_and_quotes_names() -> None:
    assert leaving_out("n > 0", "alder", "I alt") == "where = \"(n > 0) AND alder <> 'I alt'\""
    assert leaving_out(None, "alder, år", "alle's") == r"""where = "\"alder, år\" <> 'alle''s'" """.strip()
