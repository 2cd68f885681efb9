"""Who lives where, read for the bottom-up study: addresses, persons, cases, and what places are found by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.balance.code_lists import load_codes
from geo_bosoc.bottom_up.presence.services import Service
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.indicators import (
    Indicator,
    compute_parameters,
    count_indicators,
    load_indicators,
)
from geo_bosoc.locate.join import locate
from geo_bosoc.predicates.parse import parse_predicate, predicate_columns
from geo_bosoc.predicates.unmatched_literals import warn_unmatched
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.requests import Request, id_columns
from geo_bosoc.project.spec import Project
from geo_bosoc.registers.files import data_periods
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import identifying_columns

ORIGIN: Final = re.compile(r"origin|non_western|herkomst|ikke_vestlig")


@dataclass(frozen=True)
class Residents:
    """Who lives where.

    Attributes
    ----------
    addresses : DataFrame
        `address_id, x, y, residents, households, street, estate`.
    units : DataFrame
        Households at risk with their cases (`address_id, at_risk, cases`), as `local_statistic` takes them.
    persons, cases : DataFrame
        As `geo_bosoc.bottom_up.municipal_service_rates` takes them.
    counts : DataFrame or None
        By address the indicators that the criteria name besides service rates; None where they name none.
    institutions : frozenset of str
        Addresses with a dwelling that lies in an institution, as far as the project says which.
    """

    addresses: pd.DataFrame
    units: pd.DataFrame
    persons: pd.DataFrame
    cases: pd.DataFrame
    counts: pd.DataFrame | None = None
    institutions: frozenset[str] = frozenset()


def detection_indicator(project: Project, part: BottomUpPart) -> Indicator:
    """The one that places are found by: it counts persons once each, and is not about origin."""
    spec = project.spec.indicators
    indicator_report = Report()
    name = str(part.detection_indicator)
    loaded = load_indicators([name], file=spec.file, folder=project.root, report=indicator_report)
    indicator_report.raise_errors()
    indicator = next((each for each in loaded if each.id == name), None)
    text = str(indicator.model_dump()) if indicator else ""
    if (
        indicator is None
        or indicator.unit == "count"
        or indicator.mean_of
        or indicator.weight
        or indicator.scale != 1
    ):
        indicator_report.error(
            "places are found by an indicator that counts persons.", key="bottom_up.indicator"
        )
    elif indicator.pool_years > 1:
        indicator_report.error("pools several years; places are found in one.", key="bottom_up.indicator")
    elif ORIGIN.search(text):
        indicator_report.error("residents' origin is not used to find places.", key="bottom_up.indicator")
    indicator_report.raise_errors()
    assert indicator is not None
    return indicator


def request_of_bottom_up(
    project: Project, services: Sequence[Service], indicator: Indicator | None, criteria: Sequence[Indicator]
) -> Request:
    """What the study wants read: columns of residents, cases, dwellings and addresses.

    Parameters
    ----------
    project : Project
        With or without a table ``[bottom_up]``.
    services : sequence of Service
        The kinds of service, whose rules say who could get them.
    indicator : Indicator or None
        What places are detected by.
    criteria : sequence of Indicator
        Those that the criteria name besides the municipality's service rates.
    """
    part, specs = project.spec.bottom_up, project.spec.registers
    if part is None or part.population not in specs or part.cases not in specs:
        return Request()
    columns = {part.population: _population_columns(project, part, services)}
    for name, service, _, person in _services_registers(part):
        if name in specs:
            columns[name] = columns.get(name, frozenset()) | {each for each in (service, person) if each}
    counted = (part.population, part.dwellings, *(name for name, *_ in _services_registers(part)))
    years = {name: part.years for name in counted if name is not None}
    if part.dwellings in specs:
        columns[str(part.dwellings)] = frozenset(predicate_columns(_institutions(part)))
    table = next((name for name, spec in specs.items() if spec.unit == "address"), None)
    if table is not None:
        columns[table] = frozenset(
            name for name in (part.street, part.number, part.estate) if name is not None
        )
    return Request(columns, (*((indicator,) if indicator is not None else ()), *criteria), years=years)


def _population_columns(project: Project, part: BottomUpPart, services: Sequence[Service]) -> frozenset[str]:
    person = project.spec.registers[part.population].id
    eligible = {
        name for service in services if service.eligible for name in predicate_columns(service.eligible)
    }
    return frozenset({"age", *eligible, *((person,) if person else ()), *((part.home,) if part.home else ())})


def _institutions(part: BottomUpPart) -> str:
    """Which dwellings lie in an institution: what the project says, or BBR's uses."""
    return part.institutions or f"bbr_use IN ({', '.join(_institution_codes())})"


def read_residents(
    project: Project, part: BottomUpPart, inputs: Inputs, indicator: Indicator | None, services: Sequence[Service],
    criteria: Sequence[Indicator], period: str, areas: gpd.GeoDataFrame, report: Report,
) -> Residents:  # fmt: skip
    """Who lives where, from the registers that a run has read.

    Parameters
    ----------
    project : Project
        Whose registers they are.
    part : BottomUpPart
        The project's table ``[bottom_up]``.
    inputs : Inputs
        What was read, with `request_of_bottom_up`.
    indicator : Indicator or None
        What places are detected by; None where it is services.
    services : sequence of Service
        The kinds of service, whose rules say who could get them.
    criteria : sequence of Indicator
        Indicators that the criteria name besides the municipality's service rates.
    period : str
        The period that is studied.
    areas : GeoDataFrame
        The assessed ones, whose names places may bear.
    report : Report
        Takes the warnings; errors raise.

    Raises
    ------
    InputError
        A register, a column or the address table is not there.
    """
    specs = project.spec.registers
    named = [("population", part.population), ("cases", part.cases), ("dwellings", part.dwellings)]
    named += [("further_services", each.cases) for each in part.further_services]
    for key, name in named:
        if name is not None and name not in specs:
            report.error(
                phrase("there is no [registers.{name}].", name=name),
                key=f"bottom_up.{key}",
                file=project.file.name,
            )
    report.raise_errors()
    person = specs[part.population].id
    if person is None:
        report.error(
            "needs id: the persons' key.", key=f"registers.{part.population}", file=project.file.name
        )
        report.raise_errors()
    assert person is not None
    columns = _population_columns(project, part, services)
    institution = _institutions(part)
    if inputs.addresses is None:
        report.error("homes are placed by address, and there is no address table.", key="bottom_up")
        report.raise_errors()
    assert inputs.addresses is not None
    frames = inputs.frames
    people = frames[part.population].filter((pl.col("period") == period) & pl.col("address_id").is_not_null())
    home = part.home or "address_id"
    eligible = {
        f"service.{service.id}.eligible": service.eligible for service in services if service.eligible
    }
    file = _file_of(specs[part.population], period)
    _warn_values_not_in_rows(specs[part.population], file, people, eligible, report)
    person_columns = sorted({"address_id", *columns})
    persons = (
        people.select(person_columns).unique(subset=[person], keep="first", maintain_order=True).collect()
    )
    if persons.is_empty():
        report.error(
            phrase("nobody lives at an address that is known in {period}.", period=period),
            key="bottom_up.population",
            hint="Add that time's rows, or leave the period out.",
        )
        report.raise_errors()
    listed = _cases(part, frames, period)
    frame = _pandas(persons).rename(columns={person: "person_id"})
    addresses = _addresses(project, part, inputs.addresses, frame, home if part.home else None, areas)
    frame = frame[frame["address_id"].isin(set(addresses["address_id"]))]
    units = pd.DataFrame(columns=["address_id", "at_risk", "cases"])
    if indicator is not None:
        placed = {part.population: people.with_columns(area_id=pl.col(home).cast(pl.String))}
        counted = _count(project, inputs, placed, [indicator], period, report)
        units = _units_at_risk(counted, frame.drop_duplicates(home).set_index(home)["address_id"])
    counts = None
    if criteria:
        placed = {name: rows.with_columns(area_id=pl.col("address_id").cast(pl.String))
                  for name, rows in frames.items() if "address_id" in rows.collect_schema().names()}  # fmt: skip
        counts = _count(project, inputs, placed, criteria, period, report).rename(
            columns={"area_id": "address_id"}
        )
    institutions = frozenset[str]()
    if part.dwellings:
        stock = frames[part.dwellings].filter(pl.col("period") == period)
        lies_in_one = parse_predicate(
            institution, stock.collect_schema(), key="bottom_up.institutions", report=report
        )
        report.raise_errors()
        if part.institutions:
            file = _file_of(specs[part.dwellings], period)
            in_use = {"bottom_up.institutions": institution}
            _warn_values_not_in_rows(specs[part.dwellings], file, stock, in_use, report)
        ids = stock.filter(lies_in_one).select(pl.col("address_id").cast(pl.String).unique()).collect()
        institutions = frozenset(address_id for address_id in ids["address_id"] if address_id is not None)
    return Residents(addresses, units, frame.reset_index(drop=True), listed, counts, institutions)


def _units_at_risk(counted: pd.DataFrame, address_of_home: pd.Series[Any]) -> pd.DataFrame:
    """The counted households (`area_id` is their home) at their addresses, of those that the indicator is about."""
    units = counted.assign(
        address_id=counted["area_id"].map(
            dict(zip(address_of_home.index.astype(str), address_of_home, strict=True))
        ),
        at_risk=(counted["denominator"] - counted["unknown"]).astype("int64"),
        cases=counted["numerator"].astype("int64"),
    )
    living = (units["at_risk"] > 0) & units["address_id"].notna()
    return units.loc[living, ["address_id", "at_risk", "cases"]].reset_index(drop=True)


def _cases(part: BottomUpPart, frames: Mapping[str, pl.LazyFrame], period: str) -> pd.DataFrame:
    """The services of the period from the cases and the further registers: `service`, `person_id`, `address_id`."""
    listed = []
    for name, service, kind, person in _services_registers(part):
        rows = frames[name].filter(pl.col("period") == period)
        keys = {"address_id": "address_id"} | ({person: "person_id"} if person else {})
        present = [key for key in keys if key in rows.collect_schema().names()]
        kinds = pl.col(service).cast(pl.String) if service else pl.lit(kind)
        table = rows.select(service=kinds, **{keys[key]: pl.col(key) for key in present}).collect()
        listed.append(_pandas(table))
    return pd.concat(listed, ignore_index=True) if len(listed) > 1 else listed[0]


def _services_registers(part: BottomUpPart) -> list[tuple[str, str | None, str | None, str | None]]:
    """Registers of services: name, the column of the kind, the one kind, and the column of the person."""
    further = [(each.cases, each.service, each.kind, each.person) for each in part.further_services]
    return [(part.cases, part.service, None, part.person), *further]


def _warn_values_not_in_rows(
    spec: RegisterSpec, file: str, rows: pl.LazyFrame, predicates: Mapping[str, str], report: Report
) -> None:
    """Warn of values that a predicate on a register's rows of the period looks for and that none of them has."""
    never = identifying_columns(spec)
    warn_unmatched(rows, predicates, report, file=file, names=spec.columns, never_shown=never)


def _file_of(spec: RegisterSpec, period: str) -> str:
    """The name of a register's file of a period, for messages."""
    year = next(iter(data_periods(spec, [period]) or {period}))
    return Path(spec.paths[0]).name.replace("{period}", year)


def _institution_codes() -> list[str]:
    """Uses of a dwelling in the building register that are institutions where people live."""
    return [str(use.code) for use in load_codes("bbr").use if use.kind == "institution"]


def _count(
    project: Project, inputs: Inputs, frames: Mapping[str, pl.LazyFrame], indicators: Sequence[Indicator],
    period: str, report: Report,
) -> pd.DataFrame:  # fmt: skip
    """Counts of the period by the `area_id` that the frames hold."""
    parameters = compute_parameters(inputs.frames, project.spec.parameters, report=report)
    ids = id_columns(inputs.specs)
    counted = count_indicators(
        frames, indicators, parameters=parameters, periods=[period], ids=ids, report=report
    )
    report.raise_errors()
    return counted


def _addresses(
    project: Project, part: BottomUpPart, table: pl.DataFrame, persons: pd.DataFrame, home: str | None,
    areas: gpd.GeoDataFrame,
) -> pd.DataFrame:  # fmt: skip
    """Every address with coordinates: residents, households, and the names of its street and estate."""
    base = _pandas(table.select("address_id", "x", "y")).dropna(subset=["x", "y"]).reset_index(drop=True)
    spec = next(register for register in project.spec.registers.values() if register.unit == "address")
    named = {"street": part.street, "number": part.number, "estate_id": part.estate}
    columns = {key: column for key, column in named.items() if column}
    if columns and spec.format is None:
        texts = _pandas(
            table.select("address_id", *columns.values()).unique(
                "address_id", keep="first", maintain_order=True
            )
        )
        base = base.merge(texts.rename(columns={column: key for key, column in columns.items()}), on="address_id",
                          how="left")  # fmt: skip
    living = persons.groupby("address_id").size()
    homes = persons.groupby("address_id")[home].nunique() if home else living.clip(upper=1)
    inside = locate(
        pl.from_dict(columns_of(base[["address_id", "x", "y"]])), areas, overlap=False, report=Report()
    )
    names = dict(zip(areas["area_id"].astype(str), areas["name"], strict=True))
    estate = {a: names[str(b)] for a, b in zip(inside["address_id"].to_list(), inside["area_id"].to_list(), strict=True)
              if b is not None}  # fmt: skip
    return base.assign(
        residents=base["address_id"].map(living).fillna(0).astype("int64"),
        households=base["address_id"].map(homes).fillna(0).astype("int64"),
        estate=base["address_id"].map(estate),
    )


def _pandas(frame: pl.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {name: frame[name].to_numpy() if frame[name].dtype.is_numeric() else frame[name].to_list()
         for name in frame.columns}
    )  # fmt: skip


def columns_of(frame: pd.DataFrame) -> Mapping[str, Any]:
    """The columns of a frame as lists, which Polars makes a frame from."""
    return {name: frame[name].to_list() for name in frame.columns}
