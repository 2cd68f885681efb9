"""What a run works on: the areas, registers, indicators, models and periods of a project."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.indicators import (
    Indicator,
)
from geo_bosoc.linkage.estate_membership import Membership
from geo_bosoc.models import History, Model
from geo_bosoc.outputs.registry import PREVIOUS
from geo_bosoc.predicates.parse import Value
from geo_bosoc.problems import Report
from geo_bosoc.project.earlier_areas import EarlierAreas
from geo_bosoc.project.home_columns import HomeSource
from geo_bosoc.project.spec import Project
from geo_bosoc.rasters.backdrop import Backdrop
from geo_bosoc.rasters.zonal.registers import RasterRegister
from geo_bosoc.registers.assemble import RegisterPartition
from geo_bosoc.registers.files import find_files
from geo_bosoc.registers.spec import RegisterSpec

RESIDENTS = "residents"
HOUSEHOLDS = "households"

PeriodsByRegister = Mapping[str, Collection[str | None]]
"""By register, the periods of its rows; None among them stands for rows that hold over time."""


@dataclass(frozen=True)
class ModelUse:
    """A model, the earlier lists it may look back on, and whether residents' origin takes part."""

    model: Model
    history: History | None = None
    origin: bool = True

    @property
    def needed(self) -> list[str]:
        """The indicators that the model reads, gates included, each once."""
        names = [
            criterion.indicator
            for criterion in self.model.criterion
            if self.origin or not criterion.uses_origin
        ]
        return list(dict.fromkeys([*names, *(gate.indicator for gate in self.model.gates)]))


@dataclass(frozen=True)
class PeriodRequest:
    """The periods that are asked for, and what is there.

    Attributes
    ----------
    periods : tuple of str
        Empty where none are asked for: then all that the registers hold are counted.
    periods_held : mapping of str to collection of str or None
        By register, the periods of its rows that were read; None among them stands for rows that hold over time.
    read_periods : callable
        Reads the periods that the files of the named registers hold, for messages.
    where : mapping of str to object
        Fields of `Problem`: where the periods are asked for.
    """

    periods: tuple[str, ...] = ()
    periods_held: PeriodsByRegister = field(default_factory=dict)
    read_periods: Callable[[Collection[str]], Collection[str]] = tuple
    where: Mapping[str, Any] = field(default_factory=dict)

    def lacks(self, register: str) -> bool:
        """Whether nothing was read of a register because it has none of the periods asked for."""
        return bool(self.periods) and register in self.periods_held and not self.periods_held[register]


@dataclass(frozen=True)
class Inputs:
    """What a run works on. `shown` are the indicators that outputs tell; `indicators` adds those that a model needs.

    `registers` are those that are counted in, and `frames` besides them what only studies want. `parts` are the
    registers' rows in parts that may be counted apart; `unique` the registers in which each row has a key, and no two
    of a period the same. `deferred_checks` look for person numbers in the addresses of a register: needed where one is
    not in the address table (see `geo_bosoc.project.reading.read_registers`). `references` are
    the figures of a table of references (`geo_bosoc.project.comparisons`). `period_request` are the periods asked for,
    and those that are there. `backdrop` is what readers of a map page can switch on besides its areas, and
    `home_sources` what the columns of ``[home_columns]`` tell the distance to. `rasters` are the registers whose rows
    are cells: among `registers` they have columns and no rows.
    """

    areas: gpd.GeoDataFrame
    outline: gpd.GeoDataFrame | None
    context: Mapping[str, gpd.GeoDataFrame]
    as_areas: Mapping[str, gpd.GeoDataFrame]
    indicators: tuple[Indicator, ...]
    shown: tuple[Indicator, ...]
    uses: tuple[ModelUse, ...]
    registers: Mapping[str, pl.LazyFrame]
    frames: Mapping[str, pl.LazyFrame]
    parts: Mapping[str, tuple[RegisterPartition, ...]]
    unique: Collection[str]
    deferred_checks: Mapping[str, tuple[Callable[[Report], None], ...]]
    addresses: pl.DataFrame | None
    specs: Mapping[str, RegisterSpec]
    membership: Membership | None
    parameters: Mapping[str, Value | Mapping[str, Value]]
    references: pd.DataFrame = field(default_factory=pd.DataFrame)
    period_request: PeriodRequest = field(default_factory=PeriodRequest)
    earlier: EarlierAreas = field(default_factory=EarlierAreas)
    backdrop: Backdrop = field(default_factory=Backdrop)
    home_sources: Mapping[str, HomeSource] = field(default_factory=dict)
    rasters: Mapping[str, RasterRegister] = field(default_factory=dict)


def input_files(
    project: Project, *, periods: Collection[str] = (), registers: Collection[str] | None = None
) -> list[Path]:
    """The files that a project reads, in order, for the manifest.

    Parameters
    ----------
    project : Project
        The project.
    periods : collection of str, optional
        Those whose files of registers are named; by default all.
    registers : collection of str, optional
        The registers that the public set tells of: of others, of the bottom-up study and of deaths, no file is named
        then.
    """
    spec = project.spec
    files = [project.file, *(project.root / layer.path for layer in spec.boundaries.values())]
    if spec.indicators.file:
        files.append(project.root / spec.indicators.file)
    files += [project.root / model.path for model in spec.model if model.path]
    if spec.reference.table is not None:
        files.append(project.root / spec.reference.table)
    if spec.membership is not None:
        files.append(project.root / spec.membership.path)
    if spec.places.corrections is not None:
        files.append(project.root / spec.places.corrections)
    if spec.disclosure.previous is not None:
        folder = project.root / spec.disclosure.previous
        files += [file for name in PREVIOUS if (file := folder / name).is_file()]
    if spec.balance is not None:
        files += [project.root / name for name in spec.balance.files]
    if spec.follow_up is not None:
        files += [project.root / name for name in spec.follow_up.files]
        deaths = spec.follow_up.link.deaths if spec.follow_up.link.years and registers is None else None
        if deaths is not None:
            files += [file.path for file in find_files(deaths.register, project.root, None, Report(), None)]
    if spec.map.background is not None:
        files.append(project.root / spec.map.background.path)
    if spec.documents is not None:
        files += [project.root / name for name in spec.documents.files]
    if spec.bottom_up is not None and registers is None:
        files += [project.root / name for name in spec.bottom_up.files]
    for name, part in spec.registers.items():
        if registers is not None and name not in registers:
            continue
        # An earlier raster may stand for a later year.
        of_periods = None if part.unit == "raster" else set(periods) or None
        register_files = find_files(part, project.root, of_periods, Report(), None)
        files += [file.path for file in register_files]
    return list(dict.fromkeys(files))  # a table of cells may be areas and register


def files_without_persons(project: Project) -> list[Path]:
    """Those of `input_files` that hold no persons and no homes: the project file, layers, indicators and models.

    Of any other file the public manifest tells the name alone: from size and hash a small one can be guessed in full.
    """
    spec = project.spec
    files = [project.root / layer.path for layer in spec.boundaries.values() if layer.cell is None]
    if spec.map.background is not None:
        files.append(project.root / spec.map.background.path)
    lists_homes = bool(spec.places.not_homes) or (
        spec.bottom_up is not None and bool(spec.bottom_up.exclude_addresses)
    )
    if not lists_homes:
        files.append(project.file)
    if spec.indicators.file:
        files.append(project.root / spec.indicators.file)
    if spec.reference.table is not None:
        files.append(project.root / spec.reference.table)
    if spec.balance is not None:
        lists = [name for name in (spec.balance.codes, spec.balance.rules) if name.endswith(".toml")]
        plans = [spec.balance.development_plans] if spec.balance.development_plans else []
        files += [project.root / name for name in (*plans, *lists)]
    return [*files, *(project.root / model.path for model in spec.model if model.path)]
