"""Persons of an area by group, which add up to all that live there, and over the areas to the municipality at most."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.secondary.sums import Summand, values_left

_Integers = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]


def suppressed_in_closed_sums(
    counts: pd.DataFrame, policy: Policy, *, total: str | None = None
) -> pd.DataFrame:
    """Which counts of a table whose rows add up to known totals are not shown.

    Small counts and all but so few of a row go; then in each row the next smallest, until at least ``policy.least`` of
    the values 1 to ``policy.minimum`` - 1 are left of each small one, given the row's total and that the others are
    not small. The municipality's count goes where it leaves little room for the areas' suppressed ones: areas may
    overlap, and do not cover all, so that no more than that follows from it.

    Parameters
    ----------
    counts : DataFrame
        Whole numbers, a row an area and a column a group; every person of an area is in one group.
    policy : Policy
        What is small, and how many values must stay possible.
    total : str, optional
        The row of all areas and of what lies outside them.

    Returns
    -------
    DataFrame of bool
        As `counts`.

    Examples
    --------
    >>> homes = pd.DataFrame({"social": [3, 60], "private": [9, 50], "owned": [40, 70]}, index=["A", "B"])
    >>> suppressed_in_closed_sums(homes, Policy()).loc["A"].to_dict()
    {'social': True, 'private': True, 'owned': False}
    """
    numbers = counts.to_numpy(dtype=np.int64)
    suppressed = np.zeros(numbers.shape, dtype=bool)
    if policy.suppresses:
        is_total = counts.index.to_numpy() == total
        for row in np.flatnonzero(~is_total):
            suppressed[row] = _of_row(numbers[row], suppressed[row], policy)
        hidden = suppressed[~is_total]
        for row in np.flatnonzero(is_total):
            room = numbers[row] - np.where(hidden, 0, numbers[~is_total]).sum(axis=0)
            number = hidden.sum(axis=0)
            follows = (number > 0) & (room < 2 * policy.minimum * number)
            suppressed[row] = _of_row(numbers[row], follows, policy)
    return pd.DataFrame(suppressed, index=counts.index, columns=counts.columns)


def _of_row(counts: _Integers, before: _Flags, policy: Policy) -> _Flags:
    """Which counts of one row are not shown, where its sum is known."""
    total = int(counts.sum())
    small = (counts > 0) & (counts < policy.minimum)
    all_but_few = (counts < total) & (total - counts < policy.minimum)
    suppressed = before | small | all_but_few
    if policy.zeros == "hide":
        suppressed |= (counts == 0) | (counts == total)
    order = sorted(range(len(counts)), key=lambda group: (counts[group] == 0, counts[group], group))
    while suppressed.any() and not suppressed.all() and not _keeps(counts[suppressed], policy):
        suppressed[next(group for group in order if not suppressed[group])] = True
    return suppressed


def _keeps(hidden: _Integers, policy: Policy) -> bool:
    """Whether enough values of each small count stay possible, given what the suppressed ones add up to."""
    together, small_counts = int(hidden.sum()), range(1, policy.minimum)
    summands = []
    for count in hidden.tolist():
        large = range(policy.minimum, together + 1) if count >= policy.minimum else range(together + 1)
        summands.append(Summand((small_counts,), True) if count in small_counts else Summand((large,), False))
    left = values_left(together, summands)
    enough = [
        len(set(values).intersection(small_counts)) >= policy.least
        for values, summand in zip(left, summands, strict=True)
        if summand.promised
    ]
    return len(hidden) > 1 and all(enough)
