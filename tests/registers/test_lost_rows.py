"""Rows that a table has lost, columns that look multiplied, a share among percentages."""

from __future__ import annotations

import polars as pl
import pytest

from geo_bosoc.problems import Report
from geo_bosoc.registers.checks.bounds import common_factor, lone_shares
from geo_bosoc.registers.checks.figures import tell_gaps

AREAS = [f"{number:04d}" for number in range(1, 13)]


def table(
    years: tuple[str, ...] = ("2023", "2024"), kinds: tuple[str, ...] = ("0-17", "18+")
) -> pl.DataFrame:
    rows = [(area, year, kind) for area in AREAS for year in years for kind in kinds]
    return pl.DataFrame(rows, schema=["area_id", "period", "kind"], orient="row")


def gaps(rows: pl.DataFrame, classes: tuple[str, ...] = ("kind",)) -> list[tuple[str, str]]:
    report = Report()
    tell_gaps(rows, classes, AREAS, report, file="t.csv", column="omr", key="registers.t")
    return [(each.level, str(each)) for each in report.problems]


def test_a_table_that_has_every_row_says_nothing() -> None:
    assert gaps(table()) == []
    assert gaps(table(("2024",), ()), ()) == []


def test_an_area_without_a_row_is_named() -> None:
    (told,) = gaps(table().filter(pl.col("area_id") != "0007"))
    assert told[0] == "warning"
    assert "t.csv, column omr, [registers.t]: 1 area has no row in the table (0007)" in told[1]


def test_an_area_without_a_row_in_one_year_is_named_once() -> None:
    (told,) = gaps(table().filter(~((pl.col("area_id") == "0007") & (pl.col("period") == "2023"))))
    assert told[0] == "warning"
    assert "0007, 2023" in told[1]
    assert "(12 areas in 2024, 11 in 2023)" in told[1]


def test_a_class_that_one_area_lacks_is_named() -> None:
    gone = (pl.col("area_id") == "0003") & (pl.col("period") == "2024") & (pl.col("kind") == "0-17")
    (told,) = gaps(table().filter(~gone))
    assert told[0] == "warning"
    assert "0003, 2024, 0-17" in told[1]
    assert "(23 rows in 2024, 24 in 2023)" in told[1], "beside another period: both figures"


def test_a_table_that_leaves_out_nobody_by_habit_says_no_warning() -> None:
    """Half of the areas have nobody in a class of four, and are left out of it."""
    rows = table(kinds=("a", "b", "c", "d")).filter(~((pl.col("kind") == "d") & (pl.col("area_id") > "0006")))
    assert gaps(rows) == []
    some = table().filter(~((pl.col("period") == "2023") & (pl.col("area_id") > "0006")))
    assert [level for level, _ in gaps(some)] == ["note"]


def test_areas_that_are_none_are_left_alone() -> None:
    other = pl.DataFrame(
        [("@municipality", "2023", "0-17")], schema=["area_id", "period", "kind"], orient="row"
    )
    assert gaps(pl.concat([table(), other])) == []
    assert gaps(other) == []


@pytest.mark.parametrize(
    ("figures", "factor"),
    [
        ([1_200, 300, 4_100, 900, 700, 2_300, 100, 500], 100),
        ([12_000, 3_000, 41_000, 9_000, 7_000, 23_000, 1_000, 5_000], 1_000),
        ([1_200.0, 300.0, 4_100.0, 900.0, 700.0, 2_300.0, 100.0, 500.0], 100),
        ([1_200, 300, 4_100, 900, 700, 2_300, 100, 501], 1),
        ([120, 30, 410, 90, 70, 230, 10, 50], 1),  # rounded to ten, as some statistics are
        ([100, 200, 300], 1),
        ([0, 0, 0, 0, 0, 0, 0, 0, 0], 1),
        ([], 1),
    ],
)
def test_counts_that_were_multiplied(figures: list[float], factor: int) -> None:
    assert common_factor(pl.Series(figures)) == factor


@pytest.mark.parametrize(
    ("figures", "places"),
    [
        ([12.5, 20, 31, 0.25, 18, 22.5, 40, 15, None, 19], [3]),
        ([12.5, 20, 31, 0.9, 18, 22.5, 40, 15, None, 19], []),  # 90 % is not in the others' range
        ([12.5, 20, 31, 0.25, 18, 22.5, 40, 15, 0.0, 19], []),  # where nobody is, few may be
        ([2.5, 2.0, 3.1, 0.25, 1.8, 2.5, 4.0, 1.5, 1.9, 1.1], []),
        ([0.25, 0.31], []),
    ],
)
def test_a_share_among_percentages(figures: list[float | None], places: list[int]) -> None:
    assert list(lone_shares(pl.Series(figures, dtype=pl.Float64))) == places
