"""Types of areas by their profiles: k-means from Ward's groups, with k by stability and labels kept over the years.

Each figure is put in interquartile ranges from the areas' median and cut at `FARTHEST`, so that no single area makes a
type of its own. A figure that is suppressed or missing takes no part: the area counts as the median in it. So
everything is a function of the table that it is given, and of a published one nothing follows that did not before.

How many types there are is told by `geo_bosoc.bottom_up.typology.partitions`: as many as come back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.preprocessing import RobustScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from geo_bosoc.bottom_up.typology.partitions import (
    FARTHEST,
    LEAST_IN_GROUP,
    Floats,
    Labels,
    Partition,
    least_spread_left,
    partitions_of,
    renamed,
    spread_left,
)

MOST_TYPES: Final = 8
LEAST_AREAS: Final = 12
"""Areas with a profile, at the fewest that can be put in types."""
LEAST_INDICATORS: Final = 2
DRIVES: Final = 0.5
"""Interquartile ranges from the median, from which on a figure drives a type."""

AREA_COLUMNS: Final = ("area_id", "period", "area_type", "came_back", "cannot_tell")
TYPE_COLUMNS: Final = ("area_type", "areas", "jaccard")
DRIVER_COLUMNS: Final = ("area_type", "indicator", "distance")
TRIED_COLUMNS: Final = (
    "types",
    "rand",
    "least_jaccard",
    "least_areas",
    "spread_left",
    "without_types",
    "is_stable",
)
YEAR_COLUMNS: Final = ("period", "areas", "rand", "least_jaccard", "same_type", "is_told")


@dataclass(frozen=True)
class Typology:
    """Types of areas.

    Attributes
    ----------
    areas : DataFrame
        `AREA_COLUMNS`: one row an area and period; ``area_type`` 1, 2, ... (the worst first, in the last period;
        missing where it cannot be told), ``came_back`` the share of the draws with the area that put it in the type
        again, ``cannot_tell`` why there is no type (``few_figures`` of the area, ``not_stable``).
    types : DataFrame
        `TYPE_COLUMNS` of the last period: how many areas, and the mean of the best Jaccard indices.
    drivers : DataFrame
        `DRIVER_COLUMNS` of the last period: the mean of the areas' figures, in interquartile ranges from the median of
        all areas.
    tried : DataFrame
        `TRIED_COLUMNS`: one row a number of types; ``spread_left`` is the part of the sum of squares within them, and
        ``without_types`` the least of it in areas without types (missing where the types do not come back);
        ``is_stable`` marks the number that was taken.
    years : DataFrame
        `YEAR_COLUMNS`: how stable the types are in each period, and the share of the areas that were of the same type
        in the period before; whether they are told of it.
    indicators : tuple of str
        What profiles are made of in the last period.
    cannot_tell : str
        Why there are no types: ``few_areas``, ``few_indicators``, ``not_stable``; empty where there are.
    """

    areas: pd.DataFrame
    types: pd.DataFrame
    drivers: pd.DataFrame
    tried: pd.DataFrame
    years: pd.DataFrame
    indicators: tuple[str, ...]
    cannot_tell: str = ""

    @property
    def lie_apart(self) -> bool:
        """Whether the types are denser than types cut from areas that lie on an even slope."""
        settled = self.tried[self.tried["is_stable"].astype(bool)]
        return bool((settled["spread_left"] < settled["without_types"]).any())


@dataclass(frozen=True)
class _Profiles:
    """Profiles of a period: `figures` in interquartile ranges from the median, missing ones as such."""

    areas: list[str]
    indicators: list[str]
    figures: Floats
    without: list[str]

    @property
    def points(self) -> Floats:
        return np.nan_to_num(self.figures, nan=0.0)

    def centres(self, labels: Labels) -> pd.DataFrame:
        """The mean figures of each type, a row a type; 0 where no area of it has the figure."""
        rows = pd.DataFrame(self.figures, columns=self.indicators).groupby(labels).mean()
        return rows.sort_index().fillna(0.0)


def area_types(
    table: pd.DataFrame,
    by: Sequence[str],
    *,
    worse: Mapping[str, int] | None = None,
    draws: int = 40,
    seed: int = 1,
) -> Typology:
    """Areas of each period in types by their profiles; as many types as the last period's areas are stable in.

    An area that has fewer than half of the figures is of no type, and an indicator that fewer than half of the areas
    have, or that does not differ between quartiles, takes no part. Numbers of types up to `MOST_TYPES` are tried: the
    types come back (the mean adjusted Rand index and each type's Jaccard index, `STABLE_RAND` and `STABLE_GROUP`) and
    have `LEAST_IN_GROUP` areas. Of such numbers the one that comes back best is taken, and first among those whose
    types lie apart: denser than types cut from areas that lie on an even slope. An earlier period takes the same
    number, where its types come back, and its types the names of the nearest ones of the period after it (the
    assignment of centres with the least sum of distances, Kuhn 1955).

    Parameters
    ----------
    table : DataFrame
        An indicator table of areas, true or published; only figures whose status is ``ok`` are read.
    by : sequence of str
        The indicators that make up a profile.
    worse : mapping of str to int, optional
        1 for an indicator that is bad when high, -1 when low: the order of the types.
    draws : int, optional
        Repetitions behind the stability.
    seed : int, optional
        Of the draws.

    Returns
    -------
    Typology
        With types, or with why there are none.

    Examples
    --------
    >>> rows = [(f"{area:02}", "2024", name, area % 2 * 5 + area / 100 * (1 if name == "x" else -1), "ok")
    ...         for area in range(16) for name in ("x", "y")]
    >>> table = pd.DataFrame(rows, columns=["area_id", "period", "indicator", "value", "status"])
    >>> found = area_types(table, ["x", "y"], worse={"x": 1})
    >>> found.types[["area_type", "areas"]].values.tolist()
    [[1, 8], [2, 8]]
    >>> found.areas["area_type"].tolist()[:4]
    [2, 1, 2, 1]
    """
    profiles = _profiles(table, sorted(set(by)))
    periods = sorted(profiles, reverse=True)
    if not periods:
        return _without(profiles, pd.DataFrame(columns=list(TRIED_COLUMNS)), "few_areas")
    last = profiles[periods[0]]
    reason = _too_few(last)
    if reason:
        return _without(profiles, pd.DataFrame(columns=list(TRIED_COLUMNS)), reason)
    with threadpool_limits(1):  # sums in one order: the same bytes
        tried, settled = _number_of_types(last, draws, seed)
        if settled is None:
            return _without(profiles, tried, "not_stable")
        settled = renamed(settled, _order(last, settled.labels, worse or {}))
        number = settled.groups
        given: dict[str, Partition | None] = {periods[0]: settled}
        later = last.centres(settled.labels)
        for period in periods[1:]:
            earlier = profiles[period]
            partition = (
                None if _too_few(earlier) else partitions_of(earlier.points, [number], draws, seed)[number]
            )
            if partition is None or not partition.comes_back or partition.groups != number:
                given[period] = partition
                continue
            matched = renamed(partition, _matched(earlier.centres(partition.labels), later))
            later = earlier.centres(matched.labels)
            given[period] = matched
    return _typology(profiles, given, tried)


def _profiles(table: pd.DataFrame, by: Sequence[str]) -> dict[str, _Profiles]:
    """The profiles of each period, in the areas' order."""
    figures = table[table["indicator"].isin(list(by))]
    profiles: dict[str, _Profiles] = {}
    for period, rows in figures.groupby("period", sort=True):
        areas = sorted(rows["area_id"].astype(str).unique())
        shown = rows[(rows["status"] == "ok") & rows["value"].notna()]
        values = shown.pivot(index="area_id", columns="indicator", values="value")  # noqa: PD010
        values = values.reindex(index=areas, columns=list(by)).astype("float64")
        values = values.loc[:, 2 * values.notna().sum() >= len(values)]
        spread = values.quantile(0.75) - values.quantile(0.25)
        values = values.loc[:, (spread > 1e-12 * values.abs().max()).to_numpy()]
        enough = (2 * values.notna().sum(axis=1) >= max(values.shape[1], 1)).to_numpy()
        without = [area for area, is_enough in zip(areas, enough, strict=True) if not is_enough]
        values = values[enough]
        scaled = RobustScaler().fit_transform(values.to_numpy()) if values.size else values.to_numpy()
        profiles[str(period)] = _Profiles(
            [str(area) for area in values.index],
            [str(name) for name in values.columns],
            np.clip(scaled, -FARTHEST, FARTHEST),
            without,
        )
    return profiles


def _too_few(profiles: _Profiles) -> str:
    """Why a period's areas cannot be put in types whatever their figures are."""
    if len(profiles.indicators) < LEAST_INDICATORS:
        return "few_indicators"
    return "few_areas" if len(profiles.areas) < LEAST_AREAS else ""


def _number_of_types(profiles: _Profiles, draws: int, seed: int) -> tuple[pd.DataFrame, Partition | None]:
    """What each number of types was worth, and the types by the best of them, if any."""
    points = profiles.points
    most = min(MOST_TYPES, len(points) // LEAST_IN_GROUP, len(np.unique(points, axis=0)))
    partitions = partitions_of(points, range(2, most + 1), draws, seed)
    best = sorted(
        (number for number, each in partitions.items() if each.comes_back),
        key=lambda number: (-round(partitions[number].rand, 9), -number),
    )
    missing = np.isnan(profiles.figures)
    left = {number: spread_left(points, each.labels) for number, each in partitions.items()}
    least = {number: least_spread_left(points, missing, number, seed) for number in best}
    apart = [number for number in best if left[number] < least[number]]
    settled = (*apart, *best, 0)[0]
    rows = [
        (
            number, each.rand, float(each.jaccard.min()), each.least_points,
            left[number], least.get(number, np.nan), number == settled,
        )
        for number, each in sorted(partitions.items())
    ]  # fmt: skip
    tried = pd.DataFrame(rows, columns=list(TRIED_COLUMNS))
    return tried, partitions.get(settled)


def _order(profiles: _Profiles, labels: Labels, worse: Mapping[str, int]) -> Labels:
    """The name of each type: the worst figures first, then the most areas, then the first area."""
    centres = profiles.centres(labels)
    signs = np.array([worse.get(name, 0) for name in centres.columns], dtype=np.float64)
    severity = np.round(centres.to_numpy() @ signs, 9)
    sizes = np.bincount(labels)
    firsts = [int(np.flatnonzero(labels == label)[0]) for label in range(len(sizes))]
    order = sorted(range(len(sizes)), key=lambda label: (-severity[label], -sizes[label], firsts[label]))
    names = np.empty(len(sizes), dtype=np.int64)
    names[order] = np.arange(len(sizes))
    return names


def _matched(centres: pd.DataFrame, later: pd.DataFrame) -> Labels:
    """The names of types by those of a later period whose centres are nearest, over the figures of both."""
    both = [name for name in centres.columns if name in later.columns]
    distances = cdist(centres[both], later[both]) if both else np.zeros((len(centres), len(later)))
    rows, columns = linear_sum_assignment(distances)
    names = np.empty(len(centres), dtype=np.int64)
    names[rows] = columns
    return names


def _without(profiles: Mapping[str, _Profiles], tried: pd.DataFrame, why: str) -> Typology:
    """No types, and why."""
    last = profiles[max(profiles)] if profiles else None
    rows = [
        (area, period, None, np.nan, "few_figures" if area in each.without else why)
        for period, each in profiles.items()
        for area in sorted([*each.areas, *each.without])
    ]
    return Typology(
        _area_frame(rows),
        pd.DataFrame(columns=list(TYPE_COLUMNS)),
        pd.DataFrame(columns=list(DRIVER_COLUMNS)),
        tried,
        pd.DataFrame(columns=list(YEAR_COLUMNS)),
        () if last is None else tuple(last.indicators),
        why,
    )


def _typology(
    profiles: Mapping[str, _Profiles], given: Mapping[str, Partition | None], tried: pd.DataFrame
) -> Typology:
    """The tables of types that were found; `given` has those of each period."""
    rows: list[tuple[object, ...]] = []
    years: list[tuple[object, ...]] = []
    before: dict[str, int] = {}
    for period, each in profiles.items():
        partition = given[period]
        is_told = partition is not None and partition.is_named
        now = {}
        if partition is not None and is_told:
            now = {area: int(label) + 1 for area, label in zip(each.areas, partition.labels, strict=True)}
            back = zip(each.areas, partition.came_back, strict=True)
            rows += [(area, period, now[area], float(share), "") for area, share in back]
        else:
            rows += [(area, period, None, np.nan, "not_stable") for area in each.areas]
        rows += [(area, period, None, np.nan, "few_figures") for area in each.without]
        both = [area for area in now if area in before]
        same = float(np.mean([now[area] == before[area] for area in both])) if both else np.nan
        stability = (
            (np.nan, np.nan) if partition is None else (partition.rand, float(partition.jaccard.min()))
        )
        years.append((period, len(each.areas), *stability, same, is_told))
        before = now
    period = max(profiles)
    last, settled = profiles[period], given[period]
    assert settled is not None
    sizes = np.bincount(settled.labels)
    types = [(label + 1, int(sizes[label]), float(settled.jaccard[label])) for label in range(settled.groups)]
    drivers = [
        (label + 1, str(name), float(distance))
        for label, centre in enumerate(last.centres(settled.labels).to_dict("records"))
        for name, distance in centre.items()
    ]
    return Typology(
        _area_frame(rows),
        pd.DataFrame(types, columns=list(TYPE_COLUMNS)),
        pd.DataFrame(drivers, columns=list(DRIVER_COLUMNS)),
        tried,
        pd.DataFrame(years, columns=list(YEAR_COLUMNS)),
        tuple(last.indicators),
    )


def _area_frame(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(AREA_COLUMNS)).astype({"area_type": "Int64"})
    return frame.sort_values(["period", "area_id"], ignore_index=True)
