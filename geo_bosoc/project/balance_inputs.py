"""What the study of balance works on, read and checked together: dwellings, areas, plans and rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.areas import empty_areas, read_areas
from geo_bosoc.balance.codes import CodeList, load_codes
from geo_bosoc.balance.projects import check_projects
from geo_bosoc.balance.rule_lists import RuleLists, ShareRule, load_rules
from geo_bosoc.indicators import Indicator
from geo_bosoc.indicators.spec import Side
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.project.balance_spec import BalancePart
from geo_bosoc.project.balance_tables import Tables, read_tables
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.reading import read_registers
from geo_bosoc.project.spec import Project

PLAN_KIND: Final = "development_plan"


@dataclass(frozen=True)
class BalanceInputs:
    """Dwellings of the period and the address table, areas (``plan``: a development plan is due), tables and rules."""

    codes: CodeList
    rules: RuleLists
    rule: ShareRule
    dwellings: pl.LazyFrame
    addresses: pl.DataFrame
    areas: gpd.GeoDataFrame
    tables: Tables
    projects: pd.DataFrame


def read_balance(
    project: Project, part: BalancePart, inputs: Inputs, period: str, report: Report
) -> BalanceInputs:
    """Read and check all that ``[balance]`` names.

    Raises
    ------
    InputError
        Anything is wrong with any of it.
    """
    codes, rules = load_codes(_named(project, part.codes)), load_rules(_named(project, part.rules))
    rule = rules.rule(part.rule)
    rules.ladder_of(part.ladder)
    dwellings, addresses = _dwellings(project, part, period, report)
    areas = _areas(project, part, inputs, report)
    tables = read_tables(project, part, report)
    if part.horizon < int(period[:4]):
        report.error("the horizon lies before the dwellings' year.", key="balance.horizon", file=project.file)
    projects = check_projects(tables.plans, list(areas["area_id"]), file=part.plans, report=report)
    report.raise_errors()
    return BalanceInputs(codes, rules, rule, dwellings, addresses, areas, tables, projects)


def check_balance(project: Project, inputs: Inputs, report: Report) -> None:
    """Read and check what ``[balance]`` names, where there is one; its errors join `report` and are raised."""
    if project.spec.balance is not None:
        read_balance(project, project.spec.balance, inputs, last_period(project, inputs), report)


def keep_warnings(read: Report, report: Report) -> None:
    """What is worth knowing of a reading, each once; its notes are told by the yearly run."""
    report.problems += [one for one in read.warnings if one not in report.problems]
    report.facts |= read.facts


def _named(project: Project, name: str) -> str | Path:
    """A shipped list's id, or a file below the project's folder."""
    return project.root / name if name.endswith(".toml") else name


def last_period(project: Project, inputs: Inputs) -> str:
    periods = project.spec.run.periods
    if periods:
        return sorted(periods)[-1]
    found = [frame.select(pl.col("period").max()).collect().item() for frame in inputs.registers.values()]
    return max(str(one) for one in found if one is not None)


def _dwellings(
    project: Project, part: BalancePart, period: str, report: Report
) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """The dwellings of the period with the columns that are counted by, and the address table."""
    spec = project.spec.registers.get(part.dwellings)
    if spec is None or spec.unit != "dwelling":
        raise InputError([Problem("error", f'there is no register of dwellings "{part.dwellings}".',
                                  key="balance.dwellings", hint='It has unit = "dwelling".')])  # fmt: skip
    if spec.publish == "internal":
        report.error("the balance's files are for publication, and this register may not be published.",
                     key="balance.dwellings",
                     hint="Leave [balance] out, or publish where the register's owner allows it.")  # fmt: skip
    columns = [
        "bbr_use",
        "bbr_ownership",
        "m2",
        "built",
        spec.id,
        part.kind,
        part.estate,
        part.letting_status,
    ]
    asked = " OR ".join(f"{name} IS NULL" for name in columns if name)
    wanted = Indicator(id="stock", label_da="", label_en="", unit="count",
                       denominator=Side.model_validate({"register": part.dwellings, "where": asked}))  # fmt: skip
    quiet = Report()
    read = read_registers(project, [wanted], (period,), quiet)
    quiet.raise_errors()
    keep_warnings(quiet, report)
    frame = read.frames[part.dwellings].filter(pl.col("period") == period)
    names = {spec.id: "dwelling_id", part.estate: "estate_id", part.letting_status: "letting"}
    frame = frame.rename({old: new for old, new in names.items() if old and old != new})
    if read.addresses is None:
        raise InputError([Problem("error", "the dwellings are placed by address, and there is no address table.",
                                  key=f"registers.{part.dwellings}")])  # fmt: skip
    return frame, read.addresses


def _areas(project: Project, part: BalancePart, inputs: Inputs, report: Report) -> gpd.GeoDataFrame:
    """The areas that are looked at, and after them those of development plans."""
    areas = inputs.areas if part.areas is None else _layer(project, part.areas, report)
    areas = areas.assign(plan=False)
    if part.development_plans is None:
        return areas
    plans = read_areas(project.root / part.development_plans, report=report)
    twice = set(plans["area_id"]) & set(areas["area_id"])
    if twice:
        report.error(f"areas of development plans have ids of other areas: {', '.join(sorted(twice)[:5])}.",
                     key="balance.development_plans", hint="Give them ids of their own.")  # fmt: skip
    both = pd.concat([areas, plans.assign(plan=True, kind=PLAN_KIND)], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=areas.crs)


def _layer(project: Project, name: str, report: Report) -> gpd.GeoDataFrame:
    part = project.spec.boundaries.get(name)
    if part is None:
        report.error(f"there is no [boundaries.{name}].", key="balance.areas", file=project.file)
        return empty_areas()
    return read_areas(project.root / part.path, layer=part.layer, id=part.id, name=part.name, kind=part.kind,
                      where=part.where, crs=part.crs, report=report)  # fmt: skip
