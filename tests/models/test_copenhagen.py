"""The screening of Copenhagen on the six parameters of its source; housing themes are plain indicators."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from geo_bosoc.indicators import count_rows, load_indicators
from geo_bosoc.models.apply import categorise
from geo_bosoc.models.load import load_model
from geo_bosoc.models.tables import categorise_table
from geo_bosoc.models.texts.describe import describe_model
from geo_bosoc.models.texts.explain import explain

SIX = ("basic_school", "low_income", "outside_labour", "non_western", "turnout", "unsafe")
SIX_PCT = tuple(f"{name}_pct" for name in SIX)
WORST = (22, 22, 22, 22, 30, 40)
BEST = (10, 10, 10, 10, 80, 5)


def flagged(table: pd.DataFrame, *, origin: bool = True) -> list[str]:
    rows = categorise_table(table, load_model("copenhagen-sok"), origin=origin).categories
    return list(rows.loc[rows["category"] == "deprived_city_area", "area_id"])


def five(**of_d: float) -> pd.DataFrame:
    """Five areas, each a little worse than the one before on everything; `of_d` are other figures of the fourth."""
    rows = []
    for name, step in zip("ABCDE", (0, 1, 2, 3.9, 4), strict=True):
        figures = {
            column: best + (-step if column == "turnout_pct" else step)
            for column, best in zip(SIX_PCT, BEST, strict=True)
        }
        rows.append({"area": name, **figures, **(of_d if name == "D" else {})})
    return pd.DataFrame(rows)


def test_the_case_of_six_parameters() -> None:
    if "GEO_BOSOC_DATA" not in os.environ:
        pytest.skip("GEO_BOSOC_DATA is not set: the cases are not here")
    path = Path(os.environ["GEO_BOSOC_DATA"]) / "cases" / "35-screening-by-six-parameters" / "table.csv"
    assert flagged(pd.read_csv(path, dtype=object)) == ["A"]
    assert flagged(pd.read_csv(path, dtype=object), origin=False) == ["A"]


def test_the_model_has_the_six_and_no_dwellings() -> None:
    model = load_model("copenhagen-sok")
    assert tuple(criterion.indicator for criterion in model.criterion) == SIX
    assert [criterion.indicator for criterion in model.criterion if criterion.uses_origin] == ["non_western"]
    assert "femtedel" in model.assumption_text("da") and "fifth" in model.assumption_text("en")
    for language in ("da", "en"):
        assert "C-417/23" in describe_model(model, language)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SIX_PCT)
def test_each_parameter_counts_on_its_bad_side(name: str) -> None:
    bad, good = (5, 100) if name == "turnout_pct" else (95, 0)
    assert flagged(five()) == flagged(five(**{name: good})) == ["E"]
    assert flagged(five(**{name: bad})) == ["D"]


def test_without_origin_the_other_five_decide() -> None:
    table = five(non_western_pct=99)
    assert flagged(table) == ["D"]
    assert flagged(table, origin=False) == ["E"]
    rows = categorise_table(table, load_model("copenhagen-sok")).categories.set_index("area_id")
    assert rows.loc["D", "socioeconomic"] == "other_city_area"


def test_old_and_small_dwellings_change_nothing() -> None:
    table = five().assign(lacking_installations_pct=[0, 60, 0, 0, 0], small_dwellings_pct=[0, 90, 0, 0, 0])
    assert flagged(table) == flagged(five()) == ["E"]


def test_turnout_is_told_as_it_is_and_counted_turned() -> None:
    rows = [
        ("a", "2024", name, value / 100, "ok")
        for values in (WORST,)
        for name, value in zip(SIX, values, strict=True)
    ] + [("b", "2024", name, value / 100, "ok") for name, value in zip(SIX, BEST, strict=True)]
    table = pd.DataFrame(rows, columns=["area_id", "period", "indicator", "value", "status"])
    result = categorise(table, load_model("copenhagen-sok"))
    assert "30,0 % af stemmeberettigede er mødt frem ved valget" in explain(result, "a", language="da")


def test_housing_themes_are_plain_indicators() -> None:
    lacking, small = load_indicators("copenhagen")
    assert (lacking.id, small.id, small.direction) == ("lacking_installations", "small_dwellings", "neutral")
    rows = pl.DataFrame(
        {
            "area_id": ["A"] * 6,
            "period": ["2024"] * 6,
            "bbr_use": [140, 140, 140, 120, 140, 320],  # the last is no dwelling
            "m2": [59, 60, 61, 130, None, 20],
            "lacks_installations": [True, False, None, False, False, True],
        }
    ).lazy()
    counts = count_rows({"dwellings": rows}, (lacking, small)).set_index("indicator")
    figures = counts[["numerator", "denominator", "unknown"]]
    assert figures.loc["small_dwellings"].tolist() == [1, 5, 1]
    assert figures.loc["lacking_installations"].tolist() == [1, 5, 1]
