"""Doubled keys are found whatever the number of turns in which they are compared."""

from __future__ import annotations

import polars as pl
import pytest

from geo_bosoc.registers.checks.structure import KeysSeen, _keys_seen


@pytest.mark.parametrize("at_once", [1, 7, 1000])
def test_turns_change_nothing(at_once: int) -> None:
    once = pl.DataFrame({"id": [*(f"p{n}" for n in range(50)), None, None], "period": "2024"})
    twice = pl.concat([once, once.head(1)])
    next_year = pl.concat([once, once.head(1).with_columns(period=pl.lit("2025"))])
    assert _keys_seen(once.lazy(), "id", ["id"], 52, at_once) == KeysSeen(2, False)
    assert _keys_seen(twice.lazy(), "id", ["id"], 53, at_once) == KeysSeen(2, True)
    assert _keys_seen(next_year.lazy(), "id", ["id", "period"], 53, at_once) == KeysSeen(2, False)
    assert _keys_seen(once.clear().lazy(), "id", ["id"], 0, at_once) == KeysSeen(0, False)
