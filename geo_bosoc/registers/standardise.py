"""The last step of reading: period, place and the rows that count, as a lazy expression on typed columns; coordinates.

PROJ holds what it knows by thread, and dies with a thread that Python did not start. So no function of it is handed to
Polars: rows are collected, their coordinates transformed as arrays, and put back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
import pyproj

from geo_bosoc.boundaries.geometry import CRS, leads_to_working_crs, parse_crs
from geo_bosoc.boundaries.reference_areas import MUNICIPALITY as MUNICIPALITY
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import Message, count_text, phrase
from geo_bosoc.registers.files import ACROSS, ROW, new_private_file
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.columns import MARK_SUFFIX
from geo_bosoc.registers.tables.periods import YearPairs, date_to_period, shift_period, to_period


def place_columns(spec: RegisterSpec) -> dict[str, str]:
    """The standard names of the columns that say where a row lies, and the register's own names for them."""
    if spec.has_areas:
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


def check_coordinate_columns(
    schema: Mapping[str, pl.DataType], file: str | None, spec: RegisterSpec, report: Report
) -> None:
    """Columns of x and y that are no numbers are errors."""
    if spec.place != "xy":
        return
    for column in (spec.x, spec.y):
        dtype = schema.get(column or "", pl.Null())
        if column is not None and not (dtype.is_numeric() or dtype == pl.Null):
            report.error("these are no coordinates.", file=file, column=spec.columns.get(column, column))


def coordinate_system(spec: RegisterSpec, report: Report, key: str | None) -> pyproj.CRS | None:
    """The coordinate system of x and y; one that is not known is an error in `report`."""
    crs = parse_crs(f"EPSG:{spec.crs}" if spec.crs.isdigit() else spec.crs)
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


def standardise(
    frame: pl.LazyFrame,
    spec: RegisterSpec,
    *,
    file_period: str | None,
    period_column: str | None,
    where: pl.Expr | None,
    periods: Collection[str] | None,
    columns: Sequence[str] | None,
    pairs: YearPairs = "usual",
) -> pl.LazyFrame:
    """Add the standard columns, keep the rows that count, and put the columns in order.

    Parameters
    ----------
    frame : LazyFrame
        Columns in their types under our own names, with `ROW`.
    spec : RegisterSpec
        The register's.
    file_period : str or None
        The period of all rows that the file's name says.
    period_column : str or None
        The column that says it instead.
    where : Expr or None
        The register's predicate.
    periods : collection of str or None
        Keep rows of these periods only (all if None).
    columns : sequence of str or None
        The columns to read; None for all.
    pairs : YearPairs
        What ``2010-11`` is in the period column.

    Returns
    -------
    LazyFrame
        `ROW`, then id, place and period, then the others in the order of the file; x and y as they were read.
    """
    schema = frame.collect_schema()
    names = schema.names()
    if where is not None:
        frame = frame.filter(where)
    fixed = spec.fixed_period  # the period of all rows, where they have the same
    if fixed is not None:
        period = pl.lit(fixed)
    elif ACROSS in names:
        period = to_period(pl.col(ACROSS), spec.period_by)
    elif period_column is not None:
        written = pl.col(period_column)
        if schema[period_column].is_temporal():
            period = date_to_period(written, spec.period_by)
        else:
            period = to_period(written, spec.period_by, pairs)
    else:
        fixed = file_period
        period = pl.lit(fixed, pl.String)
    period = shift_period(period.cast(pl.String), spec.period_shift)
    if fixed is not None:
        fixed = pl.select(period).item()
        period = pl.lit(fixed, pl.String)
    added = {"period": period}
    places = place_columns(spec)
    for standard, column in places.items():
        value = pl.col(column)
        if standard == "area_id" and spec.reference_row is not None:
            municipal = value.str.to_lowercase() == spec.reference_row.strip().lower()
            value = pl.when(municipal).then(pl.lit(MUNICIPALITY)).otherwise(value)
        elif standard in ("x", "y"):
            value = value.cast(pl.Float64)
            value = pl.when(value.is_finite()).then(value)
        added[standard] = value
    frame = frame.with_columns(value.alias(f"@{name}") for name, value in added.items())
    order = [ROW, *([spec.id] if spec.id is not None else []), *places, "period"]
    others = [name for name in names if name not in order and name != ACROSS]
    if columns is None:
        renamed: set[str | None] = {column for standard, column in places.items() if column != standard}
        renamed -= {spec.id}
        renamed |= {period_column} - set(spec.link_columns)
        others = [name for name in others if name not in renamed]
    else:
        with_marks = {*columns, *spec.fractions, *spec.fractions.values()}
        named = {*columns, *(name + MARK_SUFFIX for name in with_marks), *spec.link_columns}
        others = [name for name in others if name in named]
    frame = frame.select(
        *(pl.col(f"@{name}").alias(name) if name in added else pl.col(name) for name in dict.fromkeys(order)),
        *others,
    )
    if periods is not None and fixed not in periods:
        frame = frame.filter(pl.col("period").is_in(sorted(periods)) | pl.col("period").is_null())
    return frame


BATCH_ROWS: Final = 500_000
"""Rows of a Parquet file whose coordinates are transformed together."""


def needs_transforming(crs: pyproj.CRS) -> bool:
    """Whether coordinates in `crs` are something else than EPSG:25832 with x first."""
    return crs.to_epsg() != 25832


def transformed(frame: pl.DataFrame, crs: pyproj.CRS) -> pl.DataFrame:
    """The rows with ``x`` and ``y`` in EPSG:25832; null where a point has no place there.

    Points at 0, 0 stay there: that is how many programs write an address that they did not find.
    """
    transformer = pyproj.Transformer.from_crs(crs, CRS, always_xy=True)
    x, y = (frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in ("x", "y"))
    nowhere = (x == 0) & (y == 0)
    columns = []
    for name, values in zip("xy", transformer.transform(x, y), strict=True):
        numbers = np.where(nowhere, 0.0, np.where(np.isfinite(values), values, np.nan))
        columns.append(pl.Series(name, numbers).fill_nan(None))
    return frame.with_columns(columns)


def transformed_by_batch(frame: pl.LazyFrame, crs: pyproj.CRS, batch_rows: int = BATCH_ROWS) -> pl.LazyFrame:
    """`transformed` for rows that may be too many for memory: beyond `batch_rows` they go to the private folder."""
    rows = int(frame.select(pl.len()).collect(engine="streaming").item())
    if rows <= batch_rows:
        return transformed(frame.collect(engine="streaming"), crs).lazy()
    source = new_private_file()
    frame.sink_parquet(source, compression="lz4", row_group_size=batch_rows)
    batches = []
    for first in range(0, rows, batch_rows):
        batch = pl.scan_parquet(source).slice(first, batch_rows).collect()
        path = new_private_file()
        transformed(batch, crs).write_parquet(path, compression="lz4")
        batches.append(pl.scan_parquet(path))
    with contextlib.suppress(OSError):  # a file that is still open elsewhere goes with its folder
        source.unlink()
    return pl.concat(batches, how="vertical")


X_IN_DENMARK: Final = (400_000.0, 900_000.0)
Y_IN_DENMARK: Final = (6_000_000.0, 6_450_000.0)

FEW_ROWS: Final = 10
"""A file of fewer points is no error by itself where most of them lie abroad, if those of all files do not."""


def check_coordinates(
    frames: Sequence[tuple[str, pl.LazyFrame]], spec: RegisterSpec, report: Report
) -> list[pl.LazyFrame]:
    """Tell of each file the points at 0, 0 and those far outside Denmark; swapped or foreign coordinates are errors.

    Parameters
    ----------
    frames : sequence of tuple
        The files' names and standardised rows, x and y in EPSG:25832, or 0, 0 where the file has that.
    spec : RegisterSpec
        The register's.
    report : Report
        Takes what is wrong.

    Returns
    -------
    list of LazyFrame
        The rows, those at 0, 0 without a place.
    """
    counts = [_count_points(frame) for _, frame in frames]
    outside = sum(count["outside"] for count in counts)
    placed = sum(count["placed"] for count in counts)
    for (file, _), count in zip(frames, counts, strict=True):
        if count["rows"]:
            _tell_coordinates(file, count, 2 * outside > placed, spec, report)
    return [
        frame.with_columns(_without_origin()) if count["nowhere"] else frame
        for (_, frame), count in zip(frames, counts, strict=True)
    ]


def _at_origin() -> pl.Expr:
    return (pl.col("x") == 0) & (pl.col("y") == 0)


def _without_origin() -> list[pl.Expr]:
    return [pl.when(~_at_origin()).then(pl.col(name)).alias(name) for name in ("x", "y")]


def _count_points(frame: pl.LazyFrame) -> dict[str, Any]:
    """How many rows a file has of each kind, and the first of them, in one pass."""
    x, y, row = pl.col("x"), pl.col("y"), pl.col(ROW)
    nowhere = _at_origin().fill_null(False)
    placed = x.is_not_null() & y.is_not_null() & ~nowhere
    inside = x.is_between(*X_IN_DENMARK) & y.is_between(*Y_IN_DENMARK)
    outside = placed & ~inside
    half = x.is_null() != y.is_null()
    return (
        frame.select(
            rows=pl.len(),
            placed=placed.sum(),
            outside=outside.sum(),
            outside_first=row.filter(outside).min(),
            nowhere=nowhere.sum(),
            nowhere_first=row.filter(nowhere).min(),
            half=half.sum(),
            half_first=row.filter(half).min(),
            swapped=(y.is_between(*X_IN_DENMARK) & x.is_between(*Y_IN_DENMARK)).sum(),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )


def _tell_coordinates(
    file: str, counts: dict[str, Any], most_outside: bool, spec: RegisterSpec, report: Report
) -> None:
    placed, outside = counts["placed"], counts["outside"]
    column = spec.columns.get(spec.x or "", spec.x)
    where: dict[str, Any] = {"file": file, "column": column}
    if counts["nowhere"]:
        report.warn(
            phrase(
                "{rows} at 0, 0, which is no place: {they} without a place, the first in row {first}.",
                rows=count_text(counts["nowhere"], "row"),
                they=_they(counts["nowhere"]),
                first=counts["nowhere_first"],
            ),
            row=counts["nowhere_first"],
            count=counts["nowhere"],
            hint="Leave the coordinates empty where an address was not found, or look the addresses up again.",
            **where,
        )
    if counts["half"]:
        report.warn(
            phrase(
                "{rows} with one coordinate only: {they} without a place, the first in row {first}.",
                rows=count_text(counts["half"], "row"),
                they=_they(counts["half"]),
                first=counts["half_first"],
            ),
            row=counts["half_first"],
            count=counts["half"],
            **where,
        )
    if not placed:
        report.error("no row has both coordinates.", **where)
    elif 2 * counts["swapped"] > placed:
        report.error(
            "x and y are swapped.", hint=phrase('Write x = "{y}", y = "{x}".', y=spec.y, x=spec.x), **where
        )
    elif 2 * outside > placed and (placed >= FEW_ROWS or most_outside):
        report.error(
            phrase(
                "{outside:,} of {placed:,} points lie outside Denmark when read in {crs}.",
                outside=outside,
                placed=placed,
                crs=spec.crs,
            ),
            row=counts["outside_first"],
            count=outside,
            hint="Set crs to the coordinate system of x and y.",
            **where,
        )
    elif outside:
        swapped = phrase(" In {rows} x and y look swapped.", rows=count_text(counts["swapped"], "row"))
        report.warn(
            phrase(
                "{outside:,} of {placed:,} points lie outside Denmark when read in {crs}, and in no area: "
                "the first in row {first}.",
                outside=outside,
                placed=placed,
                crs=spec.crs,
                first=counts["outside_first"],
            ),
            row=counts["outside_first"],
            count=outside,
            hint=phrase("Check their coordinates.") + (swapped if counts["swapped"] else ""),
            **where,
        )


def _they(count: int) -> Message:
    return phrase("it is" if count == 1 else "they are")
