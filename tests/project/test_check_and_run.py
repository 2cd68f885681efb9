"""`check` and `run` tell the same: the same stages, the same problems in the same order. All data are made up.

Where nothing is wrong `test_run_of_all_studies` compares them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from geo_bosoc.cli import app
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.project import check_project, run_project


def problems(
    step: Callable[..., object], project: Path, **how: object
) -> tuple[list[Problem], list[Problem]]:
    """What a step tells, and what it stops for."""
    report = Report()
    try:
        step(project, report=report, **how)
    except InputError as error:
        assert list(error.problems) == report.errors
        return report.problems, list(error.problems)
    assert not report.errors
    return report.problems, []


def same(project: Path, *, internal: bool = True) -> list[Problem]:
    """The problems, which are those of both."""
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*") if path.is_file()}
    checked, stops = problems(check_project, project, internal=internal)
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*") if path.is_file()} == before
    ran, stopped = problems(run_project, project, internal=internal)
    assert checked == ran
    assert stops == stopped
    if stops:
        assert not (project / "maps").exists()
    return checked


@pytest.fixture
def whole_town(whole_town_template: Path, tmp_path: Path) -> Path:
    """One period of it, and no change of the land to reckon with."""
    folder = tmp_path / "by"
    shutil.copytree(whole_town_template, folder)
    change(folder, 'periods = ["2023", "2024"]', 'periods = ["2024"]')
    return folder


def test_a_public_check_says_what_it_leaves_out(
    whole_town: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["geo-bosoc", "check", "--project", str(whole_town)])
    with pytest.raises(SystemExit):
        app.main()
    said = capsys.readouterr().err
    assert "Of the internal set alone: [bottom_up], [surfaces]. --internal checks that too." in said
    assert "nominations.csv" not in said


def change(project: Path, old: str, new: str) -> None:
    file = project / "bosoc.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def broken_areas(town: Path) -> None:
    (town / "data/boundaries/areas.geojson").write_text("{", encoding="utf-8")


def no_register(town: Path) -> None:
    (town / "data/registers/survey.parquet").unlink()


def no_addresses_fit(town: Path) -> None:
    """A warning that comes from counting."""
    file = town / "data/registers/persons_2024.parquet"
    persons = pl.read_parquet(file)
    persons.with_columns(address_id="x" + pl.col("address_id")).write_parquet(file)


def unknown_column(town: Path) -> None:
    file = town / "data/registers/persons_2024.parquet"
    pl.read_parquet(file).drop("labour").write_parquet(file)


def no_custody(town: Path) -> None:
    change(town, "made_up = true", "made_up = false")


def output_is_data(town: Path) -> None:
    change(town, 'output = "maps"', 'output = "data/registers"')


def wrong_model(town: Path) -> None:
    change(town, 'id = "aarhus-2018"', 'id = "aarhus-2081"')


@pytest.mark.parametrize(
    ("breaking", "told"),
    [
        ((broken_areas,), ["areas.geojson"]),
        ((no_register,), ["survey"]),
        ((no_addresses_fit,), ["have no address that is known"]),
        ((unknown_column,), ["labour"]),
        ((no_custody,), ["does not say: purpose"]),
        ((output_is_data,), ["project.output"]),
        (
            (wrong_model, unknown_column, no_register, no_custody),
            ["aarhus-2081", "labour", "survey", "purpose"],
        ),
    ],
)
def test_broken_projects(town: Path, breaking: tuple[Callable[[Path], None], ...], told: list[str]) -> None:
    change(town, 'periods = ["2023", "2024"]', 'periods = ["2024"]')
    for one in breaking:
        one(town)
    text = "\n".join(str(problem) for problem in same(town))
    for words in told:
        assert words in text


def test_all_studies_are_told_of_at_once(whole_town: Path) -> None:
    """What [balance] and [bottom_up] name is looked at whether the rest can be read or not."""
    folder = whole_town
    change(
        folder, 'ladder = "copenhagen-40plus"', 'ladder = "nowhere"\nrule = "no-rule"\ncodes = "kode.toml"'
    )
    change(folder, 'nominations = "data/registers/nominations.csv"', 'nominations = "nobody.csv"')
    for breaking in (None, broken_areas):
        if breaking is not None:
            breaking(folder)
        text = "\n".join(str(problem) for problem in same(folder) if problem.level == "error")
        for words in ("nowhere", "no-rule", "kode.toml", "nobody.csv"):
            assert words in text
    assert "areas.geojson" in text
    public = "\n".join(str(problem) for problem in same(folder, internal=False) if problem.level == "error")
    assert "nowhere" in public and "nobody.csv" not in public
