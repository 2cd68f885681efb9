"""Values with decimals: counted in parts, or asked about; never rounded without a word. All made up."""

from __future__ import annotations

import warnings

import polars as pl
import pytest

from geo_bosoc.indicators import (
    Indicator,
    Side,
    count_indicators,
    indicator_table,
    with_scales,
)
from geo_bosoc.problems import InputError, Report

AREAS = ["A"] * 6 + ["B"] * 6


def mean(**changed: object) -> Indicator:
    settings: dict[str, object] = {"denominator": Side(), "mean_of": "x", "unit": "mean"}
    return Indicator(id="x", label_da="X", label_en="X", **(settings | changed))  # type: ignore[arg-type]


def persons(values: object, dtype: pl.DataType | None = None) -> dict[str, pl.LazyFrame]:
    frame = pl.DataFrame({"area_id": AREAS, "x": pl.Series(values, dtype=dtype)})
    return {"persons": frame.with_columns(period=pl.lit("2024")).lazy()}


def values(registers: dict[str, pl.LazyFrame], indicator: Indicator) -> list[float]:
    (settled,) = with_scales(registers, [indicator], report=Report())
    counts = count_indicators(registers, [settled])
    return [float(value) for value in indicator_table(counts, [settled])["value"]]


CASE = [0.4] * 6 + [1.5] * 6


@pytest.mark.parametrize(
    ("column", "scale"),
    [
        (CASE, 10),
        ([0.1 + 0.2, *CASE[1:]], 10),
        ([*CASE[:-1], 1.25], 100),
        ([*CASE[:-1], None], 10),
        ([*CASE[:-1], float("nan")], 10),
        ([-0.4] * 6 + [1.0] * 6, 10),
        ([3.0] * 12, 1),
        ([1e9 + 0.25] * 12, 100),
        ([0.1 + 0.2 - 0.3] * 12, 1),
        ([float("nan")] * 12, 1),
    ],
)
def test_the_scale_is_that_of_the_columns_decimals(column: list[float], scale: int) -> None:
    report = Report()
    (settled,) = with_scales(persons(column, pl.Float64()), [mean()], report=report)
    assert settled.scale == scale and not report.problems


def test_means_are_those_of_the_values() -> None:
    assert values(persons(CASE), mean()) == [0.4, 1.5]
    assert values(persons(CASE, pl.Float32()), mean()) == [0.4, 1.5]
    decimals = {"persons": persons(CASE)["persons"].with_columns(pl.col("x").cast(pl.Decimal(10, 3)))}
    assert values(decimals, mean()) == [0.4, 1.5]


@pytest.mark.parametrize("function", ["with_scales", "count"])
def test_decimals_without_end_are_asked_about(function: str) -> None:
    registers = persons([100 / 3] * 12)
    with pytest.raises(InputError, match=r"x have more than 6 decimals") as raised:
        with_scales(registers, [mean()]) if function == "with_scales" else count_indicators(
            registers, [mean()]
        )
    (problem,) = raised.value.problems
    assert problem.key == "indicator.x.scale" and "Write scale = 10000 (4 decimals are kept)" in str(
        problem.hint
    )


def test_counting_asks_rather_than_rounds() -> None:
    with pytest.raises(InputError, match="1 decimal, and nothing says") as raised:
        count_indicators(persons(CASE), [mean()])
    assert "Write scale = 10 in" in str(raised.value.problems[0].hint)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        counts = count_indicators(persons(CASE), [mean(scale=10)])
    assert counts["numerator"].tolist() == [24, 90]
    assert count_indicators(persons([3.0] * 12), [mean()])["numerator"].tolist() == [18, 18]


@pytest.mark.parametrize(("scale", "rounded", "line"), [(1, 12, "scale = 100"), (10, 6, "scale = 100")])
def test_a_scale_that_rounds_is_told_with_how_many(scale: int, rounded: int, line: str) -> None:
    report = Report()
    column = [0.4] * 6 + [1.25] * 6
    (same,) = with_scales(persons(column), [mean(scale=scale)], report=report)
    assert same.scale == scale
    (told,) = report.warnings
    assert told.message == f"scale = {scale} rounds {rounded} of 12 values of x" and told.count == rounded
    assert told.key == "indicator.x.scale" and line in str(told.hint)


def test_a_scale_that_keeps_all_is_silent() -> None:
    report = Report()
    for scale in (10, 20, 100):
        with_scales(persons(CASE), [mean(scale=scale)], report=report)
    assert not report.problems


def test_what_was_computed_may_be_rounded_a_little() -> None:
    """Hundredths of a mean of thirds are near enough: that is a note; whole numbers of them are a warning."""
    column = [25 / 3] * 12
    fine, rough = Report(), Report()
    with_scales(persons(column), [mean(scale=100)], report=fine)
    with_scales(persons(column), [mean(scale=1)], report=rough)
    assert [one.level for one in fine.problems] == ["note"]
    assert [one.level for one in rough.problems] == ["warning"]
    made = Report()
    with_scales(persons(column), [mean(scale=100)], computed_columns={"persons": ["x"]}, report=made)
    assert not made.problems


def test_weights_and_sums_keep_their_decimals_too() -> None:
    registers = persons([0.5] * 6 + [0.25] * 6)
    weighted = mean(weight="x", mean_of="y", denominator=Side())
    registers = {"persons": registers["persons"].with_columns(y=pl.col("x") * 10)}
    (settled,) = with_scales(registers, [weighted], report=Report())
    assert (settled.weight_scale, settled.scale) == (100, 10)
    assert values(registers, weighted) == [5.0, 2.5]
    summed = Indicator(
        id="fte", label_da="F", label_en="F", denominator=Side(), numerator=Side(sum="x"), unit="percent"
    )
    assert values(registers, summed) == [0.5, 0.25]
    report = Report()
    base = summed.model_copy(update={"denominator": Side(sum="x")})
    with_scales(registers, [base], report=report)
    assert "whole numbers" in report.warnings[0].message and report.warnings[0].count == 12
