"""Figures of a run that cannot be right, or hardly: warned about before anything is categorised by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import polars as pl

from geo_bosoc.indicators.count_checks import Unmet, report_over_base, unmet_conditions
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.indicators.scales import report_unused_decimals
from geo_bosoc.indicators.steps import (
    Kind,
    Source,
    report_figure_steps,
    report_row_steps,
)
from geo_bosoc.predicates.parse import predicate_columns
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase
from geo_bosoc.project.checks.not_in_registers import register_file
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.requests import id_columns, register_of
from geo_bosoc.registers.spec import RegisterSpec


def warn_implausible_figures(
    inputs: Inputs,
    counts: pd.DataFrame,
    reference_counts: pd.DataFrame,
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    *,
    report: Report,
    minimum: int,
) -> None:
    """Warn of conditions that no row meets, numerators over their bases, and steps between periods.

    Parameters
    ----------
    inputs : Inputs
        What was counted.
    counts, reference_counts : DataFrame
        The counts of the areas and of the reference areas (`geo_bosoc.project.count.count_project`).
    table, reference_areas : DataFrame
        The indicator tables made from them.
    report : Report
        Holds the match report, and takes the warnings.
    minimum : int
        Figures on fewer persons are not looked at: chance moves them.
    """
    warn_unmet_conditions(counts, reference_counts, inputs, report)
    warn_over_bases(counts, reference_counts, inputs, report, minimum=minimum)
    warn_period_steps(inputs, table, reference_areas, report, minimum=minimum)


_MOST_LISTED: Final = 6


def warn_unmet_conditions(
    counts: pd.DataFrame, reference_areas: pd.DataFrame, inputs: Inputs, report: Report
) -> None:
    """A warning for each side of an indicator that counts nothing in any area (see `unmet_conditions`)."""
    for unmet in unmet_conditions(counts, reference_areas, inputs.indicators):
        _tell(unmet, inputs, report)


def _tell(unmet: Unmet, inputs: Inputs, report: Report) -> None:
    indicator = unmet.indicator
    parts = make_parts([indicator], inputs.specs, None, Report())
    part = next((each for each in parts if each.side in ("both", unmet.side)), None)
    if part is None:
        return
    side = part.numerator if unmet.side == "numerator" else part.denominator
    field = "where" if side is not None and side.where else "sum"
    key = part.key(unmet.side, field)
    if indicator.mean_of is not None and unmet.side == "numerator":
        field, key = "mean_of", f"indicator.{indicator.id}.mean_of"
    if any(problem.key == key and problem.level == "warning" for problem in report.problems):
        return  # a value that no row has is the cause, and has been told
    spec = inputs.specs[part.register]
    name = register_of(part.register)
    if side is not None and field == "where" and side.where:
        columns = sorted(predicate_columns(side.where))
        hint: str = phrase("Compare the condition with what the file holds: {where}.", where=side.where)
    else:
        summed = indicator.mean_of if field == "mean_of" else side.sum if side is not None else None
        columns = [summed] if summed else []
        hint = (
            "Look at the column: are these the figures that are meant?"
            if summed
            else "Look at the register's rows."
        )
    when = (
        phrase("in any period")
        if not unmet.others
        else phrase(
            "in {periods}; there are some in {others}",
            periods=_listed(unmet.periods),
            others=_listed(unmet.others),
        )
    )
    text = (
        "{indicator}: no row meets the {side} in any area, {when} (register {register})."
        if field == "where"
        else "{indicator}: nothing is counted in the {side} in any area, {when} (register {register})."
    )
    report.warn(
        phrase(text, indicator=indicator.id, side=phrase(unmet.side), when=when, register=name),
        key=key,
        file=register_file(name, spec.paths, report),
        column=", ".join(spec.columns.get(column, column) for column in columns) or None,
        hint=hint,
    )


def _listed(periods: Sequence[str]) -> str:
    return ", ".join(periods) if len(periods) <= _MOST_LISTED else f"{periods[0]} ... {periods[-1]}"


def warn_over_bases(
    counts: pd.DataFrame, reference_areas: pd.DataFrame, inputs: Inputs, report: Report, *, minimum: int
) -> None:
    """`report_over_base` for a run's counts of areas and reference areas (`geo_bosoc.project.count.count_project`)."""
    parts = make_parts(inputs.indicators, inputs.registers, id_columns(inputs.specs), Report())
    report_over_base(
        pd.concat([reference_areas, counts], ignore_index=True),
        parts,
        report,
        smallest_base=minimum,
        register_name=register_of,
        register_file=lambda name: register_file(register_of(name), inputs.specs[name].paths, report),
        internal=[name for name, spec in inputs.specs.items() if spec.publish == "internal"],
    )


def warn_period_steps(
    inputs: Inputs, table: pd.DataFrame, reference: pd.DataFrame, report: Report, *, minimum: int
) -> None:
    """Warn where rows, a base or a value change more from one period to the next than is likely, or look multiplied.

    Parameters
    ----------
    inputs : Inputs
        What was read: registers and indicators.
    table, reference : DataFrame
        The indicator tables of the areas and of the reference areas.
    report : Report
        Holds the match report (``facts["match"]``), and takes the warnings.
    minimum : int
        The smallest number of persons that may be shown.
    """
    sources = {name: _source(name, inputs.specs) for name in inputs.registers}
    row_steps = report_row_steps(_rows(inputs, report), sources, report, minimum=minimum)
    parts = make_parts(inputs.indicators, inputs.registers, id_columns(inputs.specs))
    report_figure_steps(table, reference, parts, sources, report, minimum=minimum, row_steps=row_steps)
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
            statuses_by_period = match.get(name, {})
            counted[name] = {
                period: sum(numbers["rows"] for numbers in statuses.values())
                for period, statuses in statuses_by_period.items()
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
