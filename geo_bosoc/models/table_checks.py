"""Checks of a table of finished figures, before anything is categorised by it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import Column
from geo_bosoc.models.typed_numbers import Signs
from geo_bosoc.models.variants import compared_with_municipality
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.registers.checks.bounds import (
    Figures,
    check_not_negative,
    check_share,
    missing_codes,
    rows_text,
)

_PARTS = {"per_1000": 1_000.0, "per_10000": 10_000.0}
_FAR_BELOW = -9
"""A mean may lie below 0; values down here that look like codes are queried."""


@dataclass(frozen=True)
class ReadColumn:
    """A column of figures as it was read: in its own unit, None where there is none.

    `stated` is on where the cell itself says per cent. `gate` says that a count is no score; `bounded` is off where it
    may pass 100; `limit` is the model's limit in the column's unit, where it has one.
    """

    column: Column
    values: Sequence[Fraction | None]
    stated: Sequence[bool]
    rows: Sequence[int]
    gate: bool = False
    bounded: bool = True
    limit: float | None = None

    @property
    def plausible(self) -> bool:
        """Whether percentages that do not pass 1 lie near a limit of the model, as convictions (2 %) do."""
        largest = max((float(value) for value in self.values if value is not None), default=0.0)
        return self.limit is not None and largest >= self.limit / 10


def limits_of(model: Model) -> dict[str, float]:
    """By indicator, the least limit that a criterion puts on the figure itself, in the criterion's unit."""
    limits: dict[str, float] = {}
    for criterion in model.criterion:
        unit_limits: list[float] = []
        if model.kind == "rules" and criterion.limit is not None and criterion.limit[0] == "value":
            unit_limits.append(criterion.limit[1])
        if model.kind == "points" and criterion.measure == "value":
            unit_limits += criterion.bands
        name = criterion.reference.parameter if criterion.reference else None
        for parameter in model.parameter:
            if parameter.id == name and parameter.unit == criterion.unit:
                unit_limits += [dated.value / dated.times for dated in parameter.values.values()]
        for limit in unit_limits:
            limits[criterion.indicator] = min(limit, limits.get(criterion.indicator, limit))
    return limits


def check_column(
    read: ReadColumn, file: str | None, report: Report, *, shares: Collection[str], per_cent: Collection[str]
) -> None:
    """Report figures that cannot be: counts under 0, shares outside 0-1, percentages that may be shares."""
    name, unit = read.column.name, read.column.unit
    numbers = [None if value is None else float(value) for value in read.values]
    figures = Figures.of(numbers, list(read.rows), file=file, column=name)
    column_report = Report()
    if unit == "mean" or (unit == "count" and not read.gate):
        under = [value for value in numbers if value is not None and value < 0]
        codes = missing_codes(under)
        if codes and max(codes) <= _FAR_BELOW:
            check_not_negative(figures, column_report, noun="figure")
    elif unit == "count":
        check_not_negative(figures, column_report)
        decimals = figures.where(figures.values != figures.values.floor())
        if not decimals.is_empty():
            column_report.error(
                phrase("a count has decimals: {rows}", rows=rows_text(decimals)),
                file=file,
                column=name,
                row=int(decimals[0]),
                count=decimals.len(),
                hint="Correct the file, or the column that the model reads.",
            )
    elif name in shares:
        check_share(figures, column_report, "share")
    elif unit == "percent" and read.bounded:
        check_share(
            figures,
            column_report,
            "percent",
            stated=pl.Series(list(read.stated), dtype=pl.Boolean),
            confirmed=name in per_cent or read.plausible,
            change=f"--share {name} (shares=[...] in Python)",
            confirm=f"--per-cent {name} (per_cent=[...])",
        )
    else:
        check_not_negative(figures, column_report, noun="rate" if unit in _PARTS else "percentage")
        most = _PARTS.get(unit, math.inf)
        over = figures.where(figures.values > most)
        if not over.is_empty():
            column_report.error(
                phrase("a rate is over {most:,.0f}: {rows}", most=most, rows=rows_text(over)),
                file=file,
                column=name,
                row=int(over[0]),
                count=over.len(),
                hint="Correct the file, or the unit of the column in the model.",
            )
    codes = missing_codes([value for value in numbers if value is not None and value < 0])
    line = " ".join(f"--missing {code}" for code in codes)
    for problem in column_report.problems:
        if codes and "for missing values?" in problem.message:
            problem = replace(
                problem,
                hint=phrase(
                    "If so, say {option} (missing={codes} in Python).", option=line, codes=list(codes)
                ),
            )
        report.problems.append(problem)


def check_signs(signs: Signs, column: Column, file: str | None, report: Report) -> None:
    """Report a sign that means two things in a column, and warn of one that nothing says the meaning of."""
    for sign in sorted(signs.mixed):
        report.error(
            phrase(
                "'{sign}' stands between thousands in some cells and before decimals in others: the column cannot be "
                "read.",
                sign=sign,
            ),
            hint="Write all numbers of the column alike, without signs between thousands.",
            file=file,
            column=column.name,
        )
    if column.unit != "count" and (sign := signs.undecided):
        report.warn(
            phrase(
                "every number has three digits after '{sign}': they are read as decimals, so that 1{sign}250 is one "
                "and a quarter",
                sign=sign,
            ),
            hint="If they are thousands, write the numbers without signs between them.",
            file=file,
            column=column.name,
        )


def report_unused(
    header: Sequence[str], used: Collection[str], model: Model, file: str | None, report: Report
) -> None:
    """Name the columns that the model does not read, so that nobody thinks that they counted."""
    unused = [str(name) for name in header if str(name).strip() and name not in used]
    if unused:
        report.note(
            phrase("model {model} does not use {names}.", model=model.id, names=joined(unused)),
            file=file,
            count=len(unused),
        )


def report_municipality(
    model: Model,
    keys: Sequence[tuple[str, str]],
    marker: str | None,
    area_column: str,
    file: str | None,
    report: Report,
    *,
    periods_with_figure: Mapping[str, Collection[str]],
) -> None:
    """Report that the municipality's row is missing, where criteria compare with it.

    Parameters
    ----------
    model : Model
        The model.
    keys : sequence of (str, str)
        Area and period of each row.
    marker : str or None
        The text that marks the row, where the user gave one.
    area_column : str
        The column with the area.
    file : str or None
        The table's file, for messages.
    report : Report
        Where problems go.
    periods_with_figure : Mapping of str to collection of str
        By indicator, the periods for which the table holds the municipality's figure.
    """
    periods = sorted({period for _, period in keys})
    has_row = any(area == MUNICIPALITY for area, _ in keys)
    if marker is not None and not has_row:
        report.error(
            "no row is the municipality's: none has the area that --municipality names",
            file=file,
            column=area_column,
            hint="Write it as it stands in the table, with its row: --municipality TEXT.",
        )
        return
    lacking: dict[str, list[str]] = {}
    for criterion in model.criterion:
        if compared_with_municipality(model, criterion):
            with_figure = periods_with_figure.get(criterion.indicator, ())
            if missing := [period for period in periods if period not in with_figure]:
                lacking[criterion.key] = missing
    if not lacking:
        return
    years = {period for missing in lacking.values() for period in missing}
    what = phrase(
        "the municipality's row has no figure" if has_row else "the table has no row for the municipality"
    )
    if years != set(periods):
        what = phrase("{what} in {periods}", what=what, periods=joined(sorted(years)))
    report.warn(
        phrase(
            "{what}: {criteria} of {model} cannot be compared and stay undetermined there",
            what=what,
            criteria=joined(lacking),
            model=model.id,
        ),
        file=file,
        column=area_column,
        hint="Fill in its figures: the sum or mean of the areas is not used instead."
        if has_row
        else 'Add the municipality\'s own row to the table and name it: --municipality TEXT (municipality="...").',
    )
