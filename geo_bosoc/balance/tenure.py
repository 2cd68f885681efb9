"""Tenure and type mix: dwellings by tenure, kind, size, building year and use, per area and for the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
import polars as pl

from geo_bosoc.balance.code_lists import KINDS, TENURES, USES, CodeList, load_codes
from geo_bosoc.balance.dwellings import DWELLING_COLUMNS, class_names, classify_dwellings
from geo_bosoc.balance.estates import kind_bounds
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.locate.join import join_areas
from geo_bosoc.problems import NonPersonal, Report
from geo_bosoc.problems.messages import count_text, joined, phrase

DIMENSIONS: Final = ("tenure", "kind", "size", "built", "use")
MIX_COLUMNS: Final = ("area_id", "period", "dimension", "category", "dwellings", "low", "high")


def tenure_mix(
    dwellings: pl.LazyFrame,
    estates: pd.DataFrame | None = None,
    codes: CodeList | None = None,
    *,
    located: pl.DataFrame | None = None,
    on: str | Sequence[str] = "address_id",
    areas: Sequence[str] | None = None,
    kind: str = "dwelling_type",
    report: Report | None = None,
) -> pd.DataFrame:
    """Count dwellings by tenure, kind, size, building year and use: per area, and for the municipality.

    Parameters
    ----------
    dwellings : LazyFrame
        One row a dwelling (and period): ``bbr_use, bbr_ownership, m2, built``, and where there are any ``period``,
        ``letting`` (1 let, 2 used by the owner), ``estate_id`` and the column `kind`. Without `located` it has
        ``area_id`` too; a dwelling in several areas then has several rows and, to be counted once in the
        municipality, a ``dwelling_id``.
    estates : DataFrame, optional
        The estate list, one row an estate: ``estate_id`` and how many dwellings it has of each kind (``family, youth,
        elderly, care``; missing = none). It needs ``estate_id`` among the dwellings.
    codes : CodeList, optional
        What the codes mean (`load_codes`); by default the list of BBR that is shipped.
    located : DataFrame, optional
        What `geo_bosoc.locate` gave for the dwellings' addresses.
    on : str or sequence of str, optional
        The key of `located`.
    areas : sequence of str, optional
        The areas to return; by default those that have dwellings. An area without any has rows of zeros.
    kind : str, optional
        The column that has, from an estate list, each social dwelling's kind (family, youth, elderly, care; or
        ``ordinary`` where the list has been looked in and the dwelling is not there; missing = not known).
    report : Report, optional
        Collects problems and, as the fact ``tenure_mix``, what has no area, code or class; without it errors raise.

    Returns
    -------
    DataFrame
        One row an area, period, dimension and category: ``area_id`` (``@municipality`` is the municipality, each
        dwelling once), ``period`` (``"all"`` without one), ``dimension`` (tenure, kind, size, built, use),
        ``category``, ``dwellings`` (int64; missing where the kind cannot be told), ``low`` and ``high`` (int64): the
        bounds that the truth lies between.

    Raises
    ------
    InputError
        A column is missing, or the estate list is not one row an estate with whole numbers.

    Notes
    -----
    The tenure follows from the ownership code, and from use and letting where the code list says so. Kinds of social
    dwelling are in no building register. They come from `kind`, or from the estate list: a kind of an estate that
    lies in several areas is known there only between bounds (see `geo_bosoc.balance.estates.kind_bounds`). Without a
    list the family dwellings lie between 0 and all dwellings that may be such: code 20 and unknown ownership. The
    list decides over codes that are the municipality's, a region's, an institution's or unknown; a private dwelling
    at an estate's address stays private and is reported.

    Examples
    --------
    >>> import polars as pl
    >>> from geo_bosoc.balance import tenure_mix
    >>> dwellings = pl.LazyFrame(
    ...     {"area_id": ["U1", "U1", None], "bbr_use": [140] * 3, "bbr_ownership": [20, 20, 30]}
    ... ).with_columns(m2=70, built=1970)
    >>> mix = tenure_mix(dwellings)
    >>> tenures = mix[(mix["dimension"] == "tenure") & (mix["dwellings"] > 0)]
    >>> tenures[["area_id", "category", "dwellings"]].values.tolist()
    [['U1', 'social', 2], ['@municipality', 'social', 2], ['@municipality', 'private_rental', 1]]
    """
    codes = codes if codes is not None else load_codes()
    inner_report = Report()
    schema = dwellings.collect_schema()
    columns = [*DWELLING_COLUMNS, *([] if located is not None else ["area_id"])]
    for name in columns:
        if name not in schema:
            inner_report.error(
                phrase('the dwellings have no column "{column}".', column=name),
                column=name,
                hint=phrase("There are: {names}.", names=joined(schema)),
            )
    estate_list = _check_estate_list(estates, schema, inner_report)
    inner_report.raise_errors() if report is None else None
    if inner_report.errors:
        inner_report.hand_over(report)
        return _empty()
    rows = classify_dwellings(dwellings, codes, schema, kind)
    once, in_areas = _once_and_in_areas(rows, located, on, schema)
    cells = _cells(in_areas.filter(pl.col("area_id").is_not_null()))
    total = _cells(once.with_columns(pl.lit(MUNICIPALITY).alias("area_id")))
    all_cells = pd.concat([cells, total], ignore_index=True)
    counted = all_cells[all_cells["counts"]]
    periods = sorted(total["period"].unique())
    names = sorted(set(cells["area_id"]) | set(areas or ())) if areas is None else list(areas)
    mix = pd.concat(
        [_plain_dimensions(counted), kind_bounds(counted, total[total["counts"]], estate_list, inner_report)],
        ignore_index=True,
    )
    mix = _complete(mix, [*names, MUNICIPALITY], periods, codes)
    _report_gaps(in_areas, total, codes, periods, inner_report)
    inner_report.hand_over(report)
    return mix


def family_counts(mix: pd.DataFrame) -> pd.DataFrame:
    """Per area and period what the rules ask for: all dwellings, and the social family dwellings with bounds.

    Parameters
    ----------
    mix : DataFrame
        See `tenure_mix`.

    Returns
    -------
    DataFrame
        ``area_id, period, dwellings, social, family, family_low, family_high``; `family` missing where unknown.

    Examples
    --------
    >>> import polars as pl
    >>> from geo_bosoc.balance import family_counts, tenure_mix
    >>> dwellings = pl.LazyFrame(
    ...     {"area_id": ["U1", "U1"], "bbr_use": [140, 140], "bbr_ownership": [20, 10]}
    ... ).with_columns(m2=70, built=1970)
    >>> family_counts(tenure_mix(dwellings)).loc[0, ["dwellings", "social", "family_low", "family_high"]].tolist()
    [2, 1, 0, 1]
    """
    keys = ["area_id", "period"]
    tenure = mix[mix["dimension"] == "tenure"]
    frame = tenure.groupby(keys, sort=True)["dwellings"].sum().astype("int64").reset_index()
    social = tenure[tenure["category"] == "social"].set_index(keys)["dwellings"]
    family = mix[(mix["dimension"] == "kind") & (mix["category"] == "family")].set_index(keys)
    index = pd.MultiIndex.from_frame(frame[keys])
    return frame.assign(
        social=social.reindex(index).astype("int64").to_numpy(),
        family=family["dwellings"].reindex(index).array,
        family_low=family["low"].reindex(index).to_numpy(),
        family_high=family["high"].reindex(index).to_numpy(),
    )


def _empty() -> pd.DataFrame:
    kinds = dict.fromkeys(MIX_COLUMNS[:4], "str") | {
        "dwellings": "Int64",
        "low": "int64",
        "high": "int64",
    }
    return pd.DataFrame({name: pd.Series([], dtype=kinds[name]) for name in MIX_COLUMNS})


def _check_estate_list(
    estates: pd.DataFrame | None, schema: pl.Schema, report: Report
) -> pd.DataFrame | None:
    """The estate list with whole numbers, an estate a row; None without a list."""
    if estates is None:
        return None
    for name in ("estate_id", *KINDS):
        if name not in estates.columns:
            report.error(phrase('the estate list has no column "{column}".', column=name), column=name)
    if "estate_id" not in schema:
        report.error(
            "the dwellings have no estate_id to find their estate by.",
            column="estate_id",
            hint="Join the estates' address list to the dwellings, or name the column that tells each dwelling's kind.",
        )
    if report.errors:
        return None
    frame = estates[["estate_id", *KINDS]].copy()
    duplicates = frame["estate_id"].duplicated()
    if duplicates.any():
        report.error("the estate list names estates twice.", column="estate_id", count=int(duplicates.sum()))
    for name in KINDS:
        numbers = pd.to_numeric(frame[name], errors="coerce")
        invalid = (frame[name].notna() & numbers.isna()) | (numbers < 0) | (numbers % 1 > 0)
        if invalid.any():
            report.error("the estate list holds numbers of dwellings that are no whole numbers.", column=name,
                      count=int(invalid.sum()))  # fmt: skip
        frame[name] = numbers.fillna(0).where(~invalid, 0).astype("int64")
    return frame.assign(estate_id=frame["estate_id"].astype(str))


def _once_and_in_areas(
    rows: pl.LazyFrame, located: pl.DataFrame | None, on: str | Sequence[str], schema: pl.Schema
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Each dwelling once, and each dwelling in each of its areas (``area_id`` null where in none)."""
    if located is not None:
        areas = located.with_columns(pl.col("area_id").cast(pl.String))
        return rows, join_areas(rows, areas, on=on)
    in_areas = rows.with_columns(pl.col("area_id").cast(pl.String))
    if "dwelling_id" in schema:
        return in_areas.unique(subset=["dwelling_id", "period"], maintain_order=True), in_areas
    return in_areas, in_areas


_CELL: Final = (
    "area_id", "period", "__estate", "__kind", "__code_tenure", "__social", "__known_code", "use", "size", "built",
    "counts", *(f"__may_{kind}" for kind in KINDS),
)  # fmt: skip


def _cells(rows: pl.LazyFrame) -> pd.DataFrame:
    """How many dwellings are alike in all that is counted by, with the tenure that codes and list give together."""
    counted = (
        rows.group_by(_CELL).agg(pl.len().alias("n")).collect(engine="streaming").sort(_CELL, nulls_last=True)
    )
    frame = pd.DataFrame({name: counted[name].to_list() for name in counted.columns})
    if frame.empty:
        frame = pd.DataFrame({name: pd.Series([], dtype=object) for name in counted.columns})
    by_list = frame["__kind"].notna() & frame["__may_youth"].astype(bool)
    frame["tenure"] = frame["__code_tenure"].mask(by_list, "social")
    frame["conflict"] = frame["__kind"].notna() & ~frame["__may_youth"].astype(bool)
    return frame.astype({"n": "int64", "counts": bool, "conflict": bool})


def _plain_dimensions(cells: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for dimension in ("tenure", "size", "built", "use"):
        counted = cells.groupby(["area_id", "period", dimension], sort=True)["n"].sum()
        if dimension == "tenure":  # a tenure that nobody is classed as may still hold some of the unknown
            keys = sorted({(area, period) for area, period, _ in counted.index})
            combinations = [(*key, tenure) for key in keys for tenure in TENURES]
            counted = counted.reindex(
                pd.MultiIndex.from_tuples(combinations, names=counted.index.names), fill_value=0
            )
        sums = pd.DataFrame({"dwellings": counted.astype("int64")}).reset_index()
        sums = sums.rename(columns={dimension: "category"}).assign(dimension=dimension)
        sums["low"] = sums["high"] = sums["dwellings"]
        parts.append(_tenure_bounds(sums, cells) if dimension == "tenure" else sums)
    return pd.concat(parts, ignore_index=True)


def _tenure_bounds(sums: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """A dwelling whose code may hide a social one, and that no list names, may be social; an unknown may be any."""
    keys = ["area_id", "period"]
    may_be_social = np.column_stack([cells[f"__may_{kind}"].astype(bool) for kind in KINDS]).any(axis=1)
    unlisted = cells[
        pd.Series(may_be_social, index=cells.index) & (cells["tenure"] != "social") & cells["__kind"].isna()
    ]
    unknown = unlisted[unlisted["tenure"] == "unknown"].groupby(keys)["n"].sum()
    may_be_social_by_key = unlisted.groupby(keys)["n"].sum()
    may_be_other = unlisted.groupby([*keys, "tenure"])["n"].sum()
    index = pd.MultiIndex.from_frame(sums[keys])
    category = sums["category"]
    may_join = np.where(
        category == "social",
        may_be_social_by_key.reindex(index, fill_value=0),
        np.where(category == "unknown", 0, unknown.reindex(index, fill_value=0)),
    )
    may_leave = may_be_other.reindex(pd.MultiIndex.from_frame(sums[[*keys, "category"]]), fill_value=0)
    return sums.assign(
        low=sums["dwellings"] - may_leave.to_numpy().astype("int64"),
        high=sums["dwellings"] + may_join.astype("int64"),
    )


def _complete(
    frame: pd.DataFrame, names: Sequence[str], periods: Sequence[str], codes: CodeList
) -> pd.DataFrame:
    """Every area, period and category, zeros where there is nothing, in a fixed order."""
    categories: Mapping[str, Sequence[str]] = {
        "tenure": TENURES,
        "kind": KINDS,
        "size": [*class_names(codes.classes.size), "unknown"],
        "built": [*class_names(codes.classes.built), "unknown"],
        "use": USES,
    }
    keys = list(MIX_COLUMNS[:4])
    index = pd.MultiIndex.from_tuples(
        [(a, p, d, c) for a in names for p in periods for d in DIMENSIONS for c in categories[d]], names=keys
    )
    complete = frame.set_index(keys)[["dwellings", "low", "high"]].reindex(index)
    present = index.isin(pd.MultiIndex.from_frame(frame[keys])) if len(frame) else np.zeros(len(index), bool)
    complete = complete.astype({"dwellings": "Int64"})
    complete.loc[~present, ["dwellings", "low", "high"]] = 0
    complete = complete.reset_index()
    return complete.astype({"dwellings": "Int64", "low": "int64", "high": "int64"})[list(MIX_COLUMNS)]


def _report_gaps(
    in_areas: pl.LazyFrame,
    total: pd.DataFrame,
    codes: CodeList,
    periods: Sequence[str],
    report: Report,
) -> None:
    """What has no area, code or class, as facts by period and as problems where somebody should look."""
    outside = (
        in_areas.filter(pl.col("counts") & pl.col("area_id").is_null())
        .group_by("period").agg(pl.len().alias("n")).collect(engine="streaming")
    )  # fmt: skip
    outside_by_period = dict(zip(outside["period"].to_list(), outside["n"].to_list(), strict=True))
    facts: dict[str, dict[str, int]] = {}
    for period in periods:
        rows = total[total["period"] == period]
        counted = rows[rows["counts"]]
        facts[period] = {
            "dwellings": int(counted["n"].sum()),
            "in_no_area": int(outside_by_period.get(period, 0)),
            "left_out_as_institution": int(rows.loc[~rows["counts"], "n"].sum()),
            "ownership_unknown": int(counted.loc[counted["tenure"] == "unknown", "n"].sum()),
            "ownership_code_not_in_list": int(counted.loc[~counted["__known_code"].astype(bool), "n"].sum()),
            "use_unknown": int(counted.loc[counted["use"] == "unknown", "n"].sum()),
            "size_unknown": int(counted.loc[counted["size"] == "unknown", "n"].sum()),
            "built_unknown": int(counted.loc[counted["built"] == "unknown", "n"].sum()),
            "social_without_kind": int(
                counted.loc[(counted["tenure"] == "social") & counted["__kind"].isna(), "n"].sum()
            ),
            "listed_but_private": int(counted.loc[counted["conflict"], "n"].sum()),
        }
        year = int(period[:4]) if period[:4].isdigit() else None
        if year is not None and not codes.describes(year):
            report.warn(
                phrase(
                    "the code list {name} {version} does not describe {year}.",
                    name=codes.id,
                    version=codes.version,
                    year=year,
                ),
                hint="Codes change: give the list of that time.",
            )
    report.facts["tenure_mix"] = NonPersonal({"codes": f"{codes.id} {codes.version}", "periods": facts})
    last_period = facts[periods[-1]] if periods else {}
    if last_period.get("ownership_code_not_in_list"):
        count = last_period["ownership_code_not_in_list"]
        report.warn(
            phrase(
                "{dwellings} with an ownership code that the code list does not know, or none.",
                dwellings=count_text(count, "dwelling"),
            ),
            column="bbr_ownership",
            count=count,
            hint="They count as unknown tenure, and widen the bounds.",
        )
    if last_period.get("listed_but_private"):
        count = last_period["listed_but_private"]
        report.warn(
            phrase(
                "{dwellings} in the estate list that are privately owned in the building register.",
                dwellings=count_text(count, "dwelling"),
            ),
            column="bbr_ownership",
            count=count,
            hint="They are counted as private; settle them by hand.",
        )
