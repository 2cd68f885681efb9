"""What figures of one area tell of each other: groups that add up to all who live there, and indicators of one base.

Groups of persons add up to all of an area, and over the areas to the municipality at most. Of indicators of the same
people, a base with unknowns less one without would tell how many these are.

What decisions tell. That an unknown is not shown follows from another indicator's, or from there being few: nobody
knows which. A cell that goes with its base tells that its base is smaller than another one's by nearly `minimum`.

Not covered: people whose number is told by other files, or by indicators whose denominators differ in some area only.
Indicators that add up: `secondary.parts`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.secondary.suppressed_values import FIGURES, NO_NUMBER, CountTable
from geo_bosoc.indicators.spec import Indicator

_Integers = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]


def suppressed_in_closed_sums(
    counts: pd.DataFrame,
    policy: Policy,
    *,
    total: str | None = None,
    before: pd.DataFrame | None = None,
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
    before : DataFrame of bool, optional
        As `counts`: what is not shown for another reason already.

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
    suppressed = (
        np.zeros(numbers.shape, dtype=bool) if before is None else before.to_numpy(dtype=bool, copy=True)
    )
    if policy.suppresses:
        is_total = counts.index.to_numpy() == total
        suppressed[~is_total] = suppressed_in_rows(numbers[~is_total], suppressed[~is_total], policy)
        hidden = suppressed[~is_total]
        for row in np.flatnonzero(is_total):
            room = numbers[row] - np.where(hidden, 0, numbers[~is_total]).sum(axis=0)
            number = hidden.sum(axis=0)
            follows = (number > 0) & (room < 2 * policy.minimum * number)
            suppressed[row] = suppressed_in_rows(numbers[row][np.newaxis], follows[np.newaxis], policy)[0]
    return pd.DataFrame(suppressed, index=counts.index, columns=counts.columns)


def suppressed_in_rows(counts: _Integers, before: _Flags, policy: Policy) -> _Flags:
    """Which counts of some rows are not shown, where the sum of each row is known.

    Parameters
    ----------
    counts : ndarray of int
        Whole numbers: two dimensions.
    before : ndarray of bool
        As `counts`: what is not shown for another reason already.
    policy : Policy
        What is small, and how many values must stay possible.

    Returns
    -------
    ndarray of bool
        As `counts`; `suppressed_in_closed_sums` says which.

    Examples
    --------
    >>> suppressed_in_rows(np.array([[3, 9, 40]]), np.zeros((1, 3), dtype=bool), Policy()).tolist()
    [[True, True, False]]
    """
    totals = counts.sum(axis=1, keepdims=True)
    small = (counts > 0) & (counts < policy.minimum)
    all_but_few = (counts < totals) & (totals - counts < policy.minimum)
    suppressed: _Flags = before | small | all_but_few
    if policy.zeros == "hide":
        suppressed |= (counts == 0) | (counts == totals)
    sizes = np.where(counts == 0, totals + 1, counts)  # a zero goes last
    rows = np.flatnonzero(suppressed.any(axis=1))
    while len(rows):
        some = suppressed[rows]
        rows = rows[~some.all(axis=1) & ~_keeps(counts[rows], some, policy)]
        shown = np.where(suppressed[rows], np.iinfo(np.int64).max, sizes[rows])
        suppressed[rows, shown.argmin(axis=1)] = True
    return suppressed


def _keeps(counts: _Integers, hidden: _Flags, policy: Policy) -> _Flags:
    """Whether enough values of each small count stay possible, given what the suppressed ones of its row add up to.

    What each may be has no gaps - 1 to `minimum` - 1, from `minimum` up, or 0 and up - nor has what the others add up
    to: from the least to the most of each. All small counts have the same others.
    """
    most, number = policy.minimum - 1, hidden.sum(axis=1)
    together = np.where(hidden, counts, 0).sum(axis=1)
    small = (hidden & (counts > 0) & (counts <= most)).sum(axis=1)
    large = (hidden & (counts > most)).sum(axis=1)
    least_others = small - 1 + large * policy.minimum
    most_others = np.where(small == number, (small - 1) * most, together)
    left = np.minimum(most, together - least_others) - np.maximum(1, together - most_others) + 1
    return np.asarray((number > 1) & ((small == 0) | (left >= policy.least)), dtype=bool)


def unknowns_of_one_base(
    table: pd.DataFrame,
    suppressed: pd.Series,
    *,
    indicators: Sequence[Indicator] = (),
    minimum: int = 5,
    least: int = 2,
) -> pd.DataFrame:
    """What of each cell must not be shown, since a base with and one without the unknown would tell the unknown.

    Indicators whose denominators are the same everywhere are of the same people. Where one of them has a small unknown,
    which is not shown, none may show its own, so that nobody knows how many they are altogether. They are at least as
    many as the greatest base that is shown: where that leaves fewer than `least` values of an unknown, its cell goes
    with its base. A plain count of the same people (residents) would show how many they are: then the bases go.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts.
    suppressed : Series of bool
        On the index of `table`. Such a cell shows those whose status is known, from `minimum` up.
    indicators : sequence of Indicator
        What the figures are. Where unknowns count as met or not met, the base is shown with them.
    minimum : int
        Persons.
    least : int
        How many values of a small count must be left.

    Returns
    -------
    DataFrame of bool
        On the index of `table`: ``numerator``, ``unknown`` and ``denominator`` of a cell.

    Examples
    --------
    >>> rows = [("a", "2024", "x", 12, 50, 3), ("a", "2024", "y", 20, 50, 0)]
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]
    >>> table = pd.DataFrame(rows, columns=columns)
    >>> unknowns_of_one_base(table, table["numerator"] < 5)["unknown"].tolist()
    [False, True]
    """
    specs = {indicator.id: indicator for indicator in indicators}
    counts = CountTable(table, specs, minimum)
    everyone = np.where(counts.base == NO_NUMBER, NO_NUMBER, counts.base + counts.unknown)
    hidden, unknown = suppressed.to_numpy(bool), counts.unknown.tolist()
    flags = np.zeros((len(table), 3), dtype=bool)
    for rows in _of_same_people(counts, everyone):
        if not any(unknown[row] for row in rows):
            continue
        kinds = [counts.kind(row) for row in rows]
        small = [row for row, kind in zip(rows, kinds, strict=True) if 0 < unknown[row] < kind.minimum]
        excluded = [
            row
            for row, kind in zip(rows, kinds, strict=True)
            if kind.unknown == "exclude" and not kind.is_tally
        ]
        small = [row for row in small if row in excluded and counts.base[row] >= minimum]
        if not small:
            continue
        tells_all = any(
            (kind.is_tally or kind.unknown != "exclude") and everyone[row] >= kind.minimum
            for row, kind in zip(rows, kinds, strict=True)
            if not (kind.is_tally and hidden[row])
        )
        most = max(int(counts.base[row]) for row in excluded)
        for row, kind in zip(rows, kinds, strict=True):
            if row in small:
                if tells_all or most - int(counts.base[row]) > kind.minimum - least:
                    flags[row] = True
            elif row in excluded and not hidden[row]:
                flags[row, 1] = True
    return pd.DataFrame(flags, index=table.index, columns=list(FIGURES))


def _of_same_people(counts: CountTable, everyone: _Integers) -> list[list[int]]:
    """The rows of each area and period whose indicators have the same denominators everywhere, where several have."""
    rows: dict[str, dict[tuple[str, str], int]] = {}
    for row, (area_id, period, indicator) in enumerate(counts.cells):
        if everyone[row] != NO_NUMBER:
            rows.setdefault(indicator, {})[period, area_id] = row
    groups: dict[tuple[tuple[tuple[str, str], ...], bytes], list[str]] = {}
    for name, row_of in sorted(rows.items()):
        keys = tuple(sorted(row_of))
        groups.setdefault((keys, everyone[[row_of[key] for key in keys]].tobytes()), []).append(name)
    return [
        [rows[name][key] for name in names]
        for (keys, _), names in groups.items()
        if len(names) > 1
        for key in keys
    ]
