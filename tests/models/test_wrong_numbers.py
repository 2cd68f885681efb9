"""Numbers that nothing can be meant by end as an error with their key, in model and indicator files. All made up."""

from __future__ import annotations

from typing import Any

import pytest

from geo_bosoc.indicators import parse_indicators
from geo_bosoc.models import categorise_table, load_model, parse_model
from geo_bosoc.problems import InputError, Report

CATEGORIES = [{"id": f"c{at}", "label_da": "x", "label_en": "x", "colour": "#112233"} for at in (1, 2, 3)]


def index(**changed: Any) -> dict[str, Any]:
    criterion = {"indicator": "p", "unit": "percent"} | changed.pop("criterion", {})
    spec = {"normalise": "rank", "shares": [0.3333333333, 0.3333333333, 0.3333333333]} | changed
    return {
        "id": "m",
        "version": "1",
        "kind": "index",
        "index": spec,
        "criterion": [criterion],
        "category": CATEGORIES,
    }


def points(**changed: Any) -> dict[str, Any]:
    criterion = {"indicator": "p", "bands": [1, 2]} | changed
    categories = [{**CATEGORIES[0], "min_points": 1}, CATEGORIES[1]]
    return {"id": "m", "version": "1", "kind": "points", "criterion": [criterion], "category": categories}


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (index(normalise="goalposts"), "goalposts"),
        (index(criterion={"goalposts": [1, 1]}), "goalposts"),
        (index(criterion={"weight": 0}), "weight"),
        (index(criterion={"weight": -1}), "weight"),
        (index(criterion={"weight": float("nan")}), "weight"),
        (index(group=[{"id": "empty"}]), "index.group"),
        (index(group=[{"id": "a", "weight": 0}], criterion={"group": "a"}), "weight"),
        (index(shares=[1.5, -0.25, -0.25]), "shares"),
        (index(shares=[0.5, 0.2, 0.2]), "shares"),
        (index(to=[1, 1]), "to"),
        (points(bands=[1, float("inf")]), "bands"),
        (points(bands=[float("nan"), 1]), "bands"),
        (points(bands=[2, 1]), "bands"),
        (points(bands=[1, 10**30]), "bands"),
        (points(bands=[1, 1e300]), "bands"),
        (points(points=[1, float("inf")]), "points"),
        (points(window=[-(10**9)]), "window"),
        ({**points(), "pool_years": 10**9}, "pool_years"),
        ({**points(), "hold": float("inf")}, "hold"),
        (
            {**points(), "gates": [{"indicator": "r", "operator": ">", "threshold": float("-inf")}]},
            "threshold",
        ),
    ],
)
def test_wrong_numbers_of_a_model_are_told_by_key(data: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_model(data, file="m.toml")
    assert "m.toml" in str(raised.value) and key in str(raised.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("scale", 10**30),
        ("scale", 0),
        ("pool_years", 10**9),
        ("carry_forward", 10**30),
        ("weight_scale", 1e400),
    ],
)
def test_wrong_numbers_of_an_indicator_are_told_by_key(key: str, value: float) -> None:
    one = {
        "id": "x",
        "label_da": "X",
        "label_en": "X",
        "denominator": {},
        "mean_of": "y",
        "unit": "mean",
        key: value,
    }
    with pytest.raises(InputError) as raised:
        parse_indicators({"indicator": [one]}, file="i.toml")
    assert key in str(raised.value) and "i.toml" in str(raised.value)


def test_thirds_with_few_decimals_are_thirds() -> None:
    import pandas as pd

    table = pd.DataFrame({"area": list("abcdef"), "p_pct": [60, 50, 40, 30, 20, 10]})
    done = categorise_table(table, parse_model(index()), report=Report())
    assert done.categories["category"].tolist() == ["c1", "c1", "c2", "c2", "c3", "c3"]


def test_models_that_ship_are_as_they_were() -> None:
    assert load_model("aarhus-2018").max_points == 24
