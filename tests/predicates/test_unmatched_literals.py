"""Values that a predicate looks for and no row has. Made-up data."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from geo_bosoc import read_register
from geo_bosoc.predicates.literals import predicate_literals
from geo_bosoc.predicates.unmatched_literals import Condition, UnmatchedLiterals
from geo_bosoc.problems import Problem, Report

ROWS = pl.DataFrame(
    {
        "sigtet": ["ja", "nej", "nej", "ja", None, "nej"],
        "kode": ["05", "06", "05", "06", "05", "07"],
        "status": [2, 3, 2, 3, 2, 2],
        "fri": ["aa", "bb", "cc", "dd", "ee", "ff"],
        "navn": ["Ane", "Bo", "Ane", "Bo", "Ane", "Bo"],
        "tom": pl.Series([None] * 6, dtype=pl.String),
        "gruppe": pl.Series(["x", "y", "x", "y", "x", "y"], dtype=pl.Enum(["x", "y", "z"])),
    }
)


def told(
    *predicates: str, rows: pl.DataFrame = ROWS, large: bool = False, **parameters: str | int
) -> list[Problem]:
    conditions = [
        Condition(f"k{n}", predicate_literals(text, rows.schema, parameters))
        for n, text in enumerate(predicates)
    ]
    met = UnmatchedLiterals(conditions)
    met.look(rows.lazy(), large=large)
    report = Report()
    met.tell(report, file="f.csv", names={"sigtet": "Sigtet"}, never_shown={"kode_id"})
    return report.problems


@pytest.mark.parametrize("large", [True, False])
def test_a_value_in_other_letters_is_told_with_what_there_is(large: bool) -> None:
    [problem] = told("sigtet = 'Ja'", large=large)
    assert problem.level == "warning"
    assert (problem.file, problem.column, problem.key) == ("f.csv", "Sigtet", "k0")
    assert "'Ja'" in problem.message and "'nej', 'ja'" in problem.message
    assert "'ja'" in str(problem.hint)


@pytest.mark.parametrize(
    ("predicate", "words"),
    [
        ("kode = '5'", "'5'"),
        ("kode IN ('05', '6')", "'6'"),
        ("status = 1", "1"),
        ("status IN (1, 2)", "1"),
        ("sigtet IN ('JA', 'Nej')", "'JA', 'Nej'"),
        ("lower(sigtet) = 'Ja'", "'Ja'"),
        ("kode BETWEEN '08' AND '10'", "'08' to '10'"),
        ("sigtet LIKE 'J%'", "begins with 'J'"),
        ("sigtet <> 'NEJ'", "'NEJ'"),
        ("NOT sigtet IN ('ja ')", "'ja '"),
        ("status > 1 OR sigtet = 'ja.'", "'ja.'"),
        ("sigtet = :word", "'Jaa'"),
        ("gruppe = 'z'", "'z'"),
        ("CASE WHEN sigtet = 'Ja' THEN 1 ELSE 0 END = 1", "'Ja'"),
        ("COALESCE(sigtet, 'ukendt') = 'Ukendt'", "'Ukendt'"),
    ],
)
def test_each_kind_of_comparison(predicate: str, words: str) -> None:
    [problem] = told(predicate, word="Jaa")
    assert problem.level == "warning" and words in problem.message


@pytest.mark.parametrize(
    "predicate",
    [
        "sigtet = 'ja'",
        "sigtet IN ('ja', 'nej')",
        "sigtet <> 'uoplyst'",  # a value to leave out need not be there
        "status <> 9",
        "kode BETWEEN '04' AND '05'",
        "sigtet LIKE 'n%'",
        "status > 9",  # a range is no value: whether rows meet it is counted
        "status IN (2, 110, 120, 121, 122, 130)",  # a long list of codes, of which a place has some
        "tom = 'x'",  # nothing is in the column, which is told elsewhere
        "fri = 'aa'",
        "gruppe = 'x'",
    ],
)
def test_no_false_alarm(predicate: str) -> None:
    assert told(predicate) == []


def test_values_of_many_kinds_and_names_are_not_shown() -> None:
    many = pl.DataFrame({"v": [f"a{n}" for n in range(60)]})
    for problem in (*told("v = 'x'", rows=many), *told("navn = 'Kim'"), *told("fri = 'zz'")):
        assert problem.level == "warning" and "It holds" not in problem.message


def test_rare_values_and_long_numbers_of_large_registers_are_not_shown() -> None:
    rows = pl.DataFrame({"v": ["ja"] * 60 + ["nej"] * 60 + ["sjælden"] * 4 + ["123456"] * 60})
    [problem] = told("v = 'JA'", rows=rows)
    assert "'ja', 'nej'" in problem.message
    assert "sjælden" not in problem.message and "123456" not in problem.message


def test_several_conditions_with_the_same_value_are_told_once() -> None:
    [problem] = told("sigtet = 'Ja'", "sigtet = 'Ja' AND status = 2")
    assert problem.key == "k0" and "1 other condition" in problem.message


def test_a_value_behind_the_first_rows_is_seen() -> None:
    rows = pl.DataFrame({"v": ["nej"] * 60_000 + ["ja"]})
    assert told("v = 'ja'", rows=rows, large=True) == []


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_where_of_a_register(tmp_path: Path, kind: str) -> None:
    rows = pl.DataFrame(
        {"omr": ["A", "A", "B"], "aar": ["2024"] * 3, "Køn": ["Mand", "Kvinde", "Mand"], "n": [1, 2, 3]}
    )
    path = tmp_path / f"t.{kind}"
    rows.write_csv(path, separator=";") if kind == "csv" else rows.write_parquet(path)
    report = Report()
    fields = {"unit": "count", "area": "omr", "period": "aar", "columns": {"sex": "Køn"}, "id": "sex"}
    read_register(path, where="sex = 'mand'", report=report, name="t", **fields)
    warnings = [p for p in report.warnings if p.key == "registers.t.where"]
    assert [(p.file, p.column) for p in warnings if "never" in p.message] == [(f"t.{kind}", "Køn")]
    quiet = Report()
    read_register(path, where="sex = 'Mand'", report=quiet, name="t", **fields)
    assert quiet.problems == []
