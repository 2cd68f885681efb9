"""How sure: closed forms of the sampling distributions, draws that can be had again, weights against plain numpy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from geo_bosoc.models import (
    Moves,
    categorise,
    load_model,
    robustness,
    weight_draws,
)
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.index.classes import share_classes, worst_counts, worst_first
from geo_bosoc.models.index.draws import draw_weights, method_draws
from geo_bosoc.models.index_spec import IndexSpec
from geo_bosoc.models.uncertainty.simulation import (
    Figures,
    meets_limit,
    poisson_chance,
    poisson_draw,
    redraw,
    wilson_chance,
    wilson_draw,
)

LEVELS = {
    "outside_labour_market": 0.17,
    "health": 0.08,
    "youth_crime": 0.02,
    "exposed_children": 0.03,
    "low_income_families": 0.2,
    "child_wellbeing": 0.06,
    "youth_education": 0.15,
    "safety": 0.05,
}
BASES = {"youth_education": 18, "youth_crime": 150, "safety": 80}


def town(areas: int = 12, seed: int = 0) -> Categorisation:
    rng = np.random.default_rng(seed)
    rows = []
    for at in range(areas):
        rows.append((f"{at:02}", "residents", 900, 900, 900.0))
        for name, level in LEVELS.items():
            base = BASES.get(name, 600)
            count = int(rng.binomial(base, min(0.9, level * rng.uniform(0.8, 3))))
            rows.append((f"{at:02}", name, count, base, count / base))
    rows += [
        ("@municipality", name, round(level * 100_000), 100_000, level) for name, level in LEVELS.items()
    ]
    frame = pd.DataFrame(rows, columns=["area_id", "indicator", "numerator", "denominator", "value"])
    frame = frame.assign(period="2024", unknown=0, status="ok")
    reference_area = frame["area_id"] == "@municipality"
    return categorise(
        frame[~reference_area], load_model("aarhus-2018"), reference_areas=frame[reference_area]
    )


def test_chance_and_draw_are_one_distribution() -> None:
    z = np.linspace(-2.5, 2.5, 11)
    value, base = np.full(z.shape, 0.12), np.full(z.shape, 80.0)
    limit = wilson_draw(value, base, z)
    assert wilson_chance(value, base, limit) == pytest.approx(1 - norm.cdf(z))
    count = np.full(z.shape, 7.0)
    away = np.abs(z) > 0.6  # between the two bounds of a count there is a gap, as Byar's interval has
    limit = poisson_draw(count, base, z)
    assert poisson_chance(count, base, limit)[away] == pytest.approx(1 - norm.cdf(z)[away])


def test_wilson_and_byar_as_printed() -> None:
    # Newcombe 1998, table I: 81 of 263, Wilson 0.2553 to 0.3662; 0 of 20: 0 to 0.1611
    z = np.array([-1.959964, 1.959964])
    assert wilson_draw(np.array(81 / 263), np.array(263.0), z).round(4).tolist() == [0.2553, 0.3662]
    assert wilson_draw(np.array(0.0), np.array(20.0), z).round(4).tolist() == [0.0, 0.1611]
    # exact Poisson limits of 10 are 4.795 and 18.39; Byar's approximation is within a per cent
    assert poisson_draw(np.array(10.0), np.array(1.0), z) == pytest.approx([4.795, 18.39], rel=0.01)


def test_a_redraw_has_the_mean_of_what_it_redraws() -> None:
    rng = np.random.default_rng(0)
    value, base = np.full(20_000, 0.2), np.full(20_000, 50.0)
    drawn = redraw(value, base, np.zeros(20_000, dtype=bool), rng)
    assert drawn.mean() == pytest.approx(10.5 / 51, abs=0.002)
    assert redraw(np.array([5.5]), np.array([np.nan]), np.array([False]), rng)[0] == 5.5


def test_draws_are_seeded_and_can_be_had() -> None:
    result = town()
    one, two = robustness(result, draws=40, seed=3), robustness(result, draws=40, seed=3)
    pd.testing.assert_frame_equal(one.areas, two.areas)
    pd.testing.assert_frame_equal(one.draw(7), two.draw(7))
    assert not one.areas.equals(robustness(result, draws=40, seed=4).areas)
    shares = one.areas[[name for name in one.areas if name.startswith("share_")]]
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1.0)
    drawn = pd.concat([one.draw(at) for at in range(40)])
    kept = drawn.merge(one.areas[["area_id", "category"]], on="area_id", suffixes=("", "_now"))
    held = (kept["category"] == kept["category_now"]).groupby(kept["area_id"]).mean()
    assert held.to_numpy() == pytest.approx(one.areas["held"].to_numpy())


def test_nothing_moved_nothing_changes() -> None:
    result = town()
    still = robustness(result, draws=5, what=["bands", "cutoffs", "weights"], moves=Moves(0.0, 0.0, 1e9))
    assert (still.areas["held"] == 1).all() and (still.sensitivity["changed"] == 0).all()
    assert list(robustness(result, draws=5, what=["cutoffs"]).sensitivity["assumption"]) == ["cutoffs"]


def test_words_and_small_numbers() -> None:
    found = robustness(town(), draws=20)
    assert "tilfældig variation ved små tal" in found.line("00").lower()
    assert "imagined repetitions" in found.line("00", "en") and found.line("nowhere") == ""
    assert found.criteria.loc[found.criteria["criterion"] == "youth_education", "small"].all()
    assert found.criteria["chance_met"].dropna().between(0, 1).all()


def test_rules_are_drawn_with_what_is_unknown() -> None:
    rows = []
    for area, work in (("a", 205), ("b", 150)):
        cells = {"outside_labour_pct": (work, 500), "basic_edu_pct": (330, 500), "non_western_pct": (20, 500)}
        cells |= {"income_pct_region": (90, 100), "residents": (1500, 1)}
        rows += [(area, name, n, d, n / d, "ok") for name, (n, d) in cells.items()]
        rows.append((area, "convicted_pct", None, None, None, "protected"))
    columns = ["area_id", "indicator", "numerator", "denominator", "value", "status"]
    frame = pd.DataFrame(rows, columns=columns).assign(unknown=0)
    both = pd.concat([frame.assign(period=year) for year in ("2017", "2018", "2019")])
    result = categorise(both, load_model("national-2018"))
    assert set(result.categories.loc[result.categories["period"] == "2019", "category"]) == {
        "vulnerable",
        "undetermined",
    }
    found = robustness(result, "2019", draws=60)
    assert list(found.areas["area_id"]) == ["a"] and 0.3 < found.areas["held"].item() < 1
    assert set(found.draw(0)["category"]) <= {"vulnerable", "undetermined", "not_listed"}


def test_weights_equal_plain_numpy() -> None:
    rng = np.random.default_rng(5)
    values, shares = rng.random((60, 6)), [0.1, 0.3, 0.6]
    found = weight_draws(values, shares, draws=150, seed=9, rank_draws=150)
    drawn = draw_weights([1.0] * 6, 150, seed=9)
    assert np.array_equal(drawn, found.weights)
    counts = np.zeros((60, 3))
    ranks = np.zeros((150, 60))
    for at, weights in enumerate(drawn):
        scores = values @ weights
        classes = 3 - share_classes(scores, list(reversed(shares)))
        counts[np.arange(60), classes] += 1
        ranks[at] = (scores[None, :] > scores[:, None]).sum(axis=1) + 1
        assert np.allclose(found.scores_of(values, at), scores)
    assert found.frequencies == pytest.approx(counts / 150)
    assert found.rank_median == pytest.approx(np.quantile(ranks, 0.5, axis=0, method="inverted_cdf"))
    assert found.stability == pytest.approx(found.frequencies[np.arange(60), found.baseline])


@pytest.mark.parametrize("edges", ["ceil", "floor", "type7"])
def test_counts_of_the_worst_agree_with_classes(edges: str) -> None:
    for areas in (5, 7, 10, 38, 97):
        values = np.random.default_rng(areas).permutation(areas).astype(float)
        for shares in ([0.2, 0.8], [0.05, 0.25, 0.5, 0.2]):
            classes = worst_first(values, shares, edges, "min", False)  # type: ignore[arg-type]
            worst = [(classes <= place).sum() for place in range(1, len(shares) + 1)]
            assert worst_counts(shares, areas, edges) == worst  # type: ignore[arg-type]


def test_draws_over_how_an_index_is_made() -> None:
    rng = np.random.default_rng(2)
    values = rng.lognormal(size=(40, 5))
    spec = IndexSpec(shares=(0.2, 0.8))
    found = method_draws(values, spec, draws=60, seed=4)
    assert found.frequencies.sum(axis=1) == pytest.approx(1) and set(found.choices["normalise"]) == {
        "minmax",
        "z",
        "rank",
    }
    assert (found.rank_low <= found.rank_high).all() and set(found.sensitivity["assumption"]) == {
        "normalisation",
        "aggregation",
        "weights",
    }
    same = method_draws(values, spec, methods=("minmax",), ways=("arithmetic",), draws=20, concentration=1e12)
    assert (same.stability == 1).all() and (same.sensitivity["changed"] == 0).all()
    assert method_draws(values, spec, draws=10, seed=1).weights == pytest.approx(
        draw_weights([1.0] * 5, 10, seed=1)
    )


@pytest.mark.parametrize("high", [True, False])
@pytest.mark.parametrize("strict", [True, False])
def test_a_drawn_value_within_a_billionth_of_a_limit_is_at_it(high: bool, strict: bool) -> None:
    """And every value is below an infinite limit, and none passes an unknown one."""
    empty = np.empty((0, 1))
    figures = Figures((), empty, empty, np.empty((0, 1), dtype=bool), (), (high,), (strict,), ())
    value = 0.04
    apart = np.array([-1e-6, -1e-8, -1e-10, 0.0, 1e-10, 1e-8, 1e-6])  # of the value above the limit
    limits = np.array([*(value / (1 + apart)), np.inf, np.nan])
    found = meets_limit(figures, 0, np.full(len(limits), value), limits)
    beyond, at = apart > 1e-9 if high else apart < -1e-9, np.abs(apart) < 1e-9
    expected = beyond | (at & (not strict))
    assert found.tolist() == [*expected.tolist(), not high, False]
