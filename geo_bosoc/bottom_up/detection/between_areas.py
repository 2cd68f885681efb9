"""Where areas beside each other are bad together: local Moran on finished areas, with esda."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.problems import Report

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
