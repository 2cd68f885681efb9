"""The small tables that `[balance]` names: estate list, facts of development plans, projects, vacancies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import polars as pl

from geo_bosoc.balance.segregation.multiscale import square_grid_ids
from geo_bosoc.balance.spec import BalancePart
from geo_bosoc.problems import Report
from geo_bosoc.project.spec import Project
from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.spec import RegisterSpec

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
_TRUTHS = ("new_building_suffices", "sale_at_a_loss", "conviction_met", "banned")


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
    own = Report()
    spec = RegisterSpec(
        path=path, unit="case", place="area", area=area, period="2000", text=(area, "project_id")
    )
    frame = read_register(spec, folder=project.root, report=own, name=f"balance.{key}")
    own.settle(report)
    if own.errors:
        return None
    rows = frame.collect()
    if area not in rows.columns and "area_id" in rows.columns:
        rows = rows.rename({"area_id": area})
    for name in needed:
        if name not in rows.columns:
            report.error(f'there is no column "{name}".', file=path, column=name, key=f"balance.{key}")
    kept = [name for name in rows.columns if name != "period" and not name.endswith("__mark")]
    table = pd.DataFrame({name: rows[name].to_list() for name in kept})
    for name in set(_TRUTHS) & set(kept):
        table[name] = _truths(rows[name], name, path, report)
    if area in needed and area in table and table[area].duplicated().any():
        report.error("ids are given twice.", file=path, column=area, key=f"balance.{key}")
    if "vacancies" in table and table["vacancies"].isna().any():
        report.error("vacancies are missing.", file=path, column="vacancies", key=f"balance.{key}")
    return table


def _truths(values: pl.Series, name: str, path: str, report: Report) -> list[bool | None]:
    found: list[bool | None] = []
    for number, value in enumerate(values.cast(pl.String).to_list(), start=2):
        text = (value or "").strip().lower()
        if text and text not in _YES:
            report.error('write "ja" or "nej", or leave it empty.', file=path, row=number, column=name)
        found.append(_YES.get(text))
    return found


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
