"""The commands: exit codes that mean something, plain words, nothing of people's data in a fault."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import geo_bosoc.project
from geo_bosoc.cli import app


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["geo-bosoc", *words])
    with pytest.raises(SystemExit) as stop:
        app.main()
    return int(stop.value.code or 0)


def test_help_teaches_and_every_command_has_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "--help") == 0
    text = capsys.readouterr().out
    for command in ("init", "demo", "check", "run", "models", "categorise", "explain"):
        assert command in text
        assert call(monkeypatch, command, "--help") == 0


def test_wrong_usage_is_2(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert call(monkeypatch, "nosuchcommand") == 2
    assert call(monkeypatch, "run", "--lang", "dk") == 2
    assert call(monkeypatch, "run", "--unguarded") == 2


def test_init_check_and_wrong_input_is_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "ny")
    assert call(monkeypatch, "init", folder) == 0
    assert call(monkeypatch, "init", folder) == 1
    for file in (tmp_path / "ny" / "data").rglob("areas.*"):
        file.unlink()
    assert call(monkeypatch, "check", "--project", folder) == 1
    errors = capsys.readouterr().err
    assert "areas.geojson" in errors
    assert "nothing was written" in errors


def test_the_command_line_speaks_danish(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Help, wrong usage and wrong input, by --lang or by the language of the project."""
    monkeypatch.delenv("GEO_BOSOC_LANG")
    monkeypatch.setenv("COLUMNS", "200")
    assert call(monkeypatch, "run", "--help", "--lang", "da") == 0
    shown = capsys.readouterr().out
    assert "Tilvalg" in shown
    assert "Vis denne hjælp." in shown
    assert re.search(r"\b(the|of|and|is|this|an?)\b", shown) is None
    assert call(monkeypatch, "run", "--lang", "da", "--nosuch") == 2
    assert "der er intet tilvalg --nosuch." in capsys.readouterr().err
    (tmp_path / "bosoc.toml").write_text('[project]\nlanguage = "da"\n', encoding="utf-8")
    assert call(monkeypatch, "check", "--project", str(tmp_path)) == 1
    errors = capsys.readouterr().err
    assert "fejl  bosoc.toml" in errors
    assert "intet er skrevet" in errors
    assert call(monkeypatch, "check", "--project", str(tmp_path), "--lang", "en") == 1
    assert "nothing was written" in capsys.readouterr().err


def test_run_and_explain_on_the_demo(
    monkeypatch: pytest.MonkeyPatch, town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "run", "--project", str(town), "--period", "2024") == 0
    assert "risk_map.html" in capsys.readouterr().err
    assert (town / "maps" / "categories.xlsx").exists()
    assert call(monkeypatch, "explain", "0001", "--project", str(town), "--lang", "en") == 0
    assert "0001" in capsys.readouterr().out


def test_a_fault_of_ours_is_3_and_keeps_its_message_to_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Anna Andersen, Nygade 7")

    monkeypatch.setattr(geo_bosoc.project, "run_project", fail)
    monkeypatch.delenv("GEO_BOSOC_DEBUG", raising=False)
    assert call(monkeypatch, "run") == 3
    told = capsys.readouterr()
    assert "Nygade" not in told.err + told.out
    assert "RuntimeError" in told.err


def test_interrupted_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(geo_bosoc.project, "run_project", stop)
    assert call(monkeypatch, "run") == 130


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process at once")
def test_a_signal_that_ends_a_process_cleans_up_as_ctrl_c_does(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned = []

    def stop(*_: object, **__: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        finally:
            cleaned.append(True)

    monkeypatch.setattr(geo_bosoc.project, "run_project", stop)
    assert call(monkeypatch, "run") == 130 and cleaned
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


HALF = """
import os, sys
from pathlib import Path
from geo_bosoc.atomic_write.swap import Swap
from geo_bosoc.atomic_write.write import OutputFolder

def half(self):
    self._each("move_out", marks=True)
    self._each("move_out", marks=False)
    os._exit(9)

Swap.forward = half
with OutputFolder(Path(sys.argv[1]) / "maps", marks=["run.json"]) as out:
    for name in ("a.csv", "run.json"):
        out.path(name).write_text("new", encoding="utf-8")
"""


@pytest.mark.parametrize("command", ["check", "run", "explain 0001", "balance", "bottom-up"])
def test_every_command_first_makes_whole_what_a_killed_run_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    maps = tmp_path / "maps"
    maps.mkdir()
    for name in ("a.csv", "run.json"):
        (maps / name).write_text("old", encoding="utf-8")
    (tmp_path / "bosoc.toml").write_text("this is no project file", encoding="utf-8")
    assert subprocess.run([sys.executable, "-c", HALF, str(tmp_path)], check=False).returncode == 9
    assert list(maps.iterdir()) == [] and len(list(tmp_path.iterdir())) == 4
    assert call(monkeypatch, *command.split(), "--project", str(tmp_path)) == 1
    assert {path.name: path.read_text(encoding="utf-8") for path in maps.iterdir()} == {
        "a.csv": "new",
        "run.json": "new",
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bosoc.toml", "maps"]


TABLE = """\
område;år;residents;outside_labour_pct;convicted_pct;basic_edu_pct;income_pct_region;non_western_pct
Ådalen;2019;1.200;45,1;2,5;61,0;..;55,0
Bakken;2019;990;45,1;2,5;61,0;50,0;55,0
"""


def test_a_finished_table_is_categorised_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "nøgletal.csv"
    table.write_text(TABLE, encoding="cp1252")
    words = ["categorise", str(table), "--model", "national-2018", "--lang", "da", "--history", "published"]
    assert call(monkeypatch, *words) == 0
    told = capsys.readouterr()
    assert "C-417/23" in told.err
    header, second, first = told.out.splitlines()
    assert header.startswith("area_id;period;model")
    assert "too_small" in second
    assert first.startswith("Ådalen;2019;national-2018;2018-12-01;")
    answers = dict(zip(header.split(";"), first.split(";"), strict=True))
    assert answers["is_vulnerable"] == answers["is_ghetto"] == "ja"
    assert call(monkeypatch, *words, "--without-origin", "--output", str(tmp_path / "ud.csv")) == 0
    assert "Ådalen" in (tmp_path / "ud.csv").read_text(encoding="utf-8-sig")
    assert call(monkeypatch, *words, "--output", str(tmp_path / "ud.csv")) == 0  # over its own
    before = table.read_bytes()
    for foreign in (table, tmp_path / "regnskab.csv"):
        (tmp_path / "regnskab.csv").write_bytes(before)
        assert call(monkeypatch, *words, "--output", str(foreign)) == 1
        assert "ville gå tabt" in capsys.readouterr().err and foreign.read_bytes() == before


def test_a_table_without_the_models_columns_is_1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("area,year\nA,2024\n", encoding="utf-8")
    assert call(monkeypatch, "categorise", str(tmp_path / "t.csv"), "--model", "combined-letting") == 1
    assert call(monkeypatch, "categorise", str(tmp_path / "t.csv"), "--model", "nosuchmodel") == 1


@pytest.mark.parametrize("command", ["init", "demo"])
@pytest.mark.parametrize("place", ["a file", "a file/below", "x" * 300])
def test_odd_places_are_input_that_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    place: str,
) -> None:
    (tmp_path / "a file").write_text("kept", encoding="utf-8")
    assert call(monkeypatch, command, f"{tmp_path}/{place}") == 1
    assert "fault" not in capsys.readouterr().err.lower()
    assert (tmp_path / "a file").read_text(encoding="utf-8") == "kept"


def test_a_project_file_of_a_name_that_no_file_has(monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(monkeypatch, "check", "--project", "x" * 5000) == 1
