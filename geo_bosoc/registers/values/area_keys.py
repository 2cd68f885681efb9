"""Area ids of a register's rows that a program took for decimals: put right as those of boundaries are, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from geo_bosoc.boundaries.area_ids import (
    AS_TEXT,
    AS_WHOLE,
    LOST_DIGITS,
    SCIENTIFIC,
    TRUE_DECIMAL,
    WHOLE_AS_DECIMAL,
)
from geo_bosoc.problems import Report
from geo_bosoc.registers.sources import ROW
from geo_bosoc.registers.spec import RegisterSpec


def whole_area_ids(
    frames: Sequence[tuple[str, pl.LazyFrame]], spec: RegisterSpec, report: Report
) -> list[pl.LazyFrame]:
    """The rows with ``751.0`` as ``751`` in files that write all ids so; ids with lost digits are an error.

    Parameters
    ----------
    frames : the files' names and finished rows, with ``area_id``.
    """
    return [_as_text(file, frame, spec, report) for file, frame in frames]


def _as_text(file: str, frame: pl.LazyFrame, spec: RegisterSpec, report: Report) -> pl.LazyFrame:
    if frame.collect_schema()["area_id"] != pl.String:
        return frame
    ids, row = pl.col("area_id"), pl.col(ROW)
    numbers = ids.str.contains(r"^\d")
    decimal, lost = ids.str.contains(WHOLE_AS_DECIMAL), ids.str.contains(SCIENTIFIC)
    seen: dict[str, Any] = (
        frame.select(
            numbers=numbers.sum(),
            decimal=decimal.sum(),
            codes=ids.str.contains(TRUE_DECIMAL).any(),
            lost=lost.sum(),
            first=row.filter(lost).min(),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    where: dict[str, Any] = {"file": file, "column": spec.columns.get(spec.area, spec.area)}
    if seen["lost"]:
        report.error(
            f"{LOST_DIGITS} in {seen['lost']:,} row(s), the first in row {seen['first']}.",
            row=seen["first"],
            count=seen["lost"],
            hint=AS_TEXT,
            **where,
        )
    if not seen["decimal"] or seen["codes"] or seen["decimal"] < seen["numbers"]:
        return frame
    report.note(AS_WHOLE, count=seen["decimal"], **where)
    return frame.with_columns(ids.str.replace(WHOLE_AS_DECIMAL, "$1"))
