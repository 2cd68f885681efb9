"""What the indicators add up of a finished table."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from geo_bosoc.indicators import Indicator
from geo_bosoc.project.reference_dates import register_of
from geo_bosoc.registers.tables.table_rows import Figure, Sum


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


def figures_of(
    register: str, indicators: Sequence[Indicator], registers: Collection[str]
) -> tuple[Figure, ...]:
    """The columns of a finished table that indicators add up, with what each can be."""
    default = next(iter(registers)) if len(registers) == 1 else "persons"
    figures: list[Figure] = []
    for indicator in indicators:
        base, top = indicator.denominator, indicator.numerator
        base_register = register_of(base.register_name or default)
        base_conditions = (base.where,) if base.where else ()
        here = base_register == register
        mean = indicator.unit == "mean"
        if here and base.sum is not None:
            is_count = indicator.weight is None and (top is not None or indicator.scale == 1)
            figures.append(Figure(indicator.id, base.sum, base_conditions, is_count=is_count))
        if here and indicator.mean_of is not None:
            figures.append(
                Figure(indicator.id, indicator.mean_of, base_conditions, is_count=False, signed=True)
            )
        if (
            top is not None
            and top.sum is not None
            and register_of(top.register_name or base_register) == register
        ):
            conditions = (*(base_conditions if here else ()), *((top.where,) if top.where else ()))
            figures.append(
                Figure(
                    indicator.id,
                    top.sum,
                    conditions,
                    is_count=indicator.scale == 1 and indicator.weight is None and not mean,
                    signed=mean,
                    denominator=base.sum if here and not mean and indicator.unit != "count" else None,
                    strict=indicator.unit == "percent",
                )
            )
    return tuple(figures)


def conditions_on(
    register: str, indicators: Sequence[Indicator], registers: Collection[str]
) -> tuple[str, ...]:
    """The predicates of indicators on a register's rows."""
    default = next(iter(registers)) if len(registers) == 1 else "persons"
    conditions: dict[str, None] = {}
    for indicator in indicators:
        base, top = indicator.denominator, indicator.numerator
        base_register = base.register_name or default
        for side, name in ((base, base_register), (top, top.register_name or base_register if top else None)):
            if side is not None and name is not None and register_of(name) == register and side.where:
                conditions[side.where] = None
    return tuple(conditions)
