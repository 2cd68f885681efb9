"""Periods that are asked of a finished table and that it does not hold: told as that, not as ids that do not fit."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from geo_bosoc.problems import Report
from geo_bosoc.registers.spec import RegisterSpec


def tell_absent_periods(
    holds: Collection[str],
    asked_for: Collection[str],
    spec: RegisterSpec,
    file: str | Path,
    report: Report,
    *,
    column: str | None,
    key: str | None,
) -> None:
    """An error where a table holds none of the periods, a warning for each that it lacks.

    Parameters
    ----------
    holds : the periods of all rows of the table.
    column : the column that says a row's period; None where the file's head, its name or the specification does.
    """
    absent = sorted(set(asked_for) - set(holds))
    if not absent or not holds:
        return
    place = {"file": Path(file), "column": spec.columns.get(column, column) if column else None, "key": key}
    listed = ", ".join(sorted(holds)[:8]) + (", ..." if len(holds) > 8 else "")
    if set(asked_for) & set(holds):
        for period in absent:
            report.warn(f"there are no rows for {period}; the table holds {listed}.", **place)
        return
    quarters = sorted(period for period in holds if period[:4] in asked_for and len(period) > 4)
    years = sorted({period[:4] for period in asked_for if len(period) > 4} & set(holds))
    same = quarters or years
    hint = "Correct period here, or the periods that are asked for ([run] periods, --period)."
    if same:
        kind = "quarters" if quarters else "years"
        written = ", ".join(f'"{period}"' for period in same[:4])
        hint = f"Its periods are {kind}: ask for them, [run] periods = [{written}]."
    message = f"the table has no rows for {', '.join(absent)}; it holds {listed}."
    if spec.fixed_period is None:
        report.error(message, hint=hint, **place)
    else:
        report.warn(message, hint=hint, **place)
