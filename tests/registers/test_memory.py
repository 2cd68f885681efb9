"""Little memory changes how a register is read and split, and no row of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from geo_bosoc.memory import Memory
from geo_bosoc.problems import Report
from geo_bosoc.registers.read import read_in_parts


@pytest.mark.parametrize("text", ["", "much", "5 TB", "100 MB", "1,5", "-2 GB"])
def test_what_is_no_size_says_so(text: str) -> None:
    with pytest.raises(ValueError, match="memory"):
        Memory.of(text)


def test_sizes_as_people_write_them() -> None:
    assert Memory.of(" 1,5 gb ") == Memory.of("1500MB") == Memory()


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_many_rows_are_split_by_period(tmp_path: Path, ending: str) -> None:
    frame = pl.DataFrame(
        {
            "person_id": [f"p{n % 40}" for n in range(120)],
            "address_id": [f"a{n % 7}" for n in range(120)],
            "period": [str(2020 + n // 40) for n in range(120)],
            "age": [n % 90 for n in range(120)],
        }
    )
    path = tmp_path / f"persons.{ending}"
    (frame.write_parquet if ending == "parquet" else frame.write_csv)(path)
    given = {"unit": "person", "id": "person_id", "period": "period"}
    report = Report()
    plenty = read_in_parts(path, report=report, name="persons", **given)
    little = read_in_parts(path, report=report, name="persons", memory=Memory(1e-6), **given)
    assert not report.problems
    assert len(plenty.partitions) == 1 and len(little.partitions) == 3
    assert [part.period for part in little.partitions] == ["2020", "2021", "2022"]
    assert plenty.unique_keys and little.unique_keys
    assert pl.concat(part.frame for part in little.partitions).collect().equals(plenty.frame.collect())


def test_a_file_with_a_period_is_a_part_of_that_period(tmp_path: Path) -> None:
    frame = pl.DataFrame({"person_id": ["p1", "p2", "p3"], "address_id": ["a", None, "b"]})
    frame.write_parquet(tmp_path / "persons_2024.parquet")
    given = {"unit": "person", "id": "person_id"}
    (part,) = read_in_parts(tmp_path / "persons_{period}.parquet", report=Report(), **given).partitions
    assert part.period == "2024"
