"""Conditions that no row meets in any area: over all periods, or in one where they are met in others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators.spec import Indicator

_BY_CHANCE: Final = 0.05
"""A period without any is told where it would be met by chance no oftener than this."""


@dataclass(frozen=True)
class Unmet:
    """A side of an indicator that counts nothing in any area.

    `periods` are those without any; `others` those with some (empty: none at all).
    """

    indicator: Indicator
    side: Literal["numerator", "denominator"]
    periods: tuple[str, ...]
    others: tuple[str, ...]


def unmet_conditions(
    counts: pd.DataFrame, reference_areas: pd.DataFrame, indicators: Sequence[Indicator]
) -> tuple[Unmet, ...]:
    """The sides that count nothing in any area.

    Rare events may be missing in small areas: where they are met in other periods, or in the municipality outside the
    areas, a period without any is told only if chance would not have it so in one of twenty.

    Parameters
    ----------
    counts, reference_areas : DataFrame
        Finalised counts of the areas, and of the reference areas (`geo_bosoc.project.count.count_project`).
    """
    return tuple(_unmet(counts, reference_areas, indicators))


def _unmet(
    counts: pd.DataFrame, reference_areas: pd.DataFrame, indicators: Sequence[Indicator]
) -> Iterator[Unmet]:
    areas = _sums(counts)
    whole = _sums(reference_areas[reference_areas["area_id"] == MUNICIPALITY])
    for indicator in indicators:
        if indicator.id not in areas:
            continue
        here = areas[indicator.id]
        total = whole.get(indicator.id)
        empty = here.index[here["denominator"] == 0]
        filled = here.index[here["denominator"] > 0]
        if len(filled) == 0:
            yield Unmet(indicator, "denominator", tuple(empty), ())
            continue
        if len(empty) and _is_no_chance(float(here.loc[filled, "denominator"].mean())):
            yield Unmet(indicator, "denominator", tuple(empty), tuple(filled))
        if indicator.numerator is None and indicator.mean_of is None:
            continue
        based = here.loc[filled]
        without, others = based[based["numerator"] == 0], based[based["numerator"] != 0]
        if without.empty:
            continue
        rate = _rate(others) if not others.empty else _rate(total) if total is not None else 0.0
        lacking = [
            str(period)
            for period, base in without["denominator"].items()
            if rate == 0 or _is_no_chance(rate * float(base))
        ]
        if lacking:
            yield Unmet(indicator, "numerator", tuple(lacking), tuple(map(str, others.index)))


def _sums(counts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """By indicator, numerator and denominator a period, of the areas that have a figure."""
    known = counts[counts["status"] == "ok"]
    sums = known.groupby(["indicator", "period"], observed=True)[["numerator", "denominator"]].sum()
    return {
        str(name): frame.droplevel(0).sort_index()
        for name, frame in sums.groupby(level="indicator", observed=True)
    }


def _rate(sums: pd.DataFrame) -> float:
    base = float(sums["denominator"].sum())
    return float(sums["numerator"].sum()) / base if base else 0.0


def _is_no_chance(expected: float) -> bool:
    """Whether no event at all is rarer than one time in twenty where so many are expected."""
    return math.exp(-abs(expected)) < _BY_CHANCE
