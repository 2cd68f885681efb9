"""A definition with two dated lists: each period by its own, the overlap by both, in one pass."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from geo_bosoc.indicators import count_indicators, indicator_table, load_indicators, needed_columns
from geo_bosoc.indicators.reforms import by_definition
from geo_bosoc.indicators.spec import Indicator, Reform, Side
from geo_bosoc.problems import InputError, Report

FILE = """
[[indicator]]
id = "measures"
label_da = "Foranstaltninger"
label_en = "Measures"
denominator = { where = "age < 18" }
numerator = { where = "paragraph IN ('52', '66')" }
definition_da = "Efter serviceloven."

[[indicator.reform]]
valid_from = "2024"
numerator = { where = "paragraph IN ('66', '32')" }
overlap = ["2024"]
definition_da = "Efter barnets lov."
source = "Barnets lov"
"""


def load(folder: Path, text: str = FILE) -> tuple[Indicator, ...]:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load_indicators(path)


def persons(*rows: tuple[str, str, int, str | None]) -> dict[str, pl.LazyFrame]:
    names = ["area_id", "period", "age", "paragraph"]
    return {"persons": pl.LazyFrame([list(column) for column in zip(*rows, strict=True)], schema=names)}


ROWS = [
    *[
        ("a", period, 10, paragraph)
        for period in ("2023", "2024", "2025")
        for paragraph in ("52", "52", "66", "32", "no")
    ],
    ("a", "2024", 30, "66"),
    ("a", "2024", 9, None),
]


def counts_of(indicators: tuple[Indicator, ...]) -> pd.DataFrame:
    return count_indicators(persons(*ROWS), indicators).set_index(["indicator", "period"])


def test_each_period_counts_by_its_own_definition_and_the_overlap_by_both(tmp_path: Path) -> None:
    indicators = load(tmp_path)
    assert [each.id for each in indicators] == ["measures", "measures_before_2024"]
    counts = counts_of(indicators)
    assert counts.loc["measures", "numerator"].to_dict() == {"2023": 3, "2024": 2, "2025": 2}
    assert counts.loc["measures", "denominator"].to_dict() == {"2023": 5, "2024": 6, "2025": 5}
    assert counts.loc["measures", "unknown"].to_dict() == {"2023": 0, "2024": 1, "2025": 0}
    before = counts.loc["measures_before_2024"]
    assert before["status"].to_dict() == {"2023": "not_applicable", "2024": "ok", "2025": "not_applicable"}
    assert before.loc["2024", ["numerator", "denominator", "unknown"]].tolist() == [3, 6, 1]
    table = indicator_table(counts.reset_index(), indicators)
    shown = table[table["value"].notna()]
    assert sorted(zip(shown["indicator"], shown["period"], strict=True)) == [
        *(("measures", period) for period in ("2023", "2024", "2025")),
        ("measures_before_2024", "2024"),
    ]


def test_each_says_which_definition_it_counts_by(tmp_path: Path) -> None:
    dated, before = load(tmp_path)
    assert dated.definition("da") == "Efter serviceloven. Fra 2024: Efter barnets lov."
    assert before.definition("da") == "Efter serviceloven."
    assert before.label("da") == "Foranstaltninger (efter definitionen før 2024)"
    assert before.other_definition is not None
    assert before.other_definition[:3] == ("measures", "2024", True)


def test_nothing_more_is_read_of_the_register(tmp_path: Path) -> None:
    """The period of a row is known of every register: it is no column to ask the file for."""
    assert needed_columns(load(tmp_path), ["persons"]) == {"persons": ("age", "paragraph")}


def test_an_overlap_before_the_reform_is_counted_by_what_comes(tmp_path: Path) -> None:
    indicators = load(tmp_path, FILE.replace('overlap = ["2024"]', 'overlap = ["2023"]'))
    assert [each.id for each in indicators] == ["measures", "measures_from_2024"]
    assert indicators[1].source == "Barnets lov"
    assert counts_of(indicators).loc[("measures_from_2024", "2023"), "numerator"] == 2


def test_pooled_years_count_each_by_its_own_definition(tmp_path: Path) -> None:
    """2023-2024 pooled: 3 by the list of 2023 and 2 by that of 2024; the overlap is 3 + 3 by the earlier list."""
    text = FILE.replace('label_da = "Foranstaltninger"', 'label_da = "Foranstaltninger"\npool_years = 2', 1)
    counts = counts_of(load(tmp_path, text))
    assert counts.loc[("measures", "2024"), "numerator"] == 5
    assert counts.loc[("measures_before_2024", "2024"), "numerator"] == 6


def test_a_second_reform_starts_from_the_first(tmp_path: Path) -> None:
    text = (
        FILE
        + """
[[indicator.reform]]
valid_from = "2025"
numerator = { where = "paragraph = '32'" }
overlap = ["2025"]
"""
    )
    counts = counts_of(load(tmp_path, text))
    assert counts.loc["measures", "numerator"].to_dict() == {"2023": 3, "2024": 2, "2025": 1}
    assert counts.loc[("measures_before_2025", "2025"), "numerator"] == 2


def test_the_column_itself_may_change() -> None:
    """Full-time persons by two lists: the register has a column by each; the indicator's own is that in force."""
    reform = Reform(valid_from="2025", numerator_before=Side(sum="old_list"), overlap=("2025",))
    outside = Indicator(
        id="outside",
        label_en="Outside",
        denominator=Side(),
        numerator=Side(sum="in_force"),
        scale=100,
        reform=(reform,),
    )
    rows = {
        "area_id": ["a", "a"],
        "period": ["2024", "2025"],
        "in_force": [0.25, 0.5],
        "old_list": [0.25, 0.75],
    }
    counts = count_indicators({"persons": pl.LazyFrame(rows)}, by_definition([outside]))
    figures = counts.set_index(["indicator", "period"])["numerator"]
    assert figures["outside"].to_dict() == {"2024": 25, "2025": 50}
    assert figures["outside_before_2025", "2025"] == 75


def test_definitions_are_told_apart_before_counting() -> None:
    reform = Reform(valid_from="2024", numerator=Side(where="age < 9"))
    young = Indicator(
        id="young", label_en="Young", denominator=Side(), numerator=Side(where="age < 10"), reform=(reform,)
    )
    with pytest.raises(InputError, match="has reforms"):
        count_indicators(persons(*ROWS), [young])
    once = by_definition([young])
    assert by_definition(once) == once


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("numerator = { where = \"paragraph IN ('66', '32')\" }", "", "changes something"),
        ("\"paragraph IN ('66', '32')\"", '"paragraph", sum = "n"', "where alone"),
        ("\"paragraph IN ('66', '32')\"", '"paragraph IN ("', r"reform\[1\].numerator.where"),
        ('valid_from = "2024"', 'valid_fra = "2024"', "valid_from"),
    ],
)
def test_what_is_wrong_in_a_reform_is_said_with_its_key(
    tmp_path: Path, old: str, new: str, text: str
) -> None:
    report = Report()
    path = tmp_path / "own.toml"
    path.write_text(FILE.replace(old, new), encoding="utf-8")
    load_indicators(path, report=report)
    assert report.errors
    assert any(re.search(text, str(problem)) for problem in report.errors)


def test_reforms_stand_in_order_and_change_what_is_there() -> None:
    first, second = (
        Reform(valid_from=period, denominator=Side(where="age < 9")) for period in ("2025", "2024")
    )
    with pytest.raises(ValueError, match="in order"):
        Indicator(id="young", label_en="Young", denominator=Side(), unit="count", reform=(first, second))
    third = Reform(valid_from="2025", numerator=Side(where="age < 9"))
    with pytest.raises(ValueError, match="no numerator"):
        Indicator(id="young", label_en="Young", denominator=Side(), unit="count", reform=(third,))
