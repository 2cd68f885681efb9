"""Periods that are asked for and are not there, or in some registers only. All data are made up."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import check_project, load_project, run_project

PROJECT = """\
[project]
name = "Opdigtet"
made_up = true
[boundaries.areas]
path = "areas.geojson"
[registers.first]
path = "first{ending}"
unit = "count"
place = "area"
[registers.second]
path = "second{ending}"
unit = "count"
place = "area"
[indicators]
file = "indicators.toml"
use = ["jobless", "votes"]
[run]
periods = ["2023"]
"""
INDICATORS = """\
[[indicator]]
id = "jobless"
label_da = "Ledige"
label_en = "Jobless"
denominator = { register = "first", sum = "persons" }
numerator = { register = "first", sum = "jobless" }
[[indicator]]
id = "votes"
label_da = "Stemmer"
label_en = "Votes"
denominator = { register = "second", sum = "entitled" }
numerator = { register = "second", sum = "voted" }
"""
PER_FILE = {"first": ("2022", "2023", "2024"), "second": ("2022", "2023")}


def make(folder: Path, *, files: bool) -> Path:
    """Two finished tables, the second without 2024; each in a file a year, or all years in one."""
    folder.mkdir()
    areas = gpd.GeoDataFrame(
        {"area_id": ["1", "2"], "name": ["En", "To"]},
        geometry=[box(570_000, 6_220_000, 570_500, 6_220_500), box(571_000, 6_220_000, 571_500, 6_220_500)],
        crs="EPSG:25832",
    )
    areas.to_file(folder / "areas.geojson")
    for name, years in PER_FILE.items():
        columns = "persons;jobless" if name == "first" else "entitled;voted"
        for year in years:
            rows = f"1;{year};1000;50\n2;{year};900;60\nIalt;{year};9000;300\n"
            file = folder / (f"{name}_{year}.csv" if files else f"{name}.csv")
            old = file.read_text(encoding="utf-8") if file.exists() else f"area_id;period;{columns}\n"
            file.write_text(old + rows, encoding="utf-8")
    text = PROJECT.replace("{ending}", "_{period}.csv" if files else ".csv")
    text = text.replace('place = "area"\n', 'place = "area"\nreference_row = "Ialt"\n')
    (folder / "bosoc.toml").write_text(text, encoding="utf-8")
    (folder / "indicators.toml").write_text(INDICATORS, encoding="utf-8")
    return folder


@pytest.fixture(params=[True, False], ids=["a file a year", "one file"])
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return make(tmp_path / "projekt", files=request.param)


@pytest.mark.parametrize(
    "period", ["banana", "24", "2024K5", "2024-01", "2024K", "", " 2023", "٢٠٢٣", "2023/24"]
)
def test_a_bad_form_is_an_error(tmp_path: Path, period: str) -> None:
    tables = make(tmp_path / "projekt", files=True)
    for step in (check_project, run_project):
        with pytest.raises(InputError) as caught:
            step(tables, periods=[period], report=Report())
        (problem,) = caught.value.problems
        assert f'"{period}" is not a period' in problem.message


@pytest.mark.parametrize("periods", [["1999"], ["2023", "1999"], ["2022K1"]])
def test_a_period_of_no_register_is_an_error_and_the_good_set_stays(tables: Path, periods: list[str]) -> None:
    maps = run_project(tables, report=Report()).folder
    before = {path.name: path.read_bytes() for path in maps.iterdir()}
    for step in (check_project, run_project):
        with pytest.raises(InputError) as caught:
            step(tables, periods=periods, report=Report())
        (problem,) = caught.value.problems
        assert f"no register has rows of {periods[-1]}" in problem.message
        assert problem.hint is not None
        assert "2022, 2023, 2024" in problem.hint
    assert {path.name: path.read_bytes() for path in maps.iterdir()} == before


def test_a_period_in_the_project_file_is_judged_alike(tables: Path) -> None:
    file = tables / "bosoc.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('["2023"]', '["2023", "1999"]'), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        check_project(tables, report=Report())
    (problem,) = caught.value.problems
    assert problem.key == "run.periods"
    file.write_text(text.replace('["2023"]', '["2023", "23", "2024K5"]'), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_project(tables)
    assert len(caught.value.problems) == 2
    assert {problem.row for problem in caught.value.problems} == {
        text.splitlines().index('periods = ["2023"]') + 1
    }


@pytest.mark.parametrize("periods", [["2024"], ["2023", "2024"]])
def test_a_period_of_some_registers_is_a_warning_with_the_register_and_its_indicators(
    tables: Path, periods: list[str]
) -> None:
    for step in (check_project, run_project):
        report = Report()
        step(tables, periods=periods, report=report)
        (problem,) = [each for each in report.warnings if "no figure then" in each.message]
        assert problem.key == "registers.second"
        assert "2024" in problem.message
        assert "votes" in problem.message
        assert "jobless" not in problem.message
        assert "2023" in str(problem.hint)


def test_periods_that_all_registers_hold_are_told_of_by_nothing(tables: Path) -> None:
    report = Report()
    run_project(tables, periods=["2022", "2023"], report=report)
    assert not report.warnings
