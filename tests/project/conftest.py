"""A small made-up municipality, written once for the tests of the yearly run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_projects import without_table

from geo_bosoc.demo import write_demo


@pytest.fixture(scope="session")
def town_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lille by")
    write_demo(folder, residents=12_000, years=(2023, 2024))
    for name in ("balance", "bottom_up"):
        without_table(folder / "bosoc.toml", name)
    return folder


@pytest.fixture
def town(town_template: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    folder = tmp_path / "Mågesund æøå"
    shutil.copytree(town_template, folder)
    return folder
