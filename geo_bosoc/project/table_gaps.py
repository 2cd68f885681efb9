"""Finished tables against the project: rows that are not there, and columns that look multiplied."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.problems import Report
from geo_bosoc.project.inputs import Inputs, id_columns
from geo_bosoc.registers.checks.bounds import tell_round_figures
from geo_bosoc.registers.checks.figures import tell_gaps
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.columns import MARK_SUFFIX


def tell_table_gaps(inputs: Inputs, periods: Collection[str], report: Report) -> None:
    """Warn of areas, years and classes that a finished table lacks, and of columns whose figures are all round.

    Parameters
    ----------
    periods : those of the run; empty for all that the tables hold.
    """
    areas = list(inputs.areas["area_id"])
    for name, frame in inputs.registers.items():
        spec = inputs.specs[name]
        if spec.unit != "count" or spec.place != "area":
            continue
        kept = frame.filter(pl.col("period").is_in(list(periods))) if periods else frame
        schema = frame.collect_schema()
        classes = [
            column
            for column, dtype in schema.items()
            if column not in ("area_id", "period")
            and not column.endswith(MARK_SUFFIX)
            and (column == spec.id or not (dtype.is_numeric() or dtype == pl.Null))
        ]
        columns = [column for column in _columns(name, spec, inputs) if column in schema]
        rows = kept.select("area_id", "period", *classes, *(c for c in columns if c not in classes)).collect()
        file = Path(spec.paths[0]).name if len(spec.paths) == 1 else None
        where = {"file": file, "key": f"registers.{name}"}
        area = spec.columns.get(spec.area, spec.area)
        tell_gaps(rows, classes, areas, report, column=area, **where)
        for column in columns:
            if rows.height and rows[column].null_count() == rows.height:
                report.warn(
                    "the column is empty in every row: no figure is shown.",
                    column=spec.columns.get(column, column),
                    hint="Is it the right column, and did the export hold it?",
                    **where,
                )
            tell_round_figures(rows[column], report, column=spec.columns.get(column, column), **where)


def _columns(name: str, spec: RegisterSpec, inputs: Inputs) -> list[str]:
    """The columns of counts that indicators add up, as they stand in the file."""
    columns: dict[str, None] = dict.fromkeys(base for base in spec.fractions.values() if base)
    for part in make_parts(inputs.indicators, inputs.registers, id_columns(inputs.specs)):
        if part.register != name or part.indicator.unit == "mean":
            continue
        sides = {
            "numerator": (part.indicator.numerator,),
            "denominator": (part.indicator.denominator,),
            "both": (part.indicator.denominator, part.indicator.numerator),
        }[part.side]
        columns |= dict.fromkeys(side.sum for side in sides if side is not None and side.sum is not None)
    return [column for column in columns if column not in spec.made_columns]
