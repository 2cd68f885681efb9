"""Pooled years: what windows beside each other leave of a year, against all counts that fit them."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geo_bosoc.disclosure.primary import small_cells
from geo_bosoc.disclosure.secondary.year_windows import NO_BOUND, _RunningTotals, unsafe_windows
from geo_bosoc.indicators.spec import Indicator, Side

COLUMNS = ["area_id", "period", "indicator", "numerator", "denominator", "unknown", "data_period"]


def spec(name: str = "i", **keys: Any) -> Indicator:
    plain: dict[str, Any] = {
        "denominator": Side(), "numerator": Side(where="x"), "label_da": "Prøve", "label_en": "", "pool_years": 3,
    }  # fmt: skip
    return Indicator(id=name, **{**plain, **keys})


def yearly_table(counts: list[int], bases: list[int], name: str = "yearly") -> pd.DataFrame:
    rows = [
        ("a", str(2020 + year), name, n, d, 0, str(2020 + year))
        for year, (n, d) in enumerate(zip(counts, bases, strict=True))
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def pooled_table(counts: list[int], bases: list[int], years: int = 3) -> pd.DataFrame:
    rows = []
    for last in range(len(counts)):
        first = max(0, last - years + 1)
        span = f"{2020 + first}-{2020 + last}" if first < last else str(2020 + last)
        n, d = sum(counts[first : last + 1]), sum(bases[first : last + 1])
        rows.append(("a", str(2020 + last), "i", n, d, 0, span))
    return pd.DataFrame(rows, columns=COLUMNS)


def unsafe(table: pd.DataFrame, *specs: Indicator, **keys: Any) -> list[bool]:
    flags = unsafe_windows(table, specs or (spec(),), small_cells(table, specs, 5), **keys)
    return flags["numerator"].tolist()


def test_windows_of_the_first_years_go() -> None:
    counts, bases = [9, 3, 8, 7, 2, 9], [100] * 6
    table = pooled_table(counts, bases)
    yearly = yearly_table(counts, bases, "i")
    # 9, and 12 for both years: the second is 3; 12 and 20 for three tell only that the third is 8
    assert unsafe(table, yearly=yearly) == [True, False, False, False, False, False]
    # without the true years any that may be small counts as small: 2020 is at least 2022 plus 2
    assert unsafe(table)[2:] == [False, False, False, False]


def test_a_year_of_several_windows_of_no_one_is_zero_and_may_be_known() -> None:
    table = pooled_table([0, 0, 0, 0, 9], [100] * 5)
    assert unsafe(table, yearly=yearly_table([0, 0, 0, 0, 9], [100] * 5, "i")) == [False] * 5


def test_a_window_that_falls_from_6_to_2() -> None:
    """2021-2022 less 2020-2021: 2020 is four more than 2022, so 2020 is 4, 5 or 6 and 2022 is 0, 1 or 2."""
    table = pooled_table([5, 1, 1], [100] * 3, 2).iloc[1:].reset_index(drop=True)
    years = yearly_table([5, 1, 1], [100] * 3, "i")
    shown = pd.Series(False, index=table.index)
    flags = unsafe_windows(table, [spec(pool_years=2)], shown, yearly=years)
    assert flags["numerator"].tolist() == [False, False]
    flags = unsafe_windows(table, [spec(pool_years=2)], shown, yearly=years, least=3)
    assert flags["numerator"].tolist() == [False, True]  # two persons in two years


def test_pooled_beside_the_years() -> None:
    counts, bases = [9, 3, 8, 7], [100] * 4
    table = pd.concat([pooled_table(counts, bases), yearly_table(counts, bases)], ignore_index=True)
    flags = unsafe(table, spec(), spec("yearly", pool_years=1))
    # each window with 2021 in it is that year's figure; 2020 by itself is shown anyhow
    assert flags == [False, True, True, True, *[False] * 4]


def test_bases_and_unknowns() -> None:
    table = pooled_table([20, 20, 20], [60, 63, 61], 2)
    table.loc[1, "denominator"] = 63  # 60 and 3
    flags = unsafe_windows(table, [spec(pool_years=2)], pd.Series(False, index=table.index))
    assert flags["denominator"].tolist() == [True, False, False]
    table = pooled_table([20, 20, 20], [100] * 3, 2).assign(unknown=[9, 12, 15])  # 9, 3, 12
    flags = unsafe_windows(table, [spec(pool_years=2)], pd.Series(False, index=table.index))
    assert flags["unknown"].tolist() == [True, False, False]
    assert not flags["numerator"].any()


def test_carried_forward_windows_are_one() -> None:
    table = pooled_table([9, 3, 8, 7], [100] * 4)
    again = table.iloc[[3]].assign(period="2024")
    yearly = yearly_table([9, 3, 8, 7], [100] * 4, "i")
    assert unsafe(pd.concat([table, again], ignore_index=True), yearly=yearly) == [True, *[False] * 4]


def test_other_indicators_are_left_alone() -> None:
    table = yearly_table([9, 3], [100, 100])
    assert unsafe(table, spec("yearly", pool_years=1)) == [False, False]


@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=4),
)
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_bounds_agree_with_all_counts(counts: list[int], windows: list[tuple[int, int]]) -> None:
    number = len(counts)
    spans = [(min(pair), max(pair)) for pair in windows if max(pair) < number]
    totals = _RunningTotals(
        np.full((1, number), NO_BOUND), np.array([counts]), 5, 2
    )  # fmt: skip
    area, true = np.array([0]), np.array([True])
    for first, last in spans:
        totals.add(area, first, last, np.array([sum(counts[first : last + 1])]), true, True)
    fitting = [
        other
        for other in product(range(18), repeat=number)
        if all(sum(other[a : b + 1]) == sum(counts[a : b + 1]) for a, b in spans)
    ]
    for year in range(number):
        values = {other[year] for other in fitting}
        least, most = -totals.bounds[0, year + 1, year], totals.bounds[0, year, year + 1]
        assert least == min(values)
        assert (most == max(values)) or (most >= NO_BOUND // 2 and max(values) == 17)
        assert values == set(range(min(values), max(values) + 1))


@given(st.lists(st.integers(0, 6), min_size=3, max_size=4), st.integers(2, 3), st.sampled_from([2, 4]))
@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_small_years_keep_their_values(counts: list[int], pooled: int, least: int) -> None:
    bases = [1000] * len(counts)
    table = pooled_table(counts, bases, pooled)
    hidden = small_cells(table, [], 5)
    flags = unsafe_windows(
        table, [spec(pool_years=pooled)], hidden, yearly=yearly_table(counts, bases, "i"), least=least
    )
    shown = table[~(hidden | flags["numerator"])]
    others = np.indices([19] * len(counts)).reshape(len(counts), -1)
    for span, total in zip(shown["data_period"], shown["numerator"], strict=True):
        years = [int(year) - 2020 for year in str(span).split("-")]
        others = others[:, others[years[0] : years[-1] + 1].sum(axis=0) == total]
    for year, count in enumerate(counts):
        if 0 < count < 5:
            assert len(set(others[year].tolist()) & {1, 2, 3, 4}) >= least


@pytest.mark.parametrize("span", ["school year", None])
def test_periods_that_are_no_years(span: str | None) -> None:
    table = pooled_table([9, 3, 8, 7], [100] * 4).assign(period="2023/24", data_period=span)
    assert not any(unsafe(table))
