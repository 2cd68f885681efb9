"""The last step of reading: period, place and the rows that count, as a lazy expression on typed columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl
import pyproj

from geo_bosoc.boundaries.coordinate_systems import known_crs, leads_to_working_crs
from geo_bosoc.boundaries.reference_areas import MUNICIPALITY as MUNICIPALITY
from geo_bosoc.problems import Report
from geo_bosoc.registers.ingest import ACROSS
from geo_bosoc.registers.sources import ROW
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.values import text
from geo_bosoc.registers.values.columns import MARK_SUFFIX
from geo_bosoc.registers.values.school_years import Pairs


def place_columns(spec: RegisterSpec) -> dict[str, str]:
    """The standard names of the columns that say where a row lies, and the register's own names for them."""
    if spec.place == "area":
        return {"area_id": spec.area}
    if spec.place == "person" and spec.person is not None:
        return {"person_id": spec.person}
    if spec.place == "dwelling" and spec.dwelling is not None:
        return {"dwelling_id": spec.dwelling}
    if spec.place == "address":
        coded = spec.address_parts is not None or spec.kvhx is not None
        return {} if coded else {"address_id": spec.address}
    assert spec.x is not None and spec.y is not None
    places = {"x": spec.x, "y": spec.y}
    if spec.unit == "address" and spec.id is not None:
        places = {"address_id": spec.id, **places}
    return places


def key_columns(spec: RegisterSpec, period_column: str | None) -> set[str]:
    """The columns that are keys and stay text, by our own names."""
    keys = {spec.id, period_column, *spec.text, *spec.person_keys, spec.dwelling, spec.status, spec.kvhx}
    keys |= set(spec.address_parts.names()) if spec.address_parts is not None else set()
    keys |= {spec.protection} | ({spec.full_time.benefit} if spec.full_time is not None else set())
    keys -= {spec.event}
    if spec.place != "xy":
        keys |= set(place_columns(spec).values())
    return {name for name in keys if name is not None}


def identifying_columns(spec: RegisterSpec) -> frozenset[str]:
    """The columns whose values tell who or where somebody is: keys, addresses, places, days of birth. No message holds
    any of them."""
    parts = spec.address_parts.names() if spec.address_parts is not None else []
    key = spec.id if spec.unit != "count" else None  # what tells rows of a finished table apart is a class
    names = [key, spec.dwelling, spec.kvhx, spec.birth_date, spec.address, spec.area, spec.x, spec.y]
    standard = ("address_id", "area_id", "person_id", "dwelling_id", "x", "y")
    return frozenset(name for name in (*names, *spec.person_keys, *parts, *standard) if name is not None)


def coordinate_system(spec: RegisterSpec, report: Report, key: str | None) -> pyproj.CRS | None:
    """The coordinate system of x and y; one that is not known is an error in `report`."""
    crs = known_crs(f"EPSG:{spec.crs}" if spec.crs.isdigit() else spec.crs)
    if crs is None or not leads_to_working_crs(crs):
        report.error(
            "this coordinate system is not known."
            if crs is None
            else "this coordinate system is none of maps: x and y in it lead nowhere.",
            key=f"{key}.crs" if key else "crs",
            hint='Write it as "EPSG:25832".',
        )
        return None
    return crs


def finish(
    frame: pl.LazyFrame,
    spec: RegisterSpec,
    *,
    file_period: str | None,
    period_column: str | None,
    where: pl.Expr | None,
    periods: Collection[str] | None,
    shown: Sequence[str] | None,
    pairs: Pairs = "usual",
) -> pl.LazyFrame:
    """Add the standard columns, keep the rows that count, and put the columns in order.

    Parameters
    ----------
    frame : typed columns under our own names, with `ROW`.
    file_period : the period of all rows that the file's name says.
    period_column : the column that says it instead.
    where : the register's predicate.
    periods : keep rows of these periods only (all if None).
    shown : the columns that were asked for; None for all.
    pairs : what ``2010-11`` is in the period column.

    Returns
    -------
    `ROW`, then id, place and period, then the others in the order of the file; x and y as they were read.
    """
    schema = frame.collect_schema()
    names = schema.names()
    if where is not None:
        frame = frame.filter(where)
    told = spec.fixed_period  # the period of all rows, where they have one
    if told is not None:
        period = pl.lit(told)
    elif ACROSS in names:
        period = text.to_period(pl.col(ACROSS), spec.period_by)
    elif period_column is not None:
        written = pl.col(period_column)
        if schema[period_column].is_temporal():
            period = text.date_to_period(written, spec.period_by)
        else:
            period = text.to_period(written, spec.period_by, pairs)
    else:
        told = file_period
        period = pl.lit(told, pl.String)
    period = text.shift_period(period.cast(pl.String), spec.period_shift)
    if told is not None:
        told = pl.select(period).item()
        period = pl.lit(told, pl.String)
    added = {"period": period}
    places = place_columns(spec)
    for standard, own in places.items():
        if standard == "area_id" and spec.reference_row is not None:
            own_row = pl.col(own).str.to_lowercase() == spec.reference_row.strip().lower()
            added[standard] = pl.when(own_row).then(pl.lit(MUNICIPALITY)).otherwise(pl.col(own))
        elif standard in ("x", "y"):
            value = pl.col(own).cast(pl.Float64)
            added[standard] = pl.when(value.is_finite()).then(value)
        else:
            added[standard] = pl.col(own)
    frame = frame.with_columns(value.alias(f"@{name}") for name, value in added.items())
    order = [ROW, *([spec.id] if spec.id is not None else []), *places, "period"]
    others = [name for name in names if name not in order and name != ACROSS]
    if shown is None:
        renamed: set[str | None] = {own for standard, own in places.items() if own != standard}
        renamed -= {spec.id}
        renamed |= {period_column} - set(spec.link_columns)
        others = [name for name in others if name not in renamed]
    else:
        with_marks = {*shown, *spec.fractions, *spec.fractions.values()}
        asked = {*shown, *(name + MARK_SUFFIX for name in with_marks), *spec.link_columns}
        others = [name for name in others if name in asked]
    frame = frame.select(
        *(pl.col(f"@{name}").alias(name) if name in added else pl.col(name) for name in dict.fromkeys(order)),
        *others,
    )
    if periods is not None and told not in periods:
        frame = frame.filter(pl.col("period").is_in(sorted(periods)) | pl.col("period").is_null())
    return frame
