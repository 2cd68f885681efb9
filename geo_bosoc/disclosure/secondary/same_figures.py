"""Indicators that are one figure: the same people counted twice, under two ids.

A part of a breakdown that is an indicator of its own as well, or a number beside its share: what is shown of one is
told of the other. So they are suppressed alike, and are one unknown wherever counts are put together.

What decisions tell. That two figures are treated as one follows from their definitions, or from counts that are equal
in every area and period, which those that are shown tell everybody.

Not covered: indicators that are equal in some areas or periods only; a figure that is another one times a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

import pandas as pd

from geo_bosoc.disclosure.secondary.suppressed_values import NO_NUMBER, CountKind, CountTable
from geo_bosoc.indicators.spec import Indicator

FEWEST_ROWS: Final = 3
"""Rows with persons in which two figures of different definition must agree: one or two agree by chance."""
_DEFINITION: Final = ("denominator", "numerator", "mean_of", "weight", "weight_scale", "distinct", "home_on")

_Hidden = TypeVar("_Hidden", pd.Series, pd.DataFrame)


def same_figures(table: pd.DataFrame, indicators: Sequence[Indicator] = ()) -> dict[str, str]:
    """Indicators that count the same as others.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts.
    indicators : sequence of Indicator
        What the figures are; others count as shares.

    Returns
    -------
    dict of str to str
        By id, the first (as text) of the indicators that have the same counts in every area and period; those that
        stand alone are not in it. Equal counts of different definitions are no chance from `FEWEST_ROWS` rows with
        persons on.

    Examples
    --------
    >>> by_area = {"a": 3, "b": 9, "c": 7}
    >>> rows = [(area, "2024", name, by_area[area], 50, 0) for area in by_area for name in ("idle", "out")]
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]
    >>> sorted(same_figures(pd.DataFrame(rows, columns=columns)).items())
    [('idle', 'idle'), ('out', 'idle')]
    """
    specs = {indicator.id: indicator for indicator in indicators}
    counts = CountTable(table, specs, 1)
    rows: dict[str, dict[tuple[str, str], int]] = {}
    for row, (area_id, period, indicator) in enumerate(counts.cells):
        rows.setdefault(indicator, {})[area_id, period] = row
    groups: dict[tuple[CountKind, tuple[tuple[str, str], ...], bytes], list[str]] = {}
    with_persons: dict[str, int] = {}
    for name, row_of in sorted(rows.items()):
        keys = tuple(sorted(row_of))
        positions = [row_of[key] for key in keys]
        numerator = counts.numerator[positions]
        with_persons[name] = int(((numerator != NO_NUMBER) & (numerator > 0)).sum())
        numbers = b"".join(
            each[positions].tobytes() for each in (counts.numerator, counts.base, counts.unknown)
        )
        groups.setdefault((counts.kind(positions[0]), keys, numbers), []).append(name)
    same: dict[str, str] = {}
    for names in groups.values():
        for name in names[1:]:
            if with_persons[name] >= FEWEST_ROWS or _same_definition(specs, name, names[0]):
                same[name] = same[names[0]] = names[0]
    return same


def hidden_alike(table: pd.DataFrame, hidden: _Hidden, same: Mapping[str, str]) -> _Hidden:
    """What is hidden of rows, with what is hidden of another row that is the same figure.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator``.
    hidden : Series or DataFrame of bool
        On the index of `table`; not changed.
    same : mapping of str to str
        From `same_figures`.

    Examples
    --------
    >>> table = pd.DataFrame({"area_id": "a", "period": "2024", "indicator": ["idle", "out"]})
    >>> hidden_alike(table, pd.Series([False, True]), {"idle": "idle", "out": "idle"}).tolist()
    [True, True]
    """
    rows = table["indicator"].astype(str).isin(list(same))
    if not rows.any():
        return hidden
    of_same = table[rows]
    keys = [
        of_same["area_id"].astype(str),
        of_same["period"].astype(str),
        of_same["indicator"].astype(str).map(same),
    ]
    alike = hidden.copy()
    alike[rows] = hidden[rows].groupby(keys).transform("max").astype(bool)
    return alike


def _same_definition(specs: Mapping[str, Indicator], first: str, second: str) -> bool:
    """Whether two indicators say the same of who is counted."""
    if first not in specs or second not in specs:
        return False
    definition, other = (specs[name].model_dump(include=set(_DEFINITION)) for name in (first, second))
    return bool(definition == other)
