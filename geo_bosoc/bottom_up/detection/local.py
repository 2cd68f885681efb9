"""Local statistics: where more people meet an indicator than chance would put there, with few false alarms.

Each home's surroundings are its k nearest residents (`geo_bosoc.neighbourhoods`). The statistic is the signed root of
Kulldorff's likelihood ratio for a share: cases among the people at risk within the surroundings, compared with those
outside. What chance does is found by permuting the cases over the population at risk: over persons, or over households
of the same size, which keeps cases that come together in a home together. The statistic of every home in every
permutation is a draw of chance; a home's p is the share of all these draws that reach what was observed. The homes
whose p is small enough are chosen by Benjamini and Hochberg's rule, which keeps the expected share of false ones below
the rate given (for surroundings that overlap, and so go up together, too: Benjamini and Yekutieli 2001); where there is
nothing to detect at all, that is the probability of any alarm.

Areas without known homes have `local_moran`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.bottom_up.detection.scan import check_units, sum_by_home
from geo_bosoc.neighbourhoods import nearest_sums
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, phrase

_SUMS_IN_MEMORY: Final = 20_000_000
"""Sums of surroundings that are made in one pass over the neighbours: 160 MB."""


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
    """Compare each address's surroundings with the rest of the municipality.

    Parameters
    ----------
    addresses : DataFrame
        `address_id`, `x`, `y` (EPSG:25832), `residents`.
    units : DataFrame
        What may be exchanged under chance: one row a person at risk (`address_id`, `at_risk` = 1, `cases` 0 or 1) or
        a household (`at_risk` persons of whom `cases` meet the indicator). Households are exchanged with households
        of the same `at_risk` only. Persons of unknown status are in neither count. With a column `expected`, `cases`
        are events (services) of which a household is expected to have so many, and households are exchanged with those
        of the same `stratum` only (`geo_bosoc.bottom_up.service_units`).
    k : int or sequence of int, optional
        Nearest residents that make the surroundings, one number or several.
    permutations : int, optional
        How many, for all addresses and k together. p is no smaller than 1 / (1 + permutations x addresses).
    seed : int, optional
        Of the permutations.
    least_at_risk : int, optional
        Surroundings with fewer at risk are not tested (p is 1, the statistic 0), in truth or in a draw.
    barriers : GeoDataFrame, optional
        As `geo_bosoc.neighbourhoods.nearest_sums` takes them.
    report : Report, optional
        Collects warnings.

    Returns
    -------
    DataFrame
        One row an address and k: `address_id, k, radius, residents, at_risk, exposure` (whole numbers that cases are
        set against: those at risk, or ten-thousandths of expected services), `cases, expected` (cases if they were
        spread evenly over the exposure), `statistic` (above 0 where there are more than expected), `p` (one-sided).

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
    With expected events e it is the Poisson model of the same paper: ``c ln(c/e) + (C-c) ln((C-c)/(C-e))``.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.bottom_up import local_statistic
    >>> addresses = pd.DataFrame(
    ...     {"address_id": range(40), "x": [570_000.0 + 50 * i for i in range(40)], "y": 6_220_000.0, "residents": 10}
    ... )
    >>> units = pd.DataFrame({"address_id": list(range(40)) * 10, "at_risk": 1, "cases": 0})
    >>> units.loc[units["address_id"] < 4, "cases"] = 1
    >>> local = local_statistic(addresses, units, 30, permutations=19)
    >>> bool(local["p"].iloc[0] < 0.05), bool(local["p"].iloc[20] < 0.05)
    (True, False)
    """
    inner_report = Report()
    checked = check_units(addresses, units, inner_report)
    if permutations < 1:
        inner_report.error("is 1 or more.", key="permutations")
    inner_report.raise_errors()
    assert checked is not None
    by_address = addresses[["address_id", "x", "y", "residents"]].reset_index(drop=True)

    def summed(figures: NDArray[np.int64]) -> NDArray[np.int64]:
        return sum_by_home(checked.home, figures, len(by_address))

    columns = {
        "at_risk": summed(checked.at_risk),
        "exposure": summed(checked.exposure),
        "cases": summed(checked.cases),
    }
    random = np.random.default_rng(seed)
    ks = 1 if isinstance(k, int) else len(k)
    batch = max(10, _SUMS_IN_MEMORY // max(1, len(by_address) * ks))

    def with_figures(figures: dict[str, NDArray[np.int64]]) -> pd.DataFrame:
        return pd.concat([by_address, pd.DataFrame(figures)], axis="columns")

    def permuted_cases(first: int) -> dict[str, NDArray[np.int64]]:
        numbers = range(first, min(first + batch, permutations))
        return {f"draw_{number}": summed(checked.permuted(random)) for number in numbers}

    draws = permuted_cases(0)
    figures = columns | draws
    sums = nearest_sums(
        with_figures(figures), k, values=list(figures), barriers=barriers, report=inner_report
    )
    at_risk_around, exposure_around = (sums[name].to_numpy(np.int64) for name in ("at_risk", "exposure"))
    tested = at_risk_around >= max(1, least_at_risk)
    all_exposure, all_cases = int(checked.exposure.sum()), int(checked.cases.sum())

    def statistic(inside: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.where(tested, checked.root(inside, exposure_around, all_cases, all_exposure), 0.0)

    observed = statistic(sums["cases"].to_numpy(np.int64))
    ordered = np.sort(observed[tested])
    reached = np.zeros(ordered.size + 1, np.int64)
    permuted = sums
    for first in range(0, permutations, batch):
        if first:
            draws = permuted_cases(first)
            permuted = nearest_sums(
                with_figures(draws), k, values=list(draws), barriers=barriers, report=Report()
            )
        for name in draws:
            # In order, since looking up sorted values is ten times as fast.
            chance = np.sort(statistic(permuted[name].to_numpy(np.int64))[tested])
            # How many of the observed lie at or below each draw, counted by position.
            reached += np.bincount(np.searchsorted(ordered, chance, "right"), minlength=ordered.size + 1)
    # A draw at position j reaches the j smallest observed; the i-th smallest is reached by all draws beyond i.
    beyond = reached[::-1].cumsum()[::-1][1:]
    p = np.ones(len(sums))
    p_ordered = (1 + beyond) / (1 + permutations * max(1, ordered.size))
    p[tested] = p_ordered[np.searchsorted(ordered, observed[tested], "left")]
    inner_report.hand_over(report)
    result = sums[["address_id", "k", "radius", "residents", "at_risk", "exposure", "cases"]].copy()
    result["expected"] = exposure_around * (all_cases / all_exposure if all_exposure else 0.0)
    result["statistic"] = observed
    result["p"] = p
    return result


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
    areas : GeoDataFrame
        `area_id` and geometry in metres.
    values : Series
        The figure of each area, in the order of `areas`, none missing.
    distance : float, optional
        Areas whose borders lie no further apart (metres) are neighbours: two polygons that barely touch, or that a road
        divides, are neighbours to a person.
    weights : W, optional
        A `libpysal.weights.W` in the order of `areas` instead of `distance`.
    permutations : int, optional
        Conditional permutations behind p; 0 of them leave p missing.
    seed : int, optional
        Of the permutations.
    report : Report, optional
        Takes the areas without a neighbour; they have no statistic.

    Returns
    -------
    DataFrame
        `area_id, value, local` (Anselin's I_i with row-standardised weights and z over n - 1, so that its sum over n
        - 1 is Moran's I where all areas have neighbours), `quadrant` (one of `QUADRANTS`), `p` (of the nearer tail,
        as PySAL's).

    Raises
    ------
    InputError
        Values are missing or fewer than 3, or all the same.

    Notes
    -----
    Anselin (1995), "Local indicators of spatial association: LISA", Geographical Analysis 27(2), 93-115.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import pandas as pd
    >>> from shapely import box
    >>> from geo_bosoc.bottom_up import local_moran
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_id": list("abcd")}, geometry=[box(i, 0, i + 1, 1) for i in range(4)], crs="EPSG:25832"
    ... )
    >>> local_moran(areas, pd.Series([9, 8, 1, 2]), distance=0, permutations=0)["quadrant"].tolist()
    ['high_high', 'high_low', 'low_low', 'low_low']
    """
    from esda.moran import Moran_Local
    from libpysal.weights import W

    inner_report = Report()
    figures = values.to_numpy(np.float64)
    if len(figures) != len(areas) or not np.isfinite(figures).all():
        inner_report.error("is missing for some areas.", file="values")
    elif len(figures) < 3 or (figures == figures[0]).all():
        inner_report.error("needs three areas or more that are not all the same.", file="values")
    inner_report.raise_errors()
    if weights is None:
        shapes = areas.geometry.reset_index(drop=True)
        left, right = shapes.sindex.query(shapes, predicate="dwithin", distance=distance)
        neighbours_by_row: dict[int, list[int]] = {row: [] for row in range(len(shapes))}
        for row, other in sorted(zip(left.tolist(), right.tolist(), strict=True)):
            if row != other:
                neighbours_by_row[row].append(other)
        weights = W(neighbours_by_row, silence_warnings=True)
    isolates = {weights.id_order.index(name) for name in weights.islands}
    if isolates:
        ids = joined(str(areas["area_id"].iloc[row]) for row in sorted(isolates)[:10])
        inner_report.note(
            phrase("areas have no neighbour, and no statistic: {ids}.", ids=ids), count=len(isolates)
        )
    moran = Moran_Local(figures, weights, transformation="r", permutations=0)
    with_neighbours = np.array([row not in isolates for row in range(len(areas))])
    neighbours = [[weights.id2i[name] for name in weights.neighbors[key]] for key in weights.id_order]
    p = _pseudo_p(moran.z, moran.Is, neighbours, permutations, seed)
    inner_report.hand_over(report)
    return pd.DataFrame(
        {
            "area_id": areas["area_id"].astype(str).to_numpy(),
            "value": figures,
            "local": np.where(with_neighbours, moran.Is, np.nan),
            "quadrant": [
                QUADRANTS[quadrant - 1] if has_neighbours else None
                for quadrant, has_neighbours in zip(moran.q, with_neighbours, strict=True)
            ],
            "p": np.where(with_neighbours, p, np.nan),
        }
    )


def _pseudo_p(
    z: NDArray[np.float64],
    local: NDArray[np.float64],
    neighbours_by_row: list[list[int]],
    permutations: int,
    seed: int,
) -> NDArray[np.float64]:
    """How often permuted neighbours from all other areas give as much: (as extreme + 1) / (permutations + 1)."""
    random = np.random.default_rng(seed)
    p = np.full(len(z), np.nan)
    for row, neighbours in enumerate(neighbours_by_row):
        if permutations < 1 or not neighbours:
            continue
        others = np.delete(z, row)
        permuted = np.argsort(random.random((permutations, others.size)), axis=1)[:, : len(neighbours)]
        statistics = (len(z) - 1) * z[row] * others[permuted].mean(axis=1) / float((z**2).sum())
        reaching = int((statistics >= local[row]).sum())
        p[row] = (min(reaching, permutations - reaching) + 1) / (permutations + 1)
    return p
