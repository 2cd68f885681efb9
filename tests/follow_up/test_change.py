"""Differences between periods: Newcombe's printed examples, exact coverage, and frames where figures are missing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up.changes.change import CHANGE_COLUMNS, compare, difference_interval
from geo_bosoc.indicators.rates import poisson_interval, wilson
from geo_bosoc.indicators.spec import Reform, Side
from geo_bosoc.problems import InputError
from geo_bosoc.text.catalogue import words

Shown = Callable[..., PublishedResults]


def _share(count: int, base: int) -> tuple[float, float, float]:
    low, high = wilson(count, base)
    return count / base, float(low), float(high)


@pytest.mark.parametrize(
    ("first", "second", "printed"),
    # R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890, table II: contrasts (a)-(h), method 10.
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_independent_shares_as_printed_by_newcombe(
    first: tuple[int, int], second: tuple[int, int], printed: tuple[float, float]
) -> None:
    limits = difference_interval(_share(*second), _share(*first))
    assert [round(float(limit), 4) for limit in limits] == list(printed)


@pytest.mark.parametrize(
    ("both", "first_only", "second_only", "neither", "decimals", "printed"),
    [
        # D. G. Altman and others, Statistics with Confidence (2000), table 6.2, by Newcombe's method for paired data.
        (14, 5, 0, 22, 3, (0.011, 0.226)),
        # M. W. Fagerland and others, Statistics in Medicine 33 (2014), 2850-2875: Bentur's data, square and add.
        (1, 1, 7, 12, 3, (-0.507, -0.026)),
    ],
)
def test_paired_shares_as_printed(
    both: int, first_only: int, second_only: int, neither: int, decimals: int, printed: tuple[float, float]
) -> None:
    n = both + first_only + second_only + neither
    first, second = both + first_only, both + second_only
    excess = both * neither - first_only * second_only
    excess = max(excess - n / 2, 0) if excess > 0 else excess  # Newcombe's continuity correction of phi
    phi = excess / np.sqrt(float(first * (n - first) * second * (n - second)))
    limits = difference_interval(_share(second, n), _share(first, n), correlation=phi)
    assert [round(float(limit), decimals) for limit in limits] == list(printed)


def _covered(before: tuple[np.ndarray, ...], after: tuple[np.ndarray, ...], true: float) -> np.ndarray:
    low, high = difference_interval(
        tuple(part[:, None] for part in before), tuple(part[None, :] for part in after)
    )
    return (low <= true + 1e-12) & (true - 1e-12 <= high)


@pytest.mark.parametrize(
    ("share", "share_after"), [(0.05, 0.05), (0.1, 0.2), (0.36, 0.31), (0.5, 0.5), (0.02, 0.06)]
)
def test_shares_are_covered(share: float, share_after: float) -> None:
    """Exact coverage at 60 and 90 persons, summed over every pair of counts."""
    counts, later_counts = np.arange(61), np.arange(91)
    before = (counts / 60, *wilson(counts, 60))
    after = (later_counts / 90, *wilson(later_counts, 90))
    chances = binom.pmf(counts, 60, share)[:, None] * binom.pmf(later_counts, 90, share_after)[None, :]
    assert 0.935 < float(chances[_covered(before, after, share_after - share)].sum()) < 0.985


@pytest.mark.parametrize(("rate", "rate_after"), [(2.0, 2.0), (4.0, 9.0), (15.0, 10.0), (40.0, 30.0)])
def test_rates_are_covered(rate: float, rate_after: float) -> None:
    """Exact coverage of a difference of Poisson rates: at least 95 %, for Garwood's limits are themselves too wide."""
    counts = np.arange(140)
    before, after = ((counts / base, *poisson_interval(counts, base)) for base in (100.0, 80.0))
    chances = poisson.pmf(counts, rate)[:, None] * poisson.pmf(counts, rate_after)[None, :]
    assert float(chances[_covered(before, after, rate_after / 80 - rate / 100)].sum()) > 0.95


@given(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.floats(0, 1),
)
def test_intervals_lie_where_differences_can(
    first: tuple[int, int], second: tuple[int, int], phi: float
) -> None:
    before, after = _share(*first), _share(*second)
    low, high = (float(limit) for limit in difference_interval(before, after))
    assert -1 - 1e-12 <= low <= after[0] - before[0] <= high <= 1 + 1e-12
    turned = difference_interval(after, before)
    assert [float(-turned[1]), float(-turned[0])] == pytest.approx([low, high])
    paired = [float(limit) for limit in difference_interval(before, after, correlation=phi)]
    assert low - 1e-12 <= paired[0] <= paired[1] <= high + 1e-12


def test_two_periods_of_results(small_shown: Shown) -> None:
    shown = small_shown("internal", "en")
    change = compare(shown, "2023", "2024")
    assert list(change.columns) == list(CHANGE_COLUMNS)
    row = change[(change["area_id"] == "A03") & (change["indicator"] == "outside_labour_market")].iloc[0]
    figures = shown.table.set_index(["area_id", "indicator", "period"])
    before, after = (figures.loc[("A03", "outside_labour_market", period)] for period in ("2023", "2024"))
    assert (row["name"], row["label"]) == ("Havneøen", "Outside the labour market")
    assert row["difference"] == pytest.approx(after["value"] - before["value"])
    counts = [int(each["numerator"]) for each in (before, after)]
    bases = [int(each["denominator"] - each["unknown"]) for each in (before, after)]
    limits = difference_interval(_share(counts[0], bases[0]), _share(counts[1], bases[1]))
    assert [row["low"], row["high"]] == pytest.approx([float(limit) for limit in limits])
    assert (row["differs"], row["direction"]) == ("yes", "better")
    assert row["against_reference"] == pytest.approx(row["difference"])  # the municipality's did not change
    assert (row["assumption"], row["correlation"]) == ("independent", 0.0)
    mean = change[(change["area_id"] == "A03") & (change["indicator"] == "child_wellbeing")].iloc[0]
    assert (mean["differs"], mean["direction"]) == ("cannot_tell", "")
    assert mean["assumption"] == "no_interval"
    municipality = change[change["area_id"] == "@municipality"]
    assert set(municipality["name"]) == {words("follow_up", "en")["@municipality"]}


def test_nothing_is_said_of_a_figure_that_is_not_there(small_shown: Shown) -> None:
    change = compare(small_shown("public", "da"))
    hidden = change[change["status"] == "protected"]
    numbers = [name for name in CHANGE_COLUMNS if name.startswith(("value", "reference", "against"))]
    assert len(hidden)
    assert hidden[[*numbers, "difference", "low", "high"]].isna().all().all()
    assert (hidden[["differs", "direction", "assumption"]] == "").all().all()
    missing = change[(change["area_id"] == "A08") & (change["indicator"] == "safety")]
    assert (missing["status"] == "missing").all()
    both = compare(small_shown("internal", "da"))
    assert (both["status"] == "protected").sum() == 0


def test_a_suppressed_figure_goes_before_a_missing_one(small_shown: Shown) -> None:
    shown = small_shown("public", "en")
    table = shown.table.copy()
    cell = (table["area_id"] == "A07") & (table["indicator"] == "youth_crime")
    table.loc[cell & (table["period"] == "2023"), "status"] = "missing"
    table.loc[cell & (table["period"] == "2024"), "status"] = "protected"
    change = compare(dataclasses.replace(shown, table=table), "2023", "2024")
    rows = change[(change["area_id"] == "A07") & (change["indicator"] == "youth_crime")]
    assert rows["status"].tolist() == ["protected"]


def test_pairs_years_apart_and_neighbours(small_shown: Shown) -> None:
    shown = small_shown("internal", "en")
    apart = compare(shown, years=2)
    assert set(zip(apart["period_before"], apart["period"], strict=True)) == {("2022", "2024")}
    neighbours = compare(shown)
    assert set(neighbours["period_before"] + neighbours["period"]) == {"20222023", "20232024"}
    several = compare(shown, pairs=[("2022", "2023"), ("2022", "2024")])
    steps = several.pivot_table(
        index=["area_id", "indicator"], columns="period", values="difference", sort=False
    )
    longer = neighbours.groupby(["area_id", "indicator"])["difference"].sum(min_count=2).dropna()
    assert steps["2024"].loc[longer.index].to_numpy() == pytest.approx(longer.to_numpy())


def test_a_stated_correlation_narrows_the_interval(small_shown: Shown) -> None:
    shown = small_shown("internal", "en")
    plain = compare(shown, "2023", "2024")
    paired = compare(shown, "2023", "2024", correlation={"outside_labour_market": 0.8}, overlap=0.75)
    has_interval = plain["low"].notna() & (plain["indicator"] == "outside_labour_market")
    widths = [frame["high"] - frame["low"] for frame in (plain, paired)]
    assert (widths[1] < widths[0])[has_interval].all()
    others = plain["indicator"] != "outside_labour_market"
    pd.testing.assert_frame_equal(plain[others], paired[others])
    assert set(paired.loc[has_interval, "assumption"]) == {"paired"}
    assert (paired.loc[has_interval, "correlation"] <= 0.8 * 0.75).all()


def test_against_another_reference(small_shown: Shown) -> None:
    shown = small_shown("internal", "en")
    change = compare(shown, "2023", "2024", against="@areas")
    key = change["indicator"] == "outside_labour_market"
    areas = change[key & (change["area_id"] == "@areas")].iloc[0]
    row = change[key & (change["area_id"] == "A01")].iloc[0]
    assert row["reference_difference"] == pytest.approx(areas["difference"])
    assert np.isnan(areas["reference_difference"])


def test_against_the_rest_of_the_municipality(small_shown: Shown) -> None:
    for output_set in ("internal", "public"):
        shown = small_shown(output_set, "en")
        change = compare(shown, "2023", "2024", against="@rest")
        assert change.loc[change["area_id"].str.startswith("@"), "reference"].isna().all()
        row = change[(change["area_id"] == "A01") & (change["indicator"] == "outside_labour_market")].iloc[0]
        figures = pd.concat([shown.table, shown.reference_areas]).set_index(
            ["area_id", "indicator", "period"]
        )
        area, total = (
            figures.loc[(each, "outside_labour_market", "2024")] for each in ("A01", "@municipality")
        )
        counts = total["numerator"] - area["numerator"]
        base = total["denominator"] - total["unknown"] - (area["denominator"] - area["unknown"])
        assert row["reference"] == pytest.approx(counts / base)
    hidden = change["status"] == "protected"
    assert hidden.any()
    assert change.loc[hidden, "reference"].isna().all()


def test_the_same_measurement_twice(small_shown: Shown) -> None:
    shown = small_shown("internal", "en")
    table = shown.table.assign(data_period=shown.table["period"])
    table.loc[table["indicator"] == "safety", "data_period"] = "2022"
    change = compare(dataclasses.replace(shown, table=table), "2022", "2023")
    survey = change[
        (change["indicator"] == "safety") & (change["status"] == "ok") & (change["area_id"] == "A01")
    ]
    assert survey["differs"].tolist() == ["cannot_tell"]
    assert survey["assumption"].tolist() == ["same_data"]


def test_a_definition_that_changed_is_no_change(small_shown: Shown) -> None:
    shown = small_shown("internal", "en")
    reform = Reform(valid_from="2023", numerator=Side(where="labour = 'out'"))
    indicators = tuple(
        each.model_copy(update={"reform": (reform,)}) if each.id == "outside_labour_market" else each
        for each in shown.indicators
    )
    change = compare(dataclasses.replace(shown, indicators=indicators))
    rows = change[change["indicator"] == "outside_labour_market"]
    before, after = (rows[rows["period"] == period] for period in ("2023", "2024"))
    assert set(before["assumption"]) == {"reform"}
    assert set(before["differs"]) == {"cannot_tell"}
    assert set(after["assumption"]) == {"independent"}


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"before": "2023"}, "give both"),
        ({"before": "2023", "period": "2034"}, "no period 2034"),
        ({"pairs": [("2024", "2023")]}, "2024 is not before 2023"),
        ({"against": "@sogn"}, 'no reference area "@sogn"'),
        ({"correlation": {"crime": 0.5}}, "names the indicator crime"),
        ({"overlap": 1.5}, "from 0 to 1"),
    ],
)
def test_settings_that_cannot_be(small_shown: Shown, settings: dict[str, object], text: str) -> None:
    with pytest.raises(InputError, match=text):
        compare(small_shown("internal", "en"), **settings)  # type: ignore[arg-type]
