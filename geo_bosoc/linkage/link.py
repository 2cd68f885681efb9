"""All registers of a run brought to one shape: each row with an address and a period, or the reason why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from geo_bosoc.linkage.address_register import AddressBook
from geo_bosoc.linkage.by_person import link_by_person
from geo_bosoc.linkage.population import (
    FROM,
    REASON,
    TO,
    Population,
    make_population,
    on_dates,
    status_days,
    with_bounds,
)
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.registers.spec import RegisterSpec


@dataclass(frozen=True)
class Linked:
    """Registers in which every row has its place, and the specifications that fit them now."""

    registers: Mapping[str, pl.LazyFrame]
    specs: Mapping[str, RegisterSpec]


def needs_linking(specs: Mapping[str, RegisterSpec]) -> bool:
    """Whether any register is keyed, coded, or holds over time."""
    return any(
        spec.place in ("person", "dwelling") or spec.link_columns or spec.take for spec in specs.values()
    )


def population_name(specs: Mapping[str, RegisterSpec]) -> str | None:
    """The register with ``role = "population"``."""
    return next((name for name, spec in specs.items() if spec.role == "population"), None)


def extra_columns(specs: Mapping[str, RegisterSpec], name: str) -> set[str]:
    """The columns of a register that others take over from it (the population's `take`)."""
    spec = specs[name]
    if spec.role != "population":
        return set()
    taken = {column for other in specs.values() for column in other.take}
    return taken - spec.made_columns


def check_links(specs: Mapping[str, RegisterSpec], report: Report) -> None:
    """What must be there for the keys that registers name; each that is missing is one error with its key."""
    people = [name for name, spec in specs.items() if spec.role == "population"]
    if len(people) > 1:
        report.error(
            phrase(
                "only one register can be the population, and these say so: {names}.", names=", ".join(people)
            ),
            key=f"registers.{people[1]}.role",
        )
    by_person = [name for name, spec in specs.items() if spec.place == "person"]
    if by_person and not people:
        report.error(
            phrase(
                "{names}: the home is taken from the population, and no register is one.",
                names=", ".join(by_person),
            ),
            key=f"registers.{by_person[0]}.person",
            hint='Give the register that says who lives where role = "population".',
        )
    for name in people if by_person else []:
        if specs[name].id is None:
            report.error(
                "the key of its persons is missing, and other registers take their homes from it.",
                key=f"registers.{name}.id",
                hint='Write id = "PNR", or whatever the column is called.',
            )
        if specs[name].unit != "person":
            report.error(
                "the population's rows are persons.", key=f"registers.{name}.unit", hint='unit = "person".'
            )
    homes = [name for name, spec in specs.items() if spec.unit == "dwelling" and spec.place != "dwelling"]
    for name, spec in specs.items():
        if spec.place == "dwelling" and not homes:
            report.error(
                "the home is taken from the dwellings, and no register is one.",
                key=f"registers.{name}.dwelling",
                hint='Add a register with unit = "dwelling" and id.',
            )
        if spec.spell is not None and spec.status_date is None and spec.place != "person":
            report.error(
                "a status date is needed to know which rows hold.",
                key=f"registers.{name}.status_date",
                hint='Write status_date = "{year}-01-01".',
            )


def link_registers(
    registers: Mapping[str, pl.LazyFrame],
    specs: Mapping[str, RegisterSpec],
    *,
    periods: Collection[str] = (),
    book: AddressBook | None = None,
    folder: Path | None = None,
    release: bool = False,
    report: Report | None = None,
) -> Linked:
    """Give every row of every register its address and period.

    Parameters
    ----------
    registers : Mapping of str to LazyFrame
        As `geo_bosoc.registers.read.read_register` gives them, by name; with `RegisterSpec.link_columns`.
    specs : Mapping of str to RegisterSpec
        How they were read.
    periods : collection of str, optional
        The periods of the run, for rows that hold over time.
    book : AddressBook, optional
        The addresses, corrections settled by hand, and where nobody lives.
    folder : Path, optional
        Where paths of lists of benefits start from.
    release : bool, optional
        Take each register out of `registers`, then a dict, as it is linked: its rows are in memory once.
    report : Report, optional
        Takes what is wrong, and what became of the rows, in counts by register, period and reason.

    Returns
    -------
    Linked
        The registers and new specifications: rows that had a key lie at an address now (``address_id``).

    Raises
    ------
    InputError
        A key, a status date, the population or the periods are missing: each with its key in the project file.
    """
    link_report = Report()
    check_links(specs, link_report)
    addresses = book or AddressBook()
    run_periods = sorted(periods)
    linked: dict[str, pl.LazyFrame] = {}
    new_specs = dict(specs)
    population: Population | None = None
    name = population_name(specs)
    if (
        not link_report.errors
        and name is not None
        and name in registers
        and _is_linked(specs, name, addresses)
    ):
        population = make_population(registers[name], specs[name], name, run_periods, addresses, link_report)
        if population is not None:
            linked[name] = _clean(population.snapshots, specs[name])
            if release and isinstance(registers, dict):
                del registers[name]
    dwelling_registers = {n for n, s in specs.items() if s.unit == "dwelling"}
    for other in list(registers):
        spec = specs[other]
        if other in linked or link_report.errors:
            continue
        frame = registers[other]
        if release and isinstance(registers, dict) and other not in dwelling_registers:
            del registers[other]
        if spec.place == "person":
            if population is not None:
                linked_rows = link_by_person(frame, spec, other, population, run_periods, link_report, folder)
                if linked_rows is not None:
                    linked[other] = _clean(linked_rows, spec)
                    new_specs[other] = _placed_like(spec, specs[population.name])
        elif spec.place == "dwelling":
            linked[other] = _at_dwellings(frame, other, registers, specs, link_report)
            dwelling_register = next(
                s for s in specs.values() if s.unit == "dwelling" and s.place != "dwelling"
            )
            day = spec.status_date or dwelling_register.status_date
            new_specs[other] = spec.model_copy(update={"place": "address", "status_date": day})
        elif spec.place == "address" and (
            addresses.is_coded(spec) or addresses.corrections is not None or spec.spell
        ):
            linked[other] = _clean(_plain(frame, spec, other, run_periods, addresses, link_report), spec)
        else:
            linked[other] = frame
    link_report.hand_over(report)
    return Linked(linked, new_specs)


def _is_linked(specs: Mapping[str, RegisterSpec], name: str, book: AddressBook) -> bool:
    """Whether the population needs settling at all: others take homes from it, or its own rows say so."""
    keyed = any(spec.place == "person" for spec in specs.values())
    return keyed or bool(specs[name].link_columns) or book.corrections is not None or bool(book.not_homes)


def _plain(
    frame: pl.LazyFrame,
    spec: RegisterSpec,
    name: str,
    periods: list[str],
    book: AddressBook,
    report: Report,
) -> pl.LazyFrame:
    """A register with addresses of its own that are codes, or with spells."""
    if spec.spell is not None:
        bounded = with_bounds(frame, spec.spell, spec.id, report, f"registers.{name}")
        if bounded is None:
            return frame
        if spec.snapshots:
            frame = on_dates(bounded.drop("period", strict=False), status_days(spec, name, periods, report))
    assigned = book.assign_addresses(frame, spec).collect(engine="streaming")
    counts_by_period = report.facts.setdefault("homes", {}).setdefault(name, {})
    for period, reason, rows in assigned.group_by("period", REASON).len().sort("period", REASON).iter_rows():
        counts_by_period.setdefault(str(period), {})[reason or "placed"] = {"rows": rows}
    return assigned.lazy()


def _at_dwellings(
    frame: pl.LazyFrame,
    name: str,
    registers: Mapping[str, pl.LazyFrame],
    specs: Mapping[str, RegisterSpec],
    report: Report,
) -> pl.LazyFrame:
    """Rows with a dwelling's key at that dwelling's address, of the same period where it has one."""
    dwelling_register = next(n for n, s in specs.items() if s.unit == "dwelling" and s.place != "dwelling")
    spec = specs[dwelling_register]
    if dwelling_register not in registers or spec.id is None:
        report.error(
            "the key of the dwellings is missing." if spec.id is None else "the dwellings could not be read.",
            key=f"registers.{dwelling_register}.id",
            hint='Write id = "...", the column that other registers name.',
        )
        return frame
    homes = registers[dwelling_register].rename({spec.id: "dwelling_id"} if spec.id != "dwelling_id" else {})
    homes = homes.select("dwelling_id", "period", "address_id").unique(
        ["dwelling_id", "period"], keep="first", maintain_order=True
    )
    joined = frame.join(homes, on=["dwelling_id", "period"], how="left").collect(engine="streaming")
    counts_by_period = report.facts.setdefault("homes", {}).setdefault(name, {})
    status = (
        pl.when(pl.col("address_id").is_null())
        .then(pl.lit("dwelling_not_known"))
        .otherwise(pl.lit("home_found"))
    )
    for period, reason, rows in (
        joined.group_by("period", status.alias("f")).len().sort("period", "f").iter_rows()
    ):
        counts_by_period.setdefault(str(period), {})[reason] = {"rows": rows}
    return joined.lazy()


def _placed_like(spec: RegisterSpec, population: RegisterSpec) -> RegisterSpec:
    place = {"place": "xy", "x": "x", "y": "y"} if population.place == "xy" else {"place": "address"}
    date = {"status_date": population.status_date} if spec.status_date is None else {}
    return spec.model_copy(update={**place, **date, "crs": "EPSG:25832"})


def _clean(frame: pl.LazyFrame, spec: RegisterSpec) -> pl.LazyFrame:
    """Without what linking alone needed: addresses in parts, marks of protection, bounds."""
    parts = spec.address_parts.names() if spec.address_parts is not None else []
    dropped = [*parts, spec.kvhx, spec.protection, spec.status, REASON, FROM, TO]
    return frame.drop([name for name in dropped if name is not None], strict=False)
