"""Files that are damaged or odd: one clear sentence, and never a fault of ours. All figures are made up."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import polars as pl
import pytest

from geo_bosoc.problems import InputError
from geo_bosoc.registers.read import read_register


def read(path: Path) -> pl.DataFrame:
    return read_register(path, unit="count", area="omr", period="2024").collect()


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_lines_that_end_in_carriage_returns_alone(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes('omr;n;t\rÆ;10;x\rB;20;"to\rlinjer"\rC;30;z\r'.encode(encoding))
    assert read(path)["n"].to_list() == [10, 20, 30]
    path.write_bytes(b"omr;n\rA;10\rB\rC;30\r")
    with pytest.raises(InputError, match="row 3: the row has 1 fields"):
        read(path)


def test_a_cell_of_131072_characters(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"omr;n;t\nA;10;{'x' * 131_073}\n", encoding="utf-8")
    assert read(path)["n"].to_list() == [10]


def test_binary_columns_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"omr": [b"A", b"B"], "n": [1, 2]}).write_parquet(path)
    assert read(path).select("area_id", "n").rows() == [("A", 1), ("B", 2)]
    pl.DataFrame({"omr": [b"\xff\xfe", b"B"], "n": [1, 2]}).write_parquet(path)
    with pytest.raises(InputError, match="column omr: this column holds binary data"):
        read(path)


def test_parquet_with_bytes_that_changed_is_told_or_read(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"omr": [f"A{i:03}" for i in range(300)], "n": range(300)}).write_parquet(path)
    whole, chance = path.read_bytes(), random.Random(1)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(3):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        path.write_bytes(broken)
        with contextlib.suppress(InputError):
            read(path)


@pytest.mark.parametrize(
    "text",
    [
        '[{"omr": "A", "n": 1}',
        "[" * 100_000,
        "[" * 10_000 + "]" * 10_000,
        '[{"omr": ' + '{"a": ' * 10_000 + "1" + "}" * 10_000 + "}]",
        '[{"omr": ' + "[" * 500 + "]" * 500 + "}]",
        '[{"omr": "A", "n": ' + "9" * 5000 + "}]",
        '{"omr": "A"}',
        "[1, 2]",
        "[]",
    ],
)
def test_json_that_holds_no_rows(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read(path)


def test_json_with_odd_values_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('[{"omr": "A\\ud800", "n": NaN}, {"omr": "B", "n": 2}]', encoding="utf-8")
    assert read(path)["n"].to_list() == [None, 2]
