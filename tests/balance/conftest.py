"""A small made-up municipality and its balance, read once for all tests of what is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_demo import without_surroundings

from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.demo import write_demo
from geo_bosoc.problems import Report
from geo_bosoc.project import study_balance


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("balance") / "town"
    write_demo(folder, residents=8_000, years=(2023, 2024))
    text = without_surroundings((folder / "bosoc.toml").read_text(encoding="utf-8"))
    text = text.partition("# ---- What became of the areas")[0]
    (folder / "bosoc.toml").write_text(text, encoding="utf-8")  # without the other studies
    return folder


@pytest.fixture(scope="session")
def balance(demo: Path) -> BalanceResults:
    return study_balance(demo, report=Report())
