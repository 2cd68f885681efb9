"""Addresses that a run finds in its table need no second look; others are looked at for person numbers."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse, check_project

PLANTED = "0102034567"


def planted(town: Path, row: int, value: str) -> str:
    """Write `value` into the address column of a register of persons; the file's name."""
    file = sorted((town / "data" / "registers").glob("persons_*.parquet"))[-1]
    frame = pl.read_parquet(file).with_row_index("at")
    address = pl.when(pl.col("at") == row).then(pl.lit(value)).otherwise(pl.col("address_id"))
    frame.with_columns(address.alias("address_id")).drop("at").write_parquet(file)
    return file.name


@pytest.mark.parametrize("step", [analyse, check_project])
def test_a_person_number_in_place_of_an_address_stops_the_run(town: Path, step: object) -> None:
    name = planted(town, 11, PLANTED)
    with pytest.raises(InputError) as stopped:
        step(town / "bosoc.toml", report=Report())  # type: ignore[operator]
    (problem,) = stopped.value.problems
    assert problem.file == name and problem.row == 12 and problem.column == "address_id"
    assert PLANTED not in str(stopped.value)


def test_an_address_that_is_merely_unknown_is_counted_as_such(town: Path) -> None:
    planted(town, 11, "no-such-address")
    report = Report()
    found = analyse(town / "bosoc.toml", report=report)
    told = report.facts["match"]["persons"][found.periods[-1]]
    assert told["address_not_found"]["rows"] >= 1
