"""Indicators that are counted per address, as figures of places: for criteria beside the municipality's presence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_bosoc.bottom_up.service_rates import Floats
from geo_bosoc.indicators.intervals import wilson


@dataclass(frozen=True)
class Counted:
    """An indicator counted per address, added up by place: `met` and `base` (unknowns left out)
    of each, `whole` the municipality's share."""

    met: Mapping[str, float]
    base: Mapping[str, float]
    whole: float

    def value(self, place: str) -> float:
        """The share at a place; NaN where nobody is known."""
        base = self.base.get(place, 0.0)
        return self.met[place] / base if base else float("nan")

    def interval(self, place: str) -> tuple[float, float]:
        """Wilson's, 95 %."""
        low, high = wilson(self.met.get(place, 0.0), self.base.get(place, 0.0))
        return float(low), float(high)

    def draws(self, place: str, size: int, random: np.random.Generator) -> Floats:
        """The share with the place's people drawn anew."""
        base = int(self.base.get(place, 0.0))
        if not base:
            return np.full(size, np.nan)
        return np.asarray(random.binomial(base, min(1.0, self.met[place] / base), size) / base)

    def pooled(self, places: Sequence[str]) -> float:
        """The share in several places together."""
        base = sum(self.base.get(place, 0.0) for place in places)
        return sum(self.met.get(place, 0.0) for place in places) / base if base else float("nan")


def counted(counts: pd.DataFrame | None, homes: pd.DataFrame, others: pd.DataFrame) -> dict[str, Counted]:
    """Counts per address (`address_id, indicator, numerator, denominator, unknown`) added up by place."""
    if counts is None:
        return {}
    every = pd.concat([homes, others])[["place_id", "address_id"]].drop_duplicates()
    result = {}
    for name, rows in counts.groupby("indicator", sort=True):
        base = (rows["denominator"] - rows["unknown"]).astype(float)
        one = pd.DataFrame(
            {"address_id": rows["address_id"], "met": rows["numerator"].astype(float), "base": base}
        )
        placed = every.merge(one, on="address_id").groupby("place_id")[["met", "base"]].sum()
        total = float(one["base"].sum())
        whole = float(one["met"].sum()) / total if total else float("nan")
        result[str(name)] = Counted(
            {str(place): float(value) for place, value in placed["met"].items()},
            {str(place): float(value) for place, value in placed["base"].items()},
            whole,
        )
    return result
