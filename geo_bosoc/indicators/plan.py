"""What an indicator is counted from: parts of registers, and the data that stand for a period.

A *part* is one register's share in one indicator: both sides of the fraction where they come from the same register
and count the same thing, or one side alone (charged persons over residents, evictions over dwellings). The data of a
period are its own, several years pooled, or an earlier survey's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.predicates.parse import predicate_columns
from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.problems.messages import joined, phrase

SideName = Literal["both", "numerator", "denominator"]
Ids = Mapping[str, Mapping[str, str]]
"""Register name to {"person": column, "household": column, "dwelling": column}; ``<kind>_id`` where nothing
is said."""

PLACE: Final = ("area_id", "period")
STATUS_RANK: Final = {"ok": 0, "not_applicable": 1, "missing": 2, "protected": 3}
"""Statuses of a count from best to worst; adding counts keeps the worst."""


@dataclass(frozen=True, slots=True)
class Part:
    """One register's share in one indicator. `id_column` is what is counted once, None where rows are
    counted."""

    indicator: Indicator
    side: SideName
    register: str
    id_column: str | None = None

    @property
    def denominator(self) -> Side:
        """Which rows belong to the part at all: the denominator's, or every row of a lone numerator."""
        return Side() if self.side == "numerator" else self.indicator.denominator

    @property
    def numerator(self) -> Side | None:
        """Which of them count in the numerator; None for a denominator alone."""
        return None if self.side == "denominator" else self.indicator.numerator

    def key(self, side: str, field: str) -> str:
        """Where a mistake stands in the indicator's file."""
        return f"indicator.{self.indicator.id}.{side}.{field}"


def make_parts(
    indicators: Sequence[Indicator],
    registers: Iterable[str],
    ids: Ids | None = None,
    report: Report | None = None,
) -> tuple[Part, ...]:
    """Split indicators into parts, one for each register that they read.

    Raises
    ------
    InputError
        An indicator names a register that is not there, or names none and there are several without
        ``persons``.
    """
    inner_report = Report()
    names = list(registers)
    parts: list[Part] = []
    for indicator in indicators:
        denominator, numerator = indicator.denominator, indicator.numerator
        register = _register(denominator.register_name, None, names, indicator, "denominator", inner_report)
        numerator_register = (
            _register(numerator.register_name, register, names, indicator, "numerator", inner_report)
            if numerator
            else register
        )
        if register is None or numerator_register is None:
            continue
        denominator_kind = denominator.distinct or indicator.distinct
        numerator_kind = (numerator.distinct if numerator else None) or indicator.distinct
        denominator_id, numerator_id = (
            _id_column(register, denominator_kind, ids),
            _id_column(numerator_register, numerator_kind, ids),
        )
        if register == numerator_register and (denominator_id == numerator_id or numerator is None):
            parts.append(Part(indicator, "both", register, denominator_id))
        else:
            parts += [
                Part(indicator, "denominator", register, denominator_id),
                Part(indicator, "numerator", numerator_register, numerator_id),
            ]
    inner_report.hand_over(report)
    return tuple(parts)


def needed_columns(
    indicators: Sequence[Indicator],
    registers: Iterable[str],
    *,
    ids: Ids | None = None,
    report: Report | None = None,
) -> dict[str, tuple[str, ...]]:
    """The columns that the indicators read of each register (marks, place and period left aside), sorted."""
    columns: dict[str, set[str]] = {}
    for part in make_parts(indicators, registers, ids, report):
        columns_of_register = columns.setdefault(part.register, set())
        for side in (part.denominator, part.numerator):
            if side is not None:
                columns_of_register.update(predicate_columns(side.where) if side.where else ())
                columns_of_register.update({side.sum} if side.sum else ())
        other_columns = (part.id_column, part.indicator.mean_of, part.indicator.weight)
        columns_of_register.update(name for name in other_columns if name is not None)
    return {name: tuple(sorted(of_register - set(PLACE))) for name, of_register in sorted(columns.items())}


def _register(
    name: str | None, otherwise: str | None, names: list[str], indicator: Indicator, side: str, report: Report
) -> str | None:
    name = name or otherwise or ("persons" if "persons" in names else names[0] if len(names) == 1 else None)
    if name in names:
        return name
    message = (
        phrase("There is no register {name}.", name=name)
        if name
        else "It is not said which register this counts in."
    )
    hint = did_you_mean(name or "", names) or phrase(
        "There are: {names}.", names=joined(sorted(names)) if names else phrase("none")
    )
    report.error(message, hint=hint, file=indicator.file, key=f"indicator.{indicator.id}.{side}.register")
    return None


def _id_column(register: str, kind: str, ids: Ids | None) -> str | None:
    if kind == "none":
        return None
    return (ids or {}).get(register, {}).get(kind, f"{kind}_id")


_FORM = re.compile(r"^(?P<year>\d{4})(?:K(?P<quarter>[1-4]))?$")


@dataclass(frozen=True, slots=True)
class Basis:
    """The data periods that stand for a period, in order; empty where there are none within reach."""

    periods: tuple[str, ...]
    carried: bool = False

    @property
    def text(self) -> str | None:
        """``2024``, or ``2022-2024`` for several; None for none."""
        if not self.periods:
            return None
        first, last = self.periods[0], self.periods[-1]
        return first if first == last else f"{first}-{last}"


def quarter_number(period: str) -> int | None:
    """Quarters since year 0, a year counting as its last quarter; None for another form of period.

    Examples
    --------
    >>> quarter_number("2024K1") - quarter_number("2023"), quarter_number("2023/24")
    (1, None)
    """
    match = _FORM.match(period)
    if match is None:
        return None
    return int(match["year"]) * 4 + int(match["quarter"] or 4) - 1


def same_form(first: str, other: str) -> bool:
    """Whether both are years, or both are quarters."""
    return len(first) == len(other) and (quarter_number(first) is None) == (quarter_number(other) is None)


def basis(period: str, indicator: Indicator, available: Collection[str]) -> Basis:
    """Which data periods stand for `period`.

    The period itself; with ``pool_years = n`` (n > 1) all periods of the n years that end with it (4n
    quarters for a quarter), as far as there are data; with ``carry_forward = n``, where the period has no
    data of its own, the latest period before it that is at most n years older, pooled in its turn.

    Parameters
    ----------
    period : str
        The requested period, ``2024`` or ``2024K1``; any other text only ever stands for itself.
    indicator : Indicator
        Its `pool_years` and `carry_forward`.
    available : collection of str
        Periods for which there are data.

    Examples
    --------
    >>> from geo_bosoc.indicators.load import load_indicators
    >>> safety = load_indicators("safety")[0]
    >>> basis("2024", safety, ["2019", "2022"])
    Basis(periods=('2022',), carried=True)
    """
    if period in available:
        return Basis(_pooled(period, indicator.pool_years, available))
    period_number = quarter_number(period)
    if period_number is None or not indicator.carry_forward:
        return Basis(())
    earlier = [
        (number, other)
        for other in available
        if (number := quarter_number(other)) is not None and number <= period_number
    ]
    reach = [pair for pair in earlier if period_number - pair[0] <= 4 * indicator.carry_forward]
    if not reach:
        return Basis(())
    return Basis(_pooled(max(reach)[1], indicator.pool_years, available), carried=True)


def _pooled(period: str, years: int, available: Collection[str]) -> tuple[str, ...]:
    period_number = quarter_number(period)
    if years == 1 or period_number is None:
        return (period,)
    return tuple(
        sorted(
            other
            for other in available
            if same_form(other, period) and 0 <= period_number - (quarter_number(other) or 0) < 4 * years
        )
    )
