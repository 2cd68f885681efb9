"""What a run on raw files writes: no person, name or street that was in them; percentages without base as such."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from page_data import page_text

from geo_bosoc.atomic_write.private_folder import PRIVATE
from geo_bosoc.demo import write_raw_demo
from geo_bosoc.disclosure.attack.pages import unpacked
from geo_bosoc.outputs.csv_tables import read_categories_csv
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse
from geo_bosoc.text.catalogue import word

PERSON = "0136019876"  # a 36th month: nobody has it
STRANGER = "1540123457"
NAME, STREET = "Kanarie Fuglesang", "Kanariefuglevej"
NUMBERS = [
    shape
    for number in (PERSON, STRANGER)
    for shape in (number, number.lstrip("0"), f"{number[:6]}-{number[6:]}", f"{number[:6]} {number[6:]}")
]
CANARIES = [*NUMBERS, *NAME.split(), STREET, STREET.upper()]


def planted(folder: Path) -> None:
    """Names and streets in columns that nothing names, a person in every shape, a stranger with a charge."""
    data = folder / "data" / "registers"
    people = data / "befolkning_1.csv"
    lines = people.read_text("cp1252").splitlines()
    rows = [f"{line};{NAME};{STREET} {number}" for number, line in enumerate(lines[1:])]
    first = lines[1].split(";")
    for shape, start in (
        (PERSON, "01-01-2001"),
        (f"{PERSON[:6]}-{PERSON[6:]}", "01-01-2010"),
        (PERSON[1:], ""),
    ):
        rows.append(";".join([shape, *first[1:7], start, "", "01-01-1980", "", NAME, STREET]))
    people.write_text("\n".join([f"{lines[0]};NAVN;ADRESSE", *rows]), "cp1252")
    charges = data / "sigtelser.csv"
    head, *lines = charges.read_text("cp1252").splitlines()
    remark = f"{NAME}, {STREET} 7, {STRANGER}"
    lines += [f"{STRANGER};01-05-2023;straffeloven", f"{STRANGER[:6]}-{STRANGER[6:]};02-05-2023;straffeloven"]
    charges.write_text("\n".join([f"{head};BEMÆRKNING", *(f"{line};{remark}" for line in lines)]), "cp1252")
    streets = data / "dar" / "NavngivenVejKommunedel.csv"
    head, *lines = streets.read_text("utf-8").splitlines()
    streets.write_text("\n".join([f"{head},vejnavn", *(f"{line},{STREET}" for line in lines)]), "utf-8")
    book = openpyxl.load_workbook(data / "politi.xlsx")
    sheet = book.worksheets[0]
    sheet.cell(sheet.max_row + 2, 1).value = f"Kontakt: {NAME}, {STREET} 7"
    book.save(data / "politi.xlsx")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """The project's folder, the folder for temporary files, and all that the command said.

    The folder has spaces and Danish letters, and the console is one in cp1252.
    """
    folder = tmp_path_factory.mktemp("kanarie") / "Boligområder på øen, år 1"
    write_raw_demo(folder, residents=3000, years=(2023, 2024))
    planted(folder)
    temporary = tmp_path_factory.mktemp("temp")
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))}
    command = [sys.executable, "-m", "geo_bosoc.cli.app", "run", "--internal", "--unguarded"]
    run = subprocess.run(
        [*command, "--project", str(folder)],
        capture_output=True,
        env={**environment, "PYTHONIOENCODING": "cp1252"},
        encoding="cp1252",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return folder, temporary, run.stdout + run.stderr


def test_nothing_of_the_registers_is_left_and_nobody_is_named(ran: tuple[Path, Path, str]) -> None:
    folder, temporary, said = ran
    assert list(temporary.glob(f"{PRIVATE}*")) == []
    people = (folder / "data/registers/befolkning_1.csv").read_text("cp1252").splitlines()
    numbers = [line.split(";")[0] for line in people[1:200]]
    assert len(numbers) == 199 and not [number for number in numbers if number in said]
    assert folder.name in said  # the console's letters


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """A file as texts to search: workbooks unzipped, GeoPackages table by table, all else as it is."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            for part in parts.namelist():
                yield from texts(f"{name}/{part}", parts.read(part))
    elif content[:6] == b"SQLite":
        base = sqlite3.connect(":memory:")
        base.deserialize(content)
        tables = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            try:
                yield f"{name}/{table}", str(base.execute(f'SELECT * FROM "{table}"').fetchall())
            except (
                sqlite3.OperationalError
            ):  # an index of a kind that only GDAL's SQLite knows; the raw bytes tell
                continue
        base.close()
    elif name.endswith(".html"):
        yield name, json.dumps(unpacked(content.decode("utf-8")), ensure_ascii=False)
    for encoding in ("utf-8", "cp1252", "utf-16-le"):
        yield name, content.decode(encoding, errors="replace")


def test_no_canary_in_any_output_message_or_left_over_file(ran: tuple[Path, Path, str]) -> None:
    folder, temporary, said = ran
    given = folder / "data"
    files = [path for path in folder.rglob("*") if path.is_file() and given not in path.parents]
    kinds = {path.suffix for path in files}
    assert {".html", ".gpkg", ".csv", ".xlsx", ".json"} <= kinds
    assert (folder / "maps-internal" / "categories.gpkg").exists()
    files += [path for path in temporary.rglob("*") if path.is_file()]
    found = [("messages", canary) for canary in CANARIES if canary in said]
    for path in files:
        for name, text in texts(path.name, path.read_bytes()):
            found += [(name, canary) for canary in CANARIES if canary in text]
    assert found == []


def test_no_canary_in_the_report(ran: tuple[Path, Path, str]) -> None:
    report = Report()
    analyse(ran[0], report=report)
    told = str(report.facts) + "".join(repr(problem) for problem in report.problems)
    assert (
        report.facts["homes"]["charges"]["2024"]["not_in_population"]["persons"] >= 1
    )  # the stranger was read
    assert not [canary for canary in CANARIES if canary in told]


def test_a_person_number_in_a_named_free_text_stops_the_run(ran: tuple[Path, Path, str]) -> None:
    folder = ran[0]
    path = folder / "data" / "registers" / "sigtelser.csv"
    before = path.read_bytes()
    text = (folder / "bosoc.toml").read_text(encoding="utf-8")
    own = folder / "other.toml"
    own.write_text(
        text.replace("LOV <> 'færdselsloven'", "LOV <> 'færdselsloven' AND BEMÆRKNING <> 'x'"), "utf-8"
    )
    number = "0102034567"  # looks like one, which a remark must not hold
    try:
        for shape in (number, f"{number[:6]}-{number[6:]}", f"ring {number[:6]} {number[6:]} igen"):
            line = f"{STRANGER};03-05-2023;straffeloven;{NAME} {shape}"
            path.write_bytes(before + f"\n{line}".encode("cp1252"))
            with pytest.raises(InputError) as wrong:
                analyse(own, report=Report())
            told = str(wrong.value)
            assert [problem.column for problem in wrong.value.problems] == ["BEMÆRKNING"]
            assert not [canary for canary in (*CANARIES, number, number[6:]) if canary in told]
    finally:
        path.write_bytes(before)


def test_a_percentage_without_base_has_a_value_and_no_counts(ran: tuple[Path, Path, str]) -> None:
    maps = ran[0] / "maps"
    told = word("common", "without_base", "da")
    for folder in (maps, ran[0] / "maps-internal"):
        table = read_categories_csv(folder / "categories.csv")
        assert table["basic_school_value"].notna().any()
        for name in ("numerator", "denominator", "unknown"):
            assert table[f"basic_school_{name}"].isna().all()
        assert set(table["basic_school_note"]) == {told} and "children_note" not in table
        with sqlite3.connect(folder / "categories.gpkg") as base:
            columns = "basic_school_value, basic_school_denominator, basic_school_low, basic_school_note"
            rows = base.execute(
                f"SELECT {columns} FROM indicators_2024 WHERE basic_school_value > 0"
            ).fetchall()
        base.close()
        assert rows and {row[1:] for row in rows} == {(None, None, told)}
        assert told in page_text(folder / "risk_map.html")
        book = openpyxl.load_workbook(folder / "categories.xlsx", read_only=True)
        figures = [row for row in book["Tal"].iter_rows(values_only=True) if told in row]
        assert figures and all(row[5:10] == (None,) * 5 for row in figures)
        book.close()
