"""What a mark and a base leave open: of shares, of hidden bases, and of full-time persons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.disclosure.categories.possible_counts import possible_counts
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import MUNICIPALITY, PublishedResults, Results
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.indicators import Indicator, indicator_table
from geo_bosoc.models import categorise, parse_model

SCALE = 100


def indicator(scale: int) -> Indicator:
    sides = {"denominator": {"register": "p"}, "numerator": {"register": "p", "where": "x"}}
    return Indicator.model_validate(
        {"id": "share", "scale": scale, "label_da": "a", "label_en": "a", **sides}
    )


@settings(max_examples=200, deadline=None)
@given(st.integers(5, 30), st.integers(1, 30 * SCALE), st.lists(st.integers(1, 30 * SCALE), max_size=3))
def test_every_small_full_time_count_stands_behind_a_value_with_its_points(
    persons: int, numerator: int, limits: list[int]
) -> None:
    def points(value: Fraction) -> int:
        return sum(value * persons * SCALE >= limit for limit in limits)

    counts = possible_counts(indicator(SCALE), persons, Policy(), points)
    most = persons * SCALE
    position = counts.position(Fraction(min(numerator, most), most))
    small = [min(numerator, most), most - min(numerator, most)]
    if any(0 < count < 5 * SCALE for count in small):
        assert position is not None
        value, bits = counts.values[position]
        assert points(value) == points(Fraction(min(numerator, most), most))
        for side, count in zip((0, 20), small, strict=True):
            if 0 < count < 5 * SCALE:
                assert bits >> side & 1 << count // SCALE
    elif 0 < small[0] < most:
        assert position is None or small[0] == counts.values[position][0] * most


def test_larger_bases_that_are_hidden_leave_their_small_counts_open() -> None:
    counts = possible_counts(None, None, Policy(minimum_base=20), lambda value: 0)
    values = dict(counts.values)
    assert values[Fraction(3, 19)] == 1 << 3 and values[Fraction(16, 19)] == 1 << 23
    assert len(counts.promised) == 4 and Fraction(10, 19) not in values


def results_of(
    template: PublishedResults, spec: Indicator, numerators: dict[str, int], bands: list[float]
) -> Results:
    """Areas of 100 people, one criterion, and a category that every point changes."""
    rows = [(area, "2024", "share", count, 100, 0, "ok") for area, count in numerators.items()]
    rows.append((MUNICIPALITY, "2024", "share", 300 * spec.scale, 10_000, 0, "ok"))
    columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown", "status"]
    counts = pd.DataFrame(rows, columns=columns)
    municipality = counts[counts["area_id"] == MUNICIPALITY]
    table = indicator_table(counts[counts["area_id"] != MUNICIPALITY], [spec], municipality)
    references = indicator_table(municipality, [spec], municipality)
    model = parse_model(
        {
            "id": "m", "version": "2024-01-01", "kind": "points",
            "criterion": [{"indicator": "share", "bands": bands}],
            "category": [
                {"id": "risk", "label_da": "Risiko", "label_en": "Risk", "colour": "#2a0f52", "min_points": 1},
                {"id": "other", "label_da": "Andre", "label_en": "Other", "colour": "#cfd6de"},
            ],
        }
    )  # fmt: skip
    done = categorise(table, model, reference_areas=references, indicators=[spec])
    same = {each.name: getattr(template, each.name) for each in fields(Results)}
    residents = pd.DataFrame({"area_id": list(numerators), "period": "2024", "residents": 600})
    results: dict[str, Any] = {
        "indicators": (spec,), "table": table, "reference_areas": references, "residents": residents,
        "models": (done.model,), "categories": done.categories, "criteria": done.criteria, "flags": done.flags,
        "pairs": None,
    }  # fmt: skip
    return replace(Results(**same), **results)


@pytest.mark.parametrize(
    ("scale", "policy", "count"),
    [
        (1, Policy(), 4),
        (1, Policy(minimum_base=20), 4),  # the base of 100 is shown: the promise is that of every figure
        (SCALE, Policy(), 430),
        (SCALE, Policy(), 30),
    ],
)
def test_a_category_that_would_leave_one_count_is_a_range(
    small_shown: Callable[..., PublishedResults], scale: int, policy: Policy, count: int
) -> None:
    """Bands at 4 of 100 (and 0.9 of 100) would tell the last, or the first, of the small counts."""
    bands = [0.3 if count == 30 else 4 / 3]
    template = small_shown()
    published = suppress(
        results_of(template, indicator(scale), {"A": count, "B": 40 * scale}, bands), policy=policy
    )
    categories = published.categories.set_index("area_id")["category"]
    assert categories.to_dict() == {"A": "range", "B": "risk"}
