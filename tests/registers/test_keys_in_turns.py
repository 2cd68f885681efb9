"""Doubled keys are found whatever the number of turns in which they are compared."""

from __future__ import annotations

import polars as pl
import pytest

from geo_bosoc.registers.checks.structure import KeySummary, _key_summary


@pytest.mark.parametrize("at_once", [1, 7, 1000])
def test_turns_change_nothing(at_once: int) -> None:
    once = pl.DataFrame({"id": [*(f"p{n}" for n in range(50)), None, None], "period": "2024"})
    twice = pl.concat([once, once.head(1)])
    next_year = pl.concat([once, once.head(1).with_columns(period=pl.lit("2025"))])
    assert _key_summary(once.lazy(), "id", ["id"], 52, at_once) == KeySummary(2, False)
    assert _key_summary(twice.lazy(), "id", ["id"], 53, at_once) == KeySummary(2, True)
    assert _key_summary(next_year.lazy(), "id", ["id", "period"], 53, at_once) == KeySummary(2, False)
    assert _key_summary(once.clear().lazy(), "id", ["id"], 0, at_once) == KeySummary(0, False)
