"""Person numbers that a program made floats of: read as keys, in every format. All numbers are made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from geo_bosoc.problems import InputError, Report
from geo_bosoc.registers.read import read_register
from geo_bosoc.text import person_numbers

PNR = ["2902997391", "0102034567", "1506804321", "3112991230"]


def write_csv(path: Path, values: list[Any]) -> Path:
    path = path.with_suffix(".csv")
    path.write_text("pnr;charged;address_id\n" + "".join(f"{v};1;a\n" for v in values), encoding="utf-8")
    return path


def write_xlsx(path: Path, values: list[Any]) -> Path:
    path = path.with_suffix(".xlsx")
    book = openpyxl.Workbook()
    book.active.append(["pnr", "charged", "address_id"])
    for value in values:
        book.active.append([value, 1, "a"])
    book.save(path)
    return path


def write_json(path: Path, values: list[Any]) -> Path:
    path = path.with_suffix(".json")
    path.write_text(
        json.dumps([{"pnr": value, "charged": 1, "address_id": "a"} for value in values]), encoding="utf-8"
    )
    return path


def write_parquet(path: Path, values: list[Any]) -> Path:
    path = path.with_suffix(".parquet")
    pl.DataFrame(
        {"pnr": values, "charged": [1] * len(values), "address_id": ["a"] * len(values)}, strict=True
    ).write_parquet(path)
    return path


WRITERS = (write_csv, write_xlsx, write_json, write_parquet)


def as_float(number: str) -> str:
    return f"{int(number)}.0"


def with_exponent(number: str) -> str:
    digits = str(int(number))
    return f"{digits[0]}.{digits[1:].rstrip('0')}E{len(digits) - 1}"


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    "shape",
    [
        as_float,
        with_exponent,
        lambda n: with_exponent(n).replace(".", ",").replace("E", "E+0"),
        lambda n: as_float(n).replace(".", ","),
        lambda n: f"{int(n):,}".replace(",", "."),
        lambda n: float(int(n)),
        lambda n: int(n),
    ],
)
def test_keys_as_floats_are_the_keys_that_they_were(
    tmp_path: Path, write: Callable[[Path, list[Any]], Path], shape: Callable[[str], Any]
) -> None:
    right = [person_numbers.pseudonym(number) for number in PNR]
    path = write(tmp_path / "p", [shape(number) for number in PNR])
    read = read_register(path, unit="person", id="pnr", period="2024", place="person", person="pnr").collect()
    assert read["pnr"].to_list() == right
    assert read["person_id"].to_list() == right


@pytest.mark.parametrize("write", WRITERS[:3])
def test_a_column_in_which_only_some_are_floats(
    tmp_path: Path, write: Callable[[Path, list[Any]], Path]
) -> None:
    mixed = [as_float(PNR[0]), PNR[1], f"{PNR[2][:6]}-{PNR[2][6:]}", with_exponent(PNR[3])]
    read = read_register(write(tmp_path / "p", mixed), unit="person", id="pnr", period="2024").collect()
    assert read["pnr"].to_list() == [person_numbers.pseudonym(number) for number in PNR]


def test_a_workbook_with_numbers_and_text_in_one_column(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "p", [float(int(PNR[0])), int(PNR[1]), PNR[2], as_float(PNR[3])])
    read = read_register(path, unit="person", id="pnr", period="2024").collect()
    assert read["pnr"].to_list() == [person_numbers.pseudonym(number) for number in PNR]


@pytest.mark.parametrize("write", WRITERS)
def test_a_column_that_is_no_key_may_not_hold_them_either(
    tmp_path: Path, write: Callable[[Path, list[Any]], Path]
) -> None:
    for shape in (as_float, with_exponent):
        path = write(tmp_path / shape.__name__, [shape(number) for number in PNR])
        with pytest.raises(InputError, match="person number") as raised:
            read_register(path, unit="case", period="2024").collect()
        assert not any(number in str(raised.value) for number in PNR)


def test_keys_whose_digits_are_gone_are_refused(tmp_path: Path) -> None:
    for number, values in enumerate((["2,9E+09", "1,02E+08"], ["2.90300E+09", "1.50680E+09"], ["3E+09"] * 2)):
        report = Report()
        path = write_csv(tmp_path / str(number), values)
        read_register(path, unit="person", id="pnr", period="2024", report=report)
        assert "digits are gone" in report.errors[0].message, values
    report = Report()
    path = tmp_path / "p.parquet"
    pl.DataFrame(
        {"pnr": pl.Series([2902997391.0], dtype=pl.Float32), "charged": [1], "address_id": ["a"]}
    ).write_parquet(path)
    read_register(path, unit="person", id="pnr", period="2024", report=report)
    assert "digits are gone" in report.errors[0].message


def test_amounts_are_no_person_numbers(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p", ["2902997391,00", "12.345.678,50"])
    path.write_text(path.read_text(encoding="utf-8").replace("pnr", "debt"), encoding="utf-8")
    read = read_register(path, unit="case", period="2024", decimal=",").collect()
    assert read["debt"].to_list() == [2902997391.0, 12345678.5]


@pytest.mark.parametrize("write", WRITERS[:3])
def test_keys_that_are_no_person_numbers_lose_the_ending_too(
    tmp_path: Path, write: Callable[[Path, list[Any]], Path]
) -> None:
    path = write(tmp_path / "p", ["1001.0", "1002", "A1.0"])
    read = read_register(path, unit="person", id="pnr", period="2024").collect()
    assert read["pnr"].to_list() == ["1001", "1002", "A1.0"]
