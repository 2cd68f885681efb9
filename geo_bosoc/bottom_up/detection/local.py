"""Where more people are met by an indicator than chance would put there: a local statistic with few false alarms.

Each home's surroundings are its k nearest residents (`geo_bosoc.neighbourhoods`). The statistic is the signed root of
Kulldorff's likelihood ratio for a share: cases among the people at risk within the surroundings, against those outside.
What chance does is found by permuting the cases over the population at risk: over persons, or over households of the
same size, which keeps cases that come together in a home together. The statistic of every home in every permutation is
one draw of chance; a home's p is the share of all these draws that reach what was observed. The homes whose p is small
enough are chosen by Benjamini and Hochberg's rule, which keeps the expected share of false ones below the rate given
(for surroundings that overlap, and so go up together, too: Benjamini and Yekutieli 2001); where there is nothing to be
found at all, that is the chance of any alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.neighbourhoods import nearest_sums
from geo_bosoc.problems import Report

_COLUMNS = 50
"""Permutations whose cases are summed at a time."""


def local_statistic(
    addresses: pd.DataFrame,
    units: pd.DataFrame,
    k: int | Sequence[int] = (100, 300, 1000),
    *,
    permutations: int = 99,
    seed: int = 1,
    least_at_risk: int = 10,
    barriers: gpd.GeoDataFrame | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Compare each address's surroundings with the rest of the town.

    Parameters
    ----------
    addresses : `address_id`, `x`, `y` (EPSG:25832), `residents`.
    units : what may be exchanged with each other under chance: one row a person at risk (`address_id`, `at_risk` = 1,
        `cases` 0 or 1) or a household (`at_risk` persons of whom `cases` are met). Households are exchanged with
        households of the same `at_risk` only. Persons of unknown status are in neither count.
    k : nearest residents that make the surroundings, one number or several.
    permutations : how many, for all addresses and k together. p is no smaller than 1 / (1 + permutations x addresses).
    seed : of the permutations.
    least_at_risk : surroundings with fewer at risk are not tested (p is 1, the statistic 0), in truth or in a draw.
    barriers : as `nearest_sums` takes them.
    report : where warnings go.

    Returns
    -------
    DataFrame with one row an address and k: `address_id, k, radius, residents, at_risk, cases, expected` (cases if they
    were spread evenly over those at risk), `statistic` (above 0 where there are more than expected), `p` (one-sided).

    Raises
    ------
    InputError
        As `nearest_sums`; or listing what is wrong with `units` (columns, addresses that are not in `addresses`, more
        cases than people at risk).

    Notes
    -----
    Kulldorff (1997), "A spatial scan statistic", Communications in Statistics 26(6), the Bernoulli model. With c of d
    at risk inside and C of D in all, the log likelihood ratio is ``h(c, d) + h(C - c, D - d) - h(C, D)``, where
    ``h(c, d) = c ln(c/d) + (d-c) ln(1 - c/d)``; the statistic is the root of twice that, with the sign of c/d - C/D.
    """
    own = Report()
    home = _check_units(addresses, units, own)
    if permutations < 1:
        own.error("is 1 or more.", key="permutations")
    own.raise_errors()
    at_risk = units["at_risk"].to_numpy(np.int64)
    cases = units["cases"].to_numpy(np.int64)
    n = len(addresses)

    def at_homes(figures: NDArray[np.int64]) -> NDArray[np.int64]:
        summed = np.zeros(n, np.int64)
        np.add.at(summed, home, figures)
        return summed

    base = addresses[["address_id", "x", "y", "residents"]].reset_index(drop=True)
    base = base.assign(at_risk=at_homes(at_risk), cases=at_homes(cases))
    found = nearest_sums(base, k, values=["at_risk", "cases"], barriers=barriers, report=own)
    there = found["at_risk"].to_numpy(np.int64)
    tested = there >= max(1, least_at_risk)
    everyone, all_cases = int(at_risk.sum()), int(cases.sum())

    def statistic(inside: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.where(tested, signed_root(inside, there, all_cases, everyone), 0.0)

    observed = statistic(found["cases"].to_numpy(np.int64))
    ordered = np.sort(observed[tested])
    reached = np.zeros(ordered.size + 1, np.int64)
    random = np.random.default_rng(seed)
    strata = [np.flatnonzero(at_risk == size) for size in np.unique(at_risk)]
    for first in range(0, permutations, _COLUMNS):
        names = [f"draw_{i}" for i in range(first, min(first + _COLUMNS, permutations))]
        draws = {name: at_homes(_permuted(cases, strata, random)) for name in names}
        drawn = nearest_sums(
            base[["address_id", "x", "y", "residents"]].assign(**draws),
            k,
            values=names,
            barriers=barriers,
            report=Report(),
        )
        for name in names:
            chance = statistic(drawn[name].to_numpy(np.int64))[tested]
            # How many of the observed lie at or below each draw, counted by position.
            reached += np.bincount(np.searchsorted(ordered, chance, "right"), minlength=ordered.size + 1)
    # A draw at position j reaches the j smallest observed; the i-th smallest is reached by all draws beyond i.
    beyond = reached[::-1].cumsum()[::-1][1:]
    p = np.ones(len(found))
    p_ordered = (1 + beyond) / (1 + permutations * max(1, ordered.size))
    p[tested] = p_ordered[np.searchsorted(ordered, observed[tested], "left")]
    own.settle(report)
    result = found[["address_id", "k", "radius", "residents", "at_risk", "cases"]].copy()
    result["expected"] = there * (all_cases / everyone if everyone else 0.0)
    result["statistic"] = observed
    result["p"] = p
    return result


def signed_root(
    cases: NDArray[np.int64], at_risk: NDArray[np.int64], all_cases: int, everyone: int
) -> NDArray[np.float64]:
    """The signed root of twice Kulldorff's log likelihood ratio; 0 where nobody is inside, or outside."""
    c, d = cases.astype(np.float64), at_risk.astype(np.float64)

    def entropy(part: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
        """The log likelihood of `part` of `total` at its own share."""
        rest = total - part
        return _xlogy(part, total) + _xlogy(rest, total)

    total = entropy(np.array([float(all_cases)]), np.array([float(everyone)]))[0]
    ratio = entropy(c, d) + entropy(all_cases - c, everyone - d) - total
    there = (d > 0) & (d < everyone)
    more = np.sign(c * everyone - d * float(all_cases))
    return np.where(there, more * np.sqrt(2 * np.maximum(ratio, 0.0)), 0.0)


def _xlogy(part: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """part x ln(part / whole), 0 where the part is 0."""
    share = np.divide(part, total, out=np.ones_like(part), where=(part > 0) & (total > 0))
    return part * np.log(share)


def _permuted(
    cases: NDArray[np.int64], strata: Sequence[NDArray[np.intp]], random: np.random.Generator
) -> NDArray[np.int64]:
    shuffled = np.empty_like(cases)
    for rows in strata:
        shuffled[rows] = random.permutation(cases[rows])
    return shuffled


def _check_units(addresses: pd.DataFrame, units: pd.DataFrame, report: Report) -> NDArray[np.intp]:
    """The row of `addresses` that each unit lives at."""
    missing = [name for name in ("address_id", "at_risk", "cases") if name not in units.columns]
    for name in missing:
        report.error("is not there.", file="units", column=name)
    if "address_id" not in addresses.columns:
        report.error("is not there.", file="addresses", column="address_id")
        return np.empty(0, np.intp)
    if missing:
        return np.empty(0, np.intp)
    for name in ("at_risk", "cases"):
        if not pd.api.types.is_integer_dtype(units[name].dtype) or units[name].isna().any():
            report.error("holds something else than whole numbers.", file="units", column=name)
            return np.empty(0, np.intp)
    wrong = int(((units["cases"] < 0) | (units["cases"] > units["at_risk"])).sum())
    if wrong:
        report.error(
            "holds more cases than people at risk, or fewer than none.",
            file="units",
            column="cases",
            count=wrong,
        )
    if addresses["address_id"].duplicated().any():
        report.error("holds ids more than once.", file="addresses", column="address_id")
        return np.empty(0, np.intp)
    index = pd.Index(addresses["address_id"])
    home: NDArray[np.intp] = index.get_indexer(pd.Index(units["address_id"]))
    astray = int((home < 0).sum())
    if astray:
        report.error(
            "names addresses that are not among the addresses.",
            hint="Leave out who has no place, and say how many they are.",
            file="units",
            column="address_id",
            count=astray,
        )
    return home


def false_discovery(p: pd.Series | NDArray[np.float64], rate: float = 0.05) -> NDArray[np.bool_]:
    """Which of many tests to believe, so that the expected share of false ones among them is at most `rate`.

    Benjamini and Hochberg (1995): with the p in order, the largest i with ``p_i <= rate x i / m`` and all before it.
    """
    values = np.asarray(p, dtype=np.float64)
    if not values.size:
        return np.zeros(0, bool)
    ordered = np.sort(values)
    passed = np.flatnonzero(ordered <= rate * np.arange(1, values.size + 1) / values.size)
    return values <= ordered[passed[-1]] if passed.size else np.zeros(values.size, bool)


def worst_share(
    numerator: pd.Series | NDArray[np.int64],
    base: pd.Series | NDArray[np.int64],
    weight: pd.Series | NDArray[np.int64],
    share: float = 0.05,
) -> NDArray[np.bool_]:
    """The surroundings with the highest numerator / base, until `share` of the weight (residents living there) is used.

    Those with the same value are in together or out together; who would exceed the share is out, so that it may come to
    somewhat less. Surroundings without a base are not among the worst. Values are compared as fractions, not rounded
    (doubles only put them in order: two that differ by less than one part in 2**50 count as the same).
    """
    top, bottom, people = (np.asarray(one, dtype=np.int64) for one in (numerator, base, weight))
    value = np.divide(top, bottom, out=np.full(top.size, -np.inf), where=bottom > 0)
    order = np.argsort(-value, kind="stable")
    used = np.cumsum(people[order])
    last_of_tie = np.append(value[order][1:] != value[order][:-1], True) if top.size else np.zeros(0, bool)
    fits = last_of_tie & (used <= share * int(people.sum())) & np.isfinite(value[order])
    chosen = np.zeros(top.size, bool)
    if fits.any():
        chosen[order[: np.flatnonzero(fits)[-1] + 1]] = True
    return chosen


def worst_share_by_k(local: pd.DataFrame, addresses: pd.DataFrame, share: float = 0.05) -> NDArray[np.bool_]:
    """`worst_share` within each k.

    Parameters
    ----------
    local : rows of surroundings: `address_id, k, at_risk, cases`. addresses : `address_id, residents`.
    share : of the residents.

    Returns
    -------
    (rows,) booleans, in the order of `local`.
    """
    living = local["address_id"].map(addresses.set_index("address_id")["residents"]).to_numpy(np.int64)
    chosen = np.zeros(len(local), bool)
    for k in sorted(set(local["k"])):
        rows = (local["k"] == k).to_numpy()
        one = local[rows]
        chosen[rows] = worst_share(one["cases"], one["at_risk"], living[rows], share)
    return chosen


QUADRANTS: Final = ("high_high", "low_high", "low_low", "high_low")
"""An area's value and its neighbours', against the mean: esda's quadrants 1 to 4."""


def local_moran(
    areas: gpd.GeoDataFrame,
    values: pd.Series,
    *,
    distance: float = 50.0,
    weights: Any = None,
    permutations: int = 999,
    seed: int = 1,
    report: Report | None = None,
) -> pd.DataFrame:
    """Local Moran of areas, for finished tables where no homes are known (with homes: `local_statistic`).

    Parameters
    ----------
    areas : `area_id` and geometry in metres.
    values : the figure of each area, in the order of `areas`, none missing.
    distance : areas whose borders lie no further apart (metres) are neighbours: two polygons that barely touch, or that
        a road divides, are neighbours to a person.
    weights : a `libpysal.weights.W` in the order of `areas` instead of `distance`.
    permutations, seed : of the conditional permutations behind p; 0 of them leave p missing.
    report : told the areas without a neighbour; they have no statistic.

    Returns
    -------
    DataFrame `area_id, value, local` (Anselin's I_i with row-standardised weights and z over n - 1, so that its sum
    over n - 1 is Moran's I where all areas have neighbours), `quadrant` (one of `QUADRANTS`), `p` (of the
    nearer tail, as PySAL's).

    Raises
    ------
    InputError
        Values are missing or fewer than 3, or all the same.

    Notes
    -----
    Anselin (1995), "Local indicators of spatial association: LISA", Geographical Analysis 27(2), 93-115.
    """
    from esda.moran import Moran_Local
    from libpysal.weights import W

    own = Report()
    figures = values.to_numpy(np.float64)
    if len(figures) != len(areas) or not np.isfinite(figures).all():
        own.error("is missing for some areas.", file="values")
    elif len(figures) < 3 or (figures == figures[0]).all():
        own.error("needs three areas or more that are not all the same.", file="values")
    own.raise_errors()
    if weights is None:
        shapes = areas.geometry.reset_index(drop=True)
        first, second = shapes.sindex.query(shapes, predicate="dwithin", distance=distance)
        near: dict[int, list[int]] = {row: [] for row in range(len(shapes))}
        for a, b in sorted(zip(first.tolist(), second.tolist(), strict=True)):
            if a != b:
                near[a].append(b)
        weights = W(near, silence_warnings=True)
    alone = {weights.id_order.index(name) for name in weights.islands}
    if alone:
        names = ", ".join(str(areas["area_id"].iloc[row]) for row in sorted(alone)[:10])
        own.note(f"areas have no neighbour, and no statistic: {names}.", count=len(alone))
    found = Moran_Local(figures, weights, transformation="r", permutations=0)
    with_neighbours = np.array([row not in alone for row in range(len(areas))])
    near_of = [[weights.id2i[name] for name in weights.neighbors[key]] for key in weights.id_order]
    p = _pseudo_p(found.z, found.Is, near_of, permutations, seed)
    own.settle(report)
    return pd.DataFrame(
        {
            "area_id": areas["area_id"].astype(str).to_numpy(),
            "value": figures,
            "local": np.where(with_neighbours, found.Is, np.nan),
            "quadrant": [
                QUADRANTS[q - 1] if ok else None for q, ok in zip(found.q, with_neighbours, strict=True)
            ],
            "p": np.where(with_neighbours, p, np.nan),
        }
    )


def _pseudo_p(
    z: NDArray[np.float64], local: NDArray[np.float64], near: list[list[int]], permutations: int, seed: int
) -> NDArray[np.float64]:
    """How often neighbours drawn from all other areas give as much: (as extreme + 1) / (permutations + 1)."""
    random = np.random.default_rng(seed)
    p = np.full(len(z), np.nan)
    for row, neighbours in enumerate(near):
        if permutations < 1 or not neighbours:
            continue
        others = np.delete(z, row)
        drawn = np.argsort(random.random((permutations, others.size)), axis=1)[:, : len(neighbours)]
        chance = (len(z) - 1) * z[row] * others[drawn].mean(axis=1) / float((z**2).sum())
        more = int((chance >= local[row]).sum())
        p[row] = (min(more, permutations - more) + 1) / (permutations + 1)
    return p
