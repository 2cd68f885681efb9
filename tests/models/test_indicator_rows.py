"""LBF's own table, an indicator a row and the municipality's figure next to the area's, given to `categorise`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.load import lbf_follow_up, load_model, published
from geo_bosoc.models.tables import categorise_table
from geo_bosoc.problems import InputError, Report

LBF = load_model("lbf-2019-26")
PUBLISHED = {"basic_school_only": "met", "no_attachment": "met", "charged": "met", "neet": "not_met"}


def met(done: Categorisation, period: str, area: str = "area") -> dict[str, str]:
    rows = done.criteria[(done.criteria["period"] == period) & (done.criteria["area_id"] == area)]
    return dict(zip(rows["indicator"], rows["met"], strict=True))


def rows(*lines: str, head: str = "indicator;area_value;municipality_value;unit;year") -> pd.DataFrame:
    cells = [line.split(";") for line in lines]
    return pd.DataFrame(cells, columns=head.split(";"), dtype=object)


def test_the_published_table_as_it_is() -> None:
    """More than twice as high: 31.9 and 14.2, 18.6 and 7.4, 4.5 and 1.4; not 19.5 and 11.9."""
    report = Report()
    done = categorise_table(published("lbf_indicators"), LBF, report=report)
    (row,) = done.categories.to_dict("records")
    assert (row["area_id"], row["period"], row["category"]) == ("area", "2022", "more_than_twice")
    answers = met(done, "2022")
    assert {name: answers[name] for name in PUBLISHED} == PUBLISHED
    # turnout once, at the latest election; safety and voluntary work are told for parts and not read for the whole
    values = done.criteria.set_index("indicator")["value"]
    assert values["turnout"] == pytest.approx(0.748) and values["marks_9th_grade"] == pytest.approx(6.0)
    assert pd.isna(values["basically_safe"]) and pd.isna(values["voluntary_work"])
    notes = " ".join(problem.message for problem in report.problems if problem.level == "note")
    for words in ("Herredsvang", "2021 and 2022", "population"):
        assert words in notes
    assert not report.errors and not report.warnings[1:]
    follow = lbf_follow_up().set_index("indicator")["more_than_twice"]
    assert {name: bool(follow[name]) for name in PUBLISHED} == {k: v == "met" for k, v in PUBLISHED.items()}


@pytest.mark.parametrize("kind", ["csv", "danish.csv", "xlsx", "parquet"])
def test_in_other_formats(kind: str, tmp_path: Path) -> None:
    table, path = published("lbf_indicators"), tmp_path / f"lbf.{kind}"
    if kind == "xlsx":
        for name in ("area_value", "municipality_value", "year"):
            table[name] = pd.to_numeric(table[name])
        table.to_excel(path, index=False)
    elif kind == "parquet":
        table.to_parquet(path)
    elif kind == "danish.csv":
        for name in ("area_value", "municipality_value"):
            table[name] = table[name].str.replace(".", ",")
        table["unit"] = table["unit"].replace({"percent": "pct.", "mark": "karakter"})
        table = table.rename(columns={"indicator": "Indikator", "unit": "Enhed", "year": "År",
                                      "area_value": "Området", "municipality_value": "Kommunen"})  # fmt: skip
        table.to_csv(path, index=False, sep=";", encoding="utf-8-sig")
    else:
        table.to_csv(path, index=False)
    done = categorise_table(path, LBF, report=Report())
    answers = met(done, "2022")
    assert {name: answers[name] for name in PUBLISHED} == PUBLISHED


def test_names_may_be_ids_or_labels_in_either_language() -> None:
    done = categorise_table(
        rows(
            "no_attachment;40;20;percent;2024",
            "Kun grundskole og ikke i uddannelse;21;10;percent;2024",
            "Neither in education nor employment, 15-29 years;21;10;percent;2024",
            "Sigtede unge;2;1;percent;2024",
        ),
        LBF,
        report=Report(),
    )
    answers = met(done, "2024")
    assert [answers[name] for name in ("no_attachment", "basic_school_only", "neet", "charged")] == [
        "not_met", "met", "met", "not_met",
    ]  # fmt: skip


def test_several_years_are_a_period_each_and_turnout_stands_for_the_years_after_it() -> None:
    done = categorise_table(
        rows(
            "charged;3;2;percent;2021", "charged;5;2;percent;2022", "neet;9;5;percent;2021", "neet;9;5;percent;2022",
            "basic_school_only;1;1;percent;2021", "basic_school_only;1;1;percent;2022",
            "no_attachment;1;1;percent;2021", "no_attachment;1;1;percent;2022",
            "turnout, 2017;55;70;percent;2017", "turnout, 2022;60;70;percent;2022",
        ),
        LBF,
        report=Report(),
    )  # fmt: skip
    categories = dict(zip(done.categories["period"], done.categories["category"], strict=True))
    assert categories == {"2021": "followed", "2022": "more_than_twice"}
    turnout = done.criteria[done.criteria["indicator"] == "turnout"].set_index("period")["value"]
    assert turnout.to_dict() == {"2021": pytest.approx(0.55), "2022": pytest.approx(0.60)}


def test_several_areas_and_one_municipality() -> None:
    head = "area;indicator;area_value;municipality_value;unit;year"
    table = rows("A;charged;5;2;percent;2024", "B;charged;3;2;percent;2024", head=head)
    done = categorise_table(table, LBF, report=Report())
    assert (met(done, "2024", "A")["charged"], met(done, "2024", "B")["charged"]) == ("met", "not_met")
    table.loc[1, "municipality_value"] = "1"
    with pytest.raises(InputError, match="charged of the municipality stands in row 2 too"):
        categorise_table(table, LBF)


def test_what_is_wrong_is_told_at_once_with_its_row_and_column() -> None:
    with pytest.raises(InputError) as caught:
        categorise_table(
            rows(
                "charged;4,5x;1.4;percent;2021",
                "neet;19.5;11.9;per mille;2021",
                "no_attachment;31;14;percent;2021",
                "no_attachment;32;14;percent;2021",
            ),
            LBF,
        )
    told = [(problem.row, problem.column, problem.message) for problem in caught.value.problems]
    assert (2, "area_value", "is not a number") in told
    assert (3, "unit", "the unit is per mille, where the model reads percent.") in told
    assert (5, "indicator", "no_attachment of the area stands in row 4 too, in 2021.") in told


def test_indicators_that_the_model_does_not_know_are_named() -> None:
    report = Report()
    categorise_table(rows("charged;5;2;percent;2021", "burglary;3;2;percent;2021"), LBF, report=report)
    assert any(
        "burglary (row 3)" in problem.message for problem in report.problems if problem.level == "note"
    )
    with pytest.raises(InputError, match=r"does not use the indicators burglary \(row 2\)"):
        categorise_table(rows("burglary;3;2;percent;2021"), LBF)
