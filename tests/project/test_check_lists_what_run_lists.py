"""`geo-bosoc check` and `geo-bosoc run` list the same problems, line for line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from small_projects import points_model, write_small_project

from geo_bosoc.cli import app

REGISTERS = """
[registers.persons]
path = "persons.csv"
unit = "person"
place = "area"
id = "person_id"
"""
INDICATORS = """
[[indicator]]
id = "outside"
label_da = "Uden for arbejdsmarkedet"
denominator = { register = "persons", where = "age BETWEEN 18 AND 64" }
numerator = { register = "persons", where = "labour = 'outside'" }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    rows = ["person_id;area_id;period;age;labour"]
    for number in range(240):
        labour = "outside" if number % 3 == 0 else "work"
        rows.append(f"Q{number};{'ABC'[number % 3] if number % 7 else 'A'};2024;{20 + number % 40};{labour}")
    (tmp_path / "persons.csv").write_text("\n".join(rows), encoding="utf-8")
    return write_small_project(
        tmp_path, registers=REGISTERS, indicators=INDICATORS, model=points_model({"outside": [1.2]})
    )


def listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, list[str], str]:
    """The exit code of a command, the problems that it lists, and all that it says."""
    monkeypatch.setattr(sys, "argv", ["geo-bosoc", *words])
    monkeypatch.setenv("GEO_BOSOC_LANG", "en")
    with pytest.raises(SystemExit) as stop:
        app.main()
    text = capsys.readouterr().err
    lines = [line for line in text.splitlines() if line.split(" ")[0] in ("error", "warning", "note")]
    return int(stop.value.code or 0), lines, text


def nothing(folder: Path) -> None:
    """The project as it is."""


def unmet_value(folder: Path) -> None:
    replace(folder / "indicators.toml", "'outside'", "'Outside'")


def unknown_column(folder: Path) -> None:
    replace(folder / "indicators.toml", "labour =", "labor =")


def foreign_area(folder: Path) -> None:
    with (folder / "persons.csv").open("a", encoding="utf-8") as file:
        file.write("\nQ900;Z;2024;30;work\nQ901;;2024;30;work\n")


def no_file_and_no_key(folder: Path) -> None:
    (folder / "persons.csv").unlink()
    replace(folder / "bosoc.toml", "[run]", "[run]\nperods = 3")


def no_file_and_a_wrong_model(folder: Path) -> None:
    (folder / "persons.csv").unlink()
    replace(folder / "model.toml", "#aa3333", "red")


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (nothing, 0, ""),
        (unmet_value, 0, "never occurs"),
        (unknown_column, 1, "labor"),
        (foreign_area, 0, "area"),
        (no_file_and_no_key, 1, "perods"),
        (no_file_and_a_wrong_model, 1, "write a colour as #a1b2c3"),
    ],
)
def test_the_same_lines(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    project: Path,
    change: Callable[[Path], None],
    code: int,
    words: str,
) -> None:
    change(project)
    folder = str(project)
    for more in ((), ("--internal",)):
        checked_code, checked, said = listed(monkeypatch, capsys, "check", "--project", folder, *more)
        assert (checked_code, words in said) == (code, True)
        run_code, ran, said = listed(monkeypatch, capsys, "run", "--project", folder, *more)
        assert (run_code, ran) == (checked_code, checked)
    if not code:
        assert "3 areas, 2024, 1 indicator." in said
