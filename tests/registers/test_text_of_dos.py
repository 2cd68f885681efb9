"""Text files in a DOS code page are read as such; those of Windows, with its quotation marks, are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_bosoc.problems import Report
from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.readers import csv_files

NAMES = ["Nørrebro", "Ægirsvænge", "Ålykkeparken Øst"]


def read(path: Path) -> tuple[list[str], Report]:
    report = Report()
    frame = read_register(path, unit="count", area="område", period="2024", report=report).collect()
    return frame["navn"].to_list(), report


@pytest.mark.parametrize("encoding", ["cp865", "cp850"])
@pytest.mark.parametrize("names", [NAMES, NAMES[:1], NAMES[2:]])
def test_a_dos_code_page_is_read_and_told(tmp_path: Path, encoding: str, names: list[str]) -> None:
    rows = "".join(f"{number};{name};1\n" for number, name in enumerate(names))
    (tmp_path / "t.csv").write_bytes(f"område;navn;n\n{rows}".encode(encoding))
    found, report = read(tmp_path / "t.csv")
    assert found == names
    assert "DOS code page" in report.problems[0].message


@pytest.mark.parametrize("name", ["D’Angleterre", "“Huset”", "Jens’ Gård", "Vej – øst", "‘Ny’ by"])
def test_windows_own_signs_are_not_taken_for_dos(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.csv").write_bytes(f"område;navn;n\n1;{name};1\n".encode("cp1252"))
    found, report = read(tmp_path / "t.csv")
    assert found == [name]
    assert not report.problems


def test_a_file_in_utf8_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []
    row_of = csv_files._first_undecodable_row
    monkeypatch.setattr(
        csv_files,
        "_first_undecodable_row",
        lambda file, encoding: decoded.append(encoding) or row_of(file, encoding),
    )
    path = tmp_path / "t.csv"
    path.write_text("område;n\nÅbyhøj;1\n", encoding="utf-8")
    assert csv_files.find_encoding(path, None, Report()) == "utf-8"
    assert decoded == ["utf-8"]
