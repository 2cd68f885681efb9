"""Every way to make an index, on tables that leave it little to go by: a category or "undetermined", never a fault.
Made-up data."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

from geo_bosoc.models import categorise_table, parse_model
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.index_spec import Aggregation, Normalisation, Transform
from geo_bosoc.problems import InputError, Report

TABLES = {
    "one area": {"p": ["3,5"], "q": ["4"]},
    "all equal": {"p": ["2", "2", "2"], "q": ["2", "2", "2"]},
    "zeros": {"p": ["0", "0", "0"], "q": ["0", "0", "1"]},
    "negative": {"p": ["-3", "-1", "2", "0"], "q": ["-1", "-1", "-2", "-5"]},
    "missing": {"p": ["", "1", "", "2"], "q": ["", "", "", ""]},
}
WAYS = list(
    itertools.product(
        get_args(Normalisation), get_args(Aggregation), get_args(Transform), ("high_is_bad", "low_is_bad")
    )
)


def index(normalise: str, aggregate: str, transform: str, direction: str) -> dict[str, Any]:
    criterion: dict[str, Any] = {"unit": "mean", "transform": transform, "direction": direction}
    if normalise == "goalposts":
        criterion["goalposts"] = [1, 10]
    return {
        "id": "m",
        "version": "1",
        "kind": "index",
        "criterion": [criterion | {"indicator": name} for name in ("p", "q")],
        "category": [
            {"id": name, "label_da": name, "label_en": name, "colour": "#aa0000"}
            for name in ("worse", "better")
        ],
        "index": {"normalise": normalise, "aggregate": aggregate, "shares": [0.5, 0.5]},
    }


@pytest.mark.parametrize("name", TABLES)
def test_an_index_of_little_is_a_category_or_undetermined(name: str) -> None:
    """Each table sees every fifth of all ways, and all tables together see each way once."""
    table = pd.DataFrame(TABLES[name])
    table.insert(0, "area", list("abcd")[: len(table)])
    for way in WAYS[list(TABLES).index(name) :: len(TABLES)]:
        if way[1] in ("geometric", "harmonic") and way[0] in ("minmax", "percentile", "z", "distance"):
            with pytest.raises(InputError, match="mean does not exist"):
                parse_model(index(*way))
            continue
        done = categorise_table(table, parse_model(index(*way)), report=Report())
        rows = done.categories
        assert set(rows["category"]) <= {"worse", "better", UNDETERMINED}, way
        points = rows["points"].astype(float)
        assert (points.isna() == (rows["category"] == UNDETERMINED)).all(), way
        assert np.isfinite(points.dropna()).all(), way
        assert rows.loc[points.isna(), "undetermined_by"].notna().all(), way
