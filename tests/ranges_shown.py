"""A small published result in which some categories are told as ranges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults

OF_TWO = "severely_deprived, deprived"
OF_THREE = "severely_deprived, deprived, at_risk"
RANGES = {
    ("A01", "2024"): (OF_TWO, 7, 10),
    ("A02", "2024"): (OF_THREE, 4, 10),
    ("A03", "2023"): (OF_TWO, 7, 9),
}
"""What the ranges lie between, and the least and the most points, by area and period."""


def with_ranges(results: PublishedResults) -> PublishedResults:
    """The result with `RANGES`, and with the figures of youth crime hidden that they rest on.

    A03 has a category in 2024, and a range in the period before.
    """
    categories = results.categories.assign(possible=None)
    for (area, period), (possible, least, most) in RANGES.items():
        row = (categories["area_id"] == area) & (categories["period"] == period)
        text = ["category", "possible", "undetermined_by"]
        categories.loc[row, text] = ["range", possible, None]
        numbers = ["points", "points_min", "points_max", "points_before"]
        categories.loc[row, numbers] = [np.nan, least, most, np.nan]
    after = (categories["area_id"] == "A03") & (categories["period"] == "2024")
    categories.loc[after, "category_before"] = None
    categories.loc[after, "points_before"] = np.nan
    frames = {}
    for name in ("table", "criteria"):
        frame = getattr(results, name).copy()
        if "status" not in frame.columns:
            frame["status"] = "ok"
        keys = pd.MultiIndex.from_frame(frame[["area_id", "period"]].astype(str))
        cells = keys.isin(list(RANGES)) & (frame["indicator"] == "youth_crime").to_numpy()
        gone = [
            "numerator",
            "unknown",
            "value",
            "low",
            "high",
            "ratio",
            "threshold",
            "met",
            "margin",
            "points",
        ]
        for column in [each for each in gone if each in frame.columns]:
            frame[column] = frame[column].mask(cells)
        frame.loc[cells, "status"] = "protected"
        frames[name] = frame
    return replace(results, categories=categories, **frames)
