"""Rows that a finished table should have and has not: an area, an area's year, a class of an area's year.

Functions of the table's rows, a frame. A table that leaves out rows of nobody as a habit lacks many; that is a note.
What lacks few has lost them: a warning that names them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import polars as pl

from geo_bosoc.problems import Report

FEW: Final = 3
"""So many rows less are a loss, however small the table."""

SHARE: Final = 0.1
"""And so much of the rows that there would be."""

_NAMED: Final = 5


def tell_gaps(
    rows: pl.DataFrame,
    classes: Sequence[str],
    areas: Collection[str],
    report: Report,
    **where: Any,
) -> None:
    """Tell the rows that `rows` lacks.

    Parameters
    ----------
    rows : ``area_id, period`` and the columns of `classes`.
    classes : the columns that tell the rows of an area and period apart.
    areas : ids of all areas; rows of others are left alone.
    where : fields of `geo_bosoc.problems.Problem`: the file, column and key.
    """
    ours = rows.filter(pl.col("area_id").is_in(list(areas)))
    if ours.is_empty():
        return  # that no area fits is told elsewhere
    absent = sorted(set(areas) - set(ours["area_id"]))
    if absent:
        report.warn(
            f"{_counted(len(absent), 'area')} {'has' if len(absent) == 1 else 'have'} no row in the table "
            f"({_listed(absent)}): no figure is shown there.",
            count=len(absent),
            hint="Add the rows, or see whether the ids are written otherwise.",
            **where,
        )
    by_period = _by_period(ours.select("area_id", "period").unique(), "area")
    _tell(_lacking(ours, ["area_id"], ["period"]), "area", "its figure is missing", by_period, report, where)
    if classes:
        here = ours.drop_nulls(list(classes))
        missing = _lacking(here, ["area_id", "period"], list(classes), usual=True)
        _tell(missing, "row", "it counts as nobody", _by_period(here, "row"), report, where)


def _lacking(
    rows: pl.DataFrame, units: list[str], parts: list[str], *, usual: bool = False
) -> tuple[list[str], int]:
    """The pairs of a unit and a part that are not there, as text, and how many pairs there would be.

    With `usual` only parts count that nearly all units have.
    """
    have = rows.select(*units, *parts).unique()
    every = have.select(units).unique()
    by_part = have.group_by(parts).agg(pl.len().alias("__units"))
    if usual:
        least = max(every.height * (1 - SHARE), every.height - FEW)
        by_part = by_part.filter(pl.col("__units") >= min(least, every.height - 1))
    grid = every.join(by_part.select(parts), how="cross")
    gone = grid.join(have, on=[*units, *parts], how="anti").sort(*units, *parts)
    texts = [", ".join(map(str, row)) for row in gone.iter_rows()]
    return texts, grid.height


def _by_period(rows: pl.DataFrame, noun: str) -> str:
    """How many rows there are in each period, where they differ: ``36 rows in 2024, 40 in 2023``."""
    counted = rows.group_by("period").len().sort("period", descending=True)
    if counted["len"].n_unique() < 2:
        return ""
    least, most = counted.sort("len").row(0)[0], counted.sort("len").row(-1)[0]
    shown = counted.filter(pl.col("period").is_in([least, most]) | (pl.int_range(pl.len()) < _NAMED))
    figures = [f"{number} in {period}" for period, number in shown.iter_rows()]
    first, _, year = figures[0].partition(" ")
    return ", ".join([f"{_counted(int(first), noun)} {year}", *figures[1:]])


def _tell(
    missing: tuple[list[str], int],
    noun: str,
    result: str,
    by_period: str,
    report: Report,
    where: Mapping[str, Any],
) -> None:
    texts, of = missing
    if not texts:
        return
    few = len(texts) <= max(FEW, SHARE * of)
    listed = _listed(texts, "; ")
    message = (
        f"{_counted(len(texts), noun)} of an area and period {'is' if len(texts) == 1 else 'are'} not in the table "
        f"({listed}): {result}{f' ({by_period})' if by_period else ''}."
    )
    if few:
        report.warn(message, count=len(texts), hint="Add the row; write 0 where there is nobody.", **where)
    else:
        report.note(message, count=len(texts), **where)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _listed(texts: Sequence[str], between: str = ", ") -> str:
    return between.join(texts[:_NAMED]) + (between + "..." if len(texts) > _NAMED else "")
