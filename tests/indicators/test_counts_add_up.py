"""Counts are additive: any split of the rows, added, is the whole; and they say what a plain loop says."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.indicators import (
    Indicator,
    add_counts,
    count_indicators,
    count_rows,
    finalise_counts,
)

INDICATORS = tuple(
    Indicator.model_validate({"label_da": "Prøve", "label_en": "", **fields})
    for fields in (
        {"id": "plain", "denominator": {"where": "age >= 18"}, "numerator": {"where": "labour = 'outside'"}},
        {"id": "everyone", "denominator": {}, "unit": "count"},
        {"id": "weeks", "denominator": {"where": "age < 65"}, "numerator": {"sum": "fte"}, "scale": 10000},
        {"id": "mean", "denominator": {}, "mean_of": "fte", "weight": "age", "scale": 100, "unit": "mean"},
        {
            "id": "once",
            "denominator": {"where": "age >= 18"},
            "numerator": {"where": "labour = 'outside'"},
            "distinct": "person",
        },
        {
            "id": "pooled",
            "denominator": {},
            "numerator": {"where": "age = 24", "distinct": "person"},
            "pool_years": 2,
        },
    )
)
SCHEMA = {
    "person_id": pl.String,
    "area_id": pl.String,
    "period": pl.String,
    "age": pl.Int64,
    "labour": pl.String,
    "fte": pl.Float64,
}
row = st.tuples(
    st.sampled_from(["p1", "p2", "p3", "p4"]),
    st.sampled_from(["a", "b", None]),
    st.sampled_from(["2023", "2024"]),
    st.sampled_from([10, 18, 24, 70, None]),
    st.sampled_from(["outside", "employed", None]),
    st.one_of(st.none(), st.floats(0, 1)),
)
rows = st.lists(row, min_size=0, max_size=30)


def frame(of: list[tuple[object, ...]]) -> Mapping[str, pl.LazyFrame]:
    return {"persons": pl.DataFrame(of, schema=SCHEMA, orient="row").lazy()}


@settings(max_examples=40, deadline=None)
@given(rows, st.sets(st.sampled_from(["p1", "p2", "p3", "p4"])))
def test_two_parts_added_are_the_whole(people: list[tuple[object, ...]], first: set[str]) -> None:
    """Split by person, so that distinct persons add up too."""
    parts = [[one for one in people if (one[0] in first) is side] for side in (True, False)]
    whole = count_rows(frame(people), INDICATORS)
    added = add_counts(*[count_rows(frame(part), INDICATORS) for part in parts])
    pd.testing.assert_frame_equal(whole, added)
    finalised = finalise_counts(added, INDICATORS, areas=["a", "b"], periods=["2023", "2024"])
    straight = count_indicators(frame(people), INDICATORS, areas=["a", "b"], periods=["2023", "2024"])
    pd.testing.assert_frame_equal(finalised, straight)


@settings(max_examples=40, deadline=None)
@given(rows, st.lists(st.booleans(), min_size=30, max_size=30))
def test_any_split_of_rows_where_rows_are_counted(people: list[tuple[object, ...]], cut: list[bool]) -> None:
    counted = INDICATORS[:4]
    parts = [
        [one for one, side in zip(people, cut, strict=False) if side is wanted] for wanted in (True, False)
    ]
    added = add_counts(*[count_rows(frame(part), counted) for part in parts])
    pd.testing.assert_frame_equal(count_rows(frame(people), counted), added)


@settings(max_examples=40, deadline=None)
@given(rows, st.permutations(range(30)))
def test_order_of_rows_changes_nothing(people: list[tuple[object, ...]], order: list[int]) -> None:
    mixed = [people[at] for at in order if at < len(people)]
    pd.testing.assert_frame_equal(
        count_indicators(frame(people), INDICATORS), count_indicators(frame(mixed), INDICATORS)
    )


@settings(max_examples=40, deadline=None)
@given(rows)
def test_as_a_plain_loop_counts(people: list[tuple[object, ...]]) -> None:
    """The areas' counts, by the definition, one row and one person at a time; and areas with the rest are
    everybody."""
    counts = count_indicators(frame(people), INDICATORS, areas=["a", "b"], periods=["2023", "2024"])
    told = {
        (area, period, name): (n, d, u)
        for area, period, name, n, d, u in counts.iloc[:, :6].itertuples(index=False, name=None)
    }
    for area in ("a", "b"):
        for period in ("2023", "2024"):
            here = [one for one in people if one[1] == area and one[2] == period]
            base = [one for one in here if one[3] is not None and one[3] >= 18]  # type: ignore[operator]
            met = [one for one in base if one[4] == "outside"]
            unknown = [one for one in base if one[4] is None]
            assert told[area, period, "plain"] == (len(met), len(base), len(unknown))
            assert told[area, period, "everyone"] == (len(here), len(here), 0)
            persons, hit = {one[0] for one in base}, {one[0] for one in met}
            doubt = {one[0] for one in unknown} - hit
            assert told[area, period, "once"] == (len(hit), len(persons), len(doubt))
            young = [one for one in here if one[3] is not None and one[3] < 65]  # type: ignore[operator]
            known = [one for one in young if one[5] is not None]
            tenths = sum(int(one[5] * 10000 + 0.5) for one in known)  # type: ignore[operator]
            assert told[area, period, "weeks"] == (tenths, len(young), len(young) - len(known))


def test_a_scale_on_many_persons_needs_more_than_32_bits() -> None:
    """450,000 persons at a scale of 10,000 are more than 2**32."""
    many = 450_000
    persons = pl.LazyFrame({"area_id": ["a"] * many, "period": ["2024"] * many, "person_id": range(many)})
    for distinct in ("none", "person"):
        indicator = Indicator.model_validate(
            {
                "id": "scaled",
                "label_da": "Prøve",
                "label_en": "",
                "scale": 10_000,
                "distinct": distinct,
                "denominator": {},
                "numerator": {"where": "person_id >= 0"},
            }
        )
        counts = count_indicators({"persons": persons}, [indicator])
        assert counts["numerator"].tolist() == [many * 10_000]
