"""Residents by tenure: who lives in which kind of dwelling."""

from __future__ import annotations

from typing import Final

import pandas as pd
import polars as pl

from geo_bosoc.balance.codes import CodeList
from geo_bosoc.balance.tenure import dwelling_groups
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.locate.join import join_areas
from geo_bosoc.problems import Report

SEVERAL: Final = "several"
"""Group of residents at an address whose dwellings are of several groups."""
NO_DWELLING: Final = "no_dwelling"
"""Group of residents whose dwelling or address is not in the register of dwellings."""


def residents_in_groups(
    persons: pl.LazyFrame,
    dwellings: pl.LazyFrame,
    codes: CodeList | None = None,
    *,
    kind: str = "dwelling_type",
) -> pl.LazyFrame:
    """Each person with the group of their dwelling, found by ``dwelling_id``, or by address where there is none.

    An address whose dwellings are all of one group gives that group; else it is ``several``. A person whose dwelling
    is in no row is in ``no_dwelling``.

    Returns
    -------
    The persons' columns and ``group`` (text).
    """
    groups = dwelling_groups(dwellings, codes, kind=kind)
    key = "dwelling_id" if "dwelling_id" in persons.collect_schema() else "address_id"
    keys = [key, "period"] if "period" in persons.collect_schema() else [key]
    by_place = groups.group_by(keys).agg(
        pl.when(pl.col("group").n_unique() == 1)
        .then(pl.col("group").first())
        .otherwise(pl.lit(SEVERAL))
        .alias("group")
    )
    return persons.join(by_place, on=keys, how="left").with_columns(pl.col("group").fill_null(NO_DWELLING))


def residents_by_tenure(
    persons: pl.LazyFrame,
    dwellings: pl.LazyFrame,
    codes: CodeList | None = None,
    *,
    located: pl.DataFrame,
    on: str = "address_id",
    kind: str = "dwelling_type",
    report: Report | None = None,
) -> pd.DataFrame:
    """Count residents by the tenure (and kind) of their dwelling, per area and for the whole.

    Parameters
    ----------
    persons : one row a person (and ``period``), with `on` and, where it is known, ``dwelling_id``.
    dwellings, codes, kind : as in `geo_bosoc.balance.tenure_mix`.
    located : what `locate` gave for the addresses.
    report : takes the fact ``residents_by_tenure``: how many have no dwelling, or one of several groups.

    Returns
    -------
    DataFrame ``area_id, period, group, residents`` (int64), ``@municipality`` for the whole; a person in several
    areas counts in each, and once in the whole. True counts: to be guarded before they are shown.
    """
    grouped = residents_in_groups(persons, dwellings, codes, kind=kind)
    if "period" not in grouped.collect_schema():
        grouped = grouped.with_columns(pl.lit("all").alias("period"))
    placed = join_areas(grouped, located.with_columns(pl.col("area_id").cast(pl.String)), on=on)
    keys = ["area_id", "period", "group"]
    parts = [
        rows.group_by(keys).agg(pl.len().cast(pl.Int64).alias("residents")).collect(engine="streaming")
        for rows in (
            placed.filter(pl.col("area_id").is_not_null()),
            grouped.with_columns(pl.lit(MUNICIPALITY).alias("area_id")),
        )
    ]
    found = pl.concat(parts).sort(keys)
    frame = pd.DataFrame({name: found[name].to_list() for name in found.columns}).astype(
        {"residents": "int64"}
    )
    if report is not None:
        whole = frame[frame["area_id"] == MUNICIPALITY]
        told = {
            name: whole[whole["group"] == name].set_index("period")["residents"]
            for name in (NO_DWELLING, SEVERAL)
        }
        report.facts["residents_by_tenure"] = {name: counts.to_dict() for name, counts in told.items()}
    return frame
