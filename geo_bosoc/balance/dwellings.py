"""Dwellings: what a register's codes make of each, the group it belongs to, and who lives in it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import pandas as pd
import polars as pl

from geo_bosoc.balance.code_lists import KINDS, CodeList, load_codes
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.locate.join import join_areas
from geo_bosoc.problems import Report


def class_names(limits: tuple[int, ...]) -> list[str]:
    """The names of the classes that begin at `limits`: ``from-to`` (to excluded), the last one open.

    >>> class_names((1, 40, 60))
    ['1-39', '40-59', '60+']
    """
    inner = [f"{low}-{high - 1}" for low, high in pairwise(limits)]
    return [*inner, f"{limits[-1]}+"]


ORDINARY: Final = "ordinary"
"""In the column of kinds: the estate list was looked in, and the dwelling is not there."""
DWELLING_COLUMNS: Final = ("bbr_use", "bbr_ownership", "m2", "built")


def classify_dwellings(
    dwellings: pl.LazyFrame, codes: CodeList, schema: pl.Schema, kind: str
) -> pl.LazyFrame:
    """Each dwelling's codes and classes: what is counted by.

    Parameters
    ----------
    dwellings : LazyFrame
        As `geo_bosoc.balance.tenure_mix` takes them.
    codes : CodeList
        What the codes mean.
    schema : Schema
        The dwellings' schema.
    kind : str
        The column with each social dwelling's kind.

    Returns
    -------
    LazyFrame
        The dwellings' columns; ``period``, the classes ``use, size, built``, ``counts`` (False for institutions); and
        ``__code_tenure``, ``__kind``, ``__estate``, ``__social``, ``__known_code`` and ``__may_<kind>`` (whether the
        code may hide a social dwelling of the kind).
    """
    numbers = {
        name: pl.col(name).cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
        for name in DWELLING_COLUMNS
    }
    letting = (
        pl.col("letting").cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
        if "letting" in schema
        else pl.lit(None, pl.Int64)
    )
    tenure: Any = pl.lit("unknown")
    for line in reversed(codes.tenure):
        fits = pl.col("bbr_ownership").is_in(line.ownership)
        if line.use:
            fits &= pl.col("bbr_use").is_in(line.use).fill_null(False)
        if line.letting:
            fits &= pl.col("__letting").is_in(line.letting).fill_null(False)
        tenure = pl.when(fits).then(pl.lit(line.tenure)).otherwise(tenure)
    uses = {line.code: line.kind for line in codes.use}
    no_dwelling = [line.code for line in codes.use if not line.dwelling]
    kinds = pl.col(kind).cast(pl.String).str.strip_chars() if kind in schema else pl.lit(None, pl.String)
    estate = pl.col("estate_id").cast(pl.String) if "estate_id" in schema else pl.lit(None, pl.String)
    period = pl.col("period").cast(pl.String) if "period" in schema else pl.lit("all")
    known_codes = [line.code for line in codes.ownership]
    code = pl.col("bbr_ownership")
    social = code.is_in([line.code for line in codes.ownership if line.social]).fill_null(False)
    not_social = (kinds == ORDINARY).fill_null(False) & ~social
    codes_by_kind = {
        name: [line.code for line in codes.ownership if name in line.may_be_social] for name in KINDS
    }
    return dwellings.with_columns(**numbers, __letting=letting).with_columns(
        period.alias("period"),
        tenure.alias("__code_tenure"),
        pl.when(kinds.is_in(KINDS)).then(kinds).alias("__kind"),
        estate.alias("__estate"),
        pl.col("bbr_use").replace_strict(uses, default="unknown", return_dtype=pl.String).alias("use"),
        pl.col("bbr_use").is_in(no_dwelling).fill_null(False).alias("__institution"),
        _class(pl.col("m2"), codes.classes.size).alias("size"),
        _class(pl.col("built"), codes.classes.built).alias("built"),
        social.alias("__social"),
        code.is_in(known_codes).fill_null(False).alias("__known_code"),
        *(
            (
                (code.is_in(hiding_codes) | ~code.is_in(known_codes)).fill_null(True) & ~not_social
            ).alias(f"__may_{name}")
            for name, hiding_codes in codes_by_kind.items()
        ),
    ).with_columns(
        (~pl.col("__institution") | pl.col("__kind").is_not_null()).alias("counts")
    )  # fmt: skip


def _class(value: pl.Expr, limits: tuple[int, ...]) -> pl.Expr:
    name_of_class: Any = pl.lit("unknown")
    for limit, name in zip(limits, class_names(limits), strict=True):
        name_of_class = pl.when(value >= limit).then(pl.lit(name)).otherwise(name_of_class)
    return pl.when(value.is_null()).then(pl.lit("unknown")).otherwise(name_of_class)


def dwelling_groups(
    dwellings: pl.LazyFrame, codes: CodeList | None = None, *, kind: str = "dwelling_type"
) -> pl.LazyFrame:
    """Each dwelling's group: its tenure, or ``social_<kind>`` where its row has the kind.

    Parameters
    ----------
    dwellings : LazyFrame
        As `geo_bosoc.balance.tenure_mix` takes them.
    codes : CodeList, optional
        What the codes mean; by default the list of BBR that is shipped.
    kind : str, optional
        The column with each social dwelling's kind.

    Returns
    -------
    LazyFrame
        The dwellings that count, with their ``period`` and the columns ``dwelling_id``, ``address_id``, ``area_id``
        where they have them, and ``group``.
    """
    codes = codes if codes is not None else load_codes()
    schema = dwellings.collect_schema()
    has_kind = pl.col("__kind").is_not_null() & pl.col("__may_youth")
    group = (
        pl.when(has_kind)
        .then(pl.format("social_{}", pl.col("__kind")))
        .otherwise(pl.col("__code_tenure"))
        .alias("group")
    )
    columns = [name for name in ("dwelling_id", "address_id", "area_id") if name in schema]
    rows = classify_dwellings(dwellings, codes, schema, kind).filter("counts")
    return rows.select(*columns, "period", group)


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
    """Each person with the group of their dwelling, linked by ``dwelling_id``, or by address where there is none.

    An address whose dwellings are all of the same group gives that group; else it is ``several``. A person whose
    dwelling is in no row is in ``no_dwelling``.

    Parameters
    ----------
    persons : LazyFrame
        A row a person (and ``period``), with ``dwelling_id`` or ``address_id``.
    dwellings : LazyFrame
        As `geo_bosoc.balance.tenure_mix` takes them.
    codes : CodeList, optional
        What the codes mean; by default the list of BBR that is shipped.
    kind : str, optional
        The column with each social dwelling's kind.

    Returns
    -------
    LazyFrame
        The persons' columns and ``group`` (text).
    """
    groups = dwelling_groups(dwellings, codes, kind=kind)
    key = "dwelling_id" if "dwelling_id" in persons.collect_schema() else "address_id"
    keys = [key, "period"] if "period" in persons.collect_schema() else [key]
    group_by_key = groups.group_by(keys).agg(
        pl.when(pl.col("group").n_unique() == 1)
        .then(pl.col("group").first())
        .otherwise(pl.lit(SEVERAL))
        .alias("group")
    )
    return persons.join(group_by_key, on=keys, how="left").with_columns(
        pl.col("group").fill_null(NO_DWELLING)
    )


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
    """Count residents by the tenure (and kind) of their dwelling, per area and for the municipality.

    Parameters
    ----------
    persons : LazyFrame
        One row a person (and ``period``), with `on` and, where it is known, ``dwelling_id``.
    dwellings : LazyFrame
        As `geo_bosoc.balance.tenure_mix` takes them.
    codes : CodeList, optional
        What the codes mean; by default the list of BBR that is shipped.
    located : DataFrame
        What `geo_bosoc.locate` gave for the addresses.
    on : str, optional
        The key of `located`.
    kind : str, optional
        The column with each social dwelling's kind.
    report : Report, optional
        Takes the fact ``residents_by_tenure``: how many have no dwelling, or an address with several groups.

    Returns
    -------
    DataFrame
        ``area_id, period, group, residents`` (int64), ``@municipality`` for the municipality; a person in several areas
        counts in each, and once in the municipality. True counts: to be suppressed before they are published.

    Examples
    --------
    >>> import polars as pl
    >>> from geo_bosoc.balance import residents_by_tenure
    >>> dwellings = pl.LazyFrame(
    ...     {"address_id": ["a", "b"], "bbr_use": [140, 140], "bbr_ownership": [20, 10]}
    ... ).with_columns(m2=70, built=1970)
    >>> persons = pl.LazyFrame({"address_id": ["a", "a", "b"]})
    >>> located = pl.DataFrame({"address_id": ["a", "b"], "area_id": ["U1", None]})
    >>> residents_by_tenure(persons, dwellings, located=located).values.tolist()
    [['@municipality', 'all', 'private_rental', 1], ['@municipality', 'all', 'social', 2], ['U1', 'all', 'social', 2]]
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
    counted = pl.concat(parts).sort(keys)
    frame = pd.DataFrame({name: counted[name].to_list() for name in counted.columns})
    frame = frame.astype({"residents": "int64"})
    if report is not None:
        totals = frame[frame["area_id"] == MUNICIPALITY].set_index("period")
        report.facts["residents_by_tenure"] = {
            name: totals.loc[totals["group"] == name, "residents"].to_dict()
            for name in (NO_DWELLING, SEVERAL)
        }
    return frame
