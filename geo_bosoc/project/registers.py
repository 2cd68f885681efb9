"""The registers that a project names, read with the columns that are counted, and each row given its home."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from geo_bosoc.boundaries.municipal_bounds import warn_far_points
from geo_bosoc.indicators import Indicator
from geo_bosoc.linkage import AddressBook, check_links, link_registers, needs_linking
from geo_bosoc.linkage.address_register import KVHX, read_corrections
from geo_bosoc.linkage.population import status_days
from geo_bosoc.predicates.parse import parse_predicate
from geo_bosoc.predicates.unmatched_literals import warn_unmatched
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.progress import Progress, Silent, bytes_read
from geo_bosoc.project.home_columns import check_home_columns, wanted_home_columns
from geo_bosoc.project.requests import (
    ReadingPlan,
    Request,
    columns_to_read,
    conditions_on,
    figures_of,
    last_of_years,
    plan_reading,
    register_of,
    sums_of,
)
from geo_bosoc.project.spec import Project
from geo_bosoc.rasters.cell_tables import check_cells
from geo_bosoc.rasters.zonal.registers import RasterRegister, open_raster_register
from geo_bosoc.registers.assemble import RegisterPartition, split_by_period
from geo_bosoc.registers.files import find_files, periods_to_read, periods_with_files
from geo_bosoc.registers.read import read_in_parts
from geo_bosoc.registers.readers.bbr import read_bbr
from geo_bosoc.registers.readers.dar import read_dar
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import identifying_columns
from geo_bosoc.registers.tables.table_rows import TableUse

KEYED = ("person", "dwelling")
"""What a row may have instead of a location: the key of somebody, or of a dwelling, that has one."""


@dataclass(frozen=True)
class Registers:
    """The registers as they were read and linked.

    Attributes
    ----------
    frames : mapping of str to LazyFrame
        Their rows, by name.
    specs : mapping of str to RegisterSpec
        How each is located now.
    addresses : polars.DataFrame or None
        The address table.
    parts : mapping of str to tuple of RegisterPartition
        The same rows, apart by file or period.
    unique : collection of str
        The registers whose rows all have a key, and none of them twice in a period.
    deferred_checks : mapping of str to tuple of callable
        Look for person numbers in a register's addresses, where one is not in the address table.
    periods : mapping of str to frozenset
        Those of the rows as they were read, None among them where rows hold over time; linked files are left out.
    counted : frozenset of str
        The registers that the run counts in; only studies want the others.
    home_columns : mapping of str to frozenset of str
        By register, the columns of ``[home_columns]`` that are wanted of its rows.
    rasters : mapping of str to RasterRegister
        The registers whose rows are cells; their frames have no rows.
    """

    frames: Mapping[str, pl.LazyFrame]
    specs: Mapping[str, RegisterSpec]
    addresses: pl.DataFrame | None
    parts: Mapping[str, tuple[RegisterPartition, ...]]
    unique: Collection[str]
    deferred_checks: Mapping[str, tuple[Callable[[Report], None], ...]] = field(default_factory=dict)
    periods: Mapping[str, frozenset[str | None]] = field(default_factory=dict)
    counted: frozenset[str] = frozenset()
    home_columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rasters: Mapping[str, RasterRegister] = field(default_factory=dict)


@dataclass
class _Opened:
    """What could be read of the registers; see `Registers`."""

    frames: dict[str, pl.LazyFrame] = field(default_factory=dict)
    parts: dict[str, tuple[RegisterPartition, ...]] = field(default_factory=dict)
    unique: set[str] = field(default_factory=set)
    deferred_checks: dict[str, tuple[Callable[[Report], None], ...]] = field(default_factory=dict)
    periods: dict[str, frozenset[str | None]] = field(default_factory=dict)
    addresses: pl.DataFrame | None = None
    rasters: dict[str, RasterRegister] = field(default_factory=dict)


def read_registers(
    project: Project,
    indicators: Sequence[Indicator],
    periods: Collection[str],
    report: Report,
    progress: Progress | None = None,
    *,
    variants: Mapping[str, RegisterSpec] | None = None,
    counted_by_address: bool = False,
    area_ids: Callable[[], Collection[str] | None] = lambda: None,
    request: Request | None = None,
) -> Registers:
    """Each register that is counted in or a study wants, with the columns that are named; and the address table.

    Parameters
    ----------
    project : Project
        Names the registers.
    indicators : sequence of Indicator
        What is counted; registers that others take their homes from are read as well.
    periods : collection of str
        Those of the run; empty for all that the registers have.
    report : Report
        Takes all problems, and the facts of reading.
    progress : Progress, optional
        Shows how many bytes have been looked through.
    variants : mapping of str to RegisterSpec, optional
        Registers that are linked once more with homes on another day (`geo_bosoc.project.requests.HomeDates`);
        each is read with the register it stands for.
    counted_by_address : bool
        The caller finds every address in the address table, and looks for person numbers where one is not there
        (`Registers.deferred_checks`).
    area_ids : callable
        Gives the ids of all areas, once they have been read.
    request : Request, optional
        What studies want besides; a register that only they want is read for the last period, or the last years.
    """
    specs, variants = project.spec.registers, dict(variants or {})
    if needs_linking(specs):
        links = Report()
        check_links(specs, links)
        links.hand_over(report)
    plan = plan_reading(project, indicators, variants, request or Request(), report, counted_by_address)
    opened = _open_registers(project, plan, indicators, periods, area_ids, report, progress or Silent())
    if not needs_linking(specs) and project.spec.places.corrections is None:
        frames = {name: frame for name, frame in opened.frames.items() if name in plan.counted}
        return Registers(
            opened.frames,
            specs,
            opened.addresses,
            _all_parts(frames, opened.parts),
            opened.unique,
            opened.deferred_checks,
            opened.periods,
            frozenset(frames),
            home_columns=wanted_home_columns(project, plan),
            rasters=opened.rasters,
        )
    return _link(project, plan, opened, variants, periods, report)


def _open_registers(
    project: Project,
    plan: ReadingPlan,
    indicators: Sequence[Indicator],
    periods: Collection[str],
    area_ids: Callable[[], Collection[str] | None],
    report: Report,
    progress: Progress,
) -> _Opened:
    """Read each register of the plan, the address table first; the problems are listed in the project's order."""
    specs = project.spec.registers
    on_file_read = _progress_of_bytes(project, periods, progress)
    opened, reports = _Opened(), {name: Report() for name in specs}
    for name, spec in sorted(specs.items(), key=lambda pair: pair[1].unit != "address"):
        register_report = reports[name]
        if spec.unit != "address" and name not in plan.opened:
            register_report.note(
                "no indicator counts in this register; it was not read.", key=f"registers.{name}"
            )
        elif spec.unit == "raster":
            _open_raster(project, plan, name, periods, opened, register_report)
        elif spec.format is not None:
            run_periods = tuple(periods) or project.spec.run.periods
            _open_linked_files(project, name, run_periods, opened, register_report)
        else:
            counted_in = [name for name, part in specs.items() if part.unit != "address"]
            use = TableUse(
                (lambda: None) if spec.place == "cell" else area_ids,
                sums_of(name, indicators, counted_in),
                figures_of(name, indicators, counted_in),
                conditions_on(name, indicators, counted_in),
                alone=len(plan.counted) == 1,
            )
            _open_register(project, plan, name, periods, use, on_file_read, opened, register_report)
    for register_report in reports.values():
        register_report.hand_over(report)
    return opened


def _open_register(
    project: Project,
    plan: ReadingPlan,
    name: str,
    periods: Collection[str],
    use: TableUse,
    on_file_read: Callable[[Path], None],
    opened: _Opened,
    report: Report,
) -> None:
    """Read one register's files into `opened`; nothing of it where there are errors."""
    specs, spec = project.spec.registers, project.spec.registers[name]
    is_table = spec.unit == "address"
    if name not in plan.counted and not needs_linking(specs):
        periods = periods_with_files(spec, project.root, last_of_years(periods, plan.years.get(name, 1)))
    columns = columns_to_read(project, plan, name)
    home_columns = columns & set(project.spec.home_columns)
    register = read_in_parts(
        spec,
        columns=sorted(columns - home_columns),
        folder=project.root,
        periods=None if is_table or plan.all_periods else periods_to_read(spec, project.root, periods),
        report=report,
        name=name,
        memory=project.spec.run.room,
        defer_address_check=plan.defer_address_check and name in plan.counted and not is_table,
        on_file_read=on_file_read,
        table=use,
    )
    check_home_columns(spec, name, home_columns, register, report)
    check_cells(register.frame, spec, project.root, report)
    if report.errors:
        return
    if spec.place == "xy":
        _warn_far_points(project, name, register.frame, report)
    if is_table:
        opened.addresses = register.frame.collect()
        return
    opened.frames[name], opened.parts[name] = register.frame, register.partitions
    opened.unique |= {name} if register.unique_keys else set()
    opened.deferred_checks[name] = register.deferred_checks
    opened.periods[name] = register.periods


def _open_raster(
    project: Project, plan: ReadingPlan, name: str, periods: Collection[str], opened: _Opened, report: Report
) -> None:
    """Check a raster's files into `opened`; its cells are read as they are counted."""
    spec, is_every = project.spec, plan.all_periods or name in plan.requested
    of_run, periods = spec.run.periods, () if is_every else periods
    raster = open_raster_register(spec.registers[name], project.root, periods, of_run, report, name=name)
    if raster is not None:
        weights = [key for key, part in spec.registers.items() if part.unit == "raster"]
        opened.frames[name] = frame = pl.LazyFrame(schema=raster.schema(weights))
        opened.parts[name] = (RegisterPartition(frame),)
        opened.periods[name], opened.rasters[name] = frozenset(raster.layers), raster


def _open_linked_files(
    project: Project, name: str, periods: Sequence[str], opened: _Opened, report: Report
) -> None:
    """Read the Datafordeler's linked files of a register into `opened`."""
    spec = project.spec.registers[name]
    frame = _read_linked_files(project, spec, name, periods, report)
    if frame is not None and spec.unit == "address":
        opened.addresses = frame.collect()
        _warn_far_points(project, name, opened.addresses.lazy(), report)
    elif frame is not None:
        opened.frames[name] = frame


def _warn_far_points(project: Project, name: str, frame: pl.LazyFrame, report: Report) -> None:
    """Warn of points far from the municipality; a made-up one may lie anywhere."""
    if not project.spec.project.made_up:
        file = Path(project.spec.registers[name].paths[0]).name
        warn_far_points(frame, project.spec.project.municipality, file, report, key=f"registers.{name}")


def _link(
    project: Project,
    plan: ReadingPlan,
    opened: _Opened,
    variants: Mapping[str, RegisterSpec],
    periods: Collection[str],
    report: Report,
) -> Registers:
    """Give the rows that have a key instead of an address their homes, and variants those of their own day."""
    specs, frames, parts = project.spec.registers, opened.frames, opened.parts
    book = _address_book(project, opened.addresses, report)
    if report.errors:
        return Registers(frames, specs, opened.addresses, parts, opened.unique, counted=plan.counted)
    for name in [name for name in parts if specs[name].link_columns or specs[name].place in KEYED]:
        del parts[name]  # made anew below: what was read is in memory once
    as_read = {name: frames[name] for name in parts}
    frames |= {
        variant: frames[register_of(variant)] for variant in variants if register_of(variant) in frames
    }
    for name in plan.for_variants - set(plan.requested):
        frames.pop(name, None)
    linked = link_registers(
        frames,
        {**specs, **variants},
        periods=plan.with_earlier(tuple(periods) or project.spec.run.periods),
        book=book,
        folder=project.root,
        release=True,
        report=report,
    )
    counted = {
        name: frame
        for name, frame in linked.registers.items()
        if name in variants or name in plan.counted - plan.for_variants
    }
    unchanged = {
        name: partitions for name, partitions in parts.items() if linked.registers.get(name) is as_read[name]
    }
    return Registers(
        linked.registers,
        linked.specs,
        book.addresses,
        _all_parts(counted, unchanged),
        opened.unique & set(unchanged),
        periods=opened.periods,
        counted=frozenset(counted),
        home_columns=wanted_home_columns(project, plan),
        rasters=opened.rasters,
    )


def _progress_of_bytes(
    project: Project, periods: Collection[str], progress: Progress
) -> Callable[[Path], None]:
    """What tells the progress of reading: the bytes of the files that were looked through."""
    specs = project.spec.registers.values()
    files = [find_files(part, project.root, set(periods) or None, Report(), None) for part in specs]
    return bytes_read([file.path for of_register in files for file in of_register], progress)


def _all_parts(
    frames: Mapping[str, pl.LazyFrame], parts: Mapping[str, tuple[RegisterPartition, ...]]
) -> dict[str, tuple[RegisterPartition, ...]]:
    """The parts of every register; those that were made, and not read, are split by period."""
    return {**parts, **{name: split_by_period(frame) for name, frame in frames.items() if name not in parts}}


def _read_linked_files(
    project: Project, part: RegisterSpec, name: str, periods: Sequence[str], report: Report
) -> pl.LazyFrame | None:
    """The Datafordeler's linked files as one table, on the status dates; None with errors in `report`."""
    key = f"registers.{name}"
    files = [file.path for file in find_files(part, project.root, None, report, key)]
    if not periods:
        report.error("the files hold many years: name the periods of the run.", key="run.periods")
    days = status_days(part, name, periods, report)
    if report.errors:
        return None
    if part.format == "dar":
        code = project.spec.project.municipality
        rows = read_dar(files, list(days.values()), report, municipality=code, key=key)
    else:
        rows = read_bbr(files, days, report, key=key)
    for fact in ("dar", "bbr"):
        if fact in report.facts:
            report.facts[f"register:{name}"] = {
                "files": [f.name for f in files],
                fact: report.facts.pop(fact),
                **part.governance(),
            }
    if part.where is not None and not report.errors:
        label = files[0].name if len(files) == 1 else Path(part.paths[0]).name
        identifying = {*identifying_columns(part), "access_address_id", "plot", "kvhx"}
        warn_unmatched(rows, {f"{key}.where": part.where}, report, file=label, never_shown=identifying)
        rows = rows.filter(parse_predicate(part.where, rows.schema, key=f"{key}.where", report=report))
    return None if report.errors else rows.lazy()


def _address_book(project: Project, addresses: pl.DataFrame | None, report: Report) -> AddressBook:
    """The address table with its normal keys, and what was settled by hand."""
    places = project.spec.places
    specs = project.spec.registers
    book = AddressBook(
        not_homes=places.not_homes,
        most_residents=places.most_residents,
        municipality=project.spec.project.municipality,
    )
    table = next((name for name, spec in specs.items() if spec.unit == "address"), None)
    if addresses is not None and table is not None and book.is_coded(specs[table]):
        addresses = addresses.with_columns(book.key_of(specs[table]).alias(KVHX))
    coded = [name for name, spec in specs.items() if spec.unit != "address" and book.is_coded(spec)]
    if coded and (addresses is None or KVHX not in addresses.columns):
        text = "{registers}: addresses are written as codes, and the address table has no such key."
        key = f"registers.{table or 'addresses'}.kvhx"
        hint = 'Name its column (kvhx = "..."), or give address_parts.'
        report.error(phrase(text, registers=joined(coded)), key=key, hint=hint)
    corrections = None
    if places.corrections is not None:
        corrections = read_corrections(project.root / places.corrections, addresses, report)
    return AddressBook(addresses, corrections, book.not_homes, book.most_residents, book.municipality)
