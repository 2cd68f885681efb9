"""What a project says of values that no row has, and of conditions that nobody meets. Made-up data."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

import geo_bosoc as gb
from geo_bosoc.project.run import check_project

PROJECT = """
[project]
name = "Prøve"
municipality = "0999"
made_up = true
[boundaries.areas]
path = "areas.geojson"
id = "area_id"
name = "name"
[registers.persons]
path = "p_{period}.FORMAT"
unit = "case"
id = "nr"
place = "area"
area = "omr"
columns = { charged = "Sigtet" }
WHERE
[indicators]
file = "indicators.toml"
use = ["alle", "sigtede"]
[parameters]
ord = "ORD"
[run]
periods = ["2023", "2024"]
"""
INDICATORS = """
[[indicator]]
id = "alle"
label_da = "Alle"
label_en = "All"
unit = "count"
denominator = { register = "persons" }
[[indicator]]
id = "sigtede"
label_da = "Sigtede"
label_en = "Charged"
denominator = { register = "persons", where = "BASE" }
numerator = { register = "persons", where = "TOP" }
"""


def problems(
    folder: Path, *, top: str, base: str = "age >= 10", where: str = "", word: str = "ja", kind: str = "csv",
    words: tuple[str, str] = ("ja", "ja"),
) -> list[gb.Problem]:  # fmt: skip
    """Two areas of 20 persons in two years, half of them charged, as each year writes it; nobody is over 59."""
    shapes = [box(570_000, 6_220_000, 571_000, 6_221_000), box(571_000, 6_220_000, 572_000, 6_221_000)]
    areas = gpd.GeoDataFrame({"area_id": ["A", "B"], "name": ["A", "B"]}, geometry=shapes, crs=25832)
    areas.to_file(folder / "areas.geojson", driver="GeoJSON")
    for year, yes in zip((2023, 2024), words, strict=True):
        rows = [(f"n{i}", "AB"[i % 2], 20 + i, yes if i % 4 < 2 else "nej", i % 2 + 1) for i in range(40)]
        names = ("nr", "omr", "age", "Sigtet", "status")
        path = folder / f"p_{year}.{kind}"
        if kind == "json":
            path.write_text(
                json.dumps([dict(zip(names, row, strict=True)) for row in rows]), encoding="utf-8"
            )
        else:
            lines = [";".join(map(str, row)) for row in [names, *rows]]
            path.write_text("\n".join(lines), encoding="utf-8")
    text = PROJECT.replace("FORMAT", kind).replace("WHERE", where).replace("ORD", word)
    (folder / "bosoc.toml").write_text(text, encoding="utf-8")
    told = INDICATORS.replace("BASE", base).replace("TOP", top)
    (folder / "indicators.toml").write_text(told, encoding="utf-8")
    report = gb.Report()
    check_project(folder, report=report)
    never = ("never", "no row", "nothing is counted")
    return [one for one in report.warnings if any(word in one.message for word in never)]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_value_in_other_letters_is_told_once(tmp_path: Path, kind: str) -> None:
    [problem] = problems(tmp_path, top="charged = 'Ja'", kind=kind)
    assert problem.key == "indicator.sigtede.numerator.where"
    assert problem.column == "Sigtet" and problem.file == f"p_2023.{kind}"
    assert "'ja', 'nej'" in problem.message or "'nej', 'ja'" in problem.message


def test_parameters_and_where_of_registers(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, top="charged = :ord", word="JA")
    assert "'JA'" in problem.message
    own, *_ = problems(tmp_path, top="charged = 'ja'", where="where = \"Sigtet <> 'Nej' OR status = 1\"")
    assert own.key == "registers.persons.where" and "'Nej'" in own.message
    assert problems(tmp_path, top="charged = :ord") == []


def test_conditions_that_nobody_meets(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, top="age > 90")
    assert problem.key == "indicator.sigtede.numerator.where" and problem.column == "age"
    assert "in any period" in problem.message and "persons" in problem.message
    [problem] = problems(tmp_path, top="charged = 'ja'", base="age < 10")
    assert problem.key == "indicator.sigtede.denominator.where"


def test_one_period_of_two(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, top="charged = 'ja'", words=("ja", "anklaget"))
    assert "in 2024" in problem.message and "some in 2023" in problem.message


def test_codes_that_are_numbers(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, top="status = 3")
    assert "1, 2" in problem.message and problem.column == "status"
