"""The municipality's figure is its own row in a finished table, and never the sum of the areas."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pandas as pd
import polars as pl
import pytest
from small_projects import points_model, write_small_project

from geo_bosoc.disclosure.results import ALL_AREAS, MUNICIPALITY, Results
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.indicators import (
    Indicator,
    Side,
    count_everyone,
    count_indicators,
    indicator_table,
)
from geo_bosoc.problems import Problem, Report
from geo_bosoc.project import (
    analyse,
    check_project,
    explain_area,
    run_project,
)
from geo_bosoc.project.checks.finished_tables import without_other_periods

CHARGED = """
[[indicator]]
id = "charged"
label_da = "Sigtede"
label_en = "Charged"
denominator = { register = "police", sum = "young" }
numerator = { register = "police", sum = "charged" }
"""
POLICE = """
[registers.police]
path = "police.csv"
unit = "count"
area = "area"
period = "year"
"""
ROWS = "area;year;charged;young\nA;2024;20;100\nB;2024;10;100\nC;2024;0;50\n"
OWN = "Kommunen;2024;100;2000\n"


def project(folder: Path, rows: str, *, own: bool = False, **changed: object) -> Path:
    (folder / "police.csv").write_text(rows, encoding="utf-8")
    settings: dict[str, object] = {
        "registers": POLICE + ('reference_row = "Kommunen"\n' if own else ""),
        "indicators": CHARGED,
        "model": points_model({"charged": [1.5, 3.0]}),
    }
    return write_small_project(folder, **(settings | changed))  # type: ignore[arg-type]


def figures(found: Results, area: str) -> dict[str, float | None]:
    rows = found.reference_areas[found.reference_areas["area_id"] == area]
    return {
        str(period): None if pd.isna(value) else float(value)
        for period, value in rows[["period", "value"]].itertuples(index=False, name=None)
    }


def about_the_row(report: Report, level: str = "warning") -> list[Problem]:
    return [
        one for one in report.problems if one.level == level and (one.key or "").endswith("reference_row")
    ]


def test_without_its_row_there_is_no_municipality(tmp_path: Path) -> None:
    folder = project(tmp_path, ROWS)
    report = Report()
    found = analyse(folder, report=report)
    assert figures(found, ALL_AREAS) == {"2024": pytest.approx(30 / 250)}
    assert figures(found, MUNICIPALITY) == {"2024": None}
    assert found.table["reference"].isna().all() and found.table["ratio"].isna().all()
    assert set(found.criteria["status"]) == {"no_reference"}
    assert set(found.categories["category"]) == {"undetermined"}
    assert set(found.categories["undetermined_by"]) == {"charged"}
    (told,) = about_the_row(report)
    assert "charged of small" in told.message and "row for the municipality" in told.message
    assert 'reference_row = "Kommunen"' in str(told.hint) and "[registers.police]" in str(told.hint)


def test_check_tells_it_as_run_does(tmp_path: Path) -> None:
    folder = project(tmp_path, ROWS)
    checked, ran = Report(), Report()
    check_project(folder, report=checked)
    analyse(folder, report=ran)
    assert about_the_row(checked) == about_the_row(ran) != []


def test_with_its_row_that_is_the_figure(tmp_path: Path) -> None:
    folder = project(tmp_path, ROWS + OWN, own=True)
    report = Report()
    found = analyse(folder, report=report)
    assert figures(found, MUNICIPALITY) == {"2024": 0.05}
    assert figures(found, ALL_AREAS) == {"2024": pytest.approx(30 / 250)}
    assert dict(found.categories[["area_id", "category"]].to_numpy().tolist()) == {
        "A": "poor",
        "B": "poor",
        "C": "fine",
    }
    assert not about_the_row(report)


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "json"])
def test_in_other_files_as_well(tmp_path: Path, kind: str) -> None:
    rows = [line.split(";") for line in ROWS.splitlines()[1:]]
    table = pd.DataFrame(
        {
            "area": [row[0] for row in rows],
            "year": [2024] * 3,
            "charged": [int(row[2]) for row in rows],
            "young": [int(row[3]) for row in rows],
        }
    )
    folder = project(tmp_path, ROWS, registers=POLICE.replace("police.csv", f"police.{kind}"))
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for line in [list(table.columns), *table.to_numpy().tolist()]:
            book.active.append(line)
        book.save(folder / "police.xlsx")
    elif kind == "parquet":
        pl.from_pandas(table).write_parquet(folder / "police.parquet")
    else:
        (folder / "police.json").write_text(table.to_json(orient="records"), encoding="utf-8")
    found = analyse(folder, report=Report())
    assert figures(found, MUNICIPALITY) == {"2024": None}
    assert figures(found, ALL_AREAS) == {"2024": pytest.approx(30 / 250)}


def test_a_row_in_some_years_only(tmp_path: Path) -> None:
    rows = ROWS + ROWS.partition("\n")[2].replace("2024", "2023") + OWN
    folder = project(tmp_path, rows, own=True, periods=("2023", "2024"))
    report = Report()
    found = analyse(folder, report=report)
    assert figures(found, MUNICIPALITY) == {"2023": None, "2024": 0.05}
    (told,) = about_the_row(report)
    assert '"Kommunen"' in told.message and "in 2023" in told.message and "2024" not in told.message


def test_a_row_that_is_named_and_not_there(tmp_path: Path) -> None:
    folder = project(tmp_path, ROWS, own=True)
    report = Report()
    assert figures(analyse(folder, report=report), MUNICIPALITY) == {"2024": None}
    (told,) = about_the_row(report)
    assert 'no row "Kommunen"' in told.message


def test_pooled_years_must_be_the_same_as_the_areas(tmp_path: Path) -> None:
    """A mean of two years is not compared with one year."""
    rows = ROWS + ROWS.partition("\n")[2].replace("2024", "2023") + OWN
    pooled = CHARGED + "pool_years = 2\n"
    folder = project(tmp_path, rows, own=True, indicators=pooled)
    report = Report()
    found = analyse(folder, report=report)
    assert set(found.table["data_period"]) == {"2023-2024"}
    assert figures(found, MUNICIPALITY) == {"2024": None}
    assert "in 2023" in about_the_row(report)[0].message
    yearly = found.yearly[["area_id", "period", "indicator"]].drop_duplicates()
    assert sorted(set(yearly["period"])) == ["2023", "2024"] and set(yearly["area_id"]) == {"A", "B", "C"}
    assert suppress(found).yearly.empty


def test_criteria_that_need_no_municipality_are_answered(tmp_path: Path) -> None:
    by_value = points_model({"charged": [1.5, 3.0]}, more='measure = "value"\n')
    folder = project(tmp_path, ROWS, model=by_value)
    report = Report()
    found = analyse(folder, report=report)
    assert dict(found.categories[["area_id", "category"]].to_numpy().tolist()) == {
        "A": "poor",
        "B": "poor",
        "C": "fine",
    }
    assert not about_the_row(report)
    assert len(about_the_row(report, "note")) == 1  # the map has no figure of the municipality


def test_persons_over_a_table_have_no_municipality_either(tmp_path: Path) -> None:
    """Charged persons from a list over the residents of a table: the municipality is where both have it."""
    mixed = CHARGED.replace(
        'numerator = { register = "police", sum = "charged" }', 'numerator = { register = "charges" }'
    )
    (tmp_path / "charges.csv").write_text("no;area;year\n1;A;2024\n2;A;2024\n3;;2024\n", encoding="utf-8")
    charges = (
        '[registers.charges]\npath = "charges.csv"\nunit = "case"\nid = "no"\nplace = "area"\narea = "area"\n'
    )
    charges += 'period = "year"\n'
    folder = project(tmp_path, ROWS, indicators=mixed, registers=POLICE + charges)
    found = analyse(folder, report=Report())
    assert figures(found, MUNICIPALITY) == {"2024": None}
    assert found.table.set_index("area_id").loc["A", "value"] == 0.02
    with_row = POLICE + 'reference_row = "Kommunen"\n' + charges
    folder = project(tmp_path, ROWS + OWN, indicators=mixed, registers=with_row)
    assert figures(analyse(folder, report=Report()), MUNICIPALITY) == {"2024": 2 / 2000}


def test_persons_by_area_count_the_municipality_themselves(tmp_path: Path) -> None:
    (tmp_path / "persons.csv").write_text(
        "no;area;year;charged\n1;A;2024;1\n2;A;2024;0\n3;B;2024;0\n4;X;2024;0\n", encoding="utf-8"
    )
    persons = '[registers.persons]\npath = "persons.csv"\nunit = "person"\nid = "no"\nplace = "area"\n'
    persons += 'area = "area"\nperiod = "year"\n'
    counted = CHARGED.replace('{ register = "police", sum = "young" }', "{}")
    counted = counted.replace('{ register = "police", sum = "charged" }', '{ where = "charged = 1" }')
    folder = project(tmp_path, ROWS, indicators=counted, registers=persons)
    report = Report()
    assert figures(analyse(folder, report=report), MUNICIPALITY) == {"2024": 0.25}
    assert not about_the_row(report) and not about_the_row(report, "note")


@pytest.mark.parametrize("language", ["da", "en"])
def test_outputs_do_not_call_the_areas_the_municipality(tmp_path: Path, language: str) -> None:
    folder = project(tmp_path, ROWS, language=language)
    out = run_project(folder, internal=True, unguarded=True, report=Report())
    text = explain_area(folder, "A", language=language)
    assert not re.search("kommunen [0-9]|municipality [0-9]", text)
    nothing = "intet tal at sammenligne med" if language == "da" else "no figure to compare with"
    assert nothing in text
    book = openpyxl.load_workbook(next(path for path in out.files if path.name == "categories.xlsx"))
    rows = [[cell.value for cell in row] for row in book["2024"].iter_rows()]
    town = next(row for row in rows if row[1] in ("Hele kommunen", "The whole municipality"))
    together = next(row for row in rows if row[1] and row != town and rows.index(row) > rows.index(town))
    assert not any(isinstance(value, float) for value in town)
    assert any(value == pytest.approx(0.12) or value == pytest.approx(12) for value in together[1:] if value)
    criteria = pd.read_csv(
        next(path for path in out.files if path.name == "criteria.csv"),
        sep=";" if language == "da" else ",",
        encoding="utf-8-sig",
    )
    assert criteria["reference"].isna().all()


TABLE = pl.LazyFrame(
    {"area_id": ["A", "B"], "period": ["2024"] * 2, "charged": [20, 10], "young": [100, 100]},
)
SHARE = Indicator(
    id="charged",
    label_da="Sigtede",
    label_en="Charged",
    denominator=Side(sum="young"),
    numerator=Side(sum="charged"),
)


def test_the_public_functions_agree() -> None:
    counts = count_indicators({"t": TABLE}, [SHARE])
    nobody = count_indicators(count_everyone({"t": TABLE}), [SHARE], areas=[MUNICIPALITY], periods=["2024"])
    assert nobody["status"].tolist() == ["missing"]
    table = indicator_table(counts, [SHARE], nobody)
    assert table["value"].tolist() == [0.2, 0.1] and table["reference"].isna().all()
    own = pl.LazyFrame({"area_id": [MUNICIPALITY], "period": ["2024"], "charged": [100], "young": [2000]})
    with_own = {"t": pl.concat([TABLE, own])}
    municipal = count_indicators(count_everyone(with_own), [SHARE], areas=[MUNICIPALITY], periods=["2024"])
    assert indicator_table(counts, [SHARE], municipal)["reference"].tolist() == [0.05, 0.05]
    by_age = TABLE.with_columns(age=pl.lit("10-14"))
    named = count_everyone({"t": by_age}, finished_tables=["t"])["t"].collect()
    assert named.is_empty()


def test_the_municipality_rests_on_the_same_periods() -> None:
    keys = {"period": ["2023", "2024"], "indicator": ["x", "x"]}
    counts = pd.DataFrame({**keys, "data_period": ["2022", "2024"]})
    same = pd.DataFrame(
        {
            **keys,
            "data_period": ["2022", "2023"],
            "numerator": [1, 2],
            "denominator": [3, 4],
            "unknown": [0, 0],
        }
    ).assign(status="ok")
    told = without_other_periods(counts, same)
    assert told["status"].tolist() == ["ok", "missing"]
    assert told["numerator"].fillna(-1).tolist() == [1, -1], "a missing figure is no zero"
