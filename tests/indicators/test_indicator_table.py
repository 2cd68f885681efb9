"""The indicator table: values by each rule, reference areas, statuses, and nothing rounded."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from geo_bosoc.indicators import (
    Indicator,
    byar,
    indicator_table,
    wilson,
)
from geo_bosoc.problems import InputError


def make(name: str = "share", **fields: object) -> Indicator:
    table = {
        "id": name,
        "label_da": "Prøve",
        "label_en": "",
        "denominator": {},
        "numerator": {"where": "x"},
        **fields,
    }
    return Indicator.model_validate(table)


def counts(*rows: tuple[object, ...]) -> pd.DataFrame:
    columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown", "status"]
    return pd.DataFrame(list(rows), columns=columns)


def test_values_and_intervals_by_unit() -> None:
    indicators = (
        make("share"),
        make("rate", unit="per_1000"),
        make("mean", unit="mean", mean_of="x", numerator=None, scale=100),
        make("count", unit="count", numerator=None),
        make("weeks", numerator={"sum": "fte"}, scale=10000),
    )
    table = indicator_table(
        counts(
            ("a", "2024", "share", 81, 300, 37, "ok"),
            ("a", "2024", "rate", 10, 1000, 0, "ok"),
            ("a", "2024", "mean", 1537, 3, 0, "ok"),
            ("a", "2024", "count", 912, 912, 0, "ok"),
            ("a", "2024", "weeks", 810_000, 263, 0, "ok"),
        ),
        indicators,
    ).set_index("indicator")
    assert table.loc["share", "value"] == 81 / 263
    assert (table.loc["share", "low"], table.loc["share", "high"]) == tuple(map(float, wilson(81, 263)))
    assert table.loc["rate", "value"] == 0.01
    assert (table.loc["rate", "low"], table.loc["rate", "high"]) == tuple(map(float, byar(10, 1000)))
    assert table.loc["mean", "value"] == 1537 / 300
    assert table.loc["count", "value"] == 912
    assert table.loc["weeks", "value"] == 81 / 263
    assert table.loc["weeks", "low"] == float(wilson(81, 263)[0])
    assert table.loc[["mean", "count"], ["low", "high"]].isna().all(axis=None)
    assert table["reference"].isna().all()


@pytest.mark.parametrize(
    ("rule", "scale", "expected"),
    [("exclude", 1, 4 / 8), ("met", 1, 6 / 10), ("not_met", 1, 4 / 10), ("met", 100, 0.204)],
)
def test_what_unknowns_count_as(rule: str, scale: int, expected: float) -> None:
    spec = make(unknown=rule, scale=scale)
    table = indicator_table(counts(("a", "2024", "share", 4, 10, 2, "ok")), [spec])
    assert table["value"].tolist() == [expected]


def test_statuses() -> None:
    table = indicator_table(
        counts(
            ("a", "2024", "share", 0, 0, 0, "ok"),
            ("b", "2024", "share", 0, 4, 4, "ok"),
            ("c", "2024", "share", 0, 50, 50, "protected"),
            ("d", "2024", "share", 0, 0, 0, "missing"),
            ("e", "2024", "share", 0, 9, 0, "ok"),
        ),
        [make()],
    )
    assert table["status"].tolist() == ["no_base", "no_base", "protected", "missing", "ok"]
    assert table["value"].map(math.isnan).tolist() == [True, True, True, True, False]
    assert (table.loc[4, "value"], table.loc[4, "low"]) == (0.0, 0.0)


def test_reference_by_period_and_none_for_counts() -> None:
    indicators = (make(), make("count", unit="count", numerator=None))
    ours = counts(
        ("a", "2023", "share", 3, 10, 0, "ok"),
        ("a", "2024", "share", 3, 10, 0, "ok"),
        ("a", "2025", "share", 3, 10, 0, "ok"),
        ("a", "2024", "count", 10, 10, 0, "ok"),
    )
    reference_area = counts(
        ("@municipality", "2024", "share", 12, 100, 0, "ok"),
        ("@municipality", "2023", "share", 0, 100, 0, "ok"),
        ("@municipality", "2024", "count", 100, 100, 0, "ok"),
    )
    table = indicator_table(ours, indicators, reference_area)
    assert table["reference"].tolist()[:2] == [0.0, 0.12]
    assert table["ratio"].tolist()[1] == pytest.approx(2.5)
    assert table["ratio"].map(math.isnan).tolist() == [True, False, True, True]
    assert table["reference"].map(math.isnan).tolist() == [False, False, True, True]


def test_bad_input_is_told() -> None:
    good = counts(("a", "2024", "share", 3, 10, 0, "ok"))
    with pytest.raises(InputError, match="no column unknown"):
        indicator_table(good.drop(columns="unknown"), [make()])
    with pytest.raises(InputError, match="hold the indicator share"):
        indicator_table(good, [make("other")])
    with pytest.raises(InputError, match="several rows for a period"):
        indicator_table(good, [make()], pd.concat([good, good]))


def test_an_empty_table_has_the_columns() -> None:
    table = indicator_table(counts(), [make()], counts())
    assert list(table.columns)[:3] == ["area_id", "period", "indicator"]
    assert table.empty
