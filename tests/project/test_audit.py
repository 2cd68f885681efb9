"""The attack on what is about to be written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import check_project

ROOT = Path(__file__).parents[2]


def project_with_audit(folder: Path, category: str = "safe") -> Path:
    text = (ROOT / "bosoc.toml").read_text(encoding="utf-8")
    text = text[: text.index("# ---- The mixed city")].replace('"data/', f'"{(ROOT / "data").as_posix()}/')
    policy = f'policy = "five"\ncategory = "{category}"\naudit = true'
    (folder / "bosoc.toml").write_text(text.replace('policy = "five"', policy), encoding="utf-8")
    return folder


@pytest.mark.parametrize("category", ["safe", "always"])
def test_what_would_tell_a_figure_goes(tmp_path: Path, category: str) -> None:
    report = Report()
    check_project(project_with_audit(tmp_path, category), periods=["2023", "2024"], report=report)
    said = [each for each in report.warnings if each.key == "disclosure.audit"]
    assert len(said) == (category == "always")
    assert all("0 totals of areas together" in each.message for each in said)


def test_a_run_stops_where_a_suppressed_figure_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_values(*args: Any, **keys: Any) -> PublishedResults:
        published = suppress(*args, **keys)
        return replace(published, criteria=published.criteria.assign(value=0.0625))

    monkeypatch.setattr("geo_bosoc.disclosure.audit.suppress", with_values)
    with pytest.raises(InputError, match="the public set would show value") as raised:
        check_project(project_with_audit(tmp_path), periods=["2024"], report=Report())
    assert all(each.key == "disclosure" and "0.06" not in str(each) for each in raised.value.problems)
