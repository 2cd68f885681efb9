"""Series that survive reforms: the break is shown, and how much of a change is the reform. Figures by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.disclosure.results import Results
from geo_bosoc.follow_up.changes.series import CHAINED_COLUMNS, SERIES_COLUMNS, series
from geo_bosoc.indicators import by_definition, indicator_table
from geo_bosoc.indicators.spec import Indicator, Reform, Side

OLD, NEW = Side(where="code = 'old'"), Side(where="code = 'new'")
NUMBERS = ["numerator", "denominator", "unknown"]


def measures(*reforms: Reform) -> tuple[Indicator, ...]:
    return by_definition(
        [Indicator(id="m", label_en="Measures", denominator=Side(), numerator=OLD, reform=reforms)]
    )


def results_of(
    template: Results, specs: tuple[Indicator, ...], *figures: tuple[str, str, str, int, int, str]
) -> Results:
    """Results with these figures: area, indicator, period, numerator, denominator, status."""
    rows = pd.DataFrame(
        figures, columns=["area_id", "indicator", "period", "numerator", "denominator", "status"]
    )
    counts = rows.assign(unknown=0)
    municipal = counts[counts["area_id"] == MUNICIPALITY]
    table = indicator_table(counts[counts["area_id"] != MUNICIPALITY], specs, municipal)
    return replace(
        template, indicators=specs, table=table, reference_areas=indicator_table(municipal, specs, municipal)
    )


@pytest.fixture
def template(rules_findings: Results) -> Results:
    return rules_findings


def rows_of(frame: pd.DataFrame, area: str = "a") -> dict[str, dict[str, object]]:
    return frame[frame["area_id"] == area].set_index("period").to_dict("index")


def test_the_reform_is_what_both_definitions_count_of_the_same_people(template: Results) -> None:
    """2023: 10 of 100 by the old list. 2024: 30 by the new one, 14 by the old: of 20 points up 16 are the reform."""
    specs = measures(Reform(valid_from="2024", numerator=NEW, overlap=("2024",)))
    figures = [
        ("a", "m", "2023", 10, 100, "ok"),
        ("a", "m", "2024", 30, 100, "ok"),
        ("a", "m", "2025", 33, 100, "ok"),
    ]
    overlap = [("a", "m_before_2024", "2024", 14, 100, "ok")]
    frame = series(results_of(template, specs, *figures, *overlap))
    assert list(frame.columns) == list(SERIES_COLUMNS)
    assert set(frame["indicator"]) == {"m"}
    rows = rows_of(frame)
    assert [rows[period]["definition"] for period in rows] == ["", "2024", "2024"]
    assert [rows[period]["is_break"] for period in rows] == [False, True, False]
    reform = rows["2024"]
    assert reform["other_value"] == 0.14
    assert reform["change"] == pytest.approx(0.20)
    assert reform["reform_change"] == pytest.approx(0.16)
    assert reform["other_change"] == pytest.approx(0.04)
    assert reform["reform_share"] == pytest.approx(0.8)
    assert rows["2025"]["change"] == pytest.approx(0.03)
    assert math.isnan(float(str(rows["2025"]["reform_change"])))


def test_an_overlap_before_the_reform_says_it_too(template: Results) -> None:
    """2023 by both: 10 by the old, 25 by the new; the 30 of 2024 are 5 more."""
    specs = measures(Reform(valid_from="2024", numerator=NEW, overlap=("2023",)))
    figures = [("a", "m", "2023", 10, 100, "ok"), ("a", "m", "2024", 30, 100, "ok")]
    frame = series(results_of(template, specs, *figures, ("a", "m_from_2024", "2023", 25, 100, "ok")))
    reform = rows_of(frame)["2024"]
    assert (reform["reform_change"], reform["other_change"]) == (pytest.approx(0.15), pytest.approx(0.05))


def test_a_reform_that_takes_two_periods_is_followed_as_long_as_both_are_counted(template: Results) -> None:
    """In its first, half a year: 2 of 100; in its second 7 of 100, so that 5 of the change are the reform still."""
    specs = measures(Reform(valid_from="2024", numerator=NEW, overlap=("2024", "2025")))
    figures = [
        (("a", "m", period, count, 100, "ok")) for period, count in (("2023", 10), ("2024", 12), ("2025", 20))
    ]
    overlap = [("a", "m_before_2024", "2024", 10, 100, "ok"), ("a", "m_before_2024", "2025", 13, 100, "ok")]
    rows = rows_of(series(results_of(template, specs, *figures, *overlap)))
    assert rows["2024"]["reform_change"] == pytest.approx(0.02)
    assert rows["2025"]["reform_change"] == pytest.approx(0.05)
    assert rows["2025"]["other_change"] == pytest.approx(0.03)


def test_where_it_cannot_be_told_that_is_said(template: Results) -> None:
    without = measures(Reform(valid_from="2024", numerator=NEW))
    figures = [("a", "m", "2023", 10, 100, "ok"), ("a", "m", "2024", 30, 100, "ok")]
    row = rows_of(series(results_of(template, without, *figures)))["2024"]
    assert (row["is_break"], row["note"]) == (True, "no_overlap")
    specs = measures(Reform(valid_from="2024", numerator=NEW, overlap=("2024",)))
    hidden = ("a", "m_before_2024", "2024", 0, 100, "protected")
    row = rows_of(series(results_of(template, specs, *figures, hidden)))["2024"]
    assert (row["is_break"], row["note"], row["change"]) == (True, "hidden_overlap", pytest.approx(0.2))
    assert math.isnan(float(str(row["reform_change"]))) and math.isnan(float(str(row["other_value"])))
    both = measures(Reform(valid_from="2024", numerator=NEW), Reform(valid_from="2024K3", numerator=OLD))
    later = [("a", "m", "2023", 10, 100, "ok"), ("a", "m", "2025", 30, 100, "ok")]
    assert rows_of(series(results_of(template, both, *later)))["2025"]["note"] == "several_reforms"


def test_what_is_not_shown_has_no_change_on_either_side(template: Results) -> None:
    specs = measures()
    figures = [
        ("a", "m", "2022", 10, 100, "ok"),
        ("a", "m", "2023", 0, 100, "protected"),
        ("a", "m", "2024", 9, 100, "ok"),
    ]
    frame = series(results_of(template, specs, *figures))
    assert frame["change"].isna().all()
    assert frame["status"].tolist() == ["ok", "protected", "ok"]


def test_reference_areas_have_their_series_too(template: Results) -> None:
    specs = measures(Reform(valid_from="2024", numerator=NEW, overlap=("2024",)))
    figures = [
        (area, name, period, count, 1000, "ok")
        for area, factor in (("a", 1), (MUNICIPALITY, 2))
        for name, period, count in (
            ("m", "2023", 100 * factor),
            ("m", "2024", 160 * factor),
            ("m_before_2024", "2024", 110 * factor),
        )
    ]
    frame = series(results_of(template, specs, *figures))
    assert frame["area_id"].tolist() == ["a", "a", MUNICIPALITY, MUNICIPALITY]
    assert frame["reference"].tolist() == [0.2, 0.32, 0.2, 0.32]
    assert rows_of(frame, MUNICIPALITY)["2024"]["reform_share"] == pytest.approx(0.1 / 0.12)


def test_a_chained_series_is_asked_for_and_says_what_it_assumes(template: Results) -> None:
    """By the new list 30 where the old has 15: what was 10 is 20 on its level."""
    specs = measures(Reform(valid_from="2024", numerator=NEW, overlap=("2024",)))
    figures = [
        ("a", "m", period, count, 100, "ok") for period, count in (("2022", 12), ("2023", 10), ("2024", 30))
    ]
    results = results_of(template, specs, *figures, ("a", "m_before_2024", "2024", 15, 100, "ok"))
    assert not set(CHAINED_COLUMNS) & set(series(results).columns)
    frame = series(results, chained=True)
    assert frame["chained_value"].tolist() == pytest.approx([0.24, 0.20, 0.30])
    assert frame["assumption"].tolist() == ["chained", "chained", ""]


def test_of_a_whole_result_every_figure_is_there_once(rules_findings: Results) -> None:
    frame = series(rules_findings)
    expected = pd.concat([rules_findings.table, rules_findings.reference_areas])
    keys = ["area_id", "indicator", "period"]
    assert len(frame) == len(expected) and not frame.duplicated(keys).any()
    both = frame.merge(expected, on=keys, suffixes=("", "_expected"))
    pd.testing.assert_series_equal(both["value"], both["value_expected"], check_names=False)
    assert not frame["is_break"].any() and (frame["note"] == "").all()
