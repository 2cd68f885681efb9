"""The periods of a run: their form, which registers hold them, and what has no figure then."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_bosoc.indicators.plan import basis
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import Report

_FORM: Final = re.compile(r"\d{4}(K[1-4])?", re.ASCII)

Held = Mapping[str, Collection[str | None]]
"""By register, the periods of its rows; None among them stands for rows that hold over time."""


def is_period(text: str) -> bool:
    """Whether a text is a year or a quarter.

    >>> is_period("2024K1"), is_period("24")
    (True, False)
    """
    return _FORM.fullmatch(text) is not None


def check_period_form(periods: Collection[str], report: Report, **where: Any) -> None:
    """Each period must be a year or a quarter; `where` are fields of `Problem`."""
    for period in dict.fromkeys(periods):
        if not is_period(period):
            report.error(
                f'"{period}" is not a period.', hint='Write a year "2024" or a quarter "2024K1".', **where
            )


@dataclass(frozen=True)
class PeriodRequest:
    """The periods that are asked for, and what is there.

    Attributes
    ----------
    periods : empty where none are asked for: then all are told that the registers hold.
    held : of the registers that were read; those that hold over time are left out.
    there_are : gives the periods that the files of registers hold, for messages.
    where : fields of `Problem`: where the periods are asked for.
    """

    periods: tuple[str, ...] = ()
    held: Held = field(default_factory=dict)
    there_are: Callable[[Collection[str]], Collection[str]] = tuple
    where: Mapping[str, Any] = field(default_factory=dict)

    def lacks(self, register: str) -> bool:
        """Whether nothing was read of a register because it has none of the periods asked for."""
        return bool(self.periods) and register in self.held and not self.held[register]


def check_periods_held(request: PeriodRequest, indicators: Sequence[Indicator], report: Report) -> None:
    """A period that no register has rows of is an error; an earlier survey stands for it where all are surveys."""
    held = request.held
    if not held or any(None in each for each in held.values()):
        return
    known = {period for each in held.values() for period in each if period is not None}
    missing = [
        period
        for period in dict.fromkeys(request.periods)
        if not any(basis(period, indicator, known).periods for indicator in _not_carried(indicators))
    ]
    if missing:
        _say_empty("no register has rows of {}.", missing, request, report)


def check_periods_told(
    counts: pd.DataFrame,
    request: PeriodRequest,
    indicators: Sequence[Indicator],
    registers_of: Mapping[str, Collection[str]],
    tallies: Collection[str],
    report: Report,
) -> None:
    """A period in which no area has any figure is an error; of one that lacks some, the registers are told.

    Parameters
    ----------
    counts : finalised counts of the areas (`geo_bosoc.indicators.finalise_counts`).
    registers_of : by indicator, the registers that it counts in.
    tallies : indicators for which 0 is a figure: counts of cases, not of residents.
    """
    if counts.empty:
        return
    any_row = np.asarray(counts["denominator"] > 0) | np.asarray(counts["numerator"] > 0)
    zero_tells = np.asarray(counts["indicator"].isin(list(tallies)))
    is_protected = np.asarray(counts["status"] == "protected")
    is_missing = np.asarray(counts["status"] == "missing")
    figure = is_protected | (~is_missing & (any_row | zero_tells))
    figure &= np.asarray(counts["indicator"].isin([each.id for each in _not_carried(indicators)]))
    with_figure = {str(period) for period in counts.loc[figure, "period"].unique()}
    empty = [period for period in sorted(map(str, counts["period"].unique())) if period not in with_figure]
    if empty:
        _say_empty("no area has any figure in {}.", empty, request, report)
    without = counts[counts["data_period"].isna() & ~counts["period"].isin(empty)]
    lacking = without[["indicator", "period"]].drop_duplicates().astype(str)
    tell = report.warn if request.periods else report.note
    _tell_lacking(lacking, indicators, registers_of, request, tell)


def _not_carried(indicators: Sequence[Indicator]) -> Sequence[Indicator]:
    """The indicators that have a figure of the period itself; all, where each is a survey carried forward."""
    return [indicator for indicator in indicators if not indicator.carry_forward] or indicators


def _tell_lacking(
    lacking: pd.DataFrame,
    indicators: Sequence[Indicator],
    registers_of: Mapping[str, Collection[str]],
    request: PeriodRequest,
    tell: Callable[..., None],
) -> None:
    """One problem a register: in which periods it has no rows, and which indicators have no figure then."""
    held = request.held
    by_register: dict[str, dict[str, list[str]]] = {}
    order = [indicator.id for indicator in indicators]
    for indicator, period in sorted(
        lacking.itertuples(index=False, name=None), key=lambda row: order.index(row[0])
    ):
        registers = list(registers_of.get(indicator, ()))
        short = [name for name in registers if name in held and not {period, None} & set(held[name])]
        for name in short or registers[-1:]:
            by_register.setdefault(name, {}).setdefault(period, []).append(indicator)
    for name, found in sorted(by_register.items()):
        same: dict[tuple[str, ...], list[str]] = {}
        for period, ids in sorted(found.items()):
            same.setdefault(tuple(dict.fromkeys(ids)), []).append(period)
        of_rows = sorted(period for period in held.get(name, ()) if period is not None)
        has = of_rows or sorted(request.there_are([name]))
        holds = f"It has rows of {', '.join(has)}. " if has else ""
        for lost, without in same.items():
            tell(
                f"no rows of {', '.join(without)}: {', '.join(lost)} {'has' if len(lost) == 1 else 'have'}"
                " no figure then.",
                key=f"registers.{name}",
                hint=f"{holds}Add the rows of that time, or leave the period out under [run] periods.",
            )


def _say_empty(text: str, periods: Sequence[str], request: PeriodRequest, report: Report) -> None:
    listed = ", ".join(sorted(request.there_are(list(request.held))))
    hint = f"The registers have {listed}." if listed else "Look at the registers' period or {period}."
    report.error(text.format(", ".join(periods)), hint=hint, **request.where)
