"""What the study of balance works on, read and checked together: dwellings, areas, small tables, plans and rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl

from geo_bosoc.balance.code_lists import CodeList, load_codes
from geo_bosoc.balance.projects import check_projects
from geo_bosoc.balance.rule_lists import RuleLists, ShareRule, load_rules
from geo_bosoc.balance.segregation.multiscale import square_grid_ids
from geo_bosoc.balance.spec import BalancePart
from geo_bosoc.boundaries.read import empty_areas, read_areas
from geo_bosoc.problems import (
    InputError,
    Problem,
    Report,
    add_problems,
    read_or_none,
)
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.requests import request_of_balance
from geo_bosoc.project.spec import Project
from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.spec import RegisterSpec

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
    inner_report = Report()
    codes, rules, rule = _lists(project, part, inner_report)
    dwellings = read_or_none(lambda: _dwellings(project, part, inputs, period, inner_report), inner_report)
    areas = read_or_none(lambda: _areas(project, part, inputs, inner_report), inner_report)
    tables = _check_tables(project, part, period, inner_report)
    projects = None
    if areas is not None:
        ids = list(areas["area_id"])
        projects = read_or_none(
            lambda: check_projects(tables.plans, ids, file=part.plans, report=inner_report), inner_report
        )
    add_problems(report, inner_report.problems)
    report.facts |= inner_report.facts
    inner_report.raise_errors()
    assert codes is not None and rules is not None and rule is not None
    assert dwellings is not None and areas is not None and projects is not None
    return BalanceInputs(codes, rules, rule, *dwellings, areas, tables, projects)


def check_balance_files(project: Project, periods: Collection[str], report: Report) -> None:
    """Read what ``[balance]`` names besides registers, where these or the boundaries cannot be read; all joins
    `report`."""
    part = project.spec.balance
    if part is None:
        return
    _lists(project, part, report)
    read_or_none(lambda: _dwellings_spec(project, part, report), report)
    if part.areas is not None and part.areas not in project.spec.boundaries:
        _report_no_layer(project, part.areas, report)
    read_or_none(lambda: _plan_areas(project, part, report), report)
    tables = _check_tables(project, part, max(periods, default=None), report)
    read_or_none(lambda: check_projects(tables.plans, file=part.plans, report=report), report)


def _lists(
    project: Project, part: BalancePart, report: Report
) -> tuple[CodeList | None, RuleLists | None, ShareRule | None]:
    """The code list, the rules and the one that is asked for; None where they cannot be read."""
    codes = read_or_none(lambda: load_codes(_list_source(project, part.codes)), report)
    rules = read_or_none(lambda: load_rules(_list_source(project, part.rules)), report)
    if rules is None:
        return codes, None, None
    read_or_none(lambda: rules.ladder_of(part.ladder), report)
    return codes, rules, read_or_none(lambda: rules.rule(part.rule), report)


def _check_tables(project: Project, part: BalancePart, period: str | None, report: Report) -> Tables:
    """The small tables, and whether the study ends after it begins."""
    tables = read_tables(project, part, report)
    if period is not None and part.horizon < int(period[:4]):
        report.error("the horizon lies before the dwellings' year.", key="balance.horizon",
                     file=project.file.name)  # fmt: skip
    return tables


def pass_warnings_on(read: Report, report: Report) -> None:
    """What is worth knowing of a reading, each once; its notes are told by the yearly run."""
    report.problems += [warning for warning in read.warnings if warning not in report.problems]
    report.facts |= read.facts


def _list_source(project: Project, name: str) -> str | Path:
    """A shipped list's id, or a file below the project's folder."""
    return project.root / name if name.endswith(".toml") else name


def places_of_areas(assessed: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> dict[str, tuple[str, ...]]:
    """Where papers find the dwellings around each assessed area: in the areas that most of it lies in.

    Parameters
    ----------
    assessed : GeoDataFrame
        The areas of the yearly run: ``area_id``.
    areas : GeoDataFrame
        Those of the balance: ``area_id`` and ``plan``, in the same CRS.

    Returns
    -------
    dict of str to tuple of str
        The one that looks at the area - itself, where it is among them - and after it the area of the development plan
        that it lies in; without those that have no more than half of it.
    """
    places: dict[str, tuple[str, ...]] = {}
    for area_id, ground in zip(assessed["area_id"].astype(str), assessed.geometry, strict=True):
        near = areas.iloc[sorted(areas.sindex.query(ground))]
        shares = near.geometry.intersection(ground).area / ground.area
        most_of_it: list[str] = []
        for has_plan in (False, True):
            of_kind = [
                (round(share, 6), str(place) == area_id, str(place))
                for share, place, plan in zip(shares, near["area_id"], near["plan"], strict=True)
                if share > 0.5 and bool(plan) == has_plan
            ]
            most_of_it += [max(of_kind)[2]] if of_kind else []
        places[area_id] = tuple(most_of_it)
    return places


def last_period(project: Project, inputs: Inputs) -> str:
    """The last period that the project names; where it names none, the last that its registers hold."""
    periods = project.spec.run.periods
    if periods:
        return sorted(periods)[-1]
    latest = [frame.select(pl.col("period").max()).collect().item() for frame in inputs.registers.values()]
    return max(str(period) for period in latest if period is not None)


def _dwellings_spec(project: Project, part: BalancePart, report: Report) -> RegisterSpec:
    spec = project.spec.registers.get(part.dwellings)
    if spec is None or spec.unit != "dwelling":
        text = phrase('there is no register of dwellings "{register}".', register=part.dwellings)
        raise InputError([Problem("error", text, key="balance.dwellings", hint='It has unit = "dwelling".')])
    if spec.publish == "internal":
        report.error("the balance's files are for publication, and this register may not be published.",
                     key="balance.dwellings",
                     hint="Leave [balance] out, or publish where the register's owner allows it.")  # fmt: skip
    return spec


def _dwellings(
    project: Project, part: BalancePart, inputs: Inputs, period: str, report: Report
) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """The dwellings of the period with the columns that are counted by, and the address table."""
    spec = _dwellings_spec(project, part, report)
    columns = dict.fromkeys(
        (spec.id, "address_id", *sorted(request_of_balance(project).columns[part.dwellings]))
    )
    frame = inputs.frames[part.dwellings].filter(pl.col("period") == period)
    schema = frame.collect_schema()
    frame = frame.select("period", *(name for name in columns if name in schema and name != "period"))
    names = {spec.id: "dwelling_id", part.estate: "estate_id", part.letting_status: "letting"}
    frame = frame.rename({old: new for old, new in names.items() if old and old != new})
    if frame.select(pl.len()).collect(engine="streaming").item() == 0:
        report.error(phrase("there are no dwellings of {period}.", period=period), key="balance.dwellings",
                     hint="Add that time's dwellings, or leave the period out.")  # fmt: skip
    if inputs.addresses is None:
        raise InputError([Problem("error", "the dwellings are placed by address, and there is no address table.",
                                  key=f"registers.{part.dwellings}")])  # fmt: skip
    return frame, inputs.addresses


def _areas(project: Project, part: BalancePart, inputs: Inputs, report: Report) -> gpd.GeoDataFrame:
    """The areas that are looked at, and after them those of development plans."""
    areas = inputs.areas
    if part.areas is not None:
        areas = (
            inputs.as_areas[part.areas]
            if part.areas in inputs.as_areas
            else _report_no_layer(project, part.areas, report)
        )
    areas = areas.assign(plan=False)
    plans = _plan_areas(project, part, report)
    if plans is None:
        return areas
    twice = set(plans["area_id"]) & set(areas["area_id"])
    if twice:
        ids = joined(sorted(twice)[:5])
        report.error(
            phrase("areas of development plans have ids of other areas: {ids}.", ids=ids),
            key="balance.development_plans",
            hint="Give them ids of their own.",
        )
    both = pd.concat([areas, plans.assign(plan=True, kind=PLAN_KIND)], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=areas.crs)


def _plan_areas(project: Project, part: BalancePart, report: Report) -> gpd.GeoDataFrame | None:
    if part.development_plans is None:
        return None
    return read_areas(project.root / part.development_plans, report=report)


def _report_no_layer(project: Project, name: str, report: Report) -> gpd.GeoDataFrame:
    report.error(
        phrase("there is no [boundaries.{name}].", name=name), key="balance.areas", file=project.file.name
    )
    return empty_areas()


_YES = {
    "ja": True,
    "yes": True,
    "true": True,
    "1": True,
    "nej": False,
    "no": False,
    "false": False,
    "0": False,
}
_YES_NO_COLUMNS = ("new_building_suffices", "sale_at_a_loss", "conviction_met", "banned")


@dataclass(frozen=True)
class Tables:
    """What the files say; None where none is named."""

    estates: pd.DataFrame | None
    facts: pd.DataFrame | None
    plans: pd.DataFrame
    letting: pd.DataFrame | None


def read_tables(project: Project, part: BalancePart, report: Report) -> Tables:
    """Read them all; what is wrong is collected in `report`."""
    plans = _table(project, part.plans, "area_id", (), "plans", report)
    return Tables(
        estates=_table(project, part.estates, "estate_id", ("estate_id",), "estates", report),
        facts=_table(project, part.facts, "area_id", ("area_id",), "facts", report),
        plans=plans
        if plans is not None
        else pd.DataFrame(columns=["area_id", "year", "tenure", "dwellings"]),
        letting=_table(project, part.letting, "estate_id", ("estate_id", "vacancies"), "letting", report),
    )


def _table(
    project: Project, path: str | None, area: str, needed: Sequence[str], key: str, report: Report
) -> pd.DataFrame | None:
    if path is None:
        return None
    table_report = Report()
    spec = RegisterSpec(
        path=path, unit="case", place="area", area=area, period="2000", text=(area, "project_id")
    )
    frame = read_register(spec, folder=project.root, report=table_report, name=f"balance.{key}")
    table_report.hand_over(report)
    if table_report.errors:
        return None
    rows = frame.collect()
    if area not in rows.columns and "area_id" in rows.columns:
        rows = rows.rename({"area_id": area})
    for name in needed:
        if name not in rows.columns:
            report.error(
                phrase('there is no column "{name}".', name=name),
                file=path,
                column=name,
                key=f"balance.{key}",
            )
    columns = [name for name in rows.columns if name != "period" and not name.endswith("__mark")]
    table = pd.DataFrame({name: rows[name].to_list() for name in columns})
    for name in set(_YES_NO_COLUMNS) & set(columns):
        table[name] = _yes_no_values(rows[name], name, path, report)
    if area in needed and area in table and table[area].duplicated().any():
        report.error("ids are given twice.", file=path, column=area, key=f"balance.{key}")
    if "vacancies" in table and table["vacancies"].isna().any():
        report.error("vacancies are missing.", file=path, column="vacancies", key=f"balance.{key}")
    return table


def _yes_no_values(values: pl.Series, name: str, path: str, report: Report) -> list[bool | None]:
    truths: list[bool | None] = []
    for number, value in enumerate(values.cast(pl.String).to_list(), start=2):
        text = (value or "").strip().lower()
        if text and text not in _YES:
            report.error('write "ja" or "nej", or leave it empty.', file=path, row=number, column=name)
        truths.append(_YES.get(text))
    return truths


def with_blocks(homes: pd.DataFrame, located: pl.DataFrame, size: int) -> pd.DataFrame:
    """Homes added up by grid cell within each area that they lie in (overlapping areas each get theirs)."""
    groups = [name for name in homes.columns if name not in ("address_id", "x", "y", "area_id")]
    pairs = pd.DataFrame(
        {"address_id": located["address_id"].to_list(), "area_id": located["area_id"].to_list()}
    )
    rows = homes.drop(columns="area_id").merge(pairs, on="address_id")
    ids = square_grid_ids(rows["x"].to_numpy(np.float64), rows["y"].to_numpy(np.float64), size)
    return (
        rows.assign(block=pd.Series(ids, index=rows.index))
        .groupby(["area_id", "block"], sort=True)[groups]
        .sum()
        .reset_index()
    )
