"""`geo-bosoc report` and `geo-bosoc profile`: documents in a folder of one's own, and no more."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from geo_bosoc.cli import app
from geo_bosoc.disclosure.results import Edition
from geo_bosoc.outputs.documents import DOCUMENTS
from geo_bosoc.project.document_runs import run_profiles
from geo_bosoc.project.sets.open_project import open_project
from geo_bosoc.project.studies import documents


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["geo-bosoc", *words])
    with pytest.raises(SystemExit) as stop:
        app.main()
    return int(stop.value.code or 0)


def test_documents_by_command_are_never_written_over_unasked(
    monkeypatch: pytest.MonkeyPatch, town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = tmp_path / "papirer"
    words = ("report", "--project", str(town), "--period", "2024", "--output", str(here))
    assert call(monkeypatch, *words) == 0
    names = sorted(path.name for path in here.iterdir())
    assert names == ["yearly_report.docx", "yearly_report.html"]
    assert "yearly_report.docx" in capsys.readouterr().err
    assert not (town / "maps").exists()
    written = {path.name: path.read_bytes() for path in here.iterdir()}
    assert call(monkeypatch, *words) == 0  # the same bytes are no loss
    assert {path.name: path.read_bytes() for path in here.iterdir()} == written
    (here / "yearly_report.html").write_text("my own words", encoding="utf-8")
    capsys.readouterr()
    assert call(monkeypatch, *words) == 1
    said = capsys.readouterr().err
    assert "yearly_report.html" in said and "--replace" in said
    assert (here / "yearly_report.html").read_text(encoding="utf-8") == "my own words"
    assert call(monkeypatch, *words, "--replace") == 0
    assert (here / "yearly_report.html").read_bytes() == written["yearly_report.html"]


def test_profiles_by_name_or_id_and_the_internal_ones_say_so(town: Path, tmp_path: Path) -> None:
    project = open_project(town)
    outcome = run_profiles(project, ["0001"], output=tmp_path / "a", periods=["2024"], internal=True)
    assert outcome.files and all("_internal." in path.name for path in outcome.files)
    page = next(path for path in outcome.files if path.suffix == ".html").read_text(encoding="utf-8")
    assert "INTERNT" in page
    assert "not for publication" in outcome.summary()


def test_wrong_usage_and_wrong_areas(
    monkeypatch: pytest.MonkeyPatch, town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "profile", "--project", str(town)) == 2
    assert call(monkeypatch, "profile", "0001", "--all", "--project", str(town)) == 2
    capsys.readouterr()
    folder = tmp_path / "ud"
    words = ("profile", "9999", "8888", "--project", str(town), "--period", "2024", "--output", str(folder))
    assert call(monkeypatch, *words) == 1
    said = capsys.readouterr().err
    assert "9999" in said and "8888" in said
    assert not folder.exists() or not list(folder.iterdir())


class OfStudy:
    """Results of a study in one of the sets."""

    def __init__(self, edition: Edition) -> None:
        self.edition, self.language, self.made_up = edition, "da", True


def test_what_is_internal_is_told_in_no_public_paper() -> None:
    public, internal = Edition(), Edition("internal")
    for name in documents.SECTIONS:
        of_set = {"yearly": OfStudy(public), name: OfStudy(internal)}
        assert documents.functions_of_studies(documents.SECTIONS, of_set) == {}
        of_set = {"yearly": OfStudy(internal), name: OfStudy(internal)}
        assert len(documents.functions_of_studies(documents.SECTIONS, of_set)) == 1
    assert "bottom_up" in documents.SECTIONS and DOCUMENTS not in documents.SECTIONS
