"""Counts of cells of the square grid, shared out to areas: by the homes in a cell, or by its ground.

Three steps: which part of each cell lies in the same areas, by the first source of homes that has any in the cell; each
count in whole parts by largest remainder, so that the parts add up to the cell; and the sums of the areas, of the
municipality and of all areas together. A cell whose figure is missing or withheld gives its status to each area that
holds a part of it, and no number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import polars as pl
import shapely

from geo_bosoc.boundaries.reference_areas import ALL_AREAS, MUNICIPALITY
from geo_bosoc.indicators.counting.raw_counts import KEYS, NUMBERS, STATUSES, no_counts, sum_counts
from geo_bosoc.indicators.counting.registers import AREAS
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.locate.apportion import apportion, ground_weights, share_out
from geo_bosoc.locate.labels import Labels
from geo_bosoc.rasters.cell_tables import like_cells
from geo_bosoc.rasters.square_grid import cell_corners, squares

UNDIVIDED, RESIDENTS, DWELLINGS, ADDRESSES, GROUND = (
    "undivided",
    "residents",
    "dwellings",
    "addresses",
    "area",
)
METHODS: Final = (UNDIVIDED, RESIDENTS, DWELLINGS, ADDRESSES, GROUND)
"""From exact to the last resort; a figure made of several has the last of them."""

_Targets = tuple[str, ...]
"""The areas that hold a part of a cell, and ``@municipality`` where it lies inside the outline."""


@dataclass(frozen=True)
class Homes:
    """Where people or homes are, as weights.

    Attributes
    ----------
    method : {"residents", "dwellings", "addresses"}
        What is counted.
    points : DataFrame
        ``x, y`` (EPSG:25832), ``label``, ``period`` (null where it holds for all) and ``weight`` (whole numbers).
    labels : Labels
        What the labels stand for.
    """

    method: str
    points: pl.DataFrame
    labels: Labels

    def of_period(self, period: str) -> pl.DataFrame:
        """The points of a period; of one that is not there the latest before it, or else the first."""
        periods = self.points["period"].drop_nulls().unique().sort().to_list()
        if not periods:
            return self.points
        earlier = [each for each in periods if each <= period]
        chosen = max(earlier) if earlier else periods[0]
        return self.points.filter(pl.col("period").is_null() | (pl.col("period") == chosen))


@dataclass(frozen=True)
class CellCounts:
    """Raw counts of cells on other areas.

    Attributes
    ----------
    raw : mapping of str to DataFrame
        By target, as `geo_bosoc.indicators.counting.registers.PartCounts` has them.
    methods : DataFrame
        ``area_id, period, method``: how each area that holds a part of a cell got its figures.
    absent : int
        Cells with homes in the areas that the table has no row for, in its last period: they count as nobody.
    """

    raw: Mapping[str, pl.DataFrame]
    methods: pd.DataFrame
    absent: int


@dataclass(frozen=True)
class _Part:
    targets: _Targets
    weight: int
    method: str


def share_cells(
    raw: pl.DataFrame,
    homes: Sequence[Homes],
    areas: CellAreas,
    *,
    indicators: Collection[Indicator] = (),
) -> CellCounts:
    """Share the raw counts of cells out to areas.

    Parameters
    ----------
    raw : DataFrame
        Raw counts by cell (`geo_bosoc.indicators.counting.raw_counts.raw_counts`); a row ``@municipality`` is the
        municipality's own, and stands for it.
    homes : sequence of Homes
        From the best to the last: a cell is shared out by the first that has any in it, and by square metres where none
        has.
    areas : CellAreas
        The areas, and the municipality's outline, by whose homes it gets its part of the cells; without it and without
        a row of its own the municipality has none.
    indicators : collection of Indicator
        What is counted: a percentage whose base the table does not tell cannot be shared out.

    Returns
    -------
    CellCounts
    """
    rows = raw.select(no_counts().columns).with_columns(pl.col(name).cast(pl.String) for name in KEYS)
    own_row = rows.filter(pl.col("area_id") == MUNICIPALITY)
    rows = rows.filter(like_cells(rows["area_id"]))
    table = _CellTable(rows["area_id"].unique().sort().to_list(), areas)
    baseless = {each.id for each in indicators if not each.base_known}
    sets: dict[_Targets, int] = {}
    shared: list[pl.DataFrame] = []
    methods: list[tuple[str, str, str]] = []
    absent = 0
    for period in sorted(rows["period"].unique().to_list()):
        parts, absent = table.parts(homes, period)
        shared.append(_shared(rows.filter(pl.col("period") == period), parts, baseless, sets))
        methods += [(area, period, method) for area, method in _methods(parts).items()]
    counts = pl.concat(shared) if shared else no_counts().with_columns(pl.lit(0).alias("set")).clear()
    by_target = {
        AREAS: _summed(
            counts, [(number, area) for key, number in sets.items() for area in _without_outline(key)]
        ),
        ALL_AREAS: _summed(
            counts, [(number, ALL_AREAS) for key, number in sets.items() if _without_outline(key)]
        ),
    }
    if own_row.height:
        by_target[MUNICIPALITY] = own_row
    elif areas.has_outline:
        inside = [(number, MUNICIPALITY) for key, number in sets.items() if MUNICIPALITY in key]
        by_target[MUNICIPALITY] = _summed(counts, inside)
    return CellCounts(by_target, pd.DataFrame(methods, columns=["area_id", "period", "method"]), absent)


def _without_outline(targets: _Targets) -> _Targets:
    return tuple(target for target in targets if target != MUNICIPALITY)


def _summed(counts: pl.DataFrame, targets: Sequence[tuple[int, str]]) -> pl.DataFrame:
    """The parts of each target, added up; the worst status is that of the sum."""
    table = pl.DataFrame(targets, schema={"set": pl.Int64, "target": pl.String}, orient="row")
    joined = counts.join(table, on="set").with_columns(pl.col("target").alias("area_id"))
    return sum_counts([joined.select(no_counts().columns)])


class CellAreas:
    """The areas that cells are shared out to, and the ground that each has in common with them.

    Parameters
    ----------
    areas : GeoDataFrame
        ``area_id``, EPSG:25832; they may overlap.
    outline : GeoDataFrame, optional
        The municipality's.
    """

    def __init__(self, areas: gpd.GeoDataFrame, outline: gpd.GeoDataFrame | None = None) -> None:
        layers = [(str(name), shape) for name, shape in zip(areas["area_id"], areas.geometry, strict=True)]
        self.has_outline = outline is not None
        if outline is not None:
            layers.append((MUNICIPALITY, shapely.union_all(outline.geometry.to_numpy())))
        self._layers = sorted(layers, key=lambda layer: layer[0])
        self._tree = shapely.STRtree([shape for _, shape in self._layers])
        self._ground: dict[str, dict[_Targets, int]] = {}

    def ground(self, cell: str, square: Any) -> dict[_Targets, int]:
        """Square metres of a cell in each set of areas."""
        if cell not in self._ground:
            near = [
                self._layers[number] for number in sorted(self._tree.query(square, predicate="intersects"))
            ]
            self._ground[cell] = ground_weights(square, near)
        return self._ground[cell]

    def targets_of(self, labels: Labels) -> list[_Targets]:
        """What each label stands for."""
        targets: list[list[str]] = [[] for _ in range(labels.labels.height)]
        for label, area in labels.areas.select("label", "area_id").iter_rows():
            targets[label].append(str(area))
        for label in labels.labels.filter("inside")["label"] if self.has_outline else ():
            targets[label].append(MUNICIPALITY)
        return [tuple(sorted(each)) for each in targets]


class _CellTable:
    """Which parts of the cells lie in which areas."""

    def __init__(self, cells: list[str], areas: CellAreas) -> None:
        corners = cell_corners(cells)
        self._cells, self._areas = cells, areas
        self._size = int(corners["size"].iloc[0]) if len(corners) else 100
        self._table = pl.DataFrame(
            {"cell": cells, "east": corners["east"].to_numpy(), "north": corners["north"].to_numpy()},
            schema={"cell": pl.String, "east": pl.Int64, "north": pl.Int64},
        )
        self._squares = dict(zip(cells, squares(cells, corners).geometry, strict=True))

    def parts(self, homes: Sequence[Homes], period: str) -> tuple[dict[str, list[_Part]], int]:
        """The parts of each cell, and how many cells with homes in the areas the table lacks."""
        parts: dict[str, list[_Part]] = {}
        absent = 0
        for number, source in enumerate(homes):
            weights, without = self._weights(source, period)
            absent = without if number == 0 else absent
            for cell, by_targets in weights.items():
                if cell not in parts:
                    parts[cell] = _as_parts(by_targets, source.method)
        for cell in self._cells:
            if cell not in parts:
                parts[cell] = _as_parts(self._areas.ground(cell, self._squares[cell]), GROUND)
        return parts, absent

    def _weights(self, source: Homes, period: str) -> tuple[dict[str, dict[_Targets, int]], int]:
        size = self._size
        placed = pl.col("x").is_finite() & pl.col("y").is_finite()
        points = source.of_period(period).filter(placed & (pl.col("weight") > 0))
        corner = [(pl.col(axis) / size).floor().cast(pl.Int64) * size for axis in ("x", "y")]
        keys = [corner[0].alias("east"), corner[1].alias("north"), pl.col("label")]
        weights = points.group_by(keys).agg(pl.col("weight").sum())
        of_cells = weights.join(self._table, on=["east", "north"], how="left").sort("cell", "label")
        targets = self._areas.targets_of(source.labels)
        result: dict[str, dict[_Targets, int]] = {}
        for cell, label, weight in of_cells.drop_nulls("cell").select("cell", "label", "weight").iter_rows():
            by_targets = result.setdefault(cell, {})
            by_targets[targets[label]] = by_targets.get(targets[label], 0) + weight
        in_areas = pl.col("label").is_in(source.labels.areas["label"].to_list())
        absent = of_cells.filter(pl.col("cell").is_null() & in_areas)
        return result, absent.select("east", "north").unique().height


def _as_parts(by_targets: Mapping[_Targets, int], method: str) -> list[_Part]:
    """Parts in a stable order; a cell in one part is no matter of weights."""
    method = UNDIVIDED if len(by_targets) == 1 else method
    return [_Part(targets, by_targets[targets], method) for targets in sorted(by_targets)]


def _shared(
    rows: pl.DataFrame, parts: Mapping[str, list[_Part]], baseless: Collection[str], sets: dict[_Targets, int]
) -> pl.DataFrame:
    """The counts of each part, with the number of the set of areas that it lies in; new sets are added to `sets`."""
    in_sets = {
        cell: [sets.setdefault(part.targets, len(sets)) for part in of_cell]
        for cell, of_cell in parts.items()
    }
    single = {cell: numbers[0] for cell, numbers in in_sets.items() if len(numbers) == 1}
    table = pl.DataFrame(
        {"area_id": list(single), "set": list(single.values())},
        schema={"area_id": pl.String, "set": pl.Int64},
    )
    undivided = rows.join(table, on="area_id", how="inner")
    split_rows = rows.join(table, on="area_id", how="anti")
    row_of_part: list[int] = []
    set_of_part: list[int] = []
    figures: list[tuple[int | None, ...]] = []
    marks: list[str] = []
    for row, (cell, indicator, side, *numbers, status) in enumerate(
        split_rows.select(
            "area_id", "indicator", pl.col("side").cast(pl.String), *NUMBERS, pl.col("status").cast(pl.String)
        ).iter_rows()
    ):
        mark = "missing" if status == "ok" and indicator in baseless else status
        weights = [part.weight for part in parts[cell]]
        figures += _numbers(side, numbers, weights) if mark == "ok" else [(0, 0, 0)] * len(weights)
        set_of_part += in_sets[cell]
        row_of_part += [row] * len(weights)
        marks += [mark] * len(weights)
    columns = list(zip(*figures, strict=True)) or [(), (), ()]
    divided = split_rows[row_of_part].with_columns(
        *(pl.Series(name, values, dtype=pl.Int64) for name, values in zip(NUMBERS, columns, strict=True)),
        pl.Series("status", marks, dtype=STATUSES),
        pl.Series("set", set_of_part, dtype=pl.Int64),
    )
    return pl.concat([undivided, divided])


def _numbers(
    side: str, numbers: Sequence[int | None], weights: Sequence[int]
) -> list[tuple[int | None, ...]]:
    """Numerator, denominator and unknown of each part."""
    if side == "both" and None not in numbers:
        return share_out(numbers, weights)
    columns = [[None] * len(weights) if number is None else apportion(number, weights) for number in numbers]
    return list(zip(*columns, strict=True))


def _methods(parts: Mapping[str, Iterable[_Part]]) -> dict[str, str]:
    """The last method of each area's parts."""
    ranks: dict[str, int] = {}
    for of_cell in parts.values():
        for part in of_cell:
            for area in part.targets:
                ranks[area] = max(ranks.get(area, 0), METHODS.index(part.method))
    return {area: METHODS[rank] for area, rank in sorted(ranks.items()) if area != MUNICIPALITY}
