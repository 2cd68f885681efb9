"""What further columns of homes are: measured once for each home, and joined to the rows by address or point."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import geopandas as gpd
import numpy as np
import polars as pl
from numpy.typing import NDArray

from geo_bosoc.boundaries.geometry import CRS
from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.locate.join import distance_to_nearest
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.project.home_columns import latest
from geo_bosoc.project.layers import Layers
from geo_bosoc.project.requests import register_of
from geo_bosoc.project.spec import Project
from geo_bosoc.rasters.zonal.layers import LayerSpec, open_layer
from geo_bosoc.rasters.zonal.registers import RasterRegister
from geo_bosoc.registers.assemble import RegisterPartition

DECIMALS: Final = 1
"""Of a distance in metres: a home is no nearer known than that."""
RASTER_DECIMALS: Final = 3
"""Of a raster's values, as indicators count its cells."""
_ADDRESS: Final[tuple[str, ...]] = ("address_id",)
_POINT: Final[tuple[str, ...]] = ("x", "y")

Floats = NDArray[np.float64]
Parts = Mapping[str, tuple[RegisterPartition, ...]]


@dataclass
class HomeValues:
    """Measures what columns of ``[home_columns]`` are.

    Attributes
    ----------
    project : Project
        Says which columns there are.
    layers : Layers
        What distances are measured to.
    rasters : mapping of str to RasterRegister
        The raster registers that were opened.
    report : Report
        Takes the problems.
    """

    project: Project
    layers: Layers
    rasters: Mapping[str, RasterRegister]
    report: Report
    _by_address: dict[str, pl.DataFrame] = field(default_factory=dict)

    def joined(
        self,
        columns: Mapping[str, Collection[str]],
        frames: Mapping[str, pl.LazyFrame],
        parts: Parts,
        addresses: pl.DataFrame | None,
    ) -> tuple[dict[str, pl.LazyFrame], dict[str, tuple[RegisterPartition, ...]]]:
        """The rows of registers, those that are counted by a further column with it.

        Parameters
        ----------
        columns : mapping of str to collection of str
            By register, the columns wanted (`wanted_home_columns`).
        frames, parts : mapping
            The rows as they were read and linked: each has its address or its point.
        addresses : DataFrame or None
            The address table.

        Returns
        -------
        frames, parts : dict
            The same rows.
        """
        frames_after, parts_after = dict(frames), dict(parts)
        names = sorted({name for of_register in columns.values() for name in of_register})
        measures = {name: self._measures(name) for name in names}
        if self.report.errors:
            return frames_after, parts_after
        for name, frame in frames.items():
            of_register = sorted(columns.get(register_of(name), ()))
            if not of_register:
                continue
            is_by_address = "address_id" in frame.collect_schema() and addresses is not None
            keys = _ADDRESS if is_by_address else _POINT
            homes = addresses if is_by_address else None
            if homes is None:
                homes = frame.select(keys).unique().sort(keys).collect(engine="streaming")
            for column in of_register:
                if is_by_address and column in self._by_address:
                    table = self._by_address[column]
                else:
                    table = self._measured(homes, keys, column, measures[column])
                if is_by_address:
                    self._by_address[column] = table
                add = partial(_with_column, column=column, table=table, keys=keys)
                frames_after[name] = add(frames_after[name])
                if name in parts:
                    rows = parts_after[name]
                    parts_after[name] = tuple(replace(part, frame=add(part.frame)) for part in rows)
        return frames_after, parts_after

    def _measures(self, name: str) -> dict[str, Callable[[Floats, Floats], Floats]]:
        """What measures a column at points, by the period from which on it holds ("" for always)."""
        part = self.project.spec.home_columns[name]
        if part.layer is not None:
            return {"": partial(_metres, shapes=self._shapes(name, part.layer))}
        raster = self.rasters.get(str(part.raster))
        layers = {} if raster is None else dict(raster.layers)
        self._tell_periods(name, str(part.raster), sorted(layers))
        return {period: partial(_values, layer=layer) for period, layer in sorted(layers.items())}

    def _tell_periods(self, name: str, register: str, periods: Sequence[str]) -> None:
        """Which period of a raster stands for which of the run, where that is another one."""
        run = self.project.spec.run.periods
        stands = {period: latest(periods, period) for period in run} if periods else {}
        for of_raster in sorted({each for each in stands.values() if each is not None}):
            others = [period for period, each in stands.items() if each == of_raster and period != each]
            if others:
                self.report.note(
                    phrase(
                        "the raster {register} of {period} stands for {periods}.",
                        register=register, period=of_raster, periods=joined(others),
                    ),
                    key=f"home_columns.{name}",
                )  # fmt: skip
        before = [period for period, each in stands.items() if each is None]
        if before:
            self.report.warn(
                phrase(
                    "no raster of {register} is of {periods} or before: it is unknown then.",
                    register=register, periods=joined(before),
                ),
                key=f"home_columns.{name}",
                hint="Add an earlier one, or leave these periods out.",
            )  # fmt: skip

    def _shapes(self, name: str, layer: str) -> gpd.GeoSeries:
        """What distances are measured to; an error where there is nothing."""
        frame = self.layers.layer(self.project, layer)
        shapes = gpd.GeoSeries([]) if frame is None else frame.geometry
        if frame is not None and (shapes.is_empty | shapes.isna()).all():
            self.report.error(
                phrase("the layer {layer} has no shape that anything could be near to.", layer=layer),
                key=f"home_columns.{name}.layer",
                hint=phrase("See the file and the condition (where) of [boundaries.{layer}].", layer=layer),
            )
        return shapes

    def _measured(
        self,
        homes: pl.DataFrame,
        keys: Sequence[str],
        column: str,
        measures: Mapping[str, Callable[[Floats, Floats], Floats]],
    ) -> pl.DataFrame:
        """The keys of homes with what each measure gives, in a column of its period."""
        x, y = (homes[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in ("x", "y"))
        is_placed = np.isfinite(x) & np.isfinite(y)
        values: list[pl.Series] = []
        for period, measure in measures.items():
            try:
                numbers = measure(x, y)
            except UnreadableError as error:
                self.report.error(error.args[0], key=f"home_columns.{column}.raster", hint=error.hint)
                numbers = np.full(len(x), np.nan)
            without = int((np.isnan(numbers) & is_placed).sum())
            if without and period:
                self.report.note(
                    phrase(
                        "{without} of {homes} lie where the raster of {period} has no data: unknown there.",
                        without=without, homes=count_text(int(is_placed.sum()), "home"), period=period,
                    ),
                    key=f"home_columns.{column}",
                    count=without,
                )  # fmt: skip
            values.append(pl.Series(_name(column, period), numbers, nan_to_null=True))
        table = homes.select(keys).with_columns(values)
        return table.unique(list(keys), keep="first", maintain_order=True)


def _metres(x: Floats, y: Floats, *, shapes: gpd.GeoSeries) -> Floats:
    return np.round(distance_to_nearest(x, y, shapes), DECIMALS)


def _values(x: Floats, y: Floats, *, layer: LayerSpec) -> Floats:
    with open_layer(layer) as opened:
        values, has_data = opened.values_at(x, y, CRS)
    return np.where(has_data, np.round(values, RASTER_DECIMALS), np.nan)


def _name(column: str, period: str) -> str:
    return f"{column}@{period}"


def _with_column(
    frame: pl.LazyFrame, *, column: str, table: pl.DataFrame, keys: Sequence[str]
) -> pl.LazyFrame:
    """Rows with a further column: the value of the latest period that is not after theirs."""
    names = table.columns[len(keys) :]
    rows = frame.join(table.lazy(), on=list(keys), how="left", maintain_order="left")
    value: pl.Expr = pl.lit(None, dtype=pl.Float64)
    for name in names:
        period = name.removeprefix(f"{column}@")
        is_later = pl.col("period").cast(pl.String) >= period
        value = pl.when(is_later).then(pl.col(name)).otherwise(value) if period else pl.col(name)
    return rows.with_columns(value.alias(column)).drop(names)
