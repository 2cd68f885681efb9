"""Figures and lists that others published: what the law's models say of them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from geo_bosoc.models import (
    categorise_table,
    describe_model,
    explain,
    lbf_follow_up,
    list_models,
    load_model,
    parse_model,
    published,
    published_history,
    published_tables,
)
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.problems import BosocWarning, InputError

REGIME = dict.fromkeys(range(2010, 2014), "national-2010")
REGIME |= dict.fromkeys(range(2014, 2018), "national-2014")
REGIME |= dict.fromkeys(range(2018, 2021), "national-2018") | dict.fromkeys(
    range(2021, 2025), "national-2021"
)
DETERMINED = {
    ("2012", "Finlandsparken"),
    ("2013", "Agervang"),
    ("2013", "Ladegårdsparken"),
    ("2014", "Bispehaven"),
    ("2014", "Gellerupparken/Toveshøj"),
    ("2015", "Gellerupparken/Toveshøj"),
    ("2017", "Mjølnerparken"),
}
VALUES = published("national_list_values")


def regime(model: str) -> Categorisation:
    years = [str(year) for year, name in REGIME.items() if name == model]
    table = VALUES[VALUES["year"].isin(years)]
    return categorise_table(table, load_model(model), assume=("residents",), history=published_history())


def test_all_presets_are_there_and_explain_themselves() -> None:
    models = list_models()
    assert [model.id for model in models][:2] == ["aarhus-2018", "aarhus-2022"]
    assert {model.id for model in models} == {
        "aarhus-2018",
        "aarhus-2022",
        "berlin-mss",
        "wales-2011",
        "hdi",
        "sweden-types",
        "hamburg-sozialmonitoring",
        "national-2010",
        "national-2014",
        "national-2018",
        "national-2021",
        "combined-letting",
        "copenhagen-40plus",
        "copenhagen-sok",
        "lbf-2019-26",
        "skanderborg",
    }
    for model in models:
        for language in ("da", "en"):
            text = describe_model(model, language)
            assert model.id in text and model.source_text(language) in text
            assert all(criterion.indicator in text for criterion in model.criterion)
            assert ("C-417/23" in text) == model.uses_origin
        assert all(c.source or c.assumption for c in model.criterion)


def test_published_rows_come_out_as_published_or_say_what_would_settle_them() -> None:
    for model in sorted(set(REGIME.values())):
        for row in regime(model).categories.to_dict("records"):
            if (row["period"], row["area_id"]) in DETERMINED:
                assert row["category"] == "ghetto", row
            else:
                assert row["category"] == "undetermined" and row["undetermined_by"], row
                assert len(row["possible"].split(", ")) > 1
            if row["assumed"]:
                assert row["assumed"] == "residents"


def test_no_published_designation_is_contradicted() -> None:
    words = {"hårdt ghettoområde": "hard_ghetto", "forebyggelsesområde": "prevention"}
    for model in sorted(set(REGIME.values())):
        flags = regime(model).flags.set_index(["period", "area_id", "category"])["met"]
        for row in VALUES[VALUES["year"].astype(int).map(REGIME) == model].to_dict("records"):
            named = next(
                (known for word, known in words.items() if row["designation"].startswith(word)), "ghetto"
            )
            assert flags[row["year"], row["area"], named] != "not_met", row


def test_what_is_certain_of_vollsmose_and_korsloekkeparken() -> None:
    result = regime("national-2018")
    flags = result.flags.set_index(["period", "area_id", "category"])["met"]
    assert flags["2018", "Vollsmose", "vulnerable"] == "met" and flags["2018", "Vollsmose", "ghetto"] == "met"
    assert flags["2019", "Vollsmose", "vulnerable"] == "met"
    assert flags["2019", "Korsløkkeparken Øst", "vulnerable"] == "met"
    rows = result.categories.set_index(["period", "area_id"])
    assert rows.loc[("2018", "Vollsmose"), "undetermined_by"] == "history 2014"
    assert rows.loc[("2019", "Vollsmose"), "undetermined_by"] == "non_western_pct"
    assert rows.loc[("2018", "Vollsmose"), "socioeconomic"] == "vulnerable"
    text = explain(result, "Vollsmose", period="2018", language="en")
    assert "Certain, whatever is missing: Ghetto area, Vulnerable housing area" in text
    assert "the list of 2014" in text and "C-417/23 (18 December 2025)" in text
    assert "listen for 2014" in explain(result, "Vollsmose", period="2018")


def test_five_years_in_a_row_give_the_fifteen_hard_areas_of_2019() -> None:
    lists = published("national_list_membership")
    names = sorted(set(lists["area"]))
    here = set(lists.loc[lists["year"] == "2019", "area"])
    table = pd.DataFrame({"area": names, "year": "2019", "residents": 1500, "outside_labour_pct": 50.0})
    table["basic_edu_pct"] = 70.0
    table["convicted_pct"] = 0.0
    table["income_pct_region"] = 90.0
    table["non_western_pct"] = [60.0 if name in here else 40.0 for name in names]
    result = categorise_table(table, load_model("national-2018"), history=published_history())
    hard = set(result.categories.loc[result.categories["category"] == "hard_ghetto", "area_id"])
    every_year = [set(lists.loc[lists["year"] == str(year), "area"]) for year in range(2015, 2020)]
    assert hard == set.intersection(*every_year) and len(hard) == 15
    assert not (result.categories["category"] == "undetermined").any()


def test_a_year_that_no_list_covers_is_unknown() -> None:
    history = published_history()
    assert history.was("Vollsmose", "2014", ["ghetto"]) is None
    assert history.was("Vollsmose", "2015", ["ghetto"]) is True
    assert history.was("Kvaglund", "2015", ["ghetto"]) is False


def test_combined_letting_comes_out_whole() -> None:
    result = categorise_table(published("combined_letting_2024"), load_model("combined-letting"))
    assert list(result.categories["category"]) == ["combined_letting"] * 8


def test_combined_letting_either_way_in() -> None:
    table = pd.DataFrame(
        [
            ("a", 999, 60),
            ("b", 1000, 40),
            ("c", 4999, "39,9"),
            ("d", 5000, 30),
            ("e", None, 41),
            ("f", None, 29),
        ],
        columns=["area", "residents", "outside_labour_pct"],
    )
    result = categorise_table(table, load_model("combined-letting")).categories.set_index("area_id")[
        "category"
    ]
    assert list(result) == [
        "not_listed",
        "combined_letting",
        "not_listed",
        "combined_letting",
        "undetermined",
        "not_listed",
    ]


def row_2023(**values: object) -> pd.DataFrame:
    plain: dict[str, object] = {"area": "a", "year": 2023, "residents": 1000, "outside_labour_pct": 20.0}
    plain |= {"convicted_pct": 0.5, "basic_edu_pct": 20, "income_pct_region": 90, "non_western_pct": 10}
    return pd.DataFrame([plain | values])


@pytest.mark.parametrize(
    ("values", "category"),
    [
        ({"outside_labour_pct": 40, "basic_edu_pct": 60.1}, "not_listed"),
        ({"outside_labour_pct": 40.1, "basic_edu_pct": 60}, "not_listed"),
        ({"outside_labour_pct": 40.1, "basic_edu_pct": 60.1}, "vulnerable"),
        ({"convicted_pct": 2.35, "income_pct_region": 54.9}, "vulnerable"),
        ({"convicted_pct": 2.34, "income_pct_region": 54.9}, "not_listed"),
        ({"convicted_pct": 2.35, "income_pct_region": 55}, "not_listed"),
        ({"outside_labour_pct": 41, "basic_edu_pct": 61, "non_western_pct": 50}, "vulnerable"),
        ({"outside_labour_pct": 31, "income_pct_region": 64, "non_western_pct": 30}, "not_listed"),
        ({"outside_labour_pct": 31, "income_pct_region": 64, "non_western_pct": 31}, "prevention"),
        (
            {"outside_labour_pct": 31, "income_pct_region": 64, "non_western_pct": 31, "residents": 999},
            "too_small",
        ),
    ],
)
def test_operators_are_the_laws(values: dict[str, object], category: str) -> None:
    result = categorise_table(row_2023(**values), load_model("national-2021"))
    assert result.categories["category"].item() == category


def test_prevention_stands_beside_unless_asked_otherwise() -> None:
    table = row_2023(outside_labour_pct=41, basic_edu_pct=61, non_western_pct=40)
    model = load_model("national-2021")
    flags = categorise_table(table, model).flags.set_index("category")["met"]
    assert flags["vulnerable"] == "met" and flags["prevention"] == "met"
    alone = categorise_table(table, model.model_copy(update={"exclusive": True})).flags.set_index("category")[
        "met"
    ]
    assert alone["vulnerable"] == "met" and alone["prevention"] == "not_met"


def test_without_origin_only_the_socioeconomic_result_is_left() -> None:
    table = row_2023(outside_labour_pct=41, basic_edu_pct=61, non_western_pct=60).drop(
        columns="non_western_pct"
    )
    result = categorise_table(table, load_model("national-2021"), origin=False)
    assert result.categories["category"].item() == "vulnerable"
    assert result.model.id == "national-2021-without-origin" and not result.model.notice("da")
    assert "herkomst" not in " ".join(c.indicator for c in result.model.criterion)


def test_half_of_a_two_year_mean_says_what_the_other_half_must_be() -> None:
    table = pd.DataFrame(
        [
            {"area": "a", "year": year, "residents": 1200, "outside_labour_pct": share, "basic_edu_pct": 65}
            | {"income_pct_region": 90, "non_western_pct": 10, "convicted_pct": 0.1}
            for year, share in ((2021, 38.5), (2022, ".."), (2023, ""))
        ]
    )
    result = categorise_table(table, load_model("national-2021"), yearly=True)
    row = result.criteria[
        (result.criteria["period"] == "2023") & (result.criteria["criterion"] == "outside_labour_pct")
    ]
    assert row["needed"].item() == pytest.approx(0.415) and row["missing_periods"].item() == "2022"
    text = explain(result, "a", period="2023", language="en")
    assert "Met if the figure for 2022 is over 41.50%" in text
    low = table.assign(outside_labour_pct=[90, "..", ""])
    sure = categorise_table(low, load_model("national-2021"), yearly=True)
    assert sure.categories.set_index("period").loc["2023", "category"] == "vulnerable"


def test_a_table_without_the_ministrys_columns_is_told_so() -> None:
    with pytest.warns(BosocWarning, match="convicted_pct or convicted_per_10000"):
        categorise_table(row_2023().drop(columns="convicted_pct"), load_model("national-2021"))


def test_lbf_indicators_beside_the_municipality() -> None:
    table = lbf_follow_up()
    assert table["indicator"].nunique() == 9
    assert (table["indicator"] == "turnout").sum() == 1
    assert set(table.loc[table["indicator"] == "basically_safe", "place"]) == {
        "Herredsvang",
        "Frydenlund and Vandtårnsområdet",
    }
    twice = table.set_index("indicator")["more_than_twice"]
    assert twice["no_attachment"] and twice["basic_school_only"] and twice["charged"] and not twice["neet"]
    assert table.set_index("indicator")["ratio"]["no_attachment"] == pytest.approx(31.9 / 14.2)


def test_lbf_model_on_the_same_figures() -> None:
    follow = lbf_follow_up().drop_duplicates("indicator").set_index("indicator")
    names = {name: name if unit == "mark" else f"{name}_pct" for name, unit in follow["unit"].items()}
    rows = [
        {"area": area} | {names[name]: follow.loc[name, column] for name in follow.index}
        for area, column in (("Frydenlund", "area_value"), ("Aarhus", "municipality_value"))
    ]
    result = categorise_table(pd.DataFrame(rows), load_model("lbf-2019-26"), municipality="Aarhus")
    met = result.criteria.set_index("criterion")["met"]
    assert [met[name] for name in ("no_attachment", "basic_school_only", "charged", "neet")] == [
        "met"
    ] * 3 + ["not_met"]
    assert result.categories["category"].item() == "more_than_twice"


def test_published_tables_ship() -> None:
    assert "national_list_membership" in published_tables()
    assert all(not published(name).empty for name in published_tables())


def test_the_model_file_in_the_docs_is_a_model() -> None:
    text = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    model = parse_model(tomllib.loads(text.split("```toml\n")[1].split("```")[0]))
    result = categorise_table(row_2023(outside_labour_pct=41, convicted_pct=2.35), model)
    assert result.categories["category"].item() == "listed"


def test_a_danish_file_is_read_as_it_is(tmp_path: Path) -> None:
    text = "år;område;residents;outside_labour_pct\n"
    text += "2024;Æblevænget;1.250;41,5\n2024;Bøgen;1 100;39,99 %\n2024;Ceder;1200;<5\n"
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        file = tmp_path / f"æøå {encoding}.csv"
        file.write_bytes(text.encode(encoding))
        found = categorise_table(file, load_model("combined-letting")).categories.set_index("area_id")[
            "category"
        ]
        assert found.to_dict() == {
            "Bøgen": "not_listed",
            "Ceder": "undetermined",
            "Æblevænget": "combined_letting",
        }


def test_bad_tables_are_told_all_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        "area,year,residents,outside_labour_pct\na,2024,many,40\na,2024,1000,fyrre\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        categorise_table(file, load_model("combined-letting"))
    text = str(caught.value)
    assert (
        "is duplicated" in text
        and "row 2, column residents" in text
        and "row 3, column outside_labour_pct" in text
    )
    assert "fyrre" not in text
    with pytest.raises(InputError, match="no column with the area"):
        categorise_table(pd.DataFrame({"x": [1]}), load_model("combined-letting"))
