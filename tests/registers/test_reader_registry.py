"""A new file format is a module and a line: types, marks and checks come after it, and are the same for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pytest

from geo_bosoc.problems import InputError, Report
from geo_bosoc.registers import read_register
from geo_bosoc.registers.files import ROW, Source
from geo_bosoc.registers.readers.registry import READERS
from geo_bosoc.registers.spec import RegisterSpec


def open_pipes(file: Path, spec: RegisterSpec, report: Report) -> Source | None:
    """A table of two columns and more with | between them."""
    header, *rows = [line.split("|") for line in file.read_text(encoding="utf-8").splitlines()]
    if len(header) < 2:
        report.error("there is no | in the first row.", file=file)
        return None

    def batches(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        columns = {f"c{position}": [row[position] for row in rows] for position in positions}
        yield pl.DataFrame(columns).with_columns(pl.int_range(2, len(rows) + 2).alias(ROW))

    return Source(tuple(header), batches)


def test_a_new_reader_is_a_line_in_the_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READERS, ".pipes", open_pipes)
    file = tmp_path / "police_2024.pipes"
    file.write_text("area_id|charged|share\n0001|12|0,5\n0002|..|0,25\n", encoding="utf-8")
    fields = {"unit": "count", "place": "area", "area": "area_id"}
    rows = read_register(
        str(tmp_path / "police_{period}.pipes"), report=(report := Report()), **fields
    ).collect()
    assert not report.errors, report.errors
    assert rows["area_id"].to_list() == ["0001", "0002"]
    assert rows["charged"].to_list() == [12, None]
    assert rows["share"].to_list() == [0.5, 0.25]
    assert rows["period"].to_list() == ["2024", "2024"]
    file.write_text("area_id\n0001\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"there is no \| in the first row"):
        read_register(file, **fields)
