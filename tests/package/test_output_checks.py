"""Output folders that cannot be, and disks that fail: a plain sentence, and the old set stays."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from pathlib import Path

import pytest

from geo_bosoc.atomic_write.checks import check_output_file, check_output_folder
from geo_bosoc.atomic_write.errors import OutputNotWritten
from geo_bosoc.atomic_write.write import OutputFolder, atomic_file
from geo_bosoc.problems import Report


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a file", "is a file"),
        ("a file/below/it", "lies below"),
        ("no\tname", "control character"),
        ("no\0name", "control character"),
        ("x" * 300, "too long"),
        ("d/" * 2500, "too long"),
        ("loop/maps", "nothing can be written"),
        ("data", "what the run reads"),
    ],
)
def test_what_is_wrong_is_told_before_the_run(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "a file").write_text("", encoding="utf-8")
    (tmp_path / "data").mkdir()
    if name.startswith("loop"):
        try:
            (tmp_path / "loop").symlink_to(tmp_path / "loop")
        except OSError:
            pytest.skip("no links here")
    report = Report()
    check_output_folder(tmp_path / name, report, inputs=[tmp_path / "data" / "persons.csv"])
    (problem,) = report.errors
    assert words in problem.message


def test_folders_that_may_not_be_read_or_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maps = tmp_path / "maps"
    maps.mkdir()
    refused = [maps]
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) not in refused)
    for name, words in (("maps", "output folder may"), ("maps/new", 'folder "maps" that the output goes to')):
        report = Report()
        check_output_folder(tmp_path / name, report)
        assert (
            words in report.errors[0].message and "may not be read or written to" in report.errors[0].message
        )
    refused[:] = [tmp_path]  # files then wait within the folder
    report = Report()
    check_output_folder(maps, report)
    assert not report.problems


def test_folders_that_are_good(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    report = Report()
    for name in ("maps", "data/maps", "new/and/deep", "Kort æøå 2024"):
        check_output_folder(tmp_path / name, report, inputs=[tmp_path / "data" / "persons.csv"])
    assert not report.problems


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("t.csv", "file that is read"),
        ("folder/../t.csv", "file that is read"),
        ("link.csv", "file that is read"),
        ("folder", "is a folder"),
        ("new.xlsx", "is CSV"),
        ("no\0name", "control character"),
        ("x" * 300 + ".csv", "cannot be written"),
        ("t.csv/below.csv", "nothing can be written"),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before(tmp_path: Path, name: str, words: str) -> None:
    table = tmp_path / "t.csv"
    table.write_text("area_id\n", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    if name == "link.csv":
        try:
            (tmp_path / name).hardlink_to(table)
        except OSError:
            pytest.skip("no links here")
    report = Report()
    check_output_file(tmp_path / name, report, inputs=[table])
    (problem,) = report.errors
    assert words in problem.message


def test_a_file_may_be_written_again(tmp_path: Path) -> None:
    columns = ("area_id", "period")
    for name, text in {"empty": "", "da": "area_id;period;model\n", "en": "area_id,period\n"}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8-sig" if text else "utf-8")
    report = Report()
    for name in ("empty.csv", "da.csv", "en.csv", "new.csv", "new/deep.csv"):
        check_output_file(tmp_path / name, report, inputs=[tmp_path / "t.csv"], columns=columns)
    assert not report.problems
    (tmp_path / "accounts.csv").write_bytes(b"omr\xe5de;\xe5r\n")
    check_output_file(tmp_path / "accounts.csv", report, columns=columns)
    assert "would be lost" in report.errors[0].message


def test_the_root_is_refused() -> None:
    report = Report()
    check_output_folder(Path(Path().absolute().anchor), report)
    assert "root" in report.errors[0].message


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "only be read")])
def test_a_disk_that_fails_keeps_the_old_set(tmp_path: Path, number: int, words: str) -> None:
    maps = tmp_path / "maps"
    with OutputFolder(maps) as out:
        out.path("a.csv").write_text("old", encoding="utf-8")
    with pytest.raises(OutputNotWritten, match=words), OutputFolder(maps) as out:
        out.path("a.csv").write_text("half", encoding="utf-8")
        raise OSError(number, "said by the system")
    assert (maps / "a.csv").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["maps"]


def _sqlite_full() -> Exception:
    """SQLite's own error of a full disk, which gives the room back that it could not fill."""
    with contextlib.closing(sqlite3.connect(":memory:")) as file:
        file.execute("PRAGMA max_page_count = 2")
        file.execute("CREATE TABLE t (x)")
        try:
            file.execute("INSERT INTO t VALUES (zeroblob(100000))")
        except sqlite3.OperationalError as error:
            return error
    raise AssertionError("room enough")


@pytest.mark.parametrize(
    "error",
    [
        _sqlite_full(),
        RuntimeError("sqlite3_exec(COMMIT) failed: database or disk is full"),
        OSError("[Errno 28] Error writing bytes to file: No space left on device"),
    ],
)
def test_a_full_disk_is_known_whichever_library_says_it(tmp_path: Path, error: Exception) -> None:
    maps = tmp_path / "maps"
    with OutputFolder(maps) as out:
        out.path("a.gpkg").write_text("old", encoding="utf-8")
    with pytest.raises(OutputNotWritten, match="disk is full") as told, OutputFolder(maps) as out:
        raise error
    assert "Make room" in str(told.value)
    assert (maps / "a.gpkg").read_text(encoding="utf-8") == "old"
    with pytest.raises(OutputNotWritten, match="disk is full"), atomic_file(tmp_path / "b.gpkg"):
        raise error
    assert [path.name for path in tmp_path.iterdir()] == ["maps"]


def test_a_fault_that_is_none_of_the_disk_stays_one(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError), OutputFolder(tmp_path / "maps"):
        sqlite3.connect(":memory:").execute("SELECT * FROM nowhere")
