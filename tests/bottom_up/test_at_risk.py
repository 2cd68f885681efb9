"""Areas at risk: profiles like those of the categorised ones, with the distance and what drives it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo_bosoc.bottom_up.at_risk import at_risk
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.problems import InputError, Report


def _indicator(name: str, direction: str = "high_is_bad", unit: str = "percent") -> Indicator:
    return Indicator.model_validate(
        {"id": name, "label_da": name, "label_en": name, "direction": direction, "unit": unit,
         "denominator": Side(), "numerator": None if unit == "count" else Side()}
    )  # fmt: skip


INDICATORS = (
    _indicator("outside"),
    _indicator("jobs", "low_is_bad"),
    _indicator("people", "neutral", "count"),
)


def _table(profiles: dict[str, tuple[float | None, float | None]]) -> pd.DataFrame:
    rows = [
        (area, "2024", name, value)
        for area, pair in profiles.items()
        for name, value in zip(("outside", "jobs"), pair, strict=True)
    ]
    return pd.DataFrame(rows, columns=["area_id", "period", "indicator", "value"])


def _town() -> tuple[pd.DataFrame, list[str]]:
    random = np.random.default_rng(5)
    bad = {f"bad{i}": tuple(pair) for i, pair in enumerate(random.normal((0.5, 0.3), 0.03, (12, 2)))}
    good = {f"good{i}": tuple(pair) for i, pair in enumerate(random.normal((0.1, 0.8), 0.03, (20, 2)))}
    return _table({**bad, **good, "hidden": (0.5, 0.31)}), list(bad)


def test_an_area_among_the_categorised_ones_is_flagged_and_the_others_are_not():
    table, flagged = _town()
    found = at_risk(table, flagged, INDICATORS, period="2024").set_index("area_id")
    assert found["at_risk"].to_dict() == {name: name == "hidden" for name in found.index}
    row = found.loc["hidden"]
    assert row["distance"] <= row["limit"] and row["distance"] < row["to_others"]
    assert set(row["drivers"].split(", ")) == {"outside", "jobs"}
    assert set(row["alike"].split(", ")) <= set(flagged)
    assert not set(found.index) & set(flagged)


def test_a_driver_is_worse_not_better():
    table, flagged = _town()
    extra = _table({"rich": (0.5, 0.8)})
    found = at_risk(pd.concat([table, extra]), flagged, INDICATORS, period="2024").set_index("area_id")
    assert found.loc["rich", "drivers"] == "outside"
    assert not found.loc["rich", "at_risk"]


def test_relabelling_and_reordering_change_nothing_and_scale_neither():
    table, flagged = _town()
    first = at_risk(table, flagged, INDICATORS, period="2024")
    shuffled = table.sample(frac=1.0, random_state=3)
    shuffled = shuffled.assign(
        value=shuffled["value"].where(shuffled["indicator"] != "jobs", shuffled["value"] * 7)
    )
    again = at_risk(shuffled, flagged[::-1], INDICATORS, period="2024")
    pd.testing.assert_frame_equal(first, again)


def test_too_few_or_missing_figures_are_told():
    table, flagged = _town()
    report = Report()
    assert at_risk(table, flagged[:3], INDICATORS, period="2024", report=report).empty
    assert "too few areas" in report.problems[0].message
    report = Report()
    gap = table.assign(
        value=table["value"].mask((table["area_id"] == "good0") & (table["indicator"] == "jobs"))
    )
    found = at_risk(gap, flagged, INDICATORS, period="2024", report=report)
    assert "good0" not in set(found["area_id"]) and report.problems[0].count == 1
    with pytest.raises(InputError):
        at_risk(table, flagged, INDICATORS, period="2024", neighbours=0, within=2.0)
