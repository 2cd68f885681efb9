"""Figures of places for the criteria: as they are, in bootstrap draws, and of the comparison places together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.bottom_up.presence.service_rates import (
    Floats,
    PlaceSums,
    ReferenceRates,
    ServiceRecords,
    service_indicators,
)
from geo_bosoc.indicators.rates import poisson_interval, wilson


def comparison_places(
    persons: pd.DataFrame, homes: pd.DataFrame, others: pd.DataFrame, number: int = 10
) -> dict[str, tuple[str, ...]]:
    """For each place of `homes` the `number` most similar places of `others` that share no home with it.

    A place is compared with places like it in size and ages, so that it does not stand out for being large or young.

    Parameters
    ----------
    persons : DataFrame
        `address_id`, `age`. Nothing else is looked at.
    homes, others : DataFrame
        `place_id, address_id`.
    number : int, optional
        How many; fewer where there are fewer.

    Returns
    -------
    dict of str to tuple of str
        Place ids, the most similar first.

    Notes
    -----
    Nearness is the straight distance in three figures, each divided by its standard deviation among `others`: the
    logarithm of residents, the share under 18 and the share of 67 and over. Places without residents have none. Ties
    go by id.
    """
    ages = persons[["address_id"]].assign(
        people=1.0,
        young=(persons["age"] < 18).astype(float),
        old=(persons["age"] >= 67).astype(float),
    )

    def profile(member_homes: pd.DataFrame) -> pd.DataFrame:
        rows = member_homes[["place_id", "address_id"]].drop_duplicates().merge(ages, on="address_id")
        sums = rows.groupby("place_id", sort=True)[["people", "young", "old"]].sum()
        shares = sums[["young", "old"]].div(sums["people"], axis=0)
        return shares.assign(size=np.log(sums["people"]))

    profiles, other_profiles = profile(homes), profile(others)
    if other_profiles.empty or profiles.empty:
        return {}
    deviation = other_profiles.std(ddof=0).replace(0.0, 1.0).to_numpy()
    scaled = other_profiles.to_numpy() / deviation
    shared = homes[["place_id", "address_id"]].merge(others[["place_id", "address_id"]], on="address_id")
    sharing_homes = shared.groupby("place_id_x")["place_id_y"].agg(set).to_dict()
    nearest = {}
    for name, place_profile in zip(profiles.index, profiles.to_numpy() / deviation, strict=True):
        distance = ((scaled - place_profile) ** 2).sum(axis=1)
        excluded = sharing_homes.get(name, set()) | {name}
        order = np.argsort(np.round(distance, 12), kind="stable")
        nearest[str(name)] = tuple(
            str(other_profiles.index[i]) for i in order if other_profiles.index[i] not in excluded
        )[:number]
    return nearest


@dataclass(frozen=True)
class IndicatorSums:
    """An indicator counted per address, summed by place: `numerator` and `denominator` (unknowns left out) of each, and
    `municipality`, the municipality's share.
    """

    numerator: Mapping[str, float]
    denominator: Mapping[str, float]
    municipality: float

    def value(self, place_id: str) -> float:
        """The share at a place; NaN without a denominator."""
        denominator = self.denominator.get(place_id, 0.0)
        return self.numerator[place_id] / denominator if denominator else float("nan")

    def interval(self, place_id: str) -> tuple[float, float]:
        """Wilson's, 95 %."""
        low, high = wilson(self.numerator.get(place_id, 0.0), self.denominator.get(place_id, 0.0))
        return float(low), float(high)

    def draws(self, place_id: str, size: int, random: np.random.Generator) -> Floats:
        """The share in draws of the place's people (parametric bootstrap)."""
        denominator = int(self.denominator.get(place_id, 0.0))
        if not denominator:
            return np.full(size, np.nan)
        return np.asarray(
            random.binomial(denominator, min(1.0, self.numerator[place_id] / denominator), size) / denominator
        )

    def pooled(self, place_ids: Sequence[str]) -> float:
        """The share in several places together."""
        denominator = sum(self.denominator.get(place_id, 0.0) for place_id in place_ids)
        return (
            sum(self.numerator.get(place_id, 0.0) for place_id in place_ids) / denominator
            if denominator
            else float("nan")
        )


def indicator_sums(
    counts: pd.DataFrame | None, homes: pd.DataFrame, others: pd.DataFrame
) -> dict[str, IndicatorSums]:
    """Counts per address (`address_id, indicator, numerator, denominator, unknown`) added up by place."""
    if counts is None:
        return {}
    all_homes = pd.concat([homes, others])[["place_id", "address_id"]].drop_duplicates()
    result = {}
    for name, rows in counts.groupby("indicator", sort=True):
        denominator = (rows["denominator"] - rows["unknown"]).astype(float)
        by_address = pd.DataFrame(
            {"address_id": rows["address_id"], "met": rows["numerator"].astype(float), "base": denominator}
        )
        by_place = all_homes.merge(by_address, on="address_id").groupby("place_id")[["met", "base"]].sum()
        total = float(by_address["base"].sum())
        municipality = float(by_address["met"].sum()) / total if total else float("nan")
        result[str(name)] = IndicatorSums(
            {str(place_id): float(value) for place_id, value in by_place["met"].items()},
            {str(place_id): float(value) for place_id, value in by_place["base"].items()},
            municipality,
        )
    return result


SERVICE_INDICATORS: Final = ("services_per_100", "service_kinds", "persons_with_several_pct")
"""Indicators that come from the cases; any other that the criteria name is taken from `counts`."""


def place_values(sums: PlaceSums, number: int, reference: ReferenceRates) -> dict[str, float]:
    """The figures of a place, by indicator."""
    rows = slice(number, number + 1)
    indicators = service_indicators(
        sums.given[rows], sums.eligible[rows], sums.several[rows], sums.residents[rows], reference
    )
    return {key: float(values[0]) for key, values in indicators.items()}


def bootstrap_figures(
    records: ServiceRecords,
    rows: NDArray[np.int64],
    reference: ReferenceRates,
    draws: int,
    random: np.random.Generator,
) -> dict[str, Floats]:
    """The figures in bootstrap draws of the place's people, as many as there are."""
    persons = len(rows)
    kinds = records.given.shape[1]
    table = np.column_stack(
        [records.given[rows], records.eligible[rows], records.several[rows], records.resident[rows]]
    ).astype(np.float64)
    weights = (
        random.multinomial(persons, np.full(persons, 1 / persons), size=draws)
        if persons
        else np.zeros((draws, 0))
    )
    out = weights.astype(np.float64) @ table.reshape(persons, 2 * kinds + 2)
    return service_indicators(out[:, :kinds], out[:, kinds : 2 * kinds], out[:, -2], out[:, -1], reference)


def pooled_values(
    names: Sequence[str], sums: PlaceSums, reference: ReferenceRates, extra: Mapping[str, IndicatorSums]
) -> dict[str, float]:
    """Comparison places together; of kinds, which grow with what is added up, the median."""
    rows = [sums.names.index(name) for name in names]
    if not rows:
        return dict.fromkeys((*SERVICE_INDICATORS, *extra), float("nan"))
    pooled = service_indicators(
        sums.given[rows].sum(axis=0, keepdims=True),
        sums.eligible[rows].sum(axis=0, keepdims=True),
        sums.several[rows].sum(keepdims=True),
        sums.residents[rows].sum(keepdims=True),
        reference,
    )
    values_by_indicator = {key: float(values[0]) for key, values in pooled.items()}
    single = service_indicators(
        sums.given[rows], sums.eligible[rows], sums.several[rows], sums.residents[rows], reference
    )
    values_by_indicator["service_kinds"] = float(np.median(single["service_kinds"]))
    return values_by_indicator | {
        key: sums_of_indicator.pooled(names) for key, sums_of_indicator in extra.items()
    }


def value_interval(
    indicator: str,
    name: str,
    sums: PlaceSums,
    number: int,
    reference: ReferenceRates,
    draws: Mapping[str, Floats],
    extra: Mapping[str, IndicatorSums],
) -> tuple[float, float]:
    """The 95 % interval of a place's figure: Poisson, Wilson, or that of the draws."""
    if indicator == "services_per_100":
        low, high = poisson_interval(sums.given[number].sum(), sums.eligible[number] @ reference.rate)
        level = 100 * reference.per_resident
        return float(low) * level, float(high) * level
    if indicator == "persons_with_several_pct":
        low, high = wilson(sums.several[number], sums.residents[number])
        return float(low), float(high)
    if indicator in extra:
        return extra[indicator].interval(name)
    values = draws[indicator]
    if not np.isfinite(values).any():
        return float("nan"), float("nan")
    return float(np.nanpercentile(values, 2.5)), float(np.nanpercentile(values, 97.5))
