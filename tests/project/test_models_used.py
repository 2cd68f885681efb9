"""Models in a project: several at once, without origin, with earlier lists; what cannot be computed here says so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import polars as pl
import pyogrio
import pytest
from page_data import html_data
from small_projects import without_table

from geo_bosoc.outputs.csv_tables import read_categories_csv
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse, explain_area, load_project, run_project
from geo_bosoc.project.study import study_project

FIGURES = "outside_labour_pct", "convicted_pct", "basic_edu_pct", "income_pct_region", "non_western_pct"
INDICATOR = """
[[indicator]]
id = "{name}"
label_da = "{name}"
label_en = "{name}"
denominator = {{ register = "ministry", sum = "base" }}
numerator = {{ register = "ministry", sum = "{name}" }}
"""


def with_ministry_table(town: Path, model: str) -> str:
    """A finished table of shares in 10,000ths, the largest area badly off on all counts and the others on none; its id.

    The area has over 1,000 residents in every year, so that the law's gate lets it in.
    """
    least = analyse(town, report=Report()).residents.groupby("area_id")["residents"].min()
    largest = str(least.idxmax())
    assert least[largest] >= 1000
    areas = [largest, *(area for area in least.index if area != largest)]
    bad = {"outside_labour_pct": 4500, "convicted_pct": 300, "basic_edu_pct": 6100, "income_pct_region": 5000}
    rows = [
        {
            "area_id": area,
            "period": year,
            "base": 10_000,
            **{name: bad.get(name, 6000) for name in FIGURES},
        }
        if at == 0
        else {
            "area_id": area,
            "period": year,
            "base": 10_000,
            **dict.fromkeys(FIGURES, 1000),
            "income_pct_region": 9000,
        }
        for at, area in enumerate(areas)
        for year in ("2022", "2023", "2024")
    ]
    pd.DataFrame(rows).to_csv(town / "data/registers/ministry.csv", index=False, sep=";")
    (town / "national.toml").write_text(
        "".join(INDICATOR.format(name=name) for name in FIGURES), encoding="utf-8"
    )
    text = (town / "bosoc.toml").read_text(encoding="utf-8")
    text = text.replace("[indicators]\n", '[indicators]\nfile = "national.toml"\n')
    text = text.replace('[model]\nid = "aarhus-2018"', model)
    text += (
        '\n[registers.ministry]\npath = "data/registers/ministry.csv"\nunit = "count"\nplace = "area"\n'
        'area = "area_id"\ntext = ["area_id"]\nsource = "Opdigtet"\n'
    )
    (town / "bosoc.toml").write_text(text, encoding="utf-8")
    return largest


def test_a_model_whose_figures_no_register_here_holds_is_not_guessed_at(town: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be computed here.*Statistics Denmark"):
        run_project(town, model="national-2021", report=Report())
    text = (town / "bosoc.toml").read_text(encoding="utf-8")
    both = '[[model]]\nid = "aarhus-2018"\n\n[[model]]\nid = "national-2021"'
    (town / "bosoc.toml").write_text(text.replace('[model]\nid = "aarhus-2018"', both), encoding="utf-8")
    report = Report()
    found = analyse(town, report=report)
    assert [model.id for model in found.models] == ["aarhus-2018"]
    assert any("cannot be computed here" in str(problem) for problem in report.warnings)


def test_a_national_model_runs_on_a_finished_table_beside_the_local_one(town: Path) -> None:
    largest = with_ministry_table(town, '[[model]]\nid = "aarhus-2018"\n\n[[model]]\nid = "national-2021"\n')
    results = run_project(town, output=town / "out", report=Report()).results
    flags = results.flags[(results.flags["period"] == "2024") & (results.flags["model"] == "national-2021")]
    largest_flags = flags[flags["area_id"] == largest].set_index("category")["met"]
    assert largest_flags["vulnerable"] == largest_flags["parallel_society"] == "met"
    others = flags[(flags["area_id"] != largest) & (flags["category"] == "vulnerable")]
    assert len(others) > 0
    assert not (others["met"] == "met").any()
    for name in ("risk_map.html", "run.json"):
        assert "C-417/23" in (town / "out" / name).read_text(encoding="utf-8"), name


def test_without_origin_the_criterion_takes_no_part(town: Path) -> None:
    with_ministry_table(town, '[model]\nid = "national-2021"\norigin = false\n')
    found = analyse(town, report=Report())
    assert "non_western_pct" not in set(found.criteria["indicator"])
    assert [model.id for model in found.models] == ["national-2021-without-origin"]


def test_earlier_lists_come_from_a_file_and_decide(town: Path) -> None:
    """Five years in a row need the four before: without them undetermined, with them met, with a gap not met."""
    largest = with_ministry_table(town, '[model]\nid = "national-2018"\nhistory = "lists.csv"\n')

    def hard(years: tuple[str, ...]) -> str:
        listed = pl.DataFrame(
            {
                "area": [largest if year != "gap" else "another" for year in years],
                "year": [year if year != "gap" else "2021" for year in years],
            }
        )
        listed.write_csv(town / "lists.csv")
        flags = analyse(town, periods=["2024"], report=Report()).flags
        row = flags[(flags["area_id"] == largest) & (flags["category"] == "hard_ghetto")]
        return str(row["met"].iloc[0])

    assert hard(("2020", "2021", "2022", "2023")) == "met"
    assert hard(("2023",)) == "undetermined"
    assert hard(("2020", "gap", "2022", "2023")) == "not_met"
    (town / "lists.csv").write_text("name;year\nA;2020\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column area"):
        analyse(town, report=Report())


def test_how_sure_is_told_for_the_last_period(town_template: Path) -> None:
    results = study_project(load_project(town_template), report=Report(), is_written=False).results
    last = results.categories[results.categories["period"] == "2024"]
    assessed = last[~last["category"].isin(["too_small", "undetermined"])]
    assert assessed["held"].between(0, 1).all()
    assert results.categories.loc[results.categories["period"] == "2023", "held"].isna().all()


def test_what_may_not_be_published_is_in_no_public_file(town: Path) -> None:
    """A register's owner lets nothing be published: its indicators are internal, the categories stand."""
    text = (town / "bosoc.toml").read_text(encoding="utf-8")
    (town / "bosoc.toml").write_text(
        text.replace("[registers.survey]", '[registers.survey]\npublish = "internal"'), encoding="utf-8"
    )
    out = run_project(town, output=town / "out", internal=True, report=Report()).folder
    read = {"sep": ";", "decimal": ",", "encoding": "utf-8-sig", "dtype": {"area_id": str, "period": str}}
    public, internal = (
        pd.read_csv(out / "categories.csv", **read),
        pd.read_csv(town / "out-internal/categories.csv", **read),
    )
    assert not [name for name in public.columns if name.startswith("safety_")]
    assert internal["safety_value"].notna().any()
    assert list(public["category"]) == list(internal["category"])
    criteria = pd.read_csv(out / "criteria.csv", **read)
    safety = criteria[criteria["indicator"] == "safety"]
    assert safety["value"].isna().all()
    page = html_data((out / "risk_map.html").read_text(encoding="utf-8"))
    assert "safety" not in [each["id"] for each in page["indicators"]]
    assert set(safety["status"]) == {"not_published"} and safety["status_date"].isna().all()
    assert safety["sentence"].str.contains("må ikke offentliggøres").all()
    assert public["held"].isna().all()  # draws start from the figure
    for folder, internal_set in ((out, False), (town / "out-internal", True)):
        manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        assert manifest["registers"]["survey"]["publish"] == "internal"  # that it is held is told, and why
        assert ("safety" in {row["indicator"] for row in manifest["sources"]}) is internal_set
        assert ("rows" in manifest["facts"]["register:survey"]) is internal_set
        assert ("survey" in manifest["facts"].get("match", {})) is internal_set
        sources = pyogrio.read_dataframe(folder / "categories.gpkg", layer="sources")
        assert ("safety" in set(sources["indicator"])) is internal_set
        assert (
            "Utrygge beboere: må ikke" in explain_area(town, "0001", internal=internal_set, report=Report())
        ) is not internal_set


def test_residents_of_a_register_that_may_not_be_published_are_in_no_public_file(town: Path) -> None:
    """They stand beside every area though no indicator of the map is about them."""
    without_table(town / "bosoc.toml", "reference")
    without_table(town / "bosoc.toml", "follow_up.twins")
    text = (town / "bosoc.toml").read_text(encoding="utf-8")
    text = text.replace("[registers.persons]", '[registers.persons]\npublish = "internal"')
    use = re.search(r"(?s)use = \[.*?\]", text)
    assert use is not None
    text = text.replace(use[0], 'use = ["safety"]').replace('[model]\nid = "aarhus-2018"\n', "")
    (town / "bosoc.toml").write_text(text, encoding="utf-8")
    out = run_project(town, internal=True, report=Report()).folder
    public, internal = (
        read_categories_csv(folder / "categories.csv") for folder in (out, town / "maps-internal")
    )
    assert public["residents"].isna().all() and internal["residents"].notna().all()
    assert public["safety_value"].notna().any() and "residents_source" not in public
    assert set(internal["residents_status_date"]) == {"2023-01-01", "2024-01-01"}
    manifest = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert "rows" not in manifest["facts"]["register:persons"] and "match" not in manifest["facts"]


def test_figures_that_a_model_misses_are_unknown_and_do_not_stop_the_run(town: Path) -> None:
    """A town without a survey and without absence: two of the model's eight figures are unknown, and bounds hold the
    truth. What a user names himself stays an error."""
    without_table(town / "bosoc.toml", "reference")
    without_table(town / "bosoc.toml", "follow_up.twins")
    before = analyse(town, periods=["2024"], report=Report()).categories.set_index("area_id")
    without_table(town / "bosoc.toml", "registers.survey")
    with pytest.raises(InputError, match="There is no register survey"):
        analyse(town, periods=["2024"], report=Report())
    text = (town / "bosoc.toml").read_text(encoding="utf-8")
    text = re.sub(r'"child_wellbeing",\s*|, "safety"', "", text)
    (town / "bosoc.toml").write_text(text, encoding="utf-8")
    for file in (town / "data/registers").glob("persons_*.parquet"):
        pl.read_parquet(file).drop("absence_pct").write_parquet(file)
    report = Report()
    results = analyse(town, periods=["2024"], report=report)
    (warning,) = [problem for problem in report.warnings if "misses" in problem.message]
    assert "aarhus-2018 misses child_wellbeing, safety" in warning.message
    assert "absence_pct of [registers.persons]" in str(warning.hint)
    assert "[registers.survey]" in str(warning.hint)
    criteria = results.criteria[results.criteria["indicator"].isin(["child_wellbeing", "safety"])]
    assert set(criteria["indicator"]) == {"child_wellbeing", "safety"}
    assert set(criteria["met"]) == {"undetermined"}
    after = results.categories.set_index("area_id")
    assessed = after[after["category"] != "too_small"]
    undetermined = assessed["category"] == "undetermined"
    assert undetermined.any()
    settled = assessed[~undetermined].index
    assert (after.loc[settled, "category"] == before.loc[settled, "category"]).all()
    points = before.loc[assessed.index, "points"]
    assert (points.isna() | (points >= assessed["points_min"])).all()
    assert (points.isna() | (points <= assessed["points_max"])).all()
