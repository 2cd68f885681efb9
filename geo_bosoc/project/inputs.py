"""Everything a project names, read and checked together: one list of problems, not one problem after another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import geopandas as gpd
import polars as pl

from geo_bosoc.atomic_write.checks import check_output_folder
from geo_bosoc.indicators import (
    Indicator,
    check_indicators,
    compute_parameters,
    list_indicators,
    load_indicators,
    with_scales,
)
from geo_bosoc.linkage.estate_membership import Membership, read_membership
from geo_bosoc.predicates.parse import Value
from geo_bosoc.problems import Report, add_problems
from geo_bosoc.progress import Progress
from geo_bosoc.project.layers import read_layers
from geo_bosoc.project.literals import check_literals
from geo_bosoc.project.models_used import ModelUse, computable, read_models
from geo_bosoc.project.periods import PeriodRequest, check_period_form, check_periods_held
from geo_bosoc.project.reading import (
    Registers,
    id_columns,
    periods_of_files,
    read_registers,
)
from geo_bosoc.project.reference_dates import settle_home_dates
from geo_bosoc.project.requests import Request, joined
from geo_bosoc.project.spec import Project
from geo_bosoc.registers.assemble import RegisterPartition
from geo_bosoc.registers.files import find_files
from geo_bosoc.registers.spec import RegisterSpec

RESIDENTS = "residents"

__all__ = ["RESIDENTS", "Inputs", "id_columns", "input_files", "read_inputs"]


@dataclass(frozen=True)
class Inputs:
    """What a run works on. `shown` are the indicators that outputs tell; `indicators` adds those that a model needs.

    `registers` are those that are counted in, and `frames` besides them what only studies want. `parts` are the
    registers' rows in parts that may be counted apart; `unique` the registers in which each row has a key, and no two
    of a period the same. `deferred_checks` look for person numbers in the addresses of a register: needed where one is
    not in the address table (see `geo_bosoc.project.reading.read_registers`). `period_request` are the periods asked
    for, and those that are there.
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
    period_request: PeriodRequest = field(default_factory=PeriodRequest)


def read_inputs(
    project: Project,
    report: Report,
    *,
    model: str | None = None,
    periods: Collection[str] = (),
    progress: Progress | None = None,
    counted_by_address: bool = False,
    requests: Sequence[Request] = (),
) -> Inputs:
    """Read all that the project names, each file once; `requests` are what studies want besides.

    Raises
    ------
    InputError
        Anything is wrong with any of it: all problems of all files are listed.
    """
    check_period_form(periods, report)
    report.raise_errors()
    study_columns = joined(requests)
    layers = read_layers(project, as_areas=study_columns.layers)
    named = Report()
    indicators, shown, uses = _indicators(project, read_models(project, model, named), named)
    indicators, shown = (_told_without_base(several, project) for several in (indicators, shown))
    reading = Report()
    homes = settle_home_dates(indicators, project.spec.registers, reading)
    told = {indicator.id for indicator in shown}
    indicators = homes.indicators
    shown = tuple(indicator for indicator in indicators if indicator.id in told)
    read = read_registers(
        project,
        indicators,
        periods,
        reading,
        progress,
        twins=homes.twins,
        counted_by_address=counted_by_address,
        area_ids=layers.area_ids,
        request=study_columns,
    )
    counted = {name: frame for name, frame in read.frames.items() if name in read.counted}
    layers.report.settle(report)
    areas = layers.areas
    named.settle(report)
    reading.settle(report)
    parameters: Mapping[str, Value | Mapping[str, Value]] = {}
    request = _request(project, tuple(dict.fromkeys(periods)), read)
    if not reading.errors:
        check_periods_held(request, indicators, reading)
        add_problems(report, reading.errors)
    if not reading.errors:
        parameters = compute_parameters(counted, project.spec.parameters, report=report)
        ids_of = id_columns(read.specs)
        made = {name: spec.made_columns for name, spec in read.specs.items()}
        indicators = with_scales(counted, indicators, ids=ids_of, computed_columns=made, report=report)
        shown = tuple(indicator for indicator in indicators if indicator.id in told)
        check_indicators(counted, indicators, parameters=parameters, ids=ids_of, report=report)
        if not report.errors:
            given = project.spec.parameters
            check_literals(counted, indicators, given, read.specs, parameters, ids_of, report)
    membership = None
    if project.spec.membership is not None and areas is not None:
        ids = list(areas["area_id"])
        membership = read_membership(project.spec.membership, ids, report, folder=project.root)
    report.raise_errors()
    assert areas is not None
    return Inputs(
        areas=areas,
        outline=layers.outline,
        context=layers.context,
        as_areas=layers.as_areas,
        indicators=indicators,
        shown=shown,
        uses=uses,
        registers=counted,
        frames=read.frames,
        parts=read.parts,
        unique=read.unique,
        deferred_checks=read.deferred_checks,
        addresses=read.addresses,
        specs=read.specs,
        membership=membership,
        parameters=parameters,
        period_request=request,
    )


def _request(project: Project, periods: tuple[str, ...], read: Registers) -> PeriodRequest:
    """The periods asked for and those that the registers of counted rows hold."""
    spec = project.spec
    where = {"key": "run.periods", "file": project.file.name} if periods == spec.run.periods else {}
    names = [name for name, part in spec.registers.items() if part.unit != "address" and name in read.counted]
    held = {name: read.periods.get(name, frozenset({None})) for name in names}
    return PeriodRequest(periods, held, partial(periods_of_files, project), where if periods else {})


def input_files(project: Project, *, periods: Collection[str] = ()) -> list[Path]:
    """The files that a project reads, in order, for the manifest."""
    spec = project.spec
    files = [project.file, *(project.root / layer.path for layer in spec.boundaries.values())]
    if spec.indicators.file:
        files.append(project.root / spec.indicators.file)
    files += [project.root / model.path for model in spec.model if model.path]
    if spec.membership is not None:
        files.append(project.root / spec.membership.path)
    if spec.places.corrections is not None:
        files.append(project.root / spec.places.corrections)
    if spec.balance is not None:
        files += [project.root / name for name in spec.balance.files]
    if spec.bottom_up is not None:
        files += [project.root / name for name in spec.bottom_up.files]
    for part in spec.registers.values():
        found = find_files(part, project.root, set(periods) or None, Report(), None)
        files += [file.path for file in found]
    return files


def check_output(project: Project, output: Path | None, report: Report) -> None:
    """Say what is wrong with the folder that a project's output goes to, before anything is read."""
    where = {"key": "project.output", "file": project.file.name} if output is None else {}
    folder = output if output is not None else project.output
    check_output_folder(folder, report, inputs=input_files(project), **where)


def _indicators(
    project: Project, models: Sequence[ModelUse], report: Report
) -> tuple[tuple[Indicator, ...], tuple[Indicator, ...], tuple[ModelUse, ...]]:
    """Those the project names, and after them those that its models or the residents' column need.

    Returns
    -------
    All indicators to count, those to show, and the models that can be computed from them.
    """
    part = project.spec.indicators
    own = Report()
    shown = load_indicators(part.use, file=part.file, folder=project.root, report=own)
    own.settle(report)
    if own.errors:
        return shown, shown, ()
    have = {indicator.id for indicator in shown}
    shipped = {indicator.id for indicator in list_indicators()}
    uses = computable(models, have | shipped, project.file, report)
    population = any(register.role == "population" for register in project.spec.registers.values())
    needed = [name for use in uses for name in use.needed] + ([RESIDENTS] if population else [])
    extra: list[Indicator] = []
    for name in dict.fromkeys(needed):
        if name not in have and name in shipped:
            extra += load_indicators([name], file=part.file, folder=project.root, report=Report())[:1]
    also = [indicator for indicator in extra if indicator.id != RESIDENTS]
    if also:
        names = ", ".join(indicator.id for indicator in also)
        report.note(f"the model also counts {names}.", key="indicators.use")
    shown += tuple(also)
    return shown + tuple(indicator for indicator in extra if indicator.id == RESIDENTS), shown, uses


def _told_without_base(indicators: tuple[Indicator, ...], project: Project) -> tuple[Indicator, ...]:
    """The indicators, those said to lack a base whose figures are a register's percentages without one."""
    made = {
        (name, f"{column}_whole")
        for name, spec in project.spec.registers.items()
        for column, base in spec.fractions.items()
        if not base
    }

    def bare(indicator: Indicator) -> bool:
        side = indicator.denominator
        return any(column == side.sum and side.register_name in (None, register) for register, column in made)

    return tuple(each.model_copy(update={"base_known": False}) if bare(each) else each for each in indicators)
