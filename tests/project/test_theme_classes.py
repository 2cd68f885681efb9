"""Classes of indicators as a project file gives them: the same on every map, in every period, of published figures."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import mapclassify
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_data import page_data
from pydantic import ValidationError
from small_projects import write_small_project

import geo_bosoc as gb
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.indicators.map_classes import ThemeClasses
from geo_bosoc.outputs.class_limits import class_breaks
from geo_bosoc.outputs.geopackage.write import write_geopackage
from geo_bosoc.outputs.layers import by_area, variable_layer
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.outputs.static_map.themes import map_content
from geo_bosoc.outputs.thematic_map import published_map
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse, check_project, load_project
from geo_bosoc.project.spec_parts import MapPart

TABLE = '[registers.t]\npath = "t.csv"\nunit = "count"\narea = "area"\nperiod = "year"\nreference_row = "K"\n'
SHARE = (
    '[[indicator]]\nid = "safety"\nlabel_da = "X"\nlabel_en = "X"\ndirection = "low_is_bad"\n'
    'denominator = { register = "t", sum = "n" }\nnumerator = { register = "t", sum = "m" }\n'
)
NUMERATORS = {"2023": (10, 20, 2, 60, 70, 80), "2024": (12, 22, 33, 44, 55, 88)}
COLOURS = ("#ffeda0", "#feb24c", "#f03b20")


def project(folder: Path, lines: str = "", persons: int = 2) -> Path:
    """Six areas in two years, one figure of which is of so many persons, and more lines in the project file."""
    rows = [
        f"{area};{year};100;{persons if count == 2 else count}"
        for year, counts in NUMERATORS.items()
        for area, count in zip("ABCDEF", counts, strict=True)
    ]
    rows += [f"K;{year};9000;4000" for year in NUMERATORS]
    (folder / "t.csv").write_text("\n".join(["area;year;n;m", *rows, ""]), encoding="utf-8")
    written = write_small_project(
        folder, registers=TABLE, indicators=SHARE, areas="ABCDEF", periods=tuple(NUMERATORS)
    )
    file = written / "bosoc.toml"
    text = file.read_text(encoding="utf-8").replace("use = []", 'use = ["safety"]')
    file.write_text(f"{text}\n{lines}\n", encoding="utf-8")
    return file


def published_of(folder: Path, lines: str, persons: int = 2) -> PublishedResults:
    folder.mkdir()
    return gb.suppress(analyse(project(folder, lines, persons)))


@pytest.mark.parametrize("output_set", ["public", "internal"])
def test_limits_and_colours_are_the_same_on_every_map(tmp_path: Path, output_set: str) -> None:
    lines = f"[map.themes.safety]\nlimits = [20, 60]\ncolours = {list(COLOURS)}"
    published = gb.suppress(analyse(project(tmp_path, lines)), output_set)  # type: ignore[arg-type]
    page = published_page(published)
    (variable,) = page.variables
    assert (variable.limits, variable.colours) == ((20.0, 60.0), COLOURS)
    layer = variable_layer(page, variable, by_area(page.table), list("ABCDEF"))
    assert [each["colour"] for each in layer["classes"]][:3] == list(COLOURS)
    assert [each["label"] for each in layer["classes"]][1] == "20.0 to under 60.0%"
    (words_of_layer,) = (each for each in page_data(page)["layers"] if each["kind"] == "indicator")
    assert (
        words_of_layer["order_note"] == ""
    )  # whether the darker colour is the higher figure is for the project to say
    assert words_of_layer["drawn"] == layer["drawn"]
    assert layer["drawn"] == [[0, 1, 3, 2, 2, 2], [0, 1, 1, 1, 1, 2]]  # 20 and 60 belong above their limit
    static = map_content(published, "safety", "2023")
    assert [each.fill.colour for each in static.classes][:3] == list(COLOURS)
    assert list(static.drawn) == layer["drawn"][0]
    write_geopackage(published, tmp_path / "categories.gpkg")
    with sqlite3.connect(tmp_path / "categories.gpkg") as database:
        styles = [style for (style,) in database.execute("SELECT styleQML FROM layer_styles")]
    assert len(styles) == 2 and styles[0] == styles[1]
    for red, green, blue in ((255, 237, 160), (254, 178, 76), (240, 59, 32)):
        assert f"{red},{green},{blue}" in styles[0]
    assert "* 100 &gt;= 20.0" in styles[0] or "* 100 >= 20.0" in styles[0]


def test_the_schemes_default_is_for_indicators_without_a_table_of_their_own(tmp_path: Path) -> None:
    spec = load_project(project(tmp_path, '[map]\nscheme = "equal_interval"\nclasses = 3')).spec.map
    assert spec.theme("safety") == ThemeClasses(scheme="equal_interval", classes=3)
    spec = MapPart(scheme="equal_interval", classes=3, themes={"safety": ThemeClasses(classes=4)})
    assert spec.theme("safety") == ThemeClasses(scheme="equal_interval", classes=4)
    spec = MapPart(themes={"safety": ThemeClasses(colours=COLOURS)})
    assert spec.theme("safety").classes == 3
    assert MapPart(scheme="std_mean", classes=3).theme("safety").size == 5


def test_what_is_suppressed_moves_no_limit(tmp_path: Path) -> None:
    """Two years' figures of 1 to 4 persons that are published alike are classed alike."""
    lines = '[map]\nscheme = "fisher_jenks"\nclasses = 4'
    maps = [published_map(published_of(tmp_path / str(persons), lines, persons)) for persons in (1, 4)]
    shown = maps[0].table[maps[0].table["status"] == "ok"]
    assert 0 < len(shown) < 12
    assert maps[0].table.equals(maps[1].table)
    assert maps[0].variables == maps[1].variables
    assert maps[0].variables[0].limits == class_breaks(100 * shown["value"], "fisher_jenks", classes=4)


def test_quintiles_stay_where_nothing_is_said(tmp_path: Path) -> None:
    published = published_of(tmp_path / "plain", "")
    named = published_of(tmp_path / "named", '[map.themes.safety]\nscheme = "quantiles"\nclasses = 5')
    assert published_map(published).variables == published_map(named).variables
    assert published_map(published).variables[0].limits is None


def test_breaks_by_hand() -> None:
    values = [0, 0, 1, 1, 10, 10, 11, 11, np.nan]
    assert class_breaks(values, "fisher_jenks", classes=2) == (5.5,)
    assert class_breaks(values, "maximum_breaks", classes=2) == (5.5,)
    assert class_breaks(range(100), "std_mean") == (20.5, 78.5)  # 49.5 less and more 29.0
    assert class_breaks(range(1, 101), "quantiles", classes=4) == (25.5, 50.5, 75.5)
    assert class_breaks([2.0, 2.0]) == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=12, max_size=40, unique=True), st.integers(2, 5))
@pytest.mark.parametrize("scheme", ["quantiles", "equal_interval", "fisher_jenks"])
def test_classes_are_mapclassifys(scheme: str, numbers: list[int], classes: int) -> None:
    values = np.array(numbers, dtype=float)
    limits = class_breaks(values, scheme, classes=classes)
    theirs = mapclassify.classify(values, scheme, k=classes).yb
    ours = np.searchsorted(limits, values, side="right")
    assert [*np.unique(theirs, return_inverse=True)[1]] == [*ours]


@pytest.mark.parametrize(
    ("lines", "key", "message"),
    [
        ("[map.themes.safty]\nlimits = [10]", "map.themes.safty", 'no indicator "safty" in the project'),
        ("[follow_up.classes]\nlimits = { x = [1] }", "follow_up.classes.limits.x", 'no indicator "x"'),
        ("[map.themes.safety]\nlimits = [20, 10]", "map.themes.safety", "10 stands after 20"),
        ("[map.themes.safety]\nlimits = [10, 10]", "map.themes.safety", "limits rise"),
        ("[map.themes.safety]\nlimits = [10, nan]", "map.themes.safety", "must be finite"),
        (
            '[map.themes.safety]\nlimits = [10, 20]\ncolours = ["#ffffff", "#000000"]',
            "map.themes.safety",
            "3 classes need as many colours, and 2 are given",
        ),
        ('[map.themes.safety]\nclasses = 2\ncolours = ["#ffffff"]', "map.themes.safety", "2 classes need"),
        ('[map.themes.safety]\ncolours = ["#ffffff", "red"]', "map.themes.safety.colours", "a colour as #a1b2c3"),
        ('[map.themes.safety]\nscheme = "jenks"', "map.themes.safety.scheme", "jenks"),
        ('[map.themes.safety]\nscheme = "quantiles"\nlimits = [10]', "map.themes.safety", "not both"),
        ("[map.themes.safety]\nclasses = 7", "map.themes.safety", "more than 5 classes need colours"),
        ('[map.themes.safety]\nscheme = "std_mean"\nclasses = 4', "map.themes.safety", "has five classes"),
        (
            '[map]\nscheme = "std_mean"\n[map.themes.safety]\ncolours = ["#ffffff", "#000000"]',
            "map",
            "safety: the scheme has five classes",
        ),
        ("[map]\nclasses = 6", "map.classes", "5 or less"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_key(tmp_path: Path, lines: str, key: str, message: str) -> None:
    with pytest.raises(InputError) as wrong:
        check_project(project(tmp_path, lines), report=Report())
    (problem,) = wrong.value.problems
    assert str(problem.key).startswith(key)
    assert message in str(problem)
    if "safty" in lines:
        assert problem.hint == 'Did you mean "safety"?'


def test_more_than_five_classes_have_colours_of_their_own() -> None:
    nine = tuple(f"#{shade:02x}{shade:02x}{shade:02x}" for shade in range(240, 60, -20))
    assert ThemeClasses(classes=9, colours=nine).size == 9
    with pytest.raises(ValidationError):
        ThemeClasses(limits=tuple(range(9)))
