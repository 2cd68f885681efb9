"""Where people from areas with a development plan went, against what chance gives: the waterbed question.

Under chance, those who moved from the origin take new homes as all who moved to a new home in the municipality did. A
destination that more of them went to than chance gives may be where the trouble moves. Deaths, moves out of the
municipality, births and changed boundaries are no moves here. Of linked persons, and so for the internal set alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import polars as pl

from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.follow_up.persons.link import UNPLACED, LinkedPersons
from geo_bosoc.follow_up.persons.moves import ELSEWHERE
from geo_bosoc.follow_up.persons.routes import GONE, ROUTE, routes_of_pairs
from geo_bosoc.indicators.rates import poisson_interval

_Numbers = tuple[int, int, int, float]
"""Persons, households, all households of the origin, and those expected."""

DESTINATION_COLUMNS: Final = (
    "origin", "period_before", "period", "destination", "persons", "households", "movers", "expected", "ratio",
    "low", "high", "more_than_chance", "status",
)  # fmt: skip


def destinations(
    linked: LinkedPersons,
    origins: Mapping[str, Collection[str]],
    pairs: Sequence[tuple[str, str]],
    areas: Collection[str],
    routes: Mapping[tuple[str, str], pl.DataFrame] | None = None,
) -> pd.DataFrame:
    """Where those went who moved away from some areas, beside what chance gives.

    Parameters
    ----------
    linked : LinkedPersons
        Everybody in each period.
    origins : mapping of str to collection of str
        By name, the areas that people came from: one, or a group as one.
    pairs : sequence of (str, str)
        The periods to compare, the earlier one first; pairs that follow each other give a row for all of them together
        too (from the first period to the last).
    areas : collection of str
        The assessed areas, which are told apart as destinations.
    routes : mapping, optional
        From `geo_bosoc.follow_up.persons.routes.count_routes`, by pair.

    Returns
    -------
    DataFrame
        One row an origin, pair and destination (an area, ``@areas``: any assessed area, or ``@elsewhere``): ``persons``
        and ``households`` from the origin who moved there, all its ``movers`` (households), ``expected`` households by
        chance, the ``ratio`` of households to it with its 95 % interval (exact Poisson below 10, Byar above), and
        ``more_than_chance`` (yes, no, fewer or cannot_tell). Moves within the origin are left out on both sides.

    Notes
    -----
    Expected is the origin's movers times the destination's share of all new homes outside the origin that movers within
    the municipality took: the mean of the hypergeometric distribution. Persons who moved between the same two addresses
    in a year count as one household, since they did not choose apart from each other (an assumption).

    Examples
    --------
    >>> went = gb.follow_up.destinations(linked, {"0012": ["0012"]}, [("2023", "2024")], areas)  # doctest: +SKIP
    >>> went[went["more_than_chance"] == "yes"]  # doctest: +SKIP
    """
    chosen = frozenset(areas)
    counted = {pair: _movers(rows) for pair, rows in routes_of_pairs(linked, pairs, routes).items()}
    follow = all(earlier[1] == later[0] for earlier, later in pairwise(pairs))
    together = [(pairs[0][0], pairs[-1][1])] if len(pairs) > 1 and follow else []
    rows: list[tuple[str, str, str, str, int, int, int, float]] = []
    for name, ids in sorted(origins.items()):
        from_origin = {code for code, several in enumerate(linked.area_sets.areas) if set(ids) & set(several)}
        sums: dict[tuple[str, str], dict[str, _Numbers]] = {}
        for pair in pairs:
            sums[pair] = _of_pair(linked, counted[pair], from_origin, chosen - set(ids))
        for pair in together:
            sums[pair] = _added(list(sums.values()))
        for (before, period), by_destination in sums.items():
            rows += [
                (name, before, period, each, *numbers) for each, numbers in sorted(by_destination.items())
            ]
    columns = list(DESTINATION_COLUMNS[:8])
    return _with_intervals(pd.DataFrame(rows, columns=columns))


def _movers(routes: pl.DataFrame) -> pl.DataFrame:
    """Those who moved to another home in the municipality."""
    both = pl.all_horizontal(~pl.col(ROUTE[:2]).is_in([GONE, UNPLACED]))
    return (
        routes.filter(both & ~pl.col("same_home"))
        .group_by(ROUTE[:2])
        .agg(pl.col("persons", "households").sum())
    )


def _of_pair(
    linked: LinkedPersons, movers: pl.DataFrame, origin: set[int], areas: frozenset[str]
) -> dict[str, _Numbers]:
    """By destination: persons and households from the origin, all its households, and how many chance gives."""
    away = movers.filter(~pl.col("place").is_in(sorted(origin)))
    from_origin = pl.col("place_before").is_in(sorted(origin))
    by_place = away.group_by("place").agg(
        pl.col("persons").filter(from_origin).sum(),
        pl.col("households").filter(from_origin).sum().alias("observed"),
        pl.col("households").sum().alias("everybody"),
    )
    sums: dict[str, list[int]] = {}
    for place, *numbers in by_place.sort("place").iter_rows():
        within = sorted(areas.intersection(linked.area_sets.areas[place]))
        for destination in (*within, ALL_AREAS) if within else (ELSEWHERE,):
            earlier = sums.get(destination, [0, 0, 0])
            sums[destination] = [left + right for left, right in zip(earlier, numbers, strict=True)]
    total, new_homes = int(by_place["observed"].sum()), int(by_place["everybody"].sum())
    return {
        destination: (persons, households, total, total * everybody / new_homes)
        for destination, (persons, households, everybody) in sums.items()
    }


def _added(parts: Sequence[Mapping[str, _Numbers]]) -> dict[str, _Numbers]:
    """Several pairs as one: persons, households and expectations add up."""
    movers = sum(max((numbers[2] for numbers in part.values()), default=0) for part in parts)
    names = sorted({name for part in parts for name in part})
    nothing: _Numbers = (0, 0, 0, 0.0)
    return {
        name: (
            sum(part.get(name, nothing)[0] for part in parts),
            sum(part.get(name, nothing)[1] for part in parts),
            movers,
            sum(part.get(name, nothing)[3] for part in parts),
        )
        for name in names
    }


def _with_intervals(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with observed over expected, its interval, and what it says."""
    expected = rows["expected"].to_numpy(dtype=float)
    observed = rows["households"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, observed / expected, np.nan)
    low, high = poisson_interval(observed, expected)
    conditions = [np.isnan(low) | np.isnan(high), low > 1, high < 1]
    verdict = np.select(conditions, ["cannot_tell", "yes", "fewer"], "no")
    compared = rows.assign(ratio=ratio, low=low, high=high, more_than_chance=verdict, status="ok")
    compared = compared[(compared["persons"] > 0) | (compared["expected"] > 0)]
    return compared.sort_values(["origin", "period", "period_before", "destination"], ignore_index=True)[
        list(DESTINATION_COLUMNS)
    ]
