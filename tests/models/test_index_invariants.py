"""What no index may depend on: names and order of areas, the unit of a column; and equal rows are one class.
Made-up data."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.models import categorise_table, parse_model
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.index import natural_breaks
from geo_bosoc.models.index.classes import cut_classes, settled
from geo_bosoc.problems import Report

CLASSINGS = (
    {"shares": [0.3, 0.3, 0.4]},
    {"shares": [0.3, 0.3, 0.4], "edges": "floor"},
    {"shares": [0.3, 0.3, 0.4], "edges": "type7"},
    {"by": "deviations", "cuts": [1, -0.5]},
    {"by": "natural_breaks"},
)
SCALES = ("none", "minmax", "z", "rank", "percentile", "uk_exponential")
AGAIN = ("none", "z", "rank", "uk_exponential")


@st.composite
def models(draw: Any) -> dict[str, Any]:
    """An index of three criteria in two groups."""
    criteria = [
        {
            "indicator": name,
            "unit": "mean",
            "group": group,
            "weight": draw(st.sampled_from([0.1, 0.7, 1, 3])),
            "direction": draw(st.sampled_from(["high_is_bad", "low_is_bad"])),
        }
        for name, group in (("p", "first"), ("q", "first"), ("r", "second"))
    ]
    groups = [
        {"id": "first", "rescale": draw(st.sampled_from(AGAIN)), "weight": 2},
        {"id": "second", "rescale": draw(st.sampled_from(AGAIN))},
    ]
    index = {
        "normalise": draw(st.sampled_from(SCALES)),
        "ddof": draw(st.integers(0, 1)),
        "renormalise": draw(st.booleans()),
        "high_is_good": draw(st.booleans()),
        "ties": draw(st.sampled_from(["average", "min", "max"])),
        "group": groups,
        "classing": [{"id": "c"} | draw(st.sampled_from(CLASSINGS))],
    }
    return model(index, criteria, 3)


def model(index: dict[str, Any], criteria: list[dict[str, Any]], classes: int) -> dict[str, Any]:
    if index.get("high_is_good") and index["classing"][0].get("cuts"):
        index["classing"] = [index["classing"][0] | {"cuts": [-1, 0.5]}]
    names = [f"c{number}" for number in range(1, classes + 1)]
    labels = [{"id": name, "label_da": name, "label_en": name, "colour": "#111111"} for name in names]
    return {
        "id": "m",
        "version": "1",
        "kind": "index",
        "index": index,
        "criterion": criteria,
        "category": labels,
    }


ROWS = st.lists(
    st.tuples(*[st.one_of(st.none(), st.integers(0, 12).map(lambda number: number / 10))] * 3),
    min_size=1,
    max_size=14,
)


def run(rows: list[tuple[Any, ...]], names: list[str], spec: dict[str, Any]) -> Categorisation:
    table = pd.DataFrame(rows, columns=["p", "q", "r"], dtype=object)
    table.insert(0, "area", names)
    return categorise_table(table, parse_model(spec), report=Report())


@settings(max_examples=120, deadline=None)
@given(ROWS, models(), st.randoms(use_true_random=False))
def test_names_and_order_change_nothing(rows: list[Any], spec: dict[str, Any], random: Any) -> None:
    names = [f"a{number:02d}" for number in range(len(rows))]
    before = run(rows, names, spec).category_by_area
    order = list(range(len(rows)))
    random.shuffle(order)
    others = [f"b{number:02d}" for number in range(len(rows))]
    after = run([rows[each] for each in order], others, spec).category_by_area
    for place, each in enumerate(order):
        assert before[names[each], "-"] == after[others[place], "-"]


@settings(max_examples=120, deadline=None)
@given(ROWS, models())
def test_equal_rows_are_one_class_and_what_is_undetermined_says_by_what(
    rows: list[Any], spec: dict[str, Any]
) -> None:
    done = run([*rows, rows[0]], [f"a{number:02d}" for number in range(len(rows) + 1)], spec).categories
    assert done["category"].iloc[0] == done["category"].iloc[-1]
    undetermined = done["category"] == UNDETERMINED
    assert done.loc[undetermined, "undetermined_by"].notna().all()
    assert (undetermined | done["points"].notna()).all()


@settings(max_examples=80, deadline=None)
@given(ROWS, models(), st.sampled_from([3, 0.25, 1000, 7.1]), st.sampled_from(["minmax", "z", "rank"]))
def test_the_unit_of_a_column_changes_nothing(
    rows: list[Any], spec: dict[str, Any], factor: float, scale: str
) -> None:
    spec = spec | {"index": spec["index"] | {"normalise": scale}}
    names = [f"a{number:02d}" for number in range(len(rows))]
    larger = [(None if p is None else p * factor, q, r) for p, q, r in rows]
    assert run(rows, names, spec).category_by_area == run(larger, names, spec).category_by_area


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=9), st.integers(2, 4))
def test_natural_breaks_are_the_best_there_are(numbers: list[int], classes: int) -> None:
    values = np.array(numbers, dtype=float)
    points = np.unique(values)

    def within(breaks: tuple[float, ...]) -> float:
        parts = np.split(np.sort(values), np.searchsorted(np.sort(values), breaks))
        return float(sum(((part - part.mean()) ** 2).sum() for part in parts if part.size))

    size = min(classes, points.size)
    best = min(within(each) for each in combinations(points[1:].tolist(), size - 1))
    breaks = natural_breaks(values, classes)
    assert len(breaks) == size - 1 and within(tuple(breaks)) == pytest.approx(best)


def test_settled_scores_and_cuts_by_hand() -> None:
    scores = np.array([25.000000000000004, 25.0, 25.0000001, np.nan])
    assert settled(scores).tolist()[:3] == [25.0, 25.0, 25.0000001]
    assert settled(np.array([0.6004, 0.6005]), 3).tolist() == [0.6, 0.6]
    bad = np.array([1.5, 1.0, 0.0, -1.0, np.nan])
    assert cut_classes(bad, [1.0, -1.0]).tolist() == [1, 1, 2, 2, 0]
    assert cut_classes(bad, [1.0, -1.0], worse_on_cut=False).tolist() == [1, 2, 2, 3, 0]
