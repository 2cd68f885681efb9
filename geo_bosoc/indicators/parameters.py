"""Values that predicates need from the whole register, such as the median income: computed once, named
``:name``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from geo_bosoc.predicates.parse import Value, parse_predicate
from geo_bosoc.problems import Report

Statistic = Literal["median", "mean"]


class Parameter(BaseModel):
    """One of ``[parameters]``: a statistic of a register's column over the rows that meet `where`.

    ``by_period = true`` computes it for each period apart; each row is then compared with its own period's
    value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    register_name: str = Field(alias="register")
    column: str
    statistic: Statistic = "median"
    where: str | None = None
    by_period: bool = False


def compute_parameters(
    registers: Mapping[str, pl.LazyFrame],
    parameters: Mapping[str, Value | Parameter],
    *,
    report: Report | None = None,
) -> dict[str, Value | Mapping[str, Value]]:
    """The values of parameters: those given as they are, the others computed over the reference register.

    Parameters
    ----------
    registers : by name, as they were before areas were joined: each person once.

    Returns
    -------
    dict
        A value for each name, or a mapping of periods to values (`Parameter.by_period`). The median of an
        even number is the mean of the middle two; missing values are left out; a statistic of nothing is
        None (unknown).

    Raises
    ------
    InputError
        A register or column is not there, or a predicate is wrong; every problem with its key.
    """
    found = Report()
    values: dict[str, Value | Mapping[str, Value]] = {}
    for name, given in parameters.items():
        values[name] = _computed(name, given, registers, found) if isinstance(given, Parameter) else given
    found.settle(report)
    return values


def _computed(
    name: str, given: Parameter, registers: Mapping[str, pl.LazyFrame], report: Report
) -> Value | Mapping[str, Value]:
    key = f"parameters.{name}"
    register = registers.get(given.register_name)
    if register is None:
        known = ", ".join(sorted(registers)) or "none"
        report.error(
            f"There is no register {given.register_name}.", hint=f"There are: {known}.", key=f"{key}.register"
        )
        return None
    schema = register.collect_schema()
    before = len(report.errors)
    for column in (given.column, *(["period"] if given.by_period else [])):
        if column not in schema:
            hint = f"There are: {', '.join(sorted(schema))}."
            report.error(f"There is no column {column}.", column=column, hint=hint, key=f"{key}.column")
    if given.where is not None:
        register = register.filter(parse_predicate(given.where, schema, key=f"{key}.where", report=report))
    if len(report.errors) > before:
        return None
    if not schema[given.column].is_numeric():
        report.error(
            f"The column {given.column} does not hold numbers.", column=given.column, key=f"{key}.column"
        )
        return None
    number = pl.col(given.column).cast(pl.Float64).fill_nan(None)
    wanted = (number.median() if given.statistic == "median" else number.mean()).alias("value")
    if not given.by_period:
        result: float | None = register.select(wanted).collect(engine="streaming")["value"][0]
        return result
    table = register.group_by(pl.col("period").cast(pl.String)).agg(wanted).sort("period").collect()
    return {str(period): value for period, value in zip(table["period"], table["value"], strict=True)}
