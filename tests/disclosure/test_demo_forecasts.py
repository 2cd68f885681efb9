"""Early warning on the demo's five years: it comes true or says that it cannot tell, and shows no suppressed figure."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
from demo_results import demo_results
from scipy.stats import binom

import geo_bosoc as gb
from geo_bosoc.disclosure.policy import UNSUPPRESSED
from geo_bosoc.disclosure.results import PublishedResults, Results
from geo_bosoc.follow_up.ahead.early_warning import CATEGORY, EarlyWarnings, early_warnings
from geo_bosoc.follow_up.ahead.suppressed_forecasts import (
    as_published,
    suppress_warnings,
    warning_sentences,
)
from geo_bosoc.models import Categorisation, categorise


def categorised(results: Results) -> Categorisation:
    (model,) = results.models
    return categorise(
        results.table, model, reference_areas=results.reference_areas, indicators=results.indicators
    )


def data_periods(results: Results) -> dict[tuple[str, str], str]:
    rows = results.table[["indicator", "period", "data_period"]].dropna().drop_duplicates()
    return {(name, period): of for name, period, of in rows.itertuples(index=False, name=None)}


@functools.cache
def demo_warnings() -> EarlyWarnings:
    """From the true figures."""
    return early_warnings(categorised(demo_results()), data_periods=data_periods(demo_results()))


def test_what_it_tells_of_the_demo_beats_both_rules_and_comes_true() -> None:
    ahead = demo_warnings()
    verdicts = ahead.calibration.set_index(["criterion", "horizon"])
    fit = verdicts[verdicts["verdict"] == "ok"]
    assert len(fit) >= 8 and (fit["brier"] < fit[["brier_same", "brier_share"]].min(axis=1)).all()
    assert (fit["bins_within"] >= fit["bins"] - 1).all()
    # A survey every other year, and shares of a dozen people, cannot be told.
    assert {"safety", "youth_education"} == set(verdicts.drop(fit.index).index.get_level_values(0)) - {
        CATEGORY
    }
    rows = ahead.warning.set_index(["criterion", "horizon"])
    silent = rows[rows.index.isin(verdicts.index.difference(fit.index))]
    assert silent["chance"].isna().all() and set(silent["status"]) <= {"cannot_tell", "missing"}
    # All that is told for next year, in ten bins together.
    bins = ahead.bins[
        (ahead.bins["horizon"] == 1)
        & ahead.bins["criterion"].isin(fit.loc[(slice(None), 1), :].index.get_level_values(0))
    ]
    weighted = bins.assign(
        chance=bins["chance"] * bins["forecasts"], observed=bins["observed"] * bins["forecasts"]
    )
    sums = weighted.groupby("bin")[["forecasts", "chance", "observed"]].sum()
    mean, came = sums["chance"] / sums["forecasts"], sums["observed"] / sums["forecasts"]
    low, high = (binom.ppf(tail, sums["forecasts"], mean) / sums["forecasts"] for tail in (0.025, 0.975))
    assert len(sums) == 10 and ((came >= low) & (came <= high)).sum() >= 9


@functools.cache
def warnings_of_set() -> tuple[PublishedResults, EarlyWarnings]:
    """What the internal set of the demo publishes, and the early warnings that follow from it."""
    published = gb.suppress(demo_results(), "internal")
    return published, warnings_from(published, demo_results())


def warnings_from(published: PublishedResults, results: Results) -> EarlyWarnings:
    return early_warnings(as_published(categorised(results), published), data_periods=data_periods(results))


def test_chances_follow_from_what_the_set_shows_alone() -> None:
    """Whatever else the suppressed counts are, they come out the same."""
    published, ahead = warnings_of_set()
    results = demo_results()
    hidden = results.table.merge(
        published.table[["area_id", "period", "indicator", "status"]],
        on=["area_id", "period", "indicator"],
        suffixes=("", "_shown"),
    )["status_shown"].eq("protected")  # fmt: skip
    table = results.table.assign(
        numerator=results.table["numerator"].where(~hidden.to_numpy(), 1),
        value=results.table["value"].where(~hidden.to_numpy(), 1 / results.table["denominator"]),
    )
    assert (table["numerator"] != results.table["numerator"]).sum() > 300
    other = warnings_from(published, replace(results, table=table))
    pd.testing.assert_frame_equal(other.warning, ahead.warning)
    pd.testing.assert_frame_equal(other.calibration, ahead.calibration)
    pd.testing.assert_frame_equal(other.bins, ahead.bins)


def test_most_areas_are_told_the_chance_of_a_worse_category_and_it_comes_true() -> None:
    published, ahead = warnings_of_set()
    shown = suppress_warnings(ahead.warning, published)
    year = shown[(shown["criterion"] == CATEGORY) & (shown["horizon"] == 1)].set_index("area_id")
    categories = published.categories[published.categories["period"] == "2024"].set_index("area_id")[
        "category"
    ]
    with_chance = year[year["status"] == "ok"]
    assert len(year) == 40 and len(with_chance) >= 30
    assert (with_chance["now"] == categories[with_chance.index]).all()
    ranges = set(categories.index[categories == "range"])
    assert (
        set(year.index[year["status"] == "protected"]) == ranges
        and (year.loc[sorted(ranges), "now"] == "").all()
    )
    verdict = ahead.calibration.set_index(["criterion", "horizon"]).loc[(CATEGORY, 1)]
    assert verdict["verdict"] == "ok" and verdict["bins_within"] >= verdict["bins"] - 1
    keys = ["area_id", "criterion", "horizon", "step"]
    both = demo_warnings().warning.merge(ahead.warning, on=keys).dropna(subset=["chance_x", "chance_y"])
    assert len(both) > 1_000 and (both["chance_x"] - both["chance_y"]).abs().mean() < 0.012


def test_nothing_is_said_of_a_figure_that_is_suppressed_now() -> None:
    published, ahead = warnings_of_set()
    (model,) = published.models
    shown = suppress_warnings(ahead.warning, published)
    table = published.table[
        (published.table["status"] == "protected") & (published.table["period"] == "2024")
    ]
    keys = pd.MultiIndex.from_frame(shown[["area_id", "indicator"]])
    gone = keys.isin(list(zip(table["area_id"], table["indicator"], strict=True)))
    assert 100 < gone.sum() < len(shown) / 2 and (shown.loc[gone, "status"] == "protected").all()
    assert shown.loc[gone, ["value", "chance"]].isna().all().all() and (shown.loc[gone, "now"] == "").all()
    sentences = warning_sentences(shown, model, "da")["sentence"]
    assert (sentences[gone] == "").all()
    written = sentences[(shown["criterion"] != CATEGORY) & (sentences != "")]
    change = np.where(shown["now"] == "met", 1 - shown["chance"], shown["chance"])
    assert len(written) and (change[written.index] >= 0.25).all()
    assert written.str.startswith("Chancen for, at området ").all()


def test_with_nothing_suppressed_it_is_the_true_categorisation() -> None:
    done = categorised(demo_results())
    everything = gb.suppress(demo_results(), "internal", policy=UNSUPPRESSED)
    assert as_published(done, everything) is done
