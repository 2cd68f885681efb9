"""Tables of finished figures given to `categorise_table`: every format is read, and no figure that cannot be is used.

All tables are made up.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pytest

from geo_bosoc.models import (
    Model,
    categorise_table,
    load_model,
    parse_model,
    read_finished,
)
from geo_bosoc.problems import InputError, Report

ROWS = [("A", 2024, 1500, 45.0), ("B", 2024, 1200, 20.5)]
HEAD = ["område", "år", "residents", "outside_labour_pct"]
ANSWER = {"A": "combined_letting", "B": "not_listed"}


def workbook(path: Path, above: int = 0) -> Path:
    book = openpyxl.Workbook()
    for number in range(above):
        book.active.append([f"Titel {number}"])
    for row in [HEAD, *ROWS]:
        book.active.append(list(row))
    book.save(path)
    return path


def write(path: Path) -> Path:
    table = pd.DataFrame(ROWS, columns=HEAD)
    kind = path.suffix
    if kind == ".xlsx":
        return workbook(path)
    if kind == ".parquet":
        pl.from_pandas(table).write_parquet(path)
    elif kind == ".json":
        path.write_text(table.to_json(orient="records", force_ascii=False), encoding="utf-8")
    elif kind == ".tsv":
        table.to_csv(path, sep="\t", index=False)
    elif kind == ".txt":  # bare carriage returns
        table.to_csv(path, sep=";", decimal=",", index=False, lineterminator="\r")
    else:
        table.to_csv(path, sep=";", decimal=",", index=False, encoding="cp1252")
    return path


@pytest.mark.parametrize("kind", ["csv", "tsv", "txt", "xlsx", "parquet", "json"])
def test_every_format_gives_the_same(tmp_path: Path, kind: str) -> None:
    done = categorise_table(
        write(tmp_path / f"liste.{kind}"), load_model("combined-letting"), report=Report()
    )
    assert dict(done.categories[["area_id", "category"]].to_numpy().tolist()) == ANSWER
    assert set(done.categories["period"]) == {"2024"}


def test_the_head_of_a_sheet_may_stand_under_titles(tmp_path: Path) -> None:
    done = categorise_table(
        workbook(tmp_path / "l.xlsx", above=3), load_model("combined-letting"), report=Report()
    )
    assert dict(done.categories[["area_id", "category"]].to_numpy().tolist()) == ANSWER


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("l.csv", b"PK\x03\x04rest", "this is a workbook"),
        ("l.xlsx", b"no workbook", "cannot be read"),
        ("l.xls", b"\xd0\xcf\x11\xe0no", "cannot be read"),
        ("l.ods", b"PK\x03\x04", "cannot be read"),
        ("l.parquet", b"PAR1 flipped", "cannot be read"),
        ("l.json", b"{", "JSON"),
        ("l.csv", b"", "empty"),
        ("l.csv", b"area;x\n\x00\x01;2\n", "no text file"),
        ("l.csv", b'area;x\n"a;2\n' + b"x" * 140_000, "cannot be told apart"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=told) as raised:
        read_finished(tmp_path / name)
    assert name in str(raised.value)


def table(**changed: Any) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "area": ["A", "B"],
        "year": [2024, 2024],
        "residents": [1500, 1200],
        "outside_labour_pct": [45.0, 20.5],
    }
    return pd.DataFrame(columns | changed)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"residents": [1500, -3]}, "a count is under 0"),
        ({"residents": [1500, -1]}, "codes? for missing"),
        ({"residents": [1500.5, 1200]}, "a count has decimals"),
        ({"outside_labour_pct": [45, -4.5]}, "under 0"),
        ({"outside_labour_pct": [450, 20]}, "over 100"),
        ({"outside_labour_pct": [0.45, 0.205]}, "per cent, or shares"),
        ({"outside_labour_pct": ["0,45", "0,205"]}, "per cent, or shares"),
        ({"outside_labour_pct": [float("inf"), 20]}, "not a number"),
        ({"outside_labour_pct": ["1e999999", 20]}, "not a number"),
        ({"outside_labour_pct": ["#DIV/0!", 20]}, "not a number"),
        ({"area": ["A", "A"]}, "duplicated"),
    ],
)
def test_figures_that_cannot_be_are_errors(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        categorise_table(table(**changed), load_model("combined-letting"), report=Report())


def test_what_was_asked_about_can_be_answered() -> None:
    model = load_model("combined-letting")
    shares = table(outside_labour_pct=[0.45, 0.205])
    done = categorise_table(shares, model, shares=["outside_labour_pct"], report=Report())
    assert dict(done.categories[["area_id", "category"]].to_numpy().tolist()) == ANSWER
    low = categorise_table(shares, model, per_cent=["outside_labour_pct"], report=Report())
    assert set(low.categories["category"]) == {"not_listed"}
    with pytest.raises(InputError) as raised:
        categorise_table(table(residents=[1500, -99997]), model, report=Report())
    assert "--missing -99997" in str(raised.value)
    coded = categorise_table(table(residents=[-99997, 1200]), model, missing=["-99997"], report=Report())
    assert dict(coded.categories[["area_id", "undetermined_by"]].to_numpy().tolist())["A"] == "residents"
    stated = categorise_table(table(outside_labour_pct=["0,5 %", "0,2 %"]), model, report=Report())
    assert set(stated.categories["category"]) == {"not_listed"}


def test_convictions_of_under_one_per_cent_are_no_shares() -> None:
    report = Report()
    categorise_table(table(convicted_pct=[0.9, 0.4]), load_model("national-2021"), report=report)
    assert not report.errors
    with pytest.raises(InputError, match="per cent, or shares"):
        categorise_table(table(convicted_pct=[0.029, 0.011]), load_model("national-2021"), report=Report())


def test_columns_that_are_not_used_are_named() -> None:
    report = Report()
    categorise_table(
        table(turnout_pct=[40, 80], note=["", ""]), load_model("combined-letting"), report=report
    )
    (told,) = [one for one in report.problems if one.level == "note"]
    assert told.message == "model combined-letting does not use turnout_pct, note."


def ratio_model() -> Model:
    category = {"label_da": "x", "label_en": "x", "colour": "#112233"}
    return parse_model(
        {
            "id": "small",
            "version": "1",
            "kind": "points",
            "criterion": [{"indicator": "outside_labour", "bands": [1.5, 3]}],
            "category": [{"id": "poor", "min_points": 1, **category}, {"id": "fine", **category}],
        }
    )


def test_a_missing_municipality_is_told_by_the_options_name() -> None:
    report = Report()
    done = categorise_table(table(), ratio_model(), report=report)
    (told,) = report.warnings
    assert "no row for the municipality" in told.message and "outside_labour of small" in told.message
    assert "--municipality" in str(told.hint)
    assert set(done.categories["category"]) == {"undetermined"}
    with_row = pd.concat([table(), table(area=["Kommunen", "X"]).assign(outside_labour_pct=15).head(1)])
    own = Report()
    done = categorise_table(with_row, ratio_model(), municipality="Kommunen", report=own)
    assert dict(done.categories[["area_id", "category"]].to_numpy().tolist()) == {"A": "poor", "B": "fine"}
    assert not own.warnings
    with pytest.raises(InputError, match="no row is the municipality's"):
        categorise_table(with_row, ratio_model(), municipality="Kommune", report=Report())


def test_rows_without_an_area_are_told() -> None:
    report = Report()
    done = categorise_table(table(area=["A", None]), load_model("combined-letting"), report=report)
    assert done.categories["area_id"].tolist() == ["A"]
    (told,) = report.warnings
    assert told.row == 3 and told.count == 1
