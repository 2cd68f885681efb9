"""Figures in another scale than they should be: counts that look multiplied, a share among percentages."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Any, Final

import polars as pl

from geo_bosoc.problems import Report

LEAST: Final = 8
"""Of so few figures chance may be."""


def common_factor(figures: pl.Series) -> int:
    """The largest power of ten, from 100 on, that divides every figure; 1 where there is none, or too few figures.

    >>> common_factor(pl.Series([1200, 300, 4100, 900, 0, 700, 2300, 100, 500]))
    100
    >>> common_factor(pl.Series([1200, 300, 4100, 900, 0, 700, 2300, 100, 512]))
    1
    """
    values = figures.drop_nulls()
    if not values.dtype.is_numeric() or (values.dtype.is_float() and not (values == values.round()).all()):
        return 1
    whole = [abs(int(value)) for value in values.unique() if value]
    if len(whole) < LEAST:
        return 1
    factor, power = gcd(*whole), 1
    while factor % (power * 10) == 0:
        power *= 10
    return power if power >= 100 else 1


def tell_round_figures(figures: pl.Series, report: Report, **where: Any) -> None:
    """Warn of a column of counts that are all multiples of 100, 1,000 ...; `where` are fields of `Problem`."""
    factor = common_factor(figures)
    if factor > 1:
        report.warn(
            f"every figure can be divided by {factor:,}: a count is rarely that round.",
            hint="Nothing is wrong if they are rounded so, or in thousands; if they were multiplied, divide them.",
            **where,
        )


def lone_shares(values: pl.Series) -> Sequence[int]:
    """The places of the few percentages that look like shares: under 1, where all others are far over it.

    They must be within the others' range if they are taken for shares.

    >>> lone_shares(pl.Series([12.5, 20.0, 31.0, 0.25, 18.0, 22.5, 40.0, 15.0, 19.0]))
    [3]
    >>> lone_shares(pl.Series([1.5, 2.0, 3.1, 0.25, 1.8, 2.5, 4.0, 1.5, 1.9]))
    []
    """
    filled = values.drop_nulls().drop_nans()
    small = filled.filter((filled > 0) & (filled < 1))
    others = filled.filter(filled >= 1)
    if (
        small.is_empty()
        or len(small) + (filled == 0).sum() > max(1, len(filled) // 10)
        or len(others) < LEAST
    ):
        return []
    lowest, highest = float(others.min()), float(others.max())  # type: ignore[arg-type]
    if lowest < 5 * float(small.max()):  # type: ignore[arg-type]
        return []
    if not (small * 100).is_between(lowest, highest).all():
        return []
    return ((values > 0) & (values < 1)).fill_null(False).arg_true().to_list()


def tell_lone_shares(values: pl.Series, rows: pl.Series, report: Report, **where: Any) -> None:
    """Warn of a share that stands among percentages; `rows` are the numbers of the rows."""
    places = lone_shares(values)
    if places:
        first = [str(rows[place]) for place in places[:5]]
        report.warn(
            f"{len(places)} value(s) under 1 among percentages that are all far over it look like shares: "
            f"row{'' if len(places) == 1 else 's'} {', '.join(first)}.",
            row=int(rows[places[0]]),
            hint="Write 25, not 0.25, for 25 %. If it is so small, nothing is wrong.",
            **where,
        )
