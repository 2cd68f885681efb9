"""Whether keys are all different: seen at once where they rise, and by their hashes where they do not."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_bosoc.locate.address_keys import all_differ


@pytest.mark.parametrize(
    ("values", "differ"),
    [
        ([], True),
        ([7], True),
        (["a", "b", "ba"], True),
        (["b", "a"], True),
        (["a", "a"], False),
        ([None, "a"], True),
        ([None, None], False),
        ([float("nan")] * 2, False),
        ([True, False], True),
    ],
)
def test_a_few_keys(values: list[Any], differ: bool) -> None:
    assert all_differ(pl.DataFrame({"key": values}), ["key"]) == differ


def test_keys_that_rise_for_long_and_then_come_again() -> None:
    rising = pl.int_range(3_000, eager=True).cast(pl.String).str.zfill(5)
    assert all_differ(rising.to_frame("key"), ["key"])
    for again in (rising[-1], rising[10]):
        doubled = pl.concat([rising, pl.Series([again])])
        assert not all_differ(doubled.to_frame("key"), ["key"])


@given(st.lists(st.integers(-3, 30), max_size=12), st.booleans())
def test_as_a_set_says(values: list[int], in_order: bool) -> None:
    keys = sorted(values) if in_order else values
    frame = pl.DataFrame({"key": keys}, schema={"key": pl.Int64})
    assert all_differ(frame, ["key"]) == (len(set(keys)) == len(keys))
