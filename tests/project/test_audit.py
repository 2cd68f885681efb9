"""The attack on what is about to be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import check_project

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("category", ["safe", "always"])
def test_a_run_stops_where_a_figure_would_follow(tmp_path: Path, category: str) -> None:
    text = (ROOT / "bosoc.toml").read_text(encoding="utf-8")
    text = text[: text.index("# ---- The mixed city")].replace('"data/', f'"{(ROOT / "data").as_posix()}/')
    policy = f'policy = "five"\ncategory = "{category}"\naudit = true'
    (tmp_path / "bosoc.toml").write_text(text.replace('policy = "five"', policy), encoding="utf-8")
    if category == "safe":
        check_project(tmp_path, periods=["2023", "2024"], report=Report())
        return
    with pytest.raises(InputError, match="would follow from the public set") as raised:
        check_project(tmp_path, periods=["2023", "2024"], report=Report())
    assert all(
        problem.key == "disclosure" and "area 0" in problem.message for problem in raised.value.problems
    )
