"""`geo-bosoc init`: a project of each kind that runs as it is, in a folder of its own, and nothing written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_bosoc.cli.app import main
from geo_bosoc.demo.start import START_KINDS, StartKind, write_start
from geo_bosoc.outputs.csv_tables import read_categories_csv
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import load_project, run_project
from geo_bosoc.project.start.folder import (
    marked_text,
    repository_above,
    toml_key,
    toml_text,
    write_project_files,
)


@pytest.fixture(scope="module", params=START_KINDS)
def started(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[StartKind, Path]:
    folder = tmp_path_factory.mktemp("ny kommune æøå")
    write_start(folder, request.param)
    return request.param, folder


def test_it_runs_as_it_is(started: tuple[StartKind, Path]) -> None:
    """With `check` before it, as a newcomer does: `test_newcomer.py`."""
    kind, folder = started
    report = Report()
    outcome = run_project(folder, report=report)
    assert report.errors == []
    if kind != "raw":  # raw files have faults, which are warned of
        assert report.warnings == []
    assert [model.id for model in outcome.results.models] == ["aarhus-2018"]
    table = read_categories_csv(folder / "maps" / "categories.csv")
    assert {"2023", "2024"} == set(table["period"])
    categories = set(table["category"]) - {"too_small"}
    assert len(categories) > 1
    assert "undetermined" not in categories
    assert load_project(folder).spec.project.made_up


def test_lines_to_change_are_marked_and_both_languages_say_the_same(
    started: tuple[StartKind, Path], tmp_path: Path
) -> None:
    kind, folder = started
    danish = (folder / "bosoc.toml").read_text(encoding="utf-8")
    assert danish.count("# <- ret") > 10
    if kind == "tables":
        write_start(tmp_path, kind, language="en")
        english = (tmp_path / "bosoc.toml").read_text(encoding="utf-8")
        assert english.count("# <- change") == danish.count("# <- ret")
        assert 'language = "en"' in english
    for text in (danish, (folder / "indicators.toml").read_text(encoding="utf-8")):
        assert "«" not in text
        assert "@" not in text.replace("@municipality", "")
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*.csv")}
    assert written


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "data/registers").mkdir(parents=True)
    mine = tmp_path / "data/registers/noegletal.csv"
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"noegletal\.csv"):
        write_start(tmp_path, "tables")
    assert mine.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "bosoc.toml").exists()
    (tmp_path / "bosoc.toml").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="already"):
        write_start(tmp_path, "persons")
    with pytest.raises(InputError, match="already"):
        write_project_files(tmp_path, {"indicators.toml": ""})
    assert (tmp_path / "bosoc.toml").read_text(encoding="utf-8") == ""


def test_a_repository_above_that_is_not_the_projects_own(tmp_path: Path) -> None:
    mine = tmp_path / "theirs" / "deep" / "mine"
    mine.mkdir(parents=True)
    (tmp_path / "theirs" / ".git").mkdir()
    assert repository_above(mine) == (tmp_path / "theirs").resolve()
    (mine / ".git").mkdir()
    assert repository_above(mine) is None


def test_the_command_warns_inside_a_repository_and_keeps_registers_out_of_version_control(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(*arguments: str) -> tuple[object, str]:
        monkeypatch.setattr("sys.argv", ["geo-bosoc", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out + captured.err

    (tmp_path / "theirs" / ".git").mkdir(parents=True)
    folder = tmp_path / "theirs" / "mine"
    code, said = command("init", str(folder), "--with", "tables", "--lang", "en")
    assert code == 0
    assert "git repository" in said
    ignored = (folder / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"data/registers/", "maps/"} <= set(ignored)
    code, said = command("init", str(tmp_path / "other"), "--with", "tabels")
    assert code == 2
    assert "persons" in said


def test_toml_texts() -> None:
    assert toml_text('say "x"\\') == "'say \"x\"\\'"
    assert toml_text("it's \\ x\n") == '"it\'s \\\\ x\\u000a"'
    assert toml_key("a.b") == '"a.b"'
    assert marked_text("# «a|b»  <- c", "en") == "# b  <- c"
