"""Rows that meet conditions, counted bit by bit, against numpy; and a row pass that counts them apart against one that
does not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.indicators import Indicator
from geo_bosoc.indicators.part_rows import part_rows
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.indicators.row_pass import row_pass
from geo_bosoc.indicators.truths import count_truths
from geo_bosoc.problems import Report


def by_numpy(groups: np.ndarray, truths: pl.DataFrame) -> np.ndarray:
    many = int(groups.max()) + 1
    columns = [column.fill_null(False).to_numpy() for column in truths]
    return np.array([np.bincount(groups[column], minlength=many) for column in columns]).T


def made(rows: int, conditions: int, groups: int, seed: int) -> tuple[np.ndarray, pl.DataFrame]:
    random = np.random.default_rng(seed)
    truths = {str(number): random.random(rows) < random.random() for number in range(conditions)}
    return random.integers(0, groups, rows).astype(np.uint16), pl.DataFrame(truths)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.integers(1, 70), st.integers(1, 9), st.integers(1, 3), st.integers(0, 9))
def test_any_number_of_rows_conditions_groups_and_threads(
    rows: int, conditions: int, groups: int, threads: int, seed: int
) -> None:
    numbers, truths = made(rows, conditions, groups, seed)
    assert (count_truths(numbers, truths, threads=threads) == by_numpy(numbers, truths)).all()


@pytest.mark.parametrize("kind", [np.uint16, np.uint32])
def test_many_rows_of_one_group_and_of_thousands(kind: type[np.unsignedinteger]) -> None:
    numbers, truths = made(200_001, 130, 5_000, 1)
    numbers[:100_000] = 7
    numbers = numbers.astype(kind)
    assert (count_truths(numbers, truths) == by_numpy(numbers, truths)).all()


def test_every_row_true_and_unknown_and_columns_that_begin_within_a_byte() -> None:
    numbers, truths = made(1_003, 3, 4, 2)
    truths = truths.with_columns(
        all=pl.lit(True), none=pl.lit(False), some=pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.col("0"))
    )
    for begin in (0, 1, 8, 13):
        part = truths.slice(begin)
        assert (count_truths(numbers[begin:], part) == by_numpy(numbers[begin:], part)).all()
    in_pieces = pl.concat([truths.slice(0, 333), truths.slice(333)], rechunk=False)
    assert (count_truths(numbers, in_pieces) == by_numpy(numbers, truths)).all()


def test_no_rows() -> None:
    assert count_truths(np.empty(0, np.uint16), pl.DataFrame({"a": [], "b": []})).shape == (0, 2)


FIELDS = (
    {"id": "plain", "denominator": {"where": "age >= 18"}, "numerator": {"where": "labour = 'outside'"}},
    {"id": "everyone", "denominator": {}, "unit": "count"},
    {"id": "listed", "denominator": {}, "numerator": {"where": "labour IN ('outside', 'pension', 'x')"}},
    {"id": "weeks", "denominator": {"where": "age < 65"}, "numerator": {"sum": "fte"}, "scale": 10000},
    {"id": "mean", "denominator": {}, "mean_of": "fte", "weight": "age", "scale": 100, "unit": "mean"},
)


@pytest.mark.parametrize("few", [0, 99])
def test_a_pass_that_counts_apart_gives_the_same(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the columns of sums are held with the truth values (`few` are) or read once more."""
    monkeypatch.setattr("geo_bosoc.indicators.row_pass._FEW_COLUMNS", few)
    random = np.random.default_rng(4)
    rows = 3_000
    labour = pl.Series(["outside", "pension", "employed", None]).gather(random.integers(0, 4, rows))
    frame = pl.DataFrame(
        {
            "area_id": random.integers(0, 40, rows).astype(np.uint16),
            "period": ["2024"] * rows,
            "age": pl.Series(random.integers(0, 95, rows)).set(pl.Series(random.random(rows) < 0.1), None),
            "labour": labour,
            "fte": random.random(rows),
        }
    ).with_columns(fte=pl.when(pl.col("age") != 40).then("fte"))
    indicators = [Indicator.model_validate({"label_da": "", "label_en": "", **fields}) for fields in FIELDS]
    found = Report()
    parts = make_parts(indicators, {"persons": frame.lazy()}, None, found)
    several = [(number, part_rows(part, frame.schema, {}, found)) for number, part in enumerate(parts)]
    assert not found.errors
    together, told = row_pass(frame.lazy(), several, "2024", apart=False)
    apart, told_apart = row_pass(frame.lazy(), several, "2024", apart=True)
    assert told == told_apart
    assert any(told.values())
    assert together.sort("area_id").equals(apart.sort("area_id"))
    assert together.schema == apart.schema
