"""References and groups of a project file: what is wrong is told at the door, what is right stands in the outputs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from page_data import cell, page_data
from small_projects import points_model, write_small_project

import geo_bosoc as gb
from geo_bosoc.disclosure.results import AreaPairs
from geo_bosoc.indicators import TwinsPart
from geo_bosoc.outputs.csv_tables import categories_table, csv_text
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse, explain_area
from geo_bosoc.project.comparisons import check_overlaps
from geo_bosoc.project.studies.follow_up import check_project_claim

TABLE = '[registers.t]\npath = "t.csv"\nunit = "count"\narea = "area"\nperiod = "2024"\nreference_row = "K"\n'
SHARE = (
    '[[indicator]]\nid = "x"\nlabel_da = "X"\nlabel_en = "X"\ndenominator = { register = "t", sum = "n" }\n'
    'numerator = { register = "t", sum = "m" }\n'
)
GOOD = "reference;indicator;period;numerator;denominator;value;source\nregionen;x;2024;;;12,5;Prøve\n"


def project(folder: Path, lines: str, references: str = GOOD) -> Path:
    """Areas A, B, C and the municipality K, with more lines in the project file and a table of references."""
    (folder / "t.csv").write_text("area;n;m\nA;100;36\nB;100;31\nC;50;9\nK;1000;180\n", encoding="utf-8")
    (folder / "references.csv").write_text(references, encoding="utf-8")
    model = points_model({"x": [1.5, 2.1]}, more='reference = { of = "rest" }\n')
    file = write_small_project(folder, registers=TABLE, indicators=SHARE, model=model) / "bosoc.toml"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{lines}\n", encoding="utf-8")
    return file


def test_references_and_groups_reach_the_outputs(tmp_path: Path) -> None:
    file = project(
        tmp_path, '[reference]\nof = "@rest"\ntable = "references.csv"\n[groups]\n"West" = ["A", "B"]\n'
    )
    published = gb.suppress(analyse(file))
    table = published.table.set_index("area_id")
    assert table.loc["A", "reference"] == pytest.approx(144 / 900)
    assert table.loc["A", "ratio"] == pytest.approx(0.36 / 0.16)
    assert set(table["reference_area"]) == {"@rest"}
    references = published.reference_areas.set_index("area_id")
    assert references.loc["@group:West", "value"] == pytest.approx(67 / 200)
    assert references.loc["@region", "value"] == 0.125
    criteria = published.criteria.set_index("area_id")
    assert criteria["points"].to_dict() == {
        "A": 2.0,
        "B": 1.0,
        "C": 0.0,
    }  # 2.25, 1.87 and 1.00 times the rest
    assert "the rest of the municipality 16.0%, 2.25 times" in criteria.loc["A", "sentence"]
    text = csv_text(categories_table(published), "en")
    assert "x_reference_area" in text.splitlines()[0] and "@rest" in text
    page = page_data(published_page(published))
    assert cell(page, 0, 0, 0)["ratio"] == 225
    assert page["indicators"][0]["against_words"] == "the rest of the municipality"


@pytest.mark.parametrize(
    ("lines", "references", "message"),
    [
        ('[reference]\nindicators = { y = "@rest" }', GOOD, 'no indicator "y"'),
        ('[reference]\nof = "@national"', GOOD, "whose figures are not given"),
        ('[reference]\nof = "@group:West"', GOOD, 'the group "West", which is not there'),
        ('[follow_up.twins]\nby = ["y"]', GOOD, 'no indicator "y"'),
        ('[groups]\nWest = ["A", "D"]', GOOD, 'no area has the id "D"'),
        ('[groups]\nWest = ["A", "A"]', GOOD, "named twice: A"),
        ('[reference]\ntable = "gone.csv"', GOOD, "the file is not there"),
        ('[reference]\ntable = "references.csv"', "reference;period;value\n", 'no column "indicator"'),
        ('[reference]\ntable = "references.csv"', GOOD.replace(";x;", ";z;"), 'no indicator "z"'),
        ('[reference]\ntable = "references.csv"', GOOD.replace("12,5", "125"), "over 100 per cent"),
        ('[reference]\ntable = "references.csv"', GOOD.replace("2024", ""), "the period is missing"),
        ('[reference]\ntable = "references.csv"', GOOD.replace("2024", "i år"), "is not a period"),
        ('[reference]\ntable = "references.csv"', GOOD.replace("regionen", "byen"), "is no reference area"),
        ('[reference]\ntable = "references.csv"', GOOD.replace("12,5", ""), "neither a value nor"),
        (
            '[reference]\ntable = "references.csv"',
            GOOD.replace(";;;12,5", ";5;;12,5"),
            "goes with a denominator",
        ),
        (
            '[reference]\ntable = "references.csv"',
            GOOD.replace(";;;12,5", ";5;20;12,5"),
            "not that of its counts",
        ),
        ('[reference]\ntable = "references.csv"', GOOD.replace("12,5", "-1"), "is under 0"),
        ('[reference]\ntable = "references.csv"', GOOD.replace("12,5", "many"), "is not a number"),
        ('[reference]\ntable = "references.csv"', GOOD + GOOD.splitlines()[1], "stands in row 2 too"),
    ],
)
def test_what_is_wrong_is_told_at_the_door(tmp_path: Path, lines: str, references: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        analyse(project(tmp_path, lines, references))


def test_twins_are_chosen_for_an_indicator_and_seen_in_the_outputs(tmp_path: Path) -> None:
    lines = '[reference]\nof = "@twins"\n[follow_up.twins]\nnumber = 1\n'
    published = gb.suppress(analyse(project(tmp_path, lines)))
    assert published.profile == TwinsPart(by=("x",), number=1)
    assert published.nearest.set_index("area_id")["twin"].to_dict() == {"A": "B", "B": "A", "C": "B"}
    table = published.table.set_index("area_id")
    assert set(table["reference_area"]) == {"@twins"}
    assert table["reference"].to_dict() == {"A": 0.31, "B": 0.36, "C": 0.31}
    assert table.loc["C", "ratio"] == pytest.approx(0.18 / 0.31)
    page = page_data(published_page(published))
    assert page["twins"] == [[[1], [0], [1]]]
    assert "Alike in: X." in page["twins_by"]
    indicator = page["indicators"][0]
    assert indicator["chosen"] == "The areas most like it"
    assert [cell(page, 0, 0, place)["beside"] for place in range(3)] == [310, 360, 310]
    assert cell(page, 0, 0, 0)["ratio"] == 116
    assert indicator["against_words"] == "the areas most like it"
    written = categories_table(published).set_index("area_id")
    assert written["nearest"].to_dict() == {"A": "B", "B": "A", "C": "B"}
    text = explain_area(project(tmp_path, lines), "C", language="da")
    assert "- X: 18,0 %; de områder, der ligner mest 31,0 %, 0,58 gange" in text
    assert "Områder, der ligner mest: Område B. Det nærmeste først. Lignende tal for: X." in text
    with_three = analyse(project(tmp_path, '[reference]\nof = "@twins"\n'))
    assert with_three.profile == TwinsPart(by=("x",), number=5)
    assert with_three.table.set_index("area_id").loc["C", "reference"] == pytest.approx(67 / 200)


@pytest.mark.parametrize(
    ("of", "message"), [("twins", "say who is alike"), ("group:West", "members' hidden")]
)
def test_a_model_compares_with_neither_twins_nor_groups(tmp_path: Path, of: str, message: str) -> None:
    file = project(tmp_path, '[groups]\nWest = ["A", "B"]\n')
    model = file.parent / "model.toml"
    model.write_text(model.read_text(encoding="utf-8").replace('"rest"', f'"{of}"'), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        analyse(file)


def test_a_period_without_a_given_figure_is_a_warning(tmp_path: Path) -> None:
    report = Report()
    lines = '[reference]\nof = "@region"\ntable = "references.csv"\n'
    results = analyse(project(tmp_path, lines, GOOD.replace("2024", "2023")), report=report)
    assert any("no figure of @region for 2024" in problem.message for problem in report.problems)
    assert pd.isna(results.table["reference"]).all()


def test_a_group_of_areas_that_share_homes_is_refused() -> None:
    pairs = AreaPairs(
        pd.DataFrame([("A", "B")], columns=["outer", "inner"]),
        pd.DataFrame([("C", "B")], columns=["first", "second"]),
    )
    report = Report()
    check_overlaps({"apart": ["A", "C"], "West": ["A", "B", "C"]}, pairs, report)
    assert [problem.key for problem in report.errors] == ["groups.West", "groups.West"]
    assert "areas A and B share homes" in report.errors[0].message


def test_a_claim_is_held_against_what_a_project_publishes(tmp_path: Path) -> None:
    file = project(tmp_path, '[groups]\n"West" = ["A", "B"]\n')
    claim, stamps = check_project_claim(file, "x in A > 2 x rest")
    assert claim.holds == "yes" and claim.limit == 2 * Fraction(144, 900)
    assert len(stamps) == 1  # made up
    claim, stamps = check_project_claim(file, "X in West > 2 x rest", internal=True)
    assert claim.holds == "yes" and claim.limit == 2 * Fraction(180 - 67, 800)
    assert len(stamps) == 2
    assert check_project_claim(file, "x in B at least 2 x the rest", language="da")[0].holds == "no"
