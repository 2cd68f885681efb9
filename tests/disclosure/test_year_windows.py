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
from geo_bosoc.disclosure.secondary.year_windows import NO_BOUND, _Bounds, _RunningTotals, unsafe_windows
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


def test_windows_of_the_first_years_go_where_a_year_is_small() -> None:
    counts, bases = [9, 3, 8, 7, 2, 9], [100] * 6
    table = pooled_table(counts, bases)
    # 9, and 12 for both years: the second is 3
    assert unsafe(table, yearly=yearly_table(counts, bases, "i")) == [True, True, False, False, False, False]
    # of which years are small nobody needs to know: nothing else follows
    assert unsafe(table) == [True, True, False, False, False, False]
    counts = [9, 13, 8, 7, 12, 9]
    assert unsafe(pooled_table(counts, bases), yearly=yearly_table(counts, bases, "i")) == [False] * 6


def test_where_a_year_would_follow_windows_share_no_year() -> None:
    """13 less 9: the last year is four more than the first."""
    counts = [1, 0, 8, 5, 0, 7]
    table = pooled_table(counts, [100] * 6).iloc[2:].reset_index(drop=True)
    yearly = yearly_table(counts, [100] * 6, "i")
    assert table["numerator"].tolist() == [9, 13, 13, 12]
    assert unsafe(table, yearly=yearly) == [False, True, True, False]
    counts = [11, 10, 8, 15, 10, 17]  # the same differences, and no year that may be small
    table = pooled_table(counts, [100] * 6).iloc[2:].reset_index(drop=True)
    assert unsafe(table, yearly=yearly_table(counts, [100] * 6, "i")) == [False] * 4


def test_years_of_no_one_are_zero_and_may_be_known() -> None:
    table = pooled_table([0, 0, 0, 0, 9], [100] * 5)
    assert unsafe(table, yearly=yearly_table([0, 0, 0, 0, 9], [100] * 5, "i")) == [False] * 5


def test_under_the_strictest_promise_windows_of_an_area_with_a_small_year_share_none() -> None:
    counts = [9, 3, 8, 7, 2, 9]
    table, yearly = pooled_table(counts, [100] * 6), yearly_table(counts, [100] * 6, "i")
    assert unsafe(table, yearly=yearly, least=4) == [True, True, False, True, True, False]


def test_pooled_beside_the_years() -> None:
    counts, bases = [9, 13, 8, 3, 9, 8, 7], [100] * 7
    table = pd.concat([pooled_table(counts, bases), yearly_table(counts, bases)], ignore_index=True)
    flags = unsafe(table, spec(), spec("yearly", pool_years=1))
    # each window with 2023 in it is that year's figure; the others are sums of what is shown
    assert flags == [True, True, False, True, True, True, False, *[False] * 7]


def test_bases_and_unknowns() -> None:
    table = pooled_table([20, 20, 20], [60, 63, 61], 2)
    table.loc[1, "denominator"] = 63  # 60 and 3
    flags = unsafe_windows(table, [spec(pool_years=2)], pd.Series(False, index=table.index))
    assert flags["denominator"].tolist() == [True, False, False]
    table = pooled_table([20, 20, 20], [100] * 3, 2).assign(unknown=[9, 12, 15])  # 9, 3, 12
    years = yearly_table([20, 20, 20], [100] * 3, "i").assign(unknown=[9, 3, 12])
    flags = unsafe_windows(table, [spec(pool_years=2)], pd.Series(False, index=table.index), yearly=years)
    assert flags["unknown"].tolist() == [True, False, False]
    assert not flags["numerator"].any()


def test_carried_forward_windows_are_one() -> None:
    table = pooled_table([9, 3, 8, 7], [100] * 4)
    again = table.iloc[[3]].assign(period="2024")
    yearly = yearly_table([9, 3, 8, 7], [100] * 4, "i")
    flags = unsafe(pd.concat([table, again], ignore_index=True), yearly=yearly)
    assert flags == [True, True, False, False, False]


def test_a_year_without_data_is_no_year() -> None:
    counts = [9, 13, 8, 7]
    yearly = yearly_table(counts, [100] * 4, "i").drop(index=1)
    table = pooled_table([9, 0, 8, 7], [100, 0, 100, 100])
    assert unsafe(table, yearly=yearly) == [False] * 4


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
    totals = _RunningTotals(np.full((1, number), NO_BOUND), 5, 2)
    for first, last in spans:
        total = np.array([sum(counts[first : last + 1])])
        totals.add(np.array([0]), first, last, _Bounds(total, total, np.array([True])))
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


@pytest.mark.parametrize(
    ("years", "most", "pooled", "earlier", "least"),
    [
        (3, 14, 2, False, 2),
        (3, 14, 3, False, 4),
        (4, 10, 2, True, 2),
        (4, 10, 2, True, 4),
        (4, 10, 3, True, 3),
    ],
)
def test_nothing_follows_for_who_knows_the_rule(
    years: int, most: int, pooled: int, earlier: bool, least: int
) -> None:
    """Every choice of counts is an area: those whose windows look the same leave each small year enough counts."""
    worlds = np.indices([most + 1] * years).reshape(years, -1).T
    ids = [f"{number:06}" for number in range(len(worlds))]
    windows = [(max(0, last - pooled + 1), last) for last in range(pooled - 1 if earlier else 0, years)]
    table, yearly = (
        pd.concat([rows_of(worlds, ids, first, last) for first, last in spans], ignore_index=True)
        for spans in (windows, [(year, year) for year in range(years)])
    )
    hidden = small_cells(table, [], 5)
    flags = unsafe_windows(table, [spec(pool_years=pooled)], hidden, yearly=yearly, least=least)
    published = table["numerator"].mask(hidden | flags["numerator"], -1).to_numpy().reshape(len(windows), -1)
    groups = np.unique(published, axis=1, return_inverse=True)[1].reshape(-1)
    is_inside = (published <= most - 4).all(axis=0)  # near the end of what is tried, worlds are missing
    assert (published >= 0).mean() > 0.3
    for year in range(years):
        count = worlds[:, year]
        is_small = (count > 0) & (count < 5)
        left = np.zeros((groups.max() + 1, 5), dtype=bool)
        left[groups[is_small], count[is_small]] = True
        assert (left.sum(axis=1)[groups[is_small & is_inside]] >= least).all()


def rows_of(worlds: Any, ids: list[str], first: int, last: int) -> pd.DataFrame:
    """A window of every world, of 1,000 persons a year."""
    span = f"{2020 + first}-{2020 + last}" if first < last else str(2020 + last)
    rows = pd.DataFrame({"area_id": ids, "period": str(2020 + last), "indicator": "i", "unknown": 0})
    return rows.assign(
        numerator=worlds[:, first : last + 1].sum(axis=1),
        denominator=1000 * (last - first + 1),
        data_period=span,
    )


@pytest.mark.parametrize("span", ["school year", None])
def test_periods_that_are_no_years(span: str | None) -> None:
    table = pooled_table([9, 3, 8, 7], [100] * 4).assign(period="2023/24", data_period=span)
    assert not any(unsafe(table))
