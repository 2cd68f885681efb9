"""A run with all its studies: it reads each file once and tells what a check tells; the public set is the same whether
the internal one is written too, and no input can be guessed from it."""

from __future__ import annotations

import base64
import json
import socket
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyogrio
import pytest
from packed_bytes import members

from geo_bosoc.bottom_up.history import place_tables
from geo_bosoc.bottom_up.placing import tables as placing_tables
from geo_bosoc.bottom_up.presence import staff
from geo_bosoc.demo import write_demo
from geo_bosoc.disclosure.attack import read_set
from geo_bosoc.follow_up.goals import goal_files, own_registrations
from geo_bosoc.outputs.registry import set_folder
from geo_bosoc.problems import Problem, Report
from geo_bosoc.project import check_project, load_project, run_project
from geo_bosoc.project.inputs import input_files
from geo_bosoc.project.sets.output_folders import OUTPUTS
from geo_bosoc.project.studies import follow_up_ahead
from geo_bosoc.rasters import raster_files
from geo_bosoc.registers import read
from geo_bosoc.registers.readers import parquet

CANARY = "kanari"
NOTHING_TO_TELL = {
    "follow_up_dynamics.csv",  # of two years that lie one apart
    "follow_up_category_causes.csv",  # of categories that can be told in both years
    "follow_up_warning_bins.csv",
    "follow_up_list_conditions.csv",  # of areas with fewer than 1,000 residents
    "follow_up_list_obligations.csv",
}
"""Files that a town of two years and small areas has no rows for."""
PAPERS = """
[documents]
report = true
profiles = ["0001", "0002"]
dialogue = ["Aftale Mågevang"]

[documents.maps]
formats = ["svg"]
"""
IDS = ("person_id", "respondent_id", "case_id", "dwelling_id", "address_id")


def planted(registers: Path) -> None:
    """Ids of every person, case and home, each street, and what staff wrote, such that they can be told anywhere."""
    for file in registers.glob("*.parquet"):
        rows = pl.read_parquet(file)
        ids = [pl.format("Kanari{}", name).alias(name) for name in IDS if name in rows.columns]
        streets = [pl.lit("Kanarievej").alias("street")] if "street" in rows.columns else []
        rows.with_columns(*ids, *streets).write_parquet(file)
    for name in ("forums", "actions"):  # the street that they name has another name here
        table = registers / f"{name}.csv"
        lines = table.read_text("utf-8-sig").splitlines()
        street = lines[1].partition(";")[0]
        table.write_text("\n".join(lines).replace(street, "Kanarievej"), encoding="utf-8")
    nominations = registers / "nominations.csv"
    text = nominations.read_text("utf-8")
    nominations.write_text(
        f"{text}X9;Kanarium;2023-09-03;Kanari;;Kanarievej 2, 2. tv;;;Kanaris\n", encoding="utf-8"
    )


@dataclass
class Ran:
    """A project that was run, and of the run with both sets how often each file was read, and what was told."""

    folder: Path
    readings: Counter[str]
    problems: list[Problem]


def counting(call: Callable[..., Any], readings: Counter[str]) -> Callable[..., Any]:
    def counted(file: Any, *arguments: Any, **named: Any) -> Any:
        register_file = getattr(file, "file", file)
        readings[Path(getattr(register_file, "path", register_file)).name] += 1
        return call(file, *arguments, **named)

    return counted


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A project with its studies and staff's nominations, run without and with the internal set."""
    folder = tmp_path_factory.mktemp("begge")
    write_demo(folder, residents=6_000, years=(2023, 2024))
    text = (folder / "bosoc.toml").read_text(encoding="utf-8")
    quick = "[bottom_up]\npermutations = 19\ndraws = 20\n"
    text = text.replace("[bottom_up]\n", quick) + PAPERS
    text = text.replace(
        'find_by = "services"', 'find_by = "indicator"'
    )  # finds places outside the estates here
    (folder / "bosoc.toml").write_text(text, encoding="utf-8")
    planted(folder / "data" / "registers")
    cases = folder / "data" / "registers" / "cases.parquet"
    rows = pl.read_parquet(cases)
    pl.concat([rows, rows.head(7)]).write_parquet(cases)
    readings: Counter[str] = Counter()
    report = Report()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _no_network)
        patch.setattr(socket, "getaddrinfo", _no_network)
        run_project(folder, output=folder / "alone", report=Report())
        patch.setattr(parquet, "scan", counting(parquet.scan, readings))
        patch.setattr(read, "ingest", counting(read.ingest, readings))
        patch.setattr(pyogrio.raw, "read", counting(pyogrio.raw.read, readings))
        patch.setattr(raster_files, "DatasetReader", counting(raster_files.DatasetReader, readings))
        for module in (
            follow_up_ahead, goal_files, own_registrations, place_tables, placing_tables, staff,
        ):  # fmt: skip
            patch.setattr(module, "read_finished", counting(module.read_finished, readings))
        run_project(folder, output=folder / "both", internal=True, report=report)
    return Ran(folder, readings, report.problems)


@pytest.fixture(scope="module")
def made(ran: Ran) -> Path:
    return ran.folder


def _no_network(*_: object, **__: object) -> None:
    raise AssertionError("a run contacts no host")


def manifest(folder: Path) -> dict[str, object]:
    content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert content.pop("written_at")
    return content


def test_each_input_file_is_read_once(ran: Ran) -> None:
    """Whoever wants its rows or its cells."""
    inputs = input_files(load_project(ran.folder))
    expected = {file.name for file in inputs if file.suffix != ".toml"}
    assert {"cases.parquet", "nominations.csv", "districts.geojson", "development_plans.geojson"} <= expected
    assert ran.readings == dict.fromkeys(expected, 1)


def test_a_check_tells_what_the_run_tells_and_writes_nothing(ran: Ran) -> None:
    report, before = Report(), written_at(ran.folder)
    check_project(ran.folder, internal=True, report=report)
    assert written_at(ran.folder) == before
    assert report.problems == ran.problems and not report.errors
    assert any(each.level == "warning" and each.file == "nominations.csv" for each in ran.problems)


def written_at(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_every_output_on_the_lists_is_among_the_files_that_are_searched(made: Path) -> None:
    missing = {
        name
        for output in OUTPUTS
        for output_set in output.sets
        for name in output.names
        if not list(set_folder(output_set, made / "both").glob(name))
    }
    assert missing <= NOTHING_TO_TELL


def test_the_public_set_is_the_same_with_and_without_the_internal_one(made: Path) -> None:
    names, others = (
        sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        for folder in (made / "alone", made / "both")
    )
    assert names == others
    assert manifest(made / "alone") == manifest(made / "both")
    for name in set(names) - {"run.json"}:
        assert (made / "alone" / name).read_bytes() == (made / "both" / name).read_bytes(), name
    text = json.dumps(manifest(made / "both")).lower()
    assert not [word for word in ("nominat", "bottom", "cases", "letting", "flagged") if word in text]
    inner = json.dumps(manifest(made / "both-internal"))
    assert "nominations.csv" in inner and "register:cases" in inner and "letting" in inner


def test_size_and_hash_of_inputs_with_persons_or_homes_are_internal(made: Path) -> None:
    public, internal = (
        {entry["name"]: set(entry) for entry in manifest(folder)["inputs"]}  # type: ignore[attr-defined]
        for folder in (made / "both", made / "both-internal")
    )
    files = {"vacancies.csv", "persons_2024.parquet", "road_noise_2017.tif", "ground_cover_2019.tif"}
    assert {f"data/registers/{name}" for name in files} <= set(public)
    for name, fields in public.items():
        is_told = name.startswith("data/boundaries") or name.endswith(".toml")
        assert fields == ({"name", "bytes", "sha256"} if is_told else {"name"}), name
    assert set(internal) > set(public) and all(fields > {"name"} for fields in internal.values())


def holds_canary(folder: Path) -> list[str]:
    spelled = [
        word.encode(code)
        for word in (CANARY, CANARY.title(), CANARY.upper())
        for code in ("utf-8", "utf-16-le")
    ]
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if CANARY in path.name.lower()
        or (path.is_file() and any(word in part for part in members(path.read_bytes()) for word in spelled))
    ]


def test_no_id_of_a_person_or_home_and_no_word_of_staff_is_in_any_byte(made: Path, tmp_path: Path) -> None:
    assert holds_canary(made / "alone") == holds_canary(made / "both") == []
    assert holds_canary(
        made / "both-internal"
    )  # what staff named is there: the search finds what it looks for
    packed = base64.b64encode(zlib.compress(b"x" * 300 + b"Kanari" + bytes(range(256))))
    (tmp_path / "page.html").write_bytes(b"<script>" + packed + b"</script>")
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("sheet.xml", "KANARI" * 100)
    assert holds_canary(tmp_path) == ["book.xlsx", "page.html"]


def test_no_public_layer_has_a_vertex_at_a_home(made: Path) -> None:
    addresses = pl.read_parquet(made / "data" / "registers" / "addresses.parquet")
    homes = {struct.pack("<dd", x, y) for x, y in addresses.select("x", "y").rows()}
    for path in (made / "both").glob("*.gpkg"):
        content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
        for shift in range(8):
            numbers = content[shift : shift + (len(content) - shift) // 8 * 8].tobytes()
            words = [numbers[place : place + 8] for place in range(0, len(numbers), 8)]
            assert not [pair for pair in pairwise(words) if b"".join(pair) in homes], path.name


def test_no_paper_shows_a_figure_that_is_suppressed(made: Path) -> None:
    for folder in (made / "alone", made / "both"):
        assert len(list(folder.glob("profiles/*"))) == 4
        public = read_set(folder)
        assert public.suppressed and not public.leaks and not public.unread
