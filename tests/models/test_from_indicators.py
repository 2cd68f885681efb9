"""A criterion takes unit, direction and name from its indicator unless it says otherwise. All made up."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from geo_bosoc.indicators import Indicator, Side
from geo_bosoc.models import (
    Model,
    categorise,
    explain,
    parse_model,
)
from geo_bosoc.models.variants import with_indicators


def mean(**changed: Any) -> Indicator:
    settings: dict[str, Any] = {"unit": "mean", "mean_of": "x", "denominator": Side(), "scale": 10}
    return Indicator(id="grade", label_da="Karakter", label_en="Mark", **(settings | changed))


def model(*criteria: dict[str, Any]) -> Model:
    category = {"label_da": "x", "label_en": "x", "colour": "#112233"}
    return parse_model(
        {
            "id": "small",
            "version": "1",
            "kind": "points",
            "criterion": [{"indicator": "grade", "bands": [1.1, 2]} | one for one in criteria],
            "category": [{"id": "poor", "min_points": 1, **category}, {"id": "fine", **category}],
        }
    )


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_mean_is_told_as_a_mean(language: Any) -> None:
    """64 marks of tenths of 9 pupils: 7.1, and not 711 per cent."""
    rows = pd.DataFrame({"area_id": ["A"], "period": ["2024"], "indicator": ["grade"], "status": ["ok"]})
    table = rows.assign(numerator=640, denominator=9, unknown=0, value=640 / 90, reference=6.0)
    done = categorise(
        table, model({"base_da": "elever", "base_en": "pupils", "met_da": "for høje"}), indicators=[mean()]
    )
    text = explain(done, "A", language=language, minimum=0)
    line = next(line for line in text.splitlines() if line.startswith("- "))
    seven, six, word, whom = (
        ("7,1", "6,0", "Karakter", "elever") if language == "da" else ("7.1", "6.0", "Mark", "pupils")
    )
    assert line.startswith(f"- {word}: {seven} (9 {whom}); ") and f" {six}, " in line
    assert "%" not in line


def test_what_a_criterion_says_itself_stands() -> None:
    said = model({"unit": "count", "direction": "high_is_bad"})
    kept = with_indicators(said, [mean(direction="low_is_bad")]).criterion[0]
    assert (kept.unit, kept.direction, kept.label("da")) == ("count", "high_is_bad", "Karakter")
    taken = with_indicators(model({}), [mean(direction="low_is_bad")]).criterion[0]
    assert (taken.unit, taken.direction) == ("mean", "low_is_bad")
    neutral = with_indicators(model({}), [mean(direction="neutral")]).criterion[0]
    assert neutral.direction == "high_is_bad"
    turned = with_indicators(model({"complement": True}), [mean(direction="low_is_bad")]).criterion[0]
    assert (turned.unit, turned.direction) == ("percent", "high_is_bad")


def test_several_criteria_on_one_figure_keep_their_names() -> None:
    both = model({"id": "a", "label_da": "Over", "label_en": "Over"}, {"id": "b", "bands": [3]})
    names = [one.label("da") for one in with_indicators(both, [mean()]).criterion]
    assert names == ["Over", "Karakter"]
    assert with_indicators(both, []) is both
