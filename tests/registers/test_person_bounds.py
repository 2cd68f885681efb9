"""What columns of persons can hold, registers read twice, registers without rows. All persons are made up."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from geo_bosoc.problems import Problem, Report
from geo_bosoc.registers.read import read_in_parts
from geo_bosoc.registers.tables.table_rows import TableUse

Table = dict[str, list[Any]]
Writer = Callable[[Path, Table], str]


def csv(folder: Path, table: Table, name: str = "p") -> str:
    pl.DataFrame(table).write_csv(folder / f"{name}.csv", separator=",")
    return f"{name}.csv"


def xlsx(folder: Path, table: Table, name: str = "p") -> str:
    book = openpyxl.Workbook()
    book.active.append(list(table))
    for row in zip(*table.values(), strict=True):
        book.active.append(list(row))
    book.save(folder / f"{name}.xlsx")
    return f"{name}.xlsx"


def rows_json(folder: Path, table: Table, name: str = "p") -> str:
    rows = pl.DataFrame(table).rows(named=True)
    (folder / f"{name}.json").write_text(json.dumps(rows, default=str), encoding="utf-8")
    return f"{name}.json"


def parquet(folder: Path, table: Table, name: str = "p") -> str:
    pl.DataFrame(table).write_parquet(folder / f"{name}.parquet")
    return f"{name}.parquet"


WRITERS = (csv, xlsx, rows_json, parquet)


def persons(count: int = 300, **changed: Any) -> Table:
    return {
        "id": [f"P{n}" for n in range(count)],
        "address_id": [f"a{n % 7}" for n in range(count)],
        "age": [n % 90 for n in range(count)],
        "absence_pct": [float(n % 30) + 0.5 for n in range(count)],
        "income": [1000 * (n % 50) + 7 for n in range(count)],
        **changed,
    }


def with_value(name: str, value: Any, *rows: int) -> Table:
    table = persons()
    values = list(table[name])
    for row in rows or (10,):
        values[row] = value
    return table | {name: values}


def read(
    folder: Path, path: Any, columns: tuple[str, ...] = ("age", "absence_pct", "income"), **more: Any
) -> list[Problem]:
    report = Report()
    conditions = more.pop("conditions", ())
    read_in_parts(
        path,
        folder=folder,
        unit=more.pop("unit", "person"),
        id="id",
        period="2024",
        columns=columns,
        table=TableUse(conditions=conditions),
        report=report,
        **more,
    )
    return [one for one in report.problems if one.level != "note"]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("name", "value", "level", "words"),
    [
        ("age", -1, "error", "missing = [-1]"),
        ("age", -5, "error", "under 0"),
        ("age", 140, "warning", "over 120"),
        ("absence_pct", -5.0, "error", "under 0"),
        ("absence_pct", 250.0, "error", "over 100"),
        ("income", -99997, "error", "missing = [-99997]"),
    ],
)
def test_values_that_cannot_be(
    tmp_path: Path, write: Writer, name: str, value: Any, level: str, words: str
) -> None:
    (problem,) = read(tmp_path, write(tmp_path, with_value(name, value)))
    assert (problem.level, problem.column, problem.count) == (level, name, 1)
    assert words in str(problem)
    assert problem.row == (11 if write in (rows_json, parquet) else 12)


@pytest.mark.parametrize("write", WRITERS)
def test_sound_columns_are_read_without_a_word(tmp_path: Path, write: Writer) -> None:
    assert read(tmp_path, write(tmp_path, persons())) == []
    assert read(tmp_path, write(tmp_path, with_value("income", -1200, 3, 4) | {})) == []
    assert read(tmp_path, write(tmp_path, with_value("age", -1)), missing=[-1]) == []
    assert read(tmp_path, write(tmp_path, with_value("income", -1)), negative=["income"]) == []


def test_many_impossible_ages_are_an_error(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, parquet(tmp_path, with_value("age", 140, *range(0, 100))))
    assert problem.level == "error"


@pytest.mark.parametrize("write", WRITERS)
def test_dates_of_birth(tmp_path: Path, write: Writer) -> None:
    born = [dt.date(1950, 1, 1) + dt.timedelta(days=n) for n in range(300)]
    table = persons(born=[*born[:-2], dt.date(1850, 1, 1), dt.date(2999, 1, 1)])
    told = read(tmp_path, write(tmp_path, table), columns=(), birth_date="born")
    assert {(one.level, one.column) for one in told} == {("error", "born"), ("warning", "born")}
    assert read(tmp_path, write(tmp_path, persons(born=born)), columns=(), birth_date="born") == []


def test_durations_are_no_ages(tmp_path: Path) -> None:
    times = persons(age=[dt.timedelta(hours=n) for n in range(300)])
    for write in (xlsx, parquet):
        told = read(tmp_path, write(tmp_path, times))
        assert any(one.level == "error" and "durations" in one.message for one in told), write


@pytest.mark.parametrize("write", WRITERS)
def test_a_column_that_is_empty(tmp_path: Path, write: Writer) -> None:
    table = persons(labour=pl.Series([None] * 300, dtype=pl.String).to_list())
    if write is parquet:
        frame = pl.DataFrame(table, schema_overrides={"labour": pl.String})
        frame.write_parquet(tmp_path / "p.parquet")
        path = "p.parquet"
    else:
        path = write(tmp_path, table)
    (told,) = read(tmp_path, path, columns=("labour",))
    assert (told.level, told.column) == ("warning", "labour")
    assert "empty" in told.message
    assert read(tmp_path, path, columns=("labour",), conditions=("labour IS NULL",)) == []


@pytest.mark.parametrize("write", WRITERS)
def test_a_register_without_rows(tmp_path: Path, write: Writer) -> None:
    told = read(tmp_path, write(tmp_path, {name: values[:0] for name, values in persons().items()}))
    assert any(one.level == "error" and "rows" in one.message for one in told)


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_read_twice(tmp_path: Path, write: Writer) -> None:
    path = write(tmp_path, persons())
    (tmp_path / "sub").mkdir()
    for again in (path, f"sub/../{path}", f"p.{path[-2:]}*".replace(path[-2:], path.split(".")[1][:2])):
        told = read(tmp_path, [path, again])
        assert [one.level for one in told] == ["warning"], again
        assert "read once" in told[0].message
    copy = "kopi." + path.split(".")[1]
    shutil.copy(tmp_path / path, tmp_path / copy)
    told = read(tmp_path, [path, copy])
    assert any(one.level == "error" and "copy of" in one.message for one in told)
    (tmp_path / copy).unlink()


def test_the_same_rows_in_another_format(tmp_path: Path) -> None:
    for unit in ("person", "case"):
        told = read(tmp_path, [csv(tmp_path, persons()), parquet(tmp_path, persons())], unit=unit)
        assert any(one.level == "error" and "same rows" in one.message for one in told), unit
    half = {name: values[100:] for name, values in persons().items()}
    told = read(tmp_path, [csv(tmp_path, persons()), xlsx(tmp_path, half, "q")])
    assert any(one.level == "error" and "same rows" in one.message for one in told)


def test_other_rows_of_the_same_register_are_no_copies(tmp_path: Path) -> None:
    others = persons() | {"id": [f"Q{n}" for n in range(300)]}
    assert read(tmp_path, [csv(tmp_path, persons()), parquet(tmp_path, others, "q")]) == []
