"""Unknowns of indicators of the same people: a base with them less one without would tell how many they are.

What decisions tell. That an unknown is not shown follows from another indicator's, or from there being few: nobody
knows which. A cell that goes with its base tells that its base is smaller than another one's by nearly `minimum`.

Not covered: people whose number is told by other files, or by indicators whose denominators differ in some area only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.disclosure.secondary.suppressed_values import FIGURES, NO_NUMBER, CountTable
from geo_bosoc.indicators.spec import Indicator


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
    hidden = suppressed.to_numpy(bool)
    flags = np.zeros((len(table), 3), dtype=bool)
    for rows in _of_same_people(counts, everyone):
        kinds = [counts.kind(row) for row in rows]
        small = [row for row, kind in zip(rows, kinds, strict=True) if 0 < counts.unknown[row] < kind.minimum]
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


def _of_same_people(counts: CountTable, everyone: NDArray[np.int64]) -> list[list[int]]:
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
