"""The balance from a project file to its files: the same bytes, what is told and what is not, every mistake at once."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from described_columns import undescribed_columns, undescribed_headings
from page_data import html_data, page_text
from printed_sheets import misprints
from typer.testing import CliRunner

from geo_bosoc.balance import allocate_vacancies
from geo_bosoc.balance.outputs import OUTPUTS
from geo_bosoc.balance.outputs.page import write_balance_map
from geo_bosoc.balance.outputs.sections import balance_sections
from geo_bosoc.balance.outputs.tables import sheets, write_balance_csv
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.cli.app import app
from geo_bosoc.disclosure.policy import UNSUPPRESSED, Policy
from geo_bosoc.disclosure.results import MUNICIPALITY, Edition
from geo_bosoc.outputs.documents.document import Table, texts_of
from geo_bosoc.outputs.page.inline_assets import check_self_contained
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import (
    check_project,
    run_balance,
    run_project,
    study_balance,
)
from geo_bosoc.project.sets.for_each_set import published_balance
from geo_bosoc.project.studies.runs import BalanceOutcome
from geo_bosoc.text.numbers import in_unit, number


@pytest.fixture(scope="module")
def files(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    run_balance(demo, output=folder, internal=True, report=Report())
    return folder


def test_every_dwelling_is_counted_once_in_the_whole(demo: Path, balance: BalanceResults) -> None:
    totals = balance.mix[balance.mix["area_id"] == MUNICIPALITY].groupby("dimension")["dwellings"].sum()
    stock = pd.read_parquet(demo / "data" / "registers" / "dwellings_2024.parquet")
    for dimension in ("tenure", "size", "built", "use"):
        assert totals[dimension] == len(stock)
    families = balance.mix[(balance.mix["area_id"] == MUNICIPALITY) & (balance.mix["category"] == "family")]
    assert families["dwellings"].iloc[0] == (stock["dwelling_type"] == "family").sum()
    assert balance.period == "2024" and balance.start == 2024 and balance.horizon == 2030


def test_projects_change_the_plan_area_and_its_district_alike(balance: BalanceResults) -> None:
    everything = balance.years[balance.years["variant"] == "all"].set_index(["area_id", "year"])["dwellings"]
    plan = balance.projects[balance.projects["project_id"] == "P01"]
    assert len(plan) == 2 and "U1" in set(plan["area_id"])  # the plan and the district that it lies in
    for area in plan["area_id"]:
        assert everything[(area, 2026)] - everything[(area, 2025)] == 90
    assert set(balance.rules["area_id"]) == {"U1", "U2"} == set(balance.minimum_change["area_id"])


def test_the_same_input_gives_the_same_bytes(demo: Path, files: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    run_balance(demo, output=again, internal=True, report=Report())
    expected = {"": {name for output in OUTPUTS for name in output.names}, "-internal": {"balance.xlsx"}}
    for part, names in expected.items():
        folders = [folder.with_name(folder.name + part) for folder in (files, again)]
        assert {path.name for path in folders[0].iterdir()} == {*names, "run.json"}
        for name in names:
            first, second = ((folder / name).read_bytes() for folder in folders)
            assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest(), name
        manifest = json.loads((again.with_name(again.name + part) / "run.json").read_text(encoding="utf-8"))
        assert {entry["name"] for entry in manifest["outputs"]} == names
        assert manifest["output_set"] == ("internal" if part else "public") and set(manifest["studies"]) == {
            "balance"
        }


def test_the_map_has_a_year_control_and_needs_no_host(files: Path, balance: BalanceResults) -> None:
    page = (files / "balance.html").read_text(encoding="utf-8")
    data = html_data(page)
    assert data["periods"] == [str(year) for year in range(2024, 2031)]
    labels = [layer["label"] for layer in data["layers"]]
    assert labels[0] == f"Besluttede projekter: {balance.rule.label_da}"
    assert labels[3] == "Blandet i dag (2024)?" and data["opens"] == 0
    assert any("alle projekter" in layer["label"] for layer in data["layers"])
    check_self_contained(page)
    layer = gpd.read_file(files / "balance.gpkg", layer="categories_2030")
    assert len(layer) == len(balance.areas) and layer.crs.to_epsg() == 25832


def test_the_public_workbook_tells_dwellings_and_the_internal_one_residents(files: Path) -> None:
    public = openpyxl.load_workbook(files / "balance.xlsx")
    internal = openpyxl.load_workbook(files.with_name(f"{files.name}-internal") / "balance.xlsx")
    assert {"Boligsammensætning", "Reglen", "Færrest boliger", "År for år"} <= set(public.sheetnames)
    assert misprints(public) == misprints(internal) == []
    assert set(internal.sheetnames) - set(public.sheetnames) == {"Chance", "Hvis", "Anvisning", "Beboere"}
    assert any(
        "INTERNT" in str(cell.value) for row in internal["Beboere"].iter_rows(max_row=4) for cell in row
    )
    numbers = [cell.value for cell in internal["Beboere"]["D"] if isinstance(cell.value, int | float)]
    assert numbers and not any(0 < value < 5 for value in numbers)
    words = " ".join(str(cell.value) for row in public["Læs mig"].iter_rows() for cell in row)
    assert "antagelse" in words and "§ 168 a" in words and "Carrington" in words


def test_what_is_missing_for_the_horizon_stands_in_the_sheet_and_in_the_answer(
    files: Path, balance: BalanceResults
) -> None:
    sheet = openpyxl.load_workbook(files / "balance.xlsx")["Færrest boliger"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(place for place, row in enumerate(rows) if row[0] == "Område-id")
    table = pd.DataFrame(rows[start + 1 :], columns=rows[start]).dropna(subset=["Projekter"])
    plan = table[table["Område-id"] == "U1"].set_index("Projekter")
    assert plan.index.tolist() == ["ingen, som i dag", "besluttede", "mindst 50 %", "alle"]
    assert plan["1. januar"].tolist() == [2024, 2030, 2030, 2030]
    last = balance.rules[(balance.rules["area_id"] == "U1") & (balance.rules["year"] == 2030)].set_index(
        "variant"
    )
    answer = BalanceOutcome(balance, files, ()).summary()
    for variant, word in (("decided", "besluttede"), ("likely", "mindst 50 %"), ("all", "alle")):
        limited, base = last.loc[variant, ["high", "base"]]
        missing = max(0, -(-5 * limited // 2) - base)  # 2 of 5 dwellings at the most
        assert plan.loc[word, "Byg boliger af anden slags"] == missing
        assert plan.loc[word, "Reglens andel"] == pytest.approx(limited / base)
        assert f"{number(missing, 'da')} beyond" in answer
    assert balance.rule.label_da in answer and balance.rule.id not in answer


def test_papers_tell_the_dwellings_where_an_area_lies(balance: BalanceResults) -> None:
    """The demo's balance looks at districts: a profile has the one that the area lies in, and its development plan."""
    (area, places) = next((area, places) for area, places in balance.places.items() if "U1" in places)
    assert len(places) == 2 and not balance.areas.set_index("area_id")["plan"][places[0]]
    assert area not in set(balance.areas["area_id"])
    blocks = balance_sections(balance, area)["dwellings"]
    tenures, rule = (block for block in blocks if isinstance(block, Table))
    now = balance.mix[(balance.mix["dimension"] == "tenure") & (balance.mix["period"] == balance.period)]
    counts = now.set_index(["area_id", "category"])["dwellings"]
    for place, column in zip((*places, MUNICIPALITY), range(1, 4), strict=True):
        share = in_unit(counts[place, "social"] / counts[place].sum(), "percent", "da")
        assert tenures.rows[0][column].text == f"{share} ({number(counts[place, 'social'], 'da')})"
        assert tenures.rows[-1][column].text == number(counts[place].sum(), "da")
    due = balance.rules[(balance.rules["area_id"] == "U1") & (balance.rules["year"] == balance.start)].iloc[0]
    sentence = next(text for block in blocks for text in texts_of(block) if balance.rule.label("da") in text)
    assert in_unit(due["share_high"], "percent", "da") in sentence
    assert ("er overholdt" in sentence) == (due["met"] == "met")
    complies = balance.compliance.set_index(["area_id", "variant"])["kept_from"]
    for row, variant in zip(rule.rows, ("decided", "likely", "all"), strict=True):
        year = complies["U1", variant]
        assert row[-1].text == (f"ikke inden {balance.horizon}" if pd.isna(year) else str(year))


def test_the_report_has_every_area_of_the_balance_and_an_area_outside_has_none(
    balance: BalanceResults,
) -> None:
    blocks = balance_sections(balance, "@areas")["dwellings"]
    table = next(block for block in blocks if isinstance(block, Table))
    has_some = set(balance.mix.loc[balance.mix["dwellings"].fillna(0) > 0, "area_id"]) - {MUNICIPALITY}
    assert {row[0].text for row in table.rows} == {
        "Kommunen",
        *(balance.area_names[area] for area in has_some),
    }
    assert balance_sections(replace(balance, places={"0001": ()}), "0001") == {}
    texts = [text for block in blocks for text in texts_of(block)]
    assert not [text for text in texts for area in balance.areas["area_id"] if text == area]


def test_residents_by_tenure_do_not_follow_from_those_of_their_area(balance: BalanceResults) -> None:
    edition = Edition("internal", Policy())
    smallest = balance.residents.sort_values("residents").drop_duplicates("area_id").index
    small_rows = balance.residents.index.isin(smallest) & (balance.residents["area_id"] != MUNICIPALITY)
    residents = balance.residents.assign(residents=balance.residents["residents"].mask(small_rows, 3))
    shown = sheets(replace(balance, edition=edition, residents=residents))["sheet_residents"]
    true = residents.set_index(["area_id", "group"])["residents"]
    total = residents.groupby("area_id")["residents"].sum()
    alone = 0  # figures that were the area's residents less the others, when only small ones were left out
    for area, rows in shown.groupby("area_id"):
        assert set(rows["group"]) >= set(true[area].index)
        hidden = rows["residents"].isna()
        alone += ((true[area] > 0) & (true[area] < 5)).sum() == 1
        assert total[area] == true[area].sum() and hidden.sum() != 1
        assert not rows.loc[~hidden, "residents"].between(1, 4).any()
    assert alone > 3
    everything = sheets(replace(balance, edition=Edition("internal", UNSUPPRESSED)))["sheet_residents"]
    assert everything["residents"].tolist() == balance.residents["residents"].tolist()


def test_what_the_yearly_run_suppresses_is_not_in_the_internal_workbook(balance: BalanceResults) -> None:
    ifs, letting = balance.what_if.iloc[0], balance.allocation.dropna(subset=["base"]).iloc[0]
    keys = {(ifs["area_id"], ifs["indicator"]), (letting["estate_id"], balance.outside_indicator)}
    results = replace(balance, edition=Edition("internal", Policy()))
    before, tables = sheets(results), sheets(replace(results, suppressed=frozenset(keys)))
    place = (tables["sheet_ifs"]["area_id"] == ifs["area_id"]) & (
        tables["sheet_ifs"]["indicator"] == ifs["indicator"]
    )
    assert tables["sheet_ifs"].loc[place, ["value_now", "value_if"]].isna().all(axis=None)
    estate = tables["sheet_letting"].set_index("estate_id").loc[letting["estate_id"]]
    assert pd.isna(estate["outside_share"])
    assert (
        before["sheet_letting"]["outside_share"].notna().sum()
        > tables["sheet_letting"]["outside_share"].notna().sum()
    )


def test_a_step_that_tells_how_few_are_outside_the_labour_market_is_not_shown(
    balance: BalanceResults,
) -> None:
    """Of nine residents one to three are under 40 per cent and only four of the small counts are over it."""
    ladder = balance.ladder
    assert ladder is not None
    rows = [("A", 4, 9, 12), ("B", 3, 9, 12), ("C", 30, 100, 12), ("D", 50, 100, 8)]
    estates = pd.DataFrame(rows, columns=["estate_id", "outside", "base", "vacancies"])
    limit = max(step.over_pct for step in ladder.step if step.over_pct is not None)
    assert 100 * 3 / 9 < limit < 100 * 4 / 9
    results = replace(
        balance, edition=Edition("internal", Policy()), allocation=allocate_vacancies(estates, ladder)
    )
    shown = sheets(results)["sheet_letting"].set_index("estate_id")
    assert shown.loc["A", ["outside_share", "exempt", "every", "assigned_after"]].isna().all()
    assert shown.loc[["C", "D"], "outside_share"].notna().all() and shown["vacancies"].tolist() == [
        12,
        12,
        12,
        8,
    ]
    # The load less the others' assignments would give the estate's: at least two are not shown.
    assert shown["assigned_after"].isna().sum() >= 2


def test_tables_come_back_as_they_were(files: Path, balance: BalanceResults) -> None:
    table = pd.read_csv(
        files / "balance_years.csv", sep=";", decimal=",", dtype={"area_id": str}, encoding="utf-8-sig"
    )
    assert (
        len(table) == len(balance.years)
        and table["dwellings"].tolist() == balance.years["dwellings"].tolist()
    )
    due = table[table["area_id"] == "U1"]
    assert due["share_high"].tolist() == pytest.approx(
        balance.rules.loc[balance.rules["area_id"] == "U1", "share_high"]
    )


def test_every_file_tells_period_day_and_source_of_the_dwellings(
    files: Path, balance: BalanceResults
) -> None:
    for name in ("balance.csv", "balance_years.csv"):
        table = pd.read_csv(files / name, sep=";", decimal=",", dtype=str, encoding="utf-8-sig")
        last = table[["data_period", "status_date", "source"]].drop_duplicates()
        assert last.to_numpy().tolist() == [["2024", "2024-01-01", balance.source]]
    for folder in (files, files.with_name(f"{files.name}-internal")):
        book = openpyxl.load_workbook(folder / "balance.xlsx")
        words = " ".join(str(cell.value) for row in book["Læs mig"].iter_rows() for cell in row)
        assert f"boliger 2024, 01.01.2024 ({balance.source})" in words
    assert "Uden for arbejdsmarkedet: personer 2024, 01.01.2024" in words  # of "if" and letting, internal
    assert "Beboere: personer 2024, 01.01.2024" in words
    sources = pyogrio.read_dataframe(files / "balance.gpkg", layer="sources")
    assert set(sources["status_date"]) == {"2024-01-01"} and set(sources["period"]) == {"2024", "2030"}
    assert "01.01.2024" in page_text(files / "balance.html")


def test_dwellings_that_may_not_be_published_are_an_error_with_its_key(demo: Path, tmp_path: Path) -> None:
    text = (demo / "bosoc.toml").read_text(encoding="utf-8").replace('"data/', f'"{demo.as_posix()}/data/')
    text = text.replace("[registers.dwellings]", '[registers.dwellings]\npublish = "internal"')
    (tmp_path / "bosoc.toml").write_text(text, encoding="utf-8")
    for step in (run_balance, check_project):  # a run lists what check lists
        with pytest.raises(InputError, match="may not be published") as wrong:
            step(tmp_path, report=Report())
        assert "balance.dwellings" in {problem.key for problem in wrong.value.problems}
    assert not (tmp_path / "maps").exists()


def test_without_the_kinds_the_rule_is_undetermined_and_the_map_says_so(demo: Path, tmp_path: Path) -> None:
    text = (demo / "bosoc.toml").read_text(encoding="utf-8")
    folder = demo.parent / "unknown"
    folder.mkdir(exist_ok=True)
    changed = re.sub(r"(?m)^kind = \"dwelling_type\".*$", "", text).replace(
        '"data/', f'"{demo.as_posix()}/data/'
    )
    (folder / "bosoc.toml").write_text(changed, encoding="utf-8")
    without_kinds = published_balance(study_balance(folder, report=Report()), Edition("public", Policy()))
    write_balance_map(without_kinds, tmp_path / "balance.html")
    now = without_kinds.rules[
        (without_kinds.rules["year"] == 2024) & (without_kinds.rules["area_id"] == "U1")
    ]
    assert set(now["met"]) == {"undetermined"} and (now["share_low"] == 0).all()
    assert "Uafklaret" in page_text(tmp_path / "balance.html")
    fewest = sheets(without_kinds)["sheet_fewest"]
    bounds = fewest.groupby(["area_id", "year", "variant"])["bound"].agg(tuple)
    assert set(bounds) == {("low", "high")}
    assert (fewest.loc[fewest["bound"] == "low", "build_other"] == 0).all()


def test_everything_wrong_with_the_plans_is_told_and_nothing_is_written(demo: Path, tmp_path: Path) -> None:
    text = (demo / "bosoc.toml").read_text(encoding="utf-8").replace('"data/', f'"{demo.as_posix()}/data/')
    plans = (demo / "data" / "registers" / "plans.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "plans.csv").write_text(
        plans.replace("build", "bulid").replace("2027", "soon"), encoding="utf-8"
    )
    text = re.sub(r"(?m)^plans = .*$", 'plans = "plans.csv"', text)
    (tmp_path / "bosoc.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        run_balance(tmp_path, report=Report())
    assert "row 2, column action" in str(caught.value) and "column year" in str(caught.value)
    assert not (tmp_path / "maps").exists()
    with pytest.raises(InputError, match="row 2, column action"):
        check_project(tmp_path, report=Report())
    (tmp_path / "bosoc.toml").write_text(text.replace("horizon = 2030", "horizont = 2030"), encoding="utf-8")
    with pytest.raises(InputError, match="horizon"):
        study_balance(tmp_path)
    (tmp_path / "bosoc.toml").write_text(text.split("[balance]")[0], encoding="utf-8")
    with pytest.raises(InputError, match="no \\[balance\\]"):
        study_balance(tmp_path)


def test_the_command_and_the_yearly_run_write_it(demo: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(
        app, ["balance", "--project", str(demo), "--output", str(tmp_path / "a"), "--lang", "en"]
    )
    assert said.exit_code == 0, said.output
    assert (tmp_path / "a" / "balance.html").exists()
    assert "Mixed today (2024)?" in page_text(tmp_path / "a" / "balance.html")
    outcome = run_project(demo, output=tmp_path / "b", report=Report())
    assert {"balance.html", "risk_map.html"} <= {path.name for path in outcome.files}
    manifest = json.loads((tmp_path / "b" / "run.json").read_text(encoding="utf-8"))
    assert "balance.xlsx" in {entry["name"] for entry in manifest["outputs"]}
    assert "data/registers/plans.csv" in {entry["name"] for entry in manifest["inputs"]}
    assert list(manifest["facts"]["balance"]) == ["tenure_mix"]  # letting is internal


def test_a_name_in_the_tables_is_no_formula(balance: BalanceResults, tmp_path: Path) -> None:
    areas = balance.areas.assign(
        name=["=1+1" if area == "01" else "Sø; æ" for area in balance.areas["area_id"]]
    )
    write_balance_csv(replace(balance, areas=areas), tmp_path / "b.csv")
    table = pd.read_csv(
        tmp_path / "b.csv", sep=";", decimal=",", dtype={"area_id": str}, encoding="utf-8-sig"
    )
    assert set(table["name"].dropna()) == {"'=1+1", "Sø; æ"}
    assert table["dwellings"].tolist() == balance.mix["dwellings"].tolist()


def test_every_column_and_heading_is_in_the_documentation(files: Path) -> None:
    for folder in (files, files.with_name(f"{files.name}-internal")):
        assert not undescribed_headings(folder / "balance.xlsx")
    for name in ("balance.csv", "balance_years.csv"):
        columns = pd.read_csv(files / name, sep=";", encoding="utf-8-sig", nrows=1).columns
        assert not undescribed_columns(list(columns), "balance")
    for layer, _ in pyogrio.list_layers(files / "balance.gpkg"):
        if layer != "layer_styles":
            fields = pyogrio.read_info(files / "balance.gpkg", layer=layer)["fields"]
            assert not undescribed_columns(list(fields)), layer
