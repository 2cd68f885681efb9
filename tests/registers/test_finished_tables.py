"""Finished tables as publishers lay them out: title rows, merged heads, areas or years across, per cent, marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from geo_bosoc.indicators import count_indicators, indicator_table
from geo_bosoc.indicators.load import parse_indicators
from geo_bosoc.problems import InputError, Report
from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.standardise import MUNICIPALITY


def workbook(path: Path, rows: list[list[Any]], merged: tuple[str, ...] = (), sheet: str = "Tabel 1") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(row)
    for cells in merged:
        page.merge_cells(cells)
    book.save(path)
    return path


def test_years_across_under_merged_heads(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "lbf æøå.xlsx",
        [
            ["Beboere i almene afdelinger"],
            [],
            [None, "2023", None, "2024", None],
            ["Afdeling", "Antal", "Uden for, pct.", "Antal", "Uden for, pct."],
            ["Parken", 200, 25.0, 210, "<5"],
            ["Vangen", 100, 12.5, "..", "*"],
            ["Kommunen", 5000, 10, 5100, 10.5],
            [],
            ["Anm.: opdigtet"],
        ],
        ("B3:C3", "D3:E3"),
    )
    report = Report()
    frame = read_register(
        path,
        unit="count",
        sheet="Tabel 1",
        header_row=3,
        header_rows=2,
        years_across="x",
        area="Afdeling",
        reference_row="Kommunen",
        per_cent={"Uden for, pct.": "Antal"},
        report=report,
    ).collect()
    assert not report.errors
    found = (
        frame.sort("period", "area_id").select("area_id", "period", "Antal", "Uden for, pct._count").rows()
    )
    assert found == [
        (MUNICIPALITY, "2023", 5000, 500),
        ("Parken", "2023", 200, 50),
        ("Vangen", "2023", 100, 13),  # 12.5 persons: the nearest whole number
        (MUNICIPALITY, "2024", 5100, 536),
        ("Parken", "2024", 210, None),
        ("Vangen", "2024", None, None),
    ]
    marks = frame.filter(pl.col("period") == "2024").sort("area_id")["Uden for, pct._count__mark"].to_list()
    assert marks == [None, "protected", "protected"]


def test_areas_across(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "dst.xlsx",
        [
            ["Nøgletal på kommuner"],
            ["År", "Parken", "Vangen", "Hele kommunen"],
            [2023, 7, "-", 90],
            [2024, ".", "", 80],
        ],
    )
    frame = read_register(
        path,
        unit="count",
        header_row=2,
        areas_across="dømte",
        period="År",
        reference_row="Hele kommunen",
        report=Report(),
    ).collect()
    rows = frame.sort("area_id", "period").select("area_id", "period", "dømte", "dømte__mark").rows()
    assert rows == [
        (MUNICIPALITY, "2023", 90, None),
        (MUNICIPALITY, "2024", 80, None),
        ("Parken", "2023", 7, None),
        ("Parken", "2024", None, "not_applicable"),
        ("Vangen", "2023", 0, None),
        ("Vangen", "2024", None, "missing"),
    ]


def test_areas_across_without_rows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("period;A;B\n", encoding="utf-8")
    with pytest.raises(InputError):
        read_register(tmp_path / "t.csv", unit="count", areas_across="n", period="period").collect()


@pytest.mark.parametrize(
    ("head", "options", "key"),
    [
        ("omr;antal", {"years_across": "n"}, "years_across"),
        ("omr;antal\n;i alt", {"years_across": "n", "header_rows": 2}, "years_across"),
        ("period", {"areas_across": "n", "period": "period"}, "areas_across"),
    ],
)
def test_a_head_with_nothing_across_is_told_with_its_columns(
    tmp_path: Path, head: str, options: dict[str, object], key: str
) -> None:
    (tmp_path / "t.csv").write_text(f"{head}\n2024;5\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_register(tmp_path / "t.csv", unit="count", **options).collect()
    problem = next(one for one in told.value.problems if one.key == key)
    assert problem.file == "t.csv" and problem.message.startswith("no column is named by")
    assert head.split(";")[0] in str(problem.hint) and "header_row" in str(problem.hint)


def test_a_percentage_without_base_has_a_value_and_no_interval(tmp_path: Path) -> None:
    (tmp_path / "vive.csv").write_text(
        "omraade;aar;utryg_pct\nParken;2024;31,9\nKommunen;2024;14,2\n", encoding="utf-8"
    )
    report = Report()
    frame = read_register(
        tmp_path / "vive.csv",
        unit="count",
        area="omraade",
        period="aar",
        reference_row="Kommunen",
        per_cent={"utryg_pct": ""},
        report=report,
    )
    assert any("no interval" in problem.message for problem in report.problems)
    indicator = parse_indicators(
        {
            "indicator": [
                {
                    "id": "unsafe",
                    "label_da": "Utrygge",
                    "label_en": "Unsafe",
                    "denominator": {"register": "vive", "sum": "utryg_pct_whole"},
                    "mean_of": "utryg_pct_parts",
                    "unit": "percent",
                }
            ]
        }
    )
    counts = count_indicators({"vive": frame}, indicator)
    own = counts[counts["area_id"] == "Parken"]
    table = indicator_table(own, indicator, counts[counts["area_id"] == MUNICIPALITY])
    line = table.iloc[0]
    assert (line["value"], line["reference"]) == (0.319, 0.142)
    assert table[["low", "high"]].isna().all().all()
    assert line["ratio"] == pytest.approx(319 / 142)


def test_numbers_of_years_and_school_years(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("area_id;skoleaar;n\nA;2022/23;4\nA;2023/24;5\n", encoding="utf-8")
    frame = read_register(tmp_path / "f.csv", unit="count", period="skoleaar").collect()
    assert frame.select("period", "n").rows() == [("2023", 4), ("2024", 5)]
    later = read_register(tmp_path / "f.csv", unit="count", period="skoleaar", period_shift=1).collect()
    assert later.select("period", "n").rows() == [("2024", 4), ("2025", 5)]
