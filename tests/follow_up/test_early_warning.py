"""Chances of passing a threshold: against closed forms, and against what came in made-up cities and in the demo."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from calibration_plot import KINDS, PLOT, city_of, plot_text, twenty_cities
from made_up_cities import make_city
from scipy.stats import binom, norm

from geo_bosoc.follow_up.ahead.calibration import brier_score, calibration_bins, judge_forecasts
from geo_bosoc.follow_up.ahead.early_warning import CATEGORY, EarlyWarnings, early_warnings
from geo_bosoc.follow_up.ahead.random_walk import AreaSeries, Walk, chance_over, fit_walk
from geo_bosoc.models import Categorisation, categorise, parse_model


@pytest.mark.parametrize("horizon", [1, 3])
def test_on_twenty_made_up_cities_chances_come_true_and_beat_both_naive_rules(horizon: int) -> None:
    forecasts = twenty_cities(horizon)
    bins = calibration_bins(forecasts)
    assert len(bins) == 10 and bins["within"].sum() >= 9, bins
    verdict = judge_forecasts(forecasts)
    assert verdict["verdict"] == "ok" and verdict["forecasts"] == 800
    assert verdict["brier"] < verdict["brier_same"] and verdict["brier"] < verdict["brier_share"]
    title = {1: "Næste år", 3: "Om tre år"}[horizon]
    drawn = plot_text({title: bins}).splitlines()
    printed = PLOT.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(printed) if title in line)
    circles = [re.findall(r"[\d.]+", line)[1] for line in printed[start:] if line.startswith("<circle")][:10]
    again = [re.findall(r"[\d.]+", line)[1] for line in drawn if line.startswith("<circle")]
    assert [float(each) for each in circles] == pytest.approx([float(each) for each in again], abs=1.0)


def test_the_walk_of_many_cities_has_the_variances_they_were_made_with() -> None:
    for kind, (_, step) in enumerate(KINDS):
        walks = [fit_walk(city_of(number).series) for number in range(kind, 16, len(KINDS))]
        assert np.median([np.sqrt(walk.step) for walk in walks]) == pytest.approx(step, rel=0.25)
        assert np.median([np.sqrt(walk.between) for walk in walks]) == pytest.approx(0.6, rel=0.2)
        assert np.median([walk.scatter for walk in walks]) == pytest.approx(1.0, rel=0.2)
        assert abs(np.median([walk.drift for walk in walks])) < 0.03


def still_walk(state: float, areas: int, *, variance: float = 0.0, noise: float = 1e9) -> Walk:
    """A walk whose level is known, with nothing seen but where it starts from."""
    years = np.arange(2.0)
    blank = np.zeros((areas, 2))
    return Walk(
        state, 0.0, variance, 0.0, 1.0, blank, np.full((areas, 2), noise), years, np.diag([1e12, 1e12])
    )


def test_the_chance_of_a_known_share_is_the_binomial_tail() -> None:
    base = np.array([[40.0, 40.0], [151.0, 151.0], [900.0, 900.0]])
    series = AreaSeries(np.full((3, 2), 0.2), base, np.full(2, 0.25), np.arange(2.0), shares=True)
    share = 0.22
    walk = still_walk(float(np.log(share / (1 - share)) - np.log(0.25 / 0.75)), 3)
    limit = np.array([0.25, 0.25, 0.25])
    least = np.ceil(limit * base[:, 1])
    expected = binom.sf(least - 1, base[:, 1], share)
    assert chance_over(walk, series, limit, 1.0) == pytest.approx(expected, abs=1e-6)
    strictly = binom.sf(np.floor(limit * base[:, 1]), base[:, 1], share)
    assert chance_over(walk, series, limit, 1.0, strict=True) == pytest.approx(strictly, abs=1e-6)
    assert chance_over(walk, series, np.array([0.0, 1.01, np.nan]), 1.0)[:2].tolist() == [1.0, 0.0]


def test_the_chance_of_an_uncertain_mean_is_the_normal_tail() -> None:
    series = AreaSeries(
        np.full((2, 2), 8.0), np.full((2, 2), np.nan), np.full(2, 10.0), np.arange(2.0), shares=False
    )
    walk = still_walk(-0.2, 2, variance=0.09)
    chances = chance_over(walk, series, np.array([10.0, 8.0]), 1.0)
    assert chances == pytest.approx([norm.sf(0.2 / 0.3), 0.5], abs=1e-6)


def test_an_area_with_few_people_leans_on_the_others() -> None:
    city = make_city(3)
    small, large = (
        replace(city, bases=city.bases.copy(), numerators=city.numerators.copy()) for _ in range(2)
    )
    small.bases[0], small.numerators[0] = 10.0, 10.0
    large.bases[0], large.numerators[0] = 10_000.0, 10_000.0
    chances = [
        chance_over(fit_walk(each.series), each.series, np.full(40, 0.95), 1.0)[0] for each in (small, large)
    ]
    assert chances[0] < 0.7 < 0.99 < chances[1]


def test_a_missing_year_is_no_figure_and_the_order_of_areas_says_nothing() -> None:
    series = city_of(1).series
    series.value[5, 2:5] = np.nan
    limit = np.full(40, 0.1)
    chances = chance_over(fit_walk(series), series, limit, 1.0)
    order = np.random.default_rng(1).permutation(40)
    turned = AreaSeries(series.value[order], series.base[order], series.offset, series.years, shares=True)
    assert chance_over(fit_walk(turned), turned, limit, 1.0) == pytest.approx(chances[order], abs=2e-3)
    assert np.isfinite(chances).all()
    with pytest.raises(ValueError, match="two years"):
        fit_walk(series.head(1))


def test_a_binomial_bin_and_a_brier_score_by_hand() -> None:
    chance, observed = np.array([0.5, 0.5, 0.5, 0.5]), np.array([1.0, 0.0, 1.0, 0.0])
    assert brier_score(chance, observed) == 0.25
    row = calibration_bins(pd.DataFrame({"chance": chance, "observed": observed})).iloc[0]
    assert (row["bin"], row["forecasts"], row["observed"], row["low"], row["high"]) == (6, 4, 0.5, 0.0, 1.0)


MODEL = parse_model({
    "id": "toy", "version": "2024-01-01", "kind": "rules",
    "criterion": [
        {"indicator": "work", "measure": "value", "operator": ">=", "threshold": 27},
        {"id": "work_20", "indicator": "work", "measure": "value", "operator": ">", "threshold": 20},
        {"indicator": "school", "measure": "value", "operator": ">=", "threshold": 9},
    ],
    "category": [
        {"id": "worst", "label_da": "Værst", "label_en": "Worst", "colour": "#2a0f52",
         "rule": [{"requires": ["work", "school"]}]},
        {"id": "bad", "label_da": "Slem", "label_en": "Bad", "colour": "#5158a8",
         "rule": [{"requires": ["work_20"]}, {"requires": ["school"]}]},
        {"id": "rest", "label_da": "Andre", "label_en": "Other", "colour": "#cfd6de"},
    ],
})  # fmt: skip


def categorised(table: pd.DataFrame) -> Categorisation:
    return categorise(table, MODEL)


@pytest.fixture(scope="module")
def toy() -> EarlyWarnings:
    table = pd.concat([make_city(40).table("work"), make_city(41, level=-2.5, step=0.2).table("school")])
    return early_warnings(categorised(table))


def test_each_threshold_and_category_of_a_model_has_its_chance(toy: EarlyWarnings) -> None:
    warning = toy.warning
    assert len(warning) == 40 * 4 * 2 and set(warning["period_ahead"]) == {"2025", "2027"}
    assert warning["chance"].between(0.001, 0.999).sum() == (warning["status"] == "ok").sum() > 200
    year = warning[warning["horizon"] == 1].pivot_table(index="area_id", columns="criterion", values="chance")
    assert (year["work_20"] >= year["work"] - 0.02).all()  # over 27 per cent is over 20
    # From the rest a worse category is either criterion; criteria on different figures are taken to be independent.
    now = warning[(warning["criterion"] == CATEGORY) & (warning["horizon"] == 1)].set_index("area_id")["now"]
    rest = year[now == "rest"]
    either = 1 - (1 - rest["work_20"]) * (1 - rest["school"])
    assert rest[CATEGORY].to_numpy() == pytest.approx(either.to_numpy(), abs=0.04)
    assert (year.loc[now == "worst", CATEGORY] <= 0.001).all()
    verdicts = toy.calibration.set_index(["criterion", "horizon"])
    assert verdicts.loc[("work", 1), "held_back"] == "2019, 2020, 2021, 2022, 2023, 2024"
    assert (verdicts["verdict"] == "ok").sum() >= 6


def test_the_same_figures_give_the_same_frames(toy: EarlyWarnings) -> None:
    table = pd.concat([make_city(40).table("work"), make_city(41, level=-2.5, step=0.2).table("school")])
    again = early_warnings(categorised(table.sample(frac=1, random_state=1)))
    pd.testing.assert_frame_equal(again.warning, toy.warning)
    pd.testing.assert_frame_equal(again.calibration, toy.calibration)


def test_it_cannot_tell_what_stands_still_or_is_chance_alone() -> None:
    still = make_city(50, years=5)
    still.numerators[:] = still.numerators[:, :1]
    alike = make_city(51, step=0.0, between=0.0, years=5)
    table = pd.concat([still.table("work"), alike.table("school")])
    warnings = early_warnings(categorised(table), horizons=(1,))
    reasons = warnings.calibration.set_index("criterion")["reason"]
    assert reasons["work"] == "same_as_now"
    table = pd.concat([alike.table("work"), still.table("school")])
    chance_alone = early_warnings(categorised(table), horizons=(1,)).calibration.set_index("criterion")
    assert chance_alone.loc["work_20", "verdict"] == "cannot_tell"
    rows = warnings.warning[warnings.warning["criterion"] == "work"]
    assert (rows["status"] == "cannot_tell").all() and rows["chance"].isna().all()


def test_a_survey_carried_forward_counts_once() -> None:
    table = pd.concat([make_city(60).table("work"), make_city(61, level=-2.5).table("school")])
    source = {("work", str(year)): str(year - 1) for year in range(2018, 2025, 2)}
    calibration = early_warnings(categorised(table), horizons=(1,), data_periods=source).calibration
    periods = calibration.set_index("criterion")["held_back"]
    assert periods["work"] == "2021, 2023" and periods["school"].startswith("2019, 2020")
