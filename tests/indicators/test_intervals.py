"""Wilson, Byar and the exact Poisson limits against figures that others published, exact limits and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, norm, poisson

from geo_bosoc.indicators.rates import (
    Z95,
    byar,
    poisson_interval,
    wilson,
)


def test_the_constant() -> None:
    assert pytest.approx(float(norm.ppf(0.975)), rel=1e-15) == Z95


@pytest.mark.parametrize(
    ("count", "base", "low", "high"),
    # R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872: the four printed examples, score method.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_printed_by_newcombe(count: int, base: int, low: float, high: float) -> None:
    ours = wilson(count, base)
    assert [round(float(one), 4) for one in ours] == [low, high]


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_solves_its_equation(pair: tuple[int, int]) -> None:
    """At each limit p, (p - x/n)^2 = z^2 p (1 - p) / n (Wilson 1927); inside [0, 1], around the share,
    mirrored."""
    count, base = pair
    low, high = (float(one) for one in wilson(count, base))
    assert 0 <= low <= count / base <= high <= 1
    for limit in (low, high):
        assert (limit - count / base) ** 2 == pytest.approx(Z95**2 * limit * (1 - limit) / base, abs=1e-12)
    mirrored = wilson(base - count, base)
    assert [float(1 - mirrored[1]), float(1 - mirrored[0])] == pytest.approx([low, high], abs=1e-12)


def test_byar_near_the_exact_limits() -> None:
    """England's public health guide on confidence intervals: within 0.2 % of exact for 10 events or more
    (95 %)."""
    events = np.arange(10, 3000)
    low, high = byar(events, 1)
    assert np.abs(low / (chi2.ppf(0.025, 2 * events) / 2) - 1).max() < 0.002
    assert np.abs(high / (chi2.ppf(0.975, 2 * events + 2) / 2) - 1).max() < 0.002


def test_byar_small_by_hand() -> None:
    low, high = byar([0, 1, 4], [100, 100, 100])
    assert low[0] == 0
    assert low[1] == pytest.approx((1 - 1 / 9 - Z95 / 3) ** 3 / 100)
    assert high[2] == pytest.approx(5 * (1 - 1 / 45 + Z95 / (3 * 5**0.5)) ** 3 / 100)


# 95 % limits of a Poisson count of 0 to 9 events, as printed tables after Garwood (1936) have them.
GARWOOD = [
    (0, 0.0, 3.6889), (1, 0.0253, 5.5716), (2, 0.2422, 7.2247), (3, 0.6187, 8.7673), (4, 1.0899, 10.2416),
    (5, 1.6235, 11.6683), (6, 2.2019, 13.0595), (7, 2.8144, 14.4227), (8, 3.4538, 15.7632), (9, 4.1154, 17.0848),
]  # fmt: skip


@pytest.mark.parametrize(("count", "low", "high"), GARWOOD)
def test_exact_limits_as_printed_below_ten_events(count: int, low: float, high: float) -> None:
    ours = poisson_interval(count, 1)
    assert [round(float(each), 4) for each in ours] == [low, high]


def test_exact_limits_solve_their_equations() -> None:
    """At the lower limit so many or more have a chance of 2.5 %, at the upper so many or fewer."""
    events = np.arange(1, 10)
    low, high = poisson_interval(events, 1)
    assert poisson.sf(events - 1, low) == pytest.approx(0.025)
    assert poisson.cdf(events, high) == pytest.approx(0.025)


def test_from_ten_events_on_it_is_byar() -> None:
    events = np.arange(10, 200)
    assert np.array_equal(poisson_interval(events, 900), byar(events, 900))


def test_more_events_never_lower_a_limit_across_the_seam() -> None:
    events = np.concatenate([np.arange(0, 40), np.linspace(8, 12, 4001)])
    low, high = poisson_interval(np.sort(events), 1)
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()
    assert (low <= np.sort(events)).all() and (np.sort(events) <= high).all()


def test_no_base_and_impossible_counts_have_no_interval() -> None:
    assert np.isnan(wilson([0, 5, -1], [0, 4, 4])).all()
    assert np.isnan(byar([0, -1], [0, 5])).all()
    assert np.isnan(poisson_interval([0, 5, -1], [0, 0, 5])).all()
    assert np.isnan(poisson_interval(np.nan, 5)).all()
