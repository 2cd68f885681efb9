"""Further columns of rows that have a home: how far it is to the nearest of something.

Each home is measured once; the rows of registers only join what was measured, by their address or their point.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import polars as pl

from geo_bosoc.locate.join import distance_to_nearest
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.project.layers import Layers
from geo_bosoc.project.requests import ReadingPlan, columns_to_read, register_of
from geo_bosoc.project.spec import Project
from geo_bosoc.registers.assemble import ReadRegister, RegisterPartition
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.provenance import in_language

DECIMALS: Final = 1
"""Of a distance in metres: a home is no nearer known than that."""
_ADDRESS: Final[tuple[str, ...]] = ("address_id",)
_POINT: Final[tuple[str, ...]] = ("x", "y")


@dataclass(frozen=True)
class HomeSource:
    """What a column of ``[home_columns]`` tells the distance to, and where that comes from.

    Attributes
    ----------
    label_da, label_en : str
        What the layer is called.
    source : str
        Where it comes from; may be empty.
    """

    label_da: str
    label_en: str
    source: str

    def text(self, language: Language) -> str:
        """As the source of a figure says it.

        >>> HomeSource("Skoler", "Schools", "GeoDanmark").text("en")
        'distance in a straight line, no roads: Schools (GeoDanmark)'
        """
        name = word(
            "common", "straight_line", language, layer=in_language(self.label_en, self.label_da, language)
        )
        return f"{name} ({self.source})" if self.source else name


def home_sources(project: Project) -> dict[str, HomeSource]:
    """By column of ``[home_columns]``, what it tells the distance to."""
    sources = {}
    for name, part in project.spec.home_columns.items():
        layer = project.spec.boundaries[part.layer]
        label_da, label_en = layer.label_da or layer.label_en, layer.label_en or layer.label_da
        sources[name] = HomeSource(label_da or part.layer, label_en or part.layer, part.source)
    return sources


def wanted_home_columns(project: Project, plan: ReadingPlan) -> dict[str, frozenset[str]]:
    """By register, the columns of ``[home_columns]`` that indicators, parameters or studies count by in it."""
    names = frozenset(project.spec.home_columns)
    by_register = {name: names & columns_to_read(project, plan, name) for name in sorted(plan.opened)}
    return {name: columns for name, columns in by_register.items() if columns}


def check_home_columns(
    spec: RegisterSpec, name: str, columns: Collection[str], register: ReadRegister, report: Report
) -> None:
    """Errors where the rows of a register have no home, or its files have a column of that name already."""
    for column in sorted(columns):
        if spec.place == "area" or spec.unit == "address":
            report.error(
                phrase("{column} is a column of rows that have a home, and these have none.", column=column),
                key=f"registers.{name}",
                column=column,
                hint="Count by it in a register of persons, dwellings or cases.",
            )
        elif spec.columns.get(column, column) in register.file_columns:
            report.error(
                phrase("the files have a column {column} already.", column=column),
                key=f"home_columns.{column}",
                file=Path(spec.paths[0]).name,
                hint="Call the further column something else.",
            )


Parts = Mapping[str, tuple[RegisterPartition, ...]]


def with_home_columns(
    project: Project,
    layers: Layers,
    columns: Mapping[str, Collection[str]],
    frames: Mapping[str, pl.LazyFrame],
    parts: Parts,
    addresses: pl.DataFrame | None,
    report: Report,
) -> tuple[dict[str, pl.LazyFrame], dict[str, tuple[RegisterPartition, ...]]]:
    """The rows of registers, those that are counted by a column of ``[home_columns]`` with it.

    Parameters
    ----------
    project : Project
        Says which columns there are.
    layers : Layers
        What distances are measured to.
    columns : mapping of str to collection of str
        By register, the columns wanted (`wanted_home_columns`).
    frames, parts : mapping
        The rows as they were read and linked: each has its address or its point.
    addresses : DataFrame or None
        The address table.
    report : Report
        Takes the problems.

    Returns
    -------
    frames, parts : dict
        The same rows.
    """
    frames_after, parts_after = dict(frames), dict(parts)
    names = sorted({name for of_register in columns.values() for name in of_register})
    shapes = {name: _shapes(project, name, layers, report) for name in names}
    if report.errors:
        return frames_after, parts_after
    by_address: dict[str, pl.DataFrame] = {}
    for name, frame in frames.items():
        of_register = sorted(columns.get(register_of(name), ()))
        schema = frame.collect_schema()
        if not of_register:
            continue
        tables: list[pl.DataFrame]
        if "address_id" in schema and addresses is not None:
            keys = _ADDRESS
            for column in of_register:
                if column not in by_address:
                    by_address[column] = _measured(addresses, keys, column, shapes[column])
            tables = [by_address[column] for column in of_register]
        else:
            keys = _POINT
            homes = frame.select(keys).unique().sort(keys).collect(engine="streaming")
            tables = [_measured(homes, keys, column, shapes[column]) for column in of_register]
        frames_after[name] = _joined(frame, tables, keys)
        if name in parts:
            parts_after[name] = tuple(
                replace(part, frame=_joined(part.frame, tables, keys)) for part in parts[name]
            )
    return frames_after, parts_after


def _shapes(project: Project, name: str, layers: Layers, report: Report) -> gpd.GeoSeries:
    """What a column's distances are measured to; an error where there is nothing."""
    layer = project.spec.home_columns[name].layer
    frame = layers.layer(project, layer)
    shapes = gpd.GeoSeries([]) if frame is None else frame.geometry
    if frame is not None and (shapes.is_empty | shapes.isna()).all():
        report.error(
            phrase("the layer {layer} has no shape that anything could be near to.", layer=layer),
            key=f"home_columns.{name}.layer",
            hint=phrase("See the file and the condition (where) of [boundaries.{layer}].", layer=layer),
        )
    return shapes


def _measured(homes: pl.DataFrame, keys: Collection[str], column: str, shapes: gpd.GeoSeries) -> pl.DataFrame:
    """The keys of homes with the column; nothing where a home has no place."""
    metres = distance_to_nearest(
        homes["x"].cast(pl.Float64).to_numpy(), homes["y"].cast(pl.Float64).to_numpy(), shapes
    )
    values = pl.Series(column, np.round(metres, DECIMALS), nan_to_null=True)
    return homes.select(*keys).with_columns(values).unique(list(keys), keep="first", maintain_order=True)


def _joined(frame: pl.LazyFrame, tables: Collection[pl.DataFrame], keys: Collection[str]) -> pl.LazyFrame:
    for table in tables:
        frame = frame.join(table.lazy(), on=list(keys), how="left", maintain_order="left")
    return frame
