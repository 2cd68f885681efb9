"""bosoc.toml: every mistake is told at once, with its key and line, in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_bosoc.problems import InputError
from geo_bosoc.project import load_project

GOOD = """\
[project]
name = "Testby"

[boundaries.areas]
path = "areas.geojson"

[registers.persons]
path = "persons.csv"
unit = "person"
x = "x"
y = "y"

[indicators]
use = ["outside_labour_market"]
"""


def problems(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "bosoc.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_project(file)
    return [str(problem) for problem in caught.value.problems]


def test_a_good_file_loads_and_paths_start_at_its_folder(tmp_path: Path) -> None:
    (tmp_path / "bosoc.toml").write_text(GOOD, encoding="utf-8-sig")
    project = load_project(tmp_path)
    assert project.root == tmp_path.resolve()
    assert project.spec.assessed == ["areas"]
    assert project.spec.disclosure.minimum == 5
    assert project.output == tmp_path.resolve() / "maps"


def test_every_mistake_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = (
        GOOD.replace('name = "Testby"', 'nmae = "Testby"\nmunicipality = "751"\nlanguage = "dk"')
        .replace('unit = "person"', 'unit = "people"')
        .replace('path = "areas.geojson"', 'path = "areas.geojson"\nlayr = "x"')
    )
    told = problems(tmp_path, text)
    assert any(
        "row 2" in line and "[project.nmae]" in line and 'Did you mean "name"?' in line for line in told
    )
    assert any("[project.name]" in line and "needed" in line for line in told)
    assert any("row 3" in line and "four digits" in line for line in told)
    assert any("row 4" in line and "'da' or 'en'" in line for line in told)
    assert any("row 8" in line and 'Did you mean "layer"?' in line for line in told)
    assert any("[registers.persons.unit]" in line and "'person'" in line for line in told)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("[boundaries.areas]", "[boundaries.estates]"), "one layer of areas must be assessed"),
        (('use = ["outside_labour_market"]', ""), "no indicator is named"),
        (('x = "x"\ny = "y"\n', ""), "needs an address table"),
        (("[indicators]", '[run]\nperiods = ["24"]\n\n[indicators]'), "is not a period"),
        (("[indicators]", "[protect]\nminimum = 1\n\n[indicators]"), "this must be 3 or more"),
        (("[indicators]", "[model]\n\n[indicators]"), "give either id"),
        (("[indicators]", '[reference]\nrows = "inside"\n\n[indicators]'), "needs an outline"),
    ],
)
def test_parts_that_do_not_fit_together(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    assert any(told in line for line in problems(tmp_path, GOOD.replace(*change)))


def test_broken_toml_names_the_line_and_windows_paths(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD.replace('"areas.geojson"', '"C:\\Users\\data\\areas.gpkg"'))
    assert "row 5" in line
    assert "single quotes" in line


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="geo-bosoc init"):
        load_project(tmp_path / "bosoc.toml")


def test_the_former_name_of_disclosure_is_read_with_a_note(tmp_path: Path) -> None:
    (tmp_path / "bosoc.toml").write_text(GOOD + "\n[protect]\nminimum = 3\n", encoding="utf-8")
    assert load_project(tmp_path).spec.disclosure.minimum == 3
    both = GOOD + "\n[protect]\nminimum = 3\n[disclosure]\nminimum = 5\n"
    (tmp_path / "bosoc.toml").write_text(both, encoding="utf-8")
    with pytest.raises(InputError, match="former name"):
        load_project(tmp_path)


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        ("[project]\nminimum = 5", "It belongs in [disclosure]."),
        ("[project]\nperiods = ['2024']", "It belongs in [run] or [documents.maps]."),
        ("[registers.persons]\nlayer = 'x'", "It belongs in [boundaries.NAME] or [home_columns.NAME]."),
        ("[boundaries.areas]\nspell = { from = 'x' }", "It belongs in [registers.NAME]."),
        (
            "[indicators]\nnumerator = {}",
            "[[indicator]] of the file that [indicators] file names or [[indicator.reform]] of the file that "
            "[indicators] file names.",
        ),
        ("[project]\nplans = 'x.csv'", "It belongs in [balance]."),
        ("[indicators]\nbands = [1]", "It belongs in [[criterion]] of a model file."),
    ],
)
def test_an_unknown_key_says_where_it_belongs(tmp_path: Path, lines: str, where: str) -> None:
    header, line = lines.split("\n")
    text = GOOD.replace(header, f"{header}\n{line}")
    (problem,) = [each for each in problems(tmp_path, text) if "not known here" in each]
    assert problem.endswith(where)


def test_a_table_that_stands_in_another_file_says_so(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, GOOD + "\n[[criterion]]\nindicator = 'health'\n")
    assert "[criterion]" in problem and problem.endswith("It belongs in a model file.")
