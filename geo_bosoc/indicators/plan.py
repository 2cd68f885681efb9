"""Which register has what share in each indicator.

A *part* is one register's share in one indicator: both sides of the fraction where they come from the same
register and count the same thing, or one side alone (charged persons over residents, evictions over
dwellings).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.problems import Report, did_you_mean

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
    def base(self) -> Side:
        """Which rows belong to the part at all: the denominator's, or every row of a lone numerator."""
        return Side() if self.side == "numerator" else self.indicator.denominator

    @property
    def top(self) -> Side | None:
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
    found = Report()
    names = list(registers)
    parts: list[Part] = []
    for indicator in indicators:
        base, top = indicator.denominator, indicator.numerator
        register = _register(base.register_name, None, names, indicator, "denominator", found)
        above = (
            _register(top.register_name, register, names, indicator, "numerator", found) if top else register
        )
        if register is None or above is None:
            continue
        base_kind = base.distinct or indicator.distinct
        top_kind = (top.distinct if top else None) or indicator.distinct
        base_id, top_id = _id_column(register, base_kind, ids), _id_column(above, top_kind, ids)
        if register == above and (base_id == top_id or top is None):
            parts.append(Part(indicator, "both", register, base_id))
        else:
            parts += [
                Part(indicator, "denominator", register, base_id),
                Part(indicator, "numerator", above, top_id),
            ]
    found.settle(report)
    return tuple(parts)


def _register(
    name: str | None, otherwise: str | None, names: list[str], indicator: Indicator, side: str, report: Report
) -> str | None:
    name = name or otherwise or ("persons" if "persons" in names else names[0] if len(names) == 1 else None)
    if name in names:
        return name
    message = f"There is no register {name}." if name else "It is not said which register this counts in."
    hint = did_you_mean(name or "", names) or f"There are: {', '.join(sorted(names)) or 'none'}."
    report.error(message, hint=hint, key=f"indicator.{indicator.id}.{side}.register")
    return None


def _id_column(register: str, kind: str, ids: Ids | None) -> str | None:
    if kind == "none":
        return None
    return (ids or {}).get(register, {}).get(kind, f"{kind}_id")
