"""What the indicators add up of a finished table."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from geo_bosoc.indicators import Indicator
from geo_bosoc.registers.finished import Sum


def sums_of(register: str, indicators: Sequence[Indicator], registers: Collection[str]) -> tuple[Sum, ...]:
    """What indicators add up of a register; those that say no register mean the only one, or ``persons``."""
    default = next(iter(registers)) if len(registers) == 1 else "persons"
    sums: dict[Sum, None] = {}
    for indicator in indicators:
        base, top = indicator.denominator, indicator.numerator
        base_register = base.register_name or default
        base_conditions = (base.where,) if base.where else ()
        if base_register == register:
            columns = [base.sum, *([indicator.mean_of] if indicator.mean_of else [])]
            sums |= dict.fromkeys(Sum(base_conditions, column) for column in columns)
        if top is not None and (top.register_name or base_register) == register:
            conditions = (top.where,) if top.where else ()
            both = base_conditions if base_register == register else ()
            sums[Sum((*both, *conditions), top.sum)] = None
    return tuple(sums)
