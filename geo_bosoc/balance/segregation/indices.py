"""Segregation of tenures: indices over areas, grid cells and nearest residents, and the mix inside areas."""

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
from geo_bosoc.models.criteria import exact

INDEX_COLUMNS: Final = ("measure", "group", "other", "value", "expected", "corrected")
SEPARATED: Final = 0.6
"""D from which blocks count as apart: "high" in D. S. Massey and N. A. Denton, American Apartheid (1993); here on the
index with chance taken out. An assumption: it can be given."""

Verdict = Literal["mixed", "mixed_on_average", "one_sided", "no_dwellings"]


def diversity(counts: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Total, shares, entropy and Simpson diversity of each row.

    Parameters
    ----------
    counts : DataFrame
        The groups' counts as whole numbers, and any other columns.
    groups : sequence of str
        Columns.

    Returns
    -------
    DataFrame
        The rows' other columns, ``total`` (int64), ``<group>_share`` (0-1), ``entropy`` (0 to 1, divided by ln G) and
        ``simpson`` (drawn without replacement: no small-unit bias).

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance.segregation import diversity
    >>> diversity(pd.DataFrame({"area_id": ["U1"], "social": [2], "other": [2]}), ["social", "other"]).values.tolist()
    [['U1', 4, 0.5, 0.5, 1.0, 0.6666666666666667]]
    """
    group_counts = _group_counts(counts, groups)
    total = group_counts.sum(axis=1)
    other_columns = counts[[name for name in counts.columns if name not in groups]].reset_index(drop=True)
    divisor = np.where(total > 0, total, 1)
    shares = {
        f"{name}_share": np.where(total > 0, group_counts[:, i] / divisor, np.nan)
        for i, name in enumerate(groups)
    }
    measures = {"entropy": entropy(group_counts, relative=True), "simpson": simpson(group_counts)}
    return other_columns.assign(total=total, **shares, **measures)


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
    """Each group's share of each row, compared with its target band.

    Parameters
    ----------
    counts : DataFrame
        ``area_id`` and the groups' counts.
    groups : sequence of str
        Columns.
    bands : dict of str to tuple of float
        By group, the least and most per cent (both ends are in the band).

    Returns
    -------
    DataFrame
        ``area_id, group, count, total, share, band_low_pct, band_high_pct, verdict`` with verdict ``in, below,
        above`` or ``no_dwellings``.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance.segregation import target_bands
    >>> counts = pd.DataFrame({"area_id": ["U1", "U2"], "social": [25, 41], "other": [75, 59]})
    >>> target_bands(counts, ["social", "other"], {"social": (25, 40)})["verdict"].tolist()
    ['in', 'above']
    """
    group_counts = _group_counts(counts, groups)
    total = group_counts.sum(axis=1)
    rows: list[dict[str, Any]] = []
    for position, area in enumerate(counts["area_id"]):
        for group, band in bands.items():
            count, denominator = int(group_counts[position, list(groups).index(group)]), int(total[position])
            inside = in_band(count, denominator, band)
            below = denominator > 0 and Fraction(100 * count, denominator) < exact(band[0])
            verdict = "no_dwellings" if inside is None else "in" if inside else "below" if below else "above"
            share = count / denominator if denominator else np.nan
            rows.append({"area_id": area, "group": group, "count": count, "total": denominator, "share": share,
                         "band_low_pct": band[0], "band_high_pct": band[1], "verdict": verdict})  # fmt: skip
    return pd.DataFrame(rows)


def segregation_indices(
    counts: pd.DataFrame, groups: Sequence[str], *, around: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The indices of segregation over the rows of a table of counts.

    Parameters
    ----------
    counts : DataFrame
        One row a unit, the groups' counts as whole numbers.
    groups : sequence of str
        Two or more columns.
    around : DataFrame, optional
        The groups' counts in each unit's surroundings (the same rows), for the spatial indices; by default each unit
        is its own surroundings.

    Returns
    -------
    DataFrame
        ``measure, group, other, value, expected, corrected``: ``dissimilarity`` (each group and the rest),
        ``isolation`` (each group), ``exposure`` (each pair), and ``information`` (Theil's H, all groups).
        ``expected`` is the value under randomness with units of these sizes, ``corrected`` = (value - expected) / (1
        - expected), see `geo_bosoc.balance.segregation.measures`; exposure has only the expected value. With `around`
        neither is given: surroundings overlap, and the bias has no closed form; each holds at least k residents,
        which keeps it small. Missing where an index is not defined (a group of nobody, or of everybody).

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance.segregation import segregation_indices
    >>> indices = segregation_indices(pd.DataFrame({"social": [10, 0], "other": [0, 10]}), ["social", "other"])
    >>> indices.loc[indices["measure"] == "information", ["value", "corrected"]].values.tolist()
    [[1.0, 1.0]]
    """
    unit_counts = _group_counts(counts, groups)
    total = unit_counts.sum(axis=1)
    sums = unit_counts.sum(axis=0)
    surroundings = unit_counts if around is None else _group_counts(around, groups)
    around_total = surroundings.sum(axis=1)
    spatial = around is not None
    rows: list[tuple[str, str, str, float, float]] = []
    for i, name in enumerate(groups):
        group_counts = unit_counts[:, i]
        if spatial:
            value = spatial_dissimilarity(group_counts, total, surroundings[:, i], around_total)
            isolation_value = spatial_exposure(group_counts, surroundings[:, i], around_total)
        else:
            value, isolation_value = (
                dissimilarity(group_counts, total - group_counts),
                isolation(group_counts, total),
            )
        rows.append(("dissimilarity", name, "", value, expected_dissimilarity(int(sums[i]), total)))
        rows.append(("isolation", name, "", isolation_value, expected_exposure(int(sums[i]), None, total)))
        for j, other in enumerate(groups):
            if i != j:
                met = (
                    spatial_exposure(group_counts, surroundings[:, j], around_total)
                    if spatial
                    else exposure(group_counts, unit_counts[:, j], total)
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
    h = spatial_information(unit_counts, surroundings) if spatial else information(unit_counts)
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
    """Decompose the blocks' H into what lies between areas and what lies inside each of them.

    Parameters
    ----------
    blocks : DataFrame
        One row a block (address, cell, estate) with its ``area_id`` and the groups' counts.
    groups : sequence of str
        Columns.

    Returns
    -------
    DataFrame
        ``area_id, part`` where ``@between`` is H between the areas and every area has (T_j E_j / T E) H_j; the parts
        add up to H over all blocks.

    Notes
    -----
    Theil (1972); Reardon and Firebaugh (2002).

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance.segregation import decompose
    >>> blocks = pd.DataFrame({"area_id": ["U1", "U1", "U2"], "social": [5, 0, 5], "other": [0, 5, 5]})
    >>> decompose(blocks, ["social", "other"]).values.tolist()
    [['@between', 0.0], ['U1', 0.5], ['U2', 0.0]]
    """
    by_area = blocks.groupby("area_id", sort=True)[list(groups)].sum()
    sums = by_area.to_numpy(dtype=np.int64)
    totals = sums.sum(axis=0)
    weight = float(totals.sum() * entropy(totals))
    rows: list[tuple[str, float]] = [("@between", information(sums))]
    for area, area_blocks in blocks.groupby("area_id", sort=True):
        block_counts = _group_counts(area_blocks, groups)
        within = information(block_counts)
        area_weight = float(block_counts.sum() * entropy(block_counts.sum(axis=0)))
        rows.append((str(area), 0.0 if np.isnan(within) or not weight else within * area_weight / weight))
    return pd.DataFrame(rows, columns=["area_id", "part"])


def mixed_inside(
    blocks: pd.DataFrame,
    groups: Sequence[str],
    group: str,
    band: tuple[float, float],
    *,
    threshold: float = SEPARATED,
) -> pd.DataFrame:
    """Whether an area whose average lies in the band is mixed, or a set of one-sided blocks.

    Parameters
    ----------
    blocks : DataFrame
        One row a block with its ``area_id`` and the groups' counts.
    groups : sequence of str
        Columns.
    group : str
        Of these.
    band : tuple of float
        The group's least and most per cent of an area's dwellings.
    threshold : float, optional
        From this D between the area's blocks, chance taken out, they count as separated.

    Returns
    -------
    DataFrame
        ``area_id, total, share, blocks, inner_d, inner_d_expected, inner_d_corrected, one_sided_share, verdict``:
        `one_sided_share` is the share of dwellings in blocks where the group has none or all; verdict ``mixed``,
        ``mixed_on_average`` (in the band, and its blocks separated), ``one_sided`` (outside the band) or
        ``no_dwellings``.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.balance.segregation import mixed_inside
    >>> blocks = pd.DataFrame({"area_id": ["U1", "U1", "U2"], "social": [30, 0, 30], "other": [0, 70, 70]})
    >>> mixed_inside(blocks, ["social", "other"], "social", (20, 40))["verdict"].tolist()
    ['mixed_on_average', 'mixed']
    """
    rows: list[dict[str, Any]] = []
    column = list(groups).index(group)
    for area, area_blocks in blocks.groupby("area_id", sort=True):
        block_counts = _group_counts(area_blocks, groups)
        block_counts = block_counts[block_counts.sum(axis=1) > 0]
        total, group_counts = block_counts.sum(axis=1), block_counts[:, column]
        dwellings, count = int(total.sum()), int(group_counts.sum())
        inner = dissimilarity(group_counts, total - group_counts)
        expected = expected_dissimilarity(count, total)
        inner_corrected = corrected(inner, expected) if not np.isnan(inner) else np.nan
        within_band = in_band(count, dwellings, band)
        verdict: Verdict = "no_dwellings" if within_band is None else "mixed" if within_band else "one_sided"
        if verdict == "mixed" and inner_corrected >= threshold:
            verdict = "mixed_on_average"
        one_sided = int(total[(group_counts == 0) | (group_counts == total)].sum())
        rows.append({"area_id": area, "total": dwellings, "share": count / dwellings if dwellings else np.nan,
                     "blocks": len(total), "inner_d": inner, "inner_d_expected": expected,
                     "inner_d_corrected": inner_corrected,
                     "one_sided_share": one_sided / dwellings if dwellings else np.nan,
                     "verdict": verdict})  # fmt: skip
    return pd.DataFrame(rows)


def _group_counts(frame: pd.DataFrame, groups: Sequence[str]) -> Counts:
    numbers = frame[list(groups)].to_numpy()
    integers = numbers.astype(np.int64)
    if (integers != numbers).any() or (integers < 0).any():
        raise ValueError("groups are counted in whole numbers of 0 and more")
    return integers
