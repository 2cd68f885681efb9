"""Telling of conditions that no row meets in any area: once an indicator, with register, file and column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from geo_bosoc.indicators.count_checks import Unmet, unmet_conditions
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.predicates.parse import predicate_columns
from geo_bosoc.problems import Report
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.literals import register_file
from geo_bosoc.project.reference_dates import register_of

_MANY: Final = 6


def tell_unmet(counts: pd.DataFrame, reference_areas: pd.DataFrame, inputs: Inputs, report: Report) -> None:
    """A warning for each side of an indicator that counts nothing in any area (see `unmet_conditions`)."""
    for one in unmet_conditions(counts, reference_areas, inputs.indicators):
        _tell(one, inputs, report)


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
        hint = f"Compare the condition with what the file holds: {side.where}."
    else:
        summed = indicator.mean_of if field == "mean_of" else side.sum if side is not None else None
        columns = [summed] if summed else []
        hint = (
            "Look at the column: are these the figures that are meant?"
            if summed
            else "Look at the register's rows."
        )
    when = (
        "in any period"
        if not unmet.others
        else f"in {_listed(unmet.periods)}; there are some in {_listed(unmet.others)}"
    )
    what = "no row meets" if field == "where" else "nothing is counted in"
    report.warn(
        f"{indicator.id}: {what} the {unmet.side} in any area, {when} (register {name}).",
        key=key,
        file=register_file(name, spec.paths, report),
        column=", ".join(spec.columns.get(column, column) for column in columns) or None,
        hint=hint,
    )


def _listed(periods: Sequence[str]) -> str:
    return ", ".join(periods) if len(periods) <= _MANY else f"{periods[0]} ... {periods[-1]}"
