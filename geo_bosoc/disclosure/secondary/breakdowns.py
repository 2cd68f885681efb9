"""Indicators of one base that add up, of which each tells what the others leave: declared, or found in the counts.

Parts are declared in the indicator file (`breakdown`), or are found because they add up in every area and period: to
the base, or to another indicator. What goes with a part that is suppressed: `secondary.parts`. Totals over areas would
tell a part that is suppressed with a small one, and so the small one: `totals_over_parts` names those that go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.disclosure.secondary.same_figures import same_figures
from geo_bosoc.disclosure.secondary.suppressed_values import NO_NUMBER, CountTable
from geo_bosoc.indicators.spec import Indicator

_Integers = npt.NDArray[np.int64]

MOST_STEPS: Final = 5_000
"""Sums that are tried in the search for parts that add up to a base; then it ends with those that it has."""


class Breakdown(NamedTuple):
    """Indicators that add up in each area and period.

    Attributes
    ----------
    indicators : tuple of str
        Ids of the parts, sorted.
    total : str or None
        The indicator that they add up to; None for all of the base whose status is known.
    """

    indicators: tuple[str, ...]
    total: str | None = None


def find_breakdowns(table: pd.DataFrame, indicators: Sequence[Indicator] = ()) -> tuple[Breakdown, ...]:
    """The breakdowns that indicators declare, and those whose parts add up in every area and period.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts.
    indicators : sequence of Indicator
        What the figures are; others count as shares.

    Returns
    -------
    tuple of Breakdown
        Two or more parts of one base, no other way than in every row: sorted, those of the base first. Of indicators
        that are one figure (`same_figures`) the first stands for all.

    Examples
    --------
    >>> from geo_bosoc.disclosure.primary import CELL, COUNTS
    >>> rows = [("a", "2024", "owned", 12, 20, 0), ("a", "2024", "rented", 8, 20, 0), ("a", "2024", "young", 5, 20, 0)]
    >>> find_breakdowns(pd.DataFrame(rows, columns=[*CELL, *COUNTS]))
    (Breakdown(indicators=('owned', 'rented'), total=None),)
    """
    same = same_figures(table, indicators)
    declared = declared_breakdowns(indicators)
    parts = [sorted({same.get(name, name) for name in names}) for names in declared]
    breakdowns = {Breakdown(tuple(names)) for names in parts if len(names) > 1}
    others = [name for name, first in same.items() if name != first]
    for names, base, numerators in _same_bases(table[~table["indicator"].isin(others)], indicators):
        counted = [name for name in names if numerators[name].any()]
        for total in (None, *counted):
            goal = base if total is None else numerators[total]
            candidates = [(name, numerators[name]) for name in counted if name != total]
            breakdowns |= {Breakdown(parts, total) for parts in adding_up(goal, candidates)}
    return tuple(
        sorted(breakdowns, key=lambda each: (each.total is not None, each.total or "", each.indicators))
    )


def declared_breakdowns(indicators: Sequence[Indicator]) -> tuple[tuple[str, ...], ...]:
    """The ids of indicators that are declared as parts of one base, two and more, in their order.

    Examples
    --------
    >>> from geo_bosoc.indicators.spec import Side
    >>> declared_breakdowns(
    ...     [Indicator(id=name, breakdown="tenure", denominator=Side(), numerator=Side(where=name), label_da=name,
    ...     label_en=name) for name in ("owned", "rented")]
    ... )
    (('owned', 'rented'),)
    """
    declared: dict[str, list[str]] = {}
    for indicator in indicators:
        if indicator.breakdown:
            declared.setdefault(indicator.breakdown, []).append(indicator.id)
    return tuple(tuple(names) for names in declared.values() if len(names) > 1)


def totals_over_parts(
    totals: pd.DataFrame,
    table: pd.DataFrame,
    breakdowns: Sequence[Breakdown],
    suppressed: pd.Series,
    *,
    minimum: int = 5,
    closed: Collection[str] = (ALL_AREAS,),
) -> pd.Series:
    """The totals whose counts go since a part of a breakdown that they add up is suppressed in some area.

    A part that is suppressed with a small one is any number, and nothing keeps a total from telling it: with the base
    it would tell the small one. Only a total with people outside of the areas leaves it open.

    Parameters
    ----------
    totals, table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts of reference areas and of areas.
    breakdowns : sequence of Breakdown
        From `find_breakdowns`.
    suppressed : Series of bool
        On the index of `table`.
    minimum : int
        Persons outside of all areas with whom a total is more than their sum.
    closed : collection of str
        Totals of which everybody knows that nobody is outside.

    Returns
    -------
    Series of bool
        On the index of `totals`.
    """
    names = {name for each in breakdowns for name in (*each.indicators, each.total) if name}
    rows = table[table["indicator"].isin(names)]
    keys = [rows[name].astype(str) for name in ("period", "indicator")]
    base = (rows["denominator"].astype("Int64") - rows["unknown"].astype("Int64").fillna(0)).groupby(keys)
    of_areas = pd.DataFrame({"base": base.sum(), "gone": suppressed[rows.index].groupby(keys).any()})
    slots = pd.MultiIndex.from_frame(totals[["period", "indicator"]].astype(str))
    of_areas = of_areas.reindex(slots).set_axis(totals.index)
    outside = totals["denominator"].astype("Int64") - totals["unknown"].astype("Int64").fillna(0)
    outside -= of_areas["base"]
    is_sum = ((outside >= 0) & (outside < minimum)).fillna(False).astype(bool) | totals["area_id"].isin(
        closed
    )
    return is_sum & of_areas["gone"].eq(True)


def _same_bases(
    table: pd.DataFrame, indicators: Sequence[Indicator]
) -> Iterator[tuple[list[str], _Integers, dict[str, _Integers]]]:
    """Indicators with the same known base in every row: their ids, the base in numerators' units, the numerators."""
    counts = CountTable(table, {indicator.id: indicator for indicator in indicators}, 1)
    rows: dict[str, dict[tuple[str, str], int]] = {}
    for row, (area_id, period, indicator) in enumerate(counts.cells):
        if counts.base[row] != NO_NUMBER and counts.numerator[row] != NO_NUMBER:
            rows.setdefault(indicator, {})[area_id, period] = row
    groups: dict[tuple[int, tuple[tuple[str, str], ...], bytes], list[str]] = {}
    for name, row_of in sorted(rows.items()):
        kind = counts.kind(next(iter(row_of.values())))
        if not kind.is_mean and not kind.is_tally:
            keys = tuple(sorted(row_of))
            base = counts.base[[row_of[key] for key in keys]] * kind.scale
            groups.setdefault((kind.scale, keys, base.tobytes()), []).append(name)
    for (_, keys, key_base), names in groups.items():
        if len(names) > 1:
            numerators: dict[str, _Integers] = {
                name: counts.numerator[[rows[name][key] for key in keys]] for name in names
            }
            yield names, np.frombuffer(key_base, dtype=np.int64), numerators


def adding_up(goal: _Integers, candidates: Sequence[tuple[str, _Integers]]) -> Iterator[tuple[str, ...]]:
    """Sets of at least two candidates that add up to a goal in every row.

    Parameters
    ----------
    goal : ndarray of int
        A whole number for each row.
    candidates : sequence of (str, ndarray)
        Ids with their numbers, of which none is all zero.

    Returns
    -------
    Iterator of tuple of str
        Sorted ids; it ends after `MOST_STEPS` steps.

    Examples
    --------
    >>> numbers = {"x": [1, 2], "y": [4, 4], "z": [5, 9]}
    >>> list(adding_up(np.array([5, 6]), [(name, np.array(each)) for name, each in numbers.items()]))
    [('x', 'y')]
    """
    steps = 0

    def search(
        rest: _Integers, free: list[tuple[str, _Integers]], chosen: tuple[str, ...]
    ) -> Iterator[tuple[str, ...]]:
        nonlocal steps
        steps += 1
        if not rest.any():
            if len(chosen) > 1:
                yield tuple(sorted(chosen))
            return
        fitting = [(name, numbers) for name, numbers in free if (numbers <= rest).all()]
        if steps > MOST_STEPS or (sum(numbers for _, numbers in fitting) < rest).any():
            return
        row = int(rest.argmax())
        for name, numbers in fitting:
            if numbers[row]:  # one of them must be in
                others = [(other, values) for other, values in fitting if other != name]
                yield from search(rest - numbers, others, (*chosen, name))
                fitting = others

    yield from search(goal, list(candidates), ())
