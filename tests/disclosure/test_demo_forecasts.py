"""Early warning on the demo's five years: it comes true or says that it cannot tell, and shows no suppressed figure."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
from demo_results import demo_results
from scipy.stats import binom

import geo_bosoc as gb
from geo_bosoc.follow_up.early_warning import CATEGORY, EarlyWarnings, early_warnings
from geo_bosoc.follow_up.suppressed_forecasts import (
    suppress_warnings,
    suppressed_figures,
    warning_sentences,
)
from geo_bosoc.models import categorise


@functools.cache
def demo_warnings() -> EarlyWarnings:
    results = demo_results()
    (model,) = results.models
    rows = results.table[["indicator", "period", "data_period"]].dropna().drop_duplicates()
    done = categorise(
        results.table, model, reference_areas=results.reference_areas, indicators=results.indicators
    )
    periods = {(name, period): of for name, period, of in rows.itertuples(index=False, name=None)}
    return early_warnings(done, data_periods=periods)


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


def test_no_chance_has_a_suppressed_figure_behind_it() -> None:
    results, ahead = demo_results(), demo_warnings()
    (model,) = results.models
    published = gb.suppress(results, "internal")
    hidden = suppressed_figures(published)
    shown = suppress_warnings(ahead.warning, model, published)
    keys = pd.MultiIndex.from_frame(shown[["area_id", "indicator"]])
    gone = keys.isin(list(hidden)) | (
        (shown["criterion"] == CATEGORY) & shown["area_id"].isin({area for area, _ in hidden})
    )
    assert 100 < gone.sum() < len(shown) and (shown.loc[gone, "status"] == "protected").all()
    assert shown.loc[gone, ["value", "chance"]].isna().all().all() and (shown.loc[gone, "now"] == "").all()
    pd.testing.assert_frame_equal(shown[~gone], ahead.warning[~gone])
    sentences = warning_sentences(shown, model, "da")["sentence"]
    assert (sentences[gone] == "").all()
    told = sentences[(shown["criterion"] != CATEGORY) & (sentences != "")]
    change = np.where(shown["now"] == "met", 1 - shown["chance"], shown["chance"])
    assert len(told) and (change[told.index] >= 0.25).all()
    assert told.str.startswith("Chancen for, at området ").all()
