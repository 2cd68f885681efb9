"""The registers that a project names, read with the columns that are counted, and each row given its home."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from geo_bosoc.boundaries.municipal_bounds import warn_far_points
from geo_bosoc.indicators import Indicator, Parameter, needed_columns
from geo_bosoc.linkage import (
    AddressBook,
    check_links,
    link_registers,
    needs_linking,
)
from geo_bosoc.linkage.address_register import KVHX, read_corrections
from geo_bosoc.linkage.link import extra_columns, population_name
from geo_bosoc.linkage.population import status_days
from geo_bosoc.predicates.parse import parse_predicate, predicate_columns
from geo_bosoc.predicates.unmatched_literals import warn_unmatched
from geo_bosoc.problems import Report
from geo_bosoc.progress import Progress, Silent
from geo_bosoc.project.reference_dates import register_of
from geo_bosoc.project.requests import Request, requested_columns
from geo_bosoc.project.spec import Project
from geo_bosoc.project.table_sums import conditions_on, figures_of, sums_of
from geo_bosoc.registers.assemble import RegisterPartition
from geo_bosoc.registers.files import find_files
from geo_bosoc.registers.read import data_periods, read_in_parts
from geo_bosoc.registers.readers.bbr import read_bbr
from geo_bosoc.registers.readers.dar import read_dar
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import identifying_columns
from geo_bosoc.registers.tables.table_rows import TableUse

KEYED = ("person", "dwelling")
"""Places that are keys to somebody who has one."""


@dataclass(frozen=True)
class Registers:
    """The registers by name, how they are placed now, and the address table.

    `parts` are the same rows, apart by file or period; in the registers of `unique` each row has a key, and none stands
    twice in a period. `periods` are those of the rows as they were read, None among them where rows hold over time;
    linked files are not among them. `counted` are the registers that the run counts in; only studies want the others.
    """

    frames: Mapping[str, pl.LazyFrame]
    specs: Mapping[str, RegisterSpec]
    addresses: pl.DataFrame | None
    parts: Mapping[str, tuple[RegisterPartition, ...]]
    unique: Collection[str]
    deferred_checks: Mapping[str, tuple[Callable[[Report], None], ...]] = field(default_factory=dict)
    periods: Mapping[str, frozenset[str | None]] = field(default_factory=dict)
    counted: frozenset[str] = frozenset()


def read_registers(
    project: Project,
    indicators: Sequence[Indicator],
    periods: Collection[str],
    report: Report,
    progress: Progress | None = None,
    *,
    twins: Mapping[str, RegisterSpec] | None = None,
    counted_by_address: bool = False,
    area_ids: Callable[[], Collection[str] | None] = lambda: None,
    request: Request | None = None,
) -> Registers:
    """Each register that an indicator counts in or a study wants, with the columns that are named; and the address
    table.

    `request` is what studies want besides; a register that only they want is read for the last period. `twins` are
    registers that are linked once more with homes on another day
    (`geo_bosoc.project.reference_dates`); each is
    read with the register it stands for. Registers that others take their homes from are read as well. With
    `counted_by_address` the caller finds every address in the address table, and looks for person numbers where one is
    not there (`Registers.deferred_checks`). `area_ids` gives the ids of all areas, once they are known. Errors
    are collected in `report`.
    """
    specs = project.spec.registers
    wanted = tuple(periods) or project.spec.run.periods
    linking = Report()
    if needs_linking(specs):
        check_links(specs, linking)
    linking.settle(report)
    counted = [name for name, part in specs.items() if part.unit != "address"]
    own = Report()
    twins = dict(twins or {})
    every = {**specs, **twins}
    columns = dict(needed_columns(indicators, [*counted, *twins], ids=id_columns(every), report=own))
    own.settle(report)
    request = request or Request()
    requested = requested_columns(request, counted, id_columns(specs), report)
    twins_alone = {register_of(twin) for twin in twins} - set(columns)
    for twin in twins:
        name = register_of(twin)
        columns[name] = tuple(sorted({*columns.get(name, ()), *columns.pop(twin, ())}))
    every_indicator = (*indicators, *request.indicators)
    pooled = max((indicator.pool_years for indicator in every_indicator), default=1)
    history = pooled > 1 or any(indicator.carry_forward for indicator in every_indicator)
    givers = _givers(specs, set(columns))
    if project.spec.membership is not None:
        givers |= {name for name, part in specs.items() if part.unit == "dwelling"}
    counted_in = {*columns, *givers}
    to_read = counted_in | set(requested) | _givers(specs, set(requested) & set(specs))
    of_studies = periods if needs_linking(specs) else sorted(periods)[-1:]
    table_alone = any(part.unit == "address" for part in specs.values()) and not (
        needs_linking(specs) or project.spec.places.corrections or project.spec.membership
    )
    looked_through = _by_bytes(project, periods, progress or Silent())
    frames: dict[str, pl.LazyFrame] = {}
    parts: dict[str, tuple[RegisterPartition, ...]] = {}
    unique: set[str] = set()
    deferred_checks: dict[str, tuple[Callable[[Report], None], ...]] = {}
    held: dict[str, frozenset[str | None]] = {}
    addresses: pl.DataFrame | None = None
    found: dict[str, Report] = {name: Report() for name in specs}
    for name, part in sorted(specs.items(), key=lambda each: each[1].unit != "address"):
        own = found[name]
        table = part.unit == "address"
        if not table and name not in to_read:
            own.note("no indicator counts in this register; it was not read.", key=f"registers.{name}")
            continue
        asked: set[str] = set()
        if not table:
            asked = _with_parameters(columns.get(name, ()), name, project.spec.parameters)
            asked |= requested.get(name, frozenset())
            asked = (asked | extra_columns(specs, name)) - part.made_columns
        elif part.format is None:
            asked |= requested.get(name, frozenset())
        asked |= _membership_columns(project, part)
        if part.format is not None:
            frame = _read_linked_files(project, part, name, wanted, own)
            if frame is not None and table:
                addresses = frame.collect()
                if not project.spec.project.made_up:
                    code, label = project.spec.project.municipality, Path(part.paths[0]).name
                    warn_far_points(addresses.lazy(), code, label, own, key=f"registers.{name}")
            elif frame is not None:
                frames[name] = frame
            continue
        read = read_in_parts(
            part,
            columns=sorted(asked),
            folder=project.root,
            periods=None
            if table or history
            else _periods_to_read(part, project, periods if name in counted_in else of_studies),
            report=own,
            name=name,
            memory=project.spec.run.room,
            defer_address_check=counted_by_address and table_alone and name in counted_in and not table,
            on_file_read=looked_through,
            table=TableUse(
                area_ids,
                sums_of(name, indicators, counted),
                figures_of(name, indicators, counted),
                conditions_on(name, indicators, counted),
                alone=len({*columns, *givers}) == 1,
            ),
        )
        if own.errors:
            continue
        if part.place == "xy" and not project.spec.project.made_up:
            code, files = project.spec.project.municipality, Path(part.paths[0]).name
            warn_far_points(read.frame, code, files, own, key=f"registers.{name}")
        if table:
            addresses = read.frame.collect()
        else:
            frames[name], parts[name] = read.frame, read.partitions
            unique |= {name} if read.unique_keys else set()
            deferred_checks[name] = read.deferred_checks
            held[name] = read.periods
    for own in found.values():
        own.settle(report)
    if not needs_linking(specs) and project.spec.places.corrections is None:
        in_run = {name: frame for name, frame in frames.items() if name in counted_in}
        return Registers(
            frames,
            specs,
            addresses,
            _all_parts(in_run, parts),
            unique,
            deferred_checks,
            held,
            frozenset(in_run),
        )
    book = _book(project, addresses, report)
    if report.errors:
        return Registers(frames, specs, addresses, parts, unique, counted=frozenset(counted_in))
    for name in [name for name in parts if specs[name].link_columns or specs[name].place in KEYED]:
        del parts[name]  # made anew below: what was read is in memory once
    before = {name: frames[name] for name in parts}
    frames |= {twin: frames[register_of(twin)] for twin in twins if register_of(twin) in frames}
    for name in twins_alone - set(requested):
        frames.pop(name, None)
    linked = link_registers(
        frames,
        every,
        periods=_with_earlier(wanted, pooled),
        book=book,
        folder=project.root,
        release=True,
        report=report,
    )
    in_run = {
        name: frame
        for name, frame in linked.registers.items()
        if name in twins or name in counted_in - twins_alone
    }
    as_read = {name: own for name, own in parts.items() if linked.registers.get(name) is before[name]}
    return Registers(
        linked.registers,
        linked.specs,
        book.addresses,
        _all_parts(in_run, as_read),
        unique & set(as_read),
        periods=held,
        counted=frozenset(in_run),
    )


def _periods_to_read(
    part: RegisterSpec, project: Project, periods: Collection[str]
) -> Collection[str] | None:
    """The periods to read of a register; None for all, also where its files are of other periods: that it lacks those
    asked for is told of all registers together (`geo_bosoc.project.periods`)."""
    if not periods:
        return None
    sought = data_periods(part, periods) or set()
    if all("{period}" in path for path in part.paths):
        files = find_files(part, project.root, None, Report(), None)
        if files and not {file.period for file in files} & sought:
            return None
    return periods


def periods_of_files(project: Project, names: Collection[str]) -> list[str]:
    """The periods that the files of registers hold; read anew, for a message."""
    periods: set[str] = set()
    for name in names:
        part = project.spec.registers[name]
        if part.format is None:
            columns = None if part.unit == "count" else ()  # classes tell a table's rows apart
            read = read_in_parts(part, columns=columns, folder=project.root, report=Report(), name=name)
            periods |= {period for period in read.periods if period is not None}
    return sorted(periods)


def _by_bytes(project: Project, periods: Collection[str], progress: Progress) -> Callable[[Path], None]:
    """What tells the progress of reading: the bytes of the files that were looked through."""
    sizes: dict[Path, int] = {}
    for part in project.spec.registers.values():
        for file in find_files(part, project.root, set(periods) or None, Report(), None):
            sizes[file.path] = file.path.stat().st_size
    seen: set[Path] = set()

    def done(file: Path) -> None:
        seen.add(file)
        progress.part(sum(sizes.get(each, 0) for each in seen), max(1, sum(sizes.values())))

    return done


def _all_parts(
    frames: Mapping[str, pl.LazyFrame], parts: Mapping[str, tuple[RegisterPartition, ...]]
) -> dict[str, tuple[RegisterPartition, ...]]:
    """The parts of every register; those that were made, and not read, are split by period."""
    whole = dict(parts)
    for name, frame in frames.items():
        if name not in whole:
            periods = frame.select(pl.col("period").unique()).collect(engine="streaming")["period"].sort()
            split = [
                RegisterPartition(frame.filter(pl.col("period").eq_missing(period)), period)
                for period in periods
            ]
            whole[name] = tuple(split) if split else (RegisterPartition(frame),)
    return whole


def _membership_columns(project: Project, part: RegisterSpec) -> set[str]:
    """The column of the address table, or of the dwellings, by which the list of estates names addresses."""
    spec = project.spec.membership
    if spec is None or part.format is not None or spec.by in ("address_id", "kvhx"):
        return set()
    giver = "dwelling" if spec.by in ("bfe", "building_id") else "address"
    return {spec.by} if part.unit == giver else set()


def _read_linked_files(
    project: Project, part: RegisterSpec, name: str, periods: Sequence[str], report: Report
) -> pl.LazyFrame | None:
    """The Datafordeler's linked files as one table, on the status dates; None with errors in `report`."""
    key = f"registers.{name}"
    files = [file.path for file in find_files(part, project.root, None, report, key)]
    if not periods:
        report.error("the files hold many years: say which periods are wanted.", key="run.periods")
    days = status_days(part, name, periods, report)
    if report.errors:
        return None
    if part.format == "dar":
        code = project.spec.project.municipality
        found = read_dar(files, list(days.values()), report, municipality=code, key=key)
    else:
        found = read_bbr(files, days, report, key=key)
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
        warn_unmatched(found, {f"{key}.where": part.where}, report, file=label, never_shown=identifying)
        found = found.filter(parse_predicate(part.where, found.schema, key=f"{key}.where", report=report))
    return None if report.errors else found.lazy()


def id_columns(specs: Mapping[str, RegisterSpec]) -> dict[str, dict[str, str]]:
    """By register, the column that tells its persons or dwellings apart."""
    return {
        name: {spec.unit: spec.id}
        for name, spec in specs.items()
        if spec.id is not None and spec.unit in ("person", "dwelling")
    }


def _givers(specs: Mapping[str, RegisterSpec], counted: set[str]) -> set[str]:
    """The registers that others of those counted take their homes from."""
    found: set[str] = set()
    people = population_name(specs)
    for name in counted:
        if specs[name].place == "person" and people is not None:
            found.add(people)
        if specs[name].place == "dwelling":
            found |= {n for n, s in specs.items() if s.unit == "dwelling" and s.place != "dwelling"}
    return found


def _with_earlier(periods: Sequence[str], pooled: int) -> list[str]:
    """The periods, and the earlier ones that are pooled with them."""
    found = set(periods)
    for period in periods:
        found |= {f"{int(period[:4]) - back}{period[4:]}" for back in range(1, pooled)}
    return sorted(found)


def _book(project: Project, addresses: pl.DataFrame | None, report: Report) -> AddressBook:
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
        report.error(
            f"{', '.join(coded)}: addresses are written as codes, and the address table has no such key.",
            key=f"registers.{table or 'addresses'}.kvhx",
            hint='Name its column (kvhx = "..."), or give address_parts.',
        )
    corrections = None
    if places.corrections is not None:
        corrections = read_corrections(project.root / places.corrections, addresses, report)
    return AddressBook(addresses, corrections, book.not_homes, book.most_residents, book.municipality)


def _with_parameters(
    columns: Collection[str], register: str, parameters: Mapping[str, float | str | Parameter]
) -> set[str]:
    found = set(columns)
    for parameter in parameters.values():
        if isinstance(parameter, Parameter) and parameter.register_name == register:
            found |= {parameter.column, *(predicate_columns(parameter.where) if parameter.where else ())}
    return found
