"""Indicators from presets and users' TOML: every mistake at once, with its key."""

from __future__ import annotations

import doctest
from pathlib import Path

import polars as pl
import pytest

from geo_bosoc.indicators import (
    list_indicators,
    load,
    load_indicators,
    parse_indicators,
    plan,
    rates,
)
from geo_bosoc.indicators.counting.row_expressions import check_indicators
from geo_bosoc.predicates.parse import parse_predicate
from geo_bosoc.problems import InputError, Report

EIGHT = (
    *("outside_labour_market", "health", "youth_crime", "exposed_children"),
    *("low_income_families", "child_wellbeing", "youth_education", "safety"),
)
OWN = """
[[indicator]]
id = "small_dwellings"
label_da = "Små boliger"
label_en = "Small dwellings"
denominator = { register = "dwellings" }
numerator = { where = "m2 < 60" }
"""


def test_presets_hold_the_eight_and_residents_in_two_languages() -> None:
    indicators = load_indicators("aarhus")
    assert [indicator.id for indicator in indicators] == ["residents", *EIGHT]
    for indicator in indicators:
        for language in ("da", "en"):
            assert indicator.label(language)
            assert indicator.definition(language).endswith(".")
        assert indicator.source
    marked = {indicator.id for indicator in indicators if indicator.assumption}
    assert marked == {"outside_labour_market", "health", "exposed_children", "low_income_families", "safety"}


def test_by_id_in_the_order_asked_for() -> None:
    assert [one.id for one in load_indicators(["safety", "health", "safety"])] == ["safety", "health"]
    assert load_indicators("health")[0].unit == "percent"
    assert set(EIGHT) < {indicator.id for indicator in list_indicators()}


def test_own_file_adds_and_wins(tmp_path: Path) -> None:
    text = OWN + OWN.replace("small_dwellings", "health")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8-sig")
    report = Report()
    indicators = load_indicators(["safety", "health"], file="mine.toml", folder=tmp_path, report=report)
    assert [one.id for one in indicators] == ["safety", "health", "small_dwellings"]
    assert indicators[1].label_da == "Små boliger"
    assert "itself" in report.problems[0].message
    assert [one.id for one in load_indicators(tmp_path / "mine.toml")] == ["small_dwellings", "health"]


def test_every_mistake_at_once_with_its_key(tmp_path: Path) -> None:
    text = (
        OWN
        + OWN
        + '[[indicator]]\nid = "Two Words"\nunit = "procent"\ndenominator = { regster = "x" }\n[other]\n'
    )
    text += OWN.replace("small_dwellings", "broken").replace("m2 < 60", "m2 <")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_indicators(["helth", tmp_path / "mine.toml", "gone.toml"])
    told = str(caught.value)
    for words in (
        'There is no indicator helth. Did you mean "health"?',
        "[other]: this key is not known here.",
        "The id small_dwellings is given twice.",
        "[indicator[3: Two Words].id]",
        "[indicator[3: Two Words].unit]: this must be one of 'percent'",
        '[indicator[3: Two Words].denominator.regster]: this key is not known here. Did you mean "register"?',
        "[indicator[3: Two Words]]: a name is missing: give label_da or label_en.",
        "[indicator.broken.numerator.where]: This cannot be read as an SQL condition",
        "gone.toml, [indicators.file]: there is no such file.",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "a numerator is missing"),
        ({"numerator": {}, "mean_of": "x"}, "exclude each other"),
        ({"numerator": {}, "distinct": "person", "weight": "w"}, "distinct counts each once"),
        ({"numerator": {"sum": "n"}, "denominator": {"sum": "d"}, "weight": "w"}, "cannot be weighted again"),
        ({"numerator": {}, "weight_scale": 10}, "there is no weight"),
        ({"numerator": {}, "pool_years": 0}, "this must be 1 or more"),
    ],
)
def test_what_does_not_hold_together(table: dict[str, object], words: str) -> None:
    whole = {"id": "x", "label_da": "x", "label_en": "x", "denominator": {}, **table}
    with pytest.raises(InputError, match=words):
        parse_indicators({"indicator": [whole]})


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes('[[indicator]]\nlabel_da = "Små"'.encode("cp1252"))
    (tmp_path / "broken.toml").write_text("[[indicator", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_indicators([tmp_path / "latin.toml", tmp_path / "broken.toml"])
    assert "not UTF-8" in str(caught.value)
    assert "not valid TOML" in str(caught.value)


def test_examples_in_the_docstrings() -> None:
    for module in (load, plan, rates):
        assert doctest.testmod(module).failed == 0


def test_a_predicate_error_names_indicator_and_file_and_how_a_column_with_blanks_is_written(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine.toml").write_text(OWN.replace("m2 < 60", "Antal m2 < 60"), encoding="utf-8")
    with pytest.raises(
        InputError, match=r"mine.toml, \[indicator.small_dwellings.numerator.where\].*double quotes"
    ):
        load_indicators(tmp_path / "mine.toml")
    (tmp_path / "mine.toml").write_text(OWN.replace("m2 < 60", "m2_i_alt < 60"), encoding="utf-8")
    registers = {"dwellings": pl.LazyFrame({"m2 i alt": [50], "in_use": [True], "address_id": ["a"]})}
    with pytest.raises(InputError) as caught:
        check_indicators(registers, load_indicators(tmp_path / "mine.toml"))
    assert "mine.toml, column m2_i_alt, [indicator.small_dwellings.numerator.where]" in str(caught.value)
    assert '"m2 i alt"' in str(caught.value)


def test_a_column_with_blanks_that_stands_bare_is_shown_in_its_quotes() -> None:
    with pytest.raises(InputError, match=r'stands in double quotes: "Antal børn"\.'):
        parse_predicate("Antal børn > 2", {"Antal børn": pl.Int64, "Antal": pl.Int64})


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_label_in_either_language_is_shown_in_both(tmp_path: Path, language: str) -> None:
    other = {"da": "en", "en": "da"}[language]
    lines = [line for line in OWN.splitlines() if not line.startswith(f"label_{other}")]
    (tmp_path / "mine.toml").write_text("\n".join(lines), encoding="utf-8")
    (indicator,) = load_indicators(tmp_path / "mine.toml")
    assert indicator.label("da") == indicator.label("en") == getattr(indicator, f"label_{language}") != ""
