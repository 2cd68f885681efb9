"""Segregation of tenures: how far apart they lie, over areas, grid cells and nearest residents, and inside areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from geo_bosoc.balance.segregation.measures import (
    Counts,
    corrected,
    dissimilarity,
    entropy,
    expected_dissimilarity,
    expected_exposure,
    expected_information,
    exposure,
    information,
    isolation,
    simpson,
    spatial_dissimilarity,
    spatial_exposure,
    spatial_information,
)
from geo_bosoc.models.spec import exact

INDEX_COLUMNS: Final = ("measure", "group", "other", "value", "expected", "corrected")
APART: Final = 0.6
"""D from which blocks count as apart: "high" in D. S. Massey and N. A. Denton, American Apartheid (1993); here on the
index with chance taken out. An assumption: it can be given."""

Verdict = Literal["mixed", "mixed_on_average", "one_sided", "no_dwellings"]


def diversity(counts: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Total, shares, entropy and Simpson diversity of each row.

    Returns
    -------
    The rows' other columns, ``total`` (int64), ``<group>_share`` (0-1), ``entropy`` (0 to 1, divided by ln G) and
    ``simpson`` (drawn without replacement: no small-unit bias).
    """
    numbers = _numbers(counts, groups)
    total = numbers.sum(axis=1)
    kept = counts[[name for name in counts.columns if name not in groups]].reset_index(drop=True)
    safe = np.where(total > 0, total, 1)
    own = {
        f"{name}_share": np.where(total > 0, numbers[:, i] / safe, np.nan) for i, name in enumerate(groups)
    }
    measures = {"entropy": entropy(numbers, relative=True), "simpson": simpson(numbers)}
    return kept.assign(total=total, **own, **measures)


def in_band(count: int, total: int, band: tuple[float, float]) -> bool | None:
    """Whether 100 count / total lies in the band (per cent, both ends in), compared exactly; None without a total.

    >>> in_band(1, 4, (25, 40)), in_band(41, 100, (25, 40)), in_band(0, 0, (25, 40))
    (True, False, None)
    """
    if total <= 0:
        return None
    share = Fraction(100 * int(count), int(total))
    return exact(band[0]) <= share <= exact(band[1])


def target_bands(
    counts: pd.DataFrame, groups: Sequence[str], bands: Mapping[str, tuple[float, float]]
) -> pd.DataFrame:
    """Each group's share of each row against its target band.

    Parameters
    ----------
    counts : ``area_id`` and the groups' counts.
    bands : by group, the least and most per cent (both ends are in the band).

    Returns
    -------
    ``area_id, group, count, total, share, band_low_pct, band_high_pct, verdict`` with verdict ``in, below, above`` or
    ``no_dwellings``.
    """
    numbers = _numbers(counts, groups)
    total = numbers.sum(axis=1)
    rows: list[dict[str, Any]] = []
    for at, area in enumerate(counts["area_id"]):
        for group, band in bands.items():
            count, base = int(numbers[at, list(groups).index(group)]), int(total[at])
            inside = in_band(count, base, band)
            below = base > 0 and Fraction(100 * count, base) < exact(band[0])
            verdict = "no_dwellings" if inside is None else "in" if inside else "below" if below else "above"
            share = count / base if base else np.nan
            rows.append({"area_id": area, "group": group, "count": count, "total": base, "share": share,
                         "band_low_pct": band[0], "band_high_pct": band[1], "verdict": verdict})  # fmt: skip
    return pd.DataFrame(rows)


def segregation_indices(
    counts: pd.DataFrame, groups: Sequence[str], *, around: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The indices of segregation over the rows of a table of counts.

    Parameters
    ----------
    counts : one row a unit, the groups' counts as whole numbers.
    groups : two or more columns.
    around : the groups' counts in each unit's surroundings (the same rows), for the spatial indices; by default each
        unit is its own surroundings.

    Returns
    -------
    DataFrame ``measure, group, other, value, expected, corrected``
        ``dissimilarity`` (each group against the rest), ``isolation`` (each group), ``exposure`` (each pair), and
        ``information`` (Theil's H, all groups). ``expected`` is what chance alone would give with units of these
        sizes, ``corrected`` = (value - expected) / (1 - expected), see
        `geo_bosoc.balance.segregation.measures`; of exposure only
        the expected value is told. With `around` neither is: surroundings overlap, and the bias has no closed form;
        each holds at least k residents, which keeps it small. Missing where an index is not defined (a group without
        anybody, or with everybody).
    """
    numbers = _numbers(counts, groups)
    total = numbers.sum(axis=1)
    sums = numbers.sum(axis=0)
    near = numbers if around is None else _numbers(around, groups)
    near_total = near.sum(axis=1)
    spatial = around is not None
    rows: list[tuple[str, str, str, float, float]] = []
    for i, name in enumerate(groups):
        own = numbers[:, i]
        if spatial:
            value = spatial_dissimilarity(own, total, near[:, i], near_total)
            alone = spatial_exposure(own, near[:, i], near_total)
        else:
            value, alone = dissimilarity(own, total - own), isolation(own, total)
        rows.append(("dissimilarity", name, "", value, expected_dissimilarity(int(sums[i]), total)))
        rows.append(("isolation", name, "", alone, expected_exposure(int(sums[i]), None, total)))
        for j, other in enumerate(groups):
            if i != j:
                met = (
                    spatial_exposure(own, near[:, j], near_total)
                    if spatial
                    else exposure(own, numbers[:, j], total)
                )
                rows.append(
                    (
                        "exposure",
                        name,
                        other,
                        met,
                        expected_exposure(int(sums[i]), int(sums[j]), total),
                    )
                )
    h = spatial_information(numbers, near) if spatial else information(numbers)
    rows.append(("information", "", "", h, expected_information(sums, total)))
    frame = pd.DataFrame(rows, columns=list(INDEX_COLUMNS[:5]))
    if spatial:
        return frame.assign(expected=np.nan, corrected=np.nan)
    without_bias = [
        corrected(value, expected) if measure != "exposure" else np.nan
        for measure, value, expected in zip(frame["measure"], frame["value"], frame["expected"], strict=True)
    ]
    return frame.assign(corrected=without_bias)


def decompose(blocks: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Split the blocks' H into what lies between areas and what lies inside each of them.

    Parameters
    ----------
    blocks : one row a block (address, cell, estate) with its ``area_id`` and the groups' counts.

    Returns
    -------
    ``area_id, part`` where ``@between`` is H between the areas and every area has (T_j E_j / T E) H_j; the parts add
    up to H over all blocks. Source: Theil (1972); Reardon and Firebaugh (2002).
    """
    named = blocks.groupby("area_id", sort=True)[list(groups)].sum()
    sums = named.to_numpy(dtype=np.int64)
    whole = sums.sum(axis=0)
    weight = float(whole.sum() * entropy(whole))
    rows: list[tuple[str, float]] = [("@between", information(sums))]
    for area, part in blocks.groupby("area_id", sort=True):
        numbers = _numbers(part, groups)
        inner = information(numbers)
        size = float(numbers.sum() * entropy(numbers.sum(axis=0)))
        rows.append((str(area), 0.0 if np.isnan(inner) or not weight else inner * size / weight))
    return pd.DataFrame(rows, columns=["area_id", "part"])


def mixed_inside(
    blocks: pd.DataFrame,
    groups: Sequence[str],
    group: str,
    band: tuple[float, float],
    *,
    apart: float = APART,
) -> pd.DataFrame:
    """Whether an area whose average lies in the band is mixed, or holds one-sided blocks side by side.

    Parameters
    ----------
    blocks : one row a block with its ``area_id`` and the groups' counts.
    band : the group's least and most per cent of an area's dwellings.
    apart : from this D between the area's blocks, chance taken out, they count as apart.

    Returns
    -------
    ``area_id, total, share, blocks, inner_d, inner_d_expected, inner_d_corrected, one_sided_share, verdict``:
    `one_sided_share` is the share of dwellings in blocks where the group has none or all; verdict ``mixed``,
    ``mixed_on_average`` (in the band, and its blocks apart), ``one_sided`` (outside the band) or ``no_dwellings``.
    """
    rows: list[dict[str, Any]] = []
    column = list(groups).index(group)
    for area, part in blocks.groupby("area_id", sort=True):
        numbers = _numbers(part, groups)
        numbers = numbers[numbers.sum(axis=1) > 0]
        total, own = numbers.sum(axis=1), numbers[:, column]
        base, count = int(total.sum()), int(own.sum())
        inner = dissimilarity(own, total - own)
        expected = expected_dissimilarity(count, total)
        clean = corrected(inner, expected) if not np.isnan(inner) else np.nan
        inside = in_band(count, base, band)
        verdict: Verdict = "no_dwellings" if inside is None else "mixed" if inside else "one_sided"
        if verdict == "mixed" and clean >= apart:
            verdict = "mixed_on_average"
        alone = int(total[(own == 0) | (own == total)].sum())
        rows.append({"area_id": area, "total": base, "share": count / base if base else np.nan, "blocks": len(total),
                     "inner_d": inner, "inner_d_expected": expected, "inner_d_corrected": clean,
                     "one_sided_share": alone / base if base else np.nan, "verdict": verdict})  # fmt: skip
    return pd.DataFrame(rows)


def _numbers(frame: pd.DataFrame, groups: Sequence[str]) -> Counts:
    numbers = frame[list(groups)].to_numpy()
    whole = numbers.astype(np.int64)
    if (whole != numbers).any() or (whole < 0).any():
        raise ValueError("groups are counted in whole numbers of 0 and more")
    return whole
