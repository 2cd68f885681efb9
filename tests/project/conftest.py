"""A small made-up municipality, written and run once for the tests of the yearly run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from plain_demo import without_surroundings
from small_projects import without_table

from geo_bosoc.demo import write_demo
from geo_bosoc.problems import Report
from geo_bosoc.project import run_project


@pytest.fixture(scope="session")
def whole_town_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With its studies, of which few draws are enough here; nobody changes it."""
    folder = tmp_path_factory.mktemp("hele byen")
    write_demo(folder, residents=12_000, years=(2023, 2024))
    text = (folder / "bosoc.toml").read_text(encoding="utf-8")
    quick = "[bottom_up]\npermutations = 19\ndraws = 20\n"
    (folder / "bosoc.toml").write_text(text.replace("[bottom_up]\n", quick), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def town_template(whole_town_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without studies; the survey says where it is from."""
    folder = tmp_path_factory.mktemp("lille by") / "by"
    shutil.copytree(whole_town_template, folder)
    further = [
        f"follow_up.{name}" for name in ("goals", "safety", "link", "warning", "list_ahead", "dynamics")
    ]
    for name in ("balance", "bottom_up", *further):
        without_table(folder / "bosoc.toml", name)
    text = without_surroundings((folder / "bosoc.toml").read_text(encoding="utf-8"))
    survey = 'status_date = "{year}-09-01"\nsource = "Opdigtet"'
    assert survey in text
    text = text.replace(survey, survey.replace("Opdigtet", "Kendt kilde"))
    (folder / "bosoc.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def town_maps(town_template: Path) -> Path:
    """Both sets of the town, which nobody changes: this folder, and the internal one beside it."""
    return run_project(town_template, internal=True, report=Report()).folder


@pytest.fixture
def town(town_template: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    folder = tmp_path / "Mågesund æøå"
    shutil.copytree(town_template, folder, ignore=shutil.ignore_patterns("maps*"))
    return folder
