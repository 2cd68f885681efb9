"""Figures of places for the criteria: as they are, drawn anew, and of similar places together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.bottom_up.service_rates import (
    Floats,
    Given,
    PlaceSums,
    Standard,
    figures,
)
from geo_bosoc.indicators.intervals import poisson_interval, wilson


def most_similar(
    persons: pd.DataFrame, homes: pd.DataFrame, others: pd.DataFrame, number: int = 10
) -> dict[str, tuple[str, ...]]:
    """For each place of `homes` the `number` most similar places of `others` that share no home with it.

    Parameters
    ----------
    persons : `address_id`, `age`. Nothing else is looked at.
    homes, others : `place_id, address_id`.
    number : how many; fewer where there are fewer.

    Notes
    -----
    Nearness is the straight distance in three figures, each divided by its standard deviation among `others`: the
    logarithm of residents, the share under 18 and the share of 67 and over. Places without residents are similar to
    none. Ties go by id.
    """
    ages = persons[["address_id"]].assign(
        people=1.0,
        young=(persons["age"] < 18).astype(float),
        old=(persons["age"] >= 67).astype(float),
    )

    def profile(of: pd.DataFrame) -> pd.DataFrame:
        rows = of[["place_id", "address_id"]].drop_duplicates().merge(ages, on="address_id")
        sums = rows.groupby("place_id", sort=True)[["people", "young", "old"]].sum()
        shares = sums[["young", "old"]].div(sums["people"], axis=0)
        return shares.assign(size=np.log(sums["people"]))

    here, there = profile(homes), profile(others)
    if there.empty or here.empty:
        return {}
    spread = there.std(ddof=0).replace(0.0, 1.0).to_numpy()
    at = there.to_numpy() / spread
    shared = homes[["place_id", "address_id"]].merge(others[["place_id", "address_id"]], on="address_id")
    touching = shared.groupby("place_id_x")["place_id_y"].agg(set).to_dict()
    found = {}
    for name, place_profile in zip(here.index, here.to_numpy() / spread, strict=True):
        distance = ((at - place_profile) ** 2).sum(axis=1)
        barred = touching.get(name, set()) | {name}
        order = np.argsort(np.round(distance, 12), kind="stable")
        found[str(name)] = tuple(str(there.index[i]) for i in order if there.index[i] not in barred)[:number]
    return found


@dataclass(frozen=True)
class IndicatorSums:
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


def indicator_sums(
    counts: pd.DataFrame | None, homes: pd.DataFrame, others: pd.DataFrame
) -> dict[str, IndicatorSums]:
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
        result[str(name)] = IndicatorSums(
            {str(place): float(value) for place, value in placed["met"].items()},
            {str(place): float(value) for place, value in placed["base"].items()},
            whole,
        )
    return result


SERVICE_INDICATORS: Final = ("services_per_100", "service_kinds", "persons_with_several_pct")
"""Indicators that come from the cases; any other that the criteria name is taken from `counts`."""


def place_values(sums: PlaceSums, number: int, standard: Standard) -> dict[str, float]:
    one = slice(number, number + 1)
    told = figures(sums.got[one], sums.could[one], sums.several[one], sums.residents[one], standard)
    return {key: float(values[0]) for key, values in told.items()}


def bootstrap_figures(
    given: Given, rows: NDArray[np.int64], standard: Standard, draws: int, random: np.random.Generator
) -> dict[str, Floats]:
    """The figures with the place's people drawn anew from themselves, as many as there are (bootstrap)."""
    many = len(rows)
    kinds = given.given.shape[1]
    table = np.column_stack(
        [given.given[rows], given.eligible[rows], given.several[rows], given.resident[rows]]
    ).astype(np.float64)
    weights = random.multinomial(many, np.full(many, 1 / many), size=draws) if many else np.zeros((draws, 0))
    out = weights.astype(np.float64) @ table.reshape(many, 2 * kinds + 2)
    return figures(out[:, :kinds], out[:, kinds : 2 * kinds], out[:, -2], out[:, -1], standard)


def pooled_values(
    names: Sequence[str], sums: PlaceSums, standard: Standard, extra: Mapping[str, IndicatorSums]
) -> dict[str, float]:
    """Similar places as one; of kinds, which grow with what is added up, the middle one."""
    at = [sums.names.index(name) for name in names]
    if not at:
        return dict.fromkeys((*SERVICE_INDICATORS, *extra), float("nan"))
    told = figures(
        sums.got[at].sum(axis=0, keepdims=True),
        sums.could[at].sum(axis=0, keepdims=True),
        sums.several[at].sum(keepdims=True),
        sums.residents[at].sum(keepdims=True),
        standard,
    )
    found = {key: float(values[0]) for key, values in told.items()}
    each = figures(sums.got[at], sums.could[at], sums.several[at], sums.residents[at], standard)
    found["service_kinds"] = float(np.median(each["service_kinds"]))
    return found | {key: one.pooled(names) for key, one in extra.items()}


def value_interval(
    indicator: str,
    name: str,
    sums: PlaceSums,
    number: int,
    standard: Standard,
    drawn: Mapping[str, Floats],
    extra: Mapping[str, IndicatorSums],
) -> tuple[float, float]:
    if indicator == "services_per_100":
        low, high = poisson_interval(sums.got[number].sum(), sums.could[number] @ standard.rate)
        level = 100 * standard.per_resident
        return float(low) * level, float(high) * level
    if indicator == "persons_with_several_pct":
        low, high = wilson(sums.several[number], sums.residents[number])
        return float(low), float(high)
    if indicator in extra:
        return extra[indicator].interval(name)
    values = drawn[indicator]
    if not np.isfinite(values).any():
        return float("nan"), float("nan")
    return float(np.nanpercentile(values, 2.5)), float(np.nanpercentile(values, 97.5))
