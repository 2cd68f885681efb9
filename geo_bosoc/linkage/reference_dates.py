"""The day that a register's rows of a period describe."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from geo_bosoc.problems import Report
from geo_bosoc.registers.spec import RegisterSpec


def status_days(
    spec: RegisterSpec,
    name: str,
    periods: Iterable[str],
    report: Report,
    *,
    otherwise: RegisterSpec | None = None,
) -> dict[str, date]:
    """The status date of each period, by the register's own `status_date` or `otherwise`'s.

    Where neither says one, that is an error with its key.
    """
    own = spec if spec.status_date is not None or otherwise is None else otherwise
    if own.status_date is None:
        report.error(
            "a status date is needed to know which rows hold, and where everybody lived.",
            key=f"registers.{name}.status_date",
            hint='Write status_date = "{year}-01-01", or a date.',
        )
        return {}
    days = {}
    for period in sorted(set(periods)):
        told = own.status_date_of(period)
        assert told is not None
        try:
            days[period] = date.fromisoformat(told)
        except ValueError:
            report.error(f"{told} is no day of the calendar.", key=f"registers.{name}.status_date")
    return days
