"""Status x dynamics: Berlin's published classes, hand-made results, and figures that are not shown."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ranges_shown import with_ranges

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up.changes.status_dynamics import (
    DYNAMICS_COLUMNS,
    class_labels,
    cross_classes,
    standard_scores,
    status_dynamics,
)
from geo_bosoc.follow_up.schemes import load_scheme, scheme_ids
from geo_bosoc.problems import InputError

Shown = Callable[..., PublishedResults]
DATA = os.environ.get("GEO_BOSOC_DATA")
needs_data = pytest.mark.skipif(DATA is None, reason="GEO_BOSOC_DATA is not set")
TWELVE = [f"{status}{dynamics}" for status in (1, 2, 3, 4) for dynamics in ("+", "+/-", "-")]


def _berlin(year: int, kind: str) -> pd.DataFrame:
    return pd.read_csv(Path(str(DATA)) / f"composite/berlin_mss_{year}_{kind}.csv", dtype={"id": str})


@needs_data
@pytest.mark.parametrize(("year", "assessed"), [(2013, 434), (2015, 435)])
def test_berlins_twelve_classes(year: int, assessed: int) -> None:
    """Every unit that was assessed has the class of its published status and dynamics, and all twelve occur."""
    units = _berlin(year, "classes")
    classes = pd.Series(cross_classes(load_scheme("berlin"), units["status_index"], units["dynamic_index"]))
    is_assessed = units["status_index"] != 0
    assert is_assessed.sum() == assessed
    assert (classes == units["status_index"].astype(str) + units["dynamic_index"])[is_assessed].all()
    assert (classes[~is_assessed] == "").all()
    assert set(classes[is_assessed]) == set(TWELVE)


@needs_data
@pytest.mark.parametrize("year", [2013, 2015])
def test_berlins_classes_from_its_shares(year: int) -> None:
    """Sums of z values, standardised and cut as the scheme says, give the published classes."""
    shares, units = _berlin(year, "shares"), _berlin(year, "classes")
    is_assessed = (units["status_index"] != 0).to_numpy()
    scheme = load_scheme("berlin")
    columns = {side: [name for name in shares.columns if name.startswith(side)] for side in ("s", "d")}
    status = scheme.status.classes_of(standard_scores(shares.loc[is_assessed, columns["s"]]))
    dynamics = scheme.dynamics.classes_of(standard_scores(shares.loc[is_assessed, columns["d"]]))
    signs = np.array(["", *(each.id for each in scheme.dynamics.classes)])
    assert (status == units.loc[is_assessed, "status_index"]).all()
    assert (signs[dynamics] == units.loc[is_assessed, "dynamic_index"]).all()


def test_schemes_that_ship() -> None:
    assert scheme_ids() == ("berlin", "categories", "hamburg", "points")
    for name in scheme_ids():
        scheme = load_scheme(name)
        assert scheme.source_text("da")
        assert scheme.source_text("en")
        assert scheme.assumption_text("da")
    assert len(load_scheme("hamburg").status.classes) * len(load_scheme("hamburg").dynamics.classes) == 12
    with pytest.raises(InputError, match='no scheme "hamborg"'):
        load_scheme("hamborg")


def test_a_scheme_of_ones_own(tmp_path: Path) -> None:
    text = """
id = "mine"
version = "2026"
label_da = "Vores"
years = 1
[status]
of = "points"
limits = [2, 6]
class = [{ id = "a", label_da = "A" }, { id = "b", label_da = "B" }, { id = "c", label_da = "C" }]
[dynamics]
of = "category"
limits = [-0.5, 0.5]
class = [{ id = "+", label_da = "op" }, { id = "=", label_da = "stabil" }, { id = "-", label_da = "ned" }]
"""
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    assert load_scheme(file).status.classes_of([2, 2.5, 6, 7]).tolist() == [1, 2, 2, 3]
    file.write_text(text.replace("limits = [2, 6]", "limits = [6, 2]"), encoding="utf-8")
    with pytest.raises(InputError, match="limits must rise"):
        load_scheme(file)
    file.write_text(text.replace(', { id = "c", label_da = "C" }', ""), encoding="utf-8")
    with pytest.raises(InputError, match="one class more than limits"):
        load_scheme(file)


def test_categories_and_points_by_hand(small_shown: Shown) -> None:
    """A02 went from 5 to 8 points, A03 from 7 to 3: see test_category_changes."""
    frame = status_dynamics(small_shown("internal", "en"), years=2)
    assert list(frame.columns) == list(DYNAMICS_COLUMNS)
    rows = frame.set_index("area_id")
    assert set(frame["period_before"] + frame["period"]) == {"20222024"}
    assert rows.loc["A02", ["class", "class_label"]].tolist() == ["deprived-", "Deprived, worse"]
    assert rows.loc["A03", "class"] == "at_risk+"
    assert rows.loc["A03", ["status_class", "dynamics_class"]].tolist() == [2, 1]
    assert rows.loc["A06", "class_label"] == "Outside risk, stable"
    assert rows.loc["A01", "class"] == "severely_deprived="
    by_points = status_dynamics(small_shown("internal", "en"), "points", years=2).set_index("area_id")
    assert by_points.loc["A01", ["class", "dynamics_score"]].tolist() == [
        "severely_deprived=",
        1.0,
    ]  # 11 to 12 points
    assert by_points.loc["A03", ["class", "dynamics_score"]].tolist() == ["at_risk+", -4.0]
    assert rows.loc["A07", ["class", "status"]].tolist() == ["", "not_applicable"]
    one_year = status_dynamics(small_shown("internal", "en"), years=1)
    assert set(one_year["period"]) == {"2023", "2024"}


def test_no_class_where_what_is_shown_leaves_several(small_shown: Shown) -> None:
    shown = with_ranges(small_shown("public", "da"))
    rows = status_dynamics(shown, years=1).set_index(["area_id", "period"])
    assert rows.loc[("A01", "2024"), "status"] == "protected"
    assert rows.loc[("A01", "2024"), "class"] == ""
    numbers = ["status_class", "dynamics_class", "status_score", "dynamics_score"]
    assert rows.loc[("A01", "2024"), numbers].isna().all()
    # the bounds of the points decide where every value between them gives one class
    categories = small_shown("public", "da").categories.copy()
    row = (categories["area_id"] == "A06") & (categories["period"] == "2024")
    categories.loc[row, ["points", "points_min", "points_max"]] = [np.nan, 0.0, 1.0]
    results = dataclasses.replace(small_shown("public", "da"), categories=categories)
    both = status_dynamics(results, "points", years=1)
    cell = both.set_index(["area_id", "period"]).loc[("A06", "2024")]
    assert (cell["class"], cell["status"]) == ("outside_risk=", "ok")
    assert np.isnan(cell["dynamics_score"])


def _city(shown: PublishedResults, areas: int = 40) -> PublishedResults:
    """As many areas as wanted, with figures that go up evenly, and one indicator that rises in the last area."""
    rng = np.random.default_rng(7)
    template = shown.table[(shown.table["area_id"] == "A01")]
    parts = []
    for number in range(areas):
        part = template.assign(area_id=f"B{number:02d}", status="ok")
        level = 0.1 + 0.01 * number
        rise = np.where(part["period"] == "2024", 0.3 if number == areas - 1 else 0.0, 0.0)
        part["value"] = level + rise + rng.normal(0, 0.001, len(part))
        parts.append(part)
    outlines = shown.areas.iloc[[0] * areas].assign(area_id=[f"B{number:02d}" for number in range(areas)])
    categories = [
        shown.categories[shown.categories["area_id"] == "A01"].assign(area_id=f"B{n:02d}")
        for n in range(areas)
    ]
    residents = pd.DataFrame(
        [(f"B{n:02d}", period, 299 if n == 0 else 900) for n in range(areas) for period in shown.periods],
        columns=["area_id", "period", "residents"],
    )
    return dataclasses.replace(
        shown,
        areas=outlines,
        table=pd.concat(parts, ignore_index=True),
        categories=pd.concat(categories, ignore_index=True),
        residents=residents,
    )


def test_standard_deviations_over_the_areas(small_shown: Shown) -> None:
    city = _city(small_shown("internal", "en"))
    rows = status_dynamics(city, "berlin").set_index("area_id")
    assert rows.loc["B00", ["class", "status"]].tolist() == ["", "not_applicable"]  # 299 residents
    assert rows.loc["B01", "status_class"] == 1
    assert rows.loc["B20", "class"] == "2+/-"
    assert rows.loc["B39", "class"] == "4-"
    assert rows["status_score"].dropna().mean() == pytest.approx(0, abs=1e-12)
    assert rows["status_score"].dropna().std(ddof=0) == pytest.approx(1)
    nine = status_dynamics(_city(small_shown("internal", "en"), areas=9), "berlin")
    assert (nine["class"] == "").all()


def test_a_hidden_figure_takes_the_area_out(small_shown: Shown) -> None:
    city = _city(small_shown("internal", "en"))
    table = city.table.copy()
    cell = (table["area_id"] == "B20") & (table["period"] == "2022") & (table["indicator"] == "youth_crime")
    table.loc[cell, "status"] = "protected"
    table.loc[cell, "value"] = np.nan
    rows = status_dynamics(dataclasses.replace(city, table=table), "berlin").set_index("area_id")
    assert rows.loc["B20", ["class", "status"]].tolist() == ["", "protected"]
    assert rows.loc["B21", "status"] == "ok"


def test_rules_count_their_criteria(rules_shown: Shown) -> None:
    shown = rules_shown("internal", "en")
    frame = status_dynamics(shown, "points", years=1, models=["national-test"])
    assert set(frame["model"]) == {"national-test"}
    labels = class_labels(
        load_scheme("categories"), next(m for m in shown.models if m.id == "national-test"), "en"
    )
    assert len(labels) == 15
    assert set(frame["class"]) - {""} <= set(labels)
    assert (frame["status"] == "ok").any()
