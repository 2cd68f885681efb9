"""Persons by group: what the others of a row and the municipality leave of a suppressed count."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from geo_bosoc.disclosure.policy import UNSUPPRESSED, Policy
from geo_bosoc.disclosure.secondary.within_area import suppressed_in_closed_sums, suppressed_in_rows

GROUPS = ["cooperative", "owned", "private_rental", "social"]


def values_that_fit(row: list[int], hidden: list[bool]) -> list[set[int]]:
    """Every count of each suppressed group that has the row's sum and mark, tried one by one."""
    together = sum(count for count, is_hidden in zip(row, hidden, strict=True) if is_hidden)
    fits = [
        world
        for world in product(range(together + 1), repeat=sum(hidden))
        if sum(world) == together and any(0 < count < 5 for count in world)
    ]
    return [set(values) for values in zip(*fits, strict=True)]


@pytest.mark.parametrize("policy", [Policy(), Policy(policy="five-strict")], ids=["five", "five-strict"])
def test_no_row_gives_a_small_count_away(policy: Policy) -> None:
    rng = np.random.default_rng(7)
    rows = rng.choice([0, 1, 2, 3, 4, 5, 6, 9, 17], size=(120, 4))
    counts = pd.DataFrame(rows, columns=GROUPS)
    suppressed = suppressed_in_closed_sums(counts, policy)
    primary_alone = 0
    for row, hidden in zip(rows.tolist(), suppressed.to_numpy().tolist(), strict=True):
        small = [0 < count < 5 for count in row]
        primary_alone += sum(small) == 1  # the sum less the others gives it exactly
        assert all(is_hidden for is_hidden, is_small in zip(hidden, small, strict=True) if is_small)
        if not any(hidden) or all(hidden):
            continue
        counts_hidden = [count for count, is_hidden in zip(row, hidden, strict=True) if is_hidden]
        for count, values in zip(counts_hidden, values_that_fit(row, hidden), strict=True):
            assert not 0 < count < 5 or len(values & {1, 2, 3, 4}) >= policy.least, (row, hidden)
    assert primary_alone > 20


def test_the_municipality_goes_where_it_leaves_no_room_and_nothing_else_does() -> None:
    counts = pd.DataFrame(
        [[3, 40, 50, 60], [20, 30, 40, 50], [23, 300, 400, 110]], index=["A", "B", "@"], columns=GROUPS
    )
    suppressed = suppressed_in_closed_sums(counts, Policy(), total="@")
    assert suppressed.loc["A"].tolist() == [True, True, False, False]
    assert not suppressed.loc["B"].any()
    assert suppressed.loc["@"].tolist() == [
        True,
        False,
        False,
        True,
    ]  # 23 less 20 is A's; 110 with it in its row
    large = counts.copy()
    large.loc["@"] = [900, 900, 900, 900]
    assert not suppressed_in_closed_sums(large, Policy(), total="@").loc["@"].any()
    assert not suppressed_in_closed_sums(counts, UNSUPPRESSED, total="@").any(axis=None)


def test_what_a_row_hides_does_not_hang_on_the_rows_beside_it() -> None:
    rng = np.random.default_rng(8)
    counts = rng.choice([0, 0, 1, 2, 3, 4, 5, 6, 9, 40], size=(200, 7)).astype(np.int64)
    before = rng.random(counts.shape) < 0.05
    for policy in (Policy(), Policy(policy="five-strict"), Policy(zeros="hide")):
        together = suppressed_in_rows(counts, before, policy)
        alone = [
            suppressed_in_rows(row[np.newaxis], flags[np.newaxis], policy)[0]
            for row, flags in zip(counts, before, strict=True)
        ]
        assert np.array_equal(together, np.array(alone))
        assert (together >= before).all() and 0 < together.mean() < 1
