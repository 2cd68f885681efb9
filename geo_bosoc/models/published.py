"""Figures typed from public documents, each row with its source: lists, criterion values, follow-up figures."""

from __future__ import annotations

import io
from importlib import resources
from pathlib import Path
from typing import Final

import pandas as pd

from geo_bosoc.models.indicator_rows import LBF_IDS as LBF_IDS
from geo_bosoc.models.indicator_rows import OCCASIONS, split_name
from geo_bosoc.models.rules.history import History, from_lists
from geo_bosoc.models.spec import Model
from geo_bosoc.models.table_files import read_finished
from geo_bosoc.problems import InputError, Problem

_LIST: Final = {"area": ("area", "area_id"), "year": ("year", "period")}


def published(name: str) -> pd.DataFrame:
    """A published table as it ships, blanks kept as missing: ``national_list_values`` and its neighbours.

    A blank cell means that the source did not print the number.
    """
    path = resources.files("geo_bosoc.models") / "published" / f"{name}.csv"
    return pd.read_csv(io.StringIO(path.read_text(encoding="utf-8")), dtype=object, keep_default_na=False)


def published_tables() -> tuple[str, ...]:
    """Names of the published tables that ship."""
    folder = resources.files("geo_bosoc.models") / "published"
    return tuple(sorted(item.name[:-4] for item in folder.iterdir() if item.name.endswith(".csv")))


def published_history() -> History:
    """The national lists of ghetto areas 2012 and 2015-2019; a year that is not among them is unknown."""
    return from_lists(published("national_list_membership"), category="ghetto")


def read_history(source: str | Path, model: Model) -> History:
    """Earlier lists for a model's "years in a row": from a file, or those that were published.

    Parameters
    ----------
    source : ``"published"`` for the national lists 2012 and 2015-2019, or the path of a CSV with the columns ``area``
        (or ``area_id``) and ``year`` (or ``period``): one row a listing, each year that occurs a whole list.

    Raises
    ------
    InputError
        The file cannot be read, or a column is missing.
    """
    if source == "published":
        return published_history()
    lists = read_finished(source)
    names = {
        role: next((name for name in both if name in lists.columns), None) for role, both in _LIST.items()
    }
    missing = [" or ".join(_LIST[role]) for role, name in names.items() if name is None]
    if missing:
        told = "A list has the columns area and year."
        raise InputError(
            [
                Problem("error", f"there is no column {name}.", file=Path(source).name, hint=told)
                for name in missing
            ]
        )
    kept = [rule.persistence for category in model.category for rule in category.rule if rule.persistence]
    category = kept[0].categories[0] if kept else model.category[0].id
    return from_lists(lists, category=category, area=str(names["area"]), period=str(names["year"]))


def lbf_follow_up(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """The nine indicators of an agreement beside the municipality's.

    Parameters
    ----------
    table : rows as in the published ``lbf_indicators`` (which is the default): indicator, area_value,
        municipality_value, unit, year.

    Returns
    -------
    DataFrame
        ``indicator`` (one of nine ids), ``place`` (the part of the area, "" for the whole), ``area_value,
        municipality_value, unit, year, ratio`` (exactly area over municipality) and ``more_than_twice``.
        Safety and voluntary work are told per place; turnout once, at the latest election.
    """
    source = published("lbf_indicators") if table is None else table
    rows = []
    for row in source.to_dict("records"):
        split = split_name(str(row["indicator"]), LBF_IDS)
        if split is None:
            continue
        indicator, rest = split[0], "" if split[0] in OCCASIONS else split[1]
        area, whole = float(row["area_value"]), float(row["municipality_value"])
        rows.append(
            {
                "indicator": indicator,
                "place": rest,
                "area_value": area,
                "municipality_value": whole,
                "unit": row["unit"],
                "year": str(row["year"]),
                "ratio": area / whole if whole else None,
                "more_than_twice": area > 2 * whole if whole else None,
            }
        )
    frame = pd.DataFrame(rows).sort_values("year", kind="stable")
    latest = frame.drop_duplicates(["indicator", "place"], keep="last")
    order = {indicator: at for at, indicator in enumerate(LBF_IDS.values())}
    return latest.sort_values("indicator", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)
