"""The totals of a run, each period beside the next: what its registers hold, and what its indicators are."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import polars as pl

from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.indicators.scales import report_unused_decimals
from geo_bosoc.indicators.steps import (
    Kind,
    Source,
    report_figure_steps,
    report_row_steps,
)
from geo_bosoc.problems import Report
from geo_bosoc.project.inputs import Inputs, id_columns
from geo_bosoc.project.reference_dates import register_of
from geo_bosoc.registers.spec import RegisterSpec


def tell_period_steps(
    inputs: Inputs, table: pd.DataFrame, reference: pd.DataFrame, report: Report, *, minimum: int
) -> None:
    """Warn where rows, a base or a value change more from one period to the next than is likely, or look multiplied.

    Parameters
    ----------
    table, reference : the indicator tables of the areas and of the reference areas.
    report : holds the match report (``facts["match"]``), and takes the warnings.
    """
    sources = {name: _source(name, inputs.specs) for name in inputs.registers}
    moved = report_row_steps(_rows(inputs, report), sources, report, minimum=minimum)
    parts = make_parts(inputs.indicators, inputs.registers, id_columns(inputs.specs))
    report_figure_steps(table, reference, parts, sources, report, minimum=minimum, row_steps=moved)
    report_unused_decimals(table, parts, report)


def _rows(inputs: Inputs, report: Report) -> dict[str, dict[str, int]]:
    """Rows by register and period; not those of finished tables, whose columns are added up."""
    counted: dict[str, dict[str, int]] = {}
    match = report.facts.get("match", {})
    for name, frame in inputs.registers.items():
        spec = inputs.specs[name]
        if spec.unit == "count" or name != register_of(name):
            continue
        if spec.place != "area":
            fates = match.get(name, {})
            counted[name] = {
                period: sum(each["rows"] for each in by_fate.values()) for period, by_fate in fates.items()
            }
            continue
        by_period = frame.group_by("period").agg(pl.len().alias("rows")).collect(engine="streaming")
        counted[name] = {period: rows for period, rows in by_period.iter_rows() if period is not None}
    return counted


def _source(name: str, specs: Mapping[str, RegisterSpec]) -> Source:
    spec = specs[name]
    path = spec.paths[0] if len(spec.paths) == 1 else None
    return Source(
        name=register_of(name),
        kind=_kind(spec, specs),
        file=path,
        columns=spec.columns,
        shift=spec.period_shift,
        internal=spec.publish == "internal",
    )


def _kind(spec: RegisterSpec, specs: Mapping[str, RegisterSpec]) -> Kind:
    """What a register's rows are: residents and dwellings stay, cases, charges and answers come and go."""
    if spec.unit == "count":
        return "total"
    population = any(each.role == "population" for each in specs.values())
    stays = spec.role == "population" or spec.unit == "dwelling" or (spec.unit == "person" and not population)
    return "stock" if stays else "events"
