"""What a sum leaves of its summands, against all combinations."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.disclosure.secondary.sums import (
    Summand,
    _Chain,
    loses_value,
    runs_of,
    values_left,
)
from geo_bosoc.disclosure.secondary.suppressed_values import values_like

ONE_TO_FOUR = Summand((range(1, 5),), True)


def by_brute_force(total: int, sets: list[set[int]]) -> list[set[int]]:
    left: list[set[int]] = [set() for _ in sets]
    for combination in product(*sets):
        if sum(combination) == total:
            for values, value in zip(left, combination, strict=True):
                values.add(value)
    return left


@given(
    st.lists(
        st.tuples(st.sets(st.integers(-3, 25), min_size=1, max_size=6), st.booleans()), min_size=1, max_size=5
    ),
    st.integers(-10, 110),
    st.data(),
)
@settings(max_examples=600, deadline=None)
def test_sums_agree_with_all_combinations(
    promised_sets: list[tuple[set[int], bool]], total: int, data: st.DataObject
) -> None:
    sets = [values for values, _ in promised_sets]
    if data.draw(st.booleans()):
        total = sum(data.draw(st.sampled_from(sorted(values))) for values in sets)
    summands = [Summand(runs_of(values), promised) for values, promised in promised_sets]
    left = by_brute_force(total, sets)
    assert [set(values) for values in values_left(total, summands)] == left
    expected = any(promised and left[i] != sets[i] for i, (_, promised) in enumerate(promised_sets))
    assert loses_value(total, summands) == expected


@given(st.lists(st.sets(st.integers(0, 30), min_size=1, max_size=8), min_size=1, max_size=5))
@settings(max_examples=300, deadline=None)
def test_sums_that_are_said_to_be_an_interval_are_one(sets: list[set[int]]) -> None:
    summands = [Summand(runs_of(values), True) for values in sets]
    spans = [max(values) - min(values) for values in sets]
    chain = _Chain(summands, spans)
    for left_out in range(len(sets)):
        if chain.is_contiguous_without(left_out):
            sums = {sum(each) for each in product(*(s for i, s in enumerate(sets) if i != left_out))}
            assert sums == set(range(min(sums), max(sums) + 1))


@pytest.mark.parametrize(
    ("number", "lost"),
    [
        (1, True),  # one alone is what is left of the total
        (2, False),
        (3, False),
    ],
)
def test_counts_of_1_to_4_that_add_up_to_the_middle(number: int, lost: bool) -> None:
    assert loses_value(5 * number // 2, [ONE_TO_FOUR] * number) == lost


def test_kinds_of_counts() -> None:
    assert values_like(0, 40, 5).runs == (range(1), range(5, 36), range(40, 41))
    assert not values_like(0, 40, 5).promised
    assert values_like(4, 7, 5) == Summand((range(1, 7),), True)
    assert values_like(6, 6, 5).runs == (range(1), range(6, 7))
    assert values_like(2, None, 5) == Summand((range(1, 5),), True)
    assert not values_like(0, 0, 5).promised
    assert values_like(None, 40, 5).runs == (range(1, 5), range(36, 40))
    # 2.5 full-time persons of 40: under five persons, in one run
    assert values_like(25_000, 40, 5, 10_000) == Summand((range(1, 50_000),), True)
    assert values_like(200_000, 40, 5, 10_000) == Summand((range(50_000, 350_001),), False)


@given(st.integers(1, 60), st.data())
def test_a_count_is_among_its_own_kind(denominator: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, denominator))
    summand = values_like(count, denominator, 5)
    small = denominator < 5 or 0 < count < 5 or 0 < denominator - count < 5
    assert summand.promised == small
    assert any(count in run for run in summand.runs)
    for run in summand.runs:  # the same kind gives the same values
        for other in run if denominator >= 5 else ():
            assert values_like(other, denominator, 5) == summand


def test_hundreds_of_counts_with_gaps_take_no_long() -> None:
    summands = [Summand((range(1, 5), range(d - 4, d)), True) for d in range(900, 1200)]
    assert loses_value(700, summands)  # none of them can be all but few
    total = sum(2 if i % 2 else d - 2 for i, d in enumerate(range(900, 1200)))
    assert not loses_value(total, summands)
