"""Areas that contain others: persons who are in one and not in the other.

Where both figures are shown, their difference is that of the people between: if these are few, or few of them are met,
the containing area's figure goes. An area less several areas within it, which do not overlap, is one difference more.

What decisions tell. A figure that goes tells that some difference with an area within is small, as one that is small
itself would look: not which, and of the difference any value from 1 to ``minimum - 1`` is possible.

Not covered: areas that overlap without one containing the other, whose parts no sum tells unless a third area is what
they share or both together (that one then contains or is contained); sums and differences of three areas and more, but
an area less areas within it; people at addresses that nobody has labelled. That pairs of areas hold the same people
though not the same addresses is not seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import shapely
from numpy.typing import NDArray

from geo_bosoc.disclosure.primary import CELL, small_cells
from geo_bosoc.disclosure.results import AreaPairs
from geo_bosoc.disclosure.secondary.sums import Runs, runs_of
from geo_bosoc.disclosure.secondary.suppressed_values import (
    FIGURES,
    NO_NUMBER,
    Cell,
    CountTable,
    possible_values,
)
from geo_bosoc.disclosure.secondary.totals import unsafe_totals
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.locate.labels import Labels

_Flags = NDArray[np.bool_]

SLIVER: Final = 0.001
"""The share of an area that may lie outside another one which contains it by geometry: borders are drawn twice."""


def pairs_by_labels(labels: Labels | Mapping[str, Labels]) -> AreaPairs:
    """Which areas contain or overlap others, by the labels of addresses.

    An area contains another one if every label of that has the area too: then every person does. By register, if each
    has labels of its own: in all of them.

    Parameters
    ----------
    labels : Labels or mapping of str to Labels
        As in `geo_bosoc.count_indicators`. Areas without any address are in no pair.

    Examples
    --------
    >>> points = pl.DataFrame({"address_id": ["1", "2"], "label": [2, 3]})
    >>> areas = pl.DataFrame({"label": [2, 2, 3], "area_id": ["estate", "town", "town"]})
    >>> pairs_by_labels(Labels(("address_id",), points, pl.DataFrame(), areas)).containments.values.tolist()
    [['town', 'estate']]
    """
    sets = (
        [labels]
        if isinstance(labels, Labels)
        else list({id(each): each for each in labels.values()}.values())
    )
    frames, periods = [], set[str]()
    for number, each in enumerate(sets):
        frame = each.areas.select(
            pl.lit(number).alias("set"), pl.col("label").cast(pl.UInt32), pl.col("area_id").cast(pl.String)
        )
        if "period" in each.keys:
            by_period = each.points.select(
                pl.col("label").cast(pl.UInt32), pl.col("period").cast(pl.String)
            ).unique()
            periods |= set(by_period["period"].drop_nulls())
            frame = frame.join(by_period, on="label")
        frames.append(frame)
    if periods:
        every = pl.DataFrame({"period": sorted(periods)})
        frames = [frame if "period" in frame.columns else frame.join(every, how="cross") for frame in frames]
    by = ["period"] if periods else []
    rows = pl.concat([frame.select("set", "label", "area_id", *by) for frame in frames]).unique()
    number_of = rows.group_by("area_id", *by).len("labels")
    several = rows.filter(pl.len().over("set", "label", *by) > 1)
    shared = (
        several.join(several, on=["set", "label", *by], suffix="_other")
        .filter(pl.col("area_id") != pl.col("area_id_other"))
        .group_by("area_id", "area_id_other", *by)
        .len("shared")
        .join(number_of, on=["area_id", *by])
        .join(number_of, left_on=["area_id_other", *by], right_on=["area_id", *by], suffix="_other")
    )
    inside = shared.filter(pl.col("shared") == pl.col("labels"))
    across = shared.filter(
        (pl.col("shared") < pl.col("labels"))
        & (pl.col("shared") < pl.col("labels_other"))
        & (pl.col("area_id") < pl.col("area_id_other"))
    )
    return AreaPairs(
        _pandas(inside.select(pl.col("area_id_other").alias("outer"), pl.col("area_id").alias("inner"), *by)),
        _pandas(
            across.select(pl.col("area_id").alias("first"), pl.col("area_id_other").alias("second"), *by)
        ),
    )


def _pandas(frame: pl.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(frame.sort(frame.columns).to_dict(as_series=False), columns=frame.columns)


def pairs_by_geometry(areas: gpd.GeoDataFrame, sliver: float = SLIVER) -> AreaPairs:
    """Which areas contain or overlap others, by their polygons: for figures of finished tables.

    Parameters
    ----------
    areas : GeoDataFrame
        ``area_id`` and polygons in EPSG:25832.
    sliver : float
        The share of an area that counts as nothing.

    Examples
    --------
    >>> squares = [shapely.box(0, 0, 100, 100), shapely.box(0, 0, 10, 10)]
    >>> areas = gpd.GeoDataFrame({"area_id": ["town", "estate"]}, geometry=squares, crs=25832)
    >>> pairs_by_geometry(areas).containments.values.tolist()
    [['town', 'estate']]
    """
    polygons, ids = areas.geometry.to_numpy(), areas["area_id"].astype(str).to_numpy()
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    first, second = first[first != second], second[first != second]
    shared = shapely.area(shapely.intersection(polygons[first], polygons[second]))
    within = shared >= (1 - sliver) * shapely.area(polygons[first])
    around = shared >= (1 - sliver) * shapely.area(polygons[second])
    smaller = np.minimum(shapely.area(polygons[first]), shapely.area(polygons[second]))
    across = ~within & ~around & (shared > sliver * smaller) & (ids[first] < ids[second])
    frames = (
        pd.DataFrame({"outer": ids[second[within]], "inner": ids[first[within]]}),
        pd.DataFrame({"first": ids[first[across]], "second": ids[second[across]]}),
    )
    return AreaPairs(*(frame.sort_values(list(frame.columns), ignore_index=True) for frame in frames))


def unsafe_differences(
    table: pd.DataFrame,
    pairs: AreaPairs,
    suppressed: pd.Series,
    *,
    possible: Mapping[Cell, Collection[int] | Runs] | None = None,
    indicators: Sequence[Indicator] = (),
    minimum: int = 5,
) -> pd.DataFrame:
    """What of areas that contain others must not be shown.

    Of a pair the outer area's figure goes; of several pairs those with the largest outer bases first, then by id, so
    that a figure that is gone already spares others. Where the bases differ by 1 to ``minimum - 1`` the outer base goes
    too. Then each area less all areas within it that are shown and do not overlap is judged as a total
    (`geo_bosoc.disclosure.secondary.totals.unsafe_totals`), until nothing more goes.

    Parameters
    ----------
    table : DataFrame
        ``area_id, period, indicator, numerator, denominator, unknown``: true counts of all layers.
    pairs : AreaPairs
        From `pairs_by_labels` or `pairs_by_geometry`. Two releases are two areas under different ids.
    suppressed : Series of bool
        On the index of `table`: cells whose counts are not shown. Their bases are, from `minimum` up.
    possible : mapping of (str, str, str) to collection of int, optional
        The values of suppressed cells, where something narrows them (`possible_values`).
    indicators : sequence of Indicator
        What the figures are; others are judged as shares.
    minimum : int
        Persons.

    Returns
    -------
    DataFrame of bool
        On the index of `table`: ``numerator``, ``unknown`` and ``denominator``; False where it is suppressed already.

    Examples
    --------
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown"]
    >>> rows = [("town", "2024", "i", 23, 200, 0), ("estate", "2024", "i", 20, 150, 0)]
    >>> table = pd.DataFrame(rows, columns=columns)
    >>> containments = pd.DataFrame({"outer": ["town"], "inner": ["estate"]})
    >>> pairs = AreaPairs(containments, pd.DataFrame(columns=["first", "second"]))
    >>> unsafe_differences(table, pairs, table["numerator"] < 5)["numerator"].tolist()
    [True, False]
    """
    state = _VisibleCells(table.reset_index(drop=True), suppressed.to_numpy(bool), indicators, minimum)
    differences = state.differences(pairs.containments)
    changed = True
    while changed:
        changed = state.judge_pairs(differences)
        for rows, members in direct_parts(state.table, pairs):
            changed |= state.judge_sums(rows, members, possible or {})
    return pd.DataFrame(state.flags, index=table.index, columns=list(FIGURES))


class _VisibleCells:
    """What is shown of each cell while it is judged."""

    def __init__(
        self, table: pd.DataFrame, suppressed: _Flags, indicators: Sequence[Indicator], minimum: int
    ) -> None:
        self.table, self.indicators, self.minimum = table, indicators, minimum
        self.counts = CountTable(table, {indicator.id: indicator for indicator in indicators}, minimum)
        counts = self.counts
        kinds = {name: counts.kind(row) for row, (_, _, name) in enumerate(counts.cells)}
        self.minima = np.array([kinds[name].minimum for _, _, name in counts.cells], dtype=np.int64)
        self.suppressed = suppressed | (counts.numerator == NO_NUMBER) | (counts.base == NO_NUMBER)
        small_unknown = (counts.unknown > 0) & (counts.unknown < self.minima)
        small_base = (counts.base > 0) & (counts.base < self.minima)
        self.visible: dict[str, _Flags] = {
            "numerator": ~self.suppressed,
            "unknown": ~self.suppressed & ~small_unknown,
            "denominator": (counts.base != NO_NUMBER) & ~small_base,
        }
        self.flags = np.zeros((len(table), 3), dtype=bool)

    def hide(self, row: int, *figures: str) -> bool:
        """Suppress figures of a row; whether any was shown."""
        changed = False
        for figure in figures:
            changed |= bool(self.visible[figure][row])
            self.flags[row, FIGURES.index(figure)] |= self.visible[figure][row]
            self.visible[figure][row] = False
        return changed

    def differences(self, containments: pd.DataFrame) -> pd.DataFrame:
        """The pairs of rows whose difference is small, and in which figure; the largest outer base first."""
        keys = self.table[list(CELL)].astype(str).assign(row=np.arange(len(self.table)))
        pair_keys = containments.astype(str)
        by = ["area_id", *(["period"] if "period" in pair_keys.columns else [])]
        outer = pair_keys.rename(columns={"outer": "area_id"}).merge(keys, on=by)
        both = outer.rename(columns={"area_id": "outer", "row": "outer_row", "inner": "area_id"}).merge(
            keys.rename(columns={"row": "inner_row"}), on=["area_id", "period", "indicator"]
        )
        first, second, counts = both["outer_row"].to_numpy(), both["inner_row"].to_numpy(), self.counts
        base, unknown = (
            counts.base[first] - counts.base[second],
            counts.unknown[first] - counts.unknown[second],
        )
        difference = pd.DataFrame(
            {
                "indicator": both["indicator"],
                "numerator": counts.numerator[first] - counts.numerator[second],
                "denominator": base + unknown,
                "unknown": unknown,
            }
        )
        minima = self.minima[first]
        complete = (counts.base[first] != NO_NUMBER) & (counts.base[second] != NO_NUMBER)
        both["is_small"] = small_cells(difference, self.indicators, self.minimum).to_numpy() & complete
        both["small_base"] = complete & (base > 0) & (base < minima)
        both["small_unknown"] = complete & (unknown > 0) & (unknown < minima)
        both["base"] = counts.base[first]
        small = both[both["is_small"] | both["small_base"] | both["small_unknown"]]
        order = ["period", "base", "outer", "indicator", "inner_row"]
        return small.sort_values(order, ascending=[True, False, True, True, True], ignore_index=True)

    def judge_pairs(self, differences: pd.DataFrame) -> bool:
        """Suppress outer figures of small differences that are shown; whether any was."""
        changed = False
        for pair in differences.itertuples():
            rows = [int(str(pair.outer_row)), int(str(pair.inner_row))]
            if pair.small_base and self.visible["denominator"][rows].all():
                changed |= self.hide(rows[0], *FIGURES)
            if pair.is_small and self.visible["numerator"][rows].all():
                changed |= self.hide(rows[0], "numerator", "unknown")
            if pair.small_unknown and self.visible["unknown"][rows].all():
                changed |= self.hide(rows[0], "unknown")
        return changed

    def judge_sums(
        self,
        rows: NDArray[np.intp],
        members: Mapping[str, Collection[str]],
        possible: Mapping[Cell, Collection[int] | Runs],
    ) -> bool:
        """Suppress figures of areas which, less those within them, take something away; whether any was."""
        areas = {*members, *(inner for inside in members.values() for inner in inside)}
        parts = self.table.iloc[rows]
        parts = parts[parts["area_id"].astype(str).isin(areas)]
        hidden = pd.Series(~self.visible["numerator"][parts.index], index=parts.index)
        values = possible_values(parts, hidden, self.indicators, self.minimum)
        values |= {cell: runs_of(possible[cell]) for cell in values if cell in possible}
        totals = parts[parts["area_id"].astype(str).isin(list(members)) & ~hidden]
        unsafe = unsafe_totals(
            totals,
            parts,
            values,
            members=members,
            indicators=self.indicators,
            minimum=self.minimum,
            closed=(),
            last=(),
        )
        changed = False
        for row, *goes in unsafe[unsafe.any(axis=1)].itertuples():
            figures = [figure for figure, each in zip(FIGURES, goes, strict=True) if each]
            changed |= self.hide(int(row), *figures)
        return changed


def direct_parts(
    table: pd.DataFrame, pairs: AreaPairs
) -> Iterator[tuple[NDArray[np.intp], dict[str, list[str]]]]:
    """For each period (or all of them at once), the rows and the areas within each that do not overlap."""
    if "period" not in pairs.containments.columns:
        yield np.arange(len(table)), disjoint_members(pairs)
        return
    for period, containments in pairs.containments.groupby("period", sort=True):
        overlaps = pairs.overlaps
        if "period" in overlaps.columns:
            overlaps = overlaps[overlaps["period"] == period]
        rows = np.flatnonzero(table["period"].astype(str) == str(period))
        yield rows, disjoint_members(AreaPairs(containments, overlaps))


def disjoint_members(pairs: AreaPairs) -> dict[str, list[str]]:
    """The areas within each area that are within no other of them and do not overlap: the most direct parts.

    Parameters
    ----------
    pairs : AreaPairs
        Of one period, or of all.

    Examples
    --------
    >>> containments = pd.DataFrame({"outer": ["town", "town", "quarter"], "inner": ["quarter", "estate", "estate"]})
    >>> disjoint_members(AreaPairs(containments, pd.DataFrame(columns=["first", "second"])))
    {'quarter': ['estate'], 'town': ['quarter']}
    """
    inside: dict[str, set[str]] = {}
    for outer, inner in pairs.containments[["outer", "inner"]].astype(str).itertuples(index=False):
        inside.setdefault(outer, set()).add(inner)
    crossing: dict[str, set[str]] = {}
    for first, second in pairs.overlaps[["first", "second"]].astype(str).itertuples(index=False):
        crossing.setdefault(first, set()).add(second)
        crossing.setdefault(second, set()).add(first)
    members = {}
    for outer in sorted(inside):
        chosen: list[str] = []
        taken: set[str] = set()
        for inner in sorted(inside[outer], key=lambda area: (-len(inside.get(area, ())), area)):
            if inner not in taken and outer not in inside.get(inner, ()):
                chosen.append(inner)
                taken |= inside.get(inner, set()) | crossing.get(inner, set()) | {inner}
        members[outer] = sorted(chosen)
    return members
