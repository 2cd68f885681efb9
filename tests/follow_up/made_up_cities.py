"""Made-up cities whose areas' shares walk at random: no such people or places exist."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.follow_up.ahead.random_walk import AreaSeries, expit

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class City:
    """Counts of 40 areas over years, and the threshold that a third of them or so are over."""

    numerators: Array
    bases: Array
    threshold: float

    @property
    def series(self) -> AreaSeries:
        years = self.numerators.shape[1]
        offset = np.full(years, self.threshold)
        shares = self.numerators / self.bases
        return AreaSeries(shares, self.bases, offset, np.arange(float(years)), shares=True)

    def table(self, indicator: str, first_year: int = 2017) -> pd.DataFrame:
        """An indicator table."""
        rows = []
        for area, (counts, bases) in enumerate(zip(self.numerators, self.bases, strict=True)):
            for year, (count, base) in enumerate(zip(counts, bases, strict=True)):
                key = (f"{area:04d}", str(first_year + year), indicator)
                rows.append((*key, int(count), int(base), 0, count / base, "ok"))
        names = ("area_id", "period", "indicator", "numerator", "denominator", "unknown", "value", "status")
        return pd.DataFrame(rows, columns=list(names))


def make_city(
    seed: int, *, level: float = -1.2, step: float = 0.1, between: float = 0.6, years: int = 8
) -> City:
    """A city of 40 areas with 60 to 900 people each: a random walk on the logit scale, and binomial counts."""
    rng = np.random.default_rng([1129, seed])
    bases = rng.integers(60, 900, 40)
    states = level + between * rng.standard_normal((40, 1))
    walks = np.cumsum(step * rng.standard_normal((40, years)), axis=1)
    shares = expit(states + walks)
    numerators = rng.binomial(bases[:, None], shares)
    threshold = round(float(expit(np.array(level + between / 3))), 2)
    return City(numerators.astype(float), np.repeat(bases[:, None].astype(float), years, axis=1), threshold)
