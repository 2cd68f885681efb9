"""Coordinates of a register's rows that can't be right: at 0, 0, far outside Denmark, swapped, or half of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.registers.sources import ROW
from geo_bosoc.registers.spec import RegisterSpec

X_IN_DENMARK: Final = (400_000.0, 900_000.0)
Y_IN_DENMARK: Final = (6_000_000.0, 6_450_000.0)

FEW_ROWS: Final = 10
"""A file of fewer points is no error by itself where most of them lie abroad, if those of all files do not."""


def check_places(
    frames: Sequence[tuple[str, pl.LazyFrame]], spec: RegisterSpec, report: Report
) -> list[pl.LazyFrame]:
    """Tell of each file the points at 0, 0 and those far outside Denmark; swapped or foreign coordinates are errors.

    Parameters
    ----------
    frames : the files' names and finished rows, x and y in EPSG:25832, or 0, 0 where the file has that.

    Returns
    -------
    The rows, those at 0, 0 without a place.
    """
    seen = [(file, _look(frame)) for file, frame in frames]
    outside = sum(each["outside"] for _, each in seen)
    placed = sum(each["placed"] for _, each in seen)
    for file, each in seen:
        if each["rows"]:
            _tell(file, each, 2 * outside > placed, spec, report)
    return [
        frame.with_columns(_without_origin()) if each["nowhere"] else frame
        for (_, frame), (_, each) in zip(frames, seen, strict=True)
    ]


def _at_origin() -> pl.Expr:
    return (pl.col("x") == 0) & (pl.col("y") == 0)


def _without_origin() -> list[pl.Expr]:
    return [pl.when(~_at_origin()).then(pl.col(name)).alias(name) for name in ("x", "y")]


def _look(frame: pl.LazyFrame) -> dict[str, Any]:
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


def _tell(file: str, seen: dict[str, Any], most_outside: bool, spec: RegisterSpec, report: Report) -> None:
    placed, outside = seen["placed"], seen["outside"]
    column = spec.columns.get(spec.x or "", spec.x)
    where: dict[str, Any] = {"file": file, "column": column}
    if seen["nowhere"]:
        report.warn(
            f"{_rows(seen['nowhere'])} at 0, 0, which is no place: {_they(seen['nowhere'])} without a place, the first"
            f" in row {seen['nowhere_first']}.",
            row=seen["nowhere_first"],
            count=seen["nowhere"],
            hint="Leave the coordinates empty where an address was not found, or look the addresses up again.",
            **where,
        )
    if seen["half"]:
        report.warn(
            f"{_rows(seen['half'])} with one coordinate only: {_they(seen['half'])} without a place, the first in row"
            f" {seen['half_first']}.",
            row=seen["half_first"],
            count=seen["half"],
            **where,
        )
    if not placed:
        report.error("no row has both coordinates.", **where)
    elif 2 * seen["swapped"] > placed:
        report.error("x and y are swapped.", hint=f'Write x = "{spec.y}", y = "{spec.x}".', **where)
    elif 2 * outside > placed and (placed >= FEW_ROWS or most_outside):
        report.error(
            f"{outside:,} of {placed:,} points lie outside Denmark when read in {spec.crs}.",
            row=seen["outside_first"],
            count=outside,
            hint="Set crs to the coordinate system of x and y.",
            **where,
        )
    elif outside:
        swapped = f" In {_rows(seen['swapped'])} x and y look swapped." if seen["swapped"] else ""
        report.warn(
            f"{outside:,} of {placed:,} points lie outside Denmark when read in {spec.crs}, and in no area: the first"
            f" in row {seen['outside_first']}.",
            row=seen["outside_first"],
            count=outside,
            hint=f"Check their coordinates.{swapped}",
            **where,
        )


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _they(count: int) -> str:
    return "it is" if count == 1 else "they are"
