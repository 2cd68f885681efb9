"""What a figure can be: counts, shares, numerators and their bases. All figures are made up."""

from __future__ import annotations

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.checks.bounds import (
    Figures,
    check_not_negative,
    check_over_denominator,
    check_share,
    check_whole,
    missing_codes,
)


def figures(*values: float | None) -> Figures:
    return Figures.of(values, range(2, 2 + len(values)), file="t.csv", column="n")


def test_codes_for_missing_values_are_asked_about_and_other_negatives_are_errors() -> None:
    for codes in ([-1], [-9], [-99, -1], [-999], [-99997], [-666666666], [-99999999], [-8, -9]):
        assert missing_codes(codes) == tuple(sorted(codes))
        report = Report()
        check_not_negative(figures(4, *codes, None), report)
        (error,) = report.errors
        assert f"missing = [{', '.join(map(str, sorted(codes)))}]" in (error.hint or "")
        assert (error.file, error.row, error.column) == ("t.csv", 3, "n")
    for wrong in ([-5], [-12.5], [-1, -7.5], [-2, -3, -4, -5, -6]):
        assert missing_codes(wrong) == ()
        report = Report()
        check_not_negative(figures(4, *wrong), report)
        assert "missing =" not in (report.errors[0].hint or "")
        assert "under 0" in report.errors[0].message


def test_counts_without_decimals() -> None:
    report = Report()
    check_whole(figures(4, 12.0, None), report)
    assert not report.errors
    check_whole(figures(4, 12.5, None), report)
    assert report.errors[0].row == 3


def test_shares_and_percentages_are_told_apart_by_their_size() -> None:
    report = Report()
    check_share(figures(0.0, 0.25, 1.0, None), report, "share")
    check_share(figures(0.0, 25.0, 100.0, None), report, "percent")
    check_share(figures(0.0, 0.0), report, "percent")
    check_share(figures(0.2, 0.4), report, "percent", confirmed=True)
    check_share(figures(0.2, 0.4), report, "percent", stated=pl.Series([True, True]))
    assert not report.errors
    for unit, values, words in (
        ("share", (0.2, 25.0), "over 1"),
        ("percent", (25.0, 100.5), "over 100"),
        ("percent", (25.0, -0.5), "under 0"),
        ("share", (0.2, -0.5), "under 0"),
        ("percent", (0.25, 0.4, 1.0), "passes 1"),
    ):
        report = Report()
        check_share(figures(*values), report, unit, change="share = ...", confirm="x")  # type: ignore[arg-type]
        (error,) = report.errors
        assert words in error.message, unit


def test_a_cell_that_states_its_unit_does_not_speak_for_others() -> None:
    report = Report()
    check_share(figures(25.0, 0.4), report, "percent", stated=pl.Series([True, False]))
    assert "passes 1" in report.errors[0].message


def test_a_numerator_over_its_base() -> None:
    report = Report()
    base = pl.Series([100, 100, None, 0])
    check_over_denominator(figures(100, 650, 5, 0), base, report, denominator_name="n")
    (error,) = report.errors
    assert (error.row, error.column, error.count) == (3, "n", 1)
    check_over_denominator(figures(900, 1000, 5, 0), base, report, denominator_name="n", scale=10)
    assert len(report.errors) == 1
