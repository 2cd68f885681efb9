"""Workbooks, JSON rows and Parquet as registers."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from geo_bosoc.problems import InputError, Report
from geo_bosoc.registers.read import read_register


def workbook(folder: Path, rows: list[list[Any]], name: str = "t.xlsx", sheet: str = "Data") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(row)
    book.create_sheet("Empty")
    book.save(folder / name)
    return folder / name


def test_a_workbook_with_title_rows_footnotes_text_numbers_and_dates(tmp_path: Path) -> None:
    day = datetime.datetime(2024, 1, 1)
    path = workbook(
        tmp_path,
        [
            ["Beboere i made-up areas"],
            [],
            ["Område", "Antal", "Andel", "Dato", "Tekst", "Ja"],
            ["0101", 12, 0.25, day, "1.234,5", True],
            ["0102", "..", 0.5, day, 7.25, False],
            ["0103", 14, None, None, "12", True],
            [],
            ["Kilde: nobody"],
            ["Note", 2],
        ],
    )
    report = Report()
    frame = read_register(
        path, unit="count", area="Område", period="2024", header_row=3, report=report
    ).collect()
    assert frame["area_id"].to_list() == ["0101", "0102", "0103"]
    assert frame["Antal"].to_list() == [12, None, 14]
    assert frame["Antal"].dtype == pl.Int64
    assert frame["Antal__mark"].to_list() == [None, "protected", None]
    assert frame["Andel"].to_list() == [0.25, 0.5, None]
    assert frame["Dato"].to_list() == [datetime.date(2024, 1, 1)] * 2 + [None]
    assert frame["Tekst"].to_list() == [1234.5, 7.25, 12.0]
    assert frame["Ja"].to_list() == [True, False, True]
    assert "2 rows below" in report.problems[0].message


def test_a_workbooks_header_row_is_suggested(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["Titel"], ["area_id", "n"], ["A", 1]])
    with pytest.raises(InputError, match="header_row = 2"):
        read_register(path, unit="count", period="2024", columns=["n"])


def test_sheets_by_name_and_number(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["area_id", "n"], ["A", 1]])
    for sheet in ("Data", 1, None):
        assert read_register(path, unit="count", period="2024", sheet=sheet).collect()["n"].to_list() == [1]
    with pytest.raises(InputError, match="Data, Empty"):
        read_register(path, unit="count", period="2024", sheet="2024")
    with pytest.raises(InputError, match="is empty"):
        read_register(path, unit="count", period="2024", sheet=2)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK no workbook")
    with pytest.raises(InputError, match="cannot be read"):
        read_register(broken, unit="count", period="2024")


def test_person_numbers_that_lost_their_zero_in_a_workbook(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, [["pnr", "address_id", "age"], [102034567, "A", 7], [1112034567, "B", 8], [], [5, "C", 9]]
    )
    report = Report()
    frame = read_register(path, unit="person", id="pnr", period="2024", report=report).collect()
    text = tmp_path / "t.csv"
    text.write_text("pnr;address_id;age\n010203-4567;A;7\n", encoding="utf-8")
    assert frame["pnr"][0] == read_register(text, unit="person", id="pnr", period="2024").collect()["pnr"][0]
    assert frame["age"].to_list() == [7, 8, 9]
    assert any("leading zero of 1 person number was" in p.message for p in report.problems)
    assert any("1 empty row was" in p.message for p in report.problems)
    other = workbook(tmp_path, [["area_id", "n"], ["A", 3], ["B", 1112034567]], "o.xlsx")
    with pytest.raises(InputError, match="row 3, column n"):
        read_register(other, unit="count", period="2024")


def test_years_across_in_a_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["area_id", 2022, 2023], ["A", 5, "<5"], ["B", 0.5, 7]])
    frame = read_register(path, unit="count", years_across="n").collect().sort("area_id", "period")
    assert frame.select("period", "n", "n__mark").rows() == [
        ("2022", 5.0, None),
        ("2023", None, "protected"),
        ("2022", 0.5, None),
        ("2023", 7.0, None),
    ]


def test_thousands_or_not_in_a_workbooks_text_is_asked(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["area_id", "n"], ["A", "1.234"], ["B", "12"]])
    with pytest.raises(InputError, match="decimal"):
        read_register(path, unit="count", period="2024")
    frame = read_register(path, unit="count", period="2024", decimal=",").collect()
    assert frame["n"].to_list() == [1234, 12]


def rows_file(folder: Path, rows: Any, encoding: str = "utf-8") -> Path:
    path = folder / "t.json"
    path.write_bytes(json.dumps(rows, ensure_ascii=False).encode(encoding))
    return path


def test_json_rows(tmp_path: Path) -> None:
    rows = [
        {"distrikt": "0101", "antal": 5, "andel": 1, "navn": "Ø", "dag": "2012-10-02", "kode": 20240101},
        {"distrikt": "0102", "antal": "<5", "andel": 2.5, "navn": None, "dag": None, "kode": 20240102},
        {"distrikt": 103, "antal": 7},
    ]
    frame = read_register(
        rows_file(tmp_path, rows, "utf-8-sig"), unit="count", area="distrikt", period="2024", text=["dag"]
    ).collect()
    assert frame["area_id"].to_list() == ["0101", "0102", "103"]
    assert frame["antal"].to_list() == [5, None, 7]
    assert frame["andel"].to_list() == [1.0, 2.5, None]
    assert frame["kode"].to_list() == [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2), None]
    assert frame["dag"].to_list() == ["2012-10-02", None, None]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("{", "no valid JSON"),
        ('{"a": 1}', "list of objects"),
        ("[1]", "list of objects"),
        ("[]", "no rows"),
        ('[{"area_id": [1]}]', "row 1, column area_id"),
    ],
)
def test_json_that_is_no_rows(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=match):
        read_register(path, unit="count", period="2024")


def test_parquet_is_read_lazily_and_only_where_named(tmp_path: Path) -> None:
    path = tmp_path / "p_2024.parquet"
    pl.DataFrame(
        {
            "person_id": ["P1", "P2"],
            "address_id": [7, 8],
            "age": pl.Series([30, None], dtype=pl.UInt8),
            "sex": pl.Series(["m", "f"], dtype=pl.Categorical),
            "moved": [datetime.datetime(2024, 1, 1, 12), None],
            "w": pl.Series([1.5, float("nan")], dtype=pl.Float32),
            "diary": ["010203-4567", ""],
        }
    ).write_parquet(path)
    frame = read_register(
        "p_{period}.parquet",
        folder=tmp_path,
        unit="person",
        id="person_id",
        columns=["age", "sex", "moved", "w"],
    )
    assert "diary" not in frame.explain()
    assert "2/7" in frame.select("age", "period", "sex").explain()
    assert frame.collect().rows() == [
        ("P1", "7", "2024", 30, "m", datetime.date(2024, 1, 1), 1.5),
        ("P2", "8", "2024", None, "f", None, None),
    ]
    with pytest.raises(InputError, match="row 1, column diary"):
        read_register(path, unit="person", id="person_id", period="2024")


def test_parquet_with_person_numbers_is_hashed(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pl.DataFrame({"pnr": [102034567, 1112034567], "address_id": ["A", "B"], "age": [1, 2]}).write_parquet(
        path
    )
    frame = read_register(path, unit="person", id="pnr", period="2024", where="age > 1").collect()
    assert frame.select("address_id", "age").rows() == [("B", 2)]
    assert not frame["pnr"].str.contains("11120").any()


def test_parquet_problems(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    path.write_bytes(b"PAR1 no")
    with pytest.raises(InputError, match="no readable Parquet"):
        read_register(path, unit="count", period="2024")
    pl.DataFrame({"area_id": ["A", "A"], "n": [1, 2], "l": [[1], [2]]}).write_parquet(path)
    with pytest.raises(InputError, match="lists or records"):
        read_register(path, unit="count", period="2024")
    with pytest.raises(InputError, match="rows 1, 2"):
        read_register(path, unit="count", period="2024", columns=["n"])


def test_formats_may_be_mixed_over_the_years(tmp_path: Path) -> None:
    pl.DataFrame({"area_id": ["0101"], "n": [5]}).write_parquet(tmp_path / "n_2022.parquet")
    (tmp_path / "n_2023.csv").write_text("area_id;n\n0101;6,5\n", encoding="utf-8")
    workbook(tmp_path, [["area_id", "n"], ["0101", 7]], "n_2024.xlsx")
    frame = read_register("n_{period}.*", folder=tmp_path, unit="count").collect()
    assert frame.sort("period").rows() == [
        ("0101", "2022", 5.0),
        ("0101", "2023", 6.5),
        ("0101", "2024", 7.0),
    ]
