"""A mean whose scale keeps decimals that no value has: its column looks multiplied."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Final

import pandas as pd

from geo_bosoc.indicators.plan import Part
from geo_bosoc.problems import Report

LEAST: Final = 8
"""Of so few sums chance may be."""


def tell_unused_decimals(table: pd.DataFrame, parts: Sequence[Part], report: Report) -> None:
    """Warn of means with a scale of which every area's sum is a multiple of ten whole ones.

    Parameters
    ----------
    table : the indicator table of the areas.
    parts : which register has what share in each indicator.
    """
    for part in parts:
        indicator = part.indicator
        if indicator.mean_of is None or indicator.scale == 1 or part.side == "numerator":
            continue
        sums = table.loc[
            (table["indicator"] == indicator.id) & (table["status"] == "ok"), "numerator"
        ].dropna()
        whole = {int(value) for value in sums} - {0}
        if len(whole) >= LEAST and gcd(*whole) % (10 * indicator.scale) == 0:
            report.warn(
                f"scale = {indicator.scale} keeps decimals, and every sum of {indicator.mean_of} is a multiple of 10: "
                "the values look multiplied.",
                key=f"registers.{part.register.partition('@')[0]}",
                column=indicator.mean_of,
                hint=f"Look at the column's unit. If the values are whole tens, leave out scale in {indicator.id}.",
            )
